--- The cheapest choice of kinds for letters that fits a formula.
--
-- Choices are met in the order of their price. A choice that does not fit excludes all others in which the letters of the
-- misfit are the same. The search is bounded by tries and by work.
--
-- @module nabla.page.search

local M = {}

local MOST_TRIES, MOST_WORK = 4000, 2e6
local NEAR = 1e-9

-- A heap of states by price.
local function push(heap, state)
  local i = #heap + 1
  heap[i] = state
  while i > 1 and heap[i // 2].price > state.price do
    heap[i], i = heap[i // 2], i // 2
  end
  heap[i] = state
end

local function pop(heap)
  local top, last = heap[1], table.remove(heap)
  local n = #heap
  if n == 0 then
    return top
  end
  local i = 1
  while true do
    local k = 2 * i
    if k > n then
      break
    end
    if k < n and heap[k + 1].price < heap[k].price then
      k = k + 1
    end
    if heap[k].price >= last.price then
      break
    end
    heap[i], i = heap[k], k
  end
  heap[i] = last
  return top
end

-- Is a state one of those that a misfit excludes?
local function excluded(state, misfits)
  for _, misfit in ipairs(misfits) do
    local all = true
    for i, choice in pairs(misfit) do
      if state[i] ~= choice then
        all = false
        break
      end
    end
    if all then
      return true
    end
  end
  return false
end

--- Try choices, the cheapest first.
-- @tparam {table,...} letters each { name =, roles = { { price = .. }, .. } by price }
-- @tparam function try called with the roles by name: the price of what the signs mean, or nil and the set of the names
-- that the misfit speaks of
-- @tparam integer size how large the formula is
-- @treturn {table,...} what fits, the cheapest first: { roles =, price = }
function M.cheapest(letters, try, size)
  local index, found, misfits = {}, {}, {}
  for i, letter in ipairs(letters) do
    index[letter.name] = i
  end
  local start = { price = 0, last = 1 }
  for i in ipairs(letters) do
    start[i] = 1
    start.price = start.price + letters[i].roles[1].price
  end
  local heap, tries, best = {}, 0, math.huge
  push(heap, start)
  while #heap > 0 and tries < MOST_TRIES and tries * size < MOST_WORK do
    local state = pop(heap)
    if state.price > best + 1.5 then
      break
    end
    if not excluded(state, misfits) then
      local roles = {}
      for i, letter in ipairs(letters) do
        roles[letter.name] = letter.roles[state[i]]
      end
      tries = tries + 1
      local price, names = try(roles)
      if price then
        found[#found + 1] = { roles = roles, price = state.price + price, order = tries }
        best = math.min(best, state.price + price)
      else
        local misfit = {}
        for name in pairs(names or {}) do
          if index[name] then
            misfit[index[name]] = state[index[name]]
          end
        end
        if not names or not next(misfit) then
          break -- no choice of kinds makes it fit
        end
        misfits[#misfits + 1] = misfit
      end
    end
    for i = state.last, #letters do -- each state is reached in one way: by raising its letters in order
      local roles, choice = letters[i].roles, state[i]
      if roles[choice + 1] then
        local new = table.move(state, 1, #letters, 1, { last = i })
        new[i] = choice + 1
        new.price = state.price - roles[choice].price + roles[choice + 1].price
        push(heap, new)
      end
    end
  end
  table.sort(found, function(a, b)
    return a.price < b.price - NEAR or math.abs(a.price - b.price) <= NEAR and a.order < b.order
  end)
  return found, tries
end

return M
