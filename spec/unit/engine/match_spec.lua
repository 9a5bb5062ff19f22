-- What a rule's left side matches: conditions are part of the match, products match round the end of a trace and inside
-- powers. "stays" marks what must not be rewritten.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local function expect(s, cases)
  for input, output in pairs(cases) do
    it((output == "stays" and "leaves " or "rewrites ") .. input, function()
      local before = assert(s:parse(input))
      local after = assert(s:simplify(before))
      if output == "stays" then
        assert.are.equal(before, after)
      else
        assert.are.equal(assert(s:parse(output)), after, tostring(after))
      end
    end)
  end
end

describe("a condition that holds of a later match", function()
  local s = assert(nabla.new {})
  s:declare "matrix G(n,n), matrix O(n,n) orthogonal, matrix A(n,m), matrix H(m,m), vector x(m), matrix B(n,n)"
  s:declare "matrix L(p,q) fullcolumnrank, matrix M(k,q), matrix P(n,n) idempotent"

  local cases = {
    ["G'*G*O'*O"] = "G'*G",
    ["G'*O'*O*G"] = "G'*G",
    ["H*A'*O'*O*A*H'"] = "H*A'*A*H'",
    ["x'*A'*O'*O*A*x"] = "x'*A'*A*x",
    ["(O*A*x)'*O*A*x"] = "x'*A'*A*x",
    ["norm2(O*A*x)^2"] = "norm2(A*x)^2",
    ["norm2(O*B*O)"] = "norm2(B)",
    ["tr(G'*G*O'*O)"] = "tr(G'*G)",
    ["G*B*O*G*G'*O'*O"] = "G*B*O*G*G'",
    ["pinv(M)*M*pinv(L)*L"] = "pinv(M)*M",
    ["G'*G*B*B'"] = "stays",
    ["O*G*O'"] = "stays",
    ["norm2(G*B)"] = "stays",
    ["pinv(M)*M"] = "stays",
  }
  expect(s, cases)

  it("changes no value", function()
    for input, output in pairs(cases) do
      if output ~= "stays" then
        assert.are.equal("yes", (s:equal(input, output)), input)
      end
    end
  end)

  it("also in a derivative", function()
    assert.are.equal("2*A'*A*x", tostring(s:diff("x'*A'*O'*O*A*x", "x")))
  end)
end)

describe("a condition of a course's rule", function()
  local s = assert(nabla.new {})
  assert(s:rule [[
operator Ex(X(m,n)): matrix (m,n)
operator it(k): scalar
operator at(k, x(n)): vector (n)
operator both(s, t): scalar comm
attribute fixed
let matrix C(m,n), matrix X(n,p), matrix F(p,q), number i, number j, vector u(n), vector v(n), scalar s, scalar t
simplify "constant, left" Ex(C*X) -> C*Ex(X) if fixed(C)
simplify "constant, right" Ex(X*F) -> Ex(X)*F if fixed(F)
simplify "larger" it(i)*it(j) -> it(i) if j < i
simplify "larger entry" at(i, u).*at(j, v) -> at(i, u) if j < i
simplify "larger term" at(i, u) + at(j, v) -> at(j, v) if j < i, j > 4
simplify "either" both(s, it(i)) -> s if i > 2
]])
  s:declare "matrix K(m,n) fixed, matrix R(n,n) fixed, vector v(n), vector e(q), vector w(n), scalar c"

  expect(s, {
    ["Ex(K*v*e')"] = "K*Ex(v*e')",
    ["Ex(K*R*v*e')"] = "K*R*Ex(v*e')",
    ["Ex(v*w'*R)"] = "Ex(v*w')*R",
    ["Ex(R*v*w'*R)"] = "R*Ex(v*w')*R",
    ["Ex(v*e')"] = "stays",
    ["it(1)*it(2)"] = "it(2)",
    ["it(2)*it(1)"] = "it(2)",
    ["it(3)*it(1)*it(2)*it(7)"] = "it(7)",
    ["c*it(3)*it(5)"] = "c*it(5)",
    ["it(1)*c"] = "stays",
    ["at(1, v).*at(2, w)"] = "at(2, w)",
    ["at(2, v).*at(1, w).*w"] = "at(2, v).*w",
    ["at(5, v) + at(6, w)"] = "at(5, v)",
    ["at(6, v) + at(5, w) + w"] = "at(5, w) + w",
    ["at(4, v) + at(5, w)"] = "stays",
    ["3*at(6, v) + 3*at(5, w)"] = "3*at(5, w)",
    ["3*at(6, v) + 2*at(5, w)"] = "stays",
    ["both(it(1), it(3))"] = "it(1)",
    ["both(it(3), it(1))"] = "it(1)",
    ["both(it(1), it(2))"] = "stays",
  })
end)

