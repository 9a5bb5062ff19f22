--- Functions that work entry by entry on several arguments: a scalar among them stands for the same value in each entry.
--
-- @module nabla.language.several_entries

local core = require "nabla.core"

local M = {}

local ONE = core.constants.one -- the dimension 1

--- Put in the place of scalars among the arguments of a function of entries matrices of the others' size.
-- @tparam table S the store
-- @tparam table op the operator
-- @tparam {integer,...} ids the arguments; changed
function M.spread(S, op, ids)
  if not op.spreads then
    return
  end
  local rows, cols = ONE, ONE
  for _, id in ipairs(ids) do
    if S:rows(id) ~= ONE or S:cols(id) ~= ONE then
      rows, cols = S:rows(id), S:cols(id)
      break
    end
  end
  if rows == ONE and cols == ONE then
    return
  end
  for i, id in ipairs(ids) do
    if S:rows(id) == ONE and S:cols(id) == ONE then
      ids[i] = S:product { id, S:ones(rows, cols) }
    end
  end
end

return M
