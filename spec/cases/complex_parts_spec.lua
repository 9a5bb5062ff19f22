-- Convexity, formulas of others, and derivations that are led, with complex letters. A verdict on convexity is tried by numbers with a
-- parser and an arithmetic that share no code with nabla.

local files = require "spec.support.files"
local judge = require "spec.judge.complex"
local nabla = require "nabla"
local numbers = require "spec.judge.complex_numbers"
local sample = require "spec.support.sample"

local DECL = [[complex scalar z, complex scalar w, complex vector x(n), complex vector y(n), complex vector a(n), complex vector b(m),
  complex matrix A(m,n), complex matrix W(n,n), complex matrix R(n,n) hermitian, complex matrix Q(n,n) hpd, complex matrix P(n,n) hpsd,
  complex matrix X(n,n) hpd, complex matrix Y(n,n) hpd, complex matrix H(m,n), scalar t, scalar p positive, complex matrix Z(m,n),
  complex matrix S(n,n) hermitian, complex matrix B(m,m) hpsd, vector r(n), complex matrix C(n,n)]]

local s = assert(nabla.new())
assert(s:declare(DECL))

-- The value of an expression where the variables are (1 - t) times those of one instance and t times those of another.
local function value(f, base, other, names, t)
  local values = setmetatable({}, { __index = base.values })
  for name in names:gmatch "%a+" do
    local u, v = base.values[name], other.values[name]
    values[name] = numbers.add(numbers.scale(u, 1 - t, 0), numbers.scale(v, t, 0), 1)
  end
  local result = f(setmetatable({ values = values }, { __index = base }))
  return result.x[1]
end

-- Does no pair of points refute a verdict?
local function stands(verdict, text, names)
  local f = judge.parse(text)
  for seed = 1, 12 do
    local sizes = { n = seed % 3 + 1, m = seed % 2 + 2 }
    local base = judge.instance(DECL, sizes, text .. seed)
    local other = judge.instance(DECL, sizes, text .. "other" .. seed)
    local at = { value(f, base, other, names, 0), value(f, base, other, names, 0.5), value(f, base, other, names, 1) }
    local gap = (at[1] + at[3]) / 2 - at[2]
    local noise = 1e-8 * (1 + math.abs(at[1]) + math.abs(at[3]))
    if verdict:find "convex" and gap < -noise or verdict:find "concave" and gap > noise then
      return false
    elseif verdict == "affine" and math.abs(gap) > noise then
      return false
    end
  end
  return true
end

