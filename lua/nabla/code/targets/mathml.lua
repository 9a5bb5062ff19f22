--- MathML: the formulas of a value and of its derivatives, in presentation markup.
--
-- @module nabla.code.targets.mathml

local markup = require "nabla.code.markup"

local target = { title = "MathML", is_formula = true }

local INVISIBLE = { times = "<mo>&#x2062;</mo>", apply = "<mo>&#x2061;</mo>" }
local VARIANTS = {
  bold = "bold",
  upright = "normal",
  italic = "italic",
  blackboard = "double-struck",
  script = "script",
}
local ACCENTS = { hat = "^", tilde = "~", bar = "¯", vec = "→", dot = "˙", ddot = "¨" }
local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }

local function escaped(text)
  return (text:gsub("[&<>]", ENTITIES))
end

local write_row

-- One element for a row.
local function group(row)
  local text, count = write_row(row)
  return count == 1 and text or "<mrow>" .. text .. "</mrow>"
end

local write = {}

function write.symbol(item)
  local variant = VARIANTS[item.font] and (' mathvariant="%s"'):format(VARIANTS[item.font]) or ""
  return ("<mi%s>%s</mi>"):format(variant, escaped(item.text))
end

write["function"] = function(item)
  return ("<mi>%s</mi>"):format(escaped(item.text))
end

function write.number(item)
  return ("<mn%s>%s</mn>"):format(item.font == "bold" and ' mathvariant="bold"' or "", escaped(item.text))
end

function write.operator(item)
  return ("<mo>%s</mo>"):format(escaped(item.text))
end

function write.word(item)
  return ("<mtext>%s</mtext>"):format(escaped(item.text))
end

function write.space()
  return '<mspace width="0.17em"/>'
end

function write.fraction(item)
  return ("<mfrac>%s%s</mfrac>"):format(group(item[1]), group(item[2]))
end

function write.root(item)
  return ("<msqrt>%s</msqrt>"):format(group(item[1]))
end

function write.row(item)
  return group(item[1])
end

function write.accent(item)
  if item.name == "underline" then
    return ("<munder>%s<mo>_</mo></munder>"):format(group(item[1]))
  end
  return ('<mover accent="true">%s<mo>%s</mo></mover>'):format(group(item[1]), ACCENTS[item.name])
end

function write.fence(item)
  local function sign(text, form)
    return text == "" and "" or ('<mo fence="true" form="%s">%s</mo>'):format(form, escaped(text))
  end
  return ("<mrow>%s%s%s</mrow>"):format(sign(item.open, "prefix"), (write_row(item[1])), sign(item.close, "postfix"))
end

function write.scripts(item)
  local base, sub, sup = write[item.base.tag](item.base), item.sub, item.sup
  local above = item.base.tag == "operator" and (item.base.text == "∑" or item.base.text == "∏")
  if sub and sup then
    local format = above and "<munderover>%s%s%s</munderover>" or "<msubsup>%s%s%s</msubsup>"
    return format:format(base, group(sub), group(sup))
  elseif sub then
    return (above and "<munder>%s%s</munder>" or "<msub>%s%s</msub>"):format(base, group(sub))
  end
  return ("<msup>%s%s</msup>"):format(base, group(sup))
end

function write_row(row)
  local out = {}
  for i, item in ipairs(row) do
    local join = i > 1 and markup.between(row[i - 1], item)
    if join then
      out[#out + 1] = INVISIBLE[join]
    end
    out[#out + 1] = write[item.tag](item)
  end
  return table.concat(out), #out
end

--- A formula in LaTeX as an element.
function target.formula(latex)
  local head = '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">'
  return head .. group(markup.parse(latex)) .. "</math>"
end

function target.comment(text)
  return "<!-- " .. text:gsub("%-%-+", "-"):gsub("[<>&]", ENTITIES) .. " -->"
end

return target
