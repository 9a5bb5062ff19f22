--- What is wrong with a text that the grammar does not match: the place, what was expected, what may have been meant.
--
-- A rule that must match ends in `expected "..."`, which stops the parse right there: no rule is ever tried twice for its
-- error. All of this runs once, after a failure.
--
-- @module nabla.language.mistakes

local characters = require "nabla.language.characters"
local errors = require "nabla.text.errors"
local lpeg = require "lpeg"

local P, S, C = lpeg.P, lpeg.S, lpeg.C
local Cc, Cmt, Carg = lpeg.Cc, lpeg.Cmt, lpeg.Carg
local identifier, number = characters.identifier, characters.number

local M = {}

local STACK = 200000 -- LPeg's stack: 10,000 nested brackets take less than half of it
local DEPTH = 10000 -- the nesting that is promised to work

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

-- What is at a place, as a message names it, and of which sort it is: word, number, string, sign.
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

--- Repairs for signs that this language does not have.
local foreign = {
  ["$"] = "mathematics is written without dollar signs",
  ["**"] = "the power is ^",
  ["=="] = "an expression is not an equation; `check a == b` in a rule file compares two",
  ["="] = "an expression is not an equation",
  ["["] = "there are no subscripts in brackets; an entry is x(i), and blocks are separated by , and ;",
  ["{"] = "groups are written with ( )",
  ["@"] = "the matrix product is *",
  ["%"] = "a comment begins with #",
  ["|"] = "the determinant is det(X), the absolute value abs(x), the norm norm2(x)",
  ["||"] = "the norm is norm2(x)",
  ["‖"] = "the norm is norm2(x)",
  ["√"] = "the square root is sqrt(x)",
  ["∑"] = "the sum of all entries is sum(x), a counted sum sum(i = 1..n, ...)",
  [":"] = "there are no ranges of entries; one entry is x(i), a sum counts as in sum(i = 1..n, ...)",
  [">"] = "step(x) is 1 where x > 0, relu(x) is x there; what holds for x is declared: vector x(n) positive",
  ["<"] = "step(-x) is 1 where x < 0; what holds for x is declared: vector x(n) positive",
  ["&"] = "a product entry by entry is .*",
  ["!"] = "the factorial of n is exp(lgamma(n + 1))",
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
  ["。"] = "a statement ends where its line ends",
}
for quotes in ("「 」 『 』 《 》 〈 〉 « » „"):gmatch "%S+" do
  foreign[quotes] = 'a string stands in straight quotes "'
end
for code = 0xFF01, 0xFF5E do -- a wide form of an ASCII sign
  local wide = utf8.char(code)
  foreign[wide] = foreign[wide] or ("write %s, of the usual width"):format(string.char(code - 0xFF01 + 0x21))
end

M.foreign = foreign

