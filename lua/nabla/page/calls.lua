--- Functions of a page, constants and derivatives, read by the kinds of their arguments (nabla.page.reading).
--
-- @module nabla.page.calls

local Reading = require "nabla.page.reading"
local blocks = require "nabla.page.blocks"
local core = require "nabla.core"
local layouts = require "nabla.calculus.layout"
local letters = require "nabla.page.letters"
local scopes = require "nabla.language.scope"
local prices = require "nabla.page.prices"
local overloads = require "nabla.language.overloads"
local unknown_functions = require "nabla.calculus.unknown_functions"

local ONE = core.constants.one -- the dimension 1
local is_block = require("nabla.text.blocks").is
local PRICE = prices.price
local readers, names_in, of_shape = Reading.readers, Reading.names_in, Reading.of_shape
local bracketed, product, transpose, call = Reading.bracketed, Reading.product, Reading.transposed, Reading.call

local CONSTANT = { I = true, E = true, K = true, Dup = true, Elim = true, kron = true, diag = true, hat = true }

-- The kind that a parameter of an operator takes.
local function fits_parameter(p, kind)
  if p.index then
    return kind == "scalar"
  elseif not p.rows or not kind then
    return true
  end
  local row, column, square = p.rows == ONE, p.cols == ONE, p.rows == p.cols
  if row and column then
    return kind == "scalar"
  elseif column then
    return kind == "column" or kind == "scalar" and "scalar"
  elseif square then
    return kind == "matrix" or kind == "scalar" and "scalar"
  end
  return kind ~= "scalar" or "scalar"
end

-- The kind of the derivative of a scalar by a column, by layout, and of its second derivative.
local GRADIENT =
  { denominator = "column", mixed = "column", block = "column", block_f = "column", numerator = "row", vec = "row" }
local SECOND = { denominator = "matrix", mixed = "matrix", numerator = "matrix", vec = "matrix" }

-- The kind of D(f, x), or D(D(f, x), x), of a declared function, as the layout in force arranges it; nil where it does not, or
-- where the function is not declared.
local function kind_of_declared(self, target)
  local session = self.session
  local S = session.S
  local function derivative(tree)
    if tree.tag == "call" and tree.name == "D" then
      local inner, var = derivative(tree.args[1])
      local layout = layouts.named(session, self.layout)
      local whole = inner and unknown_functions.in_layout(session, inner, var.arg_id, layout)
      return whole and (tree == target or S:op(whole) == "D") and whole or nil, var
    end
    local var = (tree.tag == "name" or tree.tag == "sub") and scopes.lookup(self.scope, tree.name)
    return var and var.func and var.arg_id and not var.several and var.id or nil, var
  end
  local ok, id = pcall(derivative, target)
  return ok and id and of_shape(S:rows(id), S:cols(id)) or nil
end

