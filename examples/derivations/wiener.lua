-- The Wiener filter: the matrix W for which W*x is nearest to y in the mean.
--
--     lua5.4 examples/derivations/wiener.lua

local nabla = require "nabla"
local s = nabla.new { layout = "denominator" }
assert(s:declare "matrix W(m,n), vector x(n) random, vector y(m) random")

local J = assert(s:parse "E[(y - W*x)'*(y - W*x)]")
print("J = " .. J:text())
print("D(J, W) = " .. assert(s:diff(J, "W")):text())
local filter = assert(s:stationary(J, "W"))
print(filter:steps_text())
for _, line in ipairs(filter:condition_lines()) do
  print("if " .. line)
end
