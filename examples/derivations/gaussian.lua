-- Maximum likelihood for the mean and the covariance of a normal distribution. Each column of X is one observation.
--
--     lua5.4 examples/derivations/gaussian.lua

local nabla = require "nabla"
local s = nabla.new { layout = "denominator" }
assert(s:declare "matrix X(d,N), vector mu(d), matrix S(d,d) spd, scalar M positive")

-- Minus the log-likelihood, doubled, without its constant: N*logdet(S) + the sum of squared distances.
local R = "(X - mu*ones(N)')"
local distances = ("tr(%s'*inv(S)*%s)"):format(R, R)
print(assert(s:derive(distances, "mu")))
print(assert(s:stationary(distances, "mu"))[1])

-- The covariance. Z holds the deviations from the mean, M is the number of observations as a scalar.
assert(s:declare "matrix Z(d,N)")
local L = "M*logdet(S) + tr(Z'*inv(S)*Z)"
print(assert(s:derive(L, "S")))
local found = assert(s:stationary(L, "S"))
print(found:steps_text())
print(found[1]:subst("Z", "X - mu*ones(N)'"))
