--- Operands, and what follows them: fractions, roots, norms, brackets; exponents, primes, indices, places.
--
-- These are methods of the parser (nabla.latex.parser).
--
-- @module nabla.latex.operands

local blocks = require "nabla.latex.blocks"
local cases = require "nabla.latex.cases"
local counted_sums = require "nabla.latex.counted_sums"
local tokens = require "nabla.latex.tokens"
local trees = require "nabla.latex.trees"
local vocabulary = require "nabla.latex.vocabulary"

local name_tree, number_tree, call_tree, transpose_tree, power_tree =
  trees.name, trees.number, trees.call, trees.transpose, trees.power
local STYLES, GREEK, UPRIGHT = tokens.styles, tokens.greek, tokens.upright
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
  ["\\prod"] = true,
  ["\\nabla"] = true,
  ["\\partial"] = true,
  ["\\imaginary"] = true,
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
    or t[3] == "word"
    or t[3] == "name"
    or GREEK[text]
    or STYLES[text]
    or COMMANDS[text]
  then
    return true
  elseif text == "|" or text == "\\|" or text == "\\vert" or text == "\\Vert" or text == "‖" then
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

-- Operands by their first token; each is called behind it.
local by_first = {}

for _, command in ipairs { "\\frac", "\\dfrac", "\\tfrac" } do
  by_first[command] = function(self, pos)
    return self:fraction(pos)
  end
end

-- The index of a root, \sqrt[3]{..}: a tree, or nil.
local function root_index(self)
  if self:peek() ~= "[" then
    return nil
  end
  local opened = self:pos()
  self.at = self.at + 1
  local tree = self:sum()
  self:expect("]", opened)
  return tree
end

by_first["\\sqrt"] = function(self, pos)
  local index = root_index(self)
  local opened = self:pos()
  local tree
  if self:accept "{" then
    tree = self:sum()
    self:expect("}", opened)
  else
    tree = self:primary()
  end
  if not index or index.tag == "number" and index.text == "2" then
    return call_tree("sqrt", { tree }, pos)
  end
  tree.paren = true
  return power_tree(tree, trees.product(number_tree("1", pos), "/", index, pos), false, pos)
end

for command, name in pairs(COMMANDS) do
  by_first[command] = function(self, pos)
    return self:applied(name, pos)
  end
end

