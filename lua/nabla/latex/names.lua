--- What begins with a name: names and entries, functions with their arguments.
--
-- These are methods of the parser (nabla.latex.parser).
--
-- @module nabla.latex.names

local foreign_names = require "nabla.text.foreign_names"
local greek = require "nabla.text.greek"
local notation = require "nabla.print.notation"
local paper_notations = require "nabla.latex.paper_notations"
local spelling = require "nabla.text.spelling"
local tokens = require "nabla.latex.tokens"
local trees = require "nabla.latex.trees"
local vocabulary = require "nabla.latex.vocabulary"

local name_tree, call_tree, product_tree, transpose_tree, power_tree =
  trees.name, trees.call, trees.product, trees.transpose, trees.power
local UPRIGHT, STYLES, GREEK = tokens.upright, tokens.styles, tokens.greek
local BOLD, BLACKBOARD, ACCENT, FUNCTIONS, CLOSING =
  vocabulary.bold, vocabulary.blackboard, vocabulary.accents, vocabulary.functions, vocabulary.closing
local TIMES, BARS, NORMS = vocabulary.times, vocabulary.bars, vocabulary.norms
local INVERSES, RECIPROCAL = vocabulary.inverses, vocabulary.reciprocal

local M = {}

local IDENTITY = { Id = true, id = true, Identity = true }
local MARKS = { ["\\perp"] = "_perp", ["\\parallel"] = "_parallel" }
local STARS = { ["*"] = true, ["\\ast"] = true, ["\\star"] = true }

-- The name that a base and an index make: as it was declared, else with the digits behind it.
function M:joined(base, index)
  local spelled = greek.spelled(base)
  for _, b in ipairs { base, spelled, notation.unicode_name(base) } do
    for _, joined in ipairs { b .. index, b .. "_" .. index } do
      local kind = self.kind(joined)
      if kind and kind ~= "operator" then
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

-- A token that begins a name: its text, whether it is upright, where it is, its command, and whether the letter below an
-- accent is bold. nil if it is none. Moves over it.
function M:base_name()
  local text, t = self:peek()
  if not text then
    return nil
  elseif GREEK[text] then
    self.at = self.at + 1
    return GREEK[text], false, t[1]
  elseif t[3] == "name" then
    self.at = self.at + 1
    return text, false, t[1]
  elseif STYLES[text] then
    self.at = self.at + 1
    self:accept "*"
    local from = self.at
    local braced = self:peek() == "{"
    local inner = self.tokens[from + (braced and 1 or 0)]
    local inner_text = inner and inner[2]
    local name = self:plain_group()
    if ACCENT[text] and name:find "^%a%a+$" and not GREEK["\\" .. name] and not self.kind(name) then
      self:stop(
        t[1],
        ("%s stands over several letters: it is not read"):format(text),
        "over a letter it makes another letter, as in \\hat{y}"
      )
    elseif not (ACCENT[text] == "dot" and self.kind(name) == "function") then
      name = self.accented(name, text)
    end
    local known = self.kind(name) or self.kind(name .. "_")
    self.letters = inner_text and inner_text:find "^%a$" and name:find "^%a%a+$" and not known -- \\mathbf{Ax}
    local upright = UPRIGHT[text] or (inner_text and UPRIGHT[inner_text]) or false
    return name, upright, t[1], text, ACCENT[text] and BOLD[inner_text] or false
  elseif t[3] == "sign" and (text:find "^%a$" or text:byte() > 127 and not TIMES[text]) then
    self.at = self.at + 1
    return text, false, t[1]
  end
  return nil
end

