--- Declarations: from their trees to the variables of a scope.
--
-- All of a list are declared or, on an error, the scope is not to be used. A function may come before what it is a
-- function of.
--
-- @module nabla.language.declare

local Context = require "nabla.language.context"
local attributes = require "nabla.language.attributes"
local core = require "nabla.core"
local families = require "nabla.language.families"
local known_values = require "nabla.language.known_values"
local scopes = require "nabla.language.scope"
local several = require "nabla.language.several_arguments"
local spelling = require "nabla.text.spelling"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds
local NONE = {} -- never filled

-- Kinds that have no sizes; in rules, also what a scalar must be.
local SCALARS = { scalar = true, number = true, constant = true, variable = true }

-- One list of declarations on its way into a scope.
local Declaring = {}
Declaring.__index = Declaring

-- The size that a tree says; without one, a size of the variable's own.
function Declaring:size(tree, d, which)
  if tree then
    return self.context:dimension(tree, true)
  end
  local name = which .. "_" .. d.name
  self.scope.dims[name] = true
  return self.S:dim(name)
end

-- Stop at a size of a declaration that is a number less than 1.
function Declaring:need_positive(size, d)
  local v = size ~= ONE and self.S:dimint(size)
  if v and v < 1 then
    local message = string.format("a size of %s is %d; it must be at least 1", d.name, v)
    self.context:stop(d.pos, message, "write a number from 1 on, or a letter such as n")
  end
end

-- The rows and the columns of a declaration.
function Declaring:shape(d)
  local scalar, vector = SCALARS[d.kind], d.kind == "vector"
  local rows = scalar and ONE or self:size(d.rows, d, vector and "n" or "rows")
  local square = not (scalar or vector or d.rows) and attributes.need_square(self.session, d)
  local cols = square and rows or (scalar or vector) and ONE or self:size(d.cols, d, "cols")
  self:need_positive(rows, d)
  self:need_positive(cols, d)
  return rows, cols
end

-- Remember a complex letter in the session. A rule's letters are real.
function Declaring:complex(d)
  local letters = self.letters_of_session
  if d.of then
    self.context:stop(d.pos, "an unknown function with complex values is not known")
  elseif not letters then
    self.context:stop(d.pos, "complex letters are declared in a session; those of rule files are real")
  end
  letters[d.name] = true
end

-- Stop at an argument of an unknown function that is a complex letter.
function Declaring:need_real(d, id)
  local letters = self.session.attributes.complex
  if letters and self.S:attributes(id) & letters.bits ~= 0 then
    self.context:stop(d.ofpos or d.pos, "an unknown function of a complex letter is not known")
  end
end

-- Make the variable of a declaration, whose argument is there already.
function Declaring:make(d)
  local S, c = self.S, self.context
  if d.kind == "operator" then
    local hint = "a function is declared: vector " .. d.name .. "(n) of x"
    c:stop(d.pos, "an operator's name can stand for any only in a rule", hint)
  end
  local rows, cols = self:shape(d)
  local var = {
    name = d.name,
    kind = SCALARS[d.kind] and "scalar" or d.kind,
    rows = rows,
    cols = cols,
    id = nil, -- all that a variable has
    handle = nil,
    func = nil,
    family = nil,
  }
  local bits = #(d.attributes or NONE) == 0 and 0 or attributes.bits(self.session, d, rows, cols, function(...)
    c:stop(...)
  end)
  local letters = self.session.attributes.complex
  if letters and bits & letters.bits ~= 0 then
    self:complex(d)
  end
  if d.ofs then
    var.several, var.arg_id = several.declare(self.session, self.scope, d)
    for _, letter in ipairs(letters and S:below(var.arg_id, "symbol") or {}) do
      self:need_real(d, letter)
    end
    var.func, var.arg_rows, var.arg_cols = true, S:rows(var.arg_id), ONE
    var.id = S:func(d.name, bits, var.arg_id, rows, cols)
    c.hooks.declared_several(self.session, d.name, var.id, var.several, bits)
  elseif d.of then
    local arg = scopes.lookup(self.scope, d.of)
    local id = arg.func and S:call(arg.id, arg.arg_id) or arg.id
    self:need_real(d, id)
    var.func, var.arg_rows, var.arg_cols, var.arg_id = true, S:rows(id), S:cols(id), id
    if d.indices then
      families.of_declaration(c, d, rows, cols) -- says that there are none
    end
    local known = self.session.attributes.ofsymmetric
    if known and S:property("symmetric", id) then
      bits = bits | known.bits
    end
    var.id = S:func(d.name, bits, id, rows, cols)
  elseif d.indices then
    var.name, var.rows, var.cols, var.family = families.of_declaration(c, d, rows, cols)
    bits = bits | families.bits(self.session, var.family)
    var.id = S:symbol(var.name, KIND.family, bits, var.rows, var.cols)
  else
    var.id = S:symbol(d.name, KIND[var.kind], bits, rows, cols)
  end
  rawset(self.scope.vars, var.name, var)
  self.made[d] = var
end

-- Stop at a function of something that is not declared.
function Declaring:stop_unknown_argument(name, pos)
  local nearest = spelling.nearest(name, self.by_name)
  self.context:stop(
    pos,
    "unknown name '" .. name .. "'",
    nearest and "did you mean " .. nearest .. "?" or "declare it first: vector " .. name .. "(n)"
  )
end

-- Make the variable of a declaration, that of its argument first.
function Declaring:visit(d)
  if self.made[d] then
    return
  elseif self.under_way[d] then
    local message = "the functions %s and %s depend on each other in a circle"
    self.context:stop(d.ofpos or d.pos, message:format(d.name, d.of or d.ofs[1].name))
  end
  if d.ofs or d.of then
    self.under_way[d] = true
    for _, of in ipairs(d.ofs or { { name = d.of, pos = d.ofpos or d.pos } }) do
      local argument = self.by_name[of.name]
      if argument then
        self:visit(argument)
      elseif not scopes.lookup(self.scope, of.name) then
        self:stop_unknown_argument(of.name, of.pos)
      end
    end
  end
  self:make(d)
end

--- Put declarations into a scope.
-- @tparam table scope
-- @tparam {nabla.Declaration,...} list
-- @tparam table place where they are: session (as a context needs it, with its attributes), text, file; `known`: a list that
-- gets what the declarations say by values (nabla.language.known_values)
-- @treturn {table,...} the variable of each
function M.into(scope, list, place)
  local session = place.session
  list = several.gathered(list, scope)
  local self = setmetatable({
    session = session,
    S = session.S,
    scope = scope,
    context = Context.new(session, { text = place.text, file = place.file, scope = scope, declares = true }),
    letters_of_session = place.complex,
    by_name = {}, -- name -> declaration
    made = {}, -- declaration -> variable
    under_way = {}, -- declarations whose arguments are being declared
  }, Declaring)
  local by_name = self.by_name
  for i = 1, #list do
    local d = list[i]
    if by_name[d.name] then
      local hint = "one declaration takes all attributes: matrix A(n,n) symmetric invertible"
      self.context:stop(d.namepos, d.name .. " is declared twice", hint)
    end
    by_name[d.name] = d
  end
  local vars, said = {}, {}
  for i = 1, #list do
    said[i] = known_values.take(self.context, list[i])
  end
  for i = 1, #list do
    self:visit(list[i])
  end
  for i = 1, #list do
    vars[i] = self.made[list[i]]
    if #said[i] > 0 then
      local known = known_values.of(self.context, scope, vars[i], said[i])
      table.move(known, 1, #said[i], #place.known + 1, place.known)
    end
  end
  return vars
end

return M
