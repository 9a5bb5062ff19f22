--- The statement `isolate`: how an unknown is isolated.
--
-- `isolate "left factor"  A*X = B  for X  gives  inv(A)*B  if invertible(A)`: an equation whose left side has the form A*X
-- becomes X = inv(A)*B. A variable after `free` may take any value in the solution.
-- `isolate "eigenvectors"  A*v = c*v  for v, c  gives  eigvec(A, k), eigval(A, k)  free k`: two unknowns at once.
-- `isolate "scalar in an exponent"  exp(a*ones(m,n) + X)  for a  gives  exp(a)*exp(X)`: no equation, an expression in which the
-- unknown becomes a factor of its own. `isolate "orthonormal columns"  V'*V = I(n)  for V  gives  V  if orthonormal(V)`: the
-- equation is another way to state an attribute.
-- A condition about the unknown is one about its declaration: it holds, or the statement is for other unknowns.
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

-- The unknown of a name, which stands on the left side.
local function unknown_of(loader, c, st, name, bound)
  local unknown = bound[name] and c.scope.vars[name]
  if not unknown then
    loader:stop(st.lhs, ("the unknown %s does not stand on the left side"):format(name))
  end
  return unknown
end

-- What a solution holds: no unknown, and no variable that the equation lacks, but what is free.
local function check_variables(loader, st, gives, at, bound, known)
  local names = loader:open_names(gives) or {}
  for _, unknown in ipairs { st.unknown, st.second } do
    if names[unknown] and st.rhs then
      loader:stop(at, ("the solution holds the unknown %s"):format(unknown))
    end
  end
  for name in pairs(names) do
    if not bound[name] and name ~= known and name ~= st.free then
      loader:stop(at, ("the variable %s does not stand in the equation"):format(name))
    end
  end
  return names
end

-- The node of the free variable, and the unknown that stands for it in the rule: a rule knows the variables of its left side only.
local function free_of(loader, c, st, free, bound, unknown, right)
  local any = st.free and free[st.free] and c.scope.vars[st.free]
  if st.free and (not any or bound[st.free] or st.free == right) then
    loader:stop(st.gives, ("the free variable %s stands in the solution and not in the equation"):format(st.free))
  elseif any and (loader.session.S:rows(any.id) ~= loader.session.S:rows(unknown.id)
    or loader.session.S:cols(any.id) ~= loader.session.S:cols(unknown.id)) then
    loader:stop(st.gives, ("the free variable %s has the sizes of the unknown"):format(st.free))
  end
  return any
end

-- An equation in one unknown.
local function checked(loader, c, st)
  local S, scope = loader.session.S, c.scope
  local lhs, rhs = c:sides(st.lhs, st.rhs)
  local bound = loader:open_names(lhs) or {}
  local unknown = unknown_of(loader, c, st, st.unknown, bound)
  if S:op(rhs) ~= "variable" or bound[S:name(rhs)] then
    loader:stop(st.rhs, "the right side is a variable that does not stand on the left side", "write A*X = B")
  elseif S:op(lhs) == "variable" then
    loader:stop(st.lhs, "the unknown is isolated already")
  end
  local _, gives = c:sides({ tag = "name", name = st.unknown, pos = st.gives.pos }, st.gives)
  local free = check_variables(loader, st, gives, st.gives, bound, S:name(rhs))
  local any = free_of(loader, c, st, free, bound, unknown, S:name(rhs))
  if any then
    gives = S:replace(gives, { any.id }, { unknown.id })
  end
  return { lhs = lhs, rhs = rhs, gives = gives, unknown = unknown, scope = scope }
end

