--- The third pass: nodes, with the engine's constructors.
--
-- A failure of the engine becomes an error at the tree whose node it would not make: each builder says which tree it is
-- working on (`c.at`) once the nodes below are there.
--
-- @module nabla.language.build

local core = require "nabla.core"
local errors = require "nabla.text.errors"
local families = require "nabla.language.families"
local later = require "nabla.text.later"

local characters = later.require "nabla.language.characters"
local overloads = later.require "nabla.language.overloads"
local several = later.require "nabla.language.several_entries"
local several_arguments = later.require "nabla.language.several_arguments"

local M = {}

local ONE = core.constants.one -- the dimension 1
local NONE = {}

local build

-- What was written without its sizes has got them from where it is; an index of a row or column alone is 1.
local function stop_at_single(c, ast, param, index)
  local size = param.rows and c.types[ast].sizes[c:names(param.rows).alone]
  if size and c:resolve(size) == ONE and not (index.tag == "number" and index.text == "1") then
    c:stop(ast, "a matrix with a single entry is no column here")
  end
end

local function build_entry(c, ast)
  local S, t = c.S, c.types[ast]
  if t.node then
    return t.node
  end
  local base, i = build(c, t.base), build(c, ast.args[1])
  local j = ast.args[2] and build(c, ast.args[2]) or S:rational(1)
  if t.of_row then
    i, j = j, i
  end
  c.at = ast
  return S:apply(S:operator_with "entry" or "entry", { base, i, j })
end

local function build_member(c, ast)
  local t, indices = c.types[ast], {}
  for i, index in ipairs(t.indices) do
    indices[i] = build(c, index)
  end
  c.at = ast
  local family = t.family.family
  if t.family.undeclared then -- its sizes are known now
    for k = 1, 2 do
      family.counts[k] = c:resolve(family.counts[k])
    end
    family.rows, family.cols = c:resolve(family.rows), c:resolve(family.cols)
  end
  return families.node(c.S, t.family, indices)
end

-- By what a call means (nabla.language.infer).
local build_meaning = { entry = build_entry, member = build_member }

function build_meaning.derivative(c, ast)
  return c.types[ast].node
end

function build_meaning.constant(c, ast)
  local S, t = c.S, c.types[ast]
  local rows, cols = c:resolve(t.rows), c:resolve(t.cols)
  c.at = ast
  return ast.name == "I" and S:identity(rows) or ast.name == "ones" and S:ones(rows, cols) or S:zeros(rows, cols)
end

function build_meaning.nested(c, ast)
  return build(c, c.types[ast].tree)
end

function build_meaning.differential(c, ast)
  local inner = build(c, ast.args[1])
  c.at = ast
  return c.pattern and c.S:diffnode(inner) or c.hooks.total_differential(c, inner)
end

build_meaning["function"] = function(c, ast)
  local args = {}
  for i, arg in ipairs(ast.args) do
    args[i] = build(c, arg)
  end
  c.at = ast
  local argument = #args > 1 and several_arguments.stack(c.session, args) or args[1]
  return c.S:call(c.types[ast].var.id, argument)
end

function build_meaning.operator(c, ast)
  local S, t = c.S, c.types[ast]
  local op = t.operator
  local args = { nil, nil, nil } -- room for what most operators take
  for i = 1, #op.params do
    local p, arg = op.params[i], ast.args[i]
    if ast.unsized and p.index then
      stop_at_single(c, ast, p, arg)
    end
    if p.operator then
      local var = c.types[arg]
      args[i] = var and var.id or S:opname(arg.name)
    elseif p.dimension then
      args[i] = S:dimnode(c:resolve(arg and c:dimension(arg) or t.sizes[p.dimension]))
    else
      args[i] = build(c, arg)
    end
  end
  c.at = ast
  several.spread(S, op, args)
  return S:apply(op.number, args)
end

local function build_call(c, ast)
  return build_meaning[c.types[ast].means](c, ast)
end

--- Remember how a sum was written.
function M.note_sum(c, id, terms)
  if #terms <= 40 then
    c:add("sums", { id = id, terms = terms })
  end
end

