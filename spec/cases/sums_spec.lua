-- Counted sums over all entries become matrix expressions; others stay as they are. Derivatives: spec/data/corpus/sums.cases.

local nabla = require "nabla"

local s = nabla.new {}
s:declare(
  "vector x(n), vector y(n), vector a(n), vector b(m), matrix A(n,n), matrix B(m,n), matrix X(m,n), scalar c",
  "vector z(4), matrix F(4,4) invertible"
)

local function reads(expected, text)
  it(text, function()
    assert.are.equal(expected, tostring(assert(s:parse(text))))
  end)
end

describe("a sum of scalars", function()
  reads("sum(x)", "sum(i = 1..n, x(i))")
  reads("x'*x", "sum(i = 1..n, x(i)^2)")
  reads("x'*y", "sum(i = 1..n, x(i)*y(i))")
  reads("c*sum(x)", "sum(i = 1..n, c*x(i))")
  reads("sum(exp(x))", "sum(i = 1..n, exp(x(i)))")
  reads("sum(1./x)", "sum(i = 1..n, 1/x(i))")
  reads("A(2,1)*b'*X*x", "sum(i = 1..m, A(2,1)*b(i)*(X*x)(i))")
  reads("tr(A)", "sum(i = 1..n, A(i,i))")
  reads("sum(3*ones(n) + sin(x))", "sum(i = 1..n, sin(x(i)) + 3)")
  reads("x'*A*y", "sum(i = 1..n, (x'*A)(1,i)*y(i))")
  reads("n*x'*x", "sum(i = 1..n, x'*x)")
  reads("(X'*b)(3)", "sum(i = 1..m, X(i,3)*b(i))")
  reads("sum(x)", "sum(i = 0..n-1, x(i+1))")
  reads("sum(x)", "sum(k = 5..n+4, x(k-4))")
  reads("z'*z", "sum(i = 1..4, z(i)^2)")
  reads("x'*A^2*y", "sum(i = 1..n, (x'*A)(1,i)*(A*y)(i))")
  reads("sum(z)", "sum(i = 1..4, (z'*F)(1,i)*(inv(F)*ones(4))(i))")
end)

describe("a sum of sums", function()
  reads("x'*A*y", "sum(i = 1..n, sum(j = 1..n, A(i,j)*x(i)*y(j)))")
  reads("x'*A*y", "sum(j = 1..n, sum(i = 1..n, A(i,j)*x(i)*y(j)))")
  reads("tr(B*X')", "sum(i = 1..m, sum(j = 1..n, X(i,j)*B(i,j)))")
  reads("tr(A^2)", "sum(i = 1..n, sum(j = 1..n, A(i,j)*A(j,i)))")
  reads("sum(abs(X))", "sum(i = 1..m, sum(j = 1..n, abs(X(i,j))))")
  reads("sum(X.^4)", "sum(j = 1..n, sum(i = 1..m, X(i,j)^4))")
  reads("sum(exp(diag(b)*X*diag(x)))", "sum(i = 1..m, sum(j = 1..n, exp(X(i,j)*b(i)*x(j))))")
  reads("sum(sin(x*ones(n)' - ones(n)*y'))", "sum(i = 1..n, sum(j = 1..n, sin(x(i) - y(j))))")
  reads("b'*log(X*exp(x))", "sum(i = 1..m, b(i)*log(sum(j = 1..n, X(i,j)*exp(x(j)))))")
end)

describe("a sum of matrices", function()
  reads("x", "sum(i = 1..n, x(i)*E(i,1,n,1))")
  reads("A*x", "sum(i = 1..n, x(i)*A*E(i,1,n,1))")
  reads("x'*A", "sum(i = 1..n, x(i)*E(i,1,n,1)'*A)")
  reads("I(n)", "sum(i = 1..n, E(i,i,n,n))")
  reads("diag(x)", "sum(i = 1..n, x(i)*E(i,1,n,1)*E(i,1,n,1)')")
  reads("X'*diag(b)*X", "sum(i = 1..m, b(i)*X'*E(i,i,m,m)*X)")
  reads("A'", "sum(i = 1..n, sum(j = 1..n, A(i,j)*E(j,i,n,n)))")
  reads("x*E(2, 1, m, 1)'", "sum(i = 1..n, x(i)*E(i,2,n,m))")
  reads("ones(n)", "sum(i = 1..n, E(i,1,n,1))")
  reads("m*x - X'*ones(m)", "sum(i = 1..m, x - X'*E(i,1,m,1))")
  reads("(X' - x*ones(m)')*(X - ones(m)*x')", "sum(i = 1..m, (X'*E(i,1,m,1) - x)*(X'*E(i,1,m,1) - x)')")
  reads("X'*b - sum(b)*x", "sum(i = 1..m, b(i)*(X'*E(i,1,m,1) - x))")
  reads("diag(X'*b)*A", "sum(i = 1..m, b(i)*diag(X'*E(i,1,m,1))*A)")
  reads("exp(X)'*b", "sum(i = 1..m, b(i)*exp(X'*E(i,1,m,1)))")
  reads("kron(X'*ones(m), A)", "sum(i = 1..m, kron(X'*E(i,1,m,1), A))")
  reads(
    "sum(i = 1..m, kron(X'*E(i, 1, m, 1), X'*E(i, 1, m, 1)))",
    "sum(i = 1..m, kron(X'*E(i,1,m,1), X'*E(i,1,m,1)))"
  )
end)

