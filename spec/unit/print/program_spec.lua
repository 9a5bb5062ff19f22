-- Answers in the notations of programs: NumPy, Julia, MATLAB.

local nabla = require "nabla"

local DECLARED = "matrix A(m,n), matrix B(m,n), matrix S(n,n), vector x(n), vector z(n), vector y(m), scalar a, "
  .. "scalar b, scalar lambda, scalar f of x, vector u(m) of x"

local function session()
  local s = assert(nabla.new())
  s:declare(DECLARED)
  return s
end

-- An expression, and how it is written in NumPy, Julia and MATLAB. All read back to the same node.
local CASES = {
  { "2*A'*(A*x - y)", "2 * A.T @ (A @ x - y)", "2 * A' * (A * x - y)", "2*A'*(A*x - y)" },
  { "x'*S*x", "x.T @ S @ x", "x' * S * x", "x'*S*x" },
  { "2*a*y*x'", "2 * a * np.outer(y, x)", "2 * a * y * x'", "2*a*y*x'" },
  { "A*x*z'*S", "np.outer(A @ x, S.T @ z)", "A * x * z' * S", "A*x*z'*S" },
  { "inv(S)*x", "np.linalg.solve(S, x)", "S \\ x", "S \\ x" },
  { "2*inv(S)*x", "2 * np.linalg.solve(S, x)", "2 * (S \\ x)", "2*(S \\ x)" },
  { "inv(S)'*x/2", "np.linalg.solve(S.T, x) / 2", "(S' \\ x) / 2", "(S' \\ x)/2" },
  { "A*inv(S)", "A @ np.linalg.inv(S)", "A * inv(S)", "A*inv(S)" },
  { "S^3*x", "np.linalg.matrix_power(S, 3) @ x", "S^3 * x", "S^3*x" },
  { "a^2*x + x.^2", "a**2 * x + x**2", "a^2 * x + x .^ 2", "a^2*x + x.^2" },
  { "a^(-b)*x", "x / a**b", "x / a^b", "x/a^b" },
  { "A.*(y*x')", "A * np.outer(y, x)", "A .* (y * x')", "A.*(y*x')" },
  { "(A*x).*y", "y * (A @ x)", "y .* (A * x)", "y.*(A*x)" },
  { "x./z.^2", "x / z**2", "x ./ z .^ 2", "x./z.^2" },
  { "1./x", "1 / x", "1 ./ x", "1./x" },
  { "ones(n) + exp(x)", "1 + np.exp(x)", "1 .+ exp.(x)", "1 + exp(x)" },
  { "ones(m,n) - A", "1 - A", "1 .- A", "1 - A" },
  { "a*ones(n)", "a * np.ones(n)", "a * ones(n)", "a*ones(n, 1)" },
  { "exp(a)*x", "np.exp(a) * x", "exp(a) * x", "exp(a)*x" },
  { "-x", "-x", "-x", "-x" },
  { "S*x - (S - 2*I(n))*z", "S @ x - (S - 2 * np.eye(n)) @ z", "S * x - (S - 2 * I(n)) * z", "S*x - (S - 2*eye(n))*z" },
  { "norm2(A) + norm2(x)", "np.linalg.norm(A) + np.linalg.norm(x)", "norm(A) + norm(x)", "norm(A, 'fro') + norm(x)" },
  { "diag(x) + diag(diagv(S))",
    "np.diag(x) + np.diag(np.diagonal(S))", "diagm(x) + diagm(diag(S))", "diag(x) + diag(diag(S))" },
  { "sum(x)*tr(S)*det(S)",
    "np.linalg.det(S) * np.trace(S) * np.sum(x)", "det(S) * tr(S) * sum(x)", "det(S)*trace(S)*sum(x)" },
  { "logdet(S)", "np.linalg.slogdet(S)[1]", "logabsdet(S)[1]", "log(abs(det(S)))" },
  { "kron(x, A)", "np.kron(x[:, None], A)", "kron(x, A)", "kron(x, A)" },
  { "kron(A, x')", "np.kron(A, x.T)", "kron(A, x')", "kron(A, x')" },
  { "kron(x, y)", "np.kron(x, y)", "kron(x, y)", "kron(x, y)" },
  { "unvec(vec(S), n, n)*x", "S @ x", "S * x", "S*x" },
  { "vec(A')", "A.T.ravel(order='F')", "vec(A')", "reshape(A', [], 1)" },
  { "expm(S)*logm(S)", "scipy.linalg.expm(S) @ scipy.linalg.logm(S)", "exp(S) * log(S)", "expm(S)*logm(S)" },
  { "max(x, z) + relu(x)", "np.maximum(x, z) + np.maximum(x, 0)", "max.(x, z) + relu.(x)", "max(x, z) + max(x, 0)" },
  { "[A; B]*x", "np.vstack((A, B)) @ x", "vcat(A, B) * x", "[A; B]*x" },
  { "lambda*x", "lambda_ * x", "lambda * x", "lambda*x" },
  { "f(x)*u(x)", "f(x) * u(x)", "f(x) * u(x)", "f(x)*u(x)" },
  { "0*x", "np.zeros(n)", "zeros(n)", "zeros(n, 1)" },
}

