-- The formulas of spec/data/field.cases, of machine learning, statistics, control and mechanics, are read as a mathematician reads them,
-- or otherwise with a note; the derivative of the reading is the stated one.

local nabla = require "nabla"
local readings = require "spec.support.readings"
local sample = require "spec.support.sample"

local s = assert(nabla.new())
local cases = readings.read "spec/data/field.cases"

describe("the reading of a formula of the field", function()
  for _, case in ipairs(sample.of(cases, 8)) do
    if case.gives then
      it(("has the stated derivative, line %d: %s"):format(case.line, case.page), function()
        local node = assert(readings.node(s, case.readings[1]))
        local derivative = assert(s:diff(node, case.as, { layout = case.gives.layout }))
        local stated = assert(s:parse(case.gives.text))
        assert.are.equal("yes", (s:equal(derivative, stated)), tostring(derivative))
      end)
    end
  end
end)

describe("the formulas of the field", function()
  it("come from many pages, and each kind is there", function()
    local sources, found, count = {}, 0, {}
    for _, case in ipairs(cases) do
      if not sources[case.source] then
        sources[case.source], found = true, found + 1
      end
      for _, kind in ipairs(case.kinds) do
        count[kind] = (count[kind] or 0) + 1
      end
    end
    assert.is_true(#cases >= 200 and found >= 100)
    for _, kind in ipairs(readings.field_kinds) do
      assert.is_true((count[kind] or 0) >= 5, kind)
    end
  end)
end)

local all = { same = 0, readable = 0 }
for _, declared in ipairs { false, true } do
  describe("the formulas of the field, with " .. (declared and "letters declared" or "nothing declared"), function()
    local counts = { same = 0, told = 0, refused = 0, refused_by_name = 0 }
    for _, case in ipairs(sample.of(cases, 8)) do
      it(("are read as stated, or told, line %d: %s"):format(case.line, case.page), function()
        local outcome, text, told = readings.outcome(s, case, declared)
        assert.are_not.equal("failed", outcome, text)
        if outcome == "other" then
          assert.is_truthy(told and #told > 0, "another formula without a note: " .. text)
        end
        local by_name = case.refused and outcome == "refused"
        local key = by_name and "refused_by_name" or outcome == "other" and "told" or outcome
        counts[key] = counts[key] + 1
      end)
    end

    sample.whole(it)("are read as meant, 96 of 100", function()
      local readable = counts.same + counts.told + counts.refused
      all.same, all.readable = all.same + counts.same, all.readable + readable
      assert.is_true(counts.same >= 0.96 * readable, counts.same .. " of " .. readable)
    end)
  end)
end

describe("the formulas of the field, with and without declarations", function()
  sample.whole(it)("are read as meant, 97 of 100", function()
    assert.is_true(all.same >= 0.97 * all.readable, all.same .. " of " .. all.readable)
  end)
end)

describe("the mean and the variance", function()
  for _, row in ipairs {
    { "var(x)", "2*(x - mean(x)*ones(n))/n" },
    { "mean(A*x)", "A'*ones(m)/m" },
    { "mean((A*x - b).^2)", "2*A'*(A*x - b)/m" },
    {
      "g'*(c.*(x - mean(x)*ones(n))/sqrt(var(x) + 1))",
      "(c.*g - (c'*g*ones(n) + c'*(g.*(x - mean(x)*ones(n)))*(x - mean(x)*ones(n))/(var(x) + 1))/n)/sqrt(var(x) + 1)",
    },
  } do
    it("stay as they are: " .. row[1], function()
      local session = assert(nabla.new { layout = "denominator" })
      assert(session:declare "vector x(n), vector g(n), vector c(n), matrix A(m,n), vector b(m)")
      local d = assert(session:diff(row[1], "x"))
      assert.are.equal(row[2], tostring(d))
      assert.is_true((session:verify(row[1], "x", d)))
    end)
  end
end)
