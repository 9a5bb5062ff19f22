--- Random problems: well-shaped expressions, their declarations, a variable and a layout that fits.
--
--     local g = generator.new(2026)
--     local p = g:problem(3)
--     --> { decl = { "vector x(n)", ... }, expr = "...", wrt = "x", layout = "numerator" }
--
-- An expression is grown from the shape that is wanted: each production of a shape asks for operands of other
-- shapes. One operand at least is *live* (contains the variable) at every level, so that the variable occurs
-- in the end. The same seed gives the same problems everywhere. A problem whose numbers are wild (huge, not
-- smooth, not finite for the sizes of the judge) is thrown away and another one is made.

local judge = require "spec.support.judge"
local numeric = require "spec.support.numeric"

local M = {}

local Generator = {}
Generator.__index = Generator

--- A generator. Options: `layouts = "general"` also asks for vec and block layouts, of a function of any
-- shape.
function M.new(seed, options)
  return setmetatable({ random = numeric.random(seed), options = options or {} }, Generator)
end

--------------------------------------------------------------------------------------------------------------
-- Text with its precedence: 1 sum, 2 product, 3 sign, 4 postfix, 5 atom
--------------------------------------------------------------------------------------------------------------

local function text(precedence, format, ...)
  return { precedence = precedence, text = string.format(format, ...) }
end

local function inside(e, precedence)
  if e.precedence >= precedence then
    return e.text
  end
  return "(" .. e.text .. ")"
end

local function atom(format, ...)
  return text(5, format, ...)
end
local function call(name, e)
  return atom("%s(%s)", name, e.text)
end
local function plus(a, b)
  return text(1, "%s + %s", a.text, inside(b, 1))
end
local function minus(a, b)
  return text(1, "%s - %s", a.text, inside(b, 2))
end
local function times(a, b)
  return text(2, "%s*%s", inside(a, 2), inside(b, 4))
end
local function dotted(a, operator, b)
  return text(2, "%s%s%s", inside(a, 2), operator, inside(b, 4))
end
local function over(a, b)
  return text(2, "%s/%s", inside(a, 2), inside(b, 4))
end
local function power(a, k)
  return text(4, "%s^%s", inside(a, 4), k)
end
local function powers(a, k)
  return text(4, "%s.^%s", inside(a, 4), k)
end
local function transposed(a)
  return text(4, "%s'", inside(a, 4))
end

--------------------------------------------------------------------------------------------------------------
-- Declarations: a shape is a pair of dimension texts; "1" for a side of one
--------------------------------------------------------------------------------------------------------------

local dimensions = { "n", "m", "p" }

local names = {
  scalar = { "a", "b", "c", "e", "s" },
  vector = { "y", "z", "v", "w", "h", "r", "o", "l" },
  matrix = { "A", "B", "C", "G", "H", "L", "M", "N", "P", "R", "S", "T", "W", "Z" },
  ["function"] = { "u", "f", "g", "phi", "psi", "rho", "U", "V", "F" },
}

local function kind_of(rows, cols)
  if rows == "1" and cols == "1" then
    return "scalar"
  end
  return cols == "1" and "vector" or "matrix"
end

local function shape_text(rows, cols)
  local kind = kind_of(rows, cols)
  if kind == "scalar" then
    return ""
  end
  return kind == "vector" and "(" .. rows .. ")" or "(" .. rows .. "," .. cols .. ")"
end

