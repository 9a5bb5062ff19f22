--- Sums with dots: x_1 + x_2 + \cdots + x_n is a counted sum, where the terms differ in one index that counts up by one.
--
-- The term behind the dots and the last one before them say what the terms are; terms before that have to count down from
-- there. Whatever else has dots is refused.
--
-- These are methods of the parser (nabla.latex.parser).
--
-- @module nabla.latex.dots

local trees = require "nabla.latex.trees"
local vocabulary = require "nabla.latex.vocabulary"

local M = {}

-- Parts of trees that say where something stands.
local PLACES = { pos = true, oppos = true, from = true }

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, part in pairs(a) do
    if not PLACES[key] and not same(part, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if not PLACES[key] and a[key] == nil then
      return false
    end
  end
  return true
end

local common

-- The indices of two terms as one list, with the counter where they differ; nil where they differ in more than a number.
local function common_indices(a, b, count)
  local list = {}
  if not a or not b or #a ~= #b then
    return nil
  end
  for i, arg in ipairs(a) do
    local other = b[i]
    if same(arg, other) then
      list[i] = arg
    elseif
      arg.tag == "number"
      and (not count.lo or count.lo == arg.text and same(count.hi, other))
      and not arg.text:find "%D"
    then
      count.lo, count.hi = arg.text, other
      list[i] = trees.name(count.var, arg.pos)
    else
      return nil
    end
  end
  return list
end

-- A copy of the parts of two trees that are alike but for the count; nil if they are not.
function common(a, b, count)
  if type(a) ~= "table" or type(b) ~= "table" then
    if a == b then
      return a
    end
    return nil
  elseif a.tag ~= b.tag then
    return nil
  elseif a.tag == "sub" then
    local list = a.base == b.base and a.bold == b.bold and common_indices(a.args, b.args, count)
    if not list then
      return same(a, b) and a or nil
    end
    local index = {}
    for i, arg in ipairs(list) do
      index[i] = arg.name or arg.text or "?"
    end
    index = table.concat(index)
    local tree = trees.sub(a.base, a.base .. "_" .. index, index, list, a.pos)
    tree.bold, tree.paren, tree.styled = a.bold, a.paren, a.styled
    return tree
  end
  local copy = {}
  for key, part in pairs(a) do
    if PLACES[key] then
      copy[key] = part
    elseif key == "args" and a.indexed and b.indexed then
      copy.args = common_indices(part, b.args, count)
    else
      copy[key] = common(part, b[key], count)
    end
    if copy[key] == nil then
      return nil
    end
  end
  for key in pairs(b) do
    if not PLACES[key] and a[key] == nil then
      return nil
    end
  end
  return copy
end

-- A letter for the counter that does not stand in the text.
local function counter(self)
  local used = {}
  for _, t in ipairs(self.all_tokens) do
    used[t[2]] = true
  end
  for letter in ("i j k l r s t p q"):gmatch "%S" do
    if not used[letter] and not self.kind(letter) then
      return letter
    end
  end
end

--- How many tokens the dots take that stand here: one command, or two points and more. Zero without dots.
function M:dots()
  local text = self:peek()
  if text and vocabulary.refused[text] == "dots" then
    return 1
  end
  local count = 0
  while self:peek(count) == "." do
    count = count + 1
  end
  return count > 1 and count or 0
end

-- The terms before the dots that belong to the sum: the body, the count, and how many of the terms come before it.
local function run(self, terms, signs, sign, last)
  local var = counter(self)
  local body, count, first, k = nil, nil, nil, #terms
  while var and k >= 1 do
    local this = { var = var }
    local tree = common(terms[k], last, this)
    if not tree or not this.lo then
      break
    end
    local follows = not count or tonumber(this.lo) == tonumber(count.lo) - 1 and same(tree, body)
    if not follows or signs[k] ~= sign then
      return nil
    end
    body, count, first, k = tree, this, k, k - 1
  end
  return body, count, first
end

--- The sum that dots complete; the parser stands at the dots, behind a sign. Raises where the terms have no plain pattern.
-- @tparam table tree what stands before the sign
-- @tparam number sign
-- @tparam table sign_token
-- @treturn table a tree
function M:dotted_sum(tree, sign, sign_token)
  local pos = self:pos()
  self.at = self.at + self:dots()
  local _, second = self:peek()
  local open = tree.tag == "sum" and not tree.paren
  local terms, signs = open and tree.args or { tree }, open and tree.signs or { 1 }
  local body, count, first
  if self:accept(sign > 0 and "+" or "-") and self:peek() then
    body, count, first = run(self, terms, signs, sign, self:term())
  end
  if not body then
    self:stop(
      second and pos or sign_token[1],
      "the terms beside the dots have no plain pattern",
      "x_1 + x_2 + \\cdots + x_n is read; else the sum is written \\sum_{i=1}^{n}"
    )
  end
  local to = count.hi.name or count.hi.text or "the last index"
  self:tell(pos, ("the dots are read as the sum over %s from %s to %s"):format(count.var, count.lo, to))
  local sum = {
    tag = "sumover",
    var = count.var,
    lo = trees.number(count.lo, pos),
    hi = count.hi,
    body = body,
    pos = terms[first].pos,
  }
  if first == 1 then
    return sum
  end
  local args, all, places = {}, {}, {}
  for k = 1, first - 1 do
    args[k], all[k], places[k] = terms[k], signs[k], tree.oppos[k]
  end
  args[first], all[first], places[first] = sum, sign, tree.oppos[first]
  return { tag = "sum", args = args, signs = all, oppos = places, pos = tree.pos }
end

return M
