-- Kinds of formulas of pages that could be read as another formula: each is read as stated, with the notes stated, or refused.

local nabla = require "nabla"

local s = assert(nabla.new())

-- { text, reading, notes in order; `by`: the variable }. A note that is not listed may be there too.
local READ = {
  -- marks of Unicode make other letters
  { "x̂'*A*x̂", "x_hat'*A*x_hat" },
  { "x̂ᵀ A x̂", "x_hat'*A*x_hat" },
  { "(ŷ - y)ᵀ(ŷ - y)", "(y_hat - y)'*(y_hat - y)", by = "ŷ" },
  { "x̄ + x̃", "x_bar + x_tilde" },
  { "x⃗ᵀA x⃗", "x'*A*x" },
  { "Σ̂ + A", "Sigma_hat + A" },
  { "ẋᵀPx + xᵀPẋ", "xdot'*P*x + x'*P*xdot", "xdot is a letter of its own, no derivative of x" },
  { "x_{\\tilde{k}} - x_k", "x_k_tilde - x_k" },
  { "\\mathcal{\\tilde{A}} + A", "A_tilde + A" },
  -- indices that differ make names that differ
  { "x_{k+1} - x_{k-1}", "x_kp1 - x_km1" },
  { "x^{(k+1)} - x^{(k-1)}", "x_kp1 - x_km1" },
  { "x_{k'} - x_k", "x_kprime - x_k" },
  { "x_+ + x_-", "x_plus + x_minus" },
  { "x_{*}^T x", "x_star'*x" },
  { "W^{[2]} \\sigma(W^{[1]} x)", "W2*sigmoid(W1*x)" },
  { "$w^T S_1w$", "w'*S1*w" },
  { "\\sum_{\\mu\\nu} g_{\\mu\\nu} x_\\mu x_\\nu", "x'*G*x" },
  { "\\sum_{k,\\ell=1}^n a_{k\\ell}x_kx_\\ell", "x'*A*x" },
  { "\\sum_{i=1}^n A_i", "sum(A)", "A_i are the entries of a vector A" },
  -- sums with dots
  { "x_1 + x_2 + \\cdots + x_n", "sum(x)", "the dots are read as the sum over i from 1 to n" },
  { "a_1 x_1 + a_2 x_2 + \\ldots + a_n x_n", "a'*x" },
  { "x_1^2 + \\dots + x_n^2", "x'*x", by = "x" },
  { "x₁ + x₂ + ⋯ + xₙ", "sum(x)" },
  { "w_0 + w_1 x_1 + ... + w_p x_p", "w0 + w'*x", "w_0 is a letter of its own, no entry of w" },
  { "a_{11} + a_{22} + \\cdots + a_{nn}", "tr(A)" },
  { "\\frac{x_1}{\\sqrt{x_1^2+\\dots +x_n^2}}", "x(1)/norm2(x)", by = "x" },
  -- a Greek letter behind a row
  { "w^T \\Sigma \\mu", "w'*Sigma*mu", "mu is read as a vector" },
  { "x^T \\lambda", "x'*lambda", "lambda is read as a vector" },
  { "x^T \\lambda y", "lambda*x'*y" },
  { "\\mathbf{a}, \\mathbf{b}", "a", "another expression beside it is left out" },
  -- what is taken over a letter is no product of letters
  { "min_x x'*A*x", "x'*A*x", "min is left out: what it is taken of is read" },
  { "min x'*A*x", "x'*A*x", "min is left out: what it is taken of is read" },
  { "max_x x'*A*x", "x'*A*x", "max is left out: what it is taken of is read" },
  { "\\min x^T A x", "x'*A*x", "min is left out: what it is taken of is read" },
  { "[1 - a^T x]_+", "relu(1 - a'*x)", "_+ is the positive part, relu" },
  { "\\left(a^T x\\right)_{+}^2", "relu(a'*x)^2", "_+ is the positive part, relu" },
  { "Σ_{i=1}^n x_i^2", "x'*x" },
  { "\\Sigma_{i=1}^n x_i^2", "x'*x" },
  { "Σ_i (y_i - x_i)^2", "(x - y)'*(x - y)", "Σ_i is a sum over i" },
  { "(x - μ_i)^T Σ_i^{-1} (x - μ_i)", "(x - mu_i)'*inv(Sigma_i)*(x - mu_i)" },
  -- densities, products, cases
  {
    "\\log N(x | \\mu, \\Sigma)",
    "-(logdet(2*pi*Sigma) + (x - mu)'*inv(Sigma)*(x - mu))/2",
    "N(x | m, S) is the normal density with mean m and covariance S",
  },
  { "\\mathcal{N}(w^T x ; 0, 1)", "exp(-(log(2*pi) + (w'*x)^2)/2)" },
  { "\\log\\prod_{i=1}^n \\lambda e^{-\\lambda x_i}", "sum(log(lambda*exp(-lambda*x)))" },
  { "\\log\\prod_{i=1}^n\\prod_{j=1}^m \\theta_j^{x_{ij}}", "sum(X*log(theta))" },
  {
    "\\begin{cases} x^T x & t > 0 \\\\ 0 & t \\le 0 \\end{cases}",
    "step(t)*x'*x",
    "cases are written with where(..) and step(..); the derivative is that away from their bounds",
  },
  {
    "\\begin{cases} t, & \\text{if } t \\ge 0 \\\\ a t, & \\text{otherwise} \\end{cases}",
    "t*step(t) + a*t*(1 - step(t))",
  },
  -- gradients of unknown functions
  { "\\nabla f(x)^T d", "d'*D(f, x)", "d is read as a vector" },
  { "v^T \\nabla^2 f(x) v", "v'*D(D(f, x), x)*v" },
  -- indices
  { "\\sum_x p(x) \\log q(x)", "p'*log(q)", "p(x) is the entry x of p" },
  { "\\sum_{i=1}^m (\\theta^T x^{(i)} - y^{(i)}) x_j^{(i)}", "sum(i = 1..m, x_i(j)*(theta'*x_i - y_i))" },
  { "\\sum_{i=1}^n \\theta^{x_i}(1-\\theta)", "(1 - theta)*sum(i = 1..n, theta^(x(i)))" },
  { "\\lambda_k (x - m)", "lambda_k*(x - m)" },
  { "\\lambda_k(X^T X)", "eigval(X'*X, k)" },
  { "\\sum_i a_i t^i", "sum(i = 1..n, t^i*a(i))", "an exponent i is a power: an index above is written ^{(i)}" },
  { "x'*x + x_1", "x'*x + x(1)", "x_1 is an entry of x", by = "x" },
  { "100*(x_2 - x_1^2)^2 + (1 - x_1)^2", "100*(x(2) - x(1)^2)^2 + (1 - x(1))^2", by = "x" },
  { "x_1'*A*x", "x_1'*A*x", by = "x" },
  -- exponents as they are typed
  { "tr(X^-1 A)", "tr(A*inv(X))", by = "X" },
  { "tr(X^-T A)", "tr(A*inv(X)')", by = "X" },
  { "\\mathrm{tr}(A X^-2)", "tr(A*X^-2)", by = "X" },
  -- others
  { "tr(A : B)", "tr(A*B')", "A : B is the inner product, a scalar" },
  { "\\lambda_1(\\mathbf{1}^T w - 1)", "lambda1*(sum(w) - 1)" },
  { "\\lambda_1(A)", "eigval(A, 1)" },
  { "V W - \\gamma \\boldsymbol 1", "V*W - gamma*ones(m)" },
  { "f &= x^T x && g = y", "x'*x", "f = .. names the expression" },
  { "M⊗K + I_T⊗Σ", "kron(M, K) + kron(I(T), Sigma)", "the arguments of kron in a sum have the same sizes" },
}

