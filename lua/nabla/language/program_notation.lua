--- Expressions in the notation of a program (NumPy, Julia): text in, the trees of nabla.language.syntax out.
--
-- What is read is data: the rows of a notation (nabla.language.program_rows). A sign binds as what it stands for binds in nabla's own
-- language. Sums, brackets, names and numbers are the same in every notation.
--
-- @module nabla.language.program_notation

local blocks = require "nabla.text.blocks"
local errors = require "nabla.text.errors"
local foreign_names = require "nabla.text.foreign_names"
local formula = require "nabla.language.formula"
local foreign = require("nabla.language.mistakes").foreign
local greek = require "nabla.text.greek"
local program_indices = require "nabla.language.program_indices"
local program_patterns = require "nabla.language.program_patterns"
local program_rows = require "nabla.language.program_rows"
local spelling = require "nabla.text.spelling"
local trees = require "nabla.language.tree"
local words = require "nabla.language.words"

local M = {}

local SUM, PRODUCT, UNARY, POWER = program_rows.SUM, program_rows.PRODUCT, program_rows.UNARY, program_rows.POWER
local DEEPEST = 150 -- brackets within brackets
local MOST_FORMS = 8 -- of a call that a message shows

-- ---------------------------------------------------------------------------------------------- the reader

local Reader = {}
Reader.__index = Reader
program_indices.add(Reader, SUM)

function Reader:stop(pos, message, hint)
  error(errors.at { text = self.text, file = self.file, pos = pos, message = message, hint = hint }, 0)
end

function Reader:peek()
  local t = self.list[self.at]
  return t and t[3], t and t[2], t and t[1] or #self.text + 1
end

function Reader:accept(text)
  local found, kind = self:peek()
  if found == text and kind == "sign" then
    self.at = self.at + 1
    return true
  end
  return false
end

function Reader:expect(text)
  if not self:accept(text) then
    local found, _, pos = self:peek()
    local hint = not found and "a bracket that was opened is not closed" or nil
    self:stop(pos, ("expected `%s`, found %s"):format(text, found and "`" .. found .. "`" or "the end"), hint)
  end
end

-- Do the conditions of a row hold of arguments?
function Reader:holds(row, args)
  for _, condition in ipairs(row.when or {}) do
    if not program_rows.kinds[condition.kind][self.kind(args[condition.argument]) or false] then
      return false
    end
  end
  return true
end

-- The first of the rules whose conditions hold.
function Reader:first_of(rules, args)
  for _, rule in ipairs(rules) do
    if self:holds(rule.row, args) then
      return rule
    end
  end
end

-- A vector on the left of a product is a row where what follows is no row.
function Reader:turn_vector(args, oppos)
  local kind, left = self.kind, args[1]
  if kind(left) ~= "column" or args[2].tag == "transpose" and kind(args[2]) ~= "matrix" or kind(args[2]) == "row" then
    return
  end
  local name = left.tag == "name" and left.name or "the left side"
  args[1] = { tag = "transpose", left, pos = left.pos, oppos = oppos }
  local note = "%s is a row at %d of the text, as a vector on the left is in this notation"
  self:assume(oppos, note:format(name, oppos))
end

-- The sign between two where one is a scalar: what is entry by entry is then plain. Two letters that are scalars by habit may both turn
-- out to be vectors.
local function plain_sign(op, left, right, letters)
  if op == ".*" and (left == "scalar" or right == "scalar") and not (letters and left == right) then
    return "*"
  end
  return op == "./" and right == "scalar" and "/" or op
end

-- Has a tree a letter that nobody declared, so that it may be of another kind than its habit?
function Reader:may_yield(tree)
  local found = false
  trees.walk(tree, function(t)
    found = found or t.tag == "name" and not (self.declared and self.declared(t.name))
  end)
  return found
end

