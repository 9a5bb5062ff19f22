--- What a session does with expressions: derivatives, differentials, simplification, equality.
--
-- The functions are methods of nabla.Session (nabla.session lists them). They take nodes or texts;
-- nabla.calculus.derivative does the work on ids.
--
-- @submodule nabla.Session

local conventions = require "nabla.calculus.convention"
local core = require "nabla.core"
local derivative = require "nabla.calculus.derivative"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local families = require "nabla.language.families"
local greek = require "nabla.text.greek"
local habit = require "nabla.language.habit"
local handles = require "nabla.session.handles"
local later = require "nabla.text.later"
local layouts = require "nabla.calculus.layout"
local notations = require "nabla.session.notation"
local notes = require "nabla.text.notes"
local without_inverse = require "nabla.algebra.without_inverse"
local recognise = require "nabla.page.recognise"
local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"
local syntax = require "nabla.language.syntax"

local hessian = later.require "nabla.calculus.hessian"
local conjugates = later.require "nabla.calculus.conjugates"
local complex = later.require "nabla.language.complex"
local joint_variable = later.require "nabla.calculus.joint_variable"
local named_parts = later.require "nabla.calculus.named_parts"
local overloads = later.require "nabla.language.overloads"
local shapes = later.require "nabla.text.shape"
local unknown_functions = later.require "nabla.calculus.unknown_functions"

local hints, id_of, remember, told, value_of =
  handles.hints, handles.id_of, handles.remember, handles.told, handles.value_of

local ONE = core.constants.one -- the dimension 1
local NONE = {} -- never filled

local M = {}

-- The results of handles.try; of a rule that is missing since a file took its operator away, the error says so.
local function explained(self, ...)
  local value, err = ...
  local name = value == nil and self.lost[1] and err and err.status == "rule" and err.message:match "d%(([^%(%)]+)%("
  local reason = name and require("nabla.rules.retire").reason(self, name)
  if reason then
    err.message = err.message .. ": " .. reason
  end
  if value == nil and err and err.status == "rule" and next(self.shared_names) then -- the engine knows names of its own
    err.message = err.message:gsub("[%w_]+__%d+%f[%(]", overloads.shown)
  end
  return ...
end

local function try(self, f, ...)
  return explained(self, handles.try(f, ...))
end

-- ---------------------------------------------------------------------------------------------- arguments

