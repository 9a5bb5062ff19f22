--- Counted sums without the unknown stay as they are: letters stand for them while an equation is solved, so that
-- sum(i = 1..N, (x_i - mu)*(x_i - mu)') is not written out.
--
-- @module nabla.solve.closed

local core = require "nabla.core"
local factors = require "nabla.algebra.factors"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds

-- A letter of the shape and the attributes of a node.
local function letter(session, id, number)
  local S = session.S
  local rows, cols = S:rows(id), S:cols(id)
  local kind = rows == ONE and cols == ONE and "scalar" or cols == ONE and "vector" or "matrix"
  local bits = 0
  for name, attribute in pairs(session.attributes) do
    if attribute.bits and name ~= "constant" and S:property(name, id) then
      bits = bits | attribute.bits
    end
  end
  return S:symbol(" sum" .. number, KIND[kind], bits, rows, cols)
end

--- E with letters for the counted sums that do not hold x.
-- @tparam table session
-- @tparam integer E
-- @tparam integer x
-- @treturn integer E itself where there are none
-- @treturn function takes a node, and gives it with the sums in place of their letters; nil where there are none
function M.sums(session, E, x)
  local S, holds = session.S, factors.holder(session.S, x)
  local from, to = {}, {}
  for _, id in ipairs(S:postorder(E)) do
    if factors.is(S, id, "range") and not holds(id) and S:rows(id) ~= 0 then
      from[#from + 1], to[#to + 1] = id, letter(session, id, #from)
    end
  end
  if #from == 0 then
    return E
  end
  return S:replace(E, from, to), function(id)
    for _ = 1, 2 do -- a sum in a sum
      id = S:replace(id, to, from)
    end
    return id
  end
end

--- A solution with the sums put back.
function M.put_back(session, solution, back)
  local conditions = require "nabla.solve.conditions"
  local needs = {}
  for _, c in ipairs(solution.needs) do
    conditions.add(session, needs, c.property, back(c.node_id), c.other_id and back(c.other_id))
  end
  solution.needs = needs
  for _, key in ipairs { "value", "particular", "homogeneous", "product" } do
    solution[key] = solution[key] and back(solution[key])
  end
  for _, line in ipairs(solution.lines or {}) do
    line.left, line.right = back(line.left), back(line.right)
  end
  return solution
end

return M
