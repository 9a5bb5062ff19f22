--- Functions of a square matrix: series, square roots, powers, Frechet derivatives. Each takes and returns matrices.

local arithmetic = require "spec.judge.arithmetic"
local mistakes = require "spec.judge.mistakes"

local M = {}

local abs, floor = math.abs, math.floor
local fail = mistakes.raise
local add, subtract, scale, multiply = arithmetic.add, arithmetic.subtract, arithmetic.scale, arithmetic.multiply
local identity, inverse, square = arithmetic.identity, arithmetic.inverse, arithmetic.square

-- How often to halve a matrix before its norm is below `limit`.
local function halvings(a, limit)
  local norm, times = arithmetic.column_norm(a), 0
  if not (norm < 1e12) then
    fail "matrix function of a huge matrix"
  end
  while norm > limit do
    norm, times = norm / 2, times + 1
  end
  return times
end

--- Taylor series of a halved argument, then repeated squaring.
function M.expm(a)
  local n = square(a, "exponential")
  local times = halvings(a, 0.5)
  local b = scale(a, 2.0 ^ -times)
  local result, term = identity(n), identity(n)
  for k = 1, 16 do
    term = scale(multiply(term, b), 1 / k)
    result = add(result, term)
  end
  for _ = 1, times do
    result = multiply(result, result)
  end
  return result
end

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
    cosine, sine = add(cosine, c), add(sine, s)
  end
  for _ = 1, times do
    sine = scale(multiply(sine, cosine), 2)
    cosine = subtract(scale(multiply(cosine, cosine), 2), identity(n))
  end
  return sine, cosine
end

function M.sinm(a)
  return (sine_and_cosine(a))
end

function M.cosm(a)
  return select(2, sine_and_cosine(a))
end

--- Principal square root: the Denman-Beavers iteration Y, Z -> (Y + inv(Z))/2, (Z + inv(Y))/2.
function M.sqrtm(a)
  local y, z = a, identity(square(a, "square root"))
  for _ = 1, 50 do
    local y1 = scale(add(y, inverse(z)), 0.5)
    z = scale(add(z, inverse(y)), 0.5)
    local change = arithmetic.magnitude(subtract(y1, y))
    y = y1
    if change <= 4e-16 * arithmetic.magnitude(y) then
      break
    end
  end
  if not (arithmetic.magnitude(subtract(multiply(y, y), a)) <= 1e-8 * arithmetic.magnitude(a)) then
    fail "no principal square root"
  end
  return y
end

--- Square roots until A is near I, then log A = 2 artanh Z with Z = (A - I)*inv(A + I).
function M.logm(a)
  local one, times = identity(square(a, "logarithm")), 0
  while arithmetic.column_norm(subtract(a, one)) > 0.2 do
    if times == 40 then
      fail "no principal logarithm"
    end
    a, times = M.sqrtm(a), times + 1
  end
  local z = multiply(subtract(a, one), inverse(add(a, one)))
  local z2, power, result = multiply(z, z), z, z
  for k = 3, 17, 2 do
    power = multiply(power, z2)
    result = add(result, scale(power, 1 / k))
  end
  return scale(result, 2.0 ^ (times + 1))
end

--- a^p for a square matrix and a scalar p.
function M.power(a, p)
  if arithmetic.is_number(a) then
    arithmetic.value(p)
    return arithmetic.powers(a, p)
  end
  p = arithmetic.value(p)
  local n = square(a, "power")
  if p == floor(p) and abs(p) <= 64 then
    local base, result = p < 0 and inverse(a) or a, identity(n)
    for _ = 1, abs(p) do
      result = multiply(result, base)
    end
    return result
  elseif p == 0.5 then
    return M.sqrtm(a)
  elseif p == -0.5 then
    return inverse(M.sqrtm(a))
  end
  return M.expm(scale(M.logm(a), p))
end

--- The Frechet derivative of f at x in the direction h: the corner of f([x h; 0 x]).
function M.frechet(f, x, h)
  local n = square(x, "Frechet derivative")
  if h.rows ~= n or h.cols ~= n then
    fail("Frechet derivative at a %d x %d matrix in a %d x %d direction", n, n, h.rows, h.cols)
  end
  local both = arithmetic.new(2 * n, 2 * n)
  arithmetic.put(both, x, 1, 1)
  arithmetic.put(both, x, n + 1, n + 1)
  arithmetic.put(both, h, 1, n + 1)
  return arithmetic.part(f(both), 1, n + 1, n, n)
end

--- The derivative of order k, each time in the direction h.
function M.frechetn(f, x, h, k)
  k = math.tointeger(arithmetic.value(k))
  local n = square(x, "Frechet derivative")
  local all, factorial = arithmetic.new((k + 1) * n, (k + 1) * n), 1
  for i = 0, k do
    arithmetic.put(all, x, i * n + 1, i * n + 1)
    if i < k then
      arithmetic.put(all, h, i * n + 1, (i + 1) * n + 1)
      factorial = factorial * (i + 1)
    end
  end
  return scale(arithmetic.part(f(all), 1, k * n + 1, n, n), factorial)
end

--- The derivative of order k, once in the direction e, else in h.
function M.frechetmixed(f, x, h, e, k)
  local n = square(x, "Frechet derivative")
  local both, twice = arithmetic.new(2 * n, 2 * n), arithmetic.new(2 * n, 2 * n)
  arithmetic.put(both, x, 1, 1)
  arithmetic.put(both, x, n + 1, n + 1)
  arithmetic.put(both, e, 1, n + 1)
  arithmetic.put(twice, h, 1, 1)
  arithmetic.put(twice, h, n + 1, n + 1)
  return arithmetic.part(M.frechetn(f, both, twice, arithmetic.number(arithmetic.value(k) - 1)), 1, n + 1, n, n)
end

--- Its matrix: column (j-1)*n+i is the vec of the derivative in the direction of entry (i,j).
function M.frechetmatrix(f, x)
  local n = square(x, "Frechet derivative")
  local result = arithmetic.new(n * n, n * n)
  for k = 1, n * n do
    local h = arithmetic.new(n, n)
    h[k] = 1.0
    arithmetic.put(result, arithmetic.reshape(M.frechet(f, x, h), n * n, 1), 1, k)
  end
  return result
end

return M
