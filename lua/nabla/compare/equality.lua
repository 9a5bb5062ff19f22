--- Equality by numbers: two nodes are evaluated at random values of their symbols that have the declared attributes.
--
-- Modulo a prime first (nabla.exact.evaluate). Where both sides are rational and differ, they differ: the values,
-- small whole numbers if such are found, are a counterexample. Where they agree at every point, they are equal but
-- for an accident of the random numbers, whose probability is known. An unknown function, its derivatives and a
-- transcendental function have random values there: what holds for all functions holds for these. What that does not
-- settle is evaluated in floating point.
--
-- Invariant: "yes" and "no" are never given for want of a better answer; what is left is "unknown".
--
-- @module nabla.compare.equality

local arithmetic = require "nabla.exact.arithmetic"
local derivative = require "nabla.calculus.derivative"
local exact = require "nabla.exact.evaluate"
local random_matrix = require "nabla.compare.random_matrix"
local random_point = require "nabla.compare.random_point"

local M = {}

local POINTS = 6 -- at which two sides must agree
local TRIES = 60
local SMALL_TRIES = 200 -- for a counterexample of small numbers
local LARGEST, LARGE = 9, 5 -- of a size that occurs as a number, of several such
local SAME = 1e-9 -- distance relative to the size of the values
local NOISE = 1e-14 -- the rounding of values that cancel
local DIFFERENT = 1e-6

-- ---------------------------------------------------------------------------------------------- points

-- The sizes at a point. A size that occurs as a number in the two sides takes another value at each.
local function sizes_at(found, r, try)
  local dims, names = {}, {}
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

-- A name in an index counts rows or columns; in an exponent it is a whole number.
local function whole_values(found, r, A, most)
  return function(name, _, rows, cols)
    if rows * cols == 1 and (found.whole[name] or found.exponents[name]) then
      return A:from(r:integer(1, most))
    end
  end
end

-- How many points are needed: a polynomial in the sizes that occur as numbers cannot be zero by chance at more values than its
-- degree; nil where that is too high.
local function needed_points(session, a, b, found)
  local count = #random_point.sorted(found.counts)
  local degree = count > 0 and math.max(random_point.degree(session, a), random_point.degree(session, b)) or 0
  if count <= 1 then
    return degree < LARGEST and math.max(POINTS, degree + 1) or nil
  end
  return degree <= LARGE // 2 and 4 * POINTS or nil -- at random values
end

-- ---------------------------------------------------------------------------------------------- modulo a prime

-- Both sides at a point, for every choice of square roots: equal?, the last values.
local function both(A, session, a, b, values, dims, record)
  local given = {
    values = values,
    dims = dims,
    record = record,
    attributes = function(f)
      return random_point.attributes(session, f)
    end,
  }
  local left, right, chance
  local equal = A:for_all_roots(function()
    local v = exact.values(A, session, { a, b }, given)
    left, right = v[1], v[2]
    chance = math.max(chance or 0, arithmetic.chance(left, right))
    return arithmetic.equal(left, right)
  end)
  return equal, left, right, chance * (1 << A.roots)
end

