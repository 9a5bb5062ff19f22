-- Lines of the prompt, without a terminal.

local lines = require "nabla.repl.line"
local nabla = require "nabla"
local repl = require "nabla.repl"

describe("a line of the prompt", function()
  local state
  before_each(function()
    state = lines.state(assert(nabla.new()))
    lines.run(state, "matrix A(n,n) symmetric, vector x(n)")
  end)

  local function run(line)
    return lines.run(state, line)
  end

  it("is an expression: its textbook form, under a number", function()
    assert.equal("[1] 2*x'*A*x", run("x'*A*x + x'*A*x").text)
  end)

  it("is a derivative", function()
    assert.equal("[1] 2*A*x", run("diff x'*A*x by x").text)
    assert.equal("[2] 2*A", run("hessian x'*A*x by x").text)
    assert.matches("by VARIABLE", run("diff x'*A*x").text)
  end)

  it("uses answers by name", function()
    run "diff x'*A*x by x"
    run "A"
    assert.equal("[3] 2*A^2*x", run("ans*ans1").text)
  end)

  it("is a setting", function()
    assert.equal("layout: numerator", run(":layout numerator").text)
    assert.equal("[1] 2*x'*A", run("diff x'*A*x by x").text)
    assert.matches("unknown layout 'numeratr'; did you mean numerator%?", run(":layout numeratr").text)
    assert.equal("numerator", state.session.layout)
    assert.is_true(run(":nonsense").failed)
  end)

  it("is a derivation where steps are on", function()
    run ":steps"
    local text = run("diff x'*A*x by x").text
    assert.matches("^f = x'%*A%*x", text)
    assert.equal("[2] 2*A*x", run("ans").text)
  end)

  it("solves, compares, judges convexity", function()
    assert.matches("^x = inv%(A%)%*b", run("solve A*x = b for x").text)
    assert.equal("yes (same node)", run("equal tr(A), tr(A')").text)
    assert.equal("strictly convex", run("convexity x'*x by x").text)
  end)

  it("writes code", function()
    assert.matches("def value_and_gradient", run("code numpy x'*A*x by x").text)
    assert.matches("unknown language", run("code nunpy x'*A*x by x").text)
  end)

  it("explains an operator from the rule files", function()
    local text = run("?det").text
    assert.matches("^det%(A%(n,n%)%)", text)
    assert.matches("d%(det%(A%)%) = det%(A%)%*tr%(d%(A%)%*inv%(A%)%)", text)
    assert.matches("did you mean %?det", run("?dett").text)
  end)

  it("with a mistake leaves everything as it was", function()
    run "A"
    local result = run "A +"
    assert.is_true(result.failed)
    assert.matches("1:4: ", result.text)
    assert.equal("[2] A", run("ans").text)
    assert.equal("[3] 2*A*x", run("diff x'*A*x by x").text)
  end)

  it("goes on while a bracket is open", function()
    assert.is_true(lines.goes_on "tr(A")
    assert.is_false(lines.goes_on "tr(A)")
  end)

  it("completes commands, operators and names", function()
    assert.same({ "logdet(" }, (repl.completions(state, "logde")))
    assert.truthy(table.concat(repl.completions(state, "di"), " "):find "diff")
    assert.same({ "A" }, repl.completions(state, "A"))
  end)

  it("ends the prompt", function()
    assert.is_true(run("quit").quit)
    assert.is_true(run(":quit").quit)
  end)
end)
