-- Random expressions: no verdict on convexity is refuted by numbers. NABLA_CONVEXITY=number asks for more of them.

local judge = require "spec.judge.convexity"
local nabla = require "nabla"
local randoms = require "spec.judge.random"

local MOST_QUIET = 20 -- questions without a report
local COUNT = math.tointeger(tonumber(os.getenv "NABLA_CONVEXITY")) or MOST_QUIET
local SEED = os.getenv "NABLA_SEED" or "1"

local VECTOR = {
  decl = {
    "vector x(n)",
    "matrix A(m,n)",
    "vector b(m)",
    "vector c(n) positive",
    "matrix P(n,n) psd",
    "scalar t positive",
    "scalar s",
    "matrix Q(n,n) symmetric",
  },
  affine = { "x", "2*x", "x + c", "-x", "c - x", "P*x" },
  long = { "A*x", "A*x - b", "b - A*x", "-A*x" },
  scalar = { "c'*x", "b'*A*x", "c'*x + 1", "s", "sum(x)", "1 - c'*x" },
  constants = { "t", "2", "3", "s", "-1", "1/2", "t^2", "s^2", "-t" },
  names = { "x" },
}
local POSITIVE = {
  decl = { "vector x(n) positive", "matrix A(m,n)", "vector b(m)", "vector c(n) positive", "matrix P(n,n) psd",
    "scalar t positive", "scalar s", "matrix Q(n,n) symmetric" },
  affine = { "x", "2*x", "x + c", "t*x" },
  long = { "A*x", "A*x - b" },
  scalar = { "c'*x", "c'*x + 1", "t", "sum(x)" },
  constants = VECTOR.constants,
  names = { "x" },
}
local MATRIX = {
  decl = { "matrix X(n,n) spd", "matrix P(n,n) psd", "vector c(n) positive", "vector b(n)", "scalar t positive",
    "scalar s", "matrix A(m,n)", "matrix Q(n,n) symmetric" },
  spd = { "X", "X + P", "2*X + I(n)", "t*X", "X + I(n)", "inv(X)", "X^2" },
  scalar = { "tr(X)", "tr(P*X)", "b'*X*b", "t", "c'*X*c", "sum(X)" },
  constants = VECTOR.constants,
  names = { "X" },
}

-- Of a symmetric matrix: functions have values on a domain.
local SYMMETRIC = {
  decl = { "matrix X(n,n) symmetric", "matrix P(n,n) psd", "vector c(n) positive", "vector b(n)", "scalar t positive",
    "scalar s", "matrix A(m,n)", "matrix Q(n,n) symmetric" },
  spd = { "X", "X + P", "I(n) - X", "P - X", "2*X + I(n)", "t*X", "I(m) + A*X*A'", "X + s*Q", "X - t*I(n)" },
  scalar = MATRIX.scalar,
  constants = VECTOR.constants,
  names = { "X" },
}

