-- Two measures of an expression's length. The engine's (src/textbook/cost.h) chooses between equal forms while nothing is printed;
-- the printer's (lua/nabla/print/forms.lua) counts what is printed. On the answers of the source documents they are close.

local cases = require "spec.support.cases"
local core = require "nabla.core"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local least_share = 0.88 -- of the answers have the same length by both
local most = 2 -- the distance of the others, but for those below

-- The engine counts more for operators that a textbook avoids where it can, and does not count the point of D(f, point).
local function differs_on_purpose(text)
  return (text:find "kron%(" or text:find "unvec%(" or text:find "D%(") ~= nil
end

describe("the engine's measure of length", function()
  local sessions = {}

  local function answer(case)
    local key = case.layout .. "/" .. (case.convention or "")
    sessions[key] = sessions[key] or assert(nabla.new { layout = case.layout, convention = case.convention })
    local s = sessions[key]
    s:reset()
    s:declare(table.unpack(case.decl))
    local g
    if case.op == "hessian" then
      g = s:hessian(case.expr, case.wrt, case.wrt2)
    else
      g = s:diff(case.expr, case.wrt)
    end
    if not g then
      return nil
    end
    local _, id = core.unwrap(g)
    return tostring(g), s.S:cost(id), s:size(g)
  end

  local count, same = 0, 0
  for _, case in ipairs(sample.of(cases.seeds())) do
    it("is about that of the print for " .. case.id .. " in the layout " .. case.layout, function()
      local text, by_engine, printed = answer(case)
      if text then
        count, same = count + 1, same + (by_engine == printed and 1 or 0)
        local near = math.abs(by_engine - printed) <= most or differs_on_purpose(text)
        assert.is_true(near, string.format("%s: %d by the engine, %d printed", text, by_engine, printed))
      end
    end)
  end

  if not sample.quick then
    it("is the same as that of the print for most answers", function()
      assert.is_true(same >= least_share * count, string.format("%d of %d", same, count))
    end)
  end
end)
