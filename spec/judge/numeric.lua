--- Small dense matrices of floating-point numbers, for judging symbolic answers.
--
-- A matrix is a table with `rows`, `cols` and its entries at 1 .. rows*cols in column-major order, so that
-- `vec` only changes the two sizes. A number of the language is a 1 x 1 matrix. No function changes its
-- arguments.
--
-- Everything is written for sizes up to about 50 and for clarity; shapes are checked strictly, since a judge
-- that broadcasts silently would accept answers of the wrong shape. Nothing here depends on the engine under
-- test.

local mistakes = require "spec.judge.mistakes"

local M = {}

local abs, sqrt, exp, log, huge = math.abs, math.sqrt, math.exp, math.log, math.huge
local floor = math.floor

-- A shape error is a mistake in the text of the caller.
local fail = mistakes.raise

--------------------------------------------------------------------------------------------------------------
-- Making matrices
--------------------------------------------------------------------------------------------------------------

--- The rows x cols matrix with entries `entry(i, j)`; zeros without it.
function M.new(rows, cols, entry)
  local a, k = { rows = rows, cols = cols }, 0
  for j = 1, cols do
    for i = 1, rows do
      k = k + 1
      a[k] = entry and entry(i, j) or 0.0
    end
  end
  return a
end

local new = M.new

--- A number as a 1 x 1 matrix.
function M.number(value)
  return { rows = 1, cols = 1, value + 0.0 }
end

local number = M.number

--- The same matrix from a list of rows: `from_rows{ {1, 2}, {3, 4} }`.
function M.from_rows(rows)
  return new(#rows, #rows[1], function(i, j)
    return rows[i][j] + 0.0
  end)
end

function M.copy(a)
  local b = { rows = a.rows, cols = a.cols }
  for k = 1, #a do
    b[k] = a[k]
  end
  return b
end

function M.at(a, i, j)
  return a[(j - 1) * a.rows + i]
end

local function is_number(a)
  return a.rows == 1 and a.cols == 1
end
M.is_number = is_number

--- The value of a 1 x 1 matrix.
function M.value(a)
  if not is_number(a) then
    fail("a scalar was expected, not %d x %d", a.rows, a.cols)
  end
  return a[1]
end

--- The value of a 1 x 1 matrix that must be a whole number (a size).
function M.integer(a)
  local v = M.value(a)
  local r = floor(v + 0.5)
  if abs(v - r) > 1e-9 then
    fail("a whole number was expected, not %g", v)
  end
  return r
end

local function square(a, name)
  if a.rows ~= a.cols then
    fail("%s of a %d x %d matrix", name, a.rows, a.cols)
  end
  return a.rows
end

--- Largest magnitude of an entry.
function M.magnitude(a)
  local m = 0.0
  for k = 1, #a do
    local v = abs(a[k])
    if v ~= v then
      return huge
    end
    if v > m then
      m = v
    end
  end
  return m
end

function M.is_finite(a)
  return M.magnitude(a) < huge
end

--------------------------------------------------------------------------------------------------------------
-- Arithmetic
--------------------------------------------------------------------------------------------------------------

--- The matrix of `f(entry)`.
function M.map(a, f)
  local b = { rows = a.rows, cols = a.cols }
  for k = 1, #a do
    b[k] = f(a[k])
  end
  return b
end

local map = M.map

--- Entry by entry; the shapes must be equal.
function M.zip(a, b, f, name)
  if a.rows ~= b.rows or a.cols ~= b.cols then
    fail("%d x %d %s %d x %d does not fit", a.rows, a.cols, name or "with", b.rows, b.cols)
  end
  local c = { rows = a.rows, cols = a.cols }
  for k = 1, #a do
    c[k] = f(a[k], b[k])
  end
  return c
end

--- As zip, but a scalar operand meets every entry of the other one.
function M.spread(a, b, f, name)
  if is_number(b) then
    local v = b[1]
    return map(a, function(x)
      return f(x, v)
    end)
  elseif is_number(a) then
    local v = a[1]
    return map(b, function(x)
      return f(v, x)
    end)
  end
  return M.zip(a, b, f, name)
end

function M.add(a, b)
  return M.zip(a, b, function(x, y)
    return x + y
  end, "+")
end

function M.subtract(a, b)
  return M.zip(a, b, function(x, y)
    return x - y
  end, "-")
