--- Formulas in LaTeX, as they stand on a page or as nabla prints them: text in, the trees of nabla.language.syntax out.
--
-- LPeg cuts the text into tokens, without the commands that only move things on the page; nabla.latex.tokens brings the many ways
-- to write one thing to one. A parser of one function for each level of
-- binding makes the trees: a sum; signs such as \odot, \otimes, \oslash; factors side by side; what follows an operand (an
-- exponent, a prime, an index). What a letter means depends on what was declared: `f(x)` is a product, or a value
-- of a function; `x_1` a name, or an entry. The caller's `kind` answers that.
--
-- What has no size in LaTeX (\mathbf{0}, \mathbf{I}) becomes a name that `placeholder` knows.
-- @module nabla.latex.parser

local errors = require "nabla.text.errors"
local greek = require "nabla.text.greek"
local notation = require "nabla.print.notation"
local tokens = require "nabla.latex.tokens"
local trees = require "nabla.latex.trees"

local name_tree, number_tree, call_tree, product_tree, transpose_tree, power_tree =
  trees.name, trees.number, trees.call, trees.product, trees.transpose, trees.power

local M = {}

local DEEPEST = 150

local UPRIGHT, STYLES, GREEK = tokens.upright, tokens.styles, tokens.greek
local BOLD = {
  ["\\mathbf"] = true,
  ["\\boldsymbol"] = true,
  ["\\bm"] = true,
  ["\\vec"] = true,
  ["\\pmb"] = true,
  ["\\textbf"] = true,
}
local BLACKBOARD = { ["\\mathbb"] = true, ["\\mathds"] = true, ["\\mathbbm"] = true } -- \mathbb{1}
local ACCENT = {
  ["\\hat"] = "hat",
  ["\\tilde"] = "tilde",
  ["\\bar"] = "bar",
  ["\\widehat"] = "hat",
  ["\\widetilde"] = "tilde",
}

-- How functions are called on pages, where that is another name than nabla's.
local FUNCTIONS = {
  Tr = "tr",
  trace = "tr",
  Trace = "tr",
  ln = "log",
  Det = "det",
  Diag = "diag",
  cofactor = "cofactor",
  cof = "cofactor",
  adjugate = "adj",
  sigm = "sigmoid",
  arcsin = "asin",
  arccos = "acos",
  arctan = "atan",
  rvec = "vec",
  sgn = "sign",
  ReLU = "relu",
}
local COMMANDS = {}
for name in ([[exp log ln sin cos tan sec sinh cosh tanh det arcsin arccos arctan max]]):gmatch "%S+" do
  COMMANDS["\\" .. name] = FUNCTIONS[name] or name
end

local TRANSPOSES =
  { ["\\top"] = true, ["\\intercal"] = true, ["\\prime"] = true, ["T"] = true, ["\\mathsf"] = true }
local CLOSING = {
  ["("] = ")",
  ["["] = "]",
  ["\\{"] = "\\}",
  ["{"] = "}",
  ["\\lbrace"] = "\\rbrace",
  ["\\lbrack"] = "\\rbrack",
}
local CLOSES = {}
for _, sign in pairs(CLOSING) do
  CLOSES[sign] = true
end
local TIMES = { ["\\cdot"] = "*", ["*"] = "*", ["·"] = "*" }
local INFIX = {
  ["\\odot"] = ".*",
  ["\\circ"] = ".*",
  ["\\oslash"] = "./",
  ["\\otimes"] = "kron",
  ["\\ast"] = "khatrirao",
  ["\\times"] = "times",
}

local BARS = { ["|"] = "|", ["\\vert"] = "\\vert", ["\\lvert"] = "\\rvert" }
local NORMS = { ["\\|"] = "\\|", ["\\Vert"] = "\\Vert", ["\\lVert"] = "\\rVert", ["‖"] = "‖" }

-- The parser ----------------------------------------------------------------------------------------------------------

local Parser = {}
Parser.__index = Parser
for name, method in pairs(require "nabla.latex.derivatives") do
  Parser[name] = method
end

