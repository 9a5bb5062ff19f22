--- Matrices of matrices in the language: [A, B; C, D].
--
-- A row of blocks is a call of hcat, rows of rows one of vcat, nested to the right as the engine keeps them. Blocks of a row are
-- separated by a comma, or by a space before a letter or a number. A block that is 0 is as large as its place.
--
-- @module nabla.language.blocks

local core = require "nabla.core"
local later = require "nabla.text.later"
local lpeg = require "lpeg"
local postfix = require "nabla.language.postfix"
local text = require "nabla.text.blocks"

local mistakes = later.require "nabla.language.mistakes"
local trees = later.require "nabla.language.tree"

local P, R, S, V, Cc, Cp = lpeg.P, lpeg.R, lpeg.S, lpeg.V, lpeg.Cc, lpeg.Cp

local M = {}

local ONE = core.constants.one -- the dimension 1

-- ---------------------------------------------------------------------------------------------- the grammar

local function begin(stack, top) -- pos
  stack[top] = { pos = stack[top], { pos = stack[top] } }
  return top
end

local function entry(stack, top) -- rows tree
  local rows, tree = stack[top - 1], stack[top]
  local row = rows[#rows]
  if tree.tag == "number" and tree.text == "0" then
    tree = { tag = "number", text = "0", pos = tree.pos, fills = true }
  end
  row[#row + 1] = tree
  return top - 1
end

local function apart(stack, top) -- rows
  stack[top].spaced = true
  return top
end

local function next_row(stack, top) -- rows
  local rows = stack[top]
  rows[#rows + 1] = { pos = rows.pos }
  return top
end

-- The parts of a list as nested calls. `place(i)` says where the i-th is.
local function nested(name, list, pos, place)
  local i = #list
  return text.nested(name, list, function(_, first, rest)
    i = i - 1
    return { tag = "call", name = name, args = { first, rest }, pos = pos, block = place(i) }
  end)
end

local function finish(stack, top) -- rows
  local rows, list = stack[top], {}
  for i, row in ipairs(rows) do
    list[i] = nested(text.BESIDE, row, row[1].pos, function(j)
      return { row = i, column = j }
    end)
  end
  local tree = nested(text.BELOW, list, rows.pos, function(i)
    return { row = i }
  end)
  if tree.fills then -- [0] is the number
    tree = { tag = "number", text = "0", pos = tree.pos }
  end
  tree.paren, tree.spaced = true, #rows == 1 and rows.spaced or nil
  stack[top] = tree
  return top
end

local actions = postfix.register { begin = begin, entry = entry, apart = apart, next_row = next_row, finish = finish }


-- In a row a sign between spaces, or with none, is one of a sum. `A -B` may be a difference, and may be two blocks.
local function sign(pattern, space)
  local blank = S " \t"
  return Cp() * (lpeg.B(blank) * pattern * -blank * mistakes.expected "spaced sign" + pattern) * space
end

--- Add the rules of block matrices to those of nabla.language.expressions.
-- @tparam table rules
-- @tparam string term the name of the rule of a term of a sum
-- @param minus the pattern of a minus sign
-- @param space the pattern between tokens
function M.add(rules, term, minus, space)
  local letter = R("az", "AZ", "09") + R "\xC3\xCF" -- a Greek one too, or a digit
  local space_between = lpeg.B(S " \t\n") * #letter * Cc(actions.apart)
  rules.block_sum = V(term)
    * (
        sign(P "+", space) * V(term) * Cc(postfix.actions.add)
        + sign(minus, space) * V(term) * Cc(postfix.actions.subtract)
      )
      ^ 0
  rules.block_entry = V "block_sum" * Cc(actions.entry)
  rules.block_row = V "block_entry" * ((P "," * space + space_between) * V "block_entry") ^ 0
  rules.blocks = Cp()
    * P "["
    * space
    * Cc(actions.begin)
    * V "block_row"
    * (P ";" * space * Cc(actions.next_row) * V "block_row") ^ 0
    * (P "]" * space + mistakes.expected("blocks", true))
    * Cc(actions.finish)
end

-- ---------------------------------------------------------------------------------------------- sizes

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