-- Arguments in brackets, or nil when there are none here.
function M:arguments()
  local open, t = self:peek()
  if not (open == "(" or open == "[" or open == "\\{" or open == "\\lbrace" or open == "\\lbrack" or open == "{") then
    return nil
  end
  self.at = self.at + 1
  if open == "{" and CLOSING[self:peek()] then -- \max{\{a, b\}}
    local save = self.at
    local inner = self:arguments()
    if inner and #inner > 1 and self:accept "}" then
      return inner
    end
    self.at = save
  end
  local args = {}
  repeat
    args[#args + 1] = self:sum()
  until not self:accept ","
  self:expect(CLOSING[open], t[1])
  return args
end

-- Functions of matrices whose argument without brackets is all that is beside them, other functions too.
local REACHES = { tr = true, vec = true, diag = true, diagv = true, vech = true }

-- Does a function begin here?
function M.is_function(_, text, t)
  return t ~= nil and (t[3] == "operator" or vocabulary.commands[text] ~= nil)
end

-- The argument of a function without brackets: the factors that are beside it, up to a sign or another function.
function M:bare_argument(name, pos)
  local text, t = self:peek()
  if text == "'" then
    local hint = "write it out, as 1 - \\tanh^2(t), or D(tanh(t), t) of a letter t"
    self:stop(pos, ("%s' is the derivative of a function: it is not read"):format(name), hint)
  elseif not self:is_operand(text, t) or self:closes_bar(text, t) then
    self:stop(pos, ("the argument of %s is missing"):format(name))
  end
  local alone = BARS[text] or NORMS[text] or self:is_function(text, t) and not REACHES[name]
  local tree = self:postfix()
  if alone then -- \log|X| a, \log\det(X) a
    return tree
  end
  while true do
    text, t = self:peek()
    if not self:is_operand(text, t) or self:closes_bar(text, t) then
      return tree
    elseif not REACHES[name] and self:is_function(text, t) then
      return tree
    end
    tree = product_tree(tree, "*", self:postfix(), t[1])
  end
end

-- The base of a logarithm, or the sign that a function goes entry by entry, behind a function's name.
local function function_index(self, name, pos)
  if self:peek() ~= "_" then
    return nil
  end
  local from = self.at
  self.at = self.at + 1
  local index = self:subscript()
  if index == "\\odot" or index == "⊙" then
    return nil, true
  elseif name == "log" and index:find "^%d+$" then
    return index ~= "" and index
  elseif name == "log" and index == "e" then
    return nil
  end
  self.at = from + 1
  local word = UPRIGHT[self:peek() == "{" and self:peek(1) or self:peek()] and self:word_index()
  if word and self.kind(name .. word) == "operator" then -- \operatorname{softmax}_{\mathrm{rows}}
    return nil, nil, name .. word
  end
  self:stop(pos, ("%s with the index %s is not known"):format(name, index))
end

-- The exponent behind a function's name: a tree, or -1 for its inverse function.
local function function_exponent(self, name, pos)
  if self:peek() ~= "^" then
    return name
  end
  self.at = self.at + 1
  local first = self:peek() == "{" and self:peek(1)
  if first == "\\odot" or first == "\\circ" then
    local exponent = self:exponent_tree(true)
    return name, exponent, true
  end
  local exponent
  if self:peek() == "-" then
    self.at = self.at + 1
    exponent = { tag = "neg", self:primary(), pos = pos }
  else
    exponent = self:exponent_tree()
  end
  local inverse = exponent.tag == "neg" and exponent[1].tag == "number" and exponent[1].text == "1"
  if not inverse or RECIPROCAL[name] then
    return name, exponent
  elseif not INVERSES[name] or self.kind(INVERSES[name]) ~= "operator" then
    self:stop(pos, ("the inverse function of %s is not known"):format(name), "a reciprocal is written \\frac{1}{..}")
  end
  return INVERSES[name]
end

-- (det X)^{-1} behind log is its argument; (A + B)^{-1} behind tr a matrix.
local TAKES_INVERSE = { log = true, tr = true, logdet = true }

-- A function that is printed with an exponent behind its name: \sin^2 x.
function M:applied(name, pos)
  local base, entrywise, of_word = function_index(self, name, pos)
  local exponent, each
  name = of_word or name
  name, exponent, each = function_exponent(self, name, pos)
  if base == nil and not entrywise then
    base, entrywise = function_index(self, name, pos)
  end
  local from, outside = self.at, self.in_logarithm
  self.in_logarithm = name == "log" and not (base or exponent)
  local args = self:arguments()
  if
    args
    and #args == 1
    and TAKES_INVERSE[name]
    and self:peek() == "^"
    and self:peek(1) == "{"
    and self:peek(2) == "-"
  then
    self.at = from
    args = { self:postfix() }
    self:tell(pos, ("the inverse behind the brackets of %s belongs to its argument"):format(name))
  end
  args = args or { self:bare_argument(name, pos) }
  if self.in_logarithm and #args == 1 and self:holds_product(args[1]) then
    self.in_logarithm = outside
    return self:logarithm(args[1], pos)
  end
  self.in_logarithm = outside
  local tree = call_tree(name, args, pos)
  tree.entrywise = entrywise
  local arg = args[1]
  if name == "log" and arg.tag == "call" then -- log|X|
    local inner = arg.name == "abs" and arg.args[1] or arg
    if inner.tag == "call" and inner.name == "det" and (arg.name == "abs" or arg.bars) then
      tree = call_tree("logdet", inner.args, pos)
    elseif arg.gamma then
      tree = arg.args[1]
    end
  end
  if base then
    tree = product_tree(tree, "/", call_tree("log", { trees.number(base, pos) }, pos), pos)
    tree.paren = true
  end
  if exponent then
    tree = power_tree(tree, exponent, each or false, pos)
    tree.applied = true
  end
  return tree
end

-- A placeholder: what LaTeX prints without its sizes. The caller learns of them from `placeholders`.
function M:placeholder(what, pos)
  local name = ("O_%s%d"):format(what, #self.placeholders + 1)
  self.placeholders[#self.placeholders + 1] = { name = name, what = what, pos = pos }
  local tree = name_tree(name, pos)
  tree.open = what == "I" and "square" or what == "ones" and "column" or "any"
  return tree
end

-- Signs of an index, as they are in a name: x_{k+1} is x_kp1, x_{k-1} x_km1.
local INDEX_SIGNS =
  { ["+"] = "p", ["-"] = "m", ["'"] = "prime", ["*"] = "star", ["/"] = "over", ["<"] = "lt", [">"] = "gt" }
local LONE_SIGNS = { ["+"] = "plus", ["-"] = "minus" }

-- Letters and digits of an index, as they stand in a name. Two indices that differ make two names.
local function word_of(index)
  index = index:gsub("−", "-"):gsub("′", "'")
  if LONE_SIGNS[index] then
    return LONE_SIGNS[index]
  end
  local parts = index:find "%w%w+," or index:find ",%w%w+"
  return (index:gsub("[%+%-'*/<>]", INDEX_SIGNS):gsub(",", parts and "_" or ""):gsub("[^%w_\128-\255]", ""))
end

-- The index behind a letter: the name that both make, the indices of an entry of a declared array, or both left open.
-- Is one of the indices the counter of a sum around it? Then pi_k is no name, even where pi is one.
local function runs(self, indices)
  for _, index in ipairs(indices or {}) do
    if index.tag == "name" and self.counters[index.name] then
      return true
    end
  end
  return false
end

local function indexed(self, letter)
  local base = letter.base
  self.at = self.at + 1
  local index, list = self:index_parts()
  local plain = word_of(index)
  if plain == "" then
    self:stop(letter.pos, ("the index %s of %s is not read"):format(index, base))
  elseif base == "Gamma" and letter.undeclared and not letter.bold and self:peek() == "(" then
    self:stop(letter.pos, ("the function Gamma_%s(..) is not known"):format(plain))
  elseif letter.undeclared and self:three_counters(index) then
    local i, j, k = index:match "(%a)%A*(%a)%A*(%a)"
    local hint = "%s_%s(%s,%s) is an entry of one of several matrices: matrix %s_%s(m,n) for %s = 1..N"
    self:stop(letter.pos, ("%s has more than two indices"):format(base), hint:format(base, i, j, k, base, i, i))
  elseif base == "delta" and letter.undeclared and list and #list == 2 then
    self:stop(letter.pos, "Kronecker's delta is not in the language", "an identity matrix is I, its entry I(n)(i,j)")
  elseif (base == "epsilon" or base == "varepsilon") and letter.undeclared and index:find "^%a%A*%a%A*%a$" then
    local hint = "a cross product is cross(x, y), or x \\times y"
    self:stop(letter.pos, "the permutation symbol is not in the language", hint)
  end
  local joined, known = self:joined(base, plain)
  if not known and plain:find "^%d+$" and self.kind(base) == nil then
    joined = base .. (#plain > 1 and #base > 0 and "_" or "") .. plain
  end
  local family = self.kind(base .. "_") == "variable"
  if known or self.kind(base) == "operator" and #base > 1 and not family and not runs(self, list) then
    return joined
  elseif self.kind(base) == "variable" and not family then
    if not list then
      self:stop(letter.pos, ("an index of %s is not read"):format(base))
    end
    return base, list
  end
  return joined, nil, trees.sub(base, joined, index, list, letter.pos)
end

--- A letter in braces with an index: {\bf e}_i.
function M:indexed_group(tree)
  local letter = {
    base = tree.name,
    bold = self.bold[tree.name],
    pos = tree.pos,
    undeclared = not self.kind(tree.name),
  }
  local name, indices, sub = indexed(self, letter)
  if sub then
    sub.bold = letter.bold
    self.bold[name] = letter.bold
  end
  return sub or indices and call_tree(name, indices, tree.pos) or name_tree(name, tree.pos)
end

-- W^{(1)}, W^{[1]}: the name W1. Moves over the brackets, and over a transpose behind them: ^{(1)\top}.
local function numbered(self, letter)
  local close = self:peek(2) == "(" and ")" or self:peek(2) == "[" and "]"
  if self:peek() ~= "^" or self:peek(1) ~= "{" or not close then
    return nil
  end
  local save, out = self.at, {}
  self.at = save + 3
  while self:peek() and self:peek() ~= close do
    out[#out + 1] = GREEK[self:peek()] or self:peek()
    self.at = self.at + 1
  end
  local plain = word_of(table.concat(out))
  if plain ~= "" and self:accept(close) then
    local turned = vocabulary.transposes[self:peek()] and self:peek(1) == "}"
    self.at = self.at + (turned and 1 or 0)
    if self:accept "}" then
      local joined = self:joined(letter.base, plain)
      if not plain:find "^%d+$" and not self.kind(joined) then
        local list = #out == 1 and { name_tree(plain, letter.pos) } or nil
        return joined, turned, trees.sub(letter.base, joined, plain, list, letter.pos)
      end
      return joined, turned
    end
  end
  self.at = save
end

-- Does the letter of a star occur without it elsewhere? Then x^* is a transpose beside x.
local function stands_bare(self, letter)
  local list = self.tokens
  for i, t in ipairs(list) do
    local text = GREEK[t[2]] or t[2]
    local k = i + 1
    while list[k] and list[k][2] == "}" do
      k = k + 1
    end
    local raised = list[k] and list[k][2] == "^"
    local inner = raised and list[k + 1] and (list[k + 1][2] == "{" and list[k + 2] or list[k + 1])
    local with_index = list[k] and list[k][2] == "_" -- x_k is another letter
    if text == letter.base and not with_index and not (inner and STARS[inner[2]]) then
      return true
    end
  end
  return false
end

-- x^*: a transpose where x is in the formula without a star, else a name.
local function starred(self, letter)
  local braced = self:peek(1) == "{"
  local sign = self:peek() == "^" and self:peek(braced and 2 or 1)
  if MARKS[sign] and (not braced or self:peek(3) == "}") then
    self.at = self.at + (braced and 4 or 2)
    return letter.base .. MARKS[sign]
  end
  if not STARS[sign] or braced and self:peek(3) ~= "}" then
    return nil
  end
  self.at = self.at + (braced and 4 or 2)
  if stands_bare(self, letter) then
    return nil, true
  end
  return letter.base .. "_star"
end

-- The complex letter that a bar or a star conjugates: \bar{z}, and z^* of a scalar; nil where there is none. Over another letter
-- they make a name.
local function conjugated(self, letter)
  if not self.complex then
    return nil
  end
  local under = letter.base:match "^(.*)_bar$"
  if under and self.complex[under] and not self.kind(letter.base) then
    return under
  end
  local braced = self:peek(1) == "{"
  local sign = self:peek() == "^" and self:peek(braced and 2 or 1)
  if not STARS[sign] or braced and self:peek(3) ~= "}" or not self.complex[letter.base] then
    return nil
  elseif not select(2, self.kind(letter.base)) and not self.in_variables then -- no derivative is by a transpose
    local hint = "write \\overline{Z} for the conjugate, Z^H for the conjugate transpose"
    self:stop(self:pos(), "^* is a conjugate to some and a conjugate transpose to others", hint)
  end
  self.at = self.at + (braced and 4 or 2)
  return letter.base
end

-- A name, an entry, a value of a function, or what is left open of them.
local function plain(self, letter)
  local under = conjugated(self, letter)
  if under then
    return call_tree("conj", { name_tree(under, letter.pos) }, letter.pos)
  end
  local name, indices, turned = letter.base, nil, false
  local tree
  if self:peek() == "_" then
    name, indices, tree = indexed(self, letter)
  end
  local numbered_name, numbered_turned, member = numbered(self, { base = name, pos = letter.pos })
  if numbered_name and member and tree and tree.args and member.args then -- y_k^{(i)}: two indices
    local args = table.move(member.args, 1, #member.args, #tree.args + 1, tree.args)
    name, turned = numbered_name, numbered_turned
    tree = trees.sub(letter.base, name, tree.index .. member.index, args, letter.pos)
    tree.above = #member.args -- how many of its indices are those of ^{(i)}
  elseif numbered_name then
    name, turned, tree = numbered_name, numbered_turned, member
  end
  local star, conjugate = starred(self, { base = name, pos = letter.pos })
  name, turned, tree = star or name, turned or conjugate, not star and tree or nil
  if self.kind(name) == nil and self.kind(notation.unicode_name(name)) then
    name = notation.unicode_name(name)
  end
  self.bold[name] = letter.bold or self.bold[name]
  local arrow = letter.style == "\\vec"
  local known = self.arrows[name]
  if known ~= nil and known ~= arrow then
    self:stop(
      letter.pos,
      ("%s stands with an arrow and without: it may be the length of the vector"):format(name),
      ("write \\|\\vec{%s}\\| for the length"):format(name)
    )
  end
  self.arrows[name] = arrow
  if tree then
    tree.bold = letter.bold
    self.bold[letter.base] = self.bold[letter.base] or letter.bold
  elseif indices then
    local entry = call_tree(name, indices, letter.pos)
    entry.indexed = true
    return entry
  elseif name == "I" and not self.kind "I" then
    return self:placeholder("I", letter.pos)
  end
  if letter.style == "\\dot" and self.kind(name) == "function" then -- \dot{P}(t)
    local at = self:arguments()
    if not at or #at ~= 1 then
      self:stop(letter.pos, ("\\dot{%s} is the derivative of a function: its argument is missing"):format(name))
    end
    return call_tree("D", { name_tree(name, letter.pos), at[1] }, letter.pos)
  end
  local args = not tree and self.kind(name) == "function" and self:peek() ~= "{" and self:arguments()
  tree = args and call_tree(name, args, letter.pos) or tree or name_tree(name, letter.pos)
  tree.styled = letter.style
  tree = turned and transpose_tree(tree, letter.pos) or tree
  tree.star = conjugate
  return tree
end

-- A word of which nobody has said what it means.
function M:stop_word(token)
  local word = token[2]
  local nearest = spelling.nearest(word, self.functions())
  local called = self:peek() == "(" or self:peek(1) == "(" or self:peek() == "["
  self:stop(
    token[1],
    (called and "unknown function '%s'" or "unknown name '%s'"):format(word),
    foreign_names.hint(word, called)
      or nearest and "did you mean " .. nearest .. "?"
      or "letters side by side are factors where they are few; a name is declared"
  )
end

-- The function that a word means: a rule file's own goes before what pages call one of nabla's.
local function function_of(self, word)
  return self.kind(word) ~= "operator" and FUNCTIONS[word] or word
end

--- What begins with a name: a name, a value of a function, an entry, a constant. Nil where none begins.
function M:named()
  local _, token = self:peek()
  if token and token[3] == "operator" then
    self.at = self.at + 1
    return self:applied(function_of(self, token[2]), token[1])
  elseif token and token[3] == "word" then
    self:stop_word(token)
  end
  local base, upright, pos, style, bold = self:base_name()
  if not base then
    return nil
  end
  local kind = self.kind(base)
  local letter = {
    base = base,
    own = function_of(self, base),
    upright = upright,
    style = style,
    pos = pos,
    bold = bold or BOLD[style] or BLACKBOARD[style] and (base == "1" or base == "0") or false,
    undeclared = not kind or kind == "operator",
  }
  local tree = paper_notations.tree(self, letter)
  local named = kind or self.kind(base .. "_") -- xa_ is the family of xa_i
  if not tree and upright and not named and base:find "^%a%a+$" and not IDENTITY[base] then
    local text, after = self:peek()
    if not base:find "^%a%a%a" or self:is_operand(text, after) and not self:closes_bar(text, after) then
      self:stop_word { pos, base }
    end
    self:tell(pos, ("%s is a letter of its own"):format(base)) -- \text{margin}
  elseif not tree and IDENTITY[base] and not kind then
    return self:placeholder("I", pos)
  end
  return tree or plain(self, letter)
end

return M
