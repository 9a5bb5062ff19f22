--- What a reading of a page costs: how unlikely it is that a page means a letter, or a sign, so.
--
-- nabla.page.search takes the cheapest reading that fits. The numbers are here and nowhere else; only their order
-- matters. What costs nothing is what a mathematician reads first.
--
-- @module nabla.page.prices

local greek = require "nabla.text.greek"

local M = {}

local function set(names)
  local found = {}
  for name in names:gmatch "%S+" do
    found[name] = true
  end
  return found
end

--- Letters that count.
M.counting = set "i j k l m n N ell"
--- Letters that are vectors by habit and often scalars.
M.often_scalars = set "h o p q r s t"
--- Capitals that are now and then scalars.
M.scalar_capitals = set "B C D J K L M T"
--- Greek letters that are often vectors.
M.greek_vectors = set "beta theta iota mu nu xi phi chi psi omega zeta"
--- Letters that are functions by custom, also before a sum or a product in brackets.
M.functions = set "f g h phi psi rho eta ell sigma J F varphi"
--- Letters that are factors before a sum or a product in brackets.
M.factors = set "lambda mu alpha beta gamma epsilon varepsilon a b c d e tau nu delta omega pi i j k l m n p q r s t"
--- Letters of what is observed, which are rather factors before a sum in brackets.
M.labels = set "y"
--- Capitals whose value is more likely a scalar, where they are functions.
M.scalar_valued = set "J L F V E H U T Phi Psi"
-- Letters, perhaps with an index, that before a bracket are functions with a name, by custom; `beside`: where another such
-- letter is, too.
local CUSTOMARY = {
  sigma = { name = "sigmoid", words = "the logistic function" },
  Phi = { name = "normcdf", words = "the distribution function of the normal distribution" },
  phi = { name = "normpdf", words = "the density of the normal distribution", beside = "Phi" },
  lambda_max = { name = "eigmax", words = "the largest eigenvalue" },
  lambda_min = { name = "eigmin", words = "the smallest eigenvalue" },
  sigma_max = { name = "spectralnorm", words = "the largest singular value" },
}
--- Letters that multiply what is in brackets behind them.
M.multipliers = set "lambda mu alpha beta gamma nu a b c k"

-- What letters of a class may be, and at what price: scalar, column, matrix.
local CLASSES = {
  scalar = { scalar = 0, column = 0.5, matrix = 4 },
  counting = { column = 0, scalar = 0.3, matrix = 3 },
  often_scalar = { column = 0, scalar = 0.4, matrix = 3 },
  time = { column = 0.1, scalar = 0.1, matrix = 3 },
  vector = { column = 0, scalar = 1.4, matrix = 3 },
  capital = { matrix = 0, column = 1.8, scalar = 2.6 },
  counting_capital = { matrix = 0, scalar = 0.3, column = 1.9 },
  scalar_capital = { matrix = 0, scalar = 1.2, column = 1.8 },
  greek = { scalar = 0, column = 1.2, matrix = 2.6 },
  greek_vector = { scalar = 0, column = 0.8, matrix = 2.75 },
  greek_capital = { matrix = 0, column = 2.5, scalar = 3 },
  bold = { column = 0, matrix = 2.6 },
  bold_capital = { matrix = 0, column = 2.5 },
  word = { scalar = 0, column = 1, matrix = 1.5 },
}

--- What a letter before a bracket is by custom, or nil: { name = a function, words =, beside = }.
function M.customary(name)
  return CUSTOMARY[greek.spelled(name)]
end

--- The letter of a name: that of x1, x_hat and xdot is x.
function M.letter(name)
  local base = greek.spelled(name):match "^(%a+)" or name
  local stem = base:match "^(.-)d?dot$"
  return stem and stem ~= "" and stem or base
end

--- The class of a name.
function M.class(name, bold)
  local letter = M.letter(name)
  local capital = letter:find "^%u" ~= nil
  if greek.small[letter] then
    return bold and "bold" or M.greek_vectors[letter] and "greek_vector" or "greek"
  elseif greek.capital[letter] then
    return bold and "bold_capital" or "greek_capital"
  elseif #letter > 1 then
    return bold and "bold" or "word"
  elseif bold then
    return capital and "bold_capital" or "bold"
  elseif capital then
    return M.counting[letter] and "counting_capital" or M.scalar_capitals[letter] and "scalar_capital" or "capital"
  elseif letter == "t" then
    return "time"
  elseif M.counting[letter] then
    return "counting"
  elseif M.often_scalars[letter] then
    return "often_scalar"
  end
  return letter:find "^[a-g]" and "scalar" or "vector"
