-- Complex letters: derivatives by a letter and by its conjugate, compared with finite differences in real and imaginary direction by
-- arithmetic of this file; what the conjugate does; how it is read and printed; what is refused.

local nabla = require "nabla"

local DECL = [[complex scalar z, w, complex vector x(n), y(n), complex vector r(m), complex matrix Z(m,n), complex matrix W(n,n),
  complex matrix B(n,n), matrix A(n,n), vector b(n), scalar c, complex matrix R(n,n) hermitian, complex matrix S(n,n) skewhermitian,
  complex matrix Q(n,n) hpd, complex matrix U(n,n) unitary, complex matrix T(n,n) symmetric]]

local function session(layout)
  local s = assert(nabla.new { layout = layout })
  assert(s:declare(DECL))
  return s
end

-- ---------------------------------------------------------------------------------------------- complex numbers and matrices

local function C(a, b)
  return { a, b or 0 }
end

local function plus(p, q)
  return C(p[1] + q[1], p[2] + q[2])
end

local function times(p, q)
  return C(p[1] * q[1] - p[2] * q[2], p[1] * q[2] + p[2] * q[1])
end

local function over(p, q)
  local d = q[1] ^ 2 + q[2] ^ 2
  return C((p[1] * q[1] + p[2] * q[2]) / d, (p[2] * q[1] - p[1] * q[2]) / d)
end

local function exp(p)
  return C(math.exp(p[1]) * math.cos(p[2]), math.exp(p[1]) * math.sin(p[2]))
end

local function log(p)
  return C(math.log(math.sqrt(p[1] ^ 2 + p[2] ^ 2)), math.atan(p[2], p[1]))
end

local function make(rows, cols, f)
  local m = { rows = rows, cols = cols }
  for i = 1, rows do
    m[i] = {}
    for j = 1, cols do
      m[i][j] = f(i, j)
    end
  end
  return m
end

local function entries(f, ...)
  local list = { ... }
  return make(list[1].rows, list[1].cols, function(i, j)
    local at = {}
    for k, m in ipairs(list) do
      at[k] = m[i][j]
    end
    return f(table.unpack(at))
  end)
end

local function scalar(p)
  return make(1, 1, function()
    return p
  end)
end

local function product(p, q)
  if p.rows == 1 and p.cols == 1 and q.rows ~= 1 then
    return entries(function(x)
      return times(p[1][1], x)
    end, q)
  elseif q.rows == 1 and q.cols == 1 and p.cols ~= 1 then
    return product(q, p)
  end
  assert(p.cols == q.rows)
  return make(p.rows, q.cols, function(i, j)
    local sum = C(0)
    for k = 1, p.cols do
      sum = plus(sum, times(p[i][k], q[k][j]))
    end
    return sum
  end)
end

local function transpose(p)
  return make(p.cols, p.rows, function(i, j)
    return p[j][i]
  end)
end

local function conj(p)
  return entries(function(x)
    return C(x[1], -x[2])
  end, p)
end

-- By elimination: the inverse and the determinant.
local function inverse(p)
  local n, det = p.rows, C(1)
  local a = make(n, 2 * n, function(i, j)
    return j <= n and p[i][j] or C(j - n == i and 1 or 0)
  end)
  for k = 1, n do
    local best = k
    for i = k + 1, n do
      if a[i][k][1] ^ 2 + a[i][k][2] ^ 2 > a[best][k][1] ^ 2 + a[best][k][2] ^ 2 then
        best = i
      end
    end
    if best ~= k then
      a[k], a[best], det = a[best], a[k], times(det, C(-1))
    end
    local pivot = a[k][k]
    det = times(det, pivot)
    for j = 1, 2 * n do
      a[k][j] = over(a[k][j], pivot)
    end
    for i = 1, n do
      local factor = a[i][k]
      for j = 1, i ~= k and 2 * n or 0 do
        a[i][j] = plus(a[i][j], times(times(C(-1), factor), a[k][j]))
      end
    end
  end
  return make(n, n, function(i, j)
    return a[i][j + n]
  end), det
end

local function identity(n)
  return make(n, n, function(i, j)
    return C(i == j and 1 or 0)
  end)
end

-- ---------------------------------------------------------------------------------------------- values of nodes

local SIZES = { m = 3, n = 2 }

