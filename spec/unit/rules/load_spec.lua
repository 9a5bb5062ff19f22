-- Every kind of statement of a rule file does what it says. Mistakes: spec/cases/rulefile_errors_spec.lua.

local nabla = require "nabla"

local function session(text, decl)
  local s = assert(nabla.new())
  assert(s:rule(text))
  if decl then
    assert(s:declare(decl))
  end
  return s
end

local function simplified(s, text)
  return tostring(assert(s:simplify(text)))
end

describe("operator", function()
  local s = session [[
    operator had(A(m,n), B(m,n)): matrix (m,n)   infix "∘"   latex "%1 \circ %2"
    operator rank(A(m,n)): scalar   unicode "rk(%1)"   latex "\operatorname{rk}(%1)"
    operator pad(x(n), k): vector (n+k)
  ]]

  it("gives the shape of the result", function()
    s:declare "vector x(n), matrix P(m,n)"
    assert.equal("n+2 x 1", tostring(s:parse("pad(x, 2)").shape))
    assert.equal("m x n", tostring(s:parse("had(P, 2*P)").shape))
  end)

  it("prints by its templates", function()
    local e = s:parse "had(A + B, B)*rank(C)"
    assert.equal("rank(C)*had(A + B, B)", tostring(e))
    assert.equal("rk(C)·((A + B) ∘ B)", e:unicode())
    assert.equal(
      "\\operatorname{rk}(\\mathbf{C}) \\left(\\left(\\mathbf{A} + \\mathbf{B}\\right) \\circ \\mathbf{B}\\right)",
      e:latex()
    )
  end)

  it("without a rule has no derivative, and says so", function()
    local g, err = s:diff("rank(X)", "X")
    assert.is_nil(g)
    assert.equal("no rule for d(rank(..))", err.message)
  end)
end)

