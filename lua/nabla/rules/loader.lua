--- One rule file while it is read: its text, its declared variables, and what its statements have in common.
--
-- A loader knows the session that it fills, the text (for the caret of a message) and the names that `let` has declared
-- so far. The same declaration is read in two ways: in a rule it is a variable that matches (`variables`), in an identity
-- or a check it is a symbol (`symbols`). Invariant: a rule reaches the session only through `add_rule`, and a mistake
-- leaves through `stop`, as an error that points into this file.
--
-- @module nabla.rules.loader

local attributes = require "nabla.language.attributes"
local core = require "nabla.core"
local declare = require "nabla.language.declare"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local known_letters = require "nabla.rules.known_letters"
local parts = require "nabla.language.declared_parts"
local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"
local syntax = require "nabla.language.syntax"
local trees = require "nabla.language.tree"

local M = {}

local KIND = core.constants.kinds
local ONE = core.constants.one -- the dimension 1

-- Limits of the engine (rule.h).
local MOST_VARIABLES, MOST_CONDITIONS = core.constants.variables, core.constants.conditions

--- The kinds of rules, by the engine's numbers (rule.h).
M.kinds = core.constants.rule_kinds

local NONE = {}

-- Conditions that the form of an expression answers; all others ask for attributes and facts.
local STRUCTURAL = {}
for name in ("constant zero number integer symbol scalar square commutes natural free"):gmatch "%S+" do
  STRUCTURAL[name] = true
end
M.structural_conditions = STRUCTURAL

-- Those of them whose answer for a variable says nothing of what it matches.
local UNDECIDED = { constant = true, zero = true, symbol = true, commutes = true, free = true }

-- Other words for attributes.
local SYNONYMS = {
  definite = "spd (positive definite)",
  semidefinite = "psd (positive semidefinite)",
  regular = "invertible",
  nonsingular = "invertible",
  antisymmetric = "skew",
  skewsymmetric = "skew",
  unitary = "orthogonal",
  stiefel = "orthonormal (columns)",
  semiorthogonal = "orthonormal (columns)",
  projection = "idempotent",
  unit = "orthonormal (of a vector: of length one)",
  normalised = "orthonormal (of a vector: of length one)",
  normalized = "orthonormal (of a vector: of length one)",
  orthonormalcolumns = "orthonormal",
  orthonormalrows = "orthonormal, of the transpose",
  triangular = "lower or upper",
}

-- ---------------------------------------------------------------------------------------------- tables and names

--- A copy of a table, one level deep.
function M.copy(t)
  local c = {}
  for k, v in pairs(t) do
    c[k] = v
  end
  return c
end
local copy = M.copy

M.keys = spelling.names
local keys = M.keys

--- A hint for a name that is not known: the nearest of those that are, or all of them.
-- @tparam string name
-- @tparam {string,...} known
function M.meant(name, known)
  local nearest = spelling.nearest(name, known)
  return nearest and "did you mean " .. nearest .. "?" or "known: " .. table.concat(known, ", ")
end

--- A rule in a message: "name" (file:line), or `of file:line` for one without a name.
function M.rule_text(rule)
  local place = string.format("%s:%d", rule.file or "text", rule.line or 0)
  return place:match "[^/]*$" == rule.name and "of " .. place or string.format('"%s" (%s)', rule.name, place)
end

M.names_of = trees.leaf_names
local names_of = M.names_of

-- ---------------------------------------------------------------------------------------------- the loader

--- One file on its way into a session.
--
-- @table Loader
-- @field session the session that is filled
-- @field text what the file holds
-- @field file its path, or nil
-- @field open the paths of the files that are being read, this one last
-- @field decls what `let` has declared: name -> declaration; replaced, never changed
-- @field mentions the names of the sizes of declarations, once they have been asked for: declaration -> list
-- @field shapes the sizes of declarations, once they have been asked for: declaration -> { rows, cols }
-- @field table the name of the table whose heading was read last, or nil
-- @field statement the statement that is carried out
local Loader = {}
Loader.__index = Loader

