-- Cells of a notebook, without a notebook.

local json = require "dkjson"
local lines = require "nabla.repl.line"
local nabla = require "nabla"
local protocol = require "nabla.repl.protocol"

describe("a cell of a notebook", function()
  local state
  before_each(function()
    state = lines.state(assert(nabla.new()))
  end)

  local function ask(request)
    return json.decode(protocol.answer(state, json.encode(request)))
  end

  local function cell(code)
    return ask({ code = code }).answers
  end

  it("has an answer for each line, typeset where it is a formula", function()
    local got = cell "matrix A(n,n) symmetric, vector x(n)\n\n# a comment\ndiff x'*A*x by x"
    assert.same({ { text = "declared: matrix A(n,n) symmetric, vector x(n)" } }, { got[1] })
    assert.same({ text = "[1] 2*A*x", latex = [[2 \mathbf{A} \mathbf{x}]] }, got[2])
    assert.equal(2, #got)
  end)

  it("has no answer where it is empty", function()
    assert.equal('{"answers":[]}', protocol.answer(state, '{"code":" \\n"}'))
  end)

  it("shows a derivation as formulas and as a list, in a language", function()
    local got = cell "%lang zh\nderive tr(A*X) by X"
    assert.equal("language of reasons: zh", got[1].text)
    assert.matches("^\\begin{align%*}.*函数", got[2].latex)
    assert.matches("^1%. %$f = .* — 函数\n2%. ", got[2].markdown)
    assert.matches("函数", got[2].text)
  end)

  it("shows solutions", function()
    assert.equal([[\mathbf{x} = \mathbf{A}^{-1} \mathbf{b}]], cell("matrix A(n,n)\nsolve A*x = b for x")[2].latex)
  end)

  it("goes on over lines while a bracket is open", function()
    assert.equal("[1] tr(A*inv(B))", cell("tr(A*\n  inv(\nB))")[1].text)
    assert.same({ goes_on = true }, ask { goes_on = "tr(A" })
    assert.same({ goes_on = false }, ask { goes_on = "tr(A)" })
  end)

  it("ends at an error, with what came before", function()
    local got = cell "tr(A)\nA + \ntr(B)"
    assert.equal(2, #got)
    assert.equal("[1] tr(A)", got[1].text)
    assert.is_true(got[2].failed)
    assert.matches("A %+\n   ^", got[2].text)
    assert.equal("[2] tr(B)", cell("tr(B)")[1].text)
  end)

  it("may hold rules", function()
    assert.same({ { text = "the rules are read" } }, cell "%%rules\nfunction twice(t) elementwise = 2*t\n")
    assert.equal("[1] 2*x", cell("vector x(n)\ntwice(x)")[2].text)
    local got = cell "%%rules\nfunction twice"
    assert.is_true(got[1].failed)
    assert.matches("function twice\n", got[1].text)
  end)

  it("is completed at its last word", function()
    assert.same({ matches = { "logdet(" }, start = 5 }, ask { complete = "diff logd" })
    assert.same({ matches = { "%layout" }, start = 0 }, ask { complete = "%lay" })
    assert.same({ matches = { ":layout" }, start = 0 }, ask { complete = ":lay" })
    assert.equal('{"matches":[],"start":4}', protocol.answer(state, '{"complete":"A + "}'))
  end)

  it("is told of a name", function()
    assert.matches("Jacobi's formula", ask({ about = "det" }).text)
    assert.is_true(ask({ about = "nothing" }).failed)
  end)

  it("that is no request is refused", function()
    assert.is_true(json.decode(protocol.answer(state, "nonsense")).failed)
    assert.is_true(json.decode(protocol.answer(state, "3")).failed)
    assert.is_true(ask({ code = 3 }).failed)
    assert.is_true(ask({}).failed)
  end)
end)
