--- Display trees in the notation of a program: NumPy, Julia, MATLAB.
--
-- What is written is data: the rows of a notation (nabla.language.program_rows), of which the first fits whose pattern is found and whose
-- conditions on kinds hold. A sign binds as what it stands for binds in nabla's own language, so brackets come from the levels of
-- nabla.print.writing. What no row writes is refused by its name: an error with `unwritten`.
--
-- @module nabla.print.program_notation

local display = require "nabla.print.display"
local plain = require "nabla.print.plain"
local program_indices = require "nabla.print.program_indices"
local writing = require "nabla.print.writing"

local M = {}

local level = writing.levels
local SUM, TERM, FACTOR, POSTFIX, ATOM = level.SUM, level.TERM, level.FACTOR, level.POSTFIX, level.ATOM
local put = writing.put

local LONGEST = 64 -- in a longer product no row for a part of it is looked for

-- ---------------------------------------------------------------------------------------------- refusals

local WORDS = {
  derivative = "a derivative of an unknown function",
  member = "a member of a family",
  counted = "a sum over a counter",
  entry = "an entry",
  hadamard = "a product entry by entry",
  eldiv = "a quotient entry by entry",
  elpower = "a power of each entry",
  power = "a power",
  quotient = "a quotient",
  product = "a product",
  transpose = "a transpose",
}

local function refuse(style, what)
  error({ unwritten = ("%s cannot be written in the notation %s"):format(what, style.notation) }, 0)
end

-- ---------------------------------------------------------------------------------------------- matching

