--- C with CBLAS and LAPACKE. Matrices lie column after column; vectors are matrices of one column or one row.
--
-- @module nabla.code.targets.c

local checks = require "nabla.code.check"
local functions = require "nabla.code.function"
local helpers = require "nabla.code.targets.c_helpers"
local python = require "nabla.code.targets.python_expressions"
local terms = require "nabla.code.terms"
local writer = require "nabla.code.writer"

local kind = terms.kind
local TIMES, SIGN, CALL, ATOM = writer.TIMES, writer.SIGN, writer.CALL, writer.ATOM

-- Words of the language, names at the head of the file, and the functions and macros of the headers that the text uses.
local RESERVED = [[
  auto break case char const continue default do double else enum extern float for goto if inline int long register
  restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true false
  asm I complex NULL errno assert main matrix block workspace work release fail done make count check give free calloc
  memcpy abs exp log sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh sqrt fabs fmax pow erf erfc lgamma
  log1p expm1 lround lapack_int value_and_gradient check_gradient stdin stdout stderr]]

local target = {
  naming = { reserved = RESERVED, first = "[%a]" },
  title = "C with CBLAS and LAPACKE",
  indent = "  ",
  comment = " * ",
  indent_comment = "",
  divided = " / ",
  loop_end = "}",
  unnamed_results = true,
  converts_counters = true, -- in a formula they are doubles
  ops = {},
  operators = {},
  helpers = helpers.text,
  needs = helpers.needs,
}

-- A size: the division of whole numbers is exact. A square is a product.
local function size(text)
  return (text:gsub("([%w_]+)%^2", "%1*%1"))
end
target.size = size

local function number(num, den)
  local text = python.number(num, den)
  if text:find "/" then
    return ("(%s.0 / %s.0)"):format(num, den)
  end
  return text:find "[%.e]" and text or text .. ".0"
end

-- ---------------------------------------------------------------------------------------------- expressions

local ops, operators = target.ops, target.operators

-- A call of a helper, with the memory of the exported function.
local function call(w, name, ...)
  w:need(name)
  return ("%s(%s)"):format(name, table.concat({ "work", ... }, ", ")), CALL
end

-- The same of helpers that allocate nothing.
local function plain_call(w, name, ...)
  w:need(name)
  return ("%s(%s)"):format(name, table.concat({ ... }, ", ")), CALL
end

function ops.number(_, t)
  return number(t.num, t.den), t.num:sub(1, 1) == "-" and SIGN or ATOM
end

function ops.size(_, t)
  return "(double)(" .. size(t.text) .. ")", SIGN
end

function ops.counter(w, t)
  return "(double)" .. w.names[t], SIGN
end

function ops.sum(w, t)
  local sorted = writer.positive_first(t)
  if kind(t) == "scalar" then
    return writer.sum(number, " * ")(w, sorted)
  end
  local factors = {}
  for i, c in ipairs(sorted.coefficients) do
    factors[i] = number(c:match "^(.-)/(.*)$")
  end
  if #factors == 1 then
    return call(w, "scaled", factors[1], w:at(sorted.args[1]))
  end
  local text = w:at(sorted.args[1])
  for i = 2, #factors do
    text = call(w, "plus", i == 2 and factors[1] or "1.0", text, factors[i], w:at(sorted.args[i]))
  end
  return text, CALL
end

function ops.spread(w, t)
  return call(w, "filled", w:at(t.args[1]), size(t.rows), size(t.cols))
end

for name, value in pairs { ones = "1.0", zeros = "0.0" } do
  ops[name] = function(w, t)
    if kind(t) == "scalar" then
      return value, ATOM
    end
    return call(w, "filled", value, size(t.rows), size(t.cols))
  end
end

ops.times = writer.infix(" * ", TIMES)

function ops.scale(w, t)
  return call(w, "scaled", w:at(t.args[1]), w:at(t.args[2]))
end

-- 'T' and the matrix itself for a transpose that has no name.
local function side(w, t)
  if t.op == "transpose" and not w.names[t] then
    return "'T'", w:at(t.args[1])
  end
  return "'N'", w:at(t)
end

function ops.product(w, t)
  if kind(t) == "scalar" then
    local _, a = side(w, t.args[1]) -- the entries of a row are those of the column
    local _, b = side(w, t.args[2])
    return plain_call(w, "dot", a, b)
  end
  local of_a, a = side(w, t.args[1])
  local of_b, b = side(w, t.args[2])
  return call(w, "product", of_a, a, of_b, b)
end

function ops.dot(w, t)
  return plain_call(w, "dot", w:at(t.args[1]), w:at(t.args[2]))
end

