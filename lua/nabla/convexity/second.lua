--- Curvature from the second derivative: the Hessian by a vector, or the second differential as a quadratic form of a matrix, has a
-- sign by the facts of rule files.
--
-- In the direction of Klaus, Merk, Wiedom, Laue and Giesen, Convexity Certificates from Hessians (NeurIPS 2022).
--
-- @module nabla.convexity.second

local core = require "nabla.core"
local errors = require "nabla.text.errors"
local hessian = require "nabla.calculus.hessian"
local layouts = require "nabla.calculus.layout"
local reasons = require "nabla.convexity.reasons"

local M = {}

local KIND = core.constants.kinds
local MOST_WEIGHT = 2000 -- of a second differential
local LAYOUT = "denominator"
local DIRECTION = "dX" -- how the direction of a second differential is called in a proof

-- The direction in which a variable changes: a symbol of its shape, of its subspace, or a variable named otherwise.
local function direction(session, x)
  local S, bits = session.S, 0
  for name, shape in pairs(session.domains) do
    if shape == "subspace" and S:property(name, x) then
      bits = bits | session.attributes[name].bits
    end
  end
  return S:symbol(DIRECTION:sub(1, 1) .. S:name(x), KIND[S:kind(x)], bits, S:rows(x), S:cols(x))
end

-- The forms of an expression in which its sign may be seen.
local function forms(S, id)
  local list, seen = {}, {}
  for _, f in ipairs {
    function()
      return S:textbook(id)
    end,
    function()
      return id
    end,
    function()
      return S:simplify(id)
    end,
    function()
      return S:simplify(S:expand(id))
    end,
  } do
    local ok, form = errors.attempt(f)
    if ok and not seen[form] then
      seen[form], list[#list + 1] = true, form
    end
  end
  return list
end

-- The first of the forms that has one of some properties (a name or a list of names), itself or its negative, and why.
local function with_property(session, list, properties, sign)
  for _, property in ipairs(type(properties) == "table" and properties or { properties }) do
    for _, form in ipairs(list) do
      local node = sign < 0 and session.S:neg(form) or form
      local why = reasons.because(session, property, node)
      if why then
        return why
      end
    end
  end
end

--- The lines that prove a property of an expression, in one of its forms; nil where it is not known to hold.
-- @tparam table session
-- @tparam integer id
-- @tparam string|table property the name of an attribute, or of several: one of them
function M.proof(session, id, property)
  return with_property(session, forms(session.S, id), property, 1)
end

--- What the signs of a second derivative say: the curvature.
-- @tparam table session
-- @tparam integer id the second derivative
-- @tparam string|table weak the attribute that says that it is at least 0, or a list of such
-- @tparam string|table|nil strong the one that says that it is more than 0 in all directions
function M.from_signs(session, id, weak, strong)
  local result = {}
  local list = forms(session.S, id)
  for shape, sign in pairs { convex = 1, concave = -1 } do
    local strict = strong and with_property(session, list, strong, sign)
    local lines = strict or with_property(session, list, weak, sign)
    if lines then
      result[shape], result.strictly = lines, result.strictly or strict and true or nil
    end
  end
  result.second = list[1]
  return result
end

-- By a scalar or a vector: the Hessian.
local function by_hessian(session, f, x)
  local S = session.S
  local layout = session.layouts[LAYOUT] or layouts.named(session, session.layout)
  local H = hessian.hessian(session, f, x, x, layout, session.conventions.free)
  local scalar = S:dimint(S:rows(H)) == 1 and S:dimint(S:cols(H)) == 1
  local names = scalar and { "nonnegative", "positive" } or { "psd", "spd" }
  local result = M.from_signs(session, H, names[1], names[2])
  result.hessian = result.second
  return result
end

-- The second differential in a direction. One that is too large is refused: to bring it to a form in which a sign shows takes long.
local function differential(session, f, x)
  local S = session.S
  local bare = hessian.bare(S, x)
  local H = direction(session, x)
  local first = S:forward(S:replace(f, { x }, { bare }), bare, H)
  local second = S:forward(first, bare, H)
  if S:weight(second) > MOST_WEIGHT then
    errors.refuse "the second derivative is too large"
  end
  return S:replace(second, { bare }, { x })
end

--- The curvature of a scalar expression by its second derivative in one variable.
-- @tparam table session
-- @tparam integer f
-- @tparam integer x a variable
-- @treturn table as of nabla.convexity.composition; `hessian`: the Hessian by a vector; `second`: the second derivative
function M.curvature(session, f, x)
  local S = session.S
  local change = differential(session, f, x)
  if S:dimint(S:rows(x)) == 1 or S:dimint(S:cols(x)) == 1 then
    return by_hessian(session, f, x)
  end
  return M.from_signs(session, change, "nonnegative", nil) -- by a matrix
end

return M
