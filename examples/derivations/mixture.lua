-- The M step of EM for a mixture of normal distributions. R(i,k) is the responsibility of component k for observation i.
--
--     lua5.4 examples/derivations/mixture.lua

local nabla = require "nabla"
local s = nabla.new { layout = "denominator" }
assert(s:declare [[
  matrix R(N,K) positive, vector p(K) positive, matrix X(d,N), vector mu(d), matrix S(d,d) spd, vector r(N) positive
]])

-- The weights p add up to 1: a multiplier.
local weights = assert(s:stationary("sum(i = 1..N, sum(k = 1..K, R(i,k)*log(p(k))))", "p", "sum(p) = 1"))
print(weights:steps_text())

-- One component: r is its column of R.
local distances = "tr((X - mu*ones(N)')'*inv(S)*(X - mu*ones(N)')*diag(r))"
local mean = assert(s:stationary(distances, "mu"))
print(mean[1])

-- Its covariance: Z holds the deviations from its mean.
assert(s:declare "matrix Z(d,N)")
local covariance = assert(s:stationary("sum(r)*logdet(S) + tr(Z'*inv(S)*Z*diag(r))", "S"))
print(covariance:steps_text())
print(covariance[1]:subst("Z", "X - mu*ones(N)'"))
