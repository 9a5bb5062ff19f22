-- Random problems of fixed seeds: expressions of all operators, of depth 1 to 8, in all layouts, second derivatives, transposed
-- variables, entries, conventions. An answer may be refused for a stated reason that spec/random/trial.lua knows, never wrong.
-- tools/random_problems.lua runs the same by the thousand.

local generator = require "spec.random.generator"
local sample = require "spec.support.sample"
local trial = require "spec.random.trial"

local problems = sample.count(500)
local seed = 20260104

-- At least this share is answered: a system that refuses everything is never wrong either.
local least_answered = 0.95

-- What is printed has the value of the answer and reads back, nearly always to the same node: at most this share to another
-- one of the same value.
local most_reread = 0.02

describe("nabla on random problems", function()
  local tally = trial.tally()
  local g = generator.new(seed)

  for number = 1, problems do
    local problem = g:problem(1 + number % 8)
    it(string.format("%d: is right about %s", number, trial.describe(problem)), function()
      local outcome, message = tally:try(problem)
      assert.is_true(trial.accepted[outcome] ~= nil, outcome .. ": " .. tostring(message))
    end)
  end

  if not sample.quick then
    it("answers most of them", function()
      print(string.format("\nrandom (seed %d): %s", seed, tally:summary()))
      local counts = tally.counts
      assert.are.equal(problems, tally.count)
      assert.is_true(tally.answered >= least_answered * problems, "too many problems are refused")
      assert.is_true(
        (counts.reread or 0) <= most_reread * problems,
        "too many answers read back to another node"
      )
      assert.is_true((counts.undecided or 0) <= 0.01 * problems, "too many problems are undecided")
    end)
  end
end)

describe("the generator of random problems", function()
  local function of(options, n)
    local g, list = generator.new("its own", options), {}
    for i = 1, n do
      list[i] = g:problem(1 + i % 4)
    end
    return list
  end

  it("gives the same problems for the same seed", function()
    local a, b = of(nil, 5), of(nil, 5)
    for i = 1, 5 do
      assert.are.equal(trial.describe(a[i]), trial.describe(b[i]))
    end
  end)

  it("keeps to the layouts and the variables that are asked for", function()
    for _, problem in ipairs(of({ layouts = { "block" }, by = "matrix", plain = true }, 20)) do
      assert.are.equal("block", problem.layout)
      assert.are.equal("X", problem.wrt)
      assert.is_nil(problem.op)
    end
  end)

  if not sample.quick then
    it("reaches all layouts, conventions and kinds of derivative", function()
      local seen = {}
      for _, problem in ipairs(of(nil, 400)) do
        seen[problem.layout] = true
        seen[problem.convention or "free"] = true
        seen[problem.op or "derivative"] = true
        seen[problem.wrt2 and "mixed second" or problem.wrt:find "'" and "transposed" or "plain"] = true
        seen[problem.wrt:find "%(" and "entry" or "whole"] = true
      end
      local words = "numerator denominator mixed vec block block_t block_f free projected entries "
        .. "derivative hessian transposed entry"
      for word in words:gmatch "[%w_]+" do
        assert.is_true(seen[word], word)
      end
      assert.is_true(seen["mixed second"], "mixed second derivatives")
    end)
  end
end)

describe("a trial", function()
  local problem = {
    decl = { "vector x(n)", "matrix A(m,n)" },
    expr = "A*x",
    wrt = "x",
    layout = "numerator",
  }

  it("tells a right answer from a wrong one", function()
    local tally = trial.tally()
    assert.are.equal("right", (tally:try(problem)))
    local s = tally:session "numerator"
    s:declare "matrix A(m,n)"
    assert.are.equal("wrong", (tally:judged(problem, s:parse "2*A", s)))
  end)

  it("takes no refusal for granted", function()
    local tally = trial.tally()
    local refused = { decl = { "matrix X(m,n)" }, expr = "X*X'", wrt = "X", layout = "mixed" }
    assert.are.equal("refused", (tally:try(refused)))
    refused.wrt = "Z"
    assert.are.equal("broken", (tally:try(refused)))
  end)
end)
