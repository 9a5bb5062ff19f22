-- Where a formula from a page is right, what is wrong with it, and how LaTeX is read.

local cases = require "spec.support.cases"
local identify = require "nabla.identify"
local nabla = require "nabla"
local notation = require "nabla.print.notation"
local page_trees = require "spec.support.page_trees"
local latex_input = require "nabla.latex.parser"
local sample = require "spec.support.sample"

local s = assert(nabla.new())
local all = cases.seeds()

local function declared(case)
  s:reset()
  assert(s:declare(table.unpack(case.decl)))
end

local function verdict(result, layout)
  for _, entry in ipairs(result.layouts) do
    if entry.layout == layout then
      return entry.verdict
    end
  end
end

local function bold(case, name)
  for _, d in ipairs(case.decl) do
    if d:find("^vector " .. name .. "%f[^%w_]") or d:find("^matrix " .. name .. "%f[^%w_]") then
      return true
    end
  end
end

-- The case as a formula in LaTeX, as nabla prints its sides.
local function formula(case)
  local opts = { layout = case.layout }
  local f, claim = assert(s:parse(case.expr, opts)), assert(s:parse(case.expected, opts))
  local name = case.wrt:match "^[^']*"
  local x = notation.latex_name(name, bold(case, name))
  local by = "\\partial " .. x .. (case.wrt:find "'$" and "^\\top" or "")
  local order = ""
  if case.op then
    order, by = "^2", by .. " \\partial " .. x .. "^\\top"
  end
  return ("\\frac{\\partial%s %s}{%s} = %s"):format(order, f:latex(), by, claim:latex())
end

describe("identify, on formulas of three documents", function()
  for i = 1, #all, 4 * sample.step do
    local case = all[i]
    it("finds " .. case.id .. " right in its layout, as text and in LaTeX", function()
      declared(case)
      local hessian = case.op and (case.wrt2 or true) or nil
      local given =
        { expr = case.expr, wrt = case.wrt, claim = case.expected, hessian = hessian, at = case.at }
      assert.are.equal("right", verdict(assert(s:identify(given)), case.layout))
      local printed = formula(case)
      local result = assert(s:identify { formula = printed, at = case.at, layout = case.layout })
      assert.are.equal("right", verdict(result, case.layout), printed)
    end)
  end
end)

-- Misprints of a page, and what is right: declarations, formula, layout, a change, the right formula.
local misprints = {
  {
    "vector x(n), vector u(m) of x, vector v(m) of x",
    "d(u'*v)/dx = D(v,x)*v + D(u,x)*u",
    "denominator",
    "D(v, x) and D(u, x) exchanged",
    "D(u,x)*v(x) + D(v,x)*u(x)",
  },
  {
    "vector x(n), vector u(m) of x, vector v(m) of x, matrix A(m,m)",
    "d(u'*A*v)/dx = D(v,x)*A*v + D(u,x)*A'*u",
    "denominator",
    "D(v, x) and D(u, x) exchanged",
    "D(u,x)*A*v(x) + D(v,x)*A'*u(x)",
  },
  {
    "vector a(n), vector b(n), vector x(n)",
    "d(a'*x*x'*b)/dx = (a*b' + b*a')*x'",
    "denominator",
    "no transpose on x",
    "(a*b' + b*a')*x",
  },
  {
    "vector x(n), matrix A(m,n), vector b(m), matrix C(m,p), matrix D(p,n), vector e(p)",
    "d((A*x+b)'*C*(D*x+e))/dx = D'*C'*(A*x+b)' + A'*C*(D*x+e)'",
    "denominator",
    "no transpose on A*x + b, and no transpose on D*x + e",
    "D'*C'*(A*x+b) + A'*C*(D*x+e)",
  },
  {
    "scalar x, vector u(m) of x, vector v(m) of x",
    "d(u'*v)/dx = D(u,x)*v + u'*D(v,x)",
    "denominator",
    "the transpose of D(v, x)",
    "D(u,x)*v(x) + u(x)'*D(v,x)'",
  },
  {
    "scalar x, matrix U(m,n) of x, matrix V(n,p) of x",
    "d(U*V)/dx = U*D(V,x) + V*D(U,x)",
    "numerator",
    "V(x) and D(U, x) in the other order",
    "U(x)*D(V,x) + D(U,x)*V(x)",
  },
  {
    "scalar x, matrix U(m,n) of x, matrix V(p,q) of x",
    "d(kron(U,V))/dx = kron(U,D(V,x)) + kron(V,D(U,x))",
    "numerator",
    "V(x) and D(U, x) in the other order",
    "kron(U(x),D(V,x)) + kron(D(U,x),V(x))",
  },
  {
    "vector x(n), matrix A(n,n)",
    "d(x'*A*x)/dx = A + A'",
    "denominator",
    "the second derivative, twice by x",
    "A + A'",
  },
  {
    "scalar x, matrix U(m,n) of x, matrix V(p,q) of x",
    "d(kron(U,V))/dx = kron(U,D(V,x)) + kron(D(U,x),V)",
    "denominator",
    "the transpose of U(x), and the transpose of V(x)",
    "kron(U(x)',D(V,x)) + kron(D(U,x),V(x)')",
  },
  {
    "matrix A(m,n), vector x(n), vector b(m)",
    "d(norm2(A*x - b)^2)/dx = A'*(A*x - b)",
    "denominator",
    "a factor 2",
    "2*A'*(A*x - b)",
  },
  {
    "matrix X(n,n), matrix A(n,n)",
    "d(tr(A*inv(X)))/dX = inv(X)*A*inv(X)",
    "numerator",
    "a sign",
    "-inv(X)*A*inv(X)",
  },
}

