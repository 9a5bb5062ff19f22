--- Fortran 2018 with LAPACK: a module. Vectors are arrays of one dimension.
--
-- @module nabla.code.targets.fortran

local checks = require "nabla.code.check"
local functions = require "nabla.code.function"
local helpers = require "nabla.code.targets.fortran_helpers"
local python = require "nabla.code.targets.python_expressions"
local terms = require "nabla.code.terms"
local writer = require "nabla.code.writer"

local kind = terms.kind
local TIMES = writer.TIMES
local POWER, CALL, ATOM = writer.POWER, writer.CALL, writer.ATOM

-- Words, the names of the module and of its procedures, and the functions of the language that the text calls.
local RESERVED = [[
  dp exported value_and_gradient hessian hessian_times check_gradient size real integer external call if else end do
  matmul transpose reshape spread sum product maxval maxloc max min abs exp log sqrt sin cos tan sinh cosh tanh asin acos
  atan asinh acosh atanh erf erfc gamma log_gamma norm2 dot_product merge nint trim write error stop return result
  epsilon]]

local target = {
  naming = { reserved = RESERVED, first = "[%a]", longest = 63, folds_case = true },
  title = "Fortran",
  indent = "    ",
  comment = "  ! ",
  indent_comment = "",
  divided = "/",
  loop_end = "end do",
  writes_outputs = true,
  converts_counters = true, -- in a formula they are real numbers
  ops = {},
  operators = {},
  helpers = helpers.text,
  needs = helpers.needs,
}

local function size(text)
  return (text:gsub("%^", "**"))
end
target.size = size

local function is_flat(t)
  local k = kind(t)
  return k == "column" or k == "row"
end

local function number(num, den)
  local text = python.number(num, den)
  if text:find "/" then
    return ("(%s.0_dp/%s.0_dp)"):format(num, den)
  end
  return (text:find "%." and text or text .. ".0") .. "_dp"
end

local function length(t)
  return size(t.rows == "1" and t.cols or t.rows)
end

-- ---------------------------------------------------------------------------------------------- expressions

local ops, operators = target.ops, target.operators

function ops.number(_, t)
  local text = number(t.num, t.den)
  return t.num:sub(1, 1) == "-" and "(" .. text .. ")" or text, ATOM
end

function ops.size(_, t)
  return ("real(%s, dp)"):format(size(t.text)), CALL
end

-- A number beside an array goes with each of its entries by itself.
function ops.sum(w, t)
  local sorted = writer.positive_first(t)
  local arrays = 0
  for _, a in ipairs(t.args) do
    arrays = arrays + (a.op ~= "spread" and 1 or 0)
  end
  for i, a in ipairs(sorted.args) do
    sorted.args[i] = arrays > 0 and a.op == "spread" and not w.names[a] and a.args[1] or a
  end
  return writer.sum(number, "*")(w, sorted)
end

local function filled(t, text)
  if kind(t) == "matrix" then
    return ("spread(spread(%s, 1, %s), 2, %s)"):format(text, size(t.rows), size(t.cols)), CALL
  end
  return ("spread(%s, 1, %s)"):format(text, length(t)), CALL
end

function ops.spread(w, t)
  return filled(t, w:at(t.args[1]))
end

for name, value in pairs { ones = "1.0_dp", zeros = "0.0_dp" } do
  ops[name] = function(_, t)
    if kind(t) == "scalar" then
      return value, ATOM
    end
    return filled(t, value)
  end
end

ops.times = writer.infix("*", TIMES)
ops.scale = writer.infix("*", TIMES)
ops.hadamard = writer.infix("*", TIMES)

