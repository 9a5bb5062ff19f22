--- A node as a product: its number, its scalar factors as powers, and its chain of matrices with powers written out.
--
-- @module nabla.algebra.factors

local core = require "nabla.core"

local M = {}

local ONE = core.constants.one -- the dimension 1
local MOST_COPIES = 32 -- a higher power of a matrix stays one link

--- Is a node 1 x 1?
function M.is_scalar(S, id)
  return S:rows(id) == ONE and S:cols(id) == ONE
end
local is_scalar = M.is_scalar

--- The whole number that a node is, or nil.
function M.integer(S, id)
  local op, own = S:op(id)
  if not own or op ~= "number" then
    return nil
  end
  local numerator, denominator = S:number(id)
  return denominator == "1" and math.tointeger(tonumber(numerator)) or nil
end
local integer = M.integer

--- Is it one of the engine's own nodes of this kind: "sum", "product", "power", ..?
function M.is(S, id, op)
  local name, own = S:op(id)
  return own and name == op
end
local is = M.is

--- The quotient of two numbers.
function M.ratio(S, a, b)
  return S:product { a, S:power(b, S:rational(-1)) }
end

--- Base and exponent: of a power, or the node itself and 1. `op`: "power" or "elpower".
function M.power(S, id, op)
  if is(S, id, op or "power") then
    local args = S:args(id)
    return args[1], args[2]
  end
  return id, S:rational(1)
end

-- Add the links that a factor is: A*A*A for A^3.
local function add_links(S, chain, id)
  local base, exponent = M.power(S, id)
  local n = base ~= id and integer(S, exponent)
  if not n or math.abs(n) < 2 or math.abs(n) > MOST_COPIES then
    chain[#chain + 1] = id
    return
  end
  local link = n > 0 and base or S:power(base, S:rational(-1))
  for _ = 1, math.abs(n) do
    chain[#chain + 1] = link
  end
end

--- Take a node apart.
-- @return a table: `coefficient`, a number; `scalars`, a list of { base, exponent }, each base once (a scalar chain x'*y among
-- them, if `whole`); `chain`, the links, or an empty list
function M.of(S, id, whole)
  local parts = { coefficient = S:rational(1), scalars = {}, chain = {} }
  local list = { id }
  if is(S, id, "product") then
    list = S:args(id)
    parts.coefficient = table.remove(list, 1)
  end
  local scalars, chain = parts.scalars, parts.chain
  for _, factor in ipairs(list) do
    if is_scalar(S, factor) then
      local base, exponent = M.power(S, factor)
      scalars[#scalars + 1] = { base, exponent }
    else
      add_links(S, chain, factor)
    end
  end
  if whole and #chain > 0 and is_scalar(S, id) then
    scalars[#scalars + 1] = { S:product(chain), S:rational(1) }
    parts.chain = {}
  end
  return parts
end

--- The product that parts of this form are.
function M.product(S, parts)
  local list = { parts.coefficient }
  for _, factor in ipairs(parts.scalars) do
    list[#list + 1] = S:power(factor[1], factor[2])
  end
  table.move(parts.chain, 1, #parts.chain, #list + 1, list)
  return S:product(list)
end

--- The terms of a sum, or the node itself as the only term: two lists, numbers and terms.
function M.terms(S, id)
  local numbers, terms = {}, {}
  if is(S, id, "sum") then
    local args = S:args(id)
    for i = 1, #args, 2 do
      numbers[#numbers + 1], terms[#terms + 1] = args[i], args[i + 1]
    end
  else
    local parts = is(S, id, "product") and S:args(id)
    local c = parts and parts[1] or S:rational(1)
    numbers[1] = c
    terms[1] = c == S:rational(1) and id or M.ratio(S, id, c)
  end
  return numbers, terms
end

--- The denominators of the terms of a sum, as a product; nil where there are none.
function M.denominators(S, sum)
  local highest, order = {}, {}
  local _, terms = M.terms(S, sum)
  for _, term in ipairs(terms) do
    for _, f in ipairs(M.of(S, term).scalars) do
      local n = M.integer(S, f[2])
      if n and n < 0 then
        order[#order + 1] = not highest[f[1]] and f[1] or nil
        highest[f[1]] = math.max(highest[f[1]] or 0, -n)
      end
    end
  end
  for i, base in ipairs(order) do
    order[i] = S:power(base, S:rational(highest[base]))
  end
  return #order > 0 and S:product(order) or nil
end

--- A function that says whether a node holds x. What is below the name of an unknown function does not count.
function M.holder(S, x)
  local known = { [x] = true }
  return function(id)
    if known[id] == nil then
      for _, y in ipairs(S:postorder(id)) do
        if known[y] == nil then
          local op, own = S:op(y)
          local found = false
          for _, a in ipairs(not (own and op == "function") and S:args(y) or {}) do
            found = found or known[a]
          end
          known[y] = found
        end
      end
    end
    return known[id]
  end
end

--- The product of links; of none the identity matrix of this size.
function M.chain(S, links, size)
  return #links > 0 and S:product(links) or S:identity(size)
end

return M
