--- Equations as values: two expressions of one shape, and what is done to both of them.
--
--     e = s:equation "A*x = b"        e = a:eq(b)
--     print(2*e, e + c, e.T, e:swap())
--
-- An operation gives a new equation. `needs` has the conditions under which it says no more and no less than the one before:
-- multiplying by C needs that C is invertible.
--
-- @classmod nabla.Equation

local derivative = require "nabla.calculus.derivative"
local equality = require "nabla.compare.equality"
local factors = require "nabla.algebra.factors"
local handles = require "nabla.session.handles"
local lift = require "nabla.session.lift"
local conditions = require "nabla.solve.conditions"
local core = require "nabla.core"
local shapes = require "nabla.text.shape"
local unknown_functions = require "nabla.calculus.unknown_functions"

local KIND = core.constants.kinds

local Equation = {}

local methods = {}

--- Is a value an equation?
function methods.is_equation(e)
  return getmetatable(e) == Equation
end

--- A new equation of two nodes of one session.
function methods.new(session, left, right, needs)
  return setmetatable({ session = session, left = left, right = right, needs = needs or {} }, Equation)
end
local new = methods.new

local function raise(level, done, ...)
  if done then
    return ...
  end
  local err = ...
  error(type(err) == "table" and err.message or err, level + 1)
end

local function id_of(node)
  local _, id = handles.of(node)
  return id
end

-- The ids of both sides.
local function sides(e)
  e.session.S:begin()
  return id_of(e.left), id_of(e.right)
end

local function of_ids(e, left, right, needs)
  local s = e.session
  return new(s, s:wrap(left, handles.hints[e.left]), s:wrap(right, handles.hints[e.right]), needs or e.needs)
end

-- What stands beside an equation, as an id; of the shape `like` if it is a text or a number.
local function operand(e, value, like)
  local left = id_of(e.left)
  return (lift.lift(e.session, value, { near = { left, id_of(e.right) }, like = like and left or nil }))
end

local function same_shape(S, a, b)
  if S:rows(a) ~= S:rows(b) or S:cols(a) ~= S:cols(b) then
    lift.stop("the sides are %s, and %s is added", shapes.of(S, a), shapes.of(S, b))
  end
end

local function add(e, other, sign)
  local S = e.session.S
  local l, r = sides(e)
  local a, b
  if methods.is_equation(other) then
    a, b = sides(other)
  else
    a = operand(e, other, true)
    b = a
  end
  same_shape(S, l, a)
  local function plus(x, y)
    return S:sum { x, sign < 0 and S:neg(y) or y }
  end
  return of_ids(e, plus(l, a), plus(r, b))
end

