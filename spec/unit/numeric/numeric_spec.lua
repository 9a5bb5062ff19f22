-- Evaluation: compiled expressions beside the judge's own evaluator, which shares no code with them; matrices; errors.

local generator = require "spec.random.generator"
local judge = require "spec.judge"
local nabla = require "nabla"
local numeric = require "spec.judge.numeric"
local sample = require "spec.support.sample"

local there = pcall(require, "nabla.numeric.core")

if not there then
  describe("the numeric module", function()
    it("is missed with a message that says what to install", function()
      local s = assert(nabla.new {})
      local F, err = s:compile "x'*x"
      assert.is_nil(F)
      assert.is_truthy(tostring(err):find("libopenblas-dev", 1, true))
    end)
  end)
  return
end

local evaluation = require "nabla.numeric"
local matrix = evaluation.matrix

local function declared_session()
  local s = assert(nabla.new {})
  assert(
    s:declare(
      "matrix A(m,n), vector b(m), vector x(n)",
      "matrix S(n,n) spd, matrix X(n,n), scalar a, vector u(m) of x"
    )
  )
  return s
end

-- A matrix of the judge's as one of ours, and back.
local function given(v)
  local a = matrix.zeros(v.rows, v.cols)
  for k = 1, #v do
    a[k] = v[k]
  end
  return a
end

local function taken(a)
  if type(a) == "table" and a.rows then
    return a
  end
  a = matrix(a)
  local v = { rows = a.rows, cols = a.cols }
  for k = 1, #a do
    v[k] = a[k]
  end
  return v
end

local function assert_close(want, got, tolerance, message)
  want, got = taken(want), taken(got)
  local sizes = want.rows == got.rows and want.cols == got.cols
  assert.is_true(
    sizes,
    message .. string.format(": %d x %d, not %d x %d", got.rows, got.cols, want.rows, want.cols)
  )
  local scale = math.max(numeric.magnitude(want), 1e-3)
  local off = numeric.magnitude(numeric.subtract(want, got)) / scale
  assert.is_true(off <= tolerance, string.format("%s: off by %.3g", message, off))
end

-- The values of an instance of the judge's, in the form of a call.
local function values_of(instance)
  local values = {}
  for name, size in pairs(instance.sizes) do
    values[name] = size
  end
  for name, v in pairs(instance.values) do
    values[name] = given(v)
  end
  for name, f in pairs(instance.functions) do
    values[name] = function(x)
      return given(f.value(taken(x)))
    end
  end
  values.D = setmetatable({}, {
    __index = function(_, name)
      return instance.functions[name]
        and function(x)
          instance.values.point = taken(x)
          local d = judge.evaluate(instance, "D(" .. name .. ", point)")
          instance.values.point = nil
          return given(d)
        end
    end,
  })
  return values
end

local session = assert(nabla.new {})

-- Is the value of the text that of the judge, at both sets of sizes? The judge may read another text.
local function right(text, decl, tolerance, judged)
  local s = session
  s:reset()
  if #decl > 0 then
    assert(s:declare(table.unpack(decl)))
  end
  local F = assert(s:compile(text))
  for set, sizes in ipairs(judge.sizes) do
    local instance = judge.instance(judge.declarations(decl), sizes, text .. set)
    assert_close(judge.evaluate(instance, judged or text), F(values_of(instance)), tolerance or 1e-11, text)
  end
end

