--- The forms of rule files in LaTeX, read: what an operator, a sign or a name is printed as becomes what pages write.
--
-- A pass over the tokens (nabla.latex.tokens), before any other. A form is the tokens of its literals and, between them, its
-- arguments; where a form is found, its literals are replaced by tokens that the parser knows: \operatorname{Sp}(X) by the
-- operator tr and a bracket, \langle x | by x^\top. So the parser knows nothing of notations.
--
-- @module nabla.latex.own_forms

local M = {}

local OPENS = { ["("] = 1, ["["] = 1, ["{"] = 1, [")"] = -1, ["]"] = -1, ["}"] = -1 }
local BARS = { ["\\rVert"] = true, ["\\rvert"] = true, ["\\|"] = true, ["|"] = true } -- with an index they are another norm
local LONGEST_NAME = 12 -- tokens of a name within a bra or a ket

-- What a sign between two arguments is on pages.
local BETWEEN = { multiply = "\\cdot", multiply_entries = "\\odot", divide_entries = "\\oslash", divide = "/" }

-- Which argument a token of a form stands for, or nil.
local ARGUMENT = 0xE000
local function argument_of(text)
  local code = #text == 3 and utf8.codepoint(text)
  return code and code > ARGUMENT and code < ARGUMENT + 10 and code - ARGUMENT or nil
end

