-- Random problems by the thousand: lua5.4 tools/random_problems.lua N SEED [FILE]
--
-- Puts N problems of the generator (spec/random/generator.lua) to nabla, of depth 1 to 8, in all layouts; judges each answer by
-- numbers; prints every failure and, in the end, the counts. The exit status is 1 if there was a failure. With a FILE, problems and
-- answers are written to FILE.cases.jsonl and FILE.answers.jsonl, for another judge, and what was refused to FILE.refused.txt.

local dkjson = require "dkjson"
local generator = require "spec.random.generator"
local trial = require "spec.random.trial"

local count, seed, file = tonumber(arg[1] or 1000), arg[2] or "1", arg[3]
local cases = file and assert(io.open(file .. ".cases.jsonl", "w"))
local answers = file and assert(io.open(file .. ".answers.jsonl", "w"))
local refused = file and assert(io.open(file .. ".refused.txt", "w"))

local g, tally = generator.new(seed), trial.tally()
for number = 1, count do
  local problem = g:problem(1 + number % 8)
  local outcome, message, seconds = tally:try(problem)
  if not trial.accepted[outcome] or outcome == "reread" or seconds > 1 then
    print(
      string.format(
        "%s/%d %s (%.2f s): %s\n    %s",
        seed,
        number,
        outcome,
        seconds,
        trial.describe(problem),
        message or ""
      )
    )
    io.flush()
  end
  if refused and outcome == "refused" then
    refused:write(string.format("%s/%d %s: %s\n", seed, number, message, trial.describe(problem)))
  end
  if file and problem.answer then
    local id = string.format("r%s-%d", seed, number)
    local case =
      { id = id, decl = problem.decl, expr = problem.expr, wrt = problem.wrt, layout = problem.layout }
    case.op, case.wrt2, case.convention, case.expected = problem.op, problem.wrt2, problem.convention, "?"
    cases:write(dkjson.encode(case), "\n")
    answers:write(dkjson.encode { id = id, answer = problem.answer }, "\n")
  end
end
print(tally:summary())
os.exit(tally:failed() == 0, true)
