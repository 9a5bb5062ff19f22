--- The equations of a stationary point: gradients that are zero, and constraints with Lagrange multipliers.
--
-- The Lagrangian is f + sum of <multiplier, constraint>. The derivative by a variable with a structure is the projection on
-- that structure (nabla.calculus.convention), so it is zero where f is stationary among the matrices of the structure.
--
-- @module nabla.solve.stationary

local complex = require "nabla.language.complex"
local conjugates = require "nabla.calculus.conjugates"
local conventions = require "nabla.calculus.convention"
local core = require "nabla.core"
local derivative = require "nabla.calculus.derivative"
local factors = require "nabla.algebra.factors"
local layouts = require "nabla.calculus.layout"
local linear = require "nabla.solve.linear"
local members = require "nabla.solve.members"
local solve = require "nabla.solve"
local surfaces = require "nabla.solve.surfaces"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds

local NAMES = { "lambda", "mu", "nu" } -- of multipliers, those of a matrix capital

-- The inner product of two nodes of one shape.
local function inner(S, a, b)
  local product = S:product { S:transpose(a), b }
  return factors.is_scalar(S, product) and product or S:apply(S:operator_with "cyclic", { product })
end

-- A multiplier of the shape of a constraint.
local function multiplier(S, taken, constraint, bits)
  local rows, cols = S:rows(constraint), S:cols(constraint)
  local kind = rows == ONE and cols == ONE and "scalar" or cols == ONE and "vector" or "matrix"
  local name
  for _, candidate in ipairs(NAMES) do
    candidate = kind == "matrix" and candidate:sub(1, 1):upper() .. candidate:sub(2) or candidate
    name = name or not taken[candidate] and candidate or nil
  end
  local n = 1
  while not name do
    name = not taken["lambda" .. n] and "lambda" .. n or nil
    n = n + 1
  end
  taken[name] = true
  -- the multiplier of a symmetric constraint may be taken symmetric
  local attributes = kind == "matrix" and S:property("symmetric", constraint) and S:attribute("symmetric", false) or 0
  return S:symbol(name, KIND[kind], attributes | (bits or 0), rows, cols)
end

-- Of a complex letter, that of which the derivative is zero at a stationary point of a real function: its conjugate.
local function derived_by(session, f, x)
  if not complex.is_letter(session, x) then
    return x
  elseif not session:is_own_conjugate(f) then
    local message = "%s is not known to be its own conjugate: "
      .. "a stationary point by the complex %s is one of a real function"
    solve.stop(message, session:text(f), session.S:name(x))
  end
  return conjugates.conjugate(session, x)
end

-- Does a node hold a letter itself, not only its conjugate?
local function holds_itself(session, node, x)
  local S = session.S
  local without = S:replace(node, { conjugates.conjugate(session, x) }, { S:zeros(S:rows(x), S:cols(x)) })
  return factors.holder(S, x)(without)
end

-- A complex constraint g = 0 with a complex multiplier: twice the real part of their inner product, written so that the derivative by
-- the conjugates of the unknowns holds the multiplier and not its conjugate.
local function complex_term(session, taken, g, unknowns)
  local S, turn = session.S, false
  for _, x in ipairs(unknowns) do
    turn = turn or complex.is_letter(session, x) and holds_itself(session, g, x)
  end
  g = turn and conjugates.conjugate(session, g) or g
  local lambda = multiplier(S, taken, g, session.attributes.complex.bits)
  local term = inner(S, lambda, g)
  return lambda, S:sum { term, conjugates.conjugate(session, term) }
end

-- Has a variable a structure that a gradient is projected on?
local function convention_for(session, x)
  local projected = session.conventions.projected
  return projected and session.S:attributes(x) ~= 0 and projected or conventions.free
end

