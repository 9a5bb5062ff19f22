--- The derivatives of a page: \frac{\partial f}{\partial x}, \nabla_x f, d f, read by the parser of nabla.latex.parser, of which
-- these are methods.
--
-- @module nabla.latex.derivatives

local notation = require "nabla.print.notation"
local tokens = require "nabla.latex.tokens"
local trees = require "nabla.latex.trees"

local name_tree, call_tree = trees.name, trees.call
local UPRIGHT = tokens.upright

local Parser = {}

-- Is a `d` or `\partial` at this token? How many tokens it takes.
function Parser:differential_sign(at)
  local function text(i)
    return self.tokens[i] and self.tokens[i][2]
  end
  if text(at) == "\\partial" or text(at) == "∂" then
    return 1
  elseif text(at) == "d" and not self.kind "d" then
    return 1
  elseif UPRIGHT[text(at)] and text(at + 1) == "d" then
    return 2
  elseif UPRIGHT[text(at)] and text(at + 1) == "{" and text(at + 2) == "d" and text(at + 3) == "}" then
    return 4
  end
end

-- How often may be differentiated at once.
local HIGHEST = { ["2"] = 2, ["3"] = 3, ["4"] = 4, ["5"] = 5, ["6"] = 6 }

-- \partial x \partial y^\top: the variables.
function Parser:variables()
  local list = {}
  while true do
    local length = self:differential_sign(self.at)
    if not length then
      break
    end
    self.at = self.at + length
    self.in_variables = true
    local x = self:postfix()
    self.in_variables = false
    x.paren = nil
    local times = x.tag == "power" and x[2].tag == "number" and HIGHEST[x[2].text] -- \partial x^2
    for _ = 1, times or 1 do
      list[#list + 1] = times and x[1] or x
    end
  end
  return list
end

-- The order in \partial^2, moved over.
function Parser:order()
  if self:accept "^" then
    local exponent = self:exponent_tree()
    local order = exponent.tag == "number" and HIGHEST[exponent.text]
    return order or self:stop(exponent.pos, "the order of a derivative is a number up to 6")
  end
  return 1
end

local function bare_variable(x)
  return x.tag == "transpose" and x[1] or x
end

-- The derivative of f by the variables of a list; `gradient`: it is written with \nabla, so that f is likely a scalar.
function Parser:derivative(f, order, list, pos, gradient)
  if #list == 0 then
    self:stop(self:pos(), "the variable of the derivative is missing")
  elseif not f then
    self:stop(
      pos,
      "the derivative is of nothing: the function is missing",
      "\\frac{\\partial f}{\\partial x}"
    )
  elseif order ~= #list then
    local first = bare_variable(list[1])
    local x = notation.latex_name(first.tag == "name" and first.name or "x", true)
    self:stop(
      pos,
      ("order %d above, %d below"):format(order, #list),
      ("a second derivative is taken twice: \\frac{\\partial^2 f}{\\partial %s \\partial %s^\\top}"):format(
        x,
        x
      )
    )
  end
  if order == 1 and f.tag == "call" and #f.args == 1 and self.kind(f.name) == "function" then
    local point, x = f.args[1], list[1]
    if
      x.tag ~= "name" or self.kind(x.name) == "function" and point.tag == "name" and x.name == point.name
    then
      f = name_tree(f.name, f.pos) -- \partial g(u) / \partial u: of g, at u
    end
  end
  local tree = f
  for _, x in ipairs(list) do
    tree = call_tree("D", { tree, order > 1 and bare_variable(x) or x }, pos)
    tree.gradient = gradient
  end
  return tree
end

-- What is in an index behind \nabla or \partial: a variable, or two.
function Parser:index_variables()
  if not self:accept "{" then
    return { self:named() or self:stop(self:pos(), "the variable of the derivative is missing") }
  end
  local opened, list = self:pos(), {}
  while self:peek() and self:peek() ~= "}" do
    self.in_variables = self.complex ~= nil
    list[#list + 1] = self:postfix()
    self.in_variables = false
    self:accept ","
  end
  self:expect("}", opened)
  return list
end

-- \nabla_x f, \nabla_x^2 f, \nabla f: the gradient and the second derivatives. Without an index the variable is to be found.
function Parser:gradient(pos)
  local list = self:accept "_" and self:index_variables() or { name_tree("?", pos) }
  local order = self:order()
  if order == 2 and #list == 1 then
    list[2] = list[1]
  elseif order == 1 and #list == 2 then
    order = 2
  end
  local save = self.at
  local bracket = self:peek() == "("
  local ok, f = pcall(self.postfix, self)
  local core = ok and (f.tag == "transpose" and f[1] or f)
  if ok and (core.tag == "apply" and not core.paren or bracket and self:peek() == "\\cdot") then -- \nabla f(x)^T d, \nabla (f) \cdot b
    local gradient = self:derivative(core, order, list, pos, true)
    return core ~= f and trees.transpose(gradient, f.oppos or pos) or gradient
  end
  self.at = save
  return self:derivative(self:term(), order, list, pos, true)
end

-- \partial f / \partial x, \partial_x f, or d f alone, a differential.
function Parser:differential(pos)
  local length, from = self:differential_sign(self.at), self.at
  local at_start = from == self.start
  self.at = from + length
  if self:peek() == "_" and length == 1 then
    self.at = self.at + 1
    local list = self:index_variables()
    return self:derivative(self:term(), #list, list, pos)
  end
  local order = self:order()
  if self:peek() == "/" and self:differential_sign(self.at + 1) then -- d/dt f
    self.at = self.at + 1
    local list = self:variables()
    return self:derivative(self:term(), order, list, pos)
  end
  local f = self:factors()
  if self:peek() == "/" and self:differential_sign(self.at + 1) then
    self.at = self.at + 1
    return self:derivative(f, order, self:variables(), pos)
  elseif order == 2 then
    self:stop(
      pos,
      "the variable of the derivative is missing",
      "\\frac{\\partial^2 f}{\\partial x \\partial x^\\top}"
    )
  elseif at_start then
    self.in_differentials = true
  else
    self.at = from + length
    f = self:postfix()
  end
  return call_tree("d", { f }, pos)
end

return Parser
