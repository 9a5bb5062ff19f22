--- The forms of a sum: in the order of the input, without a leading minus, with a common number in front.
--
-- @module nabla.print.forms_of_sums

local display = require "nabla.print.display"
local ways = require "nabla.print.signs_and_transposes"

local transpose = display.transpose
local rational, is_scalar, keep, keep_scalar, scaled =
  ways.rational, ways.is_scalar, ways.keep, ways.keep_scalar, ways.scaled

local M = {}
local build = {}
M.build = build

-- The order in which a sum was written in the input, if it was: an array of term ids, their coefficients by id, the sign.
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

-- Terms of which one is the conjugate of the other, with one coefficient, are twice a real part: fewer terms, their coefficients, and
-- which of them are real parts. The letters and functions are complex where `c.conjugate` is known, the conjugate of a node.
local function real_parts(c, terms, rationals)
  local place, reals = {}, nil
  for i, t in ipairs(terms) do
    place[t] = i
  end
  local left, numbers = {}, {}
  for i, t in ipairs(terms) do
    if place[t] then
      local other, sign = c.conjugate(t), rationals[i].sign
      if other and not place[other] then -- the conjugate of 1i*z is -1i*conj(z)
        other, sign = c.S:neg(other), -sign
      end
      local j = other and other ~= t and place[other]
      local r, same = rationals[i], j and rationals[j]
      local num, den = math.tointeger(tonumber(r.num)), math.tointeger(tonumber(r.den))
      if same and same.sign == sign and same.num == r.num and same.den == r.den and num and den and num < 1 << 31 then
        place[other], reals = nil, reals or {}
        reals[#left + 1] = true
        num, den = den % 2 == 0 and num or 2 * num, den % 2 == 0 and den // 2 or den
        r = { sign = r.sign, num = ("%d"):format(num), den = ("%d"):format(den) }
        local shorter = sign == r.sign and (c.pos[other] or c.neg[other]).cost < (c.pos[t] or c.neg[t]).cost
        t = shorter and other or t
      end
      left[#left + 1], numbers[#numbers + 1] = t, r
    end
  end
  return left, numbers, reals
end

-- One of the four forms of a sum, or false if each of its terms would have a minus sign.
local function sum_form(c, terms, rationals, sign, transposed, reals)
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
  local items, signs, n = { nil, nil, nil, nil, tag = false, cost = 0, signs = false }, { nil, nil, nil, nil }, 1
  local r, prefers = rationals[lead], c.prefers
  local first = (sign * r.sign > 0 and pos or neg)[terms[lead]]
  first = reals and reals[lead] and display.call(c.real_part, { first }) or first
  items[1], signs[1] = scaled(first, r.num, r.den), 1
  for i = 1, #terms do
    if i ~= lead then
      r, n = rationals[i], n + 1
      local t, s = terms[i], sign * r.sign
      local tree = pos[t]
      if neg[t] and (prefers[t] == -1 or not tree) then
        tree, s = neg[t], -s
      end
      tree = reals and reals[i] and display.call(c.real_part, { tree }) or tree
      items[n], signs[n] = scaled(tree, r.num, r.den), s
    end
  end
  if n == 1 then
    if reals and r.num == "2" and r.den == "1" then -- a product with one half has the real part itself
      items[1].half = first
    end
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
  local whole, unit = true, false
  for i = 1, #rationals do
    local r = rationals[i]
    whole, unit = whole and r.den == "1", unit or r.num == "1"
  end
  if whole and unit then
    return nil -- soon seen
  end
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

--- Make the forms of a sum.
-- @param c the context of the printer
-- @param id
-- @param args its coefficients and terms
-- @tparam[opt] function coefficient_of what is written for a coefficient: called with it and its term, gives a number node
function M.write(c, id, args, coefficient_of)
  local terms, coefficient, sign = input_order(c, id, args)
  local rationals = { nil, nil, nil, nil }
  local function written(number, term)
    return rational(c, coefficient_of and coefficient_of(number, term) or number)
  end
  if terms then
    c.prefers[id] = sign
    for i = 1, #terms do
      rationals[i] = written(coefficient[terms[i]], terms[i])
    end
  else
    terms = { nil, nil, nil, nil }
    for i = 1, #args // 2 do
      terms[i] = args[2 * i]
      rationals[i] = written(args[2 * i - 1], terms[i])
    end
  end
  local factor, quotients, reals
  if c.conjugate then
    terms, rationals, reals = real_parts(c, terms, rationals)
  end
  if not coefficient_of then
    factor, quotients = content(rationals)
  end
  local function form(s, transposed)
    local tree = sum_form(c, terms, rationals, s, transposed, reals)
    if tree and factor and #terms > 1 then
      local inner = sum_form(c, terms, quotients, s, transposed, reals)
      local turned = sum_form(c, terms, quotients, s, not transposed, reals)
      if turned.cost + 1 < inner.cost then
        inner = transpose(turned)
      end
      local factored = scaled(inner, factor.num, factor.den)
      return factored.cost < tree.cost and factored or tree
    end
    return tree
  end
  local pos = form(1, false)
  local whole = id == c.whole and pos ~= false -- nobody asks for minus the whole
  local neg = not whole and form(-1, false)
  if is_scalar(c, id) then
    keep_scalar(c, id, pos, neg)
  else
    local saving = 2
    for i = 1, #terms do
      local tree = c.pos[terms[i]] or c.neg[terms[i]]
      if tree.tag == "transpose" and tree[1].tag == "product" then
        saving = 1 -- (A*X*B + B*X*A)', since there are brackets anyway; but x' - y'
      end
    end
    if c.own_transpose and c.own_transpose(id) then -- A + A': written alike, also in a transpose
      return keep(c, id, pos, neg, pos, neg, saving)
    end
    keep(c, id, pos, neg, form(1, true), not whole and form(-1, true), saving)
  end
end

function build.sum(c, id, args)
  M.write(c, id, args)
end

return M
