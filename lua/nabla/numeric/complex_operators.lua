--- Values of operators at complex matrices (nabla.numeric.complex_matrix).
--
-- A linear operator is applied to the real and the imaginary part, by the compiled program for real matrices; so is any operator of real
-- arguments. What is here is neither. Values of many-valued functions are principal ones.
--
-- @module nabla.numeric.complex_operators

local complex = require "nabla.numeric.complex_matrix"

local M = {}

-- ---------------------------------------------------------------------------------------------- functions of one number

local exp, cos, sin = math.exp, math.cos, math.sin

local function cosh(x)
  return (exp(x) + exp(-x)) / 2
end

local function sinh(x)
  return (exp(x) - exp(-x)) / 2
end

local function modulus(x, y)
  x, y = math.abs(x), math.abs(y)
  local large = math.max(x, y)
  if large == 0 or large == math.huge then
    return large
  end
  return large * math.sqrt((x / large) ^ 2 + (y / large) ^ 2)
end

local function over(a, b, c, d)
  local x, y = complex.reciprocal(c, d)
  return a * x - b * y, a * y + b * x
end

local function complex_log(x, y)
  return math.log(modulus(x, y)), math.atan(y, x)
end

local function complex_sin(x, y)
  return sin(x) * cosh(y), cos(x) * sinh(y)
end

local function complex_cos(x, y)
  return cos(x) * cosh(y), -sin(x) * sinh(y)
end

local function complex_sinh(x, y)
  return sinh(x) * cos(y), cosh(x) * sin(y)
end

local function complex_cosh(x, y)
  return cosh(x) * cos(y), sinh(x) * sin(y)
end

local function quotient(f, g)
  return function(x, y)
    local a, b = f(x, y)
    return over(a, b, g(x, y))
  end
end

local function one()
  return 1, 0
end

local function complex_root(x, y)
  local r = modulus(x, y)
  local u = math.sqrt((r + x) / 2)
  local v = math.sqrt((r - x) / 2)
  return u, y < 0 and -v or v
end

-- log(z + sqrt(z^2 + 1))
local function complex_asinh(x, y)
  local u, v = complex_root(x * x - y * y + 1, 2 * x * y)
  return complex_log(x + u, y + v)
end

local function complex_asin(x, y) -- -i*asinh(i*z)
  local u, v = complex_asinh(-y, x)
  return v, -u
end

local function complex_atanh(x, y) -- (log(1 + z) - log(1 - z))/2
  local a, b = complex_log(1 + x, y)
  local c, d = complex_log(1 - x, -y)
  return (a - c) / 2, (b - d) / 2
end

--- name -> function of the parts of a number, which gives the parts of the value.
M.entries = {
  exp = function(x, y)
    return exp(x) * cos(y), exp(x) * sin(y)
  end,
  log = complex_log,
  sin = complex_sin,
  cos = complex_cos,
  tan = quotient(complex_sin, complex_cos),
  sec = quotient(one, complex_cos),
  sinh = complex_sinh,
  cosh = complex_cosh,
  tanh = quotient(complex_sinh, complex_cosh),
  csc = quotient(one, complex_sin),
  cot = quotient(complex_cos, complex_sin),
  sech = quotient(one, complex_cosh),
  asin = complex_asin,
  acos = function(x, y)
    local u, v = complex_asin(x, y)
    return math.pi / 2 - u, -v
  end,
  atan = function(x, y) -- -i*atanh(i*z)
    local u, v = complex_atanh(-y, x)
    return v, -u
  end,
  asinh = complex_asinh,
  acosh = function(x, y) -- log(z + sqrt(z + 1)*sqrt(z - 1))
    local a, b = complex_root(x + 1, y)
    local c, d = complex_root(x - 1, y)
    return complex_log(x + a * c - b * d, y + a * d + b * c)
  end,
  atanh = complex_atanh,
  abs = function(x, y)
    return modulus(x, y), 0
  end,
}

--- A number to a power, principal.
function M.power(x, y, u, v)
  local k = v == 0 and math.tointeger(u)
  if k then
    local base = complex.new(x, y) ^ k
    return base.re[1], base.im[1]
  elseif x == 0 and y == 0 then
    return 0.0, 0.0
  end
  local a, b = complex_log(x, y)
  return M.entries.exp(a * u - b * v, a * v + b * u)
end

-- ---------------------------------------------------------------------------------------------- functions of matrices

local function total(a)
  local x, y = 0, 0
  for k = 1, #a.re do
    x, y = x + a.re[k], y + a.im[k]
  end
  return complex.new(x, y)
end

local function length(a)
  local sum = 0
  for k = 1, #a.re do
    sum = sum + a.re[k] ^ 2 + a.im[k] ^ 2
  end
  return complex.new(math.sqrt(sum))
