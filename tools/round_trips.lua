-- Random answers printed and read back: lua5.4 tools/round_trips.lua N SEED [NAME..]; make round-trips N=1000 SEED=1
--
-- Prints N random answers (spec/random/answers.lua) in each notation, also with names for parts, reads each, and says where it is
-- another node or none. The counts come last; the exit status is 1 where a text was read as another value, or not at all. NAME: these
-- ways, or kinds of answers, only.

local answers = require "spec.random.answers"
local round_trip = require "spec.random.round_trip"
local trial = require "spec.random.trial"

local count, seed = tonumber(arg[1] or 1000), arg[2] or "1"
local names, kinds = {}, {}
for _, word in ipairs { table.unpack(arg, 3) } do
  table.insert(round_trip.ways[word] and names or kinds, word)
end
names = #names > 0 and names or round_trip.names

local next_answer, counts, reasons = answers.new(seed, #kinds > 0 and kinds or nil), {}, {}
for _, name in ipairs(names) do
  counts[name] = { same = 0, value = 0, unwritten = 0, unread = 0, open = 0, wrong = 0 }
end

for number = 1, count do
  local answer, session, problem = next_answer()
  for _, name in ipairs(names) do
    local outcome, printed, read = round_trip.try(session, answer, name)
    counts[name][outcome] = counts[name][outcome] + 1
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
  local line = "%-22s %d same, %d of the same value, %d not written, %d not read, %d of open size, %d wrong"
  print(line:format(name, c.same, c.value, c.unwritten, c.unread, c.open, c.wrong))
end
for reason, n in pairs(reasons) do
  print(n, reason)
end
os.exit(wrong == 0, true)
