--- Operands, and what follows them: fractions, roots, norms, counted sums, brackets; exponents, primes, indices, places.
--
-- These are methods of the parser (nabla.latex.parser).
--
-- @module nabla.latex.operands

local tokens = require "nabla.latex.tokens"
local trees = require "nabla.latex.trees"
local vocabulary = require "nabla.latex.vocabulary"

local number_tree, call_tree, product_tree, transpose_tree, power_tree =
  trees.number, trees.call, trees.product, trees.transpose, trees.power
local STYLES, GREEK = tokens.styles, tokens.greek
local COMMANDS, TRANSPOSES, CLOSING, TIMES, BARS =
  vocabulary.commands, vocabulary.transposes, vocabulary.closing, vocabulary.times, vocabulary.bars
local NORMS, NORM_NAMES = vocabulary.norms, vocabulary.norm_names

local M = {}

local DEEPEST = 150

-- Signs and commands that begin an operand, besides those of functions and styles.
local STARTS = {
  ["\\frac"] = true,
  ["\\dfrac"] = true,
  ["\\tfrac"] = true,
  ["\\sqrt"] = true,
  ["\\lVert"] = true,
  ["\\lvert"] = true,
  ["\\langle"] = true,
  ["\\sum"] = true,
  ["\\nabla"] = true,
  ["\\partial"] = true,
}
for bracket in pairs(CLOSING) do
  STARTS[bracket] = true
end

-- Does an operand begin with the token t?
function M:is_operand(text, t)
  if not text then
    return false
  elseif
    t[3] == "number"
    or t[3] == "open"
    or t[3] == "operator"
    or GREEK[text]
    or STYLES[text]
    or COMMANDS[text]
  then
    return true
  elseif text == "|" or text == "\\|" or text == "\\vert" or text == "\\Vert" then
    return #self.bars == 0 or self.bars[#self.bars] ~= self.at
  end
  if self.in_variables and self:differential_sign(self.at) then
    return false
  end
  return text:find "^%a$" ~= nil or text:byte() > 127 and not TIMES[text] or STARTS[text] ~= nil
end

-- Is this bar the one that closes what is open?
function M:closes_bar(text, t)
  return text ~= nil and #self.bars > 0 and self.bars[#self.bars] == text and t[3] ~= "open"
end

local OF_A_MATRIX = { inv = true, pinv = true, kron = true }

local function starts_capital(tree)
  while tree.tag ~= "name" do
    tree = tree.tag == "call" and (OF_A_MATRIX[tree.name] and tree.args[1] or {})
      or tree.tag == "number" and {}
      or tree[1]
      or (tree.args or {})[1]
      or {}
    if not tree.tag then
      return false
    end
  end
  return tree.name:find "^%u" ~= nil
end

-- Operands by their first token; each is called behind it.
local by_first = {}

for _, command in ipairs { "\\frac", "\\dfrac", "\\tfrac" } do
  by_first[command] = function(self, pos)
    return self:fraction(pos)
  end
end

by_first["\\sqrt"] = function(self, pos)
  local opened = self:pos()
  if not self:accept "{" then
    return call_tree("sqrt", { self:primary() }, pos)
  end
  local tree = call_tree("sqrt", { self:sum() }, pos)
  self:expect("}", opened)
  return tree
end

for command, name in pairs(COMMANDS) do
  by_first[command] = function(self, pos)
    return self:applied(name, pos)
  end
end

