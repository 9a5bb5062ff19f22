--- A session: one store, the rules that were read into it, what was declared.
--
-- This file has its state, declarations, the reading of texts and of rules. What reads rules is loaded when rules are
-- read: with an image (nabla.session.image) that may be never.
--
-- @classmod nabla.Session

local collection = require "nabla.start.collection"
local conventions = require "nabla.calculus.convention"
local core = require "nabla.core"
local differentiate = require "nabla.session.differentiate"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local expressions = require "nabla.session.expressions"
local handles = require "nabla.session.handles"
local image = require "nabla.session.image"
local known_values = require "nabla.language.known_values"
local later = require "nabla.text.later"
local layouts = require "nabla.calculus.layout"
local notations = require "nabla.session.notation"
local program_text = require "nabla.page.program_text"
local print = require "nabla.session.print"
local attributes = later.require "nabla.language.attributes"
local recognise = later.require "nabla.page.recognise"
local scopes = require "nabla.language.scope"
local syntax = require "nabla.language.syntax"

local declare = later.require "nabla.language.declare"

-- Few texts have definitions.
local definitions = later.require "nabla.page.definitions"

local HAS_VARIABLE = core.constants.node_flags.variable

local Session = {}
Session.__index = Session
Session.__name = "nabla.Session"

local id_of, remember, told, try = handles.id_of, handles.remember, handles.told, handles.try

Session.wrap, Session.of, Session.function_of = handles.wrap, handles.of, handles.function_of
Session.forget_texts = handles.forget
Session.hints, Session.remember, Session.try = handles.hints, remember, try

-- What the elaboration of a text asks of the calculus.
Session.hooks = later.require "nabla.calculus.derivative_in_text"

-- The methods that are in files of their own.
Session.variable, Session.diff, Session.hessian = differentiate.variable, differentiate.diff, differentiate.hessian
Session.differential, Session.simplify, Session.expand =
  differentiate.differential, differentiate.simplify, differentiate.expand
Session.same, Session.equal = differentiate.same, differentiate.equal
Session.check_complex, Session.is_own_conjugate = differentiate.check_complex, differentiate.is_own_conjugate
Session.compare_apart = differentiate.compare_apart
Session.printed, Session.text, Session.write, Session.tree, Session.table, Session.size =
  print.printed, print.text, print.write, print.tree, print.table, print.size
Session.sum_with_parts = print.sum_with_parts

for name, method in pairs(expressions.of_sessions) do
  Session[name] = method
end

-- Those of modules that are loaded by the first call.
local LATER = {
  [function()
    return require "nabla.session.derive"
  end] = { "derive", "derive_hessian", "derivation", "derive_simplified", "derive_equality" },
  [function()
    return require "nabla.session.code"
  end] = { "code" },
  [function()
    return require "nabla.session.convexity"
  end] = { "convexity" },
  [function()
    return require "nabla.session.evaluate"
  end] = { "compile", "verify", "identify" },
  [function()
    return require "nabla.session.families"
  end] = { "as_matrices" },
  [function()
    return require "nabla.session.equations"
  end] = { "equation", "solve", "stationary" },
  [function()
    return require "nabla.session.taylor"
  end] = { "taylor" },
}
for load, names in pairs(LATER) do
  for _, name in ipairs(names) do
    Session[name] = later.call(load, name)
  end
end

-- Those that know real letters only.
for _, name in ipairs {
  "linear", "quadratic", "square",
} do
  local method = Session[name]
  Session[name] = function(self, ...)
    if self.complex_letters then
      local known, err = try(require("nabla.language.complex").need_real, self, name, ...)
      if err then
        return known, err
      end
    end
    return method(self, ...)
  end
end

-- Carry out a rule file or text: nabla.rules.load.
local function load_rules(session, what)
  local may, err = try(session.S.may_change, session.S, "rules")
  if not may then
    return nil, err
  end
  return require("nabla.rules.load").load(session, what)
end

-- The rule texts of the option rules_text as a list of { name =, text = }; what is no such thing is an error at the caller's line.
local function texts_of(given, level)
  local list = {}
  for i, entry in ipairs(type(given) == "table" and given or { given }) do
    local name = i == 1 and type(given) == "string" and "rules_text" or "rules_text " .. i
    list[i] = { name = name, text = entry }
    if type(entry) == "table" then
      list[i] = { name = entry.name or name, text = entry.text }
    end
  end
  for _, entry in ipairs(list) do
    if type(entry.name) ~= "string" or type(entry.text) ~= "string" then
      error("nabla.new: rules_text is a text, or a list of texts and of tables { name =, text = }", level + 1)
    end
  end
  if given ~= nil and #list == 0 or type(given) == "table" and (given.text or given.name) then
    error("nabla.new: rules_text is a text, or a list of texts and of tables { name =, text = }", level + 1)
  end
  return list
