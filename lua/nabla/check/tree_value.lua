--- The value of a syntax tree, computed from the tree itself, without any rule and without the engine's normal form.
--
-- A value is a matrix of an arithmetic, floating point (nabla.numeric.arithmetic) or modulo a prime
-- (nabla.exact.arithmetic), a scalar 1 x 1. Sums, products, powers and transposes are evaluated here; an operator of
-- the rule files in floating point by its own evaluator (nabla.numeric.operators), through a session that holds
-- operators and definitions and no rule, and modulo a prime by nabla.exact.evaluate. Derivatives D(f, x) and
-- differentials d(E): nabla.check.tree_derivative.
--
-- @module nabla.check.tree_value

local conjugates = require "nabla.check.conjugates"
local errors = require "nabla.text.errors"
local exact = require "nabla.exact.evaluate"
local formulas = require "nabla.language.formula"
local floating = require "nabla.numeric.arithmetic"
local lower = require "nabla.numeric.lower"
local matrix = require "nabla.numeric.matrix"
local random_matrix = require "nabla.compare.random_matrix"
local random_letters = require "nabla.check.random_letters"
local residue = require "nabla.exact.arithmetic"
local size_values = require "nabla.evaluate.size_values"
local tree_derivative = require "nabla.check.tree_derivative"
local trees = require "nabla.language.tree"
local overloads = require "nabla.language.overloads"

local M = {}

local Env = {}
Env.__index = Env

for name, method in pairs(tree_derivative.methods) do
  Env[name] = method
end

local stop = tree_derivative.stop
M.stop = stop

--- An environment: the values of the names in a tree.
-- @tparam table session the session that evaluates operators (see nabla.check)
-- @tparam table opts by (nabla.check.variables: what a derivative by a name or by coordinates means);
-- vars (name -> matrix), dims (name -> integer), functions (name -> { f =, of = }),
-- directions (name -> matrix: d(X)), constants (the set of names that a mean is not over),
-- random (name -> what is known of it, of those that a mean is over; nil: over all others),
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
    changes = {},
  }, Env)
end

--- What a session that evaluates trees keeps of the calls in them: call -> its operator, and what `apply` keeps.
function M.call_sites()
  return setmetatable({}, { __mode = "k" })
end

--- Another environment for the same session, without values.
-- @tparam table opts as of `env`; the variables that a derivative is by stay
function Env:beside(opts)
  opts.by = self.by
  return M.env(self.session, opts)
end

--- A random matrix of the shape of a; the environment has a `source` (nabla.compare.random_matrix).
function Env:random_like(a)
  return self.arithmetic:from(self.source:matrix(a.rows, a.cols))
end

