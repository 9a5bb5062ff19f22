-- The attribute orthonormal: Q'*Q = I(n), with at least as many rows as columns.

local nabla = require "nabla"

local DECLARED = [[matrix Q(m,n) orthonormal, matrix P(n,r) orthonormal, matrix O(n,n) orthogonal, vector x(n),
  vector u(n) orthonormal, matrix A(k,m), matrix B(p,n), matrix S(m,m)]]

local SIMPLIFIED = {
  { "Q'*Q", "I(n)" },
  { "A*Q*Q'*Q*x", "A*Q*x" },
  { "P'*Q'*Q*P", "I(r)" },
  { "x'*Q'*Q*x", "x'*x" },
  { "tr(Q*Q')", "n" },
  { "tr(P*P'*Q'*Q)", "r" },
  { "tr(Q'*A'*A*Q*Q'*Q)", "tr(Q'*A'*A*Q)" },
  { "norm2(Q*x)", "norm2(x)" },
  { "norm2(Q*O*x)", "norm2(x)" },
  { "norm2(Q*x - Q*u)", "norm2(u - x)" },
  { "norm2(B*Q')", "norm2(B)" },
  { "norm2(Q*Q'*S)", "norm2(Q'*S)" },
  { "norm2(Q)", "sqrt(n)" },
  { "u'*u + norm2(u)", "2" },
  { "pinv(Q)", "Q'" },
  { "pinv(Q')", "Q" },
  { "pinv(Q*Q')", "Q*Q'" },
  { "pinv(Q*B')", "pinv(B)'*Q'" },
  { "(Q*Q')^3", "Q*Q'" },
  { "(I(m) - Q*Q')*Q", "zeros(m, n)" },
  { "Q'*(I(m) - Q*Q')*S", "zeros(n, m)" },
  { "(I(m) - Q*Q')^2", "I(m) - Q*Q'" },
  { "det(Q'*Q) + logdet(Q'*Q)", "1" },
  { "Q*inv(Q'*Q)*Q'", "Q*Q'" },
  { "kron(Q,P)'*kron(Q,P)", "I(n*r)" },
  { "vec(Q)'*vec(Q)", "n" },
}

describe("orthonormal columns", function()
  local s

  before_each(function()
    s = assert(nabla.new {})
    assert(s:declare(DECLARED))
  end)

  for _, case in ipairs(SIMPLIFIED) do
    it("simplify " .. case[1], function()
      local answer = assert(s:simplify(case[1]))
      assert.are.equal(case[2], tostring(answer))
      assert.are.equal("yes", (s:equal(case[1], case[2])))
    end)
  end

  it("do not make Q*Q' the identity, and the numbers know it", function()
    assert.are.equal("Q*Q'", tostring(s:simplify "Q*Q'"))
    local answer, _, example = s:equal("Q*Q'", "I(m)")
    assert.are.equal("no", answer)
    assert.is_table(example.values)
  end)

  it("have full rank, in products, Kronecker products and eigenvectors", function()
    for _, text in ipairs { "Q", "Q*O", "Q*O*P", "-Q", "kron(Q,O)", "O" } do
      assert.is_true(s:holds("orthonormal", s:parse(text)), text)
      assert.is_true(s:holds("fullcolumnrank", s:parse(text)), text)
    end
    assert.is_true(s:holds("idempotent", s:parse "I(m) - Q*Q'"))
    assert.is_false(s:holds("orthonormal", s:parse "Q'"))
    assert.is_false(s:holds("orthogonal", s:parse "Q"))
  end)

  it("are used after a derivative is taken, not before", function()
    assert.are.equal("2*S*Q", tostring(s:diff("tr(Q'*S*Q)", "Q")):gsub("%(S %+ S'%)", "2*S"))
    assert.are.equal("2*Q", tostring(s:diff("tr(Q'*Q)", "Q")))
    assert.are.equal("2*x", tostring(s:diff("norm2(Q*x)^2", "x")))
    local _, err = s:diff("tr(Q'*S*Q)", "Q", { convention = "entries" })
    assert.matches("orthonormal columns has no independent entries", err.message)
  end)
end)
