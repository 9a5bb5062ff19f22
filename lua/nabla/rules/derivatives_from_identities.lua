--- Identities that define: `D(foo(x), x)  denominator  bar(x)` is enough to differentiate an operator foo.
--
-- Where an operator has no differential rule, the derivative that an identity states in some layout is converted back into
-- its differential, which becomes a rule d(foo(x)) -> .., from which all else follows: chain rule,
-- other layouts, reverse mode. The layout's row says how derivatives are arranged; an arrangement only moves entries,
-- so it can be undone (unknown_functions.stated_differential). Where an operator has a rule, the identity is only a claim.
-- Invariant: by an argument whose derivative no identity states there is no rule, and
-- layouts that contradict each other are refused.
--
-- @module nabla.rules.derivatives_from_identities

local core = require "nabla.core"
local layouts = require "nabla.calculus.layout"
local loaders = require "nabla.rules.loader"
local refusals = require "nabla.rules.refusals"
local unknown_functions = require "nabla.calculus.unknown_functions"

local M = {}

local DIFFERENTIAL = loaders.kinds.differential

-- Has an operator a differential rule that no identity has made?
local function has_rule(session, name)
  for _, serial in ipairs(session.differentials[name] or {}) do
    if session.rules[serial] and not session.rules[serial].stated and not session.S:rule_gone(serial) then
      return true
    end
  end
  return false
end

-- The operator of a name whose derivative an identity can define, or nil.
local function definable(session, name)
  local op = session.ops[name]
  local defined = not op or op.gone or op.elementwise or op.body and not op.has_value
  return not defined and not has_rule(session, name) and op
end

--- Is there an operator in the text of an identity that it may define? (Without reading it.)
function M.may_define(session, text)
  for name in text:gmatch "D%(%s*([%w_\128-\255]+)%(" do
    if definable(session, name) then
      return true
    end
  end
  return false
end

-- The operator foo of a form D(foo(x, y), x) whose arguments are names, each its own: else nil.
local function operator_of(session, form)
  local D = form.lhs
  local f = form.answers and D.tag == "call" and D.name == "D" and #D.args == 2 and D.args[1]
  local by = f and D.args[2]
  local op = f and f.tag == "call" and by.tag == "name" and definable(session, f.name)
  if not op or #f.args ~= #op.params then
    return nil
  end
  local seen, found = {}, false
  for i, arg in ipairs(f.args) do
    if not op.params[i].dimension then
      if arg.tag ~= "name" or seen[arg.name] then
        return nil
      end
      seen[arg.name] = true
      found = found or arg.name == by.name
    end
  end
  return found and op
end

