--- Attributes that an equation states, as orthonormal columns: X'*X = I(n). The matrices that have one make no linear space, so a
-- point that is stationary among them is one under this constraint.
--
-- @module nabla.solve.surfaces

local factors = require "nabla.algebra.factors"
local statements = require "nabla.solve.statements"

local M = {}

local function kind_of(session, x)
  return require("nabla.core").constants.kinds[session.S:kind(x)]
end

-- A symbol of the name of x with these attributes.
local function with(session, x, bits)
  local S = session.S
  return S:symbol(S:name(x), kind_of(session, x), bits, S:rows(x), S:cols(x))
end

-- The equation of a statement for x, left and right; the bits of its attribute.
local function equation_of(session, st, x)
  local S = session.S
  local both = S:apply(session.sides, { x, x })
  local left, right = S:rewrite(st.left, both), S:rewrite(st.right, both)
  if left ~= both and right ~= both then
    return left, right, session.attributes[st.conditions[1].predicate].bits
  end
end

--- An unknown with such an attribute, as one without, and the constraint in place of the attribute; nil for another unknown.
-- @treturn integer|nil the unknown without attributes
-- @treturn table { left =, right = }
function M.freed(session, x)
  local S = session.S
  local bits = S:attributes(x)
  for _, st in ipairs(bits ~= 0 and statements.all(session) or {}) do
    if st.surface and S:property(st.conditions[1].predicate, x) then
      local bare = with(session, x, 0)
      local left, right = equation_of(session, st, bare)
      if left then
        return bare, { left = left, right = right }
      end
    end
  end
end

--- An expression in simple form where a constraint states an attribute of x: f and the result are equal on the constraint.
-- @tparam table session
-- @tparam integer f
-- @tparam integer x
-- @tparam integer constraint left side less right side
-- @treturn integer
function M.simplified(session, f, x, constraint)
  local S = session.S
  if S:attributes(x) ~= 0 then
    return f
  end
  for _, st in ipairs(statements.all(session)) do
    local left, right, bits = nil, nil, nil
    if st.surface then
      left, right, bits = equation_of(session, st, x)
    end
    local difference = left and S:expand(S:sum { left, S:neg(right) })
    local own = S:expand(constraint)
    if left and (own == difference or own == S:neg(difference)) then
      local letter, open = with(session, x, bits), S:expand(f)
      local simple = S:replace(S:simplify(S:expand(S:replace(f, { x }, { letter }))), { letter }, { x })
      if factors.holder(S, x)(simple) and S:cost(simple) < S:cost(S:simplify(open)) then
        return simple
      end
    end
  end
  return f
end

return M
