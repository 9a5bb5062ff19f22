--- Names of more than one letter in the notation of a program, such as `weights`, `log_var` or `n_samples`, that nobody declared.
--
-- A program has words where a page has letters. What a word is by habit is said here; like a letter it yields to what fits, and it
-- is always told.
--
-- @module nabla.language.words

local habit = require "nabla.language.habit"

local M = {}

-- Words that stand for numbers in programs: weights of penalties, learning rates, widths, temperatures.
local NUMBERS = {}
local LIST = "lam lamb lmbda lambd reg eps epsilon alpha beta gamma delta tau eta rho kappa lr dt tol temp "
  .. "temperature scale step margin noise bias offset learning_rate weight_decay regularization momentum dim batch bs "
  .. "length strength"
for word in LIST:gmatch "%S+" do
  NUMBERS[word] = true
end

--- Is a word a number by its form: n_samples, batch_size, learning_rate, sigma2?
local function is_number(word)
  return NUMBERS[word]
    or NUMBERS[word:match "^(.-)_?%d*$"]
    or word:find "^n_%a" ~= nil
    or word:find "^num_%a" ~= nil
    or word:find "_size$" ~= nil
    or word:find "_rate$" ~= nil
    or word:find "^sigma_?2$" ~= nil
end

--- What a word is by habit; nil where the name is a letter, which has a habit of its own.
-- @tparam string name
-- @treturn string|nil "scalar", "vector" or "matrix"
function M.kind(name)
  if habit.kind(name) or not name:find "^[%a_][%w_]+$" then
    return nil
  end
  return is_number(name) and "scalar" or name:find "^_*%u" and "matrix" or "vector"
end

-- Letters that count, scalars in a program.
local COUNTING = {}
for letter in ("i j k l m n N"):gmatch "%S" do
  COUNTING[letter] = "scalar"
end

--- What an undeclared name is by habit in the notation of a program.
-- @tparam string name
-- @tparam[opt] table own what rule files say of letters
function M.habit(name, own)
  return not (own and own[name]) and COUNTING[name] or habit.kind(name, own) or M.kind(name)
end

return M
