-- The Kalman gain: the K for which the covariance after the measurement has the least trace; and that covariance.
--
--     lua5.4 examples/derivations/kalman.lua

local nabla = require "nabla"
local s = nabla.new { layout = "denominator" }
local P, H, R, K = s:declare "matrix P(n,n) spd, matrix H(m,n), matrix R(m,m) spd, matrix K(n,m)"

-- Joseph's form of the covariance after the measurement, for any gain K.
local after = s:parse "(I(n) - K*H)*P*(I(n) - K*H)' + K*R*K'"
local gain = assert(s:stationary(nabla.tr(after), K))
print(gain:steps_text())
for _, line in ipairs(gain:condition_lines()) do
  print("if " .. line)
end

-- K put in; and the same by K itself.
local best = after:subst(gain[1]):simplify()
print("P+ = " .. best:text())
print("P+ = (I(n) - K*H)*P:", (s:equal(best, s:parse("(I(n) - K*H)*P"):subst(gain[1]))))
