-- The small changes of a formula that are tried where it is wrong.

local nabla = require "nabla"
local slips = require "nabla.identify.slips"
local syntax = require "nabla.language.syntax"

local s = assert(nabla.new())
assert(s:rule "operator Flip(n): matrix (n,n)")
s:declare "matrix A(n,n), vector x(n), vector b(n)"

-- What is changed, by kind.
local function changes(text)
  local found = {}
  for _, edit in ipairs(slips.single(s, assert(syntax.expression(text)), s.scope)) do
    found[edit.kind] = found[edit.kind] or {}
    table.insert(found[edit.kind], edit.text)
  end
  return found
end

describe("the slips of a formula", function()
  it("are those of each kind", function()
    local found = changes "A*x - b"
    assert.are.same({ "a sign", "a sign on the first term", "a sign on the second term" }, found.sign)
    assert.are.same({ "A and x in the other order" }, found.order)
    assert.are.same({ "without A*x", "without b", "without A", "without x" }, found.drop)
    assert.are.equal(12, #found.factor)
  end)

  it("leave the sizes of constants alone, also of an operator of one's own file", function()
    for _, text in ipairs { "I(n)*x", "K(n,n)*vec(A)", "Flip(n)*x" } do
      for kind, list in pairs(changes(text)) do
        for _, change in ipairs(list) do
          assert.is_nil(change:find "%f[%w]n%f[%W] exchanged" or change:find " for n$", kind .. ": " .. change)
        end
      end
    end
  end)

  it("do not change the formula itself", function()
    local tree = assert(syntax.expression "A'*x + x'*A*b")
    local before = syntax.dump(tree)
    slips.single(s, tree, s.scope)
    local after = syntax.dump(tree)
    assert.are.equal(before, after)
  end)
end)
