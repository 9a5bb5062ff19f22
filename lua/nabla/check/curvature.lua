--- What a `curvature` and a `domain` state, by numbers: the inequality between the values at two points and at points between them, the
-- order of values at larger and smaller points; the attribute of sums and of means.
--
-- @module nabla.check.curvature

local core = require "nabla.numeric.core"
local floating = require "nabla.numeric.arithmetic"
local given = require "nabla.check.given"
local loops = require "nabla.rules.loops"
local meaning = require "nabla.compare.meaning"
local problem = require "nabla.check.problem"
local proof = require "nabla.check.proof"
local random_conjugates = require "nabla.compare.random_conjugates"
local random_matrix = require "nabla.compare.random_matrix"
local relation = require "nabla.check.relation"
local several_parts = require "nabla.check.several_parts"

local PROVED, FAILED, OPEN = proof.PROVED, proof.FAILED, proof.OPEN

local PAIRS, LINES = 12, 4 -- pairs of points at an instance; those with a line of values between them
local TRIES = 40 -- to find another point
local NOISE, FLAT = 1e-8, 1e-13 -- relative to the values
local STEPS, CLOSER = 32, 3 -- of a line of values; how often one looks closer
local BETWEEN = { 0.5, 0.25, 0.75, 0.9 }
local SMALLEST, LARGEST = 1, 4 -- sizes of the matrices that a domain is tried with

local kinds = {}

