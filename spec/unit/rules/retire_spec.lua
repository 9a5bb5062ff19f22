-- Operators that are taken away or defined anew: what speaks of the old one is not taken for a statement about the new one.

local nabla = require "nabla"

local function with(text)
  local s = assert(nabla.new())
  assert(s:rule(text, "course.rules"))
  return s
end

local function derivative(s, f, x)
  local node, err = s:diff(f, x)
  return node and node:text() or err.message
end

describe("an operator that is defined anew", function()
  local softmax = "function softmax(x(n)): vector (n) = exp(-x)/sum(exp(-x))"

  it("is not what the rules of the old one write: they write its body", function()
    assert.are.equal("exp(x)/sum(exp(x))", derivative(with(softmax), "logsumexp(x)", "x"))
  end)

  it("is not, with another signature", function()
    local s = with "function softmax(X(m,n)): matrix (m,n) = exp(X)./(exp(X)*ones(n,n))"
    assert.are.equal("exp(x)/sum(exp(x))", derivative(s, "logsumexp(x)", "x"))
  end)

  it("is not, as an operator without a body", function()
    local s = with "operator softmax(x(n)): vector (n)"
    assert.are.equal("exp(x)/sum(exp(x))", derivative(s, "logsumexp(x)", "x"))
    assert.are.equal("no rule for d(softmax(..))", derivative(s, "y'*softmax(x)", "x"))
  end)

  it("is not, as an elementwise function", function()
    local s = with 'without operator "sigmoid"\nfunction sigmoid(t) elementwise = 2/(1 + exp(-t))'
    assert.are.equal("1./(ones(n) + exp(-x))", derivative(s, "sum(softplus(x))", "x"))
  end)

  it("takes with it what is written with an old one that has no body", function()
    local s = with "function max(x(n)): scalar = sum(x)"
    assert.are.equal(
      "no rule for d(norminf(..)): its definition uses the max that course.rules:1 takes away: state it anew",
      derivative(s, "norminf(x)", "x")
    )
    assert.are.equal("norminf(x)", derivative(s, "a*norminf(x)", "a"))
  end)

  it("gets no rule that is about the old one", function()
    local s = with "operator softmax(x(n)): vector (n)"
    assert.are.equal("sum(softmax(x))", s:parse("sum(softmax(x))"):text())
    assert(s:load "identities.rules")
    for name, identity in pairs(s.identities) do
      local stated = identity.text:sub(identity.pos):match "^.-\n%s*\n" or ""
      assert.is_nil(stated:match "softmax%(", name)
    end
    assert.are.equal("no rule for d(softmax(..))", derivative(s, "y'*softmax(x)", "x"))
  end)

  it("leaves a node of the old one, which prints under no name of the language", function()
    local s = assert(nabla.new())
    local old = s:parse "softmax(x)"
    assert(s:rule(softmax))
    assert.are.equal("old.softmax(x)", old:text())
    assert.is_nil((s:parse(old:text())))
  end)

  it("is refused where a layout or a convention uses the old one", function()
    local s = assert(nabla.new())
    local ok, err = s:rule('without operator "tril"', "course.rules")
    assert.is_nil(ok)
    assert.is_truthy(err.message:find "^the convention entries %(.*:%d+%) uses tril$", err.message)
    assert.are.equal("take it away first: without convention entries", err.hint)
  end)

  it("is as it was after an error in the file", function()
    local s = assert(nabla.new())
    local old = s:parse "softmax(x)"
    assert.is_nil((s:rule(softmax .. "\nfunction max(x(n)): scalar = sum(x)\nrule")))
    assert.is_nil((s:rule(softmax .. "\nrule \"no\" softmax(x) -> x")))
    assert.are.equal("softmax(x)", old:text())
    assert.are.equal(old, s:parse "softmax(x)")
    assert.are.equal("softmax(x)", derivative(s, "logsumexp(x)", "x"))
  end)
end)

describe("nabla check", function()
  local lint = require "nabla.check.lint"

  it("lists what went with an operator that has no body", function()
    local path = os.tmpname()
    local f = assert(io.open(path, "w"))
    f:write "function max(x(n)): scalar = sum(x)\n"
    f:close()
    local s = assert(nabla.new { rules = path })
    local warnings = lint.new(s):file(path)
    os.remove(path)
    assert.are.equal(1, #warnings)
    local told = warnings[1].message
    assert.is_truthy(told:find("with the old max went what was written with it: the rule", 1, true), told)
    assert.is_truthy(told:find("what norminf stands for", 1, true), told)
  end)
end)
