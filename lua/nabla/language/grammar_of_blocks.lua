--- The grammar of matrices of matrices: [A, B; C, D].
--
-- A row of blocks is a call of hcat, rows of rows one of vcat, nested to the right as the engine keeps them. Blocks of a row are
-- separated by a comma, or by a space before a letter or a number.
--
-- @module nabla.language.grammar_of_blocks

local lpeg = require "lpeg"
local mistakes = require "nabla.language.mistakes"
local postfix = require "nabla.language.postfix"
local text = require "nabla.text.blocks"

local P, R, S, V, Cc, Cp = lpeg.P, lpeg.R, lpeg.S, lpeg.V, lpeg.Cc, lpeg.Cp

local M = {}

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

local expected = mistakes.expected

-- In a row a sign between spaces, or with none, is one of a sum. `A -B` may be a difference, and may be two blocks.
local function sign(pattern, space)
  local blank = S " \t"
  return Cp() * (lpeg.B(blank) * pattern * -blank * expected "spaced sign" + pattern) * space
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
    * (P "]" * space + expected("blocks", true))
    * Cc(actions.finish)
end

return M
