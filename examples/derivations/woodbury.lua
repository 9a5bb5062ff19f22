-- Woodbury's identity, step by step: the product of the matrix and its claimed inverse is the identity.
--
--     lua5.4 examples/derivations/woodbury.lua

local nabla = require "nabla"
local s = nabla.new()
assert(s:declare [[
  matrix A(n,n) invertible, matrix U(n,k), matrix C(k,k) invertible, matrix V(k,n), matrix T(k,k) invertible
]])

-- T stands for inv(C) + V*inv(A)*U.
local product = assert(s:parse "(A + U*C*V)*(inv(A) - inv(A)*U*inv(T)*V*inv(A))")
print(product)
local line = product:expand()
print("= " .. line:text())
line = line:subst("V*inv(A)*U", "T - inv(C)")
print("= " .. line:text())
line = line:expand():simplify()
print("= " .. line:text())
