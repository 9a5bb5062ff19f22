--- Doubts: what in a text that fits tells that an undeclared letter is rather of another kind.
--
-- A doubt has the letter's name, the price of leaving the letter as it is, and why: for nabla.language.letter_kinds.
--
-- @module nabla.language.doubts

local later = require "nabla.text.later"
local letter_prices = require "nabla.language.letter_prices"

local trees = later.require "nabla.language.tree"
local words = later.require "nabla.language.words"

local M = {}

local ONE = 1 -- the dimension 1

local price = letter_prices.price

local function add(c, letter, cost, why)
  c:add("doubts", { name = letter.name, cost = cost, why = why })
end

-- Of the scalar letters of a sum of a scalar, in the notation of a program: np.sum(a * b) is of vectors.
local function summed(c, tree)
  trees.walk(tree, function(t)
    local letter = t.tag == "name" and c.types[t]
    if letter and letter.undeclared and letter.kind == "scalar" and not words.kind(letter.name) then
      add(c, letter, price.norm_of_scalar, "its norm or sum is taken")
    end
  end)
end

--- Of the i-th argument of a call, of the type `found`: a letter whose norm or sum is taken is a vector rather than a scalar, if it often
-- is one; so is any that a function of columns is applied to, diag(d). One that a function of square matrices is applied to, inv(x), is no
-- scalar.
function M.argument(c, ast, op, i, found)
  local p, letter = op.params[i], found.undeclared and found
  local of_shape = p.rows ~= p.cols
  local to_scalar = op.rows == ONE and op.cols == ONE
  if letter and of_shape and (to_scalar or p.cols == ONE and op.rows ~= ONE) then
    local often = letter_prices.columns[letter_prices.letter(letter.name)]
    if letter.kind == "scalar" and (often or not to_scalar) then
      local why = to_scalar and "its norm or sum is taken" or "a function of columns is applied to it"
      add(c, letter, price.norm_of_scalar, why)
    end
  elseif letter and not of_shape and p.rows ~= ONE and not op.same and c:habit_of(letter.name) == "vector" then
    letter.square = true
    if letter.kind == "scalar" then
      add(c, letter, price.norm_of_scalar, "a function of square matrices is applied to it")
    end
  elseif of_shape and to_scalar and c:is_scalar(found) and c.words then
    summed(c, ast.args[i])
  elseif of_shape and to_scalar and c:is_scalar(found) and ast.args[i].tag == "call" then
    c:assume(ast.pos, ("the argument of %s is a scalar"):format(ast.name)) -- sum(exp(a'*x))
  end
end

--- Of a vector letter, often a scalar, that is an exponent.
function M.exponent(c, letter)
  add(c, letter, price.exponent, "it is an exponent")
end

--- Of scalar letters among trees, which are transposed, or multiplied entry by entry.
function M.scalars(c, list, why)
  for _, tree in ipairs(list) do
    local t = c.types[tree.tag == "neg" and tree[1] or tree]
    if t.undeclared and t.kind == "scalar" then
      add(c, t, price.entries_of_scalar, why)
    end
  end
end

--- Of a letter that is the i-th factor of a product, or of the one before it: u in x'*u*x; a likely scalar among the factors;
-- a scalar behind a matrix or a row. `left` is the type of the factors before it.
function M.factor(c, ast, i, letter, left)
  local before, first = ast.args[i - 1], ast.args[i - 2]
  local middle = first and first.tag == "transpose" and first[1].name == letter.typed and c.types[before]
  if middle and middle.undeclared and middle.kind == "vector" and not middle.weak then
    middle.between = true
    add(c, middle, price.between, "it stands between a vector and its transpose")
  end
  if letter.weak then
    c:add_factor(letter.name, ast)
  elseif letter.kind == "scalar" and not c:is_scalar(left) and c:resolve(left.cols) ~= ONE then
    local often = letter.name == c.by or letter_prices.columns[letter_prices.letter(letter.name)]
    local where = c:resolve(left.rows) == ONE and "it stands behind a row" or "it stands behind a matrix"
    add(c, letter, often and price.column_behind_matrix or price.behind_matrix, where)
  end
end

--- The letter I alone is the identity that fits; I_n is that of size n.
function M.identity(c, ast, name)
  local index = name:match "^I_(.+)$"
  local tag = index and (index:find "^%d" and "number" or "name")
  local size = index and c:dimension { tag = tag, name = index, text = index, pos = ast.pos } or c:unknown(true)
  local t = { rows = size, cols = size, identity = true }
  c:assume(ast.pos, function()
    return string.format("%s is the identity matrix I(%s)", name, c.S:dimtext(c:resolve(size)))
  end)
  return t
end

return M
