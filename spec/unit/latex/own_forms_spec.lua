-- What a rule file prints in LaTeX is read back.

local nabla = require "nabla"

local DECLARATIONS = "matrix A(n,n), B(n,n), vector x(n), vector y(n), vector theta_hat(n), scalar t, vector w(3)"

local function round_trips(s, texts)
  assert(s:declare(DECLARATIONS))
  for _, text in ipairs(texts) do
    it("reads what it prints for " .. text, function()
      local node = assert(s:parse(text))
      local latex = node:latex()
      local read, err = s:parse(latex, { latex = true })
      assert.equal(tostring(node), tostring(read or err), latex)
      assert.is_true(node == read)
    end)
  end
end

local COMMON = {
  "A'*x",
  "inv(A)'*B",
  "inv(A*B)'",
  "x'*A*y",
  "x'*y*x",
  "x*y'",
  "2*x'*y",
  "A.*B",
  "tr(A*B)*x",
  "expm(t*A)",
  "norm2(x)",
  "norm2(A)",
  "A + I(n)",
  "theta_hat'*x",
  "(A + B)'*x",
}

for _, name in ipairs { "course_notes", "physics" } do
  describe("the notation " .. name, function()
    round_trips(assert(nabla.new { notation = name }), COMMON)
  end)
end

describe("a session with forms of its own", function()
  local s = assert(nabla.new())
  assert(s:rule [[
    operator dots(A(m,n), B(m,n)): scalar   linear latex "%1 \dblcolon %2"
    operator comm(A(n,n), B(n,n)): matrix (n,n)   linear latex "[%1, %2]"
    operator pairing(x(n), y(n)): scalar   linear latex "\langle %1 \mid %2\rangle"
    operator star(A(n,n)): matrix (n,n)   latex "%1^{\bigstar}"
    operator dev(A(n,n)): matrix (n,n)   linear latex "\operatorname{dev} %1"
    operator I1(C(n,n)): scalar   latex "I_1(%1)"
    operator Jl(w(3)): matrix (3,3)   latex "\mathbf{J}_l(%1)"
    operator hbar: scalar   latex "\hbar"
    notation tr           latex "\operatorname{Sp}(%1)"
    notation vectors      latex "\underline{%1}"
    notation transpose    latex "%1^{\mathsf{T}}"
    notation name theta_hat latex "\hat\vartheta"
    notation hadamard     latex "%1 \star %2"
    notation logdet       latex "\ln|%1|"
  ]])
  round_trips(s, COMMON)
  round_trips(s, {
    "dots(A*B, B)*x",
    "comm(A, comm(A, B))*x",
    "pairing(x, A*y)*x",
    "star(A)'*x",
    "dev(A*B)*x",
    "I1(A)*x",
    "Jl(w)*w",
    "hbar*x",
    "A.*B.*A",
    "logdet(A + B)*x",
  })

  it("reads what another session does not", function()
    local plain = assert(nabla.new())
    assert.is_nil(plain:parse([[\langle x \mid A y\rangle x]], { latex = true }))
  end)

  it("identifies a formula in its notation", function()
    local left = [[\frac{\partial \operatorname{Sp}(\mathbf{A} \mathbf{X})}{\partial \mathbf{X}}]]
    local found = assert(s:identify { formula = left .. [[ = \mathbf{A}^{\mathsf{T}}]] })
    assert.equal("right", found.status)
  end)
end)
