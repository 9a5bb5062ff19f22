--- Convexity: what kind of function an expression is of some variables, and why.
--
-- Two ways lead to a verdict, both by statements of rule files: the sign of the second derivative by facts
-- (nabla.convexity.second), and the composition of functions of known curvature (nabla.convexity.composition). Before a verdict
-- is given it is tried by numbers (nabla.convexity.trial): one that numbers refute is not given.
--
-- @module nabla.convexity

local complex_letters = require "nabla.convexity.complex_letters"
local core = require "nabla.core"
local affine_parts = require "nabla.convexity.affine_parts"
local composition = require "nabla.convexity.composition"
local errors = require "nabla.text.errors"
local joint = require "nabla.convexity.joint"
local perspective = require "nabla.convexity.perspective"
local point = require "nabla.convexity.point"
local reasons = require "nabla.convexity.reasons"
local second = require "nabla.convexity.second"
local shapes = require "nabla.text.shape"

local M = {}

local DRAWS, SHORT_DRAWS = 15, 40
local MOST_HESSIANS = 12 -- of the parts of one expression
local MOST_DEPTH = 2 -- of changes of variables, one inside another

-- The attributes of a variable that no other of its attributes implies, sorted.
local function declared(session, x)
  local has, list = {}, {}
  local bits = session.S:attributes(x)
  for name in pairs(session.attributes) do
    local own = session:attribute(name)
    has[name] = own & ~bits == 0 or nil
  end
  local function implies(a, b)
    for other in pairs(session.implications[a] or {}) do
      if other == b or implies(other, b) then
        return true
      end
    end
    return false
  end
  for name in pairs(has) do
    local implied = false
    for other in pairs(has) do
      implied = implied or other ~= name and implies(other, name) and not implies(name, other)
    end
    list[#list + 1] = not implied and name or nil
  end
  table.sort(list)
  return list
end

-- The domain that the declarations of the variables give: lines such as "X spd". Where the set is not convex: nil and why.
local function declared_domain(session, variables)
  local lines = {}
  for _, x in ipairs(variables) do
    for _, name in ipairs(declared(session, x)) do
      local text = session.S:name(x) .. " " .. name
      if session.domains[name] then
        lines[#lines + 1] = text
      elseif name ~= "constant" and name ~= "complex" then
        return nil, string.format("the matrices %s that are %s make no convex set", session.S:name(x), name)
      end
    end
  end
  return lines
end

-- ---------------------------------------------------------------------------------------------- the two ways

local function rank(c)
  return c.affine and 3 or ((c.convex or c.concave) and 1 or 0) + (c.strictly and 1 or 0)
end

local function better(a, b)
  return rank(b) > rank(a) and b or a
end

local curvature_of

-- The curvature of a scalar part of an expression by its second derivatives; nil where nothing is known. Of a function with kinks the
-- second derivative says nothing.
local function by_second_derivatives(session, q, id, variables)
  local domain = q:smooth(id)
  local way = #variables > 1 and joint.curvature or second.curvature
  local ok, result
  if domain and complex_letters.occur(session, id) then
    ok, result = errors.attempt(complex_letters.curvature, session, id, variables, second.from_signs)
  elseif domain then
    ok, result = errors.attempt(way, session, id, #variables > 1 and variables or variables[1])
  end
  if ok then
    result.domain = domain
    return result
  end
end

-- What compositions ask of parts of an expression: the curvature by second derivatives, or as a perspective.
local function question(session, variables, depth)
  local asked, q = 0, nil
  local function further(id)
    asked = asked + 1
    if asked > MOST_HESSIANS then
      return nil
    end
    local inside, list = q:depends(id) or {}, {}
    for _, x in ipairs(variables) do
      list[#list + 1] = inside[x] and x or nil
    end
    local result = by_second_derivatives(session, q, id, list)
    local known = result and rank(result) > 0 or complex_letters.occur(session, id)
    if depth < MOST_DEPTH and not known then
      local function ask(...)
        return curvature_of(depth + 1, ...)
      end
      local other = perspective.curvature(ask, session, id, list, q:smooth(id) ~= nil)
      result = other and rank(other) > 0 and other or result
    end
    return result
  end
  q = composition.new(session, variables, further)
  return q, further
end

-- The curvature of f: the strongest of all ways.
function curvature_of(depth, session, f, variables)
  local S = session.S
  local q, further = question(session, variables, depth)
  local best = q:of(f)
  if best.affine then
    return best
  end
  best.smooth = q:smooth(f)
  local whole = further(f)
  if whole then
    best = variables[2] and better(best, whole) or better(whole, best) -- the proof by blocks is long
    best.hessian, best.smooth = best.hessian or whole.hessian, q:smooth(f)
  end
  for _, other in ipairs { "textbook", "expand" } do
    if rank(best) > 1 then
      break
    end
    local ok, form = errors.attempt(S[other], S, f)
    if ok and form ~= f then
      best = better(best, q:of(form))
    end
  end
  if rank(best) == 0 and depth < MOST_DEPTH and not complex_letters.occur(session, f) then
    local function ask(...)
      return curvature_of(depth + 1, ...)
    end
    local by_parts = affine_parts.curvature(ask, session, f, variables)
    best = by_parts and better(best, by_parts) or best
  end
  return best
end

-- f and its variables, where those that must have an attribute for f to have values are declared to have it; nil where there are none.
local function on_domain(session, f, variables, needs)
  local S, bits, others = session.S, {}, {}
  for _, need in ipairs(needs or {}) do
    bits[need.id] = (bits[need.id] or 0) | session.attributes[need.attribute].bits
  end
  local changed = false
  for i, x in ipairs(variables) do
    others[i] = x
    if bits[x] then
      local kind = core.constants.kinds[S:kind(x)]
      others[i], changed = S:symbol(S:name(x), kind, S:attributes(x) | bits[x], S:rows(x), S:cols(x)), true
    end
  end
  if changed then
    return S:replace(f, variables, others), others
  end
end

-- ---------------------------------------------------------------------------------------------- the verdict

local function name_of(curvature)
  if curvature.affine or curvature.convex and curvature.concave then
    return "affine"
  end
  local shape = curvature.convex and "convex" or curvature.concave and "concave"
  return shape and (curvature.strictly and "strictly " .. shape or shape) or nil
end

-- Do numbers speak against a verdict? Then the weaker verdict that they leave: perhaps nil.
local function tried(verdict, result)
  local base = verdict:match "%a+$"
  if base == "affine" and (result.convex or result.concave) or base ~= "affine" and result[base] then
    return nil
  elseif verdict:find "^strictly" and result.flat then
    return base
  end
  return verdict
end

-- The lines of a domain: those of the variables, which hold what they need, and what other parts need.
local function domain_lines(session, variables, needs, lines)
  local seen, names = {}, {}
  for _, line in ipairs(lines) do
    seen[line] = true
  end
  for _, x in ipairs(variables) do
    names[session.S:name(x)] = true
  end
  for _, need in ipairs(needs or {}) do
    local text = string.format("%s %s", session:text(need.id), need.attribute)
    local own = session.S:op(need.id) == "symbol"
      and names[session.S:name(need.id)]
      and session.S:property(need.attribute, need.id)
    if not seen[text] and not own then
      seen[text], lines[#lines + 1] = true, text
    end
  end
  return lines
end

local function ids_of(session, f, variables)
  local function id(x)
    return math.type(x) == "integer" and x or select(2, session.of(x))
  end
  local list = {}
  for i, x in ipairs(variables) do
    list[i] = id(x)
  end
  return id(f), list
end

local function check_question(session, f, variables)
  local S = session.S
  if S:dimint(S:rows(f)) ~= 1 or S:dimint(S:cols(f)) ~= 1 then
    errors.refuse("convexity is of a scalar expression; this is %s", shapes.of(S, f))
  end
  if not complex_letters.is_real(session, f) then
    errors.refuse("convexity is of a real function, and %s is not known to be its own conjugate", session:text(f))
  end
  for _, x in ipairs(variables) do
    if S:op(x) ~= "symbol" or S:kind(x) == "dimension" then
      errors.refuse "convexity is asked in variables"
    end
  end
end

-- A curvature on the domain around zero, where the domain of a curvature is on the other side of the set of values: inv(I(n) - X) and
-- -inv(X - I(n)) are the same.
local function around_zero(session, f, variables, curvature)
  for _, need in ipairs(curvature.domain or {}) do
    if affine_parts.is_behind(session, variables, need.id) then
      local function ask(...)
        return curvature_of(1, ...)
      end
      local other = affine_parts.curvature(ask, session, f, variables)
      return other and rank(other) > 0 and other or curvature
    end
  end
  return curvature
end

-- The curvature of f, of the stronger of f as it is and f where it has values; with the f and the variables of which it is.
local function on_natural_domain(session, f, variables)
  local curvature = around_zero(session, f, variables, curvature_of(0, session, f, variables))
  local needs = curvature.domain or curvature.smooth
  if rank(curvature) == 0 then
    needs = composition.new(session, variables):natural(f)
  end
  local inside, others = on_domain(session, f, variables, needs)
  local again = inside and curvature_of(0, session, inside, others)
  if again and rank(again) > 0 and rank(again) >= rank(curvature) then
    local rest = {}
    for _, need in ipairs(needs) do
      local id = session.S:replace(need.id, variables, others)
      if not session.S:property(need.attribute, id) then
        rest[#rest + 1] = { attribute = need.attribute, id = id }
      end
    end
    again.domain, again.needs = reasons.appended(rest, again.domain), needs
    for _, need in ipairs(again.domain) do
      local id = session.S:replace(need.id, others, variables)
      again.needs = reasons.appended(again.needs, { { attribute = need.attribute, id = id } })
    end
    return again, inside, others
  end
  return curvature, f, variables
end

-- A trial of f, on the domain of a verdict or, without one, where f has values; or nil and why there is none.
local function trial_of(session, f, variables, curvature)
  if not errors.attempt(require, "nabla.numeric.matrix") then
    return nil, "no numbers were tried, since the numeric module is not there"
  end
  local needs = curvature.domain
  if not name_of(curvature) then
    needs = composition.new(session, variables):natural(f)
    local inside, others = on_domain(session, f, variables, needs)
    f, variables = inside or f, others or variables
  end
  local ok, trial = errors.attempt(require("nabla.convexity.trial").new, session, f, variables, needs)
  if not ok then
    local why = tostring(type(trial) == "table" and trial.message or trial)
    return nil, "the expression cannot be evaluated: " .. why
  end
  return trial
end

-- ---------------------------------------------------------------------------------------------- without a verdict

-- The attributes of convex sets that no other such attribute implies, as spd and positive, sorted.
local function strongest_attributes(session)
  local list = {}
  local function is_weaker(name)
    local own = session:attribute(name)
    for other, shape in pairs(session.domains) do
      local bits = session:attribute(other)
      if shape ~= "subspace" and bits ~= own and own & ~bits == 0 then
        return true
      end
    end
    return false
  end
  for name, shape in pairs(session.domains) do
    list[#list + 1] = shape ~= "subspace" and not is_weaker(name) and name or nil
  end
  table.sort(list)
  return list
end

-- Other domains to ask about: lists of { attribute, id }, one variable or all of them.
local function other_domains(session, variables)
  local S, list = session.S, {}
  for _, attribute in ipairs(strongest_attributes(session)) do
    local all = {}
    for _, x in ipairs(variables) do
      local scalar = S:dimint(S:rows(x)) == 1 and S:dimint(S:cols(x)) == 1
      local square = S:rows(x) == S:cols(x)
      local fits = session.domains[attribute] == "upward" or square and not scalar
      local of_complex = session:attribute(attribute) & session:attribute "complex" ~= 0
      if fits and not S:property(attribute, x) and (not of_complex or S:property("complex", x)) then
        all[#all + 1] = { attribute = attribute, id = x }
        list[#list + 1] = { all[#all] }
      end
    end
    list[#list + 1] = #all > 1 and all or nil
  end
  return list
end

-- A verdict on a smaller domain, as a note; nil where none is found.
local function elsewhere(session, f, variables)
  for _, needs in ipairs(other_domains(session, variables)) do
    local inside, others = on_domain(session, f, variables, needs)
    local ok, result = errors.attempt(M.verdict, session, inside, others, true)
    if ok and result.verdict ~= "unknown" and result.verdict ~= "neither" then
      return string.format("it is %s for %s", result.verdict, table.concat(result.domain, ", "))
    end
  end
end

-- Points in place of a proof.
local function refute(trial, result)
  local points = trial:look(SHORT_DRAWS, "short")
  if not points.both then
    points = trial:look(DRAWS)
  end
  local unknown = trial:unknown_functions()[1]
  if points.both and unknown then
    result.note = "it depends on the function " .. unknown
  elseif points.both then
    result.verdict, result.points = "neither", { convex = points.convex, concave = points.concave }
  elseif points.convex and points.concave then
    result.note = "it depends on the other names: convex for some of their values, concave for others, as far as tried"
    result.points = { convex = points.convex, concave = points.concave }
  else
    local left = points.convex and "concave" or points.concave and "convex"
    result.note = left and string.format("no fact proves that it is %s, and no points were found that refute it", left)
      or "neither facts nor points decide"
  end
end

--- What kind of function f is of some variables together.
-- @tparam table session
-- @param f a node or an id
-- @tparam table variables nodes or ids
-- @tparam[opt] boolean only ask about no smaller domain
-- @treturn table `verdict`: affine, strictly convex, convex, strictly concave, concave, neither, unknown; `because`: the lines that prove
-- it (nabla.convexity.reasons); `domain`: texts such as "X spd"; `needs`: what of it is not declared, as `attribute` and `node`;
-- `hessian`: the Hessian by a vector, a node; `points`, of "neither":
-- `convex` and `concave`, each two points at which the inequality does not hold (`first`, `second`, `t`, `value`, `mean`, and `values`
-- of the other names); `note`: why the verdict is unknown, or on which smaller domain there is another verdict than neither
function M.verdict(session, f, variables, only)
  f, variables = ids_of(session, f, variables)
  check_question(session, f, variables)
  local convex_set, why = declared_domain(session, variables)
  local curvature
  curvature, f, variables = on_natural_domain(session, f, variables)
  local verdict = name_of(curvature)
  local result = { verdict = "unknown", because = {}, domain = convex_set or {} }
  -- what a trial compiles begins a new call of the engine, which forgets nodes without a handle
  result.hessian = curvature.hessian and session:wrap(curvature.hessian)
  if not convex_set and verdict ~= "affine" then
    result.note = why
    return result
  end
  local keep = { session:wrap(f) }
  for _, x in ipairs(variables) do
    keep[#keep + 1] = session:wrap(x)
  end
  for i, need in ipairs(curvature.needs or curvature.domain or {}) do
    result.needs = result.needs or {}
    result.needs[i] = { attribute = need.attribute, node = session:wrap(need.id) }
  end
  local lines = declared_domain(session, variables) or {}
  local domain = verdict and domain_lines(session, variables, curvature.domain, lines)
  local trial
  trial, result.note = trial_of(session, f, variables, curvature)
  if verdict and trial then
    local given = verdict
    verdict = tried(verdict, trial:look(DRAWS, "verdict"))
    if not verdict then
      result.note = "internal: the verdict " .. given .. " does not agree with the values of the expression"
      return result
    end
  end
  if verdict then
    result.verdict, result.because = verdict, curvature.convex or curvature.concave or {}
    if verdict == "affine" and not result.because[1] then
      local line = "the differential does not depend on the variables"
      result.because = { { text = line, rule = "affine function", zh = "仿射函数" } }
    end
    result.domain, result.note = domain, nil
  elseif trial then
    refute(trial, result)
    if result.verdict == "neither" and not only then
      result.note = elsewhere(session, f, variables)
    end
  end
  result.kept = keep
  return result
end

local MOST_LETTERS = 3 -- that are positive together

--- A verdict where scalar letters of whose sign nothing is known are positive, as the weight of a penalty: one of them, or all.
-- @tparam table session
-- @param f a node or an id
-- @tparam table variables nodes or ids
-- @tparam function wanted is it a verdict that is looked for?
-- @treturn table|nil as of M.verdict; nil where none is found, or where there are many letters
-- @treturn {string,...} the names of the letters
function M.where_positive(session, f, variables, wanted)
  local id, list = ids_of(session, f, variables)
  local S, taken, letters, all = session.S, {}, {}, {}
  for _, x in ipairs(list) do
    taken[x] = true
  end
  for _, x in ipairs(S:below(id, "symbol")) do
    if S:kind(x) == "scalar" and not (taken[x] or S:property("nonnegative", x) or S:property("complex", x)) then
      letters[#letters + 1], all[#all + 1] = x, { { attribute = "positive", id = x } }
    end
  end
  if #letters == 0 or #letters > MOST_LETTERS then
    return nil
  end
  for i = 1, #letters > 1 and #letters or 0 do
    all[#letters + 1] = all[#letters + 1] or {}
    table.insert(all[#letters + 1], all[i][1])
  end
  local keep = {}
  for i, needs in ipairs(all) do
    keep[i] = session:wrap(on_domain(session, id, letters, needs))
  end
  for i, node in ipairs(keep) do
    local verdict = M.verdict(session, node, list, true)
    if wanted(verdict) then
      local names = {}
      for k, need in ipairs(all[i]) do
        names[k] = S:name(need.id)
      end
      table.sort(names)
      return verdict, names
    end
  end
end

--- What kind every stationary point of f is, as far as curvature proves it.
-- @tparam table session
-- @param f a node or an id
-- @tparam table unknowns nodes or ids
-- @tparam[opt] table constraints nodes or ids of expressions that are zero
-- @tparam[opt] table known the verdict on f
-- @treturn table `kind`: unique minimum, minimum, unique maximum, maximum, saddle, unknown; `because` and `domain`: what proves it;
-- `verdict` on f
function M.kind_of_point(session, f, unknowns, constraints, known)
  local id, list = ids_of(session, f, unknowns)
  local keep = { session:wrap(id) }
  local zero = select(2, ids_of(session, f, constraints or {}))
  for _, other in ipairs { list, zero } do
    for _, x in ipairs(other) do
      keep[#keep + 1] = session:wrap(x)
    end
  end
  local result = point.kind(M.verdict, session, id, list, { constraints = zero, verdict = known })
  result.kept = keep
  return result
end

--- The kind of one stationary point by the second derivative there, and whether values lie in the domain of a verdict
-- (nabla.convexity.point).
M.kind_at, M.is_inside = point.by_second_derivative, point.is_inside

--- The kind of every stationary point of f by the inverse of the unknown (nabla.convexity.point).
function M.kind_by_inverse(session, f, x)
  return point.by_inverse(M.verdict, session, f, x)
end

return M
