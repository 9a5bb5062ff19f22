--- Formulas in LaTeX, as they are on a page or as nabla prints them: text in, the trees of nabla.language.syntax out.
--
-- nabla.latex.tokens cuts the text into tokens and brings the many ways to write one thing to one. The parser has a
-- function for each level of binding: a sum; signs such as \odot, \otimes, \oslash; factors side by side; an operand
-- with what follows it. What a letter means depends on what was declared: `f(x)` is a product, or a value of a
-- function; `x_1` a name, or an entry. The caller's `kind` answers that.
--
-- What has no size in LaTeX (\mathbf{0}, \mathbf{I}) becomes a name that `placeholder` knows.
-- @module nabla.latex.parser

local densities = require "nabla.latex.densities"
local derivatives = require "nabla.latex.derivatives"
local dots = require "nabla.latex.dots"
local fractions = require "nabla.latex.fractions"
local errors = require "nabla.text.errors"
local indices = require "nabla.latex.indices"
local is_latex = require "nabla.latex.is_latex"
local names = require "nabla.latex.names"
local operands = require "nabla.latex.operands"
local statements = require "nabla.latex.statements"
local own_forms = require "nabla.latex.own_forms"
local tokens = require "nabla.latex.tokens"
local trees = require "nabla.latex.trees"
local vocabulary = require "nabla.latex.vocabulary"

local product_tree = trees.product
local STYLES, GREEK, UPRIGHT = tokens.styles, tokens.greek, tokens.upright
local FUNCTIONS, TIMES, INFIX = vocabulary.functions, vocabulary.times, vocabulary.infix
local RELATIONS, BARS = vocabulary.relations, { ["|"] = true }
for _, list in ipairs { vocabulary.bars, vocabulary.norms } do
  for _, close in pairs(list) do
    BARS[close] = true
  end
end

-- Signs that divide from the left: A \ b.
local SOLVES = { ["\1"] = "\\", ["\\backslash"] = "\\" }

local M = {}

-- The parser ----------------------------------------------------------------------------------------------------------

local Parser = {}
Parser.__index = Parser

-- The parser's methods are those of this file, and those that read an index, what begins with a name, any operand with
-- what follows it, and \partial, \nabla and d.
for _, part in ipairs { indices, names, operands, derivatives, fractions, statements, dots, densities } do
  for name, method in pairs(part) do
    Parser[name] = method
  end
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
  if text ~= "}" and self:peek() == "}" and self:peek(1) == text then -- {(x}) as in {(x)}
    local list, at = self.tokens, self.at
    list[at], list[at + 1] = list[at + 1], list[at]
  end
  if not self:accept(text) then
    if opened and not self:peek() then
      self:stop(opened, "this bracket is never closed", "`" .. text .. "` is missing")
    end
    local found = self:peek()
    local hint = RELATIONS[found] and vocabulary.advice.condition or nil
    if opened and BARS[text] and (found == "," or found == ")" or found == "\\}" or found == "]") then
      hint = vocabulary.advice.given
    elseif opened and text == ")" and found == ";" then
      hint = vocabulary.advice.given
    elseif text == "\\rangle" then
      hint = "an inner product has two factors"
    end
    self:stop(self:pos(), ("expected `%s`, found %s"):format(text, self:found()), hint)
  end
end

