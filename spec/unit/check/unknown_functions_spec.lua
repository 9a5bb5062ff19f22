-- Identities of unknown functions with attributes are proved with values that have them.

local check = require "nabla.check"

local LETTERS = [[
let scalar t, vector y(n), matrix C(n,n) spd of t, matrix S(n,n) of t symmetric, matrix W(n,n) skew of t
let matrix D1(n,n) diagonal of t, vector p(n) positive of t, matrix Q(n,n) orthogonal of t
]]

local checker = assert(check.new())

local function verdict(claim)
  local results = assert(checker:text(LETTERS .. 'identity "it"  ' .. claim, "functions.rules"))
  return results[#results].verdict, results[#results].detail
end

describe("an unknown function with an attribute", function()
  for _, claim in ipairs {
    "D(y'*inv(C(t))*y, t)  mixed  -y'*inv(C(t))*D(C,t)*inv(C(t))*y",
    "D(logdet(C(t)), t)  mixed  tr(inv(C(t))*D(C,t))",
    "D(y'*S(t)^2*y, t)  mixed  2*y'*S(t)*D(S,t)*y",
    "y'*W(t)*y == 0",
    "D1(t)' == D1(t)",
    "D(sum(log(p(t))), t)  mixed  sum(D(p,t)./p(t))",
  } do
    it("has it in " .. claim, function()
      local found, why = verdict(claim)
      assert.equal("proved", found, why)
    end)
  end

  it("has it where a claim is false", function()
    assert.equal("failed", (verdict "D(y'*S(t)^2*y, t)  mixed  y'*S(t)*D(S,t)*y"))
    assert.equal("failed", (verdict "S(t) == D1(t)"))
  end)

  it("is not checkable where no values are found", function()
    local found, why = verdict "Q(t)'*Q(t) == I(n)"
    assert.equal("not checkable", found)
    assert.matches("no values were found for a function Q that is orthogonal", why)
  end)
end)
