--- Powers of a part of an equation: where x^3 is the unknown's part, x^6 is its square; where exp(x) is, exp(2*x) is.
--
-- @module nabla.solve.powers

local factors = require "nabla.algebra.factors"
local separate = require "nabla.solve.separate"
local statements = require "nabla.solve.statements"

local M = {}

local is_scalar = factors.is_scalar

-- Is f(a + b) the product of f(a) and f(b) for scalars, as of exp?
local function is_exponential(session, part)
  local S = session.S
  local _, own = S:op(part)
  if own or #S:args(part) ~= 1 or not is_scalar(S, S:args(part)[1]) or not is_scalar(S, part) then
    return false
  end
  local p = statements.parts(session)
  local a, b = p:opaque(part), p:opaque(part)
  local found = separate.by_statement(session, p, S:again(part, { S:sum { a, b } }), nil, true)
  return found == S:product { S:again(part, { a }), S:again(part, { b }) }
end

-- The nodes of E that are powers of a part exp(u), as exp(2*u), and what they are with y in place of it.
local function powers_of_exponential(session, E, part, y)
  local S = session.S
  local from, to = { part }, { y }
  local op, u = S:op(part), S:args(part)[1]
  for _, id in ipairs(S:postorder(E)) do
    if id ~= part and S:op(id) == op and is_scalar(S, id) then
      local k = factors.integer(S, S:expand(S:div(S:args(id)[1], u)))
      if k then
        from[#from + 1], to[#to + 1] = id, S:power(y, S:rational(k))
      end
    end
  end
  return from, to
end

--- The nodes of E that are powers of a part, and what they are with y in place of it: of x^3 also x^6.
function M.of(session, E, part, y)
  local S = session.S
  if is_exponential(session, part) then
    return powers_of_exponential(session, E, part, y)
  end
  local base, exponent = factors.power(S, part)
  local k = is_scalar(S, part) and base ~= part and factors.integer(S, exponent)
  local from, to = { part }, { y }
  for _, id in ipairs(k and S:postorder(E) or {}) do
    local own, m = factors.power(S, id)
    m = own == base and id ~= part and factors.integer(S, m)
    if m and m % k == 0 then
      from[#from + 1], to[#to + 1] = id, S:power(y, S:rational(m // k))
    end
  end
  return from, to
end

return M
