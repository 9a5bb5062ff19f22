-- Second differentials, and derivatives that are read off differentials: the two identification theorems.

local check = require "nabla.check"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local DECLARED = [[matrix A(n,n), vector x(n), vector y(n), matrix X(n,n), matrix B(n,n) constant,
  matrix C(n,n) constant symmetric, vector b(n) constant, scalar f of x, scalar t]]

describe("the differential of a differential", function()
  local s = assert(nabla.new {})
  assert(s:declare(DECLARED))

  for f, answer in pairs {
    ["d(d(x'*C*x))"] = "2*d(x)'*C*d(x)",
    ["d(d(logdet(X)))"] = "-tr((d(X)*inv(X))^2)",
    ["d(d(x))"] = "zeros(n)",
    ["d(d(B*x))"] = "zeros(n)",
    ["d(d(f(x)))"] = "d(x)'*D(D(f, x), x)*d(x)",
    ["d(d(x'*B*y))"] = "2*d(x)'*B*d(y)",
    ["d(d(t^3))"] = "6*t*d(t)^2",
    ["d(d(d(t^3)))"] = "6*d(t)^3",
  } do
    it("holds d(x) still: " .. f, function()
      assert.are.equal("yes", (s:equal(f, answer)))
      assert.are.equal(answer, tostring(s:simplify(f)))
    end)
  end

  it("is what Session:differential gives of a differential", function()
    assert.are.equal("2*d(x)'*C*d(x)", tostring(s:differential(s:differential "x'*C*x")))
  end)
end)

describe("a derivative that is read off a differential", function()
  local s = assert(nabla.new {})
  assert(s:declare(DECLARED))

  for _, f in ipairs { "x'*B*x", "exp(b'*x)", "norm2(x)^3", "sum(sin(B*x))", "x'*B*y + b'*x" } do
    it("is the derivative, of " .. f, function()
      for _, layout in ipairs { "numerator", "denominator", "vec" } do
        local opts = { layout = layout }
        local stated = assert(s:diff(f, "x", opts))
        local found = assert(s:diff(assert(s:differential(f)), "x", opts))
        assert.are.equal("yes", (s:equal(stated, found)), layout)
      end
      local hessian = assert(s:hessian(f, "x"))
      assert.are.equal("yes", (s:equal(hessian, assert(s:hessian(("d(d(%s))"):format(f), "x")))))
      assert.are.equal("yes", (s:equal(hessian, assert(s:parse(("D(D(d(d(%s)), x), x)"):format(f))))))
    end)
  end

  it("is by a matrix as well", function()
    assert.are.equal("B'", tostring(s:diff("tr(B*d(X))", "X")))
    assert.are.equal(tostring(s:hessian("logdet(X)", "X")), tostring(s:hessian("d(d(logdet(X)))", "X")))
    assert.are.equal("B", tostring(s:hessian("d(d(x'*B*y))", "x", "y")))
  end)

  it("needs as many differentials in each term", function()
    for _, text in ipairs { "x'*d(x) + d(x)'*d(x)", "x'*b + d(x)'*b", "exp(b'*d(x))" } do
      local answer, err = s:diff(text, "x")
      assert.is_nil(answer)
      assert.matches("as many differentials", err.message)
    end
  end)

  sample.whole(it)("is proved in identities, and a wrong one is found", function()
    local checker = assert(check.new())
    local RULES = [[
let vector x(n), matrix A(n,n) constant, matrix X(n,n), vector b(n) constant
identity "d2 of a quadratic form"
    d(d(x'*A*x)) == %d*d(x)'*A*d(x)
identity "d2 of a log-determinant"
    d(d(logdet(X))) == -tr(inv(X)*d(X)*inv(X)*d(X))
identity "second identification"
    D(D(d(d(x'*A*x)), x), x)  numerator, denominator  A + A'
    D(d(x'*A*x), x)           denominator             (A + A')*x
check d(d(inv(X))) == 2*inv(X)*d(X)*inv(X)*d(X)*inv(X)
]]
    for factor, verdicts in pairs { [2] = "proved proved proved proved", [3] = "failed proved proved proved" } do
      local list = {}
      for i, result in ipairs(assert(checker:text(RULES:format(factor), "text"))) do
        list[i] = result.verdict
      end
      assert.are.equal(verdicts, table.concat(list, " "))
    end
    local s2 = assert(nabla.new {})
    assert(s2:rule(RULES:format(2)))
    assert.is_true(s2:check "second identification")
  end)
end)
