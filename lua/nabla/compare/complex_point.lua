--- Two expressions compared at random complex numbers, where each letter's conjugate is the conjugate of its value.
--
-- Where letters and their conjugates have independent values (nabla.compare.random_conjugates), an identity of rational expressions is
-- decided. Roots and logarithms have several values there, and may differ from what they are at a letter and its conjugate: then this
-- comparison decides. Values are principal.
--
-- @module nabla.compare.complex_point

local errors = require "nabla.text.errors"
local random_conjugates = require "nabla.compare.random_conjugates"
local random_matrix = require "nabla.compare.random_matrix"
local random_point = require "nabla.compare.random_point"

local M = {}

local POINTS, TRIES = 6, 12
local SAME, DIFFERENT = 1e-10, 1e-6
local RANGES = { "general", "positive", "dominant" }

-- Sizes: different numbers for different names.
local function sizes(found, try)
  local dims = {}
  for _, set in ipairs { found.sizes, found.names } do
    for _, name in ipairs(random_point.sorted(set)) do
      dims[name] = dims[name] or 1 + (try + #random_point.sorted(dims)) % 4
    end
  end
  return dims
end

-- Values of the letters, or nil and why there are none.
local function values(session, found, source, dims)
  return random_point.values(session, found, source, dims, {
    value = function(_, id, rows, cols)
      return random_conjugates.complex(source, random_point.attributes(session, id), rows, cols)
    end,
    test = random_conjugates.complex_test,
  })
end

--- Compare two nodes.
-- @tparam table session
-- @param a an id
-- @param b an id
-- @return "yes" or "no", and the reason; nil and the reason where nothing follows
function M.compare(session, a, b)
  local nodes = { session:wrap(a), session:wrap(b) }
  local found = random_point.names_in(session, { a, b })
  if found.differential or next(found.functions) or next(found.families) then
    return nil, "no values are drawn"
  end
  local there, program = errors.attempt(require, "nabla.numeric.complex_program")
  local compiled, F = errors.attempt(there and program.compile or error, session, nodes, function()
    return true
  end)
  if not (there and compiled) then
    return nil, "they have no value"
  end
  local floating, complex = require "nabla.numeric.arithmetic", require "nabla.numeric.complex_matrix"
  local distance = require "nabla.compare.distance"
  local r = random_matrix.random "equal"
  local done, worst, why = 0, 0, "no values were found at which both are defined"
  for try = 1, TRIES do
    local source = random_matrix.source(floating, r, RANGES[try % #RANGES + 1])
    local dims = sizes(found, try)
    local ok, point, dropped = errors.attempt(values, session, found, source, dims)
    local left, right = nil, nil
    if ok and point then
      left, right = F(point)
    end
    local gap = left and right and distance.mixed(complex.new(left), complex.new(right))
    if gap and gap > DIFFERENT then
      return not dropped and "no" or nil, ("complex numbers: the distance is %.2g"):format(gap)
    elseif gap then
      done, worst = done + 1, math.max(worst, gap)
      if done == POINTS then
        break
      end
    elseif type(right) == "string" then
      why = right
    end
  end
  if done == POINTS and worst <= SAME then
    return "yes", ("complex numbers: at %d random points the distance is at most %.1g"):format(done, worst)
  end
  return nil, done == POINTS and "complex numbers: they agree to few digits" or why
end

return M
