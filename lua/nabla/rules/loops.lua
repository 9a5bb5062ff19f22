--- The loops of rule files: a statement such as `rule for f in sin cos ..` stands for one statement in each round.
--
-- Trees are never changed: a round has copies of those in which a loop variable stands, as far as they change, and
-- shares the rest with the statement and the other rounds.
--
-- @module nabla.rules.loops

local M = {}

local function copy(t)
  local c = {}
  for k, v in pairs(t) do
    c[k] = v
  end
  return c
end

local rename

-- A list of trees renamed; the list itself where nothing changes.
local function rename_all(list, map)
  local renamed
  for i = 1, #list do
    local part = rename(list[i], map)
    if part ~= list[i] then
      renamed = renamed or copy(list)
      renamed[i] = part
    end
  end
  return renamed or list
end

-- The parts of a tree, an answer or a form with names replaced, each in its place; nil where nothing changes.
local function renamed_parts(ast, map)
  local parts
  for key, part in pairs(ast) do
    local other = part
    if key == "args" or key == "answers" then
      other = rename_all(part, map)
    elseif type(part) == "table" and (part.tag or part.rhs) then
      other = rename(part, map)
    end
    if other ~= part then
      parts = parts or {}
      parts[key] = other
    end
  end
  return parts
end

-- A tree with names replaced (of calls and of leaves); the tree itself where nothing changes. A name may become a number.
function rename(ast, map)
  local new = (ast.tag == "name" or ast.tag == "call") and map[ast.name]
  if ast.tag == "name" or ast.tag == "number" then
    if new and tonumber(new) then
      return { tag = "number", text = new, pos = ast.pos }
    end
    return new and { tag = "name", name = new, pos = ast.pos } or ast
  end
  local parts = renamed_parts(ast, map)
  if not new and not parts then
    return ast
  end
  local renamed = copy(ast)
  for key, part in pairs(parts or {}) do
    renamed[key] = part
  end
  renamed.name = new or ast.name
  return renamed
end

-- What the names of a statement's loops stand for: a list of maps, one for each round.
local function rounds(loops)
  local maps = { {} }
  for _, loop in ipairs(loops) do
    local longer = {}
    for _, map in ipairs(maps) do
      for _, values in ipairs(loop.values) do
        local m = copy(map)
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
      one[key] = statement[key] and rename(statement[key], map)
    end
    for _, key in ipairs { "conditions", "forms" } do
      one[key] = statement[key] and rename_all(statement[key], map)
    end
    list[i] = setmetatable(one, rest)
  end
  return list
end

return M
