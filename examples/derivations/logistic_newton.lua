-- Logistic regression: gradient, Hessian, and the step of Newton's method.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "matrix X(m,n), vector y(m), vector w(n)"

local loss = s:parse "sum(softplus(X*w)) - y'*X*w"
print(s:diff(loss, "w"))
print(s:hessian(loss, "w"))
print(s:convexity(loss, "w").verdict)

s:declare "vector g(n), matrix H(n,n) spd, vector step(n)"
print(s:stationary("g'*step + step'*H*step/2", "step"))

--> X'*(sigmoid(X*w) - y)
--> X'*diag(sigmoid(X*w) - sigmoid(X*w).^2)*X
--> convex
--> step = -inv(H)*g