-- The needs of an equation and one more.
local function with_need(e, id)
  local needs = table.move(e.needs, 1, #e.needs, 1, {})
  local S = e.session.S
  if S:rows(id) == S:cols(id) then
    conditions.add_invertible(e.session, needs, id)
  else
    conditions.add(e.session, needs, "fullcolumnrank", id)
  end
  return needs
end

local function multiply(a, b)
  local e = methods.is_equation(a) and a or b
  local S = e.session.S
  if methods.is_equation(a) and methods.is_equation(b) then
    lift.stop "an equation is multiplied by an expression, not by an equation"
  end
  local l, r = sides(e)
  local c = operand(e, e == a and b or a)
  if e == a then
    return of_ids(e, S:product { l, c }, S:product { r, c }, with_need(e, S:transpose(c)))
  end
  return of_ids(e, S:product { c, l }, S:product { c, r }, with_need(e, c))
end

local function divide(e, c)
  if not methods.is_equation(e) then
    lift.stop "an expression is not divided by an equation"
  end
  local S = e.session.S
  local l, r = sides(e)
  local id = operand(e, c)
  return of_ids(e, S:div(l, id), S:div(r, id), with_need(e, id))
end

local function power(e, n)
  if not methods.is_equation(e) then
    lift.stop "an equation is no exponent"
  end
  local S = e.session.S
  local l, r = sides(e)
  local exponent = operand(e, n)
  return of_ids(e, S:power(l, exponent), S:power(r, exponent))
end

function Equation.__add(a, b)
  if not methods.is_equation(a) then
    a, b = b, a
  end
  return raise(2, pcall(add, a, b, 1))
end

function Equation.__sub(a, b)
  if not methods.is_equation(a) then
    return raise(2, pcall(add, -b, a, 1))
  end
  return raise(2, pcall(add, a, b, -1))
end

function Equation.__mul(a, b)
  return raise(2, pcall(multiply, a, b))
end

function Equation.__div(a, b)
  return raise(2, pcall(divide, a, b))
end

function Equation.__pow(a, b)
  return raise(2, pcall(power, a, b))
end

function Equation.__unm(e)
  local S = e.session.S
  local l, r = sides(e)
  return of_ids(e, S:neg(l), S:neg(r))
end

function Equation.__eq(a, b)
  return a.left == b.left and a.right == b.right
end

--- Apply a function of nodes to both sides.
function methods:both(f)
  return new(self.session, f(self.left), f(self.right), self.needs)
end

--- Right side = left side.
function methods:swap()
  return new(self.session, self.right, self.left, self.needs)
end

-- A side in which a term was cancelled: opened where the term stood in a factored sum, as A'*b in A'*(A*x - b).
local function opened(S, id)
  local other = S:expand(id)
  return S:cost(other) < S:cost(id) and other or id
end

--- Subtract a term from both sides: what is on one side moves to the other. A factored sum that holds the term is opened.
function methods:move(term)
  return raise(2, pcall(function()
    local moved = add(self, term, -1)
    local l, r = sides(moved)
    local S = self.session.S
    return of_ids(moved, opened(S, l), opened(S, r))
  end))
end

--- Substitute in both sides; the arguments are those of node:subst.
-- @return the equation, and how often something was replaced
function methods:subst(...)
  local left, n = self.left:subst(...)
  local right, k = self.right:subst(...)
  return new(self.session, left, right, self.needs), n + k
end

-- Each side through a method of nodes.
for _, name in ipairs { "simplify", "expand", "collect", "factor", "fold", "unfold" } do
  methods[name] = function(self, ...)
    local args = { ... }
    return self:both(function(node)
      return (node[name](node, table.unpack(args)))
    end)
  end
end

-- A side by a named rule; as it is where the rule does not apply.
local function rewritten(node, ...)
  local done, result = pcall(node.apply, node, ...)
  return done and result or nil, result
end

--- Rewrite by a named rule, on the side where it applies; the arguments are those of node:apply.
function methods:rewrite(...)
  if not self.left.apply then
    error("nodes have no method apply", 2)
  end
  local left, why = rewritten(self.left, ...)
  local right = rewritten(self.right, ...)
  if not (left or right) then
    error(type(why) == "table" and why.message or why, 2)
  end
  return new(self.session, left or self.left, right or self.right, self.needs)
end

--- The differential of both sides.
function methods:differential()
  return self:both(function(node)
    return assert(self.session:differential(node))
  end)
end

--- The derivative of both sides by a scalar, such as D(x,t) from `A(t)*x(t) = b`.
-- @param t a scalar variable or its name
function methods:diff(t)
  local session = self.session
  local S = session.S
  local l, r = sides(self)
  local id = lift.lift(session, t, { near = { l, r }, what = "a variable or its name" })
  derivative.need_variable(session, id)
  if not factors.is_scalar(S, id) then
    error("an equation is differentiated by a scalar; by the others: e:differential()", 2)
  end
  local layout = session.layouts[session.layout]
  local function side(x)
    local change = S:forward(unknown_functions.from_layout(session, x), id, S:rational(1))
    return S:textbook(unknown_functions.to_layout(session, change, layout))
  end
  return raise(2, pcall(function()
    return of_ids(self, side(l), side(r))
  end))
end

-- Is a node the derivative of an unknown function of this name?
local function is_derivative(S, id, name)
  if not factors.is(S, id, "D") then
    return false
  end
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "function" then
      return S:name(x) == name
    end
  end
  return false
end

--- The derivative of an unknown function by t, from the derivative of both sides: implicit differentiation.
-- @tparam string x the name of the function
-- @param t a scalar variable or its name
-- @return the equation D(x, t) = ..; raises what cannot be solved
function methods:implicit(x, t)
  local session = self.session
  local S = session.S
  local both = self:diff(t)
  local l, r = sides(both)
  local wanted
  for _, id in ipairs { l, r } do
    for _, node in ipairs(S:postorder(id)) do
      wanted = wanted or is_derivative(S, node, x) and node
    end
  end
  if not wanted then
    error(("%s is no unknown function in the equation"):format(tostring(x)), 2)
  end
  local unknown = S:symbol(" derivative", KIND.matrix, 0, S:rows(wanted), S:cols(wanted))
  local given = { left = S:replace(l, { wanted }, { unknown }), right = S:replace(r, { wanted }, { unknown }) }
  local done, found = pcall(require("nabla.solve").one, session, given, unknown)
  if not done then
    error(type(found) == "table" and found.message or found, 2)
  end
  return new(session, session:wrap(wanted), session:wrap(found.value), found.needs)
end

--- Do both sides agree for all values? "yes", "no" or "unknown", why, and a counterexample.
function methods:holds()
  local l, r = sides(self)
  if self.session:same(l, r) then
    return "yes", l == r and "same node" or "expansion"
  end
  return equality.compare(self.session, l, r)
end

--- Solve for an unknown: see nabla.Session:solve.
-- @return the equation x = value, with `needs` (its conditions); raises what cannot be solved
function methods:solve(x)
  local solutions, err = self.session:solve({ self }, { x })
  if not solutions then
    error(tostring(err), 2)
  end
  return solutions[1]
end

--- The equation as text, "unicode" or "latex". A right side of zeros is written 0. `opts`: those of node:text.
function methods:text(how, opts)
  local function side(node)
    return node.op == "zeros" and "0" or node:text(how, node == self.right and opts or nil)
  end
  return side(self.left) .. " = " .. side(self.right)
end

--- The equation in LaTeX.
function methods:latex()
  return self:text "latex"
end

--- The equation in Unicode.
function methods:unicode()
  return self:text "unicode"
end

Equation.__tostring = function(e)
  return e:text()
end

function Equation.__index(e, key)
  if key == "lhs" then
    return e.left
  elseif key == "rhs" then
    return e.right
  elseif key == "T" then
    return new(e.session, e.left.T, e.right.T, e.needs)
  elseif key == "conditions" then
    return e.needs
  end
  return methods[key]
end

Equation.__name = "nabla.Equation"

return methods
