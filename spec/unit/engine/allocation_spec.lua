-- Each allocation of a piece of work fails once: an error each time, a sound store, and the same work done after it.

local command = require "spec.support.command"
local core = require "nabla.core"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local sanitized = (os.getenv "LD_PRELOAD" or ""):find("asan", 1, true) ~= nil

-- Every one of the first hundred, then fewer and fewer.
local function next_place(n)
  return n + 1 + n // (sample.quick and 4 or sanitized and 8 or 50)
end

local function memory_failed(err)
  return type(err) == "table" and (err.status == "memory" or tostring(err):find("out of memory", 1, true))
end

-- Does the work with each allocation failing in turn, until none does. `work` returns a text, or nil and the error.
local function fails_everywhere(session, work, least)
  local expected = assert(work(session()))
  local places, n = 0, 0
  local answer, err
  while not answer do
    local s = session() -- a new one, whose tables have grown to nothing yet
    s:limits { fail_after = n }
    answer, err = work(s)
    s:limits { fail_after = -1 }
    assert.is_nil(s.S:check())
    if answer then
      assert.are.equal(expected, answer)
    else
      assert.is_truthy(memory_failed(err), n .. ": " .. tostring(err))
      places = places + 1
      if places % 10 == 1 then
        assert.are.equal(expected, assert(work(s)))
      end
    end
    n = next_place(n)
  end
  assert.is_true(n > least, "there were " .. n .. " allocations only")
end

local function fresh()
  return assert(nabla.new {})
end

local DECLARED = "matrix A(n,n), matrix B(n,n), matrix S(n,n) symmetric, matrix Q(n,n) orthogonal, "
  .. "vector x(n), vector y(n)"

local function declared()
  local s = assert(nabla.new {})
  s:declare(DECLARED)
  return s
end

-- Many different terms, so that tables grow.
local function long(term, count)
  local terms = {}
  for i = 1, count do
    terms[i] = term:gsub("#", tostring(i))
  end
  return table.concat(terms, " + ")
end

local function text_of(node, err)
  if not node then
    return nil, err
  end
  return node:unicode() -- nil and the error where printing fails
end