-- What is between bars.
local function inside(self, close, pos)
  self.bars[#self.bars + 1] = close
  local inner = self:sum()
  table.remove(self.bars)
  self:expect(close, pos)
  return inner
end

-- An index of bars: its text, the name of its norm, and the tree of any other.
local function norm_index(self)
  if not self:accept "_" then
    return nil
  end
  local save = self.at
  local index = self:subscript()
  index = index:gsub("[%s{}]", "")
  if index == "" then
    return nil
  elseif NORM_NAMES[index] or index == "*" or index:find "^%d+$" then
    return index
  end
  self.at = save
  local ok, list = pcall(self.indices, self)
  if not ok or #list ~= 1 then
    local hint = "known: 1, 2, F, \\infty, *, op, a letter, a matrix"
    if index:find "^%w+,%w+$" then
      hint = "the sum of the norms of the columns is sum(sqrt((X.^2)'*ones(m))), of the rows sum(sqrt((X.^2)*ones(n)))"
    end
    self:stop(self:pos(), ("no norm has the index %s"):format(index), hint)
  end
  return index, list[1]
end

for bar, close in pairs(BARS) do
  by_first[bar] = function(self, pos)
    local inner = inside(self, close, pos)
    local index, weight = norm_index(self)
    return index and trees.norm(inner, index, weight, pos) or trees.bars(inner, pos)
  end
end

for bar, close in pairs(NORMS) do
  by_first[bar] = function(self, pos)
    local inner = inside(self, close, pos)
    local index, weight = norm_index(self)
    return trees.norm(inner, index, weight, pos)
  end
end

by_first["\\imaginary"] = function(_, pos)
  return name_tree("imagunit", pos)
end

-- \langle x | A | y \rangle, the conjugate transpose of x times A*y.
local function bra_ket(self, left, pos)
  local right = self:sum()
  right.paren, left.paren = true, true
  if self:accept "\\between" then
    local ket = self:sum()
    ket.paren = true
    right = trees.product(right, "*", ket, pos)
    right.paren = true
  end
  self:expect("\\rangle", pos)
  local bra = transpose_tree(call_tree("conj", { left }, pos), pos)
  return trees.product(bra, "*", right, pos)
end

by_first["\\langle"] = function(self, pos)
  local left = self:sum()
  if self:accept "\\between" then
    return bra_ket(self, left, pos)
  elseif self.complex then
    self:stop(
      pos,
      "an inner product of complex vectors is conjugated in its first argument by some, in its second by others",
      "write \\langle x | y \\rangle or x^H y"
    )
  end
  if not self:accept "," and not self:accept "|" then
    self:expect ","
  end
  local right = self:sum()
  self:expect("\\rangle", pos)
  left.paren, right.paren = true, true
  local index, weight = norm_index(self)
  if weight then -- <x, y>_A
    right = trees.product(weight, "*", right, pos)
    right.paren = true
  elseif index and index ~= "2" and vocabulary.norm_names[index] ~= "normF" then
    self:stop(pos, ("no inner product has the index %s"):format(index), "known: 2, F, a matrix")
  end
  return trees.pair(left, right, pos)
end

for sign, what in pairs(vocabulary.refused) do
  by_first[sign] = function(self, pos)
    self:stop(pos, ("%s is not in the language: %s"):format(sign, what), vocabulary.advice[what])
  end
end

by_first["\\sum"] = counted_sums.read
by_first["\\prod"] = function(self, pos)
  return self:counted_product(pos)
end

--- A sum over a counter, behind its sign.
function M:counted(pos)
  return counted_sums.read(self, pos)
end

by_first["\\nabla"] = function(self, pos)
  local sign = self:peek()
  if sign == "\\cdot" or sign == "·" then
    self:stop(pos, "a divergence is not in the language", "of a vector v of x it is tr(D(v, x))")
  elseif sign == "\\times" then
    self:stop(pos, "a curl is not in the language", "its entries are differences of those of D(v, x)")
  end
  return self:gradient(pos)
end

-- {\rm tr} alone in braces: the name of a function.
local function braced_function(self, pos)
  local text, t = self:peek()
  local save = self.at
  local name
  if self:is_function(text, t) and self:peek(1) == "}" then
    name = COMMANDS[text] or text
    self.at = self.at + 2
  elseif UPRIGHT[text] then
    local word = self:base_name()
    word = word and (self.kind(word) ~= "operator" and vocabulary.functions[word] or word)
    if word and #word > 1 and self.kind(word) == "operator" and self:accept "}" then
      name = word
    else
      self.at = save
    end
  end
  return name and self:applied(name, pos)
end

for bracket, close in pairs(CLOSING) do
  by_first[bracket] = function(self, pos)
    local applied = bracket == "{" and braced_function(self, pos)
    if applied then
      return applied
    end
    local tree = self:sum()
    local matrix = bracket == "[" and blocks.brackets(self, tree, pos)
    if matrix then
      return matrix
    end
    self:expect(close, pos)
    tree.paren, tree.braced = true, bracket == "{"
    return tree
  end
end
by_first["\\blocks"] = blocks.environment
by_first["\\cases"] = cases.environment

-- [x]_{\times}, behind the first bracket.
local function hat(self, pos)
  local tree = call_tree("hat", { self:sum() }, pos)
  self.at = self.at + 2 -- ] _
  self.at = self.at + (self:peek() == "{" and 3 or 1) -- { \times }
  return tree
end

