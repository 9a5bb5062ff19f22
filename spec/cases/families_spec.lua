-- Families of letters: sums over data points (spec/data/families.txt), pairs, members, pages, bad input. The judge, which has a
-- variable of its own for each member, computes the derivatives again by numbers.

local check = require "nabla.check"
local families = require "spec.support.families"
local judge = require "spec.judge"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local DECLARED, cases = families.DECLARED, families.cases

local function session(layout, decl)
  local s = assert(nabla.new { layout = layout or "denominator" })
  assert(s:declare(table.unpack(decl or DECLARED)))
  return s
end

local function right(expr, by, layout, answer, more)
  local problem = { decl = DECLARED, expr = expr, wrt = by, layout = layout, answer = answer, draws = 1 }
  for key, value in pairs(more or {}) do
    problem[key] = value
  end
  local ok, trouble = judge.check(problem)
  assert.is_true(ok, ("%s by %s, %s: %s: %s"):format(expr, by, layout, answer, tostring(trouble)))
end

describe("a sum over data points", function()
  for _, case in ipairs(sample.of(cases(), 36)) do
    it(("%s by %s"):format(case.expr, case.by), function()
      for layout in pairs(nabla.new().layouts) do
        local s = session(layout)
        local answer, why = s:diff(case.expr, case.by)
        if answer then
          right(case.expr, case.by, layout, tostring(answer))
          assert.is_true(s:parse(tostring(answer)) == answer, tostring(answer))
        else
          assert.matches("layout has no", why.message)
        end
        if layout == "denominator" then
          assert.equal(case.answer, answer and tostring(answer) or "no row")
        end
      end
    end)
  end

  for _, row in ipairs(sample.of({
    { "sum(i = 1..N, (y_i - w'*x_i)^2)", "w", "w", "2*sum(i = 1..N, x_i*x_i')" },
    { "sum(i = 1..N, (y_i - w'*x_i)^2)", "x_l", "x_l", "2*w*w'" },
    { "sum(i = 1..N, (y_i - w'*x_i)^2)", "x_l", "x_j", "2*I(N)(l,j)*w*w'" },
    { "sum(i = 1..N, (y_i - w'*x_i)^2)", "x_l", "y_l", "-2*w" },
    {
      "sum(i = 1..N, log(1 + exp(-y_i*w'*x_i)))",
      "w",
      "w",
      "sum(i = 1..N, y_i^2*sigmoid(y_i*w'*x_i)*sigmoid(-y_i*w'*x_i)*x_i*x_i')",
    },
    { "sum(i = 1..N, sum(k = 1..K, r_ik*norm2(x_i - m_k)^2))", "m_j", "m_j", "2*sum(i = 1..N, r_ij)*I(n)" },
    { "sum(i = 1..N, sum(k = 1..K, r_ik*norm2(x_i - m_k)^2))", "m_j", "x_l", "-2*r_lj*I(n)" },
    { "sum(i = 1..N, norm2(A_i*w)^2)", "A_l", "A_l", "2*kron(w*w', I(m))" },
  }, 4)) do
    it(("%s twice, by %s and %s"):format(table.unpack(row)), function()
      local answer = tostring(assert(session():hessian(row[1], row[2], row[3])))
      assert.equal(row[4], answer)
      right(row[1], row[2], "denominator", answer, { op = "hessian", wrt2 = row[3] })
    end)
  end

  it("agrees with finite differences of nabla itself", function()
    local s = session()
    for _, row in ipairs {
      { "sum(i = 1..N, norm2(x_i - t)^2)", "t" },
      { "sum(k = 1..K, logdet(V_k))", "V_j" },
      { "sum(i = 1..N, sum(j = i+1..N, norm2(x_i - x_j)^2))", "x_k" },
    } do
      assert.is_true(s:verify(row[1], row[2], assert(s:diff(row[1], row[2]))))
      assert.is_false((s:verify(row[1], row[2], "3*(" .. tostring(s:diff(row[1], row[2])) .. ")")))
    end
  end)

  it("by a member that has a structure keeps to the convention", function()
    local s = session()
    local f = "sum(k = 1..K, logdet(V_k))"
    for convention, expected in pairs { structured = "2*inv(V_j) - diag(diagv(inv(V_j)))", projected = "inv(V_j)" } do
      local answer = assert(s:diff(f, "V_j", { convention = convention }))
      assert.equal(expected, tostring(answer))
      assert.is_true(s:verify(f, "V_j", answer, { convention = convention }))
    end
  end)

  it("has a derivation by what its terms share", function()
    local text = tostring(assert(session():derive("sum(i = 1..N, (y_i - w'*x_i)^2)", "w")))
    assert.matches("D%(f, w%) = 2%*sum%(i = 1%.%.N, %(w'%*x_i %- y_i%)%*x_i%)", text)
  end)
end)

