--- The garbage collector while a program starts: nearly all that is made then is kept, so nothing is collected until the first
-- session is there. For the command; a script's collector is its own.
--
-- @module nabla.start.collection

local M = {}

local held = false

--- Collect nothing until `release`.
function M.hold()
  held = collectgarbage "isrunning"
  collectgarbage "stop"
end

--- Collect as ever, if `hold` stopped it.
function M.release()
  if held then
    held = false
    collectgarbage "restart"
  end
end

return M
