-- The lines of derivations, as texts: a teacher would write these.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local session = assert(nabla.new())

-- The lines of a derivation.
local function lines(decl, expr, wrt, opts)
  session:reset()
  if decl ~= "" then
    assert(session:declare(decl))
  end
  local derivation = assert(session:derive(expr, wrt, opts))
  local list = {}
  for i = 1, #derivation do
    list[i] = derivation:line_text(i)
  end
  return list
end

local function hessian_lines(decl, expr, x, y, opts)
  session:reset()
  assert(session:declare(decl))
  local derivation = assert(session:derive_hessian(expr, x, y, opts))
  local list = {}
  for i = 1, #derivation do
    list[i] = derivation:line_text(i)
  end
  return list
end

describe("a derivation", function()
  it("goes outermost first, and a scalar is turned round", function()
    assert.are.same({
      "f = x'*A*x",
      "d(f) = d(x)'*A*x + x'*A*d(x)",
      "d(f) = x'*A'*d(x) + x'*A*d(x)",
      "d(f) = x'*(A + A')*d(x)",
      "D(f, x) = (A + A')*x",
    }, lines("vector x(n), matrix A(n,n)", "x'*A*x", "x"))
  end)

  it("uses what is known of a letter", function()
    assert.are.same({
      "f = x'*A*x",
      "d(f) = d(x)'*A*x + x'*A*d(x)",
      "d(f) = 2*x'*A*d(x)",
      "D(f, x) = 2*A*x",
    }, lines("vector x(n), matrix A(n,n) symmetric", "x'*A*x", "x"))
  end)

  it("keeps signs as they were written, and has a rule for squared norms", function()
    assert.are.same({
      "f = norm2(A*x - b)^2",
      "d(f) = 2*(A*x - b)'*d(A*x - b)",
      "d(f) = 2*(A*x - b)'*A*d(x)",
      "D(f, x) = 2*A'*(A*x - b)",
    }, lines("vector x(n), matrix A(m,n), vector b(m)", "norm2(A*x - b)^2", "x"))
    assert.are.same(
      "d(f) = (b - A*x)'*d(b - A*x)/norm2(b - A*x)",
      lines("vector x(n), matrix A(m,n), vector b(m)", "norm2(b - A*x)", "x")[2]
    )
  end)

  it("begins with the text as it was typed, brackets included", function()
    session:reset()
    for _, text in ipairs { "tr(X'*A*X*B)", "A*(B*x)", "x*(x'*x)/2", "-logdet(S)/2 - a", "x - (y - x)" } do
      assert.are.equal("f = " .. text, lines("", text, text:match "[xXS]")[1])
    end
  end)

  it("takes powers of products apart one rule at a time", function()
    assert.are.same({
      "f = tr((X'*X)^2)",
      "d(f) = tr(d(X'*X)*X'*X) + tr(X'*X*d(X'*X))",
      "d(f) = tr((d(X)'*X + X'*d(X))*X'*X) + tr(X'*X*(d(X)'*X + X'*d(X)))",
      "d(f) = 4*tr(X'*X*X'*d(X))",
      "D(f, X) = 4*X*X'*X",
    }, lines("matrix X(m,n)", "tr((X'*X)^2)", "X"))
  end)

  it("writes a quotient over its square", function()
    assert.are.equal(
      "d(f) = (x'*x*d(a'*x) - a'*x*d(x'*x))/(x'*x)^2",
      lines("vector x(n), vector a(n)", "a'*x/(x'*x)", "x")[2]
    )
  end)

  it("takes a logarithm of a determinant in two steps where it was written so", function()
    assert.are.same({
      "f = log(det(X))",
      "d(f) = d(det(X))/det(X)",
      "d(f) = det(X)*tr(inv(X)*d(X))/det(X)",
      "d(f) = tr(inv(X)*d(X))",
      "D(f, X) = inv(X)'",
    }, lines("matrix X(n,n)", "log(det(X))", "X"))
  end)

  it("lets a matrix function commute with its direction", function()
    assert.are.same({
      "f = expm(t*A)",
      "d(f) = expm(t*A)*d(t*A)",
      "d(f) = expm(t*A)*A*d(t)",
      "d(f) = A*expm(t*A)*d(t)",
      "D(f, t) = A*expm(t*A)",
    }, lines("scalar t, matrix A(n,n)", "expm(t*A)", "t", { layout = "numerator" }))
  end)

  it("is about vec(d(f)) in the vec layout", function()
    assert.are.same({
      "f = A*exp(X)*B",
      "vec(d(f)) = vec(A*(exp(X).*d(X))*B)",
      "vec(d(f)) = kron(B', A)*diag(vec(exp(X)))*vec(d(X))",
      "D(f, X) = kron(B', A)*diag(vec(exp(X)))",
    }, lines("matrix X(m,n), matrix A(p,m), matrix B(n,q)", "A*exp(X)*B", "X", { layout = "vec" }))
  end)

  it("reads blocks off at once", function()
    assert.are.same({
      "f = A*X*B",
      "d(f) = A*d(X)*B",
      "D(f, X) = vec(A)*vec(B')'",
    }, lines("matrix X(m,n), matrix A(p,m), matrix B(n,q)", "A*X*B", "X", { layout = "block" }))
  end)

  it("writes D(u, x) as the layout means it", function()
    assert.are.same({
      "f = v(u(x))",
      "d(f) = D(v, u)'*d(u(x))",
      "d(f) = D(v, u)'*D(u, x)'*d(x)",
      "D(f, x) = D(u, x)*D(v, u)",
    }, lines("vector x(n), vector u(m) of x, scalar v of u", "v(u(x))", "x"))
  end)

  it("by a transposed variable, by an entry, by a structured variable", function()
    assert.are.same({
      "f = A*x",
      "d(f) = A*d(x)",
      "D(f, x') = A'",
    }, lines("vector x(n), matrix A(m,n)", "A*x", "x'"))
    assert.are.same({
      "f = tr(A*X)",
      "d(f) = tr(A*d(X))",
      "D(f, X(1,2)) = tr(A*E(1, 2, m, n))",
      "D(f, X(1,2)) = A(2,1)",
    }, lines("matrix X(m,n), matrix A(n,m)", "tr(A*X)", "X(1,2)"))
    assert.are.same({
      "f = logdet(S)",
      "d(f) = tr(inv(S)*d(S))",
      "D(f, S) = inv(S) + inv(S)' - inv(S).*I(n)",
      "D(f, S) = 2*inv(S) - diag(diagv(inv(S)))",
    }, lines("matrix S(n,n) spd", "logdet(S)", "S", { convention = "entries" }))
  end)

  it("of a counted sum goes term by term", function()
    assert.are.same({
      "f = sum(i = 0..k, x'*A^i*x)",
      "d(f) = sum(i = 0..k, d(x)'*A^i*x + x'*A^i*d(x))",
    }, { table.unpack(lines("vector x(n), matrix A(n,n), scalar k", "sum(i = 0..k, x'*A^i*x)", "x"), 1, 2) })
  end)

  it("of a constant is zero", function()
    assert.are.same(
      { "f = a'*a", "d(f) = 0", "D(f, x) = zeros(n)" },
      lines("vector x(n), vector a(n)", "a'*a", "x")
    )
  end)

  it("names the function by a letter that is free", function()
    assert.are.equal("F = f'*x", lines("vector f(n), vector x(n)", "f'*x", "x")[1])
  end)

  it("has finer and briefer forms", function()
    local decl, expr = "vector x(n), vector s(n), matrix W(n,n)", "(x - s)'*W*(x - s)"
    assert.are.same({
      "f = (x - s)'*W*(x - s)",
      "d(f) = d(x - s)'*W*(x - s) + (x - s)'*W*d(x - s)",
      "d(f) = -d(s)'*W*(x - s) + (x - s)'*W*d(x - s)",
      "d(f) = -d(s)'*W*(x - s) - (x - s)'*W*d(s)",
      "d(f) = -(x - s)'*W'*d(s) - (x - s)'*W*d(s)",
      "d(f) = -(x - s)'*(W + W')*d(s)",
      "D(f, s) = -(W + W')*(x - s)",
    }, lines(decl, expr, "s", { detail = "fine" }))
    assert.are.equal(6, #lines(decl, expr, "s"))
    assert.are.same({
      "f = (x - s)'*W*(x - s)",
      "d(f) = (x - s)'*(W + W')*d(x - s)",
      "d(f) = -(x - s)'*(W + W')*d(s)",
      "D(f, s) = -(W + W')*(x - s)",
    }, lines(decl, expr, "s", { detail = "brief" }))
  end)

  it("opens a line into finer ones", function()
    lines("vector x(n), vector s(n), matrix W(n,n)", "(x - s)'*W*(x - s)", "s")
    local derivation = session:derive("(x - s)'*W*(x - s)", "s")
    local finer = derivation:finer(3)
    assert.are.equal(2, #finer)
    assert.are.equal(derivation:line_text(3), finer:line_text(2))
    assert.is_nil(derivation:finer(1))
  end)

  it("is refused where there is no answer, with the same message", function()
    session:reset()
    local none, why = session:derive("A*X", "X", { layout = "numerator" })
    local _, other = session:diff("A*X", "X", { layout = "numerator" })
    assert.is_nil(none)
    assert.are.equal(tostring(other), tostring(why))
  end)
end)

describe("the derivation of a Hessian", function()
  it("names the gradient and differentiates it", function()
    assert.are.same({
      "f = norm2(A*x - b)^2",
      "d(f) = 2*(A*x - b)'*d(A*x - b)",
      "d(f) = 2*(A*x - b)'*A*d(x)",
      "g = 2*A'*(A*x - b)",
      "d(g) = 2*A'*A*d(x)",
      "D(D(f, x), x) = 2*A'*A",
    }, hessian_lines("vector x(n), matrix A(m,n), vector b(m)", "norm2(A*x - b)^2", "x"))
  end)

  it("of a symbolic power has counted sums in each other, with letters of their own", function()
    local list = hessian_lines("matrix X(n,n), matrix A(n,n), scalar k", "tr(A*X^k)", "X")
    assert.are.equal("g = sum(i = 0..k - 1, X^(k - 1 - i)*A*X^i)'", list[4])
    local inner = "sum(j = 0..(k - 1 - i) - 1, X^j*d(X)*X^((k - 1 - i) - 1 - j))"
    local terms = inner .. "*A*X^i + X^(k - 1 - i)*A*sum(j = 0..i - 1, X^j*d(X)*X^(i - 1 - j))"
    assert.are.equal("vec(d(g)) = vec(sum(i = 0..k - 1, " .. terms .. ")')", list[6])
    assert.are.equal("D(D(f, X), X) = " .. session:hessian("tr(A*X^k)", "X"):text(), list[#list])
  end)

  it("by two variables lets both change", function()
    assert.are.same({
      "f = t*x'*x",
      "d(f) = x'*x*d(t) + t*d(x)'*x + t*x'*d(x)",
      "d(f) = 2*t*x'*d(x) + x'*x*d(t)",
      "g = 2*t*x",
      "d(g) = 2*x*d(t) + 2*t*d(x)",
      "D(D(f, x), t) = 2*x",
    }, hessian_lines("vector x(n), scalar t", "t*x'*x", "x", "t"))
  end)
end)

describe("a power of a power", function()
  it("is differentiated as it is written, one power at a time", function()
    assert.are.same({
      "f = (x.*x).^2",
      "d(f) = 2*x.*x.*d(x.*x)",
      "d(f) = 2*x.*x.*(d(x).*x + x.*d(x))",
      "d(f) = 4*diag(x.^3)*d(x)",
      "D(f, x) = 4*diag(x.^3)",
    }, lines("vector x(n)", "(x.*x).^2", "x"))
    assert.are.equal("d(f) = 3*(t*t)^2*d(t*t)", lines("scalar t", "(t*t)^3", "t")[2])
    assert.are.equal("d(f) = 3*(x.^2).^2.*d(x.^2)", lines("vector x(n)", "(x.^2).^3", "x")[2])
    assert.is_truthy(lines("vector x(n)", "sum(1./(x.*x).^2)", "x")[2]:find("d(x.*x)", 1, true)
      or lines("vector x(n)", "sum(1./(x.*x).^2)", "x")[2]:find("d((x.*x).^2)", 1, true))
  end)
end)

describe("a derivation by coordinates", function()
  it("says what the change of the variable is", function()
    assert.are.same({
      "f = logdet(S)",
      "d(f) = tr(inv(S)*d(S))",
      "d(f) = vec(inv(S))'*Dup(n)*d(vech(S))",
      "D(f, vech(S)) = Dup(n)'*vec(inv(S))",
    }, lines("matrix S(n,n) spd", "logdet(S)", "vech(S)"))
    local derivation = session:derive("logdet(S)", "vech(S)")
    assert.are.equal("d(S) = unvec(Dup(n)*d(vech(S)), n, n)", derivation[3].rule)
  end)

  sample.whole(it)("is there for every operator that has them", function()
    local decl = "matrix X(m,n), matrix A(k,m), vector b(m), matrix D(n,n) diagonal, matrix L(n,n) lower, vector c(n)"
    for _, case in ipairs {
      { "A*X", "vec(X)", "vec" },
      { "A*X", "vec(X)", "block" },
      { "norm2(X'*b)^2", "vec(X)", "denominator" },
      { "X'*b", "vec(X')", "numerator" },
      { "X'*b", "vec(X)", "mixed" },
      { "c'*inv(D)*c", "diagv(D)", "denominator" },
      { "norm2(L'*c)^2", "vech(L)", "numerator" },
      { "b'*b", "vec(X)", "denominator" },
    } do
      local list = lines(decl, case[1], case[2], { layout = case[3] })
      local answer = session:diff(case[1], case[2], { layout = case[3] }):text()
      assert.are.equal(("D(f, %s) = %s"):format(case[2], answer), list[#list])
    end
  end)
end)

describe("a derivation of second derivatives by coordinates", function()
  it("ends in the Hessian", function()
    for _, case in ipairs {
      { "matrix S(n,n) spd", "logdet(S)", "vech(S)" },
      { "matrix S(n,n) symmetric, matrix A(n,n)", "tr(S*A*S)", "vech(S)" },
      { "matrix X(m,n), matrix A(m,m), matrix B(n,n)", "tr(X'*A*X*B)", "vec(X)" },
      { "matrix S(n,n) spd, vector x(n)", "x'*S*x", "vech(S)", "x" },
      { "matrix S(n,n) spd, vector x(n)", "x'*S*x", "x", "vech(S)" },
      { "matrix L(n,n) lower, vector x(n)", "norm2(L*x)^2", "vech(L)" },
    } do
      local list = hessian_lines(case[1], case[2], case[3], case[4])
      local answer = session:hessian(case[2], case[3], case[4]):text()
      assert.are.equal(("D(D(f, %s), %s) = %s"):format(case[3], case[4] or case[3], answer), list[#list])
    end
  end)
end)

describe("a derivation in a layout of a rule file", function()
  local function last(rules, decl, expr, x, layout)
    local s = assert(nabla.new { rules = rules })
    assert(s:declare(decl))
    local derivation = assert(s:derive(expr, x, { layout = layout }))
    local list = {}
    for i = 1, #derivation do
      list[i] = derivation:line_text(i)
    end
    assert.are.equal("D(f, " .. x .. ") = " .. s:diff(expr, x, { layout = layout }):text(), list[#list])
    return list
  end

  it("reads vech(d(S)) where the layout says so", function()
    local rules = { "examples/courses/luetkepohl.rules" }
    local list = last(rules, "matrix S(n,n) symmetric invertible", "logdet(S)", "S")
    assert.are.equal("d(f) = vec(inv(S))'*Dup(n)*vech(d(S))", list[3])
    list = last(rules, "matrix S(n,n) symmetric invertible", "inv(S)", "S")
    assert.are.equal("vech(d(f)) = -Elim(n)*kron(inv(S), inv(S))*Dup(n)*vech(d(S))", list[3])
  end)

  it("takes the layout's own letters", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write [[
layout own "Own letters"  like mixed
  scalar by vector  d(z) = p'*d(w)       gives  p
  scalar by matrix  d(z) = tr(P'*d(W))   gives  P
  vector by vector  d(z) = Q*d(w)        gives  Q'
]]
    file:close()
    local list = last({ path }, "vector x(n), matrix A(n,n)", "x'*A*x", "x", "own")
    assert.are.equal("d(f) = x'*(A + A')*d(x)", list[#list - 1])
    list = last({ path }, "matrix X(n,n), matrix A(n,n)", "tr(A*X)", "X", "own")
    assert.are.equal("d(f) = tr(A*d(X))", list[#list - 1])
    list = last({ path }, "vector x(n), matrix A(n,n)", "A*x", "x", "own")
    assert.are.equal("d(f) = A*d(x)", list[#list - 1])
    os.remove(path)
  end)
end)

describe("the derivation of a simplified form", function()
  it("names the rules", function()
    session:reset()
    session:declare "matrix Q(n,n) orthogonal, vector x(n), matrix A(n,n)"
    local derivation = session:simplify("Q'*Q*x + A*x", { steps = true })
    assert.are.equal("f = Q'*Q*x + A*x", derivation:line_text(1))
    assert.are.equal("f = x + A*x", derivation:line_text(2))
    assert.are.equal(2, #derivation)
  end)
end)

describe("a second derivative by a scalar", function()
  it("has the shape of the function in every layout", function()
    session:reset()
    assert(session:declare "matrix X(m,n), scalar t")
    for _, layout in ipairs { "numerator", "denominator", "mixed", "vec", "block" } do
      local D = assert(session:derive_hessian("exp(t)*X", "t", nil, { layout = layout }))
      assert.are.equal("D(D(f, t), t) = exp(t)*X", D:line_text(#D))
      assert.are.equal("numerator", D[#D].layout)
      assert.are.equal("the derivative by t, in the shape of f", D:reason(3))
    end
  end)
end)

describe("a quotient in one of several terms", function()
  it("cancels", function()
    local list = lines("vector x(n), vector y(n)", "x'*y/norm2(x)", "x")
    assert.are.equal("d(f) = y'*d(x)/norm2(x) - x'*y*x'*d(x)/norm2(x)^3", list[4])
  end)
end)

describe("the derivation by a projected Toeplitz matrix", function()
  it("divides by the numbers of entries on the diagonals", function()
    session:reset()
    assert(session:declare "matrix T(n,n) toeplitz, matrix A(n,n)")
    local D = assert(session:derive("tr(A*T)", "T", { convention = "projected" }))
    assert.are.equal("D(f, T) = diagonalsums(A')./diagonalsums(ones(n, n))", D:line_text(3))
  end)
end)

describe("a size with the name of an operator", function()
  it("stays a size", function()
    session:reset()
    assert(session:declare "vector m_k(n) for k = 1..K, vector x_i(n) for i = 1..N")
    assert(session:declare "scalar r_ik for i = 1..N, k = 1..K")
    local f = "sum(i = 1..N, sum(k = 1..K, r_ik*norm2(x_i - m_k)^2))"
    local D = assert(session:derive(f, "x_1"))
    assert.are.equal("D(f, x_1) = 2*sum(i = 1..K, r_1i*(x_1 - m_i))", D:line_text(#D))
  end)
end)
