--- Random matrices that have a property, and tests of the properties by numbers.
--
-- The tables here are no rules: what `symmetric` means is said once more, by a number test, so that a fact or a
-- condition of a rule file can be judged by something that does not come from it.
--
-- @module nabla.instances

local matrix = require "nabla.matrix"

local M = {}

local NEAR = 1e-8

-- ---------------------------------------------------------------------------------------------- random numbers

local Random = {}
Random.__index = Random

--- A generator of random numbers: the same text gives the same numbers.
function M.random(text)
  local state = 0x9E3779B97F4A7C15
  for byte in text:gmatch "." do
    state = (state ~ byte:byte()) * 0x100000001B3
  end
  local self = setmetatable({ state = state == 0 and 1 or state }, Random)
  for _ = 1, 4 do
    self:unit()
  end
  return self
end

--- Uniform in [0, 1).
function Random:unit()
  local x = self.state
  x = x ~ (x >> 12)
  x = x ~ (x << 25)
  x = x ~ (x >> 27)
  self.state = x
  return ((x * 0x2545F4914F6CDD1D) >> 11) * 2.0 ^ -53
end

--- A whole number in lo .. hi.
function Random:integer(lo, hi)
  return lo + math.floor(self:unit() * (hi - lo + 1))
end

--- One of a list.
function Random:pick(list)
  return list[self:integer(1, #list)]
end

--- Away from 0: magnitude in [low, high).
function Random:signed(low, high)
  local v = low + (high - low) * self:unit()
  return self:unit() < 0.5 and v or -v
end

--- A dense matrix.
function Random:matrix(rows, cols)
  return matrix.build(rows, cols, function()
    return self:signed(0.2, 1.3)
  end)
end

--- A list in another order.
function Random:shuffled(list)
  local out = {}
  for i, v in ipairs(list) do
    table.insert(out, self:integer(1, i), v)
  end
  return out
end

-- ---------------------------------------------------------------------------------------------- properties

local function close(a, b)
  if a.rows ~= b.rows or a.cols ~= b.cols then
    return false
  end
  local size, most = 1, 0
  for k = 1, #a do
    size = math.max(size, math.abs(a[k]), math.abs(b[k]))
    local gap = math.abs(a[k] - b[k])
    if gap ~= gap then
      return false
    end
    most = math.max(most, gap)
  end
  return most <= NEAR * size
end
M.close = close

local function every(a, f)
  for j = 1, a.cols do
    for i = 1, a.rows do
      if not f(a(i, j), i, j) then
        return false
      end
    end
  end
  return true
end

local function square(a)
  return a.rows == a.cols
end

local function zero(x)
  return math.abs(x) < NEAR
end

-- The least pivot of symmetric elimination, in the order of the diagonal's size.
local function least_pivot(a)
  local n, w = a.rows, {}
  for i = 1, n do
    w[i] = {}
    for j = 1, n do
      w[i][j] = a(i, j)
    end
  end
  local least = math.huge
  for c = 1, n do
    local p = c
    for i = c + 1, n do
      p = w[i][i] > w[p][p] and i or p
    end
    w[c], w[p] = w[p], w[c]
    for i = 1, n do
      w[i][c], w[i][p] = w[i][p], w[i][c]
    end
    local pivot = w[c][c]
    least = math.min(least, pivot)
    if math.abs(pivot) < 1e-9 then
      for i = c, n do -- a semidefinite rest is 0
        for j = c, n do
          if math.abs(w[i][j]) > 1e-7 then
            return -1
          end
        end
      end
      return least
    elseif pivot < 0 then
      return pivot
    end
    for i = c + 1, n do
      for j = c + 1, n do
        w[i][j] = w[i][j] - w[i][c] * w[c][j] / pivot
      end
    end
  end
  return least
end

-- The rank, by elimination with full pivoting.
local function rank(a)
  local w, r = {}, 0
  for i = 1, a.rows do
    w[i] = {}
    for j = 1, a.cols do
      w[i][j] = a(i, j)
    end
  end
  for c = 1, math.min(a.rows, a.cols) do
    local p, q, most = c, c, 0
    for i = c, a.rows do
      for j = c, a.cols do
        if math.abs(w[i][j]) > most then
          p, q, most = i, j, math.abs(w[i][j])
        end
      end
    end
    if most < 1e-7 then
      break
    end
    r = r + 1
    w[c], w[p] = w[p], w[c]
    for i = 1, a.rows do
      w[i][c], w[i][q] = w[i][q], w[i][c]
    end
    for i = c + 1, a.rows do
      local f = w[i][c] / w[c][c]
      for j = c, a.cols do
        w[i][j] = w[i][j] - f * w[c][j]
      end
    end
  end
  return r
end

local function symmetric(a)
  return square(a) and close(a, a.T)
end

--- property -> test of a matrix.
M.tests = {
  symmetric = symmetric,
  square = square,
  skew = function(a)
    return square(a) and close(a, -a.T)
  end,
  lower = function(a)
    return every(a, function(x, i, j)
      return i >= j or zero(x)
    end)
  end,
  upper = function(a)
    return every(a, function(x, i, j)
      return i <= j or zero(x)
    end)
  end,
  diagonal = function(a)
    return square(a) and every(a, function(x, i, j)
      return i == j or zero(x)
    end)
  end,
  toeplitz = function(a)
    return square(a)
      and every(a, function(x, i, j)
        return i == 1 or j == 1 or math.abs(x - a(i - 1, j - 1)) < NEAR * (1 + math.abs(x))
      end)
  end,
  orthogonal = function(a)
    return square(a) and close(a * a.T, matrix.eye(a.rows))
  end,
  idempotent = function(a)
    return square(a) and close(a * a, a)
  end,
  psd = function(a)
    return symmetric(a) and least_pivot(a) > -1e-7
  end,
  spd = function(a)
    return symmetric(a) and least_pivot(a) > 1e-9
  end,
  invertible = function(a)
    return square(a) and rank(a) == a.rows
  end,
  fullcolumnrank = function(a)
    return rank(a) == a.cols
  end,
  nonnegative = function(a)
    return every(a, function(x)
      return x >= -1e-12
    end)
  end,
  positive = function(a)
    return every(a, function(x)
      return x > 0
    end)
  end,
  zero = function(a)
    return every(a, zero)
  end,
  scalar = function(a)
    return a.rows == 1 and a.cols == 1
  end,
  integer = function(a)
    return #a == 1 and math.abs(a[1] - math.floor(a[1] + 0.5)) < NEAR
  end,
  natural = function(a)
    return #a == 1 and a[1] >= 0 and math.abs(a[1] - math.floor(a[1] + 0.5)) < NEAR
  end,
  commutes = function(a, b)
    return square(a) and a.rows == b.rows and square(b) and close(a * b, b * a)
  end,
}

--- Conditions that ask how an expression is written: they have no test, and hold of what a rule's variable stands for.
M.written = { constant = true, number = true, symbol = true, variable = true }

-- ---------------------------------------------------------------------------------------------- matrices that have them

local function orthogonal(r, n)
  local q = matrix.eye(n)
  for _ = 1, n do
    local v = r:matrix(n, 1)
    q = q * (matrix.eye(n) - v * v.T * (2 / (v.T * v)[1]))
  end
  return q
end

local function masked(r, rows, cols, keep)
  return matrix.build(rows, cols, function(i, j)
    return keep(i, j) and r:signed(0.3, 1.3) or 0
  end)
end

local function positive(r, rows, cols)
  return matrix.build(rows, cols, function()
    return 0.3 + r:unit()
  end)
end

--- property -> a random matrix that has it, of a size.
M.makers = {
  symmetric = function(r, m)
    local a = r:matrix(m, m)
    return a + a.T
  end,
  skew = function(r, m)
    local a = r:matrix(m, m)
    return a - a.T
  end,
  lower = function(r, m, n)
    return masked(r, m, n, function(i, j)
      return i >= j
    end)
  end,
  upper = function(r, m, n)
    return masked(r, m, n, function(i, j)
      return i <= j
    end)
  end,
  diagonal = function(r, m, n)
    return masked(r, m, n, function(i, j)
      return i == j
    end)
  end,
  toeplitz = function(r, m)
    local t = r:matrix(2 * m, 1)
    return matrix.build(m, m, function(i, j)
      return t[i - j + m]
    end)
  end,
  orthogonal = orthogonal,
  idempotent = function(r, m)
    local a = r:matrix(m, math.max(1, m // 2))
    local b = r:matrix(m, a.cols)
    return a * (b.T * a) ^ -1 * b.T
  end,
  projection = function(r, m)
    local a = r:matrix(m, math.max(1, m // 2))
    return a * (a.T * a) ^ -1 * a.T
  end,
  psd = function(r, m)
    local a = r:matrix(m, math.max(1, m - 1))
    return a * a.T
  end,
  spd = function(r, m)
    local a = r:matrix(m, m)
    return a * a.T + matrix.eye(m) * 0.5
  end,
  invertible = function(r, m)
    return r:matrix(m, m) + matrix.eye(m) * 2
  end,
  fullcolumnrank = function(r, m, n)
    return r:matrix(m, n)
  end,
  nonnegative = function(r, m, n)
    return matrix.build(m, n, function()
      return math.max(0, r:unit() * 1.5 - 0.3)
    end)
  end,
  positive = positive,
  near_identity = function(r, m)
    return r:matrix(m, m) * (0.8 / m) + matrix.eye(m) * 1.7
  end,
  psd_nonnegative = function(r, m)
    local a = positive(r, m, math.max(1, m - 1))
    return a * a.T
  end,
}

local SQUARE_ONLY = {
  symmetric = true,
  skew = true,
  toeplitz = true,
  orthogonal = true,
  idempotent = true,
  projection = true,
  psd = true,
  spd = true,
  psd_nonnegative = true,
  invertible = true,
  near_identity = true,
}

--- A random matrix with a structure, or nil where the size does not allow it.
function M.make(r, structure, rows, cols)
  if SQUARE_ONLY[structure] and rows ~= cols then
    return nil
  end
  local ok, a = pcall(M.makers[structure], r, rows, cols)
  return ok and a or nil
end

--- The structures in a fixed order.
M.structures = {}
for name in pairs(M.makers) do
  M.structures[#M.structures + 1] = name
end
table.sort(M.structures)

return M
