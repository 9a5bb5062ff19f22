--- Display trees (nabla.print.display) as text, Unicode and LaTeX.
--
-- A format is a table of writers, one for each tag: a writer returns a string, or an array of strings and trees in the
-- order in which they stand. A tree in the array is written in its turn, from an explicit stack, so that depth costs no
-- Lua stack. Brackets come from one rule: a tree whose level is below what its place asks for gets them. The levels:
-- 1 sums and signs, 1.5 operators of a template (kron as ⊗), 2 products and quotients, 4 powers and transposes,
-- 5 whatever holds itself together.
--
-- Text and Unicode are the language of the input: they read back to the same expression.
--
-- @module nabla.print.format

local notation = require "nabla.print.notation"

local M = {}

local SUM, INFIX, TERM, FACTOR, POSTFIX, ATOM = 1, 1.5, 2, 3, 4, 5

local NONE = {}

-- Write a tree: style has a writer for each tag; opts goes to the writers.
local function write(tree, style, opts)
  local stack, n, out = { tree }, 1, {}
  while n > 0 do
    local item = stack[n]
    stack[n] = nil
    n = n - 1
    if type(item) == "table" then
      item = style[item.tag](item, style, opts)
    end
    if type(item) == "string" then
      out[#out + 1] = item
    else
      for i = #item, 1, -1 do
        n = n + 1
        stack[n] = item[i]
      end
    end
  end
  return table.concat(out)
end

-- Append a tree to pieces, in brackets if its level is below `least`.
local function put(pieces, tree, least, style, opts)
  local n = #pieces
  if style.level(tree, opts) < least then
    pieces[n + 1], pieces[n + 2], pieces[n + 3] = style.open, tree, style.close
  else
    pieces[n + 1] = tree
  end
  return pieces
end

-- A tree, in brackets unless it holds itself together, and a suffix.
local function with_suffix(tree, suffix, style, opts)
  local pieces = put({}, tree, ATOM, style, opts)
  pieces[#pieces + 1] = suffix
  return pieces
end

-- A writer of trees joined by an operator; the first may be of a lower level than the others.
local function joined(operator, least_first, least)
  return function(tree, style, opts)
    local pieces = put({}, tree[1], least_first, style, opts)
    for i = 2, #tree do
      pieces[#pieces + 1] = operator
      put(pieces, tree[i], least, style, opts)
    end
    return pieces
  end
end

local function write_sum(tree, style, opts)
  local pieces, signs = {}, tree.signs
  if signs[1] < 0 then
    pieces[1] = "-"
  end
  for i = 1, #tree do
    if i > 1 then
      pieces[#pieces + 1] = signs[i] < 0 and " - " or " + "
    end
    put(pieces, tree[i], INFIX, style, opts)
  end
  return pieces
end

-- Templates ----------------------------------------------------------------------------------------------------------

-- A template as strings and argument numbers, with the level of the result; cached.
local compiled = {}

local function compile(template)
  local parts = compiled[template]
  if not parts then
    parts = {}
    local from = 1
    for before, index, after in template:gmatch "()%%(%d)()" do
      if before > from then
        parts[#parts + 1] = template:sub(from, before - 1)
      end
      parts[#parts + 1] = tonumber(index)
      from = after
    end
    if from <= #template then
      parts[#parts + 1] = template:sub(from)
    end
    local opens, closes = type(parts[1]) == "number", type(parts[#parts]) == "number"
    parts.level = closes and INFIX or opens and POSTFIX or ATOM
    compiled[template] = parts
  end
  return parts
end

-- The template of an operator in a format; one for two arguments serves more: "%1 ⊗ %2 ⊗ %3".
local function template_of(tree, format, opts)
  local given = opts.formats and opts.formats[tree.name]
  local template = given and given[format]
  if not template and format == "unicode" and given and given.infix then
    template = "%1 " .. given.infix .. " %2"
  end
  template = template or format == "latex" and notation.latex[tree.name]
  if not template or tree.fn then
    return nil
  end
  local between = #tree > 2 and template:match "^%%1(.*)%%2$"
  if between then
    for i = 3, #tree do
      template = template .. between .. "%" .. i
    end
  end
  return compile(template)
end

-- A postfix such as ^{+} needs an argument that bears no superscript yet; infix operators take those that do.
local function write_template(tree, parts, style, opts)
  local pieces = {}
  for i = 1, #parts do
    local part = parts[i]
    if type(part) == "string" then
      pieces[#pieces + 1] = part
    elseif tree[part] then
      local at_edge = i == 1 or i == #parts
      local least = not at_edge and SUM or parts.level == POSTFIX and ATOM or FACTOR
      put(pieces, tree[part], least, style, opts)
    end
  end
  return pieces
end

-- Text ---------------------------------------------------------------------------------------------------------------

local text_level = {
  number = ATOM,
  name = ATOM,
  operator = ATOM,
  dimension = ATOM,
  call = ATOM,
  derivative = ATOM,
  entry = ATOM,
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

local text = {
  open = "(",
  close = ")",
  level = function(tree)
    return text_level[tree.tag]
  end,
  number = write_text,
  name = write_text,
  operator = write_text,
  dimension = write_text,
  neg = function(tree, style, opts)
    return put({ "-" }, tree[1], INFIX, style, opts)
  end,
  sum = write_sum,
  product = joined("*", TERM, FACTOR),
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
    return with_suffix(tree[1], "'", style, opts)
  end,
  call = function(tree)
    return #tree == 0 and { tree.name } or write_arguments({ tree.name, "(" }, tree)
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
  if exponent.tag == "number" then
    return (exponent.text:gsub("%d", SUPERSCRIPT))
  elseif exponent.tag == "neg" and exponent[1].tag == "number" then
    return "⁻" .. superscript(exponent[1])
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
    return notation.unicode_name(tree.text)
  end,
  product = joined("·", TERM, FACTOR),
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
    end
    local name = notation.unicode_name(tree.name)
    return #tree == 0 and { name } or write_arguments({ name, "(" }, tree)
  end,
}, { __index = text })

-- LaTeX --------------------------------------------------------------------------------------------------------------

local latex_level = setmetatable({
  derivative = FACTOR,
  counted = INFIX, -- what stands behind it would be read as part of the sum
  quotient = FACTOR,
  hadamard = INFIX,
  eldiv = INFIX,
}, { __index = text_level })

-- Does the LaTeX of a tree begin with a digit? Then a juxtaposed number before it needs a dot.
local function begins_with_digit(tree)
  while tree.tag == "power" or tree.tag == "product" do
    tree = tree[1]
  end
  return tree.tag == "number"
end

-- A function applied to arguments: plain brackets round a symbol, growing ones round more.
local function latex_application(head, tree)
  local first = tree[1]
  local simple = #tree == 1
    and (
      first.tag == "name"
      or first.tag == "number"
      or (first.tag == "transpose" and first[1].tag == "name")
    )
  local pieces = write_arguments({ head, simple and "(" or "\\left(" }, tree)
  pieces[#pieces] = simple and ")" or "\\right)"
  return pieces
end

local latex_call = {
  inv = function(tree, style, opts)
    return with_suffix(tree[1], "^{-1}", style, opts)
  end,
  ones = function(tree)
    if #tree == 1 then
      return { "\\mathbf{1}_{", tree[1], "}" }
    end
    return { "\\mathbf{1}_{", tree[1], " \\times ", tree[2], "}" }
  end,
  zeros = function()
    return "\\mathbf{0}"
  end,
  d = function(tree, style, opts)
    return put({ "\\mathrm{d}" }, tree[1], POSTFIX, style, opts)
  end,
}
local latex_call_level = { inv = POSTFIX, d = POSTFIX }

-- The template of a call in LaTeX, if any; the 2-norm of a matrix is the Frobenius norm. By name: a template of a rule file does
-- not know the shape of its argument.
local function latex_template(tree, opts)
  if tree.name == "norm2" and tree.matrix and not (opts.formats and opts.formats.norm2) then
    return compile(notation.latex.normF)
  end
  return template_of(tree, "latex", opts)
end

-- The exponent of a power; numbers keep to one line: a^{1/2}.
local function put_latex_exponent(pieces, exponent)
  local fraction, sign = exponent, ""
  if fraction.tag == "neg" then
    fraction, sign = fraction[1], "-"
  end
  if fraction.tag == "quotient" and fraction[1].tag == "number" and fraction[2].tag == "number" then
    pieces[#pieces + 1] = sign .. fraction[1].text .. "/" .. fraction[2].text
  else
    pieces[#pieces + 1] = exponent
  end
  pieces[#pieces + 1] = "}"
  return pieces
end

-- \partial^2 f over \partial x \partial x^T: derivatives at one point are written as one of higher order.
local function latex_derivative(tree)
  local by, order, f, at = tree.by, 1, tree[1], tree.at
  if not by and tree[2].tag == "name" then
    by = tree[2]
  end
  if not by then
    return { "\\mathrm{D} ", f, "\\left(", tree[2], "\\right)" }
  end
  while f.tag == "derivative" and f[2] == tree[2] and f.by == tree.by do
    f, order = f[1], order + 1
  end
  local pieces = {}
  if at then
    pieces[1] = "\\left."
  end
  pieces[#pieces + 1] = order == 1 and "\\frac{\\partial " or "\\frac{\\partial^{" .. order .. "} "
  if f.tag == "name" then
    pieces[#pieces + 1] = f
  end
  pieces[#pieces + 1] = "}{\\partial "
  pieces[#pieces + 1] = by
  if order == 2 and by.bold then
    pieces[#pieces + 1] = "\\,\\partial "
    pieces[#pieces + 1] = by
    pieces[#pieces + 1] = "^\\top"
  elseif order > 1 then
    pieces[#pieces + 1] = "^{" .. order .. "}"
  end
  pieces[#pieces + 1] = "}"
  if f.tag ~= "name" then
    pieces[#pieces + 1] = "\\left("
    pieces[#pieces + 1] = f
    pieces[#pieces + 1] = "\\right)"
  end
  if at then
    pieces[#pieces + 1] = "\\right|_{"
    pieces[#pieces + 1] = tree[2]
    pieces[#pieces + 1] = "}"
  end
  return pieces
end

-- A name such as expm, upright.
local function latex_operator(name)
  return notation.latex_function[name] or "\\operatorname{" .. name:gsub("_", "\\_") .. "}"
end

local latex = {
  open = "\\left(",
  close = "\\right)",
  level = function(tree, opts)
    if tree.tag == "call" and not tree.fn then
      if latex_call_level[tree.name] then
        return latex_call_level[tree.name]
      end
      local parts = latex_template(tree, opts)
      return parts and parts.level or ATOM
    end
    return latex_level[tree.tag]
  end,
  number = write_text,
  name = function(tree)
    return notation.latex_name(tree.text, tree.bold)
  end,
  operator = function(tree)
    return latex_operator(tree.text)
  end,
  dimension = function(tree)
    return notation.latex_dimension(tree.text)
  end,
  neg = text.neg,
  sum = write_sum,
  product = function(tree, style, opts)
    local pieces = put({}, tree[1], TERM, style, opts)
    for i = 2, #tree do
      pieces[#pieces + 1] = begins_with_digit(tree[i]) and " \\cdot " or " "
      put(pieces, tree[i], TERM, style, opts)
    end
    return pieces
  end,
  quotient = function(tree)
    return { "\\frac{", tree[1], "}{", tree[2], "}" }
  end,
  -- X_{ij}; a base that has an index already in braces, several characters with a comma: X_{12,j}
  entry = function(tree, style, opts)
    local base, i, j = tree[1], tree[2], tree[3]
    local plain = base.tag == "name" and not base.text:find "[%d_]"
    local grouped = not plain and style.level(base, opts) >= ATOM
    local pieces = grouped and { "{", base, "}" } or put({}, base, ATOM, style, opts)
    local single = i.cost == 1 and (not j or j.cost == 1 and #i.text == 1 and #j.text == 1)
    for _, piece in ipairs { "_{", i, j and not single and "," or "", j or "", "}" } do
      pieces[#pieces + 1] = piece
    end
    return pieces
  end,
  hadamard = joined(" \\odot ", INFIX, TERM),
  eldiv = joined(" \\oslash ", INFIX, TERM),
  power = function(tree, style, opts)
    return put_latex_exponent(with_suffix(tree[1], "^{", style, opts), tree[2])
  end,
  elpower = function(tree, style, opts)
    return put_latex_exponent(with_suffix(tree[1], "^{\\odot ", style, opts), tree[2])
  end,
  transpose = function(tree, style, opts)
    if is_inverse(tree[1]) then
      return with_suffix(tree[1][1], "^{-\\top}", style, opts)
    end
    return with_suffix(tree[1], "^\\top", style, opts)
  end,
  call = function(tree, style, opts)
    if tree.fn then
      return latex_application(notation.latex_name(tree.name, tree.fn.bold), tree)
    elseif opts.formats and opts.formats[tree.name] and opts.formats[tree.name].latex then
      return write_template(tree, latex_template(tree, opts), style, opts)
    elseif latex_call[tree.name] then
      return latex_call[tree.name](tree, style, opts)
    end
    local parts = latex_template(tree, opts)
    if parts then
      return write_template(tree, parts, style, opts)
    elseif #tree == 0 then
      return { notation.latex_name(tree.name) }
    end
    return latex_application(latex_operator(tree.name), tree)
  end,
  derivative = latex_derivative,
  counted = function(tree, style, opts)
    local pieces = { "\\sum_{", tree.counter, " = ", tree[1], "}^{", tree[2], "} " }
    return put(pieces, tree[3], TERM, style, opts)
  end,
}

--- A tree as text in the language of the input.
-- @param tree a display tree
-- @return a string
function M.text(tree, opts)
  return write(tree, text, opts or NONE)
end

--- A tree as text with mathematical characters, which the language of the input has too.
-- @param tree a display tree
-- @param[opt] opts `formats`: from an operator's name to `{ unicode =, infix =, latex = }`, templates with %1, %2
-- @return a string
function M.unicode(tree, opts)
  return write(tree, unicode, opts or NONE)
end

--- A tree as LaTeX (with amsmath and amssymb), for math mode.
-- @param tree a display tree
-- @param[opt] opts as for @{unicode}
-- @return a string
function M.latex(tree, opts)
  return write(tree, latex, opts or NONE)
end

return M
