-- Tables as bytes and back.

local serialise = require "nabla.session.serialise"

local function nothing_special()
  return nil
end

local function again(t)
  return serialise.unpack(serialise.pack(t, nothing_special), nothing_special)
end

describe("a table as bytes", function()
  it("holds strings, numbers, truth values and tables", function()
    local t = {
      "x\0y\n",
      ("long"):rep(1000),
      3,
      -3,
      math.maxinteger,
      math.mininteger,
      2.5,
      3.0,
      1 / 0,
      true,
      false,
      {},
      { { {} } },
      [20] = "far",
      [-1] = 1,
      [0.5] = "half",
      [true] = "yes",
      word = { more = { "deep" } },
    }
    local u = again(t)
    assert.are.same(t, u)
    assert.are.equal("integer", math.type(u[3]))
    assert.are.equal("float", math.type(u[8]))
    assert.are.same({}, again {})
  end)

  it("keeps what is shared, apart from what is only equal", function()
    local one, other = { 1 }, { 1 }
    local u = again { one, other, one, key = other, [2.5] = one }
    assert.is_true(u[1] == u[3] and u[1] == u[2.5])
    assert.is_true(u[2] == u.key)
    assert.is_false(u[1] == u[2])
  end)

  it("holds many values", function()
    local t = {}
    for i = 1, 1234 do
      t[i], t["k" .. i], t[i + 0.5] = { i }, i, "v" .. i
    end
    assert.are.same(t, again(t))
  end)

  it("is the same bytes each time", function()
    local function made(first, last, step)
      local t = {}
      for i = first, last, step do
        t["key" .. i] = { i }
      end
      return serialise.pack(t, nothing_special)
    end
    assert.are.equal(made(1, 100, 1), made(100, 1, -1))
  end)

  it("lets a value stand for something else", function()
    local bytes = serialise.pack({ print, { "a", "b" } }, function(value)
      return value == print and "the printer" or value == "a" and "the letter" or nil
    end)
    local asked = {}
    local t = serialise.unpack(bytes, function(text)
      asked[#asked + 1] = text
      return text:upper()
    end)
    assert.are.same({ "THE PRINTER", { "THE LETTER", "b" } }, t)
    assert.are.same({ "the printer", "the letter" }, asked)
  end)

  it("cannot hold functions, metatables and circles", function()
    local circle = {}
    circle[1] = { circle }
    for _, t in ipairs { { print }, { setmetatable({}, {}) }, circle, { [io.stdout] = 1 } } do
      assert.has_error(function()
        again(t)
      end)
    end
  end)

  it("is read without harm when the bytes are others", function()
    local t = { { 1, 2, 3, a = "b" }, { 2.5, true, { "c" } }, x = { y = { z = -1 } } }
    local bytes = serialise.pack(t, nothing_special)
    for at = 1, #bytes do
      for _, change in ipairs { 1, 128, 255 } do
        local other = bytes:sub(1, at - 1) .. string.char(bytes:byte(at) ~ change) .. bytes:sub(at + 1)
        pcall(serialise.unpack, other, nothing_special)
      end
      assert.is_false((pcall(serialise.unpack, bytes:sub(1, at - 1), nothing_special)))
    end
  end)
end)
