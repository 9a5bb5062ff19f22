--- What a derivation is by: a variable, one of its entries, its coordinates such as vech(S), or a member of a family.
--
-- @module nabla.derive.variable

local as_written = require "nabla.print.as_written"
local canonical = require "nabla.derive.canonical"
local compose = require "nabla.derive.compose"
local conventions = require "nabla.calculus.convention"
local coordinates = require "nabla.calculus.coordinates"
local derivative = require "nabla.calculus.derivative"
local display = require "nabla.print.display"
local format = require "nabla.print.format"

local M = {}

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

--- What a derivation of f by x is by. Ids do not last: to be asked anew in each call.
-- @tparam table session
-- @param f an id
-- @param x an id: a variable, an entry of one, its coordinates, or a member of a family
-- @tparam table how `layout`, `transposed`
-- @treturn table `row` of the layout, `linear` (the differential), `hole` in which it is linear, all by independent entries; `x`; `by`,
-- the symbol; `entry`; of coordinates and members `vector`, and `change_of`, from their change to that of the symbol
function M.of(session, f, x, how)
  local S = session.S
  local entry = S:op(x) == S:operator_with "entry" and x or nil
  local self = { x = entry and S:args(x)[1] or x, entry = entry }
  local free = { layout = how.layout, convention = conventions.free, transposed = how.transposed }
  self.row, self.linear, self.hole = derivative.reading(session, f, x, free)
  self.by, self.vector, self.change_of = by_coordinates(session, self.x, self.row)
  self.is_member = S:op(self.x) == S:operator_with "member"
  return self
end

--- Differentiate by it from here on.
-- @param w the derivation (nabla.derive.builder)
function M.begin(w, self)
  local change = self.change_of and self.change_of(self.hole or w.S:rational(1))
  return w:by(self.by, change, change and self.hole)
end

--- The last part of a derivation by it.
-- @param w the derivation (nabla.derive.builder)
-- @param self
-- @param f the function
function M.last_part(w, self, f)
  return canonical.new(w.D, self.row, self.hole, {
    of = w.of,
    f = f,
    transposed = w.how.transposed,
    by = self.x ~= self.by and w.D:print(self.x) or nil,
    change = self.vector and w:change_words(self.by, self.vector),
    change_word = self.is_member and "member" or "coordinates",
  })
end

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

--- The lines of the answer by one entry: d(X) is a unit matrix.
-- @param w the derivation (nabla.derive.builder)
-- @param at the tree of the differential
-- @param self what the derivation is by
-- @param answer_id the derivative
function M.entry_lines(w, at, self, answer_id)
  local S, D, entry, row = w.S, w.D, self.entry, self.row
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
  local filled, right = arranged(w, row, fill(at)), w:answer_tree(answer_id)
  local word, args = "entry", { { formula = true, by }, { formula = true, display.call("d", { D:print(X) }), unit } }
  if format.text(filled) ~= format.text(right) then
    w:add(word, args, { kind = "canonical", left = left, right = filled })
    w:add_simplified({ kind = "layout", left = left, right = right }, true)
  else
    w:add(word, args, { kind = "layout", left = left, right = right })
  end
end

return M
