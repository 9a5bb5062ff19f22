-- lua5.4 bench/session_memory.lua FEW MANY: for each of the two numbers of answers the memory of the process after so many, in MB, and
-- the seconds that one of the last thousand took (Linux). The problems go through `nabla batch`, in one session.

local batch = require "nabla.command.batch"
local json = require "dkjson"

local LAST = 1000

-- Declared and undeclared letters, attributes, sums, sizes of letters and sizes computed from them.
local problems = {
  { "tr(A#*X#*B#)", "X#", "matrix A#(n#,m#)", "matrix X#(m#,p#)", "matrix B#(p#,n#)" },
  { "x#'*A#*x# + b#'*x#", "x#", "vector x#(n#)", "vector b#(n#)", "matrix A#(n#,n#)" },
  { "log(det(X#)) + a#'*inv(X#)*a#", "X#", "matrix X#(n#,n#) symmetric invertible", "vector a#(n#)" },
  { "norm2(A#*x# - b#)^2 + c#*norm2(x#)^2", "x#" },
  { "kron(A#, B#)*x#", "x#", "matrix A#(n#,m#)", "matrix B#(p#,q#)", "vector x#(m#*q#)" },
  { "sum(exp(A#*x#))", "x#", "matrix A#(m#,n#)", "vector x#(n#)" },
}

local function request(i)
  local own = {}
  for k, text in ipairs(problems[i % #problems + 1]) do
    own[k] = text:gsub("#", tostring(i))
  end
  return json.encode { id = i, expr = own[1], wrt = own[2], decl = { table.unpack(own, 3) } }
end

local function memory()
  for line in io.lines "/proc/self/status" do
    local kilobytes = line:match "^VmRSS:%s+(%d+)"
    if kilobytes then
      return tonumber(kilobytes) / 1024
    end
  end
end

local cache, at = { count = 0 }, 0
for _, count in ipairs { tonumber(arg[1]), tonumber(arg[2]) } do
  local start
  while at < count do
    at = at + 1
    if at == count - LAST + 1 then
      start = os.clock()
    end
    local answer = batch.answer(cache, request(at))
    if answer:find '"error"' then
      io.stderr:write(answer, "\n")
      os.exit(1)
    end
  end
  local taken = (os.clock() - start) / LAST
  collectgarbage()
  collectgarbage()
  print(memory(), taken)
end
