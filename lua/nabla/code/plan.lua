--- The statements of an exported function: which terms have names, in which order they are computed, what is inside a loop.
--
-- A block is a list of statements: { term } is computed and named, { term, loop = block, body = term } sums `body` over the counter of
-- a counted sum. A term that is used twice has a name, so that it is computed once; what does not depend on a counter is computed
-- before its loop.
--
-- @module nabla.code.plan

local M = {}

local LARGEST = 9 -- operations in one expression
local CHEAP = {}
for op in ("number input size counter name spread ones zeros eye"):gmatch "%S+" do
  CHEAP[op] = true
end

-- Is it written out wherever it is used?
local function is_cheap(t)
  return CHEAP[t.op] or t.op == "transpose" and is_cheap(t.args[1])
end
M.is_cheap = is_cheap

local function count_uses(roots)
  local uses = {}
  local function visit(t)
    uses[t] = (uses[t] or 0) + 1
    if uses[t] == 1 then
      for _, a in ipairs(t.args) do
        visit(a)
      end
    end
  end
  for _, t in ipairs(roots) do
    visit(t)
  end
  return uses
end

--- The block that computes terms.
-- @tparam table roots
-- @tparam[opt] function is_named (term, uses): must it have a name? For languages that take one operation a statement
-- @treturn table the block, and the set of the terms that it names
function M.block(roots, is_named)
  local uses, named = count_uses(roots), {}
  local root, open = {}, {} -- open: the number of a counter -> its block
  local depth, sizes = {}, {} -- of terms: the counters that they depend on; how many operations their text has

  local function place(t)
    local block, deepest = root, 0
    for counter in pairs(depth[t]) do
      if open[counter] and open[counter].level > deepest then
        block, deepest = open[counter], open[counter].level
      end
    end
    return block
  end

  local level = 0
  local function visit(t)
    if depth[t] then
      return
    end
    local counters, size = {}, is_cheap(t) and 0 or 1
    if t.op == "counter" then
      counters[t.id] = true
    end
    if t.op == "loop" then
      visit(t.args[1])
      visit(t.args[2])
      level = level + 1
      local block = { level = level }
      open[t.counter] = block
      visit(t.args[3])
      open[t.counter] = nil
      level = level - 1
      for _, a in ipairs(t.args) do
        for c in pairs(depth[a]) do
          counters[c] = c ~= t.counter or nil
        end
      end
      depth[t], sizes[t], named[t] = counters, 0, true
      local into = place(t)
      into[#into + 1] = { t, loop = block, body = t.args[3] }
      return
    end
    for _, a in ipairs(t.args) do
      visit(a)
      for c in pairs(depth[a]) do
        counters[c] = true
      end
      size = size + sizes[a]
    end
    depth[t], sizes[t] = counters, size
    local wanted = not is_cheap(t) and (uses[t] > 1 or size > LARGEST)
    if is_named and t.op ~= "counter" and t.op ~= "name" then
      wanted = is_named(t, uses[t])
    end
    if wanted then
      local into = place(t)
      into[#into + 1] = { t }
      named[t], sizes[t] = true, 0
    end
  end
  for _, t in ipairs(roots) do
    visit(t)
  end
  return root, named
end

return M