-- Unknowns whose attribute an equation states, as orthogonal ones, without it: f, unknowns, constraints.
local function without_surfaces(session, f, unknowns, constraints)
  local S = session.S
  local from, to, list, more = {}, {}, {}, {}
  for i, x in ipairs(unknowns) do
    local bare, constraint = surfaces.freed(session, x)
    list[i] = bare or x
    if bare then
      from[#from + 1], to[#to + 1], more[#more + 1] = x, bare, constraint
    end
  end
  if #from == 0 then
    return f, unknowns, constraints
  end
  local all = {}
  for i, c in ipairs(constraints) do
    all[i] = { left = S:replace(c.left, from, to), right = S:replace(c.right, from, to) }
  end
  return S:replace(f, from, to), list, table.move(more, 1, #more, #all + 1, all)
end

--- The equations of a stationary point of f.
-- @tparam table session
-- @tparam integer f a scalar
-- @tparam {integer,...} unknowns
-- @tparam table constraints a list of { left =, right = }
-- @treturn table equations, { left =, right =, shown = the left side in textbook form }: gradients, then the constraints
-- @treturn {integer,...} the multipliers
-- @treturn {integer,...} the unknowns, of which a constraint may have taken the place of an attribute
function M.equations(session, f, unknowns, constraints)
  local S = session.S
  if not factors.is_scalar(S, f) then
    solve.stop "a stationary point is one of a scalar"
  end
  f, unknowns, constraints = without_surfaces(session, f, unknowns, constraints)
  local nodes = { f, table.unpack(unknowns) }
  for _, c in ipairs(constraints) do
    nodes[#nodes + 1], nodes[#nodes + 2] = c.left, c.right
  end
  local taken, multipliers, terms = linear.names_in(session, nodes), {}, { f }
  for i, c in ipairs(constraints) do
    local difference = solve.difference(S, c)
    local any = false
    for _, x in ipairs(unknowns) do
      any = any or factors.holder(S, members.is(session, x) and S:args(x)[1] or x)(difference)
    end
    if not any then
      solve.stop("constraint %d holds none of the variables", i)
    end
    if session.complex_letters and not session:is_own_conjugate(difference) then
      multipliers[i], terms[#terms + 1] = complex_term(session, taken, difference, unknowns)
    else
      multipliers[i] = multiplier(S, taken, difference)
      terms[#terms + 1] = inner(S, multipliers[i], difference)
    end
  end
  local lagrangian = #terms > 1 and S:sum(terms) or f
  local list = {}
  local layout = layouts.named(session, "denominator")
  for _, x in ipairs(unknowns) do
    local family = members.is(session, x) and S:args(x)[1]
    if not factors.holder(S, family or x)(lagrangian) then
      solve.stop("%s does not occur in the expression", session:text(x))
    end
    local how = { layout = layout, convention = convention_for(session, x), plain = true }
    local by = session.complex_letters and derived_by(session, lagrangian, x) or x
    local gradient = derivative.derivative(session, lagrangian, by, how)
    local shown = S:textbook(gradient, lagrangian)
    list[#list + 1] = {
      left = S:cols(x) == ONE and gradient or shown, -- attributes are used for matrices only
      right = S:zeros(S:rows(gradient), S:cols(gradient)),
      shown = shown,
    }
  end
  table.move(constraints, 1, #constraints, #list + 1, list)
  list, unknowns = members.as_letters(session, list, unknowns)
  return list, multipliers, unknowns
end

--- An expression in a simpler form that is equal to it on the constraints; the expression itself where there is none.
-- @tparam table session
-- @tparam integer f
-- @tparam {integer,...} unknowns
-- @tparam table constraints
-- @treturn integer
function M.on_constraints(session, f, unknowns, constraints)
  local list
  f, unknowns, list = without_surfaces(session, f, unknowns, constraints)
  for _, c in ipairs(list) do
    for _, x in ipairs(unknowns) do
      f = surfaces.simplified(session, f, x, solve.difference(session.S, c))
    end
  end
  return f
end

return M
