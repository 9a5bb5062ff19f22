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

--- Collect as ever, if `hold` stopped it: for the first time when twice as much is in use. A restart alone would begin at once, and
-- go through what is kept; a step of a negative size is one for memory that was freed.
function M.release()
  if held then
    held = false
    collectgarbage "restart"
    collectgarbage("step", -math.floor(collectgarbage "count"))
  end
end

return M
