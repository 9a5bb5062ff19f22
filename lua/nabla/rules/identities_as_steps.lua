--- Identities as steps of a derivation: `D(x'*A*x, x)  denominator  (A + A')*x` gives d(x'*A*x) at once, x any expression.
--
-- The derivative that an identity states in some layout is converted back into its differential, as for identities that define an
-- operator (nabla.rules.derivatives_from_identities). It becomes a rule of a kind of its own, which only the steps of derivations
-- ask for. An identity says nothing of the other letters in what it differentiates: they must be constant.
--
-- Invariant: no derivative is taken by such a rule, and an identity that makes none is no mistake: it has a variable with
-- structure, functions that are not known, or says no more than the rule for d(..) does.
--
-- @module nabla.rules.identities_as_steps

local core = require "nabla.core"
local errors = require "nabla.text.errors"
local identities = require "nabla.rules.identities"
local layouts = require "nabla.calculus.layout"
local loaders = require "nabla.rules.loader"
local unknown_functions = require "nabla.calculus.unknown_functions"

local M = {}

local ONE = core.constants.one -- the dimension 1
local LEAST_SAVED = 2 -- lines

local IDENTITY = loaders.kinds.identity

-- Does a tree call a declared function, or hold a derivative?
local function calls_unknown(loader, tree)
  if type(tree) ~= "table" then
    return false
  elseif tree.tag == "call" and (tree.name == "D" or loader.decls[tree.name]) then
    return true
  end
  for _, part in ipairs(tree.args or tree) do
    if calls_unknown(loader, part) then
      return true
    end
  end
  return false
end

-- Are all operators that a tree calls in its node? Not in that of tr(logm(S)), which is logdet(S): an identity about the one would
-- seem to be about the other.
local function is_kept(session, tree, f)
  local ops = {}
  for _, id in ipairs(session.S:postorder(f)) do
    ops[session.S:op(id)] = true
  end
  local function go(t)
    if type(t) ~= "table" then
      return true
    elseif t.tag == "call" and session.ops[t.name] and not ops[t.name] then
      return false
    end
    for _, part in ipairs(t.args or t) do
      if not go(part) then
        return false
      end
    end
    return true
  end
  return go(tree)
end

-- Is a form D(f, x), of a function of declared letters?
local function is_first_derivative(loader, form)
  local call = form.lhs
  local by = form.answers and call.tag == "call" and call.name == "D" and #call.args == 2 and call.args[2]
  if not by or by.tag ~= "name" then
    return false
  end
  local variable = loader.decls[by.name]
  return variable and #(variable.attributes or {}) == 0 and not calls_unknown(loader, call.args[1])
end

-- The differential that a form states, in the variables of a rule.
local function stated(session, c, form, f, x)
  local S = session.S
  local unknown = S:func(" stated", 0, x, S:rows(f), S:cols(f))
  for _, answer in ipairs(form.answers) do
    local layout = session.layouts[answer.layout]
    local mark, differential = unknown_functions.stated_differential(session, layout, unknown, x)
    if mark then
      c.layout = answer.layout
      c:infer(answer.rhs)
      c:settle(answer.rhs)
      local node = c:build(answer.rhs)
      if S:rows(node) == S:rows(mark) and S:cols(node) == S:cols(mark) then
        return S:replace(differential, { mark }, { node })
      end
    end
  end
end

-- That everything in f but x is constant.
local function constants(S, f, x, args)
  local list = {}
  for _, id in ipairs(S:postorder(f)) do
    if S:op(id) == "variable" and id ~= x then
      local d = { tag = "call", name = "d", args = { { tag = "name", name = S:name(id) } }, pos = args.pos }
      local ast = { tag = "call", name = "zero", args = { d }, pos = args.pos }
      list[#list + 1] = { predicate = "zero", a = S:diffnode(id), structural = true, ast = ast }
    end
  end
  return list
end

-- The operands of a node that change.
local function changing(S, id, x)
  local list = {}
  local hole = S:hole(" x", S:rows(x), S:cols(x))
  for _, arg in ipairs(S:args(id)) do
    if S:op(arg) ~= "number" and S:replace(arg, { x }, { hole }) ~= arg then
      list[#list + 1] = arg
    end
  end
  return list
end

-- How many lines of a derivation a rule for d(f) saves: for a product of parts that change two, for any other rule that is not
-- linear one, and one for the form tr(G'*d(X)).
local function saves(S, f, x)
  local count = layouts.variable_kind(S, x) == "matrix" and 1 or 0
  local dx = S:diffnode(x)
  while f ~= x do
    local parts
    local serial, each, bound = S:step_rule(f, x, dx, false)
    if each then
      parts = changing(S, f, x)
    elseif serial then
      local node = S:step(f, x, dx, false, bound)
      parts = S:below(node, "d")
      for i, d in ipairs(parts) do
        parts[i] = S:args(d)[1]
      end
      local is_linear = #parts == 1 and S:replace(f, parts, { S:diffnode(parts[1]) }) == node
      count = count + (is_linear and 0 or 1)
    end
    if not parts or #parts ~= 1 then
      return count + 2
    end
    f = parts[1]
  end
  return count
end

-- The rule of a form; nil where it makes none.
local function rule_of(loader, form)
  local session = loader.session
  local S = session.S
  local call = form.lhs
  local scope = loader:variables()
  local c = loader:context(scope, true)
  c:infer(call.args[1])
  c:settle(call.args[1])
  local f = c:build(call.args[1])
  local x = scope.vars[call.args[2].name]
  local scalar = S:rows(f) == ONE and S:cols(f) == ONE
  if not scalar or not is_kept(session, call.args[1], f) or not x or S:op(x.id) ~= "variable" then
    return nil
  end
  local rhs = stated(session, c, form, f, x.id)
  local lhs = S:diffnode(f)
  if rhs and #S:below(rhs, "range") > 0 then
    return nil -- the number of its terms may be no natural number where the rule applies
  end
  if not rhs or S:op(lhs) ~= "d" or saves(S, f, x.id) < LEAST_SAVED then
    return nil
  end
  loader:check_bound(lhs, rhs, call)
  local conditions = constants(S, f, x.id, call)
  local attributes = loader:conditions({}, c, lhs)
  table.move(attributes, 1, #attributes, #conditions + 1, conditions)
  if #attributes == 0 and S:rule_applies(IDENTITY, lhs) then
    return nil -- another identity says so
  end
  return { kind = IDENTITY, lhs = lhs, rhs = rhs, conditions = conditions }
end

-- The source of an identity with that of its table.
local function source(session, identity)
  local heading = session.tables[identity.table]
  if heading and heading.cite and identity.cite then
    return heading.cite .. ", " .. identity.cite
  end
  return identity.cite or heading and heading.cite
end

local function define(session, identity)
  identities.forms(session, identity) -- reads them
  local loader = loaders.new(session, identity.text, identity.file)
  loader.decls = loaders.copy(identity.known)
  for _, d in ipairs(identity.own or {}) do
    loader.decls[d.name] = d
  end
  local statement = { kind = "identity", cite = source(session, identity) }
  statement.name, statement.zh, statement.titles = identity.name, identity.zh, identity.titles
  statement.line = identity.line
  for _, form in ipairs(identity.forms) do
    if is_first_derivative(loader, form) then
      local ok, rule = errors.attempt(rule_of, loader, form)
      if ok and rule then
        statement.priority = #rule.conditions -- of two, the one that knows more
        local made = session.rules[loader:add_rule(statement, rule)]
        made.declared, made.written = loader.decls, form.lhs.args[1]
      end
    end
  end
end

--- Make the rules of all identities that were loaded since the last call.
-- @tparam table session
function M.define(session)
  local done = session.identities_as_steps
  for k = (done.count or 0) + 1, #session.identity_order do
    local identity = session.identities[session.identity_order[k]]
    if identity then
      define(session, identity)
    end
  end
  done.count = #session.identity_order
end

return M