-- Is a sign of a differential here? A plain d is one only where a side of an equation begins and something follows.
local function is_differential(self, text)
  local following = self:peek(1)
  local raised = following == "^" and (self:peek(2) or "") .. (self:peek(3) or "")
  local turned = following == "'" or raised and not raised:find "^{?%d"
  if text == "d" and (not following or turned) then
    return false
  end
  local quotient = text == "d" and self:peek(1) == "/" and self:differential_sign(self.at + 2) -- d/dx
  return text == "\\partial" or text == "∂" or self.at == self.start and self:differential_sign(self.at) or quotient
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
    return self:named()
      or self:stop(pos, ("expected an expression, found `%s`"):format(text), vocabulary.advice[text])
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

-- An exponent that is an expression. `signed`: a sign \odot is behind its brace.
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
  if self:peek() == "{" and self:peek(1) == "^" then -- ^{^{\top}}
    local opened = self:pos()
    self.at = self.at + 2
    local kind, sign = self:special_exponent()
    if not kind then
      self:stop(opened, "an exponent begins with a second ^")
    end
    self:expect("}", opened)
    return kind, sign
  end
  local save = self.at
  local braced = self:accept "{"
  local sign = braced and self:accept "-"
  local text = self:peek()
  local kind
  local known, scalar = self.kind(text or "")
  if (text == "T" or text == "t") and (known == "variable" and scalar or text == "t" and self:is_letter "t") then
    kind = nil
  elseif text == "t" and (not braced or self:peek(1) == "}") then
    self.at = self.at + 1
    kind = "transpose"
    self:tell(self:pos(), "^t is a transpose")
  elseif
    text == "\\mathrm"
    or text == "\\mathsf"
    or text == "\\text"
    or text == "\\mathit"
    or text == "\\operatorname"
    or text == "\\mbox"
    or text == "\\textrm"
    or text == "\\mathtt"
    or text == "\\rm"
  then
    self.at = self.at + 1
    local inner = self:plain_group()
    kind = (inner == "T" or inner == "t" or inner == "H") and "transpose" or nil
    if inner == "H" and self.complex then
      kind = "adjoint"
    elseif inner == "H" then
      self:tell(self:pos(), "^H is a transpose: matrices are real here")
    end
  elseif
    self.complex
    and (text == "H" or text == "\\dagger" or text == "\\adjoint")
    and not select(2, self.kind(text))
  then
    self.at = self.at + 1
    kind = "adjoint"
  elseif self.complex and (text == "*" or text == "\\ast" or text == "\\star") then
    local hint = "write \\overline{Z} for the conjugate, Z^H for the conjugate transpose"
    self:stop(self:pos(), "^* is a conjugate to some and a conjugate transpose to others", hint)
  elseif text == "H" and not self.kind "H" then
    self.at = self.at + 1
    kind = "transpose"
    self:tell(self:pos(), "^H is a transpose: matrices are real here")
  elseif TRANSPOSES[text] or text == "⊤" then
    self.at = self.at + 1
    kind = "transpose"
  elseif text == "*" or text == "\\ast" or text == "\\star" then
    self.at = self.at + 1
    kind = "transpose"
    self:tell(self:pos(), "^* is a transpose: matrices are real here")
  elseif text == "\\adjoint" then
    self.at = self.at + 1
    kind = "transpose"
    self:tell(self:pos(), "† is a transpose: matrices are real here; a pseudo-inverse is pinv(A)")
  elseif text == "\\dagger" or (braced and text == "+" and self:peek(1) == "}") or text == "+" then
    self.at = self.at + 1
    kind = "pinv"
    if text == "\\dagger" then
      self:tell(self:pos(), "^\\dagger is a pseudo-inverse")
    end
  end
  if kind and (not braced or self:accept "}") then
    return kind, sign
  end
  self.at = save
  return nil
end

-- Weights of networks, and the letters above them that say what a weight is for: W^z of a gate, W^Q of queries.
local WEIGHTS = { W = true, U = true, V = true }
local GATES = {}
for letter in ("z r h f o c g i Q K V O"):gmatch "%S" do
  GATES[letter] = true
end

