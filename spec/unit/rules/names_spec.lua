-- Names of identities and of tables: each belongs to its table, or to its file; a course may use one that nabla's own files use.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local COURSE = [[
table "My forms"
let vector x(n), vector a(n)
identity "linear form"
    D(a'*x, x)  denominator  a
table "Norms"
identity "norm"
    D(norm2(x), x)  denominator  x/norm2(x)
]]

local function load_all(...)
  local s = assert(nabla.new())
  for _, text in ipairs { ... } do
    if text:find "\n" then
      assert(s:rule(text, "course.rules"))
    else
      assert(s:load(text))
    end
  end
  return s
end

describe("the name of an identity", function()
  local orders = {
    { COURSE, "identities.rules" },
    { "identities.rules", COURSE },
    { 'use "identities/vector-and-scalar-forms.rules"\n' .. COURSE, "identities.rules" },
  }

  it("is that of the course, whichever was read first", function()
    for _, order in ipairs(orders) do
      local s = load_all(table.unpack(order))
      assert.are.equal("my-forms", s.identities["linear form"].table)
      assert.are.equal("vector-and-scalar-forms", s.identities["vector-and-scalar-forms/linear form"].table)
      assert.is_true(s:check "linear form")
    end
  end)

  sample.whole(it)("stands in both tables, once in each", function()
    for _, order in ipairs(orders) do
      local s = load_all(table.unpack(order))
      for name, title in pairs { ["my-forms"] = "linear form", ["vector-and-scalar-forms"] = "linear form" } do
        local _, count = assert(s:table(name)):gsub("\n" .. title .. " ", "")
        assert.are.equal(1, count, name)
      end
    end
  end)

  it("can be taken away and given to another by that name", function()
    local s = load_all(COURSE, "identities.rules")
    assert(s:rule 'without identity "vector-and-scalar-forms/linear form"')
    assert(s:rule 'rename identity "linear form" as "forms, 1"')
    assert.is_nil(s.identities["linear form"])
    assert.are.equal("my-forms", s.identities["forms, 1"].table)
  end)

  it("is taken where the same table has it, and the hint says what helps", function()
    local s = assert(nabla.new())
    local twice = COURSE .. "identity \"norm\"\n    D(norm2(x - a), x)  denominator  (x - a)/norm2(x - a)\n"
    local ok, err = s:rule(twice, "course.rules")
    assert.is_nil(ok)
    assert.are.equal('there is an identity "norm" already (course.rules:6)', err.message)
    assert.are.equal("give one of the two another name", err.hint)
    local plain = 'let vector x(n)\nidentity "one"\n    D(x\'*x, x)  denominator  2*x\n'
    assert(s:rule(plain, "a.rules"))
    ok, err = s:rule(plain, "b.rules")
    assert.is_nil(ok)
    assert.are.equal('take it away first: without identity "one"', err.hint)
    assert(s:rule('without identity "one"\n' .. plain, "b.rules"))
  end)
end)

describe("the name of a table", function()
  it("is listed apart where another file has it", function()
    local s = load_all(COURSE, "identities.rules")
    assert.are.equal("course.rules", s.tables.norms.file)
    assert.is_truthy(s.tables["norms-2"].file:find("rules/identities/norms.rules", 1, true))
    assert.is_truthy(assert(s:table "norms"):find "\nnorm +D%(norm2%(x%), x%)")
  end)

  it("is taken where the same file has it", function()
    local ok, err = assert(nabla.new()):rule(COURSE .. 'table "Norms"\n', "course.rules")
    assert.is_nil(ok)
    assert.are.equal('there is a table "Norms" already (course.rules:5)', err.message)
    assert.is_truthy(err.hint)
  end)
end)
