-- Formulas that are refused: each error has its place, says what is wrong, and how to say it in nabla.

local files = require "spec.support.files"
local nabla = require "nabla"

-- The cases of spec/data/refused.cases: text, by, with, line, column, message, hint.
local function read_cases()
  local cases = {}
  for block in (files.read "spec/data/refused.cases" .. "\n"):gmatch "(.-)\n\n" do
    if not block:find "^#" then
      local case = { text = block:match "^\n*([^\n]+)" }
      for word, rest in block:gmatch "\n  (%a+) ([^\n]+)" do
        case[word] = rest
      end
      case.line, case.column, case.message = case.says:match "^(%d+):(%d+) (.*)$"
      cases[#cases + 1] = case
    end
  end
  return cases
end

describe("a formula that is refused", function()
  local cases = read_cases()

  it("is one of a hundred and more", function()
    assert.is_true(#cases >= 100)
  end)

  for _, case in ipairs(cases) do
    it("is answered with its place and a hint: " .. case.text, function()
      local s = assert(nabla.new())
      if case.with then
        assert(s:declare(case.with))
      end
      local d, err = s:diff(case.text, case.by)
      assert.is_nil(d)
      local found = { err.line .. ":" .. err.column .. " " .. err.message, err.hint }
      assert.same({ case.says, case.hint }, found)
    end)
  end
end)