-- What stands between bars.
local function inside(self, close, pos)
  self.bars[#self.bars + 1] = close
  local inner = self:sum()
  table.remove(self.bars)
  self:expect(close, pos)
  return inner
end

for bar, close in pairs(BARS) do
  by_first[bar] = function(self, pos)
    local inner = inside(self, close, pos)
    local tree = call_tree(bar ~= "\\lvert" and starts_capital(inner) and "det" or "abs", { inner }, pos)
    tree.bars = bar
    return tree
  end
end

for bar, close in pairs(NORMS) do
  by_first[bar] = function(self, pos)
    local inner = inside(self, close, pos)
    local which, index = "norm2", nil
    if self:accept "_" then
      index = self:subscript()
      which = NORM_NAMES[index]
      if not which then
        self:stop(pos, ("no norm has the index %s"):format(index), "known: 1, 2, F, \\infty")
      end
    end
    local tree = call_tree(which, { inner }, pos)
    tree.index = index
    return tree
  end
end

by_first["\\langle"] = function(self, pos)
  local left = self:sum()
  self:expect ","
  local right = self:sum()
  self:expect("\\rangle", pos)
  left.paren, right.paren = left.tag ~= "name", right.tag ~= "name"
  return call_tree("tr", { product_tree(transpose_tree(left, pos), "*", right, pos) }, pos)
end

local function stop_without_bounds(self, pos)
  self:stop(pos, "the bounds of the sum are missing", "\\sum_{i=1}^{n}, or \\mathbf{1}^\\top\\mathbf{x}")
end

by_first["\\sum"] = function(self, pos)
  self:expect "_"
  if self:peek() ~= "{" then
    stop_without_bounds(self, pos)
  end
  self:expect "{"
  local var = self:base_name() or self:stop(self:pos(), "the index of the sum is missing")
  if self:peek() ~= "=" then
    stop_without_bounds(self, pos)
  end
  self:expect "="
  local lo = self:sum()
  self:expect "}"
  self:expect "^"
  local hi = self:exponent_tree()
  local around = self.counters[var]
  self.counters[var] = true
  local tree = { tag = "sumover", var = var, lo = lo, hi = hi, body = self:factors(), pos = pos }
  self.counters[var] = around
  return tree
end

by_first["\\nabla"] = function(self, pos)
  return self:gradient(pos)
end

for bracket, close in pairs(CLOSING) do
  by_first[bracket] = function(self, pos)
    local tree = self:sum()
    self:expect(close, pos)
    tree.paren = true
    return tree
  end
end

-- [x]_{\times}, behind the first bracket.
local function hat(self, pos)
  local tree = call_tree("hat", { self:sum() }, pos)
  self.at = self.at + 2 -- ] _
  self.at = self.at + (self:peek() == "{" and 3 or 1) -- { \times }
  return tree
end

-- Does a sign of a differential stand here? A plain d is one only where a side of an equation begins.
local function is_differential(self, text)
  return text == "\\partial" or text == "∂" or self.at == self.start and self:differential_sign(self.at)
end

-- The operand that begins with the token t.
local function operand(self, text, t)
  local pos = t[1]
  local read = by_first[text]
  if t[3] == "number" then
    self.at = self.at + 1
    return number_tree(text, pos)
  elseif is_differential(self, text) then
    return self:differential(pos)
  elseif text == "[" and self:is_hat() then
    read = hat
  end
  if not read then
    return self:named() or self:stop(pos, ("expected an expression, found `%s`"):format(text))
  end
  self.at = self.at + 1
  return read(self, pos)
end

function M:primary()
  local text, t = self:peek()
  if not text then
    self:stop(self:pos(), "expected an expression, found the end of the formula")
  end
  self.depth = self.depth + 1
  if self.depth > DEEPEST then
    self:stop(t[1], ("brackets nest more than %d deep"):format(DEEPEST))
  end
  local tree = operand(self, text, t)
  self.depth = self.depth - 1
  return tree
end

-- [x]_{\times}
function M:is_hat()
  local depth, i = 0, self.at
  while self.tokens[i] do
    local text = self.tokens[i][2]
    depth = depth + (text == "[" and 1 or text == "]" and -1 or 0)
    if depth == 0 then
      local function follows(k, wanted)
        return self.tokens[i + k] and self.tokens[i + k][2] == wanted
      end
      return follows(1, "_") and (follows(2, "\\times") or follows(2, "{") and follows(3, "\\times"))
    end
    i = i + 1
  end
  return false
end

