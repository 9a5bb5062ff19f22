-- What random problems found, as small cases (spec/data/found.cases): the answer is the stated one, right by numbers, and reads
-- back to the same node.

local nabla = require "nabla"
local answers = require "spec.support.answers"
local cases = require "spec.support.cases"

describe("nabla on what random problems found", function()
  for _, case in ipairs(cases.read "spec/data/found.cases") do
    it(string.format("%s: gives %s for %s by %s", case.id, case.expected, case.expr, case.wrt), function()
      local stated, complaint = answers.judged(case, case.expected)
      assert.is_true(stated, "the stated answer: " .. tostring(complaint))
      local s = nabla.new { layout = case.layout, convention = case.convention }
      s:declare(table.unpack(case.decl))
      local answer, err
      if case.op == "hessian" then
        answer, err = s:hessian(case.expr, case.wrt, case.wrt2)
      else
        answer, err = s:diff(case.expr, case.wrt)
      end
      assert.is_truthy(answer, err)
      local right, message = answers.judged(case, tostring(answer))
      assert.is_true(right, tostring(answer) .. ": " .. tostring(message))
      assert.is_true(s:parse(tostring(answer)) == answer, tostring(answer) .. " reads back differently")
      assert.is_true(s:parse(case.expected) == answer, tostring(answer))
    end)
  end
end)
