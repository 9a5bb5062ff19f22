--- Sums and products where decimals are written.
--
-- A store keeps a*(1 + 1.702*b) as 1/500*a*(500 + 851*b). Where decimals are written, the number in front of a product goes into one of
-- the sums among its factors, or a coefficient of that sum goes out, if fewer digits are written then.
--
-- @module nabla.print.forms_of_decimals

local products = require "nabla.print.forms_of_products"
local sums = require "nabla.print.forms_of_sums"
local rational = require("nabla.print.signs_and_transposes").rational

local build = {}

local FORMS = { "pos", "neg", "tpos", "tneg" }

local function is_decimal(c, number)
  return rational(c, number).num:find(".", 1, true) ~= nil
end

-- How many digits a number has as it is written; nil: it is a fraction. 1 in front of something is not written.
local function digits(c, number)
  local r = rational(c, number)
  return r.den == "1" and (r.num == "1" and 0 or #r.num) or nil
end

local function times(c, number, ratio)
  return c.S:product { number, ratio }
end

-- The digits of a sum's coefficients times a number; nil where one is a fraction.
local function digits_of_sum(c, args, ratio)
  local total = 0
  for i = 1, #args, 2 do
    local own = digits(c, times(c, args[i], ratio))
    if not own then
      return nil
    end
    total = total + own
  end
  return total
end

-- The sums among the factors args[2..] of a product and among those of its factors that are Hadamard products: { sum, the Hadamard
-- product it is in or nil }.
local function sums_among(c, args)
  local found = {}
  for k = 2, #args do
    local op = c.op[args[k]]
    for _, id in ipairs(op == "sum" and { args[k] } or op == "hadamard" and c.S:args(args[k]) or {}) do
      if c.op[id] == "sum" then
        found[#found + 1] = { id, op == "hadamard" and args[k] or nil }
      end
    end
  end
  return found
end

-- For the number in front of a product: the number that is left there, the sum that gets another one and what it is in, its args, and
-- by what its coefficients are multiplied; nil: all stays where it is.
local function placed(c, number, args)
  local S, best = c.S, { saved = 0 }
  local one = S:rational(1)
  for _, item in ipairs(sums_among(c, args)) do
    local own = S:args(item[1])
    local before = digits_of_sum(c, own, one)
    if #own > 1 and before then
      local ratios = { number }
      for i = 1, #own, 2 do
        ratios[#ratios + 1] = S:div(one, own[i])
      end
      for _, ratio in ipairs(ratios) do
        local left = S:div(number, ratio)
        local inside, outside = digits_of_sum(c, own, ratio), digits(c, left)
        local saved = inside and outside and digits(c, number) + before - inside - outside or 0
        if saved > best.saved and rational(c, ratio).sign > 0 then
          best = { saved = saved, left = left, sum = item[1], within = item[2], args = own, ratio = ratio }
        end
      end
    end
  end
  return best.sum and best or nil
end

-- Make the forms of a node again, from those of its parts.
local function again(c, id, builder)
  for _, form in ipairs(FORMS) do
    c[form][id] = nil
  end
  builder(c, id, c.S:args(id))
end

-- Make the forms of a product whose number is placed. Those of the sum that changed, and of what it is in, are made again after that.
local function write_placed(c, id, args, best)
  sums.write(c, best.sum, best.args, function(number)
    return times(c, number, best.ratio)
  end)
  if best.within then
    again(c, best.within, products.build.hadamard)
  end
  products.write(c, id, args, rational(c, best.left))
  again(c, best.sum, sums.build.sum)
  if best.within then
    again(c, best.within, products.build.hadamard)
  end
end

function build.product(c, id, args)
  local best = c.decimals and is_decimal(c, args[1]) and placed(c, args[1], args)
  if best then
    return write_placed(c, id, args, best)
  end
  products.build.product(c, id, args)
end

function build.sum(c, id, args)
  local changed, one = nil, nil
  for i = 1, c.decimals and #args or 0, 2 do
    local number, term = args[i], args[i + 1]
    local own = c.op[term] == "product" and is_decimal(c, number) and c.S:args(term)
    local best = own and placed(c, number, own)
    if best then
      changed, one = changed or {}, c.S:rational(1)
      changed[term] = true
      write_placed(c, term, own, best)
    end
  end
  if not changed then
    return sums.build.sum(c, id, args)
  end
  sums.write(c, id, args, function(number, term)
    return changed[term] and one or number
  end)
  for term in pairs(changed) do
    again(c, term, products.build.product)
  end
end

return build
