-- Structured matrices: declarations, and the conventions for a derivative by a structured variable. Every answer is also judged
-- by numbers.

local answers = require "spec.support.answers"
local cases = require "spec.support.cases"
local judge = require "spec.judge"
local nabla = require "nabla"
local sample = require "spec.support.sample"
local structured = require "spec.support.structured"

local DECLARATIONS = structured.declarations
local session = structured.session

-- ---------------------------------------------------------------------------------------------- declarations

describe("a declaration", function()
  local function refused(text, message, column)
    local s = assert(nabla.new())
    local node, err = s:declare(text)
    assert.is_nil(node)
    assert.are.same({ message, column }, { err.message, err.column })
    return err
  end

  it("is refused when its attributes exclude each other", function()
    local err = refused("matrix S(n,n) symmetric skew", "no matrix is symmetric and skew", 25)
    assert.are.equal("leave one of them out", err.hint)
    refused("matrix S(n,n) skew invertible spd", "no matrix is skew and spd", 31)
    refused("matrix S(n,n) diagonal skew", "no matrix is diagonal and skew", 24)
    refused("matrix S(n,n) positive lower", "no matrix is positive and lower", 24)
    refused("matrix U(n,n) of x symmetric skew; vector x(n)", "no matrix is symmetric and skew", 30)
  end)

  it("is refused when only a square matrix has the attribute", function()
    for name in
      ("symmetric skew diagonal lower upper toeplitz orthogonal spd psd idempotent invertible"):gmatch "%S+"
    do
      refused(("matrix S(m,n) %s"):format(name), ("S is m x n; only a square matrix is %s"):format(name), 15)
    end
    refused("vector x(n) symmetric", "x is n x 1; only a square matrix is symmetric", 13)
    assert(assert(nabla.new()):declare "matrix X(m,n) positive fullcolumnrank constant, scalar a positive")
  end)

  it("is refused when it names a variable twice", function()
    local err = refused("matrix S(n,n) symmetric, matrix S(n,n)", "S is declared twice", 33)
    assert.are.equal("one declaration takes all attributes: matrix A(n,n) symmetric invertible", err.hint)
    local s = assert(nabla.new())
    assert(s:declare "matrix S(n,n)")
    assert(s:declare "matrix S(n,n) symmetric") -- a later one takes its place
    assert.are.equal("2*S", tostring(s:simplify "S + S'"))
  end)
end)

-- ---------------------------------------------------------------------------------------------- conventions

