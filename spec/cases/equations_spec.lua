-- Equations of spec/data/equations.cases: each solution is put back at random values by the judge, and is no larger than that of
-- a textbook.

local equations = require "spec.support.equations"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local LARGEST, MEDIAN = 1.5, 1.0 -- sizes against a textbook's

describe("the solution of", function()
  local session, decl, ratios = nabla.new(), nil, {}

  local function solve(case)
    if decl ~= case.decl then
      session:reset()
      assert(session:declare(case.decl))
      decl = case.decl
    end
    return session:solve(case.equations, case.unknowns)
  end

  for _, case in ipairs(sample.of(equations.cases "spec/data/equations.cases", 6)) do
    local title = table.concat(case.equations, " & ") .. " for " .. table.concat(case.unknowns, ", ")
    it(("line %d: %s"):format(case.line, title), function()
      local solutions, err = solve(case)
      if case.refused then
        assert.is_nil(solutions, tostring(solutions))
        assert.truthy(tostring(err):find(case.refused, 1, true), tostring(err))
        return
      end
      assert(solutions, tostring(err))
      local values = equations.texts(solutions, case.unknowns)
      local all = equations.with_free(case.decl, solutions)
      for _, equation in ipairs(case.equations) do
        local right, why = equations.holds(equation, values, all)
        assert.is_true(right, tostring(solutions) .. ": " .. tostring(why))
      end
      for i, text in ipairs(case.expected or {}) do
        local found, wanted = solutions[i].right, assert(session:parse(text))
        assert.are.equal("yes", (session:equal(found, wanted)), tostring(found))
        ratios[#ratios + 1] = found.size / wanted.size
        assert.is_true(ratios[#ratios] <= LARGEST, tostring(found))
      end
    end)
  end

  it("all has the size of a textbook's", function()
    table.sort(ratios)
    assert.is_true(#ratios > sample.count(100, 6))
    assert.is_true(ratios[#ratios // 2 + 1] <= MEDIAN)
  end)
end)
