-- Functions of several entries: scalars that stand for each entry, second names by the number of arguments, what is refused.

local nabla = require "nabla"

local function session(decl)
  local s = assert(nabla.new { layout = "denominator" })
  assert(s:declare(decl or "vector x(n), vector y(n), vector z(m), matrix A(m,n), scalar c"))
  return s
end

describe("a function of several entries", function()
  for text, means in pairs {
    ["max(x, c)"] = "maximum(x, c*ones(n))",
    ["max(0, x)"] = "relu(x)",
    ["min(x, 0)"] = "-relu(-x)",
    ["max(c, 0)"] = "relu(c)",
    ["max(2, 3)"] = "3",
    ["max(y, x)"] = "max(x, y)",
    ["max(x, x)"] = "x",
    ["max(x', y')"] = "max(x, y)'",
    ["max(A, c)(1,2)"] = "max(A(1,2), c)",
    ["clip(A, 0, c)(2,1)"] = "clip(A(2,1), 0, c)",
    ["atan2(c, 1)"] = "atan2(c, 1)",
  } do
    it(("reads %s as %s"):format(text, means), function()
      local s = session()
      local left, right = assert(s:parse(text)), assert(s:parse(means))
      assert.is_true(left == right, tostring(left))
      assert.is_true(s:parse(tostring(left)) == left)
    end)
  end

  it("leaves max(x) of one argument alone", function()
    local s = session()
    assert.equal("argmax(x)", tostring(s:diff("max(x)", "x")))
  end)

  it("is refused for other sizes and other numbers of arguments", function()
    local s = session()
    for text, message in pairs {
      ["max(x, z)"] = "it must be",
      ["max(x, x')"] = "it must be",
      ["max(x, y, y)"] = "takes one argument, found 3",
      ["min(x)"] = "takes 2 arguments, found 1",
      ["clip(x, y)"] = "takes 3 arguments, found 2",
    } do
      local _, err = s:parse(text)
      assert.matches(message, err and err.message or "", text)
    end
  end)

  it("may be defined in a rule file, with a derivative by each argument", function()
    local s = assert(nabla.new { layout = "denominator" })
    assert(s:rule [[
      function hyp(s, t) elementwise also "radius" = sqrt(s^2 + t^2)
          derivative s/hyp(s, t), t/hyp(s, t)
    ]])
    s:declare "vector x(n), vector y(n)"
    assert.equal("y./hyp(x, y)", tostring(s:diff("sum(radius(x, y))", "y")))
    assert.equal("x./hyp(x, ones(n))", tostring(s:diff("sum(hyp(x, 1))", "x")))
  end)

  it("needs as many derivatives as arguments, each an entry", function()
    local s = assert(nabla.new {})
    local _, err = s:rule "function f(s, t) elementwise\n    derivative s"
    assert.matches("f has 2 arguments and 1 derivative", err.message)
    _, err = s:rule "function f(s(n), t) elementwise = s + t"
    assert.matches("is an entry: its name alone", err.message)
  end)

  it("gives way to a user's own function, operator or letter of its name", function()
    local s = assert(nabla.new { layout = "denominator" })
    assert(s:rule "function min(s, t) elementwise = t - relu(t - s)\nfunction erf(t) elementwise\n    derivative t^2")
    s:declare "vector x(n), vector y(n), matrix conv(n,n), vector clip(n)"
    assert.equal("x.^2", tostring(s:diff("sum(erf(x))", "x")))
    assert.equal("step(y - x)", tostring(s:diff("sum(min(x,y))", "x")))
    assert.equal("conv'*clip", tostring(s:diff("clip'*conv*x", "x")))
  end)
end)
