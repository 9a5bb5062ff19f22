--- The shape of a display tree: scalar, column, row or matrix.
--
-- The leaves know the node that they were made of (`id`), or, in a text that nobody has elaborated, their kind.
--
-- @module nabla.print.tree_shape

local M = {}

-- A shape is a string of two letters: are the rows, the columns many (m) or one (1)?
local SCALAR, COLUMN, MATRIX = "11", "m1", "mm"
M.SCALAR, M.COLUMN, M.ROW, M.MATRIX = SCALAR, COLUMN, "1m", MATRIX

local BY_KIND = { scalar = SCALAR, vector = COLUMN, matrix = MATRIX }

local of = {}

local function size_letter(S, dim)
  return S:dimtext(dim) == "1" and "1" or "m"
end

local function of_node(S, tree)
  if not (S and tree.id) then
    return nil
  end
  local rows, cols = S:rows(tree.id), S:cols(tree.id)
  if not rows or not cols then
    return SCALAR
  end
  local shape = size_letter(S, rows) .. size_letter(S, cols)
  return tree.turned and shape:reverse() or shape
end

-- The shape of the first of some trees that is no scalar.
local function first_shape(S, tree, ...)
  for _, i in ipairs { ... } do
    local shape = M.of(S, tree[i])
    if shape ~= SCALAR then
      return shape
    end
  end
  return SCALAR
end

local function of_first(S, tree)
  return M.of(S, tree[1])
end

local function scalar()
  return SCALAR
end

function of.name(S, tree)
  return of_node(S, tree) or BY_KIND[tree.kind]
end

function of.product(S, tree)
  local first, last
  for i = 1, #tree do
    local shape = M.of(S, tree[i])
    if shape ~= SCALAR then
      first, last = first or shape, shape
    end
  end
  return first and first:sub(1, 1) .. last:sub(2) or SCALAR
end

function of.hadamard(S, tree)
  for i = 1, #tree do
    local shape = M.of(S, tree[i])
    if shape ~= SCALAR then
      return shape
    end
  end
  return SCALAR
end

function of.eldiv(S, tree)
  return first_shape(S, tree, 1, 2)
end

function of.transpose(S, tree)
  return M.of(S, tree[1]):reverse()
end

-- A call in a text is taken for a matrix if its argument is one: only calls of the printer know better.
function of.call(S, tree)
  local known = of_node(S, tree) or tree.shape
  if known then
    return known
  elseif tree.fn then
    return BY_KIND[tree.fn.kind]
  elseif tree.name == "ones" or tree.name == "zeros" then
    return #tree == 1 and COLUMN or MATRIX
  elseif tree.name == "I" then
    return MATRIX
  end
  return tree[1] and M.of(S, tree[1]) or SCALAR
end

function of.counted(S, tree)
  return M.of(S, tree[3])
end

function of.derivative(S, tree)
  return of_node(S, tree) or tree.shape or MATRIX
end

of.neg, of.sum, of.quotient, of.power = of_first, of_first, of_first, of_first
of.elpower = of.eldiv
of.number, of.dimension, of.operator, of.entry = scalar, scalar, scalar, scalar

function of.member(S, tree)
  return of.name(S, tree.id and tree or tree.base)
end

--- The shape of a tree.
-- @param S the store that its leaves are of; nil for a tree of a text
-- @tparam table tree
-- @treturn string "11", "m1", "1m" or "mm"
function M.of(S, tree)
  return of[tree.tag](S, tree)
end

-- ---------------------------------------------------------------------------------------------- sizes

local OTHER = { rows = "cols", cols = "rows" }
local LIKE_FIRST = { neg = true, quotient = true, power = true }
local LIKE_ANY = { sum = true, hadamard = true, eldiv = true, elpower = true }

--- How many rows or columns a tree has, as the store writes a dimension; nil if its parts do not say.
-- @param S the store that its leaves are of
-- @tparam table tree
-- @tparam string which "rows" or "cols"
-- @treturn string|nil
function M.side(S, tree, which)
  local tag = tree.tag
  if tree.id then
    local side = tree.turned and OTHER[which] or which
    local dim = S[side](S, tree.id)
    return dim and S:dimtext(dim) or nil
  elseif tag == "transpose" then
    return M.side(S, tree[1], OTHER[which])
  elseif LIKE_FIRST[tag] or tag == "call" and tree.name == "inv" and not tree.fn then
    return M.side(S, tree[1], which)
  elseif tag == "product" or LIKE_ANY[tag] then
    local first, last, step = 1, #tree, 1
    if tag == "product" and which == "cols" then
      first, last, step = #tree, 1, -1
    end
    for i = first, last, step do
      if M.of(S, tree[i]) ~= SCALAR then
        return M.side(S, tree[i], which)
      end
    end
  end
  return nil
end

return M
