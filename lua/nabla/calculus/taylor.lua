--- Expansions: f at X + H to an order in H. Each term is a repeated derivative in the direction H, which the differential rules give.
--
-- @module nabla.calculus.taylor

local complex = require "nabla.language.complex"
local core = require "nabla.core"
local derivative = require "nabla.calculus.derivative"
local errors = require "nabla.text.errors"
local hessian = require "nabla.calculus.hessian"
local shapes = require "nabla.text.shape"
local unknown_functions = require "nabla.calculus.unknown_functions"

local M = {}

local KIND = core.constants.kinds

--- The highest order of an expansion.
M.MOST = 20

-- A term in its textbook form, at the point of the expansion.
local function finished(session, id, from, to, layout, input)
  local S = session.S
  id = S:attributes(from[2]) ~= 0 and S:simplify(id) or id -- the direction has a structure
  return S:textbook(unknown_functions.to_layout(session, S:replace(id, from, to), layout), input)
end

-- The rules of a log, each once.
local function rules_of(log)
  local list, seen = {}, {}
  for i = 1, #log, 3 do
    if not seen[log[i]] then
      seen[log[i]] = true
      list[#list + 1] = log[i]
    end
  end
  return list
end

-- The attributes of x that make a subspace, as symmetric: a direction in which x keeps them has them.
local function directions_of(session, x)
  local S, bits = session.S, 0
  for name, shape in pairs(session.domains) do
    if shape == "subspace" and S:property(name, x) then
      bits = bits | session.attributes[name].bits
    end
  end
  return bits
end

-- The derivative in a direction. It is taken by a variable without attributes, which must not be used before it is taken; where that has
-- none, as an eigenvalue of any matrix, by the variable as it is, in a direction that keeps it so. Returns the derivative, the variable
-- and the direction.
local function change_of(session, current, bare, x, direction)
  local S = session.S
  local done, change = pcall(S.forward, S, current, bare, direction)
  if not done and x ~= bare then
    local bits = directions_of(session, x)
    local along = S:symbol(S:name(direction), KIND[S:kind(x)], bits, S:rows(x), S:cols(x))
    local again, other = pcall(S.forward, S, S:replace(current, { bare, direction }, { x, along }), x, along)
    if again then
      return other, x, along
    end
  end
  if not done then
    error(change, 0)
  end
  return change, bare, direction
end

-- The terms of an expansion: `change` gives the next derivative of a node, `at_point` what one is at the point, in its textbook form.
local function terms_of(session, current, order, change, at_point)
  local S = session.S
  local terms, factorial, steps = {}, S:rational(1), {}
  for k = 0, order do
    if k > 0 then
      factorial = S:product { factorial, S:rational(k) }
      S:log(true)
      local done, next_one = pcall(change, current)
      local log = S:log()
      S:log(false)
      if not done then
        error(next_one, 0)
      end
      current = next_one
      steps[k] = { rules = rules_of(log), id = at_point(current) }
    end
    terms[k + 1] = at_point(S:div(current, factorial))
  end
  return terms, steps
end

-- Where x is complex: the derivatives by t of f(X + t*H), since its conjugate, which f may hold, moves along. As M.terms.
local function along_line(session, f, x, H, order, point)
  local S = session.S
  local t = S:symbol(" step", KIND.scalar, 0, S:dim(1), S:dim(1))
  local current = S:replace(f, { x }, { S:sum { point, S:product { t, H } } })
  local function change(id)
    return S:forward(id, t, S:rational(1))
  end
  return terms_of(session, current, order, change, function(id)
    return S:textbook(S:replace(id, { t }, { S:rational(0) }), f)
  end)
end

--- The terms of the expansion of f in the direction H, from order 0 on: the k-th is the k-th derivative of f(X + t*H) by t at t = 0,
-- divided by k!.
-- @tparam table session
-- @tparam integer f
-- @tparam integer x a variable
-- @tparam integer H of the shape of x
-- @tparam integer order
-- @tparam table how `layout`, of derivatives of unknown functions; `at`: an id, the point in place of x
-- @treturn {integer,...}
-- @treturn table for each order from 1 on { id = the derivative, rules = the numbers of the rules that gave it }
-- @treturn boolean does it hold for directions in which x keeps its attributes only, as symmetric ones, and is H not known to be one?
function M.terms(session, f, x, H, order, how)
  local S = session.S
  derivative.need_variable(session, x)
  if S:rows(H) ~= S:rows(x) or S:cols(H) ~= S:cols(x) then
    errors.refuse("the direction is %s, the variable %s: the sizes must be equal", shapes.of(S, H), shapes.of(S, x))
  end
  local point = how.at or x
  if session.complex_letters and complex.is_letter(session, x) then
    local terms, steps = along_line(session, f, x, H, order, point)
    return terms, steps, false
  end
  -- a symbol in place of the direction: that may hold x, or have attributes
  local bare = hessian.bare(S, x)
  local direction = S:symbol(" direction", KIND[S:kind(x)], 0, S:rows(x), S:cols(x))
  local current = S:replace(unknown_functions.from_layout(session, f), { x }, { bare })
  local terms, steps = terms_of(session, current, order, function(id)
    local next_one
    next_one, bare, direction = change_of(session, id, bare, x, direction)
    return next_one
  end, function(id)
    return finished(session, id, { bare, direction }, { point, H }, how.layout, f)
  end)
  return terms, steps, bare == x and S:attributes(direction) & ~S:attributes(H) ~= 0
end

--- The node whose size the rest of the expansion has: norm2(H)^(order + 1), of a scalar H^(order + 1).
function M.rest(session, H, order)
  local S = session.S
  local scalar = S:dimint(S:rows(H)) == 1 and S:dimint(S:cols(H)) == 1
  return S:power(scalar and H or S:apply("norm2", { H }), S:rational(order + 1))
end

return M
