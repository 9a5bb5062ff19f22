--- Values of operators that scripts define: functions of matrices, for operators of rule files that no expression defines.
--
-- A definition holds in all sessions, since it belongs to the operator's name as a rule file states it; one that is made for a
-- session holds there only, and comes first. Both floating point and arithmetic modulo a prime ask here, this one to know which
-- operators it cannot evaluate.
--
-- @module nabla.evaluate.scripts

local M = {}

local everywhere = {}
local of_session = setmetatable({}, { __mode = "k" }) -- session -> name -> function

--- Define an operator, in one session or in all; nil takes the definition back.
-- @tparam string name
-- @tparam function|nil f
-- @tparam[opt] table session
function M.define(name, f, session)
  local list = everywhere
  if session then
    of_session[session] = of_session[session] or {}
    list = of_session[session]
  end
  list[name] = f
end

--- The function that a script gave for an operator, or nil.
function M.find(session, name)
  local own = of_session[session]
  return own and own[name] or everywhere[name]
end

return M
