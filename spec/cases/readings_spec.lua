-- The readings of spec/data/readings.cases are expressions of the language: with their declarations they parse, and the
-- first one can be differentiated by the variable of its page. How a formula alone is read is not tested here.

local nabla = require "nabla"
local readings = require "spec.support.readings"

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
  for _, case in ipairs(cases) do
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
