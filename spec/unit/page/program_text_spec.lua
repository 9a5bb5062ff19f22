-- Expressions in the notations of programs: NumPy, Julia, and one of a rule file.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local function reads(text)
  local node, more = nabla.new():parse(text)
  return node and tostring(node), more
end

describe("a notation of a program", function()
  it("is read as nabla's own", function()
    local cases = {}
    for line in io.lines "spec/data/program_notations.txt" do
      local typed, meant = line:match "^([^#].-) | (.*)$"
      if typed then
        cases[#cases + 1] = { typed, meant }
      end
    end
    assert.is_true(#cases >= 50)
    for _, case in ipairs(sample.of(cases, 6)) do
      local got, err = reads(case[1])
      assert(got, case[1] .. ": " .. tostring(err))
      assert.equal(reads(case[2]), got, case[1])
    end
  end)

  it("notes an asterisk between two that are no scalars, and a vector that is a row", function()
    local _, notes = reads "np.sum(x * y)"
    assert.equal("`*` is entry by entry", tostring(notes))
    _, notes = reads "2 * a * x.T @ x"
    assert.is_nil(notes)
    _, notes = reads "x @ A @ x"
    assert.is_truthy(tostring(notes):find("x is a row", 1, true))
  end)

  it("knows what was declared", function()
    local s = nabla.new()
    s:declare "vector B(n), matrix x(n,n), scalar t"
    local node, notes = s:parse "B @ x @ B + 0 * t * np.sum(B)"
    assert.equal("B'*x*B", tostring(node))
    assert.is_truthy(tostring(notes):find("B is a row", 1, true))
    node, notes = s:parse "x.T @ x**2"
    assert.equal("x'*x.^2", tostring(node))
    assert.equal("`**` is entry by entry", tostring(notes))
  end)

  it("binds and groups as the program does", function()
    assert.equal(reads "0*A*y - x.^2", (reads "0 * A @ y - x**2"))
    assert.equal(reads "2^(a^b)*x'*y", (reads "2**a**b * x.T @ y"))
    assert.equal(reads "a^(-2)*x'*y", (reads "a**-2 * x.T @ y"))
    assert.equal(reads "(A*x)./(2*y)", (reads "A @ x / (2*y)"))
  end)

  sample.whole(it)("refuses what it does not read, with the place", function()
    for text, want in pairs {
      ["np.foo(x)"] = { 1, "unknown function 'np.foo'" },
      ["X.T @"] = { 6, "expected an operand, found the end" },
      ["np.linalg.norm(x, 7)"] = { 1, "np.linalg.norm is not read with these arguments" },
      ["np.sum(x, axis=2)"] = { 1, "np.sum is not read with these arguments" },
      ["X.T @ A ?"] = { 9, "`?` is not read in this notation" },
      ["((x @ y"] = { 8, "expected `)`, found the end" },
      ["x @ y)"] = { 6, "expected an operator, found `)`" },
      ["X.shape @ y"] = { 1, "X.shape is not read in this notation" },
      ["x @ np.linalg"] = { 5, "np.linalg is not read in this notation" },
    } do
      local got, err = reads(text)
      assert.is_nil(got, text)
      assert.equal(want[2], err.message)
      assert.equal(want[1], err.column, text)
    end
    local got, err = reads(("("):rep(5000) .. "x @ y" .. (")"):rep(5000))
    assert.is_nil(got)
    assert.is_truthy(err.message:find "nested")
  end)

  it("is data of a rule file, whose mistakes have a place", function()
    local s = nabla.new()
    local rows = 'reads "%1 %*% %2" as "%1*%2"\n    reads "t(%1)" as "%1\'"'
    assert(s:rule('notation r "R"\n    recognised by "%*%"\n    ' .. rows))
    assert.equal("A'*B", tostring(s:parse "t(A) %*% B"))
    local ok, err = s:rule 'notation q "Q"\n    reads "%1 %2" as "%1*%2"'
    assert.is_nil(ok)
    assert.equal(2, err.line)
    ok, err = s:rule 'notation q "Q"\n    reads "f(%1)" as "%1*%2"'
    assert.is_nil(ok)
    assert.equal("the form lacks %2", err.message)
    ok, err = s:rule 'notation q "Q"\n    reads "f(%1)" as "%1*("'
    assert.is_nil(ok)
    assert.is_truthy(err.message)
  end)

  it("means by a norm, a sum or an exponential what the program means", function()
    local s = nabla.new()
    for _, case in ipairs {
      { "numpy", "np.linalg.norm(A, 2)", "singval(A, 1)" },
      { "numpy", "np.linalg.norm(A @ x, 2)", "norm2(A*x)" },
      { "numpy", "np.diag(A)", "diagv(A)" },
      { "matlab", "norm(A)", "singval(A, 1)" },
      { "matlab", "norm(A*x)", "norm2(A*x)" },
      { "matlab", "1./(1 + exp(-(A*x)))", "sigmoid(A*x)" },
      { "matlab", "(1 + x).^2 + x", "(ones(n) + x).^2 + x" },
      { "julia", "exp(A)*x", "expm(A)*x" },
      { "julia", "exp.(A)*x", "exp(A)*x" },
    } do
      local node, err = s:parse(case[2], { typed = case[1] })
      assert(node, case[2] .. ": " .. tostring(err))
      assert.equal(tostring(s:parse(case[3])), tostring(node), case[2])
    end
    local node, err = s:parse("x", { typed = "physics" })
    assert.is_nil(node)
    assert.equal("unknown notation of a program 'physics'; known: julia, matlab, numpy, pytorch", err.message)
  end)

  it("lets a scalar go with each entry of a matrix", function()
    local node, notes = nabla.new():parse "np.log(1 + np.exp(A @ X))"
    assert.equal("log(ones(m, p) + exp(A*X))", tostring(node))
    assert.equal("1 stands for ones(m,p)", tostring(notes))
  end)

  it("leaves a sign to the rule file that has an operator by it", function()
    local s = nabla.new()
    assert(s:rule 'function at(A(m,n), B(m,n)): scalar  infix "@"  latex "%1 @ %2" = tr(A\'*B)')
    assert.equal("tr(A*B')", tostring(s:parse "A @ B"))
  end)
end)
