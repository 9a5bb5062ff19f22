-- What it costs to show how an answer is found: `session:derive` with the whole printed as text, over `session:diff` of the same
-- text, printed; with names that the session has not seen, and of the same text again. Every derivation is checked line by line.

local measure = require "bench.measure"
local nabla = require "nabla"

local problems = {
  { "norm2(A*x - b)^2", "x" },
  { "x'*C*x", "x" },
  { "log(sum(exp(A*x)))", "x" },
  { "tr(X'*C*X*F)", "X" },
  { "logdet(X'*C*X)", "X" },
  { "a'*inv(F + Y)*a", "Y" },
  { "x'*C*x/(x'*x)", "x" },
  { "norm2(A*tanh(C*x) - b)^2/2", "x" },
  { "exp(-(x - u)'*inv(C)*(x - u)/2)/sqrt(det(C))", "u" }, -- with names for its parts
}
local declarations = "matrix A(n,m), vector b(n), vector x(m), matrix C(m,m), matrix X(m,k), matrix F(k,k), "
  .. "matrix Y(k,k), vector a(k), vector u(m)"

local rounds, repetitions, most = 15, 10, 20

-- Median seconds of a call.
local function each(work)
  work()
  local times = {}
  for i = 1, rounds do
    times[i] = measure.seconds(function()
      for _ = 1, repetitions do
        work()
      end
    end) / repetitions
  end
  return measure.median(times)
end

local number = 0 -- of the problems whose names were new

-- Median seconds of work(f, x), each time with new names. To declare them is not timed.
local function with_new_names(s, problem, work)
  local times = {}
  for i = 1, rounds * 3 do
    number = number + 1
    local function own(text)
      return (text:gsub("%f[%a][ACFXYabux]%f[%A]", "%0" .. number))
    end
    s:reset()
    assert(s:declare(own(declarations)))
    local f, x = own(problem[1]), own(problem[2])
    times[i] = measure.seconds(function()
      work(f, x)
    end)
  end
  return measure.median(times)
end

return function(report)
  local s = assert(nabla.new {})
  local detail
  local function answer(f, x)
    return assert(s:diff(f, x)):text()
  end
  local function derivation(f, x)
    return assert(s:derive(f, x, { detail = detail })):text()
  end

  local fresh = 0
  for _, problem in ipairs(problems) do
    fresh = math.max(fresh, with_new_names(s, problem, derivation) / with_new_names(s, problem, answer))
  end
  s:reset()
  assert(s:declare(declarations))
  local diff, ratio, sums = 0, 0, {}
  for _, problem in ipairs(problems) do
    local once = each(function()
      return answer(table.unpack(problem))
    end)
    diff = diff + once
    for _, name in ipairs { "fine", "normal", "brief" } do
      detail = name
      local steps = each(function()
        return derivation(table.unpack(problem))
      end)
      sums[name] = (sums[name] or 0) + steps
      ratio = name == "normal" and math.max(ratio, steps / once) or ratio
    end
  end
  local peer = { { "session:diff, text in and out", diff / #problems } }
  report { what = "derivation, mean of nine", value = sums.normal / #problems, target = 2e-3, peers = peer }
  report { what = "derivation, fine", value = sums.fine / #problems, peers = peer }
  report { what = "derivation, brief", value = sums.brief / #problems, peers = peer }
  report {
    what = "derivation over diff with new names, the largest ratio",
    value = fresh,
    unit = "times",
    target = most,
  }
  report { what = "  the same of a text that was asked before", value = ratio, unit = "times" }
end
