-- A linear equation, read, solved, put back: warm, the same each time, as a script or a page asks.

local measure = require "bench.measure"
local nabla = require "nabla"

local cases = {
  { "A'*(A*x - b) = 0", "x" },
  { "K*(H*P*H' + R) = P*H'", "K" },
  { "A'*A*x + c*x = A'*b", "x" },
}

return function(report)
  for i, case in ipairs(cases) do
    local s = assert(nabla.new {})
    assert(s:declare "matrix A(m,n), vector x(n), vector b(m), matrix P(n,n) spd, matrix H(m,n), matrix R(m,m) spd")
    assert(s:declare "matrix K(n,m), scalar c positive")
    local e = assert(s:equation(case[1]))
    assert(s:solve(e, case[2]))
    report {
      what = "solve " .. case[1] .. (i == 3 and ", put back by numbers" or ""),
      value = measure.runs(21, function() end, function()
        return s:solve(e, case[2])
      end),
      target = 1e-3,
    }
  end
end
