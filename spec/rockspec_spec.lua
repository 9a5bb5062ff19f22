-- The rockspec names every file that is installed, since LuaRocks finds none by itself. A message of this spec is the
-- text to paste.

local lfs = require "lfs"

local rockspec = {}
assert(loadfile("nabla-scm-1.rockspec", "t", rockspec))()
local build = rockspec.build

-- The files below a folder whose name ends in `ending`, sorted; none if there is no such folder.
local function files(folder, ending)
  local list = {}
  if lfs.attributes(folder, "mode") ~= "directory" then
    return list
  end
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    if name:sub(1, 1) ~= "." then
      if lfs.attributes(path, "mode") == "directory" then
        for _, inner in ipairs(files(path, ending)) do
          list[#list + 1] = inner
        end
      elseif name:sub(-#ending) == ending then
        list[#list + 1] = path
      end
    end
  end
  table.sort(list)
  return list
end

-- Lines `["name"] = "path",` of a table from names to paths, sorted.
local function lines(entries)
  local list = {}
  for name, path in pairs(entries) do
    list[#list + 1] = string.format("[%q] = %q,", name, path)
  end
  table.sort(list)
  return table.concat(list, "\n    ")
end

-- path -> module name: lua/nabla/x.lua is nabla.x, lua/nabla/init.lua is nabla.
local function module_name(path, folder, ending)
  local name = path:sub(#folder + 2, -#ending - 1):gsub("/", ".")
  return (name:gsub("%.init$", ""))
end

local function compare(what, wanted, found)
  wanted, found = lines(wanted), lines(found)
  assert.is_true(wanted == found, what .. " should be:\n    " .. wanted)
end

describe("the rockspec", function()
  local function sources(list, module)
    local found = {}
    for i, path in ipairs(module.sources) do
      found[i] = string.format("%q,", path)
    end
    for i, path in ipairs(list) do
      list[i] = string.format("%q,", path)
    end
    local wanted = table.concat(list, "\n    ")
    assert.is_true(wanted == table.concat(found, "\n    "), "sources should be:\n    " .. wanted)
  end

  it("lists the C files of src/ that are no part of the numeric module", function()
    local list = {}
    for _, path in ipairs(files("src", ".c")) do
      list[#list + 1] = not path:find "^src/numeric/" and path or nil
    end
    sources(list, build.modules["nabla.core"])
  end)

  it("of the numeric module lists its C files", function()
    local other = {}
    assert(loadfile("nabla-numeric-scm-1.rockspec", "t", other))()
    sources(files("src/numeric", ".c"), other.build.modules["nabla.numeric.core"])
  end)

  it("lists the Lua files of lua/", function()
    local wanted, found = {}, {}
    for _, path in ipairs(files("lua", ".lua")) do
      wanted[module_name(path, "lua", ".lua")] = path
    end
    for name, entry in pairs(build.modules) do
      if type(entry) == "string" then
        found[name] = entry
      end
    end
    compare("the Lua files in build.modules", wanted, found)
  end)

  it("lists the rule files of rules/", function()
    local wanted = {}
    for _, path in ipairs(files("rules", ".rules")) do
      wanted["nabla.rules." .. module_name(path, "rules", ".rules")] = path
    end
    compare("build.install.lua", wanted, build.install.lua)
  end)

  it("installs the command", function()
    local file = assert(io.open(build.install.bin.nabla))
    local first = file:read "l"
    file:close()
    assert.is_truthy(first:find "^#!.*lua")
  end)
end)
