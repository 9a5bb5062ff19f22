-- Maximum likelihood for the normal distribution: mean and covariance of the rows of X.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "matrix X(N,d), vector mu(d), matrix S(d,d) spd"

local likelihood = s:parse "-N/2*logdet(S) - tr(inv(S)*(X - ones(N)*mu')'*(X - ones(N)*mu'))/2"
print(s:derive(likelihood, "mu"))
print(s:stationary(likelihood, { "mu", "S" }))

--> f = -(N*logdet(S) + tr(inv(S)*(X' - mu*ones(N)')*(X - ones(N)*mu')))/2   the function
--> d(f) = -(tr(inv(S)*d(X' - mu*ones(N)')*(X - ones(N)*mu')) + tr(inv(S)*(X' - mu*ones(N)')*d(X - ones(N)*mu')))/2   product (Matrix Cookbook (37))
-->      = (tr(inv(S)*d(mu)*ones(N)'*(X - ones(N)*mu')) + tr(inv(S)*(X' - mu*ones(N)')*ones(N)*d(mu)'))/2   d is linear; X is constant (Magnus and Neudecker 8.2)
-->      = ones(N)'*(X - ones(N)*mu')*inv(S)*d(mu)                           a scalar equals its transpose; S is symmetric
--> D(f, mu) = inv(S)*(X' - mu*ones(N)')*ones(N)                             d(f) = g'*d(mu) gives g: denominator layout
--> mu = X'*ones(N)/N
--> S = X'*(X - ones(N)*ones(N)'*X/N)/N
