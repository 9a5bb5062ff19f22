--- What a display tree stands for: the node of a tree, its shape, whether it changes with the variable.
--
-- A line of a derivation is a display tree, since two lines may be one node. The value of a tree is the node that its text would
-- be read as, with the differential d(E) of any E worked out: linear in the hole dx. So two lines of one derivation are equal
-- exactly when their values are.
--
-- @module nabla.derive.values

local compose = require "nabla.derive.compose"
local core = require "nabla.core"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local families = require "nabla.language.families"
local overloads = require "nabla.language.overloads"
local scopes = require "nabla.language.scope"
local several_arguments = require "nabla.language.several_arguments"
local syntax = require "nabla.language.syntax"
local unknown_functions = require "nabla.calculus.unknown_functions"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds

local Values = {}
Values.__index = Values

--- The values of the trees of one derivation.
-- @tparam table session
-- @tparam table scope what the names in the trees are
-- @param x the variable; its differential is
-- @param dx a hole of its shape, or 1 for a scalar
function M.new(session, scope, x, dx)
  return setmetatable({
    session = session,
    S = session.S,
    scope = scope,
    x = x,
    dx = dx,
    memo = {}, -- tree -> node
    scalars = {}, -- node -> is it 1 x 1?
    text_memo = {}, -- text -> node
    changes_memo = {}, -- node -> does it change with x?
    counters = {}, -- name -> node, of the counted sums around
  }, Values)
end

--- The scope of all symbols and unknown functions in some nodes, on top of another.
function M.scope(session, outer, ...)
  local S = session.S
  local scope, seen = scopes.scope(outer), { [ONE] = true }
  local function add_names(size)
    for _, name in ipairs(not seen[size] and S:dimnames(size) or {}) do
      scope.dims[name] = true
    end
    seen[size] = true
  end
  for _, root in ipairs { ... } do
    for _, id in ipairs(S:postorder(root)) do
      local op = S:op(id)
      local name = (op == "symbol" or op == "function") and S:name(id)
      if op == "symbol" and S:kind(id) == "dimension" then
        scope.dims[name] = true
      elseif op == "symbol" and S:kind(id) ~= "counter" and not families.lookup(scope, name) then
        scope.vars[name] = { name = name, id = id, rows = S:rows(id), cols = S:cols(id), kind = S:kind(id) }
      elseif op == "function" then
        local of = S:declared_argument(id)
        local declared = scopes.lookup(outer, name)
        scope.vars[name] = {
          several = declared and declared.id == id and declared.several or nil,
          name = name,
          func = true,
          id = id,
          kind = "matrix",
          rows = S:rows(id),
          cols = S:cols(id),
          arg_id = of,
          arg_rows = S:rows(of),
          arg_cols = S:cols(of),
        }
      end
      add_names(S:rows(id))
      add_names(S:cols(id))
    end
    families.add_known(S, root, scope)
  end
  return scope
end

function Values:is_scalar_node(id)
  local known = self.scalars[id]
  if known == nil then
    known = self.S:rows(id) == ONE and self.S:cols(id) == ONE
    self.scalars[id] = known
  end
  return known
end

--- Is the value of a tree 1 x 1?
function Values:scalar(tree)
  return self:is_scalar_node(self:of(tree))
end

function Values:zero(id)
  local S = self.S
  local op, own = S:op(id)
  return own and (op == "zeros" or op == "number" and id == S:rational(0))
end

--- Does a node change with the variable?
function Values:node_changes(id)
  local known = self.changes_memo[id]
  if known == nil then
    local ok, d = pcall(self.S.forward, self.S, id, self.x, self.dx)
    known = not ok or not self:zero(d)
    self.changes_memo[id] = known
  end
  return known
end

--- Does a tree change with the variable?
function Values:changes(tree)
  return self:node_changes(self:of(tree))
end

-- ---------------------------------------------------------------------------------------------- by the operator

local function broadcast(self, ids)
  local S = self.S
  local wide
  for _, id in ipairs(ids) do
    wide = wide or not self:is_scalar_node(id) and id
  end
  for i, id in ipairs(wide and ids or {}) do
    if self:is_scalar_node(id) then
      ids[i] = S:product { id, S:ones(S:rows(wide), S:cols(wide)) }
    end
  end
  return ids
end

local make = {}

function make.neg(self, _, ids)
  return self.S:neg(ids[1])
end

function make.sum(self, tree, ids)
  broadcast(self, ids)
  for i, id in ipairs(ids) do
    ids[i] = tree.signs[i] < 0 and self.S:neg(id) or id
  end
  return self.S:sum(ids)
end

function make.product(self, _, ids)
  local id = ids[1]
  for i = 2, #ids do
    id = self.S:product { id, ids[i] }
  end
  return id
end

function make.hadamard(self, _, ids)
  local id = ids[1]
  for i = 2, #ids do
    local scalar = self:is_scalar_node(id) or self:is_scalar_node(ids[i])
    id = scalar and self.S:product { id, ids[i] } or self.S:hadamard { id, ids[i] }
  end
  return id
end

function make.quotient(self, _, ids)
  return self.S:div(ids[1], ids[2])
end

function make.eldiv(self, _, ids)
  local S = self.S
  if self:is_scalar_node(ids[2]) then
    return S:div(ids[1], ids[2])
  end
  local below = S:elpower(ids[2], S:rational(-1))
  return self:is_scalar_node(ids[1]) and S:product { ids[1], below } or S:hadamard { ids[1], below }
