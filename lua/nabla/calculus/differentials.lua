--- Expressions that hold differentials, such as 2*d(x)'*A*x: what d(..) of them is, and the derivatives that are read off them.
--
-- A differential d(x) of a variable does not change when x does: d(d(x)) is zero, and d(d(f)) is the second differential of f. So a d(x)
-- is a symbol of its own while anything is computed. An expression that has the degree k in the differentials, such as
-- the k-th differential of f, gives the derivative that it belongs to: its derivative by d(x), over k. That is the first identification
-- theorem for k = 1, and half of the second for k = 2: the derivative of that by x again is the Hessian (Magnus and Neudecker, 5.7,
-- 6.8).
--
-- @module nabla.calculus.differentials

local core = require "nabla.core"
local errors = require "nabla.text.errors"

local M = {}

local MATRIX = core.constants.kinds.matrix
local HAS_DIFFERENTIAL = core.constants.node_flags.diff
local MOST = 4 -- the highest degree that is looked for

--- The differentials of variables in an expression and the symbols that take their place: two lists.
function M.stand_ins(S, id)
  local from, to = {}, {}
  for _, d in ipairs(S:below(id, "d")) do
    local x = S:args(d)[1]
    if S:op(x) == "symbol" then
      from[#from + 1], to[#to + 1] = d, M.stand_in(S, x)
    end
  end
  return from, to
end

--- The symbol that takes the place of d(x).
function M.stand_in(S, x)
  return S:symbol("d " .. S:name(x), MATRIX, 0, S:rows(x), S:cols(x))
end

--- Is there a differential in an expression?
function M.occur(S, id)
  return S:flags(id) & HAS_DIFFERENTIAL ~= 0
end

-- The degree of an expression in some symbols; an error where it has none.
local function degree(S, id, symbols)
  local doubled, whole = {}, S:expand(id)
  for i, x in ipairs(symbols) do
    doubled[i] = S:product { S:rational(2), x }
  end
  local twice = S:expand(S:replace(id, symbols, doubled))
  for k = 1, MOST do
    if twice == S:expand(S:product { S:rational(1 << k), whole }) then
      return k
    end
  end
  errors.refuse "a derivative is read off an expression in which each term has as many differentials as any other"
end

--- What a derivative by x is read off: an expression in the symbol that takes the place of d(x).
-- @param S the store
-- @param id an expression that holds differentials
-- @param x a variable
-- @return the expression, the symbol, and the function that takes a derivative by the symbol to the one by x
function M.read(S, id, x)
  local from, to = M.stand_ins(S, id)
  local written = S:replace(id, from, to)
  local k = degree(S, written, to)
  return written, M.stand_in(S, x), function(answer)
    answer = k == 1 and answer or S:product { S:power(S:rational(k), S:rational(-1)), answer }
    return S:replace(answer, to, from)
  end
end

return M
