--- The modules as bytecode: a process that starts loads them from one file in place of compiling each.
--
-- The file `modules.luac` lies beside the engine, `nabla/core.so`; `make` writes it (nabla.start.compile). It has the modules of
-- nabla and the libraries in Lua that the command needs. Where there is none, as after an installation by LuaRocks, the command
-- keeps one in the user's cache, of the modules that it has loaded. A module is taken from a file only when its source is as it was
-- then: by its stamp, which is read without the source, or else by its digest. So an edited module counts at once, and a file that
-- was copied or moved stays good. Without bytecode, or under another version of Lua, the sources are compiled as ever.
--
-- The bytecode has neither the lines nor the names of local variables, which are half of what a process would read. Where the
-- environment has NABLA_TRACE, the sources are compiled, so that an error inside nabla tells its place.
--
-- The bytes: a first line, the index as `string.pack "s4"` writes it, the bytecode of all modules. The index has for each module a
-- line feed, its name, a zero, its file (within the folder of the modules, or a whole path), the stamp and the digest of the file,
-- where its bytecode begins behind the index and how long it is. The modules that a start loads come first, in their order, so that
-- each is found behind the last.
--
-- @module nabla.start.precompiled

local core = require "nabla.core"

local M = {}

local HEAD = "nabla modules 3\n"
local NAME = "\n%s\0"
local ENTRY = "<s4s4i8I4I4"

M.head, M.name, M.entry = HEAD, NAME, ENTRY

--- The libraries in Lua that the command needs.
M.libraries = { "argparse", "dkjson" }

-- The name of this module, and the file that it was read from.
local own_name, own_file = ...

-- The bytes of a file, its index, and how many bytes are before the bytecode; nothing when they are none of such a file.
local function opened(bytes)
  if not bytes or bytes:sub(1, #HEAD) ~= HEAD or #bytes < #HEAD + 4 then
    return
  end
  local length = ("<I4"):unpack(bytes:sub(#HEAD + 1, #HEAD + 4))
  local base = #HEAD + 4 + length
  if #bytes >= base then
    return bytes, bytes:sub(#HEAD + 5, base), base
  end
end

-- What Lua's path has before the place where this module was found, and the folder of the modules there.
local searched, before, folder

-- Where `require` would find the source of a module that the index has with a file.
local function source_of(name, source)
  if package.path ~= searched then
    searched, before, folder = package.path, nil, nil
    local file = own_name and own_name:gsub("%.", "/")
    for from, template in searched:gmatch "()([^;]*)" do
      if file and template:gsub("%?", file) == own_file then
        before, folder = searched:sub(1, from - 1), own_file:sub(1, -#file - 5)
        break
      end
    end
  end
  if not folder or source:sub(1, 6) ~= "nabla/" then
    return package.searchpath(name, package.path)
  end
  return before ~= "" and package.searchpath(name, before) or folder .. source
end

--- The path of the file beside the engine; nil where the engine is no file.
function M.beside()
  local engine = package.searchpath("nabla.core", package.cpath)
  return engine and (engine:gsub("core%.%w+$", "modules.luac"))
end

-- The file in the user's cache, for the engine; nil where there can be none.
local function in_cache()
  local cache, engine = require("nabla.start.cache").folder(), package.searchpath("nabla.core", package.cpath)
  local version = engine and core.file.stamp(engine)
  return cache and version and ("%s/%016x.modules"):format(cache, core.digest(version .. _VERSION))
end

local missed = {} -- modules that were found in no file
local kept -- where a file is in the user's cache, or may be; nil: none is needed
local index -- of the file that is read; nil: there is none

--- From now on `require` looks here first for modules of nabla. To call it again changes nothing.
function M.install()
  if M.installed then
    return
  end
  M.installed = true
  if os.getenv "NABLA_TRACE" then
    return
  end
  local beside = M.beside()
  local bytes, base
  bytes, index, base = opened(beside and core.file.read(beside))
  if not bytes then
    kept = in_cache()
    bytes, index, base = opened(kept and core.file.read_trusted(kept))
  end
  local last = 1 -- where the line begins that was found last
  table.insert(package.searchers, 2, function(name)
    local entry = NAME:format(name)
    local at = index and (index:find(entry, last, true) or index:find(entry, 1, true))
    if not at then
      missed[#missed + 1] = name
      return
    end
    last = at
    local source, stamped, digest, offset, size = ENTRY:unpack(index, at + #entry)
    local path = source_of(name, source)
    if not path or core.file.stamp(path) ~= stamped and core.file.digest(path) ~= digest then
      missed[#missed + 1] = name
      return
    end
    local first = base + offset + 1
    return base + offset + size <= #bytes and bytes:load(first, base + offset + size, "@" .. path) or nil, path
  end)
end

--- The names of the modules of the file that is read, in their order.
function M.known()
  local names = {}
  for name in (index or ""):gmatch(NAME:format "([%w_.]+)") do
    names[#names + 1] = name
  end
  return names
end

--- Keep the modules that this process has compiled as bytecode, for the next: in the user's cache, where none lies beside the engine.
function M.keep()
  if not kept or not missed[1] then
    return
  end
  local names, has_new = M.known(), false
  for _, name in ipairs(missed) do
    local is_ours = name:find "^nabla%f[.%z]" and name ~= "nabla.core"
    for _, library in ipairs(M.libraries) do
      is_ours = is_ours or name == library
    end
    names[#names + 1] = is_ours and name or nil
    has_new = has_new or is_ours
  end
  if has_new then
    require("nabla.start.compile").keep(kept, names)
  end
end

return M
