-- Unknown functions of several arguments: their derivatives, in every layout that has one, agree with finite differences
-- of the expression, and read back to themselves. Derivatives by several variables at once. What is refused.

local nabla = require "nabla"
local judge_layouts = require "spec.judge.layouts"
local judge_numeric = require "spec.judge.numeric"
local matrix = require "nabla.numeric.matrix"
local sample = require "spec.support.sample"

local DECLARED = "vector x(n), vector y(m), vector w(p), scalar s, scalar t, matrix A(n,n), matrix B(n,m), "
  .. "matrix X(k,l), vector u(m) of x, vector q(n) of t, scalar r of t, scalar f of (x, y), vector g(p) of (x, y), "
  .. "scalar h of (x, y, t), scalar e of (s, t), matrix M(n,n) of (s, t), vector v(n) of (s, t), "
  .. "scalar k1 of (X, y), scalar k2 of (q, r)"

-- A vec form in a layout, by the judge.
local function arranged(J, s, t, m, n, layout)
  local a = judge_layouts.arrange(
    judge_numeric.new(J.rows, J.cols, function(i, j)
      return J(i, j)
    end),
    s,
    t,
    m,
    n,
    layout
  )
  return matrix.build(a.rows, a.cols, function(i, j)
    return a[(j - 1) * a.rows + i]
  end)
end

-- The smooth function z -> sin(W*z), W of so many rows, and its derivatives.
local function smooth(rows, cols, seed)
  local W = matrix.build(rows, cols, function(i, j)
    return math.sin(seed + 1.7 * i + 0.6 * j * j + 0.3 * i * j)
  end)
  local function column(z)
    return type(z) == "number" and matrix.build(1, 1, function()
      return z
    end) or z
  end
  local function value(z)
    local y = W * column(z)
    return y:map(math.sin)
  end
  local function slope(z)
    local y = W * column(z)
    return matrix.build(rows, W.cols, function(i, j)
      return math.cos(y[i]) * W(i, j)
    end)
  end
  local function second(z) -- of a function with one value
    local y = W * column(z)
    return matrix.build(W.cols, W.cols, function(i, j)
      return -math.sin(y[1]) * W(1, i) * W(1, j)
    end)
  end
  return value, slope, second
end

-- rows and columns of the value, size of the argument
local FUNCTIONS = {
  u = { 3, 1, 2 },
  q = { 2, 1, 1 },
  r = { 1, 1, 1 },
  f = { 1, 1, 5 },
  g = { 2, 1, 5 },
  h = { 1, 1, 6 },
  e = { 1, 1, 2 },
  M = { 2, 2, 2 },
  v = { 2, 1, 2 },
  k1 = { 1, 1, 7 },
  k2 = { 1, 1, 3 },
}

-- Of one argument the derivative is in the layout: shaped by the judge.
local ONE_ARGUMENT = { u = { 2, 1 }, q = { 1, 1 }, r = { 1, 1 } }

