--- One random problem put to nabla, and what came of it. Used by the specs of random problems and by tools/random_problems.lua.
--
--     local tally = trial.tally()
--     local outcome, message = tally:try(problem)      -- "right" and the like, or a failure
--     print(tally:summary())
--
-- Outcomes: right; refused (for a reason that `legitimate` lists); undecided (the judge cannot tell); reread (right, but what is
-- printed of the question or the answer reads back to another node of the same value); and the failures: wrong; unstated
-- (refused for another reason); broken (an error was raised, or a limit reached).

local nabla = require "nabla"
local judge = require "spec.judge"

local M = {}

--- Why a problem may be refused: parts of the messages, and what they mean.
M.legitimate = {
  { "layout has no ", "the layout has no place for it" },
  { "derivative of a mixed Frechet derivative has no closed form", "mixed Frechet derivative by its matrix" },
  { "no jacobian rule for frechet", "Jacobian of a Frechet derivative by its matrix" },
  { "has no independent entries; take the convention free", "no independent entries" },
  { "are no linear space; take the convention free", "no linear space to project on" },
}

--- Outcomes that are no failure.
M.accepted = { right = true, refused = true, undecided = true, reread = true }

M.failures = { "wrong", "unstated", "broken" }

local Tally = {}
Tally.__index = Tally

--- Counts, and sessions: one for each layout, asked one problem after the other.
function M.tally(options)
  return setmetatable({
    options = options or {},
    sessions = {},
    count = 0,
    counts = {},
    reasons = {},
    nodes = 0,
    answered = 0,
    slowest = { 0 },
    slow = 0,
  }, Tally)
end

function Tally:session(layout)
  local s = self.sessions[layout]
  if not s then
    s = assert(nabla.new { layout = layout })
    s:limits { seconds = self.options.seconds or 20 }
    self.sessions[layout] = s
  end
  s:reset()
  return s
end

local function reason_of(message)
  for _, entry in ipairs(M.legitimate) do
    if message:find(entry[1], 1, true) then
      return entry[2]
    end
  end
end

function Tally:answer(problem)
  local s = self:session(problem.layout)
  s:declare(table.unpack(problem.decl))
  local f = assert(s:parse(problem.expr))
  local input = tostring(f)
  local again, err = s:parse(input)
  if not again then
    return "wrong", string.format("the question, printed as %s, cannot be read: %s", input, tostring(err))
  elseif again ~= f then
    problem.reread = string.format("the question reads back differently: %s as %s", input, tostring(again))
  end
  local answer
  local options = { convention = problem.convention or "free" }
  if problem.op == "hessian" then
    answer, err = s:hessian(f, problem.wrt, problem.wrt2, options)
  else
    answer, err = s:diff(f, problem.wrt, options)
  end
  if not answer then
    local status = type(err) == "table" and err.status
    err = tostring(err)
    local reason = reason_of(err)
    if reason then
      self.reasons[reason] = (self.reasons[reason] or 0) + 1
      return "refused", reason
    end
    return status ~= "rule" and "broken" or "unstated", err
  end
  return nil, answer, s
end

-- A right answer may look slightly wrong at values where a matrix is nearly singular; a wrong one is wrong at all of them.
local slight, others = 1e-4, 4

local function other_draws(problem, message)
  local draws = problem.draws or 2
  problem.draws, problem.skip = others, draws
  local ok = judge.check(problem)
  problem.draws, problem.skip = draws, nil
  if ok then
    return nil, "only at one draw: " .. message
  end
  return false, message
end

function Tally:judged(problem, answer, s)
  problem.answer = tostring(answer)
  local ok, message, distance = judge.check(problem)
  if ok == false and distance and distance < slight then
    ok, message = other_draws(problem, message)
  end
  if ok == false and message == "the answer is not finite" then -- as norm2(u)/norm2(u) where u happens to be zero
    return "undecided", message
  elseif ok == false then
    return "wrong", string.format("answer %s: %s", problem.answer, message)
  end
  self.answered = self.answered + 1
  self.nodes = self.nodes + judge.size(problem.answer)
  local again, err = s:parse(problem.answer)
  if not again then
    return "wrong", string.format("%s cannot be read: %s", problem.answer, tostring(err))
  elseif again ~= answer then
    local printed = problem.answer
    problem.answer = tostring(again)
    local same, difference = judge.check(problem)
    if same == false then
      return "wrong", string.format("%s reads back as %s: %s", printed, problem.answer, difference)
    end
    problem.reread = string.format("%s reads back as %s", printed, problem.answer)
    problem.answer = printed
  end
  if ok == nil then
    return "undecided", message
  end
  return problem.reread and "reread" or "right", problem.reread
end

--- Puts the problem, judges the answer (problem.answer) and counts the outcome. Returns it and a message.
function Tally:try(problem)
  local start = os.clock()
  local ok, outcome, message, s = pcall(self.answer, self, problem)
  local seconds = os.clock() - start
  if not ok then
    outcome, message = "broken", tostring(outcome)
  elseif not outcome then
    outcome, message = self:judged(problem, message, s)
  end
  if seconds > self.slowest[1] then
    self.slowest = { seconds, M.describe(problem) }
  end
  if seconds > 1 then
    self.slow = self.slow + 1
  end
  self.count = self.count + 1
  self.counts[outcome] = (self.counts[outcome] or 0) + 1
  return outcome, message, seconds
end

--- A problem in words.
function M.describe(problem)
  local by = problem.wrt .. (problem.wrt2 and " and " .. problem.wrt2 or "")
  return string.format(
    "%s%s by %s in %s layout%s, with %s",
    problem.op and problem.op .. " of " or "",
    problem.expr,
    by,
    problem.layout,
    problem.convention and ", " .. problem.convention or "",
    table.concat(problem.decl, ", ")
  )
end

--- How often any failure occurred.
function Tally:failed()
  local n = 0
  for _, outcome in ipairs(M.failures) do
    n = n + (self.counts[outcome] or 0)
  end
  return n
end

--- The counts in lines of text.
function Tally:summary()
  local lines = { self.count .. " problems" }
  for _, outcome in ipairs { "right", "refused", "undecided", "reread", table.unpack(M.failures) } do
    lines[1] = string.format("%s, %d %s", lines[1], self.counts[outcome] or 0, outcome)
  end
  lines[2] = string.format(
    "  %.1f nodes an answer; %d took more than a second, the slowest %.2f s: %s",
    self.nodes / math.max(1, self.answered),
    self.slow,
    self.slowest[1],
    self.slowest[2] or ""
  )
  local reasons = {}
  for reason, n in pairs(self.reasons) do
    reasons[#reasons + 1] = string.format("  refused %d: %s", n, reason)
  end
  table.sort(reasons)
  return table.concat(lines, "\n") .. (#reasons > 0 and "\n" or "") .. table.concat(reasons, "\n")
end

return M
