--- What begins with a name: names and entries, functions with their arguments, and the notations of papers for what has a
-- name of its own here, such as \lambda_k(A).
--
-- These are methods of the parser (nabla.latex.parser).
--
-- @module nabla.latex.names

local greek = require "nabla.text.greek"
local notation = require "nabla.print.notation"
local tokens = require "nabla.latex.tokens"
local trees = require "nabla.latex.trees"
local vocabulary = require "nabla.latex.vocabulary"

local name_tree, call_tree, product_tree, transpose_tree, power_tree =
  trees.name, trees.call, trees.product, trees.transpose, trees.power
local UPRIGHT, STYLES, GREEK = tokens.upright, tokens.styles, tokens.greek
local BOLD, BLACKBOARD, ACCENT, FUNCTIONS, CLOSING =
  vocabulary.bold, vocabulary.blackboard, vocabulary.accents, vocabulary.functions, vocabulary.closing
local TIMES, BARS, NORMS = vocabulary.times, vocabulary.bars, vocabulary.norms

local M = {}

-- The name that a base and an index make: as it was declared, else with the digits behind it.
function M:joined(base, index)
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

function M:joined_known(base, index)
  local _, known = self:joined(base, index.text or index.name or "?")
  return known
end

-- A token that begins a name: its text, whether it is upright, where it stands. nil if it is none. Moves over it.
function M:base_name()
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
function M:arguments()
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

-- The argument of a function without brackets: the factors that stand beside it.
function M:bare_argument(name, pos)
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
function M:applied(name, pos)
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

