--- Julia. Vectors are of the type Vector; a row is the transpose of one.
--
-- There is no Julia among the packages that the tests can install: its text is not run by them.
--
-- @module nabla.code.targets.julia

local checks = require "nabla.code.check"
local functions = require "nabla.code.function"
local python = require "nabla.code.targets.python_expressions"
local terms = require "nabla.code.terms"
local writer = require "nabla.code.writer"

local kind = terms.kind
local SUM, TIMES, SIGN = writer.SUM, writer.TIMES, writer.SIGN
local POWER, CALL, ATOM = writer.POWER, writer.CALL, writer.ATOM

local RESERVED = [[
  baremodule begin break catch const continue do else elseif end export false finally for function global if import let
  local macro module quote return struct true try using while I pi im]]

local target = {
  naming = { reserved = RESERVED, utf8 = true },
  title = "Julia",
  indent = "    ",
  comment = "",
  indent_comment = "",
  divided = " / ",
  loop_end = "end",
  ops = {},
  operators = {},
  helpers = {},
}

-- Whole numbers are divided by div.
local function size(text)
  return (text:gsub("^(.*)/(%d+)$", "div(%1, %2)"))
end
target.size = size
local number = python.number

-- ---------------------------------------------------------------------------------------------- expressions

local ops, operators = target.ops, target.operators

function ops.number(_, t)
  return number(t.num, t.den), t.num:sub(1, 1) == "-" and SIGN or ATOM
end

function ops.size(_, t)
  return size(t.text), t.text:find "[^%w_]" and SUM or ATOM
end

ops.sum = function(w, t)
  return writer.sum(number, " * ")(w, writer.positive_first(t))
end

-- A number for each entry.
function ops.spread(w, t)
  local k = kind(t)
  local n = size(k == "row" and t.cols or t.rows)
  local s = w:at(t.args[1])
  if k == "matrix" then
    return ("fill(%s, %s, %s)"):format(s, n, size(t.cols)), CALL
  end
  return ("fill(%s, %s)"):format(s, n) .. (k == "row" and "'" or ""), CALL
end

ops.times = writer.infix(" * ", TIMES)
ops.scale = writer.infix(" * ", TIMES)
ops.product = writer.infix(" * ", TIMES)
ops.hadamard = writer.infix(" .* ", TIMES)

function ops.power(w, t)
  local base, exponent = t.args[1], t.args[2]
  local dot = kind(t) == "scalar" and "" or "."
  if exponent.op == "number" and exponent.num == "-1" and exponent.den == "1" then
    return "1 " .. dot .. "/ " .. w:at(base, POWER), TIMES
  elseif exponent.op == "number" and exponent.num == "1" and exponent.den == "2" then
    return "sqrt" .. dot .. "(" .. w:at(base) .. ")", CALL
  end
  return w:at(base, POWER + 1) .. (dot == "" and "^" or " .^ ") .. w:at(exponent, POWER + 1), POWER
end

ops.transpose = writer.postfix "%1'"
ops.dot = writer.call "dot(%1, %2)"
ops.inverse = writer.call "inv(%1)"

function ops.solve(w, t)
  local A = w:at(t.args[1], CALL)
  return (t.spd and "cholesky(Symmetric(" .. w:at(t.args[1]) .. "))" or A) .. " \\ " .. w:at(t.args[2], CALL), TIMES
end

ops["matrix power"] = function(w, t)
  return w:at(t.args[1], POWER + 1) .. "^" .. w:at(t.args[2], POWER + 1), POWER
end

function ops.eye(_, t)
  return ("Matrix(1.0I, %s, %s)"):format(size(t.rows), size(t.rows)), CALL
end

for _, name in ipairs { "ones", "zeros" } do
  ops[name] = function(_, t)
    local k = kind(t)
    if k == "scalar" then
      return name == "ones" and "1.0" or "0.0", ATOM
    elseif k == "matrix" then
      return ("%s(%s, %s)"):format(name, size(t.rows), size(t.cols)), CALL
    end
    return ("%s(%s)"):format(name, size(k == "row" and t.cols or t.rows)) .. (k == "row" and "'" or ""), CALL
  end
end

function ops.call(w, t)
  return ("%s(%s)"):format(t.name, w:at(t.args[1])), CALL
end

-- ---------------------------------------------------------------------------------------------- operators

for name in ("exp log sin cos tan sec sinh cosh tanh asin acos atan sqrt abs sign log1p expm1"):gmatch "%S+" do
  operators[name] = function(w, t)
    return name .. (kind(t) == "scalar" and "(" or ".(") .. w:at(t.args[1]) .. ")", CALL
  end
