--- Stationary points that are eigenvectors: alpha*A*x + beta*B*x = 0, alpha and beta scalars that may hold x and a multiplier.
--
-- Such an equation says that x is an eigenvector of A and B (B mostly the identity), with the eigenvalue -beta/alpha. An `isolate`
-- statement with two unknowns gives both; the constraint gives the length of x, and then the equation its multiplier.
-- Invariant: what is given out has been put back.
--
-- @module nabla.solve.eigen

local check = require "nabla.solve.check"
local conditions = require "nabla.solve.conditions"
local core = require "nabla.core"
local factors = require "nabla.algebra.factors"
local linear = require "nabla.solve.linear"
local solve = require "nabla.solve"
local statements = require "nabla.solve.statements"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds
local INDICES = { "k", "j", "i", "l" } -- names of which the number of an eigenvector takes one

-- (a'*x)*b as b*a'*x, without the x at the end: the scalar goes to the chain. False where no scalar factor is linear in x.
local function with_inner_product(S, parts, x)
  for i, f in ipairs(parts.scalars) do
    local inner = factors.of(S, f[1])
    local chain = inner.chain
    if f[2] == S:rational(1) and #chain > 0 and chain[1] == S:transpose(x) then -- x'*a, as a'*x
      chain = factors.of(S, S:transpose(S:product(chain))).chain
    end
    if f[2] == S:rational(1) and #chain > 1 and chain[#chain] == x then
      table.remove(parts.scalars, i)
      table.move(inner.scalars, 1, #inner.scalars, #parts.scalars + 1, parts.scalars)
      parts.coefficient = S:product { parts.coefficient, inner.coefficient }
      table.move(chain, 1, #chain - 1, #parts.chain + 1, parts.chain)
      return true
    end
  end
  return false
end

-- A term as a scalar that may hold unknowns, and a matrix that holds none, in front of x; nil for another term.
local function read_term(S, number, node, x, unknown)
  local parts = factors.of(S, node)
  if parts.chain[#parts.chain] == x then
    table.remove(parts.chain)
  elseif not with_inner_product(S, parts, x) then
    return nil
  end
  local scalars, fixed = {}, { number, parts.coefficient }
  for _, f in ipairs(parts.scalars) do
    local factor = S:power(f[1], f[2])
    table.insert(unknown(factor) and scalars or fixed, factor)
  end
  fixed[#fixed + 1] = factors.chain(S, parts.chain, S:rows(x))
  local matrix = S:product(fixed)
  return not unknown(matrix) and S:product { S:rational(1), table.unpack(scalars) } or nil, matrix
end

-- Put together what has a key in common.
local function gather(S, list, key, value)
  local by, order = {}, {}
  for _, item in ipairs(list) do
    local found = by[item[key]]
    if found then
      found[value] = S:sum { found[value], item[value] }
    else
      by[item[key]] = { [key] = item[key], [value] = item[value] }
      order[#order + 1] = by[item[key]]
    end
  end
  return order
end

-- The equation as two terms { scalar =, matrix = } in front of x; nil where there are more or fewer.
local function two_terms(S, E, x, unknown)
  local numbers, nodes = factors.terms(S, S:expand(E))
  local list = {}
  for i, node in ipairs(nodes) do
    local scalar, matrix = read_term(S, numbers[i], node, x, unknown)
    if not scalar then
      return nil
    end
    list[i] = { scalar = scalar, matrix = matrix }
  end
  list = gather(S, list, "scalar", "matrix")
  for _, item in ipairs(list) do
    item.matrix = S:textbook(item.matrix)
    local c = linear.multiple_of_identity(S, item.matrix)
    local number = c or linear.coefficient(S, item.matrix)
    local matrix = c and S:identity(S:rows(x)) or S:expand(factors.ratio(S, item.matrix, number))
    item.scalar, item.matrix = S:product { number, item.scalar }, matrix
  end
  list = gather(S, list, "matrix", "scalar")
  return #list == 2 and list or nil
end

-- The letter for the number of an eigenvector.
local function index(session, nodes)
  local S, taken = session.S, {}
  for _, id in ipairs(nodes) do
    for _, x in ipairs(S:postorder(id)) do
      taken[S:op(x) == "symbol" and S:name(x) or false] = true
    end
  end
  local function is_taken(name)
    return taken[name] or session.declared.vars[name] or session.scope.dims[name]
  end
  local i, name = 1, INDICES[1]
  while is_taken(name) do
    i = i + 1
    name = INDICES[i] or "k" .. i - #INDICES
  end
  return S:dimnode(S:dim(name)) -- as in a text
end

M.index = index

-- The first statement that fits A*x = c*B*x: an eigenvector, its eigenvalue, the needs and the statement.
local function apply(session, A, B, x, k)
  local S = session.S
  for _, st in ipairs(statements.all(session)) do
    if st.second then
      local p = statements.parts(session)
      local a, b = p:opaque(A), factors.is(S, B, "I") and B or p:opaque(B)
      local v = S:symbol(" unknown", KIND.matrix, 0, S:rows(x), S:cols(x))
      local c = S:symbol(" value", KIND.scalar, 0, ONE, ONE)
      local equation = S:apply(session.sides, { S:product { a, v }, S:product { c, b, v } })
      if S:rewrite(st.unknown, equation) == v and S:rewrite(st.second, equation) == c then
        local vector = p:back(S:replace(S:rewrite(st.gives, equation), { c }, { k }))
        local value = p:back(S:replace(S:rewrite(st.gives_second, equation), { c }, { k }))
        local needs, fails = {}, false
        for _, condition in ipairs(st.conditions) do
          local node = p:back(S:rewrite(condition.a, equation))
          conditions.add(session, needs, condition.predicate, node)
        end
        for _, need in ipairs(needs) do
          fails = fails or not need.known
        end
        if not fails then
          return S:textbook(vector), S:textbook(value), needs, st
        end
      end
    end
  end
end

-- The eigenvector of the length that a constraint asks for, or nil.
local function scaled(session, constraint, x, vector)
  local S = session.S
  local rest = S:textbook(S:expand(S:replace(constraint, { x }, { vector })))
  if rest == S:rational(0) then
    return vector, {}
  end
  local length = linear.fresh(session, "s", { constraint, vector }, ONE, ONE)
  local stretched = S:textbook(S:expand(S:replace(constraint, { x }, { S:product { length, vector } })))
  local solution = factors.holder(S, length)(stretched) and solve.candidate(session, stretched, length)
  if solution and not solution.free and not solution.consistent then
    return S:product { S:textbook(solution.value), vector }, solution.needs
  end
end

--- The eigenvector that an equation in a column says, of the length that a constraint asks for.
-- @tparam table session
-- @tparam integer E the equation E = 0 in x and multipliers
-- @tparam integer x
-- @tparam {integer,...} multipliers
-- @tparam integer|nil constraint in x
-- @tparam integer k the number of the eigenvector
-- @treturn table|nil vector, value (the eigenvalue), ratio (zero where x is that vector), needs, statement
function M.vector(session, E, x, multipliers, constraint, k)
  local S = session.S
  local holders = { factors.holder(S, x) }
  for i, t in ipairs(multipliers) do
    holders[i + 1] = factors.holder(S, t)
  end
  local terms = two_terms(S, E, x, function(id)
    for _, holds in ipairs(holders) do
      if holds(id) then
        return true
      end
    end
    return false
  end)
  if not terms then
    return nil
  end
  local A, B = terms[1], terms[2]
  local vector, value, needs, st = apply(session, A.matrix, B.matrix, x, k)
  if not vector or factors.is(S, A.matrix, "I") then
    A, B = B, A
    local other = { apply(session, A.matrix, B.matrix, x, k) }
    if other[1] then
      vector, value, needs, st = table.unpack(other)
    end
  end
  if not vector then
    return nil
  end
  if constraint then
    local long, more = scaled(session, constraint, x, vector)
    if not long then
      return nil
    end
    table.move(more, 1, #more, #needs + 1, needs)
    vector = S:textbook(long)
  end
  local ratio = S:sum { S:product { A.scalar, value }, B.scalar }
  return { vector = vector, value = value, ratio = ratio, needs = needs, statement = st }
end

--- The stationary point as an eigenvector.
-- @tparam table session
-- @tparam table equations of nabla.solve.stationary: the gradient, and the constraint if there is one
-- @tparam {integer,...} unknowns
-- @tparam {integer,...} multipliers
-- @treturn table|nil the result as of nabla.solve.system; nil where the equations are no such problem
function M.solve(session, equations, unknowns, multipliers)
  local S, x = session.S, unknowns[1]
  if #unknowns ~= 1 or #multipliers > 1 or S:cols(x) ~= ONE or factors.is_scalar(S, x) then
    return nil
  end
  local E = solve.difference(S, equations[1])
  local k = index(session, { E, x, table.unpack(multipliers) })
  local constraint = multipliers[1] and solve.difference(S, equations[2])
  local found = M.vector(session, E, x, multipliers, constraint, k)
  if not found then
    return nil
  end
  local needs, st = found.needs, found.statement
  local first = equations[1]
  local reason = multipliers[1] and { word = "numbered", args = { "1" } } or { word = "equation" }
  local steps = { { left = first.shown or first.left, right = first.right, reason = reason } }
  local values, all, list = { found.vector }, { x }, { E }
  if multipliers[1] then
    local ratio = S:textbook(S:replace(found.ratio, { x }, { found.vector }))
    local solution = solve.candidate(session, ratio, multipliers[1])
    if not solution or solution.free or solution.consistent then
      return nil
    end
    table.move(solution.needs, 1, #solution.needs, #needs + 1, needs)
    values[2] = S:textbook(solution.value)
    all[2], list[2] = multipliers[1], constraint
    steps[2] = { left = equations[2].left, right = equations[2].right, reason = { word = "numbered", args = { "2" } } }
  end
  local checked
  for _, one in ipairs(list) do
    local answer, how = check.is_zero(session, one, all, values)
    if answer ~= "yes" then
      return nil
    end
    checked = how
  end
  for i, unknown in ipairs(all) do
    steps[#steps + 1] = { left = unknown, right = values[i], reason = { rule = st } }
  end
  return {
    unknowns = all,
    values = values,
    needs = needs,
    free = { k },
    steps = steps,
    checked = checked,
    several = { x },
  }
end

return M
