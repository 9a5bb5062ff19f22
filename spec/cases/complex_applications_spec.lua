-- Derivatives by complex letters as fields that use them ask for them (spec/data/complex_applications.txt): in every layout each is
-- judged by differences in real and imaginary direction, and in the denominator layout it is no larger than the one that is written there.

local judge = require "spec.judge.complex"
local problems = require "spec.support.complex_problems"
local sample = require "spec.support.sample"

local LAYOUTS = { "denominator", "numerator", "mixed", "vec", "block" }

local decl, list = problems.read "spec/data/complex_applications.txt"
local session = problems.sessions(decl)

describe("a derivative that a field with complex letters asks for", function()
  for _, p in ipairs(sample.of(list, 8)) do
    local f, x, known, convention = table.unpack(p, 1, 4)
    it(("of %s by %s (line %d)"):format(f, x, p.line), function()
      for _, layout in ipairs(LAYOUTS) do
        local text = tostring(assert(session(layout, convention):diff(f, x)))
        local right, why =
          judge.check { decl = decl, expr = f, wrt = x, layout = layout, convention = convention, answer = text }
        assert.is_true(right, layout .. ": " .. text .. ": " .. tostring(why))
        assert.is_true(layout ~= "denominator" or problems.size(text) <= problems.size(known), text)
      end
    end)
  end
end)
