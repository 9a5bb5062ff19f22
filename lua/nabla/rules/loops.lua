--- The loops of rule files: a statement such as `rule for f in sin cos ..` is one statement for each value.
--
-- Trees are never changed: a round has copies of those that contain a loop variable, as far as they change, and
-- shares the rest with the statement and the other rounds.
--
-- @module nabla.rules.loops

local loaders = require "nabla.rules.loader"
local trees = require "nabla.language.tree"

local M = {}

-- The values of a statement's loop variables: a list of maps, one for each round.
local function rounds(loops)
  local maps = { {} }
  for _, loop in ipairs(loops) do
    local longer = {}
    for _, map in ipairs(maps) do
      for _, values in ipairs(loop.values) do
        local m = loaders.copy(map)
        for i, var in ipairs(loop.vars) do
          m[var] = values[i]
        end
        longer[#longer + 1] = m
      end
    end
    maps = longer
  end
  return maps
end

--- A statement once for each value of its loops (`for f in sin cos`). Trees that do not change are shared.
-- @treturn table a list of statements
function M.unrolled(statement)
  if not statement.loops then
    return { statement }
  end
  local list, rest = {}, { __index = statement } -- what has no loop variable in it is the statement's own
  for i, map in ipairs(rounds(statement.loops)) do
    local one = { property = map[statement.property] }
    for _, key in ipairs { "lhs", "rhs", "pattern", "arg" } do
      one[key] = statement[key] and trees.rename(statement[key], map)
    end
    for _, key in ipairs { "conditions", "forms" } do
      one[key] = statement[key] and trees.rename(statement[key], map)
    end
    list[i] = setmetatable(one, rest)
  end
  return list
end

return M
