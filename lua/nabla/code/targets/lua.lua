--- Lua with nabla.matrix. Vectors are matrices of one column or one row, scalars are numbers.
--
-- @module nabla.code.targets.lua

local checks = require "nabla.code.check"
local functions = require "nabla.code.function"
local python = require "nabla.code.targets.python_expressions"
local terms = require "nabla.code.terms"
local writer = require "nabla.code.writer"

local kind, number = terms.kind, python.number
local SUM, TIMES, SIGN = writer.SUM, writer.TIMES, writer.SIGN
local POWER, CALL, ATOM = writer.POWER, writer.CALL, writer.ATOM

local RESERVED = [[
  and break do else elseif end false for function goto if in local nil not or repeat return then true until while
  math matrix string table error type assert tonumber tostring ipairs pairs select more M]]

local target = {
  naming = { reserved = RESERVED },
  title = "Lua with nabla.matrix",
  indent = "  ",
  comment = "-- ",
  indent_comment = "",
  divided = "/",
  loop_end = "end",
  ops = {},
  operators = {},
  helpers = {},
  needs = {}, -- of a helper: the helpers that it calls
}

-- Whole numbers are divided without a rest.
local function size(text)
  return (text:gsub("/", "//"))
end
target.size = size

-- ---------------------------------------------------------------------------------------------- expressions

local ops, operators, helpers = target.ops, target.operators, target.helpers

function ops.number(_, t)
  return number(t.num, t.den), t.num:sub(1, 1) == "-" and SIGN or ATOM
end

function ops.size(_, t)
  return size(t.text), t.text:find "[^%w_]" and SUM or ATOM
end

ops.sum = function(w, t)
  return writer.sum(number, "*")(w, writer.positive_first(t))
end

function ops.spread(w, t)
  return ("%s*matrix.ones(%s, %s)"):format(w:at(t.args[1], TIMES), size(t.rows), size(t.cols)), TIMES
end

ops.times = writer.infix("*", TIMES)
ops.scale = writer.infix("*", TIMES)

-- A product of a row and a column is a number.
function ops.product(w, t)
  local text = w:at(t.args[1], TIMES) .. "*" .. w:at(t.args[2], TIMES + 1)
  if kind(t) == "scalar" then
    return "(" .. text .. ")[1]", CALL
  end
  return text, TIMES
end

helpers.hadamard = [[
local function hadamard(a, b, ...)
  local r = matrix.build(a.rows, a.cols, function(i, j) return a(i, j)*b(i, j) end)
  return ... and hadamard(r, ...) or r
end
]]
ops.hadamard = function(w, t)
  w:need "hadamard"
  local parts = {}
  for i, a in ipairs(t.args) do
    parts[i] = w:at(a)
  end
  return ("hadamard(%s)"):format(table.concat(parts, ", ")), CALL
end

helpers.power = [[
local function power(a, b)
  local base = type(a) == "number" and function() return a end or a
  local exponent = type(b) == "number" and function() return b end or b
  local sizes = type(a) == "number" and b or a
  return matrix.build(sizes.rows, sizes.cols, function(i, j) return base(i, j)^exponent(i, j) end)
end
]]
function ops.power(w, t)
  local base, exponent = t.args[1], t.args[2]
  if kind(t) ~= "scalar" then
    w:need "power"
    return ("power(%s, %s)"):format(w:at(base), w:at(exponent)), CALL
  elseif exponent.op == "number" and exponent.num == "1" and exponent.den == "2" then
    return "math.sqrt(" .. w:at(base) .. ")", CALL
  end
  return w:at(base, POWER + 1) .. "^" .. w:at(exponent, POWER + 1), POWER
end

ops.transpose = writer.postfix "%1.T"
ops.inverse = writer.postfix("%1^-1", POWER)
function ops.inverse(w, t)
  return w:at(t.args[1], POWER + 1) .. "^-1", POWER
end

helpers.dot = [[
local function dot(a, b)
  local r = 0
  for k = 1, #a do r = r + a[k]*b[k] end
  return r
end
]]
ops.dot = writer.call("dot(%1, %2)", "dot")

