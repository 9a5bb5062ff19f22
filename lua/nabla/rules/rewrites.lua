--- Statements that make rules: `rule` and `simplify`, `adjoint` and `jacobian`, `fact`.
--
-- A statement becomes one rule of the engine for each value of its loops. Its kind follows from its form: a left side
-- d(..) is a differential rule; a condition that asks for an attribute, or the word `simplify`, makes it act when an
-- expression is simplified; any other rule acts when an expression is made. Invariant: a rule that is accepted is not
-- redundant, can apply before others do, binds all its variables, is linear where it must be, and does not loop.
--
-- @module nabla.rules.rewrites

local errors = require "nabla.text.errors"
local linear = require "nabla.calculus.linear"
local loaders = require "nabla.rules.loader"
local loops = require "nabla.rules.loops"
local trees = require "nabla.language.tree"

local M = {}

local KINDS = loaders.kinds
local keys, each_round = loaders.keys, loops.each_round

--- Is the left side of rules of a kind a differential d(..)?
function M.of_differentials(kind)
  return kind == KINDS.differential or kind == KINDS.step
end

-- ---------------------------------------------------------------------------------------------- shadowing

-- The algebra rule that changes what a side of a rule becomes, if one does.
local function responsible(loader, st, ast, id)
  local S, rules = loader.session.S, loader.session.rules
  for serial = S:rule_count(), 1, -1 do
    local rule = rules[serial]
    if rule and rule.kind == KINDS.algebra and not S:rule_gone(serial) then
      S:rule_restore(serial, true)
      local c = loader:context(loader:variables(), true)
      local ok, other = errors.attempt(function()
        c:infer(st.lhs) -- both sides, so that their variables have the same numbers as before
        c:infer(st.rhs)
        c:settle(st.lhs)
        return c:build(ast)
      end)
      S:rule_restore(serial, false)
      if ok and other ~= id then
        return rule
      end
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
      or "leave it out; as a claim it is written check left == right",
    true
  )
end

