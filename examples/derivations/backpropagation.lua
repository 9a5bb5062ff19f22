-- Backpropagation through two layers: the gradient by each matrix of weights and each bias.
--
--     lua5.4 examples/derivations/backpropagation.lua

local nabla = require "nabla"
local s = nabla.new { layout = "denominator" }
assert(s:declare "matrix U(h,n), vector a(h), matrix V(k,h), vector b(k), vector x(n), vector y(k)")

local loss = "norm2(V*tanh(U*x + a) + b - y)^2/2"
for _, variable in ipairs { "V", "b", "U", "a" } do
  print(assert(s:derive(loss, variable)))
  print()
end
