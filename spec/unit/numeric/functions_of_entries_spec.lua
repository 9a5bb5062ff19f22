-- The functions of entries in the numeric module: an elementwise function that a rule file names as the C library does has its
-- values.

local nabla = require "nabla"

if not pcall(require, "nabla.numeric.core") then
  return
end

-- Abramowitz and Stegun, chapters 4, 6 and 7, to the digits of a double.
local VALUES = {
  { "erf", 0.5, 0.5204998778130465 },
  { "erfc", 0.5, 0.4795001221869535 },
  { "expm1", 0.5, 0.6487212707001282 },
  { "log1p", 0.5, 0.4054651081081644 },
  { "lgamma", 0.5, 0.5723649429247001 },
  { "asinh", 0.5, 0.48121182505960347 },
  { "acosh", 1.5, 0.9624236501192069 },
  { "atanh", 0.5, 0.5493061443340549 },
  { "csc", 0.5, 2.085829642933488 },
  { "cot", 0.5, 1.830487721712452 },
  { "sech", 0.5, 0.886818883970074 },
  { "asin", 0.5, 0.5235987755982989 },
  { "acos", 0.5, 1.0471975511965979 },
  { "atan", 0.5, 0.4636476090008061 },
  { "sinh", 0.5, 0.5210953054937474 },
  { "cosh", 0.5, 1.1276259652063807 },
  { "tan", 0.5, 0.5463024898437905 },
  { "sec", 0.5, 1.139493927324549 },
}

describe("a function of entries", function()
  for _, case in ipairs(VALUES) do
    local name, x, value = table.unpack(case)
    it(("has its value: %s(%g)"):format(name, x), function()
      local s = assert(nabla.new {})
      if not s.ops[name] then
        assert(s:rule(("operator %s(A(m,n)): matrix (m,n) elementwise"):format(name)))
      end
      s:declare "matrix X(2,3)"
      local F = assert(s:compile(name .. "(X)"))
      local Y = F { X = { { x, x, x }, { x, x, x } } }
      for i = 1, 2 do
        for j = 1, 3 do
          local y = Y[(j - 1) * 2 + i]
          assert.is_true(math.abs(y - value) <= 4e-16 * math.max(1, math.abs(value)), y)
        end
      end
    end)
  end
end)
