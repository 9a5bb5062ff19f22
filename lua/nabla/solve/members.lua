--- Members of families as unknowns: the mean mu_k of one component of a mixture.
--
-- In the equations of a stationary point a letter of its name takes the place of the member. Invariant: no equation holds other
-- members of the family under a counter, among which the member is.
--
-- @module nabla.solve.members

local core = require "nabla.core"
local solve = require "nabla.solve"

local M = {}

local KIND = core.constants.kinds
local ONE = core.constants.one -- the dimension 1

--- Is a node a member of a family?
function M.is(session, id)
  return session.S:op(id) == session.S:operator_with "member"
end

-- The letter for a member.
local function letter(session, id)
  local S = session.S
  local family = S:args(id)[1]
  local rows, cols = S:rows(id), S:cols(id)
  local kind = rows == ONE and cols == ONE and "scalar" or cols == ONE and "vector" or "matrix"
  return S:symbol(session:text(id), KIND[kind], S:attributes(family), rows, cols)
end

-- Stop where a counted sum goes over the family of a member.
local function need_alone(session, E, member)
  local S = session.S
  local family = S:args(member)[1]
  for _, id in ipairs(S:postorder(E)) do
    if M.is(session, id) and id ~= member and S:args(id)[1] == family then
      for _, index in ipairs(S:args(id)) do
        if S:op(index) == "symbol" and S:kind(index) == "counter" then
          local text = "%s is among the members of a sum in its derivative: the equation is not solved for one member"
          solve.stop(text, session:text(member))
        end
      end
    end
  end
end

--- Equations and unknowns with letters for the members among the unknowns.
-- @tparam table session
-- @tparam table equations { left =, right =, shown = } each
-- @tparam {integer,...} unknowns
-- @treturn table the equations
-- @treturn {integer,...} the unknowns
function M.as_letters(session, equations, unknowns)
  local S, from, to, list = session.S, {}, {}, {}
  for i, x in ipairs(unknowns) do
    list[i] = x
    if M.is(session, x) then
      for _, e in ipairs(equations) do
        need_alone(session, e.left, x)
        need_alone(session, e.right, x)
      end
      list[i] = letter(session, x)
      from[#from + 1], to[#to + 1] = x, list[i]
    end
  end
  if #from == 0 then
    return equations, unknowns
  end
  local own = {}
  for i, e in ipairs(equations) do
    local shown = e.shown and S:replace(e.shown, from, to)
    own[i] = { left = S:replace(e.left, from, to), right = S:replace(e.right, from, to), shown = shown }
  end
  return own, list
end

return M
