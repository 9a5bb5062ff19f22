-- High derivatives of a nested scalar function: nest(0) = x, nest(k+1) = sin(exp(nest(k) + x^2)*cos(3*nest(k))); "nest2"
-- is nest(2). Written out as a tree, the 7-th derivative has 190,000 nodes with like terms collected: it takes sharing and
-- a memo.

local core = require "nabla.core"
local measure = require "bench.measure"
local nabla = require "nabla"

local function nest2()
  local s = assert(nabla.new {})
  local x = s:declare "scalar x"
  local f = x
  for _ = 1, 2 do
    f = nabla.sin(nabla.exp(f + x ^ 2) * nabla.cos(3 * f))
  end
  return f, x
end

local function differentiate(f, x, n)
  local S, id = core.unwrap(f)
  local _, by = core.unwrap(x)
  local one = S:rational(1)
  S:begin()
  for _ = 1, n do
    id = S:forward(id, by, one)
  end
  return id
end

-- The median of runs that begin with nothing but nest2: a collection drops the memo and all that was made.
local function after_collection(n)
  local f, x = nest2()
  local S = core.unwrap(f)
  return measure.runs(21, function()
    S:collect()
  end, function()
    return differentiate(f, x, n)
  end),
    S
end

return function(report)
  local floor, no_floor = measure.c_peer("nest2.c", 7)
  local normal, no_normal = measure.c_peer("nest2_normal.c", 7)
  local ginac, no_ginac = measure.compiled("nest2_ginac.cpp", "g++", "-O2 -lginac -lcln")
  if ginac then
    ginac, no_ginac = measure.numbers(ginac .. " 7")
  end
  local sympy, no_sympy = measure.sympy_peer("nest2_sympy.py", 3)
  report {
    what = "7-th derivative of nest2, no memo at the start",
    value = after_collection(7),
    target = normal and 25 * normal[1],
    peers = {
      { "floor: in C, in normal form", normal and normal[1], no_normal },
      { "floor: in C, no order, no like terms", floor and floor[1], no_floor },
      { "GiNaC", ginac and ginac[1], no_ginac or "is not installed (libginac-dev)" },
    },
  }
  report {
    what = "  the same, the first work of a new session",
    value = measure.runs(11, nest2, function(f, x)
      return differentiate(f, x, 7)
    end),
  }
  local f, x = nest2()
  local S = core.unwrap(f)
  report { what = "  nodes in the result", value = #S:postorder(differentiate(f, x, 7)), unit = "nodes" }
  report {
    what = "3-rd derivative of nest2",
    value = after_collection(3),
    peers = { { "SymPy", sympy and sympy[1], no_sympy } },
  }
end
