--- How far a long run is: a line on the terminal, nothing where nobody looks at it.
--
-- @module nabla.command.progress

local system = require "nabla.command.system"

local M = {}

--- A function that shows a text in place of the one before; "" takes it away.
function M.line()
  local terminal
  return function(text)
    if terminal == nil then
      terminal = system.is_terminal(2)
    end
    if terminal then
      io.stderr:write("\r", text, "\27[K")
    end
  end
end

return M
