--- Several equations: one unknown after the other is eliminated.
--
-- An equation is solved for an unknown, and the solution put into the others; blocks so give Schur complements. Of all pairs
-- of an equation and an unknown the one is taken that assumes least. At the end each solution gets the values of those
-- that were found after it, and all solutions are put back into all equations.
--
-- @module nabla.solve.system

local check = require "nabla.solve.check"
local closed = require "nabla.solve.closed"
local conditions = require "nabla.solve.conditions"
local entrywise = require "nabla.solve.entrywise"
local factors = require "nabla.algebra.factors"
local linear = require "nabla.solve.linear"
local sampling = require "nabla.solve.sampling"
local solve = require "nabla.solve"

local M = {}

local stop = solve.stop

local function copy(list)
  return table.move(list, 1, #list, 1, {})
end

local function without(list, i)
  local rest = copy(list)
  table.remove(rest, i)
  return rest
end

-- How much a solution assumes, and how large it is: less is better.
local function price(S, solution)
  local assumed = 0
  for _, c in ipairs(solution.needs) do
    assumed = assumed + (c.known and 0 or 1)
  end
  local kind = (solution.vec and 1000 or 0) + (solution.free and 500 or 0) + (solution.consistent and 500 or 0)
  return kind + 10 * assumed + S:cost(solution.value) / 100
end

local function is_zero(S, E)
  return E == S:zeros(S:rows(E), S:cols(E))
end

-- Does a node hold a counted sum? That is not written out.
local function has_sum(S, id)
  for _, x in ipairs(S:postorder(id)) do
    if factors.is(S, x, "range") then
      return true
    end
  end
  return false
end

-- The equations less right side, where x is its value, in expanded form.
local function put_in(S, list, x, value)
  local result = {}
  for i, E in ipairs(list) do
    local node = S:replace(E, { x }, { value })
    local open = S:expand(node)
    result[i] = has_sum(S, open) and not is_zero(S, open) and node or open
  end
  return result
end

-- Another unknown that E holds.
local function other_unknown(S, E, x, unknowns)
  for _, y in ipairs(unknowns) do
    if y ~= x and factors.holder(S, y)(E) then
      return y
    end
  end
end

-- What the equation (P + t*N)*x = 0 is called, and of which matrices.
local function eigenvalue_problem(session, E, x, t)
  local S = session.S
  local text = session:text(S:textbook(E))
  text = ("%s = 0 is an eigenvalue problem in %s and %s"):format(text, S:name(x), S:name(t))
  local L, tangent = linear.graph(session, E, x)
  L = L and S:cols(x) == S:dim(1) and factors.is_scalar(S, t) and S:jacobian(L, tangent)
  local done, N = pcall(S.forward, S, L or 0, t, S:rational(1))
  N = L and done and S:expand(N)
  if not N or factors.holder(S, t)(N) or S:rows(N) ~= S:cols(N) then
    return text
  end
  local P = S:replace(L, { t }, { S:rational(0) })
  local c = linear.multiple_of_identity(S, N)
  if c then
    local matrix = session:text(S:textbook(S:neg(S:div(P, c))))
    return ("%s: %s is an eigenvector of %s, %s the eigenvalue"):format(text, S:name(x), matrix, S:name(t))
  end
  local first, second = session:text(S:textbook(P)), session:text(S:textbook(S:neg(N)))
  return ("%s: a generalized one of the matrices %s and %s"):format(text, first, second)
end

-- Why no equation is left for the unknowns.
local function missing(session, list, unknowns)
  local S = session.S
  if list[1] then
    return ("%s = 0 is left, which holds no %s"):format(session:text(S:textbook(list[1])), S:name(unknowns[1]))
  end
  return ("no equation is left for %s"):format(S:name(unknowns[1]))
end

-- Solve the differences for the unknowns: a list of { x, solution } in the order of elimination; nil and the reason.
local function eliminate(session, list, unknowns, depth)
  local S = session.S
  if #unknowns == 0 then
    return {}
  end
  local candidates, why, deeper = {}, nil, nil
  for i, E in ipairs(list) do
    for k, x in ipairs(unknowns) do
      if factors.holder(S, x)(E) then
        local done, solution, reason = pcall(solve.candidate, session, E, x)
        if not done then
          solution, reason = nil, type(solution) == "table" and solution.message or error(solution, 0)
        end
        if solution and solution.loose and #list + depth > 2 then
          solution, why = nil, ("an equation has many solutions for %s, and others restrict them"):format(S:name(x))
        end
        local eigen = solution and is_zero(S, solution.value) and other_unknown(S, E, x, unknowns)
        if eigen then -- L*x = 0, L holds another unknown: zero is not what is meant
          solution, why = nil, eigenvalue_problem(session, E, x, eigen)
        end
        if solution then
          candidates[#candidates + 1] = { i, k, solution, price(S, solution) }
        else
          why = why or reason
        end
      end
    end
  end
  table.sort(candidates, function(a, b)
    if a[4] ~= b[4] then
      return a[4] < b[4]
    elseif a[1] ~= b[1] then
      return a[1] < b[1]
    end
    return a[2] < b[2]
  end)
  for n = 1, math.min(#candidates, depth > 3 and 1 or 3) do
    local i, k, solution = table.unpack(candidates[n])
    local x = unknowns[k]
    solution.value = solve.textbook(S, solution)
    local done, rest = pcall(put_in, S, without(list, i), x, solution.value)
    if done then
      local left = {}
      for _, E in ipairs(rest) do
        left[#left + 1] = not is_zero(S, E) and E or nil
      end
      local found, reason = eliminate(session, left, without(unknowns, k), depth + 1)
      if found then
        table.insert(found, 1, { x, solution, list[i] })
        return found
      end
      deeper = deeper or reason
    end
  end
  return nil, deeper or why or missing(session, list, unknowns)
end

-- The values of all unknowns, from the last one eliminated to the first.
local function back_substituted(session, found)
  local S = session.S
  local x, values, by = {}, {}, {}
  for i = #found, 1, -1 do
    local unknown, solution = found[i][1], found[i][2]
    local value = solve.textbook(S, solution)
    if #x > 0 then
      value = entrywise.textbook(session, S:replace(value, x, values))
    elseif not solution.homogeneous then
      value = entrywise.textbook(session, value)
    end
    x[#x + 1], values[#values + 1], by[unknown] = unknown, value, value
  end
  return by
end

-- Are all solutions right, each in the equation that it was found from, where the unknowns found later are letters?
local function in_stages(session, found, reason)
  for _, item in ipairs(found) do
    local x, solution, E = table.unpack(item)
    if check.is_zero(session, solution.product or E, { x }, { solution.value }) ~= "yes" then
      return "unknown", reason
    end
  end
  return "yes", "each unknown in the equation that it was found from"
end

-- The result of one equation in one unknown.
local function solve_one(session, equation, x)
  local one = solve.one(session, equation, x)
  one.steps[1].left = equation.shown or equation.left
  return {
    unknowns = { x },
    values = { one.value },
    needs = one.needs,
    free = one.free,
    steps = one.steps,
    checked = one.checked,
    not_square = one.not_square,
    several = one.several and { x } or nil,
  }
end

-- Put all solutions back into all equations: how they were found right; what is not is raised.
local function put_back(session, list, unknowns, values, found, needs)
  local checked
  for i, E in ipairs(list) do
    local answer, reason = check.is_zero(session, E, unknowns, values)
    if answer == "unknown" and #list == #unknowns then
      answer, reason = in_stages(session, found, reason)
    end
    if answer == "unknown" then
      local back = session.S:replace(E, unknowns, values)
      if sampling.is_zero(session, back, needs, true) == "yes" then
        answer, reason = "yes", "at random points where the conditions hold"
      end
    end
    if answer ~= "yes" then
      local text = #list > 1 and "equation " .. i or "the equation"
      local message = answer == "no" and "%s does not hold for the solution of the others: %s"
        or "no solution of %s is confirmed: %s"
      local not_square
      for _, item in ipairs(found) do
        not_square = not_square or item[2].not_square
      end
      error({ message = message:format(text, reason), status = "rule", not_square = not_square }, 0)
    end
    checked = reason
  end
  return checked
end

-- What the eliminations say together: conditions, free symbols, unknowns with several solutions, sizes that differ; and a line
-- of the derivation for each.
local function gathered(session, found, unknowns, values, steps)
  local S = session.S
  local all = { needs = {}, free = {}, several = {} }
  for _, item in ipairs(found) do
    local x, solution = item[1], item[2]
    for _, c in ipairs(solution.needs) do
      solve.add_condition(session, all.needs, c, unknowns, values)
    end
    for _, w in ipairs(solution.free or {}) do
      all.free[#all.free + 1] = w
    end
    all.not_square = all.not_square or solution.not_square
    all.several[#all.several + 1] = solution.several and x or nil
    steps[#steps + 1] = { left = x, right = solution.value, reason = { word = "solved", args = { S:name(x) } } }
  end
  for i, x in ipairs(unknowns) do
    conditions.add_attributes(session, all.needs, x, values[i])
  end
  all.needs = conditions.unique(all.needs)
  local last = found[#found][1]
  for i, x in ipairs(unknowns) do
    if #found > 1 and last ~= x then
      steps[#steps + 1] = { left = x, right = values[i], reason = { word = "put_in" } }
    end
  end
  return all
end

-- Solve the differences of the sides for the unknowns; `first`: the lines of the derivation before.
local function eliminated(session, list, unknowns, first)
  local found, why = eliminate(session, list, unknowns, 1)
  if not found then
    stop("%s", why)
  end
  local by, values = back_substituted(session, found), {}
  for i, x in ipairs(unknowns) do
    values[i] = by[x]
  end
  local steps = copy(first)
  local all = gathered(session, found, unknowns, values, steps)
  for _, c in ipairs(all.needs) do
    if not c.known and conditions.contradicted(session, c.property, c.node_id) then
      stop("the solution asks for %s, which does not hold", c:text())
    end
  end
  return {
    unknowns = unknowns,
    values = values,
    needs = all.needs,
    free = #all.free > 0 and all.free or nil,
    steps = steps,
    checked = put_back(session, list, unknowns, values, found, all.needs),
    several = #all.several > 0 and all.several or nil,
    not_square = all.not_square,
  }
end

-- Is it assumed that a value has the attributes of its unknown?
local function assumes_attributes(result)
  for _, c in ipairs(result.needs) do
    for _, value in ipairs(result.values) do
      if not c.known and c.node_id == value then
        return true
      end
    end
  end
  return false
end

-- Solve the equations as they are.
local function solved(session, equations, unknowns)
  local S = session.S
  local nodes = {}
  for _, e in ipairs(equations) do
    nodes[#nodes + 1], nodes[#nodes + 2] = e.left, e.right
  end
  session.taken_names = linear.names_in(session, nodes)
  if #equations == 1 and #unknowns == 1 then
    return solve_one(session, equations[1], unknowns[1])
  end
  local list, steps = {}, {}
  for i, e in ipairs(equations) do
    list[i] = solve.difference(S, e)
    local reason = #equations > 1 and { word = "numbered", args = { tostring(i) } } or { word = "equation" }
    steps[i] = { left = e.shown or e.left, right = e.right, reason = reason }
  end
  for _, x in ipairs(unknowns) do
    local any = false
    for _, E in ipairs(list) do
      any = any or factors.holder(S, x)(E)
    end
    if not any then
      stop("%s does not occur in the equations", S:name(x))
    end
  end
  return solve.first_right(session, function()
    return eliminated(session, list, unknowns, steps)
  end, function(result)
    return assumes_attributes(result)
  end)
end

-- The size of all values.
local function size_of(S, found)
  local cost = 0
  for _, value in ipairs(found.values) do
    cost = cost + S:cost(value)
  end
  return cost
end

-- A result with the parts in place of their letters, with the conditions seen anew.
local function put_parts_back(session, found, back)
  local needs = {}
  for i, value in ipairs(found.values) do
    found.values[i] = back(value)
  end
  for _, c in ipairs(found.needs) do
    conditions.add(session, needs, c.property, back(c.node_id), c.other_id and back(c.other_id))
  end
  found.needs = needs
  for _, line in ipairs(found.steps) do
    line.left, line.right = back(line.left), back(line.right)
    for i, c in ipairs(line.reason.conditions or {}) do
      local list = {}
      conditions.add(session, list, c.property, back(c.node_id), c.other_id and back(c.other_id))
      line.reason.conditions[i] = list[1] or c
    end
  end
  return found
end

-- The result with letters for parts that hold no unknowns, where there are such parts, or nil.
local function by_parts(session, equations, unknowns)
  local list, back = closed.parts(session, equations, unknowns)
  if not list then
    return nil
  end
  local done, found = pcall(solved, session, list, unknowns)
  if not done and type(found) ~= "table" then
    error(found, 0)
  end
  found = done and not found.free and put_parts_back(session, found, back)
  for _, e in ipairs(found and equations or {}) do
    local E = solve.difference(session.S, e)
    local answer = check.is_zero(session, E, unknowns, found.values)
    if answer == "unknown" then
      answer = sampling.is_zero(session, session.S:replace(E, unknowns, found.values), found.needs, true)
    end
    if answer ~= "yes" then
      return nil
    end
  end
  return found or nil
end

--- Solve equations for unknowns.
-- @tparam table session
-- @tparam table equations a list of { left =, right =, shown = a form of the left side for the derivation, or nil } of ids
-- @tparam {integer,...} unknowns
-- @treturn table { unknowns =, values = (in the same order), needs =, free =, steps =, checked =, several =, not_square = (two
-- sizes that differ, of a matrix to be inverted, or nil) }
function M.solve(session, equations, unknowns)
  local done, found = pcall(solved, session, equations, unknowns)
  if not done and type(found) ~= "table" then
    error(found, 0)
  end
  local other = not (done and found.free) and by_parts(session, equations, unknowns)
  if other and (not done or size_of(session.S, other) < size_of(session.S, found)) then
    return other
  elseif not done then
    error(found, 0)
  end
  return found
end

return M
