-- The Fisher information of the normal distribution about its mean and about its covariance.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "vector x(d), vector mu(d), matrix S(d,d) spd"

local likelihood = s:parse "-logdet(S)/2 - (x - mu)'*inv(S)*(x - mu)/2"
print(s:diff(likelihood, "mu"))
print(-s:hessian(likelihood, "mu"))

-- About S: the derivative of the gradient, by vec. The mean of (x - mu)*(x - mu)' is S.
local g = s:diff(likelihood, "S")
print(g)
local H = s:diff(-g, "S", { layout = "vec" })
print(H:subst("(x - mu)*(x - mu)'", "S"):simplify())

--> inv(S)*(x - mu)
--> inv(S)
--> (inv(S)*(x - mu)*(x - mu)'*inv(S) - inv(S))/2
--> kron(inv(S), inv(S))/2
