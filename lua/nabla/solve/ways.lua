--- Other forms of an equation that no statement fits: each is tried in turn.
--
-- Textbook and expanded forms; entry by entry; without denominators; a function of the unknown isolated while other terms hold it;
-- a letter for the scalars that hold it. Invariant: a solution that is found is one of a form only: the caller puts it back.
--
-- @module nabla.solve.ways

local core = require "nabla.core"
local entrywise = require "nabla.solve.entrywise"
local factors = require "nabla.algebra.factors"
local moved = require "nabla.solve.moved"
local multiplied = require "nabla.solve.multiplied"
local scalars = require "nabla.solve.scalars"
local separate = require "nabla.solve.separate"

local M = {}

local KIND = core.constants.kinds
local DEEPEST = 3 -- forms of forms

-- E with what the inverse of a sum makes of its sum: of M = inv(R + B'*P*B) a letter R of the sum is inv(M) - B'*P*B, so that M*R*M and
-- M*B'*P*B*M give M.
local function with_inverses_used(session, E)
  local S = session.S
  for _, id in ipairs(factors.is_scalar(S, E) and {} or S:postorder(E)) do
    local base, exponent = factors.power(S, id)
    local n = base ~= id and factors.integer(S, exponent)
    local numbers, terms = factors.terms(S, base)
    for i, term in ipairs(n == -1 and #terms > 1 and terms or {}) do
      if numbers[i] == S:rational(1) and factors.is(S, term, "symbol") then
        local named = S:symbol(" inverse", KIND.matrix, 0, S:rows(id), S:cols(id))
        local rest = S:sum { S:inv(named), term, S:neg(base) }
        local used = S:replace(S:expand(S:replace(E, { id, term }, { named, rest })), { named }, { id })
        if S:cost(S:textbook(used)) < S:cost(S:textbook(E)) then
          E = used
          break
        end
      end
    end
  end
  return E
end

-- The equation in other words.
local function same(session, E)
  local S = session.S
  local list = {}
  local textbook = S:textbook(E)
  local used = with_inverses_used(session, E)
  for _, form in ipairs { textbook, S:expand(E), separate.opened(session, E), used } do
    local new = form ~= E
    for _, other in ipairs(list) do
      new = new and other ~= form
    end
    list[#list + 1] = new and form or nil
  end
  return list
end

-- The solution of a way, but not one that has been put back in vain.
local function attempt(way, session, ...)
  local done, found, reason = pcall(way, session, ...)
  if not done then
    return nil, type(found) == "table" and found.message or error(found, 0)
  end
  local rejected = session.rejected_values or {}
  if found and (rejected[found.value] or rejected[separate.textbook(session, found.value)]) then
    return nil
  end
  return found, reason
end

-- One way after the other, until one gives a solution.
local function found_by(session, E, x, ways, candidate)
  for _, form in ipairs(same(session, E)) do
    local found = attempt(ways.plain, session, form, x)
    if found then
      return found
    end
  end
  local found = attempt(entrywise.solve, session, E, x, candidate)
  if found then
    return found
  end
  local divided = multiplied.without_powers(session.S, session.S:expand(E), x)
  found = divided and attempt(candidate, session, divided, x)
  if found then
    return found
  end
  for _, form in ipairs(multiplied.fractions(session.S, E, x)) do
    found = attempt(candidate, session, form, x)
    if found then
      return found
    end
  end
  local squared = multiplied.squared(session.S, E, x)
  found = squared and attempt(candidate, session, squared, x)
  if found then
    return found
  end
  found = attempt(scalars.solve, session, E, x, candidate)
  if found then
    return found
  end
  for _, form in ipairs(moved.forms(session, E, x, ways.step)) do
    found = attempt(candidate, session, form.E, x)
    if found then
      found.several, found.lines = found.several or form.statement.several, {}
      return found
    end
  end
end

--- A solution of E = 0 for x by another form of the equation, or nil.
-- @tparam table session
-- @tparam integer E
-- @tparam integer x
-- @tparam table ways { plain = solves a form as it is, step = isolates one operation }, functions
-- @tparam function candidate solves another equation (nabla.solve.candidate)
-- @treturn table|nil as of nabla.solve.linear
function M.solve(session, E, x, ways, candidate)
  local depth = session.form_depth or 0
  if depth >= DEEPEST or not factors.holder(session.S, x)(E) then
    return nil
  end
  session.form_depth = depth + 1
  local done, found = pcall(found_by, session, E, x, ways, candidate)
  session.form_depth = depth
  if not done then
    error(found, 0)
  end
  return found
end

return M
