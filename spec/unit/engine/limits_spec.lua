-- Limits hold where one step makes much, by the processor's clock and by that on the wall; a signal stops the engine.

local command = require "spec.support.command"
local nabla = require "nabla"
local sample = require "spec.support.sample"

describe("a rule that doubles a product while it is made", function()
  local s
  before_each(function()
    s = assert(nabla.new {})
    assert(s:rule [[
operator q(X(n,n)): matrix (n,n)
let matrix A(n,n)
rule "double" q(A) -> q(A*A') terminating
]])
  end)

  for what, limits in sample.pairs({
    seconds = { seconds = 0.3 },
    ["seconds by the clock"] = { elapsed = 0.3 },
    steps = { steps = 5000 },
    bytes = { bytes = 20e6 },
  }, 3) do
    it("is stopped by a limit of " .. what, function()
      s:limits(limits)
      local start = os.clock()
      local answer, err = s:parse "q(X)"
      assert.is_nil(answer)
      assert.are.equal("budget", err.status)
      assert.is_truthy(err.message:find("^the budget of %S+ " .. what .. " is used up; "), err.message)
      assert.is_truthy(err.message:find('the rules that fired last: "double"', 1, true), err.message)
      assert.is_true(os.clock() - start < 10)
      s:limits { seconds = 0, elapsed = 0, steps = 1e9, bytes = 4e9 }
      assert.is_nil(s.S:check())
      assert.are.equal("(A + A')*x", tostring(s:diff("x'*A*x", "x")))
    end)
  end
end)

describe("limits", function()
  it("are those that were set", function()
    local s = assert(nabla.new { limits = { seconds = 1.5, elapsed = 2.5, nodes = 1000000 } })
    local limits = s.S:limits {}
    assert.are.same({ 1.5, 2.5, 1000000, 1e9 }, { limits.seconds, limits.elapsed, limits.nodes, limits.steps })
  end)

  sample.whole(it)("of elapsed time also count while the processor waits", function()
    local s = assert(nabla.new { limits = { seconds = 5, elapsed = 0.5 } })
    local calls = 0
    s:predicate("slow", function()
      calls = calls + 1
      assert(os.execute "sleep 0.1")
      return true
    end)
    assert(s:rule [[
operator grow(k): scalar
let number k
rule "g" grow(k) -> grow(k+1) if slow(k) terminating
]])
    local answer, err = s:simplify "grow(1)"
    assert.is_nil(answer)
    assert.is_truthy(err.message:find "^the budget of 0.5 seconds by the clock is used up")
    assert.is_true(calls < 100)
  end)
end)

-- What a script writes that gets a signal while the engine works, and its exit status.
local function interrupted(script)
  local path = command.temporary_file('local nabla = require "nabla"\nlocal s = assert(nabla.new {})\n' .. [[
s:declare "matrix A(n,n), matrix X(n,n)"
local long = "tr(" .. ("A*X*"):rep(8000) .. "A)"
local function report(...)
  print(...)
  print(s.S:check(), s:diff("x'*A*x", "x"))
end
io.stderr:write "ready\n"
]] .. script)
  local run = [[
export LUA_PATH=%s LUA_CPATH=%s
lua5.4 %s 2>%s.err & pid=$!
while kill -0 $pid && ! grep -q ready %s.err; do sleep 0.1; done; sleep 0.5
kill -INT $pid; wait $pid]]
  local paths = { command.quoted(package.path), command.quoted(package.cpath) }
  local result = command.shell(run:format(paths[1], paths[2], path, path, path))
  os.remove(path .. ".err")
  command.clean()
  return result
end

describe("a signal", function()
  it("stops a derivative as it stops a loop in Lua; the session can be used", function()
    local result = interrupted [[report(select(2, pcall(s.diff, s, long, "X")):match "interrupted!$")]]
    assert.are.same({ "interrupted!\nnil\t(A + A')*x\n", 0 }, { result.out, result.status })
  end)

  sample.whole(it)("is an error of the call in a coroutine, whose debug hook is another", function()
    local result = interrupted [[
coroutine.wrap(function()
  local answer, err = s:diff(long, "X")
  report(answer, err.status, err.message)
end)()]]
    assert.are.equal("nil\tinterrupt\tinterrupted\nnil\t(A + A')*x\n", result.out)
  end)

  sample.whole(it)("ends the command with a message", function()
    local long = "tr(" .. ("A*X*"):rep(3000) .. "A)"
    local result = command.shell(string.format(
      [[
%s diff '%s' X & pid=$!
sleep 1.5; kill -INT $pid; wait $pid]],
      command.quoted(command.path),
      long
    ))
    assert.are.same({ out = "", err = "nabla: interrupted\n", status = 130 }, result)
  end)

  it("that a predicate gives stops the call that asks it", function()
    local s = assert(nabla.new {})
    s:predicate("small", function()
      s:interrupt()
      return true
    end)
    assert(s:rule [[
operator bar(A(m,n)): scalar
let matrix A(m,n)
rule "small bar" bar(A) -> tr(A*A') if small(A)
]])
    local answer, err = s:simplify "bar(Q)"
    assert.are.same({ nil, "interrupt", "interrupted" }, { answer, err.status, err.message })
    assert.are.equal("bar(Q) + 1", tostring(s:parse "bar(Q) + 1"))
  end)

  sample.whole(it)("that stops a predicate stops the call that asks it", function()
    local result = interrupted [[
s:predicate("small", function() while true do end end)
s:rule("operator bar(A(m,n)): scalar\nlet matrix A(m,n)\nrule bar(A) -> 1 if small(A)")
local answer, err = s:simplify "bar(Q)"
report(answer, err.status, err.message)]]
    assert.are.equal("nil\tinterrupt\tinterrupted\nnil\t(A + A')*x\n", result.out)
  end)
end)
