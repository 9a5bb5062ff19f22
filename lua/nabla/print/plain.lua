--- Text and Unicode: the language of the input. What is written here is read back to the same expression.
--
-- @module nabla.print.plain

local blocks = require "nabla.text.blocks"
local display = require "nabla.print.display"
local later = require "nabla.text.later"
local writing = require "nabla.print.writing"

local notation = later.require "nabla.print.notation"

local level = writing.levels
local SUM, INFIX, TERM, FACTOR, POSTFIX, ATOM =
  level.SUM, level.INFIX, level.TERM, level.FACTOR, level.POSTFIX, level.ATOM
local name_of = writing.name_of
local joined, put, template_of, with_suffix, write_sum, write_template =
  writing.joined, writing.put, writing.template_of, writing.with_suffix, writing.write_sum, writing.write_template

local M = {}

-- Text ---------------------------------------------------------------------------------------------------------------

local text_level = {
  number = ATOM,
  name = ATOM,
  operator = ATOM,
  dimension = ATOM,
  call = ATOM,
  derivative = ATOM,
  entry = ATOM,
  member = ATOM,
  counted = ATOM,
  transpose = POSTFIX,
  power = POSTFIX,
  elpower = POSTFIX,
  product = TERM,
  quotient = TERM,
  hadamard = TERM,
  eldiv = TERM,
  sum = SUM,
  neg = SUM,
}

