--- Solutions of algebraic Riccati equations by numbers: the symmetric solutions with a stable closed loop.
--
-- Both by the structure-preserving doubling algorithm (Chu, Fan, Lin and Wang 2004): each step squares the closed loop, so the
-- iteration converges quadratically where a stabilizing solution exists. A continuous equation becomes a discrete one by a Cayley
-- transform. What does not converge gives no numbers.
--
-- @module nabla.numeric.riccati

local matrix = require "nabla.numeric.matrix"

local M = {}

local MOST_STEPS = 60
local ENOUGH = 1e-14 -- of the change, relative

-- The matrices are tables of rows here.
local function rows_of(a)
  a = matrix(a)
  local list = {}
  for i = 1, a.rows do
    list[i] = {}
    for j = 1, a.cols do
      list[i][j] = a(i, j)
    end
  end
  return list
end

local function build(m, n, f)
  local list = {}
  for i = 1, m do
    list[i] = {}
    for j = 1, n do
      list[i][j] = f(i, j)
    end
  end
  return list
end

local function identity(n)
  return build(n, n, function(i, j)
    return i == j and 1 or 0
  end)
end

local function multiply(a, b)
  return build(#a, #b[1], function(i, j)
    local sum = 0
    for k = 1, #b do
      sum = sum + a[i][k] * b[k][j]
    end
    return sum
  end)
end

local function combine(a, s, b)
  return build(#a, #a[1], function(i, j)
    return a[i][j] + s * b[i][j]
  end)
end

local function transpose(a)
  return build(#a[1], #a, function(i, j)
    return a[j][i]
  end)
end

-- X with A*X = B, by elimination with row pivots; no numbers where A is singular.
local function solve(A, B)
  local n, m = #A, #B[1]
  A, B = build(n, n, function(i, j)
    return A[i][j]
  end), build(n, m, function(i, j)
    return B[i][j]
  end)
  for k = 1, n do
    local best = k
    for i = k + 1, n do
      best = math.abs(A[i][k]) > math.abs(A[best][k]) and i or best
    end
    A[k], A[best], B[k], B[best] = A[best], A[k], B[best], B[k]
    for i = 1, n do
      local factor = i ~= k and A[i][k] / A[k][k] or 0
      if factor ~= 0 then
        for j = k, n do
          A[i][j] = A[i][j] - factor * A[k][j]
        end
        for j = 1, m do
          B[i][j] = B[i][j] - factor * B[k][j]
        end
      end
    end
  end
  return build(n, m, function(i, j)
    return B[i][j] / A[i][i]
  end)
end

local function largest(a)
  local most = 0
  for _, row in ipairs(a) do
    for _, v in ipairs(row) do
      most = v ~= v and math.huge or math.max(most, math.abs(v))
    end
  end
  return most
end

-- The doubling iteration of X = H + A'*X*inv(I + G*X)*A.
local function doubled(A, G, H)
  local n = #A
  for _ = 1, MOST_STEPS do
    local W = combine(identity(n), 1, multiply(G, H))
    local inner = solve(W, A) -- inv(I + G*H)*A
    local next_G = combine(G, 1, multiply(multiply(A, solve(W, G)), transpose(A)))
    local step = multiply(multiply(transpose(A), H), inner)
    A, G, H = multiply(A, inner), next_G, combine(H, 1, step)
    local size = largest(H)
    if size == math.huge then
      return nil
    elseif largest(step) <= ENOUGH * size then
      return H
    end
  end
  return nil
end

-- Is the matrix that is to be zero small beside X and the terms?
local function small(rest, ...)
  local size = 1
  for _, term in ipairs { ... } do
    size = math.max(size, largest(term))
  end
  return largest(rest) <= 1e-7 * size
end

-- A value as a matrix: symmetric; no numbers for nil.
local function finished(X, n)
  return matrix.build(n, n, function(i, j)
    return X and (X[i][j] + X[j][i]) / 2 or 0 / 0
  end)
end

--- The stabilizing X with A'*X + X*A - X*S*X + Q = 0.
function M.care(a, s, q)
  local A, G, H = rows_of(a), rows_of(s), rows_of(q)
  local n = #A
  local shift = 1 + math.max(largest(A), largest(G) ^ 0.5 * largest(H) ^ 0.5)
  -- the Cayley transform by a shift r: with V = A - r*I + G*inv((A - r*I)')*H
  local R = combine(A, -shift, identity(n))
  local V = combine(R, 1, multiply(G, solve(transpose(R), H)))
  local V_inverse = solve(V, identity(n))
  local A0 = combine(identity(n), 2 * shift, V_inverse)
  local right = solve(transpose(R), identity(n))
  local zero = combine(R, -1, R)
  local G0 = combine(zero, 2 * shift, multiply(multiply(V_inverse, G), right))
  local H0 = combine(zero, 2 * shift, multiply(right, multiply(H, V_inverse)))
  local X = doubled(A0, G0, H0)
  if X then
    local first, last = multiply(transpose(A), X), multiply(multiply(X, G), X)
    local rest = combine(combine(combine(first, 1, multiply(X, A)), -1, last), 1, H)
    X = small(rest, first, last, H) and X or nil
  end
  return finished(X, n)
end

--- The stabilizing X with X = A'*X*A - A'*X*B*inv(R + B'*X*B)*B'*X*A + Q.
function M.dare(a, b, q, r)
  local A, B = rows_of(a), rows_of(b)
  local G = multiply(B, solve(rows_of(r), transpose(B)))
  return finished(doubled(A, G, rows_of(q)), #A)
end

return M
