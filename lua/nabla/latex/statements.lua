--- What is around an expression on a page: labels such as J(w) = .., chains of equations, definitions, side conditions,
-- \min_w at the front.
--
-- These are methods of the parser (nabla.latex.parser).
--
-- @module nabla.latex.statements

local errors = require "nabla.text.errors"
local tokens = require "nabla.latex.tokens"
local vocabulary = require "nabla.latex.vocabulary"

local STYLES, GREEK, UPRIGHT = tokens.styles, tokens.greek, tokens.upright
local FUNCTIONS, CLOSING, CLOSES, RELATIONS =
  vocabulary.functions, vocabulary.closing, vocabulary.closes, vocabulary.relations

local M = {}

--- Words between the statements of a page.
local BETWEEN = {
  where = true,
  ["and"] = true,
  with = true,
  ["then"] = true,
  so = true,
  hence = true,
  thus = true,
  let = true,
}

M.between_words = BETWEEN

-- The number by which a token changes the depth of brackets.
local function depth_of(text)
  if text == "\\cases" or text == "\\endcases" then
    return text == "\\cases" and 1 or -1
  end
  return (CLOSING[text] or text == "\\langle") and 1 or (CLOSES[text] or text == "\\rangle") and -1 or 0
end

-- Is a word of a page, \text{where}, at this token? How many tokens it takes.
local function word_between(list, i)
  if STYLES[list[i][2]] and list[i + 1] and list[i + 1][2] == "{" then
    local letters, k = {}, i + 2
    while list[k] and list[k][2]:find "^%a+$" do
      letters[#letters + 1] = list[k][2]
      k = k + 1
    end
    if list[k] and list[k][2] == "}" and BETWEEN[table.concat(letters):lower()] then
      return k - i + 1
    end
  end
end

-- The statements of a list of tokens: ranges { from, to, arrow = (=> is before it) }.
local function ranges(list)
  local out, depth, from, arrow, i = {}, 0, 1, false, 1
  local function close(last, next_from, with_arrow)
    if last >= from then
      out[#out + 1] = { from = from, to = last, arrow = arrow }
    end
    from, arrow = next_from, with_arrow or false
  end
  while list[i] do
    local text = list[i][2]
    depth = depth + depth_of(text)
    local word = depth == 0 and word_between(list, i)
    if word then
      close(i - 1, i + word)
      i = i + word - 1
    elseif depth == 0 and (text == ";" or text == "," or text == "\\Rightarrow" or text == "." and i == #list) then
      close(i - 1, i + 1, text == "\\Rightarrow")
    end
    i = i + 1
  end
  close(#list, #list + 1)
  return out
end

-- The sides of a statement: ranges of tokens between signs =. Nil where a relation makes it a condition.
local function sides_of(list, range)
  local out, depth, from = {}, 0, range.from
  for i = range.from, range.to do
    local text = list[i][2]
    depth = depth + depth_of(text)
    if depth == 0 and text == "=" and i < range.to and list[i + 1][2] == "=" then -- a == b
      return nil
    elseif depth == 0 and (text == "=" or text == "\\mapsto") then
      out[#out + 1] = { from, i - 1 }
      from = i + 1
    elseif depth == 0 and RELATIONS[text] then
      return nil
    end
  end
  out[#out + 1] = { from, range.to }
  return out
end

-- The first relation outside brackets; one that says most is \forall.
local function relation_in(list, range)
  local depth, found = 0, nil
  for i = range.from, range.to do
    local text = list[i][2]
    depth = depth + depth_of(text)
    if text == "\\forall" then
      return text
    end
    found = found or depth == 0 and RELATIONS[text] and text or nil
  end
  return found
end

-- Behind the last index and exponent that follow the i-th token.
local function after_marks(list, i, last)
  local function group(k)
    local depth = 0
    while list[k] and k <= last do
      depth = depth + depth_of(list[k][2])
      k = k + 1
      if depth <= 0 then
        return k
      end
    end
    return k
  end
  while i <= last and (list[i][2] == "^" or list[i][2] == "_" or list[i][2] == "'") do
    i = list[i][2] == "'" and i + 1 or group(i + 1)
  end
  return i, group
end

local LOGARITHMS = { ["\\log"] = true, ["\\ln"] = true, log = true, ln = true, ["-"] = true }

-- Commands that begin no label.
local NO_LABEL = {}
for name in ("frac sqrt nabla partial sum langle lvert lVert Vert vert | { int prod det"):gmatch "%S+" do
  NO_LABEL["\\" .. name] = true
end

-- Is a side a label: a letter that names what follows, J(w), \log p(y|x), W_{ij}? Its letter, and its argument where it
-- is one letter.
local function label_of(list, side)
  local i, last = side[1], side[2]
  local logarithm = false
  while i <= last and LOGARITHMS[list[i][2]] do
    logarithm, i = true, i + 1
  end
  local first = list[i]
  if not first or i > last then
    return nil
  end
  local name, group
  if STYLES[first[2]] then
    local _, skip = after_marks(list, i, last)
    local letters = {}
    local behind = skip(i + 1)
    for k = i + 1, behind - 1 do
      letters[#letters + 1] = list[k][2]:find "^[%a{}]+$" and list[k][2] or GREEK[list[k][2]] or ""
    end
    name, i = table.concat(letters):gsub("[{}]", ""), behind
  elseif first[2]:find "^%a+$" and first[3] ~= "operator" then
    local k = i
    while k < last and list[k + 1][2]:find "^%a$" and list[k + 1][1] == list[k][1] + 1 do
      k = k + 1
    end
    if k - i == 1 then
      return nil -- two letters are factors
    end
    name, i = k == i and first[2] or "", k + 1
  elseif GREEK[first[2]] or first[3] == "command" and not vocabulary.commands[first[2]] and not NO_LABEL[first[2]] then
    name, i = GREEK[first[2]] or "", i + 1
  else
    return nil
  end
  local plain = i
  i, group = after_marks(list, i, last)
  plain = plain == i and not logarithm
  local argument
  if i <= last and (list[i][2] == "(" or list[i][2] == "[" or list[i][2] == "\\{") then
    argument = i
    i = group(i)
    i = after_marks(list, i, last)
  elseif logarithm then
    return nil
  end
  if i ~= last + 1 then
    return nil
  end
  local parameter = argument and list[last] and last - argument == 2 and list[argument + 1][2]
  return {
    pos = list[side[1]][1],
    name = plain and name or nil,
    bold = STYLES[first[2]] and vocabulary.bold[first[2]] or false,
    letter = name,
    parameter = parameter and (GREEK[parameter] or parameter) or nil,
    called = argument ~= nil,
  }
end

-- Is the letter at a place an index further on, as i in \max_i x_i?
local function is_index(self, at)
  local letter = self.tokens[at] and self.tokens[at][2]
  if letter == "{" then
    letter = self.tokens[at + 1] and self.tokens[at + 1][2]
  end
  for i = at + 1, letter and #self.tokens - 1 or 0 do
    if self.tokens[i][2] == "_" then
      local k, depth = i + 1, 0
      repeat
        local text = self.tokens[k] and self.tokens[k][2]
        depth = depth + (text == "{" and 1 or text == "}" and -1 or 0)
        if text == letter then
          return true
        end
        k = k + 1
      until depth == 0 or not self.tokens[k]
    end
  end
  return false
end

-- The sign of a constraint in the group of an index, \max_{\|u\| = 1}: its token, or nil.
local function constraint_at(self, at)
  local depth, i = 0, at
  repeat
    local t = self.tokens[i]
    depth = depth + (t and (t[2] == "{" and 1 or t[2] == "}" and -1) or 0)
    if t and (t[2] == ":" or t[2] == "=" or t[2] == "\\le" or t[2] == "\\leq" or t[2] == "\\ge" or t[2] == "\\geq") then
      return t
    end
    i = i + 1
  until depth <= 0 or not t
end

-- Is a word before a bracket the operator of that name, argmax(x) of a column? `kind_of_tree` knows declared letters only.
local function is_own_function(self, word)
  if self.kind(word) ~= "operator" or self:peek() ~= "(" then
    return false
  end
  local save = self.at
  local args = self:arguments()
  self.at = save
  return #args == 1 and self.kind_of_tree(args[1], self.counters) == "column"
end

-- Leave out \min_w at the front: it says what the formula is for. Over an index it is a function of what follows.
local function skip_optimum(self)
  local text, t = self:peek()
  local name, from = text, self.at
  if (text == "\\arg" or text == "arg") and vocabulary.optimum[self:peek(1)] then -- \arg\min_w
    name = "\\arg" .. self:peek(1):gsub("^\\", "")
    self.at = from + 2
  elseif t and (t[3] == "operator" or t[3] == "word") or vocabulary.optimum[text] then
    self.at = from + 1
    name = FUNCTIONS[text] or text
  elseif UPRIGHT[text] and (self:peek(1) == "{" or self:peek(1) == "*" and self:peek(2) == "{") then
    self.at = from + (self:peek(1) == "*" and 2 or 1)
    name = self:plain_group()
  elseif text == "{" and UPRIGHT[self:peek(1)] then
    self.at = from + 1
    local _, inner = self:peek()
    self.at = self.at + 1
    name = inner and self:plain_group()
    self:accept "}"
  end
  local limits = self:peek() == "_"
  local word = tostring(name):gsub("^\\", "")
  local function_of = word == "max"
    or word == "min" and (self:peek() or ""):find "^[%({\\]"
    or not limits and is_own_function(self, word)
  local stands = vocabulary.optimum[name] and (limits or not function_of)
  if not stands then
    self.at = from
    return
  end
  if self:accept "_" then
    local at = self.at
    local sign = constraint_at(self, at)
    if sign then
      self:stop(sign[1], "a constraint is not part of an expression", vocabulary.constraint)
    elseif is_index(self, at) then
      self:stop(
        t[1],
        ("%s over an index: the language has it of a vector"):format((name:gsub("^\\", ""))),
        "max(x), min(x) of the vector x whose entries are meant"
      )
    end
    self:subscript()
  end
  if self:peek() == "^" then
    self.at = from
    return
  end
  self.argument_sought = name:find "^\\?arg" ~= nil
  self:tell(t[1], ("%s is left out: what it is taken of is read"):format((name:gsub("^\\", ""))))
end

-- The tree of a range of tokens.
local function tree_of(self, list, from, to)
  self.tokens, self.at, self.start = table.move(list, from, to, 1, {}), 1, 1
  self.in_differentials, self.bars, self.depth, self.counters = false, {}, 0, {}
  skip_optimum(self)
  self.start = self.at
  local tree = self:sum()
  if self:peek() == "," then -- at a bracket that is never opened
    self.at = self.at + 1
  end
  if self:peek() then
    local sign = self:peek()
    local hint = vocabulary.advice[sign] or vocabulary.advice[vocabulary.refused[sign]]
    self:stop(self:pos(), ("expected an operator, found %s"):format(self:found()), hint)
  end
  return tree
end

-- The text of a range of tokens.
local function text_of(self, list, from, to)
  local first, last = list[from][1], list[to + 1] and list[to + 1][1] - 1 or #self.text
  return (self.text:sub(first, last):gsub("[%s&$.,;]+$", ""))
end

local DOTS = { ["\\ldots"] = true, ["\\dots"] = true, ["\\cdots"] = true, ["\\dotsc"] = true, ["…"] = true }

-- Does `i = 1, \ldots, n` begin with the k-th of the ranges? The number of ranges that it takes, and its last token; or nil.
local function values_of_index(list, all, k)
  local first, second, third = all[k], all[k + 1], all[k + 2]
  local begins = first.to == first.from + 2 and list[first.from][2]:find "^%a$" and list[first.from + 1][2] == "="
  local dots = begins and second and second.from == second.to and DOTS[list[second.from][2]]
  if dots and k > 1 then
    return third and 3 or 2, (third or second).to
  end
end

--- What a text says that is an expression, perhaps with equations around it: statements { label =, arrow =, pos =, sides =
-- { { tree =, notes = } or { err = } } }. A label is a side that names what follows.
function M:expressions()
  local list, out = self.tokens, {}
  local all, behind = ranges(list), 0
  for at, range in ipairs(all) do
    local count, last = values_of_index(list, all, at)
    if count then
      behind = at + count - 1
      self:tell(list[range.from][1], ("%s is left out"):format(text_of(self, list, range.from, last)))
    end
    local sides = at > behind and sides_of(list, range)
    if at <= behind then -- the values of an index
      goto continue
    elseif not sides and #out == 0 then
      local sign = relation_in(list, range)
      local hint = vocabulary.advice[sign] or vocabulary.advice[vocabulary.refused[sign]]
      hint = hint or "write one side, or the difference of the two"
      self:stop(list[range.from][1], "a relation is not read: a formula is an expression, or has a sign =", hint)
    elseif not sides then
      self:tell(list[range.from][1], ("%s is left out"):format(text_of(self, list, range.from, range.to)))
    else
      local statement = { arrow = range.arrow, pos = list[range.from][1], sides = {} }
      local label = #sides > 1 and label_of(list, sides[1])
      if label and label.letter ~= "?" then
        statement.label = label
        label.text = text_of(self, list, sides[1][1], sides[1][2])
      end
      for i = label and 2 or 1, #sides do
        local before = #self.notes
        local ok, tree
        if sides[i][2] < sides[i][1] then
          ok, tree = pcall(
            self.stop,
            self,
            list[sides[i][1]] and list[sides[i][1]][1] or #self.text,
            "an expression is missing here"
          )
        else
          self.argument_sought = false
          ok, tree = pcall(tree_of, self, list, sides[i][1], sides[i][2])
          if label and self.argument_sought then
            label.called = true -- x^* = \argmin f(x): the letter is no value of f
          end
        end
        if not ok and not errors.is_error(tree) then
          error(tree, 0)
        end
        local notes = table.move(self.notes, before + 1, #self.notes, 1, {})
        for k = #self.notes, before + 1, -1 do
          self.notes[k] = nil
        end
        statement.sides[#statement.sides + 1] = ok and { tree = tree, notes = notes } or { err = tree }
      end
      out[#out + 1] = statement
    end
    ::continue::
  end
  if #out == 0 then
    self:stop(#self.text + 1, "expected an expression, found the end of the formula")
  end
  return out
end

return M
