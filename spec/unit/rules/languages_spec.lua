-- Titles in any language: in tables, derivations, batch; the default is English, and what has no title has its English name.

local nabla = require "nabla"

local RULES = [[
wording constant "d is linear; %1 is constant"  de "d ist linear; %1 ist konstant"
wording expression "expression"  de "Ausdruck"
table "Quadratic forms"  de "Quadratische Formen"  zh "二次型"
let vector x(n), matrix A(n,n)
identity "form"  de "quadratische Form"
    D(x'*A*x, x)   denominator  (A + A')*x
identity "other"
    D(x'*x, x)     denominator  2*x
operator foo(A(n,n)): scalar
rule "foo rule"  d(foo(A)) -> tr(d(A))  de "Foo-Regel"  cite "Kapitel 1"
layout mine "My layout" de "Mein Layout" like numerator
notation ours "Our notation" de "Unsere Schreibweise" zh "我们的记号" like course_notes
    vectors bold
function total(x(n)): scalar "total" de "Summe" = sum(x)
]]

describe("titles in a language", function()
  local s = assert(nabla.new {})
  assert(s:rule(RULES))
  s:declare "matrix A(n,n), matrix X(n,n)"

  it("head a table", function()
    local text = assert(s:table("quadratic-forms", { lang = "de" }))
    for _, word in ipairs { "Quadratische Formen", "quadratische Form ", "other ", "Ausdruck" } do
      assert.is_truthy(text:find(word, 1, true), word)
    end
    assert.is_truthy(assert(s:table("quadratic-forms", { lang = "zh" })):find("二次型", 1, true))
    assert.is_truthy(assert(s:table("quadratic-forms", { lang = "fr" })):find("Quadratic forms", 1, true))
  end)

  it("are the reasons of a derivation, beside Chinese ones of nabla's own words", function()
    local d = assert(s:derive("foo(A*X)", "X"))
    assert.are.equal("foo rule (Kapitel 1)", d:reason(2))
    assert.are.equal("Foo-Regel (Kapitel 1)", d:reason(2, "de"))
    assert.are.equal("Foo-Regel", d[2].titles.de)
    assert.matches("d ist linear; A ist konstant", d:reason(3, "de"))
    assert.matches("微分是线性的；A 为常数", d:reason(3, "zh"))
  end)

  it("are those of notations and functions, behind the shape, too", function()
    assert.are.equal("Unsere Schreibweise", s.notations.ours.titles.de)
    assert.are.equal("我们的记号", s.notations.ours.zh)
    assert.are.equal("total", s.ops.total.title)
  end)

  it("are codes of languages", function()
    local function refused(text)
      local _, err = assert(nabla.new {}):rule(text)
      return err.message .. "; " .. (err.hint or "")
    end
    assert.matches("unknown option `zn`", refused 'table "T" zn "x"')
    assert.matches("unknown option `ger`.*de", refused 'table "T" ger "x"')
    assert.matches("given twice", refused 'table "T" de "x" de "y"')
  end)
end)
