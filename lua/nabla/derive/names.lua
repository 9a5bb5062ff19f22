--- Names for parts of a function that stand in many places of a derivation: r = A*x - b.
--
-- First the derivation is found without names. Where a part of the function stands in its lines so often that a name for it would
-- shorten them, it is found again with the name, and the shorter of the two is kept.
--
-- @module nabla.derive.names

local compose = require "nabla.derive.compose"
local display = require "nabla.print.display"

local M = {}

local MOST_NAMES = 3
local SHORTEST_PART = 3 -- characters
local LONG_LINE = 110 -- characters: more than fits on a page
local PROMISING = 0.85 -- of the characters without names, by an estimate: worth a try
local MUCH_SHORTER = 0.7 -- of the characters without names, where nobody asks for names

-- Letters by what is named.
local LETTERS = {
  scalar = "s q p a1 s1 s2 s3",
  sum = "r z u v w r1 r2 r3",
  vector = "z u v w r z1 z2 z3",
  matrix = "Z R M P Q Z1 Z2 Z3",
}

-- ---------------------------------------------------------------------------------------------- which parts

-- The bytes that a text matches, each of one character: a set. Nothing, the end of a text, is in none.
local function bytes(set)
  local list = {}
  for byte = 0, 255 do
    list[byte] = string.char(byte):find(set) and true or nil
  end
  return list
end

local BINDS_BEFORE, BINDS_AFTER = bytes "[%w_'%^]", bytes "[%w_'%^(]"
local OPENS, CLOSES = bytes "[(]", bytes "[),]"

-- How often a text stands in another as an operand.
local function occurrences(line, part, is_sum)
  local count = 0
  local first, last = line:find(part, 1, true)
  while first do
    local before, after = line:byte(first - 1), line:byte(last + 1)
    local alone = (first == 1 or OPENS[before]) and (not after or CLOSES[after])
    if alone or not is_sum and not (first > 1 and BINDS_BEFORE[before]) and not (after and BINDS_AFTER[after]) then
      count = count + 1
    end
    first, last = line:find(part, last + 1, true)
  end
  return count
end

-- The parts of a tree that change and may have a name: text -> { text, is_sum, shown }, `shown` with the names chosen so far.
local function candidates(W, tree)
  local found = {}
  local function go(t, top)
    if t.tag == "operator" or t.tag == "dimension" or t.tag == "counted" or not W:changes(t) then
      return
    end
    local nameable = not top and #t > 0 and t.tag ~= "transpose" and t.tag ~= "neg" and t.tag ~= "derivative"
    local text = nameable and compose.text(t)
    if text and #text >= SHORTEST_PART then
      found[text] = { text = text, shown = text, is_sum = t.tag == "sum" }
    end
    for i = 1, #t do
      go(t[i])
    end
  end
  go(tree, true)
  return found
end

-- The right sides of the lines as texts, and their length.
local function texts(derivation)
  local list, total, longest = {}, 0, 0
  for i, line in ipairs(derivation) do
    list[i] = compose.text(line.right)
    total, longest = total + #list[i], math.max(longest, #list[i])
  end
  return list, total, longest
end