-- The lines of the table.
local function cases()
  local list = {}
  for line in files.read("spec/data/complex_convexity.cases"):gmatch "[^\n]+" do
    local verdict, text, names = line:match "^(%a[%a ]-)%s*| (.-) | (.-)%s*$"
    list[#list + 1] = verdict and { verdict = verdict, text = text, names = names }
  end
  return list
end

describe("convexity with complex letters", function()
  for _, case in ipairs(sample.of(cases(), 8)) do
    local verdict, text, names = case.verdict, case.text, case.names
    it(("%s: %s by %s"):format(verdict, text, names), function()
      local result = assert(s:convexity(text, names))
      assert.are.equal(verdict, result.verdict)
      local known = not (text:find "max" or text:find "logsumexp")
      if known and verdict ~= "neither" then
        assert.is_true(stands(verdict, text, names))
      elseif verdict == "neither" then
        assert.is_truthy(result.points)
      end
    end)
  end

  it("is of real functions", function()
    for _, text in ipairs { "z^2", "x^H*W*x", "1i*abs(z)" } do
      local result, err = s:convexity(text, text:find "x" and "x" or "z")
      assert.is_nil(result)
      assert.is_truthy(tostring(err):find "of a real function")
    end
  end)

  it("tells what a stationary point is", function()
    local found = assert(s:stationary("x^H*Q*x - 2*re(a^H*x)", "x"))
    assert.are.equal("x = inv(Q)*a", tostring(found):match "^[^\n]*")
  end)
end)

local function first(list, key)
  return list[1] and list[1][key]
end

describe("a formula with complex letters", function()
  for _, case in ipairs {
    { "D(x^H*R*x, conj(x)) = R*x", "right" },
    { "d(x^H*R*x)/dx = R*x", "conditional", "brandwood" },
    { "d(x^H*R*x)/dx = 2*R*x", "conditional", "gradient" },
    { "D(x^H*W*x, conj(x)) = W^H*x", "conditional", "hermitian" },
    { "D(x^H*W*x, conj(x)) = (W + W^H)*x", "wrong" },
    { "D(x^H*W*x, conj(x)) = 2*W*x", "wrong", "a factor 2" },
    { "D(x^H*W*x, x) = W*x", "wrong", "it is the derivative by the conjugate" },
    { "D(x^H*W*x, conj(x)) = conj(W*x)", "wrong", "a conjugate" },
    { "D(a^H*x, conj(x)) = 0", "right" },
    { "D(log(det(I + H*Q*H^H)), conj(H)) = inv(I + H*Q*H^H)*H*Q", "right" },
    { "D(D(x^H*R*x, conj(x)), x) = R", "right" },
    { "d(tr(W*conj(W))) = tr(d(W)*conj(W) + W*conj(d(W)))", "right" },
    { "d(x^H*R*x) = x^H*R*d(x) + d(x)^H*R*x", "conditional", "constant" },
    { "d(x^H*x) = 2*x^H*d(x)", "wrong" },
    { [[\frac{\partial \mathbf{x}^H \mathbf{R} \mathbf{x}}{\partial \mathbf{x}^*} = \mathbf{R}\mathbf{x}]], "right" },
    { [[\nabla_{\mathbf{x}^*} \mathbf{x}^H \mathbf{R} \mathbf{x} = \mathbf{R}\mathbf{x}]], "right" },
    { [[\nabla_{\mathbf{x}} \|\mathbf{A}\mathbf{x}-\mathbf{b}\|^2 = 2\mathbf{A}^H(\mathbf{A}\mathbf{x}-\mathbf{b})]],
      "conditional", "gradient" },
  } do
    it("is " .. case[2] .. ": " .. case[1], function()
      local result = assert(s:identify { formula = case[1] })
      assert.are.equal(case[2], result.status)
      if case[3] then
        local c = result.conditions[1] or {}
        assert.are.equal(case[3], c.convention or c.attribute or first(result.nearest, "change"))
      end
    end)
  end

  it("is compared as an expression, without a value for a name", function()
    local result, err = s:identify { formula = "D(abs(z)^2, z) = conj(z)", at = { t = 1 } }
    assert.is_nil(result)
    assert.is_truthy(tostring(err.message):find "as expressions")
  end)
end)

describe("a derivation with complex letters that is led", function()
  it("takes lines with the letters and their conjugates, and refuses those that do not follow", function()
    local L = assert(s:derivation("f = norm2(A*x - b)^2", "conj(x)"))
    L:let "e = A*x - b"
    L:d()
    L:step "d(f) = d(x)^H*A^H*e"
    assert.is_false((pcall(L.step, L, "d(f) = d(x)^H*A'*e")))
    assert.is_false((pcall(L.step, L, "d(f) = d(x)^H*A^H*conj(e)")))
    assert.is_false((pcall(L.step, L, "d(f) = d(x)^H*A^H*y"))) -- the function does not hold y
    L:read()
    assert.are.equal("A^H*(A*x - b)", L:write(L[#L].right))
  end)

  it("goes on to the solution", function()
    local L = assert(s:derivation("f = x^H*Q*x - a^H*x - x^H*a", "conj(x)"))
    L:stationary():solve()
    assert.are.equal("inv(Q)*a", tostring(L.solutions.values.x))
  end)

  it("brings an expression to another form", function()
    local L = assert(s:derivation { title = "binomial" })
    L:step "(x + y)^H*(x + y)"
    L:expand()
    assert.is_false((pcall(L.step, L, "x^H*x")))
    L:step "x^H*x + y^H*y + 2*re(x^H*y)"
    assert.are.equal("x^H*x + y^H*y + 2*re(x^H*y)", L:write(L[#L].right))
  end)
end)

describe("eigenvalues, singular values and pseudo-inverses of complex matrices", function()
  for _, case in ipairs {
    { "eigval(R,1)", "R", "gradient", "eigproj(R, 1)" },
    { "eigval(R,1)", "R", nil, "eigproj(R, 1)'" },
    { "eigmax(R) - eigmin(R)", "R", "gradient", "eigproj(R, 1) - eigproj(R, n)" },
    { "eigval(A^H*A,1)", "conj(A)", nil, "A*eigproj(A^H*A, 1)" },
    { "eigval(R + x*x^H,2)", "conj(x)", nil, "eigproj(R + x*x^H, 2)*x" },
    { "log(eigval(Q,1))", "Q", "gradient", "eigproj(Q, 1)/eigval(Q, 1)" },
    { "spectralnorm(A)", "A", "gradient", "A*eigproj(A^H*A, 1)/sqrt(eigval(A^H*A, 1))" },
    { "x^H*eigproj(R,1)*x", "R", "gradient" },
    { "x^H*pinv(A)*b", "A" },
    { "norm2(pinv(A)*b)^2", "conj(A)" },
  } do
    it("have derivatives that differences confirm: " .. case[1] .. " by " .. case[2], function()
      local g = assert(s:diff(case[1], case[2], { convention = case[3] }))
      assert.are.equal(case[4] or tostring(g), tostring(g))
      assert.are.equal(tostring(g), tostring(assert(s:parse(tostring(g)))))
      assert.is_true(s:verify(case[1], case[2], g, { convention = case[3] }))
    end)
  end

  it("are those of Hermitian matrices alone", function()
    for _, text in ipairs { "eigval(W,1)", "eigproj(W,1)", "x^H*eigvec(R,1)" } do
      local g, err = s:diff(text, text:find "x" and "x" or "W")
      assert.is_nil(g)
      assert.is_truthy(tostring(err):find "Hermitian", tostring(err))
    end
  end)
end)

describe("notations of programs with complex letters", function()
  it("are refused where their transpose conjugates", function()
    for _, notation in ipairs { "matlab", "julia" } do
      local t = assert(nabla.new { notation = notation })
      assert(t:declare "complex vector x(n), complex matrix A(m,n), complex vector y(m), vector r(n)")
      local text, err = t:diff("norm2(y - A*x)^2", "conj(x)"):text()
      assert.is_nil(text)
      assert.is_truthy(tostring(err.message):find("conjugate transpose", 1, true))
      assert.is_truthy(t:diff("r'*r", "r"):text())
    end
    local f, err = s:parse "x'*eye(n)*x"
    assert.is_nil(f)
    assert.is_truthy(tostring(err):find("conjugate transpose", 1, true))
    assert.is_truthy(s:parse "norm(A*x - b, 'fro')^2")
  end)
end)

describe("stationary points of real functions of complex letters", function()
  for _, case in ipairs {
    { "x^H*R*x", "x", "x^H*x = 1", "x = eigvec(R, k)" },
    { "x^H*R*x/(x^H*x)", "x", nil, "x = eigvec(R, k)" },
    { "x^H*Q*x", "x", "a^H*x = 1", "x = inv(Q)*a/(a^H*inv(Q)*a)" },
    { "x^H*Q*x", "x", "A*x = b", "x = inv(Q)*A^H*inv(A*inv(Q)*A^H)*b" },
    { "norm2(b - A*x)^2 + p*norm2(x)^2", "x", nil, "x = inv(p*I(n) + A^H*A)*A^H*b" },
    { "logdet(X) - tr(Q*X)", "X", nil, "X = inv(Q)" },
    { "re(a^H*x)", "x", "x^H*x = 1", "x = a/norm2(a)" },
  } do
    it("are found: " .. case[1] .. (case[3] and " where " .. case[3] or ""), function()
      local found = assert(s:stationary(case[1], case[2], case[3]))
      assert.are.equal(case[4], tostring(found):match "^[^\n]*")
    end)
  end

  it("are minima of convex functions, maxima of concave ones", function()
    assert.are.equal("unique minimum", s:stationary("x^H*Q*x - 2*re(a^H*x)", "x").kind)
    assert.are.equal("minimum", s:stationary("norm2(b - A*x)^2", "x", "a^H*x = 1").kind)
    assert.are.equal("unique maximum", s:stationary("logdet(X) - tr(Q*X)", "X").kind)
    assert.are.equal("unknown", s:stationary("x^H*R*x", "x", "x^H*x = 1").kind)
  end)
end)
