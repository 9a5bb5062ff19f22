--- Memory while a program starts: it gets room for all at once, and as nearly all that is made then is kept, nothing is collected
-- until the first session is there. For the command; a script's memory is its own.
--
-- @module nabla.start.collection

local core = require "nabla.core"

local M = {}

local ROOM = 8 << 20 -- bytes: the modules, a session and some answers

local held = false

--- Get room, and collect nothing until `release`.
function M.hold()
  core.room(ROOM)
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
