--- Values with inverses in a shorter form: inv(s*I + A)*b for inv(I + A/s)*b/s, o + inv(M)*r for inv(M)*(M*o + r).
--
-- Each form is equal to the value for all letters of which the value is defined.
--
-- @module nabla.solve.inverses

local factors = require "nabla.algebra.factors"

local M = {}

local MOST_PASSES = 4
local JOINED = 1 -- the cost that one inverse for two may add
local MOST_TERMS = 6 -- of a sum that is searched for a common translation

local is, is_scalar = factors.is, factors.is_scalar

-- The exponent -1 of a matrix: its base, or nil.
local function base_of_inverse(S, id)
  if is_scalar(S, id) then
    return nil
  end
  local base, exponent = factors.power(S, id)
  return base ~= id and factors.integer(S, exponent) == -1 and base or nil
end

-- A sum with its terms multiplied by their denominators, and the product of these; nil where there are none.
local function without_fractions(S, sum)
  local expanded = S:expand(sum)
  local common = factors.denominators(S, expanded)
  if not common then
    return nil
  end
  local numbers, terms = factors.terms(S, expanded)
  for i, term in ipairs(terms) do
    terms[i] = S:product { numbers[i], term, common }
  end
  return S:textbook(S:sum(terms)), common
end

-- An inverse of a sum without fractions in it; nil for another node.
local function cleared_inverse(S, id)
  local base = base_of_inverse(S, id)
  if base and is(S, base, "sum") then
    local form, common = without_fractions(S, base)
    return form and S:product { common, S:inv(form) }
  end
end

-- A product in which the sums among the factors have no fractions; nil for another node.
local function cleared_product(S, id)
  if not is(S, id, "product") or is_scalar(S, id) then
    return nil
  end
  local parts, changed = factors.of(S, id), false
  local list = { parts.coefficient }
  for _, f in ipairs(parts.scalars) do
    list[#list + 1] = S:power(f[1], f[2])
  end
  for i, link in ipairs(#parts.chain > 1 and parts.chain or {}) do
    local form, common = nil, nil
    if is(S, link, "sum") then
      form, common = without_fractions(S, link)
    end
    if form then
      parts.chain[i], changed = form, true
      list[#list + 1] = S:power(common, S:rational(-1))
    end
  end
  return changed and S:product { S:product(list), S:product(parts.chain) } or nil
end

-- A product in which inv(A)*inv(B) is the inverse of B*A, where that is a sum; nil for another node.
local function joined_inverses(S, id)
  if not is(S, id, "product") or is_scalar(S, id) then
    return nil
  end
  local parts = factors.of(S, id)
  local chain = parts.chain
  for i = 1, #chain - 1 do
    local first, second = base_of_inverse(S, chain[i]), base_of_inverse(S, chain[i + 1])
    if first and second and (is(S, first, "sum") or is(S, second, "sum")) then
      chain[i] = S:inv(S:textbook(S:expand(S:product { second, first })))
      table.remove(chain, i + 1)
      return factors.product(S, parts)
    end
  end
end

-- A node with f(part) in place of each part of which f gives a node, from the inside.
local function rebuilt(S, id, f)
  local args, changed = S:args(id), false
  for i, a in ipairs(args) do
    if S:rows(a) ~= 0 then -- no size
      args[i] = rebuilt(S, a, f)
      changed = changed or args[i] ~= a
    end
  end
  id = changed and S:again(id, args) or id
  return f(S, id) or id
end

local function cleared(S, id)
  return cleared_inverse(S, id) or cleared_product(S, id)
end

-- M*o + r as o and r, where r has as many terms fewer as M has: nil where there is no such o.
local function translation(S, matrix, sum)
  local _, own = factors.terms(S, S:expand(matrix))
  local numbers, terms = factors.terms(S, S:expand(sum))
  if #own < 2 or #terms < #own or #terms > MOST_TERMS then
    return nil
  end
  for i, term in ipairs(terms) do
    local chain = factors.of(S, term).chain
    for first = #chain, 1, -1 do
      local o = S:product(table.move(chain, first, #chain, 1, {}))
      if S:rows(o) == S:rows(matrix) then
        local number = S:product { numbers[i] }
        for _, c in ipairs { S:rational(1), S:rational(-1), number } do
          local moved = S:product { c, o }
          local rest = S:expand(S:sum { sum, S:neg(S:product { matrix, moved }) })
          local _, left = factors.terms(S, rest)
          local zero = rest == S:zeros(S:rows(rest), S:cols(rest))
          if zero or #left <= #terms - #own then
            return moved, rest
          end
        end
      end
    end
  end
end

-- A product inv(M)*(M*o + r)*.. with o by itself; nil for another node.
local function translated(S, id)
  if not is(S, id, "product") or is_scalar(S, id) then
    return nil
  end
  local parts = factors.of(S, id)
  local matrix = #parts.chain == 2 and base_of_inverse(S, parts.chain[1])
  if matrix and is(S, matrix, "sum") and is(S, parts.chain[2], "sum") then
    local o, rest = translation(S, matrix, parts.chain[2])
    if o then
      parts.chain = {}
      local scalar = factors.product(S, parts)
      return S:product { scalar, S:sum { o, S:product { S:inv(matrix), S:textbook(rest) } } }
    end
  end
end

-- The number of scalar denominators in a value, without numbers.
local function fractions(S, value)
  local count = 0
  for _, id in ipairs(S:postorder(value)) do
    local base, exponent = factors.power(S, id)
    local n = base ~= id and is_scalar(S, base) and factors.integer(S, exponent)
    count = count + (n and n < 0 and 1 or 0)
  end
  return count
end

-- The best of a value and its forms: the shortest, of two as short that with fewer fractions.
local function once(S, value)
  local best, cost = value, S:cost(value)
  local function offer(form, more)
    form = S:textbook(form)
    local own = S:cost(form) - (more or 0)
    if own < cost or own == cost and fractions(S, form) < fractions(S, best) then
      best, cost = form, own
    end
  end
  for _, f in ipairs(fractions(S, value) > 0 and { cleared_inverse, cleared_product, cleared } or {}) do
    local form = rebuilt(S, value, f)
    if form ~= value then
      offer(form)
    end
  end
  local joined = rebuilt(S, value, joined_inverses)
  if joined ~= value then
    offer(joined, JOINED)
  end
  for _, id in ipairs(S:postorder(value)) do
    local form = translated(S, id)
    if form then
      offer(S:replace(value, { id }, { form }))
    end
  end
  return best
end

-- Does a value hold the inverse of a sum?
local function has_inverse(S, value)
  for _, id in ipairs(S:postorder(value)) do
    local base = base_of_inverse(S, id)
    if base and is(S, base, "sum") then
      return true
    end
  end
  return false
end

--- A value with inverses in its shortest form of these.
-- @param S the store
-- @tparam integer value in textbook form
-- @treturn integer
function M.textbook(S, value)
  if not has_inverse(S, value) then
    return value
  end
  for _ = 1, MOST_PASSES do
    local form = once(S, value)
    if form == value then
      break
    end
    value = form
  end
  return value
end

return M