function Generator:declare(kind, rows, cols, suffix)
  local list = names[kind]
  self.taken[kind] = (self.taken[kind] or 0) + 1
  local name = list[self.taken[kind]]
  if not name then
    error("out of names", 0)
  end
  local declared = kind == "function" and kind_of(rows, cols) or kind
  self.decl[#self.decl + 1] = declared .. " " .. name .. shape_text(rows, cols) .. (suffix or "")
  return name
end

-- A constant of a shape; one that is declared already, as often as not. A row is a transposed column.
function Generator:constant(rows, cols, attribute)
  if rows == "1" and cols ~= "1" then
    return transposed(self:constant(cols, rows))
  end
  local key = rows .. "," .. cols .. "," .. (attribute or "")
  local known = self.constants[key]
  if known and self.random:chance(0.6) then
    return atom("%s", self.random:pick(known))
  end
  if not attribute and rows == cols and rows ~= "1" and self.random:chance(0.35) then
    attribute = self.random:pick { "symmetric", "spd", "invertible", "diagonal", "skew", "orthogonal" }
  end
  local name = self:declare(kind_of(rows, cols), rows, cols, attribute and " " .. attribute)
  self.constants[key] = known or {}
  table.insert(self.constants[key], name)
  return atom("%s", name)
end

-- An unknown function of the variable (or of `argument`), once declared used again.
function Generator:unknown(rows, cols, argument)
  local key = rows .. "," .. cols .. " of " .. argument
  if not self.unknowns[key] then
    self.unknowns[key] = self:declare("function", rows, cols, " of " .. argument)
  end
  return self.unknowns[key]
end

local function ones(rows, cols)
  if rows == "1" and cols == "1" then
    return atom "1"
  end
  if cols == "1" then
    return atom("ones(%s)", rows)
  end
  return atom("ones(%s,%s)", rows, cols)
end

--------------------------------------------------------------------------------------------------------------
-- Leaves
--------------------------------------------------------------------------------------------------------------

function Generator:variable()
  return atom("%s", self.wrt.name)
end

-- The variable itself, or the simplest expression in it that has the shape.
function Generator:live_leaf(rows, cols)
  local x, random = self.wrt, self.random
  if rows == x.rows and cols == x.cols then
    return self:variable()
  end
  if rows == x.cols and cols == x.rows then
    return transposed(self:variable())
  end
  if x.kind == "scalar" then
    if rows ~= "1" and random:chance(0.3) and not rows:find "%*" then
      if rows ~= "1" then
        return call(self:unknown(rows, cols, x.name), self:variable())
      end
    end
    return times(self:variable(), self:constant(rows, cols))
  end
  if rows == "1" and cols == "1" then
    local pick = random:integer(x.kind == "vector" and 6 or 5)
    if pick == 1 then
      return call("sum", self:variable())
    end
    if pick == 2 then
      return call("norm2", self:variable())
    end
    if pick == 3 then
      return call(self:unknown("1", "1", x.name), self:variable())
    end
    if x.kind == "vector" then
      if pick == 4 then
        return times(times(transposed(self:variable()), self:constant(x.rows, x.rows)), self:variable())
      end
      return times(self:constant("1", x.rows), self:variable())
    end
    if pick == 4 then
      return call("tr", times(self:constant(x.cols, x.rows), self:variable()))
    end
    return times(times(self:constant("1", x.rows), self:variable()), self:constant(x.cols, "1"))
  end
  if x.kind == "vector" then
    if cols == "1" then
      if random:chance(0.25) and not rows:find "%*" then
        return call(self:unknown(rows, "1", x.name), self:variable())
      end
      return times(self:constant(rows, x.rows), self:variable())
    elseif rows == "1" then
      return times(transposed(self:variable()), self:constant(x.rows, cols))
    elseif rows == x.rows and cols == x.rows and random:chance(0.4) then
      return call("diag", self:variable())
    elseif random:chance(0.5) then
      return times(self:live_leaf(rows, "1"), self:constant("1", cols))
    end
    return times(self:constant(rows, "1"), self:live_leaf("1", cols))
  end
  -- a matrix variable: constants on the sides that do not fit
  local result = self:variable()
  if rows ~= x.rows then
    result = times(self:constant(rows, x.rows), result)
  end
  if cols ~= x.cols then
    result = times(result, self:constant(x.cols, cols))
  end
  return result
end

function Generator:leaf(rows, cols, live)
  if live then
    return self:live_leaf(rows, cols)
  end
  if rows == cols and rows ~= "1" and self.random:chance(0.1) then
    return atom("I(%s)", rows)
  end
  if self.random:chance(0.1) and rows ~= "1" then
    return ones(rows, cols)
  end
  return self:constant(rows, cols)
end

--------------------------------------------------------------------------------------------------------------
-- Productions
--------------------------------------------------------------------------------------------------------------

-- Liveness of two operands, of which at least one is live if the result is.
function Generator:split(live)
  if not live then
    return false, false
  end
  local pick = self.random:integer(4)
  return pick ~= 1, pick ~= 2
end

function Generator:pair(rows, cols, depth, live)
  local a, b = self:split(live)
  return self:expression(rows, cols, depth - 1, a), self:expression(rows, cols, depth - 1, b)
end

-- 1 + e^2, entry by entry: positive and away from 0.
local function positive(e, rows, cols)
  if rows == "1" and cols == "1" then
    return plus(ones(rows, cols), power(e, 2))
  end
  return plus(ones(rows, cols), powers(e, 2))
end

local functions = { "sin", "cos", "tanh", "sigmoid", "softplus", "abs", "relu", "sign" }

-- An elementwise function of e. exp gets a damped argument, log and sqrt a positive one.
function Generator:elementwise(e, rows, cols)
  local pick = self.random:integer(11)
  if pick <= #functions then
    return call(functions[pick], e)
  end
  if pick == 9 then
    return call("exp", over(e, atom "4"))
  end
  return call(pick == 10 and "log" or "sqrt", positive(e, rows, cols))
end

-- A well conditioned matrix to invert: a declared one, or I + e*e'/10.
function Generator:regular(size, depth, live)
  local x = self.wrt
  if not live then
    return self:constant(size, size, self.random:pick { "invertible", "spd" })
  elseif x.invertible and x.rows == size and self.random:chance(0.6) then
    return self:variable()
  end
  local inner = self.random:pick(dimensions)
  local e = self:expression(size, inner, depth - 2, true)
  return plus(atom("I(%s)", size), over(times(e, transposed(e)), atom "10"))
end

-- Productions by kind of shape: function(self, rows, cols, depth, live) -> text, or nil where it does not
-- apply.
local productions = { scalar = {}, vector = {}, row = {}, matrix = {} }

local function produce(kinds, f)
  for kind in kinds:gmatch "%a+" do
    table.insert(productions[kind], f)
  end
end

produce("scalar vector row matrix", function(self, rows, cols, depth, live)
  return plus(self:pair(rows, cols, depth, live))
end)

produce("scalar vector row matrix", function(self, rows, cols, depth, live)
  return minus(self:pair(rows, cols, depth, live))
end)

-- listed twice, since many productions have one result only
for _, kinds in ipairs { "scalar vector matrix", "scalar vector matrix" } do
  produce(kinds, function(self, rows, cols, depth, live)
    return self:elementwise(self:expression(rows, cols, depth - 1, live), rows, cols)
  end)
end

produce("vector row matrix", function(self, rows, cols, depth, live)
  local a, b = self:split(live)
  return times(self:expression("1", "1", depth - 1, a), self:expression(rows, cols, depth - 1, b))
end)

-- products through an inner dimension
local function product(self, rows, cols, depth, live)
  local inner = self.random:pick(dimensions)
  local a, b = self:split(live)
  return times(self:expression(rows, inner, depth - 1, a), self:expression(inner, cols, depth - 1, b))
end

produce("scalar vector row matrix", product)
produce("scalar vector row matrix", product)

produce("vector matrix", function(self, rows, cols, depth, live)
  local a, b = self:pair(rows, cols, depth, live)
  return dotted(a, ".*", b)
end)

produce("vector matrix", function(self, rows, cols, depth, live)
  local a, b = self:pair(rows, cols, depth, live)
  return dotted(a, "./", positive(b, rows, cols))
end)

produce("scalar vector matrix", function(self, rows, cols, depth, live)
  local a, b = self:split(live)
  local bottom = positive(self:expression("1", "1", depth - 1, b), "1", "1")
  return over(self:expression(rows, cols, depth - 1, a), bottom)
end)

produce("vector matrix", function(self, rows, cols, depth, live)
  return powers(self:expression(rows, cols, depth - 1, live), self.random:integer(2) + 1)
end)

produce("matrix row", function(self, rows, cols, depth, live)
  return transposed(self:expression(cols, rows, depth - 1, live))
end)

-- unknown functions: f(e) of an argument with the variable's shape, g(u(x))
produce("scalar vector", function(self, rows, _, depth, live)
  local x = self.wrt
  if not live or rows:find "%*" or (rows ~= "1" and x.kind == "matrix") then
    return nil
  end
  if self.random:chance(0.5) or x.kind == "matrix" then
    return call(self:unknown(rows, "1", x.name), self:expression(x.rows, x.cols, depth - 1, true))
  end
  local u = self:unknown(self.random:pick(dimensions), "1", x.name)
  return call(self:unknown(rows, "1", u), call(u, self:variable()))
end)

-- scalars
produce("scalar", function(self, _, _, depth, live)
  return times(self:pair("1", "1", depth, live))
end)

produce("scalar", function(self, _, _, depth, live)
  return power(self:expression("1", "1", depth - 1, live), self.random:integer(2) + 1)
end)

produce("scalar", function(self, _, _, depth, live)
  local n = self.random:pick(dimensions)
  return call("tr", self:expression(n, n, depth - 1, live))
end)

produce("scalar", function(self, _, _, depth, live)
  local n = self.random:pick(dimensions)
  return call(self.random:pick { "det", "logdet" }, self:regular(n, depth, live))
end)

for _, norms in ipairs { { "norm2", "norm2", "norm1" }, { "normF", "norm1", "norm2" }, { "sum", "sum", "sum" } } do
  produce("scalar", function(self, _, _, depth, live)
    local cols = norms[1] == "norm2" and "1" or self.random:pick(dimensions)
    return call(self.random:pick(norms), self:expression(self.random:pick(dimensions), cols, depth - 1, live))
  end)
end

produce("scalar", function(self, _, _, depth, live)
  local n = self.random:pick(dimensions)
  local e = self:expression(n, "1", depth - 1, live)
  local middle = self:constant(n, n)
  return times(times(transposed(e), middle), e)
end)

-- Kronecker products and vec have dimensions that are products: closed off at once by a constant of that size
produce("scalar", function(self, _, _, depth, live)
  local m, n = self.random:pick(dimensions), self.random:pick(dimensions)
  return times(self:constant("1", m .. "*" .. n), call("vec", self:expression(m, n, depth - 1, live)))
end)

produce("scalar", function(self, _, _, depth, live)
  local m, n = self.random:pick(dimensions), self.random:pick(dimensions)
  local a, b = self:split(live)
  local left, right = self:expression(m, "1", depth - 1, a), self:expression(n, "1", depth - 1, b)
  return times(self:constant("1", m .. "*" .. n), atom("kron(%s,%s)", left.text, right.text))
end)

produce("scalar", function(self, _, _, depth, live)
  local m, n = self.random:pick(dimensions), self.random:pick(dimensions)
  local a, b = self:split(live)
  local left, right = self:expression(m, m, depth - 1, a), self:expression(n, n, depth - 1, b)
  return call("tr", atom("kron(%s,%s)", left.text, right.text))
end)

produce("vector", function(self, rows, _, depth, live)
  local n = self.random:pick { "m", "n" }
  local a, b = self:split(live)
  local left, right = self:expression(n, "1", depth - 1, a), self:expression("p", "1", depth - 1, b)
  return times(self:constant(rows, n .. "*p"), atom("kron(%s,%s)", left.text, right.text))
end)

-- vectors
produce("vector", function(self, rows, _, depth, live)
  return call("diagv", self:expression(rows, rows, depth - 1, live))
end)

produce("vector", function(self, rows, _, depth, live)
  local a, b = self:split(live)
  return times(
    call("diag", self:expression(rows, "1", depth - 1, a)),
    self:expression(rows, "1", depth - 1, b)
  )
end)

produce("vector matrix", function(self, rows, cols, depth, live)
  local a, b = self:split(live)
  return times(call("inv", self:regular(rows, depth, a)), self:expression(rows, cols, depth - 1, b))
end)

-- matrices
produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  return call("inv", self:regular(rows, depth, live))
end)

produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  return call("diag", self:expression(rows, "1", depth - 1, live))
end)

produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  return power(self:expression(rows, rows, depth - 1, live), self.random:integer(2) + 1)
end)

produce("matrix", function(self, rows, cols, depth, live)
  local a, b = self:split(live)
  return times(self:expression(rows, "1", depth - 1, a), self:expression("1", cols, depth - 1, b))
end)

-- functions of a square matrix, where the derivative commutes with it
local function matrix_function(self, size)
  local name = self.random:pick { "expm", "expm", "sinm", "cosm" }
  return call(name, times(self:constant(size, size), self:variable()))
end

for _ = 1, 3 do
  produce("matrix", function(self, rows, cols, _, live)
    if rows ~= cols or not live or self.wrt.kind ~= "scalar" then
      return nil
    end
    return matrix_function(self, rows)
  end)
end

produce("vector", function(self, rows, _, depth, live)
  if not live or self.wrt.kind ~= "scalar" then
    return nil
  end
  return times(matrix_function(self, rows), self:expression(rows, "1", depth - 1, false))
end)

--- Text of an expression of a shape; live: the variable occurs in it.
function Generator:expression(rows, cols, depth, live)
  local random = self.random
  if depth <= 0 or (rows .. cols):find "%*" or (not live and random:chance(0.6)) then
    return self:leaf(rows, cols, live)
  end
  local kind = kind_of(rows, cols)
  if kind == "matrix" and rows == "1" then
    kind = "row"
  end
  while true do
    local result = random:pick(productions[kind])(self, rows, cols, depth, live)
    if result then
      return result
    end
  end
