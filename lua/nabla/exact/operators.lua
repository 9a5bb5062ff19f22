--- The operators of the rule files that are rational functions of the entries of their arguments, or are made of such and of
-- functions of one entry: their values for matrices of residues, in the shortest form, by entries.
--
-- nabla.numeric.operators has them for floating point. The linear ones are defined twice on purpose: there a definition names a step
-- of C, or a matrix that is not formed (a diagonal matrix, a Kronecker product, a commutation matrix), in one line; a definition by
-- entries would cost a list of places as long as the result for each size. A spec compares the two for each operator.
--
-- A definition is called with the arithmetic, the arguments (matrices; whole numbers for sizes and indices) and the rows
-- and columns of its value; A.call(name, x) is the value of a function of one entry.
--
-- @module nabla.exact.operators

local core = require("nabla.core").residue

local M = {}

--- name -> { number of arguments, definition }
local known = {}
M.known = known

local function define(name, arity, f)
  known[name] = { arity, f }
end

local function undefined(message)
  error({ trees = true, message = message }, 0)
end

-- The matrix whose entry (i, j) is the one of `a` in row p, column q, with p, q = place(i, j); 0 where that is nil.
local function moved(a, rows, cols, place)
  local places = {}
  for j = 1, cols do
    for i = 1, rows do
      local p, q = place(i, j)
      places[#places + 1] = p and (q - 1) * a.rows + p or 0
    end
  end
  return core.gather(a, rows, cols, places)
end

-- Zeros and ones: entry (i, j) is 1 where the condition holds.
local function pattern(rows, cols, holds)
  return moved(core.new(1, 1, 1), rows, cols, function(i, j)
    if holds(i, j) then
      return 1, 1
    end
  end)
end

-- ---------------------------------------------------------------------------------------------- linear

define("tr", 1, function(_, a)
  local n = a.rows
  local diagonal = moved(a, 1, n, function(_, j)
    return j, j
  end)
  return diagonal * core.new(n, 1, 1)
end)

define("sum", 1, function(_, a)
  return core.new(1, a.rows, 1) * a * core.new(a.cols, 1, 1)
end)

define("diag", 1, function(_, a, rows, cols)
  return moved(a, rows, cols, function(i, j)
    if i == j then
      return i, 1
    end
  end)
end)

define("diagv", 1, function(_, a, rows)
  return moved(a, rows, 1, function(i)
    return i, i
  end)
end)

local function same_entries(_, a, rows, cols)
  return a:reshape(rows, cols)
end

define("vec", 1, same_entries)
define("unvec", 3, function(A, a, _, _, rows, cols)
  return same_entries(A, a, rows, cols)
end)

define("kron", 2, function(_, a, b)
  return core.kron(a, b)
end)

define("khatrirao", 2, function(_, a, b, rows, cols)
  local p = b.rows
  return core.hadamard(
    moved(a, rows, cols, function(i, j)
      return (i - 1) // p + 1, j
    end),
    moved(b, rows, cols, function(i, j)
      return (i - 1) % p + 1, j
    end)
  )
end)

-- The entries of a and, after so many rows and columns, those of b.
local function joined(a, b, rows, cols, down, across)
  local first = moved(a, rows, cols, function(i, j)
    if i <= a.rows and j <= a.cols then
      return i, j
    end
  end)
  return first + moved(b, rows, cols, function(i, j)
    if i > down and j > across then
      return i - down, j - across
    end
  end)
end

define("hcat", 2, function(_, a, b, rows, cols)
  return joined(a, b, rows, cols, 0, a.cols)
end)

define("vcat", 2, function(_, a, b, rows, cols)
  return joined(a, b, rows, cols, a.rows, 0)
end)

-- The row and column of the entries of vech, in order.
local function half(n)
  local list = {}
  for j = 1, n do
    for i = j, n do
      list[#list + 1] = { i, j }
    end
  end
  return list
end

define("vech", 1, function(_, a, rows)
  local list = half(a.rows)
  return moved(a, rows, 1, function(k)
    return list[k][1], list[k][2]
  end)
end)

define("tril", 1, function(_, a, rows, cols)
  return moved(a, rows, cols, function(i, j)
    if i >= j then
      return i, j
    end
  end)
end)

define("triu", 1, function(_, a, rows, cols)
  return moved(a, rows, cols, function(i, j)
    if i <= j then
      return i, j
    end
  end)
end)

define("diagonalsums", 1, function(_, a)
  local n = a.rows
  local lines = pattern(2 * n - 1, n * n, function(d, k)
    return (k - 1) % n - (k - 1) // n + n == d
  end)
  return (lines.T * (lines * a:reshape(n * n, 1))):reshape(n, n)
end)

-- The cross product with e_k, for each k: hat(x) is the sum of these times x_k.
local HAT = { { { 3, 2, 1 }, { 2, 3, -1 } }, { { 1, 3, 1 }, { 3, 1, -1 } }, { { 2, 1, 1 }, { 1, 2, -1 } } }

local function hat(_, a)
  local sum = core.new(3, 3)
  for k, places in ipairs(HAT) do
    local unit = core.new(3, 3)
    for _, p in ipairs(places) do
      unit[(p[2] - 1) * 3 + p[1]] = p[3]
    end
    sum = sum + unit * a[k]
  end
  return sum
end

define("hat", 1, hat)

define("vee", 1, function(_, a)
  return moved(a - a.T, 3, 1, function(k)
    return HAT[k][1][1], HAT[k][1][2]
  end) / 2
end)

define("cross", 2, function(A, a, b)
  return hat(A, a) * b
end)

define("entry", 3, function(_, a, i, j)
  if i < 1 or i > a.rows or j < 1 or j > a.cols then
    undefined(string.format("entry (%d,%d) of a matrix %d x %d", i, j, a.rows, a.cols))
  end
  return a(i, j)
end)

-- ---------------------------------------------------------------------------------------------- constant matrices

define("K", 2, function(_, m, n, size)
  return pattern(size, size, function(i, j) -- row of a'(q, p), column of a(p, q)
    local p, q = (j - 1) % m, (j - 1) // m
    return i - 1 == p * n + q
  end)
end)

define("E", 4, function(_, i, j, _, _, rows, cols)
  if i < 1 or i > rows or j < 1 or j > cols then
    undefined(string.format("the unit matrix (%d,%d) of %d x %d", i, j, rows, cols))
  end
  return pattern(rows, cols, function(k, l)
    return k == i and l == j
  end)
end)

define("Dup", 1, function(_, n, rows, cols)
  local list = half(n)
  return pattern(rows, cols, function(k, h)
    local i, j = (k - 1) % n + 1, (k - 1) // n + 1
    return list[h][1] == math.max(i, j) and list[h][2] == math.min(i, j)
  end)
end)

define("Elim", 1, function(_, n, rows, cols)
  local list = half(n)
  return pattern(rows, cols, function(h, k)
    return k == (list[h][2] - 1) * n + list[h][1]
  end)
end)

define("diagonals", 1, function(_, n, rows, cols)
  return pattern(rows, cols, function(d, k)
    return (k - 1) % n - (k - 1) // n + n == d
  end)
end)

define("imagunit", 0, function()
  return core.unit() or error({ inexact = true, message = "no number modulo this prime has the square -1" }, 0)
end)

-- ---------------------------------------------------------------------------------------------- inverses and determinants

define("det", 1, function(_, a)
  return core.det(a) or undefined "the matrix is singular"
end)

define("inv", 1, function(_, a)
  return core.inverse(a) or undefined "the matrix is singular"
end)

-- a without one row and one column.
local function minor(a, row, col)
  return moved(a, a.rows - 1, a.cols - 1, function(i, j)
    return i < row and i or i + 1, j < col and j or j + 1
  end)
end

define("adj", 1, function(A, a)
  local n = a.rows
  if n == 1 then
    return core.new(1, 1, 1)
  end
  local inverse = core.inverse(a)
  if inverse then
    return core.det(a) * inverse
  end
  return A:build(n, n, function(i, j)
    local d = core.det(minor(a, j, i)) or undefined "the matrix is singular"
    return (i + j) % 2 == 0 and d or -d
  end)
end)

-- From a factorisation C*F of full rank: F'*inv(F*F')*inv(C'*C)*C'. Complex conjugates have no counterpart here: C'*C can be
-- singular, and then the value is not defined.
define("pinv", 1, function(A, a)
  A.rank_matters = true -- it is not continuous: what holds for matrices of full rank need not hold for others
  local n, rank, columns = a.cols, 0, {}
  local C
  for j = 1, n do
    local with = {}
    table.move(columns, 1, #columns, 1, with)
    with[#with + 1] = j
    local candidate = moved(a, a.rows, #with, function(i, k)
      return i, with[k]
    end)
    if core.rank(candidate) > rank then
      rank, columns, C = rank + 1, with, candidate
    end
  end
  if rank == 0 then
    return core.zero(a) and core.new(n, a.rows) or undefined "the rank changes"
  end
  local left = core.inverse(C.T * C)
  local F = left and left * (C.T * a)
  local right = F and core.inverse(F * F.T)
  if not right then
    undefined "a Gram matrix is singular"
  elseif not core.equal(C * F, a) then
    undefined "the rank changes"
  end
  return F.T * right * left * C.T
end)

-- ---------------------------------------------------------------------------------------------- by functions of one entry

-- The logarithm of the size of a determinant: what `log` says of its derivative holds of log|t| as well.
define("logdet", 1, function(A, a)
  local d = core.det(a) or undefined "the matrix is singular"
  return A.call("log", d)
end)

local function total(a)
  return core.new(1, a.rows, 1) * a * core.new(a.cols, 1, 1)
end

define("norm2", 1, function(A, a)
  return A:powers(total(core.hadamard(a, a)), core.new(1, 1, 1) / 2)
end)

define("norm1", 1, function(A, a)
  return total(A.call("abs", a))
end)

define("logsumexp", 1, function(A, a)
  return A.call("log", total(A.call("exp", a)))
end)

define("softmax", 1, function(A, a)
  local e = A.call("exp", a)
  return A:over(e, total(e))
end)

return M
