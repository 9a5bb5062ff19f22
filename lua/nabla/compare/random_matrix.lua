--- Random values that have a property, in any arithmetic, and tests of the properties by numbers.
--
-- A source draws values: it has an arithmetic (nabla.numeric.arithmetic or nabla.exact.arithmetic), random numbers,
-- and a range for entries. Modulo a prime the range "few" takes small whole numbers, which have all properties as
-- real matrices do; "all" takes any residue, and what has an order (positive, psd) is then a matrix of the same
-- form.
--
-- All of nabla draws its values here; the judge of the specs (spec/judge/) draws its own.
--
-- The tables here are no rules: what `symmetric` means is stated once more, by a test of numbers, so that a fact or a
-- condition of a rule file can be judged by something that does not come from it.
--
-- @module nabla.compare.random_matrix

local arithmetic = require "nabla.exact.arithmetic"
local core = require "nabla.core"
local errors = require "nabla.text.errors"

local M = {}

-- ---------------------------------------------------------------------------------------------- random numbers

local Random = {}
Random.__index = Random

--- A generator of random numbers: the same text gives the same numbers; math.random is left alone. The entries of whole matrices
-- come from the same sequence (src/numeric/lua_sample.c).
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

--- A list in another order.
function Random:shuffled(list)
  local out = {}
  for i, v in ipairs(list) do
    table.insert(out, self:integer(1, i), v)
  end
  return out
end

-- ---------------------------------------------------------------------------------------------- properties

-- The arithmetic of a value.
local exact = arithmetic.new "tests"
local function arithmetic_of(a)
  return arithmetic.is(a) and exact or require "nabla.numeric.arithmetic"
end

--- Is a value one of residues?
M.is_exact = arithmetic.is

local function close(a, b)
  return arithmetic_of(a):close(a, b)
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

local NEAR = 1e-8

local function zero(x)
  if type(x) == "number" then
    return math.abs(x) < NEAR
  end
  return arithmetic.zero(x)
end

local function rank(a)
  return arithmetic_of(a):rank(a)
end

-- Small fractions as numbers: an object that is read like a matrix.
local Reals = {
  __call = function(a, i, j)
    return a[(j - 1) * a.rows + i]
  end,
  __index = {
    bytes = function(a)
      return string.pack(("d"):rep(#a), table.unpack(a))
    end,
  },
}

local function reals(a)
  local list = setmetatable({ rows = a.rows, cols = a.cols }, Reals)
  for k = 1, #a do
    list[k] = arithmetic.real(a[k]) or arithmetic.inexact "residues have no order"
  end
  return list
end

-- A test that needs an order: residues must be small fractions.
local function ordered(test)
  return function(a)
    return test(arithmetic.is(a) and reals(a) or a)
  end
end

-- The least pivot of symmetric elimination, in the order of the diagonal's size.
local function least_pivot(a)
  return core.least_pivot(a:bytes(), a.rows)
end

local function symmetric(a)
  return square(a) and close(a, a.T)
end

local function eye(a)
  return arithmetic_of(a):eye(a.rows)
end

local function whole(a)
  return #a == 1 and arithmetic_of(a):whole(a)
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
        return i == 1 or j == 1 or zero(x - a(i - 1, j - 1))
      end)
  end,
  orthogonal = function(a)
    return square(a) and close(a * a.T, eye(a))
  end,
  orthonormal = function(a)
    return close(a.T * a, arithmetic_of(a):eye(a.cols))
  end,
  -- of columns; no attributes that a declaration could name
  ["sum 1"] = function(a)
    local A = arithmetic_of(a)
    return close(A:ones(1, a.rows) * a, A:ones(1, 1))
  end,
  ["length 1"] = function(a)
    return close(a.T * a, arithmetic_of(a):ones(1, 1))
  end,
  idempotent = function(a)
    return square(a) and close(a * a, a)
  end,
  psd = function(a)
    return symmetric(a) and ordered(least_pivot)(a) > -1e-7
  end,
  spd = function(a)
    return symmetric(a) and ordered(least_pivot)(a) > 1e-9
  end,
  invertible = function(a)
    return square(a) and rank(a) == a.rows
  end,
  fullcolumnrank = function(a)
    return rank(a) == a.cols
  end,
  rankone = function(a)
    return rank(a) <= 1
  end,
  nonnegative = ordered(function(a)
    return every(a, function(x)
      return x >= -1e-12
    end)
  end),
  positive = ordered(function(a)
    return every(a, function(x)
      return x > 0
    end)
  end),
  zero = function(a)
    return every(a, zero)
  end,
  scalar = function(a)
    return a.rows == 1 and a.cols == 1
  end,
  integer = function(a)
    return whole(a) and true or false
  end,
  natural = function(a)
    local k = whole(a)
    return k and k >= 0 or false
  end,
  commutes = function(a, b)
    return square(a) and a.rows == b.rows and square(b) and close(a * b, b * a)
  end,
}

