--- Random problems: well-shaped expressions, their declarations, a variable and a layout that fits.
--
--     local g = generator.new(2026)
--     local p = g:problem(3)
--     --> { decl = { "vector x(n)", ... }, expr = "...", wrt = "x", layout = "numerator" }
--
-- Further fields as the judge knows them: op = "hessian" and wrt2, convention, sizes. Options say what is wanted: `layouts`, a
-- list of names; `of` and `by`, kinds (scalar, vector, matrix); `plain`, no Hessians, transposed variables, entries or conventions.
--
-- An expression is grown from the shape that is wanted: each production of a shape asks for operands of other
-- shapes. One operand at least is *live* (contains the variable) at every level, so that the variable occurs
-- in the end. The same seed gives the same problems everywhere. A problem whose numbers are wild (huge, not
-- smooth, not finite for the sizes of the judge) is thrown away and another one is made.

local judge = require "spec.judge"
local numeric = require "spec.judge.numeric"

local M = {}

local Generator = {}
Generator.__index = Generator

--- A generator of problems; see above for the options.
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

-- Small, so that a Hessian by a matrix is judged soon; all different, so that no exchanged index hides.
local sizes = { { n = 2, m = 3, p = 4 }, { n = 4, m = 2, p = 3 } }

local names = {
  scalar = { "a", "b", "c", "e", "s" },
  vector = { "y", "z", "v", "w", "h", "r", "o", "l" },
  matrix = { "A", "B", "C", "G", "H", "L", "M", "N", "P", "R", "S", "T", "W", "Z" },
  ["function"] = { "u", "f", "g", "phi", "psi", "rho", "U", "V", "F", "fa", "fb", "fc", "fd", "fe" },
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

local square_attributes = {
  "symmetric",
  "spd",
  "invertible",
  "diagonal",
  "skew",
  "orthogonal",
  "lower",
  "upper",
  "toeplitz",
  "psd",
  "idempotent",
}

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
    attribute = self.random:pick(square_attributes)
  elseif not attribute and self.random:chance(0.05) then
    attribute = "positive"
  end
  local name = self:declare(kind_of(rows, cols), rows, cols, attribute and " " .. attribute)
  self.constants[key] = known or {}
  table.insert(self.constants[key], name)
  return atom("%s", name)
end

-- An unknown function of what has the shape of `argument`, a name; once declared used again.
function Generator:unknown(rows, cols, argument)
  local key = rows .. "," .. cols .. " of " .. argument
  if not self.unknowns[key] then
    self.unknowns[key] = self:declare("function", rows, cols, " of " .. argument)
  end
  return self.unknowns[key]
end

-- A name of a shape that unknown functions may be declared of: the variable, or a constant that occurs nowhere else.
function Generator:place(rows, cols)
  local x = self.wrt
  if rows == x.rows and cols == x.cols then
    return x.name
  end
  local key = "place " .. rows .. "," .. cols
  if not self.constants[key] then
    self.constants[key] = self:declare(kind_of(rows, cols), rows, cols)
  end
  return self.constants[key]
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

local functions = { "sin", "cos", "tanh", "sigmoid", "softplus", "abs", "relu", "sign", "step", "atan" }
local damped = { "exp", "sinh", "cosh", "tan", "sec" }

-- An elementwise function of e: one that grows gets a damped argument, log and sqrt get a positive one, asin and acos one
-- below 1.
function Generator:elementwise(e, rows, cols)
  local random = self.random
  local pick = random:integer(11)
  if pick <= 6 then
    return call(random:pick(functions), e)
  elseif pick <= 8 then
    return call(random:pick(damped), over(e, atom "4"))
  elseif pick == 9 then
    return call(random:pick { "asin", "acos" }, over(call("sin", e), atom "2"))
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

-- unknown functions of every shape at an expression of any shape: f(x), f(A*x + b), F(A*X*B), g(u(x))
for _ = 1, 2 do
  produce("scalar vector matrix", function(self, rows, cols, depth, live)
    if not live then
      return nil
    end
    local random, x = self.random, self.wrt
    if random:chance(0.5) then
      local f = self:unknown(rows, cols, x.name)
      return call(
        f,
        random:chance(0.3) and self:variable() or self:expression(x.rows, x.cols, depth - 1, true)
      )
    end
    local kind = random:pick { "scalar", "vector", "vector", "matrix" }
    local p = kind == "scalar" and "1" or random:pick(dimensions)
    local q = kind == "matrix" and random:pick(dimensions) or "1"
    return call(self:unknown(rows, cols, self:place(p, q)), self:expression(p, q, depth - 1, true))
  end)
end

produce("scalar vector", function(self, rows, _, _, live)
  if not live or self.wrt.kind == "matrix" then
    return nil
  end
  local u = self:unknown(self.random:pick(dimensions), "1", self.wrt.name)
  return call(self:unknown(rows, "1", u), call(u, self:variable()))
end)

-- the derivative of an unknown function by a column, as the layout writes it: a row in these, in the others a column
local writes_rows = { numerator = true, vec = true, block_t = true }

produce("scalar", function(self, _, _, depth, live)
  if not live then
    return nil
  end
  local n = self.random:pick(dimensions)
  local f = self:unknown("1", "1", self:place(n, "1"))
  local d = atom("D(%s,%s)", f, self:expression(n, "1", depth - 1, true).text)
  if not writes_rows[self.layout] then
    d = transposed(d)
  end
  return times(d, self:expression(n, "1", depth - 1, false))
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

-- a function of a square matrix in general; the two that need eigenvalues off the negative axis get a regular one
produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  local name = self.random:pick { "expm", "sinm", "cosm", "logm", "sqrtm" }
  if name == "logm" or name == "sqrtm" then
    return call(name, self:regular(rows, depth, live))
  end
  return call(name, over(self:expression(rows, rows, depth - 1, live), atom "5"))
end)

produce("scalar", function(self, _, _, depth, live)
  local n = self.random:pick(dimensions)
  local name = self.random:pick { "expm", "sinm", "cosm", "logm", "sqrtm" }
  return call("tr", call(name, self:regular(n, depth, live)))
end)

produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  local f = self.random:pick { "expm", "sinm", "cosm" }
  local at = self:constant(rows, rows)
  return atom("frechet(%s,%s,%s)", f, at.text, self:expression(rows, rows, depth - 1, live).text)
end)

