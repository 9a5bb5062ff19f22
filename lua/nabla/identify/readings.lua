--- What a formula on a page leaves to its reader: a tree as LaTeX says it becomes one that the language of nabla can mean.
--
-- The kind of every part (scalar, column, row, matrix) follows from its letters. It decides what the sign alone does not:
-- u·v of two columns is u'*v, |X| is a determinant if X is a matrix, e^{X} a matrix exponential, x^2 of a column is taken
-- entry by entry, the 1 in 1 - x is a column of ones. Only what would have no meaning otherwise is changed.
-- What is no more than likely is a reading of its own: exp(X) entry by entry, or the function of a matrix.
--
-- @module nabla.identify.readings

local copy_tree = require("nabla.language.tree").copy
local core = require "nabla.core"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local slips = require "nabla.identify.slips"

local M = {}

local ONE = core.constants.one -- the dimension 1

local TURNED = { column = "row", row = "column" }

local Reader = {}
Reader.__index = Reader

-- ---------------------------------------------------------------------------------------------- kinds

local function of_shape(rows, cols)
  local flat = cols == ONE
  return rows == ONE and (flat and "scalar" or "row") or flat and "column" or "matrix"
end

local function of_name(self, tree)
  local name = tree.name
  if self.counters[name] then
    return "scalar"
  end
  local var = elaborate.lookup(self.scope, name)
  if var then
    return of_shape(var.rows, var.cols)
  elseif tree.open then
    return tree.open == "square" and "matrix" or tree.open == "column" and "column" or nil
  elseif self.session.scope.dims[name] then
    return "scalar"
  end
  local habit = elaborate.habit(name)
  if self.bold[name] then
    return habit == "matrix" and "matrix" or "column"
  elseif habit == "scalar" and self.columns[name] then
    return "column"
  end
  if habit == "vector" then
    return self.counting and "scalar" or "column"
  end
  return habit
end

-- The kind of a matrix product.
local function of_product(a, b)
  if a == "scalar" or b == "scalar" then
    return a == "scalar" and b or a
  elseif a == "row" and b == "column" then
    return "scalar"
  elseif a == "matrix" and (b == "column" or b == "matrix") then
    return b
  elseif b == "matrix" and a == "row" then
    return "row"
  elseif a == "column" and b == "row" then
    return "matrix"
  end
end

local function of_call(self, tree)
  local name, var = tree.name, elaborate.lookup(self.scope, tree.name)
  local op = self.session.ops[name]
  if var then
    return var.func and of_shape(var.rows, var.cols) or "scalar" -- a value, or an entry
  elseif tree.unsized then
    return nil
  elseif name == "I" then
    return "matrix"
  elseif name == "ones" or name == "zeros" then
    return #tree.args == 1 and "column" or "matrix"
  elseif name == "d" then
    return self:kind(tree.args[1])
  elseif not op or op.gone then
    return self:indexed(tree) and "scalar" or nil
  elseif op.same or op.elementwise then
    return self:kind(tree.args[1])
  end
  return op.rows and op.cols and of_shape(op.rows, op.cols) or nil
end

-- Is a call of an undeclared letter an entry: does an index hold a counter?
function Reader:indexed(tree)
  if tree.tag == "name" then
    return self.counters[tree.name] or false
  end
  for _, list in ipairs { tree, tree.args or {} } do
    for _, part in ipairs(list) do
      if self:indexed(part) then
        return true
      end
    end
  end
  return false
end

--- "scalar", "column", "row" or "matrix"; nil where the letters do not decide it.
function Reader:kind(tree)
  local tag = tree.tag
  if tag == "number" or tag == "entry" then
    return "scalar"
  elseif tag == "name" then
    return of_name(self, tree)
  elseif tag == "call" then
    return of_call(self, tree)
  elseif tag == "neg" or tag == "power" then
    return self:kind(tree[1])
  elseif tag == "transpose" then
    local kind = self:kind(tree[1])
    return TURNED[kind] or kind
  elseif tag == "sumover" then
    return self:kind(tree.body)
  elseif tag == "sum" then
    local found
    for _, arg in ipairs(tree.args) do
      local kind = self:kind(arg)
      if kind and kind ~= "scalar" then
        return kind
      end
      found = found or kind
    end
    return found
  elseif tag == "product" then
    local kind = self:kind(tree.args[1])
    for i = 2, #tree.args do
      local op, right = tree.ops[i - 1], self:kind(tree.args[i])
      if op == "*" then
        kind = of_product(kind, right)
      elseif op == ".*" or op == "./" then
        kind = kind ~= "scalar" and kind or right
      end
    end
    return kind
  end
