--- The printer's choice: which of the equivalent ways of writing a node is the shortest.
--
-- A store keeps one node for many texts: (A*B)' is kept as B'*A', x - a as x + (-1)*a, a quotient as a power. Here each
-- node gets up to four display trees (nabla.print.display): for the node and for its transpose, each as it is (`pos`) and
-- negated (`neg`). None of the four begins with a minus sign; one that would need it is `false`, and of `pos` and `neg`
-- at least one is there. So a sum or product sees at once which signs its parts absorb for nothing: -(b - A*x) is
-- A*x - b. Whoever needs a value takes `pos`, or puts a sign before `neg`.
--
-- A transpose round a group of factors or terms is written only if it saves two nodes: (B*A*x)', but x'*A'.
--
-- Nodes are worked through in postorder with an explicit stack: depth costs no Lua stack. A store S has the methods
-- op, args, number, name, rows, cols, dimtext, kind and declared_argument.
--
-- @module nabla.print.forms

local display = require "nabla.print.display"

local M = {}

local number, one = display.number, display.one
local transpose, negate = display.transpose, display.neg
local product, call = display.product, display.call

-- More nodes than this are not text that anyone reads.
M.limit = 1000000

local function set(words)
  local s = {}
  for word in words:gmatch "%S+" do
    s[word] = true
  end
  return s
end

-- f(X)' = f(X'): what a rule file declares elementwise or says to commute with the transpose (opts.commutes).
local COMMUTES =
  set [[exp log sin cos tan sinh cosh tanh asin acos atan sec sqrt abs sign relu step sigmoid softplus
  kron inv pinv adj expm logm sinm cosm sqrtm]]
-- f(X)' = f(X) of any argument.
local SYMMETRIC = set "diag I"
-- f(-X) = f(X), and the store keeps one node for both (opts.even).
local EVEN = set "norm2 normF"
-- f(-X) = -f(X), and the store keeps one node for both (opts.odd): linear operators of one argument too.
local ODD = {}
-- f(X*Y) = f(Y*X), and the store keeps one node for both (opts.cyclic).
local CYCLIC = set "tr"

local NONE = {}

-- Signs and small questions ------------------------------------------------------------------------------------------

-- The sign, numerator and denominator (as digits) of a number node.
local function rational(c, id)
  local known = c.rational[id]
  if not known then
    local num, den = c.S:number(id)
    local sign = 1
    if num:sub(1, 1) == "-" then
      sign, num = -1, num:sub(2)
    end
    known = { sign = sign, num = num, den = den }
    c.rational[id] = known
  end
  return known
end

local function is_one(c, dim)
  local known = c.one[dim]
  if known == nil then
    known = c.S:dimtext(dim) == "1"
    c.one[dim] = known
  end
  return known
end

local function is_scalar(c, id)
  local known = c.scalar[id]
  if known == nil then
    local rows, cols = c.S:rows(id), c.S:cols(id)
    known = rows == nil or cols == nil or (is_one(c, rows) and is_one(c, cols))
    c.scalar[id] = known
  end
  return known
end

-- The forms of a node that is an operand: its value with a given sign, or transposed; a transpose round it is free to
-- save a single node, since the operand would need brackets anyway.
local function operand(c, id, sign, transposed)
  local plain, turned
  if sign > 0 then
    plain, turned = c.pos[id], c.tpos[id]
  else
    plain, turned = c.neg[id], c.tneg[id]
  end
  if transposed then
    plain, turned = turned, plain
  end
  if turned.cost + 1 < plain.cost then
    return transpose(turned)
  end
  return plain
end

local function value(c, id)
  return c.pos[id] or negate(c.neg[id])
end

local function value_transposed(c, id)
  return c.tpos[id] or negate(c.tneg[id])
end

-- The nicer of the two signs of a node, where the sign does not matter.
local function either_sign(c, id)
  return c.prefers[id] == -1 and c.neg[id] and -1 or (c.pos[id] and 1 or -1)
end

