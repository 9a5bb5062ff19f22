--- Rules that are refused: what is redundant, cannot apply before others do, is not linear where it must be, or does not end.
--
-- @module nabla.rules.refusals

local errors = require "nabla.text.errors"
local linear = require "nabla.calculus.linear"
local loaders = require "nabla.rules.loader"
local overloads = require "nabla.language.overloads"
local trees = require "nabla.language.tree"

local M = {}

local KINDS = loaders.kinds

--- Is the left side of rules of a kind a differential d(..)?
function M.of_differentials(kind)
  return kind == KINDS.differential or kind == KINDS.step
end

-- ---------------------------------------------------------------------------------------------- shadowing

-- The algebra rules that may rewrite a tree when it is built, the newest first: their numbers. They are for operators in the tree, or
-- for the engine's own, such as a product; no other can be rewritten where the tree is built first.
local function candidates(loader, ast)
  local session, numbers, list = loader.session, {}, {}
  trees.walk(ast, function(t)
    for _, op in ipairs(t.tag == "call" and overloads.all(session, t.name) or {}) do
      numbers[op.number] = true
    end
  end)
  for _, serial in ipairs(session.S:rules_on(KINDS.algebra, numbers)) do
    list[#list + 1] = session.rules[serial] and serial or nil
  end
  return list
end

-- What a side of a rule becomes without these rules; nil where it cannot be built without them.
local function built_without(loader, st, ast, serials)
  local S = loader.session.S
  for _, serial in ipairs(serials) do
    S:rule_restore(serial, true)
  end
  local c = loader:context(loader:variables(), true)
  local ok, id = errors.attempt(function()
    local a, b = c:infer(st.lhs), c:infer(st.rhs) -- both sides, so that their variables have the same numbers as before
    if not (c:unify(a.rows, b.rows) and c:unify(a.cols, b.cols)) then
      return nil
    end
    c:settle(st.lhs)
    return c:build(ast)
  end)
  for _, serial in ipairs(serials) do
    S:rule_restore(serial, false)
  end
  return ok and id or nil, c
end

-- The algebra rule that changes what a side of a rule becomes, if one does.
local function responsible(loader, st, ast, id)
  local rules, serials = loader.session.rules, candidates(loader, ast)
  if built_without(loader, st, ast, serials) == id then
    return nil
  end
  for _, serial in ipairs(serials) do
    local other = built_without(loader, st, ast, { serial })
    if other and other ~= id then
      return rules[serial]
    end
  end
end

--- Would a rule of the session be tried before one of these properties?
function M.tried_before(S, rule, priority, weight, conditions)
  if rule.priority ~= priority then
    return rule.priority > priority
  end
  local own = S:weight(rule.lhs)
  if own ~= weight then
    return own > weight
  end
  return rule.conditions >= conditions
end

--- The sides of a rule that goes before rules which rewrite its left side: built without those of them that are tried after it, at the
-- root of the left side. Nil where there are none.
-- @tparam Loader loader
-- @tparam table st
-- @param lhs the node of its left side as all rules make it
-- @return the node of the left side, that of the right side, the context
function M.before_others(loader, st, lhs)
  local S, rules, later = loader.session.S, loader.session.rules, {}
  local serials = candidates(loader, st.lhs)
  local written = built_without(loader, st, st.lhs, serials)
  if not written or written == lhs then
    return nil
  end
  local root, weight = S:op(written), S:weight(written)
  for _, serial in ipairs(serials) do
    local rule = rules[serial]
    if S:op(rule.lhs) == root and not M.tried_before(S, rule, st.priority or 0, weight, #st.conditions) then
      later[#later + 1] = serial
    end
  end
  local found, c = built_without(loader, st, st.lhs, later)
  if not found or found == lhs then
    return nil
  end
  return found, c:build(st.rhs), c
end

-- The rule says something.
local function check_new(loader, st, lhs, rhs)
  if lhs ~= rhs then
    return
  end
  local rule = not st.over -- such a round is left out without a word
    and (responsible(loader, st, st.lhs, lhs) or responsible(loader, st, st.rhs, rhs))
  loader:stop(
    st.lhs,
    rule and string.format("both sides are the same already, by the rule %s", loaders.rule_text(rule))
      or "both sides have the same normal form: the rule says nothing new",
    rule and string.format('leave it out, or take the other away first: without rule "%s"', rule.name)
      or "leave it out; as a claim it is written check left == right; "
        .. "which of the two is printed: prefer left over right",
    true
  )
end

local function stop_rewritten(loader, st, rule)
  if rule.statement == "function" then
    local hint = "a function stands for its body, so that expressions do not hold its name; one that keeps it has a "
      .. "differential below it, or is an operator with a value: operator f(A(m,n)): scalar value tr(A'*A)"
    loader:stop(st.lhs, string.format("the body of %s is in the place of this left side", rule.name), hint, true)
  end
  loader:stop(
    st.lhs,
    string.format("the rule %s already rewrites this left side", loaders.rule_text(rule)),
    string.format('take it away first: without rule "%s"', rule.name),
    true
  )
end

-- Its left side is an operator, after the existing rules have rewritten it.
local function check_head(loader, st, lhs, kind)
  local S = loader.session.S
  local op = S:op(lhs)
  local inner = M.of_differentials(kind) and S:args(lhs)[1]
  if op ~= "variable" and op ~= "number" and op ~= "symbol" and not (inner and S:op(inner) == "variable") then
    return
  end
  local rule = st.lhs.tag ~= "name" and st.lhs.tag ~= "number" and responsible(loader, st, st.lhs, lhs)
  if rule then
    stop_rewritten(loader, st, rule)
  end
  loader:stop(st.lhs, "the left side of a rule must be an operator applied to something")
end

-- The existing rules keep all variables of its left side: after f(A*B) -> A, a rule for f(A*B*C) would be one without B and C.
function M.check_kept(loader, c, st, lhs)
  local vars, kept = c.scope.vars, loader:open_names(lhs) or {}
  for _, name in ipairs(loaders.names_of(st.lhs)) do
    local rule = vars[name] and not kept[name] and responsible(loader, st, st.lhs, lhs)
    if rule then
      stop_rewritten(loader, st, rule)
    end
  end
end

-- The existing rules leave its left side as it is written: after det(exp(A)) -> exp(tr(A)), a rule for det(exp(A)) would be one
-- for exp(tr(A)). To build it once more is cheap, to find the rule is not.
function M.check_as_written(loader, c, st, lhs)
  local S = loader.session.S
  local before = S:rewrites()
  if not c:build_pattern(st.lhs) then
    c:build(st.lhs)
  end
  local rule = S:rewrites() > before and responsible(loader, st, st.lhs, lhs)
  if rule then
    stop_rewritten(loader, st, rule)
  end
end

--- A rule that goes before others (`before_others`) does rewrite its left side, now that it is there.
function M.check_first(loader, c, st, conditions)
  if #conditions == 0 and c:build(st.lhs) ~= c:build(st.rhs) then
    local id = c:build(st.lhs)
    stop_rewritten(loader, st, responsible(loader, st, st.lhs, id))
  end
end

-- The rules that apply to a left side in every case, the one that goes first before the others.
local function appliers(session, kind, lhs)
  local S, found, tried = session.S, {}, {}
  local serial = S:rule_applies(kind, lhs)
  while serial do
    local rule = session.rules[serial]
    if not rule.undecided then
      found[#found + 1] = rule
    end
    tried[#tried + 1] = serial
    S:rule_restore(serial, true)
    serial = S:rule_applies(kind, lhs)
  end
  for _, gone in ipairs(tried) do
    S:rule_restore(gone, false)
  end
  return found
end

-- A hint for a left side with a number times a variable, such as foo(2*A): it matches foo(3*A), with 3/2*A for A. Else nothing.
local function hint_on_multiples(session, rule)
  local S = session.S
  for _, x in ipairs(rule.lhs and S:postorder(rule.lhs) or {}) do
    local args = S:op(x) == "product" and S:args(x)
    if args and #args == 2 and args[1] ~= S:rational(1) and S:op(args[2]) == "variable" then
      local name = S:name(args[2])
      return string.format(
        "; its multiple of %s matches any other: for one number only write let number k, k*%s, and if k == 2",
        name,
        name
      )
    end
  end
  return ""
end

-- No existing rule always applies first.
local function check_turn(loader, st, lhs, kind, conditions)
  local S = loader.session.S
  local weight, priority, names, first, highest = S:weight(lhs), st.priority or 0, {}, nil, nil
  for _, rule in ipairs(appliers(loader.session, kind, lhs)) do
    if M.tried_before(S, rule, priority, weight, #conditions) then
      first, highest = first or rule, math.max(highest or priority, rule.priority)
      names[#names + 1] = string.format('without rule "%s"', rule.name)
    end
  end
  if first then
    local hint = "take it away first: "
    if #names > 1 then
      hint = "take these away first: "
    end
    hint = hint .. table.concat(names, ", ")
    hint = hint .. string.format("; or have this one tried first: priority %d at its end", highest + 1)
    loader:stop(
      st.lhs,
      string.format("the rule %s already applies to this left side", loaders.rule_text(first)),
      hint .. hint_on_multiples(loader.session, first),
      true
    )
  end
end

-- ---------------------------------------------------------------------------------------------- coming to an end

-- How much heavier than its left side a right side may be.
local MOST_GROWTH = 4

function M.is_terminating(st)
  return st.flags and st.flags.terminating
end

-- A way round from a rule back to itself: the rules that apply, without a condition, to what the one before has
-- written. The list of their names, or nil.
local function circle(session, first)
  local S, rules = session.S, session.rules
  local kind, seen, path = rules[first].kind, {}, {}
  local function follow(serial)
    path[#path + 1] = rules[serial].name
    for _, next_one in ipairs(S:rules_below(kind, rules[serial].rhs)) do
      if next_one == first then
        return path
      elseif rules[next_one].conditions == 0 and not seen[next_one] then
        seen[next_one] = true
        if follow(next_one) then
          return path
        end
      end
    end
    path[#path] = nil
  end
  return follow(first)
end

function M.check_circle(loader, st, serial)
  local path = circle(loader.session, serial)
  if path and #path == 1 then
    local hint = "write the simpler form on the right side; a sign or a transpose that changes nothing is a property "
      .. "of the operator, such as even or transpose_invariant"
    loader:stop(st.rhs, "the rule applies to its own right side: rewriting would not come to an end", hint)
  elseif path then
    local names = table.concat(path, '", "')
    loader:stop(
      st.rhs,
      'the rules "' .. names .. '" go round in a circle: rewriting would not come to an end',
      "let all of them lead to the same form"
    )
  end
end

-- What to do about an operator that has a differential in its arguments and is not declared linear; nil where there is none.
local function hint_on_linear(loader, tree)
  local hint
  trees.walk(tree, function(call)
    local op = call.tag == "call" and call.name ~= "d" and loader.session.ops[call.name]
    if not hint and op and not op.linear and not op.additive and not op.body and trees.find(call.args, "d") then
      hint = string.format(
        "%s(d(..)) is linear if %s is declared so: write the word linear after the shape of its result",
        call.name,
        call.name
      )
    end
  end)
  return hint
end

--- Refuse a rule that is redundant, that can never apply, that is not linear, or that does not terminate.
-- @tparam Loader loader
-- @tparam table st the trees `lhs` and `rhs`, `priority` and `flags`
-- @param lhs the node of the left side
-- @param rhs the node of the right side
-- @tparam integer kind one of `nabla.rules.loader.kinds`
-- @tparam table conditions
function M.check_rewrite(loader, st, lhs, rhs, kind, conditions)
  local S = loader.session.S
  if #S:below(lhs, "range") > 0 then -- the value of a variable in its body would lose its counter
    loader:stop(st.lhs, "a counted sum cannot stand on the left side of a rule")
  end
  check_new(loader, st, lhs, rhs)
  check_head(loader, st, lhs, kind)
  check_turn(loader, st, lhs, kind, conditions)
  if M.of_differentials(kind) then
    if not linear.is_linear(S, rhs, S:below(rhs, "d")) then
      loader:stop(
        st.rhs,
        "the right side is not linear in the differentials d(..)",
        hint_on_linear(loader, st.rhs) or "each term has one d(..) as a factor"
      )
    end
    return
  end
  if #S:below(lhs, "d") + #S:below(rhs, "d") > 0 then
    loader:stop(st.lhs, "only a rule whose left side is a differential d(..) can use one")
  end
  if not M.is_terminating(st) and S:weight(rhs) > S:weight(lhs) + MOST_GROWTH then
    loader:stop(
      st.rhs,
      "the right side is larger than the left side: rewriting may not come to an end",
      "if it does, say so with the word `terminating` at the end of the rule"
    )
  end
end

-- The rules that are there have left the operators of a round's properties in its left side: after entry(f(A),1,1) -> A(1,1), one
-- for entry(f(A),i,j) is no rule for f.
function M.check_over(loader, s, lhs)
  if not s.over then
    return
  end
  local S, left = loader.session.S, {}
  for _, x in ipairs(S:postorder(lhs)) do
    left[S:op(x)] = true
  end
  for name in s.over:gmatch "%S+" do
    local place = trees.find(s.lhs, name)
    if place and place.tag == "call" and not left[name] then
      loader:stop(place, "other rules have rewritten the left side for " .. name, nil, true)
    end
  end
end

return M
