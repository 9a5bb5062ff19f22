--- Equations without the inverse of their unknown: multiplied by it, or by their denominators.
--
-- @module nabla.solve.multiplied

local factors = require "nabla.algebra.factors"

local M = {}

local is_scalar = factors.is_scalar

-- A scalar E multiplied by all its denominators that hold x: a list with the expanded node, or an empty one.
local function without_denominators(S, E, x)
  local holds, highest, order = factors.holder(S, x), {}, {}
  for _, id in ipairs(S:postorder(E)) do
    local base, exponent = factors.power(S, id)
    local n = base ~= id and is_scalar(S, base) and holds(base) and factors.integer(S, exponent)
    if n and n < 0 then
      order[#order + 1] = not highest[base] and base or nil
      highest[base] = math.max(highest[base] or 0, -n)
    end
  end
  if #order == 0 or #order > 4 then
    return {}
  end
  local common = {}
  for i, base in ipairs(order) do
    common[i] = S:power(base, S:rational(highest[base]))
  end
  local numbers, terms = factors.terms(S, E)
  for i, term in ipairs(terms) do
    local list = table.move(common, 1, #common, 3, { numbers[i], term })
    terms[i] = S:expand(S:product(list))
  end
  return { S:expand(S:sum(terms)) }
end

--- E multiplied by x on one side, or on both, where E holds the inverse of x: a list of expanded nodes. A scalar E is multiplied by its
-- denominators.
function M.forms(S, E, x)
  local inverse, list = nil, {}
  if is_scalar(S, x) and is_scalar(S, E) then
    return without_denominators(S, E, x)
  end
  for _, id in ipairs(S:postorder(E)) do
    local base, exponent = factors.power(S, id)
    local n = base == x and factors.integer(S, exponent)
    if n and n < 0 then
      inverse = math.max(inverse or 0, -n)
    end
  end
  if not inverse or inverse > 3 then
    return list
  end
  local before, after = S:cols(x) == S:rows(E), S:cols(E) == S:rows(x)
  list[#list + 1] = before and S:expand(S:product { x, E }) or nil
  list[#list + 1] = after and S:expand(S:product { E, x }) or nil
  list[#list + 1] = before and after and S:expand(S:product { x, E, x }) or nil
  return list
end

--- A scalar E divided by the powers with other than whole exponents that its first term has: a*p^(a - 1) - b*p^a by p^(a - 1). Nil where
-- there are none.
function M.without_powers(S, E, x)
  local holds = factors.holder(S, x)
  local numbers, terms = factors.terms(S, E)
  if not is_scalar(S, E) or #terms < 2 then
    return nil
  end
  local list = {}
  for _, f in ipairs(factors.of(S, terms[1]).scalars) do
    if holds(f[1]) and not factors.integer(S, f[2]) then
      list[#list + 1] = S:power(f[1], S:neg(f[2]))
    end
  end
  if #list == 0 then
    return nil
  end
  for i, term in ipairs(terms) do
    terms[i] = S:product { numbers[i], term, table.unpack(list) }
  end
  return S:expand(S:sum(terms))
end

--- Is a square of a node simpler than the node, as that of a norm is?
function M.has_square(S, id)
  local square = S:power(id, S:rational(2))
  return not factors.is(S, id, "power") and S:expand(square) ~= square
end

--- A scalar E squared on both sides, where its one term with x is a multiple of what has a simple square, as a norm; nil for another E.
-- Its solutions need not be those of E.
function M.squared(S, E, x)
  if not is_scalar(S, E) then
    return nil
  end
  local holds, node = factors.holder(S, x), nil
  local numbers, terms = factors.terms(S, E)
  local rest, scalars = {}, { S:rational(-1) }
  for i, term in ipairs(terms) do
    if not holds(term) then
      rest[#rest + 1] = S:product { numbers[i], term }
    elseif node then
      return nil
    else
      scalars[#scalars + 1] = numbers[i]
      for _, f in ipairs(factors.of(S, term, true).scalars) do
        local plain = f[2] == S:rational(1)
        if holds(f[1]) and (node or not plain) then
          return nil
        elseif holds(f[1]) then
          node = f[1]
        else
          scalars[#scalars + 1] = S:power(f[1], f[2])
        end
      end
    end
  end
  if node and #rest > 0 and M.has_square(S, node) then
    local two = S:rational(2)
    local other = S:div(S:sum(rest), S:product(scalars))
    return S:expand(S:sum { S:power(node, two), S:neg(S:power(other, two)) })
  end
end

-- Each term of E between two matrices, of which either may be false; expanded afterwards, so that inverses cancel.
local function times(S, E, left, right)
  local numbers, terms = factors.terms(S, E)
  for i, term in ipairs(terms) do
    local list = { numbers[i] }
    list[#list + 1] = left or nil
    list[#list + 1] = term
    list[#list + 1] = right or nil
    terms[i] = S:product(list)
  end
  return S:expand(S:sum(terms))
end

--- E multiplied by a matrix of which it holds the inverse, and which holds x: a list of expanded nodes without that inverse. So
-- X*inv(A + X) = B becomes X = B*(A + X).
function M.fractions(S, E, x)
  local holds, list = factors.holder(S, x), {}
  for _, id in ipairs(not is_scalar(S, E) and S:postorder(E) or {}) do
    local base, exponent = factors.power(S, id)
    local n = base ~= id and base ~= x and not is_scalar(S, base) and holds(base) and factors.integer(S, exponent)
    if n and n < 0 then
      local before, after = S:cols(base) == S:rows(E), S:cols(E) == S:rows(base)
      for _, sides in ipairs { { 0, after and 1 }, { before and 1, 0 }, { before and 1, after and 1 } } do
        local form = sides[1] and sides[2] and times(S, E, sides[1] == 1 and base, sides[2] == 1 and base)
        local gone = form ~= false
        for _, node in ipairs(form and S:postorder(form) or {}) do
          gone = gone and node ~= id
        end
        list[#list + 1] = gone and form or nil
      end
    end
  end
  return list
end

return M
