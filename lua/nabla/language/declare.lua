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
function Declaring:need_positive(size, tree, d)
  local v = tree and tree.tag ~= "name" and size ~= ONE and self.S:dimint(size)
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
  self:need_positive(rows, d.rows, d)
  self:need_positive(cols, d.cols, d)
  return rows, cols
end

-- Remember a complex letter in the session. A rule's letters are real.
function Declaring:complex(d)
  local place = self.place
  if d.of then
    self.context:stop(d.pos, "an unknown function with complex values is not known")
  elseif not place.takes_complex then
    self.context:stop(d.pos, "complex letters are declared in a session; those of rule files are real")
  end
  place.complex = place.complex or {}
  place.complex[d.name] = true
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
  local bits = #(d.attributes or NONE) == 0 and 0 or attributes.bits(self.session, d, rows, cols, c.stop, c)
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
  return var
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

-- The variable of a declaration; it is made after that of its argument.
function Declaring:visit(d)
  if self.made[d] then
    return self.made[d]
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
  local var = self:make(d)
  self.made[d] = var
  return var
end

-- Stop at a name that is declared twice. With `by_name` the declarations by name are then there.
local function need_once(self, list, by_name)
  for i = 1, #list do
    local d = list[i]
    local twice = false
    if by_name then
      twice = by_name[d.name] ~= nil
      by_name[d.name] = d
    else
      for k = 1, i - 1 do
        twice = twice or list[k].name == d.name
      end
    end
    if twice then
      local hint = "one declaration takes all attributes: matrix A(n,n) symmetric invertible"
      self.context:stop(d.namepos, d.name .. " is declared twice", hint)
    end
  end
end

-- Does a list declare an unknown function?
local function has_functions(list)
  for i = 1, #list do
    if list[i].of or list[i].ofs then
      return true
    end
  end
  return false
end

-- What a declaration says by values becomes known in the session.
local function keep_known(self, place, var, said)
  if not place.takes_known then
    local message = "what is known of a letter is declared in a session; those of rule files stand for any"
    self.context:stop(said[1].pos, message)
  end
  place.known = place.known or {}
  local known = known_values.of(self.context, self.scope, var, said)
  table.move(known, 1, #known, #place.known + 1, place.known)
end

local FEW = 8 -- declarations of which no table by name is made

--- Put declarations into a scope.
-- @tparam table scope
-- @tparam {nabla.Declaration,...} list
-- @tparam table place where they are: session (as a context needs it, with its attributes), text, file; `takes_complex` and
-- `takes_known`: it then gets the set `complex` of the complex letters and the list `known` of what the declarations say by values
-- (nabla.language.known_values), if there are any
-- @treturn {table,...} the variable of each
function M.into(scope, list, place)
  local session = place.session
  list = several.gathered(list, scope)
  local self = setmetatable({
    session = session,
    S = session.S,
    scope = scope,
    context = Context.of_declarations(session, place.text, place.file, scope),
    place = place,
    by_name = nil, -- name -> declaration
    made = nil, -- declaration -> variable
    under_way = nil, -- declarations whose arguments are being declared
  }, Declaring)
  local functions = has_functions(list)
  if functions then
    self.by_name, self.made, self.under_way = {}, {}, {}
  end
  if functions or #list > 1 then
    need_once(self, list, functions and self.by_name or #list > FEW and {} or nil)
  end
  local vars, said = { nil, nil, nil }, nil
  for i = 1, #list do
    local known = known_values.take(self.context, list[i])
    if known then
      said = said or {}
      said[i] = known
    end
  end
  for i = 1, #list do
    vars[i] = functions and self:visit(list[i]) or self:make(list[i])
  end
  for i = 1, said and #list or 0 do
    if said[i] then
      keep_known(self, place, vars[i], said[i])
    end
  end
  return vars
end

return M
