--- Names for parts of expressions, and facts about expressions.
--
-- A name that `let` gives is a variable with the shape and the proved attributes of what it names. Derivatives, comparison and
-- numbers see through names: there a name is what it stands for. An assumption is a fact of this session alone.
--
-- @module nabla.session.naming

local core = require "nabla.core"
local handles = require "nabla.session.handles"
local later = require "nabla.text.later"
local named_parts = require "nabla.calculus.named_parts"
local syntax = require "nabla.language.syntax"

local subst = later.require "nabla.algebra.subst"
local attributes = later.require "nabla.language.attributes"
local lift = later.require "nabla.session.lift"
local shapes = later.require "nabla.text.shape"

local M = {}

local KIND = core.constants.kinds
local FACT = core.constants.rule_kinds.fact
local ONE = core.constants.one -- the dimension 1

M.of_sessions, M.operations = {}, {}
local operations = M.operations

-- ---------------------------------------------------------------------------------------------- names for parts

-- The attributes that are proved of a node, as bits.
local function proved(session, id)
  local bits = 0
  for name, attribute in pairs(session.attributes) do
    if session.S:property(name, id) then
      bits = bits | attribute.bits
    end
  end
  return bits
end

local function check_name(session, name, id)
  if type(name) ~= "string" or not syntax.is_name(name) then
    lift.stop("a name was expected, found %s", type(name) == "string" and "'" .. name .. "'" or "a " .. type(name))
  elseif session.ops[name] and not session.ops[name].gone then
    lift.stop("%s is a function", name)
  elseif session.scope.dims[name] then
    lift.stop("%s is a size", name)
  elseif session.scope.vars[name] then
    lift.stop("%s is declared already", name)
  end
  local S = session.S
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "symbol" and S:name(x) == name then
      lift.stop("%s stands in what it is to name", name)
    end
  end
end

-- Name a node: a part of the session.
local function let(session, name, id)
  local S = session.S
  local rows, cols = S:rows(id), S:cols(id)
  local kind = rows == ONE and cols == ONE and "scalar" or cols == ONE and "vector" or "matrix"
  local whole = named_parts.unfolded(session, id)
  local symbol = S:symbol(name, KIND[kind], proved(session, whole), rows, cols)
  local handle = session:wrap(symbol)
  session.scope.vars[name] = { id = symbol, rows = rows, cols = cols, kind = kind, name = name, handle = handle }
  session.parts = session.parts or {}
  session.parts[#session.parts + 1] =
    { symbol = symbol, whole = whole, keep = { handle, session:wrap(id), session:wrap(whole) } }
  return handle
end

--- Name an expression. The name has its shape, and the attributes that are proved of it.
-- @function Session:let
-- @tparam string name one that is not declared
-- @param f a node or a text
-- @return the name as a node, or nil and the error
function M.of_sessions:let(name, f)
  self.S:begin()
  return handles.try(function()
    local id = lift.lift(self, f)
    check_name(self, name, id)
    return let(self, name, id)
  end)
end

--- The node with the names of parts (s:let) put in where what they name stands, and how often.
-- @function node:fold
-- @return the node, and how often a name was put in
function operations.fold(session, id, hint)
  local list = {}
  for _, part in ipairs(session.parts or {}) do
    list[#list + 1] = { part.whole, part.symbol }
  end
  local result, count = subst.subst(session.S, named_parts.unfolded(session, id), list)
  return session:wrap(result, hint), count
end

--- The node with the names of parts replaced by what they name.
-- @function node:unfold
function operations.unfold(session, id, hint)
  return session:wrap(named_parts.unfolded(session, id), hint)
end

-- ---------------------------------------------------------------------------------------------- facts

-- What is asked of assume and retract: the id of the expression.
local function subject(session, property, x)
  if type(property) ~= "string" or not session.attributes[property] then
    attributes.bits(session, { attributes = { { name = tostring(property) } } }, ONE, ONE, function(_, _, message, hint)
      lift.stop("%s%s", message, hint and "; " .. hint or "")
    end)
  end
  return lift.lift(session, x)
end

-- Stop if the property cannot hold beside what is known of a node.
local function check_consistent(session, property, id)
  local S, list = session.S, {}
  for name in pairs(session.attributes) do
    if name ~= property and S:property(name, id) then
      list[#list + 1] = { name = name }
    end
  end
  table.sort(list, function(a, b)
    return a.name < b.name
  end)
  local name = session:text(id)
  list[#list + 1] = { name = property }
  attributes.bits(session, { name = name, attributes = list }, S:rows(id), S:cols(id), function(_, _, message)
    lift.stop("%s cannot be assumed of %s: %s", property, name, message)
  end)
  local op, own = S:op(id)
  if own and op == "number" then
    lift.stop("%s cannot be assumed of the number %s, of which it is known whether it holds", property, name)
  end
end

--- Assume a fact about an expression, such as `s:assume("spd", "H*P*H' + R")`: rules that ask for it may use it in this session.
-- What contradicts the attributes of the expression is refused.
-- @function Session:assume
-- @tparam string property the name of an attribute
-- @param x a node or a text
-- @return true, or nil and the error
function M.of_sessions:assume(property, x)
  self.S:begin()
  return handles.try(function()
    local id = subject(self, property, x)
    if self.S:property(property, id) then
      return true
    end
    check_consistent(self, property, id)
    local serial = self.S:rule { kind = FACT, name = property, lhs = id, rhs = id }
    self.rules[serial] = {
      name = property .. " of " .. self:text(id),
      property = property,
      statement = "fact",
      asks = {},
      kind = FACT,
      priority = 0,
      lhs = id,
      rhs = id,
      conditions = 0,
    }
    self.assumptions = self.assumptions or {}
    self.assumptions[#self.assumptions + 1] = { property = property, id = id, serial = serial }
    return true
  end)
end

--- Take an assumption back.
-- @function Session:retract
-- @tparam string property
-- @param x a node or a text
-- @return true, or nil and the error
function M.of_sessions:retract(property, x)
  self.S:begin()
  return handles.try(function()
    local id = subject(self, property, x)
    for i, fact in ipairs(self.assumptions or {}) do
      if fact.property == property and fact.id == id then
        self.S:rule_restore(fact.serial, true)
        table.remove(self.assumptions, i)
        return true
      end
    end
    lift.stop("%s has not been assumed of %s (%s)", property, self:text(id), shapes.of(self.S, id))
  end)
end

return M
