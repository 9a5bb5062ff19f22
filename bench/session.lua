-- A long session: answers to problems that each have names and sizes of their own. The memory that it uses must not grow with
-- their number; `lua5.4 bench/session_memory.lua N` counts N answers in a process of its own.

local measure = require "bench.measure"

local FEW, MANY = 10000, 1000000

return function(report)
  local interpreter = arg[-1] or "lua5.4"
  local command = ("%s bench/session_memory.lua %d %d"):format(interpreter, FEW, MANY)
  local found, why = measure.numbers(command)
  local few, many = found and found[1], found and found[3]
  report {
    what = "memory after 1,000,000 answers over that after 10,000",
    value = found and many / few,
    unit = "times",
    target = 1.1,
    peers = {
      { "MB after 10,000", few, why },
      { "MB after 1,000,000", many, why },
    },
  }
  report {
    what = "  time of an answer at the end, over that at the beginning",
    value = found and found[4] / found[2],
    unit = "times",
    target = 1.3,
  }
end
