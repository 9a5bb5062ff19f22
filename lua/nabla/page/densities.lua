--- Normal densities of a page, written out by the kinds of their letters (nabla.page.reading).
--
-- With a scalar variance v: exp(-(x - m)^2/(2*v))/sqrt(2*pi*v); with a covariance S of a column:
-- exp(-(x - m)'*inv(S)*(x - m)/2)/sqrt(det(2*pi*S)).
--
-- @module nabla.page.densities

local Reading = require "nabla.page.reading"
local prices = require "nabla.page.prices"
local vocabulary = require "nabla.latex.vocabulary"

local PRICE = prices.price
local readers, bracketed, product, transposed, call =
  Reading.readers, Reading.bracketed, Reading.product, Reading.transposed, Reading.call

local function number(text, pos)
  return { tag = "number", text = text, pos = pos }
end

local function sum(left, sign, right, pos)
  return { tag = "sum", args = { left, right }, signs = { 1, sign }, oppos = { false, pos }, pos = pos, paren = true }
end

-- The logarithm of a density, as the tree of a page.
local function logarithm(tree, scalar)
  local value, mean, spread, pos = bracketed(tree[1]), bracketed(tree[2]), bracketed(tree[3]), tree.pos
  local zero = mean.tag == "number" and mean.text == "0"
  local function residual()
    return zero and value or sum(value, -1, mean, pos)
  end
  local function times(...)
    local list, ops = { ... }, {}
    for i = 2, #list do
      ops[i - 1] = "*"
    end
    return product(list, ops, pos)
  end
  local two, pi = number("2", pos), { tag = "name", name = "pi", pos = pos }
  local normaliser, square
  if scalar then
    normaliser = call("log", { times(two, pi, spread) }, pos)
    square = { tag = "power", residual(), two, elementwise = false, pos = pos, oppos = pos }
    square = product({ square, spread }, { "/" }, pos)
  else
    normaliser = call("logdet", { times(two, pi, spread) }, pos)
    square = times(transposed(residual(), pos), call("inv", { tree[3] }, pos), residual())
  end
  local both = sum(square, 1, normaliser, pos)
  local half = product({ both, two }, { "/" }, pos)
  half.paren = true
  return { tag = "neg", half, pos = pos, paren = true }
end

function readers.density(self, tree)
  local value, mean, kind = self:read(tree[1]), self:read(tree[2]), self:read(tree[3])
  local zero = tree[2].tag == "number" or tree[2].open
  if value and kind and (kind == "scalar") ~= (value == "scalar") then
    local message = "a normal density of a %s with a %s as its covariance"
    return self:misfit(tree, message:format(value, kind))
  elseif value and mean and not zero and value ~= mean then
    return self:misfit(tree, ("a normal density of a %s with a %s as its mean"):format(value, mean))
  elseif kind == "scalar" and (tree[3].name or ""):find "^%u" and not self:declared(tree[3].name) then
    self:pay(PRICE.covariance_as_scalar)
  end
  local written = logarithm(tree, kind == "scalar")
  local new_kind, new = self:read(tree.logarithm and written or call("exp", { written }, tree.pos))
  return new_kind or "scalar", new
end

function readers.prodover(self, tree)
  local hint = vocabulary.advice["a product over entries"]
  self:refuse(tree, "\\prod is not in the language: a product over entries", hint)
end

return Reading
