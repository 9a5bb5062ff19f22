--- Stationary points by equations that say the same and hold less.
--
-- What a constraint says of a scalar is put into the gradients: det(W) = 1, norm2(x) = 1. Scalar factors of the gradients that are not
-- zero are left out: where a function of f is stationary, so is f, and the multipliers are multiples of its own: of
-- sqrt(w'*S*w) those of w'*S*w. Invariant: what is given out has been put back into the equations that were given.
--
-- @module nabla.solve.lighter

local check = require "nabla.solve.check"
local conditions = require "nabla.solve.conditions"
local eigen = require "nabla.solve.eigen"
local entrywise = require "nabla.solve.entrywise"
local factors = require "nabla.algebra.factors"
local multiplied = require "nabla.solve.multiplied"
local partly = require "nabla.solve.partly"
local sampling = require "nabla.solve.sampling"
local signs = require "nabla.solve.signs"
local solve = require "nabla.solve"
local stationary = require "nabla.solve.stationary"
local system = require "nabla.solve.system"

local M = {}

local function holds_any(S, id, list)
  for _, x in ipairs(list) do
    if factors.holder(S, x)(id) then
      return true
    end
  end
  return false
end

-- The terms of a gradient without multipliers, and with them.
local function apart(S, gradient, multipliers)
  local numbers, terms = factors.terms(S, S:expand(gradient))
  local own, others = {}, {}
  for i, term in ipairs(terms) do
    table.insert(holds_any(S, term, multipliers) and others or own, S:product { numbers[i], term })
  end
  local zero = S:zeros(S:rows(gradient), S:cols(gradient))
  return #own > 0 and S:textbook(S:sum(own)) or zero, #others > 0 and S:sum(others) or zero
end

-- The scalar factors of a node that hold unknowns and are not zero where they are defined: base -> exponent; and their product.
local function nonzero_factors(S, id, unknowns)
  local list = {}
  for _, f in ipairs(factors.of(S, id).scalars) do
    local negative = S:op(f[2]) == "number" and S:number(f[2]):sub(1, 1) == "-"
    if holds_any(S, f[1], unknowns) and (negative or S:property("positive", f[1])) then
      list[#list + 1] = S:power(f[1], f[2])
    end
  end
  table.sort(list)
  return #list > 0 and S:product(list) or nil
end

-- The gradients without what the constraints say, and divided by a scalar factor of one of them that is not zero: the equations, and the
-- factor or nil; nil: as before.
local function lighter(session, equations, unknowns, multipliers)
  local S, pairs_ = session.S, {}
  for i = 1, #multipliers do
    local pair = partly.pair_of(S, solve.difference(S, equations[#unknowns + i]), unknowns)
    pairs_[#pairs_ + 1] = pair and factors.is_scalar(S, pair[1]) and pair or nil
  end
  local list, changed, factor = {}, false, nil
  for k = 1, #unknowns do
    local E = S:expand(solve.difference(S, equations[k]))
    local under = #pairs_ > 0 and partly.under(session, E, pairs_) or E
    changed = changed or under ~= S:simplify(E)
    local own, others = apart(S, under, multipliers)
    factor = factor or nonzero_factors(S, own, unknowns)
    list[k] = { own, others }
  end
  if not (changed or factor) then
    return nil
  end
  for k, item in ipairs(list) do
    local own = factor and S:expand(S:product { item[1], S:power(factor, S:rational(-1)) }) or item[1]
    list[k] = { left = S:sum { own, item[2] }, right = S:zeros(S:rows(own), S:cols(own)) }
  end
  table.move(equations, #unknowns + 1, #equations, #unknowns + 1, list)
  return list, factor
end

-- Does a result solve all equations? To try numbers begins a new call of the engine, which forgets nodes without a handle.
local function is_right(session, equations, found)
  local differences, keep = {}, {}
  for i, e in ipairs(equations) do
    differences[i] = solve.difference(session.S, e)
    for _, id in ipairs { differences[i], e.left, e.right } do
      keep[#keep + 1] = session:wrap(id)
    end
  end
  for i, x in ipairs(found.unknowns) do
    keep[#keep + 1], keep[#keep + 2] = session:wrap(x), session:wrap(found.values[i])
  end
  found.kept = keep
  for _, E in ipairs(differences) do
    local answer = check.is_zero(session, E, found.unknowns, found.values)
    if answer == "unknown" then
      answer = sampling.is_zero(session, session.S:replace(E, found.unknowns, found.values), found.needs, true)
    end
    if answer ~= "yes" then
      return false
    end
  end
  return true
end

-- The lines of a derivation: the equations, and what they give.
local function steps_of(session, equations, found)
  local steps = {}
  for i, e in ipairs(equations) do
    local reason = #equations > 1 and { word = "numbered", args = { tostring(i) } } or { word = "equation" }
    steps[i] = { left = e.shown or e.left, right = e.right, reason = reason }
  end
  for i, value in ipairs(found.values) do
    local x = found.unknowns[i]
    steps[#steps + 1] = { left = x, right = value, reason = { word = "solved", args = { session.S:name(x) } } }
  end
  return steps
end

--- The stationary points by squares of constraints: norm2(x - a) = r says the same as norm2(x - a)^2 = r^2.
-- @tparam table session
-- @tparam table problem { f =, given = (unknowns), constraints =, equations =, unknowns =, multipliers = }
-- @treturn table|nil as of nabla.solve.system
function M.by_squares(session, problem)
  local S = session.S
  local two, list, scale, any = S:rational(2), {}, {}, false
  for i, c in ipairs(problem.constraints) do
    local pair = partly.pair_of(S, solve.difference(S, c), problem.unknowns)
    list[i], scale[i] = c, S:rational(1)
    if pair and factors.is_scalar(S, pair[1]) and multiplied.has_square(S, pair[1]) then
      list[i] = { left = S:power(pair[1], two), right = S:power(pair[2], two) }
      scale[i], any = S:product { two, pair[2] }, true
    end
  end
  if not any or #list < #problem.constraints then
    return nil
  end
  local equations, multipliers = stationary.equations(session, problem.f, problem.given, list)
  local all = table.move(multipliers, 1, #multipliers, #problem.unknowns + 1, { table.unpack(problem.unknowns) })
  local found = system.solve(session, equations, all)
  if found.free then
    return nil
  end
  found = signs.chosen(session, equations, found)
  for i = 1, #multipliers do
    local k = #problem.unknowns + i
    found.unknowns[k] = problem.multipliers[i]
    found.values[k] = S:textbook(S:product { scale[i], found.values[k] })
  end
  if not is_right(session, problem.equations, found) then
    return nil
  end
  found.steps = steps_of(session, problem.equations, found)
  return found
end

--- The stationary points by lighter equations.
-- @tparam table session
-- @tparam table equations gradients, then constraints (nabla.solve.stationary)
-- @tparam {integer,...} unknowns
-- @tparam {integer,...} multipliers
-- @treturn table|nil as of nabla.solve.system; nil where there are none, or they have no solution
function M.solve(session, equations, unknowns, multipliers)
  local S = session.S
  local list, factor = lighter(session, equations, unknowns, multipliers)
  if not list then
    return nil
  end
  local all = table.move(multipliers, 1, #multipliers, #unknowns + 1, table.move(unknowns, 1, #unknowns, 1, {}))
  local done, found = pcall(system.solve, session, list, all)
  if not done then
    done, found = pcall(eigen.solve, session, list, unknowns, multipliers)
  end
  if not (done and found) or found.free and not found.several then
    return nil
  end
  found = signs.chosen(session, list, found)
  local x = table.move(found.values, 1, #unknowns, 1, {})
  for i = #unknowns + 1, factor and #all or 0 do
    found.values[i] = entrywise.textbook(session, S:product { S:replace(factor, unknowns, x), found.values[i] })
  end
  if not is_right(session, equations, found) then
    return nil
  end
  found.steps = steps_of(session, equations, found)
  for i, unknown in ipairs(unknowns) do
    conditions.add_attributes(session, found.needs, unknown, found.values[i])
  end
  return found
end

return M
