--- LaTeX: mistakes at the end of a text, nesting, and the time that it takes.

local nabla = require "nabla"
local parser = require "nabla.latex.parser"
local page_trees = require "spec.support.page_trees"
local sample = require "spec.support.sample"

local function kind_in(session)
  return function(name)
    return session.ops[name] and "operator" or nil
  end
end

describe("LaTeX", function()
  local s = assert(nabla.new { limits = { seconds = 5 } })

  local function read(text)
    local page, err = parser.read(text, { kind = kind_in(s) })
    return page and page_trees.dump(page.statements[1][1]), err and tostring(err)
  end

  -- In hundreds of steps of Lua.
  local function steps(text)
    local count = 0
    debug.sethook(function()
      count = count + 1
    end, "", 100)
    read(text)
    debug.sethook()
    return count
  end

  for _, text in ipairs {
    "K0$_",
    "I_",
    "\\mathbf K_",
    "\\mathbf 1_",
    "\\lambda_",
    "x_",
    "\\mathbf D_",
  } do
    it("may not end in an index that is missing: " .. text, function()
      local tree, err = s:parse(text, { latex = true })
      assert.is_nil(tree)
      assert.matches("an index is missing", tostring(err), 1, true)
    end)
  end

  it("keeps names whole that have an index in braces", function()
    assert.equal("W_1", read "\\mathbf{W_{1}}")
  end)

  it("keeps the sign of an exponent that is read twice", function()
    assert.equal("(a * d((x .^ 2)))", read "a \\partial x^{\\odot 2}")
  end)

  it("takes one digit of an exponent without braces", function()
    assert.equal("((x ^ 2) * 3)", read "x^23")
  end)

  for name, text in sample.pairs({
    ["of fractions"] = { "\\frac{", "x", "}{2}" },
    ["of powers"] = { "x^{", "x", "}" },
    ["of groups"] = { "{", "x", "}" },
  }, 3) do
    local function nested(n)
      return text[1]:rep(n) .. text[2] .. text[3]:rep(n)
    end

    sample.whole(it)("is refused early where braces nest too deeply: " .. name, function()
      for _, n in ipairs { 301, 50000 } do
        local tree, err = s:parse(nested(n), { latex = true })
        assert.is_nil(tree)
        assert.matches("braces nest more than 300 deep", tostring(err), 1, true)
      end
      assert.is_true(steps(nested(40000)) < 6 * steps(nested(10000)))
    end)
  end

  for name, text in sample.pairs({
    ["that change style"] = "{\\bf x} + ",
    ["in bold type"] = "\\mathbf{a^T b} + ",
    ["with signs of Unicode"] = "x − ",
    ["with exponents entry by entry"] = "x^{\\odot 2} + ",
    ["with an index behind an exponent"] = "A^2_1 + ",
    ["with functions in plain letters"] = "tr(A) + ",
    ["with tags"] = "x \\tag{1} + ",
  }) do
    sample.whole(it)("takes time in proportion to the number of terms " .. name, function()
      assert.is_true(steps(text:rep(4000) .. "x") < 6 * steps(text:rep(1000) .. "x"))
    end)
  end

  it("takes no time that doubles with each index", function()
    for _, text in ipairs { "\\mathbf{J}^{%s}", "\\lambda_{1,2}(%s)" } do
      local function nested(n)
        local t = "x"
        for _ = 1, n do
          t = text:format(t)
        end
        return t
      end
      assert.is_true(steps(nested(48)) < 20 * steps(nested(12)))
    end
  end)
end)
