--- C++ with Eigen.
--
-- @module nabla.code.targets.cpp

local checks = require "nabla.code.check"
local functions = require "nabla.code.function"
local python = require "nabla.code.targets.python_expressions"
local terms = require "nabla.code.terms"
local writer = require "nabla.code.writer"

local kind = terms.kind
local TIMES, SIGN = writer.TIMES, writer.SIGN
local CALL, ATOM = writer.CALL, writer.ATOM

local RESERVED = [[
  alignas alignof and asm auto bool break case catch char class const constexpr continue decltype default delete do double
  else enum explicit export extern false float for friend goto if inline int long mutable namespace new noexcept not
  nullptr operator or private protected public register return short signed sizeof static struct switch template this
  throw true try typedef typeid typename union unsigned using virtual void volatile while xor Eigen std]]

local TYPES = {
  scalar = "double",
  column = "Eigen::VectorXd",
  row = "Eigen::RowVectorXd",
  matrix = "Eigen::MatrixXd",
}

local target = {
  naming = { reserved = RESERVED, first = "[%a]" },
  title = "C++ with Eigen",
  indent = "  ",
  comment = "// ",
  indent_comment = "",
  divided = " / ",
  loop_end = "}",
  ops = {},
  operators = {},
  helpers = {},
}

-- A size: the division of whole numbers is exact. A square is a product.
local function size(text)
  return (text:gsub("([%w_]+)%^2", "%1*%1"))
end
target.size = size

local function type_of(t)
  return TYPES[kind(t)]
end

-- A number is a double, so that no quotient is one of whole numbers.
local function number(num, den)
  local text = python.number(num, den)
  if text:find "/" then
    return ("(%s.0 / %s.0)"):format(num, den)
  end
  return text:find "[%.e]" and text or text .. ".0"
end

-- ---------------------------------------------------------------------------------------------- expressions

local ops, operators = target.ops, target.operators

function ops.number(_, t)
  return number(t.num, t.den), t.num:sub(1, 1) == "-" and SIGN or ATOM
end

function ops.size(_, t)
  return "double(" .. size(t.text) .. ")", CALL
end

function ops.counter(w, t)
  return w.names[t], ATOM
end

ops.sum = function(w, t)
  return writer.sum(number, " * ")(w, writer.positive_first(t))
end

function ops.spread(w, t)
  local k = kind(t)
  if k == "matrix" then
    return ("Eigen::MatrixXd::Constant(%s, %s, %s)"):format(size(t.rows), size(t.cols), w:at(t.args[1])), CALL
  end
  return ("%s::Constant(%s, %s)"):format(TYPES[k], size(k == "row" and t.cols or t.rows), w:at(t.args[1])), CALL
end

ops.times = writer.infix(" * ", TIMES)
ops.scale = writer.infix(" * ", TIMES)

-- A factor of a product. Eigen 3.4 does not compile a product with a multiple of a constant matrix, unless that is computed first.
local function factor(w, t)
  local text = w:at(t, CALL)
  if not w.names[t] and (text:find "::Constant%(" or text:find "::Ones%(" or text:find "::Zero%(") then
    return ("%s(%s)"):format(type_of(t), w:at(t))
  end
  return text
end

-- The product of a row and a column is a number.
function ops.product(w, t)
  local a, b = factor(w, t.args[1]), factor(w, t.args[2])
  if kind(t) == "scalar" then
    return ("(%s * %s).value()"):format(a, b), CALL
  end
  return a .. " * " .. b, TIMES
end

function ops.hadamard(w, t)
  local text = w:at(t.args[1], CALL)
  for i = 2, #t.args do
    text = ("%s.cwiseProduct(%s)"):format(text, w:at(t.args[i]))
  end
  return text, CALL
end

-- A function of each entry: of a number, and of an array.
local function entrywise(scalar, array)
  return function(w, t)
    if kind(t) == "scalar" then
      return (scalar:gsub("%%1", function()
        return w:at(t.args[1])
      end)), CALL
    end
    local inner = w:at(t.args[1], CALL)
    return (array:gsub("%%1", function()
      return inner .. ".array()"
    end)) .. ".matrix()", CALL
  end
