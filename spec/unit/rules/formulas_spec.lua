-- Functions of an expression, or an unknown function, and a variable.

local check = require "nabla.check"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local RULES = [[
function grad(scalar f, variable x(n)): vector (n) = D(f,x)'
function laplacian(scalar f, variable x(n)): scalar = tr(D(D(f,x),x))
function divergence(vector u(n), variable x(n)): scalar = tr(D(u,x))
]]

local CASES = {
  ["laplacian(x'*A*x, x)"] = "tr(A + A')",
  ["grad(g, x)"] = "D(g, x)",
  ["grad(g*h, x)"] = "g(x)*D(h, x) + h(x)*D(g, x)",
  ["laplacian(g, x)"] = "tr(D(D(g, x), x))",
  ["divergence(grad(g, x), x)"] = "tr(D(D(g, x), x))",
  ["divergence(A*x, x)"] = "tr(A)",
  ["laplacian(norm2(x)^2, x)"] = "2*n",
  ["2*laplacian(x'*A*x, x)*x'*x"] = "2*x'*x*tr(A + A')",
}

describe("a function of an expression and a variable", function()
  local function session(layout)
    local s = assert(nabla.new { layout = layout })
    assert(s:rule(RULES))
    assert(s:declare "matrix A(n,n), vector x(n), scalar g of x, scalar h of x, vector u(n) of x")
    return s
  end

  for call, answer in pairs(CASES) do
    it("stands for its body: " .. call, function()
      assert.are.equal(answer, tostring(assert(session("denominator"):parse(call))))
    end)
  end

  it("means the same in every layout", function()
    for _, layout in ipairs { "numerator", "denominator", "mixed", "vec" } do
      local s = session(layout)
      assert.are.equal("n x 1", tostring(s:parse("grad(x'*A*x, x)").shape))
      assert.are.equal("(A + A')*x", tostring(s:simplify "grad(x'*A*x, x)"))
      local stated = layout == "denominator" and "D(g, x)" or layout == "mixed" and "D(g, x)" or "D(g, x)'"
      assert.are.equal(stated, tostring(s:parse "grad(g, x)"))
    end
  end)

  it("can be differentiated", function()
    local s = session "denominator"
    local f = "laplacian((x'*A*x)*(x'*x), x)"
    assert.is_true(s:verify(f, "x", assert(s:diff(f, "x"))))
  end)

  sample.whole(it)("is used in rule files, and proved by numbers", function()
    local path = os.tmpname()
    local f = assert(io.open(path, "w"))
    f:write(
      RULES,
      [[
let vector x(n), matrix A(n,n), scalar g of x
check laplacian(x'*A*x, x) == 2*tr(A)
check divergence(grad(g, x), x) == laplacian(g, x)
identity "gradient"
    grad(g, x) == D(g, x)
check laplacian(x'*A*x, x) == 3*tr(A)
]]
    )
    f:close()
    local verdicts = {}
    for i, result in ipairs(assert(assert(check.new()):file(path))) do
      verdicts[i] = result.verdict
    end
    os.remove(path)
    assert.are.equal("proved proved proved proved proved proved failed", table.concat(verdicts, " "))
  end)

  it("is refused with a repair", function()
    local function refused(text)
      local _, err = assert(nabla.new {}):rule(text)
      return err.message .. "; " .. (err.hint or "")
    end
    assert.matches("unknown name 'y'; .*f, x", refused "function bad(scalar f, variable x(n)): scalar = D(f,x)*y")
    assert.matches("needs a body", refused "function bad(scalar f, variable x(n)): scalar")
    assert.matches("defined already", refused "function tr(scalar f, variable x(n)): scalar = D(f,x)")
    local s = session "denominator"
    local _, err = s:parse "grad(g)"
    assert.matches("grad takes f, x, found 1 arguments", err.message)
    _, err = s:parse "grad(x'*x, 2*x)"
    assert.matches("a derivative is taken by a variable", err.message)
  end)
end)

describe("a function of a variable that has a print form", function()
  local FORMS = [[
function laplacian(scalar f, variable x(n)): scalar   latex "\\Delta %1" = tr(D(D(f,x),x))
function grad(scalar f, variable x(n)): vector (n)   latex "\\nabla_{%2} %1" = D(f,x)'
]]
  local function session(more)
    local s = assert(nabla.new())
    assert(s:rule(FORMS .. (more or "")))
    assert(s:declare "vector x(n), scalar g of x, scalar h of x, scalar t")
    return s
  end

  it("keeps its name round an unknown function, in every layout", function()
    local s = session()
    for _, layout in ipairs { "denominator", "numerator", "mixed", "vec", "block" } do
      assert.equal("2*t*laplacian(g, x)", tostring(assert(s:diff("t^2*laplacian(g, x)", "t", { layout = layout }))))
    end
    assert.equal("laplacian(h, x)*grad(g, x)", s:parse("laplacian(h, x)*grad(g, x)"):text())
    assert.equal("\\Delta g", s:parse("laplacian(g, x)"):latex())
  end)

  it("is read where literals are round its arguments", function()
    local s = assert(nabla.new())
    assert(s:rule 'function grad(scalar f, variable x(n)): vector (n)   latex "\\partial[%1|%2]" = D(f,x)\'')
    s:declare "vector x(n), scalar g of x"
    assert.equal("\\partial[g|\\mathbf{x}]", s:parse("grad(g, x)"):latex())
    assert.equal(s:parse "grad(g, x)", s:parse "\\partial[g|x]")
  end)

  it("means a column where the answer is one", function()
    local s = session()
    assert.equal("grad(g, x)", tostring(s:diff("g", "x", { layout = "denominator" })))
    assert.equal("D(g, x)", tostring(s:diff("g", "x", { layout = "numerator" })))
    s.layout = "numerator"
    assert.equal("D(g, x)", tostring(s:diff("g", "x")))
  end)

  it("can be put in another notation", function()
    local s = session 'notation laplacian latex "\\nabla^2 %1"'
    assert.equal("\\nabla^2 g", s:parse("laplacian(g, x)"):latex())
  end)

  it("is named by a preference as well, in the layout in which it holds", function()
    local s = assert(nabla.new())
    assert(s:rule(RULES .. "let vector x(n), scalar g of x\nprefer grad(g, x) over D(g, x)\n"))
    s:declare "vector x(n), scalar g of x"
    assert.equal("grad(g, x)", tostring(s:diff("g", "x")))
    assert.equal("D(g, x)", tostring(s:diff("g", "x", { layout = "numerator" })))
  end)
end)
