-- Expressions and declarations. A tree is compared as `syntax.dump` prints it, with all its brackets.

local errors = require "nabla.text.errors"
local syntax = require "nabla.language.syntax"
local sample = require "spec.support.sample"

local million = sample.count(1000000)

local reads = {
  -- text, tree
  { "a", "a" },
  { "1.5e-3", "1.5e-3" },
  { ".5 + 2. + 1e3", "(.5 + 2. + 1e3)" },
  { "a + b - c + d", "(a + b - c + d)" },
  { "(a + b) - c", "((a + b) - c)" },
  { "a - (b - c)", "(a - (b - c))" },
  { "A*B/c.*D./E", "(A * B / c .* D ./ E)" },
  { "(A*B)*C", "((A * B) * C)" },
  { "a + b*c", "(a + (b * c))" },
  { "-a + b", "((-a) + b)" },
  { "-a*b", "((-a) * b)" },
  { "-A^2'", "(-(A ^ 2)')" },
  { "a*-b", "(a * (-b))" },
  { "a - -b", "(a - (-b))" },
  { "--a", "(-(-a))" },
  { "+a", "a" },
  { "A^2'", "(A ^ 2)'" },
  { "A'^2", "(A' ^ 2)" },
  { "2^3^2", "((2 ^ 3) ^ 2)" },
  { "X^-1", "(X ^ (-1))" },
  { "X^-k*Y", "((X ^ (-k)) * Y)" },
  { "X^-1'", "(X ^ (-1))'" },
  { "X^+2", "(X ^ 2)" },
  { "X^(k-1)", "(X ^ (k - 1))" },
  { "x.^2", "(x .^ 2)" },
  { "1./x", "(1 ./ x)" },
  { "2.*x", "(2 .* x)" },
  { "2.^x", "(2 .^ x)" },
  { "A.'*B", "(A' * B)" },
  { "A''", "A''" },
  { "f(x)'", "f(x)'" },
  { "kron(A, B + C)", "kron(A, (B + C))" },
  { "D(D(f,x),x)", "D(D(f, x), x)" },
  { "((a))", "a" },
  { "a\n  + b # the rest\n  + c", "(a + b + c)" },
  { "sum(x)", "sum(x)" },
  { "sum(i = 0..k-1, X^i*d(X)*X^(k-1-i))", "sum(i = 0..(k - 1), ((X ^ i) * d(X) * (X ^ (k - 1 - i))))" },
  { "sum(i=1..n,sum(j=i..n,x))", "sum(i = 1..n, sum(j = i..n, x))" },
  { "Aᵀ*B⊤*C′", "(A' * B' * C')" },
  { "A⁻¹*x²", "((A ^ (-1)) * (x ^ 2))" },
  { "A⁻ᵀ", "(A ^ (-1))'" },
  { "X⁺¹²", "(X ^ 12)" },
  { "A·B×C⋅D", "(A * B * C * D)" },
  { "A⊙B∘C", "(A .* B .* C)" },
  { "A⊗B*C", "(kron(A, B) * C)" },
  { "A*B⊗C", "kron((A * B), C)" },
  { "a − b", "(a - b)" },
  { "α*Σ₁ + 矩阵' + x̂", "((α * Σ₁) + 矩阵' + x̂)" },
  { "a_1 + _b2", "(a_1 + _b2)" },
  { "if*for", "(if * for)" },
  { "a\u{00A0}+\u{3000}b", "(a + b)" },
}

