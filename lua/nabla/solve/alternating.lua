--- Unknowns in turn: each from equations of its own, while the others are given.
--
-- So the steps of an alternating method are found, such as the two least-squares problems of a matrix factorisation. Together the
-- unknowns may have no closed form: each value holds the other unknowns.
--
-- @module nabla.solve.alternating

local system = require "nabla.solve.system"

local M = {}

local LISTS = { "needs", "free", "several", "steps" }

--- Solve blocks of equations one by one.
-- @tparam table session
-- @tparam table blocks a list of { equations = as of nabla.solve.system, unknowns = ids, one or more }
-- @treturn table as of nabla.solve.system: the unknowns of all blocks, in their order
function M.solve(session, blocks)
  local all = { unknowns = {}, values = {}, needs = {}, free = {}, several = {}, steps = {} }
  for _, block in ipairs(blocks) do
    local found = system.solve(session, block.equations, block.unknowns)
    table.move(found.unknowns, 1, #found.unknowns, #all.unknowns + 1, all.unknowns)
    table.move(found.values, 1, #found.values, #all.values + 1, all.values)
    for _, name in ipairs(LISTS) do
      local list = found[name] or {}
      table.move(list, 1, #list, #all[name] + 1, all[name])
    end
    all.checked = found.checked
    all.not_square = all.not_square or found.not_square
  end
  all.free = #all.free > 0 and all.free or nil
  return all
end

return M
