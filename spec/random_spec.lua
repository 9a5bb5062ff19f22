-- Random problems of a fixed seed. An answer may be refused, never wrong; and what is printed reads back to
-- the same node.

local nabla = require "nabla"
local generator = require "spec.support.generator"
local judge = require "spec.support.judge"

local problems = 300
local seed = 20260101

-- At least this share is answered: a system that refuses everything is never wrong either.
local least_answered = 0.9

describe("nabla on random problems", function()
  local counts = { right = 0, refused = 0, wrong = 0, undecided = 0 }
  local refusals, nodes = {}, 0
  local g = generator.new(seed)

  for number = 1, problems do
    local problem = g:problem(1 + number % 4)
    local title = string.format(
      "%d: is right about %s by %s in %s layout, with %s",
      number,
      problem.expr,
      problem.wrt,
      problem.layout,
      table.concat(problem.decl, ", ")
    )
    it(title, function()
      local s = nabla.new { layout = problem.layout }
      s:declare(table.unpack(problem.decl))
      local f = assert(s:parse(problem.expr))
      assert.is_true(assert(s:parse(tostring(f))) == f, "the input reads back differently: " .. tostring(f))
      local answer, err = s:diff(f, problem.wrt)
      if not answer then
        counts.refused = counts.refused + 1
        refusals[#refusals + 1] = problem.expr .. " by " .. problem.wrt .. ": " .. tostring(err)
        return
      end
      problem.answer = tostring(answer)
      local ok, message = judge.check(problem)
      if ok == nil then
        counts.undecided = counts.undecided + 1
      else
        counts[ok and "right" or "wrong"] = counts[ok and "right" or "wrong"] + 1
        assert.is_true(ok, string.format("answer %s: %s", problem.answer, message))
      end
      nodes = nodes + judge.size(problem.answer)
      local again = assert(s:parse(problem.answer))
      assert.is_true(
        again == answer,
        "reads back differently: " .. problem.answer .. " as " .. tostring(again)
      )
    end)
  end

  it("answers most of them", function()
    local answered = problems - counts.refused
    print(
      string.format(
        "\nrandom problems (seed %d): %d right, %d refused, %d wrong, %d undecided of %d; %.1f nodes an answer",
        seed,
        counts.right,
        counts.refused,
        counts.wrong,
        counts.undecided,
        problems,
        nodes / math.max(1, answered)
      )
    )
    for i = 1, math.min(10, #refusals) do
      print("  refused: " .. refusals[i]:gsub("\n.*", ""))
    end
    assert.are.equal(0, counts.wrong)
    assert.is_true(answered >= least_answered * problems, "too many problems are refused")
    assert.is_true(counts.undecided <= 0.02 * problems, "too many problems are undecided")
  end)
end)
