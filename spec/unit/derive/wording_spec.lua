-- How derivations are written and what they say: formats, languages, the words of a course.

local nabla = require "nabla"

local DECLARED = "vector x(n), matrix A(n,n)"

local function derive(session, expr, x, opts)
  session:reset()
  assert(session:declare(DECLARED))
  return assert(session:derive(expr, x, opts))
end

describe("a derivation is written", function()
  local session = assert(nabla.new())

  it("as text, the reasons in a column", function()
    local text = tostring(derive(session, "x'*A*x", "x"))
    local lines = {}
    for line in text:gmatch "[^\n]+" do
      lines[#lines + 1] = line
    end
    assert.are.equal(5, #lines)
    assert.are.equal("f = x'*A*x                      the function", lines[1])
    assert.are.equal("     = x'*A'*d(x) + x'*A*d(x)   a scalar equals its transpose", lines[3])
  end)

  it("as LaTeX, with formulas in the reasons", function()
    local latex = derive(session, "x'*A*x", "x"):latex()
    for _, part in ipairs {
      "\\begin{align*}\nf &= \\mathbf{x}^\\top \\mathbf{A} \\mathbf{x} && \\text{the function} \\\\\n",
      "\\mathbf{g}^\\top \\mathrm{d}\\mathbf{x}$ gives $\\mathbf{g}$: denominator layout}\n\\end{align*}",
    } do
      assert.is_truthy(latex:find(part, 1, true))
    end
    assert.is_nil(derive(session, "x'*A*x", "x"):latex({ reasons = false }):find "text")
  end)

  it("as Markdown, a numbered list", function()
    local markdown = derive(session, "x'*A*x", "x"):markdown()
    assert.is_truthy(markdown:find "^1%. %$f = ")
    assert.is_truthy(markdown:find "\n5%. %$\\frac{\\partial f}{\\partial \\mathbf{x}} = ")
  end)

  it("in Unicode, formulas of the reasons too", function()
    local text = derive(session, "x'*A*x", "x"):unicode()
    assert.is_truthy(text:find("d(f) = d(x)ᵀ·A·x + xᵀ·A·d(x)", 1, true))
    assert.is_truthy(text:find("d(f) = gᵀ·d(x) gives g", 1, true))
  end)

  it("in Chinese", function()
    local derivation = derive(session, "x'*A*x", "x")
    assert.are.equal("标量等于其转置", derivation:reason(3, "zh"))
    assert.is_truthy(derivation:text({ lang = "zh" }):find("由 d(f) = g'*d(x) 得 g", 1, true))
  end)

  it("by a printer of one's own", function()
    local derivation = derive(session, "x'*A*x", "x")
    local kinds = {}
    for i, line in ipairs(derivation) do
      kinds[i] = line.kind .. ": " .. derivation:write(line.right, "text")
    end
    assert.are.same({
      "given: x'*A*x",
      "rule: d(x)'*A*x + x'*A*d(x)",
      "canonical: x'*A'*d(x) + x'*A*d(x)",
      "collect: x'*(A + A')*d(x)",
      "layout: (A + A')*x",
    }, kinds)
    assert.are.equal("(A + A')*x", derivation.answer:text())
  end)
end)

describe("the words of a derivation", function()
  it("are those of a course where it states them", function()
    local session = assert(nabla.new())
    assert(session:rule [[
wording given   "what we minimise"   zh "目标函数"
wording factor  "d(x) taken out"
]])
    local derivation = derive(session, "x'*A*x", "x")
    assert.are.equal("what we minimise", derivation:reason(1))
    assert.are.equal("目标函数", derivation:reason(1, "zh"))
    assert.are.equal("d(x) taken out", derivation:reason(4))
    assert.are.equal("d(x) taken out", derivation:reason(4, "zh")) -- without Chinese words the English ones
    assert.are.equal("a scalar equals its transpose", derivation:reason(3))
  end)

  it("name rules as their files do, with the source", function()
    local session = assert(nabla.new())
    assert(session:rule [[
operator cube(A(n,n)): matrix (n,n)
let matrix X(n,n)
rule "cube"  d(cube(X)) -> X*X*d(X) + X*d(X)*X + d(X)*X*X   cite "Lecture 3"   zh "立方"
]])
    local derivation = derive(session, "cube(A)*x", "A", { layout = "vec" })
    assert.are.equal("cube (Lecture 3)", derivation:reason(2))
    assert.are.equal("立方 (Lecture 3)", derivation:reason(2, "zh"))
  end)

  it("tell what is constant where only linear rules act", function()
    local session = assert(nabla.new())
    session:declare "vector b(n)"
    session:reset()
    session:declare(DECLARED .. ", vector b(n)")
    assert.are.equal("d is linear; A is constant", session:derive("A*x", "x")[2].rule)
    assert.are.equal("d is linear; A and b are constant", session:derive("A*x + b", "x")[2].rule)
  end)

  it("state a rule whose pattern is deep", function()
    local session = assert(nabla.new())
    session:declare "matrix X(m,n)"
    local derivation = session:derive("logdet(X'*X)", "X")
    local schema = derivation[2].schema
    assert.are.equal("d(logdet(X'*X))", derivation:node_text(schema.left))
    assert.are.same({ "matrix X(m,n)" }, derivation:declarations(schema))
  end)
end)

describe("rules for steps", function()
  it("change no answer", function()
    local session = assert(nabla.new())
    session:declare(DECLARED)
    local before = session:diff("exp(x'*x)", "x"):text()
    assert(session:rule [[
let vector y(n)
rule "squared length"  d(y'*y) -> 2*y'*d(y)   steps
]])
    assert.are.equal(before, session:diff("exp(x'*x)", "x"):text())
  end)
end)

describe("nabla's own rules for differentials", function()
  it("have a source each, and a Chinese title", function()
    local session = assert(nabla.new())
    local differential = require("nabla.core").constants.rule_kinds.differential
    local count = 0
    for _, rule in pairs(session.rules) do
      if rule.kind == differential then
        local where = ("%s:%s: %s"):format(rule.file, rule.line, rule.name)
        assert.is_truthy(rule.cite, where .. " has no source")
        assert.is_truthy(rule.zh, where .. " has no Chinese title")
        count = count + 1
      end
    end
    assert.is_true(count > 100)
  end)
end)
