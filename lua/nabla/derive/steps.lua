--- One step of a derivation: d(E) of a display tree by the one rule that gives it, as a node.
--
-- The engine finds the rule and makes its right side (src/calculus/step.h). The parts of E must come out as they were written,
-- so they are put in as stand-ins: unknown functions of the variable, or symbols for what is constant, of the shapes of the parts,
-- which are printed as the parts.
--
-- @module nabla.derive.steps

local compose = require "nabla.derive.compose"
local core = require "nabla.core"
local display = require "nabla.print.display"
local errors = require "nabla.text.errors"
local forms = require "nabla.print.forms"
local spelling = require "nabla.text.spelling"
local unknown_functions = require "nabla.calculus.unknown_functions"
local expectations = require "nabla.language.expectations"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds

-- Trees that are no calls.
local BY_SIGNS = { quotient = true, eldiv = true, power = true, elpower = true }

local Steps = {}
Steps.__index = Steps
M.Steps = Steps

--- The steps of one derivation.
-- @param W the values of its trees (nabla.derive.values)
-- @tparam table opts `print`: options of nabla.print.forms; `layout`; `identities`: may steps use them?
function M.new(W, opts)
  local print_options = {}
  for k, v in pairs(opts.print) do
    print_options[k] = v
  end
  print_options.memo = {}
  return {
    W = W,
    S = W.S,
    session = W.session,
    layout = opts.layout,
    identities = opts.identities or false, -- may steps use what identities state?
    options = print_options,
    stand_ins = {}, -- tree -> node
    count = 0, -- of stand-ins
    linear_rules = {}, -- number of a rule -> is it linear?
    rules_of = {}, -- operator -> the number of the rule for d(A op B)
  }
end

-- ---------------------------------------------------------------------------------------------- stand-ins

-- While a tree is printed, the counters of the sums around it are letters in use: a tree that a node stands for may hold them.
local function with_counters(self, used, print)
  local added = {}
  for name in pairs(used and self.W.counters or {}) do
    added[name] = not used[name] or nil
    used[name] = true
  end
  local tree, why = print()
  for name in pairs(added) do
    used[name] = nil
  end
  return tree, why
end

--- The display tree of a node.
function Steps:print(id)
  id = unknown_functions.to_layout(self.session, id, self.layout)
  local context = self.options.memo.context
  local tree, why = with_counters(self, context and context.used, function()
    return forms.tree(self.S, id, self.options)
  end)
  if not tree then
    self.W.disagree(why)
  end
  return tree
end

-- Is it printed as it is written, whatever is around it? A name that a line has introduced is not.
local function is_simple(self, tree)
  if tree.tag == "transpose" then
    tree = tree[1]
  end
  return tree.tag == "number" or tree.tag == "name" and not (self.W.definitions and self.W.definitions[tree.text])
end

--- Print a node as a tree.
function Steps:seed(node, tree)
  local W = self.W
  if not self.options.memo.context then
    self:print(self.S:rational(1)) -- makes it
  end
  local c = self.options.memo.context
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
function Steps:stand_in(tree)
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
  local changes, bits = W:node_changes(id), expectations.bits(W.session, id)
  if changes then
    node = S:call(S:func(name, bits, W.x, rows, cols), W.x)
  else
    node = S:symbol(name, KIND.matrix, bits, rows, cols)
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
function Steps:stand_in_for(id, tree)
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

-- ---------------------------------------------------------------------------------------------- rules

-- The number of the rule for d(A op B).
function Steps:operandwise(op)
  local serial = self.rules_of[op]
  if not serial then
    local S, W = self.S, self.W
    local n = op == "hadamard" and S:dim " n" or ONE
    local function part(name)
      return S:call(S:func(name, 0, W.x, n, ONE), W.x)
    end
    local a, b = part " a", part " b"
    local e = op == "sum" and S:sum { a, b } or op == "product" and S:product { a, b } or S:hadamard { a, b }
    serial = S:step_rule(e, W.x, W.dx, self.identities)
    self.rules_of[op] = serial
  end
  return serial
