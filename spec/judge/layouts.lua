--- Layouts: how the entries of a derivative are arranged.
--
-- Everything starts from the vec form d vec(F) / d (vec X)' of an F (s x t) by an X (m x n): a row for each entry of F, a
-- column for each of X. Invariant: an arrangement only moves entries; it changes none and drops none.

local mistakes = require "spec.judge.mistakes"
local numeric = require "spec.judge.numeric"

local M = {}

local fail = mistakes.raise

-- For each arrangement in blocks: its sizes, and the place of dF_ab/dx_ij.
local blocks = {
  block = function(s, t, m, n)
    return m * s, n * t, function(a, b, i, j)
      return (i - 1) * s + a, (j - 1) * t + b
    end
  end,
  block_t = function(s, t, m, n)
    return n * s, m * t, function(a, b, i, j)
      return (j - 1) * s + a, (i - 1) * t + b
    end
  end,
  block_f = function(s, t, m, n)
    return s * m, t * n, function(a, b, i, j)
      return (a - 1) * m + i, (b - 1) * n + j
    end
  end,
}

--- A vec form in a layout; nil where the layout has no place for it.
function M.place(jacobian, s, t, m, n, layout)
  if layout == "vec" then
    return jacobian
  end
  if blocks[layout] then
    local rows, cols, place = blocks[layout](s, t, m, n)
    local result = numeric.new(rows, cols)
    for j = 1, n do
      for i = 1, m do
        for b = 1, t do
          for a = 1, s do
            local row, col = place(a, b, i, j)
            result[(col - 1) * rows + row] = jacobian[((j - 1) * m + i - 1) * s * t + (b - 1) * s + a]
          end
        end
      end
    end
    return result
  end
  if layout ~= "numerator" and layout ~= "denominator" and layout ~= "mixed" then
    fail("unknown layout %q", layout)
  end
  local one = numeric.number
  local by_scalar, of_scalar = m * n == 1, s * t == 1
  local result
  if by_scalar then
    result = numeric.unvec(jacobian, one(s), one(t))
  elseif of_scalar then
    result = numeric.transpose(numeric.unvec(jacobian, one(m), one(n)))
  elseif (s == 1 or t == 1) and (m == 1 or n == 1) then
    result = jacobian
  else
    return nil
  end
  if layout == "denominator" or (layout == "mixed" and of_scalar) then
    return numeric.transpose(result)
  end
  return result
end

--- A vec form in a layout that must have a place for it.
function M.arrange(jacobian, s, t, m, n, layout)
  return M.place(jacobian, s, t, m, n, layout)
    or fail("%d x %d by %d x %d has no %s layout: name vec or block", s, t, m, n, layout)
end

--- The vec form by X' of what `jacobian` is by X (m x n).
function M.by_transpose(jacobian, m, n)
  local rows = jacobian.rows
  return numeric.new(rows, m * n, function(row, col)
    -- column col stands for the entry (j, i) of X', that is x_ij
    local i, j = (col - 1) // n + 1, (col - 1) % n + 1
    return jacobian[((j - 1) * m + i - 1) * rows + row]
  end)
end

return M
