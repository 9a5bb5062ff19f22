-- Equations solved by another form, roots that are chosen, points that there are not, and what is said of a point.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local function session(...)
  local s = nabla.new()
  assert(s:declare(...))
  return s
end

local function value(s, equation, x)
  local r, err = s:solve(equation, x)
  return r and tostring(r[1].right) or nil, err
end

describe("an equation", function()
  sample.whole(it)("of a regulator is solved for gain and cost together", function()
    local s = session("matrix A(n,n), matrix B(n,m), matrix Q(n,n) spd, matrix R(m,m) spd",
      "matrix P(n,n) spd, matrix K(m,n)")
    local r = s:solve({ "K = inv(R + B'*P*B)*B'*P*A", "P = Q + K'*R*K + (A - B*K)'*P*(A - B*K)" }, "K, P")
    assert.equal("dare(A, B, Q, R)", tostring(r.values.P))
  end)

  it("for a row is solved", function()
    local s = session("scalar t, matrix A(n,n) of t, vector x(n) of t, vector b(n) of t")
    local found = s:equation("A(t)*x(t) = b(t)"):implicit("x", "t")
    assert.equal("D(x, t) = (D(b, t) - x(t)'*D(A, t))*inv(A(t))'", tostring(found))
  end)
end)

describe("an equation whose unknown is in several terms", function()
  it("is solved entry by entry", function()
    local s = session("vector x(n), vector u(n) positive, vector b(n), matrix A(n,n)",
      "matrix X(m,n), matrix G(m,n) positive")
    assert.equal("(b + sqrt(4*u + b.^2))/2", value(s, "x - u./x = b", "x"))
    assert.equal("sigmoid(b)", value(s, "log(x) - log(ones(n) - x) = b", "x"))
    assert.equal("log(u)", value(s, "exp(2*x) - u.*exp(x) = 0", "x"))
    assert.is_not_nil(value(s, "G.*X.^2 + X = G", "X"))
    assert.is_nil(value(s, "A*x + log(x) = b", "x")) -- entries depend on other entries
  end)

  it("is solved with a letter for the scalars that hold the unknown", function()
    local s = session("vector x(n), vector b(n), vector q(n) positive, scalar z, scalar k")
    assert.equal("b/sqrt(norm2(b))", value(s, "norm2(x)*x = b", "x"))
    assert.equal("k/sqrt(1 - k^2)", value(s, "z/sqrt(1 + z^2) = k", "z"))
    local r = s:solve("exp(x)/sum(exp(x)) = q", "x")
    assert.equal("log(q)", tostring(r[1].right))
    assert.is_true(r.several)
    local texts = table.concat(r:condition_lines(), "\n")
    assert.matches("sum%(q%) = 1: assumed", texts)
  end)

  it("is multiplied by what is inverted", function()
    local s = session("matrix X(n,n), matrix A(n,n), matrix B(n,n)")
    assert.equal("inv(I(n) - B)*B*A", value(s, "X*inv(A + X) = B", "X"))
    assert.equal("inv(A)*B*inv(A)./B", value(s, "A*(B.*X)*A = B", "X"))
  end)

  it("has the root that solves it", function()
    local s = session("scalar x, scalar a positive, scalar p positive, scalar k")
    assert.equal("4", value(s, "x - sqrt(x) = 2", "x"))
    assert.equal("(sqrt(1 + 4*a) - 1)/2", value(s, "p^2 + p = a", "p"))
    assert.equal("(sqrt(1 + 4*a) - 1)/2", value(s, "a - p - p^2 = 0", "p"))
    assert.is_nil(value(s, "x^2 + a = 0", "x"))
    assert.is_nil(value(s, "exp(x) + a = 0", "x"))
    assert.is_nil(value(s, "p + a = 0", "p"))
    assert.is_nil(value(s, "x + exp(x) = 0", "x"))
  end)
end)

