--- The equations of a stationary point, solved as far as they go.
--
-- Either the unknowns are found from the gradients, as functions of the multipliers, and the constraints that cannot be solved for
-- these are left: maximum entropy, a quadratic function on a sphere. Or the multipliers are found, from the gradients multiplied by
-- what the constraints hold: x'*(A*x + lambda*x) = 0 and x'*x = 1 give lambda = -x'*A*x; the equations with the multipliers are left.
-- Invariant: what is solved and what is left follow from the equations.
--
-- @module nabla.solve.partly

local check = require "nabla.solve.check"
local conditions = require "nabla.solve.conditions"
local core = require "nabla.core"
local factors = require "nabla.algebra.factors"
local linear = require "nabla.solve.linear"
local separate = require "nabla.solve.separate"
local solve = require "nabla.solve"
local subst = require "nabla.algebra.subst"

local M = {}

local ONE = core.constants.one -- the dimension 1
local MOST_ROUNDS = 12

local function is_zero(S, E)
  return E == S:zeros(S:rows(E), S:cols(E))
end

-- Does a node hold one of a list of symbols?
local function holds_any(S, id, list)
  for _, x in ipairs(list) do
    if factors.holder(S, x)(id) then
      return true
    end
  end
  return false
end

-- A solution of E = 0 for x that is certain and needs nothing of the other unknowns; nil where there is none.
local function solution_of(session, E, x, unknowns)
  local S = session.S
  if not factors.holder(S, x)(E) then
    return nil
  end
  local done, solution = pcall(solve.candidate, session, E, x)
  local one = done and solution and not (solution.free or solution.consistent or solution.vec or solution.loose)
  if not one then
    return nil
  end
  solution.value = solve.textbook(S, solution)
  local others = {}
  for _, y in ipairs(unknowns) do
    others[#others + 1] = y ~= x and y or nil
  end
  if is_zero(S, solution.value) and holds_any(S, E, others) then
    return nil
  end
  local right = check.is_zero(session, solution.product or E, { x }, { solution.value })
  return right == "yes" and solution or nil
end

-- ---------------------------------------------------------------------------------------------- the unknowns by the multipliers

-- Solve one equation after the other, of `list`, for those of `unknowns` that can be: a list of { x, solution }.
local function greedy(session, list, unknowns, all)
  local S = session.S
  local found, left = {}, table.move(unknowns, 1, #unknowns, 1, {})
  for _ = 1, MOST_ROUNDS do
    local best
    for i, E in ipairs(list) do
      for k, x in ipairs(left) do
        local solution = solution_of(session, E, x, all)
        if solution and not (best and S:cost(best.solution.value) <= S:cost(solution.value)) then
          best = { i = i, k = k, solution = solution }
        end
      end
    end
    if not best then
      break
    end
    local x = table.remove(left, best.k)
    local value = best.solution.value
    found[#found + 1] = { x, best.solution }
    table.remove(list, best.i)
    for i, E in ipairs(list) do
      list[i] = S:textbook(S:expand(S:replace(E, { x }, { value })))
    end
  end
  return found, left
end

-- The values with those found later put in, in the order of all unknowns.
local function put_together(session, found, all)
  local S = session.S
  local x, values, by = {}, {}, {}
  for i = #found, 1, -1 do
    local value = found[i][2].value
    value = separate.textbook(session, #x > 0 and S:expand(S:replace(value, x, values)) or value)
    x[#x + 1], values[#values + 1], by[found[i][1]] = found[i][1], value, value
  end
  local result = { unknowns = {}, values = {}, needs = {}, several = {}, steps = {} }
  for _, unknown in ipairs(all) do
    if by[unknown] then
      result.unknowns[#result.unknowns + 1], result.values[#result.values + 1] = unknown, by[unknown]
    end
  end
  for _, item in ipairs(found) do
    for _, c in ipairs(item[2].needs) do
      solve.add_condition(session, result.needs, c, x, values)
    end
    result.several[#result.several + 1] = item[2].several and item[1] or nil
  end
  return result
end

-- The equations as the first lines of the derivation.
local function first_lines(equations)
  local steps = {}
  for i, e in ipairs(equations) do
    local reason = #equations > 1 and { word = "numbered", args = { tostring(i) } } or { word = "equation" }
    steps[i] = { left = e.shown or e.left, right = e.right, reason = reason }
  end
  return steps
end

-- An equation E = 0 with its terms without unknowns on the right side; nil where no term has one.
local function as_equation(session, E, unknowns)
  local S = session.S
  local numbers, terms = factors.terms(S, E)
  local left, right = {}, {}
  for i, term in ipairs(terms) do
    local whole = S:product { numbers[i], term }
    if holds_any(S, term, unknowns) then
      left[#left + 1] = whole
    else
      right[#right + 1] = S:neg(whole)
    end
  end
  if #left == 0 then
    return nil
  end
  local one, other = S:textbook(S:sum(left)), #right > 0 and S:sum(right) or S:zeros(S:rows(E), S:cols(E))
  local number = linear.coefficient(S, one)
  return {
    left = separate.textbook(session, S:expand(S:div(one, number))),
    right = separate.textbook(session, S:div(other, number)),
  }
end

-- Does a value vanish with one of the multipliers? Then the equations are an eigenvalue problem, of which it is no solution.
local function vanishes(S, value, multipliers)
  for _, t in ipairs(multipliers) do
    local done, rest = pcall(S.replace, S, value, { t }, { S:zeros(S:rows(t), S:cols(t)) })
    if done and factors.holder(S, t)(value) and is_zero(S, S:textbook(rest)) then
      return true
    end
  end
  return false
end

local function by_multipliers(session, equations, unknowns, multipliers, all)
  local S = session.S
  local gradients, constraints = {}, {}
  for i, e in ipairs(equations) do
    table.insert(i <= #unknowns and gradients or constraints, solve.difference(S, e))
  end
  local found, left = greedy(session, gradients, unknowns, all)
  if #left > 0 then
    return nil
  end
  local x, values = {}, {}
  for _, item in ipairs(found) do
    if item[2].statement or vanishes(S, item[2].value, multipliers) then
      return nil
    end
    for i, value in ipairs(values) do
      values[i] = S:replace(value, { item[1] }, { item[2].value })
    end
    x[#x + 1], values[#values + 1] = item[1], item[2].value
  end
  for i, E in ipairs(constraints) do
    constraints[i] = S:textbook(S:expand(S:replace(E, x, values)))
  end
  local more = greedy(session, constraints, multipliers, all)
  table.move(more, 1, #more, #found + 1, found)
  local result = put_together(session, found, all)
  result.remaining = {}
  for _, E in ipairs(constraints) do
    if not is_zero(S, E) then
      if not holds_any(S, E, multipliers) then
        return nil -- no solution, or one only for some values
      end
      table.insert(result.remaining, as_equation(session, E, multipliers))
    end
  end
  result.steps = first_lines(equations)
  for _, item in ipairs(found) do
    local reason = { word = "solved", args = { S:name(item[1]) } }
    table.insert(result.steps, { left = item[1], right = item[2].value, reason = reason })
  end
  for i, unknown in ipairs(result.unknowns) do
    local last
    for _, line in ipairs(result.steps) do
      last = line.left == unknown and line.right or last
    end
    if last ~= result.values[i] then
      table.insert(result.steps, { left = unknown, right = result.values[i], reason = { word = "put_in" } })
    end
  end
  return result
end

-- ---------------------------------------------------------------------------------------------- the multipliers by the unknowns

--- A constraint as a pair: its one term with unknowns, and what that equals; nil for other constraints.
function M.pair_of(S, constraint, unknowns)
  local numbers, terms = factors.terms(S, S:expand(constraint))
  local from, number, rest = nil, nil, {}
  for i, term in ipairs(terms) do
    if holds_any(S, term, unknowns) then
      if from then
        return nil
      end
      from, number = term, numbers[i]
    else
      rest[#rest + 1] = S:neg(S:product { numbers[i], term })
    end
  end
  local right = #rest > 0 and S:sum(rest) or S:zeros(S:rows(constraint), S:cols(constraint))
  return from and { from, S:div(right, number) }
end

--- A node with the constraints put in, in simple form.
function M.under(session, id, pairs_)
  local S = session.S
  id = S:simplify(S:expand(id))
  for _ = 1, 2 do
    id = S:simplify(S:expand((subst.subst(S, id, pairs_))))
  end
  return id
end

-- What a gradient is multiplied by, to use a constraint: x' on either side, or the matrix of a linear constraint.
local function products(session, E, x, constraint)
  local S, list = session.S, {}
  local turned = S:transpose(x)
  if S:cols(turned) == S:rows(E) then
    list[1] = S:product { turned, E }
  end
  if S:rows(turned) == S:cols(E) and S:cols(x) ~= ONE then
    list[#list + 1] = S:product { E, turned }
  end
  if S:cols(x) ~= ONE and factors.is_scalar(S, constraint) then
    list[#list + 1] = S:apply(S:operator_with "cyclic", { S:product { turned, E } })
  end
  local dE, tangent = linear.graph(session, constraint, x)
  if dE and S:cols(x) == ONE then
    local J = S:jacobian(dE, tangent)
    if not factors.holder(S, x)(J) then
      table.insert(list, 1, S:product { J, E })
    end
  end
  return list
end

--- The multipliers as expressions in the unknowns.
-- @return as M.solve; nil where one is not found
function M.multipliers(session, equations, unknowns, multipliers)
  local S = session.S
  local pairs_, products_ = {}, {}
  for i = 1, #multipliers do
    pairs_[#pairs_ + 1] = M.pair_of(S, solve.difference(S, equations[#unknowns + i]), unknowns)
  end
  for k, x in ipairs(unknowns) do
    local E = solve.difference(S, equations[k])
    for i = 1, #multipliers do
      local constraint = solve.difference(S, equations[#unknowns + i])
      if factors.holder(S, multipliers[i])(E) then
        for _, product in ipairs(products(session, E, x, constraint)) do
          products_[#products_ + 1] = M.under(session, product, pairs_)
        end
      end
    end
  end
  local found, left = greedy(session, products_, multipliers, multipliers)
  if #left > 0 then
    return nil
  end
  local result = put_together(session, found, multipliers)
  for i, value in ipairs(result.values) do
    result.values[i] = S:textbook(M.under(session, value, pairs_))
  end
  result.remaining, result.steps = {}, first_lines(equations)
  for i, unknown in ipairs(result.unknowns) do
    local reason = { word = "solved", args = { S:name(unknown) } }
    table.insert(result.steps, { left = unknown, right = result.values[i], reason = reason })
  end
  for i, e in ipairs(equations) do
    local E = i <= #unknowns and S:expand(solve.difference(S, e)) or nil
    local equation = E and as_equation(session, E, unknowns)
    if E and not equation then -- it says nothing of the unknowns
      return nil
    end
    result.remaining[i] = equation or { left = e.left, right = e.right }
  end
  for i, x in ipairs(result.unknowns) do
    conditions.add_attributes(session, result.needs, x, result.values[i])
  end
  return result
end

--- Solve as far as it goes.
-- @tparam table session
-- @tparam table equations gradients, then constraints (nabla.solve.stationary)
-- @tparam {integer,...} unknowns
-- @tparam {integer,...} multipliers at least one
-- @treturn table|nil as of nabla.solve.point, with the unknowns that have a value only, and `remaining`; nil where nothing is found
function M.solve(session, equations, unknowns, multipliers)
  if #multipliers == 0 then
    return nil
  end
  local all = table.move(multipliers, 1, #multipliers, #unknowns + 1, table.move(unknowns, 1, #unknowns, 1, {}))
  local result = by_multipliers(session, equations, unknowns, multipliers, all)
    or M.multipliers(session, equations, unknowns, multipliers)
  if result then
    result.several = #result.several > 0 and result.several or nil
    for _, e in ipairs(result.remaining) do
      result.steps[#result.steps + 1] = { left = e.left, right = e.right, reason = { word = "left" } }
    end
    result.checked = "each unknown in the equation that it was found from"
  end
  return result
end

return M
