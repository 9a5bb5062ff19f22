-- Where the values of a program's steps lie: no two of them overlap while both are needed.

local lay_out = require "nabla.numeric.room"
local random_matrix = require "nabla.compare.random_matrix"

-- Steps that write a place each and read some of the places before; every third one may write over a place that it reads.
local function program(r, count)
  local steps, places = {}, {}
  for i = 1, count do
    local place = { index = i, entries = r:integer(1, 40) }
    local reads = {}
    for _ = 1, i > 1 and r:integer(1, 2) or 0 do
      reads[#reads + 1] = places[r:integer(math.max(1, i - 6), i - 1)]
    end
    places[i] = place
    steps[i] = { writes = place, reads = reads, constant = i <= 2 }
    if i % 3 == 0 then
      steps[i].in_place = function()
        return true
      end
    end
  end
  return steps, places
end

-- The first and the last step at which the value of each place is needed; constants always are.
local function lives(steps)
  local first, last = {}, {}
  for i, s in ipairs(steps) do
    first[s.writes], last[s.writes] = i, s.constant and #steps or i
    for _, place in ipairs(s.reads) do
      last[place] = math.max(last[place], i)
    end
  end
  return first, last
end

describe("room for a program", function()
  it("keeps values apart that are needed at one time, and is used again", function()
    local r = random_matrix.random "room"
    for round = 1, 50 do
      local steps, places = program(r, 30)
      local size = lay_out(steps)
      local first, last = lives(steps)
      local sum = 0
      for _, p in ipairs(places) do
        sum = sum + (p.entries + 7) // 8 * 8
        assert.is_true(p.offset >= 0 and p.offset + p.entries <= size)
        for _, q in ipairs(places) do
          -- a step may write over what it reads last
          local together = p ~= q and first[p] < last[q] and first[q] < last[p]
          local overlap = p.offset < q.offset + q.entries and q.offset < p.offset + p.entries
          assert.is_false(together and overlap, string.format("round %d: %d and %d", round, p.index, q.index))
        end
      end
      assert.is_true(size < sum)
    end
  end)

  it("is not needed for the caller's matrices", function()
    local outside = { index = 1, entries = 100, outside = true }
    assert.are.equal(0, lay_out { { writes = outside, reads = {} } })
    assert.is_nil(outside.offset)
  end)
end)