-- The product with an inverse is a solution of a linear system there.
function ops.solve(w, t)
  return w:at(t.args[1], POWER + 1) .. "^-1*" .. w:at(t.args[2], TIMES + 1), TIMES
end

helpers.whole = [[
local function whole(k)
  return math.tointeger(k) or error("a whole number was expected, found " .. k, 2)
end
]]
local function whole(w, t)
  if t.op == "size" or t.op == "counter" then
    return w:at(t)
  elseif t.op == "number" and t.den == "1" then
    return t.num
  end
  w:need "whole"
  return "whole(" .. w:at(t) .. ")"
end

ops["matrix power"] = function(w, t)
  return ("%s^%s"):format(w:at(t.args[1], POWER + 1), whole(w, t.args[2])), POWER
end

function ops.eye(_, t)
  return ("matrix.eye(%s)"):format(size(t.rows)), CALL
end

for _, name in ipairs { "ones", "zeros" } do
  ops[name] = function(_, t)
    if kind(t) == "scalar" then
      return name == "ones" and "1" or "0", ATOM
    end
    return ("matrix.%s(%s, %s)"):format(name, size(t.rows), size(t.cols)), CALL
  end
end

function ops.call(w, t)
  return ("%s(%s)"):format(t.name, w:at(t.args[1])), CALL
end

-- ---------------------------------------------------------------------------------------------- functions of each entry

local function entrywise(name, scalar, helper, needs)
  if helper then
    helpers[scalar], target.needs[scalar] = helper, needs
  end
  operators[name] = function(w, t)
    if helper then
      w:need(scalar)
    end
    if kind(t) == "scalar" then
      return ("%s(%s)"):format(scalar, w:at(t.args[1])), CALL
    end
    return ("%s:map(%s)"):format(w:at(t.args[1], CALL), scalar), CALL
  end
end

for name in ("exp log sin cos tan asin acos atan sqrt abs"):gmatch "%S+" do
  entrywise(name, "math." .. name)
end
for name, body in pairs {
  sec = "1/math.cos(x)",
  sinh = "(math.exp(x) - math.exp(-x))/2",
  cosh = "(math.exp(x) + math.exp(-x))/2",
  sign = "x > 0 and 1 or x < 0 and -1 or 0",
  step = "x > 0 and 1 or x < 0 and 0 or 0.5",
  relu = "x > 0 and x or 0",
  softplus = "math.max(x, 0) + math.log(1 + math.exp(-math.abs(x)))",
} do
  entrywise(name, name, ("local function %s(x)\n  return %s\nend\n"):format(name, body))
end
local TANH = [[
local function tanh(x)
  local e = math.exp(-2*math.abs(x))
  return (x < 0 and -1 or 1)*(1 - e)/(1 + e)
end
]]
entrywise("tanh", "tanh", TANH)
entrywise("sigmoid", "sigmoid", "local function sigmoid(x)\n  return 0.5*(1 + tanh(0.5*x))\nend\n", { "tanh" })

-- ---------------------------------------------------------------------------------------------- operators

helpers.determinant = [[
-- The determinant's sign, and the logarithm of its absolute value, by elimination with pivots.
local function determinant(a)
  local n, rows, sign, log = a.rows, a:table(), 1, 0
  for k = 1, n do
    local p = k
    for i = k + 1, n do
      if math.abs(rows[i][k]) > math.abs(rows[p][k]) then p = i end
    end
    if p ~= k then rows[p], rows[k], sign = rows[k], rows[p], -sign end
    local pivot = rows[k][k]
    if pivot == 0 then return 0, -math.huge end
    sign, log = pivot < 0 and -sign or sign, log + math.log(math.abs(pivot))
    for i = k + 1, n do
      local f = rows[i][k]/pivot
      for j = k + 1, n do rows[i][j] = rows[i][j] - f*rows[k][j] end
    end
  end
  return sign, log
end
]]

