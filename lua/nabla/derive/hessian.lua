--- The derivation of second derivatives: the gradient, a name for it, and its differential.
--
-- @module nabla.derive.hessian

local builder = require "nabla.derive.builder"
local canonical = require "nabla.derive.canonical"
local conventions = require "nabla.calculus.convention"
local core = require "nabla.core"
local display = require "nabla.print.display"
local errors = require "nabla.text.errors"
local format = require "nabla.print.format"
local hessian = require "nabla.calculus.hessian"
local names = require "nabla.derive.names"
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

-- Derive; with `both`, two variables change in every line, else each only where it is differentiated by.
local function derived(session, f, context, x, y, how, both)
  local S = session.S
  local given = { x, y }
  local bare = { hessian.bare(S, x), hessian.bare(S, y) }
  local u, v = bare[1], bare[2]
  local parameter, moving
  if both then
    parameter, moving = builder.moving(session, bare)
  end
  local function replaced(id)
    id = S:replace(id, given, bare)
    return moving and S:replace(id, bare, moving) or id
  end
  local own = replaced(unknown_functions.from_layout(session, f))
  how.variables, how.replaced = moving or { u }, replaced
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
    return moving and w:by_all(parameter, moving, bare) or w:by(z)
  end
  by(u)
  local tree, letters = names.introduce(w, w:given(), how.parts or {})
  local at = w:differentiate(w.of, tree)
  -- the gradient
  local function hole(z)
    return kind(S, z) ~= "scalar" and S:hole(S:name(z), S:rows(z), S:cols(z)) or nil
  end
  local C = canonical.new(w.D, GRADIENT[kind(S, u)], hole(u), { of = w.of, f = own, variable = S:name(u) })
  local g = gradient_of(S, C:read(S:forward(own, w.W.x, w.W.dx)), own, w.W)
  w:bring_to(C, at, g)
  local name = display.name(w:free_name(w.of.text == "g" and "g1 g2" or "g G h q s g1"), not w.W:is_scalar_node(g))
  local first = display.derivative(w.of, C.x, C.x, false)
  local gradient = w.D:print(g)
  w:add("gradient", { { formula = true, first } }, { kind = "let", let = name.text, left = name, right = gradient })
  -- its differential
  w:define(name.text, g)
  by(v)
  names.introduce_again(w)
  local second = SECOND[kind(S, u) .. " " .. kind(S, v)]
  if kind(S, own) ~= "scalar" then
    second = SECOND["scalar scalar"]
  end
  at = w:differentiate(name, gradient, second)
  local E = canonical.new(w.D, second, hole(v), { of = name, f = g, variable = S:name(v) })
  local function structured(z)
    return how.convention ~= conventions.free and conventions.row_for(session, how.convention, z)
  end
  local free = how.answer_id
  local words, args = "hessian", { E:form_words(), second.name }
  if structured(x) or structured(y) then
    free = hessian.hessian(session, f, x, y, how.layout, conventions.free)
    words, args = "convention", { { how.convention.title, how.convention.zh, titles = how.convention.titles } }
  end
  w:bring_to(E, at, moving and #letters > 0 and replaced(free) or free)
  local second_variable = u == v and C.x or E.x
  local left = display.derivative(first, second_variable, second_variable, false)
  local right = w:answer_tree(how.answer_id)
  local by_names = #letters > 0 and w.D:print(moving and replaced(how.answer_id) or how.answer_id)
  if by_names and format.text(by_names) ~= format.text(right) then
    w:add(words, args, { kind = "layout", left = left, right = by_names })
    words, args = "back", { w.words:list(letters) }
  end
  w:add(words, args, { kind = "layout", left = left, right = right })
  return w:finished()
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
  if x == y then
    return derived(session, f, context, x, y, how, false)
  end
  local ok, derivation = pcall(derived, session, f, context, x, y, how, true)
  if ok then
    return derivation
  end
  return derived(session, f, context, x, y, how, false)
end
