-- A network: a'*tanh(W1*tanh(W2*..*tanh(Wk*x))) by its innermost variable. Time and size have to grow as the depth does.

local core = require "nabla.core"
local measure = require "bench.measure"
local nabla = require "nabla"

local depths = { 10, 100, 1000 }

local function network(depth)
  local s = assert(nabla.new {})
  local a, x = s:declare "vector a(n), vector x(n)"
  local f = x
  for i = depth, 1, -1 do
    f = nabla.tanh(assert(s:declare(string.format("matrix W%d(n,n)", i))) * f)
  end
  return s, a.T * f, x
end

return function(report)
  local sympy_depth = 1 -- deeper ones it refuses, up to its version 1.14
  local sympy, no_sympy = measure.sympy_peer("chain_sympy.py", sympy_depth)
  local function differentiate(depth, runs)
    local s, f, x = network(depth)
    local taken, answer = measure.runs(runs, function()
      collectgarbage()
      s.S:collect()
    end, function()
      return assert(s:diff(f, x))
    end)
    return taken, #s.S:postorder((select(2, core.unwrap(answer))))
  end
  report {
    what = "network of depth " .. sympy_depth .. " by its innermost variable",
    value = (differentiate(sympy_depth, 11)),
    peers = { { "SymPy", sympy and sympy[1], no_sympy } },
  }
  local times, sizes = {}, {}
  for i, depth in ipairs(depths) do
    times[i], sizes[i] = differentiate(depth, 15)
    report { what = "network of depth " .. depth, value = times[i] }
    report { what = "  nodes in the result, with what it shares", value = sizes[i], unit = "nodes" }
  end
  for i = 2, #depths do
    local ratio = depths[i] / depths[i - 1]
    local step = string.format("from depth %d to %d", depths[i - 1], depths[i])
    report {
      what = "  time, times as much " .. step,
      value = times[i] / times[i - 1],
      unit = "times",
      target = 1.5 * ratio,
    }
    report {
      what = "  nodes, times as many " .. step,
      value = sizes[i] / sizes[i - 1],
      unit = "times",
      target = 1.1 * ratio,
    }
  end
end