-- A letter with a label above it, W^z, as a name of its own; or nil.
local function labelled(self, tree, exponent)
  if tree.tag ~= "name" or tree.paren or exponent.tag ~= "name" or self.counters[exponent.name] then
    return nil
  end
  local name = tree.name .. "_" .. exponent.name
  local declared = self.kind(name) == "variable" and not self.kind(tree.name)
  local customary = WEIGHTS[tree.name] and GATES[exponent.name]
  if declared or customary and not (self.kind(tree.name) or self.kind(exponent.name) == "variable") then
    self:tell(tree.pos, ("%s^%s is a name of its own"):format(tree.name, exponent.name))
    return name_tree(name, tree.pos)
  end
end

-- Stop at Q^{ia}: two indices above a matrix.
local function refuse_indices(self, tree, exponent, pos)
  local letters = exponent.tag == "product" and #exponent.args == 2 and exponent.ops[1] == "*" and exponent.args
  if letters and tree.tag == "name" and tree.name:find "^%u$" and letters[1].tag == "name" and letters[2].tag == "name"
    and letters[1].name:find "^[a-n]$" and letters[2].name:find "^[a-n]$" then
    local both = letters[1].name .. letters[2].name
    self:stop(
      pos,
      ("%s^{%s} may be an entry with two indices, or a power"):format(tree.name, both),
      ("an entry is written %s_{%s}, a power (%s)^{%s}"):format(tree.name, both, tree.name, both)
    )
  end
end

-- What an exponent says: a transpose, an inverse with it, a pseudoinverse, a power.
local function raised(self, tree, t)
  local kind, sign = self:special_exponent()
  if kind == "transpose" then
    if sign then
      tree = call_tree("inv", { tree }, tree.pos)
      tree.raised = true
    end
    return transpose_tree(tree, t[1])
  elseif kind == "adjoint" then
    if sign then
      tree = call_tree("inv", { tree }, tree.pos)
      tree.raised = true
    end
    return transpose_tree(call_tree("conj", { tree }, tree.pos), t[1])
  elseif kind == "pinv" then
    tree = call_tree("pinv", { tree }, tree.pos)
    tree.raised = true
    return tree
  end
  local first = self:peek() == "{" and self:peek(1)
  local elementwise = first == "\\odot" or first == "\\circ"
  if tree.tag == "name" and tree.name == "e" and not self.kind "e" and not self.bold.e then
    local exponent = self:exponent_tree(elementwise)
    exponent.paren = nil
    tree = call_tree("exp", { exponent }, tree.pos)
    tree.natural = true
    return tree
  end
  local exponent = self:exponent_tree(elementwise)
  local label = labelled(self, tree, exponent)
  if label then
    return label
  end
  refuse_indices(self, tree, exponent, t[1])
  if exponent.tag == "name" and self.counters[exponent.name] then
    local name = exponent.name
    self:tell(t[1], ("an exponent %s is a power: an index above is written ^{(%s)}"):format(name, name))
  end
  return power_tree(tree, exponent, elementwise, t[1])
end

-- The letter at the bottom of powers and transposes, or nil.
local function letter_of(tree)
  while (tree.tag == "power" or tree.tag == "transpose") and not tree.paren do
    tree = tree[1]
  end
  return (tree.tag == "name" or tree.tag == "sub") and not tree.paren and tree or nil
end

-- Is a letter that nobody declared before a bracket here?
local function is_applied(self, tree)
  local open = self:peek()
  if self.in_variables or open ~= "(" and open ~= "[" or open == "[" and (self:is_hat() or blocks.has_rows(self)) then
    return false
  end
  local letter = letter_of(tree)
  return letter and not letter.open and self.kind(letter.name) ~= "variable" and self.kind(letter.name) ~= "size"
end

-- p(x) under a sum over x, where x counts: an entry of p; nil where another argument is in the brackets. Moves over them.
local function at_counter(self, tree)
  local counter = self:peek(1)
  counter = GREEK[counter] or counter
  local sums = self.counters[counter] and not self.in_index
  local called = self:peek() == "(" and self:peek(2) == ")"
  if tree.tag ~= "name" or tree.paren or not sums or not called or self.kind(tree.name) then
    return nil
  end
  self:tell(tree.pos, ("%s(%s) is the entry %s of %s"):format(tree.name, counter, counter, tree.name))
  local pos = self.tokens[self.at + 1][1]
  self.at = self.at + 3
  local name = tree.name .. "_" .. counter
  return trees.sub(tree.name, name, counter, { name_tree(counter, pos) }, tree.pos)
