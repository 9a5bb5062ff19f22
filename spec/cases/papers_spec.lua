-- Formulas in the style of papers, with the macros that these use: spec/data/papers.cases, of blocks
--
--     page     \Tr(\mathbf{A}\mathbf{X})     the formula
--     text     tr(A*X)                       what is read, as the language prints it; or
--     refused  a constraint is not part      the message, and
--     hint     `stationary` takes it         the hint
--
-- with nothing declared, in the layout denominator.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local function cases()
  local list = {}
  for line in io.lines "spec/data/papers.cases" do
    local key, value = line:match "^(%l+) +(.*)$"
    if key == "page" then
      list[#list + 1] = { page = value }
    elseif key then
      list[#list][key] = value
    end
  end
  return list
end

describe("a formula as papers write it", function()
  local all = cases()

  it("is there", function()
    assert.is_true(#all >= 100)
  end)

  for _, case in ipairs(sample.of(all)) do
    it("is read, or refused with how to say it: " .. case.page, function()
      local s = assert(nabla.new { layout = "denominator" })
      local node, why = s:parse(case.page, { latex = true })
      if case.text then
        assert.are.equal(case.text, tostring(node or why))
      else
        assert.is_nil(node, tostring(node))
        assert.are.equal(case.refused, why.message)
        assert.are.equal(case.hint, why.hint)
      end
    end)
  end
end)
