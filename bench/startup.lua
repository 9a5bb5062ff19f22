-- Beginning: the default rules, all of rules/ with the identities, by the processor's clock, each in a process that has just
-- begun, as a program's own start is; and the command as a whole process, by the clock on the wall.

local measure = require "bench.measure"

local command = [[bin/nabla diff "x'*A*x" x]]

local function exists(path)
  local file = io.open(path)
  return file and file:close()
end

local RUNS = 15

-- Seconds that nabla.new takes, given its options as text.
local function start(options)
  local line = string.format(
    [[lua5.4 -e 'local nabla = require "nabla" local t = os.clock() assert(nabla.new(%s)) print(os.clock() - t)']],
    options
  )
  local times = {}
  for i = 1, RUNS do
    local pipe = assert(io.popen(line))
    times[i] = pipe:read "n"
    pipe:close()
  end
  return #times > 0 and measure.median(times) or nil
end

return function(report)
  report {
    what = "reading the default rules: nabla.new {}",
    value = start "{}",
    target = 30e-3,
  }
  report {
    what = "reading all of rules/, identities included",
    value = start '{ rules = "identities.rules" }',
    target = 50e-3,
  }
  local taken, why
  if exists "bin/nabla" then
    taken, why = measure.process(command, 20, 5)
  else
    why = "is not there"
  end
  local function process(line)
    return measure.process(line, 5, 3)
  end
  local peers = {
    { "floor: Lua, nothing to do", process "lua5.4 -e ''" },
    { "Python, import sympy", process "python3 -c 'import sympy'" },
  }
  for _, peer in ipairs(peers) do
    peer[3] = "is not installed"
  end
  if not taken then
    table.insert(peers, 1, { "bin/nabla", nil, why })
  end
  report { what = command .. ", whole process", value = taken, target = 60e-3, peers = peers }
end
