--- Equations solved by the `isolate` statements of the rule files.
--
-- The terms with the unknown stand on the left, all others on the right. Where one term is left, the part of it that holds
-- the unknown is peeled off, one operation after the other; where there are several, a statement about a sum must fit. What is
-- peeled off is shown to a statement with a symbol in the place of each part, so that it matches in one way. An equation with
-- the inverse of the unknown is multiplied by the unknown, if that makes it linear. Invariant: each line follows from the
-- one before under the conditions that have been noted.
--
-- @module nabla.solve.isolate

local conditions = require "nabla.solve.conditions"
local core = require "nabla.core"
local factors = require "nabla.algebra.factors"
local linear = require "nabla.solve.linear"
local multiplied = require "nabla.solve.multiplied"
local powers = require "nabla.solve.powers"
local quadratic = require "nabla.solve.quadratic"
local sampling = require "nabla.solve.sampling"
local statements = require "nabla.solve.statements"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds
local MOST_LINES = 40

local is, is_scalar = factors.is, factors.is_scalar
local apply, parts = statements.apply, statements.parts
local multiple_of_identity = linear.multiple_of_identity

-- ---------------------------------------------------------------------------------------------- sums of terms

-- L*X*R + M*X*N with the parts under symbols, each part under its own, but A' where that is the other A: the forms that
-- statements about sums may fit.
local function sum_forms(S, p, groups, unknown)
  local first, second = groups[1], groups[2]
  local a, b = p:symbol(first[1]), p:symbol(first[2])
  local function other(id)
    if id == S:transpose(first[1]) or id == first[1] and S:property("symmetric", id) then
      return is(S, a, "I") and a or S:transpose(a)
    end
    return p:again(id)
  end
  local function form(sign, c, d)
    return S:sum { S:product { a, unknown, b }, S:product { S:rational(sign), c, unknown, d } }
  end
  return {
    form(1, other(second[1]), other(second[2])),
    form(-1, other(S:neg(second[1])), other(second[2])),
  }
end

-- Are both of two matrices known to be invertible?
local function is_known(S, first, second)
  return S:property("invertible", first) and S:property("invertible", second)
end

-- L*X + X*N with a multiple of X divided between L and N so that N is L', where that can be: sides { L, I }, { I, N }.
local function balanced(S, g, h)
  if not (is(S, g[2], "I") and is(S, h[1], "I")) or S:rows(g[1]) ~= S:rows(h[2]) then
    return g, h
  end
  local c = multiple_of_identity(S, S:expand(S:simplify(S:sum { g[1], S:neg(S:transpose(h[2])) })))
  if not c or c == S:rational(0) or is(S, c, "zeros") then
    return g, h
  end
  local half = S:product { S:rational(0.5), c, g[2] }
  local left, right = S:expand(S:sum { g[1], S:neg(half) }), S:expand(S:sum { h[2], half })
  return { S:simplify(left), g[2] }, { h[1], S:simplify(right) }
end

-- L*X*R + M*X*N = C with one side of each term the identity: by a scalar, as it is, or by inverses. Sides are { L, R }.
local function reduced(session, g, h, C, needs)
  local S = session.S
  local a, b = multiple_of_identity(S, g[1]), multiple_of_identity(S, g[2])
  if not (a and b) then
    local c, d = multiple_of_identity(S, h[1]), multiple_of_identity(S, h[2])
    if c and d then
      return reduced(session, h, g, C, needs)
    end
  end
  if a and b then -- X + M*X*N = C
    local c = S:product { a, b }
    conditions.add_invertible(session, needs, c)
    local unit = { S:identity(S:rows(g[1])), S:identity(S:rows(g[2])) }
    local sign = linear.coefficient(S, h[2])
    return unit, { S:product { sign, S:div(h[1], c) }, S:div(h[2], sign) }, S:div(C, c)
  end
  local function is_one(id)
    return is(S, id, "I") or id == S:rational(1)
  end
  if is_one(g[2]) and is_one(h[1]) then
    return g, h, C
  elseif is_one(h[2]) and is_one(g[1]) then
    return h, g, C
  elseif not is_known(S, h[1], g[2]) and is_known(S, g[1], h[2]) then
    g, h = h, g
  end
  if S:rows(h[1]) ~= S:cols(h[1]) or S:rows(g[2]) ~= S:cols(g[2]) then
    return nil
  end
  if not (conditions.may_be_invertible(session, h[1]) and conditions.may_be_invertible(session, g[2])) then
    return nil
  end
  conditions.add_invertible(session, needs, h[1])
  conditions.add_invertible(session, needs, g[2])
  local left, right = S:inv(h[1]), S:inv(g[2])
  local first = { S:product { left, g[1] }, S:identity(S:rows(g[2])) }
  local second = { S:identity(S:rows(h[1])), S:product { h[2], right } }
  return first, second, S:product { left, C, right }