-- How an operand is shown in a hint; a long one is not.
local function show(text)
  return (#text > 40 or text:find "[\n#]") and "(...)" or text
end

--- How many sizes each kind of declaration has; false: up to two.
M.sizes_of_kind =
  { scalar = 0, vector = 1, matrix = 2, number = 0, constant = false, variable = false, operator = 0 }

-- Words that others write where a condition begins.
local condition_words = { when = true, where = true, provided = true, unless = true, given = true }

-- What stands behind an expression in plain words, and how it is said.
local DECLARED = "what a letter is is declared: --let \"matrix A(m,n)\"; a definition is written where A = B + C"
local plain_words = { where = DECLARED, is = DECLARED, are = DECLARED, with = DECLARED }
for each in ("wrt for if and or then when by of the as in"):gmatch "%S+" do
  plain_words[each] = "words are not read: the expression alone, and the variable beside it"
end

-- The first word of the statement of a rule file in which a place lies.
local function statement_word(text, pos)
  return ("\n" .. text:sub(1, pos)):match ".*\n(%a+)"
end

-- What the writer may have meant. A failure is { context, pos, what was expected, after: an expression has just ended; token
-- and sort: what is there; operand: the text of the operand before it, or nil }.
local function repair(failure)
  local context, pos, token, sort = failure.context, failure.pos, failure.token, failure.sort
  local text, after, operand = context.text, failure.after, failure.operand
  local special = context.hint and context.hint(failure) -- of a rule file
  if special then
    return special, true
  end
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
  elseif context.statements and (condition_words[token] or condition_words[operand]) then
    return "a condition begins with if: if symmetric(A)"
  elseif context.statements and token:find "^&" then
    return "conditions are joined by , or by and"
  elseif context.statements and operand == "or" and text:sub(context.start, pos):find "%f[%w]if%f[%W]" then
    return "conditions are not joined by or: write the statement once for each of them"
  elseif context.statements and (token == "!=" or token == "~=") then
    return "that two sides differ is stated by fail left == right; in a condition not a == b"
  elseif not after and token == "->" and text:sub(context.start, pos - 1):find "%f[%w]for%f[%W]" then
    return "a loop before the rule is followed by the rule's name, a string; or put the loop at the end"
  elseif not after then
    local another = failure.what == "declarations end" and M.sizes_of_kind[token] ~= nil
    return another and "declarations are separated by commas" or foreign[token]
  end
  local left = operand and show(operand)
  if not context.statements and sort == "word" and plain_words[token] then
    return plain_words[token]
  end
  if token == "\\" and left then
    local right = word:match(text, pos + 1) or word:match(text, text:find("[^ ]", pos + 1) or pos)
    return ("did you mean inv(%s)*%s?"):format(left, right or "(...)")
  elseif left and left:sub(-1) ~= '"' and (sort == "word" or sort == "number" or token == "(") then
    if token == "(" and characters.is_name(left:match "^(.-)'+$" or "") then
      return ("the derivative of an unknown function is D(%s, x), a product %s*(...)"):format(left:match "^[^']+", left)
    end
    local right = token == "(" and "(...)" or text:find("^%(", pos + #token) and token .. "(...)" or token
    if token == "(" and characters.is_name(left) then
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
  blocks = "an operator, `,`, `;` or `]`",
  ["spaced sign"] = "a sign between spaces, as in [A - b], or a comma, as in [A, -b]",
  ["counted body"] = "`,` and the term of the sum",
  declaration = "a declaration",
  name = "a name",
  of = "the name of the argument",
  index = "the index of the family, as in for i = 1..N",
  ["="] = "`=` and the first value of the index",
  sizes = "an operator, `,` or `)`",
  ["declarations end"] = "an attribute, `,` or `;`",
}

-- Signs that end an expression of a rule file, and so never are in brackets.
local ends_side = { ["->"] = true, ["→"] = true, ["=="] = true }

-- The place of the last sum( before a place.
local function open_call(text, pos)
  local last = 1
  for at in text:sub(1, pos):gmatch "()%f[%a]sum%(" do
    last = at
  end
  return last
end

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
    local message = ("expected %s, found the end of the %s"):format(want, context.whole)
    return M.stop(context, last + 1, message, context.hint_at_end and context.hint_at_end(context, pos, what))
  end
  local token, sort = found(text, pos)
  if opening[token] and not innermost then
    local hint = context.statements and ("take it away, or open it: %s"):format(opening[token]) or nil
    return M.stop(context, pos, ("this %s closes nothing"):format(quote(token)), hint)
  elseif innermost and after and context.reserved and (context.reserved[token] or ends_side[token]) then
    local message = ("this %s is never closed"):format(quote(bracket))
    return M.stop(context, innermost, message, ("%s follows"):format(quote(token)))
  end
  local hint, special = repair {
    context = context,
    pos = pos,
    what = what,
    after = after,
    token = token,
    sort = sort,
    operand = after and first and text:sub(first, last) or nil,
  }
  if context.reserved and context.reserved[token] and not special then
    hint = not after and ("%s is a reserved word of rule files"):format(quote(token)) or nil
  elseif
    hint
    and hint:find "^did you mean"
    and (what == "close" or what == "arguments" or what == "sizes")
  then
    want = wanted["end"]
  elseif what == "arguments" and token == "=" then
    hint = "only a counted sum has an index: sum(i = 1..n, ...)"
  elseif what ~= "operand" and not hint and context.text:find("^sum%(%a%s*=", open_call(context.text, pos)) then
    hint = "the term of a sum is in its brackets: sum(i = 1..n, ...)"
  elseif token == "~" and not hint then
    hint = "a distribution is declared: random vector x(n) mean m covariance S"
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


local function too_deep(context)
  local open = scan(context.text, context.start, #context.text + 1, DEPTH)
  if #open > DEPTH then
    return M.stop(context, open[#open], ("brackets nest more than %d deep"):format(DEPTH))
  end
  local hint = context.statements and "part it: what occurs in it may be functions of their own" or nil
  M.stop(context, context.start, ("the %s is too long, or nests too deeply"):format(context.whole), hint)
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

return M