-- An equation in a column or matrix and a scalar: the free variable is a scalar, for which the second unknown stands.
local function checked_pair(loader, c, st)
  local S = loader.session.S
  if not st.gives_second then
    loader:stop(st.gives, "two unknowns have two solutions", "write: for v, c gives .., ..")
  end
  local lhs, rhs = c:sides(st.lhs, st.rhs)
  local bound = loader:open_names(lhs) or {}
  for name in pairs(loader:open_names(rhs) or {}) do
    bound[name] = true
  end
  local unknown = unknown_of(loader, c, st, st.unknown, bound)
  local second = unknown_of(loader, c, st, st.second, bound)
  local _, gives = c:sides({ tag = "name", name = st.unknown, pos = st.gives.pos }, st.gives)
  local _, other = c:sides({ tag = "name", name = st.second, pos = st.gives_second.pos }, st.gives_second)
  local free = check_variables(loader, st, gives, st.gives, bound)
  check_variables(loader, st, other, st.gives_second, bound)
  local any = free_of(loader, c, st, free, bound, second)
  if any then
    gives = S:replace(gives, { any.id }, { second.id })
    other = S:replace(other, { any.id }, { second.id })
  end
  return { lhs = lhs, rhs = rhs, gives = gives, unknown = unknown, second = second, gives_second = other }
end

-- An expression in which the unknown becomes a factor of its own.
local function checked_factor(loader, c, st)
  if st.second or st.free then
    loader:stop(st.lhs, "an expression has one unknown, and nothing free", "write exp(a + x) for a gives exp(a)*exp(x)")
  end
  local lhs, gives = c:sides(st.lhs, st.gives)
  local bound = loader:open_names(lhs) or {}
  check_variables(loader, st, gives, st.gives, bound)
  return { lhs = lhs, rhs = lhs, gives = gives, unknown = unknown_of(loader, c, st, st.unknown, bound), factor = true }
end

-- An equation that states an attribute of its unknown: the solution is the unknown.
local function checked_surface(loader, c, st)
  local condition = st.conditions and st.conditions[1]
  if not condition or st.conditions[2] then
    loader:stop(st.gives, "an equation that states an attribute has one condition: that attribute", "if orthonormal(V)")
  end
  local lhs, rhs = c:sides(st.lhs, st.rhs)
  local bound = loader:open_names(lhs) or {}
  local unknown = unknown_of(loader, c, st, st.unknown, bound)
  for name in pairs(loader:open_names(rhs) or {}) do
    if name ~= st.unknown then
      loader:stop(st.rhs, ("the equation of an attribute holds the unknown only, found %s"):format(name))
    end
  end
  return { lhs = lhs, rhs = rhs, gives = unknown.id, unknown = unknown, surface = true }
end

local function reader_of(st)
  if not st.rhs then
    return checked_factor
  elseif st.second then
    return checked_pair
  elseif st.gives.tag == "name" and st.gives.name == st.unknown and st.rhs.tag ~= "name" then
    return checked_surface
  end
  return checked
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
    local way = reader_of(s)(loader, c, s)
    local S = session.S
    local equation = way.factor and way.lhs or S:apply(sides_operator(session), { way.lhs, way.rhs })
    local list = loaders.copy(session.isolations)
    local conditions = {}
    local of_unknown = false
    for i, condition in ipairs(loader:conditions(s.conditions, c, equation)) do
      of_unknown = of_unknown or condition.a == way.unknown.id
      conditions[i] = { predicate = condition.predicate, negated = condition.negated }
      conditions[i].a = condition.a and keep(loader, s, equation, condition.a)
      conditions[i].b = condition.b and keep(loader, s, equation, condition.b)
    end
    local both = way.surface and S:apply(sides_operator(session), { way.unknown.id, way.unknown.id })
    list[#list + 1] = {
      name = s.name or "isolation",
      zh = s.zh,
      cite = s.cite,
      priority = s.priority or 0,
      of_sum = S:op(way.lhs) == "sum",
      factor = way.factor,
      of_unknown = of_unknown, -- for unknowns with an attribute
      surface = way.surface,
      left = both and keep(loader, s, both, way.lhs), -- from the unknown, twice, to the sides of its equation
      right = both and keep(loader, s, both, way.rhs),
      several = s.flags and s.flags.several, -- the equation has other solutions
      free = s.free, -- where `gives` has the unknown, anything of its shape may stand
      unknown = keep(loader, s, equation, way.unknown.id),
      second = way.second and keep(loader, s, equation, way.second.id),
      gives = keep(loader, s, equation, way.gives),
      gives_second = way.second and keep(loader, s, equation, way.gives_second),
      conditions = conditions,
    }
    table.sort(list, function(x, y)
      return x.priority ~= y.priority and x.priority > y.priority or x.priority == y.priority and x.gives < y.gives
    end)
    session.isolations = list
  end)
end

return M
