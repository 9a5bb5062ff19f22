-- Derivatives by vec(X), vech(S), diagv(Z): the statement `coordinates`, and what conventions are to identities.

local check = require "nabla.check"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local DECLARED = [[matrix S(n,n) symmetric, matrix A(n,n), matrix L(n,n) lower, matrix Z(n,n) diagonal, matrix X(m,n),
  matrix B(n,m), matrix P(p,m), matrix Q(n,q), scalar t, scalar g of A]]

-- of, by, layout, answer
local DERIVATIVES = {
  { "tr(A*S)", "vech(S)", "denominator", "Dup(n)'*vec(A')" },
  { "logdet(S)", "vech(S)", "numerator", "vec(inv(S))'*Dup(n)" },
  { "vech(A*S*A')", "vech(S)", "numerator", "Elim(n)*kron(A, A)*Dup(n)" },
  { "vech(inv(S))", "vech(S)", "vec", "-Elim(n)*kron(inv(S), inv(S))*Dup(n)" },
  { "norm2(A*L)^2", "vech(L)", "denominator", "2*vech(A'*A*L)" },
  { "tr(A*Z)", "diagv(Z)", "denominator", "diagv(A)" },
  { "vec(P*X*Q)", "vec(X)", "numerator", "kron(Q', P)" },
  { "vec(P*X*Q)", "vec(X)'", "numerator", "kron(Q', P)" },
  { "tr(B*X)", "vec(X)", "denominator", "vec(B')" },
  { "vec(P*X)", "vec(X')", "numerator", nil },
  { "D(logdet(S), vech(S))", "vech(S)", "numerator", "-Dup(n)'*kron(inv(S), inv(S))*Dup(n)" },
}

describe("a derivative by coordinates", function()
  for _, case in ipairs(DERIVATIVES) do
    local f, x, layout, answer = table.unpack(case, 1, 4)
    it(("of %s by %s in %s is right"):format(f, x, layout), function()
      local s = assert(nabla.new { layout = layout })
      assert(s:declare(DECLARED))
      local found = assert(s:diff(f, x))
      if answer then
        assert.are.equal(answer, tostring(found))
      end
      assert.is_true(s:verify(f, x, found))
    end)
  end

  local s = assert(nabla.new {})
  assert(s:declare(DECLARED))

  it("of an unknown function goes through the chain rule", function()
    assert.are.equal("Dup(n)'*vec(D(g, S))", tostring(s:diff("g(S)", "vech(S)")))
  end)

  it("may be taken twice", function()
    assert.are.equal("-Dup(n)'*kron(inv(S), inv(S))*Dup(n)", tostring(s:hessian("logdet(S)", "vech(S)")))
  end)

  it("is read from LaTeX", function()
    assert.are.equal("Dup(n)'*vec(A')", tostring(s:diff("tr(A*S)", [[\operatorname{vech}(S)]])))
  end)

  it("is refused where nothing says which entries vary, or where there are no coordinates", function()
    for _, case in ipairs {
      { "vech(A)", "declare A symmetric or lower" },
      { "diagv(A)", "declare A diagonal" },
      { "vec(A*S)", "no variable to differentiate by" },
      { "tr(A)", "no variable to differentiate by" },
    } do
      local answer, err = s:diff("tr(A*S)", case[1])
      assert.is_nil(answer)
      assert.matches(case[2], err.message)
    end
  end)
end)

