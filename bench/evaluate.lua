-- Evaluation: gradients and Hessians that nabla derives and compiles, beside the same written by hand in NumPy and by PyTorch's
-- autograd, at sizes 10, 100 and 1,000.
--
-- Each of the three runs in a process of its own, on one thread of the same BLAS, with the same values; the least
-- time of many rounds counts (processor time; others share the machine). The peers check their results against ours.
-- `bench/run.lua evaluate` takes about ten minutes, most of it PyTorch's Hessians.

local measure = require "bench.measure"

local gradients = { "least squares", "logistic regression", "Gaussian", "factorisation", "network" }
local hessians = {
  "Hessian of logistic regression",
  "Hessian of logdet",
  "Hessian of factorisation",
  "Hessian of a quartic form",
}
local sizes = { 10, 100, 1000 }
local agreement = 1e-10

local environment = "OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 "
local python

-- Does Python have this module?
local function has(name)
  for _, program in ipairs { "python3", "/usr/bin/python3" } do
    if measure.output(program .. " -c 'import " .. name .. "'") then
      python = program
      return true
    end
  end
  return false
end

return function(report)
  local cases = require "bench.evaluate_cases"
  if not pcall(require, "nabla.numeric.core") then
    report { what = "evaluation: the numeric module is not built (libopenblas-dev, liblapacke-dev)" }
    return
  end
  local folder = os.tmpname()
  os.remove(folder)
  assert(measure.output("mkdir -p " .. folder))
  local lua = arg[-1] or "lua5.4"
  local peers = {}
  for _, peer in ipairs { { "numpy", "NumPy", "python3-numpy" }, { "torch", "PyTorch", "python3-torch" } } do
    peers[#peers + 1] = { peer[1], peer[2], has(peer[1]), peer[3] }
  end
  local worst = 0
  local memory = {}

  local function one(name, size, hessian)
    local ours, why = measure.numbers(
      string.format("%s%s bench/evaluate_one.lua '%s' %d %s", environment, lua, name, size, folder)
    )
    if not ours then
      report { what = name .. ", size " .. size, peers = { { "nabla", nil, why } } }
      return
    end
    local rows, holds = {}, true
    for _, peer in ipairs(peers) do
      local list, no
      if peer[3] then
        list, no = measure.numbers(
          string.format("%s%s bench/peers/evaluate.py %s '%s' %s", environment, python, peer[1], name, folder)
        )
      else
        no = "is not installed (" .. peer[4] .. ")"
      end
      rows[#rows + 1] = { peer[2], list and list[1], no }
      if list then
        worst = math.max(worst, list[3])
        local margin = hessian and (peer[1] == "torch" and size == 100 and 10 or 0) or 1
        holds = holds and list[3] <= agreement and ours[1] * margin <= list[1]
        memory[#memory + 1] = { name .. ", size " .. size, ours[2], peer[2], list[2] }
      end
    end
    report {
      what = name .. ", size " .. size,
      value = ours[1],
      aim = hessian and (size == 100 and "PyTorch/10" or "") or "both",
      holds = holds,
      peers = rows,
    }
  end

  for _, list in ipairs { gradients, hessians } do
    for _, name in ipairs(list) do
      for _, size in ipairs(sizes) do
        if size <= (cases[name].most or size) then
          one(name, size, list == hessians)
        end
      end
    end
  end
  report {
    what = "largest difference from the peers' results, times 1e10",
    value = worst * 1e10,
    unit = "",
    target = agreement * 1e10,
  }
  for _, m in ipairs(memory) do
    if m[1]:find "size 1000" or m[1]:find "logdet, size 100" then
      report {
        what = "peak of memory in MB: " .. m[1],
        value = m[2] / 1024,
        unit = "",
        holds = m[2] <= m[4],
        peers = { { m[3], m[4] / 1024 } },
      }
    end
  end
  measure.output("rm -r " .. folder)
end
