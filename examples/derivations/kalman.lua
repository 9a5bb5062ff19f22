-- The Kalman gain: it makes the trace of the covariance after the update smallest.

local nabla = require "nabla"

local s = nabla.new { strict = true }
local P, H, R, K = s:declare "matrix P(n,n) spd, matrix H(m,n), matrix R(m,m) spd, matrix K(n,m)"
local I = s:I "n"

local after = (I - K*H)*P*(I - K*H).T + K*R*K.T
print(s:derive(nabla.tr(after), "K"))

local gain = s:stationary(nabla.tr(after), "K")
print(gain, gain.kind)

-- With the gain put in, Joseph's form is (I(n) - K*H)*P.
local best = s:equation "K = P*H'*inv(H*P*H' + R)"
local joseph, short = after:subst(best), ((I - K*H)*P):subst(best)
print((s:equal(joseph, short)))

--> f = tr(K*R*K' + (I(n) - K*H)*P*(I(n) - K*H)')           the function
--> d(f) = tr(d(K)*R*K') + tr(K*R*d(K)') + tr(d(I(n) - K*H)*P*(I(n) - K*H)') + tr((I(n) - K*H)*P*d(I(n) - K*H)')   product (Matrix Cookbook (37))
-->      = tr(d(K)*R*K') + tr(K*R*d(K)') - tr(d(K)*H*P*(I(n) - K*H)') - tr((I(n) - K*H)*P*H'*d(K)')   d is linear; H is constant (Magnus and Neudecker 8.2)
-->      = 2*tr(R*K'*d(K)) - 2*tr(H*P*(I(n) - K*H)'*d(K))   a trace is cyclic; trace of a transpose; R is symmetric; P is symmetric (Matrix Cookbook (16); Matrix Cookbook (13))
-->      = 2*tr((R*K' - H*(P - P*H'*K'))*d(K))              common factors
--> D(f, K) = 2*(K*R - (P - K*H*P)*H')                      d(f) = tr(G'*d(K)) gives G: denominator layout
--> K = P*H'*inv(R + H*P*H')	unique minimum
--> yes
