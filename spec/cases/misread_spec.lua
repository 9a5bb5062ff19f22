-- Formulas that a careless reader takes for another formula: each is read as stated, or refused; what was assumed is told.

local nabla = require "nabla"

local s = assert(nabla.new())

-- { page, by, what it means, declarations, a part of a note } or { page, by, refused = a part of the message }
local rows = {
  -- a letter before a bracket is a function
  {
    [[\rho(\|Ax-b\|)]],
    "x",
    "rho(norm2(A*x - b))",
    "matrix A(m,n), vector x(n), vector b(m), scalar v, scalar rho of v",
    "rho(..) is a function",
  },
  { [[g(a^T x)]], "x", "g(a'*x)", "vector a(n), vector x(n), scalar v, scalar g of v", "g(..) is a function" },
  { [[\lambda(\mathbf{X})]], [[\mathbf{X}]], "lambda(X)", "matrix X(m,n), scalar lambda of X", "lambda(..)" },
  { [[\alpha(1-\rho)]], [[\rho]], "alpha*(1 - rho)", "scalar alpha, scalar rho" },
  { [[A(x + y)]], "x", "A*(x + y)", "matrix A(m,n), vector x(n), vector y(n)" },
  { [[f(x, y)]], "x", refused = "no function that is declared" },
  { [[f'(x)]], "x", refused = "the derivative of a function that is not known" },
  -- what depends on a scalar
  { [[\det A(t)]], "t", "det(A(t))", "scalar t, matrix A(n,n) of t", "A(..) is a function" },
  { [[A(t)^{-1}]], "t", "inv(A(t))", "scalar t, matrix A(n,n) of t" },
  { [[x(t)^T P x(t)]], "t", "x(t)'*P*x(t)", "scalar t, vector x(n) of t, matrix P(n,n)" },
  { [[A^{-1}(t)]], "t", "inv(A(t))", "scalar t, matrix A(n,n) of t" },
  -- superscripts and subscripts in brackets are names
  {
    [[\|W^{(2)} \sigma(W^{(1)} x) - y\|^2]],
    "x",
    "norm2(W2*sigmoid(W1*x) - y)^2",
    "matrix W2(p,m), matrix W1(m,n), vector x(n), vector y(p)",
    "logistic function",
  },
  { [[x^{(1)\top} A x^{(1)}]], "x^{(1)}", "x1'*A*x1", "vector x1(n), matrix A(n,n)" },
  { [[w^T S_W w]], "w", "w'*S_W*w", "vector w(n), matrix S_W(n,n)" },
  { [[\mathbf{w}_0^T x]], "x", "w0'*x", "vector w0(n), vector x(n)" },
  {
    [[\Sigma_{11} - \Sigma_{12}\Sigma_{22}^{-1}\Sigma_{21}]],
    [[\Sigma_{11}]],
    "Sigma_11 - Sigma_12*inv(Sigma_22)*Sigma_21",
    "matrix Sigma_11(m,n), matrix Sigma_12(m,p), matrix Sigma_22(p,p), matrix Sigma_21(p,n)",
  },
  -- subscripts that are entries
  { [[\frac{x_1}{\|\mathbf{x}\|}]], "x", "x(1)/norm2(x)", "vector x(n)", "x_1 is an entry of x" },
  { [[\sum_i y_i \log p_i]], "p", "sum(i = 1..n, y(i)*log(p(i)))", "vector y(n), vector p(n)" },
  { [[\sum_{i,j} a_{ij} x_i x_j]], "x", "x'*A*x", "vector x(n), matrix A(n,n)", "an entry of A" },
  { [[(X^{-1})_{ij}]], "X", "inv(X)(i,j)", "matrix X(n,n), scalar i, scalar j" },
  { [[\sum_{i<j} x_i x_j]], "x", "sum(i = 1..n, sum(j = i+1..n, x(i)*x(j)))", "vector x(n)" },
  -- marks make other letters
  { [[\dot{x}^T P x + x^T P \dot{x}]], "x", "xdot'*P*x + x'*P*xdot", "vector xdot(n), vector x(n), matrix P(n,n)" },
  { [[(\hat{y} - y)^2]], [[\hat{y}]], "(y_hat - y)^2", "scalar y_hat, scalar y", "y_hat is read as a scalar" },
  { [[\|x^* - x\|]], "x", "norm2(x_star - x)", "vector x_star(n), vector x(n)", "x^* is a letter of its own" },
  { [[cos\theta \frac{\vec{a}\cdot \vec{b}}{ab}]], [[\vec{a}]], refused = "with an arrow and without" },
  -- an inverse function
  { [[\sin^{-1}(x)]], "x", "asin(x)", "scalar x" },
  { [[x\sin^{-1}x]], "x", "x*asin(x)", "scalar x", "x is read as a scalar" },
  { [[\cosh^{-1}(x)]], "x", refused = "the inverse function of cosh" },
  { [[\sin^2(x)]], "x", "sin(x)^2", "scalar x" },
  { [[\log (\det X)^{-1}]], "X", "log(1/det(X))", "matrix X(n,n)", "belongs to its argument" },
  -- optional arguments
  { [[\sqrt[3]{\mathbf{x}^\top\mathbf{x}}]], [[\mathbf{x}]], "(x'*x)^(1/3)", "vector x(n)" },
  { [[\log_2 x]], "x", "log(x)/log(2)", "scalar x" },
  -- a slash
  {
    [[x^{\top} A x / x^{\top} x]],
    "x",
    "x'*A*x/(x'*x)",
    "vector x(n), matrix A(n,n)",
    "the slash divides by the product",
  },
  { [[1/2 x^T H x]], "x", "x'*H*x/2", "vector x(n), matrix H(n,n)" },
  {
    [[\lambda/2 \|w\|^2]],
    "w",
    "lambda/2*norm2(w)^2",
    "scalar lambda, vector w(n)",
    "the slash divides by the one factor",
  },
  {
    [[x^T y/2\sigma^2]],
    "x",
    "x'*y/(2*sigma^2)",
    "vector x(n), vector y(n), scalar sigma",
    "the slash divides by the product",
  },
  -- functions of matrices
  {
    [[\operatorname{tr}(\log \mathbf{X})]],
    [[\mathbf{X}]],
    "tr(logm(X))",
    "matrix X(n,n)",
    "the function of a matrix",
  },
  { [[\operatorname{tr}(A e^{X})]], "X", "tr(A*expm(X))", "matrix A(n,n), matrix X(n,n)" },
  { [[\exp_{\odot}(X)]], "X", "exp(X)", "matrix X(m,n)" },
  -- data points
  {
    [[\sum_{i=1}^N \log(1 + e^{-y_i w^T x_i})]],
    "w",
    "sum(i = 1..N, log(1 + exp(-y_i*w'*x_i)))",
    "vector x_i(n) for i = 1..N; vector w(n); scalar y_i for i = 1..N",
    "x_i is one of a family of vectors",
  },
  {
    [[\sum_{i=1}^{N} (y_i - \mathbf{w}^T \mathbf{x}_i)^2]],
    "w",
    "sum(i = 1..N, (y_i - w'*x_i)^2)",
    "vector x_i(n) for i = 1..N; vector w(n); scalar y_i for i = 1..N",
    "x_i is one of a family of vectors",
  },
  {
    [[\frac12 \sum_{i=1}^N \|x_i - \mu\|^2]],
    [[\mu]],
    "sum(i = 1..N, norm2(x_i - mu)^2)/2",
    "vector x_i(n) for i = 1..N; vector mu(n)",
    "x_i is one of a family of vectors",
  },
  {
    [[\sum_{i=1}^N A_i X B_i]],
    "X",
    "sum(i = 1..N, A_i*X*B_i)",
    "matrix A_i(m,n) for i = 1..N; matrix X(n,p); matrix B_i(p,q) for i = 1..N",
    "A_i is one of a family of matrices",
  },
  -- names that are not known
  { [[\ln\Gamma(a)]], "a", "lgamma(a)", "scalar a", "the gamma function" },
  { [[\ln\Gamma_p(a)]], "a", refused = "the function Gamma_p" },
  { [[x\,\Phi(w^T x)]], "x", "normcdf(w'*x)*x", "vector w(n), vector x(n)", "distribution function" },
  -- a letter before a product in brackets, which a factor would not need
  {
    [[\log s(w^Tx)]],
    "w",
    "log(s(w'*x))",
    "vector w(n), vector x(n), scalar z, scalar s of z",
    "s(..) is a function",
  },
  -- multipliers as a row
  {
    [[\|x\|^2 + \lambda(Ax - b)]],
    "x",
    "norm2(x)^2 + lambda*(A*x - b)",
    "vector x(n), matrix lambda(1,m), matrix A(m,n), vector b(m)",
    "lambda is read as a row",
  },
  -- an index that counts belongs to a letter, also to I
  {
    [[\sum_{i,j} I_{ij}(R_{ij} - u_i^Tv_j)^2]],
    "u_k",
    "sum(i = 1..N, sum(j = 1..M, I_ij*(R_ij - u_i'*v_j)^2))",
    "scalar I_ij for i = 1..N, j = 1..M; scalar R_ij for i = 1..N, j = 1..M; "
      .. "vector u_i(n) for i = 1..N; vector v_j(n) for j = 1..M",
    "I_ij is one of a family",
  },
  { [[\operatorname{foo}(x)]], "x", refused = "unknown function 'foo'" },
  { [[A \foo B]], "A", refused = [[found `\foo`]] },
  -- a label times an inner product, beside a number
  { [[log(1 + exp(-y*w'*x))]], "w", "log(1 + exp(-y*w'*x))", "scalar y, vector w(n), vector x(n)",
    "y is read as a scalar" },
  { [[max(0, 1 - y w^T x)]], "w", "max(0, 1 - y*w'*x)", "scalar y, vector w(n), vector x(n)", "y is read as a scalar" },
  { [[max(0, 1 - y (w^T x + b))]], "w", "max(0, 1 - y*(w'*x + b))", "scalar y, scalar b, vector w(n), vector x(n)",
    "y is read as a scalar" },
  -- letters with numbers, decimals, columns of ones
  { [[||W2 relu(W1 x + b1) + b2 - y||^2]], "W1", "norm2(W2*relu(W1*x + b1) + b2 - y)^2",
    "matrix W2(p,m), matrix W1(m,n), vector x(n), vector b1(m), vector b2(p), vector y(p)" },
  { [[x1^T A x2]], "x1", "x1'*A*x2", "vector x1(m), matrix A(m,n), vector x2(n)" },
  { [[1e-3 ||x||^2]], "x", "norm2(x)^2/1000", "vector x(n)" },
  { [[1e-3 \|x\|^2]], "x", "norm2(x)^2/1000", "vector x(n)" },
  { [[1ₘᵀX1ₙ]], "X", "ones(m)'*X*ones(n)", "matrix X(m,n)" },
  { [[x^T (I - \frac{1}{n} 1_n 1_n^T) x]], "x", "x'*(I(n) - ones(n,n)/n)*x", "vector x(n)" },
  { [[\lambda_{\max}(A)]], "A", "eigmax(A)", "matrix A(n,n)", "the largest eigenvalue" },
  { [[y^T log(σ(Wx)) + (1-y)^T log(1-σ(Wx))]], "W", "y'*log(sigmoid(W*x)) + (ones(m) - y)'*log(ones(m) - sigmoid(W*x))",
    "vector y(m), matrix W(m,n), vector x(n)", "the logistic function" },
  { [[y^T log(p) + (1-y)^T log(1-p)]], "p", "y'*log(p) + (ones(m) - y)'*log(ones(m) - p)", "vector y(m), vector p(m)" },
  { [[1_A(x) x]], "x", refused = "an indicator function" },
  { [[\mathbf{1}_{A}(x)]], "x", refused = "an indicator function" },
  { [[\int f(x) dx]], "x", refused = "an integral" },
  { [[E[x^T A x] ]], "x", refused = "declared random" },
  { [[\prod_{i=1}^n x_i]], "x", refused = "a product over entries" },
  -- operators that are applied
  { [[\partial_t \mathbf{x}^\top\mathbf{x}]], [[\mathbf{x}]], refused = "t does not stand in what is differentiated" },
  { [[\nabla_x (x^T A x) \cdot b]], "b", "(A*x + A'*x)'*b", "vector x(n), matrix A(n,n), vector b(n)" },
  { [[\frac{\partial L}{\partial W} x]], "x", refused = "L is not known to depend on W" },
  { [[f(z)=f(x)+Df(x)(z-x)]], "z", refused = "D before a function" },
  -- letters that are taken
  {
    [[\operatorname{tr}((I - KH)P(I - KH)^T + KRK^T)]],
    "K",
    "tr((I(m) - K*H)*P*(I(m) - K*H)' + K*R*K')",
    "matrix K(m,p), matrix H(p,m), matrix P(m,m), matrix R(p,p)",
    "I is the identity matrix",
  },
  -- ordinary TeX
  { [[\|x\|]], "x", "norm2(x)", "vector x(n)" },
  { [[\alpha \ x^T x]], "x", "alpha*x'*x", "scalar alpha, vector x(n)" },
  { [[\mbox{tr}(AX)]], "X", "tr(A*X)", "matrix A(n,m), matrix X(m,n)" },
  { [[{\rm Tr}(AX)]], "X", "tr(A*X)", "matrix A(n,m), matrix X(m,n)" },
  { [[\dfrac{x^T x}{2}]], "x", "x'*x/2", "vector x(n)" },
  { [[{n \over 2} x^T x]], "x", "n/2*x'*x", "vector x(m), scalar n" },
  { [[\eqalign{ f(x) &= x^T A x \cr }]], "x", "x'*A*x", "vector x(n), matrix A(n,n)", "names the expression" },
  { [[\mathbf{A}:\mathbf{X}]], [[\mathbf{X}]], "tr(A'*X)", "matrix A(m,n), matrix X(m,n)" },
  { [[\|x\|_{\Sigma^{-1}}^2]], "x", "x'*inv(Sigma)*x", "vector x(n), matrix Sigma(n,n)", "x'*M*x" },
  { [[\langle A, B\rangle]], "A", "tr(A'*B)", "matrix A(m,n), matrix B(m,n)" },
  { [[\|A\|_2]], "A", refused = "largest singular value" },
  { [[\|X\|_*]], "X", "nuclearnorm(X)", "matrix X(m,n)" },
  { [[|\mathbf{x}|]], [[\mathbf{x}]], "norm2(x)", "vector x(n)", "is its length" },
  { [[(Ax - b)^2]], "x", refused = "two meanings" },
  { [[J(w) = w^T w]], "w", "w'*w", "vector w(n)", "J(w) = .. names the expression" },
  { [[y = w^T x, x = Bz \Rightarrow y]], "w", "w'*B*z", "vector w(m), matrix B(m,n), vector z(n)", "is put in" },
  { [[\arg\min_w \|Xw - y\|^2]], "w", "norm2(X*w - y)^2", "matrix X(m,n), vector w(n), vector y(m)", "is left out" },
  { [[sum_{i=1}^N (y_i - w^T x_i)^2]], "w", "sum(i = 1..N, (y_i - w'*x_i)^2)",
    "vector w(n), vector x_i(n) for i = 1..N, scalar y_i for i = 1..N" },
  { [[\|A\|_{\mathrm{op}}]], "A", "spectralnorm(A)", "matrix A(m,n)" },
  { [[\langle x, y\rangle_A]], "x", "x'*A*y", "vector x(m), vector y(n), matrix A(m,n)" },
  { [[\sum_{i=1}^r \sigma_i(X)^2]], "X", "sum(i = 1..r, singval(X, i)^2)", "matrix X(m,n)" },
  { [[\sum_{i,j,k} T_{ijk} a_i b_j c_k]], "a", refused = "more than two indices" },
  { [[\nabla_x f(x)^T v]], "x", "v'*D(f, x)", "vector x(n), vector v(n), scalar f of x", "not known" },
  { [[\operatorname{Var}(a^T x)]], "a", refused = "declared random" },
  { [[\min_w \|Xw - y\|^2]], "w", "norm2(X*w - y)^2", "matrix X(m,n), vector w(n), vector y(m)", "is left out" },
}

-- The node of a page's formula in the letters and sizes of the declarations.
local readings = require "spec.support.readings"

local function outcome(row)
  local case = { page = row[1], by = row[2], text = "latex", readings = {} }
  if row[3] then
    case.readings[1] = { expr = row[3], decl = row[4] }
  end
  return readings.outcome(s, case, false)
end

describe("a formula that is misread easily", function()
  for _, row in ipairs(rows) do
    if row.refused then
      it("is refused: " .. row[1], function()
        local result, text = outcome { row[1], row[2] }
        assert.are.equal("refused", result, text)
        assert.is_truthy(text:find(row.refused, 1, true), text)
      end)
    else
      it("is read: " .. row[1], function()
        local result, text, told = outcome(row)
        assert.are.equal("same", result, text)
        if row[5] then
          assert.is_truthy(tostring(told):find(row[5], 1, true), tostring(told))
        end
      end)
    end
  end
end)

describe("plain text and Unicode", function()
  for page, text in pairs {
    ["||A*x - b||^2"] = "norm2(A*x - b)^2",
    ["‖Ax−b‖₂²"] = "norm2(A*x - b)^2",
    ["‖A x - b‖^2"] = "norm2(A*x - b)^2",
    ["norm(A*x - b)^2"] = "norm2(A*x - b)^2",
    ["‖X−PTKV‖^2"] = "norm2(X - P*T*K*V)^2",
    ["x^T A x"] = "x'*A*x",
    ["xᵀAx"] = "x'*A*x",
    ["x' A x"] = "x'*A*x",
    ["x^T*A*x"] = "x'*A*x",
    ["tr(AXB)"] = "tr(A*X*B)",
    ["tr AXB"] = "tr(A*X*B)",
    ["AXB"] = "A*X*B",
    ["Tr(A^{-1}B)"] = "tr(B*inv(A))",
    ["det X"] = "det(X)",
    ["log det(X)"] = "logdet(X)",
    ["ln|X|"] = "logdet(X)",
    ["|X|"] = "det(X)",
    ["A : B"] = "tr(A*B')",
    ["⟨A, B⟩"] = "tr(A*B')",
    ["A \\ b"] = "inv(A)*b",
    ["b / A"] = "b*inv(A)",
    ["x^H A x"] = "x'*A*x",
    ["A†"] = "A'",
    ["d/dx x^T A x"] = "A*x + A'*x",
  } do
    it("are read: " .. page, function()
      s:reset()
      assert.are.equal(text, tostring(assert(s:parse(page))))
    end)
  end

  for page, message in pairs {
    ["xTAx"] = "T behind x may be a transpose",
    ["(xtAx)/(xtx)"] = "t behind x may be a transpose",
    ["2 +"] = "expected an expression",
  } do
    it("are refused: " .. page, function()
      s:reset()
      local node, err = s:parse(page)
      assert.is_nil(node)
      assert.is_truthy(tostring(err):find(message, 1, true), tostring(err))
    end)
  end
end)

describe("names with marks", function()
  for _, page in ipairs {
    "\\dot{x}^T P x",
    "\\hat{y}^T y", "\\dot{\\Omega} x", "\\mathbf{w}_0^T x", "W^{(1)} x", "\\tilde{A}_k x" } do
    it("are read back from text: " .. page, function()
      s:reset()
      local node = assert(s:parse(page))
      s:reset()
      assert.are.equal(node, assert(s:parse(tostring(node))))
    end)
  end
end)

describe("the variable", function()
  for _, row in ipairs {
    { [[x^T \Sigma x]], [[\Sigma]], "x*x'" },
    { [[(\hat{y} - y)^T(\hat{y} - y)]], [[\hat{y}]], "2*(y_hat - y)" },
    { [[\mathbf{x}^T A \mathbf{x}]], [[\mathbf{x}]], "(A + A')*x" },
    { [[\mathbf{x}^T A \mathbf{x}]], [[\mathbf{x}^T]], "x'*(A + A')" },
    { [[(\mathbf{x}_1 - \mu)^T(\mathbf{x}_1 - \mu)]], [[\mathbf{x}_1]], "2*(x1 - mu)" },
    { "x'*Sigma*x", "Σ", "x*x'" },
  } do
    it("may be given as on the page: " .. row[2], function()
      s:reset()
      assert.are.equal(row[3], tostring(assert(s:diff(row[1], row[2]))))
    end)
  end

  it("may be vec(X), the coordinates of a matrix", function()
    s:reset()
    assert.equal("vec(A')", tostring(assert(s:diff("tr(A*X)", "vec(X)"))))
  end)
end)
