-- Functions of a square matrix and powers with a symbolic exponent: derivatives, Frechet derivatives, counted sums.
-- Every answer is judged by numbers and must read back to the same node.

local nabla = require "nabla"
local judge = require "spec.judge"
local sample = require "spec.support.sample"

local near = { A = "near_identity", X = "near_identity", B = "near_identity" }

-- What a line such as "matrix X(n,n), scalar t" declares, as the judge takes it.
local function list(decl)
  local out = {}
  for one in
    (decl:gsub("%b()", function(sizes)
      return (sizes:gsub(",", "\1"))
    end) .. ","):gmatch "%s*(.-)%s*,"
  do
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
    for _, row in ipairs(sample.of(rows)) do
      local decl, expr, wrt, layout, expected = table.unpack(row, 1, 5)
      local name = string.format("differentiates %s by %s, %s", expr, wrt, layout)
      it(expected and name .. ": " .. expected or name, function()
        local case =
          { decl = decl, expr = expr, wrt = wrt, layout = layout, domain = row.domain, op = row.op }
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
  { tAB .. ", scalar k", "expm(t*A)^k", "t", "numerator", "k*A*expm(k*t*A)" },
  { tAB, "expm(t*A + B)", "t", "numerator", "frechet(expm, t*A + B, A)" },
  { tAB, "expm(t*A + t^2*B)", "t", "numerator", "frechet(expm, t*A + t^2*B, A + 2*t*B)" },
  { tAB, "sinm(t*A)", "t", "numerator", "A*cosm(t*A)" },
  { tAB, "cosm(t*A)", "t", "numerator", "-A*sinm(t*A)" },
  { tAB, "sinm(t*A + B)", "t", "numerator", "frechet(sinm, t*A + B, A)" },
  { tAB, "cosm(B - t*A)'", "t", "numerator" },
  {
    tAB,
    "logm(A + t*B)",
    "t",
    "numerator",
    "frechet(logm, A + t*B, B)",
    domain = { A = "near_identity", t = "small", B = "small" },
  },
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
  { X, "expm(X)", "X", "block" },
  { XAB, "A*expm(X*B)", "X", "block_t" },
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
  local decl =
    { "matrix X(n,n)", "matrix Y(n,n)", "matrix S(n,n) symmetric", "vector v(n)", "scalar a", "scalar b" }
  for _, pair in ipairs(sample.of(same)) do
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
  for _, pair in ipairs(sample.of(different)) do
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
  for _, pair in ipairs(sample.of(yes)) do
    it(string.format("are seen to commute: %s, %s", pair[1], pair[2]), function()
      for i = 1, 2 do
        local text = string.format("commutator(%s, %s)", pair[i], pair[3 - i])
        assert.matches("^zeros", tostring(assert(s:parse(text))))
      end
    end)
  end
  for _, pair in ipairs(sample.of(no)) do
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
    local direction = s:parse "H"
    assert.is_true(nabla.frechet("expm", s:parse "X", direction) == s:parse "frechet(expm, X, H)")
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

  it("is that of the function itself", function()
    for name in ("expm logm sqrtm sinm cosm"):gmatch "%a+" do
      local expected = ("frechet(%s, X, d(X))"):format(name)
      assert.are.equal(expected, tostring(s:differential(("%s(X)"):format(name))))
    end
  end)

  it("has a derivative by its matrix, which has none", function()
    local g = assert(s:diff("tr(H*frechet(expm, X, H))", "X", { layout = "denominator" }))
    assert.are.equal("frechetn(expm, X, H, 2)'", tostring(g))
    local other = assert(s:diff("tr(Y*frechet(expm, X, H))", "X"))
    local none, err = s:diff("tr(H*" .. tostring(other) .. ")", "X")
    assert.is_nil(none)
    assert.matches("the derivative of a mixed Frechet derivative has no closed form", err.message, 1, true)
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

  it("in the direction I stands for the derivative that a function does not say", function()
    local t = nabla.new { layout = "numerator" }
    assert(t:rule [[
      operator sinhm(A(n,n)): matrix (n,n)   matrixfunction
      let matrix X(n,n)
      rule "hyperbolic sine"  d(sinhm(X)) -> frechet(sinhm, X, d(X))
    ]])
    t:declare "matrix X(n,n), matrix B(n,n), scalar t"
    assert.are.equal("frechet(sinhm, t*B, I(n))*B", tostring(t:diff("sinhm(t*B)", "t")))
    assert.are.equal("frechet(sinhm, X, I(n))", tostring(t:diff("tr(sinhm(X))", "X")))
    assert.are.equal("tr(B*frechet(sinhm, X, I(n))*X^3)", tostring(t:parse "tr(X*frechet(sinhm,X,B)*X^2)"))
    assert.are.equal("tr(X*frechet(sinhm, X, I(n)))", tostring(t:parse "tr(frechet(sinhm,X,X))"))
  end)
end)

local Xk = "matrix X(n,n), matrix A(n,n), matrix B(n,n), scalar k"
local Xab = "matrix X(n,n), vector a(n), vector b(n), scalar k"
local tk = "scalar t, matrix A(n,n), matrix B(n,n), matrix U(n,n) of t, scalar k"
local xk = "vector x(n), matrix A(n,n), vector a(n), scalar k"

describe_table("a power with a symbolic exponent", {
  { Xk, "tr(X^k)", "X", "denominator", "k*X'^(k - 1)" },
  { Xk, "tr(X^k)", "X", "numerator", "k*X^(k - 1)" },
  { Xk, "tr(X^(k+1))", "X", "numerator" },
  { Xk, "tr(X^(2*k))", "X", "numerator" },
  { Xk, "tr(X^(-k))", "X", "numerator", domain = near },
  { X, "tr(X^n)", "X", "numerator", "n*X^(n - 1)" },
  { Xk, "tr(A*X^k)", "X", "numerator", "sum(i = 0..k - 1, X^(k - 1 - i)*A*X^i)" },
  { Xk, "tr(A*X^(-k)*B)", "X", "denominator", domain = near },
  { Xk, "tr((A*X*B)^k)", "X", "numerator" },
  { Xk, "tr(A*(X'*X)^k)", "X", "denominator" },
  { Xk, "tr(A*(X + B)^k)", "X", "denominator" },
  { Xk, "tr(A*X^k*B*X^k)", "X", "denominator" },
  { Xk, "tr(A*X^k*B*X'^(k+1))", "X", "denominator" },
  { Xk, "tr(X^k)*tr(A*X^k)", "X", "denominator" },
  { Xk, "tr(A*expm(X^k))", "X", "denominator" },
  { Xk, "tr(X^2*X^k*inv(X))", "X", "denominator" },
  { Xk, "det(X^k)", "X", "denominator", "k*det(X)^k*inv(X)'" },
  { Xk, "logdet(X^k)", "X", "denominator", "k*inv(X)'" },
  { Xab, "a'*X^k*b", "X", "denominator", "sum(i = 0..k - 1, X^(k - 1 - i)*b*a'*X^i)'" },
  { Xab, "a'*X^k*b", "X", "numerator", "sum(i = 0..k - 1, X^(k - 1 - i)*b*a'*X^i)" },
  { Xab, "a'*X'^k*X^k*b", "X", "denominator" },
  { Xab, "X^k*b", "X", "vec" },
  { Xk, "X^k", "X", "vec", "sum(i = 0..k - 1, kron(X'^(k - 1 - i), X^i))" },
  { Xk, "X^(-k)", "X", "vec", domain = near },
  { Xk, "A*X^k*B", "X", "vec" },
  { Xk, "X'^k", "X", "vec" },
  { Xk, "X^k", "X", "block", "sum(i = 0..k - 1, vec(X^i)*vec(X'^(k - 1 - i))')" },
  { Xk, "A*X^k*B", "X", "block" },
  { Xk, "A*X^k", "X", "block_f" },
  { Xk, "X'^k", "X", "block_t" },
  { Xab, "X^k*a", "X", "block" },
  { tk, "(t*A)^k", "t", "numerator", "k*t^(k - 1)*A^k" },
  { tk, "(t*A + t*B)^k", "t", "numerator", "k*(t*A + t*B)^(k - 1)*(A + B)" },
  { tk, "(t*A + B)^k", "t", "numerator", "sum(i = 0..k - 1, (t*A + B)^i*A*(t*A + B)^(k - 1 - i))" },
  { tk, "(t*A + B)^(-k)", "t", "denominator", domain = { A = "small", B = "near_identity", t = "small" } },
  { tk, "U(t)^k", "t", "numerator", "sum(i = 0..k - 1, U(t)^i*D(U, t)*U(t)^(k - 1 - i))" },
  { tk, "tr(U(t)^k)", "t", "numerator", "k*tr(D(U, t)*U(t)^(k - 1))" },
  { tk, "tr(B*U(t)^k)", "t", "numerator" },
  { tk, "A^t", "t", "numerator", "A^t*logm(A)", domain = { A = "near_identity", t = "positive" } },
  { tk, "t^k*A^k", "t", "numerator", "k*t^(k - 1)*A^k" },
  { xk, "x'*A^k*x", "x", "numerator", "x'*(A^k + A'^k)" },
  { xk, "A^k*x", "x", "numerator", "A^k" },
  { xk, "tr((diag(x)*A)^k)", "x", "denominator" },
  { xk, "a'*(x*a' + A)^k*x", "x", "denominator" },
  { xk, "sum(x.^k)", "x", "denominator", "k*x.^(k - 1)", domain = { x = "positive" } },
  { xk, "(a'*x)^k", "x", "denominator" },
  { Xk, "sum(i = 0..k, tr(A*X^i))", "X", "numerator" },
  { Xk, "sum(i = 0..k, sum(j = 0..i, tr(A*X^i*B*X^j)))", "X", "numerator" },
  { Xk, "sum(i = 0..k, tr(A*(A + X^i)^k))", "X", "numerator" },
  { Xk, "tr(A*(A + X^k)^k)", "X", "numerator" },
  { Xk, "A*sum(i = 0..k, X^i)*B", "X", "vec" },
  { Xk, "tr((sum(i = 0..k, X^i))^2)", "X", "denominator" },
  { tk, "sum(i = 1..k, t^i*A^i)", "t", "numerator" },
  { tk, "sum(i = 1..k, i*t*A^i)*B", "t", "denominator" },
  { xk, "sum(i = 1..k, a'*A^i*x)", "x", "denominator" },
  { Xk, "tr(X^k)", "X", "denominator", op = "hessian" },
})

describe("a power with a large exponent", function()
  local s = nabla.new()
  s:declare "matrix X(n,n), matrix A(n,n)"

  for text, gradient in pairs {
    ["tr(X^1000000000)"] = "1000000000*X'^999999999",
    ["tr(X^10001)"] = "10001*X'^10000",
    ["tr(X^10000)"] = "10000*X'^9999",
    ["tr(A*X^1000000000)"] = "sum(i = 0..999999999, X^(999999999 - i)*A*X^i)'",
    ["tr(X^(-1000000000))"] = "-1000000000*X'^-1000000001",
  } do
    it("is differentiated: " .. text, function()
      assert.are.equal(gradient, tostring(assert(s:diff(text, "X"))))
    end)
  end

  for typed, printed in pairs {
    ["sum(i = 1..1000000, X^i)"] = "sum(i = 1..1000000, X^i)",
    ["sum(i = 1..1000000, 2*A)"] = "2000000*A",
    ["sum(i = -9223372036854775807..9223372036854775807, A)"] = "18446744073709551615*A",
    ["tr(sum(i = 0..99999, X^i*A*X^(99999-i)))"] = "100000*tr(A*X^99999)",
  } do
    it("and a counted sum of so many terms are not written out: " .. typed, function()
      local f = assert(s:parse(typed))
      assert.are.equal(printed, tostring(f))
      assert.is_true(s:parse(printed) == f)
    end)
  end
end)

describe("a counted sum", function()
  local s = nabla.new()
  s:declare "matrix X(n,n), matrix A(n,n), matrix B(n,n), scalar k, scalar i, scalar j, scalar c"

  local texts = { -- what is typed, what is printed
    { "sum(r = 0..k-1, X^r*A*X^(k-1-r))", "i*sum(j = 0..k - 1, X^j*A*X^(k - 1 - j))", times = "i" },
    { "sum(i = 0..k-1, X^i*A)", "sum(i = 0..k - 1, X^i)*A" },
    { "sum(i = 0..k-1, 2*c*A*X^i*B)", "2*c*A*sum(i = 0..k - 1, X^i)*B" },
    { "sum(i = 0..k-1, c)", "c*k" },
    { "sum(i = 1..k, A)", "k*A" },
    { "sum(i = 1..3, X^i)", "X + X^2 + X^3" },
    { "sum(i = k..k, X^i)", "X^k" },
    { "sum(i = 1..0, X^i)", "zeros(n, n)" },
    { "sum(i = k..k-1, X^i)", "zeros(n, n)" },
    { "sum(i = 0..k, sum(i = 0..k, X^i))", "(1 + k)*sum(i = 0..k, X^i)" },
    { "sum(i = 0..k, sum(j = 0..i, X^(i+j)))", "sum(i = 0..k, sum(j = 0..i, X^(j + i)))" },
    { "tr(sum(i = 0..k, X^i*A*X^(k-i)))", "(1 + k)*tr(A*X^k)" },
  }
  for _, pair in ipairs(texts) do
    local typed = pair.times and pair[1] .. "*" .. pair.times or pair[1]
    it(string.format("prints %s for %s", pair[2], typed), function()
      local f = assert(s:parse(typed))
      local text = tostring(f)
      assert.is_true(assert(s:parse(text)) == f, "reads back differently: " .. text)
      assert.is_true(assert(s:parse(f:unicode())) == f, "reads back differently: " .. f:unicode())
      local decl =
        { "matrix X(n,n)", "matrix A(n,n)", "matrix B(n,n)", "scalar k", "scalar i", "scalar j", "scalar c" }
      local ok, message = judge.same(typed, text, decl)
      assert.is_true(ok, message)
      assert.are.equal(pair[2], text)
    end)
  end

  it("is one node whatever its counter is called", function()
    assert.is_true(s:parse "sum(r = 0..k, X^r*A*X^r)" == s:parse "sum(q = 0..k, X^q*A*X^q)")
  end)

  it("prints in LaTeX", function()
    assert.are.equal(
      "\\sum_{i = 0}^{k - 1} \\mathbf{X}^{i} \\mathbf{A} \\mathbf{X}^{k - 1 - i}",
      s:parse("sum(r = 0..k-1, X^r*A*X^(k-1-r))"):latex()
    )
    assert.are.equal(
      "\\sum_{j = 0}^{k} \\left(\\mathbf{X}^{j} + i \\mathbf{A}^{j}\\right)",
      s:parse("sum(r = 0..k, X^r + i*A^r)"):latex()
    )
  end)

  it("has the value of the sum written out", function()
    for _, expr in ipairs { "tr(A*X^k)", "tr(A*(A + X^k)^k)", "tr(A*X^(-k))" } do
      local g = assert(s:diff(expr, "X"))
      for value = 1, 4 do
        local given = g:replace(s:parse "k", s:parse(tostring(value)))
        local direct =
          assert(s:diff(assert(s:parse(expr)):replace(s:parse "k", s:parse(tostring(value))), "X"))
        local ok, message = judge.same(
          tostring(given),
          tostring(direct),
          { "matrix X(n,n)", "matrix A(n,n)" },
          { domain = near }
        )
        assert.is_true(ok, message)
      end
    end
  end)

  it("cannot stand on the left side of a rule", function()
    local ok, err = s:rule [[
      let scalar p, matrix M(n,n)
      rule "mine"  sum(i = 0..p, M^i) -> M
    ]]
    assert.is_nil(ok)
    assert.are.equal("a counted sum cannot stand on the left side of a rule", err.message)
  end)

  local whole = "no rule for d(A^k): the exponent of a matrix that does not commute with its differential must be a "
    .. "whole number, or names that stand for one, and not depend on the variable"
  for expr, message in pairs {
    ["tr(X^c)*tr(A^(1/2*c))"] = false,
    ["tr(A*X^(c/2))"] = whole,
    ["tr(A*X^tr(X))"] = whole,
    ["tr(A*X^tr(A))"] = whole,
    ["sum(i = 1..tr(X), c^i)"] = "no derivative of a counted sum by its number of terms",
  } do
    it((message and "refuses the derivative of " or "differentiates ") .. expr, function()
      local g, err = s:diff(expr, "X")
      if message then
        assert.is_nil(g, tostring(g))
        assert.is_truthy(err.message:find(message, 1, true), err.message)
      else
        assert.is_truthy(g, err)
      end
    end)
  end
end)
