--- The modules of nabla as bytecode: a process that starts loads them from one file in place of compiling each.
--
-- The file `modules.luac` lies beside the engine, `nabla/core.so`; `make` writes it. A module is taken from it only when its source
-- has the digest that the source had then: an edited module counts at once, and a file that was copied or moved stays good. Without
-- the file, or under another version of Lua, the sources are compiled as ever.
--
-- The bytes: a first line, the index as `string.pack "s4"` writes it, the bytecode of all modules. The index has for each module its
-- name, the digest of its source, and where its bytecode begins behind the index and how long it is.
--
-- @module nabla.start.precompiled

local core = require "nabla.core"

local M = {}

local HEAD = "nabla modules 1\n"
local ENTRY = "<s4i8I4I4"

-- The place of the file: beside the engine.
local function place()
  local engine = package.searchpath("nabla.core", package.cpath)
  return engine and (engine:gsub("core%.%w+$", "modules.luac"))
end

--- Writes the file.
-- @string path of the file
-- @tparam {string,...} sources the paths of the modules, each `FOLDER/nabla/MODULE.lua`
-- @return true; or nil and why not
function M.write(path, sources)
  local index, codes, offset = {}, {}, 0
  for _, source in ipairs(sources) do
    local name = assert(source:match "(nabla/.*)%.lua$", source):gsub("/init$", ""):gsub("/", ".")
    local compiled, wrong = loadfile(source, "t")
    if not compiled then
      return nil, wrong
    end
    local code = string.dump(compiled)
    index[#index + 1] = ENTRY:pack(name, core.file.digest(source), offset, #code)
    codes[#codes + 1], offset = code, offset + #code
  end
  local file, why = io.open(path, "wb")
  if not file then
    return nil, why
  end
  file:write(HEAD, ("<s4"):pack(table.concat(index)), table.concat(codes))
  return file:close()
end

-- The open file and, by the name of a module, what the index says of it; nothing when there is no such file.
local function opened(path)
  local file = path and io.open(path, "rb")
  if not file then
    return
  end
  local head = file:read(#HEAD + 4)
  if not head or #head < #HEAD + 4 or head:sub(1, #HEAD) ~= HEAD then
    file:close()
    return
  end
  local length = ("<I4"):unpack(head, #HEAD + 1)
  local index, base = file:read(length) or "", #head + length
  local modules = {}
  local whole = pcall(function()
    local at = 1
    while at <= #index do
      local name, digest, offset, size
      name, digest, offset, size, at = ENTRY:unpack(index, at)
      modules[name] = { digest = digest, place = base + offset, size = size }
    end
  end)
  if whole then
    return file, modules
  end
  file:close()
end

--- From now on `require` looks here first for modules of nabla. To call it again changes nothing.
function M.install()
  if M.installed then
    return
  end
  M.installed = true
  local file, modules = opened(place())
  if not file then
    return
  end
  table.insert(package.searchers, 2, function(name)
    local module = modules[name]
    local path = module and package.searchpath(name, package.path)
    if path and core.file.digest(path) == module.digest and file:seek("set", module.place) then
      local code = file:read(module.size)
      return code and load(code, "@" .. path, "b"), path
    end
  end)
end

return M
