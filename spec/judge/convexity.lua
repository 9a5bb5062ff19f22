--- The judge of verdicts on convexity: midpoint inequalities at many points, and the eigenvalues of Hessians by finite differences.

local differences = require "spec.judge.differences"
local evaluation = require "spec.judge.evaluation"
local language = require "spec.judge.language"
local numeric = require "spec.judge.numeric"
local randoms = require "spec.judge.random"
local values = require "spec.judge.values"

local M = {}

local SIZES = { { n = 2, m = 3, k = 2 }, { n = 3, m = 2, k = 1 }, { n = 1, m = 2, k = 2 } }
local SEEDS, PAIRS = 8, 12
local NOISE, FLAT = 1e-9, 1e-13
local HESSIANS, HESSIAN_NOISE = 4, 2e-4
local NUDGE = 1e-10
local SMALL = 1e-4 -- values below that may be a difference of larger terms
local LARGE = 1e7 -- values beyond that are of singular matrices

local SHAPES = {
  affine = { convex = true, concave = true },
  convex = { convex = true },
  concave = { concave = true },
  ["strictly convex"] = { convex = true, strictly = true },
  ["strictly concave"] = { concave = true, strictly = true },
}

-- The least pivot of a symmetric matrix by elimination; -inf of one that is not symmetric.
local function least_pivot(a)
  local n, w, least = a.rows, {}, math.huge
  for i = 1, n do
    w[i] = {}
    for k = 1, n do
      w[i][k] = numeric.at(a, i, k)
      if math.abs(w[i][k] - numeric.at(a, k, i)) > 1e-9 then
        return -math.huge
      end
    end
  end
  for c = 1, n do
    local pivot = w[c][c]
    least = math.min(least, pivot)
    if pivot <= 0 then
      return least
    end
    for i = c + 1, n do
      for k = c + 1, n do
        w[i][k] = w[i][k] - w[i][c] * w[c][k] / pivot
      end
    end
  end
  return least
end

local function least_entry(a)
  local least = math.huge
  for k = 1, #a do
    least = math.min(least, a[k])
  end
  return least
end

-- What a domain asks for, by numbers.
local TESTS = {
  spd = function(a)
    return least_pivot(a) > 1e-2
  end,
  positive = function(a)
    return least_entry(a) > 1e-3
  end,
  nonnegative = function(a)
    return least_entry(a) >= 0
  end,
}

