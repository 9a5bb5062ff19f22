--- Names for parts of expressions, put away: where a derivative is taken, a name is what it stands for.
--
-- A session keeps a list `parts` of { symbol =, whole = } (nabla.session.naming makes it): a symbol, and the expression that it
-- names, without names.
--
-- @module nabla.calculus.named_parts

local M = {}

local function stands_in(S, x, id)
  for _, y in ipairs(S:postorder(id)) do
    if y == x then
      return true
    end
  end
  return false
end

--- An expression in which names are what they stand for; with `variable`, only the names of what holds the variable.
-- @tparam table session
-- @tparam integer id
-- @tparam[opt] integer variable
-- @treturn integer
function M.unfolded(session, id, variable)
  local S, from, to = session.S, {}, {}
  for _, part in ipairs(session.parts or {}) do
    if not variable or part.symbol ~= variable and stands_in(S, variable, part.whole) then
      from[#from + 1], to[#to + 1] = part.symbol, part.whole
    end
  end
  return #from > 0 and S:replace(id, from, to) or id
end

return M
