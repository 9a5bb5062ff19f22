-- `nabla check` of statements about complex letters: what is proved, and mistakes that are found.

local check = require "nabla.check"

local LET = [[
let matrix A(m,n), matrix B(n,p), matrix S(n,n), scalar t
let complex vector x(n), complex matrix Z(m,n), complex matrix R(n,n) hermitian, complex matrix W(n,n), complex scalar z
let complex matrix Q(n,n) hpd, complex matrix U(n,n) unitary, complex matrix K(n,n) skewhermitian
]]

local checker = assert(check.new())

-- The verdict on the last statement of a text.
local function verdict(text)
  local results = assert(checker:text(LET .. text .. "\n", "complex"))
  local last = results[#results]
  return last.verdict, last.detail or last.proof
end

local RIGHT = {
  "rule conj(A*B) -> conj(A)*conj(B)",
  "rule conj(S) -> S' if hermitian(S), symbol(S)",
  "rule U*conj(U)' -> I(n)",
  "identity \"a\" abs(z)^2 == z*conj(z)",
  "identity \"b\" norm2(Z)^2 == tr(Z^H*Z)",
  "identity \"c\" abs(exp(1i*t)) == 1",
  "identity \"d\" norm2(U*x) == norm2(x)",
  "identity \"e\" log(det(Q)) == logdet(Q)",
  "identity \"f\" re(tr(K)) == 0",
  "identity \"g\" D(norm2(x), conj(x)) denominator x/(2*norm2(x))",
  "identity \"h\" D(tr(R*W), R) denominator W'",
  "identity \"i\" D(tr(R*W), conj(R)) denominator W",
  "identity \"j\" convention gradient D(logdet(Q), Q) denominator inv(Q)",
  "identity \"k\" convention brandwood D(x^H*R*x, x) denominator R*x numerator (R*x)'",
  "identity \"l\" convention gradient D(abs(z), z) denominator z/abs(z)",
  "identity \"m\" convention entries D(tr(R*W), R) denominator W + W' - W.*I(n)",
  "identity \"n\" d(x^H*R*x) == d(x)^H*R*x + x^H*d(R)*x + x^H*R*d(x)",
  "identity \"o\" D(D(x^H*W*x, x), conj(x)) numerator W'",
  "identity \"p\" 1/(1 + 1i*z) == (1 - 1i*z)/(1 + z^2)",
  "identity \"q\" D(Z*Z^H, Z) vec kron(conj(Z), I(m))",
  "convention mine complex G -> 3*conj(G)",
}

local WRONG = {
  "rule conj(S) -> S if hermitian(S), symbol(S)",
  "rule conj(S) -> -S' if hermitian(S), symbol(S)",
  "rule conj(S) -> inv(S) if unitary(S), symbol(S)",
  "rule conj(A) -> A",
  "rule abs(A) -> A if not free(A, complex)",
  "identity \"a\" abs(z) == z",
  "identity \"b\" x'*x == x^H*x",
  "identity \"c\" norm2(W*x) == norm2(x)",
  "identity \"d\" D(norm2(x), conj(x)) denominator x/norm2(x)",
  "identity \"e\" D(x^H*R*x, x) denominator R*x",
  "identity \"f\" convention gradient D(x^H*R*x, x) denominator R*x",
  "identity \"g\" D(tr(R*W), R) denominator W",
  "identity \"h\" 1/(1 + 1i*z) == (1 + 1i*z)/(1 + z^2)",
  "identity \"i\" d(x^H*R*x) == 2*x^H*R*d(x)",
  "identity \"j\" D(im(z), z) denominator 1i/2",
  "convention mine complex G -> 2*G",
  "convention mine hermitian G -> G",
}

describe("a statement about complex letters", function()
  for _, text in ipairs(RIGHT) do
    it("is proved: " .. text, function()
      local answer, detail = verdict(text)
      assert.are.equal("proved", answer, type(detail) == "string" and detail or nil)
    end)
  end

  for _, text in ipairs(WRONG) do
    it("is found to be wrong: " .. text, function()
      assert.are.equal("failed", (verdict(text)))
    end)
  end

  it("says by which arithmetic it is proved", function()
    local _, proof = verdict "identity \"p\" 1/(1 + 1i*z) == (1 - 1i*z)/(1 + z^2)"
    assert.are.equal("modulo", proof.how)
    assert.are.equal("2^61-31", proof.modulus)
    _, proof = verdict "identity \"c\" abs(exp(1i*t)) == 1"
    assert.are.equal("floating", proof.how)
  end)
end)
