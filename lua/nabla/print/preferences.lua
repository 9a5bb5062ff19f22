--- Preferences: which of two equal forms is printed.
--
-- A preference is a pair of display trees, `from` and `to`, and its variables. It acts last, on the tree that is about to be
-- written, so that nothing undoes it. A variable stands for a part of its shape; in a product it stands for any number of
-- matrix factors side by side, and as the last term of a sum for all that are left. A preference whose `from` is a sum or a product
-- acts on some terms, or some factors side by side, of a longer one. One whose sides are the same sum in two orders says the order of
-- such terms, whatever numbers are in front of them; it leaves alone what it would put back as well.
--
-- It ends: the number of times that preferences act on a tree is bounded by its length.
--
-- @module nabla.print.preferences

local display = require "nabla.print.display"
local rebuild = require "nabla.print.rebuild"
local tree_shape = require "nabla.print.tree_shape"

local M = {}

--- Longer answers are printed as they are.
M.longest = 20000

-- ---------------------------------------------------------------------------------------------- equal parts

-- The transpose of a tree, carried by its leaves.
local function turned(S, tree)
  local tag = tree.tag
  if tag == "transpose" then
    return tree[1]
  elseif tree_shape.of(S, tree) == tree_shape.SCALAR then
    return tree
  elseif tag == "neg" then
    return display.neg(turned(S, tree[1]))
  elseif tag == "sum" then
    local items = {}
    for i = 1, #tree do
      items[i] = turned(S, tree[i])
    end
    return display.sum(items, { table.unpack(tree.signs) })
  elseif tag == "product" then
    local scalars, chain = {}, {}
    for i = 1, #tree do
      if tree_shape.of(S, tree[i]) == tree_shape.SCALAR then
        scalars[#scalars + 1] = tree[i]
      else
        table.insert(chain, 1, turned(S, tree[i]))
      end
    end
    table.move(chain, 1, #chain, #scalars + 1, scalars)
    return display.product(scalars)
  elseif tag == "power" then
    return display.power(turned(S, tree[1]), tree[2])
  end
  return display.transpose(tree)
end

local same

-- Numbers and sizes are the same where they read the same: the 3 of I(3).
local PLAIN = { number = true, dimension = true }

-- Are the parts of two trees equal, those of b in any order?
local function same_set(S, a, b)
  local used = {}
  for i = 1, #a do
    local found = false
    for k = 1, #b do
      if not used[k] and a.signs[i] == b.signs[k] and same(S, a[i], b[k]) then
        used[k], found = true, true
        break
      end
    end
    if not found then
      return false
    end
  end
  return true
end

-- Are two trees equal, but for where their transposes are?
function same(S, a, b)
  if a == b then
    return true
  elseif a.tag == "transpose" and (b.tag ~= "transpose" or a[1].tag ~= b[1].tag) then
    local carried = turned(S, a[1])
    return carried.tag ~= "transpose" and same(S, carried, b)
  elseif b.tag == "transpose" and a.tag ~= "transpose" then
    return same(S, b, a)
  elseif PLAIN[a.tag] and PLAIN[b.tag] then
    return a.text == b.text
  elseif
    a.tag ~= b.tag
    or #a ~= #b
    or a.text ~= b.text
    or a.name ~= b.name
    or (a.fn and a.fn.text) ~= (b.fn and b.fn.text)
  then
    return false
  elseif a.tag == "sum" then
    return same_set(S, a, b)
  end
  for i = 1, #a do
    if not same(S, a[i], b[i]) then
      return false
    end
  end
  return true
end

-- ---------------------------------------------------------------------------------------------- matching

-- A match: the store, the variables of the preference, what they stand for.
local match

local NUMBER = { number = true }
local SIZE = { number = true, dimension = true, name = true }

-- May a variable stand for a tree?
local function fits(m, var, tree)
  local shape = tree_shape.of(m.S, tree)
  if var.kind == "number" then
    return NUMBER[tree.tag] ~= nil
  elseif var.kind == "size" then
    return SIZE[tree.tag] ~= nil
  elseif var.kind == "scalar" and shape ~= tree_shape.SCALAR or var.kind == "vector" and shape ~= tree_shape.COLUMN then
    return false
  elseif var.kind == "matrix" and shape == tree_shape.SCALAR then
    return false
  elseif (var.func or var.attributes) and not (tree.tag == "name" and tree.id) then
    return false
  end
  for _, attribute in ipairs(var.attributes or {}) do
    if not m.S:property(attribute, tree.id) then
      return false
    end
  end
  return true
end

-- Let a variable stand for a tree while the rest is matched.
local function bind(m, var, tree, rest)
  local known = m.bound[var.name]
  if known then
    return (var.kind == "size" and known.text == tree.text or same(m.S, known, tree)) and rest()
  elseif not fits(m, var, tree) then
    return false
  end
  m.bound[var.name] = tree
  if rest() then
    return true
  end
  m.bound[var.name] = nil
  return false
end

local function variable(m, pattern)
  return pattern.tag == "name" and m.vars[pattern.text] or nil
end

-- The variable of a pattern that may stand for several factors: A, or A'.
local function chain_variable(m, pattern)
  local inner = pattern.tag == "transpose" and pattern[1] or pattern
  local var = variable(m, inner)
  return var and var.kind == "matrix" and not var.func and not var.attributes and var or nil, inner ~= pattern
end

-- Factors first..last of a product as one tree, or its transpose.
local function stretch(m, tree, first, last, is_turned)
  local items = {}
  for i = first, last do
    if tree_shape.of(m.S, tree[i]) == tree_shape.SCALAR then
      return nil
    end
    items[#items + 1] = tree[i]
  end
  local chain = display.product(items)
  return is_turned and turned(m.S, chain) or chain
end

-- Match the patterns from p on with the factors from i on; `ended(next)` is asked where the patterns end.
local function match_factors(m, patterns, p, tree, i, ended)
  local pattern = patterns[p]
  if not pattern then
    return ended(i)
  elseif i > #tree then
    return false
  end
  local function rest()
    return match_factors(m, patterns, p + 1, tree, i + 1, ended)
  end
  if match(m, pattern, tree[i], rest) then
    return true
  end
  local var, is_turned = chain_variable(m, pattern)
  for last = i + 1, var and #tree - (#patterns - p) or 0 do
    local chain = stretch(m, tree, i, last, is_turned)
    if not chain then
      return false
    end
    local function behind()
      return match_factors(m, patterns, p + 1, tree, last + 1, ended)
    end
    if bind(m, var, chain, behind) then
      return true
    end
  end
  return false
end

-- Match the terms of a pattern from p on with terms of a tree that are not used yet, all of them by one more sign.
local function match_terms(m, pattern, p, tree, used, sign, rest)
  if p > #pattern then
    return rest()
  end
  for i = 1, #tree do
    if not used[i] and tree.signs[i] == sign * pattern.signs[p] then
      used[i] = true
      if
        match(m, pattern[p], tree[i], function()
          return match_terms(m, pattern, p + 1, tree, used, sign, rest)
        end)
      then
        return true
      end
      used[i] = nil
    end
  end
  return false
end

-- Match a sum of fewer terms: its last one, a letter, stands for all that are left.
local function match_longer(m, pattern, tree, rest)
  local var = variable(m, pattern[#pattern])
  if not var or #tree < #pattern or var.func or var.attributes then
    return false
  end
  local first = { table.unpack(pattern, 1, #pattern - 1) }
  first.signs = pattern.signs
  local used = {}
  return match_terms(m, first, 1, tree, used, 1, function()
    local items, signs = {}, {}
    for i = 1, #tree do
      if not used[i] then
        items[#items + 1], signs[#signs + 1] = tree[i], tree.signs[i] * pattern.signs[#pattern]
      end
    end
    return bind(m, var, display.sum(items, signs), rest)
  end)
end

-- Match the parts of two trees from i on, one by one.
local function match_parts(m, pattern, tree, i, rest)
  if i > #pattern then
    return rest()
  end
  return match(m, pattern[i], tree[i], function()
    return match_parts(m, pattern, tree, i + 1, rest)
  end)
end

-- Does a pattern match a whole tree, and `rest()` with what its variables stand for then?
function match(m, pattern, tree, rest)
  local var = variable(m, pattern)
  if var then
    return bind(m, var, tree, rest)
  elseif pattern.tag == "transpose" and tree.tag ~= "transpose" then
    local inner = variable(m, pattern[1])
    local known = inner and m.bound[inner.name]
    return known ~= nil and same(m.S, turned(m.S, known), tree) and rest()
  elseif PLAIN[pattern.tag] and PLAIN[tree.tag] then
    return pattern.text == tree.text and rest()
  elseif pattern.tag ~= tree.tag or pattern.text ~= tree.text or pattern.name ~= tree.name then
    return false
  elseif pattern.tag == "product" then
    return match_factors(m, pattern, 1, tree, 1, function(after)
      return after == #tree + 1 and rest()
    end)
  elseif pattern.tag == "sum" and #pattern < #tree then
    return match_longer(m, pattern, tree, rest)
  elseif #pattern ~= #tree then
    return false
  elseif pattern.tag == "sum" then
    return match_terms(m, pattern, 1, tree, {}, 1, rest)
  elseif pattern.fn or tree.fn then
    return pattern.fn and tree.fn and match(m, pattern.fn, tree.fn, function()
      return match_parts(m, pattern, tree, 1, rest)
    end)
  end
  return match_parts(m, pattern, tree, 1, rest)
end

-- ---------------------------------------------------------------------------------------------- acting

-- Let the sizes that the form does not name stand for those of what its variables stand for. Are all of them known?
local function sizes_known(m)
  for name, var in pairs(m.S and m.vars or {}) do
    local of = var.size_of
    if of and not m.bound[name] and m.bound[of.name] then
      local text = tree_shape.side(m.S, m.bound[of.name], of.side)
      if not text then
        return false
      end
      m.bound[name] = display.dimension(text)
    end
  end
  return true
end

-- A tree with the variables in it replaced by what they stand for.
local function filled(m, tree)
  local var = variable(m, tree)
  if var then
    return m.bound[var.name] or tree
  elseif #tree == 0 then
    return tree
  end
  local parts = {}
  for i = 1, #tree do
    parts[i] = filled(m, tree[i])
  end
  if tree.tag == "transpose" then -- the letters carry it where that is no longer
    local carried, one = turned(m.S, parts[1]), variable(m, tree[1]) and 1 or 0 -- the form may have (X^2)', not X'^2
    return carried.cost <= parts[1].cost + one and carried or rebuild.with(tree, parts)
  end
  return rebuild.with(tree, parts)
end

-- What a preference makes of some factors, side by side, of a product; `patterns` are those of what it replaces.
local function act_on_factors(m, preference, patterns, tree)
  for first = 1, #tree - #patterns + 1 do
    local after
    local found = match_factors(m, patterns, 1, tree, first, function(i)
      after = i
      return sizes_known(m)
    end)
    if found then
      local parts = table.move(tree, 1, first - 1, 1, {})
      parts[#parts + 1] = filled(m, preference.to)
      return rebuild.product(table.move(tree, after, #tree, #parts + 1, parts))
    end
  end
  return nil
end

local function factors(tree)
  return tree.tag == "product" and tree or { tree }
end

-- What a preference for a quotient makes of one with more factors above: (A - A')*x/2.
local function act_on_quotient(m, preference, tree)
  local from, result = preference.from, nil
  match(m, from[2], tree[2], function()
    result = act_on_factors(m, preference, factors(from[1]), factors(tree[1]))
    return result ~= nil
  end)
  return result
end

-- What a preference makes of some terms of a sum, or of their negatives.
local function act_on_terms(m, preference, tree)
  for _, sign in ipairs { 1, -1 } do
    local used = {}
    local function known()
      return sizes_known(m)
    end
    if match_terms(m, preference.from, 1, tree, used, sign, known) then
      local parts, signs, placed = {}, {}, false
      for i = 1, #tree do
        if not used[i] then
          parts[#parts + 1], signs[#signs + 1] = tree[i], tree.signs[i]
        elseif not placed then
          parts[#parts + 1], signs[#signs + 1], placed = filled(m, preference.to), sign, true
        end
      end
      return rebuild.sum(parts, signs)
    end
  end
  return nil
end

-- A term without the number in front of it, or below it.
local function without_number(tree)
  if tree.tag == "quotient" and NUMBER[tree[2].tag] then
    return without_number(tree[1])
  elseif tree.tag == "product" and NUMBER[tree[1].tag] then
    return display.product { table.unpack(tree, 2) }
  end
  return tree
end

-- Match the terms of a pattern from p on with terms of a tree from i on, in this order; `places` gets where they are.
local function match_in_order(m, pattern, p, tree, i, sign, places)
  if p > #pattern then
    return true
  end
  for k = i, #tree - (#pattern - p) do
    places[p] = k
    local fits_on = tree.signs[k] == sign * pattern.signs[p]
      and match(m, pattern[p], without_number(tree[k]), function()
        return match_in_order(m, pattern, p + 1, tree, k + 1, sign, places)
      end)
    if fits_on then
      return true
    end
  end
  return false
end

-- What a preference makes of a sum that has its terms in the order that is not preferred. Each pair of terms that is found so is
-- looked at in both orders, so that two terms which may stand for each other stay as they are.
local function act_on_order(S, preference, tree)
  local from, order = preference.from, preference.order
  local function found(terms, sign, first)
    local places = {}
    local m = { S = S, vars = preference.vars, bound = {} }
    return match_in_order(m, from, 1, terms, first, sign, places) and places
  end
  for _, sign in ipairs { 1, -1 } do
    for first = 1, #tree - #from + 1 do
      local places = found(tree, sign, first)
      local items, signs = {}, {}
      for p, from_place in ipairs(places and order or {}) do
        items[p], signs[p] = tree[places[from_place]], tree.signs[places[from_place]]
      end
      if places and not found(display.sum(items, signs), sign, 1) then
        local parts, all = table.move(tree, 1, #tree, 1, {}), table.move(tree.signs, 1, #tree, 1, {})
        for p, place in ipairs(places) do
          parts[place], all[place] = items[p], signs[p]
        end
        return display.sum(parts, all)
      end
    end
  end
  return nil
end

--- The order in which the preferred side has the terms of the other: a list of their places. Nil where it is not the same sum.
function M.order_of(from, to)
  if from.tag ~= "sum" or to.tag ~= "sum" or #from ~= #to then
    return nil
  end
  local order, used, moved = {}, {}, false
  for p = 1, #to do
    for i = 1, #from do
      if not order[p] and not used[i] and from.signs[i] == to.signs[p] and same(nil, from[i], to[p]) then
        order[p], used[i], moved = i, true, moved or i ~= p
      end
    end
    if not order[p] then
      return nil
    end
  end
  return moved and order or nil
end

-- What a preference makes of a tree; nil if it does not act on it.
local function act(S, preference, tree)
  local from = preference.from
  if from.tag ~= tree.tag then
    return nil
  end
  if preference.order then
    return act_on_order(S, preference, tree)
  end
  local m = { S = S, vars = preference.vars, bound = {} }
  if from.tag == "product" then
    return act_on_factors(m, preference, from, tree)
  elseif from.tag == "quotient" then
    return act_on_quotient(m, preference, tree)
  elseif from.tag == "sum" then
    return act_on_terms(m, preference, tree)
  end
  local found = match(m, from, tree, function()
    return sizes_known(m)
  end)
  return found and filled(m, preference.to) or nil
end

-- What the first of some preferences that acts makes of a tree; nil if none does. `whole`: of those for a whole, or of the others.
local function act_one(state, tree, whole)
  for _, preference in ipairs(state.left > 0 and state.preferences or {}) do
    local new = (preference.whole or false) == whole and act(state.S, preference, tree)
    if new then
      state.left = state.left - 1
      state.acted[preference] = true
      return new
    end
  end
end

-- The state of one application to a whole tree: `left`, how often preferences may still act.
local function apply(state, tree)
  if state.done[tree] then
    return state.done[tree]
  end
  local result = #tree > 0 and act_one(state, tree, true) or tree
  if #result > 0 and result.tag ~= "dimension" then
    local parts, changed = {}, false
    for i = 1, #result do
      parts[i] = apply(state, result[i])
      changed = changed or parts[i] ~= result[i]
    end
    result = changed and rebuild.with(result, parts) or result
    local new = act_one(state, result, false)
    result = new and apply(state, new) or result
  end
  state.done[tree] = result
  return result
end

--- Those of some preferences that hold in a layout: `layouts` of one that does not hold in all is the set of those in which it does.
function M.in_layout(preferences, layout)
  local list = {}
  for _, preference in ipairs(preferences) do
    list[#list + 1] = (not preference.layouts or preference.layouts[layout]) and preference or nil
  end
  return list[1] and list or nil
end

--- The tree that preferences make of a tree, and the set of those that acted.
-- @param S the store that the leaves of the tree are of; nil for a tree of a text
-- @tparam {table,...} preferences { from =, to =, order =, vars = name -> { name, kind, func, attributes, size_of } };
-- the first that matches acts, on parts before what they are parts of, but for one that is marked as `whole`; `size_of`,
-- { name =, side = }, says which side of a variable a size is
-- @tparam table tree
function M.apply(S, preferences, tree)
  if tree.cost > M.longest then
    return tree, {}
  end
  local state = { S = S, preferences = preferences, done = {}, acted = {}, left = 16 + tree.cost }
  return apply(state, tree), state.acted
end

--- Would a preference act on a tree again and again?
function M.has_no_end(preferences, tree)
  local state = { preferences = preferences, done = {}, acted = {}, left = 64 }
  apply(state, tree)
  return state.left == 0
end

return M
