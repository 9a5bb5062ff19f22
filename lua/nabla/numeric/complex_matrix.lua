--- Matrices of complex numbers: a real and an imaginary part, two matrices of doubles (nabla.numeric.matrix).
--
--     local complex = require "nabla.numeric.complex_matrix"
--     local Z = complex({ {1, 2}, {3, 4} }, { {0, 1}, {-1, 0} })     -- the real parts, the imaginary parts
--     local z = complex(3, 4)                                         -- 3 + 4i
--     print(Z*Z.H, Z.T, Z.conj, Z^-1, Z.re, Z.im, Z.rows, #Z)
--     print(Z(1,2))                                                   --> 2.0  1.0: the two parts of an entry
--
-- A complex matrix is changed by Z[k] = v alone. `*` is the matrix product; a number, and what is 1 x 1, scales.
--
-- @module nabla.numeric.complex_matrix

local matrix = require "nabla.numeric.matrix"

local M = {}

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
  local re, im = matrix.zeros(rows, cols), matrix.zeros(rows, cols)
  for j = 1, cols do
    for i = 1, rows do
      local x, y = f(i, j)
      if M.is(x) then
        x, y = x.re[1], x.im[1]
      end
      re:set(i, j, x)
      im:set(i, j, y or 0)
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
  return make(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
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

-- The rows of a, each a list of x1, y1, x2, y2, ..; those of b behind them.
local function table_of(a, b)
  local rows = {}
  for i = 1, a.rows do
    local row = {}
    for j = 1, a.cols do
      row[2 * j - 1], row[2 * j] = a.re(i, j), a.im(i, j)
    end
    for j = 1, b and b.cols or 0 do
      row[2 * (a.cols + j) - 1], row[2 * (a.cols + j)] = b.re(i, j), b.im(i, j)
    end
    rows[i] = row
  end
  return rows
end

-- Gauss-Jordan elimination with pivots by columns: the determinant, two numbers; 0 where it stops.
local function eliminate(rows, n, width)
  local dx, dy = 1.0, 0.0
  for c = 1, n do
    local p, most = c, -1
    for i = c, n do
      local size = rows[i][2 * c - 1] ^ 2 + rows[i][2 * c] ^ 2
      if size > most then
        p, most = i, size
      end
    end
    if not (most > 0) then
      return 0.0, 0.0
    end
    if p ~= c then
      rows[c], rows[p], dx, dy = rows[p], rows[c], -dx, -dy
    end
    local pivot = rows[c]
    local x, y = pivot[2 * c - 1], pivot[2 * c]
    dx, dy = dx * x - dy * y, dx * y + dy * x
    x, y = reciprocal(x, y)
    for k = c, width do
      local u, v = pivot[2 * k - 1], pivot[2 * k]
      pivot[2 * k - 1], pivot[2 * k] = u * x - v * y, u * y + v * x
    end
    for i = 1, n do
      local row = rows[i]
      local fx, fy = row[2 * c - 1], row[2 * c]
      if i ~= c and (fx ~= 0 or fy ~= 0) then
        for k = c, width do
          local u, v = pivot[2 * k - 1], pivot[2 * k]
          row[2 * k - 1] = row[2 * k - 1] - (fx * u - fy * v)
          row[2 * k] = row[2 * k] - (fx * v + fy * u)
        end
      end
    end
  end
  return dx, dy
end

local LARGE = 24 -- from here on LAPACK is faster than elimination in Lua, though its matrix is twice as large

--- [Re, -Im; Im, Re], which multiplies as the complex matrix does.
local function as_real(a)
  local m, n = a.rows, a.cols
  return matrix.build(2 * m, 2 * n, function(i, j)
    local down, across = i > m, j > n
    local part = down == across and a.re or a.im
    local v = part(down and i - m or i, across and j - n or j)
    return across and not down and -v or v
  end)
end

M.as_real = as_real

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
  local n, m = a.rows, b.cols
  if n >= LARGE then
    local right = matrix.build(2 * n, m, function(i, j)
      return i > n and b.im(i - n, j) or b.re(i, j)
    end)
    local ok, x = pcall(function()
      return as_real(a) ^ -1 * right
    end)
    return ok and M.build(n, m, function(i, j)
      return x(i, j), x(i + n, j)
    end) or nil
  end
  local rows = table_of(a, b)
  local dx, dy = eliminate(rows, n, n + m)
  if dx == 0 and dy == 0 then
    return nil
  end
  return M.build(n, m, function(i, j)
    return rows[i][2 * (n + j) - 1], rows[i][2 * (n + j)]
  end)
end

--- The determinant, 1 x 1.
function M.det(a)
  need_square(a)
  return M.new(eliminate(table_of(a), a.rows, a.rows))
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
  local most = 0
  for k = 1, #a.re do
    local v = math.sqrt(a.re[k] ^ 2 + a.im[k] ^ 2)
    if v ~= v then
      return v
    end
    most = math.max(most, v)
  end
  return most
end

--- Is there no imaginary part?
function methods.is_real(a)
  for k = 1, #a.im do
    if a.im[k] ~= 0 then
      return false
    end
  end
  return true
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