--- The same environment with other values of some names. (A constructor of all fields: a table that grows field by field takes
-- several times as long.)
function Env:with(vars)
  return setmetatable({
    session = self.session,
    vars = setmetatable(vars, { __index = self.vars }),
    dims = self.dims,
    functions = self.functions,
    directions = self.directions,
    partners = self.partners,
    partner_directions = self.partner_directions,
    ties = self.ties,
    layout = self.layout,
    by = self.by,
    layouts = self.layouts,
    step = self.step,
    arithmetic = self.arithmetic,
    constants = self.constants,
    changes = self.changes,
    source = self.source,
    fallback = self.fallback,
    operators = self.operators,
    random = self.random,
    general = self.general,
    names = self.names,
    outer = self.outer,
    turned = self.turned,
    conjugate_of = self.conjugate_of,
    dropped = self.dropped,
    unmet = self.unmet,
  }, Env)
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
    return self:mean_in(op, ast)
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
    if p.dimension then
      dims[p.dimension] = args[i]
    end
  end
  local function equation(dim, size)
    local alone = S:dimname(dim)
    if alone and not dims[alone] then
      dims[alone] = size
    elseif not alone or dims[alone] ~= size then
      equations[#equations + 1] = { dim, size }
    end
  end
  for i, p in ipairs(op.params) do
    if p.rows and not (p.dimension or p.index or p.operator) then
      equation(p.rows, args[i].rows)
      equation(p.cols, args[i].cols)
    end
  end
  if equations[1] and not size_values.solve(S, equations, dims) then
    misfit("the arguments of %s", name)
  end
  local rows, cols = size_values.of(S, op.rows)(dims), size_values.of(S, op.cols)(dims)
  if not (rows and cols) then
    stop("the size of %s does not follow from its arguments", name)
  elseif rows < 1 or cols < 1 then
    stop("%s is %d x %d", name, rows, cols)
  end
  return rows, cols
end

-- The mean of an expression over the letters that are random (nabla.check.random_letters). `constants`: the names that keep their
-- values.
function Env:mean(ast)
  local total
  local outer = self.outer or self -- a mean inside another one is not of the values of that
  local names = {}
  for _, leaf in ipairs(trees.leaves(ast)) do
    local is_random = not self.random or self.random[leaf.name]
    names[leaf.name] = outer.vars[leaf.name] and is_random and not self.constants[leaf.name] or nil
  end
  for _, case in ipairs(random_letters.cases(outer, names)) do
    local e = self:with(case.vars)
    e.outer = outer
    local value = self.arithmetic:times(e:value(ast), case.weight)
    total = total and total + value or value
  end
  return total
end

-- The value of a function that is said by means, such as a covariance, is that of its body with the arguments in it: a mean is of
-- expressions, not of values.
function Env:mean_in(op, ast)
  if random_letters.is_mean(op) then
    return self:mean(ast.args[1])
  end
  local known = self.session.definitions[op.name]
  if not known then
    stop("%s has no body", op.name)
  end
  local params = {}
  for i, p in ipairs(known.st.params) do
    params[i] = p.name
  end
  return self:value(formulas.written_out({ params = params, body = known.st.body }, ast))
end

-- The names of the arguments of an application that is compiled.
local ARGUMENT = setmetatable({}, {
  __index = function(names, i)
    names[i] = "Arg_" .. i
    return names[i]
  end,
})

-- An operator applied to matrices of the sizes of some values, compiled. `texts`: its arguments as they are written.
local function application(s, op, texts, values)
  s:reset()
  local decls = {}
  for _, name in ipairs(texts) do
    local v = values[name]
    decls[#decls + 1] = v and string.format("matrix %s(%d,%d)", name, v.rows, v.cols) or nil
  end
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
  local F, wrong = s:compile(node, { nan = true })
  return F or stop("%s", wrong.message or tostring(wrong))
end

-- The same, made once for each name, sizes and texts.
local function known_application(s, op, texts, values)
  local parts = { op.name }
  for i, text in ipairs(texts) do
    local v = values[text]
    parts[i + 1] = v and v.rows .. "x" .. v.cols or text
  end
  local key = table.concat(parts, " ")
  local F = s.applied_operators[key]
  if not F then
    F = application(s, op, texts, values)
    s.applied_operators[key] = F
  end
  return F
end

-- The same, kept for a call in a tree as long as sizes and texts come again: `site` holds it as `application`, and of each argument the
-- rows and columns, or the text.
local function kept_application(site, s, op, texts, values)
  local F = site.application
  for i, text in ipairs(texts) do
    local v = values[text]
    local first, second = text, nil
    if v then
      first, second = v.rows, v.cols
    end
    F = site[2 * i - 1] == first and site[2 * i] == second and F
    site[2 * i - 1], site[2 * i] = first, second
  end
  site.application = F or known_application(s, op, texts, values)
  return site.application
end

-- The value of an operator: in floating point by a compiled application to symbols of the sizes at hand.
function Env:apply(ast, op, site)
  if self.arithmetic.exact or self.arithmetic.complex then
    return self:apply_exactly(ast, op)
  elseif op.expectation then
    return self:mean_in(op, ast)
  end
  local s = self.session
  if not s.applied_operators[op] then
    if not lower.evaluates(s, op.name) then -- other values would not help
      error({ trees = true, open = true, message = lower.no_evaluator(op.name, op.shown) }, 0)
    end
    s.applied_operators[op] = true
  end
  local values, texts, domain = {}, {}, domains[ast.name]
  for i, arg in ipairs(ast.args) do
    local param = op.params[i]
    if param and param.operator then -- the name of an operator
      texts[i] = self.names and self.names[arg.name] or arg.name
    elseif param and (param.dimension or param.index) then
      texts[i] = tostring(self:whole(arg))
    else
      local v = self:value(arg)
      if domain and not random_matrix.tests[domain](v) then
        stop("%s of a matrix that is not %s", ast.name, domain)
      end
      local name = ARGUMENT[i]
      values[name], texts[i] = v, name
    end
  end
  if ast.name == "sqrtm" and random_matrix.tests.zero(values.Arg_1) then -- the root of zero, for which the evaluator has no algorithm
    return values.Arg_1
  end
  local F = kept_application(site or {}, s, op, texts, values)
  local ok, v, why = errors.attempt(F, values)
  if not ok or not v then
    stop("%s: %s", ast.name, tostring(why or v))
  end
  return matrix.new(v)
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
  local sites = self.session.call_sites
  local site = sites[ast]
  if site then
    return self:apply(ast, site.op, site)
  end
  local op, list = overloads.operator(self.session, name, #ast.args)
  op = list and by_values(self, ast, list) or op
  if op and conjugates.is_conjugate(self.session, op.name) then
    local given = self.conjugate_of and self.conjugate_of[ast.args[1].name]
    if given or self.arithmetic.complex then
      return given or self:value(ast.args[1]).conj
    end
    return conjugates.value_exchanged(self, ast.args[1])
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
  elseif not list then
    sites[ast] = { op = op } -- there is nothing to choose the next time
  end
  return self:apply(ast, op, sites[ast])
end

--- The value of a tree; raises { trees = true, message = } where it has none.
function Env:value(ast)
  local f = by_tag[ast.tag] or stop("a %s has no value", tostring(ast.tag))
  return f(self, ast)
end

return M
