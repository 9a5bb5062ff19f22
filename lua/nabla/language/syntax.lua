--- The language of expressions and of declarations: text in, trees out.
--
-- The grammar writes a program in postfix order: every capture is a value, which is pushed on a stack, or a function, which is
-- applied to the stack (a function takes the stack and its top and returns the new top). `a + b` is captured as
--
--     1 "a" name   3   5 "b" name   add
--
-- and `run` makes a tree of it. So captures never nest, however deep the brackets do; a sum of a million terms is one flat list;
-- and the only thing that depth costs is LPeg's own stack, whose overflow is an ordinary parse error.
--
-- A rule that must match ends in `expected "..."`, which stops the parse right there: no rule is ever tried twice for its error.
--
-- Nothing is resolved here: a tree says what was written, and `pos` in every node says where.
-- @module nabla.language.syntax

local errors = require "nabla.text.errors"
local lpeg = require "lpeg"
local spelling = require "nabla.text.spelling"

local P, S, R, V, C = lpeg.P, lpeg.S, lpeg.R, lpeg.V, lpeg.C
local Cc, Cg, Cmt, Cp, Ct, Carg = lpeg.Cc, lpeg.Cg, lpeg.Cmt, lpeg.Cp, lpeg.Ct, lpeg.Carg

local M = {}

local STACK = 200000 -- LPeg's stack: 10,000 nested brackets take less than half of it
local DEPTH = 10000 -- the nesting that is promised to work

---@class nabla.Ast
---@field tag string number, name, call, entry, sum, product, neg, transpose, power, sumover; in conditions also not, compare
---@field pos integer where its text begins, with its brackets
---@field paren boolean|nil true when it stood in brackets of its own

---@class nabla.Declaration
---@field kind string scalar, vector, matrix, number, constant, variable, operator
---@field name string
---@field rows nabla.Ast|nil
---@field cols nabla.Ast|nil
---@field of string|nil the argument of an unknown function
---@field ofpos integer|nil
---@field attributes table[] a list of {name=, pos=}
---@field pos integer where the declaration begins: its kind, or its name when the kind is inherited
---@field namepos integer

-- Characters --------------------------------------------------------------------------------------------------------

local digit = R "09"
local continuation = R "\128\191"

-- What may stand in a name beside ASCII: every character of UTF-8 but the signs. Signs are whole blocks of Unicode, told by
-- their first bytes; subscripts and letter-like symbols are let in again.
local sign_block = P "\xC2" * (continuation - S "\xAA\xB5\xBA") -- U+0080..00BF: ² ³ · ¹ and no-break space; not ª µ º
  + P "×"
  + P "÷"
  + P "\xCA" * R "\xB0\xBF"
  + P "\xCB" -- U+02B0..02FF: raised letters
  + P "\xE1\xB4" * R "\xAC\xBF"
  + P "\xE1\xB5" * R "\x80\xA1"
  + P "\xE1\xB6" * R "\x9B\xBF" -- raised letters, ᵀ among them
  + P "\xE2" * R "\x80\xAF" -- U+2000..2BFF: punctuation, arrows, operators
  - P "\xE2\x82" * R "\x80\x9C" -- U+2080..209C: subscripts
  - P "\xE2\x84"
  - P "\xE2\x85" * R "\x80\x8F" -- U+2100..214F: letter-like symbols
  + P "\xE3\x80" -- U+3000..303F: CJK punctuation
  + P "\xEE"
  + P "\xEF" -- private use; fullwidth forms
  + P "\xF0\x9F" -- pictures

local letter = R("az", "AZ") + "_" + (R "\xC2\xF4" - sign_block) * continuation ^ 1
local identifier = letter * (letter + digit) ^ 0
local boundary = -(letter + digit)

-- `2.` is a number, but in `1.*x`, `1./x`, `1.^x`, `1.'` and `0..k` the dot belongs to what follows.
local number = (digit ^ 1 * (P "." * digit ^ 1 + P "." * -S "*/^'.") ^ -1 + P "." * digit ^ 1)
  * (S "eE" * S "+-" ^ -1 * digit ^ 1) ^ -1