--- Properties that say more of some matrices than an equation between their entries does.
M.open =
  { psd = true, spd = true, invertible = true, fullcolumnrank = true, nonnegative = true, positive = true }

--- Conditions about how an expression is written: they have no test, and hold for the values of a rule's variables.
M.written =
  { constant = true, number = true, symbol = true, variable = true, ofsymmetric = true, free = true, analytic = true }

-- ---------------------------------------------------------------------------------------------- sources

local Source = {}
Source.__index = Source

-- Entries in floating point: their magnitudes, whether they have a sign, and what is added to the diagonal.
local RANGES = {
  general = { 0.2, 1.3, signed = true },
  signed = { 0.3, 1.2, signed = true },
  positive = { 0.3, 1.2 },
  fraction = { 0.05, 0.35 }, -- there is an arc sine
  small = { 0.05, 0.35, diagonal = 1 }, -- there is a principal logarithm, and an inverse
  dominant = { 0.05, 0.35, diagonal = 3 },
  large = { 1.05, 2.5 }, -- there is an inverse hyperbolic cosine
}
local FEW = { -3, -2, -1, 1, 2, 3 }
local POSITIVE = { 0.3, 1.3 }

--- Something that draws values. With `deficient` set, matrices without attributes often have no full rank.
-- @tparam table A an arithmetic
-- @tparam table r random numbers
-- @tparam string range of a value's entries: general, signed, positive, small, dominant; modulo a prime few, all
-- @tparam[opt] boolean regular no value is more singular than its attributes say
function M.source(A, r, range, regular)
  return setmetatable(
    { A = A, r = r, range = RANGES[range] or {}, few = range == "few", regular = regular },
    Source
  )
end

--- One entry: a number, or a residue.
function Source:entry()
  local r = self.r
  if self.few then
    return r:pick(FEW)
  elseif self.A.exact then
    return self.A:random("entry " .. r:unit(), 1, 1)
  end
  local range = self.range
  if range.signed then
    return r:signed(range[1], range[2])
  end
  return range[1] + (range[2] - range[1]) * r:unit()
end

-- A positive entry; modulo a prime, where nothing is positive, any entry.
function Source:positive_entry()
  if self.few then
    return self.r:integer(1, 4)
  elseif self.A.exact then
    return self:entry()
  end
  return POSITIVE[1] + (POSITIVE[2] - POSITIVE[1]) * self.r:unit()
end

--- A dense matrix.
function Source:matrix(rows, cols)
  if self.A.exact and not self.few then
    return self.A:random("matrix " .. self.r:unit(), rows, cols)
  elseif self.A.draw and not self.few and self.entry == Source.entry then -- not where a caller's entries take their place
    return self.A:draw(self.r, rows, cols, self.range[1], self.range[2], self.range.signed)
  end
  return self.A:build(rows, cols, function()
    return self:entry()
  end)
end

--- A number away from 0.
function Source:signed(low, high)
  if self.A.exact then
    return self.A:from(self.r:pick(FEW))
  end
  return self.r:signed(low, high)
end

-- A matrix with zeros where the condition does not hold.
local function masked(self, a, keep)
  return self.A:build(a.rows, a.cols, function(i, j)
    return keep(i, j) and a(i, j) or 0
  end)
end

local function diagonal_of(self, n, entry)
  return self.A:build(n, n, function(i, j)
    return i == j and entry(i) or 0
  end)
end

-- The Cayley transform of a skew matrix, its columns with signs: the determinant may be 1 or -1.
local function orthogonal(self, n)
  local A, one = self.A, self.A:eye(n)
  local w = self:matrix(n, n)
  w = w - w.T
  w = A.exact and w or w * 0.5
  return (one - w)
    * (one + w) ^ -1
    * diagonal_of(self, n, function()
      return self.r:integer(0, 1) * 2 - 1
    end)
