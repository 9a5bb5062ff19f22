--- A term of an equation isolated while others hold the unknown too: sqrt(x) + x = a says x = (a - x)^2.
--
-- One function is so taken away at each step, by its `isolate` statement; sums and products in the argument of a function are written
-- out as the statements without a right side say, exp(b - log(x + a)) as exp(b)/(x + a). Invariant: each solution of an equation that
-- is given also solves what is made of it; the reverse is tried by putting back.
--
-- @module nabla.solve.moved

local factors = require "nabla.algebra.factors"
local separate = require "nabla.solve.separate"

local M = {}

local is = factors.is
local MOST_FORMS = 3
local PLAIN = { symbol = true, number = true, sum = true, product = true, I = true, ones = true, zeros = true }
PLAIN.hadamard, PLAIN.transpose, PLAIN.name = true, true, true

-- How many functions of x there are in a node: all but sums, products and whole powers.
local function functions(S, id, holds)
  local count = 0
  for _, node in ipairs(S:postorder(id)) do
    local op, own = S:op(node)
    local base, exponent = factors.power(S, node)
    local whole = base ~= node and factors.integer(S, exponent)
    if holds(node) and not (own and PLAIN[op]) and not whole then
      count = count + 1
    end
  end
  return count
end

--- Equations that follow from E = 0, with fewer functions of x: a list of differences.
-- @tparam table session
-- @tparam integer E
-- @tparam integer x a scalar
-- @tparam function step isolates what is below the outer function of a term (nabla.solve.isolate)
-- @treturn table a list of { E =, statement = }
function M.forms(session, E, x, step)
  local S = session.S
  local holds, list = factors.holder(S, x), {}
  if not (factors.is_scalar(S, E) and factors.is_scalar(S, x)) then
    return list
  end
  local before = functions(S, E, holds)
  local numbers, terms = factors.terms(S, E)
  if before == 0 then
    return list
  end
  for i, term in ipairs(terms) do
    if holds(term) and not (is(S, term, "symbol") or #list == MOST_FORMS) then
      local own = S:product { numbers[i], term }
      local inner, value, st = step(session, own, S:sum { own, S:neg(E) }, x)
      if inner then
        local form = S:sum { inner, S:neg(separate.opened(session, value)) }
        local now = factors.holder(S, x)(form) and functions(S, form, holds)
        if now and now < before then
          list[#list + 1] = { E = form, statement = st }
        end
      end
    end
  end
  return list
end

return M