describe("an operator's value", function()
  local decl = {
    "matrix A(m,n)",
    "matrix B(m,n)",
    "matrix C(n,p)",
    "matrix S(n,n) spd",
    "matrix P(n,n)",
    "matrix X(n,n) invertible",
    "vector x(n)",
    "vector y(m)",
    "vector z(n)",
    "scalar a",
    "scalar b",
    "vector u(3)",
    "vector v(3)",
  } -- stylua: ignore
  for name in ("exp sin cos tan sec sinh cosh tanh atan abs sign step relu sigmoid softplus"):gmatch "%S+" do
    it("is right for " .. name, function()
      right(name .. "(A)", decl)
      right(name .. "(a)", decl)
      right(name .. "(A*x).*y", decl)
    end)
  end
  for line in io.lines "spec/data/values.cases" do
    local text, tolerance = line:match "^([^#|]-)%s*|%s*(%S+)$"
    text = text or line:match "^[^#].*"
    if text then
      it("is right in " .. text, function()
        right(text, decl, tonumber(tolerance))
      end)
    end
  end

  -- counted sums, beside the same written out
  for text, same in pairs {
    ["sum(i = 1..4, i*P^i)"] = "P + 2*P^2 + 3*P^3 + 4*P^4",
    ["sum(i = 1..n, i*x)"] = "n*(n + 1)/2*x",
    ["sum(i = 2..1, x)"] = "0*x",
    ["sum(i = 1..3, sum(j = 1..i, a^j))*P"] = "(3*a + 2*a^2 + a^3)*P",
  } do
    it("is right in " .. text, function()
      local s = assert(nabla.new {})
      assert(s:declare(table.unpack(decl)))
      local F = assert(s:compile { text, same })
      local instance = judge.instance(judge.declarations(decl), judge.sizes[1], text)
      local p, q = F(values_of(instance))
      assert_close(p, q, 1e-13, text)
    end)
  end

  -- every operator of the rule files, on arguments of the shapes that it declares
  local operators = require("nabla.text.spelling").names(session.ops)
  local within = { -- where a random argument is not in the domain
    acos = "v1/9",
    asin = "v1/9",
    log = "v1.^2 + ones(n,n)",
    sqrt = "v1.^2",
    logm = "expm(v1)",
    sqrtm = "expm(v1)",
    eigval = "v1 + v1', 2",
    eigvec = "v1 + v1', 2",
  }
  local written = { dot = "v1'*v2", transpose = "v1'" } -- for the judge, which does not know these names
  for _, name in ipairs(sample.of(operators, 4)) do
    local op = session.ops[name]
    if not op.gone then
      it("is right for the operator " .. name, function()
        local S, args, declared = session.S, {}, {}
        for i, p in ipairs(op.params) do
          local rows, cols = p.rows and S:dimtext(p.rows) or "n", p.cols and S:dimtext(p.cols) or "n"
          args[i] = p.operator and "expm" or p.dimension or p.index and "2" or "v" .. i
          declared[#declared + 1] = args[i] == "v" .. i and ("matrix v%d(%s,%s)"):format(i, rows, cols) or nil
        end
        local text = within[name] or table.concat(args, ", ")
        right(#args > 0 and ("%s(%s)"):format(name, text) or name, declared, 1e-9, written[name])
      end)
    end
  end

  it("is that of any matrix with real eigenvalues, and of no other", function()
    local s = assert(nabla.new {})
    assert(s:declare "matrix A(n,n)")
    local F = assert(s:compile { "eigval(A,1)", "eigvec(A,2)" })
    local value, vector = F { A = { { 1, 2 }, { 0, 3 } } }
    assert.are.same({ 3, 1, 0 }, { value[1], vector[1], vector[2] })
    assert.are.equal(
      "eigval(A, 1): the matrix has eigenvalues that are not real",
      select(2, pcall(F, { A = { { 0, 1 }, { -1, 0 } } }))
    )
  end)
end)

describe("the value of a random expression", function()
  for _, options in ipairs { { seed = 11 }, { seed = 12, layouts = "general", depth = 2 } } do
    it("is that of the judge, and so is its derivative's, seed " .. options.seed, function()
      local g = generator.new(options.seed, options.layouts and { layouts = options.layouts })
      for number = 1, sample.count(25, 5) do
        local problem = g:problem(options.depth or 1 + number % 4)
        local s = assert(nabla.new { layout = problem.layout })
        assert(s:declare(table.unpack(problem.decl)))
        local answer = s:diff(problem.expr, problem.wrt)
        for set, sizes in ipairs(judge.sizes) do
          local list = judge.declarations(problem.decl)
          local instance = judge.instance(list, sizes, "number" .. number .. set, { layout = problem.layout })
          for _, text in ipairs { problem.expr, answer and answer:text() } do
            -- derivatives of unknown functions: first ones, in a layout that the judge knows for them
            local unknown = text:find "D%(D%(" or options.layouts and text:find "D%("
            local known, want = not unknown, nil
            if known then
              known, want = pcall(judge.evaluate, instance, text)
            end
            if known and numeric.is_finite(want) then
              local F = assert(s:compile(text == problem.expr and text or answer))
              assert_close(want, F(values_of(instance)), 1e-9, text)
            end
          end
        end
      end
    end)
  end
end)

describe("a compiled expression", function()
  local s, F
  before_each(function()
    s = declared_session()
    F = assert(s:compile "2*A'*(A*x - b)")
  end)

  it("takes matrices, tables, lists and numbers", function()
    local A, b, x = matrix { { 1, 2 }, { 3, 4 }, { 5, 6 } }, matrix { 1, 2, 3 }, matrix { 1, -1 }
    local want = 2 * (A.T * (A * x - b))
    assert.are.equal(want, F { A = A, b = b, x = x })
    assert.are.equal(want, F { A = A:table(), b = { 1, 2, 3 }, x = { { 1 }, { -1 } } })
    assert.are.equal(matrix(6), assert(s:compile "a*2") { a = 3 })
    assert.are.equal(matrix(6), assert(s:compile "a*2") { a = matrix(3) })
  end)

  it("gives a result for each expression of a list", function()
    local G = assert(s:compile { "A*x", "x'*x", s:parse "A*x", "x" })
    local p, q, r, t = G { A = { { 1, 2 } }, x = { 3, 4 } }
    assert.are.same({ 11, 25, 11, matrix { 3, 4 } }, { p[1], q[1], r[1], t })
  end)

  it("is right again with other values, other sizes, and the first ones", function()
    local function check(m, n, seed)
      local random = numeric.random(seed)
      local function fill(rows, cols)
        return matrix.build(rows, cols, function()
          return random:signed(0, 1)
        end)
      end
      local A, b, x = fill(m, n), fill(m, 1), fill(n, 1)
      assert_close(2 * (A.T * (A * x - b)), F { A = A, b = b, x = x }, 1e-13, "gradient")
    end
    for round = 1, 40 do
      check(1 + round % 7, 1 + round % 5, round)
    end
    check(300, 200, "large")
    check(3, 2, "small")
  end)

  it("keeps results apart: a later call does not change an earlier one", function()
    local first = F { A = { { 1, 2 } }, b = { 1 }, x = { 1, 1 } }
    local copy = first:copy()
    F { A = { { 3, 4 } }, b = { 1 }, x = { 1, 1 } }
    assert.are.equal(copy, first)
  end)

  it("writes into a matrix that it is given, even one of its arguments", function()
    local out = matrix.zeros(2, 1)
    local r = F({ A = { { 1, 2 } }, b = { 1 }, x = { 1, 1 } }, out)
    assert.is_true(rawequal(r, out))
    assert.are.equal(matrix { 4, 8 }, out)
    local x = matrix { 1, 1 }
    F({ A = { { 1, 2 } }, b = { 1 }, x = x }, x)
    assert.are.equal(matrix { 4, 8 }, x)
    local G = assert(s:compile { "A*x", "x" })
    local p, q = matrix.zeros(1, 1), matrix.zeros(2, 1)
    G({ A = { { 1, 2 } }, x = { 1, 1 } }, { p, q })
    assert.are.same({ matrix(3), matrix { 1, 1 } }, { p, q })
  end)

  it("does not change its arguments", function()
    local X, x = matrix { { 2, 1 }, { 1, 3 } }, matrix { 1, 2 }
    local before = { X:copy(), x:copy() }
    assert(s:compile "inv(X)*x + tanh(X)*(x + x.^2) + det(X)*x") { X = X, x = x }
    assert.are.same(before, { X, x })
  end)

  it("takes sizes that no value tells", function()
    local G = assert(s:compile "ones(m,k)*I(k)")
    assert.are.equal(matrix.ones(2, 3), G { m = 2, k = 3 })
    assert.are.equal(matrix.ones(3, 2), G { m = 3, k = 2 })
    assert.has_error(function()
      G { m = 2 }
    end)
  end)

  it("is planned anew for a scalar that indices or bounds depend on", function()
    local G = assert(s:compile "sum(i = 1..a, i*x)")
    for k = 0, 4 do
      assert.are.equal(matrix { k * (k + 1) / 2, k * (k + 1) }, G { a = k, x = { 1, 2 } })
    end
  end)

  it("calls Lua for unknown functions and their derivatives", function()
    local G = assert(s:compile { "u(x)", s:diff("b'*u(x)", "x") })
    local value, gradient = G {
      x = { 3, 4 },
      b = { 1, 2 },
      u = function(x)
        return { x[1] * x[2], x[1] ^ 2 }
      end,
      D = {
        u = function(x) -- in the layout of the session: denominator
          return matrix({ { x[2], x[1] }, { 2 * x[1], 0 } }).T
        end,
      },
    }
    assert.are.equal(matrix { 12, 9 }, value)
    assert.are.equal(matrix { 16, 3 }, gradient)
  end)

  it("evaluates a function of a rule file by its expression, also one with its own derivative", function()
    assert(s:rule [[
function square(t) elementwise = t^2
function bump(t) elementwise = exp(-t^2)
    derivative -2*t*exp(-t^2)
function spread(y(k)): vector (k) = y - ones(k)*sum(y)/k
    d(spread(y)) = d(y) - ones(k)*sum(d(y))/k
operator mystery(A(m,n)): same
]])
    local e = math.exp
    assert.are.equal(matrix { 1, 4 }, assert(s:compile "square(x)") { x = { 1, 2 } })
    assert_close(matrix { e(-1), e(-4) }, assert(s:compile "bump(x)") { x = { 1, 2 } }, 1e-15, "bump")
    assert.are.equal(matrix { -1, 1 }, assert(s:compile "spread(x)") { x = { 1, 3 } })
    local G, err = s:compile "mystery(x) + x"
    assert.is_nil(G)
    assert.is_truthy(tostring(err):find('mystery cannot be evaluated.*numeric.define%("mystery"'))
    evaluation.define("mystery", function(x)
      return 2 * x
    end)
    assert.are.equal(matrix { 3, 9 }, assert(s:compile "mystery(x) + x") { x = { 1, 3 } })
    evaluation.define "mystery"
  end)

  it("does not take an operator of a user's file for one of its own of that name", function()
    local mine = assert(nabla.new { rules = {} })
    assert(mine:rule [[
without operator "norm1"
operator norm1(A(m,n)): scalar
function erf(t) elementwise
    derivative 2/sqrt(pi)*exp(-t^2)
]])
    assert(mine:declare "vector x(n)")
    local G, err = mine:compile "norm1(x)"
    assert.is_nil(G)
    assert.is_truthy(tostring(err):find("norm1 cannot be evaluated", 1, true))
    assert_close(matrix { 0.8427007929497149 }, assert(mine:compile "erf(x)") { x = { 1 } }, 1e-15, "erf")
  end)

  it("survives a collection of nodes and of Lua's memory", function()
    for _ = 1, 50 do
      assert(s:diff("norm2(tanh(A*x) - b)^2", "x"))
    end
    s:parse "1"
    collectgarbage()
    s.S:collect()
    assert.are.equal(matrix { 4, 8 }, F { A = { { 1, 2 } }, b = { 1 }, x = { 1, 1 } })
  end)
end)

describe("a call that cannot be answered", function()
  local s
  before_each(function()
    s = declared_session()
  end)

  local function fails(text, values, message, out)
    local F = assert(s:compile(text))
    local ok, err = pcall(F, values, out)
    assert.is_false(ok)
    err = tostring(err):gsub("^[^:]*:%d+: ", "")
    assert.are.equal(message, err)
  end

  it("names a missing value", function()
    fails("A*x", { A = { { 1, 2 } } }, "no value for x, which is n x 1")
    fails(
      "ones(m,k)",
      { m = 2 },
      "ones(m, k): the size k does not follow from the values: pass it too, k = 5"
    )
  end)

  it("names a value of a wrong size", function()
    fails("A*x", { A = { { 1, 2 } }, x = { 1, 2, 3 } }, "x is n x 1 with n = 2; the value given is 3 x 1")
    fails("a*x", { a = { 1, 2 }, x = { 1 } }, "a is 1 x 1; the value given is 2 x 1")
    fails("x", { x = { 1, 2 }, n = 3 }, "x is n x 1 with n = 3; the value given is 2 x 1")
    fails("x", { x = { 1, 2 }, n = 2.5 }, "the size n is a whole number from 1 on, found 2.5")
  end)

  it("names a value that is no matrix", function()
    fails(
      "A*x",
      { A = { { 1, 2 }, { 3 } }, x = { 1, 2 } },
      "the value of A: row 2 has 1 entries, the first one 2"
    )
    fails(
      "x",
      { x = "1" },
      "the value of x: a matrix, a number or a table of rows was expected, found a string"
    )
    fails("x", { x = {} }, "the value of x: an empty table is no matrix")
    fails("x", 3, "a table of values was expected, such as F{ A = A, x = x }, found a number")
  end)

  it("names the node with a singular matrix", function()
    local zero = { { 1, 2 }, { 2, 4 } }
    fails("inv(X)*x", { X = zero, x = { 1, 2 } }, "inv(X)*x: a singular matrix")
    fails("inv(X) + X", { X = zero }, "inv(X): a singular matrix")
    fails("logdet(X)", { X = zero }, "logdet(X): a singular matrix")
    assert.are.equal(matrix(0), assert(s:compile "det(X)") { X = zero })
    fails(
      "inv(S)*x",
      { S = { { 1, 2 }, { 2, 1 } }, x = { 1, 2 } },
      "inv(S): a matrix that is declared spd is not positive definite"
    )
  end)

  it("names the node with a division by zero, also where a diagonal matrix is inverted", function()
    local note = " (a diagonal matrix with a zero is singular)"
    local zero = { x = { 1, 0 }, b = { 1, 0 }, m = 2, a = 0 }
    fails("inv(diag(x))", zero, "1./x: division by zero" .. note)
    fails(
      "inv(diag(b))*A*x",
      { A = { { 1 }, { 2 } }, b = { 1, 0 }, x = 1 },
      "A*x./b: division by zero" .. note
    )
    fails("exp(-inv(diag(x)))", zero, "-diag(1./x): division by zero" .. note)
    fails("inv(I(n) - diag(x))", zero, "inv(I(n) - diag(x)): division by zero" .. note)
    fails("diag(b)^-2*b", zero, "1./b: division by zero" .. note)
    fails(
      "sum(b./(A*x))",
      { A = { { 1 }, { 0 } }, b = { 1, 2 }, x = 1 },
      "1./(A*x): division by zero" .. note
    )
    fails("x/a", zero, "1/a: division by zero")
    fails("x.^(-1.5)", zero, "x.^(-3/2): division by zero" .. note)
    fails("a^(-1/2)", zero, "1/sqrt(a): division by zero")
    local inverse = assert(s:compile("inv(diag(x))", { nan = true })) { x = { 1, 0 } }
    assert.are.equal(math.huge, inverse(2, 2))
    assert.are.equal(-math.huge, assert(s:compile "log(a)/2") { a = 0 }[1]) -- no division
    assert.are.equal(matrix { 0.5 }, assert(s:compile "1/a") { a = 2 })
  end)

  it("names what is too large for its digits to be right", function()
    fails("expm(X)", { X = { { -2 ^ 63, 1 }, { 0, 3 } } }, "expm(X): the matrix holds NaN or is too large")
    fails(
      "sum(i = 1..a, i)",
      { a = 1 / 0 },
      "sum(i = 1..a, i): the last value of a counter is inf; it is a whole number"
    )
    fails(
      "sum(i = 1..a, i)",
      { a = 1.5 },
      "sum(i = 1..a, i): the last value of a counter is 1.5; it is a whole number"
    )
    local F = assert(s:compile "ones(m,n)")
    local ok, err = pcall(F, { m = 2 ^ 30, n = 2 ^ 30 })
    assert.is_false(ok)
    assert.is_truthy(err:find "the values would take %d.* gigabytes: more than there is", err)
    local much = "there is no room for that many entries"
    fails("ones(m,n)", { m = 2 ^ 53, n = 2 }, "ones(m, n): a size is 9007199254740992: " .. much)
    fails("ones(m^3)", { m = 2 ^ 22 }, "ones(m*m*m): a size is 73786976294838206464: " .. much)
  end)

  it("names a table with holes, or with more than numbers", function()
    fails("x", { x = { [1] = 1, [3] = 2 } }, "the value of x: the table has more keys than the rows 1 to 1")
    fails("x", { x = { 1, 2, name = "x" } }, "the value of x: the table has more keys than the rows 1 to 2")
    fails("x", { x = { {} } }, "the value of x: a matrix of 1 x 0 cannot be made: it has at least one entry")
  end)

  it("refuses a variable D beside derivatives of unknown functions", function()
    assert(s:declare "vector D(m)")
    local F, err = s:compile(s:diff("D'*u(x)", "x"))
    assert.is_nil(F)
    assert.is_truthy(tostring(err):find("^D is a variable here, and also the table of the derivatives"))
  end)

  it("names the node, or the variable, that is not a number", function()
    fails("x + log(a)*x", { x = { 1, 2 }, a = -1 }, "log(a): the result is not a number")
    fails("2*x", { x = { 1, 0 / 0 } }, "the value of x holds NaN")
    local F = assert(s:compile("log(a)", { nan = true }))
    local v = F { a = -1 }
    assert.is_true(v[1] ~= v[1])
  end)

  it("names a function that is missing, or that fails", function()
    fails(
      "u(x)",
      { x = { 1 } },
      "u is an unknown function with values m x 1: pass a Lua function for it, u = function(x) .. end"
    )
    local function u()
      return { 1, 2, 3 }
    end
    fails("u(x) + b", { x = { 1 }, b = { 1, 2 }, u = u }, "u(x): it gives 3 x 1, not 2 x 1")
    local F = assert(s:compile(s:diff("b'*u(x)", "x")))
    local ok, err = pcall(F, { x = { 1 }, b = { 1, 2 } })
    assert.is_false(ok)
    assert.is_truthy(
      err:find("D(u, x), which is n x m, has no value: pass a Lua function of the point, D = { u =", 1, true)
    )
  end)

  it("refuses a result's matrix of another size", function()
    local message = "result 1 is 2 x 1; the matrix given for it is 3 x 1"
    fails("2*x", { x = { 1, 2 } }, message, matrix.zeros(3, 1))
  end)

  it("is refused at once where there is nothing to evaluate", function()
    local F, err = s:compile(s:differential "x'*x")
    assert.is_nil(F)
    assert.are.equal("d(..) has no value: a differential is no expression in its variables", tostring(err))
    F, err = s:compile "A*x + "
    assert.is_nil(F)
    assert.is_truthy(err.column)
    assert.has_error(function()
      s:compile(3)
    end)
  end)
end)

describe("a matrix", function()
  local A = matrix { { 1, 2, 3 }, { 4, 5, 6 } }

  it("has sizes, entries and parts", function()
    assert.are.same({ 2, 3, 6 }, { A.rows, A.cols, #A })
    assert.are.same({ 4, 2, 6 }, { A(2, 1), A[3], A:at(2, 3) })
    assert.is_nil(A[7])
    assert.are.same({ { 1, 4 }, { 2, 5 }, { 3, 6 } }, A.T:table())
    local B = A:copy():set(2, 1, 9)
    B[1] = 7
    assert.are.same({ { 7, 2, 3 }, { 9, 5, 6 } }, B:table())
    assert.are.same({ { 1, 2, 3 }, { 4, 5, 6 } }, A:table())
    assert.has_error(function()
      return A(3, 1)
    end)
  end)

  it("adds, multiplies, inverts and compares", function()
    local X = matrix { { 2, 1 }, { 1, 1 } }
    assert.are.equal(matrix { { 3, 1 }, { 1, 2 } }, X + matrix.eye(2))
    assert.are.equal(matrix { { 5, 3 }, { 3, 2 } }, X * X)
    assert.are.equal(matrix { { 1, -1 }, { -1, 2 } }, X ^ -1)
    assert.are.equal(X * 2, 2 * X)
    assert.are.equal(-X, X / -1)
    assert.are_not.equal(X, X.T + X)
    assert.are.equal(
      matrix { { 4, 1 }, { 1, 1 } },
      X:map(function(v)
        return v * v
      end)
    )
    for _, wrong in ipairs {
      function()
        return A + X
      end,
      function()
        return A * A
      end,
      function()
        return X + 1
      end,
      function()
        return A ^ 2
      end,
      function()
        return matrix { { 1, 1 }, { 1, 1 } } ^ -1
      end,
      function()
        return matrix { { 1, "a" } }
      end,
      function()
        return matrix.zeros(0, 2)
      end,
    } do
      assert.has_error(wrong)
    end
  end)

  it("refuses a wrong argument at the line that gives it", function()
    for text, message in pairs {
      ["matrix.zeros(-1, -1)"] = "a matrix of -1 x -1 cannot be made: it has at least one entry",
      ["matrix.ones(2, 'x')"] = "a number of columns was expected, found a string",
      ["matrix.eye(2.5)"] = "a number of rows was expected, found 2.5",
      ["matrix.build(2, 0, print)"] = "a matrix of 2 x 0 cannot be made: it has at least one entry",
      ["matrix.build(2, 2)"] = "a function of i and j was expected, found nothing",
      ["matrix.build(2, 2, type)"] = "an entry, a number, was expected, found a string",
      ["matrix { {1, 2}, {3} }"] = "row 2 has 1 entries, the first one 2",
      ["matrix.parse(3)"] = "a text was expected, found 3",
    } do
      local call = assert(load("local matrix = ...\n\nlocal a = " .. text .. "\nreturn a", "=script"))
      local _, err = pcall(call, matrix)
      assert.are.equal("script:3: " .. message, err)
    end
  end)

  it("goes to texts, strings and files and comes back", function()
    local path = os.tmpname()
    local B = matrix.build(3, 2, function(i, j)
      return (i + j) / 7
    end)
    assert.are.equal(B, matrix.parse(B:text()))
    assert.are.equal(B, matrix.frombytes(B:bytes(), 3, 2))
    assert(B:save(path))
    assert.are.equal(B, matrix.load(path))
    assert(B:write(path))
    assert.are.equal(B, matrix.read(path, 3, 2))
    assert.is_nil(matrix.read(path, 4, 2))
    assert.is_nil(matrix.load(path))
    os.remove(path)
    assert.is_nil(matrix.load(path))
    assert.is_nil(matrix.parse "1 2; 3")
    assert.are.equal("         1           2           3\n         4           5           6", tostring(A))
  end)

  it("reads what NumPy writes, rows after rows and of other types", function()
    local function file(descr, order, shape, data)
      local path = os.tmpname()
      local head = string.format("{'descr': '%s', 'fortran_order': %s, 'shape': %s, }", descr, order, shape)
      local f = assert(io.open(path, "wb"))
      f:write("\x93NUMPY\1\0", string.pack("<I2", #head), head, data)
      f:close()
      local a, err = matrix.load(path)
      os.remove(path)
      return a, err
    end
    assert.are.equal(A, file("<f8", "False", "(2, 3)", string.pack("<dddddd", 1, 2, 3, 4, 5, 6)))
    assert.are.equal(A, file("<f8", "True", "(2, 3)", string.pack("<dddddd", 1, 4, 2, 5, 3, 6)))
    assert.are.equal(A, file("<i4", "False", "(2, 3)", string.pack("<i4i4i4i4i4i4", 1, 2, 3, 4, 5, 6)))
    assert.are.equal(matrix { 1, 2 }, file("<f4", "False", "(2,)", string.pack("<ff", 1, 2)))
    assert.are.equal(matrix { 1, 2 }, file(">u4", "False", "(2,)", string.pack(">I4I4", 1, 2)))
    assert.are.equal(matrix { 1, 2.0 ^ 64 }, file("<u8", "False", "(2,)", string.pack("<i8i8", 1, -1)))
    assert.are.equal(matrix { 7 }, file("<f8", "False", "()", string.pack("<d", 7)))
    local data = string.pack("<dddddd", 1, 2, 3, 4, 5, 6)
    for _, wrong in ipairs {
      { "<c16", "False", "(1,)" },
      { "<f8", "False", "(2, 3)", "short" },
      { "<i4", "False", "(2, 3)", "short" },
      { "<f8", "Maybe", "(2, 3)" },
      { "<f8", "True", "(-2, 3)" },
      { "<f8", "True", "(0, 3)" },
      { "<f8", "True", "(1, 2, 3)" },
      { "<f8", "True", "(99999999999999999999, 3)" },
      { "<f8", "True", "(2000000000, 2000000000)" },
      { "<i4", "True", "(2000000000, 2000000000)" },
      { "<f8", "True", "2, 3" },
    } do
      local a, err = file(wrong[1], wrong[2], wrong[3], wrong[4] or data)
      assert.is_nil(a, wrong[3])
      assert.are.equal("string", type(err))
    end
  end)
end)
