--- Notations: how a course or a paper writes names and the signs of the engine.
--
-- A notation is data: `signs`, `kinds`, `names`, `ops`, each a table from a subject to its forms by format:
--
--     { signs = { transpose = { latex = "%1^T" } }, kinds = { vectors = { latex = "\\vec{%1}" } },
--       names = { theta_hat = { latex = "\\hat\\theta" } }, ops = { tr = { latex = "\\operatorname{Sp}(%1)" } } }
--
-- `style` makes of it a style (nabla.print.writing) that falls back on the one it changes. A sign without a form of its own
-- is written as it always is, except that the transpose of an inverse follows the sign of the transpose.
--
-- @module nabla.print.themed

local display = require "nabla.print.display"
local notation = require "nabla.print.notation"
local writing = require "nabla.print.writing"

local M = {}

local level = writing.levels
local SUM, INFIX, TERM, FACTOR, POSTFIX, ATOM =
  level.SUM, level.INFIX, level.TERM, level.FACTOR, level.POSTFIX, level.ATOM
local compile, put = writing.compile, writing.put

--- The signs that a notation may write, with the number of arguments of each.
M.signs = {
  transpose = 1,
  ["transposed vector"] = 1,
  ["conjugate transpose"] = 1,
  ["inner product"] = 2,
  inverse = 1,
  ["inverse transpose"] = 1,
  product = 2,
  hadamard = 2,
  quotient = 2,
  ["elementwise quotient"] = 2,
  power = 2,
  ["elementwise power"] = 2,
  derivative = 2,
  ["second derivative"] = 2,
  gradient = 2,
  differential = 1,
  ["function value"] = 2,
  ["transposed gradient"] = 2,
}

--- The kinds of names that a notation may write, and the kind of a display tree that each means.
M.kinds = { scalars = "scalar", vectors = "vector", matrices = "matrix" }

--- The types that a notation may set a kind of names in.
M.types = { bold = true, upright = true, italic = true, arrow = true, underline = true }

-- ---------------------------------------------------------------------------------------------- names

-- The LaTeX of a letter in a type: of the letter or word, whether it is a command, and as it is set when it is not bold.
-- There are no common commands for bold or upright Greek letters.
local TYPES = {
  bold = function(letter, is_command)
    return (is_command and "\\boldsymbol{" or "\\mathbf{") .. letter .. "}"
  end,
  upright = function(letter, is_command)
    return is_command and letter or "\\mathrm{" .. letter .. "}"
  end,
  italic = function(_, _, plain)
    return plain
  end,
  arrow = function(_, _, plain)
    return "\\vec{" .. plain .. "}"
  end,
  underline = function(_, _, plain)
    return "\\underline{" .. plain .. "}"
  end,
}

-- Is an index behind a form, as it is behind \vec{x}? It is within |x_1>.
local function is_before_index(template, format)
  return template:find "}$" or format == "unicode" and template:find "^%%1"
end

-- A name in a template.
local function in_template(template, name, format)
  local split = is_before_index(template, format)
  local function filled(letter)
    return (template:gsub("%%1", (letter:gsub("%%", "%%%%"))))
  end
  if format == "latex" and split then
    return notation.latex_name_in(name, function(_, _, plain)
      return filled(plain)
    end)
  elseif format == "latex" then
    return filled(notation.latex_name(name, false))
  end
  local shown = notation.unicode_name(name)
  local letter, index = shown:match "^(.-)([%d_].*)$"
  if split and letter and letter ~= "" then
    return filled(letter) .. index
  end
  return filled(shown)
end

-- How one kind of names is written, from its form; nil: as always.
local function kind_writer(form, format)
  if not form then
    return nil
  elseif form[format] then
    return function(name)
      return in_template(form[format], name, format)
    end
  elseif form.type and format == "latex" then
    return function(name)
      return notation.latex_name_in(name, TYPES[form.type])
    end
  end
end

local function name_writer(base, given, format)
  local names, writers, known = {}, {}, {}
  for name, form in pairs(given.names) do
    names[name] = form[format]
  end
  for word, kind in pairs(M.kinds) do
    writers[kind] = kind_writer(given.kinds[word], format)
  end
  if not next(names) and not next(writers) then
    return nil
  end
  return function(tree, style, opts)
    local text = names[tree.text]
    if text then
      return text
    end
    local writer = writers[tree.kind]
    if not writer then
      return base.name(tree, style, opts)
    end
    local seen = known[tree.kind] or {}
    known[tree.kind] = seen
    seen[tree.text] = seen[tree.text] or writer(tree.text)
    return seen[tree.text]
  end
end

-- ---------------------------------------------------------------------------------------------- signs

local function is_inverse(tree)
  return tree.tag == "call" and tree.name == "inv" and not tree.fn
