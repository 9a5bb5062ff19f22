--- Signs of pages with complex letters: the imaginary unit, real and imaginary parts, bras and kets.
--
-- @module nabla.latex.complex_signs

local M = {}

local FUNCTIONS = { ["\\Re"] = "re", ["\\Im"] = "im", ["\\angle"] = "arg", ["\\arg"] = "arg" }

--- The function that a command is, or nil.
function M.function_of(text)
  return FUNCTIONS[text]
end

local UPRIGHT = {}
for name in ("mathrm mathsf text textrm operatorname"):gmatch "%S+" do
  UPRIGHT["\\" .. name] = true
end
local UNITS = { i = true, j = true }

--- How many tokens are an imaginary unit: \mathrm{i}, \mathrm j, \imath; nil where none is.
-- @tparam table self the cutter of nabla.latex.tokens
function M.unit(self)
  local text, count = self:text(1), nil
  if text == "\\imath" or text == "\\jmath" then
    count = 1
  elseif UPRIGHT[text] and UNITS[self:text(2)] and not self.variable(self:text(2)) then
    count = 2
  elseif UPRIGHT[text] and self:text(2) == "{" and UNITS[self:text(3)] and self:text(4) == "}" then
    count = not self.variable(self:text(3)) and 4 or nil
  end
  local last = self.done[#self.done]
  local before = last and last[2] == "{" and self.done[#self.done - 1] or last
  return not (before and before[2] == "_") and count or nil
end

local OPENS = { ["("] = true, ["["] = true, ["{"] = true, ["\\{"] = true, ["\\langle"] = true }
local CLOSES = { [")"] = true, ["]"] = true, ["}"] = true, ["\\}"] = true }
local BARS = { ["|"] = true, ["\\vert"] = true, ["\\mid"] = true }

--- \langle x | y \rangle and \langle x | A | y \rangle: the bars between become tokens \between.
-- @tparam table list tokens
function M.bras_and_kets(list)
  for i, t in ipairs(list) do
    local bars, depth, k = {}, 0, i + 1
    while t[2] == "\\langle" and list[k] do
      local text = list[k][2]
      if depth == 0 and text == "\\rangle" then
        break
      elseif depth == 0 and text == "," then
        bars = {}
        break
      elseif depth == 0 and BARS[text] then
        bars[#bars + 1] = list[k]
      end
      depth = depth + (OPENS[text] and 1 or (CLOSES[text] or text == "\\rangle") and -1 or 0)
      k = k + 1
    end
    if list[k] and (#bars == 1 or #bars == 2) then
      for _, bar in ipairs(bars) do
        bar[2] = "\\between"
      end
    end
  end
end

return M
