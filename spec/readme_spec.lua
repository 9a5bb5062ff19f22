-- README.md is what a newcomer reads first: it has examples of each kind, and what it says first fits on a screen. That its examples
-- do what they say is a matter of docs_spec.

local documents = require "spec.support.documents"

local function count(path)
  local kinds = { lua = 0, console = 0, rules = 0 }
  for _, block in ipairs(documents.blocks(path)) do
    kinds[block.kind] = (kinds[block.kind] or 0) + 1
  end
  return kinds
end

describe("README.md", function()
  it("has examples on the command line, in Lua and in a rule file", function()
    local kinds = count "README.md"
    assert.is_true(kinds.console >= 5)
    assert.is_true(kinds.lua >= 1)
    assert.is_true(kinds.rules >= 1)
  end)
end)
