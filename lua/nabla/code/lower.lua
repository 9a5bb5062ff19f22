--- From expressions to the terms of an exported function (nabla.code.terms).
--
-- A function that a rule file defines by an expression, and that the target language does not have, is computed by that expression.
--
-- @module nabla.code.lower

local complex = require "nabla.language.complex"
local core = require "nabla.core"
local terms = require "nabla.code.terms"
local walk = require "nabla.evaluate.walk"

local M = {}
local Lower = {}
Lower.__index = Lower

local ONE = core.constants.one
local NO_TEXTS = { sizes = {}, functions = {} }
local DEEPEST = 100 -- functions that are defined by others

local function fail(node, ...)
  error({ node = node, message = string.format(...) }, 0)
end

-- ---------------------------------------------------------------------------------------------- sizes

-- A size as a text in the names of the function's own sizes.
function Lower:size(dim, env)
  local text = self.S:dimtext(dim)
  if env.dims then
    text = text:gsub("[%a_\128-\255][%w_\128-\255]*", function(name)
      local size = env.dims[name]
      return size and (size:find "[^%w_\128-\255]" and "(" .. size .. ")" or size) or self.texts.sizes[name]
    end)
  else
    text = text:gsub("[%a_\128-\255][%w_\128-\255]*", self.texts.sizes)
  end
  for name in text:gmatch "%f[%w_\128-\255][%a_\128-\255][%w_\128-\255]*" do
    self.sizes[name] = true
  end
  return text
end

-- ---------------------------------------------------------------------------------------------- nodes

local by_op = {}

function by_op.number(self, id)
  local num, den = self.S:number(id)
  return self.G:number(num, den)
end