function ops.hadamard(w, t)
  local text = w:at(t.args[1])
  for i = 2, #t.args do
    text = call(w, "hadamard", text, w:at(t.args[i]))
  end
  return text, CALL
end

function ops.power(w, t)
  local base, exponent = t.args[1], t.args[2]
  if kind(t) == "scalar" then
    if exponent.op == "number" and exponent.num == "2" and exponent.den == "1" and w.names[base] then
      return w:at(base) .. " * " .. w:at(base), TIMES
    elseif exponent.op == "number" and exponent.num == "1" and exponent.den == "2" then
      return "sqrt(" .. w:at(base) .. ")", CALL
    end
    return ("pow(%s, %s)"):format(w:at(base), w:at(exponent)), CALL
  elseif kind(base) == "scalar" then
    return call(w, "powers_by", (call(w, "filled", w:at(base), size(t.rows), size(t.cols))), w:at(exponent))
  end
  return call(w, kind(exponent) == "scalar" and "powers" or "powers_by", w:at(base), w:at(exponent))
end

function ops.transpose(w, t)
  return call(w, "transposed", w:at(t.args[1]))
end

function ops.inverse(w, t)
  return call(w, t.spd and "solve_spd" or "solve", w:at(t.args[1]), (call(w, "identity", size(t.rows))))
end

function ops.solve(w, t)
  return call(w, t.spd and "solve_spd" or "solve", w:at(t.args[1]), w:at(t.args[2]))
end

local function whole(w, t)
  if t.op == "number" and t.den == "1" then
    return t.num
  elseif t.op == "size" then
    return size(t.text)
  elseif t.op == "counter" then
    return w.names[t]
  end
  return "(int)lround(" .. w:at(t) .. ")"
end

ops["matrix power"] = function(w, t)
  return call(w, "matrix_power", w:at(t.args[1]), whole(w, t.args[2]))
end

function ops.eye(w, t)
  return call(w, "identity", size(t.rows))
end

-- ---------------------------------------------------------------------------------------------- operators

local function entrywise(name, called, is_helper)
  operators[name] = function(w, t)
    if is_helper then
      w:need(called)
    end
    if kind(t) == "scalar" then
      return ("%s(%s)"):format(called, w:at(t.args[1])), CALL
    end
    return call(w, "map", called, w:at(t.args[1]))
  end
end
local LIBRARY = "exp log sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh sqrt erf erfc lgamma log1p expm1"
for name in LIBRARY:gmatch "%S+" do
  entrywise(name, name)
end
entrywise("abs", "fabs")
for name in ("sec relu sigmoid softplus"):gmatch "%S+" do
  entrywise(name, name, true)
end
entrywise("sign", "sign_of", true)
entrywise("step", "step_of", true)

operators.pi = function()
  return "3.14159265358979323846", ATOM
end

-- A matrix, of an argument that may be a number.
local function as_matrix(w, t)
  return kind(t) == "scalar" and (call(w, "number", w:at(t))) or w:at(t)
end

-- operator -> { helper, its arguments: m matrix, i whole number; does it allocate nothing?; what it is of a number }
for name, h in pairs {
  sum = { "total", "m", true, "%s" },
  norm2 = { "norm", "m", true, "fabs(%s)" },
  norm1 = { "norm1", "m", true, "fabs(%s)" },
  max = { "largest", "m", true, "%s" },
  tr = { "trace", "m", true, "%s" },
  det = { "determinant", "m" },
  diag = { "diagonal", "m" },
  diagv = { "diagonal_of", "m" },
  vech = { "vech", "m" },
  kron = { "kron", "mm" },
  khatrirao = { "khatrirao", "mm" },
  softmax = { "softmax", "m" },
  logsumexp = { "logsumexp", "m", true },
  argmax = { "argmax_unit", "m" },
  hat = { "hat", "m" },
  vee = { "vee", "m" },
  cross = { "cross", "mm" },
  adj = { "adjugate", "m" },
  eigval = { "eigval", "mi" },
  eigvec = { "eigvec", "mi" },
  pinv = { "pseudo_inverse", "m" },
  K = { "commutation", "ii" },
  Dup = { "duplication", "i" },
  Elim = { "elimination", "i" },
} do
  operators[name] = function(w, t)
    if h[4] and kind(t.args[1]) == "scalar" then
      return h[4]:format(w:at(t.args[1], CALL)), CALL
    end
    local args = {}
    for i = 1, #h[2] do
      args[i] = h[2]:sub(i, i) == "i" and whole(w, t.args[i]) or as_matrix(w, t.args[i])
    end
    return (h[3] and plain_call or call)(w, h[1], table.unpack(args))
  end
end

function operators.logdet(w, t)
  return call(w, t.spd and "log_det_spd" or "log_abs_det", as_matrix(w, t.args[1]))
end

