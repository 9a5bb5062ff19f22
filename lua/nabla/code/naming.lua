--- Names in a target language for letters, sizes and unknown functions: two of them never share one.
--
-- A letter keeps its name where the language takes it. Greek letters are spelled out, other letters are written in ASCII or by their
-- code points, and a name that is taken gets a number. A target says what it takes in a table `naming`: `reserved` (words that a name
-- cannot be, in one text), `utf8` (are letters outside ASCII names?), `folds_case` (are `A` and `a` one name?), `first` (a
-- pattern of what a name may begin with), `longest` (characters).
--
-- @module nabla.code.naming

local greek = require "nabla.text.greek"

local M = {}

-- Letters with marks, by the ASCII letters that they are written with.
local MARKED = {
  A = "ÀÁÂÃÄÅĀĂĄǍ",
  AE = "Æ",
  C = "ÇĆĈĊČ",
  D = "ÐĎĐ",
  E = "ÈÉÊËĒĔĖĘĚ",
  G = "ĜĞĠĢ",
  H = "ĤĦ",
  I = "ÌÍÎÏĨĪĬĮİ",
  J = "Ĵ",
  K = "Ķ",
  L = "ĹĻĽĿŁ",
  N = "ÑŃŅŇ",
  O = "ÒÓÔÕÖØŌŎŐ",
  OE = "Œ",
  R = "ŔŖŘ",
  S = "ŚŜŞŠ",
  T = "ŢŤŦ",
  U = "ÙÚÛÜŨŪŬŮŰŲ",
  W = "Ŵ",
  Y = "ÝŶŸ",
  Z = "ŹŻŽ",
  a = "àáâãäåāăąǎª",
  ae = "æ",
  c = "çćĉċč",
  d = "ðďđ",
  e = "èéêëēĕėęě",
  g = "ĝğġģ",
  h = "ĥħℎ",
  i = "ìíîïĩīĭįı",
  j = "ĵ",
  k = "ķ",
  l = "ĺļľŀłℓ",
  n = "ñńņňŋ",
  o = "òóôõöøōŏőº",
  oe = "œ",
  r = "ŕŗř",
  s = "śŝşšſ",
  ss = "ß",
  t = "ţťŧ",
  u = "ùúûüũūŭůűų",
  w = "ŵ",
  y = "ýÿŷ",
  z = "źżž",
  epsilon = "ϵ",
  phi = "ϕ",
  theta = "ϑ",
  kappa = "ϰ",
  rho = "ϱ",
  varpi = "ϖ",
  sigma = "ς",
  mu = "µ",
}
local ASCII = {}
for plain, letters in pairs(MARKED) do
  for letter in letters:gmatch(utf8.charpattern) do
    ASCII[letter] = plain
  end
end
for name, letter in pairs(greek.character) do
  ASCII[letter] = name
end

local MARKS = { ["\u{302}"] = "_hat", ["\u{303}"] = "_tilde", ["\u{304}"] = "_bar", ["\u{307}"] = "_dot" } -- combining

-- Letters outside ASCII that are names in languages with such names, and that no normal form of Unicode changes: Latin, Greek,
-- Cyrillic, Chinese.
local function is_plain_letter(character)
  return character:find "^[\xC3-\xC5\xCE\xD0-\xD3\xE4-\xE9]" ~= nil and not ("ĿŀŉſĲĳ"):find(character, 1, true)
    or greek.name[character] ~= nil
end

local STYLED, STYLED_END = 0x1D400, 0x1D6A3 -- letters in bold, italic, script: 52 of each style
local SUBSCRIPTS, SUBSCRIPTS_END = 0x2080, 0x2089

-- A character outside ASCII, in ASCII.
local function in_ascii(character)
  if ASCII[character] or MARKS[character] then
    return ASCII[character] or MARKS[character]
  end
  local code = utf8.len(character) == 1 and utf8.codepoint(character)
  if not code then
    return "_"
  elseif code >= SUBSCRIPTS and code <= SUBSCRIPTS_END then
    return tostring(code - SUBSCRIPTS)
  elseif code >= STYLED and code <= STYLED_END then
    local k = (code - STYLED) % 52
    return string.char(k < 26 and 65 + k or 71 + k)
  end
  return ("u%04X"):format(code)
end

local Scope = {}
Scope.__index = Scope

local function key_of(scope, name)
  return scope.rules.folds_case and name:lower() or name
end

--- The names of one program in a target language. Nothing is taken in it but what the language keeps for itself.
-- @tparam table target its table `naming` is described above; the names of its `helpers` are kept as well
-- @treturn table scope
function M.scope(target)
  local rules = target.naming
  local scope = setmetatable({ rules = rules, used = {} }, Scope)
  for word in rules.reserved:gmatch "%S+" do
    scope.used[key_of(scope, word)] = true
  end
  for helper in pairs(target.helpers or {}) do
    scope.used[key_of(scope, helper)] = true
  end
  return scope
end

--- Is a name taken by nothing?
function Scope:is_free(name)
  return not self.used[key_of(self, name)]
end

--- Take a name, or give it back.
function Scope:take(name)
  self.used[key_of(self, name)] = true
  return name
end

function Scope:release(name)
  self.used[key_of(self, name)] = false
end

--- Another scope in which the same names are taken.
function Scope:copy()
  local used = setmetatable({}, { __index = self.used })
  return setmetatable({ rules = self.rules, used = used }, Scope)
end

--- A name as the language takes it, whether free or not.
function Scope:spelled(name)
  local rules = self.rules
  local text = name:gsub(utf8.charpattern, function(character)
    if character:find "^[%w_]$" then
      return nil
    elseif character:byte() < 128 then
      return "_"
    elseif rules.utf8 and is_plain_letter(character) then
      return nil
    end
    return in_ascii(character)
  end)
  if not text:find("^" .. (rules.first or "[%a_\128-\255]")) then
    text = "x" .. (text:find "^_" and "" or "_") .. text
  end
  return rules.longest and text:sub(1, rules.longest - 4) or text
end

--- A free name like this one, which is taken from now on.
function Scope:fresh(wish)
  local text = self:spelled(wish)
  if self:is_free(text) then
    return self:take(text)
  end
  local reserved = text .. "_"
  local number = 1
  while not self:is_free(reserved) do
    number = number + 1
    reserved = text .. "_" .. number
  end
  return self:take(reserved)
end

--- Names for lists of names, one list after the other: in each those that the language takes as they are come first, so that no
-- other one takes their place.
-- @tparam table scope
-- @param ... lists of names, the most important list first; a name may be in several lists and has a text in each
-- @treturn table,... for each list a table name -> text
function M.assign(scope, ...)
  local lists, found = { ... }, {}
  for k, list in ipairs(lists) do
    found[k] = {}
    for _, name in ipairs(list) do
      if scope:spelled(name) == name and scope:is_free(name) then
        found[k][name] = scope:take(name)
      end
    end
    for _, name in ipairs(list) do
      found[k][name] = found[k][name] or scope:fresh(name)
    end
  end
  return table.unpack(found)
end

return M
