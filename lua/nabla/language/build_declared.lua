--- The short way for the sides of rules: nodes at once, where every size is declared.
--
-- With all sizes declared there is nothing to infer, and the engine's constructors check the shapes themselves. So a
-- tree of plain algebra becomes a node in one walk. Invariant: where this way gives a node, the three passes of
-- nabla.language.elaborate give the same; in any other case (a mistake, a size left open, a construct that is not
-- plain algebra) it gives nothing, and the passes find the node, or say in full what is wrong.
--
-- @module nabla.language.build_declared

local core = require "nabla.core"
local errors = require "nabla.text.errors"
local overloads = require "nabla.language.overloads"
local scopes = require "nabla.language.scope"
local several = require "nabla.language.several_entries"

local lookup = scopes.lookup

local M = {}

local ONE = core.constants.one -- the dimension 1
local GIVEN_UP = {} -- raised where the passes are to do it

local make

local function give_up()
  error(GIVEN_UP, 0)
end

local function scalar(c, id)
  return c.S:rows(id) == ONE and c.S:cols(id) == ONE
end

-- I, ones, zeros of given sizes.
local constants = {}

function constants.I(S, n, more)
  return more and give_up() or S:identity(n)
end

function constants.ones(S, m, n)
  return S:ones(m, n or ONE)
end

function constants.zeros(S, m, n)
  return S:zeros(m, n or ONE)
end

local function constant(c, ast)
  local args = ast.args
  if #args < 1 or #args > 2 then
    give_up()
  end
  return constants[ast.name](c.S, c:dimension(args[1]), args[2] and c:dimension(args[2]))
end

-- The name of an operator as an argument: a variable, or itself.
local function operator_name(c, arg, flag)
  local var = arg.tag == "name" and lookup(c.scope, arg.name)
  local op = arg.tag == "name" and c.ops[arg.name]
  if var and var.kind == "operator" then
    return var.id
  end
  return op and not op.gone and op[flag] and c.S:opname(arg.name) or give_up()
end

local function apply(c, ast, op)
  local args, params = ast.args, op.params
  local ids = { nil, nil, nil } -- room for what most operators take
  for i = 1, #params do -- sizes and indices first, as in nabla.language.infer: variables are numbered as they are met
    if params[i].dimension then
      ids[i] = c.S:dimnode(c:dimension(args[i]))
    elseif params[i].index then
      ids[i] = make(c, args[i])
    end
  end
  for i = 1, #params do
    ids[i] = ids[i]
      or params[i].operator and operator_name(c, args[i], params[i].operator)
      or make(c, args[i])
  end
  several.spread(c.S, op, ids)
  return c.S:apply(op.number, ids)
end

local by_tag = {}

function by_tag.number(c, ast)
  return c.S:rational(ast.text)
end

function by_tag.name(c, ast)
  local var = c.scope.vars[ast.name] or lookup(c.scope, ast.name)
  if var then
    return not var.func and var.id or give_up()
  end
  local op = c.ops[ast.name]
  if op and not op.gone then
    return #op.params == 0 and c.S:apply(op.number, {}) or give_up()
  end
  return scopes.is_dimension(c.scope, ast.name) and c.S:dimnode(c.S:dim(ast.name)) or give_up()
end

function by_tag.call(c, ast)
  local name, args = ast.name, ast.args
  if lookup(c.scope, name) then
    give_up()
  elseif name == "d" and #args == 1 then
    return c.S:diffnode(make(c, args[1]))
  elseif constants[name] then
    return constant(c, ast)
  end
  local op, list = overloads.operator(c.session, name, #args)
  if not op or op.gone or list or #args ~= #op.params then
    give_up()
  end
  return apply(c, ast, op)
end

function by_tag.sum(c, ast)
  local S, args, terms = c.S, ast.args, { nil, nil, nil } -- room for most
  for i = 1, #args do
    local id = make(c, args[i])
    terms[i] = ast.signs[i] < 0 and S:neg(id) or id
  end
  return S:sum(terms)
end

-- A run of * is one product: the constructor sees all factors at once.
function by_tag.product(c, ast)
  local S, args = c.S, ast.args
  local run = { make(c, args[1]) }
  for i = 2, #args do
    local right, op = make(c, args[i]), ast.ops[i - 1]
    if op == "*" then
      run[#run + 1] = right
    elseif op == ".*" then
      run = { S:hadamard { #run > 1 and S:product(run) or run[1], right } }
    elseif op == "/" and scalar(c, right) then
      run[#run + 1] = S:power(right, S:rational(-1))
    else
      give_up()
    end
  end
  return #run > 1 and S:product(run) or run[1]
end

function by_tag.power(c, ast)
  local base, exponent = make(c, ast[1]), make(c, ast[2])
  if not scalar(c, exponent) then
    give_up()
  end
  return ast.elementwise and c.S:elpower(base, exponent) or c.S:power(base, exponent)
end

function by_tag.neg(c, ast)
  return c.S:neg(make(c, ast[1]))
end

function by_tag.transpose(c, ast)
  return c.S:transpose(make(c, ast[1]))
end

function make(c, ast)
  local f = by_tag[ast.tag] or give_up()
  return f(c, ast)
end

--- The node of a tree, or nil: see above.
function M.build(c, ast)
  local ok, id = errors.attempt(make, c, ast)
  if not ok and type(id) ~= "table" then -- a mistake in this program
    error(id, 0)
  end
  return ok and id or nil
end

return M
