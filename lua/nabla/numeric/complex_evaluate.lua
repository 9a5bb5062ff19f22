--- The values of expressions at complex numbers.
--
-- What the rule files leave, sums, products, powers, transposes, counted sums, is evaluated here; an operator by its value in
-- nabla.numeric.complex_operators, by the expression that a rule file defines it by, or, where it is linear or its arguments are real,
-- by the program that is compiled for real matrices.
--
-- @module nabla.numeric.complex_evaluate

local complex = require "nabla.numeric.complex_matrix"
local core = require "nabla.core"
local errors = require "nabla.text.errors"
local matrix = require "nabla.numeric.matrix"
local operators = require "nabla.numeric.complex_operators"
local walk = require "nabla.evaluate.walk"

local M = {}
local Evaluation = {}
Evaluation.__index = Evaluation

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds
local LONGEST_SUM = 1000000
local DEEPEST = 100

local function undefined(...)
  error({ trees = true, message = string.format(...) }, 0)
end

-- No value is known, whatever the numbers are.
local function unknown(...)
  error({ trees = true, open = true, status = "rule", message = string.format(...) }, 0)
end

-- ---------------------------------------------------------------------------------------------- operators

-- An operator of matrices of these sizes as a program for real matrices; nil where there is none.
local function program(session, op, args, rows, cols)
  local S, key = session.S, { op.name }
  for i, a in ipairs(args) do
    key[i + 1] = complex.is(a) and a.rows .. "x" .. a.cols or tostring(a)
  end
  key = table.concat(key, " ")
  session.complex_programs = session.complex_programs or {}
  local known = session.complex_programs[key]
  if known == nil then
    local nodes = {}
    for i, a in ipairs(args) do
      if complex.is(a) then
        nodes[i] = S:symbol("Part_" .. i, KIND.matrix, 0, S:dim(a.rows), S:dim(a.cols))
      elseif type(a) == "string" then
        nodes[i] = S:opname(a)
      else
        nodes[i] = op.params[i].dimension and S:dimnode(S:dim(a)) or S:rational(a)
      end
    end
    local made, node = errors.attempt(S.apply, S, op.number, nodes)
    local compile = require "nabla.numeric.compile"
    local ok, F = errors.attempt(compile.compile, session, { made and session:wrap(node) }, { nan = true })
    known = made and ok and F or false
    session.complex_programs[key] = known
  end
  return known or nil, rows, cols
end

-- The value of a program for the parts of the arguments that a function chooses.
local function run(F, args, part)
  local values = {}
  for i, a in ipairs(args) do
    values["Part_" .. i] = complex.is(a) and part(a) or nil
  end
  local ok, v, why = errors.attempt(F, values)
  if not ok or not v then
    undefined("%s", tostring(why or v))
  end
  return matrix(v)
end

local function real_part(a)
  return a.re
end

local function imaginary_part(a)
  return a.im
end

-- By programs for real matrices; nil where that is not possible.
local function by_parts(session, op, args, rows, cols)
  local shaped, real = 0, true
  for _, a in ipairs(args) do
    shaped = shaped + (complex.is(a) and 1 or 0)
    real = real and (not complex.is(a) or a:is_real())
  end
  local linear = shaped == 1 and (op.linear or op.additive or op.entry) or op.jointly_linear
  if not (real or linear) then
    return nil
  end
  local F = program(session, op, args, rows, cols)
  if not F then
    return nil
  end
  local re = run(F, args, real_part)
  return complex.new(re, not real and run(F, args, imaginary_part) or nil)
end

