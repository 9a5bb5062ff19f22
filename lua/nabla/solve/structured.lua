--- Equations in a structured matrix, solved for its coordinates: of a diagonal matrix, for its diagonal.
--
-- Which coordinates a matrix has, `coordinates` statements say. Invariant: each value of the coordinates gives a matrix of the structure.
--
-- @module nabla.solve.structured

local coordinates = require "nabla.calculus.coordinates"
local core = require "nabla.core"
local factors = require "nabla.algebra.factors"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds

-- Has a node all attributes of a list?
local function has_all(S, id, names)
  for _, name in ipairs(names) do
    if not S:property(name, id) then
      return false
    end
  end
  return S:rows(id) == S:cols(id)
end

--- A solution of E = 0 for a matrix x with a structure, or nil; nil as well where another solution has the structure.
-- @tparam table session
-- @tparam integer E linear in x
-- @tparam integer x
-- @tparam table|nil other a solution of another way
-- @tparam function candidate solves an equation in a column (nabla.solve.candidate)
-- @treturn table|nil as of nabla.solve.linear
function M.solve(session, E, x, other, candidate)
  local S = session.S
  local op, matrix_of, names = nil, nil, nil
  if S:attributes(x) ~= 0 and not factors.is_scalar(S, x) then
    op, matrix_of, names = coordinates.of_structure(session, x)
  end
  local open = other and (other.free and not other.statement or other.vec)
  if not op or other and not open and has_all(S, other.value, names) then
    return nil
  end
  local plain = S:simplify(S:expand(E)) -- tril(L - A) is L - tril(A) for a lower triangular L
  local direct = plain ~= E and candidate(session, plain, x)
  if direct and not (direct.free or direct.vec) and has_all(S, direct.value, names) then
    return direct
  end
  local v = S:symbol(" coordinates", KIND.vector, 0, S:rows(S:apply(op, { x })), ONE)
  local inner = S:simplify(S:expand(S:replace(E, { x }, { matrix_of(v) })))
  if has_all(S, E, names) or has_all(S, inner, names) then
    inner = S:simplify(S:apply(op, { inner }))
  end
  if not factors.holder(S, v)(inner) or S:rows(S:apply("vec", { inner })) ~= S:rows(v) then
    return nil -- the coordinates are not as many as the equations
  end
  local found = candidate(session, inner, v)
  if not found or found.free or found.consistent then
    return nil
  end
  return { value = matrix_of(S:textbook(found.value)), needs = found.needs, lines = {}, several = found.several }
end

return M
