--- MATLAB and Octave. Vectors are columns.
--
-- @module nabla.code.targets.octave

local checks = require "nabla.code.check"
local functions = require "nabla.code.function"
local python = require "nabla.code.targets.python_expressions"
local terms = require "nabla.code.terms"
local writer = require "nabla.code.writer"

local kind = terms.kind
local SUM, TIMES, SIGN = writer.SUM, writer.TIMES, writer.SIGN
local POWER, CALL, ATOM = writer.POWER, writer.CALL, writer.ATOM

local RESERVED = [[
  break case catch classdef continue do else elseif end endfunction endif endwhile enumeration for function global if
  methods otherwise parfor persistent properties return spmd switch try until while
  eye ones zeros inv norm trace det sum diag kron reshape exp log pi size sqrt
  abs max min lu norm expm logm sqrtm real isvector numel assert sort eig chol sin cos tan tril triu cross pinv]]

local target = {
  naming = { reserved = RESERVED, first = "[%a]", longest = 63 },
  title = "Octave and MATLAB",
  indent = "  ",
  comment = "% ",
  indent_comment = "",
  comment_inside = true,
  divided = "/",
  loop_end = "end",
  writes_outputs = true,
  ops = {},
  operators = {},
  helpers = {},
}

local function size(text)
  return text
end
target.size = size
local number = python.number

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
ops.product = writer.infix("*", TIMES)
ops.hadamard = writer.infix(".*", TIMES)

function ops.power(w, t)
  local base, exponent = t.args[1], t.args[2]
  local dot = kind(t) == "scalar" and "" or "."
  if exponent.op == "number" and exponent.num == "-1" and exponent.den == "1" then
    return "1" .. dot .. "/" .. w:at(base, POWER), TIMES
  elseif exponent.op == "number" and exponent.num == "1" and exponent.den == "2" then
    return "sqrt(" .. w:at(base) .. ")", CALL
  end
  return w:at(base, POWER + 1) .. dot .. "^" .. w:at(exponent, POWER + 1), POWER
end

ops.transpose = writer.postfix("%1'", CALL)
ops.dot = writer.call "sum(sum(%1.*%2))"

function ops.dot(w, t)
  return ("sum(sum(%s.*%s))"):format(w:at(t.args[1], TIMES), w:at(t.args[2], TIMES + 1)), CALL
end

