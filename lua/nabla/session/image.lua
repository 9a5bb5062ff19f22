--- Images: what reading the default rules makes of a session, in a file, so that a session need not read them each time.
--
-- `make` writes one beside the engine. Where there is none that holds, the first session that reads the default rules writes one
-- into the user's cache: one for each engine and set of rule files, whatever the working folder. `restore` takes an image only where
-- all that it was made of is as it was: the rule files, the modules of nabla, the engine. So whoever edits a rule file
-- sees what the file says, only later: the rules are read, as they are where there is no image. An image can be deleted at any time.
--
-- The rule files of a user have images as well, in the cache: of a session that has read them after the default rules
-- (`restore_with`, `keep_with`). Its name follows from what the files are called and what they hold.
--
-- An image is used only if nobody but the user or the administrator can have written it, and nothing in it is code.
--
-- The file: a line that says what it is and the digest of all below it, filled up with blanks; a line `DIGEST STAMP KIND NAME` for
-- each file that it was made of (the stamp changes whenever the file is written; where it is as it was, nothing is read; `-` for a
-- file that was written a moment before); an empty line; then strings (string.pack "<s4"): the session's store (image.h), its tables
-- (nabla.session.serialise), and each of those that few sessions look into.
-- C programs read the store alone (image_reader.h).
--
-- @module nabla.session.image

local cache = require "nabla.start.cache"
local conventions = require "nabla.calculus.convention"
local core = require "nabla.core"
local handles = require "nabla.session.handles"
local later = require "nabla.text.later"
local paths = require "nabla.rules.paths"
local spelling = require "nabla.text.spelling"

local serialise = later.require "nabla.session.serialise"

local M = {}

local TITLE = "nabla image 5"
local DEFAULT = "default.rules"
local WORTH = 8192 -- bytes of rule files: to read fewer takes no longer than to read an image
local WORD = 4 -- bytes: the store begins at a multiple of it, so that it is read where it is
local LONGEST_TITLE = 100

-- ---------------------------------------------------------------------------------------------- what it is made of

local OWN = paths.modules .. "/?.lua;" .. paths.modules .. "/?/init.lua"

-- Where a file is that an image is made of. `folder`: that of the rules.
local place_of = {
  rules = function(name, folder)
    return folder .. "/" .. name
  end,
  file = function(name) -- a user's
    return name
  end,
  module = function(name) -- by its path, which is quicker than a search
    return paths.modules .. "/" .. name
  end,
  engine = function(name)
    return package.searchpath(name, package.cpath)
  end,
}

-- The digest of a file as hexadecimal text; "none" where there is no file.
local function digest(kind, name, folder)
  local path = place_of[kind](name, folder)
  local found = path and core.file.digest(path)
  return found and string.format("%016x", found) or "none"
end

-- The stamp of a file, if it tells from now on whether the file is as it was; else "-".
local function stamp(path)
  local text, is_settled = core.file.stamp(path)
  return is_settled and text or "-"
end

