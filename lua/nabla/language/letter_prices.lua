--- Customary letters: what a letter that nobody declared may be, beside the kind of its habit, and at what price.
--
-- nabla.language.letter_kinds looks for the reading of a text that is cheapest; the prices are here and nowhere else. The
-- habit (nabla.language.habit) costs nothing. A price says how unlikely it is that a page means a letter so: fewer
-- changes are always cheaper than more, and of two equal numbers of changes that of the likelier letters is.
--
-- @module nabla.language.letter_prices

local greek = require "nabla.text.greek"
local later = require "nabla.text.later"

local words = later.require "nabla.language.words"
local habit_of = require("nabla.language.habit").kind

local M = {}

local function set(names)
  local found = {}
  for name in names:gmatch "%S+" do
    found[name] = true
  end
  return found
end

--- Letters that count: scalars rather than a vector, or a matrix, wherever that makes a scalar of the whole.
M.counting = set "i j k l m n N"
--- Letters that are vectors by habit and often scalars.
M.scalars = set "h o p q r s t"
--- Letters that are matrices by habit and now and then scalars. No other capital becomes one.
M.capitals = set "C D J K L M T"
--- Letters that are scalars by habit and often vectors: behind a matrix they are vectors rather than scalars.
M.columns = set "a b c beta theta iota mu nu xi phi chi psi omega zeta"

M.price = {
  counting = 0.3, -- a letter that counts as a scalar
  scalar = 0.6, -- an often scalar letter as a scalar
  vector_as_scalar = 1.4, -- another vector letter as a scalar
  latin_as_vector = 0.5, -- a..g as a vector
  greek_as_vector = 0.8, -- a Greek letter that is often a vector as one
  other_greek_as_vector = 1.2, -- another Greek letter as a vector
  matrix_as_scalar = 1.2, -- an often scalar capital as a scalar
  matrix_as_vector = 1.8, -- a capital as a vector

  vector_as_square = 2, -- x in inv(x) as a matrix
  vector_as_matrix = 1, -- u in x'*u*x as a matrix

  spread_number = 0.5, -- a number, or a declared scalar, beside a column
  spread_own = 0.8, -- a scalar made of the letters of the column: x - mean(x)
  spread_other = 1.6, -- any other scalar
  behind_matrix = 0.6, -- a scalar letter behind a matrix: X*c
  column_behind_matrix = 3.2, -- an often vector letter there: X*beta
  exponent = 1.2, -- an often scalar letter, a vector, as an exponent
  between = 3.2, -- u in x'*u*x as a vector
  norm_of_scalar = 3.2, -- a norm, or a sum, of a scalar letter
  entries_of_scalar = 3.2, -- a scalar letter multiplied entry by entry by a scalar, or transposed in a sum
  factor = 1, -- a whole that is no scalar, where an often scalar letter is a factor
  no_scalar = 0.2, -- a whole that is no scalar
}

local price = M.price

--- The letter of a name: that of `x1` and `x_k` is x, that of `μ_2` is mu.
function M.letter(name)
  local base = greek.spelled(name):match "^%a+"
  return base
end

local function vector_or_spread(cost)
  return { { kind = "vector", cost = cost }, { kind = "spread", cost = price.spread_other } }
end

local function scalar(cost)
  return { { kind = "scalar", cost = cost } }
end

local LATIN = vector_or_spread(price.latin_as_vector)
local GREEK_COLUMN = vector_or_spread(price.greek_as_vector)
local GREEK = vector_or_spread(price.other_greek_as_vector)
local COUNTING, SCALAR = scalar(price.counting), scalar(price.scalar)
local VECTOR, CAPITAL = scalar(price.vector_as_scalar), scalar(price.matrix_as_scalar)
local MATRIX = { { kind = "vector", cost = price.matrix_as_vector } }
CAPITAL[2] = MATRIX[1]

--- What a vector letter between a vector and its transpose may be.
M.between = { { kind = "matrix", cost = price.vector_as_matrix } }

--- What a letter may be that a function of square matrices is applied to, beside a vector.
M.square = { { kind = "scalar", cost = price.vector_as_scalar }, { kind = "matrix", cost = price.vector_as_square } }

--- What a letter that counts may be in a program, where it is a scalar by habit.
M.count = LATIN

--- What a letter may be beside its habit.
-- @tparam string name
-- @tparam[opt] table own what rule files say of letters (nabla.language.scope)
-- @treturn {table,...} { kind = "scalar", "vector" or "spread" (a scalar that goes with each entry of a column), cost = }
function M.alternatives(name, own)
  local letter, habit = M.letter(name), habit_of(name, own)
  local word = not habit and words.kind(name)
  if word then
    return word == "scalar" and LATIN or word == "vector" and SCALAR or MATRIX
  elseif habit == "scalar" then
    return not greek.small[letter] and LATIN or M.columns[letter] and GREEK_COLUMN or GREEK
  elseif own and habit ~= habit_of(name) then -- what a file says yields as late as can be
    return habit == "vector" and VECTOR or MATRIX
  elseif M.counting[letter] then
    return COUNTING
  elseif habit == "vector" then
    return M.scalars[letter] and SCALAR or VECTOR
  end
  return greek.capital[letter] and {} or M.capitals[letter] and CAPITAL or MATRIX
end

--- Letters, vectors or matrices by habit, that are likely scalars where they are factors: a set of names.
M.weak = set "i j k l m n N h o p q r s t"

return M
