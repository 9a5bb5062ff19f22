-- Compiled expressions: what they take and give, and that one call does not disturb another.

local nabla = require "nabla"
local randoms = require "spec.judge.random"

if not pcall(require, "nabla.numeric.core") then
  describe("the numeric module", function()
    it("is missed with a message that says what to install", function()
      local s = assert(nabla.new {})
      local F, err = s:compile "x'*x"
      assert.is_nil(F)
      assert.is_truthy(tostring(err):find("libopenblas-dev", 1, true))
    end)
  end)
  return
end

local evaluation = require "nabla.numeric"
local matrix = require("nabla.numeric").matrix
local values = require "spec.support.values"

local function declared_session()
  local s = assert(nabla.new {})
  assert(
    s:declare(
      "matrix A(m,n), vector b(m), vector x(n)",
      "matrix S(n,n) spd, matrix X(n,n), scalar a, vector u(m) of x"
    )
  )
  return s
end

describe("a compiled expression", function()
  local s, F
  before_each(function()
    s = declared_session()
    F = assert(s:compile "2*A'*(A*x - b)")
  end)

  it("takes matrices, tables, lists and numbers", function()
    local A, b, x = matrix { { 1, 2 }, { 3, 4 }, { 5, 6 } }, matrix { 1, 2, 3 }, matrix { 1, -1 }
    local want = 2 * (A.T * (A * x - b))
    assert.are.equal(want, F { A = A, b = b, x = x })
    assert.are.equal(want, F { A = A:table(), b = { 1, 2, 3 }, x = { { 1 }, { -1 } } })
    assert.are.equal(matrix(6), assert(s:compile "a*2") { a = 3 })
    assert.are.equal(matrix(6), assert(s:compile "a*2") { a = matrix(3) })
  end)

  it("gives a result for each expression of a list", function()
    local G = assert(s:compile { "A*x", "x'*x", s:parse "A*x", "x" })
    local p, q, r, t = G { A = { { 1, 2 } }, x = { 3, 4 } }
    assert.are.same({ 11, 25, 11, matrix { 3, 4 } }, { p[1], q[1], r[1], t })
  end)

  it("is right again with other values, other sizes, and the first ones", function()
    local function check(m, n, seed)
      local random = randoms.new(seed)
      local function fill(rows, cols)
        return matrix.build(rows, cols, function()
          return random:signed(0, 1)
        end)
      end
      local A, b, x = fill(m, n), fill(m, 1), fill(n, 1)
      values.close(2 * (A.T * (A * x - b)), F { A = A, b = b, x = x }, 1e-13, "gradient")
    end
    for round = 1, 40 do
      check(1 + round % 7, 1 + round % 5, round)
    end
    check(300, 200, "large")
    check(3, 2, "small")
  end)

  it("keeps results apart: a later call does not change an earlier one", function()
    local first = F { A = { { 1, 2 } }, b = { 1 }, x = { 1, 1 } }
    local copy = first:copy()
    F { A = { { 3, 4 } }, b = { 1 }, x = { 1, 1 } }
    assert.are.equal(copy, first)
  end)

  it("writes into a matrix that it is given, even one of its arguments", function()
    local out = matrix.zeros(2, 1)
    local r = F({ A = { { 1, 2 } }, b = { 1 }, x = { 1, 1 } }, out)
    assert.is_true(rawequal(r, out))
    assert.are.equal(matrix { 4, 8 }, out)
    local x = matrix { 1, 1 }
    F({ A = { { 1, 2 } }, b = { 1 }, x = x }, x)
    assert.are.equal(matrix { 4, 8 }, x)
    local G = assert(s:compile { "A*x", "x" })
    local p, q = matrix.zeros(1, 1), matrix.zeros(2, 1)
    G({ A = { { 1, 2 } }, x = { 1, 1 } }, { p, q })
    assert.are.same({ matrix(3), matrix { 1, 1 } }, { p, q })
  end)

  it("does not change its arguments", function()
    local X, x = matrix { { 2, 1 }, { 1, 3 } }, matrix { 1, 2 }
    local before = { X:copy(), x:copy() }
    assert(s:compile "inv(X)*x + tanh(X)*(x + x.^2) + det(X)*x") { X = X, x = x }
    assert.are.same(before, { X, x })
  end)

  it("takes sizes that no value tells", function()
    local G = assert(s:compile "ones(m,k)*I(k)")
    assert.are.equal(matrix.ones(2, 3), G { m = 2, k = 3 })
    assert.are.equal(matrix.ones(3, 2), G { m = 3, k = 2 })
    assert.has_error(function()
      G { m = 2 }
    end)
  end)

  it("is planned anew for a scalar that indices or bounds depend on", function()
    local G = assert(s:compile "sum(i = 1..a, i*x)")
    for k = 0, 4 do
      assert.are.equal(matrix { k * (k + 1) / 2, k * (k + 1) }, G { a = k, x = { 1, 2 } })
    end
  end)

  it("calls Lua for unknown functions and their derivatives", function()
    local G = assert(s:compile { "u(x)", s:diff("b'*u(x)", "x") })
    local value, gradient = G {
      x = { 3, 4 },
      b = { 1, 2 },
      u = function(x)
        return { x[1] * x[2], x[1] ^ 2 }
      end,
      D = {
        u = function(x) -- in the layout of the session: denominator
          return matrix({ { x[2], x[1] }, { 2 * x[1], 0 } }).T
        end,
      },
    }
    assert.are.equal(matrix { 12, 9 }, value)
    assert.are.equal(matrix { 16, 3 }, gradient)
  end)

  it("evaluates a function of a rule file by its expression, also one with its own derivative", function()
    assert(s:rule [[
function square(t) elementwise = t^2
function bump(t) elementwise = exp(-t^2)
    derivative -2*t*exp(-t^2)
function spread(y(k)): vector (k) = y - ones(k)*sum(y)/k
    d(spread(y)) = d(y) - ones(k)*sum(d(y))/k
operator mystery(A(m,n)): same
]])
    local e = math.exp
    assert.are.equal(matrix { 1, 4 }, assert(s:compile "square(x)") { x = { 1, 2 } })
    values.close(matrix { e(-1), e(-4) }, assert(s:compile "bump(x)") { x = { 1, 2 } }, 1e-15, "bump")
    assert.are.equal(matrix { -1, 1 }, assert(s:compile "spread(x)") { x = { 1, 3 } })
    local G, err = s:compile "mystery(x) + x"
    assert.is_nil(G)
    assert.is_truthy(tostring(err):find('mystery cannot be evaluated.*numeric.define%("mystery"'))
    evaluation.define("mystery", function(x)
      return 2 * x
    end)
    assert.are.equal(matrix { 3, 9 }, assert(s:compile "mystery(x) + x") { x = { 1, 3 } })
    evaluation.define("mystery", nil)
  end)

  it("uses what a script defines for one session in that session only, before what it defines for all", function()
    local one, other = assert(nabla.new()), assert(nabla.new())
    for _, session in ipairs { one, other } do
      assert(session:rule "operator riddle(A(m,n)): same")
      assert(session:declare "vector x(n)")
    end
    evaluation.define("riddle", function(x)
      return 3 * x
    end, one)
    assert.are.equal(matrix { 3 }, assert(one:compile "riddle(x)") { x = { 1 } })
    assert.is_nil((other:compile "riddle(x)"))
    evaluation.define("riddle", function(x)
      return -1 * x
    end)
    assert.are.equal(matrix { 3 }, assert(one:compile "riddle(x)") { x = { 1 } })
    assert.are.equal(matrix { -1 }, assert(other:compile "riddle(x)") { x = { 1 } })
    assert.are.equal("yes", (other:equal("riddle(x + x)", "2*riddle(x)")))
    evaluation.define("riddle", nil)
    assert.has_error(function()
      evaluation.define("riddle", print, "one")
    end, "the third argument of define is a session")
  end)

  it("does not take an operator of a user's file for one of its own of that name", function()
    local mine = assert(nabla.new { rules = {} })
    assert(mine:rule [[
without operator "norm1"
operator norm1(A(m,n)): scalar
function erf(t) elementwise
    derivative 2/sqrt(pi)*exp(-t^2)
]])
    assert(mine:declare "vector x(n)")
    local G, err = mine:compile "norm1(x)"
    assert.is_nil(G)
    assert.is_truthy(tostring(err):find("norm1 cannot be evaluated", 1, true))
    values.close(matrix { 0.8427007929497149 }, assert(mine:compile "erf(x)") { x = { 1 } }, 1e-15, "erf")
  end)

  it("survives a collection of nodes and of Lua's memory", function()
    for _ = 1, 50 do
      assert(s:diff("norm2(tanh(A*x) - b)^2", "x"))
    end
    s:parse "1"
    collectgarbage()
    s.S:collect()
    assert.are.equal(matrix { 4, 8 }, F { A = { { 1, 2 } }, b = { 1 }, x = { 1, 1 } })
  end)
end)
