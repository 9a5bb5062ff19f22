-- The engine is a C library of its own: the example programs are compiled, linked with it and run.

local files = require "spec.support.files"
local sample = require "spec.support.sample"

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local out = pipe:read "a"
  local ok = pipe:close()
  return ok, out
end

describe("the C library", function()
  it("needs no Lua header in any file but the binding", function()
    local headers = "grep -rlE 'include <(lua|lauxlib|lualib)' src"
    local list = assert(io.popen(headers .. " | grep -vE '^src/(lua/|read/|numeric/lua_)'"))
    local found = list:read "a"
    list:close()
    assert.equal("", found)
  end)

  local engine = "build/libnabla.a"

  -- A program, compiled and linked with the engine.
  local function compiled(source, flags)
    local program = os.tmpname()
    local line = "cc -std=c99 -Wall -Wextra -Isrc %s %s %s -lgmp -o %s"
    local ok, out = run(line:format(flags or "", source, engine, program))
    assert.is_true(ok, out)
    return program
  end

  it("differentiates in a program without Lua", function()
    local program = compiled "examples/gradient.c"
    local ok, out = run(program)
    os.remove(program)
    assert.is_true(ok, out)
    assert.equal("the gradient of x'*A*x is (A + A')*x\n", out)
  end)

  it("has the rules from an image, in a program without Lua", function()
    local program, image = compiled "examples/rules_image.c", os.tmpname()
    assert(require("nabla.session.image").write(image))
    local bytes = files.read(image)
    local ok, out = run(program .. " " .. image)
    assert.is_true(ok, out)
    assert.equal("the gradient of logdet(X) + tr(A*X) is A' + inv(X)'\n", out)
    local title = "nabla image 2 "
    for _, other in ipairs { "", title, title .. "\n\n\255\255\255\255", bytes:sub(1, 100000), bytes:sub(3) } do
      files.write(image, other)
      ok, out = run(program .. " " .. image)
      assert.is_falsy(ok)
      assert.equal("there is no image of the rules: run make\n", out)
    end
    os.remove(image)
    os.remove(program)
  end)

  sample.whole(it)("gives an error for each allocation that fails, while a store is made, read and used", function()
    local wrap = "-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc"
    local program, image = compiled("spec/support/allocations.c", wrap), os.tmpname()
    assert(require("nabla.session.image").write(image))
    local ok, out = run(program .. " " .. image)
    os.remove(image)
    os.remove(program)
    assert.is_true(ok, out)
    assert.equal("made loaded\n", out)
  end)
end)