end

-- Functions of a number, applied to each entry.
for name, body in pairs {
  relu = "max(x, 0)",
  step = "0.5 * (1 + sign(x))",
  sigmoid = "0.5 * (1 + tanh(0.5 * x))",
  softplus = "max(x, 0) + log1p(exp(-abs(x)))",
} do
  target.helpers[name] = ("%s(x) = %s\n"):format(name, body)
  operators[name] = function(w, t)
    w:need(name)
    return name .. (kind(t) == "scalar" and "(" or ".(") .. w:at(t.args[1]) .. ")", CALL
  end
end

for name, format in pairs {
  sum = "sum(%1)",
  norm2 = "norm(%1)",
  norm1 = "sum(abs, %1)",
  tr = "tr(%1)",
  det = "det(%1)",
  logdet = "logabsdet(%1)[1]",
  diag = "diagm(%1)",
  diagv = "diag(%1)",
  tril = "tril(%1)",
  triu = "triu(%1)",
  cross = "cross(%1, %2)",
  pinv = "pinv(%1)",
  max = "maximum(%1)",
  vec = "vec(%1)",
  unvec = "reshape(%1, %m, %n)",
  kron = "kron(%1, %2)",
  expm = "exp(%1)",
  logm = "log(%1)",
  sqrtm = "sqrt(%1)",
  sinm = "sin(%1)",
  cosm = "cos(%1)",
} do
  operators[name] = writer.call(format)
end

for name, h in pairs {
  softmax = { "softmax(%1)", "softmax(x) = (e = exp.(x .- maximum(x)); e / sum(e))\n" },
  logsumexp = { "logsumexp(%1)", "logsumexp(x) = maximum(x) + log(sum(exp.(x .- maximum(x))))\n" },
  argmax = { "argmax_unit(%1)", "argmax_unit(x) = Float64.(eachindex(x) .== argmax(x))\n" },
  vech = { "vech(%1)", "vech(A) = [A[i, j] for j in axes(A, 2) for i in j:size(A, 1)]\n" },
  hat = { "hat(%1)", "hat(x) = [0 -x[3] x[2]; x[3] 0 -x[1]; -x[2] x[1] 0]\n" },
  vee = { "vee(%1)", "vee(A) = [A[3, 2] - A[2, 3], A[1, 3] - A[3, 1], A[2, 1] - A[1, 2]] / 2\n" },
  adj = { "adjugate(%1)", "adjugate(A) = det(A) * inv(A)\n" },
  eigval = { "eigval(%1, %2)", "eigval(A, k) = eigvals(Symmetric(Matrix(A)))[end + 1 - k]\n" },
  eigvec = { "eigvec(%1, %2)", "eigvec(A, k) = eigvecs(Symmetric(Matrix(A)))[:, end + 1 - k]\n" },
  care = {
    "stable_care(%1, %2, %3)",
    "stable_care(A, S, Q) = (n = size(A, 1); F = eigen([A -S; -Q -A']); V = F.vectors[:, real.(F.values) .< 0]; "
      .. "real(V[n+1:end, :] / V[1:n, :]))\n",
  },
  dare = {
    "stable_dare(%1, %2, %3, %4)",
    "stable_dare(A, B, Q, R) = (n = size(A, 1); E = Matrix(1.0I, n, n); O = zeros(n, n); "
      .. "F = eigen([A O; -Q E], [E B*(R\\B'); O A']); V = F.vectors[:, abs.(F.values) .< 1]; "
      .. "real(V[n+1:end, :] / V[1:n, :]))\n",
  },
  K = {
    "commutation(%1, %2)",
    "commutation(m, n) = Matrix(1.0I, m * n, m * n)[vec(reshape(1:m*n, m, n)'), :]\n",
  },
  Elim = {
    "elimination(%1)",
    "elimination(n) = Matrix(1.0I, n^2, n^2)[[i + (j - 1) * n for j in 1:n for i in j:n], :]\n",
  },
  khatrirao = {
    "khatrirao(%1, %2)",
    "khatrirao(A, B) = reduce(hcat, [kron(A[:, k], B[:, k]) for k in axes(A, 2)])\n",
  },
} do
  local called = h[1]:match "^[%w_]+"
  target.helpers[called] = h[2]
  operators[name] = writer.call(h[1], called)
end

function operators.entry(w, t)
  local a = t.args[1]
  if kind(a) == "scalar" then
    return w:text(a)
  elseif kind(a) == "column" then
    return ("%s[%s]"):format(w:at(a, CALL), w:at(t.args[2])), CALL
  end
  return ("%s[%s, %s]"):format(w:at(a, CALL), w:at(t.args[2]), w:at(t.args[3])), CALL
