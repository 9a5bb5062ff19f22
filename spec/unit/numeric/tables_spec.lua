-- Values that are given as Lua tables: read into the room of the program that was made for their sizes.

local matrix = require "nabla.numeric.matrix"
local nabla = require "nabla"

local function session()
  local s = assert(nabla.new {})
  s:declare "matrix A(m,n), vector x(n), scalar c"
  return s
end

-- A table of rows x cols with entries from `start` on.
local function rows_of(rows, cols, start)
  local t = {}
  for i = 1, rows do
    t[i] = {}
    for j = 1, cols do
      t[i][j] = start + 10 * i + j
    end
  end
  return t
end

describe("values given as tables", function()
  it("give what matrices give, call after call, in any size", function()
    local f = assert(session():compile "c*A*x + A*x")
    for round, size in ipairs { { 2, 3 }, { 2, 3 }, { 4, 1 }, { 1, 4 }, { 2, 3 }, { 1, 1 }, { 2, 3 } } do
      local A, x = rows_of(size[1], size[2], round), {}
      for j = 1, size[2] do
        x[j] = j - round
      end
      local expected = f { A = matrix(A), x = matrix(x), c = 3 }
      local found = f { A = A, x = x, c = 3 }
      assert.equal(tostring(expected), tostring(found))
      assert.equal(tostring(expected), tostring(f { A = matrix(A), x = x, c = { 3 } }))
    end
  end)

  it("are read anew in each call, and a result is not changed by the next", function()
    local f = assert(session():compile "A*x")
    local A, x = { { 1, 2 }, { 3, 4 } }, { 1, 1 }
    local first = f { A = A, x = x }
    A[1][1] = 100
    local second = f { A = A, x = x }
    assert.equal(3, first[1])
    assert.equal(102, second[1])
    local into = matrix { 0, 0 }
    f({ A = A, x = x }, into)
    assert.equal(102, into[1])
  end)

  it("are refused as ever where they are no matrices of the size", function()
    local f = assert(session():compile "A*x")
    assert(f { A = { { 1, 2 }, { 3, 4 } }, x = { 1, 1 } })
    for _, case in ipairs {
      { { { 1, 2 }, { 3 } }, { 1, 1 }, "the value of A: row 2 has 1 entries, the first one 2" },
      { { { 1, 2 }, { 3, "b" } }, { 1, 1 }, "the value of A: entry (2,2) is no number but a string" },
      { { { 1, 2 }, 3 }, { 1, 1 }, "the value of A: row 2 is no table but a number" },
      { {}, { 1, 1 }, "the value of A: an empty table is no matrix" },
      { { { 1, 2 }, { 3, 4 } }, { 1, 1, 1 }, "x is n x 1 with n = 2; the value given is 3 x 1" },
      { { { 1, 2 }, { 3, 4 } }, { 1, 1, k = 2 }, "the value of x: the table has more keys than the rows 1 to 2" },
    } do
      local ok, err = pcall(f, { A = case[1], x = case[2] })
      assert.is_false(ok)
      assert.truthy(tostring(err):find(case[3], 1, true), tostring(err))
    end
    assert.equal(3, f({ A = { { 1, 2 }, { 3, 4 } }, x = { 1, 1 } })[1])
  end)

  it("with NaN inside are refused by name", function()
    local f = assert(session():compile "A*x")
    assert(f { A = { { 1, 2 } }, x = { 1, 1 } })
    local ok, err = pcall(f, { A = { { 1, 0 / 0 } }, x = { 1, 1 } })
    assert.is_false(ok)
    assert.truthy(tostring(err):find("the value of A holds NaN", 1, true), tostring(err))
  end)

  it("are for one call at a time", function()
    local s = session()
    s:declare "vector g(n) of x"
    local f = assert(s:compile "g(x) + g(x)")
    local inner
    local function g(x)
      if inner == nil then
        inner = false
        inner = pcall(f, { x = { 7, 7 }, g = function(y) return y end })
      end
      return x
    end
    assert(f { x = { 1, 2 }, g = function(y) return y end })
    local result = f { x = { 1, 2 }, g = g }
    assert.is_false(inner)
    assert.equal(2, result[1])
  end)
end)
