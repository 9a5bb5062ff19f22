-- LDA: the direction w in which classes lie farthest apart. B is the scatter between the classes, W that within them.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "vector w(n), matrix B(n,n) symmetric, matrix W(n,n) spd, scalar lambda, vector a(n), vector b(n), scalar c"

-- w'*W*w is held at 1 by a multiplier: a generalized eigenvector equation.
local e = s:diff("w'*B*w - lambda*(w'*W*w - 1)", "w"):eq(0)
print((e/2):expand():move(s:parse "-lambda*W*w"))

-- Two classes with the means a and b: B*w is a multiple of a - b. Its length is free, so c may be any number.
print((s:solve("W*w = c*(a - b)", "w")[1]))

--> B*w = lambda*W*w
--> w = c*inv(W)*(a - b)
