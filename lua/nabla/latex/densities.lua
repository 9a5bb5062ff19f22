--- Densities and products of data points: \mathcal{N}(x | \mu, \Sigma), \log \prod_i p_i.
--
-- A normal density is a tree of its own, `density`, until the kinds of its letters are known (nabla.page.densities). A product
-- over a counter is read where a logarithm makes it a sum; elsewhere it is refused.
--
-- These are methods of the parser (nabla.latex.parser).
--
-- @module nabla.latex.densities

local trees = require "nabla.latex.trees"
local vocabulary = require "nabla.latex.vocabulary"

local call_tree = trees.call

local M = {}

local GIVEN = { ["|"] = true, [";"] = true }
local DEPTH = { ["("] = 1, [")"] = -1, ["{"] = 1, ["}"] = -1, ["["] = 1, ["]"] = -1 }

--- Is N(x | mu, Sigma) at the letter that was read: a bar or a semicolon, then a comma, in one bracket?
function M:is_density(letter)
  local kind = self.kind(letter.base)
  if letter.base ~= "N" or kind == "variable" or kind == "function" or self:peek() ~= "(" then
    return false
  end
  local depth, given, commas, i = 0, 0, 0, 0
  repeat
    local text = self:peek(i)
    if not text then
      return false
    end
    depth = depth + (DEPTH[text] or 0)
    if depth == 1 and GIVEN[text] then
      given = given + 1
    elseif depth == 1 and text == "," then
      commas = commas + 1
    end
    i = i + 1
  until depth == 0
  return given == 1 and commas == 1
end

--- A normal density: the value, its mean, its variance or covariance.
function M:density(pos)
  local opened = self:pos()
  self.at = self.at + 1
  table.insert(self.bars, "|")
  local value = self:sum()
  table.remove(self.bars)
  if not self:accept "|" then
    self:expect(";", opened)
  end
  local mean = self:sum()
  self:expect(",", opened)
  local spread = self:sum()
  self:expect(")", opened)
  self:tell(pos, "N(x | m, S) is the normal density with mean m and covariance S")
  return { tag = "density", value, mean, spread, pos = pos }
end

-- Is a factor one whose logarithm may be taken alone: a power, an exponential, a density, a number? A letter before a bracket,
-- which may be several factors, is none.
local function is_separate(tree)
  if tree.tag == "power" then
    local base = tree[1]
    return not tree.elementwise and (base.tag == "name" or base.tag == "sub" or base.paren and base.tag == "sum")
  end
  local call = tree.tag == "call" and (tree.name == "exp" or tree.name == "sqrt")
  return call or tree.tag == "number" or tree.tag == "density"
end

local function sum_of(list, signs, pos)
  local places = {}
  for i = 1, #list do
    places[i] = i > 1 and pos
  end
  return { tag = "sum", args = list, signs = signs, oppos = places, pos = pos, paren = true }
end

--- The logarithm of a tree of positive factors.
function M:logarithm(tree, pos)
  if tree.tag == "density" then
    return { tag = "density", tree[1], tree[2], tree[3], logarithm = true, pos = tree.pos }
  elseif tree.tag == "call" and tree.name == "exp" then
    return sum_of({ tree.args[1] }, { 1 }, pos)
  elseif tree.tag == "prodover" then
    self:tell(tree.pos, "the logarithm of a product is the sum of the logarithms of its factors, which are positive")
    return {
      tag = "sumover",
      var = tree.var,
      lo = tree.lo,
      hi = tree.hi,
      body = self:logarithm(tree.body, pos),
      pos = tree.pos,
    }
  elseif tree.tag == "power" and self:holds_product(tree) then
    local args = { tree[2], self:logarithm(tree[1], pos) }
    return { tag = "product", args = args, ops = { "*" }, oppos = { pos }, pos = pos }
  elseif tree.tag == "product" and (tree.plain_factors or self:holds_product(tree)) then
    local list, signs = {}, {}
    for i, factor in ipairs(tree.args) do
      list[i] = self:logarithm(factor, pos)
      signs[i] = tree.ops[i - 1] == "/" and -1 or 1
    end
    return sum_of(list, signs, pos)
  end
  local separate = tree.tag == "product"
  for _, factor in ipairs(separate and tree.args or {}) do
    separate = separate and is_separate(factor)
  end
  for _, op in ipairs(separate and tree.ops or {}) do
    separate = separate and op == "*"
  end
  if separate then
    tree.plain_factors = true
    return self:logarithm(tree, pos)
  elseif tree.tag == "power" and is_separate(tree) and not tree.paren and tree[2].tag ~= "number" then
    local args = { tree[2], call_tree("log", { tree[1] }, pos) }
    tree[2].paren = tree[2].tag ~= "name" and tree[2].tag ~= "number" and tree[2].tag ~= "sub" or nil
    return { tag = "product", args = args, ops = { "*" }, oppos = { pos }, pos = pos }
  end
  return call_tree("log", { tree }, pos)
end

--- Does a tree hold a product over a counter as a factor, or a density?
function M:holds_product(tree)
  if tree.tag == "prodover" or tree.tag == "density" then
    return true
  elseif tree.tag == "product" or tree.tag == "power" then
    for _, part in ipairs(tree.tag == "product" and tree.args or { tree[1] }) do
      if self:holds_product(part) then
        return true
      end
    end
  end
  return false
end

--- A product over a counter, as a tree `prodover`, behind its sign.
function M:counted_product(pos)
  if not self.in_logarithm then
    self:stop(pos, "\\prod is not in the language: a product over entries", vocabulary.advice["a product over entries"])
  end
  local sum = self:counted(pos)
  local inner = sum
  while inner do
    inner.tag = "prodover"
    inner = inner.body.tag == "sumover" and not inner.body.paren and inner.body.product and inner.body or nil
  end
  return sum
end

return M