end

-- Is it one of these rules?
function Steps:goes_by_operands(serial)
  for _, op in ipairs { "sum", "product", "hadamard" } do
    if serial == self:operandwise(op) then
      return true
    end
  end
  return false
end

-- d(node) operand by operand, as nodes.
function Steps:each_operand(id)
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
function Steps:outside(id)
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

-- Is the node r the node e with d moved inside its parts: inside one, or inside all of them at once, as [d(A); d(B)] for d([A; B])?
-- Of what a rule gives that is asked of the rule itself: of the rule for tr(X), not of that for kron(X, Z), also where Z is constant.
function Steps:is_linear(e, r, serial)
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
  local ds, parts = S:below(r, "d"), {}
  for i, d in ipairs(ds) do
    parts[i] = S:args(d)[1]
  end
  return #ds > 0 and S:replace(e, parts, ds) == r
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

-- The names of the matrix functions that are not in a node.
function Steps:unused_functions(id)
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
function Steps:commuting(e, r, real)
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

-- Is a tree written as a power of a node, or as a quotient by a power of it?
local function is_power_of(W, tree, base)
  if tree.tag == "quotient" or tree.tag == "eldiv" then
    local below = tree[2]
    return base == W:of(below) or #below > 0 and W:has_parts(below) and base == W:of(below[1])
  end
  return base == W:of(tree[1])
end

-- Is the value of a tree an operator that does not stand in front of it, or a power of another base, as x^6 for (x^2)^3?
local function is_rewritten(W, tree, e)
  local S = W.S
  local op, own = S:op(e)
  if tree.tag == "call" then
    return not tree.fn and op ~= tree.name
  elseif BY_SIGNS[tree.tag] and (op == "power" or op == "elpower") then
    return not is_power_of(W, tree, S:args(e)[1])
  end
  return not own and BY_SIGNS[tree.tag]
end