-- { text, part of the message }
local REFUSED = {
  { "\\max_i x_i", "max over an index" },
  { "\\min_{i} |x_i|", "min over an index" },
  { "\\mathbf{A} & \\mathbf{B}", "stands between two operands" },
  { "A & B", "&" },
  { "tr(A & B)", "&" },
  { "2̂ x", "" },
  { "(Ax)̂", "" },
  { "\\overline{AB}", "stands over several letters" },
  { "x_1 + x_3 + \\cdots + x_n", "no plain pattern" },
  { "x_1 - x_2 + \\cdots + x_n", "no plain pattern" },
  { "1 + 2 + \\cdots + n", "no plain pattern" },
  { "a_0 + a_1 x + \\cdots + a_n x^n", "no plain pattern" },
  { "x_1 + x_2 + \\cdots", "no plain pattern" },
  { "A_1 A_2 \\cdots A_n", "cdots" },
  { "\\sum_{i=1}^m \\log(g_i(x))", "several functions" },
  { "zT P z", "may be a transpose" },
}

local function has(list, text)
  for _, note in ipairs(list or {}) do
    if note == text then
      return true
    end
  end
  return false
end

describe("a page's formula", function()
  before_each(function()
    s:reset()
  end)

  for _, case in ipairs(READ) do
    it("is read: " .. case[1], function()
      local node, notes = s:parse(case[1], { by = case.by })
      assert.equal(case[2], tostring(node or notes))
      for i = 3, #case do
        assert.is_true(has(notes, case[i]), tostring(notes))
      end
    end)
  end

  for _, case in ipairs(REFUSED) do
    it("is refused: " .. case[1], function()
      local node, err = s:parse(case[1])
      assert.is_nil(node)
      assert.is_truthy(err.message:find(case[2], 1, true), err.message)
    end)
  end

  it("has letters with marks as they were declared", function()
    s:declare "vector x̂(n), matrix A(n,n)"
    assert.equal("x̂'*A*x̂", tostring(s:parse "x̂ᵀ A x̂"))
    assert.equal("x̂'*A*x̂", tostring(s:parse "x̂'*A*x̂"))
  end)

  it("prints a letter with an accent, which is read back", function()
    for text, latex in pairs {
      ["y_hat'*y_hat"] = "\\hat{\\mathbf{y}}",
      ["b_hat'*A*x"] = "\\hat{\\mathbf{b}}",
      ["A_tilde*x"] = "\\tilde{\\mathbf{A}}",
      ["beta_hat*x_bar_k"] = "\\bar{\\mathbf{x}}_{k}",
      ["x_hat1 + x"] = "\\hat{\\mathbf{x}}_{1}",
    } do
      s:reset()
      local node = assert(s:parse(text))
      local written, printed = tostring(node), node:latex()
      assert.is_truthy(printed:find(latex, 1, true), printed)
      s:reset()
      assert.equal(written, tostring(s:parse(printed)))
    end
  end)
end)