-- powers: negative, fractional, with a symbol, with the variable in the exponent
produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  return power(self:regular(rows, depth, live), self.random:pick { "-1", "-2", "3" })
end)

produce("matrix", function(self, rows, cols, _, live)
  local x = self.wrt
  if rows ~= cols then
    return nil
  end
  if not self.exponent then
    self.exponent = true
    table.insert(self.decl, "scalar k")
  end
  local base = live and x.rows == rows and x.cols == cols and x.kind == "matrix" and self:variable()
    or self:constant(rows, rows)
  local result = power(over(base, atom "2"), self.random:pick { "k", "k", "(k+1)" })
  return live and base.text ~= x.name and dotted(result, ".*", self:live_leaf(rows, cols)) or result
end)

produce("scalar vector matrix", function(self, rows, cols, depth, live)
  local e = inside(positive(self:expression(rows, cols, depth - 1, live), rows, cols), 5)
  local operator = kind_of(rows, cols) == "scalar" and "^" or ".^"
  return text(4, "%s%s%s", e, operator, self.random:pick { "(1/2)", "(3/2)", "(-1)", "(-1/2)" })
end)

produce("scalar vector matrix", function(self, rows, cols, depth, live)
  local a, b = self:split(live)
  local e = inside(positive(self:expression(rows, cols, depth - 1, a), rows, cols), 5)
  local operator = kind_of(rows, cols) == "scalar" and "^" or ".^"
  return text(4, "%s%stanh(%s)", e, operator, self:expression("1", "1", depth - 1, b).text)
end)

produce("scalar", function(self, _, _, depth, live)
  return text(4, "2^(%s)", self:expression("1", "1", depth - 1, live).text .. "/4")
end)

-- structure: triangles, sums along diagonals
produce("matrix", function(self, rows, cols, depth, live)
  return call(self.random:pick { "tril", "triu" }, self:expression(rows, cols, depth - 1, live))
end)

produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  return call("diagonalsums", self:expression(rows, cols, depth - 1, live))
end)

-- pseudo-inverse and adjugate
produce("matrix", function(self, rows, cols, depth, live)
  local x = self.wrt
  if live and rows == x.cols and cols == x.rows and self.random:chance(0.4) then
    return call("pinv", self:variable())
  end
  local e = over(self:expression(cols, rows, depth - 2, live), atom "10")
  return call("pinv", plus(self:constant(cols, rows), e))
end)

produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  return call("adj", self:regular(rows, depth, live))
end)

-- entries
produce("scalar", function(self, _, _, depth, live)
  local rows, cols = self.random:pick(dimensions), self.random:pick { "1", "n", "m", "p" }
  local e = self:expression(rows, cols, depth - 1, live)
  local i, j = self.random:integer(2), self.random:integer(2)
  if not e.text:find "^[%w_]+$" then
    e = atom("(%s)", e.text)
  end
  return cols == "1" and atom("%s(%d)", e.text, i) or atom("%s(%d,%d)", e.text, i, j)
end)

