--- Derivations: the methods of a session that show how an answer is found.
--
-- @submodule nabla.Session

local conjugates = require "nabla.calculus.conjugates"
local core = require "nabla.core"
local derivative = require "nabla.calculus.derivative"
local errors = require "nabla.text.errors"
local differentiate = require "nabla.session.differentiate"
local hessian = require "nabla.calculus.hessian"
local names = require "nabla.derive.names"
local handles = require "nabla.session.handles"
local unknown_functions = require "nabla.calculus.unknown_functions"
local named_parts = require "nabla.calculus.named_parts"
local print = require "nabla.session.print"
local words = require "nabla.session.words"

local M = {}

local KIND = core.constants.kinds

local try = differentiate.try

-- What is to be derived: the id, the context of its text, what is remembered of it.
local function subject(self, f, x, opts)
  if type(f) == "string" then
    local id, context = self:read(f, differentiate.reading(opts, x))
    local whole = named_parts.unfolded(self, id)
    return whole, whole == id and context or nil, handles.remember(self, context)
  end
  local id, hint = differentiate.expression(self, f, 5)
  return named_parts.unfolded(self, id), nil, hint
end

-- The identities of the tables, as rules for steps.
local function read_identities(self)
  if not self.files_of_identities then
    local read, err = require("nabla.rules.load").load(self, { path = "identities.rules" })
    if not read then
      error(err, 0)
    end
    self.files_of_identities = true
  end
  require("nabla.rules.identities_as_steps").define(self)
end

-- Are two nodes equal by numbers, perhaps linear in the hole dx? Given by handles: "yes", "no" or "unknown".
local function equal(self, a, b, dx)
  local S = self.S
  a, b, dx = handles.id_of(self, a), handles.id_of(self, b), handles.id_of(self, dx)
  if S:rows(a) ~= S:rows(b) or S:cols(a) ~= S:cols(b) then
    return "no"
  end
  if S:op(dx) == "hole" then
    local any = { S:symbol("d(" .. S:name(dx) .. ")", KIND.matrix, 0, S:rows(dx), S:cols(dx)) }
    a, b = S:replace(a, { dx }, any), S:replace(b, { dx }, any)
  end
  local compare = self.complex_letters and differentiate.compare_apart or require("nabla.compare.equality").compare
  local ok, answer, why, example = pcall(compare, self, a, b)
  if not ok then
    return "unknown", "the two sides cannot be evaluated"
  end
  return answer, why, example
end

-- The same with the reason and a counterexample.
local function compared(self)
  return function(a, b, dx)
    return equal(self, a, b, dx)
  end
end

local function settings(self, opts, hint)
  local layout, convention = differentiate.options(self, opts)
  return {
    equal = function(a, b, dx)
      return equal(self, a, b, dx)
    end,
    layout = layout,
    convention = convention,
    print = print.options(self, hint),
    lang = opts and opts.lang,
    detail = opts and opts.detail or "normal",
  }
end

-- A derivation that may use identities; where it does not come out with them, without.
local function with_identities(how, make)
  how.identities = how.detail == "brief"
  if how.identities then
    local ok, derivation = errors.attempt(make)
    if ok then
      return derivation
    end
    how.identities = false
  end
  return make()
end

-- A derivation, with names for parts of the function where they shorten it: by much, or (`asked`) at all.
local function with_names(how, asked, make)
  local plain = make()
  local parts = asked ~= false and names.choose(plain, how.values, asked) or {}
  if #parts == 0 then
    return plain
  end
  how.parts = parts
  local ok, derivation = errors.attempt(make)
  if ok and names.pays(derivation, plain, asked) then
    return derivation
  end
  how.parts = nil
  return plain
end

-- A subject and its variables in which complex letters and their conjugates are letters of their own; the lines of a derivation print
-- these as what they stand for. `back` takes a node back; nil where nothing is complex.
local function apart(self, id, variables, context)
  if not self.complex_letters then
    return id, variables, context
  end
  self:check_complex(id)
  local found = conjugates.apart(self, { id, table.unpack(variables) }, true)
  if not found then
    return id, variables, context
  end
  return found.f[1], { table.unpack(found.f, 2) }, nil, found.back, found
end

-- A derivation whose answer is that of the complex letters.
local function taken_back(self, derivation, back, hint)
  if back then
    local _, id = handles.of(derivation.answer)
    derivation.answer = self:wrap(self.S:textbook(back(id)), hint)
  end
  return derivation
