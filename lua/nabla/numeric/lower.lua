--- From an expression to operations, for given sizes and values of the scalars that sizes and indices depend on.
--
-- A function that a rule file defines by an expression is evaluated by that expression in an environment of its own (see
-- nabla.evaluate.walk); a counted sum is written out.
--
-- @module nabla.numeric.lower

local core = require "nabla.core"
local operators = require "nabla.numeric.operators"
local scripts = require "nabla.evaluate.scripts"
local walk = require "nabla.evaluate.walk"

local M = {}
local Lower = {}
Lower.__index = Lower

local ONE = core.constants.one -- the dimension 1
local LONGEST_SUM = 100000
local LARGEST_SIZE = 2 ^ 31 - 1

local function fail(node, ...)
  error({ node = node, message = string.format(...) }, 0)
end

-- ---------------------------------------------------------------------------------------------- nodes

function Lower:size(dim, env)
  local v, name = walk.size(self, dim, env)
  if not v then
    fail(
      self.node,
      "the size %s does not follow from the values: pass it too, %s = 5",
      tostring(name),
      tostring(name)
    )
  elseif v < 1 then
    fail(self.node, "a size is %d", v)
  elseif v > LARGEST_SIZE then
    fail(self.node, "a size is %.0f: there is no room for that many entries", v)
  end
  return v
end

local function number(S, id)
  local num, den = S:number(id)
  return tonumber(num) / tonumber(den)
end

local by_op = {}

function by_op.number(self, id)
  return self.G:const(number(self.S, id))
end

function by_op.symbol(self, id, env)
  local S = self.S
  local given = env.values[id]
  if given then
    return given
  end
  local name, kind = S:name(id), S:kind(id)
  if kind == "dimension" then
    local v = env.dims[name]
    if not v then
      fail(id, "the size %s does not follow from the values: pass it too, %s = 5", name, name)
    end
    return self.G:const(v)
  elseif kind == "counter" then
    fail(id, "the counter %s stands outside its sum", name)
  end
  local v = self.inputs[name]
  if type(v) == "number" then
    return self.G:const(v)
  end
  return self.G:input(name, v.rows, v.cols)
end

function by_op.variable(_, id, env)
  return env.values[id] or fail(id, "a rule's variable has no value")
end