end

--------------------------------------------------------------------------------------------------------------
-- Problems
--------------------------------------------------------------------------------------------------------------

local variables = {
  { kind = "scalar", name = "t", rows = "1", cols = "1" },
  { kind = "vector", name = "x", rows = "n", cols = "1" },
  { kind = "matrix", name = "X", rows = "m", cols = "n" },
  { kind = "matrix", name = "X", rows = "n", cols = "n" },
}

-- How often each is chosen, and what a square matrix variable may be declared to be. Such an attribute must not
-- change the derivative: its entries are independent.
local choice = { 1, 1, 1, 2, 2, 2, 3, 4, 4, 4 }
local attributes =
  { false, false, "invertible", "invertible", "symmetric", "orthogonal", "skew", "spd", "diagonal" }

function Generator:choose_variable()
  local base = variables[self.random:pick(choice)]
  local x = { kind = base.kind, name = base.name, rows = base.rows, cols = base.cols }
  if x.kind == "matrix" and x.rows == x.cols then
    x.attribute = self.random:pick(attributes)
  end
  x.invertible = x.attribute == "invertible" or x.attribute == "spd" or x.attribute == "orthogonal"
  return x
end

-- Kinds of function that the textbook layouts arrange, by kind of variable.
local fitting = {
  scalar = { "scalar", "vector", "vector", "matrix", "matrix", "matrix", "row" },
  vector = { "scalar", "scalar", "vector", "vector", "row" },
  matrix = { "scalar" },
}