local blank = S " \t\r" + "\u{00A0}" + "\u{3000}" + P "\xE2\x80" * R "\x80\x8A" + "\u{202F}" + "\u{205F}"
local comment = "#" * (1 - P "\n") ^ 0
local free_space = (blank + "\n" + comment) ^ 0

local superscripts, superscript = {}, P(false)
for value, code in ipairs { 0xB9, 0xB2, 0xB3, 0x2074, 0x2075, 0x2076, 0x2077, 0x2078, 0x2079, [0] = 0x2070 } do
  superscripts[utf8.char(code)] = tostring(value)
  superscript = superscript + utf8.char(code)
end

local function lower(raised)
  return (raised:gsub(utf8.charpattern, superscripts))
end

-- Shared with the rule files' grammar.
M.blank, M.comment, M.identifier, M.number = blank, comment, identifier, number

--- Tells whether a text is one name.
---@param text string
---@return boolean
function M.is_name(text)
  return type(text) == "string" and (identifier * -1):match(text) ~= nil
end

-- Trees -------------------------------------------------------------------------------------------------------------
-- Each is made with room for what elaboration adds to it: the rows r and the columns c, and what its name means.

local function set(list)
  local members = {}
  for _, member in ipairs(list) do
    members[member] = true
  end
  return members
end

local function name(stack, top) -- pos text
  stack[top - 1] = { tag = "name", name = stack[top], pos = stack[top - 1] }
  return top - 1
end

local function literal(stack, top) -- pos text
  stack[top - 1] = { tag = "number", text = stack[top], pos = stack[top - 1] }
  return top - 1
end

local function call(stack, top) -- pos text; the arguments follow one by one
  stack[top - 1] = {
    tag = "call",
    name = stack[top],
    args = { nil, nil },
    pos = stack[top - 1],
  }
  return top - 1
end

local function indexed(stack, top) -- base pos; the indices follow one by one
  local base = stack[top - 1]
  stack[top - 1] = { tag = "entry", base, args = {}, pos = base.pos, oppos = stack[top] }
  return top - 1
end

