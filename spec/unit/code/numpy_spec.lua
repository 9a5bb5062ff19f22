-- Export of code: what the functions look like. tools/try_code.sh runs them in their languages.

local nabla = require "nabla"

local session = assert(nabla.new())

-- The statements of a function: its lines behind the docstring and the checks at entry.
local function body(text, name)
  local f = assert(text:match("def " .. (name or "value_and_gradient") .. "%(.-\n(.*)"))
  f = f:match '""".-"""\n(.*)'
  local list = {}
  for line in (f .. "\n"):gmatch "(.-)\n" do
    if line == "" then
      break
    elseif not line:find "_check_size" and not line:find ' = _%a+%("' and not line:find "%.shape%[" then
      list[#list + 1] = line:match "^%s*(.-)$"
    end
  end
  return list
end

local function code(decl, f, x, opts)
  session:reset()
  assert(session:declare(decl))
  return assert(session:code(f, x, "numpy", opts))
end

describe("NumPy code", function()
  it("computes a shared part once", function()
    assert.are.same({
      "flat = _are_flat(x, b)",
      "t1 = b - A @ x",
      "value = np.linalg.norm(t1)**2",
      "gradient = -2 * (A.T @ t1)",
      "return value, (gradient if flat else gradient.reshape(n, 1))",
    }, body(code("matrix A(m,n), vector x(n), vector b(m)", "norm2(A*x - b)^2", "x")))
  end)

  it("solves a linear system in place of an inverse", function()
    local text = code("matrix A(n,n), vector x(n)", "sum(inv(A)*x)", "x")
    assert.are.same({
      "flat = _are_flat(x)",
      "value = np.sum(np.linalg.solve(A, x))",
      "gradient = np.linalg.solve(A.T, np.ones(n))",
      "return value, (gradient if flat else gradient.reshape(n, 1))",
    }, body(text))
  end)

  it("multiplies with an inverse that is needed anyway", function()
    local text = code("matrix X(n,n), matrix A(n,n)", "tr(A*inv(X)) + logdet(X)", "X")
    local _, inverses = text:gsub("np%.linalg%.inv", "")
    assert.equal(1, inverses)
    assert.is_nil(text:find "solve")
  end)

  it("has the letters as parameters, in the order of the formula", function()
    assert.truthy(code("matrix A(m,n), vector x(n), vector b(m)", "norm2(A*x - b)^2", "x"):find("(A, x, b):", 1, true))
  end)

  it("renames what Python keeps for itself", function()
    local text = code("scalar lambda, vector x(n)", "lambda*x'*x", "x")
    assert.truthy(text:find("(lambda_, x):", 1, true))
  end)

  it("asks for a size that follows from no letter", function()
    local text = code("scalar t", "t*tr(I(k))", "t")
    assert.truthy(text:find("def value_and_gradient(t, k):", 1, true), text)
  end)

  it("sums over a counter in a loop", function()
    local text = code("matrix X(m,n), vector c(n)", "sum(i = 1..m, norm2(X'*E(i,1,m,1) - c)^2)", "c")
    assert.truthy(text:find("    for i in range(1, m + 1):\n", 1, true))
  end)

  it("calls unknown functions that the caller gives", function()
    local text = code("vector x(n), vector u(m) of x", "sum(u(x))", "x")
    assert.truthy(text:find("def value_and_gradient(x, u, D_u, m):", 1, true), text)
  end)

  it("writes second derivatives and products with a direction", function()
    local decl = "matrix S(n,n) symmetric, vector x(n)"
    local text = code(decl, "x'*S*x", "x", { hessian = true, direction = true, check = true })
    assert.are.same({ "hessian = 2 * S", "return hessian" }, body(text, "hessian"))
    assert.truthy(text:find("def hessian_times(x, S, v):", 1, true))
    assert.truthy(text:find("def check_gradient(x, S, step=1e-6):", 1, true))
  end)

  it("leaves Riccati equations and derivatives of higher order to SciPy", function()
    local own = nabla.new()
    own:declare "matrix A(n,n), matrix S(n,n) spd, matrix Q(n,n) spd, matrix B(n,m), matrix R(m,m) spd"
    local care, dare = own:parse "care(A, S, Q)", own:parse "dare(A, B, Q, R)"
    assert.matches("scipy.linalg.solve_continuous_are(A, V * np.sqrt", care:code "numpy", 1, true)
    assert.matches("scipy.linalg.solve_discrete_are(A, B, Q, R)", dare:code "numpy", 1, true)
    assert.matches("_frechet_n(scipy.linalg.expm, A, S, 3)", own:parse("frechetn(expm, A, S, 3)"):code "numpy", 1, true)
    assert.matches("stable_care(A, S, Q)", care:code "octave", 1, true)
    assert.matches("stable_dare(A, B, Q, R)", dare:code "julia", 1, true)
    local none, err = care:code "r"
    assert.is_nil(none)
    assert.matches("^care cannot be written in R", err.message)
  end)

  it("opens a function that a rule file defines", function()
    local own = assert(nabla.new())
    assert(own:rule "function swish(t) elementwise = t*sigmoid(t)")
    assert(own:declare "vector x(n)")
    local text = assert(own:code("sum(swish(x))", "x", "numpy"))
    assert.truthy(text:find("t1 = _sigmoid(x)\n    value = x @ t1\n", 1, true), text)
  end)
end)

describe("code that cannot be written", function()
  it("names the operator", function()
    local own = assert(nabla.new())
    assert(own:rule "operator blur(x(n)): vector (n) linear")
    assert(own:declare "vector x(n)")
    local text, err = own:code("sum(blur(x))", nil, "numpy")
    assert.is_nil(text)
    assert.truthy(err.message:find("blur cannot be written in NumPy", 1, true))
  end)

  it("is refused for a language that there is not", function()
    assert.error_matches(function()
      session:code("t^2", "t", "nunpy")
    end, "unknown language 'nunpy', did you mean numpy%?")
  end)

  it("is refused for an unknown option", function()
    assert.error_matches(function()
      session:code("t^2", "t", "numpy", { hesian = true })
    end, "unknown option 'hesian'")
  end)

  it("is no check of a derivative by unknown functions, or of a vector", function()
    session:reset()
    assert(session:declare "vector x(n), vector u(m) of x")
    assert.is_nil((session:code("sum(u(x))", "x", "numpy", { check = true })))
    assert.is_nil((session:code("u(x)", "x", "numpy", { check = true })))
    assert.is_nil((session:code("u(x)", "x", "numpy", { hessian = true })))
  end)
end)
