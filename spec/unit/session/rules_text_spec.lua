-- nabla.new { rules_text = .. }: rules that are given in memory.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local TWICE = "function twice(t) elementwise = 2*t"

local function slope(s, f)
  assert(s:declare "scalar t")
  return s:diff(f, "t"):text()
end

describe("rules in memory", function()
  it("are one text", function()
    local s = assert(nabla.new { rules_text = TWICE })
    assert.equal("2", slope(s, "twice(t)"))
  end)

  it("are a list, in which names are optional", function()
    local s = assert(nabla.new {
      rules_text = { { name = "twice.rules", text = TWICE }, "function thrice(t) elementwise = 3*t" },
    })
    assert.equal("5", slope(s, "twice(t) + thrice(t)"))
  end)

  it("use each other by name, in any order, and each is read once", function()
    local s = assert(nabla.new {
      rules_text = {
        { name = "four", text = 'use "two"\nfunction four(t) elementwise = twice(twice(t))' },
        { name = "two", text = TWICE },
      },
    })
    assert.equal("4", slope(s, "four(t)"))
  end)

  it("are read after the files, with and without nabla's own rules", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(TWICE, "\n")
    file:close()
    for _ = 1, 2 do -- the second time from an image, if there is one
      local s = assert(nabla.new { rules = { path }, rules_text = "function six(t) elementwise = 3*twice(t)" })
      assert.equal("6", slope(s, "six(t)"))
      assert.is_nil(assert(nabla.new { rules = { path } }).ops.six)
    end
    os.remove(path)
    assert.is_nil(nabla.new().ops.six)
    local alone = assert(nabla.new { default_rules = false, rules_text = "operator blur(x(n)): vector (n) linear" })
    assert.truthy(alone.ops.blur)
  end)

  it("have errors with the name of the text and the place", function()
    local s, err = nabla.new { rules_text = { { name = "mine", text = TWICE .. "\nfunction = 3" } } }
    assert.is_nil(s)
    assert.equal("mine", err.file)
    assert.equal(2, err.line)
    assert.matches("mine:2:", tostring(err))
    local _, other = nabla.new { rules_text = "rule nonsense" }
    assert.equal("rules_text", other.file)
    local _, circle = nabla.new {
      rules_text = { { name = "a", text = 'use "b"\n' .. TWICE }, { name = "b", text = 'use "a"\n' .. TWICE } },
    }
    assert.matches("in a circle: a %-> b %-> a", circle.message)
  end)

  sample.whole(it)("are proved where that is asked for", function()
    local wrong = 'let matrix A(n,n)\nrule "gain" tr(3*A) -> 2*tr(A)'
    local s, err = nabla.new { check = true, rules_text = { { name = "wrong", text = wrong } } }
    assert.is_nil(s)
    assert.equal("wrong", err.file)
    assert.matches("the rule \"gain\" is wrong", err.message)
    assert.truthy(nabla.new { check = true, rules_text = { { name = "right", text = TWICE } } })
  end)

  it("of another form are an error at the caller's line", function()
    local wrong = { 3, {}, { 3 }, { { name = "a" } }, { name = "a", text = TWICE }, { { name = 3, text = "" } } }
    for _, given in ipairs(wrong) do
      local ok, err = pcall(nabla.new, { rules_text = given })
      assert.is_false(ok)
      assert.matches("rules_text is a text, or a list", err)
    end
  end)
end)
