--- One text while it is elaborated: its names, the sizes that are not known yet, and where an error points.
--
-- A size that nobody declared is an unknown, a dimension name that starts with "?"; `unify` makes two dimensions
-- equal, and `resolve` puts in what has become known. What the passes find out about a tree is kept here, in `types`,
-- and not in the tree. nabla.language.elaborate lists the methods that run the passes.
--
-- @module nabla.language.context

local blocks = require "nabla.language.blocks"
local core = require "nabla.core"
local errors = require "nabla.text.errors"
local greek = require "nabla.text.greek"
local habit = require "nabla.language.habit"
local later = require "nabla.text.later"
local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"

local foreign_names = later.require "nabla.text.foreign_names"
local shapes = later.require "nabla.text.shape"
local trees = later.require "nabla.language.tree"
local words = later.require "nabla.language.words"

local ONE = core.constants.one -- the dimension 1
local NONE = {} -- what a rule's side never fills

local Context = {}
Context.__index = Context

-- No equations wait, no sizes are unknown.
Context.later, Context.wide, Context.unknowns = NONE, NONE, 0
-- No names are undeclared, and neither sums nor chains are remembered.
Context.letters, Context.vectors, Context.sums, Context.chains, Context.spans = NONE, NONE, NONE, NONE, NONE
-- No letter is read otherwise than by its habit, nothing is assumed.
Context.kinds, Context.assumed, Context.spreads, Context.likely = NONE, NONE, NONE, NONE
Context.doubts, Context.factors, Context.transposed = NONE, NONE, NONE
-- Nothing has been inferred.
Context.types, Context.fresh = NONE, NONE