end

-- Read rule texts from memory. They may use each other by name, as files do. No image holds them.
local function read_texts(self, given)
  local list, texts = texts_of(given, 1), {}
  for _, entry in ipairs(list) do
    texts[entry.name] = entry.text
  end
  self.texts = texts
  for _, entry in ipairs(list) do
    local ok, err = load_rules(self, { text = entry.text, file = entry.name, named = true })
    if not ok then
      return nil, err
    end
  end
  self.texts = nil
  return true
end

-- The files that a new session begins with, from images where there are some that hold. True, or nil and the error.
local function read_files(self, opts)
  local given = type(opts.rules) == "string" and { opts.rules } or opts.rules or {}
  local kept
  if opts.default_rules ~= false then
    if given[1] and not opts.check then
      local restored
      restored, kept = image.restore_with(self, given)
      if restored then
        self:inherit(false) -- no part of the store's image
        return true
      end
    end
    if image.restore(self) then
      self:inherit(false)
    else
      local ok, err = load_rules(self, { path = "default.rules" })
      if not ok then
        return nil, err
      end
      image.keep(self)
    end
  end
  self.prove = opts.check and Session.prove_loaded or nil
  for _, path in ipairs(given) do
    local ok, err = load_rules(self, { path = path })
    if not ok then
      return nil, err
    end
  end
  if kept then
    image.keep_with(self, kept)
  end
  return read_texts(self, opts.rules_text)
end

local OPTIONS = {
  "layout",
  "rules",
  "rules_text",
  "convention",
  "notation",
  "typed",
  "default_rules",
  "limits",
  "habits",
  "spread",
  "check",
  "strict",
}
for _, key in ipairs(OPTIONS) do
  OPTIONS[key] = true
end

