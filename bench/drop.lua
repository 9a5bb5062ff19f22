-- Makes and drops as many nodes as the argument says, through the API; prints the peak of memory in MB (of Linux), seconds, and
-- how many nodes were there at the end. Run by bench/nodes.lua.

local nabla = require "nabla"

local wanted = tonumber(arg[1])
local s = assert(nabla.new {})
local x = s:declare "scalar x"
local made, i = 0, 0
while made < wanted do
  i = i + 1
  local y = nabla.sin(i * x) -- a number, a product, a function: three new nodes
  assert(y ~= x)
  made = made + 3
end
local status = assert(io.open "/proc/self/status"):read "a"
print(tonumber(status:match "VmHWM:%s*(%d+)") / 1024, os.clock(), s:stats().nodes)
