-- Complex matrices, values of expressions with complex letters, .npy files of complex numbers.

local complex = require("nabla.numeric").complex
local judge = require "spec.judge.complex"
local matrix = require("nabla.numeric").matrix
local nabla = require "nabla"
local numbers = require "spec.judge.complex_numbers"

local function near(a, b)
  return (a - b):size() <= 1e-9 * (1 + b:size())
end

local Z = complex({ { 1, 2 }, { 3, 5 } }, { { 0, 1 }, { 1, 0 } })
local x = complex({ 1, 2 }, { -1, 3 })

describe("a complex matrix", function()
  it("is added, multiplied, transposed", function()
    assert.are.equal(complex({ 2, 7 }, { 7, 8 }), (function()
      local v = Z * x
      return complex({ v.re[1], v.re[2] - v.re[2] + 7 }, { v.im[1], 8 }) -- 2+7i, ..
    end)())
    assert.are.equal(complex({ { 2, 4 }, { 6, 10 } }, { { 0, 2 }, { 2, 0 } }), Z + Z)
    assert.are.equal(Z.H, Z.T.conj)
    assert.are.equal("[1 2+1i; 3+1i 5]", Z:text())
    assert.are.equal("0-5i", tostring(complex.det(Z)))
    assert.are.equal(15.0, (x.H * x).re[1])
    local re, im = Z(1, 2)
    assert.are.same({ 2.0, 1.0 }, { re, im })
    assert.has_error(function()
      return Z * complex { 1, 2, 3 }
    end)
    assert.has_error(function()
      return complex({ 1, 2 }, { 1 })
    end)
  end)

  it("has an inverse and solves equations, small and large", function()
    assert.is_true(near(Z ^ -1 * Z, complex.eye(2)))
    assert.is_true(near(Z * complex.solve(Z, x), x))
    local n = 30
    local A = complex.build(n, n, function(i, j)
      return math.sin(i * 7 + j * j) + (i == j and 3 or 0), math.cos(i * i - 3 * j)
    end)
    local b = complex.build(n, 2, function(i, j)
      return i, j
    end)
    assert.is_true(near(A * complex.solve(A, b), b))
    assert.is_nil(complex.solve(complex({ { 1, 1 }, { 1, 1 } }, { { 1, 1 }, { 1, 1 } }), x))
  end)

  it("has a Cholesky factor, eigenvalues, singular values and a pseudo-inverse", function()
    local A = complex({ { 1, 2, 0 }, { 0, 1, 1 } }, { { 1, 0, 2 }, { 0, -1, 1 } })
    local G = A * A.H + complex.eye(2)
    local L = complex.cholesky(G)
    assert.is_true(near(L * L.H, G))
    assert.is_nil(complex.cholesky(complex({ { 1, 2 }, { 2, 1 } })))
    assert.is_nil(complex.cholesky(Z))
    local w, V = complex.eigen(G)
    assert.is_true(w:is_real() and w.re[1] > w.re[2])
    assert.is_true(near(G * V, V * complex.new(require("nabla.numeric").matrix.build(2, 2, function(i, j)
      return i == j and w.re[i] or 0
    end))))
    assert.is_true(near(V.H * V, complex.eye(2)))
    local values, W = complex.eigen(Z)
    for k = 1, 2 do
      local v = complex.build(2, 1, function(i)
        return W(i, k)
      end)
      assert.is_true(near(Z * v, v * values[k]))
    end
    local U, s, Q = complex.svd(A)
    assert.is_true(near(U * complex({ { s[1], 0 }, { 0, s[2] } }) * Q.H, A))
    local P = complex.pinv(A)
    assert.is_true(near(A * P * A, A) and near((P * A).H, P * A) and near((A * P).H, A * P))
    local one = complex({ 1, 1 }, { 1, 1 }) -- of rank one
    local both = complex.build(2, 2, function(i, j)
      return one(i, 1), j
    end)
    assert.is_true(near(both * complex.pinv(both) * both, both))
    assert.is_nil(complex.eigen(complex({ { 0 / 0, 1 }, { 1, 1 } })))
    assert.is_nil(complex.svd(complex({ { 0 / 0, 1 }, { 1, 1 } })))
    assert.has_error(function()
      return complex.eigen(A)
    end)
    assert.are.equal("2+1i", tostring(complex.eigen(complex(2, 1))))
    assert.are.equal("0", tostring(complex.pinv(complex(0, 0))))
  end)

  it("is written to a .npy file and read from it", function()
    local path = os.tmpname()
    local wide = complex({ { 1, 2, 3 }, { 3, 4, 5 } }, { { 0, 1, -1 }, { -1, 0, 2 } })
    assert.is_true(wide:save(path))
    assert.are.equal(wide, matrix.load(path))
    local f = assert(io.open(path, "wb"))
    local head = "{'descr': '<c8', 'fortran_order': False, 'shape': (2, 2), }"
    f:write("\x93NUMPY\1\0", string.pack("<I2", #head), head, string.pack("<ffffffff", 1, 0, 2, 1, 3, 1, 5, 0))
    f:close()
    assert.are.equal(Z, matrix.load(path))
    os.remove(path)
  end)
end)

local DECL = [[complex scalar z, complex vector x(n), complex matrix Z(m,n), complex matrix W(n,n), complex matrix R(n,n) hermitian,
  scalar c, matrix M(n,n), vector r(n)]]

describe("an expression with complex letters", function()
  local s = assert(nabla.new())
  assert(s:declare(DECL))

  for _, text in ipairs {
    "x^H*W*x", "W*x + conj(x)", "inv(W)*x", "det(W)", "tr(W*M)", "kron(W, x)", "exp(1i*z)", "diag(x)*W", "vec(W)",
    "im(x^H*W*x)", "log(det(W*W^H))", "W(1,2)*z", "sum(i = 1..2, W^i)", "W.*conj(W)", "adj(W)", "sinh(z) + tan(z)",
    "sum(Z)", "[W, x; x', 1]", "K(2,2)*vec(W)", "norm2(Z)", "abs(z)*arg(z)", "1/(1 + z*conj(z))",
    "sqrt(1 + x^H*x)", "r'*x", "(x'*x)^3", "W^-2", "c*z - r'*M*r", "cos(x).*exp(conj(x))",
    "re(z)^2 + abs(x^H*R*x)", "norm2(Z*x)^3",
  } do
    it("has a value: " .. text, function()
      local env = judge.instance(DECL, { n = 2, m = 3 }, text)
      local values = {}
      for name, v in pairs(env.values) do
        values[name] = complex.build(v.rows, v.cols, function(i, j)
          return numbers.at(v, i, j)
        end)
      end
      local wanted = judge.parse(text)(env)
      local program = assert(s:compile((text:gsub("K%(2,2%)", "K(n,n)"))))
      local value = assert(program(values))
      assert.are.same({ wanted.rows, wanted.cols }, { value.rows, value.cols })
      for k = 1, #value do
        assert.is_true(math.abs(value.re[k] - wanted.x[k]) + math.abs(value.im[k] - wanted.y[k]) < 1e-9, text)
      end
    end)
  end

  it("takes values of the right sizes and kinds", function()
    local F = assert(s:compile "x^H*R*x + c")
    assert.is_truthy(F { x = x, R = Z * Z.H, c = 1 })
    for part, values in pairs {
      ["c has no value"] = { x = x, R = Z },
      ["c is declared real"] = { x = x, R = Z, c = complex(1, 1) },
      ["a size is"] = { x = complex { 1, 2, 3 }, R = Z, c = 1 },
      ["x: a number"] = { x = "three", R = Z, c = 1 },
    } do
      local v, why = F(values)
      assert.is_nil(v)
      assert.is_truthy(why:find(part, 1, true), why)
    end
  end)

  it("is verified by differences", function()
    assert.is_true(s:verify("x^H*R*x", "conj(x)", "R*x"))
    assert.is_false((s:verify("x^H*R*x", "conj(x)", "2*R*x")))
    assert.is_true(s:verify("x^H*R*x", "x", "2*R*x", { convention = "gradient" }))
    assert.is_true(s:verify("norm2(Z)", "conj(Z)", "Z/(2*norm2(Z))"))
    assert.is_true(s:verify("exp(1i*z)", "z", "1i*exp(1i*z)"))
    local right, err = s:verify("exp(1i*z)", "z", "-1i*exp(1i*z)")
    assert.is_false(right)
    assert.is_truthy(tostring(err):find("entry (1,1)", 1, true), tostring(err))
  end)

  it("has second derivatives that are verified", function()
    assert.is_true(s:verify("x^H*R*x", "conj(x)", "R", { second = "x" }))
    assert.is_true(s:verify("x^H*R*x", "x", "R'", { second = "conj(x)" }))
    assert.is_false((s:verify("x^H*R*x", "conj(x)", "R'", { second = "x" })))
    assert.is_true(s:verify("1i*z^3", "z", "6i*z", { second = true }))
  end)
end)
