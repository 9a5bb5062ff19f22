-- What is known about the derivatives of unknown functions: symmetry, in every layout, by the rules and by numbers.

local check = require "nabla.check"
local nabla = require "nabla"

local DECLARED = [[matrix C(n,n) symmetric, scalar psi of C, matrix G(n,n), scalar phi of G, matrix F(n,n), vector x(n),
  scalar f of x, matrix S(n,n) spd, scalar w of S]]

describe("the gradient of an unknown function", function()
  for _, layout in ipairs { "denominator", "numerator", "mixed" } do
    local s = assert(nabla.new { layout = layout })
    assert(s:declare(DECLARED))

    it("of a symmetric matrix is symmetric, in the layout " .. layout, function()
      local stated = layout == "numerator" and "2*D(psi, F'*F)*F'" or "2*F*D(psi, F'*F)"
      local found = assert(s:diff("psi(F'*F)", "F"))
      assert.are.equal(stated, tostring(found))
      assert.is_true(s:verify("psi(F'*F)", "F", found))
      assert.are.equal("yes", (s:equal("D(psi, C)'", "D(psi, C)")))
      assert.are.equal("yes", (s:equal("D(w, S)'", "D(w, S)")))
    end)

    it("of any matrix need not be, in the layout " .. layout, function()
      local found = assert(s:diff("phi(F'*F)", "F"))
      assert.is_truthy(tostring(found):find("D(phi, F'*F) + D(phi, F'*F)'", 1, true))
      assert.is_true(s:verify("phi(F'*F)", "F", found))
      assert.are.equal("no", (s:equal("D(phi, G)'", "D(phi, G)")))
      assert.is_nil(tostring(s:diff("psi(F)", "F")):find("2", 1, true))
    end)

    it("has a symmetric derivative, in the layout " .. layout, function()
      assert.are.equal("yes", (s:equal("D(D(f, x), x)'", "D(D(f, x), x)")))
    end)
  end

  it("is stated as a fact of a rule file, and proved", function()
    local verdicts = {}
    local text = "let matrix C(n,n) symmetric, scalar psi of C, matrix G(n,n), scalar phi of G\n"
      .. "fact symmetric(D(psi,C))\nfact symmetric(D(phi,G))"
    for i, result in ipairs(assert(assert(check.new()):text(text, "text"))) do
      verdicts[i] = result.verdict
    end
    assert.are.same({ "proved", "failed" }, verdicts)
  end)
end)