local refuses = {
  -- text, line:column, message, hint
  { "", "1:1", "the expression is empty" },
  { "  # nothing", "1:1", "the expression is empty" },
  { "a +", "1:4", "expected an expression, found the end of the expression" },
  { "a +\n\n", "1:4", "expected an expression, found the end of the expression" },
  { "a + * b", "1:5", "expected an expression, found `*`" },
  { "* b", "1:1", "expected an expression, found `*`" },
  { "f()", "1:3", "expected an expression, found `)`" },
  { "f(a,)", "1:5", "expected an expression, found `)`" },
  { "X^", "1:3", "expected an expression, found the end of the expression" },
  { "a \\ b", "1:3", "expected an operator, found `\\`", "did you mean inv(a)*b?" },
  { "A**2", "1:2", "expected an operator, found `**`", "the power is ^" },
  {
    "A[1]",
    "1:2",
    "expected an operator, found `[`",
    "there are no subscripts in brackets; an entry is x(i), and blocks are separated by , and ;",
  },
  { "[]", "1:2", "expected an expression, found `]`" },
  { "[A, B", "1:1", "this `[` is never closed" },
  { "[A, B; C, ]", "1:11", "expected an expression, found `]`" },
  {
    "[A ~ B]",
    "1:4",
    "expected an operator, `,`, `;` or `]`, found `~`",
    "a distribution is declared: random vector x(n) mean m covariance S",
  },
  { "[A -B]", "1:5", "expected a sign between spaces, as in [A - b], or a comma, as in [A, -b], found `B`" },
  {
    "x==y",
    "1:2",
    "expected an operator, found `==`",
    "an expression is not an equation; `check a == b` in a rule file compares two",
  },
  { "x = y", "1:3", "expected an operator, found `=`", "an expression is not an equation" },
  { "2x", "1:2", "expected an operator, found `x`", "did you mean 2*x?" },
  { "1e", "1:2", "expected an operator, found `e`", "did you mean 1*e?" },
  { "1 2", "1:3", "expected an operator, found `2`", "did you mean 1*2?" },
  { "A x", "1:3", "expected an operator, found `x`", "did you mean A*x?" },
  { "A' f(x)", "1:4", "expected an operator, found `f`", "did you mean A'*f(...)?" },
  { "A^2 x", "1:5", "expected an operator, found `x`", "did you mean A^2*x?" },
  { "f(a b)", "1:5", "expected an operator, found `b`", "did you mean a*b?" },
  { "(a b)", "1:4", "expected an operator, found `b`", "did you mean a*b?" },
  { "f(x) y", "1:6", "expected an operator, found `y`", "did you mean f(x)*y?" },
  { "(a)(b)", "1:4", "expected an operator, found `(`", "did you mean (a)*(...)?" },
  { "2(b)", "1:2", "expected an operator, found `(`", "did you mean 2*(...)?" },
  {
    "f (x)",
    "1:3",
    "expected an operator, found `(`",
    "did you mean the call f(...), without the space, or the product f*(...)?",
  },
  { "A.T*x", "1:2", "expected an operator, found `.`", "the transpose is written A'" },
  { "A@B", "1:2", "expected an operator, found `@`", "the matrix product is *" },
  { "(a+b", "1:1", "this `(` is never closed" },
  { "f(a, (b+c)", "1:2", "this `(` is never closed" },
  { "f(a, (b+c)\n# )\n", "1:2", "this `(` is never closed" },
  { "a)", "1:2", "this `)` closes nothing" },
  { ")", "1:1", "this `)` closes nothing" },
  { "(a]", "1:3", "expected an operator or `)`, found `]`" },
  { "a, b", "1:2", "expected an operator, found `,`" },
  {
    "f(x = 2)",
    "1:5",
    "expected an operator, `,` or `)`, found `=`",
    "only a counted sum has an index: sum(i = 1..n, ...)",
  },
  {
    "sum(i = 1, x)",
    "1:10",
    "expected `..` and the last value of the index, found `,`",
    "the term of a sum is in its brackets: sum(i = 1..n, ...)",
  },
  {
    "sum(i = 1..n)",
    "1:13",
    "expected `,` and the term of the sum, found `)`",
    "the term of a sum is in its brackets: sum(i = 1..n, ...)",
  },
  { "sum(i = 1..n, x", "1:4", "this `(` is never closed" },
  { "a → b", "1:3", "expected an operator, found `→` (U+2192)" },
  { "√x", "1:1", "expected an expression, found `√` (U+221A)", "the square root is sqrt(x)" },
  { "f（x）", "1:2", "expected an operator, found `（` (U+FF08)", "brackets are ( and )" },
  { "Aᴷ", "1:2", "expected an operator, found `ᴷ` (U+1D37)" },
  { "矩阵 + ?", "1:6", "expected an expression, found `?`" },
  { "a\n+ b\n+ $", "3:3", "expected an expression, found `$`", "mathematics is written without dollar signs" },
  { "a\0b", "1:2", "expected an operator, found the control character U+0000" },
  { '"a"', "1:1", 'expected an expression, found `"a"`' },
  { "a + \xff", "1:5", "byte 0xFF is not UTF-8", "save the text as UTF-8" },
}

