--- Equations in which the unknown is found once its scalars are known: x/sqrt(1 + x'*x) = a has the solution t*a with
-- t = sqrt(1 + t^2*a'*a).
--
-- A letter takes the place of the scalars that hold x; the equation is solved for x, and then the scalar for its letter. Where each
-- value of the letter does, there are several solutions, of which the one for 1 is given. Invariant: the value does not hold the letter.
--
-- @module nabla.solve.scalars

local conditions = require "nabla.solve.conditions"
local core = require "nabla.core"
local factors = require "nabla.algebra.factors"
local linear = require "nabla.solve.linear"
local separate = require "nabla.solve.separate"

local M = {}

local KIND = core.constants.kinds
local ONE = core.constants.one -- the dimension 1

local is_scalar = factors.is_scalar

-- The scalar nodes that hold x, and are not in another such node.
local function scalars_of(S, E, holds)
  local list, inside = {}, {}
  local nodes = S:postorder(E)
  for i = #nodes, 1, -1 do
    local id = nodes[i]
    local own = is_scalar(S, id) and holds(id)
    if own and not inside[id] then
      list[#list + 1] = id
    end
    if own or inside[id] then
      for _, a in ipairs(S:args(id)) do
        inside[a] = true
      end
    end
  end
  return list
end

-- The base of which all these scalars are powers; nil where there is none.
local function common_base(S, list)
  local base
  for _, id in ipairs(list) do
    local own = factors.power(S, id)
    if base and own ~= base then
      return nil
    end
    base = own
  end
  return base
end

-- Solve 0 = put for the letter t: its value and more needs; 1 where any value does.
local function letter_value(session, put, t, candidate, needs)
  local S = session.S
  local zero = S:rational(0)
  if put == zero then
    return S:rational(1), true
  end
  local node = S:simplify(S:expand(S:div(put, t))) -- of t*(1 - sum(b)): any t, if the rest is zero
  if not factors.holder(S, t)(node) then
    local numbers, terms = factors.terms(S, node)
    local one, other = {}, {}
    for i, term in ipairs(terms) do
      local whole = S:product { numbers[i], term }
      local number = S:op(term) == "number"
      table.insert(number and other or one, number and S:neg(whole) or whole)
    end
    if #one == 0 or #other == 0 then
      return nil
    end
    local left, right = S:sum(one), S:sum(other)
    if S:number(right):sub(1, 1) == "-" then
      left, right = S:neg(left), S:neg(right)
    end
    conditions.add(session, needs, "equal", left, right)
    return S:rational(1), true
  end
  local found = candidate(session, put, t)
  if not found or found.free or found.consistent then
    return nil
  end
  for _, c in ipairs(found.needs) do
    if c.node_id ~= t then
      needs[#needs + 1] = c
    end
  end
  return S:textbook(found.value), found.several
end

-- What letters may stand for: of a column or a matrix x the one scalar that holds x; of a scalar x each root and function of it.
local function bases(session, E, x, holds)
  local S = session.S
  if not is_scalar(S, x) then
    return { not is_scalar(S, E) and common_base(S, scalars_of(S, E, holds)) or nil }
  end
  local list = {}
  for _, id in ipairs(S:postorder(E)) do
    local op, own = S:op(id)
    local base, exponent = factors.power(S, id)
    local root = own and op == "power" and base ~= x and not factors.integer(S, exponent)
    if holds(id) and is_scalar(S, id) and (root or not own) then
      if root and factors.is(S, exponent, "number") and S:number(exponent):sub(1, 1) == "-" then
        id = S:power(base, S:neg(exponent))
      end
      list[#list + 1] = id
    end
  end
  return list
end

-- As M.solve, with a letter in place of one node.
local function by_letter(session, E, x, base, candidate)
  local S = session.S
  local positive, root = session.attributes.positive, factors.is(S, base, "power")
  local bits = positive and (root or S:property("nonnegative", base)) and positive.bits or 0
  local t = S:symbol(" scalar", KIND.scalar, bits, ONE, ONE)
  local from, to = { base }, { t }
  if root then
    local back = S:power(base, S:rational(-1))
    from[2], to[2] = back, S:power(t, S:rational(-1))
  end
  local without = S:replace(E, from, to)
  local left = factors.holder(S, x)
  if without == E or not left(without) then
    return nil
  end
  local solution, _, is_linear
  if is_scalar(S, x) then
    solution, _, is_linear = linear.solve(session, without, x)
    solution = is_linear and solution or nil
  elseif #scalars_of(S, without, left) == 0 then
    solution = candidate(session, without, x)
  end
  if not solution or solution.free or solution.consistent then
    return nil
  end
  local at = separate.opened(session, S:replace(base, { x }, { solution.value }))
  local needs = {}
  local put = S:simplify(S:expand(S:sum { S:expand(at), S:neg(t) }))
  local value, any = letter_value(session, put, t, candidate, needs)
  if not value or factors.holder(S, t)(value) then
    return nil
  end
  local result = { needs = {}, lines = {}, several = any or solution.several }
  result.value = S:simplify(S:replace(solution.value, { t }, { value }))
  for _, list in ipairs { solution.needs, needs } do
    for _, c in ipairs(list) do
      local node = S:replace(c.node_id, { t }, { value })
      if c.property == "invertible" or c.property == "nonzero" then
        conditions.add_invertible(session, result.needs, node)
      else
        conditions.add(session, result.needs, c.property, S:simplify(node), c.other_id)
      end
    end
  end
  return result
end

--- A solution of E = 0 for x, or nil.
-- @tparam table session
-- @tparam integer E
-- @tparam integer x
-- @tparam function candidate solves an equation without these scalars (nabla.solve.candidate)
-- @treturn table|nil as of nabla.solve.linear
function M.solve(session, E, x, candidate)
  for _, base in ipairs(bases(session, E, x, factors.holder(session.S, x))) do
    local found = by_letter(session, E, x, base, candidate)
    if found then
      return found
    end
  end
end

return M
