-- Other places than a developer's: older Lua, LuaTeX, modules that are missing, little memory, folders that cannot be written.

local files = require "spec.support.files"
local lfs = require "lfs"
local sample = require "spec.support.sample"

local root = lfs.currentdir()

-- Both outputs of a line of shell, and its exit status.
local function run(line)
  local out = os.tmpname()
  local _, _, status = os.execute("{ " .. line .. "\n} >" .. out .. " 2>&1 </dev/null")
  return files.take(out), status
end

-- Of a program in Lua; `interpreter` may set the environment.
local function lua(program, interpreter)
  local modules = root .. "/lua/?.lua;" .. root .. "/lua/?/init.lua;"
  local start = "package.path, package.cpath = %q .. package.path, %q .. package.cpath\n"
  local path = files.temporary(start:format(modules, root .. "/build/?.so;") .. program)
  local out, status = run((interpreter or "lua5.4") .. " " .. path)
  os.remove(path)
  return out, status
end

local function has(program)
  return os.execute("command -v " .. program .. " >/dev/null 2>&1") == true
end

describe("Lua that is too old", function()
  local sentence = "nabla needs Lua 5.3 or 5.4; this is "

  it("is told so by the module", function()
    assert.are.equal(sentence .. "Lua 5.4\n", lua 'math.type = nil print(select(2, pcall(require, "nabla")))')
  end)

  for name, shown in pairs { ["lua5.1"] = "Lua 5.1", ["lua5.2"] = "Lua 5.2", luajit = "LuaJIT" } do
    if has(name) then
      it("is told so when it is " .. shown, function()
        assert.are.equal(sentence .. shown .. "\n", lua('print(select(2, pcall(require, "nabla")))', name))
        local out, status = run(name .. " bin/nabla diff x x")
        assert.are.equal("nabla: needs Lua 5.3 or 5.4; this is " .. shown .. "\n", out)
        assert.are.equal(2, status)
      end)
    end
  end
end)

describe("Lua whose io.open gives no reason, as that of LuaTeX,", function()
  it("reads rule files, and says that it cannot read one", function()
    local paths = require "nabla.rules.paths"
    local open = io.open
    io.open = function(...) -- luacheck: ignore
      return (open(...))
    end
    local text, why = paths.contents "no such file"
    io.open = open -- luacheck: ignore
    assert.is_nil(text)
    assert.are.equal("it cannot be opened", why)
  end)
end)

describe("a module that is missing", function()
  -- A command that is run where Lua finds only nabla's own modules and those in `given`.
  local function nabla(words, given)
    local folder = os.tmpname()
    os.remove(folder)
    lfs.mkdir(folder)
    for _, name in ipairs(given) do
      local path = package.searchpath(name, package.path)
      files.write(folder .. "/" .. name .. ".lua", files.read(path))
    end
    local out, status = run("LUA_PATH='" .. folder .. "/?.lua' bin/nabla " .. words)
    os.execute("rm -r " .. folder)
    return { out, status }
  end

  local function sentence(name)
    return string.format(
      "nabla: the Lua module %s is not installed: apt-get install lua-%s, or luarocks install %s\n",
      name,
      name,
      name
    )
  end

  it("is named by the command, with how to install it", function()
    assert.are.same({ sentence "argparse", 2 }, nabla("diff x x", {}))
    assert.are.same({ sentence "dkjson", 2 }, nabla("batch", { "argparse" }))
    assert.are.same({ "2*x\n", 0 }, nabla("diff \"x'*x\" x", { "argparse" }))
  end)

  it("does not matter to a script, if only the command uses it", function()
    local program = [[
      package.path = package.path:match "^[^;]*;[^;]*"
      assert(not pcall(require, "argparse") and not pcall(require, "dkjson"))
      print(require("nabla").new():diff("x'*x", "x"))]]
    assert.are.equal("2*x\n", (lua(program)))
  end)

  it("with the numbers is said to come by make or by LuaRocks", function()
    local program = [[
      package.preload["nabla.numeric.core"] = function() error("no module", 0) end
      local f, why = require("nabla").new():compile("x'*x")
      print(f, why)]]
    local out = lua(program)
    assert.is_truthy(out:find("the numeric module is not there: install OpenBLAS and LAPACKE", 1, true))
    assert.is_truthy(out:find("build nabla again with make, or with LuaRocks: luarocks install nabla-numeric", 1, true))
  end)
end)

describe("a system that lacks what a build needs", function()
  local function missing(environment, what)
    return { run(environment .. " tools/missing.sh " .. (what or "")) }
  end

  it("is told all of it at once, before anything is compiled", function()
    local message = "nabla needs what is not here:\n%s\nOn Debian and Ubuntu: apt-get install %s\n"
    assert.are.same({ "", 0 }, missing "")
    assert.are.same({
      message:format(
        "  a C compiler that makes programs (nocc)\n  Lua 5.3 or 5.4 (nolua)",
        "gcc libc6-dev lua5.4"
      ),
      1,
    }, missing "CC=nocc LUA=nolua")
    assert.are.same(
      { message:format("  a C compiler that makes programs (nocc)", "gcc libc6-dev"), 1 },
      missing("CC=nocc LUA=nolua", "engine")
    )
    assert.are.same({
      message:format(
        "  the header of GMP (gmp.h)\n  the headers of Lua (lua.h)\n  the Lua module lpeg\n"
          .. "  the Lua module argparse, for the command only\n  the Lua module dkjson, for nabla batch only",
        "libgmp-dev liblua5.4-dev lua-lpeg lua-argparse lua-dkjson"
      ),
      1,
    }, missing "CPPFLAGS=-nostdinc LUA_PATH=none LUA_CPATH=none")
  end)

  it("may lack what only the command needs", function()
    local out, status = run "LUA_PATH=none tools/missing.sh"
    assert.matches("argparse.*dkjson.*apt%-get install lua%-argparse lua%-dkjson", out)
    assert.are.equal(0, status)
  end)

  it("is told by make", function()
    local build = os.tmpname()
    os.remove(build)
    local out, status = run("make --quiet BUILD=" .. build .. " CC=nocc NUMERIC= engine")
    assert.matches("^nabla needs what is not here:\n  a C compiler", out)
    assert.are_not.equal(0, status)
    assert.is_nil(lfs.attributes(build))
  end)
end)

describe("a command with little memory", function()
  it("answers, or says that there is not enough", function()
    local seen = {}
    for kilobytes = 5000, 14000, sample.quick and 1000 or 250 do
      local line = "ulimit -v %d; lua5.4 bin/nabla diff \"norm2(A*x - b)^2\" x"
      local out, status = run(line:format(kilobytes))
      local kind = status == 0 and out == "2*A'*(A*x - b)\n" and "answer"
        or status == 1 and out == "nabla: not enough memory\n" and "refusal"
        or status == 1 and out == "nabla: out of memory\n" and "refusal" -- the engine's words
        or status == 2 and out:find "^nabla: cannot load its modules: " and "refusal"
        or (status == 1 or status == 127) and out:find "^lua5.4: " and "no Lua"
      assert.is_truthy(kind, string.format("%d kB: %s %s", kilobytes, status, out))
      seen[kind] = true
    end
    assert.is_true(seen.answer and seen.refusal)
  end)
end)
