--- The `isolate` statements of a session, and parts of an equation under symbols, so that a statement matches in one way.
--
-- @module nabla.solve.statements

local core = require "nabla.core"
local factors = require "nabla.algebra.factors"

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

return M