end

-- The convention of a derivation by complex letters is the free one.
local function need_free(how, back)
  if back and how.convention.name ~= "free" then
    errors.refuse("a derivation by complex letters is by the convention free, not by %s", how.convention.name)
  end
end

local derive
function derive(self, f, x, opts, finer)
  local id, context, hint = subject(self, f, x, opts)
  local v, turned = differentiate.variable(self, x, id, hint)
  local how = settings(self, opts, hint)
  local variables, back
  id, variables, context, back = apart(self, id, { v }, context)
  v = variables[1]
  need_free(how, back)
  how.transposed, how.finer = turned, finer
  how.answer_id = derivative.derivative(self, id, v, how)
  how.answer = self:wrap(how.answer_id, hint)
  how.kept = { self.S:handle(id), self.S:handle(v) } -- numbers may collect garbage
  local function make()
    return with_identities(how, function()
      return require "nabla.derive.derivative"(self, id, context, v, how)
    end)
  end
  local derivation = with_names(how, opts and opts.names, make)
  derivation.again = function()
    return derive(self, f, x, opts, true)
  end
  return taken_back(self, derivation, back, hint)
end

local derive_hessian
function derive_hessian(self, f, x, y, opts, finer)
  local id, context, hint = subject(self, f, x, opts)
  local v = differentiate.variable(self, x, id, hint)
  local w = y and differentiate.variable(self, y, id, hint) or v
  local how = settings(self, opts, hint)
  local variables, back
  id, variables, context, back = apart(self, id, { v, w }, context)
  v, w = variables[1], variables[2]
  need_free(how, back)
  how.finer = finer
  how.answer_id = hessian.hessian(self, id, v, w, how.layout, how.convention)
  how.answer = self:wrap(how.answer_id, hint)
  how.kept = { self.S:handle(id), self.S:handle(v), self.S:handle(w) } -- numbers may collect garbage
  local function make()
    return with_identities(how, function()
      return require "nabla.derive.hessian"(self, id, context, v, w, how)
    end)
  end
  local derivation = with_names(how, opts and opts.names, make)
  derivation.again = function()
    return derive_hessian(self, f, x, y, opts, true)
  end
  return taken_back(self, derivation, back, hint)
end

-- What the lines of a derivation need of the solver: see nabla.derive.led_equations.
local function with_solver(self, how)
  local function node(id)
    return self:wrap(id)
  end
  function how.solve(left, right, unknown)
    return self:solve({ assert(self:equation(node(left), node(right))) }, { unknown })
  end
  function how.lines_of(solutions)
    local list = {}
    for i, line in ipairs(solutions.lines) do
      list[i] = {
        left = handles.id_of(self, line.equation.left),
        right = handles.id_of(self, line.equation.right),
        says = function(lang, format)
          return words.reason(self, line.reason, lang, format)
        end,
      }
    end
    return list
  end
  -- Is a node zero where another is? Shown by the solution of the other for an unknown, put in: "solution", or nil.
  function how.holds_where(zero, other, unknown)
    local S = self.S
    local like = node(other)
    local solutions = how.solve(zero, S:zeros(S:rows(zero), S:cols(zero)), unknown)
    local value = solutions and solutions.values[unknown]
    if not value or #solutions.free > 0 or solutions.several then
      return nil
    end
    local rest = like:subst(unknown, value)
    local id = handles.id_of(self, rest)
    local answer = equal(self, rest, node(S:zeros(S:rows(id), S:cols(id))), node(S:rational(1)))
    return answer == "yes" and "solution" or nil
  end
end

-- A derivation that the user leads. `text` may name the function: f = x'*A*x.
local function begin_led(self, text, x, opts, named)
  local name, expr = named, text
  if type(text) == "string" and not named then
    name, expr = text:match "^%s*([%a_][%w_]*)%s*=%s*(.*)$"
    expr = expr or text
  end
  local id, context, hint = subject(self, expr, x, opts)
  local v, turned = differentiate.variable(self, x, id, hint)
  local how = settings(self, opts, hint)
  local letter, variables, found = v
  id, variables, context, how.back, found = apart(self, id, { v }, context)
  v = variables[1]
  need_free(how, how.back)
  if how.back then
    how.conjugate = conjugates.between(self, found)
    how.unknown = self.S:name(conjugates.conjugated(self, letter) or letter)
  end
  how.transposed, how.name, how.compare = turned, name, compared(self)
  how.own = unknown_functions.from_layout(self, id)
  with_solver(self, how)
  function how.answer_id()
    return derivative.derivative(self, id, v, how)
  end
  return require("nabla.derive.led_by_user").new(self, id, context, v, how)