end

function ops.power(w, t)
  local base, exponent = t.args[1], t.args[2]
  if kind(t) == "scalar" then
    if exponent.op == "number" and exponent.num == "2" and exponent.den == "1" and w.names[base] then
      return w:at(base, CALL) .. " * " .. w:at(base, CALL), TIMES
    end
    return ("std::pow(%s, %s)"):format(w:at(base), w:at(exponent)), CALL
  elseif kind(base) == "scalar" then
    return ("(%s * std::log(%s)).array().exp().matrix()"):format(w:at(exponent, CALL), w:at(base)), CALL
  elseif exponent.op == "number" and exponent.den == "1" and exponent.num == "2" then
    return w:at(base, CALL) .. ".array().square().matrix()", CALL
  end
  local power = kind(exponent) == "scalar" and w:at(exponent) or w:at(exponent, CALL) .. ".array()"
  return ("%s.array().pow(%s).matrix()"):format(w:at(base, CALL), power), CALL
end

ops.transpose = writer.postfix "%1.transpose()"
function ops.inverse(w, t)
  local a = w:at(t.args[1], CALL)
  if t.spd then
    return ("%s.llt().solve(Eigen::MatrixXd::Identity(%s, %s))"):format(a, size(t.rows), size(t.rows)), CALL
  end
  return a .. ".inverse()", CALL
end

function ops.dot(w, t)
  return ("%s.cwiseProduct(%s).sum()"):format(w:at(t.args[1], CALL), w:at(t.args[2])), CALL
end

-- With the factor of Cholesky where the matrix is positive definite.
function ops.solve(w, t)
  local factors = t.spd and "llt" or "partialPivLu"
  return ("%s.%s().solve(%s)"):format(w:at(t.args[1], CALL), factors, w:at(t.args[2])), CALL
end

local function whole(w, t)
  if t.op == "number" then
    return t.num
  elseif t.op == "size" then
    return size(t.text)
  elseif t.op == "counter" then
    return w.names[t]
  end
  return "Eigen::Index(" .. w:at(t) .. ")"
end

local function helper(name, text)
  target.helpers[name] = text
end

helper(
  "matrix_power",
  [[
inline Eigen::MatrixXd matrix_power(const Eigen::MatrixXd& A, Eigen::Index k) {
  Eigen::MatrixXd r = Eigen::MatrixXd::Identity(A.rows(), A.cols());
  const Eigen::MatrixXd B = k < 0 ? Eigen::MatrixXd(A.inverse()) : A;
  for (Eigen::Index i = 0; i < (k < 0 ? -k : k); ++i) r *= B;
  return r;
}
]]
)
ops["matrix power"] = function(w, t)
  w:need "matrix_power"
  return ("matrix_power(%s, %s)"):format(w:at(t.args[1]), whole(w, t.args[2])), CALL
end

function ops.eye(_, t)
  return ("Eigen::MatrixXd::Identity(%s, %s)"):format(size(t.rows), size(t.rows)), CALL
end

for name, made in pairs { ones = "Ones", zeros = "Zero" } do
  ops[name] = function(_, t)
    local k = kind(t)
    if k == "scalar" then
      return name == "ones" and "1.0" or "0.0", ATOM
    elseif k == "matrix" then
      return ("Eigen::MatrixXd::%s(%s, %s)"):format(made, size(t.rows), size(t.cols)), CALL
    end
    return ("%s::%s(%s)"):format(TYPES[k], made, size(k == "row" and t.cols or t.rows)), CALL
  end
end

function ops.call(w, t)
  return ("%s(%s)"):format(t.name, w:at(t.args[1])), CALL
end

-- ---------------------------------------------------------------------------------------------- operators

