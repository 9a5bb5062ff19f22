--- The linear graph of an equation in a matrix, as a list of terms.
--
-- The differential of left side less right side is linear in d(X). Each of its terms is one of
--
--     plain        L*d(X)*R
--     transposed   L*d(X)'*R
--     functional   U*phi, phi a scalar that is linear in d(X)
--     entries      W.*d(X)
--     turned       W.*d(X)'
--
-- Invariant: the differential is the sum of the terms.
--
-- @module nabla.solve.terms

local factors = require "nabla.algebra.factors"

local M = {}

local is = factors.is

-- L*link*R of a chain, by the place of the link.
local function around(S, parts, at, link)
  local scalars = { parts.coefficient }
  for _, f in ipairs(parts.scalars) do
    scalars[#scalars + 1] = S:power(f[1], f[2])
  end
  local left = table.move(parts.chain, 1, at - 1, #scalars + 1, scalars)
  local L = S:product(left)
  if at == 1 then
    L = S:product { L, S:identity(S:rows(link)) }
  end
  local right = table.move(parts.chain, at + 1, #parts.chain, 1, {})
  return L, #right > 0 and S:product(right) or S:identity(S:cols(link))
end

-- The term that a product with one factor linear in the tangent is; nil: none of these.
local function read(S, number, node, tangent, holds)
  local parts = factors.of(S, node, true)
  parts.coefficient = S:product { number, parts.coefficient }
  for i, f in ipairs(parts.scalars) do
    if holds(f[1]) then
      table.remove(parts.scalars, i)
      if f[2] ~= S:rational(1) then
        return nil
      end
      local rest = factors.product(S, parts)
      return not holds(rest) and { kind = "functional", factor = rest, functional = f[1] } or nil
    end
  end
  for i, link in ipairs(parts.chain) do
    if holds(link) then
      local kind = link == tangent and "plain" or link == S:transpose(tangent) and "transposed"
      if kind then
        local L, R = around(S, parts, i, link)
        return not (holds(L) or holds(R)) and { kind = kind, left = L, right = R } or nil
      elseif is(S, link, "hadamard") and #parts.chain == 1 then
        local others, found = {}, nil
        for _, a in ipairs(S:args(link)) do
          local own = a == tangent and "entries" or a == S:transpose(tangent) and "turned"
          if own and not found then
            found = own
          else
            others[#others + 1] = a
          end
        end
        local scalar = factors.product(S, { coefficient = parts.coefficient, scalars = parts.scalars, chain = {} })
        local c = S:product { scalar, #others > 1 and S:hadamard(others) or others[1] }
        return found and not holds(c) and { kind = found, factor = c } or nil
      end
      return nil
    end
  end
  return nil
end

--- The terms of a differential.
-- @param S the store
-- @tparam integer differential expanded
-- @tparam integer tangent
-- @treturn table|nil a list of { kind =, left =, right = } and the like; nil where one is of another kind
function M.of(S, differential, tangent)
  local holds = factors.holder(S, tangent)
  local numbers, nodes = factors.terms(S, differential)
  local list = {}
  for i, node in ipairs(nodes) do
    local term = read(S, numbers[i], node, tangent, holds)
    if not term then
      return nil
    end
    list[i] = term
  end
  return list
end

--- The square factors that all terms L*X*R have in common, outermost on the left and on the right, and the terms without them; nil where
-- there are none.
function M.common_factors(S, list)
  local chains = { left = {}, right = {} }
  for i, term in ipairs(list) do
    chains.left[i], chains.right[i] = factors.of(S, term.left), factors.of(S, term.right)
  end
  local function take(parts, at) -- the factor at one end of all chains
    local one
    for _, p in ipairs(parts) do
      local link = at == 1 and p.chain[1] or p.chain[#p.chain]
      if not link or one and link ~= one or is(S, link, "I") or S:rows(link) ~= S:cols(link) then
        return nil
      end
      one = link
    end
    for _, p in ipairs(parts) do
      table.remove(p.chain, at == 1 and 1 or #p.chain)
    end
    return one
  end
  local left, right = S:identity(S:rows(list[1].left)), S:identity(S:cols(list[1].right))
  local any, one = false, take(chains.left, 1)
  while one do
    left, any, one = S:product { left, one }, true, take(chains.left, 1)
  end
  one = take(chains.right, 2)
  while one do
    right, any, one = S:product { one, right }, true, take(chains.right, 2)
  end
  local rest = {}
  for i, term in ipairs(any and list or {}) do
    local L, R = chains.left[i], chains.right[i]
    local l = S:product { factors.product(S, { coefficient = L.coefficient, scalars = L.scalars, chain = {} }),
      factors.chain(S, L.chain, S:cols(term.left)) }
    local r = S:product { factors.product(S, { coefficient = R.coefficient, scalars = R.scalars, chain = {} }),
      factors.chain(S, R.chain, S:rows(term.right)) }
    rest[i] = { kind = "plain", left = l, right = r }
  end
  if any then
    return left, right, rest
  end
end

return M