function by_op.symbol(self, id, env)
  local S = self.S
  local given = env.values[id]
  if given then
    return given
  end
  local name, kind = S:name(id), S:kind(id)
  if kind == "dimension" then
    local size = env.dims and env.dims[name] or self.texts.sizes[name] or name
    self.sizes[size] = true
    return self.G:make("size", "1", "1", nil, { text = size })
  elseif kind == "counter" then
    fail(id, "the counter %s stands outside its sum", name)
  end
  if not self.inputs[name] then
    self.inputs[#self.inputs + 1] = name
    local symmetric = S:rows(id) == S:cols(id) and S:property("symmetric", id) or nil
    local more = { name = name, symmetric = symmetric }
    self.inputs[name] = self.G:make("input", self:size(S:rows(id), {}), self:size(S:cols(id), {}), nil, more)
  end
  return self.inputs[name]
end

function by_op.variable(_, id, env)
  return env.values[id] or fail(id, "a rule's variable has no value")
end

function by_op.sum(self, id, _, a)
  local S, list = self.S, {}
  local args = S:args(id)
  for i = 1, #args, 2 do
    local num, den = S:number(args[i])
    list[#list + 1] = { num, den, a[i + 1] }
  end
  return self.G:sum(list)
end

-- The scalars of a product, which are as large as an argument where a function of each entry is opened, and its matrices.
function Lower:factors(id, a)
  local S = self.S
  local args, scalars, links = S:args(id), {}, {}
  for i = 2, #args do
    if S:rows(args[i]) == ONE and S:cols(args[i]) == ONE then
      scalars[#scalars + 1] = a[i]
    else
      links[#links + 1] = a[i]
    end
  end
  local num, den = S:number(args[1])
  return scalars, links, num, den
end

local function with_number(G, t, num, den)
  if tostring(num) == "1" and tostring(den) == "1" then
    return t
  end
  return G:sum { { num, den, t } }
end

function by_op.product(self, id, _, a)
  local G = self.G
  local scalars, links, num, den = self:factors(id, a)
  local t = #links > 0 and G:chain(links, self.keep)
  if #scalars > 0 then
    local s = G:hadamard(scalars)
    t = t and G:scale(s, t) or s
  end
  return with_number(G, t, num, den)
end

function by_op.power(self, id, _, a)
  local S, G = self.S, self.G
  local base = S:args(id)[1]
  if S:rows(base) == ONE and S:cols(base) == ONE then
    return G:power(a[1], a[2])
  end
  if a[2].op ~= "number" then
    return G:make("matrix power", a[1].rows, a[1].cols, { a[1], a[2] })
  elseif a[2].den ~= "1" then
    fail(id, "a matrix to a power that is no whole number")
  end
  local k = math.tointeger(tonumber(a[2].num))
  local spd = S:property("spd", base)
  if k == -1 then
    return G:inverse(a[1], spd)
  elseif k < 0 then
    return G:make("matrix power", a[1].rows, a[1].cols, { G:inverse(a[1], spd), G:number(-k) })
  elseif k == 2 then
    return G:multiply(a[1], a[1], self.keep)
  end
  return G:make("matrix power", a[1].rows, a[1].cols, { a[1], a[2] })
end

function by_op.hadamard(self, _, _, a)
  return self.G:hadamard(a)
end

function by_op.elpower(self, _, _, a)
  return self.G:power(a[1], a[2])
end

function by_op.transpose(self, _, _, a)
  return self.G:transpose(a[1])
end

function by_op.I(self, id, env)
  local n = self:size(self.S:rows(id), env)
  return n == "1" and self.G:number(1) or self.G:make("eye", n, n)
end

function by_op.ones(self, id, env)
  return self.G:make("ones", self:size(self.S:rows(id), env), self:size(self.S:cols(id), env))
end

function by_op.zeros(self, id, env)
  return self.G:make("zeros", self:size(self.S:rows(id), env), self:size(self.S:cols(id), env))
end

by_op["operator name"] = function(self, id)
  return self.G:make("name", "1", "1", nil, { name = self.S:name(id) })
end

-- An unknown function, or its derivative: a function that the caller gives.
local function given_function(self, id, env, a, name)
  local S = self.S
  if not self.functions[name] then
    self.functions[name] = true
    self.functions[#self.functions + 1] = name
  end
  local text = self.texts.functions[name] or name
  return self.G:make("call", self:size(S:rows(id), env), self:size(S:cols(id), env), a, { name = text })
end

function by_op.call(self, id, env, a)
  return given_function(self, id, env, a, self.S:name(self.S:args(id)[1]))
end

function by_op.D(self, id, env, a)
  local S = self.S
  local name, f = "D_", S:args(id)[1]
  while S:op(f) == "D" do
    name, f = name .. "D_", S:args(f)[1]
  end
  return given_function(self, id, env, a, name .. S:name(f))
end

function by_op.range(self, id, env, a)
  local S, G = self.S, self.G
  local name = S:name(id)
  self.counters = self.counters + 1
  local counter = G:make("counter", "1", "1", nil, { name = name, number = self.counters })
  local node = S:symbol(name, 8, 0, ONE, ONE)
  local inner = walk.within(env, { [node] = counter })
  inner.dims = env.dims
  local body = self:lower(S:args(id)[3], inner)
  return G:make("loop", body.rows, body.cols, { a[1], a[2], body }, { counter = counter.id })
end

-- ---------------------------------------------------------------------------------------------- operators

-- The environment of a function's own expression: its parameters have the terms of the arguments, its sizes their sizes.
function Lower:definition(op, a)
  local S = self.S
  local env = { dims = {}, values = {}, memo = {} }
  local function stands_for(parameter, t)
    env.values[parameter] = t
    for _, pair in ipairs { { S:rows(parameter), t.rows }, { S:cols(parameter), t.cols } } do
      local name = S:dimtext(pair[1])
      if name:find "^[%a_][%w_]*$" then
        env.dims[name] = pair[2]
      end
    end
  end
  if op.whole then
    for i, parameter in ipairs(S:args(op.whole)) do
      if S:kind(parameter) == "dimension" then
        env.dims[S:name(parameter)] = a[i].text or a[i].num
      else
        stands_for(parameter, a[i])
      end
    end
  else
    for _, x in ipairs(S:postorder(op.body)) do
      if S:op(x) == "variable" then
        env.values[x] = a[1]
      end
    end
  end
  return env
end

-- The arguments of an operator that is applied to real values: where they hold complex letters, their real parts.
function Lower:real_arguments(id, name, a)
  local session = self.session
  if not session.complex_letters or complex.is_holomorphic(session, name) or session.ops[name].branched then
    return a
  end
  local list = {}
  for i, arg in ipairs(self.S:args(id)) do
    local real = complex.occurs(session, { session:wrap(arg) })
    list[i] = real and self.G:make("operator", a[i].rows, a[i].cols, { a[i] }, { name = "realpart" }) or a[i]
  end
  return list
end

function Lower:apply(id, name, env, a)
  local S, G = self.S, self.G
  local op = self.session.ops[name]
  a = self:real_arguments(id, name, a)
  if op.standard and self.has(name, a) or op.elementwise and self.has(name, a) then
    local rows, cols = self:size(S:rows(id), env), self:size(S:cols(id), env)
    if op.elementwise then -- its argument may be larger than a scalar where another function of each entry is opened
      rows, cols = a[1].rows, a[1].cols
    elseif op.cyclic then
      return G:trace(a[1])
    elseif op.unit_matrix then
      a = { a[1], a[2] } -- its size is known
    end
    local first = S:args(id)[1]
    local spd = first and S:rows(first) == S:cols(first) and S:rows(first) ~= ONE and S:property("spd", first) or nil
    return G:make("operator", rows, cols, a, { name = name, spd = spd })
  elseif op.body then
    self.depth = self.depth + 1
    if self.depth > DEEPEST then
      fail(id, "functions that use each other do not come to an end")
    end
    local t = self:lower(op.body, self:definition(op, a))
    self.depth = self.depth - 1
    return t
  end
  local why = "the language has no such operator, and no expression defines it"
  fail(id, "%s cannot be written in %s: %s", name, self.title, why)
end

Lower.lower = walk.value

function Lower:parts(id)
  return walk.parts(self.S, id)
end

function Lower:one(id, env, a)
  local op, own = self.S:op(id)
  if not own then
    return self:apply(id, op, env, a)
  end
  local f = by_op[op] or fail(id, "%s cannot be exported", op == "diff" and "a differential" or op)
  return f(self, id, env, a)
end

-- The inverses that are used on their own, not in a product: by their argument.
local function inverses(roots)
  local found, seen = {}, {}
  local function visit(t)
    if not seen[t] then
      seen[t] = true
      if t.op == "inverse" then
        found[t.args[1]] = true
        found[#found + 1] = t.args[1]
      end
      for _, a in ipairs(t.args) do
        visit(a)
      end
    end
  end
  for _, t in ipairs(roots) do
    visit(t)
  end
  return found
end

--- Lower nodes to terms.
-- @param session the session
-- @param ids the nodes
-- @tparam integer count how many of them are computed; of the others only the letters are wanted
-- @param target the target language: `has(name, args)`, `title`
-- @tparam[opt] table texts { sizes, functions }: for their names the names that they have in the language
-- @treturn table { roots, inputs (names in order, and name -> term), functions (names), sizes (names -> true) }; an error is a table
-- { node, message }
function M.lower(session, ids, count, target, texts)
  local G, keep = terms.new(), {}
  local self, roots
  for _ = 1, 2 do -- an inverse that is needed anyway is multiplied with rather than solved for
    self = setmetatable({
      session = session,
      S = session.S,
      G = G,
      keep = keep,
      has = target.has,
      title = target.title,
      texts = texts or NO_TEXTS,
      inputs = {},
      functions = {},
      sizes = {},
      counters = 0,
      depth = 0,
    }, Lower)
    roots = {}
    local env = { values = {}, memo = {} }
    for i, id in ipairs(ids) do
      local t = self:lower(id, env)
      roots[#roots + 1] = i <= count and t or nil
    end
    keep = inverses(roots)
    if #keep == 0 then
      break
    end
  end
  return { roots = roots, inputs = self.inputs, functions = self.functions, sizes = self.sizes, graph = G }
end

return M
