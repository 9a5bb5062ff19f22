--- The sizes of an expression as messages show them: "m x n".
--
-- @module nabla.text.shape

local M = {}

--- Two dimensions of a store.
function M.text(S, rows, cols)
  return S:dimtext(rows) .. " x " .. S:dimtext(cols)
end

--- The shape of a node.
function M.of(S, id)
  return M.text(S, S:rows(id), S:cols(id))
end

return M