end

-- ---------------------------------------------------------------------------------------------- changes

local function call(name, args, pos)
  return { tag = "call", name = name, args = args, pos = pos }
end

-- u·v of two columns is u'*v: the product is split at its dots.
local function dotted(self, tree)
  local parts = { { tag = "product", args = { tree.args[1] }, ops = {}, oppos = {}, pos = tree.args[1].pos } }
  for i = 2, #tree.args do
    local part = parts[#parts]
    if tree.dots[i - 1] then
      parts[#parts + 1] =
        { tag = "product", args = { tree.args[i] }, ops = {}, oppos = {}, pos = tree.args[i].pos }
    else
      local n = #part.ops + 1
      part.args[n + 1], part.ops[n], part.oppos[n] = tree.args[i], tree.ops[i - 1], tree.oppos[i - 1]
    end
  end
  local left = parts[1]
  for i = 2, #parts do
    local right = parts[i]
    local a, b = self:kind(left), self:kind(right)
    if a == "column" and b == "column" then
      local first = #left.args == 1 and left.args[1] or slips.bracketed(left)
      left = {
        tag = "product",
        args = { { tag = "transpose", first, pos = left.pos } },
        ops = {},
        oppos = {},
        pos = left.pos,
      }
    end
    local n = #left.args
    left.ops[n], left.oppos[n] = "*", right.pos
    for k, arg in ipairs(right.args) do
      left.args[n + k] = arg
      if k > 1 then
        left.ops[n + k - 1], left.oppos[n + k - 1] = right.ops[k - 1], right.oppos[k - 1]
      end
    end
  end
  left.paren = tree.paren
  return left
end

local change = {}

function change.product(self, tree)
  if tree.dots then
    tree = dotted(self, tree)
  end
  for i, op in ipairs(tree.ops) do
    local right = self:kind(tree.args[i + 1])
    if op == "/" and (right == "column" or right == "row") then
      tree.ops[i] = "./"
      self.notes["a quotient of columns is taken entry by entry"] = true
    end
  end
  return tree
end

function change.power(self, tree)
  local kind = self:kind(tree[1])
  local of_value = tree[1].tag == "call" and tree.applied and kind == "matrix"
  if kind == "column" or kind == "row" or of_value then
    tree.elementwise = true
    self.notes["a power of a column is taken entry by entry"] = kind ~= "matrix" or nil
  end
  return tree
end

local function is_number(tree)
  if tree.tag == "product" then
    for _, arg in ipairs(tree.args) do
      if not is_number(arg) then
        return false
      end
    end
    return true
  end
  return tree.tag == "number" or tree.tag == "neg" and is_number(tree[1])
end

-- A number beside a column, or a matrix, is that number in every entry.
function change.sum(self, tree)
  local kind = self:kind(tree)
  if kind == "scalar" or not kind then
    return tree
  end
  for i, arg in ipairs(tree.args) do
    if is_number(arg) and not (arg.tag == "number" and tonumber(arg.text) == 0) then
      local ones = self.placeholder("ones", arg.pos)
      ones.open = "any"
      self.notes[("a number beside a %s stands in every entry"):format(kind)] = true
      tree.args[i] = arg.tag == "number" and arg.text == "1" and ones
        or {
          tag = "product",
          args = { slips.bracketed(arg), ones },
          ops = { "*" },
          oppos = { arg.pos },
          pos = arg.pos,
        }
    end
  end
  return tree
end

-- The function of a matrix that a page may mean by an elementwise function: the one that has its values at scalars, as expm
-- has those of exp. Nil where there is none.
local function of_a_matrix(self, name)
  local session, S = self.session, self.session.S
  local op = session.ops[name]
  if not op or op.gone or not op.elementwise or #op.params ~= 1 then
    return nil
  end
  local scalar = S:symbol("t", core.constants.kinds.scalar, 0, ONE, ONE)
  local value = S:apply(name, { scalar })
  for other, f in pairs(session.ops) do
    if f.matrixfunction and not f.gone and S:apply(other, { scalar }) == value then
      return other
    end
  end
end

function change.call(self, tree)
  local arg = tree.args[1]
  local kind = arg and self:kind(arg)
  local matrix = kind == "matrix" and (tree.natural or self.options.functions) and of_a_matrix(self, tree.name)
  if tree.bars and (tree.name == "abs" or tree.name == "det") and kind then
    local det = kind == "matrix" and (tree.bars ~= "\\lvert" or self.options.bars)
    tree = call(det and "det" or "abs", { arg }, tree.pos)
    tree.bars = true
  elseif tree.name == "log" and arg.tag == "call" then
    local inner = arg.name == "abs" and arg.args[1] or arg
    if inner.tag == "call" and inner.name == "det" and (arg.name == "abs" or arg.bars) then
      return call("logdet", inner.args, tree.pos)
    end
  end
  if matrix then
    self.changed = true
    return call(matrix, tree.args, tree.pos)
  elseif tree.name == "norm2" and kind == "matrix" and tree.index == "2" then
    self.stop(
      tree.pos,
      "the norm with index 2 of a matrix is its largest singular value, which is not known here",
      "the Frobenius norm is written \\|X\\|_F"
    )
  elseif tree.name == "norm2" and kind == "matrix" and not tree.index then
    self.notes["\\|X\\| of a matrix is the Frobenius norm"] = true
  end
  return tree
end

-- The parts first. What a derivative is of and by is read like the rest.
local function walk(self, tree)
  if type(tree) ~= "table" then
    return tree
  end
  local before = self.counting
  for i = 1, 2 do
    self.counting = before or tree.tag == "power" and i == 2 and not tree.elementwise -- in an exponent letters count
    if type(tree[i]) == "table" and tree[i].tag then
      tree[i] = walk(self, tree[i])
    end
  end
  self.counting = before
  for i, arg in ipairs(tree.args or {}) do
    tree.args[i] = walk(self, arg)
  end
  if tree.body then
    local around = self.counters[tree.var]
    self.counters[tree.var] = true
    tree.body = walk(self, tree.body)
    self.counters[tree.var] = around
  end
  local f = change[tree.tag]
  return f and f(self, tree) or tree
end

--- Read a tree as a page means it.
-- @tparam table session
-- @tparam table tree
-- @tparam table from the text that it was read from: `bold` and `columns` (sets of names), `placeholder(what, pos)`, `notes` (a set),
-- `stop(pos, message, hint)`; `options`: `functions` (exp of a matrix is expm), `bars` (\lvert X\rvert is a determinant)
-- @return the tree, and whether a reading of `options.functions` has changed it
function M.adapt(session, tree, from)
  local self = setmetatable({
    session = session,
    scope = from.scope or session.scope,
    bold = from.bold,
    columns = from.columns,
    placeholder = from.placeholder,
    counters = {}, -- of the counted sums around
    notes = from.notes,
    stop = from.stop,
    options = from.options or {},
  }, Reader)
  return walk(self, tree), self.changed or false
end

--- A tree with a name replaced by its value: `with` is { name =, value =, parameter = }; f(x) takes the parameter x.
function M.substitute(tree, with)
  if type(tree) ~= "table" then
    return tree
  end
  local function value(argument)
    local copy = copy_tree(with.value)
    if argument and with.parameter then
      copy = M.substitute(copy, { name = with.parameter, value = argument })
    end
    return slips.bracketed(copy)
  end
  if tree.tag == "name" and tree.name == with.name then
    return value()
  elseif tree.tag == "call" and tree.name == with.name and #tree.args == 1 and with.parameter then
    return value(M.substitute(tree.args[1], with))
  end
  for k, v in pairs(tree) do
    if type(v) == "table" then
      tree[k] = M.substitute(v, with)
    end
  end
  return tree
end

--- The error of a text, raised.
function M.stopper(text)
  return function(pos, message, hint)
    error(errors.at { text = text, pos = pos, message = message, hint = hint }, 0)
  end
end

return M