-- machine learning
produce("scalar", function(self, _, _, depth, live)
  local name = self.random:pick { "logsumexp", "logsumexp", "max", "norminf", "var", "mean" }
  return call(name, self:expression(self.random:pick(dimensions), "1", depth - 1, live))
end)

produce("vector", function(self, rows, _, depth, live)
  local name = self.random:pick { "softmax", "softmax", "softmax", "argmax" }
  local e = call(name, self:expression(rows, "1", depth - 1, live))
  return name == "softmax" and self.random:chance(0.3) and call("log", e) or e
end)

-- eigenvalues and eigenvectors
local function symmetric(self, depth, live, size)
  local e = self:expression(size, size, depth - 2, live)
  return plus(e, transposed(e))
end

produce("scalar", function(self, _, _, depth, live)
  local n = self.random:pick(dimensions)
  return atom("eigval(%s,%d)", symmetric(self, depth, live, n).text, self.random:integer(2))
end)

produce("vector", function(self, rows, _, depth, live)
  local v = atom("eigvec(%s,%d)", symmetric(self, depth, live, rows).text, self.random:integer(2))
  return times(times(v, transposed(v)), self:expression(rows, "1", depth - 1, false))
end)

-- vectors of three entries
produce("scalar", function(self, _, _, depth, live)
  local a, b = self:split(live)
  local x, y = self:expression("3", "1", depth - 1, a), self:expression("3", "1", depth - 1, b)
  return times(self:constant("1", "3"), atom("cross(%s,%s)", x.text, y.text))
end)

produce("vector", function(self, rows, _, depth, live)
  local x = self:expression("3", "1", depth - 1, live)
  if self.random:chance(0.5) then
    return times(times(self:constant(rows, "3"), call("hat", x)), self:constant("3", "1"))
  end
  local y = self:expression("3", "1", depth - 1, false)
  return times(self:constant(rows, "3"), atom("cross(%s,%s)", x.text, y.text))
end)

produce("vector", function(self, rows, _, depth, live)
  local e = times(self:constant("3", "3"), self:expression("3", "3", depth - 1, live)) -- not symmetric
  return rows == "3" and call("vee", e) or times(self:constant(rows, "3"), call("vee", e))
end)

-- Halves, commutation matrices, Khatri-Rao products: closed off at once by a constant, as those above
produce("scalar", function(self, _, _, depth, live)
  local n = self.random:pick(dimensions)
  local half = n .. "*(" .. n .. "+1)/2"
  local e = self:expression(n, n, depth - 1, live)
  local h = self.random:chance(0.5) and call("vech", e) or times(atom("Elim(%s)", n), call("vec", e))
  if self.random:chance(0.5) then
    return times(self:constant("1", half), h)
  end
  return times(times(self:constant("1", n .. "*" .. n), atom("Dup(%s)", n)), h)
end)

produce("scalar", function(self, _, _, depth, live)
  local m, n = self.random:pick(dimensions), self.random:pick(dimensions)
  local a, b = self:split(live)
  local x, y = self:expression(n, m, depth - 1, a), self:expression(m, n, depth - 1, b)
  return times(times(transposed(call("vec", x)), atom("K(%s,%s)", m, n)), call("vec", y))
end)

produce("row", function(self, _, cols, depth, live)
  local m, p = self.random:pick(dimensions), self.random:pick(dimensions)
  local a, b = self:split(live)
  local x, y = self:expression(m, cols, depth - 1, a), self:expression(p, cols, depth - 1, b)
  return times(self:constant("1", m .. "*" .. p), atom("khatrirao(%s,%s)", x.text, y.text))
end)

produce("matrix", function(self, rows, cols, depth, live)
  local n = self.random:pick(dimensions)
  local e = times(self:constant(rows .. "*" .. cols, n), self:expression(n, "1", depth - 1, live))
  return atom("unvec(%s,%s,%s)", e.text, rows, cols)
end)

-- counted sums
produce("vector matrix scalar", function(self, rows, cols, depth, live)
  local e = self:expression(rows, cols, depth - 1, live)
  if e.text:find "sum%(i" then
    return nil
  end
  if self.random:chance(0.5) or kind_of(rows, cols) == "scalar" then
    return atom("sum(i = 1..3, %s)", over(e, atom "i").text)
  end
  return atom("sum(i = 0..2, %s)", times(power(over(self:constant(rows, rows), atom "2"), "i"), e).text)
end)

