--- Random numbers for the judge, the same on every machine and version of Lua.

local M = {}

local Random = {}
Random.__index = Random

--- A generator (xorshift64*) from a number or a text.
function M.new(seed)
  local state = 0x9E3779B97F4A7C15
  for byte in tostring(seed):gmatch "." do
    state = (state ~ byte:byte()) * 0x100000001B3
  end
  if state == 0 then
    state = 1
  end
  local self = setmetatable({ state = state }, Random)
  for _ = 1, 4 do
    self:unit()
  end
  return self
end

--- Uniform in [0, 1).
function Random:unit()
  local x = self.state
  x = x ~ (x >> 12)
  x = x ~ (x << 25)
  x = x ~ (x >> 27)
  self.state = x
  return ((x * 0x2545F4914F6CDD1D) >> 11) * 2.0 ^ -53
end

--- Uniform in [low, high).
function Random:between(low, high)
  return low + (high - low) * self:unit()
end

--- A whole number, 1 .. n.
function Random:integer(n)
  return 1 + math.floor(self:unit() * n)
end

--- One of a list.
function Random:pick(list)
  return list[self:integer(#list)]
end

--- True with the given probability.
function Random:chance(p)
  return self:unit() < p
end

--- Magnitude in [low, high), either sign: away from 0, where abs, sign and relu have their kinks.
function Random:signed(low, high)
  local v = self:between(low, high)
  return self:chance(0.5) and v or -v
end

return M