-- operator -> { call, its parameters, its body, the helpers that it needs }
for name, h in pairs {
  sum = { "total(%1)", "a", "local r = 0\nfor k = 1, #a do r = r + a[k] end\nreturn r" },
  norm2 = { "norm(%1)", "a", "return math.sqrt(dot(a, a))", { "dot" } },
  norm1 = { "norm1(%1)", "a", "local r = 0\nfor k = 1, #a do r = r + math.abs(a[k]) end\nreturn r" },
  max = { "largest(%1)", "a", "local r = a[1]\nfor k = 2, #a do r = math.max(r, a[k]) end\nreturn r" },
  tr = { "trace(%1)", "a", "local r = 0\nfor i = 1, a.rows do r = r + a(i, i) end\nreturn r" },
  det = { "det(%1)", "a", "local sign, log = determinant(a)\nreturn sign*math.exp(log)", { "determinant" } },
  logdet = { "logdet(%1)", "a", "local _, log = determinant(a)\nreturn log", { "determinant" } },
  diag = {
    "diagonal(%1)",
    "x",
    "return matrix.build(#x, #x, function(i, j) return i == j and x[i] or 0 end)",
  },
  diagv = { "diagonal_of(%1)", "a", "return matrix.build(a.rows, 1, function(i) return a(i, i) end)" },
  tril = {
    "lower(%1)",
    "a",
    "return matrix.build(a.rows, a.cols, function(i, j) return i >= j and a(i, j) or 0 end)",
  },
  triu = {
    "upper(%1)",
    "a",
    "return matrix.build(a.rows, a.cols, function(i, j) return i <= j and a(i, j) or 0 end)",
  },
  vech = {
    "vech(%1)",
    "a",
    "local list = {}\nfor j = 1, a.cols do\n  for i = j, a.rows do list[#list + 1] = a(i, j) end\nend\n"
      .. "return matrix(list)",
  },
  kron = {
    "kron(%1, %2)",
    "a, b",
    "local p, q = b.rows, b.cols\nreturn matrix.build(a.rows*p, a.cols*q, function(i, j)\n"
      .. "  return a((i - 1)//p + 1, (j - 1)//q + 1)*b((i - 1)%p + 1, (j - 1)%q + 1)\nend)",
  },
  khatrirao = {
    "khatrirao(%1, %2)",
    "a, b",
    "local p = b.rows\nreturn matrix.build(a.rows*p, a.cols, function(i, j)\n"
      .. "  return a((i - 1)//p + 1, j)*b((i - 1)%p + 1, j)\nend)",
  },
  softmax = {
    "softmax(%1)",
    "x",
    "local most = largest(x)\nlocal e = x:map(function(t) return math.exp(t - most) end)\nreturn e/total(e)",
    { "largest", "total" },
  },
  logsumexp = {
    "logsumexp(%1)",
    "x",
    "local most = largest(x)\nreturn most + math.log(total(x:map(function(t) return math.exp(t - most) end)))",
    { "largest", "total" },
  },
  argmax = {
    "argmax_unit(%1)",
    "x",
    "local k = 1\nfor i = 2, #x do k = x[i] > x[k] and i or k end\n"
      .. "return matrix.build(#x, 1, function(i) return i == k and 1 or 0 end)",
  },
  hat = { "hat(%1)", "x", "return matrix { { 0, -x[3], x[2] }, { x[3], 0, -x[1] }, { -x[2], x[1], 0 } }" },
  vee = {
    "vee(%1)",
    "a",
    "return matrix { (a(3, 2) - a(2, 3))/2, (a(1, 3) - a(3, 1))/2, (a(2, 1) - a(1, 2))/2 }",
  },
  cross = {
    "cross(%1, %2)",
    "x, y",
    "return matrix { x[2]*y[3] - x[3]*y[2], x[3]*y[1] - x[1]*y[3], x[1]*y[2] - x[2]*y[1] }",
  },
  adj = {
    "adjugate(%1)",
    "a",
    "local sign, log = determinant(a)\nreturn sign*math.exp(log)*a^-1",
    { "determinant" },
  },
  K = {
    "commutation(%1, %2)",
    "m, n",
    "return matrix.build(m*n, m*n, function(i, j)\n"
      .. "  return (i - 1)//n == (j - 1)%m and (i - 1)%n == (j - 1)//m and 1 or 0\nend)",
  },
  Dup = {
    "duplication(%1)",
    "n",
    "local r, k = matrix.zeros(n*n, n*(n + 1)//2), 0\nfor j = 1, n do\n  for i = j, n do\n    k = k + 1\n"
      .. "    r:set(i + (j - 1)*n, k, 1)\n    r:set(j + (i - 1)*n, k, 1)\n  end\nend\nreturn r",
  },
  Elim = {
    "elimination(%1)",
    "n",
    "local r, k = matrix.zeros(n*(n + 1)//2, n*n), 0\nfor j = 1, n do\n  for i = j, n do\n    k = k + 1\n"
      .. "    r:set(k, i + (j - 1)*n, 1)\n  end\nend\nreturn r",
  },
} do
  local called = h[1]:match "^[%w_]+"
  helpers[called] = ("local function %s(%s)\n  %s\nend\n"):format(called, h[2], h[3]:gsub("\n", "\n  "))
  target.needs[called] = h[4]
  local whole_numbers = h[2]:find "^[mn]"
  operators[name] = function(w, t)
    w:need(called)
    local args = {}
    for i, a in ipairs(t.args) do
      local is_scalar = kind(a) == "scalar"
      args[i] = whole_numbers and whole(w, a) or is_scalar and "matrix(" .. w:at(a) .. ")" or w:at(a)
    end
    local list = {}
    for i in h[1]:gmatch "%%(%d)" do
      list[#list + 1] = args[tonumber(i)]
    end
    return ("%s(%s)"):format(called, table.concat(list, ", ")), CALL
  end
end

local SCALAR = { sum = "%s", norm2 = "math.abs(%s)", norm1 = "math.abs(%s)", max = "%s", tr = "%s" }
for name, format in pairs(SCALAR) do
  local plain = operators[name]
  operators[name] = function(w, t)
    if kind(t.args[1]) == "scalar" then
      return format:format(w:at(t.args[1], CALL)), CALL
    end
    return plain(w, t)
  end
end

function operators.vec(w, t)
  return ("%s:reshape(%s, 1)"):format(w:at(t.args[1], CALL), size(t.rows)), CALL
end

function operators.unvec(w, t)
  return ("%s:reshape(%s, %s)"):format(w:at(t.args[1], CALL), size(t.rows), size(t.cols)), CALL
end

helpers.unit = [[
local function unit(i, j, m, n)
  local r = matrix.zeros(m, n)
  r:set(i, j, 1)
  return r
end
]]
function operators.E(w, t)
  w:need "unit"
  return ("unit(%s, %s, %s, %s)"):format(whole(w, t.args[1]), whole(w, t.args[2]), size(t.rows), size(t.cols)), CALL
end

function operators.entry(w, t)
  local a = t.args[1]
  if kind(a) == "scalar" then
    return w:text(a)
  end
  return ("%s(%s, %s)"):format(w:at(a, CALL), whole(w, t.args[2]), whole(w, t.args[3])), CALL
end

operators.pi = function()
  return "math.pi", ATOM
end

-- ---------------------------------------------------------------------------------------------- functions

local MOST_LOCALS = 120 -- Lua has at most 200 in a function

function target.temporary(k)
  return k > MOST_LOCALS and ("more[%d]"):format(k) or "t" .. k
end

function target.assign(name, text)
  return (name:find "%[" and "" or "local ") .. name .. " = " .. text
end

function target.add(name, text)
  return ("%s = %s + %s"):format(name, name, text)
end

function target.zero(w, t)
  return (ops.zeros(w, t))
end

function target.loop(counter, first, last)
  return ("for %s = %s, %s do"):format(counter, first, last)
end

function target.open(f, parameters)
  return { ("function M.%s(%s)"):format(f.name, table.concat(parameters, ", ")) }
end

helpers.number_of = [[
local function number_of(name, x)
  if type(x) ~= "number" and #matrix(x) == 1 then x = matrix(x)[1] end
  return type(x) == "number" and x or error(name .. " is a scalar, found a matrix", 3)
end
]]
helpers.matrix_of = [[
-- A matrix; a vector may be a column or a row.
local function matrix_of(name, x, is_row)
  local a = matrix(x)
  if is_row ~= nil then
    if a.rows ~= 1 and a.cols ~= 1 then
      error(("%s is a vector, found a matrix of %d x %d"):format(name, a.rows, a.cols), 3)
    end
    return a:reshape(is_row and 1 or #a, is_row and #a or 1)
  end
  return a
end
]]
helpers.check_size = [[
local function check_size(name, what, found, expected)
  if found ~= expected then
    error(("%s has %d %s, expected %d"):format(name, found, what, expected), 3)
  end
end
]]

function target.entry(f, need)
  local out = {}
  for _, input in ipairs(f.inputs) do
    local name = input.text
    if input.kind == "scalar" then
      need "number_of"
      out[#out + 1] = ('  %s = number_of("%s", %s)'):format(name, name, name)
    else
      need "matrix_of"
      local more = input.kind == "row" and ", true" or input.kind == "column" and ", false" or ""
      out[#out + 1] = ('  %s = matrix_of("%s", %s%s)'):format(name, name, name, more)
    end
  end
  for _, s in ipairs(f.sizes) do
    out[#out + 1] = ("  local %s = %s.%s"):format(s.name, s.input.text, s.axis == 0 and "rows" or "cols")
  end
  for _, c in ipairs(f.checks) do
    if c.input.kind == "matrix" or c.size ~= "1" then
      need "check_size"
      local which, member = c.axis == 0 and "rows" or "columns", c.axis == 0 and "rows" or "cols"
      local found = c.input.text .. "." .. member
      out[#out + 1] = ('  check_size("%s", "%s", %s, %s)'):format(c.input.text, which, found, size(c.size))
    end
  end
  return out
end

function target.close(f, w)
  local results = {}
  for i, t in ipairs(f.roots) do
    results[i] = w:at(t)
  end
  return { "  return " .. table.concat(results, ", "), "end" }
end

local CHECK = [[
-- The largest difference between the gradient and central differences of the value.
function M.check_gradient(PARAMETERS)
  local STEP = 1e-6
  local POINT, GRADIENT = matrix(VARIABLE), matrix((select(2, M.value_and_gradient(PARAMETERS))))
?turned   GRADIENT = GRADIENT.T
  local LARGEST = 0
  for I = 1, POINT.rows do
?symmetric     for J = 1, I do
?!symmetric     for J = 1, POINT.cols do
      local VALUE = {}
      for K = 1, 2 do
        local GIVEN, DIFFERENCE = POINT:copy(), (3 - 2*K)*STEP
        GIVEN:set(I, J, POINT(I, J) + DIFFERENCE)
?symmetric         GIVEN:set(J, I, POINT(I, J) + DIFFERENCE)
        VALUE[K] = M.value_and_gradient(CHANGED)
      end
?vector       local ABOVE = GRADIENT[POINT.cols == 1 and I or J]
?!vector       local ABOVE = GRADIENT(I, J)
?symmetric       ABOVE = I == J and ABOVE or ABOVE + GRADIENT(J, I)
      LARGEST = math.max(LARGEST, math.abs((VALUE[1] - VALUE[2])/(2*STEP) - ABOVE))
    end
  end
  return LARGEST
end]]

function target.check(f, check)
  local at = checks.of(f, check)
  local changed = checks.with(at, at.kind == "scalar" and at.names.GIVEN .. "[1]" or at.names.GIVEN)
  return checks.fill(at, CHECK, { PARAMETERS = table.concat(at.parameters, ", "), CHANGED = changed, M = "M" })
end

function target.write(list, check)
  local text, helper_text = functions.write(target, list, check)
  text = text:gsub("function M%.[%w_]+%b()\n", function(head)
    return text:find("more[", 1, true) and head .. "  local more = {}\n" or nil
  end)
  return 'local matrix = require "nabla.matrix"\n\nlocal M = {}\n' .. helper_text .. "\n" .. text .. "\nreturn M\n"
end

return target
