--- The facts that a solution needs: each is known from the declarations, or assumed.
--
-- A condition is a table: `property` ("invertible", "nonzero", ..) of `node`, or `property` "equal" of `node` and `other`;
-- `known`, and `because`, a list of the declared attributes that it follows from, in words; `because_of`, the same as
-- pairs. Invariant: `known` is true only if the rules prove the property.
--
-- @module nabla.solve.conditions

local core = require "nabla.core"
local equality = require "nabla.compare.equality"
local errors = require "nabla.text.errors"
local factors = require "nabla.algebra.factors"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds

local is, is_scalar = factors.is, factors.is_scalar

local NOISE = 1e-9 -- a number nearer to zero has no sign
local SIGNS = {
  positive = function(v)
    return v > 0
  end,
  nonnegative = function(v)
    return v > 0
  end,
  nonzero = function(v)
    return v ~= 0
  end,
}
local OPPOSITES = { positive = "nonnegative", nonnegative = "positive", spd = "psd" }

local Condition = {}
Condition.__index = Condition

--- The condition as text: `invertible(A'*A)`, `c != 0`, `A*pinv(A)*b = b`.
function Condition:text(how)
  local session = self.session
  local node = session:text(self.node, how)
  if self.property == "nonzero" then
    return node .. (how == "latex" and " \\neq 0" or how == "unicode" and " ≠ 0" or " != 0")
  elseif self.property == "equal" then
    return node .. " = " .. session:text(self.other, how)
  elseif how == "latex" then
    return ("\\mathrm{%s}(%s)"):format(self.property, node)
  end
  return ("%s(%s)"):format(self.property, node)
end

Condition.__tostring = Condition.text

--- The strongest attribute among the bits of a symbol: one that implies the others, else the first by name.
local function strongest(session, bits)
  local best
  for name, attribute in pairs(session.attributes) do
    local own = attribute.bits
    if own and own & bits == own and name ~= "constant" and name ~= "complex" then
      local before = best and session.attributes[best].bits
      local stronger = before and own ~= before and own & before == before
      local other = before and own & before ~= own
      if not best or stronger or other and name < best then
        best = name
      end
    end
  end
  return best
end

M.strongest = strongest

