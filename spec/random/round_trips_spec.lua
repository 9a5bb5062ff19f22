-- What is printed of answers, random ones and those of books, is read back in its notation to the same node.

local cases = require "spec.support.cases"
local generator = require "spec.random.generator"
local nabla = require "nabla"
local round_trip = require "spec.random.round_trip"

-- What may be refused by name.
local REFUSED = "a derivative of an unknown function"

local function session(layout, decl)
  local s = assert(nabla.new { layout = layout })
  if decl then
    assert(s:declare(table.unpack(decl)))
  end
  return s
end

-- Each way of printing, tried on an answer.
local function try(s, answer, ways, what)
  for _, name in ipairs(ways) do
    local outcome, printed, read = round_trip.try(s, answer, name)
    local fine = outcome == "same" or outcome == "unwritten" and printed:find(REFUSED, 1, true) ~= nil
    assert.is_true(fine, ("%s in %s: %s\n%s\n%s"):format(what, name, outcome, printed, tostring(read)))
  end
end

describe("an answer that is printed reads back", function()
  it("to the same node in each notation, where it is one of a book", function()
    local count = 0
    for i, case in ipairs(cases.read "spec/data/corpus/norms.cases") do
      if i % 29 == 0 and (case.op or "derivative") == "derivative" and not case.convention then
        local s = session(case.layout, case.decl)
        local answer = s:diff(assert(s:parse(case.expr, { by = case.wrt })), case.wrt)
        if answer then
          count = count + 1
          try(s, answer, round_trip.names, case.id)
        end
      end
    end
    assert.is_true(count >= 5)
  end)

  it("to the same node, where it is a random one", function()
    local g = generator.new "round trips"
    for depth = 1, 6 do
      local problem = g:problem(depth)
      local s = session(problem.layout, problem.decl)
      local f = assert(s:parse(problem.expr))
      local answer = problem.op ~= "hessian" and s:diff(f, problem.wrt, { convention = problem.convention or "free" })
      if answer then
        try(s, answer, { "text", "unicode", "numpy", "pytorch", "julia", "matlab", "latex" }, problem.expr)
      end
    end
  end)
end)
