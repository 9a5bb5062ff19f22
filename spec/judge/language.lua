--- The language of expressions and declarations as the judge reads it: text to trees.
--
-- It shares no code with lua/ or src/: were a text misread there, the judge would still read it right.

local mistakes = require "spec.judge.mistakes"

local M = {}

local fail = mistakes.raise

--------------------------------------------------------------------------------------------------------------
-- Syntax: text -> tree
--   { "number", value }  { "name", name }  { "negate", a }  { "transpose", a }  { "binary", operator, a, b }
--   { "call", name, { arguments } }  { "counted", name, first, last, body }
--------------------------------------------------------------------------------------------------------------

local patterns = {
  { "number", "^%d+%.?%d*[eE][+-]?%d+" },
  { "number", "^%d+%.%d+" },
  { "number", "^%d+" },
  { "name", "^[%a_][%w_]*" },
  { "symbol", "^%.[*/^.]" },
  { "symbol", "^[-+*/^'(),;=%[%]]" },
}

-- List of { kind, text, position }; the last has kind "end".
local function tokens_of(text)
  local list, at = {}, 1
  while true do
    at = text:find("%S", at)
    if not at then
      break
    end
    local found
    for _, pattern in ipairs(patterns) do
      found = text:match(pattern[2], at)
      if found then
        list[#list + 1] = { pattern[1], found, at }
        at = at + #found
        break
      end
    end
    if not found then
      fail("unexpected character at column %d of %q", at, text)
    end
  end
  list[#list + 1] = { "end", "", #text + 1 }
  return list
end

local Reader = {}
Reader.__index = Reader

local function reader(text)
  return setmetatable({ text = text, tokens = tokens_of(text), index = 1 }, Reader)
end

function Reader:kind()
  return self.tokens[self.index][1]
end

function Reader:is(symbol)
  local token = self.tokens[self.index]
  return token[1] == "symbol" and token[2] == symbol
end

function Reader:take()
  local token = self.tokens[self.index]
  self.index = self.index + 1
  return token[2]
end

-- Takes the next token if it is the symbol.
function Reader:accept(symbol)
  return self:is(symbol) and self:take()
end

-- Takes the next token if it is a symbol of a set; returns it.
function Reader:accept_one(symbols)
  local token = self.tokens[self.index]
  return token[1] == "symbol" and symbols[token[2]] and self:take()
end

local sums = { ["+"] = true, ["-"] = true }
local products = { ["*"] = true, ["/"] = true, [".*"] = true, ["./"] = true }
local powers = { ["^"] = true, [".^"] = true }
local separators = { [","] = true, [";"] = true }

function Reader:complain(wanted)
  local token = self.tokens[self.index]
  fail("%s expected at column %d of %q", wanted, token[3], self.text)
end

function Reader:expect(symbol)
  if not self:accept(symbol) then
    self:complain("'" .. symbol .. "'")
  end
end

function Reader:name()
  if self:kind() ~= "name" then
    self:complain "a name"
  end
  return self:take()
end

function Reader:sum()
  local left = self:product()
  while true do
    local operator = self:accept_one(sums)
    if not operator then
      return left
    end
    left = { "binary", operator, left, self:product() }
  end
end

function Reader:product()
  local left = self:signed()
  while true do
    local operator = self:accept_one(products)
    if not operator then
      return left
    end
    left = { "binary", operator, left, self:signed() }
  end
end

function Reader:signed()
  if self:accept "-" then
    return { "negate", self:signed() }
  end
  if self:accept "+" then
    return self:signed()
  end
  return self:postfix()
end

-- Transpose and power bind left to right: A^2' is (A^2)', 2^3^2 is 64.
function Reader:postfix()
  local base = self:atom()
  while true do
    if self:accept "'" then
      base = { "transpose", base }
    elseif self:accept "(" then -- an entry: (X*A)(i,j)
      base = { "call", "entry", { base, table.unpack(self:list()) } }
    else
      local operator = self:accept_one(powers)
      if not operator then
        return base
      end
      local negative = false
      while self:is "-" or self:is "+" do
        if self:take() == "-" then
          negative = not negative
        end
      end
      local exponent = self:atom()
      base = { "binary", operator, base, negative and { "negate", exponent } or exponent }
    end
  end
end

function Reader:list()
  local items = { self:sum() }
  while self:accept "," do
    items[#items + 1] = self:sum()
  end
  self:expect ")"
  return items
end

-- sum(i = first..last, body), behind the bracket.
function Reader:counted()
  local name = self:name()
  self:expect "="
  local first = self:sum()
  self:expect ".."
  local last = self:sum()
  self:expect ","
  local body = self:sum()
  self:expect ")"
  return { "counted", name, first, last, body }
end

-- [A, B; C, D], behind the bracket: the number of blocks of each row, then the blocks.
function Reader:blocks()
  local counts, list = { 1 }, { self:sum() }
  while not self:accept "]" do
    if self:accept ";" then
      counts[#counts + 1] = 0
    else
      self:expect ","
    end
    list[#list + 1], counts[#counts] = self:sum(), counts[#counts] + 1
  end
  local arguments = { { "number", #counts } }
  for _, count in ipairs(counts) do
    arguments[#arguments + 1] = { "number", count }
  end
  return { "call", "blocks", table.move(list, 1, #list, #arguments + 1, arguments) }
end

function Reader:atom()
  local kind = self:kind()
  if kind == "number" then
    return { "number", tonumber(self:take()) }
  end
  if kind == "name" then
    local name = self:take()
    if self:accept "(" then
      local equals = self.tokens[self.index + 1]
      if name == "sum" and self:kind() == "name" and equals[2] == "=" then
        return self:counted()
      end
      return { "call", name, self:list() }
    end
    return { "name", name }
  end
  if self:accept "(" then
    local inside = self:sum()
    self:expect ")"
    return inside
  end
  if self:accept "[" then
    return self:blocks()
  end
  return self:complain "an operand"
end

-- The trees of the last texts: a problem and its answer are read several times.
local trees, kept, most = {}, 0, 50

--- The tree of an expression, which nobody changes; an error is raised as a text.
function M.parse(text)
  local tree = trees[text]
  if not tree then
    local r = reader(text)
    tree = r:sum()
    if r:kind() ~= "end" then
      r:complain "the end"
    end
    if kept == most then
      trees, kept = {}, 0
    end
    trees[text], kept = tree, kept + 1
  end
  return tree
end

local function count(tree)
  local kind = tree[1]
  if kind == "number" or kind == "name" then
    return 1
  end
  if kind == "negate" or kind == "transpose" then
    return 1 + count(tree[2])
  end
  if kind == "binary" then
    return 1 + count(tree[3]) + count(tree[4])
  end
  if kind == "counted" then
    return 3 + count(tree[3]) + count(tree[4]) + count(tree[5])
  end
  local nodes = 1
  for _, argument in ipairs(tree[3]) do
    nodes = nodes + count(argument)
  end
  return nodes
end

--- Number of nodes of an expression: a number, a name, a negation, a transpose, a binary operator count one
-- each, a call one and its arguments. Brackets are not counted.
function M.size(text)
  return count(M.parse(text))
end

--- The names that stand for whole numbers: those in the exponents of `^` and in the bounds of counted sums, in a set.
function M.whole_names(tree, set)
  local function names(part)
    if type(part) == "table" then
      if part[1] == "name" then
        set[part[2]] = true
      end
      for i = 2, #part do
        names(part[i])
      end
    end
  end
  if type(tree) == "table" then
    if tree[1] == "binary" and tree[2] == "^" then
      names(tree[4])
    elseif tree[1] == "counted" then
      names(tree[3])
      names(tree[4])
    end
    for i = 1, #tree do
      M.whole_names(tree[i], set)
    end
  end
  return set
end

--- The parts of a text between the commas outside brackets, without the spaces around them.
function M.split(text)
  local parts, depth, from = {}, 0, 1
  for at = 1, #text + 1 do
    local c = text:sub(at, at)
    depth = depth + ((c == "(" or c == "[") and 1 or (c == ")" or c == "]") and -1 or 0)
    if (c == "," and depth == 0) or c == "" then
      parts[#parts + 1] = text:sub(from, at - 1):match "^%s*(.-)%s*$"
      from = at + 1
    end
  end
  return parts
end

--- Are two trees the same?
local function equal_trees(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  if #a ~= #b then
    return false
  end
  for i = 1, #a do
    if not equal_trees(a[i], b[i]) then
      return false
    end
  end
  return true
end

--------------------------------------------------------------------------------------------------------------
-- Declarations
--------------------------------------------------------------------------------------------------------------

local attributes = {
  symmetric = true,
  diagonal = true,
  invertible = true,
  spd = true,
  orthogonal = true,
  skew = true,
  lower = true,
  upper = true,
  toeplitz = true,
  psd = true,
  idempotent = true,
  nonnegative = true,
  positive = true,
  fullcolumnrank = true,
  constant = true,
}

-- The indices of a family, behind `for`: a list of { name, first = tree, last = tree }.
function Reader:family()
  local list = {}
  repeat
    local index = { self:name() }
    self:expect "="
    index.first = self:sum()
    self:expect ".."
    index.last = self:sum()
    list[#list + 1] = index
    local next_token, behind = self.tokens[self.index + 1] or {}, self.tokens[self.index + 2] or {}
    local more = self:is "," and next_token[1] == "name" and behind[2] == "="
    if more then
      self:take()
    end
  until not more
  return list
end

--- List of { kind, name, dimensions = { trees }, argument, attributes, family } from a text or a list of texts.
function M.declarations(decl)
  local list = {}
  for _, text in ipairs(type(decl) == "table" and decl or { decl }) do
    local r = reader(text)
    repeat
      local d = { kind = r:name(), dimensions = {}, attributes = {} }
      d.name = r:name()
      if d.kind ~= "scalar" then
        r:expect "("
        d.dimensions = r:list()
      end
      if #d.dimensions ~= ({ scalar = 0, vector = 1, matrix = 2 })[d.kind] then
        fail("bad declaration %q", text)
      end
      while r:kind() == "name" do
        local word = r:take()
        if word == "for" then
          d.family = r:family()
        elseif word == "of" then
          d.argument = r:name()
        elseif attributes[word] then
          d.attributes[word] = true
        else
          fail("unknown attribute %q in %q", word, text)
        end
      end
      list[#list + 1] = d
      local more = r:accept_one(separators)
    until not more or r:kind() == "end"
    if r:kind() ~= "end" then
      r:complain "a declaration"
    end
  end
  return list
end

M.equal_trees = equal_trees

return M