-- The declared attributes of the symbols in a node: { name =, attribute = } each.
local function reasons(session, id)
  local S, list, seen = session.S, {}, {}
  for _, x in ipairs(S:postorder(id)) do
    local bits = S:op(x) == "symbol" and S:attributes(x) or 0
    if bits ~= 0 and not seen[x] then
      seen[x] = true
      local best = strongest(session, bits)
      list[#list + 1] = best and { name = S:name(x), attribute = best } or nil
    end
  end
  return list
end

-- Is a scalar different from 0, for certain?
local function is_nonzero(S, id)
  if is(S, id, "number") then
    return S:number(id) ~= "0"
  end
  return S:property("positive", id) or S:property("positive", S:neg(id)) or S:property("invertible", id)
end

local function holds(S, property, id)
  if property == "nonzero" then
    return is_nonzero(S, id)
  end
  return S:property(property, id) or S:property(property, S:textbook(id))
end

-- Does a node hold letters that are no sizes, or unknown functions?
local function has_letters(S, id)
  for _, x in ipairs(S:postorder(id)) do
    local op = S:op(x)
    if op == "symbol" and S:kind(x) ~= "dimension" or op == "function" then
      return true
    end
  end
  return false
end

-- The value of a real scalar without letters and sizes; nil for another node.
local function number_of(session, id)
  local S = session.S
  for _, x in ipairs(is_scalar(S, id) and S:postorder(id) or { id }) do
    if not is_scalar(S, id) or S:op(x) == "symbol" or S:op(x) == "function" or S:rows(x) == 0 then
      return nil
    end
  end
  local ok, value = errors.attempt(function()
    return session:compile({ session:wrap(id) }, { nan = true }) {}
  end)
  value = ok and value[1]
  return type(value) == "number" and value == value and value or nil -- a complex one has no sign
end

-- Has a number a property, by its value?
local function number_holds(session, property, id)
  local value = SIGNS[property] and number_of(session, id)
  return value and math.abs(value) > NOISE and SIGNS[property](value) or false
end

--- Does a node without letters lack a property, as -1 is not positive?
function M.fails(session, property, id)
  local S = session.S
  return not (has_letters(S, id) or holds(S, property, id) or number_holds(session, property, id))
end

--- Does a node lack a property for all values of its letters, as -a of a positive a is not positive?
function M.contradicted(session, property, id)
  local S = session.S
  if is_scalar(S, id) then
    property = property == "spd" and "positive" or property == "psd" and "nonnegative" or property
  end
  local opposite = OPPOSITES[property]
  if opposite then
    local negative = S:neg(id)
    return holds(S, opposite, negative) or holds(S, opposite, S:expand(negative))
  end
  return false
end

--- Add what the declared attributes of an unknown ask of its value, where that is not proved.
function M.add_attributes(session, list, x, value)
  local S = session.S
  local name = strongest(session, S:attributes(x))
  local invertible = name and session.attributes.invertible
  local asks = invertible and session.attributes[name].bits & invertible.bits == invertible.bits
  if asks and not M.may_be_invertible(session, value) then
    local text = "%s = %s is singular, and %s is declared %s"
    error({ message = text:format(S:name(x), session:text(value), S:name(x), name), status = "rule" }, 0)
  end
  if name and not holds(S, name, value) and not holds(S, name, S:expand(value)) then
    M.add(session, list, name, value)
  end
end

-- Does a property follow from those that are known, if a square matrix is invertible? So is a positive semidefinite one positive
-- definite.
local function if_invertible(session, property, id)
  local S, invertible = session.S, session.attributes.invertible
  if S:rows(id) ~= S:cols(id) or is_scalar(S, id) or not (invertible and session.attributes[property]) then
    return false
  end
  local bits = invertible.bits
  for name, attribute in pairs(session.attributes) do
    bits = attribute.bits and name ~= "constant" and holds(S, name, id) and bits | attribute.bits or bits
  end
  return bits ~= invertible.bits and S:property(property, S:symbol(" part", KIND.matrix, bits, S:rows(id), S:cols(id)))
end

-- A node without the number that divides all its terms.
local function without_number(S, id)
  local marked = S:args(S:product { id, S:symbol("?", KIND.scalar, 0, ONE, ONE) })
  local c = marked[1]
  return S:op(c) == "number" and c ~= S:rational(1) and S:expand(S:product { S:power(c, S:rational(-1)), id }) or id
end

--- A node without the positive number that divides all its terms.
function M.without_positive_number(S, id)
  if is(S, id, "number") then
    return id
  end
  local marked = S:args(S:product { id, S:symbol("?", KIND.scalar, 0, ONE, ONE) })
  local c = marked[1]
  local negative = S:op(c) == "number" and S:number(c):sub(1, 1) == "-"
  return negative and S:neg(without_number(S, id)) or without_number(S, id)
end

-- A scalar without its factors that are positive where they are defined, as 1/norm2(x): its sign stays. Second: of these the bases
-- that are nonnegative, and must not be zero.
local function without_positive_factors(S, id)
  id = M.without_positive_number(S, id)
  if is(S, id, "number") then
    return id, {}
  end
  local parts = factors.of(S, S:textbook(id))
  local kept, bases, changed = {}, {}, false
  for _, f in ipairs(parts.scalars) do
    local n = factors.integer(S, f[2])
    local positive = S:property("positive", f[1]) or n and n < 0 and S:property("nonnegative", f[1])
    local even = n and n < 0 and n % 2 == 0
    if n == -1 and not positive then -- the sign of a base is that of its inverse
      f[2], changed = S:rational(1), true
    end
    kept[#kept + 1] = not (positive or even) and f or nil
    bases[#bases + 1] = (positive or even) and not S:property("positive", f[1]) and f[1] or nil
  end
  if not changed and #kept == #parts.scalars then
    return id, {}
  end
  parts.scalars = kept
  return M.without_positive_number(S, factors.product(S, parts)), bases
end

--- Add a condition to a list, once.
function M.add(session, list, property, id, other)
  local S = session.S
  if property == "nonzero" then
    id = without_number(S, id)
  elseif SIGNS[property] and is_scalar(S, id) and not holds(S, property, id) then
    local bases
    id, bases = without_positive_factors(S, id)
    for _, base in ipairs(bases) do
      M.add(session, list, "nonzero", base)
    end
  elseif SIGNS[property] then
    id = M.without_positive_number(S, id)
  end
  if property ~= "invertible" and not other and not holds(S, property, id) and if_invertible(session, property, id) then
    return M.add_invertible(session, list, id)
  end
  for _, c in ipairs(list) do
    if c.property == property and c.node_id == id and c.other_id == other then
      return
    end
  end
  local known = not other and (holds(S, property, id) or number_holds(session, property, id))
  if known and not has_letters(S, id) then
    return
  end
  local c = { session = session, property = property, node_id = id, node = session:wrap(id), known = known or false }
  c.other_id, c.other = other, other and session:wrap(other)
  c.because, c.because_of = {}, known and reasons(session, id) or {}
  for i, item in ipairs(c.because_of) do
    c.because[i] = ("%s is %s"):format(item.name, session.attributes[item.attribute].title or item.attribute)
  end
  list[#list + 1] = setmetatable(c, Condition)
end

--- A list without conditions that read the same as one before, or follow from another: what is positive is not zero.
function M.unique(list)
  local kept, seen, positive, nonzero = {}, {}, {}, {}
  if #list < 2 then
    return list
  end
  for _, c in ipairs(list) do
    positive[c.property == "positive" and c.node_id or false] = true
    nonzero[c.property == "nonzero" and c.node_id or false] = true
  end
  for _, c in ipairs(list) do
    local text = c:text()
    local base, exponent = factors.power(c.session.S, c.node_id)
    local of_power = base ~= c.node_id and (positive[base] or nonzero[base]) and is(c.session.S, exponent, "number")
    local follows = c.property == "nonzero" and (positive[c.node_id] or of_power)
    kept[#kept + 1] = not (seen[text] or follows) and c or nil
    seen[text] = true
  end
  return kept
end

-- An inverse in the equation exists already.
local function is_inverse(S, id)
  local _, exponent = factors.power(S, id)
  local n = factors.integer(S, exponent)
  return n and n < 0
end

-- The argument of a function that is invertible where its argument is, as a square root; nil for another node.
local function invertible_argument(session, id)
  local S, invertible = session.S, session.attributes.invertible
  local _, own = S:op(id)
  local args = S:args(id)
  local a = args[1]
  local fits = not own and #args == 1 and invertible and S:rows(a) == S:cols(a) and not is_scalar(S, a)
  if not fits or S:property("invertible", id) then
    return nil
  end
  local letter = S:symbol(" part", KIND.matrix, invertible.bits, S:rows(a), S:cols(a))
  return S:property("invertible", S:again(id, { letter })) and a or nil
end

-- The transpose of a matrix, where that is shorter: what is asked of one holds for the other.
local function turned(S, id)
  if is(S, id, "transpose") then
    return S:args(id)[1]
  elseif not is(S, id, "sum") or is_scalar(S, id) then
    return id
  end
  local other = S:textbook(S:transpose(id))
  return S:cost(other) < S:cost(id) and other or id
end

--- Add what makes a square matrix, or a scalar, invertible: factor by factor.
function M.add_invertible(session, list, id, property)
  local S = session.S
  id = turned(S, S:textbook(id))
  local entries = property and not is_scalar(S, id) -- a property of each entry is none of the factors
  if is(S, id, "number") or is(S, id, "I") or is_inverse(S, id) then
    return
  elseif is(S, id, "product") and not entries then
    local scalar, rest, square = {}, {}, true
    for _, a in ipairs(S:args(id)) do
      if is_scalar(S, a) then
        scalar[#scalar + 1] = a
      else
        rest[#rest + 1] = a
        square = square and S:rows(a) == S:cols(a)
      end
    end
    if #rest > 0 and not square and not is_scalar(S, id) and #scalar > 1 then -- a number is always among them
      for _, a in ipairs(scalar) do
        M.add_invertible(session, list, a)
      end
      return M.add_invertible(session, list, S:product(rest), property)
    end
    if square and not (is_scalar(S, id) and #scalar < #S:args(id)) then
      for _, a in ipairs(S:args(id)) do
        M.add_invertible(session, list, a)
      end
      return
    end
  elseif is(S, id, "power") and not entries then
    local base, exponent = factors.power(S, id)
    if factors.integer(S, exponent) or is_scalar(S, id) and is(S, exponent, "number") then
      return M.add_invertible(session, list, base)
    end
  end
  id = without_number(S, id)
  local inner = not property and invertible_argument(session, id)
  if inner then
    return M.add_invertible(session, list, inner)
  end
  M.add(session, list, property or is_scalar(S, id) and "nonzero" or "invertible", id)
end

-- ---------------------------------------------------------------------------------------------- singular for all values

-- Is a square matrix of a form that needs no trial: a letter, its transpose or power, a product of such, G'*M*G?
local function is_plain(S, id)
  local op, own = S:op(id)
  if not own then
    return false
  elseif op == "symbol" or op == "I" or op == "number" then
    return true
  elseif op == "transpose" then
    return is_plain(S, S:args(id)[1])
  elseif op == "power" then
    return is_plain(S, S:args(id)[1])
  elseif op == "product" then
    for _, a in ipairs(S:args(id)) do
      local square = S:rows(a) == S:cols(a)
      local column = S:rows(a) == ONE or S:cols(a) == ONE
      if not is_plain(S, a) or column and not square then
        return false
      end
    end
    return true
  end
  return false
end

--- May a square matrix be invertible? One that has no inverse at any of many random values is singular, as u*v' is.
function M.may_be_invertible(session, id)
  local S = session.S
  if is_plain(S, id) or S:property("invertible", id) then
    return true
  end
  session.tried_inverses = session.tried_inverses or setmetatable({}, { __mode = "k" })
  local handle = session:wrap(id)
  local known = session.tried_inverses[handle]
  if known == nil then
    local done, inverse = pcall(S.inv, S, id)
    known = done and equality.defined(session, inverse)
    session.tried_inverses[handle] = known
  end
  return known
end

return M
