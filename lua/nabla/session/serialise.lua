--- Tables as bytes, and back. The bytes are data: to read them runs no code, whatever they hold.
--
-- Each value that is no table is once in a list, and so is each table, after those that it holds; a table is a
-- list of references. So what two tables share they share again. There may be no circles, and no
-- table with a metatable.
--
-- The bytes: seven counts (strings, special texts, integers, floats, booleans, tables, words), then these values, then the words of
-- the tables, four bytes each. A table's words: how many items its list part has, how many pairs follow; a reference for each item,
-- two for each pair. References count the values from 1 on, then the tables. The last table is the root.
--
-- @module nabla.session.serialise

local core = require "nabla.core"

local M = {}

--- The bytes of a table; the same each time.
-- @tparam table root
-- @tparam function special of a value that stands for something else when it is read: its text, or nil. It is asked of
-- strings, tables and what there are no bytes for.
-- @tparam[opt] string prefix of strings it is asked only of those that begin so
-- @tparam[opt] table asked of tables only of the keys of this one
-- @treturn string
function M.pack(root, special, prefix, asked)
  return core.pack(root, special, prefix, asked)
end

--- The table of some bytes. Bytes that `pack` has not given raise an error, or give some other table.
-- @tparam string bytes
-- @tparam function special what a text stands for that `pack` got from its own `special`
-- @tparam[opt] int first the place in the bytes where they begin
-- @tparam[opt] int last the place where they end
-- @treturn table
function M.unpack(bytes, special, first, last)
  return core.unpack(bytes, special, first, last)
end

return M
