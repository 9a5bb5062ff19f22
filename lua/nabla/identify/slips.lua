--- Small changes of a syntax tree, each with its words: what a slip of the pen does to a formula.
--
-- An edit is { tree =, text =, path =, kind = }: a changed copy of the whole tree. A tree is never changed in place.
-- @module nabla.identify.slips

local copy_tree = require("nabla.language.tree").copy
local elaborate = require "nabla.language.elaborate"
local syntax = require "nabla.language.syntax"

local M = {}

local function at(tree, path)
  for _, key in ipairs(path) do
    tree = key.list and tree.args[key.list] or tree[key.field]
  end
  return tree
end

-- The tree with what stands at a path replaced by f of it.
local function changed(tree, path, f)
  local out = copy_tree(tree)
  if #path == 0 then
    return f(out)
  end
  local parent = out
  for i = 1, #path - 1 do
    parent = path[i].list and parent.args[path[i].list] or parent[path[i].field]
  end
  local key = path[#path]
  if key.list then
    parent.args[key.list] = f(parent.args[key.list])
  else
    parent[key.field] = f(parent[key.field])
  end
  return out
end

-- Every place that holds an expression, the root first. Arguments of D and of constants, and exponents, are left alone.
local CLOSED = { D = true, I = true, ones = true, zeros = true, K = 2, E = 4, Dup = true, Elim = true }

-- A constant of given sizes, or a derivative. K(t) of one argument is a value of somebody's function K.
local function is_closed(node)
  local n = CLOSED[node.name]
  return n == true or n == #node.args
end

--- Is a call one that is taken as a whole: a constant, a derivative, a value of a function at a name?
function M.is_value(node)
  return is_closed(node) or #node.args == 1 and node.args[1].tag == "name"
end

local function places(tree)
  local list = {}
  local function visit(node, path, parent)
    list[#list + 1] = { node = node, path = path, parent = parent }
    local function child(key, value)
      local deeper = table.move(path, 1, #path, 1, {})
      deeper[#deeper + 1] = key
      visit(value, deeper, node)
    end
    if node.tag == "sum" or node.tag == "product" or node.tag == "call" and not M.is_value(node) then
      for i, arg in ipairs(node.args) do
        child({ list = i }, arg)
      end
    elseif node.tag == "neg" or node.tag == "transpose" or node.tag == "power" then
      child({ field = 1 }, node[1])
    elseif node.tag == "sumover" then
      child({ field = "body" }, node.body)
    end
  end
  visit(tree, {}, nil)
  return list
end

local function number(text)
  return { tag = "number", text = text, pos = 1 }
end

--- Puts a tree in brackets, if it needs them as a factor. Returns the tree itself, so it must be a copy.
function M.bracketed(node)
  if node.tag == "sum" or node.tag == "product" or node.tag == "neg" then
    node.paren = true
  end
  return node
end
local bracketed = M.bracketed

local function times(factor)
  return function(node)
    return {
      tag = "product",
      args = { factor(), bracketed(node) },
      ops = { "*" },
      oppos = { node.pos },
      pos = node.pos,
    }
  end
end

local function negative(node)
  return { tag = "neg", bracketed(node), pos = node.pos, paren = true }
end

local function show(node)
  local text = syntax.dump(node)
  text = text:match "^(%b())$" and text:sub(2, -2) or text
  text = text
    :gsub(" (%.?[*/^]) ", "%1")
    :gsub("%(([%w_'*]+)%)( [+-])", "%1%2")
    :gsub("([+-] )%(([%w_'*]+)%)$", "%1%2")
  return #text <= 40 and text or "the part " .. text:sub(1, 37) .. "..."
end

local ORDINAL = { "first", "second", "third", "fourth", "fifth", "sixth" }

-- What a place is called: "the second term".
local function called(place, tree)
  local last = place.path[#place.path]
  if #place.path == 0 then
    return "the whole"
  elseif place.parent.tag == "sum" and #place.path == 1 and tree.tag == "sum" and ORDINAL[last.list] then
    return "the " .. ORDINAL[last.list] .. " term"
  end
  return show(place.node)
end

local function drop(node, i)
  table.remove(node.args, i)
  if node.tag == "sum" then
    table.remove(node.signs, i)
    table.remove(node.oppos, i)
    if i == 1 and node.signs[1] == -1 then
      node.signs[1] = 1
      node.args[1] = negative(node.args[1])
    end
    node.oppos[1] = false
  else
    table.remove(node.ops, math.max(1, i - 1))
    table.remove(node.oppos, math.max(1, i - 1))
  end
  return #node.args == 1 and bracketed(node.args[1]) or node
end

local function leaf(node)
  return node.tag == "name"
    or node.tag == "call" and (node.name == "D" or not is_closed(node) and M.is_value(node))
end

local function same(a, b)
  return syntax.dump(a) == syntax.dump(b)
end

-- Rename in a whole tree.
local function exchange_names(tree, a, b)
  if type(tree) ~= "table" then
    return tree
  end
  local out = {}
  for k, v in pairs(tree) do
    out[k] = exchange_names(v, a, b)
  end
  if out.tag == "name" or out.tag == "call" then
    out.name = out.name == a and b or out.name == b and a or out.name
  end
  return out
end

--- All single edits of a tree, the likeliest slips first.
-- @tparam table tree
-- @tparam table scope what the names are
function M.single(tree, scope)
  local list, spots = {}, places(tree)
  local function add(kind, path, text, new)
    list[#list + 1] = { kind = kind, path = path, text = text, tree = new }
  end
  -- signs and factors, of the whole and of each term
  local terms = {}
  for _, place in ipairs(spots) do
    if #place.path == 0 or place.parent.tag == "sum" then
      terms[#terms + 1] = place
    end
  end
  local function of(place)
    return #place.path == 0 and "" or " on " .. called(place, tree)
  end
  for _, place in ipairs(terms) do
    add("sign", place.path, "a sign" .. of(place), changed(tree, place.path, negative))
  end
  for _, place in ipairs(terms) do
    for _, factor in ipairs {
      { "2", "a factor 2" },
      { "1/2", "a factor 1/2" },
      { "4", "a factor 4" },
      { "1/4", "a factor 1/4" },
    } do
      local make = times(function()
        local above, below = factor[1]:match "(%d)/(%d)"
        if not above then
          return number(factor[1])
        end
        return {
          tag = "product",
          args = { number(above), number(below) },
          ops = { "/" },
          oppos = { 1 },
          pos = 1,
          paren = true,
        }
      end)
      add("factor", place.path, factor[2] .. of(place), changed(tree, place.path, make))
    end
  end
  -- transposes
  for _, place in ipairs(spots) do
    local node = place.node
    if node.tag == "transpose" then
      add(
        "transpose",
        place.path,
        "no transpose on " .. show(node[1]),
        changed(tree, place.path, function(n)
          return bracketed(n[1])
        end)
      )
    elseif node.tag ~= "number" and not (place.parent and place.parent.tag == "transpose") then
      add(
        "transpose",
        place.path,
        "the transpose of " .. called(place, tree),
        changed(tree, place.path, function(n)
          return { tag = "transpose", bracketed(n), pos = n.pos }
        end)
      )
    end
  end
  -- the order of factors, the sort of product
  for _, place in ipairs(spots) do
    local node = place.node
    if node.tag == "product" then
      for i, op in ipairs(node.ops) do
        if op == "*" then
          local a, b = node.args[i], node.args[i + 1]
          if a.tag ~= "number" and b.tag ~= "number" then
            add(
              "order",
              place.path,
              ("%s and %s in the other order"):format(show(a), show(b)),
              changed(tree, place.path, function(n)
                n.args[i], n.args[i + 1] = n.args[i + 1], n.args[i]
                return n
              end)
            )
          end
        end
        local other = op == "*" and ".*" or op == ".*" and "*"
        if other then
          local what = other == "*" and "the matrix product in " or "the product entry by entry in "
          add(
            "product",
            place.path,
            what .. show(node),
            changed(tree, place.path, function(n)
              n.ops[i] = other
              return n
            end)
          )
        end
      end
    elseif node.tag == "call" and #node.args == 2 and not is_closed(node) then
      add(
        "order",
        place.path,
        ("%s and %s in the other order"):format(show(node.args[1]), show(node.args[2])),
        changed(tree, place.path, function(n)
          n.args[1], n.args[2] = n.args[2], n.args[1]
          return n
        end)
      )
    end
  end
  -- two names exchanged: in one place each, or everywhere
  for i, p in ipairs(spots) do
    for j = i + 1, #spots do
      local q = spots[j]
      if leaf(p.node) and leaf(q.node) and not same(p.node, q.node) then
        local a, b = copy_tree(at(tree, p.path)), copy_tree(at(tree, q.path))
        local new = changed(tree, p.path, function()
          return b
        end)
        new = changed(new, q.path, function()
          return a
        end)
        add("exchange", p.path, ("%s and %s exchanged"):format(show(p.node), show(q.node)), new)
      end
    end
  end
  local names = {}
  local function collect(node)
    if type(node) == "table" then
      if (node.tag == "name" or node.tag == "call") and elaborate.lookup(scope, node.name) then
        names[node.name] = true
      end
      for _, v in pairs(node) do
        collect(v)
      end
    end
  end
  collect(tree)
  local function in_order(set)
    local list_of = {}
    for name in pairs(set) do
      list_of[#list_of + 1] = name
    end
    table.sort(list_of)
    return list_of
  end
  local printed = in_order(names)
  for i, a in ipairs(printed) do
    for j = i + 1, #printed do
      add(
        "exchange",
        {},
        ("%s and %s exchanged everywhere"):format(a, printed[j]),
        exchange_names(copy_tree(tree), a, printed[j])
      )
    end
  end
  for name, var in pairs(scope.vars) do
    names[name] = not var.func or nil
  end
  local sorted = in_order(names)
  -- a term or a factor too many, an inverse
  for _, place in ipairs(spots) do
    local node = place.node
    if node.tag == "sum" or node.tag == "product" then
      for i, arg in ipairs(node.args) do
        if node.tag == "sum" or not (node.ops[i] == "/" or node.ops[i] == "./") then
          add(
            "drop",
            place.path,
            "without " .. show(arg),
            changed(tree, place.path, function(n)
              return drop(n, i)
            end)
          )
        end
      end
    end
  end
  for _, place in ipairs(spots) do
    local node = place.node
    if node.tag == "call" and node.name == "inv" then
      add(
        "inverse",
        place.path,
        "no inverse of " .. show(node.args[1]),
        changed(tree, place.path, function(n)
          return bracketed(n.args[1])
        end)
      )
    elseif
      (leaf(node) or node.paren)
      and node.name ~= "D"
      and not (place.parent and place.parent.name == "inv")
    then
      add(
        "inverse",
        place.path,
        "the inverse of " .. show(node),
        changed(tree, place.path, function(n)
          return { tag = "call", name = "inv", args = { n }, pos = n.pos }
        end)
      )
    end
  end
  -- another exponent; a square, a root
  local function power_of(exponent)
    return function(node)
      local whole = exponent == math.floor(exponent)
      local value = whole and number(tostring(math.tointeger(math.abs(exponent)))) or number "1"
      if not whole then
        value = {
          tag = "product",
          args = { value, number "2" },
          ops = { "/" },
          oppos = { 1 },
          pos = 1,
          paren = true,
        }
      end
      if exponent < 0 then
        value = { tag = "neg", value, pos = 1, paren = true }
      end
      return {
        tag = "power",
        bracketed(node),
        value,
        elementwise = node.elementwise or false,
        pos = node.pos,
        oppos = node.pos,
      }
    end
  end
  for _, place in ipairs(spots) do
    local node = place.node
    local exponent = node.tag == "power" and node[2].tag == "number" and tonumber(node[2].text)
    if exponent and exponent == math.floor(exponent) then
      for _, other in ipairs { exponent - 1, exponent + 1 } do
        add(
          "power",
          place.path,
          ("the exponent %d on %s"):format(other, show(node[1])),
          changed(tree, place.path, function(n)
            local new = power_of(other)(n[1])
            new.elementwise = n.elementwise
            return new
          end)
        )
      end
    elseif
      node.tag ~= "number"
      and node.tag ~= "neg"
      and node.tag ~= "sum"
      and not (place.parent and place.parent.tag == "power")
    then
      add(
        "power",
        place.path,
        "the square of " .. called(place, tree),
        changed(tree, place.path, power_of(2))
      )
    end
  end
  -- one letter for another
  for _, place in ipairs(spots) do
    for _, other in ipairs(place.node.tag == "name" and sorted or {}) do
      if other ~= place.node.name then
        add(
          "letter",
          place.path,
          ("%s for %s"):format(other, place.node.name),
          changed(tree, place.path, function(n)
            return { tag = "name", name = other, pos = n.pos }
          end)
        )
      end
    end
  end
  return list
end

-- Does one path lead through the other?
local function nested(p, q)
  for i = 1, math.min(#p, #q) do
    if p[i].list ~= q[i].list or p[i].field ~= q[i].field then
      return false
    end
  end
  return true
end

local JOINED = { transpose = true, sign = true, order = true, factor = true }

--- Two edits at once: transposes, signs, factors and orders in places that do not hold each other.
function M.pairs_of(single, most)
  local list = {}
  for i, a in ipairs(single) do
    for j = i + 1, JOINED[a.kind] and #single or 0 do
      local b = single[j]
      if #list >= most then
        return list
      elseif JOINED[b.kind] and not nested(a.path, b.path) then
        local target = at(b.tree, b.path)
        local new = changed(a.tree, b.path, function()
          return copy_tree(target)
        end)
        list[#list + 1] = { kind = "two", path = {}, text = a.text .. ", and " .. b.text, tree = new }
      end
    end
  end
  return list
end

return M
