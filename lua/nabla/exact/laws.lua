--- Functions of one entry modulo a prime: random values that keep the laws by which these functions are known.
--
-- exp(-t) is 1/exp(t), and what is made of exp (tanh, sigmoid, ..) is made of its value; log(1/t) is -log(t) and
-- undoes exp; sin and cos are those of an angle, so that their squares add up to 1; sign is any odd function
-- (`free_signs`), or 1 or -1, and then each is tried, as for a square root. The real functions keep these laws: what
-- holds for all values that do holds for them. Their derivatives are those of the rule files.
--
-- @module nabla.exact.laws

local core = require("nabla.core").residue

local M = {}

--- name -> function of the arithmetic and a 1 x 1 value without infinitesimals.
local values = {}
M.values = values

local ONE, HALF = core.new(1, 1, 1), core.new(1, 1, 1) / 2

local function undefined(message)
  error({ trees = true, message = message }, 0)
end

local function over(a, b)
  return core.zero(b) and undefined "a division by zero" or a / b
end

-- Of x and -x (or x and 1/x) the one that represents both, and whether it is x.
local function first(x, other)
  if core.value(x) <= core.value(other) then
    return x, true
  end
  return other, false
end

-- A random odd function.
local function odd(A, name, x)
  if core.zero(x) then
    return x
  end
  local one, same = first(x, -x)
  local v = A:random(name .. "\0" .. core.bytes(one), 1, 1)
  return same and v or -v
end

function values.exp(A, x)
  if core.zero(x) then
    return ONE
  end
  local one, same = first(x, -x)
  local v = A:random("exp\0" .. core.bytes(one), 1, 1)
  A.logarithms[core.bytes(v)], A.logarithms[core.bytes(1 / v)] = one, -one
  return same and v or 1 / v
end

function values.log(A, x)
  if core.zero(x) then
    undefined "the logarithm of zero"
  end
  local known = A.logarithms[core.bytes(x)]
  if known then
    return known
  end
  local one, same = first(x, 1 / x)
  local v = core.equal(x, ONE) and core.new(1, 1) or A:random("log\0" .. core.bytes(one), 1, 1)
  return same and v or -v
end

function values.sinh(A, x)
  return (values.exp(A, x) - values.exp(A, -x)) / 2
end

function values.cosh(A, x)
  return (values.exp(A, x) + values.exp(A, -x)) / 2
end

function values.tanh(A, x)
  return over(values.sinh(A, x), values.cosh(A, x))
end

function values.sigmoid(A, x)
  return over(ONE, 1 + values.exp(A, -x))
end

function values.softplus(A, x)
  return values.log(A, 1 + values.exp(A, x))
end

-- The tangent of half the angle.
local function half(A, x)
  return odd(A, "half angle", x)
end

function values.sin(A, x)
  local t = half(A, x)
  return over(2 * t, 1 + t * t)
end

function values.cos(A, x)
  local t = half(A, x)
  return over(1 - t * t, 1 + t * t)
end

function values.tan(A, x)
  return over(values.sin(A, x), values.cos(A, x))
end

function values.sec(A, x)
  return over(ONE, values.cos(A, x))
end

for _, name in ipairs { "asin", "atan" } do
  values[name] = function(A, x)
    return odd(A, name, x)
  end
end

-- The sign of a small fraction; of another residue either one.
function values.sign(A, x)
  local num = core.fraction(x)
  if num then
    return core.new(1, 1, num > 0 and 1 or num < 0 and -1 or 0)
  end
  if A.free_signs then
    A.opaque.sign = true
    return odd(A, "sign", x)
  end
  local one, same = first(x, -x)
  return A:choice("sign\0" .. core.bytes(one), ONE) * (same and 1 or -1)
end

function values.abs(A, x)
  return x * values.sign(A, x)
end

function values.relu(A, x)
  return (x + values.abs(A, x)) / 2
end

function values.step(A, x)
  return (1 + values.sign(A, x)) * HALF
end

--- Those of which the value is settled but for signs that are tried: two sides in them that agree need no other proof.
M.settled = { sign = true, abs = true, relu = true, step = true }

return M