-- A product of two; a product on the left that has no brackets takes one more factor.
local function extended(self, tree, left, oppos)
  local kind, right = self.kind, tree.args[2]
  tree.ops[1] = plain_sign(tree.ops[1], kind(left), kind(right), self:may_yield(left) and self:may_yield(right))
  tree.oppos, tree.open, tree.undoubted = { oppos }, true, true
  if tree.args[1] ~= left or not left.open or left.paren then
    return tree
  end
  local n = #left.ops
  local args, ops, places = { table.unpack(left.args) }, { table.unpack(left.ops) }, { table.unpack(left.oppos) }
  args[n + 2], ops[n + 1], places[n + 1] = right, tree.ops[1], oppos
  return { tag = "product", args = args, ops = ops, oppos = places, pos = left.pos, open = true, undoubted = true }
end

-- Tell that a Latin letter beside an array is a scalar: in a program it may be an array as well.
function Reader:tell_scalar(letter, other)
  local is_letter = letter.tag == "name" and letter.name:find "^%l_?%w*$" and not words.kind(letter.name)
  is_letter = is_letter and self:may_yield(letter)
  local beside = is_letter and self.kind(letter) == "scalar" and self.kind(other)
  if beside and beside ~= "scalar" and not greek.small[letter.name:match "^%a+"] then
    self:assume(letter.pos, ("%s is read as a scalar"):format(letter.name))
  end
end

-- A rule filled with arguments.
function Reader:fill(rule, args, pos, oppos)
  local row = rule.row
  local kind = self.kind
  if row.vectors_as_rows then
    self:turn_vector(args, oppos)
  end
  local tree = formula.written_out(rule.formula, { args = args, pos = pos })
  local scalar = kind(args[1]) == "scalar" or kind(args[2]) == "scalar"
  if row.note and (not scalar or tree.tag == "power" and kind(args[1]) == "matrix") then
    self:assume(oppos, row.note)
  elseif row.note and tree.tag == "product" then
    self:tell_scalar(args[1], args[2])
    self:tell_scalar(args[2], args[1])
  end
  if tree.tag == "product" and #tree.args == 2 and tree.args[2] == args[2] then
    return extended(self, tree, args[1], oppos)
  end
  tree.paren = true
  if tree.elementwise and kind(args[1]) == "scalar" and kind(args[2]) == "scalar" then
    tree.undoubted = true -- of scalars it is the power
    tree.elementwise = self:may_yield(args[1]) or nil
  end
  if tree.oppos then
    tree.oppos = tree.tag == "product" and { oppos } or oppos
  end
  return tree
end

