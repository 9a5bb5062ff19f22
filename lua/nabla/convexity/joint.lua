--- Curvature in several variables together: the blocks of second derivatives, with a sign by block elimination.
--
-- The blocks H_ij make the Hessian. It is positive semidefinite if one block H_ii on the diagonal is positive definite, and the Schur
-- complement, with the blocks H_jk - H_ji*inv(H_ii)*H_ik, is positive semidefinite; or if the blocks beside H_ii are zero, and H_ii and
-- the rest are positive semidefinite. So one variable after the other is eliminated. The signs of blocks are facts of rule files.
-- Of a matrix the block is in vec form.
--
-- Source: Boyd and Vandenberghe, Convex Optimization, A.5.5.
--
-- @module nabla.convexity.joint

local errors = require "nabla.text.errors"
local hessian = require "nabla.calculus.hessian"
local layouts = require "nabla.calculus.layout"
local reasons = require "nabla.convexity.reasons"
local second = require "nabla.convexity.second"

local M = {}

local MOST_VARIABLES = 5
local MOST_WEIGHT = 1000 -- of a block
local LAYOUT = "denominator"

local function is_one(S, dim)
  return S:dimint(dim) == 1
end

local function is_scalar(S, id)
  return is_one(S, S:rows(id)) and is_one(S, S:cols(id))
end

local function is_zero(S, id)
  return S:op(id) == "zeros" or id == S:rational(0)
end

-- A block in textbook form. One that is too large is refused.
local function tidy(S, id)
  if S:weight(id) > MOST_WEIGHT then
    errors.refuse "a block of second derivatives is too large"
  end
  return S:textbook(S:simplify(S:expand(id)))
end

-- The blocks of second derivatives: blocks[i][k] has a row for each entry of the i-th variable.
local function blocks_of(session, f, variables)
  local S = session.S
  local layout = session.layouts[LAYOUT] or layouts.named(session, session.layout)
  local blocks = {}
  for i = 1, #variables do
    blocks[i] = {}
  end
  for i, x in ipairs(variables) do
    for k = i, #variables do
      local y = variables[k]
      local first, other = x, y
      local turned = is_scalar(S, x) and not is_scalar(S, y) -- the derivative of a gradient by a scalar is a column
      if turned then
        first, other = y, x
      end
      local block = tidy(S, hessian.hessian(session, f, first, other, layout, session.conventions.free))
      if turned then
        blocks[k][i], blocks[i][k] = block, S:transpose(block)
      else
        blocks[i][k], blocks[k][i] = block, i == k and block or S:transpose(block)
      end
    end
  end
  return blocks
end

local function inverse(S, id)
  return is_scalar(S, id) and S:power(id, S:rational(-1)) or S:inv(id)
end

-- What a block on the diagonal has: the lines, and whether it is definite; nil where no sign is known. `hermitian`: the blocks are of a
-- Hermitian matrix.
local function sign_of(session, block, hermitian)
  if is_zero(session.S, block) then
    return {}, false
  end
  local scalar = is_scalar(session.S, block)
  local function attribute(own, real)
    return hermitian and { own, real } or real
  end
  local definite = second.proof(session, block, attribute("hpd", scalar and "positive" or "spd"))
  if definite then
    return definite, true
  end
  return second.proof(session, block, attribute("hpsd", scalar and "nonnegative" or "psd")), false
end

