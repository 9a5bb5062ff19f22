-- Names in exported code: two letters, sizes or temporaries never share one.

local code = require "nabla.code"
local nabla = require "nabla"
local naming = require "nabla.code.naming"

local function parameters(text)
  local list = {}
  for name in text:match("value_and_gradient[%s<%-function]*(%b())"):gmatch "([%w_\128-\255]+)%s*[,)]" do
    list[#list + 1] = name
  end
  return list
end

describe("names in code", function()
  local session = assert(nabla.new())

  local function written(language, decl, f, x)
    session:reset()
    assert(session:declare(decl))
    return assert(session:code(f, x, language))
  end

  for _, language in ipairs { "octave", "r", "cpp" } do
    it("are different for different letters outside ASCII in " .. language, function()
      local decl = "scalar é, scalar ñ, scalar 中, scalar 文, vector x(n)"
      local names = parameters(written(language, decl, "é*ñ*中*文*x'*x", "x"))
      assert.are.same({ "e", "n", "u4E2D", "u6587", "x" }, names)
    end)

    it("leave a size whose name a letter has to the letter in " .. language, function()
      local text = written(language, "scalar n, vector x(n)", "n*x'*x + n*sum(x)", "x")
      assert.are.same({ "n", "x" }, parameters(text))
      assert.is_nil(text:find "%f[%w_]n%s*<?[=-]%s*[snx]", text)
    end)
  end

  it("are the letters themselves in the languages that take them", function()
    local decl = "scalar é, scalar 中, vector x(n)"
    for _, language in ipairs { "numpy", "julia" } do
      assert.are.same({ "é", "中", "x" }, parameters(written(language, decl, "é*中*x'*x", "x")))
    end
  end)

  it("spell out Greek letters", function()
    local names = parameters(written("octave", "scalar λ, scalar μ, vector x(n)", "λ*μ*x'*x", "x"))
    assert.are.same({ "lambda", "mu", "x" }, names)
  end)

  it("of temporaries and results are no letters", function()
    local decl = "matrix A(m,n), vector x(n), vector b(m), scalar t1, scalar value"
    local text = written("octave", decl, "value*t1*norm2(A*x - b)^2", "x")
    assert.truthy(text:find("function [value_, gradient]", 1, true), text)
    assert.is_nil(text:find("%f[%w_]t1 ="), text)
    assert.is_nil(text:find("%f[%w_]value ="), text)
  end)

  it("keep the name of a letter that a mended one wants", function()
    local names = parameters(written("cpp", "scalar é, scalar e, scalar double, vector x(n)", "é*e*double*x'*x", "x"))
    assert.are.same({ "double_", "e", "e_", "x" }, names)
  end)

  it("are free of the words of every language", function()
    for language in pairs(code.targets) do
      local target = require(code.targets[language])
      for word in (target.naming and target.naming.reserved or ""):gmatch "%S+" do
        assert.not_equal(word, naming.scope(target):fresh(word))
      end
    end
  end)
end)