--- Forms as tokens. The longer of two goes first.
-- @tparam {table,...} forms { form =, meaning =, name = }
-- @tparam function cut from a text to its tokens
function M.compile(forms, cut)
  local list = {}
  for _, given in ipairs(forms) do
    local text = given.form:gsub("%%(%d)", function(k)
      return " " .. utf8.char(ARGUMENT + math.tointeger(k)) .. " "
    end)
    local parts = {}
    for _, t in ipairs(cut(text)) do
      parts[#parts + 1] = argument_of(t[2]) or t[2]
    end
    local opens, closes = math.type(parts[1]) ~= nil, math.type(parts[#parts]) ~= nil
    if #parts > (opens and 1 or 0) + (closes and 1 or 0) then
      list[#list + 1] = { parts = parts, meaning = given.meaning, name = given.name, opens = opens, closes = closes }
    end
  end
  table.sort(list, function(a, b)
    local x, y = table.concat(a.parts, " "), table.concat(b.parts, " ")
    return #a.parts > #b.parts or #a.parts == #b.parts and x < y
  end)
  return list
end

-- ---------------------------------------------------------------------------------------------- where a form is

-- The end of an argument that begins at a token: where the literal `stop` follows with no bracket open; nil if there is none.
local function end_of_argument(list, at, stop, most)
  local depth, from = 0, at
  while list[at] and at - from <= most do
    local text = list[at][2]
    if depth == 0 and text == stop and at > from then
      return at - 1
    end
    depth = depth + (OPENS[text] or 0)
    if depth < 0 then
      return nil
    end
    at = at + 1
  end
  return nil
end

-- Is a stretch of tokens a name, perhaps with an index?
local function is_name(list, first, last)
  local depth = 0
  for i = first, last do
    local text = list[i][2]
    depth = depth + (text == "{" and 1 or text == "}" and -1 or 0)
    if text:find "^[=|()]$" or text == "^" or depth == 0 and text:find "^[-+,]$" then
      return false
    end
  end
  return true
end

-- The end of the bracket or brace that opens at a token.
local function closed_at(list, at)
  local depth = 0
  for i = at, #list do
    depth = depth + (OPENS[list[i][2]] or 0)
    if depth == 0 then
      return i
    end
  end
  return #list
end

-- Is a stretch of tokens one operand: a letter with its index, a function with its argument, a bracket?
local function is_operand(list, first, last)
  local head = list[first]
  local is_function = head[2]:find "^\\%a" ~= nil or head[3] == "operator"
  local i = OPENS[head[2]] == 1 and closed_at(list, first) or first
  while i < last do
    local text = list[i + 1][2]
    if text == "{" or text == "(" and is_function then
      i = closed_at(list, i + 1)
    elseif text == "_" and list[i + 2] then
      i = OPENS[list[i + 2][2]] == 1 and closed_at(list, i + 2) or i + 2
    else
      return false
    end
  end
  return i == last
end

-- Is the bracket at a token that of the argument of a function: \operatorname{vec}(..), \det(..)?
local function is_argument(list, at)
  local before = list[at - 1]
  if not before or OPENS[list[at][2]] ~= 1 then
    return false
  elseif before[2] ~= "}" then
    return before[3] == "operator" or before[2]:find "^\\%a%a" ~= nil
  end
  local depth = 0
  for i = at - 1, 2, -1 do
    depth = depth + (OPENS[list[i][2]] or 0)
    if depth == 0 then
      return list[i - 1][2]:find "^\\operatorname" ~= nil
    end
  end
  return false
end

-- The arguments of a form that begins at a token, as { first, last } by their numbers, and the token behind it; nil: it does not.
local function found(form, list, at)
  local parts, arguments = form.parts, {}
  local names = form.meaning == "name" or form.meaning == "row" or form.meaning == "inner"
  local first, last = form.opens and 2 or 1, form.closes and #parts - 1 or #parts
  if not form.opens and is_argument(list, at) then
    return nil
  end
  for i = first, last do
    local part = parts[i]
    if math.type(part) then
      local stop = end_of_argument(list, at, parts[i + 1], names and LONGEST_NAME or #list)
      if not stop or names and not is_name(list, at, stop) then
        return nil
      elseif parts[i + 1] == "^" and not names and not is_operand(list, at, stop) then
        return nil -- A*B^{-1} is no inverse of A*B
      end
      arguments[part] = { at, stop }
      at = stop + 1
    elseif list[at] and list[at][2] == part then
      at = at + 1
    else
      return nil
    end
  end
  return arguments, at
end

-- ---------------------------------------------------------------------------------------------- what it becomes

local rewritten

-- Add tokens of texts, all at one place.
local function add(out, pos, texts)
  for text in texts:gmatch "%S+" do
    out[#out + 1] = { pos, text, text:find "^\\" and "command" or "sign" }
  end
end

-- Add an argument, itself rewritten.
local function add_argument(out, forms, list, range)
  local inner = rewritten(table.move(list, range[1], range[2], 1, {}), forms)
  table.move(inner, 1, #inner, #out + 1, out)
end

-- By what a form means: adds the tokens that take its place.
local becomes = {}

function becomes.name(out, _, forms, list, arguments)
  if arguments[1] then
    add_argument(out, forms, list, arguments[1])
  end
end

function becomes.row(out, pos, forms, list, arguments)
  if arguments[1] then
    add_argument(out, forms, list, arguments[1])
  end
  add(out, pos, forms.adjoint and "^ \\adjoint" or "^ \\top")
end
becomes.transpose = becomes.row

function becomes.inner(out, pos, forms, list, arguments)
  add(out, pos, "(")
  becomes.row(out, pos, forms, list, arguments)
  add_argument(out, forms, list, arguments[2])
  add(out, pos, ")")
end

function becomes.inverse_transpose(out, pos, forms, list, arguments)
  if arguments[1] then
    add_argument(out, forms, list, arguments[1])
  end
  add(out, pos, "^ { - \\top }")
end

function becomes.word(out, pos, _, _, _, form)
  out[#out + 1] = { pos, form.name, #form.name == 1 and "sign" or "name" }
end

function becomes.call(out, pos, forms, list, arguments, form)
  if form.opens and form.closes then
    add(out, pos, "\\own{" .. form.name .. "}")
  elseif form.name == "inv" and form.opens then
    add(out, pos, "^ { - 1 }")
  elseif form.opens then
    add(out, pos, "\\behind{" .. form.name .. "}")
  elseif next(arguments) then
    out[#out + 1] = { pos, form.name, "operator" }
    add(out, pos, "(")
    for k = 1, #arguments do
      add(out, pos, k > 1 and "," or "")
      add_argument(out, forms, list, arguments[k])
    end
    add(out, pos, ")")
  else
    out[#out + 1] = { pos, form.name, form.closes and "operator" or "name" }
  end
end

for meaning, sign in pairs(BETWEEN) do
  becomes[meaning] = function(out, pos)
    add(out, pos, sign)
  end
end

-- Is what a form of a function takes, \mathrm{e}^{\mathrm{T}}, the transpose of a letter that is declared?
local function is_transposed_letter(list, at, after, forms)
  local raised = at
  while raised < after and list[raised][2] ~= "^" do
    raised = raised + 1
  end
  for _, form in ipairs(raised < after and forms.variable and forms or {}) do
    local _, ends = nil, nil
    if form.meaning == "transpose" and form.opens then
      _, ends = found(form, list, raised)
    end
    if ends == after then
      local letter = list[raised - 1][2] == "}" and list[raised - 2][2] or list[raised - 1][2]
      return forms.variable(letter) and true or false
    end
  end
  return false
end

function rewritten(list, forms)
  local out, at = {}, 1
  while at <= #list do
    local done = false
    for _, form in ipairs(forms) do
      local arguments, after = found(form, list, at)
      local is_letter = arguments and form.meaning == "call" and is_transposed_letter(list, at, after, forms)
      local is_other = arguments and BARS[form.parts[#form.parts]] and list[after] and list[after][2] == "_"
      if arguments and after > at and not (is_letter or is_other) then
        becomes[form.meaning](out, list[at][1], forms, list, arguments, form)
        at, done = after, true
        break
      end
    end
    if not done then
      out[#out + 1] = list[at]
      at = at + 1
    end
  end
  return out
end

--- Tokens with the forms in them replaced.
-- @tparam table list
-- @tparam {table,...} forms
-- @tparam[opt] function variable is a name declared?
-- @tparam[opt] boolean complex are there complex letters?
function M.rewritten(list, forms, variable, complex)
  local known = table.move(forms, 1, #forms, 1, { variable = variable, adjoint = complex and forms.adjoint })
  return rewritten(list, known)
end

-- ---------------------------------------------------------------------------------------------- the forms of a session

-- What the signs of a notation mean here.
local SIGNS = {
  transpose = "transpose",
  ["transposed vector"] = "row",
  ["inner product"] = "inner",
  inverse = "call",
  ["inverse transpose"] = "inverse_transpose",
  product = "multiply",
  hadamard = "multiply_entries",
  ["elementwise quotient"] = "divide_entries",
}

local NONE = {}

-- Add the forms of a notation.
local function add_notation(forms, notation)
  for name, given in pairs(notation.ops or NONE) do
    if given.latex then
      local form = name == "I" and given.latex:gsub("_{%%1}$", "") or given.latex -- an index is read as that of I
      forms[#forms + 1] = { form = form, meaning = name == "I" and "word" or "call", name = name }
    end
  end
  for sign, given in pairs(notation.signs or NONE) do
    if given.latex and SIGNS[sign] then
      forms[#forms + 1] = { form = given.latex, meaning = SIGNS[sign], name = sign == "inverse" and "inv" or nil }
    end
  end
  for _, given in pairs(notation.kinds or NONE) do
    if given.latex or given.type == "underline" then
      forms[#forms + 1] = { form = given.latex or "\\underline{%1}", meaning = "name" }
    end
  end
  for name, given in pairs(notation.names or NONE) do
    if given.latex then
      forms[#forms + 1] = { form = given.latex, meaning = "word", name = name }
    end
  end
end

--- Has a notation a form of conjugate transposes? Then its transposes are such, of complex letters.
-- @tparam table|nil notation
function M.has_adjoint(notation)
  return notation ~= nil and notation.signs ~= nil and notation.signs["conjugate transpose"] ~= nil
end

-- Compiled forms, by the notation and by what the session has beside it.
local known = setmetatable({}, { __mode = "k" })

-- The parser knows of \own{name}, an operator between two arguments, and \behind{name}, one behind its argument.

--- The forms that a session reads; nil if there are none.
-- @tparam table session
-- @tparam function cut from a text to its tokens
function M.of(session, cut)
  local notation = session.notations and session.notations[session.notation]
  local own, list = session.own_notation, session.latex_forms
  if not (own or list or notation and notation.signs) then
    return nil
  end
  local key = list or own or notation
  local by_notation = known[key] or setmetatable({}, { __mode = "k" })
  known[key] = by_notation
  local compiled = by_notation[notation]
  if not compiled then
    local forms = table.move(list or NONE, 1, #(list or NONE), 1, {})
    add_notation(forms, own or NONE)
    add_notation(forms, notation)
    compiled = M.compile(forms, cut)
    compiled.adjoint = M.has_adjoint(own) or M.has_adjoint(notation)
    by_notation[notation] = compiled
  end
  return compiled
end

--- The forms of the operators that are no part of nabla.
-- @tparam table ops name -> operator
-- @treturn {table,...}|nil
function M.of_operators(ops)
  local list
  for name, op in pairs(ops) do
    if op.latex and not op.standard and not op.gone then
      list = list or {}
      list[#list + 1] = { form = op.latex, meaning = "call", name = name }
    end
  end
  return list
end

return M
