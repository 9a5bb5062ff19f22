--- Texts with names for their parts: 2*A'*r where r = A*x - b, its like in LaTeX, and the statements of a program.
--
-- A definition may use the names before it. What is read is the expression in which each name is what it stands for.
--
-- @module nabla.page.definitions

local core = require "nabla.core"
local errors = require "nabla.text.errors"
local is_latex = require "nabla.latex.is_latex"
local notes = require "nabla.text.notes"
local recognise = require "nabla.page.recognise"
local scopes = require "nabla.language.scope"
local syntax = require "nabla.language.syntax"

local M = {}

local ONE = core.constants.one -- the dimension 1
local LONGEST = 10000 -- bytes of a text in which definitions are put in
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

-- The stretches of a program's text that are statements: lines, or parts of lines that end with a semicolon outside brackets.
local function stretches(text)
  local depth, list, first = 0, {}, 1
  for at, sign in (text .. "\n"):gmatch "()([%(%)%[%]{};\n])" do
    depth = depth + (DEEPER[sign] or 0)
    if depth <= 0 and (sign == ";" or sign == "\n") then
      if text:find("^%s*[^%s]", first) and select(2, text:find("^%s*[^%s]", first)) < at then
        list[#list + 1] = { first, at - 1 }
      end
      first = at + 1
    end
  end
  return list
end

local ASSIGNED = "^%s*(" .. NAME .. ")%s*=()[^=]"

-- Is a text with an assignment no page's, but a program's? A page names a formula by one letter.
local function is_assignment(text, name, from)
  local rest = text:sub(from)
  local word = #name > 2 and not name:find "%("
  return not is_latex(text) and not rest:find "=" and (word or rest:find "%.[*/^']" ~= nil or rest:find ";%s*$" ~= nil)
end

-- The statements of a program: assignments, and the value, which is the last. Of the value `J = ..` the right side, with a note. Nil
-- where there are no statements.
local function statements(text, program)
  local list, all = {}, stretches(text)
  for i, range in ipairs(all) do
    local from, to = range[1], range[2]
    local stretch = text:sub(from, to)
    local name, sign = stretch:match(ASSIGNED)
    if not name and i == #all then -- f(x) = ..
      name, sign = stretch:match("^%s*(" .. NAME .. "%b())%s*=()[^=]")
    end
    if i < #all and not name then
      return nil
    elseif i < #all then
      list[i] = definition(text, from, to)
    elseif name and (program or #all > 1 or is_assignment(text, name, sign)) then
      return list, at_place(text, from + sign - 1, to), ("%s = .. names the expression"):format(name)
    elseif not name and (#all > 1 or to < #text and not is_latex(text)) then
      local word = program and stretch:match "^%s*return%s+()"
      return list, at_place(text, from + (word or 1) - 1, to)
    end
  end
end

--- The definitions of a text, and the rest; nil: it has none.
-- @tparam string text
-- @tparam function is_program is a text in the notation of a program?
-- @treturn {table,...} each with `name` (a text), `text`, `pos`
-- @treturn string the text without them
-- @treturn string|nil a note
function M.split(text, is_program)
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
  end
  local program = is_program(text)
  if program and text:find("#", 1, true) then -- comments
    text = text:gsub("#[^\n]*", function(comment)
      return (" "):rep(#comment)
    end)
  end
  if program or text:find(ASSIGNED) or text:find(";", 1, true) then
    return statements(text, program)
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

-- The text with what the names stand for in their places, for sizes that only the whole text says; nil for a page's.
local function put_in_text(list, text)
  for i = #list, 1, -1 do
    local name, body = list[i].name, list[i].text:match "^%s*(.-)%s*$"
    if #list[i].text > LONGEST or not name:find("^" .. NAME .. "$") or is_latex(text) or is_latex(body) then
      return nil
    end
    local here = "%f[%w_\128-\255]" .. name .. "%f[^%w_\128-\255]"
    text = text:gsub(here, function()
      return "(" .. body .. ")"
    end)
    if #text > LONGEST then
      return nil
    end
  end
  return text
end

--- Read a text with definitions.
-- @tparam table session
-- @tparam {table,...} list of @{split}
-- @tparam table parts `rest`, and perhaps `note`, of @{split}; `text`: the whole
-- @tparam func read reads a text: gives the id and the context
-- @tparam func read_page reads the whole as a page's
-- @tparam[opt] table signs those of rule files (nabla.language.own_signs)
-- @return the id, and the context of the rest
function M.read(session, list, parts, read, read_page, signs)
  local outer, text, note = session.scope, parts.rest, parts.note
  local scope = scopes.scope(outer)
  session.scope = scope
  local pinned = {}
  local ok, id, context = pcall(function()
    local sums, told = {}, notes.list { note and { text = note } }
    for _, each in ipairs(list) do
      local name = letter_of(session, each.name, signs)
      if not syntax.is_name(name) then
        local message = ("a name was expected before =, found '%s'"):format(each.name)
        error(errors.at { text = text, pos = each.pos, message = message }, 0)
      end
      local part, c = read(each.text)
      pinned[#pinned + 1] = session:wrap(part)
      keep_letters(session, scope, c.letters)
      told = notes.joined(told, c.notes)
      table.move(c.sums, 1, #c.sums, #sums + 1, sums)
      give(session, scope, name, part)
    end
    local node, c = read(text)
    c.sums, c.notes = table.move(c.sums, 1, #c.sums, #sums + 1, sums), notes.joined(told, c.notes)
    return node, c
  end)
  session.scope = outer
  if not ok then
    local whole = put_in_text(list, text)
    local read_whole, other, its_context = false, nil, nil
    if whole then
      read_whole, other, its_context = pcall(read, whole)
    elseif is_latex(parts.text) then
      read_whole, other, its_context = pcall(read_page)
    end
    if read_whole then
      its_context.notes = notes.joined(notes.list { note and { text = note } }, its_context.notes)
      return other, its_context
    end
    error(id, 0)
  end
  return id, context
end

return M
