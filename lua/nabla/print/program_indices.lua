--- Entries, members of families and counted sums in the notation of a program: A[i - 1, 0], x[i - 1], sum(.. for i in range(1, n + 1)).
--
-- A notation says which brackets an index has and from which number it counts; a sum is a form with %1 for the counter, %2 and %3 for
-- the ends, %4 for the body. `%3 + 1` in a form is the argument and one, which is added up: range(1, 4).
--
-- @module nabla.print.program_indices

local display = require "nabla.print.display"
local writing = require "nabla.print.writing"

local M = {}

local put = writing.put
local SUM = writing.levels.SUM

--- A tree and a number: 2 and 1 is 3, i - 1 and 1 is i.
-- @tparam table tree
-- @tparam integer by
-- @treturn table
function M.shifted(tree, by)
  if by == 0 then
    return tree
  elseif tree.tag == "number" and tree.text:find "^%d+$" and #tree.text < 10 then
    local n = math.tointeger(tree.text) + by
    return n < 0 and display.neg(display.number(tostring(-n))) or display.number(tostring(n))
  end
  local items, signs, last = {}, {}, by
  for i, term in ipairs(tree.tag == "sum" and tree or { tree }) do
    local sign = tree.tag == "sum" and tree.signs[i] or 1
    if term.tag == "number" and term.text:find "^%d+$" and #term.text < 10 then
      last = last + sign * math.tointeger(term.text)
    else
      items[#items + 1], signs[#signs + 1] = term, sign
    end
  end
  if last ~= 0 then
    items[#items + 1], signs[#signs + 1] = display.number(tostring(math.abs(last))), last < 0 and -1 or 1
  end
  return (#items > 1 or signs[1] < 0) and display.sum(items, signs) or items[1]
end

local function in_brackets(pieces, list, brackets, by)
  pieces[#pieces + 1] = brackets[1]
  for i, index in ipairs(list) do
    pieces[#pieces + 1] = i > 1 and ", " or nil
    pieces[#pieces + 1] = M.shifted(index, by)
  end
  pieces[#pieces + 1] = brackets[2]
  return pieces
end

--- An entry.
function M.entry(indices)
  return function(tree, style, opts)
    local pieces = put({}, tree[1], writing.levels.ATOM, style, opts)
    return in_brackets(pieces, { tree[2], tree[3] }, indices.brackets, indices.from - 1)
  end
end

--- A member of a family: the first one has the first number of the notation.
function M.member(indices)
  return function(tree, style, opts)
    local by = indices.from - (tree.from_zero and 0 or 1)
    local brackets = indices.members or indices.brackets
    return in_brackets({ style.name(tree.base, style, opts) }, { tree[1], tree[2] }, brackets, by)
  end
end

-- The first form of a list whose conditions hold of the body.
local function fitting(sums, kind)
  for _, sum in ipairs(sums) do
    local fits = true
    for _, condition in ipairs(sum.when or {}) do
      fits = fits and condition.argument == 4 and condition.kind == kind
    end
    if fits then
      return sum.form
    end
  end
end

--- A counted sum by the first form that fits, or what `refuse` raises.
function M.counted(sums, refuse)
  return function(tree, _, opts)
    local form = fitting(sums, opts.kind(tree[3])) or refuse()
    local args, pieces = { tree.counter, tree[1], tree[2], tree[3] }, {}
    local parts = writing.compile(form)
    for i, part in ipairs(parts) do
      local one_more = type(part) == "number" and type(parts[i + 1]) == "string" and parts[i + 1]:find "^ %+ 1"
      if type(part) == "number" then
        put(pieces, one_more and M.shifted(args[part], 1) or args[part], SUM, opts.theme.text, opts)
      else
        pieces[#pieces + 1] = type(parts[i - 1]) == "number" and part:gsub("^ %+ 1", "") or part
      end
    end
    return pieces
  end
end

return M
