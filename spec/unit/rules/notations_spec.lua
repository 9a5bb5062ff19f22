-- The statements notation, default notation, habit and declare.

local nabla = require "nabla"

local function session(text, decl, opts)
  local s = assert(nabla.new(opts))
  if text then
    assert(s:rule(text))
  end
  if decl then
    assert(s:declare(decl))
  end
  return s
end

local function message(text)
  local ok, err = assert(nabla.new()):rule(text)
  assert.is_nil(ok)
  return err.message, err.hint
end

describe("a dagger of complex letters", function()
  local DECL = "complex vector z(n), complex vector h(n), complex matrix A(n,n), matrix B(n,n), vector x(n)"

  it("is the conjugate transpose, and a bra that of a ket", function()
    local s = session(nil, DECL, { notation = "physics" })
    for text, written in pairs {
      ["z^H*A^H*A*z"] = "⟨z|·A†·A·|z⟩",
      ["z^H*h"] = "⟨z|h⟩",
      ["z'*h"] = "|z⟩ᵀ·|h⟩",
      ["A'*h"] = "Aᵀ·|h⟩",
      ["B'*x"] = "B†·|x⟩",
      ["inv(A^H*A)*h"] = "(A†·A)⁻¹·|h⟩",
    } do
      local node = s:parse(text)
      assert.equal(written, node:text "unicode")
      assert.is_true(s:parse(written) == node, written)
      assert.is_true(s:parse(node:latex(), { format = "latex" }) == node, node:latex())
    end
    assert.equal("A^{\\dagger} |h\\rangle", s:parse("A^H*h"):latex())
  end)

  it("takes the conjugate along in an expansion", function()
    local s = session(nil, DECL)
    assert.equal("z^H*B*z + z^H*B*h + h^H*B*z + h^H*B*h + O(norm2(h)^3)", tostring(s:taylor("z^H*B*z", "z", "h")))
    assert.equal("z^H*B*z + w^H*B*z + z^H*B*w + w^H*B*w + O(norm2(w)^3)", tostring(s:taylor("z^H*B*z", "z", "w")))
    assert.equal("A*z + A*h + O(norm2(h)^3)", tostring(s:taylor("A*z", "z", "h")))
  end)
end)

describe("a notation of unknown functions", function()
  local function latex(rows, decl, f, x)
    local s = session("notation mine\n    " .. rows, decl)
    return s:diff(f, x, { layout = "mixed" }):latex { notation = "mine" }
  end
  local of_t = "scalar t, vector x(n) of t, scalar f of x"

  it("leaves the argument of a function out", function()
    local rows = 'function value latex "%1"'
    assert.equal("2 \\mathbf{x}^\\top \\frac{\\partial \\mathbf{x}}{\\partial t}", latex(rows, of_t, "x'*x", "t"))
    assert.equal("2 \\mathbf{x}", latex('function value latex "%1[%2]"', "vector x(n)", "x'*x", "x"))
    assert.is_truthy(latex('function value latex "%1[%2]"', of_t, "x'*x", "t"):find("\\mathbf{x}[t]", 1, true))
  end)

  it("has a form for the transposed gradient", function()
    local rows = 'transposed gradient latex "\\frac{d%1}{d%2^T}"'
    local s = session("notation mine\n    " .. rows, "vector x(n), scalar f of x")
    assert.equal("\\frac{df}{d\\mathbf{x}^T}", s:parse("D(f,x)'"):latex { notation = "mine" })
  end)
end)

