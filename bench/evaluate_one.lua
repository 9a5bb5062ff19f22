-- One case of bench/evaluate.lua or bench/models.lua in a process of its own: `evaluate_one.lua CASE SIZE FOLDER`. Writes the
-- values and the results as .npy files into the folder for the peers; prints seconds a call and the peak of memory in
-- kilobytes.

local matrix = require "nabla.matrix"
local nabla = require "nabla"

local name, size, folder = arg[1], tonumber(arg[2]), arg[3]
local case = require("bench.evaluate_cases")[name] or require("bench.models_cases")[name]

-- The same numbers everywhere: a linear congruence.
local state = 20260101
local function random()
  state = (state * 6364136223846793005 + 1442695040888963407) & 0x7fffffffffffffff
  return (state >> 11) * 2.0 ^ -51 - 1
end

local values = {}
for _, v in ipairs(case.values(size)) do
  local a = matrix.build(v[2], v[3], random)
  if v[4] == "spd" then
    a = a * a.T / v[2] + matrix.eye(v[2])
  elseif v[4] == "regular" then
    a = a / v[2] + matrix.eye(v[2])
  elseif type(v[4]) == "number" then
    a = matrix(v[4])
  elseif v[4] == "distances" then -- of points on a line, squared
    a = matrix.build(v[2], v[2], function(i, j)
      return (math.sin(1.7 * i) - math.sin(1.7 * j)) ^ 2
    end)
  elseif v[4] == "binary" then
    a = a:map(function(x)
      return x > 0 and 1 or 0
    end)
  end
  values[v[1]] = a
  assert(a:save(folder .. "/" .. v[1] .. ".npy"))
end

local s = assert(nabla.new { layout = "denominator" })
if case.rules then
  assert(s:rule(case.rules))
end
assert(s:declare(case.declare))
local expressions = case.answers and case.answers(s) or {}
for i, wrt in ipairs(case.by or {}) do
  if case.hessian then
    expressions[i] = assert(s:hessian(case.f, wrt))
  else
    expressions[i] = assert(s:diff(case.f, wrt))
  end
end
local F = assert(s:compile(expressions))
for i, r in ipairs { F(values) } do
  if #r > 4000000 then -- too large to hand over: some of its columns
    local part = matrix.zeros(r.rows, 8)
    for j = 1, 8 do
      local column = 1 + (j * 7919 - 1) % r.cols
      for k = 1, r.rows do
        part:set(k, j, r(k, column))
      end
    end
    r = part
  end
  assert(r:save(folder .. "/result" .. i .. ".npy"))
end
collectgarbage()

local best = math.huge
local start = os.clock()
local repetitions = 1
for round = 1, 200 do
  local before = os.clock()
  for _ = 1, repetitions do
    F(values)
  end
  local seconds = os.clock() - before
  best = math.min(best, seconds / repetitions)
  if seconds < 0.02 and round < 20 then
    repetitions = math.ceil(repetitions * math.min(10, 0.03 / math.max(seconds, 1e-6)))
  end
  if os.clock() - start > 1 then
    break
  end
end

local peak = 0
local status = io.open "/proc/self/status"
if status then
  peak = tonumber(status:read("a"):match "VmHWM:%s*(%d+)") or 0
end
print(best, peak)