end

-- Stop at x[0], x[i], A[i,j]: a subscript of a program, behind a letter that nobody declared as a function.
local function refuse_subscript(self, tree)
  local letter = self:peek() == "[" and letter_of(tree)
  if not letter or self.kind(letter.name) == "function" then
    return
  end
  local text, t = self:peek(1)
  local alone = self:peek(2) == "]" and (t[3] == "number" or text:find "^[i-n]$")
  local k = 1
  while not alone and self:peek(k) and self:peek(k):find "^[%w,+-]$" do
    alone = self:peek(k) == "," and self:peek(k + 1) ~= "]"
    k = k + 1
  end
  if alone then
    self:stop(
      self:pos(),
      "a subscript in brackets is not read",
      "an entry is x(i), counted from 1; a column or a row of X is X*E(j, 1, n, 1) or E(1, i, 1, m)*X"
    )
  end
end

-- [x]_+, (x)_+: how many tokens the index is that says "the positive part"; nil: it is another index.
local function positive_part(self, tree)
  if not tree.paren and tree.tag ~= "norm" then
    return nil
  end
  return self:peek(1) == "+" and 2 or self:peek(1) == "{" and self:peek(2) == "+" and self:peek(3) == "}" and 4 or nil
end

-- \left.\frac{\partial f}{\partial x}\right|_{point}
local function derivative_at(self, tree)
  self.at = self.at + 2
  local opened = self:pos()
  local point
  if self:accept "{" then
    point = self:sum()
    local variable, equals = tree.args[2], self:pos()
    if self:accept "=" then -- _{x = x_0}
      if not (point.name and point.name == variable.name) then
        self:stop(equals, "the point of another variable than that of the derivative", "\\left. .. \\right|_{x_0}")
      end
      point = self:sum()
    end
    self:expect("}", opened)
  else
    point = self:primary()
  end
  return self:at_point(tree, point)
end

function M:postfix()
  local tree = self:primary()
  while true do
    local text, t = self:peek()
    if text == "'" or text == "⊤" then
      self.at = self.at + 1
      if self:peek() == "'" or self:peek() == "\\prime" then
        self:stop(t[1], "a second prime: the second derivative of an unknown function is not read")
      elseif self:peek() == "^" and TRANSPOSES[self:peek(1)] then
        self:stop(t[1], "a prime and a transpose: a prime that is a derivative is not read")
      end
      tree = transpose_tree(tree, t[1])
      tree.prime = text == "'"
    elseif text == "^" then
      self.at = self.at + 1
      tree = raised(self, tree, t)
    elseif text and text:find "^\\behind{" then -- of a rule file
      self.at = self.at + 1
      tree = call_tree(text:match "{(.*)}", { tree }, tree.pos)
      tree.oppos = t[1]
    elseif text == "_" and tree.tag == "norm" and not tree.index then
      tree.index, tree.weight = norm_index(self)
    elseif text == "_" and tree.tag == "name" and tree.braced then
      tree = self:indexed_group(tree)
    elseif text == "_" and positive_part(self, tree) then
      self.at = self.at + positive_part(self, tree)
      self:tell(t[1], "_+ is the positive part, relu")
      tree = call_tree("relu", { tree }, tree.pos)
    elseif text == "_" and (tree.paren or tree.tag ~= "name") then
      self.at = self.at + 1
      tree = { tag = "entry", tree, args = self:indices(), pos = tree.pos, oppos = t[1] }
    elseif text == "|" and tree.tag == "call" and tree.name == "D" and self:peek(1) == "_" then
      tree = derivative_at(self, tree)
    elseif text == "[" and refuse_subscript(self, tree) then
      return tree
    elseif is_applied(self, tree) then
      tree = at_counter(self, tree) or trees.apply(tree, self:arguments(), tree.pos)
      tree.oppos = t[1]
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