for name, f in pairs {
  exp = { "std::exp(%1)", "%1.exp()" },
  log = { "std::log(%1)", "%1.log()" },
  sin = { "std::sin(%1)", "%1.sin()" },
  cos = { "std::cos(%1)", "%1.cos()" },
  tan = { "std::tan(%1)", "%1.tan()" },
  sec = { "(1.0 / std::cos(%1))", "%1.cos().inverse()" },
  sinh = { "std::sinh(%1)", "%1.sinh()" },
  cosh = { "std::cosh(%1)", "%1.cosh()" },
  tanh = { "std::tanh(%1)", "%1.tanh()" },
  asin = { "std::asin(%1)", "%1.asin()" },
  acos = { "std::acos(%1)", "%1.acos()" },
  atan = { "std::atan(%1)", "%1.atan()" },
  sqrt = { "std::sqrt(%1)", "%1.sqrt()" },
  abs = { "std::abs(%1)", "%1.abs()" },
  relu = { "std::max(%1, 0.0)", "%1.max(0.0)" },
} do
  operators[name] = entrywise(f[1], f[2])
end

-- Functions of a number, which Eigen applies to each entry.
for name, f in pairs {
  sign = { "sign", "(x > 0) - (x < 0)" },
  step = { "step", "0.5 * (1 + (x > 0) - (x < 0))" },
  sigmoid = { "sigmoid", "0.5 * (1 + std::tanh(0.5 * x))" },
  softplus = { "softplus", "std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)))" },
  erf = { "erf", "std::erf(x)" },
  lgamma = { "lgamma", "std::lgamma(x)" },
  log1p = { "log1p", "std::log1p(x)" },
  expm1 = { "expm1", "std::expm1(x)" },
} do
  local called = "entry_" .. f[1]
  helper(called, ("inline double %s(double x) { return %s; }\n"):format(called, f[2]))
  operators[name] = function(w, t)
    w:need(called)
    if kind(t) == "scalar" then
      return ("%s(%s)"):format(called, w:at(t.args[1])), CALL
    end
    return ("%s.unaryExpr(&%s)"):format(w:at(t.args[1], CALL), called), CALL
  end
end

for name, format in pairs {
  sum = "%1.sum()",
  norm2 = "%1.norm()",
  norm1 = "%1.cwiseAbs().sum()",
  tr = "%1.trace()",
  det = "%1.determinant()",
  max = "%1.maxCoeff()",
  diagv = "%1.diagonal()",
  pinv = "%1.completeOrthogonalDecomposition().pseudoInverse()",
} do
  operators[name] = writer.postfix(format)
end

local SCALAR = { sum = "%s", norm2 = "std::abs(%s)", norm1 = "std::abs(%s)", max = "%s" }
for name, format in pairs(SCALAR) do
  local plain = operators[name]
  operators[name] = function(w, t)
    if kind(t.args[1]) == "scalar" then
      return format:format(w:at(t.args[1], CALL)), CALL
    end
    return plain(w, t)
  end
end

local M, V = "const Eigen::MatrixXd& ", "const Eigen::VectorXd& "
local N = "Eigen::Index "

