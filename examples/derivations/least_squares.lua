-- Least squares: ordinary, weighted, ridge, and under linear constraints.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "matrix A(m,n) fullcolumnrank, vector b(m), vector x(n), matrix W(m,m) spd, scalar c positive"
s:declare "matrix C(p,n), vector d(p)"

print(s:derive("norm2(A*x - b)^2", "x"))

local ordinary = s:stationary("norm2(A*x - b)^2", "x")
print("ordinary:", ordinary, ordinary.kind)
print("weighted:", s:stationary("(A*x - b)'*W*(A*x - b)", "x"))
print("ridge:", s:stationary("norm2(A*x - b)^2 + c*x'*x", "x"))
print("constrained:")
print(s:stationary("norm2(A*x - b)^2", "x", "C*x = d"))

--> f = norm2(A*x - b)^2             the function
--> d(f) = 2*(A*x - b)'*d(A*x - b)   squared norm (Matrix Cookbook (132))
-->      = 2*(A*x - b)'*A*d(x)       d is linear; A and b are constant (Magnus and Neudecker 8.2)
--> D(f, x) = 2*A'*(A*x - b)         d(f) = g'*d(x) gives g: denominator layout
--> ordinary:	x = inv(A'*A)*A'*b	unique minimum
--> weighted:	x = inv(A'*W*A)*A'*W*b
--> ridge:	x = inv(c*I(n) + A'*A)*A'*b
--> constrained:
--> x = inv(A'*A)*(A'*b + C'*inv(C*inv(A'*A)*C')*(d - C*inv(A'*A)*A'*b))
--> lambda = 2*inv(C*inv(A'*A)*C')*(C*inv(A'*A)*A'*b - d)