-- A node of variables that match, as a text with their names.
local function shown(session, id)
  local S, from, to = session.S, {}, {}
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "variable" then
      from[#from + 1] = x
      to[#to + 1] = S:symbol(S:name(x), core.constants.kinds.matrix, 0, S:rows(x), S:cols(x))
    end
  end
  return session:text(S:textbook(S:replace(id, from, to)))
end

-- The part of d(f) that comes from x, by every layout that the form states.
local function part(loader, c, form, f, x)
  local session = loader.session
  local S = session.S
  local unknown = S:func(form.lhs.args[1].name, 0, x, S:rows(f), S:cols(f))
  local key = layouts.value_kind(S, f) .. " by " .. layouts.variable_kind(S, x)
  local found, found_in
  for _, stated in ipairs(form.answers) do
    local layout = session.layouts[stated.layout]
    if not layout then
      local known = loaders.keys(session.layouts)
      loader:stop(stated, "unknown layout '" .. stated.layout .. "'", loaders.meant(stated.layout, known))
    else
      local mark, differential = unknown_functions.stated_differential(session, layout, unknown, x)
      if not mark then
        loader:stop(
          stated,
          string.format("the %s layout has no %s that says what the differential is", stated.layout, key),
          "state the derivative in another layout"
        )
      end
      c.layout = stated.layout
      c:infer(stated.rhs)
      c:settle(stated.rhs)
      local answer = c:build(stated.rhs)
      if S:rows(answer) ~= S:rows(mark) or S:cols(answer) ~= S:cols(mark) then
        loader:stop(
          stated.rhs,
          string.format(
            "the answer is %s; in the %s layout the derivative of a %s is %s",
            c:shape_text { rows = S:rows(answer), cols = S:cols(answer) },
            stated.layout,
            key,
            c:shape_text { rows = S:rows(mark), cols = S:cols(mark) }
          )
        )
      end
      local this = S:replace(differential, { mark }, { answer })
      if found and not session:same(this, found) then
        loader:stop(
          stated,
          string.format(
            "%s and %s contradict each other: the differential would be %s by the one, %s by the other",
            found_in,
            stated.layout,
            shown(session, found),
            shown(session, this)
          )
        )
      elseif not found then
        found, found_in = this, stated.layout
      end
    end
  end
  return found
end

-- The forms of an identity that are about one call, such as foo(x, y).
local function by_call(session, identity)
  local calls, order = {}, {}
  for _, form in ipairs(identity.forms) do
    if operator_of(session, form) then
      local f = form.lhs.args[1]
      local words = { f.name }
      for i, arg in ipairs(f.args) do
        words[i + 1] = arg.name or "size"
      end
      local key = table.concat(words, " ")
      if not calls[key] then
        order[#order + 1] = { call = f }
        calls[key] = order[#order]
      end
      table.insert(calls[key], form)
    end
  end
  return order
end

-- What a group of forms says: the call f, the variables of its arguments by position (sizes have none), the part of d(f)
-- that comes from each argument that is stated, and the context.
local function read_group(loader, group)
  local scope = loader:variables()
  local c = loader:context(scope, true)
  c:infer(group.call)
  c:settle(group.call)
  local said = { call = group.call, f = c:build(group.call), variables = {}, parts = {}, context = c }
  local position = {}
  for i, arg in ipairs(group.call.args) do
    if not loader.session.ops[group.call.name].params[i].dimension then
      said.variables[i], position[arg.name] = scope.vars[arg.name].id, i
    end
  end
  for _, form in ipairs(group) do
    local i = position[form.lhs.args[2].name]
    said.parts[i] = said.parts[i] or part(loader, c, form, said.f, said.variables[i])
  end
  return said
end

-- The differential of a call by the parts that are known: their sum; nothing may change by the other arguments.
local function rule_of(S, said)
  local terms, conditions = {}, {}
  for i, arg in ipairs(said.call.args) do
    if said.parts[i] then
      terms[#terms + 1] = said.parts[i]
    elseif said.variables[i] then
      local d = { tag = "call", name = "d", args = { arg }, pos = arg.pos }
      local ast = { tag = "call", name = "zero", args = { d }, pos = arg.pos }
      local differential = S:diffnode(said.variables[i])
      conditions[#conditions + 1] = { predicate = "zero", a = differential, structural = true, ast = ast }
    end
  end
  return { kind = DIFFERENTIAL, lhs = S:diffnode(said.f), rhs = S:sum(terms), conditions = conditions }
end

-- What an earlier identity has said of an operator by some arguments and this one says by others, in the earlier one's
-- variables; nil if this one adds nothing, or its sizes have other names.
local function joined(S, earlier, said)
  local from, to, parts, more = {}, {}, loaders.copy(earlier.parts), false
  for i, variable in pairs(said.variables) do
    local own = earlier.variables[i]
    if S:rows(own) ~= S:rows(variable) or S:cols(own) ~= S:cols(variable) then
      return nil
    end
    from[#from + 1], to[#to + 1] = variable, own
  end
  for i, term in pairs(said.parts) do
    more = more or not parts[i]
    parts[i] = parts[i] or S:replace(term, from, to)
  end
  return more and { call = earlier.call, f = earlier.f, variables = earlier.variables, parts = parts } or nil
end

local function define_group(loader, identity, group)
  local session = loader.session
  local S, name = session.S, group.call.name
  local said = read_group(loader, group)
  local lhs = S:op(said.f) == name and S:diffnode(said.f)
  if not lhs or S:op(lhs) ~= "d" then
    return
  end
  local form = group[1]
  local st = { name = identity.name, cite = identity.cite, zh = identity.zh, line = identity.line }
  st.titles = identity.titles
  st.pos, st.lhs, st.rhs = form.pos, form.lhs, form.answers[1].rhs
  local earlier = session.stated_derivatives[name]
  local rule
  if earlier then
    said = joined(S, earlier, said)
    rule = said and rule_of(S, said)
  elseif not S:rule_applies(DIFFERENTIAL, lhs) then
    rule = rule_of(S, said)
    loader:check_bound(rule.lhs, rule.rhs, st.rhs)
    refusals.check_rewrite(loader, st, rule.lhs, rule.rhs, DIFFERENTIAL, rule.conditions)
    local attributes = loader:conditions({}, said.context, lhs) -- of the variables
    table.move(attributes, 1, #attributes, #rule.conditions + 1, rule.conditions)
    said = #attributes == 0 and said or nil
  end
  if rule then
    local serial = loader:add_rule(st, rule)
    session.rules[serial].stated = true
    session.stated_derivatives[name] = said
    identity.serials = identity.serials or {}
    table.insert(identity.serials, serial)
  end
end

--- Make the rules that follow from an identity; called when it is loaded. Identities about different arguments of an operator
-- hold together.
-- @tparam Loader loader
-- @tparam table identity its `serials` become the numbers of these rules
function M.define(loader, identity)
  local groups = by_call(loader.session, identity)
  if #groups == 0 then
    return
  end
  local outer = loader.decls
  loader.decls = loaders.copy(outer)
  for _, d in ipairs(identity.own) do
    loader.decls[d.name] = d
  end
  for _, group in ipairs(groups) do
    define_group(loader, identity, group)
  end
  loader.decls = outer
end

return M
