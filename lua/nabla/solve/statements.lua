--- The `isolate` statements of a session, and parts of an equation under symbols, so that a statement matches in one way.
--
-- @module nabla.solve.statements

local conditions = require "nabla.solve.conditions"
local core = require "nabla.core"
local factors = require "nabla.algebra.factors"
local linear = require "nabla.solve.linear"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds

local is = factors.is

-- Parts of an equation under symbols: a part and its transpose under one symbol.
local Parts = {}
Parts.__index = Parts

--- No parts yet.
function M.parts(session)
  return setmetatable({ S = session.S, from = {}, to = {}, known = {} }, Parts)
end

--- The symbol of a part; numbers and identities stay.
function Parts:symbol(id)
  local S = self.S
  if is(S, id, "number") or is(S, id, "I") then
    return id
  elseif self.known[id] then
    return self.known[id]
  end
  local rows, cols = S:rows(id), S:cols(id)
  local kind = rows == ONE and cols == ONE and "scalar" or cols == ONE and "vector" or "matrix"
  local symbol = S:symbol(" part" .. #self.from, KIND[kind], 0, rows, cols)
  self.from[#self.from + 1], self.to[#self.to + 1] = symbol, id
  self.known[id] = symbol
  local turned = S:transpose(id)
  if turned ~= id and not self.known[turned] then
    self.known[turned] = S:transpose(symbol)
  end
  return symbol
end

--- A new symbol for a part, a number or an identity as well.
function Parts:opaque(id)
  local S = self.S
  local rows, cols = S:rows(id), S:cols(id)
  local kind = rows == ONE and cols == ONE and KIND.scalar or KIND.matrix
  local symbol = S:symbol(" part" .. #self.from, kind, 0, rows, cols)
  self.from[#self.from + 1], self.to[#self.to + 1] = symbol, id
  return symbol
end

--- A new symbol for a part, even where it has one.
function Parts:again(id)
  local known = self.known[id]
  self.known[id] = nil
  local symbol = self:symbol(id)
  self.known[id] = known or symbol
  return symbol
end

--- A node with the parts in place of their symbols.
function Parts:back(id)
  return self.S:replace(id, self.from, self.to)
end

--- The list of statements; the file of nabla's own is read at the first question.
function M.all(session)
  if not session.isolations_read then
    session.isolations_read = true
    local read, err = session:load "isolation.rules"
    if not read then
      error(err, 0)
    end
  end
  return session.isolations
end

--- Remember a way with several solutions, once: another of them may be wanted. A way is a statement, or the node of a factor.
function M.note_use(session, way)
  local used = session.used_ways
  for _, other in ipairs(used or {}) do
    if other == way then
      return
    end
  end
  if used then
    used[#used + 1] = way
  end
end

--- Is a way not to be gone, as another solution is wanted?
function M.is_skipped(session, way)
  return session.skipped_ways ~= nil and session.skipped_ways[way] ~= nil
end

--- Apply the first statement that fits left = right, both of parts; `unknown`: the symbol of the unknown's part.
-- Returns the new right side; the statement; nil; the symbol that may take any value, if there is one. The conditions are added to
-- `needs`. Or nil, nil, and perhaps the reason.
function M.apply(session, p, left, right, unknown, of_sum, needs, of_unknown)
  local S = session.S
  local list = M.all(session)
  if #list == 0 then
    return nil
  end
  local equation = S:apply(session.sides, { left, right })
  for _, st in ipairs(list) do
    local plain = not (st.factor or st.second or st.surface) and st.of_unknown == (of_unknown or false)
    plain = plain and not M.is_skipped(session, st)
    local fits = plain and st.of_sum == of_sum and S:rewrite(st.unknown, equation) == unknown
    local found = fits and S:rewrite(st.gives, equation)
    local any
    if found and st.free then
      local name = S:cols(unknown) == ONE and "w" or "W"
      local bits = of_unknown and linear.structure(session, unknown) or 0
      any = linear.fresh(session, name, { p:back(equation) }, S:rows(unknown), S:cols(unknown), bits)
      found = S:replace(found, { unknown }, { any })
    end
    if found and not factors.holder(S, unknown)(found) then
      local gives = p:back(found)
      if st.several then
        M.note_use(session, st)
      end
      for _, c in ipairs(st.conditions) do
        local a = p:back(S:rewrite(c.a, equation))
        local b = c.b and p:back(S:rewrite(c.b, equation))
        if c.predicate == "invertible" and not conditions.may_be_invertible(session, a) then
          return nil
        elseif not b and conditions.fails(session, c.predicate, a) then
          local text = "the way \"%s\" asks for %s(%s), which does not hold"
          return nil, nil, text:format(st.name, c.predicate, session:text(a))
        elseif c.predicate == "invertible" or c.predicate == "!=" and b == S:rational(0) then
          conditions.add_invertible(session, needs, a, c.predicate == "!=" and "nonzero" or nil)
        elseif not b then
          conditions.add(session, needs, c.predicate, a)
        end
      end
      return gives, st, nil, any
    end
  end
  return nil
end

return M
