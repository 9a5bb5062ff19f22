-- nabla simplify, expand, collect, factor, square: the operations of nabla batch, and the commands on top of them.

local batch = require "nabla.command.batch"
local command = require "spec.support.command"
local json = require "dkjson"

local cache = { count = 0 }

local function answer(request)
  return json.decode(batch.answer(cache, json.encode(request)))
end

describe("a request for another form", function()
  it("is answered with the expression in that form", function()
    local square = { op = "square", expr = "x'*S*x - 2*b'*x", wrt = "x", decl = { "matrix S(n,n) spd, vector x(n)" } }
    local list = {
      { { op = "simplify", expr = "A*x - B*x" }, "(A - B)*x", "m x 1" },
      { { op = "expand", expr = "norm2(A*x - b)^2" }, "b'*b - 2*b'*A*x + x'*A'*A*x", "1 x 1" },
      { { op = "collect", expr = "A*x + B*x - C*x", wrt = "x" }, "(A + B - C)*x", "m x 1" },
      { { op = "factor", expr = "P - K*H*P", factor = "P" }, "(I(m) - K*H)*P", "m x n" },
      { { op = "factor", expr = "A*X*B + A*Y", factor = "A", side = "left" }, "A*(Y + X*B)", "m x q" },
      { { op = "factor", expr = "2*A*x + 4*A*y + B*x", factor = "A" }, "B*x + 2*A*(x + 2*y)", "m x 1" },
      { square, "(x - inv(S)*b)'*S*(x - inv(S)*b) - b'*inv(S)*b", "1 x 1" },
    }
    for _, case in ipairs(list) do
      local found = answer(case[1])
      assert.equal(case[2], found.answer, json.encode(found))
    end
    assert.equal("\\mathbf{A} \\mathbf{x} + \\mathbf{A} \\mathbf{y}",
      answer({ op = "expand", expr = "A*(x + y)", format = "latex" }).answer)
  end)

  it("is refused with the reason", function()
    local function message(request)
      return (answer(request).error or {}).message
    end
    assert.equal("no term of A*X + B has the factor Q", message { op = "factor", expr = "A*X + B", factor = "Q" })
    assert.equal("a quadratic form is a scalar expression", message { op = "square", expr = "sin(x)", wrt = "x" })
    assert.equal('"wrt" is missing', message { op = "collect", expr = "A*x" })
    assert.equal('"factor" is missing', message { op = "factor", expr = "A*x" })
    assert.equal('the op "simplify" does not take "wrt"', message { op = "simplify", expr = "A*x", wrt = "x" })
    assert.equal("unknown side 'top'; known: left, right",
      message { op = "collect", expr = "A*x", wrt = "x", side = "top" })
    assert.matches("never closed", message { op = "expand", expr = "A*(x" })
  end)
end)

describe("the command for another form", function()
  teardown(command.clean)

  it("prints it", function()
    command.prints("(A + B)*x", "collect", "A*x + B*x", "x")
    command.prints("A*(Y + X*B)", "factor", "A*X*B + A*Y", "A", "--side", "left")
  end)

  it("says what is wrong", function()
    command.complains(1, "nabla: no term of A*X has the factor Q", "factor", "A*X", "Q")
    command.complains_first(2, "nabla: unknown side 'top'; known: left, right", "factor", "A*X", "A", "--side", "top")
  end)
end)
