-- Mark a derivation, line by line: what follows from the line before is right, what does not is shown by numbers.
--
--     lua5.4 examples/mark_derivation.lua
--
-- A student's text has the declarations, the variable, and then one line a step, with the reason behind a semicolon.

local nabla = require "nabla"

local TEXT = [[
matrix A(m,n), vector b(m), vector x(n)
x
f = norm2(A*x - b)^2
d(f) = 2*(A*x - b)'*d(A*x - b)      ; squared norm
d(f) = 2*(A*x - b)'*A*d(x)          ; A and b are constant
d(f) = 2*(x'*A' + b')*A*d(x)        ; transposed
D(f, x) = 2*A'*(A*x - b)            ; read off
]]

-- The lines of a student's text with a mark for each: { text, right =, why = }.
local function marked(text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do
    lines[#lines + 1] = line
  end
  local session = nabla.new { layout = "denominator" }
  assert(session:declare(lines[1]))
  local derivation = assert(session:derivation(lines[3], lines[2]))
  local marks = { { lines[3], right = true } }
  for i = 4, #lines do
    local step, reason = lines[i]:match "^%s*(.-)%s*;%s*(.-)%s*$"
    step = step or lines[i]
    local right, why = pcall(derivation.step, derivation, step, reason)
    marks[#marks + 1] = { step, right = right, why = not right and tostring(why) or nil }
  end
  return marks
end

for i, mark in ipairs(marked(TEXT)) do
  print(("%d. %s  %s"):format(i, mark.right and "right" or "WRONG", mark[1]))
  if mark.why then
    print("          " .. mark.why)
  end
end
