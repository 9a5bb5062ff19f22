--- What random expressions are made of: declarations, leaves, operands. The methods of a generator (spec/random/generator.lua).
--
-- A shape is a pair of texts of dimensions, "1" for a side of one. An operand is *live* if the variable occurs in it.

local text = require "spec.random.text"

local atom, call, plus, times, over = text.atom, text.call, text.plus, text.times, text.over
local transposed, ones, positive = text.transposed, text.ones, text.positive

local Generator = {}
Generator.__index = Generator

--------------------------------------------------------------------------------------------------------------
-- Declarations
--------------------------------------------------------------------------------------------------------------

Generator.dimensions = { "n", "m", "p" }

local names = {
  scalar = { "a", "b", "c", "e", "s" },
  vector = { "y", "z", "v", "w", "h", "r", "o", "q" },
  matrix = { "A", "B", "C", "G", "H", "L", "M", "N", "P", "R", "S", "T", "W", "Z" },
  ["function"] = { "u", "f", "g", "phi", "psi", "rho", "U", "V", "F", "fa", "fb", "fc", "fd", "fe" },
}

function Generator.kind_of(rows, cols)
  if rows == "1" and cols == "1" then
    return "scalar"
  end
  return cols == "1" and "vector" or "matrix"
end

function Generator.shape_text(rows, cols)
  local kind = Generator.kind_of(rows, cols)
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
  local declared = kind == "function" and Generator.kind_of(rows, cols) or kind
  self.decl[#self.decl + 1] = declared .. " " .. name .. Generator.shape_text(rows, cols) .. (suffix or "")
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
  local name = self:declare(Generator.kind_of(rows, cols), rows, cols, attribute and " " .. attribute)
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
  if rows == x.rows and cols == x.cols and not x.members then
    return x.name
  end
  local key = "place " .. rows .. "," .. cols
  if not self.constants[key] then
    self.constants[key] = self:declare(Generator.kind_of(rows, cols), rows, cols)
  end
  return self.constants[key]
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
        return call(self:unknown(rows, cols, self:place(x.rows, x.cols)), self:variable())
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
      return call(self:unknown("1", "1", self:place(x.rows, x.cols)), self:variable())
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
        return call(self:unknown(rows, "1", self:place(x.rows, x.cols)), self:variable())
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
-- What productions are made of
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
  local inner = self.random:pick(Generator.dimensions)
  local e = self:expression(size, inner, depth - 2, true)
  return plus(atom("I(%s)", size), over(times(e, transposed(e)), atom "10"))
end

return Generator
