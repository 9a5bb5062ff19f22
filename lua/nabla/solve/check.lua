--- A solution is put back into the equations before it is given out.
--
-- @module nabla.solve.check

local equality = require "nabla.compare.equality"
local factors = require "nabla.algebra.factors"

local M = {}

local MOST_TERMS = 6 -- of a sum, to be compared with the others

--- Is an expression zero where each unknown is its value? First by the rules, then at random values, modulo a prime where
-- the values are rational.
-- @tparam table session
-- @tparam integer id left side less right side
-- @tparam {integer,...} unknowns
-- @tparam {integer,...} values
-- @treturn string "yes", "no" or "unknown"
-- @treturn string how it was found
function M.is_zero(session, id, unknowns, values)
  local S = session.S
  local back = S:replace(id, unknowns, values)
  local zero = S:zeros(S:rows(id), S:cols(id))
  if session:same(back, zero) then
    return "yes", "by the rules"
  end
  local answer, why = equality.compare(session, back, zero)
  if answer ~= "yes" and factors.is(S, back, "sum") then -- in floating point a difference is no zero: its terms are compared
    local numbers, terms = factors.terms(S, back)
    for i = 1, math.min(#terms, MOST_TERMS) do
      local term = S:product { numbers[i], terms[i] }
      if equality.compare(session, term, S:sum { term, S:neg(back) }) == "yes" then
        return "yes", "in floating point"
      end
    end
  end
  return answer, why
end

return M
