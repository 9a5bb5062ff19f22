--- Statements that make rules: `rule` and `simplify`, `adjoint` and `jacobian`, `fact`.
--
-- A statement becomes one rule of the engine for each value of its loops. Its kind follows from its form: a left side
-- d(..) is a differential rule; a condition that asks for an attribute, or the word `simplify`, makes it act when an
-- expression is simplified; any other rule acts when an expression is made. Invariant: a rule that is accepted is not
-- redundant, can apply before others do, binds all its variables, is linear where it must be, and does not loop.
--
-- @module nabla.rules.rule_statements

local linear = require "nabla.calculus.linear"
local loaders = require "nabla.rules.loader"
local loops = require "nabla.rules.loops"
local refusals = require "nabla.rules.refusals"

local M = {}

local KINDS = loaders.kinds
local keys, each_round = loaders.keys, loops.each_round

-- The sides of a round whose operator alone is another than that of a round before: nil where more may be.
-- `model`: { operator, trees of the conditions, lhs, rhs }
local function sides_like(loader, s, model)
  local S, op = loader.session.S, s.operator
  if not (op and model and model.trees == s.conditions) then
    return nil
  end
  local before = S:rewrites()
  local lhs = S:exchange(model.lhs, model.operator.number, op.number)
  local rhs = lhs and (model.rhs == model.lhs and lhs or S:exchange(model.rhs, model.operator.number, op.number))
  if rhs and S:rewrites() == before then
    return lhs, rhs
  end
end

-- Are the conditions the same whatever the operator of a round is?
local function without_operator(loader, conditions, op)
  for _, condition in ipairs(conditions) do
    for _, id in ipairs { condition.a, condition.b } do
      if #loops.calls(loader.session.S, id, op.name) > 0 then
        return false
      end
    end
  end
  return true
end

--- `rule` and `simplify`: an oriented rewrite. `newer` here and below: see `nabla.rules.loops`.
function M.rule(loader, st, newer)
  local of = st.lhs.tag == "call" and st.lhs.name == "D" and st.lhs.args[1]
  if of and of.tag == "call" and loader.session.ops[of.name] then
    local hint = 'state its differential: rule "name" d(%s(..)) -> ..; a derivative is an identity'
    loader:stop(st.lhs, "a rule does not state a derivative", hint:format(of.name))
  end
  local S, model = loader.session.S, nil
  local function put(s, lhs, rhs, kind, conditions)
    local serial = loader:add_rule(s, loaders.fields(kind, lhs, rhs, conditions))
    if #conditions == 0 and not refusals.is_terminating(st) then
      refusals.check_circle(loader, st, serial)
    end
  end
  each_round(loader, st, newer, function(s)
    local like, other = sides_like(loader, s, model)
    if like then
      if
        refusals.of_differentials(model.kind)
        or not S:accepts(model.kind, like, other, refusals.is_terminating(st))
      then
        refusals.check_rewrite(loader, s, like, other, model.kind, model.conditions)
      end
      put(s, like, other, model.kind, model.conditions)
      return
    end
    local c = loader:context(loader:variables(), true)
    local before = S:rewrites()
    local lhs, rhs = c:sides(s.lhs, s.rhs)
    local rewritten = S:rewrites() > before
    local conditions = loader:conditions(s.conditions, c, lhs)
    local kind = st.set == "simplify" and KINDS.simplify or KINDS.algebra
    if s.lhs.tag == "call" and s.lhs.name == "d" then
      kind = s.flags.steps and KINDS.step or KINDS.differential
    elseif s.flags.steps then
      loader:stop(s.lhs, "only a rule for a differential d(..) can be for steps")
    elseif s.flags.expands then
      kind = KINDS.expand
    elseif not loaders.structural(conditions) then
      kind = KINDS.simplify
    end
    local first, other_side, other_context
    if rewritten and kind == KINDS.algebra then
      first, other_side, other_context = refusals.before_others(loader, s, lhs)
    end
    if first then
      lhs, rhs, c = first, other_side, other_context
      conditions = loader:conditions(s.conditions, c, lhs)
    end
    refusals.check_over(loader, s, lhs)
    local accepted = S:accepts(kind, lhs, rhs, refusals.is_terminating(s))
    if accepted ~= c.scope.count then
      refusals.check_kept(loader, c, s, lhs)
    end
    if not accepted or refusals.of_differentials(kind) then
      refusals.check_rewrite(loader, s, lhs, rhs, kind, conditions)
    end
    if rewritten and not first then
      refusals.check_as_written(loader, c, s, lhs)
    end
    if not accepted then
      loader:check_bound(lhs, rhs, s.rhs)
    end
    put(s, lhs, rhs, kind, conditions)
    if first then
      refusals.check_first(loader, c, s, conditions)
    end
    if s.operator and not rewritten and without_operator(loader, conditions, s.operator) then
      model = { operator = s.operator, trees = s.conditions, lhs = lhs, rhs = rhs, kind = kind }
      model.conditions = conditions
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
  local id = c:build_pattern(ast)
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
  local c, tree, arg, asked, conditions, model
  each_round(loader, st, newer, function(s)
    loader:known_attribute(s.property, st.property_pos)
    local like = sides_like(loader, s, model)
    if like then
      arg, asked, conditions, tree = like, model.trees, model.conditions, nil
    elseif s.arg ~= tree then -- the loops may be about properties only
      tree, asked, c = s.arg, nil, loader:context(loader:variables(), true)
      arg = c:node(tree)
    end
    if s.conditions ~= asked then
      asked, conditions = s.conditions, loader:conditions(s.conditions, c, arg)
    end
    if s.operator and not like then
      local same = without_operator(loader, conditions, s.operator)
      model = same and { operator = s.operator, trees = asked, lhs = arg, rhs = arg, conditions = conditions } or nil
    end
    local serial = loader:add_rule(
      {
        name = s.property,
        line = st.line,
        pos = st.pos,
        cite = st.cite,
        zh = st.zh,
        titles = st.titles,
        over = s.over,
      },
      loaders.fields(KINDS.fact, arg, nil, conditions)
    )
    session.rules[serial].name, session.rules[serial].property = st.name or s.property, s.property
  end)
end

return M
