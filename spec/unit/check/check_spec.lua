-- `nabla check`: each kind of statement is proved as it should be, and found wrong when a sign, a transpose, a factor, an operand or a
-- condition of it is. tools/mutations.lua makes such mistakes at random.

local check = require "nabla.check"
local nabla = require "nabla"

local checker = assert(check.new())

local DECLARED = [[
let matrix A(m,n), matrix B(n,p), matrix C(m,n), matrix X(n,n), matrix S(n,n), matrix T(n,n), matrix Z(p,q), scalar a
let matrix L, matrix R, vector v
let vector x(n), vector y(n), number k, vector u(m) of x, scalar i, scalar j, matrix U(q,q), matrix W(r,s), matrix P(k1,r), matrix Q(s,l)
]]

local function verdicts(text)
  local results = assert(checker:text(DECLARED .. text, "spec.rules"))
  local list = {}
  for n, r in ipairs(results) do
    list[n] = r.verdict
  end
  return table.concat(list, " "), results[1].detail
end

-- A right statement, and wrong ones made of it.
local cases = {
  {
    "an algebra rule",
    [[rule "t" tr(A*C') -> tr(C'*A)]],
    [[rule "t" tr(A*C') -> -tr(C'*A)]],
    [[rule "t" tr(A*C') -> tr(C'*C)]],
  },
  {
    "the smoothness of a function",
    [[curvature "s" abs(a)^3 smooth in a]], -- its second derivative is continuous
    [[curvature "s" abs(a)*a smooth in a]],
    [[curvature "s" relu(a)^2 smooth in a]],
    [[curvature "s" norm2(x) smooth in x]],
    [[curvature "s" norm2(x - y) smooth in x]],
  },
  {
    "a simplify rule",
    [[simplify "r" relu(x).*sign(x) -> relu(x)]],
    [[simplify "r" relu(x).*sign(x) -> 2*relu(x)]],
    [[simplify "r" relu(x).*sign(x) -> x]],
  },
  {
    "a rule with conditions",
    [[rule "p" abs(a)^k -> a^k if integer(k/2)]],
    [[rule "p" abs(a)^k -> a^k]],
    [[rule "p" abs(a)^k -> a^k if integer(k)]],
  },
  {
    "a rule with an attribute",
    [[rule "s" x'*S*y -> y'*S*x if symmetric(S)]],
    [[rule "s" x'*S*y -> y'*S*x]],
    [[rule "s" x'*S*y -> y'*S*x if skew(S)]],
  },
  {
    "a rule that holds for square matrices only",
    [[rule "c" tr(X*S) -> tr(S*X)]],
    [[rule "c" A*C' -> C'*A]],
  },
  {
    "a rule whose sizes are inferred",
    [[rule "n" normF(L*R*v) -> norm2(L*(R*v))]],
    [[rule "n" normF(L*R*v) -> norm2(L)*norm2(R*v)]],
    [[rule "n" sum(kron(L,R)) -> sum(L*R)]],
  },
  {
    "a differential rule",
    [[rule "i" d(X^-1) -> -X^-1*d(X)*X^-1]],
    [[rule "i" d(X^-1) -> X^-1*d(X)*X^-1]],
    [[rule "i" d(X^-1) -> -X^-1*d(X)'*X^-1]],
    [[rule "i" d(X^-1) -> -X^-1*d(X)]],
    [[rule "i" d(X^-1) -> -2*X^-1*d(X)*X^-1]],
  },
  {
    "a differential rule of an unknown function",
    [[rule "u" d(u(x)) -> D(u,x)*d(x)]],
    [[rule "u" d(u(x)) -> 2*D(u,x)*d(x)]],
  },
  {
    "an adjoint",
    [[adjoint P*W*Q by W  Y -> P'*Y*Q']],
    [[adjoint P*W*Q by W  Y -> -P'*Y*Q']],
    [[adjoint P*W*Q by W  Y -> P*Y*Q']],
    [[adjoint X*S by S  Y -> X*Y]],
    [[adjoint tr(S)  Y -> 2*Y*I(n)]],
    [[adjoint P*W*Q by W  Y -> P'*Y]],
  },
  {
    "a jacobian",
    [[jacobian P*W*Q by W  J -> kron(Q', P)*J]],
    [[jacobian P*W*Q by W  J -> kron(Q', 2*P)*J]],
    [[jacobian S'  J -> J]],
  },
  {
    "a block rule",
    [[block P*W*Q by W  Y(h,w) -> kron(I(h), P)*Y*kron(I(w), Q)]],
    [[block P*W*Q by W  Y(h,w) -> kron(P, I(h))*Y*kron(I(w), Q)]],
    [[block d(A)'  -> 2*K(m,n)]],
  },
  {
    "a block rule of a differential",
    [[block d(A)'  -> K(m,n)]],
    [[block d(A)'  -> K(n,m)]],
  },
  {
    "a fact",
    [[fact psd(A'*A)]],
    [[fact spd(A'*A)]],
    [[fact psd(A'*C)]],
    [[fact skew(S + S')]],
  },
  {
    "a fact with conditions",
    [[fact orthogonal(S*T) if orthogonal(S), orthogonal(T)]],
    [[fact orthogonal(S*T) if orthogonal(S)]],
    [[fact orthogonal(S + T) if orthogonal(S), orthogonal(T)]],
  },
  {
    "a fact that loops",
    [[fact for p in lower upper p(S*T) if p(S), p(T)]],
    [[fact for p in lower symmetric p(S*T) if p(S), p(T)]],
  },
  {
    "an attribute",
    [[attribute spd implies psd invertible]],
    [[attribute psd implies spd]],
    [[attribute spd excludes symmetric]],
  },
  {
    "the derivative of an elementwise function",
    "function sin(t) elementwise\n    derivative cos(t)",
    "function sin(t) elementwise\n    derivative -cos(t)",
    "function sin(t) elementwise\n    derivative 2*cos(t)",
  },
  {
    "the derivative of a steep function",
    "function f(t) elementwise = exp(900*t)\n    derivative 900*exp(900*t)",
    "function f(t) elementwise = exp(900*t)\n    derivative 900.1*exp(900*t)",
    "function f(t) elementwise = sin(900*t)^2\n    derivative 900*sin(1800*t) + t/1000",
  },
  {
    "the body of a function that is known",
    "function sqrt(t) elementwise = t^(1/2)",
    "function sqrt(t) elementwise = t^(1/3)",
  },
  {
    "the differential of a function",
    "function dot(x(n), y(n)): scalar = x'*y\n    d(dot(x,y)) = d(x)'*y + x'*d(y)",
    "function dot(x(n), y(n)): scalar = x'*y\n    d(dot(x,y)) = d(x)'*y - x'*d(y)",
    "function dot(x(n), y(n)): scalar = x'*y\n    d(dot(x,y)) = d(x)'*y",
  },
  { "an operator", "operator det(A(n,n)): scalar transpose_invariant", "operator det(A(n,n)): scalar linear" },
  {
    "a layout",
    "layout numerator\n    vector by vector d(y) = J*d(x) gives J\n    scalar by matrix d(y) = tr(G*d(X)) gives G",
    "layout numerator\n    vector by vector d(y) = J*d(x) gives J'\n    scalar by matrix d(y) = tr(G*d(X)) gives G",
    "layout numerator\n    vector by vector d(y) = J*d(x) gives J\n    scalar by matrix d(y) = tr(G'*d(X)) gives G",
    "layout mine\n    scalar by matrix d(y) = tr(G) gives G",
  },
  {
    "a convention",
    "convention entries\n    symmetric G -> G + G' - G.*I(n)\n    lower G -> tril(G)",
    "convention entries\n    symmetric G -> G + G'\n    lower G -> tril(G)",
    "convention entries\n    symmetric G -> G + G' - G.*I(n)\n    lower G -> triu(G)",
  },
  {
    "an identity in several layouts",
    [[identity "q" D(x'*S*x, x) numerator x'*(S + S') denominator (S + S')*x]],
    [[identity "q" D(x'*S*x, x) numerator x'*(S + S') denominator (S - S')*x]],
    [[identity "q" D(x'*S*x, x) numerator (S + S')*x denominator (S + S')*x]],
    [[identity "q" D(x'*S*x, x) denominator 2*S*x]],
  },
  {
    "an identity of two sides",
    [[identity "v" vec(A*B) == kron(B', I(m))*vec(A)]],
    [[identity "v" vec(A*B) == kron(B, I(m))*vec(A)]],
  },
  {
    "an identity of unknown functions",
    [[identity "g" D(u(x)'*u(x), x) denominator 2*D(u,x)*u(x)]],
    [[identity "g" D(u(x)'*u(x), x) denominator D(u,x)*u(x)]],
  },
  {
    "an identity of second derivatives",
    [[identity "h" D(D(x'*S*x, x), x) numerator S + S']],
    [[identity "h" D(D(x'*S*x, x), x) numerator 2*S]],
  },
  {
    "a check",
    [[check tr(A*C') == tr(C'*A)]],
    [[check tr(A*C') == tr(C*A)']],
    [[check tr(S*T) == tr(S'*T)]],
  },
  { "a fail", [[fail S*T == T*S]], [[fail tr(S*T) == tr(T*S)]] },
}

describe("nabla check", function()
  for _, case in ipairs(cases) do
    it("proves " .. case[1], function()
      local verdict, detail = verdicts(case[2])
      assert.are.equal("proved", verdict, detail)
    end)
    for k = 3, #case do
      it("finds " .. case[1] .. " wrong: " .. case[k]:gsub("\n%s*", "; "), function()
        assert.are.equal("failed", (verdicts(case[k])))
      end)
    end
  end

  it("shows a small counterexample", function()
    local _, detail = verdicts [[rule "t" tr(S) -> sum(S)]]
    assert.is_truthy(detail:find "n = 2", detail)
    assert.is_truthy(detail:find("S = [", 1, true), detail)
  end)

  it("says what cannot be checked, and why", function()
    for _, text in ipairs {
      "rule tr(S) -> sum(S) if lucky(S)",
      "fact lucky(S)",
      "attribute lucky implies symmetric",
    } do
      assert.are.same({
        "not checkable",
        "the property lucky has no meaning by numbers. State it of a matrix that is declared above: let matrix T(m,n), "
          .. "and below it attribute lucky means followed by equations of T, such as T*ones(n) == ones(m)",
      }, { verdicts(text) })
    end
    checker.session:predicate("tiny", function()
      return true
    end)
    assert.are.same({
      "not checkable",
      "the property tiny is answered by a Lua function, which is asked about expressions, not about numbers",
    }, { verdicts [[rule "f" tr(S) -> sum(S) if tiny(S)]] })
  end)

  it("does not call a rule proved that holds nowhere", function()
    assert.are.equal("not checkable", (verdicts [[rule "e" tr(S) -> 0 if symmetric(S), skew(S), spd(S)]]))
  end)

  it("finds powers of a Kronecker product that are not whole: the principal branches differ", function()
    assert.are.equal("failed", (verdicts [[rule "k" kron(S, U)^a -> kron(S^a, U^a)]]))
  end)
end)

describe("an identity that numbers cannot decide", function()
  local session = assert(nabla.new())
  local text = [[
let vector x(n), vector y(m), matrix P(p,m), vector u(m) of x
table "Undecided"
identity "a vector is no function"
    D(P*y(x), x)  numerator  P*D(u,x)
]]
  assert(session:rule(text))

  it("fails if it cannot be read", function()
    local results = assert(checker:text(text, "spec.rules"))
    assert.are.equal("not checkable", results[1].verdict)
    check.settle(session, results[1])
    assert.are.equal("failed", results[1].verdict)
  end)
end)

describe("equality", function()
  local s = assert(nabla.new())
  s:declare [[matrix A(m,n), matrix B(n,n), matrix S(n,n) symmetric, vector x(n), vector u(m) of x,
    scalar i, scalar f of i]]

  it("is yes for the same node, by expansion, by numbers", function()
    assert.are.same({ "yes", "same node" }, { s:equal("tr(A*A')", "tr(A'*A)") })
    assert.are.same({ "yes", "expansion" }, { s:equal("(x + x.^2)'*B", "x'*B + (x.^2)'*B") })
    local answer, why = s:equal("exp(2*x)", "exp(x).^2")
    assert.are.equal("yes", answer)
    assert.is_truthy(why:find "^floating point: at %d random points the distance is at most")
  end)

  it("is no with a counterexample", function()
    local answer, why, example = s:equal("S*B", "B*S")
    assert.are.equal("no", answer)
    assert.is_truthy(why:find "^exact: ")
    assert.is_true(example.distance > 1e-6)
    local n = example.values.n
    assert.are.same({ n, n }, { example.left.rows, example.right.cols })
    assert.are.equal(example.values.S(1, 2), example.values.S(2, 1))
  end)

  it("is no for other shapes", function()
    assert.are.same({ "no", "shapes: n x 1 and 1 x n" }, { s:equal("x", "x'") })
  end)

  it("uses what is declared", function()
    assert.are.equal("yes", (s:equal("det(S)*inv(S)'", "adj(S)")))
    assert.are.equal("no", (s:equal("det(B)*inv(B)'", "adj(B)")))
  end)

  it("evaluates unknown functions and their derivatives", function()
    assert.are.equal("no", (s:equal("u(x)", "2*u(x)")))
    assert.are.equal("no", (s:equal(s:diff("norm2(u(x))^2", "x"), "x")))
    assert.are.equal("yes", (s:equal(s:diff("norm2(u(x))^2", "x"), "2*D(u,x)*u(x)")))
  end)

  it("decides sums over the values of an unknown function, whatever their size is called", function()
    for _, size in ipairs { "d", "D" } do
      local r = assert(nabla.new())
      assert(r:declare(string.format("scalar i, vector y(%s) of i, vector c(%s), scalar t", size, size)))
      assert.are.equal("yes", (r:equal("sum(a=1..N, y(a) - c)", "sum(a=1..N, y(a)) - N*c")))
      assert.are.equal("no", (r:equal("sum(a=1..N, y(a) - c)", "sum(a=1..N, y(a)) - 2*N*c")))
      local both = "c'*y(i) + norm2(D(y,i))^2"
      assert.are.equal("yes", (r:equal(both .. " + softplus(t)", both .. " + softplus(-t) + t")))
    end
    -- (a - 1)*..*(a - 9) is zero at the first nine values of N
    local few = "y(a)"
    for k = 1, 9 do
      few = few .. string.format("*(a - %d)", k)
    end
    assert.are.equal("unknown", (s:equal("sum(a=1..N, " .. few:gsub("y", "f") .. ")", "0")))
  end)

  it("is unknown for differentials", function()
    assert.are.equal("unknown", (s:equal("d(x)'*x", "2*d(x)'*x")))
  end)
end)
