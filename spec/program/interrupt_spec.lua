--- Ctrl-C: it stops what runs, soon, and leaves a session that works and output that is whole.

local command = require "spec.support.command"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local quoted, shell, temporary_file = command.quoted, command.shell, command.temporary_file

-- A derivative that the engine works on for half a minute.
local LONG = "tr(" .. ("A*X*"):rep(6000) .. "A)"

describe("an interrupt", function()
  teardown(command.clean)

  -- The interpreter raises the error in a debug hook; so does this, after n instructions of f.
  local function interrupted(n, f)
    local fired, finished = false, false
    local ok, result, err
    pcall(function()
      debug.sethook(function()
        debug.sethook()
        fired = not finished
        error "interrupted!"
      end, "", n)
      ok, result, err = pcall(function()
        local answer, why = f()
        finished = true
        return answer, why
      end)
      debug.sethook()
    end)
    debug.sethook()
    if fired and ok ~= nil then
      assert.is_false(ok, "it was taken for a failure: " .. tostring(err))
      assert.matches("interrupted!$", result)
    end
    return fired
  end

  for name, work in pairs {
    ["a text is read"] = function(s)
      return s:parse "norm2(A*x - b)^2 + tr(S*S) + exp(c*d)"
    end,
    ["LaTeX is read"] = function(s)
      return s:parse("\\frac{1}{2}\\|A x - b\\|^2", { latex = true })
    end,
    ["a derivative is worked out"] = function(s)
      return s:diff("tr(S*S) + logdet(S)", "S", { convention = "entries" })
    end,
    ["a formula is identified"] = function(s)
      return s:identify { formula = "d(tr(S*S))/dS = 2*S", convention = "entries" }
    end,
    ["two expressions are compared"] = function(s)
      return s:equal("tr(P*Q)", "tr(Q*P)")
    end,
    ["rules are read"] = function(s)
      return s:rule "operator foo(x(n)): scalar\nlet vector x(n)\nrule foo(x) -> x'*x"
    end,
  } do
    it("while " .. name .. " is raised, and the session works on", function()
      local s = assert(nabla.new())
      s:declare "matrix A(m,n), vector b(m), matrix S(n,n) symmetric"
      local n, times = 50, 0
      while times < 12 and interrupted(n, function()
        return work(s)
      end) do
        n, times = n * 2, times + 1
      end
      assert.is_true(times > 0)
      assert.equal("free", s.convention)
      assert.equal("2*A'*(A*x - b)", tostring(s:diff("norm2(A*x - b)^2", "x")))
      assert.equal("2*S", tostring(s:diff("tr(S*S)", "S")))
      assert.equal("yes", (s:equal("tr(P*Q)", "tr(Q*P)")))
      assert.is_true(s:rule "operator bar(x(n)): scalar\nlet vector x(n)\nrule bar(x) -> x'*x")
      assert.equal("x'*x", tostring(s:parse "bar(x)"))
      assert.is_nil(s.S:check())
    end)
  end

  sample.whole(it)("by Ctrl-C stops the engine, and the session works on", function()
    local script = temporary_file(([[
local s = require("nabla").new()
local ok, why = pcall(s.diff, s, %q, "X")
print(ok, (tostring(why):gsub("^.*: ", "")))
print(s:diff("x'*x", "x"), os.clock() < 20)
]]):format(LONG))
    local lua = ("LUA_PATH=%s LUA_CPATH=%s"):format(quoted(package.path), quoted(package.cpath))
    local result = shell(("%s timeout --foreground -s INT 2 lua5.4 %s"):format(lua, script))
    assert.are.equal("false\tinterrupted!\n2*x\ttrue\n", result.out)
  end)

  it("by Ctrl-C, the second as well as the first, keeps the process of a notebook", function()
    local request = [[{"code": "diff tr(A*X) by X"}]]
    local result = shell(([[
dir=$(mktemp -d); mkfifo $dir/in; %s repl --json <$dir/in >$dir/out & pid=$!
exec 3>$dir/in
for count in 1 2 3; do
  echo '%s' >&3
  while kill -0 $pid 2>/dev/null && [ "$(grep -c answers $dir/out)" -lt $count ]; do sleep 0.05; done
  kill -INT $pid; sleep 0.05
done
exec 3>&-; wait $pid; echo "status $?"; cat $dir/out; rm -r $dir]]):format(quoted(command.path), request))
    local _, count = result.out:gsub('"latex":"\\\\mathbf{A}^\\\\top"', "")
    assert.are.equal(3, count, result.out .. result.err)
    assert.matches("^status 0\n", result.out)
  end)

  it("by Ctrl-C ends a batch between two lines of answer", function()
    local request = '{"id":%d,"expr":"%s","wrt":"X"}\n'
    local path = temporary_file(request:format(1, "tr(X)") .. request:format(2, LONG) .. request:format(3, "tr(X)"))
    local result = shell(([[
%s batch <%s >%s.out & pid=$!
while kill -0 $pid && ! grep -qs answer %s.out; do sleep 0.1; done; sleep 0.3
kill -INT $pid; wait $pid; cat %s.out; rm %s.out]]):format(quoted(command.path), path, path, path, path, path))
    assert.matches('^{"id":1,"answer":"I%(%w+%)","shape":"%w+ x %w+"}\n$', result.out)
    assert.are.equal("nabla: interrupted\n", result.err)
  end)
end)
