--- Equations that are quadratic in a square matrix: L*X + X*R + X*M*X + C = 0, read off.
--
-- Invariant: the difference of the sides is the sum of the four.
--
-- @module nabla.solve.quadratic

local factors = require "nabla.algebra.factors"
local linear = require "nabla.solve.linear"
local terms = require "nabla.solve.terms"

local M = {}

-- The middle of a chain X*M*X with its scalars; nil for another term. Of a symmetric X a transpose is X.
local function middle(S, number, node, x)
  local parts = factors.of(S, node, true)
  local chain = parts.chain
  local symmetric = S:property("symmetric", x)
  local function is_x(link)
    return link == x or symmetric and link == S:transpose(x)
  end
  if #chain < 2 or not (is_x(chain[1]) and is_x(chain[#chain])) then
    return nil
  end
  local inner = table.move(chain, 2, #chain - 1, 1, {})
  local M_ = #inner > 0 and S:product(inner) or S:identity(S:rows(x))
  parts.chain = {}
  local whole = S:product { number, factors.product(S, parts), M_ }
  return not factors.holder(S, x)(whole) and whole or nil
end

-- The linear terms as L*X + X*R; nil where another is among them.
local function sides_of(S, list, x)
  local rows = S:rows(x)
  local left, right = S:zeros(rows, rows), S:zeros(rows, rows)
  for _, term in ipairs(list) do
    local plain = term.kind == "plain" or term.kind == "transposed" and S:property("symmetric", x)
    local a = plain and linear.multiple_of_identity(S, term.left)
    local b = plain and linear.multiple_of_identity(S, term.right)
    if a and b then -- c*X belongs to both sides
      local half = S:div(S:product { a, b, S:identity(rows) }, S:rational(2))
      left, right = S:sum { left, half }, S:sum { right, half }
    elseif b then
      left = S:sum { left, S:product { b, term.left } }
    elseif a then
      right = S:sum { right, S:product { a, term.right } }
    else
      return nil
    end
  end
  return left, right
end

--- The parts of E = L*X + X*R + X*M*X + C.
-- @tparam table session
-- @tparam integer E
-- @tparam integer x a square symbol
-- @treturn table|nil left, right, middle, rest: ids; nil where E is of another form
function M.read(session, E, x)
  local S = session.S
  if S:rows(x) ~= S:cols(x) or factors.is_scalar(S, x) then
    return nil
  end
  local zero = S:zeros(S:rows(x), S:cols(x))
  local tangent = S:hole(S:name(x), S:rows(x), S:cols(x))
  local done, change = pcall(S.forward, S, E, x, tangent)
  local there, rest = pcall(S.replace, S, E, { x }, { zero })
  if not (done and there) then
    return nil
  end
  local at_zero = S:expand(S:replace(change, { x }, { zero }))
  local list = terms.of(S, at_zero, tangent)
  local left, right
  if list then
    left, right = sides_of(S, list, x)
  end
  if not left then
    return nil
  end
  local linear_part = S:replace(at_zero, { tangent }, { x })
  local numbers, nodes = factors.terms(S, S:expand(S:sum { E, S:neg(rest), S:neg(linear_part) }))
  local squares = zero
  for i, node in ipairs(nodes) do
    local one = middle(S, numbers[i], node, x)
    if not one then
      return nil
    end
    squares = S:sum { squares, one }
  end
  return { left = left, right = right, middle = squares, rest = rest }
end

return M
