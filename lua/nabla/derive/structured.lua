--- The last lines of a derivation by a structured variable, such as a symmetric matrix.
--
-- @module nabla.derive.structured

local as_written = require "nabla.print.as_written"
local compose = require "nabla.derive.compose"
local conventions = require "nabla.calculus.convention"

local M = {}

-- The right side of a row of a convention, and the same with the tree G for its gradient.
local function by_convention(w, row, G)
  local context = as_written.context(w.session, { vars = {} }, {})
  context.written = {}
  local written = as_written.tree(context, row.rhs)
  local function fill(tree)
    if tree.tag == "name" and tree.text == row.gradient then
      return G
    elseif tree.tag == "call" and w.W:is_opaque(tree) then -- I(n), ones(n, n)
      return w.D:print(conventions.image(w.session, row, w.W:of(G), context.written[tree]))
    end
    local items = {}
    for i = 1, #tree do
      items[i] = fill(tree[i])
    end
    return #items > 0 and compose.again(w.W, tree, items) or tree
  end
  return written, fill(written)
end

--- The row of a convention for a variable; nil where its entries are independent.
function M.row(session, convention, x)
  return convention ~= conventions.free and conventions.row_for(session, convention, x) or nil
end

--- The lines of the answer: what the convention makes of the gradient by independent entries.
-- @param w the derivation (nabla.derive.builder)
-- @param C its last part (nabla.derive.canonical)
-- @tparam table structure the row of the convention
-- @param free the derivative by independent entries
-- @param answer_id the derivative
function M.lines(w, C, structure, free, answer_id)
  local left, convention = C:derivative(), w.how.convention
  local word, args = "convention", { { convention.title, convention.zh, titles = convention.titles } }
  local row, S = C.row, w.S
  if row.of == "scalar" and row.reading == "gradient" and row.gives_transpose ~= nil and not w.W:zero(free) then
    local turned = row.gives_transpose -- the row of a convention speaks of the gradient as it is
    local G = w.D:print(turned and S:simplify(S:transpose(free)) or free)
    local written, filled = by_convention(w, structure, G)
    filled = turned and compose.transpose(w.W, filled) or filled
    if not w:is_said(left, filled) then
      local named = structure.title and structure or convention
      local title = { named.title, named.zh, titles = named.titles }
      local words = { title, { formula = true, written } }
      w:add("structure", words, { kind = "layout", left = left, right = filled, cite = structure.cite })
      word = nil
    end
  end
  local right = w:answer_tree(answer_id)
  if w:is_said(left, right) then
    return
  end
  local line = { kind = "layout", left = left, right = right }
  if word then
    w:add(word, args, line)
  else
    w:add_simplified(line, true)
  end
end

return M
