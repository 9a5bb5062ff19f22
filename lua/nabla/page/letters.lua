--- The letters of a page that nobody declared, and what each may be: kinds, functions, entries, members of a family.
--
-- A role is { kind = "scalar", "column" or "matrix", called = "factor", "function", "customary" or "entry", subs = "names",
-- "entries" or "family", price = }. What each costs is in nabla.page.prices.
--
-- @module nabla.page.letters

local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"
local habit_of = require("nabla.language.habit").kind
local greek = require "nabla.text.greek"
local prices = require "nabla.page.prices"
local vocabulary = require "nabla.latex.vocabulary"

local M = {}

local price = prices.price

-- ---------------------------------------------------------------------------------------------- what is where

-- The letter of a head of brackets: f, f^2, f_i.
function M.head_letter(head)
  while head.tag == "power" or head.tag == "transpose" do
    head = head[1]
  end
  return head
end

local function is_index(tree)
  return tree.tag == "name" and vocabulary.index_letters[tree.name] or tree.tag == "number"
end

local function new_letter(facts, name, tree)
  local letter = facts.letters[name]
  if not letter then
    letter = { name = name, pos = tree.pos, bare = 0, applied = {}, turned = false, nodes = {} }
    facts.letters[name] = letter
    facts.order[#facts.order + 1] = letter
  end
  return letter
end

-- The letters with an index that have a base in common.
local function new_base(facts, tree)
  local base = facts.bases[tree.base]
  if not base then
    base = { name = tree.base, subs = {}, bound = false, free = false, digits = false, count = 0, raised = false }
    facts.bases[tree.base] = base
  end
  base.subs[#base.subs + 1] = tree
  return base
end

-- Does an index hold a counter of a sum around it?
local function holds_counter(tree, counters)
  if tree.tag == "name" then
    return counters[tree.name] or false
  end
  for _, list in ipairs { tree, tree.args or {} } do
    for _, part in ipairs(list) do
      if type(part) == "table" and holds_counter(part, counters) then
        return true
      end
    end
  end
  return false
end

local visit

local function visit_sub(facts, tree, counters, raised)
  local base = new_base(facts, tree)
  local args = tree.args or {}
  base.count = math.max(base.count, #args)
  base.bold = base.bold or tree.bold
  base.raised = base.raised or raised
  local indices = #args > 0
  tree.sizes = args
  for _, arg in ipairs(args) do
    if holds_counter(arg, counters) then
      tree.bound = true
    end
    indices = indices and is_index(arg)
  end
  base.bound = base.bound or tree.bound or false
  tree.indices = indices or tree.bound
  if tree.indices and not tree.bound then
    base.free = true
    base.digits = base.digits or tree.index:find "^%d+$" ~= nil or tree.index:find "^%d,%d$" ~= nil
  end
end

local function visit_apply(facts, tree, counters)
  local head = M.head_letter(tree.head)
  if head.tag == "sub" then
    visit_sub(facts, head, counters)
  end
  if tree.head.tag == "transpose" then
    facts.turned[head.name] = true
  end
  local raised = tree.head
  while raised.tag == "power" or raised.tag == "transpose" do
    if raised.tag == "power" then
      visit(facts, raised[2], counters, true)
    end
    raised = raised[1]
  end
  local letter = new_letter(facts, head.name, head)
  letter.applied[#letter.applied + 1] = tree
  letter.member_of = head.tag == "sub" and head.base or nil
  local only = #tree.args == 1 and tree.args[1]
  if only and only.tag == "name" then
    local capital = prices.class(head.name):find "capital" ~= nil
    facts.arguments[only.name] = facts.arguments[only.name] or capital and "capital" or "small"
  elseif only and only.tag == "sub" then
    facts.arguments[only.base] = "indexed"
  end
  for _, arg in ipairs(tree.args) do
    visit(facts, arg, counters)
  end
end

-- x^T A x: what is between a letter and its transpose.
local function note_sandwich(facts, tree)
  for i = 1, #tree.args - 2 do
    local first, middle, last = tree.args[i], tree.args[i + 1], tree.args[i + 2]
    local letter = first.tag == "transpose" and (first[1].tag == "name" or first[1].tag == "sub") and first[1].name
    local quadratic = letter and last.tag == first[1].tag and last.name == letter
    facts.quadratic[letter or ""] = quadratic or facts.quadratic[letter or ""]
    if
      letter
      and last.tag == first[1].tag
      and last.name == letter
      and (middle.tag == "name" or middle.tag == "sub")
    then
      facts.sandwiched[middle.name] = true
    end
  end
end

-- zz: a letter twice.
local function note_doubled(facts, tree)
  for i = 1, #tree.args - 1 do
    local a, b = tree.args[i], tree.args[i + 1]
    if a.tag == "name" and b.tag == "name" and a.name == b.name then
      facts.doubled[a.name] = true
    end
  end
end

-- The letters of a size or a bound count.
local function note_sizes(facts, tree)
  if type(tree) ~= "table" then
    return
  elseif tree.tag == "name" or tree.tag == "sub" then
    facts.sizes[tree.name] = true
  end
  for _, part in pairs(tree) do
    note_sizes(facts, part)
  end
end

local SIZED = { I = true, ones = true, zeros = true, K = true, Dup = true, Elim = true }

-- What speaks of vectors: a transpose, a norm, a matrix letter, bold type.
local function speaks_of_vectors(tree)
  local tag = tree.tag
  return tag == "transpose" or tag == "norm" or tag == "pair" or tag == "power" and tree.elementwise
end

function visit(facts, tree, counters, raised)
  facts.size = facts.size + 1
  facts.vectors = facts.vectors or speaks_of_vectors(tree)
  local tag = tree.tag
  if tag == "name" then
    if not tree.open and not tree.operator and not counters[tree.name] then
      local letter = new_letter(facts, tree.name, tree)
      letter.bare = letter.bare + 1
    end
    facts.vectors = facts.vectors or tree.open ~= nil
    return
  elseif tag == "sub" then
    return visit_sub(facts, tree, counters, raised)
  elseif tag == "apply" then
    return visit_apply(facts, tree, counters)
  elseif tag == "transpose" and tree[1].tag == "apply" and not tree[1].paren then
    facts.turned_values[M.head_letter(tree[1].head).name] = true
  elseif tag == "transpose" and (tree[1].tag == "name" or tree[1].tag == "sub") then
    facts.turned[tree[1].tag == "sub" and tree[1].base or tree[1].name] = true
    facts.turned[tree[1].name] = true
  elseif tag == "product" then
    facts.dots = facts.dots or tree.dots ~= nil
    note_sandwich(facts, tree)
    note_doubled(facts, tree)
  elseif tag == "call" and (SIZED[tree.name] or tree.unsized) then
    facts.vectors = true
    for _, arg in ipairs(tree.args) do
      note_sizes(facts, arg)
    end
    return
  elseif tag == "call" and tree.name == "kron" then
    facts.outer = true
  elseif tag == "call" and facts.of_a_matrix(tree.name) then
    facts.matrix_functions = true
  elseif tag == "call" and tree.name == "D" and #tree.args == 2 then
    facts.derivatives[#facts.derivatives + 1] = tree
  end
  local inside = counters
  if tag == "sumover" then
    inside = setmetatable({ [tree.var] = true }, { __index = counters })
  end
  if tag == "entry" then
    note_sizes(facts, tree.args)
    return visit(facts, tree[1], counters)
  end
  local raises = tag == "power" or tag == "transpose" or tag == "call" and (tree.name == "inv" or tree.name == "det")
  for i = 1, 3 do
    if type(tree[i]) == "table" and tree[i].tag then
      visit(facts, tree[i], counters, raises)
    end
  end
  for _, arg in ipairs(tree.args or {}) do
    visit(facts, arg, counters, raises and tag == "call")
  end
  note_sizes(facts, tree.lo)
  note_sizes(facts, tree.hi)
  if tree.body then
    visit(facts, tree.body, inside)
  end
  if tree.weight then
    visit(facts, tree.weight, counters)
  end
end

--- What is in some trees: letters and how they are used there.
-- @tparam {table,...} trees
-- @tparam function of_a_matrix of nabla.page.matrix_functions
-- @return { letters, order, bases, turned, sandwiched, derivatives, size, vectors }
function M.facts(trees, of_a_matrix)
  local facts = {
    of_a_matrix = of_a_matrix,
    letters = {},
    order = {},
    bases = {},
    turned = {}, -- letters with a transpose
    turned_values = {}, -- letters before brackets with a transpose
    sandwiched = {},
    doubled = {},
    quadratic = {}, -- letters x of x^T A x
    derivatives = {},
    arguments = {}, -- letters that are alone in brackets behind a letter
    sizes = {}, -- letters that are sizes or bounds
    size = 0,
    vectors = false,
  }
  for _, tree in ipairs(trees) do
    visit(facts, tree, {})
  end
  return facts
end

--- Is a variable, or a letter of its name with an index, in a tree?
function M.holds(tree, variable)
  if type(tree) ~= "table" then
    return false
  elseif tree.name == variable.name or tree.base and tree.base == variable.base then
    return true
  elseif variable.base and tree.name == variable.base then
    return true
  end
  for _, part in pairs(tree) do
    if M.holds(part, variable) then
      return true
    end
  end
  return false
end

-- ---------------------------------------------------------------------------------------------- roles

-- How the value of an unknown function is priced.
local function value_class(class, letter, turned)
  if turned and not class:find "capital" then
    return "bold"
  elseif class == "vector" then
    return "vector"
  elseif class:find "^bold_capital" or class:find "capital" then
    return prices.scalar_valued[letter] and "scalar_capital" or "capital"
  end
  return class == "bold" and "bold" or "small"
end

-- What brackets behind a letter hold: "letter", "number", "index" or "sum"; nil for several arguments.
local function argument_of(apply, from)
  local arg = apply.args[1]
  if #apply.args > 1 then
    return "several"
  elseif arg.tag == "number" then
    return "number"
  elseif arg.tag == "name" and not arg.open then
    local index = arg.name:find "^[ijkl]$" and not from.bold[arg.name]
    return index and "index" or "letter"
  elseif arg.tag == "sub" then
    return "letter"
  elseif arg.tag == "apply" and arg.head.tag == "name" and #arg.args == 1 and arg.args[1].tag == "name" then
    return "letter" -- g(h(x))
  end
  return arg.tag == "product" and "product" or "sum"
end

local function is_prime(tree)
  while tree.tag == "power" or tree.tag == "transpose" do
    if tree.prime then
      return true
    end
    tree = tree[1]
  end
  return false
end

-- The price of reading all brackets behind a letter as factors, and as arguments.
local function bracket_prices(letter, class, from)
  local base = prices.letter(letter.name)
  local custom = prices.functions[base] and not from.bold[letter.name]
  local factor, called = 0, 0
  for _, apply in ipairs(letter.applied) do
    local argument = argument_of(apply, from)
    if argument == "product" then -- s(w^T x): a factor needs no brackets there
      local needless = not prices.multipliers[base] and not class:find "capital" and letter.bare == 0
      factor = needless and math.max(factor, price.factor_before_product) or factor
      argument = "sum"
    end
    if argument == "several" then
      factor = factor + 100
    elseif argument == "letter" then
      factor = math.max(factor, price.factor_of_letter)
    elseif argument == "sum" and custom then
      factor = math.max(factor, price.factor_by_custom)
    elseif argument == "sum" then
      local unlikely = prices.factors[base] or class:find "capital" or class == "vector" or class == "bold"
      local of_sum = prices.labels[base] and price.label_of_sum or price.function_of_sum
      called = math.max(called, unlikely and of_sum or of_sum * 0.8)
    elseif argument == "number" or argument == "index" then
      called = math.max(called, custom and 0.3 or price.function_of_sum)
    end
    if apply.head.tag == "transpose" and argument == "sum" then
      called = called + 2
    end
    local prime = is_prime(apply.head)
    if prime and (custom or argument == "letter" and not class:find "capital") then
      factor = factor + 100 -- f'(x) is a derivative
    elseif prime and argument ~= "letter" then
      called = called + 1
    end
  end
  if from.variable and (from.variable.name == letter.name) then
    called = called + price.function_of_variable
  end
  return factor, called
end

-- The kinds of a letter with their prices, changed by how it is used.
local function kind_prices(letter, facts, from)
  local bold = from.bold[letter.name]
  local class = prices.class(letter.name, bold)
  local kinds = {}
  for kind, value in pairs(prices.kinds(class)) do
    kinds[kind] = value
  end
  local turned = facts.turned[letter.name]
  if letter.beside_entries and not bold then
    kinds.scalar, kinds.column = 0, price.column_beside_entries
  elseif turned then
    kinds.scalar = kinds.scalar and kinds.scalar + price.transposed_scalar
    if class == "time" then
      kinds.column = 0
    end
    if class == "scalar" or class == "greek" or class == "greek_vector" or class == "word" then
      kinds.column = 0
    end
  elseif facts.arguments[letter.name] and (class == "often_scalar" or class == "counting" or class == "time") then
    kinds.scalar, kinds.column = 0, 0.6
  elseif facts.arguments[letter.name] == "capital" and class == "vector" then
    kinds.scalar, kinds.column = 0.1, 0.3
  elseif class == "vector" or class == "often_scalar" or class == "counting" or class == "time" then
    if from.plain_scalars then
      kinds.scalar, kinds.column = 0, 1
    elseif not facts.vectors and not from.has_capital and not from.has_bold then
      kinds.scalar = math.min(kinds.scalar, price.plain_scalar)
    elseif from.has_bold then
      kinds.scalar = math.min(kinds.scalar, price.beside_bold)
    end
  end
  if
    turned and (class == "greek_vector" or class == "greek")
    or facts.quadratic[letter.name] and not class:find "capital"
  then
    kinds.matrix = kinds.matrix + 3
  end
  if facts.doubled[letter.name] and not class:find "capital" then
    kinds.matrix = kinds.matrix + 1
  end
  if facts.sandwiched[letter.name] and (class == "vector" or class == "counting" or class == "often_scalar") then
    kinds.matrix = price.sandwiched_matrix
    kinds.column = kinds.column + 0.5
  end
  return kinds, class
end

local function add(roles, role)
  roles[#roles + 1] = role
end

-- What a letter may be where no letter yields: what habit says, and a vector in the place of a scalar.
local function by_habit(name, kinds, own_letters)
  local habit = habit_of(name, own_letters)
  if habit == "scalar" then
    return { scalar = kinds.scalar, column = kinds.column }
  elseif habit then
    local kind = habit == "vector" and "column" or habit
    return { [kind] = kinds[kind] or 0 }
  end
  return kinds
end

-- The roles of a letter.
local function roles_of(letter, facts, from)
  local kinds, class = kind_prices(letter, facts, from)
  if from.habits == false and not from.bold[letter.name] then
    kinds = by_habit(letter.name, kinds, from.own_letters)
  end
  local roles = {}
  local factor, called = 0, nil
  if #letter.applied > 0 then
    factor, called = bracket_prices(letter, class, from)
  end
  if factor < 50 and called and prices.multipliers[prices.letter(letter.name)] and class:find "^greek" then
    kinds.row = price.row_of_multipliers
  end
  for kind, value in pairs(kinds) do
    if factor < 50 then
      add(roles, { kind = kind, called = "factor", price = value + factor })
    end
  end
  if not called then
    return roles
  end
  local base = prices.letter(letter.name)
  local spare = letter.bare > 0 and price.bare_function or 0
  local turned = facts.turned[letter.name] or facts.turned_values[letter.name]
  for kind, value in pairs(price.value[value_class(class, base, turned)]) do
    add(roles, { kind = kind, called = "function", price = value + called + spare })
  end
  local customary = prices.customary(letter.name)
  local beside = customary
    and customary.beside
    and (facts.letters[customary.beside] or facts.letters[greek.character[customary.beside]])
  if customary and not from.bold[letter.name] and (not customary.beside or beside and #beside.applied > 0) then
    add(roles, { kind = "scalar", called = "customary", price = 0 })
    for _, role in ipairs(roles) do
      role.price = role.called == "customary" and 0 or role.price + (role.called == "function" and 1.5 or 0)
    end
  end
  return roles
end

-- The letter of the entries a_{ij}: A, where the formula has an A and no a.
local function array_of(base, facts)
  local capital = base.name:upper()
  if base.count == 2 and base.name:find "^%l$" and not facts.letters[base.name] and not facts.turned[base.name] then
    return capital
  end
  return base.name
end

-- The modes of the letters with an index that have a base in common, as a choice of its own.
local function modes_of(base, facts, from)
  local variable = from.variable
  local own = variable and (variable.name == base.name or variable.base == base.name)
  if from.family(base.name) then
    return { { subs = "family", price = 0, declared = true } }
  end
  local capital = base.name:find "^%u" ~= nil
  local bold = base.bold or from.bold[base.name]
  local style = bold and not capital and "bold" or capital and base.count < 2 and "capital" or "small"
  local bare = facts.letters[base.name] ~= nil
  if base.bound then
    if from.declared(base.name) and not scopes.lookup(from.scope, base.name) then -- pi_k: pi is a number, of no entries
      return { { subs = "family", kind = "scalar", price = 0 }, { subs = "family", price = price.family[style] } }
    end
    local more = (bare or own and not variable.indexed) and price.family_of_variable or 0
    if base.count == 2 then
      return { { subs = "entries", price = 0 }, { subs = "family", price = 1.5 + more } }
    end
    local as_family = price.family[style] + (facts.turned[base.name] and 0 or more)
    local argument = facts.arguments[base.name] == "indexed" and price.entry_as_argument or 0
    local modes = {
      { subs = "family", price = as_family },
      { subs = "entries", price = price.entries[style] + argument },
    }
    if capital then
      modes[3] = { subs = "family", kind = "column", price = as_family + price.family_of_columns }
    end
    return modes
  elseif base.free and base.count == 2 and not bold then
    local pair = base.digits and price.entries_of_digits or 0
    if base.digits and (base.raised or not from.single_entries) then
      return { { subs = "names", price = 0 } }
    end
    return {
      { subs = "entries", price = base.digits and 0 or pair },
      { subs = "names", price = base.digits and price.entries_of_digits or price.names_of_pair },
    }
  elseif base.free and own and not variable.indexed and (not base.bold or not facts.turned[base.name]) then
    return { { subs = "entries", price = 0 }, { subs = "names", price = 0.4 } }
  end
  return { { subs = "names", price = 0 } }
end

--- The choices of a page: letters with their roles, and the modes of letters with an index (named `x[]`).
-- @tparam table facts
-- @tparam table from `bold`, `variable` ({ name, base, indexed }), `declared(name)`, `plain_scalars`
-- @return a list for nabla.page.search, and base name -> modes
function M.choices(facts, from)
  local list = {}
  for name, bold in pairs(from.bold) do
    from.has_bold = from.has_bold or bold and prices.letter(name):find "^%l" ~= nil and facts.letters[name] ~= nil
  end
  for _, letter in ipairs(facts.order) do
    local class = prices.class(letter.name, from.bold[letter.name])
    from.has_capital = from.has_capital or class:find "capital" ~= nil or class == "bold"
  end
  for _, base in pairs(facts.bases) do
    local own = from.variable and from.variable.name == base.name
    from.single_entries = from.single_entries or own and base.free and base.count == 1
    facts.vectors = facts.vectors or base.bound
  end
  for _, of in ipairs(spelling.names(facts.bases)) do -- the order is that of the names
    local base = facts.bases[of]
    local modes = modes_of(base, facts, from)
    table.sort(modes, function(a, b)
      return a.price < b.price
    end)
    base.array = array_of(base, facts)
    list[#list + 1] = { name = base.name .. "[]", roles = modes, base = base }
    -- the array itself, and the names, are letters
    for _, mode in ipairs(modes) do
      for _, sub in ipairs(base.subs) do
        local own = mode.subs == "names" or sub.index == "0" and not sub.bound -- w_0 beside w_1, .., w_p
        local name = own and sub.name or base.array
        if not mode.declared and not from.declared(name) and not facts.letters[name] then
          local letter = { name = name, pos = sub.pos, bare = 1, applied = {} }
          facts.letters[name] = letter
          facts.order[#facts.order + 1] = letter
          letter.beside_entries = own and mode.subs ~= "names"
          letter.only = (mode.subs == "names" or not own)
              and { base = base.name .. "[]", subs = mode.subs, count = base.count }
            or nil
        end
        if sub.bold or base.bold then
          from.bold[name] = from.bold[name] or sub.bold
        end
      end
    end
  end
  table.sort(list, function(a, b)
    return a.name < b.name
  end)
  if facts.matrix_functions then -- exp(X) entry by entry, where X is not square
    list[#list + 1] = { name = "\\exp", roles = { { price = 0 }, { entrywise = true, price = price.entry_function } } }
  end
  if facts.outer then -- x \otimes x of columns
    list[#list + 1] = { name = "\\otimes", roles = { { price = 0 }, { outer = true, price = price.outer } } }
  end
  for _, letter in ipairs(facts.order) do
    local member = letter.member_of and letter.bare == 0 and from.family(letter.member_of)
    local free = not member and not from.declared(letter.name) and not facts.sizes[letter.name]
    if free and not scopes.is_dimension(from.scope, letter.name) then
      local roles = roles_of(letter, facts, from)
      if letter.only and letter.only.subs ~= "names" then -- an array, of which only entries are in the formula
        roles = { { kind = letter.only.count == 2 and "matrix" or "column", called = "factor", price = 0 } }
      end
      table.sort(roles, function(a, b)
        return a.price < b.price or a.price == b.price and (a.called .. a.kind) < (b.called .. b.kind)
      end)
      list[#list + 1] = { name = letter.name, roles = roles, letter = letter }
    end
  end
  return list
end

return M
