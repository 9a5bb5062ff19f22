--- R. Vectors are matrices of one column.
--
-- @module nabla.code.targets.r

local checks = require "nabla.code.check"
local functions = require "nabla.code.function"
local python = require "nabla.code.targets.python_expressions"
local terms = require "nabla.code.terms"
local writer = require "nabla.code.writer"

local kind, number = terms.kind, python.number
local SUM, TIMES, SIGN = writer.SUM, writer.TIMES, writer.SIGN
local POWER, CALL, ATOM = writer.POWER, writer.CALL, writer.ATOM

local RESERVED = [[
  if else repeat while function for in next break TRUE FALSE NULL Inf NaN NA c t q T F
  matrix solve norm det diag sum exp log pi kronecker]]

local target = {
  naming = { reserved = RESERVED, first = "[%a]" },
  title = "R",
  indent = "  ",
  comment = "# ",
  indent_comment = "",
  divided = "/",
  loop_end = "}",
  ops = {},
  operators = {},
  helpers = {},
}

function target.size(text)
  return text
end

-- ---------------------------------------------------------------------------------------------- expressions

local ops, operators = target.ops, target.operators

function ops.number(_, t)
  return number(t.num, t.den), t.num:sub(1, 1) == "-" and SIGN or ATOM
end

function ops.size(_, t)
  return t.text, t.text:find "[^%w_]" and SUM or ATOM
end

ops.sum = function(w, t)
  return writer.sum(number, "*")(w, writer.positive_first(t))
end

function ops.spread(w, t)
  return w:text(t.args[1])
end

ops.times = writer.infix("*", TIMES)
ops.scale = writer.infix("*", TIMES)
ops.hadamard = writer.infix("*", TIMES)

-- A product of a row and a column is a number, not a matrix. In R %*% binds closer than *.
function ops.product(w, t)
  local a, b = w:at(t.args[1], CALL), w:at(t.args[2], CALL)
  if kind(t) == "scalar" then
    return ("drop(%s %%*%% %s)"):format(a, b), CALL
  end
  return a .. " %*% " .. b, TIMES
end

function ops.power(w, t)
  local base, exponent = t.args[1], t.args[2]
  if exponent.op == "number" and exponent.num == "-1" and exponent.den == "1" then
    return "1/" .. w:at(base, POWER), TIMES
  elseif exponent.op == "number" and exponent.num == "1" and exponent.den == "2" then
    return "sqrt(" .. w:at(base) .. ")", CALL
  end
  return w:at(base, POWER + 1) .. "^" .. w:at(exponent, POWER + 1), POWER
end

ops.transpose = writer.call "t(%1)"
function ops.dot(w, t)
  return ("sum(%s*%s)"):format(w:at(t.args[1], CALL), w:at(t.args[2], CALL)), CALL
end
-- Where a matrix is positive definite, by its factor of Cholesky.
target.helpers.solve_spd = [[
solve_spd <- function(A, b) {
  R <- chol(A)
  backsolve(R, forwardsolve(t(R), b))
}
]]
target.helpers.log_det_spd = [[
log_det_spd <- function(A) {
  2*sum(log(diag(chol(A))))
}
]]

function ops.inverse(w, t)
  return ((t.spd and "chol2inv(chol(%s))" or "solve(%s)"):format(w:at(t.args[1]))), CALL
end

function ops.solve(w, t)
  if t.spd then
    w:need "solve_spd"
  end
  return ("%s(%s, %s)"):format(t.spd and "solve_spd" or "solve", w:at(t.args[1]), w:at(t.args[2])), CALL
end
ops["matrix power"] = writer.call("matrix_power(%1, %2)", "matrix_power")
target.helpers.matrix_power = [[
matrix_power <- function(A, k) {
  if (k < 0) {
    A <- solve(A)
    k <- -k
  }
  r <- diag(nrow(A))
  while (k > 0) {
    if (k %% 2 == 1) r <- r %*% A
    A <- A %*% A
    k <- k %/% 2
  }
  r
}
]]

function ops.eye(_, t)
  return ("diag(1, %s)"):format(t.rows), CALL
end

for name, value in pairs { ones = "1", zeros = "0" } do
  ops[name] = function(_, t)
    if kind(t) == "scalar" then
      return value, ATOM
    end
    return ("matrix(%s, %s, %s)"):format(value, t.rows, t.cols), CALL
  end
end

function ops.call(w, t)
  return ("%s(%s)"):format(t.name, w:at(t.args[1])), CALL
end

-- ---------------------------------------------------------------------------------------------- operators