describe("a notation", function()
  local cases = {
    -- rows, expression, how, what is printed
    { 'transpose latex "%1^T"', "A'*x", "latex", "\\mathbf{A}^T \\mathbf{x}" },
    { 'transpose latex "%1^T"', "inv(A)'*x", "latex", "\\left(\\mathbf{A}^{-1}\\right)^T \\mathbf{x}" },
    { 'inverse transpose latex "%1^{-T}"', "inv(A*B)'", "latex", "\\left(\\mathbf{A} \\mathbf{B}\\right)^{-T}" },
    { 'inverse latex "\\operatorname{inv}(%1)"', "inv(A)'", "latex", "\\operatorname{inv}(\\mathbf{A})^\\top" },
    { 'inverse latex "\\operatorname{inv}(%1)"', "inv(A + B)", "latex",
      "\\operatorname{inv}(\\mathbf{A} + \\mathbf{B})" },
    { 'hadamard latex "%1 \\circ %2"', "A.*B.*C", "latex", "\\mathbf{A} \\circ \\mathbf{B} \\circ \\mathbf{C}" },
    { 'product latex "%1\\,%2"', "A*B*x", "latex", "\\mathbf{A}\\,\\mathbf{B}\\,\\mathbf{x}" },
    { 'product latex "%1\\,%2"', "x*3*2^a", "latex", "3 \\cdot 2^{a}\\,\\mathbf{x}" },
    { 'quotient latex "%1/%2"', "x/(a + b)", "latex", "\\mathbf{x}/\\left(a + b\\right)" },
    { 'quotient latex "%1/%2"', "(a/b)^k", "latex", "\\left(a/b\\right)^{k}" },
    { 'power latex "%1^{[%2]}"', "A^3", "latex", "\\mathbf{A}^{[3]}" },
    { "vectors arrow", "A*x_1", "latex", "\\mathbf{A} \\vec{x}_{1}" },
    { "vectors underline\nmatrices upright\nscalars bold", "mu*a*A*y", "latex",
      "\\mathbf{a} \\boldsymbol{\\mu} \\mathrm{A} \\underline{y}" },
    { 'vectors latex "|%1\\rangle"', "A*x_1", "latex", "\\mathbf{A} |x_{1}\\rangle" },
    { 'name x_1 latex "x^{(1)}"', "A*x_1 + x_2", "latex", "\\mathbf{A} x^{(1)} + \\mathbf{x}_{2}" },
    { 'operator tr latex "\\operatorname{Sp} %1"', "tr(A*B)*x", "latex",
      "\\left(\\operatorname{Sp} \\left(\\mathbf{A} \\mathbf{B}\\right)\\right) \\mathbf{x}" },
    { 'logdet latex "\\ln|%1|"  unicode "ln|%1|"', "logdet(A)", "unicode", "ln|A|" },
    { 'expm latex "e^{%1}"', "expm(A)'", "latex", "\\left(e^{\\mathbf{A}}\\right)^\\top" },
    { 'I latex "E"', "A + I(n)", "latex", "\\mathbf{A} + E" },
    { 'operator normF latex "\\|%1\\|_F"', "norm2(A)*norm2(x)", "latex",
      "\\|\\mathbf{A}\\|_F \\lVert \\mathbf{x} \\rVert_2" },
    { 'transpose unicode "%1*"', "A'*x", "unicode", "A*·x" },
    { 'tr text "Sp(%1)"', "2*tr(A)", "text", "2*Sp(A)" },
  }
  for _, case in ipairs(cases) do
    it("writes " .. case[2] .. " by " .. case[1]:gsub("\n", ", "), function()
      local s = session("notation mine\n    " .. case[1]:gsub("\n", "\n    "), "matrix A(n,n), B(n,n), C(n,n)")
      local e = assert(s:parse(case[2]))
      assert.equal(case[4], e:text(case[3], { notation = "mine" }))
      assert.are_not.equal(case[4], e:text(case[3]))
    end)
  end

  it("writes derivatives of unknown functions, gradients and second derivatives", function()
    local s = session(
      [[
        notation mine
            derivative         latex "\partial_{%2} %1"
            gradient           latex "\nabla %1"
            second derivative  latex "\nabla^2 %1"
        default notation mine
      ]],
      "vector x(n), scalar f of x, vector u(m) of x, scalar t, scalar g of t"
    )
    assert.equal("\\nabla f", s:diff("f(x)", "x"):latex())
    assert.equal("\\partial_{\\mathbf{x}} \\mathbf{u}", s:diff("u(x)", "x"):latex())
    assert.equal("\\partial_{t} g", s:diff("g(t)", "t"):latex())
    assert.equal("\\nabla^2 g", s:diff(s:diff("g(t)", "t"), "t"):latex())
  end)

  it("writes bras and kets", function()
    local s = session(nil, "vector x(n), vector y(n), matrix A(n,n)", { notation = "physics" })
    assert.equal("\\langle x|y\\rangle |x\\rangle", s:parse("x'*y*x"):latex())
    assert.equal("\\langle x| A |y\\rangle", s:parse("x'*A*y"):latex())
    assert.equal("|x⟩·⟨y|", s:parse("x*y'"):unicode())
    assert.equal("⟨x|y⟩", s:parse("x'*y"):unicode())
  end)

  it("is chosen for a text, a session, by a file; the first goes first", function()
    local rules = 'notation one\n    transpose latex "%1^1"\n'
      .. 'notation two\n    transpose latex "%1^2"\ndefault notation one'
    local s = session(rules)
    assert.equal("A^1", s:parse("B'"):latex():gsub("\\mathbf{B}", "A"), nil)
    assert.equal("\\mathbf{B}^2", s:parse("B'"):latex { notation = "two" })
    assert.equal("\\mathbf{B}^\\top", s:parse("B'"):latex { notation = "nabla" })
    assert.equal("\\mathrm{B}^{\\mathrm{T}}", session(nil, nil, { notation = "course_notes" }):parse("B'"):latex())
  end)

  it("may be like nabla's own", function()
    local s = assert(nabla.new {})
    assert(s:rule "notation mine like nabla\n    vectors  arrow\ndefault notation mine")
    s:declare "vector x(n)"
    assert.are.equal("\\vec{x}", s:parse("x"):latex())
  end)

  it("takes over the rows of another", function()
    local s = session "notation mine like course_notes\n    vectors arrow"
    assert.equal("\\mathrm{A}^{\\mathrm{T}} \\vec{x}", s:parse("A'*x"):latex { notation = "mine" })
  end)

  it("leaves an operator its rules, in a row alone", function()
    local s = session 'notation tr latex "\\operatorname{Sp}(%1)"'
    assert.equal("\\operatorname{Sp}(\\mathbf{A})", s:parse("tr(A)"):latex())
    assert.equal("\\operatorname{Sp}(\\mathrm{A})", s:parse("tr(A)"):latex { notation = "course_notes" })
    assert.equal("A'", tostring(s:diff("tr(A*X)", "X")))
  end)

  it("can be taken away and renamed", function()
    local s = session "without notation physics\nrename notation course_notes as notes"
    assert.equal("\\mathrm{B}", s:parse("B"):latex { notation = "notes" })
    assert.has_error(function()
      s:parse("B"):latex { notation = "physics" }
    end, "unknown notation 'physics'; known: julia, matlab, nabla, notes, numpy, pytorch")
  end)

  it("leaves nothing of a file that fails", function()
    local s = assert(nabla.new())
    assert.is_nil(s:rule 'notation tr latex "T"\nhabit scalar x\ndeclare scalar y\ncheck 1 == 2')
    assert.equal("\\operatorname{tr}(\\mathbf{A})", s:parse("tr(A)"):latex())
    assert.equal("n x 1", tostring(s:parse("x").shape))
    assert.equal("n x 1", tostring(s:parse("y").shape))
  end)

  it("is refused with a message that helps", function()
    assert.are.same(
      { "there is no operator, sign or kind of names 'transposes'", "did you mean transpose?" },
      { message 'notation transposes latex "%1^T"' }
    )
    assert.equal("the form of `hadamard` lacks %2", message 'notation hadamard latex "%1 o"')
    assert.equal("the form has %2; `vectors` has one argument", message 'notation vectors latex "%2"')
    assert.equal("the form has %2; tr has 1 argument", message 'notation tr latex "%2"')
    assert.equal("`arrow` is a type of names: of scalars, vectors or matrices", message "notation tr arrow")
    assert.equal("`tr` is there twice", message 'notation a\n    tr latex "%1"\n    tr latex "t%1"')
    assert.equal("`latex` is given twice", message 'notation tr latex "%1" latex "t%1"')
    assert.equal("there is no notation phisics", message "notation a like phisics")
    assert.equal('there is no notation "b"', message "default notation b")
    assert.equal(
      "there is a notation physics already",
      message('notation physics\n    tr latex "%1"'):match "^[^(]*already"
    )
  end)
end)

