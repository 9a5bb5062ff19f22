--- A session: one store, the rules that were read into it, what was declared.
--
-- @classmod nabla.Session

local attributes = require "nabla.attributes"
local claims = require "nabla.claims"
local conventions = require "nabla.conventions"
local core = require "nabla.core"
local derivative = require "nabla.derivative"
local elaborate = require "nabla.elaborate"
local format = require "nabla.format"
local notation = require "nabla.notation"
local printer = require "nabla.printer"
local rulefiles = require "nabla.rulefiles"
local source = require "nabla.source"
local syntax = require "nabla.syntax"

local Session = {}
Session.__index = Session
Session.__name = "nabla.Session"

local ONE = 1
local KIND = elaborate.KIND

-- Which session a store belongs to, for handles: a handle keeps its store, and the store its session.
local sessions = setmetatable({}, { __mode = "k" })
-- How sums stood in the text that a handle came from.
local hints = setmetatable({}, { __mode = "k" })

local Message = {
  __tostring = function(e)
    return e.message
  end,
}

-- Any failure as an error that prints.
local function as_error(e)
  if source.is_error(e) then
    return e
  elseif type(e) == "table" and e.message then
    return setmetatable({ message = e.message, status = e.status }, Message)
  end
  return nil
end

-- What a pcall has given: the results, or nil and the error.
local function outcome(done, a, ...)
  if done then
    return a, ...
  end
  local e = as_error(a)
  if not e then
    if type(a) == "string" and a:match "stack overflow" then
      return nil, setmetatable({ message = "the expression is nested too deeply", status = "limit" }, Message)
    end
    error(a, 0)
  end
  return nil, e
end

-- Call f; on an engine's or text's failure return nil and the error; a bug is raised.
local function try(f, ...)
  return outcome(pcall(f, ...))
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
    predicates = {},
    files = {},
    dimension_names = {}, -- dimension -> the names in it
    layout = "denominator",
    convention = "free",
  }, Session)
  self.constants = elaborate.scope()
  self.scope = elaborate.scope(self.constants)
  sessions[self.S] = self
  local files = {}
  if opts.default_rules ~= false then
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
    local ok, err = rulefiles.load(self, { path = path })
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

-- ---------------------------------------------------------------------------------------------- handles

-- The id of a handle of this session, or nil.
local function id_of(self, x)
  local S, id = core.unwrap(x)
  if not S then
    return nil
  elseif S ~= self.S then
    error("this node belongs to another session", 3)
  end
  return id
end

function Session:wrap(id, hint)
  local h = self.S:handle(id)
  if hint and not hints[h] then
    hints[h] = hint
  end
  return h
end

-- An unknown function by its name alone stands for its value at its declared argument.
local function value_of(S, id)
  return S:op(id) == "function" and S:call(id, S:declared_argument(id)) or id
end

--- The session of a node, and its id.
function Session.of(node)
  local S, id = core.unwrap(node)
  return S and sessions[S], id and value_of(S, id)
end

--- The same for a node that may be an unknown function itself, not its value.
function Session.function_of(node)
  local S, id = core.unwrap(node)
  return S and sessions[S], id
end

