--- Walks over syntax trees and copies of them.

local syntax = require "nabla.language.syntax"
local trees = require "nabla.language.tree"

local function read(text)
  return assert(syntax.expression(text))
end

local function sorted(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return table.concat(list, " ")
end

describe("a syntax tree", function()
  it("is walked in the order of the text, a tree before its parts", function()
    local tags = {}
    trees.walk(read "-x^2 + f(A', sum(i = 1..n, y(i)))", function(t)
      tags[#tags + 1] = t.name or t.text or t.tag
    end)
    assert.equal("sum neg power x 2 f transpose A sumover 1 n y i", table.concat(tags, " "))
  end)

  it("has the names of its leaves and of its calls", function()
    assert.equal("A f g n x", sorted(trees.names(read "g(A)*f(x) + n")))
    assert.equal("A x", sorted(trees.names({ read "x", read "A" })))
    assert.equal("", sorted(trees.names(nil)))
  end)

  it("finds the first place of a name", function()
    assert.equal(5, trees.find(read "y + x*x", "x").pos)
    assert.equal(1, trees.find(read "f(x)", "f").pos)
    assert.is_nil(trees.find(read "f(x)", "y"))
  end)

  it("is copied whole", function()
    local tree = read "a*x + inv(B)"
    local copy = trees.copy(tree)
    assert.same(tree, copy)
    copy.args[1].args[1].name = "z"
    assert.equal("a", tree.args[1].args[1].name)
  end)

  it("gets other names, and shares what does not change", function()
    local tree = read "f(x) + k*y"
    local other = trees.rename(tree, { f = "sin", k = "2" })
    assert.equal("(sin(x) + (2 * y))", syntax.dump(other))
    assert.equal("(f(x) + (k * y))", syntax.dump(tree))
    assert.equal(tree.args[1].args[1], other.args[1].args[1])
    assert.equal(tree, trees.rename(tree, { z = "w" }))
  end)
end)
