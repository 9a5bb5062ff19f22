--- Elaboration: what it does to a tree, and what it asks for.

local elaborate = require "nabla.language.elaborate"
local nabla = require "nabla"
local syntax = require "nabla.language.syntax"
local trees = require "nabla.language.tree"
local sample = require "spec.support.sample"

describe("elaboration", function()
  local s = assert(nabla.new())
  s:declare "matrix A(m,n), vector f(m) of y"

  for _, text in ipairs {
    "norm2(A*x - b)^2",
    "tr(A'*W) + α*sum(i = 1..n, x(i)^2)",
    "(A'*A)(1,2)*I(n) + kron(u', u)*0",
    "D(f, y) + d(y)'",
    "X./c + X.^2 - ones(2,3).*X",
  } do
    it("leaves a tree as it is: " .. text, function()
      local tree = assert(syntax.expression(text))
      local before = trees.copy(tree)
      local c = elaborate.context(s, { text = text, habit = true })
      pcall(c.node, c, tree)
      assert.same(before, tree)
    end)
  end

  it("asks the functions that it is handed for derivatives", function()
    local asked = {}
    local environment = {
      S = s.S,
      ops = s.ops,
      scope = s.scope,
      dimension_names = {},
      hooks = {
        derivative = function(_, tree)
          asked[#asked + 1] = syntax.dump(tree)
          return s.S:rational(2)
        end,
        total_differential = function(_, id)
          asked[#asked + 1] = s.S:op(id)
          return id
        end,
      },
    }
    local tree = assert(syntax.expression "D(g*h, h)*d(g)")
    local c = elaborate.context(environment, { text = "", habit = true })
    c:node(tree)
    assert.same({ "D((g * h), h)", "symbol" }, asked)
  end)
end)

describe("sizes that nobody declared", function()
  local s = assert(nabla.new())

  -- The steps of a function, counted in hundreds: seconds on a shared machine say little.
  local function steps(f)
    local count = 0
    debug.sethook(function()
      count = count + 1
    end, "", 100)
    f()
    debug.sethook()
    return count
  end

  local function terms(n)
    local list = {}
    for i = 1, n do
      list[i] = ("exp(x)'*A%d*x"):format(i)
    end
    return table.concat(list, " + ")
  end

  sample.whole(it)("are found in time in proportion to their number", function()
    local function read(n)
      return steps(function()
        assert(s:parse(terms(n)))
      end)
    end
    read(20)
    assert.is_true(read(1600) < 6 * read(400))
  end)

  it("may not contain themselves", function()
    for text, equation in pairs {
      ["x + kron(x,u)"] = "n would have to equal m%*n",
      ["kron(X,Y) - X"] = "would have to equal",
    } do
      local node, err = s:parse(text, { habits = false })
      assert.is_nil(node)
      assert.matches("the sizes cannot be worked out: .*" .. equation, tostring(err))
    end
  end)
end)
