--- Display trees put together as a person would write them: signs and numbers in front, scalars before matrices, d(x) last,
-- denominators behind, sums opened where they are in a sum.
--
-- The trees of a line are put together again where a part of them has been rewritten; nothing else of them changes. `W`
-- are the values of the trees (nabla.derive.values).
--
-- @module nabla.derive.compose

local display = require "nabla.print.display"
local format = require "nabla.print.format"

local M = {}

local one = display.number "1"
local zero = display.number "0"

--- Is it d(..)?
function M.is_d(tree)
  return tree.tag == "call" and tree.name == "d" and not tree.fn
end
local is_d = M.is_d

local texts = setmetatable({}, { __mode = "k" })

--- The text of a tree, written once: lines are compared by their texts.
function M.text(tree)
  local text = texts[tree]
  if not text then
    text = format.text(tree)
    texts[tree] = text
  end
  return text
end

local holds = setmetatable({}, { __mode = "k" })

--- Does a tree hold a d(..)?
function M.holds_d(tree)
  local known = holds[tree]
  if known == nil then
    known = is_d(tree)
    for i = 1, known and 0 or #tree do
      known = known or M.holds_d(tree[i])
    end
    holds[tree] = known
  end
  return known
end
local holds_d = M.holds_d

--- Call f with every d(..) in a tree that stands in no other.
function M.each_d(tree, f)
  if is_d(tree) then
    f(tree)
  else
    for i = 1, holds_d(tree) and #tree or 0 do
      M.each_d(tree[i], f)
    end
  end
end

-- ---------------------------------------------------------------------------------------------- signs

--- Minus a tree.
function M.neg(tree)
  if tree.tag == "neg" then
    return tree[1]
  elseif tree == zero then
    return tree
  elseif tree.tag == "sum" then
    local items, signs = {}, {}
    for i = 1, #tree do
      items[i], signs[i] = tree[i], -tree.signs[i]
    end
    return display.sum(items, signs)
  end
  return display.neg(tree)
end

