--- What the targets NumPy, PyTorch and JAX share: expressions of arrays, of which vectors are one-dimensional.
--
-- @module nabla.code.targets.python_expressions

local terms = require "nabla.code.terms"
local writer = require "nabla.code.writer"

local kind = terms.kind
local SUM, TIMES, SIGN = writer.SUM, writer.TIMES, writer.SIGN
local POWER, CALL, ATOM = writer.POWER, writer.CALL, writer.ATOM

-- A decimal where it is exact, else a quotient.
local function number(num, den)
  if den == "1" then
    return #num > 15 and num .. ".0" or num
  end
  local value = tonumber(num) / tonumber(den)
  local text = ("%.15g"):format(value)
  local places = #(text:match "%.(%d*)" or "")
  if places > 0 and places <= 6 and not text:find "e" and tonumber(den) * value == tonumber(num) then
    local scaled = tonumber(den)
    for _, p in ipairs { 2, 5 } do
      while scaled % p == 0 do
        scaled = scaled // p
      end
    end
    if scaled == 1 then
      return text
    end
  end
  return ("(%s/%s)"):format(num, den)
end

local function size(text)
  return (text:gsub("%^", "**"):gsub("/", "//"))
end

local function is_flat(t)
  local k = kind(t)
  return k == "column" or k == "row"
end

-- Is a scalar a whole number in Python, too?
local function is_whole(t)
  if t.op == "number" then
    return t.den == "1"
  elseif t.op == "sum" then
    for i, a in ipairs(t.args) do
      if not is_whole(a) or not t.coefficients[i]:find "/1$" then
        return false
      end
    end
    return true
  end
  return t.op == "size" or t.op == "counter"
end

-- ---------------------------------------------------------------------------------------------- expressions

local M = {}
M.number = number
local ops, operators = {}, {}

function ops.number(_, t)
  local text = number(t.num, t.den)
  return text, t.num:sub(1, 1) == "-" and SIGN or ATOM
end

function ops.input(_, t)
  return t.name, ATOM
end

function ops.size(_, t)
  return size(t.text), t.text:find "[^%w_]" and SUM or ATOM
end

ops.sum = function(w, t)
  return writer.sum(number, " * ")(w, writer.positive_first(t))
end

-- A 0-dimensional factor spreads by itself.
function ops.spread(w, t)
  return w:text(t.args[1])
end

ops.times = writer.infix(" * ", TIMES)
ops.scale = writer.infix(" * ", TIMES)
ops.hadamard = writer.infix(" * ", TIMES)

-- Powers: x**2; a negative one as a quotient.
function ops.power(w, t)
  local base, exponent = t.args[1], t.args[2]
  if exponent.op == "number" and exponent.num:sub(1, 1) == "-" then
    local positive = exponent.num:sub(2)
    local text = w:at(base, POWER + 1)
    if positive ~= "1" or exponent.den ~= "1" then
      text = text .. "**" .. number(positive, exponent.den)
    end
    return "1 / " .. text, TIMES
  elseif exponent.op == "number" and exponent.num == "1" and exponent.den == "2" and not is_whole(base) then
    return "xp.sqrt(" .. w:at(base) .. ")", CALL
  end
  return w:at(base, POWER + 1) .. "**" .. w:at(exponent, POWER), POWER
end

function ops.transpose(w, t)
  if is_flat(t) then
    return w:text(t.args[1])
  end
  return w:at(t.args[1], CALL) .. ".T", CALL
end

function ops.product(w, t)
  local a, b = t.args[1], t.args[2]
  if kind(a) == "column" and kind(b) == "row" then
    return ("xp.outer(%s, %s)"):format(w:at(a), w:at(b)), CALL
  end
  return w:at(a, TIMES) .. " @ " .. w:at(b, TIMES + 1), TIMES
end

-- The sum of products of entries.
function ops.dot(w, t)
  if is_flat(t.args[1]) then
    return w:at(t.args[1], TIMES) .. " @ " .. w:at(t.args[2], TIMES + 1), TIMES
  end
  return ("xp.sum(%s * %s)"):format(w:at(t.args[1], TIMES), w:at(t.args[2], TIMES + 1)), CALL
end

ops.inverse = writer.call "xp.linalg.inv(%1)"
ops.solve = writer.call "xp.linalg.solve(%1, %2)"

ops["matrix power"] = function(w, t)
  local k = t.args[2]
  local exponent = is_whole(k) and w:at(k) or "int(" .. w:at(k) .. ")"
  return ("xp.linalg.matrix_power(%s, %s)"):format(w:at(t.args[1]), exponent), CALL
end

function ops.eye(w, t)
  return ("xp.eye(%s%s)"):format(size(t.rows), w.target.dtype), CALL
end

