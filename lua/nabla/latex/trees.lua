--- The trees of nabla.language.syntax, as readers of LaTeX make them.
--
-- @module nabla.latex.trees

local M = {}

function M.name(name, pos)
  return { tag = "name", name = name, pos = pos }
end

function M.number(text, pos)
  return { tag = "number", text = text, pos = pos }
end

function M.call(name, args, pos)
  return { tag = "call", name = name, args = args, pos = pos }
end

--- A call without its last arguments, which are sizes: E_{i,j}, whose sizes follow from where it is.
function M.unsized(name, args, pos)
  local tree = M.call(name, args, pos)
  tree.unsized = true
  return tree
end

-- `dot`: the product is written with a dot, which between two columns means their inner product.
function M.product(left, op, right, pos, dot)
  if op:find "^[%a_\128-\255]" then -- an operator: kron, cross
    return M.call(op, { left, right }, left.pos)
  elseif left.tag == "product" and not left.paren then
    left.args[#left.args + 1] = right
    left.ops[#left.ops + 1] = op
    left.oppos[#left.oppos + 1] = pos
    left.dots = left.dots or dot and {} or nil
    if dot then
      left.dots[#left.ops] = true
    end
    return left
  end
  local tree = { tag = "product", args = { left, right }, ops = { op }, oppos = { pos }, pos = left.pos }
  tree.dots = dot and { true } or nil
  return tree
end

function M.transpose(tree, pos)
  return { tag = "transpose", tree, pos = tree.pos, oppos = pos }
end

function M.power(base, exponent, elementwise, pos)
  return { tag = "power", base, exponent, elementwise = elementwise or false, pos = base.pos, oppos = pos }
end

-- What a page leaves open, for nabla.page to decide ------------------------------------------------------------------

--- A letter, perhaps with an exponent, before a bracket: a value of a function, or a factor. `head` is the letter, or a
-- power or a transpose of it.
function M.apply(head, args, pos)
  return { tag = "apply", head = head, args = args, pos = pos }
end

--- A letter with an index: a name of its own, an entry, or a member of a family. `args`: the indices as trees, if they are
-- expressions.
function M.sub(base, name, index, args, pos)
  return { tag = "sub", base = base, name = name, index = index, args = args, pos = pos }
end

--- What is between bars: an absolute value, the length of a column, a determinant.
function M.bars(inner, pos)
  return { tag = "bars", inner, pos = pos }
end

--- A norm; `index` is its index as a text, `weight` as a tree.
function M.norm(inner, index, weight, pos)
  return { tag = "norm", inner, index = index, weight = weight, pos = pos }
end

--- An inner product: A:B, or in angle brackets.
function M.pair(left, right, pos)
  return { tag = "pair", left, right, pos = pos }
end

return M
