-- Total least squares: errors in A as well as in b. The objective is the squared distance of the points from the plane.
--
--     lua5.4 examples/derivations/total_least_squares.lua

local nabla = require "nabla"
local s = nabla.new { layout = "denominator" }
assert(s:declare "matrix A(m,n), vector b(m), vector x(n), scalar l positive")

local f = "norm2(A*x - b)^2/(1 + x'*x)"
print(assert(s:derive(f, "x")))

-- l is the least value of f. It is the least eigenvalue of [A b]'*[A b].
local gradient = s:diff("norm2(A*x - b)^2 - l*(1 + x'*x)", "x")
local equation = gradient:eq(0)
print(equation)
print(assert(s:solve(equation, "x")):steps_text())