local function filled(name)
  return function(w, t)
    if is_flat(t) then
      return ("xp.%s(%s%s)"):format(name, size(t.rows == "1" and t.cols or t.rows), w.target.dtype), CALL
    elseif kind(t) == "scalar" then
      return name == "ones" and "1.0" or "0.0", ATOM
    end
    return ("xp.%s((%s, %s)%s)"):format(name, size(t.rows), size(t.cols), w.target.dtype), CALL
  end
end
ops.ones, ops.zeros = filled "ones", filled "zeros"

function ops.call(w, t)
  return ("%s(%s)"):format(t.name, w:at(t.args[1])), CALL
end

function ops.counter(w, t)
  return w.names[t] or t.name, ATOM
end

-- ---------------------------------------------------------------------------------------------- operators

for name, format in pairs {
  sum = "xp.sum(%1)",
  norm2 = "xp.linalg.norm(%1)",
  norm1 = "xp.sum(xp.abs(%1))",
  tr = "xp.trace(%1)",
  det = "xp.linalg.det(%1)",
  logdet = "xp.linalg.slogdet(%1)[1]",
  diag = "xp.diag(%1)",
  diagv = "xp.diag(%1)",
  tril = "xp.tril(%1)",
  triu = "xp.triu(%1)",
  cross = "xp.cross(%1, %2)",
  pinv = "xp.linalg.pinv(%1)",
  max = "xp.max(%1)",
  exp = "xp.exp(%1)",
  log = "xp.log(%1)",
  sin = "xp.sin(%1)",
  cos = "xp.cos(%1)",
  tan = "xp.tan(%1)",
  sinh = "xp.sinh(%1)",
  cosh = "xp.cosh(%1)",
  tanh = "xp.tanh(%1)",
  asin = "xp.arcsin(%1)",
  acos = "xp.arccos(%1)",
  atan = "xp.arctan(%1)",
  asinh = "xp.arcsinh(%1)",
  acosh = "xp.arccosh(%1)",
  atanh = "xp.arctanh(%1)",
  expm1 = "xp.expm1(%1)",
  log1p = "xp.log1p(%1)",
  prod = "xp.prod(%1)",
  chol = "xp.linalg.cholesky(%1)",
  sqrt = "xp.sqrt(%1)",
  abs = "xp.abs(%1)",
  sign = "xp.sign(%1)",
  relu = "xp.maximum(%1, 0)",
  softplus = "xp.logaddexp(0, %1)",
} do
  operators[name] = writer.call(format)
end
for name, helper in pairs {
  softmax = "_softmax",
  logsumexp = "_logsumexp",
  argmax = "_argmax",
  sigmoid = "_sigmoid",
  hat = "_hat",
  vee = "_vee",
  diagonalsums = "_diagonal_sums",
} do
  operators[name] = writer.call(helper .. "(%1)", helper)
end
operators.khatrirao = function(w, t)
  w:need "_khatrirao"
  return ("_khatrirao(%s, %s)"):format(w.target.square(w, t.args[1]), w.target.square(w, t.args[2])), CALL
end
operators.K = writer.call("_commutation(%1, %2)", "_commutation")
operators.Dup = writer.call("_duplication(%1)", "_duplication")
operators.Elim = writer.call("_elimination(%1)", "_elimination")
operators.diagonals = writer.call("_diagonals(%1)", "_diagonals")

operators.sec = function(w, t)
  return "1 / xp.cos(" .. w:at(t.args[1]) .. ")", TIMES
end
operators.step = function(w, t)
  return "0.5 * (1 + xp.sign(" .. w:at(t.args[1]) .. "))", TIMES
end
operators.pi = function()
  return "xp.pi", CALL
end
operators.adj = function(w, t)
  local a = w:at(t.args[1])
  return ("xp.linalg.det(%s) * xp.linalg.inv(%s)"):format(a, a), TIMES
end

-- A matrix of two dimensions, of an argument that may be a vector.
local function square(w, t)
  if kind(t) == "column" then
    return w:at(t, CALL) .. "[:, None]"
  elseif kind(t) == "row" then
    return w:at(t, CALL) .. "[None, :]"
  end
  return w:at(t)
end

-- A text of two dimensions, made one-dimensional where the term is a vector.
local function flattened(t, text)
  return is_flat(t) and text .. ".ravel()" or text
end

function operators.kron(w, t)
  local a, b = t.args[1], t.args[2]
  if kind(a) == "scalar" or kind(b) == "scalar" then
    return w:at(a, TIMES) .. " * " .. w:at(b, TIMES + 1), TIMES
  elseif kind(a) == kind(b) then
    return ("xp.kron(%s, %s)"):format(w:at(a), w:at(b)), CALL
  end
  return flattened(t, ("xp.kron(%s, %s)"):format(square(w, a), square(w, b))), CALL
