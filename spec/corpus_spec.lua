-- What readers of the Matrix Cookbook and of machine-learning courses type (spec/data/corpus.cases): the answer
-- must be right by numbers and about as short as a textbook's.

local answers = require "spec.support.answers"
local cases = require "spec.support.cases"

local worst_ratio = 1.25

-- Answers that may be longer, and why. A name covers all layouts of an entry.
local may_be_longer = {
  ["c-ls-huberlike"] = "(exp(x) - exp(-x))./(exp(x) + exp(-x)) is tanh(x) only to who knows it",
  ["c-log-one"] = "sigmoid(s)*exp(-s) is not folded into sigmoid(-s)",
  ["c-log-label"] = "as c-log-one",
  ["c-net-relu"] = "there is no step function: relu's derivative is (1 + sign)/2",
  ["c-net-relub"] = "as c-net-relu",
  ["c-tr-diag2"] = "diagv(A*diag(x)*B) is not turned into (A.*B')*x",
  ["c-hess-logdet"] = "a chain that repeats, M*N*M*N, is not written as a power (M*N)^2",
}

describe("nabla on the corpus of typed problems", function()
  local tally = answers.tally()

  for _, case in ipairs(cases.read "spec/data/corpus.cases") do
    local title = string.format("%s: gives %s for %s by %s", case.id, case.expected, case.expr, case.wrt)
    it(title, function()
      local stated, complaint = answers.judged(case, case.expected)
      assert.is_true(stated, "the stated answer: " .. tostring(complaint))
      local text, err = answers.of(case)
      if not text then
        tally:refuse()
        assert.is_false(answers.required(case), err)
        return
      end
      local ok, message = tally:judge(case, text)
      assert.is_true(ok, string.format("answer %s: %s", text, message))
    end)
  end

  it("answers as briefly as a textbook", function()
    local summary = tally:summary()
    tally:print("corpus", summary)
    for _, size in ipairs(summary.longer) do
      local entry = size.case.id:match "^[^.]+"
      assert.is_true(
        size.ratio <= worst_ratio or may_be_longer[entry] ~= nil,
        string.format("%s: %s is much longer than %s", size.case.id, size.text, size.case.expected)
      )
    end
  end)
end)
