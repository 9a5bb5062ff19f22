--- The forms of matrices of blocks: a minus in front of all blocks goes before the brackets, a transpose of all of them behind.
--
-- @module nabla.print.forms_of_blocks

local blocks = require "nabla.text.blocks"
local display = require "nabla.print.display"
local ways = require "nabla.print.signs_and_transposes"

local value, value_transposed = ways.value, ways.value_transposed

local M = {}

local SAVING = 1 -- [A; B]', not [A', B']: what a transpose behind the brackets must save

local function call(name, a, b)
  return display.call(name, { a, b })
end

-- The nodes of a right-nested row or column.
local function spine(c, id, name)
  local list = {}
  while c.S:op(id) == name do
    local args = c.S:args(id)
    list[#list + 1] = args[1]
    id = args[2]
  end
  list[#list + 1] = id
  return list
end

-- The blocks of a node as a matrix: a list of rows of as many nodes, of the same widths; nil where rows differ.
local function grid_of(c, id)
  local rows = spine(c, id, blocks.BELOW)
  for i, row in ipairs(rows) do
    rows[i] = spine(c, row, blocks.BESIDE)
    for j, block in ipairs(rows[i]) do
      if not rows[1][j] or c.S:cols(block) ~= c.S:cols(rows[1][j]) then
        return nil
      end
    end
    if #rows[i] ~= #rows[1] then
      return nil
    end
  end
  return rows
end

-- A zero block is written 0 where letters, in its row and in its column, say how large it is. The size of a longer block may itself
-- have to be found when the text is read.
local function zeros_that_fill(c, grid)
  local function says(block)
    local op = c.S:op(block)
    if op == "transpose" then
      block = c.S:args(block)[1]
      op = c.S:op(block)
    end
    return op == "symbol"
  end
  local rows, cols, fills = {}, {}, {}
  for i, row in ipairs(grid) do
    for j, block in ipairs(row) do
      rows[i], cols[j] = rows[i] or says(block), cols[j] or says(block)
    end
  end
  for i, row in ipairs(grid) do
    for j, block in ipairs(row) do
      fills[i] = fills[i] or {}
      if c.S:op(block) == "zeros" then
        fills[i][j] = (rows[i] and cols[j]) or false
      end
    end
  end
  return fills
end

-- The call zeros(m,n): formats write it as 0 where it fills, and with its size where it does not.
local function zero_block(tree, fills)
  local copy = {}
  for key, part in pairs(tree.tag == "transpose" and tree[1] or tree) do
    copy[key] = part
  end
  if fills then
    copy.fills, copy.cost = true, 1
  else
    copy.sized = true
  end
  return fills and copy or tree.tag == "transpose" and display.transpose(copy) or copy
end

-- The trees of a grid of nodes; `transposed`: with its columns as rows.
local function written(grid, transposed, tree_of)
  local rows, fills = {}, grid.fills
  for i = 1, transposed and #grid[1] or #grid do
    local row = {}
    for j = 1, transposed and #grid or #grid[1] do
      local k, l = transposed and j or i, transposed and i or j
      local tree = tree_of(grid[k][l])
      row[j] = fills[k][l] ~= nil and zero_block(tree, fills[k][l]) or tree
    end
    rows[i] = blocks.nested(blocks.BESIDE, row, call)
  end
  return blocks.nested(blocks.BELOW, rows, call)
end

-- Can all blocks change their sign for nothing, and does one ask for it?
local function is_negative(c, grid)
  local asked = false
  for _, row in ipairs(grid) do
    for _, block in ipairs(row) do
      local zero = c.S:op(block) == "zeros"
      if not (zero or c.neg[block] and c.tneg[block]) then
        return false
      end
      asked = asked or not zero and not c.pos[block]
    end
  end
  return asked
end

local function build(c, id, args)
  local grid = grid_of(c, id)
  if not grid then
    return ways.keep_leaf(c, id, call(c.op[id], value(c, args[1]), value(c, args[2])))
  end
  grid.fills = zeros_that_fill(c, grid)
  local function plain(block)
    return value(c, block)
  end
  local function turned(block)
    return value_transposed(c, block)
  end
  if is_negative(c, grid) then
    local function negative(block)
      return c.neg[block] or value(c, block)
    end
    local function negative_turned(block)
      return c.tneg[block] or value_transposed(c, block)
    end
    return ways.keep(c, id, false, written(grid, false, negative), false, written(grid, true, negative_turned), SAVING)
  end
  ways.keep(c, id, written(grid, false, plain), false, written(grid, true, turned), false, SAVING)
end

M[blocks.BESIDE], M[blocks.BELOW] = build, build

return M
