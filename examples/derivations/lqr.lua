-- The linear-quadratic regulator: complete the square in the control u, and read off the Riccati equation.
--
--     lua5.4 examples/derivations/lqr.lua

local nabla = require "nabla"
local s = nabla.new { layout = "denominator" }
assert(s:declare [[
  matrix A(n,n), matrix B(n,m), matrix Q(n,n) symmetric, matrix R(m,m) spd, matrix P(n,n) symmetric, vector x(n), vector u(m)
]])

-- The cost rate and the derivative of x'*P*x along x' = A*x + B*u.
local V = assert(s:parse "x'*Q*x + u'*R*u + 2*x'*P*(A*x + B*u)")
local square, parts = V:square "u"
print("V = " .. square:text())
print(assert(s:stationary(V, "u"))[1])
print(assert(parts.rest:quadratic "x").matrix:expand():eq(0))
