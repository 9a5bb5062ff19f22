--- Unknown functions that a page speaks of and nobody declared: their sizes follow from where they are.
--
-- A first pass over the tree, in which each value f(..) is a letter of its kind, finds the sizes; then the functions and the
-- letters are made, in a scope in which the whole tree is read.
--
-- @module nabla.page.functions

local core = require "nabla.core"
local counting = require "nabla.language.counting"
local elaborate = require "nabla.language.elaborate"
local families = require "nabla.language.families"
local scopes = require "nabla.language.scope"

local M = {}

local KIND = core.constants.kinds
local OF_KIND = { scalar = "scalar", column = "vector", matrix = "matrix" }

-- What has the size of the derivative of an unknown scalar function by a column: the column, in the numerator layout a row; of
-- the second derivative: the product of the column with its transpose. Nil for another tree.
local function of_gradient_size(tree, functions)
  local inner, order = tree, 0
  while inner.tag == "call" and inner.name == "D" do
    inner, order = inner.args[1], order + 1
  end
  local f, x = functions[inner.name or ""], order > 0 and tree.args[2]
  if not (tree.sized and f and f.value == "scalar" and f.kind == "column" and x and x.tag == "name" and order <= 2)
  then
    return nil
  end
  local row = { tag = "transpose", x, pos = x.pos, oppos = x.pos }
  if order == 2 then
    return { tag = "product", args = { x, row }, ops = { "*" }, oppos = { x.pos }, pos = x.pos, paren = true }
  end
  return functions.numerator and row or x
end

-- A tree in which values of functions, and their derivatives by scalars, are letters.
local function without_calls(tree, functions)
  if type(tree) ~= "table" then
    return tree
  end
  local derivative = tree.tag == "call" and tree.name == "D" and of_gradient_size(tree, functions)
  if derivative then
    return derivative
  end
  local f = tree.tag == "call" and tree.name == "D" and tree.args[1].name or tree.tag == "call" and tree.name
  if f and functions[f] then
    return { tag = "name", name = f, pos = tree.pos }
  end
  local copy = {}
  for key, part in pairs(tree) do
    copy[key] = without_calls(part, functions)
  end
  return copy
end

-- The letter that all calls of a function have as their argument, or nil.
local function common_argument(list)
  local name
  for _, arg in ipairs(list) do
    if arg.tag ~= "name" or arg.open or name and name ~= arg.name then
      return nil
    end
    name = arg.name
  end
  return name
end

-- Letters that count are sizes from the start: N in a sum over i = 1..N.
local function count_letters(c, tree)
  local counted, dims = {}, c.scope.dims
  c.user_sizes, c.transposed = counted, {}
  counting.count_letters(c, tree, {})
  for name in next, counted do
    dims[name] = true
  end
  c.user_sizes = dims
end

local function free_name(taken)
  for name in ("v t u s z w"):gmatch "%S" do
    if not taken[name] then
      return name
    end
  end
  return "v_1"
end

--- The scope in which a tree with undeclared functions can be read.
-- @tparam table session
-- @tparam table tree
-- @tparam table functions name -> { kind (of the argument), value (its kind), list = arguments, var = the declared one }
-- @tparam table opts `kinds`, `text`, `scope`, `vectors`, `layout`
-- @return the scope, the letters of the context, and handles that keep them; nil if there are no such functions
function M.scope(session, tree, functions, opts)
  local unknown, any = {}, false
  for name, f in pairs(functions) do
    if not f.var then
      unknown[name], any = f, true
    end
  end
  if not any then
    return nil
  end
  local S, outer = session.S, opts.scope or session.scope
  local kinds = {}
  for name, kind in pairs(opts.kinds) do
    kinds[name] = kind
  end
  for name, f in pairs(unknown) do
    kinds[name] = OF_KIND[f.value]
  end
  local sizes = setmetatable({ numerator = (opts.layout or session.layout) == "numerator" }, { __index = unknown })
  local c = elaborate.context(session, {
    text = opts.text,
    scope = outer,
    habit = true,
    page = true,
    layout = opts.layout or session.layout,
    habits = false,
    given_kinds = kinds,
  })
  for name in pairs(opts.vectors or {}) do
    c.vectors[name] = true
  end
  local types, plain = {}, without_calls(tree, sizes)
  local order = {}
  for name in pairs(unknown) do
    order[#order + 1] = name
  end
  table.sort(order)
  count_letters(c, plain)
  c:infer(plain)
  for _, name in ipairs(order) do
    for _, arg in ipairs(unknown[name].list) do
      local found = c:infer(without_calls(arg, sizes))
      local known = types[name]
      if known and not (c:unify(known.rows, found.rows) and c:unify(known.cols, found.cols)) then
        c:stop(arg, ("the arguments of %s differ in size"):format(name))
      end
      types[name] = known or found
    end
  end
  c:settle(plain)
  local scope, pinned, letters, taken = scopes.scope(outer), {}, {}, {}
  for _, var in ipairs(c.letters) do
    taken[var.name] = true
    if not unknown[var.name] then
      families.resolve(c, var.family)
      scope.vars[var.name] = {
        name = var.name,
        id = var.id,
        rows = var.rows,
        cols = var.cols,
        kind = var.kind,
        family = var.family,
      }
      letters[#letters + 1] = var
      pinned[#pinned + 1] = session:wrap(var.id)
    end
  end
  for _, name in ipairs(order) do
    local t, f = types[name], unknown[name]
    local value = scopes.lookup(c.scope, name)
    local rows, cols = value and c:resolve(value.rows) or 1, value and c:resolve(value.cols) or 1
    local arg_rows, arg_cols = c:resolve(t.rows), c:resolve(t.cols)
    local common = common_argument(f.list)
    local var = common and not unknown[common] and scopes.lookup(scope, common)
    local id = var and not var.func and var.id
    if not id then
      local kind = arg_cols == 1 and (arg_rows == 1 and "scalar" or "vector") or "matrix"
      local arg_name = common and not unknown[common] and common or free_name(taken)
      taken[arg_name] = true
      id = S:symbol(arg_name, KIND[kind], 0, arg_rows, arg_cols)
      pinned[#pinned + 1] = session:wrap(id)
    end
    local func = S:func(name, 0, id, rows, cols)
    pinned[#pinned + 1] = session:wrap(func)
    scope.vars[name] = {
      name = name,
      func = true,
      undeclared = true,
      kind = kinds[name],
      rows = rows,
      cols = cols,
      arg_rows = arg_rows,
      arg_cols = arg_cols,
      arg_id = id,
      id = func,
    }
  end
  return scope, letters, pinned
end

return M