end

function make.power(self, _, ids)
  return self.S:power(ids[1], ids[2])
end

function make.elpower(self, _, ids)
  if self:is_scalar_node(ids[1]) then
    return self.S:power(ids[1], ids[2])
  end
  return self.S:elpower(ids[1], ids[2])
end

function make.transpose(self, _, ids)
  return self.S:transpose(ids[1])
end

function make.call(self, tree, ids)
  if tree.fn then
    local var = scopes.lookup(self.scope, tree.name)
    return self.S:call(var.id, #ids > 1 and several_arguments.stack(self.session, ids) or ids[1])
  end
  return self.S:apply(overloads.of_nodes(self.session, tree.name, ids).number, ids)
end

function make.entry(self, _, ids)
  local S = self.S
  local one = S:rational(1)
  local row = not ids[3] and S:rows(ids[1]) == ONE
  return S:apply("entry", { ids[1], row and one or ids[2], row and ids[2] or ids[3] or one })
end

function make.member(self, tree, ids)
  return families.node(self.S, families.lookup(self.scope, tree.base.text .. "_"), ids)
end

--- Is the value of a tree made from those of its parts?
function Values:has_parts(tree)
  return make[tree.tag] ~= nil and not self:is_opaque(tree)
end

--- The node of a tree with other nodes for its subtrees.
function Values:with(tree, ids)
  return make[tree.tag](self, tree, ids)
end

-- ---------------------------------------------------------------------------------------------- whole trees

-- Does the text of a tree say more than its parts, such as the size of I(n), or in D(f, x)(a, b) the argument of f?
local function is_opaque(self, tree)
  if tree.tag == "derivative" or tree.tag == "dimension" then
    return true
  elseif tree.tag ~= "call" or tree.fn then
    return tree.partial or false
  end
  local op = overloads.operator(self.session, tree.name, #tree)
  if not op then
    return true -- I(n), ones(n), zeros(n)
  end
  return #op.params ~= #tree
end
Values.is_opaque = is_opaque

--- Stop: the trees and the engine disagree.
function M.disagree(what)
  errors.refuse("%s", what)
end
Values.disagree = M.disagree

-- By reading its text.
local function read(self, tree)
  if compose.holds_d(tree) then
    M.disagree "a differential whose text cannot be read"
  end
  local text = compose.text(tree)
  local id = self.text_memo[text]
  if not id then
    local ast, err = syntax.expression(text)
    if not ast then
      error(err, 0)
    end
    local scope = self.scope
    if next(self.counters) then
      scope = scopes.scope(scope)
      for name, node in pairs(self.counters) do
        scope.vars[name] = { name = name, id = node, rows = ONE, cols = ONE, kind = "scalar" }
      end
    end
    local c = elaborate.context(self.session, { text = text, scope = scope, layout = self.layout })
    id = unknown_functions.from_layout(self.session, c:node(ast))
    self.text_memo[text] = id
  end
  return id
end

local function name_value(self, tree)
  local var = self.counters[tree.text] and { id = self.counters[tree.text] } or scopes.lookup(self.scope, tree.text)
  if var and not var.func then
    return var.id
  end
  local op = not var and not scopes.is_dimension(self.scope, tree.text) and self.session.ops[tree.text]
  if op and #op.params > 0 then
    return self.S:opname(tree.text) -- the argument of frechet(f, X, H)
  end
  return read(self, tree)
end

--- The name of the counter of a counted sum.
function M.counter(tree)
  return type(tree.counter) == "string" and tree.counter or tree.counter.text
end

local function counted_value(self, tree)
  local name = M.counter(tree)
  local before = self.counters[name]
  local lo, hi = self:of(tree[1]), self:of(tree[2])
  self.counters[name] = self.S:symbol(name, KIND.counter, 0, ONE, ONE)
  local body = self:of(tree[3])
  self.counters[name] = before
  return self.S:range(name, lo, hi, body)
end

local function is_conjugate(self, tree)
  local op = tree.tag == "call" and not tree.fn and overloads.operator(self.session, tree.name, #tree)
  return op and op.antilinear or false
end

--- The node of a tree. Where complex letters have letters of their own for their conjugates, `conjugate` is the conjugate of a node.
function Values:of(tree)
  local id = self.memo[tree]
  if id then
    return id
  end
  local tag, S = tree.tag, self.S
  if tag == "number" then
    id = S:rational(tree.text)
  elseif tag == "operator" then
    id = S:opname(tree.text)
  elseif tag == "name" then
    id = name_value(self, tree)
  elseif tag == "counted" then
    id = counted_value(self, tree)
  elseif self.conjugate and is_conjugate(self, tree) then
    local inner = tree[1]
    local of_change = inner.tag == "call" and inner.name == "d" and not inner.fn
    id = self.conjugate(self:of(of_change and inner[1] or inner))
    id = of_change and S:forward(id, self.x, self.dx) or id -- conj(d(E)) is d(conj(E))
  elseif tag == "call" and tree.name == "d" and not tree.fn then
    id = S:forward(self:of(tree[1]), self.x, self.dx)
  elseif is_opaque(self, tree) then
    id = read(self, tree)
  else
    local ids = {}
    for i = 1, #tree do
      ids[i] = self:of(tree[i])
    end
    id = make[tag](self, tree, ids)
  end
  self.memo[tree] = id
  return id
end

--- The value of a tree is known.
function Values:note(tree, id)
  self.memo[tree] = id
end

return M
