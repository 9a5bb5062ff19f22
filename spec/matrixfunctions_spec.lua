-- Functions of a square matrix and powers with a symbolic exponent: derivatives, Frechet derivatives, counted sums.
-- Every answer is judged by numbers and must read back to the same node.

local nabla = require "nabla"
local judge = require "spec.support.judge"

local near = { A = "near_identity", X = "near_identity", B = "near_identity" }

-- What a line such as "matrix X(n,n), scalar t" declares, as the judge takes it.
local function list(decl)
  local out = {}
  for one in (decl:gsub("%b()", function(sizes)
    return (sizes:gsub(",", "\1"))
  end) .. ","):gmatch "%s*(.-)%s*," do
    out[#out + 1] = (one:gsub("\1", ","))
  end
  return out
end

-- The answer of nabla, judged; its text.
local function answer(case)
  local layout = case.layout or "numerator"
  local s = nabla.new { layout = layout }
  assert(s:declare(case.decl))
  local f = assert(s:parse(case.expr))
  local g
  if case.op == "hessian" then
    g = assert(s:hessian(f, case.wrt))
  else
    g = assert(s:diff(f, case.wrt))
  end
  local text = tostring(g)
  assert.is_true(assert(s:parse(text)) == g, "reads back differently: " .. text)
  assert.is_true(assert(s:parse(g:unicode())) == g, "reads back differently: " .. g:unicode())
  local ok, message = judge.check {
    decl = list(case.decl),
    expr = case.expr,
    wrt = case.wrt,
    layout = layout,
    op = case.op,
    domain = case.domain,
    answer = text,
  }
  assert.is_true(ok, string.format("%s by %s: %s: %s", case.expr, case.wrt, text, message))
  return text
end

-- decl, then lines expr, wrt, layout, answer (nil: only judged).
local function describe_table(title, rows)
  describe(title, function()
    for _, row in ipairs(rows) do
      local decl, expr, wrt, layout, expected = table.unpack(row, 1, 5)
      local name = string.format("differentiates %s by %s, %s", expr, wrt, layout)
      it(expected and name .. ": " .. expected or name, function()
        local case = { decl = decl, expr = expr, wrt = wrt, layout = layout, domain = row.domain, op = row.op }
        local text = answer(case)
        if expected then
          assert.are.equal(expected, text)
        end
      end)
    end
  end)
end

local tAB = "scalar t, matrix A(n,n), matrix B(n,n)"
local X = "matrix X(n,n)"
local XAB = "matrix X(n,n), matrix A(n,n), matrix B(n,n)"
local U = "scalar t, matrix B(n,n), matrix U(n,n) of t"

describe_table("a matrix function of a scalar", {
  { tAB, "expm(t*A)", "t", "numerator", "A*expm(t*A)" },
  { tAB, "expm(t*A + t*B)", "t", "numerator", "expm(t*A + t*B)*(A + B)" },
  { tAB, "expm(t*(A + B))", "t", "numerator", "(A + B)*expm(t*(A + B))" },
  { tAB, "expm(t*A*B)", "t", "numerator", "expm(t*A*B)*A*B" },
  { tAB, "expm(I(n) + t*A + t^2*A^2)", "t", "numerator" },
  { tAB, "expm(t*A)*B", "t", "numerator", "A*expm(t*A)*B" },
  { tAB, "expm(t*A)*expm(t*B)", "t", "numerator" },
  { tAB, "expm(t*A + B)", "t", "numerator", "frechet(expm, t*A + B, A)" },
  { tAB, "expm(t*A + t^2*B)", "t", "numerator", "frechet(expm, t*A + t^2*B, A + 2*t*B)" },
  { tAB, "sinm(t*A)", "t", "numerator", "A*cosm(t*A)" },
  { tAB, "cosm(t*A)", "t", "numerator", "-A*sinm(t*A)" },
  { tAB, "sinm(t*A + B)", "t", "numerator", "frechet(sinm, t*A + B, A)" },
  { tAB, "cosm(B - t*A)'", "t", "numerator" },
  { tAB, "logm(A + t*B)", "t", "numerator", "frechet(logm, A + t*B, B)", domain = { A = "near_identity", t = "small", B = "small" } },
  { tAB, "logm(t*A)", "t", "numerator", domain = { A = "near_identity", t = "positive" } },
  { tAB, "sqrtm(t*A)", "t", "numerator", domain = { A = "near_identity", t = "positive" } },
  { tAB, "sqrtm(A*A + t*B)", "t", "numerator", domain = { A = "near_identity", t = "small", B = "small" } },
  { tAB, "expm(sinm(t*A + B))", "t", "numerator" },
  { tAB, "expm(t*A*B)*A*B", "t", "numerator" },
  { U, "expm(U(t))", "t", "numerator", "frechet(expm, U(t), D(U, t))" },
  { U, "expm(U(t))", "t", "denominator" },
  { U, "expm(U(t))", "t", "vec" },
  { U, "tr(expm(U(t)))", "t", "numerator", "tr(D(U, t)*expm(U(t)))" },
  { U, "tr(B*expm(U(t)))", "t", "numerator" },
  { U, "tr(U(t)^2*expm(U(t))*U(t))", "t", "numerator" },
  { U, "det(expm(U(t)))", "t", "numerator", "tr(D(U, t))*exp(tr(U(t)))" },
})

describe_table("a matrix function in a trace", {
  { X, "tr(expm(X))", "X", "denominator", "expm(X)'" },
  { X, "tr(sinm(X))", "X", "denominator", "cosm(X)'" },
  { X, "tr(cosm(X))", "X", "numerator", "-sinm(X)" },
  { X, "tr(logm(X))", "X", "denominator", "inv(X)'", domain = near },
  { X, "tr(sqrtm(X))", "X", "denominator", "inv(sqrtm(X))'/2", domain = near },
  { X, "tr(X*expm(X))", "X", "numerator", "expm(X) + X*expm(X)" },
  { X, "tr(expm(X)*X^2)", "X", "numerator" },
  { X, "tr(expm(X)*sinm(X)*inv(X))", "X", "numerator", domain = near },
  { X, "tr(X*expm(X)*X')", "X", "denominator" },
  { X, "tr(expm(X)*expm(X'))", "X", "denominator" },
  { X, "tr(sinm(X'))", "X", "denominator", "cosm(X)'" },
  { X, "tr(expm(X)^2)", "X", "denominator" },
  { X, "tr(expm(X^2))", "X", "denominator" },
  { X, "tr(expm(inv(X)))", "X", "denominator", domain = near },
  { X, "tr(sqrtm(X)*X)", "X", "denominator", domain = near },
  { X, "tr(X*logm(X))", "X", "denominator", domain = near },
  { X, "logdet(expm(X) + I(n))", "X", "denominator" },
  { XAB, "tr(A*expm(X))", "X", "denominator", "frechet(expm, X, A)'" },
  { XAB, "tr(A*expm(X)*B)", "X", "numerator", "frechet(expm, X, B*A)" },
  { XAB, "tr(A*expm(X)*B*sinm(X))", "X", "numerator" },
  { XAB, "tr(A*expm(X*B))", "X", "numerator", "B*frechet(expm, X*B, A)" },
  { XAB, "tr(expm(A*X*B))", "X", "numerator", "B*expm(A*X*B)*A" },
  { XAB, "tr(A*logm(X))", "X", "numerator", "frechet(logm, X, A)", domain = near },
  { XAB, "tr(A*sqrtm(X)*B)", "X", "numerator", "frechet(sqrtm, X, B*A)", domain = near },
  { XAB, "tr(A*cosm(X'))", "X", "denominator" },
  { XAB, "tr(A*frechet(expm, B, X))", "X", "numerator", "frechet(expm, B, A)" },
  { XAB, "tr(A*frechet(expm, B, X)*X)", "X", "numerator" },
  { XAB, "tr(A*expm(logm(X)))", "X", "denominator", "A'", domain = near },
  { XAB, "tr(A*logm(expm(X)))", "X", "denominator", domain = { X = "small" } },
  { "matrix X(n,n) symmetric, matrix A(n,n)", "tr(A*expm(X))", "X", "numerator" },
  { "matrix X(n,n), matrix A(n,n) symmetric, vector a(n)", "a'*expm(X*A)*a", "X", "denominator" },
  { "vector x(n), matrix A(n,n), matrix B(n,n)", "tr(B*expm(diag(x)*A))", "x", "denominator" },
  { "vector x(n), matrix A(n,n)", "tr(expm(diag(x)*A))", "x", "denominator" },
  { "vector x(n), matrix A(n,n)", "tr(expm(diag(x)))", "x", "denominator", "exp(x)" },
  { "vector x(n), matrix A(n,n)", "tr(A*expm(x*x'))", "x", "denominator" },
  { "vector x(n), vector a(n), matrix A(n,n)", "tr(expm(a'*x*A))", "x", "denominator" },
  { "matrix X(m,n), matrix A(m,m)", "tr(A*expm(X*X'))", "X", "denominator" },
  { "matrix X(m,n)", "tr(expm(X'*X))", "X", "denominator" },
})

describe_table("a matrix function by a vector or a matrix", {
  { X, "expm(X)", "X", "vec", "frechetmatrix(expm, X)" },
  { X, "expm(X')", "X", "vec" },
  { XAB, "A*expm(X)*B", "X", "vec" },
  { X, "logm(X)", "X", "vec", "frechetmatrix(logm, X)", domain = near },
  { X, "sqrtm(X)", "X", "vec", "frechetmatrix(sqrtm, X)", domain = near },
  { XAB, "sinm(A*X*B)", "X", "vec" },
  { "vector x(n), vector a(n), matrix A(n,n)", "expm(a'*x*A)*a", "x", "numerator" },
  { "vector x(n), vector a(n), matrix A(n,n)", "expm(diag(x)*A)*a", "x", "numerator" },
  { "vector x(n), vector a(n), matrix A(n,n)", "expm(A)*x", "x", "numerator", "expm(A)" },
  { X, "tr(expm(X))", "X", "numerator", "K(n, n)*frechetmatrix(expm, X)", op = "hessian" },
})

describe("the algebra of matrix functions", function()
  local s = nabla.new()
  s:declare "matrix X(n,n), matrix Y(n,n), matrix S(n,n) symmetric, vector v(n), scalar a, scalar b"

  local same = {
    { "expm(X)*expm(-X)", "I(n)" },
    { "inv(expm(X))", "expm(-X)" },
    { "expm(a*X)*expm(b*X)", "expm(a*X + b*X)" },
    { "expm(X)^3", "expm(3*X)" },
    { "expm(zeros(n,n))", "I(n)" },
    { "det(expm(X))", "exp(tr(X))" },
    { "logdet(expm(X))", "tr(X)" },
    { "expm(diag(v))", "diag(exp(v))" },
    { "sinm(diag(v))", "diag(sin(v))" },
    { "expm(X)'", "expm(X')" },
    { "sqrtm(X')'", "sqrtm(X)", near },
    { "sqrtm(X)*sqrtm(X)", "X", near },
    { "sqrtm(X)*X*sqrtm(X)", "X^2", near },
    { "inv(sqrtm(X)*sqrtm(X))", "inv(X)", near },
    { "sqrtm(4*X)", "2*sqrtm(X)", near },
    { "sqrtm(inv(X))", "inv(sqrtm(X))", near },
    { "logdet(sqrtm(X))", "logdet(X)/2", near },
    { "det(sqrtm(X))", "sqrt(det(X))", near },
    { "expm(logm(X))", "X", near },
    { "logm(inv(X))", "-logm(X)", near },
    { "logm(sqrtm(X))", "logm(X)/2", near },
    { "tr(logm(X))", "logdet(X)", near },
    { "frechet(expm, X, I(n))", "expm(X)" },
    { "frechet(expm, X, X)", "expm(X)*X" },
    { "frechet(expm, X, X^2*expm(X))", "expm(X)*X^2*expm(X)" },
    { "frechet(expm, X, 2*X + a*X^3)", "expm(X)*(2*X + a*X^3)" },
    { "frechet(sinm, a*X, X)", "cosm(a*X)*X" },
    { "frechet(cosm, X, inv(X))", "-sinm(X)*inv(X)" },
    { "frechet(logm, X, X)", "I(n)", near },
    { "frechet(sqrtm, X, X)", "sqrtm(X)/2", near },
    { "frechet(expm, X, Y)'", "frechet(expm, X', Y')" },
    { "frechet(expm, X, 2*a*Y)", "2*a*frechet(expm, X, Y)" },
    { "frechet(expm, X, zeros(n,n))", "zeros(n,n)" },
    { "frechetmatrix(expm, X)'", "frechetmatrix(expm, X')" },
    { "frechetmatrix(expm, X)*vec(Y)", "vec(frechet(expm, X, Y))" },
    { "tr(Y*frechet(expm, X, X'))", "tr(X'*frechet(expm, X, Y))" },
  }
  local decl = { "matrix X(n,n)", "matrix Y(n,n)", "matrix S(n,n) symmetric", "vector v(n)", "scalar a", "scalar b" }
  for _, pair in ipairs(same) do
    local left, right, domain = pair[1], pair[2], pair[3]
    it(string.format("has %s equal to %s", left, right), function()
      if not left:find "^tr%(Y" then
        assert.is_true(assert(s:parse(left)) == assert(s:parse(right)), tostring(s:parse(left)))
      end
      local ok, message = judge.same(left, right, decl, { domain = domain, tolerance = 1e-7 })
      assert.is_true(ok, message)
    end)
  end

  local different = {
    { "expm(X)*expm(Y)", "expm(X + Y)" },
    { "logm(expm(X))", "X" },
    { "sqrtm(X^2)", "X" },
    { "sqrtm(a*X)", "sqrt(a)*sqrtm(X)" },
    { "frechet(expm, X, Y)", "expm(X)*Y" },
    { "frechet(expm, X, X')", "expm(X)*X'" },
    { "expm(X*Y)*X", "X*expm(X*Y)" },
    { "expm(X)^(1/2)", "expm(X/2)" },
  }
  for _, pair in ipairs(different) do
    it(string.format("keeps %s apart from %s", pair[1], pair[2]), function()
      assert.is_false(assert(s:parse(pair[1])) == assert(s:parse(pair[2])))
    end)
  end

  it("uses that a function of a symmetric matrix is symmetric", function()
    assert.are.equal("expm(S)", tostring(s:simplify "expm(S)'"))
  end)
end)

describe("two matrices", function()
  local s = nabla.new()
  s:rule [[
    operator commutator(A(n,n), B(n,n)): matrix (n,n)
    let matrix A(n,n), matrix B(n,n)
    rule "they commute"  commutator(A, B) -> zeros(n,n)   if commutes(A, B)
  ]]
  s:declare "matrix X(n,n), matrix Y(n,n), scalar a, scalar b, vector u(n), vector v(n), scalar t, matrix U(n,n) of t"
  local yes = {
    { "X", "X" },
    { "X", "a*X^3" },
    { "inv(X)", "expm(a*X)*sinm(X)" },
    { "X + X^2", "I(n) + expm(X)" },
    { "X*Y", "X*Y*X*Y" },
    { "expm(X*Y)", "(X*Y)^3 + a*I(n)" },
    { "a*X + a*Y", "b*X + b*Y" },
    { "I(n) + a*X + a*Y", "X + Y + (X + Y)^2" },
    { "expm(X + Y)", "inv(X + Y)" },
    { "diag(u)", "diag(v)" },
    { "kron(X, I(n))", "kron(I(n), Y)" },
    { "U(t)", "expm(U(t))" },
  }
  local no = {
    { "X", "Y" },
    { "X", "X'" },
    { "X*Y", "Y*X" },
    { "expm(X)", "expm(Y)" },
    { "X + Y", "X - Y" },
    { "X + a*Y", "X + b*Y" },
    { "I(n) + X + Y", "X" },
    { "expm(X*Y)", "X" },
    { "U(t)", "D(U, t)" },
    { "diag(u)", "X" },
  }
  for _, pair in ipairs(yes) do
    it(string.format("are seen to commute: %s, %s", pair[1], pair[2]), function()
      for i = 1, 2 do
        local text = string.format("commutator(%s, %s)", pair[i], pair[3 - i])
        assert.matches("^zeros", tostring(assert(s:parse(text))))
      end
    end)
  end
  for _, pair in ipairs(no) do
    it(string.format("are not taken to commute: %s, %s", pair[1], pair[2]), function()
      for i = 1, 2 do
        local text = string.format("commutator(%s, %s)", pair[i], pair[3 - i])
        assert.matches("^commutator", tostring(assert(s:parse(text))))
      end
    end)
  end
end)

describe("a Frechet derivative", function()
  local s = nabla.new()
  s:declare "matrix X(n,n), matrix H(n,n)"

  it("prints", function()
    local f = assert(s:parse "frechet(expm, X, H)'")
    assert.are.equal("frechet(expm, X, H)'", tostring(f))
    assert.are.equal("frechet(expm, X, H)ᵀ", f:unicode())
    local L = "L_{\\operatorname{expm}}\\left(\\mathbf{X}, \\mathbf{H}\\right)"
    assert.are.equal(L, s:parse("frechet(expm, X, H)"):latex())
    assert.are.equal(
      "K_{\\operatorname{sinm}}\\left(\\mathbf{X}\\right)",
      s:parse("frechetmatrix(sinm, X)"):latex()
    )
  end)

  it("is made in Lua", function()
    local X, H = s:parse "X", s:parse "H"
    assert.is_true(nabla.frechet("expm", X, H) == s:parse "frechet(expm, X, H)")
  end)

  for text, message in pairs {
    ["frechet(exp, X, H)"] = "argument 1 of frechet must be the name of a matrix function",
    ["frechet(X, X, H)"] = "argument 1 of frechet must be the name of a matrix function",
    ["frechet(2, X, H)"] = "argument 1 of frechet must be the name of a matrix function",
    ["frechet(expm, X)"] = "frechet takes 3 arguments, found 2",
  } do
    it("refuses " .. text, function()
      local f, err = s:parse(text)
      assert.is_nil(f)
      assert.are.equal(message, err.message)
    end)
  end

  it("has no derivative by its matrix", function()
    local g, err = s:diff("tr(H*frechet(expm, X, H))", "X")
    assert.is_nil(g)
    assert.are.equal(
      "no rule for d(frechet(..)): the derivative of a Frechet derivative by its matrix has no closed form in this notation",
      err.message
    )
  end)

  it("comes with a matrix function of a rule file", function()
    local t = nabla.new { layout = "numerator" }
    assert(t:rule [[
      operator sinhm(A(n,n)): matrix (n,n)   matrixfunction
      let matrix X(n,n), matrix H(n,n)
      rule "hyperbolic sine"  d(sinhm(X)) -> frechet(sinhm, X, d(X))
      rule "hyperbolic sine, commuting"  frechet(sinhm, X, H) -> (expm(X) + expm(-X))*H/2   if commutes(X, H)
        terminating
    ]])
    t:declare "matrix X(n,n), matrix B(n,n)"
    assert.are.equal("sinhm(X)'", tostring(t:parse "sinhm(X')"))
    assert.are.equal("frechet(sinhm, X, B)", tostring(t:diff("tr(B*sinhm(X))", "X")))
    assert.are.equal("(expm(X) + expm(-X))/2", tostring(t:diff("tr(sinhm(X))", "X")))
    assert.are.equal("frechetmatrix(sinhm, X)", tostring(t:diff("sinhm(X)", "X", { layout = "vec" })))
  end)
end)
