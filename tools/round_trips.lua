-- Random answers printed and read back: lua5.4 tools/round_trips.lua N SEED [NAME..]
--
-- Prints N random answers (spec/random/generator.lua) in each notation, reads each, and says where it is another node or none. The
-- counts come last; the exit status is 1 where a text was read as another value, or not at all. NAME: these ways only.

local generator = require "spec.random.generator"
local nabla = require "nabla"
local round_trip = require "spec.random.round_trip"
local trial = require "spec.random.trial"

local count, seed = tonumber(arg[1] or 1000), arg[2] or "1"
local names = #arg > 2 and { table.unpack(arg, 3) } or round_trip.names

local g, sessions, counts, reasons = generator.new(seed), {}, {}, {}

local function session_of(problem)
  local s = sessions[problem.layout] or assert(nabla.new { layout = problem.layout })
  sessions[problem.layout] = s
  s:reset()
  s:declare(table.unpack(problem.decl))
  return s
end

local function answer_of(s, problem)
  local f = assert(s:parse(problem.expr))
  local options = { convention = problem.convention or "free" }
  if problem.op == "hessian" then
    return s:hessian(f, problem.wrt, problem.wrt2, options)
  end
  return s:diff(f, problem.wrt, options)
end

local answers, number = 0, 0
while answers < count do
  number = number + 1
  local problem = g:problem(1 + number % 8)
  local s = session_of(problem)
  local answer = answer_of(s, problem)
  answers = answers + (answer and 1 or 0)
  for _, name in ipairs(answer and names or {}) do
    local outcome, printed, read = round_trip.try(s, answer, name)
    local tally = counts[name] or { same = 0, value = 0, unwritten = 0, unread = 0, open = 0, wrong = 0 }
    counts[name] = tally
    tally[outcome] = tally[outcome] + 1
    if outcome == "unwritten" then
      local reason = printed:gsub(" in the notation .*", "")
      reasons[reason] = (reasons[reason] or 0) + 1
    elseif outcome ~= "same" then
      local told = trial.describe(problem)
      print(("%s/%d %s %s: %s\n    %s\n    %s"):format(seed, number, name, outcome, printed, read, told))
      io.flush()
    end
  end
end
local wrong = 0
for _, name in ipairs(names) do
  local c = counts[name]
  wrong = wrong + c.wrong + c.unread
  local line = "%-16s %d same, %d of the same value, %d not written, %d not read, %d of open size, %d wrong"
  print(line:format(
    name, c.same, c.value, c.unwritten, c.unread, c.open, c.wrong))
end
for reason, n in pairs(reasons) do
  print(n, reason)
end
os.exit(wrong == 0, true)
