--- The derivation of a derivative: f = .. as it was written, d(f) rule by rule, the form of the layout, the answer read off.
--
-- The answer is that of nabla.calculus.derivative; the lines before it come from the same rules, one at a time.
--
-- @module nabla.derive.derivative

local compose = require "nabla.derive.compose"
local conventions = require "nabla.calculus.convention"
local derivative = require "nabla.calculus.derivative"
local names = require "nabla.derive.names"
local structured = require "nabla.derive.structured"
local unknown_functions = require "nabla.calculus.unknown_functions"
local builder = require "nabla.derive.builder"
local variable = require "nabla.derive.variable"

-- Are two trees sums of the same terms, in whatever order?
local function has_same_terms(a, b)
  local texts = {}
  for k, tree in ipairs { a, b } do
    local list = {}
    for i = 1, tree.tag == "sum" and #tree or 0 do
      list[i] = (tree.signs[i] < 0 and "-" or "+") .. compose.text(tree[i])
    end
    table.sort(list)
    texts[k] = #list > 0 and table.concat(list, " ") or compose.text(tree)
  end
  return texts[1] == texts[2]
end

--- Derive.
-- @tparam table session
-- @param f an id
-- @tparam table|nil context the context that has read the text of f; nil: f is printed
-- @param x an id: a variable, an entry of one, its coordinates, or a member of a family
-- @tparam table how `layout`, `convention`, `transposed`; `answer_id`: the derivative; see also nabla.derive.builder
-- @return a derivation (nabla.Derivation); an error of status rule says why there is none
return function(session, f, context, x, how)
  local free = { layout = how.layout, convention = conventions.free, transposed = how.transposed }
  local by = variable.of(session, f, x, how)
  local row = by.row
  how.variables = { by.by }
  local own = unknown_functions.from_layout(session, f)
  local w = variable.begin(builder.new(session, own, context, how), by)
  local tree = w:given()
  if by.entry then
    variable.entry_lines(w, w:differentiate(w.of, tree), by, how.answer_id)
    return w:finished()
  end
  local letters
  tree, letters = names.introduce(w, tree, how.parts or {})
  local at = w:differentiate(w.of, tree, row)
  local C = variable.last_part(w, by, own)
  local structure = structured.row(session, how.convention, x)
  local answer = structure and derivative.derivative(session, f, x, free) or how.answer_id
  if row.reading == "block" then
    if not structure and not w.W:zero(w.W:of(at)) then
      local _, first = C:lines(at)
      if not has_same_terms(first, w.D:print(answer)) then
        local form = { C:form_words() }
        w:add("canonical", form, { kind = "canonical", left = C:derivative(), right = first })
      end
    end
  else
    w:bring_to(C, at, C:unknown(answer, by.linear, how.layout))
  end
  if structure then
    structured.lines(w, C, structure, answer, how.answer_id)
  else
    local word, args = w.words:reading(C, how.layout)
    local left, right = C:derivative(), w:answer_tree(answer)
    local by_names = #letters > 0 and w.D:print(answer)
    if by_names and compose.text(by_names) ~= compose.text(right) then
      w:add(word, args, { kind = "layout", left = left, right = by_names })
      word, args = "back", { w.words:list(letters) }
    end
    w:add(word, args, { kind = "layout", left = left, right = right })
  end
  return w:finished()
end