end

--- The prices of the kinds of a class.
function M.kinds(class)
  return CLASSES[class]
end

--- Prices of what signs may mean, and of what changes a letter's price.
M.price = {
  transposed_scalar = 2.5, -- a transpose on a scalar letter
  plain_scalar = 0.35, -- a vector letter as a scalar, where nothing speaks of vectors
  beside_bold = 0.4, -- the same on a page that sets its vectors in bold type
  sandwiched_matrix = 0.1, -- a small letter between x^T and x as a matrix
  not_scalar = 0.2, -- a whole that is no scalar
  label = 0.5, -- a whole of another kind than the letter that names it

  transposed_whole = 2, -- a transpose on a scalar expression
  behind_row = 0.4, -- a scalar letter behind a row
  greek_behind_row = 1.3, -- a Greek one: x^T \\lambda is an inner product
  behind_matrix = 0.6, -- a scalar letter, or a value, behind a matrix
  variable_behind_matrix = 1.6, -- the variable that one differentiates by there
  value_behind_matrix = 0.7, -- the value of an unknown function there, as a scalar
  unlike_functions = 0.7, -- functions of a matrix, of which one has scalar values and another matrices
  column_behind_matrix = 1.2, -- an often vector letter there
  row_argument = 1, -- a row as the argument of a function
  column_beside_entries = 0.5, -- w_0 beside w_1, .., w_p as a column
  entry_as_argument = 0.6, -- x_i as the argument of an unknown function, as an entry
  sum_of_rows = 0.8, -- the body of a sum over an index that is no scalar
  pair_of_scalars = 1, -- an inner product of scalars
  natural_of_column = 0.5, -- e^x of a column
  next = 1.2, -- how much dearer a reading may be that stands for one whose sizes do not fit
  most = 3.0, -- what may be assumed in all, and more for each letter
  most_for_letter = 0.3,
  most_of_one = 2.8, -- what may be assumed of one letter

  spread_number = 0.4, -- a number beside a column
  spread = 1.6, -- another scalar beside a column
  power = 1.5, -- the power of a column, entry by entry
  power_of_brackets = 6, -- (a + b)^2 of a column: has no reading
  entrywise_of_scalar = 3.2, -- \odot beside a scalar letter
  quotient = 1.5, -- a quotient of columns, entry by entry
  quotient_by_matrix = 0.5, -- b/A
  entrywise = 0.35, -- a function of a column, entry by entry
  of_scalar = 2.5, -- a norm, a trace, a sum of a scalar
  length = 0.05, -- |x| of a column
  gradient_of_column = 0.7, -- \nabla before a function whose value is a column
  covariance_as_scalar = 2.6, -- Sigma in a normal density as a variance
  times_of_letters = 1.1, -- \times between two letters that are scalars: the cross product is likelier
  weak_factor = 0.5, -- a letter that counts as a vector or a matrix factor
  outer = 0.5, -- a column times a column: the outer product
  entry_function = 1, -- exp(X) entry by entry
  no_inner = 0.3, -- two transposes

  value = { -- the value of an unknown function, by the letter's class
    small = { scalar = 0, column = 0.3, matrix = 0.6 },
    vector = { column = 0, scalar = 0.1, matrix = 0.6 },
    bold = { column = 0, scalar = 0.6, matrix = 0.8 },
    capital = { matrix = 0, scalar = 0.5, column = 0.8 },
    scalar_capital = { scalar = 0, matrix = 0.5, column = 0.8 },
  },
  bare_function = 0.5, -- a function's letter without brackets
  factor_of_letter = 1.2, -- f(x) as a product
  factor_by_custom = 1, -- phi(a + b) as a product
  function_of_sum = 1.0, -- a(b + c) as a function
  label_of_sum = 1.6, -- y(b + c) as a function
  factor_before_product = 1.1, -- s(b c) as a product
  row_of_multipliers = 0.9, -- \lambda(A x - b) with a row of multipliers
  function_of_variable = 4, -- the variable that one differentiates by as a function

  family = { small = 0.4, bold = 0, capital = 0.2 }, -- a letter with a running index as one of many
  family_of_columns = 0.25, -- more, where capital letters are columns
  entries = { small = 0, bold = 1.2, capital = 0.6 }, -- as an entry
  family_of_variable = 1.5, -- more, where the letter is alone too, or is the variable
  names_of_pair = 0.8, -- A_{ij} as a name
  entries_of_digits = 0.5, -- A_{12} as an entry
}

return M