describe("in the notation of a program", function()
  local s = session()
  for _, case in ipairs(CASES) do
    it("writes " .. case[1] .. ", and reads it back", function()
      local node = assert(s:parse(case[1]))
      for i, notation in ipairs { "numpy", "julia", "matlab" } do
        local text = assert(node:text("text", { notation = notation }))
        assert.equal(case[1 + i], text)
        local read = assert(s:parse(text, { typed = notation }))
        assert.equal(tostring(node), tostring(read))
        assert.is_true(node == read, text)
      end
    end)
  end

  it("refuses by name what it does not have", function()
    for text, name in pairs {
      ["[D(f, x); x]"] = "a derivative of an unknown function",
      ["D(f, x)"] = "a derivative of an unknown function",
    } do
      local node = assert(s:parse(text))
      local written, err = node:text("text", { notation = "numpy" })
      assert.is_nil(written)
      assert.equal(name .. " cannot be written in the notation numpy", err.message)
    end
  end)

  it("has entries, members of families and counted sums", function()
    local own = assert(nabla.new())
    own:declare "vector x_i(n) for i = 1..N, vector z_i(n) for i = 0..N, scalar y_i for i = 1..N"
    own:declare "scalar r_ij for i = 1..N, j = 1..N"
    own:declare "matrix B(n,n), vector w(n), matrix M_i(n,n) for i = 1..N"
    for _, case in ipairs {
      { "B(1,2)", "B[0, 1]", "B[1, 2]", "B(1, 2)" },
      { "(B*w)(2)", "(B @ w)[1]", "(B * w)[2]", "(B*w)(2)" },
      { "x_2'*w", "x[1].T @ w", "x[2]' * w", "x{2}'*w" },
      { "z_0", "z[0]", "z[1]", "z{1}" },
      { "sum(i = 1..N, y_i^2)", "sum(y[i - 1]**2 for i in range(1, N + 1))", "sum(y[i]^2 for i in 1:N)",
        "sum(arrayfun(@(i) y{i}^2, 1:N))" },
      { "sum(i = 1..N, M_i)*w", "sum(M[i - 1] for i in range(1, N + 1)) @ w", "sum(M[i] for i in 1:N) * w",
        "add_up(@(i) M{i}, 1:N)*w" },
      { "sum(i = 1..N-1, y_(i+1)*y_i)",
        "sum(y[i - 1] * y[i] for i in range(1, N))",
        "sum(y[i] * y[1 + i] for i in 1:N - 1)",
        "sum(arrayfun(@(i) y{i}*y{1 + i}, 1:N - 1))" },
      { "sum(i = 1..N, sum(j = i..N, r_ij))",
        "sum(sum(r[i - 1, j - 1] for j in range(i, N + 1)) for i in range(1, N + 1))",
        "sum(sum(r[i, j] for j in i:N) for i in 1:N)", "sum(arrayfun(@(i) sum(arrayfun(@(j) r{i, j}, i:N)), 1:N))" },
      { "adj(B)*eigvec(B + B',1)", "adjugate(B) @ eigvec(B + B.T, 1)", "adjugate(B) * eigvec(B + B', 1)",
        "adjugate(B)*eigvec(B + B', 1)" },
    } do
      local node = assert(own:parse(case[1]))
      for i, notation in ipairs { "numpy", "julia", "matlab" } do
        local text = assert(node:text("text", { notation = notation }))
        assert.equal(case[1 + i], text)
        assert.is_true(node == assert(own:parse(text, { typed = notation })), text)
      end
    end
  end)

  it("says what is wrong with an index or a sum", function()
    local own = assert(nabla.new())
    own:declare "matrix B(n,n), scalar y_i for i = 1..N"
    for text, message in pairs {
      ["np.sum(B[0, 1, 2])"] = "an index of 3 numbers is not read",
      ["np.exp(B[0, 1)"] = "expected `]`, found `)`",
      ["sum(y[i - 1]**2 for i in range(1, N))(2"] = "expected",
    } do
      local node, err = own:parse(text, { typed = "numpy" })
      assert.is_nil(node, text)
      assert.is_truthy(tostring(err):find(message, 1, true), tostring(err))
    end
  end)

  it("refuses a letter that is a function there", function()
    local own = assert(nabla.new())
    own:declare "vector eye(n)"
    local written, err = own:parse("2*eye"):text("text", { notation = "matlab" })
    assert.is_nil(written)
    assert.is_truthy(err.message:find("eye, which is a function there", 1, true))
    assert.equal("2 * eye", own:parse("2*eye"):text("text", { notation = "numpy" }))
  end)

  it("is as always in LaTeX", function()
    local node = s:parse "A*x"
    assert.equal(node:latex(), node:latex { notation = "numpy" })
  end)
end)

