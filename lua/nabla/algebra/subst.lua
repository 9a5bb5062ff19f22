--- Substitution as one does it on paper: inside products and sums, up to sign, transposed, several at once.
--
-- Each expression that is sought gives a few *forms*: itself, its transpose, their inverses; each without the number in front
-- of it. A form is looked for in every node, from the leaves up, among the terms of sums, the links of chains (those of
-- traces round the end), the factors of powers and of products entry by entry. What is found becomes a new symbol; the
-- symbols become the new expressions at the end, so that what is put in is not searched. Invariant: a node and what it
-- becomes are equal where each symbol is equal to what it stands for.
--
-- @module nabla.algebra.subst

local core = require "nabla.core"
local counters = require "nabla.algebra.counters"
local factors = require "nabla.algebra.factors"
local merged = require "nabla.algebra.merged"

local M = {}

local COUNTER = core.constants.node_flags.counter
local ATTRIBUTE = core.constants.node_flags.attribute
local SUM = core.constants.node_flags.sum
local KIND = core.constants.kinds

local integer, is, ratio = factors.integer, factors.is, factors.ratio

-- ---------------------------------------------------------------------------------------------- the forms of what is sought

-- A node with the transposes of leaves simplified, where attributes say what they are: S for S' of a symmetric S.
local function with_attributes(S, id)
  if S:flags(id) & ATTRIBUTE == 0 then
    return id
  end
  local from, to = {}, {}
  for _, x in ipairs(S:below(id, "transpose")) do
    local simple = S:simplify(x)
    if simple ~= x then
      from[#from + 1], to[#to + 1] = x, simple
    end
  end
  return #from > 0 and S:replace(id, from, to) or id
end

-- The form of a node that is no number: what its kind of search needs.
local function form_of(S, id, value)
  local parts = factors.of(S, id, true)
  local c = parts.coefficient
  if c ~= S:rational(1) then
    id, value = ratio(S, id, c), ratio(S, value, c)
    parts.coefficient = S:rational(1)
  end
  local form = { id = id, value = value }
  if is(S, id, "sum") then
    form.kind, form.numbers, form.terms = "sum", factors.terms(S, id)
  elseif is(S, id, "hadamard") or is(S, id, "elpower") then
    form.kind, form.factors = "entries", {}
    for i, factor in ipairs(is(S, id, "hadamard") and S:args(id) or { id }) do
      form.factors[i] = { factors.power(S, factor, "elpower") }
    end
  elseif #parts.chain > 1 or #parts.chain > 0 and #parts.scalars > 0 then
    form.kind, form.parts = "chain", parts
  elseif #parts.chain == 0 and (#parts.scalars > 1 or is(S, id, "power")) then
    form.kind, form.parts = "scalars", parts
  end
  return form
end

-- All forms of what is sought: { exact = { node = value }, [1], .. }; `direct`: the same of itself only.
local function forms_of(S, id, value)
  local forms, seen = { exact = {} }, {}
  local function add(x, y)
    local form = form_of(S, x, y)
    if not seen[form.id] then
      seen[form.id] = true
      forms.first = forms.first or form.id
      forms.exact[form.id] = form.value
      forms[#forms + 1] = form.kind and form or nil
    end
  end
  local function both(x, y)
    add(x, y)
    add(with_attributes(S, x), y)
    local turned = S:transpose(x)
    add(turned, S:transpose(y))
    add(with_attributes(S, turned), S:transpose(y))
  end
  add(id, value)
  forms.direct = { exact = { [forms.first] = forms.exact[forms.first] }, [1] = forms[1] }
  both(id, value)
  local parts = factors.of(S, id, true)
  if #parts.chain > 1 and S:rows(id) == S:cols(id) then -- the inverse of a product is a product
    local minus = S:rational(-1)
    both(S:power(id, minus), S:power(value, minus))
  end
  return forms
end

-- ---------------------------------------------------------------------------------------------- factors in any order

-- How often a power of a base holds another power of it.
local function holds_power(S, have, want)
  if have == want then
    return 1
  end
  local n, k = integer(S, have), integer(S, want)
  if not n or not k or k == 0 or (n < 0) ~= (k < 0) then
    return 0
  end
  return math.abs(n) // math.abs(k)
end

-- How often all the wanted powers are among those that there are.
local function holds_powers(S, have, wanted)
  local exponents, times = {}, math.maxinteger
  for _, factor in ipairs(have) do
    exponents[factor[1]] = factor[2]
  end
  for _, factor in ipairs(wanted) do
    local exponent = exponents[factor[1]]
    times = math.min(times, exponent and holds_power(S, exponent, factor[2]) or 0)
  end
  return #wanted > 0 and times or 0
end

-- The powers that are left when the wanted ones are taken out some times.
local function without_powers(S, have, wanted, times)
  local taken, left = {}, {}
  for _, factor in ipairs(wanted) do
    taken[factor[1]] = factor[2]
  end
  for _, factor in ipairs(have) do
    local out = taken[factor[1]]
    local exponent = out and S:sum { factor[2], S:product { S:rational(-times), out } } or factor[2]
    if exponent ~= S:rational(0) then
      left[#left + 1] = { factor[1], exponent }
    end
  end
  return left
end

local search = {}

function search.scalars(S, id, form)
  local parts = factors.of(S, id, true)
  local times = holds_powers(S, parts.scalars, form.parts.scalars)
  if times == 0 then
    return nil
  end
  parts.scalars = without_powers(S, parts.scalars, form.parts.scalars, times)
  parts.scalars[#parts.scalars + 1] = { form.value, S:rational(times) }
  return factors.product(S, parts), times
end

function search.entries(S, id, form)
  if not is(S, id, "hadamard") and not is(S, id, "elpower") then
    return nil
  end
  local have = {}
  for i, factor in ipairs(is(S, id, "hadamard") and S:args(id) or { id }) do
    have[i] = { factors.power(S, factor, "elpower") }
  end
  local times = holds_powers(S, have, form.factors)
  if times == 0 then
    return nil
  end
  local list = {}
  for _, factor in ipairs(without_powers(S, have, form.factors, times)) do
    list[#list + 1] = S:elpower(factor[1], factor[2])
  end
  list[#list + 1] = S:elpower(form.value, S:rational(times))
  return S:hadamard(list), times
end

-- ---------------------------------------------------------------------------------------------- chains

local function begins_at(chain, at, wanted)
  for i, link in ipairs(wanted) do
    if chain[at + i - 1] ~= link then
      return false
    end
  end
  return true
end

-- The chain with each stretch of these links replaced, at most so many; and how many were.
local function replace_stretches(chain, wanted, value, most)
  local out, at, times = {}, 1, 0
  while at <= #chain do
    if times < most and begins_at(chain, at, wanted) then
      out[#out + 1] = value
      at, times = at + #wanted, times + 1
    else
      out[#out + 1] = chain[at]
      at = at + 1
    end
  end
  return out, times
end

-- The chain of a trace, turned so that it begins with these links, where they are found round its end; or nil.
local function turned(chain, wanted)
  local n = #chain
  if #wanted > n then
    return nil
  end
  local twice = table.move(chain, 1, n, n + 1, { table.unpack(chain) })
  for at = n - #wanted + 2, n do
    if begins_at(twice, at, wanted) then
      return table.move(twice, at, at + n - 1, 1, {})
    end
  end
end

function search.chain(S, id, form)
  local parts = factors.of(S, id)
  local wanted = form.parts
  if #parts.chain < #wanted.chain then
    return nil
  end
  local most = #wanted.scalars > 0 and holds_powers(S, parts.scalars, wanted.scalars) or #parts.chain
  local chain, times = replace_stretches(parts.chain, wanted.chain, form.value, most)
  if times == 0 then
    return nil
  end
  parts.scalars, parts.chain = without_powers(S, parts.scalars, wanted.scalars, times), chain
  return factors.product(S, parts), times
end

-- In a trace a chain may be found round its end.
local function search_round(S, id, form)
  local parts = factors.of(S, S:args(id)[1])
  if #form.parts.scalars > 0 then
    return nil
  end
  local chain = turned(parts.chain, form.parts.chain)
  if not chain then
    return nil
  end
  local times
  parts.chain, times = replace_stretches(chain, form.parts.chain, form.value, #chain)
  return S:apply((S:op(id)), { factors.product(S, parts) }), times
end

-- ---------------------------------------------------------------------------------------------- sums

function search.sum(S, id, form)
  if not is(S, id, "sum") then
    return nil
  end
  local numbers, terms = factors.terms(S, id)
  local at, all = {}, {}
  for i, term in ipairs(terms) do
    at[term] = i
  end
  local factor
  for i, term in ipairs(form.terms) do
    local k = at[term]
    local f = k and ratio(S, numbers[k], form.numbers[i])
    if not f or factor and f ~= factor then
      return nil
    end
    factor, at[term] = f, nil
  end
  for i, term in ipairs(terms) do
    all[#all + 1] = at[term] and S:product { numbers[i], term } or nil
  end
  all[#all + 1] = S:product { factor, form.value }
  return S:sum(all), 1
end

-- ---------------------------------------------------------------------------------------------- the walk

-- What a form finds in a node, and how often; or nil.
local function search_form(S, id, form)
  local op, own = S:op(id)
  if own then
    return search[form.kind](S, id, form)
  elseif form.kind == "chain" and op == S:operator_with "cyclic" then
    return search_round(S, id, form)
  end
end

-- All that the forms find in one node. A scalar chain may turn round when a part of it is replaced, so all of them are tried
-- again; what is put in is a symbol that no form holds, so this ends.
local function search_node(S, id, forms)
  local times, again = 0, true
  while again do
    again = false
    for _, form in ipairs(forms) do
      local found, n = search_form(S, id, form)
      if found then
        id, times, again = found, times + n, true
      end
    end
  end
  return id, times
end

-- One pass over an expression.
local function pass(S, root, forms)
  local memo, times = {}, {}
  for _, x in ipairs(S:postorder(root)) do
    local op, own = S:op(x)
    local args = S:args(x)
    if forms.exact[x] then
      memo[x], times[x] = forms.exact[x], 1
    elseif #args == 0 or own and op == "function" then
      memo[x], times[x] = x, 0
    else
      local changed, n = false, 0
      for i, a in ipairs(args) do
        changed = changed or memo[a] ~= a
        n = math.min(n + times[a], 1 << 50)
        args[i] = memo[a]
      end
      local y, own_times = search_node(S, changed and S:again(x, args) or x, forms)
      memo[x], times[x] = y, n + own_times
    end
  end
  return memo[root], times[root]
end

-- The same. Where what is sought is not found as it is, the products are distributed over sums: P*H' stands in
-- P*(I(n) - H'*B). What is found as it is goes before what is found transposed.
local function pass_or_expand(S, id, forms)
  if #forms == 0 or S:flags(id) & SUM == 0 then
    return pass(S, id, forms)
  end
  local opened = id
  if select(2, pass(S, id, forms.direct)) == 0 then
    opened = S:expand(id)
    if opened ~= id and select(2, pass(S, opened, forms.direct)) > 0 then
      return pass(S, opened, forms)
    end
  end
  local result, count = pass(S, id, forms)
  if count == 0 and opened ~= id then
    result, count = pass(S, opened, forms)
  end
  return count > 0 and result or id, count
end

-- What stands for the value of a pair while other pairs are sought.
local function stand_in(S, i, id)
  local kind = factors.is_scalar(S, id) and KIND.scalar or KIND.matrix
  return S:symbol(" " .. i, kind, 0, S:rows(id), S:cols(id))
end

local function heavier(a, b)
  if a.weight ~= b.weight then
    return a.weight > b.weight
  end
  return a.place < b.place
end

-- Counters that are free somewhere get names that no sum binds; with the way back.
local function freed(S, id, pairs_)
  local any, to, back = false, {}, {}
  local function look(x)
    if S:flags(x) & COUNTER == 0 then
      return
    end
    for _, c in ipairs(counters.free(S, x)) do
      if not to[c] then
        any, to[c] = true, counters.fresh(S)
        back[to[c]] = c
      end
    end
  end
  look(id)
  for _, p in ipairs(pairs_) do
    look(p[1])
    look(p[2])
  end
  if not any then
    return id, pairs_
  end
  local list = {}
  for i, p in ipairs(pairs_) do
    list[i] = { counters.replace(S, p[1], to), counters.replace(S, p[2], to) }
  end
  return counters.replace(S, id, to), list, back
end

--- Substitute, all pairs at once; of pairs that overlap the larger one acts first.
-- @param S the store
-- @tparam integer id
-- @tparam {{integer,integer},...} list pairs of one shape: what is sought, and what is put in its place
-- @treturn integer the node
-- @treturn integer how often something was replaced, in the expression as it is written out
function M.subst(S, id, list)
  local back
  id, list, back = freed(S, id, list)
  local order, count = {}, 0
  for i, p in ipairs(list) do
    order[i] = { from = p[1], to = p[2], place = i, weight = S:weight(p[1]) }
  end
  table.sort(order, heavier)
  local stands, values = {}, {}
  for i, p in ipairs(order) do
    stands[i], values[i] = stand_in(S, i, p.from), p.to
    local n
    id, n = pass_or_expand(S, id, forms_of(S, p.from, stands[i]))
    count = count + n
    id, n = merged.replace(S, id, p.from, stands[i])
    count = count + n
  end
  id = S:replace(id, stands, values)
  return back and counters.replace(S, id, back) or id, count
end

--- Replace nodes exactly, and count how often they stand in the expression as it is written out.
function M.replace(S, id, from, to)
  local times = {}
  local exact = {}
  for _, x in ipairs(from) do
    exact[x] = true
  end
  for _, x in ipairs(S:postorder(id)) do
    local n = exact[x] and 1 or 0
    local op, own = S:op(x)
    if n == 0 and not (own and op == "function") then
      for _, a in ipairs(S:args(x)) do
        n = math.min(n + times[a], 1 << 50)
      end
    end
    times[x] = n
  end
  return S:replace(id, from, to), times[id]
end

return M