describe("identify, on misprints", function()
  for _, m in ipairs(sample.of(misprints, 5)) do
    it("finds " .. m[2] .. " wrong, and what is nearest", function()
      s:reset()
      assert(s:declare(m[1]))
      local result = assert(s:identify { formula = m[2], layout = m[3] })
      assert.are.equal("wrong", result.status)
      local right = assert(s:parse(m[5], { layout = m[3] }))
      local changes = {}
      for _, near in ipairs(result.nearest) do
        if near.layout == m[3] then
          changes[near.change] = near.answer
        end
      end
      assert.is_not_nil(changes[m[4]], identify.describe(result))
      assert.are.equal("yes", (s:equal(changes[m[4]], right)))
      if not m[4]:find "second" then
        assert.are.equal("yes", (s:equal(result.layouts[1].answer, right)))
      end
    end)
  end

  it("names the right formula where a layout was not transposed", function()
    s:reset()
    assert(s:declare "scalar x, matrix A(p,m), matrix B(n,q), matrix U(m,n) of x")
    local result = assert(s:identify { formula = "d(A*U*B)/dx = A*D(U,x)*B", layout = "denominator" })
    assert.are.equal("wrong", result.status)
    assert.are.equal("B'*D(U, x)*A'", tostring(result.layouts[1].answer))
    assert.are.equal("right", assert(s:identify { formula = "d(A*U*B)/dx = A*D(U,x)*B" }).status)
  end)

  it("refuses a second derivative by one variable, and a derivative of nothing", function()
    s:reset()
    local _, err = s:identify { formula = "d2(x'*A*x)/dx = A + A'" }
    assert.are.equal("a second derivative is taken twice: d2(f)/dxdx'", err.hint)
    _, err = s:identify { formula = [[\frac{\partial^2}{\partial x \partial x^T} = H]] }
    assert.are.equal("the derivative is of nothing: the function is missing", err.message)
  end)
end)

