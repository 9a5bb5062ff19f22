-- What is printed of answers, random ones and those of books, is read back in its notation to the same node.
-- tools/round_trips.lua tries more of them.

local answers = require "spec.random.answers"
local cases = require "spec.support.cases"
local nabla = require "nabla"
local round_trip = require "spec.random.round_trip"
local sample = require "spec.support.sample"

-- What may come of a random answer; "value" of a few whose node no text gives.
local FINE = { same = true, unwritten = true, value = true }

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
    local next_answer = answers.new "round trips"
    for number = 1, sample.count(120, 10) do
      local answer, s, problem = next_answer()
      local names = sample.quick and { round_trip.names[1 + number % #round_trip.names], "latex" } or round_trip.names
      for _, name in ipairs(names) do
        local outcome, printed, read = round_trip.try(s, answer, name)
        local what = ("%s by %s in %s: %s\n%s\n%s"):format(
          problem.expr, problem.wrt, name, outcome, printed, tostring(read))
        assert.is_true(FINE[outcome] ~= nil, what)
      end
    end
  end)
end)