-- An argument of diff or hessian: a node or a text. Returns the node, what is remembered of its text, and the notes on it.
-- The options are those of reading a text.
local function expression(self, f, level, opts)
  if type(f) == "string" then
    local id, c = self:read(f, opts)
    return id, remember(self, c), c.notes
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
  local names, hint, family = {}, nil, families.lookup(self.scope, name .. "_") ~= nil
  for _, node in ipairs(S:postorder(f)) do
    if S:op(node) == "symbol" and S:kind(node) ~= "dimension" then
      local known = S:name(node)
      if S:kind(node) ~= "family" then
        names[#names + 1] = known
        hint = hint or known:lower() == name:lower() and known
      elseif known == name .. "_" then
        family = true
      end
    end
  end
  hint = hint or spelling.nearest(name, names)
  hint = hint and "did you mean " .. hint .. "?"
  local message
  if var then
    message = name .. " is a function; a derivative is taken by a variable"
  elseif self.scope.dims[name] then
    message = name .. " is a size; a derivative is taken by a variable"
    hint = "if it is a scalar, declare it: scalar " .. name
  elseif syntax.is_name(name) and habit.kind(name, self.letters) then
    message = "'" .. name .. "' does not occur in the expression"
    hint = family and ("one of the family is written %s_l"):format(name)
      or hint
      or "declare it, if the derivative is to be zero"
  else
    message = "'" .. text .. "' is no variable to differentiate by"
    hint = hint or "a name, or a name with a prime: x'"
  end
  error(errors.at { text = text, pos = 1, message = message, hint = hint }, 0)
end

-- The entry of a variable that a text such as X(i,j) names, or its coordinates, such as vech(S); else nil. X is what it is in the
-- expression f.
local function part_of_variable(self, text, f)
  local S = self.S
  local ast = syntax.expression(text)
  local coordinates = ast and ast.tag == "call" and self.coordinates[ast.name]
  if not ast or ast.tag ~= "call" or self.ops[ast.name] and not (coordinates or self.ops[ast.name].antilinear) then
    return nil
  end
  if self.complex_letters and self.ops[ast.name] and self.ops[ast.name].antilinear then
    local id = self:read(text)
    local op = S:op(id)
    local whole = (op == S:operator_with "entry" or op == S:operator_with "member") and S:args(id)[1] or id
    return conjugates.conjugated(self, whole) and id or nil
  end
  local arg = coordinates and ast.args[1] or ast
  local leaf = arg.tag == "transpose" and arg[1].name or arg.name or ast.name
  local scope = scopes.scope(self.scope)
  for _, node in ipairs(S:postorder(f)) do
    local name = S:op(node) == "symbol" and S:kind(node) ~= "dimension" and S:name(node)
    if name == leaf or (name and name == greek.spelled(leaf)) then
      scope.vars[leaf] = { id = node, rows = S:rows(node), cols = S:cols(node), kind = S:kind(node) }
    end
  end
  local var = scopes.lookup(scope, leaf)
  if not var or var.func then
    return nil
  end
  local id = elaborate.context(self, { text = text, scope = scope, habit = true }):node(ast)
  return (coordinates or S:op(id) == S:operator_with "entry") and id or nil
end

-- The member of a family that a text names, such as x_k or x_(k+1), else nil. The family is declared, or f has members of it.
local function member_of_family(self, text, f)
  local ast = text:find("_", 1, true) and syntax.expression(text)
  local scope = ast and scopes.scope(self.scope)
  if not scope then
    return nil
  end
  families.add_known(self.S, f, scope)
  local place = { text = text, scope = scope, habit = true }
  return families.is_member(scope, ast) and elaborate.context(self, place):node(ast) or nil
end

-- A declared x does not occur, and an undeclared x_i does: who writes so means an entry, and would be given zero.
local function stop_index(name, text, hint)
  for _, letter in ipairs(hint and hint.letters or {}) do
    local index = letter.name:sub(1, #name + 1) == name .. "_" and letter.name:sub(#name + 2)
    if index then
      error(errors.at {
        text = text,
        pos = 1,
        message = ("'%s' does not occur in the expression; %s is a letter of its own"):format(name, letter.name),
        hint = ("an entry of %s is %s(%s); "):format(name, name, index)
          .. ("declare %s, if the derivative is to be zero"):format(letter.name),
      }, 0)
    end
  end
end

local STARS = { ["*"] = true, ["\\ast"] = true, ["\\star"] = true }

-- The text of a variable, where x^* is the conjugate of x: a derivative is taken by no conjugate transpose.
local function without_star(text)
  local letter, star = text:match "^%s*(.-)%s*%^%s*{?%s*([%*\\%a]+)%s*}?%s*$"
  if not STARS[star] or letter == "" then
    return text
  end
  return letter:find("\\", 1, true) and ("\\overline{%s}"):format(letter) or ("conj(%s)"):format(letter)
end

-- The other spelling of a letter with a number, x_1 of x1: a page means the same by both. Nil for another name.
local function respelled(name)
  local base, digits = name:match "^(.-%a)(_?%d+)$"
  if base then
    return base .. (digits:find "^_" and digits:sub(2) or "_" .. digits)
  end
end

-- The variable to differentiate by: a node (or its transpose), a name, perhaps with a prime, or an entry. In the text of f,
-- of which `hint` is remembered, there may be a letter that has cancelled.
local function variable(self, x, f, hint)
  local S = self.S
  local id, turned
  if type(x) == "string" then
    id = not x:find "[^%w_]" and S:symbol_named(f, x)
    if id then
      return id, false
    end
    local entry
    x, entry = recognise.variable(self, self.complex_letters and without_star(x) or x)
    local name, plain = x, nil
    if x:find "[^%w_]" then
      name = x:match "^%s*(.-)%s*$"
      plain = name:match "^(.-)'$" or name:match "^(.-)ᵀ$"
    end
    turned, name = plain ~= nil, plain or name
    local spelled = greek.spelled(name)
    local symbols = S:below(f, "symbol")
    for i = 1, #symbols do
      local node = symbols[i]
      local known = S:kind(node) ~= "dimension" and S:name(node)
      if known == name or (known == spelled and not id) then
        id = node
      end
    end
    for i = 1, id and 0 or #symbols do
      local node = symbols[i]
      id = S:kind(node) ~= "dimension" and S:name(node) == respelled(name) and node or id
    end
    id = id or member_of_family(self, plain or x, f) or part_of_variable(self, entry or plain or x, f)
    for _, letter in ipairs(not id and hint and hint.letters or {}) do
      id = (letter.name == name or letter.name == spelled) and letter.id or id
    end
    if not id then
      local var = scopes.lookup(self.scope, name) or scopes.lookup(self.scope, spelled)
      if not var or var.func then
        stop_variable(self, x, name, var, f)
      end
      stop_index(name, x, hint)
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

local OPTIONS = { "layout", "convention", "habits", "spread", "typed" }
for _, key in ipairs(OPTIONS) do
  OPTIONS[key] = true
end

-- How a text is read by the options of a call, where the derivative by x is wanted.
local function reading(opts, x)
  opts = opts or NONE
  return { habits = opts.habits, spread = opts.spread, typed = opts.typed, by = type(x) == "string" and x or nil }
end

-- A wrong call of diff and the like is raised at the caller's line; a mistake in a text is an answer.
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
    if not OPTIONS[key] then
      local known = table.concat(OPTIONS, ", ")
      error(string.format("unknown option '%s'; known: %s", tostring(key), known), 3)
    end
  end
end

local function options(self, opts)
  local layout = layouts.named(self, opts and opts.layout or self.layout)
  return layout, conventions.named(self, opts and opts.convention or self.convention)
end

-- How an answer is written that is not in the session's layout: preferences may hold in one layout only.
local function hint_in(hint, opts)
  if not (opts and opts.layout) then
    return hint
  end
  local own = {}
  for key, value in pairs(hint or {}) do
    own[key] = value
  end
  own.layout = opts.layout
  return own
end

-- The names of several variables in a text; nil where it names no more than one.
local function names_of(self, x)
  return type(x) == "string"
    and x:find "[^%w_]"
    and joint_variable.names(x, self.complex_letters and function(name)
      return self.ops[name] and self.ops[name].antilinear
    end)
end

-- The variables that a text names, `[x; y]`, of the expression f; nil where it names no more than one.
local function several_variables(self, x, f, hint)
  local names = names_of(self, x)
  local list, seen = {}, {}
  for i, name in ipairs(names or {}) do
    list[i] = variable(self, name, f, hint)
    if seen[list[i]] then
      error(errors.at { text = x, pos = 1, message = name .. " is among the variables twice" }, 0)
    end
    seen[list[i]] = true
  end
  return names and list
end

-- A derivative by several variables in which they have their places again.
local function in_place(self, node, layout, hint)
  node = unknown_functions.to_layout(self, unknown_functions.from_layout(self, node), layout)
  return self:wrap(self.S:textbook(node), hint)
end

-- An expression in a column in the place of variables, of complex ones after they and their conjugates have letters of their own.
local function joined_variables(self, id, variables)
  local apart
  if self.complex_letters then
    self:check_complex(id)
    apart = conjugates.apart(self, { id, table.unpack(variables) }, true)
  end
  if not apart then
    return joint_variable.joined(self, unknown_functions.from_layout(self, id), variables)
  end
  local joined, z, back =
    joint_variable.joined(self, unknown_functions.from_layout(self, apart.f[1]), { table.unpack(apart.f, 2) })
  return joined, z, function(node)
    return apart.back(back(node))
  end
end

-- The derivative by several variables at once.
local function by_several(self, f, x, opts)
  local layout, convention = options(self, opts)
  local id, hint, assumed = expression(self, f, 4, reading(opts))
  local joined, z, back = joined_variables(self, id, several_variables(self, x, id, hint))
  local how = { layout = layout, convention = convention }
  return told(in_place(self, back(derivative.derivative(self, joined, z, how)), layout, hint_in(hint, opts)), assumed)
end

-- What is told of a derivative of f by a variable with attributes, in a layout that is free: nil, or a list of a text.
local function structure_note(self, f, v, turned, layout)
  if layout.special then
    local of, by = layouts.value_kind(self.S, f), layouts.variable_kind(self.S, v)
    local row = layouts.special_row(self, layout, of, by, { f = f, x = v, transposed = turned })
    if row and row.coordinates then
      return nil
    end
  end
  local note = conventions.note(self, f, v)
  return note and { note }
end

local function differentiate(self, f, x, opts)
  if names_of(self, x) then
    return by_several(self, f, x, opts)
  end
  local layout, convention = options(self, opts)
  local id, hint, assumed = expression(self, f, 4, type(f) == "string" and reading(opts, x) or nil)
  local v, turned = variable(self, x, id, hint)
  local answer = derivative.derivative(self, id, v, { layout = layout, convention = convention, transposed = turned })
  answer = self.complex_letters and conjugates.as_read(self, answer) or answer
  local node = self:wrap(answer, hint_in(hint, opts))
  local told_of = without_inverse.notes(self, answer)
  if self.complex_letters and #complex.letters(self, v) > 0 then
    local held = not convention.only_complex and conjugates.note(self, id, v) or nil -- a gradient holds nothing fixed
    return told(node, notes.joined(assumed, told_of, { held }))
  end
  local free = convention == conventions.free and self.S:attributes(v) ~= 0
  return told(node, notes.joined(assumed, told_of, free and structure_note(self, id, v, turned, layout) or nil))
end

-- ---------------------------------------------------------------------------------------------- methods

--- The derivative of f by x, in the layout of the session or of the options.
-- @param f a node or a text
-- @param x a variable, its transpose, or the text of either
-- @tparam[opt] table opts layout, convention; habits, spread, typed, of a text (as those of a session)
-- @return a node, and the notes on what was assumed (a list that prints as lines) or nil; or nil and the error
function M:diff(f, x, opts)
  check_call(self, f, x, opts)
  self.S:begin()
  return try(self, differentiate, self, f, x, opts)
end

--- The second derivatives of f: the Hessian d2f/dx dx', or d2f/dx dy'; by a scalar x the second derivative.
-- @param f a node or a text
-- @param x a variable or its name
-- @param[opt] y another variable
-- @tparam[opt] table opts layout, convention; habits, spread, typed, of a text (as those of a session)
-- @return a node and the notes, as those of diff; or nil and the error
function M:hessian(f, x, y, opts)
  if type(y) == "table" and not opts then
    y, opts = nil, y
  end
  check_call(self, f, x, opts)
  self.S:begin()
  return try(self, function()
    local layout, convention = options(self, opts)
    if not y and names_of(self, x) then
      local id, hint, assumed = expression(self, f, 4, reading(opts))
      local joined, z, back = joined_variables(self, id, several_variables(self, x, id, hint))
      local second = hessian.hessian(self, joined, z, z, layout, convention)
      return told(in_place(self, back(second), layout, hint_in(hint, opts)), assumed)
    end
    local id, hint, assumed = expression(self, f, 4, reading(opts, x))
    local v = variable(self, x, id, hint)
    local w = y and variable(self, y, id, hint) or v
    if self.complex_letters and #complex.letters(self, v) > 0 then
      assumed = notes.joined(assumed, { conjugates.note(self, id, v) })
    end
    local answer = hessian.hessian(self, id, v, w, layout, convention)
    answer = self.complex_letters and conjugates.as_read(self, answer) or answer
    return told(self:wrap(answer, hint_in(hint, opts)), assumed)
  end)
end

--- The differential of f when its variables change: linear in d(X), d(x), ...
-- @return a node and the notes, as those of diff; or nil and the error
function M:differential(f)
  self.S:begin()
  return try(self, function()
    local id, hint, assumed = expression(self, f, 4)
    local change = derivative.total_differential(self, id)
    local printed = unknown_functions.to_layout(self, change, layouts.named(self, self.layout))
    return told(self:wrap(self.S:textbook(printed, id), hint), assumed)
  end)
end

--- The textbook form of f: facts used, common factors collected.
-- @param f a node or a text
-- @param[opt] opts a table: `steps`, the derivation of the form. Anything else is passed over, so that the count that
-- node:subst gives beside its node does no harm.
-- @return a node and the notes, as those of diff; or nil and the error
function M:simplify(f, opts)
  if type(opts) == "table" and opts.steps then
    return self:derive_simplified(f, opts)
  end
  self.S:begin()
  return try(self, function()
    local id, hint, assumed = expression(self, f, 4)
    return told(self:wrap(self.S:textbook(id), hint), assumed)
  end)
end

--- f with products distributed over sums.
-- @return a node and the notes, as those of diff; or nil and the error
function M:expand(f)
  self.S:begin()
  return try(self, function()
    local id, hint, assumed = expression(self, f, 4)
    return told(self:wrap(self.S:expand(id), hint), assumed)
  end)
end

-- Are two ids equal by the rules: the same node, as they are, simplified, or expanded?
function M:same(a, b)
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
  local difference = open(S:sum { a, S:neg(b) })
  if S:op(difference) == "zeros" or S:rational(0) == difference then
    return true
  end
  return open(a) == open(b)
end

-- Two expressions whose undeclared letters are the same things in both: the kinds and sizes follow from both together. Two
-- ids, what keeps them, the notes, and the contexts of their texts.
local function both(self, a, b)
  if type(a) == "string" and type(b) == "string" then
    local p, q, keep, assumed = recognise.both(self, a, b)
    if p then
      return p, q, keep, assumed
    end
  end
  local texts = type(a) == "string" and type(b) == "string" and not (a .. b):find "\\"
  local signs = texts and { signs = notations.signs(self) }
  local first, second = texts and syntax.expression(a, signs), texts and syntax.expression(b, signs)
  if not (first and second) then
    local p, _, on_p = expression(self, a, 5)
    local q, _, on_q = expression(self, b, 5)
    return p, q, nil, notes.joined(on_p, on_q)
  end
  if self.complex_letters then
    first, second = complex.with_adjoints(self, first), complex.with_adjoints(self, second)
  end
  local difference = {
    tag = "sum",
    args = { first, second },
    signs = { 1, -1 },
    oppos = { false, first.pos },
    pos = first.pos,
    sides = true, -- neither spreads over the other
  }
  local c =
    elaborate.context(self, { text = a, habit = true, layout = self.layout, convention = self.convention })
  local ok, id = errors.attempt(c.node, c, difference)
  local keep = ok and self:wrap(id)
  local function node(text)
    local own = elaborate.context(self, {
      text = text,
      habit = true,
      scope = ok and c.scope or nil,
      layout = self.layout,
      convention = self.convention,
    })
    own.ast = text == a and first or second
    return own:node(own.ast), own
  end
  local p, first_context = node(a)
  local q, second_context = node(b)
  local on_both = ok and c.notes or notes.joined(first_context.notes, second_context.notes)
  return p, q, keep, on_both, { first_context, second_context }
end

-- A letter that is one thing in one of two expressions, and another in the other: its name and both shapes.
local function other_shape(S, p, q)
  local known = {}
  for _, id in ipairs(S:postorder(p)) do
    if S:op(id) == "symbol" then
      known[S:name(id)] = id
    end
  end
  for _, id in ipairs(S:postorder(q)) do
    local first = S:op(id) == "symbol" and known[S:name(id)]
    if first and first ~= id then
      return S:name(id), shapes.of(S, first), shapes.of(S, id)
    end
  end
end

-- The answer of `equal` of two nodes of real letters, its reason, and perhaps a counterexample.
local function compare_real(self, p, q)
  if self:same(p, q) then
    return "yes", p == q and "same node" or "expansion"
  end
  local S = self.S
  if S:rows(p) ~= S:rows(q) or S:cols(p) ~= S:cols(q) then
    return "no", string.format("shapes: %s and %s", shapes.of(S, p), shapes.of(S, q))
  end
  local name, left, right = other_shape(S, p, q)
  if name then
    return "unknown", string.format("%s is %s in one and %s in the other: declare it", name, left, right)
  end
  return require("nabla.compare.equality").compare(self, p, q)
end

-- The same of two nodes that may hold complex letters: they and their conjugates are independent.
local function compare_apart(self, p, q)
  local a, b = conjugates.apart(self, p), conjugates.apart(self, q)
  if not (a or b) and not complex.occurs(self, { self:wrap(p), self:wrap(q) }) then
    return compare_real(self, p, q)
  end
  local answer, why = compare_real(self, a and a.f or p, b and b.f or q)
  if answer ~= "yes" and self.S:rows(p) == self.S:rows(q) and self.S:cols(p) == self.S:cols(q) then
    local by_numbers, reason = require("nabla.compare.complex_point").compare(self, p, q)
    if by_numbers == "yes" or by_numbers and answer == "unknown" then
      return by_numbers, reason
    end
  end
  return answer, answer == "no" and "they differ as functions of the letters and their conjugates" or why
end

M.compare_apart = compare_apart

-- The answer of `equal`, its reason, and perhaps a counterexample.
local function compare(self, p, q)
  p, q = named_parts.unfolded(self, p), named_parts.unfolded(self, q)
  if self.complex_letters then
    self:check_complex(p, true)
    self:check_complex(q, true)
    return compare_apart(self, p, q)
  end
  return compare_real(self, p, q)
end

--- Is an expression known to be its own conjugate?
function M:is_own_conjugate(id)
  return compare_apart(self, id, conjugates.conjugate(self, id)) == "yes"
end

--- Stop at what a complex expression holds and is not known to be analytic.
-- @tparam integer id
-- @tparam[opt] boolean one_branch also at logarithms and powers of what is not real
function M:check_complex(id, one_branch)
  complex.check(self, id, function(part, value)
    local S = self.S
    local scalar = S:rows(part) == ONE and S:cols(part) == ONE
    return self:is_own_conjugate(scalar and part or value) -- of a determinant, the value of the function
  end, not one_branch)
end

-- The rules in a log, each once.
local function rules_of(log)
  local list, seen = {}, {}
  for i = 1, #log, 3 do
    if not seen[log[i]] then
      seen[log[i]] = true
      list[#list + 1] = log[i]
    end
  end
  return list
end

--- Are two expressions equal? "yes", "no" or "unknown"; the reason ("same node", "expansion", "shapes", "modulo 2^61-1" with the
-- probability of an accident, "exact" with the values that tell them apart, floating point with the distance); for "no" by
-- numbers the counterexample: a table with `values`, `left`, `right` and `distance` (nil where no small numbers show it);
-- the notes on what was assumed, or nil. With steps, the third result for "yes" is a derivation, the chain of rules that leads from
-- one to the other; nil where numbers show it, not rules.
-- @param a a node or a text
-- @param b a node or a text
-- @tparam[opt] table opts steps (true), lang
function M:equal(a, b, opts)
  if opts ~= nil and type(opts) ~= "table" then -- subst and others give a second value
    error(("equal takes two expressions and a table of options, found a %s"):format(type(opts)), 2)
  end
  self.S:begin()
  return try(self, function()
    local steps = opts and opts.steps
    self.S:log(steps and true or false)
    local p, q, keep, assumed, contexts = both(self, a, b)
    local built = steps and rules_of(self.S:log())
    self.S:log(false)
    keep = { keep, self:wrap(p), self:wrap(q) }
    local answer, why, example = compare(self, p, q)
    if steps and answer == "yes" then
      example = self:derive_equality(p, q, contexts or {}, built, opts)
    end
    if keep and assumed then
      return answer, why, example, assumed
    elseif example then
      return answer, why, example
    end
    return answer, why
  end)
end

-- The variable that a text names in an expression, and whether it is transposed; for modules of nabla.
M.expression, M.variable, M.check_call, M.options = expression, variable, check_call, options
M.reading, M.try = reading, try

return M
