-- The engine writes display trees as the writers in Lua do.

local blocks = require "nabla.text.blocks"
local core = require "nabla.core"
local generator = require "spec.support.generator"
local nabla = require "nabla"
local plain = require "nabla.print.plain"
local writing = require "nabla.print.writing"

local FORMATS = { shared__2 = { shown = "shared" }, own = { text = "E[%1]" }, infix = { infix = "!" } }

local function name(text)
  return { tag = "name", text = text, cost = 1 }
end

-- Trees by tag: what fills one, from a function that gives parts.
local make = {
  function(part)
    return { tag = "sum", signs = { 1, -1, 1 }, part(), part(), part() }
  end,
  function(part)
    return { tag = "sum", signs = { -1, -1 }, part(), part() }
  end,
  function(part)
    return { tag = "call", name = "f", part(), part() }
  end,
  function(part)
    return { tag = "call", name = "shared__2", part() }
  end,
  function(part)
    return { tag = "call", name = "infix", part(), part() }
  end,
  function()
    return { tag = "call", name = "f" }
  end,
  function(part)
    return { tag = "entry", part(), part() }
  end,
  function(part)
    return { tag = "entry", part(), part(), part() }
  end,
  function(part)
    return { tag = "counted", counter = name "i", part(), part(), part() }
  end,
}
for _, tag in ipairs { "product", "quotient", "hadamard", "eldiv", "power", "elpower", "derivative" } do
  make[#make + 1] = function(part)
    return { tag = tag, part(), part() }
  end
end
for _, tag in ipairs { "neg", "transpose" } do
  make[#make + 1] = function(part)
    return { tag = tag, part() }
  end
end

local LEAVES = {
  name "x",
  name "A_1",
  { tag = "number", text = "2" },
  { tag = "number", text = "1.5" },
  { tag = "dimension", text = "n+1" },
  { tag = "operator", text = "exp" },
  { tag = "neg", { tag = "number", text = "3" } },
}

local function random_tree(random, depth)
  if depth == 0 or random(4) == 1 then
    return LEAVES[random(#LEAVES)]
  end
  return make[random(#make)](function()
    return random_tree(random, depth - 1)
  end)
end

local function by_engine(tree, on_time)
  return core.write_text(tree, FORMATS, on_time, blocks.names)
end

local function by_writers(tree)
  return writing.write(tree, plain.text, { formats = FORMATS })
end

describe("a display tree", function()
  it("is written by the engine as by the writers", function()
    local random = generator(11)
    for _ = 1, 4000 do
      local tree = random_tree(random, 4)
      assert.equal(by_writers(tree), by_engine(tree))
    end
  end)

  it("is left to the writers where it has more", function()
    local x = name "x"
    for _, tree in ipairs {
      { tag = "call", name = "hcat", x, x },
      { tag = "member", base = x, x },
      { tag = "name", text = "conj Z", letter = name "Z" },
      { tag = "transpose", { tag = "call", name = "conj", conjugate = true, x } },
      { tag = "call", name = "own", x },
      { tag = "filled", x },
    } do
      assert.is_nil(by_engine(tree))
      assert.is_nil(by_engine { tag = "product", x, { tag = "call", name = "f", tree } })
    end
  end)

  it("may be deep and long, and asks the clock", function()
    local tree, asked = name "x", 0
    for _ = 1, 100000 do
      tree = { tag = "call", name = "tanh", { tag = "product", name "W", tree } }
    end
    local text = by_engine(tree, function()
      asked = asked + 1
    end)
    assert.equal(by_writers(tree), text)
    assert.is_true(asked > 50)
    assert.has_error(function()
      by_engine(tree, function()
        error("time", 0)
      end)
    end, "time")
    local sum = { tag = "sum", signs = {} }
    for i = 1, 50000 do
      sum[i], sum.signs[i] = name("a" .. i), i % 3 - 1 < 0 and -1 or 1
    end
    assert.equal(by_writers(sum), by_engine(sum))
  end)

  it("is written by it in a session", function()
    local s = assert(nabla.new())
    assert(s:declare "matrix A(n,n), vector x(n), b(n)")
    local write, count = writing.write, 0
    writing.write = function(...)
      count = count + 1
      return write(...)
    end
    local text = tostring(assert(s:diff("(x - b)'*A*(x - b)", "x")))
    writing.write = write
    assert.equal("(A + A')*(x - b)", text)
    assert.equal(0, count)
  end)
end)
