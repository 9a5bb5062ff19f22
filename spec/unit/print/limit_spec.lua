--- Printing is bounded: what is too large is refused before its forms are worked out, and the clocks are read meanwhile.

local nabla = require "nabla"
local sample = require "spec.support.sample"

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

  sample.whole(it)("is refused much faster than it could be printed", function()
    local small, large = derivative_of_product(300), derivative_of_product(700)
    local text, some = timed(function()
      return tostring(small)
    end)
    assert.matches("^%(t %+ %d+%)", text)
    local refused, time = timed(function()
      return tostring(large)
    end)
    assert.matches("^<too large to print: at least %d+ nodes>$", refused)
    assert.is_true(time < 4 * some) -- of 5 times as many parts
    local none, err = large:latex()
    assert.is_nil(none)
    assert.are.equal("limit", err.status)
    assert.matches("^too large to print: at least %d+ nodes$", err.message)
  end)
end)

describe("printing", function()
  local terms = {}
  for i = 1, 5000 do
    terms[i] = ("%d*x%d"):format(i, i)
  end

  for what, limit in sample.pairs {
    ["of seconds"] = { "seconds", "seconds" },
    ["by the clock"] = { "elapsed", "seconds by the clock" },
  } do
    sample.whole(it)("is stopped by a limit " .. what .. ", and the session can be used", function()
      local s = assert(nabla.new())
      local node = assert(s:simplify(s:parse(table.concat(terms, " + "))))
      s:limits { [limit[1]] = 0.002 }
      for _, how in ipairs { "text", "unicode", "latex" } do
        local start = os.clock()
        local text, err = node:text(how)
        assert.is_nil(text)
        assert.are.equal("budget", err.status)
        assert.matches("^the budget of 0.002 " .. limit[2] .. " is used up", err.message)
        assert.is_true(os.clock() - start < 1)
      end
      assert.matches("^<the budget of 0.002 " .. limit[2] .. " is used up", tostring(node))
      s:limits { [limit[1]] = 0 }
      assert.are.equal("(A + A')*x", tostring(s:diff("x'*A*x", "x")))
      assert.is_true(#tostring(node) > 50000)
      assert.is_nil(s.S:check())
    end)
  end

  sample.whole(it)("has a limit of its own: the time since the answer was found does not count", function()
    local s = assert(nabla.new { limits = { elapsed = 0.3 } })
    local g = assert(s:diff("x'*A*x", "x"))
    os.execute "sleep 0.5"
    assert.are.equal("(A + A')*x", tostring(g))
  end)
end)