local function stop_rewritten(loader, st, rule)
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
local function check_kept(loader, c, st, lhs)
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
local function check_as_written(loader, c, st, lhs)
  local S = loader.session.S
  local before = S:stats().rewrites
  if not c:build_declared(st.lhs) then
    c:build(st.lhs)
  end
  local rule = S:stats().rewrites > before and responsible(loader, st, st.lhs, lhs)
  if rule then
    stop_rewritten(loader, st, rule)
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
    if kind == KINDS.algebra or M.tried_before(S, rule, priority, weight, #conditions) then
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
    if kind ~= KINDS.algebra then
      hint = hint .. string.format("; or have this one tried first: priority %d at its end", highest + 1)
    end
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

local function terminating(st)
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

local function check_circle(loader, st, serial)
  local path = circle(loader.session, serial)
  if path and #path == 1 then
    loader:stop(st.rhs, "the rule applies to its own right side: rewriting would not come to an end")
  elseif path then
    local names = table.concat(path, '", "')
    loader:stop(
      st.rhs,
      'the rules "' .. names .. '" go round in a circle: rewriting would not come to an end'
    )
  end
end

-- ---------------------------------------------------------------------------------------------- rules

-- What to do about an operator that has a differential in its arguments and is not declared linear; nil where there is none.
local function hint_on_linear(loader, tree)
  local hint
  trees.walk(tree, function(call)
    local op = call.tag == "call" and call.name ~= "d" and loader.session.ops[call.name]
    if not hint and op and not op.linear and not op.body and trees.find(call.args, "d") then
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
  if not terminating(st) and S:weight(rhs) > S:weight(lhs) + MOST_GROWTH then
    loader:stop(
      st.rhs,
      "the right side is larger than the left side: rewriting may not come to an end",
      "if it does, say so with the word `terminating` at the end of the rule"
    )
  end
end

-- The rules that are there have left the operators of a round's properties in its left side: after entry(f(A),1,1) -> A(1,1), one
-- for entry(f(A),i,j) is no rule for f.
local function check_over(loader, s, lhs)
  local S, left = loader.session.S, {}
  for _, x in ipairs(s.over and S:postorder(lhs) or {}) do
    left[S:op(x)] = true
  end
  for name in (s.over or ""):gmatch "%S+" do
    local place = trees.find(s.lhs, name)
    if place and place.tag == "call" and not left[name] then
      loader:stop(place, "other rules have rewritten the left side for " .. name, nil, true)
    end
  end
end

--- `rule` and `simplify`: an oriented rewrite. `newer` here and below: see `nabla.rules.loops`.
function M.rule(loader, st, newer)
  each_round(loader, st, newer, function(s)
    local c = loader:context(loader:variables(), true)
    local lhs, rhs = c:sides(s.lhs, s.rhs)
    local conditions = loader:conditions(s.conditions, c, lhs)
    local kind = st.set == "simplify" and KINDS.simplify or KINDS.algebra
    if s.lhs.tag == "call" and s.lhs.name == "d" then
      kind = s.flags.steps and KINDS.step or KINDS.differential
    elseif s.flags.steps then
      loader:stop(s.lhs, "only a rule for a differential d(..) can be for steps")
    elseif not loaders.structural(conditions) then
      kind = KINDS.simplify
    end
    check_over(loader, s, lhs)
    check_kept(loader, c, s, lhs)
    M.check_rewrite(loader, s, lhs, rhs, kind, conditions)
    check_as_written(loader, c, s, lhs)
    loader:check_bound(lhs, rhs, s.rhs)
    local serial = loader:add_rule(s, { kind = kind, lhs = lhs, rhs = rhs, conditions = conditions })
    if #conditions == 0 and not terminating(st) then
      check_circle(loader, st, serial)
    end
  end)
end

-- ---------------------------------------------------------------------------------------------- linear maps

-- The variable that the linear map acts on: the one named by `by`, or the only one.
local function active_variable(loader, st, pattern)
  local vars = loader:open_names(pattern) or {}
  local names = keys(vars)
  local by = st.by or (#names == 1 and names[1])
  if not by or not vars[by] then
    loader:stop(
      st,
      "which variable does the linear map act on?",
      "say it: " .. st.kind .. " A*X*B by X  Y -> .."
    )
  end
  return by
end

-- The sizes of what a rule carries, and of what it makes of it, for a pattern L(X) and its active variable X:
-- - adjoint L(X)  Y -> M: Y has the shape of L(X), M that of X;
-- - jacobian L(X)  J -> M: J has a row for each entry of X, M one for each entry of L(X), and their columns are the same;
-- - block L(X)  Z(h,w) -> M: Z has h x w blocks of the shape of X, M as many of the shape of L(X). Of a pattern that is
--   a lone variable, Z is the Jacobian: a row for each of its entries, h*w columns.
local function carried_sizes(S, kind, st, pattern, active)
  local rows, cols = S:rows(pattern), S:cols(pattern)
  local entries = S:dimmul(rows, cols)
  if kind == KINDS.adjoint then
    return { rows, cols }, { active.rows, active.cols }
  elseif kind == KINDS.jacobian then
    local columns = S:dim("columns of " .. st.cotangent)
    return { S:dimmul(active.rows, active.cols), columns }, { entries, columns }
  end
  local h, w = S:dim(st.hole_rows), S:dim(st.hole_cols)
  local blocks = { S:dimmul(h, rows), S:dimmul(w, cols) }
  if S:op(pattern) == "variable" then
    return { entries, S:dimmul(h, w) }, blocks
  end
  return { S:dimmul(h, active.rows), S:dimmul(w, active.cols) }, blocks
end

-- What a statement on a linear map L carries where.
local CARRIES = {
  [KINDS.adjoint] = "an adjoint takes a Y of the shape of L(X) to the shape of X",
  [KINDS.jacobian] = "a jacobian takes a J with a row for each entry of X to one with a row for each entry of L(X)",
  [KINDS.block] = "a block rule takes blocks of the shape of X to blocks of the shape of L(X)",
}

-- The node of the right side, which must have the given sizes.
local function sized(loader, scope, ast, size, hint)
  local c, S = loader:context(scope, true), loader.session.S
  local id = c:build_declared(ast)
  if id and S:rows(id) == size[1] and S:cols(id) == size[2] then
    return id, c
  end
  local found = c:infer(ast)
  if not (c:unify(found.rows, size[1]) and c:unify(found.cols, size[2])) then
    local wanted = c:shape_text { rows = size[1], cols = size[2] }
    loader:stop(ast, string.format("the right side is %s; it must be %s", c:shape_text(found), wanted), hint)
  end
  c:settle(ast)
  return c:build(ast), c
end

local function transport(loader, st, kind, newer)
  local S = loader.session.S
  each_round(loader, st, newer, function(s)
    local scope = loader:variables()
    local c = loader:context(scope, true)
    local pattern = c:node(s.pattern)
    local active = scope.vars[active_variable(loader, st, pattern)]
    local free = { [st.cotangent] = true, ["dim columns of " .. st.cotangent] = true }
    local _, sizes = loader:open_names(pattern)
    for _, size in ipairs { st.hole_rows, st.hole_cols } do
      if sizes and sizes[size] then
        loader:stop(s, string.format("the size %s of %s stands in the pattern too", size, st.cotangent))
      end
      scope.dims[size], free["dim " .. size] = true, true
    end
    local given, wanted = carried_sizes(S, kind, st, pattern, active)
    local value = scope:variable(st.cotangent, "matrix", given[1], given[2])
    local rhs, d = sized(loader, scope, s.rhs, wanted, CARRIES[kind])
    loader:check_bound(pattern, rhs, s.rhs, free)
    if not linear.is_linear(S, rhs, { value.id }) then
      loader:stop(s.rhs, string.format("the right side is not linear in %s", st.cotangent))
    end
    loader:add_rule(s, {
      kind = kind,
      lhs = pattern,
      rhs = rhs,
      active = active.index,
      cotangent = value.index,
      hole_rows = st.hole_rows,
      hole_cols = st.hole_cols,
      conditions = loader:conditions(s.conditions, d, pattern),
    })
  end)
end

--- `adjoint`: how a linear operator carries a cotangent back to its argument.
function M.adjoint(loader, st, newer)
  transport(loader, st, KINDS.adjoint, newer)
end

--- `jacobian`: how a linear operator carries a Jacobian in vec form forward.
function M.jacobian(loader, st, newer)
  transport(loader, st, KINDS.jacobian, newer)
end

-- block L(d(X)) -> M: the block form of an expression in the differential of the variable itself.
local function block_of_differential(loader, st, newer)
  local S = loader.session.S
  each_round(loader, st, newer, function(s)
    local scope = loader:variables()
    local c = loader:context(scope, true)
    local pattern = c:node(s.pattern)
    local d = S:below(pattern, "d")
    local X = d[1] and S:args(d[1])[1]
    if #d ~= 1 or S:op(X) ~= "variable" then
      loader:stop(s.pattern, "the pattern must contain the differential d(X) of one variable, once")
    end
    local size = { S:dimmul(S:rows(X), S:rows(pattern)), S:dimmul(S:cols(X), S:cols(pattern)) }
    local rhs, context = sized(loader, scope, s.rhs, size)
    loader:check_bound(pattern, rhs, s.rhs)
    loader:add_rule(s, {
      kind = KINDS.block,
      lhs = S:replace(pattern, d, { X }),
      rhs = rhs,
      active = scope.vars[S:name(X)].index,
      of_hole = true,
      conditions = loader:conditions(s.conditions, context, pattern),
    })
  end)
end

--- `block`: the block form of a linear operator, from that of its argument; or that of an expression in d(X).
function M.block(loader, st, newer)
  if st.cotangent then
    transport(loader, st, KINDS.block, newer)
  else
    block_of_differential(loader, st, newer)
  end
end

-- ---------------------------------------------------------------------------------------------- facts

--- `fact`: to the engine a rule named for the property; it grants what the property implies as well.
function M.fact(loader, st, newer)
  local session = loader.session
  local c, tree, arg, asked, conditions
  each_round(loader, st, newer, function(s)
    loader:known_attribute(s.property, st.property_pos)
    if s.arg ~= tree then -- the loops may be about properties only
      tree, asked, c = s.arg, nil, loader:context(loader:variables(), true)
      arg = c:node(tree)
    end
    if s.conditions ~= asked then
      asked, conditions = s.conditions, loader:conditions(s.conditions, c, arg)
    end
    local serial = loader:add_rule(
      { name = s.property, line = st.line, pos = st.pos, cite = st.cite, zh = st.zh, over = s.over },
      { kind = KINDS.fact, lhs = arg, conditions = conditions }
    )
    session.rules[serial].name, session.rules[serial].property = st.name or s.property, s.property
  end)
end

return M
