--- The value of a syntax tree, computed from the tree itself, without any rule and without the engine's normal form.
--
-- A value is a matrix of an arithmetic, floating point (nabla.numeric.arithmetic) or modulo a prime
-- (nabla.exact.arithmetic), a scalar 1 x 1. Sums, products, powers and transposes are evaluated here; an operator of
-- the rule files in floating point by its own evaluator (nabla.numeric.operators), through a session that holds
-- operators and definitions and no rule, and modulo a prime by nabla.exact.evaluate. Derivatives D(f, x) and
-- differentials d(E) are finite differences (four points), or exact by infinitesimals, arranged as the rows of a
-- layout say: the row's form is solved for the arrangement.
--
-- @module nabla.check.tree_value

local arrangement = require "nabla.check.arrangement"
local conjugates = require "nabla.check.conjugates"
local errors = require "nabla.text.errors"
local exact = require "nabla.exact.evaluate"
local formulas = require "nabla.language.formula"
local floating = require "nabla.numeric.arithmetic"
local jacobian = require "nabla.compare.jacobian"
local layouts = require "nabla.calculus.layout"
local lower = require "nabla.numeric.lower"
local matrix = require "nabla.numeric.matrix"
local random_matrix = require "nabla.compare.random_matrix"
local residue = require "nabla.exact.arithmetic"
local sizes = require "nabla.evaluate.sizes"
local spelling = require "nabla.text.spelling"
local trees = require "nabla.language.tree"
local overloads = require "nabla.language.overloads"

local M = {}

local Env = {}
Env.__index = Env

local function stop(...)
  error({ trees = true, message = string.format(...) }, 0)
end
M.stop = stop

--- An environment: the values of the names in a tree.
-- @tparam table session the session that evaluates operators (see nabla.check)
-- @tparam table opts by (nabla.check.variables: what a derivative by a name or by coordinates means);
-- vars (name -> matrix), dims (name -> integer), functions (name -> { f =, of = }),
-- directions (name -> matrix: d(X)), constants (the set of names that a mean is not over),
-- layout (name), layouts (name -> "scalar by vector" -> row), step, arithmetic
function M.env(session, opts)
  return setmetatable({
    session = session,
    vars = opts.vars or {},
    dims = opts.dims or {},
    functions = opts.functions or {},
    directions = opts.directions or {},
    partners = {}, -- name of a complex letter -> the value of its conjugate
    partner_directions = {},
    ties = {}, -- name of a complex letter -> its conjugate as a function of it
    layout = opts.layout or "numerator",
    by = opts.by,
    layouts = opts.layouts or {},
    step = opts.step or floating.STEP,
    arithmetic = opts.arithmetic or floating,
    constants = opts.constants or {},
    scenarios = {},
  }, Env)
end

--- A random matrix of the shape of a; the environment has a `source` (nabla.compare.random_matrix).
function Env:random_like(a)
  return self.arithmetic:from(self.source:matrix(a.rows, a.cols))
end

--- The same environment with other values of some names.
function Env:with(vars)
  local e = setmetatable({}, Env)
  for k, v in pairs(self) do
    e[k] = v
  end
  e.vars = setmetatable(vars, { __index = self.vars })
  return e
end

-- ---------------------------------------------------------------------------------------------- arithmetic

local function is_scalar(a)
  return a.rows == 1 and a.cols == 1
end

-- A shape that does not fit.
local function misfit(...)
  error({ trees = true, shape = true, message = string.format(...) }, 0)
end

local function same_shape(a, b, what)
  if a.rows ~= b.rows or a.cols ~= b.cols then
    misfit("%s of %d x %d and %d x %d", what, a.rows, a.cols, b.rows, b.cols)
  end
end

-- Entry by entry; a scalar meets every entry of the other one.
local function spread(a, b, what)
  if not is_scalar(a) and not is_scalar(b) then
    same_shape(a, b, what)
  end
end

local function add(a, b)
  same_shape(a, b, "a sum")
  return a + b
end

