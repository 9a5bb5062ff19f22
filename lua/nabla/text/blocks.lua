--- The two operators that a matrix of blocks is made of, and their calls as rows: [A, B; C, D] is vcat(hcat(A, B), hcat(C, D)).
--
-- @module nabla.text.blocks

local M = {}

M.BESIDE, M.BELOW = "hcat", "vcat"

local is_block = { [M.BESIDE] = true, [M.BELOW] = true }
M.names = is_block

--- Is a tree, of a text or of a page, a call of one of the two?
function M.is(tree)
  return tree.tag == "call" and is_block[tree.name] and not tree.fn
end

-- The arguments of nested calls of one name, from left to right.
local function spine(tree, name, parts_of)
  local list = {}
  while M.is(tree) and tree.name == name do
    local parts = parts_of(tree)
    for i = 1, #parts - 1 do
      list[#list + 1] = parts[i]
    end
    tree = parts[#parts]
  end
  list[#list + 1] = tree
  return list
end

--- The rows of a call of one of the two, each a list of trees.
-- @tparam table tree
-- @tparam[opt] function parts_of the arguments of a call; by default its array
function M.rows(tree, parts_of)
  parts_of = parts_of or function(t)
    return t
  end
  local rows = spine(tree, M.BELOW, parts_of)
  for i, row in ipairs(rows) do
    rows[i] = spine(row, M.BESIDE, parts_of)
  end
  return rows
end

--- A list of trees as nested calls, the first inside last.
-- @tparam string name
-- @tparam table list
-- @tparam function call makes the call of two trees
function M.nested(name, list, call)
  local tree = list[#list]
  for i = #list - 1, 1, -1 do
    tree = call(name, list[i], tree)
  end
  return tree
end

return M