-- operator -> { the helper, the type of its value, its parameters, its body, its arguments: m matrix or vector, i whole number }
for name, h in pairs {
  logdet = {
    "log_abs_det",
    "double",
    M .. "A",
    "return Eigen::MatrixXd(A.partialPivLu().matrixLU()).diagonal().array().abs().log().sum();",
    "m",
  },
  diag = { "diagonal", "Eigen::MatrixXd", V .. "x", "return x.asDiagonal();", "m" },
  tril = { "lower", "Eigen::MatrixXd", M .. "A", "return A.triangularView<Eigen::Lower>();", "m" },
  triu = { "upper", "Eigen::MatrixXd", M .. "A", "return A.triangularView<Eigen::Upper>();", "m" },
  vec = { "vec", "Eigen::VectorXd", M .. "A", "return A.reshaped();", "m" },
  vech = {
    "vech",
    "Eigen::VectorXd",
    M .. "A",
    "const " .. N .. "n = A.rows();\n  Eigen::VectorXd r(n * (n + 1) / 2);\n  " .. N .. "k = 0;\n"
      .. "  for (" .. N .. "j = 0; j < n; ++j)\n    for (" .. N .. "i = j; i < n; ++i) r(k++) = A(i, j);\n  return r;",
    "m",
  },
  kron = {
    "kronecker",
    "Eigen::MatrixXd",
    M .. "A, " .. M .. "B",
    "Eigen::MatrixXd r(A.rows() * B.rows(), A.cols() * B.cols());\n"
      .. "  for (" .. N .. "j = 0; j < A.cols(); ++j)\n    for (" .. N .. "i = 0; i < A.rows(); ++i)\n"
      .. "      r.block(i * B.rows(), j * B.cols(), B.rows(), B.cols()) = A(i, j) * B;\n  return r;",
    "mm",
  },
  khatrirao = {
    "khatrirao",
    "Eigen::MatrixXd",
    M .. "A, " .. M .. "B",
    "Eigen::MatrixXd r(A.rows() * B.rows(), A.cols());\n"
      .. "  for (" .. N .. "k = 0; k < A.cols(); ++k)\n    for (" .. N .. "i = 0; i < A.rows(); ++i)\n"
      .. "      r.block(i * B.rows(), k, B.rows(), 1) = A(i, k) * B.col(k);\n  return r;",
    "mm",
  },
  softmax = {
    "softmax",
    "Eigen::VectorXd",
    V .. "x",
    "const Eigen::VectorXd e = (x.array() - x.maxCoeff()).exp();\n  return e / e.sum();",
    "m",
  },
  logsumexp = {
    "logsumexp",
    "double",
    V .. "x",
    "return x.maxCoeff() + std::log((x.array() - x.maxCoeff()).exp().sum());",
    "m",
  },
  hat = {
    "hat",
    "Eigen::MatrixXd",
    V .. "x",
    "Eigen::MatrixXd r(3, 3);\n  r << 0, -x(2), x(1), x(2), 0, -x(0), -x(1), x(0), 0;\n  return r;",
    "m",
  },
  vee = {
    "vee",
    "Eigen::VectorXd",
    M .. "A",
    "Eigen::VectorXd r(3);\n  r << A(2, 1) - A(1, 2), A(0, 2) - A(2, 0), A(1, 0) - A(0, 1);\n  return r / 2;",
    "m",
  },
  cross = {
    "cross_product",
    "Eigen::VectorXd",
    V .. "x, " .. V .. "y",
    "return Eigen::Vector3d(x).cross(Eigen::Vector3d(y));",
    "mm",
  },
  adj = { "adjugate", "Eigen::MatrixXd", M .. "A", "return A.determinant() * A.inverse();", "m" },
  eigval = {
    "eigval",
    "double",
    M .. "A, " .. N .. "k",
    "return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>((A + A.transpose()) / 2).eigenvalues()(A.rows() - k);",
    "mi",
  },
  eigvec = {
    "eigvec",
    "Eigen::VectorXd",
    M .. "A, " .. N .. "k",
    "return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>((A + A.transpose()) / 2).eigenvectors().col(A.rows() - k);",
    "mi",
  },
  K = {
    "commutation",
    "Eigen::MatrixXd",
    N .. "m, " .. N .. "n",
    "Eigen::MatrixXd r = Eigen::MatrixXd::Zero(m * n, m * n);\n  for (" .. N .. "i = 0; i < m; ++i)\n"
      .. "    for (" .. N .. "j = 0; j < n; ++j) r(i * n + j, j * m + i) = 1;\n  return r;",
    "ii",
  },
  Dup = {
    "duplication",
    "Eigen::MatrixXd",
    N .. "n",
    "Eigen::MatrixXd r = Eigen::MatrixXd::Zero(n * n, n * (n + 1) / 2);\n  " .. N .. "k = 0;\n"
      .. "  for (" .. N .. "j = 0; j < n; ++j)\n    for (" .. N
      .. "i = j; i < n; ++i, ++k) r(i + j * n, k) = r(j + i * n, k) = 1;\n  return r;",
    "i",
  },
  Elim = {
    "elimination",
    "Eigen::MatrixXd",
    N .. "n",
    "Eigen::MatrixXd r = Eigen::MatrixXd::Zero(n * (n + 1) / 2, n * n);\n  " .. N .. "k = 0;\n"
      .. "  for (" .. N .. "j = 0; j < n; ++j)\n    for (" .. N .. "i = j; i < n; ++i, ++k) "
      .. "r(k, i + j * n) = 1;\n  return r;",
    "i",
  },
} do
  helper(h[1], ("inline %s %s(%s) {\n  %s\n}\n"):format(h[2], h[1], h[3], h[4]))
  operators[name] = function(w, t)
    w:need(h[1])
    local args = {}
    for i = 1, #h[5] do
      local a = t.args[i]
      args[i] = h[5]:sub(i, i) == "i" and whole(w, a)
        or kind(a) == "scalar" and ("Eigen::MatrixXd::Constant(1, 1, %s)"):format(w:at(a))
        or w:at(a)
    end
    return ("%s(%s)"):format(h[1], table.concat(args, ", ")), CALL
  end
