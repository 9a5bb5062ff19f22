-- Declarations of a session, call by call.

local nabla = require "nabla"

describe("declarations one by one", function()
  it("may refer to names before them, and be declared again", function()
    local s = assert(nabla.new())
    assert(s:declare "vector x(n)")
    assert(s:declare("vector u(m) of x", "matrix A(m,n)"))
    assert.equal("m x n", tostring(assert(s:diff("u(x)", "x", { layout = "numerator" })).shape))
    assert(s:declare "scalar x")
    assert.equal("1 x 1", tostring(assert(s:parse "x").shape))
  end)

  it("leave the scope as it was where one of them is wrong", function()
    local s = assert(nabla.new())
    assert(s:declare "vector x(n)")
    local node, err = s:declare("matrix x(n,n)", "vector y(n) of nothing")
    assert.is_nil(node)
    assert.equal(2, err.line)
    assert.equal("n x 1", tostring(assert(s:parse "x").shape))
  end)
end)
