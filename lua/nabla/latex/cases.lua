--- A function given by cases: \begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases} becomes where(step(x), x, 0).
--
-- The conditions are comparisons of two expressions. The last case is the rest: `otherwise`, or the opposite of the condition
-- before it.
--
-- @module nabla.latex.cases

local trees = require "nabla.latex.trees"

local call_tree = trees.call

local M = {}

-- Which side of a comparison is the larger one.
local LARGER = { [">"] = 1, ["\\ge"] = 1, ["<"] = 2, ["\\le"] = 2 }

-- What is positive where a comparison holds: { sides, larger = 1 or 2, pos = }, or nil for the rest.
local function condition(self)
  local pos = self:pos()
  if self:accept "\\otherwise" then
    return nil, pos
  end
  local left = self:sum()
  local larger = LARGER[self:peek()]
  if not larger then
    self:stop(self:pos(), "a case holds where one expression is larger than another", "x > 0, x \\le y, or otherwise")
  end
  self.at = self.at + 1
  local right = self:sum()
  if LARGER[self:peek()] then
    self:stop(self:pos(), "a case between two bounds is not read", "clip(x, a, b), or a case for each bound")
  end
  return { left, right, larger = larger, pos = pos }
end

-- The tree of step(a - b), 1 where a condition holds.
local function step(c)
  local a, b = c[c.larger], c[3 - c.larger]
  local zero = b.tag == "number" and tonumber(b.text) == 0
  local inner = a
  if not zero then
    inner = { tag = "sum", args = { a, b }, signs = { 1, -1 }, oppos = { false, c.pos }, pos = c.pos }
    b.paren = b.paren or b.tag == "sum"
  end
  return call_tree("step", { inner }, c.pos)
end

-- Are two trees the same, but for their places?
local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, part in pairs(a) do
    if key ~= "pos" and key ~= "oppos" and not same(part, b[key]) then
      return false
    end
  end
  return true
end

-- Is one comparison the opposite of another: x > 0 and x \le 0?
local function opposite(a, b)
  return a and a.larger ~= b.larger and same(a[1], b[1]) and same(a[2], b[2])
end

--- The cases, behind their first token.
function M.environment(self, pos)
  local rows = {}
  repeat
    local value = self:sum()
    self:accept ","
    if not self:accept "\\column" then
      self:stop(self:pos(), "a case without its condition", "a case is written x & x > 0")
    end
    local holds, at = condition(self)
    rows[#rows + 1] = { value = value, holds = holds, pos = at }
    if not self:accept "." then
      self:accept ","
    end
  until not self:accept "\\row"
  if not self:accept "\\endcases" then
    self:stop(self:pos(), ("a case ends before %s"):format(self:found()), "rows are separated by \\\\\\\\")
  end
  local last = rows[#rows]
  if #rows < 2 then
    self:stop(pos, "cases have two rows or more", "the last one is \\text{otherwise}")
  elseif last.holds and #rows > 2 then
    self:stop(last.holds.pos, "the last of several cases is the rest", "\\text{otherwise}")
  elseif last.holds and not opposite(rows[1].holds, last.holds) then
    self:stop(last.holds.pos, "the two cases are no opposites", "the last one is \\text{otherwise}")
  end
  local tree = last.value
  for i = #rows - 1, 1, -1 do
    if not rows[i].holds then
      self:stop(rows[i].pos, "only the last case is the rest")
    end
    tree = call_tree("where", { step(rows[i].holds), rows[i].value, tree }, pos)
  end
  self:tell(pos, "cases are written with where(..) and step(..); the derivative is that away from their bounds")
  return tree
end


return M
