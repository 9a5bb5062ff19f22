--- JSON whose keys are in one order, whatever order a table of Lua has.
--
-- @module nabla.text.ordered_json

local json = require "dkjson"

local M = {}

-- The keys of all tables in a value that are no places of a list, into a set.
local function add_keys(value, keys)
  for key, part in pairs(value) do
    if type(key) == "string" then
      keys[key] = true
    end
    if type(part) == "table" then
      add_keys(part, keys)
    end
  end
end

--- A value as JSON. The keys of each object are in the order of a list; those that it lacks come last, by name.
-- @param value
-- @tparam[opt] {string,...} order
-- @treturn string
function M.encode(value, order)
  local keys, all, rest = {}, table.move(order or {}, 1, #(order or {}), 1, {}), {}
  add_keys(value, keys)
  for _, key in ipairs(all) do
    keys[key] = nil
  end
  for key in pairs(keys) do
    rest[#rest + 1] = key
  end
  table.sort(rest)
  table.move(rest, 1, #rest, #all + 1, all)
  return json.encode(value, { keyorder = all })
end

return M
