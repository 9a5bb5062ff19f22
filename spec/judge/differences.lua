--- Numerical differences: the first and second derivatives of what a function without arguments comes to.
--
-- The function F reads the table `values` (name -> matrix); a derivative moves the values of the variables in it. With a
-- structure, entries that belong together move together: by convention "entries" the derivative by a free entry,
-- "projected" its share. Every derivative comes with an estimate of its error, the doubt.
-- Invariant: afterwards the values are what they were, also when F raises an error.

local mistakes = require "spec.judge.mistakes"
local numeric = require "spec.judge.numeric"

local M = {}

local fail = mistakes.raise

--------------------------------------------------------------------------------------------------------------
-- Difference quotients
--------------------------------------------------------------------------------------------------------------

-- Value at step 0 of a symmetric difference quotient, by Romberg's extrapolation over three halved steps.
-- Returns the value and an estimate of its error.
local function extrapolate(quotient, step)
  return numeric.romberg(quotient(step), quotient(step / 2), quotient(step / 4))
end

-- As extrapolate, with a second, smaller step where the first is in doubt (a kink or a strong curvature
-- nearby).
local function settle(quotient, step)
  local value, doubt = extrapolate(quotient, step)
  if doubt > 1e-8 * math.max(1, numeric.magnitude(value)) then
    local again, less = extrapolate(quotient, step / 20)
    if less < doubt then
      return again, less
    end
  end
  return value, doubt
end

--------------------------------------------------------------------------------------------------------------
-- Structures
--------------------------------------------------------------------------------------------------------------

-- The entries that move with entry (i,j) of a structured n x n matrix, as a list of { row, column, sign }; nil: it is fixed.
local moves = {
  symmetric = function(i, j)
    return i == j and { { i, i, 1 } } or { { i, j, 1 }, { j, i, 1 } }
  end,
  skew = function(i, j)
    return i ~= j and { { i, j, 1 }, { j, i, -1 } } or nil
  end,
  diagonal = function(i, j)
    return i == j and { { i, i, 1 } } or nil
  end,
  lower = function(i, j)
    return i >= j and { { i, j, 1 } } or nil
  end,
  upper = function(i, j)
    return i <= j and { { i, j, 1 } } or nil
  end,
  toeplitz = function(i, j, n)
    local list = {}
    for row = math.max(1, 1 + i - j), math.min(n, n + i - j) do
      list[#list + 1] = { row, row - i + j, 1 }
    end
    return list
  end,
  symmetric_toeplitz = function(i, j, n)
    local list, distance = {}, math.abs(i - j)
    for row = 1, n do
      for col = 1, n do
        if math.abs(row - col) == distance then
          list[#list + 1] = { row, col, 1 }
        end
      end
    end
    return list
  end,
}

--- The structure of a variable with a set of attributes; nil if its entries are independent.
function M.structure(has)
  if has.toeplitz and has.symmetric then
    return "symmetric_toeplitz"
  end
  for _, structure in ipairs { "diagonal", "skew", "lower", "upper", "toeplitz" } do
    if has[structure] then
      return structure
    end
  end
  return (has.symmetric or has.spd or has.psd) and "symmetric" or nil
end

-- The direction in which entry (i,j) of a variable moves, and the weight of its derivative; nil: it is fixed.
local function direction(shape, i, j, structure, convention)
  local list = structure and moves[structure](i, j, shape.rows) or not structure and { { i, j, 1 } }
  if not list then
    return nil
  end
  local d = numeric.new(shape.rows, shape.cols)
  for _, move in ipairs(list) do
    d[(move[2] - 1) * shape.rows + move[1]] = move[3] + 0.0
  end
  return d, convention == "projected" and 1 / #list or 1
end

--------------------------------------------------------------------------------------------------------------
-- Derivatives
--------------------------------------------------------------------------------------------------------------

-- What body() gives; afterwards the values of the names are what they were.
local function restoring(values, names, body)
  local before = {}
  for _, name in ipairs(names) do
    before[name] = values[name]
  end
  local results = table.pack(pcall(body))
  for name, value in pairs(before) do
    values[name] = value
  end
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

--- d vec(F) / d (vec X)' for X = values[name], with F's value and the doubt.
-- structure: one of those of `M.structure`, nil for independent entries.
function M.first(values, F, name, structure, convention)
  return restoring(values, { name }, function()
    local base, value = values[name], F()
    local function moved(d, h)
      values[name] = numeric.add(base, numeric.scale(d, h))
      return F()
    end
    local jacobian, doubt = numeric.new(#value, #base), 0.0
    for j = 1, base.cols do
      for i = 1, base.rows do
        local d, weight = direction(base, i, j, structure, convention)
        if d then
          local column, less = settle(function(h)
            return numeric.divide(numeric.subtract(moved(d, h), moved(d, -h)), 2 * h)
          end, 4e-3)
          doubt = math.max(doubt, less)
          numeric.put(jacobian, numeric.vec(column), 1, (j - 1) * base.rows + i, weight)
        end
      end
    end
    return jacobian, value, doubt
  end)
end

-- d2F / dx_i dy_j for one entry of x and one of y, which move along the directions d and e, by the four-point quotient.
local function mixed_quotient(values, F, x, d, y, e)
  local x0, y0 = values[x], values[y]
  local function at(dx, dy)
    values[x] = numeric.add(x0, numeric.scale(d, dx))
    values[y] = numeric.add(x == y and values[x] or y0, numeric.scale(e, dy))
    local result = F()
    values[x], values[y] = x0, y0
    return result
  end
  return settle(function(h)
    local sum = numeric.subtract(at(h, h), at(h, -h))
    sum = numeric.add(numeric.subtract(sum, at(-h, h)), at(-h, -h))
    return numeric.divide(sum, 4 * h * h)
  end, 3e-2)
end

--- The second derivative by values[x] and values[y], with F's value and the doubt.
-- Scalar F: the matrix d2F/(d vec x  d (vec y)'). F of any shape by one scalar: a matrix of that shape.
-- structures: of x and of y, by name.
function M.second(values, F, x, y, structures, convention)
  return restoring(values, { x, y }, function()
    local value = F()
    local rows, cols = #values[x], #values[y]
    local function entry_direction(name, k)
      local v = values[name]
      return direction(v, (k - 1) % v.rows + 1, (k - 1) // v.rows + 1, structures[name], convention)
    end
    if rows == 1 and cols == 1 then
      local d, e = entry_direction(x, 1), entry_direction(y, 1)
      local result, doubt = mixed_quotient(values, F, x, d, y, e)
      return result, value, doubt
    end
    if #value ~= 1 then
      fail "the Hessian of a scalar only"
    end
    local result, doubt = numeric.new(rows, cols), 0.0
    for j = 1, cols do
      for i = 1, x == y and j or rows do -- the rest mirrors it
        local d, weight = entry_direction(x, i)
        local e, other = entry_direction(y, j)
        if d and e then
          local entry, less = mixed_quotient(values, F, x, d, y, e)
          doubt = math.max(doubt, less)
          result[(j - 1) * rows + i] = entry[1] * weight * other
          if x == y then
            result[(i - 1) * rows + j] = entry[1] * weight * other
          end
        end
      end
    end
    return result, value, doubt
  end)
end

return M
