--- Expressions in the notation of a program (NumPy, Julia): text in, the trees of nabla.language.syntax out.
--
-- What is read is data: the rows `reads "%1 @ %2" as "%1*%2"` of a notation. The place of the arguments in a form says what the
-- form is: a sign between two arguments, a sign or a method behind one, or a call. A sign binds as what it stands for binds in
-- nabla's own language. Sums, brackets, names and numbers are the same in every notation.
--
-- @module nabla.language.program_notation

local errors = require "nabla.text.errors"
local formula = require "nabla.language.formula"
local lpeg = require "lpeg"
local spelling = require "nabla.text.spelling"
local syntax = require "nabla.language.syntax"

local P, R, S, C, Cp, Ct, Cc = lpeg.P, lpeg.R, lpeg.S, lpeg.C, lpeg.Cp, lpeg.Ct, lpeg.Cc

local M = {}

local SUM, PRODUCT, UNARY, POWER = 1, 2, 3, 4
local DEEPEST = 150 -- brackets within brackets

-- ---------------------------------------------------------------------------------------------- rows

local letter = R("az", "AZ", "\128\255") + "_"
local word = letter * (letter + R "09") ^ 0
local digits = R "09" ^ 1
local mantissa = digits * ("." * digits) ^ -1 * (P "." * -(letter + S "*/^'+-\\(=")) ^ -1 + "." * digits
local number = mantissa * (S "eE" * S "+-" ^ -1 * digits) ^ -1

-- The tree of what a row stands for, and its arguments by name.
local function body_of(meaning)
  local params = {}
  local text = meaning:gsub("%%(%d)", function(digit)
    params[tonumber(digit)] = "argument" .. digit
    return "argument" .. digit
  end)
  local body, err = syntax.expression(text)
  return body and { params = params, body = body }, err
end

local function level_of(body)
  local tag = body.tag
  return tag == "sum" and SUM or tag == "power" and POWER or PRODUCT
end

-- A form as a rule of the reader; nil: it is none.
local function rule_of(form)
  local sign = form:match "^%%1%s*([^%w%s(),]+)%s*%%2$"
  if sign then
    return "between", sign
  end
  local method, list = form:match "^%%1%.([%a_][%w_]*)%((.*)%)$"
  if method then
    return "method", method, list
  end
  local behind = form:match "^%%1([^%s%%]+)$"
  if behind then
    return "behind", behind
  end
  local name, args, rest = form:match "^([%a_][%w_.]*)%((.*)%)([^()%%]*)$"
  if name then
    return "call", name, args, rest
  end
  return form:find "^[%a_][%w_.]*$" and "constant" or nil, form
end

