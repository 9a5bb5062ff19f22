-- LQR: the best control follows by completing the square, and what is left is the Riccati equation.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "vector x(n), vector u(m), matrix Q(n,n) symmetric, matrix R(m,m) spd, matrix P(n,n) symmetric"
s:declare "matrix A(n,n), matrix B(n,m)"

local cost = s:parse "x'*Q*x + u'*R*u + 2*x'*P*(A*x + B*u)"
print(s:solve(s:diff(cost, "u"):eq(0), "u"))
local square, parts = cost:square "u"
print(square)
print((parts.rest:quadratic "x"):eq(0))

--> u = -inv(R)*B'*P*x
--> x'*(Q + P*(2*A - B*inv(R)*B'*P))*x + (u + inv(R)*B'*P*x)'*R*(u + inv(R)*B'*P*x)
--> Q + A'*P + P*(A - B*inv(R)*B'*P) = 0
