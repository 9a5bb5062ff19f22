--- The first part of a derivation: d(f) by the rules for differentials, outermost first.
--
-- The state is a display tree in which some d(E) stand. A step writes d(E) by the one rule that gives it; the differentials of its
-- parts stay as d(..). The engine finds the rule and makes its right side (src/calculus/step.h): with stand-ins for the parts, so
-- that they stay as they were written.
--
-- A step is linear if its right side is its left side with d moved inside one part, so that the part may stand for a sum of
-- them. Linear steps close over each other and precede the next other rule in its line; alone they are a line.
--
-- @module nabla.derive.differentials

local compose = require "nabla.derive.compose"
local core = require "nabla.core"
local display = require "nabla.print.display"
local format = require "nabla.print.format"
local forms = require "nabla.print.forms"
local spelling = require "nabla.text.spelling"
local unknown_functions = require "nabla.calculus.unknown_functions"

local values = require "nabla.derive.values"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds
local is_d, holds_d = compose.is_d, compose.holds_d

local Differentials = {}
Differentials.__index = Differentials

--- The work on one derivation.
-- @param W the values of its trees (nabla.derive.values)
-- @tparam table opts how nodes are printed: options of nabla.print.forms; `layout`
function M.new(W, opts)
  local print_options = {}
  for k, v in pairs(opts.print) do
    print_options[k] = v
  end
  print_options.memo = {}
  local self = setmetatable({
    W = W,
    S = W.S,
    session = W.session,
    layout = opts.layout,
    x_names = { [W.S:name(W.x)] = true },
    options = print_options,
    stand_ins = {}, -- tree -> node
    linear_rules = {}, -- number of a rule -> is it linear?
    rules_of = {}, -- operator -> the number of the rule for d(A op B)
    count = 0,
  }, Differentials)
  return self
end

-- ---------------------------------------------------------------------------------------------- printing with stand-ins