describe("without habits, a page's formula", function()
  local strict = assert(nabla.new { habits = false })

  it("has letters of the kinds of habit", function()
    strict:reset()
    assert.equal("norm2(A*x - b)^2", tostring(strict:parse "\\|Ax - b\\|^2"))
    strict:reset()
    assert.is_nil((strict:parse "\\|Ax-b\\|^2 + k \\|x\\|_1"))
    assert.is_nil((s:parse("\\frac{k}{2} x^T x + \\mathbf{x}^T y", { habits = false })))
  end)

  it("has no scalar that goes with each entry", function()
    strict:reset()
    assert.is_nil((strict:parse "\\mathbf{x} + 1"))
    assert.is_nil((s:parse("\\mathbf{x} + 1", { spread = false })))
    assert.equal("x + ones(n)", tostring(s:parse "\\mathbf{x} + 1"))
  end)
end)

describe("two pages' formulas", function()
  it("have the same letters", function()
    for _, pair in ipairs {
      { "\\beta^T \\beta", "\\|\\beta\\|^2" },
      { "(x+y)^2 \\frac{1}{2}", "\\frac{x^2 + 2xy + y^2}{2}" },
      { "\\frac{a}{b}", "a b^{-1}" },
      { "A^{-1} b", "\\frac{1}{2} A^{-1} (2b)" },
    } do
      s:reset()
      assert.equal("yes", (s:equal(pair[1], pair[2])), pair[1])
    end
    s:reset()
    assert.equal("no", (s:equal("\\frac{1}{2} x^T A x", "x^T A x")))
  end)
end)

describe("a vector that no sign shows to be one", function()
  it("is told", function()
    for _, case in ipairs {
      { "exp(Y'*v)'*(c + b)*(v - x)", "c is read as a vector: it stands behind a row" },
      { "(A*x - b)'*(c - d)", "c is read as a vector: a scalar does not fit" },
      { "norm2(y - X*b)", "b is read as a vector: a scalar does not fit" },
    } do
      s:reset()
      local _, notes = s:parse(case[1])
      assert.is_true(has(notes, case[2]), tostring(notes))
    end
  end)

  it("is not told where it is added to a vector", function()
    for _, text in ipairs { "norm2(A*x - b)^2", "softmax(A*x + b)", "(x - c)'*A*(x - c)", "a'*x" } do
      s:reset()
      local _, notes = s:parse(text)
      assert.is_nil(notes, text)
    end
  end)

  it("reads what it prints of families, zero blocks, unit matrices and roots", function()
    s:reset()
    s:declare "scalar t_i for i = 1..p, vector ya_i(n) for i = 1..p, matrix A(n,n), matrix B(n,m)"
    s:declare "vector y(n), vector u(n), vector q(n)"
    for text, latex in pairs {
      ["sum(i = 1..p, t_i*ya_i)"] = "\\sum_{i = 1}^{p} t_{i} \\mathbf{ya}_{i}",
      ["sum(i = 1..p, ya_i) + (A + diag(u))*y"] = "\\sum_{i = 1}^{p} \\mathbf{ya}_{i} + \\left(", -- diag has no i
      ["t_2*(A*y - y)"] = "t_{2} \\left(\\mathbf{A} \\mathbf{y} - \\mathbf{y}\\right)",
      ["[zeros(m,m); B]"] = "\\begin{bmatrix} \\mathbf{0}_{m \\times m} \\\\ \\mathbf{B} \\end{bmatrix}",
      ["frechet(expm, A, y*y')*expm(A)"] = "L_{\\operatorname{expm}}",
      ["A.^(1/2)"] = "\\operatorname{sqrt}_{\\odot}(\\mathbf{A})",
      ["eigvec(A + A', 2)"] = "\\operatorname{eigvec}\\left(\\mathbf{A} + \\mathbf{A}^\\top, 2\\right)", -- q is a vector here
      ["Dup(n)'*vec(A)"] = "\\mathbf{D}_{n}^\\top \\operatorname{vec}(\\mathbf{A})",
    } do
      local node = assert(s:parse(text))
      local printed = node:latex()
      assert.is_truthy(printed:find(latex, 1, true), printed)
      assert.is_true(node == assert(s:parse(printed, { latex = true })), printed)
    end
    local _, notes = s:parse("\\mathbf{E}_{1,2} \\mathbf{y}", { latex = true })
    assert.is_truthy(tostring(notes):find("no letter tells the size of the unit matrix", 1, true))
  end)
end)
