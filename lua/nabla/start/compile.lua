--- Writes the files of bytecode that nabla.start.precompiled reads.
--
-- @module nabla.start.compile

local cache = require "nabla.start.cache"
local core = require "nabla.core"
local precompiled = require "nabla.start.precompiled"

local M = {}

-- The stamp of a file, if it tells from now on whether the file is as it was; else none.
local function stamp(path)
  local text, is_settled = core.file.stamp(path)
  return is_settled and text or ""
end

--- The modules that a piece of work loads.
-- @tparam function work
-- @treturn {string,...} their names, in order
function M.loaded_by(work)
  local names = {}
  local function note(name)
    names[#names + 1] = name
  end
  table.insert(package.searchers, 1, note) -- before bytecode that there is already
  work()
  for place, searcher in ipairs(package.searchers) do
    if searcher == note then
      table.remove(package.searchers, place)
    end
  end
  return names
end

-- The file of a module as the index has it: within the folder of the modules, if it is one of nabla's.
local function file_of(name, source)
  for _, ending in ipairs { ".lua", "/init.lua" } do
    local file = name:gsub("%.", "/") .. ending
    if name:find "^nabla%f[.%z]" and source:sub(-#file) == file then
      return file
    end
  end
  return source
end

-- The bytes of the file for modules by name, in this order; or nil and what is wrong with a source. `source_of(name)`: the path of
-- its source; nil: it is left out.
local function bytes_of(names, source_of)
  local index, codes, offset, placed = {}, {}, 0, {}
  for _, name in ipairs(names) do
    local source = not placed[name] and source_of(name)
    if source then
      local compiled, wrong = loadfile(source, "t")
      if not compiled then
        return nil, wrong
      end
      local code, file = string.dump(compiled, true), file_of(name, source)
      index[#index + 1] = precompiled.name:format(name)
        .. precompiled.entry:pack(file, stamp(source), core.file.digest(source), offset, #code)
      codes[#codes + 1], offset, placed[name] = code, offset + #code, true
    end
  end
  return table.concat { precompiled.head, ("<s4"):pack(table.concat(index)), table.unpack(codes) }
end

--- Writes the file.
-- @string path of the file
-- @tparam {string,...} sources the paths of the modules, each `FOLDER/nabla/MODULE.lua`
-- @tparam[opt] {string,...} first names of modules that a start loads (`loaded_by`)
-- @return true; or nil and why not
function M.write(path, sources, first)
  local names, source_of = table.move(first or {}, 1, #(first or {}), 1, {}), {}
  for _, name in ipairs(precompiled.libraries) do -- one that is not installed is left out
    names[#names + 1], source_of[name] = name, package.searchpath(name, package.path)
  end
  for _, source in ipairs(sources) do
    local file = assert(source:match "(nabla/.*%.lua)$", source)
    local name = file:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
    names[#names + 1], source_of[name] = name, source
  end
  local bytes, wrong = bytes_of(names, function(name)
    return source_of[name]
  end)
  if not bytes then
    return nil, wrong
  end
  return core.file.write(path, bytes, true)
end

-- The bytes for modules that are found as `require` finds them.
local function bytes_of_found(names)
  return bytes_of(names, function(name)
    return package.searchpath(name, package.path)
  end)
end

--- Writes the file beside the engine anew, of the same modules: once it and they were copied there, so that the stamps hold.
-- @return true; or nil and why not
function M.again()
  local path, names = precompiled.beside(), precompiled.known()
  local bytes, wrong = bytes_of_found(names)
  if not path or not names[1] or not bytes then
    return nil, wrong or "there is no bytecode beside the engine"
  end
  return core.file.write(path, bytes, true)
end

--- Writes a file for the user alone, into the cache. It may fail: then the next start is as slow as this.
-- @string path
-- @tparam {string,...} names of modules, which are found as `require` finds them
function M.keep(path, names)
  pcall(function()
    local bytes = assert(bytes_of_found(names))
    cache.keep(path, function()
      return bytes
    end)
  end)
end

return M
