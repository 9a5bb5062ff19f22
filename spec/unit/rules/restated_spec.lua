-- A course states one of nabla's own rules in its own words: it takes the rule away, writes the same again, with its own citation.

local nabla = require "nabla"
local paths = require "nabla.rules.paths"
local reading = require "nabla.rules.statements"
local sample = require "spec.support.sample"

local RULES = { rule = true, simplify = true, adjoint = true, jacobian = true, block = true }

-- The rules with names of a file, each with the `let` statements above it.
local function statements(file)
  local text, lets, found = paths.contents(file), {}, {}
  local list = assert(reading.parse(text, { file = file }))
  for i, st in ipairs(list) do
    local own = text:sub(st.pos, (list[i + 1] and list[i + 1].pos or #text + 1) - 1)
    if st.kind == "let" then
      lets[#lets + 1] = own
    elseif RULES[st.kind] and st.name then
      found[#found + 1] = { kind = st.set or st.kind, name = st.name, text = table.concat(lets) .. own }
    end
  end
  return found
end

local function answers(s)
  local list = {}
  for _, question in ipairs {
    { "tr(inv(X)*A)", "X" },
    { "tr(X^3)", "X" },
    { "tr(X^k*A)", "X" },
    { "s^k", "s" },
    { "a'*inv(A + B)*b", "A" },
    { "tr(expm(t*A))", "t" },
  } do
    s:reset()
    s:declare "matrix X(n,n), matrix A(n,n), matrix B(n,n), scalar s, scalar t"
    local node, err = s:diff(question[1], question[2])
    list[#list + 1] = node and node:text() or err.message
  end
  return table.concat(list, "\n")
end

describe("a rule of nabla's own", function()
  local standard = assert(nabla.new())
  local files = {}
  for file in pairs(standard.files) do
    files[#files + 1] = file
  end
  table.sort(files)
  for _, file in ipairs(sample.of(files, 20)) do
    it("can be stated again, in " .. file:match "rules/(.*)$", function()
      for _, st in ipairs(sample.of(statements(file), 4)) do
        local s = assert(nabla.new())
        local ok, err = s:rule(string.format('without %s "%s"\n%s', st.kind, st.name, st.text), "lecture.rules")
        assert.is_true(ok, err and tostring(err))
      end
    end)
  end

  sample.whole(it)("gives the answers that it gave", function()
    local before = answers(standard)
    for _, st in ipairs(sample.of(statements(paths.own "algebra/products.rules"), 4)) do
      local s = assert(nabla.new())
      assert(s:rule(string.format('without %s "%s"\n%s', st.kind, st.name, st.text)))
      assert.are.equal(before, answers(s), st.name)
    end
  end)
end)

describe("a rule that others keep from acting", function()
  local function refused(text)
    local ok, err = assert(nabla.new()):rule(text, "course.rules")
    assert.is_nil(ok)
    return err
  end

  it("is refused with the names of all of them, and of a priority that helps", function()
    local text = 'operator foo(A(m,n)): scalar\nlet matrix A(m,n), matrix B(n,n)\n'
      .. 'simplify "one" foo(A) -> 1 priority 1\nsimplify "two" foo(A) -> 2 priority 2\n'
      .. '%ssimplify "three" foo(B) -> 3%s'
    local err = refused(text:format("", ""))
    assert.are.equal('the rule "two" (course.rules:4) already applies to this left side', err.message)
    assert.are.equal(
      'take these away first: without rule "two", without rule "one"; '
        .. "or have this one tried first: priority 3 at its end",
      err.hint
    )
    assert(assert(nabla.new()):rule(text:format('without rule "two"\nwithout rule "one"\n', "")))
    assert(assert(nabla.new()):rule(text:format("", " priority 3")))
  end)

  local FOO = "operator foo(A(n,n)): scalar\nlet matrix A(n,n), matrix X(n,n)\n"

  it("is refused where they decide already when the expression is made", function()
    assert.is_truthy(refused(FOO .. "rule foo(A) -> 1\nrule foo(A) -> 2"))
    assert.is_truthy(refused(FOO .. "rule foo(A) -> 1 priority 1\nrule foo(A) -> 2"))
    local three = "rule foo(A') -> 1 priority 2\nrule foo(A) -> 2 priority 1\nrule foo(A) -> 3 priority 1"
    assert.is_truthy(refused(FOO .. three))
  end)

  it("goes before them with a higher priority", function()
    local s = assert(nabla.new { rules_text = FOO .. "rule foo(A) -> sum(A)\nrule foo(A) -> 2*tr(A)  priority 1" })
    assert(s:declare "matrix X(n,n)")
    assert.are.equal("2*tr(X)", tostring(s:parse "foo(X)"))
  end)

  it("goes before them if it is more special", function()
    local s = assert(nabla.new { rules_text = FOO .. "rule foo(A) -> sum(A)\nrule foo(exp(A)) -> 2*tr(A)" })
    assert(s:declare "matrix X(n,n)")
    assert.are.equal("2*tr(X)", tostring(s:parse "foo(exp(X))"))
    assert.are.equal("sum(X)", tostring(s:parse "foo(X)"))
  end)

  it("is refused where a rule on a part of its left side changes that", function()
    local err = refused(FOO .. "rule exp(A') -> tr(A)*A\nrule foo(exp(A')) -> 2  priority 5")
    assert.matches("already rewrites this left side", err.message)
  end)
end)
