-- Scalars that go with each entry of a column or a row.

local nabla = require "nabla"

local s = assert(nabla.new())

-- { text, node, notes }; declared: scalar z, matrix A(m,n), vector y(m)
local SPREAD = {
  { "1 + y", "ones(m) + y", "1 stands for ones(m)" },
  { "y - 1", "y - ones(m)", "1 stands for ones(m)" },
  { "y + z", "y + z*ones(m)", "z stands for z*ones(m)" },
  { "y' + 2", "y' + 2*ones(m)'", "2 stands for 2*ones(1,m)" },
  { "1 + y + z", "ones(m) + y + z*ones(m)", "1 stands for ones(m)" },
  { "y + 2*z^2", "y + 2*z^2*ones(m)", "2*z^2 stands for 2*z^2*ones(m)" },
  { "y - mean(y)", "y - mean(y)*ones(m)", "mean(y) stands for mean(y)*ones(m)" },
  { "y + (z - 1)", "y + (z - 1)*ones(m)", "z - 1 stands for (z - 1)*ones(m)" },
  { "(1 + A*x)'*(1 + y)", nil, "1 stands for ones(m)" },
  { "sum(1 + y) + sum(1 + A'*y)", nil, "1 stands for ones(m)\n1 stands for ones(n)" },
  { "y.*(1 - y)", nil, "1 stands for ones(m)" },
}

local DERIVATIVES = {
  { "sum(log(1 + exp(-y.*(X*w))))", "w", "-X'*(y.*sigmoid(-y.*(X*w)))", "1 stands for ones(n)" },
  { "sum(sqrt(1 + x.^2) - 1)", "x", "x./sqrt(ones(n) + x.^2)", "1 stands for ones(n)" },
  { "norm2(x - 1)^2", "x", "2*(x - ones(n))", "1 stands for ones(n)" },
  { "log(1 + x)", "x", "diag(1./(ones(n) + x))", "1 stands for ones(n)" },
}

local function declared()
  s:reset()
  s:declare "scalar z, matrix A(m,n), vector y(m)"
end

describe("a scalar beside a column or a row", function()
  for _, case in ipairs(SPREAD) do
    it("goes with each entry, and that is told: " .. case[1], function()
      declared()
      local node, notes = assert(s:parse(case[1]))
      if case[2] then
        assert.equal(case[2], tostring(node))
      end
      assert.equal(case[3], tostring(notes))
    end)
  end

  for _, case in ipairs(DERIVATIVES) do
    it("goes with each entry where nothing is declared: " .. case[1], function()
      s:reset()
      local g, notes = s:diff(case[1], case[2])
      assert.same({ case[3], case[4] }, { tostring(g), tostring(notes) })
    end)
  end

  it("may be what the derivative is taken by", function()
    declared()
    assert.equal("ones(m)'", tostring(s:diff("y + z", "z")))
    assert.equal("ones(m)", tostring(s:diff("y + z", "z", { layout = "numerator" })))
  end)

  it("is equal to what it stands for", function()
    declared()
    assert.equal("yes", (s:equal("1 + y", "ones(m) + y")))
    local answer, why = s:equal("y", "z")
    assert.same({ "no", "shapes: m x 1 and 1 x 1" }, { answer, why })
  end)

  it("is a mistake beside a matrix, with both repairs", function()
    declared()
    s:declare "matrix S(n,n)"
    for text, hint in pairs {
      ["S + 1"] = "did you mean ones(n,n) or I(n)?",
      ["2 + A"] = "did you mean 2*ones(m,n) or 2*I(m)?",
      ["A*S + 1"] = "did you mean ones(m,n) or I(m)?",
    } do
      local node, err = s:parse(text)
      assert.is_nil(node)
      assert.equal(hint, err.hint)
    end
  end)

  it("is a mistake if it is a product of vectors", function()
    s:reset()
    s:declare "vector u(n), vector v(n)"
    assert.is_nil((nabla.new():parse "X*w + y'*Z*y"))
  end)

  it("is a mistake where that is switched off", function()
    for _, session in ipairs { assert(nabla.new { spread = false }), assert(nabla.new { habits = false }) } do
      session:declare "vector y(m)"
      local node, err = session:parse "1 + y"
      assert.is_nil(node)
      assert.same(
        { "a sum of 1 x 1 and m x 1: the sizes must be equal", "did you mean ones(m)?" },
        { err.message, err.hint }
      )
    end
    declared()
    assert.is_nil((s:parse("1 + y", { spread = false })))
    assert.is_nil((s:diff("sum(1 + y)", "y", { spread = false })))
    local _, notes = s:parse("1 + x", { spread = false })
    assert.equal("x is read as a scalar: a vector does not fit", tostring(notes))
  end)
end)
