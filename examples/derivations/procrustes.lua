-- Orthogonal Procrustes: the orthogonal Q for which Q*A is nearest to B.
--
--     lua5.4 examples/derivations/procrustes.lua

local nabla = require "nabla"
local s = nabla.new { layout = "denominator" }
assert(s:declare [[
  matrix Q(n,n) orthogonal, matrix A(n,N), matrix B(n,N), matrix M(n,n) symmetric, matrix L(n,n) spd
]])

-- M holds the multipliers of the constraint Q'*Q = I(n); Q is varied freely then.
local free = nabla.new { layout = "denominator" }
assert(free:declare "matrix Q(n,n), matrix A(n,N), matrix B(n,N), matrix M(n,n) symmetric")
print(assert(free:derive("normF(Q*A - B)^2 + tr(M*(Q'*Q - I(n)))", "Q")))

-- Zero, divided by 2, gathered at Q. The symmetric matrix A*A' + M gets the name L.
local stationary = assert(s:equation "Q*L = B*A'")
print(stationary)

-- The transpose times the equation: Q drops out.
local squared = (stationary.T.left * stationary.left):eq(stationary.T.right * stationary.right):simplify()
print(squared)
local L = assert(squared:solve "L")
print(L)
print(assert(stationary:solve "Q"))
print("Q = " .. s:parse("B*A'*inv(L)"):subst(L):text())