-- The chain d(U)'*A*U, a scalar, as U'*A'*d(U).
local function turned_chain(W, tree)
  local first
  for i = 1, #tree do
    if not first and not W:scalar(tree[i]) then
      first = i
    end
  end
  local item = first and tree[first]
  if not item or holds_d(tree[#tree]) or not (item.tag == "transpose" and is_d(item[1])) or not W:scalar(tree) then
    return tree
  end
  local items = { table.unpack(tree, 1, first - 1) }
  for i = #tree, first, -1 do
    items[#items + 1] = compose.transpose(W, tree[i])
  end
  return display.product(items)
end

-- A product, begun where the one factor with d(..) comes last; turned round if that is d(..)'.
local function rotated(W, tree)
  local at
  for i = 1, tree.tag == "product" and #tree or 0 do
    if holds_d(tree[i]) then
      if at then
        return tree
      end
      at = i
    end
  end
  local d = at and tree[at]
  local turn = d and d.tag == "transpose" and is_d(d[1])
  if not at or at == #tree and not turn then
    return tree
  end
  local items = table.move(tree, at + 1, #tree, 1, {})
  table.move(tree, 1, at - 1, #items + 1, items)
  if turn then -- tr(R*d(A)') is tr(R'*d(A))
    return compose.product(W, { compose.transpose(W, display.product(items)), d[1] })
  end
  items[#items + 1] = d
  return display.product(items)
end

-- What the engine has made, as a person would write it: d(..) last and not transposed where that is free.
local function d_last(W, tree)
  local tag = tree.tag
  if tag == "neg" or tag == "sum" then
    local items = {}
    for i = 1, #tree do
      items[i] = d_last(W, tree[i])
    end
    return compose.again(W, tree, items)
  elseif tag == "quotient" then
    return display.quotient(d_last(W, tree[1]), tree[2])
  elseif tag == "product" and holds_d(tree) then
    local items = {}
    for i = 1, #tree do
      items[i] = d_last(W, tree[i])
    end
    local product = compose.product(W, items)
    return product.tag == "product" and turned_chain(W, product) or product
  elseif tag == "hadamard" and holds_d(tree) then
    local items, last = {}, {}
    for i = 1, #tree do
      local list = holds_d(tree[i]) and last or items
      list[#list + 1] = tree[i]
    end
    return display.hadamard(table.move(last, 1, #last, #items + 1, items))
  elseif tag == "call" and not tree.fn and #tree == 1 and holds_d(tree) then
    local op = W.session.ops[tree.name]
    local inner = d_last(W, tree[1])
    inner = op and op.cyclic and rotated(W, inner) or inner
    return inner == tree[1] and tree or compose.again(W, tree, { inner })
  end
  return tree
end

--- The display tree of a node.
function Differentials:print(id)
  id = unknown_functions.to_layout(self.session, id, self.layout)
  local tree, why = forms.tree(self.S, id, self.options)
  if not tree then
    self.W.disagree(why)
  end
  return tree
end

-- Is it printed as it is written, whatever stands around it? A name that a line has introduced is not.
local function is_simple(self, tree)
  if tree.tag == "transpose" then
    tree = tree[1]
  end
  return tree.tag == "number" or tree.tag == "name" and not (self.W.definitions and self.W.definitions[tree.text])
end

--- Print a node as a tree.
function Differentials:seed(node, tree)
  local W = self.W
  local c = self.options.memo
  if not c.pos then
    self:print(self.S:rational(1)) -- makes the tables
  end
  local scalar = W:is_scalar_node(node)
  local pos, neg = tree, false
  if tree.tag == "neg" then
    pos, neg = false, tree[1]
  end
  local function turned(t)
    return t and (scalar and t or t.tag == "name" and display.transpose(t) or compose.transpose(W, t))
  end
  c.pos[node], c.neg[node], c.tpos[node], c.tneg[node] = pos, neg, turned(pos), turned(neg)
  c.op[node] = "symbol"
  return c
end

-- A node of the shape of a tree that stands for it in what the engine makes, and is printed as the tree.
function Differentials:stand_in(tree)
  local W, S = self.W, self.S
  local known = self.stand_ins[tree]
  if known then
    return known
  end
  local id = W:of(tree)
  if is_simple(self, tree) then
    return id
  end
  self.count = self.count + 1
  local rows, cols = S:rows(id), S:cols(id)
  local name = " " .. self.count
  local node
  local changes = W:node_changes(id)
  if changes then
    node = S:call(S:func(name, 0, W.x, rows, cols), W.x)
  else
    node = S:symbol(name, KIND.matrix, 0, rows, cols)
  end
  self.stand_ins[tree] = node
  local c = self:seed(node, tree)
  if changes then
    -- the point of D(g, u(x)) is printed as the tree, too; that of D(g, u), u at its own variable, as the name of u
    local at = tree.tag == "call" and tree.fn and S:args(id)
    c.names[S:args(node)[1]] = at and S:declared_argument(at[1]) == at[2] and tree.fn or tree
  end
  return node
end

-- The subtrees of a tree, not the tree itself, to some depth, the outer ones first.
local function subtrees(tree, depth)
  local list, level = {}, { tree }
  for _ = 1, depth do
    local below = {}
    for _, t in ipairs(level) do
      for i = 1, #t do
        below[#below + 1] = t[i]
      end
    end
    table.move(below, 1, #below, #list + 1, list)
    level = below
  end
  return list
end

-- A stand-in for a node that a variable of a rule has matched in the value of a tree: for the subtree that it is the value
-- of, perhaps negated or transposed. Nil where no subtree is.
function Differentials:stand_in_for(id, tree)
  local W, S = self.W, self.S
  local op = S:op(id)
  if op == "symbol" or op == "number" or op == "function" or op == "operator name" then
    return id
  end
  for _, part in ipairs(subtrees(tree, 4)) do
    if part.tag ~= "operator" and part.tag ~= "dimension" then
      local value = W:of(part)
      if value == id then
        return self:stand_in(part)
      elseif S:neg(value) == id then
        return S:neg(self:stand_in(part))
      elseif S:transpose(value) == id then
        return S:transpose(self:stand_in(part))
      end
    end
  end
  return not W:node_changes(id) and id or nil
end

-- ---------------------------------------------------------------------------------------------- one step

-- d(tree); the transpose stands outside.
local function d(tree)
  if tree.tag == "transpose" then
    return display.transpose(display.call("d", { tree[1] }))
  end
  return display.call("d", { tree })
end

-- d(node) operand by operand, as nodes.
function Differentials:each_operand(id)
  local S, W = self.S, self.W
  local op, args = S:op(id), S:args(id)
  local terms = {}
  if op == "sum" then
    for i = 1, #args, 2 do
      if W:node_changes(args[i + 1]) then
        terms[#terms + 1] = S:product { args[i], S:diffnode(args[i + 1]) }
      end
    end
  elseif op == "range" then
    terms[1] = S:again(id, { args[1], args[2], S:diffnode(args[3]) })
  else
    for i, arg in ipairs(args) do
      if W:node_changes(arg) then
        local factors = { table.unpack(args) }
        factors[i] = S:diffnode(arg)
        terms[#terms + 1] = op == "hadamard" and S:hadamard(factors) or S:product(factors)
      end
    end
  end
  return S:sum(terms)
end

-- A node with signs and transposes outside of its d(..): -d(A), d(A)' for d(-A), d(A').
function Differentials:outside(id)
  local S = self.S
  local from, to = {}, {}
  for _, node in ipairs(S:below(id, "d")) do
    local part = S:args(node)[1]
    local op, own = S:op(part)
    local args = own and (op == "transpose" or op == "product") and S:args(part)
    if op == "transpose" and own then
      from[#from + 1], to[#to + 1] = node, S:transpose(S:diffnode(args[1]))
    elseif args and args[1] == S:rational(-1) then
      from[#from + 1], to[#to + 1] = node, S:neg(S:diffnode(S:neg(part)))
    end
  end
  return #from > 0 and self:outside(S:replace(id, from, to)) or id
end

-- Is the node r the node e with d moved inside one part of it? Of what a rule gives that is asked of the rule itself: of the rule
-- for tr(X), not of that for kron(X, Z), also where Z is constant.
function Differentials:is_linear(e, r, serial)
  local S = self.S
  local rule = serial and self.session.rules[serial]
  if rule and not self:goes_by_operands(serial) then
    local known = self.linear_rules[serial]
    if known == nil then
      known = self:is_linear(S:args(rule.lhs)[1], rule.rhs)
      self.linear_rules[serial] = known
    end
    return known
  end
  local ds = S:below(r, "d")
  if #ds ~= 1 then
    return false
  end
  local part = S:args(ds[1])[1]
  return S:replace(e, { part }, { ds[1] }) == r
end

-- The operators in a node that are not in another.
local function new_operators(S, id, other)
  local known, new = {}, nil
  for _, x in ipairs(S:postorder(other)) do
    known[S:op(x)] = true
  end
  for _, x in ipairs(S:postorder(id)) do
    local op, own = S:op(x)
    if not own and not known[op] then
      new = new or {}
      new[op] = true
    end
  end
  return new
end

-- The names of the matrix functions that do not stand in a node.
function Differentials:unused_functions(id)
  local used, names = {}, {}
  for _, x in ipairs(self.S:postorder(id)) do
    used[self.S:op(x)] = true
  end
  for _, name in ipairs(spelling.names(self.session.ops)) do
    if self.session.ops[name].matrixfunction and not used[name] then
      names[#names + 1] = name
    end
  end
  return names
end

-- A step r of e that brings in an operator which the differential itself does not hold, since d(U) commutes with U: a rule for
-- that operator applies once d(U) is known. That rule applied now: d(U) is taken to be a function of the matrix U, which one
-- must not matter.
function Differentials:commuting(e, r, real)
  local S, W = self.S, self.W
  local ds = S:below(r, "d")
  local new = #ds == 1 and new_operators(S, r, e)
  if not new then
    return r
  end
  for op in pairs(new_operators(S, S:forward(real, W.x, W.dx), real) or {}) do
    if new[op] then
      return r
    end
  end
  local U, found = S:args(ds[1])[1], {}
  if S:rows(U) == S:cols(U) then
    for _, name in ipairs(self:unused_functions(r)) do
      local marker = S:apply(name, { U })
      local other = S:replace(S:replace(r, ds, { marker }), { marker }, ds)
      local left = found[other]
      for op in pairs(left and new_operators(S, other, e) or {}) do
        left = left and not new[op]
      end
      if left then
        return other
      end
      found[other] = true
    end
  end
  return r
end

-- The step of a tree by the rule for its value, the parts that the rule's variables stand for kept as written: the node that
-- it gives, and the node that it is the differential of, both with stand-ins; the rule. Nil if the tree has no such parts.
function Differentials:as_matched(tree)
  local W, S = self.W, self.S
  local e = W:of(tree)
  if tree.tag == "call" and not tree.fn and S:op(e) ~= tree.name and W:has_parts(tree) then
    return nil -- log(det(X)) is kept as logdet(X): a rule for that would take two steps at once
  end
  local serial, each, bound = S:step_rule(e, W.x, W.dx)
  if not serial or each then
    return nil
  end
  local from, to, stand_ins = {}, {}, {}
  for i, id in ipairs(bound) do
    local node = 0
    if id ~= 0 then
      node = self:stand_in_for(id, tree)
      if not node then
        return nil
      elseif node ~= id then
        from[#from + 1], to[#to + 1] = id, node
      end
    end
    stand_ins[i] = node
  end
  return S:step(e, W.x, W.dx, stand_ins), S:replace(e, from, to), serial
end

-- The same for the operator of a tree applied to stand-ins of its parts.
function Differentials:as_written(tree)
  local W, S = self.W, self.S
  if not W:has_parts(tree) then
    return nil
  end
  local ids = {}
  for i = 1, #tree do
    local part = tree[i]
    if part.tag == "operator" then
      ids[i] = S:opname(part.text)
    elseif part.tag == "dimension" then
      return nil
    else
      ids[i] = W:changes(part) and self:stand_in(part) or W:of(part)
    end
  end
  local e = W:with(tree, ids)
  local serial, each, bound = S:step_rule(e, W.x, W.dx)
  if not serial then
    return nil
  end
  return each and self:each_operand(e) or S:step(e, W.x, W.dx, bound), e, serial
end

-- By the rule for its value, printed anew. Linear steps are taken with the next one: of a derivative in a layout they may only undo
-- the arrangement of the layout.
function Differentials:as_value(tree)
  local W, S = self.W, self.S
  local e = W:of(tree)
  local function step_of(id)
    local serial, each, bound = S:step_rule(id, W.x, W.dx)
    if not serial then
      W.disagree "a differential that no rule gives"
    end
    return each and self:each_operand(id) or S:step(id, W.x, W.dx, bound), serial
  end
  local r, serial = step_of(e)
  while self:is_linear(e, r, serial) do
    local d_part = S:below(r, "d")[1]
    local part = S:args(d_part)[1]
    if part == W.x then
      break
    end
    local inner, used = step_of(part)
    if not self:is_linear(part, inner, used) then
      return S:replace(r, { d_part }, { inner }), e, used
    end
    r = S:replace(r, { d_part }, { inner })
  end
  return r, e, serial
end

-- The number of the rule for d(A op B).
function Differentials:operandwise(op)
  local serial = self.rules_of[op]
  if not serial then
    local S, W = self.S, self.W
    local n = op == "hadamard" and S:dim " n" or ONE
    local function part(name)
      return S:call(S:func(name, 0, W.x, n, ONE), W.x)
    end
    local a, b = part " a", part " b"
    local e = op == "sum" and S:sum { a, b } or op == "product" and S:product { a, b } or S:hadamard { a, b }
    serial = S:step_rule(e, W.x, W.dx)
    self.rules_of[op] = serial
  end
  return serial
end

-- Is it one of these rules?
function Differentials:goes_by_operands(serial)
  return serial == self:operandwise "sum" or serial == self:operandwise "product" or serial == self:operandwise "hadamard"
end

-- d(tree) by one rule: a tree with d(..) of the parts; is it linear; the rule.
local step = {}

function step.neg(_, tree)
  return compose.neg(d(tree[1])), true
end

function step.sum(self, tree)
  local items, signs = {}, {}
  for i = 1, #tree do
    if self.W:changes(tree[i]) then
      items[#items + 1], signs[#signs + 1] = d(tree[i]), tree.signs[i]
    else
      self:constant(tree[i])
    end
  end
  return compose.sum(items, signs), true, self:operandwise "sum"
end

local function operand_by_operand(self, tree)
  local changing = {}
  for i = 1, #tree do
    if self.W:changes(tree[i]) then
      changing[#changing + 1] = i
    end
  end
  local terms = {}
  for k, i in ipairs(changing) do
    local items = { table.unpack(tree) }
    items[i] = d(tree[i])
    terms[k] = compose.again(self.W, tree, items)
  end
  if #terms == 1 then
    for i = 1, #tree do
      if i ~= changing[1] then
        self:constant(tree[i])
      end
    end
  end
  return compose.sum(terms), #terms == 1, self:operandwise(tree.tag)
end

step.product, step.hadamard = operand_by_operand, operand_by_operand

-- A name that a line has introduced stands for its definition.
function step.name(self, tree)
  local definition = self.W.definitions and self.W.definitions[tree.text]
  if definition then
    return d(definition), true
  end
end

-- Over a constant denominator.
local function over(self, tree)
  if self.W:changes(tree[2]) then
    return nil
  end
  self:constant(tree[2])
  return compose.again(self.W, tree, { d(tree[1]), tree[2] }), true
end

step.quotient, step.eldiv = over, over

function step.transpose(self, tree)
  return d(tree), true
end

function step.counted(self, tree)
  local W = self.W
  if W:changes(tree[1]) or W:changes(tree[2]) then
    return nil
  end
  return display.counted(tree.counter, tree[1], tree[2], d(tree[3])), true, self:operandwise "sum"
end

--- What is constant in a linear step, for its wording.
function Differentials:constant(tree)
  if tree.tag == "name" then
    local known = self.line.constants
    if not known[tree.text] then
      known[tree.text] = true
      known[#known + 1] = tree.text
    end
  end
  for i = 1, #tree do
    self:constant(tree[i])
  end
end

local function one_step(self, tree)
  local own = step[tree.tag]
  if own then
    local result, linear, serial = own(self, tree)
    if result then
      return result, linear, serial
    end
  end
  local r, e, serial = self:as_matched(tree)
  if not r then
    r, e, serial = self:as_written(tree)
  end
  if not r then
    r, e, serial = self:as_value(tree)
  end
  r = self:commuting(e, r, self.W:of(tree))
  local linear = self:is_linear(e, r, serial)
  r = self:outside(r)
  return d_last(self.W, self:print(r)), linear, serial
end

-- ---------------------------------------------------------------------------------------------- lines

--- Is it the differential of the variable itself?
function Differentials:is_dx(tree)
  return is_d(tree) and tree[1].tag == "name" and self.x_names[tree[1].text] or false
end

-- d(tree), by linear steps and at most one other.
function Differentials:differential(tree)
  local W = self.W
  if tree.tag == "name" and self.x_names[tree.text] then
    return d(tree)
  elseif not W:changes(tree) then
    self:constant(tree)
    local id = W:of(tree)
    return self:print(self.S:zeros(self.S:rows(id), self.S:cols(id)))
  end
  local result, linear, serial = one_step(self, tree)
  if linear then
    self.line.linear = true
    return self:rewrite(result)
  end
  local rules = self.line.rules
  rules[#rules + 1] = { serial = serial, before = d(tree), after = result }
  return result
end

--- A tree with each d(E) in it rewritten.
function Differentials:rewrite(tree)
  if not holds_d(tree) or self:is_dx(tree) then
    return tree
  elseif is_d(tree) then
    return self:differential(tree[1])
  end
  local items = {}
  local counters = self.W.counters
  local name = tree.tag == "counted" and values.counter(tree)
  local before = name and counters[name]
  if name then
    counters[name] = self.S:symbol(name, KIND.counter, 0, ONE, ONE)
  end
  for i = 1, #tree do
    items[i] = self:rewrite(tree[i])
  end
  if name then
    counters[name] = before
  end
  return compose.again(self.W, tree, items)
end

--- Is a d(E) left of anything but the variable?
function Differentials:unfinished(tree)
  if is_d(tree) then
    return not self:is_dx(tree)
  end
  for i = 1, holds_d(tree) and #tree or 0 do
    if self:unfinished(tree[i]) then
      return true
    end
  end
  return false
end

-- Note of all d(..) in a tree that this line does not touch them.
local function finished(self, tree)
  if is_d(tree) then
    self.line.finished[tree] = true
  end
  for i = 1, holds_d(tree) and #tree or 0 do
    finished(self, tree[i])
  end
end

-- A tree with its first d(..) rewritten by one rule, of those that the line may touch; nil if there is none.
local function at_one_place(self, tree)
  if not holds_d(tree) or self:is_dx(tree) or self.line.finished[tree] then
    return nil
  elseif is_d(tree) then
    if not self.W:changes(tree[1]) then
      return self:differential(tree[1])
    end
    local result, linear, serial = one_step(self, tree[1])
    if linear then
      self.line.linear = true
    else
      table.insert(self.line.rules, { serial = serial, before = tree, after = result })
      finished(self, result)
    end
    return result
  end
  for i = 1, #tree do
    local result = at_one_place(self, tree[i])
    if result then
      local items = { table.unpack(tree) }
      items[i] = result
      return compose.again(self.W, tree, items)
    end
  end
end

--- The finer lines between a line and the next: one rule at one place.
-- @param tree the line before
-- @return a list of { tree, made }, made as in `next_line`
function Differentials:finer_lines(tree)
  local list, kept = {}, {}
  while true do
    self.line = { rules = {}, constants = {}, finished = kept }
    local result = at_one_place(self, tree)
    if not result then
      return list
    end
    list[#list + 1] = { result, self.line }
    tree = result
  end
end

--- The next line, with the d(..) of one text rewritten only.
function Differentials:next_line_at(tree, text)
  self.line = { rules = {}, constants = {} }
  local function go(t)
    if not holds_d(t) then
      return t
    elseif is_d(t) then
      return format.text(t) == text and self:rewrite(t) or t
    end
    local items, changed = {}, false
    for i = 1, #t do
      items[i] = go(t[i])
      changed = changed or items[i] ~= t[i]
    end
    return changed and compose.again(self.W, t, items) or t
  end
  return go(tree), self.line
end

--- The next line.
-- @param tree the one before
-- @return the tree of the line, and what gave it: `rules`, a list of { serial, before, after }; `linear`, `constants`
function Differentials:next_line(tree)
  self.line = { rules = {}, constants = {} }
  local result = self:rewrite(tree)
  return result, self.line
end

return M
