-- The order in which a chain of matrices is multiplied: none is cheaper.

local chain_order = require "nabla.numeric.chain_order"
local random_matrix = require "nabla.compare.random_matrix"

local OVERHEAD = 50

-- The work of a chain cut as `cut` says, of dense factors.
local function work(links, cut, i, j)
  if i == j then
    return 0
  end
  local c = cut(i, j)
  local m, k, n = links[i].rows, links[c].cols, links[j].cols
  return work(links, cut, i, c) + work(links, cut, c + 1, j) + m * k * n + m * n + OVERHEAD
end

-- The least work of all orders.
local function least(links, i, j)
  local best = i == j and 0 or math.huge
  for c = i, j - 1 do
    local m, k, n = links[i].rows, links[c].cols, links[j].cols
    best = math.min(best, least(links, i, c) + least(links, c + 1, j) + m * k * n + m * n + OVERHEAD)
  end
  return best
end

describe("the order of a chain of products", function()
  it("is the cheapest", function()
    local r = random_matrix.random "chain"
    for _ = 1, 30 do
      local sizes, links = { r:integer(1, 50) }, {}
      for i = 1, r:integer(2, 6) do
        sizes[i + 1] = r:integer(1, 50)
        links[i] = { op = "input", rows = sizes[i], cols = sizes[i + 1] }
      end
      local cost, cut = chain_order(links)
      local n = #links
      assert.are.equal(least(links, 1, n), cost[1][n])
      assert.are.equal(
        cost[1][n],
        work(links, function(i, j)
          return cut[i][j]
        end, 1, n)
      )
    end
  end)

  it("multiplies a diagonal matrix where that costs least", function()
    local dense = { op = "input", rows = 100, cols = 100 }
    local diagonal = { op = "diag", rows = 100, cols = 100 }
    local column = { op = "input", rows = 100, cols = 1 }
    local _, cut = chain_order { dense, diagonal, column }
    assert.are.equal(1, cut[1][3])
  end)
end)
