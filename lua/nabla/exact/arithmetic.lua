--- The arithmetic modulo a prime, 2^61 - 1 or, where the imaginary unit takes part, 2^61 - 31: values are matrices of residues, and
-- what is rational is computed without rounding.
--
-- An object made by `new` is an arithmetic as nabla.check.tree_value, nabla.compare.random_matrix and nabla.check.proof use it;
-- nabla.numeric.arithmetic is the other. Derivatives are coefficients of infinitesimals (src/lua/lua_residue.c): exact,
-- to any order.
--
-- What is no rational function enters in three ways, all sound for the answer "equal". An unknown function has a
-- random value and random derivatives at each point where it is evaluated: what agrees then agrees for all
-- functions. So has a transcendental function, whose derivatives are those that the rule files state (`opaque` names
-- it): what holds for all such functions holds for this one. A square root is one of the two residues whose square
-- it is (`roots` counts them), and what is to be equal must be so for every choice of them (`signs`). Two sides that
-- differ with an opaque function or a root may be equal all the same.
--
-- What has no value in this arithmetic raises { inexact = true, message = }.
--
-- @module nabla.exact.arithmetic

local core = require("nabla.core").residue

local M = {}
local Arithmetic = { exact = true }
Arithmetic.__index = Arithmetic

--- The modulus that is used first.
M.PRIME = (1 << 61) - 1
local WITH_UNIT = "2^61-31" -- there -1 has a square root

--- The modulus in force, in words.
function M.modulus()
  return core.unit() and WITH_UNIT or "2^61-1"
end

--- Run a function in the arithmetic in which the imaginary unit has a value. Residues that it gives mean nothing afterwards.
function M.with_unit(f, ...)
  if core.unit() then
    return f(...)
  end
  core.choose(true)
  local results = table.pack(pcall(f, ...))
  core.choose(false)
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end
M.is, M.zero, M.equal = core.is, core.zero, core.equal

local function inexact(...)
  error({ inexact = true, message = string.format(...) }, 0)
end
M.inexact = inexact

--- An error from an evaluation, as a table; raises it again where it is a mistake in nabla.
function M.reason(err)
  if type(err) == "table" and (err.trees or err.inexact or err.open) then
    return err
  elseif type(err) == "string" and err:find "too large" then
    return { trees = true, message = "a matrix is too large" }
  end
  error(err, 0)
end

-- A point at which something has no value: another one may have.
local function undefined(...)
  error({ trees = true, message = string.format(...) }, 0)
end

--- A new arithmetic.
-- @tparam string seed what random values follow from
function M.new(seed)
  return setmetatable({ depth = 0 }, Arithmetic):again(seed)
end

--- Forget what was drawn; other random values follow.
function Arithmetic:again(seed)
  self.seed, self.depth, self.tensors, self.opaque = seed, 0, {}, {}
  self.root_places, self.roots, self.signs, self.rank_matters = {}, 0, 0, false
  self.logarithms = {} -- exp(t) -> t
  return self
end

--- Do two sides differ as rational functions do, when they differ?
function Arithmetic:rational_so_far()
  return self.roots == 0 and next(self.opaque) == nil
end

-- ---------------------------------------------------------------------------------------------- values

function Arithmetic.from(_, v)
  if core.is(v) then
    return v
  end
  local whole = math.tointeger(v)
  if whole then
    return core.new(1, 1, whole)
  end
  for den = 2, 64 do -- halves, thirds, ..
    whole = math.tointeger(v * den)
    if whole then
      return core.new(1, 1, whole) / den
    end
  end
  inexact("%.17g is no small fraction", v)
end

