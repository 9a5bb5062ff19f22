--- Commands with groups that packages and preambles define, as signs that the parser knows: \norm{x} is \lVert x \rVert.
--
-- A step of the first pass over the tokens (nabla.latex.tokens), whose cutter each function takes.
--
-- @module nabla.latex.packages

local arrange = require "nabla.latex.arrange"

local M = {}

local made = arrange.made

-- How many tokens a size in front of a group takes, from the k-th on: \norm*{..}, \norm[\big]{..}, whose \big is left out before.
local function size_at(self, k)
  if self:text(k) == "*" then
    return 1
  elseif self:text(k) == "[" then
    return self:text(k + 1) == "]" and 2 or 0
  end
  return 0
end

-- The groups in braces behind a command: a list of lists of tokens without the braces, and how many tokens all are; nil where they
-- are not there.
local function groups(self, count, from)
  local list, at = {}, from
  for i = 1, count do
    local last = self:text(at) == "{" and self:last(at)
    if not last then
      return nil
    end
    list[i], at = { at + 1, last - 1 }, last + 1
  end
  return list, at - 1
end

-- Put a group's tokens between those of texts. `parts`: texts, and numbers of groups.
local function put_back(self, pos, taken, ranges, parts)
  local list = {}
  for _, part in ipairs(parts) do
    if math.type(part) and ranges[part][1] > ranges[part][2] then -- luacheck: ignore 542
      -- an empty group
    elseif math.type(part) then
      list[#list + 1] = made(pos, "{")
      table.move(taken, ranges[part][1], ranges[part][2], #list + 1, list)
      list[#list + 1] = made(pos, "}")
    else
      for word in part:gmatch "%S+" do
        list[#list + 1] = made(pos, word)
      end
    end
  end
  self:put_back(list)
end

-- Command -> how many groups, and what it is: texts, and the numbers of groups.
local FORMS = {
  ["\\norm"] = { 1, { "\\lVert", 1, "\\rVert" } },
  ["\\inner"] = { 2, { "\\langle", 1, ",", 2, "\\rangle" } },
  ["\\innerproduct"] = { 2, { "\\langle", 1, ",", 2, "\\rangle" } },
  ["\\ip"] = { 2, { "\\langle", 1, ",", 2, "\\rangle" } },
  ["\\pdv"] = { 2, { "\\frac { \\partial", 1, "} { \\partial", 2, "}" } },
}

-- \underbrace{X}_{words}, \overbrace{X}^{words}: what is below or above says something about X.
local LABELLED = { ["\\underbrace"] = "_", ["\\overbrace"] = "^", ["\\underbracket"] = "_", ["\\overbracket"] = "^" }

local function labelled(self, pos, sign)
  local ranges, last = groups(self, 1, 2)
  if not ranges then
    return false
  end
  local taken = self:take(last)
  if self:text(1) == sign then
    self:take(self:last(2) or 2)
  end
  put_back(self, pos, taken, ranges, { 1 })
  return true
end

--- Replace the command to come by what it means. False where it is none of these.
-- @tparam table self the cutter of nabla.latex.tokens
-- @treturn boolean
function M.replace(self)
  local pos, command = self:pos(), self:text(1)
  local form = FORMS[command]
  if LABELLED[command] then
    return labelled(self, pos, LABELLED[command])
  elseif command == "\\qty" and self:text(2) and self:text(2):find "^[%(%[{|]$" then
    self:take(1)
    return true
  elseif not form or self.defined and self.defined(command:sub(2)) then
    return false
  end
  local from = 2 + size_at(self, 2)
  local ranges, last = groups(self, form[1], from)
  if not ranges then
    return false
  end
  put_back(self, pos, self:take(last), ranges, form[2])
  return true
end

return M
