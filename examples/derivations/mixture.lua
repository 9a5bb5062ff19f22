-- EM for a mixture of normal distributions, the M step: the responsibilities R(i,k) are given, the rows of X are the data.
-- The weights p sum to one; the mean and the covariance of one component have the weights r, its column of R.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "matrix R(N,K), vector p(K) positive"
print "weights:"
print(s:stationary("sum((R'*ones(N)).*log(p))", "p", "sum(p) = 1"))

s:declare "matrix X(N,d), vector r(N) positive, vector mu(d), matrix S(d,d) spd"
local component = "-sum(r)/2*logdet(S) - tr(inv(S)*(X - ones(N)*mu')'*diag(r)*(X - ones(N)*mu'))/2"
print "mean of a component:"
print(s:stationary(component, "mu"))
print "covariance of a component:"
print(s:stationary(component, "S"))

--> weights:
--> p = R'*ones(N)/sum(R)
--> lambda = -sum(R)
--> mean of a component:
--> mu = X'*r/sum(r)
--> covariance of a component:
--> S = (X' - mu*ones(N)')*diag(r)*(X - ones(N)*mu')/sum(r)
