--- The short way for texts in which every letter is declared, with its size: nodes at once.
--
-- Then there is nothing to infer, and the engine's constructors check the shapes themselves. So a tree of plain algebra
-- becomes a node in one walk. Invariant: where this way gives a node, the three passes of nabla.language.elaborate give the
-- same, and remember and assume the same; in any other case (a mistake, a size left open, a construct that is not plain
-- algebra) it gives nothing, and the passes find the node, or say in full what is wrong. The walk is in the engine (lua_tree.c), which
-- asks here what a call is, and whatever is rare.
--
-- The sides of rules are read by nabla.language.build_pattern.
--
-- @module nabla.language.build_declared

local build = require "nabla.language.build"
local core = require "nabla.core"
local errors = require "nabla.text.errors"
local later = require "nabla.text.later"
local scopes = require "nabla.language.scope"

local overloads = later.require "nabla.language.overloads"
local parts = later.require "nabla.language.declared_parts"
local several = later.require "nabla.language.several_entries"

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

-- The arguments of an operator in a text. The sum of a scalar such as exp(a'*x) is told in a note.
local function arguments(c, op, args, params)
  local ids = { nil, nil, nil }
  local of_vector = op.rows == ONE and op.cols == ONE
  for i = 1, #params do
    local p, arg = params[i], args[i]
    local id
    if p.dimension then
      id = c.S:dimnode(c:dimension(arg))
    elseif p.operator then
      id = parts.operator_name(c, c.declaring, arg, p.operator) or give_up()
    else
      id = make(c, arg)
      if (p.index and not scalar(c, id)) or of_vector and p.rows ~= p.cols and arg.tag == "call" and scalar(c, id) then
        give_up()
      end
    end
    ids[i] = id
  end
  return ids
end

local function apply(c, ast, op)
  local ids = arguments(c, op, ast.args, op.params)
  c.at = ast
  several.spread(c.S, op, ids)
  return c.S:apply(op.number, ids)
end

local function number(c, ast)
  build.note_decimals(c, ast.text)
  return c.S:rational(ast.text)
end

local function name(c, ast)
  local var = lookup(c.declaring, ast.name)
  if var then
    if var.func and var.arg_id then
      return c.S:call(var.id, var.arg_id)
    end
    return not (var.func or var.family) and var.id or give_up()
  end
  local op = c.ops[ast.name]
  if op and not op.gone then
    return #op.params == 0 and c.S:apply(op.number, {}) or give_up()
  end
  return scopes.is_dimension(c.declaring, ast.name) and c.S:dimnode(c.S:dim(ast.name)) or give_up()
end

-- The value of an unknown function at an argument.
local function call_function(c, ast, var)
  local args = ast.args
  if not var.func or var.several or #args ~= 1 then
    give_up()
  end
  local id = make(c, args[1])
  c.at = ast
  return c.S:rows(id) == var.arg_rows and c.S:cols(id) == var.arg_cols and c.S:call(var.id, id) or give_up()
end

-- Are the arguments of an operator nodes, and nothing else? Second: is that so of some arguments only?
local function is_plain(op, args)
  local of_vector, some = op.rows == ONE and op.cols == ONE, false
  for i = 1, #op.params do
    local p = op.params[i]
    local may_be_told = of_vector and p.rows ~= p.cols
    some = some or may_be_told
    if p.dimension or p.index or p.operator or may_be_told and args[i].tag == "call" then
      return false
    end
  end
  return not op.spreads, some
end

local CALL_ARGUMENTS = 64 -- as in lua_tree.c

-- What a call means is the same in all texts until rules are read, or where a letter has the name of the operator. Nil where more than
-- the letters of a session may have.
local function known_calls(c)
  local session, scope = c.session, c.declaring
  if scope.outer ~= session.declared or scope.find or session.loading then
    return nil
  end
  session.known_calls = session.known_calls or {}
  return session.known_calls
end

local function call(c, ast)
  local var = lookup(c.declaring, ast.name)
  if var then
    return call_function(c, ast, var)
  elseif ast.name == "d" then
    give_up()
  elseif parts.constants[ast.name] then
    return parts.constant(c, ast) or give_up()
  end
  local op, list = overloads.operator(c.session, ast.name, #ast.args)
  if not op or op.gone or list or #ast.args ~= #op.params or op.expectation then
    give_up()
  end
  local plain, some = is_plain(op, ast.args)
  if not plain then
    return apply(c, ast, op)
  elseif c.calls and not some then
    c.calls[ast.name] = op.number * CALL_ARGUMENTS + #ast.args
  end
  return nil, op.number
end

local by_tag = { number = number, name = name, call = call }

-- What the engine does not know of a tree: its node, or nil and the number of the operator whose call it is.
local function others(c, ast)
  c.at = ast
  local f = by_tag[ast.tag] or give_up()
  return f(c, ast)
end

function make(c, ast)
  return c.S:tree_of_text(ast, c.declaring.vars, others, c, c.calls)
end

-- Failures of the engine that are mistakes in the text: the passes say in full what is wrong.
local MISTAKES = { shape = true, domain = true, usage = true }

--- The node of a tree, or nil: see above. What the engine cannot do in time or by its rules is raised at once.
function M.build(c, ast)
  c.calls = known_calls(c)
  local ok, id = pcall(make, c, ast)
  if ok then
    return id
  elseif type(id) == "string" and id:find "stack overflow" then -- the walk is of moderate depth
    return nil
  elseif id ~= GIVEN_UP and not errors.is_error(id) and not (type(id) == "table" and MISTAKES[id.status]) then
    build.stop_failed(c, id)
  end
  return nil
end

return M
