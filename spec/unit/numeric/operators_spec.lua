-- The value of every operator, beside the judge's own evaluator, which shares no code with nabla.

local generator = require "spec.random.generator"
local judge = require "spec.judge"
local nabla = require "nabla"
local numeric = require "spec.judge.numeric"
local sample = require "spec.support.sample"

if not pcall(require, "nabla.numeric.core") then
  return
end

local values = require "spec.support.values"

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
    values.close(judge.evaluate(instance, judged or text), F(values.of_instance(instance)), tolerance or 1e-11, text)
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
      local p, q = F(values.of_instance(instance))
      values.close(p, q, 1e-13, text)
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
    acosh = "v1.^2 + 2*ones(n,n)",
    atanh = "v1/9",
    log1p = "v1.^2",
    logit = "sigmoid(v1)",
    lgamma = "exp(v1)",
    digamma = "exp(v1)",
    trigamma = "exp(v1)",
    chol = "v1*v1' + I(n)",
    eigval = "v1 + v1', 2",
    eigvec = "v1 + v1', 2",
    eigmax = "v1 + v1'",
    eigmin = "v1 + v1'",
    care = "v1, v2*v2' + I(n), v3*v3' + I(n)",
    dare = "v1/4, v2, v3*v3' + I(n), v4*v4' + I(m)",
  }
  local written = {
    dot = "v1'*v2",
    transpose = "v1'",
    firstcolumns = "v1*[I(n); zeros(p,n)]",
    lastcolumns = "v1*[zeros(n,p); I(p)]",
  } -- for the judge, which does not know these names
  for _, name in ipairs(sample.of(operators, 4)) do
    local op = session.ops[name]
    -- of letters, not of values: random ones, complex ones, families
    local of_letters = name:find "^[%a]*member$"
      or ({ expect = true, Cov = true, Var = true, conj = true, re = true, im = true, imagunit = true })[name]
      or ({ arg = true, argument = true, complexabs = true, complexnorm = true })[name]
      or ({ eigproj = true, eigresolvent = true, hermeigval = true, complexpinv = true })[name]
    if not op.gone and not of_letters then
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
  for _, options in ipairs { { seed = 11 }, { seed = 13, layouts = "general", depth = 2 } } do
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
            -- the members of families have values each, a program takes a matrix of them
            known = known and not next(instance.families)
            if known then
              known, want = pcall(judge.evaluate, instance, text)
            end
            if known and numeric.is_finite(want) then
              local F = assert(s:compile(text == problem.expr and text or answer))
              values.close(want, F(values.of_instance(instance)), 1e-9, text)
            end
          end
        end
      end
    end)
  end
end)
