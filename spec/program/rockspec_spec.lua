-- The rockspecs name every file that is installed, since LuaRocks finds none by itself. `make rockspecs` writes the lists.

local function load_rockspec(path)
  local fields = {}
  assert(loadfile(path, "t", fields))()
  return fields
end

local function exists(path)
  local file = io.open(path, "rb")
  return file ~= nil and file:close()
end

describe("the rockspecs", function()
  local build = load_rockspec("nabla-scm-1.rockspec").build

  it("list the files of this tree", function()
    local pipe = io.popen "lua5.4 tools/rockspecs.lua --check"
    local told = pipe:read "a"
    assert.is_true(pipe:close(), told)
  end)

  it("list files of all kinds", function()
    assert.is_true(#build.modules["nabla.core"].sources > 10)
    assert.are.equal("lua/nabla/init.lua", build.modules.nabla)
    assert.are.equal("rules/default.rules", build.install.lua["nabla.rules.default"])
    local numeric = load_rockspec("rockspecs/nabla-numeric-scm-1.rockspec").build.modules["nabla.numeric.core"]
    assert.is_true(#numeric.sources > 2)
    for _, path in ipairs(numeric.sources) do
      assert.is_true(exists(path), path)
    end
  end)

  it("install the command", function()
    local file = assert(io.open(build.install.bin.nabla))
    local first = file:read "l"
    file:close()
    assert.is_truthy(first:find "^#!.*lua")
  end)
end)
