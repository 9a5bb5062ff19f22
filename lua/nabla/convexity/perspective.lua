--- Curvature of functions of degree one: f(r*x, r*t) = r*f(x, t) for positive r.
--
-- Such an f is the perspective t*g(x/t) of g(x) = f(x, 1), and for positive t it is convex in x and t if g is convex.
--
-- Source: Boyd and Vandenberghe, Convex Optimization, 3.2.6.
--
-- @module nabla.convexity.perspective

local core = require "nabla.core"
local errors = require "nabla.text.errors"
local reasons = require "nabla.convexity.reasons"

local M = {}

local KIND = core.constants.kinds

-- A factor: no text has a name with a space.
local function factor(session)
  local S = session.S
  local attribute = session.attributes.positive
  local one = S:rows(S:rational(1))
  return attribute and S:symbol("positive factor", KIND.scalar, attribute.bits, one, one)
end

-- Is r*f the form of f at r times the variables?
local function by_form(session, f, variables, r)
  local S, multiples = session.S, {}
  for i, x in ipairs(variables) do
    multiples[i] = S:product { r, x }
  end
  local other = S:product { S:power(r, S:rational(-1)), S:replace(f, variables, multiples) }
  return S:textbook(other) == S:textbook(f)
end

-- Is f of degree one, by Euler's theorem: the derivative in the direction of the variables is f?
local function by_derivative(session, f, variables)
  local S = session.S
  local terms = { S:neg(f) }
  for _, x in ipairs(variables) do
    terms[#terms + 1] = S:forward(f, x, x)
  end
  return S:simplify(S:expand(S:sum(terms))) == S:rational(0)
end

local function holds(way, ...)
  local ok, result = errors.attempt(way, ...)
  return ok and result
end

-- Is f of degree one? With 2 and 3, r may be any product of their powers, and these are dense in the positive numbers.
local function is_of_degree_one(session, f, variables, smooth)
  local S, r = session.S, factor(session)
  return r and holds(by_form, session, f, variables, r)
    or smooth and holds(by_derivative, session, f, variables)
    or holds(by_form, session, f, variables, S:rational(2)) and holds(by_form, session, f, variables, S:rational(3))
end

--- The curvature of a function of degree one in variables, of which one is a positive scalar.
-- @tparam function ask the curvature of an expression in variables, as of nabla.convexity.composition
-- @tparam table session
-- @tparam integer f
-- @tparam {integer,...} variables
-- @tparam boolean smooth has f derivatives?
-- @treturn ?table as of nabla.convexity.composition; nil where f is no such function or nothing is known
function M.curvature(ask, session, f, variables, smooth)
  local S = session.S
  for i, t in ipairs(variables) do
    local scalar = S:dimint(S:rows(t)) == 1 and S:dimint(S:cols(t)) == 1
    if scalar and #variables > 1 and S:property("positive", t) then
      if not is_of_degree_one(session, f, variables, smooth) then
        return nil
      end
      local others = table.move(variables, 1, #variables, 1, {})
      table.remove(others, i)
      local g = S:replace(f, { t }, { S:rational(1) })
      local inner = ask(session, g, others)
      local line = {
        text = string.format("%s is the perspective of %s", session:text(f), session:text(g)),
        rule = "perspective",
        zh = "透视函数",
        cite = "Boyd and Vandenberghe 3.2.6",
      }
      if inner.domain and inner.domain[1] then -- what g needs at x is needed of f at x/t
        return nil
      end
      return {
        convex = inner.convex and reasons.joined({ line }, inner.convex),
        concave = inner.concave and reasons.joined({ line }, inner.concave),
      }
    end
  end
  return nil
end

return M