local function argument(stack, top) -- call tree
  local args = stack[top - 1].args
  args[#args + 1] = stack[top]
  return top - 1
end

local function counted(stack, top) -- pos var lo hi body
  local at = top - 4
  local tree =
    { tag = "sumover", var = stack[at + 1], lo = stack[at + 2], hi = stack[at + 3], body = stack[top] }
  tree.pos = stack[at]
  stack[at] = tree
  return at
end

local function brackets(stack, top) -- pos tree
  local tree = stack[top]
  tree.paren = true
  if tree.tag ~= "name" and tree.tag ~= "number" and tree.tag ~= "call" then
    tree.pos = stack[top - 1]
  end
  stack[top - 1] = tree
  return top - 1
end

-- Sums and products grow in place, so that a long one takes time in proportion to its length.
local function add_term(sign)
  return function(stack, top) -- left pos right
    local left, right = stack[top - 2], stack[top]
    if left.tag == "sum" and not left.paren then
      local n = #left.args + 1
      left.args[n], left.signs[n], left.oppos[n] = right, sign, stack[top - 1]
    else
      stack[top - 2] = {
        tag = "sum",
        args = { left, right },
        signs = { 1, sign },
        oppos = { false, stack[top - 1] },
        pos = left.pos,
      }
    end
    return top - 2
  end
end

local function add_factor(operator)
  return function(stack, top) -- left pos right
    local left, right = stack[top - 2], stack[top]
    if left.tag == "product" and not left.paren then
      local n = #left.args
      left.args[n + 1], left.ops[n], left.oppos[n] = right, operator, stack[top - 1]
    else
      stack[top - 2] = {
        tag = "product",
        args = { left, right },
        ops = { operator },
        oppos = { stack[top - 1] },
        pos = left.pos,
      }
    end
    return top - 2
  end
end

local add, subtract = add_term(1), add_term(-1)
local multiply, divide = add_factor "*", add_factor "/"
local multiply_entries, divide_entries = add_factor ".*", add_factor "./"

local function kronecker(stack, top) -- left pos right
  local left = stack[top - 2]
  stack[top - 2] =
    { tag = "call", name = "kron", args = { left, stack[top] }, pos = left.pos, oppos = stack[top - 1] }
  return top - 2
end

local function negate(stack, top) -- pos tree
  stack[top - 1] = { tag = "neg", stack[top], pos = stack[top - 1] }
  return top - 1
end

local function transpose(stack, top) -- tree pos
  local tree = stack[top - 1]
  stack[top - 1] = { tag = "transpose", tree, pos = tree.pos, oppos = stack[top] }
  return top - 1
end

local function raise(elementwise)
  return function(stack, top) -- base pos exponent
    local base = stack[top - 2]
    stack[top - 2] = {
      tag = "power",
      base,
      stack[top],
      elementwise = elementwise,
      pos = base.pos,
      oppos = stack[top - 1],
    }
    return top - 2
  end
end

local power, power_entries = raise(false), raise(true)

local actions = set {
  name,
  literal,
  call,
  indexed,
  argument,
  counted,
  brackets,
  add,
  subtract,
  multiply,
  divide,
  multiply_entries,
  divide_entries,
  kronecker,
  negate,
  transpose,
  power,
  power_entries,
}

-- The tree that a program makes. The stack is the program itself: what is still to be read lies above its top.
local function run(program)
  local stack, top = program, 0
  for i = 1, #program do
    local step = program[i]
    if actions[step] then
      top = step(stack, top)
    else
      top = top + 1
      stack[top] = step
    end
  end
  assert(top == 1, "the grammar wrote a program that leaves more than one tree")
  return stack[1]
end

-- Errors ------------------------------------------------------------------------------------------------------------
-- All of this runs once, after a failure.

local function quote(text)
  return "`" .. text .. "`"
end

M.quote = quote

--- Stops the parse with an error. For the actions of this grammar and of the rule files' grammar.
---@param context table the third argument of the match: text, file, start, whole
---@param pos integer
---@param message string
---@param hint string|nil
function M.stop(context, pos, message, hint)
  error(
    errors.at { text = context.text, file = context.file, pos = pos, message = message, hint = hint },
    0
  )
end

local closing = { ["("] = ")", ["["] = "]", ["{"] = "}" }
local opening = { [")"] = "(", ["]"] = "[", ["}"] = "{" }
local string_token = P '"' * (P "\\" * 1 + (1 - S '"\n')) ^ 0 * '"'

-- What lies between `from` and `pos`: the brackets still open (their places, innermost last), and where the last operand began
-- and ended. `limit` stops at the bracket that makes more than so many.
local function scan(text, from, pos, limit)
  local open, first, last, begun = {}, nil, from - 1, {}
  local i = from
  while i < pos do
    local _, stop = text:find("^[ \t\r\n]+", i)
    if not stop then
      _, stop = text:find("^#[^\n]*", i)
    end
    if not stop then
      local byte = text:sub(i, i)
      if byte == '"' then
        stop = string_token:match(text, i)
        stop = stop and stop - 1
        first = i
      elseif closing[byte] then
        begun[#open + 1] = first and last == i - 1 and first or i -- a call begins at its name
        open[#open + 1] = i
        if limit and #open > limit then
          return open, first, last
        end
        first = nil
      elseif opening[byte] then
        first, open[#open] = begun[#open], nil
      elseif byte ~= "'" then
        _, stop = text:find("^[%w_\x80-\xff]+", i)
        if not stop and not text:find("^%.?%^", i) and not text:find("^%.[%d']", i) then
          first = nil
        elseif stop and not (first and last == i - 1) then
          first = i
        end
      end
      last = stop or i
    end
    i = (stop or i) + 1
  end
  return open, first, math.min(last, pos - 1)
end

local word = C(identifier)
local signs =
  C(P "==" + "->" + "**" + ".." + "!=" + "~=" + "<=" + ">=" + "&&" + "||" + ".*" + "./" + ".^" + ".'")

-- What stands at a place, as a message names it, and of which sort it is: word, number, string, sign.
local function found(text, pos)
  local token = word:match(text, pos)
  if token then
    return token, "word"
  end
  token = C(number):match(text, pos)
  if token then
    return token, "number"
  end
  token = C(string_token):match(text, pos)
  if token then
    return token, "string"
  end
  token = signs:match(text, pos)
  if token then
    return token, "sign"
  end
  return text:match("^" .. utf8.charpattern, pos) or text:sub(pos, pos), "sign"
end

-- Repairs for signs that this language does not have.
local foreign = {
  ["**"] = "the power is ^",
  ["=="] = "an expression is not an equation; `check a == b` in a rule file compares two",
  ["="] = "an expression is not an equation",
  ["["] = "there are no subscripts and no lists of entries; calls and groups are written with ( )",
  ["{"] = "groups are written with ( )",
  ["@"] = "the matrix product is *",
  ["%"] = "a comment begins with #",
  ["|"] = "the determinant is det(X), the absolute value abs(x), the norm norm2(x)",
  ["||"] = "the norm is norm2(x)",
  ["‖"] = "the norm is norm2(x)",
  ["√"] = "the square root is sqrt(x)",
  ["∑"] = "the sum of all entries is sum(x), a counted sum sum(i = 1..n, ...)",
  ["∂"] = "a derivative is D(f, x), a differential d(X)",
  ["÷"] = "a division by a scalar is /",
  ["ⁿ"] = "a power that is not a number is written ^n",
  ["½"] = "write 1/2",
  ["∗"] = "the matrix product is *",
  ["∙"] = "the matrix product is *",
  ["•"] = "the matrix product is *",
  ["∕"] = "the division is /",
  ["⁄"] = "the division is /",
  ["⁎"] = "the matrix product is *",
  ["–"] = "the minus sign is -",
  ["—"] = "the minus sign is -",
  ["’"] = "the transpose is '",
  ["‘"] = "the transpose is '",
  ["´"] = "the transpose is '",
  ["`"] = "the transpose is '",
  ["（"] = "brackets are ( and )",
  ["）"] = "brackets are ( and )",
  ["，"] = "the comma is ,",
  ["、"] = "the comma is ,",
  ["："] = "the colon is :",
  ["；"] = "the semicolon is ;",
  ["“"] = 'a string stands in straight quotes "',
  ["”"] = 'a string stands in straight quotes "',
}

-- How an operand is shown in a hint; a long one is not.
local function show(text)
  return (#text > 40 or text:find "[\n#]") and "(...)" or text
end

-- How many sizes each kind of declaration has; false: up to two.
local kinds =
  { scalar = 0, vector = 1, matrix = 2, number = 0, constant = false, variable = false, operator = 0 }

-- Words that others write where a condition begins.
local condition_words = { when = true, where = true, provided = true, unless = true, given = true }

-- The first word of the statement of a rule file in which a place lies.
local function statement_word(text, pos)
  return ("\n" .. text:sub(1, pos)):match ".*\n(%a+)"
end

-- What the writer may have meant by `token`; the operand from `first` to `last` stands before it, if one does.
local function repair(context, pos, what, after, token, sort, first, last)
  local text = context.text
  if sort == "sign" and text:find("^%.T%f[^%w_]", pos) then
    return "the transpose is written A'"
  elseif
    context.statements
    and context.statements[token]
    and text:sub(context.start, pos - 1):find "\n[ \t]*$"
  then
    return "a statement begins at the left margin; an indented line continues the statement above"
  elseif context.statements and (token == "=" or token == "==") then
    if statement_word(text, pos) == "identity" then
      return "a derivative is stated with the name of a layout: D(f(x), x)  denominator  2*x; an equation with =="
    end
    return "a rule is written left -> right; a check and a condition left == right"
  elseif
    context.statements and (condition_words[token] or first and condition_words[text:sub(first, last)])
  then
    return "a condition begins with if: if symmetric(A)"
  elseif context.statements and token:find "^&" then
    return "conditions are joined by , or by and"
  elseif not after and token == "->" and text:sub(context.start, pos - 1):find "%f[%w]for%f[%W]" then
    return "a loop before the rule is followed by the rule's name, a string; or put the loop at the end"
  elseif not after then
    local another = what == "declarations end" and kinds[token] ~= nil
    return another and "declarations are separated by commas" or foreign[token]
  end
  local left = first and show(text:sub(first, last))
  if token == "\\" and left then
    local right = word:match(text, pos + 1) or word:match(text, text:find("[^ ]", pos + 1) or pos)
    return ("did you mean inv(%s)*%s?"):format(left, right or "(...)")
  elseif left and left:sub(-1) ~= '"' and (sort == "word" or sort == "number" or token == "(") then
    local right = token == "(" and "(...)" or text:find("^%(", pos + #token) and token .. "(...)" or token
    if token == "(" and M.is_name(left) then
      return ("did you mean the call %s(...), without the space, or the product %s*(...)?"):format(left, left)
    end
    return ("did you mean %s*%s?"):format(left, right)
  end
  return foreign[token]
end

local wanted = {
  operand = "an expression",
  ["end"] = "an operator",
  close = "an operator or `)`",
  arguments = "an operator, `,` or `)`",
  [".."] = "`..` and the last value of the index",
  ["counted body"] = "`,` and the term of the sum",
  declaration = "a declaration",
  name = "a name",
  of = "the name of the argument",
  sizes = "an operator, `,` or `)`",
  ["declarations end"] = "an attribute, `,` or `;`",
}

-- Signs that end an expression of a rule file, and so never stand in brackets.
local ends_side = { ["->"] = true, ["→"] = true, ["=="] = true }

-- The error at a place where `what` was expected and something else was found.
local function diagnose(context, pos, what, after)
  local text = context.text
  local want = wanted[what] or what
  local open, first, last = scan(text, context.start, pos)
  local innermost = open[#open]
  local bracket = innermost and text:sub(innermost, innermost)
  if pos > #text or text:byte(pos) == 10 then -- the end of it all?
    if innermost then
      return M.stop(context, innermost, ("this %s is never closed"):format(quote(bracket)))
    elseif last < context.start and (what == "operand" or what == "declaration") then
      return M.stop(context, context.start, ("the %s is empty"):format(context.whole))
    end
    return M.stop(context, last + 1, ("expected %s, found the end of the %s"):format(want, context.whole))
  end
  local token, sort = found(text, pos)
  if opening[token] and not innermost then
    return M.stop(context, pos, ("this %s closes nothing"):format(quote(token)))
  elseif innermost and after and context.reserved and (context.reserved[token] or ends_side[token]) then
    local message = ("this %s is never closed"):format(quote(bracket))
    return M.stop(context, innermost, message, ("%s follows"):format(quote(token)))
  end
  local hint = repair(context, pos, what, after, token, sort, after and first, last)
  if context.reserved and context.reserved[token] then
    hint = not after and ("%s is a reserved word of rule files"):format(quote(token)) or nil
  elseif
    hint
    and hint:find "^did you mean"
    and (what == "close" or what == "arguments" or what == "sizes")
  then
    want = wanted["end"]
  elseif what == "arguments" and token == "=" then
    hint = "only a counted sum has an index: sum(i = 1..n, ...)"
  end
  local shown = token == "`" and "a backquote" or quote(token)
  if sort == "sign" and #token > 1 and token:byte() > 127 then
    shown = ("%s (U+%04X)"):format(shown, utf8.codepoint(token))
  elseif sort == "sign" and token:find "%c" then
    shown = ("the control character U+%04X"):format(token:byte())
  end
  M.stop(context, pos, ("expected %s, found %s"):format(want, shown), hint)
end

M.diagnose = diagnose

local function fail(_, pos, context, what, after)
  diagnose(context, pos, what, after)
end

--- A pattern that never matches: it stops the parse with "expected ..., found ...".
---@param what string a key of the table of what can be expected, or the words themselves
---@param after boolean|nil true where an expression has just ended: what follows it may lack an operator
function M.expected(what, after)
  local never = P(1) -- tells LPeg that this does not match the empty string
  return Cmt(Carg(1) * Cc(what) * Cc(after or false), fail) * never
end

local expected = M.expected

local function too_deep(context)
  local open = scan(context.text, context.start, #context.text + 1, DEPTH)
  if #open > DEPTH then
    return M.stop(context, open[#open], ("brackets nest more than %d deep"):format(DEPTH))
  end
  M.stop(context, context.start, ("the %s nests too deeply"):format(context.whole))
end

-- What a protected match gives: its captures, or nil and the error.
local function captures(context, ok, first, ...)
  if ok then
    return first, ...
  elseif not errors.is_error(first) then
    if not tostring(first):find "stack overflow" then
      error(first, 0)
    end
    local _, err = pcall(too_deep, context)
    return nil, err
  end
  return nil, first
end

--- Matches a pattern whose actions stop with errors.
---@param pattern any an LPeg pattern
---@param context table text, file, start (byte index where to begin), whole (what the text is called in messages)
---@return any ... the pattern's captures; or nil and the error
function M.match(pattern, context)
  lpeg.setmaxstack(STACK)
  return captures(context, pcall(pattern.match, pattern, context.text, context.start, context))
end

-- The grammar -------------------------------------------------------------------------------------------------------

-- A program of any length, and one that fits on Lua's stack, as all of a rule file do: its table is made in one piece.
local function any_program(steps)
  return Ct(steps) / run
end

local function short_program(steps)
  return steps / function(...)
    return run { ... }
  end
end

--- The rules of expressions, to be put in a grammar. Its entry is `expression`, which captures one tree.
---@param space any the pattern of the space between tokens
---@param reserved table|nil a set of words that are no names: then expressions are those of a rule file, of moderate length
---@return table rules
function M.expressions(space, reserved)
  local program = reserved and short_program or any_program
  local keyword = P(false)
  for reserved_word in pairs(reserved or {}) do
    keyword = keyword + reserved_word * boundary
  end
  local any_name = V "name"

  local function sign(pattern)
    return P(pattern) * space
  end
  local function operator(pattern) -- a sign that leaves its place
    return Cp() * sign(pattern)
  end
  local minus = P "-" - "->" + "−"
  local times = P "*" - "**" + "·" + "×" + "⋅"
  -- what may have an entry, and one index: (a)(b) is more likely a product
  local after_operand = lpeg.B(S ")'") + lpeg.B "ᵀ" + lpeg.B "⊤" + lpeg.B "′"
  local index = (R("in", "ps") * P "_" ^ -1 * digit ^ 0 * boundary + digit ^ 1 * boundary) * space

  return {
    -- LPeg copies a pattern wherever it stands, but calls a rule: these are long, and stand in many places.
    identifier = identifier,
    boundary = boundary,
    keyword = keyword,
    name = V "identifier" - V "keyword",

    expression = program(V "sum"),

    sum = V "product"
      * (operator "+" * V "product" * Cc(add) + operator(minus) * V "product" * Cc(subtract)) ^ 0,

    product = V "unary" * V "factor" ^ 0,
    factor = operator(times) * V "unary" * Cc(multiply)
      + operator "/" * V "unary" * Cc(divide)
      + operator(P ".*" + "⊙" + "∘") * V "unary" * Cc(multiply_entries)
      + operator "./" * V "unary" * Cc(divide_entries)
      + operator "⊗" * V "unary" * Cc(kronecker),

    unary = operator(minus) * V "unary" * Cc(negate) + sign "+" * V "unary" + V "postfix",

    postfix = V "primary"
      * (operator(P "'" + ".'" + "ᵀ" + "⊤" + "′") * Cc(transpose) + operator "^" * V "exponent" * Cc(
          power
        ) + operator ".^" * V "exponent" * Cc(power_entries) + V "superscript" + V "indexed")
        ^ 0,

    -- (X*A)(i,j), A'(i,j), inv(A)(i,j): with no space before the bracket
    indexed = #P "(" * after_operand * V "looks_indexed" * operator "(" * Cc(indexed) * V "indices",
    looks_indexed = #(
        P "("
        * space
        * (index * (S "+-*" * space * index) ^ 0 * ")" + (1 - S "()," + V "balanced") ^ 1 * ",")
      ),
    balanced = "(" * (1 - S "()" + V "balanced") ^ 0 * ")",

    exponent = operator(minus) * V "exponent" * Cc(negate) + sign "+" * V "exponent" + V "primary",

    -- X² X⁻¹ X⁻ᵀ
    superscript = Cp() * P "⁺" ^ -1 * Cp() * (C(superscript ^ 1) / lower) * Cc(literal) * Cc(power) * space
      + Cp()
        * Cp()
        * "⁻"
        * Cp()
        * (C(superscript ^ 1) / lower + Cc "1" * #P "ᵀ")
        * Cc(literal)
        * Cc(negate)
        * Cc(power)
        * space,

    primary = V "counted"
      + Cp() * C(any_name) * (V "arguments" + space * Cc(name))
      + Cp() * C(number) * space * Cc(literal)
      + operator "(" * V "sum" * (sign ")" + expected("close", true)) * Cc(brackets)
      + expected "operand",

    arguments = sign "(" * Cc(call) * V "indices",
    indices = V "argument" * (sign "," * V "argument") ^ 0 * (sign ")" + expected("arguments", true)),
    argument = V "sum" * Cc(argument),

    counted = Cp()
      * sign "sum("
      * C(any_name)
      * space
      * sign(P "=" - "==")
      * V "sum"
      * (sign ".." + expected("..", true))
      * V "sum"
      * (sign "," + expected("counted body", true))
      * V "sum"
      * (sign ")" + expected("close", true))
      * Cc(counted),
  }
end

-- Declarations ------------------------------------------------------------------------------------------------------

-- One declaration: its kind taken from the one before where it has none, its sizes named.
local function declare(context, decl, kind, kind_before)
  local sizes = decl.sizes or {}
  decl.sizes = nil
  local count = kinds[kind]
  if not decl.kind and not kind_before then
    local meant = spelling.nearest(decl.name, kinds)
    M.stop(
      context,
      decl.pos,
      ("expected scalar, vector or matrix, found %s"):format(quote(decl.name)),
      meant and ("did you mean %s?"):format(meant) or ("did you mean matrix %s?"):format(decl.name)
    )
  elseif #sizes > 0 and count and #sizes ~= count then
    local place = (sizes[count + 1] or sizes[1]).pos
    if count == 0 then
      M.stop(
        context,
        place,
        ("a %s has no sizes"):format(kind),
        kind == "scalar" and ("did you mean an unknown function: scalar %s of x?"):format(decl.name) or nil
      )
    elseif count == 1 then
      M.stop(
        context,
        place,
        ("a vector has one size, found %d"):format(#sizes),
        #sizes == 2 and ("did you mean matrix %s?"):format(decl.name) or nil
      )
    else
      M.stop(
        context,
        place,
        ("a matrix has two sizes, found %d"):format(#sizes),
        #sizes == 1 and ("did you mean vector %s?"):format(decl.name) or nil
      )
    end
  elseif #sizes > 2 then
    M.stop(context, sizes[3].pos, ("a %s has at most two sizes, found %d"):format(kind, #sizes))
  end
  decl.kind, decl.rows, decl.cols = kind, sizes[1], sizes[2]
  return decl
end

local function declare_all(context, list)
  local kind
  for _, decl in ipairs(list) do
    declare(context, decl, decl.kind or kind, kind)
    kind = decl.kind
  end
  return list
end

--- The pattern of a list of declarations, for a grammar that holds the rules of expressions.
---@param space any the space between tokens
---@param within any the space inside one declaration (in an identity, a declaration ends with its line)
function M.declaration_list(space, within)
  local kind_word = P(false)
  for kind in pairs(kinds) do
    kind_word = kind_word + kind
  end
  kind_word = kind_word * V "boundary"
  local any_name = V "name" - kind_word - P "of" * V "boundary"

  local sizes = "("
    * space
    * Ct(V "expression" * ("," * space * V "expression") ^ 0)
    * (")" * within + expected("sizes", true))
  local of = "of" * V "boundary" * space * Cg(Cp(), "ofpos") * (Cg(any_name, "of") * within + expected "of")
  local shape_word = (P "scalar" + "vector" + "matrix") * V "boundary" -- `constant` may be an attribute, `matrix` not
  local attribute = Ct(Cg(Cp(), "pos") * Cg(V "name" - shape_word, "name")) * -P "(" * within
  local declaration = Ct(
    Cg(Cp(), "pos")
      * (Cg(kind_word, "kind") * space * #(any_name + expected "name")) ^ -1
      * Cg(Cp(), "namepos")
      * (Cg(any_name, "name") * within + expected "declaration")
      * Cg(sizes, "sizes") ^ -1
      * of ^ -1
      * Cg(Ct(attribute ^ 0), "attributes")
  )
  local list = declaration * ("," * space * declaration + ";" * space * (#letter * declaration) ^ -1) ^ 0
  return Carg(1) * Ct(list) / declare_all
end

-- Entries -----------------------------------------------------------------------------------------------------------

local function complete(entry, rules, ending)
  rules[1] = "whole"
  rules.whole = free_space * entry * (-1 + ending)
  return P(rules)
end

-- By what the whole text is. Each is made when it is first needed.
local grammars = setmetatable({}, {
  __index = function(grammars, whole)
    local rules = M.expressions(free_space)
    if whole == "expression" then
      grammars[whole] = complete(V "expression", rules, expected("end", true))
    else
      local list = M.declaration_list(free_space, free_space)
      grammars[whole] = complete(list, rules, expected "declarations end")
    end
    return rawget(grammars, whole)
  end,
})

local function parse(whole, text, opts)
  if type(text) ~= "string" then
    error(("text expected, got %s"):format(type(text)), 3)
  end
  local file = opts and opts.file
  local err = errors.check_utf8(text, file)
  if err then
    return nil, err
  end
  return M.match(grammars[whole], { text = text, file = file, start = 1, whole = whole })
end

--- Reads an expression.
---@param text string
---@param opts table|nil file: the name that errors carry
---@return nabla.Ast|nil tree
---@return nabla.Error|nil err
function M.expression(text, opts)
  return parse("expression", text, opts)
end

--- Reads declarations: `scalar a, matrix A(m,n) symmetric; vector u(m) of x`.
---@param text string
---@param opts table|nil file: the name that errors carry
---@return nabla.Declaration[]|nil list
---@return nabla.Error|nil err
function M.declarations(text, opts)
  return parse("declaration", text, opts)
end

-- To look at --------------------------------------------------------------------------------------------------------

local dump

local function dump_list(list)
  local out = {}
  for i, tree in ipairs(list) do
    out[i] = dump(tree)
  end
  return table.concat(out, ", ")
end

local writers = {
  number = function(tree)
    return tree.text
  end,
  name = function(tree)
    return tree.name
  end,
  call = function(tree)
    return tree.name .. "(" .. dump_list(tree.args) .. ")"
  end,
  entry = function(tree)
    return dump(tree[1]) .. "(" .. dump_list(tree.args) .. ")"
  end,
  neg = function(tree)
    return "(-" .. dump(tree[1]) .. ")"
  end,
  transpose = function(tree)
    return dump(tree[1]) .. "'"
  end,
  power = function(tree)
    return ("(%s %s %s)"):format(dump(tree[1]), tree.elementwise and ".^" or "^", dump(tree[2]))
  end,
  sumover = function(tree)
    return ("sum(%s = %s..%s, %s)"):format(tree.var, dump(tree.lo), dump(tree.hi), dump(tree.body))
  end,
  ["not"] = function(tree)
    return "not " .. dump(tree[1])
  end,
  compare = function(tree)
    return ("%s %s %s"):format(dump(tree[1]), tree.op, dump(tree[2]))
  end,
  sum = function(tree)
    local out = { dump(tree.args[1]) }
    for i = 2, #tree.args do
      out[i] = (tree.signs[i] == 1 and "+ " or "- ") .. dump(tree.args[i])
    end
    return "(" .. table.concat(out, " ") .. ")"
  end,
  product = function(tree)
    local out = { dump(tree.args[1]) }
    for i = 2, #tree.args do
      out[i] = tree.ops[i - 1] .. " " .. dump(tree.args[i])
    end
    return "(" .. table.concat(out, " ") .. ")"
  end,
}

--- Prints a tree with all its brackets, to see how a text was read: `a + b*c'` as `(a + (b * c'))`.
---@param tree nabla.Ast
---@return string
function M.dump(tree)
  return writers[tree.tag](tree)
end

dump = M.dump

return M