describe("a derivative by a structured variable", function()
  local tally = answers.tally()

  for _, case in ipairs(sample.of(cases.read "spec/data/structure.cases")) do
    local convention = case.convention or "free"
    local title = ("%s, %s: %s by %s is %s"):format(case.id, convention, case.expr, case.wrt, case.expected)
    it(title, function()
      local stated, complaint = answers.judged(case, case.expected)
      assert.is_true(stated, "the stated answer: " .. tostring(complaint))
      local text, err = answers.of(case)
      assert.is_string(text, err)
      local ok, message = tally:judge(case, text)
      assert.is_true(ok, ("answer %s: %s"):format(text, message))
    end)
  end

  it("is about as short as stated", function()
    local summary = tally:summary()
    tally:print("structure", summary)
    assert.is_true(summary.median <= 1 and summary.worst.ratio <= 1.3)
  end)

  local s = session()
  local function text_of(f, x, convention, layout)
    local g, err = s:diff(f, x, { convention = convention, layout = layout })
    return g and tostring(g) or err.message
  end

  it("takes the row that says most", function()
    assert.are.equal("diag(diagv(A))", text_of("tr(A*D)", "D", "projected")) -- diagonal, not symmetric
    assert.are.equal("(A + A')/2", text_of("tr(A*M)", "M", "projected")) -- spd implies symmetric
    assert.are.equal("A'", text_of("tr(A*G)", "G", "entries")) -- invertible: no structure
    assert.are.equal("x", text_of("sum(x.*z)", "z", "entries"))
  end)

  it("is refused when the attributes do not make a linear space, or two rows compete", function()
    assert.are.equal(
      "by the convention entries: an orthogonal matrix has no independent entries; take the convention free",
      text_of("tr(A*Q)", "Q", "entries")
    )
    assert.are.equal(
      "by the convention projected: the idempotent matrices are no linear space; take the convention free",
      text_of("tr(A*R)", "R", "projected")
    )
    assert(s:declare "matrix C(n,n) skew toeplitz")
    assert.are.equal(
      "C is skew and toeplitz; the convention entries has no row `skew toeplitz` (a rule file can state one)",
      text_of("tr(A*C)", "C", "entries")
    )
  end)

  it("may be by the transpose", function()
    assert.are.equal("A - A'", text_of("tr(A*W)", "W'", "entries"))
    assert.are.equal("triu(A)", text_of("tr(A*L)", "L'", "entries"))
  end)

  it("has a note when the free gradient need not have the structure", function()
    local g, notes = s:diff("tr(A*S)", "S")
    assert.are.equal("A'", tostring(g))
    assert.are.equal(
      "S is symmetric, but its entries were taken as independent (convention free): this gradient need not be "
        .. "symmetric; conventions that keep to it: entries, projected",
      tostring(notes)
    )
    assert.equal(1, #notes)
    assert.matches("W is skew, but", tostring(select(2, s:diff("tr(A*W)", "W"))), 1, true)
    assert.matches("T is toeplitz, but", tostring(select(2, s:diff("tr(A*T)", "T"))), 1, true)
    for _, fine in ipairs {
      { "logdet(M)", "M" },
      { "x'*S*x", "S" },
      { "norm2(W)^2", "W" },
      { "tr(A*A)", "A" },
      { "S*x", "x" },
    } do
      assert.are.equal(1, select("#", s:diff(fine[1], fine[2])), fine[1])
    end
    assert.are.equal(1, select("#", s:diff("S*x", "S", { layout = "vec" })))
    assert.are.equal(1, select("#", s:diff("tr(A*S)", "S", { convention = "entries" })))
  end)

  sample.whole(it)("never uses the attribute of the variable before the derivative is taken", function()
    local forms = {
      "S'",
      "Q'*Q",
      "norm2(Q*x)",
      "W'",
      "P*P",
      "tril(L)",
      "diag(diagv(D))",
      "abs(z)",
      "x'*W*x",
      "tr(A*P^3)",
    }
    for _, form in ipairs(forms) do
      local by = form:match "[SQWPLDz]"
      local layout = "vec"
      local text = text_of(form, by, "free", layout)
      local ok, why =
        judge.check { decl = DECLARATIONS, expr = form, wrt = by, layout = layout, answer = text }
      assert.is_true(ok, form .. ": " .. text .. ": " .. tostring(why))
    end
    local second =
      { "tr(S'*A*S)", "norm2(Q)^2", "tr(W*W)", "tr(A*P*P)", "norm2(tril(L))^2", "sum(abs(z).^3)" }
    for _, form in ipairs(second) do
      local by = form:match "[SQWPLz]"
      local answer = tostring(assert(s:hessian(form, by)))
      local ok, why = judge.check {
        decl = DECLARATIONS,
        expr = form,
        wrt = by,
        op = "hessian",
        layout = "vec",
        answer = answer,
      }
      assert.is_true(ok, form .. ": " .. answer .. ": " .. tostring(why))
    end
  end)

  it("follows the convention in D(f, x)", function()
    assert.are.equal("A'", tostring(s:parse "D(tr(A*S), S)"))
    assert.are.equal(
      "A + A' - diag(diagv(A))",
      tostring(session({ convention = "entries" }):simplify "D(tr(A*S), S)")
    )
  end)
end)

describe("a convention", function()
  it("is chosen for a session or for one derivative", function()
    local s = session { convention = "entries" }
    assert.are.equal("A + A' - diag(diagv(A))", tostring(s:diff("tr(A*S)", "S")))
    assert.are.equal("(A + A')/2", tostring(s:diff("tr(A*S)", "S", { convention = "projected" })))
    assert.are.equal(
      "A + A' - diag(diagv(A))",
      tostring(s:diff("tr(A*S)", "S", { convention = "structured" }))
    )
    local none, err = nabla.new { convention = "odd" }
    assert.is_nil(none)
    local known = "brandwood, conjugate, cookbook, entries, free, gradient, projected, structured"
    assert.are.equal("unknown convention 'odd'; known: " .. known, err.message)
  end)

  it("is stated by a rule file, with attributes and operators of its own", function()
    local s = session()
    assert(s:rule([[
      attribute centred            # the sum of all entries is 0
      convention mean "without its mean"
          centred     G -> G - sum(G)/(m*n)*ones(m,n)
          symmetric   G -> G
      default convention mean
    ]]))
    assert(s:declare "matrix C(m,n) centred, matrix E(m,n)")
    assert.are.equal("E - sum(E)*ones(m, n)/(m*n)", tostring(s:diff("tr(E'*C)", "C")))
    assert.are.equal("A'", tostring(s:diff("tr(A*S)", "S")))
  end)

  it("is replaced by a course's own, all or nothing", function()
    local s = session()
    assert(s:rule "without convention entries\nconvention entries\n    symmetric  G -> G + G'")
    assert.are.equal("A + A'", tostring(s:diff("tr(A*S)", "S", { convention = "entries" })))
    assert.is_nil(s.conventions.structured)
    local before = s.conventions.entries
    local ok = s:rule "without convention entries\nconvention mine\n    symmetric  G -> G*G"
    assert.is_nil(ok)
    assert.are.equal(before, s.conventions.entries)
    assert.is_nil(s.conventions.mine)
    assert(s:rule 'rename convention projected as steepest  zh "最速"')
    assert.are.equal("(A + A')/2", tostring(s:diff("tr(A*S)", "S", { convention = "steepest" })))
  end)
end)

describe("an answer with structured matrices", function()
  it("reads back as the same node: a sum has one sign, whether attributes act or not", function()
    for _, case in ipairs {
      { "((y'*(A*W*B') + (B*W*x)')*(T + T.*(B*W*B')) - y')*y", "W" },
      { "tr((A*S - S*A)'*(A*S - S*A)*(S - A'))", "S" },
      { "(x'*W - x'*S*A)*(W*x - A'*S*x)", "x" },
      { "tr(inv(S - W)*(W*A - A*S)'*(S*A - A*W))", "S" },
    } do
      local s = nabla.new { layout = "numerator" }
      s:declare "matrix W(n,n) skew, matrix S(n,n) symmetric, matrix T(n,n), matrix A(n,n), matrix B(n,n)"
      s:declare "vector x(n), vector y(n)"
      local answer = assert(s:diff(case[1], case[2]))
      assert.are.equal(answer, s:parse(tostring(answer), { layout = "numerator" }), case[1])
    end
  end)
end)
