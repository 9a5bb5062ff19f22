-- What it costs to show how an answer is found: `session:derive` with the whole printed as text, over `session:diff` of the same
-- text, printed. Every derivation is checked line by line; the sessions have done the like before.

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

return function(report)
  local s = assert(nabla.new {})
  assert(s:declare(declarations))
  local diff, ratios = 0, {}
  local sums = { fine = 0, normal = 0, brief = 0 }
  for i, problem in ipairs(problems) do
    local f, x = table.unpack(problem)
    local once = each(function()
      return assert(s:diff(f, x)):text()
    end)
    diff = diff + once
    for detail in pairs(sums) do
      local steps = each(function()
        return assert(s:derive(f, x, { detail = detail })):text()
      end)
      sums[detail] = sums[detail] + steps
      if detail == "normal" then
        ratios[i] = steps / once
      end
    end
  end
  table.sort(ratios)
  local peer = { { "session:diff, text in and out", diff / #problems } }
  report { what = "derivation, mean of nine", value = sums.normal / #problems, peers = peer }
  report { what = "derivation, fine", value = sums.fine / #problems, peers = peer }
  report { what = "derivation, brief", value = sums.brief / #problems, peers = peer }
  report { what = "derivation over diff, the largest ratio", value = ratios[#ratios], unit = "times", target = most }
end
