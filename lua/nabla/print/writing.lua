--- What the formats share: trees written from an explicit stack, brackets, templates.
--
-- A style is a table of writers, one for each tag: a writer returns a string, or an array of strings and trees in the
-- order in which they are. A tree in the array is written in its turn, from an explicit stack, so that depth costs no
-- Lua stack. Brackets come from one rule: a tree whose level is below what its place asks for gets them. The levels:
-- 1 sums and signs, 1.5 operators of a template (kron as ⊗), 2 products and quotients, 4 powers and transposes,
-- 5 whatever holds itself together.
--
-- @module nabla.print.writing

local later = require "nabla.text.later"

local notation = later.require "nabla.print.notation"

local M = {}

local SUM, INFIX, TERM, FACTOR, POSTFIX, ATOM = 1, 1.5, 2, 3, 4, 5

--- The levels by name.
M.levels = { SUM = SUM, INFIX = INFIX, TERM = TERM, FACTOR = FACTOR, POSTFIX = POSTFIX, ATOM = ATOM }

-- After so many trees the clock is asked.
local PIECES = 2000

-- Write a tree: style has a writer for each tag; opts goes to the writers. `opts.on_time` is called now and then. Each array of
-- pieces is written up to a tree in it, then what that tree's writer gives, then on from there. A tree has a tag, an array of
-- pieces a first one; a string has neither.
function M.write(tree, style, opts)
  local arrays, places, depth, out, n = {}, {}, 0, {}, 0
  local on_time, written = opts and opts.on_time, 0
  local items, i = { tree }, 0
  while items do
    i = i + 1
    local item = items[i]
    local tag = item and item.tag
    if tag then
      written = written + 1
      if on_time and written % PIECES == 0 then
        on_time()
      end
      item = style[tag](item, style, opts)
      if item[1] then
        depth = depth + 1
        arrays[depth], places[depth] = items, i
        items, i, item = item, 0, nil
      end
    elseif not item then
      items, i = arrays[depth], places[depth]
      depth = depth - 1
    end
    if item then
      n = n + 1
      out[n] = item
    end
  end
  return table.concat(out)
end

-- Append a tree to pieces, in brackets if its level is below `least`.
function M.put(pieces, tree, least, style, opts)
  local n = #pieces
  if style.level(tree, opts) < least then
    pieces[n + 1], pieces[n + 2], pieces[n + 3] = style.open, tree, style.close
  else
    pieces[n + 1] = tree
  end
  return pieces
end
local put = M.put

-- A tree, in brackets unless it holds itself together, and a suffix.
function M.with_suffix(tree, suffix, style, opts)
  local pieces = put({}, tree, ATOM, style, opts)
  pieces[#pieces + 1] = suffix
  return pieces
end

-- A writer of trees joined by an operator; the first may be of a lower level than the others.
function M.joined(operator, least_first, least)
  return function(tree, style, opts)
    local pieces = put({ nil, nil, nil, nil, nil }, tree[1], least_first, style, opts)
    for i = 2, #tree do
      pieces[#pieces + 1] = operator
      put(pieces, tree[i], least, style, opts)
    end
    return pieces
  end
end

function M.write_sum(tree, style, opts)
  local pieces, signs = { nil, nil, nil, nil, nil }, tree.signs
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

--- Does the LaTeX of a tree begin with a digit? Then a juxtaposed number before it needs a dot.
function M.begins_with_digit(tree)
  while tree.tag == "power" or tree.tag == "product" do
    tree = tree[1]
  end
  return tree.tag == "number"
end

-- Templates ----------------------------------------------------------------------------------------------------------

local compiled = {}

--- A template as strings and argument numbers, with `level`, that of the result.
function M.compile(template)
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
    local raised = template:find "%^%b{}$" -- a second superscript would not fit behind it
    parts.level = closes and INFIX or (opens or raised) and POSTFIX or ATOM
    compiled[template] = parts
  end
  return parts
end

-- The name of a call: one that operators share is written as it is typed.
function M.name_of(tree, opts)
  local given = opts.formats and opts.formats[tree.name]
  return given and given.shown or tree.name
end

-- The template of an operator in a format; one for two arguments serves more: "%1 ⊗ %2 ⊗ %3".
function M.template_of(tree, format, opts)
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
  return M.compile(template)
end

--- Does an index or an exponent follow the i-th part of a template at once? Then an argument there must hold itself together.
function M.is_raised(parts, i)
  local follows = parts[i + 1]
  return type(follows) == "string" and follows:find "^[%^_']" ~= nil
end

-- A postfix such as ^{+} needs an argument that bears no superscript yet; infix operators take those that do.
function M.write_template(tree, parts, style, opts)
  local pieces = {}
  for i = 1, #parts do
    local part = parts[i]
    if type(part) == "string" then
      pieces[#pieces + 1] = part
    elseif tree[part] then
      local at_edge = i == 1 or i == #parts
      local least = M.is_raised(parts, i) and ATOM or not at_edge and SUM or parts.level == POSTFIX and ATOM or FACTOR
      put(pieces, tree[part], least, style, opts)
    end
  end
  return pieces
end

return M
