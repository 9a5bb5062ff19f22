--- The display tree: an expression as it will be on the page.
--
-- A display tree holds the order, the signs and the operators of one written form, and no brackets: a format adds
-- those from its own precedences. Each tree is a table with `tag`, `cost` and its subtrees at 1, 2, ...; `cost` is the
-- number of syntax nodes of the text (a number, name, sign, transpose, binary operator or call counts one each).
-- A name, a call and a derivative of the printer have the node that they were made of, `id`; `turned`, a call that is its
-- transpose.
-- Trees are immutable and shared: a tree may be in many places, so that a large expression stays small.
--
--     tag         subtrees and fields
--     number      text: the digits of a natural number, or a decimal
--     name        text; kind: "scalar", "vector" or "matrix", of a function that of its values; bold: it is no scalar
--     operator    text: the name of an operator, as an argument of another
--     dimension   text, as the store writes a dimension: "m*p", "n+1"
--     neg         1
--     sum         1..n, signs: n times 1 or -1 (signs[1] is -1 only if every sign is)
--     product     1..n, joined by *
--     quotient    1/2
--     hadamard    1..n, joined by .*
--     eldiv       1./2
--     power       1^2
--     elpower     1.^2
--     transpose   1
--     call        name(1, 2, ...); fn: the name as a tree if the function is unknown; matrix: 1 is a matrix
--     entry       1(2, ...): an entry of the matrix 1
--     member      base_12: a letter with one index or two
--     counted     sum(counter = 1..2, 3); counter: a name, whose text may be set later
--     derivative  D(1, 2): 1 a name or a derivative; by: the variable as a name, if known; at: 2 is not that variable
--
-- The operators * .* / ./ are left associative and of one level, and a tree says exactly how they group, except that
-- scalars move freely inside a product.
--
-- @module nabla.print.display

local M = {}

-- Costs of shared expressions grow exponentially; they stop here, far below the end of an integer.
local CAP = 1 << 40
M.CAP = CAP

local function capped(tree)
  if tree.cost > CAP then
    tree.cost = CAP
  end
  return tree
end

local function nary(tree)
  local cost = #tree - 1
  for i = 1, #tree do
    cost = cost + tree[i].cost
  end
  tree.cost = cost
  return capped(tree)
end

local function binary(tag, a, b)
  return capped { tag = tag, a, b, cost = a.cost + b.cost + 1 }
end

--- An empty array that will be a tree, with room for what most have: so it need not grow.
function M.room()
  return { nil, nil, nil, nil, tag = false, cost = 0 }
end
local room = M.room

