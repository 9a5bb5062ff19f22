--- Taking an operator away, and all that speaks of it.
--
-- A file may define an operator anew. What was said of the old one must not be taken for a statement about the new one, and
-- no answer may print the name while it means the old operator. So:
--
-- - an old function with a body and a differential is replaced by its body wherever a rule writes it;
-- - what cannot be rewritten so goes: rules, facts and linear maps that match the old operator or write it, identities
--   about it, statements for all operators with a property that mention it, and bodies of other functions that use it;
-- - a layout or a convention that uses it must be taken away first;
-- - a node that a script still holds prints `old.NAME`, which is no name of the language.
--
-- What went is kept in `session.lost`, for the messages of derivatives that fail and for `nabla check`.
--
-- @module nabla.rules.retire

local core = require "nabla.core"
local loaders = require "nabla.rules.loader"
local trees = require "nabla.language.tree"

local M = {}

local KINDS = loaders.kinds
local copy, keys = loaders.copy, loaders.keys

-- ---------------------------------------------------------------------------------------------- who speaks of it

-- Is the operator in a node?
local function in_node(S, name, id)
  for _, x in ipairs(S:postorder(id)) do
    local op, own = S:op(x)
    if op == name and not own or own and op == "operator name" and S:name(x) == name then
      return true
    end
  end
  return false
end

-- Is the operator called in a tree, or in a list of trees?
local function in_tree(name, tree)
  local found = false
  trees.walk(tree, function(t)
    found = found or t.tag == "call" and t.name == name
  end)
  return found
end

-- What layouts and conventions compute when they are used refers to operators by name.
local function check_unused(loader, st)
  for what, list in pairs { layout = loader.session.layouts, convention = loader.session.conventions } do
    for _, name in ipairs(keys(list)) do
      for _, row in pairs(list[name].rows) do
        if in_tree(st.name, row.gives or row.rhs) then
          loader:stop(
            st,
            string.format("the %s %s (%s:%d) uses %s", what, name, list[name].file, list[name].line, st.name),
            string.format("take it away first: without %s %s", what, name)
          )
        end
      end
    end
  end
end

-- ---------------------------------------------------------------------------------------------- what replaces it, what goes

-- The kinds of rules that keep what they say where the body is written in place of the operator; the others might go round in a
-- circle, from the body to the operator and back.
local KEPT = {
  [KINDS.differential] = true,
  [KINDS.adjoint] = true,
  [KINDS.jacobian] = true,
  [KINDS.block] = true,
}

-- Is a rule the body of another function?
local function is_body(session, rule)
  local op = rule.kind == KINDS.algebra and session.ops[session.S:op(rule.lhs)]
  return op and op.stands_for_body and op.applied == rule.lhs
end

-- Take away the rules that match the operator, those of its name, and those that write it and cannot write its body.
local function remove_rules(session, name, body, lost)
  local S = session.S
  for serial, rule in pairs(session.rules) do
    if serial ~= body and not S:rule_gone(serial) then
      local named = rule.name == name and rule.kind <= KINDS.differential
      local about = named or in_node(S, name, rule.lhs)
      local writes = rule.rhs and in_node(S, name, rule.rhs)
      for _, id in ipairs(rule.asks) do
        writes = writes or in_node(S, name, id)
      end
      if about or writes and not (body and (KEPT[rule.kind] or is_body(session, rule))) then
        S:rule_restore(serial, true)
        lost[#lost + 1] = not about and { rule = rule } or nil
      end
    end
  end
end

-- A node built once more, so that the rules that there are now act on all of it.
local function built_again(S, id)
  local from, to = {}, {}
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "variable" then
      from[#from + 1] = x
      to[#to + 1] = S:symbol("old " .. S:name(x), core.constants.kinds.matrix, 0, S:rows(x), S:cols(x))
    end
  end
  return S:replace(S:replace(id, from, to), to, from)
end

-- Other functions have no body and no slope that uses the operator.
local function change_bodies(session, name, body, lost)
  local S = session.S
  for _, other in pairs(copy(session.ops)) do
    local changed
    for _, part in ipairs { "body", "slope" } do
      if not other.gone and other.name ~= name and other[part] and in_node(S, name, other[part]) then
        changed = changed or copy(other)
        changed[part] = body and built_again(S, other[part]) or nil
        changed["keep_old_" .. part] = changed[part] and S:handle(changed[part])
      end
    end
    if changed then
      changed.stands_for_body = changed.body and changed.stands_for_body or nil
      session.ops[other.name] = changed
      lost[#lost + 1] = not body and { operator = other } or nil
    end
  end
end

-- Take away the identities about the operator, and the statements that wait for operators with a property.
local function remove_statements(session, name)
  local identities = require "nabla.rules.identities"
  for title, identity in pairs(copy(session.identities)) do
    if identity.text:find(name, 1, true) and in_tree(name, identities.forms(session, identity)) then
      session.identities[title] = nil
      for _, serial in ipairs(identity.serials or {}) do
        session.S:rule_restore(serial, true)
      end
    end
  end
  local waiting = {}
  for _, kept in ipairs(session.repeated) do
    waiting[#waiting + 1] = not in_tree(name, { kept.st.lhs, kept.st.rhs, kept.st.pattern, kept.st.arg }) and kept
      or nil
  end
  session.repeated = waiting
end

--- Take an operator away.
-- @tparam Loader loader
-- @tparam table st the statement that takes it away or defines it anew
-- @tparam table op the operator, of `session.ops`
function M.operator(loader, st, op)
  local session, name = loader.session, op.name
  local S = session.S
  check_unused(loader, st)
  local body, lost = op.unfold, {} -- from now on the body is written in place of the operator
  if body then
    S:rule_restore(body, false)
  end
  remove_rules(session, name, body, lost)
  change_bodies(session, name, body, lost)
  remove_statements(session, name)
  session.stated_derivatives = copy(session.stated_derivatives)
  session.stated_derivatives[name] = nil
  local gone = copy(op)
  gone.gone = true
  session.ops[name] = gone
  session.lost = copy(session.lost)
  session.lost[#session.lost + 1] = { name = name, file = loader.file, line = st.line, pos = st.pos, lost = lost }
  local engine = copy(gone)
  engine.name = "old." .. name
  S:operator(engine)
end

--- Is an identity of nabla's own files about an operator that another file has defined anew?
-- @tparam table session
-- @tparam string text of the identity
function M.concerns(session, text)
  for _, entry in ipairs(session.lost) do
    local op = session.ops[entry.name]
    if not (op and op.standard and not op.gone) and text:find("%f[%w_]" .. entry.name .. "%s*%(") then
      return true
    end
  end
  return false
end

--- Why there is no rule for d(NAME(..)), if it went with another operator; else nil.
-- @tparam table session
-- @tparam string name
function M.reason(session, name)
  for _, entry in ipairs(session.lost) do
    for _, item in ipairs(entry.lost) do
      local rule = item.rule
      local inner = rule and rule.kind == KINDS.differential and session.S:args(rule.lhs)[1]
      if inner and session.S:op(inner) == name or item.operator and item.operator.name == name then
        return string.format(
          "its definition uses the %s that %s:%d takes away: state it anew",
          entry.name,
          entry.file or "text",
          entry.line or 0
        )
      end
    end
  end
end

return M
