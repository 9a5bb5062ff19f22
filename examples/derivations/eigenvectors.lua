-- Principal components, Fisher's discriminant, canonical correlations: stationary points that are eigenvectors.
--
--     lua5.4 examples/derivations/eigenvectors.lua

local nabla = require "nabla"
local s = nabla.new { layout = "denominator" }
assert(s:declare [[
  matrix S(n,n) symmetric, matrix B(n,n) symmetric, matrix W(n,n) spd, vector w(n), vector v(m), scalar l, scalar k,
  matrix F(n,m), matrix G(m,m) spd
]])

-- Sets the derivative of the Lagrangian by each variable to zero.
local function equations(title, lagrangian, ...)
  print(title .. ": " .. lagrangian)
  for _, variable in ipairs { ... } do
    local gradient = assert(s:diff(lagrangian, variable))
    print("  " .. tostring((gradient / 2):expand():simplify():eq(0)))
  end
end

equations("PCA", "w'*S*w - l*(w'*w - 1)", "w")
equations("LDA", "w'*B*w - l*(w'*W*w - 1)", "w")
equations("CCA", "2*w'*F*v - l*(w'*W*w - 1) - k*(v'*G*v - 1)", "w", "v")
print("Rayleigh quotient: " .. assert(s:diff("w'*S*w/(w'*w)", "w")):text())
