-- The Newton step of logistic regression, and its form as weighted least squares.
--
--     lua5.4 examples/derivations/logistic_newton.lua

local nabla = require "nabla"
local s = nabla.new { layout = "denominator" }
assert(s:declare "matrix X(N,n) fullcolumnrank, vector w(n), vector y(N), vector h(n), vector q(N), vector p(N)")

-- Labels 0 and 1. q stands for the weights p.*(1 - p).
local loss = "sum(log(1 + exp(X*w))) - y'*X*w"
print(assert(s:derive(loss, "w")))
print("D(D(f, w), w) = " .. assert(s:hessian(loss, "w")):text())
print(assert(s:solve("X'*diag(q)*X*h = -X'*(p - y)", "h"))[1])