end

target.helpers.unit = "unit(i, j, m, n) = (E = zeros(m, n); E[i, j] = 1; E)\n"
function operators.E(w, t)
  w:need "unit"
  local text = ("unit(%s, %s, %s, %s)"):format(w:at(t.args[1]), w:at(t.args[2]), size(t.rows), size(t.cols))
  local k = kind(t)
  return k == "column" and "vec(" .. text .. ")" or k == "row" and "vec(" .. text .. ")'" or text, CALL
end

operators.pi = function()
  return "pi", ATOM
end

-- ---------------------------------------------------------------------------------------------- functions

function target.assign(name, text)
  return name .. " = " .. text
end

function target.add(name, text)
  return ("%s += %s"):format(name, text)
end

function target.zero(w, t)
  return (ops.zeros(w, t))
end

function target.loop(counter, first, last)
  return ("for %s in %s:%s"):format(counter, first, last)
end

function target.open(f, parameters)
  return { ("function %s(%s)"):format(f.name, table.concat(parameters, ", ")) }
end

function target.entry(f)
  local out = {}
  for _, input in ipairs(f.inputs) do
    if input.kind == "column" then
      out[#out + 1] = ("    %s = vec(%s)"):format(input.text, input.text)
    elseif input.kind == "row" then
      out[#out + 1] = ("    %s = vec(%s)'"):format(input.text, input.text)
    end
  end
  for _, s in ipairs(f.sizes) do
    out[#out + 1] = ("    %s = size(%s, %d)"):format(s.name, s.input.text, s.axis + 1)
  end
  for _, c in ipairs(f.checks) do
    if c.input.kind == "matrix" or c.size ~= "1" then
      local which = c.axis == 0 and "rows" or "columns"
      local extent = ("size(%s, %d)"):format(c.input.text, c.axis + 1)
      local wanted = tonumber(c.size) and c.size or ("%s = $(%s)"):format(c.size, size(c.size))
      local form = "%s has a wrong number of %s: $(%s); %s expected"
      local message = form:format(c.input.text, which, extent, wanted)
      out[#out + 1] = ('    %s == %s || throw(DimensionMismatch("%s"))'):format(extent, size(c.size), message)
    end
  end
  return out
end

function target.close(f, w)
  local results = {}
  for i, t in ipairs(f.roots) do
    results[i] = w:at(t)
  end
  return { "    return " .. table.concat(results, ", "), "end" }
end

-- The description is a string before the function.
local CHECK = [[
"""
The largest difference between the gradient and central differences of the value.
"""
function check_gradient(PARAMETERS)
    STEP = 1e-6
    GRADIENT = value_and_gradient(PARAMETERS)[2]
?turned     GRADIENT = Matrix(GRADIENT')
    POINT = VARIABLE
    LARGEST = 0.0
    for K in eachindex(POINT)
?scalar         DIFFERENCE = STEP
?!scalar         DIFFERENCE = zero(float(POINT))
?!scalar         DIFFERENCE[K] = STEP
?symmetric         DIFFERENCE = max.(DIFFERENCE, DIFFERENCE')
        VARIABLE = POINT + DIFFERENCE
        ABOVE = value_and_gradient(PARAMETERS)[1]
        VARIABLE = POINT - DIFFERENCE
        BELOW = value_and_gradient(PARAMETERS)[1]
?scalar         VALUE = GRADIENT
?!scalar         VALUE = sum(GRADIENT[K] for K in eachindex(DIFFERENCE) if DIFFERENCE[K] != 0)
        LARGEST = max(LARGEST, abs((ABOVE - BELOW) / (2 * STEP) - VALUE))
    end
    return LARGEST
end]]

function target.check(f, check)
  local at = checks.of(f, check)
  return checks.fill(at, CHECK, { PARAMETERS = table.concat(at.parameters, ", ") })
end

--- The text of functions as a language writes them that is this one but for some of its ways.
function target.write_as(language, list, check)
  for _, f in ipairs(list) do
    f.doc = { '"""', table.unpack(f.doc) }
  end
  local text, helpers = functions.write(language, list, check)
  text = text:gsub("([^\n]*)\n(function [%w_]+%()", function(before, head)
    return before == '"""' and before .. "\n" .. head or before .. '\n"""\n' .. head
  end)
  return "using LinearAlgebra\n" .. helpers .. "\n" .. text
end

function target.write(list, check)
  return target.write_as(target, list, check)
end

return target
