--- The tree of a formula in LaTeX, as nabla prints it and as the templates of rule files have it. The targets MathML and Typst write
-- such trees, so that what a rule file says about LaTeX holds for them, too.
--
-- A row is a list of items, tables with a field `tag`: "symbol" (`text` a character or a word, `font`), "number", "operator" (`text`),
-- "function" (`text`, written upright), "word" (text), "fraction" (rows 1 and 2), "root" (row 1), "accent" (`name`, row 1), "fence"
-- (`open`, `close`, row 1), "scripts" (`base` an item, `sub`, `sup` rows), "row" (row 1), "space". `spaced`: does a space precede it?
--
-- @module nabla.code.markup

local greek = require "nabla.text.greek"

local M = {}

-- Commands that are one character.
local OPERATORS = {
  odot = "⊙",
  oslash = "⊘",
  otimes = "⊗",
  oplus = "⊕",
  times = "×",
  cdot = "⋅",
  circ = "∘",
  ast = "∗",
  le = "≤",
  leq = "≤",
  ge = "≥",
  geq = "≥",
  ne = "≠",
  ["in"] = "∈",
  to = "→",
  pm = "±",
  sum = "∑",
  prod = "∏",
  int = "∫",
  cdots = "⋯",
  ldots = "…",
  dots = "…",
  mid = "∣",
}
local SYMBOLS =
  { top = "⊤", dagger = "†", partial = "∂", nabla = "∇", infty = "∞", ell = "ℓ", Re = "ℜ", Im = "ℑ", prime = "′" }
local VARIANTS = { varepsilon = "ε", varphi = "φ", vartheta = "ϑ", varrho = "ϱ", varsigma = "ς", epsilon = "ϵ" }
local FENCES = {
  lVert = "‖",
  rVert = "‖",
  Vert = "‖",
  ["|"] = "‖",
  lvert = "|",
  rvert = "|",
  vert = "|",
  langle = "⟨",
  rangle = "⟩",
  lfloor = "⌊",
  rfloor = "⌋",
  lceil = "⌈",
  rceil = "⌉",
  ["{"] = "{",
  ["}"] = "}",
}
local OPENING = { ["("] = ")", ["["] = "]", lVert = "rVert", lvert = "rvert", langle = "rangle", lfloor = "rfloor" }
local FONTS = {
  mathbf = "bold",
  boldsymbol = "bold",
  bm = "bold",
  mathrm = "upright",
  mathit = "italic",
  mathbb = "blackboard",
  mathcal = "script",
  mathsf = "upright",
  text = "word",
  textrm = "word",
}
local ACCENTS = {
  hat = "hat",
  widehat = "hat",
  tilde = "tilde",
  widetilde = "tilde",
  bar = "bar",
  overline = "bar",
  underline = "underline",
  vec = "vec",
  dot = "dot",
  ddot = "ddot",
}
local SPACES = { [","] = true, [";"] = true, [":"] = true, ["!"] = true, [" "] = true, quad = true, qquad = true }
local SIZES = { displaystyle = true, textstyle = true, big = true, Big = true, bigl = true, bigr = true, limits = true }

-- ---------------------------------------------------------------------------------------------- tokens

