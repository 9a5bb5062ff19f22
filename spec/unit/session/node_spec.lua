-- Nodes: their operators, and code.

local nabla = require "nabla"

describe("a node", function()
  local s = assert(nabla.new())
  local A, x = s:declare "matrix A(n,n), vector x(n)"

  it("tells a sum from the function sum", function()
    assert.are.same({ "add", "sum" }, { (A * x + x).op, nabla.sum(x).op })
  end)

  it("is written as code, with and without a derivative", function()
    local f = x.T * A * x
    assert.truthy(f:code("numpy", { by = x }):find("def value_and_gradient(x, A):", 1, true))
    assert.truthy(f:code("octave", { by = "x", hessian = true }):find("= hessian(x, A)", 1, true))
    assert.truthy(f:code("lua"):find("function M.value(x, A)", 1, true))
    assert.error_matches(function()
      f:code("numpy", { bye = x })
    end, "unknown option 'bye'")
  end)
end)
