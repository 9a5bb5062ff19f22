-- Least squares: ordinary, weighted, with a ridge, and with constraints.
--
--     lua5.4 examples/derivations/least_squares.lua

local nabla = require "nabla"
local s = nabla.new { layout = "denominator" }
assert(s:declare [[
  matrix A(m,n) fullcolumnrank, vector b(m), vector x(n), matrix W(m,m) spd, scalar c positive,
  matrix C(p,n), vector d(p)
]])

-- The gradient, the equation that sets it to zero, and its solution, with the conditions.
local function derive(title, f, constraint)
  print(title)
  print(assert(s:derive(f, "x")))
  local found = assert(s:stationary(f, "x", constraint))
  print(found:steps_text())
  for _, line in ipairs(found:condition_lines()) do
    print("if " .. line)
  end
  print("kind: " .. found.kind .. "\n")
end

derive("Ordinary", "norm2(A*x - b)^2")
derive("Weighted", "(A*x - b)'*W*(A*x - b)")
derive("Ridge", "norm2(A*x - b)^2 + c*norm2(x)^2")
derive("Constrained", "norm2(A*x - b)^2", "C*x = d")
