--- Small dense matrices of floating-point numbers, for judging symbolic answers.
--
-- A matrix (spec/judge/dense.c) reads like a table with `rows`, `cols` and its entries at 1 .. rows*cols in column-major order, so
-- that `vec` only changes the two sizes. A number of the language is a 1 x 1 matrix. No function changes its arguments, but `put`.
--
-- Shapes are checked strictly, since a judge that broadcasts silently would accept answers of the wrong shape. Nothing here
-- depends on the engine under test.

local dense = require "judge_dense"
local mistakes = require "spec.judge.mistakes"

local M = {}

local abs, floor, huge = math.abs, math.floor, math.huge

-- A shape error is a mistake in the text of the caller.
local fail = mistakes.raise

for _, name in ipairs {
  "add",
  "column_norm", -- the largest sum of the magnitudes of a column
  "divide", -- each entry by a number
  "identity", -- of n rows
  "magnitude", -- the largest magnitude of an entry
  "map", -- f(entry) of each entry
  "multiply", -- the matrix product; a scalar operand scales
  "new", -- (rows, cols, entry): with entries `entry(i, j)`, zeros without it
  "over", -- entry by entry; a scalar operand meets every entry of the other one
  "part", -- (a, i, j, rows, cols): a block
  "powers", -- as over
  "put", -- (a, b, i, j, weight): a block of a becomes weight*b
  "reshape", -- (a, rows, cols): the same entries in the same order
  "romberg", -- (d0, d1, d2): the limit of what steps h, h/2 and h/4 gave, and its doubt
  "scale", -- by a number
  "shift", -- each entry by a number
  "solve", -- (a, b): the x of a*x = b
  "subtract",
  "times", -- as over
  "transpose",
} do
  M[name] = dense[name]
end

local new = M.new

--- A number as a 1 x 1 matrix.
function M.number(value)
  local a = new(1, 1)
  a[1] = value
  return a
end

--- The same matrix from a list of rows: `from_rows{ {1, 2}, {3, 4} }`.
function M.from_rows(rows)
  return new(#rows, #rows[1], function(i, j)
    return rows[i][j]
  end)
end

function M.at(a, i, j)
  return a[(j - 1) * a.rows + i]
end

function M.is_number(a)
  return a.rows == 1 and a.cols == 1
end

--- The value of a 1 x 1 matrix.
function M.value(a)
  if not M.is_number(a) then
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

--- The number of rows of a matrix that must be square; name: of what is asked of it.
function M.square(a, name)
  if a.rows ~= a.cols then
    fail("%s of a %d x %d matrix", name, a.rows, a.cols)
  end
  return a.rows
end

function M.is_finite(a)
  return M.magnitude(a) < huge
end

function M.inverse(a)
  return dense.solve(a, dense.identity(M.square(a, "inverse")))
end

return M