end

-- Y + Y' = C or Y - Y' = C with Y = L*X*R: by a statement about Y, then Y = L*X*R.
local function with_transpose(session, plain, transposed, C, x)
  local S = session.S
  local Y = S:product { plain.left, x, plain.right }
  local other = S:product { transposed.left, S:transpose(x), transposed.right }
  local sign = other == S:transpose(Y) and 1 or other == S:neg(S:transpose(Y)) and -1
  if not sign then
    return nil
  end
  local p, needs = parts(session), {}
  local unknown = p:symbol(S:symbol(" unknown", KIND.matrix, 0, S:rows(Y), S:cols(Y)))
  local form = S:sum { unknown, S:product { S:rational(sign), S:transpose(unknown) } }
  local value, st, reason, any = apply(session, p, form, p:symbol(C), unknown, true, needs)
  if not value then
    return nil, reason
  end
  local solution = linear.two_sided(session, plain.left, plain.right, S:simplify(value), x)
  if solution.consistent then
    return nil, ("the equation determines only a part of %s"):format(S:name(x))
  end
  table.move(solution.needs, 1, #solution.needs, #needs + 1, needs)
  solution.needs, solution.statement = needs, st
  solution.free = solution.free or {}
  table.insert(solution.free, any)
  return solution
end

-- Sums of two terms in a matrix, by statements about sums. Given to nabla.solve.linear.
linear.on_sums(function(session, plain, transposed, C, x)
  local S = session.S
  if #plain == 1 and #transposed == 1 then
    return with_transpose(session, plain[1], transposed[1], C, x)
  elseif #plain ~= 2 or #transposed > 0 then
    return nil
  end
  local needs = {}
  local function scaled(term) -- the number of a term goes with its left side
    return { term.left, term.right }
  end
  local g, h, right = reduced(session, scaled(plain[1]), scaled(plain[2]), C, needs)
  if not g then
    return nil
  end
  g, h = balanced(S, g, h)
  local p = parts(session)
  local unknown = p:symbol(S:symbol(" unknown", KIND.matrix, 0, S:cols(g[1]), S:rows(g[2])))
  local other = p:symbol(right)
  for _, form in ipairs(sum_forms(S, p, { g, h }, unknown)) do
    if S:rows(form) == S:rows(other) and S:cols(form) == S:cols(other) then
      local value, st = apply(session, p, form, other, unknown, true, needs)
      if value then
        return { value = value, needs = needs, statement = st }
      end
    end
  end
  return nil
end)

-- ---------------------------------------------------------------------------------------------- peeling

-- A chain that begins and ends with the same factor, or with a factor and its transpose, with nothing of x between: that factor, what
-- `peel` gives with it, and "same" or "transposed": the conditions of a quadratic equation must be known, since most matrices do not fulfil
-- them.
local function between(S, chain, holds, p)
  local n = #chain
  for i = 2, n - 1 do
    if holds(chain[i]) then
      return nil, "stands in several factors"
    end
  end
  local turned = chain[1] ~= chain[n] and S:transpose(chain[1]) == chain[n]
  if not turned and (n < 3 or chain[1] ~= chain[n]) then
    return nil, "stands in several factors"
  end
  local middle = n > 2 and p:symbol(S:product(table.move(chain, 2, n - 1, 1, {})))
  return chain[1], function(u)
    local last = turned and S:transpose(u) or u
    return middle and S:product { u, middle, last } or S:product { u, last }
  end, nil, turned and "transposed" or "same"
end

-- The part of a term that holds x, and a function that puts another node in its place with all other parts under symbols; or
-- nil and the scalar that the part is multiplied by.
local function peel(S, id, holds, p)
  local op, own = S:op(id)
  if own and op == "product" then
    local f = factors.of(S, id)
    local scalars, chain = {}, f.chain
    if f.coefficient ~= S:rational(1) then
      scalars[1] = f.coefficient
    end
    local inner
    for _, s in ipairs(f.scalars) do
      local node = S:power(s[1], s[2])
      if holds(node) then
        if inner then
          return nil, "stands in several factors"
        end
        inner = node
      else
        scalars[#scalars + 1] = node
      end
    end
    if inner then
      if #chain > 0 then
        return nil, "stands in a scalar factor"
      end
      return inner, nil, S:product(scalars)
    elseif #scalars > 0 then
      return S:product(chain), nil, S:product(scalars)
    end
    local first, last
    for i, link in ipairs(chain) do
      if holds(link) then
        first, last = first or i, i
      end
    end
    if first > 1 then
      local l = p:symbol(S:product(table.move(chain, 1, first - 1, 1, {})))
      return S:product(table.move(chain, first, #chain, 1, {})), function(u)
        return S:product { l, u }
      end
    elseif last < #chain then
      local r = p:symbol(S:product(table.move(chain, last + 1, #chain, 1, {})))
      return S:product(table.move(chain, 1, last, 1, {})), function(u)
        return S:product { u, r }
      end
    end
    return between(S, chain, holds, p)
  end
  local args, at = S:args(id), nil
  for i, a in ipairs(args) do
    if holds(a) then
      if at then
        return nil, "stands in several places"
      end
      at = i
    end
  end
  if not at or own and (op == "sum" or op == "range") then
    return nil, "stands in a sum"
  end
  return args[at], function(u)
    local list = {}
    for i, a in ipairs(args) do
      local constant = S:op(a) == "number" or S:op(a) == "name" or S:rows(a) == 0
      list[i] = i == at and u or constant and a or p:symbol(a)
    end
    return S:again(id, list)
  end
end

-- The terms with x, and what the others give on the right side.
local function split(S, id, holds)
  local numbers, terms = factors.terms(S, id)
  local with, rest = {}, {}
  for i, t in ipairs(terms) do
    local term = S:product { numbers[i], t }
    if holds(t) then
      with[#with + 1] = term
    else
      rest[#rest + 1] = S:neg(term)
    end
  end
  return with, #rest > 0 and S:sum(rest) or S:zeros(S:rows(id), S:cols(id))
end

-- Several terms with a scalar x, which is itself the unknown's part: as a*x^2 + b*x.
local function sum_of_scalar(session, with, right, x, needs)
  local S = session.S
  if not is_scalar(S, x) then
    return nil
  end
  local p, list = parts(session), {}
  local unknown = p:symbol(x)
  local by = {}
  local function holds(id)
    return factors.holder(S, x)(id)
  end
  for _, term in ipairs(with) do
    local f = factors.of(S, term, true)
    local rest, inner = { f.coefficient }, nil
    for _, s in ipairs(f.scalars) do
      local node = S:power(s[1], s[2])
      if holds(node) then
        if inner then
          return nil
        end
        inner = node
      else
        rest[#rest + 1] = node
      end
    end
    if not inner then
      return nil
    end
    if by[inner] then
      by[inner][1] = S:sum { by[inner][1], S:product(rest) }
    else
      by[inner] = { S:product(rest), inner }
      list[#list + 1] = by[inner]
    end
  end
  local terms = {}
  for i, item in ipairs(list) do
    local c = item[1]
    local shown = S:symbol(" part" .. #p.from, KIND.scalar, 0, ONE, ONE)
    p.from[#p.from + 1], p.to[#p.to + 1] = shown, c
    terms[i] = S:product { shown, S:replace(item[2], { x }, { unknown }) }
  end
  local other = S:symbol(" right", KIND.scalar, 0, ONE, ONE)
  p.from[#p.from + 1], p.to[#p.to + 1] = other, right
  local value, st = apply(session, p, S:sum(terms), other, unknown, true, needs)
  return value and { value = value, needs = needs, statement = st }
end

--- One operation isolated: of left = right, where left is a term with x and right may hold x, what is below the outer function of
-- left, and what that equals.
-- @treturn integer|nil the inner node; nil where no statement fits
-- @treturn integer its value
-- @treturn table the statement
function M.step(session, left, right, x)
  local S = session.S
  local holds = factors.holder(S, x)
  local f, inner, rest = factors.of(S, left, true), nil, {}
  rest[1] = f.coefficient
  for _, s in ipairs(f.scalars) do
    local node = S:power(s[1], s[2])
    local plain = factors.integer(S, s[2]) and (s[1] == x or is(S, s[1], "sum") or is(S, s[1], "product"))
    if holds(node) and not plain and not inner then
      inner = node
    else
      rest[#rest + 1] = node
    end
  end
  if not inner then
    return nil
  end
  right = S:div(right, S:product(rest))
  local p = parts(session)
  local below, around = peel(S, inner, holds, p)
  if not below or not is_scalar(S, below) then
    return nil
  end
  local unknown = S:symbol(" unknown", KIND.scalar, 0, ONE, ONE)
  local other = S:symbol(" right", KIND.scalar, 0, ONE, ONE)
  p.from[#p.from + 1], p.to[#p.to + 1] = other, right
  local value, st = apply(session, p, around(unknown), other, unknown, false, {})
  return value and below, value, st
end

-- Is each condition known, or that something is invertible?
local function mostly_known(needs, from)
  for i = from, #needs do
    local c = needs[i]
    if not c.known and c.property ~= "invertible" and c.property ~= "nonzero" then
      return false
    end
  end
  return true
end

local by_part -- of several terms with one part in common; after `peeled`, which it uses

-- Peel left = right until x stands alone.
local function peeled(session, id, x)
  local S = session.S
  local holds = factors.holder(S, x)
  local needs, lines = {}, {}
  local several, free, loose
  local left, right = id, S:zeros(S:rows(id), S:cols(id))
  for _ = 1, MOST_LINES do
    if left == x then
      return { value = right, needs = needs, lines = lines, several = several, free = free, loose = loose }
    end
    local E = S:sum { left, S:neg(right) }
    local with, rest = split(S, E, holds)
    if #with == 0 then
      return nil, ("%s cancels"):format(S:name(x))
    elseif #with ~= 1 or #lines > 0 and with[1] ~= x then
      local found, _, is_linear = linear.solve(session, E, x)
      if found and is_linear and not (found.vec and #with == 1) then
        table.move(found.needs, 1, #found.needs, #needs + 1, needs)
        found.needs = needs
        found.lines = table.move(found.lines or {}, 1, #(found.lines or {}), #lines + 1, lines)
        found.several, found.loose = several, loose
        found.free = free and table.move(found.free or {}, 1, #(found.free or {}), #free + 1, free) or found.free
        return found
      end
      local some = #with ~= 1 and sum_of_scalar(session, with, rest, x, needs)
      if some then
        some.lines, some.several, some.loose = lines, several or some.statement.several, loose
        return some
      end
      some = #with ~= 1 and E ~= id and by_part(session, E, x)
      if some then
        table.move(some.needs, 1, #some.needs, #needs + 1, needs)
        some.needs, some.several, some.loose = needs, several or some.several, loose or some.loose
        some.lines = table.move(some.lines or {}, 1, #(some.lines or {}), #lines + 1, lines)
        return some
      end
      if #with ~= 1 then
        return nil, ("%s stands in %d terms, which no way of isolating fits"):format(S:name(x), #with)
      end
    end
    left, right = with[1], rest
    if left ~= x then
      local p = parts(session)
      local inner, around, scalar, twice = peel(S, left, holds, p)
      if not inner then
        return nil, ("%s %s of %s"):format(S:name(x), around, session:text(left))
      elseif scalar then
        conditions.add_invertible(session, needs, scalar)
        left, right = inner, S:div(right, scalar)
        goto next
      end
      local unknown = S:symbol(" unknown", KIND.matrix, 0, S:rows(inner), S:cols(inner))
      if is_scalar(S, inner) then
        unknown = S:symbol(" unknown", KIND.scalar, 0, ONE, ONE)
      end
      local shown = around(unknown)
      local kind = is_scalar(S, right) and KIND.scalar or KIND.matrix
      local other = S:symbol(" right", kind, 0, S:rows(right), S:cols(right))
      p.from[#p.from + 1], p.to[#p.to + 1] = other, right
      local before = #needs
      local value, st, reason, any = apply(session, p, shown, other, unknown, false, needs)
      if not value or twice and not mostly_known(needs, before + 1) then
        return nil, reason or ("no way of isolating fits %s"):format(session:text(left))
      end
      several, loose = several or st.several, loose or twice == "transposed"
      if any then
        free = free or {}
        free[#free + 1] = any
      end
      left, right = inner, S:simplify(value)
      lines[#lines + 1] = { left = left, right = right, reason = { rule = st } }
    end
    ::next::
  end
  return nil, "the equation is too deep"
end

-- ---------------------------------------------------------------------------------------------- inverses of the unknown

-- Is E quadratic in x: is its differential linear?
local function is_quadratic(S, E, x)
  local tangent = S:hole(S:name(x), S:rows(x), S:cols(x))
  local done, first = pcall(S.forward, S, E, x, tangent)
  local again, second = pcall(S.forward, S, done and first or E, x, tangent)
  return done and again and not factors.holder(S, x)(S:expand(second))
end

-- Where x occurs only inside one node, as inv(X) in A*inv(X) + inv(X)*B = C: solve for that node, then for x.
function by_part(session, E, x)
  local S = session.S
  local holds = factors.holder(S, x)
  for _, part in ipairs(S:postorder(E)) do
    if part ~= x and part ~= E and holds(part) then
      local rows, cols = S:rows(part), S:cols(part)
      local kind = rows == ONE and cols == ONE and "scalar" or cols == ONE and "vector" or "matrix"
      local y = S:symbol(" inner", KIND[kind], 0, rows, cols)
      local outer = S:replace(E, powers.of(session, E, part, y))
      if not holds(outer) then
        local first, _, is_linear = linear.solve(session, outer, y)
        if not first and not is_linear then
          first = peeled(session, outer, y)
          for _, form in ipairs(first and {} or multiplied.forms(S, outer, y)) do
            first = first or peeled(session, form, y)
          end
        end
        if first and not first.free and not first.consistent then
          local second = peeled(session, S:sum { part, S:neg(S:textbook(first.value)) }, x)
          if second then
            table.move(second.needs, 1, #second.needs, #first.needs + 1, first.needs)
            second.needs, second.several = first.needs, first.several or second.several
            second.loose = first.loose or second.loose
            return second
          end
        end
      end
    end
  end
end

-- A condition other than that something is invertible, which is not known.
local function assumed_attribute(needs)
  for _, c in ipairs(needs) do
    if not c.known and c.property ~= "invertible" and c.property ~= "nonzero" then
      return c
    end
  end
end

-- Is a letter declared to have what an attribute implies, as a symmetric one that may be assumed positive semidefinite?
local function half_declared(session, c)
  local S = session.S
  local implied = S:op(c.node_id) == "symbol" and session.implications[c.property] or {}
  for name in pairs(implied) do
    if S:property(name, c.node_id) then
      return true
    end
  end
  return false
end

-- An assumed attribute of what is not declared so by half: it may hold nowhere.
local function assumed_of_expression(session, needs)
  local S = session.S
  for _, c in ipairs(needs) do
    local open = not c.known and c.property ~= "invertible" and c.property ~= "nonzero"
    local declared = open and S:op(c.node_id) == "symbol"
    if open and declared and not half_declared(session, c) then
      return c
    elseif open and not declared and not sampling.may_hold(session, c.property, c.node_id) then
      return c
    end
  end
end

local function count_known(needs)
  local count = 0
  for _, c in ipairs(needs) do
    count = count + (c.known and 1 or 0)
  end
  return count
end

-- A quadratic equation in a matrix, by a statement about such a sum: its parts under symbols, a part and its transpose under one.
local function of_quadratic(session, E, x, reduced_square)
  local S = session.S
  local form = quadratic.read(session, E, x)
  local number = form and multiple_of_identity(S, form.middle)
  if not form or reduced_square and not number then
    return nil
  end
  local why, best
  for name, id in pairs(reduced_square and form or {}) do
    form[name] = S:div(id, number)
  end
  if reduced_square and is(S, form.left, "zeros") then
    form.left, form.right = form.right, form.left -- what solves one commutes with the coefficient
  end
  if reduced_square and not is(S, form.right, "zeros") then
    return nil
  end
  for _, sign in ipairs(reduced_square and { -1 } or { 1, -1 }) do
    local signed = {}
    for name, id in pairs(form) do
      signed[name] = sign > 0 and id or S:neg(id)
    end
    local p, needs = parts(session), {}
    local right = is(S, signed.right, "zeros") and signed.right or p:opaque(signed.right)
    local left = signed.left == S:transpose(signed.right) and S:transpose(right) or p:opaque(signed.left)
    local inner = p:opaque(S:neg(signed.middle))
    local unknown = S:symbol(" unknown", KIND.matrix, 0, S:rows(x), S:cols(x))
    local square = reduced_square and S:product { unknown, unknown } or S:product { unknown, inner, unknown }
    local shown = S:sum { S:product { left, unknown }, S:product { unknown, right }, S:neg(square) }
    local value, st, reason = apply(session, p, shown, p:opaque(S:neg(signed.rest)), unknown, true, needs)
    local known = value and count_known(needs)
    local open = value and assumed_of_expression(session, needs)
    if open then
      local text = "the equation is quadratic in %s (a Riccati equation): the solution %s asks for %s, not known"
      value, why = nil, text:format(S:name(x), session:text(value), open:text())
    end
    if value and not (best and known <= best.known) then
      best = { value = value, needs = needs, several = st.several, lines = {}, statement = st, known = known }
    end
    why = why or reason
  end
  return best, why
end

-- A product L*x*R with what is beside x under symbols; nil for another node.
local function under_symbols(S, p, id, x)
  local chain = factors.of(S, id).chain
  for i, link in ipairs(chain) do
    if link == x then
      local left = table.move(chain, 1, i - 1, 1, {})
      local right = table.move(chain, i + 1, #chain, 1, {})
      local list = { x }
      if #left > 0 then
        table.insert(list, 1, p:opaque(S:product(left)))
      end
      if #right > 0 then
        list[#list + 1] = p:opaque(S:product(right))
      end
      return S:product(list)
    end
  end
end

-- Several terms with x, as a statement has them: A'*X + X*A - X*S*X. The equation is shown to the statements as it is.
local function whole(session, E, x)
  local S = session.S
  local with, rest = split(S, E, factors.holder(S, x))
  if #with < 2 then
    return nil
  end
  local left = S:sum(with)
  for _, sides in ipairs { { left, rest }, { S:neg(left), S:neg(rest) } } do
    local needs = {}
    local value, st, reason = apply(session, parts(session), sides[1], sides[2], x, true, needs)
    if value and not assumed_attribute(needs) then
      return { value = value, needs = needs, several = st.several, lines = {}, statement = st }
    elseif reason then
      return nil, reason
    end
  end
end

-- Solve a factor of E; `several`: another factor may be zero as well.
local function one_factor(session, node, x, several)
  if several and statements.is_skipped(session, node) then
    return nil
  end
  local found, _, is_linear = linear.solve(session, node, x)
  found = found and is_linear and found or peeled(session, node, x)
  if found then
    found.lines, found.several = found.lines or {}, several or found.several
  end
  if found and several then
    statements.note_use(session, node)
  end
  return found
end

-- A scalar sum of which each term has a power of x as a factor, without it; nil for another node.
local function without_power(S, E, x)
  local numbers, terms = factors.terms(S, E)
  local least
  for _, term in ipairs(is_scalar(S, x) and is_scalar(S, E) and #terms > 1 and terms or {}) do
    local own
    for _, f in ipairs(factors.of(S, term, true).scalars) do
      own = f[1] == x and factors.integer(S, f[2]) or own
    end
    if not own or own < 1 then
      return nil
    end
    least = math.min(least or own, own)
  end
  if least then
    for i, term in ipairs(terms) do
      terms[i] = S:product { numbers[i], term, S:power(x, S:rational(-least)) }
    end
    return S:sum(terms)
  end
end

-- A product is zero where a factor is: (x - a)*(x - b) = 0, exp(-x'*x)*x = 0, x^3 - x = 0. A factor that is no sum and no letter, such
-- as exp(x), is tried last.
local function of_factor(session, E, x)
  local S = session.S
  local power = without_power(S, S:expand(E), x)
  if power then
    local found = one_factor(session, power, x, true)
    local zero = not found and { value = S:rational(0), needs = {}, lines = {}, several = true }
    return found or not S:property("positive", x) and zero or nil
  end
  local holds, factored = factors.holder(S, x), S:textbook(E)
  local parts_ = factors.of(S, factored)
  local list, number, zeros = {}, 0, 0
  for _, f in ipairs(parts_.scalars) do
    local n = factors.integer(S, f[2])
    number = number + (holds(f[1]) and 1 or 0)
    zeros = zeros + (holds(f[1]) and n ~= nil and n > 0 and not S:property("positive", f[1]) and 1 or 0)
    if holds(f[1]) and n and n > 0 then
      local plain = is(S, f[1], "sum") and is_scalar(S, E)
      table.insert(list, plain and 1 or #list + 1, f[1])
    end
  end
  local rest = #parts_.chain > 0 and S:product(parts_.chain)
  if rest and holds(rest) and number > 0 then
    table.insert(list, 1, rest)
    zeros = zeros + 1
  elseif not is_scalar(S, E) or number < 2 then
    return nil
  end
  for _, factor in ipairs(list) do
    local found = one_factor(session, factor, x, zeros > 1)
    if found then
      return found
    end
  end
end

--- Solve E = 0 for an x with attributes, by a statement that asks for them; nil where none fits.
function M.of_attribute(session, E, x)
  local S = session.S
  if S:attributes(x) == 0 then
    return nil
  end
  local with, rest = split(S, E, factors.holder(S, x))
  local left = #with > 0 and S:simplify(S:sum(with))
  local turned = left and { S:simplify(S:transpose(left)), S:simplify(S:transpose(rest)) }
  for _, sides in ipairs(left and { { left, rest }, turned } or {}) do
    local scalar = factors.of(S, sides[1]).coefficient
    local needs, p = {}, parts(session)
    local shown = under_symbols(S, p, S:div(sides[1], scalar), x)
    local other = shown and p:opaque(S:div(sides[2], scalar))
    local value, st, _, any
    if shown and not factors.holder(S, x)(p:back(other)) then
      value, st, _, any = apply(session, p, shown, other, x, factors.is(S, shown, "sum"), needs, true)
    end
    if value then
      for i = #needs, 1, -1 do -- what is declared
        if needs[i].node_id == x and not needs[i].known then
          return nil
        elseif needs[i].node_id == x then
          table.remove(needs, i)
        end
      end
      local free = any and { any } or nil
      return { value = S:simplify(value), needs = needs, lines = {}, statement = st, free = free, several = st.several }
    end
  end
end

--- Solve E = 0 for x, where E is not linear in x.
-- @tparam table session
-- @tparam integer E
-- @tparam integer x a symbol
-- @tparam string why it is not linear
-- @treturn table|nil the solution: value, needs, lines; or nil
-- @treturn string why not
function M.solve(session, E, x, why)
  local S = session.S
  if S:attributes(x) ~= 0 then -- what they say of its transpose
    E = S:expand(S:simplify(E))
  end
  local products = multiplied.forms(S, E, x)
  for _, product in ipairs(products) do
    local found, _, is_linear = linear.solve(session, product, x)
    if found and is_linear and not found.free then
      found.lines, found.product = found.lines or {}, product
      table.insert(found.lines, 1, { left = product, right = S:zeros(S:rows(product), S:cols(product)),
        reason = { word = "multiplied", args = { S:name(x) } } })
      return found
    end
  end
  local found, reason = peeled(session, E, x)
  for _, product in ipairs(products) do
    local other = peeled(session, product, x)
    if other and not (found and S:cost(found.value) <= S:cost(other.value)) then
      found, other.product = other, product
    end
  end
  if found then
    return found
  end
  found = of_factor(session, E, x) or by_part(session, E, x)
  if found then
    return found
  end
  local fits, why_not = of_quadratic(session, E, x)
  for _, form in ipairs(fits and {} or { E, table.unpack(products) }) do
    fits = fits or form ~= E and of_quadratic(session, form, x) or of_quadratic(session, form, x, true)
  end
  if not fits and not why_not then
    fits, why_not = whole(session, E, x)
  end
  if fits then
    return fits
  end
  if #products > 0 then
    local outside = S:replace(E, { S:inv(x) }, { S:zeros(S:rows(x), S:cols(x)) })
    if not is_scalar(S, x) and factors.holder(S, x)(outside) then
      return nil, ("%s stands inside and outside an inverse"):format(S:name(x))
    end
  end
  if why_not then
    return nil, why_not
  end
  if S:cols(x) ~= ONE and is_quadratic(S, E, x) then
    local kind = quadratic.read(session, E, x) and " (a Riccati equation)" or ""
    return nil, ("the equation is quadratic in %s%s; it has no closed form"):format(S:name(x), kind)
  end
  return nil, reason or why
end

return M
