--- The derivation of second derivatives: the gradient, a name for it, and its differential.
--
-- @module nabla.derive.hessian

local compose = require "nabla.derive.compose"
local builder = require "nabla.derive.builder"
local canonical = require "nabla.derive.canonical"
local conventions = require "nabla.calculus.convention"
local coordinates = require "nabla.calculus.coordinates"
local core = require "nabla.core"
local derivative = require "nabla.calculus.derivative"
local display = require "nabla.print.display"
local errors = require "nabla.text.errors"
local hessian = require "nabla.calculus.hessian"
local names = require "nabla.derive.names"
local structured = require "nabla.derive.structured"
local syntax = require "nabla.language.syntax"
local unknown_functions = require "nabla.calculus.unknown_functions"

local ONE = core.constants.one -- the dimension 1

local function row(of, by, left, form, name, reading)
  return {
    of = of,
    by = by,
    left = syntax.expression(left),
    form = syntax.expression(form),
    name = name,
    reading = reading,
    reads_transpose = false,
  }
end

-- How first and second derivatives are read.
local GRADIENT = {
  scalar = row("scalar", "scalar", "d(y)", "G*d(t)", "G", "value"),
  vector = row("scalar", "vector", "d(y)", "G'*d(x)", "G", "gradient"),
  matrix = row("scalar", "matrix", "d(y)", "tr(G'*d(X))", "G", "gradient"),
}
local SECOND = {
  ["scalar scalar"] = row("matrix", "scalar", "d(y)", "H*d(t)", "H", "value"),
  ["vector scalar"] = row("matrix", "scalar", "d(y)", "H*d(t)", "H", "value"),
  ["matrix scalar"] = row("matrix", "scalar", "vec(d(Y))", "H*d(t)", "H", "value"),
  ["scalar vector"] = row("vector", "vector", "d(y)", "H*d(x)", "H", "jacobian"),
  ["vector vector"] = row("vector", "vector", "d(y)", "H*d(x)", "H", "jacobian"),
  ["matrix vector"] = row("matrix", "vector", "vec(d(Y))", "H*d(x)", "H", "jacobian"),
  ["scalar matrix"] = row("matrix", "matrix", "d(y)", "H*vec(d(X))", "H", "jacobian"),
  ["vector matrix"] = row("matrix", "matrix", "d(y)", "H*vec(d(X))", "H", "jacobian"),
  ["matrix matrix"] = row("matrix", "matrix", "vec(d(Y))", "H*vec(d(X))", "H", "jacobian"),
}

SECOND["matrix scalar"].vec = true

local function kind(S, id)
  local rows, cols = S:rows(id), S:cols(id)
  return rows == ONE and cols == ONE and "scalar" or cols == ONE and "vector" or "matrix"
end

-- The gradient in its textbook form; where a rule needs what cannot be seen of that form, such as its symmetry, as it was found.
local function gradient_of(S, found, own, W)
  local textbook = S:textbook(found, own)
  return errors.attempt(S.forward, S, textbook, W.x, W.dx) and textbook or found
end

-- What is differentiated by: the symbol as it is given and without its attributes; of coordinates such as vech(S) and of a member of a
-- family also these, and the function from their change to that of the symbol.
local function variable(session, id)
  local S = session.S
  local symbol, change_of = coordinates.of(session, id)
  if not symbol then
    symbol, change_of = derivative.member(session, id, conventions.free)
  end
  local given = symbol or id
  local bare = hessian.bare(S, given)
  local self = { id = id, given = given, bare = bare, change_of = change_of, kind = kind(S, id), name = S:name(bare) }
  self.vector = symbol and S:replace(id, { given }, { bare })
  self.hole = self.kind ~= "scalar" and S:hole(self.name, S:rows(id), S:cols(id)) or nil
  return self
end

-- The last part of the derivation of a first or second derivative.
local function last_part(w, how_it_is_read, of, f, by)
  local S = w.S
  return canonical.new(w.D, how_it_is_read, by.hole, {
    of = of,
    f = f,
    variable = by.name,
    by = by.vector and w.D:print(by.vector),
    change = by.vector and w:change_words(by.bare, by.vector),
    change_word = by.vector and S:op(by.vector) == S:operator_with "member" and "member" or "coordinates",
  })
end

