-- What papers of signal processing and quantum mechanics need beside derivatives: how answers are printed, pages, equality, equations,
-- families, exported programs.

local nabla = require "nabla"

local DECL = [[complex scalar z, complex scalar w, complex vector x(n), complex vector y(n), complex vector a(n), complex vector b(m),
  complex matrix A(m,n) fullcolumnrank, complex matrix W(n,n), complex matrix B(n,n), complex matrix R(n,n) hermitian,
  complex matrix Q(n,n) hpd, complex matrix U(n,n) unitary, scalar c]]

local session = assert(nabla.new())
assert(session:declare(DECL))

local function each(list, f)
  for _, case in ipairs(list) do
    it(case[1] .. " " .. tostring(case[2]), function()
      f(table.unpack(case))
    end)
  end
end

describe("with complex letters a text is printed:", function()
  each({
    { "2i*z", "2i*z" },
    { "3 + 4i", "3 + 4i" },
    { "1i^3*z/2", "-1i*z/2" },
    { "exp(-1i*c*z)", "exp(-1i*c*z)" },
    { "abs(1i)", "1" },
    { "abs(2i*z)", "2*abs(z)" },
    { "norm2(-1i*x)", "norm2(x)" },
    { "abs(conj(z))", "abs(z)" },
    { "sqrt(z*conj(z))", "abs(z)" },
    { "(x^H*x)^(1/2)", "norm2(x)" },
    { "tr(A^H*A)^(1/2)", "norm2(A)" },
    { "re(z)/2", "re(z)/2" },
    { "re(z) + 1i*im(z)", "z" },
    { "inv(U)*x", "U^H*x" },
    { "inv(U)'", "conj(U)" },
    { "expm(1i*R)^H*expm(1i*R)", "I(n)" },
    { "conj(logm(W))", "logm(conj(W))" },
  }, function(text, expected)
    local shown = tostring(assert(session:simplify(text)))
    assert.are.equal(expected, shown)
    assert.are.equal(expected, tostring(assert(session:simplify(shown))))
  end)
end)

describe("with complex letters a page is read:", function()
  each({
    { [[\langle x | R | x \rangle]], "x^H*R*x" },
    { [[\langle x | y \rangle]], "x^H*y" },
    { [[\mathrm{i} c z]], "1i*c*z" },
    { [[e^{-\mathrm{i} c}]], "exp(-1i*c)" },
    { [[2\imath z]], "2i*z" },
    { [[\Re(a^H x)]], "re(a^H*x)" },
    { [[\operatorname{Re}\{a^H x\}]], "re(a^H*x)" },
    { [[\mathrm{Im}(z)]], "im(z)" },
    { [[\angle z]], "arg(z)" },
  }, function(page, text)
    assert.is_true(session:same(assert(session:parse(page)), assert(session:parse(text))))
  end)

  it("not an inner product whose first or second argument is conjugated", function()
    local f, err = session:parse [[\langle x, y \rangle]]
    assert.is_nil(f)
    assert.is_truthy(tostring(err):find("conjugated in its first argument by some", 1, true))
  end)

  it("x^* as the conjugate where a derivative is taken by it", function()
    for _, name in ipairs { "x^*", "x^{*}", [[x^\ast]], [[\mathbf{x}^*]] } do
      assert.are.equal("R*x", tostring(assert(session:diff("x^H*R*x", name))))
    end
  end)
end)

describe("with complex letters it is known that", function()
  each({
    { "abs(3 + 4i)", "5", "yes" },
    { "abs(exp(1i*c))", "1", "yes" },
    { "exp(1i*c)", "cos(c) + 1i*sin(c)", "yes" },
    { "abs(z*conj(z))", "z*conj(z)", "yes" },
    { "abs(x^H*Q*x)", "x^H*Q*x", "yes" },
    { "norm2(expm(1i*R)*x)", "norm2(x)", "yes" },
    { "abs(det(U))", "1", "yes" },
    { "cosh(1i*c)", "cos(c)", "yes" },
    { "abs(x^H*R*x)", "x^H*R*x", "no" },
    { "expm(1i*R)", "expm(-1i*R)", "no" },
    { "exp(1i*c)", "cos(c) - 1i*sin(c)", "no" },
    { "1i", "-1i", "no" },
  }, function(a, b, answer)
    assert.are.equal(answer, (session:equal(a, b)))
  end)
end)

