--- Typst: the formulas of a value and of its derivatives.
--
-- There is no Typst among the packages that the tests can install: its text is not typeset by them.
--
-- @module nabla.code.targets.typst

local greek = require "nabla.text.greek"
local markup = require "nabla.code.markup"

local target = { title = "Typst", is_formula = true }

local NAMES = {
  ["⊙"] = "dot.o",
  ["⊘"] = "⊘",
  ["⊗"] = "times.o",
  ["⊕"] = "plus.o",
  ["×"] = "times",
  ["⋅"] = "dot.op",
  ["∘"] = "compose",
  ["∗"] = "ast",
  ["≤"] = "<=",
  ["≥"] = ">=",
  ["≠"] = "!=",
  ["∈"] = "in",
  ["→"] = "->",
  ["±"] = "plus.minus",
  ["∑"] = "sum",
  ["∏"] = "product",
  ["∫"] = "integral",
  ["⋯"] = "dots.c",
  ["…"] = "dots.h",
  ["∣"] = "divides",
  ["⊤"] = "top",
  ["†"] = "dagger",
  ["∂"] = "partial",
  ["∇"] = "nabla",
  ["∞"] = "infinity",
  ["ℓ"] = "ell",
  ["′"] = "prime",
  ["−"] = "-",
  ["/"] = "\\/",
  ["#"] = "\\#",
  ["$"] = "\\$",
  [";"] = "\\;",
}
local FONTS = { bold = "bold", upright = "upright", italic = "italic", blackboard = "bb", script = "cal" }
local ACCENTS = { hat = "hat", tilde = "tilde", bar = "macron", vec = "arrow", dot = "dot", ddot = "dot.double" }
ACCENTS.underline = "underline"
local BRACKETS = { ["("] = ")", ["["] = "]", ["{"] = "}" }
local SIDES = { ["‖"] = "parallel", ["⟨"] = "angle.l", ["⟩"] = "angle.r", ["{"] = "\\{", ["}"] = "\\}" }
-- Functions that Typst writes upright itself.
local UPRIGHT = "arccos arcsin arctan cos cosh cot coth csc det dim exp inf lim log max min sec sin sinh sup tan tanh"
local KNOWN = {}
for name in UPRIGHT:gmatch "%S+" do
  KNOWN[name] = true
end

local function quoted(text)
  return '"' .. text:gsub('[\\"]', "\\%0") .. '"'
end

local write_row
local write = {}

-- Does a row have a comma that belongs to no bracket, which a call would take for its own?
local function has_comma(row)
  for _, item in ipairs(row) do
    if item.text == "," or item.text == ";" then
      return true
    end
  end
  return false
end

-- The argument of a call.
local function argument(row)
  local text = write_row(row)
  return has_comma(row) and "lr((" .. text .. "))" or text
end

function write.symbol(item)
  local name = NAMES[item.text] or greek.name[item.text] or utf8.len(item.text) == 1 and item.text
  local text = name or quoted(item.text)
  local font = FONTS[item.font]
  if item.font == "upright" and greek.name[item.text] then
    font = nil
  elseif not name and (item.font == "upright" or item.font == "italic") then
    font = item.font == "italic" and "italic" or nil
  end
  return font and ("%s(%s)"):format(font, text) or text
end

write["function"] = function(item)
  return KNOWN[item.text] and item.text or ("op(%s)"):format(quoted(item.text))
end

function write.number(item)
  return item.font == "bold" and "bold(" .. item.text .. ")" or item.text
end

function write.operator(item)
  return NAMES[item.text] or item.text
end

function write.word(item)
  return quoted(item.text)
end

function write.space()
  return "thin"
end

function write.fraction(item)
  return ("frac(%s, %s)"):format(argument(item[1]), argument(item[2]))
end

function write.root(item)
  return ("sqrt(%s)"):format(argument(item[1]))
end

function write.row(item)
  return (write_row(item[1]))
end

function write.accent(item)
  return ("%s(%s)"):format(ACCENTS[item.name], argument(item[1]))
end

function write.fence(item)
  local inner = write_row(item[1])
  if item.open == "‖" and item.close == "‖" and not has_comma(item[1]) then
    return ("norm(%s)"):format(inner)
  elseif item.open == "|" and item.close == "|" and not has_comma(item[1]) then
    return ("abs(%s)"):format(inner)
  elseif BRACKETS[item.open] == item.close and item.open ~= "{" then
    return item.open .. inner .. item.close
  end
  return ("lr(%s %s %s)"):format(SIDES[item.open] or item.open, inner, SIDES[item.close] or item.close)
end

local function script(row)
  local text = write_row(row)
  return #row == 1 and text:find "^[%w.]+$" and text or "(" .. text .. ")"
end

function write.scripts(item)
  local base = write[item.base.tag](item.base)
  if item.base.tag == "row" then
    base = "(" .. base .. ")"
  end
  return base .. (item.sub and "_" .. script(item.sub) or "") .. (item.sup and "^" .. script(item.sup) or "")
end

-- Items stand apart, so that two letters are not one name and a bracket is not the argument of a name.
function write_row(row)
  local out = {}
  for i, item in ipairs(row) do
    out[i] = write[item.tag](item)
  end
  return table.concat(out, " ")
end

--- A formula in LaTeX as an equation on a line of its own.
function target.formula(latex)
  return "$ " .. write_row(markup.parse(latex)) .. " $"
end

function target.comment(text)
  return "// " .. text
end

return target
