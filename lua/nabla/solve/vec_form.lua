--- Named solutions opened: each operator with a `value` in its rule file, as sylvester(A, B, C), becomes that value.
--
-- @module nabla.solve.vec_form

local M = {}

--- A node in which no operator with a value stands.
-- @tparam table session
-- @tparam integer id
function M.of(session, id)
  local S, new = session.S, {}
  for _, x in ipairs(S:postorder(id)) do
    local name, own = S:op(x)
    local leaf = own and (name == "symbol" or name == "number" or name == "function" or name == "variable")
    local args, changed = leaf and {} or S:args(x), false
    for i, arg in ipairs(args) do
      args[i] = new[arg] or arg
      changed = changed or args[i] ~= arg
    end
    local node = changed and S:again(x, args) or x
    local op = not own and session.ops[name]
    if op and op.has_value and op.unfold then
      node = S:rewrite(op.unfold, node)
    end
    new[x] = node
  end
  return new[id]
end

return M
