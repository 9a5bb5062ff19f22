--- A session: one store, the rules that were read into it, what was declared.
--
-- Here stand its state, declarations, the reading of texts and of rules. Its other methods stand in files of their
-- own: nabla.session.differentiate, nabla.session.evaluate, nabla.session.print. What reads rules is loaded when
-- rules are read: with an image (nabla.session.image) that may be never.
--
-- @classmod nabla.Session

local attributes = require "nabla.language.attributes"
local conventions = require "nabla.calculus.convention"
local core = require "nabla.core"
local derivative = require "nabla.calculus.derivative"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local handles = require "nabla.session.handles"
local image = require "nabla.session.image"
local spelling = require "nabla.text.spelling"
local syntax = require "nabla.language.syntax"

local Session = {}
Session.__index = Session
Session.__name = "nabla.Session"

local ONE = 1
local KIND = elaborate.KIND

local id_of, remember, try = handles.id_of, handles.remember, handles.try

Session.wrap, Session.of, Session.function_of = handles.wrap, handles.of, handles.function_of
Session.hints, Session.remember, Session.try = handles.hints, remember, try

for _, part in ipairs { "differentiate", "evaluate", "print" } do
  for name, method in pairs(require("nabla.session." .. part).methods) do
    Session[name] = method
  end
end

-- Carry out a rule file or text: nabla.rules.load.
local function load_rules(session, what)
  return require("nabla.rules.load").load(session, what)
end

