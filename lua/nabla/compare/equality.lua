--- Equality by numbers: two nodes are evaluated at random values of their symbols that have the declared attributes.
--
-- Modulo a prime first (nabla.exact.evaluate). Where both sides are rational and differ, they differ: the values,
-- small whole numbers if such are found, are a counterexample. Where they agree at every point, they are equal but
-- for an accident of the random numbers, whose probability is known. An unknown function, its derivatives and a
-- transcendental function have random values there: what holds for all functions holds for these. Where this gives no
-- answer, both sides are evaluated in floating point.
--
-- Invariant: "yes" and "no" are given only when established; everything else is "unknown".
--
-- @module nabla.compare.equality

local arithmetic = require "nabla.exact.arithmetic"
local function_bodies = require "nabla.compare.function_bodies"
local errors = require "nabla.text.errors"
local exact = require "nabla.exact.evaluate"
local random_matrix = require "nabla.compare.random_matrix"
local random_point = require "nabla.compare.random_point"
local unknown_functions = require "nabla.calculus.unknown_functions"

local M = {}

local POINTS = 6 -- at which two sides must agree
local TRIES = 60
local DEFINED_TRIES = 8 -- for a value of one node
local SMALL_TRIES = 200 -- for a counterexample of small numbers
local LARGEST, LARGE = 9, 5 -- the largest value of a size that occurs as a number, of several such
local SAME = 1e-9 -- distance relative to the size of the values
local NOISE = 1e-14 -- the rounding of values that cancel
local DIFFERENT = 1e-6

-- Values as a script takes them: matrices where the numeric module is there, else tables of rows; nil where one is
-- no small fraction.
local function as_numbers(v)
  local rows = {}
  for i = 1, v.rows do
    rows[i] = {}
    for j = 1, v.cols do
      local x = arithmetic.real(v(i, j))
      if not x then
        return nil
      end
      rows[i][j] = x
    end
  end
  local there, matrix = errors.attempt(require, "nabla.numeric.matrix")
  return there and matrix(rows) or rows
end

-- The distance of two residues as nabla.compare.distance measures it, without the numeric module; nil where one is no small fraction.
local function residue_distance(left, right)
  local size, gap = 0, 0
  for k = 1, #left do
    local x, y = arithmetic.real(left[k]), arithmetic.real(right[k])
    if not (x and y) then
      return nil
    end
    size, gap = math.max(size, math.abs(x), math.abs(y)), math.max(gap, math.abs(x - y))
  end
  return gap / (1 + size)
end

-- ---------------------------------------------------------------------------------------------- points

-- Two nodes and the names in them. A point gives them values: `values`, `dims` (the sizes), `dropped` (an attribute that a
-- value could not be given), and in an arithmetic the `left` and `right` side.
local Comparison = {}
Comparison.__index = Comparison

-- `extra`: name -> set of attributes beside those declared.
local function comparison(session, a, b, extra)
  local self = { session = session, a = a, b = b, extra = extra }
  self.handles = { session:wrap(a), session:wrap(b) } -- keep the nodes
  self.found = random_point.names_in(session, { a, b })
  return setmetatable(self, Comparison)
end

-- The sizes at a point. A size that occurs as a number in the two sides takes another value at each.
function Comparison:sizes(r, try)
  local found, dims, names = self.found, {}, {}
  local several = #random_point.sorted(found.counts) > 1
  for name in pairs(found.sizes) do
    names[name] = true
  end
  for name in pairs(found.names) do
    names[name] = true
  end
  for i, name in ipairs(r:shuffled(random_point.sorted(names))) do
    if found.counts[name] then
      dims[name] = several and r:integer(1, LARGE) or 1 + try % LARGEST
    else
      dims[name] = try % 3 == 0 and r:integer(1, 4) or i + 1
    end
  end
  return dims
end

