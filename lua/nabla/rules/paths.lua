--- Where rule files are, and what they hold.
--
-- A file is looked for as it is given, beside the file that uses it, and among the rules that come with nabla: in the
-- folder of this module (an installed tree) or in rules/ beside lua/ (a checkout).
--
-- @module nabla.rules.paths

local M = {}

-- `require` gives the path of a module; the bytecode of one does not know it.
local source = select(2, ...) or debug.getinfo(1, "S").source:match "^@(.*)$" or ""
local here = source:match "^(.*)[/\\][^/\\]*$" or "."

--- The folder that holds nabla's modules, the folder `nabla` among them.
M.modules = here:match "^(.*)/nabla/rules$" or here .. "/../.."
local RULES = { here .. "/", here .. "/../../../rules/" }

local function readable(path)
  local f = io.open(path, "rb")
  if f then
    f:close()
    return path
  end
end

-- The path without `folder/..` and `./`, when it leads to the same file: one file has one name, and a short one.
local function shortened(path)
  if not path:find("./", 1, true) then
    return path
  end
  local parts = {}
  for part in path:gmatch "[^/]+" do
    if part == ".." and parts[1] and parts[#parts] ~= ".." then
      parts[#parts] = nil
    elseif part ~= "." then
      parts[#parts + 1] = part
    end
  end
  local short = (path:match "^/" or "") .. table.concat(parts, "/")
  return readable(short) or path
end

--- The folder that a file is in.
function M.folder(path)
  return path:match "^(.*)[/\\][^/\\]*$" or "."
end

--- What a file holds, or nil and the reason.
function M.contents(path)
  local f, why = io.open(path, "rb")
  if not f then
    return nil, ((why or "it cannot be opened"):gsub("^.*: ", "")) -- in LuaTeX without a reason
  end
  local text, trouble = f:read "a"
  f:close()
  if not text then
    return nil, trouble and trouble:find "directory" and "it is a folder" or trouble or "unknown"
  end
  return text
end

--- Where a file of the rules that come with nabla is, or nil.
-- @tparam string name
-- @treturn string|nil
function M.own(name)
  local found = readable(RULES[1] .. name) or readable(RULES[2] .. name)
  return found and shortened(found)
end

--- Where a rule file is: as given, beside the file that uses it, or among the rules that come with nabla. A file of nabla's
-- own has its name there, also when the working folder is that of the rules.
-- @tparam string path
-- @tparam[opt] string from the file that uses it
-- @treturn string|nil
function M.find(path, from)
  if path:match "^/" then
    return readable(path) and shortened(path)
  end
  local found = readable(from and M.folder(from) .. "/" .. path or path)
  if found and from then
    return shortened(found)
  end
  local own = M.own(path)
  if found and own and M.contents(found) == M.contents(own) then
    return own
  end
  return found and shortened(found) or own
end

--- The names of the files that come with nabla, as `use` takes them: those that default.rules and identities.rules use.
-- @treturn {string,...}
function M.names()
  local names = { "default.rules", "identities.rules" }
  for _, file in ipairs { names[1], names[2] } do
    local path = M.own(file)
    for name in (path and M.contents(path) or ""):gmatch '\nuse "([^"\n]+)"' do
      names[#names + 1] = name
    end
  end
  return names
end

local folder -- of the rules that come with nabla, once it has been asked for

--- Is a file one of the rules that come with nabla?
-- @tparam string|nil path
function M.is_own(path)
  folder = folder or M.folder(M.own "default.rules" or "") .. "/"
  return path ~= nil and path:sub(1, #folder) == folder
end

return M
