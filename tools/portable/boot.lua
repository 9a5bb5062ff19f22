-- The first that runs in the one executable: `require` and `io.open` find what is inside, below /inside/. Files on the disk go
-- before it: NABLA_RULES names a folder whose rule files take the place of those inside.

local bytes, start = ...

-- ---------------------------------------------------------------------------------------------- what is inside

-- By name: where it begins and ends.
local files = {}
do
  local count = ("<I4"):unpack(bytes(start, start + 3))
  local size = ("<I4"):unpack(bytes(start + 4, start + 7))
  local index, at, place = bytes(start + 8, start + 7 + size), 1, start + 8 + size
  for _ = 1, count do
    local name, length
    name, length, at = ("<s4I4"):unpack(index, at)
    files[name] = { place, place + length - 1 }
    place = place + length
  end
end

local ROOT = "/inside/"

local function name_of(path)
  if type(path) ~= "string" or path:sub(1, #ROOT) ~= ROOT then
    return nil
  end
  local name = path:sub(#ROOT + 1)
  while name:find("/../", 1, true) do
    name = name:gsub("[^/]+/%.%./", "", 1)
  end
  return name
end

local overriding = os.getenv "NABLA_RULES"

-- A file to read, inside.
local function opened(name)
  local own = overriding and name:match "^rules/(.*)$"
  local other = own and io.open(overriding .. "/" .. own, "rb")
  if other then
    return other
  end
  local place = files[name]
  if not place then
    return nil, name .. ": No such file inside", 2
  end
  local file = {}
  function file.read(_, how)
    assert(tostring(how):find "a", "a file inside is read as a whole")
    return bytes(table.unpack(place))
  end
  function file.close()
    return true
  end
  return file
end

-- ---------------------------------------------------------------------------------------------- Lua's functions

local open, search = io.open, package.searchpath

function io.open(path, mode)
  local name = name_of(path)
  if name then
    return opened(name)
  end
  return open(path, mode)
end

local function module_path(name)
  local base = "lua/" .. name:gsub("%.", "/")
  for _, path in ipairs { base .. ".lua", base .. "/init.lua" } do
    if files[path] then
      return path
    end
  end
end

function package.searchpath(name, path, ...)
  local inside = path == package.path and module_path(name)
  if inside then
    return ROOT .. inside
  end
  return search(name, path, ...)
end

table.insert(package.searchers, 2, function(name)
  local path = module_path(name)
  if path then
    return assert(load(bytes(table.unpack(files[path])), "@" .. ROOT .. path)), ROOT .. path
  end
end)

-- ---------------------------------------------------------------------------------------------- nabla

local image = require "nabla.session.image"

if arg[1] == "--write-inside" then -- a part of the build
  return image.write(arg[2]) and 0 or 2
end
if files["rules.image"] and not overriding then
  image.hold(bytes(table.unpack(files["rules.image"])))
end

return require("nabla.command.main").main(arg)