-- Values of the names in words: sizes, symbols, and what unknown functions and their derivatives are at the points
-- where they stand.
local function described(session, found, A, values, dims, recorded)
  local parts = {}
  for _, name in ipairs(random_point.sorted(dims)) do
    parts[#parts + 1] = name .. " = " .. dims[name]
  end
  for _, name in ipairs(random_point.sorted(found.symbols)) do
    parts[#parts + 1] = name .. " = " .. A:text(values[name])
  end
  local texts = {}
  for id, v in pairs(recorded or {}) do
    texts[#texts + 1] = session:text(id) .. " = " .. A:text(v)
  end
  table.sort(texts)
  table.move(texts, 1, #texts, #parts + 1, parts)
  return table.concat(parts, ", ")
end

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
  local there, matrix = pcall(require, "nabla.numeric.matrix")
  return there and matrix(rows) or rows
end

local function distance_of(left, right)
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

-- What "no" answers, for values that are found to tell two sides apart: the text, and the values as a script takes them.
local function difference(session, ids, found, A, point)
  local left, right = point.left, point.right
  local why = string.format(
    "exact: %s and %s at %s",
    A:text(left),
    A:text(right),
    described(session, found, A, point.values, point.dims, point.recorded)
  )
  local example = { values = {}, left = as_numbers(left), right = as_numbers(right) }
  for name, v in pairs(point.dims) do
    example.values[name] = v
  end
  for name in pairs(found.symbols) do
    example.values[name] = as_numbers(point.values[name])
    if not example.values[name] then
      return "no", why
    end
  end
  if example.left and example.right then
    example.distance = distance_of(left, right)
  elseif next(found.functions) == nil and pcall(require, "nabla.numeric.matrix") then
    local distance, matrix = require "nabla.compare.distance", require "nabla.numeric.matrix"
    local F = session:compile { session:wrap(ids[1]), session:wrap(ids[2]) }
    local ok, x, y = pcall(F, example.values)
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

-- A point of small whole numbers at which the two sides differ: of small sizes, or of those at which they are known to differ.
local function small_difference(session, a, b, found, r, sizes_known, extra)
  local A = arithmetic.new ""
  A.few = true
  local source = random_matrix.source(A, r, "few")
  for try = 1, SMALL_TRIES do
    A:again("few " .. try)
    source.deficient = try % 2 == 0
    local dims = try % 4 == 0 and sizes_known or sizes_at(found, r, try % 3 == 0 and 3 or 1)
    local opts = { value = whole_values(found, r, A, 3), extra = extra }
    local values, dropped = random_point.values(session, found, source, dims, opts)
    local recorded = {}
    local ok, equal, left, right = false, nil, nil, nil
    if values and not dropped then
      ok, equal, left, right = pcall(both, A, session, a, b, values, dims, function(id, v)
        recorded[id] = v
      end)
    end
    if ok and not equal and A:rational_so_far() then
      local point = { values = values, dims = dims, recorded = recorded, left = left, right = right }
      return difference(session, { a, b }, found, A, point)
    end
  end
end

-- The answer modulo a prime; nil, and why there is none.
local function attempt(session, a, b, found, A, extra)
  local r = random_matrix.random "equal"
  local source = random_matrix.source(A, r, "all")
  local needed, done, worst, why, opaque =
    needed_points(session, a, b, found), 0, 0, "no values were found", {}
  local shown, said = {}, {}
  local rank_matters = false
  for try = 1, TRIES do
    A:again("all " .. try)
    source.deficient = rank_matters and try % 2 == 0
    local dims = sizes_at(found, r, try)
    local opts = { value = whole_values(found, r, A, 1 + try % 3), extra = extra }
    local values, dropped = random_point.values(session, found, source, dims, opts)
    if not values then
      why = dropped
    else
      local ok, equal, left, right, chance = pcall(both, A, session, a, b, values, dims)
      local failure = not ok and arithmetic.reason(equal)
      if failure and failure.inexact then
        return nil, failure.message
      elseif failure then
        why = failure.message
      elseif equal and source.deficient then
        rank_matters = true -- and such a point is none of those that are needed
      elseif equal then
        rank_matters = rank_matters or A.rank_matters
        done, worst = done + 1, math.max(worst, chance)
        for name in pairs(A.opaque) do
          opaque[name] = true
        end
        for name, v in pairs(dims) do
          said[name] = said[name] or {}
          said[name][v] = true
        end
        if done == needed then
          break
        end
      elseif not A:rational_so_far() then
        return nil, "transcendental functions or square roots take part"
      else
        local answer, text, example = small_difference(session, a, b, found, r, dims, extra)
        if answer then
          return answer, text, example
        elseif dropped then
          return nil, string.format("no value is known to be %s", dropped)
        end
        local point = { values = values, dims = dims, left = left, right = right }
        return difference(session, { a, b }, found, A, point)
      end
    end
  end
  if not needed then
    return nil, "sizes occur as numbers, to a high degree"
  elseif next(found.exponents) and not M.numbers_only(session, found) then
    return nil, "an exponent has a name"
  elseif done < needed then
    return nil, why
  end
  for _, name in ipairs(random_point.sorted(said)) do
    shown[#shown + 1] = name .. " = " .. table.concat(random_point.sorted(said[name]), ", ")
  end
  local functions = random_point.sorted(opaque)
  return "yes",
    string.format(
      "modulo 2^61-1: equal at %d random points%s; the probability of an accident is at most %.0e%s",
      done,
      #shown > 0 and ", " .. table.concat(shown, ", ") or "",
      worst,
      #functions > 0 and "; whatever the values of " .. table.concat(functions, ", ") or ""
    )
end

-- The same, first with any odd function in the place of sign, then with 1 and -1.
local function exactly(session, a, b, found, extra)
  local A = arithmetic.new ""
  A.free_signs = true
  local answer, why, example = attempt(session, a, b, found, A, extra)
  if not answer and A.opaque.sign then
    A.free_signs = false
    answer, why, example = attempt(session, a, b, found, A, extra)
  end
  return answer, why, example
end

-- Are there no names of variables in exponents?
function M.numbers_only(_, found)
  for name in pairs(found.exponents) do
    if found.symbols[name] or found.names[name] then
      return false
    end
  end
  return true
end

-- ---------------------------------------------------------------------------------------------- floating point

-- Do both sides stay where they are when the values change in their last digits?
local function steady(distances, F, values, x, y, distance, r)
  local matrix = require "nabla.numeric.matrix"
  local moved = {}
  for name, v in pairs(values) do
    moved[name] = v
    if type(v) == "userdata" and #v > 1 then
      moved[name] = matrix.build(v.rows, v.cols, function(i, j)
        return v(i, j) * (1 + 1e-13 * (r:unit() - 0.5))
      end)
    end
  end
  local ok, u, w = pcall(F, moved)
  if not ok or not u then
    return false
  end
  local left, right = distances.mixed(matrix(x), matrix(u)), distances.mixed(matrix(y), matrix(w))
  return left and right and left < 1e-3 * distance and right < 1e-3 * distance
end

-- The answer in floating point.
local function by_rounding(session, a, b, found, reason)
  local there, floating = pcall(require, "nabla.numeric.arithmetic")
  if not there then
    return "unknown", "the rules bring them to no common form; modulo 2^61-1: " .. reason
  end
  local distances, matrix = require "nabla.compare.distance", require "nabla.numeric.matrix"
  local F, err = session:compile({ session:wrap(a), session:wrap(b) }, { nan = true })
  if not F then
    return "unknown", "the rules bring them to no common form, and they have no value: " .. tostring(err)
  end
  local r = random_matrix.random "equal"
  local why = "no values were found at which both are defined"
  local needed, done, worst = needed_points(session, a, b, found) or math.huge, 0, 0
  for try = 1, TRIES do
    local range = try % 4 == 3 and "positive" or try % 4 == 2 and "dominant" or "general"
    local source = random_matrix.source(floating, r, range)
    local dims = sizes_at(found, r, try)
    for name, v in pairs(next(found.functions) and dims or {}) do
      dims[name] = math.max(v, 2) -- the derivatives of a vector function are given in the form of one
    end
    local opts = { scalar = try % 3 == 2 and r:integer(1, 3) + 0.0 or nil }
    local whole = whole_values(found, r, floating, 3)
    if next(found.whole) then
      function opts.value(name, ...)
        return found.whole[name] and whole(name, ...)
      end
    end
    local values, dropped = random_point.values(session, found, source, dims, opts)
    if values then
      local ok, x, y = pcall(F, values)
      local distance = ok and x and y and distances.mixed(matrix(x), matrix(y))
      if distance and distance > DIFFERENT and not steady(distances, F, values, x, y, distance, r) then
        why = "the values depend on rounding" -- near a pole, or of a singular matrix
      elseif distance and distance > DIFFERENT and dropped then
        return "unknown",
          string.format("floating point: they differ, but no value is known to be %s", dropped)
      elseif distance and distance > DIFFERENT then
        local text = described(session, found, floating, values, dims)
        return "no",
          string.format("floating point: the distance is %.2g at %s", distance, text),
          { values = values, left = matrix(x), right = matrix(y), distance = distance }
      elseif distance then
        local gap = floating:size(matrix(x) - matrix(y))
        local size = math.max(floating:size(matrix(x)), floating:size(matrix(y)))
        done = done + 1
        worst = math.max(worst, gap > NOISE and gap / size or distance) -- of small values, too, to their size
        if done == needed then
          break
        end
      elseif not ok or not x then
        why = tostring(ok and y or x):match "[^\n]*"
      end
    end
  end
  if done >= needed and worst <= SAME then
    return "yes",
      string.format("floating point: at %d random points the distance is at most %.1g", done, worst)
  elseif done >= needed then
    return "unknown",
      string.format("floating point: at %d random points the distance is up to %.1g", done, worst)
  end
  return "unknown", "the rules bring them to no common form; by numbers: " .. why
end

--- Do two rational nodes, derivatives in the engine's form, differ for certain? `extra`: name -> set of attributes
-- beside those declared.
function M.differ(session, a, b, extra)
  local found = random_point.inventory(session, { a, b })
  return not found.differential and exactly(session, a, b, found, extra) == "no"
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
  a, b = derivative.from_layout(session, a), derivative.from_layout(session, b)
  local keep = { session:wrap(a), session:wrap(b) }
  local found = random_point.inventory(session, { a, b })
  if found.differential and keep then
    return "unknown", "the rules bring them to no common form, and a differential has no value"
  end
  local answer, why, example = exactly(session, a, b, found)
  if answer then
    return answer, why, example
  end
  return by_rounding(session, a, b, found, why)
end

return M
