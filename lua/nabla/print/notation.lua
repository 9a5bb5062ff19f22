--- How names and operators look in Unicode and in LaTeX, as data.
--
-- A template writes the arguments as %1, %2, ...; one that begins or ends with an argument is an operator between or
-- beside its arguments, and these get brackets unless they are single symbols or powers.
--
-- @module nabla.print.notation

local greek = require "nabla.text.greek"

local M = {}

-- From a letter, spelled or Greek, to its LaTeX command.
local greek_command = {}
for name, letter in pairs(greek.character) do
  greek_command[name], greek_command[letter] = "\\" .. name, "\\" .. name
end

--- LaTeX templates that no rule file can state: of the engine's I, of the root that a power is written as, and of the norm,
-- whose sign depends on the shape of its argument (normF: norm2 of a matrix). Other templates are in the rule files.
M.latex = {
  I = "\\mathbf{I}_{%1}",
  sqrt = "\\sqrt{%1}",
  norm2 = "\\lVert %1 \\rVert_2",
  normF = "\\lVert %1 \\rVert_F",
}

--- Functions that on a page are meant of a square matrix as a whole.
M.entrywise = { exp = true, log = true, sin = true, cos = true, sqrt = true }

--- Functions that LaTeX has a command for.
M.latex_function = {}
for name in ("exp log sin cos tan sec sinh cosh tanh det"):gmatch "%S+" do
  M.latex_function[name] = "\\" .. name
end

local SUBSCRIPT = {}
for digit = 0, 9 do
  SUBSCRIPT[utf8.char(0x2080 + digit)] = tostring(digit)
end

-- A name and its index: "x1" is x, 1; "W_2" is W, 2; "x" is x, nil.
local function split(name)
  name = name:gsub("\xE2\x82[\x80-\x89]", SUBSCRIPT)
  local base, index = name:match "^(.-)_+(%w[%w_]*)$"
  if not base or base == "" then
    base, index = name:match "^([^%d_]+)(%d+)$"
  end
  if not base or base == "" then
    return name
  end
  return base, index
end

local unicode_names, latex_names, latex_bold = {}, {}, {}

--- A name with its Greek letter: "alpha1" is α1.
function M.unicode_name(name)
  local known = unicode_names[name]
  if not known then
    local base, rest = name:match "^(%a+)([%d_].*)$"
    known = greek.character[name] or (base and greek.character[base] and greek.character[base] .. rest) or name -- alphabet is no alpha
    unicode_names[name] = known
  end
  return known
end

local function latex_base(base, bold)
  local command = greek_command[base]
  if command then
    return bold and "\\boldsymbol{" .. command .. "}" or command
  elseif base:find "[\128-\255]" then
    return bold and "\\boldsymbol{" .. base .. "}" or base
  end
  base = base:gsub("_", "\\_")
  if bold then
    return "\\mathbf{" .. base .. "}"
  end
  return #base > 1 and "\\mathit{" .. base .. "}" or base
end

-- A letter with its index below.
local function with_index(letter, index)
  if not index then
    return letter
  elseif index:find "^%d+$" or #index == 1 then
    return letter .. "_{" .. index .. "}"
  elseif greek_command[index] then
    return letter .. "_{" .. greek_command[index] .. "}"
  end
  return letter .. "_{\\mathrm{" .. index:gsub("_", "\\_") .. "}}"
end

local ACCENTS = { hat = "\\hat", tilde = "\\tilde", bar = "\\bar" }

-- An index that begins with the word of an accent, behind a single letter: the command, and the rest of the index.
local function accent_of(base, index)
  local single = #base == 1 or greek_command[base]
  local word, rest = (single and index or ""):match "^(%a+)_?(.*)$"
  if ACCENTS[word] then
    return ACCENTS[word], rest ~= "" and rest or nil
  end
  return nil, index
end

-- A letter as it is set, with its accent and its index.
local function with_marks(letter, accent, index)
  return with_index(accent and ("%s{%s}"):format(accent, letter) or letter, index)
end

--- A name in LaTeX: vectors and matrices bold, an index lowered, the accent of x_hat above the letter.
function M.latex_name(name, bold)
  local cache = bold and latex_bold or latex_names
  local known = cache[name]
  if not known then
    local base, index = split(name)
    local accent, rest = accent_of(base, index)
    known = with_marks(latex_base(base, bold), accent, rest)
    cache[name] = known
  end
  return known
end

--- A name in LaTeX whose letter a function sets: it gets the letter or the word, and as a command if it is Greek; and the
-- letter as it is set when it is not bold.
function M.latex_name_in(name, set)
  local base, index = split(name)
  local accent
  accent, index = accent_of(base, index)
  local command = greek_command[base] or base:find "[\128-\255]" and base
  local letter = command or base:gsub("_", "\\_")
  return with_marks(set(letter, command and true or false, latex_base(base, false)), accent, index)
end

--- A dimension in LaTeX: "m*p" is m p, "n1^2" is n_{1}^{2}.
function M.latex_dimension(text)
  local latex = text
    :gsub("[%a_][%w_]*", function(name)
      return M.latex_name(name, false)
    end)
    :gsub("%^(%d+)", "^{%1}")
    :gsub("%s*%*%s*", " ")
  return latex
end

--- The letter with which a form of an operator in LaTeX begins, \lambda_{%2}(%1), and which argument is its index; or nil.
-- @tparam ?string form
-- @treturn string|nil
-- @treturn integer|nil
function M.letter_of_form(form)
  local letter = form and (form:match "^\\math%l+{(%a)}_" or form:match "^\\(%a+)_")
  return letter, letter and tonumber(form:match "_{%%(%d)}")
end

return M
