-- The readings of spec/data/readings.cases are expressions of the language: with their declarations they parse, and the
-- first one can be differentiated by the variable of its page. A formula alone is read so, or otherwise with a note, or refused.

local nabla = require "nabla"
local readings = require "spec.support.readings"
local sample = require "spec.support.sample"

local s = assert(nabla.new())
local cases = readings.read "spec/data/readings.cases"
local LAYOUTS = { "denominator", "numerator", "mixed", "vec" }

local function differentiable(node, name)
  local message
  for _, layout in ipairs(LAYOUTS) do
    local derivative, err = s:diff(node, name, { layout = layout })
    if derivative then
      return true
    end
    message = tostring(err)
  end
  return nil, message
end

describe("the reading of a formula from a page", function()
  for _, case in ipairs(sample.of(cases, 4)) do
    if not case.refused then
      it(("can be differentiated, line %d: %s"):format(case.line, case.page), function()
        for i = #case.readings, 1, -1 do
          local node = assert(readings.node(s, case.readings[i]))
          if i == 1 then
            assert(differentiable(node, case.as))
          end
        end
      end)
    end
  end
end)

describe("the formulas from pages", function()
  it("come from many pages, and each kind of difficulty is there", function()
    local sources, found, count = {}, 0, {}
    for _, case in ipairs(cases) do
      if not sources[case.source] then
        sources[case.source], found = true, found + 1
      end
      for _, kind in ipairs(case.kinds) do
        count[kind] = (count[kind] or 0) + 1
      end
    end
    assert.is_true(#cases >= 330 and found >= 60)
    for _, kind in ipairs(readings.kinds) do
      assert.is_true((count[kind] or 0) >= ((kind == "expectation" or kind == "integral") and 3 or 8), kind)
    end
  end)
end)

-- Formulas that the data refuses and the reader reads, with a note: another side of an equation, an unknown function.
local TOLD = 4

for _, declared in ipairs { false, true } do
  describe("the reader of pages, with " .. (declared and "letters declared" or "nothing declared"), function()
    local counts = { same = 0, told = 0, refused = 0, refused_by_name = 0, told_for_refused = 0 }
    for _, case in ipairs(sample.of(cases, 4)) do
      it(("reads as stated, or says what it assumes, line %d: %s"):format(case.line, case.page), function()
        local outcome, text, told = readings.outcome(s, case, declared)
        assert.are_not.equal("failed", outcome, text)
        if outcome == "other" then
          assert.is_truthy(told and #told > 0, "another formula without a note: " .. text)
        end
        local key = case.refused and (outcome == "refused" and "refused_by_name" or "told_for_refused")
          or outcome == "other" and "told"
          or outcome
        counts[key] = counts[key] + 1
      end)
    end

    sample.whole(it)("reads nine in ten, and refuses what cannot be said", function()
      local readable = counts.same + counts.told + counts.refused
      assert.is_true(counts.same >= 0.95 * readable, counts.same .. " of " .. readable)
      assert.is_true(counts.told <= 0.015 * readable, counts.told .. " read otherwise, with a note")
      assert.is_true(counts.told_for_refused <= TOLD, counts.told_for_refused .. " read that were to be refused")
    end)
  end)
end
