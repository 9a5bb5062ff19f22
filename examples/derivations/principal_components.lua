-- PCA: the direction w of length one in which the variance w'*C*w is largest is an eigenvector of C.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "vector w(n), matrix C(n,n) symmetric, scalar lambda, matrix B(n,n) symmetric"

local g = s:diff("w'*C*w - lambda*(w'*w - 1)", "w")
local e = g:eq(0)
print(e)
local half = (e/2):move(s:parse "-lambda*w")
print(half)

-- The Rayleigh quotient of two forms (LDA): the gradient is zero where C*w = quotient*B*w.
print((s:diff("(w'*C*w)/(w'*B*w)", "w")))

--> 2*(C*w - lambda*w) = 0
--> C*w = lambda*w
--> 2*(C - w'*C*w*B/(w'*B*w))*w/(w'*B*w)
