-- The derivation of every answer of the source documents: it is found, its last line is the answer, every line is true by numbers,
-- and no line says what the one before says.

local cases = require "spec.support.cases"
local derivation_lines = require "spec.support.derivation_lines"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local session = assert(nabla.new())

local function options(case, more)
  local opts = { layout = case.layout, convention = case.convention }
  for key, value in pairs(more or {}) do
    opts[key] = value
  end
  return opts
end

local function derive(case, more)
  session:reset()
  if #case.decl > 0 then
    session:declare(table.unpack(case.decl))
  end
  if case.op == "hessian" then
    return session:derive_hessian(case.expr, case.wrt, case.wrt2, options(case, more))
  end
  return session:derive(case.expr, case.wrt, options(case, more))
end

local function answer(case)
  local second = case.op == "hessian"
  local g = second and session:hessian(case.expr, case.wrt, case.wrt2, options(case))
    or session:diff(case.expr, case.wrt, options(case))
  return g:text()
end

describe("the derivation", function()
  for _, case in ipairs(sample.of(cases.seeds())) do
    it("of " .. case.id .. " is right", function()
      local derivation = assert(derive(case))
      local last = derivation[#derivation]
      assert.are.equal("derivative", last.left.tag)
      assert.are.equal(answer(case), derivation:write(last.right))
      local wrong, judged = derivation_lines.wrong(derivation, case)
      assert.are.same({}, wrong)
      assert.is_true(judged > 0)
      local texts = {}
      for i = 1, #derivation do
        local text = derivation:line_text(i)
        assert.is_nil(texts[text], "a line that is there twice: " .. text)
        texts[text] = true
        assert.is_truthy(derivation:reason(i):find "%S", "a line without a reason")
      end
    end)
  end

  sample.whole(it)("is found at all details", function()
    local counts = { fine = 0, normal = 0, brief = 0 }
    for k, case in ipairs(cases.seeds()) do
      if k % 10 == 1 then
        for detail in pairs(counts) do
          local derivation = assert(derive(case, { detail = detail }))
          assert.are.same({}, (derivation_lines.wrong(derivation, case)))
          counts[detail] = counts[detail] + #derivation
        end
      end
    end
    assert.is_true(counts.fine > counts.normal and counts.normal > counts.brief)
  end)
end)

describe("the judge of lines", function()
  it("refuses a line that is wrong", function()
    session:reset()
    session:declare "vector x(n), matrix A(n,n)"
    local problem = { decl = { "vector x(n)", "matrix A(n,n)" }, wrt = "x", layout = "denominator" }
    local derivation = session:derive("x'*A*x", "x")
    assert.are.same({}, (derivation_lines.wrong(derivation, problem)))
    derivation[2].right = derivation[4].right[1] -- x' alone
    assert.are.equal(1, #derivation_lines.wrong(derivation, problem))
  end)
end)
