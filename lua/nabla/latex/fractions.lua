--- The fractions of a page: \frac{a}{b}, a quotient or a derivative, read by the parser of nabla.latex.parser, of which these are
-- methods.
--
-- @module nabla.latex.fractions

local errors = require "nabla.text.errors"
local tokens = require "nabla.latex.tokens"
local trees = require "nabla.latex.trees"

local name_tree, number_tree, product_tree = trees.name, trees.number, trees.product
local STYLES, GREEK = tokens.styles, tokens.greek

local Parser = {}

-- \frac{..}{..}: a quotient, or a derivative.
function Parser:fraction(pos)
  local function group(read)
    local opened = self:pos()
    if self:peek() ~= "{" then -- \frac12
      local text, t = self:peek()
      if not text then
        self:stop(opened, "a fraction has two parts")
      end
      self.at = self.at + 1
      if t[3] == "number" and #text == 2 then -- both digits at once
        return number_tree(text:sub(1, 1), t[1]), number_tree(text:sub(2), t[1] + 1)
      end
      return t[3] == "number" and number_tree(text, t[1]) or name_tree(GREEK[text] or text, t[1])
    end
    self.at = self.at + 1
    local tree = read()
    self:expect("}", opened)
    return tree
  end
  self:refuse_variation(pos)
  local length = self:peek() == "{" and self:differential_sign(self.at + 1)
  local below = length and self:is_derivative_below(length)
  if below == "name" then
    self:tell(pos, "a sign \\partial is missing below the line of a fraction")
  end
  if below then
    local order
    local f = group(function()
      self.at = self.at + length
      order = self:order()
      return self:peek() ~= "}" and self:sum() or nil
    end)
    local list
    if self:peek() ~= "{" then
      self:stop(self:pos(), ("expected `{`, found %s"):format(self:found()))
    end
    group(function()
      list = below == "name" and { self:postfix() } or self:variables()
    end)
    if not f and self:is_operand(self:peek()) and not self:closes_bar(self:peek()) then
      f = self:factors()
    end
    return self:derivative(f, order, list, pos)
  end
  local function part()
    local tree = self:sum()
    tree.paren = true
    return tree
  end
  local above, under = group(part)
  under = under or group(part)
  local tree = product_tree(above, "/", under, pos)
  tree.paren = true
  return tree
end

-- The place behind the group of tokens that begins at a place; nil where it is not closed.
local function behind_group(self, i)
  local depth = 0
  while self.tokens[i] do
    local text = self.tokens[i][2]
    depth = depth + (text == "{" and 1 or text == "}" and -1 or 0)
    i = i + 1
    if depth == 0 then
      return i
    end
  end
end

-- Stop at \frac{\delta F}{\delta x}: the letters do not cancel.
function Parser:refuse_variation(pos)
  local second = self:peek() == "{" and self:peek(1) == "\\delta" and behind_group(self, self.at)
  local below = second and self.tokens[second + 1]
  local more = below and self.tokens[second + 2]
  if below and below[2] == "\\delta" and more and more[2] ~= "}" and not self.kind "delta" then
    local message = "\\delta above and below the line may be a functional derivative"
    self:stop(pos, message, "\\frac{\\partial f}{\\partial x}")
  end
end

-- Does the second group of a fraction begin with a sign of a differential? "name" if it is a name alone, below a \partial.
function Parser:is_derivative_below()
  local function after(i)
    return behind_group(self, i)
  end
  local i = after(self.at)
  if not i or not self.tokens[i] or self.tokens[i][2] ~= "{" then
    return false
  elseif self:differential_sign(i + 1) then
    return true
  end
  local text = self.tokens[self.at + 1][2]
  local last = after(i)
  if last and (text == "\\partial" or text == "∂") then
    local save = self.at
    self.at = i + 1
    local letters = true
    for k = i + 1, last - 2 do
      local t = self.tokens[k][2]
      letters = letters and (t:find "^[%a{}]$" or STYLES[t] or GREEK[t])
    end
    local ok, tree = errors.attempt(self.postfix, self)
    local alone = ok and self.at == last - 1 and tree.tag == "name"
    self.at = save
    return letters and alone and "name" or false
  end
  return false
end

return Parser
