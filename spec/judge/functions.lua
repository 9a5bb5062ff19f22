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

-- Matrices side by side, and one above the other.
define("hcat", function(...)
  local list, cols = { ... }, 0
  for _, a in ipairs(list) do
    if a.rows ~= list[1].rows then
      fail("%d and %d rows side by side", list[1].rows, a.rows)
    end
    cols = cols + a.cols
  end
  local joined, k = new(list[1].rows, cols), 0
  for _, a in ipairs(list) do
    for i = 1, #a do
      k = k + 1
      joined[k] = a[i]
    end
  end
  return joined
end, 1, 99)

define("vcat", function(...)
  local list, rows = { ... }, 0
  for _, a in ipairs(list) do
    if a.cols ~= list[1].cols then
      fail("%d and %d columns one above the other", list[1].cols, a.cols)
    end
    rows = rows + a.rows
  end
  local joined, down = new(rows, list[1].cols), 0
  for _, a in ipairs(list) do
    for j = 1, a.cols do
      for i = 1, a.rows do
        joined[(j - 1) * rows + down + i] = at(a, i, j)
      end
    end
    down = down + a.rows
  end
  return joined
end, 1, 99)

-- The matrix of blocks, row by row: how many rows, how many blocks in each, and the blocks. A block that is the number 0 is as
-- large as the others in its row and in its column say.
define("blocks", function(count, ...)
  local given, counts, rows, at_block = { ... }, {}, {}, whole(count)
  for i = 1, whole(count) do
    counts[i] = whole(given[i])
  end
  local heights, widths = {}, {}
  for i, n in ipairs(counts) do
    rows[i] = {}
    for j = 1, n do
      at_block = at_block + 1
      local block = given[at_block]
      rows[i][j] = block
      if #block > 1 or block[1] ~= 0 then
        heights[i], widths[j] = heights[i] or block.rows, widths[j] or n == counts[1] and block.cols or nil
      end
    end
  end
  for _, n in ipairs(counts) do
    widths = n == counts[1] and widths or {} -- no grid
  end
  for i, row in ipairs(rows) do
    for j, block in ipairs(row) do
      if #block == 1 and block[1] == 0 then
        row[j] = new(heights[i] or 1, widths[j] or 1)
      end
    end
    rows[i] = M.hcat[1](table.unpack(row))
  end
  return M.vcat[1](table.unpack(rows))
end, 2, 999)

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

-- f entry by entry of several matrices; a scalar among them goes to each entry.
local function of_entries(name, f, count, alone)
  define(name, function(...)
    local args, large = { ... }, nil
    for _, a in ipairs(args) do
      large = large or #a > 1 and a
    end
    if #args == 1 and alone then
      return alone(args[1])
    end
    large = large or args[1]
    for _, a in ipairs(args) do
      if #a > 1 and (a.rows ~= large.rows or a.cols ~= large.cols) then
        fail("%s of %d x %d and %d x %d", name, large.rows, large.cols, a.rows, a.cols)
      end
    end
    return new(large.rows, large.cols, function(i, j)
      local entries = {}
      for k, a in ipairs(args) do
        entries[k] = #a > 1 and at(a, i, j) or a[1]
      end
      return f(table.unpack(entries))
    end)
  end, alone and 1 or count, count)
end

local function within(t, low, high)
  return math.min(math.max(t, low), high)
end

of_entries("maximum", math.max, 2)
of_entries("max", math.max, 2, largest)
of_entries("minimum", math.min, 2)
of_entries("min", math.min, 2)
of_entries("clip", within, 3)
of_entries("where", function(c, s, t)
  return c * s + (1 - c) * t
end, 3)
of_entries("atan2", function(s, t)
  return math.atan(s, t)
end, 2)
local function leaky(t, slope)
  return t > 0 and t or slope * t
end
local function huber(t, width)
  return abs(t) < width and t ^ 2 / 2 or width * (abs(t) - width / 2)
