--- The short way for texts in which every letter is declared, with its size: nodes at once.
--
-- Then there is nothing to infer, and the engine's constructors check the shapes themselves. So a tree of plain algebra
-- becomes a node in one walk. Invariant: where this way gives a node, the three passes of nabla.language.elaborate give the
-- same, and remember and assume the same; in any other case (a mistake, a size left open, a construct that is not plain
-- algebra) it gives nothing, and the passes find the node, or say in full what is wrong.
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

local by_tag = {}

function by_tag.number(c, ast)
  c.at = ast
  build.note_decimals(c, ast.text)
  return c.S:rational(ast.text)
end

function by_tag.name(c, ast)
  local name = ast.name
  local var = lookup(c.declaring, name)
  c.at = ast
  if var then
    if var.func and var.arg_id then
      return c.S:call(var.id, var.arg_id)
    end
    return not (var.func or var.family) and var.id or give_up()
  end
  local op = c.ops[name]
  if op and not op.gone then
    return #op.params == 0 and c.S:apply(op.number, {}) or give_up()
  end
  return scopes.is_dimension(c.declaring, name) and c.S:dimnode(c.S:dim(name)) or give_up()
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

function by_tag.call(c, ast)
  local name, args = ast.name, ast.args
  local var = lookup(c.declaring, name)
  if var then
    return call_function(c, ast, var)
  elseif name == "d" then
    give_up()
  elseif parts.constants[name] then
    return parts.constant(c, ast) or give_up()
  end
  local op, list = overloads.operator(c.session, name, #args)
  if not op or op.gone or list or #args ~= #op.params or op.expectation then
    give_up()
  end
  return apply(c, ast, op)
end

function by_tag.sum(c, ast)
  local S, args, terms = c.S, ast.args, { nil, nil, nil } -- room for most
  for i = 1, #args do
    local id = make(c, args[i])
    c.at = ast
    terms[i] = ast.signs[i] < 0 and S:neg(id) or id
  end
  local id = S:sum(terms)
  build.note_sum(c, id, terms)
  return id
end

-- A run of * is one product: the constructor sees all factors at once.
function by_tag.product(c, ast)
  local S, args = c.S, ast.args
  local run = { make(c, args[1]), nil, nil }
  for i = 2, #args do
    local right, op = make(c, args[i]), ast.ops[i - 1]
    c.at = ast
    if op == "*" then
      run[#run + 1] = right
    elseif op == "/" then
      run[#run + 1] = scalar(c, right) and S:power(right, S:rational(-1)) or give_up()
    else
      if op == "./" then
        local minus_one = S:rational(-1)
        right = scalar(c, right) and S:power(right, minus_one) or S:elpower(right, minus_one)
      end
      run = { S:hadamard { #run > 1 and S:product(run) or run[1], right } }
    end
  end
  if #run > 1 then
    build.note_chains(c, run)
  end
  return #run > 1 and S:product(run) or run[1]
end

-- Is an exponent the transpose of a page, x^T, or x^-T?
local function is_raised_letter(c, exponent)
  local letter = exponent.tag == "neg" and exponent[1] or exponent
  return (letter.name == "T" or letter.name == "H") and not lookup(c.declaring, letter.name)
end

function by_tag.power(c, ast)
  if is_raised_letter(c, ast[2]) then
    give_up()
  end
  local base, exponent = make(c, ast[1]), make(c, ast[2])
  c.at = ast
  if not scalar(c, exponent) then
    give_up()
  end
  return ast.elementwise and c.S:elpower(base, exponent) or c.S:power(base, exponent)
end

function by_tag.neg(c, ast)
  local id = make(c, ast[1])
  c.at = ast
  return c.S:neg(id)
end

function by_tag.transpose(c, ast)
  if ast[1].tag == "number" then -- 1' may be a row of ones
    give_up()
  end
  local id = make(c, ast[1])
  c.at = ast
  return c.S:transpose(id)
end

function make(c, ast)
  local f = by_tag[ast.tag] or give_up()
  return f(c, ast)
end

-- Failures of the engine that are mistakes in the text: the passes say in full what is wrong.
local MISTAKES = { shape = true, domain = true, usage = true }

--- The node of a tree, or nil: see above. What the engine cannot do in time or by its rules is raised at once.
function M.build(c, ast)
  local ok, id = pcall(make, c, ast)
  if ok then
    return id
  elseif id ~= GIVEN_UP and not errors.is_error(id) and not (type(id) == "table" and MISTAKES[id.status]) then
    build.stop_failed(c, id)
  end
  return nil
end

return M
