-- Export of formulas: MathML and Typst.

local markup = require "nabla.code.markup"
local mathml = require "nabla.code.targets.mathml"
local nabla = require "nabla"
local typst = require "nabla.code.targets.typst"

-- How many elements a MathML element must hold.
local PARTS = { mfrac = 2, msub = 2, msup = 2, msubsup = 3, munderover = 3, munder = 2, mover = 2 }

-- Whether the tags of a text are balanced, and each element has the elements that it needs.
local function check_markup(text)
  local open = {}
  for close, name, empty in text:gmatch "<(/?)([%a]+)[^>]-(/?)>" do
    if close == "/" then
      local top = table.remove(open)
      assert.equal(name, top.name, text)
      assert.equal(PARTS[name] or top.count, top.count, text)
    else
      if open[#open] then
        open[#open].count = open[#open].count + 1
      end
      open[#open + 1] = empty ~= "/" and { name = name, count = 0 } or nil
    end
  end
  assert.equal(0, #open, text)
end

describe("formulas", function()
  local session = assert(nabla.new())

  local function written(language, decl, f, x, opts)
    session:reset()
    assert(session:declare(decl))
    return assert(session:code(f, x, language, opts))
  end

  it("in Typst are a value and its gradient", function()
    local text = written("typst", "matrix A(m,n), vector x(n), vector b(m)", "norm2(A*x - b)^2", "x")
    assert.truthy(text:find("$ f = norm(bold(A) bold(x) - bold(b))_2^2 $", 1, true), text)
    local gradient = "$ frac(partial f, partial bold(x)) = 2 bold(A)^top (bold(A) bold(x) - bold(b)) $"
    assert.truthy(text:find(gradient, 1, true), text)
  end)

  it("in MathML are a value and its gradient", function()
    local text = written("mathml", "vector x(n), scalar c", "c*x'*x", "x")
    local product = '<mi mathvariant="bold">x</mi>'
    local gradient = "<mo>=</mo><mn>2</mn><mo>&#x2062;</mo><mi>c</mi><mo>&#x2062;</mo>" .. product
    assert.truthy(text:find(gradient, 1, true), text)
  end)

  it("have another name than a letter of the expression", function()
    assert.truthy(written("typst", "scalar f, scalar g, vector x(n)", "f*g*x'*x", "x"):find("$ h =", 1, true))
  end)

  it("in MathML are well formed, with second derivatives and directions", function()
    local decl = "matrix A(m,n), vector x(n), vector b(m), matrix S(n,n) spd, scalar t"
    for _, f in ipairs {
      "norm2(A*x - b)^2/2 + logdet(S)",
      "sum(i = 1..m, exp(t)^2)*x'*inv(S)*x",
      "sqrt(x'*x) + max(x) + norm1(x)",
      "sum(exp(x) .* x) + tr(kron(S, S))",
    } do
      check_markup(written("mathml", decl, f, "x", { hessian = not f:find "max", direction = not f:find "max" }))
    end
  end)

  it("hold a value alone without a variable", function()
    local text = written("typst", "vector x(n)", "x'*x", nil)
    assert.equal(1, select(2, text:gsub("%$ .- %$", "")))
  end)

  it("have no comparison with finite differences", function()
    session:reset()
    assert(session:declare "vector x(n)")
    local text, err = session:code("x'*x", "x", "typst", { check = true })
    assert.is_nil(text)
    assert.matches("no check by finite differences is exported in Typst", err.message)
  end)

  it("are read from any LaTeX of a template", function()
    for latex, wanted in pairs {
      ["\\left\\lVert x \\right\\rVert_{\\mathrm{F}}"] = 'norm(x)_(upright(F))',
      ["\\langle a|b\\rangle"] = "lr(angle.l a | b angle.r)",
      ["[x]_{\\times}"] = "[x]_times",
      ["\\frac{a, b}{c}"] = "frac(lr((a , b)), c)",
      ["\\hat{\\theta}_{1,2}"] = "hat(theta)_(1 , 2)",
      ["\\unknown x"] = 'op("unknown") x',
      ["a } b"] = "a b",
      ["(a"] = "( a",
      ["x^"] = "x^()",
      ["\\frac{"] = "frac(, )",
    } do
      assert.equal("$ " .. wanted .. " $", typst.formula(latex))
      check_markup(mathml.formula(latex))
    end
    assert.equal("apply", markup.between(table.unpack(markup.parse "u(x)")))
    assert.equal("times", markup.between(table.unpack(markup.parse "u (x)")))
  end)
end)
