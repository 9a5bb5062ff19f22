--- Misspelt names: which known name one most likely means.
--
-- @module nabla.text.spelling

local M = {}

local function characters(name)
  local out = {}
  if not utf8.len(name) then
    return { name:byte(1, -1) }
  end
  for _, code in utf8.codes(name) do
    out[#out + 1] = code
  end
  return out
end

-- The Damerau-Levenshtein distance (insert, delete, change, swap two neighbours), each letter in at most one change; a
-- number above `limit` when it is above. Capital for small costs a half.
local function distance(a, b, limit)
  if math.abs(#a - #b) > limit then
    return limit + 1
  end
  local function change(x, y)
    if x == y then
      return 0
    end
    local same_letter = x < 128 and y < 128 and string.char(x):lower() == string.char(y):lower()
    return same_letter and 0.5 or 1
  end
  local previous, current, older = {}, {}, {}
  for j = 0, #b do
    current[j] = j
  end
  for i = 1, #a do
    older, previous, current = previous, current, older
    current[0] = i
    local least = i
    for j = 1, #b do
      local best = math.min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + change(a[i], b[j]))
      if i > 1 and j > 1 and a[i] == b[j - 1] and a[i - 1] == b[j] then -- two neighbours swapped?
        best = math.min(best, older[j - 2] + 1)
      end
      current[j] = best
      least = math.min(least, best)
    end
    if least > limit + 1 then -- no way back below the limit (a swap looks two rows up)
      return limit + 1
    end
  end
  return current[#b]
end

-- Letters of other scripts that look like Latin ones, and these.
local TWINS = {}
for other, latin in
  ("А A В B Е E К K М M Н H О O Р P С C Т T У Y Х X а a е e о o р p с c у y х x і i ѕ s ј j "
    .. "Α A Β B Ε E Ζ Z Η H Ι I Κ K Μ M Ν N Ο O Ρ P Τ T Υ Y Χ X ο o"):gmatch "(%S+) (%S+)"
do
  TWINS[other] = latin
end

--- A name with Latin letters in the place of Cyrillic and Greek ones that look the same, and the first letter that differs; the name
-- itself where none does.
---@param name string
---@return string latin
---@return string|nil letter
function M.in_latin(name)
  local first
  local latin = name:gsub("[\xC2-\xF4][\x80-\xBF]*", function(letter)
    first = first or TWINS[letter] and letter
    return TWINS[letter]
  end)
  return latin, first
end

--- Finds the known name that a misspelt name most likely means.
-- One change is allowed in a name of two to five letters, two up to eight, three beyond; of a single letter only the case.
---@param name string
---@param candidates table a list of names, or a table whose keys are names
---@return string|nil nearest the first in alphabetical order of the nearest; nil when none is near, or `name` itself is known
function M.nearest(name, candidates)
  local letters = characters(name)
  local limit = #letters < 2 and 0.5 or #letters < 6 and 1 or #letters < 9 and 2 or 3
  local best, best_distance
  for key, value in pairs(candidates) do
    local candidate = type(key) == "string" and key or value
    if candidate == name then
      return nil
    end
    local target = characters(candidate)
    local d = distance(letters, target, limit)
    -- A change of every letter is no likeness: `tr` does not mean `id`.
    if d <= limit and d < math.max(#letters, #target) then
      if not best or d < best_distance or d == best_distance and candidate < best then
        best, best_distance = candidate, d
      end
    end
  end
  return best
end

--- The names in a table, in order: the candidates of a hint.
function M.names(t)
  local names = {}
  for name in pairs(t) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

return M