-- Where a matrix is positive definite, by its factor of Cholesky.
target.helpers.solve_spd = [[
function r = solve_spd(A, b)
  R = chol(A);
  r = R\(R'\b);
end
]]
target.helpers.log_det_spd = [[
function r = log_det_spd(A)
  r = 2*sum(log(diag(chol(A))));
end
]]

function ops.inverse(w, t)
  if t.spd then
    w:need "solve_spd"
    return ("solve_spd(%s, eye(%s))"):format(w:at(t.args[1]), t.rows), CALL
  end
  return ("inv(%s)"):format(w:at(t.args[1])), CALL
end

function ops.solve(w, t)
  if t.spd then
    w:need "solve_spd"
    return ("solve_spd(%s, %s)"):format(w:at(t.args[1]), w:at(t.args[2])), CALL
  end
  return w:at(t.args[1], CALL) .. "\\" .. w:at(t.args[2], CALL), TIMES
end

ops["matrix power"] = function(w, t)
  return w:at(t.args[1], POWER + 1) .. "^" .. w:at(t.args[2], POWER + 1), POWER
end

function ops.eye(_, t)
  return ("eye(%s)"):format(t.rows), CALL
end

for _, name in ipairs { "ones", "zeros" } do
  ops[name] = function(_, t)
    return ("%s(%s, %s)"):format(name, t.rows, t.cols), CALL
  end
end

function ops.call(w, t)
  return ("%s(%s)"):format(t.name, w:at(t.args[1])), CALL
end

-- ---------------------------------------------------------------------------------------------- operators

local function helper(name, parameters, body)
  target.helpers[name] = ("function r = %s(%s)\n  %s\nend\n"):format(name, parameters, body:gsub("\n", "\n  "))
end

for name, format in pairs {
  sum = "sum(sum(%1))",
  norm2 = "norm(%1, 'fro')",
  norm1 = "sum(sum(abs(%1)))",
  tr = "trace(%1)",
  det = "det(%1)",
  diag = "diag(%1)",
  diagv = "diag(%1)",
  tril = "tril(%1)",
  triu = "triu(%1)",
  cross = "cross(%1, %2)",
  pinv = "pinv(%1)",
  kron = "kron(%1, %2)",
  max = "max(%1)",
  vec = "reshape(%1, [], 1)",
  unvec = "reshape(%1, %m, %n)",
  exp = "exp(%1)",
  log = "log(%1)",
  sin = "sin(%1)",
  cos = "cos(%1)",
  tan = "tan(%1)",
  sec = "sec(%1)",
  sinh = "sinh(%1)",
  cosh = "cosh(%1)",
  tanh = "tanh(%1)",
  asin = "asin(%1)",
  acos = "acos(%1)",
  atan = "atan(%1)",
  sqrt = "sqrt(%1)",
  abs = "abs(%1)",
  sign = "sign(%1)",
  relu = "max(%1, 0)",
  erf = "erf(%1)",
  log1p = "log1p(%1)",
  expm1 = "expm1(%1)",
  expm = "expm(%1)",
  logm = "logm(%1)",
  sqrtm = "sqrtm(%1)",
} do
  operators[name] = writer.call(format)
end

-- name of an operator -> { helper, its parameters, its body }
for name, h in pairs {
  logdet = { "log_abs_det(%1)", "A", "[~, U, ~] = lu(A);\nr = sum(log(abs(diag(U))));" },
  sigmoid = { "sigmoid(%1)", "x", "r = 0.5*(1 + tanh(0.5*x));" },
  softplus = { "softplus(%1)", "x", "r = max(x, 0) + log1p(exp(-abs(x)));" },
  softmax = { "softmax(%1)", "x", "r = exp(x - max(x));\nr = r/sum(r);" },
  logsumexp = { "logsumexp(%1)", "x", "r = max(x) + log(sum(exp(x - max(x))));" },
  argmax = { "argmax_unit(%1)", "x", "[~, k] = max(x);\nr = zeros(size(x));\nr(k) = 1;" },
  vech = { "vech(%1)", "A", "r = A(tril(true(size(A))));" },
  hat = { "hat(%1)", "x", "r = [0, -x(3), x(2); x(3), 0, -x(1); -x(2), x(1), 0];" },
  vee = { "vee(%1)", "A", "r = [A(3,2) - A(2,3); A(1,3) - A(3,1); A(2,1) - A(1,2)]/2;" },
  adj = { "adjugate(%1)", "A", "r = det(A)*inv(A);" },
  entry = { "entry(%1, %2, %3)", "A, i, j", "r = A(i,j);" },
  sinm = { "sinm(%1)", "A", "r = real((expm(1i*A) - expm(-1i*A))/2i);" },
  cosm = { "cosm(%1)", "A", "r = real((expm(1i*A) + expm(-1i*A))/2);" },
  care = {
    "stable_care(%1, %2, %3)",
    "A, S, Q",
    "n = size(A, 1);\n[V, D] = eig([A, -S; -Q, -A']);\nV = V(:, real(diag(D)) < 0);\n"
      .. "r = real(V(n+1:end, :)/V(1:n, :));",
  },
  dare = {
    "stable_dare(%1, %2, %3, %4)",
    "A, B, Q, R",
    "n = size(A, 1);\nI = eye(n);\nO = zeros(n);\n[V, D] = eig([A, O; -Q, I], [I, B*(R\\B'); O, A']);\n"
      .. "V = V(:, abs(diag(D)) < 1);\nr = real(V(n+1:end, :)/V(1:n, :));",
  },
  eigval = { "eigval(%1, %2)", "A, k", "r = sort(eig((A + A')/2), 'descend');\nr = r(k);" },
  eigvec = {
    "eigvec(%1, %2)",
    "A, k",
    "[V, D] = eig((A + A')/2);\n[~, p] = sort(diag(D), 'descend');\nr = V(:, p(k));",
  },
  khatrirao = {
    "khatrirao(%1, %2)",
    "A, B",
    "r = zeros(rows(A)*rows(B), columns(A));\nfor k = 1:columns(A)\n  r(:,k) = kron(A(:,k), B(:,k));\nend",
  },
  K = {
    "commutation(%1, %2)",
    "m, n",
    "p = reshape(1:m*n, m, n)';\nr = eye(m*n);\nr = r(p(:), :);",
  },
  Dup = {
    "duplication(%1)",
    "n",
    "r = zeros(n^2, n*(n+1)/2);\nk = 0;\nfor j = 1:n\n  for i = j:n\n    k = k + 1;\n"
      .. "    r(i + (j-1)*n, k) = 1;\n    r(j + (i-1)*n, k) = 1;\n  end\nend",
  },
  Elim = {
    "elimination(%1)",
    "n",
    "r = eye(n^2);\nr = r(tril(true(n))(:), :);",
  },
  diagonals = {
    "diagonals(%1)",
    "n",
    "r = zeros(2*n-1, n^2);\nfor j = 1:n\n  for i = 1:n\n    r(n + i - j, i + (j-1)*n) = 1;\n  end\nend",
  },
  diagonalsums = {
    "diagonal_sums(%1)",
    "A",
    "n = size(A, 1);\nr = zeros(n);\nfor j = 1:n\n  for i = 1:n\n    r(i,j) = sum(diag(A, j - i));\n  end\nend",
  },
} do
  local called = h[1]:match "^[%w_]+"
  helper(called, h[2], (h[3]:gsub("rows%(", "size1("):gsub("columns%(", "size2(")))
  operators[name] = writer.call(h[1], called)
end
local khatrirao = target.helpers.khatrirao:gsub("size1%((%a)%)", "size(%1, 1)")
target.helpers.khatrirao = khatrirao:gsub("size2%((%a)%)", "size(%1, 2)")
target.helpers.elimination = target.helpers.elimination:gsub("r = r%(tril.-;", "k = tril(true(n));\n  r = r(k(:), :);")

local log_abs_det = operators.logdet
function operators.logdet(w, t)
  if not t.spd then
    return log_abs_det(w, t)
  end
  w:need "log_det_spd"
  return ("log_det_spd(%s)"):format(w:at(t.args[1])), CALL
end

operators.step = function(w, t)
  return "0.5*(1 + sign(" .. w:at(t.args[1]) .. "))", TIMES
end
operators.pi = function()
  return "pi", ATOM
end
helper("unit", "i, j, m, n", "r = zeros(m, n);\nr(i,j) = 1;")
operators.E = writer.call("unit(%1, %2, %m, %n)", "unit")
helper("frechet", "f, X, H", "n = size(X, 1);\nr = f([X, H; zeros(n), X]);\nr = r(1:n, n+1:end);")
helper(
  "frechet_n",
  "f, X, H, k",
  "n = size(X, 1);\nr = f(kron(eye(k+1), X) + kron(diag(ones(k, 1), 1), H));\nr = factorial(k)*r(1:n, end-n+1:end);"
)
helper(
  "frechet_matrix",
  "f, X",
  "n = size(X, 1);\nr = zeros(n^2);\nfor k = 1:n^2\n  H = zeros(n);\n  H(k) = 1;\n"
    .. "  r(:,k) = reshape(frechet(f, X, H), [], 1);\nend"
)
local FRECHET = {
  frechet = "frechet(@%s, %s, %s)",
  frechetn = "frechet_n(@%s, %s, %s, %s)",
  frechetmatrix = "frechet_matrix(@%s, %s)",
}
for name, form in pairs(FRECHET) do
  operators[name] = function(w, t)
    w:need(name == "frechetn" and "frechet_n" or "frechet")
    if name == "frechetmatrix" then
      w:need "frechet_matrix"
    end
    local f = t.args[1].name
    if f == "sinm" or f == "cosm" then
      w:need(f)
    end
    return form:format(f, w:at(t.args[2]), t.args[3] and w:at(t.args[3]), t.args[4] and w:at(t.args[4])), CALL
  end
end

-- ---------------------------------------------------------------------------------------------- functions

function target.assign(name, text)
  return name .. " = " .. text .. ";"
end

function target.add(name, text)
  return ("%s = %s + %s;"):format(name, name, text)
end

function target.zero(_, t)
  return kind(t) == "scalar" and "0" or ("zeros(%s, %s)"):format(t.rows, t.cols)
end

function target.loop(counter, first, last)
  return ("for %s = %s:%s"):format(counter, first, last)
end

function target.open(f, parameters)
  local results = #f.outputs > 1 and "[" .. table.concat(f.outputs, ", ") .. "]" or f.outputs[1]
  return { ("function %s = %s(%s)"):format(results, f.name, table.concat(parameters, ", ")) }
end

function target.entry(f)
  local out = {}
  local function add(...)
    out[#out + 1] = "  " .. (...):format(select(2, ...))
  end
  for _, input in ipairs(f.inputs) do
    local name = input.text
    if input.kind == "scalar" then
      add("assert(numel(%s) == 1, '%s is a scalar');", name, name)
    elseif input.kind ~= "matrix" then
      add("assert(isvector(%s), '%s is a vector');", name, name)
      add(input.kind == "row" and "%s = reshape(%s, 1, []);" or "%s = reshape(%s, [], 1);", name, name)
    end
  end
  for _, s in ipairs(f.sizes) do
    add("%s = size(%s, %d);", s.name, s.input.text, s.axis + 1)
  end
  for _, c in ipairs(f.checks) do
    local name, axis = c.input.text, c.axis + 1
    add(
      "assert(size(%s, %d) == %s, '%s has a wrong number of %s: %%d; %s%%d expected', size(%s, %d), %s);",
      name,
      axis,
      c.size,
      name,
      axis == 1 and "rows" or "columns",
      tonumber(c.size) and "" or c.size .. " = ",
      name,
      axis,
      c.size
    )
  end
  return out
end

function target.close(f, w)
  local out = {}
  for i, t in ipairs(f.roots) do
    local text = w:at(t)
    if text ~= f.outputs[i] then
      out[#out + 1] = ("  %s = %s;"):format(f.outputs[i], text)
    end
  end
  out[#out + 1] = "end"
  return out
end

local CHECK = [[
function LARGEST = check_gradient(PARAMETERS)
% The largest difference between the gradient and central differences of the value.
  STEP = 1e-6;
  [~, GRADIENT] = value_and_gradient(PARAMETERS);
?turned   GRADIENT = GRADIENT';
  POINT = VARIABLE;
  LARGEST = 0;
  for K = 1:numel(POINT)
    DIFFERENCE = zeros(size(POINT));
    DIFFERENCE(K) = STEP;
?symmetric     DIFFERENCE = max(DIFFERENCE, DIFFERENCE');
    VARIABLE = POINT + DIFFERENCE;
    ABOVE = value_and_gradient(PARAMETERS);
    VARIABLE = POINT - DIFFERENCE;
    BELOW = value_and_gradient(PARAMETERS);
    VALUE = sum(GRADIENT(DIFFERENCE ~= 0));
    LARGEST = max(LARGEST, abs((ABOVE - BELOW)/(2*STEP) - VALUE));
  end
end]]

function target.check(f, check)
  local at = checks.of(f, check)
  return checks.fill(at, CHECK, { PARAMETERS = table.concat(at.parameters, ", ") })
end

--- The text of functions as a language writes them that is this one but for some of its ways.
function target.write_as(language, list, check)
  local text, helpers = functions.write(language, list, check)
  return text .. helpers
end

function target.write(list, check)
  return target.write_as(target, list, check)
end

return target
