--- The first pass over a syntax tree: every subtree gets a type.
--
-- A type is a table with `rows` and `cols`, which trees of one shape may share; the type of a name is its variable, that
-- of a call says in `means` what the call is. The context keeps them by tree (`c.types`); a tree is never changed. Sizes
-- that nobody declared are unknowns of the context, found by unification. What does not fit is an error at the operator
-- or name in question.
--
-- Here are names and calls; sums, products and powers are in nabla.language.infer_arithmetic.
--
-- @module nabla.language.infer

local arithmetic = require "nabla.language.infer_arithmetic"
local blocks = require "nabla.language.blocks"
local core = require "nabla.core"
local counting = require "nabla.language.counting"
local doubts = require "nabla.language.doubts"
local errors = require "nabla.text.errors"
local families = require "nabla.language.families"
local greek = require "nabla.text.greek"
local later = require "nabla.text.later"
local letter_prices = require "nabla.language.letter_prices"
local members = require "nabla.language.members"
local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"

local expectations = later.require "nabla.language.expectations"
local foreign_names = later.require "nabla.text.foreign_names"
local overloads = later.require "nabla.language.overloads"
local several_arguments = later.require "nabla.language.several_arguments"
local trees = later.require "nabla.language.tree"

local M = {}

local lookup, is_dimension = scopes.lookup, scopes.is_dimension

local ONE = core.constants.one -- the dimension 1
local SCALAR = { rows = ONE, cols = ONE }

local infer