end

M.kron = operators.kron

function operators.vec(w, t)
  if kind(t.args[1]) ~= "matrix" then
    return w:text(t.args[1])
  end
  return w:at(t.args[1], CALL) .. ".T.reshape(-1)", CALL
end

function operators.unvec(w, t)
  if is_flat(t) then
    return w:text(t.args[1])
  end
  return ("%s.reshape(%s, %s).T"):format(w:at(t.args[1], CALL), size(t.cols), size(t.rows)), CALL
end

function operators.vech(w, t)
  local a = w:at(t.args[1], CALL)
  return ("%s.T[xp.triu_indices(%s)]"):format(a, size(t.args[1].rows)), CALL
end

-- An index, counted from 0.
local function index(w, t)
  if t.op == "number" then
    return tostring(math.tointeger(tonumber(t.num)) - 1)
  elseif is_whole(t) then
    return w:at(t, SUM) .. " - 1"
  end
  return "int(" .. w:at(t) .. ") - 1"
end

function operators.entry(w, t)
  local a, i, j = t.args[1], t.args[2], t.args[3]
  if kind(a) == "scalar" then
    return w:text(a)
  elseif kind(a) == "column" then
    return ("%s[%s]"):format(w:at(a, CALL), index(w, i)), CALL
  elseif kind(a) == "row" then
    return ("%s[%s]"):format(w:at(a, CALL), index(w, j)), CALL
  end
  return ("%s[%s, %s]"):format(w:at(a, CALL), index(w, i), index(w, j)), CALL
end

function operators.E(w, t)
  w:need "_unit"
  local a = t.args
  local text = ("_unit(%s, %s, %s, %s)"):format(w:at(a[1]), w:at(a[2]), size(t.rows), size(t.cols))
  return flattened(t, text), CALL
end

function operators.eigval(w, t)
  return ("xp.linalg.eigvalsh(%s)[::-1][%s]"):format(w:at(t.args[1]), index(w, t.args[2])), CALL
end

function operators.eigvec(w, t)
  return ("xp.linalg.eigh(%s)[1][:, ::-1][:, %s]"):format(w:at(t.args[1]), index(w, t.args[2])), CALL
end

--- Functions of each entry that NumPy leaves to SciPy: the names in its module.
M.special = {
  erf = "erf(%1)",
  erfc = "erfc(%1)",
  lgamma = "gammaln(%1)",
  digamma = "digamma(%1)",
  trigamma = "polygamma(1, %1)",
}
for name, format in pairs(M.special) do
  operators[name] = writer.call("scipy.special." .. format, "import scipy.special")
end

-- Functions of a matrix: SciPy has them.
for _, name in ipairs { "expm", "logm", "sqrtm", "sinm", "cosm" } do
  operators[name] = writer.call("scipy.linalg." .. name .. "(%1)", "import scipy.linalg")
end

function operators.frechet(w, t)
  w:need "import scipy.linalg"
  w:need "_frechet"
  return ("_frechet(scipy.linalg.%s, %s, %s)"):format(t.args[1].name, w:at(t.args[2]), w:at(t.args[3])), CALL
end

function operators.frechetn(w, t)
  w:need "import scipy.linalg"
  w:need "_frechet_n"
  local X, H, k = w:at(t.args[2]), w:at(t.args[3]), w:at(t.args[4])
  return ("_frechet_n(scipy.linalg.%s, %s, %s, %s)"):format(t.args[1].name, X, H, k), CALL
end

function operators.care(w, t)
  w:need "import scipy.linalg"
  w:need "_care"
  return ("_care(%s, %s, %s)"):format(w:at(t.args[1]), w:at(t.args[2]), w:at(t.args[3])), CALL
end

operators.dare = writer.call("scipy.linalg.solve_discrete_are(%1, %2, %3, %4)", "import scipy.linalg")

function operators.frechetmatrix(w, t)
  w:need "import scipy.linalg"
  w:need "_frechet"
  w:need "_frechet_matrix"
  return ("_frechet_matrix(scipy.linalg.%s, %s)"):format(t.args[1].name, w:at(t.args[2])), CALL
end

-- Take operators away that a language does not have.
local function without(target, names)
  for name in names:gmatch "%S+" do
    rawset(target.operators, name, false)
  end
end

--- A target of this family, from what is its own.
function M.target(own)
  local target = setmetatable(
    own,
    { __index = { dtype = "", divided = " / ", helpers = require "nabla.code.targets.python_helpers" } }
  )
  target.ops = setmetatable(own.ops or {}, { __index = ops })
  target.operators = setmetatable(own.operators or {}, { __index = operators })
  target.size, target.number, target.square, target.is_flat = size, number, square, is_flat
  target.index, target.without = index, without
  return target
end

return M