--- A context for the elaboration of one text.
-- @param session S (the store), ops (operators by name), scope (what the user has declared), dimension_names (what
-- Context:names remembers), and `hooks`, the functions that elaboration asks for what it cannot do itself:
-- `derivative(c, tree)` the node of D(f, x), `total_differential(c, id)` that of d(f)
-- @tparam table given text, file; scope; `habit` (undeclared letters are allowed); layout, convention
-- (of derivatives); `pattern` (the sides of a rule); `page` (what pages print: x_i may be a name); `sizes`
-- (names that stand for given dimensions). With `habit` also: `habits` and `spread` (false: no letter yields to what fits,
-- no scalar spreads; nil: as the session has it); `words` (the text is a program's: words are letters), `arrays`
-- (names in it that are no scalars); `given_kinds` (names -> the kinds that the reader of a page has found); `by`
-- (the text of the variable that is asked for: a letter in any case)
function Context.new(session, given)
  local c = {
    text = given.text,
    file = given.file,
    session = session, -- for the hooks
    S = session.S,
    ops = session.ops,
    hooks = session.hooks,
    dimension_names = session.dimension_names,
    own_letters = session.letters,
    user_sizes = session.scope.dims,
    declaring = given.scope or session.scope, -- where declarations go
    scope = given.scope or session.scope,
    types = {}, -- tree -> its type (nabla.language.infer)
    fresh = {}, -- unknown size -> dimension
    pattern = given.pattern,
    habit = given.habit,
    at = nil,
  }
  for key, value in next, given do
    c[key] = value
  end
  if c.pattern then
    return setmetatable(c, Context)
  end
  if not c.habit then
    c.scope = scopes.scope(c.declaring)
    c.letters = {}
    return setmetatable(c, Context)
  end
  c.vectors = {} -- names that are vectors, if they are scalars by habit
  local habits, spread = c.habits, c.spread
  if habits == nil then
    habits = session.habits
  end
  if spread == nil then
    spread = session.spread
  end
  c.yields = habits ~= false -- may an undeclared letter be read otherwise than by its habit?
  c.may_spread = c.yields and spread ~= false -- may a scalar go with each entry of a column?
  if c.by then
    local name, rest = c.by:match "^%s*([%w_\128-\255]*)(.*)$"
    c.by, c.by_no_scalar = greek.spelled(name), rest:find "^['(]" ~= nil or nil
  end
  setmetatable(c, Context):start()
  return c
end

--- What the contexts for the sides of rules of one file have in common: their metatable, for @{of_rule}.
function Context.of_rules(session, text, file)
  local common = {}
  for name, value in pairs(Context) do -- so that a method is found at once
    common[name] = value
  end
  common.text, common.file, common.session, common.S = text, file, session, session.S
  common.ops, common.hooks, common.dimension_names = session.ops, session.hooks, session.dimension_names
  common.user_sizes, common.pattern = session.scope.dims, true
  return { __index = common }
end

--- A context for the sides of a rule.
-- @tparam table common of @{of_rules}
-- @tparam table scope what the names in them are
function Context.of_rule(common, scope)
  return setmetatable({ scope = scope, declaring = scope, types = {}, fresh = {} }, common)
end

--- A context for declarations, of which sizes alone are read.
function Context.of_declarations(session, text, file, scope)
  return setmetatable({
    text = text,
    file = file,
    session = session,
    S = session.S,
    ops = session.ops,
    hooks = session.hooks,
    declaring = scope,
    scope = scope,
  }, Context)
end

--- A context for a text of declared letters (nabla.language.build_declared). `given`: what it would be made of by @{new}, a function.
function Context.of_declared(session, text, given)
  local scope = session.scope
  return setmetatable({
    text = text,
    session = session,
    S = session.S,
    ops = session.ops,
    declaring = scope,
    scope = scopes.scope(scope),
    user_sizes = {},
    letters = {},
    given = given,
    habit = true,
    ast = nil,
    sums = nil,
    chains = nil,
    decimals = nil,
  }, Context)
end

-- What few texts have: lists that are made when something goes into them.
local RARE = { "spreads", "doubts", "assumed", "likely", "parts", "fillings", "spans", "wide", "later" }

--- Forget what has been inferred, to start again, with `habit`.
function Context:start()
  self.scope = scopes.scope(self.declaring)
  self.fresh, self.unknowns, self.letters = {}, 0, {}
  self.misfit, self.factors = nil, nil
  for i = 1, #RARE do
    self[RARE[i]] = nil
  end
end

--- Add to one of the lists `sums` (how sums were written in the text), `chains` (the scalar chains that were in the text as the
-- transpose of their node), `spans` (sizes that something counts), `spreads` (sums in which scalars go with each entry of a
-- column: nabla.language.spread), `doubts` (scalar letters that would rather be vectors: name, cost, why), `assumed` (what else
-- is assumed: pos, text) and `likely` (pairs of calls of one operator: if nothing else says their sizes, those of their arguments
-- are the same).
function Context:add(which, item)
  local list = rawget(self, which) or {}
  self[which] = list
  list[#list + 1] = item
end

-- Note that a letter, likely a scalar, is a factor.
function Context:add_factor(name, product)
  self.factors = rawget(self, "factors") or {}
  self.factors[name] = product
end

-- Stop at a tree or place. The trees that do not fit are in `misfit`, a list; by default that tree.
function Context:stop(node, message, hint)
  self.misfit = self.misfit or type(node) == "table" and node.tag and { node } or nil
  error(
    errors.at {
      text = self.text,
      file = self.file,
      pos = type(node) == "table" and node.pos or node,
      message = message,
      hint = hint,
    },
    0
  )
end

-- Stop at a mistake that no other kind of a letter would mend.
function Context:refuse(node, message, hint)
  self.misfit = {}
  self:stop(node, message, hint)
end

-- Note what is assumed at a place: a text, or a function that gives it once the sizes are known.
function Context:assume(pos, text)
  self:add("assumed", { pos = pos, text = text })
end

-- The undeclared letter of a name that has been met, or nil.
function Context:letter(name)
  local var = scopes.lookup(self.scope, name) or scopes.lookup(self.scope, greek.spelled(name))
  return var and var.undeclared and var or nil
end

-- Is the name the variable that is asked for, or is it anywhere in the text but as the base of a power?
function Context:is_letter(name)
  if self.by == name or scopes.lookup(self.scope, name) then
    return true
  elseif self.letter_of ~= name then
    local found = false
    trees.walk(self.root, function(t)
      if t.tag == "power" and t[1].tag == "name" and t[1].name == name then
        found = found or trees.names(t[2])[name] or not next(trees.names(t[2]))
        trees.walk(t[2], function(u)
          found = found or u.tag == "name" and u.name == name
        end)
        return true
      end
      found = found or t.tag == "name" and t.name == name
    end)
    self.letter_of, self.stands = name, found and true or false
  end
  return self.stands
end

--- What an undeclared name is by habit: that of the rule files, else that of the field; in a program also a word.
function Context:habit_of(name)
  if self.words and not (self.arrays and self.arrays[name] and name:find "^%u") then
    return words.habit(name, self.own_letters)
  end
  return habit.kind(name, self.own_letters)
end

-- Is the name known, whatever it means?
function Context:knows(name)
  return scopes.lookup(self.scope, name) or self.ops[name] or scopes.is_dimension(self.scope, name)
end

-- An unknown function as a declaration would have it: its value by the habit of its name, its argument as it is.
function Context:declaration_of(name, args)
  local kind = self:habit_of(name) or "vector"
  local size = kind == "vector" and "(m)" or kind == "matrix" and "(p,q)" or ""
  local arg = #args == 1 and args[1]
  if #args > 1 then
    local names = {}
    for i, each in ipairs(args) do
      names[i] = each.tag == "name" and each.name or each.tag == "call" and #each.args == 1 and each.name or "x" .. i
    end
    return string.format("%s %s%s of (%s)", kind, name, size, table.concat(names, ", "))
  end
  local of = arg and arg.tag == "name" and arg.name or "x"
  local var = arg and arg.tag == "name" and scopes.lookup(self.scope, of)
  return string.format("%s %s%s of %s", kind, name, size, var and var.func and "x" or of)
end

-- A hint where a name is one of other notations: the transpose as an exponent, dx, x₁, the identity matrix without its size; else nil.
function Context:notation_hint(ast, name)
  local text, pos = self.text or "", ast.pos or 1
  local variable = name:match "^[dD](.+)$"
  local spelled = name:gsub("\xE2\x82([\x80-\x89])", function(digit) -- ₀ .. ₉
    return "_" .. digit:byte() - 0x80
  end)
  if (name == "T" or name == "H") and text:sub(1, pos - 1):find "%^%s*[-{]?$" then
    return "the transpose is written A', the inverse of it inv(A)'"
  elseif variable and self:knows(variable) then
    local quotient = text:sub(1, pos - 1):find "/%s*$"
    return quotient and "a derivative is written D(f, x)"
      or string.format("the differential of %s is d(%s)", variable, variable)
  elseif name == "I" or name == "ones" or name == "zeros" then
    return string.format("its size is stated: %s(n)", name)
  elseif spelled ~= name and self:knows(spelled) then
    return "did you mean " .. spelled .. "?"
  end
end

-- Stop at a name that is not known; `what` it should be: "name" or "function".
function Context:stop_unknown(ast, what, name)
  -- a rule file asks nothing, and its differentials are written d(x)
  local question = not self.habit and (foreign_names.of_questions[name] or name:find "^d%a$")
  local foreign = not question and foreign_names.hint(name, what == "function")
  if foreign then
    self:refuse(ast, string.format("unknown %s '%s'", what, name), foreign)
  end
  local latin, twin = spelling.in_latin(name)
  if twin and (self:knows(latin) or self.ops[latin]) then
    local hint = "the letter %s (U+%04X) only looks like the Latin one: write %s"
    self:refuse(ast, string.format("unknown %s '%s'", what, name), hint:format(twin, utf8.codepoint(twin), latin))
  end
  local known = scopes.declared(self.scope)
  for other, op in pairs(self.ops) do
    if not op.gone then
      known[#known + 1] = other
    end
  end
  for _, other in ipairs { "I", "ones", "zeros", "D", "d" } do
    known[#known + 1] = other
  end
  table.sort(known)
  local nearest = spelling.nearest(name, known)
  if what == "function" and (not nearest or #name < 3) then
    local hint = "declare it as an unknown function: %s; or define it in a rule file: operator or function"
    if not self.habit then
      hint = string.format(
        "define it: operator %s(..): .., or function %s(..) = ..; or declare it: let %%s",
        name,
        name
      )
    elseif #ast.args > 1 then
      hint = "declare it as an unknown function: %s; or define it in a rule file: operator or function"
    end
    self:refuse(
      ast,
      string.format("unknown function '%s'", name),
      hint:format(self:declaration_of(name, ast.args))
    )
  end
  local declare = self.habit and "declare it: " or "declare it: let "
  self:refuse(
    ast,
    string.format("unknown %s '%s'", what, name),
    self:notation_hint(ast, name)
      or nearest and (#nearest > 1 or scopes.lookup(self.scope, nearest)) and ("did you mean " .. nearest .. "?")
      or declare .. ("matrix %s(m,n), vector %s(n) or scalar %s"):gsub("%%s", (name:gsub("%%", "%%%%")))
  )
end

-- An unknown size; `wide`: not 1, that of an undeclared vector or matrix.
function Context:unknown(wide)
  self.unknowns = self.unknowns + 1
  local name = "?" .. self.unknowns
  if wide then
    self.wide = self.wide ~= NONE and self.wide or {}
    self.wide[name] = true
  end
  local d = self.S:dim(name)
  self.of_unknown = self.of_unknown or {}
  self.of_unknown[d] = { name, alone = name } -- as @{Context:names} has them
  return d
end

local MOST_REMEMBERED = 4096

-- The names in a dimension; `alone` is the name that it is, if it is one. Asked for so often that the session remembers.
function Context:names(d)
  local known, own = self.dimension_names, self.of_unknown
  local names = own and own[d] or known[d]
  if not names then
    names = self.S:dimnames(d)
    names.alone = self.S:dimname(d)
    known.count = (known.count or 0) + 1
    if known.count > MOST_REMEMBERED then
      for other in pairs(known) do
        known[other] = nil
      end
    end
    known[d] = names
  end
  return names
end

-- The end of the chain of equations that begins with a name; all names on the way are then made to point at it, so that
-- a chain is followed once.
local function find(self, name)
  local fresh, last, first = self.fresh, nil, name
  while fresh[name] do
    last = fresh[name]
    name = self:names(last).alone
  end
  name = first
  while fresh[name] ~= last do
    local next_name = self:names(fresh[name]).alone
    fresh[name] = last
    name = next_name
  end
  return last
end

-- A dimension with the unknowns that are known by now put in.
function Context:resolve(d)
  local fresh = self.fresh
  if d == ONE or not next(fresh) then
    return d
  end
  local names = self:names(d)
  if names.alone then
    if not fresh[names.alone] then
      return d
    end
    d = find(self, names.alone)
    names = self:names(d)
  end
  while true do
    local known
    for i = 1, #names do
      if fresh[names[i]] then
        known = known or {}
        known[names[i]] = self:resolve(fresh[names[i]])
      end
    end
    if not known then
      return d
    end
    d = self.S:dimreplace(d, known)
    names = self:names(d)
  end
end

-- The name of an unknown size, if the dimension is one.
function Context:unknown_name(d)
  local name = self:names(d).alone
  return name and name:sub(1, 1) == "?" and name
end

-- Does a dimension mention a name?
function Context:mentions(d, name)
  for _, other in ipairs(self:names(d)) do
    if other == name then
      return true
    end
  end
  return false
end

function Context:has_unknown(d)
  for _, name in ipairs(self:names(d)) do
    if name:sub(1, 1) == "?" then
      return true
    end
  end
  return false
end

-- Make two dimensions equal; false if they cannot be. An equation that says nothing yet, as n*k = p or n = n*k, waits
-- in `later`.
function Context:unify(a, b)
  if a == b then
    return true
  end
  local first, second = a, b
  a, b = self:resolve(a), self:resolve(b)
  if a == b then
    return true
  end
  local left, right = self:unknown_name(a), self:unknown_name(b)
  local name, value, other = left or right, left and b or a, left and right
  if name and not self:mentions(value, name) then
    if self.wide[name] and value == ONE then
      return false
    elseif self.wide[name] and other then
      self.wide[other] = true
    end
    self.fresh[name] = value
    return true
  end
  if self:has_unknown(a) or self:has_unknown(b) then
    self.later = self.later ~= NONE and self.later or {}
    self.later[#self.later + 1] = { first, second, parts = blocks.pairs_of(self, first, second) }
    return true
  end
  return false
end

-- The shape of a type for a message; an unknown size is a question mark.
function Context:shape_text(t)
  return (shapes.text(self.S, self:resolve(t.rows), self:resolve(t.cols)):gsub("%?%d+", "?"))
end

-- Is something of this type a scalar, as far as is known?
function Context:is_scalar(t)
  local rows, cols = t.rows, t.cols
  if rows == ONE and cols == ONE then
    return true
  end
  return next(self.fresh) ~= nil and self:resolve(rows) == ONE and self:resolve(cols) == ONE
end

-- ---------------------------------------------------------------------------------------------- dimensions in the text

local DIMENSION =
  "a dimension is made of names and integers with + - and *, divided by integers as in n*(n+1)/2"

local function size_of(self, ast, declare)
  local S = self.S
  if ast.tag == "number" then
    local v = math.tointeger(tonumber(ast.text))
    if not v then
      self:stop(ast, "a dimension is a whole number, found " .. ast.text)
    end
    return S:dim(v)
  elseif ast.tag == "name" then
    if self.sizes and self.sizes[ast.name] then
      return self.sizes[ast.name]
    elseif declare then
      self.declaring.dims[ast.name] = true
    elseif self.habit and not scopes.lookup(self.scope, ast.name) then
      self.user_sizes[ast.name] = true -- so that what is printed with it can be read
    end
    return S:dim(ast.name)
  elseif ast.tag == "sum" then
    local d = S:dim(0)
    for i, arg in ipairs(ast.args) do
      d = S:dimadd(d, S:dimmul(S:dim(ast.signs[i]), size_of(self, arg, declare)))
    end
    return d
  elseif ast.tag == "neg" then
    return S:dimmul(S:dim(-1), size_of(self, ast[1], declare))
  elseif ast.tag == "product" then
    local d = ONE
    for i, arg in ipairs(ast.args) do
      local op = i == 1 and "*" or ast.ops[i - 1]
      local v = op == "/" and S:dimint(size_of(self, arg, declare))
      if op == "/" and v and v ~= 0 then
        d = S:dimmul(d, S:dim(1, v))
        self.fraction = true
      elseif op == "*" then
        d = S:dimmul(d, size_of(self, arg, declare))
      else
        self:stop(ast.oppos[i - 1] or ast, DIMENSION)
      end
    end
    return d
  elseif ast.tag == "power" and ast[2].tag == "number" then
    local k = math.tointeger(tonumber(ast[2].text))
    local base, d = size_of(self, ast[1], declare), ONE
    for _ = 1, math.min(k or 99, 99) do
      d = S:dimmul(d, base)
    end
    return d
  end
  self:stop(ast, DIMENSION)
end

-- Is a dimension with fractions whole whatever its names are? It is if it is for every remainder of each of them.
local function is_whole(S, d)
  local over = tonumber(S:dimtext(d):match "/(%d+)$" or 1)
  local names = S:dimnames(d)
  if over == 1 then
    return true
  elseif over ^ #names > 4096 then
    return false
  end
  local function try(i, values)
    if i > #names then
      return S:dimint(S:dimreplace(d, values)) ~= nil
    end
    for value = 0, over - 1 do
      values[names[i]] = S:dim(value)
      if not try(i + 1, values) then
        return false
      end
    end
    return true
  end
  return try(1, {})
end

--- The dimension that a syntax tree in a declaration or argument says.
function Context:dimension(ast, declare)
  if ast.tag == "name" then
    return size_of(self, ast, declare)
  end
  self.fraction = false
  local d = size_of(self, ast, declare)
  if self.fraction and not is_whole(self.S, d) then
    local names = self.S:dimnames(d)
    self:stop(
      ast,
      #names == 0 and string.format("a dimension is a whole number, found %s", self.S:dimtext(d))
        or string.format("the dimension %s is not a whole number for every %s", self.S:dimtext(d), names[1]),
      "a fraction such as n*(n+1)/2 is"
    )
  end
  return d
end
return Context
