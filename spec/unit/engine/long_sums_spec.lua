-- The form of an answer does not depend on whether a sum has 60 terms or more.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local function written(k, pattern)
  local terms = {}
  for i = 1, k do
    terms[i] = pattern:gsub("#", i)
  end
  return terms
end

describe("a long sum", function()
  it("has a factor taken out of 2 terms and of 1,000", function()
    for _, k in ipairs { 2, 60, 61, 65, 200, 1000 } do
      local s = assert(nabla.new())
      assert(s:declare "vector x(n)")
      for i = 1, k do
        assert(s:declare("matrix A" .. i .. "(n,n)"))
      end
      local node = assert(s:simplify(table.concat(written(k, "A#*x"), " + ")))
      local names = written(k, "A#")
      table.sort(names)
      assert.equal("(" .. table.concat(names, " + ") .. ")*x", tostring(node))
    end
  end)

  sample.whole(it)("is matched by a user's rule, and a long product too", function()
    for _, k in ipairs { 10, 60, 61, 65, 200, 1000 } do
      local s = assert(nabla.new())
      assert(s:rule 'let scalar a, scalar b\nrule "one" sin(a)^2 + cos(a)^2 -> 1\nrule "two" sinh(a)*cosh(b) -> a*b')
      for i = 1, k do
        assert(s:declare("scalar p" .. i))
      end
      assert(s:declare "scalar z")
      local sum = assert(s:simplify(table.concat(written(k, "p#"), " + ") .. " + sin(z)^2 + cos(z)^2"))
      assert.equal(k + 1, #sum)
      assert.is_nil(tostring(sum):find "z")
      local product = assert(s:simplify(table.concat(written(k, "p#"), "*") .. "*sinh(z)*cosh(z)"))
      assert.truthy(tostring(product):find("z^2", 1, true))
    end
  end)

  it("is collected where each of its terms is a long product", function()
    local function length(k)
      local s = assert(nabla.new())
      local f = "sum(" .. table.concat(written(k, "exp(A#*x)"), ".*") .. ")"
      return #tostring(assert(s:diff(f, "x")))
    end
    local short = length(60) / 60
    for _, k in ipairs { 61, 65, 200 } do
      assert.is_true(length(k) / k < 1.2 * short, k .. " factors are written at length")
    end
  end)

  it("takes a sum out that is spread over more than 64 terms", function()
    local s = assert(nabla.new())
    assert(s:declare "matrix B(n,n)")
    local names = written(70, "c#")
    for _, name in ipairs(names) do
      assert(s:declare("vector " .. name .. "(n)"))
    end
    local sum = table.concat(names, " + ")
    local text = tostring(assert(s:simplify(("%s + B*(%s)"):format(sum, sum))))
    assert.is_true(#text < 1.5 * #sum, text)
  end)
end)