for name, format in pairs {
  sum = "sum(%1)",
  norm2 = 'norm(%1, "F")',
  norm1 = "sum(abs(%1))",
  tr = "sum(diag(%1))",
  logdet = "as.numeric(determinant(%1)$modulus)",
  diagv = "matrix(diag(%1))",
  max = "max(%1)",
  vec = "matrix(%1)",
  unvec = "matrix(%1, %m, %n)",
  exp = "exp(%1)",
  log = "log(%1)",
  sin = "sin(%1)",
  cos = "cos(%1)",
  tan = "tan(%1)",
  sinh = "sinh(%1)",
  cosh = "cosh(%1)",
  tanh = "tanh(%1)",
  asin = "asin(%1)",
  acos = "acos(%1)",
  atan = "atan(%1)",
  sqrt = "sqrt(%1)",
  abs = "abs(%1)",
  sign = "sign(%1)",
  sigmoid = "plogis(%1)",
  lgamma = "lgamma(%1)",
  digamma = "digamma(%1)",
  trigamma = "trigamma(%1)",
  log1p = "log1p(%1)",
  expm1 = "expm1(%1)",
  normcdf = "pnorm(%1)",
  normpdf = "dnorm(%1)",
} do
  operators[name] = writer.call(format)
end

function operators.norm2(w, t)
  if kind(t.args[1]) == "scalar" then
    return "abs(" .. w:at(t.args[1]) .. ")", CALL
  end
  return ('norm(%s, "F")'):format(w:at(t.args[1])), CALL
end

-- Of a number R takes the determinant of a matrix only.
function operators.det(w, t)
  return ("det(%s)"):format(w:at(t.args[1])), CALL
end

function operators.kron(w, t)
  local a, b = t.args[1], t.args[2]
  if kind(a) == "scalar" or kind(b) == "scalar" then
    return w:at(a, TIMES) .. "*" .. w:at(b, TIMES + 1), TIMES
  end
  return ("kronecker(%s, %s)"):format(w:at(a), w:at(b)), CALL
end

for name, h in pairs {
  softplus = { "softplus(%1)", "x", "pmax(x, 0) + log1p(exp(-abs(x)))" },
  softmax = { "softmax(%1)", "x", "e <- exp(x - max(x))\n  e/sum(e)" },
  logsumexp = { "logsumexp(%1)", "x", "max(x) + log(sum(exp(x - max(x))))" },
  argmax = { "argmax_unit(%1)", "x", "r <- 0*x\n  r[which.max(x)] <- 1\n  r" },
  relu = { "relu(%1)", "x", "r <- x\n  r[x < 0] <- 0\n  r" },
  diag = { "diagonal(%1)", "x", "diag(c(x), length(x))" },
  tril = { "lower_triangle(%1)", "A", "A[row(A) < col(A)] <- 0\n  A" },
  triu = { "upper_triangle(%1)", "A", "A[row(A) > col(A)] <- 0\n  A" },
  vech = { "vech(%1)", "A", "matrix(A[row(A) >= col(A)])" },
  hat = { "hat(%1)", "x", "matrix(c(0, x[3], -x[2], -x[3], 0, x[1], x[2], -x[1], 0), 3, 3)" },
  vee = { "vee(%1)", "A", "matrix(c(A[3,2] - A[2,3], A[1,3] - A[3,1], A[2,1] - A[1,2])/2)" },
  cross = {
    "cross_product(%1, %2)",
    "x, y",
    "matrix(c(x[2]*y[3] - x[3]*y[2], x[3]*y[1] - x[1]*y[3], x[1]*y[2] - x[2]*y[1]))",
  },
  adj = { "adjugate(%1)", "A", "det(A)*solve(A)" },
  pinv = {
    "pseudo_inverse(%1)",
    "A",
    "s <- svd(A)\n  k <- s$d > max(dim(A))*max(s$d)*.Machine$double.eps\n"
      .. "  s$v[, k, drop = FALSE] %*% (t(s$u[, k, drop = FALSE])/s$d[k])",
  },
  eigval = { "eigval(%1, %2)", "A, k", "eigen((A + t(A))/2, symmetric = TRUE)$values[k]" },
  eigvec = { "eigvec(%1, %2)", "A, k", "matrix(eigen((A + t(A))/2, symmetric = TRUE)$vectors[, k])" },
  khatrirao = {
    "khatrirao(%1, %2)",
    "A, B",
    "matrix(sapply(seq_len(ncol(A)), function(k) kronecker(A[, k], B[, k])), nrow(A)*nrow(B), ncol(A))",
  },
  K = { "commutation(%1, %2)", "m, n", "diag(m*n)[c(t(matrix(seq_len(m*n), m, n))), , drop = FALSE]" },
  Dup = {
    "duplication(%1)",
    "n",
    "k <- matrix(0, n, n)\n  k[row(k) >= col(k)] <- seq_len(n*(n + 1)/2)\n"
      .. "  k <- pmax(k, t(k))\n  diag(n*(n + 1)/2)[c(k), , drop = FALSE]",
  },
  Elim = {
    "elimination(%1)",
    "n",
    "k <- matrix(seq_len(n*n), n, n)\n  diag(n*n)[k[row(k) >= col(k)], , drop = FALSE]",
  },
  diagonalsums = {
    "diagonal_sums(%1)",
    "A",
    "d <- col(A) - row(A)\n  s <- tapply(c(A), c(d), sum)\n  matrix(s[as.character(d)], nrow(A), ncol(A))",
  },
  diagonals = {
    "diagonals(%1)",
    "n",
    "r <- matrix(0, 2*n - 1, n*n)\n  k <- matrix(seq_len(n*n), n, n)\n"
      .. "  r[cbind(c(n + row(k) - col(k)), c(k))] <- 1\n  r",
  },
} do
  local called = h[1]:match "^[%w_]+"
  target.helpers[called] = ("%s <- function(%s) {\n  %s\n}\n"):format(called, h[2], h[3])
  operators[name] = writer.call(h[1], called)