--- A new session.
-- @tparam[opt] table opts `layout` (a name), `rules` (files read after the default ones), `convention`,
-- `default_rules` (false: none), `limits` (steps, nodes, bytes, seconds for each call)
-- @return the session, or nil and the error
function Session.new(opts)
  opts = opts or {}
  if type(opts) ~= "table" then
    error('nabla.new takes a table of options, such as { layout = "numerator" }', 2)
  end
  for key in pairs(opts) do
    if not ({ layout = 1, rules = 1, convention = 1, default_rules = 1, limits = 1 })[key] then
      error(
        string.format(
          "nabla.new: unknown option '%s'; known: layout, rules, convention, default_rules, limits",
          tostring(key)
        ),
        2
      )
    end
  end
  local self = setmetatable({
    S = core.new(),
    ops = {},
    rules = {},
    differentials = {}, -- operator -> its differential rules
    layouts = {},
    conventions = { free = conventions.free },
    identities = {},
    identity_order = {},
    tables = {},
    table_order = {},
    attributes = {},
    implications = {}, -- attribute -> set of those that it implies
    exclusions = {}, -- attribute -> set of those that cannot hold beside it
    assumed = {}, -- attributes that a rule's variable may be taken to have
    square = {}, -- attributes of square matrices only
    stated = {}, -- operator -> what identities have stated of its derivative (nabla.rules.derivatives_from_identities)
    predicates = {},
    files = {},
    dimension_names = {}, -- dimension -> the names in it
    layout = "denominator",
    convention = "free",
  }, Session)
  self.constants = elaborate.scope()
  self.scope = elaborate.scope(self.constants)
  handles.belongs(self.S, self)
  local files = {}
  if opts.default_rules ~= false and not image.restore(self) then
    files[1] = "default.rules"
  end
  local given = opts.rules or {}
  if type(given) == "string" then
    given = { given }
  end
  for _, path in ipairs(given) do
    files[#files + 1] = path
  end
  for _, path in ipairs(files) do
    local ok, err = load_rules(self, { path = path })
    if not ok then
      return nil, err
    end
  end
  self:reset() -- no names from the rule files
  self.S:limits { steps = 1e9, bytes = 4e9 }
  if opts.limits then
    self.S:limits(opts.limits)
  end
  if opts.layout then
    local ok, err = try(derivative.layout_named, self, opts.layout)
    if not ok then
      return nil, err
    end
    self.layout = opts.layout
  end
  if opts.convention then
    local ok, err = try(conventions.named, self, opts.convention)
    if not ok then
      return nil, err
    end
    self.convention = opts.convention
  end
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
  self.attributes[name] = { bits = bits }
  self.S:attribute(name, true, bits)
  return bits
end

-- Put declarations into a scope. `place` has text and file.
function Session:declare_in(scope, decls, place)
  local S = self.S
  local function stop(pos, message, hint)
    error(errors.at { text = place.text, file = place.file, pos = pos, message = message, hint = hint }, 0)
  end
  local c = elaborate.context(self, { text = place.text, file = place.file, scope = scope })
  local made = {}
  local ready = {}
  local waiting = {}
  local function size(ast, d, which)
    if ast then
      return c:dimension(ast, true)
    end
    -- a declaration without sizes: sizes of its own
    local name = which .. "_" .. d.name
    scope.dims[name] = true
    return S:dim(name)
  end
  local function declare(d)
    if d.kind == "operator" then
      stop(
        d.pos,
        "an operator's name can stand for any only in a rule",
        "a function is declared: vector " .. d.name .. "(n) of x"
      )
    end
    local scalar = d.kind == "scalar" or d.kind == "number" or d.kind == "constant" or d.kind == "variable"
    local rows = scalar and ONE or size(d.rows, d, d.kind == "vector" and "n" or "rows")
    local cols = (scalar or d.kind == "vector") and ONE or size(d.cols, d, "cols")
    local var = { name = d.name, kind = scalar and "scalar" or d.kind, rows = rows, cols = cols }
    for _, dim in ipairs { rows, cols } do
      local v = S:dimint(dim)
      if v and v < 1 then
        stop(d.pos, string.format("a size of %s is %d; it must be at least 1", d.name, v))
      end
    end
    local bits = attributes.bits(self, d, rows, cols, stop)
    if d.of then
      local arg = elaborate.lookup(scope, d.of)
      local id = arg.func and S:call(arg.id, arg.arg_id) or arg.id
      var.func, var.arg_rows, var.arg_cols, var.arg_id = true, S:rows(id), S:cols(id), id
      var.id = S:func(d.name, bits, id, rows, cols)
    else
      var.id = S:symbol(d.name, KIND[var.kind], bits, rows, cols)
    end
    rawset(scope.vars, d.name, var)
    made[d] = var
    return var
  end
  for _, d in ipairs(decls) do
    if ready[d.name] then
      stop(
        d.namepos,
        d.name .. " is declared twice",
        "one declaration takes all attributes: matrix A(n,n) symmetric invertible"
      )
    end
    ready[d.name] = d
  end
  local function visit(d)
    if made[d] then
      return
    elseif waiting[d] then
      stop(
        d.ofpos or d.pos,
        "the functions " .. d.name .. " and " .. d.of .. " depend on each other in a circle"
      )
    end
    waiting[d] = true
    if d.of then
      if ready[d.of] then
        visit(ready[d.of])
      elseif not elaborate.lookup(scope, d.of) then
        local names = {}
        for name in pairs(ready) do
          names[#names + 1] = name
        end
        local nearest = spelling.nearest(d.of, names)
        stop(
          d.ofpos or d.pos,
          "unknown name '" .. d.of .. "'",
          nearest and "did you mean " .. nearest .. "?" or "declare it first: vector " .. d.of .. "(n)"
        )
      end
    end
    declare(d)
  end
  for _, d in ipairs(decls) do
    visit(d)
  end
  local vars = {}
  for i, d in ipairs(decls) do
    vars[i] = made[d]
  end
  return vars
end

--- Declare variables and unknown functions; `session:declare "matrix A(m,n), vector x(n)"`.
-- All of them are declared or, on an error, none.
-- @tparam string ... declarations
-- @return a node for each (an unknown function can be called), or nil and the error
function Session:declare(...)
  local texts = { ... }
  for i, text in ipairs(texts) do
    if type(text) ~= "string" then
      error(string.format("declare takes text, found a %s", type(texts[i])), 2)
    end
  end
  self.S:begin()
  local trial = elaborate.scope(self.constants)
  for k, v in pairs(self.scope.vars) do
    trial.vars[k] = v
  end
  for k in pairs(self.scope.dims) do
    trial.dims[k] = true
  end
  local made, err = try(function()
    for _, text in ipairs(texts) do
      local decls, why = syntax.declarations(text)
      if not decls then
        error(why, 0)
      end
    end
    -- as one text, so that they may refer to each other; a line for each
    local text = table.concat(texts, ";\n")
    local all, why = syntax.declarations(text)
    if not all then
      error(why, 0)
    end
    return self:declare_in(trial, all, { text = text })
  end)
  if not made then
    return nil, err
  end
  self.scope = trial
  local nodes = {}
  for i, var in ipairs(made) do
    nodes[i] = self:wrap(var.id)
    var.handle = nodes[i] -- declared names stay alive with the session
    if var.arg_id then
      var.arg_handle = self:wrap(var.arg_id)
    end
  end
  return table.unpack(nodes)
end

--- Forget all declarations.
function Session:reset()
  self.scope = elaborate.scope(self.constants)
end

-- ---------------------------------------------------------------------------------------------- reading

-- The id of a text, and the context that has read it; what is wrong is raised. For modules of nabla.
function Session:read(text, opts)
  local latex = opts and opts.latex or text:find "[\\{]" and require("nabla.latex.parser").is_latex(text)
  if latex then
    return require("nabla.identify.elaborate").latex(self, text, opts)
  end
  local ast, err = syntax.expression(text, { file = opts and opts.file })
  if not ast then
    error(err, 0)
  end
  local c = elaborate.context(self, {
    text = text,
    file = opts and opts.file,
    habit = true,
    layout = opts and opts.layout or self.layout,
    convention = opts and opts.convention or self.convention,
  })
  local id = c:node(ast)
  return id, c
end

--- Read an expression, also in LaTeX.
-- @tparam string text
-- @tparam[opt] table opts layout, convention (of derivatives in the text); `latex` (true: LaTeX also if nothing in it tells)
-- @return a node, or nil and the error (line, column, message, hint; prints as the line with a caret)
function Session:parse(text, opts)
  if type(text) ~= "string" then
    error(string.format("parse takes text, found a %s", type(text)), 2)
  end
  self.S:begin()
  return try(function()
    local id, c = self:read(text, opts)
    return self:wrap(id, remember(self, c))
  end)
end

-- D(u, x) in a text; called by the elaboration.
function Session:elaborate_derivative(c, ast)
  local S = self.S
  local target, by = ast.args[1], ast.args[2]
  local function unknown_function(a)
    local var = a.tag == "name" and elaborate.lookup(c.scope, a.name)
    return var and var.func and var
  end
  local function value(a)
    local var = unknown_function(a)
    if var and not var.arg_id then -- in a rule, where its argument has no name
      c:stop(a, var.name .. " is a function here, and a derivative is taken by a variable")
    elseif var then
      return S:call(var.id, var.arg_id)
    end
    c:infer(a)
    c:settle(a)
    return c:build(a)
  end
  local var = unknown_function(target)
  local inner
  if var then
    inner = var.id
  elseif target.tag == "call" and target.name == "D" then
    c:infer(target)
    inner = S:op(target.node) == "D" and target.node or nil
  end
  if inner then
    local point = value(by)
    if var and (S:rows(point) ~= var.arg_rows or S:cols(point) ~= var.arg_cols) then
      c:stop(
        by,
        string.format(
          "%s is declared as a function of something %s x %s",
          var.name,
          S:dimtext(var.arg_rows),
          S:dimtext(var.arg_cols)
        )
      )
    end
    if c.pattern then
      return S:derivative(inner, point)
    end
    return (derivative.in_layout(self, inner, point, derivative.layout_named(self, c.layout or self.layout)))
  end
  -- anything else: the derivative is worked out
  local turned = by.tag == "transpose"
  local name = turned and by[1] or by
  local f = value(target)
  local x = value(name)
  local layout = derivative.layout_named(self, c.layout or self.layout)
  local convention = conventions.named(self, c.convention or "free")
  return derivative.derivative(self, f, x, turned, layout, convention, true)
end

function Session:total_differential(id)
  return derivative.total_differential(self, id)
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

--- Let a Lua function answer a condition of rules: `rule ... if name(A)`.
-- @tparam string name
-- @tparam function f called with nodes; its answer is true or false
function Session:predicate(name, f)
  if type(name) ~= "string" or type(f) ~= "function" then
    error("predicate takes a name and a function", 2)
  end
  self.predicates[name] = f
  self.S:hook(function(which, ...)
    local g = self.predicates[which]
    if not g then
      return nil
    end
    local nodes = { ... }
    for i, id in ipairs(nodes) do
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

--- Limits for each call: steps, nodes, bytes, seconds.
function Session:limits(limits)
  self.S:limits(limits)
end

return Session