local function build_sum(c, ast)
  local S = c.S
  local spread = c.types[ast].spread
  local terms = { nil, nil, nil } -- room for most
  for i = 1, #ast.args do
    local id = build(c, ast.args[i])
    c.at = ast
    if spread and spread[i] then
      id = S:product { id, S:ones(c:resolve(c.types[ast].rows), c:resolve(c.types[ast].cols)) }
    end
    terms[i] = ast.signs[i] < 0 and S:neg(id) or id
  end
  local id = S:sum(terms)
  if not c.pattern then
    M.note_sum(c, id, terms)
  end
  return id
end

local function reciprocal(c, id, scalar)
  local S = c.S
  local minus_one = S:rational(-1)
  return scalar and S:power(id, minus_one) or S:elpower(id, minus_one)
end

--- Note each scalar chain in a run of factors, as w'*x, that the store keeps as its transpose.
function M.note_chains(c, run)
  local S = c.S
  local links = {}
  local function is_link(id)
    return S:rows(id) ~= ONE or S:cols(id) ~= ONE
  end
  for i = 1, #run do
    local id = run[i]
    local cols = S:cols(id)
    if cols ~= ONE or S:rows(id) ~= ONE then
      links[#links + 1] = id
    end
    if cols == ONE and #links > 1 and S:rows(links[1]) == ONE then
      local chain, first = S:product(links), links[1]
      first = S:op(first) == "product" and S:args(first)[2] or first
      local args = S:op(chain) == "product" and S:args(chain) or NONE
      local last = args[#args]
      if last and is_link(last) and is_link(first) and args[2] ~= first and S:transpose(last) == first then
        c:add("chains", { id = chain })
      end
      links = {}
    end
  end
end

local function build_product(c, ast)
  local S, by_scalar = c.S, c.types[ast].by_scalar
  -- runs of * are one product: the constructor sees all factors at once
  local run = { build(c, ast.args[1]) }
  for i = 2, #ast.args do
    local op = ast.ops[i - 1]
    local right = build(c, ast.args[i])
    c.at = ast
    if op == "/" then
      run[#run + 1] = reciprocal(c, right, true)
    elseif op == "*" then
      run[#run + 1] = right
    else
      local left = #run > 1 and S:product(run) or run[1]
      if op == "./" then
        right = reciprocal(c, right, by_scalar and by_scalar[i])
      end
      run = { S:hadamard { left, right } }
    end
  end
  if #run > 1 and not c.pattern then
    M.note_chains(c, run)
  end
  return #run > 1 and S:product(run) or run[1]
end

local function build_power(c, ast)
  local S = c.S
  local exponential = c.types[ast].exponential
  if exponential then
    local argument = build(c, ast[2])
    c.at = ast
    return S:apply(exponential, { argument })
  end
  local base, exponent = build(c, ast[1]), build(c, ast[2])
  c.at = ast
  if not ast.elementwise then
    return S:power(base, exponent)
  elseif c:is_scalar(c.types[ast[2]]) then
    return S:elpower(base, exponent)
  end
  -- a matrix of exponents: exp(X.*log(A)). By name, as the language defines A.^X by these two functions.
  return S:apply("exp", { S:hadamard { S:apply("log", { base }), exponent } })
end

--- Note for the printer how many digits a decimal has.
function M.note_decimals(c, text)
  if text:find "[.eE]" then
    c.decimals = math.max(c.decimals or 0, characters.decimals(text))
    c.powers = c.powers or characters.has_power(text)
  end
end

local build_tag = {
  number = function(c, ast)
    c.at = ast
    local t = c.types[ast]
    if t and t.fills then
      return c.S:zeros(c:resolve(t.rows), c:resolve(t.cols))
    end
    M.note_decimals(c, ast.text)
    return c.S:rational(ast.text)
  end,
  name = function(c, ast)
    local t = c.types[ast]
    c.at = ast
    if t.operator then
      return c.S:apply(t.operator.number, {})
    elseif t.dimension then
      return c.S:dimnode(c.S:dim(t.dimension))
    elseif t.means == "member" then
      return build_member(c, ast)
    elseif t.identity then
      return c.S:identity(c:resolve(t.rows))
    elseif t.func and t.arg_id and not c.pattern then -- the name of a function stands for its value
      return c.S:call(t.id, t.arg_id)
    end
    return t.id
  end,
  call = build_call,
  entry = build_entry,
  sum = build_sum,
  product = build_product,
  power = build_power,
  neg = function(c, ast)
    local id = build(c, ast[1])
    c.at = ast
    return c.S:neg(id)
  end,
  transpose = function(c, ast)
    if c.types[ast].ones then
      return c.S:ones(ONE, c:resolve(c.types[ast].cols))
    end
    local id = build(c, ast[1])
    c.at = ast
    return c.S:transpose(id)
  end,
  sumover = function(c, ast)
    local first, last, body = build(c, ast.lo), build(c, ast.hi), build(c, ast.body)
    c.at = ast
    return c.S:range(ast.var, first, last, body)
  end,
}

function build(c, ast)
  return build_tag[ast.tag](c, ast)
end

--- Raise a failure of the engine as an error at the tree whose node it would not make, `c.at`; any other error as it is.
function M.stop_failed(c, failure)
  if type(failure) ~= "table" or not failure.status or errors.is_error(failure) then
    error(failure, 0)
  end
  local at = c.at.oppos or c.at
  if type(at) == "table" and not at.tag then -- the places of several operators
    at = at[#at]
  end
  local pos = type(at) == "table" and at.pos or at
  local err = errors.at { text = c.text, file = c.file, pos = pos, message = failure.message }
  err.status = failure.status
  error(err, 0)
end

--- The node of a tree that has been through the passes before.
function M.build(c, ast)
  local ok, id = pcall(build, c, ast)
  return ok and id or M.stop_failed(c, id)
end

--- An expression in entries, lifted to matrices entry by entry: numbers become multiples of ones, products Hadamard products,
-- powers elementwise powers.
-- @tparam table c a context
-- @tparam table ast the tree
-- @tparam {[string]=integer,...} matrices the matrices by the names of their entries, all of one size
-- @tparam integer rows their rows
-- @tparam integer cols
-- @treturn integer the node
function M.lift(c, ast, matrices, rows, cols)
  local S = c.S
  local lift -- returns node, whether it has entries
  local function entries(id, has)
    return has and id or S:product { id, S:ones(rows, cols) }
  end
  local function fold(args, signs)
    local ids, any, has = {}, false, {}
    for i, arg in ipairs(args) do
      ids[i], has[i] = lift(arg)
      any = any or has[i]
    end
    for i, id in ipairs(ids) do
      local value = any and signs and entries(id, has[i]) or id
      ids[i] = signs and signs[i] < 0 and S:neg(value) or value
    end
    return ids, any, has
  end
  function lift(a)
    if a.tag == "name" and matrices[a.name] then
      return matrices[a.name], true
    elseif a.tag == "number" then
      return S:rational(a.text), false
    elseif a.tag == "neg" then
      local id, has = lift(a[1])
      return S:neg(id), has
    elseif a.tag == "sum" then
      local ids, any = fold(a.args, a.signs)
      return S:sum(ids), any
    elseif a.tag == "product" then
      local ids, any, has = fold(a.args)
      for i, op in ipairs(a.ops) do
        if op == "/" or op == "./" then
          ids[i + 1] = reciprocal(c, ids[i + 1], not has[i + 1])
        end
      end
      return any and S:hadamard(ids) or S:product(ids), any
    elseif a.tag == "power" then
      local base, has = lift(a[1])
      local exponent, too = lift(a[2])
      if too then
        c:stop(a, "an exponent that depends on the entry is written exp(.. *log(..))")
      end
      return has and S:elpower(base, exponent) or S:power(base, exponent), has
    elseif a.tag == "call" then
      local op = overloads.operator(c.session, a.name, #a.args)
      if not op or op.gone then
        c:stop_unknown(a, "function", a.name)
      elseif not (op.elementwise or op.spreads) or #a.args ~= #op.params then
        c:stop(a, a.name .. " does not work entry by entry")
      end
      local ids, any = fold(a.args)
      several.spread(S, op, ids)
      return S:apply(op.number, ids), any
    elseif a.tag == "transpose" then
      local hint = "a function of whole vectors is not elementwise: function f(x(n)): vector (n) = .."
      c:stop(a, "one entry has no transpose", hint)
    end
    c:infer(a)
    return M.build(c, a), false
  end
  local id, has = lift(ast)
  return entries(id, has)
end

return M