-- Remember how the sums of a text stood in it, for the printer. Handles keep the ids from being reused.
local function remember(self, sums)
  if #sums == 0 then
    return nil
  end
  local S = self.S
  local hint = { sums = {}, keep = {} }
  local function is_sum(id) -- the sum of terms, not the function sum(X)
    local op, own = S:op(id)
    return op == "sum" and own
  end
  local function note(id, terms, sign)
    if is_sum(id) and not hint.sums[id] then
      hint.sums[id] = { sign = sign, terms = terms }
      hint.keep[#hint.keep + 1] = S:handle(id)
    end
  end
  for _, sum in ipairs(sums) do
    local terms, turned = {}, {}
    for _, id in ipairs(sum.terms) do
      local args = is_sum(id) and S:args(id) or nil
      if args then
        for i = 2, #args, 2 do
          terms[#terms + 1] = { args[i - 1], args[i] }
        end
      elseif S:op(id) == "number" then
        terms[#terms + 1] = { id, S:rational(1) }
      else
        local c, unit = S:rational(1), id
        local parts = S:op(id) == "product" and S:args(id)
        if parts and parts[1] ~= c then
          c = parts[1]
          unit = S:div(id, c)
        end
        terms[#terms + 1] = { c, unit }
      end
    end
    for i, t in ipairs(terms) do
      turned[i] = { t[1], S:transpose(t[2]) }
    end
    local primitive = is_sum(sum.id) and S:args(S:product { sum.id, S:symbol("?", 0, 0, ONE, ONE) })
    for _, id in ipairs {
      sum.id,
      primitive and primitive[#primitive] or sum.id,
      primitive and primitive[2] or sum.id,
    } do
      if S:rows(id) == S:rows(sum.id) and S:cols(id) == S:cols(sum.id) then
        note(id, terms, 1)
        note(S:neg(id), terms, -1)
        note(S:transpose(id), turned, 1)
        note(S:neg(S:transpose(id)), turned, -1)
      end
    end
  end
  return hint
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
    error(source.error { text = place.text, file = place.file, pos = pos, message = message, hint = hint }, 0)
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
        local nearest = source.nearest(d.of, names)
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
  local handles = {}
  for i, var in ipairs(made) do
    handles[i] = self:wrap(var.id)
    var.handle = handles[i] -- declared names stay alive with the session
    if var.arg_id then
      var.arg_handle = self:wrap(var.arg_id)
    end
  end
  return table.unpack(handles)
end

--- Forget all declarations.
function Session:reset()
  self.scope = elaborate.scope(self.constants)
end

-- ---------------------------------------------------------------------------------------------- reading

local function read(self, text, opts)
  local latex = opts and opts.latex or text:find "[\\{]" and require("nabla.latex_input").is_latex(text)
  if latex then
    return require("nabla.identify").latex(self, text, opts)
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
    local id, c = read(self, text, opts)
    return self:wrap(id, remember(self, c.sums))
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
    if var then
      return S:call(var.id, var.arg_id)
    end
    c.infer(c, a)
    c:settle(a)
    return c:build(a)
  end
  local var = unknown_function(target)
  local inner
  if var then
    inner = var.id
  elseif target.tag == "call" and target.name == "D" then
    c.infer(c, target)
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

-- ---------------------------------------------------------------------------------------------- derivatives

-- An argument of diff or hessian: a node or a text.
local function expression(self, f, level)
  if type(f) == "string" then
    local id, c = read(self, f)
    return id, remember(self, c.sums)
  end
  local id = id_of(self, f)
  if not id then
    error(string.format("an expression or its text was expected, found a %s", type(f)), (level or 2) + 1)
  end
  return value_of(self.S, id), hints[f]
end

-- What is wrong with a name to differentiate by that neither occurs in the expression nor is declared as a variable. An
-- undeclared name that does not occur is a mistake: the zero that would be the answer helps nobody.
local function stop_variable(self, text, name, var, f)
  local S = self.S
  local names, hint = {}, nil
  for _, node in ipairs(S:postorder(f)) do
    if S:op(node) == "symbol" and S:kind(node) ~= "dimension" then
      local known = S:name(node)
      names[#names + 1] = known
      hint = hint or known:lower() == name:lower() and known
    end
  end
  hint = hint or source.nearest(name, names)
  hint = hint and "did you mean " .. hint .. "?"
  local message
  if var then
    message = name .. " is a function; a derivative is taken by a variable"
  elseif self.scope.dims[name] then
    message = name .. " is a size; a derivative is taken by a variable"
  elseif syntax.is_name(name) and elaborate.habit(name) then
    message = "'" .. name .. "' does not occur in the expression"
    hint = hint or "declare it, if the derivative is to be zero"
  else
    message = "'" .. text .. "' is no variable to differentiate by"
    hint = hint or "a name, or a name with a prime: x'"
  end
  error(source.error { text = text, pos = 1, message = message, hint = hint }, 0)
end

-- The entry of a variable that a text such as X(i,j) names, or nil. X is what it is in the expression f.
local function entry_variable(self, text, f)
  local S = self.S
  local ast = syntax.expression(text)
  if not ast or ast.tag ~= "call" or self.ops[ast.name] then
    return nil
  end
  local scope = elaborate.scope(self.scope)
  for _, node in ipairs(S:postorder(f)) do
    local name = S:op(node) == "symbol" and S:kind(node) ~= "dimension" and S:name(node)
    if name == ast.name or (name and name == notation.spelled_name(ast.name)) then
      scope.vars[ast.name] = { id = node, rows = S:rows(node), cols = S:cols(node), kind = S:kind(node) }
    end
  end
  local var = elaborate.lookup(scope, ast.name)
  if not var or var.func then
    return nil
  end
  local id = elaborate.context(self, { text = text, scope = scope, habit = true }):node(ast)
  return S:op(id) == "entry" and id or nil
end

-- The variable to differentiate by: a node (or its transpose), a name, perhaps with a prime, or an entry.
local function variable(self, x, f)
  local S = self.S
  local id, turned
  if type(x) == "string" then
    local name = x:match "^%s*(.-)%s*$"
    local plain = name:match "^(.-)'$" or name:match "^(.-)ᵀ$"
    turned, name = plain ~= nil, plain or name
    local spelled = notation.spelled_name(name)
    for _, node in ipairs(S:postorder(f)) do
      local known = S:op(node) == "symbol" and S:kind(node) ~= "dimension" and S:name(node)
      if known == name or (known == spelled and not id) then
        id = node
      end
    end
    id = id or entry_variable(self, x, f)
    if not id then
      local var = elaborate.lookup(self.scope, name) or elaborate.lookup(self.scope, spelled)
      if not var or var.func then
        stop_variable(self, x, name, var, f)
      end
      id = var.id
    end
  else
    id = id_of(self, x)
    if not id then
      error(string.format("a variable or its name was expected, found a %s", type(x)), 3)
    end
    if S:op(id) == "transpose" then
      id, turned = S:args(id)[1], true
    end
  end
  return id, turned or false
end

local function stop_argument(a)
  if a == nil then
    error("an expression or its text was expected, found nil", 4)
  end
  error(string.format("an expression, a variable or its text was expected, found a %s", type(a)), 4)
end

-- Wrong calls of diff and the like are raised where they stand; what the texts say wrong is an answer.
local function check_call(self, f, x, opts)
  if type(f) ~= "string" and not id_of(self, f) then
    stop_argument(f)
  elseif type(x) ~= "string" and not id_of(self, x) then
    stop_argument(x)
  elseif opts == nil then
    return
  elseif type(opts) ~= "table" then
    error('options are a table, such as { layout = "numerator" }', 3)
  end
  for key in pairs(opts) do
    if key ~= "layout" and key ~= "convention" then
      error(string.format("unknown option '%s'; known: layout, convention", tostring(key)), 3)
    end
  end
end

local function options(self, opts)
  local layout = derivative.layout_named(self, opts and opts.layout or self.layout)
  return layout, conventions.named(self, opts and opts.convention or self.convention)
end

local function differentiate(self, f, x, opts)
  local layout, convention = options(self, opts)
  local id, hint = expression(self, f, 4)
  local v, turned = variable(self, x, id)
  local node = self:wrap(derivative.derivative(self, id, v, turned, layout, convention), hint)
  local note = convention == conventions.free and conventions.note(self, derivative.from_layout(self, id), v)
  if note then
    return node, note
  end
  return node
end

--- The derivative of f by x, in the layout of the session or of the options.
-- @param f a node or a text
-- @param x a variable, its transpose, or the text of either
-- @tparam[opt] table opts layout, convention
-- @return a node, and perhaps a note on it (a text); or nil and the error
function Session:diff(f, x, opts)
  check_call(self, f, x, opts)
  self.S:begin()
  return try(differentiate, self, f, x, opts)
end

--- The second derivatives of f: the Hessian d2f/dx dx', or d2f/dx dy'; by a scalar x the second derivative.
-- @param f a node or a text
-- @param x a variable or its name
-- @param[opt] y another variable
-- @tparam[opt] table opts layout, convention
-- @return a node, or nil and the error
function Session:hessian(f, x, y, opts)
  if type(y) == "table" and not opts then
    y, opts = nil, y
  end
  check_call(self, f, x, opts)
  self.S:begin()
  return try(function()
    local layout, convention = options(self, opts)
    local id, hint = expression(self, f, 4)
    local v = variable(self, x, id)
    local w = y and variable(self, y, id) or v
    return self:wrap(derivative.hessian(self, id, v, w, layout, convention), hint)
  end)
end

--- The differential of f when its variables change: linear in d(X), d(x), ...
function Session:differential(f)
  self.S:begin()
  return try(function()
    local id, hint = expression(self, f, 4)
    return self:wrap(
      self.S:textbook(
        derivative.to_layout(
          self,
          derivative.total_differential(self, id),
          derivative.layout_named(self, self.layout)
        ),
        id
      ),
      hint
    )
  end)
end

--- The textbook form of f: facts used, common factors collected.
function Session:simplify(f)
  self.S:begin()
  return try(function()
    local id, hint = expression(self, f, 4)
    return self:wrap(self.S:textbook(id), hint)
  end)
end

--- f with products distributed over sums.
function Session:expand(f)
  self.S:begin()
  return try(function()
    local id, hint = expression(self, f, 4)
    return self:wrap(self.S:expand(id), hint)
  end)
end

-- Are two ids equal by the rules: the same node, as they are, simplified, or expanded?
function Session:same(a, b)
  local S = self.S
  if a == b then
    return true
  end
  if S:rows(a) ~= S:rows(b) or S:cols(a) ~= S:cols(b) then
    return false
  end
  local function open(x)
    return S:simplify(S:expand(S:simplify(x)))
  end
  local difference = S:sum { a, S:neg(b) }
  local op = S:op(open(difference))
  if op == "zeros" or S:rational(0) == open(difference) then
    return true
  end
  return open(a) == open(b)
end

--- Are two expressions equal? "yes", "no" or "unknown"; the reason ("same node", "expansion", "shapes", "modulo 2^61-1" with the
-- probability of an accident, "exact" with the values that tell them apart, floating point with the distance); for "no" by
-- numbers the counterexample: a table with `values`, `left`, `right` and `distance` (nil where no small numbers show it).
function Session:equal(a, b)
  self.S:begin()
  return try(function()
    local p, q = expression(self, a, 4), expression(self, b, 4)
    if self:same(p, q) then
      return "yes", p == q and "same node" or "expansion"
    end
    local S = self.S
    if S:rows(p) ~= S:rows(q) or S:cols(p) ~= S:cols(q) then
      local function shape(id)
        return S:dimtext(S:rows(id)) .. " x " .. S:dimtext(S:cols(id))
      end
      return "no", string.format("shapes: %s and %s", shape(p), shape(q))
    end
    local keep = { self:wrap(p), self:wrap(q) }
    if keep then
      return require("nabla.equality").compare(self, p, q)
    end
  end)
end

-- ---------------------------------------------------------------------------------------------- numbers

--- Compile an expression (or a list of them) to a function of numbers: `F = s:compile(g); y = F { A = A, b = b }`. It
-- needs the numeric module; see nabla.compile.
-- @param f a node, a text, or a list of them: F gives as many results
-- @tparam[opt] table opts `nan` (true: results may hold NaN; else that is an error)
-- @return the function, or nil and the error
function Session:compile(f, opts)
  local list = { f }
  if type(f) == "table" then
    list = f
  end
  if #list == 0 or opts ~= nil and type(opts) ~= "table" then
    error("compile takes an expression or a list of them, and options such as { nan = true }", 2)
  end
  for _, a in ipairs(list) do
    if type(a) ~= "string" and not id_of(self, a) then
      error(string.format("an expression or its text was expected, found a %s", type(a)), 2)
    end
  end
  local there, compile = pcall(require, "nabla.compile")
  if not there then
    return nil,
      setmetatable({
        message = "the numeric module is not there: install OpenBLAS and LAPACKE (libopenblas-dev, liblapacke-dev) "
          .. "and build nabla again ("
          .. tostring(compile):match "^[^\n]*"
          .. ")",
        status = "usage",
      }, Message)
  end
  self.S:begin()
  return try(function()
    local nodes = {}
    for i, a in ipairs(list) do
      nodes[i] = self:wrap((expression(self, a, 4)))
    end
    return compile.compile(self, nodes, opts or {})
  end)
end

--- Is an answer the derivative of f by x? It is compared with finite differences of f at random values; the differential
-- rules take no part. It needs the numeric module.
-- @param f a node or a text
-- @param x a variable or its text
-- @param answer a node or a text
-- @tparam[opt] table opts layout, convention; `second` (true, or another variable): the answer is a Hessian; `at`: values, such as
-- { t = 0 }, of the names at which it is compared
-- @return true, or false and the error; nil and the error where it cannot be checked
function Session:verify(f, x, answer, opts)
  opts = opts or {}
  check_call(self, f, x, { layout = opts.layout, convention = opts.convention })
  for key in pairs(opts) do
    if not ({ layout = 1, convention = 1, second = 1, at = 1 })[key] then
      error(string.format("unknown option '%s'; known: layout, convention, second, at", tostring(key)), 2)
    end
  end
  self.S:begin()
  return try(function()
    local layout, convention = options(self, opts)
    local given = { layout = opts.layout, convention = opts.convention }
    local function node(a)
      return type(a) == "string" and self:wrap((read(self, a, given))) or a
    end
    f, answer = node(f), node(answer)
    local _, compile = self:compile(f)
    if compile then
      error(compile, 0)
    end
    local id = id_of(self, f)
    local v, turned = variable(self, x, id)
    local other = opts.second
    if other and other ~= true then
      other = variable(self, other, id)
    else
      other = nil
    end
    local question =
      { f = id, x = v, y = other, turned = turned, second = opts.second and true or nil, at = opts.at }
    local trial = require("nabla.trial").new(self, question)
    local right, why = trial:agrees(id_of(self, answer), layout, convention)
    if right then
      return true
    end
    return false,
      setmetatable({ message = "the answer is not the derivative: " .. why, status = "rule" }, Message)
  end)
end

--- In which layouts, by which conventions and under which conditions is a claimed derivative right? Texts may be in LaTeX.
--
-- `given` has `formula`, such as "d(x'*A*x)/dx = x'*(A + A')", or `expr`, `wrt` and `claim` (and `hessian`: true, or the second
-- variable); and perhaps `layout` (this one only), `convention`, `to` (a layout to convert to), `at` (values of some names).
--
-- The result has `status`: "right", "conditional" (right by a convention or for matrices with an attribute), "transposed" (right after a
-- transpose only), "wrong"; `layouts`: a list of { layout, verdict, answer }, verdict being "right", "transposed", "wrong" or "none";
-- `conditions`: a list of { layout, names, attribute, convention }; `nearest`: a list of { layout, change, answer };
-- `converted`: a node; `error`: why the claim as printed means nothing. nabla.identify.describe(result) puts it in words.
-- @tparam table given
-- @return a table, or nil and the error
function Session:identify(given)
  if type(given) ~= "table" or not (given.formula or (given.expr and given.wrt and given.claim)) then
    error("identify takes a table with formula, or with expr, wrt and claim", 2)
  end
  local compiled, why = self:compile "1"
  if not compiled then
    return nil, why
  end
  self.S:begin()
  local before = self.convention
  local result, err = try(function()
    if given.convention then
      self.convention = conventions.named(self, given.convention).name
    end
    return require("nabla.identify").identify(self, given)
  end)
  self.convention = before
  return result, err
end

-- The variable that a text names in an expression, and whether it is transposed; for modules of nabla.
Session.variable = variable

-- ---------------------------------------------------------------------------------------------- rules

--- Read rules from a text. All of it takes effect, or on an error nothing.
-- @return true, or nil and the error
function Session:rule(text, name)
  if type(text) ~= "string" then
    error(string.format("rule takes text, found a %s", type(text)), 2)
  end
  self.S:begin()
  return rulefiles.load(self, { text = text, file = name })
end

--- Read a rule file. All of it takes effect, or on an error nothing.
-- @return true, or nil and the error
function Session:load(path)
  if type(path) ~= "string" then
    error(string.format("load takes a path, found a %s", type(path)), 2)
  end
  self.S:begin()
  return rulefiles.load(self, { path = path })
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
  return try(claims.prove, self, identity)
end

-- ---------------------------------------------------------------------------------------------- printing

local function print_options(self, hint)
  local opts = { formats = {}, commutes = nil, sums = hint and hint.sums }
  local commutes, odd = {}, {}
  for name, op in pairs(self.ops) do
    if op.unicode or op.latex or op.infix then
      opts.formats[name] = {
        unicode = op.unicode or (op.infix and "%1 " .. op.infix .. " %2"),
        latex = op.latex,
        infix = op.infix,
      }
    end
    if op.elementwise or op.matrixfunction or op.transposes then
      commutes[name] = true
    end
    if op.linear then
      odd[name] = true
    end
  end
  commutes.kron = true
  opts.commutes, opts.odd = commutes, odd
  return opts
end

local function tree_of(self, id, hint, opts)
  local o = print_options(self, hint)
  for k, v in pairs(opts or {}) do
    o[k] = v
  end
  local tree, why = printer.tree(self.S, id, o)
  return tree, why, o
end

--- The text of an id or node, in a format: "text" (the default), "unicode" or "latex".
function Session:text(x, how, hint, opts)
  local id = math.type(x) == "integer" and x or id_of(self, x)
  if not id then
    error("text takes a node and a format", 2)
  elseif how and not ({ text = 1, unicode = 1, latex = 1 })[how] then
    error(string.format("unknown format '%s'; known: text, unicode, latex", tostring(how)), 2)
  end
  local tree, why, o = tree_of(self, id, hint or (id ~= x and hints[x] or nil), opts)
  if not tree then
    return "<" .. why .. ">"
  end
  return format[how or "text"](tree, o)
end

--- A display tree (nabla.display) in a format, with the print forms of the session's operators.
function Session:write(tree, how)
  return format[how or "text"](tree, print_options(self))
end

--- A table of identities as text, such as session:table "scalar-by-vector".
-- @tparam string name
-- @tparam[opt] table opts layout (this one only), format (text, unicode, markdown, latex), lang (en, zh)
-- @treturn string|nil the table, or nil and the error
function Session:table(name, opts)
  if type(name) ~= "string" then
    error("table takes the name of a table and options", 2)
  end
  self.S:begin()
  return try(function()
    if opts and opts.layout then
      derivative.layout_named(self, opts.layout)
    end
    return require("nabla.tables").print(self, name, opts)
  end)
end

--- How many symbols and operators the text of a node has.
function Session:size(x)
  local tree = tree_of(self, id_of(self, x), hints[x])
  return tree and tree.cost
end

--- Counts: nodes, bytes, rules, steps of the last call.
function Session:stats()
  return self.S:stats()
end

--- Limits for each call: steps, nodes, bytes, seconds.
function Session:limits(limits)
  self.S:limits(limits)
end

Session.hints = hints
Session.remember = remember
Session.try = try
return Session
