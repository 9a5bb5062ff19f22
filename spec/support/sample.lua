--- What a quick run of the specs takes of a large table. Only this file reads the environment variable that tools/specs.lua sets.
--
--     for _, case in ipairs(sample.of(cases)) do it(...) end
--     for number = 1, sample.count(500) do it(...) end

local M = {}

--- True in a quick run. A test that sums up a whole table does not run then.
M.quick = os.getenv "NABLA_SPECS" == "quick"

--- A quick run takes one case of so many.
M.step = M.quick and 20 or 1

--- In a quick run every 20th item of a list (or every step-th), the first among them; otherwise the list.
function M.of(list, step)
  if not M.quick then
    return list
  end
  local some = {}
  for k = 1, #list, step or M.step do
    some[#some + 1] = list[k]
  end
  return some
end

--- In a quick run a twentieth of a number (or a step-th part), at least 1; otherwise the number.
function M.count(n, step)
  return M.quick and math.max(1, n // (step or M.step)) or n
end

return M
