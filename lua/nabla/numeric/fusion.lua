--- Which operations the results need, which of them become part of another one, and which share a loop.
--
-- A factor goes into the product that BLAS works out; operations entry by entry go into the loop of the only operation that uses
-- them, and a sum of entries takes the loop before it along.
--
-- @module nabla.numeric.fusion

local M = {}

local MOST_MEMBERS = 24 -- operations of one loop

local function scalar(p)
  return p.rows == 1 and p.cols == 1
end

local function size(p)
  return p.rows * p.cols
end

-- The operations that the results need, in order; how many times each is used.
local function reach(results)
  local uses, stack, ids, by_id = {}, {}, {}, {}
  local function use(p)
    if not uses[p] then
      uses[p] = 0
      stack[#stack + 1] = p
    end
    uses[p] = uses[p] + 1
  end
  for _, p in ipairs(results) do
    use(p)
  end
  while #stack > 0 do
    local p = table.remove(stack)
    ids[#ids + 1], by_id[p.id] = p.id, p
    for _, a in ipairs(p.args) do
      use(a)
    end
  end
  table.sort(ids) -- numbers alone: no function of Lua is called
  for i, id in ipairs(ids) do
    ids[i] = by_id[id]
  end
  return ids, uses
end

-- Where an inverse is formed anyway, a solution with many right sides is a product with it.
local function use_inverses(list, results)
  local formed, used = {}, {}
  local function note(p)
    if p.op == "inv" then
      formed[p.args[1]] = p
    end
  end
  for _, p in ipairs(results) do
    note(p)
  end
  for _, p in ipairs(list) do
    for _, a in ipairs(p.args) do
      note(a)
    end
  end
  for _, p in ipairs(list) do
    local i = p.op == "solve" and formed[p.args[1]]
    if i and i.id < p.id and 4 * p.cols >= p.rows then
      used[#used + 1] = p
      p.op, p.k = "multiply", p.rows
      p.args = { i, p.args[2] }
    end
  end
  return #used > 0
end

-- A number or a scalar times a product becomes the factor that BLAS takes along; so does a number times a Kronecker product.
local function take_factors(list, uses, results)
  local is_result = {}
  for _, p in ipairs(results) do
    is_result[p] = true
  end
  local changed = false
  for _, p in ipairs(list) do
    if p.op == "entries" and (p.fn == "scale" or p.fn == "neg" or p.fn == "mul") then
      local x, s = p.args[1], p.args[2]
      if p.fn == "mul" and scalar(x) and not scalar(s) then
        x, s = s, x
      end
      local product = (x.op == "multiply" or x.op == "gram") and uses[x] == 1 and not is_result[x]
      if
        (x.op == "kron" or x.op == "swapped_kron")
        and p.fn ~= "mul"
        and uses[x] == 1
        and not is_result[x]
      then
        product = true
        p.swap_rows, p.swap_cols = x.swap_rows, x.swap_cols
      end
      local right = p.fn ~= "mul" or (s and scalar(s) and not scalar(x))
      if product and right and not x.factor and not x.outer and size(x) == size(p) then
        p.op, p.k, p.ta, p.tb = x.op, x.k, x.ta, x.tb
        p.alpha = (x.alpha or 1) * (p.fn == "scale" and p.c or p.fn == "neg" and -1 or 1)
        p.args = { x.args[1], x.args[2] }
        if p.fn == "mul" then
          p.factor = s
          p.args[#p.args + 1] = s
        end
        changed = true
      end
    end
  end
  return changed
end

--- The operations that the results need, in order, after those have been changed that another one can take along.
function M.needed(results)
  local list, uses = reach(results)
  if use_inverses(list, results) then
    list, uses = reach(results)
  end
  if take_factors(list, uses, results) then
    list = reach(results)
  end
  return list
end

--- The loop that each operation entry by entry belongs to: root[p] is the operation that ends it; the operations of a loop: members[p].
function M.loops(list, results)
  local users, root = {}, {}
  for _, p in ipairs(list) do
    for _, a in ipairs(p.args) do
      users[a] = users[a] or {}
      table.insert(users[a], p)
    end
  end
  local is_result = {}
  for _, p in ipairs(results) do
    is_result[p] = true
  end
  -- The loop that all users of p have in common, if they can take p along.
  local function common(p)
    local shared
    for _, user in ipairs(users[p] or {}) do
      local r = user.op == "sum" and user or root[user]
      local fits = user.op == "sum" or user.op == "entries" and user.rows == p.rows and user.cols == p.cols
      if not fits or not r or (shared and shared ~= r) then
        return nil
      end
      shared = r
    end
    return shared
  end
  local weight = {} -- operations in the loop of a root: loops do not grow without bound
  for i = #list, 1, -1 do
    local p = list[i]
    if p.op == "entries" then
      local r = not is_result[p] and common(p) or p
      if (weight[r] or 0) >= MOST_MEMBERS then
        r = p
      end
      root[p] = r
      weight[r] = (weight[r] or 0) + 1
    end
  end
  local members = {}
  for _, p in ipairs(list) do
    local r = root[p]
    if r then
      members[r] = members[r] or {}
      table.insert(members[r], p)
    end
  end
  return root, members
end

return M