-- A line for each file that has a part in what a session is.
local function made_of(session, folder)
  local lines = {}
  local function add(kind, name)
    local known = stamp(place_of[kind](name, folder) or "")
    lines[#lines + 1] = string.format("%s %s %s %s", digest(kind, name, folder), known, kind, name)
  end
  for path in pairs(session.files) do
    if path:sub(1, #folder + 1) == folder .. "/" then
      add("rules", path:sub(#folder + 2))
    else
      add("file", path)
    end
  end
  for name in pairs(package.loaded) do
    if name == "nabla.core" then
      add("engine", name)
    elseif name:find "^nabla%." then
      local path = package.searchpath(name, OWN)
      if path then
        add("module", path:sub(#paths.modules + 2))
      end
    end
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

local function unchanged(lines, folder)
  local others = core.file.restamped(lines, { module = paths.modules, rules = folder })
  for known, stamped, kind, name in others:gmatch "(%S*) (%S*) (%S*) ([^\n]*)" do
    local path = place_of[kind] and place_of[kind](name, folder)
    if not path or core.file.stamp(path) ~= stamped and digest(kind, name, folder) ~= known then
      return false
    end
  end
  return true
end

-- ---------------------------------------------------------------------------------------------- the session's tables

-- What of a session is no table to be copied: its store, and the scope of its user.
local NOT_SAVED = { S = true, scope = true }

-- The tables that few sessions look into: their bytes become tables when that happens first. They hold no handles.
local LATER = { "rules", "repeated" }
-- The same for each of these tables' fields: few sessions look into more than one.
local FIELDS_LATER = { "layouts", "conventions" }
-- And for the rows of notations that say how programs write.
local ROWS = "programs"

-- The tables of a session that are read later, and by each its place among them.
local function read_later(session)
  local list, places = {}, {}
  for _, name in ipairs(LATER) do
    list[#list + 1] = session[name]
  end
  for _, name in ipairs(FIELDS_LATER) do
    for _, key in ipairs(spelling.names(session[name])) do
      list[#list + 1] = session[name][key] ~= conventions.free and session[name][key] or nil
    end
  end
  for _, name in ipairs(spelling.names(session.notations)) do
    list[#list + 1] = session.notations[name][ROWS]
  end
  for place, t in ipairs(list) do
    places[later.filled(t)] = place
  end
  return list, places
end

-- The bytes of a session's tables, and of each that is read later. Four kinds of values stand for something else when they are read:
-- handles, paths below the folder of the rules, the convention that is code, and tables that are read later.
local function pack_tables(session, folder)
  local beginning, root = folder .. "/", nil
  local others, place_of_other = read_later(session)
  local function special(value)
    if value == conventions.free then
      return "free"
    elseif type(value) == "string" then
      return "path:" .. value:sub(#folder + 1)
    elseif type(value) == "userdata" then
      local _, id = core.unwrap(value)
      return id and "node:" .. id
    elseif place_of_other[value] and value ~= root then
      return "later:" .. place_of_other[value]
    end
  end
  local saved, bytes, asked = {}, {}, { [conventions.free] = true }
  for t in pairs(place_of_other) do
    asked[t] = true
  end
  for name, value in pairs(session) do
    saved[name] = not NOT_SAVED[name] and value or nil
  end
  for place, t in ipairs(others) do
    root = t
    bytes[place] = serialise.pack(t, special, beginning, asked)
  end
  root = nil
  return serialise.pack(saved, special, beginning, asked), table.unpack(bytes)
end

-- What the special texts of pack_tables stand for. `read(i)`: the i-th of the tables that are read later.
local function meaning(S, folder, read)
  return function(text)
    local kind = text:sub(1, 5)
    if kind == "node:" then
      return S:handle(math.tointeger(text:sub(6)))
    elseif kind == "path:" then
      return folder .. text:sub(6)
    elseif kind == "later" then
      return read(math.tointeger(text:sub(7)))
    end
    return text == "free" and conventions.free or nil
  end
end

-- ---------------------------------------------------------------------------------------------- files

-- The name of an image in the user's cache: by the engine and the first rule file, as they are on the disk. Should another rule file
-- change, the image no longer holds, and the next one takes its place.
local function cached_name(engine, default)
  local stamps = { core.file.stamp(engine) or nil, core.file.stamp(default) or nil }
  return stamps[2] and string.format("%016x.image", core.digest(table.concat(stamps, " ")))
end

-- The text that names what a user's files are, in the order in which they are given: each file and those that it uses, by path
-- and by what they hold. Nil where one cannot be read, or where all of them are short.
local function identity_of(files)
  local seen, parts, size = {}, { paths.modules }, 0
  local function add(path)
    local text = path and not seen[path] and paths.contents(path)
    if text then
      seen[path], size = true, size + #text
      parts[#parts + 1] = string.format("%016x %s", core.digest(text), path)
      for used in ("\n" .. text):gmatch '\n%s*use%s+"([^"\n]*)"' do
        local found = paths.find(used, path)
        parts[#parts + 1] = used
        if not found or not paths.is_own(found) then -- nabla's own are known by the lines of the image
          add(found)
        end
      end
    end
    return path and seen[path]
  end
  for _, given in ipairs(files) do
    parts[#parts + 1] = given
    if type(given) ~= "string" or not add(paths.find(given)) then
      return nil
    end
  end
  return size >= WORTH and table.concat(parts, "\n") or nil
end

-- Where images of these rules may be: functions that give a path, so that the second costs time only if it is needed.
local function places(default)
  local engine, kept = package.searchpath("nabla.core", package.cpath), cache.folder()
  return {
    function()
      return engine and paths.folder(engine) .. "/rules.image"
    end,
    function()
      local name = kept and engine and cached_name(engine, default)
      return name and kept .. "/" .. name
    end,
  }
end

-- The lines of what an image is made of, and its parts, each by the places of its first and last byte: the store, the tables, those
-- of LATER. Nil if the text, a string or bytes, is no image.
local function parts_of(text)
  local title, start = text:sub(1, LONGEST_TITLE):match "^([^\n]-) *\n()"
  if not title or title ~= string.format("%s %016x", TITLE, core.digest(text, start)) then
    return nil
  end
  local finish = text:find("\n\n", start, true)
  local lines, at, parts = text:sub(start, (finish or 0) - 1), (finish or #text) + 2, {}
  while at <= #text do
    local size = string.unpack("<I4", text:sub(at, at + 3))
    parts[#parts + 1] = { at + 4, at + 3 + size }
    at = at + 4 + size
  end
  return finish and lines, parts
end

-- The text of an image of a session that has read the default rules and nothing else.
local function text_of(session, default)
  local folder = paths.folder(default)
  local parts = { session.S:image(), pack_tables(session, folder) }
  local lines = made_of(session, folder) -- of the modules that pack, too
  local text = lines .. "\n\n" .. string.pack(("<" .. ("s4"):rep(#parts)), table.unpack(parts))
  local title = string.format("%s %016x", TITLE, core.digest(text))
  local before = #title + 1 + #lines + 2 + 4 -- the words of the store
  return title .. (" "):rep(-before % WORD) .. "\n" .. text
end

--- Read the default rules, and write the image of what they make of a session. It is for all who may read its folder.
-- @tparam string path
-- @return true, or nil and the reason
function M.write(path)
  local default = paths.own(DEFAULT)
  local session, trouble = require("nabla.session").new { default_rules = false, rules = default }
  if not session then
    return nil, tostring(trouble)
  end
  return core.file.write(path, text_of(session, default), true)
end

-- The file of the default rules, unless another file of the name would be read in its place.
local function default_rules()
  local default = paths.own(DEFAULT)
  return default == paths.find(DEFAULT) and default
end

-- Fill a session from an image. `is_good` is asked about the lines of what it was made of. What is wrong with the text may also be
-- raised; then the session is as it was.
local function fill(session, text, folder, is_good)
  local lines, parts = parts_of(text)
  if not lines or not is_good(lines, folder) then
    return false
  end
  local first_word, last_word = table.unpack(parts[1])
  local S, mean, known = core.new(text, nil, first_word, last_word, true), nil, {}
  local function read(place)
    if not known[place] then
      local first, last = table.unpack(parts[place + 2])
      known[place] = later.table(function()
        return core.unpack(text, mean, first, last)
      end)
    end
    return known[place]
  end
  mean = meaning(S, folder, read)
  for name, value in pairs(core.unpack(text, mean, table.unpack(parts[2]))) do
    session[name] = value
  end
  session.S = S
  handles.belongs(S, session)
  return true
end

-- Fill a session from the image in a file, if it holds.
local function restore(session, path, folder)
  local text = core.file.read_trusted(path)
  return text and fill(session, text, folder, unchanged) or false
end

local held -- the bytes of an image that goes before all others

--- From now on sessions begin with this image, whatever the files are: for a program that holds the rules itself.
-- @tparam string text the bytes that `write` has given
function M.hold(text)
  held = text
end

local function of_this_program()
  return true
end

--- Fill a session from an image of the default rules, if there is one that holds.
-- @tparam table session one that has read nothing yet
-- @tparam[opt] string path of the image; else those beside the engine and in the user's cache are tried
-- @treturn boolean
function M.restore(session, path)
  local default = default_rules()
  if held and default and not path then
    return fill(session, held, paths.folder(default), of_this_program)
  end
  local function given()
    return path
  end
  for _, place in ipairs(default and (path and { given } or places(default)) or {}) do
    local candidate = place()
    local ok, done = pcall(restore, session, candidate, paths.folder(default))
    if candidate and ok and done then
      return true
    end
  end
  return false
end

-- The path of the image for a user's files; nil where there can be none.
local function path_for(files)
  local kept = cache.folder()
  local identity = kept and identity_of(files)
  return identity and string.format("%s/%016x.session", kept, core.digest(identity))
end

--- Fill a session from the image of the default rules and of a user's files, if there is one that holds.
-- @tparam table session one that has read nothing yet
-- @tparam {string,...} files as nabla.new takes them
-- @treturn boolean
-- @treturn[opt] string where such an image may be kept (`keep_with`)
function M.restore_with(session, files)
  local default, path = default_rules(), path_for(files)
  if not (default and path) then
    return false
  end
  local ok, done = pcall(restore, session, path, paths.folder(default))
  return ok and done, path
end

-- Write an image where only the user can have written it. It may fail: then the next session is as slow as this.
local function keep(session, path, default)
  pcall(function()
    cache.keep(path, function()
      return text_of(session, default)
    end)
  end)
end

--- Write an image into the user's cache, so that the next session need not read the rules. It may fail: then the next one is as
-- slow as this.
-- @tparam table session one that has read the default rules, since no image held, and nothing else
function M.keep(session)
  local default = default_rules()
  local path = default and places(default)[2]()
  if path then
    keep(session, path, default)
  end
end

--- Write the image of a session that has read the default rules, then a user's files, and nothing else.
-- @tparam table session
-- @tparam string path as `restore_with` gave it
function M.keep_with(session, path)
  keep(session, path, default_rules())
end

return M