-- A point with values of a source. `whole`: how large indices and exponents are at most. nil and the reason where there are none.
function Comparison:point(source, dims, opts)
  opts.extra = self.extra
  local values, dropped = random_point.values(self.session, self.found, source, dims, opts)
  if not values then
    return nil, dropped
  end
  return { values = values, dims = dims, dropped = dropped }
end

-- A name in an index counts rows or columns; in an exponent it is a whole number.
function Comparison:whole_values(source, most)
  local found = self.found
  return function(name, _, rows, cols)
    if rows * cols == 1 and (found.whole[name] or found.exponents[name]) then
      return source.A:from(source.r:integer(1, most))
    end
  end
end

-- How many points are needed: a polynomial in the sizes that occur as numbers cannot be zero by chance at more values than its
-- degree; nil where that is too high.
function Comparison:needed_points()
  local session, count, degree = self.session, #random_point.sorted(self.found.counts), 0
  if count > 0 then
    degree = math.max(random_point.degree(session, self.a), random_point.degree(session, self.b))
  end
  if count <= 1 then
    return degree < LARGEST and math.max(POINTS, degree + 1) or nil
  end
  return degree <= LARGE // 2 and 4 * POINTS or nil -- at random values
end

-- Are all names in exponents sizes that occur as numbers?
function Comparison:has_numeric_exponents()
  for name in pairs(self.found.exponents) do
    if self.found.symbols[name] or self.found.names[name] then
      return false
    end
  end
  return true
end

