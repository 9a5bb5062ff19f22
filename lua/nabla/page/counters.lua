--- Sums over an index whose bounds a page leaves out, or that count from 0: over all entries of what they index.
--
-- Counters that index the same side of the same letter run over the same size.
--
-- @module nabla.page.counters

local M = {}

local SIZES = { "n", "m", "p", "q", "k", "r", "s", "l", "h", "w" }

-- How many points there are: a letter that is on the page, as in 1/N, or one that is free.
local ON_PAGE = { "N", "n", "M", "m", "T" }
local COUNTS = { "N", "M", "K", "T" }

-- The letter that counts the points of a sum without bounds; `taken`: the letters of the page.
local function count_letter(taken, is_count)
  for _, letter in ipairs(ON_PAGE) do
    if taken[letter] and is_count(letter) then
      return letter
    end
  end
  for _, letter in ipairs(COUNTS) do
    if not taken[letter] then
      return letter
    end
  end
end

-- Calls a function with each place where a counter is an index: the counter, the letter, which index.
local function each_index(tree, bound, f)
  if type(tree) ~= "table" then
    return
  elseif tree.tag == "sumover" then
    bound = setmetatable({ [tree.var] = tree }, { __index = bound })
  elseif tree.tag == "call" then
    for i, arg in ipairs(tree.args) do
      if arg.tag == "name" and bound[arg.name] then
        f(bound[arg.name], tree.name, i)
      end
    end
  end
  for _, part in pairs(tree) do
    each_index(part, bound, f)
  end
end

-- Calls a function with each family of which the member before the first is in a sum from 1: x_{t-1}.
local function each_shifted(tree, bound, f)
  if type(tree) ~= "table" then
    return
  elseif tree.tag == "sumover" then
    bound = setmetatable({ [tree.var] = tree.lo }, { __index = bound })
  elseif tree.tag == "call" and tree.name:find "_$" and #tree.args == 1 then
    local index = tree.args[1]
    local before = index.tag == "sum" and #index.args == 2 and index.signs[2] == -1 and index.args[2].text == "1"
    local lo = before and index.args[1].tag == "name" and bound[index.args[1].name]
    if lo and lo.tag == "number" and lo.text == "1" then
      f(tree.name)
    end
  end
  for _, part in pairs(tree) do
    each_shifted(part, bound, f)
  end
end

-- Calls a function with each call in a tree.
local function each_call(tree, f)
  if type(tree) ~= "table" then
    return
  elseif tree.tag == "call" then
    f(tree)
  end
  for _, part in pairs(tree) do
    each_call(part, f)
  end
end

local function names_in(tree, out)
  if type(tree) == "table" then
    if tree.name then
      out[tree.name] = true
    end
    if tree.var then
      out[tree.var] = true
    end
    for _, part in pairs(tree) do
      names_in(part, out)
    end
  end
  return out
end

-- n - 1 counts up to n where it counts from 0.
local function last_from_zero(hi)
  local minus_one = hi and hi.tag == "sum" and #hi.args == 2 and hi.signs[2] == -1 and hi.args[2].text == "1"
  return minus_one and hi.args[1] or hi
end

--- Give sums without bounds those of what they index. Changes the trees of the sums.
-- @tparam table tree
-- @tparam table reader `tell`, `refuse`
-- @tparam function is_count may this letter of the page count points? It does then
-- @tparam function size_of the name of the size of a declared letter: called with its name and 1 or 2; or nil
function M.complete(tree, reader, is_count, size_of)
  local slots, sums = {}, {}
  local class = {} -- sum -> the first sum that shares a size with it
  local function root(sum)
    while class[sum] do
      sum = class[sum]
    end
    return sum
  end
  local size = {} -- root -> tree of its size
  each_index(tree, {}, function(sum, letter, i)
    local key = letter .. " " .. i
    if not sum.seen then
      sum.seen = true
      sums[#sums + 1] = sum
    end
    sum.indexes = true
    if slots[key] and root(slots[key]) ~= root(sum) then
      class[root(sum)] = root(slots[key])
    end
    slots[key] = slots[key] or sum
    local name = size_of(letter, i)
    sum.declared = sum.declared or name
    sum.counts_members = sum.counts_members or letter:find "_$" ~= nil
    sum.of_arrays = sum.of_arrays or name or letter:find "_$" == nil
  end)
  local function is_zero(t)
    return t.tag == "number" and tonumber(t.text) == 0
  end
  -- members of families that nobody declared count from 0, where a sum does
  local from_zero = {}
  for _, sum in ipairs(sums) do
    sum.keeps = is_zero(sum.lo) and sum.indexes and not sum.of_arrays
  end
  each_index(tree, {}, function(sum, letter)
    if sum.keeps then
      from_zero[letter] = true
    end
  end)
  each_shifted(tree, {}, function(letter)
    from_zero[letter] = true
  end)
  each_call(tree, function(call)
    call.first = from_zero[call.name] and 0 or nil
  end)
  for _, sum in ipairs(sums) do
    if is_zero(sum.lo) and sum.indexes and not sum.keeps then
      reader:tell(sum, ("the index %s counts from 0: the sum is over all entries"):format(sum.var))
      sum.lo = { tag = "number", text = "1", pos = sum.lo.pos }
      sum.hi = last_from_zero(sum.hi)
    end
    if sum.hi and not sum.partial then
      size[root(sum)] = size[root(sum)] or sum.hi
    elseif sum.declared then
      size[root(sum)] = size[root(sum)] or { tag = "name", name = sum.declared, pos = sum.pos }
    end
  end
  local taken, next_size = names_in(tree, {}), 1
  for _, sum in ipairs(sums) do
    if not sum.hi then
      local own = root(sum)
      local count = sum.counts_members and not size[own] and count_letter(taken, is_count)
      if count then
        size[own], taken[count] = { tag = "name", name = count, pos = sum.pos }, true
        is_count = function() -- of one family only
          return false
        end
      end
      while not size[own] and SIZES[next_size] and taken[SIZES[next_size]] do
        next_size = next_size + 1
      end
      if not size[own] then
        size[own] = { tag = "name", name = SIZES[next_size] or "n1", pos = sum.pos }
        next_size = next_size + 1
      end
      sum.hi = size[own]
    end
  end
  local function check(t)
    if type(t) ~= "table" then
      return
    elseif t.tag == "sumover" and not t.hi then
      reader:refuse(t, "the bounds of the sum are missing", "\\sum_{i=1}^{n}")
    end
    for _, part in pairs(t) do
      check(part)
    end
  end
  check(tree)
end

return M
