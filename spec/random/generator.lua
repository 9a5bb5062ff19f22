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
local randoms = require "spec.judge.random"
local Generator = require "spec.random.operands"
local productions = require "spec.random.families"
local text = require "spec.random.text"

local M = {}

local atom, call, times = text.atom, text.call, text.times
local dimensions, kind_of, shape_text = Generator.dimensions, Generator.kind_of, Generator.shape_text

-- Small, so that a Hessian by a matrix is judged soon; all different, so that no exchanged index hides.
local sizes = { { n = 2, m = 3, p = 4 }, { n = 4, m = 2, p = 3 } }

--- A generator of problems; see above for the options.
function M.new(seed, options)
  return setmetatable({ random = randoms.new(seed), options = options or {} }, Generator)
end

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
  if not (self.options.by or self.options.plain) and self.random:chance(0.15) then
    return self:choose_member()
  end
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
      problem.wrt2 = type(y) == "table" and y[1] or x.members and x.members.base .. "_2" or nil
    end
  elseif x.members then
    return
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
  self.decl[1] = x.declared
    or x.kind .. " " .. x.name .. shape_text(x.rows, x.cols) .. (x.attribute and " " .. x.attribute or "")
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
      error(value .. " in " .. problem.expr .. " by " .. problem.wrt .. " in " .. tostring(problem.layout), 0)
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