local function read_derivative(self, tree)
  local target, by = tree.args[1], tree.args[2]
  local bare = target
  while bare.tag == "call" and bare.name == "D" do
    bare = bare.args[1]
  end
  local letter = bare.tag == "apply" and letters.head_letter(bare.head) or bare
  local name = (letter.tag == "name" or letter.tag == "sub") and letter.name
  local var = name and scopes.lookup(self.scope, name)
  local role = name and self.roles[name]
  local x = by.tag == "transpose" and by[1] or by
  local same = name and (x.tag == "name" or x.tag == "sub") and x.name == name
  local called = role and role.called == "function"
  if name and not var and not called and not same and bare.tag ~= "apply" and self.strict_derivatives then
    local by_name = x.name ~= "?" and x.name or "x"
    self:refuse(
      bare,
      ("%s is not known to depend on %s"):format(name, x.name ~= "?" and by_name or "a variable"),
      ("write it out, or declare an unknown function: scalar %s of %s"):format(name, by_name)
    )
  end
  if self.strict_derivatives and x.tag == "name" and not same then
    if x.name == "?" then
      local value = bare.tag == "apply" or bare.tag == "call" and (scopes.lookup(self.scope, bare.name) or {}).func
      local only = value and #bare.args == 1 and bare.args[1]
      x = only
        and only.tag == "name"
        and only
        or bare.tag ~= "apply"
        and self.variable
        and { tag = "name", name = self.variable.name, pos = by.pos }
      if not x or only and x ~= only then
        self:refuse(tree, "a gradient by which variable?", "\\nabla_x f")
      elseif not only then
        self:tell(tree, ("the gradient is by %s"):format(x.name))
      end
      by = x
    end
    if bare.tag == "apply" and not called and not var and prices.functions[prices.letter(name)] then
      return self:misfit(tree, ("%s is a function here, that is not known"):format(name))
    end
    if not called and not var and not names_in(self, target, {})[x.name] then
      self:refuse(tree, ("%s does not stand in what is differentiated by it"):format(x.name))
    end
  end
  local x_kind, x_new = self:read(by)
  local nested = target.tag == "call" and target.name == "D"
  if called and not var and tree.gradient and role.kind ~= "scalar" then
    self:pay(PRICE.gradient_of_column)
  end
  if called and not var and not nested then
    local value = role.kind
    if bare.tag == "apply" then
      self:read(bare)
    end
    if not self.functions[name] then
      return self:misfit(tree, ("%s stands without its argument"):format(name))
    end
    local scalar = x_kind == "scalar"
    local point = bare.tag == "apply" and #bare.args == 1 and bare.args[1]
    local at = point and point.name == x.name
    if point and point.tag == "sub" and point.base == x.name then -- the gradient at \theta^{(t)}
      at, x_kind, x_new = true, self:read(point)
    end
    local gradient = at and value == "scalar" and x_kind == "column" and GRADIENT[self.layout]
    gradient = gradient and by.tag == "transpose" and "row" or gradient
    local new = call("D", { { tag = "name", name = name, pos = letter.pos }, x_new }, tree.pos)
    new.sized = at
    return scalar and (value == "scalar" or value == "matrix") and value or gradient or nil, new
  end
  local kind, new
  if target.tag == "name" and var and var.func then
    kind, new = self:declared(name), target
  else
    kind, new = self:read(target)
  end
  local known = self.strict_derivatives and by.tag ~= "transpose" and kind_of_declared(self, tree)
  if known then
    return known, call("D", { new, x_new }, tree.pos)
  end
  local plain = kind == "scalar" and x_kind == "scalar" or kind == "matrix" and x_kind == "scalar"
  if nested and x_kind == "column" and (kind == "column" or kind == "row") then
    local second = call("D", { new, x_new }, tree.pos)
    second.sized = SECOND[self.layout] ~= nil
    return SECOND[self.layout], second
  end
  if kind == "scalar" and x_kind == "column" then
    local gradient = GRADIENT[self.layout]
    local first = call("D", { new, x_new }, tree.pos)
    first.sized = true
    return by.tag == "transpose" and "row" or gradient, first
  end
  return plain and kind or nil, call("D", { new, x_new }, tree.pos)
end

-- log|X|, log det X.
local function log_determinant(arg)
  local inner = arg.tag == "call" and arg.name == "abs" and arg.args[1] or arg
  return inner.tag == "call" and inner.name == "det" and inner.args
end

local function read_constant(tree)
  local name, copy = tree.name, {}
  for key, value in pairs(tree) do
    copy[key] = value
  end
  if tree.unsized then
    return nil, copy
  elseif CONSTANT[name] then
    return "matrix", copy
  elseif #tree.args == 2 then
    local rows, cols = tree.args[1], tree.args[2]
    local flat = cols.tag == "number" and cols.text == "1"
    return rows.tag == "number"
      and rows.text == "1"
      and (flat and "scalar" or "row")
      or flat
      and "column"
      or "matrix", copy
  end
  return "column", copy
end

local function is_letter(tree)
  return tree.tag == "name" or tree.tag == "sub"