local function write_arguments(pieces, tree)
  for i = 1, #tree do
    if i > 1 then
      pieces[#pieces + 1] = ", "
    end
    pieces[#pieces + 1] = tree[i]
  end
  pieces[#pieces + 1] = ")"
  return pieces
end

-- The blocks of a matrix, row by row: [A, B; C, D].
local function write_blocks(tree)
  local pieces = { "[" }
  for i, row in ipairs(blocks.rows(tree)) do
    pieces[#pieces + 1] = i > 1 and "; " or nil
    for j, block in ipairs(row) do
      pieces[#pieces + 1] = j > 1 and ", " or nil
      pieces[#pieces + 1] = block.fills and "0" or block
    end
  end
  pieces[#pieces + 1] = "]"
  return pieces
end

local function write_text(tree)
  return tree.text
end

-- The base of a power: powers read from left to right, so that X'^2 needs no brackets; (a^2)^3 gets them to be clear.
local function put_base(pieces, base, style, opts)
  return put(pieces, base, base.tag == "transpose" and POSTFIX or ATOM, style, opts)
end

-- The exponent of a power: a name or a number, which may have a sign, else in brackets.
local function put_exponent(pieces, exponent)
  local n = #pieces
  if
    exponent.tag == "number"
    or exponent.tag == "name"
    or (exponent.tag == "neg" and exponent[1].tag == "number")
  then
    pieces[n + 1] = exponent
  else
    pieces[n + 1], pieces[n + 2], pieces[n + 3] = "(", exponent, ")"
  end
  return pieces
end

-- A product; a number and the imaginary unit behind it are one number, such as 2i.
local function product_with(sign, format)
  local write_factors = joined(sign, TERM, FACTOR)
  return function(tree, style, opts)
    local unit = (format ~= "text" or opts.text_forms)
      and tree[1].tag == "number"
      and tree[2].tag == "call"
      and #tree[2] == 0
      and template_of(tree[2], format, opts)
    if not (unit and unit[1] == "1i" and not tree[1].text:find "[^%d.]") then
      return write_factors(tree, style, opts)
    end
    local factors = { display.number(tree[1].text .. "i"), table.unpack(tree, 3) }
    return #factors > 1 and write_factors(factors, style, opts) or factors
  end
end

local PLAIN_INDEX = { number = true, name = true } -- an index that is written without brackets

local text = {
  open = "(",
  close = ")",
  level = function(tree, opts)
    local parts = tree.tag == "call" and opts.text_forms and template_of(tree, "text", opts)
    return parts and parts.level or text_level[tree.tag]
  end,
  number = write_text,
  name = function(tree)
    return tree.letter and ("conj(%s)"):format(tree.letter.text) or tree.text
  end,
  operator = write_text,
  dimension = write_text,
  neg = function(tree, style, opts)
    return put({ "-" }, tree[1], INFIX, style, opts)
  end,
  sum = write_sum,
  product = product_with("*", "text"),
  quotient = joined("/", TERM, FACTOR),
  hadamard = joined(".*", TERM, FACTOR),
  eldiv = joined("./", TERM, FACTOR),
  entry = function(tree, style, opts)
    local pieces = put({}, tree[1], ATOM, style, opts)
    pieces[#pieces + 1] = "("
    pieces[#pieces + 1] = tree[2]
    pieces[#pieces + 1] = tree[3] and "," or nil
    pieces[#pieces + 1] = tree[3]
    pieces[#pieces + 1] = ")"
    return pieces
  end,
  member = function(tree, style, opts)
    local i, j = tree[1], tree[2]
    local pieces = { style.name(tree.base, style, opts), "_" }
    local plain = PLAIN_INDEX[i.tag] and (not j or PLAIN_INDEX[j.tag] and #i.text == 1 and #j.text == 1)
    pieces[#pieces + 1] = not plain and "(" or nil
    pieces[#pieces + 1] = i
    pieces[#pieces + 1] = j and (plain and "" or ",")
    pieces[#pieces + 1] = j
    pieces[#pieces + 1] = not plain and ")" or nil
    return pieces
  end,
  power = function(tree, style, opts)
    local pieces = put_base({}, tree[1], style, opts)
    pieces[#pieces + 1] = "^"
    return put_exponent(pieces, tree[2])
  end,
  elpower = function(tree, style, opts)
    local pieces = put_base({}, tree[1], style, opts)
    pieces[#pieces + 1] = ".^"
    return put_exponent(pieces, tree[2])
  end,
  transpose = function(tree, style, opts)
    if tree[1].conjugate then
      return with_suffix(tree[1].letter or tree[1][1], "^H", style, opts)
    end
    return with_suffix(tree[1], "'", style, opts)
  end,
  call = function(tree, style, opts)
    local parts = opts.text_forms and template_of(tree, "text", opts)
    if parts then
      return write_template(tree, parts, style, opts)
    elseif blocks.is(tree) then
      return write_blocks(tree)
    end
    local name = name_of(tree, opts)
    return #tree == 0 and { name } or write_arguments({ name, "(" }, tree)
  end,
  counted = function(tree)
    return { "sum(", tree.counter, " = ", tree[1], "..", tree[2], ", ", tree[3], ")" }
  end,
  derivative = function(tree)
    return { "D(", tree[1], ", ", tree[2], ")" }
  end,
}

-- Unicode ------------------------------------------------------------------------------------------------------------

local SUPERSCRIPT = {
  ["0"] = "⁰",
  ["1"] = "¹",
  ["2"] = "²",
  ["3"] = "³",
  ["4"] = "⁴",
  ["5"] = "⁵",
  ["6"] = "⁶",
  ["7"] = "⁷",
  ["8"] = "⁸",
  ["9"] = "⁹",
}

local function superscript(exponent)
  if exponent.tag == "number" and not exponent.text:find(".", 1, true) then
    return (exponent.text:gsub("%d", SUPERSCRIPT))
  elseif exponent.tag == "neg" and exponent[1].tag == "number" then
    local raised = superscript(exponent[1])
    return raised and "⁻" .. raised
  end
  return nil
end

local function is_inverse(tree)
  return tree.tag == "call" and tree.name == "inv" and not tree.fn
end

local unicode = setmetatable({
  level = function(tree, opts)
    if tree.tag == "call" then
      if is_inverse(tree) then
        return POSTFIX
      end
      local parts = template_of(tree, "unicode", opts)
      return parts and parts.level or ATOM
    end
    return text_level[tree.tag]
  end,
  name = function(tree)
    local letter = tree.letter and notation.unicode_name(tree.letter.text)
    return letter and ("conj(%s)"):format(letter) or notation.unicode_name(tree.text)
  end,
  product = product_with("·", "unicode"),
  hadamard = joined("⊙", TERM, FACTOR),
  power = function(tree, style, opts)
    local pieces = put_base({}, tree[1], style, opts)
    local raised = superscript(tree[2])
    if raised then
      pieces[#pieces + 1] = raised
      return pieces
    end
    pieces[#pieces + 1] = "^"
    return put_exponent(pieces, tree[2])
  end,
  transpose = function(tree, style, opts)
    if is_inverse(tree[1]) then
      return with_suffix(tree[1][1], "⁻ᵀ", style, opts)
    elseif tree[1].conjugate then
      return with_suffix(tree[1].letter or tree[1][1], "ᴴ", style, opts)
    end
    return with_suffix(tree[1], "ᵀ", style, opts)
  end,
  call = function(tree, style, opts)
    if is_inverse(tree) then
      return with_suffix(tree[1], "⁻¹", style, opts)
    end
    local parts = template_of(tree, "unicode", opts)
    if parts then
      return write_template(tree, parts, style, opts)
    elseif blocks.is(tree) then
      return write_blocks(tree)
    end
    local name = notation.unicode_name(name_of(tree, opts))
    return #tree == 0 and { name } or write_arguments({ name, "(" }, tree)
  end,
}, { __index = text })

M.text, M.unicode, M.levels = text, unicode, text_level
M.write_arguments, M.is_inverse = write_arguments, is_inverse

return M
