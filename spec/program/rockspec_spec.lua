-- The rockspecs name every file that is installed, since LuaRocks finds none by itself. `make rockspecs` writes the lists.

local files = require "spec.support.files"
local lfs = require "lfs"
local nabla = require "nabla"

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
  local release = "nabla-" .. nabla.version .. "-1.rockspec"
  local build = load_rockspec(release).build

  it("list the files of this tree", function()
    local pipe = io.popen "lua5.4 tools/rockspecs.lua --check"
    local told = pipe:read "a"
    assert.is_true(pipe:close(), told)
  end)

  it("list files of all kinds", function()
    assert.is_true(#build.modules["nabla.core"].sources > 10)
    assert.are.equal("lua/nabla/init.lua", build.modules.nabla)
    assert.are.equal("rules/default.rules", build.install.lua["nabla.rules.default"])
    local numeric = load_rockspec("rockspecs/others/nabla-numeric-" .. nabla.version .. "-1.rockspec")
    local sources = numeric.build.modules["nabla.numeric.core"].sources
    assert.is_true(#sources > 2)
    for _, path in ipairs(sources) do
      assert.is_true(exists(path), path)
    end
  end)

  it("are one where a plain `luarocks make` looks", function()
    local found = {}
    for _, folder in ipairs { ".", "rockspec", "rockspecs" } do
      if lfs.attributes(folder, "mode") == "directory" then
        for name in lfs.dir(folder) do
          found[#found + 1] = name:match "%.rockspec$" and name
        end
      end
    end
    assert.are.same({ release }, found)
  end)

  it("of a release have the version of the code; those of a checkout differ in version and source only", function()
    for _, name in ipairs { "nabla", "nabla-numeric" } do
      local folder = name == "nabla" and "" or "rockspecs/others/"
      local released = load_rockspec(folder .. name .. "-" .. nabla.version .. "-1.rockspec")
      local checkout = load_rockspec("rockspecs/others/" .. name .. "-scm-1.rockspec")
      assert.are.equal(name, released.package)
      assert.are.equal(nabla.version .. "-1", released.version)
      assert.are.equal("nabla-" .. nabla.version .. ".tar.gz", released.source.url)
      assert.are.equal("scm-1", checkout.version)
      released.version, released.source, checkout.version, checkout.source = nil, nil, nil, nil
      assert.are.same(released, checkout)
    end
  end)

  it("have the version that the changelog describes", function()
    assert.are.equal("nabla " .. nabla.version, nabla._VERSION)
    assert.are.equal(nabla.version, files.read("CHANGELOG.md"):match "\n## %[(%d[%d.]*)%]")
  end)

  it("install the command", function()
    local file = assert(io.open(build.install.bin.nabla))
    local first = file:read "l"
    file:close()
    assert.is_truthy(first:find "^#!.*lua")
  end)
end)