end

-- A form filled with trees. An argument at an edge of the form gets brackets if its level is below `least`.
local function fill(form, args, style, opts, least)
  local parts, pieces = compile(form), {}
  for i = 1, #parts do
    local part = parts[i]
    if type(part) == "string" then
      pieces[#pieces + 1] = part
    elseif i == 1 or i == #parts then
      put(pieces, args[part], least, style, opts)
    elseif writing.is_raised(parts, i) then
      put(pieces, args[part], ATOM, style, opts)
    else
      pieces[#pieces + 1] = args[part]
    end
  end
  return pieces
end

-- Operators between two arguments: the level of the first and of the others, in text and in LaTeX.
local BETWEEN = {
  product = { text = { TERM, FACTOR }, latex = { TERM, TERM } },
  hadamard = { text = { TERM, FACTOR }, latex = { INFIX, TERM } },
  eldiv = { text = { TERM, FACTOR }, latex = { INFIX, TERM } },
  quotient = { text = { TERM, FACTOR }, latex = { TERM, FACTOR } },
}

local BETWEEN_SIGN =
  { product = "product", hadamard = "hadamard", eldiv = "elementwise quotient", quotient = "quotient" }

-- A product whose factors are side by side; a dot separates a number.
local function side_by_side(sign)
  return function(tree, style, opts)
    local pieces = put({}, tree[1], TERM, style, opts)
    for i = 2, #tree do
      pieces[#pieces + 1] = writing.begins_with_digit(tree[i]) and " \\cdot " or sign
      put(pieces, tree[i], TERM, style, opts)
    end
    return pieces
  end
end

-- The writer of an operator between arguments, for any number of them; nil if the form is no sign between two.
local function between_writer(tag, form, format)
  local sign = form:match "^%%1(.*)%%2$"
  local least = BETWEEN[tag][format == "latex" and "latex" or "text"]
  if sign and tag == "product" and format == "latex" and sign:find "^[%s\\,;:!]*$" then
    return side_by_side(sign)
  end
  return sign and writing.joined(sign, least[1], least[2])
end

-- The name of a vector, or a member of a family, as it is within a bra or a ket: as a scalar's.
local function bare(tree)
  if tree.tag == "member" then
    return { tag = "member", base = bare(tree.base), cost = tree.cost, tree[1], tree[2] }
  end
  return { tag = "name", text = tree.text, cost = tree.cost }
end

local function is_vector(tree)
  return tree.tag == "name" and tree.kind == "vector" or tree.tag == "member" and tree.base.kind == "vector"
end

-- The vector whose bra a tree is: of a transpose, of complex letters of a conjugate transpose; else nil.
local function vector_of_bra(tree)
  local inner = tree.tag == "transpose" and tree[1]
  local letter = inner and inner.conjugate and (inner.letter or inner[1]) or inner
  return letter and is_vector(letter) and (inner ~= letter or not letter.complex) and letter or nil
end

-- Is a tree the gradient of an unknown scalar by a column?
local function is_gradient(tree)
  local by = tree.tag == "derivative" and (tree.by or tree[2])
  return by and not tree.at and by.kind == "vector" and tree[1].tag == "name" and not tree[1].bold
end

-- The forms of signs in one format.
local function forms_of(given, format)
  local forms = {}
  for sign, form in pairs(given.signs) do
    forms[sign] = form[format]
  end
  return forms
end

-- The tree Z of a conjugate transpose Z^H; nil for another tree.
local function conjugate_transposed(tree)
  local inner = tree.tag == "transpose" and tree[1]
  return inner and inner.conjugate and (inner.letter or inner[1]) or nil
end

-- The sign of a tree that has a form, its form and its arguments; nil: the tree is written as always. Where conjugate transposes have
-- a form, that of transposes is for real letters only.
local function chosen(tree, forms)
  local tag = tree.tag
  local letter = forms["conjugate transpose"] and conjugate_transposed(tree)
  if letter and is_vector(letter) and forms["transposed vector"] then
    return "transposed vector", { bare(letter) }
  elseif letter then
    return "conjugate transpose", { letter }
  elseif tag == "transpose" and forms["conjugate transpose"] and display.holds_complex(tree[1]) then
    return nil
  elseif tag == "transpose" then
    local inner = tree[1]
    if is_inverse(inner) and forms["inverse transpose"] then
      return "inverse transpose", inner
    elseif is_vector(inner) and forms["transposed vector"] then
      return "transposed vector", { bare(inner) }
    elseif forms["transposed gradient"] and is_gradient(inner) then
      return "transposed gradient", { inner[1], inner.by or inner[2] }
    end
    return forms.transpose and "transpose", tree
  elseif tag == "power" then
    return forms.power and "power", tree
  elseif tag == "elpower" then
    return forms["elementwise power"] and "elementwise power", tree
  elseif tag == "call" and tree.fn then -- of an unknown function of one argument
    return #tree == 1 and forms["function value"] and "function value", { tree.fn, tree[1] }
  elseif tag == "call" and #tree == 1 then
    if tree.name == "inv" then
      return forms.inverse and "inverse", tree
    elseif tree.name == "d" then
      return forms.differential and "differential", tree
    end
  end
  return nil
end

-- The level of a filled form of a tight sign.
local function tight_level(form)
  return (form == "%1" or compile(form).level == ATOM) and ATOM or POSTFIX
end

local TRANSPOSE = { text = "'", unicode = "ᵀ", latex = "^\\top" }

-- A writer of tight signs, and the level of what it writes.
local function tight(base, forms, format)
  local function writer(tag)
    return function(tree, style, opts)
      local sign, args = chosen(tree, forms)
      if sign then
        return fill(forms[sign], args, style, opts, sign == "differential" and POSTFIX or ATOM)
      elseif tag == "transpose" and forms.inverse and is_inverse(tree[1]) then
        return writing.with_suffix(tree[1], TRANSPOSE[format], style, opts)
      end
      return base[tag](tree, style, opts)
    end
  end
  local function level_of(tree, opts)
    local sign = chosen(tree, forms)
    if sign or tree.form then
      return tight_level(tree.form or forms[sign])
    elseif tree.tag == "quotient" and forms.quotient and forms.quotient:find "^%%1.*%%2$" then
      return format == "latex" and INFIX or TERM
    end
    return base.level(tree, opts)
  end
  return writer, level_of
end

-- The product with its inner products: x'*y of two vectors side by side as one sign.
local function with_inner_products(writer, form)
  return function(tree, style, opts)
    local items, found, i = {}, false, 1
    while i <= #tree do
      local left, right = tree[i], tree[i + 1]
      local bra = right and is_vector(right) and vector_of_bra(left)
      if bra then
        items[#items + 1] = { tag = "filled", cost = left.cost + right.cost, form = form, bare(bra), bare(right) }
        found, i = true, i + 2
      else
        items[#items + 1], i = left, i + 1
      end
    end
    if not found then
      return writer(tree, style, opts)
    elseif #items == 1 then
      return fill(form, items[1], style, opts, SUM)
    end
    items.tag, items.cost = "product", tree.cost
    return writer(items, style, opts)
  end
end

-- Derivatives: a scalar by a vector or a matrix as a gradient, one of second order, any other.
local function derivative_writer(base, forms)
  return function(tree, style, opts)
    local f, by = tree[1], tree.by or tree[2].tag == "name" and tree[2]
    if not by or tree.at then
      return base.derivative(tree, style, opts)
    end
    local form = forms.derivative
    if f.tag == "derivative" and f[2] == tree[2] and f.by == tree.by and forms["second derivative"] then
      form, f = forms["second derivative"], f[1]
    elseif forms.gradient and f.tag == "name" and not f.bold and by.bold then
      form = forms.gradient
    end
    if not form then
      return base.derivative(tree, style, opts)
    end
    return fill(form, { f, by }, style, opts, FACTOR)
  end
end

--- A style that writes as a notation says, and else as another style does.
-- @tparam table base a style
-- @tparam table given a notation
-- @tparam string format text, unicode or latex
-- @treturn table
function M.style(base, given, format)
  local forms, style = forms_of(given, format), {}
  style.name = name_writer(base, given, format)
  if not style.name and not next(forms) then
    return base
  end
  local writer, level_of = tight(base, forms, format)
  style.level = level_of
  style.transpose, style.power, style.elpower, style.call =
    writer "transpose", writer "power", writer "elpower", writer "call"
  for tag, sign in pairs(BETWEEN_SIGN) do
    local form = forms[sign]
    local join = form and between_writer(tag, form, format)
    style[tag] = join
      or form and function(tree, inner_style, opts)
        return fill(form, tree, inner_style, opts, FACTOR)
      end
  end
  local vectors = given.kinds.vectors and given.kinds.vectors[format]
  if vectors and not is_before_index(vectors, format) then
    style.member = function(tree, inner_style, opts)
      if not is_vector(tree) then
        return base.member(tree, inner_style, opts)
      end
      return fill(vectors, { bare(tree) }, inner_style, opts, SUM)
    end
  end
  if forms["inner product"] then
    style.product = with_inner_products(style.product or base.product, forms["inner product"])
    style.filled = function(tree, inner_style, opts)
      return fill(tree.form, tree, inner_style, opts, SUM)
    end
  end
  if forms.derivative or forms["second derivative"] or forms.gradient then
    style.derivative = derivative_writer(base, forms)
  end
  return setmetatable(style, { __index = base })
end

return M
