-- The limits of a call hold for all of it, also where it works out many derivatives.

local nabla = require "nabla"

describe("the limits of identify", function()
  local CLAIM = { expr = "tr(A*X*B*inv(X)*X'*C*inv(A + X)*X)^2", wrt = "X", claim = "A" }
  local DECLARED = "matrix A(n,n), matrix B(n,n), matrix C(n,n), matrix X(n,n)"

  it("hold for the derivatives in all layouts together", function()
    local s = assert(nabla.new { limits = { seconds = 0.05 } })
    assert(s:declare(DECLARED))
    local started = os.clock()
    local result, err = s:identify(CLAIM)
    assert.is_nil(result)
    assert.matches("the budget of 0.05 seconds is used up", err.message)
    assert.truthy(os.clock() - started < 1)
    assert.equal("A + A'", s:hessian("x'*A*x", "x"):text()) -- the next call has its own
  end)

  it("that are large change nothing", function()
    local s = assert(nabla.new { limits = { seconds = 1000 } })
    assert(s:declare(DECLARED))
    assert.equal("right", assert(s:identify { expr = "tr(A*X)", wrt = "X", claim = "A'" }).status)
  end)
end)