-- counted sums over all entries
local function entry(e, ...)
  return atom("(%s)(%s)", e.text, table.concat({ ... }, ","))
end

local function counts(...)
  for _, e in ipairs { ... } do
    if e.text:find "sum%([ij] =" then
      return true
    end
  end
  return false
end

produce("scalar", function(self, _, _, depth, live)
  local n, f = self.random:pick(dimensions), self.random:pick { "sin", "tanh", "sigmoid", "" }
  local a, b = self:split(live)
  local x, y = self:expression(n, "1", depth - 1, a), self:expression(n, "1", depth - 1, b)
  if counts(x, y) then
    return nil
  end
  local body = self.random:pick {
    string.format("%s(%s)*%s", f, entry(x, "i").text, entry(y, "i").text),
    string.format("%s(%s + 2*%s)^2", f, entry(x, "i").text, entry(y, "i").text),
    string.format(
      "%s(%s) - (%s)*%s^2",
      f,
      entry(x, "i").text,
      self:constant("1", "1").text,
      entry(y, "i").text
    ),
  }
  return atom("sum(i = 1..%s, %s)", n, body)
end)

produce("scalar", function(self, _, _, depth, live)
  local m, n = self.random:pick(dimensions), self.random:pick(dimensions)
  local f = self.random:pick { "sin", "tanh", "sigmoid", "" }
  local a, b = self:split(live)
  local down = self.random:chance(0.5)
  local A, x = self:expression(m, n, depth - 1, a), self:expression(down and m or n, "1", depth - 1, b)
  if counts(A, x) then
    return nil
  end
  local aij, xi = entry(A, "i", "j").text, entry(x, down and "i" or "j").text
  local body = self.random:pick {
    string.format("%s(%s)*%s", f, aij, xi),
    string.format("%s(%s - %s)^2", f, aij, xi),
    string.format("%s(%s*%s)", f, aij, xi),
  }
  return atom("sum(i = 1..%s, sum(j = 1..%s, %s))", m, n, body)
end)

produce("vector matrix", function(self, rows, cols, depth, live)
  local n = self.random:pick(dimensions)
  local a, b = self:split(live)
  local x, A = self:expression(n, "1", depth - 1, a), self:expression(rows, n, depth - 1, b)
  if counts(x, A) then
    return nil
  elseif cols == "1" then
    return atom("sum(i = 1..%s, %s*(%s)*E(i,1,%s,1))", n, entry(x, "i").text, A.text, n)
  end
  local B = self:constant(n, cols)
  return atom("sum(i = 1..%s, %s*(%s)*E(i,i,%s,%s)*(%s))", n, entry(x, "i").text, A.text, n, n, B.text)
end)

--- Text of an expression of a shape; live: the variable occurs in it.
function Generator:expression(rows, cols, depth, live)
  local random = self.random
  if #self.decl > 14 or depth <= 0 or (rows .. cols):find "%*" or (not live and random:chance(0.6)) then
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
  { kind = "vector", name = "x", rows = "3", cols = "1" },
}

-- How often each is chosen, and what a square matrix variable may be declared to be. Such an attribute must not
-- change the derivative by independent entries.
local choice = { 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 5 }
local attributes = {
  false,
  false,
  "invertible",
  "invertible",
  "symmetric",
  "symmetric",
  "orthogonal",
  "skew",
  "spd",
  "diagonal",
  "lower",
  "upper",
  "toeplitz",
}

function Generator:choose_variable()
  local base
  repeat
    base = variables[self.random:pick(choice)]
  until not self.options.by or base.kind == self.options.by
  local x = { kind = base.kind, name = base.name, rows = base.rows, cols = base.cols }
  if x.kind == "matrix" and x.rows == x.cols then
    x.attribute = self.random:pick(attributes)
  end
  x.invertible = x.attribute == "invertible" or x.attribute == "spd" or x.attribute == "orthogonal"
  return x
end

local textbook = { "numerator", "denominator", "mixed" }
local general = { "vec", "block", "block_t", "block_f" }
local is_general = { vec = true, block = true, block_t = true, block_f = true }

-- Kinds of function that the textbook layouts arrange, by kind of variable; the others arrange all.
local fitting = {
  scalar = { "scalar", "vector", "vector", "matrix", "matrix", "matrix", "row" },
  vector = { "scalar", "scalar", "vector", "vector", "row" },
  matrix = { "scalar" },
}
local all_kinds = { "scalar", "vector", "vector", "matrix", "matrix", "row", "large" }

