--- Functions of a square matrix that a page may mean by an elementwise function: expm by exp.
--
-- @module nabla.page.matrix_functions

local core = require "nabla.core"

local M = {}

local ONE = core.constants.one -- the dimension 1

local function find(session, name)
  local S, op = session.S, session.ops[name]
  if not op or op.gone or not op.elementwise or #op.params ~= 1 then
    return nil
  end
  local scalar = S:symbol("t", core.constants.kinds.scalar, 0, ONE, ONE)
  local value = S:apply(name, { scalar })
  for other, f in pairs(session.ops) do
    if f.matrixfunction and not f.gone and S:apply(other, { scalar }) == value then
      return other
    end
  end
end

--- The one that has the values of an elementwise function at scalars.
-- @return a function of the name of an operator; nil where there is none
function M.of(session)
  local known = {}
  return function(name)
    if known[name] == nil then
      known[name] = find(session, name) or false
    end
    return known[name] or nil
  end
end

return M
