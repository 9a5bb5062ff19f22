--- What the trees of a text are by their names: scalar, column, row or matrix; nil where the names do not say.
--
-- In the notation of a program the kinds of its parts may say what a call means: norm(x), norm(A).
--
-- @module nabla.page.program_kinds

local core = require "nabla.core"
local overloads = require "nabla.language.overloads"
local scopes = require "nabla.language.scope"
local words = require "nabla.language.words"

local M = {}

local ONE = core.constants.one -- the dimension 1

local kind_of

-- The kind of what has `rows` and `cols`.
local function kind_of_sizes(it)
  return it.cols == ONE and (it.rows == ONE and "scalar" or "column") or it.rows == ONE and "row" or "matrix"
end

local function kind_of_name(c, name)
  if c.given and c.given[name] then
    return c.given[name]
  end
  local var = scopes.lookup(c.session.scope, name)
  if var and var.rows and var.cols then
    return kind_of_sizes(var)
  elseif scopes.is_dimension(c.session.scope, name) then
    return "scalar"
  end
  local kind = words.habit(name)
  return kind == "vector" and "column" or kind
end

-- The kind of a product of two.
local function product_of(a, b)
  if a == "scalar" or b == "scalar" then
    return a == "scalar" and b or a
  elseif a and b then
    local one_row, one_column = a == "row", b == "column"
    return one_row and (one_column and "scalar" or "row") or one_column and "column" or "matrix"
  end
end

-- The first kind of a list of trees that is not scalar.
local function common(c, list)
  local found
  for _, tree in ipairs(list) do
    local kind = kind_of(c, tree)
    if kind ~= "scalar" then
      return kind
    end
    found = kind
  end
  return found
end

-- Is a size of a result 1 where the arguments of an operator are of known kinds?
local function is_one(c, op, dim, args)
  local S, ones = c.session.S, {}
  for i, param in ipairs(op.params) do
    local kind = param.rows and not param.index and kind_of(c, args[i])
    if param.dimension and args[i] and args[i].text == "1" then
      ones[param.name] = true
    end
    for _, size in ipairs(kind and { param.rows, param.cols } or {}) do
      local narrow = kind == "scalar" or kind == (size == param.rows and "row" or "column")
      ones[S:dimtext(size)] = narrow or nil
    end
  end
  for name in S:dimtext(dim):gmatch "[^*]+" do
    if not ones[name] and name ~= "1" then
      return false
    end
  end
  return true
end

local SIZED = { I = "matrix", ones = { "column", "matrix" }, zeros = { "column", "matrix" } }

local function kind_of_call(c, tree)
  local sized = SIZED[tree.name]
  if sized then
    return type(sized) == "string" and sized or sized[#tree.args]
  end
  local var = scopes.lookup(c.session.scope, tree.name)
  local op = not var and overloads.operator(c.session, tree.name, #tree.args)
  if var and var.family then
    return kind_of_sizes(var.family)
  elseif var then -- an unknown function, or an entry
    return (var.func or var.arguments) and kind_of_name(c, tree.name) or "scalar"
  elseif not op or op.gone then
    return nil
  elseif op.same or op.rows == nil then
    return common(c, tree.args)
  end
  local one_row, one_column = is_one(c, op, op.rows, tree.args), is_one(c, op, op.cols, tree.args)
  return one_row and (one_column and "scalar" or "row") or one_column and "column" or "matrix"
end

local TURNED = { column = "row", row = "column" }

-- What a tree is by its names: scalar, column, row or matrix; nil where they do not say.
local function found_of(c, tree)
  local tag = tree.tag
  if tag == "number" then
    return "scalar"
  elseif tag == "name" then
    return kind_of_name(c, tree.name)
  elseif tag == "neg" then
    return kind_of(c, tree[1])
  elseif tag == "transpose" then
    local kind = kind_of(c, tree[1])
    return TURNED[kind] or kind
  elseif tag == "power" then
    return tree.elementwise and common(c, tree) or kind_of(c, tree[1])
  elseif tag == "sum" then
    return common(c, tree.args)
  elseif tag == "sumover" then
    return kind_of(c, tree.body)
  elseif tag == "entry" then
    return "scalar"
  elseif tag == "call" then
    return kind_of_call(c, tree)
  elseif tag == "product" then
    local kind = kind_of(c, tree.args[1])
    for i = 2, #tree.args do
      local other = kind_of(c, tree.args[i])
      if tree.ops[i - 1] == "*" then
        kind = product_of(kind, other)
      elseif tree.ops[i - 1] ~= "/" then
        kind = kind ~= "scalar" and kind or other
      end
    end
    return kind
  end
end

function kind_of(c, tree)
  if tree == nil then
    return nil
  elseif c.known[tree] == nil then
    c.known[tree] = found_of(c, tree) or false
  end
  return c.known[tree] or nil
end

--- A function from a tree to its kind; each is found once, for what is read makes large trees out of small ones.
-- @tparam table session
-- @tparam[opt] table given kinds of names
function M.of(session, given)
  local c = { session = session, known = {}, given = given }
  return function(tree)
    return kind_of(c, tree)
  end
end

return M
