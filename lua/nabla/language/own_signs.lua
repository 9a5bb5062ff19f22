--- The signs of rule files in the language: A : B, [A, B], <a|b>, x ⊞ y, A†.
--
-- They are derived from the forms in which rule files print: what a form prints is read back to what it was printed from. A
-- form is literals and arguments; where its literals are says what it is: between two arguments, behind or before one, or
-- round them. The signs of the language itself mean what they always mean: a form that begins with one is printed only. So is
-- one that two things are printed as. nabla.language.grammar_of_signs reads them.
--
-- @module nabla.language.own_signs

local later = require "nabla.text.later"
local spelling = require "nabla.text.spelling"

local characters = later.require "nabla.language.characters"

local M = {}

-- What the language reads by itself where a sign or a bracket may begin.
local LANGUAGE = {}
for sign in ("( ) , = + - − * / ^ ' .* ./ .^ .' .. · × ⋅ ⊙ ∘ ⊗ ᵀ ⊤ ′ ⁺ ⁻ ⁰ ¹ ² ³ ⁴ ⁵ ⁶ ⁷ ⁸ ⁹ → #"):gmatch "%S+" do
  LANGUAGE[#LANGUAGE + 1] = sign
end

--- Does a text begin with a sign that the language reads by itself?
function M.is_of_language(literal)
  for _, sign in ipairs(LANGUAGE) do
    if literal:sub(1, #sign) == sign then
      return true
    end
  end
  return false
end

-- A form as its trimmed literals and the numbers of its arguments, in the order in which they are.
local function parts_of(form)
  local parts, from = {}, 1
  local function add(text)
    local literal = text:match "^%s*(.-)%s*$"
    if literal ~= "" then
      parts[#parts + 1] = literal
    end
  end
  for before, index, after in form:gmatch "()%%(%d)()" do
    add(form:sub(from, before - 1))
    parts[#parts + 1] = tonumber(index)
    from = after
  end
  add(form:sub(from))
  return parts
end

-- Is every argument up to `count` in the parts once, with a literal between any two?
local function is_complete(parts, count)
  local seen = {}
  for i, part in ipairs(parts) do
    if type(part) == "number" then
      if seen[part] or type(parts[i - 1]) == "number" then
        return false
      end
      seen[part] = true
    end
  end
  for k = 1, count do
    if not seen[k] then
      return false
    end
  end
  return true
end

-- What a form is: between, behind, before, round or alone; nil: it is not read.
local function place_of(parts, count)
  local opens, closes = type(parts[1]) == "number", type(parts[#parts]) == "number"
  local literal = opens and parts[2] or parts[1]
  if not literal or type(literal) == "number" or M.is_of_language(literal) or not is_complete(parts, count) then
    return nil
  end
  local word = literal:find "^[%w_]"
  if opens then
    return not word and (closes and #parts == 3 and "between" or #parts == 2 and "behind") or nil
  elseif closes then
    return not word and #parts == 2 and "before" or nil
  elseif #parts == 1 then
    return not characters.is_name(literal) and not word and "alone" or nil
  end
  return (not word or literal:find "[%(%[]$") and "round" or nil
end

-- What the forms of a notation's signs mean, and of how many arguments.
local MEANINGS = {
  transpose = { "transpose", 1 },
  ["transposed vector"] = { "row", 1 },
  ["inner product"] = { "inner", 2 },
  inverse = { "call", 1, "inv" },
  product = { "multiply", 2 },
  hadamard = { "multiply_entries", 2 },
  quotient = { "divide", 2 },
  ["elementwise quotient"] = { "divide_entries", 2 },
}

local READ = { "text", "unicode" }

-- A form: "%1 : %2", of so many arguments; what it means (of MEANINGS, or "name"), and of which operator; what it is, or false.
local function add_form(list, form, meaning, count, name)
  if form then
    local place = place_of(parts_of(form), count) or false
    list[#list + 1] = { form = form, meaning = meaning, count = count, name = name, place = place }
  end
end

--- The forms in which the operators of a session print, for @{signs}.
-- @tparam table ops name -> operator
-- @treturn {table,...}
function M.of_operators(ops)
  local list = {}
  for _, name in ipairs(spelling.names(ops)) do -- in order, so that a session is the same each time
    local op = ops[name]
    if (op.infix or op.unicode) and not op.gone then
      add_form(list, op.infix and "%1 " .. op.infix .. " %2", "call", 2, name)
      local other = op.unicode and op.unicode:match "^([%a_][%w_]*)%(" -- it prints as a call of another, which it is made from
      add_form(list, not (other and ops[other] and other ~= name) and op.unicode or nil, "call", #op.params, name)
    end
  end
  return list
end

--- Add the forms of a notation to a list.
-- @tparam {table,...} list
-- @tparam table notation (nabla.print.themed)
-- @tparam table ops name -> operator
function M.add_notation(list, notation, ops)
  -- then a transpose is a conjugate transpose, of complex letters
  local adjoint = notation.signs ~= nil and notation.signs["conjugate transpose"] ~= nil
  for _, format in ipairs(READ) do
    for _, name in ipairs(spelling.names(notation.ops or {})) do
      local forms = notation.ops[name]
      add_form(list, ops[name] and forms[format], "call", ops[name] and #ops[name].params, name)
    end
    for _, sign in ipairs(spelling.names(notation.signs or {})) do
      local forms = notation.signs[sign]
      local meaning = MEANINGS[sign]
      local before = #list
      add_form(list, meaning and forms[format], meaning and meaning[1], meaning and meaning[2], meaning and meaning[3])
      if #list > before then
        list[#list].adjoint = adjoint
      end
    end
    for _, kind in ipairs(spelling.names(notation.kinds or {})) do
      add_form(list, notation.kinds[kind][format], "name", 1)
    end
  end
end

--- The signs that some forms are read as; nil if there are none.
-- @tparam {table,...} forms of @{of_operators} and @{add_notation}
-- @treturn table|nil place -> list of { parts =, meaning =, name = }
function M.signs(forms)
  local by_key, order = {}, {}
  for _, given in ipairs(forms) do
    local place = given.place
    if place then
      local parts = parts_of(given.form)
      local key = table.concat(parts, "\0"):gsub("%d", "%%")
      local old = by_key[key]
      if old and (old.name ~= given.name or old.meaning ~= given.meaning) then
        old.place = nil
      elseif not old then
        by_key[key] = { parts = parts, meaning = given.meaning, name = given.name, place = place }
        by_key[key].adjoint = given.adjoint
        order[#order + 1] = by_key[key]
      end
    end
  end
  local signs
  for _, sign in ipairs(order) do
    if sign.place then
      signs = signs or { between = {}, behind = {}, before = {}, round = {}, alone = {} }
      table.insert(signs[sign.place], sign)
    end
  end
  for _, list in pairs(signs or {}) do -- the longer of two that begin alike goes first
    table.sort(list, function(a, b)
      local x, y = table.concat(a.parts, "\0"), table.concat(b.parts, "\0")
      return #x > #y or #x == #y and x < y
    end)
  end
  return signs
end

-- Can a text be plain (src/read/expression.c) and have a literal in it?
local function is_plain(literal)
  return not literal:find "[^%w_+%-*/.'^(),]"
end

--- Signs of which each literal may be in a plain text: where the longest of them is, the text is to be read with the signs.
-- @tparam table signs of @{signs}
-- @treturn {string,...} a literal of each
function M.in_plain_texts(signs)
  local found = {}
  for _, list in pairs(signs) do
    for _, sign in ipairs(list) do
      local longest, plain = "", true
      for _, part in ipairs(sign.parts) do
        if type(part) == "string" then
          plain = plain and is_plain(part)
          longest = #part > #longest and part or longest
        end
      end
      found[#found + 1] = plain and longest or nil
    end
  end
  return found
end

return M
