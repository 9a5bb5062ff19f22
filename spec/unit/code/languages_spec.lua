-- Export of code: the statements of the same function in each language. tools/try_code.sh runs them.

local code = require "nabla.code"
local nabla = require "nabla"

local EXPECTED = {
  octave = { "t1 = b - A*x;", "value = norm(t1, 'fro')^2;", "gradient = -2*(A'*t1);" },
  r = { "t1 <- b - A %*% x", 'value <- norm(t1, "F")^2', "gradient <- -2*(t(A) %*% t1)" },
  cpp = {
    "const Eigen::VectorXd t1 = b - A * x;",
    "const double value = std::pow(t1.norm(), 2.0);",
    "const Eigen::VectorXd gradient = -2.0 * (A.transpose() * t1);",
  },
  julia = { "t1 = b - A * x", "value = norm(t1)^2", "gradient = -2 * (A' * t1)" },
  c = {
    "const matrix t1 = plus(work, 1.0, b, -1.0, product(work, 'N', A, 'N', x));",
    "*value = pow(norm(t1), 2.0);",
    "give(work, gradient, scaled(work, -2.0, product(work, 'T', A, 'N', t1))",
  },
  lua = { "local t1 = b - A*x", "local value = norm(t1)^2", "local gradient = -2*(A.T*t1)" },
  fortran = { "t1 = b - matmul(A, x)", "value = norm2(t1)**2", "gradient = -2.0_dp*matmul(transpose(A), t1)" },
  torch = { "t1 = b - A @ x", "value = torch.linalg.norm(t1)**2", "gradient = -2 * (A.T @ t1)" },
  jax = { "t1 = b - A @ x", "value = jnp.linalg.norm(t1)**2", "gradient = -2 * (A.T @ t1)" },
}

describe("code", function()
  local session = assert(nabla.new())
  local DECLARED = "matrix A(m,n), vector x(n), vector b(m), matrix S(n,n) spd, scalar lambda"

  local function written(f, x, language)
    session:reset()
    assert(session:declare(DECLARED))
    return assert(session:code(f, x, language))
  end

  for language, lines in pairs(EXPECTED) do
    it("has the statements of " .. language, function()
      local text = written("norm2(A*x - b)^2", "x", language)
      local at = 1
      for _, line in ipairs(lines) do
        local _, last = text:find(line, at, true)
        assert.truthy(last, line .. "\n" .. text)
        at = last
      end
    end)
  end

  it("checks the shapes at entry in every language", function()
    for language, module in pairs(code.targets) do
      local is_formula = require(module).is_formula
      local text = written("norm2(A*x - b)^2", "x", language)
      assert.truthy(is_formula or text:find "a wrong number of rows" or text:find "check_size%(", language)
    end
  end)

  it("solves by the factor of Cholesky where the matrix is positive definite", function()
    assert.truthy(written("x'*inv(S)*x", "x", "cpp"):find("S.llt().solve(x)", 1, true))
    assert.truthy(written("x'*inv(S)*x", "x", "torch"):find("torch.linalg.cholesky(S)", 1, true))
    assert.truthy(written("x'*inv(S)*x", "x", "octave"):find("solve_spd(S, x)", 1, true))
    assert.truthy(written("x'*inv(S)*x", "x", "r"):find("solve_spd(S, x)", 1, true))
    assert.truthy(written("x'*inv(S)*x", "x", "c"):find("solve_spd(work, S, x)", 1, true))
    assert.truthy(written("x'*inv(S)*x", "x", "fortran"):find("solve_spd_vector(S, x)", 1, true))
    assert.truthy(written("x'*inv(S)*x", "x", "julia"):find("cholesky(Symmetric(S)) \\ x", 1, true))
  end)

  it("says so where there is nothing to compare", function()
    session:reset()
    assert(session:declare(DECLARED))
    local text, err = session:code("norm2(b)^2", "x", "r", { check = true })
    assert.is_nil(text)
    assert.equal("no check by finite differences: the expression does not depend on x", err.message)
  end)

  it("adds up the numbers of a sum", function()
    session:reset()
    assert(session:declare "vector x(n), scalar t")
    local text = assert(session:code("(1 + 2)*t + sum(i = 1..3, i*norm2(x))", "t", "octave"))
    assert.is_nil(text:find("%d%*1 ") or text:find("%d + %d"), text)
  end)

  it("renames what a language keeps for itself", function()
    session:reset()
    assert(session:declare "scalar lambda, matrix norm(n,n), vector x(n)")
    assert.truthy(assert(session:code("x'*norm*x", "x", "octave")):find("norm_*x", 1, true))
    assert.truthy(assert(session:code("lambda*x'*x", "x", "torch")):find("lambda_", 1, true))
  end)

  it("compares with finite differences in every language of programs", function()
    session:reset()
    assert(session:declare(DECLARED))
    for language, module in pairs(code.targets) do
      for _, x in ipairs { "S", "x", "lambda", "A" } do
        local f = "lambda*norm2(A*x - b)^2 + lambda*logdet(S)"
        local text = not require(module).is_formula and assert(session:code(f, x, language, { check = true }))
        assert.truthy(not text or text:find "check_gradient", language)
        -- no word of the template is left
        assert.is_nil((text or ""):find "%f[%w_]STEP%f[^%w_]" or (text or ""):find "%f[%w_]LARGEST%f[^%w_]", text)
      end
    end
  end)
end)