local function values_for(layout)
  local values = { D = {} }
  for name, form in pairs(FUNCTIONS) do
    local value, slope, second = smooth(form[1] * form[2], form[3], #name + name:byte() % 7)
    values[name] = function(z)
      local y = value(z)
      return matrix.build(form[1], form[2], function(i, j)
        return y[(j - 1) * form[1] + i]
      end)
    end
    local one = ONE_ARGUMENT[name]
    values.D[name] = function(z)
      local J = slope(z)
      return one and arranged(J, form[1], form[2], one[1], one[2], layout) or J
    end
    values.D[("D(%s)"):format(name)] = second
  end
  local function random(rows, cols, start)
    return matrix.build(rows, cols, function(i, j)
      return math.sin(start + 2.1 * i - 0.7 * j)
    end)
  end
  values.x, values.y, values.w = random(2, 1, 1), random(3, 1, 2), random(2, 1, 3)
  values.A, values.B, values.X = random(2, 2, 4), random(2, 3, 5), random(2, 2, 6)
  values.s, values.t = 0.7, -0.4
  return values
end

local function as_matrix(a)
  return type(a) == "number" and matrix.build(1, 1, function()
    return a
  end) or a
end

-- The vec form of the derivative of F by a name, by differences.
local function jacobian(F, values, name)
  local x = as_matrix(values[name])
  local function at(k, by)
    local moved = matrix.build(x.rows, x.cols, function(i, j)
      return x(i, j) + ((j - 1) * x.rows + i == k and by or 0)
    end)
    local copy = {}
    for key, value in pairs(values) do
      copy[key] = value
    end
    copy[name] = type(values[name]) == "number" and moved[1] or moved
    return as_matrix(F(copy))
  end
  local y, step = at(0, 0), 1e-4
  local columns = {}
  for k = 1, #x do
    local a, b = at(k, step), at(k, -step)
    columns[k] = (a - b) * (1 / (2 * step))
  end
  return matrix.build(#y, #x, function(i, k)
    return columns[k][i]
  end), y, x
end

local function agree(a, b, text)
  a, b = as_matrix(a), as_matrix(b)
  assert.equal(b.rows .. " x " .. b.cols, a.rows .. " x " .. a.cols, text)
  for i = 1, #a do
    assert.is_true(math.abs(a[i] - b[i]) < 1e-5 * (1 + math.abs(b[i])), ("%s: %g and %g"):format(text, a[i], b[i]))
  end
end

local PROBLEMS = {
  { "f(x, y)", "x", "D(f, x)" },
  { "f(x, y)", "y", "D(f, y)" },
  { "f", "x", "D(f, x)" },
  { "f(A*x, y)", "x", "A'*D(f, x)(A*x, y)" },
  { "f(x, u(x))", "x", "D(f, x)(x, u(x)) + D(u, x)*D(f, y)(x, u(x))" },
  { "f(x, y)^2", "y", "2*f(x, y)*D(f, y)" },
  { "exp(f(x, y))*w'*w", "x" },
  { "f(x, y)*f(2*x, y)", "x" },
  { "f(x, B'*x)", "x" },
  { "f(t*x, y)", "t" },
  { "f(t*x, s*y)", "s" },
  { "g(x, y)", "x", "D(g, x)" },
  { "g(x, y)", "y", "D(g, y)" },
  { "g(x, u(x))", "x" },
  { "w'*g(A*x, y)", "x", "A'*D(g, x)(A*x, y)*w" },
  { "g(x, y)'*g(x, y)", "y" },
  { "norm2(g(x, y) - w)^2", "x" },
  { "tanh(g(x, y))", "x" },
  { "g(t*x, y)", "t" },
  { "h(x, y, t)", "x", "D(h, x)" },
  { "h(x, y, t)", "y", "D(h, y)" },
  { "h(x, y, t)", "t", "D(h, t)" },
  { "h(A*x, u(x), t^2)", "x" },
  { "h(A*x, u(x), t^2)", "t", "2*t*D(h, t)(A*x, u(x), t^2)" },
  { "h(q(t), y, t)", "t" },
  { "e(s, t)", "s", "D(e, s)" },
  { "e(t, s)", "s", "D(e, t)(t, s)" },
  { "e(s^2, s*t)", "s" },
  { "e(s^2, s*t)", "t" },
  { "e(x'*x, t)", "x" },
  { "sin(e(s, t))/t", "t" },
  { "k2(q, r)", "t", "D(q, t)*D(k2, q) + D(r, t)*D(k2, r)" },
  { "k2(q(t), r(t))*t", "t" },
  { "v(s, t)", "s" },
  { "v(s, t)'*inv(M(s, t))*x", "s" },
  { "v(s, t)'*M(s, t)*x", "t" },
  { "tr(M(s, t)*A)", "t" },
  { "M(s, t)*x", "s" },
  { "det(M(s, t))", "s" },
  { "M(s*t, t)", "t" },
  { "k1(X, y)", "X", "D(k1, X)" },
  { "k1(2*X, y)", "X" },
  { "k1(s*X, y)", "s" },
  { "k1(X, B'*x)", "x" },
}

describe("a function of several arguments", function()
  local names = {}
  for name in pairs(nabla.new().layouts) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, problem in ipairs(sample.of(PROBLEMS, 8)) do
    it(("is differentiated in every layout: %s by %s"):format(problem[1], problem[2]), function()
      local tried = 0
      for _, layout in ipairs(names) do
        local s = assert(nabla.new { layout = layout })
        assert(s:declare(DECLARED))
        local answer, why = s:diff(problem[1], problem[2])
        if answer then
          local values = values_for(layout)
          local text = ("%s: %s"):format(layout, tostring(answer))
          if layout == "denominator" and problem[3] then
            assert.equal(problem[3], tostring(answer))
          end
          assert.is_true(s:parse(tostring(answer)) == answer, text .. " reads back to another node")
          local F, G = assert(s:compile(problem[1])), assert(s:compile(answer))
          local ok, J, y, x = pcall(jacobian, F, values, problem[2])
          assert.is_true(ok, tostring(J))
          local wanted = arranged(J, y.rows, y.cols, x.rows, x.cols, layout)
          agree(G(values), wanted, text)
          tried = tried + 1
        else
          assert.truthy(tostring(why):find("layout has no", 1, true), layout .. ": " .. tostring(why))
        end
      end
      assert.is_true(tried > 0)
    end)
  end

  for _, case in ipairs(sample.of({
    { "f", "x", nil, "D(D(f, x), x)" },
    { "f", "x", "y", "D(D(f, x), y)'" },
    { "f", "y", "x", "D(D(f, x), y)" },
    { "e", "s", "t", "D(D(e, s), t)" },
    { "e(s, t)*x'*x", "s", "t", "D(D(e, s), t)*x'*x" },
    { "f(A*x, y)", "x", nil },
  }, 3)) do
    it(("has second derivatives: %s by %s, %s"):format(case[1], case[2], case[3] or case[2]), function()
      local s = assert(nabla.new())
      assert(s:declare(DECLARED))
      local answer = assert(s:hessian(case[1], case[2], case[3]))
      assert.equal(case[4] or tostring(answer), tostring(answer))
      assert.is_true(s:parse(tostring(answer)) == answer)
      local values = values_for "numerator"
      local gradient = assert(nabla.new { layout = "vec" })
      assert(gradient:declare(DECLARED))
      local G = assert(gradient:compile(assert(gradient:diff(case[1], case[2]))))
      agree(assert(s:compile(answer))(values), (jacobian(G, values, case[3] or case[2])), tostring(answer))
    end)
  end
end)

describe("a derivative by several variables at once", function()
  for _, case in ipairs {
    { "x'*A*x + x'*B*y", "[x; y]", "denominator", "[B*y + (A + A')*x; B'*x]" },
    { "x'*B*y", "x, y", "denominator", "[B*y; B'*x]" },
    { "x'*B*y", "(y, x)", "denominator", "[B'*x; B*y]" },
    { "B*y + A*x", "x, y", "numerator", "[A, B]" },
    { "B*y + A*x", "x, y", "denominator", "[A, B]'" },
    { "f", "x, y", "denominator", "[D(f, x); D(f, y)]" },
    { "f", "x, y", "numerator", "[D(f, x), D(f, y)]" },
    { "g", "x, y", "numerator", "[D(g, x), D(g, y)]" },
    { "s^2*t + exp(s)", "s, t", "denominator", "[exp(s) + 2*s*t; s^2]" },
  } do
    it(("of %s by %s, %s, is %s"):format(case[1], case[2], case[3], case[4]), function()
      local s = assert(nabla.new { layout = case[3] })
      assert(s:declare(DECLARED))
      assert.equal(case[4], tostring(assert(s:diff(case[1], case[2]))))
    end)
  end

  for _, case in ipairs {
    { "x'*A*x + x'*B*y + y'*y", "x, y", "[A + A', B; B', 2*I(m)]" },
    { "s^2*t", "s, t", "[2*t, 2*s; 2*s, 0]" },
    { "sum(exp(x))*s", "[x; s]", "[s*diag(exp(x)), exp(x); exp(x)', 0]" },
  } do
    it(("has second derivatives as blocks: %s by %s"):format(case[1], case[2]), function()
      local s = assert(nabla.new())
      assert(s:declare(DECLARED))
      assert.equal(case[3], tostring(assert(s:hessian(case[1], case[2]))))
    end)
  end
end)

describe("of functions of several arguments", function()
  for _, case in ipairs {
    { "f(x)", "f takes 2 arguments, found 1" },
    { "f(y, x)", "argument 1 of f is m x 1, declared n x 1" },
    { "f(x, y, t)", "f takes 2 arguments, found 3" },
    { "D(f, x)(y, y)", "argument 1 of f is m x 1, declared n x 1" },
    { "D(f, t)(x, y)", "f is not declared as a function of this" },
  } do
    it(case[1] .. " is refused", function()
      local s = assert(nabla.new())
      assert(s:declare(DECLARED))
      local node, err = s:parse(case[1], { habits = false })
      assert.is_nil(node)
      assert.equal(case[2], err.message)
    end)
  end

  it("the declaration is read with and without brackets", function()
    local s = assert(nabla.new())
    assert(s:declare "vector x(n), vector z(m), scalar f of x, z, scalar g of (x, z), scalar c of x, d")
    assert.equal("D(g, z) + D(f, z)", tostring(assert(s:diff("f(x, z) + g(x, z)", "z"))))
    assert.equal("1", tostring(assert(s:diff("d", "d"))))
    local ok, err = s:declare "scalar p of (x, nothing)"
    assert.is_nil(ok)
    assert.truthy(err.message:find("unknown name 'nothing'", 1, true))
  end)
end)
