--- Counters of counted sums: which are free in an expression, and replacement that does not capture them.
--
-- The counter of a sum is bound in the body of the sum. A part that was taken out of a body has it free, and must not meet
-- another sum that binds a counter of the same name.
--
-- @module nabla.algebra.counters

local core = require "nabla.core"

local M = {}

local COUNTER = core.constants.kinds.counter
local ONE = core.constants.one

local made = 0

--- A counter that no expression has.
function M.fresh(S)
  made = made + 1
  local name = "?" .. made .. " "
  return S:symbol(name, COUNTER, 0, ONE, ONE), name
end

--- The counters that are free in a node: a list of ids.
function M.free(S, id)
  local free = {} -- node -> set of counters
  for _, x in ipairs(S:postorder(id)) do
    local set = {}
    local op, own = S:op(x)
    if own and op == "symbol" then
      if S:kind(x) == "counter" then
        set[x] = true
      end
    else
      local args = S:args(x)
      for i, a in ipairs(args) do
        for counter in pairs(free[a]) do
          if not (own and op == "range" and i == 3 and S:name(counter) == S:name(x)) then
            set[counter] = true
          end
        end
      end
    end
    free[x] = set
  end
  local list = {}
  for counter in pairs(free[id]) do
    list[#list + 1] = counter
  end
  table.sort(list)
  return list
end

--- A node with leaves replaced; no sum captures a counter of what is put in, and bound counters are not replaced.
-- @param S the store
-- @tparam integer id
-- @tparam {[integer]=integer} with leaf -> node
-- @treturn integer
function M.replace(S, id, with)
  local memo, stack = {}, { id }
  for leaf, to in pairs(with) do
    memo[leaf] = to
  end
  while #stack > 0 do
    local x = stack[#stack]
    local op, own = S:op(x)
    local args, waiting = S:args(x), false
    if not memo[x] and own and op == "range" then
      -- nested at most 50 deep: the engine's limit
      local counter, name = M.fresh(S)
      local old = S:symbol(S:name(x), COUNTER, 0, ONE, ONE)
      local inner = {}
      for leaf, to in pairs(with) do
        inner[leaf] = leaf ~= old and to or nil
      end
      local body = M.replace(S, M.replace(S, args[3], { [old] = counter }), inner)
      memo[x] = S:range(name, M.replace(S, args[1], with), M.replace(S, args[2], with), body)
    elseif not memo[x] and (#args == 0 or own and op == "function") then
      memo[x] = x
    end
    if memo[x] then
      stack[#stack] = nil
    else
      local changed = false
      for i, a in ipairs(args) do
        if not memo[a] then
          stack[#stack + 1], waiting = a, true
        else
          changed = changed or memo[a] ~= a
          args[i] = memo[a]
        end
      end
      if not waiting then
        memo[x] = changed and S:again(x, args) or x
        stack[#stack] = nil
      end
    end
  end
  return memo[id]
end

return M