function Generator:attempt(depth)
  local random = self.random
  local x = self:choose_variable()
  self.wrt, self.decl, self.taken, self.constants, self.unknowns = x, {}, {}, {}, {}
  self.decl[1] = x.kind
    .. " "
    .. x.name
    .. shape_text(x.rows, x.cols)
    .. (x.attribute and " " .. x.attribute or "")
  local general = self.options.layouts == "general"
  local kind = general and random:pick { "vector", "matrix" } or random:pick(fitting[x.kind])
  local rows = (kind == "vector" or kind == "matrix") and random:pick(dimensions) or "1"
  local cols = (kind == "row" or kind == "matrix") and random:pick(dimensions) or "1"
  local layout = random:pick(
    general and { "vec", "block", "block_t", "block_f" } or { "numerator", "denominator", "mixed" }
  )
  local e = self:expression(rows, cols, depth, true)
  return { decl = self.decl, expr = e.text, wrt = x.name, layout = layout }
end

-- Are value and derivative of a sensible size, and smooth, at the sizes of the judge? The derivative may be
-- zero.
local function tame(problem)
  for set = 1, #judge.sizes do
    local derivative, value, doubt = judge.derivative(problem, set, "tame")
    if not derivative then
      -- a shape that does not fit is a mistake of the generator, not a wild number
      if not (value:find "singular" or value:find "principal" or value:find "huge") then
        error(value .. " in " .. problem.expr)
      end
      return false
    end
    local size = math.max(numeric.magnitude(derivative), numeric.magnitude(value))
    if not (size < 1e4) or not (doubt < 1e-7 * math.max(1, size)) then
      return false
    end
  end
  return true
end

--- A problem: { decl, expr, wrt, layout }. Depth 1 is a few operators, 4 is long.
function Generator:problem(depth)
  while true do
    local ok, problem = pcall(self.attempt, self, depth)
    if not ok and problem ~= "out of names" then
      error(problem, 0)
    end
    if ok and tame(problem) then
      return problem
    end
  end
end

return M
