--- Products that an operator of two arguments has merged, taken apart: kron(A*C, B*D) is kron(A, B)*kron(C, D), so that kron(A, B) is
-- found in it.
--
-- No operator is known here: a product is taken apart where the rules put it together again. Invariant: the expression keeps its value.
--
-- @module nabla.algebra.merged

local factors = require "nabla.algebra.factors"

local M = {}

local MOST_LINKS = 12

-- The places at which the links of `part` stand in those of a chain.
local function places(chain, part)
  local list = {}
  for i = 1, #chain - #part + 1 do
    local same = true
    for k, link in ipairs(part) do
      same = same and chain[i + k - 1] == link
    end
    list[#list + 1] = same and i or nil
  end
  return list
end

-- The links of a node without scalars, or nil.
local function links(S, id)
  local parts = factors.of(S, id)
  local plain = #parts.scalars == 0 and parts.coefficient == S:rational(1) and #parts.chain <= MOST_LINKS
  return plain and parts.chain or nil
end

local function slice(S, chain, first, last, size)
  return factors.chain(S, table.move(chain, first, last, 1, {}), size)
end

-- op(L1*P*R1, L2*Q*R2) as op(L1, L2)*stand*op(R1, R2), where `stand` takes the place of op(P, Q); or nil.
local function apart(S, id, op, from, p, q, stand)
  local args = S:args(id)
  local a, b = links(S, args[1]), links(S, args[2])
  for _, i in ipairs(a and b and places(a, p) or {}) do
    for _, j in ipairs(places(b, q)) do
      local left = { slice(S, a, 1, i - 1, S:rows(args[1])), slice(S, b, 1, j - 1, S:rows(args[2])) }
      local right = { slice(S, a, i + #p, #a, S:cols(args[1])), slice(S, b, j + #q, #b, S:cols(args[2])) }
      local before, after = S:apply(op, left), S:apply(op, right)
      if S:product { before, from, after } == id then
        return S:product { before, stand, after }
      end
    end
  end
end

--- Put a symbol in the place of a node of an operator with two matrices, also where products have merged it with others.
-- @param S the store
-- @tparam integer id
-- @tparam integer from what is sought
-- @tparam integer stand the symbol
-- @treturn integer
-- @treturn integer how often it was found
function M.replace(S, id, from, stand)
  local op, own = S:op(from)
  local args = S:args(from)
  local p, q = #args == 2 and links(S, args[1]), #args == 2 and links(S, args[2])
  if own or not (p and q and #p > 0 and #q > 0) or factors.is_scalar(S, from) then
    return id, 0
  end
  local list, to = {}, {}
  for _, x in ipairs(S:postorder(id)) do
    local name, inner = S:op(x)
    if name == op and not inner and x ~= from then
      local done, found = pcall(apart, S, x, op, from, p, q, stand)
      if done and found then
        list[#list + 1], to[#to + 1] = x, found
      end
    end
  end
  return #list > 0 and S:replace(id, list, to) or id, #list
end

return M