-- Does an operator take matrices as their powers do, with real coefficients?
local function is_of_powers(op)
  local first = op.params[1]
  return op.standard and (op.matrixfunction or first and first.operator and #op.params <= 3 and op.holomorphic)
end

-- A function of powers, by the real matrices [Re, -Im; Im, Re], which multiply as the complex ones do.
local function by_real_matrices(session, op, args, rows, cols)
  local twice = {}
  for i, a in ipairs(args) do
    twice[i] = complex.is(a) and complex.new(complex.as_real(a)) or a
  end
  local F = program(session, op, twice, 2 * rows, 2 * cols)
  return F and complex.of_real(run(F, twice, real_part))
end

--- The value of an operator.
-- @tparam table session
-- @tparam table op the operator
-- @tparam table args its arguments: complex matrices, whole numbers for sizes and indices, texts for names of operators
-- @tparam integer rows of the value
-- @tparam integer cols
function M.apply(session, op, args, rows, cols)
  local entries = op.standard and op.elementwise and operators.entries[op.name]
  local known = op.standard and operators.known[op.name]
  if entries then
    return args[1]:map(entries)
  elseif known then
    return known(table.unpack(args))
  elseif op.body then
    return M.defined(session, op, args)
  end
  return is_of_powers(op) and by_real_matrices(session, op, args, rows, cols)
    or by_parts(session, op, args, rows, cols)
    or unknown("%s has no value at complex numbers", op.shown or op.name)
end

--- The value of the expression that defines a function.
function M.defined(session, op, args)
  local function convert(v, is_size)
    return (is_size or complex.is(v)) and v or complex.new(v)
  end
  local env = walk.definition(session.S, op.body, op.whole, args, convert)
    or undefined "the sizes of the arguments do not fit"
  session.nested_values = (session.nested_values or 0) + 1
  local self = setmetatable({ session = session, S = session.S, values = {}, sizes = {} }, Evaluation)
  local ok, v = errors.attempt(function()
    if session.nested_values > DEEPEST then
      unknown "functions that use each other do not come to an end"
    end
    return self:value(op.body, env)
  end)
  session.nested_values = session.nested_values - 1
  if not ok then
    error(v, 0)
  elseif op.elementwise and #v == 1 and #args[1] > 1 then
    local x, y = v(1, 1)
    return args[1]:map(function()
      return x, y
    end)
  end
  return v
end

-- ---------------------------------------------------------------------------------------------- nodes

function Evaluation:size(dim, env)
  local v, name = walk.size(self, dim, env)
  if not v then
    undefined("the size %s does not follow from the values", tostring(name))
  elseif v < 1 then
    undefined("a size is %d", v)
  end
  return v
end

local function whole(a)
  local k = #a.re == 1 and a.im[1] == 0 and math.tointeger(a.re[1])
  return k or undefined "a size or an index is no whole number"
end

local by_op = {}

function by_op.number(self, id)
  local num, den = self.S:number(id)
  return complex.new(tonumber(num) / tonumber(den))
end

function by_op.symbol(self, id, env)
  local S, v = self.S, env.values[id]
  if v then
    return v
  end
  local name = S:name(id)
  if S:kind(id) == "dimension" then
    return complex.new(env.dims[name] or undefined("the size %s has no value", name))
  end
  return self.values[name] or undefined("%s has no value", name)
end

function by_op.variable(_, id, env)
  return env.values[id] or undefined "a rule's variable has no value"
end

function by_op.sum(_, _, _, a)
  local total
  for i = 1, #a, 2 do
    local term = a[i] * a[i + 1]
    total = total and total + term or term
  end
  return total
end

function by_op.product(_, _, _, a)
  local scalar, chain = a[1], nil
  for i = 2, #a do
    if #a[i] == 1 then
      scalar = scalar * a[i]
    else
      chain = chain and chain * a[i] or a[i]
    end
  end
  return chain and scalar * chain or scalar
end

-- Entry by entry; what is 1 x 1 meets every entry of the other one.
local function entry_powers(a, k)
  local shape = #a.re == 1 and k or a
  return complex.build(shape.rows, shape.cols, function(i, j)
    local x, y = a(#a.re == 1 and 1 or i, #a.re == 1 and 1 or j)
    local u, v = k(#k.re == 1 and 1 or i, #k.re == 1 and 1 or j)
    return operators.power(x, y, u, v)
  end)
end
M.powers = entry_powers

function by_op.power(_, _, _, a)
  if #a[1].re == 1 then
    return entry_powers(a[1], a[2])
  end
  local ok, v = pcall(function()
    return a[1] ^ whole(a[2])
  end)
  return ok and v or undefined "the matrix is singular"
end

by_op.elpower = function(_, _, _, a)
  return entry_powers(a[1], a[2])
end

function by_op.hadamard(_, _, _, a)
  local result = a[1]
  for i = 2, #a do
    result = operators.hadamard(result, a[i])
  end
  return result
end

function by_op.transpose(_, _, _, a)
  return a[1].T
end

function by_op.I(self, id, env)
  return complex.eye(self:size(self.S:rows(id), env))
end

function by_op.zeros(self, id, env)
  return complex.zeros(self:size(self.S:rows(id), env), self:size(self.S:cols(id), env))
end

function by_op.ones(self, id, env)
  return complex.new(matrix.ones(self:size(self.S:rows(id), env), self:size(self.S:cols(id), env)))
end

function by_op.range(self, id, env, a)
  local S = self.S
  local first, last = whole(a[1]), whole(a[2])
  if last - first >= LONGEST_SUM then
    undefined("a counted sum of more than %d terms", LONGEST_SUM)
  end
  local counter = S:symbol(S:name(id), KIND.counter, 0, ONE, ONE)
  local total = complex.zeros(self:size(S:rows(id), env), self:size(S:cols(id), env))
  for i = first, last do
    total = total + self:value(S:args(id)[3], walk.within(env, { [counter] = complex.new(i) }))
  end
  return total
end

by_op["operator name"] = function()
  return complex.new(0) -- an operator that takes one asks for its name
end

-- An operator of a rule file: sizes and indices as whole numbers.
function Evaluation:operator(id, name, env, a)
  local S = self.S
  local op, args = self.session.ops[name] or unknown("there is no operator %s", name), {}
  for i, x in ipairs(S:args(id)) do
    local p = op.params[i]
    if p and p.operator then
      args[i] = S:name(x)
    else
      args[i] = p and (p.dimension or p.index) and whole(a[i]) or a[i]
    end
  end
  return M.apply(self.session, op, args, self:size(S:rows(id), env), self:size(S:cols(id), env))
end

walk.complete(Evaluation, by_op, function(format, what)
  unknown(format .. " at complex numbers", what)
end)

--- The values of nodes.
-- @tparam table session
-- @tparam {integer,...} ids
-- @tparam table values name -> complex matrix
-- @tparam table dims name of a size -> number
-- @treturn {table,...}
function M.values(session, ids, values, dims)
  local self = setmetatable({ session = session, S = session.S, values = values, sizes = {} }, Evaluation)
  local env, results = walk.environment(dims), {}
  for i, id in ipairs(ids) do
    results[i] = self:value(id, env)
  end
  return results
end

return M
