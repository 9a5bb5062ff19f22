--- The arithmetic of floating point: values are matrices of doubles (nabla.numeric.matrix), derivatives are finite differences.
--
-- The object is an arithmetic as nabla.check.tree_value, nabla.compare.random_matrix and nabla.check.proof use it;
-- nabla.exact.arithmetic makes the other one.
--
-- @module nabla.numeric.arithmetic

local core = require "nabla.numeric.core"
local matrix = require "nabla.numeric.matrix"

local M = { exact = false }

--- The step of finite differences.
M.STEP = 1e-3

local NEAR = 1e-8 -- how near values are that count as equal
local LEAST_PIVOT = 1e-7 -- of what counts for the rank

local function undefined(...)
  error({ trees = true, message = string.format(...) }, 0)
end

-- ---------------------------------------------------------------------------------------------- values

function M.from(_, v)
  return core.from(v)
end

--- The value of a number as it is written.
function M.decimal(_, text)
  return core.from(tonumber(text) + 0.0)
end

function M.zeros(_, rows, cols)
  return core.new(rows, cols)
end

function M.ones(_, rows, cols)
  return core.new(rows, cols, 1)
end

function M.eye(_, n)
  return matrix.eye(n)
end

--- The matrix with entries f(i, j): numbers, or 1 x 1 matrices.
function M.build(_, rows, cols, f)
  local a, k = core.new(rows, cols), 0
  for j = 1, cols do
    for i = 1, rows do
      local v = f(i, j)
      k = k + 1
      a[k] = type(v) == "number" and v or v[1]
    end
  end
  return a
end

--- A matrix of random entries between low and high, with random signs if wanted. `r`: random numbers (nabla.compare.random_matrix).
function M.draw(_, r, rows, cols, low, high, signed)
  local a
  a, r.state = core.draw(r.state, rows, cols, low, high - low, signed)
  return a
end

--- The whole number that a 1 x 1 value is.
function M.whole(_, a)
  local k = math.tointeger(math.floor(a[1] + 0.5))
  return k and math.abs(a[1] - k) <= 1e-9 and k or nil
end

-- ---------------------------------------------------------------------------------------------- arithmetic

-- Entry by entry; a 1 x 1 matrix meets every entry of the other one.
local function spread(a, b, f)
  local one, other = #a == 1 and a[1], #b == 1 and b[1]
  local shape = one and b or a
  local result = core.new(shape.rows, shape.cols)
  for k = 1, #shape do
    result[k] = f(one or a[k], other or b[k])
  end
  return result
end

function M.times(_, a, b)
  if #a == 1 or #b == 1 then
    return #a == 1 and b * a[1] or a * b[1]
  end
  return spread(a, b, function(x, y)
    return x * y
  end)
end

function M.over(_, a, b)
  if #b == 1 then
    return a / b[1]
  end
  return spread(a, b, function(x, y)
    return x / y
  end)
end

function M.powers(_, a, b)
  return spread(a, b, function(x, y)
    return y == 2 and x * x or x ^ y
  end)
end

--- The rank, by elimination with full pivoting.
function M.rank(_, a)
  return core.rank(a, LEAST_PIVOT)
end

--- A square matrix to a whole power.
function M.power(A, a, k)
  if k < 0 and A:rank(a) < a.rows then
    undefined "the matrix is singular"
  end
  local ok, v = pcall(function()
    return a ^ k
  end)
  return ok and v or undefined "the matrix is singular"
end

--- Are two values equal, but for rounding?
function M.close(_, a, b)
  return core.close(a, b, NEAR)
end

function M.less(_, a, b)
  return a[1] < b[1]
end

--- The derivative of f(t) at t = 0, by four points.
function M.slope(_, f, step)
  local h = step or M.STEP
  return ((f(h) - f(-h)) * 8 - (f(2 * h) - f(-2 * h))) / (12 * h)
end

--- The largest magnitude of an entry; not a number if one is.
function M.size(_, a)
  return a:magnitude()
end

--- The x of a*x = b; nil where there is none, or more than one.
function M.solve(A, a, b)
  local gram = a.T * a
  local n = gram.rows
  local rows = {}
  for i = 1, n do
    rows[i] = {}
    for j = 1, n do
      rows[i][j] = gram(i, j)
    end
  end
  local right = a.T * b
  for c = 1, n do
    local p = c
    for i = c + 1, n do
      p = math.abs(rows[i][c]) > math.abs(rows[p][c]) and i or p
    end
    if math.abs(rows[p][c]) < 1e-9 then
      return nil
    end
    rows[c], rows[p] = rows[p], rows[c]
    local t = right[c]
    right[c] = right[p]
    right[p] = t
    for i = 1, n do
      local q = i ~= c and rows[i][c] / rows[c][c] or 0
      if q ~= 0 then
        for j = c, n do
          rows[i][j] = rows[i][j] - q * rows[c][j]
        end
        right[i] = right[i] - q * right[c]
      end
    end
  end
  for c = 1, n do
    right[c] = right[c] / rows[c][c]
  end
  return A:size(a * right - b) < 1e-6 * (1 + A:size(b)) and right or nil
