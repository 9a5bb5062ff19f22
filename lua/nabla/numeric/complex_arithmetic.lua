--- The arithmetic of complex floating point: values are complex matrices (nabla.numeric.complex_matrix), derivatives along a real number
-- are finite differences.
--
-- The object is an arithmetic as nabla.check.tree_value and nabla.check.proof use it, beside nabla.numeric.arithmetic and
-- nabla.exact.arithmetic.
--
-- @module nabla.numeric.complex_arithmetic

local complex = require "nabla.numeric.complex_matrix"
local evaluate = require "nabla.numeric.complex_evaluate"
local floating = require "nabla.numeric.arithmetic"

local M = { exact = false, complex = true }

M.STEP = floating.STEP

local NEAR = 1e-8 -- how near values are that count as equal

local function undefined(...)
  error({ trees = true, message = string.format(...) }, 0)
end

function M.from(_, v)
  return complex.new(v)
end

function M.decimal(_, text)
  return complex.new(tonumber(text) + 0.0)
end

function M.zeros(_, rows, cols)
  return complex.zeros(rows, cols)
end

function M.ones(_, rows, cols)
  return complex.new(floating:ones(rows, cols))
end

function M.eye(_, n)
  return complex.eye(n)
end

--- The matrix with entries f(i, j): numbers, or complex numbers, 1 x 1.
function M.build(_, rows, cols, f)
  return complex.build(rows, cols, f)
end

--- The whole number that a 1 x 1 value is.
function M.whole(_, a)
  local x, y = a(1, 1)
  local k = math.tointeger(math.floor(x + 0.5))
  return k and math.abs(x - k) <= 1e-9 and math.abs(y) <= 1e-9 and k or nil
end

local function spread(a, b, f)
  local shape = #a == 1 and b or a
  return complex.build(shape.rows, shape.cols, function(i, j)
    local x, y = a(#a == 1 and 1 or i, #a == 1 and 1 or j)
    return f(x, y, b(#b == 1 and 1 or i, #b == 1 and 1 or j))
  end)
end

function M.times(_, a, b)
  return spread(a, b, function(x, y, u, v)
    return x * u - y * v, x * v + y * u
  end)
end

function M.over(_, a, b)
  return spread(a, b, function(x, y, u, v)
    u, v = complex.reciprocal(u, v)
    return x * u - y * v, x * v + y * u
  end)
end

function M.powers(_, a, b)
  local ok, v = pcall(evaluate.powers, a, b)
  return ok and v or undefined "a division by zero"
end

--- A square matrix to a whole power.
function M.power(_, a, k)
  local ok, v = pcall(function()
    return a ^ k
  end)
  return ok and v or undefined "the matrix is singular"
end

--- Are two values equal, but for rounding?
function M.close(_, a, b)
  if a.rows ~= b.rows or a.cols ~= b.cols then
    return false
  end
  local gap = (a - b):size()
  return gap == gap and gap <= NEAR * math.max(1, a:size(), b:size())
end

function M.less(_, a, b)
  return a.re[1] < b.re[1]
end

--- The derivative of f(t) at t = 0, by four points.
function M.slope(_, f, step)
  local h = step or M.STEP
  return ((f(h) - f(-h)) * 8 - (f(2 * h) - f(-2 * h))) / (12 * h)
end

--- The largest magnitude of an entry; not a number if one is.
function M.size(_, a)
  return a:size()
end

--- The x of a*x = b; nil where there is none, or more than one.
function M.solve(_, a, b)
  local x = complex.solve(a.H * a, a.H * b)
  return x and (a * x - b):size() < 1e-6 * (1 + b:size()) and x or nil
end

--- In words, to three digits.
function M.text(_, a)
  local text = a:text "%.3g"
  return #a == 1 and text:sub(2, -2) or text
end

--- The square root of -1.
function M.imaginary()
  return complex.new(0, 1)
end

--- The value of an operator.
function M.apply(_, session, op, args, rows, cols)
  return evaluate.apply(session, op, args, rows, cols)
end

--- An unknown function of a real argument.
function M.unknown(_, r, shape, argument, has)
  local f = floating:unknown(r, shape, argument, has)
  return function(x)
    return complex.new(f(complex.is(x) and x.re or x))
  end
end

return M
