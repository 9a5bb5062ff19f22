--- What kind of point a stationary point is, as far as the curvature of the function proves it.
--
-- @module nabla.convexity.point

local composition = require "nabla.convexity.composition"
local errors = require "nabla.text.errors"
local joint = require "nabla.convexity.joint"
local reasons = require "nabla.convexity.reasons"

local M = {}

-- Verdicts and what they make of a stationary point; of a strict one there is no other.
local KINDS = {
  ["strictly convex"] = "unique minimum",
  convex = "minimum",
  ["strictly concave"] = "unique maximum",
  concave = "maximum",
}

-- Are all constraints affine in the unknowns? Then the points that meet them are a convex set.
local function all_affine(session, constraints, unknowns)
  local q = composition.new(session, unknowns)
  for _, c in ipairs(constraints) do
    local ok, curvature = errors.attempt(q.of, q, c)
    if not (ok and curvature.affine) then
      return false
    end
  end
  return true
end

-- Is f strictly convex in one unknown and strictly concave in another? Then every stationary point is a saddle.
local function saddle(verdict_of, session, f, unknowns)
  local up, down
  for _, x in ipairs(unknowns) do
    local result = verdict_of(session, f, { x }, true)
    up = up or result.verdict == "strictly convex" and result
    down = down or result.verdict == "strictly concave" and result
  end
  return up and down and { up, down }
end

--- The kind of every stationary point of f.
-- @tparam function verdict_of nabla.convexity.verdict
-- @tparam table session
-- @tparam integer f
-- @tparam {integer,...} unknowns
-- @tparam[opt] table given `constraints`, expressions that are zero; `verdict` on f, where it is known
-- @treturn table `kind`: unique minimum, minimum, unique maximum, maximum, saddle, unknown; `because` and `domain` as those of a verdict
function M.kind(verdict_of, session, f, unknowns, given)
  local constraints = given and given.constraints or {}
  local affine = all_affine(session, constraints, unknowns)
  local result = given and given.verdict or verdict_of(session, f, unknowns, true)
  local kind = affine and KINDS[result.verdict]
  if kind then
    return { kind = kind, because = result.because, domain = result.domain, verdict = result.verdict }
  elseif affine and #constraints == 0 and #unknowns > 1 then
    local both = saddle(verdict_of, session, f, unknowns)
    if both then
      local because = table.move(both[1].because, 1, #both[1].because, 1, {})
      table.move(both[2].because, 1, #both[2].because, #because + 1, because)
      return { kind = "saddle", because = because, domain = both[1].domain, verdict = result.verdict }
    end
  end
  return { kind = "unknown", because = {}, domain = {}, verdict = result.verdict }
end

--- The kind of every stationary point of f by the inverse of the unknown: a positive definite matrix or a positive scalar is the inverse
-- of another one, and f has the stationary points, minima and maxima that it has as a function of the inverse.
-- @tparam function verdict_of nabla.convexity.verdict
-- @tparam table session
-- @tparam integer f
-- @tparam integer x the unknown
-- @treturn ?table `kind`, `because`; nil where it is not known
function M.by_inverse(verdict_of, session, f, x)
  local S = session.S
  local scalar = S:dimint(S:rows(x)) == 1 and S:dimint(S:cols(x)) == 1
  if not S:property(scalar and "positive" or "spd", x) then
    return nil
  end
  local inverse = scalar and S:power(x, S:rational(-1)) or S:inv(x)
  local ok, result = errors.attempt(function()
    return verdict_of(session, S:textbook(S:replace(f, { x }, { inverse })), { x }, true)
  end)
  result = ok and result
  local kind = result and not (result.needs and result.needs[1]) and KINDS[result.verdict]
  if not kind then
    return nil
  end
  local line = { text = string.format("as a function of %s", session:text(inverse)) }
  line.rule, line.zh = "change of the variable", "变量替换"
  return { kind = kind, because = reasons.joined({ line }, result.because) }
end

local BY_SIGN = { positive = "local minimum", negative = "local maximum", both = "saddle" }

--- The kind of one stationary point, by the second derivative there.
-- @tparam table session
-- @tparam integer f
-- @tparam {integer,...} unknowns
-- @tparam {integer,...} values of the unknowns
-- @treturn ?string local minimum, local maximum, saddle; nil where it is not known
function M.by_second_derivative(session, f, unknowns, values)
  local ok, sign = errors.attempt(joint.sign_at, session, f, unknowns, values)
  return ok and BY_SIGN[sign] or nil
end

--- Do values of the unknowns lie in the domain of a verdict, as far as it matters? Outside the set of positive definite matrices a
-- function may have values, so that has to be known; where entries must be positive, a function has no values elsewhere.
-- @tparam table session
-- @tparam {table,...} needs `attribute` and `node` of what the domain asks for
-- @tparam {integer,...} unknowns
-- @tparam[opt] {integer,...} values
function M.is_inside(session, needs, unknowns, values)
  local S = session.S
  for _, need in ipairs(needs or {}) do
    local upward = session.domains[need.attribute] == "upward"
    local _, id = session.of(need.node)
    local ok, there, other = errors.attempt(function()
      local there = S:replace(id, unknowns, values)
      return S:textbook(there), S:textbook(S:neg(there))
    end)
    local holds = ok and S:property(need.attribute, there)
    local fails = ok and S:property(need.attribute, other)
    if fails or not (holds or upward) then
      return false
    end
  end
  return true
end

return M