-- Does the point that an instance now has lie in a domain? Each line is "EXPRESSION ATTRIBUTE".
local function tests_of(instance, domain, varying)
  local list = {}
  for _, line in ipairs(domain or {}) do
    local text, attribute = line:match "^(.*) (%w+)$"
    local test = TESTS[attribute]
    local F = test and evaluation.compile(instance, language.parse(text), varying)
    list[#list + 1] = F and function()
      return test(F())
    end
  end
  return list
end

-- The variables at another point: values of an instance with other seeds, larger or smaller.
local function other_values(list, sizes, seed, names, random, free)
  local drawn = values.instance(list, sizes, seed).values
  local point = {}
  for _, name in ipairs(names) do
    local scale = ({ 1, 3, 0.3, 5, 0.1 })[random:integer(5)]
    point[name] = numeric.scale(drawn[name], scale)
    if free[name] and random:chance(0.3) then
      point[name] = numeric.map(point[name], function(x)
        return x + random:signed(0, 2)
      end)
    end
  end
  return point
end

-- The value of F with the variables at a point, or nil.
local function value_at(instance, F, point, tests)
  for name, v in pairs(point) do
    instance.values[name] = v
  end
  for _, test in ipairs(tests) do
    if not test() then
      return nil
    end
  end
  local ok, v = pcall(F)
  v = ok and #v == 1 and v[1] or nil
  return v and v == v and math.abs(v) < LARGE and v or nil
end

local function mean_of(a, b)
  local point = {}
  for name in pairs(a) do
    point[name] = numeric.scale(numeric.add(a[name], b[name]), 0.5)
  end
  return point
end

-- The mean of two values less the value between them, relative to the values; nil where there are none. And are the values small?
local function gap_between(instance, F, a, b, tests)
  local fa, fb = value_at(instance, F, a, tests), value_at(instance, F, b, tests)
  local fm = fa and fb and value_at(instance, F, mean_of(a, b), tests)
  local size = fm and math.max(math.abs(fa), math.abs(fb), math.abs(fm), SMALL)
  return fm and ((fa + fb) / 2 - fm) / size, size == SMALL
end

-- A point a little further: where a gap is of rounding, it is another one there.
local function nudged(point)
  local other = {}
  for name, v in pairs(point) do
    other[name] = numeric.scale(v, 1 + NUDGE)
  end
  return other
end

-- The least and the greatest eigenvalue of the Hessian by a variable without structure, relative to its size; nil where there is none.
local function eigenvalues(instance, F, name)
  local ok, H = pcall(differences.second, instance.values, F, name, name, {}, "free")
  if not ok or not numeric.is_finite(H) then
    return nil
  end
  local size = SMALL
  for k = 1, #H do
    size = math.max(size, math.abs(H[k]))
  end
  local least, greatest
  if H.rows == 1 then
    least, greatest = H[1], H[1]
  else
    local found, top = pcall(numeric.eigval, H, numeric.number(1))
    local other, bottom = pcall(numeric.eigval, H, numeric.number(H.rows))
    if not (found and other) then
      return nil
    end
    least, greatest = bottom[1], top[1]
  end
  return least / size, greatest / size
end

-- What the points of one instance say: what is refuted, and how many pairs had values.
local function look(list, sizes, seed, case, seen)
  local instance = values.instance(list, sizes, seed)
  local random = randoms.new("convexity " .. seed .. case.expr)
  local varying, free = {}, {}
  for _, name in ipairs(case.names) do
    varying[name] = true
    free[name] = next(instance.attributes[name]) == nil
  end
  local F = evaluation.compile(instance, language.parse(case.expr), varying)
  local tests = tests_of(instance, case.domain, varying)
  for pair = 1, PAIRS do
    local a = other_values(list, sizes, seed .. " a" .. pair, case.names, random, free)
    local b = other_values(list, sizes, seed .. " b" .. pair, case.names, random, free)
    local gap, small = gap_between(instance, F, a, b, tests)
    local again = gap and math.abs(gap) > NOISE and gap_between(instance, F, nudged(a), nudged(b), tests)
    if gap and (math.abs(gap) <= NOISE or again and math.abs(again - gap) < 0.1 * math.abs(gap)) then
      seen.pairs = seen.pairs + 1
      seen.convex = seen.convex or gap < -NOISE
      seen.concave = seen.concave or gap > NOISE
      seen.flat = seen.flat or gap == 0 or not small and math.abs(gap) < FLAT
    end
  end
  for _, name in ipairs(case.kinks and {} or case.names) do
    for k = 1, free[name] and HESSIANS or 0 do
      local there = value_at(instance, F, other_values(list, sizes, seed .. " h" .. k, case.names, random, free), tests)
      local least, greatest
      if there then
        least, greatest = eigenvalues(instance, F, name)
      end
      if least then
        seen.hessians = seen.hessians + 1
        seen.convex = seen.convex or least < -HESSIAN_NOISE
        seen.concave = seen.concave or greatest > HESSIAN_NOISE
      end
    end
  end
end

-- Declarations in which variables have what a domain asks of them alone.
local function declared(list, domain)
  for _, line in ipairs(domain or {}) do
    local name, attribute = line:match "^(%w+) (%w+)$"
    for _, d in ipairs(list) do
      if d.name == name then
        d.attributes[attribute] = true
      end
    end
  end
  return list
end

--- Is a verdict right, as far as points tell? `case`: decl (a list), expr, names (the variables), kinks (true: no Hessians), domain
-- (texts such as "I(n) - X spd": points are in it).
-- @return true, or false and the reason; how many pairs of points and Hessians had values
function M.judge(case, verdict)
  local list = declared(language.declarations(case.decl), case.domain)
  local seen = { pairs = 0, hessians = 0 }
  for k = 1, SEEDS do
    look(list, SIZES[(k - 1) % #SIZES + 1], "seed " .. k, case, seen)
  end
  if seen.pairs == 0 then
    return false, "no points with values", seen
  elseif verdict == "neither" then
    local missing = not seen.convex and "convex" or not seen.concave and "concave"
    return not missing, missing and "no points refute that it is " .. missing, seen
  end
  local claim = SHAPES[verdict]
  local wrong = claim.convex and seen.convex and "points refute that it is convex"
    or claim.concave and seen.concave and "points refute that it is concave"
    or claim.strictly and seen.flat and "on a line it is affine"
  return not wrong, wrong or nil, seen
end

return M
