--- The modules as bytecode: a process that starts loads them from one file in place of compiling each.
--
-- The file `modules.luac` lies beside the engine, `nabla/core.so`; `make` writes it. It has the modules of nabla and the libraries in
-- Lua that the command needs. A module is taken from it only when its source is as it was then: by its stamp, which is read without
-- the file, or else by its digest. So an edited module counts at once, and a file that was copied or moved stays good. Without
-- the bytecode, or under another version of Lua, the sources are compiled as ever.
--
-- The bytecode has neither the lines nor the names of local variables, which are half of what a process would read. Where the
-- environment has NABLA_TRACE, the sources are compiled, so that an error inside nabla tells its place.
--
-- The bytes: a first line, the index as `string.pack "s4"` writes it, the bytecode of all modules. The index is as many texts as
-- there are PLACES; a module is in the text that the digest of its name chooses: a line with its name, then its file (within the
-- folder of the modules, or a whole path), the stamp and the digest of the file, and where its bytecode begins behind the index
-- and how long it is. So a process that needs a third of the modules makes no table of all.
--
-- @module nabla.start.precompiled

local core = require "nabla.core"

local M = {}

local HEAD = "nabla modules 3\n"
local ENTRY = "<s4s4i8I4I4"
local PLACES = 64
local INDEX = "<" .. ("s4"):rep(PLACES)
local MOMENT = 2 -- seconds: a stamp tells two writings apart if there is as much between them

-- The name of this module, and the file that it was read from.
local own_name, own_file = ...

-- The place of the file: beside the engine.
local function beside_engine()
  local engine = package.searchpath("nabla.core", package.cpath)
  return engine and (engine:gsub("core%.%w+$", "modules.luac"))
end

-- In which text of the index a module is.
local function place_in_index(name)
  return core.digest(name) % PLACES + 1
end

-- The stamp of a file, if it tells from now on whether the file is as it was; else none.
local function stamp(path)
  local text, changed = core.file.stamp(path)
  return text and os.time() - changed > MOMENT and text or ""
end

--- Writes the file.
-- @string path of the file
-- @tparam {string,...} sources the paths of the modules, each `FOLDER/nabla/MODULE.lua`
-- @tparam[opt] {string,...} libraries names of other modules; one that is not installed is left out
-- @return true; or nil and why not
function M.write(path, sources, libraries)
  local index, codes, offset = {}, {}, 0
  for place = 1, PLACES do
    index[place] = ""
  end
  local function add(name, file, source)
    local compiled, wrong = loadfile(source, "t")
    if not compiled then
      return wrong
    end
    local code = string.dump(compiled, true)
    local at = place_in_index(name)
    index[at] = ("%s\n%s\n"):format(index[at], name)
      .. ENTRY:pack(file, stamp(source), core.file.digest(source), offset, #code)
    codes[#codes + 1], offset = code, offset + #code
  end
  for _, source in ipairs(sources) do
    local file = assert(source:match "(nabla/.*%.lua)$", source)
    local wrong = add(file:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", "."), file, source)
    if wrong then
      return nil, wrong
    end
  end
  for _, name in ipairs(libraries or {}) do
    local source = package.searchpath(name, package.path)
    if source then
      add(name, source, source)
    end
  end
  local file, why = io.open(path, "wb")
  if not file then
    return nil, why
  end
  file:write(HEAD, ("<s4"):pack(INDEX:pack(table.unpack(index))), table.concat(codes))
  return file:close()
end

-- The open file, the index, and where the bytecode begins; nothing when there is no such file.
local function opened(path)
  local file = path and io.open(path, "rb")
  if not file then
    return
  end
  local head = file:read(#HEAD + 4)
  if head and #head == #HEAD + 4 and head:sub(1, #HEAD) == HEAD then
    local length = ("<I4"):unpack(head, #HEAD + 1)
    local index = { pcall(string.unpack, INDEX, file:read(length)) }
    if table.remove(index, 1) then
      return file, index, #head + length
    end
  end
  file:close()
end

-- What the index says of a module; nil where it does not have it.
local function entry(index, base, name)
  local text = index[place_in_index(name)]
  local _, at = text:find(("\n%s\n"):format(name), 1, true)
  if at then
    local source, stamped, digest, offset, size = ENTRY:unpack(text, at + 1)
    return { source = source, stamp = stamped, digest = digest, place = base + offset, size = size }
  end
end

-- What Lua's path has before the place where this module was found, and the folder of the modules there.
local searched, before, folder

-- Where `require` would find the source of a module that the index has.
local function source_of(name, module)
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
  if not folder or module.source:sub(1, 6) ~= "nabla/" then
    return package.searchpath(name, package.path)
  end
  return before ~= "" and package.searchpath(name, before) or folder .. module.source
end

--- From now on `require` looks here first for modules of nabla. To call it again changes nothing.
function M.install()
  if M.installed then
    return
  end
  M.installed = true
  if os.getenv "NABLA_TRACE" then
    return
  end
  local file, index, base = opened(beside_engine())
  if not file then
    return
  end
  table.insert(package.searchers, 2, function(name)
    local module = entry(index, base, name)
    local path = module and source_of(name, module)
    if not path or core.file.stamp(path) ~= module.stamp and core.file.digest(path) ~= module.digest then
      return
    end
    return core.file.load(file, module.place, module.size, "@" .. path), path
  end)
end

return M
