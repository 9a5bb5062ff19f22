--- Tables as bytes, and back. The bytes are data: to read them runs no code, whatever they hold.
--
-- Each value that is no table is once in a list, and so is each table, after those that it holds; a table is a
-- list of references. So what two tables share they share again. There may be no circles.
--
-- The bytes: seven counts (strings, special texts, integers, floats, booleans, tables, words), then these values, then the words of
-- the tables, four bytes each. A table's words: how many items its list part has, how many pairs follow; a reference for each item,
-- two for each pair. References count the values from 1 on, then the tables. The last table is the root.
--
-- @module nabla.session.serialise

local core = require "nabla.core"

local M = {}

-- The keys of a table behind its first n items, in an order that is the same each time.
local function other_keys(t, n)
  local list = {}
  for k in pairs(t) do
    if not (math.type(k) == "integer" and k >= 1 and k <= n) then
      list[#list + 1] = k
    end
  end
  table.sort(list, function(a, b)
    if type(a) ~= type(b) then
      return type(a) < type(b)
    end
    return a < b
  end)
  return list
end

-- The kinds of values, in the order in which they are in the bytes, and how each is packed.
local KINDS = { "string", "special", "integer", "float", "boolean" }
local FORMAT = { string = "<s4", special = "<s4", integer = "<i8", float = "<d", boolean = "<B" }
local COUNTS = "<" .. ("I4"):rep(#KINDS + 2)

--- The bytes of a table.
-- @tparam table root
-- @tparam function special of a value that stands for something else when it is read: its text, or nil
-- @treturn string
function M.pack(root, special)
  local values, seen = {}, {} -- by kind: a list, and the place of each value in it
  for _, kind in ipairs(KINDS) do
    values[kind], seen[kind] = {}, {}
  end
  local words = {} -- counts, and between them references: { kind, place }
  local tables, table_count, under_way = {}, 0, {}
  local refer

  local function refer_to_value(kind, value)
    local list = values[kind]
    if not seen[kind][value] then
      list[#list + 1] = value
      seen[kind][value] = { kind, #list }
    end
    return seen[kind][value]
  end

  local function pack_table(t)
    if getmetatable(t) or under_way[t] then
      error("there are no bytes for a table with a metatable, nor for one that holds itself", 0)
    end
    under_way[t] = true
    local n = #t
    local keys = other_keys(t, n)
    local mine = { n, #keys }
    for i = 1, n do
      mine[#mine + 1] = refer(t[i])
    end
    for _, key in ipairs(keys) do
      mine[#mine + 1] = refer(key)
      mine[#mine + 1] = refer(t[key])
    end
    under_way[t] = nil
    table.move(mine, 1, #mine, #words + 1, words)
    table_count = table_count + 1
    return { "table", table_count }
  end

  function refer(value)
    local text = special(value)
    local kind = text and "special" or math.type(value) or type(value)
    if kind == "table" then
      tables[value] = tables[value] or pack_table(value)
      return tables[value]
    elseif not FORMAT[kind] then
      error("there are no bytes for a " .. kind, 0)
    elseif kind == "boolean" then
      return refer_to_value(kind, value and 1 or 0)
    end
    return refer_to_value(kind, text or value)
  end

  refer(root)
  local parts, first, counts, before = { "" }, {}, {}, 0
  for _, kind in ipairs(KINDS) do
    first[kind] = before
    before = before + #values[kind]
    counts[#counts + 1] = #values[kind]
    for _, value in ipairs(values[kind]) do
      parts[#parts + 1] = string.pack(FORMAT[kind], value)
    end
  end
  first.table = before
  for _, word in ipairs(words) do
    parts[#parts + 1] = string.pack("<i4", type(word) == "table" and first[word[1]] + word[2] or word)
  end
  counts[#counts + 1], counts[#counts + 2] = table_count, #words
  parts[1] = string.pack(COUNTS, table.unpack(counts))
  return table.concat(parts)
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
