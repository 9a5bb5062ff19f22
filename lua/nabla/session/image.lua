--- Images: what reading the default rules makes of a session, in a file, so that a session need not read them each time.
--
-- `make` writes one beside the engine; where there is none that holds, the command `nabla` writes one into the user's cache.
-- `restore` takes an image only where all that it was made of is as it was: the rule files, the modules of nabla, the engine. So
-- whoever edits a rule file sees what the file says, only later: the rules are read, as they are where there is no image. An
-- image can be deleted at any time.
--
-- The file: a line that says what it is and the digest of all below it; a line `DIGEST KIND NAME` for each file that it was made
-- of; an empty line; then two strings (string.pack "s4"): the session's tables as a precompiled chunk of Lua that makes
-- them anew, and its store (image.h).
--
-- @module nabla.session.image

local conventions = require "nabla.calculus.convention"
local core = require "nabla.core"
local handles = require "nabla.session.handles"
local paths = require "nabla.rules.paths"

local M = {}

local TITLE = "nabla image 1"
local DEFAULT = "default.rules"

-- ---------------------------------------------------------------------------------------------- what it is made of

-- Where a file is that an image is made of. `folder`: that of the rules.
local place_of = {
  rules = function(name, folder)
    return folder .. "/" .. name
  end,
  module = function(name)
    return package.searchpath(name, package.path)
  end,
  engine = function(name)
    return package.searchpath(name, package.cpath)
  end,
}

-- The digest of a file as hexadecimal text; "none" where there is no file.
local function digest(kind, name, folder)
  local path = place_of[kind](name, folder)
  local text = path and paths.contents(path)
  return text and string.format("%016x", core.digest(text)) or "none"
end

