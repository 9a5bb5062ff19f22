-- An answer to a question for a property lasts until what it rests on changes.

local nabla = require "nabla"

local function session(text)
  local s = assert(nabla.new())
  assert(s:rule(text))
  assert(s:declare("matrix A(n,n)", "matrix B(n,n)", "matrix S(n,n) symmetric"))
  return s
end

describe("an answer for a property", function()
  it("changes with the facts", function()
    local s = session "operator twist(A(n,n)): same"
    local x = assert(s:parse "twist(A)")
    assert.is_false(s:holds("symmetric", x))
    assert.is_false(s:holds("symmetric", x))
    assert(s:rule "let matrix A(n,n)\nfact symmetric(twist(A))")
    assert.is_true(s:holds("symmetric", x))
    local read = s:rule "let matrix A(n,n)\nfact invertible(twist(A))\nfact nothing(twist(A))"
    assert.is_nil(read)
    assert.is_false(s:holds("invertible", x))
    assert.is_true(s:holds("symmetric", x))
  end)

  it("changes with what a predicate of Lua says, asked anew each time", function()
    local s = assert(nabla.new())
    local said = false
    s:predicate("chosen", function()
      return said
    end)
    assert(s:rule "operator twist(A(n,n)): same\nlet matrix A(n,n)\nfact symmetric(twist(A)) if chosen(A)")
    assert(s:declare "matrix A(n,n)")
    local x = assert(s:parse "twist(A)")
    assert.is_false(s:holds("symmetric", x))
    said = true
    assert.is_true(s:holds("symmetric", x))
    said = false
    assert.is_false(s:holds("symmetric", x))
  end)

  it("does not rest on a question that was under way", function()
    local text = [[
      operator one(A(n,n)): same
      operator two(A(n,n)): same
      let matrix A(n,n)
      fact symmetric(one(A)) if symmetric(two(A))
      fact symmetric(two(A)) if symmetric(one(A))
      fact symmetric(one(A)) if symmetric(A)
    ]]
    for _, order in ipairs { { "one", "two" }, { "two", "one" } } do
      local s = session(text)
      for _, name in ipairs(order) do
        assert.is_true(s:holds("symmetric", assert(s:parse(name .. "(S)"))), name)
        assert.is_false(s:holds("symmetric", assert(s:parse(name .. "(A)"))), name)
      end
    end
  end)

  it("serves a name that is declared anew with other attributes", function()
    local s = session "operator twist(A(n,n)): same\nlet matrix A(n,n)\nfact symmetric(twist(A)) if symmetric(A)"
    assert.is_false(s:holds("symmetric", assert(s:parse "twist(A)")))
    assert(s:declare "matrix A(n,n) symmetric")
    assert.is_true(s:holds("symmetric", assert(s:parse "twist(A)")))
    assert.equal("twist(A)", tostring(assert(s:simplify "twist(A)'")))
    assert(s:declare "matrix A(n,n)")
    assert.equal("twist(A)'", tostring(assert(s:simplify "twist(A)'")))
  end)

  it("does not rest on what was asked of a node that was made without attributes", function()
    local s = assert(nabla.new())
    assert(s:declare "matrix X(n,n) symmetric, matrix A(n,m)")
    s:holds("symmetric", assert(s:parse "A'*X'*A"))
    assert.is_true(s:holds("symmetric", assert(s:parse "A'*X*A")))
  end)
end)
