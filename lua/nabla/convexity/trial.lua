--- Convexity by numbers: the values of f at two points and at points between them.
--
-- A trial neither proves a verdict nor is it part of one: it finds two points that refute one. All values of the names are drawn as they
-- are declared; the two points differ in the variables only.
--
-- @module nabla.convexity.trial

local complex = require "nabla.language.complex"
local function_bodies = require "nabla.compare.function_bodies"
local floating = require "nabla.numeric.arithmetic"
local random_conjugates = require "nabla.compare.random_conjugates"
local random_matrix = require "nabla.compare.random_matrix"
local random_point = require "nabla.compare.random_point"
local unknown_functions = require "nabla.calculus.unknown_functions"

local M = {}

local SIZES = { { 2, 3, 4, 5 }, { 1, 2, 1, 3 }, { 3, 2, 5, 4 }, { 1, 1, 1, 1 }, { 4, 3, 2, 5 } }
local NOISE = 1e-8 -- a difference below that is rounding, relative to the values
local FLAT = 1e-13
local SMALL = 1e-4 -- values below that may be rounding, as those of I(n) - A*pinv(A) are
local NUDGE = 1e-10
local SHRINKS, SHRINK = 3, 0.25 -- of a point that is not in the domain
local BETWEEN = { 0.5, 0.25, 0.75 }

local Trial = {}
Trial.__index = Trial

