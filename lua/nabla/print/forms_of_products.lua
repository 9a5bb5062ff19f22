--- The forms of products, powers and quotients, of matrices and entry by entry.
--
-- @module nabla.print.forms_of_products

local chains = require "nabla.print.chains"
local constants = require "nabla.print.forms_of_leaves"
local display = require "nabla.print.display"
local ways = require "nabla.print.signs_and_transposes"

local number, one, transpose, negate, product, call =
  display.number, display.one, display.transpose, display.neg, display.product, display.call
local rational, is_scalar, operand, value, either_sign =
  ways.rational, ways.is_scalar, ways.operand, ways.value, ways.either_sign
local keep, keep_scalar, choose_signs, flipped = ways.keep, ways.keep_scalar, ways.choose_signs, ways.flipped

local M = {}

local build = {}
M.build = build

local function starts_with_symbol(tree)
  return tree.tag == "name" or (tree.tag == "power" and tree[1].tag == "name")
end

-- The scalars args[2..scalars] of a product, those above and those below the line; a number goes first.
local function scalar_factors(c, args, scalars, r, signs)
  local front, late, below = {}, {}, {}
  local halved = {} -- twice a real part, with an even number below it
  for i = 2, c.conjugate and scalars or 1 do
    local tree = (signs[i] > 0 and c.pos or c.neg)[args[i]]
    local den = tree and tree.half and math.tointeger(tonumber(r.den))
    if den and den % 2 == 0 then
      halved[i], r = true, { num = r.num, den = ("%d"):format(den // 2) }
    end
  end
  if r.num ~= "1" then
    front[1] = number(r.num)
  end
  if r.den ~= "1" then
    below[1] = number(r.den)
  end
  for i = 2, scalars do
    local id = args[i]
    local under = (signs[i] > 0 and c.under or c.under_neg)[id]
    if under then
      below[#below + 1] = under
    elseif c.conjugate and c.units[c.op[id]] then -- the imaginary unit is a part of the number in front
      table.insert(front, r.num ~= "1" and 2 or 1, (signs[i] > 0 and c.pos or c.neg)[id])
    else
      local tree = (signs[i] > 0 and c.pos or c.neg)[id]
      tree = halved[i] and tree.half or tree
      local list = starts_with_symbol(tree) and front or late
      list[#list + 1] = tree
    end
  end
  for i = 1, #late do
    front[#front + 1] = late[i]
  end
  return front, below
end

-- A product without its sign: the scalars args[2..scalars], the chain after them. Also the number of its groups.
function M.product(c, args, scalars, r, signs, transposed)
  local front, below = scalar_factors(c, args, scalars, r, signs)
  local tree, groups = one, 0
  if scalars < #args then
    local factors
    factors, groups = chains.chain(c, args, signs, scalars + 1, #args, transposed)
    tree = product(factors)
  end
  return display.over(display.prefix(front, tree), below), groups
end

-- The same of a product with a chain, and of its transpose.
local function both_products(c, args, scalars, r, signs)
  local front, below = scalar_factors(c, args, scalars, r, signs)
  local factors, groups, turned, turned_groups = chains.both(c, args, signs, scalars + 1, #args)
  local tree = display.over(display.prefix(front, product(factors)), below)
  return tree, groups, display.over(display.prefix(front, product(turned)), below), turned_groups
end

-- Does a chain hold an unknown function? Then it is written as the rules of the layout left it.
local function has_unknown(c, args, first)
  for i = first, #args do
    local op = c.op[args[i]]
    if op == "transpose" then
      op = c.leaf[args[i]]
    end
    if op == "call" or op == "D" or op == "hole" or op == "d" then
      return true
    end
  end
  return false
end

--- Make the forms of a product, with the number r (as rational gives it) in front.
function M.write(c, id, args, r)
  local scalars = 1
  while scalars < #args and is_scalar(c, args[scalars + 1]) do
    scalars = scalars + 1
  end
  local signs, sign, flip, asked = choose_signs(c, args, 2, r.sign)
  local scalar, turn = is_scalar(c, id), false
  local tree, groups, turned, turned_groups
  if scalars == #args or scalar and has_unknown(c, args, scalars + 1) then
    tree = M.product(c, args, scalars, r, signs, false)
  else
    tree, groups, turned, turned_groups = both_products(c, args, scalars, r, signs)
    local gain = tree.cost + groups - turned.cost - turned_groups -- a group must save two nodes here as well
    if scalar and (gain > 0 or gain == 0 and c.turned[id]) then
      tree, turn = turned, true
    end
  end
  turned = turned or tree
  local other, other_turned = false, false
  if flip and not (id == c.whole and sign > 0) then -- nobody asks for minus the whole
    signs = flipped(signs, flip)
    other = M.product(c, args, scalars, r, signs, turn)
    other_turned = scalar and other or M.product(c, args, scalars, r, signs, true)
  end
  if asked then
    c.prefers[id] = sign
  end
  if sign < 0 then
    tree, other, turned, other_turned = other, tree, other_turned, turned
  end
  if scalar then
    keep_scalar(c, id, tree, other)
  else
    keep(c, id, tree, other, turned, other_turned, 2)
  end
end

function build.product(c, id, args)
  M.write(c, id, args, rational(c, args[1]))
end

-- "odd" or "even" if a number is an integer.
local function parity(c, id)
  if c.op[id] ~= "number" then
    return nil
  end
  local r = rational(c, id)
  if r.den ~= "1" or r.num:find(".", 1, true) then
    return nil
  end
  return r.num:byte(-1) % 2 == 1 and "odd" or "even"
end

local function is_half(tree)
  return tree.tag == "quotient" and tree[1] == one and tree[2].text == "2"
end

-- The forms of a power of a base by a sign: `write(base tree)` gives the tree. An odd power passes the sign on, an even
-- one takes the nicer sign, any other needs the value. The third result is the sign that the base prefers.
local function power_forms(c, base, exponent, transposed, write)
  local kind = parity(c, exponent)
  if kind == "odd" then
    local pos, neg = c.pos[base], c.neg[base]
    pos = pos and write(operand(c, base, 1, transposed))
    neg = neg and write(operand(c, base, -1, transposed))
    return pos, neg, c.prefers[base]
  elseif kind == "even" then
    return write(operand(c, base, either_sign(c, base), transposed)), false
  elseif c.pos[base] then
    return write(operand(c, base, 1, transposed)), false
  end
  return write(negate(operand(c, base, -1, transposed))), false
end

function build.power(c, id, args)
  local base, exponent = args[1], args[2]
  local below = c.neg[exponent] and not c.pos[exponent]
  local size = below and c.neg[exponent] or value(c, exponent)
  if is_scalar(c, base) then
    local pos, neg, prefers = power_forms(c, base, exponent, false, function(tree)
      if is_half(size) then
        return call("sqrt", { tree })
      end
      return size == one and tree or display.power(tree, size)
    end)
    c.prefers[id] = prefers
    if not below then
      return keep_scalar(c, id, pos, neg)
    end
    c.under[id], c.under_neg[id] = pos, neg
    if c.op[exponent] ~= "number" then -- a^(-k) is shorter than 1/a^k where nothing is above it
      return keep_scalar(c, id, display.power(value(c, base), value(c, exponent)), false)
    end
    return keep_scalar(c, id, pos and display.quotient(one, pos), neg and display.quotient(one, neg))
  end
  local unitary = below and size == one and c.unitary and c.unitary(base)
  if unitary then -- U^H, and conj(U) of a transpose
    local conjugate = call(next(c.conjugates), { value(c, unitary) })
    conjugate.conjugate, conjugate.matrix = true, true
    local adjoint = transpose(conjugate)
    if unitary == base then
      return keep(c, id, adjoint, false, conjugate, false, 2)
    end
    return keep(c, id, conjugate, false, adjoint, false, 2)
  elseif below and size == one then
    c.inverse_of[id] = base
    local function inverse(plain, turned)
      if not plain then
        return false
      elseif turned.cost < plain.cost then
        return transpose(call("inv", { turned }))
      end
      return call("inv", { plain })
    end
    c.prefers[id] = c.prefers[base]
    local pos, neg, tpos, tneg = c.pos[base], c.neg[base], c.tpos[base], c.tneg[base]
    return keep(c, id, inverse(pos, tpos), inverse(neg, tneg), inverse(tpos, pos), inverse(tneg, neg), 2)
  end
  size = value(c, exponent)
  local function write(tree)
    return display.power(tree, size)
  end
  local pos, neg, prefers = power_forms(c, base, exponent, false, write)
  local tpos, tneg = power_forms(c, base, exponent, true, write)
  c.prefers[id] = prefers
  keep(c, id, pos, neg, tpos, tneg, 2)
end

-- What is above an elementwise quotient without numerator: 1, which broadcasts.
local function numerator(c, id, transposed)
  if c.broadcast then
    return one
  end
  local plain, turned = constants.matrix(c, id, "ones")
  return transposed and (turned or transpose(plain)) or plain
end

function build.elpower(c, id, args)
  local base, exponent = args[1], args[2]
  local below = c.neg[exponent] and not c.pos[exponent]
  local size = below and c.neg[exponent] or value(c, exponent)
  local function write(tree)
    if is_half(size) then
      local root = call("sqrt", { tree })
      root.matrix = c.S:rows(id) == c.S:cols(id) -- a page's root of a square matrix is that of the matrix
      return root
    end
    return size == one and tree or display.elpower(tree, size)
  end
  local pos, neg, prefers = power_forms(c, base, exponent, false, write)
  local tpos, tneg = power_forms(c, base, exponent, true, write)
  c.prefers[id] = prefers
  if below then
    c.under[id], c.under_neg[id], c.tunder[id], c.tunder_neg[id] = pos, neg, tpos, tneg
    local above, tabove = numerator(c, id, false), numerator(c, id, true)
    local function alone(tree, over)
      if not tree then
        return false
      elseif tree.tag == "elpower" and size ~= one then -- x.^-2 is shorter than 1./x.^2
        return display.elpower(tree[1], value(c, exponent))
      end
      return display.eldiv(over, tree)
    end
    pos, neg, tpos, tneg = alone(pos, above), alone(neg, above), alone(tpos, tabove), alone(tneg, tabove)
  end
  keep(c, id, pos, neg, tpos, tneg, 2)
end

local function hadamard_form(c, id, args, signs, transposed)
  local above, below = {}, {}
  local under, under_neg = c.under, c.under_neg
  if transposed then
    under, under_neg = c.tunder, c.tunder_neg
  end
  for i = 1, #args do
    local a = args[i]
    local tree = (signs[i] > 0 and under or under_neg)[a]
    if tree then
      below[#below + 1] = tree
    else
      above[#above + 1] = operand(c, a, signs[i], transposed)
    end
  end
  local tree = #above > 0 and display.hadamard(above) or numerator(c, id, transposed)
  if #below > 0 then
    tree = display.eldiv(tree, display.hadamard(below))
  end
  return tree
end

function build.hadamard(c, id, args)
  local signs, sign, flip, asked = choose_signs(c, args, 1, 1)
  local pos, tpos = hadamard_form(c, id, args, signs, false), hadamard_form(c, id, args, signs, true)
  local neg, tneg = false, false
  if flip then
    signs = flipped(signs, flip)
    neg, tneg = hadamard_form(c, id, args, signs, false), hadamard_form(c, id, args, signs, true)
  end
  if asked then
    c.prefers[id] = sign
  end
  if sign < 0 then
    pos, neg, tpos, tneg = neg, pos, tneg, tpos
  end
  keep(c, id, pos, neg, tpos, tneg, 1)
end

return M