describe("the statement coordinates", function()
  local function refusal(text)
    local s = assert(nabla.new {})
    local _, err = s:rule(text)
    return err and err.message
  end

  it("is a linear map to the shape of its variable, from a vector", function()
    local LET = "let matrix A(n,n), matrix M(m,n), vector v(n)\n"
    assert.matches("not linear in v", refusal(LET .. "coordinates diagv(A) v -> diag(v.*v)"))
    assert.matches("this is n x 1; A is n x n", refusal(LET .. "coordinates diagv(A) v -> v"))
    assert.matches("coordinates are a vector", refusal(LET .. "coordinates inv(A) v -> v"))
    assert.matches("an operator of one declared variable", refusal(LET .. "coordinates vec(A*M') v -> v"))
    assert.matches("unknown attribute", refusal(LET .. "coordinates diagv(A) v -> diag(v) if diagnoal(A)"))
    local sizes = refusal(LET .. "coordinates diagv(A) v -> diag(v) if n == 3")
    assert.matches("asks for an attribute of the variable", sizes)
  end)

  sample.whole(it)("of a course is proved, used, and found wrong", function()
    local RULES = [[
      operator strict(A(n,n)): vector (n)  linear  value A*ones(n)
      let matrix A(n,n), vector v(n)
      rule "d(strict)" d(strict(A)) -> strict(d(A))
      coordinates "row sums" strict(A)  v -> diag(%s)  if diagonal(A)
    ]]
    local s = assert(nabla.new {})
    assert(s:rule(RULES:format "v"))
    assert(s:declare "matrix Z(n,n) diagonal, matrix B(n,n)")
    assert.are.equal("diagv(B)", tostring(s:diff("tr(B*Z)", "strict(Z)")))
    for rhs, verdict in pairs { v = "proved", ["2*v"] = "failed" } do
      local path = os.tmpname()
      local f = assert(io.open(path, "w"))
      f:write((RULES:format(rhs)))
      f:close()
      local checker = assert(check.new())
      for _, result in ipairs(assert(checker:file(path))) do
        if result.kind == "coordinates" then
          assert.are.equal(verdict, result.verdict)
        end
      end
      os.remove(path)
    end
  end)
end)

describe("a convention in an identity", function()
  local function verdicts(text)
    local checker = assert(check.new())
    local list = {}
    for i, result in ipairs(assert(checker:text(text, "text"))) do
      list[i] = result.verdict
    end
    return table.concat(list, " ")
  end
  local LET = "let matrix S(n,n) symmetric, matrix A(n,n), matrix L(n,n) lower\n"

  it("decides what its derivatives mean, by numbers and by the rules", function()
    local text = LET
      .. [[
identity "entries" convention entries
    D(logdet(S), S)  mixed  2*inv(S) - inv(S).*I(n)
    D(tr(A*L), L)    mixed  tril(A')
identity "projected" convention projected
    D(tr(A*S), S)    mixed  (A + A')/2
identity "free"
    D(tr(A*S), S)    mixed  A'
check D(tr(A*S), S) == A + A' - A.*I(n)   convention entries
]]
    assert.are.equal("proved proved proved proved", verdicts(text))
    local s = assert(nabla.new {})
    assert(s:rule(text))
    for _, name in ipairs { "entries", "projected", "free" } do
      assert.is_true(s:check(name), name)
    end
  end)

  sample.whole(it)("is the default of its file, and a wrong one is told by which it is right", function()
    assert.are.equal(
      "proved",
      verdicts("default convention entries\n" .. LET .. 'identity "a"\n    D(tr(A*S), S)  mixed  A + A\' - A.*I(n)')
    )
    local checker = assert(check.new())
    local text = LET .. 'identity "a" convention projected\n    D(tr(A*S), S)  mixed  A + A\' - A.*I(n)'
    local result = assert(checker:text(text, "text"))[1]
    assert.are.equal("failed", result.verdict)
    assert.matches("right by the convention entries", result.detail)
  end)

  it("must be known", function()
    local s = assert(nabla.new {})
    local _, err = s:rule(LET .. 'identity "a" convention entires\n    D(tr(A*S), S)  mixed  A')
    assert.matches("unknown convention 'entires'", err.message)
    assert.matches("entries", err.hint)
  end)

  it("is not used to define a derivative of an operator", function()
    local s = assert(nabla.new {})
    assert(s:rule(LET .. [[
operator foo(A(n,n)): scalar
identity "foo" convention entries
    D(foo(S), S)  denominator  S
]]))
    local _, err = s:diff("foo(A)", "A")
    assert.matches("no rule", err.message)
  end)
end)
