-- The bytecode of the modules, in a tree of two modules: it is used while their sources are as they were, and only then.

local compile = require "nabla.start.compile"
local core = require "nabla.core"
local files = require "spec.support.files"
local lfs = require "lfs"

describe("the bytecode of the modules", function()
  local folder = os.tmpname()
  local module, bytecode = folder .. "/nabla/probe/init.lua", folder .. "/nabla/modules.luac"
  setup(function()
    os.remove(folder)
    for _, path in ipairs { folder, folder .. "/nabla", folder .. "/nabla/probe" } do
      assert(lfs.mkdir(path))
    end
    assert(os.execute(("cp '%s' '%s/nabla/core.so'"):format(package.searchpath("nabla.core", package.cpath), folder)))
    assert(os.execute(("cp -r lua/nabla/start '%s/nabla/'"):format(folder)))
  end)
  teardown(function()
    os.execute("rm -r '" .. folder .. "'")
  end)
  before_each(function()
    files.write(module, "return { 'first', (...) }")
    assert(compile.write(bytecode, { module }))
  end)

  -- What the module says in a program of its own, and whether its bytecode was loaded; `set`: a variable of the environment.
  local function loaded(program, set)
    local line = [[env -u NABLA_TRACE %s LUA_PATH='%s/?.lua;%s/?/init.lua' LUA_CPATH='%s/?.so' lua5.4 -e '
      require("nabla.start.precompiled").install()
      local search, bytes = package.searchers[2], false
      package.searchers[2] = function(name)
        local loader, path = search(name)
        bytes = bytes or type(loader) == "function" and debug.getinfo(loader, "S").source == "=?"
        return loader, path
      end
      %s
      print(table.concat(require "nabla.probe", " "), bytes)' 2>&1]]
    local pipe = assert(io.popen(line:format(set or "", folder, folder, folder, program or "")))
    local out = pipe:read "a"
    pipe:close()
    return out
  end

  it("is loaded in place of the source", function()
    assert.are.equal("first nabla.probe\ttrue\n", loaded())
  end)

  it("is passed over where places of errors are wanted: it has no lines", function()
    assert.are.equal("first nabla.probe\tfalse\n", loaded("", "NABLA_TRACE=1"))
  end)

  it("is loaded after the source was copied", function()
    assert(os.execute(("cp '%s' '%s.new' && mv '%s.new' '%s'"):format(module, module, module, module)))
    assert.are.equal("first nabla.probe\ttrue\n", loaded())
  end)

  it("is passed over when the source has changed", function()
    files.write(module, "return { 'second' }")
    assert.are.equal("second\tfalse\n", loaded())
  end)

  it("is passed over when the file is missing, cut off or another", function()
    local bytes = files.read(bytecode)
    local of_another_lua = bytes:gsub("\27Lua", "\27Xua")
    for _, size in ipairs { 0, 10, 18, 30, #bytes - 20 } do
      files.write(bytecode, bytes:sub(1, size))
      assert.are.equal("first nabla.probe\tfalse\n", (loaded():gsub("true", "false")))
    end
    for _, other in ipairs { "nabla modules 0\n" .. bytes, of_another_lua } do
      files.write(bytecode, other)
      assert.are.equal("first nabla.probe\tfalse\n", (loaded():gsub("true", "false")))
    end
    os.remove(bytecode)
    assert.are.equal("first nabla.probe\tfalse\n", loaded())
  end)

  it("has libraries, those that are installed", function()
    local file = package.searchpath("dkjson", package.path)
    assert(os.execute(("cp '%s' '%s/dkjson.lua'"):format(file, folder)))
    assert(compile.write(bytecode, { module }))
    assert.are.equal("first nabla.probe\ttrue\n", loaded [[assert(require("dkjson").encode { 1 } == "[1]")]])
  end)

  it("is passed over where another module goes before it", function()
    for _, path in ipairs { folder .. "/other", folder .. "/other/nabla" } do
      assert(lfs.mkdir(path))
    end
    files.write(folder .. "/other/nabla/probe.lua", "return { [[other]] }")
    assert.are.equal("other\tfalse\n", loaded(("package.path = [[%s/other/?.lua;]] .. package.path"):format(folder)))
  end)

  describe("where none lies beside the engine", function()
    local cache = folder .. "/cache"
    local KEEP = [[require "nabla.probe" require("nabla.start.precompiled").keep()]]
    local set = "XDG_CACHE_HOME=" .. cache
    before_each(function()
      os.remove(bytecode)
    end)
    after_each(function()
      os.execute("rm -rf '" .. cache .. "'")
    end)

    it("is kept in the user's cache", function()
      assert.are.equal("first nabla.probe\tfalse\n", loaded(KEEP, set))
      assert.are.equal("first nabla.probe\ttrue\n", loaded("", set))
      for name in lfs.dir(cache .. "/nabla") do
        local kept = name:match "%.modules$" and cache .. "/nabla/" .. name
        assert.are.equal("rw-------", kept and lfs.attributes(kept, "permissions") or "rw-------")
      end
    end)

    it("is kept also where the folder of the modules is below another of the name", function()
      local there, whole = folder .. "/nabla/1.0/tree", folder
      local line = "mkdir -p '%s/nabla' && cd '%s/nabla' && cp -r start probe core.so '%s/nabla'"
      assert(os.execute(line:format(there, folder, there)))
      folder = there
      local first, second = loaded(KEEP, set), loaded("", set)
      folder = whole
      assert.are.equal("first nabla.probe\tfalse\n", first)
      assert.are.equal("first nabla.probe\ttrue\n", second)
    end)

    it("is kept anew when a source has changed", function()
      loaded(KEEP, set)
      files.write(module, "return { 'second' }")
      assert.are.equal("second\tfalse\n", loaded(KEEP, set))
      assert.are.equal("second\ttrue\n", loaded("", set))
    end)

    it("is not kept where nothing may be written, and not read where others may have written it", function()
      assert.are.equal("first nabla.probe\tfalse\n", loaded(KEEP, "XDG_CACHE_HOME=/proc/nowhere"))
      assert.are.equal("first nabla.probe\tfalse\n", loaded(KEEP, "-u XDG_CACHE_HOME -u HOME"))
      loaded(KEEP, set)
      os.execute("chmod 666 '" .. cache .. "'/nabla/*")
      assert.are.equal("first nabla.probe\tfalse\n", loaded("", set))
    end)
  end)

  it("is written anew where it was copied to, so that no source is read for its digest", function()
    local count = [[local file, count = require("nabla.core").file, 0
      local digest = file.digest
      function file.digest(path) count = count + 1 return digest(path) end
      require "nabla.probe"
      io.write(count, " ")]]
    assert(os.execute(("cp '%s' '%s.new' && mv '%s.new' '%s' && sleep 0.2"):format(module, module, module, module)))
    assert.are.equal("1 first nabla.probe\ttrue\n", loaded(count))
    loaded [[assert(require("nabla.start.compile").again())]]
    assert.are.equal("0 first nabla.probe\ttrue\n", loaded(count))
  end)

  it("is found once, however often it is asked for", function()
    assert.are.equal(
      "first nabla.probe\ttrue\n",
      loaded 'local n = #package.searchers require("nabla.start.precompiled").install() assert(#package.searchers == n)'
    )
  end)

  it("cannot be made of a source that does not compile", function()
    files.write(module, "return {")
    local done, why = compile.write(bytecode, { module })
    assert.is_nil(done)
    assert.matches("expected", why)
    assert.is_truthy(core.file.digest(module))
  end)
end)
