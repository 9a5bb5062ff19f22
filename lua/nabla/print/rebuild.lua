--- Display trees with other parts: signs of the parts go to the front, sums and products in sums and products are one.
--
-- @module nabla.print.rebuild

local display = require "nabla.print.display"

local M = {}

local build = {}

-- A tree without the sign in front of it, and the sign. A sum keeps its signs.
local function unsigned(tree)
  if tree.tag == "neg" then
    return tree[1], -1
  end
  return tree, 1
end

local function signed(tree, sign)
  if sign > 0 then
    return tree
  end
  return tree.tag == "neg" and tree[1] or display.neg(tree)
end
M.signed = signed

function build.neg(_, parts)
  return signed(parts[1], -1)
end

--- A sum of trees by signs, each with its own sign and terms taken in.
function M.sum(parts, signs)
  local items, all = {}, {}
  for i, part in ipairs(parts) do
    local inner, sign = unsigned(part)
    sign = sign * signs[i]
    if inner.tag == "sum" then
      for k = 1, #inner do
        items[#items + 1], all[#all + 1] = inner[k], sign * inner.signs[k]
      end
    else
      items[#items + 1], all[#all + 1] = inner, sign
    end
  end
  if #items == 1 then
    return signed(items[1], all[1])
  end
  for i = 1, #items do -- a sum begins without a sign if it can
    if all[i] > 0 then
      table.insert(items, 1, table.remove(items, i))
      table.insert(all, 1, table.remove(all, i))
      break
    end
  end
  return display.sum(items, all)
end

function build.sum(tree, parts)
  return M.sum(parts, tree.signs)
end

-- The number in front of a product, and the rest of it.
local function number_in_front(tree)
  if tree.tag == "product" and tree[1].tag == "number" then
    return tree[1], display.product { table.unpack(tree, 2) }
  end
  return nil, tree
end

--- A product of trees, the signs of which go to the front, and the number of one of them.
function M.product(parts)
  local items, sign, number = {}, 1, nil
  for i, part in ipairs(parts) do
    local inner, its = unsigned(part)
    local front, rest = number_in_front(inner)
    if i > 1 and front and not number and items[1].tag ~= "number" and not number_in_front(items[1]) then
      number, inner = front, rest
    end
    items[i], sign = inner, sign * its
  end
  if number then
    table.insert(items, 1, number)
  end
  return signed(display.product(items), sign)
end

function build.product(_, parts)
  return M.product(parts)
end

function build.hadamard(_, parts)
  return display.hadamard(parts)
end

function build.quotient(_, parts)
  local above, sign = unsigned(parts[1])
  return signed(display.quotient(above, parts[2]), sign)
end

function build.eldiv(_, parts)
  return display.eldiv(parts[1], parts[2])
end

function build.power(_, parts)
  return display.power(parts[1], parts[2])
end

function build.elpower(_, parts)
  return display.elpower(parts[1], parts[2])
end

function build.transpose(_, parts)
  local inner, sign = unsigned(parts[1])
  return signed(display.transpose(inner), sign)
end

function build.call(tree, parts)
  local call = display.call(tree.name, parts)
  call.fn, call.matrix, call.scalar = tree.fn, tree.matrix, tree.scalar
  call.id, call.turned, call.shape = tree.id, tree.turned, tree.shape
  return call
end

function build.entry(_, parts)
  return display.entry(table.unpack(parts))
end

function build.member(tree, parts)
  local member = display.member(tree.base, parts[1], parts[2])
  member.id = tree.id
  return member
end

function build.counted(tree, parts)
  return display.counted(tree.counter, table.unpack(parts))
end

function build.derivative(tree, parts)
  local derivative = display.derivative(parts[1], parts[2], tree.by, tree.at)
  derivative.id = tree.id
  return derivative
end

--- A tree of the same kind with other parts; a list, which it takes over.
function M.with(tree, parts)
  return build[tree.tag](tree, parts)
end

return M
