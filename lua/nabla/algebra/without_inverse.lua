--- Inverses in an answer that cannot be there: inv(x*x'), of a column times a row that is larger than 1 x 1.
--
-- An attribute that excludes `invertible` says so, and facts of rule files which matrices have it.
--
-- @module nabla.algebra.without_inverse

local core = require "nabla.core"
local later = require "nabla.text.later"
local notes = require "nabla.text.notes"

local factors = later.require "nabla.algebra.factors"

local M = {}

local ONE = core.constants.one -- the dimension 1

-- The attributes that exclude `invertible`.
local function excluding(session)
  local list = {}
  for name, excludes in pairs(session.exclusions) do
    if excludes.invertible and session.attributes[name] then
      list[#list + 1] = name
    end
  end
  table.sort(list)
  return list
end

--- What is told of the inverses in a node: notes, or nil.
-- @tparam table session
-- @tparam integer id
-- @treturn nabla.Notes|nil
function M.notes(session, id)
  local S, records = session.S, {}
  local powers = S:below(id, "power")
  local list = #powers > 0 and excluding(session) or {}
  for i = 1, #list > 0 and #powers or 0 do
    local base, exponent = factors.power(S, powers[i])
    local n = factors.integer(S, exponent)
    for _, name in ipairs(n and n < 0 and S:rows(base) ~= ONE and list or {}) do
      if S:property(name, base) then
        local text = "%s has no inverse where it is larger than 1 x 1: it is %s"
        text = text:format(tostring(session:wrap(base)), session.attributes[name].title or name)
        records[#records + 1] = { text = text }
      end
    end
  end
  return notes.list(records)
end

return M