-- Tests of what points must have: a list of functions of the values of the names.
local function tests_of(session, needs)
  local list = {}
  for _, need in ipairs(needs or {}) do
    local test = random_matrix.tests[need.attribute]
    local F = test and session:compile(session:wrap(need.id), { nan = true })
    list[#list + 1] = F
      and function(values)
        local v = F(values)
        if type(v) == "number" then
          local number = v
          v = floating:build(1, 1, function()
            return number
          end)
        end
        return test(type(v) == "table" and v.re or v) -- of complex letters: a real value
      end
  end
  return list
end

--- A trial of f in some variables.
-- @tparam table session
-- @tparam integer f a scalar node
-- @tparam {integer,...} variables
-- @tparam[opt] {table,...} needs what points must have: `attribute` and `id` of a part of f
function M.new(session, f, variables, needs)
  f = unknown_functions.from_layout(session, function_bodies.written_out(session, f))
  local self = { session = session, f = f, variables = variables, names = {} }
  local all = { f, table.unpack(variables) }
  self.handle = session:wrap(f)
  self.found = random_point.names_in(session, all)
  for i, x in ipairs(variables) do
    self.names[i] = session.S:name(x)
  end
  local F, err = session:compile(self.handle, { nan = true })
  if not F then
    error(err, 0)
  end
  self.F, self.tests = F, tests_of(session, needs)
  self.complex = session.complex_letters and complex.occurs(session, { self.handle })
  return setmetatable(self, Trial)
end

-- Random numbers in steps of a quarter, so that values are short.
local function coarse(text)
  local r = random_matrix.random(text)
  local exact = r.unit
  function r.unit(self)
    return math.floor(exact(self) * 4) / 4
  end
  function r.integer(self, lo, hi)
    return lo + math.floor(exact(self) * (hi - lo + 1))
  end
  return r
end

local RANGES = { "signed", "general", "positive", "small", "dominant" }

-- A source of values at one draw: of all names, or of some that were found.
local function draw(self, k, short)
  local dims, sizes = {}, SIZES[(k - 1) % #SIZES + 1]
  local all = {}
  for name in pairs(self.found.sizes) do
    all[name] = true
  end
  for name in pairs(self.found.names) do
    all[name] = true
  end
  for i, name in ipairs(random_point.sorted(all)) do
    dims[name] = sizes[(i - 1) % #sizes + 1]
  end
  local r = (short and coarse or random_matrix.random)("convexity " .. k)
  local source = random_matrix.source(floating, r, RANGES[(k - 1) % #RANGES + 1])
  if short then
    source.positive_entry = function()
      return r:integer(1, 4)
    end
    source.entry = function()
      return r:integer(-2, 2)
    end
  end
  local function values(found)
    local whole = self.found
    found = found or whole
    local v = random_point.values(self.session, found, source, dims, {
      test = self.complex and random_conjugates.complex_test,
      value = function(name, id, rows, cols)
        local own = self.complex
          and random_conjugates.complex(source, random_point.attributes(self.session, id), rows, cols)
        if own then
          return own
        elseif rows * cols == 1 and (whole.whole[name] or whole.exponents[name]) and not self.named[name] then
          return floating:from(r:integer(1, 2))
        end
      end,
    })
    for name, id in pairs(v and found.symbols or {}) do
      local x = v[name]
      if x and type(x) == "userdata" and self.session.S:dimint(self.session.S:rows(id)) == 1 and #x == 1 then
        v[name] = x[1]
      end
    end
    return v
  end
  return values
end

-- Values, with some of them replaced.
local function with(values, own)
  local all = {}
  for name, v in pairs(values) do
    all[name] = v
  end
  for name, v in pairs(own) do
    all[name] = v
  end
  return all
end

-- Have values what the domain asks for?
local function is_inside(self, values)
  for _, test in ipairs(self.tests) do
    local ok, truth = pcall(test, values)
    if not (ok and truth) then
      return false
    end
  end
  return true
end

-- The value of f, a number, or nil where f has none.
local function value(self, values)
  if not is_inside(self, values) then
    return nil
  end
  local ok, v = pcall(self.F, values)
  v = ok and (type(v) == "number" and v or v and #v == 1 and v[1]) or nil
  v = type(v) == "table" and v.re[1] or v -- of a real function
  if not v or v ~= v or v == math.huge or v == -math.huge then
    return nil
  end
  return v
end

-- Two points and one between them.
local Pair = {}
Pair.__index = Pair

--- The values of the other names.
function Pair:others()
  local others = {}
  for name, v in pairs(self.values) do
    if self.first[name] == nil and (type(v) == "number" or type(v) == "userdata" or type(v) == "table") then
      others[name] = v
    end
  end
  return others
end

-- The points of two draws and one between them, with the values of f: nil where f has none.
local function pair(self, base, first, second, t)
  local points = { first = {}, second = {}, between = {} }
  for _, name in ipairs(self.names) do
    points.first[name], points.second[name] = first[name], second[name]
    points.between[name] = first[name] * (1 - t) + second[name] * t
  end
  local function at(point)
    return value(self, with(base, point))
  end
  local fa, fb, fm = at(points.first), at(points.second), at(points.between)
  if not (fa and fb and fm) then
    return nil
  end
  local mean, size = (1 - t) * fa + t * fb, math.max(math.abs(fa), math.abs(fb), math.abs(fm), SMALL)
  local gap = (mean - fm) / size
  local found = { values = base, first = points.first, second = points.second, t = t, value = fm, mean = mean }
  found.gap, found.small = gap, size <= SMALL
  return setmetatable(found, Pair)
end

-- Does a pair refute a shape for certain? Where values depend on rounding, as those of singular matrices do, the gap moves with points
-- that move a little.
local function is_steady(self, p)
  local function nudged(point, by)
    local other = {}
    for name, v in pairs(point) do
      other[name] = v * (1 + by)
    end
    return other
  end
  local again = pair(self, p.values, nudged(p.first, NUDGE), nudged(p.second, -NUDGE), p.t)
  return again and math.abs(again.gap - p.gap) < 0.1 * math.abs(p.gap)
end

-- A point in the domain, if one is found near the given one and zero.
local function into_domain(self, base, point)
  local shrunk, found = point, self.tests[1] == nil
  for _ = 0, point and not found and SHRINKS or -1 do
    local own = {}
    for _, name in ipairs(self.names) do
      own[name] = shrunk[name]
    end
    found = is_inside(self, with(base, own))
    if found then
      return shrunk
    end
    for name, v in pairs(own) do
      own[name] = v * SHRINK
    end
    shrunk = own
  end
  return point
end

-- Points in the directions in which functions are often flat: a multiple, all entries larger alike, one entry; where all is of the
-- declared kind.
local function in_line(self, first, try)
  local second = {}
  for i, name in ipairs(self.names) do
    local v, bits = first[name], self.session.S:attributes(self.variables[i])
    if try % 3 == 1 then
      second[name] = v * (try % 2 == 0 and 0.25 or 1.5)
    elseif bits ~= 0 then
      return nil
    elseif type(v) == "number" or type(v) == "table" and #v == 1 then
      second[name] = v + 0.75
    else
      local k = 0
      second[name] = floating:build(v.rows, v.cols, function(r, c)
        k = k + 1
        return v(r, c) + ((try % 3 == 0 or k == 1) and 0.75 or 0)
      end)
    end
  end
  return second
end

-- What is found of the variables alone.
local function variables_found(self)
  local own = { symbols = {}, functions = {}, families = {} }
  for _, name in ipairs(self.names) do
    own.symbols[name], own.families[name] = self.found.symbols[name], self.found.families[name]
  end
  return own
end

--- Look for points that refute a shape.
-- @tparam integer draws how many values of the other names; at each some pairs of points are tried
-- @tparam[opt] string what "short": take values that are short to write; "verdict": draw values of the variables alone where the others
-- stay, which costs less
-- @treturn table `convex`, `concave`: a pair of points that refutes it, or nil, by preference both at the same values of the other
-- names (`both` is true); `flat`: a pair on a line where f is affine; `tried`: how many pairs had values
function Trial:look(draws, what)
  local short = what == "short"
  self.named = {}
  for _, name in ipairs(self.names) do
    self.named[name] = true
  end
  local result, moving = { tried = 0 }, what == "verdict" and variables_found(self) or nil
  for k = 1, draws do
    local values = draw(self, k, short)
    local base = values()
    local here = {}
    for try = 1, base and 12 or 0 do
      local first = into_domain(self, base, values(moving))
      local second = first and try % 2 == 0 and in_line(self, first, try // 2)
        or first and into_domain(self, base, values(moving))
      local p = first and second and pair(self, base, first, second, short and 0.5 or BETWEEN[(try - 1) % #BETWEEN + 1])
      if p then
        result.tried = result.tried + 1
        local shape = p.gap < -NOISE and "convex" or p.gap > NOISE and "concave"
        if shape and not here[shape] and is_steady(self, p) then
          here[shape] = p
        end
        result.flat = result.flat or (p.gap == 0 or not p.small and math.abs(p.gap) < FLAT) and p or nil
      end
    end
    if here.convex and here.concave then
      result.convex, result.concave, result.both = here.convex, here.concave, true
      return result
    end
    result.convex, result.concave = result.convex or here.convex, result.concave or here.concave
  end
  return result
end

--- The names of the unknown functions in f, sorted.
function Trial:unknown_functions()
  return random_point.sorted(self.found.functions)
end

return M
