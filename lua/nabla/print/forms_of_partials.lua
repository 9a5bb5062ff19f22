--- The forms of partial derivatives at any point, D(f, x)(a, b): the columns of the derivative of a function of several arguments that
-- belong to the argument x.
--
-- @module nabla.print.forms_of_partials

local blocks = require "nabla.text.blocks"
local display = require "nabla.print.display"
local ways = require "nabla.print.signs_and_transposes"
local leaves = require "nabla.print.forms_of_leaves"

local M = {}

local FIRST, LAST = "firstcolumns", "lastcolumns"

-- The parts of a column of blocks.
local function parts_of(c, id)
  local list = {}
  while c.S:op(id) == blocks.BELOW do
    local args = c.S:args(id)
    list[#list + 1], id = args[1], args[2]
  end
  list[#list + 1] = id
  return list
end

-- An argument among several: a matrix is kept as its vec.
local function argument(c, id)
  return ways.value(c, c.S:op(id) == "vec" and c.S:args(id)[1] or id)
end

--- The trees of the arguments of a function: of one that is declared as a function of blocks, block by block.
function M.arguments(c, f, id)
  local declared = c.S:declared_argument(f)
  local count = declared and #parts_of(c, declared) or 1
  local given = count > 1 and parts_of(c, id) or {}
  if #given ~= count then
    return { ways.value(c, id) }
  end
  for i, part in ipairs(given) do
    given[i] = argument(c, part)
  end
  return given
end

-- The derivative of which a node is columns, and the number of the argument to which they belong; nil where it is none.
local function columns_of(c, id)
  local first, last = false, 0
  while c.S:op(id) == FIRST or c.S:op(id) == LAST do
    if c.S:op(id) == FIRST and (first or last > 0) then
      return nil
    elseif c.S:op(id) == FIRST then
      first = true
    else
      last = last + 1
    end
    id = c.S:args(id)[1]
  end
  return id, last + 1, first
end

-- The name of an argument with which a function is declared: of a column or a scalar.
local function label(c, id)
  local op = c.S:op(id)
  if op == "symbol" then
    return leaves.name(c, id)
  elseif op == "call" then
    return leaves.name(c, c.S:args(id)[1])
  end
end

local function build(c, id, args, op)
  local S = c.S
  local base, i, first = columns_of(c, id)
  local turned = base and S:op(base) == "transpose"
  base = turned and S:args(base)[1] or base
  local f = base and S:op(base) == "D" and S:args(base)[1]
  local declared = f and S:op(f) == "function" and S:declared_argument(f)
  local parts = declared and parts_of(c, declared) or {}
  local x = parts[i] and (first == (i < #parts)) and ways.is_one(c, S:cols(f)) and label(c, parts[i])
  local given = x and parts_of(c, S:args(base)[2]) or {}
  if not x or #given ~= #parts then
    local trees = {}
    for k, arg in ipairs(args) do
      trees[k] = ways.value(c, arg)
    end
    return ways.keep_leaf(c, id, display.call(op or S:op(id), trees))
  end
  local name = ("D(%s, %s)"):format(S:name(f), x.text)
  local tree = display.call(name, M.arguments(c, f, S:args(base)[2]))
  tree.fn, tree.id, tree.turned, tree.partial = display.name(name, "matrix"), id, turned or nil, true
  if ways.is_scalar(c, id) then
    ways.keep_scalar(c, id, tree, false)
  elseif turned then
    ways.keep(c, id, display.transpose(tree), false, tree, false, 0)
  else
    ways.keep(c, id, tree, false, display.transpose(tree), false, 0)
  end
end

M.build = { [FIRST] = build, [LAST] = build }

return M
