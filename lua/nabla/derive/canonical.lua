--- The second part of a derivation: a differential in which only d(x) is left, in the form that the layout reads.
--
-- The form is that of the row of the layout, such as tr(G'*d(X)) for d(y). Each term is brought to it alone: the engine reads what
-- stands for G in it, by the adjoint, jacobian and block rules.
--
-- @module nabla.derive.canonical

local as_written = require "nabla.print.as_written"
local core = require "nabla.core"
local compose = require "nabla.derive.compose"
local display = require "nabla.print.display"
local facts = require "nabla.derive.facts"
local unknown_functions = require "nabla.calculus.unknown_functions"
local layouts = require "nabla.calculus.layout"

local M = {}

local ONE = core.constants.one -- the dimension 1

local CARRY = { adjoint = true, jacobian = true, block = true }

local SIMPLIFY = core.constants.rule_kinds.simplify

local is_d, holds_d = compose.is_d, compose.holds_d

local Canonical = {}
Canonical.__index = Canonical

--- What the last lines of a derivation are made with.
-- @param D the first part (nabla.derive.differentials)
-- @tparam table row of the layout
-- @param hole of the variable (of its transpose, by a transpose); nil by a scalar
-- @tparam table how `of`, the name of the function; `transposed`; `by`, the tree of what is differentiated by where that is no
-- letter; `change`, where the hole is the change of coordinates or of a member of a family: what the words `change_word` take
function M.new(D, row, hole, how)
  local name = how.variable or next(D.x_names)
  local W = D.W
  local self = setmetatable({
    D = D,
    W = W,
    S = D.S,
    row = row,
    hole = hole,
    of = how.of,
    f = how.f,
    transposed = how.transposed,
    change = how.change,
    change_word = how.change_word,
    name = name,
    forms = {}, -- of the formulas of the row, as trees
    others = {}, -- terms in the differentials of other variables, with their signs
    other_signs = {},
  }, Canonical)
  local x = how.by or display.name(name, row.by ~= "scalar")
  self.x = x
  self.df = display.call("d", { how.of })
  if row.of == "vector" and D.S:cols(how.f) ~= ONE then -- a row: the form speaks of columns
    self.df = display.transpose(self.df)
  end
  self.dx = display.call("d", { x })
  if row.by == "vector" then -- the form speaks of a column
    self.dx = D.S:rows(W:of(x)) == ONE and hole and display.transpose(self.dx) or self.dx
  elseif how.transposed then
    self.dx = display.call("d", { display.transpose(x) })
  end
  return self
end

-- ---------------------------------------------------------------------------------------------- the form of the row

-- A tree of the same kind with other parts, nothing moved.
local function same_form(t, items)
  local copy = {}
  for k, v in pairs(t) do
    copy[k] = v
  end
  for i, item in ipairs(items) do
    copy[i] = item
  end
  return copy
end

-- The name that stands for the variable in a row: that of the change in its form; of a block(d(Y), d(X)) the second.
local function name_of_variable(row)
  local function find(ast)
    if ast.tag == "call" and ast.name == "d" then
      return ast.args[1].name
    end
    for _, part in ipairs(ast.args or ast) do
      local name = type(part) == "table" and find(part)
      if name then
        return name
      end
    end
  end
  return find(row.reading == "block" and row.left.args[2] or row.form)
end

-- A formula of the row as a tree.
local function form_of(self, ast)
  if not self.forms[ast] then
    self.context = self.context or as_written.context(self.D.session, { vars = {} }, {})
    self.forms[ast] = as_written.tree(self.context, ast)
  end
  return self.forms[ast]
end

-- A tree of the row: its unknown is `value` (a node; nil for the name itself), d(Y) the differential of the function, d(X) that of
-- the variable.
local function filled(self, ast, value)
  local W, row = self.W, self.row
  local variable = name_of_variable(row)
  local function fill(t, turned)
    if is_d(t) then
      return t[1].text == variable and self.dx or self.df
    elseif t.tag == "name" and t.text == row.name and not value then
      return display.name(t.text, row.by ~= "scalar")
    elseif t.tag == "name" and t.text == row.name then
      return self.D:print(turned and self.S:simplify(self.S:transpose(value)) or value)
    elseif t.tag == "transpose" and t[1].tag == "name" and value then
      return fill(t[1], true)
    end
    local items = {}
    for i = 1, #t do
      items[i] = fill(t[i])
    end
    if #items == 0 or not value then
      return #items == 0 and t or same_form(t, items)
    end
    return compose.again(W, t, items)
  end
  return fill(form_of(self, ast))
end

--- The left side of the lines, such as d(f) or vec(d(f)).
function Canonical:left()
  return filled(self, self.row.left, nil)
end

--- The right side with the node `G` for the unknown of the form.
function Canonical:right(G)
  if self.row.reading == "block" then -- what is read is what the layout gives, but for its order
    return self.D:print(layouts.apply(self.D.session, self.row, G, self.f, self.D.W.x, self.transposed))
  end
  return filled(self, self.row.form, G)
end

--- What the row gives, such as G or J', for words.
function Canonical:gives_words()
  return { formula = true, filled(self, self.row.gives, nil) }
end

--- D(f, x) as a tree.
function Canonical:derivative()
  local by = self.transposed and display.transpose(self.x) or self.x
  return display.derivative(self.of, by, self.x, false)
end

--- The row's form as a formula for words, such as d(f) = g'*d(x).
function Canonical:form_words()
  return { formula = true, self:left(), filled(self, self.row.form, nil) }
end

-- What stands for the unknown of the form in a linear node.
function Canonical:read(linear)
  local row, S = self.row, self.S
  local moving = self.W.moving
  if moving then -- only its own variable changes
    local from, to = {}, {}
    for name, dx in pairs(moving) do
      from[#from + 1] = dx
      to[#to + 1] = name ~= self.name and S:zeros(S:rows(dx), S:cols(dx)) or self.hole or S:rational(1)
    end
    linear = S:replace(linear, from, to)
  end
  if row.reading == "value" then
    if row.vec then
      return S:apply("vec", { linear })
    end
    return row.reads_transpose and S:transpose(linear) or linear
  end
  if self.transposed then
    local W = self.W
    linear = S:replace(linear, { W.dx }, { S:transpose(self.hole) })
  end
  if row.of == "scalar" and row.reading == "jacobian" then
    local gradient = S:pull(linear, self.hole, S:rational(1))
    return S:transpose(S:apply("vec", { gradient }))
  end
  local read = layouts.read(S, row, linear, self.hole)
  return row.reads_transpose and S:transpose(read) or read
end

--- What stands for the unknown of the form, as the answer has it.
-- @param answer the node that the layout prints
-- @param linear the differential, linear in the hole
-- @tparam table layout
function Canonical:unknown(answer, linear, layout)
  local S, row = self.S, self.row
  if row.gives_transpose == nil then
    return S:textbook(unknown_functions.to_layout(self.D.session, self:read(linear), layout))
  end
  local turned = row.gives_transpose ~= row.reads_transpose
  return turned and S:simplify(S:transpose(answer)) or answer
end

-- ---------------------------------------------------------------------------------------------- terms

local split

-- A tree with some of its parts replaced: { place = tree }.
local function with_parts(self, tree, parts)
  local items = { table.unpack(tree) }
  for i, part in pairs(parts) do
    items[i] = part
  end
  return compose.again(self.W, tree, items)
end

-- The parts of a tree that hold a d(..): their places, and for each its terms with their signs.
local function opened_parts(self, tree)
  local places, opened = {}, {}
  for i = 1, holds_d(tree) and not is_d(tree) and tree.tag ~= "counted" and #tree or 0 do
    if holds_d(tree[i]) then
      local inner, inner_signs = {}, {}
      split(self, tree[i], 1, inner, inner_signs)
      inner.signs = inner_signs
      places[#places + 1], opened[i] = i, inner
    end
  end
  return places, opened
end

-- A tree is linear in its parts with d(..) together, as [d(A); d(B)] is: one term for each term of each part, the other parts zero.
-- It stays whole where no part has two terms.
local function split_together(self, tree, places, opened)
  local W, S = self.W, self.S
  local single, negative = true, true
  for _, i in ipairs(places) do
    single = single and #opened[i] == 1
    negative = negative and opened[i].signs[1] < 0
  end
  local terms, signs = {}, {}
  if single then
    local parts = {}
    for _, i in ipairs(places) do
      local term = opened[i][1]
      local own = tree[i].tag == "neg" and tree[i][1] == term
      if negative then
        parts[i] = term
      elseif term ~= tree[i] and not own then
        parts[i] = opened[i].signs[1] < 0 and compose.neg(term) or term
      end
    end
    return { next(parts) and with_parts(self, tree, parts) or tree }, { negative and -1 or 1 }
  end
  for _, i in ipairs(places) do
    for k, term in ipairs(opened[i]) do
      local parts = {}
      for _, j in ipairs(places) do
        local id = W:of(tree[j])
        parts[j] = j == i and term or self.D:print(S:zeros(S:rows(id), S:cols(id)))
      end
      terms[#terms + 1], signs[#signs + 1] = with_parts(self, tree, parts), opened[i].signs[k]
    end
  end
  return terms, signs
end

-- Products, linear operators opened over the sums that hold a d(..); the terms with their signs, into two lists.
function split(self, tree, sign, items, signs)
  local function each(terms, term_signs)
    for i, term in ipairs(terms) do
      split(self, term, sign * term_signs[i], items, signs)
    end
  end
  if tree.tag == "neg" then
    return split(self, tree[1], -sign, items, signs)
  elseif tree.tag == "sum" then
    return each(tree, tree.signs)
  end
  local places, opened = opened_parts(self, tree)
  if #places > 1 then
    local terms, term_signs = split_together(self, tree, places, opened)
    if #terms > 1 or term_signs[1] < 0 then
      return each(terms, term_signs)
    end
    tree = terms[1]
  elseif #places == 1 then
    local i = places[1]
    local inner = opened[i]
    if #inner > 1 or inner.signs[1] < 0 then
      local terms = {}
      for k, term in ipairs(inner) do
        terms[k] = with_parts(self, tree, { [i] = term })
      end
      return each(terms, inner.signs)
    elseif inner[1] ~= tree[i] then
      return split(self, with_parts(self, tree, { [i] = inner[1] }), sign, items, signs)
    end
  end
  items[#items + 1], signs[#signs + 1] = tree, sign
end

-- Equal terms become one with a number in front.
function M.add_up(W, items, signs)
  local at, counts = {}, {}
  local n = 0
  for i = 1, #items do
    local item, sign = items[i], signs[i]
    if item.tag == "neg" then
      item, sign = item[1], -sign
    end
    local text = compose.text(item)
    local k = at[text]
    if not k then
      n = n + 1
      k = n
      at[text], items[k], counts[k] = k, item, 0
    end
    counts[k] = counts[k] + sign
  end
  for i = #items, n + 1, -1 do
    items[i], signs[i] = nil, nil
  end
  local kept = 0
  for k = 1, n do
    if counts[k] ~= 0 then
      kept = kept + 1
      local size = math.abs(counts[k])
      items[kept] = size == 1 and items[k] or compose.product(W, { display.number(tostring(size)), items[k] })
      signs[kept] = counts[k] < 0 and -1 or 1
    end
  end
  for k = n, math.max(kept, 1) + 1, -1 do
    items[k], signs[k] = nil, nil
  end
  if kept == 0 then
    items[1] = compose.product(W, { display.number "0", items[1] })
  end
end

-- Is a term in the form already, its unknown read off by sight: M*d(x), tr(M*d(X)), perhaps with scalars in front and below?
local function by_sight(self, tree)
  local form = self.pattern
  if self.change then
    return false
  end
  while tree.tag == "neg" or tree.tag == "quotient" do
    tree = tree[1]
  end
  if tree.tag == "product" and form.tag == "call" then
    for i = 1, #tree - 1 do
      if holds_d(tree[i]) or not self.W:scalar(tree[i]) then
        return false
      end
    end
    tree = tree[#tree]
  end
  if form.tag == "call" then
    if tree.tag ~= "call" or tree.fn or tree.name ~= form.name then
      return false
    end
    tree, form = tree[1], form[1]
  end
  if tree.tag ~= "product" then
    return self.D:is_dx(tree)
  end
  for i = 1, #tree - 1 do
    if holds_d(tree[i]) then
      return false
    end
  end
  local last, wanted = tree[#tree], form[#form]
  if wanted.tag == "call" and wanted.name == "vec" and not is_d(wanted) then
    return last.tag == "call" and last.name == "vec" and self.D:is_dx(last[1])
  end
  return self.D:is_dx(last) and self.D:is_dx(self.dx) and last[1].text == self.name
end

-- Does a tree hold a transpose of something with d(..)?
local function has_turned_d(tree)
  if tree.tag == "transpose" and holds_d(tree[1]) then
    return true
  end
  for i = 1, holds_d(tree) and not is_d(tree) and #tree or 0 do
    if has_turned_d(tree[i]) then
      return true
    end
  end
  return false
end

-- Does a tree hold the differential of a variable?
local function holds(tree, name)
  if is_d(tree) then
    return tree[1].text == name
  end
  for i = 1, holds_d(tree) and #tree or 0 do
    if holds(tree[i], name) then
      return true
    end
  end
  return false
end

-- The terms in the differentials of other variables go into a list of their own.
function Canonical:set_aside(items, signs)
  local n = 0
  for i = 1, #items do
    if not self.W.moving or holds(items[i], self.name) then
      n = n + 1
      items[n], signs[n] = items[i], signs[i]
    else
      local left = self.row.left.tag == "call" and self.row.left.name or "d"
      table.insert(self.others, left == "d" and items[i] or display.call(left, { items[i] }))
      table.insert(self.other_signs, signs[i])
    end
  end
  for i = #items, n + 1, -1 do
    items[i], signs[i] = nil, nil
  end
end

-- Does a rule that carries a cotangent or a Jacobian only say how the form is read: is its pattern that of the form, or a scalar
-- times a matrix?
local function is_bookkeeping(self, rule)
  local S, form = self.S, self.row.form
  local op = S:op(rule.lhs)
  if form.tag == "call" and form.name == op then
    return true
  end
  for _, part in ipairs(op == "product" and S:args(rule.lhs) or {}) do
    if S:op(part) == "variable" and self.W:is_scalar_node(part) then
      return true
    end
  end
  return false
end

-- Why the last term is what it is: the rules that carry a cotangent, a Jacobian or a block, and what is known of its letters.
function Canonical:note_reasons(term, reasons)
  local log, rules = self.S:log(), self.D.session.rules
  local of_vector = self.row.by ~= "matrix" and not self.change and self.row.reading ~= "block"
  for i = 1, #log, 3 do
    local rule = rules[log[i]]
    if rule and rule.kind == SIMPLIFY and rule.asks_for then
      facts.note(self.S, rule, log[i + 1], reasons.facts)
    elseif rule and CARRY[rule.statement] and not of_vector and not is_bookkeeping(self, rule) then
      table.insert(reasons.serials, log[i])
    end
  end
  if of_vector and self.row.of == "scalar" and self.row.reading == "gradient" and has_turned_d(term) then
    reasons.turned = true
  end
end

-- A term in the form; why, into reasons.
local function in_form(self, term, reasons)
  local linear = self.W:of(term)
  linear = self.row.value_of and self.S:apply(self.row.value_of, { linear }) or linear
  self.S:log(true)
  local tree = self:right(self.S:simplify(self:read(linear))) -- with what is known of the constants
  self:note_reasons(term, reasons)
  self.S:log(false)
  return tree
end

local function is_quotient(tree)
  return (tree.tag == "neg" and tree[1] or tree).tag == "quotient"
end

--- The form of a differential.
-- @param tree of d(f), with no d(..) but that of the variable
-- @return the tree of the left side (nil: the derivative itself, in block layouts), that of the right side; the reasons (`serials` of
-- rules, `facts`, `turned`: is a scalar turned round?), how many terms there are
function Canonical:lines(tree)
  local W, row = self.W, self.row
  self.pattern = row.reading ~= "block" and form_of(self, row.form)
  local block = row.reading == "block"
  if W:zero(W:of(tree)) then
    return not block and self:left() or nil, tree, { serials = {}, facts = {} }, 1
  end
  local items, signs = {}, {}
  split(self, tree, 1, items, signs)
  local whole_form = row.left.tag ~= "call" or row.left.name ~= "d" or not is_d(self.df) -- another left side: every term changes
  self:set_aside(items, signs)
  local reasons = { serials = {}, facts = {} }
  for i, term in ipairs(items) do
    if whole_form or block or not by_sight(self, term) then
      items[i] = in_form(self, term, reasons)
    elseif #items > 1 and is_quotient(term) then
      local reduced = in_form(self, term, { serials = {}, facts = {} })
      items[i] = #compose.text(reduced) < #compose.text(term) and reduced or term -- s*d(x)/s^2 is d(x)/s
    end
  end
  M.add_up(W, items, signs)
  for i, term in ipairs(self.others) do
    items[#items + 1], signs[#signs + 1] = term, self.other_signs[i]
  end
  return not block and self:left() or nil, compose.sum(items, signs), reasons, #items
end

return M