end

function M.scale(a, s)
  return map(a, function(x)
    return x * s
  end)
end

local scale = M.scale

--- The matrix product; a scalar operand scales.
function M.multiply(a, b)
  if is_number(a) then
    return scale(b, a[1])
  end
  if is_number(b) then
    return scale(a, b[1])
  end
  local m, n, p = a.rows, a.cols, b.cols
  if n ~= b.rows then
    fail("%d x %d * %d x %d does not fit", m, n, b.rows, p)
  end
  local c = new(m, p)
  for j = 1, p do
    local column = (j - 1) * m
    for k = 1, n do
      local v = b[(j - 1) * n + k]
      if v ~= 0 then
        local from = (k - 1) * m
        for i = 1, m do
          c[column + i] = c[column + i] + a[from + i] * v
        end
      end
    end
  end
  return c
end

local multiply = M.multiply

function M.transpose(a)
  if a.rows == 1 or a.cols == 1 then
    local b = M.copy(a)
    b.rows, b.cols = a.cols, a.rows
    return b
  end
  return new(a.cols, a.rows, function(i, j)
    return a[(i - 1) * a.rows + j]
  end)
end

--- LU elimination with row exchanges of a copy of `a`, carried out on the right sides `b` as well.
-- Returns the triangular rows, the changed right sides, the determinant.
local function eliminate(a, b)
  local n, p = a.rows, b and b.cols or 0
  local u, r, d = {}, {}, 1.0
  for i = 1, n do
    u[i], r[i] = {}, {}
    for j = 1, n do
      u[i][j] = a[(j - 1) * n + i]
    end
    for j = 1, p do
      r[i][j] = b[(j - 1) * n + i]
    end
  end
  for k = 1, n do
    local pivot = k
    for i = k + 1, n do
      if abs(u[i][k]) > abs(u[pivot][k]) then
        pivot = i
      end
    end
    if pivot ~= k then
      u[k], u[pivot], r[k], r[pivot], d = u[pivot], u[k], r[pivot], r[k], -d
    end
    local top, right = u[k], r[k]
    d = d * top[k]
    if top[k] == 0 then
      return u, r, 0.0
    end
    for i = k + 1, n do
      local row, q = u[i], u[i][k] / top[k]
      if q ~= 0 then
        for j = k, n do
          row[j] = row[j] - q * top[j]
        end
        for j = 1, p do
          r[i][j] = r[i][j] - q * right[j]
        end
      end
    end
  end
  return u, r, d
end

--- The x of a*x = b.
function M.solve(a, b)
  local n = square(a, "solution with")
  if b.rows ~= n then
    fail("right side of %d rows for %d x %d", b.rows, n, n)
  end
  local u, r, d = eliminate(a, b)
  if d == 0 then
    fail "singular matrix"
  end
  local x = new(n, b.cols)
  for j = 1, b.cols do
    local base = (j - 1) * n
    for i = n, 1, -1 do
      local s, row = r[i][j], u[i]
      for k = i + 1, n do
        s = s - row[k] * x[base + k]
      end
      x[base + i] = s / row[i]
    end
  end
  return x
end

--------------------------------------------------------------------------------------------------------------
-- The functions of the language, by their names there. Each takes and returns matrices.
--------------------------------------------------------------------------------------------------------------

--- name -> { function, least number of arguments, most }
M.functions = {}

local function define(name, f, least, most)
  M[name] = f
  M.functions[name] = { f, least or 1, most or least or 1 }
end

local whole = M.integer

define("I", function(n)
  n = whole(n)
  return new(n, n, function(i, j)
    return i == j and 1.0 or 0.0
  end)
end)

local function identity(n)
  return M.I(number(n))
end

define("ones", function(m, n)
  return new(whole(m), n and whole(n) or 1, function()
    return 1.0
  end)
end, 1, 2)

define("zeros", function(m, n)
  return new(whole(m), n and whole(n) or 1)
end, 1, 2)

-- E(i,j,m,n): a single one, at (i,j).
define("E", function(i, j, m, n)
  i, j = whole(i), whole(j)
  return new(whole(m), whole(n), function(a, b)
    return a == i and b == j and 1.0 or 0.0
  end)
end, 4)