end

--- In words, to three digits.
function M.text(_, a)
  local rows = {}
  for i = 1, a.rows do
    local row = {}
    for j = 1, a.cols do
      row[j] = string.format("%.3g", a(i, j))
    end
    rows[i] = table.concat(row, " ")
  end
  return #a == 1 and rows[1] or "[" .. table.concat(rows, "; ") .. "]"
end

-- ---------------------------------------------------------------------------------------------- unknown functions

local WAVES = 3

--- An unknown function c + L*vec(x) + B*sin(P*vec(x) + q): random and smooth, and near c, which has an inverse.
-- @tparam table r random numbers (nabla.compare.random_matrix)
-- @tparam table shape rows and cols of its values
-- @tparam table argument rows and cols of its argument
-- @tparam[opt] table has attributes of its values: symmetric, skew; or of its argument: ofsymmetric
-- @treturn function its value
-- @treturn function its first derivative in the engine's form
-- @treturn function gives the k-th derivative for a k of 2 or more
function M.unknown(_, r, shape, argument, has)
  local rows, cols, p = shape.rows, shape.cols, argument.rows
  local of, count = rows * cols, p * argument.cols
  local function random(m, k, low, high, signed)
    return M:draw(r, m, k, low, high, signed)
  end
  local P, q = random(WAVES, count, 0.3, 1.2, true), random(WAVES, 1, 0.3, 1.2, true)
  local B, L = random(of, WAVES, 0.05, 0.35, true), random(of, count, 0.02, 0.1, true)
  local c = random(of, 1, 0.3, 1.2)
  if rows == cols then -- well conditioned
    for i = 1, rows do
      c[(i - 1) * rows + i] = c[(i - 1) * rows + i] + 2
    end
  end
  if has and has.ofsymmetric and p * p == count then
    local function folded(A)
      return matrix.build(A.rows, count, function(k, l)
        local i, j = (l - 1) % p, (l - 1) // p
        return (A(k, l) + A(k, i * p + j + 1)) / 2
      end)
    end
    P, L = folded(P), folded(L)
  end
  if has and (has.symmetric or has.skew) then
    local sign = has.skew and -1 or 1
    local function mirror(A)
      return matrix.build(of, A.cols, function(k, l)
        local i, j = (k - 1) % rows, (k - 1) // rows
        return (A(k, l) + sign * A(i * rows + j + 1, l)) / 2
      end)
    end
    B, L, c = mirror(B), mirror(L), mirror(c)
  end
  local function column(x)
    return type(x) == "number" and matrix { x } or x:reshape(count, 1)
  end
  local function angle(x)
    return P * x + q
  end
  local function value(x)
    x = column(x)
    return (c + L * x + B * angle(x):map(math.sin)):reshape(rows, cols)
  end
  -- by a scalar of the shape of the value; of a scalar by p x q as q x p; else a row for each entry, a column for each of x
  local function first(x)
    local t = angle(column(x))
    local J = matrix.build(of, count, function(i, j)
      local sum = L(i, j)
      for k = 1, WAVES do
        sum = sum + B(i, k) * math.cos(t[k]) * P(k, j)
      end
      return sum
    end)
    if count == 1 then
      return J:reshape(rows, cols)
    elseif of == 1 then
      return J.T:reshape(p, count // p).T
    end
    return J
  end
  local function higher(order)
    return function(x)
      local t = angle(column(x))
      local slope = {}
      for k = 1, WAVES do
        slope[k] = math.sin(t[k] + order * math.pi / 2)
      end
      -- row i of the values, then one entry of the argument after the other, the last in the columns
      local H = matrix.build(math.tointeger(of * count ^ (order - 1)), count, function(row, last)
        local rest = row - 1
        local i = rest % of + 1
        rest = rest // of
        local sum = 0
        for k = 1, WAVES do
          local term, others = B(i, k) * slope[k] * P(k, last), rest
          for _ = 2, order do
            term, others = term * P(k, others % count + 1), others // count
          end
          sum = sum + term
        end
        return sum
      end)
      return count == 1 and H:reshape(rows, cols) or H
    end
  end
  return value, first, higher
end

return M