describe("a family", function()
  it("is printed with its index in text, Unicode and LaTeX", function()
    local s = session()
    local f = assert(s:parse "sum(i = 1..N-1, r_(i+1,2)*norm2(x_i - m_1)^2) + r_12")
    assert.equal("sum(i = 1..N - 1, r_(1 + i,2)*norm2(m_1 - x_i)^2) + r_12", tostring(f))
    local answer = assert(s:diff("sum(i = 1..N, r_ik*x_i)", "r_jk", { layout = "numerator" }))
    assert.equal("\\mathbf{x}_{j}", answer:latex())
    assert.equal("r_{ik}", assert(s:parse "r_ik"):latex())
    assert.equal("\\mathbf{A}_{i}^\\top", assert(s:parse "A_i'"):latex())
    assert.equal("A_iᵀ", assert(s:parse "A_i'"):unicode())
    assert.equal("r_{i + 1,k}", assert(s:parse "r_(i+1,k)"):latex())
  end)

  it("has members with the attributes that it was declared with", function()
    local s = session()
    assert.equal("V_k", tostring(s:simplify "V_k'"))
    assert.equal("y_2*x_2'", tostring(s:parse "(sum(i = 2..2, y_i*x_i))'"))
  end)

  it("is a matrix on request", function()
    local s = session()
    for _, row in ipairs {
      { "sum(i = 1..N, x_i*x_i')", "X*X'" },
      { "2*sum(i = 1..N, (w'*x_i - y_i)*x_i)", "2*X*(X'*w - y)" },
      { "sum(i = 1..N, sum(k = 1..K, r_ik*x_i*m_k'))", "X*R*M'" },
      { "sum(i = 1..N, log(y_i))", "sum(log(y))" },
    } do
      assert.equal(row[2], tostring(assert(s:as_matrices(row[1]))))
    end
    assert.equal("Z*Z'", tostring(assert(s:as_matrices("sum(i = 1..N, x_i*x_i')", { x = "Z" }))))
    assert.equal("yes", (s:equal("sum(i = 1..N, x_i*x_i')", "x_*x_'")))
    local _, err = s:as_matrices("sum(i = 1..N, x_i*x_i')", { x = "w" })
    assert.equal("'w' is no free name for a matrix", err.message)
    _, err = s:as_matrices("sum(i = 1..N, x_i*x_i')", { q = "Q" })
    assert.equal("the expression has no family q_i", err.message)
  end)

  it("is evaluated from the matrix", function()
    local F = session():compile "sum(i = 1..N, (y_i - w'*x_i)^2)"
    assert.equal(77, F({ x_ = { { 1, 2, 3 }, { 4, 5, 6 } }, w = { 1, 1 }, y_ = { 1, 2, 3 } })[1])
    local ok, err = pcall(session():compile "x_k'*w", { k = 4, x_ = { { 1, 2, 3 }, { 4, 5, 6 } }, w = { 1, 1 } })
    assert.is_false(ok)
    assert.matches("counts from 1 to 3", tostring(err))
  end)

  it("is vectorised in a program", function()
    local code = assert(session():code("sum(i = 1..N, (y_i - w'*x_i)^2)", "w", "numpy"))
    assert.matches("t1 = y_ %- x_%.T @ w", code)
  end)

  sample.whole(it)("stands in rule files, which prove themselves", function()
    local results = assert(check.new():text(
      [[
let vector x_i(n) for i = 1..N; vector w(n); scalar r_ik for i = 1..N, k = 1..K; vector m_k(n) for k = 1..K
check  sum(i = 1..N, x_i*x_i') == x_*x_'
check  sum(i = 1..N, sum(k = 1..K, r_ik*x_i*m_k')) == x_*r_*m_'
fail   sum(i = 1..N, x_i*x_i') == 2*x_*x_'
check  sum(i = 1..N-1, x_(i+1)(1)) == sum(i = 2..N, x_i(1))
identity "squares of products"
    let vector x_i(n) for i = 1..N, vector w(n), scalar y_i for i = 1..N
    D(sum(i = 1..N, (y_i - w'*x_i)^2), w)    denominator   -2*sum(i = 1..N, (y_i - w'*x_i)*x_i)
identity "by a member"
    let vector x_i(n) for i = 1..N, vector w(n)
    D(sum(i = 1..N, (w'*x_i)^2), x_1)    denominator   2*(w'*x_1)*w
]],
      "families.rules"
    ))
    local verdicts = {}
    for k, result in ipairs(results) do
      verdicts[k] = result.verdict
    end
    assert.equal(("proved "):rep(6):sub(1, -2), table.concat(verdicts, " "))
  end)
end)

describe("a page with data points", function()
  for _, row in ipairs(sample.of({
    { [[\sum_{i=1}^{N} (y_i - \mathbf{w}^T \mathbf{x}_i)^2]], "w", "2*sum(i = 1..N, (w'*x_i - y_i)*x_i)" },
    { [[\frac12 \sum_{i=1}^N \|x_i - \mu\|^2]], [[\mu]], "sum(i = 1..N, mu - x_i)" },
    {
      [[\sum_{i=1}^N \log(1 + \exp(-y_i w^T x_i))]],
      "w",
      "-sum(i = 1..N, y_i*sigmoid(-y_i*w'*x_i)*x_i)",
    },
    { [[\sum_i \sum_k r_{ik} \|x_i - \mu_k\|^2]], [[\mu_j]], "2*sum(i = 1..N, r_ij*(mu_j - x_i))" },
    { [[\sum_{i=1}^N A_i X B_i]], "X", "sum(i = 1..N, kron(B_i', A_i))", "vec" },
    {
      [[\sum_{i<j} \|x_i - x_j\|^2]],
      "x_k",
      "2*(sum(i = 1..k - 1, x_k - x_i) + sum(i = 1 + k..N, x_k - x_i))",
    },
    {
      [[\sum_{1 \le i < j \le N} \|x_i - x_j\|^2]],
      "x_k",
      "2*(sum(i = 1..k - 1, x_k - x_i) + sum(i = 1 + k..N, x_k - x_i))",
    },
    { [[\sum_{t=1}^{T-1} \|x_{t+1} - A x_t\|^2]], "A", "2*sum(i = 1..T - 1, (A*x_i - x_(1 + i))*x_i')" },
    { [[\sum_{k=1}^K \pi_k \exp(w^T \mu_k)]], [[\pi_j]], "exp(w'*mu_j)" },
    {
      [[\frac{1}{n}\sum_{i=1}^n \max(0, 1 - y_i w^T x_i)]],
      "w",
      "-sum(i = 1..n, y_i*step(1 - y_i*w'*x_i)*x_i)/n",
    },
  }, 4)) do
    it("is read: " .. row[1], function()
      local s = assert(nabla.new { layout = row[4] or "denominator" })
      local f, notes = s:parse(row[1])
      assert.is_truthy(f, tostring(notes))
      assert.matches("is one of a family of", tostring(notes))
      local answer = assert(s:diff(f, row[2]))
      assert.equal(row[3], tostring(answer))
      assert.is_true(s:verify(f, row[2], answer))
    end)
  end

  it("counts all indices other than one", function()
    local s = assert(nabla.new())
    local f = assert(s:parse [[\sum_{i \ne j} w_{ij}\|x_i - x_j\|^2]])
    assert.equal(
      "sum(i = 1..N, sum(j = 1 + i..N, w_ij*norm2(x_i - x_j)^2) + sum(j = 1..i - 1, w_ij*norm2(x_i - x_j)^2))",
      tostring(f)
    )
  end)

  it("takes what is declared", function()
    local s = session()
    local f, notes = s:parse [[\sum_{i=1}^N \mathbf{x}_i^\top \mathbf{x}_i]]
    assert.equal("sum(i = 1..N, x_i'*x_i)", tostring(f))
    assert.is_nil((tostring(notes):find "family"))
  end)
end)

describe("bad input about families is refused:", function()
  for _, row in ipairs {
    { "x", "x is a family of N: a member is written x_i" },
    { "r", "r is a family of N x K: a member is written r_ik" },
    { "r_i", "a member of r_ has two indices, found 1" },
    { "x_(1,2)", "a member of x_ has one index, found 2" },
    { "x_0", "x_ has the members 1 to N, found 0" },
    { "x_w", "an index is a scalar, found n x 1" },
    { "sum(i = 1..N, x_(i+1))", "an index is N+1 in a term of the counted sum; it counts from 1 to N" },
    { "sum(i = 0..N, x_i)", "an index is 0 in a term of the counted sum; it counts from 1 to N" },
    { "V_", "together they are no matrix of that kind" },
    { "sum(i = 1..N, sum(i = 1..N, x_i))", "the index i is that of two sums, one in the other" },
  } do
    it(row[1], function()
      local f, err = session():parse(row[1])
      assert.is_nil(f, tostring(f))
      assert.matches(row[2], err.message, 1, true)
    end)
  end

  for _, row in ipairs {
    { "vector x_i(n) for k = 1..N", "the index of the family x_i is not k" },
    { "vector x_i(n) for i = k..N", "the members of a family are numbered from a number on, such as 1 or 0, found k" },
    { "vector x_i(n) for i = -1..N", "the members of a family are numbered from a number on" },
    { "scalar r_ij for i = 0..N, j = 1..N", "one index counts from 0 and the other does not" },
    { "scalar r_ij for i = 1..N, j = 0..N", "one index counts from 0 and the other does not" },
    { "vector x(n) for i = 1..N", "the index of the family x is not i" },
    { "scalar r_ii for i = 1..N, i = 1..K", "the index i is there twice" },
    { "scalar r_ijk for i = 1..N, j = 1..N, k = 1..K", "a family has one index or two, found 3" },
    { "vector x_i(n) for i = 1..0", "has 0 members; it must have at least 1" },
    { "vector x_i(n) for i", "expected `=` and the first value of the index" },
    { "vector x_i(n) for i = 1", "expected `..` and the last value of the index" },
    { "vector u_i(n) of w for i = 1..N", "a family of unknown functions is not in the language" },
    { "matrix B_i(m,n) symmetric for i = 1..N", "only a square matrix is symmetric" },
  } do
    it(row[1], function()
      local s = assert(nabla.new())
      s:declare "vector w(n)"
      local made, err = s:declare(row[1])
      assert.is_nil(made)
      assert.matches(row[2], err.message, 1, true)
    end)
  end

  it("members that are not there, where the first is not 1", function()
    local s = assert(nabla.new())
    s:declare "vector x_t(n) for t = 0..4, vector y_t(n) for t = 2..T"
    for text, message in pairs {
      ["x_5"] = "x_ has the members 0 to 4, found 5",
      ["x_(5)"] = "x_ has the members 0 to 4, found 5",
      ["y_1"] = "y_ has the members 2 to T, found 1",
    } do
      local node, err = s:parse(text)
      assert.is_nil(node)
      assert.matches(message, err.message, 1, true)
    end
  end)

  it("attributes of a family in a rule file", function()
    local s = assert(nabla.new())
    local ok, err = s:rule "let matrix V_k(n,n) spd for k = 1..K\ncheck V_1 == V_1"
    assert.is_nil(ok)
    assert.matches("the members of a family have no attributes in a rule file", err.message)
  end)
end)

describe("a family that counts from 0", function()
  local DECL = {
    "vector x_t(n) for t = 0..T, vector u_t(m) for t = 0..T, scalar r_ij for i = 0..N, j = 0..N",
    "matrix A(n,n), matrix B(n,m), matrix Q(n,n), matrix R(m,m)",
  }
  local function from_zero()
    local s = assert(nabla.new { layout = "denominator" })
    assert(s:declare(table.unpack(DECL)))
    return s
  end

  for _, row in ipairs {
    { "sum(t = 0..T, x_t'*Q*x_t + u_t'*R*u_t)", "x_k", "(Q + Q')*x_k" },
    { "sum(t = 0..T, x_t'*Q*x_t)", "x_0", "(Q + Q')*x_0" },
    { "sum(t = 0..T, x_t'*Q*x_t)", "Q", "sum(i = 0..T, x_i*x_i')" },
    {
      "sum(t = 1..T, norm2(x_t - A*x_(t-1) - B*u_(t-1))^2)",
      "A",
      "2*sum(i = 1..T, (B*u_(i - 1) + A*x_(i - 1) - x_i)*x_(i - 1)')",
    },
    { "sum(i = 0..N, sum(j = 0..N, r_ij^2))", "r_kl", "2*r_kl" },
    { "sum(i = 0..N, r_i0^2)", "r_00", "2*r_00" },
    { "x_0'*Q*x_3", "x_0", "Q*x_3" },
  } do
    it(row[1] .. " by " .. row[2], function()
      local s = from_zero()
      local d = assert(s:diff(row[1], row[2]))
      assert.are.equal(row[3], tostring(d))
      assert.are.equal(d, assert(s:parse(row[3])))
      assert.is_true((s:verify(row[1], row[2], d)))
    end)
  end

  it("is the matrix whose first column is the member 0", function()
    local s = from_zero()
    local f = s:compile "x_0 - x_2"
    assert.are.equal(-2, f { x_ = { { 1, 2, 3 } } }[1])
    assert.are.equal("X*X'", tostring(s:as_matrices "sum(t = 0..T, x_t*x_t')"))
  end)

  it("is read on a page", function()
    local s = assert(nabla.new { layout = "denominator" })
    local f = assert(s:parse [[\sum_{k=0}^{N}(x_k^TQx_k + u_k^TRu_k)]])
    assert.are.equal("sum(i = 0..N, u_i'*R*u_i + x_i'*Q*x_i)", tostring(f))
    assert.are.equal("sum(i = 0..T - 1, norm2(x_(1 + i) - A*x_i)^2)",
      tostring(s:parse [[\sum_{t=0}^{T-1} \|x_{t+1} - A x_t\|^2]]))
    assert.are.equal("(Q + Q')*x_0", tostring(s:diff(f, "x_0")))
  end)
end)

describe("a delta of a shifted index", function()
  it("leaves one term where the index runs over all members", function()
    local s = assert(nabla.new { layout = "denominator" })
    s:declare "vector x_i(n) for i = 1..N, scalar y_i for i = 1..N"
    assert.are.equal("exp(y_k)", tostring(s:diff("sum(i = 0..N-1, exp(y_(i+1)))", "y_k")))
    assert.are.equal("2*x_k", tostring(s:diff("sum(i = 2..N+1, x_(i-1)'*x_(i-1))", "x_k")))
    local d = s:diff("sum(i = 2..N, exp(y_(i-1)))", "y_k")
    assert.are.equal("sum(i = 2..N, I(N)(i - 1,k)*exp(y_(i - 1)))", tostring(d))
  end)
end)

describe("sums over families of two lengths", function()
  it("stand in each other when a product is moved into a sum", function()
    local s = assert(nabla.new { layout = "mixed" })
    local f = "sum(i = 1..m, x_i)'*diagv(sum(i = 0..p, A_i*X*B_i))"
    assert(s:declare "matrix X(n,n), vector x_i(p) for i = 1..m")
    assert(s:declare "matrix A_i(p,n) for i = 0..p, matrix B_i(n,p) for i = 0..p")
    local d = assert(s:diff(f, "X"))
    assert.are.equal("sum(i = 0..p, B_i*diag(sum(j = 1..m, x_j))*A_i)'", tostring(d))
    assert.is_true((s:verify(f, "X", d)))
  end)
end)