describe("a sum inside linear operators", function()
  reads("diag(X'*ones(m))*A", "sum(i = 1..m, diag(X'*E(i,1,m,1))*A)")
  reads("diag(X'*b)", "sum(i = 1..m, b(i)*diag(X'*E(i,1,m,1)))")
  reads("vec(diag(x))", "sum(i = 1..n, x(i)*vec(E(i,i,n,n)))")
end)

describe("a sum stays that is not over all entries, or not of entries alone", function()
  reads("sum(i = 2..n, x(i))", "sum(i = 2..n, x(i))")
  reads("sum(i = 1..n - 1, x(i)*x(1 + i))", "sum(i = 1..n-1, x(i)*x(i+1))")
  reads("sum(i = 1..n, i*x(i))", "sum(i = 1..n, i*x(i))")
  reads("sum(i = 1..n, c^i*x(i))", "sum(i = 1..n, c^i*x(i))")
  reads("sum(i = 1..n, A^i)", "sum(i = 1..n, A^i)")
  reads("sum(i = 1..k, x(i))", "sum(i = 1..k, x(i))")
  reads("sum(i = 1..n, sum(j = 1..i, x(j)))", "sum(i = 1..n, sum(j = 1..i, x(j)))")
  reads("sum(i = 1..n, x(i)*x(1 - i + n))", "sum(i = 1..n, x(i)*x(n-i+1))")
end)

describe("a sum that stays", function()
  it("has its sign in front, whatever its counter is called", function()
    s:declare "vector p(n), vector q(n)"
    local text = "log(1 + sum(j = 1..n, (p(j) + q(j))*(q(j) - A(j,j) + sum(k = 2..m, b(k)*x(j)*x(k))))^2)"
    local node = s:parse(text)
    assert.are.equal(node, s:parse(tostring(node)))
    assert.are.equal(node, s:parse((text:gsub("%f[%a]j%f[%A]", "r"):gsub("%f[%a]k%f[%A]", "c"))))
  end)
end)

describe("a sum whose operators have been taken away", function()
  it("stays a sum", function()
    local other = nabla.new { default_rules = false }
    assert(other:rule [[
      operator entry(A(m,n), index i(m), index j(n)): scalar  linear entry
      operator sum(A(m,n)): scalar  sum_of_entries
    ]])
    other:declare "vector x(n)"
    assert.are.equal("sum(i = 1..n, x(i))", tostring(other:parse "sum(i = 1..n, x(i))"))
    assert(other:rule "operator E(index i(m), index j(n), m, n): matrix (m,n)  unit_matrix")
    assert.are.equal("sum(x)", tostring(other:parse "sum(i = 1..n, x(i))"))
    assert(other:rule 'without operator "entry"')
    assert.is_nil(other:parse "sum(i = 1..n, x(i))")
  end)
end)

describe("a matrix with the name of an operator", function()
  local other = nabla.new { layout = "denominator" }
  other:declare "matrix K(n,n) symmetric, matrix E(n,n), matrix D(n,n), vector x(n), vector exp(n), matrix X(n,m)"
  for text, expected in pairs {
    ["sum(i = 1..n, sum(j = 1..n, K(i,j)*x(i)*x(j)))"] = "2*K*x",
    ["E(i,j)*sum(i = 1..n, E(i,i)*x(i)^2)"] = "2*E(i,j)*x.*diagv(E)",
    ["D(1,2)*x'*x"] = "2*D(1,2)*x",
    ["sum(i = 1..n, x(i)*exp(i))"] = "exp",
    ["x'*K(n,1)*exp"] = "exp",
    ["E(2,1,n,1)'*x"] = "E(2, 1, n, 1)",
    ["sum(exp(x))"] = "exp(x)",
  } do
    it("has entries, and leaves the operator its calls: " .. text, function()
      assert.are.equal(expected, tostring(assert(other:diff(text, "x"))))
    end)
  end

  it("is told from it in an answer", function()
    local answer = assert(other:diff("X'*K*X", "X", { layout = "vec" }))
    assert.are.equal(answer, other:parse(tostring(answer), { layout = "vec" }))
  end)
end)