end

helper(
  "log_det_spd",
  [[
inline double log_det_spd(const Eigen::MatrixXd& A) {
  const Eigen::LLT<Eigen::MatrixXd> factors(A);
  if (factors.info() != Eigen::Success) throw std::domain_error("a matrix is not positive definite");
  return 2 * factors.matrixLLT().diagonal().array().log().sum();
}
]]
)
local log_abs_det = operators.logdet
function operators.logdet(w, t)
  if not t.spd then
    return log_abs_det(w, t)
  end
  w:need "log_det_spd"
  return ("log_det_spd(%s)"):format(w:at(t.args[1])), CALL
end

function operators.unvec(w, t)
  return ("%s.reshaped(%s, %s)"):format(w:at(t.args[1], CALL), size(t.rows), size(t.cols)), CALL
end

helper(
  "unit",
  [[
inline Eigen::MatrixXd unit(Eigen::Index i, Eigen::Index j, Eigen::Index m, Eigen::Index n) {
  Eigen::MatrixXd r = Eigen::MatrixXd::Zero(m, n);
  r(i - 1, j - 1) = 1;
  return r;
}
]]
)
function operators.E(w, t)
  w:need "unit"
  return ("unit(%s, %s, %s, %s)"):format(whole(w, t.args[1]), whole(w, t.args[2]), size(t.rows), size(t.cols)), CALL
end

function operators.entry(w, t)
  local a = t.args[1]
  if kind(a) == "scalar" then
    return w:text(a)
  end
  return ("%s(%s - 1, %s - 1)"):format(w:at(a, CALL), whole(w, t.args[2]), whole(w, t.args[3])), CALL
end

operators.pi = function()
  return "3.14159265358979323846", ATOM
end

-- ---------------------------------------------------------------------------------------------- functions

function target.assign(name, text, t, is_changed)
  return ("%s%s %s = %s;"):format(is_changed and "" or "const ", type_of(t), name, text)
end

function target.add(name, text)
  return ("%s += %s;"):format(name, text)
end

function target.zero(w, t)
  return (ops.zeros(w, t))
end

function target.loop(counter, first, last)
  return ("for (Eigen::Index %s = Eigen::Index(%s); %s <= Eigen::Index(%s); ++%s) {"):format(
    counter,
    first,
    counter,
    last,
    counter
  )
end

