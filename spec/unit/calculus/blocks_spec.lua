-- The block layouts, and derivatives of unknown functions of every shape in every layout: what is printed, that it is
-- right by numbers, and that it reads back to the same node.

local nabla = require "nabla"
local judge = require "spec.judge"
local sample = require "spec.support.sample"

local function check(layout, problem)
  local s = nabla.new { layout = layout }
  s:declare(table.unpack(problem.decl))
  local find = problem.op == "hessian" and s.hessian or s.diff
  local answer = assert(find(s, problem.expr, problem.wrt, problem.wrt2))
  problem.layout, problem.answer = layout, tostring(answer)
  local ok, message = judge.check(problem)
  assert.is_true(ok, problem.answer .. ": " .. tostring(message))
  assert.is_true(assert(s:parse(problem.answer)) == answer, "reads back differently: " .. problem.answer)
  return problem.answer
end

describe("the layout", function()
  -- expression by X (or x, or x'), and what the three block layouts print
  local X = {
    "matrix X(m,n)",
    "matrix A(k,m)",
    "matrix B(n,r)",
    "matrix M(m,n)",
    "matrix G(k,n)",
    "vector b(n)",
    "vector a(m)",
  }
  local x = { "vector x(n)", "matrix A(m,n)", "matrix B(n,k)", "vector b(n)" }
  local table_of = {
    { X, "A*X*B", "X", "vec(A)*vec(B')'", "kron(B, A)*K(r, m)", "vec(A')*vec(B)'" },
    { X, "X", "X", "vec(I(m))*vec(I(n))'", "K(n, m)", "vec(I(m))*vec(I(n))'" },
    { X, "X'", "X", "K(m, n)", "vec(I(n))*vec(I(m))'", "K(n, m)" },
    { X, "X*b", "X", "vec(I(m))*b'", "kron(b, I(m))", "vec(I(m))*b'" },
    { X, "a'*X", "X", "a*vec(I(n))'", "kron(a', I(n))", "a*vec(I(n))'" },
    { X, "M.*X", "X" },
    { X, "X.*X", "X" },
    { X, "kron(X, A)", "X" },
    { X, "kron(A, X)", "X" },
    { X, "diag(X*b)*M", "X" },
    { X, "tr(M'*X)*A", "X", "kron(M, A)", "kron(M', A)", "kron(A, M)" },
    { X, "vec(X)", "X" },
    { X, "vec(X)'", "X" },
    { X, "unvec(vec(A*X), n, k)", "X" },
    { X, "X'*X", "X" },
    { X, "norm2(X)^2", "X", "2*X", "2*X'", "2*X" },
    { X, "A*X*b", "X'" },
    { X, "A*X*B", "X'", "kron(B, A)*K(r, m)" },
    { x, "A*x", "x", "vec(A)", "A", "vec(A')" },
    { x, "A*x", "x'", "A", "vec(A)" },
    { x, "(A*x)'", "x", "A'", "vec(A)'", "A'" },
    { x, "x*b'", "x" },
    { x, "diag(x)", "x" },
    { x, "exp(x)", "x'", "diag(exp(x))" },
  }
  for column, layout in ipairs { "block", "block_t", "block_f" } do
    for _, row in ipairs(sample.of(table_of, 5)) do
      it(layout .. " arranges " .. row[2] .. " by " .. row[3], function()
        local answer = check(layout, { decl = row[1], expr = row[2], wrt = row[3] })
        assert.equal(row[3 + column] or answer, answer)
      end)
    end
  end
end)

describe("an unknown function", function()
  local problems = {
    {
      { "matrix X(m,n)", "matrix F(p,q) of X" },
      "F(X)",
      "X",
      only = "vec block block_t block_f",
      prints = "D(F, X)",
    },
    {
      { "matrix X(m,n)", "vector u(p) of X" },
      "u(X)",
      "X",
      only = "vec block block_t block_f",
      prints = "D(u, X)",
    },
    {
      { "vector x(n)", "matrix F(p,q) of x" },
      "F(x)",
      "x",
      only = "vec block block_t block_f",
      prints = "D(F, x)",
    },
    { { "vector x(n)", "vector u(p) of x" }, "u(x)", "x", prints = "D(u, x)" },
    { { "scalar t", "matrix F(p,q) of t" }, "F(t)", "t", prints = "D(F, t)" },
    { { "matrix X(m,n)", "scalar f of X" }, "f(X)", "X", prints = "D(f, X)" },
    {
      {
        "matrix X(m,n)",
        "matrix A(k,m)",
        "matrix B(n,r)",
        "matrix Z(k,r)",
        "matrix F(p,q) of Z",
        "matrix C(m,p)",
      },
      "C*F(A*X*B)",
      "X",
      only = "vec block block_t block_f",
    },
    {
      { "matrix X(m,n)", "matrix Z(n,m)", "vector u(p) of Z" },
      "u(X')",
      "X",
      only = "vec block block_t block_f",
    },
    { { "matrix X(m,n)", "matrix F(p,q) of X", "matrix A(q,p)" }, "tr(A*F(X))", "X" },
    { { "matrix X(m,n)", "vector u(p) of X", "scalar f of u" }, "f(u(X))", "X" },
    { { "vector x(n)", "matrix F(p,q) of x", "matrix A(q,p)" }, "tr(A*F(x))", "x" },
    { { "vector x(n)", "matrix A(m,n)", "vector y(m)", "scalar f of y" }, "f(A*x)", "x" },
    { { "scalar t", "vector u(m) of t", "scalar f of u" }, "f(u(t))", "t" },
  }
  local seconds = {
    { { "vector x(n)", "matrix A(m,n)", "vector y(m)", "scalar f of y" }, "f(A*x)", "x" },
    { { "vector x(n)", "vector u(m) of x", "scalar f of u" }, "f(u(x))", "x" },
    { { "vector x(n)", "vector u(m) of x" }, "u(x)'*u(x)", "x" },
    { { "vector x(n)", "scalar f of x", "scalar g of x" }, "f(x)*g(x)", "x" },
    { { "matrix X(m,n)", "scalar f of X" }, "f(X)", "X" },
    { { "matrix X(m,n)", "matrix A(p,m)", "matrix Y(p,n)", "scalar f of Y" }, "f(A*X)", "X" },
    { { "matrix X(m,n)", "vector u(p) of X" }, "u(X)'*u(X)", "X" },
    { { "matrix X(m,n)", "matrix F(p,q) of X", "matrix A(q,p)" }, "tr(A*F(X))", "X" },
    { { "vector x(n)", "matrix F(p,q) of x", "matrix A(q,p)" }, "tr(A*F(x))", "x" },
    { { "scalar t", "matrix F(p,q) of t", "matrix G(q,k) of t" }, "F(t)*G(t)", "t" },
    { { "scalar t", "vector u(m) of t", "scalar f of u" }, "f(u(t))", "t" },
    { { "vector x(n)", "vector y(n)", "vector u(m) of x", "vector v(m) of y" }, "u(x)'*v(y)", "x", "y" },
  }
  for _, layout in ipairs { "numerator", "denominator", "mixed", "vec", "block", "block_t", "block_f" } do
    for _, p in ipairs(sample.of(problems, 5)) do
      if not p.only or (" " .. p.only .. " "):find(" " .. layout .. " ", 1, true) then
        it("is differentiated in " .. p[2] .. " by " .. p[3] .. " in the layout " .. layout, function()
          local answer = check(layout, { decl = p[1], expr = p[2], wrt = p[3] })
          assert.equal(p.prints or answer, answer)
        end)
      end
    end
    for _, p in ipairs(sample.of(seconds, 5)) do
      it("is differentiated twice in " .. p[2] .. " by " .. p[3] .. " in the layout " .. layout, function()
        local problem = { decl = p[1], expr = p[2], wrt = p[3], wrt2 = p[4], op = "hessian" }
        if p[3] == "X" then -- differences of differences of all entries take long
          problem.sizes, problem.draws = { { n = 2, m = 3, p = 4, q = 3 } }, 1
        end
        check(layout, problem)
      end)
    end
  end

  -- third derivatives, and fourth ones: judged at small sizes, since each level is a difference of differences
  local higher = {
    { { "scalar t", "scalar f of t", "scalar g of t" }, "D(f, t)*D(D(g, t), t)", "t" },
    { { "scalar t", "matrix F(p,q) of t" }, "sum(D(F, t))", "t" },
    { { "vector x(n)", "scalar f of x" }, "norm2(D(f, x))^2", "x" },
    { { "vector x(n)", "vector u(m) of x" }, "norm2(D(u, x))^2", "x" },
    { { "vector x(n)", "matrix A(m,n)", "vector y(m)", "scalar f of y" }, "sum(D(f, A*x))", "x" },
    { { "matrix X(m,n)", "scalar f of X" }, "sum(D(f, X))", "X" },
  }
  for layout in ("numerator denominator vec block block_t block_f"):gmatch "%S+" do
    for _, p in ipairs(sample.of(higher, 5)) do
      it("has a third derivative in the Hessian of " .. p[2] .. " in the layout " .. layout, function()
        local problem = { decl = p[1], expr = p[2], wrt = p[3], op = "hessian", draws = 1 }
        problem.sizes = { { n = 2, m = 1, p = 3, q = 2 } }
        check(layout, problem)
      end)
    end
  end

  it("keeps the layout of its second derivative", function()
    local s = nabla.new { layout = "denominator" }
    s:declare("vector x(n)", "vector u(m) of x", "vector w(m*n)", "vector z(n)", "scalar t")
    assert.equal("w'*D(D(u, x), x)*z", tostring(s:diff("t*w'*D(D(u, x), x)*z", "t")))
  end)

  it("has no second derivative by something else than the first", function()
    local s = nabla.new()
    s:declare("vector x(n)", "vector y(n)", "scalar f of x")
    local answer, err = s:parse "D(D(f, x), y)"
    assert.is_nil(answer)
    assert.truthy(tostring(err):find("by the argument at which its first one stands", 1, true))
  end)
end)

describe("a block rule", function()
  local operator = "operator flip(A(m,n)): matrix (n,m)   linear\nlet matrix A(m,n), matrix B(k,m)\n"
    .. 'rule "flip" d(flip(A)) -> flip(d(A))\njacobian flip(A)  J -> K(m,n)*J\n'
  local function session(text)
    local s = nabla.new { layout = "block" }
    local ok, err = s:rule(operator .. text)
    return ok and s, err
  end

  it("is not needed: the Jacobian says it too", function()
    local s = assert(session "")
    s:declare "matrix X(m,n)"
    local answer = tostring(assert(s:diff("flip(X)", "X")))
    assert.equal("unvec(kron(I(n), kron(K(m, m), I(n)))*vec(K(m, n)), m*n, m*n)", answer)
    assert.is_true(judge.same(answer, "K(m,n)", { "matrix X(m,n)" }))
  end)

  it("gives the form of an expression in the variable", function()
    local s = assert(session "block flip(d(A))  -> K(m,n)")
    s:declare "matrix X(m,n)"
    assert.equal("K(m, n)", tostring(assert(s:diff("flip(X)", "X"))))
  end)

  local mistakes = {
    ["block flip(A)  Z -> Z"] = "the sizes of the variable of the derivative, such as Z(h,w)",
    ["block flip(A)  Z(h,w) -> Z"] = "the right side is h*m x n*w; it must be h*n x m*w",
    ["block B*A by A  Z(m,w) -> kron(I(m), B)*Z"] = "the size m of Z stands in the pattern too",
    ["block B*A by A  Z(h,w) -> kron(I(h), B)*Z + kron(ones(h,w), B*A)"] = "not linear in Z",
    ["block flip(A)  -> K(m,n)"] = "the differential d(X) of one variable",
    ["block flip(d(A))  -> K(m,m)"] = "the right side is m*m x m*m; it must be m*n x m*n",
  }
  for text, message in pairs(mistakes) do
    it("is refused: " .. text, function()
      local s, err = session(text)
      assert.is_nil(s)
      assert.truthy(tostring(err):find(message, 1, true), tostring(err))
    end)
  end
end)
