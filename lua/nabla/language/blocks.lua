--- Matrices of matrices in the language: [A, B; C, D]. Their sizes.
--
-- A row of blocks is a call of hcat, rows of rows one of vcat, nested to the right as the engine keeps them
-- (nabla.language.grammar_of_blocks). A block that is 0 is as large as its place.
--
-- @module nabla.language.blocks

local core = require "nabla.core"
local later = require "nabla.text.later"
local text = require "nabla.text.blocks"

local trees = later.require "nabla.language.tree"

local M = {}

local ONE = core.constants.one -- the dimension 1

-- The sizes of the parts of which a size is the sum, in the order of the blocks; of a size that is none, itself. `whole`: a matrix
-- of blocks inside the brackets counts as one part.
local function parts_of(c, d, whole)
  local known = c.parts and (c.parts[d] or c.parts[c:resolve(d)])
  return known and (whole and known.whole or known.single) or { d }
end

--- hcat(A, B, C), of an operator that is associative: hcat(A, hcat(B, C)).
function M.nested_call(ast)
  return text.nested(ast.name, ast.args, function(name, a, b)
    return { tag = "call", name = name, args = { a, b }, pos = ast.pos, oppos = ast.oppos }
  end)
end

--- Note of which sizes those of a row or a column of blocks are the sums.
-- @tparam table c the context
-- @tparam table op an operator
-- @tparam table ast its call
-- @tparam table t the type of the call
function M.note_parts(c, op, ast, t)
  if not op.jointly_linear then
    return
  elseif ast.spaced and not c.pattern then
    c:assume(ast.pos, "what is side by side in square brackets are blocks; a product is written with *")
  end
  for _, side in ipairs { "rows", "cols" } do
    if not c:names(op[side]).alone and op[side] ~= ONE then
      local single, whole = {}, {}
      for i, arg in ipairs(ast.args) do
        local size = c.types[arg][side]
        table.move(parts_of(c, size), 1, #parts_of(c, size), #single + 1, single)
        local parts = i == 2 and not arg.paren and parts_of(c, size, true) or { size }
        table.move(parts, 1, #parts, #whole + 1, whole)
      end
      c.parts = rawget(c, "parts") or {}
      c.parts[t[side]] = { single = single, whole = whole }
    end
  end
end

--- The parts of two sizes that are to be equal, for nabla.language.settle; nil unless both are of as many parts.
function M.pairs_of(c, a, b)
  if not rawget(c, "parts") then
    return nil
  end
  for _, whole in ipairs { true, false } do
    local left, right = parts_of(c, a, whole), parts_of(c, b, whole)
    if #left > 1 and #left == #right then
      return { left, right }
    end
  end
  return nil
end

--- The type of a block that is 0: its size is that of its place.
function M.filling(c, ast)
  local t = { rows = c:unknown(), cols = c:unknown(), fills = true, ast = ast }
  c.fillings = rawget(c, "fillings") or {}
  table.insert(c.fillings, t)
  return t
end

-- The blocks that are 0 in a tree: around D(f, x), which is settled by itself, other sizes may not be known yet.
local function fillings_in(c, root)
  local inside, list = {}, {}
  for _, t in ipairs(rawget(c, "fillings") or {}) do
    inside[t.ast] = t
  end
  if next(inside) then
    trees.walk(root, function(tree)
      list[#list + 1] = inside[tree]
    end)
  end
  return list
end

--- The unknown sizes of blocks that are 0 outside of a tree: a set of names.
function M.waiting(c, root)
  local names = {}
  if rawget(c, "fillings") then
    local inside = {}
    for _, t in ipairs(fillings_in(c, root)) do
      inside[t] = true
    end
    for _, t in ipairs(c.fillings) do
      for _, side in ipairs { "rows", "cols" } do
        local name = not inside[t] and c:unknown_name(c:resolve(t[side]))
        if name then
          names[name] = true
        end
      end
    end
  end
  return names
end

--- Blocks of a tree that are 0, and whose size nothing says, are the number.
function M.settle(c, root)
  local function is_open(d)
    local name = c:unknown_name(c:resolve(d))
    return name and not c.wide[name]
  end
  for _, t in ipairs(fillings_in(c, root)) do
    local high, wide = is_open(t.rows), is_open(t.cols)
    if high and not wide and c:resolve(t.cols) ~= ONE or wide and not high and c:resolve(t.rows) ~= ONE then
      c:stop(
        t.ast,
        ("no other block says how %s this block 0 is"):format(high and "high" or "wide"),
        "write zeros(m,n), with its size"
      )
    end
    c:unify(t.rows, high and ONE or t.rows)
    c:unify(t.cols, wide and ONE or t.cols)
  end
end

--- Stop at blocks that do not fit: a call that has `block`.
function M.stop_misfit(c, ast)
  local place, first, second = ast.block, c.types[ast.args[1]], c.types[ast.args[2]]
  local message
  if place.column then
    local rest = ast.args[2]
    local at = rest.block and rest.args[1] or rest
    message = ("in row %d of the blocks, block %d is %s, block %d %s: they must have as many rows"):format(
      place.row,
      place.column,
      c:shape_text(first),
      place.column + 1,
      c:shape_text(c.types[at])
    )
    c.misfit = { ast.args[1], at }
    return c:stop(at, message, "a column beside a block has as many rows as the block; x' is a row, zeros(m,n) fills")
  end
  local function columns(t)
    return (c.S:dimtext(c:resolve(t.cols)):gsub("%?%d+", "?"))
  end
  message = ("row %d of the blocks has %s columns, row %d %s: rows must be as wide"):format(
    place.row,
    columns(first),
    place.row + 1,
    columns(second)
  )
  c.misfit = { ast.args[1], ast.args[2] }
  local hint = "a row below a block has as many columns as the block; x' is a row, zeros(m,n) fills"
  return c:stop(ast.args[2].pos and ast.args[2] or ast, message, hint)
end

return M
