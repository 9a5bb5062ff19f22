--- Solutions in pairs: where the negative of a solution solves the equations as well, the one without a minus is given.
--
-- @module nabla.solve.signs

local check = require "nabla.solve.check"
local factors = require "nabla.algebra.factors"
local solve = require "nabla.solve"

local M = {}

-- May the variable take the opposite sign: has it no attributes, or those of a subspace?
local function takes_both(session, x)
  local S = session.S
  local bits = S:attributes(x)
  for name, attribute in pairs(session.attributes) do
    local own = attribute.bits
    if own and own & bits == own and own ~= 0 and name ~= "constant" and session.domains[name] ~= "subspace" then
      return false
    end
  end
  return true
end

-- Is the leading number of a node, or of the first term of a sum, negative?
local function has_minus(S, id)
  local numbers = factors.terms(S, id)
  local top = S:number(numbers[1])
  return top:sub(1, 1) == "-"
end

--- The solution with the sign that prints without a minus; `opposite`, the unknowns, if the negative is a solution as well.
-- @tparam table session
-- @tparam table equations as of nabla.solve.system
-- @tparam table found its result
-- @treturn table the result
function M.chosen(session, equations, found)
  local S = session.S
  if not found.several or found.free then
    return found
  end
  local negative = {}
  for i, value in ipairs(found.values) do
    if not takes_both(session, found.unknowns[i]) then
      return found
    end
    negative[i] = S:textbook(S:neg(value))
  end
  if negative[1] == found.values[1] then
    return found
  end
  for _, e in ipairs(equations) do
    if check.is_zero(session, solve.difference(S, e), found.unknowns, negative) ~= "yes" then
      return found
    end
  end
  found.opposite = found.unknowns
  if has_minus(S, found.values[1]) and not has_minus(S, negative[1]) then
    for _, line in ipairs(found.steps) do
      for i, value in ipairs(found.values) do
        if line.left == found.unknowns[i] and line.right == value then
          line.right = negative[i]
        end
      end
    end
    found.values = negative
  end
  return found
end

return M