-- A random scalar expression.
local function maker(random, kind)
  local function pick(list)
    return list[random:integer(#list)]
  end
  local scalar
  local function vector(depth)
    local base = random:chance(0.5) and pick(kind.affine) or pick(kind.long)
    if depth <= 0 or random:chance(0.4) then
      return base
    end
    local f = pick { "exp(%s)", "abs(%s)", "(%s).^2", "softplus(%s)", "relu(%s)", "log(%s)", "sqrt(%s)", "sigmoid(%s)",
      "(%s).^3",
      "1./(%s)", "cosh(%s)", "tanh(%s)", "exp(-(%s))", "(%s).*log(%s)", "(%s).^4", "sin(%s)" }
    local inner = vector(depth - 1)
    return (f:gsub("%%s", function()
      return inner
    end))
  end
  local function of_matrix()
    local S = pick(kind.spd)
    if S:find "A" then
      local form = pick { "logdet(%s)", "-logdet(%s)", "tr(inv(%s))", "1/det(%s)", "b'*A'*inv(%s)*A*b" }
      return (form:gsub("%%s", function()
        return S
      end))
    end
    return (pick { "logdet(%s)", "-logdet(%s)", "tr(inv(%s))", "tr(%s*P)", "tr((%s)^2)", "b'*inv(%s)*b", "norm2(%s)",
      "tr(expm(%s))", "det(%s)", "log(tr(%s))", "norm2(%s)^2", "tr(%s*logm(%s))", "b'*(%s)^2*b", "tr(Q*(%s)^2)",
      "tr(P*inv(%s))", "tr((%s)^3)", "log(b'*inv(%s)*b)", "1/tr(%s)", "sum(exp(%s))", "eigval(%s,1)",
      "b'*(%s)*b*tr(%s)" }
      :gsub("%%s", function()
        return S
      end))
  end
  local function leaf(depth)
    if random:chance(0.15) then
      return pick(kind.scalar)
    elseif kind.spd then
      return of_matrix()
    end
    local v = vector(depth - 1)
    return (pick { "sum(%s)", "norm2(%s)", "norm2(%s)^2", "logsumexp(%s)", "max(%s)", "norm1(%s)", "(%s)'*(%s)",
      "-sum(%s)", "sum((%s).^2)", "log(sum(exp(%s)))", "1/sum(%s)", "log(sum(%s))",
      "norm2(%s)^3" }:gsub("%%s", function()
      return v
    end))
  end
  function scalar(depth)
    if depth <= 0 or random:chance(0.3) then
      return leaf(depth)
    end
    local a, b = scalar(depth - 1), scalar(depth - 1)
    local form = pick { "A + B", "A - B", "K*(A)", "A + B", "exp(A)", "(A)^2", "log(A)", "(A)^3", "sqrt(A)", "1/(A)",
      "(A)*(B)", "log(1 + exp(A))", "(A)^2/(B)", "abs(A)", "relu(A)", "K*(A) + B", "(A)^4", "A*log(A)",
      "(1 + (A)^2)^(1/2)",
      "x'*Q*x + A", "(A)/(B)", "tanh(A)", "softplus(A)" }
    if kind.spd then
      form = form:gsub("x'%*Q%*x", "tr(Q*X)")
    end
    return (form:gsub("%u", function(letter)
      return letter == "A" and a or letter == "B" and b or letter == "K" and pick(kind.constants) or letter
    end))
  end
  return scalar
end

describe("random questions on convexity", function()
  it("get no verdict that numbers refute", function()
    local random = randoms.new("convexity " .. SEED)
    local session = assert(nabla.new())
    local counts, wrong = {}, {}
    for k = 1, COUNT do
      local kind = ({ VECTOR, POSITIVE, MATRIX, SYMMETRIC })[k % 4 + 1]
      local expr = maker(random, kind)(random:integer(3))
      session:reset()
      assert(session:declare(table.unpack(kind.decl)))
      local started = os.clock()
      if os.getenv "NABLA_TRACE" then
        io.stderr:write(expr, "\n")
      end
      local result, err = session:convexity(expr, kind.names)
      if COUNT > MOST_QUIET and os.clock() - started > 0.5 then
        print(("%.1f s"):format(os.clock() - started), expr)
      end
      local verdict = result and result.verdict or "refused"
      counts[verdict] = (counts[verdict] or 0) + 1
      if result and verdict ~= "unknown" and verdict ~= "neither" then -- points for "neither" come with the verdict
        local case = { decl = kind.decl, expr = expr, names = kind.names, kinks = true, domain = result.domain }
        local ok, right, why = pcall(judge.judge, case, verdict)
        if ok and not right and why ~= "no points with values" then
          wrong[#wrong + 1] = ("%s: %s (%s)"):format(verdict, expr, why)
        elseif not ok then
          counts["not judged"] = (counts["not judged"] or 0) + 1
        end
      elseif result and result.note and result.note:find "^internal" then
        counts.internal = (counts.internal or 0) + 1
        if COUNT > MOST_QUIET then
          print("internal", expr, result.note)
        end
      elseif not result and COUNT > MOST_QUIET then
        print("refused", expr, err)
      end
    end
    if COUNT > MOST_QUIET then
      for verdict, n in pairs(counts) do
        print(verdict, n)
      end
    end
    assert.are.same({}, wrong)
  end)
end)
