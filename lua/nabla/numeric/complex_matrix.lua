--- Matrices of complex numbers: a real and an imaginary part, two matrices of doubles (nabla.numeric.matrix).
--
--     local complex = require "nabla.numeric.complex_matrix"
--     local Z = complex({ {1, 2}, {3, 4} }, { {0, 1}, {-1, 0} })     -- the real parts, the imaginary parts
--     local z = complex(3, 4)                                         -- 3 + 4i
--     print(Z*Z.H, Z.T, Z.conj, Z^-1, Z.re, Z.im, Z.rows, #Z)
--     print(Z(1,2))                                                   --> 2.0  1.0: the two parts of an entry
--
-- A complex matrix is changed by Z[k] = v alone. `*` is the matrix product; a number, and what is 1 x 1, scales.
-- Products, equations and decompositions are those of BLAS and LAPACK (src/numeric/zdense.c).
--
-- @module nabla.numeric.complex_matrix

local core = require("nabla.numeric.core").complex
local matrix = require "nabla.numeric.matrix"

local M = {}

local ROUNDING = 1e-12

local Complex = {}
Complex.__name = "nabla.complex matrix"

local function make(re, im)
  return setmetatable({ re = re, im = im, rows = re.rows, cols = re.cols }, Complex)
end

--- Is a value a complex matrix?
function M.is(v)
  return getmetatable(v) == Complex
end

--- A complex matrix of two parts, of one shape, each what nabla.numeric.matrix takes; without the second part a real one.
function M.new(re, im)
  if M.is(re) and im == nil then
    return re
  end
  re = matrix(re)
  im = im == nil and matrix.zeros(re.rows, re.cols) or matrix(im)
  if re.rows ~= im.rows or re.cols ~= im.cols then
    local message = "the real part is %d x %d, the imaginary part %d x %d"
    error(message:format(re.rows, re.cols, im.rows, im.cols), 2)
  end
  return make(re, im)
end

--- The matrix with entries f(i, j): two numbers, the parts of the entry; or a complex number, 1 x 1.
function M.build(rows, cols, f)
  local re, im, k = matrix.zeros(rows, cols), matrix.zeros(rows, cols), 0
  for j = 1, cols do
    for i = 1, rows do
      local x, y = f(i, j)
      if M.is(x) then
        x, y = x.re[1], x.im[1]
      end
      k = k + 1
      re[k], im[k] = x, y or 0
    end
  end
  return make(re, im)
end

function M.zeros(rows, cols)
  return make(matrix.zeros(rows, cols), matrix.zeros(rows, cols))
end

function M.eye(n)
  return make(matrix.eye(n), matrix.zeros(n, n))
end

-- ---------------------------------------------------------------------------------------------- arithmetic

local function both(a, b)
  return M.new(a), M.new(b)
end

local function same_shape(a, b)
  if a.rows ~= b.rows or a.cols ~= b.cols then
    error(("%d x %d and %d x %d"):format(a.rows, a.cols, b.rows, b.cols), 3)
  end
end

function Complex.__add(a, b)
  a, b = both(a, b)
  same_shape(a, b)
  return make(a.re + b.re, a.im + b.im)
end

function Complex.__sub(a, b)
  a, b = both(a, b)
  same_shape(a, b)
  return make(a.re - b.re, a.im - b.im)
end

function Complex.__unm(a)
  return make(-a.re, -a.im)
end

local function scaled(a, x, y)
  return make(a.re * x - a.im * y, a.re * y + a.im * x)
end

function Complex.__mul(a, b)
  if type(a) == "number" then
    return make(b.re * a, b.im * a)
  elseif type(b) == "number" then
    return make(a.re * b, a.im * b)
  end
  a, b = both(a, b)
  if #a.re == 1 then
    return scaled(b, a.re[1], a.im[1])
  elseif #b.re == 1 then
    return scaled(a, b.re[1], b.im[1])
  elseif a.cols ~= b.rows then
    error(("a product of %d x %d and %d x %d"):format(a.rows, a.cols, b.rows, b.cols), 2)
  end
  return make(core.times(a.re, a.im, b.re, b.im))
end

-- 1/(x + iy), without overflow (Smith 1962).
local function reciprocal(x, y)
  if math.abs(x) >= math.abs(y) then
    local r = y / x
    local d = x + y * r
    return 1 / d, -r / d
  end
  local r = x / y
  local d = x * r + y
  return r / d, -1 / d
end
M.reciprocal = reciprocal

function Complex.__div(a, b)
  if type(b) == "number" then
    return make(a.re * (1 / b), a.im * (1 / b))
  end
  a, b = both(a, b)
  if #b.re ~= 1 then
    error("a division by a matrix", 2)
  end
  return scaled(a, reciprocal(b.re[1], b.im[1]))
end

function Complex.__eq(a, b)
  return a.rows == b.rows and a.cols == b.cols and a.re == b.re and a.im == b.im
end

function Complex.__len(a)
  return #a.re
end

--- The parts of an entry.
function Complex.__call(a, i, j)
  return a.re(i, j or 1), a.im(i, j or 1)
end

-- ---------------------------------------------------------------------------------------------- linear algebra

--- [Re, -Im; Im, Re], which multiplies as the complex matrix does.
function M.as_real(a)
  return core.as_real(a.re, a.im)
end

--- The complex matrix of [Re, -Im; Im, Re].
function M.of_real(a)
  local m, n = a.rows // 2, a.cols // 2
  return M.build(m, n, function(i, j)
    return a(i, j), a(m + i, j)
  end)
end

local function need_square(a)
  if a.rows ~= a.cols then
    error(("a matrix of %d x %d is not square"):format(a.rows, a.cols), 3)
  end
end

--- The x of a*x = b; nil where a is singular.
function M.solve(a, b)
  need_square(a)
  b = M.new(b)
  local re, im = core.solve(a.re, a.im, b.re, b.im)
  return re and make(re, im) or nil
end

--- The determinant, 1 x 1.
function M.det(a)
  need_square(a)
  return M.new(core.det(a.re, a.im))
end

--- The lower Cholesky factor L of a = L*L^H; nil where a is not Hermitian positive definite.
function M.cholesky(a)
  need_square(a)
  if not M.is_hermitian(a) then
    return nil
  end
  local re, im = core.cholesky(a.re, a.im)
  return re and make(re, im) or nil
end

--- Is a matrix equal to its conjugate transpose, but for rounding?
function M.is_hermitian(a)
  return a.rows == a.cols and (a - a.H):size() <= ROUNDING * a:size()
end

--- The eigenvalues of a square matrix, a column, and the matrix of its eigenvectors, of length one. Those of a Hermitian matrix are
-- descending; others by their real parts, descending, and by their imaginary parts. Nil where there are none.
function M.eigen(a)
  need_square(a)
  if M.is_hermitian(a) then
    local w, re, im = core.hermitian_eigen(a.re, a.im)
    return w and M.new(w) or nil, w and make(re, im) or nil
  end
  local x, y, re, im = core.eigen(a.re, a.im)
  if not x then
    return nil
  end
  local order = {}
  for k = 1, #x do
    order[k] = k
  end
  table.sort(order, function(i, j)
    return x[i] > x[j] or x[i] == x[j] and y[i] > y[j]
  end)
  local n = a.rows
  return M.build(n, 1, function(i)
    return x[order[i]], y[order[i]]
  end),
    M.build(n, n, function(i, j)
      return re(i, order[j]), im(i, order[j])
    end)
end

--- a = u*diag(s)*v.H: u, the singular values s, descending, a real column, and v; nil where there are none.
function M.svd(a)
  local u, ui, s, v, vi = core.svd(a.re, a.im)
  if u then
    return make(u, ui), s, make(v.T, -vi.T)
  end
end

--- The Moore-Penrose inverse. Singular values below the rounding of the largest count as zero.
function M.pinv(a)
  local u, s, v = M.svd(a)
  if not u then
    return nil
  end
  local least = s[1] * math.max(a.rows, a.cols) * 2.220446049250313e-16
  return v * (M.build(#s, #s, function(i, j)
    return i == j and s[i] > least and 1 / s[i] or 0
  end) * u.H)
end

function Complex.__pow(a, k)
  need_square(a)
  if math.type(k) ~= "integer" then
    k = math.tointeger(k) or error("a matrix is taken to a whole power", 2)
  end
  local base, result = a, M.eye(a.rows)
  if k < 0 then
    base = M.solve(a, result) or error("the matrix is singular", 2)
    k = -k
  end
  while k > 0 do
    if k % 2 == 1 then
      result = result * base
    end
    k = k // 2
    base = k > 0 and base * base or base
  end
  return result
end

-- ---------------------------------------------------------------------------------------------- methods

local methods = {}

--- The rows x cols matrix with the same entries, columns after columns.
function methods.reshape(a, rows, cols)
  return make(a.re:reshape(rows, cols), a.im:reshape(rows, cols))
end

--- f(x, y) of the parts of each entry, two numbers.
function methods.map(a, f)
  return M.build(a.rows, a.cols, function(i, j)
    return f(a.re(i, j), a.im(i, j))
  end)
end

--- The largest magnitude of an entry; not a number if one is.
function methods.size(a)
  return core.magnitude(a.re, a.im)
end

--- Is there no imaginary part?
function methods.is_real(a)
  return a.im:magnitude() == 0
end

--- The same of any matrix.
function M.magnitude(a)
  return methods.size(M.new(a))
end

local function entry_text(x, y, format)
  if y == 0 then
    return format:format(x)
  end
  local sign = (y < 0 or 1 / y < 0) and "-" or "+"
  return format:format(x) .. sign .. format:format(math.abs(y)) .. "i"
end

--- In the notation of MATLAB: [1+2i 3; 0 1-1i].
function methods.text(a, format)
  format = format or "%.17g"
  local rows = {}
  for i = 1, a.rows do
    local row = {}
    for j = 1, a.cols do
      row[j] = entry_text(a.re(i, j), a.im(i, j), format)
    end
    rows[i] = table.concat(row, " ")
  end
  return "[" .. table.concat(rows, "; ") .. "]"
end

--- Write a .npy file of complex numbers.
function methods.save(a, path)
  return matrix.save(path, a)
end

local computed = {
  T = function(a)
    return make(a.re.T, a.im.T)
  end,
  H = function(a)
    return make(a.re.T, -a.im.T)
  end,
  conj = function(a)
    return make(a.re, -a.im)
  end,
}

function Complex.__index(a, key)
  if computed[key] then
    return computed[key](a)
  elseif math.type(key) == "integer" then
    return M.new(a.re[key], a.im[key])
  end
  return methods[key]
end

--- a[k] = v: a number, or a complex number, 1 x 1.
function Complex.__newindex(a, k, v)
  v = M.new(v)
  a.re[k], a.im[k] = v.re[1], v.im[1]
end

function Complex.__tostring(a)
  return #a.re == 1 and entry_text(a.re[1], a.im[1], "%.14g") or a:text "%.6g"
end

return setmetatable(M, {
  __call = function(_, re, im)
    return M.new(re, im)
  end,
})