describe("an allocation that fails", function()
  it("while a text is read", function()
    local text = long("tr((A + #*B)^#*S)*sin(x'*S*y/#)^#*sum(i = 1..#, x(i))", 6)
    fails_everywhere(declared, function(s)
      return text_of(s:parse(text))
    end, 10)
  end)

  sample.whole(it)("while declarations are read", function()
    fails_everywhere(fresh, function(s)
      local names = {}
      for i = 1, 60 do
        names[i] = ("matrix M%d(n%d+1,%d*m) "):format(i, i, i)
      end
      local made, err = s:declare(table.concat(names, ", "))
      return text_of(made, err)
    end, 5)
  end)

  sample.whole(it)("while an expression is simplified", function()
    fails_everywhere(declared, function(s)
      return text_of(s:simplify(long("x'*S'*Q'*Q*(A + #*B)'*y + y'*(#*B + A)*S*x", 6)))
    end, 15)
  end)

  it("while an expression is expanded", function()
    fails_everywhere(declared, function(s)
      return text_of(s:expand "(A + B)*(A + S)*(B + S)*(A + Q)*(B + Q)")
    end, 5)
  end)

  sample.whole(it)("while derivatives are taken, in all forms of the linear maps", function()
    fails_everywhere(declared, function(s)
      local gradient, e1 = s:diff("logdet(A*S + B)*norm2(A*x - y)^2", "A")
      local jacobian, e2 = s:diff("tanh(A*x).*exp(B*x)/sum(x)", "x", { layout = "numerator" })
      local vec, e3 = s:diff("A*B*A'", "A", { layout = "vec" })
      local block, e4 = s:diff("A*B*A'", "A", { layout = "block" })
      local hessian, e5 = s:hessian("exp(x'*S*x)", "x")
      if gradient and jacobian and vec and block and hessian then
        local texts = {}
        for _, node in ipairs { gradient, jacobian, vec, hessian } do
          local text, err = text_of(node)
          if not text then
            return nil, err
          end
          texts[#texts + 1] = text
        end
        return table.concat(texts, "\n")
      end
      return nil, e1 or e2 or e3 or e4 or e5
    end, 30)
  end)

  sample.whole(it)("while rules are read", function()
    local rules = [[
operator bar(A(m,n)): matrix (n,m) linear
operator foo(A(n,n)): scalar
attribute strange implies symmetric
let matrix A(m,n), matrix B(n,p), matrix X(n,n), vector v(n), scalar t
function soft(t) elementwise = log(1 + exp(t))
rule "bar of bar" bar(bar(A)) -> A
rule "product" bar(A*B) -> bar(B)*bar(A)
rule d(foo(X)) -> tr(bar(X)*d(X))
adjoint bar(A) Y -> bar(Y)
fact symmetric(X*bar(X)) if strange(X)
simplify "strange" bar(X)*X -> X^2 if strange(X)
identity "a sum" foo(X) + foo(X) == 2*foo(X)
]]
    fails_everywhere(fresh, function(s)
      local before, ok, err = s:stats().rules, s.ops.bar and not s.ops.bar.gone, nil
      if not ok then -- where the derivative failed, the rules have been read
        ok, err = s:rule(rules)
      end
      if not ok then
        assert.are.equal(before, s:stats().rules)
        return nil, err
      end
      return text_of(s:diff("foo(X*X)", "X"))
    end, 15)
  end)

  it("while an image is written", function()
    fails_everywhere(fresh, function(s)
      local ok, image = pcall(s.S.image, s.S)
      return ok and image or nil, image
    end, 3)
  end)

  it("while an image is read", function()
    local image, failed = assert(nabla.new {}).S:image(), 0
    local n, ok, store = 0, false, nil
    while not ok do
      ok, store = pcall(core.new, image, n)
      if not ok then
        failed = failed + 1
        assert.are.equal("memory", store.status)
      end
      n = next_place(n)
    end
    assert.is_nil(store:check())
    assert.are.equal(image, store:image())
    assert.is_true(failed > 20, failed .. " allocations only")
  end)

  sample.whole(it)("while a function is compiled", function()
    if not pcall(require, "nabla.numeric.core") then
      pending "the numeric module is not built"
      return
    end
    fails_everywhere(declared, function(s)
      local f, err = s:diff(long("norm2(A*x - #*y)^2*exp(x'*S*x/#)", 4), "x")
      if not f then
        return nil, err
      end
      local ok, g = pcall(s.compile, s, { f })
      if not ok or not g then
        return nil, g
      end
      return tostring(f)
    end, 15)
  end)
end)

describe("little memory", function()
  -- With so many kilobytes of address space: what a line of Lua writes, and its exit status.
  local function run(kilobytes, lua)
    local line = ("ulimit -v %d; LUA_PATH=%s LUA_CPATH=%s OPENBLAS_NUM_THREADS=1 lua5.4 -e %s"):format(
      kilobytes,
      command.quoted(package.path),
      command.quoted(package.cpath),
      command.quoted(lua)
    )
    return command.shell(line)
  end

  if sanitized then -- they take terabytes of address space
    return
  end

  sample.whole(it)("is an error of the call, and the session can be used", function()
    local result = run(200000, [[
local nabla = require "nabla"
local s = assert(nabla.new {})
assert(s:rule "operator q(X(n,n)): matrix (n,n)\nlet matrix A(n,n)\nrule q(A) -> q(A*A') terminating")
local answer, err = s:parse "q(X)"
print(answer, err.status, (tostring(err):match "[^\n;]*"))
print(s.S:check(), s:diff("x'*A*x", "x"))]])
    assert.are.same(
      { out = "nil\tmemory\t1:1: out of memory\nnil\t(A + A')*x\n", err = "", status = 0 },
      result
    )
  end)

  it("is an error of the command, never a crash", function()
    for _, kilobytes in ipairs(sample.of({ 8000, 12000, 16000, 20000 }, 2)) do
      local long_trace = "tr(" .. ("A*X*"):rep(1500) .. "A)"
      local result = command.shell(
        ("ulimit -v %d; %s diff %s X"):format(kilobytes, command.quoted(command.path), command.quoted(long_trace))
      )
      local report = ("%d: %d %s"):format(kilobytes, result.status, result.err)
      assert.is_true(result.status >= 1 and result.status <= 2 or result.status == 127, report)
      assert.is_truthy(result.err:find "memory" or result.err:find "map segment", report)
    end
  end)
end)
