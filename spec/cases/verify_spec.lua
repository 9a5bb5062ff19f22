-- session:verify and --verify: right answers agree with finite differences in every layout and convention and for every family of
-- functions; an answer that was tampered with is caught.

local files = require "spec.support.files"
local nabla = require "nabla"
local sample = require "spec.support.sample"

if not pcall(require, "nabla.numeric.core") then
  return
end

local matrix = require "nabla.matrix"

describe("a wrong rule of a user's file", function()
  it("changes the answer, and is caught, since the text is taken as it is written", function()
    local own = assert(nabla.new())
    assert(own:rule [[
      let matrix A(n,n), matrix B(n,n)
      rule "freshman" det(A + B) -> det(A) + det(B)
      operator twice(A(n,n)): matrix (n,n)
      rule "twice" twice(A) -> 2*A
    ]])
    assert(own:declare "matrix X(n,n)")
    local g = assert(own:diff("det(I(n) + X)", "X"))
    assert.equal("det(X)*inv(X)'", tostring(g))
    local right, err = own:verify("det(I(n) + X)", "X", g)
    assert.is_false(right)
    assert.matches("not the derivative", tostring(err))
    assert.is_true(own:verify("tr(X*X)", "X", "2*X'"))
    assert.is_true(own:verify("tr(twice(X)*X)", "X", assert(own:diff("tr(twice(X)*X)", "X")))) -- the rule says what it is
  end)
end)

local LAYOUTS = { "numerator", "denominator", "mixed", "vec", "block", "block_t", "block_f" }
local s = assert(nabla.new())

local DECLARED =
  [[matrix X(n,n), matrix A(n,n), matrix B(n,n), matrix M(m,n), vector x(n), vector y(n), vector z(m), scalar t,
  vector u(m) of x, scalar f of X, matrix F(m,p) of t, matrix G(m,p) of X,
  matrix S(n,n) symmetric, vector v(3), vector w(3)]]

-- expressions by variable; those of one function stand for all of its kind
local families = {
  x = {
    "%s(A*x)",
    "%s(x'*y)",
    functions = "exp log sin cos tan sec sinh cosh tanh asin acos atan sqrt abs sign step relu sigmoid softplus",
    "x'*A*x",
    "norm2(A*x - y)^2",
    "norm1(x)",
    "norminf(x)",
    "max(A*x)",
    "softmax(A*x)",
    "logsumexp(x)",
    "var(x)",
    "x*x'",
    "kron(x,y)",
    "A*diag(x)*B",
    "y./x",
    "u(x)",
    "z'*u(A*x)",
    "u(x)*x'",
    "x(1)",
  },
  X = {
    "%s(X)",
    "y'*%s(X)*x",
    functions = "expm logm sqrtm sinm cosm inv pinv adj tril triu diagonalsums",
    "sum(exp(M*X))",
    "det(X)",
    "logdet(X)",
    "tr(A*X*B*X')",
    "norm2(X)",
    "X^-2",
    "x'*X^k*y",
    "vech(X)",
    "diagv(X)",
    "kron(A,X)",
    "khatrirao(X,A)",
    "X./A",
    "(A*X)(1,2)",
    "sum(i = 1..3, X^i)",
    "f(A*X)",
    "G(X)'*z",
  },
  t = {
    "%s(t*A)",
    functions = "expm exp tanh",
    "F(t)*F(t)'",
    "inv(A + t*B)",
    "det(A + t*B)",
    "norm2(x + t*y)",
    "u(t*y)",
    "t^k",
  },
  S = { "eigval(S,2)", "eigvec(S,1)", "x'*eigvec(S,2)", "x'*inv(S)*x", "sqrtm(S)" },
  v = { "cross(v,w)", "hat(v)*w", "vee(v*w')" },
}

