-- Random problems with complex letters, judged by numbers: lua5.4 tools/random_complex.lua [NUMBER [FIRST]]
--
-- It prints each failure: a wrong answer, or a refusal whose reason is not listed in spec/random/complex_problem.lua; the counts come
-- last. The exit status is 1 after a failure.

package.path = "./?.lua;./lua/?.lua;./lua/?/init.lua;" .. package.path
package.cpath = "./build/?.so;./build/judge/?.so;" .. package.cpath

local trial = require "spec.random.complex_problem"

local count, first = tonumber(arg[1]) or 1000, tonumber(arg[2]) or 1
local result = trial.run(first, count, function(number, p, verdict, why)
  if verdict ~= "refused" then
    local by = p.wrt .. (p.wrt2 and " and " .. p.wrt2 or "")
    print(("%s %d: %s by %s, %s, %s: %s"):format(verdict, number, p.expr, by, p.layout, p.convention, why))
  end
end)
for reason, number in pairs(result.reasons) do
  print(("refused %d: %s"):format(number, reason))
end
local text = "%d right, %d refused, %d unjudged, %d wrong"
print(text:format(result.right, result.refused, result.unjudged, result.wrong))
os.exit(result.wrong == 0 and 0 or 1)
