--- Chains: the factors of a product of matrices, with powers of stretches that repeat, inverses side by side as one, and
-- groups under a transpose.
--
-- @module nabla.print.chains

local display = require "nabla.print.display"
local four = require "nabla.print.signs_and_transposes"

local number, transpose, product, call = display.number, display.transpose, display.product, display.call
local operand, operands = four.operand, four.operands

local M = {}

-- Group stretches of a chain under a transpose where each saves two nodes: plain[i] and turned[i] are factor i and its
-- transpose. Two states, inside and outside a group; nested groups never beat flat ones. Also returns how many.
local function group(plain, turned)
  local n, gain, most = #plain, 0, 0 -- of the best stretch that ends at a factor, and of the best of all
  for i = 1, n do
    gain = plain[i].cost - turned[i].cost + (gain > 0 and gain or 0)
    if gain > most then
      most = gain
    end
  end
  if most < 3 then
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
-- repeats and is the longest in all: where it starts, its period, how often it occurs; or nil.
local SPREAD = 24
M.SPREAD = SPREAD
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

-- inv(A)*inv(B) as inv(B*A), and the transpose of it.
local function folded_inverses(c, ids, signs, first, last)
  local bases, base_signs = {}, {}
  for i = last, first, -1 do
    bases[#bases + 1], base_signs[#bases + 1] = c.inverse_of[ids[i]], signs[i]
  end
  local plain = call("inv", { product((M.chain(c, bases, base_signs, 1, #bases, false))) })
  local turned = call("inv", { product((M.chain(c, bases, base_signs, 1, #bases, true))) })
  if turned.cost < plain.cost then
    return transpose(turned), turned
  elseif plain.cost < turned.cost then
    return plain, transpose(plain)
  end
  return plain, turned
end

-- The trees of the factors first..last of a chain of matrices, in the order of the chain: those of the factors, and their transposes.
local function links(c, ids, signs, first, last)
  local plain, turned, inverse_of = display.room(), display.room(), c.inverse_of
  local from, width, count = repeated(ids, signs, first, last)
  local i, n = first, 0
  while i <= last do
    local id = ids[i]
    n = n + 1
    if i == from then
      local stop, power = from + width - 1, number(("%d"):format(count))
      plain[n] = display.power(product((M.chain(c, ids, signs, from, stop, false))), power)
      turned[n] = display.power(product((M.chain(c, ids, signs, from, stop, true))), power)
      i = from + width * count
    elseif i < last and inverse_of[id] and inverse_of[ids[i + 1]] then
      local stop = i + 1
      while stop < last and inverse_of[ids[stop + 1]] do
        stop = stop + 1
      end
      plain[n], turned[n] = folded_inverses(c, ids, signs, i, stop)
      i = stop + 1
    else
      plain[n], turned[n] = operands(c, id, signs[i])
      i = i + 1
    end
  end
  return plain, turned
end

local function reversed(list)
  local out, n = display.room(), #list
  for k = 1, n do
    out[k] = list[n + 1 - k]
  end
  return out
end

-- The factors first..last of a chain of matrices, or of its transpose, as the trees to write one after the other; and
-- the number of groups among them.
function M.chain(c, ids, signs, first, last, transposed)
  if first == last then
    return { operand(c, ids[first], signs[first], transposed) }, 0
  end
  local plain, turned = links(c, ids, signs, first, last)
  if transposed then
    plain, turned = reversed(turned), reversed(plain)
  end
  return group(plain, turned)
end

-- Both: the chain and the number of its groups, its transpose and the number of that one's.
function M.both(c, ids, signs, first, last)
  if first == last then
    local plain, turned = operands(c, ids[first], signs[first])
    return { plain }, 0, { turned }, 0
  end
  local plain, turned = links(c, ids, signs, first, last)
  local factors, groups = group(plain, turned)
  return factors, groups, group(reversed(turned), reversed(plain))
end

return M
