-- Functions whose differential holds the function itself: their body says how cotangents and Jacobians are carried.

local check = require "nabla.check"
local nabla = require "nabla"

local function with(text)
  local s = assert(nabla.new())
  assert(s:rule(text))
  return s
end

describe("a function that stands in its own differential", function()
  local diag = "function Diag(x(n)): matrix (n,n) linear = diag(x)\n    d(Diag(x)) = Diag(d(x))"
  local inner = "function inner(A(m,n), B(m,n)): scalar = tr(A'*B)\n    d(inner(A,B)) = inner(d(A),B) + inner(A,d(B))"

  it("has an adjoint and a Jacobian by its body", function()
    local s = with(diag .. "\n" .. inner)
    s:declare "vector x(n), vector a(n), vector b(n), matrix X(n,n), matrix B(n,n), matrix C(n,n)"
    for _, case in ipairs {
      { "Diag(x)*a", "x", "diag(a)" },
      { "a'*Diag(x)*b", "x", "a.*b" },
      { "inner(X, B*X)", "X", "(B + B')*X" },
      { "inner(Diag(x), C)", "x", "diagv(C)" },
    } do
      local answer = assert(s:diff(case[1], case[2]))
      assert.are.equal(case[3], answer:text())
      assert.is_true(s:verify(case[1], case[2], answer))
    end
  end)

  it("keeps its name where it holds no differential", function()
    assert.are.equal("Diag(x)", with(diag):parse("Diag(x)"):text())
  end)

  it("is refused as an operator that is not linear, with a hint that helps", function()
    local text = "operator inner(A(m,n), B(m,n)): scalar%s\nlet matrix A(m,n), matrix B(m,n)\n"
      .. 'rule "inner" d(inner(A,B)) -> inner(d(A),B) + inner(A,d(B))'
    local ok, err = assert(nabla.new()):rule(text:format "")
    assert.is_nil(ok)
    assert.are.equal("the right side is not linear in the differentials d(..)", err.message)
    assert.are.equal(
      "inner(d(..)) is linear if inner is declared so: write the word linear after the shape of its result",
      err.hint
    )
    assert(assert(nabla.new()):rule(text:format " linear"))
  end)
end)

describe("a layout", function()
  local rows = "    scalar by vector    d(y) = g'*d(x)            gives  %s\n"
    .. "    vector by vector    d(y) = J*d(x)             gives  %s\n"
    .. "    vector by scalar    d(y) = j*d(t)             gives  j\n"
    .. "    scalar by matrix    d(y) = tr(G'*d(X))        gives  G\n"
    .. "    matrix by scalar    d(Y) = G*d(t)             gives  G\n"

  it("that does not only arrange entries is refused", function()
    for _, gives in ipairs { { "2*g", "J" }, { "-g", "J" }, { "g.*g", "J" }, { "g", "J/2" }, { "g", "J + J" } } do
      local text = "layout mine\n" .. rows:format(gives[1], gives[2])
      local ok, err = assert(nabla.new()):rule(text)
      assert.is_nil(ok, text)
      local name = gives[1] == "g" and "J" or "g"
      assert.are.equal(
        "a layout arranges the entries of " .. name .. " and does not change them",
        err.message
      )
    end
  end)

  it("that gives other entries is found by numbers", function()
    local checker = assert(check.new())
    for gives, verdict in pairs { ["ones(p)"] = "failed", ["diag(g)*g"] = "failed", ["diag(g)*ones(p)"] = "proved" } do
      local results = assert(checker:text("layout mine\n" .. rows:format(gives, "J'"), "spec.rules"))
      assert.are.equal(verdict, results[1].verdict, gives)
    end
  end)
end)