function by_op.sum(self, id, env, a)
  local terms, S = {}, self.S
  local args = S:args(id)
  for i = 1, #args, 2 do
    local p = a[i + 1]
    terms[#terms + 1] = { number(S, args[i]), p }
  end
  return self.G:sum(terms, self:size(S:rows(id), env), self:size(S:cols(id), env))
end

-- The number and scalars of a product as one operation, and the list of its matrices; a power of a matrix in a
-- longer product is that many links.
function Lower:product(id, a, env)
  local S, G = self.S, self.G
  local args = S:args(id)
  local scalar, links = nil, {}
  for i = 2, #args do
    if S:rows(args[i]) == ONE and S:cols(args[i]) == ONE then
      scalar = scalar and G:entrywise("mul", { scalar, a[i] }) or a[i]
    else
      local op, own = S:op(args[i])
      local k = own
        and op == "power"
        and #args > 2
        and S:op(S:args(args[i])[2]) == "number"
        and number(S, S:args(args[i])[2])
      if k and (k == 2 or k == 3 or k == -2 or k == -3) then
        local base = self:lower(S:args(args[i])[1], env)
        base = k < 0 and G:inverse(base, self:spd(S:args(args[i])[1])) or base
        for _ = 1, math.abs(k) do
          links[#links + 1] = base
        end
      else
        links[#links + 1] = a[i]
      end
    end
  end
  local c = number(S, args[1])
  if c ~= 1 then
    scalar = scalar and G:entrywise("scale", { scalar }, c) or G:const(c)
  end
  return scalar, links
end

function by_op.product(self, id, env, a)
  local scalar, links = self:product(id, a, env)
  if #links == 0 then
    return scalar
  end
  local p = self.G:chain(links)
  return scalar and self.G:multiply(scalar, p) or p
end

-- Is a node known to be positive definite? Its factors are then those of Cholesky.
function Lower:spd(id)
  if self.depth > 0 or not self.session.attributes.spd then
    return false
  end
  return self.S:property("spd", id)
end

function by_op.power(self, id, _, a)
  return self.G:power(a[1], a[2], self:spd(self.S:args(id)[1]))
end

function by_op.hadamard(self, _, _, a)
  return self.G:hadamard(a)
end

function by_op.elpower(self, _, _, a)
  return self.G:powers(a[1], a[2])
end

function by_op.transpose(self, _, _, a)
  return self.G:transpose(a[1])
end

function by_op.I(self, id, env)
  return self.G:eye(self:size(self.S:rows(id), env))
end

function by_op.ones(self, id, env)
  return self.G:fill(1.0, self:size(self.S:rows(id), env), self:size(self.S:cols(id), env))
end

function by_op.zeros(self, id, env)
  return self.G:fill(0.0, self:size(self.S:rows(id), env), self:size(self.S:cols(id), env))
end

-- The place of a function among those that a program calls; `f` is a function or the path of one in the values.
function Lower:callee(f)
  for i, g in ipairs(self.functions) do
    if
      g == f or type(g) == "table" and type(f) == "table" and table.concat(g, "\0") == table.concat(f, "\0")
    then
      return i - 1
    end
  end
  self.functions[#self.functions + 1] = f
  return #self.functions - 1
end

function by_op.call(self, id, env, a)
  local S = self.S
  local f = self:callee { S:name(S:args(id)[1]) }
  return self.G:call(f, a, self:size(S:rows(id), env), self:size(S:cols(id), env))
end

--- The key of a derivative of an unknown function in the table D of the values: u, and D(u) for the derivative of D(u,x).
function M.derivative_key(S, id)
  local f = S:args(id)[1]
  return S:op(f) == "D" and "D(" .. M.derivative_key(S, f) .. ")" or S:name(f)
end

function by_op.D(self, id, env, a)
  local S = self.S
  local f = self:callee { "D", M.derivative_key(S, id) }
  return self.G:call(f, a, self:size(S:rows(id), env), self:size(S:cols(id), env))
end

by_op["operator name"] = function(self)
  return self.G:const(0) -- an operator that takes one asks for its name
end

function by_op.range(self, id, env, a)
  local S, G = self.S, self.G
  local body = S:args(id)[3]
  local c = {
    fail = function(message)
      fail(id, "%s", message)
    end,
  }
  local first = operators.whole(a[1], "the first value of a counter", c, -math.huge)
  local last = operators.whole(a[2], "the last value of a counter", c, -math.huge)
  if last - first >= LONGEST_SUM then
    fail(id, "a counted sum of more than %d terms", LONGEST_SUM)
  end
  local counter = S:symbol(S:name(id), 8, 0, ONE, ONE)
  local terms = {}
  self.depth = self.depth + 1
  for i = first, last do
    terms[#terms + 1] = { 1, self:lower(body, walk.within(env, { [counter] = G:const(i) })) }
  end
  self.depth = self.depth - 1
  return G:sum(terms, self:size(S:rows(id), env), self:size(S:cols(id), env))
end

-- A function of a rule file by the expression that defines it.
function Lower:defined(id, op, a)
  local function convert(v, is_size)
    if is_size then
      return math.tointeger(self.G.value(v))
    end
    return v
  end
  local env = walk.definition(self.S, op.body, op.whole, a, convert)
    or fail(id, "the sizes of the arguments do not fit")
  self.depth = self.depth + 1
  if self.depth > 100 then
    fail(id, "functions that use each other do not come to an end")
  end
  local p = self:lower(op.body, env)
  self.depth = self.depth - 1
  return p
end

local evaluator

-- An operator of a rule file.
function Lower:apply(id, name, env, a)
  local S, G = self.S, self.G
  local op = self.session.ops[name]
  local defined = scripts.find(self.session, name)
  local c = { rows = self:size(S:rows(id), env), cols = self:size(S:cols(id), env) }
  c.spd = (name == "det" or name == "logdet") and self:spd(S:args(id)[1]) -- by name, as evaluators are
  function c.fail(message)
    fail(id, "%s", message)
  end
  function c.script(other)
    return scripts.find(self.session, other)
  end
  function c.need_script(other)
    return c.script(other) or fail(id, M.no_evaluator(other))
  end
  function c.call(f, args)
    return G:call(self:callee(f), args, c.rows, c.cols)
  end
  function c.callee(f)
    return self:callee(f)
  end
  local first = S:args(id)[1]
  if first and S:op(first) == "operator name" then
    c.operator = S:name(first)
  end
  if defined then
    return c.call(defined, a)
  end
  local f = evaluator(self.session, name)
  if op.body and not (op.standard and f) then
    return self:defined(id, op, a)
  end
  f = f or fail(id, "%s", M.no_evaluator(name, op.shown))
  return f(G, a, c)
end

--- The message about an operator without an evaluator.
-- @tparam string name as the engine has it
-- @tparam[opt] string shown the name that it is called by, if another
function M.no_evaluator(name, shown)
  shown = shown or name
  return string.format(
    "%s cannot be evaluated: nothing says its value. Say it in a rule file, operator %s(..): .. value EXPRESSION, "
      .. "or in a script, numeric.define(%q, function(..) .. end)",
    shown,
    shown,
    name
  )
end

-- The evaluator for an operator: only for one of nabla's own rule files, since a user's operator of the same name may
-- be something else; of functions of one entry also those that bear a name of the mathematical library.
function evaluator(session, name)
  local op, known = session.ops[name], operators.known[name]
  if not op or not known or #op.params ~= known[1] then
    return nil
  elseif known.library and op.elementwise then
    return known[2]
  end
  return op.standard and known[2] or nil
end

--- Can an operator of a session be evaluated?
function M.evaluates(session, name)
  local op = session.ops[name]
  return scripts.find(session, name) ~= nil or (op and op.body ~= nil) or evaluator(session, name) ~= nil
end

-- ---------------------------------------------------------------------------------------------- walking

-- Operators of which a product need not be formed, by name as evaluators are, and how the graph makes them of a chain.
local of_chains = { diagv = "diagonal_chain" }

-- The product that a trace or the like is taken of, which need not be formed, and how the graph makes that of a chain.
local function unformed(session, id)
  local S = session.S
  local op, own = S:op(id)
  if own or scripts.find(session, op) then
    return nil
  end
  local how = op == S:operator_with "cyclic" and "trace_chain" or session.ops[op].standard and of_chains[op]
  local inside = how and S:args(id)[1]
  local inner_op, inner_own
  if inside and S:rows(inside) ~= ONE then
    inner_op, inner_own = S:op(inside)
  end
  if inner_own and inner_op == "product" then
    return inside, how
  end
end

Lower.lower = walk.value

function Lower:parts(id)
  local S = self.S
  local inside = unformed(self.session, id)
  return inside and S:args(inside) or walk.parts(S, id)
end

-- The operation of a node from those of its parts.
function Lower:one(id, env, a)
  local S = self.S
  self.node, self.G.node = id, id
  local inside, how = unformed(self.session, id)
  if inside then
    local scalar, links = self:product(inside, a, env)
    local p = self.G[how](self.G, links)
    return scalar and self.G:scaled(scalar, p) or p
  end
  local op, own = S:op(id)
  if not own then
    return self:apply(id, op, env, a)
  end
  local f = by_op[op] or fail(id, "%s has no value", op == "diff" and "a differential" or op)
  return f(self, id, env, a)
end

--- Lower nodes to operations.
-- @param session the session
-- @param ids the nodes
-- @param G a set of operations (nabla.numeric.graph)
-- @param inputs name -> { rows, cols }, or the value of a scalar
-- @param dims name -> size
-- @return the list of operations, and the list of functions that they call; an error is a table { node, message }
function M.lower(session, ids, G, inputs, dims)
  local self = setmetatable({
    session = session,
    S = session.S,
    G = G,
    inputs = inputs,
    functions = {},
    sizes = {},
    depth = 0,
  }, Lower)
  local env = walk.environment(dims)
  local results = {}
  for i, id in ipairs(ids) do
    results[i] = self:lower(id, env)
  end
  return results, self.functions
end

return M
