--- Room for the values of a program's steps: places whose times do not overlap share it.
--
-- A place is { index, entries }; `outside` the room lie the matrices of the caller. A step `writes` a place and `reads` others; those
-- that it `uses` are free after it. Where its function `in_place` allows it, a step writes over a place that it reads last.
--
-- @module nabla.numeric.room

local ALIGNMENT = 8 -- entries: a place begins at a multiple of that

local Room = {}
Room.__index = Room

local function round(n)
  return (n + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT
end

-- The offset of n free entries: in the smallest gap that holds them, else at the end.
function Room:take(n)
  n = round(n)
  local best
  for i, gap in ipairs(self.gaps) do
    if gap[2] >= n and (not best or gap[2] < self.gaps[best][2]) then
      best = i
    end
  end
  if best then
    local gap = self.gaps[best]
    local at = gap[1]
    gap[1], gap[2] = gap[1] + n, gap[2] - n
    if gap[2] == 0 then
      table.remove(self.gaps, best)
    end
    return at
  end
  self.size = self.size + n
  return self.size - n
end

-- n entries at an offset are free again.
function Room:give(at, n)
  n = round(n)
  local gaps, i = self.gaps, 1
  while i <= #gaps and gaps[i][1] < at do
    i = i + 1
  end
  table.insert(gaps, i, { at, n })
  if gaps[i + 1] and at + n == gaps[i + 1][1] then
    gaps[i][2] = n + gaps[i + 1][2]
    table.remove(gaps, i + 1)
  end
  if i > 1 and gaps[i - 1][1] + gaps[i - 1][2] == at then
    gaps[i - 1][2] = gaps[i - 1][2] + gaps[i][2]
    table.remove(gaps, i)
  end
end

-- The step after which each place is free.
local function last_uses(steps)
  local last = {}
  for i, s in ipairs(steps) do
    for _, place in pairs(s.reads) do
      last[place] = i
    end
    last[s.writes] = math.max(last[s.writes] or 0, i)
  end
  return last
end

-- A place that step i reads last and may write over.
local function overwritten(s, i, last)
  local to = s.writes
  if to.offset or to.outside or not s.in_place or s.constant then
    return nil
  end
  for _, place in pairs(s.reads) do
    local free = place.offset and not place.kept and not place.given and last[place] == i
    if free and round(place.entries) == round(to.entries) and s.in_place(place) then
      return place
    end
  end
end

--- Give the places of steps their offsets. The places of constant steps are kept.
-- @return how many entries they need together
return function(steps)
  local room = setmetatable({ size = 0, gaps = {} }, Room) -- gaps: { offset, length }, in order
  local last = last_uses(steps)
  for i, s in ipairs(steps) do
    local to, old = s.writes, overwritten(s, i, last)
    if old then
      to.offset, old.given = old.offset, true
    end
    for _, place in ipairs { to, table.unpack(s.uses or {}) } do
      if not place.offset and not place.outside then
        place.offset, place.kept = room:take(place.entries), s.constant
      end
    end
    local done = { [to] = true }
    for _, place in pairs(s.reads) do
      done[place] = true
    end
    for place in pairs(done) do
      if place.offset and last[place] == i and not place.kept and not place.given then
        place.given = true
        room:give(place.offset, place.entries)
      end
    end
  end
  return room.size
end