end

-- The first columns of an orthogonal matrix; nil where there are more columns than rows.
local function orthonormal(self, rows, cols)
  if cols > rows then
    return nil
  end
  local q = orthogonal(self, rows)
  return self.A:build(rows, cols, function(i, j)
    return q(i, j)
  end)
end

-- A rank: each is possible.
local function some_rank(self, n)
  return self.regular and (n + 1) // 2 or self.r:integer(0, n)
end

-- A projection along the columns of a, orthogonal if b is a.
local function projection(self, n, oblique)
  local k = some_rank(self, n)
  if k == 0 then
    return self.A:zeros(n, n)
  elseif k == n then
    return self.A:eye(n)
  end
  local a = self:matrix(n, k)
  local b = oblique and self:matrix(n, k) or a
  return a * (b.T * a) ^ -1 * b.T
end

local function toeplitz(self, a, mirrored)
  return self.A:build(a.rows, a.rows, function(i, j)
    local d = mirrored and math.abs(i - j) or i - j
    return d >= 0 and a(d + 1, 1) or a(1, 1 - d)
  end)
end

local function number(A, v)
  return A.exact and A:from(v) or v
end

-- A column of the sum 1; or of the length 1, on the sphere by stereographic projection.
local function normed(self, has, rows)
  if has["sum 1"] then
    local a = self:make("positive", rows, 1)
    return a * (self.A:ones(1, rows) * a) ^ -1
  end
  local a, one = self:matrix(rows, 1), number(self.A, 1)
  local s = one - one
  for k = 1, rows - 1 do
    s = s + a(k, 1) * a(k, 1)
  end
  return self.A:build(rows, 1, function(k)
    return (k < rows and a(k, 1) + a(k, 1) or s - one) / (s + one)
  end)
end

-- Not for orthogonal, idempotent, skew matrices: those are drawn as such.
local function shaped(self, has, n)
  local A = self.A
  local a = (has.positive or has.nonnegative) and self:make("positive", n, n) or self:matrix(n, n)
  local diagonal = self.range.diagonal
  if diagonal then
    a = a + A:eye(n) * diagonal
  end
  local mirrored = has.symmetric or has.psd or has.spd or has.diagonal or has.lower and has.upper
  if has.toeplitz then
    a = toeplitz(self, a, mirrored)
  end
  if has.psd or has.spd then
    if has.diagonal or has.toeplitz or has.lower or has.upper then -- by a large diagonal
      local most = self.few and 12 or 4
      a = a + A:eye(n) * number(A, most * n)
    else
      local thin = not has.spd and not self.regular and n > 1
      local b = thin and masked(self, a, function(_, j)
        return j < n
      end) or a
      a = b * b.T
      if has.spd or self.regular then
        a = a + A:eye(n) * number(A, 0.5)
      end
    end
  end
  if mirrored and not (has.psd or has.spd) or has.toeplitz and mirrored then
    a = a + a.T
  end
  if has.lower or has.upper or has.diagonal then
    a = masked(self, a, function(i, j)
      return not ((has.lower or has.diagonal) and j > i or (has.upper or has.diagonal) and i > j)
    end)
    if has.psd or has.spd then
      a = diagonal_of(self, n, function()
        return self:positive_entry()
      end)
    end
  end
  if has.invertible and not A.exact and not (has.psd or has.spd) then
    a = a + A:eye(n) * (self.regular and n + 1 or 2)
  end
  return a
end

-- A column times a row, of the same entries where the product is symmetric; nil with an attribute that leaves few of them.
local function rank_one(self, has, rows, cols)
  if has.diagonal or has.lower or has.upper or has.toeplitz or has.skew or has.idempotent or has.orthonormal then
    return nil
  end
  local kind = (has.positive or has.nonnegative) and "positive"
  local column = kind and self:make(kind, rows, 1) or self:matrix(rows, 1)
  if has.symmetric then
    return column * column.T
  end
  return column * (kind and self:make(kind, 1, cols) or self:matrix(1, cols))
end

