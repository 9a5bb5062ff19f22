--- Functions that work entry by entry on several arguments: a scalar among them stands for the same value in each entry, and a
-- function may have a second name, which it shares with functions of other numbers of arguments (`also "max"`).
--
-- @module nabla.language.several_entries

local core = require "nabla.core"

local M = {}

local ONE = core.constants.one -- the dimension 1

--- The operator that a call means: the one of the name where it takes so many arguments, else the one that is `also` called so.
-- @tparam table session
-- @tparam string name
-- @tparam integer count the number of arguments
-- @treturn ?table the operator; where none fits the one of the name, or one that is also called so
function M.operator(session, name, count)
  local op = session.ops[name]
  if op and not op.gone and #op.params == count then
    return op
  end
  local names = session.shared_names[name]
  local other = names and session.ops[names[count] or op == nil and select(2, next(names))]
  local fits = other and not other.gone and (op == nil or #other.params == count)
  return fits and other or op
end

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
