-- Every identity, proposition and worked example of three documents (spec/data): the answer must be right by
-- numbers and as short as the document's. Then, so that a right answer means something: the judge accepts
-- what the documents state and refuses it when it is changed a little.

local answers = require "spec.support.answers"
local cases = require "spec.support.cases"
local judge = require "spec.judge"
local numeric = require "spec.judge.numeric"
local sample = require "spec.support.sample"

local all = sample.of(cases.seeds())

local least_share = 0.97 -- of the answers have no more nodes than the document's
local worst_ratio = 1.5

describe("nabla on the cases of the source documents", function()
  local tally = answers.tally()

  tally:tests(it, all)

  it("answers as briefly as the documents", function()
    local summary = tally:summary()
    tally:print("source documents", summary)
    assert.is_true(summary.share >= least_share, "too many answers are longer than the document's")
    assert.is_true(
      summary.worst.ratio <= worst_ratio,
      summary.worst.case.id .. " is much longer than the document's"
    )
  end)
end)

describe("the judge", function()
  it("reads all cases", function()
    assert.are.equal(279, #cases.seeds())
  end)

  it("accepts every stated answer", function()
    for _, case in ipairs(all) do
      local ok, message = answers.judged(case, case.expected)
      assert.is_true(ok, case.id .. ": " .. tostring(message))
    end
  end)

  -- the stated answer's value, to know which changes change it
  local function stated(case)
    local self = judge.instance(judge.declarations(case.decl), judge.sizes[1], "stated", case)
    return judge.evaluate(self, case.expected)
  end

  local function refuses(case, text)
    local ok, message = answers.judged(case, text)
    assert.is_false(ok, string.format("%s: accepted %s (%s)", case.id, text, tostring(message)))
  end

  it("refuses an answer that is 0.1 % too large", function()
    for _, case in ipairs(all) do
      if numeric.magnitude(stated(case)) > 0 then
        refuses(case, "1.001*(" .. case.expected .. ")")
      end
    end
  end)

  it("refuses the transpose of an answer", function()
    for _, case in ipairs(all) do
      local value = stated(case)
      local t = numeric.transpose(value)
      local symmetric = value.rows == value.cols and numeric.magnitude(numeric.subtract(value, t)) < 1e-12
      if not symmetric then
        refuses(case, "(" .. case.expected .. ")'")
      end
    end
  end)

  it("refuses an answer that is 0.01 off in every entry, or a scalar added to a matrix", function()
    for _, case in ipairs(all) do
      refuses(case, string.format("(%s) + 0.01*(%s).^0", case.expected, case.expected))
      if not numeric.is_number(stated(case)) then
        refuses(case, "(" .. case.expected .. ") + 0.01")
      end
    end
  end)

  it("counts nodes", function()
    assert.are.equal(7, judge.size "x'*(A + A')")
    assert.are.equal(4, judge.size "-inv(A)'")
    assert.are.equal(5, judge.size "K(m,n)*2")
  end)

  local function right(problem)
    local ok, message = judge.check(problem)
    assert.is_true(ok, message)
  end

  it("knows the layouts of a matrix by a matrix", function()
    local decl = { "matrix A(p,m)", "matrix X(m,n)", "matrix B(n,q)" }
    right { decl = decl, expr = "A*X*B", wrt = "X", layout = "vec", answer = "kron(B',A)" }
    right { decl = decl, expr = "A*X*B", wrt = "X", layout = "block", answer = "vec(A)*vec(B')'" }
    right { decl = decl, expr = "X'", wrt = "X", layout = "vec", answer = "K(m,n)" }
    right { decl = decl, expr = "X", wrt = "X'", layout = "vec", answer = "K(n,m)" }
    local ok =
      judge.check { decl = decl, expr = "A*X*B", wrt = "X", layout = "numerator", answer = "kron(B',A)" }
    assert.is_false(ok)
  end)

  it("knows second derivatives", function()
    local decl =
      { "vector x(n)", "vector y(m)", "matrix A(n,m)", "scalar t", "matrix X(n,p)", "matrix B(n,n)" }
    right {
      decl = decl,
      op = "hessian",
      expr = "x'*A*y",
      wrt = "x",
      wrt2 = "y",
      layout = "numerator",
      answer = "A",
    }
    right { decl = decl, op = "hessian", expr = "t^3*y", wrt = "t", layout = "numerator", answer = "6*t*y" }
    local answer = "kron(I(p),B + B')"
    right { decl = decl, op = "hessian", expr = "tr(X'*B*X)", wrt = "X", layout = "numerator", answer = answer }
  end)

  it("knows the conventions for a structured variable", function()
    local function of(attribute, convention, answer)
      local decl = { "matrix A(n,n)", "matrix S(n,n) " .. attribute }
      right {
        decl = decl,
        expr = "tr(A*S)",
        wrt = "S",
        layout = "denominator",
        convention = convention,
        answer = answer,
      }
    end
    of("symmetric", "free", "A'")
    of("symmetric", "entries", "A + A' - A.*I(n)")
    of("symmetric", "projected", "(A + A')/2")
    of("skew", "entries", "A' - A")
    of("skew", "projected", "(A' - A)/2")
    of("diagonal", "entries", "A.*I(n)")
  end)

  it("knows derivatives of unknown functions at an expression", function()
    local decl = { "vector x(n)", "matrix A(n,n)", "scalar f of x", "vector u(m) of x", "scalar g of u" }
    right { decl = decl, expr = "f(A*x)", wrt = "x", layout = "numerator", answer = "D(f,A*x)*A" }
    right { decl = decl, expr = "g(u(x))", wrt = "x", layout = "denominator", answer = "D(u,x)*D(g,u)" }
    local answer = "A'*D(D(f,A*x),A*x)*A"
    right { decl = decl, op = "hessian", expr = "f(A*x)", wrt = "x", layout = "numerator", answer = answer }
  end)
end)

describe("the reader of cases", function()
  local entry =
    "a  row 1\n  given  vector x(n), matrix A(n,n)\n  derivative  A*x  by  x\n  numerator, mixed  A\n"

  it("makes a case of every layout", function()
    local list = cases.parse("= Book\n== Chapter\n\n" .. entry)
    assert.are.equal(2, #list)
    local case = list[2]
    assert.are.same({ "vector x(n)", "matrix A(n,n)" }, case.decl)
    assert.are.equal(
      "a.mixed Book Chapter row 1 A*x x mixed A",
      table.concat(
        { case.id, case.source, case.subject, case.place, case.expr, case.wrt, case.layout, case.expected },
        " "
      )
    )
  end)

  local function complains(text, message)
    local ok, err = pcall(cases.parse, text, "file")
    assert.is_false(ok)
    assert.are.equal(message, err)
  end

  it("names the line of a mistake", function()
    complains("a\n  giben  scalar t\n", "file:2: unknown word or layout 'giben'")
    complains("a\n  derivative  t to t\n", "file:2: 'EXPRESSION by VARIABLE' expected")
    complains("a\n  given  scalar t\n  derivative  t by t\n\n", "file:4: no answer for a")
    complains(entry .. "\n" .. entry, "file:9: a.numerator is there already")
    complains("  given  scalar t\n", "file:1: a line of no entry")
  end)
end)
