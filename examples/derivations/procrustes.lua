-- Orthogonal Procrustes: the orthogonal Q for which Q*A is nearest to B.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "matrix Q(n,n), matrix A(n,N), matrix B(n,N), matrix M(n,n) symmetric"

-- M holds the multipliers of the constraint Q'*Q = I(n).
local g = s:diff("normF(Q*A - B)^2 + tr(M*(Q'*Q - I(n)))", "Q")
print(g:eq(0))
print((g/2):expand():collect "Q")

-- L stands for M + A*A', which is symmetric; at the minimum it is positive definite.
local t = nabla.new { strict = true }
t:declare "matrix Q(n,n) orthogonal, matrix A(n,N), matrix B(n,N), matrix L(n,n) spd"
local e = t:equation "Q*L = B*A'"

-- Each side from the left by its transpose: Q drops out.
local squared = (e.left.T*e.left):eq(e.right.T*e.right):simplify()
print(squared)
local L = squared:solve "L"
print(L)
print((e:solve("Q"):subst(L)))

--> 2*(Q*M + (Q*A - B)*A') = 0
--> Q*(M + A*A') - B*A'
--> L^2 = A*B'*B*A'
--> L = sqrtm(A*B'*B*A')
--> Q = B*A'*inv(sqrtm(A*B'*B*A'))
