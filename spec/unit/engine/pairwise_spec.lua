-- Rules for sums, products and operators in any order whose patterns are applied operators without properties.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local DECLARED = [[
operator it(s): scalar
operator key(s): scalar
operator mul(s, t): scalar assoc comm
let number i, number j, number k
]]

local function session(rules)
  local s = assert(nabla.new {})
  assert(s:rule(DECLARED .. rules))
  s:declare "scalar x, vector v(n), matrix A(n,n)"
  return s
end

local function simplified(rules, text)
  local s = session(rules)
  local node, err = s:simplify(text)
  assert.is_nil(s.S:check())
  return node and tostring(node) or err.message
end

-- it(1) op it(2) op ..
local function all(n, op)
  local list = {}
  for i = 1, n do
    list[i] = "it(" .. i .. ")"
  end
  return table.concat(list, op)
end

local function folded(list)
  local text = list[1]
  for i = 2, #list do
    text = "mul(" .. text .. ", " .. list[i] .. ")"
  end
  return text
end

local CASES = {
  { "products", 'rule "m" it(i)*it(j) -> it(i + j)', "it(1)*it(2)*it(3)", "it(6)" },
  { "equal factors", 'rule "m" it(i)*it(j) -> it(i + j)', "it(5)*it(5)", "it(10)" },
  { "powers", 'rule "m" it(i)*it(j) -> it(i + j)', "it(5)^6*it(1)", "it(31)" },
  { "but not powers of no natural number", 'rule "m" it(i)*it(j) -> it(i + j)', "it(5)^(1/2)*x", "x*sqrt(it(5))" },
  { "with other factors", 'rule "m" it(i)*it(j) -> it(i + j)', "3*x^2*it(1)*it(2)*A", "3*x^2*it(3)*A" },
  { "sums", 'rule "m" it(i)+it(j) -> it(i + j)', "it(1) + it(2) + x + it(3)", "x + it(6)" },
  { "multiples", 'rule "m" it(i)+it(j) -> it(i + j)', "3*it(5)", "it(15)" },
  { "signs", 'rule "m" it(i)+it(j) -> it(i + j)', "it(1) - it(2) + it(4) - it(8)", "it(5) - it(10)" },
  { "common fractions", 'rule "m" it(i)+it(j) -> it(i + j)', "it(1)/2 + it(2)/2 + it(3)", "3*it(3)/2" },
  {
    "pairs by a number",
    'rule "p" it(i)*key(i) -> it(i + 100)',
    "it(1)*it(2)*key(2)*key(7)*it(7)",
    "it(107)*it(102)*it(1)",
  },
  { "conditions", 'rule "c" it(i)*it(j) -> it(i) if j < i', "it(3)*it(1)*it(7)*it(2)", "it(7)" },
  { "three at once", 'rule "t" it(i)*it(j)*key(k) -> it(i + j + k)', "it(1)*it(2)*key(3)*it(10)*key(20)", "it(36)" },
  { "numbers", 'rule "n" it(i)*key(j) -> i + j', "it(1)*key(2)*it(3)*key(4)*x", "21*x" },
  {
    "an operator in any order",
    'rule "m" mul(it(i), it(j)) -> it(i + j)',
    folded { "it(1)", "x", "it(2)", "it(3)" }, "mul(x, it(6))",
  },
  { "elements far from each other", 'rule "p" mul(it(i), key(i)) -> it(i + 1)',
    folded { "key(2)", "it(1)", "it(2)", "it(7)" }, "mul(it(3), mul(it(7), it(1)))" },
  {
    "equal elements",
    'rule "i" mul(it(i), it(i)) -> it(i)',
    folded { "it(1)", "it(2)", "it(1)", "it(2)", "it(1)" }, "mul(it(2), it(1))",
  },
  { "what a rule makes of them", 'rule "i" mul(it(i), key(i)) -> mul(key(i + 1), key(i + 1)) terminating',
    folded { "it(1)", "it(2)", "it(2)", "key(1)" }, "mul(key(3), mul(key(3), mul(key(3), key(3))))" },
}

describe("rules for elements in any order", function()
  for _, case in ipairs(CASES) do
    it("match " .. case[1], function()
      assert.equal(case[4], simplified(case[2], case[3]))
    end)
  end

  sample.whole(it)("match thousands as they match two", function()
    for _, n in ipairs { 2, 61, 1000, 5000 } do
      local sum = tostring(n * (n + 1) // 2)
      assert.equal("it(" .. sum .. ")", simplified('rule "m" it(i)*it(j) -> it(i + j)', all(n, "*")))
      assert.equal("it(" .. sum .. ")", simplified('simplify "m" it(i) + it(j) -> it(i + j)', all(n, "+")))
    end
  end)

  sample.whole(it)("come to an end with an error where they do not end", function()
    local s = session 'rule "m" it(i)*key(j) -> it(i + 1)*key(j + 1)   if i >= 0 terminating'
    local node, err = s:parse "it(1)*key(1)"
    assert.is_nil(node)
    assert.truthy(err.message:find("do not come to an end", 1, true))
    assert.equal("it(-1)*key(1)", tostring(s:parse "it(-1)*key(1)"))
  end)
end)