-- Keep the forms of a node. A transpose round the whole of it is written if it saves `saving` nodes.
local function keep(c, id, pos, neg, tpos, tneg, saving)
  local plain, turned = pos or neg, tpos or tneg
  if turned.cost + 1 + saving <= plain.cost then
    pos, neg = tpos and transpose(tpos), tneg and transpose(tneg)
  elseif plain.cost + 1 + saving <= turned.cost then
    tpos, tneg = pos and transpose(pos), neg and transpose(neg)
  end
  c.pos[id], c.neg[id], c.tpos[id], c.tneg[id] = pos, neg, tpos, tneg
end

local function keep_scalar(c, id, pos, neg)
  c.pos[id], c.neg[id], c.tpos[id], c.tneg[id] = pos, neg, pos, neg
end

-- An opaque node: its transpose is written with '.
local function keep_leaf(c, id, pos)
  c.pos[id], c.neg[id] = pos, false
  c.tpos[id], c.tneg[id] = is_scalar(c, id) and pos or transpose(pos), false
end

local UNWANTED = 2 -- what S' costs more than another transpose, for a symmetric S

-- A symbol. Of one that is declared symmetric no transpose is written where there is another form: without the prime it
-- would be another node when it is read.
local function keep_symbol(c, id, pos)
  keep_leaf(c, id, pos)
  if c.symmetric and c.op[id] == "symbol" and not is_scalar(c, id) and c.symmetric(id) then
    c.tpos[id].cost = c.tpos[id].cost + UNWANTED
  end
end

-- The signs to write factors first..#ids with, and the sign that is left over; `flip` is a factor that can change its
-- own sign for nothing (not one that stood in the input: -(x - a) stays), `asked` tells whether a factor prefers its sign.
local function choose_signs(c, ids, first, sign)
  local signs, flip, asked = {}, nil, false
  for i = first, #ids do
    local id = ids[i]
    local s = either_sign(c, id)
    if c.pos[id] and c.neg[id] then
      if c.prefers[id] then
        asked = true
      else
        flip = i
      end
    end
    signs[i] = s
    sign = sign * s
  end
  return signs, sign, flip, asked
end

local function flipped(signs, i)
  local copy = {}
  for k, s in pairs(signs) do
    copy[k] = s
  end
  copy[i] = -copy[i]
  return copy
end

-- Chains -------------------------------------------------------------------------------------------------------------