-- The transpose of a tree, as its row is written.
local function turned(tree)
  if tree.tag == "transpose" then
    return tree[1]
  elseif tree.tag == "product" then
    local items = {}
    for i = #tree, 1, -1 do
      items[#items + 1] = turned(tree[i])
    end
    return display.product(items)
  elseif tree.tag == "number" then
    return tree
  end
  return display.transpose(tree)
end

local match

local function match_parts(pattern, tree, bound, kind)
  if #pattern ~= #tree then
    return false
  end
  for i = 1, #pattern do
    if not match(pattern[i], tree[i], bound, kind) then
      return false
    end
  end
  return true
end

-- Is a tree what a pattern says? Its arguments are put into `bound`.
function match(pattern, tree, bound, kind)
  if pattern.argument then
    local before = bound[pattern.argument]
    bound[pattern.argument] = tree
    return before == nil or before == tree
  elseif pattern.tag == "transpose" then
    if tree.tag == "transpose" then
      return match(pattern[1], tree[1], bound, kind)
    end
    return kind(tree) == "row" and match(pattern[1], turned(tree), bound, kind)
  elseif pattern.tag == "number" then
    return tree.tag == "number" and tree.text == pattern.text
  end
  return pattern.tag == "call" and tree.tag == "call" and tree.name == pattern.name and not tree.fn
    and match_parts(pattern, tree, bound, kind)
end

local function holds(row, bound, kind)
  for _, condition in ipairs(row.when or {}) do
    local found, want = kind(bound[condition.argument]), condition.kind
    if found ~= want and not (want == "vector" and (found == "column" or found == "row")) then
      return false
    end
  end
  return true
end

-- The first row of a list that fits a tree, and its arguments.
local function fitting(list, tree, kind)
  for _, row in ipairs(list or {}) do
    local bound = {}
    if match_parts(row.pattern, tree, bound, kind) and holds(row, bound, kind) then
      return row, bound
    end
  end
end

-- ---------------------------------------------------------------------------------------------- forms

local BINDS = { product = TERM, hadamard = TERM, quotient = TERM, eldiv = TERM, power = POSTFIX, elpower = POSTFIX }

-- How closely what a row writes holds together.
local function level_of(row, tag)
  if row.place == "between" then
    return BINDS[tag] or TERM
  end
  return (row.place or row.form:find "^%b[]$") and ATOM or SUM
end

-- A form filled with trees. An argument between brackets and commas needs none.
local function fill(row, bound, style, opts)
  local parts, pieces = writing.compile(row.form), {}
  for i, part in ipairs(parts) do
    if type(part) == "string" then
      pieces[#pieces + 1] = part
    else
      local before, behind = parts[i - 1] or "", parts[i + 1] or ""
      local enclosed = before:find "[(,%[]%s*$" and behind:find "^%s*[),%]]"
      put(pieces, bound[part], enclosed and SUM or ATOM, style, opts)
    end
  end
  return pieces
end

-- Does a tree hold a sign between two that are no scalars? Such a tree is in brackets beside another sign.
local function mixes(tree, tag, kind)
  if tree.tag == tag or BINDS[tree.tag] ~= TERM or kind(tree) == "scalar" then
    return false
  end
  local large = 0
  for i = 1, #tree do
    large = large + (kind(tree[i]) == "scalar" and 0 or 1)
  end
  return large > 1
end

-- A part of what has a sign between its parts.
local function put_part(pieces, tree, least, tag, style, opts)
  return put(pieces, tree, mixes(tree, tag, opts.kind) and ATOM or least, style, opts)
end

-- The sign of a row between two, with its spaces.
local function sign_of(row)
  return row.form:match "^%%1(.*)%%2$"
end

-- ---------------------------------------------------------------------------------------------- writers

-- The trees from the i-th on, as a product.
local function slice(tree, from, to)
  if from == to then
    return tree[from]
  end
  return display.product(table.move(tree, from, to, 1, {}))
end

-- The first row for a product of parts (inv(A)*b, x*y') that fits, and its arguments.
local function part_of_product(style, tree, first, kind)
  local n = #tree
  for _, row in ipairs(n - first < LONGEST and style.rows.product or {}) do
    local left = not row.plain and row.pattern[1]
    for k = first, left and (left.argument and n - 1 or first) or 0 do
      local pair = k < n and { slice(tree, first, k), slice(tree, k + 1, n) }
      local bound = {}
      if pair and match_parts(row.pattern, pair, bound, kind) and holds(row, bound, kind) then
        return row, bound
      end
    end
  end
end

-- The row of the sign between two factors.
local function factor_row(style, a, b, kind)
  for _, row in ipairs(style.rows.product or {}) do
    if row.plain and row.place == "between" and holds(row, { a, b }, kind) then
      return row
    end
  end
  refuse(style, WORDS.product)
end

-- A product: numbers in front, a row for its parts where one fits, else a sign between each two.
local function write_product(tree, style, opts)
  local kind, first = opts.kind, 1
  while first < #tree and kind(tree[first]) == "scalar" do
    first = first + 1
  end
  local row, bound = part_of_product(style, tree, first, kind)
  local last = row and first - 1 or #tree
  local pieces, so_far = {}, nil
  for i = 1, last do
    local item = tree[i]
    if i > 1 then
      pieces[#pieces + 1] = sign_of(factor_row(style, so_far, item, kind))
    end
    put_part(pieces, item, i == 1 and TERM or FACTOR, "product", style, opts)
    so_far = i == 1 and item or { tag = "product", so_far, item, cost = 1 }
  end
  if not row then
    return pieces
  end
  if last > 0 then
    pieces[#pieces + 1] = sign_of(factor_row(style, so_far, tree[first], kind))
  end
  local filled = { tag = "filled", row = row, bound = bound, cost = 1 }
  return put(pieces, filled, last > 0 and FACTOR or SUM, style, opts)
end

-- A pair by the rows of its tag.
local function write_pair(tag)
  return function(tree, style, opts)
    local row, bound = fitting(style.rows[tag], tree, opts.kind)
    if not row then
      refuse(style, WORDS[tag])
    elseif row.place ~= "between" then
      return fill(row, bound, style, opts)
    end
    local pieces = {}
    if BINDS[tag] == POSTFIX then
      put(pieces, tree[1], ATOM, style, opts)
      pieces[#pieces + 1] = sign_of(row)
      local exponent = tree[2]
      local bare = exponent.tag == "neg" and exponent[1].tag == "number" and sign_of(row):find "[*^]%s*$"
      return put(pieces, exponent, bare and SUM or ATOM, style, opts)
    end
    if tag == "quotient" then
      put(pieces, tree[1], TERM, style, opts)
    else
      put_part(pieces, tree[1], TERM, tag, style, opts)
    end
    pieces[#pieces + 1] = sign_of(row)
    return put_part(pieces, tree[2], FACTOR, tag, style, opts)
  end
end

-- A product entry by entry, of any number.
local function write_hadamard(tree, style, opts)
  local row
  for _, one in ipairs(style.rows.hadamard or {}) do
    row = row or one.plain and one.place == "between" and one
  end
  if not row then
    refuse(style, WORDS.hadamard)
  end
  local pieces = {}
  for i = 1, #tree do
    pieces[#pieces + 1] = i > 1 and sign_of(row) or nil
    put_part(pieces, tree[i], i == 1 and TERM or FACTOR, "hadamard", style, opts)
  end
  return pieces
end

local function call_row(tree, style, opts)
  return fitting(not tree.fn and style.rows.calls[tree.name], tree, opts.kind)
end

local function write_call(tree, style, opts)
  local row, bound = call_row(tree, style, opts)
  if row and row.place == "between" then
    local pieces = put({}, bound[1], FACTOR, style, opts)
    pieces[#pieces + 1] = sign_of(row)
    return put(pieces, bound[2], FACTOR, style, opts)
  elseif row then
    return fill(row, bound, style, opts)
  elseif not tree.fn then
    refuse(style, tree.name == "d" and "a differential" or writing.name_of(tree, opts))
  end
  return plain.write_arguments({ tree.name, "(" }, tree)
end

local function write_name(tree, style)
  local given = style.names[tree.text]
  if given then
    return given
  elseif style.taken[tree.text] then
    refuse(style, ("%s, which is a function there,"):format(tree.text))
  end
  return tree.text
end

-- A size: a product and a power by the signs of scalars.
local function write_dimension(tree, style)
  local text = tree.text
  if text:find "[%^/]" then
    local power = style.rows.power and style.rows.power[1] or style.rows.elpower and style.rows.elpower[1]
    if text:find("/", 1, true) or not power or power.place ~= "between" then
      refuse(style, "the size " .. text)
    end
    text = text:gsub("%^", (sign_of(power):gsub("%%", "%%%%")))
  end
  return text
end

-- The scalar of which a tree is the multiple of ones: 2 of 2*ones(n); nil: it is none.
local function spread_scalar(tree, kind)
  if tree.tag == "call" and tree.name == "ones" and not tree.fn then
    return display.one
  elseif tree.tag == "transpose" then
    return spread_scalar(tree[1], kind)
  elseif tree.tag == "quotient" then
    local above = spread_scalar(tree[1], kind)
    return above and display.quotient(above, tree[2])
  elseif tree.tag == "product" and spread_scalar(tree[#tree], kind) == display.one then
    local front = slice(tree, 1, #tree - 1)
    return kind(front) == "scalar" and front or nil
  end
end

-- The terms of a sum where scalars go with each entry: ones(n) + x is 1 + x. One term is as large as the sum.
local function spread_terms(tree, kind)
  local items, spread, whole = { signs = tree.signs, tag = "sum", cost = tree.cost }, false, false
  for i = 1, #tree do
    local scalar = spread_scalar(tree[i], kind)
    items[i] = scalar or tree[i]
    spread, whole = spread or scalar ~= nil, whole or scalar == nil
  end
  return spread and whole and items or nil
end

local function write_sum(tree, style, opts)
  local items = style.spreads and opts.kind(tree) ~= "scalar" and spread_terms(tree, opts.kind)
  if not items then
    return writing.write_sum(tree, style, opts)
  end
  local pieces = { items.signs[1] < 0 and "-" or nil }
  for i = 1, #items do
    pieces[#pieces + 1] = i > 1 and " " .. style.spreads[items.signs[i] < 0 and 2 or 1] .. " " or nil
    put(pieces, items[i], level.INFIX, style, opts)
  end
  return pieces
end

local function write_unknown(tag)
  return function(_, style)
    refuse(style, WORDS[tag])
  end
end

-- The names that the notation has for functions, and the texts that it has for names.
local function names_of(rows, names)
  local taken, texts = {}, {}
  for _, list in pairs(rows.calls) do
    for _, row in ipairs(list) do
      local literal = row.place == "call" and row.literal
      if literal and not literal:find(".", 1, true) then
        taken[literal] = true
      end
    end
  end
  for name, forms in pairs(names or {}) do
    texts[name] = forms.text
  end
  return taken, texts
end

--- A style of nabla.print.writing.
-- @tparam table notation `name`, for messages; `spreads`, the signs of sums in which a scalar goes with each entry; `indices` and
-- `sums` (nabla.print.program_indices)
-- @tparam table rows of nabla.language.program_rows.writings
-- @tparam[opt] table names of the notation
-- @treturn table
function M.style(notation, rows, names)
  local text = plain.text
  local style = { notation = notation.name, spreads = notation.spreads, rows = rows, open = "(", close = ")" }
  style.taken, style.names = names_of(rows, names)
  style.number, style.operator, style.neg, style.sum = text.number, text.operator, text.neg, write_sum
  style.name, style.dimension, style.call = write_name, write_dimension, write_call
  style.product, style.hadamard = write_product, write_hadamard
  for _, tag in ipairs { "quotient", "eldiv", "power", "elpower" } do
    style[tag] = write_pair(tag)
  end
  local indices, sums = notation.indices, notation.sums
  style.derivative = write_unknown "derivative"
  style.entry = indices and program_indices.entry(indices) or write_unknown "entry"
  style.member = indices and program_indices.member(indices) or write_unknown "member"
  style.counted = program_indices.counted(sums or {}, function()
    refuse(style, WORDS.counted)
  end)
  function style.transpose(tree, _, opts)
    local row, bound = fitting(rows.transpose, tree, opts.kind)
    if not row then
      refuse(style, WORDS.transpose)
    end
    return fill(row, bound, style, opts)
  end
  function style.filled(tree, _, opts)
    local row, bound = tree.row, tree.bound
    if row.place ~= "between" then
      return fill(row, bound, style, opts)
    end
    local pieces = put({}, bound[1], FACTOR, style, opts)
    pieces[#pieces + 1] = sign_of(row)
    return put(pieces, bound[2], FACTOR, style, opts)
  end
  function style.level(tree, opts)
    local tag = tree.tag
    if tag == "filled" then
      return level_of(tree.row, "product")
    elseif tag == "transpose" then
      return ATOM
    elseif tag == "call" then
      local row = call_row(tree, style, opts)
      return row and level_of(row, "call") or ATOM
    elseif tag == "entry" or tag == "member" or tag == "counted" then
      return ATOM
    elseif tag == "product" then
      local row = part_of_product(style, tree, 1, opts.kind)
      return row and level_of(row, "product") or TERM
    end
    return plain.levels[tag]
  end
  return style
end

return M
