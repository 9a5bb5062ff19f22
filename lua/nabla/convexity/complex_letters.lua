--- Curvature of real functions of complex letters: as functions of their real and imaginary parts.
--
-- An expression in Z and conj(Z) is affine in the parts of Z exactly where it is affine in Z and conj(Z) as two letters. Its second
-- derivative along a direction V, with conj(V) for the change of conj(Z), is that along the real line Z + t*V; where that is never
-- negative the function is convex. In one letter the second differential is 2*V^H*M*V + 2*Re(V^H*N*conj(V)) with the Hessians
-- M = D(f; conj(z), z) and N = D(f; conj(z), conj(z)): without N it has the sign of M (Hjorungnes and Gesbert (2007) on complex Hessians).
--
-- @module nabla.convexity.complex_letters

local complex = require "nabla.language.complex"
local conjugates = require "nabla.calculus.conjugates"
local core = require "nabla.core"
local errors = require "nabla.text.errors"
local hessian = require "nabla.calculus.hessian"
local joint = require "nabla.convexity.joint"
local layouts = require "nabla.calculus.layout"
local linear = require "nabla.calculus.linear"

local M = {}

local KIND = core.constants.kinds
local LAYOUT = "denominator"
local MOST_WEIGHT = 2000 -- of a second differential

--- Does an expression hold complex letters or the imaginary unit?
function M.occur(session, id)
  return session.complex_letters and complex.occurs(session, { session:wrap(id) }) or false
end

--- Has an expression real values, whatever its letters are?
function M.is_real(session, id)
  if not M.occur(session, id) then
    return true
  end
  local ok, real = errors.attempt(session.is_own_conjugate, session, id)
  return ok and real
end