local SQUARE_ONLY = {
  symmetric = true,
  skew = true,
  diagonal = true,
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

--- A random matrix that has all attributes of a set, or nil where the size does not allow it.
-- @tparam table has name -> true
function Source:with(has, rows, cols)
  local A = self.A
  if self.deficient and next(has) == nil and rows * cols > 1 and self.r:unit() < 0.7 then
    return self:make("deficient", rows, cols)
  end
  if rows ~= cols then
    for name in pairs(has) do
      if SQUARE_ONLY[name] and name ~= "diagonal" then
        return nil
      end
    end
  end
  if has.orthonormal and rows == cols and not has.orthogonal then
    has = setmetatable({ orthogonal = true }, { __index = has })
  end
  local ok, a = errors.attempt(function()
    if has["sum 1"] or has["length 1"] then
      return normed(self, has, rows)
    elseif has.rankone then
      return rank_one(self, has, rows, cols)
    elseif has.orthonormal and rows ~= cols then
      return orthonormal(self, rows, cols)
    elseif rows ~= cols then
      local a = (has.positive or has.nonnegative) and self:make("positive", rows, cols)
        or self:matrix(rows, cols)
      return masked(self, a, function(i, j)
        return not ((has.lower or has.diagonal) and j > i or (has.upper or has.diagonal) and i > j)
      end)
    elseif has.skew then
      local a = self:matrix(rows, rows)
      if has.toeplitz then
        a = toeplitz(self, a)
      end
      a = a - a.T
      return A.exact and a or a * 0.5
    elseif has.orthogonal and (has.diagonal or has.lower or has.upper or has.toeplitz) then
      local sign = self.r:integer(0, 1) * 2 - 1
      return diagonal_of(self, rows, function()
        return has.toeplitz and sign or self.r:integer(0, 1) * 2 - 1
      end)
    elseif has.orthogonal and (has.spd or has.psd) then
      return A:eye(rows)
    elseif has.orthogonal and has.symmetric then
      return A:eye(rows) - projection(self, rows) * 2
    elseif has.orthogonal then
      return orthogonal(self, rows)
    elseif has.idempotent and (has.invertible or has.spd) then
      return A:eye(rows)
    elseif has.idempotent and has.diagonal then
      return diagonal_of(self, rows, function()
        return self.r:integer(0, 1)
      end)
    elseif has.idempotent then
      return projection(self, rows, not (has.symmetric or has.psd))
    end
    return shaped(self, has, rows)
  end)
  return ok and a or nil
end

-- Structures that are no attributes.
local special = {
  projection = projection,
  near_identity = function(self, n)
    local A = self.A
    return self:matrix(n, n) * number(A, A.exact and 1 or 0.8 / n)
      + A:eye(n) * number(A, A.exact and 2 or 1.7)
  end,
  psd_nonnegative = function(self, n)
    local a = self:make("positive", n, math.max(1, n - 1))
    return a * a.T
  end,
  positive = function(self, rows, cols)
    if self.A.draw and not self.few and self.positive_entry == Source.positive_entry then
      return self.A:draw(self.r, rows, cols, POSITIVE[1], POSITIVE[2])
    end
    return self.A:build(rows, cols, function()
      return self:positive_entry()
    end)
  end,
  nonnegative = function(self, rows, cols)
    return self.A:build(rows, cols, function()
      return self.r:unit() < 0.2 and 0 or self:positive_entry()
    end)
  end,
  deficient = function(self, rows, cols)
    local k = math.max(1, math.min(rows, cols) - 1)
    return self:matrix(rows, k) * self:matrix(k, cols)
  end,
}

--- A random matrix with a structure, an attribute or one that helps to find mistakes, or nil where the size does not allow it.
function Source:make(structure, rows, cols)
  if SQUARE_ONLY[structure] and rows ~= cols then
    return nil
  end
  local f = special[structure]
  if f then
    local ok, a = errors.attempt(f, self, rows, cols)
    return ok and a or nil
  end
  return self:with({ [structure] = true }, rows, cols)
end

--- The structures in a fixed order: attributes and special ones.
M.structures = {}
for name in
  ([[diagonal fullcolumnrank idempotent invertible lower near_identity nonnegative orthogonal orthonormal positive projection psd
  psd_nonnegative skew spd symmetric toeplitz upper]]):gmatch "%S+"
do
  M.structures[#M.structures + 1] = name
end

--- The attributes among them: name -> true.
M.attributes = {}
for _, name in ipairs(M.structures) do
  M.attributes[name] = M.tests[name] and true or nil
end
M.attributes.rankone = true

return M