-- The value of a node of the engine: from its form alone.
local function value(s, id, values)
  local S = s.S
  local op = S:op(id)
  local args = {}
  if op == "symbol" then
    local v = values[S:name(id)]
    return v or scalar(C(SIZES[S:name(id)]))
  elseif op == "number" then
    return scalar(C(load("return " .. s:text(id))()))
  end
  local function size(d)
    return S:dimint(d) or SIZES[S:dimtext(d)]
  end
  local rows, cols = size(S:rows(id)), size(S:cols(id))
  if op == "I" then
    return identity(rows)
  elseif op == "zeros" then
    return make(rows, cols, function()
      return C(0)
    end)
  end
  for i, arg in ipairs(S:args(id)) do
    args[i] = value(s, arg, values)
  end
  local a = args[1]
  if op == "sum" then
    local total
    for i = 1, #args, 2 do
      local term = product(args[i], args[i + 1])
      total = total and entries(plus, total, term) or term
    end
    return total
  elseif op == "product" then
    local result = a
    for i = 2, #args do
      result = product(result, args[i])
    end
    return result
  elseif op == "hadamard" then
    return entries(times, table.unpack(args))
  elseif op == "power" then
    local k = args[2][1][1][1]
    if k ~= math.floor(k) then
      return scalar(exp(times(C(k), log(a[1][1]))))
    end
    local base, result = k < 0 and inverse(a) or a, identity(a.rows)
    for _ = 1, math.abs(k) do
      result = product(result, base)
    end
    return result
  elseif op == "transpose" then
    return transpose(a)
  elseif op == "conj" then
    return conj(a)
  elseif op == "tr" then
    local sum = C(0)
    for i = 1, a.rows do
      sum = plus(sum, a[i][i])
    end
    return scalar(sum)
  elseif op == "det" then
    return scalar((select(2, inverse(a))))
  elseif op == "logdet" then
    return scalar(log(select(2, inverse(a))))
  elseif op == "complexnorm" or op == "complexabs" then
    local sum = C(0)
    for i = 1, a.rows do
      for j = 1, a.cols do
        sum = plus(sum, times(a[i][j], conj(a)[i][j]))
      end
    end
    assert(op == "complexnorm" or a.rows * a.cols == 1)
    return scalar(exp(times(C(0.5), log(sum))))
  elseif op == "exp" or op == "log" then
    return entries(op == "exp" and exp or log, a)
  elseif op == "vec" then
    return make(a.rows * a.cols, 1, function(k)
      return a[(k - 1) % a.rows + 1][(k - 1) // a.rows + 1]
    end)
  end
  error("no value of " .. tostring(op))
end

local seed = 7

local function random()
  seed = (seed * 48271) % 2147483647
  return seed / 2147483647 * 2 - 1
end

local function random_matrix(rows, cols, real)
  return make(rows, cols, function()
    return C(random(), real and 0 or random())
  end)
end

local function random_values()
  local m, n = SIZES.m, SIZES.n
  local v = {
    z = random_matrix(1, 1), w = random_matrix(1, 1), c = random_matrix(1, 1, true),
    x = random_matrix(n, 1), y = random_matrix(n, 1),
    r = random_matrix(m, 1), b = random_matrix(n, 1, true), Z = random_matrix(m, n), W = random_matrix(n, n),
    B = random_matrix(n, n), A = random_matrix(n, n, true),
  }
  local half, other, root = random_matrix(n, n), random_matrix(n, n), random_matrix(n, n)
  local minus = entries(function(p)
    return times(C(-1), p)
  end, transpose(conj(half)))
  v.R = entries(plus, half, transpose(conj(half)))
  v.S = entries(plus, half, minus)
  v.Q = entries(plus, product(root, transpose(conj(root))), identity(n))
  v.T = entries(plus, other, transpose(other))
  -- Cayley: (I - S)*inv(I + S) is unitary
  v.U = product(entries(function(p, q)
    return plus(p, times(C(-1), q))
  end, identity(n), v.S), (inverse(entries(plus, identity(n), v.S))))
  return v
end

local STEP = 1e-5

-- The derivative of a scalar expression by a letter, or by its conjugate, in the shape of the letter.
local function differences(s, id, name, by_conjugate, values)
  local x = values[name]
  return make(x.rows, x.cols, function(i, j)
    local old = x[i][j]
    local function along(direction)
      local at = {}
      for k, sign in ipairs { 1, -1 } do
        x[i][j] = plus(old, times(C(sign * STEP), direction))
        at[k] = value(s, id, values)[1][1]
      end
      x[i][j] = old
      return over(plus(at[1], times(C(-1), at[2])), C(2 * STEP))
    end
    local d_real, d_imaginary = along(C(1)), along(C(0, 1))
    local turned = times(C(0, by_conjugate and 1 or -1), d_imaginary)
    return over(plus(d_real, turned), C(2))
  end)
end

local function distance(p, q)
  local most = 0
  assert.are.same({ p.rows, p.cols }, { q.rows, q.cols })
  for i = 1, p.rows do
    for j = 1, p.cols do
      most = math.max(most, math.abs(p[i][j][1] - q[i][j][1]), math.abs(p[i][j][2] - q[i][j][2]))
    end
  end
  return most
end

-- ---------------------------------------------------------------------------------------------- derivatives

-- The expression, the variable, the answer in denominator layout.
local CASES = {
  { "z*conj(z)", "z", "conj(z)" },
  { "z*conj(z)", "conj(z)", "z" },
  { "z^3 + 2*conj(z)^2*w", "conj(z)", "4*w*conj(z)" },
  { "exp(z*conj(w))", "z", "conj(w)*exp(z*conj(w))" },
  { "exp(z*conj(w))", "conj(w)", "z*exp(z*conj(w))" },
  { "1/(c + z*conj(z))", "conj(z)", "-z/(c + z*conj(z))^2" },
  { "log(z*conj(z) + 3)", "conj(z)", "z/(3 + z*conj(z))" },
  { "re(z^2)", "conj(z)", "conj(z)" },
  { "x^H*x", "x", "conj(x)" },
  { "x^H*x", "conj(x)", "x" },
  { "x'*x", "x", "2*x" },
  { "b'*x", "x", "b" },
  { "x^H*y", "conj(x)", "y" },
  { "x^H*y", "x", "zeros(n)" },
  { "y^H*x", "x", "conj(y)" },
  { "x^H*W*x", "x", "W'*conj(x)" },
  { "x^H*W*x", "conj(x)", "W*x" },
  { "x^H*R*x", "conj(x)", "R*x" },
  { "x^H*A*x", "conj(x)", "A*x" },
  { "x^H*S*x", "conj(x)", "S*x" },
  { "x'*T*x", "x", "2*T*x" },
  { "(r - Z*x)^H*(r - Z*x)", "conj(x)", "-Z^H*(r - Z*x)" },
  { "(r - Z*x)^H*(r - Z*x) + c*x^H*x", "conj(x)", "c*x - Z^H*(r - Z*x)" },
  { "(r - Z*x)^H*(r - Z*x)", "conj(Z)", "-(r - Z*x)*x^H" },
  { "(x^H*x)^(1/2)", "conj(x)", "x/(2*sqrt(x^H*x))" },
  { "log(1 + x^H*Q*x)", "conj(x)", "Q*x/(1 + x^H*Q*x)" },
  { "(x^H*R*x)/(x^H*x)", "conj(x)", "(R*x - x^H*R*x/(x^H*x)*x)/(x^H*x)" },
  { "(y^H*x)*(x^H*y)", "conj(x)", "y^H*x*y" },
  { "(x^H*R*x - c)^2", "conj(x)", "2*(x^H*R*x - c)*R*x" },
  { "tr(Z^H*Z)", "Z", "conj(Z)" },
  { "tr(Z^H*Z)", "conj(Z)", "Z" },
  { "tr(A*W)", "W", "A'" },
  { "tr(B*W^H)", "conj(W)", "B" },
  { "tr(B*W^H)", "W", "zeros(n,n)" },
  { "tr(W*B*W^H)", "conj(W)", "W*B" },
  { "tr(W*B*W^H)", "W", "conj(W)*B'" },
  { "tr(W*B*W)", "W", "W'*B' + B'*W'" },
  { "det(W)", "W", "det(W)*inv(W)'" },
  { "det(W)", "conj(W)", "zeros(n,n)" },
  { "det(W)*conj(det(W))", "conj(W)", "det(W)*det(conj(W))*inv(W^H)" },
  { "log(det(W*W^H))", "conj(W)", "inv(conj(W))'" },
  { "log(det(I(m) + Z*Q*Z^H))", "conj(Z)", "inv(I(m) + Z*Q*Z^H)*Z*Q" },
  { "x^H*inv(W)*x", "W", "-inv(W)'*conj(x)*x'*inv(W)'" },
  { "x^H*inv(W^H)*y", "conj(W)", "-inv(W^H)*y*x^H*inv(W^H)" },
  { "tr(inv(W)*B)", "W", "-inv(W)'*B'*inv(W)'" },
  { "tr(U^H*W*U*W^H)", "conj(W)", "U^H*W*U" },
  { "re(x^H*W*y)", "conj(x)", "W*y/2" },
}

describe("a derivative by a complex letter", function()
  local s = session()
  for _, case in ipairs(CASES) do
    local f, by, expected = table.unpack(case)
    it(("of %s by %s"):format(f, by), function()
      local node, answer, right = assert(s:parse(f)), assert(s:diff(f, by)), assert(s:parse(expected))
      local function id_of(n)
        return select(2, require("nabla.core").unwrap(n))
      end
      for _ = 1, 2 do
        local values = random_values()
        local name = by:match "conj%((.*)%)" or by
        local want = differences(s, id_of(node), name, name ~= by, values)
        assert.is_true(distance(value(s, id_of(answer), values), want) < 1e-6)
        assert.is_true(distance(value(s, id_of(right), values), want) < 1e-6)
      end
      assert.are.equal("yes", (s:equal(answer, right)))
      assert.is_true(#tostring(answer) <= 1.5 * #expected, tostring(answer))
      assert.are.equal(tostring(answer), tostring(s:parse(tostring(answer))))
    end)
  end

  it("is laid out by the layout", function()
    local numerator = session "numerator"
    assert.are.equal("x^H*W", tostring(numerator:diff("x^H*W*x", "x")))
    assert.are.equal("x'*W'", tostring(numerator:diff("x^H*W*x", "conj(x)")))
    assert.are.equal("W", tostring(numerator:diff("W*x + conj(x)", "x")))
    assert.are.equal("I(n)", tostring(numerator:diff("W*x + conj(x)", "conj(x)")))
    assert.are.equal("Z'", tostring(numerator:diff("tr(Z^H*Z)", "conj(Z)")))
  end)

  it("says where the expression is not holomorphic", function()
    local _, note = s:diff("x^H*x", "x")
    assert.is_truthy(tostring(note):find("not holomorphic in x", 1, true))
    assert.is_nil((select(2, s:diff("x'*x", "x"))))
    assert.is_nil((select(2, s:diff("x^H*x", "conj(x)"))))
    assert.is_nil((select(2, s:diff("y^H*x", "x"))))
  end)

  it("follows the differential, in which d(conj(Z)) is conj(d(Z))", function()
    local t = assert(nabla.new())
    assert(t:declare "complex matrix Z(m,n), complex vector x(n), complex matrix R(n,n) hermitian constant")
    assert.are.equal("x^H*R*d(x) + d(x)^H*R*x", tostring(t:differential "x^H*R*x"))
  end)
end)

it("a derivative by an entry of a complex matrix", function()
  local s = session()
  assert.are.equal("conj(Z)(1,2)", tostring(s:diff("tr(Z^H*Z)", "Z(1,2)")))
  assert.are.equal("x(1)", tostring(s:diff("x^H*x", "conj(x(1))")))
end)

it("attributes wait until the derivative is taken", function()
  local s = session()
  assert.are.equal("conj(W)", tostring(s:diff("tr(T'*conj(W))", "T")))
  assert.are.equal("W^H", tostring(s:diff("tr(T*conj(W))", "T")))
end)

it("letters are real again after a reset", function()
  local s = session()
  s:reset()
  assert(s:declare "vector x(n), matrix A(n,n) symmetric")
  assert.are.equal("2*A", tostring(s:hessian("x'*A*x", "x")))
  assert.are.equal("x_bar", tostring(s:parse "\\bar{x}"))
end)

describe("the conjugate", function()
  local s = session()
  local function equal(a, b, answer)
    it(("%s and %s: %s"):format(a, b, answer or "yes"), function()
      assert.are.equal(answer or "yes", (s:equal(a, b)))
    end)
  end
  equal("conj(W*B + A)", "conj(W)*conj(B) + A")
  equal("conj(inv(W))", "inv(conj(W))")
  equal("(W*x)^H", "x^H*W^H")
  equal("conj(exp(z)*W)", "exp(conj(z))*conj(W)")
  equal("conj(det(W))", "det(conj(W))")
  equal("conj(A*b)", "A*b")
  equal("U^H*U", "I(n)")
  equal("U*U^H", "I(n)")
  equal("R^H", "R")
  equal("S^H", "-S")
  equal("Q^H", "Q")
  equal("x^H*R*x", "conj(x^H*R*x)")
  equal("x^H*W*x", "conj(x^H*W*x)", "no")
  equal("z", "conj(z)", "no")
  equal("x'*x", "x^H*x", "no")
  equal("W^H", "W'", "no")
  equal("re(x^H*W*x)", "x^H*(W + W^H)*x/2")

  it("goes through every holomorphic function", function()
    local tried = 0
    for name, op in pairs(s.ops) do
      if (op.holomorphic or op.branched) and not op.antilinear and #op.params == 1 then
        local arg = op.branched and (op.elementwise and "x^H*x" or "W*W^H") or "W"
        local a, b = ("conj(%s(%s))"):format(name, arg), ("%s(conj(%s))"):format(name, arg)
        assert.are.equal("yes", (s:equal(a, b)), a)
        tried = tried + 1
      end
    end
    assert.is_true(tried > 8)
  end)

  it("is read and printed", function()
    for text, forms in pairs {
      ["Z^H*r"] = { "Z^H*r", "\\mathbf{Z}^{\\mathsf{H}} \\mathbf{r}" },
      ["conj(z)*w"] = { "w*conj(z)", "w \\overline{z}" },
      ["\\mathbf{x}^H \\mathbf{R} \\mathbf{x}"] = { "x^H*R*x" },
      ["x^{\\mathsf{H}} R x"] = { "x^H*R*x" },
      ["x^\\dagger R x"] = { "x^H*R*x" },
      ["\\bar{z} z"] = { "z*conj(z)" },
      ["\\overline{Z}"] = { "conj(Z)" },
      ["z^* z"] = { "z*conj(z)" },
      ["xᴴ*R*x"] = { "x^H*R*x" },
      ["A^H"] = { "A'" },
    } do
      local node = assert(s:parse(text))
      assert.are.equal(forms[1], tostring(node))
      assert.are.equal(forms[2] or node:latex(), node:latex())
      assert.are.equal(forms[1], tostring(s:parse(node:latex())))
      assert.are.equal(forms[1], tostring(s:parse(node:unicode())))
    end
  end)
end)

describe("what is not known of complex letters is refused:", function()
  local s = session()
  local function refused(what, result, err, part)
    assert.is_nil(result, what)
    assert.is_truthy(tostring(err):find(part, 1, true), tostring(err))
  end

  it("functions that are not holomorphic", function()
    for _, text in ipairs { "sign(z)", "eigval(W, 1)", "relu(x)", "D(sign(x), x)", "max(x)" } do
      local f, err = s:parse(text)
      assert.is_nil(f, text)
      assert.is_table(err)
    end
    local f, err = s:parse "logdet(W)"
    refused("logdet(W)", f, err, "not known to be its own conjugate")
  end)

  it("identities of logarithms and powers of what is not real, which have branches", function()
    for _, text in ipairs { "log(z)", "z^(1/2)", "log(det(W))", "sqrt(z*w)", "z^w" } do
      local answer, err = s:equal(text, text)
      refused(text, answer, err, "not known to be its own conjugate")
    end
  end)

  it("derivatives by unitary letters, which are tied to their conjugates", function()
    for _, name in ipairs { "U", "conj(U)" } do
      local g, err = s:diff("tr(A*" .. name .. ")", name)
      refused(name, g, err, "not independent")
    end
  end)

  it("calls for real letters", function()
    local f = assert(s:parse "x^H*x")
    for _, method in ipairs { "linear", "quadratic" } do
      for _, given in ipairs { f, "x^H*x" } do
        local result, err = s[method](s, given, "x", "x")
        refused(method, result, err, "knows real letters only")
      end
    end
    assert.are.equal("A + A'", tostring(s:hessian("b'*A*b", "b")))
  end)

  it("declarations", function()
    local t = assert(nabla.new())
    for decl, part in pairs {
      ["complex matrix V(n,n) psd"] = "no matrix is complex and psd",
      ["vector x(n), complex scalar g of x"] = "complex values",
      ["complex vector x(n), scalar h of x"] = "of a complex letter",
      ["matrix Y(n,n) hermitian real"] = "no matrix is hermitian and real",
      ["complex matrix Y(m,n) hermitian"] = "only a square matrix",
    } do
      local made, err = t:declare(decl)
      refused(decl, made, err, part)
    end
  end)

  it("stars of which the meaning is open", function()
    local f, err = s:parse "\\mathbf{x}^* x"
    refused("x^*", f, err, "conjugate to some")
  end)
end)

it("a session without complex letters reads ^H as before", function()
  local t = assert(nabla.new())
  assert(t:declare "vector x(n), scalar H, scalar a")
  assert.are.equal("a^H", tostring(t:parse "a^H"))
  assert.are.equal("x", tostring(t:parse "conj(x)"))
end)
