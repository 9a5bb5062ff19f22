--- An expression that is linear in x, as a list of terms L*X*R and the rest.
--
-- The walk goes from the expression down to each x, and carries what stands to the left and to the right of it. Invariant:
-- the expression is the sum of the terms and of the rest.
--
-- @module nabla.algebra.linear_part

local core = require "nabla.core"
local factors = require "nabla.algebra.factors"

local M = {}

local ONE = core.constants.one -- the dimension 1

local is, is_scalar = factors.is, factors.is_scalar

local Walk = {}
Walk.__index = Walk

-- The part L*id*R, or its trace.
function Walk:around(place, id)
  local S = self.S
  local node = S:product { place.left, id, place.right }
  return place.trace and S:apply(place.trace, { node }) or node
end

local function within(S, place, left, right)
  return { left = S:product { place.left, left }, right = S:product { right, place.right }, trace = place.trace }
end

function Walk:stop(reason)
  self.reason = self.reason or reason
end

-- A product in which one factor holds x.
function Walk:product(id, place)
  local S = self.S
  local args = S:args(id)
  local at
  for i, a in ipairs(args) do
    if self.holds(a) then
      if at then
        return self:stop(("%s occurs more than once in a product"):format(S:name(self.x)))
      end
      at = i
    end
  end
  local factor = args[at]
  if is_scalar(S, factor) and not is_scalar(S, id) then
    return self:scalar_factor(id, factor, args, at, place)
  end
  local left, right = {}, {}
  for i, a in ipairs(args) do
    if i ~= at then
      local list = (i < at or is_scalar(S, a)) and left or right
      list[#list + 1] = a
    end
  end
  local l, r = factors.chain(S, left, S:rows(factor)), factors.chain(S, right, S:cols(factor))
  self:visit(factor, within(S, place, l, r))
end

-- s(x)*c for a scalar that holds x: c*s(x) for a column, s(x)*c for a row.
function Walk:scalar_factor(id, factor, args, at, place)
  local S = self.S
  table.remove(args, at)
  local rest = S:product(args)
  local one = S:rational(1)
  if factor == self.x or S:cols(id) == ONE then
    return self:visit(factor, within(S, place, rest, one), factor ~= self.x)
  elseif S:rows(id) == ONE then
    return self:visit(factor, within(S, place, one, rest))
  end
  self:stop(("%s stands in a scalar factor of a matrix"):format(S:name(self.x)))
end

function Walk:visit(id, place)
  local S = self.S
  local op, own = S:op(id)
  if self.reason then
    return
  elseif not self.holds(id) then
    self.rest[#self.rest + 1] = self:around(place, id)
  elseif id == self.x then
    self.terms[#self.terms + 1] = place
  elseif own and op == "transpose" and S:args(id)[1] == self.x then
    place.transposed = true
    self.terms[#self.terms + 1] = place
  elseif is(S, id, "sum") then
    local numbers, terms = factors.terms(S, id)
    for i, term in ipairs(terms) do
      self:visit(term, { left = S:product { numbers[i], place.left }, right = place.right, trace = place.trace })
    end
  elseif is(S, id, "product") then
    self:product(id, place)
  elseif not own and S:operator_with "cyclic" == op and not place.trace then
    local inner = S:args(id)[1]
    local scalar = S:product { place.left, place.right }
    if not is_scalar(S, scalar) then
      return self:stop(("%s stands in a trace that is a factor of a matrix"):format(S:name(self.x)))
    end
    local left = S:product { scalar, S:identity(S:rows(inner)) }
    self:visit(inner, { left = left, right = S:identity(S:cols(inner)), trace = op })
  elseif not own and S:operator_with "sum_of_entries" == op then
    local inner = S:args(id)[1]
    self:visit(inner, within(S, place, S:ones(ONE, S:rows(inner)), S:ones(S:cols(inner), ONE)))
  else
    local name = own and "a " .. (op == "range" and "counted sum" or op) or op
    self:stop(("%s stands inside %s"):format(S:name(self.x), name))
  end
end

--- The linear part of an expression in x.
-- @param S the store
-- @tparam integer id
-- @tparam integer x a variable
-- @treturn table|nil the terms: a list of { left =, right =, transposed =, trace = }: left*x*right, of x' if `transposed`, in a
-- trace by the operator `trace` if there is one; or nil
-- @return the rest, an id; or why the expression is not linear
function M.of(S, id, x)
  local self = setmetatable({ S = S, x = x, holds = factors.holder(S, x), terms = {}, rest = {} }, Walk)
  local scalar = is_scalar(S, id) and S:rational(1)
  self:visit(id, { left = scalar or S:identity(S:rows(id)), right = scalar or S:identity(S:cols(id)) })
  if self.reason then
    return nil, self.reason
  end
  return self.terms, #self.rest > 0 and S:sum(self.rest) or S:zeros(S:rows(id), S:cols(id))
end

--- The value of a term at a node in place of x.
function M.value(S, term, x)
  local inner = term.transposed and S:transpose(x) or x
  local node = S:product { term.left, inner, term.right }
  return term.trace and S:apply(term.trace, { node }) or node
end

return M
