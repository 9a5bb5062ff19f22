--- The first part of a derivation: d(f) by the rules for differentials, outermost first.
--
-- The state is a display tree in which some d(E) are left. A step writes d(E) by the one rule that gives it; the differentials of its
-- parts stay as d(..): see nabla.derive.steps.
--
-- A step is linear if its right side is its left side with d moved inside one part, so that the part may stand for a sum of
-- them. Linear steps close over each other and precede the next other rule in its line; alone they are a line.
--
-- @module nabla.derive.differentials

local compose = require "nabla.derive.compose"
local core = require "nabla.core"
local display = require "nabla.print.display"
local writing_order = require "nabla.derive.writing_order"
local scopes = require "nabla.language.scope"
local steps = require "nabla.derive.steps"
local values = require "nabla.derive.values"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds
local is_d, holds_d = compose.is_d, compose.holds_d

local Differentials = setmetatable({}, { __index = steps.Steps })
Differentials.__index = Differentials

--- The work on one derivation.
-- @param W the values of its trees (nabla.derive.values)
-- @tparam table opts see nabla.derive.steps
function M.new(W, opts)
  local self = setmetatable(steps.new(W, opts), Differentials)
  self.x_names = { [W.S:name(W.x)] = true }
  return self
end

-- ---------------------------------------------------------------------------------------------- one step

-- d(tree); the transpose is outside.
local function d(tree)
  if tree.tag == "transpose" then
    return display.transpose(display.call("d", { tree[1] }))
  end
  return display.call("d", { tree })
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

function step.transpose(_, tree)
  return d(tree), true
end

function step.counted(self, tree)
  local W = self.W
  if W:changes(tree[1]) or W:changes(tree[2]) then
    return nil
  end
  return display.counted(tree.counter, tree[1], tree[2], d(tree[3])), true, self:operandwise "sum"
end

-- Is a name that of a counter or of a size? Nobody says of them that they are constant.
local function is_number(self, name)
  local W = self.W
  return W.counters[name] or not scopes.lookup(W.scope, name) and scopes.is_dimension(W.scope, name)
end

--- What is constant in a linear step, for its wording.
function Differentials:constant(tree)
  local is_member = tree.tag == "member"
  if is_member or tree.tag == "name" and not is_number(self, tree.text) then
    local known, text = self.line.constants, compose.text(tree)
    if not known[text] then
      known[text] = true
      known[#known + 1] = tree.letter and display.call("conj", { tree.letter }) or tree
    end
  end
  if is_member then -- its indices are numbers
    return
  end
  for i = 1, #tree do
    self:constant(tree[i])
  end
end

-- Minus signs stand outside of d(..): -d(A) for d(-A).
local function signs_outside(self, tree)
  if not holds_d(tree) then
    return tree
  elseif is_d(tree) then
    return tree[1].tag == "neg" and compose.neg(d(tree[1][1])) or tree
  end
  local items, changed = {}, false
  for i = 1, #tree do
    items[i] = signs_outside(self, tree[i])
    changed = changed or items[i] ~= tree[i]
  end
  return changed and compose.again(self.W, tree, items) or tree
end

local function one_step(self, tree)
  local own = step[tree.tag]
  local by_identity, is_linear, identity = self:by_identity(tree)
  if is_linear then
    return by_identity, true
  elseif by_identity then
    local tree_by_identity = writing_order.d_last(self.W, self:print(by_identity))
    return writing_order.transposes_outside(self.W, tree_by_identity, true), false, identity
  end
  if self.W:of(tree) == self.W.x and tree.tag ~= "name" then -- det(t), t a scalar
    return d(self:print(self.W.x)), true
  elseif own then
    local result, linear, serial = own(self, tree)
    if result then
      return result, linear, serial
    end
  end
  local r, linear, serial = self:step(tree)
  for i = 1, linear and #tree > 1 and self.W:has_parts(tree) and #tree or 0 do
    if not self.W:changes(tree[i]) then
      self:constant(tree[i])
    end
  end
  local opened = writing_order.sums_opened(self.W, self:print(r))
  local printed = writing_order.transposes_outside(self.W, writing_order.d_last(self.W, opened))
  return signs_outside(self, writing_order.in_order(printed)), linear, serial
end

-- ---------------------------------------------------------------------------------------------- lines

--- Is a tree the variable, or a member of the family that is the variable?
function Differentials:is_variable(tree)
  local name = tree.tag == "name" and tree.text or tree.tag == "member" and tree.base.text .. "_"
  return name and self.x_names[name] or false
end

--- Is it the differential of the variable itself, of a member of a family that is the variable, or one that is left alone
-- (`left_alone`, a set of texts)?
function Differentials:is_dx(tree)
  if not is_d(tree) then
    return false
  elseif self.left_alone and self.left_alone[compose.text(tree)] then
    return true
  end
  return self:is_variable(tree[1])
end

-- d(tree), by linear steps and at most one other.
function Differentials:differential(tree)
  local W = self.W
  if self:is_variable(tree) and W:changes(tree) then
    return d(tree)
  elseif not W:changes(tree) then
    self:constant(tree)
    local id = W:of(tree)
    return self:print(self.S:zeros(self.S:rows(id), self.S:cols(id)))
  end
  local result, linear, serial = one_step(self, tree)
  if linear then
    self.line.linear = true
    local inner = result.tag == "neg" and result[1] or result
    if is_d(inner) and not self:is_dx(inner) and compose.text(inner[1]) == compose.text(tree) then
      W.disagree "a step that changes nothing"
    end
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
      return compose.text(t) == text and self:rewrite(t) or t
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
