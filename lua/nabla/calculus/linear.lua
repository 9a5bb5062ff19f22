--- Is an expression linear in some leaves?
--
-- @module nabla.calculus.linear

local M = {}

--- Is the node zero where the leaves are zero, and doubled where they are doubled? A counted sum counts as linear in any leaf.
-- @param S the store
-- @tparam integer id
-- @tparam {integer,...} leaves
-- @treturn boolean
function M.is_linear(S, id, leaves)
  if #S:below(id, "range") > 0 then
    return #leaves > 0
  end
  local zeros, doubled = {}, {}
  for i, x in ipairs(leaves) do
    zeros[i] = S:zeros(S:rows(x), S:cols(x))
    doubled[i] = S:product { S:rational(2), x }
  end
  if S:replace(id, leaves, zeros) ~= S:zeros(S:rows(id), S:cols(id)) then
    return false
  end
  return S:expand(S:replace(id, leaves, doubled)) == S:expand(S:product { S:rational(2), id })
end

return M
