-- One case of evaluation by nabla, NumPy and PyTorch: each in a process of its own, on one thread of the same BLAS, with the same
-- values. The least time of many rounds counts (processor time; others share the machine). The peers check their results
-- against nabla's.

local measure = require "bench.measure"

local M = {}
M.__index = M

M.agreement = 1e-10

local environment = "OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 "

-- The Python that has this module, or nil.
local function python_with(name)
  for _, program in ipairs { "python3", "/usr/bin/python3" } do
    if measure.output(program .. " -c 'import " .. name .. "'") then
      return program
    end
  end
end

--- For the cases of a script of bench/peers/; nil if there is no numeric module.
function M.new(script)
  if not pcall(require, "nabla.numeric.core") then
    return nil
  end
  local self = setmetatable({ script = script, folder = os.tmpname(), peers = {}, worst = 0, memory = {} }, M)
  os.remove(self.folder)
  assert(measure.output("mkdir -p " .. self.folder))
  for i, peer in ipairs { { "numpy", "NumPy", "python3-numpy" }, { "torch", "PyTorch", "python3-torch" } } do
    self.peers[i] = { name = peer[1], shown = peer[2], package = peer[3], python = python_with(peer[1]) }
  end
  return self
end

--- Run a case. A row for the report: the seconds of a call, and those of the peers; and whether nabla is fast enough.
-- @tparam string name the case
-- @tparam integer size
-- @tparam function margin of a peer's name: how many times faster than it nabla has to be; 0: any time will do
function M:case(name, size, margin)
  local lua = arg[-1] or "lua5.4"
  local what = name .. ", size " .. size
  local ours, why = measure.numbers(
    ("%s%s bench/evaluate_one.lua '%s' %d %s"):format(environment, lua, name, size, self.folder)
  )
  if not ours then
    return { what = what, holds = false, peers = { { "nabla", nil, why } } }
  end
  local rows, holds, compared = {}, true, false
  for i, peer in ipairs(self.peers) do
    local list, no = nil, "is not installed (" .. peer.package .. ")"
    if peer.python then
      local command = "%s%s bench/peers/%s %s '%s' %s"
      list, no =
        measure.numbers(command:format(environment, peer.python, self.script, peer.name, name, self.folder))
    end
    rows[i] = { peer.shown, list and list[1], no }
    if list then
      compared = true
      self.worst = math.max(self.worst, list[3])
      holds = holds and list[3] <= M.agreement and ours[1] * margin(peer.name) <= list[1]
      self.memory[#self.memory + 1] = { what, ours[2], peer.shown, list[2] }
    end
  end
  return { what = what, value = ours[1], holds = compared and holds or nil, peers = rows }
end

--- Report the largest difference between the results, and the peaks of memory of the cases for which `is_shown` says true.
function M:close(report, is_shown)
  report {
    what = "largest difference from the peers' results, times 1e10",
    value = self.worst * 1e10,
    unit = "",
    target = M.agreement * 1e10,
  }
  for _, m in ipairs(self.memory) do
    if is_shown(m[1]) then
      report {
        what = "peak of memory in MB: " .. m[1],
        value = m[2] / 1024,
        unit = "",
        holds = m[2] <= m[4],
        peers = { { m[3], m[4] / 1024 } },
      }
    end
  end
  measure.output("rm -r " .. self.folder)
end

return M
