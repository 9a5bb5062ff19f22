--- LaTeX (with amsmath and amssymb), for math mode.
--
-- @module nabla.print.latex

local blocks = require "nabla.text.blocks"
local notation = require "nabla.print.notation"
local plain = require "nabla.print.plain"
local writing = require "nabla.print.writing"

local level = writing.levels
local INFIX, TERM, FACTOR, POSTFIX, ATOM = level.INFIX, level.TERM, level.FACTOR, level.POSTFIX, level.ATOM
local name_of = writing.name_of
local joined, put, template_of, with_suffix, write_sum, write_template =
  writing.joined, writing.put, writing.template_of, writing.with_suffix, writing.write_sum, writing.write_template

local text, text_level, write_arguments, is_inverse = plain.text, plain.levels, plain.write_arguments, plain.is_inverse

local latex_level = setmetatable({
  derivative = FACTOR,
  counted = INFIX, -- what is behind it would be read as part of the sum
  quotient = FACTOR,
  hadamard = INFIX,
  eldiv = INFIX,
}, { __index = text_level })

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

-- \begin{bmatrix} A & B \\ C & D \end{bmatrix}
local function latex_blocks(tree)
  local pieces = { "\\begin{bmatrix} " }
  for i, row in ipairs(blocks.rows(tree)) do
    pieces[#pieces + 1] = i > 1 and " \\\\ " or nil
    for j, block in ipairs(row) do
      pieces[#pieces + 1] = j > 1 and " & " or nil
      pieces[#pieces + 1] = block
    end
  end
  pieces[#pieces + 1] = " \\end{bmatrix}"
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
  zeros = function(tree, _, opts)
    if opts.whole ~= tree and not tree.sized then
      return "\\mathbf{0}"
    end
    return { "\\mathbf{0}_{", tree[1], tree[2] and " \\times " or "", tree[2] or "", "}" }
  end,
  d = function(tree, style, opts)
    return put({ "\\mathrm{d}" }, tree[1], POSTFIX, style, opts)
  end,
}
local latex_call_level = { inv = POSTFIX, d = POSTFIX, logdet = POSTFIX }

-- A name such as expm, upright.
local function latex_operator(name)
  return notation.latex_function[name] or "\\operatorname{" .. name:gsub("_", "\\_") .. "}"
end

-- The template of a call as text, abs(%1), with its name upright; nil where it is no call.
local function upright_call(template)
  local name, arguments = template:match "^(%a+)%((.*)%)$"
  return name and writing.compile(latex_operator(name) .. "\\left(" .. arguments .. "\\right)")
end

-- The template of a call in LaTeX, if any; the 2-norm of a matrix is the Frobenius norm. On a page |x| of a column is its
-- length, and exp(X) of a matrix a function of the matrix: entry by entry they have no template. By name: a template of a rule
-- file does not know the shape of its argument.
local function latex_template(tree, opts)
  local formats = opts.formats
  local given = formats and formats[tree.name]
  local bars = tree.name == "abs" or given and given.latex == "\\lvert %1 \\rvert"
  if notation.entrywise[tree.name] and tree.matrix or bars and tree.scalar == false then
    return given and given.text and upright_call(given.text) or nil
  end
  local form = opts.taken and formats and formats[tree.name] and formats[tree.name].latex
  local letter, index = notation.letter_of_form(form)
  if letter and tree.flat and tree[2] and form:find("(%1)", 1, true) then
    return nil -- \sigma_1(x) of a column is a function of x on pages
  end
  if letter and (opts.taken(letter) or opts.taken(letter .. ((tree[index] or {}).text or "?"))) then
    return nil -- the letter of the form stands for something else here
  elseif tree.name == "norm2" and tree.matrix and (formats and formats.normF or not (formats and formats.norm2)) then
    return writing.compile(formats and formats.normF and formats.normF.latex or notation.latex.normF)
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

-- The name in a bound k + step; nil for another.
local function beside(bound, step)
  local one, name = bound[1], bound[2]
  local at = 1
  if bound.tag ~= "sum" or #bound ~= 2 then
    return nil
  elseif one.tag == "name" then
    one, name, at = name, one, 2
  end
  local found = one.tag == "number" and one.text == "1" and bound.signs[at] == step and bound.signs[3 - at] == 1
  return found and name.tag == "name" and name.text or nil
end

-- Are two terms a sum up to k - 1 and one from k + 1, of the same body?
local function is_around(before, after)
  if before.tag ~= "counted" or after.tag ~= "counted" or before[3] ~= after[3] then
    return false
  end
  local name = beside(before[2], -1)
  return name ~= nil and name == beside(after[1], 1)
end

-- A sum in which a sum up to k - 1 and one from k + 1 are one, without k. The tree itself, where there are none.
local function with_whole_pairs(tree)
  local merged
  local by_body = {} -- places of counted sums: long sums have few
  for i = 1, #tree do
    local body = tree[i].tag == "counted" and tree[i][3]
    if body then
      by_body[body] = by_body[body] or {}
      table.insert(by_body[body], i)
    end
  end
  for i = 1, next(by_body) and #tree or 0 do
    for _, j in ipairs(tree[i].tag == "counted" and by_body[tree[i][3]] or {}) do
      if i ~= j and tree.signs[i] == tree.signs[j] and is_around(tree[i], tree[j]) then
        merged = merged or {}
        local upper = tree[i][2]
        merged[i] = {
          tag = "counted", tree[i][1], tree[j][2], tree[i][3], counter = tree[i].counter, cost = tree[i].cost,
          other = upper[1].tag == "name" and upper[1] or upper[2],
        }
        merged[j] = false
      end
    end
  end
  if not merged then
    return tree
  end
  local whole = { tag = "sum", signs = {}, cost = tree.cost }
  for i = 1, #tree do
    local term = merged[i] == nil and tree[i] or merged[i]
    if term then
      whole[#whole + 1], whole.signs[#whole.signs + 1] = term, tree.signs[i]
    end
  end
  return whole
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
  number = function(tree)
    return (tree.text:gsub("^([%d.]+)e(.*)$", function(digits, exponent)
      return (digits == "1" and "" or digits .. " \\cdot ") .. "10^{" .. exponent .. "}"
    end))
  end,
  name = function(tree)
    if tree.letter then
      return ("\\overline{%s}"):format(notation.latex_name(tree.letter.text, tree.letter.bold))
    end
    local f, x = tree.text:match "^D%(([^,]+), ([^,]+)%)$" -- a partial derivative that is a function
    if f then
      return ("\\frac{\\partial %s}{\\partial %s}"):format(notation.latex_name(f), notation.latex_name(x, tree.bold_x))
    end
    return notation.latex_name(tree.text, tree.bold)
  end,
  operator = function(tree)
    return latex_operator(tree.text)
  end,
  dimension = function(tree)
    return notation.latex_dimension(tree.text)
  end,
  neg = text.neg,
  sum = function(tree, style, opts)
    local whole = with_whole_pairs(tree)
    if #whole == 1 then
      local positive = whole.signs[1] > 0
      return style[positive and "counted" or "neg"](positive and whole[1] or { whole[1] }, style, opts)
    end
    return write_sum(whole, style, opts)
  end,
  product = function(tree, style, opts)
    local pieces = put({}, tree[1], TERM, style, opts)
    for i = 2, #tree do
      pieces[#pieces + 1] = writing.begins_with_digit(tree[i]) and " \\cdot " or " "
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
    local bare = base.tag == "name" and not base.text:find "[%d_]"
    local grouped = not bare and style.level(base, opts) >= ATOM
    local pieces = grouped and { "{", base, "}" } or put({}, base, ATOM, style, opts)
    local single = i.cost == 1 and (not j or j.cost == 1 and #i.text == 1 and #j.text == 1)
    for _, piece in ipairs { "_{", i, j and not single and "," or "", j or "", "}" } do
      pieces[#pieces + 1] = piece
    end
    return pieces
  end,
  member = function(tree, style, opts)
    local base, i, j = tree.base, tree[1], tree[2]
    local pieces = { base.text:find "[%d_]" and "{" or "", style.name(base, style, opts) }
    local single = not j or i.cost == 1 and j.cost == 1 and #i.text == 1 and #j.text == 1
    for _, piece in ipairs { base.text:find "[%d_]" and "}" or "", "_{", i, single and "" or ",", j or "", "}" } do
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
    elseif tree[1].conjugate then
      return with_suffix(tree[1].letter or tree[1][1], "^{\\mathsf{H}}", style, opts)
    end
    return with_suffix(tree[1], "^\\top", style, opts)
  end,
  call = function(tree, style, opts)
    if tree.fn then
      return latex_application(style.name(tree.fn, style, opts), tree)
    end
    local given = opts.formats and opts.formats[tree.name]
    local template = given and given.latex and latex_template(tree, opts)
    if template then
      return write_template(tree, template, style, opts)
    elseif latex_call[tree.name] then
      return latex_call[tree.name](tree, style, opts)
    end
    local parts = latex_template(tree, opts)
    if parts then
      return write_template(tree, parts, style, opts)
    elseif blocks.is(tree) then
      return latex_blocks(tree)
    elseif #tree == 0 then
      return { notation.latex_name(name_of(tree, opts)) }
    end
    local entrywise = notation.entrywise[tree.name] and tree.matrix and "_{\\odot}" or ""
    return latex_application(latex_operator(name_of(tree, opts)) .. entrywise, tree)
  end,
  derivative = latex_derivative,
  counted = function(tree, style, opts)
    local pieces = { "\\sum_{", tree.counter, " = ", tree[1], "}^{", tree[2], "} " }
    if tree.other then
      pieces = { "\\sum_{\\substack{", tree.counter, " = ", tree[1], " \\\\ ", tree.counter, " \\ne " }
      table.move({ tree.other, "}}^{", tree[2], "} " }, 1, 4, 8, pieces)
    end
    local body = tree[3].tag == "sum" and with_whole_pairs(tree[3]) or tree[3]
    if body.tag == "sum" and #body == 1 and body.signs[1] > 0 then
      body = body[1]
    end
    return put(pieces, body, body.tag == "counted" and INFIX or TERM, style, opts)
  end,
}

return latex
