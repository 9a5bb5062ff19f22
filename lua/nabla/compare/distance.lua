--- How far two matrices of doubles are apart.
--
-- Two measures, since their questions differ. `mixed` compares two sides of which neither is the truth: absolute for small
-- values, relative for large ones. `relative` compares a value with the one that it should be.
--
-- @module nabla.compare.distance

local floating = require "nabla.numeric.arithmetic"

local function magnitude(a)
  return floating:size(a)
end

local M = {}

local HUGE = 1e8 -- differences of larger values say nothing

--- The size of a number, or of a complex number, 1 x 1.
function M.size(v)
  return type(v) == "number" and math.abs(v) or v:size()
end

--- Entries below this size count absolutely in `relative`.
M.SMALL = 1e-2

--- The largest difference of two entries, over 1 plus the largest entry.
-- @return a number; infinity if the shapes differ; nil if an entry is no number or too large to compare
function M.mixed(a, b)
  if a.rows ~= b.rows or a.cols ~= b.cols then
    return math.huge
  end
  local size_of = magnitude
  if type(a) == "table" or type(b) == "table" then -- complex matrices
    size_of = require("nabla.numeric.complex_matrix").magnitude
  end
  local size = math.max(size_of(a), size_of(b))
  local gap = size_of(a - b)
  if gap ~= gap or size == math.huge or size > HUGE then
    return nil
  end
  return gap / (1 + size)
end

--- The largest difference of two entries, over the largest entry of `truth`.
-- @return a number; infinity if an entry is no number; nil if the shapes differ
function M.relative(value, truth)
  if value.rows ~= truth.rows or value.cols ~= truth.cols then
    return nil
  end
  local far, size = 0, M.SMALL
  for k = 1, value.rows * value.cols do
    local d = M.size(value[k] - truth[k])
    if d ~= d then
      return math.huge
    end
    far, size = math.max(far, d), math.max(size, M.size(truth[k]))
  end
  return far / size
end

return M
