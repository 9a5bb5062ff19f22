--- The characters and the words of the language: names, numbers, space, comments, raised digits.
--
-- @module nabla.language.characters

local lpeg = require "lpeg"

local P, S, R = lpeg.P, lpeg.S, lpeg.R

local M = {}

local LARGE_POWER = 7 -- of ten; a number with a smaller one is written out

local digit = R "09"
local continuation = R "\128\191"

-- What may be in a name beside ASCII: every character of UTF-8 but the signs. Signs are whole blocks of Unicode, recognised by
-- their first bytes; subscripts and letter-like symbols are let in again.
local sign_block = P "\xC2" * (continuation - S "\xAA\xB5\xBA") -- U+0080..00BF: ² ³ · ¹ and no-break space; not ª µ º
  + P "×"
  + P "÷"
  + P "\xCA" * R "\xB0\xBF"
  + P "\xCB" -- U+02B0..02FF: raised letters
  + P "\xE1\xB4" * R "\xAC\xBF"
  + P "\xE1\xB5" * R "\x80\xA1"
  + P "\xE1\xB6" * R "\x9B\xBF" -- raised letters, ᵀ among them
  + P "\xE2" * R "\x80\xAF" -- U+2000..2BFF: punctuation, arrows, operators
  - P "\xE2\x82" * R "\x80\x9C" -- U+2080..209C: subscripts
  - P "\xE2\x84"
  - P "\xE2\x85" * R "\x80\x8F" -- U+2100..214F: letter-like symbols
  + P "\xE3\x80" -- U+3000..303F: CJK punctuation
  + P "\xEE"
  + P "\xEF" -- private use; fullwidth forms
  + P "\xF0\x9F" -- pictures

local letter = R("az", "AZ") + "_" + (R "\xC2\xF4" - sign_block) * continuation ^ 1
local identifier = letter * (letter + digit) ^ 0
local boundary = -(letter + digit)

-- `2.` is a number, but in `1.*x`, `1./x`, `1.^x`, `1.'` and `0..k` the dot belongs to what follows.
local number = (digit ^ 1 * (P "." * digit ^ 1 + P "." * -S "*/^'.") ^ -1 + P "." * digit ^ 1)
  * (S "eE" * S "+-" ^ -1 * digit ^ 1) ^ -1

local blank = S " \t\r" + "\u{00A0}" + "\u{3000}" + P "\xE2\x80" * R "\x80\x8A" + "\u{202F}" + "\u{205F}"
local comment = "#" * (1 - P "\n") ^ 0
M.free_space = (blank + "\n" + comment) ^ 0

local superscripts, superscript = {}, P(false) -- raised digits
for i, code in ipairs { 0x2070, 0xB9, 0xB2, 0xB3, 0x2074, 0x2075, 0x2076, 0x2077, 0x2078, 0x2079 } do
  superscripts[utf8.char(code)] = tostring(i - 1)
  superscript = superscript + utf8.char(code)
end

--- The digits that raised digits stand for.
function M.lower(raised)
  return (raised:gsub(utf8.charpattern, superscripts))
end


--- How many digits a number has behind its point, without zeros at the end; 0 for an integer.
---@param text string
---@return integer
function M.decimals(text)
  local digits, exponent = text:match "^%d*%.?(%d-)0*[eE]([+-]?%d+)$"
  if digits then
    return math.max(0, #digits - math.tointeger(tonumber(exponent)))
  end
  return #(text:match "^%d*%.(%d-)0*$" or "")
end

--- Is a number written with a large power of ten: 6.02e23, 1e20?
---@param text string
---@return boolean
function M.has_power(text)
  local exponent = text:match "[eE]%+?(%d+)$"
  return exponent ~= nil and tonumber(exponent) >= LARGE_POWER
end

local whole_name = identifier * -1

--- Tells whether a text is one name.
---@param text string
---@return boolean
function M.is_name(text)
  return type(text) == "string" and whole_name:match(text) ~= nil
end

M.digit, M.letter, M.identifier, M.boundary = digit, letter, identifier, boundary
M.number, M.blank, M.comment, M.superscript = number, blank, comment, superscript

return M
