--- Which kinds the undeclared letters of a text have: those of habit, or the cheapest others that fit.
--
-- A *reading* says of some letters what they are instead of what habit makes them. The readings are tried from the cheapest
-- on (nabla.language.letter_prices has the prices), and only those that change a letter of the place where the reading before
-- did not fit, or raised a doubt. The cheapest that fits is taken, and what it assumes is noted; two that cost the same
-- are an error that shows both. Where `habits` are switched off, only scalar letters become vectors.
--
-- Each change is noted, but that of a Latin scalar letter to a vector where the text shows it: in `A*x - b` the letter is added
-- to a vector, and no scalar fits.
--
-- @module nabla.language.letter_kinds

local counting = require "nabla.language.counting"
local later = require "nabla.text.later"
local letter_prices = require "nabla.language.letter_prices"
local errors = require "nabla.text.errors"
local greek = require "nabla.text.greek"
local notes = require "nabla.text.notes"

local program_words = later.require "nabla.language.words"
local spread = later.require "nabla.language.spread"
local trees = later.require "nabla.language.tree"

local M = {}

local MOST_CHANGES = 4 -- of letters whose change a note reports
local MOST_TRIES = 200
local LEAST_TRIES = 12
local WORK = 40000 -- parts of trees that all tries may visit together
local MOST_LETTERS = 24 -- that are changed next, of those at one place
local SAME = 1e-6 -- costs that differ by less are equal

local Search = {}
Search.__index = Search

-- ---------------------------------------------------------------------------------------------- one reading

local function infer_and_settle(c, ast)
  c:infer(ast)
  c:settle(ast)
end

-- Infer and settle with the kinds of a reading; true, or false and the error.
local function try(c, ast, kinds, counted)
  if c.kinds ~= kinds then
    c:start()
    c.kinds = kinds
  end
  local dims = c.scope.dims
  c.user_sizes = dims
  for name in next, counted do
    dims[name] = true
  end
  return errors.attempt(infer_and_settle, c, ast)
end

