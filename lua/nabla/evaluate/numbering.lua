--- From which number the members of a family count: 1, or 0 where its symbol has the attribute `fromzero`.
--
-- In the engine the first member has the index 1 in any case.
--
-- @module nabla.evaluate.numbering

local M = {}

--- The attribute of families that are numbered from 0.
M.ZERO = "fromzero"

--- Is a family numbered from 0?
-- @param S the store
-- @tparam integer id the symbol
function M.is_from_zero(S, id)
  local bits = S:attribute(M.ZERO, false)
  return bits ~= 0 and S:op(id) == "symbol" and S:attributes(id) & bits ~= 0
end

return M
