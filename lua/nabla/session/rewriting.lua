--- Patterns and rules from Lua: what matches where, one rule at a chosen place, and which rules apply.
--
-- @module nabla.session.rewriting

local core = require "nabla.core"
local handles = require "nabla.session.handles"
local later = require "nabla.text.later"
local spelling = require "nabla.text.spelling"

local subst = later.require "nabla.algebra.subst"
local patterns = later.require "nabla.algebra.pattern"
local lift = later.require "nabla.session.lift"

local M = {}

local KINDS = core.constants.rule_kinds
local REWRITING = { [KINDS.algebra] = true, [KINDS.simplify] = true, [KINDS.expand] = true }
local MOST_CONDITIONS = core.constants.conditions

-- ---------------------------------------------------------------------------------------------- patterns

--- A pattern of a session: made by s:pattern, taken by node:match and node:find.
local Pattern = {}
Pattern.__index = Pattern
Pattern.__name = "nabla.Pattern"

function Pattern:__tostring()
  return self.text
end

-- The pattern that a text is.
local function pattern_of_text(session, text, fixed)
  local S = session.S
  local near, kept = {}, {}
  for _, x in ipairs(fixed or {}) do
    near[#near + 1] = lift.lift(session, x, { near = near })
  end
  local id = lift.read(session, text, near)
  for _, x in ipairs(near) do
    for _, y in ipairs(S:postorder(x)) do
      kept[y] = S:op(y) == "symbol" or nil
    end
  end
  local list, letters = patterns.of(S, { id }, kept)
  if not list then
    lift.stop("a pattern has at most %d letters", #letters)
  end
  local keep = { session:wrap(id), session:wrap(list[1]) }
  for _, letter in ipairs(letters) do
    keep[#keep + 1] = session:wrap(letter.variable)
  end
  return setmetatable({ session = session, text = text, id = list[1], letters = letters, keep = keep }, Pattern)
end

-- A pattern, or the one of a text.
local function pattern_of(session, pattern)
  if type(pattern) == "string" then
    return pattern_of_text(session, pattern)
  elseif getmetatable(pattern) ~= Pattern then
    lift.stop("a pattern or its text was expected, found a %s", type(pattern))
  elseif pattern.session ~= session then
    lift.stop "the pattern belongs to another session"
  end
  return pattern
end

-- The letters of a pattern as a table of nodes.
local function letters_of(session, pattern, values)
  local found = {}
  for i, letter in ipairs(pattern.letters) do
    found[letter.name] = session:wrap(values[i])
  end
  return found
end

M.of_sessions = {}

--- A pattern: an expression whose letters stand for any expression of their kind and sizes. A declared letter has its
-- declared kind and sizes, but the names of sizes stand for any size: `P(n,n)` is any square matrix. Attributes do not
-- count.
-- @function Session:pattern
-- @tparam string text
-- @tparam[opt] table fixed a list of nodes or texts whose letters stand for themselves
-- @return the pattern, or nil and the error
function M.of_sessions:pattern(text, fixed)
  if type(text) ~= "string" or fixed ~= nil and type(fixed) ~= "table" then
    error("pattern takes a text, and perhaps a list of what stands for itself", 2)
  end
  self.S:begin()
  return handles.try(pattern_of_text, self, text, fixed)
end

M.operations = {}
local operations = M.operations

--- What the letters of a pattern stand for, if the node matches it.
-- @function node:match
-- @param pattern a pattern (s:pattern) or its text
-- @return a table, letter -> node; or nil
function operations.match(session, id, _, pattern)
  pattern = pattern_of(session, pattern)
  local values = patterns.match(session.S, pattern.id, #pattern.letters, id)
  return values and letters_of(session, pattern, values) or nil
end

--- Iterate over the parts that match a pattern: `for part, letters in n:find(pattern) do`. They are nodes of the expression,
-- stretches of its products, and groups of the terms of a sum.
-- @function node:find
-- @param pattern a pattern or its text
-- @return an iterator of a node and the table of letters
function operations.find(session, id, _, pattern)
  pattern = pattern_of(session, pattern)
  local list, i = patterns.find(session.S, pattern.id, pattern.letters, id), 0
  for _, found in ipairs(list) do
    found.node, found.letters = session:wrap(found.node), letters_of(session, pattern, found.values)
  end
  return function()
    i = i + 1
    if list[i] then
      return list[i].node, list[i].letters
    end
  end
end

-- ---------------------------------------------------------------------------------------------- rules by name

-- The attributes of a symbol that none of its others implies, as conditions on a variable.
local function conditions_of(session, letter, list)
  local S = session.S
  local bits = S:attributes(letter.symbol)
  local names = {}
  for name in pairs(bits ~= 0 and session.attributes or {}) do
    names[#names + 1] = bits & S:attribute(name) ~= 0 and name or nil
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local implied = false
    for _, other in ipairs(names) do
      implied = implied or other ~= name and (session.implications[other] or {})[name]
    end
    if not implied then
      list[#list + 1] = { predicate = name, a = letter.variable }
    end
  end
end

-- The equations of an identity, as rules of the engine.
local function add_identity(session, identity, list)
  local identities = require "nabla.rules.identities"
  local scope = identities.read(session, identity)
  for _, form in ipairs(identity.forms) do
    if not form.answers then
      local a = identities.side(session, identity, scope, form.lhs)
      local b = identities.side(session, identity, scope, form.rhs)
      local sides, letters = patterns.of(session.S, { a, b })
      local conditions = {}
      for _, letter in ipairs(letters) do
        conditions_of(session, letter, conditions)
      end
      if sides and #conditions <= MOST_CONDITIONS then
        list[#list + 1] = {
          rule = { kind = KINDS.simplify, lhs = sides[1], rhs = sides[2], conditions = conditions },
          lhs = sides[1],
          rhs = sides[2],
        }
      end
    end
  end
end

-- The rules of a name: a list of { rule = what S:rewrite takes, lhs, rhs, automatic }.
local function rules_named(session, name)
  local list, others = {}, {}
  for serial = 1, session.S:rule_count() do
    local rule = session.rules[serial]
    if rule and rule.named and REWRITING[rule.kind] and not session.S:rule_gone(serial) then
      if rule.name == name then
        local automatic = rule.kind == KINDS.algebra
        list[#list + 1] = { rule = serial, lhs = rule.lhs, rhs = rule.rhs, automatic = automatic }
      end
      others[rule.name] = true
    end
  end
  local identity = session.identities[name]
  if identity then
    add_identity(session, identity, list)
  end
  if #list == 0 then
    for other in pairs(session.identities) do
      others[other] = true
    end
    local near = spelling.nearest(name, spelling.names(others))
    lift.stop("there is no rule '%s' that rewrites%s", name, near and "; did you mean '" .. near .. "'?" or "")
  end
  return list
end

-- Can a rule be read from right to left? The letter that is missing on its right side, or nil.
local function missing_letter(S, rule)
  local left, right = S:opennames(rule.lhs), S:opennames(rule.rhs)
  for name in pairs(left or {}) do
    if not (right and right[name]) then
      return name
    end
  end
end

local function direction_of(opts)
  local direction = opts.direction or "left to right"
  if direction ~= "left to right" and direction ~= "right to left" then
    lift.stop("the direction is 'left to right' or 'right to left', found %s", tostring(direction))
  end
  return direction == "right to left"
end

-- Those of the rules that can be applied in a direction.
local function usable(session, name, list, reversed)
  if not reversed then
    return list
  end
  local out, reason = {}, nil
  for _, rule in ipairs(list) do
    local letter = missing_letter(session.S, rule)
    if rule.automatic then
      reason = "it acts whenever an expression is made, so its left side would not stay"
    elseif letter then
      reason = letter .. " does not stand on its right side"
    else
      out[#out + 1] = rule
    end
  end
  if #out == 0 then
    lift.stop("the rule '%s' cannot be applied from right to left: %s", name, reason)
  end
  return out
end

-- A node rewritten by the first of some rules that changes it; or nil.
local function rewritten(S, id, list, reversed)
  for _, rule in ipairs(list) do
    local made = S:rewrite(rule.rule, id, reversed)
    if made ~= id then
      return made
    end
  end
end

--- Apply a rule or an identity once, by its name.
-- @function node:apply
-- @tparam string name
-- @tparam[opt] table opts `at`: a node or text that stands in the expression; without it the rule is applied to the largest
-- part that it applies to. `direction`: "left to right" (the default) or "right to left"
-- @return the node; how often the rule was applied, 0 or more (a part that occurs several times is replaced everywhere); and the
-- part
function operations.apply(session, id, hint, name, opts)
  local S = session.S
  if type(name) ~= "string" or opts ~= nil and type(opts) ~= "table" then
    lift.stop 'apply takes the name of a rule, and options such as { direction = "right to left" }'
  end
  opts = opts or {}
  local reversed = direction_of(opts)
  local list = usable(session, name, rules_named(session, name), reversed)
  if opts.at ~= nil then
    local at = lift.lift(session, opts.at, { near = { id } })
    local made = rewritten(S, at, list, reversed)
    local result, count = subst.subst(S, id, { { at, made or at } })
    if count == 0 then
      lift.stop("%s does not stand in the expression", session:text(at))
    end
    return session:wrap(result, hint), made and count or 0, session:wrap(at)
  end
  local order = S:postorder(id)
  for i = #order, 1, -1 do
    local op, own = S:op(order[i])
    local made = not (own and op == "function") and rewritten(S, order[i], list, reversed)
    if made then
      local result, count = subst.replace(S, id, { order[i] }, { made })
      return session:wrap(result, hint), count, session:wrap(order[i])
    end
  end
  return session:wrap(id, hint), 0
end

-- ---------------------------------------------------------------------------------------------- which rules apply

--- Which rules apply where. The rules are those of simplification and expansion; what acts whenever an expression is made has
-- acted already.
-- @function Session:applicable
-- @param f a node or a text
-- @return a list of { rule = name, at = node, gives = the whole expression after it, title, zh, cite }, larger parts first
function operations.applicable(session, id, hint)
  local S = session.S
  local order, list = S:postorder(id), {}
  local rules = {}
  for serial = 1, S:rule_count() do
    local rule = session.rules[serial]
    if rule and (rule.kind == KINDS.simplify or rule.kind == KINDS.expand) and not S:rule_gone(serial) then
      rules[#rules + 1] = serial
    end
  end
  for i = #order, 1, -1 do
    local op, own = S:op(order[i])
    local args = not (own and op == "function") and S:args(order[i]) or {}
    for _, serial in ipairs(#args > 0 and rules or {}) do
      local made = S:rewrite(serial, order[i])
      if made ~= order[i] then
        local rule = session.rules[serial]
        local gives = S:replace(id, { order[i] }, { made })
        list[#list + 1] = {
          rule = rule.name,
          zh = rule.zh,
          cite = rule.cite,
          at = session:wrap(order[i]),
          gives = session:wrap(gives, hint),
        }
      end
    end
  end
  return list
end

return M
