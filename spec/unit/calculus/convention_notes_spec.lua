-- What a reader is told of the conventions that keep to the structure of a variable.

local nabla = require "nabla"

describe("a note on conventions", function()
  it("changes with the rows that files state", function()
    local s = assert(nabla.new())
    assert(s:declare "matrix T(n,n) upper")
    local _, before = s:diff("tr(T*T*T)", "T")
    assert.is_nil(tostring(before):find("mine", 1, true))
    assert(s:rule 'convention mine "mine"\n  upper  G -> triu(G)')
    local _, after = s:diff("tr(T*T*T)", "T")
    assert.is_truthy(tostring(after):find("entries, mine, projected", 1, true))
  end)
end)
