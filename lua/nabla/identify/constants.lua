--- Constants of given sizes in a tree: I(n), K(m,n), E(i,j,m,n), and each operator whose arguments are all sizes or indices.
--
-- @module nabla.identify.constants

local M = {}

local BUILT_IN = { I = true, ones = true, zeros = true }

--- Is a call a constant? K(t) of one argument is not: it is the value of some function K.
-- @tparam table session
-- @tparam table tree a call
function M.is_constant(session, tree)
  if BUILT_IN[tree.name] then
    return true
  end
  local op = session.ops[tree.name]
  if not op or op.gone or #op.params == 0 or #op.params ~= #tree.args then
    return false
  end
  for _, p in ipairs(op.params) do
    if not (p.dimension or p.index) then
      return false
    end
  end
  return true
end

return M
