-- Random problems with complex letters: none is answered wrongly, and every refusal has a reason that is known.

local sample = require "spec.support.sample"
local trial = require "spec.random.complex_problem"

describe("random problems with complex letters", function()
  sample.whole(it)("are right, or refused for a reason", function()
    local failures = {}
    local result = trial.run(1, sample.count(400, 8), function(number, p, verdict, why)
      if verdict == "wrong" then
        failures[#failures + 1] = ("%d: %s by %s: %s"):format(number, p.expr, p.wrt, why)
      end
    end)
    assert.are.equal("", table.concat(failures, "\n"))
    assert.is_true(result.right > 20 * result.refused)
    assert.is_true(result.unjudged <= result.right // 20)
  end)
end)