--- A new session.
-- @tparam[opt] table opts `layout` (a name), `rules` (files read after the default ones), `rules_text` (rules in memory, read after
-- the files: a text, or a list of texts and of { name =, text = }; they may use each other by name), `convention`,
-- `notation` (how answers are written), `typed` (the notation of a program that texts are in), `default_rules` (false: none),
-- `limits` (those of Session:limits), `habits` (false: no letter is read otherwise than by its habit, but a..g and Greek letters
-- as vectors), `spread` (false: no scalar goes with each entry of a column), `check` (true: rule files are proved as they are
-- read, and refused where a statement is wrong),
-- `strict` (true: methods raise their errors at the caller's line, where others return nil and the error)
-- @return the session, or nil and the error
function Session.new(opts)
  local self, err = Session.open(opts)
  if opts and opts.strict then
    if not self then
      error(tostring(err), 2)
    end
    return require("nabla.session.strict").front(self)
  elseif not self then
    return nil, err
  end
  return self
end

-- A session that is not strict.
function Session.open(opts)
  opts = opts or {}
  if type(opts) ~= "table" then
    error('nabla.new takes a table of options, such as { layout = "numerator" }', 3)
  end
  for key in pairs(opts) do
    if not OPTIONS[key] then
      local known = table.concat(OPTIONS, ", ")
      error(string.format("nabla.new: unknown option '%s'; known: %s", tostring(key), known), 3)
    end
  end
  texts_of(opts.rules_text, 3)
  local self = setmetatable({
    S = core.new(),
    ops = {},
    rules = {},
    differentials = {}, -- operator -> its differential rules
    layouts = {},
    coordinates = {}, -- operator -> what a derivative by its value means (nabla.calculus.coordinates)
    shared_names = {}, -- name -> the operators that are also called so (nabla.language.overloads)
    formulas = {}, -- functions of an expression and a variable (nabla.rules.formulas)
    conventions = { free = conventions.free },
    notations = { nabla = { name = "nabla", title = "nabla's own", zh = "nabla 的记号" } },
    identities = {},
    identity_order = {},
    tables = {},
    table_order = {},
    attributes = {},
    implications = {}, -- attribute -> set of those that it implies
    exclusions = {}, -- attribute -> set of those that cannot hold beside it
    inherited_attributes = {}, -- name -> true: an expression has it if a letter in it has
    assumed = {}, -- attributes that a rule's variable may be taken to have
    repeated = {}, -- statements for all operators with a property, those defined later included (nabla.rules.loops)
    meanings = {}, -- attribute -> what it means by numbers (nabla.rules.definitions)
    square_attributes = {}, -- attributes of square matrices only
    lost = {}, -- operators that have been taken away, and what went with them (nabla.rules.retire)
    stated_derivatives = {}, -- operator -> what identities state of its derivative (nabla.rules.derivatives_from_identities)
    identities_as_steps = {}, -- count: of the identities that have become rules for steps
    predicates = {},
    domains = {}, -- attribute -> what the set of the matrices is that have it: subspace, convex, upward
    wordings = {}, -- what a derivation says of a line that no rule gives: name -> { text, zh }
    isolations = {}, -- ways of isolating an unknown (nabla.rules.isolations)
    files = {},
    dimension_names = {}, -- dimension -> the names in it
    notation = "nabla",
    layout = "denominator",
    convention = "free",
  }, Session)
  self.constants = scopes.scope()
  self.declared = scopes.scope(self.constants) -- what files declare for their users
  self.scope = scopes.scope(self.declared)
  handles.belongs(self.S, self)
  local read, err = read_files(self, opts)
  collection.release()
  if not read then
    return nil, err
  end
  self:reset() -- no names from the rule files
  self.habits, self.spread = opts.habits ~= false, opts.spread ~= false
  self.S:limits { steps = 1e9, bytes = 4e9 }
  if opts.limits then
    self.S:limits(opts.limits)
  end
  if opts.layout then
    local ok, why = try(layouts.named, self, opts.layout)
    if not ok then
      return nil, why
    end
    self.layout = opts.layout
  end
  if opts.convention then
    local ok, why = try(conventions.named, self, opts.convention)
    if not ok then
      return nil, why
    end
    self.convention = opts.convention
  end
  if opts.notation then
    local ok, why = try(notations.named, self, opts.notation)
    if not ok then
      return nil, why
    end
    self.notation = opts.notation
  end
  if opts.typed then
    local ok, why = try(program_text.named, self, opts.typed)
    if not ok then
      return nil, why
    end
    self.typed = opts.typed
  end
  self.S:keep() -- what has been read may hold dimensions
  return self
end

-- ---------------------------------------------------------------------------------------------- declarations

--- Register an attribute (and what it implies); its bits.
function Session:attribute(name, implies)
  local known = self.attributes[name]
  if known and not implies then
    return known.bits
  end
  local bits = self.S:attribute(name, true)
  if bits == 0 then
    error({ status = "limit", message = "there are 64 attributes already" }, 0)
  end
  for _, other in ipairs(implies or {}) do
    bits = bits | self:attribute(other)
  end
  bits = bits | (known and known.bits or 0)
  local attribute = { bits = bits } -- and its title, zh and cite
  for key, value in pairs(known or {}) do
    attribute[key] = attribute[key] or value
  end
  self.attributes[name] = attribute
  self.S:attribute(name, true, bits)
  return bits
end

--- Complex letters, or the imaginary unit, may occur from now on: expressions with them have no property of real ones.
function Session:expect_complex()
  if self.complex_letters then
    return
  end
  self.complex_letters = {}
  self:inherit(true)
end

--- Tell the engine which attributes expressions inherit from their letters, and (`active`) which ones such an expression cannot have.
function Session:inherit(active)
  local bits, excluded = 0, 0
  for name in pairs(self.inherited_attributes) do
    bits = bits | self.S:attribute(name, false)
    for other in pairs(active and self.exclusions[name] or {}) do
      for each, known in pairs(self.attributes) do
        local own = self.S:attribute(other, false)
        excluded = excluded | (known.bits & own ~= 0 and self.S:attribute(each, false) or 0)
      end
    end
  end
  self.S:inherit(bits, excluded)
end

-- What declarations say by values, beside what was known of other letters.
local function known_beside(self, known, trial)
  for _, value in ipairs(known) do
    value.handles = { self:wrap(value.from), self:wrap(value.to) }
  end
  for _, before in ipairs(self.known_values or {}) do -- of letters that are declared anew no more
    local x = before.letter and trial.vars[before.letter]
    known[#known + 1] = not x and before or nil
  end
  return known
end

-- Declarations in a scope of their own, over that of the session; what is wrong with them is raised.
local function declared_over(self, list, text)
  local trial = scopes.scope(self.scope)
  local place = { session = self, text = text, takes_complex = true, takes_known = true, complex = nil, known = nil }
  local made = declare.into(trial, list, place)
  if place.known or self.known_values then
    self.known_values = known_beside(self, place.known or {}, trial)
  end
  if place.complex then
    self:expect_complex()
    for name in pairs(place.complex) do
      self.complex_letters[name] = true
    end
  end
  return made, trial
end

-- The declarations in texts, in one list.
local function declarations_in(texts)
  local list
  for i = 1, #texts do
    local decls, why = syntax.declarations(texts[i])
    if not decls then
      error(why, 0)
    end
    list = list and table.move(decls, 1, #decls, #list + 1, list) or decls
  end
  return list or {}
end

-- The variables of the declarations in texts, which are then in the scope of the session.
local function declared(self, texts)
  local list = declarations_in(texts)
  local done, made, trial = errors.attempt(declared_over, self, list, texts[1])
  if not done then
    if #texts < 2 then
      error(made, 0)
    end
    -- read again as one text, a line for each, so that the error has its place in it
    local text = table.concat(texts, ";\n")
    local all, why = syntax.declarations(text)
    if not all then
      error(why, 0)
    end
    made, trial = declared_over(self, all, text)
  end
  local vars, dims = self.scope.vars, self.scope.dims
  for name, var in next, trial.vars do
    vars[name] = var
  end
  for name in next, trial.dims do
    dims[name] = true
  end
  return made
end

-- The nodes of what is in texts, where the engine reads them by itself: nearly all declarations (src/lua/lua_declare.c). Else nil.
local function plain_declarations(self, ...)
  if self.known_values then
    return nil
  end
  local scope, together = self.scope, attributes.together(self)
  return self.S:declare(scope.vars, scope.dims, together.bits, together.square, ...)
end

-- The same of any texts.
local function any_declarations(self, texts)
  local made, nodes = declared(self, texts), {}
  for i = 1, #made do
    local var = made[i]
    nodes[i] = self:wrap(var.id)
    var.handle = nodes[i] -- declared names stay alive with the session
    if var.arg_id then
      var.arg_handle = self:wrap(var.arg_id)
    end
  end
  return nodes
end

--- Declare variables and unknown functions; `session:declare "matrix A(m,n), vector x(n)"`.
-- All of them are declared or, on an error, none.
-- @tparam string ... declarations
-- @return a node for each (an unknown function can be called), or nil and the error
function Session:declare(...)
  self.S:begin()
  local nodes, err = try(plain_declarations, self, ...)
  if not (nodes or err) then
    local texts = { ... }
    for i = 1, #texts do
      if type(texts[i]) ~= "string" then
        error(string.format("declare takes text, found a %s", type(texts[i])), 2)
      end
    end
    nodes, err = try(any_declarations, self, texts)
  end
  if not nodes then
    return nil, err
  end
  return table.unpack(nodes)
end

--- Forget all declarations, but those of rule files.
function Session:reset()
  self.parts, self.known_values = nil, self.declared_values
  self.scope = scopes.scope(self.declared)
end

-- ---------------------------------------------------------------------------------------------- reading

-- What may be of a text with definitions.
local has_definition = core.plain.finder { "=", ";", "#", "where" }

-- The id of a text, and the context that has read it, with what was assumed in `notes`; what is wrong is raised. For modules
-- of nabla.
function Session:read(text, opts)
  local list, rest, note
  if has_definition(text) then
    list, rest, note = definitions.split(text, function(part)
      return opts and opts.typed or self.typed or program_text.notation(self, part)
    end)
  end
  if list then
    return definitions.read(self, list, { text = text, rest = rest, note = note }, function(part)
      return self:read(part, opts)
    end, function()
      return recognise.read(self, text, opts)
    end, notations.signs(self))
  end
  if not self.complex_letters and text:find("i", 1, true)
    and (text:find "%di%f[^%w_]" or text:find("imagunit", 1, true)) then
    self:expect_complex()
  end
  local function given()
    return {
      text = text,
      file = opts and opts.file,
      habit = true,
      habits = opts and opts.habits,
      spread = opts and opts.spread,
      by = opts and opts.by,
      layout = opts and opts.layout or self.layout,
      convention = opts and opts.convention or self.convention,
    }
  end
  local signs = notations.signs(self)
  local id, context, tree = recognise.declared(self, text, opts, given, signs)
  if not id then
    id, context = recognise.read(self, text, opts, function(ast)
      local about = given()
      about.words, about.arrays = ast.words, ast.arrays -- of a program
      local c = elaborate.context(self, about)
      local node = c:node(ast)
      c.ast = ast
      return node, c
    end, signs, tree)
  end
  id = known_values.put_in(self, id)
  if self.complex_letters then
    self:check_complex(id)
  end
  return id, context
end

local function parsed(self, text, opts)
  local id, c = self:read(text, opts)
  return told(self:wrap(id, remember(self, c)), c.notes)
end

--- Read an expression, also in LaTeX.
-- @tparam string text
-- @tparam[opt] table opts layout, convention (of derivatives in the text); `latex` (true: LaTeX also if nothing in it tells);
-- `typed` (the notation of a program that the text is in: numpy, pytorch, julia, matlab; else it is recognised);
-- habits, spread (as those of a session); `by` (the text of the variable that will be asked for: it supports a reading)
-- @return a node, and the notes on what was assumed (a list that prints as lines) or nil; or nil and the error (line, column,
-- message, hint; prints as the line with a caret)
function Session:parse(text, opts)
  if type(text) ~= "string" then
    error(string.format("parse takes text, found a %s", type(text)), 2)
  end
  self.S:begin()
  return try(parsed, self, text, opts)
end

-- ---------------------------------------------------------------------------------------------- rules

--- Read rules from a text. All of it takes effect, or on an error nothing.
-- @return true, or nil and the error
function Session:rule(text, name)
  if type(text) ~= "string" then
    error(string.format("rule takes text, found a %s", type(text)), 2)
  end
  self.S:begin()
  return load_rules(self, { text = text, file = name })
end

--- Read a rule file. All of it takes effect, or on an error nothing.
-- @return true, or nil and the error
function Session:load(path)
  if type(path) ~= "string" then
    error(string.format("load takes a path, found a %s", type(path)), 2)
  end
  self.S:begin()
  return load_rules(self, { path = path })
end

--- Let a Lua function answer a condition of rules: `rule ... if name(A)`. It is asked about expressions, never about the
-- letters of a rule, which stand for anything.
-- @tparam string name
-- @tparam function f called with nodes; its answer is true or false
function Session:predicate(name, f)
  if type(name) ~= "string" or type(f) ~= "function" then
    error("predicate takes a name and a function", 2)
  end
  local may, err = try(self.S.may_change, self.S, "predicates")
  if not may then
    error(err.message, 2)
  end
  self.predicates[name] = f
  self.S:hook(function(which, ...)
    local g = self.predicates[which]
    if not g then
      return nil
    end
    local nodes = { ... }
    for i, id in ipairs(nodes) do
      if self.S:flags(id) & HAS_VARIABLE ~= 0 then
        return "undecided" -- a letter of a rule stands for anything
      end
      nodes[i] = self:wrap(id)
    end
    return g(table.unpack(nodes)) and true or false
  end)
end

--- Does x have a property, by attribute or by fact?
function Session:holds(property, x)
  local id = id_of(self, x)
  if not id then
    error("a node was expected", 2)
  elseif not self.attributes[property] then
    error(string.format("unknown property '%s'", tostring(property)), 2)
  end
  if self.complex_letters and self.S:op(id) ~= "symbol" then
    local _, err = try(require("nabla.language.complex").need_real, self, "holds", x)
    if err then
      error(err.message, 2)
    end
  end
  return self.S:property(property, id)
end

--- Prove an identity by derivation: true, or false and what differs.
-- @tparam string name
function Session:check(name)
  local identity = self.identities[name]
  if not identity then
    error("there is no identity '" .. tostring(name) .. "'", 2)
  end
  self.S:begin()
  return try(require("nabla.rules.identities").prove, self, identity)
end

-- ---------------------------------------------------------------------------------------------- counts and limits

--- Counts: nodes, bytes, rules, steps of the last call.
function Session:stats()
  return self.S:stats()
end

--- Limits for each call: `steps`, `nodes`, `bytes`, `seconds` of the processor, seconds `elapsed` on the clock, rules applied one
-- inside the other (`nesting`).
function Session:limits(limits)
  local may, err = try(self.S.may_change, self.S, "limits")
  if not may then
    error(err.message, 2)
  end
  self.S:limits(limits)
end

--- Stop the call under way, from a predicate or a debug hook: it fails, with the status "interrupt".
function Session:interrupt()
  self.S:interrupt()
end

return Session
