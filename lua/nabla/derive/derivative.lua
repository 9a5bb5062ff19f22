--- The derivation of a derivative: f = .. as it was written, d(f) rule by rule, the form of the layout, the answer read off.
--
-- The answer is that of nabla.calculus.derivative; the lines before it come from the same rules, one at a time.
--
-- @module nabla.derive.derivative

local as_written = require "nabla.print.as_written"
local canonical = require "nabla.derive.canonical"
local compose = require "nabla.derive.compose"
local conventions = require "nabla.calculus.convention"
local coordinates = require "nabla.calculus.coordinates"
local derivative = require "nabla.calculus.derivative"
local display = require "nabla.print.display"
local format = require "nabla.print.format"
local names = require "nabla.derive.names"
local structured = require "nabla.derive.structured"
local unknown_functions = require "nabla.calculus.unknown_functions"
local builder = require "nabla.derive.builder"

-- The derivative by a scalar, arranged as the row says.
local function arranged(w, row, tree)
  local G = row.reads_transpose and compose.transpose(w.W, tree) or tree
  local function fill(t)
    if t.tag == "name" and t.text == row.name then
      return G
    end
    local items = {}
    for i = 1, #t do
      items[i] = fill(t[i])
    end
    return #items > 0 and compose.again(w.W, t, items) or t
  end
  return fill(as_written.tree(as_written.context(w.session, { vars = {} }, {}), row.gives))
end

-- Are two trees sums of the same terms, in whatever order?
local function has_same_terms(a, b)
  local texts = {}
  for k, tree in ipairs { a, b } do
    local list = {}
    for i = 1, tree.tag == "sum" and #tree or 0 do
      list[i] = (tree.signs[i] < 0 and "-" or "+") .. format.text(tree[i])
    end
    table.sort(list)
    texts[k] = #list > 0 and table.concat(list, " ") or format.text(tree)
  end
  return texts[1] == texts[2]
end

-- The lines of the answer by one entry: d(X) is a unit matrix.
local function by_entry(w, at, entry, row, how)
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
  local filled, right = arranged(w, row, fill(at)), w:answer_tree(how.answer_id)
  local word, args = "entry", { { formula = true, by }, { formula = true, display.call("d", { D:print(X) }), unit } }
  if format.text(filled) ~= format.text(right) then
    w:add(word, args, { kind = "canonical", left = left, right = filled })
    word, args = "simplified", {}
  end
  w:add(word, args, { kind = "layout", left = left, right = right })
end

-- The variable of a derivative by x, by coordinates of it such as vech(S), or by a member of a family: the symbol. Where the row
-- reads the change of coordinates or of a member also these, and the function from their change to that of the symbol.
local function by_coordinates(session, x, row)
  local vector = row.coordinates and session.S:apply(row.coordinates, { x }) or x
  local symbol, change_of = coordinates.of(session, vector)
  if not symbol then
    symbol, change_of = derivative.member(session, vector, conventions.free)
  end
  if symbol then
    return symbol, vector, change_of
  end
  return x
end

--- Derive.
-- @tparam table session
-- @param f an id
-- @tparam table|nil context the context that has read the text of f; nil: f is printed
-- @param x an id: a variable, an entry of one, its coordinates, or a member of a family
-- @tparam table how `layout`, `convention`, `transposed`; `answer_id`: the derivative; see also nabla.derive.builder
-- @return a derivation (nabla.Derivation); an error of status rule says why there is none
return function(session, f, context, x, how)
  local S = session.S
  local entry = S:op(x) == "entry" and x
  x = entry and S:args(x)[1] or x
  local free = { layout = how.layout, convention = conventions.free, transposed = how.transposed }
  local row, linear, hole = derivative.reading(session, f, entry or x, free)
  local by, vector, change_of = by_coordinates(session, x, row)
  how.variables = { by }
  local own = unknown_functions.from_layout(session, f)
  local w = builder.new(session, own, context, how):by(by, change_of and change_of(hole or S:rational(1)), hole)
  local tree = w:given()
  if entry then
    by_entry(w, w:differentiate(w.of, tree), entry, row, how)
    return w:finished()
  end
  local letters
  tree, letters = names.introduce(w, tree, how.parts or {})
  local at = w:differentiate(w.of, tree, row)
  local C = canonical.new(w.D, row, hole, {
    of = w.of,
    f = own,
    transposed = how.transposed,
    by = x ~= by and w.D:print(x) or nil,
    change = vector and w:change_words(by, vector),
    change_word = S:op(x) == S:operator_with "member" and "member" or "coordinates",
  })
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
    w:bring_to(C, at, C:unknown(answer, linear, how.layout))
  end
  if structure then
    structured.lines(w, C, structure, answer, how.answer_id)
  else
    local word, args = w.words:reading(C, how.layout)
    local left, right = C:derivative(), w:answer_tree(answer)
    local by_names = #letters > 0 and w.D:print(answer)
    if by_names and format.text(by_names) ~= format.text(right) then
      w:add(word, args, { kind = "layout", left = left, right = by_names })
      word, args = "back", { w.words:list(letters) }
    end
    w:add(word, args, { kind = "layout", left = left, right = right })
  end
  return w:finished()
end