describe("identify", function()
  before_each(function()
    s:reset()
  end)

  local function summary(given)
    local result = assert(s:identify(given))
    local first = result.conditions[1]
    return result.status,
      first and first.names and first.names[1],
      first and first.attribute,
      first and first.convention
  end

  sample.whole(it)("says for which matrices a formula is right", function()
    assert.are.same({ "conditional", "A", "symmetric" }, { summary { formula = "d(x'*A*x)/dx = 2*A*x" } })
    assert(s:declare "matrix Q(n,n)")
    assert.are.same(
      { "conditional", "Q", "orthogonal" },
      { summary { formula = "d(norm2(Q*x)^2)/dx = 2*x" } }
    )
  end)

  it("says by which convention", function()
    local claim = "2*inv(S) - diag(diagv(inv(S)))"
    assert(s:declare "matrix S(n,n) symmetric")
    local result = assert(s:identify { expr = "logdet(S)", wrt = "S", claim = claim, layout = "denominator" })
    assert.are.equal("entries", result.conditions[1].convention)
    assert.are.equal(
      "right",
      (summary { expr = "logdet(S)", wrt = "S", claim = claim, convention = "entries" })
    )
  end)

  it("tells a transpose, and a layout without such a derivative", function()
    local result = assert(s:identify { formula = "d(A*X*B)/dX = kron(B',A)" })
    assert.are.equal("right", verdict(result, "vec"))
    assert.are.equal("none", verdict(result, "numerator"))
    result = assert(s:identify { formula = "d(x'*A*x)/dx = x'*(A + A')", layout = "denominator" })
    assert.are.equal("transposed", result.status)
  end)

  sample.whole(it)("does not call right what only fits in shape, or for equal sizes", function()
    assert.are.equal("wrong", (summary { formula = "d(tr(A*X*B))/dX = A*B" }))
    assert.are.equal("wrong", (summary { formula = "d(x'*A*x)/dx = 1.001*(A + A')*x" }))
  end)

  it("converts to another layout", function()
    local result =
      assert(s:identify { formula = [[\nabla_x \|Ax - b\|_2^2 = 2(Ax-b)^T A]], to = "denominator" })
    assert.are.equal("2*A'*(A*x - b)", tostring(result.converted))
  end)

  sample.whole(it)("names factors and terms that are missing", function()
    local function nearest(text)
      local near = assert(s:identify { formula = text }).nearest[1]
      return near.change .. ": " .. tostring(near.answer)
    end
    assert.are.equal("a factor det(X): det(X)*inv(X)'", nearest "d(det(X))/dX = inv(X)'")
    assert.are.equal("a factor 1/(2*norm2(X)): X/norm2(X)", nearest "d(normF(X))/dX = 2*X")
    assert.are.equal("the term A'*x is missing: (A + A')*x", nearest "d(x'*A*x)/dx = A*x")
    assert.are.equal("V for U: 2*(U*V' - M)*V", nearest "d(norm2(M - U*V')^2)/dU = -2*(M - U*V')*U")
  end)

  it("gives functions their attributes, and indices whole numbers", function()
    assert(s:declare "scalar t, matrix Y(n,n) of t symmetric, scalar i, scalar j, matrix X(m,n)")
    local text = "d(eigval(Y(t),1))/dt = eigvec(Y(t),1)'*D(Y,t)*eigvec(Y(t),1)"
    assert.are.equal("right", (summary { formula = text }))
    assert.is_true((s:verify("tr(Y(t)*Y(t))", "t", "2*tr(Y(t)*D(Y,t))")))
    local result =
      assert(s:identify { expr = "X", wrt = "X(i,j)", claim = "E(i,j,m,n)", layout = "numerator" })
    assert.are.equal("right", result.status)
    result = assert(s:identify { expr = "X", wrt = "X(i,j)", claim = "E(j,i,m,n)", layout = "numerator" })
    assert.are_not.equal("right", result.status)
  end)

  sample.whole(it)("judges each right side of a chain", function()
    assert.are.equal("right", (summary { formula = "d(x'*A*x)/dx = A*x + A'*x = (A + A')*x" }))
    local result = assert(s:identify { formula = "d(x'*A*x)/dx = (A + A')*x = (A - A')*x" })
    assert.are.same({ "wrong", 2, 2 }, { result.status, result.part, result.parts })
    result = assert(s:identify { formula = "d(x'*A*x)/dx = (A + A')*x = x'*(A + A')" })
    assert.are.same({ "transposed", true }, { result.status, result.mixed })
  end)

  it("refuses letters that mean nothing", function()
    local _, err = s:identify { formula = "d(x'*A*x)/dx = J" }
    assert.are.equal("J stands only on the right side: what it is, the formula does not say", err.message)
    _, err = s:identify { formula = "d(f)/dx = A*x" }
    assert.are.equal("f is not known to depend on x", err.message)
  end)

  sample.whole(it)("does not take rotations for all orthogonal matrices", function()
    assert.are.equal("wrong", (summary { formula = "d(logdet(X))/dX = det(X)*inv(X)'" }))
  end)

  it("looks for sizes at which both sides have a meaning", function()
    local text = [[\frac{\partial |\mathbf{AXB}|}{\partial \mathbf{X}} = |\mathbf{AXB}|\mathbf{X}^{-\top}]]
    local result = assert(s:identify { formula = text })
    assert.are.same(
      { "conditional", "A B X", "square" },
      { result.status, table.concat(result.conditions[1].names, " "), result.conditions[1].attribute }
    )
  end)

  it("takes a letter in bold, or transposed in the claim, for a vector", function()
    local text = [[\frac{\partial \mathbf{Xb}}{\partial \mathbf{b}} = \mathbf{X}^{\mathsf T}]]
    assert.are.equal("right", (summary { formula = text }))
    assert.are.equal("right", (summary { formula = "d(a'*x*x'*b)/dx = (a*b' + b*a')*x" }))
  end)
end)