function operators.tril(w, t)
  return call(w, "triangle", "1", as_matrix(w, t.args[1]))
end

function operators.triu(w, t)
  return call(w, "triangle", "-1", as_matrix(w, t.args[1]))
end

local function reshaped(w, t)
  return plain_call(w, "reshaped", as_matrix(w, t.args[1]), size(t.rows), size(t.cols))
end
operators.vec, operators.unvec = reshaped, reshaped

function operators.E(w, t)
  return call(w, "unit", whole(w, t.args[1]), whole(w, t.args[2]), size(t.rows), size(t.cols))
end

function operators.entry(w, t)
  if kind(t.args[1]) == "scalar" then
    return w:text(t.args[1])
  end
  return call(w, "entry", w:at(t.args[1]), whole(w, t.args[2]), whole(w, t.args[3]))
end

-- ---------------------------------------------------------------------------------------------- functions

function target.assign(name, text, t, is_changed)
  if kind(t) ~= "scalar" then
    return ("const matrix %s = %s;"):format(name, text)
  elseif is_changed then -- what the terms of a sum need is forgotten after each
    return ("double %s = %s;\n  const block *const %s_mark = work->blocks;"):format(name, text, name)
  end
  return ("const double %s = %s;"):format(name, text)
end

function target.add(name, text, t)
  if kind(t) == "scalar" then
    return ("%s += %s;\n    release(work, %s_mark);"):format(name, text, name)
  end
  return ("add_to(work, %s, %s);"):format(name, text)
end

function target.zero(w, t)
  if kind(t) ~= "scalar" then
    w:need "add_to"
  end
  return (ops.zeros(w, t))
end

function target.loop(counter, _, _, w, t)
  local first, last = whole(w, t.args[1]), whole(w, t.args[2])
  return ("for (int %s = %s; %s <= %s; ++%s) {"):format(counter, first, counter, last, counter)
end

