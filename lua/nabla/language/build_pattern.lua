--- The short way for the sides of rules in which every size is declared: nodes at once.
--
-- Then there is nothing to infer, and the engine's constructors check the shapes themselves. So a tree of plain algebra becomes a node
-- in one walk, which is in the engine (lua_tree.c) and asks here what a name or a call is. Invariant: where this way gives a node, the
-- three passes of nabla.language.elaborate give the same; in any other case (a mistake, a size left open, a construct that is not plain
-- algebra) it gives nothing, and the passes find the node, or say in full what is wrong.
--
-- A side is a pattern: the name of an unknown function is itself, d(x) a node. Texts are read by nabla.language.build_declared.
--
-- @module nabla.language.build_pattern

local errors = require "nabla.text.errors"
local overloads = require "nabla.language.overloads"
local parts = require "nabla.language.declared_parts"
local scopes = require "nabla.language.scope"
local several = require "nabla.language.several_entries"

local lookup = scopes.lookup

local M = {}

local CALL_ARGUMENTS, CONSTANT = 64, { I = -1, ones = -2, zeros = -3 } -- as in lua_tree.c
local GIVEN_UP = {} -- raised where the passes are to do it

local function give_up()
  error(GIVEN_UP, 0)
end

local make

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
      or params[i].operator and (parts.operator_name(c, c.scope, args[i], params[i].operator) or give_up())
      or make(c, args[i])
  end
  several.spread(c.S, op, ids)
  return c.S:apply(op.number, ids)
end

-- Are the arguments of an operator nodes, and nothing else?
local function is_plain(op)
  for _, p in ipairs(op.params) do
    if p.dimension or p.index or p.operator then
      return false
    end
  end
  return not op.spreads
end

local function name(c, ast)
  local var = lookup(c.scope, ast.name)
  if var then
    return not var.func and var.id or give_up()
  end
  local op = c.ops[ast.name]
  if op and not op.gone then
    return #op.params == 0 and c.S:apply(op.number, {}) or give_up()
  end
  return scopes.is_dimension(c.scope, ast.name) and c.S:dimnode(c.S:dim(ast.name)) or give_up()
end

-- What a call means is the same in all rules until other letters are declared: the engine does not ask again.
local function remember(c, called, what)
  local known = c.scope.known_calls
  if known then
    known[called] = what
  end
end

-- Can the engine make a call's node by itself? Not where an argument is an operator, or scalars spread.
local function is_known(op)
  for _, p in ipairs(op.params) do
    if p.operator then
      return false
    end
  end
  return not op.spreads
end

local function call(c, ast)
  local called, args = ast.name, ast.args
  if lookup(c.scope, called) then
    give_up()
  elseif called == "d" and #args == 1 then
    remember(c, called, 1)
    return nil, 0
  elseif parts.constants[called] then
    remember(c, called, CONSTANT[called])
    return parts.constant(c, ast) or give_up()
  end
  local op, list = overloads.operator(c.session, called, #args)
  if not op or op.gone or list or #args ~= #op.params then
    give_up()
  end
  remember(c, called, is_known(op) and op.number * CALL_ARGUMENTS + #args or nil)
  if is_plain(op) then
    return nil, op.number
  end
  return apply(c, ast, op)
end

-- What the engine does not know of a tree: its node, or nil and the number of the operator whose call it is, 0 for d(..).
local function others(c, ast)
  if ast.tag == "name" then
    return name(c, ast)
  end
  if ast.tag == "call" then
    return call(c, ast)
  end
  give_up()
end

function make(c, ast)
  local scope = c.scope
  return c.S:tree(ast, scope.vars, others, c, scope.known_calls, scope.known_letters, scope)
end

--- The node of a tree, or nil: see above.
function M.build(c, ast)
  local ok, id = errors.attempt(make, c, ast)
  if not ok and type(id) ~= "table" and not tostring(id):find "stack overflow" then -- a mistake in this program
    error(id, 0)
  end
  return ok and id or nil
end

return M