-- A new array of the trees of a and then those of b from the first-th on.
local function joined(a, b, first)
  local items = room()
  for i = 1, #a do
    items[i] = a[i]
  end
  for i = first or 1, #b do
    items[#items + 1] = b[i]
  end
  return items
end

--- The numbers that are made once, by their digits.
M.small = {}
local small = M.small
for i = 0, 20 do
  small[tostring(i)] = { tag = "number", text = tostring(i), cost = 1 }
end

--- A natural number, given by its digits.
function M.number(text)
  return small[text] or { tag = "number", text = text, cost = 1 }
end

M.one = small["1"]

--- A name, of a kind: "scalar", "vector" or "matrix". `conj Z` is the letter that stands for the conjugate of Z while a derivative by
-- complex letters is found (nabla.calculus.conjugates).
function M.name(text, kind)
  kind = kind or "scalar"
  local letter = text:find("conj ", 1, true) == 1 and M.name(text:sub(6), kind) or nil
  if letter then
    local bold = kind ~= "scalar"
    return { tag = "name", text = text, kind = kind, bold = bold, cost = 2, conjugate = true, letter = letter }
  end
  return { tag = "name", text = text, kind = kind, bold = kind ~= "scalar", cost = 1 }
end

function M.operator(text)
  return { tag = "operator", text = text, cost = 1 }
end

--- A dimension, given by its text; every name, number and operator in it counts.
function M.dimension(text)
  local cost = 0
  for _ in text:gmatch "[%w_]+" do
    cost = cost + 1
  end
  for _ in text:gmatch "[-+*/^]" do
    cost = cost + 1
  end
  return { tag = "dimension", text = text, cost = cost }
end

--- The transpose; that of a transpose is what it was.
function M.transpose(a)
  if a.tag == "transpose" then
    return a[1]
  end
  return capped { tag = "transpose", a, cost = a.cost + (a.conjugate and 0 or 1) }
end

--- The entry of a matrix at one or two indices.
function M.entry(base, ...)
  local tree = { tag = "entry", base, ... }
  tree.cost = 1
  for i = 1, #tree do
    tree.cost = tree.cost + tree[i].cost
  end
  return capped(tree)
end

--- A member of a family: the name without its index, one index or two.
function M.member(base, i, j)
  return { tag = "member", i, j, base = base, cost = 1 }
end

--- Minus a tree that has no sign in front. A sum takes the sign into its terms: -a - b.
function M.neg(a)
  if a.tag ~= "sum" then
    return capped { tag = "neg", a, cost = a.cost + 1 }
  end
  local tree = { tag = "sum", signs = {}, cost = a.cost + 1 }
  for i = 1, #a do
    tree[i], tree.signs[i] = a[i], -a.signs[i]
    if tree.signs[i] > 0 then -- a mixed sum would change its meaning of "leading": keep the brackets
      return capped { tag = "neg", a, cost = a.cost + 1 }
    end
  end
  return capped(tree)
end

--- The sum of trees by signs. Takes both arrays over.
function M.sum(items, signs)
  items.tag, items.signs = "sum", signs
  nary(items)
  if signs[1] < 0 then
    items.cost = items.cost + 1
  end
  return items
end

--- The product of the trees in an array, which it takes over; products in it are spliced in, ones are not dropped.
function M.product(items)
  local n = #items
  if n == 1 then
    return items[1]
  end
  local nested = false
  for i = 1, n do
    nested = nested or items[i].tag == "product"
  end
  if nested then
    local flat = room()
    for i = 1, n do
      local item = items[i]
      if item.tag == "product" then
        for j = 1, #item do
          flat[#flat + 1] = item[j]
        end
      else
        flat[#flat + 1] = item
      end
    end
    items = flat
  end
  items.tag = "product"
  return nary(items)
end

--- The product of two trees; a product on the right keeps its brackets, A*(B*x).
function M.bracketed_product(a, b)
  local items = a.tag == "product" and joined(a, { b }) or { a, b }
  items.tag = "product"
  return nary(items)
end

--- The elementwise product of the trees in an array, which it takes over.
function M.hadamard(items)
  if #items == 1 then
    return items[1]
  end
  items.tag = "hadamard"
  return nary(items)
end

function M.quotient(a, b)
  return binary("quotient", a, b)
end

function M.eldiv(a, b)
  return binary("eldiv", a, b)
end

function M.power(a, b)
  return binary("power", a, b)
end

function M.elpower(a, b)
  return binary("elpower", a, b)
end

--- The call of a function on the trees in an array, which it takes over.
function M.call(name, args)
  args.tag, args.name = "call", name
  local cost = 1
  for i = 1, #args do
    cost = cost + args[i].cost
  end
  args.cost = cost
  return capped(args)
end

function M.derivative(f, point, by, at)
  return capped { tag = "derivative", f, point, by = by, at = at, cost = f.cost + point.cost + 1 }
end

--- A counted sum: sum(i = lo..hi, body); the counter is a name.
function M.counted(counter, lo, hi, body)
  return capped { tag = "counted", lo, hi, body, counter = counter, cost = lo.cost + hi.cost + body.cost + 3 }
end

--- A tree with scalar factors (an array of trees) in front: 2*(x.*y) becomes (2*x).*y, 2*(1/s) becomes 2/s.
function M.prefix(factors, tree)
  local tag = tree.tag
  if #factors == 0 then
    return tree
  elseif tag == "number" and tree.text == "1" then
    return M.product(joined(factors, {}))
  elseif tag == "quotient" or tag == "eldiv" then
    return binary(tag, M.prefix(factors, tree[1]), tree[2])
  elseif tag == "hadamard" then
    return M.hadamard(joined({ M.prefix(factors, tree[1]) }, tree, 2))
  end
  return M.product(joined(factors, { tree }))
end

--- A tree over scalar denominators (an array of trees): (x/a)/2 becomes x/(2*a).
function M.over(tree, denominators)
  if #denominators == 0 then
    return tree
  elseif tree.tag == "quotient" then
    return M.quotient(tree[1], M.product(joined(denominators, { tree[2] })))
  end
  return M.quotient(tree, M.product(joined(denominators, {})))
end

--- Does a tree hold a complex letter? Each tree is asked once, for parts are shared.
function M.holds_complex(tree)
  if tree.holds_complex == nil then
    tree.holds_complex = tree.complex == true
    for i = 1, #tree do
      tree.holds_complex = M.holds_complex(tree[i]) or tree.holds_complex
    end
  end
  return tree.holds_complex
end

return M
