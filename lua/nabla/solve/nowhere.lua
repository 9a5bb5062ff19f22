--- Why there is no stationary point, where that is plain: a derivative that does not depend on the variable, or that is nowhere zero.
--
-- @module nabla.solve.nowhere

local factors = require "nabla.algebra.factors"

local M = {}

local SIGNS = { "positive", "spd" }

local function holds_any(S, id, list)
  for _, x in ipairs(list) do
    if factors.holder(S, x)(id) then
      return true
    end
  end
  return false
end

-- Is each factor of a node different from zero: a product of invertible matrices, and scalars with a sign?
local function is_nonzero_product(S, id)
  for _, factor in ipairs(factors.is(S, id, "product") and S:args(id) or { id }) do
    local scalar = factors.is_scalar(S, factor)
    local number = factors.is(S, factor, "number") and S:number(factor) ~= "0"
    local signed = scalar and (S:property("positive", factor) or S:property("positive", S:neg(factor)))
    if not (number or signed or not scalar and S:property("invertible", factor)) then
      return false
    end
  end
  return true
end

-- Is a node zero for no values of its letters?
local function is_nonzero(S, id)
  for _, node in ipairs { id, S:neg(id) } do
    for _, form in ipairs { node, S:textbook(node) } do
      for _, sign in ipairs(SIGNS) do
        if S:property(sign, form) then
          return true
        end
      end
    end
  end
  return is_nonzero_product(S, id) or is_nonzero_product(S, S:textbook(id))
end

--- The reason in words; nil where there may be a point.
-- @tparam table session
-- @tparam table equations gradients, then constraints (nabla.solve.stationary)
-- @tparam {integer,...} unknowns
-- @tparam {integer,...} multipliers
-- @treturn string|nil
function M.reason(session, equations, unknowns, multipliers)
  local S = session.S
  for k, x in ipairs(unknowns) do
    local e = equations[k]
    local E = S:sum { e.left, S:neg(e.right) }
    local text, name = session:text(S:textbook(e.shown or e.left)), S:name(x)
    local with = holds_any(S, E, multipliers)
    if not with and is_nonzero(S, E) then
      return ("there is no stationary point: the derivative %s is nowhere zero"):format(text)
    elseif not holds_any(S, E, unknowns) then
      local unless = with and "there is no stationary point, unless it is zero for some multipliers"
        or "it is zero everywhere or nowhere"
      return ("the derivative %s does not depend on %s: %s"):format(text, name, unless)
    end
  end
end

return M
