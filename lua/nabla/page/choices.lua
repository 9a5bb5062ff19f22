--- The readings of trees of a page: the choices of kinds with which they fit, the cheapest first, and what such a choice makes
-- of them.
--
-- @module nabla.page.choices

local core = require "nabla.core"
local Reading = require "nabla.page.reading"
local counters = require "nabla.page.counters"
local letters = require "nabla.page.letters"
local matrix_functions = require "nabla.page.matrix_functions"
local families = require "nabla.language.families"
local scopes = require "nabla.language.scope"
local prices = require "nabla.page.prices"
local search = require "nabla.page.search"
local trees = require "nabla.latex.trees"
local vocabulary = require "nabla.latex.vocabulary"
require "nabla.page.calls"
require "nabla.page.densities"
require "nabla.page.norms"
require "nabla.page.products"

local M = {}

local ONE = core.constants.one -- the dimension 1

local VECTOR = { scalar = "scalar", column = "vector", row = "row", matrix = "matrix" }

-- ---------------------------------------------------------------------------------------------- before the choice

-- (\nu^k)^T: an index above a letter that is transposed is part of its name.
local function named(tree)
  if type(tree) ~= "table" then
    return tree
  end
  local inner = tree.tag == "transpose" and tree[1]
  if inner and inner.tag == "power" and inner.paren and inner[1].tag == "name" and inner[2].tag == "name" then
    local base, index = inner[1].name, inner[2].name
    if vocabulary.index_letters[index] then
      tree[1] = trees.sub(base, base .. "_" .. index, index, { inner[2] }, inner.pos)
    end
  end
  for key, part in pairs(tree) do
    tree[key] = named(part)
  end
  return tree
end

-- The small letters of which a sum has both x and x', or x^*: x' is another letter. Declared are columns at most.
local function primed_letters(list, scope)
  local bare, primed, found = {}, {}, {}
  local function term(tree, into, into_primed)
    local inner = tree.tag == "neg" and tree[1] or tree
    local letter = inner.tag == "transpose" and (inner.prime or inner.star) and inner[1] or inner
    local name = letter.tag == "name" and letter.name
    local var = name and scopes.lookup(scope, name)
    if name and name:find "^%l" and not (var and (var.cols ~= ONE or var.rows == ONE)) then
      (letter == inner and into or into_primed)[name] = true
    end
  end
  local function walk(tree)
    if type(tree) ~= "table" then
      return
    elseif tree.tag == "sum" then
      bare, primed = {}, {}
      for _, arg in ipairs(tree.args) do
        term(arg, bare, primed)
      end
      for name in pairs(primed) do
        found[name] = bare[name] or found[name]
      end
    end
    for _, part in pairs(tree) do
      walk(part)
    end
  end
  walk(list)
  return found
end