local function parameters_of(f)
  local parameters = {}
  for _, input in ipairs(f.inputs) do
    parameters[#parameters + 1] = (input.kind == "scalar" and "double " or "matrix ") .. input.text
  end
  for _, name in ipairs(f.given_sizes) do
    parameters[#parameters + 1] = "int " .. name
  end
  return parameters
end

function target.open(f)
  local parameters = parameters_of(f)
  for i, t in ipairs(f.roots) do
    parameters[#parameters + 1] = (kind(t) == "scalar" and "double *" or "matrix ") .. f.outputs[i]
  end
  return {
    ("const char *%s(%s) {"):format(f.name, table.concat(parameters, ", ")),
    "  workspace space = { 0 }, *const work = &space;",
    "  if (setjmp(work->out)) return done(work);",
  }
end

function target.entry(f, need)
  local out = {}
  for _, input in ipairs(f.inputs) do
    if input.kind == "column" or input.kind == "row" then
      need "vector"
      local name, is_row = input.text, input.kind == "row" and 1 or 0
      out[#out + 1] = ('  %s = vector(work, %s, %d, "%s is a vector");'):format(name, name, is_row, name)
    end
  end
  for _, s in ipairs(f.sizes) do
    out[#out + 1] = ("  const int %s = %s.%s;"):format(s.name, s.input.text, s.axis == 0 and "rows" or "cols")
  end
  for _, c in ipairs(f.checks) do
    if c.input.kind == "matrix" or c.size ~= "1" then
      local which, member = c.axis == 0 and "rows" or "columns", c.axis == 0 and "rows" or "cols"
      local message = ("%s has a wrong number of %s: %s expected"):format(c.input.text, which, c.size)
      out[#out + 1] = ('  check(work, %s.%s == %s, "%s");'):format(c.input.text, member, size(c.size), message)
    end
  end
  return out
end

function target.close(f, w)
  local out = {}
  for i, t in ipairs(f.roots) do
    if kind(t) == "scalar" then
      out[#out + 1] = ("  *%s = %s;"):format(f.outputs[i], w:at(t))
    else
      local message = ("%s is %s x %s"):format(f.outputs[i], t.rows, t.cols)
      out[#out + 1] = ('  give(work, %s, %s, "%s");'):format(f.outputs[i], w:at(t), message)
    end
  end
  out[#out + 1] = "  return done(work);"
  out[#out + 1] = "}"
  return out
end

local CHECK = [[
/* The largest difference between the gradient and central differences of the value. Returns NULL, or what is wrong. */
const char *check_gradient(DECLARED, double *LARGEST) {
  const double STEP = 1e-6;
  const char *WHY = NULL;
  double ABOVE = 0.0, BELOW = 0.0;
?scalar   double GRADIENT = 0.0;
?scalar   WHY = value_and_gradient(RAISED, &ABOVE, &GRADIENT);
?scalar   if (!WHY) WHY = value_and_gradient(LOWERED, &BELOW, &GRADIENT);
?scalar   const double DIFFERENCE = (ABOVE - BELOW) / (2 * STEP);
?scalar   if (!WHY) WHY = value_and_gradient(PARAMETERS, &ABOVE, &GRADIENT);
?scalar   *LARGEST = fabs(DIFFERENCE - GRADIENT);
?!scalar   const int COUNT = VARIABLE.rows * VARIABLE.cols;
?!scalar   double *DIFFERENCE = malloc(sizeof(double) * 3 * (size_t)(COUNT + 1));
?!scalar   if (!DIFFERENCE) return "not enough memory";
?!scalar   const matrix POINT = { VARIABLE.rows, VARIABLE.cols, DIFFERENCE };
?!scalar   const matrix GRADIENT = { ROWS, COLS, DIFFERENCE + COUNT };
?!scalar   const matrix GIVEN = { ROWS, COLS, DIFFERENCE + 2 * COUNT };
?!scalar   WHY = value_and_gradient(PARAMETERS, &ABOVE, GRADIENT);
?!scalar   *LARGEST = 0.0;
?!scalar   for (int K = 0; K < COUNT && !WHY; ++K) {
?matrix     const int I = K % POINT.rows, J = K / POINT.rows;
?symmetric     const int OTHER = J + I * POINT.rows;
?!scalar     memcpy(POINT.data, VARIABLE.data, sizeof(double) * (size_t)COUNT);
?!scalar     POINT.data[K] += STEP;
?symmetric     POINT.data[OTHER] = POINT.data[K];
?!scalar     WHY = value_and_gradient(RAISED, &ABOVE, GIVEN);
?!scalar     memcpy(POINT.data, VARIABLE.data, sizeof(double) * (size_t)COUNT);
?!scalar     POINT.data[K] -= STEP;
?symmetric     POINT.data[OTHER] = POINT.data[K];
?!scalar     if (!WHY) WHY = value_and_gradient(RAISED, &BELOW, GIVEN);
?vector     const double VALUE = GRADIENT.data[K];
?turned     const double VALUE = GRADIENT.data[J + I * GRADIENT.rows];
?matrix ?!turned ?!symmetric     const double VALUE = GRADIENT.data[I + J * GRADIENT.rows];
?symmetric     const double VALUE = GRADIENT.data[K] + (K == OTHER ? 0.0 : GRADIENT.data[OTHER]);
?!scalar     *LARGEST = fmax(*LARGEST, fabs((ABOVE - BELOW) / (2 * STEP) - VALUE));
?!scalar   }
?!scalar   free(DIFFERENCE);
  return WHY;
}]]

function target.check(f, check)
  local at = checks.of(f, check)
  local is_scalar, names, x = at.kind == "scalar", at.names, at.input.text
  local result = kind(f.roots[2])
  local whole_size = x .. ".rows * " .. x .. ".cols"
  return checks.fill(at, CHECK, {
    DECLARED = table.concat(parameters_of(f), ", "),
    PARAMETERS = table.concat(at.parameters, ", "),
    RAISED = checks.with(at, is_scalar and x .. " + " .. names.STEP or names.POINT),
    LOWERED = checks.with(at, is_scalar and x .. " - " .. names.STEP or names.POINT),
    ROWS =
      result == "column" and whole_size or result == "row" and "1" or at.is_turned and x .. ".cols" or x .. ".rows",
    COLS =
      result == "row" and whole_size or result == "column" and "1" or at.is_turned and x .. ".rows" or x .. ".cols",
    NULL = "NULL",
  })
end

-- The description is one comment, and says how the function is called.
local function described(f)
  local lines = table.move(f.doc, 1, #f.doc, 1, {})
  lines[#lines + 1] = ""
  lines[#lines + 1] = "Returns NULL, or what is wrong."
  for i, t in ipairs(f.roots) do
    local what = kind(t) == "scalar" and "a number" or ("room for %s x %s numbers"):format(t.rows, t.cols)
    lines[#lines + 1] = ("%s: %s"):format(f.outputs[i], what)
  end
  return lines
end

function target.write(list, check)
  for _, f in ipairs(list) do
    f.doc = described(f)
  end
  local text, helper_text = functions.write(target, list, check)
  text = ("\n" .. text):gsub("\n( %*[^\n]*)", function(line)
    return "\n" .. line:gsub("%*/", "* /")
  end)
  text = text:gsub("%f[^\n] %* ", "/* ", 1):gsub("\n\n %* ", "\n\n/* ")
  text = text:gsub("\n( %*[^\n]*)\nconst char", "\n%1 */\nconst char")
  return helpers.head .. helper_text .. text
end

return target
