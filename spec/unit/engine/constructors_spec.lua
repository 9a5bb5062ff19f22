-- What the constructors make of numbers, powers and chains, and what they refuse.

local nabla = require "nabla"

describe("a constructor", function()
  local s
  before_each(function()
    s = assert(nabla.new {})
    s:declare "matrix A(n,n), matrix B(n,n), matrix C(m,n), vector x(n), scalar t, scalar u"
  end)

  for input, output in pairs {
    ["2^(5/2)"] = "4*2^(1/2)",
    ["2^(-5/2)"] = "2^(1/2)/8",
    ["8^(2/3)"] = "4",
    ["0^(1/2)"] = "0",
    ["1^(t)"] = "1",
    ["(-4*t)^(1/2)"] = "2*(-t)^(1/2)",
    ["(2*A + 4*B)^3"] = "8*(A + 2*B)^3",
    ["(2*A)^(-1)"] = "inv(A)/2",
    ["(A^2)^(-3)"] = "A^(-6)",
    ["zeros(n,n)^2"] = "zeros(n,n)",
    ["I(n)^t"] = "I(n)",
    ["10^40 - 10^40 + t"] = "t",
    ["10^40/10^39*t"] = "10*t",
    ["9223372036854775807 + 1"] = "2^63",
    ["9223372036854775807*9223372036854775807"] = "(2^63 - 1)^2",
    ["1/9223372036854775807/9223372036854775807*t"] = "t*(2^63 - 1)^(-2)",
    ["-9223372036854775807 - 9223372036854775807"] = "2 - 2^64",
    ["1e3 + 2.5E-1"] = "1000.25",
    ["relu(10^30)"] = "relu(10^30)",
  } do
    it("makes the same of " .. input .. " and " .. output, function()
      assert.are.equal(assert(s:parse(output)), assert(s:parse(input)))
    end)
  end

  for input, message in pairs {
    ["0^(-1/2)"] = "division by zero",
    ["inv(zeros(n,n))"] = "the inverse of a zero matrix",
    ["10^4000000"] = "a number of more than",
    ["(10^40)^100000"] = "a number of more than",
    ["1e999999999"] = "too large",
    ["A^x"] = "must be a scalar",
    ["C^2"] = "must be square",
    ["entry(A, 0, 1)"] = "it counts from 1 to n",
    ["entry(A, x, 1)"] = "an index is a scalar",
  } do
    it("refuses " .. input, function()
      local node, err = s:parse(input)
      assert.is_nil(node)
      assert.is_truthy(tostring(err):find(message, 1, true), tostring(err))
      assert.is_nil(s.S:check())
    end)
  end

  it("refuses what no text brings it", function()
    local S = s.S
    local n, one = S:dim "n", S:dim(1)
    local A, x = S:symbol("P", 1, 0, n, n), S:symbol("q", 2, 0, n, one)
    for message, call in pairs {
      ["takes 1 argument"] = { "det", { A, A } },
      ["argument 1 of det has the shape n x 1"] = { "det", { x } },
      ["must be a dimension"] = { "K", { A, A } },
    } do
      local ok, err = pcall(S.apply, S, call[1], call[2])
      assert.is_false(ok)
      assert.is_truthy(err.message:find(message, 1, true), err.message)
      S:begin()
    end
    for _, text in ipairs { "", "1x", "e5", "1e", "--1" } do
      local ok, err = pcall(S.rational, S, text)
      assert.is_false(ok, text)
      assert.is_truthy(tostring(err.message or err):find("number", 1, true))
      S:begin()
    end
    assert.is_nil(S:check())
  end)
end)