describe("a sum in which an index leaves its matrix", function()
  for text, index in pairs {
    ["sum(i = 0..n, x(i))"] = "0",
    ["sum(i = 1..n, x(i)*x(i+1))"] = "n+1",
    ["sum(i = 2..n, A(i,i-2))"] = "0",
    ["sum(i = 1..n, E(i,i+1,n,n))"] = "n+1",
  } do
    it("is refused: " .. text, function()
      local node, err = s:parse(text)
      assert.is_nil(node)
      local expected = "an index is " .. index .. " in a term of the counted sum; it counts from 1 to n"
      assert.are.equal(expected, err.message)
    end)
  end
  reads("sum(i = 1..n, sum(j = 0..i - 1, x(i - j)))", "sum(i = 1..n, sum(j = 0..i-1, x(i-j)))")
end)

describe("letters that nobody declared", function()
  for text, expected in pairs {
    ["sum(i = 1..n, x(i))*y'*x"] = "sum(x)*y + y'*x*ones(n)",
    ["y'*x*sum(i = 1..n, x(i))"] = "sum(x)*y + y'*x*ones(n)",
    ["sum(i = 1..n, x(i)^2*y(i))"] = "2*x.*y",
    ["sum(i = 1..m, (y(i) - (A*x)(i))^2)"] = "2*A'*(A*x - y)",
    ["sum(i = 1..n, sum(j = 1..n, A(i,j)*x(i)*x(j)))"] = "(A + A')*x",
    ["x'*A*x + sum(i = 1..n, x(i))"] = "ones(n) + (A + A')*x",
    ["1/n*sum(i = 1..n, x(i)^2)"] = "2*x/n",
    ["1/N*sum(i = 1..N, sum(j = 1..i, 3)*x(i)^2)"] = "6*sum(i = 1..N, i*x(i)*E(i, 1, N, 1))/N",
    ["1/(n-1)*sum(i = 1..n, (x(i) - 1/n*sum(j = 1..n, x(j)))^2)"] = "2*(x - sum(x)*ones(n)/n)/(n - 1)",
    ["n*x'*I(n)*x"] = "2*n*x",
    ["d*sum(i = 1..d, x(i)^2)"] = "2*d*x",
    ["c*x'*I(c)*x - tr(I(c))*x'*x"] = "zeros(c)",
    ["sum(i = 0..k, A^i*x)'*x"] = "(sum(i = 0..k, A^i) + sum(i = 0..k, A^i)')*x",
  } do
    it("are one letter in and outside of a counted sum, with its size: " .. text, function()
      local fresh = nabla.new { layout = "denominator" }
      assert.are.equal(expected, tostring(fresh:diff(text, "x")))
    end)
  end
end)

describe("LaTeX", function()
  for text, expected in pairs {
    [ [[\sum_{i=1}^n x_i^2]] ] = "2*x",
    [ [[\sum_{i=1}^{n} x_i y_i]] ] = "y",
    [ [[\sum_{i=1}^{n}\sum_{j=1}^{n} A_{ij} x_i x_j]] ] = "(A + A')*x",
    [ [[\sum_{i=1}^{m} ( b_i - \sum_{j=1}^{n} A_{ij} x_j )^2]] ] = "2*A'*(A*x - b)",
    [ [[\sum_{i=1}^{n} \log(1 + e^{-y_i x_i})]] ] = "-y.*sigmoid(-x.*y)",
    [ [[\sum_{i=1}^{n} (x_i + 1)^2]] ] = "2*(x + ones(n))",
    [ [[\sum_{i=1}^{n} \frac{x_i^2}{2 \sigma^2}]] ] = "x/sigma^2",
    [ [[\sum_{k=1}^{K} x_k^2]] ] = "2*x", -- the K that is an operator has arguments
    [ [[\log \sum_{i=1}^{n} e^{x_i}]] ] = "exp(x)/sum(exp(x))",
    [ [[\sum_{i=1}^{n} w_{min} x_i]] ] = "ones(n)*w_min'",
  } do
    it("has entries where an index is a counter: " .. text, function()
      local fresh = nabla.new { layout = "denominator" }
      assert.are.equal(expected, tostring(assert(fresh:diff(text, "x"))))
    end)
  end

  it("does not take a vector for each i for one vector", function()
    local fresh = nabla.new {}
    local sum, notes = fresh:parse [[\sum_{i=1}^{n} (y_i - \mathbf{w}^\top \mathbf{x}_i)^2]]
    assert.equal("sum(i = 1..n, (y_i - w'*x_i)^2)", tostring(sum))
    assert.matches("x_i is one of a family of vectors", tostring(notes))
    local _, err = fresh:parse "sum(i = 1..n, x_i^2)"
    assert.matches("x_i is a name of its own, the same for every i", tostring(err))
  end)
end)