-- A function of a shape with products of sizes, for the layouts that arrange every shape.
function Generator:large(depth)
  local random = self.random
  local m, n, p, q =
    random:pick(dimensions), random:pick(dimensions), random:pick(dimensions), random:pick(dimensions)
  local pick = random:integer(6)
  local a, b = self:split(true)
  if pick == 1 then
    return call("vec", self:expression(m, n, depth - 1, true))
  elseif pick == 2 then
    return call("vech", self:expression(n, n, depth - 1, true))
  elseif pick == 3 then
    return times(atom("K(%s,%s)", m, n), call("vec", self:expression(m, n, depth - 1, true)))
  elseif pick == 4 then
    local x, y = self:expression(m, n, depth - 1, a), self:expression(p, n, depth - 1, b)
    return atom("khatrirao(%s,%s)", x.text, y.text)
  elseif pick == 5 then
    local x, y = self:expression(m, "1", depth - 1, a), self:expression(p, "1", depth - 1, b)
    return atom("kron(%s,%s)", x.text, y.text)
  end
  local x, y = self:expression(m, n, depth - 2, a), self:expression(p, q, depth - 2, b)
  return atom("kron(%s,%s)", x.text, y.text)
end

-- What else may vary: second derivatives, transposed variables, entries of a variable, conventions.
function Generator:vary(problem, x, kind)
  local random = self.random
  local pick = random:integer(20)
  if pick <= 3 and (kind == "scalar" or x.kind == "scalar") then
    problem.op = "hessian"
    if random:chance(0.3) and kind == "scalar" then
      local y = self.constants["n,1,"]
        or self.constants["1,1,"]
        or self.constants["m,1,"]
        or self.constants["n,n,"]
      problem.wrt2 = type(y) == "table" and y[1] or nil
    end
  elseif pick == 4 and x.kind ~= "scalar" then
    problem.wrt = x.name .. "'"
  elseif pick == 5 and x.kind ~= "scalar" and not x.attribute then
    local i, j = random:integer(2), random:integer(2)
    problem.wrt = x.kind == "vector" and string.format("%s(%d)", x.name, i)
      or string.format("%s(%d,%d)", x.name, i, j)
  end
  if x.attribute and x.attribute ~= "invertible" and problem.wrt == x.name and random:chance(0.6) then
    problem.convention = random:pick { "projected", "entries" }
  end
end

function Generator:attempt(depth)
  local random, options = self.random, self.options
  local x = self:choose_variable()
  self.wrt, self.decl, self.taken, self.constants, self.unknowns = x, {}, {}, {}, {}
  self.exponent = nil
  self.decl[1] = x.kind
    .. " "
    .. x.name
    .. shape_text(x.rows, x.cols)
    .. (x.attribute and " " .. x.attribute or "")
  local layout = random:pick(options.layouts or (random:chance(0.5) and textbook or general))
  self.layout = layout
  local unfit = not options.plain and random:chance(0.02) -- a few that have no place in a textbook layout
  local kind = options.of or random:pick((unfit or is_general[layout]) and all_kinds or fitting[x.kind])
  local e
  if kind == "large" then
    e = self:large(depth)
  else
    local rows = (kind == "vector" or kind == "matrix") and random:pick(dimensions) or "1"
    local cols = (kind == "row" or kind == "matrix") and random:pick(dimensions) or "1"
    e = self:expression(rows, cols, depth, true)
  end
  local problem = { decl = self.decl, expr = e.text, wrt = x.name, layout = layout, sizes = sizes, draws = 1 }
  problem.memo = {}
  if not options.plain then
    self:vary(problem, x, kind)
  end
  return problem
end

-- Numbers that the judge cannot compare: a mistake of the draw, not of the generator.
local wild = { "singular", "principal", "huge", "simple", "converge" }

-- Are value and derivative of a sensible size, and smooth, at the values at which the judge will look? The derivative may be
-- zero.
local function tame(problem)
  if #problem.expr > 400 then
    return false
  end
  for set = 1, #problem.sizes do
    local derivative, value, doubt = judge.derivative(problem, set)
    if not derivative then
      -- a shape that does not fit is a mistake of the generator, not a wild number
      if value:find "has no .* layout" then -- nabla will say so, too
        return true
      end
      for _, word in ipairs(wild) do
        if value:find(word) then
          return false
        end
      end
      error(value .. " in " .. problem.expr .. " by " .. problem.wrt .. " in " .. problem.layout, 0)
    end
    local size = math.max(numeric.magnitude(derivative), numeric.magnitude(value))
    if not (size < 1e4) or not (doubt < 1e-7 * math.max(1, numeric.magnitude(derivative))) then
      return false
    end
  end
  return true
end

--- A problem, with the fields above. Depth 1 is a few operators, 4 is long.
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
