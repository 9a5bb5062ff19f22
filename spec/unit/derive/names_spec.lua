-- Names for parts of a function, and identities as steps.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local session = assert(nabla.new())

local function lines(decl, expr, x, opts)
  session:reset()
  session:declare(decl)
  local derivation = assert(session:derive(expr, x, opts))
  local list = {}
  for i = 1, #derivation do
    list[i] = derivation:line_text(i)
  end
  return list, derivation
end

local LEAST_SQUARES = { "matrix A(m,n), vector b(m), vector x(n)", "norm2(A*x - b)^2", "x" }

describe("names for parts", function()
  it("stand where they are asked for and shorten", function()
    local decl, expr, x = table.unpack(LEAST_SQUARES)
    local list, derivation = lines(decl, expr, x, { names = true })
    assert.are.same({
      "f = norm2(A*x - b)^2",
      "r = A*x - b",
      "d(f) = 2*r'*d(r)",
      "d(f) = 2*r'*A*d(x)",
      "D(f, x) = 2*A'*r",
      "D(f, x) = 2*A'*(A*x - b)",
    }, list)
    assert.are.equal("r", derivation[2].let)
    assert.are.equal("r put back", derivation:reason(6))
    assert.are.equal("代回 r", derivation:reason(6, "zh"))
    assert.are.equal(4, #lines(decl, expr, x))
  end)

  it("come by themselves where lines are long and names shorten them by much", function()
    local decl = "matrix S(n,n), vector x(n), vector mu(n)"
    local expr = "exp(-(x - mu)'*inv(S)*(x - mu)/2)/sqrt(det(S))"
    local list = lines(decl, expr, "mu")
    assert.are.same({ "r = x - mu", "s = r'*inv(S)*r/2", "q = exp(-s)" }, { table.unpack(list, 2, 4) })
    local plain = lines(decl, expr, "mu", { names = false })
    assert.are.equal(plain[#plain], list[#list])
    assert.is_true(#table.concat(list) < 0.75 * #table.concat(plain))
  end)

  it("take letters that stand for nothing else", function()
    local list = lines("matrix A(m,n), vector r(m), vector x(n)", "norm2(A*x - r)^2", "x", { names = true })
    assert.are.equal("z = A*x - r", list[2])
  end)

  it("stand inside each other", function()
    local decl = "vector x(n), matrix W(m,n), vector b(m), matrix V(k,m), vector y(k)"
    local list = lines(decl, "norm2(V*tanh(W*x + b) - y)^2/2", "W", { names = true })
    assert.are.same({ "z = W*x + b", "u = tanh(z)", "r = V*u - y", "d(f) = r'*d(r)" }, { table.unpack(list, 2, 5) })
  end)
end)

describe("names in second derivatives", function()
  local function last_lines(decl, expr, x, y)
    session:reset()
    session:declare(decl)
    local derivation = assert(session:derive_hessian(expr, x, y, { names = true }))
    local answer = session:hessian(expr, x, y)
    assert.are.equal(answer:text(), derivation:write(derivation[#derivation].right))
    local list = {}
    for i = 1, #derivation do
      list[i] = derivation:line_text(i)
    end
    return list, derivation[#derivation].rule
  end

  it("stay from the function to the Hessian", function()
    local list, rule = last_lines("vector x(n), matrix A(m,n), vector b(m)", "log(1 + norm2(A*x - b)^2)", "x")
    assert.are.same({ "r = A*x - b", "s = 1 + norm2(r)^2", "d(f) = d(s)/s" }, { table.unpack(list, 2, 4) })
    assert.are.equal("g = 2*A'*r/s", list[7])
    assert.are.equal("D(D(f, x), x) = 2*A'*(A - 2*r*r'*A/s)/s", list[#list - 1])
    assert.are.equal("r and s put back", rule)
  end)

  it("serve two variables", function()
    local decl = "vector x(n), vector y(p), matrix A(m,n), matrix B(m,p)"
    local list = last_lines(decl, "log(1 + norm2(A*x - B*y)^2)", "x", "y")
    assert.are.equal("D(D(f, x), y) = 2*A'*(2*r*r'*B/s - B)/s", list[#list - 1])
  end)

  it("serve matrices", function()
    local list = last_lines("matrix X(n,n), matrix A(n,n), matrix C(n,n)", "logdet(A*X*A + C)", "X")
    assert.are.equal("D(D(f, X), X) = -kron(A*inv(Z)*A, (A*inv(Z)*A)')*K(n, n)", list[#list - 1])
  end)

  it("are left out where nobody asks and they save little", function()
    session:reset()
    session:declare "vector x(n), matrix A(m,n), vector b(m)"
    for _, line in ipairs(session:derive_hessian("norm2(A*x - b)^2", "x")) do
      assert.is_true(line.let == nil or line.let == "g")
    end
  end)
end)

describe("identities as steps", function()
  sample.whole(it)("serve brief derivations only", function()
    local decl, expr = "matrix A(n,n), vector x(n)", "x'*A*x"
    local list, derivation = lines(decl, expr, "x", { detail = "brief" })
    assert.are.same({ "f = x'*A*x", "d(f) = x'*(A + A')*d(x)", "D(f, x) = (A + A')*x" }, list)
    assert.are.equal("identity", derivation[2].kind)
    assert.are.equal("by the identity “quadratic form”", derivation[2].rule)
    assert.are.equal("由恒等式“二次型”", derivation[2].zh)
    assert.are.equal(5, #lines(decl, expr, "x"))
  end)

  it("open into derivations of their own", function()
    local decl = "matrix A(n,n), vector x(n), vector b(n)"
    local _, derivation = lines(decl, "(x - b)'*A*(x - b)", "x", { detail = "brief" })
    local finer = derivation:finer(2)
    assert.are.equal("d(f) = d(x - b)'*A*(x - b) + (x - b)'*A*d(x - b)", finer:line_text(1))
    assert.are.equal(derivation:line_text(2), finer:line_text(#finer))
  end)

  it("need the other letters to be constant", function()
    local list = lines("vector x(n), matrix A(n,n) of x", "x'*A(x)*x", "x", { detail = "brief" })
    assert.are_not.equal("d(f) = x'*(A(x) + A(x)')*d(x)", list[2])
  end)

  it("need what is declared in the identity", function()
    local _, derivation = lines("vector x(n), matrix S(n,n) symmetric", "x'*S*x", "x", { detail = "brief" })
    assert.are.equal("d(f) = 2*x'*S*d(x)", derivation:line_text(2))
  end)

  it("are not taken of an operator that another one stands for", function()
    local _, derivation = lines("matrix X(n,n) invertible", "logdet(X)", "X", { detail = "brief" })
    assert.is_nil(derivation[2].rule:find "logarithm of a matrix")
    assert.are.equal("d(f) = tr(inv(X)*d(X))", derivation:line_text(2))
  end)
end)

describe("the chain of an equality", function()
  local function chain(decl, a, b)
    session:reset()
    session:declare(decl)
    local answer, _, derivation = session:equal(a, b, { steps = true })
    return answer, derivation and derivation:text()
  end

  it("leads from one expression to the other", function()
    local decl = "matrix A(n,n), matrix B(n,n), matrix Q(n,n) orthogonal"
    local laws = "a trace is cyclic"
    assert.are.same({ "yes", "tr(A*B) = tr(B*A)   " .. laws }, { chain(decl, "tr(A*B)", "tr(B*A)") })
    assert.are.same({ "yes", "Q'*Q*A = A   Q is a matrix with orthonormal columns" }, { chain(decl, "Q'*Q*A", "A") })
    local opened = "A*(A + B) = A^2 + A*B   distributive law; laws of powers"
    assert.are.same({ "yes", opened }, { chain(decl, "A*(A + B)", "A^2 + A*B") })
  end)

  it("is not there where numbers show it", function()
    assert.are.same({ "yes" }, { chain("matrix A(n,n), matrix B(n,n)", "det(A*B)", "det(A)*det(B)") })
  end)

  it("leaves the counterexample of what is not equal", function()
    session:reset()
    session:declare "matrix A(n,n)"
    local answer, _, example = session:equal("A", "A'", { steps = true })
    assert.are.equal("no", answer)
    assert.is_truthy(example.values)
  end)
end)

describe("derivatives by one entry, and by a structured variable", function()
  it("are arranged as the layout says in every line", function()
    session:reset()
    session:declare "vector x(3), matrix A(m,3), vector z(p)"
    local derivation = session:derive("A*x*z'", "x(2)", { layout = "denominator" })
    assert.are.equal("D(f, x(2)) = z*E(2, 1, 3, 1)'*A'", derivation:line_text(3))
    session:declare "matrix U(n,n) upper, vector u(n), vector v(n)"
    derivation = session:derive("u'*U*v", "U", { layout = "numerator", convention = "entries" })
    assert.are.equal("D(f, U) = triu(u*v')'", derivation:line_text(4))
    assert.are.equal("D(f, U) = tril(v*u')", derivation:line_text(5))
  end)

  it("name the row of the convention", function()
    session:reset()
    session:declare "matrix S(n,n) spd"
    local derivation = session:derive("logdet(S)", "S", { convention = "entries" })
    local reason = "derivative by a symmetric matrix: G + G' - G.*I(n) (Matrix Cookbook (138))"
    assert.are.equal(reason, derivation:reason(3))
  end)
end)

describe("a third derivative", function()
  it("of an unknown function has steps", function()
    local list = lines("vector x(n), scalar f of x, vector w(n^2)", "w'*vec(D(D(f,x),x))", "x")
    assert.are.equal("D(F, x) = D(D(D(f, x), x), x)'*w", list[#list])
  end)
end)