describe("habit", function()
  it("says what undeclared letters are", function()
    local s = session "habit scalar s, t, vector a..c, theta"
    local scalar, vector = "1 x 1", "n x 1"
    local shapes = { s = scalar, t = scalar, t_1 = scalar, a = vector, c = vector, d = scalar, ["θ"] = vector }
    for name, shape in pairs(shapes) do
      assert.equal(shape, tostring(s:parse(name).shape), name)
    end
    assert.equal("A'*expm(t*A)'", tostring(s:diff("expm(A*t)", "t")))
  end)

  it("yields to what fits", function()
    local s = session "habit scalar s"
    assert.equal("1 x 1", tostring(assert(s:parse "s'*A*s").shape))
  end)

  it("is refused with a message that helps", function()
    assert.equal("c..a is no range of letters", message "habit scalar c..a")
    assert.equal("t is both a scalar and a vector", message "habit scalar t, vector t")
    assert.equal("expected scalar, vector or matrix, and letters, found `t`", message "habit t")
  end)
end)

describe("declare", function()
  it("declares names for whoever uses the file", function()
    local s = session "declare scalar t, matrix Q(n,n) symmetric"
    assert.equal("2*Q*x", tostring(s:diff("x'*Q*x", "x")))
    assert.equal("A'*expm(t*A)'", tostring(s:diff("expm(A*t)", "t")))
  end)

  it("is hidden by a declaration of the user, and stays when that is forgotten", function()
    local s = session("declare matrix Q(n,n) symmetric", "matrix Q(n,n)")
    assert.equal("(Q + Q')*x", tostring(s:diff("x'*Q*x", "x")))
    s:reset()
    assert.equal("2*Q*x", tostring(s:diff("x'*Q*x", "x")))
  end)

  it("is unknown to the rules of files", function()
    assert.equal("unknown name 't'", message "declare scalar t\ncheck t == t")
  end)
end)

-- A rule file of a user's is checked when it is read; nabla's own rows are read when a program is.
describe("nabla's own notations of programs", function()
  local program_rows = require "nabla.language.program_rows"
  local program_text = require "nabla.page.program_text"
  local s = nabla.new { default_rules = false, rules = "default.rules" }

  for _, name in ipairs { "numpy", "pytorch", "julia", "matlab" } do
    it("are right in each row, and can be read: " .. name, function()
      local notation = s.notations[name]
      assert.is_true(#notation.programs > 20)
      for _, row in ipairs(notation.programs) do
        assert.is_nil(program_rows.check(row), row.form)
      end
      assert.is_truthy(program_text.rules(s, notation).patterns)
    end)
  end

  it("are all that there are", function()
    local names = {}
    for name, notation in pairs(s.notations) do
      names[#names + 1] = notation.programs and name or nil
    end
    table.sort(names)
    assert.same({ "julia", "matlab", "numpy", "pytorch" }, names)
  end)
end)
