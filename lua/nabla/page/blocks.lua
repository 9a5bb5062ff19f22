--- Matrices of blocks on a page, by the kinds of their blocks (nabla.page.reader).
--
-- @module nabla.page.blocks

local blocks = require "nabla.text.blocks"

local M = {}

-- What two blocks beside each other make, and one above the other; what is not here does not fit.
local KINDS = {
  [blocks.BESIDE] = {
    scalar = { scalar = "row", row = "row" },
    row = { scalar = "row", row = "row" },
    column = { column = "matrix", matrix = "matrix" },
    matrix = { column = "matrix", matrix = "matrix" },
  },
  [blocks.BELOW] = {
    scalar = { scalar = "column", column = "column" },
    column = { scalar = "column", column = "column" },
    row = { row = "matrix", matrix = "matrix" },
    matrix = { row = "matrix", matrix = "matrix" },
  },
}

--- The kind of a call of hcat or vcat, and its tree.
function M.read(self, tree)
  local kinds, args = {}, {}
  for i, arg in ipairs(tree.args) do
    kinds[i], args[i] = self:read(arg)
    if arg.fills then
      kinds[i] = nil
    end
  end
  local copy = {}
  for key, value in pairs(tree) do
    copy[key] = value
  end
  copy.args = args
  local first, second = kinds[1], kinds[2]
  if not (first and second) then
    return (first or second) == "matrix" and "matrix" or nil, copy
  end
  local kind = KINDS[tree.name][first][second]
  if not kind then
    local where = tree.name == blocks.BESIDE and "beside" or "above"
    return self:misfit(tree, ("a block that is a %s %s one that is a %s"):format(first, where, second))
  end
  return kind, copy
end

return M