-- A line for each file that has a part in what a session is.
local function made_of(session, folder)
  local lines = {}
  local function add(kind, name)
    lines[#lines + 1] = string.format("%s %s %s", digest(kind, name, folder), kind, name)
  end
  for path in pairs(session.files) do
    add("rules", path:sub(#folder + 2))
  end
  for name in pairs(package.loaded) do
    if name == "nabla.core" then
      add("engine", name)
    elseif name:find "^nabla%." and package.searchpath(name, package.path) then
      add("module", name)
    end
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

local function unchanged(lines, folder)
  for line in lines:gmatch "[^\n]+" do
    local known, kind, name = line:match "^(%x+) (%a+) (.+)$"
    if not place_of[kind] or digest(kind, name, folder) ~= known then
      return false
    end
  end
  return true
end

-- ---------------------------------------------------------------------------------------------- tables as a chunk

-- The keys of a table, in an order that is the same each time.
local function ordered_keys(t)
  local list = {}
  for k in pairs(t) do
    list[#list + 1] = k
  end
  table.sort(list, function(a, b)
    if type(a) ~= type(b) then
      return type(a) < type(b)
    end
    return a < b
  end)
  return list
end

-- Is this a value that an image has once, however often it stands in the tables?
local function sharable(value)
  return type(value) == "table" or type(value) == "string" and #value > 40
end

-- Which values stand in a table more than once.
local function shared_values(root)
  local met, shared = {}, {}
  local function visit(value)
    if not sharable(value) then
      return
    elseif met[value] then
      shared[value] = true
      return
    end
    met[value] = true
    if type(value) == "table" then
      for k, v in pairs(value) do
        visit(k)
        visit(v)
      end
    end
  end
  visit(root)
  return shared
end

-- The text of a chunk that returns a copy of a table. `spell` gives the expression of a value that is not to be copied, or nil.
local function chunk_of(root, spell)
  local shared = shared_values(root)
  local statements, slots, under_way = { "local T, own = {}, ..." }, {}, {}
  local text

  local function constructor(t)
    if getmetatable(t) or under_way[t] then
      error("an image cannot hold a table with a metatable, nor one that holds itself", 0)
    end
    under_way[t] = true
    local parts = {}
    for i, key in ipairs(ordered_keys(t)) do
      parts[i] = string.format("[%s]=%s", text(key), text(t[key]))
    end
    under_way[t] = nil
    return "{" .. table.concat(parts, ",") .. "}"
  end

  function text(value)
    local kind = type(value)
    local spelt = spell(value)
    if spelt then
      return spelt
    elseif slots[value] then
      return slots[value]
    elseif kind ~= "table" and kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
      error("an image cannot hold a " .. kind, 0)
    end
    local made = kind == "table" and constructor(value) or string.format("%q", value)
    if not (sharable(value) and shared[value]) then
      return made
    end
    slots[value] = string.format("T[%d]", #statements)
    statements[#statements + 1] = slots[value] .. "=" .. made
    return slots[value]
  end

  local result = text(root) -- adds statements
  statements[#statements + 1] = "return " .. result
  return table.concat(statements, "\n")
end

-- What of a session is no table to be copied: its store, and the scope of its user.
local NOT_SAVED = { S = true, scope = true }

-- The chunk of a session's tables. It is called with the functions and values `own`: `node` (a handle of an id),
-- `folder`, `free`.
local function tables_of(session, folder)
  local function spell(value)
    if value == conventions.free then
      return "own.free"
    elseif type(value) == "string" and value:sub(1, #folder + 1) == folder .. "/" then
      return string.format("own.folder..%q", value:sub(#folder + 1))
    elseif type(value) == "userdata" then
      local _, id = core.unwrap(value)
      return id and string.format("own.node(%d)", id)
    end
  end
  local saved = {}
  for name, value in pairs(session) do
    saved[name] = not NOT_SAVED[name] and value or nil
  end
  return string.dump(assert(load(chunk_of(saved, spell), "=image", "t")), true)
end

-- ---------------------------------------------------------------------------------------------- files

-- The folder where programs of the user's keep what they can make again; nil where the environment names none.
local function cache_folder()
  local cache, home = os.getenv "XDG_CACHE_HOME", os.getenv "HOME"
  if cache and cache:match "^/" then
    return cache .. "/nabla"
  end
  return home and home:match "^/" and home .. "/.cache/nabla" or nil
end

-- Where images of these rules may be: beside the engine, and the user's own.
local function places(default)
  local engine = package.searchpath("nabla.core", package.cpath)
  local list, cache = {}, cache_folder()
  if engine then
    list[1] = paths.folder(engine) .. "/rules.image"
  end
  if engine and cache then
    local which = table.concat({ os.getenv "PWD" or "", engine, default }, "\n")
    list[#list + 1] = string.format("%s/%016x.image", cache, core.digest(which))
  end
  return list
end

-- The lines of what an image is made of, and its two strings; nil if the text is no image.
local function parts_of(text)
  local title, start = text:match "^([^\n]*)\n()"
  if not title or title ~= string.format("%s %016x", TITLE, core.digest(text:sub(start))) then
    return nil
  end
  local lines, rest = text:match("^(.-)\n\n()", start)
  return lines, string.unpack("s4s4", text, rest)
end

--- Read the default rules, and write the image of what they make of a session.
-- @tparam string path
-- @return true, or nil and the reason
function M.write(path)
  local default = paths.own(DEFAULT)
  local session, trouble = require("nabla.session").new { default_rules = false, rules = default }
  if not session then
    return nil, tostring(trouble)
  end
  local folder = paths.folder(default)
  local lines = made_of(session, folder)
  local rest = string.pack("s4s4", tables_of(session, folder), session.S:image())
  local text = lines .. "\n\n" .. rest
  text = string.format("%s %016x\n", TITLE, core.digest(text)) .. text
  local new = path .. ".new" -- whoever starts meanwhile finds the old one, or the whole new one
  local file, why = io.open(new, "wb")
  local ok = file
  if file then
    ok, why = file:write(text)
    ok = file:close() and ok
  end
  if ok then
    ok, why = os.rename(new, path)
  end
  return ok and true or nil, why
end

-- Has a session read the default rules since no image held?
local missed = false

-- Fill a session from one image, if it holds.
local function restore(session, path, folder)
  local text = paths.contents(path)
  local lines, chunk, store
  if text then
    lines, chunk, store = parts_of(text)
  end
  local make = lines and unchanged(lines, folder) and load(chunk, "=image", "b")
  if not make then
    return false
  end
  local S = core.new(store)
  local own = { folder = folder, free = conventions.free }
  function own.node(id)
    return S:handle(id)
  end
  for name, value in pairs(make(own)) do
    session[name] = value
  end
  session.S = S
  handles.belongs(S, session)
  return true
end

--- Fill a session from an image of the default rules, if there is one that holds.
-- @tparam table session one that has read nothing yet
-- @tparam[opt] string path of the image; else those beside the engine and in the user's cache are tried
-- @treturn boolean
function M.restore(session, path)
  local default = paths.find(DEFAULT)
  if not default or default ~= paths.own(DEFAULT) then
    return false
  end
  for _, place in ipairs(path and { path } or places(default)) do
    if restore(session, place, paths.folder(default)) then
      return true
    end
  end
  missed = true
  return false
end

--- Write an image into the user's cache if a session of this process has missed one. The command does so when it has
-- answered: an installation without an image, and rules that were edited, cost one slow start. It may fail: then the
-- next is slow.
function M.keep()
  local default = missed and paths.own(DEFAULT)
  local place = default and places(default)[2]
  if place and not M.write(place) then
    os.execute("mkdir -p '" .. paths.folder(place):gsub("'", "'\\''") .. "' 2>/dev/null")
    M.write(place)
  end
end

return M
