--- What a session does with numbers: compiling expressions, verifying answers, identifying formulas.
--
-- All of it needs the numeric module, which is loaded when it is asked for.
--
-- @submodule nabla.Session

local complex = require "nabla.language.complex"
local conventions = require "nabla.calculus.convention"
local conjugates = require "nabla.calculus.conjugates"
local coordinates = require "nabla.calculus.coordinates"
local differentiate = require "nabla.session.differentiate"
local errors = require "nabla.text.errors"
local handles = require "nabla.session.handles"
local loaders = require "nabla.rules.loader"
local named_parts = require "nabla.calculus.named_parts"
local paths = require "nabla.rules.paths"
local unknown_functions = require "nabla.calculus.unknown_functions"

local check_call, expression, options, variable =
  differentiate.check_call, differentiate.expression, differentiate.options, differentiate.variable
local id_of, try, Message = handles.id_of, handles.try, handles.Message

local M = {}

--- Compile an expression (or a list of them) to a function of numbers: `F = s:compile(g); y = F { A = A, b = b }`. It
-- needs the numeric module; see nabla.numeric.compile.
-- @param f a node, a text, or a list of them: F gives as many results
-- @tparam[opt] table opts `nan` (true: results may hold NaN; else that is an error)
-- @return the function, or nil and the error
function M:compile(f, opts)
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
  local there, compile = errors.attempt(require, "nabla.numeric.compile")
  if not there then
    return nil,
      setmetatable({
        message = "the numeric module is not there: install OpenBLAS and LAPACKE (libopenblas-dev, liblapacke-dev), "
          .. "then build nabla again with make, or with LuaRocks: luarocks install nabla-numeric ("
          .. tostring(compile):match "^[^\n]*"
          .. ")",
        status = "usage",
      }, Message)
  end
  self.S:begin()
  return try(function()
    local nodes = {}
    for i, a in ipairs(list) do
      local id = named_parts.unfolded(self, (expression(self, a, 4)))
      -- of a function of several arguments a value is that of a column, and a derivative is by the column
      nodes[i] = self:wrap(unknown_functions.by_column(self, id))
    end
    if self.complex_letters and complex.occurs(self, nodes) then
      return require("nabla.numeric.complex_program").compile(self, nodes, function(id)
        return complex.is_letter(self, id)
      end)
    end
    return compile.compile(self, nodes, opts or {})
  end)
end

-- Does the imaginary unit occur in one of some nodes, or an operator that has values at complex matrices alone?
local function has_unit(self, nodes)
  for _, root in ipairs(nodes) do
    for _, node in ipairs(self.S:postorder(root)) do
      local name, own = self.S:op(node)
      local op = not own and self.ops[name]
      if complex.is_unit(self, node) or op and op.of_hermitian then
        return true
      end
    end
  end
  return false
end

-- An expression, a variable and an answer with letters of their own for the conjugates, and the convention that is meant then.
local function apart(self, id, v, answer, convention, opts)
  local own = id_of(self, answer)
  local f, x, back, meant = conjugates.read(self, id, v, convention)
  local other = opts.second and opts.second ~= true and variable(self, opts.second, id) or nil
  local stands = conjugates.apart(self, { id, v, own, other }) or { f = { id, v, own, other } }
  if not f or opts.second then
    f, x = stands.f[1], stands.f[2]
  end
  return {
    f = f,
    x = x,
    y = stands.f[4],
    answer = self:wrap(stands.f[3]),
    convention = meant or convention,
    complex = has_unit(self, { id, own }),
    keep = { self:wrap(f), back },
  }
end

