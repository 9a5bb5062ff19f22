-- Decimals that print as they were typed.

local nabla = require "nabla"

local function derived(text, by, rules)
  local s = assert(nabla.new())
  if rules then
    assert(s:rule(rules))
  end
  assert(s:declare "scalar t, scalar u, number k")
  local g = assert(s:diff(text, by))
  assert.equal(g, s:parse(tostring(g)))
  return tostring(g), g
end

describe("a number", function()
  local cases = {
    { "1.702*t*u", "t", "1.702*u" },
    { "1.702*t^2", "t", "3.404*t" },
    { "1.702*t*1.702*u", "t", "2.896804*u" },
    { "0.01*norm2(x)^2", "x", "0.02*x" },
    { "t^2.37", "t", "2.37*t^1.37" },
    { "sum(x.^0.35)", "x", "0.35*x.^-0.65" },
    { "0.3*x'*x", "x", "0.6*x" },
    { "t^-0.35", "t", "-0.35/t^1.35" },
    { "x'*A*x/16 + 0.01*t", "t", "0.01" },
    -- as it was before
    { "851*t^2/500", "t", "851*t/250" },
    { "0.5*x'*x", "x", "x" },
    { "0.25*x'*x", "x", "x/2" },
    { "t^2/32 + 0.01*t", "t", "0.01 + t/16" },
    { "1.50*x'*x", "x", "3*x" },
  }
  for _, case in ipairs(cases) do
    it("in the derivative of " .. case[1] .. " is written as in it", function()
      assert.equal(case[3], (derived(case[1], case[2])))
    end)
  end

  it("of a function's definition is written as there", function()
    local gelu = "function gelu(t) elementwise = t*sigmoid(1.702*t)  # 3.14159\n    derivative 1.702*t"
    assert.equal("1.702*x", (derived("sum(gelu(x))", "x", gelu)))
  end)

  it("is a decimal in Unicode and LaTeX, also as an exponent", function()
    local _, g = derived("t^2.37*u", "t")
    assert.equal("2.37·t^1.37·u", g:unicode())
    assert.equal("2.37 t^{1.37} u", g:latex())
  end)
end)