-- K(m,n)*vec(A) = vec(A') for A m x n: a_ij stands at (j-1)*m+i in vec(A), at (i-1)*n+j in vec(A').
define("K", function(m, n)
  m, n = whole(m), whole(n)
  local k = new(m * n, m * n)
  for i = 1, m do
    for j = 1, n do
      k[((j - 1) * m + i - 1) * m * n + (i - 1) * n + j] = 1.0
    end
  end
  return k
end, 2)

-- Row or column of vech(A) that holds a_ij, i >= j: the lower part, column by column.
local function half_index(i, j, n)
  return (j - 1) * n - (j - 1) * (j - 2) // 2 + i - j + 1
end

-- Dup(n)*vech(A) = vec(A) for symmetric A.
define("Dup", function(n)
  n = whole(n)
  local d = new(n * n, n * (n + 1) // 2)
  for j = 1, n do
    for i = j, n do
      local column = (half_index(i, j, n) - 1) * n * n
      d[column + (j - 1) * n + i] = 1.0
      d[column + (i - 1) * n + j] = 1.0
    end
  end
  return d
end)

-- Elim(n)*vec(A) = vech(A).
define("Elim", function(n)
  n = whole(n)
  local rows = n * (n + 1) // 2
  local l = new(rows, n * n)
  for j = 1, n do
    for i = j, n do
      l[((j - 1) * n + i - 1) * rows + half_index(i, j, n)] = 1.0
    end
  end
  return l
end)

-- Zeros above the diagonal, below it.
define("tril", function(a)
  return new(a.rows, a.cols, function(i, j)
    return i >= j and M.at(a, i, j) or 0.0
  end)
end)

define("triu", function(a)
  return new(a.rows, a.cols, function(i, j)
    return i <= j and M.at(a, i, j) or 0.0
  end)
end)

-- Each entry is the sum of the entries of a on its diagonal.
define("diagonalsums", function(a)
  local n = square(a, "diagonalsums")
  local sums = {}
  for i = 1, n do
    for j = 1, n do
      sums[i - j] = (sums[i - j] or 0.0) + M.at(a, i, j)
    end
  end
  return new(n, n, function(i, j)
    return sums[i - j]
  end)
end)

-- diagonals(n)*vec(A) lists the sums of the diagonals, from the one at the upper right on.
define("diagonals", function(n)
  n = whole(n)
  return new(2 * n - 1, n * n, function(row, at)
    local i, j = (at - 1) % n + 1, (at - 1) // n + 1
    return i - j + n == row and 1.0 or 0.0
  end)
end)

define("vec", function(a)
  local b = M.copy(a)
  b.rows, b.cols = #a, 1
  return b
end)

define("unvec", function(a, m, n)
  m, n = whole(m), whole(n)
  if m * n ~= #a then
    fail("unvec of %d entries to %d x %d", #a, m, n)
  end
  local b = M.copy(a)
  b.rows, b.cols = m, n
  return b
end, 3)

define("vech", function(a)
  local n = square(a, "vech")
  local v = { rows = n * (n + 1) // 2, cols = 1 }
  for j = 1, n do
    for i = j, n do
      v[#v + 1] = a[(j - 1) * n + i]
    end
  end
  return v
end)

define("diag", function(a)
  if a.rows ~= 1 and a.cols ~= 1 then
    fail("diag of a %d x %d matrix", a.rows, a.cols)
  end
  return new(#a, #a, function(i, j)
    return i == j and a[i] or 0.0
  end)
end)

define("diagv", function(a)
  local n = square(a, "diagv")
  return new(n, 1, function(i)
    return a[(i - 1) * n + i]
  end)
end)

define("kron", function(a, b)
  local p, q = b.rows, b.cols
  return new(a.rows * p, a.cols * q, function(i, j)
    local i0, j0 = (i - 1) // p, (j - 1) // q
    return a[j0 * a.rows + i0 + 1] * b[(j - 1 - j0 * q) * p + i - i0 * p]
  end)
end, 2)

define("tr", function(a)
  local n, s = square(a, "trace"), 0.0
  for i = 1, n do
    s = s + a[(i - 1) * n + i]
  end
  return number(s)
end)

define("sum", function(a)
  local s = 0.0
  for k = 1, #a do
    s = s + a[k]
  end
  return number(s)
end)

define("det", function(a)
  square(a, "determinant")
  local _, _, d = eliminate(a)
  return number(d)
end)

define("logdet", function(a)
  return number(log(abs(M.det(a)[1])))
end)

define("norm2", function(a)
  local s = 0.0
  for k = 1, #a do
    s = s + a[k] * a[k]
  end
  return number(sqrt(s))
end)

define("normF", M.norm2)

define("norm1", function(a)
  local s = 0.0
  for k = 1, #a do
    s = s + abs(a[k])
  end
  return number(s)
end)

define("inv", function(a)
  return M.solve(a, identity(square(a, "inverse")))
end)

-- The adjugate by cofactors: it exists where the inverse does not.
define("adj", function(a)
  local n = square(a, "adjugate")
  return new(n, n, function(i, j)
    local minor = { rows = n - 1, cols = n - 1 }
    for c = 1, n do
      for r = 1, n do
        if r ~= j and c ~= i then
          minor[#minor + 1] = a[(c - 1) * n + r]
        end
      end
    end
    return ((i + j) % 2 == 0 and 1 or -1) * M.det(minor)[1]
  end)
end)

--------------------------------------------------------------------------------------------------------------
-- Functions of a square matrix
--------------------------------------------------------------------------------------------------------------

-- Largest column sum.
local function column_norm(a)
  local norm = 0.0
  for j = 1, a.cols do
    local s = 0.0
    for i = 1, a.rows do
      s = s + abs(a[(j - 1) * a.rows + i])
    end
    if s > norm then
      norm = s
    end
  end
  return norm
end

-- How often to halve a matrix before its norm is below `limit`.
local function halvings(a, limit)
  local norm, times = column_norm(a), 0
  if not (norm < 1e12) then
    fail "matrix function of a huge matrix"
  end
  while norm > limit do
    norm, times = norm / 2, times + 1
  end
  return times
end

-- Taylor series of a halved argument, then repeated squaring.
define("expm", function(a)
  local n = square(a, "exponential")
  local times = halvings(a, 0.5)
  local b = scale(a, 2.0 ^ -times)
  local result, term = identity(n), identity(n)
  for k = 1, 16 do
    term = scale(multiply(term, b), 1 / k)
    result = M.add(result, term)
  end
  for _ = 1, times do
    result = multiply(result, result)
  end
  return result
end)

-- Taylor series of a halved argument, then sin 2B = 2 sin B cos B, cos 2B = 2 cos^2 B - I.
local function sine_and_cosine(a)
  local n = square(a, "sine or cosine")
  local times = halvings(a, 0.5)
  local b = scale(a, 2.0 ^ -times)
  local b2 = scale(multiply(b, b), -1)
  local sine, cosine, s, c = b, identity(n), b, identity(n)
  for k = 1, 9 do
    c = scale(multiply(c, b2), 1 / ((2 * k - 1) * (2 * k)))
    s = scale(multiply(s, b2), 1 / ((2 * k) * (2 * k + 1)))
    cosine, sine = M.add(cosine, c), M.add(sine, s)
  end
  for _ = 1, times do
    sine = scale(multiply(sine, cosine), 2)
    cosine = M.subtract(scale(multiply(cosine, cosine), 2), identity(n))
  end
  return sine, cosine
end

define("sinm", function(a)
  return (sine_and_cosine(a))
end)
define("cosm", function(a)
  return select(2, sine_and_cosine(a))
end)

-- Principal square root: the Denman-Beavers iteration Y, Z -> (Y + inv(Z))/2, (Z + inv(Y))/2.
define("sqrtm", function(a)
  local y, z = a, identity(square(a, "square root"))
  for _ = 1, 50 do
    local y1 = scale(M.add(y, M.inv(z)), 0.5)
    z = scale(M.add(z, M.inv(y)), 0.5)
    local change = M.magnitude(M.subtract(y1, y))
    y = y1
    if change <= 4e-16 * M.magnitude(y) then
      break
    end
  end
  if not (M.magnitude(M.subtract(multiply(y, y), a)) <= 1e-8 * M.magnitude(a)) then
    fail "no principal square root"
  end
  return y
end)

-- Square roots until A is near I, then log A = 2 artanh Z with Z = (A - I)*inv(A + I).
define("logm", function(a)
  local one, times = identity(square(a, "logarithm")), 0
  while column_norm(M.subtract(a, one)) > 0.2 do
    if times == 40 then
      fail "no principal logarithm"
    end
    a, times = M.sqrtm(a), times + 1
  end
  local z = multiply(M.subtract(a, one), M.inv(M.add(a, one)))
  local z2, power, result = multiply(z, z), z, z
  for k = 3, 17, 2 do
    power = multiply(power, z2)
    result = M.add(result, scale(power, 1 / k))
  end
  return scale(result, 2.0 ^ (times + 1))
end)

--- The functions of the language whose first argument is the name of a function.
M.functionals = {}

-- Blocks that are square, of one size: [a b; c d].
local function blocks(a, b, c, d)
  local n = a.rows
  return new(2 * n, 2 * n, function(i, j)
    local block = i <= n and (j <= n and a or b) or (j <= n and c or d)
    return block[((j - 1) % n) * n + (i - 1) % n + 1]
  end)
end

-- The Frechet derivative at x in the direction h is the corner of f([x h; 0 x]).
function M.functionals.frechet(f, x, h)
  local n = square(x, "Frechet derivative")
  if h.rows ~= n or h.cols ~= n then
    fail("Frechet derivative at a %d x %d matrix in a %d x %d direction", n, n, h.rows, h.cols)
  end
  local value = f(blocks(x, h, new(n, n), x))
  return new(n, n, function(i, j)
    return M.at(value, i, n + j)
  end)
end

-- Its matrix: column (j-1)*n+i is the vec of the derivative in the direction of entry (i,j).
function M.functionals.frechetmatrix(f, x)
  local n = square(x, "Frechet derivative")
  local result = new(n * n, n * n)
  for k = 1, n * n do
    local h = new(n, n)
    h[k] = 1.0
    local column = M.functionals.frechet(f, x, h)
    for i = 1, n * n do
      result[(k - 1) * n * n + i] = column[i]
    end
  end
  return result
end

-- x^p of numbers, by products for a small whole p, so that a negative x has its sign.
local function number_power(x, p)
  if p == floor(p) and abs(p) <= 64 then
    local r = 1.0
    for _ = 1, abs(p) do
      r = r * x
    end
    return p < 0 and 1 / r or r
  end
  return x ^ p
end

--- a^p for a square matrix and a scalar p.
function M.power(a, p)
  p = M.value(p)
  if is_number(a) then
    return number(number_power(a[1], p))
  end
  local n = square(a, "power")
  if p == floor(p) and abs(p) <= 64 then
    local base, result = p < 0 and M.inv(a) or a, identity(n)
    for _ = 1, abs(p) do
      result = multiply(result, base)
    end
    return result
  elseif p == 0.5 then
    return M.sqrtm(a)
  elseif p == -0.5 then
    return M.inv(M.sqrtm(a))
  end
  return M.expm(scale(M.logm(a), p))
end

--------------------------------------------------------------------------------------------------------------
-- Entries, vectors, eigenvalues
--------------------------------------------------------------------------------------------------------------

define("entry", function(a, i, j)
  i, j = whole(i), j and whole(j)
  if not j then -- of a vector
    i, j = a.rows == 1 and 1 or i, a.rows == 1 and i or 1
  end
  if not (i >= 1 and i <= a.rows and j >= 1 and j <= a.cols) then
    fail("no entry (%d,%d) in a %d x %d matrix", i, j, a.rows, a.cols)
  end
  return number(M.at(a, i, j))
end, 2, 3)

local function column(a, name, length)
  if a.cols ~= 1 or (length and a.rows ~= length) then
    fail("%s of a %d x %d matrix", name, a.rows, a.cols)
  end
  return a
end

define("max", function(a)
  return number(math.max(table.unpack(column(a, "max"))))
end)

define("argmax", function(a) -- of equal ones the first
  local largest, found = M.max(a)[1], false
  return map(a, function(x)
    local first = x == largest and not found
    found = found or first
    return first and 1.0 or 0.0
  end)
end)

define("norminf", function(a)
  return number(M.magnitude(column(a, "norminf")))
end)

define("logsumexp", function(a)
  local largest, s = M.max(a)[1], 0.0
  for k = 1, #a do
    s = s + exp(a[k] - largest)
  end
  return number(largest + log(s))
end)

define("softmax", function(a)
  local total = M.logsumexp(a)[1]
  return map(a, function(x)
    return exp(x - total)
  end)
end)

define("mean", function(a)
  return number(M.sum(a)[1] / #a)
end)

define("var", function(a)
  local mean, s = M.mean(a)[1], 0.0
  for k = 1, #a do
    s = s + (a[k] - mean) ^ 2
  end
  return number(s / #column(a, "var"))
end)

define("hat", function(x)
  column(x, "hat", 3)
  return M.from_rows { { 0, -x[3], x[2] }, { x[3], 0, -x[1] }, { -x[2], x[1], 0 } }
end)

define("vee", function(a)
  if a.rows ~= 3 or a.cols ~= 3 then
    fail("vee of a %d x %d matrix", a.rows, a.cols)
  end
  local function half(i, j)
    return (M.at(a, i, j) - M.at(a, j, i)) / 2
  end
  return M.from_rows { { half(3, 2) }, { half(1, 3) }, { half(2, 1) } }
end)

define("cross", function(x, y)
  return multiply(M.hat(x), column(y, "cross", 3))
end, 2)

-- The Kronecker product of each column of a with the same column of b.
define("khatrirao", function(a, b)
  if a.cols ~= b.cols then
    fail("khatrirao of %d and %d columns", a.cols, b.cols)
  end
  return new(a.rows * b.rows, a.cols, function(i, j)
    local i0 = (i - 1) // b.rows
    return M.at(a, i0 + 1, j) * M.at(b, i - i0 * b.rows, j)
  end)
end, 2)

-- Columns p and q of a, of n rows, become c*p - s*q and s*p + c*q.
local function rotate(a, p, q, n, c, s)
  p, q = (p - 1) * n, (q - 1) * n
  for i = 1, n do
    local x, y = a[p + i], a[q + i]
    a[p + i], a[q + i] = c * x - s * y, s * x + c * y
  end
end

-- Eigenvalues in descending order, and the eigenvectors as columns, by Jacobi rotations; the largest entry of each vector
-- is positive. Of a matrix that is not quite symmetric, those of its symmetric part.
local function eigen(a)
  local n = square(a, "eigenvalue")
  local s = scale(M.add(a, M.transpose(a)), 0.5)
  local v = identity(n)
  for _ = 1, 60 do
    local off = 0.0
    for p = 1, n - 1 do
      for q = p + 1, n do
        local apq = M.at(s, p, q)
        off = math.max(off, abs(apq))
        if abs(apq) > 1e-300 then
          local theta = (M.at(s, q, q) - M.at(s, p, p)) / (2 * apq)
          local t = (theta >= 0 and 1 or -1) / (abs(theta) + sqrt(theta * theta + 1))
          local c = 1 / sqrt(t * t + 1)
          rotate(s, p, q, n, c, t * c)
          s = M.transpose(s)
          rotate(s, p, q, n, c, t * c)
          rotate(v, p, q, n, c, t * c)
        end
      end
    end
    if off <= 1e-15 * M.magnitude(s) then
      break
    end
  end
  local order = {}
  for k = 1, n do
    order[k] = k
  end
  table.sort(order, function(x, y)
    return M.at(s, x, x) > M.at(s, y, y)
  end)
  return s, v, order
end

-- The Moore-Penrose inverse P: V*diag(1/s)*V'*A' from the eigenvalues s of A'*A that are not zero, of which half the digits
-- are right where A is nearly singular; then, twice, 2*P - P*A*P.
define("pinv", function(a)
  local t = M.transpose(a)
  local s, v, order = eigen(multiply(t, a))
  local largest = M.at(s, order[1], order[1])
  for k = 1, s.rows do
    local value = M.at(s, k, k)
    s[(k - 1) * s.rows + k] = value > 1e-11 * largest and 1 / value or 0.0
    for i = 1, s.rows do
      if i ~= k then
        s[(k - 1) * s.rows + i] = 0.0
      end
    end
  end
  local p = multiply(v, multiply(s, multiply(M.transpose(v), t)))
  for _ = 1, 2 do
    p = M.subtract(scale(p, 2.0), multiply(p, multiply(a, p)))
  end
  return p
end)

-- The place of the k-th eigenvalue. One that is nearly multiple is refused: it has no derivative, nor has its vector a direction.
local function simple(s, order, k)
  local at = order[whole(k)] or fail "no such eigenvalue"
  for _, other in ipairs(order) do
    if other ~= at and abs(M.at(s, other, other) - M.at(s, at, at)) <= 1e-3 * M.magnitude(s) then
      fail "an eigenvalue that is not simple"
    end
  end
  return at
end

define("eigval", function(a, k)
  local s, _, order = eigen(a)
  k = simple(s, order, k)
  return number(M.at(s, k, k))
end, 2)

define("eigvec", function(a, k)
  local s, v, order = eigen(a)
  k = simple(s, order, k)
  local u = new(a.rows, 1, function(i)
    return M.at(v, i, k)
  end)
  local largest = 1
  for i = 2, a.rows do
    largest = abs(u[i]) > abs(u[largest]) + 1e-3 and i or largest
  end
  return scale(u, u[largest] < 0 and -1 or 1)
end, 2)

--------------------------------------------------------------------------------------------------------------
-- Elementwise
--------------------------------------------------------------------------------------------------------------

function M.times(a, b)
  return M.spread(a, b, function(x, y)
    return x * y
  end, ".*")
end

function M.over(a, b)
  return M.spread(a, b, function(x, y)
    return x / y
  end, "./")
end

function M.powers(a, b)
  return M.spread(a, b, number_power, ".^")
end

local function sign(x)
  if x ~= x then
    return x
  end
  return x > 0 and 1.0 or x < 0 and -1.0 or 0.0
end

local function sinh(x)
  return (exp(x) - exp(-x)) / 2
end
local function cosh(x)
  return (exp(x) + exp(-x)) / 2
end

local function tanh(x)
  local e = exp(-2 * abs(x))
  return sign(x) * (1 - e) / (1 + e)
end

local entry_functions = {
  exp = exp,
  log = log,
  sqrt = sqrt,
  sin = math.sin,
  cos = math.cos,
  tan = math.tan,
  sec = function(x)
    return 1 / math.cos(x)
  end,
  sinh = sinh,
  cosh = cosh,
  tanh = tanh,
  sech = function(x)
    return 1 / cosh(x)
  end,
  asin = math.asin,
  acos = math.acos,
  atan = math.atan,
  abs = abs,
  sign = sign,
  relu = function(x)
    return x > 0 and x or 0.0 * x
  end,
  step = function(x)
    return (1 + sign(x)) / 2
  end,
  sigmoid = function(x)
    return 1 / (1 + exp(-x))
  end,
  softplus = function(x)
    return log(1 + exp(-abs(x))) + (x > 0 and x or 0.0)
  end,
}

for name, f in pairs(entry_functions) do
  define(name, function(a)
    return map(a, f)
  end)
end

for other, name in pairs { arcsin = "asin", arccos = "acos", arctan = "atan", heaviside = "step", trace = "tr" } do
  define(other, M[name])
end

--------------------------------------------------------------------------------------------------------------
-- Random numbers, the same on every machine and version of Lua
--------------------------------------------------------------------------------------------------------------

local Random = {}
Random.__index = Random

--- A generator (xorshift64*) from a number or a text.
function M.random(seed)
  local state = 0x9E3779B97F4A7C15
  for byte in tostring(seed):gmatch "." do
    state = (state ~ byte:byte()) * 0x100000001B3
  end
  if state == 0 then
    state = 1
  end
  local self = setmetatable({ state = state }, Random)
  for _ = 1, 4 do
    self:unit()
  end
  return self
end

--- Uniform in [0, 1).
function Random:unit()
  local x = self.state
  x = x ~ (x >> 12)
  x = x ~ (x << 25)
  x = x ~ (x >> 27)
  self.state = x
  return ((x * 0x2545F4914F6CDD1D) >> 11) * 2.0 ^ -53
end

--- Uniform in [low, high).
function Random:between(low, high)
  return low + (high - low) * self:unit()
end

--- A whole number, 1 .. n.
function Random:integer(n)
  return 1 + floor(self:unit() * n)
end

--- One of a list.
function Random:pick(list)
  return list[self:integer(#list)]
end

--- True with the given probability.
function Random:chance(p)
  return self:unit() < p
end

--- Magnitude in [low, high), either sign: away from 0, where abs, sign and relu have their kinks.
function Random:signed(low, high)
  local v = self:between(low, high)
  return self:chance(0.5) and v or -v
end

return M