--- The value of a number as it is written: 12, 0.5, 1e-3.
function Arithmetic.decimal(_, text)
  local digits, exponent = text:match "^([%d.]+)[eE]([-+]?%d+)$"
  digits, exponent = digits or text, math.tointeger(tonumber(exponent or 0))
  local whole, part = digits:match "^(%d*)%.?(%d*)$"
  if not whole or whole .. part == "" or math.abs(exponent) > 4000 then
    inexact("the number %s", text)
  end
  return core.decimal(whole .. part) * core.new(1, 1, 10) ^ (exponent - #part)
end

--- num/den, of digits.
function Arithmetic.rational(_, num, den)
  return core.decimal(num) / core.decimal(den)
end

function Arithmetic.zeros(_, rows, cols)
  return core.new(rows, cols)
end

function Arithmetic.ones(_, rows, cols)
  return core.new(rows, cols, 1)
end

function Arithmetic.eye(_, n)
  return core.identity(n)
end

--- The matrix with entries f(i, j): 1 x 1 matrices, or whole numbers.
function Arithmetic.build(_, rows, cols, f)
  local list = {}
  for j = 1, cols do
    for i = 1, rows do
      list[#list + 1] = f(i, j)
    end
  end
  return core.assemble(list, rows, cols)
end

-- Without infinitesimals: they are zero?
local function still(a)
  return a.order == 0 or core.equal(a, core.part(a, 0))
end

--- The whole number that a 1 x 1 value is, if it is a small one.
function Arithmetic.whole(_, a)
  local num, den = core.fraction(a)
  return den == 1 and still(a) and num or nil
end

-- ---------------------------------------------------------------------------------------------- arithmetic

local MOST_ROOTS = 6 -- square roots of which all signs are tried

function Arithmetic.times(_, a, b)
  return core.hadamard(a, b)
end

local function reciprocal(a)
  local ok, v = pcall(core.recip, a)
  return ok and v or undefined "a division by zero"
end

function Arithmetic.over(_, a, b)
  return core.hadamard(a, reciprocal(b))
end

-- a^k entry by entry, for a whole number k.
local function whole_power(a, k)
  if k < 0 then
    a, k = reciprocal(a), -k
  end
  local r
  while k > 0 do
    if k % 2 == 1 then
      r = r and core.hadamard(r, a) or a
    end
    k = k // 2
    a = k > 0 and core.hadamard(a, a) or a
  end
  return r or core.new(a.rows, a.cols, 1)
end

--- v or -v: one choice for each key. The first run finds how many there are, others choose the signs (`for_all_roots`).
function Arithmetic:choice(key, v)
  if not self.root_places[key] then
    self.root_places[key] = self.roots
    self.roots = self.roots + 1
  end
  return self.signs >> self.root_places[key] & 1 == 1 and -v or v
end

-- A square root of a 1 x 1 value.
local function root(self, a)
  local base = core.part(a, 0)
  local r = core.sqrt(base)
  if not r or core.zero(base) then
    undefined "no square root"
  end
  r = self:choice(core.bytes(base), r)
  local right = 1
  while right <= a.order do -- Newton's steps, each doubles the infinitesimals up to which r is right
    r = (r + a / r) / 2
    right = right * 2
  end
  return r
end

--- Entry by entry, to a power, half of a whole number; one of the two may be 1 x 1.
function Arithmetic:powers(a, exponent)
  local num, den
  if #exponent == 1 and still(exponent) then
    num, den = core.fraction(exponent)
  end
  if not num or den > 2 then
    inexact "a power that is no whole number"
  elseif math.abs(num) > 1000 then
    inexact("the power %d", num)
  elseif den == 2 then
    a = self:build(a.rows, a.cols, function(i, j)
      return root(self, a(i, j))
    end)
  end
  return whole_power(a, num)
end

--- Run f, and once more for every other choice of the square roots in it; until one gives a false first result.
-- @tparam function f
-- @return what f gives last
function Arithmetic:for_all_roots(f)
  self.signs = 0
  local results = table.pack(f())
  local signs = 1
  while results[1] and signs < 1 << self.roots do
    if self.roots > MOST_ROOTS then
      inexact "there are too many square roots"
    end
    self.signs = signs
    results = table.pack(f())
    signs = signs + 1
  end
  return table.unpack(results, 1, results.n)
end

--- A square matrix to a whole power.
function Arithmetic.power(_, a, k)
  if math.abs(k) > 1000 then
    inexact("the power %d", k)
  end
  if k < 0 then
    a = core.inverse(a) or undefined "the matrix is singular"
  end
  return a ^ math.abs(k)
end

function Arithmetic.close(_, a, b)
  return core.equal(a, b)
end

function Arithmetic.rank(_, a)
  return core.rank(a)
end

--- The number that a 1 x 1 value is, if it is a small fraction.
function M.real(a)
  local num, den = core.fraction(a)
  return num and num / den
end

--- Is a less than b? Only small fractions have an order.
function Arithmetic.less(_, a, b)
  return (M.real(a) or inexact "residues have no order") < (M.real(b) or inexact "residues have no order")
end

--- The derivative of f(t) at t = 0.
function Arithmetic:slope(f)
  local k = self.depth + 1
  self.depth = k
  local ok, v = pcall(function()
    return f(core.infinitesimal(k))
  end)
  self.depth = k - 1
  if not ok then
    error(v, 0)
  end
  return core.coefficient(v, k)
end

--- The x of a*x = b; nil where there is none, or more than one.
function Arithmetic.solve(_, a, b)
  local gram = core.inverse(a.T * a)
  local x = gram and gram * (a.T * b)
  return x and core.equal(a * x, b) and x or nil
end

--- In words: small fractions, else the residues themselves.
function M.text(_, a)
  local rows, suffix = {}, ""
  for i = 1, a.rows do
    local row = {}
    for j = 1, a.cols do
      local num, den = core.fraction(a(i, j))
      row[j] = not num and tostring(core.value(a(i, j))) or den == 1 and tostring(num) or num .. "/" .. den
      suffix = num and suffix or " mod 2^61-1"
    end
    rows[i] = table.concat(row, " ")
  end
  return (#a == 1 and rows[1] or "[" .. table.concat(rows, "; ") .. "]") .. suffix
end

--- How likely it is at most that two sides that are not the same rational function have the same value at this point:
-- the theorem of Schwartz and Zippel, the degree of their difference over p.
function M.chance(a, b)
  local top, bottom = core.degrees(a)
  local other_top, other_bottom = core.degrees(b)
  return math.min(1, math.max(top + other_bottom, other_top + bottom, 1) / M.PRIME)
end

Arithmetic.text = M.text

-- ---------------------------------------------------------------------------------------------- unknown functions

--- A random value that follows from a key; small whole numbers if `few` is set.
function Arithmetic:random(key, rows, cols)
  local v = core.random(self.seed .. "\0" .. key, rows, cols)
  if self.few then
    v = self:build(rows, cols, function(i, j)
      return core.value(v(i, j)) % 7 - 3
    end)
  end
  return v
end

-- Part k+1 for the set k of infinitesimals, without them.
local function parts_of(x)
  local parts = {}
  for s = 0, (1 << x.order) - 1 do
    parts[s] = core.part(x, s)
  end
  return parts
end

-- All ways to part a set (of bits) into sets that are not empty.
local function partitions(set)
  if set == 0 then
    return { {} }
  end
  local out, first = {}, set & -set
  local rest = set ~ first
  local sub = rest
  while true do -- the block of the first element: with every subset of the rest
    local block = first | sub
    for _, other in ipairs(partitions(set ~ block)) do
      local list = { block }
      table.move(other, 1, #other, 2, list)
      out[#out + 1] = list
    end
    if sub == 0 then
      return out
    end
    sub = (sub - 1) & rest
  end
end

-- For each of the count^r tuples of indices the place of the sorted one among the sorted ones. `folded`: the indices are of entries of
-- a matrix of `folded` rows, and entry (j,i) counts as (i,j).
local function sorted_places(count, r, folded)
  local places, known, number = {}, {}, 0
  for t = 0, count ^ r // 1 - 1 do
    local index, rest = {}, math.tointeger(t)
    for k = 1, r do
      index[k] = rest % count
      rest = rest // count
      if folded then
        local i, j = index[k] % folded, index[k] // folded
        index[k] = math.max(i, j) * folded + math.min(i, j)
      end
    end
    table.sort(index)
    local key = table.concat(index, " ")
    if not known[key] then
      number = number + 1
      known[key] = number
    end
    places[#places + 1] = known[key]
  end
  return places, number
end

local MOST_DERIVATIVES = 200000 -- entries of a tensor of derivatives

--- The r-th derivatives of an unknown function at a point: a row for each of its entries, a column for each tuple of indices.
-- @tparam string name
-- @tparam integer of how many entries the function has
-- @param x the point, without infinitesimals
-- @tparam integer r the order
-- @tparam[opt] table has attributes of the function
-- @tparam[opt] function mirror what they make of a matrix of such rows
function Arithmetic:derivatives(name, of, x, r, has, mirror)
  local key = table.concat({ name, of, r, x.rows, x.cols, core.bytes(x) }, " ")
  local folded = has and has.ofsymmetric and x.rows == x.cols and x.rows or nil
  local known = self.tensors[key]
  if not known then
    local count = #x
    if of * count ^ r > MOST_DERIVATIVES then
      inexact("the derivatives of %s are too many", name)
    end
    local places, number = sorted_places(count, r, folded)
    local distinct = self:random(key, of, number)
    local list = {}
    for _, place in ipairs(places) do
      for i = 1, of do
        list[#list + 1] = (place - 1) * of + i
      end
    end
    known = core.gather(distinct, of, #places, list)
    known = mirror and mirror(known) or known
    self.tensors[key] = known
  end
  return known
end

-- What an attribute of a function's values makes of its derivatives.
local function mirrored(rows, sign)
  return function(T)
    local places = {}
    for c = 1, T.cols do
      for k = 1, T.rows do
        local i, j = (k - 1) % rows, (k - 1) // rows
        places[#places + 1] = (c - 1) * T.rows + i * rows + j + 1
      end
    end
    return T + core.gather(T, T.rows, T.cols, places) * sign
  end
end

local function mirror_of(rows, has)
  return has and (has.symmetric and mirrored(rows, 1) or has.skew and mirrored(rows, -1)) or nil
end

--- The derivatives of that order of an unknown function with values rows x cols that have attributes.
function Arithmetic:derivatives_of(name, rows, cols, x, order, has)
  if x.order > 0 then
    inexact "a derivative of an unknown function at a point that moves"
  end
  return self:derivatives(name, rows * cols, x, order, has, mirror_of(rows, has))
end

--- An unknown function with values rows x cols: its value where its argument has infinitesimals follows from its derivatives.
-- @tparam string name
-- @tparam integer rows
-- @tparam integer cols
-- @tparam[opt] table has attributes of its values: symmetric, skew; or of its argument: ofsymmetric
function Arithmetic:unknown(name, rows, cols, has)
  local of = rows * cols
  local mirror = mirror_of(rows, has)
  return function(x)
    local parts = parts_of(x)
    local value
    for s = 0, #parts do
      local part
      for _, blocks in ipairs(partitions(s)) do
        local direction = core.new(1, 1, 1)
        for _, block in ipairs(blocks) do
          direction = core.kron(direction, parts[block]:reshape(#x, 1))
        end
        local T = self:derivatives(name, of, parts[0], #blocks, has, mirror) * direction
        part = part and part + T or T
      end
      part = core.placed(part, s, x.order)
      value = value and value + part or part
    end
    return value:reshape(rows, cols)
  end
end

return M
