--- Notes: what was assumed when a text was read, one sentence each, in the order of the text.
--
-- @module nabla.text.notes

local M = {}

---@class nabla.Notes
---@field [integer] string

local Notes = {}
Notes.__index = Notes
Notes.__name = "nabla.Notes"

--- The notes as lines.
function Notes:__tostring()
  return table.concat(self, "\n")
end

--- A list of notes, each text once; nil if there is none.
-- @tparam {table,...} records { pos =, text = }; those without a place come last, in their order
-- @treturn nabla.Notes|nil
function M.list(records)
  local order = {}
  for i, record in ipairs(records) do
    order[i] = { pos = record.pos or math.huge, rank = i, text = record.text }
  end
  table.sort(order, function(a, b)
    return a.pos < b.pos or a.pos == b.pos and a.rank < b.rank
  end)
  local list, known = {}, {}
  for _, record in ipairs(order) do
    if not known[record.text] then
      known[record.text] = true
      list[#list + 1] = record.text
    end
  end
  return #list > 0 and setmetatable(list, Notes) or nil
end

--- A list of texts as notes.
function M.of(texts)
  return setmetatable(texts, Notes)
end

--- Several lists, each of which may be nil, as one.
-- @treturn nabla.Notes|nil
function M.joined(...)
  local any, second, third = ...
  if not (any or second or third) and select("#", ...) <= 3 then
    return nil
  end
  local records = {}
  for i = 1, select("#", ...) do
    for _, text in ipairs((select(i, ...)) or {}) do
      records[#records + 1] = { text = text }
    end
  end
  return M.list(records)
end

return M