describe("function", function()
  it("with a body only stands for its body", function()
    local s = session [[
      function frob(A(m,n)): scalar = sqrt(1 + tr(A'*A))
      function logit(t) elementwise = log(t/(1 - t))
      function scaled(a(1), x(n)): vector (n) = a*x
      function twice(n): matrix (n,n) = 2*I(n)
    ]]
    assert.equal("sqrt(1 + tr(A'*A))", tostring(s:parse "frob(A)"))
    assert.equal("log(a/(1 - a))", tostring(s:parse "logit(a)"))
    assert.equal("2*I(3)", tostring(s:parse "twice(3)"))
    s:declare "scalar a, vector x(n)"
    assert.equal("a*I(n)", tostring(s:diff("scaled(a, x)", "x")))
  end)

  it("with a derivative keeps its name", function()
    local s = session "function sinc(t) elementwise = sin(t)/t\n    derivative (cos(t) - sinc(t))/t"
    s:declare "scalar t, vector x(n)"
    assert.equal("(cos(t) - sinc(t))/t", tostring(s:diff("sinc(t)", "t")))
    assert.equal("sinc(x)", tostring(s:parse "sinc(x)"))
  end)

  it("with a differential keeps its name", function()
    local s = session "function cube(X(n,n)): matrix (n,n)\n    d(cube(X)) = d(X)*X^2 + X*d(X)*X + X^2*d(X)"
    s:declare "matrix X(n,n)"
    assert.equal("3*X'^2", tostring(s:diff("tr(cube(X))", "X")))
  end)

  it("may use a function that comes later in the file", function()
    local s = session "function one(t) elementwise = two(t) + 1\nfunction two(t) elementwise = 2*t"
    assert.equal(s:parse "2*a + 1", s:parse "one(a)")
  end)
end)

describe("rule", function()
  it("rewrites what is made", function()
    local s = session 'let matrix A(m,n)\nrule "undo" exp(log(A)) -> A'
    assert.equal("B", tostring(s:parse "exp(log(B))"))
  end)

  it("is there once for each value of a loop", function()
    local s = session "let matrix A(m,n)\nrule for f in exp relu  f(zeros(m,n) - A) -> f(A)"
    assert.equal("exp(B) + relu(B)", tostring(s:parse "exp(-B) + relu(-B)"))
    assert.equal("sigmoid(-B)", tostring(s:parse "sigmoid(-B)"))
  end)

  describe("with a loop over a property", function()
    local ENTRIES = [[
      operator first(A(m,n)): scalar
      let matrix A(m,n)
      rule for f in elementwise "first"  first(f(A)) -> f(first(A))
    ]]

    it("is there for each operator that has the property", function()
      local s = session(ENTRIES)
      assert.equal("asin(first(A)) + sec(first(A))", tostring(s:parse "first(asin(A)) + first(sec(A))"))
      assert.equal("first(tril(A))", tostring(s:parse "first(tril(A))"))
    end)

    it("is there for operators that are defined later", function()
      local s = session(ENTRIES)
      assert(s:rule [[
        function mish(t) elementwise = t*tanh(softplus(t))
        function wave(t) elementwise
            derivative mish(t)
      ]])
      assert.equal("wave(first(A))", tostring(s:parse "first(wave(A))"))
      assert.equal("wave(A(1,2))", tostring(s:parse "(wave(A))(1,2)"))
      assert.equal("A(1,2)*tanh(softplus(A(1,2)))", tostring(s:parse "(mish(A))(1,2)")) -- stands for its body
    end)

    it("asks for other properties of the operator", function()
      local s = session [[
        operator first(A(m,n)): scalar
        let matrix A(m,n)
        rule for f in elementwise "odd"  first(f(A)) -> 0    if odd(f)
        rule for f in elementwise "even"  first(f(A)) -> 1   if not odd(f), even(f)
      ]]
      local answers = { "first(sin(A))", "first(cos(A))", "first(exp(A))" }
      for i, text in ipairs(answers) do
        answers[i] = tostring(s:parse(text))
      end
      assert.same({ "0", "1", "first(exp(A))" }, answers)
      assert(s:rule "function wave(t) elementwise odd\n  derivative cos(t)")
      assert.equal("0", tostring(s:parse "first(wave(A))"))
    end)

    it("leaves out an operator of which other rules decide the case", function()
      local s = session [[
        function wave(t) elementwise
            derivative cos(t)
        let matrix A(m,n), scalar i, scalar j
        rule "mine"  entry(wave(A),i,j) -> entry(A,i,j)
      ]]
      assert.equal("A(1,2)", tostring(s:parse "(wave(A))(1,2)"))
    end)

    it("holds for an operator of several arguments, too", function()
      local s = session "operator larger(x, y): same  elementwise"
      assert.equal("larger(A(1,2), B(1,2))", tostring(s:parse "larger(A,B)(1,2)"))
    end)

    it("takes in a function of several entries, by its rule of so many arguments", function()
      local s = session "function larger(x, y) elementwise\n    derivative step(x - y), step(y - x)"
      assert.equal("larger(A(1,2), B(1,2))", tostring(s:parse "larger(A,B)(1,2)"))
    end)

    it("is taken back for an operator whose file is refused", function()
      local s = session(ENTRIES)
      local count = s.S:rule_count()
      assert.is_nil(s:rule "function wave(t) elementwise\n  derivative cos(t)\nrule \"wrong\" nothing(A) -> A")
      assert.equal(count, s.S:rule_count())
      assert(s:rule "function wave(t) elementwise\n  derivative cos(t)")
      assert.equal("wave(first(A))", tostring(s:parse "first(wave(A))"))
    end)

    it("refuses an operator that it does not fit, with both places", function()
      local s = session "let matrix A(2,3)\nrule for f in odd \"r\"  f(2*A) -> f(A)"
      local _, err = s:rule("# mine\noperator strange(x(4)): scalar  odd", "my.rules")
      assert.equal(
        "my.rules:2:1: strange has the property odd, and the rule for all such operators (text:2) does not fit it: "
          .. "strange takes a column, found 2 x 3\noperator strange(x(4)): scalar  odd\n^",
        tostring(err)
      )
    end)

    it("holds for facts, in a session from an image too", function()
      local s = session "function wave(t) elementwise odd\n  derivative cos(t)"
      s:declare "matrix S(n,n) symmetric, matrix W(n,n) skew"
      assert.equal("wave(S) -wave(W)", ("%s %s"):format(simplified(s, "wave(S)'"), simplified(s, "wave(W)'")))
    end)

    it("gives a function of a matrix its differential", function()
      local s = session "operator sinhm(A(n,n)): matrix (n,n)  matrixfunction"
      assert.equal("frechet(sinhm, X, A)'", tostring(s:diff("tr(A*sinhm(X))", "X")))
    end)
  end)

  it("keeps the factors before a match, also where a product stands inside the pattern", function()
    local s = session [[
      operator foo(A(n,n)): matrix (n,n)
      let matrix A(n,m), matrix B(m,n), vector x(n)
      rule "nested"  foo(A*B)*x -> x
    ]]
    s:declare "matrix P(k,n), matrix Q(n,m), matrix R(m,n), vector x(n), vector y(n)"
    assert.equal("P*x", tostring(s:parse "P*foo(Q*R)*x"))
    assert.equal("x'*y", tostring(s:parse "x'*foo(Q*R)*y"))
  end)

  it("for A' and A acts on whatever A and its transpose are", function()
    local s = session [[
      operator gram(A(n,n)): matrix (n,n)
      operator square(s): scalar
      let matrix A(m,n), vector v(n), matrix B(m,m)
      rule "matrix"   gram(A'*A) -> 2*A'*A
      rule "vector"   square(v'*v) -> norm2(v)
      operator hold(A(n,n)): matrix (n,n)
      rule "between"  hold(A'*B*A) -> A'*B*A
    ]]
    s:declare "matrix P(m,n), matrix Q(m,n), matrix R(m,m), vector x(n), vector y(n), matrix S(k,m)"
    for form, v in pairs {
      ["x'*x"] = "x",
      ["(x - y)'*(x - y)"] = "x - y",
      ["sin(x)'*sin(x)"] = "sin(x)",
      ["x'*P'*P*x"] = "P*x",
      ["(P*x)'*S'*S*(Q*y + P*x)"] = false,
      ["(P*x - Q*y)'*S'*S*(P*x - Q*y)"] = "S*(P*x - Q*y)",
      ["x'*y"] = false,
    } do
      local expected = v and string.format("norm2(%s)", v)
        or string.format("square(%s)", tostring(s:parse(form)))
      assert.equal(expected, tostring(s:parse("square(" .. form .. ")")))
    end
    assert.equal("2*(P - Q)'*(P - Q)", tostring(s:parse "gram((P - Q)'*(P - Q))"))
    assert.equal("2*P'*S'*S*P", tostring(s:parse "gram((S*P)'*S*P)"))
    assert.equal("(P - Q)'*R*(P - Q)", tostring(s:parse "hold((P - Q)'*R*(P - Q))"))
    assert.equal("gram(P'*Q)", tostring(s:parse "gram(P'*Q)"))
  end)

  it("for A and A' acts on whatever A and its transpose are", function()
    local s = session [[
      operator outer(A(m,m)): matrix (m,m)
      operator between(A(m,m)): matrix (m,m)
      let matrix A(m,n), matrix B(n,n)
      rule "matrix"   outer(A*A') -> 2*A*A'
      rule "between"  between(A*B*A') -> A*B*A'
    ]]
    s:declare "matrix P(m,n), matrix Q(m,n), matrix R(n,n), matrix S(n,k)"
    assert.equal("2*(P - Q)*(P - Q)'", tostring(s:parse "outer((P - Q)*(P - Q)')"))
    assert.equal("2*P*S*S'*P'", tostring(s:parse "outer(P*S*(P*S)')"))
    assert.equal("2*sin(P)*sin(P)'", tostring(s:parse "outer(sin(P)*sin(P)')"))
    assert.equal("outer(P*Q')", tostring(s:parse "outer(P*Q')"))
    assert.equal("sin(P)*R*sin(P)'", tostring(s:parse "between(sin(P)*R*sin(P)')"))
  end)

  it("is refused whose left side an earlier one rewrites, so that a variable is lost", function()
    local s = session [[
      operator first(A(n,n)): matrix (n,n)
      let matrix A(n,n), matrix B(n,n), matrix C(n,n)
      rule "one"   first(A*B) -> A
    ]]
    local ok, err = s:rule [[
      let matrix A(n,n), matrix B(n,n), matrix C(n,n)
      rule "two"   det(first(A*B)*C) -> det(B)
    ]]
    assert.is_nil(ok)
    assert.truthy(err.message:find('the rule "one" (text:3) already rewrites this left side', 1, true))
    s:declare "matrix P(n,n), matrix Q(n,n)"
    assert.equal("P*Q", tostring(s:parse "P*Q"))
  end)

  it("for a product acts on a multiple of one: a factor takes what stands in front", function()
    local s = session [[
      operator foo(X(m,n)): matrix (m,n)
      operator gram(X(n,n)): matrix (n,n)
      let matrix A(m,k), matrix B(k,n)
      rule "product"  foo(A*B) -> A*foo(B)
      rule "square"   gram(A'*A) -> I(k)
    ]]
    s:declare "matrix P(n,n), matrix Q(n,n), matrix R(n,n), scalar c"
    assert.equal("P*foo(R - Q)", tostring(s:parse "foo(P*(R - Q))"))
    assert.equal("P*foo(2*Q)", tostring(s:parse "foo(2*P*Q)"))
    assert.equal("P*foo(c*Q)", tostring(s:parse "foo(c*P*Q)"))
    assert.equal("foo(2*P)", tostring(s:parse "foo(2*P)"))
    assert.equal("gram(2*P'*P)", tostring(s:parse "gram(2*P'*P)"))
  end)

  it("takes tuples of values in a loop", function()
    local s = session "let matrix A(m,n)\nrule for f, g in (exp, log) (sin, asin)   f(g(A)) -> A"
    assert.equal("2*B", tostring(s:parse "exp(log(B)) + sin(asin(B))"))
    assert.equal("log(exp(B))", tostring(s:parse "log(exp(B))"))
  end)

  local three = [[
    operator foo(A(n,n)): scalar
    let matrix A(n,n), matrix B(n,n)
    simplify "symbols" foo(A) -> 3 if symbol(A)
    simplify "special" foo(A*B) -> 2
    simplify "general" foo(A) -> 1 %s
  ]]

  local function answers(text)
    local s = session(text, "matrix P(n,n), matrix Q(n,n)")
    return { simplified(s, "foo(P*Q)"), simplified(s, "foo(P)"), simplified(s, "foo(P + Q)") }
  end

  it("goes first where it is the more special one", function()
    assert.same({ "2", "3", "1" }, answers(three:format ""))
  end)

  it("goes by priority where one is given", function()
    assert.same({ "1", "1", "1" }, answers(three:format "priority 1"))
  end)

  it("holds where its conditions do", function()
    local s = session(
      [[
        operator foo(A(n,n)): scalar
        let matrix A(n,n), number k
        rule "symmetric" foo(A) -> 1 if symmetric(A)
        rule "other" foo(A) -> 2 if invertible(A), not symmetric(A)
        rule "large" foo(k*A) -> 3 if k > 10
      ]],
      "matrix P(n,n) symmetric, matrix Q(n,n) invertible, matrix R(n,n)"
    )
    local got = {}
    for i, text in ipairs { "foo(P)", "foo(Q)", "foo(R)", "foo(R + R')", "foo(11*R)", "foo(9*R)" } do
      got[i] = simplified(s, text)
    end
    assert.same({ "1", "2", "foo(R)", "1", "3", "foo(9*R)" }, got)
  end)

  it("holds for variables that have the attributes declared", function()
    local s = session(
      'operator foo(A(n,n)): scalar\nlet matrix S(n,n) symmetric\nrule "r" foo(S) -> 1',
      "matrix P(n,n) symmetric, matrix R(n,n)"
    )
    assert.same({ "1", "foo(R)" }, { simplified(s, "foo(P)"), simplified(s, "foo(R)") })
  end)

  it("asks a Lua function for a condition", function()
    local s = assert(nabla.new())
    s:predicate("small", function(A)
      return (tonumber(A.rows) or 9) < 4
    end)
    assert(s:rule 'operator foo(A(m,n)): scalar\nlet matrix A(m,n)\nrule "r" foo(A) -> 1 if small(A)')
    s:declare "matrix P(3,3), matrix Q(4,4), matrix R(n,n)"
    local got = { simplified(s, "foo(P)"), simplified(s, "foo(Q)"), simplified(s, "foo(R)") }
    assert.same({ "1", "foo(Q)", "foo(R)" }, got)
  end)

  it("acts on what was simplified before there was the rule, the fact or the Lua function", function()
    local s = session("operator foo(A(n,n)): scalar\nattribute keen\nlet matrix A(n,n)", "matrix P(n,n)")
    local got = {}
    local function note()
      got[#got + 1] = simplified(s, "foo(P*P')")
    end
    note()
    assert(s:rule 'let matrix A(n,n)\nrule "r" foo(A) -> 1 if keen(A)')
    note()
    assert(s:rule "let matrix A(n,n)\nfact keen(A*A')")
    note()
    assert(s:rule 'without rule "r"')
    note()
    s:predicate("small", function()
      return false
    end)
    assert(s:rule 'let matrix A(n,n)\nsimplify "s" foo(A) -> 2 if small(A)')
    note()
    s:predicate("small", function()
      return true
    end)
    note()
    assert.same({ "foo(P*P')", "foo(P*P')", "1", "foo(P*P')", "foo(P*P')", "2" }, got)
  end)

  it("gives a differential", function()
    local s = session [[
      operator foo(A(n,n)): scalar
      let matrix A(n,n)
      rule "foo" d(foo(A)) -> 2*tr(A'*d(A))
    ]]
    assert.equal("2*X", tostring(s:diff("foo(X)", "X")))
  end)
end)

describe("a variable declared without sizes", function()
  local OPERATOR =
    "operator foo(X(m,n)): matrix (m,n)  linear\nlet matrix A, matrix B, matrix S symmetric, vector x\n"

  it("has any", function()
    local s = session(OPERATOR .. "rule foo(foo(A)) -> A", "matrix P(m,n), matrix Q(k,k), vector y(n)")
    for _, name in ipairs { "P", "Q", "y" } do
      assert.equal(name, simplified(s, "foo(foo(" .. name .. "))"))
    end
  end)

  it("has those that the rule asks for", function()
    local decl = "matrix P(m,n), matrix Q(n,p), matrix R(m,n), matrix M(n,n), matrix N(n,n), vector y(n)"
    local s = session(OPERATOR .. "rule foo(A*B) -> foo(A)*B", decl)
    assert.equal("foo(P)*Q", simplified(s, "foo(P*Q)"))
    s = session(OPERATOR .. "rule foo(A*x) -> foo(A)*x", decl)
    assert.equal("foo(P)*y", simplified(s, "foo(P*y)"))
    s = session(OPERATOR .. "rule foo(A.*B) -> A*B", decl)
    assert.equal("M*N", simplified(s, "foo(M.*N)"))
    assert.equal("foo(P.*R)", simplified(s, "foo(R.*P)"))
    s = session(OPERATOR .. "rule foo(S) -> S", decl)
    assert.equal("M + M'", simplified(s, "foo(M + M')"))
    assert.equal("foo(M)", simplified(s, "foo(M)"))
  end)

  it("is differentiated like any other", function()
    local text = OPERATOR .. "rule d(foo(A)) -> foo(d(A))\nadjoint foo(A) Y -> foo(Y)\njacobian foo(A) J -> J"
    local s = session(text, "matrix P(m,n), matrix M(m,n)")
    assert.equal("foo(M)", tostring(s:diff("tr(M'*foo(P))", "P", { layout = "denominator" })))
  end)
end)

describe("adjoint and jacobian", function()
  local text = [[
    operator flip(A(m,n)): matrix (n,m)   linear
    let matrix A(m,n)
    rule "flip" d(flip(A)) -> flip(d(A))
    adjoint flip(A)    Y -> Y'
    jacobian flip(A)   J -> K(m,n)*J
  ]]

  it("carry cotangents back and Jacobians forward", function()
    local s = session(text, "matrix B(m,n), matrix X(m,n), vector x(n)")
    assert.equal("B", tostring(s:diff("tr(B*flip(X))", "X")))
    assert.equal("I(n)", tostring(s:diff("flip(x')", "x")))
    assert.equal("K(m, n)", tostring(s:diff("flip(X)", "X", { layout = "vec" })))
  end)

  it("are missed where they are missing", function()
    local s = session((text:gsub("%s*adjoint [^\n]*", "")))
    local g, err = s:diff("tr(B*flip(X))", "X")
    assert.is_nil(g)
    assert.truthy(tostring(err.message):find("flip", 1, true))
  end)
end)

describe("attribute and fact", function()
  local s = session [[
    attribute lovely implies fair
    attribute fair implies symmetric
    attribute keen
    let matrix A(n,n), matrix B(n,n), matrix S(n,n)
    fact keen(A*A')
    fact keen(A + B) if keen(A), keen(B)
    fact lovely(inv(S)) if lovely(S)
  ]]
  local L, F, K, R = s:declare "matrix L(n,n) lovely, matrix F(n,n) fair, matrix K(n,n) keen, matrix R(n,n)"

  it("say what an attribute implies, at any remove", function()
    assert.same({ true, true, true }, { s:holds("lovely", L), s:holds("fair", L), s:holds("symmetric", L) })
    assert.same({ false, true, true }, { s:holds("lovely", F), s:holds("fair", F), s:holds("symmetric", F) })
    assert.equal("2*L", simplified(s, "L + L'"))
  end)

  it("say what follows from the form", function()
    assert.is_true(s:holds("keen", R * R.T))
    assert.is_true(s:holds("keen", K + R * R.T))
    assert.is_false(s:holds("keen", K + R))
    assert.is_false(s:holds("keen", R))
  end)

  it("say that what a fact implies holds as well", function()
    local I = L ^ -1
    assert.same({ true, true, true }, { s:holds("lovely", I), s:holds("fair", I), s:holds("symmetric", I) })
  end)
end)

describe("identity, check and fail", function()
  it("take the declarations of the file, and their own before those", function()
    local s = session [[
      let matrix A(m,n), vector x(n)
      identity "linear"
          D(A*x, x)  numerator  A
      identity "quadratic"
          let matrix A(n,n)
          D(x'*A*x, x)  numerator  x'*(A + A')
      check tr(A*A') == norm2(A)^2 - norm2(A)^2 + tr(A'*A)
      fail A*A' == I(m)
    ]]
    assert.is_true(s:check "linear")
    assert.is_true(s:check "quadratic")
  end)

  it("take one answer for several layouts", function()
    local s = session 'identity "itself"\n  let vector x(n)\n  D(x, x)  numerator, denominator, mixed  I(n)'
    local layouts = {}
    for i, answer in ipairs(s.identities.itself.forms[1].answers) do
      layouts[i] = answer.layout
    end
    assert.same({ "numerator", "denominator", "mixed" }, layouts)
    assert.is_true(s:check "itself")
  end)
end)

describe("use", function()
  local folder

  local function write(name, text)
    local file = assert(io.open(folder .. "/" .. name, "wb"))
    file:write(text)
    file:close()
    return folder .. "/" .. name
  end

  before_each(function()
    folder = os.tmpname()
    os.remove(folder)
    os.execute("mkdir -p '" .. folder .. "/parts'")
  end)

  after_each(function()
    os.execute("rm -r '" .. folder .. "'")
  end)

  it("lets files name operators and attributes of each other, whichever comes first", function()
    write(
      "parts/first.rules",
      "let matrix A(n,n)\nrule \"first\" first(second(A)) -> A\noperator first(A(n,n)): matrix (n,n)"
    )
    write(
      "parts/second.rules",
      "operator second(A(n,n)): matrix (n,n)\nlet matrix A(n,n) odd_one\nfact odd_one(first(A))"
    )
    write("parts/third.rules", "attribute odd_one square")
    local path = write("all.rules", 'use "parts/first.rules"\nuse "parts/second.rules"\nuse "parts/third.rules"\n')
    local s = assert(nabla.new { rules = path })
    assert.equal("A", tostring(s:parse "first(second(A))"))
  end)

  it("carries out the statements of a file where it is used", function()
    write("parts/away.rules", 'without rule "to the left"')
    write("rule.rules", "operator foo(x(n)): vector (n)\nlet vector x(n)\nrule \"to the left\" foo(foo(x)) -> x")
    local path = write("all.rules", 'use "rule.rules"\nuse "parts/away.rules"\n')
    local s = assert(nabla.new { rules = path })
    assert.equal("foo(foo(x))", tostring(s:parse "foo(foo(x))"))
    path = write("all.rules", 'use "parts/away.rules"\nuse "rule.rules"\n')
    local _, err = nabla.new { rules = path }
    assert.equal('there is no rule "to the left"', err.message)
  end)

  it("reads a file once by whatever way it is named", function()
    write("parts/one.rules", "operator foo(x(n)): vector (n)")
    local path = write("all.rules", 'use "parts/one.rules"\nuse "./parts/../parts/one.rules"\n')
    assert(nabla.new { rules = path })
  end)
end)

describe("the sizes of a rule file", function()
  it("are not taken for sizes of the user's", function()
    local s = session "operator foo(x(n)): scalar"
    assert.equal("n x 1", tostring(s:parse("x").shape))
  end)
end)

describe("without, rename and default", function()
  local function why(s, ...)
    local g, err = s:diff(...)
    assert.is_nil(g)
    return err.message
  end

  it("take a rule of any kind away", function()
    assert.equal("no rule for d(det(..))", why(session 'without rule "determinant"', "det(X)", "X"))
    assert.equal("sum(A')", tostring(session('without rule "sum of a transpose"'):parse "sum(A')"))
    local s = session('without rule "symmetric"', "matrix S(n,n) symmetric")
    assert.equal("S'", simplified(s, "S'"))
    s = session "without fact symmetric"
    assert.is_false(s:holds("symmetric", s:parse "A + A'"))
  end)

  it("may say that a product is zero", function()
    local s = session [[
operator foo(x(n)): vector (n)
let vector x(n)
rule "orthogonal to itself" x'*foo(x) -> 0
]]
    s:declare "vector u(n), matrix A(n,n)"
    assert.equal("0 0", ("%s %s"):format(s:parse "3*u'*foo(u)", s:parse "foo(u)'*A*u*u'*foo(u)"))
    assert.equal("zeros(n)", tostring(s:parse "A*u*u'*foo(u)"))
  end)

  it("leave the engine its own operators after a file that failed", function()
    local s = nabla.new()
    local ok = s:rule [[
      without operator "sum"
      operator entries(A(m,n)): scalar  linear sum_of_entries
      rule "wrong"  nothing(X) -> X
    ]]
    assert.is_nil(ok)
    s:declare "vector x(n), vector y(n)"
    assert.equal("sum(x)", tostring(s:parse "sum(i = 1..n, x(i))"))
    assert.equal("x'*y", tostring(s:parse "sum(x.*y)"))
    assert.equal("sum(x)", tostring(s:parse "ones(n)'*x"))
  end)

  it("take an operator or function away, so that a file can define its own", function()
    assert.equal("unknown function 'sigmoid'", why(session "without function sigmoid", "sigmoid(x)", "x"))
    local s = session "without function step\nfunction step(t) elementwise = (1 + tanh(t))/2"
    assert.equal(s:parse "(1 + tanh(a))/2", s:parse "step(a)")
  end)

  it("take a layout away", function()
    assert.equal(
      "unknown layout 'mixed'; known: block, block_f, block_t, denominator, numerator, vec",
      why(session "without layout mixed", "x'*x", "x", { layout = "mixed" })
    )
  end)

  it("give a layout another name", function()
    local s = session "rename layout numerator as upright\ndefault layout upright"
    assert.equal("2*x'", tostring(s:diff("x'*x", "x")))
    assert.equal(
      "unknown layout 'numerator'; known: block, block_f, block_t, denominator, mixed, upright, vec",
      why(s, "x'*x", "x", { layout = "numerator" })
    )
  end)

  it("choose the layout of the session", function()
    assert.equal("x'*(A + A')", tostring(session("default layout numerator"):diff("x'*A*x", "x")))
  end)
end)
