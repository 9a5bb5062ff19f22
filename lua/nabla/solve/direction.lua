--- Equations alpha*u + beta*M*x = 0 in a column x, where alpha and beta are scalars that may hold x: x is a multiple of inv(M)*u.
--
-- Such are the derivatives of quotients of a linear and a quadratic form, and of functions of a norm. The multiple solves an equation
-- in one scalar; where each does, the answer is inv(M)*u.
--
-- @module nabla.solve.direction

local conditions = require "nabla.solve.conditions"
local core = require "nabla.core"
local equality = require "nabla.compare.equality"
local factors = require "nabla.algebra.factors"
local linear = require "nabla.solve.linear"
local sampling = require "nabla.solve.sampling"
local separate = require "nabla.solve.separate"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds

-- A term as a scalar that may hold x, and a matrix in front of x or a column, without x; nil for another term.
local function read_term(S, number, node, x, holds)
  local parts = factors.of(S, node)
  local of_x = parts.chain[#parts.chain] == x
  if of_x then
    table.remove(parts.chain)
  end
  local scalars, fixed = { S:rational(1) }, { number, parts.coefficient }
  for _, f in ipairs(parts.scalars) do
    local factor = S:power(f[1], f[2])
    table.insert(holds(factor) and scalars or fixed, factor)
  end
  fixed[#fixed + 1] = factors.chain(S, parts.chain, S:rows(x))
  local rest = S:product(fixed)
  if holds(rest) or S:rows(rest) ~= S:rows(x) then
    return nil
  end
  return S:product(scalars), rest, of_x
end

-- Sums of terms with the same scalar: lists { scalar =, rest = }, of those in front of x and of the others.
local function read(S, E, x, holds)
  local numbers, nodes = factors.terms(S, S:expand(E))
  local lists = { [true] = {}, [false] = {} }
  for i, node in ipairs(nodes) do
    local scalar, rest, of_x = read_term(S, numbers[i], node, x, holds)
    if not scalar then
      return nil
    end
    local list, found = lists[of_x], nil
    for _, item in ipairs(list) do
      if item.scalar == scalar then
        item.rest, found = S:sum { item.rest, rest }, true
      end
    end
    if not found then
      list[#list + 1] = { scalar = scalar, rest = rest }
    end
  end
  return lists[true], lists[false]
end

-- One term of several that have their second part in common, up to a number; nil where they have not.
local function joined(S, list)
  local one
  for _, item in ipairs(list) do
    local rest = S:textbook(item.rest)
    local number = linear.multiple_of_identity(S, rest)
    number = number and not factors.is_scalar(S, rest) and number or linear.coefficient(S, rest)
    local key = S:expand(factors.ratio(S, rest, number))
    if one and one.rest ~= key then
      return nil
    end
    one = one or { rest = key, scalar = S:rational(0) }
    one.scalar = S:sum { one.scalar, S:product { number, item.scalar } }
  end
  return one
end

-- A node in which sums of multiples of one column are one multiple: norm2(r*a/(1 + r)) for norm2(a - a/(1 + r)).
local function collected(S, id)
  local from, to = {}, {}
  for _, node in ipairs(S:postorder(id)) do
    local numbers, terms = factors.terms(S, node)
    local chain, scalars = nil, {}
    for i, term in ipairs(#terms > 1 and not factors.is_scalar(S, node) and terms or {}) do
      local parts = factors.of(S, term, true)
      local own = factors.chain(S, parts.chain, S:rows(term))
      chain = (i == 1 or chain == own) and own or nil
      parts.chain = {}
      scalars[i] = S:product { numbers[i], factors.product(S, parts) }
    end
    if chain then
      from[#from + 1], to[#to + 1] = node, S:product { S:textbook(S:sum(scalars)), chain }
    end
  end
  return #from > 0 and S:simplify(S:replace(id, from, to)) or id
end

-- What a multiple may be, in a positive letter r: any positive number; one less than 1; one greater.
local MULTIPLES = {
  function(_, r)
    return r
  end,
  function(S, r)
    return S:power(S:sum { S:rational(1), r }, S:rational(-1))
  end,
  function(S, r)
    return S:sum { S:rational(1), r }
  end,
}

-- The solution as a positive multiple of sign*inv(M)*u; its last condition says that the multiple is what it may be.
local function multiple(session, matrix, column, x, sign, form, candidate)
  local S, needs = session.S, {}
  conditions.add_invertible(session, needs, matrix.rest)
  local direction = S:textbook(S:product { S:rational(sign), S:inv(matrix.rest), column.rest })
  local positive = session.attributes.positive
  local r = S:symbol(" multiple", KIND.scalar, positive and positive.bits or 0, ONE, ONE)
  local s = form(S, r)
  local put = S:sum { column.scalar, S:product { S:rational(sign), s, matrix.scalar } }
  put = S:replace(put, { x }, { S:product { s, direction } })
  put = S:simplify(S:expand(s == r and put or collected(S, put)))
  local zero = put == S:rational(0) or equality.compare(session, put, S:rational(0)) == "yes"
  if zero then
    return { value = direction, needs = needs, lines = {}, several = true }
  elseif not factors.holder(S, r)(put) then
    return nil
  end
  put = separate.of(session, put, r)
  local solution = candidate(session, put, r)
  if not solution or solution.free or solution.consistent then
    return nil
  end
  for _, c in ipairs(solution.needs) do
    if c.node_id ~= r then
      needs[#needs + 1] = c
    end
  end
  conditions.add(session, needs, "positive", S:textbook(solution.value))
  local value = S:product { S:textbook(S:replace(s, { r }, { solution.value })), direction }
  local instead = { equation = put, unknown = r, value = solution.value }
  return { value = value, needs = needs, lines = {}, several = solution.several, instead = instead }
end

--- A solution of E = 0 for a column x, or nil.
-- @tparam table session
-- @tparam integer E
-- @tparam integer x
-- @tparam function candidate solves a scalar equation (nabla.solve.candidate)
-- @treturn table|nil as of nabla.solve.linear
function M.solve(session, E, x, candidate)
  local S = session.S
  if S:cols(x) ~= ONE or factors.is_scalar(S, x) or S:rows(E) ~= S:rows(x) or S:cols(E) ~= ONE then
    return nil
  end
  local with, without = read(S, E, x, factors.holder(S, x))
  local matrix, column = joined(S, with or {}), joined(S, without or {})
  if not (matrix and column) or S:rows(matrix.rest) ~= S:cols(matrix.rest) then
    return nil
  elseif not conditions.may_be_invertible(session, matrix.rest) then
    return nil
  end
  local first
  for _, form in ipairs(MULTIPLES) do
    for _, sign in ipairs { 1, -1 } do
      local found = multiple(session, matrix, column, x, sign, form, candidate)
      local last = found and found.needs[#found.needs]
      if found and (not last or last.known or last.property ~= "positive") then
        return found
      end
      local fails = false
      for _, c in ipairs(found and found.needs or {}) do
        fails = fails or not c.known and conditions.contradicted(session, c.property, c.node_id)
      end
      fails = fails or last and not sampling.may_hold(session, last.property, last.node_id)
      first = first or not fails and found or nil
    end
    if first then
      break
    end
  end
  return first
end

return M