-- Add the undeclared letters of a tree to a list, which holds no letter twice, until there are as many as are changed.
local function add_letters(c, tree, list)
  if #list >= MOST_LETTERS then
    return
  elseif tree.name then
    local var = c:letter(tree.name)
    if var and not list[var] then
      list[var], list[#list + 1] = true, var
    end
  end
  for i = 1, #tree do
    add_letters(c, tree[i], list)
  end
  for i = 1, tree.args and #tree.args or 0 do
    add_letters(c, tree.args[i], list)
  end
  if tree.body then
    add_letters(c, tree.body, list)
  end
end

-- The undeclared letters in trees.
local function letters_in(c, list)
  local found = {}
  for i = 1, #list do
    add_letters(c, list[i], found)
  end
  return found
end

-- Does a product have a factor beside the letter of the name that is no number? So it is where the product is itself a
-- factor, as in (n/2)*logdet(S).
local function has_company(root, product, name)
  for _, arg in ipairs(product.args) do
    local plain = arg.tag == "name" and greek.spelled(arg.name) == name or arg.tag == "number"
    if not plain then
      return true
    end
  end
  local inside = false
  trees.walk(root, function(t)
    for _, arg in ipairs(t.tag == "product" and t.args or {}) do
      inside = inside or arg == product or arg.tag == "neg" and arg[1] == product
    end
  end)
  return inside
end

-- The likely scalars among the factors, where the whole is no scalar: letters.
local function factors_of(c, whole)
  local list = {}
  for name, product in pairs(not c:is_scalar(whole) and c.factors or {}) do
    list[#list + 1] = has_company(c.root, product, name) and name or nil
  end
  table.sort(list)
  return list
end

-- Does a scalar spread beside a letter that is a vector for this only? A + 1 is no sum of a column and ones.
local function bent(c, kinds)
  for name, kind in pairs(#c.spreads > 0 and kinds or {}) do
    if kind == "vector" and c:habit_of(name) == "matrix" then
      for _, item in ipairs(c.spreads) do
        if trees.find(item.sum, c:letter(name).typed) then
          return true
        end
      end
    end
  end
  return false
end

-- Is a vector letter that does not count a scalar in a reading? Then it is rather the others that are scalars too than a
-- number that spreads.
local function has_scalar(c, kinds)
  for name, kind in pairs(kinds) do
    local vector = kind == "scalar" and c:habit_of(name) == "vector"
    if vector and not letter_prices.counting[letter_prices.letter(name)] then
      return true
    end
  end
  return false
end

-- What a reading that fits costs beyond its changes.
local function doubt_cost(c, whole, kinds)
  local price, cost, by_name = letter_prices.price, 0, {}
  for _, doubt in ipairs(c.doubts) do
    by_name[doubt.name] = math.max(by_name[doubt.name] or 0, doubt.cost)
  end
  for _, each in pairs(by_name) do
    cost = cost + each
  end
  local dear = #c.spreads > 0 and has_scalar(c, kinds) and price.spread_other
  for _, item in ipairs(c.spreads) do
    cost = math.max(cost, dear or item.cost)
  end
  if not c:is_scalar(whole) then
    cost = cost + price.no_scalar + (#factors_of(c, whole) > 0 and price.factor or 0)
  end
  return cost
end

-- ---------------------------------------------------------------------------------------------- the next readings

-- The letters to change where a reading did not fit.
local function misfits(c)
  return c.misfit and letters_in(c, c.misfit) or c.letters
end

-- The letters that raise a doubt in a reading that fits.
local function doubtful(c, whole)
  local list = {}
  for _, doubt in ipairs(c.doubts) do
    add_letters(c, doubt, list)
  end
  for _, name in ipairs(factors_of(c, whole)) do
    add_letters(c, { name = name }, list)
  end
  for _, item in ipairs(c.spreads) do
    add_letters(c, item.term, list)
    add_letters(c, item.sum, list)
  end
  return list
end

-- The names that are terms of a sum, also transposed.
local function terms_of(root)
  local found = {}
  trees.walk(root, function(t)
    for _, arg in ipairs(t.tag == "sum" and t.args or {}) do
      local leaf = arg
      while leaf.tag == "neg" or leaf.tag == "transpose" do
        leaf = leaf[1]
      end
      if leaf.tag == "name" then
        found[leaf.name] = true
      end
    end
  end)
  return found
end

-- May a letter be of a kind, by how it is used in the text?
function Search:allows(var, kind)
  local c, name = self.c, var.name
  local habit = self.c:habit_of(name)
  if c.vectors[name] then
    return false
  elseif kind == "scalar" then
    return not self.transposed[name]
  elseif kind == "spread" then
    return c.may_spread
  elseif habit == "matrix" then
    self.terms = self.terms or terms_of(self.root)
    return self.terms[var.typed] or self.transposed[name]
  end
  return true
end

local NONE, VECTOR = {}, { { kind = "vector", cost = 1 } }

-- The alternatives of a letter's kind.
function Search:alternatives(var)
  if self.c.yields and self.c.words and letter_prices.counting[var.name] and self.c:habit_of(var.name) == "scalar" then
    return letter_prices.count
  elseif self.c.yields and var.square and self.c:habit_of(var.name) == "vector" then
    return letter_prices.square
  elseif self.c.yields then
    return var.between and letter_prices.between or letter_prices.alternatives(var.name, self.c.own_letters)
  end
  return self.c:habit_of(var.name) == "scalar" and VECTOR or NONE
end

local function is_small_greek(name)
  return greek.small[letter_prices.letter(name)] ~= nil
end

local function is_told(c, name, kind)
  return not (kind == "vector" and c:habit_of(name) == "scalar" and not is_small_greek(name))
end

-- The name of a reading: its changes, sorted.
local function key_of(kinds)
  local name, kind = next(kinds)
  if not name or not next(kinds, name) then
    return name and name .. " " .. kind or ""
  end
  local names = {}
  for each, its in pairs(kinds) do
    names[#names + 1] = each .. " " .. its
  end
  table.sort(names)
  return table.concat(names, ",")
end

-- Put the readings that change one letter more into the queue, which is sorted by cost.
function Search:branch(reading, letters)
  local queue = self.queue
  for i = 1, math.min(#letters, MOST_LETTERS) do
    local var = letters[i]
    for _, other in ipairs(reading.kinds[var.name] and {} or self:alternatives(var)) do
      local told = reading.told + (is_told(self.c, var.name, other.kind) and 1 or 0)
      if told <= MOST_CHANGES then
        local kinds = { [var.name] = other.kind }
        for name, kind in pairs(reading.kinds) do
          kinds[name] = kind
        end
        local key, cost = key_of(kinds), reading.cost + other.cost
        if not self.known[key] then
          self.known[key] = "waits"
          local place = #queue + 1
          while place > 1 and queue[place - 1].cost > cost + SAME do
            queue[place] = queue[place - 1]
            place = place - 1
          end
          queue[place] = { kinds = kinds, key = key, cost = cost, told = told, var = var, kind = other.kind }
        end
      end
    end
  end
end

-- ---------------------------------------------------------------------------------------------- the search

-- What a reading that has been tried is worth, and which to try after it.
function Search:weigh(reading, ok, err)
  local c = self.c
  self.last = reading
  self.known[reading.key] = ok and #c.spreads == 0 and "fits" or "does not fit"
  if not ok then
    if not errors.is_error(err) then
      error(err, 0) -- a limit of the engine, or a mistake of this program
    end
    self:branch(reading, misfits(c))
    return
  end
  local whole = c.types[self.root]
  if bent(c, reading.kinds) then
    return
  end
  reading.total = reading.cost + (c.yields and doubt_cost(c, whole, reading.kinds) or 0)
  if reading.total > reading.cost then
    self:branch(reading, doubtful(c, whole))
  end
  if not self.best or reading.total < self.best.total - SAME then
    self.best, self.rival = reading, nil
  elseif reading.total < self.best.total + SAME then
    self.rival = self.rival or reading
  end
end

-- What a reading has that another has not: "x a scalar and y a vector", and declarations.
local function difference(reading, other)
  local words, declarations = {}, {}
  for name, kind in pairs(reading.kinds) do
    if other.kinds[name] ~= kind then
      local plain = kind == "spread" and "scalar" or kind
      words[#words + 1] = name .. " a " .. plain
      declarations[#declarations + 1] = plain .. " " .. name .. (plain == "vector" and "(n)" or "")
    end
  end
  table.sort(words)
  table.sort(declarations)
  return table.concat(words, " and "), table.concat(declarations, ", ")
end

-- Two readings of the same cost.
function Search:stop_between(err)
  local a, b = difference(self.best, self.rival)
  local c, d = difference(self.rival, self.best)
  if c < a then
    a, b, c, d = c, d, a, b
  end
  error(
    errors.at {
      text = self.c.text,
      file = self.c.file,
      pos = err and err.pos or self.root.pos,
      message = ("two readings fit: %s, or %s"):format("with " .. a, "with " .. c),
      hint = ("declare what is meant: %s; or: %s"):format(b, d),
    },
    0
  )
end

local function size_of(root)
  local size = 0
  trees.walk(root, function()
    size = size + 1
  end)
  return size
end

-- The cheapest reading, with the context as it leaves it. What is wrong with the text by habit is raised.
function Search:run(err)
  local tries, most = 0, LEAST_TRIES
  while self.queue[1] and tries < most do
    local next_one = table.remove(self.queue, 1)
    if self.best and (not self.c.yields or next_one.cost > self.best.total + SAME) then
      break
    elseif self:allows(next_one.var, next_one.kind) then
      self:weigh(next_one, try(self.c, self.root, next_one.kinds, self.counted))
      tries = tries + 1
    end
    if tries == LEAST_TRIES then
      most = math.max(most, math.min(MOST_TRIES, WORK // size_of(self.root)))
    end
  end
  local best = self.best
  if not best then
    return false
  elseif self.rival and self.c.yields then
    self:stop_between(err)
  elseif self.last ~= best then
    try(self.c, self.root, best.kinds, self.counted)
  end
  return true
end

-- ---------------------------------------------------------------------------------------------- notes

-- Why a letter is not what habit makes it.
function Search:reason(name, kind)
  local c, without = self.c, {}
  for other, its in pairs(self.best.kinds) do
    without[other] = other ~= name and its or nil
  end
  local habit = c:habit_of(name)
  if self.known[key_of(without)] ~= "fits" and self.known[""] ~= "fits" then
    return ("a %s does not fit"):format(habit), true
  end
  for _, doubt in ipairs(self.doubts or {}) do
    if doubt.name == name then
      return doubt.why
    end
  end
  if kind == "scalar" and c:is_scalar(c.types[self.root]) then
    return "then the whole is one"
  end
  return ("a %s fits less well"):format(habit)
end

-- Does the text show that a letter is a vector: is it a term, a factor entry by entry, or an argument beside a part that is
-- no scalar and has no letter that has been changed?
function Search:is_shown(name)
  local c, shown = self.c, false
  local function is_letter(arg)
    while arg.tag == "neg" or arg.tag == "transpose" do
      arg = arg[1]
    end
    return arg.tag == "name" and c:letter(arg.name) and c:letter(arg.name).name == name
  end
  local function decides(arg)
    local decided = not is_letter(arg) and c.types[arg] and not c:is_scalar(c.types[arg])
    for _, var in ipairs(decided and letters_in(c, { arg }) or {}) do
      decided = decided and not self.best.kinds[var.name]
    end
    return decided
  end
  trees.walk(self.root, function(t)
    local args = (t.tag == "sum" or t.tag == "call") and t.args
      or t.tag == "product" and (t.ops[1] == ".*" or t.ops[1] == "./") and t.args
      or {}
    local here, decided = false, false
    for _, arg in ipairs(args) do
      here, decided = here or is_letter(arg), decided or decides(arg)
    end
    shown = shown or here and decided
  end)
  return shown
end

-- What has been assumed, as records of nabla.text.notes.
function Search:note(records)
  local c = self.c
  local function add(pos, text)
    records[#records + 1] = { pos = pos, text = text }
  end
  for _, var in ipairs(c.letters) do
    local kind = self.best.kinds[var.name]
    local reason, forced
    if kind and kind ~= "spread" then
      reason, forced = self:reason(var.name, kind)
      if forced and not is_told(c, var.name, kind) and self:is_shown(var.name) then
        reason = nil
      end
    elseif c.yields and var.kind == "vector" and self.transposed[var.name] and is_small_greek(var.name) then
      reason = "it is transposed"
    end
    if reason then
      add(var.pos, ("%s is read as a %s: %s"):format(var.typed, var.kind, reason))
    elseif c.words and program_words.kind(var.name) then
      add(var.pos, ("%s is read as a %s"):format(var.typed, var.kind))
    end
  end
  for _, item in ipairs(c.assumed) do
    add(item.pos, type(item.text) == "function" and item.text() or item.text)
  end
  spread.notes(c, add)
end

-- ---------------------------------------------------------------------------------------------- a text

-- Where nothing fits and no letter may yield: would a vector letter as a scalar?
local function hint_scalar(self, err)
  local c = self.c
  for _, var in ipairs(self.columns) do
    if try(c, self.root, { [var.name] = "scalar" }, self.counted) then
      local hint = "%s is taken for a vector; if it is a scalar, declare it: scalar %s"
      hint = hint:format(var.name, var.name)
      err.hint = err.hint and err.hint .. "; or: " .. hint or hint
      return
    end
  end
end

-- Is there nothing to change and nothing to tell in a reading that fits?
local function is_plain(c, ast)
  return not c.yields
    or c.spreads == c.doubts -- neither has an item
      and c.assumed == c.spreads
      and not c.greek_transposed
      and not c.words
      and (not next(c.factors) or c:is_scalar(c.types[ast]))
end

-- A letter has been taken for a size: so it is in the texts that follow.
local function keep_sizes(c)
  local dims = c.session.scope.dims
  for name in next, c.scope.dims do
    dims[name] = true
  end
end

--- Infer the types of a tree and settle its sizes, the undeclared letters read as what fits. What has been assumed is
-- then in `c.notes`, a list of nabla.text.notes or nil.
-- @tparam table c a new context with `habit`
-- @tparam table ast
function M.infer(c, ast)
  local counted, by_habit = {}, {}
  c.root, c.user_sizes, c.transposed, c.kinds = ast, counted, {}, by_habit
  counting.count_letters(c, ast, by_habit)
  if c.by_no_scalar then -- the variable is x' or x(i)
    c.transposed[c.by] = true
  end
  for name in next, c.arrays or {} do
    c.vectors[name] = c:habit_of(name) == "scalar" and not name:find "^%u" or nil
  end
  for name in next, c.transposed do
    if c:habit_of(name) == "scalar" then
      c.vectors[name] = true
      c.greek_transposed = c.greek_transposed or greek.small[letter_prices.letter(name)]
    end
  end
  local fits, err = try(c, ast, by_habit, counted)
  if fits and is_plain(c, ast) then
    return keep_sizes(c)
  end
  local self = setmetatable({
    c = c,
    root = ast,
    transposed = c.transposed,
    counted = counted,
    queue = {},
    known = {}, -- key of a reading -> "fits", by itself, without a scalar that spreads; or "does not fit"; or "waits"
  }, Search)
  self.doubts, self.columns = c.doubts, {}
  for _, var in ipairs(c.letters) do
    self.columns[#self.columns + 1] = var.kind == "vector" and c:habit_of(var.name) == "vector" and var or nil
  end
  self:weigh({ kinds = by_habit, key = "", cost = 0, told = 0 }, fits, err)
  if (self.queue[1] or not self.best) and not self:run(err) then
    if not c.yields then
      hint_scalar(self, err)
    end
    error(err, 0)
  end
  keep_sizes(c)
  local records = {}
  self:note(records)
  c.notes = notes.list(records)
end

return M
