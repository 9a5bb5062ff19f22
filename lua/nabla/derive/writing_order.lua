--- What the engine has made, as a person would write it: d(..) last and not transposed where that is free.
--
-- @module nabla.derive.writing_order

local compose = require "nabla.derive.compose"
local display = require "nabla.print.display"

local M = {}

local is_d, holds_d = compose.is_d, compose.holds_d

-- The chain d(U)'*A*U, a scalar, as U'*A'*d(U).
local function turned_chain(W, tree)
  local first
  for i = 1, #tree do
    if not first and not W:scalar(tree[i]) then
      first = i
    end
  end
  local item = first and tree[first]
  if not item or holds_d(tree[#tree]) or not (item.tag == "transpose" and is_d(item[1])) or not W:scalar(tree) then
    return tree
  end
  local items = { table.unpack(tree, 1, first - 1) }
  for i = #tree, first, -1 do
    items[#items + 1] = compose.transpose(W, tree[i])
  end
  return display.product(items)
end

-- A product, begun where the one factor with d(..) comes last; turned round if that is d(..)'.
local function rotated(W, tree)
  local at
  for i = 1, tree.tag == "product" and #tree or 0 do
    if holds_d(tree[i]) then
      if at then
        return tree
      end
      at = i
    end
  end
  local d = at and tree[at]
  local turn = d and d.tag == "transpose" and is_d(d[1])
  if not at or at == #tree and not turn then
    return tree
  end
  local items = table.move(tree, at + 1, #tree, 1, {})
  table.move(tree, 1, at - 1, #items + 1, items)
  if turn then -- tr(R*d(A)') is tr(R'*d(A))
    return compose.product(W, { compose.transpose(W, display.product(items)), d[1] })
  end
  items[#items + 1] = d
  return display.product(items)
end

--- The terms of a sum in the order in which their d(..) are: d(A)*A + A*d(A). The engine's order depends on what it has made
-- before.
function M.in_order(tree)
  if tree.tag ~= "sum" then
    return tree
  end
  local terms = {}
  for i = 1, #tree do
    local at = compose.text(tree[i]):find("%f[%w_]d%(") or math.huge
    terms[i] = { at = at, rank = i, tree = tree[i], sign = tree.signs[i] }
  end
  table.sort(terms, function(a, b)
    return a.at < b.at or a.at == b.at and a.rank < b.rank
  end)
  local items, signs = {}, {}
  for i, term in ipairs(terms) do
    items[i], signs[i] = term.tree, term.sign
  end
  return compose.sum(items, signs)
end

--- A tree without brackets around the sums in its sums: A + B - C for (A + B) - C.
function M.sums_opened(W, tree)
  local items, changed, nested = {}, false, false
  for i = 1, (is_d(tree) or tree.tag == "counted") and 0 or #tree do
    items[i] = M.sums_opened(W, tree[i])
    changed = changed or items[i] ~= tree[i]
    nested = nested or tree.tag == "sum" and items[i].tag == "sum"
  end
  if nested then
    return compose.sum(items, tree.signs)
  end
  return changed and compose.again(W, tree, items) or tree
end

-- The tree whose transpose a tree of transposes is: A*x for x'*A'; nil where it is none.
local function turned_back(W, tree)
  if tree.tag == "transpose" then
    return tree[1]
  elseif tree.tag ~= "product" then
    return nil
  end
  local front, chain = {}, {}
  for i = 1, #tree do
    if W:scalar(tree[i]) then
      front[#front + 1] = tree[i]
    elseif tree[i].tag == "transpose" then
      table.insert(chain, 1, tree[i][1])
    else
      return nil
    end
  end
  return display.product(table.move(chain, 1, #chain, #front + 1, front))
end

-- S for S' where S is declared symmetric.
local function without_transpose(W, tree)
  local S, id = W.S, W:of(tree[1])
  local symmetric = #tree[1] == 0 and S:transpose(id) ~= id and S:simplify(S:transpose(id)) == S:simplify(id)
  return symmetric and tree[1] or tree
end

--- A tree with (A*x - b)' for the factor x'*A' - b'; with `facts` also S for S' where S is symmetric.
function M.transposes_outside(W, tree, facts)
  if facts and tree.tag == "transpose" then
    return without_transpose(W, tree)
  elseif tree.tag == "sum" and not holds_d(tree) then
    local items = {}
    for i = 1, #tree do
      items[#items + 1] = turned_back(W, tree[i])
    end
    return #items == #tree and display.transpose(display.sum(items, tree.signs)) or tree
  elseif tree.tag == "transpose" or is_d(tree) then
    return tree
  end
  local items, changed = {}, false
  for i = 1, #tree do
    items[i] = M.transposes_outside(W, tree[i], facts)
    changed = changed or items[i] ~= tree[i]
  end
  return changed and compose.again(W, tree, items) or tree
end

--- A tree with its d(..) last, where products, traces and scalars allow it.
function M.d_last(W, tree)
  local tag = tree.tag
  if tag == "neg" or tag == "sum" then
    local items = {}
    for i = 1, #tree do
      items[i] = M.d_last(W, tree[i])
    end
    return compose.again(W, tree, items)
  elseif tag == "quotient" then
    return display.quotient(M.d_last(W, tree[1]), tree[2])
  elseif tag == "product" and holds_d(tree) then
    local items = {}
    for i = 1, #tree do
      items[i] = M.d_last(W, tree[i])
    end
    local product = compose.product(W, items)
    return product.tag == "product" and turned_chain(W, product) or product
  elseif tag == "hadamard" and holds_d(tree) then
    local items, last = {}, {}
    for i = 1, #tree do
      local list = holds_d(tree[i]) and last or items
      list[#list + 1] = tree[i]
    end
    return display.hadamard(table.move(last, 1, #last, #items + 1, items))
  elseif tag == "call" and not tree.fn and #tree == 1 and holds_d(tree) then
    local op = W.session.ops[tree.name]
    local inner = M.d_last(W, tree[1])
    inner = op and op.cyclic and rotated(W, inner) or inner
    return inner == tree[1] and tree or compose.again(W, tree, { inner })
  end
  return tree
end

return M
