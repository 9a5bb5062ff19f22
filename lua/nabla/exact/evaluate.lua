--- The value of expressions modulo a prime: of nodes, and of operators on values.
--
-- What the rule files leave, sums, products, powers, transposes, counted sums, is evaluated here; an operator by its
-- definition in nabla.exact.operators or by the expression that a rule file defines it by. Any other operator is
-- opaque: it has a random value for each argument (see nabla.exact.arithmetic).
--
-- @module nabla.exact.evaluate

local core = require("nabla.core").residue
local arithmetic = require "nabla.exact.arithmetic"
local laws = require "nabla.exact.laws"
local operators = require "nabla.exact.operators"
local scripts = require "nabla.evaluate.scripts"
local walk = require "nabla.evaluate.walk"

local M = {}
local Evaluation = {}
Evaluation.__index = Evaluation

local ONE = require("nabla.core").constants.one -- the dimension 1
local COUNTER = require("nabla.core").constants.kinds.counter
local errors = require "nabla.text.errors"
local LONGEST_SUM = 1000
local DEEPEST = 100

local inexact = arithmetic.inexact

local function undefined(...)
  error({ trees = true, message = string.format(...) }, 0)
end

-- ---------------------------------------------------------------------------------------------- operators

-- f entry by entry, where only the derivative of f is known, by the expression that the rule files state.
local function opaque_entries(A, session, op, a)
  if a.order == 0 then
    local value = op.standard and laws.values[op.name]
    local list = {}
    for k = 1, #a do
      list[k] = value and value(A, a[k]) or A:random(op.name .. "\0" .. core.bytes(a[k]), 1, 1)
    end
    return core.assemble(list, a.rows, a.cols)
  end
  if not op.slope then
    inexact("the derivative of %s is not stated", op.name)
  end
  -- a = b + e_k*c: f(a) = f(b) + e_k*f'(b).*c
  local k = a.order
  local e = core.infinitesimal(k)
  local c = core.coefficient(a, k)
  local b = core.new(a.rows, a.cols)
  for s = 0, (1 << k - 1) - 1 do
    b = b + core.placed(core.part(a, s), s, k - 1)
  end
  local slope = M.defined(A, session, op.slope, nil, { b })
  return M.opaque(A, session, op, { b }) + core.hadamard(slope, c) * e
end

