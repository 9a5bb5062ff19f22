-- The Fisher information of the normal distribution about its mean: the negative Hessian of the log likelihood.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "vector x(d), vector mu(d), matrix S(d,d) spd"

local likelihood = s:parse "-logdet(S)/2 - (x - mu)'*inv(S)*(x - mu)/2"
print(s:diff(likelihood, "mu"))
print(-s:hessian(likelihood, "mu"))

--> inv(S)*(x - mu)
--> inv(S)
