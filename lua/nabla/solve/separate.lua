--- An unknown scalar among the terms of an argument gets a factor of its own: exp(a*ones(n) + v) is exp(a)*exp(v).
--
-- The `isolate` statements that have no right side say so. Invariant: the expression keeps its value.
--
-- @module nabla.solve.separate

local factors = require "nabla.algebra.factors"
local statements = require "nabla.solve.statements"

local M = {}

local MOST_PASSES = 4

-- The terms of a sum with the unknown as one term scalar*chain; nil where they have no chain in common.
local function joined(S, numbers, terms, holds)
  local scalars, chain, rest = {}, nil, {}
  for i, term in ipairs(terms) do
    if not holds(term) then
      rest[#rest + 1] = S:product { numbers[i], term }
    else
      local parts = factors.of(S, term, true)
      local own = factors.chain(S, parts.chain, S:cols(term))
      local fixed = factors.is(S, own, "ones") or factors.is(S, own, "I") or not holds(own)
      if #parts.chain == 0 and not factors.is_scalar(S, term) or #parts.chain > 0 and not fixed then
        return nil
      elseif chain and own ~= chain then
        return nil
      end
      chain, parts.chain = own, {}
      scalars[#scalars + 1] = S:product { numbers[i], factors.product(S, parts) }
    end
  end
  if #scalars > 0 then
    return S:sum(scalars), chain, rest
  end
end

-- The argument of a function with its unknown scalar and the rest of its terms under symbols; and the first of them.
local function under_symbols(S, p, argument, holds)
  local numbers, terms = factors.terms(S, argument)
  local scalar, chain, rest = joined(S, numbers, terms, holds)
  if not scalar then
    return nil
  end
  local unknown = p:opaque(scalar)
  local list = { factors.is_scalar(S, argument) and unknown or S:product { unknown, chain } }
  list[2] = #rest > 0 and p:opaque(S:sum(rest)) or nil
  return S:sum(list), unknown
end

-- What the first statement that fits makes of a node whose parts are under symbols; `unknown`, if given, is that of the statement.
local function by_statement(session, p, node, unknown, blind)
  local S = session.S
  for _, st in ipairs(statements.all(session)) do
    if st.factor and (not unknown or S:rewrite(st.unknown, node) == unknown) then
      local gives = S:rewrite(st.gives, node)
      local fits = gives ~= node
      for _, c in ipairs(st.conditions) do
        fits = fits and c.a and not c.b and S:property(c.predicate, p:back(S:rewrite(c.a, node)))
      end
      if fits then
        return blind and gives or p:back(gives)
      end
    end
  end
end

--- As `by_statement`; with `blind` the parts stay under their symbols.
M.by_statement = by_statement

-- The place of the one argument that holds the unknown, or nil.
local function place_of(S, id, holds)
  local at
  for i, a in ipairs(S:args(id)) do
    if holds(a) then
      if at then
        return nil
      end
      at = i
    end
  end
  return at
end

-- A node in which the terms of an argument that hold the unknown are a factor of their own, or nil.
local function factored(session, id, at, holds)
  local S = session.S
  local args = S:args(id)
  local p = statements.parts(session)
  local shown, unknown = under_symbols(S, p, args[at], holds)
  if not shown then
    return nil
  end
  args[at] = shown
  for i, a in ipairs(args) do
    args[i] = i ~= at and S:rows(a) ~= 0 and S:op(a) ~= "number" and p:opaque(a) or a
  end
  return by_statement(session, p, S:again(id, args), unknown)
end

-- Nodes of the engine that no statement is about.
local INNER = { symbol = true, number = true, product = true, sum = true, transpose = true }
INNER.I, INNER.ones, INNER.zeros = true, true, true

-- Replace each node but sums and products that `change` gives another form of.
local function replaced(S, E, change)
  local from, to = {}, {}
  for _, id in ipairs(S:postorder(E)) do
    local op, own = S:op(id)
    local found = not (own and INNER[op]) and change(id)
    if found then
      from[#from + 1], to[#to + 1] = id, found
    end
  end
  return #from > 0 and S:replace(E, from, to) or E
end

--- E with the unknown in factors of their own, where statements say so.
-- @tparam table session
-- @tparam integer E
-- @tparam integer x a symbol; of a column or a matrix E stays
-- @treturn integer
function M.of(session, E, x)
  local S = session.S
  if not factors.is_scalar(S, x) then
    return E
  end
  local holds = factors.holder(S, x)
  local apart = replaced(S, E, function(id)
    local at = holds(id) and place_of(S, id, holds)
    return at and factored(session, id, at, holds)
  end)
  return apart ~= E and S:simplify(apart) or E -- abs(x)^2 is x^2
end

-- Is a term a multiple of ones, or a multiple of a function among scalars?
local function is_constant_part(S, term)
  local parts = factors.of(S, term)
  if factors.is_scalar(S, term) then
    local own = #parts.scalars == 1 and select(2, S:op(parts.scalars[1][1]))
    return #parts.scalars == 1 and not own
  end
  return #parts.chain == 1 and (factors.is(S, parts.chain[1], "ones") or factors.is(S, parts.chain[1], "I"))
end

-- A node whose argument is a sum or a product, as a function of its first part and the rest; nil where no statement is about it.
local function opened_once(session, id)
  local S = session.S
  local args = S:args(id)
  local a = args[1]
  if not a or S:rows(a) == 0 then
    return nil
  end
  local direct = by_statement(session, statements.parts(session), id)
  if direct or not factors.is_scalar(S, a) then
    return direct
  end
  local list
  if factors.is(S, a, "sum") then
    local numbers, terms = factors.terms(S, a)
    for i, term in ipairs(terms) do
      terms[i] = S:product { numbers[i], term }
    end
    list = terms
  elseif factors.is(S, a, "product") then
    list = S:args(a)
    if list[1] == S:rational(1) then
      table.remove(list, 1)
    end
  end
  if not list or #list < 2 then
    return nil
  end
  local join = factors.is(S, a, "sum") and S.sum or S.product
  local p = statements.parts(session)
  args[1] = join(S, { p:opaque(list[1]), p:opaque(join(S, table.move(list, 2, #list, 1, {}))) })
  return by_statement(session, p, S:again(id, args))
end

--- A node with the arguments of its functions written out, as far as statements say how: exp(a - log(b)) as exp(a)/b.
-- @tparam table session
-- @tparam integer id
-- @treturn integer
function M.opened(session, id)
  for _ = 1, MOST_PASSES do
    local before = id
    id = replaced(session.S, id, function(node)
      return opened_once(session, node)
    end)
    if id == before then
      break
    end
  end
  return id
end

-- A value without fractions in its denominators: a*b/(a - b) for 1/(1/b - 1/a).
local function without_fractions(S, value)
  local parts, changed = factors.of(S, value), false
  for _, f in ipairs(parts.scalars) do
    local n = factors.integer(S, f[2])
    local common = n and n < 0 and factors.is(S, f[1], "sum") and factors.denominators(S, f[1])
    if common then
      local numbers, terms = factors.terms(S, f[1])
      for i, term in ipairs(terms) do
        terms[i] = S:expand(S:product { numbers[i], term, common })
      end
      f[1] = S:sum(terms)
      parts.coefficient = S:product { parts.coefficient, S:power(common, S:rational(-n)) }
      changed = true
    end
  end
  return changed and factors.product(S, parts) or value
end

--- The number of functions in a value.
function M.functions(S, value)
  local count = 0
  for _, id in ipairs(S:postorder(value)) do
    local _, own = S:op(id)
    count = count + (own and 0 or 1)
  end
  return count
end

-- The value with constants and logarithms out of the exponents.
local function apart(session, value)
  local S = session.S
  for _ = 1, MOST_PASSES do
    local before = value
    value = replaced(S, value, function(id)
      if factors.is(S, S:args(id)[1] or id, "sum") then
        local form = factored(session, id, 1, function(term)
          return is_constant_part(S, term)
        end)
        return form or by_statement(session, statements.parts(session), id)
      end
      return S:rows(id) ~= 0 and by_statement(session, statements.parts(session), id)
    end)
    if value == before then
      break
    end
  end
  return value
end

--- The textbook form of a value: with constants and logarithms out of the exponents, the arguments of functions written out, and no
-- fractions in denominators where that is shorter.
function M.textbook(session, value)
  local S = session.S
  local best = S:textbook(value)
  local open = S:expand(value)
  for i, form in ipairs {
    apart(session, open),
    M.opened(session, value),
    factors.is_scalar(S, value) and without_fractions(S, value) or open,
  } do
    if form ~= open and form ~= value then
      form = S:textbook(S:expand(form))
      local opened = i == 2 and factors.is_scalar(S, value) -- of two as short: fewer functions of functions
      opened = opened or M.functions(S, form) < M.functions(S, best)
      best = S:cost(form) < S:cost(best) + (opened and 1 or 0) and form or best
    end
  end
  return best
end

return M