end

-- A stretch of a product as a tree.
local function stretch(tree, from, to)
  if from == to then
    return tree.args[from]
  end
  local ops = table.move(tree.ops, from, to - 1, 1, {})
  return product(table.move(tree.args, from, to, 1, {}), ops, tree.args[from].pos)
end

-- a \times b \cdot c and a \cdot b \times c: the cross product goes first. Nil for what has no dot beside \times.
local function triple_product(tree)
  local left, right = tree.args[1], tree.args[2]
  local new
  if right.dotted then
    local at = 1
    while not right.dots[at] do
      at = at + 1
    end
    local cross = call("times", { left, stretch(right, 1, at) }, tree.pos)
    cross.paren = true
    new = product({ cross, stretch(right, at + 1, #right.args) }, { "*" }, tree.pos)
    new.args[2].dotted, new.args[2].paren = nil, new.args[2].tag == "product" or nil
  elseif left.dotted then
    local at = #left.args - 1
    while not left.dots[at] do
      at = at - 1
    end
    local cross = call("times", { stretch(left, at + 1, #left.args), right }, tree.pos)
    cross.paren = true
    new = product({ stretch(left, 1, at), cross }, { "*" }, tree.pos)
  else
    return nil
  end
  new.dots = { true }
  return new
end

-- Letters side by side behind \times: a product with a scalar, the cross product of columns.
local function read_times(self, tree)
  local triple = triple_product(tree)
  if triple then
    return self:read(triple)
  end
  local left, a = self:read(tree.args[1])
  local right, b = self:read(tree.args[2])
  if left == "column" and right == "column" then
    self:tell(tree, "\\times is the cross product")
    return "column", call("cross", { a, b }, tree.pos)
  elseif left == "scalar" and right == "scalar" and is_letter(tree.args[1]) and is_letter(tree.args[2]) then
    self:pay(PRICE.times_of_letters)
    self:tell(tree, "\\times is a product of scalars")
  end
  return self:read(product({ bracketed(tree.args[1]), bracketed(tree.args[2]) }, { "*" }, tree.pos))
end

-- Rows and columns of what has a kind: 1, or "many".
local SIZES = { scalar = { 1, 1 }, column = { "many", 1 }, row = { 1, "many" }, matrix = { "many", "many" } }

-- Of several operators of a name the one that takes such arguments.
local function by_kinds(self, list, kinds)
  return (
    overloads.choose(self.session, list, function(i)
      return table.unpack(SIZES[kinds[i]] or SIZES.matrix)
    end, function(a, b)
      if a == "many" then
        return b == 1 and false or nil
      end
      return a == b
    end)
  )
end

local function of_operator(self, tree, op, kinds)
  local first = op.params[1]
  local as_first = #op.params == 1 and op.rows == first.rows and op.cols == first.cols
  for i, p in ipairs(op.params) do
    local alone = op.spreads and kinds[i] == "scalar"
    local fit = alone or tree.unsized or p.operator or p.dimension or fits_parameter(p, kinds[i])
    if not fit then
      return self:misfit(tree.args[i] or tree, ("%s does not take a %s"):format(tree.name, kinds[i]))
    elseif fit == "scalar" and as_first and p.rows ~= p.cols then
      self:pay(0) -- of any shape, such as a mean
    elseif fit == "scalar" and not scopes.lookup(self.scope, tree.args[i].name or "") then
      self:pay(PRICE.of_scalar)
      if p.rows ~= p.cols and tree.args[i].tag == "call" then
        self:tell(tree, ("the argument of %s is a scalar"):format(tree.name))
      end
    end
  end
  if op.same or op.elementwise or as_first then
    return kinds[1]
  elseif op.spreads then
    for i = 1, #op.params do
      if kinds[i] ~= "scalar" then
        return kinds[i]
      end
    end
    return "scalar"
  end
  local rows, cols, of_one = op.rows, op.cols, {}
  for i, p in ipairs(op.params) do
    local size = p.dimension and tree.args[i]
    if size and size.tag == "number" and size.text == "1" then
      of_one[self.session.S:dim(p.dimension)] = true
    end
  end
  local flat_rows, flat_cols = rows == ONE or of_one[rows], cols == ONE or of_one[cols]
  return rows and cols and of_shape(flat_rows and ONE or rows, flat_cols and ONE or cols) or nil
end

local function matrix_function(self, tree, arg_kind, args)
  local name = arg_kind == "matrix" and not tree.entrywise and self.of_a_matrix(tree.name)
  if not name then
    return nil
  elseif (self.entrywise or (self.roles["\\exp"] or {}).entrywise) and not tree.natural then
    return nil
  end
  self.changed = true
  self:tell(tree, ("%s of a square matrix is the function of a matrix, %s"):format(tree.name, name))
  return call(name, args, tree.pos)
end

function readers.call(self, tree)
  if is_block(tree) then
    return blocks.read(self, tree)
  end
  local head, rest = nil, nil
  if tree.raised then
    head, rest = self:factors_of_apply(tree, true)
  end
  if head then
    return self:read(product({ head, rest }, { "*" }, tree.pos))
  end
  local name = tree.name
  local var = scopes.lookup(self.scope, name)
  local op, several = overloads.operator(self.session, name, #tree.args)
  if name == "D" and #tree.args == 2 and not var then
    return read_derivative(self, tree)
  elseif self.value_kinds[tree] then
    return self.value_kinds[tree], tree
  elseif name == "times" then
    return read_times(self, tree)
  elseif
    name == "I"
    or name == "ones"
    or name == "zeros"
    or tree.unsized
    or name == "K"
    or name == "Dup"
    or name == "Elim"
  then
    return read_constant(tree)
  end
  local kinds, args = {}, {}
  for i, arg in ipairs(tree.args) do
    local p = op and not op.gone and op.params[i]
    if p and p.operator then
      args[i] = arg
    else
      kinds[i], args[i] = self:read(arg)
    end
  end
  op = several and by_kinds(self, several, kinds) or op
  local copy = {}
  for key, value in pairs(tree) do
    copy[key] = value
  end
  copy.args = args
  if var then
    if var.func and (#args == 1 or var.several) then
      return of_shape(var.rows, var.cols), copy
    end
    return "scalar", copy -- an entry
  elseif name == "d" then
    return kinds[1], copy
  elseif not op or op.gone then
    return nil, copy
  elseif name == "kron" and kinds[1] == "column" and kinds[2] == "column" and (self.roles["\\otimes"] or {}).outer then
    self:tell(tree, "\\otimes of two columns is their outer product")
    local outer = product({ bracketed(args[1]), transpose(args[2], tree.pos) }, { "*" }, tree.pos)
    outer.outer = true
    return "matrix", outer
  elseif name == "kron" and (kinds[1] == "scalar" or kinds[2] == "scalar") then
    return self:misfit(tree, "\\otimes of a scalar")
  elseif name == "kron" then
    return (kinds[1] == kinds[2] or not kinds[1]) and kinds[2] or "matrix", copy
  elseif name == "diag" and kinds[1] == "matrix" and self.session.ops.diagv then
    self:tell(tree, "diag of a matrix is the column of its diagonal")
    copy.name = "diagv"
    return "column", copy
  elseif name == "log" and not self.session.complex_letters and log_determinant(args[1]) then
    return "scalar", call("logdet", log_determinant(args[1]), tree.pos)
  end
  local matrix = matrix_function(self, tree, kinds[1], args)
  if matrix then
    return "matrix", matrix
  elseif (kinds[1] == "column" or kinds[1] == "row") and op.elementwise and not tree.customary then
    self:pay(kinds[1] == "row" and PRICE.row_argument or 0)
    self:pay(tree.natural and PRICE.natural_of_column or PRICE.entrywise)
  end
  return of_operator(self, copy, op, kinds), copy
end

return Reading
