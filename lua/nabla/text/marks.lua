--- Letters with a mark: x̂ is written x_hat, ẋ xdot, as \hat{x} and \dot{x} are.
--
-- The mark is a character of its own behind the letter, or letter and mark are one character.
--
-- @module nabla.text.marks

local greek = require "nabla.text.greek"
local later = require "nabla.text.later"

local M = {}

-- The word of each combining mark, and the command of LaTeX.
local MARKS = {
  ["\u{0302}"] = "hat",
  ["\u{0303}"] = "tilde",
  ["\u{0304}"] = "bar",
  ["\u{0305}"] = "bar",
  ["\u{0307}"] = "dot",
  ["\u{0308}"] = "ddot",
  ["\u{20D7}"] = "vec",
}

-- Characters that are a letter with a mark: the letters that they are, in the same order.
local COMPOSED = {
  hat = { "ĉĝĥĵŝŵŷẑâêîôûĈĜĤĴŜŴŶẐÂÊÎÔÛ", "cghjswyzaeiouCGHJSWYZAEIOU" },
  tilde = { "ãñõĩũẽỹṽÃÑÕĨŨẼỸṼ", "anoiueyvANOIUEYV" },
  bar = { "āēīōūȳḡĀĒĪŌŪȲḠ", "aeiouygAEIOUYG" },
  dot = { "ȧḃċḋėḟġḣṁṅȯṗṙṡṫẇẋẏżȦḂĊḊĖḞĠḢṀṄȮṖṘṠṪẆẊẎŻ", "abcdefghmnoprstwxyzABCDEFGHMNOPRSTWXYZ" },
  ddot = { "ẍẅḧẗẌẄḦ", "xwhtXWH" },
}

local JOINED = { dot = "dot", ddot = "ddot", vec = "" } -- marks that are written without a `_`

-- Of each of these characters the letter and the word of the mark: a table that is made when a text has signs beyond ASCII.
local composed = later.table(function()
  local parts = {}
  for word, pair in pairs(COMPOSED) do
    local i = 0
    for character in pair[1]:gmatch(utf8.charpattern) do
      i = i + 1
      parts[character] = { letter = pair[2]:sub(i, i), word = word }
    end
  end
  return parts
end)

--- Is it a mark that belongs to the character before it, known or not?
-- @tparam string character
-- @treturn boolean
function M.is_mark(character)
  return MARKS[character] ~= nil
    or character:find "^\xCC[\x80-\xBF]$" ~= nil -- U+0300..036F
    or character:find "^\xCD[\x80-\xAF]$" ~= nil
    or character:find "^\xE2\x83[\x90-\xBF]$" ~= nil -- U+20D0..20FF
end

--- The command of LaTeX for a mark; nil for one that is not known.
-- @tparam string character
-- @treturn string|nil \hat
function M.command(character)
  return MARKS[character] and "\\" .. MARKS[character]
end

--- A character that is a letter with a mark, in parts.
-- @tparam string character
-- @treturn string|nil the letter
-- @treturn string|nil the command of LaTeX
function M.parts(character)
  local found = composed[character]
  if found then
    return found.letter, "\\" .. found.word
  end
end

--- A name that is a letter with a mark, perhaps with an index behind it, without signs: x̂_1 is x_hat_1.
-- @tparam string name
-- @treturn string|nil nil for any other name
function M.spelled(name)
  local letter, rest
  if name:find "[\x80-\xff]" then
    letter, rest = name:match("^(" .. utf8.charpattern .. ")(.*)$")
  end
  if not letter then
    return nil
  end
  local word
  local found = composed[letter]
  if found then
    letter, word = found.letter, found.word
  else
    local mark, behind = rest:match("^(" .. utf8.charpattern .. ")(.*)$")
    word, rest = MARKS[mark], behind
  end
  if not word or not rest:find "^[%w_]*$" then
    return nil
  end
  local joined = JOINED[word]
  return greek.spelled(letter) .. (joined or "_" .. word) .. rest
end

return M
