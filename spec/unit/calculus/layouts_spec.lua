-- Layouts by difference, and rows that are about row vectors or about matrices with an attribute.

local check = require "nabla.check"
local nabla = require "nabla"

local RULES = [[
layout course like numerator
    scalar by vector         d(y) = g'*d(x)              gives  g
layout half "by vech" like numerator
    scalar by symmetric      d(y) = g*vech(d(S))         gives  g
    symmetric by symmetric   vech(d(Y)) = J*vech(d(S))   gives  J
    vector by symmetric      d(y) = J*vech(d(S))         gives  J
layout rowwise like mixed
    scalar by row            d(y) = d(x)*g               gives  g'
    row by row               d(y) = d(x)*J               gives  J
    row by scalar            d(y) = j*d(t)               gives  j
    row by vector            d(y) = d(x)'*J              gives  J
    vector by row            d(y) = (d(x)*J)'            gives  J
layout doubled like mixed
    scalar by symmetric      d(y) = tr(G'*d(S))          gives  Dup(p)'*vec(G)
]]

local DECLARED = [[matrix S(n,n) symmetric, matrix A(n,n), matrix B(n,m), matrix z(1,n), vector x(n), scalar t]]

-- layout, of, by, answer
local CASES = {
  { "course", "x'*A*x", "x", "(A + A')*x" },
  { "course", "tr(A*A)", "A", "2*A" },
  { "half", "logdet(S)", "S", "vec(inv(S))'*Dup(n)" },
  { "half", "inv(S)", "S", "-Elim(n)*kron(inv(S), inv(S))*Dup(n)" },
  { "half", "S*x", "S", "kron(x', I(n))*Dup(n)" },
  { "half", "tr(A*A)", "A", "2*A" },
  { "rowwise", "z*x", "z", "x'" },
  { "rowwise", "z*B", "z", "B" },
  { "rowwise", "x'*B", "x", "B" },
  { "rowwise", "B'*z'", "z", "B" },
  { "rowwise", "t*z", "t", "z" },
  { "rowwise", "z*x", "x'", "z" },
  { "rowwise", "x'*A*x", "x", "(A + A')*x" },
  { "doubled", "tr(A*S)", "S", "Dup(n)'*vec(A')" },
}

describe("a layout of a course", function()
  for _, case in ipairs(CASES) do
    local layout, f, x, answer = table.unpack(case)
    it(("%s arranges %s by %s"):format(layout, f, x), function()
      local s = assert(nabla.new { layout = layout == "course" and "numerator" or "mixed" })
      assert(s:rule(RULES))
      assert(s:declare(DECLARED))
      local found = assert(s:diff(f, x, { layout = layout }))
      assert.are.equal(answer, tostring(found))
      assert.is_true(s:verify(f, x, found, { layout = layout }))
    end)
  end

  it("is proved, and so are identities in it", function()
    local path = os.tmpname()
    local f = assert(io.open(path, "w"))
    f:write(RULES, "let ", DECLARED, '\nidentity "all"\n')
    for _, case in ipairs(CASES) do
      f:write(("    D(%s, %s)   %s   %s\n"):format(case[2], case[3], case[1], case[4]))
    end
    f:close()
    for _, result in ipairs(assert(assert(check.new()):file(path))) do
      assert.are.equal("proved", result.verdict, result.kind .. " " .. tostring(result.detail))
    end
    os.remove(path)
  end)

  it("says no note on independent entries where the entries are those of vech", function()
    local s = assert(nabla.new {})
    assert(s:rule(RULES))
    assert(s:declare(DECLARED))
    assert.is_nil((select(2, s:diff("tr(A*S)", "S", { layout = "half" }))))
    assert.is_not_nil((select(2, s:diff("tr(A*S)", "S", { layout = "course" }))))
  end)

  it("is refused with a repair", function()
    local function refused(text)
      local _, err = assert(nabla.new {}):rule(text)
      return err.message .. "; " .. (err.hint or "")
    end
    assert.matches("unknown layout 'numeratr'", refused "layout a like numeratr")
    assert.matches("layout a like numerator", refused "layout a\n  scalar by scalar  d(y) = g*d(t)  gives g")
    local function row(text)
      return refused("layout a like vec\n  " .. text)
    end
    local SAME = "scalar by scalar d(y) = g*d(t) gives g"
    assert.matches("attribute of square matrices", row "scalar by tensor d(y) = g*d(t) gives g")
    assert.matches("two rows", row(SAME .. "\n  " .. SAME))
    assert.matches("write scalar by symmetric", row "scalar by matrix  d(y) = g'*vech(d(X))  gives g")
    assert.matches("does not change them", row "scalar by scalar  d(y) = g*d(t)  gives 2*g")
  end)
end)