local function multiply(a, b)
  if is_scalar(a) then
    return b * a[1]
  elseif is_scalar(b) then
    return a * b[1]
  elseif a.cols ~= b.rows then
    misfit("a product of %d x %d and %d x %d", a.rows, a.cols, b.rows, b.cols)
  end
  return a * b
end

--- vec(A).
function M.vec(a)
  return a:reshape(#a, 1)
end

--- The sum of a.*b.
function M.inner(a, b)
  local gram = a.T * b
  local sum = gram(1, 1)
  for i = 2, gram.rows do
    sum = sum + gram(i, i)
  end
  return sum
end

--- The matrix of h x w blocks part(i, j), all of one shape.
function M.block_matrix(A, h, w, part)
  local parts = {}
  for i = 1, h do
    parts[i] = {}
    for j = 1, w do
      parts[i][j] = part(i, j)
    end
  end
  local s, t = parts[1][1].rows, parts[1][1].cols
  return A:build(h * s, w * t, function(a, b)
    return parts[(a - 1) // s + 1][(b - 1) // t + 1]((a - 1) % s + 1, (b - 1) % t + 1)
  end)
end

--- The rows x cols matrix whose vec is v.
function M.unvec(v, rows, cols)
  return v:reshape(rows, cols)
end

-- ---------------------------------------------------------------------------------------------- operators

local VALUES_OF_RANDOM = 3 -- in a mean

-- What the argument of an operator must be where its evaluator does not ask: by name, as evaluators are.
local domains = { eigval = "symmetric", eigvec = "symmetric", chol = "spd", logdet = "invertible" }

-- In the place of scalars among the arguments, matrices of the others' size.
local function spread_scalars(A, args)
  local large
  for _, a in ipairs(args) do
    large = large or not is_scalar(a) and a
  end
  for i, a in ipairs(args) do
    args[i] = large and is_scalar(a) and A:ones(large.rows, large.cols) * a or a
  end
end

-- The value of an operator modulo a prime.
function Env:apply_exactly(ast, op)
  if op.expectation then
    return self:mean(ast.args[1])
  end
  local A, args = self.arithmetic, {}
  if A.exact and next(self.partners) and not conjugates.analytic(self, ast, op) then
    residue.inexact("%s is no analytic function", op.shown or op.name)
  end
  for i, arg in ipairs(ast.args) do
    local param = op.params[i]
    if param and param.operator then
      args[i] = self.names and self.names[arg.name] or arg.name
    elseif param and (param.dimension or param.index) then
      args[i] = self:whole(arg)
    else
      args[i] = self:value(arg)
    end
  end
  if op.spreads then
    spread_scalars(A, args)
  end
  local rows, cols = self:shape(ast.name, op, args)
  if A.complex then
    return A:apply(self.session, op, args, rows, cols)
  end
  return exact.apply(A, self.session, op, args, rows, cols)
end

-- The rows and columns of an operator's value: those of its declaration for the sizes of the arguments.
function Env:shape(name, op, args)
  if op.same then
    return args[1].rows, args[1].cols
  end
  local S, dims, equations = self.session.S, {}, {}
  for i, p in ipairs(op.params) do
    local v = args[i]
    if p.dimension then
      dims[p.dimension] = v
    elseif p.rows and not p.index and not p.operator then
      equations[#equations + 1] = { p.rows, v.rows }
      equations[#equations + 1] = { p.cols, v.cols }
    end
  end
  if not sizes.solve(S, equations, dims) then
    misfit("the arguments of %s", name)
  end
  local rows, cols = sizes.of(S, op.rows)(dims), sizes.of(S, op.cols)(dims)
  if not (rows and cols) then
    stop("the size of %s does not follow from its arguments", name)
  elseif rows < 1 or cols < 1 then
    stop("%s is %d x %d", name, rows, cols)
  end
  return rows, cols
end

-- The mean of an expression over the letters that are random, which take three values each, all at once: what is stated of means
-- holds of these too. `constants`: the names that keep their values.
function Env:mean(ast)
  local total
  local outer = self.outer or self -- a mean inside another one is not of the values of that
  for k = 1, VALUES_OF_RANDOM do
    local changes = self.scenarios[k] or {}
    self.scenarios[k] = changes
    local vars = {}
    for _, leaf in ipairs(trees.leaves(ast)) do
      local v = outer.vars[leaf.name]
      if v and not self.constants[leaf.name] then
        changes[leaf.name] = changes[leaf.name] or self:random_like(v)
        vars[leaf.name] = v + changes[leaf.name]
      end
    end
    local e = self:with(vars)
    e.outer = outer
    local value = e:value(ast)
    total = total and total + value or value
  end
  return total / VALUES_OF_RANDOM
end

-- The value of an operator: in floating point by a compiled application to symbols of the sizes at hand.
function Env:apply(ast, op)
  if self.arithmetic.exact or self.arithmetic.complex then
    return self:apply_exactly(ast, op)
  elseif op.expectation then
    return self:mean(ast.args[1])
  end
  local s = self.session
  if not lower.evaluates(s, op.name) then -- other values would not help
    error({ trees = true, open = true, message = lower.no_evaluator(op.name, op.shown) }, 0)
  end
  local values, decls, texts, key = {}, {}, {}, { op.name or ast.name }
  for i, arg in ipairs(ast.args) do
    local param = op.params[i]
    if param and param.operator then -- the name of an operator
      texts[i] = self.names and self.names[arg.name] or arg.name
    elseif param and (param.dimension or param.index) then
      texts[i] = tostring(self:whole(arg))
    else
      local v = self:value(arg)
      local domain = domains[ast.name]
      if domain and not random_matrix.tests[domain](v) then
        stop("%s of a matrix that is not %s", ast.name, domain)
      end
      local name = "Arg_" .. i
      values[name] = v
      decls[#decls + 1] = string.format("matrix %s(%d,%d)", name, v.rows, v.cols)
      texts[i] = name
    end
    key[#key + 1] = values["Arg_" .. i] and values["Arg_" .. i].rows .. "x" .. values["Arg_" .. i].cols
      or texts[i]
  end
  if ast.name == "sqrtm" and random_matrix.tests.zero(values.Arg_1) then -- the root of zero, for which the evaluator has no algorithm
    return values.Arg_1
  end
  key = table.concat(key, " ")
  local F = s.applied_operators[key]
  if not F then
    s:reset()
    if #decls > 0 then
      local ok, why = s:declare(table.concat(decls, ", "))
      if not ok then
        stop("%s", tostring(why))
      end
    end
    local text = #texts > 0 and string.format("%s(%s)", op.name, table.concat(texts, ", ")) or op.name
    local node, why = s:parse(text)
    if not node then
      stop("%s", why.message or tostring(why))
    end
    F, why = s:compile(node, { nan = true })
    if not F then
      stop("%s", why.message or tostring(why))
    end
    s.applied_operators[key] = F
  end
  local ok, v, why = errors.attempt(F, values)
  if not ok or not v then
    stop("%s: %s", ast.name, tostring(why or v))
  end
  return matrix(v)
end

-- ---------------------------------------------------------------------------------------------- derivatives

--- The change of f along the directions of some names, in an environment.
function Env:along(directions, f)
  local at = {}
  for name in pairs(directions) do
    at[name] = self.vars[name] or stop("the direction of %s, which has no value", name)
  end
  return self.arithmetic:slope(function(t)
    local vars, partners = {}, {}
    for name, direction in pairs(directions) do
      vars[name] = at[name] + direction * t
    end
    for name, direction in pairs(self.partner_directions) do
      partners[name] = self.partners[name] + direction * t
    end
    local e = self:with(vars)
    return f(next(partners) and conjugates.with_partners(e, partners) or e)
  end, self.step)
end

-- The row of a layout for y by x, the value of `name`: one for a row or for a matrix with an attribute before the others.
local function row_for(self, rows, y, x, name)
  local of = { y.rows == 1 and y.cols > 1 and "row" or nil }
  local by = { x.rows == 1 and x.cols > 1 and "row" or nil }
  for _, key in ipairs(spelling.names(rows)) do
    local a, b = rows[key].of, rows[key].by
    if y.rows == y.cols and #y > 1 and random_matrix.tests[a] and random_matrix.tests[a](y) then
      of[#of + 1] = a
    end
    if name and self.by and x.rows == x.cols and #x > 1 and self.by:has(name, b) then
      by[#by + 1] = b
    end
  end
  of[#of + 1], by[#by + 1] = layouts.kind_of_value(y.rows, y.cols), layouts.kind_of_variable(x.rows, x.cols)
  for _, b in ipairs(by) do
    for _, a in ipairs(of) do
      if rows[a .. " by " .. b] then
        return rows[a .. " by " .. b]
      end
    end
  end
  return nil, of[#of] .. " by " .. by[#by]
end

-- The derivative of y by x, whose Jacobian is J, as the layout arranges it; `name`: of the variable x.
function Env:arranged(J, y, x, name)
  local rows = self.layouts[self.layout] or stop("there is no layout %s", self.layout)
  local row, kind = row_for(self, rows, y, x, name)
  if not row and self.fallback then
    row = self.layouts[self.fallback][kind]
  end
  if not row then
    stop("layout %s has no row %s", self.layout, kind)
  end
  local opts = { layouts = self.layouts, layout = self.layout, arithmetic = self.arithmetic }
  local e = M.env(self.session, opts)
  e.by = self.by
  local G, why = arrangement.of_row(e, row, { J = J, y = y, x = x })
  if not G and y.rows == 1 then -- a row is treated as the column of its entries
    G, why = arrangement.of_row(e, row, { J = J, y = y.T, x = x })
  end
  return G or stop("%s", why)
end

-- The argument of an unknown function: the value of the name that it is declared to be a function of.
function Env:point(name)
  if self.functions[name] then
    local u = self.functions[name]
    return u.f(self:point(u.of))
  end
  return self.vars[name] or stop("%s has no value", name)
end

-- Is D(f, X) the gradient of a scalar by the matrix X?
function Env:is_gradient(ast, x)
  local e = self:with {}
  e.layout = "mixed"
  local f = ast.args[1]
  if f.tag == "call" and f.name == "D" then
    return false
  end
  local u = f.tag == "name" and self.functions[f.name]
  return is_scalar(u and u.f(x) or self:value(f))
end

-- The derivative of a tree by coordinates, such as vech(S): a row of them says which S has the coordinates v.
function Env:by_coordinates(f, by, row, transposed)
  local v = self:value(by)
  local function inner(w)
    local e = self:with { [row.new] = transposed and w.T or w }
    e.dims = row.dims
    local x = e:value(row.rhs)
    return self:with({ [row.name] = row.turned and x.T or x }):value(f)
  end
  v = transposed and v.T or v
  local y, J = jacobian(self.arithmetic, inner, v, self.step)
  return self:arranged(J, y, v)
end

-- Holds a tree a differential, of which a derivative is read off?
local function holds_differential(tree)
  local found = false
  trees.walk(tree, function(t)
    found = found or t.tag == "call" and t.name == "d" and #t.args == 1
    return found
  end)
  return found
end

-- The degree of a value in the differentials.
local function degree(value, doubled)
  for k = 1, 4 do
    if random_matrix.close(doubled, value * (1 << k)) then
      return k
    end
  end
  stop "the terms have not all the same number of differentials"
end

-- The derivative by x that is read off an expression with differentials.
function Env:read_off(f, name)
  local x = self.directions[name] or stop("the direction of %s, which has no value", name)
  local function with(scale, change)
    local e = self:with {}
    e.directions = {}
    for other, direction in pairs(self.directions) do
      e.directions[other] = direction * scale
    end
    e.directions[name] = change or e.directions[name]
    return e
  end
  local k = degree(with(1):value(f), with(2):value(f))
  local y, J = jacobian(self.arithmetic, function(v)
    return with(1, v):value(f)
  end, x, self.step)
  return self:arranged(self.arithmetic:over(J, self.arithmetic:from(k)), y, x, name)
end

-- The derivative by one block of a matrix, a member of a family: the others stay as they are.
function Env:by_member(f, by)
  local name, A = by.args[1].name, self.arithmetic
  local X = name and self.vars[name] or stop "a derivative by a member of what is no variable"
  local i, j = self:whole(by.args[2]), self:whole(by.args[3])
  local rows, cols = self:whole(by.args[6]), self:whole(by.args[7])
  local down, across = (i - 1) * rows, (j - 1) * cols
  if i < 1 or j < 1 or down + rows > X.rows or across + cols > X.cols then
    stop("%s has no member (%d,%d)", name, i, j)
  end
  local x = A:build(rows, cols, function(k, l)
    return X(down + k, across + l)
  end)
  local y, J = jacobian(A, function(v)
    local changed = A:build(X.rows, X.cols, function(k, l)
      local inside = k > down and k <= down + rows and l > across and l <= across + cols
      return inside and v(k - down, l - across) or X(k, l)
    end)
    return self:with({ [name] = changed }):value(f)
  end, x, self.step)
  return self:arranged(J, y, x)
end

-- The derivative of a tree by a complex letter (by its conjugate: `sign` is 1, else -1) in complex floating point: half that by the
-- real parts, and sign*i/2 times that by the imaginary ones.
function Env:wirtinger_jacobian(f, name, transposed, sign)
  local A = self.arithmetic
  local z, unit = self.vars[name], A:imaginary()
  local hessian = f.tag == "call" and f.name == "D" and z.cols > 1 and self:is_gradient(f, z)
  local function along(factor)
    return function(v)
      local change = (transposed and v.T or v) - z
      local e = self:with { [name] = z + change * factor }
      e = conjugates.with_partners(e, { [name] = self.partners[name] + change * factor.conj })
      e.layout = hessian and "mixed" or e.layout
      return e:value(f)
    end
  end
  local at = transposed and z.T or z
  local y, real = jacobian(A, along(A:from(1)), at, self.step)
  local _, imaginary = jacobian(A, along(unit), at, self.step)
  return y, (real + imaginary * unit * sign) * 0.5, at, hessian
end

function Env:wirtinger(f, name, transposed, sign)
  local y, J, at, hessian = self:wirtinger_jacobian(f, name, transposed, sign)
  if self.by and sign < 0 then
    J = self.by:by_entries(self, name, at, J, function()
      return (select(2, self:wirtinger_jacobian(f, name, transposed, 1)))
    end)
  end
  return hessian and J or self:arranged(J, y, at, name)
end

-- The derivative of a tree by the conjugate of a letter, which alone changes.
function Env:by_conjugate(f, name, transposed)
  local tie = self.ties[name]
  if self.arithmetic.complex and not tie then
    return self:wirtinger(f, name, transposed, 1)
  end
  local x = self.partners[name]
  local hessian = f.tag == "call" and f.name == "D" and x.cols > 1 and self:is_gradient(f, x)
  local at = transposed and x.T or x
  local y, J = jacobian(self.arithmetic, function(v)
    v = transposed and v.T or v
    local e = conjugates.with_partners(self, { [name] = v })
    e.vars = tie and setmetatable({ [name] = tie(v) }, { __index = self.vars }) or e.vars
    e.layout = hessian and "mixed" or e.layout
    return e:value(f)
  end, at, self.step)
  return hessian and J or self:arranged(J, y, at, name)
end

function Env:derivative(ast)
  local f, by = ast.args[1], ast.args[2]
  if by.tag == "name" and holds_differential(f) then
    return self:read_off(f, by.name)
  end
  local transposed = by.tag == "transpose"
  if transposed then
    by = by[1]
  end
  local op = by.tag == "call" and self.session.ops[by.name]
  local conjugate = conjugates.conjugated(self, by)
  if conjugate then
    return self:by_conjugate(f, conjugate, transposed)
  elseif by.tag == "name" and self.arithmetic.complex and self.partners[by.name] and not self.ties[by.name] then
    return self:wirtinger(f, by.name, transposed, -1)
  elseif op and op.member then
    return self:by_member(f, by)
  elseif by.tag ~= "name" then
    local row = self.by and self.by:coordinates(self, by)
    local unknown = f.tag == "name" and self.functions[f.name]
    if unknown and not row and not transposed then -- by its argument, where that has the value of an expression
      local at = self:value(by)
      local y, J = jacobian(self.arithmetic, unknown.f, at, self.step)
      return self:arranged(J, y, at)
    elseif not row then
      stop "a derivative is taken by a variable, or by vec, vech or other coordinates of one"
    end
    return self:by_coordinates(f, by, row, transposed)
  end
  local u = f.tag == "name" and self.functions[f.name]
  local function inner(e)
    return e:value(f)
  end
  local y, J, x
  if transposed then -- the variable is the row x'
    x = self.vars[by.name] or stop("a derivative by %s', which is no variable", by.name)
    y, J = jacobian(self.arithmetic, function(v)
      return inner(self:with { [by.name] = v.T })
    end, x.T, self.step)
    return self:arranged(J, y, x.T)
  elseif u then
    if u.of ~= by.name then
      stop("the derivative of %s by %s", f.name, by.name)
    end
    y, J = jacobian(self.arithmetic, u.f, self:point(by.name), self.step)
    return self:arranged(J, y, self:point(by.name), by.name)
  end
  x = self.vars[by.name]
  if not x then
    stop("a derivative by %s, which is no variable", by.name)
  end
  local hessian = f.tag == "call" and f.name == "D" and x.cols > 1 and self:is_gradient(f, x)
  y, J = jacobian(self.arithmetic, function(v)
    local e = conjugates.with_value(self, by.name, v)
    e.layout = hessian and "mixed" or e.layout
    return inner(e)
  end, x, self.step)
  if self.by then
    J = self.by:by_entries(self, by.name, x, J, self.partners[by.name] and not self.ties[by.name] and function()
      local _, other = jacobian(self.arithmetic, function(v)
        return inner(conjugates.with_partners(self, { [by.name] = v }))
      end, self.partners[by.name], self.step)
      return other
    end)
  end
  if hessian then -- by a matrix: the symmetric matrix of second derivatives
    return J
  end
  return self:arranged(J, y, x, by.name)
end

-- ---------------------------------------------------------------------------------------------- trees

local by_tag = {}

function by_tag.number(self, ast)
  return self.arithmetic:decimal(ast.text)
end

function by_tag.name(self, ast)
  local v = self.vars[ast.name]
  if v then
    return v
  elseif self.dims[ast.name] then
    return self.arithmetic:from(self.dims[ast.name])
  elseif self.functions[ast.name] then
    return self:point(ast.name)
  end
  local op = self.session.ops[ast.name]
  if op and #op.params == 0 then
    local value = self:apply({ name = ast.name, args = {} }, op)
    return op.imaginary_unit and self.turned and -value or value
  end
  stop("unknown name '%s'", ast.name)
end

function by_tag.sum(self, ast)
  local total
  for i, arg in ipairs(ast.args) do
    local v = self:value(arg)
    v = ast.signs[i] < 0 and -v or v
    total = total and add(total, v) or v
  end
  return total
end

function by_tag.product(self, ast)
  local total = self:value(ast.args[1])
  for i = 2, #ast.args do
    local v, op = self:value(ast.args[i]), ast.ops[i - 1]
    if op == "*" then
      total = multiply(total, v)
    elseif op == "/" then
      if not is_scalar(v) then
        stop "a division by a matrix"
      end
      total = self.arithmetic:over(total, v)
    else
      spread(total, v, "an elementwise product")
      local A = self.arithmetic
      total = op == ".*" and A:times(total, v) or A:over(total, v)
    end
  end
  return total
end

function by_tag.neg(self, ast)
  return -self:value(ast[1])
end

function by_tag.transpose(self, ast)
  return self:value(ast[1]).T
end

function by_tag.power(self, ast)
  local a, k = self:value(ast[1]), self:value(ast[2])
  local A = self.arithmetic
  if ast.elementwise then
    spread(a, k, "an elementwise power")
    return A:powers(a, k)
  elseif not is_scalar(k) then
    stop "a power with a matrix as its exponent"
  elseif is_scalar(a) then
    return A:powers(a, k)
  elseif a.rows ~= a.cols then
    misfit("a power of a matrix that is %d x %d", a.rows, a.cols)
  end
  local whole = A:whole(k)
  if whole then
    return A:power(a, whole)
  end
  local s = self.session
  if A.exact or A.complex or not (s.ops.logm and s.ops.expm) then
    (A.exact and residue.inexact or stop) "a power of a matrix that is no whole number"
  end
  local e = self:with { Base_of_power = a }
  local base = { { tag = "name", name = "Base_of_power" } }
  e.vars.Base_of_power = e:apply({ name = "logm", args = base }, s.ops.logm) * k[1]
  return e:apply({ name = "expm", args = base }, s.ops.expm)
end

function Env:whole(ast)
  local v = self:value(ast)
  return is_scalar(v) and self.arithmetic:whole(v) or stop "a size or an index that is no whole number"
end

function by_tag.entry(self, ast)
  local a = self:value(ast[1])
  local i, j = self:whole(ast.args[1]), ast.args[2] and self:whole(ast.args[2]) or 1
  if a.rows == 1 and not ast.args[2] then
    i, j = 1, i
  end
  if i < 1 or i > a.rows or j < 1 or j > a.cols then
    stop("entry (%d,%d) of a matrix %d x %d", i, j, a.rows, a.cols)
  end
  return self.arithmetic:from(a(i, j))
end

function by_tag.sumover(self, ast)
  local lo, hi = self:whole(ast.lo), self:whole(ast.hi)
  local total
  for i = lo, hi do
    local v = self:with({ [ast.var] = self.arithmetic:from(i) }):value(ast.body)
    total = total and add(total, v) or v
  end
  return total or stop "a sum without terms"
end

local constants = { I = "eye", ones = "ones", zeros = "zeros" }

-- Of several operators of a name the one that the declared shapes of the arguments mean, or else their sizes.
local function by_values(self, ast, list)
  local meant = self.operators and self.operators[ast]
  if meant then
    return meant
  end
  local values = {}
  return overloads.choose(self.session, list, function(i)
    values[i] = values[i] or self:value(ast.args[i])
    return values[i].rows, values[i].cols
  end, function(a, b)
    return a == b
  end)
end

function by_tag.call(self, ast)
  local name = ast.name
  if constants[name] then
    local numbers = {}
    for i, arg in ipairs(ast.args) do
      numbers[i] = self:whole(arg)
      if numbers[i] < 1 then
        stop("a size is %d", numbers[i])
      end
    end
    local A = self.arithmetic
    return A[constants[name]](A, numbers[1], numbers[2] or (name ~= "I" and 1 or nil))
  elseif name == "D" then
    return self:derivative(ast)
  elseif name == "d" then
    local arg = ast.args[1]
    if arg.tag == "name" and self.directions[arg.name] then
      return self.directions[arg.name]
    end
    return self:along(self.directions, function(e)
      return e:value(arg)
    end)
  elseif self.functions[name] then
    return self.functions[name].f(self:value(ast.args[1]))
  elseif self.vars[name] then
    return by_tag.entry(self, { { tag = "name", name = name }, args = ast.args })
  end
  local op, list = overloads.operator(self.session, name, #ast.args)
  op = list and by_values(self, ast, list) or op
  if op and conjugates.is_conjugate(self.session, op.name) then
    local given = self.conjugate_of and self.conjugate_of[ast.args[1].name]
    if given or self.arithmetic.complex then
      return given or self:value(ast.args[1]).conj
    end
    return conjugates.exchanged(self):value(ast.args[1])
  elseif op and conjugates.definition(self.session, op.name) then
    return conjugates.defined(self, conjugates.definition(self.session, op.name), ast.args)
  end
  local formula = (not op or op.gone) and self.session.formulas[name]
  if formula then
    local e = self:with {}
    e.layout = "numerator"
    return e:value(formulas.written_out(formula, ast))
  elseif not op or op.gone then
    stop("unknown function '%s'", name)
  elseif #op.params ~= #ast.args then
    stop("%s takes %d arguments, found %d", name, #op.params, #ast.args)
  end
  return self:apply(ast, op)
end

--- The value of a tree; raises { trees = true, message = } where it has none.
function Env:value(ast)
  local f = by_tag[ast.tag] or stop("a %s has no value", tostring(ast.tag))
  return f(self, ast)
end

return M