-- An expression and variables with letters of their own for the conjugates, these too; the letters of the variables' conjugates beside
-- them, and what takes a node back.
local function apart(session, id, variables)
  local list = { id, table.unpack(variables) }
  local letters = {}
  for i, x in ipairs(variables) do
    if complex.is_letter(session, x) and not complex.tie(session, x) then
      letters[i] = conjugates.conjugate(session, x)
      list[#list + 1] = letters[i]
    end
  end
  local found = conjugates.apart(session, list)
  if not found then
    return { f = id, variables = variables, partners = {}, back = function(node)
      return node
    end }
  end
  local result = { f = found.f[1], variables = {}, partners = {}, back = found.back }
  local at = #variables + 1
  for i in ipairs(variables) do
    result.variables[i] = found.f[i + 1]
    if letters[i] then
      at = at + 1
      result.partners[i] = found.f[at]
    end
  end
  return result
end

-- All letters that change.
local function moving(parts)
  local list = {}
  for i, x in ipairs(parts.variables) do
    list[#list + 1] = x
    list[#list + 1] = parts.partners[i]
  end
  return list
end

--- Is an expression affine in the real and imaginary parts of the variables together?
function M.is_affine(session, id, variables)
  local S, parts = session.S, apart(session, id, variables)
  local all, zeros = moving(parts), {}
  for i, x in ipairs(all) do
    zeros[i] = S:zeros(S:rows(x), S:cols(x))
    local change = S:forward(parts.f, x, S:hole(S:name(x), S:rows(x), S:cols(x)))
    for _, node in ipairs(S:postorder(change)) do
      for _, y in ipairs(all) do
        if node == y then
          return false
        end
      end
    end
  end
  local rest = S:expand(S:sum { parts.f, S:neg(S:replace(parts.f, all, zeros)) })
  return linear.is_linear(S, rest, all)
end

-- The direction in which a variable changes: a letter of its shape and of its subspace.
local function direction(session, x)
  local S, bits = session.S, 0
  if complex.is_letter(session, x) then
    bits = session.attributes.complex.bits
  end
  for name, shape in pairs(session.domains) do
    if shape == "subspace" and S:property(name, x) then
      bits = bits | session.attributes[name].bits
    end
  end
  return S:symbol("d" .. S:name(x), KIND[S:kind(x)], bits, S:rows(x), S:cols(x))
end

--- The second differential of an expression in directions d(x), d(conj(x)) of the variables, as an expression of complex letters: the
-- second derivative at t = 0 where x + t*d(x) takes the place of x.
function M.second_differential(session, f, variables)
  local S, parts = session.S, apart(session, f, variables)
  local analytic = session.attributes.analytic.bits
  local from, moved, ways, shown = {}, {}, {}, {}
  local t = S:symbol("real parameter", KIND.scalar, 0, S:dim(1), S:dim(1))
  local function move(x, d) -- a letter without attributes takes the place of what is shown
    local way = S:symbol("d " .. S:name(x), KIND[S:kind(x)], analytic, S:rows(x), S:cols(x))
    from[#from + 1], moved[#moved + 1] = x, S:sum { x, S:product { t, way } }
    ways[#ways + 1], shown[#shown + 1] = way, d
  end
  for i, x in ipairs(parts.variables) do
    local d = direction(session, variables[i])
    move(x, d)
    if parts.partners[i] then
      move(parts.partners[i], conjugates.conjugate(session, d))
    end
  end
  local current = S:replace(parts.f, from, moved)
  for _ = 1, 2 do
    current = S:forward(current, t, S:rational(1))
    if S:weight(current) > MOST_WEIGHT then
      errors.refuse "the second derivative is too large"
    end
  end
  current = S:replace(current, { t }, { S:rational(0) })
  return S:replace(parts.back(current), ways, shown)
end

-- Is a variable a complex column that nothing ties to its conjugate?
local function is_free_column(session, x)
  return complex.is_letter(session, x)
    and not complex.tie(session, x)
    and session.S:dimint(session.S:cols(x)) == 1
end

-- The Hessians D(f; conj(x), y) of some letters; nil where one D(f; conj(x), conj(y)) is not zero.
local function hessians(session, f, variables)
  local S = session.S
  local layout = session.layouts[LAYOUT] or layouts.named(session, session.layout)
  local free = session.conventions.free
  local blocks = {}
  for i, x in ipairs(variables) do
    local conjugate = conjugates.conjugate(session, x)
    blocks[i] = {}
    for k, y in ipairs(variables) do
      local own = S:textbook(hessian.hessian(session, f, conjugate, conjugates.conjugate(session, y), layout, free))
      if own ~= S:zeros(S:rows(own), S:cols(own)) then
        return nil
      end
      blocks[i][k] = hessian.hessian(session, f, conjugate, y, layout, free)
    end
  end
  return blocks
end

local function curvature_by_hessians(session, f, variables, from_signs)
  for _, x in ipairs(variables) do
    if not is_free_column(session, x) then
      return nil
    end
  end
  local ok, blocks = errors.attempt(hessians, session, f, variables)
  if not (ok and blocks) then
    return nil
  elseif not variables[2] then
    local block = blocks[1][1]
    local scalar = session.S:dimint(session.S:rows(block)) == 1
    local weak, strong = scalar and "nonnegative" or "psd", scalar and "positive" or "spd"
    return from_signs(session, block, { "hpsd", weak }, { "hpd", strong })
  end
  local result = joint.from_blocks(session, blocks, session.S:name(variables[1]), true)
  return result.convex and result or result.concave and result or nil
end

--- The curvature of a real expression by its second derivative in the variables together.
-- @tparam table session
-- @tparam integer f
-- @tparam {integer,...} variables
-- @tparam function from_signs of nabla.convexity.second
-- @treturn table as of nabla.convexity.composition
function M.curvature(session, f, variables, from_signs)
  local result = curvature_by_hessians(session, f, variables, from_signs)
  if result and (result.convex or result.concave) then
    return result
  end
  return from_signs(session, M.second_differential(session, f, variables), { "hpsd", "nonnegative" }, nil)
end

return M
