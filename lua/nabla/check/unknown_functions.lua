--- Unknown functions with attributes: the values of a random function are made such that they have them.
--
-- @module nabla.check.unknown_functions

local random_matrix = require "nabla.compare.random_matrix"
local spelling = require "nabla.text.spelling"

local M = {}

-- The matrix with the entries of v where `kept(i, j)`, and else 0.
local function part(A, v, kept)
  local zero = A:zeros(1, 1)
  return A:build(v.rows, v.cols, function(i, j)
    return kept(i, j) and A:build(1, 1, function()
      return v(i, j)
    end) or zero
  end)
end

-- By attribute, what makes a value with it of any; the first one that is asked for is taken.
local MAKE = {
  { "diagonal", function(A, v)
    return part(A, v, function(i, j)
      return i == j
    end)
  end },
  { "spd", function(A, v)
    return v * v.T + A:eye(v.rows)
  end },
  { "psd", function(_, v)
    return v * v.T
  end },
  { "symmetric", function(_, v)
    return v + v.T
  end },
  { "skew", function(_, v)
    return v - v.T
  end },
  { "lower", function(A, v)
    return part(A, v, function(i, j)
      return i >= j
    end)
  end },
  { "upper", function(A, v)
    return part(A, v, function(i, j)
      return i <= j
    end)
  end },
  { "positive", function(A, v)
    return A:times(v, v) + A:ones(v.rows, v.cols)
  end },
  { "nonnegative", function(A, v)
    return A:times(v, v)
  end },
}

-- A function whose values are made of those of f, such that they have attributes.
local function made(A, f, has)
  for _, each in ipairs(MAKE) do
    if has[each[1]] then
      return function(x)
        return each[2](A, f(x))
      end
    end
  end
  return f
end

--- A random function with attributes.
-- @tparam table A the arithmetic
-- @param f a random function, called with its argument
-- @tparam table has the set of the attributes, with those that they imply
-- @param x its argument
-- @return the function; or nil and an attribute that its value does not have
function M.with(A, f, has, x)
  local g = made(A, f, has)
  for _, name in ipairs(spelling.names(has)) do
    local test = random_matrix.tests[name]
    local asked, truth = pcall(function()
      return not test or test(g(x))
    end)
    if asked and not truth then -- modulo a prime, a test that needs an order cannot be asked
      return nil, name
    end
  end
  return g
end

return M