-- An undeclared letter: its kind by habit, or the other kind that is being tried (nabla.language.letter_kinds); its size to be
-- found.
local function undeclared(c, ast, name)
  members.refuse_bare(c, ast, name)
  local base, index = name:match "^(.+)_([%a\128-\255]+)$"
  local counter = index and lookup(c.scope, index)
  if counter and counter.counter and not c.page then
    c:stop(
      ast,
      string.format("%s is a name of its own, the same for every %s", name, index),
      ("an entry is written %s(%s); a letter for each is declared: vector %s_i(m) for i = 1..n"):format(
        base,
        index,
        base
      )
    )
  end
  local found = c.given_kinds and c.given_kinds[name] -- what the reader of a page has found
  local kind = ast.open and "matrix" or found or c.habit and c:habit_of(name) -- open: what LaTeX prints without its sizes
  if not kind then
    c:stop_unknown(ast, "name", name)
  end
  local other = c.kinds[name]
  if found then
    kind = found
  elseif other and not ast.open then
    kind = other == "spread" and "scalar" or other
  elseif kind == "scalar" and c.vectors[name] then
    kind = "vector"
  end
  local row = kind == "row" -- of a page
  kind = row and "matrix" or kind
  local var = {
    name = name,
    typed = ast.name,
    kind = kind,
    pos = ast.pos,
    weak = c.yields and kind ~= "scalar" and letter_prices.weak[name],
    rows = (kind == "scalar" or row) and ONE or c:unknown(not ast.open),
    cols = kind == "matrix" and ast.open ~= "column" and c:unknown(not ast.open) or ONE,
    undeclared = true,
  }
  if ast.open == "square" then
    var.cols = var.rows
  end
  local scope = c.scope
  while scope.counts do -- a letter in a counted sum is the letter of the whole text
    scope = scope.outer
  end
  scope.vars[name] = var
  c.letters[#c.letters + 1] = var
  return var
end

-- What the name of a leaf or of a call is declared as, and the name. A Greek letter is another way to write its name,
-- unless it is declared as such.
local function declared(c, name)
  local var = lookup(c.scope, name)
  if not var and name:find "[\128-\255]" then
    name = greek.spelled(name)
    var = lookup(c.scope, name)
  end
  return var, name
end

local infer_index

local function infer_name(c, ast)
  local var, name = lookup(c.scope, ast.name), nil
  if not var then
    var, name = declared(c, ast.name)
  end
  if var then
    return var.family and members.whole(c, ast, var) or var
  end
  local family, indices = families.member(c.scope, ast.name, ast.pos)
  if family and not (c.given_kinds and c.given_kinds[name]) then
    return members.infer(c, ast, family, indices, infer_index)
  end
  local op = c.ops[name]
  if c.given_kinds and c.given_kinds[name] then
    return undeclared(c, ast, name)
  elseif op and not op.gone and #op.params == 0 then
    return { rows = op.rows, cols = op.cols, operator = op }
  elseif is_dimension(c.scope, name) then
    return { rows = ONE, cols = ONE, dimension = name }
  elseif c.yields and name ~= c.by and (name == "I" or name:find "^I_%w%d*$") then
    return doubts.identity(c, ast, name)
  elseif op and not op.gone and not (c.yields and c:habit_of(name)) then
    c:refuse(ast, string.format("'%s' is a function: its argument is missing", name), name .. "(..)")
  end
  return undeclared(c, ast, name)
end

local function arity_text(n)
  return n == 0 and "no arguments" or n == 1 and "one argument" or n .. " arguments"
end

-- Arguments of I, ones, zeros.
local function infer_constant(c, ast)
  local n = #ast.args
  local most = ast.name == "I" and 1 or 2
  if n < 1 or n > most then
    c:stop(
      ast,
      string.format(
        "%s takes %s, found %d",
        ast.name,
        most == 1 and "one dimension" or "one or two dimensions",
        n
      )
    )
  end
  local d = {}
  for i, arg in ipairs(ast.args) do
    d[i] = c:dimension(arg)
  end
  return { means = "constant", rows = d[1], cols = ast.name == "I" and d[1] or d[2] or ONE }
end

-- An argument that is the name of an operator with a certain flag: `expm` in frechet(expm, X, H).
local function infer_operator_name(c, ast, i, flag)
  local arg = ast.args[i]
  local var = arg.tag == "name" and lookup(c.scope, arg.name)
  local op = arg.tag == "name" and c.ops[arg.name]
  if var and var.kind == "operator" then
    c.types[arg] = var
  elseif not (op and not op.gone and op[flag]) then
    local known = {}
    for name, other in pairs(c.ops) do
      known[#known + 1] = other[flag] and not other.gone and name or nil
    end
    table.sort(known)
    local where = string.format("argument %d of %s", i, ast.name)
    local what = flag == "matrixfunction" and "a matrix function" or "an operator that is " .. flag
    local nearest = arg.tag == "name" and spelling.nearest(arg.name, known)
    c:stop(
      arg,
      string.format("%s must be the name of %s", where, what),
      nearest and "did you mean " .. nearest .. "?" or "known: " .. table.concat(known, ", ")
    )
  end
end

-- The letters that count without a declaration.
local function is_index(name)
  return name:match "^[i-np-s]_?%d*$" ~= nil
end

-- Does a tree look like an index: numbers, sizes, counters, scalars and letters that count?
local function is_indexing(c, ast)
  if ast.tag == "number" then
    return true
  elseif ast.tag == "name" then
    local var = lookup(c.scope, ast.name)
    if var then
      return not var.func and var.rows == ONE and var.cols == ONE
    end
    return is_dimension(c.scope, ast.name) or (c.habit and is_index(ast.name))
  elseif ast.tag == "neg" then
    return is_indexing(c, ast[1])
  elseif ast.tag == "sum" or ast.tag == "product" then
    for _, arg in ipairs(ast.args) do
      if not is_indexing(c, arg) then
        return false
      end
    end
    return true
  end
  return false
end

-- An index: a scalar, in which undeclared letters are sizes.
function infer_index(c, ast)
  local function claim(a)
    if a.tag == "name" and c.habit and is_index(a.name) and not c:knows(a.name) then
      c.user_sizes[a.name] = true
    end
    if a.tag == "neg" then
      claim(a[1])
    end
    for _, arg in ipairs(a.args or {}) do
      claim(arg)
    end
  end
  claim(ast)
  local index = infer(c, ast)
  if not c:is_scalar(index) then
    c:stop(ast, "an index is a scalar, found " .. c:shape_text(index))
  end
end

-- Entries of `base`: X(i,j), and x(i) of a column or a row.
local function infer_entry(c, ast, base)
  if not c.ops.entry or c.ops.entry.gone then
    c:stop(ast, "the rules that are loaded have no operator `entry`")
  end
  local whole = infer(c, base)
  local what = base.tag == "name" and base.name or "this"
  local n = #ast.args
  local row, column = c:resolve(whole.rows) == ONE, c:resolve(whole.cols) == ONE
  if row and column then
    c:stop(ast, what .. " is a scalar; it has no entries")
  elseif n > 2 or (n == 1 and not (row or column)) then
    c:stop(
      ast,
      string.format("an entry of a %s matrix has two indices, found %d", c:shape_text(whole), n),
      base.tag == "name" and what .. "(i,j)" or nil
    )
  end
  for k, arg in ipairs(ast.args) do
    infer_index(c, arg)
    local counter = arg.tag == "name" and lookup(c.scope, arg.name)
    if counter and counter.last then
      local down = n == 2 and k == 1 or n == 1 and not row
      c:add("spans", { size = down and whole.rows or whole.cols, last = counter.last })
    end
    if n == 2 and arg.text ~= "1" and (k == 1 and row or k == 2 and column) then
      c:stop(arg, string.format("%s is a %s: this index is 1", what, row and "row" or "column"))
    end
  end
  return { means = "entry", rows = ONE, cols = ONE, base = base, of_row = n == 1 and row }
end

-- A size of an operator's signature, in the sizes of a call: `sizes` says what its names stand for.
local function size_in(c, d, sizes)
  if d == ONE then
    return d
  end
  local list = c:names(d)
  for i = 1, #list do
    local name = list[i]
    sizes[name] = sizes[name] or c:unknown()
  end
  return sizes[list.alone] or c.S:dimreplace(d, sizes)
end

-- Does a size fit that of a parameter? A name that is met for the first time stands for it.
local function fits(c, d, size, sizes)
  if d == ONE then
    return size == ONE or c:unify(d, size)
  end
  local name = c:names(d).alone
  local known = name and sizes[name]
  if name and not known then
    sizes[name] = size
    return true
  end
  return known == size or c:unify(known or size_in(c, d, sizes), size)
end

local function stop_misfit(c, ast, i, op, sizes)
  if ast.block then
    blocks.stop_misfit(c, ast)
  end
  local p, arg = op.params[i], ast.args[i]
  local found, hint = c:shape_text(c.types[arg]), nil
  local wanted = c:shape_text({ rows = size_in(c, p.rows, sizes), cols = size_in(c, p.cols, sizes) }):gsub("%?", "n")
  local message = string.format("%s of a %s matrix: it must be %s", ast.name, found, wanted)
  if p.rows == p.cols then
    message = string.format("%s of a %s matrix: it must be square", ast.name, found)
    local leaf = not c.habit and trees.leaves(arg)[1]
    hint = op.square_hint or leaf and string.format("declare it square: let matrix %s(n,n)", leaf.name) or nil
  elseif p.cols == ONE then
    message = string.format("%s takes a column, found %s", ast.name, found)
    hint = op.standard and foreign_names.of_several[ast.name] or nil
  end
  if op.hint then
    hint = op.hint
  elseif not hint and not op.standard and op.file then
    hint = "it is " .. overloads.signatures(c.session, ast.name, { op })
  end
  c.misfit = { ast }
  c:stop(arg, message, hint)
end

-- `known`: the types of arguments that are inferred already.
local function infer_operator(c, ast, op, known)
  local args, params = ast.args, op.params
  if op.assoc and #args > 2 then
    local tree = blocks.nested_call(ast)
    return { means = "nested", tree = tree, rows = infer(c, tree).rows, cols = c.types[tree].cols }
  end
  if #args ~= #params and not ast.unsized then
    local own = not op.standard and op.file and "it is " .. overloads.signatures(c.session, ast.name, { op })
    local message = string.format("%s takes %s, found %d", ast.name, arity_text(#params), #args)
    c:refuse(ast, message, own or foreign_names.of_several[ast.name])
  end
  if op.expectation and not c.pattern then
    expectations.need_random(c, ast)
  end
  local sizes = { m = nil, n = nil } -- room for most
  local only_scalars = op.spreads
  for i = 1, #params do
    local p = params[i]
    if p.dimension then
      sizes[p.dimension] = args[i] and c:dimension(args[i]) or c:unknown()
    elseif p.index then
      infer_index(c, args[i])
    end
  end
  for i = 1, #params do
    local p, arg = params[i], args[i]
    if p.operator then
      infer_operator_name(c, ast, i, p.operator)
    elseif not (p.dimension or p.index) then
      local found = known and known[i] or infer(c, arg)
      if c.yields and not ast.unwritten then
        doubts.argument(c, ast, op, i, found)
      end
      if op.spreads and c:is_scalar(found) then
        found = nil -- it stands for each entry
      else
        only_scalars = false
      end
      if found and p.rows and not (fits(c, p.rows, found.rows, sizes) and fits(c, p.cols, found.cols, sizes)) then
        stop_misfit(c, ast, i, op, sizes)
      end
    end
  end
  local rows, cols
  if op.same then
    local first = c.types[args[1]]
    rows, cols = first.rows, first.cols
  elseif only_scalars then
    rows, cols = ONE, ONE
  else
    rows, cols = size_in(c, op.rows, sizes), size_in(c, op.cols, sizes)
  end
  local t = { means = "operator", rows = rows, cols = cols, operator = op, sizes = ast.unsized and sizes }
  blocks.note_parts(c, op, ast, t)
  return t
end

-- A call of a name that several operators share: the shapes of the arguments decide.
local function infer_overloaded(c, ast, name, list)
  local types = {}
  local function shape_of(i)
    types[i] = types[i] or infer(c, ast.args[i])
    return c:resolve(types[i].rows), c:resolve(types[i].cols)
  end
  local function same(a, b, is_number)
    b = is_number and c.S:dim(b) or b
    return a == b or (c:has_unknown(a) or c:has_unknown(b)) and nil
  end
  local op, found = overloads.choose(c.session, list, shape_of, same)
  if not found then
    local shapes = {}
    for i in ipairs(ast.args) do
      shapes[i] = types[i] and c:shape_text(types[i]) or "?"
    end
    c.misfit = { ast }
    c:stop(
      ast,
      string.format("no %s of %s", name, table.concat(shapes, " and ")),
      "there is " .. overloads.signatures(c.session, name, list)
    )
  end
  return infer_operator(c, ast, op, types)
end

local function infer_function_call(c, ast, var, name)
  if var.several then
    return several_arguments.infer(c, ast, var, name)
  end
  if #ast.args ~= 1 then
    c:refuse(ast, string.format("%s takes one argument, found %d", name, #ast.args))
  end
  local arg = infer(c, ast.args[1])
  if not (c:unify(arg.rows, var.arg_rows) and c:unify(arg.cols, var.arg_cols)) then
    local wanted = { rows = var.arg_rows, cols = var.arg_cols }
    local message = "the argument of %s is %s, declared %s"
    c:stop(ast.args[1], message:format(name, c:shape_text(arg), c:shape_text(wanted)))
  end
  return { means = "function", rows = var.rows, cols = var.cols, var = var }
end

-- The node of a tree that the calculus computes by one of its hooks.
local function infer_by(c, ast, hook, ...)
  local ok, node = pcall(hook, c, ast, ...)
  if not ok then
    if type(node) == "table" and node.status and not errors.is_error(node) then
      c:stop(ast, node.message, node.hint)
    end
    error(node, 0)
  end
  return { means = "derivative", rows = c.S:rows(node), cols = c.S:cols(node), node = node }
end

-- A function of an expression and a variable.
local function infer_formula(c, ast, formula)
  if #ast.args ~= #formula.params then
    local wanted = table.concat(formula.params, ", ")
    c:stop(ast, string.format("%s takes %s, found %d arguments", ast.name, wanted, #ast.args))
  end
  return infer_by(c, ast, c.hooks.formula, formula)
end

local function infer_derivative(c, ast)
  if #ast.args ~= 2 then
    c:stop(
      ast,
      string.format("D takes a function or expression and a variable, found %d arguments", #ast.args),
      "write D(x'*A*x, x), or D(u, x) of an unknown function u of x"
    )
  end
  return infer_by(c, ast, c.hooks.derivative)
end

-- A declared matrix K may have the name of an operator: K(i,j) is an entry of it, K(m,n) with sizes the operator.
local function is_entry_of(c, ast, var, name)
  local flat = var and (var.rows == ONE or var.cols == ONE)
  if not var or var.undeclared or (var.rows == ONE and var.cols == ONE) then
    return false
  elseif #ast.args ~= 2 and not (#ast.args == 1 and flat) then
    return false
  end
  local op = c.ops[name]
  local only_sizes = op and #op.params == #ast.args
  for _, arg in ipairs(ast.args) do
    if not is_indexing(c, arg) then
      return false
    end
    local known = arg.tag == "name" and lookup(c.scope, arg.name)
    local size = arg.tag == "number" or arg.tag == "name" and not known and is_dimension(c.scope, arg.name)
    only_sizes = only_sizes and size
  end
  return not only_sizes
end

local function infer_call(c, ast)
  local var, name = declared(c, ast.name)
  if var and var.func then
    return infer_function_call(c, ast, var, name)
  elseif var and var.family or ast.member then -- x_(i+1)
    return members.infer(c, ast, var or members.undeclared(c, ast), ast.args, infer_index)
  elseif not var and families.member(c.scope, ast.name, ast.pos) then -- x_i(2)
    return infer_entry(c, ast, { tag = "name", name = ast.name, pos = ast.pos })
  elseif is_entry_of(c, ast, var, name) or not var and c.given_kinds and c.given_kinds[name] then
    return infer_entry(c, ast, { tag = "name", name = name, pos = ast.pos })
  elseif name == "D" then
    return infer_derivative(c, ast)
  elseif name == "d" and #ast.args == 1 then
    local inner = infer(c, ast.args[1])
    return { means = "differential", rows = inner.rows, cols = inner.cols }
  elseif name == "I" or name == "ones" or name == "zeros" then
    return infer_constant(c, ast)
  end
  local op, list = overloads.operator(c.session, name, #ast.args)
  if list then
    return infer_overloaded(c, ast, name, list)
  elseif op and not op.gone then
    return infer_operator(c, ast, op)
  elseif c.session.formulas[name] then
    return infer_formula(c, ast, c.session.formulas[name])
  end
  local indexed = true
  for _, arg in ipairs(ast.args) do
    indexed = indexed and is_indexing(c, arg)
  end
  if var and indexed then
    return infer_entry(c, ast, { tag = "name", name = name, pos = ast.pos }) -- of an undeclared letter
  elseif var then
    c:stop(
      ast,
      string.format("%s is a %s, not a function", name, var.kind),
      string.format(
        "for a product write %s*(..); an unknown function is declared: %s of x",
        name,
        var.kind == "vector" and "vector " .. name .. "(n)"
          or var.kind == "matrix" and "matrix " .. name .. "(m,n)"
          or "scalar " .. name
      )
    )
  end
  -- X(i,j) of an undeclared X; f(i) and f(n) are more likely functions
  local kind = c.habit and c:habit_of(name)
  local letters = indexed and not name:match "^[fg]"
  for _, arg in ipairs(ast.args) do
    letters = letters and (arg.tag ~= "name" or c:knows(arg.name) or arg.name:match "^[ijkl]_?%d*$")
  end
  if letters and kind and (#ast.args == 2) == (kind == "matrix") then
    return infer_entry(c, ast, { tag = "name", name = name, pos = ast.pos })
  end
  c:stop_unknown(ast, "function", name)
end

local infer_tag = {
  number = function(c, ast)
    return ast.fills and not c.pattern and blocks.filling(c, ast) or SCALAR
  end,
  name = infer_name,
  call = infer_call,
  entry = function(c, ast)
    local var = several_arguments.of_partial(c, ast) -- D(f, x)(a, b)
    if var then
      return infer_by(c, ast, c.hooks.partial_at, var)
    end
    for _, arg in ipairs(ast.args) do
      if not is_indexing(c, arg) then
        c:stop(
          ast.oppos,
          "expected an operator or the indices of an entry, found `(`",
          "did you mean a product (...)*(...)? An entry is (...)(i,j)"
        )
      end
    end
    return infer_entry(c, ast, ast[1])
  end,
  sum = arithmetic.sum,
  product = arithmetic.product,
  power = arithmetic.power,
  neg = function(c, ast)
    return infer(c, ast[1])
  end,
  transpose = function(c, ast)
    if c.yields and ast[1].tag == "number" and ast[1].text == "1" then
      c:assume(ast.pos, "1' is a row of ones")
      return { rows = ONE, cols = c:unknown(true), ones = true }
    end
    local inner = infer(c, ast[1])
    if ast[1].tag == "sum" and c.yields and c:is_scalar(inner) then
      doubts.scalars(c, ast[1].args, "it is transposed")
    end
    return { rows = inner.cols, cols = inner.rows }
  end,
  sumover = function(c, ast)
    local inner = scopes.scope(c.scope)
    inner.counts = true
    counting.counts(c, ast.lo, counting.SIZES)
    counting.counts(c, ast.hi, counting.SIZES)
    local lo, hi = infer(c, ast.lo), infer(c, ast.hi)
    if not (c:is_scalar(lo) and c:is_scalar(hi)) then
      c:stop(ast, "the bounds of a counted sum must be scalars")
    end
    inner.vars[ast.var] = members.counter(c, ast)
    local before = c.scope
    c.scope = inner
    local body = infer(c, ast.body)
    c.scope = before
    return body
  end,
}

function infer(c, ast)
  local f = infer_tag[ast.tag]
  if not f then
    c:stop(ast, "an expression was expected here")
  end
  local t = f(c, ast)
  c.types[ast] = t
  return t
end

--- The type of a tree.
-- @treturn table rows, cols, and what a name or a call means
M.infer = infer

return M