-- The node of a text that no rule of a user's file has rewritten, if it can be evaluated: a wrong rule would change the function of
-- which differences are taken. Nil where there is no such rule, or it says what an operator is.
local function as_written(self, text, given)
  local S, aside = self.S, {}
  for serial, rule in pairs(self.rules) do
    local rewrites = rule.kind == loaders.kinds.algebra and rule.statement == "rule" and not paths.is_own(rule.file)
    if rewrites and not S:rule_gone(serial) then
      aside[#aside + 1] = serial
    end
  end
  for _, serial in ipairs(aside) do
    S:rule_restore(serial, true)
  end
  local read, node = pcall(function()
    return self:wrap((self:read(text, given)))
  end)
  for _, serial in ipairs(aside) do
    S:rule_restore(serial, false)
  end
  return #aside > 0 and read and self:compile(node) and node or nil
end

--- Is an answer the derivative of f by x? It is compared with finite differences of f at random values; the differential
-- rules take no part, nor, where f is a text, do the rules of a user's files that rewrite expressions. It needs the numeric module.
-- @param f a node or a text
-- @param x a variable or its text
-- @param answer a node or a text
-- @tparam[opt] table opts layout, convention; `second` (true, or another variable): the answer is a Hessian; `at`: values, such as
-- { t = 0 }, of the names at which it is compared
-- @return true, or false and the error; nil and the error where it cannot be checked
function M:verify(f, x, answer, opts)
  opts = opts or {}
  check_call(self, f, x, { layout = opts.layout, convention = opts.convention })
  for key in pairs(opts) do
    if not ({ layout = 1, convention = 1, second = 1, at = 1 })[key] then
      error(string.format("unknown option '%s'; known: layout, convention, second, at", tostring(key)), 2)
    end
  end
  if answer == nil then
    error("verify takes a function, a variable and the answer", 2)
  end
  self.S:begin()
  return try(function()
    local layout, convention = options(self, opts)
    local given = { layout = opts.layout, convention = opts.convention, by = type(x) == "string" and x or nil }
    local function node(a)
      return type(a) == "string" and self:wrap((self:read(a, given))) or a
    end
    f, answer = type(f) == "string" and as_written(self, f, given) or node(f), node(answer)
    local _, compile = self:compile(f)
    if compile then
      error(compile, 0)
    end
    local id = id_of(self, f)
    local v, turned = variable(self, x, id)
    local parts
    if self.complex_letters and complex.occurs(self, { f, answer, self:wrap(v) }) then
      parts = apart(self, id, v, answer, convention, opts)
      id, v, answer, convention = parts.f, parts.x, parts.answer, parts.convention
    end
    local keep = self:wrap(named_parts.unfolded(self, id))
    id = id_of(self, keep)
    local other = opts.second
    if other and other ~= true then
      other = parts and parts.y or variable(self, other, id)
    else
      other = nil
    end
    local written
    v, written = coordinates.written_out(self, v, { id, id_of(self, answer) })
    local question =
      { f = written[1], x = v, y = other, transposed = turned, second = opts.second and true or nil, at = opts.at }
    question.complex = parts and parts.complex
    local differences = require("nabla.compare.derivative_by_numbers").new(self, question)
    local right, why = differences:agrees(written[2], layout, convention)
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
-- The result has `status`: "right", "conditional" (right by a convention or for matrices with an attribute),
-- "transposed" (right after a transpose only), "wrong"; `layouts`: a list of { layout, verdict, answer }, verdict
-- being "right", "transposed", "wrong" or "none"; `conditions`: a list of { layout, names, attribute, convention };
-- `nearest`: a list of { layout, change, answer }; `converted`: a node; `error`: why the claim as printed means
-- nothing. nabla.identify.describe(result) puts it in words.
-- @tparam table given
-- @return a table, or nil and the error
function M:identify(given)
  if type(given) ~= "table" or not (given.formula or (given.expr and given.wrt and given.claim)) then
    error("identify takes a table with formula, or with expr, wrt and claim", 2)
  end
  local compiled, why = self:compile "1"
  if not compiled then
    return nil, why
  end
  self.S:begin()
  local before = self.convention
  local done, result, err = pcall(try, function()
    self.S:hold(true) -- the derivatives in all layouts are one call
    if given.convention then
      self.convention = conventions.named(self, given.convention).name
    end
    local found = require("nabla.identify").identify(self, given)
    self.S:on_time() -- what failed for lack of time says nothing
    return found
  end)
  self.S:hold(false)
  self.convention = before
  if not done then
    error(result, 0)
  end
  return result, err
end

return M