-- The step of a tree by the rule for its value, the parts that the rule's variables stand for kept as written: the node that
-- it gives, and the node that it is the differential of, both with stand-ins; the rule. Nil if the tree has no such parts.
function Steps:as_matched(tree)
  local W, S = self.W, self.S
  local e = W:of(tree)
  if W:has_parts(tree) and is_rewritten(W, tree, e) then
    return nil -- log(det(X)) is kept as logdet(X): a rule for that would take two steps at once
  end
  local serial, each, bound = S:step_rule(e, W.x, W.dx, self.identities)
  if not serial or each then
    return nil
  end
  local from, to, stand_ins = {}, {}, {}
  for i, id in ipairs(bound) do
    local node = 0
    if id ~= 0 then
      local is_function = S:op(e) == "D" and S:args(e)[1] == id -- what is differentiated in D(f, U)
      node = is_function and id or self:stand_in_for(id, tree)
      if not node then
        return nil
      elseif node ~= id then
        from[#from + 1], to[#to + 1] = id, node
      end
    end
    stand_ins[i] = node
  end
  return S:step(e, W.x, W.dx, self.identities, stand_ins), S:replace(e, from, to), serial
end

--- d(tree) as an identity states it, as `step` gives it; nil where none does. Constant scalars in front stay there: linear.
function Steps:by_identity(tree)
  local W, S = self.W, self.S
  local function stated(part)
    local serial = S:step_rule(W:of(part), W.x, W.dx, true)
    local rule = serial and self.session.rules[serial]
    return rule and rule.statement == "identity"
  end
  if not self.identities then
    return nil
  elseif stated(tree) then
    local r, _, serial = self:as_matched(tree)
    return r and self:outside(S:simplify(r)), false, serial
  end
  local front, rest = {}, {}
  for i = 1, tree.tag == "product" and #tree or 0 do
    local list = W:scalar(tree[i]) and not W:changes(tree[i]) and front or rest
    list[#list + 1] = tree[i]
  end
  local inner = #front > 0 and compose.product(W, rest)
  if inner and inner.tag ~= "name" and stated(inner) then
    front[#front + 1] = display.call("d", { inner })
    return compose.product(W, front), true
  end
end

-- Nodes for the parts of a tree: stand-ins for those that change; of the part `opened` its operator applied to such. Nil where a part
-- has none.
local function nodes_of_parts(self, tree, opened)
  local W, S = self.W, self.S
  local ids = {}
  for i = 1, #tree do
    local part = tree[i]
    if part.tag == "operator" then
      ids[i] = S:opname(part.text)
    elseif part.tag == "dimension" then
      return nil
    elseif i == opened then
      local inner = W:has_parts(part) and nodes_of_parts(self, part)
      ids[i] = inner and W:with(part, inner)
    else
      ids[i] = W:changes(part) and self:stand_in(part) or W:of(part)
    end
    if not ids[i] then
      return nil
    end
  end
  return ids
end

-- A rule for two operators at once, such as that of the squared norm, where the value of the tree is another node.
local function for_two_operators(self, tree, e, serial)
  local W, S = self.W, self.S
  for i = 1, #tree do
    local ids = #tree[i] > 0 and W:changes(tree[i]) and nodes_of_parts(self, tree, i)
    local two = ids and W:with(tree, ids)
    if two and S:op(two) == S:op(e) then
      local ok, other, each, bound = errors.attempt(S.step_rule, S, two, W.x, W.dx, self.identities)
      if ok and other and other ~= serial and not each then
        return S:step(two, W.x, W.dx, self.identities, bound), two, other
      end
    end
  end
end

-- The same for the operator of a tree applied to stand-ins of its parts.
function Steps:as_written(tree)
  local W, S = self.W, self.S
  local ids = W:has_parts(tree) and nodes_of_parts(self, tree)
  if not ids then
    return nil
  end
  local e = W:with(tree, ids)
  local serial, each, bound = S:step_rule(e, W.x, W.dx, self.identities)
  if not serial then
    return nil
  elseif not each then
    local r, two, other = for_two_operators(self, tree, e, serial)
    if r then
      return r, two, other
    end
  end
  return each and self:each_operand(e) or S:step(e, W.x, W.dx, self.identities, bound), e, serial
end

-- By the rule for its value, printed anew. Linear steps are taken with the next one: of a derivative in a layout they may only undo
-- the arrangement of the layout.
function Steps:as_value(tree)
  local W, S = self.W, self.S
  local e = W:of(tree)
  local function step_of(id)
    local serial, each, bound = S:step_rule(id, W.x, W.dx, self.identities)
    if not serial then
      W.disagree "a differential that no rule gives"
    end
    return each and self:each_operand(id) or S:step(id, W.x, W.dx, self.identities, bound), serial
  end
  local r, serial = step_of(e)
  while #S:below(r, "d") == 1 and self:is_linear(e, r, serial) do
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

-- Of a node with minus in front, d(-E) = -d(E) is no step: signs stand outside. The step of E, negated.
local function without_sign(self, r, e, serial)
  local W, S = self.W, self.S
  local inner, ds = S:neg(e), S:below(r, "d")
  if #ds ~= 1 or S:args(ds[1])[1] ~= inner then
    return r, serial
  end
  local own, each, bound = S:step_rule(inner, W.x, W.dx, self.identities)
  if not own then
    return r, serial
  end
  return S:neg(each and self:each_operand(inner) or S:step(inner, W.x, W.dx, self.identities, bound)), own
end

--- d(tree) by the rule that gives it, as a node with stand-ins; is it linear; the rule.
function Steps:step(tree)
  local r, e, serial = self:as_matched(tree)
  if not r then
    r, e, serial = self:as_written(tree)
  end
  if not r then
    r, e, serial = self:as_value(tree)
  end
  r, serial = without_sign(self, r, e, serial)
  r = self:commuting(e, r, self.W:of(tree))
  return self:outside(r), self:is_linear(e, r, serial), serial
end

return M