function Reader:assume(pos, text)
  self.assumed[#self.assumed + 1] = { pos = pos, text = text }
end

-- Where the bracket of a pair of arguments, np.ones((m, n)), is closed: it opens at `at`, holds a comma and is an argument of its own.
function Reader:end_of_pair(at)
  local depth, comma = 0, false
  for i = at, #self.list do
    local token = self.list[i][2] == "sign" and self.list[i][3]
    if token == "(" or token == "[" then
      depth = depth + 1
    elseif token == ")" or token == "]" then
      depth = depth - 1
      if depth == 0 then
        local behind = self.list[i + 1]
        return comma and behind and (behind[3] == ")" or behind[3] == ",")
      end
    elseif token == "," and depth == 1 then
      comma = true
    end
  end
end

-- The arguments behind an open bracket: trees, and what is there as it is (axis=0, 'fro') as texts. Where a form has a pair in
-- brackets, `lists`, it may be a list as well: np.hstack([x, y]).
function Reader:arguments(lists, closes)
  local args = {}
  if self:accept ")" then
    return args
  end
  repeat
    local found, kind, pos = self:peek()
    local next_one, after = self.list[self.at + 1], self.list[self.at + 2]
    if kind == "text" then
      self.at = self.at + 1
      args[#args + 1] = { literal = found:gsub('"', "'"), pos = pos }
    elseif kind == "name" and next_one and next_one[3] == "=" and after then
      local value = self.list[self.at + 3]
      local negative = after[3] == "-" and value -- axis=-1
      self.at = self.at + (negative and 4 or 3)
      local literal = (after[3] .. (negative and value[3] or "")):gsub('"', "'")
      args[#args + 1] = { literal = found .. "=" .. literal, pos = pos }
    elseif found == "[" and next_one and next_one[3] == "]" then
      self.at = self.at + 2
      args[#args + 1] = { literal = "[]", pos = pos }
    elseif (found == "(" or lists and found == "[") and self:end_of_pair(self.at) then
      self.at = self.at + 1
      table.move(self:arguments(false, found == "[" and "]"), 1, 9, #args + 1, args)
    else
      args[#args + 1] = self:expression(SUM)
    end
  until not self:accept ","
  self:expect(closes or ")")
  return args
end

-- Is a tree the negative number of a form: X.softmax(-1)?
local function is_negative(tree, want)
  return tree.tag == "neg" and tree[1].text ~= nil and "-" .. tree[1].text == want
end

-- Does a rule of a call fit? Then its arguments by number.
function Reader:fits(rule, given, first)
  if #rule.args ~= #given then
    return nil
  end
  local args = { first }
  for i, want in ipairs(rule.args) do
    local one = given[i]
    if type(want) == "number" then
      args[want] = one.tag and one or nil
      if not one.tag then
        return nil
      end
    elseif one.literal ~= want and one.text ~= want and one.name ~= want and not is_negative(one, want) then
      return nil
    end
  end
  local at = self.at
  for sign in (rule.rest or ""):gmatch "." do
    if self:peek() ~= sign then
      self.at = at
      return nil
    end
    self.at = self.at + 1
  end
  if not self:holds(rule.row, args) then
    self.at = at
    return nil
  end
  return args
end

function Reader:called(rules, name, first, pos)
  local given = self:arguments(rules[1].list and rules[1].list:find "^%(")
  for _, rule in ipairs(rules) do
    local args = self:fits(rule, given, first)
    if args then
      return self:fill(rule, args, pos, pos)
    end
  end
  local plain = not first and not name:find(".", 1, true)
  for _, one in ipairs(given) do
    plain = plain and one.tag ~= nil
  end
  if plain then -- a function of nabla that has more forms in this notation: sum(x)
    return { tag = "call", name = name, args = given, pos = pos }
  end
  local forms = {}
  for _, rule in ipairs(rules) do
    local form = rule.row.form:gsub("%%(%d)", { ["1"] = "x", ["2"] = "y", ["3"] = "z" })
    forms[form] = forms[form] or table.insert(forms, form) or true
  end
  local shown = table.concat(forms, ", ", 1, math.min(#forms, MOST_FORMS)) .. (#forms > MOST_FORMS and ", .." or "")
  self:stop(pos, ("%s is not read with these arguments"):format(name), "it is read as " .. shown)
end

function Reader:named(name, pos)
  self.at = self.at + 1
  local rules = self.rules
  local base = name:gsub("%.$", "")
  if self:accept "(" then
    if rules.call[name] then
      return self:called(rules.call[name], base, nil, pos)
    elseif base:find(".", 1, true) then
      local known = foreign_names.hint(base:match "[^.]*$", true)
      local nearest = not known and spelling.nearest(base, spelling.names(self.rules.call))
      local shared = nearest and #nearest - #(nearest:match "^.*%." or "") -- np.qr is not np.cos
      nearest = shared and shared > 3 and nearest
      self:stop(pos, ("unknown function '%s'"):format(base), known or nearest and ("did you mean %s?"):format(nearest)
        or "a notation of a rule file may have it: reads \"" .. base .. "(%1)\" as \"..\"")
    end
    local args = self:arguments()
    for _, one in ipairs(args) do
      if not one.tag then
        self:stop(one.pos, ("%s is not read here"):format(one.literal))
      end
    end
    return { tag = "call", name = base, args = args, pos = pos }
  elseif rules.constant[name] then
    return self:fill(rules.constant[name][1], {}, pos, pos)
  elseif name:find(".", 1, true) then
    local what = name:match "[^.]*$"
    local hint = rules.method[what] and ("it is called: .%s(..)"):format(what) or foreign_names.hint(what, true)
    self:stop(pos, ("%s is not read in this notation"):format(name), hint)
  end
  return { tag = "name", name = rules.names[name] or name, pos = pos }
end

-- A matrix of blocks, [A, B; C, D], behind its bracket.
function Reader:blocks(pos)
  local rows = {}
  repeat
    local row
    repeat
      local block = self:expression(SUM)
      row = row and { tag = "call", name = blocks.BESIDE, args = { row, block }, pos = pos } or block
    until not self:accept ","
    rows[#rows + 1] = row
  until not self:accept ";"
  self:expect "]"
  local tree = rows[1]
  for i = 2, #rows do
    tree = { tag = "call", name = blocks.BELOW, args = { tree, rows[i] }, pos = pos }
  end
  return tree
end

-- Does a factor follow without a sign, close to the token before it: 2x, A'A?
function Reader:is_factor()
  local before, next_one = self.list[self.at - 1], self.list[self.at]
  return next_one and before[1] + #before[3] == next_one[1] and (next_one[2] == "name" or next_one[3] == "(")
end

function Reader:primary()
  local found, kind, pos = self:peek()
  if kind == "number" then
    self.at = self.at + 1
    local number = { tag = "number", text = found:gsub("%.$", ""), pos = pos }
    if self:is_factor() then -- 2x, which binds closely
      local right = self:expression(POWER)
      local product = { tag = "product", args = { number, right }, ops = { "*" }, oppos = { right.pos }, pos = pos }
      product.paren = true
      return product
    end
    return number
  elseif kind == "name" then
    return self:counted() or self:named(found, pos)
  elseif self:accept "(" then
    self.depth = self.depth + 1
    if self.depth > DEEPEST then
      self:stop(pos, ("brackets are nested more than %d deep"):format(DEEPEST))
    end
    local tree = self:expression(SUM)
    self:expect ")"
    self.depth = self.depth - 1
    tree.paren = true
    return tree
  elseif self:accept "[" then
    return self:blocks(pos)
  end
  local hint = not found and "a sign stands between two operands: complete it, or take it away" or nil
  self:stop(pos, ("expected an operand, found %s"):format(found and "`" .. found .. "`" or "the end"), hint)
end

function Reader:postfix()
  local tree = self:primary()
  while true do
    local found, kind, pos = self:peek()
    local rules = self.rules
    if kind == "sign" and rules.behind[found] then
      self.at = self.at + 1
      tree = self:fill(self:first_of(rules.behind[found], { tree }) or rules.behind[found][1], { tree }, tree.pos, pos)
    elseif kind == "method" and rules.method[found] then
      self.at = self.at + 1
      self:expect "("
      tree = self:called(rules.method[found], "." .. found, tree, tree.pos)
    elseif kind == "method" then
      self:stop(pos, ("the method .%s is not read"):format(found))
    else
      local part = self:indexed(tree)
      if not part then
        return tree
      end
      tree = part
    end
  end
end

function Reader:unary()
  local _, _, pos = self:peek()
  if self:accept "-" then
    return { tag = "neg", self:expression(PRODUCT + 0.5), pos = pos }
  elseif self:accept "+" then
    return self:expression(PRODUCT + 0.5)
  end
  return self:postfix()
end

-- The exponent of a power that groups from the left: an operand with its signs.
function Reader:exponent()
  local _, _, pos = self:peek()
  if self:accept "-" then
    return { tag = "neg", self:exponent(), pos = pos }
  end
  return self:primary()
end

local SIGNS = { ["+"] = 1, ["-"] = -1, [".+"] = 1, [".-"] = -1 }

function Reader:expression(least)
  local left = self:unary()
  while true do
    local found, kind, pos = self:peek()
    local close = self.list[self.at - 1][3] == "'" and self:is_factor() -- A'A
    if close then
      table.insert(self.list, self.at, { pos, "sign", "*" })
      found, kind = "*", "sign"
    end
    local list = kind == "sign" and self.rules.between[found]
    local rule = list and list[1]
    local sign = kind == "sign" and SIGNS[found]
    if rule and rule.level >= least then
      self.at = self.at + 1
      local right
      if rule.level == POWER then -- it takes a sign: 2**-x
        right = rule.row.from_left and self:exponent() or self:expression(UNARY)
      else
        right = self:expression(rule.level + 0.5)
      end
      local args = { left, right }
      left = self:fill(self:first_of(list, args) or rule, args, left.pos, pos)
    elseif sign and SUM >= least then
      self.at = self.at + 1
      local right = self:expression(PRODUCT)
      if left.tag == "sum" and not left.paren then
        local n = #left.args + 1
        left.args[n], left.signs[n], left.oppos[n] = right, sign, pos
      else
        left = { tag = "sum", args = { left, right }, signs = { 1, sign }, oppos = { false, pos }, pos = left.pos }
        left.spreads = true
      end
    else
      return left
    end
  end
end

local NO_OPERAND = { ["("] = true, ["["] = true, ["."] = true }
local BINDS = { ["*"] = true, ["/"] = true }

-- The names that are multiplied by a sign between arrays, as a and b in a @ b: `arrays`, a set. They are no scalars.
local function find_arrays(self, given)
  self.arrays = {}
  local list = self.list
  local function add(name)
    self.arrays[name] = true
    local tree = { tag = "name", name = name }
    if self.kind(tree) == "scalar" and self:may_yield(tree) then
      given[name] = name:find "^%u" and "matrix" or "column"
    end
  end
  for i, token in ipairs(list) do
    local rules = token[2] == "sign" and self.rules.between[token[3]]
    if rules and rules[1].row.vectors_as_rows then
      local left, before, right, behind = list[i - 1], list[i - 2], list[i + 1], list[i + 2]
      if left and left[2] == "name" and not (before and BINDS[before[3]]) then
        add(left[3])
      end
      if right and right[2] == "name" and not (behind and NO_OPERAND[behind[3]]) then
        add(right[3])
      end
    end
  end
end

--- Read a text in a notation of a program; what is wrong is raised.
-- @tparam table rules of @{rules}
-- @tparam string text
-- @tparam table opts `file`, `kind` (of a tree: scalar, column, row, matrix or nil), `family` (of a name, or nil), `declared` (is a name?),
-- `given` (where kinds of names are put that the signs beside them say), `patterns` (nabla.language.program_patterns)
-- @return a tree, with the `arrays` of @{find_arrays}, and what was assumed: records of nabla.text.notes
function M.read(rules, text, opts)
  local list, ends = rules.tokens:match(text)
  local self = setmetatable({ rules = rules, text = text, file = opts.file, list = list, at = 1, depth = 0 }, Reader)
  self.assumed, self.kind, self.family, self.declared = {}, opts.kind, opts.family, opts.declared
  if ends <= #text then
    local sign = text:match("^[^%w%s][\128-\191]*", ends) or text:sub(ends, ends)
    local hint = (sign == "<" or sign == ">" or sign == "!") and foreign[sign] or nil
    self:stop(ends, ("`%s` is not read in this notation"):format(sign), hint)
  end
  find_arrays(self, opts.given or {})
  local tree = self:expression(SUM)
  local found, _, pos = self:peek()
  if found then
    local hint = (found == ")" or found == "]") and "take it away, or open it" or nil
    self:stop(pos, ("expected an operator, found `%s`"):format(found), hint)
  end
  if opts.patterns and #opts.patterns > 0 then
    tree = program_patterns.applied(opts.patterns, tree, function(row, args)
      return self:holds(row, args)
    end)
  end
  tree.arrays = self.arrays
  return tree, self.assumed
end

return M