--- A loader for one text, which has declared nothing yet.
function M.new(session, text, file, open)
  local loader = { session = session, text = text, file = file, open = open }
  loader.decls, loader.shapes, loader.mentions = {}, {}, {}
  return setmetatable(loader, Loader)
end

--- Raise an error at a tree, a statement or a byte of the text.
-- @param at
-- @tparam string message
-- @tparam[opt] string hint
-- @tparam[opt] boolean redundant is the statement refused because others already do what it would do?
function Loader:stop(at, message, hint, redundant)
  local err = errors.at {
    text = self.text,
    file = self.file,
    pos = type(at) == "table" and at.pos or at,
    message = message,
    hint = hint,
  }
  err.redundant = redundant
  error(err, 0)
end

--- A context of elaborate for trees of this text.
-- @tparam table scope what the names in them are
-- @tparam[opt] boolean pattern are they the sides of a rule?
function Loader:context(scope, pattern)
  if pattern then
    self.sides = self.sides or elaborate.of_rules(self.session, self.text, self.file)
    return elaborate.of_rule(self.sides, scope)
  end
  return elaborate.context(self.session, { text = self.text, file = self.file, scope = scope })
end

-- ---------------------------------------------------------------------------------------------- declared names

--- The attributes that an attribute implies, at any remove.
-- @tparam string name
-- @tparam[opt] table found a set to add them to
-- @treturn table the set
function Loader:implied(name, found)
  found = found or {}
  for other in pairs(self.session.implications[name] or {}) do
    if not found[other] then
      found[other] = true
      self:implied(other, found)
    end
  end
  return found
end

--- Stop at an attribute that nothing has declared.
-- @tparam string name
-- @param pos its place
function Loader:known_attribute(name, pos)
  if not self.session.attributes[name] then
    local nearest = SYNONYMS[name] or spelling.nearest(name, keys(self.session.attributes))
    self:stop(
      pos,
      "unknown attribute '" .. name .. "'",
      nearest and "did you mean " .. nearest .. "?" or "declare it first: attribute " .. name
    )
  end
end

--- `let`: the declarations hold for the statements below it; a later one replaces an earlier.
function M.let(self, st)
  for _, d in ipairs(st.decls) do
    known_letters.take(self, d)
    for _, a in ipairs(d.attributes or {}) do
      self:known_attribute(a.name, a.pos)
    end
    if d.attributes and d.attributes[1] and (d.rows or d.kind == "scalar") then
      local c = self:context(scopes.scope())
      local rows, cols = d.rows and c:dimension(d.rows) or ONE, d.cols and c:dimension(d.cols) or ONE
      attributes.bits(self.session, d, rows, cols, self.stop, self)
    end
  end
  local seen = {}
  self.decls = copy(self.decls) -- identities keep those that were in force
  for _, d in ipairs(st.decls) do
    if seen[d.name] then
      self:stop(d, d.name .. " is declared twice")
    end
    seen[d.name] = true
    self.decls[d.name] = d
  end
  for _, d in ipairs(st.decls) do
    self.mentions[d] = names_of(d.cols, names_of(d.rows))
    for _, size in ipairs(self.mentions[d]) do
      local other = seen[size] and self.decls[size]
      if other and other.rows then
        local message = ("the size %s of %s is declared as a %s"):format(size, d.name, other.kind)
        self:stop(d, message, "a size is a letter of its own, such as n")
      end
    end
  end
  self.size_scope = nil
  known_letters.declare(self, self.decls, st.decls)
end

-- A scope in which the sizes that declarations mention may be used as scalars; kept until the next `let`.
function Loader:sizes()
  if self.sizes_of ~= self.decls or not self.size_scope then
    self.size_scope, self.sizes_of = scopes.scope(self.session.constants), self.decls
    for _, d in pairs(self.decls) do
      self.mentions[d] = self.mentions[d] or names_of(d.cols, names_of(d.rows))
      for _, name in ipairs(self.mentions[d]) do
        self.size_scope.dims[name] = true
      end
    end
  end
  return self.size_scope
