--- Terms put together: what stands before or behind a variable, or a factor on a chosen side.
--
-- @module nabla.algebra.collect

local factors = require "nabla.algebra.factors"

local M = {}

local is_scalar = factors.is_scalar

-- The links of a scalar chain the other way round.
local function turn(S, chain)
  local out = {}
  for i = #chain, 1, -1 do
    out[#out + 1] = S:transpose(chain[i])
  end
  return out
end

-- A term as { number, scalars without x, scalars with x, chain; first, last: the links that hold x }.
local function take_apart(S, term, holds)
  local parts = factors.of(S, term)
  local t = { coefficient = { parts.coefficient }, held = {}, chain = parts.chain, node = term }
  for _, factor in ipairs(parts.scalars) do
    local node = S:power(factor[1], factor[2])
    local list = holds(node) and t.held or t.coefficient
    list[#list + 1] = node
  end
  local function look()
    t.first, t.last = nil, nil
    for i, link in ipairs(t.chain) do
      if holds(link) then
        t.first, t.last = t.first or i, i
      end
    end
  end
  look()
  -- a scalar chain with one x: the x stands as it is, not transposed
  if t.first and t.first == t.last and is_scalar(S, term) and S:op(t.chain[t.first]) == "transpose" then
    t.chain = turn(S, t.chain)
    look()
  end
  return t
end

local function slice(list, from, to)
  return table.move(list, from, to, 1, {})
end

-- How a term is cut: what stays in front, what is added up, what stays behind.
local cuts = {}

function cuts.right(t)
  return {}, slice(t.chain, 1, t.first - 1), slice(t.chain, t.first, #t.chain)
end

function cuts.left(t)
  return slice(t.chain, 1, t.last), slice(t.chain, t.last + 1, #t.chain), {}
end

function cuts.middle(t)
  return slice(t.chain, 1, t.first), slice(t.chain, t.first + 1, t.last - 1), slice(t.chain, t.last, #t.chain)
end

-- The key of a group, from what stays of a term.
local function key_of(front, behind, held)
  return table.concat(front, ",") .. ";" .. table.concat(behind, ",") .. ";" .. table.concat(held, ",")
end

-- Cut a term; the parts that are equal in all terms of a group, and the one that is added up.
local function cut(S, t, how)
  if not t.first then -- x stands in scalar factors only
    local inner = { table.unpack(t.coefficient) }
    table.move(t.chain, 1, #t.chain, #inner + 1, inner)
    return { front = t.held, behind = {}, inner = S:product(inner), key = key_of({}, {}, t.held), scalar = true }
  end
  local front, middle, behind = cuts[how](t)
  table.sort(t.held)
  local key = key_of(front, behind, t.held)
  local all = { table.unpack(t.coefficient) }
  if #middle > 0 then
    table.move(middle, 1, #middle, #all + 1, all)
  elseif #front > 0 then
    all[#all + 1] = S:identity(S:cols(front[#front]))
  else
    all[#all + 1] = S:identity(S:rows(behind[1]))
  end
  table.move(front, 1, #front, #t.held + 1, t.held)
  return { front = table.move(t.held, 1, #t.held, 1, {}), behind = behind, inner = S:product(all), key = key }
end

-- Group terms by a way of cutting each: the list of groups, in order.
local function group(S, terms, holds, how)
  local groups, by_key = {}, {}
  for _, term in ipairs(terms) do
    local t = take_apart(S, term, holds)
    local piece = cut(S, t, type(how) == "function" and how(t) or how)
    local g = by_key[piece.key]
    if not g then
      g = { front = piece.front, behind = piece.behind, inner = {} }
      groups[#groups + 1], by_key[piece.key] = g, g
    end
    g.inner[#g.inner + 1] = piece.inner
    g.whole = term
  end
  return groups
end

local function joined(S, g)
  if #g.inner == 1 then
    return g.whole
  end
  local list = { table.unpack(g.front) }
  list[#list + 1] = S:sum(g.inner)
  table.move(g.behind, 1, #g.behind, #list + 1, list)
  return S:product(list)
end

--- Collect: the terms that hold x are opened, and those that agree in what stands from x on (`right`), up to x (`left`) or
-- outside two x are put together.
-- @param S the store
-- @tparam integer id
-- @tparam integer x a variable
-- @tparam[opt] string side "left": x*(A + B); "right": (A + B)*x; nil: what gives fewer terms
-- @treturn integer
function M.collect(S, id, x, side)
  local holds = factors.holder(S, x)
  local rest, held = {}, {}
  local function sort(node, opened)
    local numbers, terms = factors.terms(S, node)
    for i, term in ipairs(terms) do
      if not holds(term) then
        rest[#rest + 1] = S:product { numbers[i], term }
      elseif opened then
        held[#held + 1] = S:product { numbers[i], term }
      else
        sort(S:expand(S:product { numbers[i], term }), true)
      end
    end
  end
  sort(id, false)
  if #held == 0 then
    return id
  end
  local function way(other)
    return function(t)
      return t.first and t.first < t.last and not side and "middle" or other
    end
  end
  local groups
  for _, how in ipairs(side and { side } or { "right", "left" }) do
    local found = group(S, held, holds, way(how))
    if not groups or #found < #groups then
      groups = found
    end
  end
  local all = rest
  for _, g in ipairs(groups) do
    all[#all + 1] = joined(S, g)
  end
  return S:sum(all)
end

-- The parts of a term divided by those of a factor on a side, or nil.
local function divided(S, parts, by, side)
  local number = factors.ratio(S, parts.coefficient, by.coefficient)
  local out = { number }
  local left = {}
  for _, factor in ipairs(parts.scalars) do
    left[factor[1]] = factor[2]
  end
  for _, factor in ipairs(by.scalars) do
    local have = left[factor[1]]
    local n, k = have and factors.integer(S, have), factors.integer(S, factor[2])
    if have == factor[2] then
      left[factor[1]] = S:rational(0)
    elseif n and k and n * k > 0 and math.abs(n) >= math.abs(k) then
      left[factor[1]] = S:rational(n - k)
    else
      return nil
    end
  end
  for _, factor in ipairs(parts.scalars) do
    out[#out + 1] = S:power(factor[1], left[factor[1]])
  end
  local n, k = #parts.chain, #by.chain
  if k > n then
    return nil
  end
  local from = side == "left" and 0 or n - k
  for i = 1, k do
    if parts.chain[from + i] ~= by.chain[i] then
      return nil
    end
  end
  for i = 1, n do
    if i <= from or i > from + k then
      out[#out + 1] = parts.chain[i]
    end
  end
  if n == k and k > 0 then
    out[#out + 1] = S:identity(side == "left" and S:cols(by.chain[k]) or S:rows(by.chain[1]))
  end
  return S:product(out)
end

--- Factor: the terms that have a factor on a side are put together, with it outside.
-- @param S the store
-- @tparam integer id
-- @tparam integer factor
-- @tparam string side "left" or "right"; of no account for a scalar factor
-- @treturn integer the node
-- @treturn integer how many terms have the factor
function M.factor(S, id, factor, side)
  local scalar = is_scalar(S, factor)
  local by = factors.of(S, factor, scalar)
  local numbers, terms = factors.terms(S, id)
  local inner, rest = {}, {}
  for i, term in ipairs(terms) do
    local whole = S:product { numbers[i], term }
    local parts = factors.of(S, whole, scalar)
    local quotient = divided(S, parts, by, side)
    if not quotient and is_scalar(S, whole) and #parts.chain > 0 then -- b'*A*x, the other way round
      parts.chain = turn(S, parts.chain)
      quotient = divided(S, parts, by, side)
    end
    local list = quotient and inner or rest
    list[#list + 1] = quotient or whole
  end
  if #inner == 0 then
    return id, 0
  end
  local sum = S:sum(inner)
  rest[#rest + 1] = S:product(side == "left" and { factor, sum } or { sum, factor })
  return S:sum(rest), #inner
end

return M