describe("an equation with several solutions", function()
  local function found(equation, declared)
    local r = assert(session(declared or "scalar x"):solve(equation, "x"))
    local list = { tostring(r[1].right) }
    for i, other in ipairs(r.others) do
      list[i + 1] = tostring(other.value)
    end
    return list, r
  end

  it("gives those that are found", function()
    assert.same({ "2", "-2", "1", "-1" }, (found "x^4 - 5*x^2 + 4 = 0"))
    assert.same({ "1", "2" }, (found "(x - 1)*(x - 2) = 0"))
    assert.same({ "1", "0", "-1" }, (found "x^3 = x"))
    assert.same({ "log(2)", "0" }, (found "exp(2*x) - 3*exp(x) + 2 = 0"))
    assert.same({ "asin(a)", "pi - asin(a)" }, (found("sin(x) = a", "scalar x, scalar a")))
    assert.same({ "a", "-a" }, (found("abs(x) = a", "scalar x, scalar a")))
  end)

  it("gives none that the attributes of the unknown exclude", function()
    assert.same({ "2" }, (found("x^2 = 4", "scalar x positive")))
    local declared = "vector x(n) positive, vector u(n) positive, vector b(n)"
    assert.equal(1, #found("x - u./x = b", declared))
  end)

  it("says what another solution asks for besides", function()
    local _, r = found("x^2 - b*x + c = 0", "scalar x positive, scalar b, scalar c")
    assert.equal("x = (b - sqrt(b^2 - 4*c))/2 if positive(b - sqrt(b^2 - 4*c)): assumed", r:provided_lines()[3])
  end)
end)

describe("a stationary point", function()
  sample.whole(it)("of a function of an objective is that of the objective", function()
    local s = session("vector w(n), matrix S(n,n) spd, vector m(n), matrix A(m,n), vector b(m), vector v(n)",
      "vector a(n), scalar r positive")
    local r = s:stationary("sqrt(w'*S*w)", "w", "m'*w = 1")
    assert.equal("inv(S)*m/(m'*inv(S)*m)", tostring(r[1].right))
    assert.equal("A'*inv(A*A')*b", tostring(s:stationary("norm2(w)", "w", "A*w = b")[1].right))
    assert.equal("a/norm2(a)", tostring(s:stationary("a'*w", "w", "norm2(w) = 1")[1].right))
    assert.matches("^a %+ r%*", tostring(s:stationary("norm2(w - v)^2", "w", "norm2(w - a) = r")[1].right))
  end)

  it("is refused where there is none", function()
    local s = session("matrix R(n,n) spd, matrix Q(n,n) spd, scalar c positive, vector p(n) positive",
      "vector w(n) positive, matrix X(n,n), matrix U(m,k), matrix V(n,k), matrix A(m,n)")
    local function why(...)
      local r, err = s:stationary(...)
      return r == nil and err.message
    end
    local none = "there is no stationary point: the derivative %s is nowhere zero"
    assert.equal(none:format "Q + c*inv(R)", why("tr(R*Q) + c*logdet(R)", "R"))
    assert.equal(none:format "-w./p.^2", why("sum(w./p)", "p"))
    assert.matches("does not depend on p: there is no stationary point, unless", why("w'*p", "p", "sum(p) = 1"))
    assert.matches("does not depend on X: it is zero everywhere or nowhere", why("tr(X)*c - 2*sum(X)", "X"))
    assert.matches("%(alternating%)$", why("norm2(A - U*V')^2", "U, V"))
  end)

  it("of one member of a family is found", function()
    local s = session("vector x_i(d) for i = 1..N, vector m_k(d) for k = 1..K, scalar r_ik for i = 1..N, k = 1..K",
      "matrix S_k(d,d) spd for k = 1..K")
    local f = "sum(i = 1..N, sum(k = 1..K, r_ik*(logdet(S_k) + (x_i - m_k)'*inv(S_k)*(x_i - m_k))))"
    assert.equal("m_j = sum(i = 1..N, r_ij*x_i)/sum(i = 1..N, r_ij)", tostring(s:stationary(f, "m_j")))
    local covariance = tostring(s:stationary(f, "S_2"))
    assert.equal("S_2 = sum(i = 1..N, r_i2*(x_i - m_2)*(x_i - m_2)')/sum(i = 1..N, r_i2)", covariance)
    local r, err = s:stationary("sum(k = 1..K, sum(l = 1..K, norm2(m_k - m_l)^2))", "m_j")
    assert.is_nil(r)
    assert.matches("among the members of a sum", err.message)
  end)

  it("has the declared sign", function()
    local s = session("vector p(n) positive, vector w(n) positive, scalar c positive")
    assert.is_nil(s:stationary("c*sum(p) + w'*log(p)", "p")) -- p = -w/c
    assert.equal("w/c", tostring(s:stationary("c*sum(p) - w'*log(p)", "p")[1].right))
  end)

  it("has a kind that depends on the sign of letters", function()
    local s = session("vector y(m), matrix X(m,n), vector w(n), scalar x, scalar a, scalar b")
    local r = s:stationary("norm2(y - X*w)^2 + a*norm2(w)^2", "w")
    assert.equal("unknown", r.kind)
    assert.same({ "it is a unique minimum for positive a" }, r.notes)
    assert.same({ "若 a 为正，则为唯一最小点" }, r:notes_in "zh")
    assert.same({ "it is a unique minimum for positive a" }, s:stationary("a*x^2 + b*x", "x").notes)
    assert.same({}, s:stationary("norm2(y - X*w)^2 + b*x^2 - a*x^2", "w, x").notes)
  end)

  it("has a kind, in Chinese too", function()
    local s = session("scalar x, scalar y, matrix A(m,n), vector b(m), vector w(n)")
    assert.equal("local maximum", s:stationary("x*exp(-x)", "x").kind)
    assert.equal("saddle", s:stationary("x^2 - y^2 + x*y", "x, y").kind)
    local r = s:stationary("norm2(A*w - b)^2", "w")
    assert.same({ "kind: minimum" }, r:kind_lines())
    assert.same({ "类型：最小点" }, r:kind_lines "zh")
    assert.same({ "x 可能还有其他解" }, s:solve("x^2 = 4", "x"):notes_in "zh")
    assert.same({ "这是 w 的多个解之一" }, s:solve("norm2(w)*w = 2*ones(n)", "w"):notes_in "zh")
    local turn = s:stationary("norm2(A*w - b)^2 + x^2", "w, x", nil, { alternating = true })
    assert.same({ "关于 w 的类型：最小点", "关于 x 的类型：唯一最小点" }, turn:kind_lines "zh")
  end)
end)
