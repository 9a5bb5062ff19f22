--- Solutions of algebraic Riccati equations by numbers: the symmetric solutions with a stable closed loop.
--
-- Both by the structure-preserving doubling algorithm (Chu, Fan, Lin and Wang 2004): each step squares the closed loop, so the
-- iteration converges quadratically where a stabilizing solution exists. A continuous equation becomes a discrete one by a Cayley
-- transform. What does not converge gives no numbers.
--
-- @module nabla.numeric.riccati

local core = require "nabla.numeric.core"
local matrix = require "nabla.numeric.matrix"

local M = {}

local MOST_STEPS = 60
local ENOUGH = 1e-14 -- of the change, relative

-- X with A*X = B; nil where A is singular or unknown.
local function solve(A, B)
  return A and B and core.solve(A, B)
end

-- The doubling iteration of X = H + A'*X*inv(I + G*X)*A; nil where it does not converge.
local function doubled(A, G, H)
  local one = matrix.eye(A.rows)
  for _ = 1, MOST_STEPS do
    local W = one + G * H
    local inner, other = solve(W, A), solve(W, G)
    if not inner then
      return nil
    end
    local step = A.T * H * inner
    A, G, H = A * inner, G + A * other * A.T, H + step
    local size = H:magnitude()
    if not (size < math.huge) then
      return nil
    elseif step:magnitude() <= ENOUGH * size then
      return H
    end
  end
  return nil
end

-- Is the matrix that is to be zero small beside X and the terms?
local function small(rest, ...)
  local size = 1
  for _, term in ipairs { ... } do
    size = math.max(size, term:magnitude())
  end
  return rest:magnitude() <= 1e-7 * size
end

-- A value as a matrix: symmetric; no numbers for nil.
local function finished(X, n)
  return X and (X + X.T) / 2 or matrix.zeros(n, n) * (0 / 0)
end

-- The equation X = H + A'*X*inv(I + G*X)*A that has the solution of A'*X + X*A - X*G*X + H = 0, by the Cayley transform by a shift r:
-- with R = A - r*I and V = R + G*inv(R')*H. Nil where there is none.
local function as_discrete(A, G, H)
  local one = matrix.eye(A.rows)
  local shift = 1 + math.max(A:magnitude(), G:magnitude() ^ 0.5 * H:magnitude() ^ 0.5)
  local R = A - one * shift
  local right = solve(R.T, one)
  local V_inverse = solve(right and R + G * (right * H), one)
  if V_inverse then
    return one + V_inverse * (2 * shift), V_inverse * G * right * (2 * shift), right * H * V_inverse * (2 * shift)
  end
end

--- The stabilizing X with A'*X + X*A - X*S*X + Q = 0.
function M.care(a, s, q)
  local A, G, H = matrix(a), matrix(s), matrix(q)
  local A0, G0, H0 = as_discrete(A, G, H)
  local X = A0 and doubled(A0, G0, H0)
  if X then
    local first, last = A.T * X, X * G * X
    local rest = first + X * A - last + H
    X = small(rest, first, last, H) and X or nil
  end
  return finished(X, A.rows)
end

--- The stabilizing X with X = A'*X*A - A'*X*B*inv(R + B'*X*B)*B'*X*A + Q.
function M.dare(a, b, q, r)
  local A, B = matrix(a), matrix(b)
  local right = solve(matrix(r), B.T)
  return finished(right and doubled(A, B * right, matrix(q)), A.rows)
end

return M
