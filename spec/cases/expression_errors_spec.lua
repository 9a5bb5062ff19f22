-- Expressions that make no sense: the place, what is wrong with it, and a likely repair. What a text gets wrong is
-- returned (nil, error); what a program gets wrong is raised at its line.

local nabla = require "nabla"

local D_HINT = "write D(x'*A*x, x), or D(u, x) of an unknown function u of x"

local decl = "matrix A(m,n), matrix B(m,n), matrix C(3,4), vector x(n), vector y(m), scalar t, matrix X(n,n), "
  .. "vector u(m) of x, scalar alpha"

local function session()
  local s = assert(nabla.new())
  assert(s:rule "operator foo(x(n)): scalar")
  assert(s:declare(decl))
  return s
end

-- luacheck: no max line length
-- Text, column, message, hint; or the heading of a group.
local cases = {
  { "sizes that do not fit" },
  {
    "A*B",
    2,
    "a product of m x n and m x n: the inner sizes must be equal",
    "a transpose ' on the second factor would make them fit",
  },
  {
    "x*x",
    2,
    "a product of n x 1 and n x 1: the inner sizes must be equal",
    "did you mean x'*y (a scalar) or x.*y (entry by entry)?",
  },
  {
    "x'*A*x",
    3,
    "a product of 1 x n and m x n: the inner sizes must be equal",
    "a transpose ' on the second factor would make them fit",
  },
  { "(A*x)'*x", 7, "a product of 1 x m and n x 1: the inner sizes must be equal" },
  {
    "A + B'",
    3,
    "a sum of m x n and n x m: the sizes must be equal",
    "a transpose ' on one of the two would make them fit",
  },
  {
    "A - B'",
    3,
    "a sum of m x n and n x m: the sizes must be equal",
    "a transpose ' on one of the two would make them fit",
  },
  { "x + y", 3, "a sum of n x 1 and m x 1: the sizes must be equal" },
  {
    "-A + y",
    4,
    "a sum of m x n and m x 1: the sizes must be equal",
    "to add the column to each column, write column*ones(1,..)",
  },
  { "A.*X", 2, ".* of m x n and n x n: the sizes must be equal" },
  { "x.*y", 2, ".* of n x 1 and m x 1: the sizes must be equal" },
  {
    "X*(A + A')",
    6,
    "a sum of m x n and n x m: the sizes must be equal",
    "a transpose ' on one of the two would make them fit",
  },
  { "u(y)", 3, "the argument of u is m x 1, declared n x 1" },
  { "a scalar where a matrix belongs" },
  { "X + 2", 3, "a sum of n x n and 1 x 1: the sizes must be equal", "did you mean 2*ones(n,n) or 2*I(n)?" },
  { "matrices that are not square" },
  { "inv(C)", 5, "inv of a 3 x 4 matrix: it must be square" },
  { "inv(A)", 5, "inv of a m x n matrix: it must be square" },
  { "tr(x)", 4, "tr of a n x 1 matrix: it must be square" },
  { "det(A)", 5, "det of a m x n matrix: it must be square" },
  { "logdet(A)", 8, "logdet of a m x n matrix: it must be square" },
  { "A^2", 2, "a power of a m x n matrix: it must be square", "elementwise: .^" },
  { "A^-1", 2, "a power of a m x n matrix: it must be square", "elementwise: .^" },
  { "A^0.5", 2, "a power of a m x n matrix: it must be square", "elementwise: .^" },
  { "arguments of another shape or number" },
  { "foo(X)", 5, "foo takes a column, found n x n" },
  {
    "diag(X)",
    6,
    "diag takes a column, found n x n",
    "a diagonal matrix is diag(x), the diagonal diagv(A)",
  },
  { "A^x", 2, "the exponent is n x 1; it must be a scalar", "elementwise: .^" },
  { "2^A", 2, "the exponent is m x n; it must be a scalar", "elementwise: .^" },
  { "tr(A, B)", 1, "tr takes one argument, found 2" },
  { "exp(x, y)", 1, "exp takes one argument, found 2" },
  { "kron(A)", 1, "kron takes 2 arguments, found 1" },
  { "E(1,2,n)", 1, "E takes 4 arguments, found 3" },
  { "u(x,x)", 1, "u takes one argument, found 2" },
  { "I(n,n)", 1, "I takes one dimension, found 2" },
  { "ones(1,2,3)", 1, "ones takes one or two dimensions, found 3" },
  {
    "zeros(n/2)",
    7,
    "the dimension n/2 is not a whole number for every n",
    "a fraction such as n*(n+1)/2 is",
  },
  {
    "zeros(n/m)",
    8,
    "a dimension is made of names and integers with + - and *, divided by integers as in n*(n+1)/2",
  },
  { "tr()", 4, "expected an expression, found `)`" },
  { "tr", 1, "'tr' is a function: its argument is missing", "tr(..)" },
  { "division by a matrix" },
  {
    "2*A/X",
    4,
    "division by a n x n matrix; only scalars divide",
    "did you mean *inv(X), or ./ entry by entry?",
  },
  { "A/B", 2, "division by a m x n matrix; only scalars divide", "did you mean ./ entry by entry?" },
  { "x/x", 2, "division by a n x 1 matrix; only scalars divide", "did you mean ./ entry by entry?" },
  { "division by zero" },
  { "x/0", 2, "division by zero" },
  { "1/0", 2, "division by zero" },
  { "0^-1", 2, "division by zero" },
  { "t/(t-t)", 2, "division by zero" },
  { "x./(x-x)", 2, "division by zero" },
  { "inv(zeros(n,n))", 1, "the inverse of a zero matrix" },
  { "zeros(n,n)^-1", 11, "the inverse of a zero matrix" },
  { "inv(0*X)", 1, "the inverse of a zero matrix" },
  { "unknown names" },
  { "alphq + 1", 1, "unknown name 'alphq'", "did you mean alpha?" },
  { "alpah*x", 1, "unknown name 'alpah'", "did you mean alpha?" },
  { "fooo(x)", 1, "unknown function 'fooo'", "did you mean foo?" },
  { "x'*xx", 4, "unknown name 'xx'", "did you mean x?" },
  { "logdett(X)", 1, "unknown function 'logdett'", "did you mean logdet?" },
  { "derivatives inside" },
  { "D(u)", 1, "D takes a function or expression and a variable, found 1 arguments", D_HINT },
  { "D(x'*x, x, x)", 1, "D takes a function or expression and a variable, found 3 arguments", D_HINT },
  { "D(u, y)", 6, "u is declared as a function of something n x 1" },
  { "d(foo(x))", 1, "no rule for d(foo(..))" },
  { "slips of the pen" },
  { "A*(x", 3, "this `(` is never closed" },
  { "A*x)", 4, "this `)` closes nothing" },
  { "A*x y", 5, "expected an operator, found `y`", "did you mean x*y?" },
  { "A**B", 2, "expected an operator, found `**`", "the power is ^" },
  { "x =", 3, "expected an operator, found `=`", "an expression is not an equation" },
  { "A*", 3, "expected an expression, found the end of the expression" },
  { "", 1, "the expression is empty" },
  { "A + $", 5, "expected an expression, found `$`", "mathematics is written without dollar signs" },
}

