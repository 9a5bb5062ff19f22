-- The other questions that a session answers: equations, convexity, expansions, formulas from a page, code. From a text to a text, in a
-- session that was asked the like before; the mean of the questions of a kind.

local measure = require "bench.measure"
local nabla = require "nabla"

local RUNS = 7

local declarations = "matrix A(m,n), matrix X(n,n) spd, matrix C(n,n) spd, vector x(n), vector b(m), vector a(n), "
  .. "scalar t, scalar c positive"

local function solved(s, text, unknown)
  return s:solve(s:equation(text), unknown)
end

local function stationary(s, ...)
  return s:stationary(...)
end

local function convexity(s, ...)
  return s:convexity(...).verdict
end

local function taylor(s, f, x, order)
  return s:taylor(f, x, nil, order).sum
end

local function identify(s, formula)
  return s:identify { formula = formula }
end

local function code(s, f, x, target)
  return s:code(f, x, target)
end

-- What is asked, how, the seconds that an answer may take, the questions.
local kinds = {
  { "equations", solved, 1e-3, {
    { "A'*(A*x - b) = 0", "x" },
    { "C*x + c*x = a", "x" },
    { "c*t + a'*x = 1", "t" },
  } },
  { "stationary points", stationary, 30e-3, {
    { "norm2(A*x - b)^2 + c*norm2(x)^2", "x" },
    { "logdet(X) - tr(C*X)", "X" },
    { "x'*C*x - 2*a'*x", "x" },
  } },
  { "convexity", convexity, 20e-3, {
    { "norm2(A*x - b)^2", "x" },
    { "tr(C*X) - logdet(X)", "X" },
    { "logsumexp(A*x)", "x" },
    { "t^3 - t", "t" },
  } },
  { "expansions to the second order", taylor, 1e-3, {
    { "logdet(X + t*C)", "t", 2 },
    { "inv(X + t*C)", "t", 2 },
    { "exp(t)*sin(t)", "t", 2 },
  } },
  { "formulas from a page", identify, 30e-3, {
    { "d(x'*C*x)/dx = 2*C*x" },
    { "d(x'*C*x)/dx = C*x" },
    { "d(inv(X)) = -inv(X)*d(X)*inv(X)" },
    { "d(logdet(X))/dX = inv(X)" },
  } },
  { "code in NumPy, Julia and C", code, 2e-3, {
    { "norm2(A*x - b)^2", "x", "numpy" },
    { "norm2(A*x - b)^2", "x", "julia" },
    { "norm2(A*x - b)^2", "x", "c" },
    { "logdet(X) + a'*inv(X)*a", "X", "numpy" },
  } },
}

return function(report)
  for _, kind in ipairs(kinds) do
    local what, ask, target, questions = table.unpack(kind)
    local s = assert(nabla.new {})
    assert(s:declare(declarations))
    local function all()
      for _, question in ipairs(questions) do
        tostring(assert(ask(s, table.unpack(question))))
      end
    end
    all()
    report {
      what = what .. ", mean of " .. #questions,
      value = measure.runs(RUNS, function() end, all) / #questions,
      target = target,
    }
  end
end
