--- A solution is put back into the equations before it is given out.
--
-- @module nabla.solve.check

local equality = require "nabla.compare.equality"

local M = {}

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
  return equality.compare(session, back, zero)
end

return M