describe("a product in a trace", function()
  local s = assert(nabla.new {})
  assert(s:rule [[
operator P(n): matrix (n,n)
operator Q(n): matrix (n,n)
operator S(n): matrix (n,n)
attribute isometric
let matrix U(m,n), matrix A(n,n), scalar c
simplify "columns" U'*U -> I(n) if isometric(U)
simplify "three" Q(n)*P(n)*S(n) -> P(n)
simplify "sandwich" P(n)*A*P(n) -> A
]])
  s:declare "matrix Y(n,p) isometric, matrix X(n,p) isometric, matrix M(n,n), matrix R(p,p), scalar c, matrix B(n,n)"

  expect(s, {
    ["Y'*Y"] = "I(p)",
    ["tr(Y'*Y)"] = "p",
    ["tr(Y*R*Y')"] = "tr(R)",
    ["c*tr(Y*R*R*Y')^2"] = "c*tr(R^2)^2",
    ["tr(X*Y'*Y*R*X')"] = "tr(R)",
    ["tr(Y*Y'*X*X')"] = "stays",
    ["tr(M*Y*Y')"] = "stays",
    ["tr(Q(n)*P(n)*S(n)*M)"] = "tr(P(n)*M)",
    ["tr(P(n)*S(n)*M*Q(n))"] = "tr(P(n)*M)",
    ["tr(S(n)*M*Q(n)*P(n))"] = "tr(P(n)*M)",
    ["tr(S(n)*Q(n)*P(n))"] = "tr(P(n))",
    ["tr(S(n)'*P(n)'*Q(n)'*M)"] = "tr(P(n)*M')",
    ["tr(P(n)*S(n)*Q(n)*M)"] = "stays",
    ["tr(M*P(n)*B*P(n))"] = "tr(M*B)",
    ["tr(P(n)*M*B)"] = "stays",
  })

  it("is a step of a derivation as well", function()
    s.S:log(true)
    local answer = s:simplify "tr(S(n)*Q(n)*P(n))"
    local log = s.S:log()
    s.S:log(false)
    assert.are.equal(3, #log)
    assert.are.equal("three", s.rules[log[1]].name)
    assert.are.equal(answer, s:wrap(s.S:rewrite(log[1], log[2])))
  end)
end)

describe("a product that begins or ends inside a power", function()
  local s = assert(nabla.new {})
  assert(s:rule [[
operator P(n): matrix (n,n)
operator Q(n): matrix (n,n)
operator hbar: scalar
operator N(n): matrix (n,n)
let matrix A(n,n)
rule "commutator" Q(n)*P(n) -> P(n)*Q(n) + hbar*I(n) terminating
simplify "square" N(n)^2*A*N(n) -> A*N(n)
]])
  s:declare "matrix O(n,n) orthogonal, matrix G(n,n)"

  expect(s, {
    ["Q(n)^2*P(n)"] = "Q(n)*(P(n)*Q(n) + hbar*I(n))",
    ["Q(n)*P(n)^2"] = "(P(n)*Q(n) + hbar*I(n))*P(n)",
    ["P(n)^2*Q(n)^3"] = "stays",
    ["N(n)^3*G*N(n)^2"] = "N(n)*G*N(n)^2",
    ["N(n)*G*N(n)"] = "stays",
    ["O^2*O'"] = "O",
    ["O'^2*O^3*G"] = "O*G",
    ["G*O'^5*O^5"] = "G",
    ["O^2*G*O'^2"] = "stays",
    ["tr(O^2*G*O'^2)"] = "tr(G)",
  })

  it("can be expanded to normal order", function()
    local f = assert(s:parse "Q(n)^2*P(n)^2")
    local opened = assert(s:expand(f))
    while opened ~= f do
      f, opened = opened, assert(s:expand(opened))
    end
    assert.are.equal(s:parse "2*hbar^2*I(n) + 4*hbar*P(n)*Q(n) + P(n)^2*Q(n)^2", f, tostring(f))
  end)
end)

describe("the work of matching", function()
  -- Steps of a derivative of a trace of k pairs, and of a product of k factors.
  local function steps(k)
    local s, factors = assert(nabla.new {}), {}
    for i = 1, k do
      factors[i] = "A" .. i .. "*X"
    end
    local f = assert(s:parse("tr(" .. table.concat(factors, "*") .. ")"))
    assert(s:diff(f, "X"))
    return s:stats().steps
  end

  it("grows with the size of the answer, for a trace of many factors", function()
    local few, many = steps(20), steps(80)
    assert.is_true(many < 20 * few, few .. " and " .. many .. " steps")
  end)

  sample.whole(it)("ends where every match is refused", function()
    local s = assert(nabla.new {})
    assert(s:rule [[
operator f(s): scalar
let scalar a, scalar b, scalar c, scalar d, number i, number j, number k, number l
simplify "never" f(i)*f(j)*f(k)*f(l) -> 1 if i + j + k + l < 0
]])
    local factors = {}
    for i = 1, 50 do
      factors[i] = "f(" .. i .. ")"
    end
    s:limits { seconds = 20 }
    local f = assert(s:parse(table.concat(factors, "*")))
    assert.are.equal(f, assert(s:simplify(f)))
  end)
end)

describe("a product in the argument of an operator, with powers in it", function()
  local s = assert(nabla.new {})
  assert(s:rule [[
attribute fixed
operator Ex(A(m,n)): matrix (m,n)   linear
let matrix C(m,n), matrix X(n,p)
rule "fixed factor on the left"  Ex(C*X) -> C*Ex(X)  if fixed(C)
rule "fixed factor on the right" Ex(C*X) -> Ex(C)*X  if fixed(X)
]])
  s:declare "matrix F(n,n) fixed, matrix Y(n,n)"

  expect(s, {
    ["Ex(F^2*Y)"] = "F^2*Ex(Y)",
    ["Ex(F^2*Y*F^3)"] = "F^2*Ex(Y)*F^3",
    ["Ex(F*Y^2)"] = "F*Ex(Y^2)",
    ["Ex(Y*F*Y)"] = "stays",
    ["Ex(Y^2*F)*F^2"] = "Ex(Y^2)*F^3",
  })
end)

describe("an expansion", function()
  local s = assert(nabla.new {})
  assert(s:rule [[
operator P(n): matrix (n,n)
operator Q(n): matrix (n,n)
operator hbar: scalar
rule "commutator" Q(n)*P(n) -> P(n)*Q(n) + hbar*I(n) terminating
]])

  for text, opened in pairs {
    ["Q(n)^2*P(n)"] = "2*hbar*Q(n) + P(n)*Q(n)^2",
    ["Q(n)^2*P(n)^2"] = "2*hbar^2*I(n) + 4*hbar*P(n)*Q(n) + P(n)^2*Q(n)^2",
    ["Q(n)^4*P(n)"] = "4*hbar*Q(n)^3 + P(n)*Q(n)^4",
  } do
    it("goes on with what rules make of its terms: " .. text, function()
      assert.equal(opened, tostring(s:expand(text)))
    end)
  end
end)

describe("a sum of thousands of terms", function()
  it("is matched by a pattern with terms in any order", function()
    local s = assert(nabla.new())
    assert(s:rule 'operator foo(s): scalar\nlet scalar s, scalar t\nrule "exponential" foo(s + exp(t)) -> t')
    local names, terms = {}, {}
    for i = 1, 3000 do
      names[i], terms[i] = "scalar a" .. i, "a" .. i
    end
    assert(s:declare(table.concat(names, ", ") .. ", scalar u"))
    local sum = table.concat(terms, "+")
    assert.equal("u", tostring(s:parse("foo(" .. sum .. " + exp(u))")))
  end)
end)