function ops.power(w, t)
  local base, exponent = t.args[1], t.args[2]
  if exponent.op == "number" and exponent.den == "1" then
    local text, k = w:at(base, POWER + 1), exponent.num
    if k:sub(1, 1) == "-" then
      return "1.0_dp/" .. text .. (k == "-1" and "" or "**" .. k:sub(2)), TIMES
    end
    return text .. "**" .. k, POWER
  elseif exponent.op == "number" and exponent.num == "1" and exponent.den == "2" then
    return "sqrt(" .. w:at(base) .. ")", CALL
  end
  return w:at(base, POWER + 1) .. "**" .. w:at(exponent, POWER + 1), POWER
end

function ops.transpose(w, t)
  if is_flat(t) then
    return w:text(t.args[1])
  end
  return ("transpose(%s)"):format(w:at(t.args[1])), CALL
end

function ops.product(w, t)
  local a, b = t.args[1], t.args[2]
  local call = "matmul"
  if kind(t) == "scalar" then
    call = "dot_product"
  elseif kind(a) == "column" then
    call = "outer"
    w:need "outer"
  end
  return ("%s(%s, %s)"):format(call, w:at(a), w:at(b)), CALL
end

function ops.dot(w, t)
  if is_flat(t.args[1]) then
    return ("dot_product(%s, %s)"):format(w:at(t.args[1]), w:at(t.args[2])), CALL
  end
  return ("sum(%s*%s)"):format(w:at(t.args[1], TIMES), w:at(t.args[2], TIMES + 1)), CALL
end

function ops.inverse(w, t)
  local called = t.spd and "inverse_spd" or "inverse"
  w:need(called)
  return ("%s(%s)"):format(called, w:at(t.args[1])), CALL
end

function ops.solve(w, t)
  local called = (t.spd and "solve_spd" or "solve") .. (is_flat(t.args[2]) and "_vector" or "_matrix")
  w:need(called)
  return ("%s(%s, %s)"):format(called, w:at(t.args[1]), w:at(t.args[2])), CALL
end

local function whole(w, t)
  if t.op == "number" and t.den == "1" then
    return t.num
  elseif t.op == "size" then
    return size(t.text)
  elseif t.op == "counter" then
    return w.names[t]
  end
  return "nint(" .. w:at(t) .. ")"
end

ops["matrix power"] = function(w, t)
  w:need "matrix_power"
  return ("matrix_power(%s, %s)"):format(w:at(t.args[1]), whole(w, t.args[2])), CALL
end

function ops.eye(w, t)
  w:need "identity"
  return ("identity(%s)"):format(size(t.rows)), CALL
end

function ops.counter(w, t)
  return ("real(%s, dp)"):format(w.names[t]), CALL
end

-- ---------------------------------------------------------------------------------------------- operators

for name in ("exp log sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh sqrt abs erf erfc"):gmatch "%S+" do
  operators[name] = writer.call(name .. "(%1)")
end
operators.lgamma = writer.call "log_gamma(%1)"
operators.relu = writer.call "max(%1, 0.0_dp)"
operators.sec = function(w, t)
  return "1.0_dp/cos(" .. w:at(t.args[1]) .. ")", TIMES
end
operators.pi = function()
  return "3.14159265358979323846_dp", ATOM
end
for name, called in pairs { sign = "sign_of", step = "step_of", sigmoid = "sigmoid", softplus = "softplus" } do
  operators[name] = writer.call(called .. "(%1)", called)
end

for name, f in pairs {
  sum = { "sum(%s)", "%s" },
  norm2 = { "norm2(%s)", "abs(%s)" },
  norm1 = { "sum(abs(%s))", "abs(%s)" },
  max = { "maxval(%s)", "%s" },
} do
  operators[name] = function(w, t)
    return f[kind(t.args[1]) == "scalar" and 2 or 1]:format(w:at(t.args[1])), CALL
  end
end

-- A matrix of two dimensions, of an argument that may be a vector or a number.
local function square(w, t)
  local k = kind(t)
  if k == "matrix" then
    return w:at(t)
  elseif k == "scalar" then
    return ("reshape([%s], [1, 1])"):format(w:at(t))
  end
  local n = length(t)
  return k == "column" and ("reshape(%s, [%s, 1])"):format(w:at(t), n) or ("reshape(%s, [1, %s])"):format(w:at(t), n)
