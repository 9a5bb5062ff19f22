--- Printing is bounded: what is too large is refused before its forms are worked out.

local nabla = require "nabla"

describe("an expression that is too large to print", function()
  local s = assert(nabla.new())
  s:declare "scalar t"

  -- The derivative of (t + 1)*(t + 2)*..*(t + n): n products of n - 1 factors.
  local function derivative_of_product(n)
    local factors = {}
    for i = 1, n do
      factors[i] = "(t + " .. i .. ")"
    end
    return assert(s:diff(table.concat(factors, "*"), "t"))
  end

  local function timed(f)
    local before = os.clock()
    local result = f()
    return result, os.clock() - before
  end

  it("is refused much faster than it could be printed", function()
    local small, large = derivative_of_product(300), derivative_of_product(1200)
    local text, some = timed(function()
      return tostring(small)
    end)
    assert.matches("^%(t %+ %d+%)", text)
    local refused, time = timed(function()
      return tostring(large)
    end)
    assert.matches("^<too large to print: at least %d+ nodes>$", refused)
    assert.is_true(time < 4 * some) -- of 16 times as many parts
  end)
end)