-- Factors side by side, with \cdot, / or \ between them.
function Parser:factors()
  local tree = self:postfix()
  while true do
    local text, t = self:peek()
    local op = SOLVES[text] or text == "/" and "/"
    if TIMES[text] then
      self.at = self.at + 1
      tree = product_tree(tree, "*", self:signed(), t[1], text ~= "*")
      tree.stops = tree.stops or {}
      tree.stops[#tree.ops] = true
    elseif op then
      local below = op == "/" and self:differential_sign(self.at + 1)
      local letter = below and self.tokens[self.at + 1 + below]
      if letter and self:is_operand(letter[2], letter) and self.at > 1 and not self.kind "d" then
        return tree -- of \partial f / \partial x
      end
      self.at = self.at + 1
      tree = product_tree(tree, op, self:signed(), t[1])
      tree.slashes = tree.slashes or {}
      tree.slashes[#tree.ops] = true
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

-- An inner product A:B binds less than products.
function Parser:term()
  local tree = self:products()
  while self:peek() == ":" do
    local _, t = self:peek()
    if tree.tag == "number" then
      self:stop(t[1], "a range of entries is not read", "one entry is x(i), the first k are [I(k), zeros(k,m)]*x")
    end
    self.at = self.at + 1
    local right = self:products()
    tree.paren, right.paren = true, true
    tree = trees.pair(tree, right, t[1])
    tree.infix = true
  end
  return tree
end

function Parser:products()
  local text, t = self:peek()
  if text == "-" or text == "−" then
    self.at = self.at + 1
    return { tag = "neg", self:products(), pos = t[1] }
  elseif text == "+" then
    self.at = self.at + 1
    return self:products()
  end
  local tree = self:factors()
  while true do
    text, t = self:peek()
    local op = INFIX[text] or text and text:match "^\\own{(.*)}$" -- of a rule file
    if not op or (text == "\\times" and (self.dimension or 0) > 0) then
      return tree
    end
    self.at = self.at + 1
    if text == "\\times" and self:peek() == "_" then
      local hint = "matrices have two indices: unfolded along its index n a tensor is a matrix X, and the product U*X"
      self:stop(t[1], "the product of a tensor and a matrix is not in the language", hint)
    elseif text == "\\circ" then
      self:tell(t[1], "\\circ is the product entry by entry")
    end
    local right = self:factors()
    for _, side in ipairs(op == "times" and { tree, right } or {}) do
      side.dotted = side.tag == "product" and side.dots and not side.paren or nil
    end
    if tree.tag == "product" then
      tree.paren = true
    end
    if right.tag == "product" then
      right.paren = true
    end
    if op == "times" then
      tree = trees.call("times", { tree, right }, tree.pos)
    else
      tree = product_tree(tree, op, right, t[1])
    end
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
    local dotted = self:dots() > 0
    local right = dotted and self:dotted_sum(tree, sign, t) or self:term()
    if dotted then
      tree = right
    elseif tree.tag == "sum" and not tree.paren then
      local n = #tree.args + 1
      tree.args[n], tree.signs[n], tree.oppos[n] = right, sign, t[1]
    else
      tree =
        { tag = "sum", args = { tree, right }, signs = { 1, sign }, oppos = { false, t[1] }, pos = tree.pos }
    end
  end
end

-- Entries -----------------------------------------------------------------------------------------------------------------

--- Does a text have a sign of LaTeX?
M.is_latex = is_latex

--- Say what was assumed, at a place of the text.
function Parser:tell(pos, text)
  table.insert(self.notes, { pos = pos, text = text })
end

--- Is a letter in the text that is no exponent?
function Parser:is_letter(letter)
  local list = self.all_tokens
  for i, t in ipairs(list) do
    local before = i > 1 and list[i - 1]
    before = before and before[2] == "{" and list[i - 2] or before
    if t[2] == letter and not (before and (before[2] == "^" or UPRIGHT[before[2]])) then
      return true
    end
  end
  return false
end

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
      if not statements.between_words[name:lower()] then
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
  elseif tree.tag == "apply" and #tree.args == 1 and tree.args[1].tag == "name" and tree.head.tag == "name" then
    return tree.head.name, tree.args[1].name
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
    local sign = self:peek()
    local hint = vocabulary.advice[sign] or vocabulary.advice[vocabulary.refused[sign]]
    self:stop(self:pos(), ("expected an operator, found %s"):format(self:found()), hint)
  end
  return list
end

local function form_tokens(text)
  return tokens.of_form(text, STYLES)
end

-- The next bar behind a place that is not within braces; nil if there is none.
local function next_bar(text, from)
  local depth = 0
  for at = from, #text do
    local sign = text:sub(at, at)
    depth = depth + (sign == "{" and 1 or sign == "}" and -1 or 0)
    if depth < 0 then
      return nil
    elseif depth == 0 and sign == "|" then
      return at
    end
  end
end

-- The place of a bar that stands between \left| and \right| and is neither: nobody can tell which bars belong together.
local function bar_within_bars(text)
  local from = 1
  while true do
    local _, open = text:find("\\left%s*|", from)
    local bar = open and next_bar(text, open + 1)
    if not open then
      return nil
    end
    local before = bar and text:sub(open + 1, bar - 1)
    if bar and not (before:find "\\right%s*$" or before:find "\\left%s*$" or before:find "\\$") then
      return bar
    end
    from = open + 1
  end
end

local function nothing() end

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
    arrows = {}, -- single letters: are they with an arrow?
    notes = {}, -- what was assumed: { pos =, text = }
    defined = {},
    alone = opts.alone,
    complex = opts.complex, -- the names of complex letters: a set, or nil
    kind_of_tree = opts.kind_of_tree or nothing,
    is_random = opts.is_random or nothing,
  }, Parser)
  function parser.kind(name)
    if parser.defined[name] then
      return "function"
    elseif opts.kind then
      return opts.kind(name)
    end
  end
  function parser.functions()
    return opts.functions and opts.functions() or {}
  end
  local bar = bar_within_bars(text)
  if bar then
    local hint = "write \\det(..), or \\lvert and \\rvert"
    parser:stop(bar, "a bar within \\left| .. \\right|: which bars belong together?", hint)
  end
  parser.tokens = tokens.cut(text, {
    greek = GREEK,
    styles = STYLES,
    commands = vocabulary.commands,
    plain = not M.is_latex(text),
    complex = opts.complex ~= nil,
    forms = opts.session and own_forms.of(opts.session, form_tokens),
    variable = function(name)
      local kind = opts.kind and (opts.kind(name) or opts.kind(name .. "_")) -- xa_ is the family of xa_i
      return kind == "variable" or kind == "function" or kind == "size"
    end,
    defined = function(name)
      return opts.kind and opts.kind(name) ~= nil
    end,
    operator = function(name)
      return parser.kind(FUNCTIONS[name] or name) == "operator"
    end,
    stop = function(pos, message, hint)
      parser:stop(pos, message, hint)
    end,
    tell = function(pos, note)
      parser:tell(pos, note)
    end,
  })
  parser.all_tokens = parser.tokens
  return parser
end

--- Reads what is on a page: equations, one of them perhaps a chain `a = b = c`.
-- @tparam string text
-- @tparam table opts `kind`: from a name to "function", "variable", "operator" or nil; `alone`: an
-- expression, no formula; `session`: that whose forms are read; `file`;
-- `complex`: the names of the letters that are complex, a set; `kind_of_tree`: from a tree and the counters around it to the
-- kind of its value, where all letters are declared; `is_random`: does a tree hold a letter that is declared random?
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
    list = opts.alone and parser:expressions() or parser:statements()
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