-- The expressions of a family, in the order of their texts.
local function expressions(family)
  local list = {}
  for _, text in ipairs(family) do
    if text:find "%%s" then
      for name in family.functions:gmatch "%S+" do
        list[#list + 1] = text:format(name)
      end
    else
      list[#list + 1] = text
    end
  end
  return list
end

local function fresh(text)
  s:reset()
  assert(s:declare((text or DECLARED):gsub("\n%s*", " ") .. ""))
end

describe("a derivative in every layout", function()
  for by, family in pairs(families) do
    for number, text in ipairs(sample.of(expressions(family))) do
      it("is verified: " .. text .. " by " .. by, function()
        local verified = 0
        for k, layout in ipairs(LAYOUTS) do
          fresh()
          local opts = { layout = layout }
          local answer, refused = s:diff(text, by, opts)
          if answer then
            local right, err = s:verify(text, by, answer, opts)
            assert.is_true(right, layout .. ": " .. tostring(answer) .. ": " .. tostring(err))
            verified = verified + 1
            -- and, in one of the layouts, found out if it is a thousandth too large, or has another sign
            if k == 1 + number % #LAYOUTS and (s:equal(answer, answer * 2)) ~= "yes" then
              assert.is_false((s:verify(text, by, answer * 1.001, opts)), layout .. ": " .. tostring(answer))
              assert.is_false((s:verify(text, by, -answer, opts)))
            end
          else
            assert.is_truthy(tostring(refused):find("the derivative of a", 1, true), tostring(refused))
          end
        end
        assert.is_true(verified >= 1)
      end)
    end
  end

  it("is compared where it is not zero", function()
    fresh()
    assert.is_false((s:verify("relu(x'*y)", "x", "2*step(x'*y)*y")))
    assert.is_false((s:verify("relu(x'*y)", "x", "0*y")))
    assert.is_true((s:verify("relu(-x'*x)", "x", "0*x")))
  end)

  it("is compared relative to its size", function()
    fresh()
    assert.is_true((s:verify("x'*y/50", "x", "y/50")))
    assert.is_false((s:verify("x'*y/50", "x", "y/50 + y/5000")))
  end)

  it("is found to be in another layout", function()
    fresh()
    local right, err = s:verify("M*x", "x", "M'", { layout = "numerator" })
    assert.are.same(
      { false, "the answer is not the derivative: it is n x m, the derivative m x n" },
      { right, tostring(err) }
    )
    assert.is_false((s:verify("A*x", "x", "A'", { layout = "numerator" })))
  end)
end)

local STRUCTURES = {
  "symmetric",
  "spd",
  "skew",
  "diagonal",
  "lower invertible",
  "upper",
  "toeplitz",
  "symmetric toeplitz",
}

describe("an answer by a convention", function()
  for _, structure in ipairs(sample.of(STRUCTURES)) do
    for _, convention in ipairs(sample.of { "free", "projected", "entries" }) do
      sample.whole(it)("is verified, by a " .. structure .. " variable and the convention " .. convention, function()
        local second = { "tr(X*A*X*B)", "det(X)", "x'*inv(X + 5*I(n))*x" }
        for k, text in ipairs { "tr(X*A*X*B)", "det(X)", "x'*inv(X + 5*I(n))*x", "X*x", "inv(X + 5*I(n))" } do
          for l, layout in ipairs(LAYOUTS) do
            fresh("matrix X(n,n) " .. structure .. ", matrix A(n,n), matrix B(n,n), vector x(n)")
            local opts = { layout = layout, convention = convention }
            local answer = s:diff(text, "X", opts)
            if answer and (l + k) % 2 == 0 then
              local right, err = s:verify(text, "X", answer, opts)
              assert.is_true(right, layout .. ": " .. tostring(answer) .. ": " .. tostring(err))
              assert.is_false((s:verify(text, "X", answer * 1.001, opts)))
            end
            if second[k] and (l + k) % 3 == 0 then
              local H = assert(s:hessian(text, "X", opts))
              opts.second = true
              local right, err = s:verify(text, "X", H, opts)
              assert.is_true(right, layout .. ": " .. tostring(H) .. ": " .. tostring(err))
              assert.is_false((s:verify(text, "X", H * 1.01, opts)))
            end
          end
        end
      end)
    end
  end

  -- The Hessian by independent entries, by its definition: the second difference along two elements of the structure.
  it("is the Hessian by independent entries", function()
    fresh "matrix X(n,n) symmetric, matrix A(n,n), matrix B(n,n)"
    local F = assert(s:compile "tr(X*A*X*B) + tr(X^3)")
    s:reset()
    assert(s:declare "matrix X(n,n) symmetric, matrix A(n,n), matrix B(n,n)")
    local H = assert(s:hessian("tr(X*A*X*B) + tr(X^3)", "X", { convention = "entries", layout = "vec" }))
    local n = 3
    local function random(k)
      return matrix.build(n, n, function(i, j)
        return math.sin(k + 3 * i + 5 * j)
      end)
    end
    local X, A, B = random(1) + random(1).T, random(2), random(3)
    local function element(i, j)
      local e = matrix.zeros(n, n):set(i, j, 1)
      return e:set(j, i, 1)
    end
    local function f(M)
      return F { X = M, A = A, B = B }[1]
    end
    local value, h = assert(s:compile(H)) { X = X, A = A, B = B }, 1e-3
    for a = 1, n * n do
      for b = 1, n * n do
        local E, G = element((a - 1) % n + 1, (a - 1) // n + 1), element((b - 1) % n + 1, (b - 1) // n + 1)
        local difference = f(X + E * h + G * h)
          - f(X + E * h - G * h)
          - f(X - E * h + G * h)
          + f(X - E * h - G * h)
        assert.is_true(math.abs(difference / (4 * h * h) - value(a, b)) < 1e-6)
      end
    end
  end)
end)

describe("the command with --verify", function()
  local wrong = files.temporary [[
function foo(A(n,n)): scalar = tr(A'*A)
    d(foo(A)) = 2*tr(A'*d(A)) + tr(d(A))/100
]]

  teardown(function()
    os.remove(wrong)
  end)

  local function run(line, input)
    local pipe = assert(
      io.popen(
        ("export OPENBLAS_NUM_THREADS=1\nexec 2>&1\nbin/nabla %s <<'END'\n%s\nEND\necho status $?"):format(
          line,
          input or ""
        )
      )
    )
    local text = pipe:read "a"
    pipe:close()
    return text
  end

  it("does not print an answer that a wrong rule has given", function()
    assert.are.equal("2*X + I(n)/100\nstatus 0\n", run('diff "foo(X)" X --rules ' .. wrong))
    local text = run('diff "foo(X)" X --verify --rules ' .. wrong)
    local refused = "^nabla: the answer is not the derivative: entry %(%d,%d%) is "
    assert.is_truthy(text:find(refused .. "[%d.-]+, by finite differences [%d.-]+\nstatus 1\n$"), text)
    text = run(
      'hessian "foo(X)^2" X --convention projected --let "matrix X(n,n) symmetric" --verify --rules ' .. wrong
    )
    assert.is_truthy(text:find "^nabla: the answer is not the derivative: .*\nstatus 1\n$", text)
    text = run("batch", ('{"id":1,"expr":"foo(X)","wrt":"X","verify":true,"rules":[%q]}'):format(wrong))
    assert.is_truthy(
      text:find('{"id":1,"error":{"message":"the answer is not the derivative: ', 1, true),
      text
    )
  end)

  sample.whole(it)("prints Hessians by every convention", function()
    for _, convention in ipairs { "free", "projected", "entries" } do
      local text = run(
        ('hessian "x\'*S*S*x" S --convention %s --let "matrix S(n,n) symmetric, vector x(n)" --verify'):format(
          convention
        )
      )
      assert.is_truthy(text:find "\nstatus 0\n$", text)
      local request = [[{"id":1,"op":"hessian","expr":"x'*S*S*x","wrt":"S","verify":true,"convention":"%s",]]
        .. [["decl":["matrix S(n,n) symmetric","vector x(n)"]}]]
      assert.is_truthy(run("batch", request:format(convention)):find('{"id":1,"answer":', 1, true))
    end
  end)
end)
