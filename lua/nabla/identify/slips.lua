--- Small changes of a syntax tree, each with its words: what a slip of the pen does to a formula.
--
-- An edit is { tree =, text =, path =, kind = }: a changed copy of the whole tree. A tree is never changed in place.
-- @module nabla.identify.slips

local constants = require "nabla.identify.constants"
local scopes = require "nabla.language.scope"
local syntax = require "nabla.language.syntax"
local trees = require "nabla.language.tree"

local M = {}

local function at(tree, path)
  for _, key in ipairs(path) do
    tree = key.list and tree.args[key.list] or tree[key.field]
  end
  return tree
end

-- The tree with the node at a path replaced by f of it.
local function changed(tree, path, f)
  local out = trees.copy(tree)
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

-- Is a call taken as a whole: a constant, a derivative?
local function is_closed(session, node)
  return node.name == "D" or constants.is_constant(session, node)
end

-- The same, or a value of a function at a name.
local function is_value(session, node)
  return is_closed(session, node) or #node.args == 1 and node.args[1].tag == "name"
end

-- Every place that holds an expression, the root first. Arguments of D and of constants, and exponents, are left alone.
local function places(session, tree)
  local list = {}
  local function visit(node, path, parent)
    list[#list + 1] = { node = node, path = path, parent = parent }
    local function child(key, value)
      local deeper = table.move(path, 1, #path, 1, {})
      deeper[#deeper + 1] = key
      visit(value, deeper, node)
    end
    if node.tag == "sum" or node.tag == "product" or node.tag == "call" and not is_value(session, node) then
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

local function leaf(session, node)
  return node.tag == "name"
    or node.tag == "call" and (node.name == "D" or not is_closed(session, node) and is_value(session, node))
end

local function same(a, b)
  return syntax.dump(a) == syntax.dump(b)
end

-- ---------------------------------------------------------------------------------------------- the slips

-- The edits of one tree while they are listed: the tree, its places, the scope of its names.
local Edits = {}
Edits.__index = Edits

function Edits:add(kind, path, text, tree)
  self.list[#self.list + 1] = { kind = kind, path = path, text = text, tree = tree }
end

-- An edit of one place: f of the node there (a copy).
function Edits:change(kind, place, text, f)
  self:add(kind, place.path, text, changed(self.tree, place.path, f))
end

-- " on the second term"; nothing for the whole.
function Edits:on(place)
  return #place.path == 0 and "" or " on " .. called(place, self.tree)
end

-- The whole and each term.
function Edits:terms()
  local list = {}
  for _, place in ipairs(self.places) do
    if #place.path == 0 or place.parent.tag == "sum" then
      list[#list + 1] = place
    end
  end
  return list
end

-- The variables in the tree, and with `declared` all others as well; sorted.
function Edits:variables(declared)
  local names, list = {}, {}
  local function collect(node)
    if type(node) == "table" then
      if (node.tag == "name" or node.tag == "call") and scopes.lookup(self.scope, node.name) then
        names[node.name] = true
      end
      for _, v in pairs(node) do
        collect(v)
      end
    end
  end
  collect(self.tree)
  for name, var in pairs(declared and self.scope.vars or {}) do
    names[name] = not var.func or nil
  end
  for name in pairs(names) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

local function call(name, args, pos)
  return { tag = "call", name = name, args = args, pos = pos }
end

local function transposed(node)
  return { tag = "transpose", bracketed(node), pos = node.pos }
end

local function ratio(above, below)
  return {
    tag = "product",
    args = { number(above), number(below) },
    ops = { "/" },
    oppos = { 1 },
    pos = 1,
    paren = true,
  }
end

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

local function power(node, exponent, elementwise)
  local value = number(tostring(math.abs(exponent)))
  if exponent < 0 then
    value = { tag = "neg", value, pos = 1, paren = true }
  end
  return {
    tag = "power",
    bracketed(node),
    value,
    elementwise = elementwise or false,
    pos = node.pos,
    oppos = node.pos,
  }
end

-- Each lists the edits of one kind of slip.
local kinds = {}

function kinds.sign(edits)
  for _, place in ipairs(edits:terms()) do
    edits:change("sign", place, "a sign" .. edits:on(place), negative)
  end
end

function kinds.factor(edits)
  for _, place in ipairs(edits:terms()) do
    for _, factor in ipairs { "2", "1/2", "4", "1/4" } do
      local above, below = factor:match "(%d)/(%d)"
      edits:change(
        "factor",
        place,
        "a factor " .. factor .. edits:on(place),
        times(function()
          return above and ratio(above, below) or number(factor)
        end)
      )
    end
  end
end

function kinds.transpose(edits)
  for _, place in ipairs(edits.places) do
    local node = place.node
    if node.tag == "transpose" then
      edits:change("transpose", place, "no transpose on " .. show(node[1]), function(n)
        return bracketed(n[1])
      end)
    elseif node.tag ~= "number" and not (place.parent and place.parent.tag == "transpose") then
      edits:change("transpose", place, "the transpose of " .. called(place, edits.tree), transposed)
    end
  end
end

local function exchange_arguments(edits, place, i)
  local a, b = place.node.args[i], place.node.args[i + 1]
  edits:change("order", place, ("%s and %s in the other order"):format(show(a), show(b)), function(n)
    n.args[i], n.args[i + 1] = n.args[i + 1], n.args[i]
    return n
  end)
end

-- The order of factors and arguments, and the product entry by entry for the matrix product.
function kinds.order(edits)
  for _, place in ipairs(edits.places) do
    local node = place.node
    for i, op in ipairs(node.tag == "product" and node.ops or {}) do
      if op == "*" and node.args[i].tag ~= "number" and node.args[i + 1].tag ~= "number" then
        exchange_arguments(edits, place, i)
      end
      local other = op == "*" and ".*" or op == ".*" and "*"
      if other then
        local what = other == "*" and "the matrix product in " or "the product entry by entry in "
        edits:change("product", place, what .. show(node), function(n)
          n.ops[i] = other
          return n
        end)
      end
    end
    if node.tag == "call" and #node.args == 2 and not is_closed(edits.session, node) then
      exchange_arguments(edits, place, 1)
    end
  end
end

-- Two names exchanged, in one place each or everywhere.
function kinds.exchange(edits)
  local session, tree, places_of = edits.session, edits.tree, edits.places
  for i, p in ipairs(places_of) do
    for j = i + 1, #places_of do
      local q = places_of[j]
      if leaf(session, p.node) and leaf(session, q.node) and not same(p.node, q.node) then
        local a, b = trees.copy(at(tree, p.path)), trees.copy(at(tree, q.path))
        local new = changed(tree, p.path, function()
          return b
        end)
        new = changed(new, q.path, function()
          return a
        end)
        edits:add("exchange", p.path, ("%s and %s exchanged"):format(show(p.node), show(q.node)), new)
      end
    end
  end
  local names = edits:variables()
  for i, a in ipairs(names) do
    for j = i + 1, #names do
      local text = ("%s and %s exchanged everywhere"):format(a, names[j])
      edits:add("exchange", {}, text, trees.rename(tree, { [a] = names[j], [names[j]] = a }))
    end
  end
end

-- A term or a factor too many.
function kinds.drop(edits)
  for _, place in ipairs(edits.places) do
    local node = place.node
    for i, arg in ipairs((node.tag == "sum" or node.tag == "product") and node.args or {}) do
      if node.tag == "sum" or not (node.ops[i] == "/" or node.ops[i] == "./") then
        edits:change("drop", place, "without " .. show(arg), function(n)
          return drop(n, i)
        end)
      end
    end
  end
end

function kinds.inverse(edits)
  for _, place in ipairs(edits.places) do
    local node = place.node
    local inverted = place.parent and place.parent.name == "inv"
    if node.tag == "call" and node.name == "inv" then
      edits:change("inverse", place, "no inverse of " .. show(node.args[1]), function(n)
        return bracketed(n.args[1])
      end)
    elseif (leaf(edits.session, node) or node.paren) and node.name ~= "D" and not inverted then
      edits:change("inverse", place, "the inverse of " .. show(node), function(n)
        return call("inv", { n }, n.pos)
      end)
    end
  end
end

-- Another exponent; a square.
function kinds.power(edits)
  local no_square = { number = true, neg = true, sum = true }
  for _, place in ipairs(edits.places) do
    local node = place.node
    local exponent = node.tag == "power" and node[2].tag == "number" and math.tointeger(tonumber(node[2].text))
    if exponent then
      for _, other in ipairs { exponent - 1, exponent + 1 } do
        local text = ("the exponent %d on %s"):format(other, show(node[1]))
        edits:change("power", place, text, function(n)
          return power(n[1], other, n.elementwise)
        end)
      end
    elseif not no_square[node.tag] and not (place.parent and place.parent.tag == "power") then
      edits:change("power", place, "the square of " .. called(place, edits.tree), function(n)
        return power(n, 2, n.elementwise)
      end)
    end
  end
end

-- One letter for another.
function kinds.letter(edits)
  local names = edits:variables(true)
  for _, place in ipairs(edits.places) do
    for _, other in ipairs(place.node.tag == "name" and names or {}) do
      if other ~= place.node.name then
        edits:change("letter", place, ("%s for %s"):format(other, place.node.name), function(n)
          return { tag = "name", name = other, pos = n.pos }
        end)
      end
    end
  end
end

local LIKELIEST_FIRST =
  { "sign", "factor", "transpose", "order", "exchange", "drop", "inverse", "power", "letter" }

--- All single edits of a tree, the likeliest slips first.
-- @tparam table session
-- @tparam table tree
-- @tparam table scope what the names are
function M.single(session, tree, scope)
  local edits = setmetatable({ session = session, tree = tree, scope = scope, list = {} }, Edits)
  edits.places = places(session, tree)
  for _, kind in ipairs(LIKELIEST_FIRST) do
    kinds[kind](edits)
  end
  return edits.list
end

-- ---------------------------------------------------------------------------------------------- two at once

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
          return trees.copy(target)
        end)
        list[#list + 1] = { kind = "two", path = {}, text = a.text .. ", and " .. b.text, tree = new }
      end
    end
  end
  return list
end

return M
