-- What rule files print is read: infix signs, brackets, signs before and behind.

local nabla = require "nabla"

local RULES = [[
operator ddot(A(m,n), B(m,n)): scalar   linear infix ":"
operator boxplus(x(n), y(n)): vector (n)   infix "⊞"
operator comm(A(n,n), B(n,n)): matrix (n,n)   linear unicode "[%1, %2]"
operator pairing(x(n), y(n)): scalar   linear unicode "<%1|%2>"

operator star(A(n,n)): matrix (n,n)   unicode "%1★"
operator lap(t): scalar   unicode "∇²%1"
operator length(x(n)): scalar   unicode "|%1|"
operator nothing: scalar   unicode "∅"
operator spur(A(n,n)): scalar   linear
]]

local function session(rules, opts)
  local s = assert(nabla.new(opts))
  if rules then
    assert(s:rule(rules))
  end
  assert(s:declare "matrix A(n,n), B(n,n), C(n,n)")
  return s
end

describe("a sign of a rule file", function()
  local s = session(RULES .. 'notation spur text "Sp(%1)"')
  local cases = {
    { "A:B", "ddot(A, B)", "A : B" },
    { "A*B : C + 2", "ddot(A*B, C) + 2", "(A·B) : C + 2" },
    { "(A : B)*(B : C)", "ddot(A, B)*ddot(B, C)", "(A : B)·(B : C)" },
    { "x ⊞ y ⊞ z", "boxplus(boxplus(x, y), z)", "(x ⊞ y) ⊞ z" },
    { "[A, B]*C", "comm(A, B)*C", "[A, B]·C" },
    { "[[A, B], C]", "comm(comm(A, B), C)", "[[A, B], C]" },
    { "<x|A*y>*x", "pairing(x, A*y)*x", "<x|A·y>·x" },
    { "A★'*B", "star(A)'*B", "(A★)ᵀ·B" },
    { "3*∇²c", "3*lap(c)", "3·(∇²c)" },
    { "|x + y|^2", "length(x + y)^2", "|x + y|²" },
    { "∅*x", "nothing*x", "∅·x" },
  }
  for _, case in ipairs(cases) do
    it("is read in " .. case[1], function()
      local e = assert(s:parse(case[1]))
      assert.equal(e, s:parse(case[2]))
      assert.equal(case[3], e:unicode())
      assert.equal(e, s:parse(e:unicode()))
      assert.equal(e, s:parse(tostring(e)))
    end)
  end

  it("is read with its arguments in their order", function()
    local other = session 'operator swapped(x(n), A(m,n)): vector (m)   unicode "<%2;%1>"'
    assert.equal(other:parse "swapped(x, A)", other:parse "<A;x>")
    assert.equal("<A;x>", other:parse("swapped(x, A)"):unicode())
  end)

  it("is printed as text where a file says so", function()
    assert.equal("2*Sp(A)", tostring(s:parse "2*spur(A)"))
    assert.equal(s:parse "spur(A)", s:parse "Sp(A)")
  end)

  it("is read in the command's expressions, in equal and in the file below its definition", function()
    assert.equal("yes", (s:equal("A:B", "ddot(A, B)")))
    local own = session [[
      function dots(A(m,n), B(m,n)): scalar   infix ":" = tr(A'*B)
      let matrix A(m,n), matrix B(m,n)
      check A:B == tr(A'*B)
      table "Mine"
      identity "mine"
          D(A:B, A)   denominator  B
    ]]
    assert.is_true(own:check "mine")
    assert.equal("B", tostring(own:diff("A:B", "A")))
  end)

  it("never takes a sign of the language", function()
    local other = session [[
      operator foo(A(n,n), B(n,n)): matrix (n,n)   infix "∘"
      operator bar(A(n,n), B(n,n)): matrix (n,n)   unicode "%1 * %2"
    ]]
    assert.equal("A.*B", tostring(other:parse "A ∘ B"))
    assert.equal("A*B", tostring(other:parse "A * B"))
  end)

  it("is not read if two operators print it", function()
    local other = session [[
      operator foo(A(n,n), B(n,n)): matrix (n,n)   infix "⋆"
      operator bar(A(n,n), B(n,n)): matrix (n,n)   infix "⋆"
    ]]
    local e, err = other:parse "A ⋆ B"
    assert.is_nil(e)
    assert.equal("the sign ⋆ is not known", err.message)
  end)

  it("is gone with its operator", function()
    local other = session 'operator foo(A(n,n), B(n,n)): matrix (n,n)   infix "⋆"'
    assert(other:parse "A ⋆ B")
    assert(other:rule "without operator foo")
    assert.is_nil(other:parse "A ⋆ B")
  end)
end)

describe("a notation in force", function()
  it("is read: daggers, bras, kets", function()
    local s = session(nil, { notation = "physics" })
    for _, text in ipairs { "x'*A*y", "x'*y*x", "x*y'", "A'*x_1", "inv(A)'*B", "2*x'*y", "(x + y)'*A" } do
      local e = assert(s:parse(text))
      assert.equal(e, s:parse(e:unicode()), text)
    end
    assert.equal(s:parse "x'*y", s:parse "⟨x|y⟩")
  end)
end)