end
local function elu(t, a)
  return t > 0 and t or a * (math.exp(t) - 1)
end
of_entries("leakyrelu2", leaky, 2)
of_entries("leakyrelu", leaky, 2, dense.elementwise.leakyrelu)
of_entries("huber2", huber, 2)
of_entries("huber", huber, 2, dense.elementwise.huber)
of_entries("elu2", elu, 2)
of_entries("elu", elu, 2, dense.elementwise.elu)

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
-- The stabilizing X with a'*X + X*a - X*s*X + q = 0, by the sign of the Hamiltonian matrix (Roberts 1971).
define("care", function(a, s, q)
  local n = square(a, "Riccati equation")
  local z = new(2 * n, 2 * n, function(i, j)
    if i <= n then
      return j <= n and at(a, i, j) or -at(s, i, j - n)
    end
    return j <= n and -at(q, i - n, j) or -at(a, j - n, i - n)
  end)
  for _ = 1, 60 do
    z = scale(dense.add(z, arithmetic.inverse(z)), 0.5)
  end
  -- the sign maps the stable subspace [I; X] to its negative: [z12; z22 + I]*X = -[z11 + I; z21]
  local left, right = new(2 * n, n, function(i, j)
    return at(z, i, j + n) + (i == j + n and 1 or 0)
  end), new(2 * n, n, function(i, j)
    return -at(z, i, j) - (i == j and 1 or 0)
  end)
  local turned = dense.transpose(left)
  return dense.solve(dense.multiply(turned, left), dense.multiply(turned, right))
end, 3)