-- The blocks without the i-th, which is eliminated.
local function eliminated(S, blocks, at)
  local rest = {}
  local inv
  for i = 1, #blocks do
    if i ~= at then
      local row = {}
      for k = 1, #blocks do
        if k ~= at then
          local block = blocks[i][k]
          if not (is_zero(S, blocks[i][at]) or is_zero(S, blocks[at][k])) then
            inv = inv or inverse(S, blocks[at][at])
            block = tidy(S, S:sum { block, S:neg(S:product { blocks[i][at], inv, blocks[at][k] }) })
          end
          row[#row + 1] = block
        end
      end
      rest[#rest + 1] = row
    end
  end
  return rest
end

-- Are the blocks beside one on the diagonal zero?
local function is_alone(S, blocks, at)
  for i = 1, #blocks do
    if i ~= at and not is_zero(S, blocks[i][at]) then
      return false
    end
  end
  return true
end

-- The lines that prove the blocks positive semidefinite, and whether they are definite; nil where that is not known. The order in
-- which blocks are eliminated is sought.
local function semidefinite(session, blocks, hermitian)
  local S = session.S
  local weak -- where no order shows that they are definite
  if #blocks == 0 then
    return {}, true
  end
  for at = 1, #blocks do
    local why, definite = sign_of(session, blocks[at][at], hermitian)
    if why and (definite or is_alone(S, blocks, at)) then
      local ok, rest = errors.attempt(eliminated, S, blocks, at)
      local lines, strictly
      if ok then
        lines, strictly = semidefinite(session, rest, hermitian)
      end
      if lines and strictly and definite then
        return reasons.joined(why, lines), true
      end
      weak = weak or lines and reasons.joined(why, lines)
    end
  end
  return weak, false
end

local function negative(S, blocks)
  local result = {}
  for i, row in ipairs(blocks) do
    result[i] = {}
    for k, block in ipairs(row) do
      result[i][k] = S:neg(block)
    end
  end
  return result
end

--- The curvature of a scalar expression by its second derivatives in several variables.
-- @tparam table session
-- @tparam integer f
-- @tparam {integer,...} variables
-- @treturn table as of nabla.convexity.composition
function M.curvature(session, f, variables)
  local S = session.S
  if #variables > MOST_VARIABLES then
    errors.refuse "there are too many variables for a Hessian of blocks"
  end
  return M.from_blocks(session, blocks_of(session, f, variables), S:name(variables[1]))
end

--- The curvature that blocks of second derivatives give.
-- @tparam table session
-- @tparam table blocks
-- @tparam string first the name of the variable of the first block
-- @tparam[opt] boolean hermitian they are those of a Hermitian matrix
-- @treturn table as of nabla.convexity.composition
function M.from_blocks(session, blocks, first, hermitian)
  local S, result = session.S, {}
  for shape, given in pairs { convex = blocks, concave = negative(S, blocks) } do
    local lines, strictly = semidefinite(session, given, hermitian)
    if lines then
      local line = {
        text = ("the Hessian of blocks, %s first"):format(first),
        rule = "Schur complement",
        zh = "Schur 补",
        cite = "Boyd and Vandenberghe A.5.5",
      }
      result[shape] = reasons.joined({ line }, lines)
      result.strictly = strictly or nil
    end
  end
  return result
end

-- Is a block not zero, whatever the values of its names? A quadratic form that is zero in one variable has both signs then.
local function is_nonzero(session, block)
  local S = session.S
  for _, property in ipairs { "positive", "fullcolumnrank", "orthonormal" } do
    for _, node in ipairs { block, S:neg(block), S:transpose(block) } do
      if session.attributes[property] and S:property(property, node) then
        return true
      end
    end
  end
  return false
end

-- The signs that a quadratic form of blocks takes for certain: `seen.up`, `seen.down`; is it definite in what was eliminated?
local function find_signs(session, blocks, seen)
  local S = session.S
  while #blocks > 0 do
    local at
    for i = 1, #blocks do
      local own = blocks[i][i]
      local up = select(2, sign_of(session, own))
      local down = not up and select(2, sign_of(session, S:neg(own)))
      if up or down then
        seen.up, seen.down, at = seen.up or up, seen.down or down, at or i
      end
      for k = 1, is_zero(S, own) and #blocks or 0 do
        if k ~= i and is_nonzero(session, blocks[i][k]) then
          seen.up, seen.down = true, true
        end
      end
    end
    if not at or seen.up and seen.down then
      return false
    end
    blocks = eliminated(S, blocks, at)
  end
  return true
end

--- The sign of the second derivative at a point, in all variables together.
-- @tparam table session
-- @tparam integer f
-- @tparam {integer,...} variables
-- @tparam {integer,...} values of the variables
-- @treturn ?string positive, negative (definite); both; nil where it is not known
function M.sign_at(session, f, variables, values)
  local S = session.S
  local blocks, seen = blocks_of(session, f, variables), {}
  for _, row in ipairs(blocks) do
    for k, block in ipairs(row) do
      row[k] = tidy(S, S:replace(block, variables, values))
    end
  end
  local whole = find_signs(session, blocks, seen)
  if seen.up and seen.down then
    return "both"
  end
  return whole and (seen.up and "positive" or "negative") or nil
end

return M
