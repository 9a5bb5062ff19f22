-- A rule file says the mean and the covariance of random letters: for its identities, and for whoever uses it.

local check = require "nabla.check"
local nabla = require "nabla"

local LETTERS = [[
let vector x(n) random mean m covariance S, vector y(n) random mean 0, scalar s random
let vector a(n), vector w(n), matrix A(n,n)
]]

-- The verdict of the last statement of a rule file, by numbers alone.
local function verdict(text)
  local results = assert(assert(check.new()):text(text, "random.rules"))
  local last = results[#results]
  return last.verdict, last.detail
end

local function refusal(text)
  local ok, err = assert(nabla.new()):rule(text, "course.rules")
  assert.is_nil(ok)
  return err
end

describe("what a rule file says of a random letter", function()
  for _, claim in ipairs {
    "E[a'*x] == a'*m",
    "Var(A*x) == A*S*A'",
    "Cov(A*x, x) == A*S",
    "E[x'*A*x] == tr(A*S) + m'*A*m",
    "E[(x - m)*y'] == E[x*y']",
    "D(E[x'*A*x], m)  denominator  (A + A')*m",
    "D(E[(w'*x)^2], w)  denominator  2*(S + m*m')*w",
  } do
    it("is used in a proof of " .. claim, function()
      assert.equal("proved", verdict(LETTERS .. 'identity "true"  ' .. claim))
    end)

    it("is used by the rules for " .. claim, function()
      local s = assert(nabla.new())
      assert(s:rule(LETTERS .. 'identity "true"  ' .. claim))
      assert.is_true(s:check "true")
    end)
  end

  for _, claim in ipairs {
    "Var(A*x) == A*S*A",
    "E[x*y'] == m*E[y]'", -- not independent
    "E[(a'*(x - m))^3] == 0", -- not symmetric
    "E[s^2*x] == E[s^2]*m",
    "E[s*(w'*y)*(a'*(x - m))] == 0",
    "E[(a'*x)^2] == (a'*m)^2",
    "D(E[x'*A*x], m)  denominator  2*A*m",
  } do
    it("does not make true " .. claim, function()
      assert.equal("failed", verdict(LETTERS .. 'identity "false"  ' .. claim))
    end)
  end

  it("holds in the declarations of an identity", function()
    local own = 'identity "own"\n    let vector z(n) random mean u covariance T\n    E[z*z\'] == T + u*u\''
    assert.equal("proved", verdict(own))
    assert(assert(nabla.new()):rule(own))
  end)

  it("may be an expression, in brackets", function()
    local text = "let vector x(n) random mean (X*b) covariance (sigma^2*I(n))\n"
    text = text:gsub("\n", ", scalar sigma, matrix X(n,p), vector b(p)\n")
    assert.equal("proved", verdict(text .. "check Var(x) == sigma^2*I(n)"))
    assert.equal("proved", verdict(text .. "identity \"a\" E[x'*x] == n*sigma^2 + b'*X'*X*b"))
    assert.equal("proved", verdict(text .. "identity \"b\" D(E[x'*x], b)  denominator  2*X'*X*b"))
    assert.equal("proved", verdict(text .. "identity \"c\" D(E[x'*x], sigma)  denominator  2*n*sigma"))
    assert.equal("failed", verdict(text .. "identity \"d\" D(E[x'*x], sigma)  denominator  n*sigma"))
    local s = assert(nabla.new { rules_text = text:gsub("^let", "declare") })
    assert.equal("n*sigma^2 + b'*X'*X*b", tostring(s:simplify "E[x'*x]"))
    assert.equal("2*X'*X*b", tostring(s:diff("E[x'*x]", "b")))
    assert(assert(nabla.new()):rule(text .. "identity \"a\" E[x'*x] == n*sigma^2 + b'*X'*X*b"))
  end)

  it("gives a covariance the attributes that a covariance has", function()
    assert(assert(nabla.new()):rule "let vector x(n) random mean 0 covariance S\ncheck S' == S")
  end)

  it("counts for a fail", function()
    local err = refusal("let vector x(n) random mean m\nfail E[2*x] == 2*m")
    assert.matches("the two sides are equal", err.message)
    assert.equal("failed", verdict "let vector x(n) random mean m\nfail E[(x - m)*x'] == E[x*x'] - m*m'")
  end)

  it("is for the user where it is declared, until another declaration, and again after a reset", function()
    local s = assert(nabla.new { rules_text = "declare vector x(n) random mean mu covariance V, matrix A(n,n)" })
    assert.equal("A*V*A'", tostring(s:simplify "Var(A*x)"))
    assert(s:declare "vector x(n) random")
    assert.equal("A*E[x]", tostring(s:parse "E[A*x]"))
    s:reset()
    assert.equal("A*mu", tostring(s:parse "E[A*x]"))
  end)

  it("is forgotten with a file that is refused", function()
    local s = assert(nabla.new())
    assert.is_nil((s:rule "declare vector x(n) random mean mu\nrule nothing"))
    assert(s:declare "vector x(n) random")
    assert.equal("E[x]", tostring(s:parse "E[x]"))
  end)

  it("is refused where it has no sense", function()
    assert.matches("a rule cannot know the mean of x", refusal(
      "let vector x(n) random mean m, matrix A(n,n)\nrule E[A*x] -> A*m").message)
    assert.matches("states its size", refusal("let vector x random mean m").message)
    local shapes = refusal "let vector x(n) random mean m, matrix m(n,n)"
    assert.matches("the mean of x is n x 1, found n x n", shapes.message)
    assert.matches("the covariance is not known to be symmetric", refusal(
      "let vector x(n) random covariance (A), matrix A(n,n)").message)
    assert.matches("the mean is n x 1, found n x n", refusal(
      "let vector x(n) random mean (2*A), matrix A(n,n)").message)
    local both = refusal "let vector x(n) random mean y, vector y(n) random"
    assert.matches("the mean of x is random itself", both.message)
    assert.matches("stands behind a word", refusal("let vector x(n) random (2*m), vector m(n)").message)
    assert.matches("in brackets", refusal("let vector x(n) random covariance 2*S").hint)
    assert.matches("the mean of x is missing", refusal("let vector x(n) random mean").message)
  end)

  it("is in the legend of a table", function()
    local text = 'table "Means"\nlet vector x(n) random mean m\nidentity "a"\n    E[2*x] == 2*m\n'
    local s = assert(nabla.new { rules_text = text })
    assert.matches("x%(n%) random mean m", s:table "means")
  end)
end)

describe("a derivative by the mean of a letter", function()
  it("is taken of its expectation also in a text", function()
    local s = assert(nabla.new())
    assert(s:declare "random vector x(n) mean m covariance S, matrix A(n,n)")
    assert.equal("(A + A')*m", tostring(s:simplify "D(E[x'*A*x], m)"))
    assert.equal("A'", tostring(s:simplify "D(E[x'*A*x], S)"))
  end)

  it("is refused of a mean that does not follow from it", function()
    local s = assert(nabla.new())
    assert(s:declare "random vector x(n) mean m covariance S, vector a(n)")
    local node, err = s:diff("E[exp(a'*x)]", "m")
    assert.is_nil(node)
    assert.matches("how E%[exp%(a'%*x%)%] depends on m is not known", err.message)
    assert.is_nil((s:parse "D(E[exp(a'*x)], m)"))
    assert.equal("E[exp(a'*x)*x]", tostring(s:diff("E[exp(a'*x)]", "a")))
    assert.equal("2*m", tostring(s:diff("E[x'*x]", "m")))
  end)
end)

describe("a rule file", function()
  it("declares complex letters for the user", function()
    local s = assert(nabla.new { rules_text = "declare vector w(n) complex, matrix R(n,n) hermitian" })
    assert.equal("R'*conj(w)", tostring(s:diff("conj(w)'*R*w", "w")))
    s:reset()
    assert.equal("R'*conj(w)", tostring(s:diff("conj(w)'*R*w", "w")))
  end)

  it("has the attributes of a function before or after its argument", function()
    local s = assert(nabla.new())
    assert(s:declare "scalar t, matrix C(n,n) symmetric of t spd, matrix G(n,n) of t")
    assert.is_true(s:holds("spd", s:parse "C(t)"))
    assert.is_false(s:holds("spd", s:parse "G(t)"))
  end)

  it("has the clauses of an attribute in any order", function()
    local text = 'attribute density "density" zh "密度" implies psd square means tr(P) == 1, psd(P)'
    assert(assert(nabla.new()):rule("let matrix P(n,n)\n" .. text))
  end)
end)
