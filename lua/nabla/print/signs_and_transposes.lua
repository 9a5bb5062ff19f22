--- The four display trees of a node: of the node and of its transpose, each as it is and negated.
--
-- They are fields of the printer's context, by node: `pos`, `neg`, `tpos`, `tneg` (see nabla.print.forms). Here is how
-- they are kept and chosen from.
--
-- @module nabla.print.signs_and_transposes

local display = require "nabla.print.display"

local number, transpose, negate = display.number, display.transpose, display.neg

local M = {}

local ZEROS = 5 -- behind the point of a decimal, or at the end of a large number; with more a power of ten is written
local LARGE_POWER = 7 -- the smallest that is written
local MOST_PLACES = 400 -- of a decimal
local LONGEST = 15 -- digits that a machine number surely holds

-- The digits of a whole number with a point before the last `places`, which are not all zeros: 0.00000002 is 2e-8.
local function point_put_in(digits, places)
  digits = ("0"):rep(places + 1 - #digits) .. digits
  local written = digits:sub(1, -places - 1) .. "." .. digits:sub(-places)
  local zeros, rest = written:match "^0%.(0+)(%d+)$"
  if zeros and #zeros > ZEROS then
    local point = #rest > 1 and rest:sub(1, 1) .. "." .. rest:sub(2) or rest
    written = ("%se-%d"):format(point, #zeros + 1)
  end
  return written
end

-- A fraction as a decimal, if it looks like those of the input: with as many digits, or, of a product of two, twice as many.
-- 1/2 and 1/4 stay as they are, and 1/16 where the input has fewer digits; fifths are 0.2 and the like.
local function decimal(num, den, digits)
  local over = math.tointeger(tonumber(den))
  if not over or over < 10 and over ~= 5 or #num > 15 then
    return nil
  end
  for places = 1, math.min(2 * digits, 15) do
    local whole = math.tointeger(10 ^ places)
    if whole % over == 0 then
      if places > digits and over < 1000 and over % 5 ~= 0 then
        return nil
      end
      return point_put_in(("%d"):format(math.tointeger(tonumber(num)) * (whole // over)), places)
    end
  end
  return nil
end

-- The same of a fraction with more digits than a machine number has.
local function long_decimal(c, id, den, digits)
  local most = math.min(2 * digits, MOST_PLACES)
  if not den:find "[05]$" and not den:find "[2468]$" or #den > most + 1 then
    return nil
  end
  local ten, value = c.S:rational(10), id
  for places = 1, most do
    value = c.S:product { value, ten }
    local num, rest = c.S:number(value)
    if rest == "1" then
      return point_put_in(num:gsub("^-", ""), places)
    end
  end
  return nil
end

-- Digits as a power of ten, where many zeros end them; else as they are.
local function with_power(digits)
  local first, rest, zeros = digits:match "^(%d)(%d-)(0*)$"
  local exponent = #rest + #zeros
  if #zeros <= ZEROS or exponent < LARGE_POWER then
    return digits
  end
  return first .. (rest ~= "" and "." .. rest or "") .. "e" .. exponent
end

-- A fraction with a decimal of the input in its denominator, 1/2.50663 for 100000/250663: both are written. Else nil.
local function over_decimal(num, den, digits)
  local rest = num:match("^(%d+)" .. ("0"):rep(digits) .. "$")
  if rest and digits > 0 and #den < 16 and not rest:find "^0" then
    den = ("0"):rep(digits + 1 - #den) .. den
    return rest, den:sub(1, -digits - 1) .. "." .. den:sub(-digits)
  end
  return nil
end

-- The sign, numerator and denominator (as digits) of a number node; a decimal has the denominator 1.
function M.rational(c, id)
  local known = c.rational[id]
  if not known then
    local num, den = c.S:number(id)
    local sign = 1
    if num:sub(1, 1) == "-" then
      sign, num = -1, num:sub(2)
    end
    local long = #num > LONGEST or #den > LONGEST
    local written = c.decimals and den ~= "1"
      and (not long and decimal(num, den, c.decimals) or long and long_decimal(c, id, den, c.decimals))
    if written then
      num, den = written, "1"
    elseif c.decimals and den ~= "1" then
      local over, under = over_decimal(num, den, c.decimals)
      num, den = over or num, under or den
    end
    if c.powers then
      num, den = not num:find "%D" and with_power(num) or num, not den:find "%D" and with_power(den) or den
    end
    known = { sign = sign, num = num, den = den }
    c.rational[id] = known
  end
  return known
end

function M.is_one(c, dim)
  local known = c.one[dim]
  if known == nil then
    known = c.S:dimtext(dim) == "1"
    c.one[dim] = known
  end
  return known
end
local is_one = M.is_one

function M.is_scalar(c, id)
  local known = c.scalar[id]
  if known == nil then
    local rows, cols = c.S:rows(id), c.S:cols(id)
    known = rows == nil or cols == nil or (is_one(c, rows) and is_one(c, cols))
    c.scalar[id] = known
  end
  return known
end
local is_scalar = M.is_scalar

-- The forms of a node that is an operand: its value with a given sign, or transposed; a transpose round it is free to
-- save a single node, since the operand would need brackets anyway.
function M.operand(c, id, sign, transposed)
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

--- Both: the operand and its transpose.
function M.operands(c, id, sign)
  local plain, turned
  if sign > 0 then
    plain, turned = c.pos[id], c.tpos[id]
  else
    plain, turned = c.neg[id], c.tneg[id]
  end
  local cost, turned_cost = plain.cost, turned.cost
  if turned_cost + 1 < cost then
    return transpose(turned), turned
  elseif cost + 1 < turned_cost then
    return plain, transpose(plain)
  end
  return plain, turned
end

function M.value(c, id)
  return c.pos[id] or negate(c.neg[id])
end

function M.value_transposed(c, id)
  return c.tpos[id] or negate(c.tneg[id])
end

-- The nicer of the two signs of a node, where the sign does not matter.
function M.either_sign(c, id)
  return c.prefers[id] == -1 and c.neg[id] and -1 or (c.pos[id] and 1 or -1)
end
local either_sign = M.either_sign

-- Keep the forms of a node. A transpose round the whole of it is written if it saves `saving` nodes.
function M.keep(c, id, pos, neg, tpos, tneg, saving)
  local plain, turned = pos or neg, tpos or tneg
  if turned.cost + 1 + saving <= plain.cost then
    pos, neg = tpos and transpose(tpos), tneg and transpose(tneg)
  elseif plain.cost + 1 + saving <= turned.cost then
    tpos, tneg = pos and transpose(pos), neg and transpose(neg)
  end
  c.pos[id], c.neg[id], c.tpos[id], c.tneg[id] = pos, neg, tpos, tneg
end

function M.keep_scalar(c, id, pos, neg)
  c.pos[id], c.neg[id], c.tpos[id], c.tneg[id] = pos, neg, pos, neg
end

-- An opaque node: its transpose is written with '.
function M.keep_leaf(c, id, pos)
  c.pos[id], c.neg[id] = pos, false
  c.tpos[id], c.tneg[id] = is_scalar(c, id) and pos or transpose(pos), false
end
local keep_leaf = M.keep_leaf

local UNWANTED = 2 -- what S' costs more than another transpose, for a symmetric S

-- A symbol. Of one that is declared symmetric no transpose is written where there is another form: without the prime it
-- would be another node when it is read.
function M.keep_symbol(c, id, pos)
  keep_leaf(c, id, pos)
  if c.symmetric and c.op[id] == "symbol" and not is_scalar(c, id) and c.symmetric(id) then
    c.tpos[id].cost = c.tpos[id].cost + UNWANTED
  end
end

-- The signs to write factors first..#ids with, and the sign that is left over; `flip` is a factor that can change its
-- own sign for nothing (not one that was in the input: -(x - a) stays), `asked` tells whether a factor prefers its sign.
function M.choose_signs(c, ids, first, sign)
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

function M.flipped(signs, i)
  local copy = {}
  for k, s in pairs(signs) do
    copy[k] = s
  end
  copy[i] = -copy[i]
  return copy
end

-- num/den times a tree that has no number in front.
function M.scaled(tree, num, den)
  if num ~= "1" then
    tree = display.prefix({ number(num) }, tree)
  end
  if den ~= "1" then
    tree = display.over(tree, { number(den) })
  end
  return tree
end

return M
