-- Adding 5,000 like terms c*x over 1,000 x, from the list of the terms, which are there already.

local measure = require "bench.measure"
local nabla = require "nabla"

-- Seconds to add `terms` terms over `keys` keys.
local function adding(terms, keys)
  local s = assert(nabla.new {})
  local S = s.S
  local ids, held = {}, {}
  for i = 1, terms do
    local x = S:symbol("x" .. i % keys, 0, 0, S:dim(1), S:dim(1))
    ids[i] = S:product { S:rational(i), x }
    held[i] = S:handle(ids[i])
  end
  -- a collection drops the sum, and the coefficients that were not there before
  local seconds, sum = measure.runs(51, function()
    S:collect()
    S:begin()
  end, function()
    return S:sum(ids)
  end)
  assert(#S:args(sum) == 2 * keys and #held == terms)
  return seconds
end

return function(report)
  local floor, no_floor = measure.c_peer("terms.c", 5000, 1000)
  local maude, no_maude = measure.maude_peer "terms.maude"
  report {
    what = "adding 5,000 like terms over 1,000 keys",
    value = adding(5000, 1000),
    target = floor and 20 * floor[3],
    peers = {
      { "floor: in C, by a table, in order", floor and floor[3], no_floor },
      { "floor: in C, by a table of the keys", floor and floor[1], no_floor },
      { "floor: in C, sorted", floor and floor[2], no_floor },
      { "Maude, assoc comm, by insertion", maude and maude[1], no_maude },
    },
  }
  report {
    what = "adding 500 like terms over 100 keys",
    value = adding(500, 100),
    peers = { { "Maude, assoc comm, by one equation", maude and maude[2], no_maude } },
  }
end
