--- A scalar expression that is quadratic in x, as x'*M*x + c'*x + r, and its completed square.
--
-- The coefficients are read from derivatives: M is half the Hessian, c the gradient at zero, r the value at zero. That the
-- Hessian is free of x does not prove that the expression is quadratic (the norm of x has the Hessian zero by the rules,
-- where it has one); the caller compares the form with the expression.
--
-- @module nabla.algebra.quadratic

local core = require "nabla.core"
local derivative = require "nabla.calculus.derivative"
local factors = require "nabla.algebra.factors"
local named_parts = require "nabla.calculus.named_parts"
local unknown_functions = require "nabla.calculus.unknown_functions"

local M = {}

local ONE = core.constants.one -- the dimension 1
local is_scalar = factors.is_scalar

-- The gradient of a scalar f by x, as a node of the shape of x.
local function gradient(S, f, x)
  if is_scalar(S, x) then
    return S:forward(f, x, S:rational(1))
  end
  local hole = S:hole(S:name(x), S:rows(x), S:cols(x))
  return S:pull(S:forward(f, x, hole), hole, S:rational(1))
end

-- The derivative of a gradient by x: a square matrix.
local function hessian(S, g, x)
  if is_scalar(S, x) then
    return S:forward(g, x, S:rational(1))
  end
  local hole = S:hole(S:name(x), S:rows(x), S:cols(x))
  return S:jacobian(S:forward(g, x, hole), hole)
end

-- What a node is where x is zero; nil if it is not defined there.
local function at_zero(S, id, x)
  local done, value = pcall(S.replace, S, id, { x }, { S:zeros(S:rows(x), S:cols(x)) })
  return done and value or nil
end

--- The quadratic form of a scalar expression.
-- @tparam table session
-- @tparam integer id 1 x 1
-- @tparam integer x a scalar or a column
-- @treturn table|nil { matrix = M, linear = c, rest = r }: x'*M*x + c'*x + r, with a symmetric M; or nil
-- @return why there is none
function M.of(session, id, x)
  local S = session.S
  local name = S:name(x)
  derivative.need_variable(session, x)
  if not is_scalar(S, id) then
    return nil, "a quadratic form is a scalar expression"
  elseif S:cols(x) ~= ONE then
    return nil, ("a quadratic form is one of a scalar or a column, and %s is a matrix"):format(name)
  end
  local f = unknown_functions.from_layout(session, named_parts.unfolded(session, id, x))
  local holds = factors.holder(S, x)
  local first = gradient(S, f, x)
  local second = S:textbook(hessian(S, S:textbook(first), x))
  if holds(second) then
    second = S:simplify(S:expand(second))
  end
  if holds(second) then
    return nil, ("not quadratic in %s: its second derivative holds %s"):format(name, name)
  end
  local c, r = at_zero(S, first, x), at_zero(S, f, x)
  if not c or not r then
    return nil, ("not quadratic in %s: it is not defined where %s is zero"):format(name, name)
  end
  local half = S:rational "0.5"
  return {
    matrix = S:textbook(S:product { half, second }),
    linear = S:textbook(c),
    rest = S:textbook(r),
  }
end

--- The value of a form at a node.
function M.value(S, form, x)
  return S:sum {
    S:product { S:transpose(x), form.matrix, x },
    S:product { S:transpose(form.linear), x },
    form.rest,
  }
end

--- Complete the square of a form: (x - x0)'*M*(x - x0) + rest. x0 is -inv(M)*c/2, so M must be invertible unless c is zero.
-- @tparam table session
-- @tparam table form see M.of
-- @tparam integer x
-- @treturn integer the completed square
-- @treturn table { centre = x0, rest =, matrix = M, needs = { { property =, node =, known = } } }
function M.square(session, form, x)
  local S = session.S
  local square = { matrix = form.matrix, needs = {} }
  local op, own = S:op(form.linear)
  if form.linear == S:rational(0) or own and op == "zeros" then
    square.centre, square.rest = S:zeros(S:rows(x), S:cols(x)), form.rest
  else
    local back = S:product { S:rational "0.5", S:inv(form.matrix), form.linear }
    square.centre = S:textbook(S:neg(back))
    local least = S:product { S:rational "0.5", S:transpose(form.linear), back }
    square.rest = S:textbook(S:sum { form.rest, S:neg(least) })
    square.needs[1] = {
      property = "invertible",
      node = form.matrix,
      known = S:property("invertible", form.matrix),
    }
  end
  local apart = S:sum { x, S:neg(square.centre) }
  return S:sum { S:product { S:transpose(apart), form.matrix, apart }, square.rest }, square
end

return M
