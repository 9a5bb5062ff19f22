--- Modules and tables that are made when something of them is first used: a start makes what it needs, and no more.
--
-- The name stands in a call of `require` where the module is named, so that what a file uses can be read from it.
--
-- @module nabla.text.later

local M = {}

--- A module that is loaded by the first look into it: what `require` gives, only later.
-- @tparam string name
-- @treturn table whose fields are those of the module
function M.require(name)
  return setmetatable({}, {
    __index = function(fields, key)
      local value = require(name)[key]
      fields[key] = value
      return value
    end,
  })
end

--- A function of a module, which is loaded by the first call.
-- @tparam function load gives the module: function() return require "nabla.session.derive" end
-- @tparam string name
-- @treturn function
function M.call(load, name)
  return function(...)
    return load()[name](...)
  end
end

--- A table that is filled by the first use: a look into it, a new field, its length, `pairs`. From then on it is as any table.
-- `next`, `rawget` and the like see an empty table before that.
-- @tparam function make gives the table: its fields are copied
-- @treturn table
function M.table(make)
  local function filled(t)
    setmetatable(t, nil)
    for key, value in pairs(make()) do
      t[key] = value
    end
    return t
  end
  return setmetatable({}, {
    __index = function(t, key)
      return filled(t)[key]
    end,
    __newindex = function(t, key, value)
      filled(t)[key] = value
    end,
    __len = function(t)
      return #filled(t)
    end,
    __pairs = function(t)
      return pairs(filled(t))
    end,
  })
end

--- A table that `table` may have given, filled.
function M.filled(t)
  pairs(t)
  return t
end

return M
