-- Logistic regression by Newton's method: gradient and Hessian are derived once, compiled, and run.
--
--     LUA_PATH="./lua/?.lua;./lua/?/init.lua;;" LUA_CPATH="./build/?.so;;" lua5.4 examples/newton.lua

local matrix = require "nabla.matrix"
local nabla = require "nabla"

local s = assert(nabla.new { layout = "denominator" })
assert(s:declare "matrix A(m,n), vector y(m), vector w(n), scalar c")

local loss = assert(s:parse "sum(softplus(A*w)) - y'*A*w + c*w'*w/2")
local gradient = assert(s:diff(loss, "w"))
local hessian = assert(s:hessian(loss, "w"))
print("gradient", gradient)
print("Hessian", hessian)

-- One program for all three: A*w and its sigmoid are worked out once.
local step = assert(
  s:compile { loss, gradient, s:parse("inv(" .. tostring(hessian) .. ")*(" .. tostring(gradient) .. ")") }
)

-- Points of two classes.
local A = matrix.build(40, 3, function(i, j)
  return j == 3 and 1 or math.sin(i * j) + (i % 2 == 0 and 0.7 or -0.7)
end)
local y = matrix.build(40, 1, function(i)
  return i % 2 == 0 and 1 or 0
end)

local w = matrix.zeros(3, 1)
for round = 1, 20 do
  local value, g, direction = step { A = A, y = y, w = w, c = 0.1 }
  print(string.format("%2d  loss %.10f  gradient %.1e", round, value[1], g:magnitude()))
  if g:magnitude() < 1e-10 then
    break
  end
  w = w - direction
end
print(w)