describe("LaTeX", function()
  local operators = { tr = 1, det = 1, vec = 1, exp = 1, log = 1, diag = 1 }
  local function read(text)
    local left, right = latex_input.parse(text, {
      kind = function(name)
        return operators[name] and "operator" or name == "u" and "function" or nil
      end,
    })
    return left and page_trees.dump(left) .. (right and " = " .. page_trees.dump(right) or "") or right
  end

  local qf = "D((x' * A * x), x) = apply(x', (A + A'))"
  for text, tree in pairs {
    [ [[\frac{\partial \mathbf{x}^\top A\mathbf{x}}{\partial \mathbf{x}} = \mathbf{x}^{\mathrm T}(A+A^\prime)]] ] = qf,
    [ [[\nabla_{\mathbf x} \|A x - b\|_2^2]] ] = "D((norm(((A * x) - b), 2) ^ 2), x)",
    [ [[\frac{d}{dX} \log \left|X\right| = X^{-T}]] ] = "D(log(bars(X)), X) = inv(X)'",
    [ [[\partial \text{Tr}(X^2) / \partial X = 2X']] ] = "D(tr((X ^ 2)), X) = (2 * X')",
    [ [[\left.\frac{\partial u}{\partial x}\right|_{A x}]] ] = "D(u, (A * x))",
    [ [[A \otimes B \odot C D]] ] = "(kron(A, B) .* (C * D))",
    [ [[\frac12 \vec{x} \cdot \hat{y} - \sqrt{\det X}]] ] = "(((1 / 2) * x * y_hat) - sqrt(det(X)))",
    [ [[\sum_{i = 0}^{k-1} X^{i} b]] ] = "sum(i = 0..(k - 1), ((X ^ i) * b))",
    [ [[\mathbf{K}_{m,n} \operatorname{vec}(\bm{W}_{1}) u(x_1)]] ] = "(K(m, n) * vec(W_1) * u(x_1))",
    [ [[\frac{d u}{d x}]] ] = "D(u, x)",
  } do
    it("is read: " .. text, function()
      assert.are.equal(tree, read(text))
    end)
  end

  for text, message in pairs {
    [ [[\operatorname{tr}(A (B]] ] = "1:21: this bracket is never closed",
    [ [[\mathbf{A} + ]] ] = "1:14: expected an expression, found the end of the formula",
    [ [[\frac{A}]] ] = "1:9: a fraction has two parts",
    [ [[A \foo B]] ] = "1:3: expected an operator, found `\\foo`",
  } do
    it("has its mistakes told: " .. text, function()
      local _, err = latex_input.parse(text, {
        kind = function(name)
          return operators[name] and "operator"
        end,
      })
      assert.are.equal(message, tostring(err):match "^[^\n]*")
    end)
  end

  sample.whole(it)("that nabla prints is read back as the same node", function()
    local read_back = 0
    for _, list in ipairs { all, cases.corpus() } do
      for i = 1, #list, 9 * sample.step do
        local case = list[i]
        declared(case)
        local opts = { layout = case.layout }
        for _, text in ipairs { case.expr, case.expected } do
          local node = assert(s:parse(text, opts))
          local printed = node:latex()
          if not printed:find "^\\mathbf{0}" then
            local back = assert(s:parse(printed, { layout = case.layout, latex = true }))
            assert.are.equal(node, back, printed)
            read_back = read_back + 1
          end
        end
      end
    end
    assert.is_true(read_back > sample.count(800))
  end)
end)

describe("verify", function()
  before_each(function()
    s:reset()
  end)

  sample.whole(it)("agrees with answers in every layout", function()
    for i = 1, #all, 7 do
      local case = all[i]
      declared(case)
      local opts = { layout = case.layout }
      local second = case.op and (case.wrt2 or true) or nil
      local right, err =
        s:verify(case.expr, case.wrt, case.expected, { layout = case.layout, second = second, at = case.at })
      assert.is_true(right, case.id .. ": " .. tostring(err) .. tostring(opts.layout))
    end
  end)

  it("finds a wrong rule", function()
    local other = assert(nabla.new())
    assert(other:rule [[
function foo(A(n,n)): scalar = tr(A'*A)
    d(foo(A)) = 3*tr(A'*d(A))]])
    local answer = assert(other:diff("foo(X)", "X"))
    local right, err = other:verify("foo(X)", "X", answer)
    assert.is_false(right)
    assert.is_truthy(err.message:find "^the answer is not the derivative: entry %(%d,%d%) is")
  end)

  it("says where it cannot tell", function()
    local other = assert(nabla.new())
    assert(other:rule [[
operator foo(A(n,n)): scalar
let matrix A(n,n)
rule "foo" d(foo(A)) -> 3*tr(A'*d(A))]])
    local right, err = other:verify("foo(X)", "X", "3*X")
    assert.is_nil(right)
    assert.is_truthy(err.message:find("foo", 1, true))
  end)
end)

describe("the command", function()
  local function run(line)
    local pipe =
      assert(io.popen("export OPENBLAS_NUM_THREADS=1\nexec 2>&1\nbin/nabla " .. line .. "\necho status $?"))
    local text = pipe:read "a"
    pipe:close()
    return text
  end

  sample.whole(it)("identifies a formula, and says by its status whether it is right", function()
    local text = run [[identify "d(x'*A*x)/dx = (A + A')*x" --layout denominator --to numerator]]
    assert.are.equal("right\n  denominator  right\nconverted: x'*(A + A')\nstatus 0\n", text)
    text = run [[identify "x'*A*x" x "(A - A')*x" --layout denominator --format unicode]]
    assert.are.equal(
      "wrong\n  denominator  wrong: (A + Aᵀ)·x\nnearest: a sign on A': (A + Aᵀ)·x (denominator)\nstatus 1\n",
      text
    )
  end)

  it("points into a formula", function()
    local text = run [[identify "d(x'*A*x)/dx = (A + *x"]]
    assert.are.equal(
      "nabla: 1:21: expected an expression, found `*`\nd(x'*A*x)/dx = (A + *x\n                    ^\nstatus 1\n",
      text
    )
  end)

  sample.whole(it)("verifies answers, in batch too", function()
    assert.are.equal("(A + A')*x\nstatus 0\n", run [[diff "x'*A*x" x --verify]])
    assert.are.equal("2*A'*A\nstatus 0\n", run [[hessian "norm2(A*x - b)^2" x --verify]])
    local text = run([[batch <<END
{"id":1,"expr":"tr(X*A)","wrt":"X","verify":true}
END
]])
    assert.are.equal([[{"id":1,"answer":"A'","shape":"m x n"}]] .. "\nstatus 0\n", text)
  end)
end)
