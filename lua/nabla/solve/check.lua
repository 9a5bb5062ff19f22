--- A solution is put back into the equations before it is given out.
--
-- @module nabla.solve.check

local closed = require "nabla.solve.closed"
local core = require "nabla.core"
local equality = require "nabla.compare.equality"
local factors = require "nabla.algebra.factors"
local linear = require "nabla.solve.linear"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds
local MOST_TERMS = 6 -- of a sum, to be compared with the others

-- A node with letters in place of the sizes among its scalar factors; nil where there are none, or where they are no factors. It is zero
-- for all letters only if it is for all sizes.
local function without_sizes(session, id)
  local S = session.S
  local positive = session.attributes.positive
  local from, to = {}, {}
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "symbol" and S:kind(x) == "dimension" then
      from[#from + 1] = x
      to[#to + 1] = S:symbol(" size" .. #from, KIND.scalar, positive and positive.bits or 0, ONE, ONE)
    end
  end
  local done, node = pcall(S.replace, S, id, from, to)
  return #from > 0 and done and node or nil
end

-- Does a node hold a counted sum?
local function has_sum(S, id)
  for _, x in ipairs(S:postorder(id)) do
    if factors.is(S, x, "range") and S:rows(x) ~= 0 then
      return true
    end
  end
  return false
end

-- E as J*x + .. + c, where it is linear in the unknowns, columns or scalars: so the unknowns stand outside counted sums. Else nil.
local function linear_form(session, E, unknowns)
  local S = session.S
  local terms, rest = {}, E
  for _, x in ipairs(unknowns) do
    local scalar = factors.is_scalar(S, x)
    if S:cols(x) ~= ONE or S:cols(E) ~= ONE then
      return nil
    end
    local dE, tangent = linear.graph(session, E, x)
    local J = dE and (scalar and dE or S:jacobian(dE, tangent))
    for _, y in ipairs(J and unknowns or {}) do
      J = J and not factors.holder(S, y)(J) and J or nil
    end
    if not J then
      return nil
    end
    terms[#terms + 1] = S:expand(S:product { J, x })
    rest = S:replace(rest, { x }, { S:zeros(S:rows(x), S:cols(x)) })
  end
  terms[#terms + 1] = S:expand(rest)
  return S:sum(terms)
end

-- E and values with letters for the counted sums; nil where there are none, or unknowns are in them.
local function without_sums(session, E, unknowns, values)
  local S = session.S
  if not has_sum(S, E) then
    return nil
  end
  local done, form = pcall(linear_form, session, E, unknowns)
  local nodes = { done and form or S:expand(E) }
  for i, value in ipairs(values) do
    nodes[i + 1] = S:expand(value)
  end
  local from, to = closed.letters(session, nodes, unknowns)
  for i, node in ipairs(nodes) do
    nodes[i] = S:replace(node, from, to)
    if has_sum(S, nodes[i]) then
      return nil
    end
  end
  return nodes[1], { table.unpack(nodes, 2) }
end

--- Is an expression zero where each unknown is its value? First by the rules, then at random values, modulo a prime where
-- the values are rational.
-- @tparam table session
-- @tparam integer id left side less right side
-- @tparam {integer,...} unknowns
-- @tparam {integer,...} values
-- @treturn string "yes", "no" or "unknown"
-- @treturn string how it was found
function M.is_zero(session, id, unknowns, values)
  local S = session.S
  local back = S:replace(id, unknowns, values)
  local zero = S:zeros(S:rows(id), S:cols(id))
  if session:same(back, zero) then
    return "yes", "by the rules"
  end
  local inner, own = without_sums(session, id, unknowns, values)
  if inner and M.is_zero(session, inner, unknowns, own) == "yes" then
    return "yes", "with letters for the counted sums"
  end
  if session.complex_letters then
    return session:compare_apart(back, zero)
  end
  local answer, why = equality.compare(session, back, zero)
  if answer ~= "yes" and factors.is(S, back, "sum") then -- in floating point a difference is no zero: its terms are compared
    local numbers, terms = factors.terms(S, back)
    for i = 1, math.min(#terms, MOST_TERMS) do
      local term = S:product { numbers[i], terms[i] }
      if equality.compare(session, term, S:sum { term, S:neg(back) }) == "yes" then
        return "yes", "in floating point"
      end
    end
  end
  local open = answer == "unknown" and without_sizes(session, back)
  if open then
    local again, reason = equality.compare(session, open, zero)
    if again == "yes" then
      return again, reason
    end
  end
  return answer, why
end

return M
