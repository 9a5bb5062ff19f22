--- Inverses in an answer that cannot be there: inv(x*x'), of a column times a row that is larger than 1 x 1.
--
-- An attribute that excludes `invertible` says so, and facts of rule files which matrices have it.
--
-- @module nabla.algebra.without_inverse

local notes = require "nabla.text.notes"

local M = {}

-- The attributes that exclude `invertible`: kept until rules are read, which may add some.
local function excluding(session)
  local list = session.excluding_invertible
  if not list then
    list = {}
    for name, excludes in pairs(session.exclusions) do
      if excludes.invertible and session.attributes[name] then
        list[#list + 1] = name
      end
    end
    table.sort(list)
    session.excluding_invertible = not session.loading and list or nil
  end
  return list
end

--- What is told of the inverses in a node: notes, or nil.
-- @tparam table session
-- @tparam integer id
-- @treturn nabla.Notes|nil
function M.notes(session, id)
  local S, records = session.S, nil
  local bases = S:inverted(id)
  local list = bases and excluding(session)
  for i = 1, bases and #bases or 0 do
    for k = 1, #list do
      local name = list[k]
      if S:property(name, bases[i]) then
        local text = "%s has no inverse where it is larger than 1 x 1: it is %s"
        text = text:format(tostring(session:wrap(bases[i])), session.attributes[name].title or name)
        records = records or {}
        records[#records + 1] = { text = text }
      end
    end
  end
  return records and notes.list(records)
end

return M