local function refusal(err)
  assert(errors.is_error(err), "no error")
  return { ("%d:%d"):format(err.line, err.column), err.message, err.hint }
end

describe("syntax.expression", function()
  for _, case in ipairs(reads) do
    it(("reads %q as %s"):format(case[1], case[2]), function()
      local tree, err = syntax.expression(case[1])
      assert.is_nil(err and tostring(err))
      assert.equal(case[2], syntax.dump(tree))
    end)
  end

  for _, case in ipairs(refuses) do
    it(("refuses %q"):format(case[1]), function()
      local tree, err = syntax.expression(case[1])
      assert.is_nil(tree)
      assert.same({ case[2], case[3], case[4] }, refusal(err))
    end)
  end

  it("marks every node with the place of its text", function()
    assert.same({
      tag = "sum",
      pos = 1,
      signs = { 1, -1 },
      oppos = { false, 6 },
      args = {
        {
          tag = "product",
          pos = 1,
          ops = { ".*" },
          oppos = { 2 },
          args = { { tag = "name", name = "a", pos = 1 }, { tag = "name", name = "b", pos = 4 } },
        },
        {
          tag = "power",
          pos = 8,
          oppos = 16,
          elementwise = false,
          {
            tag = "sum",
            paren = true,
            pos = 8,
            signs = { 1, 1 },
            oppos = { false, 11 },
            args = { { tag = "name", name = "c", pos = 9 }, { tag = "number", text = "10", pos = 12 } },
          },
          { tag = "neg", pos = 17, { tag = "name", name = "k", pos = 18 } },
        },
      },
    }, syntax.expression "a.*b - (c +10) ^-k")
  end)

  it("puts the name of the file in an error", function()
    local _, err = syntax.expression("a b", { file = "notes" })
    assert.equal(
      "notes:1:3: expected an operator, found `b`\na b\n  ^\nhint: did you mean a*b?",
      tostring(err)
    )
  end)

  it("raises an error at the caller when the text is no string", function()
    assert.has_error(function()
      syntax.expression(12)
    end, "text expected, got number")
  end)

  it("reads a sum of a million terms", function()
    local terms = {}
    for i = 1, million do
      terms[i] = "a"
    end
    local tree = syntax.expression(table.concat(terms, "+"))
    assert.equal(million, #tree.args)
    assert.equal(2 * million - 1, tree.args[million].pos)
  end)

  for _, nest in ipairs {
    { "(", ")" },
    { "f(", ")" },
    { "2^-(", ")" },
    { "sum(i=0..n,", ")" },
    { "-f(1+2*", ")" },
  } do
    local open, close = table.unpack(nest)
    it(("reads %s...%s ten thousand deep"):format(open, close), function()
      local tree, err = syntax.expression(open:rep(10000) .. "x" .. close:rep(10000))
      assert.is_nil(err)
      assert.is_table(tree)
    end)

    it(("refuses %s...%s a hundred thousand deep"):format(open, close), function()
      local tree, err = syntax.expression(open:rep(100000) .. "x" .. close:rep(100000))
      assert.is_nil(tree)
      assert.equal("brackets nest more than 10000 deep", err.message)
      assert.equal(10000 * #open + #open:match "^[^(]*" + 1, err.column)
    end)
  end

  it("refuses a million brackets that are never closed", function()
    local _, err = syntax.expression(("("):rep(million))
    assert.equal("brackets nest more than 10000 deep", err.message)
  end)

  sample.whole(it)("refuses a million signs in a row", function()
    local _, err = syntax.expression(("-"):rep(1000000) .. "x")
    assert.equal("the expression is too long, or nests too deeply", err.message)
  end)
end)

local function declared(list)
  local out = {}
  for i, decl in ipairs(list) do
    local parts = { decl.kind .. " " .. decl.name }
    if decl.rows then
      local cols = decl.cols and "," .. syntax.dump(decl.cols) or ""
      parts[1] = ("%s(%s%s)"):format(parts[1], syntax.dump(decl.rows), cols)
    end
    if decl.of then
      parts[#parts + 1] = "of " .. decl.of
    end
    for _, attribute in ipairs(decl.attributes) do
      parts[#parts + 1] = attribute.name
    end
    out[i] = table.concat(parts, " ")
  end
  return table.concat(out, "; ")
end

local declares = {
  { "scalar a", "scalar a" },
  { "vector x(n)", "vector x(n)" },
  { "matrix A(m,n) symmetric invertible", "matrix A(m,n) symmetric invertible" },
  { "matrix A", "matrix A" },
  { "vector x", "vector x" },
  { "vector x, y(n)", "vector x; vector y(n)" },
  { "matrix A(m,n), B(n,p) constant, vector b", "matrix A(m,n); matrix B(n,p) constant; vector b" },
  { "scalar a; vector x(n);", "scalar a; vector x(n)" },
  { "vector u(m) of x", "vector u(m) of x" },
  { "scalar f of X, matrix X(m,n)", "scalar f of X; matrix X(m,n)" },
  { "vector u(m) of x smooth", "vector u(m) of x smooth" },
  { "matrix A(m*p, n+1)", "matrix A((m * p),(n + 1))" },
  { "matrix A(3,3)", "matrix A(3,3)" },
  { "number k, constant c(m,n), variable v", "number k; constant c(m,n); variable v" },
  { "matrix Σ₁(n,n),\n  vector μ # mean\n  (n)", "matrix Σ₁(n,n); vector μ(n)" },
  { "scalar vectorial", "scalar vectorial" },
}

local undeclares = {
  { "", "1:1", "the declaration is empty" },
  { "matrix A(3", "1:9", "this `(` is never closed" },
  { "matrix", "1:7", "expected a name, found the end of the declaration" },
  { "matrix 3", "1:8", "expected a name, found `3`" },
  { "scalar vector", "1:8", "expected a name, found `vector`" },
  { "matrx A", "1:1", "expected scalar, vector or matrix, found `matrx`", "did you mean matrix?" },
  { "A(n)", "1:1", "expected scalar, vector or matrix, found `A`", "did you mean matrix A?" },
  { "scalar a,", "1:10", "expected a declaration, found the end of the declaration" },
  { "matrix A(m,n) B(n)", "1:15", "expected an attribute, `,` or `;`, found `B`" },
  {
    "vector x(n) matrix A",
    "1:13",
    "expected an attribute, `,` or `;`, found `matrix`",
    "declarations are separated by commas",
  },
  { "matrix A(m n)", "1:12", "expected an operator, found `n`", "did you mean m*n?" },
  { "matrix A(m,)", "1:12", "expected an expression, found `)`" },
  { "vector u(m) of", "1:15", "expected the name of the argument, found the end of the declaration" },
  { "scalar f(x)", "1:10", "a scalar has no sizes", "did you mean an unknown function: scalar f of x?" },
  { "vector x(m,n)", "1:12", "a vector has one size, found 2", "did you mean matrix x?" },
  { "matrix A(n)", "1:10", "a matrix has two sizes, found 1", "did you mean vector A?" },
  { "matrix A(n,m,p)", "1:14", "a matrix has two sizes, found 3" },
  { "constant c(n,m,p)", "1:16", "a constant has at most two sizes, found 3" },
}

describe("syntax.declarations", function()
  for _, case in ipairs(declares) do
    it(("reads %q"):format(case[1]), function()
      local list, err = syntax.declarations(case[1])
      assert.is_nil(err and tostring(err))
      assert.equal(case[2], declared(list))
    end)
  end

  for _, case in ipairs(undeclares) do
    it(("refuses %q"):format(case[1]), function()
      local list, err = syntax.declarations(case[1])
      assert.is_nil(list)
      assert.same({ case[2], case[3], case[4] }, refusal(err))
    end)
  end

  it("marks the places of the declaration, its name and its attributes", function()
    local list = syntax.declarations "scalar a, matrix A(n,n) spd, B"
    assert.same({ 11, 18, 25 }, { list[2].pos, list[2].namepos, list[2].attributes[1].pos })
    assert.same({ 30, 30 }, { list[3].pos, list[3].namepos })
  end)
end)

describe("syntax.is_name", function()
  it("accepts names", function()
    assert.is_true(syntax.is_name "x_1" and syntax.is_name "α" and syntax.is_name "矩阵")
  end)

  for _, text in ipairs { "", "1x", "a b", "a+b", "Aᵀ", "x²" } do
    it(("refuses %q"):format(text), function()
      assert.is_false(syntax.is_name(text))
    end)
  end
end)
