--- The stationary points that the equations of nabla.solve.stationary have.
--
-- The equations are solved as a system; what that cannot solve may be an eigenvalue problem (nabla.solve.eigen), or is solved as
-- far as it goes (nabla.solve.partly). Invariant: what is given out has been put back into the equations that it was found from.
--
-- @module nabla.solve.point

local check = require "nabla.solve.check"
local complex_letters = require "nabla.solve.complex_letters"
local eigen = require "nabla.solve.eigen"
local factors = require "nabla.algebra.factors"
local lighter = require "nabla.solve.lighter"
local no_point = require "nabla.solve.nowhere"
local pairs_of_vectors = require "nabla.solve.pairs"
local partly = require "nabla.solve.partly"
local sampling = require "nabla.solve.sampling"
local signs = require "nabla.solve.signs"
local solve = require "nabla.solve"
local stationary = require "nabla.solve.stationary"
local system = require "nabla.solve.system"

local M = {}

local function joined(list, more)
  return table.move(more, 1, #more, #list + 1, table.move(list, 1, #list, 1, {}))
end

-- The result of a way, or nil where it gives none, or raises a refusal.
local function attempt(way, ...)
  local done, found = pcall(way, ...)
  if not done and type(found) ~= "table" then
    error(found, 0)
  end
  return done and found or nil
end

-- Solve with an objective that is simpler, and equal on the constraints: its points are those of f, its multipliers are not.
local function by_simpler(session, problem)
  local S = session.S
  local simpler = stationary.on_constraints(session, problem.f, problem.given, problem.constraints)
  if simpler == problem.f then
    return nil
  end
  local equations, multipliers = stationary.equations(session, simpler, problem.given, problem.constraints)
  local all = joined(problem.unknowns, multipliers)
  local found = system.solve(session, equations, all)
  if found.free then
    return nil
  end
  found = signs.chosen(session, equations, found)
  local values = table.move(found.values, 1, #problem.unknowns, 1, {})
  local own = partly.multipliers(session, problem.equations, problem.unknowns, problem.multipliers)
  if not own then
    return nil
  end
  for i, value in ipairs(own.values) do
    found.values[#problem.unknowns + i] = S:textbook(S:replace(value, problem.unknowns, values))
  end
  found.unknowns = joined(problem.unknowns, problem.multipliers)
  found.several = found.several and problem.unknowns
  found.opposite = found.opposite and problem.unknowns
  for _, e in ipairs(problem.equations) do
    if check.is_zero(session, solve.difference(S, e), found.unknowns, found.values) ~= "yes" then
      return nil
    end
  end
  for i = #found.steps, 1, -1 do -- those of other multipliers
    local left = found.steps[i].left
    for k = #problem.unknowns + 1, #all do
      if left == all[k] then
        table.remove(found.steps, i)
      end
    end
  end
  for i = #problem.unknowns + 1, #all do
    local reason = { word = "put_in" }
    found.steps[#found.steps + 1] = { left = found.unknowns[i], right = found.values[i], reason = reason }
  end
  return found
end

-- Has each of several unknowns a value by its own equation?
local function in_turn(session, equations, unknowns, multipliers)
  if #multipliers > 0 or #unknowns < 2 then
    return false
  end
  for k, x in ipairs(unknowns) do
    if not attempt(system.solve, session, { equations[k] }, { x }) then
      return false
    end
  end
  return true
end

-- Has f functions that are not defined everywhere, as log is?
local function has_domain(S, f)
  for _, id in ipairs(S:postorder(f)) do
    local _, own = S:op(id)
    local base, exponent = factors.power(S, id)
    if not own or base ~= id and not factors.integer(S, exponent) then
      return true
    end
  end
  return false
end

-- The test whether values of the unknowns are outside of the domain of f; nil where f is defined everywhere.
local function outside_of(session, f, unknowns)
  local S = session.S
  if session.complex_letters or not has_domain(S, f) then
    return nil
  end
  return function(values)
    local list = table.move(values, 1, #unknowns, 1, {})
    local done, at = pcall(S.replace, S, f, unknowns, list)
    return #list == #unknowns and done and not sampling.may_be_real(session, at)
  end
end

local solve_equations

--- Find the stationary points of f.
-- @tparam table session
-- @tparam integer f a scalar
-- @tparam {integer,...} unknowns
-- @tparam table constraints a list of { left =, right = }
-- @treturn table the equations (nabla.solve.stationary)
-- @treturn table the solutions as of nabla.solve.system; `remaining`, a list of equations { left =, right = } that are left, where they
-- are solved in part, and `open`, the unknowns that have no value
function M.solve(session, f, unknowns, constraints)
  session.is_outside = outside_of(session, f, unknowns)
  local result = table.pack(pcall(solve_equations, session, f, unknowns, constraints))
  session.is_outside = nil
  if not result[1] then
    error(result[2], 0)
  end
  return table.unpack(result, 2, result.n)
end

-- As M.solve.
function solve_equations(session, f, unknowns, constraints)
  local equations, multipliers, free = stationary.equations(session, f, unknowns, constraints)
  if session.complex_letters then
    local apart, all, back = complex_letters.apart(session, equations, joined(free, multipliers), { stationary = true })
    if back then
      local vector = attempt(eigen.solve, session, equations, free, multipliers)
      if vector then
        return equations, vector, multipliers
      end
      local done, found = pcall(system.solve, session, apart, all)
      if not done then
        local e = equations[1]
        local text = session:text(e.shown or e.left)
        local reason = type(found) == "table" and found.message or error(found, 0)
        reason = reason == "division by zero" and "each way of isolating divides by zero" or reason
        solve.stop("the equation %s = 0 is not solved for %s: %s", text, session.S:name(free[1]), reason)
      end
      return equations, complex_letters.back(session, found, back), multipliers
    end
  end
  local pair = attempt(pairs_of_vectors.solve, session, equations, free, multipliers)
  if pair then
    return equations, pair, multipliers
  end
  local done, found = pcall(system.solve, session, equations, joined(free, multipliers))
  if done then
    return equations, signs.chosen(session, equations, found), multipliers
  end
  local problem = { f = f, given = unknowns, constraints = constraints }
  problem.equations, problem.unknowns, problem.multipliers = equations, free, multipliers
  local other = attempt(eigen.solve, session, equations, free, multipliers)
    or attempt(by_simpler, session, problem)
    or attempt(lighter.solve, session, equations, free, multipliers)
    or attempt(lighter.by_squares, session, problem)
    or attempt(partly.solve, session, equations, free, multipliers)
  if not other then
    local reason = no_point.reason(session, equations, free, multipliers)
    if reason then
      solve.stop("%s", reason)
    elseif #multipliers == 0 and #free == 1 and type(found) == "table" and found.message then
      local S, e = session.S, equations[1]
      local text = session:text(e.shown or e.left)
      found.message = ("the equation %s = 0 is not solved for %s: %s"):format(text, S:name(free[1]), found.message)
    elseif in_turn(session, equations, free, multipliers) then
      found.message = found.message .. "; each variable has a value where the others are given (alternating)"
    end
    error(found, 0)
  end
  local solved = {}
  for _, x in ipairs(other.unknowns) do
    solved[x] = true
  end
  other.open = {}
  for _, x in ipairs(joined(free, multipliers)) do
    other.open[#other.open + 1] = not solved[x] and x or nil
  end
  return equations, other, multipliers
end

return M