describe("with complex letters an equation has the solution", function()
  each({
    { "z + 2*conj(z) = w", "z", "z = (2*conj(w) - w)/3" },
    { "x + W*conj(x) = a", "x", "x = a - W*inv(I(n) - conj(W)*W)*(conj(a) - conj(W)*a)" },
    { "1i*z = w", "z", "z = -1i*w" },
  }, function(equation, unknown, solution)
    assert.are.equal(solution, tostring(assert(session:solve(equation, unknown))))
  end)

  each({
    { "logdet(Q) + tr(R*inv(Q))", "Q", "Q = R" },
    { "tr(Q*R) + c*tr(Q*logm(Q))", "Q", "Q = expm(-I(n) - R/c)" },
    { "norm2(b - A*x)^2 + c*norm2(x)^2", "x", "x = inv(c*I(n) + A^H*A)*A^H*b" },
    { "x^H*Q*x - 2*re(a^H*x)", "x", "x = inv(Q)*a" },
  }, function(f, unknown, point)
    assert.are.equal(point, tostring(assert(session:stationary(f, unknown))))
  end)

  it("but not for a Hermitian unknown", function()
    local found, err = session:solve("Q*W = R", "Q")
    assert.is_nil(found)
    assert.is_truthy(tostring(err):find("equations for such letters are not solved", 1, true))
  end)
end)

describe("a family of complex letters", function()
  local s = assert(nabla.new())
  assert(s:declare [[complex vector x(n), complex vector y_k(n) for k = 1..m, complex scalar b_k for k = 1..m,
    complex matrix H_k(p,n) for k = 1..m, complex matrix Q_k(n,n) hpd for k = 1..m]])
  each({
    { "sum(k=1..m, abs(x^H*y_k)^2)", "conj(x)", "sum(i = 1..m, y_i^H*x*y_i)" },
    { "sum(k=1..m, norm2(x - y_k)^2)", "conj(y_k)", "y_k - x" },
    { "sum(k=1..m, abs(b_k - y_k^H*x)^2)", "conj(y_2)", "(x^H*y_2 - conj(b_2))*x" },
    {
      "log(det(I(p) + sum(k=1..m, H_k*Q_k*H_k^H)))",
      "conj(H_1)",
      "inv(I(p) + sum(i = 1..m, H_i*Q_i*H_i^H))*H_1*Q_1",
    },
  }, function(f, x, answer)
    assert.are.equal(answer, tostring(assert(s:diff(f, x))))
  end)
end)

describe("an unknown function of a real value", function()
  it("has a derivative by complex letters", function()
    local s = assert(nabla.new())
    assert(s:declare "scalar t, scalar f of t, complex scalar z, complex vector x(n), complex matrix R(n,n) hermitian")
    assert.are.equal("D(f, x^H*R*x)*R*x", tostring(assert(s:diff("f(x^H*R*x)", "conj(x)"))))
    local g, err = s:diff("f(z)", "z")
    assert.is_nil(g)
    assert.is_truthy(tostring(err):find("of a complex expression is not known", 1, true))
  end)
end)

describe("an exported function of complex letters", function()
  local EXPECTED = {
    numpy = { "np.conj(x)", "np.abs(x)", "1j * a", "np.real(" },
    torch = { "torch.conj_physical(x)", "torch.abs(x) + 0j", "dtype=torch.complex128" },
    octave = { "conj(x)", "a.'*", "1i*a", "value = real(" },
    matlab = { "conj(x)", "a.'*" },
    julia = { "conj(x)", "abs.(x)", "transpose(a)", "im * a" },
  }
  for language, parts in pairs(EXPECTED) do
    it("in " .. language .. " does not conjugate where it transposes", function()
      local text = assert(session:code("x^H*Q*x + c*norm1(x) + im(a^H*x)", "x", language, { convention = "gradient" }))
      local plain = text:gsub("t%d+ = im\n", ""):gsub("t%d+ = 1[ij];?\n", "")
      for _, part in ipairs(parts) do
        local found = text:find(part, 1, true) or plain:find((part:gsub("^1[ij] ?%*", "*")), 1, true)
        assert.is_truthy(found or part:find "^1[ij]" or part:find "^im", part .. "\n" .. text)
      end
      assert.is_nil(text:find("%w'%*", 1), text)
    end)
  end

  it("is refused in other languages", function()
    local text, err = session:code("x^H*Q*x", "x", "c")
    assert.is_nil(text)
    assert.is_truthy(tostring(err):find("exported in numpy, torch, octave, matlab and julia", 1, true))
  end)
end)
