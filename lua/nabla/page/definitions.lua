--- Texts with names for their parts: 2*A'*r where r = A*x - b, its like in LaTeX, and the statements of a program.
--
-- A definition may use the names before it. What is read is the expression in which each name is what it stands for.
--
-- @module nabla.page.definitions

local core = require "nabla.core"
local errors = require "nabla.text.errors"
local recognise = require "nabla.page.recognise"
local scopes = require "nabla.language.scope"
local syntax = require "nabla.language.syntax"

local M = {}

local ONE = core.constants.one -- the dimension 1
local NAME = "[%a_\128-\255][%w_\128-\255]*"

-- ---------------------------------------------------------------------------------------------- splitting

local DEEPER = { ["("] = 1, ["["] = 1, ["{"] = 1, [")"] = -1, ["]"] = -1, ["}"] = -1 }

-- The places of the commas outside brackets.
local function commas(text, from)
  local depth, list = 0, {}
  for at, sign in text:gmatch("()([%(%)%[%]{},;])", from) do
    depth = depth + (DEEPER[sign] or 0)
    if depth == 0 and sign == "," then
      list[#list + 1] = at
    end
  end
  return list
end

-- A stretch of a text at its own place, so that an error is told there.
local function at_place(text, from, to)
  return text:sub(1, from - 1):gsub("[^\n]", " ") .. text:sub(from, to)
end

-- The definition in a stretch: the text of its name, and what it stands for; nil where there is none.
local function definition(text, from, to)
  local sign = text:find("=", from, true)
  if not sign or sign > to then
    return nil
  end
  local name = text:sub(from, sign - 1):gsub("\\[;,:!]", ""):gsub("\\q?quad%f[%A]", ""):match "^%s*(.-)%s*$"
  return { name = name, text = at_place(text, sign + 1, to), pos = from }
end

-- The letter that a text names, as the language, the signs of a notation (|x⟩) or a page write it.
local function letter_of(session, text, signs)
  local tree = not syntax.is_name(text) and signs and syntax.expression(text, { signs = signs })
  local name = tree and tree.tag == "name" and tree.name or recognise.variable(session, text)
  local number = text:match "_{?(%d+)}?"
  if number and not syntax.is_name(name) then -- z_1 beside a vector z: a letter of its own
    local letter = recognise.variable(session, (text:gsub("_{?%d+}?", "")))
    name = syntax.is_name(letter) and letter .. number or name
  end
  return name
end

-- The definitions behind the word.
local function listed(text, from)
  local stops, list, first = commas(text, from), {}, from
  stops[#stops + 1] = #text + 1
  for _, stop in ipairs(stops) do
    local one = definition(text, first, stop - 1)
    if one then
      list[#list + 1], first = one, stop + 1
    end
  end
  return list
end

-- The statements of a program: assignments, a line each, and the value.
local function statements(text)
  local list, at = {}, 1
  while true do
    local stop = text:find("\n", at, true)
    local name = stop and text:sub(at, stop - 1):match("^%s*(" .. NAME .. ")%s*=[^=]")
    if not name then
      return list, at_place(text, at, #text)
    end
    list[#list + 1] = definition(text, at, stop - 1)
    at = stop + 1
  end
end

--- The definitions of a text, and the rest; nil: it has none.
-- @tparam string text
-- @treturn {table,...} each with `name` (a text), `text`, `pos`
-- @treturn string the text without them
function M.split(text)
  local first, last = text:find "[,%s]*\\q?quad%s*\\text%s*{%s*where%s*}%s*"
  if not first then
    first, last = text:find "[,%s]*\\text%s*{%s*where%s*}%s*"
  end
  if not first then
    first = text:find("%s%f[%a]where%s+[^%s=][^=]-=%f[^=]")
    last = first and select(2, text:find("where%s+", first))
  end
  if first then
    local list = listed(text, last + 1)
    return #list > 0 and list or nil, text:sub(1, first - 1)
  elseif text:find("^%s*" .. NAME .. "%s*=[^=][^\n]*\n") then
    local list, rest = statements(text)
    return #list > 0 and list or nil, rest
  end
end

-- ---------------------------------------------------------------------------------------------- reading

-- Let the letters that a text has met be known to the next one.
local function keep_letters(session, scope, letters)
  local S = session.S
  for _, letter in ipairs(letters or {}) do
    if letter.id and not scope.vars[letter.name] and not scopes.lookup(session.declared, letter.name) then
      scope.vars[letter.name] = letter
      for _, dim in ipairs { letter.rows, letter.cols } do
        for _, name in ipairs(math.type(dim) and dim ~= ONE and S:dimnames(dim) or {}) do
          scope.dims[name] = true
        end
      end
    end
  end
end

-- Give a node a name: where the name is read, the node is built in its place, as if it had been written out.
local function give(session, scope, name, id)
  local S = session.S
  local rows, cols = S:rows(id), S:cols(id)
  local kind = rows == ONE and cols == ONE and "scalar" or cols == ONE and "vector" or "matrix"
  scope.vars[name] = { id = id, rows = rows, cols = cols, kind = kind, name = name }
end

--- Read a text with definitions.
-- @tparam table session
-- @tparam {table,...} list of @{split}
-- @tparam string text the rest
-- @tparam func read reads a text: gives the id and the context
-- @tparam[opt] table signs those of rule files (nabla.language.own_signs)
-- @return the id, and the context of the rest
function M.read(session, list, text, read, signs)
  local outer = session.scope
  local scope = scopes.scope(outer)
  session.scope = scope
  local pinned = {}
  local ok, id, context = pcall(function()
    local sums = {}
    for _, each in ipairs(list) do
      local name = letter_of(session, each.name, signs)
      if not syntax.is_name(name) then
        local message = ("a name was expected before =, found '%s'"):format(each.name)
        error(errors.at { text = text, pos = each.pos, message = message }, 0)
      end
      local part, c = read(each.text)
      pinned[#pinned + 1] = session:wrap(part)
      keep_letters(session, scope, c.letters)
      table.move(c.sums, 1, #c.sums, #sums + 1, sums)
      give(session, scope, name, part)
    end
    local node, c = read(text)
    c.sums = table.move(c.sums, 1, #c.sums, #sums + 1, sums)
    return node, c
  end)
  session.scope = outer
  if not ok then
    error(id, 0)
  end
  return id, context
end

return M
