--- Stationary points that are pairs of singular vectors: of u'*A*v where u and v have lengths.
--
-- The gradient by one column gives that column by the other; what is left is an eigenvalue problem in the other. Its eigenvectors are
-- the singular vectors of A; of two matrices that give the lengths, canonical directions. Invariant: what is given out has been put
-- back.
--
-- @module nabla.solve.pairs

local check = require "nabla.solve.check"
local conditions = require "nabla.solve.conditions"
local eigen = require "nabla.solve.eigen"
local factors = require "nabla.algebra.factors"
local sampling = require "nabla.solve.sampling"
local solve = require "nabla.solve"

local M = {}

-- The constraints in the order of the unknowns, where each holds one of them; else nil.
local function by_unknown(S, constraints, unknowns)
  local list = {}
  for i, x in ipairs(unknowns) do
    local other = factors.holder(S, unknowns[3 - i])
    for k, E in ipairs(constraints) do
      if factors.holder(S, x)(E) and not other(E) then
        list[i] = k
      end
    end
  end
  return list[1] and list[2] and list or nil
end

-- A solution without conditions on the right side, or nil.
local function certain(session, E, x)
  local found = factors.holder(session.S, x)(E) and solve.candidate(session, E, x)
  return found and not (found.free or found.consistent or found.vec) and found or nil
end

-- What is left for the second unknown where the first is eliminated, with the values of all.
local function with_first(session, problem, first, second, k)
  local S = session.S
  local x, y = problem.unknowns[first], problem.unknowns[second]
  local own = problem.order[first]
  local of_x = certain(session, problem.gradients[first], x)
  if not of_x then
    return nil
  end
  local value = S:textbook(of_x.value)
  local left = S:expand(S:replace(problem.gradients[second], { x }, { value }))
  local found = eigen.vector(session, left, y, problem.multipliers, problem.constraints[problem.order[second]], k)
  if not found then
    return nil
  end
  value = S:replace(value, { y }, { found.vector })
  local length = S:textbook(S:expand(S:replace(problem.constraints[own], { x, y }, { value, found.vector })))
  local lambda = problem.multipliers[own]
  local of_length = certain(session, length, lambda)
  local first_multiplier = of_length and S:textbook(of_length.value)
  local ratio = of_length and S:textbook(S:replace(found.ratio, { y, lambda }, { found.vector, first_multiplier }))
  local other = problem.multipliers[problem.order[second]]
  local of_ratio = ratio and certain(session, ratio, other)
  if not of_ratio then
    return nil
  end
  local values, needs = {}, table.move(found.needs, 1, #found.needs, 1, {})
  values[first] = S:textbook(S:replace(value, { lambda }, { first_multiplier }))
  values[second] = found.vector
  values[2 + own], values[2 + problem.order[second]] = first_multiplier, S:textbook(of_ratio.value)
  local opposite = S:textbook(S:neg(values[first])) -- with the signs of both multipliers
  if S:cost(opposite) < S:cost(values[first]) then
    values[first] = opposite
    for i = 3, 4 do
      values[i] = S:textbook(S:neg(values[i]))
    end
  end
  local all = { x, y, lambda, other }
  local known = { values[first], values[second], values[2 + own], values[2 + problem.order[second]] }
  for _, list in ipairs { of_x.needs, of_length.needs, of_ratio.needs } do
    for _, c in ipairs(list) do
      solve.add_condition(session, needs, c, all, known)
    end
  end
  return values, conditions.unique(needs), found.statement
end

--- The stationary points as pairs of vectors.
-- @tparam table session
-- @tparam table equations of nabla.solve.stationary: two gradients and two constraints, each on one unknown
-- @tparam {integer,...} unknowns
-- @tparam {integer,...} multipliers
-- @treturn table|nil the result as of nabla.solve.system; nil where the equations are no such problem
function M.solve(session, equations, unknowns, multipliers)
  local S = session.S
  if #unknowns ~= 2 or #multipliers ~= 2 then
    return nil
  end
  local problem = { unknowns = unknowns, multipliers = multipliers, gradients = {}, constraints = {} }
  for i = 1, 2 do
    local x = unknowns[i]
    if S:cols(x) ~= S:dim(1) or factors.is_scalar(S, x) or not factors.is_scalar(S, multipliers[i]) then
      return nil
    end
    problem.gradients[i] = S:simplify(solve.difference(S, equations[i]))
    problem.constraints[i] = solve.difference(S, equations[2 + i])
  end
  problem.order = by_unknown(S, problem.constraints, unknowns)
  if not problem.order then
    return nil
  end
  local all = { unknowns[1], unknowns[2], multipliers[1], multipliers[2] }
  local nodes = table.move(problem.gradients, 1, 2, 1, table.move(all, 1, 4, 3, {}))
  local k = eigen.index(session, nodes)
  local values, needs, st = with_first(session, problem, 1, 2, k)
  if not values then
    values, needs, st = with_first(session, problem, 2, 1, k)
  end
  if not values then
    return nil
  end
  local checked, steps = nil, {}
  for i, e in ipairs(equations) do
    local E = S:simplify(solve.difference(S, e))
    local answer, how = check.is_zero(session, E, all, values)
    if answer == "unknown" then
      answer, how = sampling.is_zero(session, S:replace(E, all, values), needs, true)
    end
    if answer ~= "yes" then
      return nil
    end
    checked = how
    steps[i] = { left = e.shown or e.left, right = e.right, reason = { word = "numbered", args = { tostring(i) } } }
  end
  for i, unknown in ipairs(all) do
    steps[#steps + 1] = { left = unknown, right = values[i], reason = { rule = st } }
  end
  return {
    unknowns = all,
    values = values,
    needs = needs,
    free = { k },
    steps = steps,
    checked = checked,
    several = { unknowns[1], unknowns[2] },
  }
end

return M
