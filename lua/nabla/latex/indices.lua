--- What is in an index or in a braced group: names, indices of entries, dimensions.
--
-- These are methods of the parser (nabla.latex.parser).
--
-- @module nabla.latex.indices

local tokens = require "nabla.latex.tokens"
local trees = require "nabla.latex.trees"
local vocabulary = require "nabla.latex.vocabulary"

local name_tree, number_tree = trees.name, trees.number
local UPRIGHT, STYLES, GREEK = tokens.upright, tokens.styles, tokens.greek
local COMMANDS, CLOSING, CLOSES = vocabulary.commands, vocabulary.closing, vocabulary.closes

local ACCENT, JOINED = vocabulary.accents, vocabulary.joined_accents

local M = {}

--- A name with the accent of a command: x and \\hat make x_hat.
function M.accented(name, command)
  local accent = ACCENT[command]
  return accent and name .. (JOINED[accent] and "" or "_") .. accent or name
end

-- The plain text of a braced group, such as {W_{1}} or {\mathrm{foo}}: letters and digits; nil if it is no name. Moves on.
function M:plain_group()
  local out = {}
  local text, t = self:peek()
  if text ~= "{" then
    if not text then
      self:stop(self:pos(), "a name is missing")
    end
    self.at = self.at + 1
    return GREEK[text] or text, t[1]
  end
  local opened = t[1]
  self.at = self.at + 1
  while self:peek() ~= "}" do
    text = self:peek()
    if not text then
      self:stop(opened, "this bracket is never closed", "`}` is missing")
    elseif STYLES[text] then
      self.at = self.at + 1
      out[#out + 1] = M.accented(self:plain_group(), text)
    elseif text == "{" then
      out[#out + 1] = self:plain_group()
    else
      self.at = self.at + 1
      out[#out + 1] = GREEK[text] or (text == "\\_" and "_") or text
    end
  end
  self.at = self.at + 1
  return table.concat(out), opened
end

-- The tokens of a subscript, as a text without spaces; moves over it.
function M:subscript()
  if self:peek() ~= "{" then
    local text = self:peek()
    if not text then
      self:stop(self:pos(), "an index is missing")
    elseif STYLES[text] then
      self.at = self.at + 1
      return (M.accented(self:plain_group(), text))
    end
    self.at = self.at + 1
    return GREEK[text] or text
  end
  local text, pos = self:plain_group()
  local sign = text:find ":" and "a colon" or (text:find("\\cdot", 1, true) or text:find "·") and "a dot"
  if sign then
    self:stop(
      pos,
      sign .. " in an index, for all of a row or column, is not read",
      "the column j of X is X*E(j, 1, n, 1); a letter for each is declared: vector x_i(m) for i = 1..n"
    )
  end
  return text
end

-- An index without braces: a number or a letter.
function M:single_index()
  local text, t = self:peek()
  if not text then
    self:stop(self:pos(), "an index is missing")
  end
  self.at = self.at + 1
  return t[3] == "number" and number_tree(text, t[1]) or name_tree(GREEK[text] or text, t[1])
end

-- The indices of an entry after `_`: trees. {ij} is two letters, {1,n-1} is separated by commas.
function M:indices()
  local list = {}
  if self:peek() ~= "{" then
    return { self:single_index() }
  end
  local opened = self:pos()
  self.at = self.at + 1
  local start, letters = self.at, {}
  while self:peek() and self:peek() ~= "}" do
    local text, t = self:peek()
    if t[3] == "number" and #text == 2 and #letters == 0 and self:peek(1) == "}" then
      letters = { number_tree(text:sub(1, 1), t[1]), number_tree(text:sub(2), t[1] + 1) }
    elseif t[3] == "number" and #text == 1 then
      letters[#letters + 1] = number_tree(text, t[1])
    elseif text:find "^%a$" or GREEK[text] then
      letters[#letters + 1] = name_tree(GREEK[text] or text, t[1])
    else
      letters = nil
      break
    end
    self.at = self.at + 1
  end
  if letters and #letters <= 2 and self:peek() == "}" then
    self.at = self.at + 1
    return letters
  end
  self.at = start
  local outside = self.in_index
  self.in_index = true
  repeat
    list[#list + 1] = self:sum()
  until not self:accept ","
  self.in_index = outside
  self:expect("}", opened)
  return list
end

-- Are two indices here in braces: {ij}, {12}, {1,n-1}?
function M:is_pair()
  if self:peek() ~= "{" then
    return false
  end
  local commas, depth, i = 0, 1, 1
  while depth > 0 do
    local text = self:peek(i)
    if not text then
      return false
    end
    depth = depth + (CLOSING[text] and 1 or CLOSES[text] and -1 or 0)
    commas = commas + (text == "," and depth == 1 and 1 or 0)
    i = i + 1
  end
  local count = i - 2 -- tokens between the braces
  local first, token = self:peek(1)
  local digits = count == 1 and token[3] == "number" and #first == 2
  local function is_letter(text)
    return text:find "^%w$" ~= nil or GREEK[text] ~= nil
  end
  return commas == 1 or digits or count == 2 and is_letter(first) and is_letter(self:peek(2))
end

-- An index as a text and, where it is made of expressions, as trees.
function M:index_parts()
  local save = self.at
  local index = self:subscript()
  local last = self.at
  self.at = save
  local ok, list = pcall(self.indices, self)
  local word = index:find "^%a%a%a+$" ~= nil -- w_{min} is a name
  for i = save, last - 1 do
    word = word and not GREEK[self.tokens[i][2]]
  end
  local whole = ok and self.at == last and not word
  for i, tree in ipairs(whole and list or {}) do -- a_{i',j'}
    list[i] = tree.tag == "transpose" and tree[1].tag == "name" and tree[1] or tree
  end
  self.at = last
  if word then
    return index, nil
  end
  return index, whole and list or nil
end

--- Is an index made of three counters of sums around it, or more?
function M:three_counters(index)
  local count = 0
  for name in index:gmatch "%a" do
    count = count + (self.counters[name] and 1 or -9)
  end
  return count > 2 and not index:find "[^%a%s,]"
end

--- Move over what E[..] is over: \mathbb{E}_x, \mathbb{E}_{x \sim p}.
function M:expectation_index(letter)
  if letter.base == "E" and self:peek() == "_" and self.kind "E" == "operator" then
    self.at = self.at + 1
    self:subscript()
    self:tell(letter.pos, "E[..] is over all letters that are declared random")
  end
end

--- The k of ^{(k)}, a number, or nil where something else follows.
function M:order_of_derivative()
  local save = self.at
  if self:accept "^" and self:accept "{" and self:accept "(" then
    local k = self:peek()
    if k and k:find "^%d+$" then
      self.at = self.at + 1
      if self:accept ")" and self:accept "}" then
        return k
      end
    end
  end
  self.at = save
end

-- A braced index that holds dimensions separated by a comma or \times.
function M:dimensions()
  if self:peek() ~= "{" then
    return { self:single_index() }
  end
  local opened = self:pos()
  self.at = self.at + 1
  local list = {}
  self.dimension = (self.dimension or 0) + 1
  repeat
    list[#list + 1] = self:sum()
  until not (self:accept "," or self:accept "\\times")
  self.dimension = self.dimension - 1
  self:expect("}", opened)
  return list
end

--- An upright word as an index, _{\mathrm{rows}}: the word; nil where it is none.
function M:word_index()
  local save = self.at
  local braced = self:accept "{"
  local word = UPRIGHT[self:peek()] and self:base_name()
  if word and (not braced or self:accept "}") then
    return word
  end
  self.at = save
  return nil
end

-- An operator's name in an index: L_{\operatorname{expm}}.
function M:operator_index()
  local save = self.at
  if self:accept "{" then
    local text = self:peek()
    local name = COMMANDS[text]
    if name then
      self.at = self.at + 1
    else
      name = UPRIGHT[text] and self:base_name()
    end
    if name and self.kind(name) == "operator" and self:accept "}" then
      return name
    end
  end
  self.at = save
  return nil
end

return M