-- The values of the names in words: sizes, symbols, and the values of unknown functions and their derivatives that were recorded.
function Comparison:describe(A, point)
  local parts = {}
  for _, name in ipairs(random_point.sorted(point.dims)) do
    parts[#parts + 1] = name .. " = " .. point.dims[name]
  end
  for _, name in ipairs(random_point.sorted(self.found.symbols)) do
    local v = point.values[name]
    parts[#parts + 1] = v and name .. " = " .. A:text(v) or nil
  end
  local texts = {}
  for id, v in pairs(point.recorded or {}) do
    local written, text = errors.attempt(self.session.text, self.session, id)
    texts[#texts + 1] = written and text .. " = " .. A:text(v) or nil -- a layout need not have a place for it
  end
  table.sort(texts)
  table.move(texts, 1, #texts, #parts + 1, parts)
  return table.concat(parts, ", ")
end

-- ---------------------------------------------------------------------------------------------- modulo a prime

-- Work out both sides at a point, for every choice of square roots: are they equal?, the chance that this is an accident.
-- The values of unknown functions are recorded on request.
function Comparison:evaluate(A, point, record)
  local session = self.session
  local given = {
    values = point.values,
    dims = point.dims,
    attributes = function(f)
      return random_point.attributes(session, f)
    end,
  }
  if record then
    point.recorded = {}
    function given.record(id, v)
      point.recorded[id] = v
    end
  end
  local chance = 0
  local equal = A:for_all_roots(function()
    local v = exact.values(A, session, { self.a, self.b }, given)
    point.left, point.right = v[1], v[2]
    chance = math.max(chance, arithmetic.chance(v[1], v[2]))
    return arithmetic.equal(v[1], v[2])
  end)
  return equal, chance * (1 << A.roots)
end

-- The answer "no" for a point at which the sides differ: the text, and the values as a script takes them.
function Comparison:difference(A, point)
  local left, right = point.left, point.right
  local why =
    string.format("exact: %s and %s at %s", A:text(left), A:text(right), self:describe(A, point))
  local example = { values = {}, left = as_numbers(left), right = as_numbers(right) }
  for name, v in pairs(point.dims) do
    example.values[name] = v
  end
  for name in pairs(self.found.symbols) do
    example.values[name] = as_numbers(point.values[name])
    if not example.values[name] then
      return "no", why
    end
  end
  if example.left and example.right then
    example.distance = residue_distance(left, right)
  elseif self.with_unit then
    return "no", why
  elseif next(self.found.functions) == nil and errors.attempt(require, "nabla.numeric.matrix") then
    local distance, matrix = require "nabla.compare.distance", require "nabla.numeric.matrix"
    local ok, x, y = errors.attempt(self.session:compile(self.handles), example.values)
    if not (ok and x and y) then
      return "no", why
    end
    example.left, example.right = matrix(x), matrix(y)
    example.distance = distance.mixed(example.left, example.right)
  else
    return "no", why
  end
  return "no", why, example
end

-- The answer for a point of small whole numbers at which the two sides differ: of small sizes, or of those at which they are known
-- to differ. nil where none is found.
function Comparison:small_difference(r, known_sizes)
  local A = arithmetic.new ""
  A.few = true
  local source = random_matrix.source(A, r, "few")
  for try = 1, SMALL_TRIES do
    A:again("few " .. try)
    source.deficient = try % 2 == 0
    local dims = try % 4 == 0 and known_sizes or self:sizes(r, try % 3 == 0 and 3 or 1)
    local point = self:point(source, dims, { value = self:whole_values(source, 3) })
    if point and not point.dropped then
      local ok, equal = errors.attempt(self.evaluate, self, A, point, true)
      if ok and not equal and A:rational_so_far() then
        return self:difference(A, point)
      end
    end
  end
end

-- The points at which two sides agree, put together: how many, the chance of an accident, the sizes, the opaque functions.
local Agreement = {}
Agreement.__index = Agreement

function Agreement:add(A, point, chance)
  self.done, self.worst = self.done + 1, math.max(self.worst, chance)
  for name in pairs(A.opaque) do
    self.opaque[name] = true
  end
  for name, v in pairs(point.dims) do
    self.sizes[name] = self.sizes[name] or {}
    self.sizes[name][v] = true
  end
end

function Agreement:text()
  local sizes, functions = {}, random_point.sorted(self.opaque)
  for _, name in ipairs(random_point.sorted(self.sizes)) do
    sizes[#sizes + 1] = ", " .. name .. " = " .. table.concat(random_point.sorted(self.sizes[name]), ", ")
  end
  return string.format(
    "modulo %s: equal at %d random points%s; the probability of an accident is at most %.0e%s",
    arithmetic.modulus(),
    self.done,
    table.concat(sizes),
    self.worst,
    #functions > 0 and "; whatever the values of " .. table.concat(functions, ", ") or ""
  )
end

-- The answer modulo a prime; nil and why there is none.
function Comparison:attempt(A)
  local r = random_matrix.random "equal"
  local source = random_matrix.source(A, r, "all")
  local needed, why = self:needed_points(), "no values were found"
  local agreement = setmetatable({ done = 0, worst = 0, sizes = {}, opaque = {} }, Agreement)
  local rank_matters = false
  for try = 1, TRIES do
    A:again("all " .. try)
    source.deficient = rank_matters and try % 2 == 0
    local whole = self:whole_values(source, 1 + try % 3)
    local drawn, point, reason = errors.attempt(self.point, self, source, self:sizes(r, try), { value = whole })
    local ok, equal, chance = false, nil, nil
    if not drawn then -- a declared name has values in floating point only
      return nil, arithmetic.reason(point).message
    elseif point then
      ok, equal, chance = errors.attempt(self.evaluate, self, A, point)
    end
    local failure = point and not ok and arithmetic.reason(equal)
    if not point then
      why = reason
    elseif failure and failure.inexact then
      return nil, failure.message
    elseif failure then
      why = failure.message
    elseif equal and source.deficient then
      rank_matters = true -- and such a point is none of those that are needed
    elseif equal then
      rank_matters = rank_matters or A.rank_matters
      agreement:add(A, point, chance)
      if agreement.done == needed then
        break
      end
    elseif not A:rational_so_far() then
      return nil, "transcendental functions or square roots take part"
    else
      local answer, text, example = self:small_difference(r, point.dims)
      if answer then
        return answer, text, example
      elseif point.dropped then
        return nil, string.format("no value is known to be %s", point.dropped)
      end
      return self:difference(A, point)
    end
  end
  if not needed then
    return nil, "sizes occur as numbers, to a high degree"
  elseif not self:has_numeric_exponents() then
    return nil, "an exponent has a name"
  elseif agreement.done < needed then
    return nil, why
  end
  return "yes", agreement:text()
end

-- The same, first with any odd function in the place of sign, then with 1 and -1.
function Comparison:exactly()
  if not self.with_unit and self:has_unit() then
    self.with_unit = true
    return arithmetic.with_unit(self.exactly, self)
  end
  local A = arithmetic.new ""
  A.free_signs = true
  local answer, why, example = self:attempt(A)
  if not answer and A.opaque.sign then
    A.free_signs = false
    answer, why, example = self:attempt(A)
  end
  return answer, why, example
end

-- Does the imaginary unit take part? It has no value in floating point.
function Comparison:has_unit()
  local S = self.session.S
  for _, root in ipairs { self.a, self.b } do
    for _, id in ipairs(S:postorder(root)) do
      local name, own = S:op(id)
      if not own and self.session.ops[name] and self.session.ops[name].imaginary_unit then
        return true
      end
    end
  end
  return false
end

-- ---------------------------------------------------------------------------------------------- floating point

-- Work out both sides at a point. The reason where that fails.
local function evaluate_floating(F, point)
  local distance, matrix = require "nabla.compare.distance", require "nabla.numeric.matrix"
  local ok, left, right = errors.attempt(F, point.values)
  if not ok or not left then
    return tostring(ok and right or left):match "[^\n]*"
  end
  point.left, point.right = matrix(left), matrix(right)
  point.distance = distance.mixed(point.left, point.right)
end

-- Do both sides stay where they are when the values change in their last digits?
local function well_conditioned(F, point, r)
  local distance, matrix = require "nabla.compare.distance", require "nabla.numeric.matrix"
  local moved = {}
  for name, v in pairs(point.values) do
    moved[name] = v
    if type(v) == "userdata" and #v > 1 then
      moved[name] = matrix.build(v.rows, v.cols, function(i, j)
        return v(i, j) * (1 + 1e-13 * (r:unit() - 0.5))
      end)
    end
  end
  local ok, left, right = errors.attempt(F, moved)
  if not ok or not left then
    return false
  end
  left, right = distance.mixed(point.left, matrix(left)), distance.mixed(point.right, matrix(right))
  return left and right and left < 1e-3 * point.distance and right < 1e-3 * point.distance
end

-- The point of a try in floating point; nil where there are no values of that kind.
function Comparison:floating_point(source, try)
  local r, found = source.r, self.found
  local dims = self:sizes(r, try)
  for name, v in pairs(next(found.functions) and dims or {}) do
    dims[name] = math.max(v, 2) -- the derivatives of a vector function are given in the form of one
  end
  local opts = { scalar = try % 3 == 2 and r:integer(1, 3) + 0.0 or nil }
  local whole = self:whole_values(source, 3)
  if next(found.whole) then
    function opts.value(name, ...)
      return found.whole[name] and whole(name, ...)
    end
  end
  return self:point(source, dims, opts)
end

-- The answer in floating point. `reason`: why there is none modulo a prime.
function Comparison:by_rounding(reason)
  local there, floating = errors.attempt(require, "nabla.numeric.arithmetic")
  if not there then
    return "unknown", "the rules bring them to no common form; modulo 2^61-1: " .. reason
  end
  local F, err = self.session:compile(self.handles, { nan = true })
  if not F then
    return "unknown", "the rules bring them to no common form, and they have no value: " .. tostring(err)
  end
  local r = random_matrix.random "equal"
  local why = "no values were found at which both are defined"
  local needed, done, worst = self:needed_points() or math.huge, 0, 0
  for try = 1, TRIES do
    local range = try % 4 == 3 and "positive" or try % 4 == 2 and "dominant" or "general"
    local point = self:floating_point(random_matrix.source(floating, r, range), try)
    local failure = point and evaluate_floating(F, point)
    if failure then
      why = failure
    elseif point and point.distance and point.distance > DIFFERENT then
      if not well_conditioned(F, point, r) then
        why = "the values depend on rounding" -- near a pole, or of a singular matrix
      elseif point.dropped then
        return "unknown",
          string.format("floating point: they differ, but no value is known to be %s", point.dropped)
      else
        return "no",
          string.format(
            "floating point: the distance is %.2g at %s",
            point.distance,
            self:describe(floating, point)
          ),
          { values = point.values, left = point.left, right = point.right, distance = point.distance }
      end
    elseif point and point.distance then
      local gap = floating:size(point.left - point.right)
      local size = math.max(floating:size(point.left), floating:size(point.right))
      done = done + 1
      worst = math.max(worst, gap > NOISE and gap / size or point.distance) -- of small values, too, to their size
      if done == needed then
        break
      end
    end
  end
  if done >= needed and worst <= SAME then
    return "yes",
      string.format("floating point: at %d random points the distance is at most %.1g", done, worst)
  elseif done >= needed then
    return "unknown",
      string.format("floating point: at %d random points the distance is up to %.1g", done, worst)
  elseif needed == math.huge and done > 0 then
    why = "sizes occur as numbers, to so high a degree that points prove nothing"
  end
  return "unknown", "the rules bring them to no common form; by numbers: " .. why
end

-- ---------------------------------------------------------------------------------------------- the answers

--- Do two rational nodes, derivatives in the engine's form, differ for certain? `extra`: name -> set of attributes
-- beside those declared.
function M.differ(session, a, b, extra)
  local c = comparison(session, a, b, extra)
  return not c.found.differential and c:exactly() == "no"
end

--- Has a node a value somewhere, where sizes are larger than 3? Modulo a prime; true where that cannot be tried. Smaller matrices may be
-- invertible by accident: a sum of n + 2 matrices of rank one, n^2 x n^2, is so where n is 2.
-- @tparam table session
-- @param a an id
function M.defined(session, a)
  local c = comparison(session, a, a)
  local A, r = arithmetic.new "", random_matrix.random "defined"
  A.free_signs = true
  local source = random_matrix.source(A, r, "all")
  for try = 1, DEFINED_TRIES do
    A:again("defined " .. try)
    local dims = c:sizes(r, 3 * try + 1)
    for name, v in pairs(dims) do
      dims[name] = math.max(v, 4 + try % 2)
    end
    local drawn, point = errors.attempt(c.point, c, source, dims, { value = c:whole_values(source, 3) })
    if not drawn then
      return true
    end
    local ok, why = true, nil
    if point then
      ok, why = errors.attempt(c.evaluate, c, A, point)
    end
    if point and ok or not ok and arithmetic.reason(why).inexact then
      return true
    end
  end
  return false
end

--- Compare two nodes by numbers.
-- @tparam table session
-- @param a an id
-- @param b an id
-- @treturn string "yes", "no" or "unknown"
-- @treturn string the reason
-- @treturn table|nil for "no": the values, the value of each side, and their distance: { values =, left =, right =, distance = }; nil where
-- no small numbers were found that show it
function M.compare(session, a, b)
  local function plain(id)
    return unknown_functions.from_layout(session, function_bodies.written_out(session, id))
  end
  local c = comparison(session, plain(a), plain(b))
  if c.found.differential then
    return "unknown", "the rules bring them to no common form, and a differential has no value"
  end
  local answer, why, example = c:exactly()
  if answer then
    return answer, why, example
  elseif c.with_unit then
    return "unknown", "the rules bring them to no common form; modulo 2^61-31: " .. why
  end
  return c:by_rounding(why)
end

return M
