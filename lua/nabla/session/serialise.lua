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

-- Keys of several types in an order.
local function before(a, b)
  if type(a) ~= type(b) then
    return type(a) < type(b)
  end
  return a < b
end

-- The keys of a table behind its first n items, in an order that is the same each time.
local function other_keys(t, n)
  local list, of_strings, count = {}, true, 0
  for k in next, t do
    local is_string = type(k) == "string"
    if is_string or not (math.type(k) == "integer" and k >= 1 and k <= n) then
      count = count + 1
      list[count] = k
      of_strings = of_strings and is_string
    end
  end
  if count > 1 then
    table.sort(list, not of_strings and before or nil)
  end
  return list
end

-- The kinds of values, in the order in which they are in the bytes, and how each is packed.
local KINDS = { "string", "special", "integer", "float", "boolean" }
local FORMAT = { string = "<s4", special = "<s4", integer = "<i8", float = "<d", boolean = "<B" }
for k, kind in ipairs(KINDS) do
  KINDS[kind] = k
end
local COUNTS = "<" .. ("I4"):rep(#KINDS + 2)

-- A reference while the counts are not known yet: the place in the list of its kind, and above it the number of the kind. A count among
-- the words has no kind.
local KIND_BITS = 40
local PLACE = (1 << KIND_BITS) - 1
local TABLE = #KINDS + 1
local CHUNK = 200 -- so many words are packed at once
local WORDS = "<" .. ("i4"):rep(CHUNK)

-- The bytes of words, references resolved. `first`: how many values are before the first one of a kind.
local function packed_words(words, first, parts)
  for i = 1, #words do
    local word = words[i]
    words[i] = first[word >> KIND_BITS] + (word & PLACE)
  end
  local full = #words - #words % CHUNK
  for i = 1, full, CHUNK do
    parts[#parts + 1] = string.pack(WORDS, table.unpack(words, i, i + CHUNK - 1))
  end
  for i = full + 1, #words do
    parts[#parts + 1] = string.pack("<i4", words[i])
  end
end

--- The bytes of a table.
-- @tparam table root
-- @tparam function special of a value that stands for something else when it is read: its text, or nil
-- @treturn string
function M.pack(root, special)
  local values, places = {}, {} -- by kind: a list, and the reference to each value in it
  for k in ipairs(KINDS) do
    values[k], places[k] = {}, {}
  end
  local references = {} -- to what needs no second look: strings, tables, what is special
  local words, count, table_count, under_way = {}, 0, 0, {}
  local refer

  local function refer_to_value(kind, value)
    local reference = places[kind][value]
    if not reference then
      local list = values[kind]
      list[#list + 1] = value
      reference = kind << KIND_BITS | #list
      places[kind][value] = reference
    end
    return reference
  end

  local function pack_table(t)
    if getmetatable(t) or under_way[t] then
      error("there are no bytes for a table with a metatable, nor for one that holds itself", 0)
    end
    under_way[t] = true
    local n = 0
    while t[n + 1] ~= nil do -- not #t: a table may have holes
      n = n + 1
    end
    local keys = other_keys(t, n)
    local mine, size = { n, #keys, nil, nil, nil, nil, nil, nil }, 2
    for i = 1, n do
      mine[size + i] = references[t[i]] or refer(t[i])
    end
    size = size + n
    for i = 1, #keys do
      local key = keys[i]
      local value = t[key]
      mine[size + 1] = references[key] or refer(key)
      mine[size + 2] = references[value] or refer(value)
      size = size + 2
    end
    under_way[t] = nil
    table.move(mine, 1, size, count + 1, words)
    count, table_count = count + size, table_count + 1
    return TABLE << KIND_BITS | table_count
  end

  function refer(value)
    local text = special(value)
    local kind = text and "special" or math.type(value) or type(value)
    local reference
    if kind == "table" then
      reference = pack_table(value)
    elseif not KINDS[kind] then
      error("there are no bytes for a " .. kind, 0)
    elseif kind == "boolean" then
      return refer_to_value(KINDS.boolean, value and 1 or 0)
    else
      reference = refer_to_value(KINDS[kind], text or value)
    end
    if kind ~= "integer" and kind ~= "float" then -- 1 and 1.0 are one key
      references[value] = reference
    end
    return reference
  end

  refer(root)
  local parts, first, counts, before_it = { "" }, { [0] = 0 }, {}, 0
  for k, kind in ipairs(KINDS) do
    first[k] = before_it
    before_it = before_it + #values[k]
    counts[k] = #values[k]
    for _, value in ipairs(values[k]) do
      parts[#parts + 1] = string.pack(FORMAT[kind], value)
    end
  end
  first[TABLE] = before_it
  packed_words(words, first, parts)
  counts[#counts + 1], counts[#counts + 2] = table_count, count
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
