-- Beginning: a session, from the image of the default rules and by reading them; all of rules/ with the identities; by the
-- processor's clock, each in a process that has just begun, as a program's own start is; and the command as a whole process, by
-- the clock on the wall.

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
  local READ = '{ default_rules = false, rules = { "default.rules", "identities.rules" } }'
  for _, case in ipairs {
    { "a session from the image: nabla.new {}", "{}", 4e-3 },
    {
      "a session with the identities: from the image, and reading them",
      '{ rules = "identities.rules" }',
      50e-3,
    },
    {
      "reading the default rules, as without an image",
      '{ default_rules = false, rules = "default.rules" }',
      40e-3,
    },
    { "reading all of rules/, identities included, as without an image", READ, 50e-3 },
  } do
    report { what = case[1], value = start(case[2]), target = case[3] }
  end
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
  report { what = command .. ", whole process", value = taken, target = 12e-3, peers = peers }
end