local function parameters_of(f)
  local parameters = {}
  for _, input in ipairs(f.inputs) do
    local name = input.kind == "scalar" and "double " or "const " .. TYPES[input.kind] .. "& "
    parameters[#parameters + 1] = name .. input.text
  end
  for _, name in ipairs(f.functions) do
    parameters[#parameters + 1] = "auto " .. name
  end
  for _, name in ipairs(f.given_sizes) do
    parameters[#parameters + 1] = N .. name
  end
  return table.concat(parameters, ", ")
end

function target.open(f)
  local results = {}
  for i, t in ipairs(f.roots) do
    results[i] = type_of(t)
  end
  local result = #results == 1 and results[1] or "std::pair<" .. table.concat(results, ", ") .. ">"
  local head = #f.functions > 0 and "" or "inline "
  return { ("%s%s %s(%s) {"):format(head, result, f.name, parameters_of(f)) }
end

function target.entry(f)
  local out = {}
  for _, s in ipairs(f.sizes) do
    local extent = s.axis == 0 and "rows" or "cols"
    out[#out + 1] = ("  const Eigen::Index %s = %s.%s();"):format(s.name, s.input.text, extent)
  end
  for _, c in ipairs(f.checks) do
    if c.input.kind == "matrix" or c.size ~= "1" then
      local which = c.axis == 0 and "rows" or "columns"
      local extent = c.input.text .. (c.axis == 0 and ".rows()" or ".cols()")
      local name = tonumber(c.size) and "" or c.size .. " = "
      local form = '  if (%s != %s) throw std::invalid_argument("%s has a wrong number of %s: "'
        .. ' + std::to_string(%s) + "; %s" +'
      out[#out + 1] = form:format(extent, size(c.size), c.input.text, which, extent, name)
      out[#out + 1] = ('    std::to_string(%s) + " expected");'):format(size(c.size))
    end
  end
  return out
end

function target.close(f, w)
  local results = {}
  for i, t in ipairs(f.roots) do
    results[i] = w:at(t)
  end
  if #results == 1 then
    return { "  return " .. results[1] .. ";", "}" }
  end
  return { ("  return {%s};"):format(table.concat(results, ", ")), "}" }
end

local CHECK = [[
// The largest difference between the gradient and central differences of the value.
inline double check_gradient(DECLARED) {
  const double STEP = 1e-6;
  auto GRADIENT = value_and_gradient(PARAMETERS).second;
?scalar   const double ABOVE = value_and_gradient(RAISED).first, BELOW = value_and_gradient(LOWERED).first;
?scalar   return std::abs((ABOVE - BELOW) / (2 * STEP) - GRADIENT);
?turned   GRADIENT.transposeInPlace();
?!scalar   double LARGEST = 0;
?!scalar   for (Eigen::Index I = 0; I < VARIABLE.rows(); ++I) {
?!scalar     for (Eigen::Index J = 0; J < VARIABLE.cols(); ++J) {
?!scalar       TYPE POINT = VARIABLE, GIVEN = VARIABLE;
?!scalar       POINT(I, J) += STEP;
?!scalar       GIVEN(I, J) -= STEP;
?symmetric       POINT(J, I) = POINT(I, J);
?symmetric       GIVEN(J, I) = GIVEN(I, J);
?!scalar       const double ABOVE = value_and_gradient(RAISED).first;
?!scalar       const double BELOW = value_and_gradient(LOWERED).first;
?vector       const double VALUE = GRADIENT(I + J);
?matrix ?!symmetric       const double VALUE = GRADIENT(I, J);
?symmetric       const double VALUE = I == J ? GRADIENT(I, J) : GRADIENT(I, J) + GRADIENT(J, I);
?!scalar       LARGEST = std::max(LARGEST, std::abs((ABOVE - BELOW) / (2 * STEP) - VALUE));
?!scalar     }
?!scalar   }
?!scalar   return LARGEST;
}]]

function target.check(f, check)
  local at = checks.of(f, check)
  local is_scalar, names = at.kind == "scalar", at.names
  return checks.fill(at, CHECK, {
    DECLARED = parameters_of(f),
    PARAMETERS = table.concat(at.parameters, ", "),
    TYPE = TYPES[at.kind],
    RAISED = checks.with(at, is_scalar and at.input.text .. " + " .. names.STEP or names.POINT),
    LOWERED = checks.with(at, is_scalar and at.input.text .. " - " .. names.STEP or names.GIVEN),
  })
end

function target.write(list, check)
  local text, helpers = functions.write(target, list, check)
  local head = "#include <algorithm>\n#include <cmath>\n#include <stdexcept>\n#include <string>\n#include <utility>\n\n"
  head = head .. "#include <Eigen/Dense>\n"
  return head .. helpers .. "\n" .. text
end

return target
