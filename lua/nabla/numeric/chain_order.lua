--- The order in which a chain of matrices is multiplied, by dynamic programming.
--
-- @module nabla.numeric.chain_order

local OVERHEAD = 50 -- of one product, in multiplications

-- An operation without its transpose.
local function plain(p)
  return p and p.op == "t" and p.args[1] or p
end

-- The work, in multiplications, of a product of two stretches, m x k and k x n. `a` and `b` are operations where a stretch is one
-- factor, else nil.
local function work(a, b, m, k, n)
  local A, B = plain(a), plain(b)
  if A and A.op == "diag" or B and B.op == "diag" then
    return m * n + OVERHEAD
  elseif A and A.op == "inv" then
    return m * m * n + (B and B.op == "inv" and m * m * m or 0) + OVERHEAD
  elseif B and B.op == "inv" then
    return m * k * k + OVERHEAD
  elseif A and A.op == "swap" or B and B.op == "swap" then
    return m * n + OVERHEAD
  elseif A and A.op == "kron" then
    local p, q = a.args[1], a.args[2]
    return n * (q.rows * q.cols * p.cols + q.rows * p.cols * p.rows) + OVERHEAD
  elseif B and B.op == "kron" then
    local p, q = b.args[1], b.args[2]
    return m * (q.rows * q.cols * p.rows + q.cols * p.cols * p.rows) + OVERHEAD
  elseif A and A == B and a ~= b then
    return m * k * n / 2 + OVERHEAD
  end
  return m * k * n + m * n + OVERHEAD
end

--- The cheapest order: cost[i][j] of the stretch i..j, and the factor cut[i][j] after which it is cut.
-- @param links a list of operations
-- @tparam[opt] function is_there of two operations: is their product worked out in any case?
return function(links, is_there)
  local n = #links
  local cost, cut = {}, {}
  for i = 1, n do
    cost[i], cut[i] = { [i] = 0 }, {}
  end
  for length = 2, n do
    for i = 1, n - length + 1 do
      local j = i + length - 1
      local best, at = math.huge, i
      for c = i, j - 1 do
        local total = cost[i][c] + cost[c + 1][j]
        if length > 2 or not is_there or not is_there(links[i], links[j]) then
          total = total
            + work(
              c == i and links[i] or nil,
              c + 1 == j and links[j] or nil,
              links[i].rows,
              links[c].cols,
              links[j].cols
            )
        end
        if total < best then
          best, at = total, c
        end
      end
      cost[i][j], cut[i][j] = best, at
    end
  end
  return cost, cut
end
