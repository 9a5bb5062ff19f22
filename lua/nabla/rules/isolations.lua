--- The statement `isolate`: how an unknown is isolated.
--
-- `isolate "left factor"  A*X = B  for X  gives  inv(A)*B  if invertible(A)`: an equation whose left side has the form A*X
-- becomes X = inv(A)*B. A variable after `free` may take any value in the solution.
-- It is kept as rules of the engine that never act by themselves: from the two sides, joined by an
-- operator of its own, to the unknown, to the solution, and to what each condition is about. nabla.solve.isolate applies them.
--
-- @module nabla.rules.isolations

local loaders = require "nabla.rules.loader"
local loops = require "nabla.rules.loops"

local M = {}

local KINDS = loaders.kinds

-- The operator that joins the two sides of an equation. Its name is none that a text can have.
local function sides_operator(session)
  local S = session.S
  if not session.sides then
    local m, n = S:dim "m", S:dim "n"
    local param = { rows = m, cols = n }
    session.sides = S:operator { name = " sides", params = { param, param }, rows = m, cols = n }
  end
  return session.sides
end

-- Keep a rule that does not act, from the equation to an expression in its variables: its number.
local function keep(loader, st, equation, node)
  local rule = { name = st.name, line = st.line, pos = st.pos, cite = st.cite, zh = st.zh, kind = st.kind }
  local serial = loader:add_rule(rule, { kind = KINDS.algebra, lhs = equation, rhs = node })
  loader.session.S:rule_restore(serial, true)
  return serial
end

local function checked(loader, c, st)
  local S, scope = loader.session.S, c.scope
  local lhs, rhs = c:sides(st.lhs, st.rhs)
  local bound = loader:open_names(lhs) or {}
  local unknown = bound[st.unknown] and scope.vars[st.unknown]
  if not unknown then
    loader:stop(st.lhs, ("the unknown %s does not stand on the left side"):format(st.unknown))
  elseif S:op(rhs) ~= "variable" or bound[S:name(rhs)] then
    loader:stop(st.rhs, "the right side is a variable that does not stand on the left side", "write A*X = B")
  elseif S:op(lhs) == "variable" then
    loader:stop(st.lhs, "the unknown is isolated already")
  end
  local _, gives = c:sides({ tag = "name", name = st.unknown, pos = st.gives.pos }, st.gives)
  local free = loader:open_names(gives) or {}
  if free[st.unknown] then
    loader:stop(st.gives, ("the solution holds the unknown %s"):format(st.unknown))
  end
  local any = st.free and free[st.free] and scope.vars[st.free]
  if st.free and (not any or bound[st.free] or st.free == S:name(rhs)) then
    loader:stop(st.gives, ("the free variable %s stands in the solution and not in the equation"):format(st.free))
  elseif any and (S:rows(any.id) ~= S:rows(unknown.id) or S:cols(any.id) ~= S:cols(unknown.id)) then
    loader:stop(st.gives, ("the free variable %s has the sizes of the unknown"):format(st.free))
  end
  for name in pairs(free) do
    if not bound[name] and name ~= S:name(rhs) and name ~= st.free then
      loader:stop(st.gives, ("the variable %s does not stand in the equation"):format(name))
    end
  end
  if any then -- a rule knows the variables of its left side only: the unknown stands for what is free
    gives = S:replace(gives, { any.id }, { unknown.id })
  end
  return lhs, rhs, gives, unknown
end

--- `isolate`: a way of isolating an unknown.
function M.isolate(loader, st, newer)
  local session = loader.session
  loops.each_round(loader, st, newer, function(s)
    for flag in pairs(s.flags or {}) do
      if flag ~= "several" then
        local hint = "an isolation may be marked `several`: there are other solutions"
        loader:stop(s, ("unknown word '%s'"):format(flag), hint)
      end
    end
    local c = loader:context(loader:variables(), true)
    local lhs, rhs, gives, unknown = checked(loader, c, s)
    local S = session.S
    local equation = S:apply(sides_operator(session), { lhs, rhs })
    local list = loaders.copy(session.isolations)
    local conditions = {}
    for i, condition in ipairs(loader:conditions(s.conditions, c, equation)) do
      conditions[i] = { predicate = condition.predicate, negated = condition.negated }
      conditions[i].a = condition.a and keep(loader, s, equation, condition.a)
      conditions[i].b = condition.b and keep(loader, s, equation, condition.b)
    end
    list[#list + 1] = {
      name = s.name or "isolation",
      zh = s.zh,
      cite = s.cite,
      priority = s.priority or 0,
      of_sum = S:op(lhs) == "sum",
      several = s.flags and s.flags.several, -- the equation has other solutions
      free = s.free, -- where `gives` has the unknown, anything of its shape may stand
      unknown = keep(loader, s, equation, unknown.id),
      gives = keep(loader, s, equation, gives),
      conditions = conditions,
    }
    table.sort(list, function(x, y)
      return x.priority ~= y.priority and x.priority > y.priority or x.priority == y.priority and x.gives < y.gives
    end)
    session.isolations = list
  end)
end

return M
