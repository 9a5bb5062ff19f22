--- Second derivatives of nodes.
--
-- @module nabla.calculus.hessian

local conjugates = require "nabla.calculus.conjugates"
local conventions = require "nabla.calculus.convention"
local core = require "nabla.core"
local derivative = require "nabla.calculus.derivative"
local differentials = require "nabla.calculus.differentials"
local errors = require "nabla.text.errors"
local layouts = require "nabla.calculus.layout"
local named_parts = require "nabla.calculus.named_parts"
local shapes = require "nabla.text.shape"
local shortest = require "nabla.calculus.shortest"
local unknown_functions = require "nabla.calculus.unknown_functions"

local M = {}

local ONE = core.constants.one -- the dimension 1

--- The symbol without its attributes; one that is not real stays so.
function M.bare(S, x)
  local bits = S:attributes(x) & S:attribute("analytic", false)
  return S:symbol(S:name(x), core.constants.kinds[S:kind(x)], bits, S:rows(x), S:cols(x))
end

--- Second derivatives: d2f/dx dx', or d2f/dx dy'; of any f by a scalar, d2f/dt2.
-- The first derivative is simplified before the second is taken, so both variables are taken without their
-- attributes there: that S is symmetric must not be used before a derivative by S.
function M.hessian(session, f, x, y, layout, convention)
  local S = session.S
  if differentials.occur(S, f) then
    local written, symbol, back = differentials.read(S, f, x)
    local other = differentials.stand_in(S, y)
    return S:textbook(back(M.hessian(session, written, symbol, other, layout, convention)), f)
  end
  if session.complex_letters then
    session:check_complex(f)
    local apart = conjugates.apart(session, { f, x, y }, true)
    if apart and (apart.f[1] ~= f or apart.f[2] ~= x or apart.f[3] ~= y) then
      local second = M.hessian(session, apart.f[1], apart.f[2], apart.f[3], layout, conventions.free)
      return S:textbook(apart.back(second), f)
    end
  end
  local entry = S:operator_with "entry"
  if S:op(x) == entry or S:op(y) == entry then
    errors.refuse "a Hessian is taken by variables; by entries write D(D(f, x(i)), x(j))"
  end
  f = named_parts.unfolded(session, named_parts.unfolded(session, f, x), y)
  local by_x, by_y = x, y -- of which the shapes count
  local changes, input, given = {}, f, {}
  given[1], changes[1] = derivative.variable(session, x, convention)
  given[2], changes[2] = derivative.variable(session, y, convention)
  x, y = M.bare(S, given[1]), M.bare(S, given[2])
  f = S:replace(unknown_functions.from_layout(session, f), given, { x, y })
  local one = S:rational(1)
  local function scalar(v)
    return layouts.variable_kind(S, v) == "scalar"
  end
  local function finish(id)
    return S:textbook(unknown_functions.to_layout(session, S:replace(id, { x, y }, given), layout), input)
  end
  local of_scalar = layouts.value_kind(S, f) == "scalar"
  if not of_scalar and not (scalar(by_x) and scalar(by_y)) then
    errors.refuse("a Hessian is of a scalar (this is %s) or by a scalar", shapes.of(S, f))
  end
  local hole = S:hole(S:name(y), S:rows(by_y), S:cols(by_y))
  local function second(first)
    if not scalar(by_y) then
      return shortest.jacobian(S, S:forward(first, y, changes[2](hole)), hole, finish)
    end
    local column = S:forward(first, y, changes[2](one))
    return finish((scalar(by_x) or S:cols(by_x) == ONE) and column or S:apply("vec", { column }))
  end
  local first
  if scalar(by_x) then
    first = S:forward(f, x, changes[1](one))
  else
    local dx = S:hole(S:name(x), S:rows(by_x), S:cols(by_x))
    first = S:pull(S:forward(f, x, changes[1](dx)), dx, one)
  end
  -- the textbook form may hide what a rule asks for: that x*(y + x)' + y*x' is symmetric
  local ok, result = errors.attempt(second, S:textbook(first, f))
  if not ok and type(result) == "table" and result.status == "rule" then
    return second(first)
  elseif not ok then
    error(result, 0)
  end
  return result
end

return M