--- The value of an operator of which at most the derivative is known.
function M.opaque(A, session, op, args, rows, cols)
  A.opaque[op.name] = not (op.standard and laws.settled[op.name]) or nil
  if op.elementwise then
    return opaque_entries(A, session, op, args[1])
  end
  local parts, names = { op.name, "" }, {}
  for i, a in ipairs(args) do
    names[i] = type(a) == "string" and a or "-"
    if core.is(a) then
      if a.order > 0 then
        inexact("the derivative of %s is no rational function", op.name)
      end
      parts[#parts + 1] = a.rows .. "x" .. a.cols .. ":" .. core.bytes(a)
    else
      parts[#parts + 1] = tostring(a)
    end
  end
  parts[2] = table.concat(names, ",")
  return A:random(table.concat(parts, "\0"), rows, cols)
end

--- The value of an operator.
-- @tparam table A an arithmetic of nabla.exact.arithmetic
-- @tparam table session
-- @tparam table op the operator
-- @tparam table args its arguments: matrices, whole numbers for sizes and indices, texts for names of operators
-- @tparam integer rows of the value
-- @tparam integer cols
function M.apply(A, session, op, args, rows, cols)
  if scripts.find(session, op.name) then
    inexact("a script defines %s", op.name)
  end
  local known = operators.known[op.name]
  known = known and known[1] == #op.params and op.standard and known
  if op.body and not known then
    return M.defined(A, session, op.body, op.whole, args)
  elseif known then
    local n = #args
    args[n + 1], args[n + 2] = rows, cols
    A.call = function(name, x) -- a function of one entry that a definition uses
      local f = session.ops[name]
      return M.apply(A, session, f or inexact("there is no %s", name), { x }, x.rows, x.cols)
    end
    return known[2](A, table.unpack(args, 1, n + 2))
  end
  return M.opaque(A, session, op, args, rows, cols)
end

--- The value of the expression that defines a function (`body`), with the arguments in the place of its parameters: those of
-- `whole`, the function applied to them; without it the only variable of the body.
function M.defined(A, session, body, whole, args)
  local function convert(v, is_size)
    return (is_size or core.is(v)) and v or A:from(v)
  end
  local env = walk.definition(session.S, body, whole, args, convert)
    or undefined "the sizes of the arguments do not fit"
  A.nested = (A.nested or 0) + 1
  if A.nested > DEEPEST then
    inexact "functions that use each other do not come to an end"
  end
  local self = setmetatable({ A = A, session = session, S = session.S, given = {}, sizes = {} }, Evaluation)
  local ok, v = errors.attempt(self.value, self, body, env)
  A.nested = A.nested - 1
  if not ok then
    error(v, 0)
  elseif not whole and core.is(args[1]) and #v == 1 and #args[1] > 1 then
    v = core.hadamard(v, A:ones(args[1].rows, args[1].cols)) -- a constant, for each entry
  end
  return v
end

-- ---------------------------------------------------------------------------------------------- nodes

function Evaluation:size(dim, env)
  local v, name = walk.size(self, dim, env)
  if not v then
    inexact("the size %s does not follow from the values", tostring(name))
  elseif v < 1 then
    undefined("a size is %d", v)
  end
  return v
end

local by_op = {}

function by_op.number(self, id)
  return self.A:rational(self.S:number(id))
end

function by_op.symbol(self, id, env)
  local v = env.values[id]
  if v then
    return v
  end
  local S = self.S
  local name, kind = S:name(id), S:kind(id)
  if kind == "dimension" then
    return self.A:from(env.dims[name] or inexact("the size %s has no value", name))
  end
  return self.given.values and self.given.values[name] or inexact("%s has no value", name)
end

function by_op.variable(_, id, env)
  return env.values[id] or inexact "a rule's variable has no value"
end

function by_op.sum(self, id, _, a)
  local args, total = self.S:args(id), nil
  for i = 1, #args, 2 do
    local term = a[i] * a[i + 1]
    total = total and total + term or term
  end
  return total
end

function by_op.product(_, _, _, a)
  local scalar, matrix = a[1], nil
  for i = 2, #a do
    if #a[i] == 1 then
      scalar = scalar * a[i]
    else
      matrix = matrix and matrix * a[i] or a[i]
    end
  end
  return matrix and scalar * matrix or scalar
end

function by_op.power(self, _, _, a)
  if #a[1] == 1 then
    return self.A:powers(a[1], a[2])
  end
  return self.A:power(a[1], self.A:whole(a[2]) or inexact "a power that is no whole number")
end

function by_op.hadamard(_, _, _, a)
  local total = a[1]
  for i = 2, #a do
    total = core.hadamard(total, a[i])
  end
  return total
end

function by_op.elpower(self, _, _, a)
  return self.A:powers(a[1], a[2])
end

function by_op.transpose(_, _, _, a)
  return a[1].T
end

function by_op.I(self, id, env)
  return self.A:eye(self:size(self.S:rows(id), env))
end

function by_op.ones(self, id, env)
  return self.A:ones(self:size(self.S:rows(id), env), self:size(self.S:cols(id), env))
end

function by_op.zeros(self, id, env)
  return self.A:zeros(self:size(self.S:rows(id), env), self:size(self.S:cols(id), env))
end

-- An unknown function: its name, its entries, and what mirrors its derivatives.
function Evaluation:unknown(id, env)
  local S = self.S
  local name = S:name(id)
  local rows, cols = self:size(S:rows(id), env), self:size(S:cols(id), env)
  return name, rows, cols, self.given.attributes and self.given.attributes(id) or nil
end

function by_op.call(self, id, env, a)
  local name, rows, cols, has = self:unknown(self.S:args(id)[1], env)
  return self:recorded(id, self.A:unknown(name, rows, cols, has)(a[1]))
end

-- Report the value of an unknown function or its derivative to the caller's `record`.
function Evaluation:recorded(id, v)
  if self.given.record then
    self.given.record(id, v)
  end
  return v
end

-- D(u,x), D(D(u,x),x) in the engine's form: by a scalar of the shape of u; of a scalar by p x q as q x p; else a row
-- for each entry of u, a column for each of x; once more the vec of that, by each of x.
function by_op.D(self, id, env, a)
  local S = self.S
  local f, order = S:args(id)[1], 1
  local point = S:args(id)[2]
  local function scalar(node) -- by its declaration: a vector that happens to have one entry is none
    return S:rows(node) == ONE and S:cols(node) == ONE
  end
  while S:op(f) == "D" do
    f, order = S:args(f)[1], order + 1
  end
  local name, rows, cols, has = self:unknown(f, env)
  local x = a[1]
  local count, of = #x, rows * cols
  local T = self.A:derivatives_of(name, rows, cols, x, order, has)
  if scalar(point) then
    T = T:reshape(rows, cols)
  elseif order == 1 then
    T = scalar(f) and T:reshape(x.rows, x.cols).T or T
  elseif order == 2 then
    T = T:reshape(of * count, count)
  else
    inexact "third derivatives of unknown functions"
  end
  return self:recorded(id, T)
end

function by_op.range(self, id, env, a)
  local S, A = self.S, self.A
  local first, last = A:whole(a[1]), A:whole(a[2])
  if not (first and last) then
    inexact "the bounds of a counted sum are no whole numbers"
  elseif last - first >= LONGEST_SUM then
    inexact("a counted sum of more than %d terms", LONGEST_SUM)
  end
  local body = S:args(id)[3]
  local counter = S:symbol(S:name(id), COUNTER, 0, ONE, ONE)
  local total = A:zeros(self:size(S:rows(id), env), self:size(S:cols(id), env))
  for i = first, last do
    total = total + self:value(body, walk.within(env, { [counter] = A:from(i) }))
  end
  return total
end

by_op["operator name"] = function()
  return core.new(1, 1) -- an operator that takes one asks for its name
end

-- An operator of a rule file: sizes and indices as whole numbers.
function Evaluation:operator(id, name, env, a)
  local S = self.S
  local op = self.session.ops[name] or inexact("there is no operator %s", name)
  local args = {}
  for i, x in ipairs(S:args(id)) do
    local p = op.params[i]
    if p and p.operator then
      args[i] = S:name(x)
    elseif p and (p.dimension or p.index) then
      args[i] = self.A:whole(a[i]) or inexact "a size or an index is no whole number"
    else
      args[i] = a[i]
    end
  end
  return M.apply(self.A, self.session, op, args, self:size(S:rows(id), env), self:size(S:cols(id), env))
end

walk.complete(Evaluation, by_op, inexact)

--- The values of nodes.
-- @tparam table A an arithmetic of nabla.exact.arithmetic
-- @tparam table session
-- @tparam {integer,...} ids
-- @tparam table given `values` (name -> matrix), `dims` (name -> size), `attributes` (a function: unknown function -> set of attributes)
-- @treturn {table,...} raises what nabla.exact.arithmetic raises
function M.values(A, session, ids, given)
  local self =
    setmetatable({ A = A, session = session, S = session.S, given = given, sizes = {} }, Evaluation)
  local env = walk.environment(given.dims)
  local results = {}
  for i, id in ipairs(ids) do
    results[i] = self:value(id, env)
  end
  return results
end

return M
