--- Is an expression zero at random points that meet conditions? A condition such as positive(1 - a) holds at some points only; of many
-- points those are taken where it does.
--
-- @module nabla.solve.sampling

local errors = require "nabla.text.errors"
local factors = require "nabla.algebra.factors"
local random_matrix = require "nabla.compare.random_matrix"
local random_point = require "nabla.compare.random_point"

local M = {}

local TRIES, NEEDED, SHARE = 600, 5, 0.9 -- a value near a pole may be far off by rounding
local NOISE = 1e-6
local NEAR = 1e-7 -- of the largest value: so small a one may be zero but for rounding, and is not known to meet a condition
local MAY_TRIES = 60
local MOST_TERMS = 8
local RANGES = { "general", "positive", "small", "signed" }

-- A value that is not near to zero is none that is zero.
local function any_value()
  return true
end

-- The nodes whose values are wanted: the expression, its terms, and what each condition is about; and the tests of the last.
local function wanted(S, id, needs)
  local nodes, tests = { id }, {}
  local numbers, terms = factors.terms(S, id)
  for i = 1, math.min(#terms, MOST_TERMS) do
    nodes[#nodes + 1] = S:product { numbers[i], terms[i] }
  end
  for _, c in ipairs(needs) do
    local scalar = c.property == "nonzero" and factors.is_scalar(S, c.node_id)
    local test = not c.known and (scalar and any_value or random_matrix.tests[c.property])
    if test and c.property ~= "invertible" then
      nodes[#nodes + 1] = c.node_id
      tests[#nodes] = test
    end
  end
  return nodes, tests
end

-- A scalar of any size.
local function scalar_of(session, source, r)
  return function(_, id, rows, cols)
    if rows * cols ~= 1 then
      return nil
    end
    local S = session.S
    local size = 10 ^ (2.4 * r:unit() - 1.2)
    local positive = S:property("nonnegative", id)
    return source.A:from(positive and size or r:unit() < 0.5 and -size or size)
  end
end

-- Random values for all names.
local function draw(session, found, r, try, least)
  local floating = require "nabla.numeric.arithmetic"
  local source = random_matrix.source(floating, r, RANGES[1 + try % #RANGES])
  local dims = {}
  for _, set in ipairs { found.sizes, found.names } do
    for name in pairs(set) do
      dims[name] = dims[name] or r:integer(least or 1, 3)
    end
  end
  return random_point.values(session, found, source, dims, { value = scalar_of(session, source, r) })
end

-- Do the values of a point meet the conditions, and is the first of them zero? nil: they do not meet them.
local function judged(values, tests)
  local floating, matrix = require "nabla.numeric.arithmetic", require "nabla.numeric.matrix"
  local scale = 1e-9
  for i, v in ipairs(values) do
    v = matrix(v)
    local size = floating:size(v)
    if size ~= size or size == math.huge then
      return nil
    elseif tests[i] then
      local ok, holds = errors.attempt(tests[i], v)
      if not (ok and holds) or size < NEAR * math.max(1, scale) then
        return nil
      end
    elseif i > 1 then
      scale = math.max(scale, size)
    end
  end
  return floating:size(matrix(values[1])) <= NOISE * scale
end

--- Does a condition hold at some random points?
-- @tparam table session
-- @tparam string property
-- @tparam integer id
-- @treturn boolean
function M.may_hold(session, property, id)
  local test = random_matrix.tests[property]
  if not test or not errors.attempt(require, "nabla.numeric.arithmetic") then
    return false
  end
  local matrix = require "nabla.numeric.matrix"
  local ok, F = errors.attempt(session.compile, session, { session:wrap(id) }, { nan = true })
  local found, r = random_point.names_in(session, { id }), random_matrix.random "condition"
  for try = 1, ok and F and MAY_TRIES or 0 do
    local point = draw(session, found, r, try, 2) -- of one number all is symmetric
    local done, value = errors.attempt(F, point or {})
    local tested, holds = errors.attempt(test, done and value and matrix(value))
    if point and done and tested and holds then
      return true
    end
  end
  return false
end

--- Has a scalar a real value at some random points? True as well where that cannot be tried.
-- @tparam table session
-- @tparam integer id
-- @treturn boolean
function M.may_be_real(session, id)
  if not errors.attempt(require, "nabla.numeric.arithmetic") then
    return true
  end
  local ok, F = errors.attempt(session.compile, session, { session:wrap(id) }, { nan = true })
  if not (ok and F) then
    return true
  end
  local floating, matrix = require "nabla.numeric.arithmetic", require "nabla.numeric.matrix"
  local found, r, tried = random_point.names_in(session, { id }), random_matrix.random "domain", 0
  for try = 1, TRIES do
    local point = draw(session, found, r, try)
    local done, value = errors.attempt(F, point or {})
    local sized, size = errors.attempt(function()
      return floating:size(matrix(value))
    end)
    if point and done and sized then
      tried = tried + 1
      if size == size and size < math.huge then
        return true
      end
    end
  end
  return tried == 0
end

--- Is a node zero where conditions hold?
-- @tparam table session
-- @tparam integer id
-- @tparam table needs conditions (nabla.solve.conditions)
-- @tparam[opt] boolean anyhow also where no condition can be tried
-- @treturn string "yes" or "unknown"
function M.is_zero(session, id, needs, anyhow)
  if not errors.attempt(require, "nabla.numeric.arithmetic") then
    return "unknown"
  end
  local nodes, tests = wanted(session.S, id, needs)
  if not (next(tests) or anyhow) then
    return "unknown"
  end
  local handles = {}
  for i, node in ipairs(nodes) do
    handles[i] = session:wrap(node)
  end
  local found = random_point.names_in(session, nodes)
  local ok, F = errors.attempt(session.compile, session, handles, { nan = true })
  if not (ok and F) then
    return "unknown"
  end
  local r = random_matrix.random "sampling"
  local good, bad = 0, 0
  for try = 1, TRIES do
    local point = draw(session, found, r, try)
    local values = point and { errors.attempt(F, point) }
    local zero
    if values and table.remove(values, 1) and values[1] then
      zero = judged(values, tests)
    end
    good = good + (zero and 1 or 0)
    bad = bad + (zero == false and 1 or 0)
    if good >= 4 * NEEDED and bad == 0 then
      break
    end
  end
  return good >= NEEDED and good >= SHARE * (good + bad) and "yes" or "unknown"
end

return M