-- Group stretches of a chain under a transpose where each saves two nodes: plain[i] and turned[i] are factor i and its
-- transpose. Two states, inside and outside a group; nested groups never beat flat ones. Also returns how many.
local function group(plain, turned)
  local n, gain = #plain, 0
  for i = 1, n do
    local g = plain[i].cost - turned[i].cost
    if g > 0 then
      gain = gain + g
    end
  end
  if gain < 3 then
    return plain, 0
  end
  local out, inside = 0, math.huge
  local from_out, from_inside = {}, {} -- was factor i-1 inside a group, if factor i is outside or inside one
  for i = 1, n do
    from_out[i] = inside < out
    from_inside[i] = inside <= out + 2
    local best = from_out[i] and inside or out
    inside = (from_inside[i] and inside or out + 2) + turned[i].cost
    out = best + plain[i].cost
  end
  local grouped, groups, i, is_inside = {}, 0, n, inside < out
  while i >= 1 do
    if not is_inside then
      grouped[#grouped + 1] = plain[i]
      is_inside = from_out[i]
      i = i - 1
    else
      local members, continues = {}, true
      while continues do
        members[#members + 1] = turned[i]
        continues = from_inside[i]
        i = i - 1
      end
      is_inside = false
      groups = groups + 1
      grouped[#grouped + 1] = transpose(product(members))
    end
  end
  for k = 1, #grouped // 2 do
    grouped[k], grouped[#grouped + 1 - k] = grouped[#grouped + 1 - k], grouped[k]
  end
  return grouped, groups
end

-- The store spreads powers of short products: (A*B)^2*A is kept as A*B*A*B*A. The stretch of factors first..last that
-- repeats and is the longest in all: where it starts, its period, how often it stands; or nil.
local SPREAD = 24
local function repeated(ids, signs, first, last)
  local from, width, count
  local n = last - first + 1
  for p = 2, n <= SPREAD and n // 2 or 0 do
    local run = 0 -- how many factors up to i equal the one a period before
    for i = first + p, last do
      run = ids[i] == ids[i - p] and signs[i] == signs[i - p] and run + 1 or 0
      local times = run // p + 1
      if run >= p and run % p == 0 and (not count or times * p > count * width) then
        from, width, count = i - times * p + 1, p, times
      end
    end
  end
  return from, width, count
end

local chain

-- inv(A)*inv(B) as inv(B*A), and the transpose of it.
local function folded_inverses(c, ids, signs, first, last)
  local bases, base_signs = {}, {}
  for i = last, first, -1 do
    bases[#bases + 1], base_signs[#bases + 1] = c.inverse_of[ids[i]], signs[i]
  end
  local plain = call("inv", { product((chain(c, bases, base_signs, 1, #bases, false))) })
  local turned = call("inv", { product((chain(c, bases, base_signs, 1, #bases, true))) })
  if turned.cost < plain.cost then
    return transpose(turned), turned
  elseif plain.cost < turned.cost then
    return plain, transpose(plain)
  end
  return plain, turned
end

-- The factors first..last of a chain of matrices, or of its transpose, as the trees to write one after the other; and
-- the number of groups among them.
function chain(c, ids, signs, first, last, transposed)
  if first == last then
    return { operand(c, ids[first], signs[first], transposed) }, 0
  end
  local plain, turned, inverse_of = {}, {}, c.inverse_of
  local from, width, count = repeated(ids, signs, first, last)
  local i = first
  while i <= last do
    local id, n = ids[i], #plain + 1
    if i == from then
      local stop, power = from + width - 1, number(("%d"):format(count))
      plain[n] = display.power(product((chain(c, ids, signs, from, stop, false))), power)
      turned[n] = display.power(product((chain(c, ids, signs, from, stop, true))), power)
      i = from + width * count
    elseif inverse_of[id] and i < last and inverse_of[ids[i + 1]] then
      local stop = i + 1
      while stop < last and inverse_of[ids[stop + 1]] do
        stop = stop + 1
      end
      plain[n], turned[n] = folded_inverses(c, ids, signs, i, stop)
      i = stop + 1
    else
      plain[n], turned[n] = operand(c, id, signs[i], false), operand(c, id, signs[i], true)
      i = i + 1
    end
  end
  if transposed then
    local n = #plain
    for k = 1, n // 2 do
      plain[k], plain[n + 1 - k] = plain[n + 1 - k], plain[k]
      turned[k], turned[n + 1 - k] = turned[n + 1 - k], turned[k]
    end
    plain, turned = turned, plain
  end
  return group(plain, turned)
end

-- Operators ----------------------------------------------------------------------------------------------------------

local build = {}

-- num/den times a tree that has no number in front.
local function scaled(tree, num, den)
  if num ~= "1" then
    tree = display.prefix({ number(num) }, tree)
  end
  if den ~= "1" then
    tree = display.over(tree, { number(den) })
  end
  return tree
end

function build.number(c, id)
  local r = rational(c, id)
  local tree = scaled(one, r.num, r.den)
  if r.sign > 0 then
    keep_scalar(c, id, tree, false)
  else
    keep_scalar(c, id, false, tree)
  end
end

-- The name of a symbol; that of a function is bold if its values are vectors or matrices.
local function name_tree(c, id)
  local tree = c.names[id]
  if not tree then
    local kind = c.S:kind(id)
    local bold = kind == "vector" or kind == "matrix" or (kind == "function" and not is_scalar(c, id))
    tree = display.name(c.S:name(id), bold)
    c.names[id] = tree
    local counter = kind == "counter" and tree.text:match "^#(%d+)$"
    if counter then
      c.counters[tonumber(counter)] = tree
    else
      c.used[tree.text] = true
    end
  end
  return tree
end

function build.symbol(c, id)
  keep_symbol(c, id, name_tree(c, id))
end

build["function"] = build.symbol

-- The order in which a sum stood in the input, if it did: an array of term ids, their coefficients by id, the sign.
local function input_order(c, id, args)
  local entry = c.sums and c.sums[id]
  if not entry or 2 * #entry.terms ~= #args then
    return nil
  end
  local coefficient, terms = {}, {}
  for i = 1, #args, 2 do
    coefficient[args[i + 1]] = args[i]
  end
  for i, pair in ipairs(entry.terms) do
    if not coefficient[pair[2]] then
      return nil
    end
    terms[i] = pair[2]
  end
  return terms, coefficient, entry.sign
end

-- One of the four forms of a sum, or false if each of its terms would have a minus sign.
local function sum_form(c, terms, rationals, sign, transposed)
  local pos, neg = c.pos, c.neg
  if transposed then
    pos, neg = c.tpos, c.tneg
  end
  local lead
  for i = 1, #terms do
    if (sign * rationals[i].sign > 0 and pos or neg)[terms[i]] then
      lead = i
      break
    end
  end
  if not lead then
    return false
  end
  local items, signs = {}, {}
  local function add(i, s, tree)
    local r = rationals[i]
    items[#items + 1], signs[#signs + 1] = scaled(tree, r.num, r.den), s
  end
  add(lead, 1, (sign * rationals[lead].sign > 0 and pos or neg)[terms[lead]])
  for i = 1, #terms do
    if i ~= lead then
      local t, s = terms[i], sign * rationals[i].sign
      if neg[t] and (c.prefers[t] == -1 or not pos[t]) then
        add(i, -s, neg[t])
      else
        add(i, s, pos[t])
      end
    end
  end
  if #items == 1 then
    return items[1]
  end
  return display.sum(items, signs)
end

local function gcd(a, b)
  while b ~= 0 do
    a, b = b, a % b
  end
  return a
end

-- The largest number that divides every coefficient of a sum, and the quotients; nil if it is 1. A store spreads a number
-- over a sum, (A + A')/2 is kept as A/2 + A'/2. Numbers past a machine's are left alone.
local function content(rationals)
  local top, bottom = 0, 1
  for i = 1, #rationals do
    local num, den = math.tointeger(tonumber(rationals[i].num)), math.tointeger(tonumber(rationals[i].den))
    if not (num and den and num < 1 << 31 and den < 1 << 31) then
      return nil
    end
    top, bottom = gcd(num, top), bottom // gcd(bottom, den) * den
    if bottom >= 1 << 31 then
      return nil
    end
  end
  if top == 1 and bottom == 1 then
    return nil
  end
  local quotients = {}
  for i, r in ipairs(rationals) do
    quotients[i] = { sign = r.sign, num = ("%d"):format(r.num // top * (bottom // r.den)), den = "1" }
  end
  return { num = ("%d"):format(top), den = ("%d"):format(bottom) }, quotients
end

function build.sum(c, id, args)
  local terms, coefficient, sign = input_order(c, id, args)
  local rationals = {}
  if terms then
    c.prefers[id] = sign
    for i = 1, #terms do
      rationals[i] = rational(c, coefficient[terms[i]])
    end
  else
    terms = {}
    for i = 1, #args, 2 do
      terms[#terms + 1] = args[i + 1]
      rationals[#terms] = rational(c, args[i])
    end
  end
  local factor, quotients = content(rationals)
  local function form(s, transposed)
    local tree = sum_form(c, terms, rationals, s, transposed)
    if tree and factor then
      local inner = sum_form(c, terms, quotients, s, transposed)
      local turned = sum_form(c, terms, quotients, s, not transposed)
      if turned.cost + 1 < inner.cost then
        inner = transpose(turned)
      end
      local factored = scaled(inner, factor.num, factor.den)
      return factored.cost < tree.cost and factored or tree
    end
    return tree
  end
  local pos, neg = form(1, false), form(-1, false)
  if is_scalar(c, id) then
    keep_scalar(c, id, pos, neg)
  else
    local saving = 2
    for i = 1, #terms do
      local tree = c.pos[terms[i]] or c.neg[terms[i]]
      if tree.tag == "transpose" and tree[1].tag == "product" then
        saving = 1 -- (A*X*B + B*X*A)', since brackets stand anyway; but x' - y'
      end
    end
    keep(c, id, pos, neg, form(1, true), form(-1, true), saving)
  end
end

local function starts_with_symbol(tree)
  return tree.tag == "name" or (tree.tag == "power" and tree[1].tag == "name")
end

-- A product without its sign: the scalars args[2..scalars], the chain after them. Also the number of its groups.
local function product_form(c, args, scalars, r, signs, transposed)
  local front, late, below = {}, {}, {}
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
    else
      local tree = (signs[i] > 0 and c.pos or c.neg)[id]
      local list = starts_with_symbol(tree) and front or late
      list[#list + 1] = tree
    end
  end
  for i = 1, #late do
    front[#front + 1] = late[i]
  end
  local tree, groups = one, 0
  if scalars < #args then
    local factors
    factors, groups = chain(c, args, signs, scalars + 1, #args, transposed)
    tree = product(factors)
  end
  return display.over(display.prefix(front, tree), below), groups
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

function build.product(c, id, args)
  local r, scalars = rational(c, args[1]), 1
  while scalars < #args and is_scalar(c, args[scalars + 1]) do
    scalars = scalars + 1
  end
  local signs, sign, flip, asked = choose_signs(c, args, 2, r.sign)
  local scalar, turn = is_scalar(c, id), false
  local tree, groups = product_form(c, args, scalars, r, signs, false)
  local turned, turned_groups
  if scalars < #args and not (scalar and has_unknown(c, args, scalars + 1)) then
    turned, turned_groups = product_form(c, args, scalars, r, signs, true)
    local gain = tree.cost + groups - turned.cost - turned_groups -- a group must save two nodes here as well
    if scalar and (gain > 0 or gain == 0 and c.turned[id]) then
      tree, turn = turned, true
    end
  end
  turned = turned or tree
  local other, other_turned = false, false
  if flip then
    signs = flipped(signs, flip)
    other = product_form(c, args, scalars, r, signs, turn)
    other_turned = scalar and other or product_form(c, args, scalars, r, signs, true)
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

-- "odd" or "even" if a number is an integer.
local function parity(c, id)
  if c.op[id] ~= "number" then
    return nil
  end
  local r = rational(c, id)
  if r.den ~= "1" then
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
    if c.op[exponent] ~= "number" then -- a^(-k) is shorter than 1/a^k where nothing stands above it
      return keep_scalar(c, id, display.power(value(c, base), value(c, exponent)), false)
    end
    return keep_scalar(c, id, pos and display.quotient(one, pos), neg and display.quotient(one, neg))
  end
  if below and size == one then
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

-- A matrix of ones, zeros or I by its shape; a row is the transpose of a column.
local function constant(c, id, name)
  local dims = c.dims
  local rows, cols = c.S:rows(id), c.S:cols(id)
  for _, dim in ipairs { rows, cols } do
    dims[dim] = dims[dim] or display.dimension(c.S:dimtext(dim))
  end
  if name == "I" or is_one(c, cols) then
    return call(name, { dims[rows] })
  elseif is_one(c, rows) then
    return transpose(call(name, { dims[cols] }))
  end
  return call(name, { dims[rows], dims[cols] }), call(name, { dims[cols], dims[rows] })
end

function build.ones(c, id)
  local plain, turned = constant(c, id, "ones")
  keep(c, id, plain, false, turned or transpose(plain), false, 2)
end

function build.zeros(c, id)
  local plain, turned = constant(c, id, "zeros")
  keep(c, id, plain, false, turned or transpose(plain), false, 2)
end

function build.I(c, id)
  local tree = constant(c, id, "I")
  keep(c, id, tree, false, tree, false, 2)
end

-- What stands above an elementwise quotient without numerator: 1, which broadcasts.
local function numerator(c, id, transposed)
  if c.broadcast then
    return one
  end
  local plain, turned = constant(c, id, "ones")
  return transposed and (turned or transpose(plain)) or plain
end

function build.elpower(c, id, args)
  local base, exponent = args[1], args[2]
  local below = c.neg[exponent] and not c.pos[exponent]
  local size = below and c.neg[exponent] or value(c, exponent)
  local function write(tree)
    if is_half(size) then
      return call("sqrt", { tree })
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
      elseif tree.tag == "elpower" then -- x.^-2 is shorter than 1./x.^2
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

function build.transpose(c, id, args)
  local a = args[1]
  c.leaf[id] = c.op[a]
  keep(c, id, c.tpos[a], c.tneg[a], c.pos[a], c.neg[a], 2)
end

-- Where to begin the chain ids[first..], of which a trace is taken, so that it begins with X' and ends with X: tr(X'*A*X), not
-- tr(A*X*X'). nil: where it begins as it is.
local function trace_start(c, ids, first)
  local S, start = c.S, nil
  for i = first, #ids do
    local after = i < #ids and i + 1 or first
    if S:op(ids[after]) == "transpose" and S:args(ids[after])[1] == ids[i] then
      if after == first then
        return nil
      end
      start = start or after
    end
  end
  return start
end

-- The form of a trace, a function that may rotate its argument, from where it reads best; its sign; nil where that is as it is.
local function rotated_form(c, a)
  local args, first = c.S:args(a), 2
  while first <= #args and is_scalar(c, args[first]) do
    first = first + 1
  end
  local start = trace_start(c, args, first)
  if not start then
    return nil
  end
  local ids = table.move(args, 1, first - 1, 1, {})
  table.move(args, start, #args, #ids + 1, ids)
  table.move(args, first, start - 1, #ids + 1, ids)
  local r = rational(c, ids[1])
  local signs, sign = choose_signs(c, ids, 2, r.sign)
  return product_form(c, ids, first - 1, r, signs, false), sign
end

-- A known function.
-- The negative of a linear operator of several arguments, and of its transpose, written with the one argument that prefers its
-- other sign; false if there is none, or more than one.
local function preferred(c, args, op)
  local at
  for i, arg in ipairs(args) do
    if c.prefers[arg] == -1 and c.neg[arg] and c.tneg[arg] then
      if at then
        return false, false
      end
      at = i
    end
  end
  if not at then
    return false, false
  end
  local plain, turned = {}, {}
  for i, arg in ipairs(args) do
    plain[i] = i == at and c.neg[arg] or value(c, arg)
    turned[i] = i == at and c.tneg[arg] or value_transposed(c, arg)
  end
  return call(op, plain), call(op, turned)
end

local function build_call(c, id, args, op)
  local a = #args == 1 and args[1]
  local of_matrix = a and not (is_one(c, c.S:rows(a)) or is_one(c, c.S:cols(a)))
  local function applied(tree)
    tree = tree and call(op, { tree })
    if tree then
      tree.matrix = of_matrix
    end
    return tree
  end
  if a and c.even[op] then
    local sign = either_sign(c, a)
    if not c.commutes[op] or is_scalar(c, id) then
      return keep_leaf(c, id, applied(sign > 0 and c.pos[a] or c.neg[a]))
    end
    local plain, turned = operand(c, a, sign, false), operand(c, a, sign, true)
    return keep(c, id, applied(plain), false, applied(turned), false, 0)
  elseif a and c.odd[op] then
    local pos, neg = applied(c.pos[a]), applied(c.neg[a])
    if c.cyclic[op] and c.op[a] == "product" then
      local tree, sign = rotated_form(c, a)
      if tree and tree.cost <= (c.pos[a] or c.neg[a]).cost then
        pos, neg = sign > 0 and applied(tree), sign < 0 and applied(tree)
      end
    end
    c.prefers[id] = c.prefers[a]
    if is_scalar(c, id) then
      return keep_scalar(c, id, pos, neg)
    elseif c.commutes[op] then
      return keep(c, id, pos, neg, applied(c.tpos[a]), applied(c.tneg[a]), 0)
    elseif SYMMETRIC[op] then
      return keep(c, id, pos, neg, pos, neg, 2)
    end
    return keep(c, id, pos, neg, pos and transpose(pos), neg and transpose(neg), 2)
  end
  local trees = {}
  for i = 1, #args do
    trees[i] = value(c, args[i])
  end
  local tree = call(op, trees)
  if a then
    tree.matrix = of_matrix
  end
  local negative, turned_negative = false, false -- of a linear operator, where an argument prefers its other sign
  if c.odd[op] and not is_scalar(c, id) then
    negative, turned_negative = preferred(c, args, op)
    c.prefers[id] = negative and -1 or nil
  end
  if is_scalar(c, id) then
    keep_scalar(c, id, tree, false)
  elseif SYMMETRIC[op] then
    keep(c, id, tree, false, tree, false, 2)
  elseif c.commutes[op] then
    local turned, matrices = {}, 0
    for i = 1, #args do
      turned[i] = value_transposed(c, args[i])
      matrices = matrices + (is_scalar(c, args[i]) and 0 or 1)
    end
    turned = call(op, turned)
    turned.matrix = tree.matrix
    keep(c, id, tree, negative, turned, turned_negative, matrices - 1) -- exp(x)', not exp(x'); but kron(I(n), X')
  else
    keep_leaf(c, id, tree)
  end
end

-- An entry of a matrix; a vector has one index.
function build.entry(c, id, args)
  local a, i, j = args[1], value(c, args[2]), value(c, args[3])
  local function write(base)
    if not base then
      return false
    elseif is_one(c, c.S:cols(a)) then
      return display.entry(base, i)
    elseif is_one(c, c.S:rows(a)) then
      return display.entry(base, j)
    end
    return display.entry(base, i, j)
  end
  c.prefers[id] = c.prefers[a]
  keep_scalar(c, id, write(c.pos[a]), write(c.neg[a]))
end

function build.range(c, id, args)
  local own, body = c.S:name(id), args[3]
  local counter = c.counters[tonumber(own:match "^#(%d+)$")] or display.name(own)
  local first, last = value(c, args[1]), value(c, args[2])
  local function form(tree)
    return tree and display.counted(counter, first, last, tree)
  end
  local pos, neg = form(c.pos[body]), form(c.neg[body])
  if is_scalar(c, id) then
    return keep_scalar(c, id, pos, neg)
  end
  keep(c, id, pos, neg, form(c.tpos[body]), form(c.tneg[body]), 0) -- sum(i = .., A*B^i)', not (A*B^i)'
end

local LETTERS = { "i", "j", "l", "r", "s", "p", "q", "u", "v", "w" }

-- The store numbers counters from the inside; they get letters from the outside that stand for nothing else.
local function name_counters(c)
  local numbers, used = {}, c.used
  for n in pairs(c.counters) do
    numbers[#numbers + 1] = n
  end
  table.sort(numbers, function(a, b)
    return a > b
  end)
  for _, tree in pairs(c.dims) do
    for name in tree.text:gmatch "[%a_][%w_]*" do
      used[name] = true
    end
  end
  local tried = 0
  for _, n in ipairs(numbers) do
    local letter
    repeat
      tried = tried + 1
      letter = LETTERS[tried] or "i" .. tried - #LETTERS
    until not used[letter]
    c.counters[n].text = letter
  end
end

build["operator name"] = function(c, id)
  keep_leaf(c, id, display.operator(c.S:name(id)))
end

function build.d(c, id, args)
  keep_leaf(c, id, call("d", { value(c, args[1]) }))
end

function build.hole(c, id)
  c.used[c.S:name(id)] = true
  keep_leaf(c, id, call("d", { display.name(c.S:name(id), not is_scalar(c, id)) }))
end

function build.call(c, id, args)
  local name = c.S:name(args[1])
  local tree = call(name, { value(c, args[2]) })
  tree.fn = display.name(name, not is_scalar(c, id))
  keep_leaf(c, id, tree)
end

-- The name of a variable, or of the function whose value at its own variable the node is; else nil.
local function variable_name(c, id)
  local op = c.S:op(id)
  if op == "symbol" then
    return name_tree(c, id)
  elseif op == "call" then
    local args = c.S:args(id)
    if c.S:declared_argument(args[1]) == args[2] then
      return name_tree(c, args[1])
    end
  end
  return nil
end

function build.D(c, id, args)
  local f, point = args[1], args[2]
  local root = c.root[f] or f
  c.root[id] = root
  local variable = c.S:declared_argument(root)
  local by = variable and variable_name(c, variable)
  local at = variable ~= nil and variable ~= point
  keep_leaf(c, id, display.derivative(value(c, f), variable_name(c, point) or value(c, point), by, at))
end

-- The walk -----------------------------------------------------------------------------------------------------------

local LEAF = set "number symbol function I ones zeros hole"
LEAF["operator name"] = true

local function context(S, opts)
  local c = opts.memo
  if not c or not c.pos then
    c = c or {}
    c.S = S
    c.sums, c.turned, c.symmetric = opts.sums, opts.turned or NONE, opts.symmetric
    c.even, c.odd = opts.even or EVEN, opts.odd or ODD
    c.commutes, c.cyclic = opts.commutes or COMMUTES, opts.cyclic or CYCLIC
    c.broadcast = opts.broadcast ~= false
    for _, field in ipairs {
      "pos",
      "neg",
      "tpos",
      "tneg", -- the four forms; neg and tneg are those of minus the node
      "under",
      "under_neg",
      "tunder",
      "tunder_neg", -- of a power with negative exponent: what stands in a denominator
      "prefers", -- the sign that the input's signs ask for, 1 or -1, if any
      "inverse_of",
      "root",
      "leaf",
      "op",
      "args",
      "rational",
      "one",
      "scalar",
      "names",
      "used", -- the names that symbols, functions and holes have
      "counters", -- the names of counters, by number
      "dims",
    } do
      c[field] = {}
    end
  end
  return c
end

-- Work out the forms of a node and of all below it.
local function run(c, root)
  local S, ops, argsof, pos = c.S, c.op, c.args, c.pos
  local stack, n = { root }, 1
  while n > 0 do
    local id = stack[n]
    if pos[id] ~= nil then
      n = n - 1
    elseif not argsof[id] then
      local op = S:op(id)
      ops[id] = op
      local args = LEAF[op] and NONE or S:args(id)
      argsof[id] = args
      local first, step = 1, 1
      if op == "product" then
        first = 2
      elseif op == "sum" and #args > 1 then
        first, step = 2, 2
      elseif op == "sum" then -- the function sum(x)
        ops[id] = "sum()"
      end
      for i = #args, first, -step do
        if pos[args[i]] == nil then
          n = n + 1
          stack[n] = args[i]
        end
      end
    else
      local op, args = ops[id], argsof[id]
      argsof[id] = nil
      local builder = args ~= NONE and #args > 0 and build[op] or LEAF[op] and build[op]
      if builder then
        builder(c, id, args)
      else
        build_call(c, id, args, op == "sum()" and "sum" or op)
      end
      n = n - 1
    end
  end
end

--- The display tree of a node: the shortest of its equivalent forms.
--
-- Options: `sums`, a table from the id of a sum to `{ sign =, terms = { {c, t}, ... } }`, the order in which this sum
-- (sign 1) or its negative (-1) stood in the input; `turned`, the set of scalar chains whose transpose
-- stood there; `symmetric(id)`, is this symbol its own transpose?; `even`, `odd`, `commutes`, `cyclic`, sets of operator names
-- with f(-X) = f(X), f(-X) = -f(X), f(X') = f(X)', f(X*Y) = f(Y*X), each only if the store keeps one node for both sides;
-- `broadcast = false` to write ones(m,n)./X for 1./X; `limit`, the largest cost; `memo`, a table to share work between calls
-- with the same store and options (drop it when the store has collected garbage).
-- @param S the store
-- @param id a node
-- @param[opt] opts options
-- @return a display tree, or nil and a message if it would be too large
function M.tree(S, id, opts)
  opts = opts or NONE
  local c = context(S, opts)
  run(c, id)
  if next(c.counters) then
    name_counters(c)
  end
  local tree = value(c, id)
  if tree.cost > (opts.limit or M.limit) then
    local more = tree.cost >= display.CAP and "more than " or ""
    return nil, ("too large to print: %s%d nodes"):format(more, tree.cost)
  end
  return tree
end

--- The number of syntax nodes of a node's text: of a name, number, sign, transpose, binary operator or call one each.
-- It is known for expressions too large to print, up to 2^40.
-- @param S the store
-- @param id a node
-- @param[opt] opts as for @{tree}
-- @return an integer
function M.cost(S, id, opts)
  local c = context(S, opts or NONE)
  run(c, id)
  return value(c, id).cost
end

return M
