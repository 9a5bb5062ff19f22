-- Whole models as numbers: a Kalman filter, an attention block, a Gaussian process, a network, Hessians times vectors; beside the
-- same written by hand in NumPy and by PyTorch. The target is to be at least as fast as each.

local beside = require "bench.beside_python"

local CALLS = 100000 -- of a Kalman step
local names = {
  "Kalman step",
  "attention",
  "Gaussian process",
  "three layers",
  "Hessian of logistic regression times a vector",
  "Hessian of a network times a matrix",
}

return function(report)
  local cases = require "bench.models_cases"
  local run = beside.new "models.py"
  if not run then
    report { what = "models: the numeric module is not built (libopenblas-dev, liblapacke-dev)" }
    return
  end
  for _, name in ipairs(names) do
    for _, size in ipairs(cases[name].sizes) do
      local row = run:case(name, size, function()
        return 1
      end)
      row.aim = "both"
      if name == "Kalman step" then
        row.what = ("%s, %d times"):format(row.what, CALLS)
        row.value = row.value and row.value * CALLS
        for _, peer in ipairs(row.peers) do
          peer[2] = peer[2] and peer[2] * CALLS
        end
      end
      report(row)
    end
  end
  run:close(report, function()
    return false
  end)
end
