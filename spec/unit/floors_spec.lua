-- The folders of lua/nabla/ lie floor by floor: a folder uses lower floors only, so no circle between folders is possible.

local lfs = require "lfs"

-- Each floor uses those above it in this list. Folders of one floor do not use each other.
local FLOORS = {
  { "start" },
  { "text", "evaluate" },
  { "print" },
  { "language", "latex", "exact", "numeric" },
  { "calculus" },
  { "compare", "derive", "algebra" },
  { "page", "convexity", "solve" },
  { "rules", "identify", "code" },
  { "session" },
  { "check", "repl" },
  { "command" },
}

-- The modules at the top: public names. Only the command uses them.
local TOP = { init = true, matrix = true, review = true }

local floor_of = { core = 0 } -- nabla.core is the engine
for floor, folders in ipairs(FLOORS) do
  for _, folder in ipairs(folders) do
    floor_of[folder] = floor
  end
end

-- folder -> its files
local function lua_files()
  local found = {}
  for entry in lfs.dir "lua/nabla" do
    local path = "lua/nabla/" .. entry
    if lfs.attributes(path, "mode") == "directory" and not entry:find "^%." then
      found[entry] = {}
      for name in lfs.dir(path) do
        if name:find "%.lua$" then
          table.insert(found[entry], path .. "/" .. name)
        end
      end
    end
  end
  return found
end

-- The modules that a file names in a call of require, also inside its functions.
local function required(path)
  local list = {}
  for line in io.lines(path) do
    if not line:find "^%s*%-%-" then
      for name in line:gmatch 'require[%s%(,]*"nabla([%w_%.]*)"' do
        list[#list + 1] = name:sub(2)
      end
    end
  end
  return list
end

describe("the folders of lua/nabla", function()
  local files = lua_files()

  it("are those of the floors", function()
    for folder in pairs(files) do
      assert.is_truthy(floor_of[folder], folder .. " is on no floor")
    end
    for folder in pairs(floor_of) do
      assert.is_truthy(files[folder] or folder == "core", "there is no folder " .. folder)
    end
  end)

  it("are on the map of docs/how-it-works.md, each on its floor", function()
    local mapped = { core = 0 }
    for line in io.lines "docs/how-it-works.md" do
      local floor, folder = line:match "^| (%d+) | lua/nabla/(%w+)/ |"
      if floor then
        mapped[folder] = tonumber(floor)
      end
    end
    assert.are.same(floor_of, mapped)
  end)

  it("use lower floors only", function()
    local wrong, edges = {}, 0
    for folder, paths in pairs(files) do
      for _, path in ipairs(paths) do
        for _, name in ipairs(required(path)) do
          local used = name:match "^[^.]*"
          local fits = used == folder
            or floor_of[used] and floor_of[used] < floor_of[folder]
            or used == "" and folder == "command"
          edges = edges + 1
          if not fits then
            wrong[#wrong + 1] = string.format("%s uses nabla.%s", path, name)
          end
        end
      end
    end
    assert.are.same({}, wrong)
    assert.is_true(edges > 200) -- the files were read
  end)

  it("leave only public names at the top", function()
    for entry in lfs.dir "lua/nabla" do
      local name = entry:match "^(.*)%.lua$"
      assert.is_truthy(not name or TOP[name], entry .. " belongs into a folder")
    end
  end)

  it("hold no circle of files that load each other", function()
    local state = {}
    local function visit(module, trail)
      assert.are_not.equal("open", state[module], trail .. " -> " .. module)
      if state[module] then
        return
      end
      state[module] = "open"
      local base = "lua/" .. module:gsub("%.", "/")
      local path = lfs.attributes(base .. ".lua") and base .. ".lua" or base .. "/init.lua"
      if lfs.attributes(path) then
        for line in io.lines(path) do
          local used = line:match '^local [%w_, ]+ = require "(nabla[%w_%.]*)"'
            or line:match '^require "(nabla[%w_%.]*)"'
          if used then
            visit(used, trail .. " -> " .. module)
          end
        end
      end
      state[module] = "done"
    end
    for folder, paths in pairs(files) do
      for _, path in ipairs(paths) do
        visit((path:gsub("^lua/", ""):gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")), folder)
      end
    end
  end)
end)
