-- The cases of the source documents as requests of `nabla batch`, one a line: lua5.4 tools/web_requests.lua

package.path = "./?.lua;./lua/?.lua;./lua/?/init.lua;" .. package.path
package.cpath = "./build/?.so;" .. package.cpath

local cases = require "spec.support.cases"
local json = require "dkjson"

for _, case in ipairs(cases.seeds()) do
  local decl = type(case.decl) == "table" and case.decl or { case.decl }
  print(json.encode {
    id = case.id,
    op = case.op,
    expr = case.expr,
    wrt = case.wrt,
    wrt2 = case.wrt2,
    decl = decl,
    layout = case.layout,
    steps = true,
  })
end
