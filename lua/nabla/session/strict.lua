--- A strict session: what another session returns as nil and an error, it raises at the caller's line.
--
-- It is a front of a session. Whatever is asked of it is asked of the session; what modules of nabla see is the session.
--
-- @module nabla.session.strict

local handles = require "nabla.session.handles"

local M = {}

-- The results of a method, or its error raised at the line that called the method of the front: the method itself is gone by
-- then, for this is its tail call.
local function raised(done, first, ...)
  if not done then
    local message = type(first) == "string" and first:gsub("^[^\n]-:%d+: ", "", 1) or first
    error(handles.words(message), 2)
  elseif first == nil then
    local err = ...
    if type(err) == "table" and err.message then
      error(tostring(err), 2)
    end
  end
  return first, ...
end

--- The front of a session.
-- @tparam table session
-- @return a table with the methods and the fields of the session
function M.front(session)
  local methods, front = {}, {}
  local function method(name, f)
    methods[name] = methods[name]
      or function(self, ...)
        local first = self
        if self == front then
          first = session
        end
        return raised(pcall(f, first, ...))
      end
    return methods[name]
  end
  session.front = front
  return setmetatable(front, {
    __index = function(_, name)
      local value = session[name]
      return type(value) == "function" and method(name, value) or value
    end,
    __newindex = session,
    __name = "nabla.Session",
  })
end

return M
