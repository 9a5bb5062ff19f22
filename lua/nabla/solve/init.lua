--- Solving equations: each unknown as an expression without unknowns, the conditions, and the steps.
--
-- An equation with one unknown is solved by its linear graph where it is linear, else by the `isolate` statements of the
-- rule files. Several equations are solved one after the other (nabla.solve.system). Invariant: a solution that is given
-- out has been put back into all equations.
--
-- @module nabla.solve

local check = require "nabla.solve.check"
local closed = require "nabla.solve.closed"
local conditions = require "nabla.solve.conditions"
local core = require "nabla.core"
local direction = require "nabla.solve.direction"
local entrywise = require "nabla.solve.entrywise"
local factors = require "nabla.algebra.factors"
local isolate = require "nabla.solve.isolate"
local linear = require "nabla.solve.linear"
local sampling = require "nabla.solve.sampling"
local separate = require "nabla.solve.separate"
local structured = require "nabla.solve.structured"
local ways = require "nabla.solve.ways"

local M = {}

local MOST_TRIES = 5 -- of ways with several solutions
local MOST_OTHERS = 12 -- the same, for other solutions than the first

local KIND = core.constants.kinds

--- Raise a refusal.
local function stop(message, ...)
  error({ message = message:format(...), status = "rule" }, 0)
end
M.stop = stop

--- Left side less right side.
function M.difference(S, equation)
  return S:sum { equation.left, S:neg(equation.right) }
end

--- The value of a solution in textbook form; a general solution keeps its two parts.
function M.textbook(S, solution)
  if not solution.homogeneous then
    return S:textbook(solution.value)
  end
  return S:sum { S:textbook(solution.particular), solution.homogeneous }
end

--- Add a condition to a list, with the values of the unknowns in it.
function M.add_condition(session, list, condition, unknowns, values)
  local S = session.S
  local id = S:replace(condition.node_id, unknowns, values)
  local other = condition.other_id and S:replace(condition.other_id, unknowns, values)
  if id ~= condition.node_id then
    id = S:textbook(id)
  end
  if condition.property == "invertible" then
    conditions.add_invertible(session, list, id)
  else
    conditions.add(session, list, condition.property, id, other)
  end
end

-- The first attribute that a solution assumes, as that a right side is symmetric: of a linear equation such a solution is none.
local function restriction(needs)
  for _, c in ipairs(needs) do
    if not c.known and c.property ~= "invertible" and c.property ~= "nonzero" and c.property ~= "equal" then
      return c
    end
  end
end

-- As M.candidate, of an equation without closed parts.
local function candidate_of(session, E, x, blind)
  local S = session.S
  E = separate.of(session, E, x)
  local own = isolate.of_attribute(session, E, x)
  if own then
    return structured.solve(session, E, x, own, M.candidate) or own
  end
  local solution, why, is_linear = linear.solve(session, E, x, blind)
  local own_form = is_linear and structured.solve(session, E, x, solution, M.candidate)
  if own_form then
    return own_form
  end
  local peeled = solution and solution.vec and not solution.consistent and isolate.solve(session, E, x, why)
  if peeled and session.S:cost(peeled.value) < session.S:cost(solution.value) then
    return peeled
  elseif not solution or solution.vec and solution.consistent then
    local other, reason
    if not is_linear then
      other = direction.solve(session, E, x, M.candidate)
    end
    if not other then
      local done
      done, other, reason = pcall(isolate.solve, session, E, x, why)
      if not done then -- a way that divides by zero
        other, reason = nil, type(other) == "table" and "a way of isolating divides by zero" or error(other, 0)
      end
    end
    if not other and not is_linear then
      local by_form = { plain = isolate.solve, step = isolate.step }
      other = ways.solve(session, E, x, by_form, M.candidate)
    end
    solution = other or solution
    why = is_linear and why or reason
  end
  local only = solution and is_linear and restriction(solution.needs)
  if only then
    local part = solution.free and ("determines only a part of %s, and "):format(S:name(x)) or ""
    return nil, ("the equation %shas a solution only if %s"):format(part, only:text())
  end
  return solution, why
end

--- A solution of E = 0 for x that has not been put back; or nil and the reason.
-- @tparam table session
-- @tparam integer E
-- @tparam integer x
-- @tparam[opt] boolean blind as for nabla.solve.linear
function M.candidate(session, E, x, blind)
  local inner, back = closed.sums(session, E, x)
  local solution, why = candidate_of(session, inner, x, blind)
  if not solution and back then
    return candidate_of(session, E, x, blind)
  end
  return solution and back and closed.put_back(session, solution, back) or solution, why
