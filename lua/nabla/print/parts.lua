--- Names for parts of a display tree that are in it several times: 2*A'*r where r = A*x - b.
--
-- Display trees share what is alike, so a tree of any size is a small graph. A part is named where that makes the whole shorter; then
-- what is written is about as large as the graph. No name hides a counter: what holds the counter of a sum has none.
--
-- @module nabla.print.parts

local display = require "nabla.print.display"

local M = {}

-- A definition costs its name and its sign.
local DEFINITION = 2

-- Levels of parts within parts in one formula.
local DEEPEST = 24

-- ---------------------------------------------------------------------------------------------- the graph

local OPAQUE = { derivative = true, operator = true, dimension = true, number = true, name = true, member = true }
local UNNAMED = { transpose = true, neg = true, derivative = true, operator = true, dimension = true, number = true }
UNNAMED.name, UNNAMED.member = true, true

-- A copy of a tree with other parts.
local function with_parts(tree, parts, cost)
  local copy = {}
  for key, value in pairs(tree) do
    copy[key] = value
  end
  table.move(parts, 1, #parts, 1, copy)
  copy.cost = cost
  return copy
end

-- The trees of a graph, parts before wholes.
local function postorder(root)
  local order, state = {}, {}
  local stack, n = { root }, 1
  while n > 0 do
    local tree = stack[n]
    if state[tree] == "done" then
      n = n - 1
    elseif state[tree] == "open" or OPAQUE[tree.tag] then
      state[tree] = "done"
      order[#order + 1] = tree
      n = n - 1
    else
      state[tree] = "open"
      for i = 1, #tree do
        if not state[tree[i]] then
          n = n + 1
          stack[n] = tree[i]
        end
      end
    end
  end
  return order
end

-- What makes two trees alike, but for their parts.
local function label(tree)
  if tree.tag == "derivative" or tree.tag == "member" then
    return tostring(tree)
  end
  local signs = tree.signs and table.concat(tree.signs, ",") or ""
  local counter = tree.counter and tree.counter.text or ""
  return table.concat({ tree.tag, tree.text or tree.name or "", tree.kind or "", signs, counter }, " ")
end

-- The same tree, in which trees that are alike are one.
local function shared(root)
  local known, number, count, one = {}, {}, 0, {}
  for _, tree in ipairs(postorder(root)) do
    local parts, changed, key = {}, false, { label(tree) }
    for i = 1, OPAQUE[tree.tag] and 0 or #tree do
      parts[i] = one[tree[i]]
      changed = changed or parts[i] ~= tree[i]
      key[#key + 1] = number[parts[i]]
    end
    local text = table.concat(key, " ")
    if not known[text] then
      count = count + 1
      known[text] = changed and with_parts(tree, parts, tree.cost) or tree
      number[known[text]] = count
    end
    one[tree] = known[text]
  end
  return one[root]
end

-- The trees of a graph, parts before wholes, and in how many places each is.
local function graph(root)
  local order, places = postorder(root), { [root] = 1 }
  for _, tree in ipairs(order) do
    for i = 1, OPAQUE[tree.tag] and 0 or #tree do
      places[tree[i]] = (places[tree[i]] or 0) + 1
    end
  end
  return order, places
end

-- Is a tree a constant of a size, such as ones(n)?
local function is_constant(tree)
  for i = 1, #tree do
    if tree[i].tag ~= "dimension" then
      return false
    end
  end
  return true
end

-- The trees that are sizes, such as m*n: only a size may stand where one does.
local function sizes_in(order, is_size)
  local size = {}
  for _, tree in ipairs(order) do
    size[tree] = tree.tag == "dimension" or tree.tag == "number" or tree.tag == "name" and is_size(tree.text)
    if not OPAQUE[tree.tag] then
      size[tree] = #tree > 0 and tree.tag ~= "call"
      for i = 1, #tree do
        size[tree] = size[tree] and size[tree[i]]
      end
    end
  end
  return size
end

-- The trees that hold the counter of a sum.
local function holding_counters(order)
  local counters, holding = {}, {}
  for _, tree in ipairs(order) do
    if tree.tag == "counted" then
      counters[tree.counter.text] = true
    end
  end
  for _, tree in ipairs(next(counters) and order or {}) do
    holding[tree] = tree.tag == "name" and counters[tree.text] or tree.tag == "member" or nil
    for i = 1, #tree do
      holding[tree] = holding[tree] or holding[tree[i]]
    end
  end
  return holding
end

-- What a tree adds to its parts, as nabla.print.display counts.
local BETWEEN = { sum = true, product = true, hadamard = true }

-- The trees to name, and what each costs with the names in it. What is nested too deep has a name as well.
local function chosen(order, places, holding, size)
  local named, cost, depth = {}, {}, {}
  for i, tree in ipairs(order) do
    depth[tree] = 1
    for k = 1, OPAQUE[tree.tag] and 0 or #tree do
      depth[tree] = math.max(depth[tree], named[tree[k]] and 1 or depth[tree[k]] + 1)
    end
    local own = OPAQUE[tree.tag] and math.min(tree.cost, display.CAP) or BETWEEN[tree.tag] and #tree - 1 or 1
    for k = 1, OPAQUE[tree.tag] and 0 or #tree do
      own = own + (named[tree[k]] and 1 or cost[tree[k]])
    end
    cost[tree] = math.min(own, display.CAP)
    local saved = (places[tree] - 1) * (own - 1) - DEFINITION
    named[tree] = i < #order and (saved > 0 or depth[tree] >= DEEPEST) and not UNNAMED[tree.tag] and not holding[tree]
        and not is_constant(tree) and not size[tree] or nil
  end
  return named, cost
end

-- ---------------------------------------------------------------------------------------------- letters

-- The letter of a part, as a person would choose it: r of a residual, z of what a function is applied to, h of what it gives.
local function letter_of(tree, kind, is_argument)
  if kind == "scalar" then
    return tree.tag == "sum" and "s" or "c"
  elseif kind == "matrix" then
    return tree.tag == "sum" and "S" or tree.tag == "call" and (tree.name == "inv" and "P" or "H") or "M"
  elseif tree.tag == "sum" then
    local constant = is_constant(tree[1]) and #tree[1] > 0 or is_constant(tree[#tree]) and #tree[#tree] > 0
    return is_argument and "z" or constant and "u" or "r"
  end
  return (tree.tag == "call" or tree.tag == "power" or tree.tag == "elpower") and "h" or is_argument and "z" or "u"
end

-- The trees that functions of each entry are applied to.
local function arguments(order, kind)
  local set = {}
  for _, tree in ipairs(order) do
    if tree.tag == "call" and tree.name ~= "inv" and kind(tree) ~= "scalar" then
      for i = 1, #tree do
        set[tree[i]] = true
      end
    end
  end
  return set
end

-- Letters in place of one that stands for something else: an index on that one would make an entry of it.
local GREEK = " xi eta zeta rho tau phi psi omega alpha beta chi kappa nu"
local OTHERS = {
  scalar = "s c q p t k a b f g h r u v w x y z" .. GREEK,
  matrix = "S M H P Q R G Z N L A B C F J U V W X Y Omega Phi Psi Theta Xi Gamma Lambda Upsilon",
  column = "r z h u v w q p g a b c f s t x y" .. GREEK,
}
OTHERS.row = OTHERS.column

-- The letter that is meant, or another that is free.
local function free_letter(letter, kind, taken, by_letter)
  if not taken(letter) then
    return letter
  end
  for other in OTHERS[kind]:gmatch "%a+" do
    if not taken(other) and not by_letter[other] then
      return other
    end
  end
  return letter
end

-- A name for each of the trees in a list: a letter alone, or with numbers where several have it. `taken(name)`: is it something else?
local function letters(list, kind, is_argument, taken)
  local by_letter, wanted = {}, {}
  local instead = {}
  for i, tree in ipairs(list) do
    local letter = letter_of(tree, kind(tree), is_argument[tree])
    instead[letter] = instead[letter] or free_letter(letter, kind(tree), taken, by_letter)
    wanted[i] = instead[letter]
    by_letter[wanted[i]] = (by_letter[wanted[i]] or 0) + 1
  end
  local names, last = {}, {}
  for i, tree in ipairs(list) do
    local letter = wanted[i]
    local name = letter
    if by_letter[letter] > 1 or taken(letter) then
      local number = last[letter] or 0
      repeat
        number = number + 1
        name = letter .. number
      until not taken(name)
      last[letter] = number
    end
    local k = kind(tree)
    names[tree] = display.name(name, k == "column" and "vector" or k == "scalar" and "scalar" or "matrix")
    names[tree].row, names[tree].complex = k == "row", display.holds_complex(tree)
  end
  return names
end

-- ---------------------------------------------------------------------------------------------- the result

--- A tree with names for parts of it.
-- @tparam table tree
-- @tparam func kind of a tree (nabla.print.kinds)
-- @tparam func taken called with a name: does it stand for something else?
-- @tparam func is_size called with a name: is it the name of a size?
-- @treturn table the tree with the names
-- @treturn {table,...} the definitions, each used by later ones and by the tree only: `name` (a tree), `tree`
-- @treturn integer what all cost together
function M.named(tree, kind, taken, is_size)
  tree = shared(tree)
  local order, places = graph(tree)
  local named, cost = chosen(order, places, holding_counters(order), sizes_in(order, is_size))
  local list = {}
  for _, part in ipairs(order) do
    list[#list + 1] = named[part] and part or nil
  end
  if #list == 0 then
    return tree, {}, cost[tree]
  end
  local names = letters(list, kind, arguments(order, kind), taken)
  local new, definitions, total = {}, {}, cost[tree]
  for _, part in ipairs(order) do
    local parts, changed = {}, false
    for i = 1, OPAQUE[part.tag] and 0 or #part do
      parts[i] = names[part[i]] or new[part[i]]
      changed = changed or parts[i] ~= part[i]
    end
    new[part] = changed and with_parts(part, parts, cost[part]) or part
    if names[part] then
      definitions[#definitions + 1] = { name = names[part], tree = new[part] }
      total = total + cost[part] + DEFINITION
    end
  end
  return new[tree], definitions, total
end

return M
