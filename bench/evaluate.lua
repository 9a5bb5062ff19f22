-- Evaluation: gradients and Hessians that nabla derives and compiles, beside the same written by hand in NumPy and by PyTorch's
-- autograd, at sizes 10, 100 and 1,000. `bench/run.lua evaluate` takes about ten minutes, most of it PyTorch's Hessians.

local beside = require "bench.beside_python"

local gradients = { "least squares", "logistic regression", "Gaussian", "factorisation", "network" }
local hessians = {
  "Hessian of logistic regression",
  "Hessian of logdet",
  "Hessian of factorisation",
  "Hessian of a quartic form",
}
local sizes = { 10, 100, 1000 }

return function(report)
  local cases = require "bench.evaluate_cases"
  local run = beside.new "evaluate.py"
  if not run then
    report { what = "evaluation: the numeric module is not built (libopenblas-dev, liblapacke-dev)" }
    return
  end
  for _, list in ipairs { gradients, hessians } do
    for _, name in ipairs(list) do
      for _, size in ipairs(sizes) do
        if size <= (cases[name].most or size) then
          local tenth = list == hessians and size == 100
          local row = run:case(name, size, function(peer)
            return list == gradients and 1 or peer == "torch" and tenth and 10 or 0
          end)
          row.aim = list == gradients and "both" or tenth and "PyTorch/10" or ""
          report(row)
        end
      end
    end
  end
  run:close(report, function(what)
    return what:find "size 1000" or what:find "logdet, size 100"
  end)
end