local function names_of(list)
  local names = {}
  for _, item in ipairs(list or {}) do
    names[#names + 1] = item.name
  end
  return names
end

local function copied(t)
  local copy = {}
  for key, v in pairs(t) do
    copy[key] = v
  end
  return copy
end

-- A complex value as a real one, its imaginary part below its real part; that of a function that is convex or concave is real, else it
-- has none. A real value as it is.
local function real_value(env, shape, value)
  if not env.arithmetic.complex then
    return value
  elseif shape == "convex" or shape == "concave" then
    return floating:size(value.im) <= NOISE * (1e-6 + value:size()) and value.re or nil
  end
  local m, re, im = value.rows, value.re, value.im
  return floating:build(2 * m, value.cols, function(i, j)
    return i > m and im(i - m, j) or re(i, j)
  end)
end

-- The value of a statement's expression at a point of an instance: `point` gives other values for some of the names that move. Nil
-- where the conditions do not hold there, or the expression has no value. `demands`: what is asked of the values (nil: all).
local function value_at(p, env, st, point, demands)
  local moved, partners = env.moving.env, env.partners
  for _, name in ipairs(env.moving.names) do
    local v = point[name]
    moved.vars[name] = v or env.vars[name]
    if partners[name] then
      moved.partners[name] = v and env.arithmetic.complex and v.conj or partners[name]
    end
  end
  if p.given[1] then
    given.assign(p.given, moved)
    demands = nil
  end
  local ok, accepted = pcall(p.accepts, p, moved, demands)
  if not (ok and accepted) then
    return nil
  end
  local has_value, value = pcall(moved.value, moved, st.lhs)
  value = has_value and real_value(env, st.shape, value) or nil
  return value and floating:size(value) < 1e8 and value or nil
end

-- The environment in which names, and what conditions give by them, take the values of one point after another; what is asked of
-- their values where `names` move.
local function moving(p, env, names, all)
  local moved = env:with(copied(env.vars))
  moved.partners = copied(env.partners)
  return { env = moved, names = all, demands = p:demands_on(names) }
end

local function text_of(env, point)
  local list = {}
  for name, v in pairs(point) do
    list[#list + 1] = name .. " = " .. (#v <= 9 and env.arithmetic:text(v) or "a matrix")
  end
  table.sort(list)
  return table.concat(list, ", ")
end

-- Another point: other values for some names, as they are declared.
local function other_point(p, env, names, try)
  local point = {}
  for _, name in ipairs(names) do
    for _, d in ipairs(p.decls) do
      if d.name == name then
        local v, partner = env.vars[name], env.partners and env.partners[name]
        if env.arithmetic.complex then
          local ok = p:assign_complex(env, d, v.rows, v.cols, try, {})
          point[name] = ok and env.vars[name] or nil
          env.vars[name], env.partners[name] = v, partner
        else
          point[name] = p:draw(env.source, d, v.rows, v.cols, try, {})
        end
      end
    end
  end
  return point
end

-- Points in the directions in which functions are often flat: all entries larger alike, a multiple, one entry.
local function in_line(env, names, try)
  local point = {}
  for _, name in ipairs(names) do
    local v = env.vars[name]
    local only = env.source.r:integer(1, #v)
    local k = 0
    point[name] = try % 3 == 1 and v * 1.5
      or env.arithmetic:build(v.rows, v.cols, function(i, j)
        k = k + 1
        local x, y = v(i, j)
        return x + ((try % 3 == 0 or k == only) and 0.75 or 0), y
      end)
  end
  return point
end

local function point_now(env, names)
  local point = {}
  for _, name in ipairs(names) do
    point[name] = env.vars[name]
  end
  return point
end

local function between(a, b, t)
  local point = {}
  for name in pairs(a) do
    point[name] = a[name] * (1 - t) + b[name] * t
  end
  return point
end

-- Does the inequality hold between two points? true; false and the reason; nil where there are no values. `fa`: the value at the
-- first one, or nil.
local function holds_between(p, env, st, a, b, t, fa)
  local fb = fa and value_at(p, env, st, b, env.moving.demands)
  local fm = fb and value_at(p, env, st, between(a, b, t), env.moving.demands)
  if not fm then
    return nil
  end
  local mean = fa * (1 - t) + fb * t
  local size = math.max(floating:size(fa), floating:size(fb), floating:size(fm), 1e-12)
  local gap = mean - fm
  local wrong = st.shape ~= "concave" and core.least(gap) < -NOISE * size and "convex"
    or st.shape ~= "convex" and core.least(gap * -1) < -NOISE * size and "concave"
  if not wrong and st.strictly then
    local all = 0 -- of a vector or a matrix the entries together
    for k = 1, #gap do
      all = all + math.abs(gap[k])
    end
    wrong = all < FLAT * size and "strictly " .. st.shape
  end
  if not wrong then
    return true
  end
  return false,
    string.format(
      "not %s: at %s and at %s the values have the mean %s, and between them (%g) it is %s",
      wrong,
      text_of(env, a),
      text_of(env, b),
      floating:text(mean),
      t,
      floating:text(fm)
    )
end

-- Is the value at a larger point not smaller (sign 1), or not larger (-1)? `fa`: the value here, or nil.
local function ordered(p, env, st, name, sign, fa)
  local here = point_now(env, { name })
  local v = here[name]
  local step = env.arithmetic:build(v.rows, v.cols, function()
    return env.source.r:unit() < 0.3 and 0 or env.source.r:unit()
  end)
  local there = { [name] = v + step }
  local fb = fa and value_at(p, env, st, there, p:demands_on { name })
  if not fb then
    return nil
  end
  local size = math.max(floating:size(fa), floating:size(fb), 1e-12)
  if core.least((fb - fa) * sign) >= -NOISE * size then
    return true
  end
  return false,
    string.format(
      "not %s in %s: at %s it is %s, at %s it is %s",
      sign > 0 and "increasing" or "decreasing",
      name,
      text_of(env, here),
      floating:text(fa),
      text_of(env, there),
      floating:text(fb)
    )
end

-- The greatest jump between neighbouring second difference quotients on a part of the line between two points, where it is, and the
-- size of the values; nil where there are none.
local function greatest_jump(p, env, st, a, b, from, to)
  local h = (to - from) / STEPS
  local values, bends, size = {}, {}, 0
  for k = 0, STEPS do
    local v = value_at(p, env, st, between(a, b, from + k * h), env.moving.demands)
    if not v then
      return nil
    end
    values[k], size = v, math.max(size, floating:size(v))
  end
  local most, where = -1, nil
  for k = 1, STEPS - 1 do
    bends[k] = values[k - 1] + values[k + 1] - values[k] * 2
    local jump = k > 1 and floating:size(bends[k] - bends[k - 1]) / h ^ 2 or 0
    if jump > most then
      most, where = jump, from + (k - 0.5) * h
    end
  end
  return most, where, size
end

-- Is the second derivative continuous on the line between two points? Where it jumps most one looks closer: the jump of a smooth
-- function shrinks with the steps, that of a second derivative stays, that of a kink grows.
local function smooth_between(p, env, st, a, b)
  local jump, where, size = greatest_jump(p, env, st, a, b, 0, 1)
  local width, before = 1, nil
  for _ = 1, CLOSER do
    if not jump then
      return nil
    end
    width = width * 4 / STEPS
    local from = math.min(math.max(where - width / 2, 0), 1 - width)
    before = jump
    jump, where = greatest_jump(p, env, st, a, b, from, from + width)
  end
  if not jump then
    return nil
  elseif jump <= before / 2 + 1e-6 * size then
    return true
  end
  return false, string.format("not smooth between %s and %s", text_of(env, a), text_of(env, b))
end

-- A point behind zero, or behind the value of another letter, as seen from the values now: there functions often have a kink.
local function point_behind(env, names, try)
  local point = {}
  for _, name in ipairs(names) do
    local v = env.vars[name]
    local targets = { v * 0 }
    for other, value in pairs(env.vars) do
      if other ~= name and type(value) == type(v) and value.rows == v.rows and value.cols == v.cols then
        targets[#targets + 1] = value
      end
    end
    local target = targets[try % #targets + 1]
    point[name] = v + (target - v) * 1.7
  end
  return point
end

-- The test of an instance.
local function test_of(p, st)
  local names, gives, all = {}, {}, {}
  p.given = given.list(p.conditions)
  for _, item in ipairs(p.given) do
    gives[item[1]] = true
  end
  for _, name in ipairs(names_of(st.variables)) do
    names[#names + 1] = not gives[name] and name or nil
  end
  for _, list in ipairs { names, names_of(st.increasing), names_of(st.decreasing) } do
    table.move(list, 1, #list, #all + 1, all)
  end
  local function order_holds(env, fa)
    for _, order in ipairs { { st.increasing, 1 }, { st.decreasing, -1 } } do
      for _, name in ipairs(names_of(order[1])) do
        local right, why = ordered(p, env, st, name, order[2], fa)
        if right == false then
          return false, why
        end
      end
    end
    return true
  end
  return function(env)
    local done, wanted = 0, st.shape == "smooth" and LINES or PAIRS
    env.moving = moving(p, env, names, all)
    local here = point_now(env, names)
    local fa = value_at(p, env, st, here, env.moving.demands) -- of all tries
    for try = 1, TRIES do
      local other = st.strictly and try % 2 == 0 and in_line(env, names, try // 2)
        or st.shape == "smooth" and try % 2 == 0 and point_behind(env, names, try // 2 - 1)
        or other_point(p, env, names, try % 12 + 1)
      local right, why
      if next(other) then
        local compare = st.shape == "smooth" and smooth_between or holds_between
        right, why = compare(p, env, st, here, other, BETWEEN[try % #BETWEEN + 1], fa)
      end
      if right == false then
        return false, why
      end
      done = done + (right and 1 or 0)
      right, why = order_holds(env, fa)
      if right == false then
        return false, why
      elseif done == wanted then
        return true
      end
    end
    if done > 0 then
      return true
    end
    return nil, "no two points were found at which it has values"
  end
end

function kinds.curvature(checker, known, st)
  local all = several_parts.new()
  for _, s in ipairs(loops.unrolled(checker.session, st)) do
    local conditions = table.move(s.conditions or {}, 1, #(s.conditions or {}), 1, {})
    table.move(st.on or {}, 1, #(st.on or {}), #conditions + 1, conditions)
    local p = problem.new(checker, known, { s.lhs }, conditions)
    local case = setmetatable({ lhs = s.lhs }, { __index = st })
    if all:add(proof.prove(p, test_of(p, case), { floating = true })) then
      break
    end
  end
  return all:result()
end

-- ---------------------------------------------------------------------------------------------- domains

-- Does a matrix have an attribute? nil where nothing says what it means.
local function has(checker, name, value)
  if type(value) == "table" then
    return random_conjugates.tests[name](value, value.conj)
  elseif random_matrix.tests[name] then
    return random_matrix.tests[name](value)
  elseif meaning.is_stated(checker.session, { [name] = true }) then
    return meaning.test(checker.session, name, value)
  end
  return nil
end

-- A random matrix with an attribute, a complex one by an attribute of complex letters.
local function member(source, set, n)
  if random_conjugates.tests[next(set)] then
    return random_conjugates.complex(source, set, n, n)
  end
  return source:with(set, n, n)
end

local function text(a)
  return type(a) == "table" and a:text "%.3g" or floating:text(a)
end

-- The matrices that have the attribute as well, by the shape of the set.
local COMBINED = {
  subspace = function(a, b)
    return a * 2 - b * 3
  end,
  convex = function(a, b)
    return a * 0.25 + b * 0.75
  end,
  upward = function(a, b, source)
    return (a + b) * 0.5 + source:make("nonnegative", a.rows, a.cols)
  end,
}

function kinds.domain(checker, _, st)
  local source = random_matrix.source(floating, checker.random, "general")
  local done = 0
  for _, item in ipairs(st.names) do
    for n = SMALLEST, LARGEST do
      for _ = 1, PAIRS do
        local set = { [item.name] = true }
        local a, b = member(source, set, n), member(source, set, n)
        local c = a and b and COMBINED[st.shape](a, b, source)
        local right = c and has(checker, item.name, c)
        if right == nil then
          return OPEN, relation.no_test(checker.session, item.name)
        elseif not right then
          return FAILED,
            string.format(
              "%s is no %s: %s and %s have it, %s has not",
              item.name,
              st.shape == "subspace" and "subspace" or st.shape == "convex" and "convex set" or "set of that kind",
              text(a),
              text(b),
              text(c)
            )
        end
        done = done + 1
      end
    end
  end
  return PROVED, { how = "floating", instances = done, tolerance = proof.TOLERANCE }
end

return kinds
