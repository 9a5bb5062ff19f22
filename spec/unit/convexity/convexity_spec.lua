-- Convexity: curvature statements, what proves a verdict, refusals, the kinds of stationary points, the command.

local check = require "nabla.check"
local command = require "spec.support.command"
local convexity = require "nabla.convexity"
local nabla = require "nabla"

teardown(command.clean)

local session

before_each(function()
  session = session or assert(nabla.new())
  session:reset()
end)

local function verdict(expr, x, ...)
  assert(session:declare(...))
  return assert(session:convexity(expr, x))
end

describe("a verdict", function()
  it("names the facts that prove it, with their sources", function()
    local v = verdict("logsumexp(A*x)", "x", "matrix A(m,n), vector x(n)")
    assert.are.equal("convex", v.verdict)
    assert.are.equal("covariance of a softmax", v.because[2].rule)
    assert.are.equal("Boyd and Vandenberghe 3.1.5", v.because[2].cite)
    assert.are.equal("softmax 的协方差矩阵", v.because[2].zh)
    assert.matches("^凸\n", table.concat(v:lines { lang = "zh" }, "\n"))
  end)

  it("says what a declaration proves", function()
    local v = verdict("x'*A*x", "x", "matrix A(n,n) spd, vector x(n)")
    assert.are.equal("spd(A)", v.because[#v.because].text)
    assert.is_true(v.because[#v.because].declared)
  end)

  it("gives the domain that an expression needs", function()
    local v = verdict("-sum(log(b - A*x))", "x", "matrix A(m,n), vector x(n), vector b(m)")
    assert.are.same({ "b - A*x positive" }, v.domain)
    assert.are.same({ "x positive" }, verdict("sum(sqrt(x))", "x", "vector x(n) nonnegative").domain)
  end)

  it("depends on the sign of a parameter", function()
    local v = verdict("a*x^2", "x", "scalar a, scalar x")
    assert.are.equal("unknown", v.verdict)
    assert.matches("depends on the other names", v.note)
    assert.are.equal("strictly convex", verdict("a*x^2", "x", "scalar a positive, scalar x").verdict)
  end)

  it("is not taken from a derivative that hides a kink, a jump or a pole", function()
    for expr, expected in pairs {
      ["x^2 - abs(x)"] = "neither",
      ["-abs(x)"] = "concave",
      ["step(x)"] = "neither",
      ["1/(x - 100)^2"] = "unknown",
      ["log(x^2)"] = "neither",
    } do
      assert.are.equal(expected, verdict(expr, "x", "scalar x").verdict, expr)
    end
  end)

  it("asks for a convex set of variables", function()
    local v = verdict("tr(Q'*A*Q*B)", "Q", "matrix Q(n,n) orthogonal, matrix A(n,n), matrix B(n,n)")
    assert.are.equal("unknown", v.verdict)
    assert.matches("make no convex set", v.note)
    assert.are.equal("affine", verdict("tr(A*Q)", "Q", "matrix Q(n,n) orthogonal, matrix A(n,n)").verdict)
  end)

  it("is unknown of an unknown function", function()
    local v = verdict("f(x)", "x", "vector x(n), scalar f of x")
    assert.are.same({ "unknown", "it depends on the function f" }, { v.verdict, v.note })
  end)

  it("is refused of what is no scalar, and by what is no variable", function()
    assert(session:declare "matrix A(m,n), vector x(n), vector y(n)")
    local function refusal(...)
      local v, err = session:convexity(...)
      assert.is_nil(v)
      return tostring(err)
    end
    assert.matches("convexity is of a scalar expression; this is m x 1", refusal("A*x", "x"))
    assert.matches("'z' does not occur", refusal("x'*x", "z"))
    assert.has_error(function()
      session:convexity(3, "x")
    end, "an expression or its text was expected, found a number")
    assert.has_error(function()
      session:convexity("x'*x", {})
    end)
  end)
end)

describe("a curvature of a rule file", function()
  it("is used in verdicts, until it is taken away", function()
    local s = assert(nabla.new())
    assert(s:rule "operator gauge(x(n)): scalar")
    assert(s:rule 'let vector u(n)\ncurvature "gauge" gauge(u) convex in u cite "a course" zh "量规"')
    assert(s:declare "matrix A(m,n), vector x(n)")
    local v = assert(s:convexity("gauge(A*x) + norm2(x)", "x"))
    assert.matches("convex", v.verdict)
    local found
    for _, line in ipairs(v.because) do
      found = found or line.rule == "gauge" and line.cite
    end
    assert.are.equal("a course", found)
    assert(s:rule 'without curvature "gauge"')
    assert.are.equal("unknown", s:convexity("gauge(A*x) + norm2(x)", "x").verdict)
  end)

  it("is refuted by points that are short to write", function()
    local s = assert(nabla.new())
    assert(s:declare "matrix P(n,n) psd, vector c(n), vector x(n), matrix A(m,n), vector y(m)")
    for text, by in pairs { ["x'*P*x/(c'*x)"] = "x", ["y'*A*x"] = "x, y", ["det(S)"] = "S" } do
      s:declare "matrix S(n,n) spd"
      local points = assert(s:convexity(text, by)).points
      for _, pair in ipairs { points.convex, points.concave } do
        for name, v in pairs(pair.first) do
          for k = 1, type(v) == "userdata" and #v or 0 do
            assert.are.equal(0, v[k] * 4 % 1, text .. " at " .. name)
          end
        end
      end
    end
  end)

  it("is refused where it makes no sense", function()
    local s = assert(nabla.new())
    for text, message in pairs {
      ["curvature exp(u) bent in u"] = "convex, concave, affine or smooth",
      ["curvature exp(u) convex"] = "`in` and the variables",
      ["curvature exp(u) convex in w"] = "w is no variable of the expression",
      ["curvature exp(u) strictly affine in u"] = "there is no strictly affine function",
      ["curvature u convex in u"] = "not of a variable alone",
      ["curvature exp(u) convex in u on bright(u)"] = "unknown attribute 'bright'",
      ["curvature a*norm2(u) convex in u increasing in a"] = "says no curvature in this variable",
      ["domain flat symmetric"] = "subspace, convex or upward",
      ["domain convex bright"] = "unknown attribute 'bright'",
    } do
      local ok, err = s:rule("let vector u(n), scalar a\n" .. text)
      assert.is_nil(ok, text)
      assert.is_truthy(tostring(err):find(message, 1, true), text .. ": " .. tostring(err))
    end
  end)

  it("is proved, or refused with two points", function()
    local checker = assert(check.new())
    local function first(text)
      local results = assert(checker:text("let vector u(n), scalar a, matrix S(n,n)\n" .. text, "text"))
      return results[1].verdict, results[1].detail
    end
    for text, expected in pairs {
      ["curvature logsumexp(u) convex in u increasing in u"] = "proved",
      ["curvature logdet(S) strictly concave in S if spd(S)"] = "proved",
      ["curvature tanh(u) smooth in u"] = "proved",
      ["domain convex spd"] = "proved",
    } do
      assert.are.equal(expected, (first(text)), text)
    end
    for text, expected in pairs {
      ["curvature a^3 convex in a"] = "not convex: at a =",
      ["curvature logsumexp(u) strictly convex in u"] = "not strictly convex: at u =",
      ["curvature exp(u) convex in u decreasing in u"] = "not decreasing in u",
      ["curvature logdet(S) concave in S if symmetric(S)"] = "not concave: at S =",
      ["curvature abs(a) smooth in a"] = "not smooth between",
      ["domain subspace spd"] = "spd is no subspace",
      ["domain convex orthogonal"] = "orthogonal is no convex set",
    } do
      local result, detail = first(text)
      assert.are.equal("failed", result, text)
      assert.is_truthy(detail:find(expected, 1, true), detail)
    end
  end)
end)

describe("the kind of a stationary point", function()
  local function kind(f, unknowns, constraints, ...)
    assert(session:declare(...))
    local function nodes(list)
      local out = {}
      for i, text in ipairs(list) do
        out[i] = assert(session:parse(text))
      end
      return out
    end
    return convexity.kind_of_point(session, session:parse(f), nodes(unknowns), nodes(constraints)).kind
  end

  it("follows from curvature", function()
    local full = "matrix A(m,n) fullcolumnrank, vector x(n), vector b(m)"
    assert.are.equal("unique minimum", kind("norm2(A*x - b)^2", { "x" }, {}, full))
    assert.are.equal("minimum", kind("norm2(A*x - b)^2", { "x" }, {}, "matrix A(m,n), vector x(n), vector b(m)"))
    assert.are.equal("maximum", kind("b'*x - logsumexp(x)", { "x" }, {}, "vector x(n), vector b(n)"))
    assert.are.equal("unknown", kind("x'*A*x", { "x" }, {}, "vector x(n), matrix A(n,n)"))
  end)

  it("is a saddle where f is strictly convex in one unknown and strictly concave in another", function()
    local decl = "vector x(n), vector y(m), matrix A(n,m)"
    assert.are.equal("saddle", kind("x'*x - y'*y + x'*A*y", { "x", "y" }, {}, decl))
  end)

  it("is known under affine constraints only", function()
    assert.are.equal("unique minimum", kind("x'*x", { "x" }, { "sum(x) - 1" }, "vector x(n)"))
    assert.are.equal("unknown", kind("x'*x", { "x" }, { "x'*x - 1" }, "vector x(n)"))
  end)
end)

describe("nabla convexity", function()
  it("prints a verdict and exits with 1 where it is unknown", function()
    local result = command.shell 'bin/nabla convexity "sum(exp(x))" x --lang zh'
    assert.are.same({ "", 0 }, { result.err, result.status })
    assert.matches("^严格凸\n海森矩阵：diag%(exp%(x%)%)\n", result.out)
    result = command.shell 'bin/nabla convexity "a*x^2" x --let "scalar a, scalar x"'
    assert.are.equal(1, result.status)
    assert.matches("^unknown\n", result.out)
  end)
end)
