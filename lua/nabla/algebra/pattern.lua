--- Patterns: expressions whose letters stand for any expression of their kind and sizes.
--
-- A pattern is a node in which symbols have become variables, as on the left side of a rule; the engine matches it, up to
-- the order of terms and of scalar factors. A letter may stand for a stretch of a product.
--
-- @module nabla.algebra.pattern

local core = require "nabla.core"
local factors = require "nabla.algebra.factors"

local M = {}

local KIND = core.constants.kinds
local MOST_VARIABLES = core.constants.variables
local ALGEBRA = core.constants.rule_kinds.algebra
local LONGEST = 24 -- of a longer chain only the stretches of this many links are looked at

--- Patterns of nodes, with variables in common for the symbols in common; symbols may be kept as what they are.
-- @param S the store
-- @tparam {integer,...} nodes
-- @tparam[opt] {[integer]=boolean} fixed symbols that stand for themselves
-- @treturn {integer,...}|nil the patterns; nil: too many letters
-- @treturn {{name=string,variable=integer,symbol=integer},...} what the letters are, in the order of their indices
function M.of(S, nodes, fixed)
  local from, to, letters, seen = {}, {}, {}, {}
  for _, id in ipairs(nodes) do
    for _, x in ipairs(S:postorder(id)) do
      local kind = S:op(x) == "symbol" and S:kind(x)
      if kind and kind ~= "dimension" and kind ~= "counter" and not seen[x] and not (fixed and fixed[x]) then
        if #letters == MOST_VARIABLES then
          return nil, letters
        end
        local variable = S:variable(S:name(x), KIND[kind] or KIND.matrix, #letters, S:rows(x), S:cols(x))
        letters[#letters + 1] = { name = S:name(x), variable = variable, symbol = x }
        from[#from + 1], to[#to + 1], seen[x] = x, variable, true
      end
    end
  end
  local patterns = {}
  for i, id in ipairs(nodes) do
    patterns[i] = S:replace(id, from, to)
  end
  return patterns, letters
end

--- What the letters of a pattern stand for in a node; nil if it does not match.
-- @param S the store
-- @tparam integer pattern
-- @tparam integer letters how many
-- @tparam integer id
-- @tparam[opt] boolean part may it match some terms of a sum, or links of a chain?
-- @treturn {integer,...}|nil
function M.match(S, pattern, letters, id, part)
  local found = S:match({ kind = ALGEBRA, lhs = pattern, rhs = pattern }, id, part)
  if not found then
    return nil
  end
  for i = 1, letters do
    if found[i] == 0 then
      return nil
    end
  end
  return found
end

--- The node that a pattern is where its letters stand for these nodes.
function M.instance(S, pattern, letters, values)
  local from, to = {}, {}
  for i, letter in ipairs(letters) do
    from[i], to[i] = letter.variable, values[i]
  end
  return S:replace(pattern, from, to)
end

-- The stretches of the chain of a product, the longest first, each a list { node, from, to }.
local function stretches(S, id)
  local chain = factors.of(S, id).chain
  local n, list = math.min(#chain, LONGEST), {}
  for length = n, 2, -1 do
    for at = 1, #chain - length + 1 do
      list[#list + 1] = { S:product(table.move(chain, at, at + length - 1, 1, {})), at, at + length - 1 }
    end
  end
  return list
end

-- Does a stretch lie in one that was found before?
local function lies_in(found, from, to)
  for _, f in ipairs(found) do
    if f[2] <= from and to <= f[3] then
      return true
    end
  end
  return false
end

--- The parts of an expression that match a pattern: nodes, stretches of chains that lie in no other match, and of each sum one
-- group of terms. Parts come before what they are part of.
-- @treturn {{node=integer,values={integer,...}},...}
function M.find(S, pattern, letters, id)
  local list, seen = {}, {}
  local function add(node, values)
    if not seen[node] then
      seen[node] = true
      list[#list + 1] = { node = node, values = values }
    end
  end
  local of_product, of_sum = factors.is(S, pattern, "product"), factors.is(S, pattern, "sum")
  for _, x in ipairs(S:postorder(id)) do
    local op, own = S:op(x)
    local values = not (own and (op == "function" or op == "number")) and M.match(S, pattern, #letters, x)
    if values then
      add(x, values)
    elseif own and op == "product" and of_product then
      local found = {}
      for _, stretch in ipairs(stretches(S, x)) do
        local inner = not lies_in(found, stretch[2], stretch[3]) and M.match(S, pattern, #letters, stretch[1])
        if inner then
          found[#found + 1] = stretch
          add(stretch[1], inner)
        end
      end
    elseif own and op == "sum" and of_sum then
      local inner = M.match(S, pattern, #letters, x, true)
      if inner then
        add(M.instance(S, pattern, letters, inner), inner)
      end
    end
  end
  return list
end

return M