end

local function vector(w, t)
  local k = kind(t)
  if k == "scalar" then
    return "[" .. w:at(t) .. "]"
  end
  return w:at(t)
end

-- A text of two dimensions, as the term has them.
local function as(t, text, found)
  if found == "m" and is_flat(t) then
    return ("reshape(%s, [%s])"):format(text, length(t)), CALL
  elseif found == "m" and kind(t) == "scalar" or found == "v" and kind(t) == "scalar" then
    return ("sum(%s)"):format(text), CALL
  end
  return text, CALL
end

local FORMS = { m = square, v = vector, i = whole }

-- operator -> { helper, its arguments, what it gives }: m matrix, v vector, i whole number, s number.
for name, h in pairs {
  tr = { "trace", "m", "s" },
  det = { "determinant", "m", "s" },
  diag = { "diagonal", "v", "m" },
  diagv = { "diagonal_of", "m", "v" },
  tril = { "lower_triangle", "m", "m" },
  triu = { "upper_triangle", "m", "m" },
  vech = { "vech", "m", "v" },
  kron = { "kron", "mm", "m" },
  khatrirao = { "khatrirao", "mm", "m" },
  softmax = { "softmax", "v", "v" },
  logsumexp = { "logsumexp", "v", "s" },
  argmax = { "argmax_unit", "v", "v" },
  hat = { "hat", "v", "m" },
  vee = { "vee", "m", "v" },
  cross = { "cross_product", "vv", "v" },
  adj = { "adjugate", "m", "m" },
  eigval = { "eigval", "mi", "s" },
  eigvec = { "eigvec", "mi", "v" },
  pinv = { "pseudo_inverse", "m", "m" },
  K = { "commutation", "ii", "m" },
  Dup = { "duplication", "i", "m" },
  Elim = { "elimination", "i", "m" },
} do
  operators[name] = function(w, t)
    w:need(h[1])
    local args = {}
    for i = 1, #h[2] do
      args[i] = FORMS[h[2]:sub(i, i)](w, t.args[i])
    end
    return as(t, ("%s(%s)"):format(h[1], table.concat(args, ", ")), h[3])
  end
end

function operators.logdet(w, t)
  local called = t.spd and "log_det_spd" or "log_abs_det"
  w:need(called)
  return ("%s(%s)"):format(called, square(w, t.args[1])), CALL
end

function operators.vec(w, t)
  if kind(t.args[1]) ~= "matrix" then
    return w:text(t.args[1])
  end
  return ("reshape(%s, [%s])"):format(w:at(t.args[1]), size(t.rows)), CALL
end

function operators.unvec(w, t)
  if is_flat(t) or kind(t) == "scalar" then
    return w:text(t.args[1])
  end
  return ("reshape(%s, [%s, %s])"):format(vector(w, t.args[1]), size(t.rows), size(t.cols)), CALL
end

function operators.E(w, t)
  w:need "unit"
  local i, j = whole(w, t.args[1]), whole(w, t.args[2])
  return as(t, ("unit(%s, %s, %s, %s)"):format(i, j, size(t.rows), size(t.cols)), "m")
end

function operators.entry(w, t)
  local a = t.args[1]
  local k = kind(a)
  if k == "scalar" then
    return w:text(a)
  end
  local place = k == "matrix" and whole(w, t.args[2]) .. ", " .. whole(w, t.args[3])
    or whole(w, t.args[k == "column" and 2 or 3])
  if w.names[a] then
    return ("%s(%s)"):format(w.names[a], place), CALL
  end
  local called = k == "matrix" and "entry" or "entry_of"
  w:need(called)
  return ("%s(%s, %s)"):format(called, w:at(a), place), CALL
end

-- ---------------------------------------------------------------------------------------------- functions

