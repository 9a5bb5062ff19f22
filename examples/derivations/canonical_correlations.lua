-- CCA: the directions u and v for which u'*x and v'*y are correlated most. P, R and C are the covariances of x, of y, of both.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare [[
  vector u(n), vector v(m), matrix P(n,n) spd, matrix R(m,m) spd, matrix C(n,m), scalar k invertible, scalar l
]]

-- The variances are held at 1, each by its multiplier.
local f = "u'*C*v - k*(u'*P*u - 1)/2 - l*(v'*R*v - 1)/2"
local by_u, by_v = s:diff(f, "u"):eq(0), s:diff(f, "v"):eq(0)
print(by_u, by_v)

-- u' and v' times these, with variances 1: the multipliers are equal, and are the correlation.
local u_times = (s:parse "u'"*by_u.left):expand():subst("u'*P*u", "1")
local v_times = (s:parse "v'"*by_v.left):expand():subst("v'*R*v", "1")
print(u_times:eq(0), v_times:eq(0))

-- With k = l, u from the first put into the second: an eigenvector equation for v.
local u = s:solve(by_u, "u")[1]
local e = by_v:subst("l", "k"):subst(u)
print(u)
print((s:parse "k"*e.left):expand():eq(0))

--> C*v - k*P*u = 0	C'*u - l*R*v = 0
--> u'*C*v - k = 0	u'*C*v - l = 0
--> u = inv(P)*C*v/k
--> C'*inv(P)*C*v - k^2*R*v = 0