--- The sum of trees by signs; sums in it are opened.
function M.sum(items, signs)
  local flat, flat_signs = {}, {}
  for i, item in ipairs(items) do
    local sign = signs and signs[i] or 1
    while item.tag == "neg" do
      item, sign = item[1], -sign
    end
    if item.tag == "sum" then
      for j = 1, #item do
        flat[#flat + 1], flat_signs[#flat_signs + 1] = item[j], sign * item.signs[j]
      end
    elseif item ~= zero then
      flat[#flat + 1], flat_signs[#flat_signs + 1] = item, sign
    end
  end
  if #flat == 0 then
    return items[1]
  elseif #flat == 1 then
    return flat_signs[1] < 0 and M.neg(flat[1]) or flat[1]
  end
  return display.sum(flat, flat_signs)
end

-- Minus in front of every term?
local function all_negative(tree)
  for i = 1, #tree do
    if tree.signs[i] > 0 then
      return false
    end
  end
  return true
end

-- ---------------------------------------------------------------------------------------------- products

local function gcd(a, b)
  while b ~= 0 do
    a, b = b, a % b
  end
  return a
end

-- The factors of a product of matrices, each stretch that is 1 x 1 and is before a matrix as one factor: x'*y in x'*y*A.
local function stretches(W, tree)
  local S, items, run = W.S, {}, {}
  for i = 1, #tree do
    local item = tree[i]
    if W:scalar(item) then
      items[#items + 1] = item
    else
      local ends = #run > 1 and W:is_scalar_node(W:of(display.product { table.unpack(run) }))
      if ends and S:rows(W:of(item)) ~= S:rows(W:of(run[1])) then
        items[#items + 1] = display.product(run)
        run = {}
      end
      run[#run + 1] = item
    end
  end
  return table.move(run, 1, #run, #items + 1, items)
end

-- The factors of a tree, into parts: sign, numbers above and below the line, scalars, the chain, scalars with d, below.
local function take_apart(W, tree, parts, below)
  local tag = tree.tag
  if tag == "neg" then
    parts.sign = -parts.sign
    return take_apart(W, tree[1], parts, below)
  elseif tag == "product" then
    local first = #parts.chain
    local scalar = #tree > 1 and not below and W:scalar(tree)
    local chain = parts.chain
    if scalar then
      parts.chain = {}
    end
    for _, item in ipairs((scalar or below or #tree < 3) and tree or stretches(W, tree)) do
      take_apart(W, item, parts, below)
    end
    if scalar then -- x'*A*y among matrices goes in front, as a whole
      local own = parts.chain
      parts.chain = chain
      if #own > 0 then
        local whole = display.product(own)
        local list = holds_d(whole) and parts.last_chains or parts.chains
        list[#list + 1] = whole
      end
    end
    return first
  elseif tag == "quotient" then
    take_apart(W, tree[1], parts, below)
    return take_apart(W, tree[2], parts, not below)
  elseif tag == "number" and math.tointeger(tonumber(tree.text)) and #tree.text < 10 then
    local n = math.tointeger(tonumber(tree.text))
    if below then
      parts.bottom = parts.bottom * n
    else
      parts.top = parts.top * n
    end
    return
  elseif tag == "sum" and all_negative(tree) then
    parts.sign = -parts.sign
    tree = M.neg(tree)
  end
  local list
  if below then
    list = parts.below
  elseif not W:scalar(tree) then
    list = parts.chain
  else
    list = holds_d(tree) and parts.last or parts.front
  end
  list[#list + 1] = tree
end

local function append(list, items)
  local n = #list
  for i = 1, #items do
    list[n + i] = items[i]
  end
end

--- The product of trees.
function M.product(W, items)
  local parts = {
    sign = 1, top = 1, bottom = 1, front = {}, chains = {}, chain = {}, last = {}, last_chains = {}, below = {} }
  for _, item in ipairs(items) do
    if item == zero then
      return zero
    end
    take_apart(W, item, parts, false)
  end
  local common = gcd(parts.top, parts.bottom)
  local all = display.room()
  local top, bottom = parts.top // common, parts.bottom // common
  if top ~= 1 then
    all[1] = display.number(tostring(top))
  end
  append(all, parts.front)
  append(all, parts.chains)
  -- scalars stand before a matrix, but what holds d(x) stands last among scalars
  local chain = #parts.chain > 0 and display.product { table.unpack(parts.chain) }
  local matrix = chain and (#parts.last_chains == 0 or not W:scalar(chain))
  if matrix then
    append(all, parts.last_chains)
  end
  append(all, parts.chain)
  append(all, parts.last)
  if not matrix then
    append(all, parts.last_chains)
  end
  local tree = #all > 0 and display.product(all) or one
  local below = parts.below
  if bottom ~= 1 then
    table.insert(below, 1, display.number(tostring(bottom)))
  end
  if #below > 0 then
    tree = display.quotient(tree, #below == 1 and below[1] or display.product(below))
  end
  return parts.sign < 0 and M.neg(tree) or tree
end

-- ---------------------------------------------------------------------------------------------- the rest

--- A tree without its sign and its scalar factors, and a function that puts them before another.
local function without_scalars(W, tree)
  local sign, front, below = 1, {}, {}
  while true do
    if tree.tag == "neg" then
      tree, sign = tree[1], -sign
    elseif tree.tag == "quotient" then
      below[#below + 1], tree = tree[2], tree[1]
    else
      break
    end
  end
  if tree.tag == "sum" and all_negative(tree) then
    tree, sign = M.neg(tree), -sign
  end
  if tree.tag == "product" and not W:scalar(tree) then
    local rest = {}
    for i = 1, #tree do
      local list = W:scalar(tree[i]) and not holds_d(tree[i]) and front or rest
      list[#list + 1] = tree[i]
    end
    tree = display.product(rest)
  end
  return tree, function(inner)
    local items = { table.unpack(front) }
    items[#items + 1] = inner
    local whole = M.product(W, items)
    for _, denominator in ipairs(below) do
      whole = M.product(W, { display.quotient(whole, denominator) })
    end
    return sign < 0 and M.neg(whole) or whole
  end
end

--- A linear operator of one argument: signs, scalars and sums come out of it.
function M.linear_call(W, name, arg)
  local inner, back = without_scalars(W, arg)
  if inner.tag == "sum" then
    local items = {}
    for i = 1, #inner do
      items[i] = M.linear_call(W, name, inner[i])
    end
    return back(M.sum(items, inner.signs))
  end
  return back(display.call(name, { inner }))
end

--- The transpose of a tree.
function M.transpose(W, tree)
  if W:scalar(tree) then
    return tree
  elseif tree.tag == "neg" then
    return M.neg(M.transpose(W, tree[1]))
  elseif tree.tag == "quotient" then
    return display.quotient(M.transpose(W, tree[1]), tree[2])
  elseif tree.tag == "sum" then
    local items = {}
    for i = 1, #tree do
      items[i] = M.transpose(W, tree[i])
    end
    return display.sum(items, { table.unpack(tree.signs) })
  elseif tree.tag == "product" then
    local front, chain = {}, {}
    for _, item in ipairs(stretches(W, tree)) do
      if W:scalar(item) then
        front[#front + 1] = item
      else
        table.insert(chain, 1, M.transpose(W, item))
      end
    end
    return display.product(table.move(chain, 1, #chain, #front + 1, front))
  end
  return display.transpose(tree)
end

--- A tree with other subtrees.
function M.again(W, tree, items)
  local tag = tree.tag
  if tag == "sum" then
    return M.sum(items, tree.signs)
  elseif tag == "neg" then
    return M.neg(items[1])
  elseif tag == "product" then
    return M.product(W, items)
  elseif tag == "quotient" then
    return M.product(W, { display.quotient(items[1], items[2]) })
  elseif tag == "transpose" then
    return M.transpose(W, items[1])
  elseif tag == "hadamard" then
    local front, list = {}, {}
    local sign = 1
    for _, item in ipairs(items) do
      while item.tag == "neg" do
        item, sign = item[1], -sign
      end
      if item.tag == "hadamard" then
        table.move(item, 1, #item, #list + 1, list)
      else
        list[#list + 1] = item
      end
    end
    local whole = display.hadamard(list)
    whole = #front > 0 and M.product(W, front) or whole
    return sign < 0 and M.neg(whole) or whole
  elseif tag == "eldiv" then
    local inner = items[1]
    if inner.tag == "neg" then
      return M.neg(display.eldiv(inner[1], items[2]))
    end
    return display.eldiv(inner, items[2])
  elseif tag == "call" then
    local op = not tree.fn and W.session.ops[tree.name]
    if op and op.linear and #items == 1 then
      return M.linear_call(W, tree.name, items[1])
    end
    local call = display.call(tree.name, items)
    call.fn, call.matrix = tree.fn, tree.matrix
    return call
  elseif tag == "power" or tag == "elpower" then
    return display[tag](items[1], items[2])
  elseif tag == "counted" then
    return display.counted(tree.counter, items[1], items[2], items[3])
  elseif tag == "member" then
    return display.member(tree.base, items[1], items[2])
  elseif tag == "entry" then
    return display.entry(table.unpack(items))
  end
  return tree
end

--- A tree with a name wherever it has the value of the node `id`, or the negative of it.
function M.put(W, tree, id, name)
  local negative = W.S:neg(id)
  local function go(t)
    if t.tag == "operator" or t.tag == "dimension" or t.tag == "number" then
      return t
    end
    if not holds_d(t) then
      local value = W:of(t)
      if value == id then
        return name
      elseif value == negative and t.tag ~= "neg" then
        return display.neg(name)
      end
    end
    local items, changed = {}, false
    for i = 1, #t do
      items[i] = go(t[i])
      changed = changed or items[i] ~= t[i]
    end
    return changed and M.again(W, t, items) or t
  end
  return go(tree)
end

return M