end

local function undefined(...)
  error({ trees = true, message = string.format(...) }, 0)
end

local function singular()
  undefined "the matrix is singular"
end

local function inverse(a)
  return complex.solve(a, complex.eye(a.rows)) or singular()
end

local function eigen(a)
  local w, v = complex.eigen(a)
  if not w then
    undefined "a value is not a number"
  end
  return w, v
end

-- The k-th eigenvalue: of a Hermitian matrix in descending order, else in that of the real parts.
local function eigenvalue(a, k)
  local w = eigen(a)
  return k <= a.rows and w[k] or undefined("there are only %d eigenvalues", a.rows)
end

-- The k-th eigenvector. As of real matrices, its largest entry is positive.
local function eigenvector(a, k)
  local _, v = eigen(a)
  if k > a.rows then
    undefined("there are only %d eigenvectors", a.rows)
  end
  local n, x, y, most = a.rows, 1, 0, 0
  for i = 1, n do
    local re, im = v(i, k)
    if modulus(re, im) > most * (1 + 1e-12) then
      x, y, most = re, im, modulus(re, im)
    end
  end
  local turn = complex.new(x / most, -y / most)
  return complex.build(n, 1, function(i)
    return v(i, k)
  end) * turn
end

-- f(w), a list of numbers at the eigenvalues w, as a function of a matrix: V*diag(f(w))*V^-1.
local function on_spectrum(a, k, f)
  local w, v = eigen(a)
  if k > a.rows then
    undefined("there are only %d eigenvalues", a.rows)
  end
  local scaled = complex.build(a.rows, a.rows, function(i, j)
    local x, y = v(i, j)
    local p, q = f(w, j)
    return x * p - y * q, x * q + y * p
  end)
  return scaled * inverse(v)
end

local function hadamard(a, b)
  return complex.build(a.rows, a.cols, function(i, j)
    local x, y = a(i, j)
    local u, v = b(i, j)
    return x * u - y * v, x * v + y * u
  end)
end
M.hadamard = hadamard

local function kron(a, b)
  local p, q = b.rows, b.cols
  return complex.build(a.rows * p, a.cols * q, function(i, j)
    local x, y = a((i - 1) // p + 1, (j - 1) // q + 1)
    local u, v = b((i - 1) % p + 1, (j - 1) % q + 1)
    return x * u - y * v, x * v + y * u
  end)
end

--- name -> function of the arguments.
M.known = {
  imagunit = function()
    return complex.new(0, 1)
  end,
  conj = function(a)
    return a.conj
  end,
  det = complex.det,
  inv = inverse,
  logdet = function(a)
    local d = complex.det(a)
    local sign = d.re[1] < 0 and -1 or 1 -- analytic, and log|det| where that is real
    return complex.new(complex_log(sign * d.re[1], sign * d.im[1]))
  end,
  adj = function(a)
    local n = a.rows
    return complex.build(n, n, function(i, j)
      local minor = n > 1 and complex.build(n - 1, n - 1, function(k, l)
        return a(k < j and k or k + 1, l < i and l or l + 1)
      end)
      local d = minor and complex.det(minor) or complex.new(1)
      return ((i + j) % 2 == 0 and d or -d)
    end)
  end,
  pinv = function(a)
    return complex.pinv(a) or undefined "a value is not a number"
  end,
  complexpinv = function(a)
    return complex.pinv(a) or undefined "a value is not a number"
  end,
  eigval = eigenvalue,
  hermeigval = eigenvalue,
  singval = function(a, k)
    local _, s = complex.svd(a)
    return complex.new(s and k <= #s and s[k] or undefined("there is no singular value with the number %d", k))
  end,
  eigvec = eigenvector,
  eigproj = function(a, k)
    return on_spectrum(a, k, function(_, j)
      return j == k and 1 or 0, 0
    end)
  end,
  eigresolvent = function(a, k)
    return on_spectrum(a, k, function(w, j)
      if j == k then
        return 0, 0
      end
      return complex.reciprocal(w.re[k] - w.re[j], w.im[k] - w.im[j])
    end)
  end,
  kron = kron,
  E = function(i, j, m, n)
    return complex.build(m, n, function(k, l)
      return k == i and l == j and 1 or 0, 0
    end)
  end,
  norm2 = length,
  norm1 = function(a)
    return total(a:map(M.entries.abs))
  end,
  arg = function(z)
    return complex.new(math.atan(z.im[1], z.re[1]))
  end,
  argument = function(z, w)
    local x, y = complex_log(z.re[1], z.im[1])
    local u, v = complex_log(w.re[1], w.im[1])
    return complex.new((y - v) / 2, (u - x) / 2)
  end,
}

return M
