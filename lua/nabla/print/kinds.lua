--- What display trees are by their sizes: scalar, column, row or matrix.
--
-- A call knows its node, whose sizes are asked for; other trees get theirs from their parts.
--
-- @module nabla.print.kinds

local M = {}

local TURNED = { column = "row", row = "column", scalar = "scalar", matrix = "matrix" }

--- The kind of the transpose.
M.turned = TURNED

--- The kind of a product of two.
function M.product(a, b)
  if a == "scalar" or b == "scalar" then
    return a == "scalar" and b or a
  end
  if a == "row" then
    return b == "column" and "scalar" or "row"
  end
  return b == "column" and "column" or "matrix"
end

local kind_of

-- The kind of the first part that is no scalar.
local function common(c, tree, from, to)
  for i = from, to do
    local kind = kind_of(c, tree[i])
    if kind ~= "scalar" then
      return kind
    end
  end
  return "scalar"
end

local function of_node(c, id)
  local S = c.S
  local one_row, one_column = S:dimtext(S:rows(id)) == "1", S:dimtext(S:cols(id)) == "1"
  return one_row and (one_column and "scalar" or "row") or one_column and "column" or "matrix"
end

local by_tag = {}

local function scalar()
  return "scalar"
end
by_tag.number, by_tag.dimension, by_tag.entry, by_tag.operator = scalar, scalar, scalar, scalar

function by_tag.name(c, tree)
  if tree.id and c.S:rows(tree.id) then
    return of_node(c, tree.id)
  end
  return tree.kind == "vector" and "column" or tree.kind
end

function by_tag.neg(c, tree)
  return kind_of(c, tree[1])
end
by_tag.quotient, by_tag.power = by_tag.neg, by_tag.neg

function by_tag.transpose(c, tree)
  return TURNED[kind_of(c, tree[1])]
end

function by_tag.sum(c, tree)
  return common(c, tree, 1, #tree)
end
by_tag.hadamard, by_tag.eldiv, by_tag.elpower = by_tag.sum, by_tag.sum, by_tag.sum

function by_tag.product(c, tree)
  local kind = kind_of(c, tree[1])
  for i = 2, #tree do
    kind = M.product(kind, kind_of(c, tree[i]))
  end
  return kind
end

function by_tag.call(c, tree)
  if tree.name == "ones" or tree.name == "zeros" then
    return #tree == 2 and "matrix" or "column"
  elseif tree.name == "I" then
    return "matrix"
  elseif tree.id then
    local kind = of_node(c, tree.id)
    return tree.turned and TURNED[kind] or kind
  end
  return #tree == 0 and "scalar" or common(c, tree, 1, #tree) -- inv, sqrt
end

function by_tag.counted(c, tree)
  return kind_of(c, tree[3])
end

function by_tag.member(c, tree)
  return by_tag.name(c, tree.base)
end

function by_tag.derivative()
  return "matrix"
end

function kind_of(c, tree)
  local kind = c.known[tree]
  if not kind then
    kind = by_tag[tree.tag](c, tree)
    c.known[tree] = kind
  end
  return kind
end

--- A function from a tree to its kind.
-- @param S the store of the nodes that calls know
function M.of(S)
  local c = { S = S, known = setmetatable({}, { __mode = "k" }) }
  return function(tree)
    return kind_of(c, tree)
  end
end

return M
