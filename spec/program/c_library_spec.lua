-- The engine is a C library of its own: the example program is compiled, linked with it and run.

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local out = pipe:read "a"
  local ok = pipe:close()
  return ok, out
end

describe("the C library", function()
  it("needs no Lua header in any file but the binding", function()
    local list = assert(io.popen "grep -rlE 'include <(lua|lauxlib|lualib)' src | grep -vE '^src/(lua/|numeric/lua_)'")
    local files = list:read "a"
    list:close()
    assert.equal("", files)
  end)

  it("differentiates in a program without Lua", function()
    local program = os.tmpname()
    local ok, out = run(
      "cc -std=c99 -O1 -Wall -Wextra -Isrc examples/gradient.c "
        .. "$(ls src/*.c src/*/*.c | grep -vE '^src/(lua|numeric)/') -lgmp -o "
        .. program
    )
    assert.is_true(ok, out)
    ok, out = run(program)
    os.remove(program)
    assert.is_true(ok, out)
    assert.equal("the gradient of x'*A*x is (A + A')*x\n", out)
  end)
end)
