-- What readers of the Matrix Cookbook, of Magnus and Neudecker and of machine-learning courses type
-- (spec/data/corpus.cases, and spec/data/corpus by family): the answer must be right by numbers and about as short as a
-- textbook's.

local answers = require "spec.support.answers"
local cases = require "spec.support.cases"
local sample = require "spec.support.sample"

local worst_ratio = 1.25

describe("nabla on the corpus of typed problems", function()
  local tally = answers.tally()

  local list = sample.of(cases.corpus())
  for _, case in ipairs(list) do
    case.draws = 1
  end
  tally:tests(it, list, function(case, text)
    if text ~= case.expected then
      local stated, complaint = answers.judged(case, case.expected)
      assert.is_true(stated, "the stated answer: " .. tostring(complaint))
    end
  end)

  it("answers as briefly as a textbook", function()
    local summary = tally:summary()
    tally:print("corpus", summary)
    assert.is_true(summary.median <= 1)
    for _, size in ipairs(summary.longer) do
      assert.is_true(
        size.ratio <= worst_ratio,
        string.format("%s: %s is much longer than %s", size.case.id, size.text, size.case.expected)
      )
    end
  end)
end)