-- Derive; with `both`, two variables change in every line, else each only where it is differentiated by.
local function derived(session, f, context, x, y, how, both)
  local S = session.S
  local u, v = variable(session, x), variable(session, y)
  local given, bare = { u.given, v.given }, { u.bare, v.bare }
  local parameter, moving
  if both then
    parameter, moving = builder.moving(session, bare)
  end
  local function replaced(id)
    id = S:replace(id, given, bare)
    return moving and S:replace(id, bare, moving) or id
  end
  local own = replaced(unknown_functions.from_layout(session, f))
  how.variables, how.replaced = moving or { u.bare }, replaced
  function how.restored(id) -- with what is known of the variables
    if not moving then
      return S:replace(id, bare, given)
    end
    local changes, any = {}, {}
    for i, node in ipairs(moving) do
      changes[i] = S:forward(node, parameter, S:rational(1))
      any[i] = S:symbol(" change " .. i, core.constants.kinds.matrix, 0, S:rows(node), S:cols(node))
    end
    return S:replace(S:replace(id, changes, any), moving, given)
  end
  local w = builder.new(session, own, context, how)
  local function by(z)
    if moving then
      return w:by_all(parameter, moving, bare)
    end
    return w:by(z.bare, z.change_of and z.change_of(z.hole or S:rational(1)), z.change_of and z.hole)
  end
  by(u)
  local tree, letters = names.introduce(w, w:given(), how.parts or {})
  local at = w:differentiate(w.of, tree)
  -- the gradient
  local C = last_part(w, GRADIENT[u.kind], w.of, own, u)
  local g = gradient_of(S, C:read(S:forward(own, w.W.x, w.W.dx)), own, w.W)
  w:bring_to(C, at, g)
  local name = display.name(w:free_name(w.of.text == "g" and "g1 g2" or "g G h q s g1"), not w.W:is_scalar_node(g))
  local first = display.derivative(w.of, C.x, C.x, false)
  local gradient = w.D:print(g)
  local of_scalar = kind(S, own) == "scalar"
  if of_scalar then
    w:add("gradient", { { formula = true, first } }, { kind = "let", let = name.text, left = name, right = gradient })
  else -- a layout may turn D(f, t) round
    local words = { { formula = true, C.x }, { formula = true, w.of } }
    w:add("rate", words, { kind = "let", let = name.text, left = name, right = gradient })
  end
  -- its differential
  w:define(name.text, g)
  by(v)
  names.introduce_again(w)
  local second = SECOND[u.kind .. " " .. v.kind]
  if not of_scalar then
    second = SECOND["scalar scalar"]
  end
  at = w:differentiate(name, gradient, second)
  local E = last_part(w, second, name, g, v)
  local function is_structured(z)
    return not z.vector and structured.row(session, how.convention, z.given)
  end
  local free = how.answer_id
  local words, args = of_scalar and "hessian" or "rate_of_rate", { E:form_words(), second.name }
  if is_structured(u) or is_structured(v) then
    free = hessian.hessian(session, f, x, y, how.layout, conventions.free)
    words, args = "convention", { { how.convention.title, how.convention.zh, titles = how.convention.titles } }
  end
  w:bring_to(E, at, moving and #letters > 0 and replaced(free) or free)
  local second_variable = x == y and C.x or E.x
  local left = display.derivative(first, second_variable, second_variable, false)
  local shape = not of_scalar and "numerator" or nil -- second derivatives by a scalar have the shape of f in all layouts
  local right = w:answer_tree(how.answer_id)
  local by_names = #letters > 0 and w.D:print(moving and replaced(how.answer_id) or how.answer_id)
  if by_names and compose.text(by_names) ~= compose.text(right) then
    w:add(words, args, { kind = "layout", left = left, right = by_names, layout = shape })
    words, args = "back", { w.words:list(letters) }
  end
  w:add(words, args, { kind = "layout", left = left, right = right, layout = shape })
  return w:finished()
end

local function is_symbol(S, id)
  return S:op(id) == "symbol"
end

--- Derive.
-- @tparam table session
-- @param f an id
-- @tparam table|nil context the context that has read the text of f; nil: f is printed
-- @param x an id
-- @param y an id
-- @tparam table how see nabla.derive.builder; `answer_id`: the Hessian
-- @return a derivation (nabla.Derivation)
return function(session, f, context, x, y, how)
  if x == y or not (is_symbol(session.S, x) and is_symbol(session.S, y)) then
    return derived(session, f, context, x, y, how, false)
  end
  local ok, derivation = pcall(derived, session, f, context, x, y, how, true)
  if ok then
    return derivation
  end
  return derived(session, f, context, x, y, how, false)
end
