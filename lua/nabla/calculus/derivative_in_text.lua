--- Derivatives in a text, D(f, x) and d(f): the functions of the calculus that the elaboration of a text calls.
--
-- @module nabla.calculus.derivative_in_text

local conventions = require "nabla.calculus.convention"
local derivative = require "nabla.calculus.derivative"
local formulas = require "nabla.language.formula"
local known_values = require "nabla.language.known_values"
local layouts = require "nabla.calculus.layout"
local partial_derivatives = require "nabla.calculus.partial_derivatives"
local scopes = require "nabla.language.scope"
local several_arguments = require "nabla.language.several_arguments"
local shapes = require "nabla.text.shape"
local unknown_functions = require "nabla.calculus.unknown_functions"

local M = {}

-- The variable of a leaf that names an unknown function, or nil.
local function unknown_function(c, tree)
  local var = tree.tag == "name" and scopes.lookup_spelled(c.scope, tree.name)
  return var and var.func and var or nil
end

-- The node of a tree; an unknown function means its value.
local function value(c, tree)
  local var = unknown_function(c, tree)
  if var and not var.arg_id then -- in a rule, where its argument has no name
    c:stop(tree, var.name .. " is a function here, and a derivative is taken by a variable")
  elseif var then
    return c.S:call(var.id, var.arg_id)
  end
  c:infer(tree)
  c:settle(tree)
  return c:build(tree)
end

-- What D(u, x) is a derivative of, where it is a node of its own: the unknown function u, or a derivative D(u, x)
-- itself; and the variable of u. Nil for anything else.
local function kept(c, target)
  local var = unknown_function(c, target)
  if var then
    return var.id, var
  elseif target.tag == "call" and target.name == "D" then
    local node = c:infer(target).node
    return c.S:op(node) == "D" and node or nil
  end
end

-- D(u, x) of an unknown function, in the layout in force; in a rule it is the engine's own.
local function of_unknown(c, inner, var, by)
  local S, session = c.S, c.session
  local point = value(c, by)
  if var and (S:rows(point) ~= var.arg_rows or S:cols(point) ~= var.arg_cols) then
    local message = "%s is declared as a function of something %s"
    c:stop(by, message:format(var.name, shapes.text(S, var.arg_rows, var.arg_cols)))
  elseif c.pattern then
    return S:derivative(inner, point)
  end
  local layout = layouts.named(session, c.layout or session.layout)
  return (unknown_functions.in_layout(session, inner, point, layout))
end

-- D(f, x) of a function of several arguments by one of them; nil by anything else.
local function partial_of(c, var, by)
  for i, part in ipairs(var.several) do
    if by.tag == "name" and by.name == part.name then
      local alone = partial_derivatives.alone(c.session, var.id, i)
      local layout = layouts.named(c.session, c.layout or c.session.layout)
      return unknown_functions.in_layout(c.session, alone, part.id, layout)
    end
  end
end

-- D(D(f, x), u), by another argument; nil where it is none.
local function second_partial(c, inner, by)
  local session, S = c.session, c.S
  local id = by.tag == "name" and session.several and value(c, by)
  local g, point, turned = nil, nil, nil
  if id then
    g, point, turned = partial_derivatives.second(session, inner, id)
  end
  if g then
    local layout = layouts.named(session, c.layout or session.layout)
    local node = unknown_functions.in_layout(session, g, point, layout)
    return turned and S:transpose(node) or node
  end
end

--- The node of D(f, x). Of an unknown function it is a node of its own; of anything else it is computed.
-- @tparam table c the context that reads the text
-- @tparam table tree the call of D
function M.derivative(c, tree)
  local session = c.session
  local target, by = tree.args[1], tree.args[2]
  local inner, var = kept(c, target)
  local partial = var and var.several and partial_of(c, var, by) or inner and not var and second_partial(c, inner, by)
  if partial then
    return partial
  elseif inner and not (var and var.several and by.tag == "name") then -- of several arguments also at a column of them
    return of_unknown(c, inner, var, by)
  end
  local transposed = by.tag == "transpose" -- D(f, x') is laid out by the row x'
  local f = known_values.put_in(session, value(c, target), c.declaring.known) -- the mean of x may be the variable
  local x = value(c, transposed and by[1] or by)
  local layout = layouts.named(session, c.layout or session.layout)
  local convention = conventions.named(session, c.convention or "free")
  local how = { layout = layout, convention = convention, transposed = transposed, plain = true }
  local known = c.declaring.known or session.known_values
  return known_values.during(session, known, derivative.derivative, session, f, x, how)
end

--- The node of a function of an expression and a variable: of its body, with derivatives in the numerator layout.
function M.formula(c, tree, formula)
  local session = c.session
  local outer = c.layout
  local layout = layouts.named(session, outer or session.layout)
  c.layout = "numerator"
  local ok, id = pcall(value, c, formulas.written_out(formula, tree))
  c.layout = outer
  if not ok then
    error(id, 0)
  elseif c.pattern then
    return id
  end
  return unknown_functions.to_layout(session, unknown_functions.from_layout(session, id), layout)
end

--- The node of D(f, x)(a, b): the partial derivative of a function of several arguments at a point.
-- @tparam table c
-- @tparam table tree the tree of an entry of D(f, x)
-- @tparam table var the function
function M.partial_at(c, tree, var)
  local S, session, ids = c.S, c.session, {}
  local by = tree[1].args[2]
  for k, part in ipairs(var.several) do
    ids[k] = value(c, tree.args[k])
    if S:rows(ids[k]) ~= part.rows or S:cols(ids[k]) ~= part.cols then
      local message = "argument %d of %s is %s, declared %s"
      local given = shapes.text(S, S:rows(ids[k]), S:cols(ids[k]))
      c:stop(tree.args[k], message:format(k, var.name, given, shapes.text(S, part.rows, part.cols)))
    end
  end
  for i, part in ipairs(var.several) do
    if by.tag == "name" and by.name == part.name then
      local layout = layouts.named(session, c.layout or session.layout)
      local alone = partial_derivatives.alone(session, var.id, i)
      local written = unknown_functions.in_engine(session, alone, part.id, layout)
      local at = partial_derivatives.at(session, var.id, i, several_arguments.stack(session, ids))
      return unknown_functions.to_layout(session, S:replace(written, { S:derivative(alone, part.id) }, { at }), layout)
    end
  end
  c:stop(by, var.name .. " is not declared as a function of this")
end

--- A function of several arguments was declared.
M.declared_several = partial_derivatives.declared

--- The node of d(f).
function M.total_differential(c, id)
  local session = c.session
  local layout = layouts.named(session, c.layout or session.layout)
  return unknown_functions.to_layout(session, derivative.total_differential(session, id), layout)
end

return M