local DIMENSIONS = { scalar = "", column = "(:)", row = "(:)", matrix = "(:, :)" }
target.DIMENSIONS = DIMENSIONS

function target.assign(name, text)
  return name .. " = " .. text
end

function target.add(name, text)
  return ("%s = %s + %s"):format(name, name, text)
end

function target.zero(w, t)
  return (ops.zeros(w, t))
end

function target.loop(counter, _, _, w, t)
  return ("do %s = %s, %s"):format(counter, whole(w, t.args[1]), whole(w, t.args[2]))
end

function target.open(f, parameters)
  local list = table.move(parameters, 1, #parameters, 1, {})
  table.move(f.outputs, 1, #f.outputs, #list + 1, list)
  return { ("  subroutine %s(%s)"):format(f.name, table.concat(list, ", ")) }
end

local function declare(kind_of, more, name)
  return ("    real(dp)%s :: %s%s"):format(more, name, DIMENSIONS[kind_of])
end

--- The declarations of the parameters.
function target.declare_inputs(f)
  local out = {}
  for _, input in ipairs(f.inputs) do
    out[#out + 1] = declare(input.kind, ", intent(in)", input.text)
  end
  for _, name in ipairs(f.given_sizes) do
    out[#out + 1] = "    integer, intent(in) :: " .. name
  end
  return out
end

function target.declarations(f, w)
  local out = target.declare_inputs(f)
  local outputs = {}
  for i, t in ipairs(f.roots) do
    outputs[f.outputs[i]] = true
    local allocatable = kind(t) ~= "scalar" and ", allocatable" or ""
    out[#out + 1] = declare(kind(t), allocatable .. ", intent(out)", f.outputs[i])
  end
  local whole_numbers = {}
  for _, s in ipairs(f.sizes) do
    whole_numbers[#whole_numbers + 1] = s.name
  end
  local known, lines = {}, {}
  for _, name in ipairs(w.order) do
    local t = w.term_of[name]
    if t.op == "counter" then
      if not known[name] then
        whole_numbers[#whole_numbers + 1] = name
      end
      known[name] = true
    elseif not outputs[name] then
      lines[#lines + 1] = declare(kind(t), kind(t) == "scalar" and "" or ", allocatable", name)
    end
  end
  if #whole_numbers > 0 then
    out[#out + 1] = "    integer :: " .. table.concat(whole_numbers, ", ")
  end
  return table.move(lines, 1, #lines, #out + 1, out)
end

local function extent(input, axis)
  return ("size(%s%s)"):format(input.text, input.kind == "matrix" and ", " .. (axis + 1) or "")
end

function target.entry(f, need)
  local out = {}
  for _, s in ipairs(f.sizes) do
    out[#out + 1] = ("    %s = %s"):format(s.name, extent(s.input, s.axis))
  end
  for _, c in ipairs(f.checks) do
    if c.input.kind == "matrix" or c.size ~= "1" then
      need "check_size"
      out[#out + 1] = ('    call check_size("%s", %s, %s)'):format(c.input.name, extent(c.input, c.axis), size(c.size))
    end
  end
  return out
end

function target.close(f, w)
  local out = {}
  for i, t in ipairs(f.roots) do
    local text = w:at(t)
    if text ~= f.outputs[i] then
      out[#out + 1] = ("    %s = %s"):format(f.outputs[i], text)
    end
  end
  out[#out + 1] = "  end subroutine " .. f.name
  return out
end

local CHECK = [[
  ! The largest difference between the gradient and central differences of the value.
  subroutine check_gradient(PARAMETERS, LARGEST)
DECLARED
    real(dp), intent(out) :: LARGEST
    real(dp), parameter :: STEP = 1.0e-6_dp
    real(dp) :: ABOVE, BELOW
?scalar     real(dp) :: GRADIENT, DIFFERENCE
?vector     real(dp), allocatable :: GRADIENT(:), GIVEN(:), POINT(:)
?vector     integer :: I
?matrix     real(dp), allocatable :: GRADIENT(:, :), GIVEN(:, :), POINT(:, :)
?matrix     integer :: I, J
?scalar     call value_and_gradient(RAISED, ABOVE, GRADIENT)
?scalar     call value_and_gradient(LOWERED, BELOW, GRADIENT)
?scalar     DIFFERENCE = (ABOVE - BELOW)/(2*STEP)
?scalar     call value_and_gradient(PARAMETERS, ABOVE, GRADIENT)
?scalar     LARGEST = abs(DIFFERENCE - GRADIENT)
?!scalar     call value_and_gradient(PARAMETERS, ABOVE, GRADIENT)
?turned     GRADIENT = transpose(GRADIENT)
?!scalar     LARGEST = 0
?vector     do I = 1, size(VARIABLE)
?vector       POINT = VARIABLE
?vector       POINT(I) = VARIABLE(I) + STEP
?vector       call value_and_gradient(RAISED, ABOVE, GIVEN)
?vector       POINT(I) = VARIABLE(I) - STEP
?vector       call value_and_gradient(RAISED, BELOW, GIVEN)
?vector       LARGEST = max(LARGEST, abs((ABOVE - BELOW)/(2*STEP) - GRADIENT(I)))
?vector     end do
?matrix     do J = 1, size(VARIABLE, 2)
?matrix       do I = 1, size(VARIABLE, 1)
?matrix         POINT = VARIABLE
?matrix         POINT(I, J) = VARIABLE(I, J) + STEP
?symmetric         POINT(J, I) = POINT(I, J)
?matrix         call value_and_gradient(RAISED, ABOVE, GIVEN)
?matrix         POINT(I, J) = VARIABLE(I, J) - STEP
?symmetric         POINT(J, I) = POINT(I, J)
?matrix         call value_and_gradient(RAISED, BELOW, GIVEN)
?matrix         BELOW = (ABOVE - BELOW)/(2*STEP) - GRADIENT(I, J)
?symmetric         if (I /= J) BELOW = BELOW - GRADIENT(J, I)
?matrix         LARGEST = max(LARGEST, abs(BELOW))
?matrix       end do
?matrix     end do
  end subroutine check_gradient]]

function target.check(f, check)
  local at = checks.of(f, check)
  local is_scalar, names, x = at.kind == "scalar", at.names, at.input.text
  return checks.fill(at, CHECK, {
    DECLARED = table.concat(target.declare_inputs(f), "\n"),
    PARAMETERS = table.concat(at.parameters, ", "),
    RAISED = checks.with(at, is_scalar and x .. " + " .. names.STEP or names.POINT),
    LOWERED = checks.with(at, is_scalar and x .. " - " .. names.STEP or names.POINT),
  })
end

local WIDEST = 120 -- the language reads 132 columns

-- A long line is broken at a space or behind a comma.
local function broken(line)
  if #line <= WIDEST or line:find "^%s*!" then
    return line
  end
  local out, indent = {}, line:match "^%s*"
  while #line > WIDEST do
    local at = line:sub(1, WIDEST):match "^.*()[ ,*]" or WIDEST
    out[#out + 1] = line:sub(1, at) .. " &"
    line = indent .. "  " .. line:sub(at + 1)
  end
  out[#out + 1] = line
  return table.concat(out, "\n")
end

function target.write(list, check)
  local text, helper_text = functions.write(target, list, check)
  local names = {}
  for i, f in ipairs(list) do
    names[i] = f.name
  end
  if check then
    names[#names + 1] = "check_gradient"
  end
  local head = "module exported\n  implicit none\n  private\n  integer, parameter :: dp = kind(1.0d0)\n  public :: "
    .. table.concat(names, ", ")
    .. "\ncontains\n\n"
  return (head .. text .. helper_text .. "end module exported\n"):gsub("[^\n]+", broken)
end

return target
