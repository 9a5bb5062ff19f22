--- Sums of a page: what is below the sign, how far the sum reaches, sums over pairs.
--
-- The functions take the parser (nabla.latex.parser).
--
-- @module nabla.latex.counted_sums

local tokens = require "nabla.latex.tokens"
local trees = require "nabla.latex.trees"
local vocabulary = require "nabla.latex.vocabulary"

local name_tree, number_tree = trees.name, trees.number
local STYLES, GREEK = tokens.styles, tokens.greek
local CLOSING = vocabulary.closing

local M = {}

-- The place behind a word of several letters in braces, \operatorname{diag}, where one is at a place; else the place.
local function behind_word(self, i)
  if not STYLES[self:peek(i)] or self:peek(i + 1) ~= "{" then
    return i
  end
  local last = i + 2
  while (self:peek(last) or ""):find "^%a+$" do
    last = last + 1
  end
  return self:peek(last) == "}" and last > i + 3 and behind_word(self, last + 1) or i
end

-- Does the term behind the sign at this token speak of some letters, outside a sum of its own?
local function mentions(self, letters)
  local depth, found, i = 0, false, 1
  while true do
    i = behind_word(self, i)
    local text = self:peek(i)
    local change = text
      and ((CLOSING[text] or text == "\\langle") and 1 or (vocabulary.closes[text] or text == "\\rangle") and -1)
      or 0
    depth = depth + change
    if not text or depth < 0 or depth == 0 and (text == "+" or text == "-") and i > 1 then
      return found
    elseif text == "\\sum" then
      return false
    end
    found = found or letters[GREEK[text] or text] or false
    i = i + 1
  end
end

local PAIRS = { ["<"] = "below", ["\\le"] = "up to", ["\\ne"] = "other" }

local TURNED = { [">"] = "below", ["\\ge"] = "up to" }

-- The counters below a \sum of pairs: i<j, 1 \le i < j \le N, i \ne j. Two names, how they go together, and the last value; nil
-- where there is something else.
local function pair_below_sum(self)
  local save = self.at
  if self:peek() == "1" and PAIRS[self:peek(1)] == "up to" then
    self.at = self.at + 2
  end
  local first = self:base_name()
  if first and (self:accept ":" or self:accept "|") then -- j : j \ge i
    first = self:base_name() == first and first
  end
  local relation = first and (PAIRS[self:peek()] or TURNED[self:peek()])
  local turned = relation and TURNED[self:peek()]
  self.at = relation and self.at + 1 or save
  local second = relation and self:base_name()
  if not second then
    self.at = save
    return nil
  end
  if turned then
    first, second = second, first
  end
  local hi = self:accept "\\le" and self:sum() or nil
  return { first, second, relation = relation, hi = hi }
end

-- \substack{j = 1 \\ j \ne i}: the counter j from its first value, without i: { i, j, relation =, lo =, alone = true }.
local function stacked_below_sum(self, opened)
  local save = self.at
  self.at = self.at + 1
  local open = self:accept "{"
  local name = open and self:base_name()
  local lo = name and self:accept "=" and self:sum()
  local again = lo and self:accept ";" and self:base_name()
  local other = again == name and PAIRS[self:peek()] == "other"
  self.at = other and self.at + 1 or self.at
  other = other and self:base_name()
  if not other then
    self.at = save
    self:stop(self:pos(), "the lines below the sum are not read", "\\sum_{\\substack{j = 1 \\\\ j \\ne i}}^{n}")
  end
  self:expect("}", opened)
  return { other, name, relation = "other", lo = lo, alone = true }
end

