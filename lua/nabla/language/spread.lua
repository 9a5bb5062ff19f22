--- Scalars that spread: 1 + x of a column x is ones(n) + x.
--
-- In a sum with a column or a row a scalar goes with each entry. Beside any other matrix it does not: there 1 may mean
-- ones(n,n) or I(n). A scalar letter that nobody declared does not spread by itself, it is rather a vector: see
-- nabla.language.letter_kinds.
--
-- @module nabla.language.spread

local later = require "nabla.text.later"
local letter_prices = require "nabla.language.letter_prices"
local scopes = require "nabla.language.scope"

local trees = later.require "nabla.language.tree"

local M = {}

local ONE = 1 -- the dimension 1
local LONGEST = 40 -- bytes of a term that a note shows

--- Of two types, of which one is that of a scalar: the other, if it is that of a column or row and scalars may spread. In the notation
-- of a program (`spreads`) it may be that of any matrix.
function M.line(c, left, right, spreads)
  local t = c:is_scalar(left) and right or left
  if spreads then
    return c.may_spread and t or nil
  end
  return c.may_spread and (c:resolve(t.rows) == ONE or c:resolve(t.cols) == ONE) and t or nil
end

-- Is a term a product of undeclared vectors and matrices and of nothing else, as x'*A*x? Such a scalar beside a column is rather
-- a mistake; mean(x) is not.
local function is_bare_product(c, term)
  local vectors, others = false, false
  trees.walk(term, function(t)
    local var = t.tag == "name" and c:letter(t.name)
    local is_vector = var and var.kind ~= "scalar"
    others = others or t.tag == "call" or t.tag == "name" and not is_vector
    vectors = vectors or is_vector
  end)
  return vectors and not others
end

--- May the terms from one place to another, all scalars, spread beside a column or row?
function M.may(c, args, from, to)
  for i = from, to do
    local term = args[i].tag == "neg" and args[i][1] or args[i]
    local t = c.types[term]
    if t.undeclared and c.kinds[t.name] ~= "spread" or is_bare_product(c, term) then
      return false
    end
  end
  return true
end

-- Does a tree hold the product of a row and a column as a factor or a term, as w'*x and w'*x + b?
local function holds_inner_product(tree)
  local is_product = tree.tag == "product"
  for i, arg in ipairs((is_product or tree.tag == "sum") and tree.args or tree.tag == "neg" and tree or {}) do
    if is_product and arg.tag == "transpose" and i < #tree.args or holds_inner_product(arg) then
      return true
    end
  end
  return false
end

--- Does a tree hold a column times an inner product, as 1 - y*w'*x? A number beside it tells that y is rather a scalar.
-- @tparam table tree of a text or a page
-- @tparam function is_column may a name be a column that nobody declared?
function M.has_label(tree, is_column)
  local first = tree.tag == "product" and tree.args[1] or tree.tag == "apply" and tree.head
  first = first and first.tag == "neg" and first[1] or first
  local whole = tree.tag == "apply" and #tree.args == 1 and tree.args[1] or tree
  if first and first.tag == "name" and is_column(first.name) and holds_inner_product(whole) then
    return true
  end
  for _, part in pairs(tree) do
    if type(part) == "table" and M.has_label(part, is_column) then
      return true
    end
  end
  return false
end

-- Add the names that make a tree a column or a matrix, not those of its scalars: C of C*sum(w).
local function names_of_shape(c, tree, set)
  local t = c.types[tree]
  if t and c:is_scalar(t) then
    return
  elseif tree.tag == "name" then
    set[tree.name] = true
  end
  for i = 1, #tree do
    names_of_shape(c, tree[i], set)
  end
  for i = 1, tree.args and #tree.args or 0 do
    names_of_shape(c, tree.args[i], set)
  end
  if tree.body then
    names_of_shape(c, tree.body, set)
  end
end

-- What it costs that a term spreads beside the others.
local function price_of(c, tree, others, labelled)
  local names, numeric = trees.names(tree), true
  for name in pairs(names) do
    local var = c:letter(name)
    if var and var.kind == "scalar" then
      return letter_prices.price.spread_other
    end
    numeric = numeric and not var
  end
  if numeric then
    return labelled and letter_prices.price.spread_other or letter_prices.price.spread_number
  end
  for name in pairs(names) do
    if c:letter(name) and others[name] then
      return letter_prices.price.spread_own
    end
  end
  return letter_prices.price.spread_other
end

--- The type of a sum of scalars and of columns (or rows) of the type `like`; it is remembered which terms spread.
function M.type(c, ast, like)
  local spread, first, others, cost, labelled = {}, nil, {}, 0, false
  local function is_column(name)
    local letter = c:letter(name)
    return letter and letter.undeclared and letter.kind == "vector"
  end
  for i, arg in ipairs(ast.args) do
    if c:is_scalar(c.types[arg]) then
      spread[i], first = true, first or arg
    else
      names_of_shape(c, arg, others)
      labelled = labelled or M.has_label(arg, is_column)
    end
  end
  for i in pairs(spread) do
    cost = math.max(cost, price_of(c, ast.args[i], others, labelled))
  end
  c:add("spreads", { sum = ast, term = first, like = like, cost = cost })
  return { rows = like.rows, cols = like.cols, spread = spread }
end

local function text_of(tree)
  local text = trees.text(tree)
  return #text <= LONGEST and text or nil
end

-- A text as a factor, in brackets where it needs them.
local function as_factor(text)
  return (text:find "[ ]" and "(" .. text .. ")" or text) .. "*"
end

--- Notes on the scalars that have spread, one for each size.
-- @tparam table c the context, settled
-- @tparam function add called with the place and the text of a note
function M.notes(c, add)
  local told = {}
  for _, item in ipairs(c.spreads) do
    local rows, cols = c:resolve(item.like.rows), c:resolve(item.like.cols)
    local ones = rows == ONE and ("ones(1,%s)"):format(c.S:dimtext(cols))
      or cols == ONE and ("ones(%s)"):format(c.S:dimtext(rows))
      or ("ones(%s,%s)"):format(c.S:dimtext(rows), c.S:dimtext(cols))
    if not told[ones] then
      told[ones] = true
      local text = text_of(item.term)
      local message = not text and ("a scalar beside a %s goes with each entry, as its multiple of %s"):format(
        rows == ONE and "row" or cols == ONE and "column" or "matrix",
        ones
      ) or ("%s stands for %s%s"):format(text, text == "1" and "" or as_factor(text), ones)
      add(item.term.pos, message)
    end
  end
end

--- What may be meant by a matrix and a scalar as terms of a sum.
-- @tparam Context c
-- @tparam table small the tree of the scalar
-- @tparam string times the scalar as a factor, `s*`
-- @tparam string rows the sizes of the matrix
-- @tparam string cols
function M.hint(c, small, times, rows, cols)
  local hint = ("did you mean %sones(%s,%s) or %sI(%s)?"):format(times, rows, cols, times, rows)
  if small.tag == "name" and not scopes.lookup(c.declaring, small.name) then -- a bias, where examples are rows
    local row = "; a row that goes to each row: ones(%s)*%s, of matrix %s(1,%s)"
    hint = hint .. row:format(rows, small.name, small.name, cols)
  end
  return hint
end

return M
