-- The laws between two writings of one node: each line of a derivation that only writes the one before in another way names them.

local nabla = require "nabla"

local session = assert(nabla.new())
assert(session:declare "matrix A(n,n), matrix B(n,n), matrix C(n,n), vector x(n), vector y(n)")
assert(session:declare "scalar a, scalar b, scalar t, matrix S(n,n) symmetric")

local function reasons(left, right)
  local answer, _, chain = session:equal(left, right, { steps = true })
  assert.are.equal("yes", answer)
  local list = {}
  for i, line in ipairs(chain) do
    list[i] = line.rule
  end
  return table.concat(list, " / "), chain
end

describe("a law", function()
  local known = {
    { "(A*B)'", "B'*A'", "transpose of a product" },
    { "(A + B)'", "B' + A'", "transpose of a sum" },
    { "(A*B + C)'", "B'*A' + C'", "transpose of a product; transpose of a sum" },
    { "A*a*B", "a*A*B", "scalars commute" },
    { "A*(B + C)", "A*B + A*C", "distributive law" },
    { "tr(A*B*C)", "tr(C*A*B)", "a trace is cyclic" },
    { "tr(A)", "tr(A')", "trace of a transpose" },
    { "x'*A*y", "y'*A'*x", "a scalar equals its transpose" },
    { "tr(2*a*A)", "2*a*tr(A)", "linearity" },
    { "A*I(n)*B", "A*B", "the identity matrix is no factor" },
    { "expm(t*A)*A", "A*expm(t*A)", "a matrix commutes with its functions" },
    { "a^2*b/a", "a*b", "laws of powers" },
    { "A*A*x", "A^2*x", "laws of powers" },
    { "x.*x", "x.^2", "laws of powers" },
    { "a*x + 2*a*x", "3*a*x", "like terms" },
    { "A + B", "B + A", "sums commute" },
    { "(A + B)*x - B*x", "A*x", "distributive law; like terms" },
  }
  for _, case in ipairs(known) do
    it(("leads from %s to %s"):format(case[1], case[2]), function()
      local reason, chain = reasons(case[1], case[2])
      assert.are.equal(case[3], reason)
      assert.is_truthy(chain[1].zh:find "[\228-\233]")
    end)
  end

  it("is not named where what is known of a letter is the reason", function()
    assert.are.equal("S is symmetric", (reasons("x'*S*y", "y'*S*x")))
  end)

  it("is named in a derivation; a line that only moves scalars about is not there", function()
    local D = assert(session:derive("1/sqrt(det(A))", "A"))
    assert.are.equal("laws of powers", D[4].rule)
    assert.are.equal("-tr(inv(A)*d(A))/(2*sqrt(det(A)))", D:write(D[4].right))
    D = assert(session:derive("tr(A)^2", "A"))
    assert.are.equal(4, #D)
  end)
end)