-- An exponent that is an expression. `signed`: a sign \odot stands behind its brace.
function M:exponent_tree(signed)
  local text, t = self:peek()
  if text == "{" then
    self.at = self.at + (signed and 2 or 1)
    local tree = self:sum()
    self:expect("}", t[1])
    tree.paren = true
    return tree
  elseif not text then
    self:stop(self:pos(), "an exponent is missing")
  end
  return self:primary()
end

-- Is the exponent here a transpose, -T, a pseudoinverse? Moves over it.
function M:special_exponent()
  local save = self.at
  local braced = self:accept "{"
  local sign = braced and self:accept "-"
  local text = self:peek()
  local kind
  if text == "T" and self.kind "T" then
    kind = nil
  elseif
    text == "\\mathrm"
    or text == "\\mathsf"
    or text == "\\text"
    or text == "\\mathit"
    or text == "\\rm"
  then
    self.at = self.at + 1
    local inner = self:plain_group()
    kind = (inner == "T" or inner == "t" or inner == "H") and "transpose" or nil
    if inner == "H" then
      self.notes["^H is a transpose: matrices are real here"] = true
    end
  elseif text == "H" and not self.kind "H" then
    self.at = self.at + 1
    kind = "transpose"
    self.notes["^H is a transpose: matrices are real here"] = true
  elseif TRANSPOSES[text] or text == "⊤" then
    self.at = self.at + 1
    kind = "transpose"
  elseif text == "*" or text == "\\ast" then
    self:stop(
      self:pos(),
      "^* may be a conjugate, an adjoint, an optimum: it is not read",
      "a transpose is ^\\top, an adjugate \\operatorname{adj}(X), another name x_1"
    )
  elseif text == "\\dagger" or (braced and text == "+" and self:peek(1) == "}") or text == "+" then
    self.at = self.at + 1
    kind = "pinv"
    self.notes["^\\dagger is a pseudo-inverse"] = text == "\\dagger" or nil
  end
  if kind and (not braced or self:accept "}") then
    return kind, sign
  end
  self.at = save
  return nil
end

function M:postfix()
  local tree = self:primary()
  while true do
    local text, t = self:peek()
    if text == "'" or text == "⊤" or text == "ᵀ" then
      self.at = self.at + 1
      tree = transpose_tree(tree, t[1])
    elseif text == "^" then
      self.at = self.at + 1
      local kind, sign = self:special_exponent()
      if kind == "transpose" then
        tree = sign and call_tree("inv", { tree }, tree.pos) or tree
        tree = transpose_tree(tree, t[1])
      elseif kind == "pinv" then
        tree = call_tree("pinv", { tree }, tree.pos)
      else
        local first = self:peek() == "{" and self:peek(1)
        local elementwise = first == "\\odot" or first == "\\circ"
        if tree.tag == "name" and tree.name == "e" and not self.kind "e" and not self.bold.e then
          local exponent = self:exponent_tree(elementwise)
          exponent.paren = nil
          tree = call_tree("exp", { exponent }, tree.pos)
          tree.natural = true
        else
          tree = power_tree(tree, self:exponent_tree(elementwise), elementwise, t[1])
        end
      end
    elseif text == "_" and (tree.paren or tree.tag ~= "name") then
      self.at = self.at + 1
      tree = { tag = "entry", tree, args = self:indices(), pos = tree.pos, oppos = t[1] }
    elseif text == "|" and tree.tag == "call" and tree.name == "D" and self:peek(1) == "_" then
      -- \left.\frac{\partial f}{\partial x}\right|_{point}
      self.at = self.at + 2
      local opened = self:pos()
      local point
      if self:accept "{" then
        point = self:sum()
        self:expect("}", opened)
      else
        point = self:primary()
      end
      tree = self:at_point(tree, point)
    else
      return tree
    end
  end
end

-- A derivative, and one inside it, at another point.
function M:at_point(tree, point)
  local f = tree.args[1]
  if f.tag == "call" and f.name == "D" then
    f = self:at_point(f, point)
  end
  return call_tree("D", { f, point }, tree.pos)
end

return M