end

-- The rows and columns of a declaration, or nil where it does not state them; elaborated once.
function Loader:shape_of(d)
  local shape = self.shapes[d]
  if not shape then
    local c = self:context(scopes.scope(), true)
    shape = { d.rows and c:dimension(d.rows), d.cols and c:dimension(d.cols) }
    self.shapes[d] = shape
  end
  return shape[1], shape[2]
end

-- The scope of one rule. A declared name becomes a variable that matches when it is first met.
local Variables = {}
Variables.__index = Variables

-- The variable's node, once its sizes are known.
local function make_node(self, var)
  var.id = self.loader.session.S:variable(var.name, var.symbol, var.index, var.rows, var.cols)
end

--- One more variable, such as the cotangent of an adjoint. `open`: of sizes that are to be inferred (`settle`).
function Variables:variable(name, kind, rows, cols, open)
  local var =
    { name = name, kind = kind, rows = rows, cols = cols, index = self.count, id = nil, attributes = nil }
  var.symbol = KIND[kind] or KIND.matrix
  if open then
    self.open = self.open or {}
    self.open[#self.open + 1] = var
  else
    make_node(self, var)
  end
  self.count = self.count + 1
  self.vars[name] = var
  return var
end

--- Give nodes to the variables without declared sizes: of the sizes that a context has inferred, or of any.
function Variables:settle(c)
  for _, var in ipairs(self.open) do
    for _, d in ipairs { var.rows, var.cols } do
      for _, name in ipairs(c:names(c:resolve(d))) do
        if name:sub(1, 1) == "?" and not c.fresh[name] then
          local size = d == var.rows and "rows of " or "columns of "
          c.fresh[name] = c.S:dim(size .. var.name)
        end
      end
    end
  end
  for _, var in ipairs(self.open) do
    var.rows, var.cols = c:resolve(var.rows), c:resolve(var.cols)
    make_node(self, var)
  end
  self.open = nil
end

-- Has a declaration an attribute that only square matrices have?
function Variables:is_square(d)
  local square = self.loader.session.square_attributes
  for _, attribute in ipairs(d.attributes or {}) do
    if square[attribute.name] then
      return true
    end
  end
  return false
end

-- The variable of a declared name: called by `lookup`.
function Variables:find(name)
  local loader = self.loader
  local d, S = loader.decls[name], loader.session.S
  if not d then
    return nil
  elseif self.count == MOST_VARIABLES then
    loader:stop(loader.statement, string.format("a rule has at most %d variables", MOST_VARIABLES))
  elseif d.of and not loader.decls[d.of] then
    loader:stop(
      d.ofpos or d.pos,
      "unknown name '" .. d.of .. "'",
      "declare it first: let vector " .. d.of .. "(n)"
    )
  end
  if d.known then
    local hint = ("in a rule a letter stands for any: write %s(%s) for it"):format(d.known[1].operator, name)
    loader:stop(d.known[1].pos, ("a rule cannot know the %s of %s"):format(d.known[1].word, name), hint)
  elseif d.ofs then
    local hint = "a function of a column of blocks is one of several arguments: rule d(r([x; y])) -> .."
    loader:stop(d.ofpos or d.pos, "in a rule a function has one argument", hint)
  end
  local rows, cols = loader:shape_of(d)
  local open = false
  if (d.kind == "constant" or d.kind == "variable") and not d.rows then
    rows, cols = S:dim("rows of " .. name), S:dim("columns of " .. name)
  elseif not (rows and cols) then
    local scalar = d.kind == "scalar" or d.kind == "number" or d.kind == "operator"
    local one_column = scalar or d.kind == "vector"
    open = not (rows or scalar) or not (cols or one_column)
    rows = rows or scalar and ONE or S:dim("?rows of " .. name)
    cols = cols or one_column and ONE or self:is_square(d) and rows or S:dim("?columns of " .. name)
  end
  local var = self:variable(name, d.of and "function" or d.kind, rows, cols, open)
  var.kind, var.attributes = d.kind, d.attributes
  if d.of then
    local arg = scopes.lookup(self, d.of)
    var.func, var.arg_rows, var.arg_cols = true, arg.rows, arg.cols
  elseif not open then -- the next rule's variable of this name differs in its number alone
    local letter = { name = name, kind = d.kind, symbol = var.symbol, rows = rows, cols = cols }
    letter.attributes = d.attributes
    letter.__index = letter
    self.known_letters[name] = letter
  end
  return var
end

-- Is one of the declared letters called as an operator is?
local function declares_operator(session, decls)
  for name in pairs(decls) do
    if session.ops[name] or session.shared_names[name] or parts.constants[name] or name == "d" then
      return true
    end
  end
  local outer = getmetatable(decls)
  return outer and declares_operator(session, outer.__index) or false
end

--- A scope for one rule, in which each declared name becomes a variable that matches when it is first met.
function Loader:variables()
  local vars = { a = nil, b = nil, c = nil, d = nil } -- room for most
  if self.known_of ~= self.decls then
    self.known_of, self.known_letters = self.decls, {}
    self.known_calls = not declares_operator(self.session, self.decls) and self.session.calls_of_rules or {}
  end
  return setmetatable({
    vars = vars,
    dims = {},
    outer = self:sizes(),
    declared = self.decls,
    loader = self,
    count = 0,
    known_calls = self.known_calls,
    known_letters = self.known_letters,
    open = nil,
  }, Variables)
end

--- A scope in which the declared names are symbols: for what is computed, not matched.
-- @tparam table decls those that are needed, see `declarations_of`
function Loader:symbols(decls)
  local scope = scopes.scope(self.session.constants)
  self.complex, self.known, self.takes_complex, self.takes_known = nil, nil, true, true
  declare.into(scope, decls, self)
  scope.known = self.known
  if self.complex then
    self.session:expect_complex()
  end
  return scope
end

--- The declarations that a tree needs: of its names, of what they are functions of, and of its sizes.
-- @tparam table tree a tree, or a list of trees
-- @tparam[opt] table own declarations that hide the file's of the same name
function Loader:declarations_of(tree, own)
  local known = copy(self.decls)
  for _, d in ipairs(own or {}) do
    known[d.name] = d
  end
  local list, chosen = {}, {}
  local function choose(d)
    if d and not chosen[d] then
      chosen[d] = true
      if d.ofs then
        self:stop(d.ofpos or d.pos, "a rule file states nothing of functions of several arguments")
      end
      choose(known[d.of])
      for _, value in ipairs(d.known or {}) do
        for name in pairs(value.expression and trees.names(value.expression) or { [value.value] = true }) do
          choose(known[name])
        end
      end
      list[#list + 1] = d
    end
  end
  local used = trees.names(tree)
  for _, name in ipairs(keys(known)) do
    local d = known[name]
    local needed = used[name]
    for size in pairs(trees.names(d.cols, trees.names(d.rows))) do
      needed = needed or used[size]
    end
    if needed then
      choose(d)
    end
  end
  for _, d in ipairs(own or {}) do
    choose(d)
  end
  return list
end

-- ---------------------------------------------------------------------------------------------- bound names

--- The names of the variables and of the sizes in a node.
-- @param id a node
-- @param[opt] bound a node: without the names in this one
-- @return two sets; nil for an empty one
function Loader:open_names(id, bound)
  return self.session.S:opennames(id, bound)
end

--- The right side may use only what the left side binds.
-- @param lhs a node
-- @param rhs a node
-- @tparam table ast the tree of the right side
-- @tparam[opt] table extra the set of names that are bound besides; `"dim n"` is the size n
function Loader:check_bound(lhs, rhs, ast, extra)
  local vars, sizes = self:open_names(rhs, lhs)
  for name in pairs(vars or {}) do
    if not (extra and extra[name]) then
      self:stop(
        trees.find(ast, name) or ast,
        string.format("the variable %s stands on the right side only", name),
        "a rule can use only what its left side matches"
      )
    end
  end
  for name in pairs(sizes or {}) do
    if not name:find "^%?" and not (extra and extra["dim " .. name]) then
      self:stop(trees.find(ast, name) or ast, string.format("the size %s stands on the right side only", name))
    end
  end
end

-- ---------------------------------------------------------------------------------------------- conditions

-- Stop at a condition that is no property of a form, no attribute and no predicate of the session.
function Loader:unknown_condition(cond)
  local all = copy(STRUCTURAL)
  for _, others in ipairs { self.session.attributes, self.session.predicates } do
    for name in pairs(others) do
      all[name] = true
    end
  end
  local synonym = SYNONYMS[cond.name]
  local hint = synonym and "did you mean " .. synonym .. "?" or M.meant(cond.name, keys(all))
  self:stop(cond, "unknown condition '" .. cond.name .. "'", hint)
end

-- A condition as `store:rule` takes it. `bound`: the set of variables that the left side binds.
function Loader:condition(ast, c, bound)
  local negated = ast.tag == "not"
  local cond = negated and ast[1] or ast
  for _, name in ipairs(names_of(cond)) do
    if self.decls[name] and not bound[name] then
      self:stop(
        trees.find(cond, name),
        string.format("the variable %s does not stand on the left side", name),
        "a condition can ask only about what the left side matches"
      )
    end
  end
  local function side(tree)
    local id = c:build_pattern(tree)
    if not id then
      c:infer(tree)
      c:settle(tree)
      id = c:build(tree)
    end
    return id
  end
  if cond.tag == "compare" then
    return { predicate = cond.op, a = side(cond[1]), b = side(cond[2]), negated = negated, ast = ast }
  elseif cond.tag ~= "call" then
    self:stop(cond, "a condition is a property such as symmetric(A), or a comparison such as k > 0")
  end
  local name, first, second = cond.name, cond.args[1], cond.args[2]
  if not STRUCTURAL[name] and not self.session.predicates[name] and not self.session.attributes[name] then
    self:unknown_condition(cond)
  elseif #cond.args < 1 or #cond.args > 2 then
    self:stop(cond, string.format("the condition %s takes one or two arguments, found %d", name, #cond.args))
  end
  local attribute
  if name == "free" then -- free(A, random): no letter in A has the attribute
    attribute = second and second.tag == "name" and second.name
    if not attribute or not self.session.attributes[attribute] then
      self:stop(second or cond, "the second argument of free is an attribute, such as free(A, random)")
    end
  end
  return {
    predicate = name,
    a = side(first),
    b = attribute and self.session.S:opname(attribute) or second and side(second),
    negated = negated,
    structural = STRUCTURAL[name],
    ast = ast,
  }
end

-- Has a declared letter an attribute? Kept until the next `let`; those of a definition's arguments have none.
function Loader:declares_attributes()
  if self.attributes_of ~= self.decls then
    self.attributes_of, self.has_attributes = self.decls, getmetatable(self.decls) ~= nil
    for _, d in pairs(self.decls) do
      self.has_attributes = self.has_attributes or d.attributes ~= nil and d.attributes[1] ~= nil
    end
  end
  return self.has_attributes
end

--- The conditions of a rule: those that it states, and the attributes of the variables in its left side (but for
-- those that are assumed: that X is invertible where inv(X) is written).
-- @tparam table list trees
-- @tparam table c the context of the rule
-- @param lhs the node of its left side
-- @return a list of `{ predicate, a, b, negated, structural }`, for `store:rule`
function Loader:conditions(list, c, lhs)
  local out, bound = { nil, nil }, nil
  for i, ast in ipairs(list or NONE) do
    bound = bound or self:open_names(lhs) or {}
    out[i] = self:condition(ast, c, bound)
  end
  for name, var in pairs(self:declares_attributes() and c.scope.vars or NONE) do
    for _, attribute in ipairs(var.attributes or NONE) do
      bound = bound or self:open_names(lhs) or {}
      if bound[name] and not self.session.assumed[attribute.name] then
        out[#out + 1] = {
          predicate = attribute.name,
          a = var.id,
          structural = STRUCTURAL[attribute.name],
          ast = { tag = "call", name = attribute.name, args = { { tag = "name", name = name } } },
        }
      end
    end
  end
  if #out > MOST_CONDITIONS then
    self:stop(
      self.statement,
      string.format("a rule has at most %d conditions, found %d", MOST_CONDITIONS, #out)
    )
  end
  return out
end

--- Is every condition one that the form of an expression answers? Then it holds or not whatever is declared.
function M.structural(conditions)
  for _, c in ipairs(conditions) do
    if c.predicate:match "^%a" and not c.structural then
      return false
    end
  end
  return true
end

-- ---------------------------------------------------------------------------------------------- into the session

-- What an error says where the conditions of a differential rule do not hold.
local function note_on(name, conditions)
  local texts = {}
  for i, condition in ipairs(conditions) do
    texts[i] = syntax.dump(condition.ast)
  end
  return string.format('the conditions of the rule "%s" do not hold: %s', name, table.concat(texts, ", "))
end

local NOTHING = {} -- one table for all rules without conditions: an image holds it once

-- What a statement may say besides; `title`: of a function.
local SOMETIMES = { "cite", "zh", "titles", "title" }

--- What a rule is to `add_rule`, with room for what that adds.
function M.fields(kind, lhs, rhs, conditions)
  return { kind = kind, lhs = lhs, rhs = rhs, conditions = conditions, name = nil, priority = nil, note = nil }
end

--- Put a rule into the engine, and what messages and derivations say of it into the session.
-- @tparam table statement gives `name`, `priority`, `cite`, `zh` and the line
-- @tparam table fields `kind`, `lhs`, `rhs`, `conditions`, .. of `store:rule`
-- @treturn integer its serial number
function Loader:add_rule(statement, fields)
  local session, over = self.session, statement.over
  statement = statement.round_of or statement
  local conditions = fields.conditions or NOTHING
  fields.name = statement.name
    or string.format("%s:%d", (self.file or "text"):match "[^/]*$", statement.line or 0)
  fields.priority = statement.priority or 0
  fields.note = statement.note
  local of_differentials = fields.kind == M.kinds.differential or fields.kind == M.kinds.step
  if of_differentials and not fields.note and #conditions > 0 then
    fields.note = note_on(fields.name, conditions)
  end
  local ok, serial = pcall(session.S.rule, session.S, fields)
  if not ok then
    self:stop(statement, type(serial) == "table" and serial.message or tostring(serial))
  end
  local asks, undecided = NOTHING, nil -- the nodes that conditions are about
  local property -- an attribute that a condition asks for
  for _, condition in ipairs(conditions) do
    property = property or session.attributes[condition.predicate] and condition.predicate
    if asks == NOTHING then
      asks = { condition.a, condition.b }
    else
      asks[#asks + 1] = condition.a
      asks[#asks + 1] = condition.b
    end
    undecided = undecided or condition.negated or UNDECIDED[condition.predicate]
  end
  local rule = {
    name = fields.name,
    asks = asks,
    named = statement.name ~= nil, -- not only by its place
    statement = statement.kind,
    file = self.file,
    line = statement.line,
    kind = fields.kind,
    priority = fields.priority,
    lhs = fields.lhs,
    rhs = fields.rhs,
    conditions = #conditions,
  }
  if undecided or property or over then
    rule.undecided, rule.asks_for, rule.over = undecided, property, over or nil
  end
  for i = 1, #SOMETIMES do -- no room is kept in the table for what few rules have
    local key = SOMETIMES[i]
    local value = statement[key]
    if value then
      rule[key] = value
    end
  end
  session.rules[serial] = rule
  if fields.kind == M.kinds.differential then -- a list of those of each operator
    local head = session.S:op(session.S:args(fields.lhs)[1])
    local list = copy(session.differentials[head] or {})
    list[#list + 1] = serial
    session.differentials[head] = list
  end
  return serial
end

return M
