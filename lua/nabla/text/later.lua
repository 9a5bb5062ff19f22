--- Modules that are loaded when something of them is first used: a start loads what it needs, and no more.
--
-- The name stands in a call of `require` where the module is named, so that what a file uses can be read from it.
--
-- @module nabla.text.later

local M = {}

--- A module that is loaded by the first look into it.
-- @tparam function load gives the module: function() return require "nabla.algebra.collect" end
-- @treturn table whose fields are those of the module
function M.module(load)
  return setmetatable({}, {
    __index = function(fields, name)
      local value = load()[name]
      fields[name] = value
      return value
    end,
  })
end

--- A function of a module, which is loaded by the first call.
-- @tparam function load as for `module`
-- @tparam string name
-- @treturn function
function M.call(load, name)
  return function(...)
    return load()[name](...)
  end
end

return M
