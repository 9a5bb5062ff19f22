-- Every answer of the case files, line by line: lua5.4 tools/answers.lua > build/answers.before (with the paths of the Makefile).
--
-- A change that must leave the answers as they are is tried so: run this before and after it, and compare the two files byte
-- for byte. A line is the answer of `nabla batch` to a case, in the three formats, with its notes; one session answers all.

local batch = require "nabla.command.batch"
local cases = require "spec.support.cases"
local json = require "dkjson"

local cache = { count = 0 }
local seen = {}
for _, read in ipairs { cases.corpus, cases.seeds } do
  for i, case in ipairs(read()) do
    for _, format in ipairs { "text", "unicode", "latex" } do
      local request = {
        id = case.id .. " " .. i,
        decl = case.decl and #case.decl > 0 and case.decl or nil,
        expr = case.expr,
        wrt = case.wrt,
        wrt2 = case.op == "hessian" and case.wrt2 or nil,
        layout = case.layout,
        convention = case.convention,
        format = format,
        op = case.op == "hessian" and "hessian" or nil,
      }
      local line = json.encode(request, { keyorder = { "id", "op", "decl", "expr", "wrt" } })
      if not seen[line] then
        seen[line] = true
        print(batch.answer(cache, line))
      end
    end
  end
end