-- A placeholder: what LaTeX prints without its sizes. The caller learns of them from `placeholders`.
function M:placeholder(what, pos)
  local name = ("O_%s%d"):format(what, #self.placeholders + 1)
  self.placeholders[#self.placeholders + 1] = { name = name, what = what }
  local tree = name_tree(name, pos)
  tree.open = what == "I" and "square" or what == "ones" and "column" or "any"
  return tree
end

-- Notations of papers, each { test, read }. A letter is what `base_name` has read: base, upright, style, pos; its name as
-- an operator (`own`); whether it is bold, and undeclared. The first notation whose test holds reads on and gives the
-- tree; where it gives nil, the letter is a plain name.
local NOTATIONS = {
  { -- \mathbf{Ax}: letters side by side
    test = function(self, letter)
      return self.letters and letter.bold
    end,
    read = function(self, letter)
      local tree
      for one in letter.base:gmatch "." do
        local factor = name_tree(one, letter.pos)
        self.bold[one] = true
        tree = tree and product_tree(tree, "*", factor, letter.pos) or factor
      end
      tree.paren = true
      return tree
    end,
  },
  { -- d X, \mathrm{d}(..)
    test = function(self, letter)
      local sign = letter.upright
        or letter.style == nil and self.in_differentials and self:is_operand(self:peek())
      return letter.base == "d" and letter.undeclared and sign
    end,
    read = function(self, letter)
      return call_tree("d", self:arguments() or { self:postfix() }, letter.pos)
    end,
  },
  { -- cofactor(A)
    test = function(self, letter)
      return letter.own == "cofactor" and not self.kind "cofactor"
    end,
    read = function(self, letter)
      return transpose_tree(self:applied("adj", letter.pos), letter.pos)
    end,
  },
  { -- \sigma(..)
    test = function(self, letter)
      return letter.base == "sigma" and letter.undeclared and self:peek() == "(" and self.kind "sigmoid"
    end,
    read = function(self, letter)
      self.notes["\\sigma(..) is the logistic function"] = true
      return self:applied("sigmoid", letter.pos)
    end,
  },
  { -- \mathrm{D} f(x)
    test = function(_, letter)
      return letter.upright and letter.base == "D" and letter.undeclared
    end,
    read = function(self, letter)
      local f = self:base_name()
      if not f then
        self:stop(self:pos(), "the function is missing")
      end
      return call_tree("D", { name_tree(f, letter.pos), (self:arguments() or {})[1] }, letter.pos)
    end,
  },
  { -- \operatorname{tr}(..)
    test = function(self, letter)
      local word = letter.upright or letter.style == nil and #letter.base > 1
      return word and self.kind(letter.own) == "operator" and letter.own ~= "pi"
    end,
    read = function(self, letter)
      return self:applied(letter.own, letter.pos)
    end,
  },
  { -- \mathbf{0}, \mathbf{1}_n
    test = function(_, letter)
      return letter.bold and (letter.base == "1" or letter.base == "0")
    end,
    read = function(self, letter)
      local what = letter.base == "0" and "zeros" or "ones"
      if self:accept "_" then
        return call_tree(what, self:dimensions(), letter.pos)
      end
      return self:placeholder(what, letter.pos)
    end,
  },
  { -- J^{ij} of the Matrix Cookbook
    test = function(self, letter)
      return letter.bold and letter.base == "J" and letter.undeclared and self:peek() == "^"
    end,
    read = function(self, letter)
      self.at = self.at + 1
      return self:is_pair() and trees.unsized("E", self:indices(), letter.pos) or nil
    end,
  },
}

local function is_indexed(self, letter, bases)
  return letter.undeclared and self:peek() == "_" and bases[letter.base]
end

-- Letters whose index says a size, a place or a function.
local INDEXED = {
  { -- I_n, I_{n \times n}
    test = function(self, letter)
      return is_indexed(self, letter, { I = true })
    end,
    read = function(self, letter)
      return call_tree("I", { self:dimensions()[1] }, letter.pos)
    end,
  },
  { -- \mathbf{K}_{m,n}, \mathbf{E}_{i,j}
    test = function(self, letter)
      return letter.bold and is_indexed(self, letter, { K = true, E = true })
    end,
    read = function(self, letter)
      local d = self:dimensions()
      if #d == 2 then
        return letter.base == "K" and call_tree("K", d, letter.pos) or trees.unsized("E", d, letter.pos)
      end
    end,
  },
  { -- \mathbf{D}_n, \mathbf{L}_n
    test = function(self, letter)
      return letter.bold and is_indexed(self, letter, { D = true, L = true })
    end,
    read = function(self, letter)
      local d = self:dimensions()
      if #d == 1 and not self:joined_known(letter.base, d[1]) then
        return call_tree(letter.base == "D" and "Dup" or "Elim", d, letter.pos)
      end
    end,
  },
  { -- L_f(A, E), K_f(A) of a matrix function f
    test = function(self, letter)
      return is_indexed(self, letter, { L = true, K = true })
    end,
    read = function(self, letter)
      local f = self:operator_index()
      local args = f and self:arguments()
      if args then
        table.insert(args, 1, name_tree(f, letter.pos))
        return call_tree(letter.base == "L" and "frechet" or "frechetmatrix", args, letter.pos)
      end
    end,
  },
  { -- \lambda_k(A), \mathbf{u}_k(A)
    test = function(self, letter)
      return is_indexed(self, letter, { lambda = true, u = letter.bold })
    end,
    read = function(self, letter)
      local d = self:dimensions()
      local args = #d == 1 and self:peek() == "(" and self:arguments()
      if args then
        return call_tree(letter.base == "u" and "eigvec" or "eigval", { args[1], d[1] }, letter.pos)
      end
    end,
  },
}

-- The tree of the first notation in a list that fits, or nil. `skip`: how many tokens stand before what it reads.
local function notation_of(self, letter, list, skip)
  for _, candidate in ipairs(list) do
    if candidate.test(self, letter) then
      local save = self.at
      self.at = save + skip
      local tree = candidate.read(self, letter)
      if not tree then
        self.at = save
      end
      return tree
    end
  end
end

-- The index behind a letter: the name that both make, or the indices of an entry.
local function indexed(self, letter)
  local base, bold = letter.base, letter.bold
  local save = self.at
  self.at = save + 1
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
  if known or not entry then
    return joined
  end
  self.at = save + 1
  return base, self:indices()
end

-- A name, an entry or a value of a function.
local function plain(self, letter)
  local name, indices = letter.base, nil
  if self:peek() == "_" then
    name, indices = indexed(self, letter)
  end
  if self.kind(name) == nil and self.kind(notation.unicode_name(name)) then
    name = notation.unicode_name(name)
  end
  self.bold[name] = letter.bold or self.bold[name]
  if indices then
    return call_tree(name, indices, letter.pos)
  elseif name == "I" and not self.kind "I" then
    return self:placeholder("I", letter.pos)
  end
  local args = self.kind(name) == "function" and self:arguments()
  return args and call_tree(name, args, letter.pos) or name_tree(name, letter.pos)
end

--- What begins with a name: a name, a value of a function, an entry, a constant. Nil where none begins.
function M:named()
  local _, token = self:peek()
  if token and token[3] == "operator" then
    self.at = self.at + 1
    return self:applied(FUNCTIONS[token[2]] or token[2], token[1])
  end
  local base, upright, pos, style = self:base_name()
  if not base then
    return nil
  end
  local kind = self.kind(base)
  local letter = {
    base = base,
    own = FUNCTIONS[base] or base,
    upright = upright,
    style = style,
    pos = pos,
    bold = BOLD[style] or BLACKBOARD[style] and (base == "1" or base == "0") or false,
    undeclared = not kind or kind == "operator",
  }
  return notation_of(self, letter, NOTATIONS, 0)
    or notation_of(self, letter, INDEXED, 1)
    or plain(self, letter)
end

return M