describe("a notation that a rule file states", function()
  local function printed(rows, text)
    local own = assert(nabla.new())
    assert(own:rule("notation mine\n    " .. rows))
    own:declare(DECLARED)
    return own:parse(text):text("text", { notation = "mine" })
  end

  it("writes by the first row whose condition holds", function()
    local rows = 'writes "%1 . %2" for "%1*%2" if scalar %1\n    writes "%1 # %2" for "%1*%2"'
    assert.equal("2 . A # x", printed(rows, "2*A*x"))
    assert.equal("a . x", printed(rows, "a*x"))
  end)

  it("has other names for functions, alone or in a list", function()
    assert.equal("EXP(x)", printed('writes "EXP(%1)" for "exp(%1)"', "exp(x)"))
    assert.equal("exp(a)", printed('same exp log if scalar %1 otherwise "map(%0, %1)"', "exp(a)"))
    assert.equal("map(log, x)", printed('same exp log if scalar %1 otherwise "map(%0, %1)"', "log(x)"))
  end)

  it("takes over the rows of another", function()
    local own = assert(nabla.new())
    assert(own:rule 'notation mine like numpy\n    writes "inverse(%1)" for "inv(%1)"')
    own:declare(DECLARED)
    assert.equal("A @ inverse(S)", own:parse("A*inv(S)"):text("text", { notation = "mine" }))
  end)

  it("refuses a row that says nothing, with the place", function()
    for rows, message in pairs {
      ['writes "f(%1)" for "%1 + %2"'] = "the form lacks %2",
      ['writes "f(%1, %2)" for "%1 + %2"'] = "nothing is written for %1 + %2: a sign between two arguments, "
        .. "a power, a transpose or a call is",
      ['writes "f(%1, %2)" for "exp(%1)"'] = "exp(%1) lacks %2",
      ['writes "f(%1)" for "exp(%1)" if matrix %2'] = "the condition is of %2, which exp(%1) lacks",
      ["same exp foo"] = "there is no operator 'foo'",
      ['scalars spread by "+"'] = "two signs were expected, those of a sum and of a difference",
    } do
      local ok, err = assert(nabla.new()):rule("notation mine\n    " .. rows)
      assert.is_nil(ok, rows)
      assert.equal(message, err.message)
      assert.equal(2, err.line)
    end
  end)
end)