-- Make letters with a prime that are letters of their own names, x_prime, and give the notes on them.
local function with_primes(list, from, scope)
  local known, notes = primed_letters(list, scope), {}
  local told = {}
  local function renamed(tree)
    if type(tree) ~= "table" then
      return tree
    end
    local letter = tree.tag == "transpose" and (tree.prime or tree.star) and tree[1].tag == "name" and tree[1].name
    if known[letter] then
      local name = letter .. (tree.star and "_star" or "_prime")
      if not told[name] then
        told[name] = true
        local shown = letter .. (tree.star and "^*" or "'")
        notes[#notes + 1] = { pos = tree.pos, text = ("%s is a letter of its own, %s"):format(shown, name) }
        from.bold[name] = from.bold[letter]
      end
      return trees.name(name, tree.pos)
    end
    for key, part in pairs(tree) do
      tree[key] = renamed(part)
    end
    return tree
  end
  if next(known) then
    renamed(list)
  end
  return notes
end

-- Is a letter with an index one of a family? Then scalars with an index are families too.
local function with_families(choices, roles)
  for _, choice in ipairs(choices) do
    if (roles[choice.name] or {}).subs == "family" then
      return true
    end
  end
  return false
end

-- ---------------------------------------------------------------------------------------------- the choice of kinds

--- Find the readings of some trees together.
-- @tparam table session
-- @tparam {table,...} list trees of the parser
-- @tparam table from `scope`, `bold`, `placeholder(what, pos)`, `stop(pos, message, hint)`, `variable`, `wanted` (kinds of the
-- wholes: tree -> kind), `habits` (false: no letter yields, no scalar spreads), `spread` (false: no scalar spreads),
-- `options` (`plain_scalars`, `entrywise`, `outer`), `free` (the trees whose kind costs nothing), `counters` (the set of names that
-- count in sums around the trees)
-- @return a table with `read(choice)`, which gives the reader, the trees, their kinds, and `open`: has a letter more kinds than
-- one?; and the choices that fit, the cheapest first; nil and the misfit of the first try where none fits
function M.found(session, list, from)
  for i, tree in ipairs(list) do
    list[i] = named(tree)
  end
  local scope = from.scope or session.scope
  local primes = with_primes(list, from, scope)
  local of_a_matrix = matrix_functions.of(session)
  local facts = letters.facts(list, of_a_matrix)
  local options = from.options or {}
  local choice_from = {
    bold = from.bold,
    variable = from.variable,
    scope = scope,
    plain_scalars = options.plain_scalars,
    habits = from.habits,
    own_letters = session.letters,
    family = function(base)
      return families.lookup(scope, base .. "_")
    end,
    declared = function(name)
      local op = session.ops[name]
      return scopes.lookup(scope, name) or op and not op.gone and #op.params == 0
    end,
  }
  local choices = letters.choices(facts, choice_from)
  local arrays = {}
  for name, base in pairs(facts.bases) do
    arrays[name] = base.array
  end
  local function reader(roles, lenient)
    return setmetatable({
      session = session,
      scope = scope,
      roles = roles,
      array = arrays,
      bold = from.bold,
      turned = facts.turned,
      sizes = facts.sizes,
      dots = facts.dots,
      counters = from.counters and setmetatable({}, { __index = from.counters }) or {}, -- name -> the sum
      ranges = {},
      functions = {},
      told_family = {},
      value_kinds = {},
      notes = table.move(primes, 1, #primes, 1, {}),
      price = 0,
      placeholder = from.placeholder,
      stop = from.stop,
      lenient = lenient,
      of_a_matrix = of_a_matrix,
      norm_names = vocabulary.norm_names,
      entrywise = options.entrywise,
      outer = options.outer,
      numbers_beside_matrices = options.numbers_beside_matrices,
      variable = from.variable,
      letters = facts.letters,
      with_families = with_families(choices, roles),
      may_spread = from.habits ~= false and from.spread ~= false,
      strict_derivatives = from.strict_derivatives,
      layout = from.layout or session.layout,
    }, Reading)
  end
  local function read(roles, lenient)
    local self, out, kinds = reader(roles, lenient), {}, {}
    for i, tree in ipairs(list) do
      kinds[i], out[i] = self:read(tree)
      local wanted = from.wanted and from.wanted[tree]
      if wanted then
        self:pay(kinds[i] and kinds[i] ~= wanted and prices.price.label or 0)
      elseif kinds[i] ~= "scalar" and not (from.free and from.free[tree]) then
        self:pay(prices.price.not_scalar)
      end
    end
    local value
    for _, f in pairs(self.functions) do
      if f.kind == "matrix" and not f.var then
        self:pay(value and value ~= f.value and prices.price.unlike_functions or 0)
        value = value or f.value
      end
    end
    return self, out, kinds
  end
  local first
  local function try(roles)
    local ok, self = pcall(read, roles)
    if ok then
      return self.price
    elseif type(self) == "table" and self.misfit then
      first = first or self
      return nil, reader(roles):names_in(self.misfit, {})
    end
    error(self, 0)
  end
  local found = search.cheapest(choices, try, facts.size)
  local solution = { choices = choices, facts = facts, read = read, dear = {}, open = false }
  for _, choice in ipairs(choices) do
    solution.open = solution.open or choice.letter ~= nil and #choice.roles > 1
  end
  -- A price is of what is assumed: where all letters are declared nothing is.
  local limit = not solution.open and math.huge or prices.price.most + prices.price.most_for_letter * #facts.order
  for i = #found, 1, -1 do
    local dear = found[i].price > limit
    for _, role in pairs(found[i].roles) do
      dear = dear or solution.open and role.price > prices.price.most_of_one and role.called ~= "function"
    end
    if dear then
      table.insert(solution.dear, 1, table.remove(found, i))
    end
  end
  if #found == 0 then
    local roles = {}
    for _, choice in ipairs(choices) do
      roles[choice.name] = choice.roles[1]
    end
    solution.roles = roles
    return solution, nil, first
  end
  return solution, found
end

-- The notes on the letters that are not what their habit says.
local function tell_letters(self, solution, roles)
  for _, choice in ipairs(solution.choices) do
    local role, letter = roles[choice.name], choice.letter
    local bare = letter and letter.name:match "^(.-)_bar$" -- a mean?
    if bare and bare ~= "" and solution.facts.letters[bare] then
      self:tell(letter, ("%s is a letter of its own, no function of %s"):format(letter.name, bare))
    end
    local dotted = letter and letter.name:match "^(.-)d?dot$"
    if dotted and dotted ~= "" and solution.facts.letters[dotted] then
      self:tell(letter, ("%s is a letter of its own, no derivative of %s"):format(letter.name, dotted))
    end
    local only = letter and letter.only
    local array = only and only.subs ~= "names" and only.count == 1 and letter.name:find "^%u" ~= nil
    if array and (roles[only.base] or {}).subs == "entries" and not self.bold[letter.name] then
      self:tell(letter, ("%s_i are the entries of a vector %s"):format(letter.name, letter.name))
    end
    if letter and not (only and only.subs ~= "names") and role.called == "factor" then
      local class = prices.class(letter.name, self.bold[letter.name])
      local usual = prices.kinds(class)[role.kind]
      if not usual or usual > 0 then
        local kind = role.kind == "column" and "vector" or role.kind
        self:tell(letter, ("%s is read as a %s"):format(letter.name, kind))
      end
    elseif letter and role.called == "function" and self.functions[letter.name] then
      local kind = role.kind == "column" and "vector" or role.kind
      self:tell(letter, ("%s(..) is a function that is not known; its value is a %s"):format(letter.name, kind))
    end
  end
end

--- What remains of a solution for the elaboration: trees, kinds, functions, notes.
-- @tparam table session
-- @tparam table solution of `solve`
-- @tparam table roles
-- @tparam[opt] boolean lenient what does not fit stays as it is
function M.finish(session, solution, roles, lenient)
  local self, out, wholes = solution.read(roles, lenient)
  if self.square_of_column and not lenient then
    self:refuse(
      self.square_of_column,
      "the square of a column in brackets has two meanings",
      "\\|v\\|^2 is its length, v \\odot v entry by entry"
    )
  end
  local kinds = {}
  for _, choice in ipairs(solution.choices) do
    local role = roles[choice.name]
    if choice.letter and role.kind and not self.functions[choice.name] then
      kinds[choice.name] = VECTOR[role.kind]
    end
  end
  local function counts_points(name) -- a letter that nothing declares, and no vector
    local known = kinds[name] or self.sizes[name]
    if not known and not next(session.scope.vars) then -- of an earlier text
      known = scopes.is_dimension(self.scope, name)
    end
    local free = not scopes.lookup(self.scope, name) and known and not self.turned[name]
    if free then
      kinds[name] = nil
      self:tell(out[1], ("%s is how many points there are"):format(name))
    end
    return free
  end
  for _, tree in ipairs(out) do
    counters.complete(tree, self, counts_points, function(name, i)
      local var = scopes.lookup(self.scope, name)
      local family = var and var.family
      if family then
        local count = family.counts[family.indices == 1 and family.counts[1] == 1 and 2 or i]
        return session.S:dimname(count)
      end
      local d = var and (i == 1 and (var.rows ~= 1 and var.rows or var.cols) or var.cols)
      return d and session.S:dimname(d)
    end)
  end
  self:complete_ranges()
  tell_letters(self, solution, roles)
  return {
    trees = out,
    kinds = kinds,
    functions = self.functions,
    notes = self.notes,
    wholes = wholes,
    changed = self.changed,
  }
end

return M
