--- The derivation of a derivative: f = .. as it was written, d(f) rule by rule, the form of the layout, the answer read off.
--
-- The answer is that of nabla.calculus.derivative; the lines before it come from the same rules, one at a time.
--
-- @module nabla.derive.derive

local as_written = require "nabla.print.as_written"
local canonical = require "nabla.derive.canonical"
local compose = require "nabla.derive.compose"
local conventions = require "nabla.calculus.convention"
local derivative = require "nabla.calculus.derivative"
local display = require "nabla.print.display"
local format = require "nabla.print.format"
local unknown_functions = require "nabla.calculus.unknown_functions"
local work = require "nabla.derive.work"

-- The right side of a row of a convention, with the tree G for its gradient.
local function by_convention(w, row, G)
  local written = as_written.tree(as_written.context(w.session, { vars = {} }, {}), row.rhs)
  local function fill(tree)
    if tree.tag == "name" and tree.text == row.gradient then
      return G
    elseif tree.tag == "call" and w.W:is_opaque(tree) then -- I(n)
      return w.D:print(w.S:identity(w.S:rows(w.W:of(G))))
    end
    local items = {}
    for i = 1, #tree do
      items[i] = fill(tree[i])
    end
    return #items > 0 and compose.again(w.W, tree, items) or tree
  end
  return fill(written)
end

-- The lines of the answer by a structured variable: what its convention makes of the gradient by independent entries.
local function structured(w, C, structure, free, how)
  local left, convention = C:derivative(), how.convention
  local args = { { convention.title, convention.zh, titles = convention.titles } }
  local row = C.row
  if row.of == "scalar" and row.reading == "gradient" and row.gives_transpose == row.reads_transpose then
    local filled = by_convention(w, structure, w.D:print(free))
    if not w:is_said(left, filled) and not w.W:zero(free) then
      w:add("convention", args, { kind = "layout", left = left, right = filled })
    end
  end
  local right = w:answer_tree(how.answer_id)
  if not w:is_said(left, right) then
    w:add("convention", args, { kind = "layout", left = left, right = right })
  end
end

-- The lines of the answer by one entry: d(X) is a unit matrix.
local function by_entry(w, at, entry, how)
  local S, D = w.S, w.D
  local X, i, j = table.unpack(S:args(entry))
  local unit = D:print(S:apply("E", { i, j, S:dimnode(S:rows(X)), S:dimnode(S:cols(X)) }))
  local function fill(tree)
    if D:is_dx(tree) then
      return unit
    end
    local items = {}
    for k = 1, #tree do
      items[k] = fill(tree[k])
    end
    return #items > 0 and compose.again(w.W, tree, items) or tree
  end
  local by = D:print(entry)
  local left = display.derivative(w.of, by, by, false)
  local filled, right = fill(at), w:answer_tree(how.answer_id)
  if format.text(filled) ~= format.text(right) then
    w:add("entry", { { formula = true, by } }, { kind = "canonical", left = left, right = filled })
  end
  w:add("entry", { { formula = true, by } }, { kind = "layout", left = left, right = right })
end

--- Derive.
-- @tparam table session
-- @param f an id
-- @tparam table|nil context the context that has read the text of f; nil: f is printed
-- @param x an id
-- @tparam table how `layout`, `convention`, `transposed`; `answer_id`: the derivative; see also nabla.derive.work
-- @return a derivation (nabla.Derivation); an error of status rule says why there is none
return function(session, f, context, x, how)
  local S = session.S
  local entry = S:op(x) == "entry" and x
  x = entry and S:args(x)[1] or x
  local free = { layout = how.layout, convention = conventions.free, transposed = how.transposed }
  how.variables = { x }
  local own = unknown_functions.from_layout(session, f)
  local w = work.new(session, own, context, how):by(x)
  local tree = w:given()
  if entry then
    by_entry(w, w:differentiate(w.of, tree), entry, how)
    return w:finished()
  end
  local row, linear, hole = derivative.reading(session, f, x, free)
  local at = w:differentiate(w.of, tree, row)
  local C = canonical.new(w.D, row, hole, { of = w.of, f = own, transposed = how.transposed })
  local structure = how.convention ~= conventions.free and conventions.row_for(session, how.convention, x)
  local answer = structure and derivative.derivative(session, f, x, free) or how.answer_id
  if row.reading == "block" then
    if not structure then
      local _, first = C:lines(at)
      if format.text(first) ~= format.text(w.D:print(answer)) then
        local form = { C:form_words() }
        w:add("canonical", form, { kind = "canonical", left = C:derivative(), right = first })
      end
    end
  else
    w:bring_to(C, at, C:unknown(answer, linear, how.layout))
  end
  if structure then
    structured(w, C, structure, answer, how)
  else
    local form = { C:form_words(), C:gives_words() }
    w:add("layout", form, { kind = "layout", left = C:derivative(), right = w:answer_tree(answer) })
  end
  return w:finished()
end
