-- One name for several operators: the number and the shapes of the arguments say which is meant.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local NORMS = [[
function norm(x(n)): scalar   latex "\lVert %1\rVert" = sqrt(x'*x)
    d(norm(x)) = x'*d(x)/norm(x)
function norm(A(m,n)): scalar   latex "\lVert %1\rVert_F" = sqrt(tr(A'*A))
    d(norm(A)) = tr(A'*d(A))/norm(A)
function norm(x(n), W(n,n)): scalar = x'*W*x
operator inner(x(n), y(n)): scalar   linear   infix "•"   value x'*y
operator inner(A(m,n), B(m,n)): scalar   linear   value tr(A'*B)
function part(S(n,n)): scalar = tr(S)
function part(A(m,n)): scalar = sum(A)
function part(x(3)): scalar = 3*sum(x)
let vector x(n), y(n), matrix A(m,n), B(m,n)
rule d(inner(x,y)) -> inner(d(x),y) + inner(x,d(y))
rule d(inner(A,B)) -> inner(d(A),B) + inner(A,d(B))
adjoint inner(x,y) by x  t -> t*y
adjoint inner(A,B) by A  t -> t*B
]]

local function session(...)
  local s = assert(nabla.new())
  for _, text in ipairs { NORMS, ... } do
    assert(s:rule(text, "norms.rules"))
  end
  return s
end

-- What a text that is loaded makes wrong.
local function refusal(text)
  local s = assert(nabla.new())
  local ok, err = s:rule(text, "f.rules")
  assert.is_nil(ok)
  return err.message, err.hint
end

describe("a name of several operators", function()
  for _, case in ipairs {
    { "norm(x)", "x", "x/norm(x)" },
    { "norm(A*x - b)^2", "x", "2*A'*(A*x - b)" },
    { "norm(A*X)", "X", "A'*A*X/norm(A*X)" },
    { "norm(x, S)", "x", "(S + S')*x" },
    { "inner(x, y)", "x", "y" },
    { "inner(A*X, B)", "X", "A'*B" },
    { "inner(X*x, y)", "X", "y*x'" },
  } do
    it("means the one that fits: " .. case[1], function()
      local s = session()
      local answer = assert(s:diff(case[1], case[2]))
      assert.equal(case[3], answer:text())
      assert.is_true(s:verify(case[1], case[2], answer))
    end)
  end

  it("means the most special one where sizes are declared", function()
    local s = session()
    s:declare "matrix S(n,n), matrix W(m,n), vector z(3), vector w(4)"
    assert.equal("I(n)", s:diff("part(S)", "S"):text())
    assert.equal("ones(m, n)", s:diff("part(W)", "W"):text())
    assert.equal("3*ones(3)", s:diff("part(z)", "z"):text())
    assert.equal("ones(4)", s:diff("part(w)", "w"):text())
  end)

  it("is printed in the form of each, and read back", function()
    local s = session()
    s:declare "vector x(n), vector y(n), matrix A(m,n)"
    assert.equal("\\lVert \\mathbf{x}\\rVert", s:parse("norm(x)"):latex())
    assert.equal("\\lVert \\mathbf{A}\\rVert_F", s:parse("norm(A)"):latex())
    assert.equal("norm(A)", s:parse("norm(A)"):text())
    assert.equal("x • y", s:parse("inner(x,y)"):unicode())
    assert.equal(s:parse "inner(x,y)", s:parse "x • y")
    assert.equal(s:parse "norm(A)", s:parse "\\lVert A\\rVert_F")
  end)

  it("is read on pages, before what pages call one of nabla's", function()
    local s = session()
    s:declare "vector x(n), matrix A(m,n)"
    assert.equal(s:parse "norm(x)", s:parse "\\operatorname{norm}(x)")
    assert.equal(s:parse "norm(A)", s:parse "\\operatorname{norm}(A)")
    assert.equal("norm2(x)", nabla.new():parse("\\operatorname{norm}(x)"):text())
  end)

  sample.whole(it)("is proved by the declared shapes, whatever the values are", function()
    local path = os.tmpname()
    local f = assert(io.open(path, "w"))
    f:write(
      NORMS,
      "function g(t) elementwise = t^2\nfunction half(x(n)): scalar = sum(x)\n",
      "function half(A(m,n)): scalar = 2*sum(A)\n",
      "check half(g(A)) == 2*sum(A.^2)\ncheck half(x*y') == 2*sum(x)*sum(y)\n"
    )
    f:close()
    local checker = assert(require("nabla.check").new())
    for _, result in ipairs(assert(checker:file(path))) do
      assert.equal("proved", result.verdict, result.detail)
    end
    os.remove(path)
  end)

  it("is known to functions of Lua, by the nodes that they get", function()
    local s = session()
    s:declare "vector x(n), matrix A(m,n)"
    assert.equal(s:parse "norm(A)", nabla.norm(s:parse "A"))
    assert.equal(s:parse "norm(x)", nabla.norm(s:parse "x"))
  end)

  it("has steps", function()
    local s = session()
    local derivation = assert(s:derive("norm(A*x - b)^2/2", "x"))
    assert.truthy(tostring(derivation):find("norm(A*x - b)*d(norm(A*x - b))", 1, true))
    assert.truthy(tostring(derivation):find("derivative of norm", 1, true))
  end)

  it("goes with all of them", function()
    local s = session "without operator norm"
    local node, err = s:parse "norm(x)"
    assert.is_nil(node)
    assert.equal("unknown function 'norm'", err.message)
  end)

  it("is as before when a file fails", function()
    local s = session()
    assert.is_nil(s:rule("function norm(A(m,n), B(m,n), k): scalar = tr(A'*B)\nrule nonsense", "g.rules"))
    assert.is_nil((s:parse "norm(A, B, 2)"))
    assert.equal("x/norm(x)", s:diff("norm(x)", "x"):text())
  end)

  it("says which there are where none fits", function()
    local s = session()
    s:declare "matrix T(2,3)"
    local node, err = s:parse "inner(T, T')"
    assert.is_nil(node)
    assert.equal("no inner of 2 x 3 and 3 x 2", err.message)
    assert.equal("there is inner(x(n), y(n)), inner(A(m,n), B(m,n))", err.hint)
  end)

  it("must be told apart", function()
    local message, hint = refusal "function f(x(n)): scalar = sum(x)\nfunction f(y(m)): scalar = 2*sum(y)"
    assert.equal("f is defined already (f.rules:1)", message)
    assert.truthy(hint:find("differ in the number of their arguments", 1, true))
    message = refusal "function tr(x(n)): scalar = sum(x)"
    assert.truthy(message:find "^tr is defined already")
  end)

  it("may be one of nabla's own with another number of arguments", function()
    local s = session "function tr(A(m,n), B(m,n)): scalar = tr(A'*B)"
    assert.equal("B", s:diff("tr(A, B)", "A"):text())
    assert.equal("I(n)", s:diff("tr(A)", "A"):text():gsub("%(%?.*%)", "(n)"))
  end)
end)