-- The counters below a \sum: i, i=1, i,j, ij, i \in .. Names, and the lower bound; or a pair.
local function below_sum(self, pos)
  local list, lo = {}, nil
  if not self:accept "{" then
    list[1] = self:base_name() or self:stop(self:pos(), "the index of the sum is missing")
    return list, nil
  end
  local opened = self:pos()
  local pair = self:peek() == "\\substack" and stacked_below_sum(self, opened) or pair_below_sum(self)
  if pair then
    self:expect("}", opened)
    return pair
  end
  while self:peek() ~= "}" do
    local name = self:base_name()
    if not name or #name > 1 and not name:find "^%a+$" then
      local set = self:peek() == "("
      self:stop(
        self:pos(),
        set and "the sum runs over a set" or "the index of the sum is missing",
        set and vocabulary.advice.set or nil
      )
    end
    list[#list + 1] = name
    self:accept "'"
    if self:accept "=" then
      lo = self:sum()
      break
    end
    self:accept ","
    local sign = self:peek()
    if sign and sign ~= "}" and not sign:find "^%a$" and not GREEK[sign] then
      self:stop(
        self:pos(),
        "the bounds of the sum are not read: a sum runs from a first to a last index",
        sign == "\\in" and vocabulary.advice.set or "\\sum_{i=1}^{n}"
      )
    end
  end
  self:expect("}", opened)
  if #list == 0 then
    self:stop(pos, "the index of the sum is missing")
  end
  return list, lo
end

local ENTRYWISE = {}
for _, sign in ipairs { "\\odot", "\\circ", "\\otimes" } do
  ENTRYWISE[sign] = vocabulary.infix[sign]
end

-- The body of a sum: factors, and terms behind + and - that speak of its counters.
local function sum_body(self, counters)
  local body = self:factors()
  while true do
    local text, t = self:peek()
    local sign = text == "+" and 1 or text == "-" and -1
    local op = ENTRYWISE[text]
    if op and mentions(self, counters) then -- a_r \circ b_r
      self.at = self.at + 1
      if text == "\\circ" then
        self:tell(t[1], "\\circ is the product entry by entry")
      end
      local right = self:factors()
      body.paren, right.paren = body.tag == "product" or nil, right.tag == "product" or nil
      body = trees.product(body, op, right, t[1])
    elseif not sign or self:closes_bar(text, t) then
      return body
    end
    if not sign then
      goto continue
    end
    if not mentions(self, counters) then
      return body
    end
    self.at = self.at + 1
    local term = self:term()
    self:tell(t[1], "the sum reaches over the terms that hold its index")
    if body.tag == "sum" and not body.paren then
      local n = #body.args + 1
      body.args[n], body.signs[n], body.oppos[n] = term, sign, t[1]
    else
      body = { tag = "sum", args = { body, term }, signs = { 1, sign }, oppos = { false, t[1] }, pos = body.pos }
    end
    ::continue::
  end
end

-- The letter that is the only index in a tree; or nil.
local function only_index(tree, found)
  if type(tree) ~= "table" then
    return found
  end
  if tree.tag == "sub" and tree.index:find "^%a$" then
    if found and found ~= tree.index then
      return false
    end
    found = tree.index
  elseif tree.indexed and #tree.args == 1 and tree.args[1].tag == "name" then
    if found and found ~= tree.args[1].name then
      return false
    end
    found = tree.args[1].name
  end
  for _, part in pairs(tree) do
    if found ~= false then
      found = only_index(part, found)
    end
  end
  return found
end

-- A sum of which only the body says the index.
local function sum_without_index(self, pos)
  local body = self:factors()
  local var = only_index(body, nil)
  if not var then
    self:stop(pos, "the bounds of the sum are missing", "\\sum_{i=1}^{n}, or \\mathbf{1}^\\top\\mathbf{x}")
  end
  self:tell(pos, ("the sum is over %s"):format(var))
  return { tag = "sumover", var = var, lo = number_tree("1", pos), body = body, pos = pos }
end

local function sum_over(var, lo, hi, body, pos)
  return { tag = "sumover", var = var, lo = lo, hi = hi, body = body, pos = pos }
end

-- i + 1, or i - 1
local function beside(name, sign, pos)
  local args = { name_tree(name, pos), number_tree("1", pos) }
  return { tag = "sum", args = args, signs = { 1, sign }, oppos = { false, pos }, pos = pos }
end

-- The sum over a pair of counters; over the second alone where the first counts in a sum around it, or the other way round.
local function sum_over_pair(self, list, hi, around, body, pos)
  local one, i, j = number_tree("1", pos), list[1], list[2]
  hi = list.hi or hi
  if list.relation ~= "other" then
    local first = list.relation == "below" and beside(i, 1, pos) or name_tree(i, pos)
    if around[j] then
      local last = list.relation == "below" and beside(j, -1, pos) or name_tree(j, pos)
      local inner = sum_over(i, one, last, body, pos)
      inner.partial = true
      return inner
    end
    local inner = sum_over(j, first, hi, body, pos)
    return around[i] and inner or sum_over(i, one, hi, inner, pos)
  end
  if around[j] and not around[i] and not list.alone then -- \sum_{i \ne j} over i
    i, j = j, i
  end
  local below = sum_over(j, list.lo or one, beside(i, -1, pos), body, pos)
  local above = sum_over(j, beside(i, 1, pos), hi, body, pos)
  below.partial = true
  local both = { tag = "sum", args = { below, above }, signs = { 1, 1 }, oppos = { false, pos }, pos = pos }
  both.paren = true
  if list.alone then
    return both
  end
  self:tell(pos, ("the sum is over all %s other than %s"):format(j, i))
  return around[i] and both or sum_over(i, one, hi, both, pos)
end

-- The last value of a counter: ^N, ^{N}, ^{i=N}.
local function last_of_sum(self)
  if not self:accept "^" then
    return nil
  elseif self:peek() == "{" and self:peek(2) == "=" then
    local opened = self:pos()
    self.at = self.at + 3
    local tree = self:sum()
    self:expect("}", opened)
    return tree
  end
  return self:exponent_tree()
end

function M.read(self, pos)
  if self:peek() ~= "_" and self:peek() ~= "^" then
    return sum_without_index(self, pos)
  elseif not self:accept "_" then
    self:stop(pos, "the bounds of the sum are missing", "\\sum_{i=1}^{n}, or \\mathbf{1}^\\top\\mathbf{x}")
  end
  local list, lo = below_sum(self, pos)
  if self.text:find("^Σ", pos) then
    self:tell(pos, ("Σ_%s is a sum over %s"):format(list[1], list[1]))
  end
  local hi = last_of_sum(self)
  local counters, around = {}, {}
  for i = list.alone and 2 or 1, #list do
    local name = list[i]
    counters[name], around[name] = true, self.counters[name]
    self.counters[name] = true
  end
  local tree = sum_body(self, counters)
  if list.relation then
    for i = list.alone and 2 or 1, 2 do
      self.counters[list[i]] = around[list[i]]
    end
    return sum_over_pair(self, list, hi, around, tree, pos)
  end
  for i = #list, 1, -1 do
    self.counters[list[i]] = around[list[i]]
    tree = { tag = "sumover", var = list[i], lo = lo or number_tree("1", pos), hi = hi, body = tree, pos = pos }
  end
  return tree
end

return M
