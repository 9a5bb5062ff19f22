-- A derivation that its user leads.

local nabla = require "nabla"

local session = assert(nabla.new())

local function begin(decl, text, x, opts)
  session:reset()
  assert(session:declare(decl))
  return assert(session:derivation(text, x, opts))
end

local function texts(derivation)
  local list = {}
  for i = 1, #derivation do
    list[i] = derivation:line_text(i)
  end
  return list
end

local LEAST_SQUARES = "matrix A(m,n), vector b(m), vector x(n)"

describe("a derivation that is led", function()
  it("goes by names, rules and lines of one's own", function()
    local D = begin(LEAST_SQUARES, "f = norm2(A*x - b)^2", "x")
    D:let("r = A*x - b"):d "squared norm"
    D:step("d(f) = 2*r'*A*d(x)", "A and b are constant")
    D:collect():read()
    assert.are.same({
      "f = norm2(A*x - b)^2",
      "r = A*x - b",
      "d(f) = 2*r'*d(r)",
      "d(f) = 2*r'*A*d(x)",
      "d(f) = 2*(A*x - b)'*A*d(x)",
      "D(f, x) = 2*A'*(A*x - b)",
    }, texts(D))
    assert.are.equal("A and b are constant", D:reason(4))
    assert.are.equal("rules", D[4].proved)
  end)

  it("goes on by itself", function()
    local D = begin(LEAST_SQUARES, "norm2(A*x - b)^2", "x")
    D:d():auto()
    assert.are.equal("D(f, x) = 2*A'*(A*x - b)", D:line_text(#D))
    assert.are.equal(#session:derive("norm2(A*x - b)^2", "x"), #D)
  end)

  it("takes lines back", function()
    local D = begin(LEAST_SQUARES, "norm2(A*x - b)^2", "x")
    local first = texts(D)
    D:let("r = A*x - b"):d():undo():undo()
    assert.are.same(first, texts(D))
    D:let "r = A*x - b" -- the name is free again
    D:auto():undo()
    assert.are.equal(2, #D)
    D:undo()
    assert.has_error(function()
      D:undo()
    end, "there is nothing to take back")
  end)

  it("keeps its nodes when the store collects garbage", function()
    local D = begin(LEAST_SQUARES, "norm2(A*x - b)^2", "x")
    D:d()
    for _ = 1, 20 do
      session:diff("tanh(x)'*A'*A*x + sum(exp(A*x))", "x")
    end
    collectgarbage()
    session.S:collect()
    D:step "2*(A*x - b)'*A*d(x)"
    D:auto()
    assert.are.equal("D(f, x) = 2*A'*(A*x - b)", D:line_text(#D))
  end)

  it("accepts facts, and uses a line without a left side for that of the line before", function()
    local D = begin("matrix W(n,n) symmetric, vector x(n)", "x'*W*x", "x")
    D:d "product"
    D:because("W' = W", "W is symmetric")
    D:step("2*x'*W*d(x)", "W is symmetric")
    D:read()
    assert.are.equal("W' = W", D:line_text(3))
    assert.are.equal("d(f) = 2*x'*W*d(x)", D:line_text(4))
  end)

  it("rewrites by a rule, where it is told", function()
    local D = begin("matrix W(n,n) symmetric, vector x(n)", "x'*W*x", "x")
    D:d()
    D:step "x'*W'*d(x) + x'*W*d(x)"
    D:rewrite("symmetric", { at = "W'" })
    assert.are.equal("d(f) = x'*W*d(x) + x'*W*d(x)", D:line_text(#D))
    assert.has_error(function()
      D:rewrite "orthonormal columns"
    end, 'the rule "orthonormal columns" applies nowhere')
  end)

  it("rewrites in either direction, at factors side by side, and beside d(..)", function()
    local D = begin("vector x(n), vector u(n)", "f = log(det(I(n) + x*u'))", "x")
    D:rewrite "determinant, rank one"
    assert.are.equal("f = log(1 + u'*x)", D:line_text(2))
    D:rewrite("determinant, rank one", { at = "1 + u'*x", backwards = true })
    assert.are.equal("f = log(det(I(n) + x*u'))", D:line_text(3))
    D = begin("matrix W(n,n) symmetric, vector x(n), matrix A(n,n)", "x'*A'*W*x", "x")
    D:d()
    D:step "d(x)'*A'*W'*x + x'*A'*W*d(x)"
    D:rewrite("symmetric", { at = "A'*W'" })
    assert.are.equal("d(f) = d(x)'*A'*W*x + x'*A'*W*d(x)", D:line_text(4))
    D:rewrite("symmetric", { at = "W", backwards = true })
    assert.are.equal("d(f) = d(x)'*A'*W'*x + x'*A'*W*d(x)", D:line_text(5))
  end)

  it("does not rewrite backwards what the rule needs but does not hold", function()
    local D = begin("matrix W(n,n), vector x(n)", "W*x", "x")
    local ok, err = pcall(D.rewrite, D, "symmetric", { at = "W", backwards = true })
    assert.is_false(ok)
    assert.is_truthy(tostring(err):find "does not follow")
    assert.are.equal(1, #D)
  end)

  it("reads off a derivative by a structured variable as a derivation does", function()
    for _, case in ipairs {
      { "matrix S(n,n) spd", "logdet(S)", "S", "entries" },
      { "matrix S(n,n) symmetric, matrix A(n,n)", "tr(A*S*S)", "S", "projected" },
      { "matrix L(n,n) lower, matrix A(n,n)", "tr(A*L)", "L", "entries" },
    } do
      local D = begin(case[1], case[2], case[3], { convention = case[4] })
      D:auto()
      local lines = session:derive(case[2], case[3], { convention = case[4] })
      for i = 2, #D do
        assert.are.equal(lines:line_text(i), D:line_text(i))
      end
      assert.are.equal(#lines, #D)
    end
  end)

  it("refuses what is no text, by name", function()
    local D = begin("vector x(n)", "f = x'*x", "x")
    for _, case in ipairs {
      { "step", nil, "a line is a text, found nothing" },
      { "step", 3, "a line is a text, found a number" },
      { "let", {}, "a definition is a text, found a table" },
      { "because", nil, "a fact is a text, found nothing" },
      { "rewrite", nil, "the name of a rule is a text, found nothing" },
      { "d", { at = 1 }, "a place is a text, found a number" },
    } do
      assert.has_error(function()
        D[case[1]](D, case[2])
      end, case[3])
    end
    assert.are.equal(1, #D)
    assert.has_error(function()
      D:undo()
    end, "there is nothing to take back")
  end)

  it("writes the words of its user as they are, in LaTeX and without any", function()
    local D = begin("vector x(n)", "f = x'*x", "x")
    D:d()
    D:step("2*x'*d(x)", "50% of S_1 & more")
    D:step "x'*d(x) + x'*d(x)"
    assert.is_truthy(D:latex():find("\\text{50\\% of S\\_1 \\& more}", 1, true))
    assert.is_nil(D:latex():find("\\text{}", 1, true))
    assert.is_nil(D:text():find " \n")
    assert.is_nil(D:markdown():find "—%s*$")
  end)

  it("differentiates at one place", function()
    local D = begin("vector x(n)", "sum(exp(x)) + sum(sin(x))", "x")
    D:d()
    local D2 = begin("vector x(n), matrix A(n,n)", "sin(x'*A*x)*cos(x'*x)", "x")
    D2:d()
    D2:d { at = "d(cos(x'*x))" }
    assert.are.equal(
      "d(f) = cos(x'*x)*d(sin(x'*A*x)) - sin(x'*A*x)*sin(x'*x)*d(x'*x)",
      D2:line_text(3)
    )
  end)

  it("says what does not apply", function()
    local D = begin("vector x(n), matrix A(n,n)", "x'*A*x", "x")
    assert.has_error(function()
      D:d "inverse"
    end, 'the rule "inverse" does not apply here; what applies: product')
    assert.has_error(function()
      D:let "A = x"
    end, "the name A is taken")
    assert.has_error(function()
      D:rewrite "no such rule"
    end, 'there is no rule "no such rule"')
  end)
end)

-- Lines that are wrong by a sign, a factor, a transpose, an order, a letter, a fact.
local CASES = {
  {
    decl = LEAST_SQUARES,
    expr = "norm2(A*x - b)^2",
    x = "x",
    right = "d(f) = 2*(A*x - b)'*A*d(x)",
    wrong = {
      "d(f) = -2*(A*x - b)'*A*d(x)",
      "d(f) = (A*x - b)'*A*d(x)",
      "d(f) = 2*(A*x + b)'*A*d(x)",
      "d(f) = 2*A*x*A*d(x)",
      "d(f) = 2*(A*x - b)'*d(x)",
      "d(f) = 2*(A*x - b)*A*d(x)",
      "d(f) = 2*b'*A*d(x)",
    },
  },
  {
    decl = "vector x(n), matrix A(n,n)",
    expr = "x'*A*x",
    x = "x",
    right = "d(f) = x'*(A + A')*d(x)",
    wrong = {
      "d(f) = 2*x'*A*d(x)",
      "d(f) = x'*(A - A')*d(x)",
      "d(f) = x'*A*d(x)",
      "d(f) = x'*A*A'*d(x)",
      "D(f, x) = 2*A*x",
      "D(f, x) = x'*(A + A')",
    },
  },
  {
    decl = "matrix X(n,n) invertible, vector a(n), vector b(n)",
    expr = "a'*inv(X)*b",
    x = "X",
    right = "d(f) = -a'*inv(X)*d(X)*inv(X)*b",
    wrong = {
      "d(f) = a'*inv(X)*d(X)*inv(X)*b",
      "d(f) = -a'*inv(X)*inv(X)*d(X)*b",
      "d(f) = -a'*inv(X)'*d(X)*inv(X)*b",
      "d(f) = -a'*inv(X)*d(X)*X*b",
      "d(f) = -b'*inv(X)*d(X)*inv(X)*a",
    },
  },
  {
    decl = "matrix X(m,n), matrix A(m,m), matrix B(n,n)",
    expr = "tr(X'*A*X*B)",
    x = "X",
    right = "d(f) = tr((B*X'*A + B'*X'*A')*d(X))",
    wrong = {
      "d(f) = tr((B*X'*A + B*X'*A')*d(X))",
      "d(f) = 2*tr(B*X'*A*d(X))",
      "d(f) = tr((B*X'*A - B'*X'*A')*d(X))",
      "d(f) = tr((X'*A*B + B'*X'*A')*d(X))",
    },
  },
  {
    decl = "scalar t, matrix A(n,n)",
    expr = "expm(t*A)",
    x = "t",
    right = "d(f) = A*expm(t*A)*d(t)",
    wrong = {
      "d(f) = t*expm(t*A)*d(t)",
      "d(f) = A'*expm(t*A)*d(t)",
      "d(f) = expm(t*A)*d(t)",
      "d(f) = -A*expm(t*A)*d(t)",
    },
  },
}

describe("a line of one's own", function()
  for _, case in ipairs(CASES) do
    it("is accepted if it is right about " .. case.expr, function()
      local D = begin(case.decl, case.expr, case.x)
      D:d()
      assert.has_no_error(function()
        D:step(case.right)
      end)
    end)
    for _, text in ipairs(case.wrong) do
      it("is refused: " .. text .. " of " .. case.expr, function()
        local D = begin(case.decl, case.expr, case.x)
        D:d()
        local count = #D
        local ok, err = pcall(D.step, D, text)
        assert.is_false(ok)
        assert.are.equal(count, #D)
        local message = tostring(err)
        assert.is_truthy(
          message:find "^this line does not follow: " or message:find "^a product of " or message:find "^a sum of ",
          message
        )
      end)
    end
  end

  it("is refused with values that show it", function()
    local D = begin("vector x(n), matrix A(n,n)", "x'*A*x", "x")
    D:d()
    local ok, err = pcall(D.step, D, "2*x'*A*d(x)")
    assert.is_false(ok)
    assert.is_truthy(tostring(err):find "at n = ")
    assert.is_truthy(err.example.values)
  end)

  it("that is false as a fact is refused", function()
    local D = begin("vector x(n), matrix A(n,n), matrix B(n,n)", "x'*A*x", "x")
    for _, fact in ipairs { "A' = A", "A*B = B*A", "A + A' = 2*A", "inv(A)' = inv(A)", "A = -A" } do
      assert.is_false((pcall(D.because, D, fact)))
    end
    assert.is_true((pcall(D.because, D, "(A*B)' = B'*A'")))
  end)
end)
