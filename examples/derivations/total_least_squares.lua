-- Total least squares: errors in A as well as in b. The objective is the squared distance of the points from a plane.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "matrix A(m,n), vector b(m), vector x(n), scalar l"

local g = s:diff("norm2(A*x - b)^2/(1 + x'*x)", "x")
print(g)

-- l stands for the objective at its minimum. It is the least eigenvalue of [A b]'*[A b].
local numerator = s:diff("norm2(A*x - b)^2 - l*(1 + x'*x)", "x")
print((s:equal(g*s:parse "1 + x'*x", (numerator:subst("l", "norm2(A*x - b)^2/(1 + x'*x)")))))

local solution = s:solve(numerator:eq(0), "x")
print(solution:steps_text())

--> 2*(A'*(A*x - b) - norm2(A*x - b)^2*x/(1 + x'*x))/(1 + x'*x)
--> yes
--> 2*(A'*(A*x - b) - l*x) = 0     the equation
--> (l*I(n) - A'*A)*x = -A'*b      gathered
--> x = inv(A'*A - l*I(n))*A'*b    invertible(l*I(n) - A'*A)
