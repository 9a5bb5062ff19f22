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
    { "0.9*t*(1-0.3*t)", "t", "0.9 - 0.54*t" },
    -- the store keeps a number in front of a product, and whole numbers in its sums
    { "t*sigmoid(1.702*t)", "t", "sigmoid(1.702*t)*(1 + 1.702*t*(1 - sigmoid(1.702*t)))" },
    {
      "0.5*t*(1 + tanh(0.7978845608*(t + 0.044715*t^3)))",
      "t",
      "1/2 + tanh(0.7978845608*t + 0.035677408136172*t^3)/2"
        .. " + 0.3989422804*t*(1 + 0.134145*t^2)*(1 - tanh(0.7978845608*t + 0.035677408136172*t^3)^2)",
    },
    { "0.3*t^2*(u + 1.7*t) - 0.1*t", "t", "t*(1.53*t + 0.6*u) - 0.1" },
    {
      "sum(sigmoid(1.702*x).*x)",
      "x",
      "sigmoid(1.702*x).*(ones(n) + 1.702*x.*(ones(n) - sigmoid(1.702*x)))",
    },
    { "-0.3*t*(1 - 1.7*u)", "t", "0.51*u - 0.3" },
    -- in a denominator, and with powers of ten
    { "exp(-0.5*t^2)/2.50663", "t", "-t*exp(-t^2/2)/2.50663" },
    { "x'*x/0.07", "x", "2*x/0.07" },
    { "10*t^2/3 + 0.01*t", "t", "0.01 + 20*t/3" },
    { "log(t/2.303)/0.4343", "t", "1/(0.4343*t)" },
    { "1e-8*x'*A*x", "x", "1e-8*(A + A')*x" },
    { "2.5e-9*t^2*u", "t", "5e-9*t*u" },
    { "0.00001*t^2", "t", "0.00002*t" },
    { "1e3*t^2", "t", "2000*t" },
    { "sin(0.1*t)*(0.3*u - 0.7*t)", "u", "0.3*sin(0.1*t)" },
    { "1e-20*x'*A*x", "x", "1e-20*(A + A')*x" },
    { "6.626e-34*t^2", "t", "1.3252e-33*t" },
    { "0.12345678901234567890123*t^2", "t", "0.24691357802469135780246*t" },
    { "t^2*u/1e20", "t", "t*u/5e19" },
    { "6.02e23*t^2", "t", "1.204e24*t" },
    { "1e300*t*u", "t", "1e300*u" },
    { "1e300*t*u + 100000000*t", "t", "1e8 + 1e300*u" },
    { "100000000*t*u", "t", "100000000*u" },
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
    local _, small = derived("2.5e-9*t^2*u", "t")
    assert.equal("5 \\cdot 10^{-9} t u", small:latex())
    local _, smaller = derived("1e-9*t*u", "t")
    assert.equal("10^{-9} u", smaller:latex())
    local _, g = derived("t^2.37*u", "t")
    assert.equal("2.37·t^1.37·u", g:unicode())
    assert.equal("2.37 t^{1.37} u", g:latex())
  end)
end)