end

-- A derivation without a variable that the user leads.
local function begin_titled(self, title)
  local how = settings(self, nil, nil)
  how.compare = compared(self)
  with_solver(self, how)
  function how.read(text)
    local id, context = self:read(text)
    return id, context
  end
  function how.subst(id, text)
    return handles.id_of(self, (self:wrap(id):subst(assert(self:equation(text)))))
  end
  return require("nabla.derive.led_by_user").titled(self, title, how)
end

-- How the textbook form of f is found.
local function derive_simplified(self, f, opts)
  local S = self.S
  local id, context, hint = subject(self, f, nil, opts)
  local own = unknown_functions.from_layout(self, id)
  local how = settings(self, nil, hint)
  how.lang = opts.lang
  S:log(true)
  local ok, simplified = pcall(S.textbook, S, own)
  how.log = S:log()
  S:log(false)
  if not ok then
    error(simplified, 0)
  end
  how.answer_id = simplified
  how.answer = self:wrap(simplified, hint)
  return require "nabla.derive.simplification"(self, own, context, how)
end

-- What a derivation needs from rule files.
local function prepare(self, opts)
  words.read(self)
  if opts and opts.detail == "brief" then
    read_identities(self)
  end
end

--- How the textbook form of f is found: see `simplify`.
-- @param f a node or a text
-- @tparam table opts lang
-- @return a derivation, or nil and the error
function M:derive_simplified(f, opts)
  self.S:begin()
  return try(self, function()
    words.read(self)
    return derive_simplified(self, f, opts)
  end)
end

--- The chain of rules that shows that two nodes are equal: see `equal`. For modules of nabla.
-- @param p an id
-- @param q an id
-- @tparam table contexts those that have read the texts of p and q
-- @tparam table built the numbers of the rules that applied when they were read
-- @tparam table opts lang
-- @return a derivation, or nil
function M:derive_equality(p, q, contexts, built, opts)
  words.read(self)
  local how = settings(self, nil, nil)
  how.lang, how.built, how.answer = opts.lang, built, self:wrap(q)
  local ok, derivation = errors.attempt(require "nabla.derive.equality", self, p, q, contexts, how)
  return ok and derivation or nil
end

--- Begin a derivation that is led line by line: see nabla.derive.led_by_user.
-- @param f a node or a text, perhaps with a name: "f = x'*A*x"; without a variable { title = .. }, or the title: see
-- nabla.derive.led_expression
-- @param[opt] x as for `derive`
-- @tparam[opt] table opts as for `derive`; or a name, f and x: s:derivation("f", norm2(A*x - b)^2, x)
-- @return a derivation, or nil and the error
function M:derivation(f, x, opts)
  self.S:begin()
  return try(self, function()
    words.read(self)
    local named = type(f) == "string" and f:match "^%s*([%a_][%w_]*)%s*$"
    if named and opts ~= nil and (type(opts) == "string" or handles.of(opts)) then
      return begin_led(self, x, opts, nil, named)
    end
    if x == nil then
      local title = type(f) == "table" and rawget(f, "title") or type(f) == "string" and f
      if not title then
        errors.refuse "a derivation takes an expression and a variable, or { title = .. }"
      end
      return begin_titled(self, title)
    end
    return begin_led(self, f, x, opts)
  end)
end

--- How the derivative of f by x is found: a derivation (nabla.Derivation).
-- @param f a node or a text
-- @param x a variable, its transpose, or the text of either
-- @tparam[opt] table opts layout, convention; detail (fine, normal, brief); lang (en, zh)
-- @return a derivation, or nil and the error
function M:derive(f, x, opts)
  self.S:begin()
  return try(self, function()
    prepare(self, opts)
    return derive(self, f, x, opts)
  end)
end

--- How the second derivatives of f are found: as `derive`.
-- @param f a node or a text
-- @param x a variable or its name
-- @param[opt] y another variable
-- @tparam[opt] table opts as for `derive`
-- @return a derivation, or nil and the error
function M:derive_hessian(f, x, y, opts)
  if type(y) == "table" and not opts then
    y, opts = nil, y
  end
  self.S:begin()
  return try(self, function()
    prepare(self, opts)
    return derive_hessian(self, f, x, y, opts)
  end)
end

return M