-- Tokens: { kind, text, spaced }: "command", "open", "close", "sup", "sub", "number", "letter", "sign".
local function tokens_of(latex)
  local list, at = {}, 1
  while at <= #latex do
    local blank, start = latex:match("^(%s*)()", at)
    at = start
    if at > #latex then
      break
    end
    local kind, text = "command", latex:match("^\\(%a+)", at)
    local width = text and #text + 1
    if not text and latex:sub(at, at) == "\\" then
      text, width = latex:match("^\\(.)", at) or "", 2
    elseif not text then
      text = latex:match("^%d+%.?%d*", at) or latex:match("^%a", at) or latex:match("^" .. utf8.charpattern, at)
      width = #text
      local first = text:sub(1, 1)
      kind = ({ ["{"] = "open", ["}"] = "close", ["^"] = "sup", ["_"] = "sub" })[text]
        or first:find "%d" and "number"
        or first:find "[%a\128-\255]" and "letter"
        or "sign"
    end
    list[#list + 1] = { kind = kind, text = text, spaced = #blank > 0 }
    at = at + width
  end
  return list
end

-- ---------------------------------------------------------------------------------------------- the tree

local Reader = {}
Reader.__index = Reader

function Reader:peek()
  return self.tokens[self.at]
end

function Reader:take()
  local token = self.tokens[self.at]
  self.at = self.at + 1
  return token
end

-- The argument of a command: a group, or one item.
function Reader:argument()
  local token = self:peek()
  if token and token.kind == "open" then
    self:take()
    local row = self:row(function(t)
      return t.kind == "close"
    end)
    self:take()
    return row
  end
  return token and { self:atom() } or {}
end

-- The text of a group, for fonts.
local function plain_text(row)
  local parts = {}
  for _, item in ipairs(row) do
    if not item.text or item.tag == "operator" then
      return nil
    end
    parts[#parts + 1] = (item.spaced and #parts > 0 and " " or "") .. item.text
  end
  return table.concat(parts)
end

function Reader:font(font)
  local row = self:argument()
  local text = plain_text(row)
  if font == "word" and text then
    return { tag = "word", text = text }
  elseif text and #row == 1 and row[1].tag == "number" then
    return { tag = "number", text = text, font = font }
  elseif text then
    return { tag = "symbol", text = text, font = font }
  end
  for _, item in ipairs(row) do
    item.font = item.font or font
  end
  return { tag = "row", row }
end

-- The sign of a fence behind \left or \right.
function Reader:delimiter()
  local token = self:take()
  return not token and "" or token.text == "." and "" or FENCES[token.text] or token.text
end

function Reader:fence(open)
  local row = self:row(function(t)
    return t.kind == "command" and t.text == "right"
  end)
  self:take()
  return { tag = "fence", open = open, close = self:delimiter(), row }
end

-- A pair of signs without \left, where its end is found in the same group.
function Reader:plain_fence(opening)
  local wanted, depth = OPENING[opening.text], 0
  for k = self.at, #self.tokens do
    local t = self.tokens[k]
    if t.kind == "open" then
      depth = depth + 1
    elseif t.kind == "close" then
      depth = depth - 1
      if depth < 0 then
        break
      end
    elseif depth == 0 and t.text == wanted and t.kind == opening.kind then
      local row = self:row(function(other)
        return other.text == wanted and other.kind == opening.kind
      end)
      self:take()
      return {
        tag = "fence",
        open = FENCES[opening.text] or opening.text,
        close = FENCES[wanted] or wanted,
        row,
      }
    end
  end
  return { tag = "operator", text = FENCES[opening.text] or opening.text }
end

function Reader:command(token)
  local name = token.text
  if name == "frac" or name == "dfrac" or name == "tfrac" then
    return { tag = "fraction", self:argument(), self:argument() }
  elseif name == "sqrt" then
    return { tag = "root", self:argument() }
  elseif name == "left" then
    return self:fence(self:delimiter())
  elseif name == "operatorname" then
    return { tag = "function", text = plain_text(self:argument()) or "" }
  elseif FONTS[name] then
    return self:font(FONTS[name])
  elseif ACCENTS[name] then
    return { tag = "accent", name = ACCENTS[name], self:argument() }
  elseif OPENING[name] then
    return self:plain_fence(token)
  elseif SPACES[name] or SIZES[name] then
    return { tag = "space" }
  elseif OPERATORS[name] then
    return { tag = "operator", text = OPERATORS[name] }
  elseif greek.character[name] or VARIANTS[name] or SYMBOLS[name] then
    local text = VARIANTS[name] or greek.character[name] or SYMBOLS[name]
    return { tag = "symbol", text = text, font = greek.capital[name] and "upright" or nil }
  elseif FENCES[name] then
    return { tag = "operator", text = FENCES[name] }
  elseif #name == 1 then -- \_ and the like
    return { tag = "symbol", text = name }
  end
  return { tag = "function", text = name } -- \log, \max, and what is not known
end

-- One item without its scripts.
function Reader:atom()
  local token = self:take()
  local item
  if token.kind == "command" then
    item = self:command(token)
  elseif token.kind == "open" then
    self.at = self.at - 1
    item = { tag = "row", self:argument() }
  elseif token.kind == "letter" then
    item = { tag = "symbol", text = token.text }
  elseif token.kind == "number" then
    item = { tag = "number", text = token.text }
  elseif OPENING[token.text] then
    item = self:plain_fence(token)
  else
    item = { tag = "operator", text = token.text == "-" and "−" or token.text }
  end
  item.spaced = token.spaced
  return item
end

-- The items up to a token for which `is_end` holds.
function Reader:row(is_end)
  local row = {}
  while self:peek() and not is_end(self:peek()) do
    local token = self:peek()
    if token.kind == "sup" or token.kind == "sub" then
      self:take()
      local base = table.remove(row) or { tag = "row", {} }
      if base.tag ~= "scripts" or base[token.kind] then
        base = { tag = "scripts", base = base, spaced = base.spaced }
      end
      base[token.kind] = self:argument()
      row[#row + 1] = base
    else
      row[#row + 1] = self:atom()
    end
  end
  return row
end

--- The tree of a formula.
-- @tparam string latex without math delimiters
-- @treturn table a row
function M.parse(latex)
  local reader = setmetatable({ tokens = tokens_of(latex), at = 1 }, Reader)
  local row = {}
  repeat -- a bracket too many is a sign
    for _, item in ipairs(reader:row(function(t)
      return t.kind == "close"
    end)) do
      row[#row + 1] = item
    end
  until not reader:take()
  return row
end

-- What an item is beside others: of scripts their base.
local function core(item)
  while item.tag == "scripts" do
    item = item.base
  end
  return item
end

--- How two items of a row that stand side by side are joined: "times", "apply", or nil where one is an operator or a space.
function M.between(a, b)
  local p, q = core(a), core(b)
  if p.tag == "operator" or q.tag == "operator" or p.tag == "space" or q.tag == "space" then
    return nil
  elseif p.tag == "word" or q.tag == "word" then
    return nil
  elseif p.text == "∂" or p.font == "upright" and p.text == "d" then
    return nil
  elseif p.tag == "function" or q.tag == "fence" and not b.spaced and p.tag == "symbol" then
    return "apply"
  end
  return "times"
end

return M
