-- The Fisher information of the mean of a normal distribution, and the Hessian by its covariance.
--
--     lua5.4 examples/derivations/fisher.lua

local nabla = require "nabla"
local s = nabla.new { layout = "denominator" }
assert(s:declare "vector x(n), vector mu(n), matrix S(n,n) spd")

-- Minus the log-density without its constant. The Hessian by mu does not hold x: it is the information.
local f = "(logdet(S) + (x - mu)'*inv(S)*(x - mu))/2"
print(assert(s:derive(f, "mu")))
print("information of mu: " .. assert(s:hessian(f, "mu")):text())

-- For S: the derivative of the gradient, with vec on both sides. The mean of (x - mu)*(x - mu)' is S.
local g = assert(s:parse("inv(S)/2 - inv(S)*(x - mu)*(x - mu)'*inv(S)/2"))
print("D(f, S) = " .. g:text(), (s:equal(g, assert(s:diff(f, "S")))))
local H = assert(s:diff(g, "S", { layout = "vec" }))
print("D(g, S) = " .. H:text())
print("information of S: " .. H:expand():subst("(x - mu)*(x - mu)'", "S"):simplify():text())