-- The X with X = a'*X*a - a'*X*b*inv(r + b'*X*b)*b'*X*a + q, by value iteration.
define("dare", function(a, b, q, r)
  local ta, tb, x = dense.transpose(a), dense.transpose(b), q
  for _ = 1, 3000 do
    local xa, xb = dense.multiply(x, a), dense.multiply(x, b)
    local gain = dense.solve(dense.add(r, dense.multiply(tb, xb)), dense.multiply(tb, xa))
    local next_x = dense.add(q, dense.multiply(ta, dense.add(xa, scale(dense.multiply(xb, gain), -1))))
    local change = dense.magnitude(dense.add(next_x, scale(x, -1)))
    x = next_x
    if change <= 1e-14 * dense.magnitude(x) then
      break
    end
  end
  return x
end, 4)

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

for name, first in pairs { eigmax = true, eigmin = false } do
  define(name, function(a)
    local s, _, order = eigen(a)
    local k = first and 1 or #order
    return number(at(s, order[k], order[k]))
  end)
end

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
-- Singular values, from the eigenvalues of a'*a
--------------------------------------------------------------------------------------------------------------

local function right_vector(a, k)
  local s, v, order = eigen(dense.multiply(dense.transpose(a), a))
  local place = simple(s, order, k)
  local u, most = dense.part(v, 1, place, a.cols, 1), 1
  for i = 2, a.cols do
    most = abs(u[i]) > abs(u[most]) + 1e-3 and i or most
  end
  return scale(u, u[most] < 0 and -1 or 1), at(s, place, place) ^ 0.5
end

define("singval", function(a, k)
  local _, value = right_vector(a, k)
  return number(value)
end, 2)
define("rightsingvec", function(a, k)
  return (right_vector(a, k))
end, 2)
define("leftsingvec", function(a, k)
  local v, value = right_vector(a, k)
  return scale(dense.multiply(a, v), 1 / value)
end, 2)
define("spectralnorm", function(a)
  local _, value = right_vector(a, number(1))
  return number(value)
end)
define("nuclearnorm", function(a)
  local s, sum = eigen(dense.multiply(dense.transpose(a), a)), 0.0
  for k = 1, s.rows do
    sum = sum + at(s, k, k) ^ 0.5
  end
  return number(sum)
end)

--------------------------------------------------------------------------------------------------------------
-- Rows, columns and parts of a matrix
--------------------------------------------------------------------------------------------------------------

local function by_rows(name, f)
  define(name, function(a)
    return new(a.rows, 1, function(i)
      local row = {}
      for j = 1, a.cols do
        row[j] = at(a, i, j)
      end
      return f(row)
    end)
  end)
end

local function log_of_exponentials(list)
  local s = 0.0
  for _, x in ipairs(list) do
    s = s + math.exp(x)
  end
  return log(s)
end

by_rows("rowsums", function(row)
  local s = 0.0
  for _, x in ipairs(row) do
    s = s + x
  end
  return s
end)
by_rows("logsumexprows", log_of_exponentials)
for of_columns, of_rows in pairs { colsums = "rowsums", logsumexpcols = "logsumexprows" } do
  define(of_columns, function(a)
    return dense.transpose(M[of_rows][1](dense.transpose(a)))
  end)
end

local function softmax_of_rows(a)
  local shift = M.logsumexprows[1](a)
  return new(a.rows, a.cols, function(i, j)
    return math.exp(at(a, i, j) - shift[i])
  end)
end
define("softmaxrows", softmax_of_rows)
define("softmaxcols", function(a)
  return dense.transpose(softmax_of_rows(dense.transpose(a)))
end)

define("prod", function(a)
  local p = 1.0
  for k = 1, #a do
    p = p * a[k]
  end
  return number(p)
end)
define("cumsum", function(a)
  local b = new(a.rows, a.cols)
  for k = 1, #a do
    b[k] = a[k] + ((k - 1) % a.rows > 0 and b[k - 1] or 0)
  end
  return b
end)
define("convmatrix", function(x, n)
  n = whole(n)
  return new(column(x, "convmatrix").rows + n - 1, n, function(i, j)
    return x[i - j + 1] and i >= j and x[i - j + 1] or 0.0
  end)
end, 2)
define("conv", function(x, y)
  local z = new(x.rows + y.rows - 1, 1)
  for i = 1, x.rows do
    for j = 1, y.rows do
      z[i + j - 1] = z[i + j - 1] + x[i] * y[j]
    end
  end
  return z
end, 2)
for name, sign in pairs { sym = 1, skewpart = -1 } do
  define(name, function(a)
    local n = square(a, name)
    return new(n, n, function(i, j)
      return (at(a, i, j) + sign * at(a, j, i)) / 2
    end)
  end)
end
define("deviator", function(a)
  local n = square(a, "deviator")
  return new(n, n, function(i, j)
    return at(a, i, j) - (i == j and dense.trace(a)[1] / n or 0)
  end)
end)
define("cov", function(a)
  local m = a.rows
  local mean = M.colsums[1](a)
  return new(a.cols, a.cols, function(i, j)
    local s = 0.0
    for k = 1, m do
      s = s + (at(a, k, i) - mean[i] / m) * (at(a, k, j) - mean[j] / m)
    end
    return s / (m - 1)
  end)
end)
-- Column by column, of the symmetric part.
define("chol", function(a)
  local n = square(a, "chol")
  local l = new(n, n)
  for j = 1, n do
    for i = j, n do
      local rest = (at(a, i, j) + at(a, j, i)) / 2
      for k = 1, j - 1 do
        rest = rest - at(l, i, k) * at(l, j, k)
      end
      if i == j and rest <= 0 then
        fail "chol of a matrix that is not positive definite"
      end
      l[(j - 1) * n + i] = i == j and rest ^ 0.5 or rest / at(l, j, j)
    end
  end
  return l
end)

--------------------------------------------------------------------------------------------------------------
-- Elementwise, other names
--------------------------------------------------------------------------------------------------------------

for name, f in pairs(dense.elementwise) do
  if not M[name] then -- of several arguments above
    define(name, f)
  end
end

for other, name in pairs { arcsin = "asin", arccos = "acos", arctan = "atan", heaviside = "step", trace = "tr" } do
  M[other] = M[name]
end

return M
