--- Passes over the tokens of a page that see more than the next few: lines, bars, switches of style, fractions by \over.
--
-- Each takes the cutter of nabla.latex.tokens and changes its list of tokens.
--
-- @module nabla.latex.arrange

local M = {}

--- A token that a pass puts in.
function M.made(pos, text)
  local kind = text:find "^%d" and "number" or text:find "^\\%a" and "command" or "sign"
  return { pos, text, kind }
end

local made = M.made

local JOINS = { ["+"] = true, ["-"] = true, ["="] = true, ["*"] = true, ["\\cdot"] = true, ["\\times"] = true }

-- Is all of a list in one pair of braces, with a sign = in it? Then the braces go.
local function without_outer_braces(list)
  local last = #list
  while last > 0 and (list[last][2] == "." or list[last][2] == ",") do
    last = last - 1
  end
  if last < 3 or list[1][2] ~= "{" or list[last][2] ~= "}" then
    return list
  end
  local depth, equation = 0, false
  for i = 1, last do
    local text = list[i][2]
    depth = depth + (text == "{" and 1 or text == "}" and -1 or 0)
    if depth == 0 and i < last then
      return list
    end
    equation = equation or depth == 1 and (text == "=" or text == "\\mapsto")
  end
  return equation and table.move(list, 2, last - 1, 1, {}) or list
end

--- A new line goes on where a sign of an operator is beside its end; elsewhere it ends what it says.
function M.lines(self)
  local out, list = {}, self.list
  for i, t in ipairs(list) do
    local before, after = out[#out], list[i + 1]
    if t[2] ~= "\\\\" then
      out[#out + 1] = t
    elseif
      before
      and after
      and not JOINS[before[2]]
      and not JOINS[after[2]]
      and after[2] ~= "}"
      and after[2] ~= "\\\\"
    then
      out[#out + 1] = made(t[1], ";")
    end
  end
  self.list = without_outer_braces(out)
end

local BARS = { ["|"] = true, ["\\vert"] = true }

--- ||x|| is a norm: two bars that are close together, where no single bar is open.
function M.double_bars(self)
  local list, out, open, i = self.list, {}, {}, 1
  while list[i] do
    local t, after = list[i], list[i + 1]
    local double = BARS[t[2]] and after and BARS[after[2]] and open[#open] ~= "|"
    if double then
      local close = open[#open] == "‖"
      open[close and #open or #open + 1] = not close and "‖" or nil
      out[#out + 1] = { t[1], "‖", not close and t[3] == "open" and "open" or "sign" }
      i = i + 1
    else
      if BARS[t[2]] then
        local close = open[#open] == "|" and t[3] ~= "open"
        open[close and #open or #open + 1] = not close and "|" or nil
      end
      out[#out + 1] = t
    end
    i = i + 1
  end
  self.list = out
end

--- <u,v> is an inner product.
function M.angles(self)
  local list = self.list
  for i, t in ipairs(list) do
    local depth, comma, k = 0, false, i + 1
    while t[2] == "<" and list[k] do
      local text = list[k][2]
      depth = depth + (
        (text == "(" or text == "{" or text == "[") and 1 or (text == ")" or text == "}" or text == "]") and -1 or 0
      )
      if depth < 0 or text == "=" then
        break
      elseif depth == 0 and text == "," then
        comma = true
      elseif depth == 0 and text == ">" then
        if comma then
          list[i], list[k] = made(t[1], "\\langle"), made(list[k][1], "\\rangle")
        end
        break
      end
      k = k + 1
    end
  end
end

local SWITCHES = {
  ["\\bf"] = "\\mathbf",
  ["\\bfseries"] = "\\mathbf",
  ["\\boldmath"] = "\\mathbf",
  ["\\rm"] = "\\mathrm",
  ["\\it"] = "\\mathit",
  ["\\sf"] = "\\mathsf",
}

-- Are the tokens behind the i-th, up to the end of the group, letters that are close together: a word?
local function is_word(list, i)
  local k = i + 1
  while list[k] and list[k][2]:find "^%a$" do
    if k > i + 1 and list[k][1] ~= list[k - 1][1] + 1 then
      return false
    end
    k = k + 1
  end
  return k > i + 1 and (not list[k] or list[k][2] == "}")
end

--- {\bf x} is \mathbf{x}. A switch to upright type matters for a word only.
function M.switches(self)
  local open, out = { {} }, {} -- for each brace that is open, the places of the switches behind it
  local list = self.list
  local function close()
    for _, pos in ipairs(open[#open]) do
      out[#out + 1] = made(pos, "}")
    end
  end
  for i, t in ipairs(list) do
    local style = SWITCHES[t[2]]
    if style == "\\mathbf" and list[i + 1] and list[i + 1][2] == "{" then -- \bf{x}
      out[#out + 1] = made(t[1], style)
    elseif style and (style == "\\mathbf" or is_word(list, i)) then
      out[#out + 1] = made(t[1], style)
      out[#out + 1] = made(t[1], "{")
      table.insert(open[#open], 1, t[1])
    elseif not style then
      if t[2] == "{" then
        open[#open + 1] = {}
      elseif t[2] == "}" then
        close()
        open[#open] = #open == 1 and {} or nil
      end
      out[#out + 1] = t
    end
  end
  while #open > 0 do
    close()
    open[#open] = nil
  end
  self.list = out
end

--- {a \over b} is {\frac{a}{b}}.
function M.over(self)
  local found = false
  for _, t in ipairs(self.list) do
    found = found or t[2] == "\\over"
  end
  if not found then
    return
  end
  local open, out = { { from = 1 } }, {}
  local function close()
    local group = open[#open]
    if group.over then
      out[#out + 1] = made(group.over, "}")
    end
  end
  for _, t in ipairs(self.list) do
    local group = open[#open]
    if t[2] == "\\over" and not group.over then
      group.over = t[1]
      table.insert(out, group.from, made(t[1], "\\frac"))
      table.insert(out, group.from + 1, made(t[1], "{"))
      out[#out + 1] = made(t[1], "}")
      out[#out + 1] = made(t[1], "{")
    else
      if t[2] == "}" then
        close()
        open[#open] = #open == 1 and {} or nil
      end
      out[#out + 1] = t
      if t[2] == "{" then
        open[#open + 1] = { from = #out + 1 }
      end
      if #open == 0 then
        open[1] = { from = #out + 1 }
      end
    end
  end
  close()
  self.list = out
end

return M
