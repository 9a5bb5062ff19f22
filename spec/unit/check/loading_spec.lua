-- Rule files that are proved while they are read: `nabla.new { check = true }`.

local files = require "spec.support.files"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local WRONG = 'let matrix A(n,n), matrix B(n,n)\nrule "freshman" det(A + B) -> det(A) + det(B)\n'
local OPEN = "operator foo(A(n,n)): scalar\nlet matrix A(n,n)\nrule \"foo\" foo(A') -> foo(A)\n"

describe("a session that checks", function()
  it("refuses a text with a wrong statement, at its place, and nothing of it takes effect", function()
    local s = assert(nabla.new { check = true })
    local before = assert(s:diff("det(I(n) + X)", "X")):text()
    local ok, err = s:rule(WRONG, "course.rules")
    assert.is_nil(ok)
    assert.are.equal(2, err.line)
    assert.are.equal("course.rules", err.file)
    assert.is_truthy(err.message:find '^the rule "freshman" is wrong: .* and .*; n = 2', err.message)
    assert.are.equal(before, assert(s:diff("det(I(n) + X)", "X")):text())
  end)

  it("refuses files, and files that they use", function()
    local wrong = files.temporary(WRONG)
    local course = files.temporary(string.format("use %q\n", wrong))
    for _, path in ipairs { wrong, course } do
      local s, err = nabla.new { check = true, rules = path }
      assert.is_nil(s)
      assert.is_truthy(tostring(err):find("freshman", 1, true))
    end
    os.remove(wrong)
    os.remove(course)
  end)

  sample.whole(it)("accepts what is right, and what numbers cannot decide", function()
    local s = assert(nabla.new { check = true })
    assert(s:rule 'let matrix A(n,n)\ncheck tr(A) == tr(A\')\nfunction twice(x(n)): vector (n) = 2*x')
    assert(s:rule(OPEN))
    assert.are.equal("foo(X)", s:parse("foo(X')"):text())
  end)

  it("is one that asks for it", function()
    assert(assert(nabla.new()):rule(WRONG))
  end)
end)