describe("an expression", function()
  local s = session()
  local group

  for _, case in ipairs(cases) do
    local text, column, message, hint = table.unpack(case, 1, 4)
    if not column then
      group = text
    else
      it(("with %s is refused with its place: %s"):format(group, text), function()
        local node, err = s:parse(text)
        assert.is_nil(node)
        assert.same({ 1, column, message, hint }, { err.line, err.column, err.message, err.hint })
        -- as printed: the line, and the caret under the place
        local lines = { ("1:%d: %s"):format(column, message) }
        if text ~= "" then
          lines[2], lines[3] = text, (" "):rep(column - 1) .. "^"
        end
        lines[#lines + 1] = hint and "hint: " .. hint
        assert.equal(table.concat(lines, "\n"), tostring(err))
      end)

      it(("with %s is refused by diff as well: %s"):format(group, text), function()
        local g, err = s:diff(text, "x")
        assert.is_nil(g)
        assert.same({ message, hint }, { err.message, err.hint })
      end)
    end
  end

  it("suggests a matrix of ones or the identity for A + 1", function()
    local _, err = s:parse "A + 1"
    assert.equal("a sum of m x n and 1 x 1: the sizes must be equal", err.message)
    assert.truthy(err.hint:find("did you mean ones(m,n)", 1, true))
  end)

  it("is refused when nothing is known of a function", function()
    local _, err = s:parse "bar(x)"
    assert.same({ 1, "unknown function 'bar'" }, { err.column, err.message })
  end)

  it("leaves the session as it was", function()
    local other = session()
    for _, case in ipairs(cases) do
      other:parse(case[1])
    end
    assert.equal(#s.S:postorder(1), #other.S:postorder(1))
    assert.equal("2*x", tostring(other:diff("x'*x", "x")))
    assert.equal("A'*A*x + A'*y", tostring(assert(other:parse "A'*A*x + A'*y")))
  end)
end)

describe("a derivative", function()
  local s = session()

  local refusals = { -- expression, variable, options, message, hint
    { "foo(x)", "x", nil, "no rule for d(foo(..))" },
    { "x'*x + foo(A'*y)", "y", nil, "no rule for d(foo(..))" },
    {
      "tr(Y*frechetmixed(expm, X, Y, Y*Y, 2))",
      "X",
      nil,
      "no rule for d(frechetmixed(..)): the derivative of a mixed Frechet derivative has no closed form in this notation",
    },
    { "x'*x", "2*x", nil, "'2*x' is no variable to differentiate by", "a name, or a name with a prime: x'" },
    { "x'*x", "X*x", nil, "'X*x' is no variable to differentiate by", "a name, or a name with a prime: x'" },
    { "x'*x", "u", nil, "u is a function; a derivative is taken by a variable" },
    {
      "x'*x",
      "u(x)",
      nil,
      "'u(x)' is no variable to differentiate by",
      "a name, or a name with a prime: x'",
    },
    { "x'*x", "tr", nil, "'tr' is no variable to differentiate by", "a name, or a name with a prime: x'" },
    { "x'*x", "", nil, "'' is no variable to differentiate by", "a name, or a name with a prime: x'" },
    { "alpha*x'*x", "alpah", nil, "'alpah' is no variable to differentiate by", "did you mean alpha?" },
    {
      "x'*x",
      "n",
      nil,
      "n is a size; a derivative is taken by a variable",
      "if it is a scalar, declare it: scalar n",
    },
    {
      "q'*q",
      "w9",
      nil,
      "'w9' does not occur in the expression",
      "declare it, if the derivative is to be zero",
    },
    { "q'*q", "Q", nil, "'Q' does not occur in the expression", "did you mean q?" },
    {
      "x'*x",
      "x",
      { layout = "numertor" },
      "unknown layout 'numertor'; known: block, block_f, block_t, denominator, mixed, numerator, vec",
    },
    {
      "x'*x",
      "x",
      { convention = "odd" },
      "unknown convention 'odd'; known: brandwood, conjugate, cookbook, entries, free, gradient, projected, structured",
    },
    {
      "A*x",
      "A",
      nil,
      "the derivative of a m x 1 expression by a m x n variable: the denominator layout has no vector by matrix; layouts that have one: block, block_f, block_t, vec",
    },
    {
      "t*A*x*x'",
      "x",
      nil,
      "the derivative of a m x n expression by a n x 1 variable: the denominator layout has no matrix by vector; layouts that have one: block, block_f, block_t, vec",
    },
  }
  for _, case in ipairs(refusals) do
    it(("of %s by %q is refused"):format(case[1], case[2]), function()
      local g, err = s:diff(case[1], case[2], case[3])
      assert.is_nil(g)
      assert.same({ case[4], case[5] }, { err.message, err.hint })
    end)
  end

  it("inside an expression is taken by a variable", function()
    for _, text in ipairs { "D(x'*x, 2*x)", "D(x'*x, u)", "D(x'*x, X*x)" } do
      local node, err = s:parse(text)
      assert.is_nil(node)
      local message = "a derivative is taken by a variable, or by its coordinates: diagv(S), vec(X), vech(S)"
      assert.equal(message, err.message)
    end
  end)

  it("of what does not depend on the variable is zero, not an error", function()
    assert.equal("zeros(n)", tostring(s:diff("foo(y)", "x")))
  end)

  it("of second order is of a scalar", function()
    local g, err = s:hessian("A*x", "x")
    assert.is_nil(g)
    assert.equal("a Hessian is of a scalar (this is m x 1) or by a scalar", err.message)
  end)
end)

describe("a wrong call", function()
  local s = session()
  local x, A = s:parse "x", s:parse "A"

  local function raises(expected, f)
    local ok, message = pcall(f)
    assert.is_false(ok)
    assert.equal(
      expected,
      (tostring(message):gsub("^[^\n]-spec/cases/expression_errors_spec%.lua:%d+: ", "HERE: "))
    )
  end

  it("of a method is raised where it stands", function()
    raises("HERE: parse takes text, found a nil", function()
      s:parse(nil)
    end)
    raises("HERE: parse takes text, found a number", function()
      s:parse(3)
    end)
    raises("HERE: declare takes text, found a number", function()
      s:declare(3)
    end)
    raises("HERE: rule takes text, found a nil", function()
      s:rule(nil)
    end)
    raises("HERE: load takes a path, found a nil", function()
      s:load(nil)
    end)
    raises("HERE: predicate takes a name and a function", function()
      s:predicate "small"
    end)
    raises("HERE: a node was expected", function()
      s:holds("symmetric", "x")
    end)
    raises("HERE: there is no identity 'a'", function()
      s:check "a"
    end)
  end)

  it("of nabla.new is raised where it stands", function()
    raises('HERE: nabla.new takes a table of options, such as { layout = "numerator" }', function()
      nabla.new(3)
    end)
    raises(
      "HERE: nabla.new: unknown option 'layuot'; "
        .. "known: layout, rules, rules_text, convention, notation, typed, default_rules, limits, habits, spread, "
        .. "check, strict",
      function()
        nabla.new { layuot = "numerator" }
      end
    )
  end)

  it("of an operator is raised where it stands", function()
    raises("HERE: a sum of m x n and 1 x 1: the sizes must be equal; did you mean ones(m,n)?", function()
      return A + 1
    end)
    raises("HERE: a sum of n x 1 and m x n: the sizes must be equal", function()
      return x + A
    end)
    raises("HERE: division by a matrix", function()
      return x / A
    end)
    raises("HERE: division by zero", function()
      return x / 0
    end)
    raises("HERE: a power of a m x n matrix: it must be square", function()
      return A ^ 2
    end)
    raises("HERE: a sum of a node and a table", function()
      return x + {}
    end)
    raises("HERE: these nodes belong to two sessions", function()
      return x + session():parse "x"
    end)
  end)

  it("of a function of the module is raised", function()
    for message, f in pairs {
      ["tr takes 1 argument, found 2"] = function()
        nabla.tr(A, A)
      end,
      ["nabla has no function 'nonsense'"] = function()
        nabla.nonsense(x)
      end,
      ["tr takes nodes"] = function()
        nabla.tr(3)
      end,
      ["argument 1 of tr has the shape n x 1"] = function()
        nabla.tr(x)
      end,
      ["a list of nodes was expected"] = function()
        nabla.add {}
      end,
    } do
      local ok, raised = pcall(f)
      assert.is_false(ok)
      assert.equal(message, (tostring(raised):gsub("^[^\n]-%.lua:%d+: ", "")))
    end
  end)

  it("of diff is raised, not returned", function()
    for _, f in ipairs {
      function()
        s:diff(nil, "x")
      end,
      function()
        s:diff(3, "x")
      end,
      function()
        s:diff("x'*x", nil)
      end,
      function()
        s:diff("x'*x", 3)
      end,
      function()
        s:diff("x'*x", "x", "numerator")
      end,
      function()
        s:hessian("x'*x", nil)
      end,
      function()
        s:simplify(nil)
      end,
    } do
      local ok, message = pcall(f)
      assert.is_false(ok)
      assert.truthy(message:find("expected, found", 1, true) or message:find("options are a table", 1, true))
    end
  end)

  it("by a declared variable of which only undeclared x_i occur is no zero", function()
    local own = assert(nabla.new())
    assert(own:declare "vector x(n)")
    for _, method in ipairs { "diff", "hessian" } do
      local answer, err = own[method](own, "sum(x_i^2)", "x")
      assert.is_nil(answer)
      assert.equal("'x' does not occur in the expression; x_i is a letter of its own", err.message)
      assert.matches("^an entry of x is x%(", err.hint)
    end
    local entry, told = own:diff("x_1^2 + 3", "x")
    assert.equal("2*x(1)*E(1, 1, n, 1)", tostring(entry))
    assert.equal("x_1 is an entry of x", tostring(told))
    assert.equal("zeros(n)", tostring(own:diff("y'*y", "x")))
    assert(own:declare "scalar x_1")
    assert.equal("zeros(n)", tostring(own:diff("x_1^2", "x")))
  end)

  it("with a text that is wrong returns nil and the error", function()
    local node, err = nabla.new { layout = "x" }
    assert.is_nil(node)
    assert.equal(
      "unknown layout 'x'; known: block, block_f, block_t, denominator, mixed, numerator, vec",
      err.message
    )
    for text, message in pairs {
      ["matrix"] = "1:7: expected a name, found the end of the declaration\nmatrix\n      ^",
      ["matrix Q(n,n) symetric"] = "1:15: unknown attribute 'symetric'\nmatrix Q(n,n) symetric\n              ^\n"
        .. "hint: did you mean symmetric?",
      ["matrix Q(m,n) symmetric"] = "1:15: Q is m x n; only a square matrix is symmetric\nmatrix Q(m,n) symmetric\n"
        .. "              ^\nhint: leave symmetric out, or declare a square matrix",
    } do
      node, err = s:declare(text)
      assert.is_nil(node)
      assert.equal(message, tostring(err))
    end
  end)
end)
