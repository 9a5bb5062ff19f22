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

local function nothing() end

--- Of a test that takes long, beside others of the same: `it` in a whole run, nothing in a quick one.
--
--     sample.whole(it)("takes a line of 100 MB", function() ... end)
function M.whole(it)
  return M.quick and nothing or it
end

--- The entries of a table whose keys are texts, in the order of the keys; in a quick run every step-th.
function M.pairs(map, step)
  local keys = {}
  for key in pairs(map) do
    keys[#keys + 1] = key
  end
  table.sort(keys)
  local k, chosen = 0, M.of(keys, step)
  return function()
    k = k + 1
    return chosen[k], map[chosen[k]]
  end
end

return M