-- The part whose name saves most, and how many characters. The first name makes the answer be written twice.
local function best(parts, lines, is_first)
  local chosen, most = nil, 0
  for _, part in pairs(parts) do
    local count, inner = 0, 0
    for i, line in ipairs(lines) do
      local n = occurrences(line, part.shown, part.is_sum)
      count = count + n
      inner = is_first and i == #lines and n > 0 and #line or inner
    end
    local saved = count * (#part.shown - 1) - #part.shown - inner
    if count > 1 and (saved > most or saved == most and chosen and part.text < chosen.text) then
      chosen, most = part, saved
    end
  end
  return chosen, most
end

--- The parts of a function that a derivation without names suggests to name, those inside others first: texts.
-- @param derivation
-- @param W the values of its trees
-- @tparam boolean asked are names wanted wherever they shorten?
function M.choose(derivation, W, asked)
  local lines, total, longest = texts(derivation)
  if longest <= LONG_LINE and not asked then
    return {}
  end
  local parts, chosen, saved = candidates(W, derivation[1].right), {}, 0
  while #chosen < MOST_NAMES do
    local part, by = best(parts, lines, #chosen == 0)
    if not part then
      break
    end
    chosen[#chosen + 1], saved = part.text, saved + by
    parts[part.text] = nil
    local pattern = part.shown:gsub("%p", "%%%0")
    for i, line in ipairs(lines) do
      lines[i] = line:gsub(pattern, "_")
    end
    for _, other in pairs(parts) do
      other.shown = other.shown:gsub(pattern, "_")
    end
    table.insert(lines, 1, part.shown)
  end
  if not asked and total - saved > PROMISING * total then
    return {}
  end
  table.sort(chosen, function(a, b)
    return #a < #b or #a == #b and a < b
  end)
  return chosen
end

--- Is the derivation with names the shorter one?
function M.pays(with_names, without, asked)
  local _, new = texts(with_names)
  local _, old = texts(without)
  return new < (asked and old or MUCH_SHORTER * old)
end

-- ---------------------------------------------------------------------------------------------- their lines

-- The subtree of a text in a tree; is it what a function of each entry is applied to?
local function subtree(session, tree, text, is_argument)
  if #tree > 0 and compose.text(tree) == text then
    return tree, is_argument
  end
  for i = 1, #tree do
    local op = tree.tag == "call" and not tree.fn and session.ops[tree.name]
    local found, entrywise = subtree(session, tree[i], text, op and op.elementwise)
    if found then
      return found, entrywise
    end
  end
end

local function letters_for(W, tree, is_argument)
  local S, id = W.S, W:of(tree)
  if W:is_scalar_node(id) then
    return LETTERS.scalar
  elseif S:dimtext(S:cols(id)) ~= "1" then
    return LETTERS.matrix
  end
  return tree.tag == "sum" and not is_argument and LETTERS.sum or LETTERS.vector
end

-- From here on a node is printed as a name, in whatever form the engine keeps it.
local function seed(w, id, name)
  local S = w.S
  local turned = w.W:is_scalar_node(id) and name or display.transpose(name)
  for node, tree in pairs { [id] = name, [S:transpose(id)] = turned } do
    w.D:seed(node, tree)
    w.D:seed(S:neg(node), display.neg(tree))
  end
end

--- Give names to parts of a tree: a line for each. Returns the tree with the names, and the names as trees.
-- @param w the derivation (nabla.derive.builder)
-- @param tree
-- @tparam table parts texts, see `choose`
function M.introduce(w, tree, parts)
  local W, whole, names = w.W, tree, {}
  W.definitions = W.definitions or {}
  local known = {}
  for _, text in ipairs(parts) do
    local part, is_argument = subtree(w.session, whole, text)
    local letter = part and w:letter(letters_for(W, part, is_argument))
    if letter then
      local id = W:of(part)
      local name = display.name(letter, not W:is_scalar_node(id))
      local definition = part
      for _, other in ipairs(known) do
        definition = compose.put(W, definition, other.id, other.name)
      end
      w:add("let", { { formula = true, definition } }, { kind = "let", let = letter, left = name, right = definition })
      w:define(letter, id)
      W.definitions[letter] = definition
      seed(w, id, name)
      known[#known + 1] = { id = id, name = name, definition = definition }
      names[#names + 1] = name
      tree = compose.put(W, tree, id, name)
    end
  end
  w.known_names = known
  return tree, names
end

--- Give the same names in the values and rules that have taken the place of those of `introduce`.
-- @param w the derivation (nabla.derive.builder)
function M.introduce_again(w)
  for _, part in ipairs(w.known_names or {}) do
    w.W.definitions = w.W.definitions or {}
    w.W.definitions[part.name.text] = part.definition
    seed(w, part.id, part.name)
  end
end

return M
