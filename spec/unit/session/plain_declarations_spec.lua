-- Declarations that the engine reads by itself declare what the grammar would, and leave all others to it.

local nabla = require "nabla"

local TEXTS = {
  "scalar a",
  "scalar a, b; vector x(n)",
  " matrix A(m,n),B( n , 3 )\n;vector y_1 (2) ",
  "matrix S(n,n) symmetric, matrix T(3,3) symmetric invertible",
  "matrix S(n,n) symmetric, matrix T(3,3) symmetric invertible", -- attributes that were declared together before
  "matrix S(n,m) symmetric",
  "matrix S(n,n) symmetric  invertible",
  "matrix S(n,n) symmetric skew",
  "matrix S(n,n) unheard",
  "vector z(n) complex",
  "vector z(n) random mean mu",
  "vector w(n) random",
  "matrix A(2*n,m+1), vector x(n*(n+1)/2)",
  "matrix A, vector x",
  "matrix A(n), vector x(n,m)",
  "scalar a(n)",
  "vector x(0)",
  "vector x(007), vector y(1)",
  "scalar a, vector a(n)",
  "scalar of, matrix matrix(n,n)",
  "scalar f of x, y",
  "vector é(n)",
  "scalar a,",
  "scalar a b(n)",
  "",
  "x",
}

-- What a session has declared, as a text.
local function declared(session)
  local S, list, sizes = session.S, {}, {}
  for name, var in pairs(session.scope.vars) do
    local shape = S:dimtext(var.rows) .. " x " .. S:dimtext(var.cols)
    list[#list + 1] = ("%s %s %s %d %s"):format(name, var.kind, shape, S:attributes(var.id), tostring(var.handle))
  end
  for name in pairs(session.scope.dims) do
    sizes[#sizes + 1] = name
  end
  table.sort(list)
  table.sort(sizes)
  return table.concat(list, "; ") .. " | " .. table.concat(sizes, " ")
end

-- What `declare` gives, as texts.
local function given(session, ...)
  local results = table.pack(session:declare(...))
  for i = 1, results.n do
    results[i] = tostring(results[i])
  end
  return table.concat(results, ", ", 1, results.n)
end

describe("the engine reads plain declarations", function()
  local quick, slow

  setup(function()
    quick, slow = assert(nabla.new {}), assert(nabla.new {})
  end)

  before_each(function()
    quick:reset()
    slow:reset()
  end)

  -- A session that knows values reads by the grammar.
  local function both(...)
    slow.known_values = slow.known_values or {}
    local mine, theirs = given(quick, ...), given(slow, ...)
    assert.equal(theirs, mine)
    assert.equal(declared(slow), declared(quick))
  end

  it("as the grammar does, one by one", function()
    for _, text in ipairs(TEXTS) do
      quick:reset()
      slow:reset()
      both(text)
    end
  end)

  it("and over what is declared", function()
    for _, text in ipairs(TEXTS) do
      both(text)
    end
  end)

  it("of several texts, with a name that is declared twice among many", function()
    both("scalar a", "matrix A(n,n), vector x(n)")
    both("scalar a", "matrix A(n,n), scalar a")
    local texts = {}
    for i = 1, 30 do
      texts[i] = "scalar s" .. i
    end
    both(table.unpack(texts))
    texts[31] = "vector s7(n)"
    both(table.unpack(texts))
  end)

  it("and declares nothing where one of them is wrong", function()
    assert(quick:declare "scalar a")
    local before = declared(quick)
    assert.is_nil((quick:declare("vector a(n)", "vector b(n) unheard")))
    assert.equal(before, declared(quick))
  end)

  it("also after rules have come that give attributes", function()
    local session = assert(nabla.new {})
    assert(session:declare "matrix P(n,n) symmetric")
    assert(session:rule "attribute stout implies symmetric")
    assert(session:declare "matrix Q(n,n) stout")
    assert(session:declare "matrix Q(n,n) stout")
    assert.equal("Q", tostring(session:simplify "Q'"))
    assert.matches("only a square matrix", tostring(select(2, session:declare "matrix Q(m,n) stout")))
  end)
end)