function Parser:stop(pos, message, hint)
  error(errors.at { text = self.text, file = self.file, pos = pos, message = message, hint = hint }, 0)
end

function Parser:peek(ahead)
  local t = self.tokens[self.at + (ahead or 0)]
  return t and t[2], t
end

function Parser:pos()
  local _, t = self:peek()
  return t and t[1] or #self.text + 1
end

function Parser:found()
  local text = self:peek()
  return text and "`" .. text .. "`" or "the end of the formula"
end

function Parser:accept(text)
  if self:peek() == text then
    self.at = self.at + 1
    return true
  end
  return false
end

function Parser:expect(text, opened)
  if text == ")" and self:peek() == "}" and self:peek(1) == ")" then -- {(x}) as in {(x)}
    local list, at = self.tokens, self.at
    list[at], list[at + 1] = list[at + 1], list[at]
  end
  if not self:accept(text) then
    if opened and not self:peek() then
      self:stop(opened, "this bracket is never closed", "`" .. text .. "` is missing")
    end
    self:stop(self:pos(), ("expected `%s`, found %s"):format(text, self:found()))
  end
end

-- The plain text of a braced group, such as {W_{1}} or {\mathrm{foo}}: letters and digits; nil if it is no name. Moves on.
function Parser:plain_group()
  local out = {}
  local text, t = self:peek()
  if text ~= "{" then
    if not text then
      self:stop(self:pos(), "a name is missing")
    end
    self.at = self.at + 1
    return GREEK[text] or text, t[1]
  end
  local opened = t[1]
  self.at = self.at + 1
  while self:peek() ~= "}" do
    text = self:peek()
    if not text then
      self:stop(opened, "this bracket is never closed", "`}` is missing")
    elseif STYLES[text] then
      self.at = self.at + 1
      out[#out + 1] = self:plain_group()
    else
      self.at = self.at + 1
      out[#out + 1] = GREEK[text] or (text == "\\_" and "_") or text
    end
  end
  self.at = self.at + 1
  return table.concat(out), opened
end

-- The tokens of a subscript, as a text without spaces; moves over it.
function Parser:subscript()
  if self:peek() ~= "{" then
    local text = self:peek()
    if not text then
      self:stop(self:pos(), "an index is missing")
    elseif STYLES[text] then
      self.at = self.at + 1
      return (self:plain_group())
    end
    self.at = self.at + 1
    return GREEK[text] or text
  end
  return (self:plain_group())
end

-- An index without braces: a number or a letter.
function Parser:single_index()
  local text, t = self:peek()
  if not text then
    self:stop(self:pos(), "an index is missing")
  end
  self.at = self.at + 1
  return t[3] == "number" and number_tree(text, t[1]) or name_tree(GREEK[text] or text, t[1])
end

-- The indices of an entry after `_`: trees. {ij} is two letters, {1,n-1} is parted by commas.
function Parser:indices()
  local list = {}
  if self:peek() ~= "{" then
    return { self:single_index() }
  end
  local opened = self:pos()
  self.at = self.at + 1
  local start, letters = self.at, {}
  while self:peek() and self:peek() ~= "}" do
    local text, t = self:peek()
    if t[3] == "number" and #text == 2 and #letters == 0 and self:peek(1) == "}" then
      letters = { number_tree(text:sub(1, 1), t[1]), number_tree(text:sub(2), t[1] + 1) }
    elseif t[3] == "number" and #text == 1 then
      letters[#letters + 1] = number_tree(text, t[1])
    elseif text:find "^%a$" then
      letters[#letters + 1] = name_tree(text, t[1])
    else
      letters = nil
      break
    end
    self.at = self.at + 1
  end
  if letters and #letters <= 2 and self:peek() == "}" then
    self.at = self.at + 1
    return letters
  end
  self.at = start
  repeat
    list[#list + 1] = self:sum()
  until not self:accept ","
  self:expect("}", opened)
  return list
end

-- Do two indices stand here in braces: {ij}, {12}, {1,n-1}?
function Parser:is_pair()
  if self:peek() ~= "{" then
    return false
  end
  local commas, depth, i = 0, 1, 1
  while depth > 0 do
    local text = self:peek(i)
    if not text then
      return false
    end
    depth = depth + (CLOSING[text] and 1 or CLOSES[text] and -1 or 0)
    commas = commas + (text == "," and depth == 1 and 1 or 0)
    i = i + 1
  end
  local count = i - 2 -- tokens between the braces
  local first, token = self:peek(1)
  local digits = count == 1 and token[3] == "number" and #first == 2
  return commas == 1 or digits or count == 2 and first:find "^%w$" and self:peek(2):find "^%w$" ~= nil
end

-- The name that a base and an index make: as it was declared, else with the digits behind it.
function Parser:joined(base, index)
  local spelled = greek.spelled(base)
  for _, b in ipairs { base, spelled, notation.unicode_name(base) } do
    for _, joined in ipairs { b .. index, b .. "_" .. index } do
      if self.kind(joined) then
        return joined, true
      end
    end
  end
  return index:find "^%d+$" and base .. index or base .. "_" .. index, false
end

-- A token that begins a name: its text, whether it is upright, where it stands. nil if it is none. Moves over it.
function Parser:base_name()
  local text, t = self:peek()
  if not text then
    return nil
  elseif GREEK[text] then
    self.at = self.at + 1
    return GREEK[text], false, t[1]
  elseif STYLES[text] then
    self.at = self.at + 1
    self:accept "*"
    local from = self.at
    local braced = self:peek() == "{"
    local inner = self.tokens[from + (braced and 1 or 0)]
    local inner_text = inner and inner[2]
    local name = self:plain_group()
    if ACCENT[text] and not self.kind(name) then
      name = name .. "_" .. ACCENT[text]
    end
    self.letters = inner_text and inner_text:find "^%a$" and name:find "^%a%a+$" and not self.kind(name) -- \\mathbf{Ax}
    local upright = UPRIGHT[text] or (inner_text and UPRIGHT[inner_text]) or false
    return name, upright, t[1], text
  elseif t[3] == "sign" and (text:find "^%a$" or text:byte() > 127 and not TIMES[text]) then
    self.at = self.at + 1
    return text, false, t[1]
  end
  return nil
end

-- Arguments in brackets, or nil when there are none here.
function Parser:arguments()
  local open, t = self:peek()
  if not (open == "(" or open == "[" or open == "\\{" or open == "\\lbrace" or open == "\\lbrack") then
    return nil
  end
  self.at = self.at + 1
  local args = {}
  repeat
    args[#args + 1] = self:sum()
  until not self:accept ","
  self:expect(CLOSING[open], t[1])
  return args
end

function Parser:is_operand(text, t)
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
  return text:find "^%a$" ~= nil
    or text:byte() > 127 and not TIMES[text]
    or CLOSING[text] ~= nil
    or ({
        ["\\frac"] = 1,
        ["\\dfrac"] = 1,
        ["\\tfrac"] = 1,
        ["\\sqrt"] = 1,
        ["\\lVert"] = 1,
        ["\\lvert"] = 1,
        ["\\langle"] = 1,
        ["\\sum"] = 1,
        ["\\nabla"] = 1,
        ["\\partial"] = 1,
      })[text]
      ~= nil
end

-- The argument of a function without brackets: the factors that stand beside it.
function Parser:bare_argument(name, pos)
  local text, t = self:peek()
  if not self:is_operand(text, t) or self:closes_bar(text, t) then
    self:stop(pos, ("the argument of %s is missing"):format(name))
  end
  if BARS[text] or NORMS[text] then -- \log|X| a
    return self:postfix()
  end
  return self:factors()
end

-- A function that is printed with an exponent behind its name: \sin^2 x.
function Parser:applied(name, pos)
  local exponent
  if self:peek() == "^" then
    self.at = self.at + 1
    exponent = self:exponent_tree()
  end
  local args = self:arguments() or { self:bare_argument(name, pos) }
  local tree = call_tree(name, args, pos)
  local arg = args[1]
  if name == "log" and arg.tag == "call" then -- log|X|
    local inner = arg.name == "abs" and arg.args[1] or arg
    if inner.tag == "call" and inner.name == "det" and (arg.name == "abs" or arg.bars) then
      tree = call_tree("logdet", inner.args, pos)
    end
  end
  if exponent then
    tree = power_tree(tree, exponent, false, pos)
    tree.applied = true
  end
  return tree
end

-- A braced index that holds dimensions parted by a comma or \times.
function Parser:dimensions()
  if self:peek() ~= "{" then
    return { self:single_index() }
  end
  local opened = self:pos()
  self.at = self.at + 1
  local list = {}
  self.dimension = (self.dimension or 0) + 1
  repeat
    list[#list + 1] = self:sum()
  until not (self:accept "," or self:accept "\\times")
  self.dimension = self.dimension - 1
  self:expect("}", opened)
  return list
end

-- A placeholder: what LaTeX prints without its sizes. The caller learns of them from `placeholders`.
function Parser:placeholder(what, pos)
  local name = ("O_%s%d"):format(what, #self.placeholders + 1)
  self.placeholders[#self.placeholders + 1] = { name = name, what = what }
  local tree = name_tree(name, pos)
  tree.open = what == "I" and "square" or what == "ones" and "column" or "any"
  return tree
end

-- An operator's name in an index: L_{\operatorname{expm}}.
function Parser:operator_index()
  local save = self.at
  if self:accept "{" then
    local text = self:peek()
    local name = COMMANDS[text]
    if name then
      self.at = self.at + 1
    else
      name = UPRIGHT[text] and self:base_name()
    end
    if name and self.kind(name) == "operator" and self:accept "}" then
      return name
    end
  end
  self.at = save
  return nil
end

-- What begins with a name: a name, a value of a function, an entry, a constant.
function Parser:named()
  local _, token = self:peek()
  if token and token[3] == "operator" then
    self.at = self.at + 1
    return self:applied(FUNCTIONS[token[2]] or token[2], token[1])
  end
  local base, upright, pos, style = self:base_name()
  if not base then
    return nil
  end
  local own = FUNCTIONS[base] or base
  local bold = BOLD[style] or BLACKBOARD[style] and (base == "1" or base == "0") or false
  if self.letters and bold then
    local tree
    for letter in base:gmatch "." do
      local factor = name_tree(letter, pos)
      self.bold[letter] = true
      tree = tree and product_tree(tree, "*", factor, pos) or factor
    end
    tree.paren = true
    return tree
  end
  local undeclared = not self.kind(base) or self.kind(base) == "operator"
  if
    base == "d"
    and undeclared
    and (upright or style == nil and self.in_differentials and self:is_operand(self:peek()))
  then
    local args = self:arguments()
    return call_tree("d", args or { self:postfix() }, pos)
  elseif own == "cofactor" and not self.kind "cofactor" then
    return transpose_tree(self:applied("adj", pos), pos)
  elseif base == "sigma" and undeclared and self:peek() == "(" and self.kind "sigmoid" then
    self.notes["\\sigma(..) is the logistic function"] = true
    return self:applied("sigmoid", pos)
  elseif upright and base == "D" and undeclared then -- \mathrm{D} f(x)
    local f = self:base_name()
    if not f then
      self:stop(self:pos(), "the function is missing")
    end
    return call_tree("D", { name_tree(f, pos), (self:arguments() or {})[1] }, pos)
  elseif (upright or style == nil and #base > 1) and self.kind(own) == "operator" and own ~= "pi" then
    return self:applied(own, pos)
  elseif bold and (base == "1" or base == "0") then
    if base == "0" then
      if self:accept "_" then
        local d = self:dimensions()
        return call_tree("zeros", d, pos)
      end
      return self:placeholder("zeros", pos)
    elseif self:accept "_" then
      return call_tree("ones", self:dimensions(), pos)
    end
    return self:placeholder("ones", pos)
  elseif bold and base == "J" and undeclared and self:peek() == "^" then -- J^{ij} of the Matrix Cookbook
    local save = self.at
    self.at = self.at + 1
    if self:is_pair() then
      return trees.unsized("E", self:indices(), pos)
    end
    self.at = save
  end
  if self:peek() == "_" and undeclared then
    local save = self.at
    self.at = self.at + 1
    if base == "I" then
      return call_tree("I", { self:dimensions()[1] }, pos) -- I_n, I_{n \times n}
    elseif bold and base == "K" then
      local d = self:dimensions()
      if #d == 2 then
        return call_tree("K", d, pos)
      end
    elseif bold and base == "E" then
      local d = self:dimensions()
      if #d == 2 then
        return trees.unsized("E", d, pos)
      end
    elseif bold and (base == "D" or base == "L") then
      local d = self:dimensions()
      if #d == 1 and not self:joined_known(base, d[1]) then
        return call_tree(base == "D" and "Dup" or "Elim", d, pos)
      end
    elseif base == "L" or base == "K" then
      local f = self:operator_index()
      local args = f and self:arguments()
      if args then
        table.insert(args, 1, name_tree(f, pos))
        return call_tree(base == "L" and "frechet" or "frechetmatrix", args, pos)
      end
    elseif base == "lambda" or (bold and base == "u") then
      local d = self:dimensions()
      local args = #d == 1 and self:peek() == "(" and self:arguments()
      if args then
        return call_tree(base == "u" and "eigvec" or "eigval", { args[1], d[1] }, pos)
      end
    end
    self.at = save
  end
  local name = base
  local indices
  if self:peek() == "_" then
    local save = self.at
    self.at = self.at + 1
    local index = self:subscript()
    local joined, known = self:joined(base, index)
    local letters = index:find "^%a%a$" or index:find "^%d%d$" or index:find ","
    local counted = self:is_counted(index)
    local entry = self.kind(base) == "variable"
      or letters and not index:find "^%d+$" and #base == 1 and base:find "%u"
      or counted and not bold
    -- in a formula \mathbf{x}_i is the same on both sides, whatever i is; an expression alone would say something else
    if self.alone and counted and bold and not known and not letters and not self.kind(base) then
      self:stop(
        self:pos(),
        ("%s_%s is another vector for each %s"):format(base, index, index),
        ("as row %s of a matrix X it is \\mathbf{X}^\\top\\mathbf{E}_{%s,1}"):format(index, index)
      )
    end
    if not known and entry then
      self.at = save + 1
      indices = self:indices()
    else
      name = joined
    end
  end
  if self.kind(name) == nil and self.kind(notation.unicode_name(name)) then
    name = notation.unicode_name(name)
  end
  self.bold[name] = bold or self.bold[name]
  if indices then
    return call_tree(name, indices, pos)
  elseif name == "I" and not self.kind "I" then
    return self:placeholder("I", pos)
  elseif self.kind(name) == "function" then
    local args = self:arguments()
    if args then
      return call_tree(name, args, pos)
    end
  end
  return name_tree(name, pos)
end

-- Does an index hold the counter of a sum around it? x_i and X_{ij} are entries then, other names with an index are names.
function Parser:is_counted(index)
  if index:find "^%a%a$" then
    return self.counters[index:sub(1, 1)] or self.counters[index:sub(2)]
  end
  for letter in index:gmatch "%f[%a]%a%f[^%a]" do
    if self.counters[letter] then
      return true
    end
  end
  return false
end

function Parser:joined_known(base, index)
  local _, known = self:joined(base, index.text or index.name or "?")
  return known
end

-- Operands --------------------------------------------------------------------------------------------------------------

local NORM_NAMES = { ["1"] = "norm1", ["2"] = "norm2", ["\\infty"] = "norminf", ["∞"] = "norminf" }
for index in ("F f Fro fro Frob frob HS"):gmatch "%S+" do
  NORM_NAMES[index] = "normF"
end

-- Is this bar the one that closes what is open?
function Parser:closes_bar(text, t)
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

function Parser:primary()
  local text, t = self:peek()
  if not text then
    self:stop(self:pos(), "expected an expression, found the end of the formula")
  end
  self.depth = self.depth + 1
  if self.depth > DEEPEST then
    self:stop(t[1], ("brackets nest more than %d deep"):format(DEEPEST))
  end
  local pos = t[1]
  local tree
  if t[3] == "number" then
    self.at = self.at + 1
    tree = number_tree(text, pos)
  elseif text == "\\frac" or text == "\\dfrac" or text == "\\tfrac" then
    self.at = self.at + 1
    tree = self:fraction(pos)
  elseif text == "\\sqrt" then
    self.at = self.at + 1
    local opened = self:pos()
    if self:accept "{" then
      tree = call_tree("sqrt", { self:sum() }, pos)
      self:expect("}", opened)
    else
      tree = call_tree("sqrt", { self:primary() }, pos)
    end
  elseif COMMANDS[text] then
    self.at = self.at + 1
    tree = self:applied(COMMANDS[text], pos)
  elseif BARS[text] or NORMS[text] then
    self.at = self.at + 1
    local close = BARS[text] or NORMS[text]
    self.bars[#self.bars + 1] = close
    local inner = self:sum()
    table.remove(self.bars)
    self:expect(close, pos)
    if BARS[text] then
      tree = call_tree(text ~= "\\lvert" and starts_capital(inner) and "det" or "abs", { inner }, pos)
      tree.bars = text
    else
      local which, index = "norm2", nil
      if self:accept "_" then
        index = self:subscript()
        which = NORM_NAMES[index]
        if not which then
          self:stop(pos, ("no norm has the index %s"):format(index), "known: 1, 2, F, \\infty")
        end
      end
      tree = call_tree(which, { inner }, pos)
      tree.index = index
    end
  elseif text == "\\langle" then
    self.at = self.at + 1
    local left = self:sum()
    self:expect ","
    local right = self:sum()
    self:expect("\\rangle", pos)
    left.paren, right.paren = left.tag ~= "name", right.tag ~= "name"
    tree = call_tree("tr", { product_tree(transpose_tree(left, pos), "*", right, pos) }, pos)
  elseif text == "\\sum" then
    self.at = self.at + 1
    self:expect "_"
    if self:peek() ~= "{" then
      self:stop(pos, "the bounds of the sum are missing", "\\sum_{i=1}^{n}, or \\mathbf{1}^\\top\\mathbf{x}")
    end
    self:expect "{"
    local var = self:base_name() or self:stop(self:pos(), "the index of the sum is missing")
    if self:peek() ~= "=" then
      self:stop(pos, "the bounds of the sum are missing", "\\sum_{i=1}^{n}, or \\mathbf{1}^\\top\\mathbf{x}")
    end
    self:expect "="
    local lo = self:sum()
    self:expect "}"
    self:expect "^"
    local hi = self:exponent_tree()
    local around = self.counters[var]
    self.counters[var] = true
    tree = { tag = "sumover", var = var, lo = lo, hi = hi, body = self:factors(), pos = pos }
    self.counters[var] = around
  elseif text == "\\nabla" then
    self.at = self.at + 1
    tree = self:gradient(pos)
  elseif
    text == "\\partial"
    or text == "∂"
    or self.at == self.start and self:differential_sign(self.at)
  then
    tree = self:differential(pos)
  elseif text == "[" and self:is_hat() then
    self.at = self.at + 1
    tree = call_tree("hat", { self:sum() }, pos)
    self.at = self.at + 2 -- ] _
    self.at = self.at + (self:peek() == "{" and 3 or 1) -- { \times }
  elseif CLOSING[text] then
    self.at = self.at + 1
    tree = self:sum()
    self:expect(CLOSING[text], pos)
    tree.paren = true
  else
    tree = self:named()
    if not tree then
      self:stop(pos, ("expected an expression, found `%s`"):format(text))
    end
  end
  self.depth = self.depth - 1
  return tree
end

-- [x]_{\times}
function Parser:is_hat()
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

-- An exponent that is an expression.
function Parser:exponent_tree()
  local text, t = self:peek()
  if text == "{" then
    self.at = self.at + 1
    local tree = self:sum()
    self:expect("}", t[1])
    tree.paren = true
    return tree
  elseif not text then
    self:stop(self:pos(), "an exponent is missing")
  end
  if t[3] == "number" and #text > 1 then -- x^23 is x^2 3
    t[2], t[1] = text:sub(2), t[1] + 1
    return number_tree(text:sub(1, 1), t[1] - 1)
  end
  return self:primary()
end

-- Is the exponent here a transpose, -T, a pseudoinverse? Moves over it.
function Parser:special_exponent()
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

function Parser:postfix()
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
        local elementwise = false
        if self:peek() == "{" and (self:peek(1) == "\\odot" or self:peek(1) == "\\circ") then
          elementwise = true
          self.at = self.at + 1
          self.tokens[self.at] = self.tokens[self.at - 1] -- the brace takes the place of the sign
        end
        if tree.tag == "name" and tree.name == "e" and not self.kind "e" and not self.bold.e then
          local exponent = self:exponent_tree()
          exponent.paren = nil
          tree = call_tree("exp", { exponent }, tree.pos)
          tree.natural = true
        else
          tree = power_tree(tree, self:exponent_tree(), elementwise, t[1])
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
function Parser:at_point(tree, point)
  local f = tree.args[1]
  if f.tag == "call" and f.name == "D" then
    f = self:at_point(f, point)
  end
  return call_tree("D", { f, point }, tree.pos)
end

-- Factors side by side, with \cdot or / between them.
function Parser:factors()
  local tree = self:postfix()
  while true do
    local text, t = self:peek()
    if TIMES[text] then
      self.at = self.at + 1
      tree = product_tree(tree, "*", self:signed(), t[1], text ~= "*")
    elseif text == "/" then
      if self:differential_sign(self.at + 1) and self.at > 1 and not self.kind "d" then
        return tree -- of \partial f / \partial x
      end
      self.at = self.at + 1
      tree = product_tree(tree, "/", self:signed(), t[1])
    elseif self:is_operand(text, t) and not self:closes_bar(text, t) then
      tree = product_tree(tree, "*", self:postfix(), t[1])
    else
      return tree
    end
  end
end

-- A factor after a sign of multiplication may have a minus.
function Parser:signed()
  local text, t = self:peek()
  if text == "-" or text == "−" then
    self.at = self.at + 1
    return { tag = "neg", self:signed(), pos = t[1] }
  end
  return self:postfix()
end

function Parser:term()
  local text, t = self:peek()
  if text == "-" or text == "−" then
    self.at = self.at + 1
    return { tag = "neg", self:term(), pos = t[1] }
  elseif text == "+" then
    self.at = self.at + 1
    return self:term()
  end
  local tree = self:factors()
  while true do
    text, t = self:peek()
    local op = INFIX[text]
    if not op or (text == "\\times" and (self.dimension or 0) > 0) then
      return tree
    end
    self.at = self.at + 1
    if tree.tag == "product" then
      tree.paren = true
    end
    local right = self:factors()
    if op == "times" then
      op = self.cross and "cross" or "*"
    end
    if right.tag == "product" then
      right.paren = true
    end
    tree = product_tree(tree, op, right, t[1])
    if tree.tag == "product" then
      tree.paren = true
    end
  end
end

function Parser:sum()
  local tree = self:term()
  while true do
    local text, t = self:peek()
    local sign = text == "+" and 1 or (text == "-" or text == "−") and -1
    if not sign then
      return tree
    end
    self.at = self.at + 1
    local right = self:term()
    if tree.tag == "sum" and not tree.paren then
      local n = #tree.args + 1
      tree.args[n], tree.signs[n], tree.oppos[n] = right, sign, t[1]
    else
      tree =
        { tag = "sum", args = { tree, right }, signs = { 1, sign }, oppos = { false, t[1] }, pos = tree.pos }
    end
  end
end

-- Entries -----------------------------------------------------------------------------------------------------------------

--- Does a text look like LaTeX?
function M.is_latex(text)
  return text:find "\\%a%a" ~= nil or text:find "%^%s*{" ~= nil or text:find "_%s*{" ~= nil
end

-- Words between the statements of a page.
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

function Parser:between()
  local more = false
  while true do
    local text = self:peek()
    local word = text and STYLES[text] and self:peek(1) == "{" and self.tokens[self.at + 2]
    if text == "\\Rightarrow" or text == "," or text == ";" or text == "." then
      self.at = self.at + 1
      more = true
    elseif word and word[3] == "sign" then
      local save = self.at
      self.at = self.at + 1
      local name = self:plain_group()
      if not BETWEEN[name:lower()] then
        self.at = save
        return more
      end
      more = true
    else
      return more
    end
  end
end

-- f(x) = ..., read before f was known, is a product: the name and the parameter.
local function function_head(tree)
  if tree.tag == "product" and #tree.args == 2 and tree.ops[1] == "*" then
    local f, x = tree.args[1], tree.args[2]
    if f.tag == "name" and x.tag == "name" and x.paren then
      return f.name, x.name
    end
  elseif tree.tag == "call" and #tree.args == 1 and tree.args[1].tag == "name" then
    return tree.name, tree.args[1].name
  end
end

-- Equations in a row, each { sides, from = place }; a definition f(x) = ... makes f a function in what follows.
function Parser:statements()
  local list = {}
  repeat
    self.start, self.in_differentials = self.at, false
    local from = self:pos()
    local sides = { self:sum() }
    while self:accept "=" do
      sides[#sides + 1] = self:sum()
    end
    local name, parameter = function_head(sides[1])
    if name and #sides == 2 and not self.kind(name) then
      self.defined[name] = parameter
      sides.name, sides.parameter = name, parameter
    elseif sides[1].tag == "name" then
      sides.name = sides[1].name
    end
    sides.from = from
    list[#list + 1] = sides
  until not (self:between() and self:peek())
  if self:peek() then
    self:stop(self:pos(), ("expected an operator, found %s"):format(self:found()))
  end
  return list
end

local function new_parser(text, opts)
  local parser = setmetatable({
    text = text,
    file = opts.file,
    at = 1,
    depth = 0,
    bars = {},
    placeholders = {},
    counters = {},
    bold = {},
    notes = {},
    defined = {},
    cross = opts.cross,
    alone = opts.alone,
  }, Parser)
  function parser.kind(name)
    return parser.defined[name] and "function" or opts.kind and opts.kind(name) or nil
  end
  parser.tokens = tokens.cut(text, {
    greek = GREEK,
    styles = STYLES,
    operator = function(name)
      return parser.kind(FUNCTIONS[name] or name) == "operator"
    end,
    stop = function(pos, message, hint)
      parser:stop(pos, message, hint)
    end,
  })
  return parser
end

--- Reads what stands on a page: equations, one of them perhaps a chain `a = b = c`.
-- @tparam string text
-- @tparam table opts `kind`: from a name to "function", "variable", "operator" or nil; `cross`: \times is the cross product; `alone`: an
-- expression, no formula; `file`
-- @return { statements = { { side, ..., from = place, name =, parameter = } }, placeholders = { { name =, what = "zeros",
-- "ones" or "I" }, .. }, bold = the set of names in bold type, notes = a set of texts, placeholder = a function that makes
-- another one }; or nil and the error
function M.read(text, opts)
  opts = opts or {}
  local bad = errors.check_utf8(text, opts.file)
  if bad then
    return nil, bad
  end
  local parser, list
  local ok, err = pcall(function()
    parser = new_parser(text, opts)
    list = parser:statements()
  end)
  if not ok then
    if not errors.is_error(err) then
      error(err, 0)
    end
    return nil, err
  end
  return {
    statements = list,
    placeholders = parser.placeholders,
    bold = parser.bold,
    notes = parser.notes,
    placeholder = function(what, pos)
      return parser:placeholder(what, pos)
    end,
  }
end

--- Reads one expression, or two with `=` between.
-- @return a tree, perhaps the tree of the right side, the placeholders, and the set of names in bold type; or nil and the error
function M.parse(text, opts)
  local read, err = M.read(text, opts)
  if not read then
    return nil, err
  end
  local sides = read.statements[1]
  if #read.statements > 1 or #sides > 2 then
    local tree = sides[3] or read.statements[2][1]
    return nil, errors.at { text = text, pos = tree.pos, message = "one equation is read here" }
  end
  return sides[1], sides[2], read.placeholders, read.bold
end

return M
