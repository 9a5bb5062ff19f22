--- Bars, norms and inner products of a page, read by the kind of what they hold (nabla.page.reading).
--
-- @module nabla.page.norms

local Reading = require "nabla.page.reading"
local prices = require "nabla.page.prices"

local PRICE = prices.price
local readers, names_in = Reading.readers, Reading.names_in
local bracketed, product, transpose, call = Reading.bracketed, Reading.product, Reading.transposed, Reading.call

function readers.bars(self, tree)
  local kind, inner = self:read(tree[1])
  if kind == "matrix" then
    local result = call("det", { inner }, tree.pos)
    result.bars = true
    return "scalar", result
  elseif kind == "column" or kind == "row" then
    self:pay(PRICE.length)
    self:tell(tree, ("|..| of a %s is its length"):format(kind))
    return "scalar", call("norm2", { inner }, tree.pos)
  end
  local result = call("abs", { inner }, tree.pos)
  result.bars = true
  return kind, result
end

local NORMS = { ["1"] = "norm1", ["2"] = "norm2", ["\\infty"] = "norminf", ["∞"] = "norminf" }

-- Is a tree made of capitals only: a matrix, whatever fits?
local function only_capitals(self, tree)
  local any = false
  for name in pairs(names_in(self, tree, {})) do
    if name:find "^%l" then
      return false
    end
    any = true
  end
  return any
end

function readers.norm(self, tree)
  local kind, inner = self:read(tree[1])
  local index, weight = tree.index, tree.weight
  if kind == "scalar" then
    self:pay(PRICE.of_scalar)
  end
  if index == "*" then
    return "scalar", call("nuclearnorm", { inner }, tree.pos)
  elseif weight then
    local weight_kind, M = self:read(weight)
    if weight_kind == "scalar" then
      local power = {
        tag = "power",
        call("abs", { inner }, tree.pos),
        M,
        elementwise = true,
        pos = tree.pos,
        oppos = tree.pos,
      }
      local over = product({ { tag = "number", text = "1", pos = tree.pos }, M }, { "/" }, tree.pos)
      local sum = call("sum", { power }, tree.pos)
      return "scalar", { tag = "power", sum, bracketed(over), elementwise = false, pos = tree.pos, oppos = tree.pos }
    elseif kind == "matrix" or weight_kind ~= "matrix" then
      return self:misfit(tree, "the index of a norm is a matrix beside a column")
    end
    self:tell(tree, "\\|x\\|_M^2 is x'*M*x")
    local square = product({ transpose(inner, tree.pos), M, bracketed(inner) }, { "*", "*" }, tree.pos)
    return "scalar", call("sqrt", { square }, tree.pos)
  elseif kind == "matrix" then
    if index == "2" then
      local message = "the norm with index 2 of a matrix is its largest singular value to some, "
        .. "and the Frobenius norm to others"
      local hint = "the Frobenius norm is written \\|X\\|_F, the largest singular value \\|X\\|_{op} or spectralnorm(X)"
      if only_capitals(self, tree[1]) then
        self:refuse(tree, message, hint)
      end
      return self:misfit(tree, message, hint)
    elseif not index then
      self:tell(tree, "\\|X\\| of a matrix is the Frobenius norm")
    end
  end
  local name = "norm2"
  if index then
    name = NORMS[index] or self.norm_names[index]
  end
  if not name then
    local count = index == "0" and "the number of entries that are not zero, sum(abs(sign(x))), has the derivative zero"
    self:refuse(tree, ("no norm has the index %s"):format(index), count or "known: 1, 2, F, \\infty, *, op")
  end
  local result = call(name, { inner }, tree.pos)
  result.index = index
  return "scalar", result
end

function readers.pair(self, tree)
  local left, a = self:read(tree[1])
  local right, b = self:read(tree[2])
  if tree[1].tag == "number" and tree[1].text == "1" and right == "column" then
    left, a = "column", self:ones(tree, "column")
  end
  if left == "scalar" and right == "scalar" then
    self:pay(PRICE.pair_of_scalars)
    return "scalar", product({ bracketed(a), bracketed(b) }, { "*" }, tree.pos)
  elseif left and right and left ~= right then
    return self:misfit(tree, ("an inner product of a %s and a %s"):format(left, right))
  end
  if tree.infix then
    self:tell(tree, "A : B is the inner product, a scalar")
  end
  local inner = product({ transpose(a, tree.pos), bracketed(b) }, { "*" }, tree.pos)
  return "scalar", left == "column" and inner or call("tr", { inner }, tree.pos)
end

return Reading
