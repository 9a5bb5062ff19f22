--- The functions of the language, by their names there: name -> { function, least number of arguments, most }.
-- Each takes and returns matrices; a size or an index is a matrix of one whole number.

local arithmetic = require "spec.judge.arithmetic"
local dense = require "judge_dense"
local matrix_functions = require "spec.judge.matrix_functions"
local mistakes = require "spec.judge.mistakes"

local M = {}

local abs, log = math.abs, math.log
local fail = mistakes.raise
local new, number, at, reshape = arithmetic.new, arithmetic.number, arithmetic.at, arithmetic.reshape
local whole, square, scale = arithmetic.integer, arithmetic.square, arithmetic.scale

local function define(name, f, least, most)
  M[name] = { f, least or 1, most or least or 1 }
end

--------------------------------------------------------------------------------------------------------------
-- Constant matrices
--------------------------------------------------------------------------------------------------------------

define("I", function(n)
  return dense.identity(whole(n))
end)

define("ones", function(m, n)
  return dense.shift(new(whole(m), n and whole(n) or 1), 1)
end, 1, 2)

define("zeros", function(m, n)
  return new(whole(m), n and whole(n) or 1)
end, 1, 2)

-- E(i,j,m,n): a single one, at (i,j).
define("E", function(i, j, m, n)
  i, j, m, n = whole(i), whole(j), whole(m), whole(n)
  local a = new(m, n)
  if i >= 1 and i <= m and j >= 1 and j <= n then
    a[(j - 1) * m + i] = 1.0
  end
  return a
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

-- diagonals(n)*vec(A) lists the sums of the diagonals, from the one at the upper right on.
define("diagonals", function(n)
  n = whole(n)
  return new(2 * n - 1, n * n, function(row, place)
    local i, j = (place - 1) % n + 1, (place - 1) // n + 1
    return i - j + n == row and 1.0 or 0.0
  end)
end)

--------------------------------------------------------------------------------------------------------------
-- Entries in other places
--------------------------------------------------------------------------------------------------------------

-- Zeros above the diagonal, below it.
define("tril", function(a)
  return dense.triangle(a, false)
end)

define("triu", function(a)
  return dense.triangle(a, true)
end)

-- Each entry is the sum of the entries of a on its diagonal.
define("diagonalsums", function(a)
  local n = square(a, "diagonalsums")
  local sums = {}
  for i = 1, n do
    for j = 1, n do
      sums[i - j] = (sums[i - j] or 0.0) + at(a, i, j)
    end
  end
  return new(n, n, function(i, j)
    return sums[i - j]
  end)
end)

define("vec", function(a)
  return reshape(a, #a, 1)
end)

define("unvec", function(a, m, n)
  m, n = whole(m), whole(n)
  if m * n ~= #a then
    fail("unvec of %d entries to %d x %d", #a, m, n)
  end
  return reshape(a, m, n)
end, 3)

define("vech", function(a)
  local n = square(a, "vech")
  local v, k = new(n * (n + 1) // 2, 1), 0
  for j = 1, n do
    for i = j, n do
      k = k + 1
      v[k] = at(a, i, j)
    end
  end
  return v
end)

define("diag", dense.diag)
define("diagv", dense.diagv)
define("kron", dense.kron, 2)
define("khatrirao", dense.khatrirao, 2)

define("entry", function(a, i, j)
  i, j = whole(i), j and whole(j)
  if not j then -- of a vector
    i, j = a.rows == 1 and 1 or i, a.rows == 1 and i or 1
  end
  if not (i >= 1 and i <= a.rows and j >= 1 and j <= a.cols) then
    fail("no entry (%d,%d) in a %d x %d matrix", i, j, a.rows, a.cols)
  end
  return number(at(a, i, j))
end, 2, 3)

--------------------------------------------------------------------------------------------------------------
-- Numbers of a matrix, its inverses
--------------------------------------------------------------------------------------------------------------

define("tr", dense.trace)
define("sum", dense.sum)
define("det", dense.det)

define("logdet", function(a)
  return number(log(abs(dense.det(a)[1])))
end)

define("norm2", dense.norm2)
define("normF", dense.norm2)

define("norm1", function(a)
  return dense.sum(dense.elementwise.abs(a))
end)

define("inv", arithmetic.inverse)

-- The adjugate by cofactors: it exists where the inverse does not.
define("adj", function(a)
  local n = square(a, "adjugate")
  return new(n, n, function(i, j)
    local minor, k = new(n - 1, n - 1), 0
    for c = 1, n do
      for r = 1, n do
        if r ~= j and c ~= i then
          k = k + 1
          minor[k] = at(a, r, c)
        end
      end
    end
    return ((i + j) % 2 == 0 and 1 or -1) * dense.det(minor)[1]
  end)
end)

for _, name in ipairs { "expm", "sinm", "cosm", "sqrtm", "logm" } do
  define(name, matrix_functions[name])
end

-- The solution X of a*X*b + c*X*d = f, by Kronecker products.
local function two_terms(a, b, c, d, f)
  local whole_map = dense.add(dense.kron(dense.transpose(b), a), dense.kron(dense.transpose(d), c))
  return reshape(dense.solve(whole_map, reshape(f, f.rows * f.cols, 1)), f.rows, f.cols)
end

define("sylvester", function(a, b, c)
  return two_terms(a, dense.identity(c.cols), dense.identity(c.rows), b, c)
end, 3)

define("lyapunov", function(a, c)
  return two_terms(a, dense.identity(c.cols), dense.identity(c.rows), dense.transpose(a), c)
end, 2)

define("stein", function(a, b, c)
  return two_terms(dense.identity(c.rows), dense.identity(c.cols), dense.scale(a, -1), b, c)
end, 3)

--------------------------------------------------------------------------------------------------------------
-- Vectors
--------------------------------------------------------------------------------------------------------------

local function column(a, name, length)
  if a.cols ~= 1 or (length and a.rows ~= length) then
    fail("%s of a %d x %d matrix", name, a.rows, a.cols)
  end
  return a
end

local function largest(a)
  return dense.largest(column(a, "max"))
end

define("max", largest)

define("argmax", function(a) -- of equal ones the first
  local value, found = largest(a)[1], false
  return dense.map(a, function(x)
    local first = x == value and not found
    found = found or first
    return first and 1.0 or 0.0
  end)
end)

define("norminf", function(a)
  return number(dense.magnitude(column(a, "norminf")))
end)

local function logsumexp(a)
  local most = largest(a)[1]
  return number(most + log(dense.sum(dense.elementwise.exp(dense.shift(a, -most)))[1]))
end

define("logsumexp", logsumexp)

define("softmax", function(a)
  return dense.elementwise.exp(dense.shift(a, -logsumexp(a)[1]))
end)

define("mean", function(a)
  return number(dense.sum(a)[1] / #a)
end)

define("var", function(a)
  local mean, s = dense.sum(a)[1] / #a, 0.0
  for k = 1, #a do
    s = s + (a[k] - mean) ^ 2
  end
  return number(s / #column(a, "var"))
end)

local function hat(x)
  column(x, "hat", 3)
  return arithmetic.from_rows { { 0, -x[3], x[2] }, { x[3], 0, -x[1] }, { -x[2], x[1], 0 } }
end

define("hat", hat)

define("vee", function(a)
  if a.rows ~= 3 or a.cols ~= 3 then
    fail("vee of a %d x %d matrix", a.rows, a.cols)
  end
  local function half(i, j)
    return (at(a, i, j) - at(a, j, i)) / 2
  end
  return arithmetic.from_rows { { half(3, 2) }, { half(1, 3) }, { half(2, 1) } }
end)

define("cross", function(x, y)
  return dense.multiply(hat(x), column(y, "cross", 3))
end, 2)

--------------------------------------------------------------------------------------------------------------
-- Eigenvalues
--------------------------------------------------------------------------------------------------------------

-- Of the symmetric part of a matrix: the eigenvalues as a diagonal, the eigenvectors as columns, the order in which the
-- eigenvalues descend.
local function eigen(a)
  local s, v = dense.jacobi(a)
  local order = {}
  for k = 1, s.rows do
    order[k] = k
  end
  table.sort(order, function(x, y)
    return at(s, x, x) > at(s, y, y)
  end)
  return s, v, order
end

-- The Moore-Penrose inverse P: V*diag(1/s)*V'*A' from the eigenvalues s of A'*A that are not zero, of which half the digits
-- are right where A is nearly singular; then, twice, 2*P - P*A*P.
define("pinv", function(a)
  local t = dense.transpose(a)
  local s, v, order = eigen(dense.multiply(t, a))
  local most = at(s, order[1], order[1])
  local inverse = dense.diag(dense.map(dense.diagv(s), function(value)
    return value > 1e-11 * most and 1 / value or 0.0
  end))
  local p = dense.multiply(v, dense.multiply(inverse, dense.multiply(dense.transpose(v), t)))
  for _ = 1, 2 do
    p = dense.subtract(scale(p, 2.0), dense.multiply(p, dense.multiply(a, p)))
  end
  return p
end)

-- The place of the k-th eigenvalue. One that is nearly multiple is refused: it has no derivative, nor has its vector a direction.
local function simple(s, order, k)
  local place = order[whole(k)] or fail "no such eigenvalue"
  for _, other in ipairs(order) do
    if other ~= place and abs(at(s, other, other) - at(s, place, place)) <= 1e-3 * dense.magnitude(s) then
      fail "an eigenvalue that is not simple"
    end
  end
  return place
end

define("eigval", function(a, k)
  local s, _, order = eigen(a)
  k = simple(s, order, k)
  return number(at(s, k, k))
end, 2)

-- The largest entry of an eigenvector is positive.
define("eigvec", function(a, k)
  local s, v, order = eigen(a)
  local u = dense.part(v, 1, simple(s, order, k), a.rows, 1)
  local place = 1
  for i = 2, a.rows do
    place = abs(u[i]) > abs(u[place]) + 1e-3 and i or place
  end
  return scale(u, u[place] < 0 and -1 or 1)
end, 2)

--------------------------------------------------------------------------------------------------------------
-- Elementwise, other names
--------------------------------------------------------------------------------------------------------------

for name, f in pairs(dense.elementwise) do
  define(name, f)
end

for other, name in pairs { arcsin = "asin", arccos = "acos", arctan = "atan", heaviside = "step", trace = "tr" } do
  M[other] = M[name]
end

return M