end

target.helpers.unit = "unit <- function(i, j, m, n) {\n  r <- matrix(0, m, n)\n  r[i, j] <- 1\n  r\n}\n"
operators.E = writer.call("unit(%1, %2, %m, %n)", "unit")

operators.sec = function(w, t)
  return "1/cos(" .. w:at(t.args[1]) .. ")", TIMES
end
operators.step = function(w, t)
  return "0.5*(1 + sign(" .. w:at(t.args[1]) .. "))", TIMES
end
operators.pi = function()
  return "pi", ATOM
end

local log_abs_det = operators.logdet
function operators.logdet(w, t)
  if not t.spd then
    return log_abs_det(w, t)
  end
  w:need "log_det_spd"
  return ("log_det_spd(%s)"):format(w:at(t.args[1])), CALL
end

function operators.entry(w, t)
  local a = t.args[1]
  if kind(a) == "scalar" then
    return w:text(a)
  end
  return ("%s[%s, %s]"):format(w:at(a, CALL), w:at(t.args[2]), w:at(t.args[3])), CALL
end

-- ---------------------------------------------------------------------------------------------- functions

function target.assign(name, text)
  return name .. " <- " .. text
end

function target.add(name, text)
  return ("%s <- %s + %s"):format(name, name, text)
end

function target.zero(w, t)
  return (ops.zeros(w, t))
end

function target.loop(counter, first, last)
  return ("for (%s in seq(%s, length.out = max(0, %s - (%s) + 1))) {"):format(counter, first, last, first)
end

function target.open(f, parameters)
  return { ("%s <- function(%s) {"):format(f.name, table.concat(parameters, ", ")) }
end

function target.entry(f)
  local out = {}
  local function add(...)
    out[#out + 1] = "  " .. (...):format(select(2, ...))
  end
  for _, input in ipairs(f.inputs) do
    local name = input.text
    if input.kind == "scalar" then
      add('if (length(%s) != 1) stop("%s is a scalar")', name, name)
      add("%s <- as.numeric(%s)", name, name)
    elseif input.kind == "matrix" then
      add('if (!is.matrix(%s)) stop("%s is a matrix")', name, name)
    else
      add('if (is.matrix(%s) && min(dim(%s)) > 1) stop("%s is a vector")', name, name, name)
      add(input.kind == "row" and "%s <- matrix(%s, nrow = 1)" or "%s <- matrix(%s, ncol = 1)", name, name)
    end
  end
  for _, s in ipairs(f.sizes) do
    add("%s <- %s(%s)", s.name, s.axis == 0 and "nrow" or "ncol", s.input.text)
  end
  for _, c in ipairs(f.checks) do
    local name, which = c.input.text, c.axis == 0 and "rows" or "columns"
    local extent = ("%s(%s)"):format(c.axis == 0 and "nrow" or "ncol", name)
    add(
      'if (%s != %s) stop("%s has a wrong number of %s: ", %s, "; %s", %s, " expected")',
      extent,
      c.size,
      name,
      which,
      extent,
      tonumber(c.size) and "" or c.size .. " = ",
      c.size
    )
  end
  return out
end

function target.close(f, w)
  local results = {}
  for i, t in ipairs(f.roots) do
    results[i] = ("%s = %s"):format(f.results[i], w:at(t))
  end
  if #results == 1 then
    return { "  " .. w:at(f.roots[1]), "}" }
  end
  return { ("  list(%s)"):format(table.concat(results, ", ")), "}" }
end

local CHECK = [[
# The largest difference between the gradient and central differences of the value.
check_gradient <- function(PARAMETERS) {
  STEP <- 1e-6
  GRADIENT <- value_and_gradient(PARAMETERS)$gradient
?turned   GRADIENT <- t(GRADIENT)
  POINT <- VARIABLE
  LARGEST <- 0
  for (K in seq_along(POINT)) {
    DIFFERENCE <- 0*POINT
    DIFFERENCE[K] <- STEP
?symmetric     DIFFERENCE <- pmax(DIFFERENCE, t(DIFFERENCE))
    VARIABLE <- POINT + DIFFERENCE
    ABOVE <- value_and_gradient(PARAMETERS)$value
    VARIABLE <- POINT - DIFFERENCE
    BELOW <- value_and_gradient(PARAMETERS)$value
    LARGEST <- max(LARGEST, abs((ABOVE - BELOW)/(2*STEP) - sum(GRADIENT[DIFFERENCE != 0])))
  }
  LARGEST
}]]

function target.check(f, check)
  local at = checks.of(f, check)
  return checks.fill(at, CHECK, { PARAMETERS = table.concat(at.parameters, ", ") })
end

function target.write(list, check)
  local text, helpers = functions.write(target, list, check)
  return text .. helpers
end

return target
