-- Woodbury's identity: the product of A + U*C*V with the claimed inverse is the unit matrix.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "matrix A(n,n) invertible, matrix U(n,k), matrix C(k,k) invertible, matrix V(k,n), matrix T(k,k) invertible"

-- T = inv(C) + V*inv(A)*U
local product = s:parse "(A + U*C*V)*(inv(A) - inv(A)*U*inv(T)*V*inv(A))"
local opened = product:expand()
print(opened)
local put_in = opened:subst("V*inv(A)*U", "T - inv(C)")
print(put_in)
print(put_in:expand():simplify())

--> I(n) + U*C*V*inv(A) - U*inv(T)*V*inv(A) - U*C*V*inv(A)*U*inv(T)*V*inv(A)
--> I(n) + U*C*V*inv(A) - U*inv(T)*V*inv(A) - U*C*(T - inv(C))*inv(T)*V*inv(A)
--> I(n)