-- The arguments of a call in a form: numbers, and texts that are there as they are.
local function arguments_of(list)
  local args = {}
  for part in list:gmatch "[^,]+" do
    part = part:gsub("%s", "")
    args[#args + 1] = tonumber(part:match "^%%(%d)$") or part
  end
  return args
end

--- What the rows of a notation read, by place. Raises nothing: a row is tested by @{check}.
-- @tparam {table,...} rows { form =, meaning =, vectors_as_rows =, from_left =, note = }
-- @treturn table
function M.rules(rows)
  local rules = { between = {}, behind = {}, method = {}, call = {}, constant = {}, signs = {} }
  for _, row in ipairs(rows) do
    local place, literal, list, rest = rule_of(row.form)
    local known = body_of(row.meaning)
    local rule = { formula = known, row = row, level = level_of(known.body), args = list and arguments_of(list) }
    rule.rest = rest
    if list then
      rules[place][literal] = rules[place][literal] or {}
      table.insert(rules[place][literal], rule)
    else
      rules[place][literal] = rule
    end
    if place == "between" or place == "behind" then
      rules.signs[#rules.signs + 1] = literal
    end
  end
  table.sort(rules.signs, function(a, b)
    return #a > #b or #a == #b and a < b
  end)
  local sign = P(false)
  for _, literal in ipairs(rules.signs) do
    local ends = literal:find "[%w_]$" and -(letter + R "09" + "(") or P(true)
    sign = sign + C(literal) * ends
  end
  local text = P "'" * (R("az", "AZ", "09") ^ 1) * "'" + '"' * (R("az", "AZ", "09") ^ 1) * '"'
  local broadcast = P "." * #P "(" -- exp.(x)
  local token = Cc "text" * C(text) * #(S " \t" ^ 0 * S "),") -- 'fro', before the sign of a transpose
    + Cc "number" * C(number)
    + Cc "sign" * sign
    + Cc "name" * C(word * ("." * word) ^ 0 * broadcast ^ -1)
    + Cc "sign" * C(P ".+" + ".-")
    + Cc "method" * ("." * C(word))
    + Cc "sign" * C(S "+-(),=[]:")
  -- A name ends before a sign such as .T, so that X.T is a name and a sign.
  local dotted = P(false)
  for _, literal in ipairs(rules.signs) do
    if literal:sub(1, 1) == "." and literal:find "[%w_]$" then
      dotted = dotted + P(literal) * -(letter + R "09")
    end
  end
  for method in pairs(rules.method) do
    dotted = dotted + "." * P(method) * #P "("
  end
  local known, full = P(false), {}
  for _, calls in ipairs { rules.call, rules.constant } do
    for name in pairs(calls) do
      full[#full + 1] = name:find(".", 1, true) and name or nil
    end
  end
  table.sort(full, function(a, b)
    return #a > #b or #a == #b and a < b
  end)
  for _, name in ipairs(full) do -- np.sum is no method of np
    known = known + P(name)
  end
  known = Cc "name" * C(known) * -(letter + R "09")
  local plain = known + Cc "name" * C(word * (-dotted * "." * word) ^ 0 * broadcast ^ -1)
  local space = S " \t\r\n" ^ 0
  rules.tokens = Ct((space * Ct(Cp() * (plain + token))) ^ 0) * space * Cp()
  return rules
end

--- What is wrong with a row, a text and a hint; nil if nothing is.
function M.check(row)
  if not rule_of(row.form) then
    return ("the form %s is neither a call nor a sign between or behind arguments"):format(row.form),
      'such as "%1 @ %2", "%1.T" or "np.trace(%1)"'
  end
  local known, err = body_of(row.meaning)
  if not known then
    return err.message, err.hint
  end
  for i in pairs(known.params) do
    if not row.form:find("%" .. i, 1, true) then
      return ("the form lacks %%%d"):format(i)
    end
  end
end

-- ---------------------------------------------------------------------------------------------- the reader

local Reader = {}
Reader.__index = Reader

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
    self:stop(pos, ("expected `%s`, found %s"):format(text, found and "`" .. found .. "`" or "the end"))
  end
end

-- A rule filled with arguments.
function Reader:fill(rule, args, pos, oppos)
  local row = rule.row
  local kind = self.kind
  if row.vectors_as_rows and kind(args[1]) == "vector" and args[2].tag ~= "transpose" then
    local name = args[1].tag == "name" and args[1].name or "the left side"
    args[1] = { tag = "transpose", args[1], pos = args[1].pos, oppos = oppos }
    local note = "%s is a row at %d of the text, as a vector on the left is in this notation"
    self:assume(oppos, note:format(name, oppos))
  end
  local tree = formula.written_out(rule.formula, { args = args, pos = pos })
  local scalar = kind(args[1]) == "scalar" or kind(args[2]) == "scalar"
  if row.note and (not scalar or tree.tag == "power" and kind(args[1]) == "matrix") then
    self:assume(oppos, row.note)
  end
  tree.paren = true
  if tree.elementwise and kind(args[1]) == "scalar" and kind(args[2]) == "scalar" then
    tree.elementwise = nil -- of scalars it is the power
  end
  if tree.oppos then
    tree.oppos = tree.tag == "product" and { oppos } or oppos
  end
  return tree
end

function Reader:assume(pos, text)
  self.assumed[#self.assumed + 1] = { pos = pos, text = text }
end

-- The arguments behind an open bracket: trees, and what is there as it is (axis=0, 'fro') as texts.
function Reader:arguments()
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
      self.at = self.at + 3
      args[#args + 1] = { literal = found .. "=" .. after[3], pos = pos }
    else
      args[#args + 1] = self:expression(SUM)
    end
  until not self:accept ","
  self:expect ")"
  return args
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
    elseif one.literal ~= want and one.text ~= want and one.name ~= want then
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
  return args
end

function Reader:called(rules, name, first, pos)
  local given = self:arguments()
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
  for i, rule in ipairs(rules) do
    forms[i] = (rule.row.form:gsub("%%(%d)", { ["1"] = "x", ["2"] = "y", ["3"] = "z" }))
  end
  self:stop(pos, ("%s is not read with these arguments"):format(name), "it is read as " .. table.concat(forms, ", "))
end

function Reader:named(name, pos)
  self.at = self.at + 1
  local rules = self.rules
  local base = name:gsub("%.$", "")
  if self:accept "(" then
    if rules.call[name] or rules.call[base] then
      return self:called(rules.call[name] or rules.call[base], name, nil, pos)
    elseif base:find(".", 1, true) then
      local nearest = spelling.nearest(base, self.calls)
      self:stop(pos, ("unknown function '%s'"):format(base), nearest and ("did you mean %s?"):format(nearest)
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
    return self:fill(rules.constant[name], {}, pos, pos)
  elseif name:find(".", 1, true) then
    local what = name:match "[^.]*$"
    local hint = rules.method[what] and ("it is called: .%s(..)"):format(what)
    self:stop(pos, ("%s is not read in this notation"):format(name), hint)
  end
  return { tag = "name", name = name, pos = pos }
end

function Reader:primary()
  local found, kind, pos = self:peek()
  if kind == "number" then
    self.at = self.at + 1
    return { tag = "number", text = found:gsub("%.$", ""), pos = pos }
  elseif kind == "name" then
    return self:named(found, pos)
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
  end
  self:stop(pos, ("expected an operand, found %s"):format(found and "`" .. found .. "`" or "the end"))
end

function Reader:postfix()
  local tree = self:primary()
  while true do
    local found, kind, pos = self:peek()
    local rules = self.rules
    if kind == "sign" and rules.behind[found] then
      self.at = self.at + 1
      tree = self:fill(rules.behind[found], { tree }, tree.pos, pos)
    elseif kind == "method" and rules.method[found] then
      self.at = self.at + 1
      self:expect "("
      tree = self:called(rules.method[found], "." .. found, tree, tree.pos)
    elseif kind == "method" then
      self:stop(pos, ("the method .%s is not read"):format(found))
    else
      return tree
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
    local rule = kind == "sign" and self.rules.between[found]
    local sign = kind == "sign" and SIGNS[found]
    if rule and rule.level >= least then
      self.at = self.at + 1
      local right
      if rule.level == POWER then -- it takes a sign: 2**-x
        right = rule.row.from_left and self:exponent() or self:expression(UNARY)
      else
        right = self:expression(rule.level + 0.5)
      end
      left = self:fill(rule, { left, right }, left.pos, pos)
    elseif sign and SUM >= least then
      self.at = self.at + 1
      local right = self:expression(PRODUCT)
      if left.tag == "sum" and not left.paren then
        local n = #left.args + 1
        left.args[n], left.signs[n], left.oppos[n] = right, sign, pos
      else
        left = { tag = "sum", args = { left, right }, signs = { 1, sign }, oppos = { false, pos }, pos = left.pos }
      end
    else
      return left
    end
  end
end

--- Read a text in a notation of a program; what is wrong is raised.
-- @tparam table rules of @{rules}
-- @tparam string text
-- @tparam table opts `file`, `kind` (of a tree: scalar, vector, matrix or nil)
-- @return a tree, and what was assumed: records of nabla.text.notes
function M.read(rules, text, opts)
  local list, ends = rules.tokens:match(text)
  local self = setmetatable({ rules = rules, text = text, file = opts.file, list = list, at = 1, depth = 0 }, Reader)
  self.assumed, self.kind = {}, opts.kind
  self.calls = spelling.names(rules.call)
  if ends <= #text then
    local sign = text:match("^[^%w%s][\128-\191]*", ends) or text:sub(ends, ends)
    self:stop(ends, ("`%s` is not read in this notation"):format(sign))
  end
  local tree = self:expression(SUM)
  local found, _, pos = self:peek()
  if found then
    self:stop(pos, ("expected an operator, found `%s`"):format(found))
  end
  return tree, self.assumed
end

return M