end

-- A symbol with the bits of an attribute as well.
local function more(S, x, bits)
  return S:symbol(S:name(x), KIND[S:kind(x)], S:attributes(x) | bits, S:rows(x), S:cols(x))
end

-- E and a value with assumed attributes of symbols as declared ones: a condition positive(a) holds at each trial. Of an expression the
-- scalars in it are given the attribute, if it has the attribute then: positive(T/g).
local function with_assumed(S, needs, attributes, E, value)
  local from, to = {}, {}
  for _, c in ipairs(needs) do
    local attribute = not c.known and attributes[c.property]
    local own, with = {}, {}
    for _, x in ipairs(attribute and S:postorder(c.node_id) or {}) do
      if S:op(x) == "symbol" and S:kind(x) ~= "dimension" and (x == c.node_id or S:kind(x) == "scalar") then
        own[#own + 1], with[#own + 1] = x, more(S, x, attribute.bits)
      end
    end
    if #own > 0 and S:property(c.property, S:replace(c.node_id, own, with)) then
      table.move(own, 1, #own, #from + 1, from)
      table.move(with, 1, #with, #to + 1, to)
    end
  end
  if #from == 0 then
    return E, value
  end
  return S:replace(E, from, to), S:replace(value, from, to)
end

-- E and a value where conditions on expressions hold: positive(b*(d - a) - d) gives d for any positive T. Nil where there are none.
local function at_conditions(session, needs, E, value)
  local S, changed = session.S, false
  for i, c in ipairs(needs) do
    local attribute = not c.known and session.attributes[c.property]
    local node, found = c.node_id, nil
    for _, letter in ipairs(attribute and S:op(node) ~= "symbol" and S:postorder(node) or {}) do
      local fits = S:op(letter) == "symbol" and S:rows(letter) == S:rows(node) and S:cols(letter) == S:cols(node)
      if fits and not found and S:kind(letter) ~= "dimension" then
        local T = S:symbol(" t" .. i, KIND[S:kind(letter)], attribute.bits, S:rows(node), S:cols(node))
        local done, solution = pcall(M.candidate, session, S:sum { node, S:neg(T) }, letter)
        local one = done and solution and not (solution.free or solution.consistent or solution.several)
        found = one and { letter, solution.value } or nil
      end
    end
    if found then
      local replaced, e, v = pcall(function()
        return S:replace(E, { found[1] }, { found[2] }), S:replace(value, { found[1] }, { found[2] })
      end)
      if replaced then
        E, value, changed = e, v, true
      end
    end
  end
  return changed and E or nil, value
end

-- E and a value where a condition such as sum(b) = 1 holds: with b/sum(b) in place of b. Nil where there is none.
local function at_scaled(session, needs, E, value)
  local S, changed = session.S, false
  for _, c in ipairs(needs) do
    local scalar = c.property == "equal" and factors.is_scalar(S, c.node_id) and S:op(c.other_id) == "number"
    for _, letter in ipairs(scalar and S:postorder(c.node_id) or {}) do
      if S:op(letter) == "symbol" and S:kind(letter) ~= "dimension" then
        local length = S:div(c.node_id, c.other_id)
        for _, exponent in ipairs { S:rational(-1), S:rational(-0.5) } do
          local scaled = S:product { S:power(length, exponent), letter }
          local fits = check.is_zero(session, S:sum { c.node_id, S:neg(c.other_id) }, { letter }, { scaled }) == "yes"
          if fits then
            E, value, changed = S:replace(E, { letter }, { scaled }), S:replace(value, { letter }, { scaled }), true
            break
          end
        end
      end
    end
  end
  return changed and E or nil, value
end

-- Is a solution right? One that exists only for some right sides is tried for all of these: the values of the left side at any Z.
local function put_back(session, E, x, solution)
  local S = session.S
  if not solution.consistent then
    local checked, value = with_assumed(S, solution.needs, session.attributes, E, solution.value)
    local answer, reason = check.is_zero(session, checked, { x }, { value })
    if answer == "yes" then
      return answer, reason
    end
    checked, value = at_conditions(session, solution.needs, E, solution.value)
    if checked and check.is_zero(session, checked, { x }, { value }) == "yes" then
      return "yes", "where the conditions hold"
    end
    checked, value = at_scaled(session, solution.needs, E, solution.value)
    if checked and check.is_zero(session, checked, { x }, { value }) == "yes" then
      return "yes", "where the conditions hold"
    end
    local back = S:replace(E, { x }, { solution.value })
    if sampling.is_zero(session, back, solution.needs, answer == "unknown") == "yes" then
      return "yes", "at random points where the conditions hold"
    end
    return answer, reason
  end
  local Z = S:symbol(" any", KIND[S:kind(x)], 0, S:rows(x), S:cols(x))
  local solvable = S:sum { E, S:neg(S:replace(E, { x }, { Z })) } -- the rest cancels
  local general = M.candidate(session, solvable, x, true)
  if not general or general.consistent and not general.vec then
    return "unknown", "the right sides with a solution have no simple form"
  end
  return check.is_zero(session, solvable, { x }, { general.value })
end

-- The lines from the equation to the solution, each with its reason (nabla.session.words).
local function steps_of(equation, x, solution)
  local steps = { { left = equation.left, right = equation.right, reason = { word = "equation" } } }
  local last = steps[1]
  for _, line in ipairs(solution.lines or {}) do
    if line.left ~= last.left or line.right ~= last.right then
      steps[#steps + 1] = line
      last = line
    end
  end
  if last.left ~= x or last.right ~= solution.value then
    steps[#steps + 1] = { left = x, right = solution.value, reason = { conditions = solution.needs } }
  end
  return steps
end

-- A function of x in E that is constant where it has a derivative, as sign(x): the equation is not as linear as its graph. Or nil.
local function flat_part(session, E, x)
  local S = session.S
  local holds = factors.holder(S, x)
  local tangent = factors.is_scalar(S, x) and S:rational(1) or S:hole(S:name(x), S:rows(x), S:cols(x))
  for _, id in ipairs(S:postorder(E)) do
    local _, own = S:op(id)
    if not own and holds(id) then
      local done, change = pcall(S.forward, S, id, x, tangent)
      if done and S:simplify(change) == S:zeros(S:rows(id), S:cols(id)) then
        return id
      end
    end
  end
end

-- A candidate for x, put back: the solution and how it was found right; what is not right is raised.
local function tried(session, E, x)
  local name = session.S:name(x)
  local solution, why = M.candidate(session, E, x)
  if not solution then
    stop("%s", why or "the equation cannot be solved")
  end
  solution.value = solution.homogeneous and M.textbook(session.S, solution)
    or entrywise.textbook(session, solution.value, true)
  conditions.add_attributes(session, solution.needs, x, solution.value)
  for _, c in ipairs(solution.needs) do
    if not c.known and conditions.contradicted(session, c.property, c.node_id) then
      stop("the candidate %s = %s asks for %s, which does not hold", name, session:text(solution.value), c:text())
    end
    local of_value = not (c.known or solution.statement) and solution.free and c.node_id == solution.value
    if of_value and session.domains[c.property] == "subspace" then
      stop("the equation determines only a part of %s", name) -- not among the matrices of its attribute
    end
  end
  local answer, reason = put_back(session, E, x, solution)
  if answer ~= "yes" then
    session.rejected_values[solution.value] = true
  end
  if answer == "unknown" and solution.product then -- E multiplied by x, without the inverse of x
    answer, reason = put_back(session, solution.product, x, solution)
  end
  local instead = answer ~= "yes" and solution.instead -- an equation in another unknown, which holds where the conditions do
  if instead then
    answer, reason = check.is_zero(session, instead.equation, { instead.unknown }, { instead.value })
  end
  local flat = answer ~= "yes" and flat_part(session, E, x)
  if flat then
    stop("%s stands inside and outside of %s, which is constant between its jumps", name, session:text(flat))
  elseif answer ~= "yes" and solution.consistent then
    stop("the equation has a solution for some right sides only, perhaps %s = %s", name, session:text(solution.value))
  elseif answer ~= "yes" then
    stop("the candidate %s = %s is not confirmed: %s", name, session:text(solution.value), reason)
  end
  return solution, reason
end

-- Is it assumed that a solution has the attributes of its unknown?
local function assumes_attribute(session, x, solution)
  for _, c in ipairs(session.S:attributes(x) ~= 0 and solution.needs or {}) do
    if not c.known and c.node_id == solution.value then
      return true
    end
  end
  return false
end

-- The tries of a search, each without a way with several solutions that an earlier one has gone: an iterator over what pcall
-- gives of each, packed.
local function tries(session, try, most)
  local waiting, n = { {} }, 0
  session.rejected_values = {}
  return function()
    n = n + 1
    local skipped = waiting[n]
    if not skipped or n > most then
      return nil
    end
    session.used_ways, session.skipped_ways = {}, skipped
    local result = table.pack(pcall(try))
    local done, used = result[1], session.used_ways
    session.used_ways, session.skipped_ways = nil, nil
    if done and session.is_outside and session.is_outside(result[2].values or { result[2].value }) then
      done, result = false, { false, { message = "the point that is found is outside of the domain", status = "rule" } }
    end
    if not done and type(result[2]) ~= "table" then
      error(result[2], 0)
    end
    for i = #used, 1, -1 do
      local set = { [used[i]] = true }
      for st in pairs(skipped) do
        set[st] = true
      end
      waiting[#waiting + 1] = set
    end
    if #waiting == n and not done and next(session.rejected_values) then
      waiting[n + 1] = skipped
    end
    return result
  end
end

--- The first result of a search that is right. Where a way with several solutions was gone, and its first is refused, or not known to
-- have the attributes of its unknown, the others are tried: the other root of a quadratic equation.
-- @tparam table session
-- @tparam function try the search: a result, or a refusal that is raised
-- @tparam function assumes does a result assume attributes?
-- @return what `try` gives; the refusal of the first try is raised
function M.first_right(session, try, assumes)
  local first, failure
  for result in tries(session, try, MOST_TRIES) do
    if result[1] and not assumes(result[2]) then
      return table.unpack(result, 2, result.n)
    elseif result[1] then
      first = first or result
    else
      failure = failure or result[2]
    end
  end
  if first then
    return table.unpack(first, 2, first.n)
  end
  error(failure, 0)
end

--- The other solutions of an equation that are found, as the negative root.
-- @tparam table session
-- @tparam table equation { left =, right = } of ids
-- @tparam integer x
-- @tparam integer value the solution that is known
-- @treturn {table,...} solutions: value, needs
function M.others(session, equation, x, value)
  local E = M.difference(session.S, equation)
  local known, list = { value }, {}
  local function is_known(id)
    for _, other in ipairs(known) do
      if session:same(id, other) then
        return true
      end
    end
    return false
  end
  local function is_possible(solution)
    for _, c in ipairs(session.S:attributes(x) ~= 0 and solution.needs or {}) do
      if not (c.known or c.other_id or sampling.may_hold(session, c.property, c.node_id)) then
        return false
      end
    end
    return not solution.free
  end
  local function try()
    return tried(session, E, x)
  end
  for result in tries(session, try, MOST_OTHERS) do
    local solution = result[2]
    if result[1] and is_possible(solution) and not is_known(solution.value) then
      known[#known + 1], list[#list + 1] = solution.value, solution
    end
  end
  return list
end

--- Solve one equation for one unknown.
-- @tparam table session
-- @tparam table equation { left =, right = } of ids
-- @tparam integer x
-- @treturn table the solution: value, needs, free; what cannot be solved is raised
function M.one(session, equation, x)
  local S = session.S
  local E = M.difference(S, equation)
  local name = S:name(x)
  if not factors.holder(S, x)(E) then
    local both = S:apply(S:operator_with "sum_of_entries", { equation.left })
    local other = S:apply(S:operator_with "sum_of_entries", { equation.right })
    local holds = factors.holder(S, x)
    if not (holds(both) or holds(other)) then
      if equation.shown then
        local text = session:text(equation.shown)
        stop("the derivative %s does not depend on %s: it is zero everywhere or nowhere", text, name)
      end
      stop("%s does not occur in the equation", name)
    elseif session:same(E, S:zeros(S:rows(E), S:cols(E))) then
      stop("every %s is a solution: both sides are equal", name)
    end
    local left = session:text(S:textbook(E))
    stop("%s cancels, and %s = 0 is left: no %s is a solution unless that holds", name, left, name)
  end
  local solution, reason = M.first_right(session, function()
    return tried(session, E, x)
  end, function(found)
    return assumes_attribute(session, x, found)
  end)
  solution.checked = reason
  solution.needs = conditions.unique(solution.needs)
  solution.steps = steps_of(equation, x, solution)
  return solution
end

return M
