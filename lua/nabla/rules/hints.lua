--- What the writer of a rule file may have meant, where its text is not of the language.
--
-- A hint is found from the place, the statement in which it lies and what is around it. The grammar of expressions has its own
-- (nabla.language.mistakes), which hold in rule files, too, where there is none here.
--
-- @module nabla.rules.hints

local characters = require "nabla.language.characters"
local lpeg = require "lpeg"
local mistakes = require "nabla.language.mistakes"

local M = {}

local KINDS = { scalar = true, vector = true, matrix = true, number = true, constant = true, variable = true }

-- Words that other languages begin a statement with: what is written here.
local foreign_statements = {
  ["let matrix A(m,n), vector x(n)"] = "declare assume assuming given suppose variable variables var dim symbols syms",
  ["function f(x(n)): scalar = .."] = "def define fun func fn method",
  ["identity \"name\", and its forms on indented lines"] = "theorem lemma proposition formula equation derivative",
  ["check left == right"] = "test assert verify prove require expect show",
  ['use "file.rules"'] = "import include load input using source require",
  ['without rule "name"'] = "remove delete drop unset forget disable undo",
  ["default layout NAME"] = "set option options style",
  ["fact symmetric(A*A')"] = "property prop axiom",
  ['table "Title"'] = "section chapter subsection heading title",
  ['notation NAME latex ".." or notation vectors bold'] = "print typeset format render symbol display",
  ["operator f(A(m,n)): matrix (m,n)"] = "op newcommand macro",
}
local statement_for = {}
for written, words in pairs(foreign_statements) do
  for word in words:gmatch "%S+" do
    statement_for[word] = written
  end
end

--- How what begins with a word of another language is written here, or nil.
function M.statement(word)
  return statement_for[word:lower()]
end

-- What LaTeX's commands are in this language.
local latex = {
  cdot = "the product is *",
  circ = "the elementwise product is .*",
  frac = "a fraction is written a/b",
  left = "brackets are ( and )",
  mathbf = "names are written plainly: X",
  mathrm = "names are written plainly: tr(A)",
  odot = "the elementwise product is .*",
  otimes = "the Kronecker product is kron(A,B)",
  partial = "a derivative is D(f, x), a differential d(X)",
  sqrt = "the square root is sqrt(x)",
  sum = "the sum of all entries is sum(x), a counted sum sum(i = 1..n, ..)",
  top = "the transpose is written A'",
}
latex.times, latex.hadamard = latex.cdot, latex.odot
latex.mathsf, latex.intercal = latex.top, latex.top
latex.boldsymbol, latex.bf, latex.vec = latex.mathbf, latex.mathbf, latex.mathbf
latex.operatorname, latex.right = latex.mathrm, latex.left

-- ---------------------------------------------------------------------------------------------- by what is there

-- A text that a mistake is in: `text`, `pos`, `start` of the statement, `word` it begins with, `token` and `sort` of what is
-- there, `before` (the statement up to there), `operand` before it, `what` was expected.
local looks = {}

-- LaTeX: a command, or braces.
function looks.latex(at)
  local command = at.text:match("^\\(%a%a+)", at.pos) or at.text:match("^\\[,;:! ]", at.pos)
  local braces = at.text:match("^{\\?(%a*)", at.pos)
  if not command and not braces then
    return nil
  end
  local template = at.before:match "([%a]+)%s*$"
  if braces and (template == "latex" or template == "unicode" or template == "infix") then
    return string.format('a template is a string, in which %%1 is the first argument: %s ".."', template)
  end
  if braces and at.before:find "%^%s*$" then
    return "an exponent has no braces: A^-1, x^(k+1)"
  end
  local own = latex[command or braces]
  return "a rule file is not written in LaTeX" .. (own and ": " .. own or ": write x'*A*x, inv(X), kron(A,B)")
end

-- Comments of other languages.
function looks.comment(at)
  local sign = at.text:match("^%-%-", at.pos) or at.text:match("^//", at.pos) or at.text:match("^/%*", at.pos)
  return sign and "a comment begins with #"
end

-- Signs between the two sides of a statement, and at its end.
function looks.sign(at)
  local sign = at.text:match("^<?[=%-]>", at.pos) or at.text:match("^:=", at.pos)
  if at.text:find("^<%-[^>]", at.pos) then
    return "a rule goes one way: left -> right"
  elseif sign == "<->" or sign == "<=>" or at.text:find("^↔", at.pos) or at.text:find("^⇔", at.pos) then
    return "a rule goes one way: left -> right"
  elseif sign == "=>" or at.text:find("^⇒", at.pos) then
    return "a rule is written left -> right"
  elseif at.token == ";" then
    return "a statement ends where its line ends"
  elseif at.text:find("^:%s*=", at.pos) or at.before:find ":%s*$" and at.token == "=" then
    return "a body follows the sign =, without a colon"
  elseif at.token == "," and at.before:find "%d%s*$" and at.text:find("^,%d", at.pos) then
    return "decimals are written with a point: 0.5"
  elseif at.token == "%" and at.before:find "%d%s*$" then
    return "a share is written as a number: 0.5"
  elseif at.token == "." and at.operand then
    return "the product is *, the elementwise product .*"
  end
end

-- Brackets of a call with nothing in them, and signs that nobody sees.
function looks.nothing(at)
  local invisible = at.token:find "%c" or at.text:find("^\u{200B}", at.pos) or at.text:find("^\u{2060}", at.pos)
  if invisible or at.text:find("^\u{FEFF}", at.pos) then
    return "this sign is not seen: delete it, or type the word anew"
  end
  local call = at.what ~= "the name of a parameter" and at.before:find "[%w_]%(%s*$"
  return call and at.token == ")" and "the argument is missing: it stands between the brackets" or nil
end

-- A condition without brackets; a sum with an index as in print; a factor behind an exponent.
function looks.missing_sign(at)
  local asked = at.sort == "word" and at.before:match "%f[%w]if%f[%W].-([%a_][%w_]*)%s+$"
  if asked and asked ~= "or" and asked ~= "not" and not at.before:find "%f[%w]if%f[%W].*[=<>]" then
    return string.format("a condition is written %s(%s)", asked, at.token)
  elseif at.operand and at.operand:find "^sum_" then
    return "a counted sum is written sum(i = 1..n, x(i))"
  end
  local power = at.operand and at.sort == "word" and at.before:match "([%w_']+%^%-?[%w_.]+)[ \t]*$"
  return power and string.format("did you mean %s*%s?", power, at.token) or nil
end

-- A string without its quotes.
function looks.string(at)
  if at.token == "'" and at.before:find "^%a+%s+$" then
    return 'a string stands in straight double quotes: "'
  end
  local name = at.what:find "a string$" and at.text:match("^[^%s\"]+", at.pos)
  local word = at.before:match "(%a+)%s*$" or at.word
  return name and at.token ~= "“" and string.format('a string stands in quotes: %s "%s"', word, name) or nil
end

-- ---------------------------------------------------------------------------------------------- by the statement

local of_statement = {}

-- The hint for what a word begins that ends an expression too early, or is where none belongs.
local OF_EXPRESSION = "a function of an expression and a variable is written "
  .. "function laplacian(scalar f, variable x(n)): scalar = .."

of_statement["function"] = function(at)
  if at.what:find "^the name of" then
    return at.sort == "number" and "a name begins with a letter" or nil
  elseif at.token == "-" and at.before:find "^%a+%s+[%w_]+$" then
    return "a name has letters, digits and _"
  end
  if at.token == "of" and at.before:find "%([^%)]*$" then
    return OF_EXPRESSION
  elseif at.sort == "string" then
    return 'a title stands behind the parameters: function f(x(n)) "Title": scalar = ..'
  end
  local line = at.text:match("^[^\n]*", at.pos)
  if at.what:find "^scalar, vector" then
    local name = at.before:match "^%a+%s+([^%s%(]+)" or "f"
    return string.format("a body follows the shape: function %s(..): scalar = ..", name)
  elseif at.token == "D" or line:find "^d/d" or line:find "^'%s*%(" or line:find "^∂" then
    return "below a function stands its differential, d(f(x)) = .., below an elementwise one derivative .. of an entry"
  elseif at.operand == "gradient" or at.operand == "jacobian" or at.operand == "hessian" then
    return "below a function stands its differential, d(f(x)) = .., below an elementwise one derivative .. of an entry"
  end
end

of_statement.declare = function(at)
  local hint = "a declaration gives no value; a name for a value is a function: function c: scalar = 1"
  return at.token == "=" and hint or nil
end

local ARITHMETIC = { ["+"] = true, ["-"] = true, ["*"] = true, ["/"] = true, ["^"] = true, ["'"] = true }

of_statement.let = function(at)
  local general = "a declaration is written matrix A(m,n), vector x(n), scalar c; attributes stand behind: "
    .. "symmetric invertible"
  local last = at.before:match "(%a+)%s*$"
  if at.statements[at.token] and at.before:find "^let%s.*[%w%)]%s*$" and not at.before:find "\n%s*$" then
    return "each statement begins on a line of its own"
  elseif at.statements[last] and not at.before:find "^let%s*$" then
    return not at.before:find "\n%s*%a+%s*$" and "each statement begins on a line of its own" or nil
  elseif at.what == "name" then
    return nil
  elseif at.token == "=" then
    return of_statement.declare(at)
  elseif at.token == "and" then
    return at.before:find "%f[%w]with%f[%W]" and "a distribution is declared: random vector x(n) mean m covariance S"
      or "attributes stand one behind the other: symmetric invertible"
  elseif KINDS[at.token] and at.before:find "%)%s*[%a%s]*$" then
    return "declarations are separated by commas"
  elseif at.token == "~" then
    return "a distribution is declared: random vector x(n) mean m covariance S"
  elseif (ARITHMETIC[at.token] or at.token:find "^%d") and at.before:find "%)%s*%l+%s+[%w%s]*$" then
    return "a value that is no letter is in brackets: covariance (2*S)"
  end
  return general
end

of_statement.rule = function(at)
  local name = at.before:match "^%a+%s+([%w_]+)%s*$"
  if name and at.what == "`->`" then
    return string.format('the name of a rule is a string: %s "%s" left -> right', at.word, name)
  elseif at.token == "->" and at.before:find "%->" then
    return "a rule has two sides; its condition stands behind if"
  elseif at.what:find "^the values" then
    return "a loop names what its letter stands for: for f in sin cos"
  elseif at.before:find "priority%s*$" then
    return "a priority is a number: priority 1"
  end
end
of_statement.simplify = of_statement.rule

of_statement.identity = function(at)
  local line = at.text:match("^[^\n]*", at.start) -- of the name
  if at.token == "" and at.before:find "%)%s+%a+%s*$" then
    return "the answer follows the name of the layout: D(x'*x, x)  denominator  2*x"
  end
  if line:find "d%s*%^%s*2" then
    return "a second differential is written d(d(x'*A*x))"
  end
  if at.what == "`==` or the name of a layout" and at.token ~= "=" then
    return "the name of a layout stands before the derivative: D(x'*x, x)  denominator  2*x; in an equation =="
  end
end

-- A claim and its name.
of_statement.check = function(at)
  if at.token == "" and not at.what:find "string" then
    return ("both sides are needed: %s left == right"):format(at.word)
  elseif at.token == "," then
    return "a check has one equation: write another check on a line of its own"
  elseif at.sort == "string" then
    return ('a name stands in front: %s "name" left == right'):format(at.word)
  end
end
of_statement.fail = of_statement.check

of_statement.prefer = function(at)
  if at.what == "`over`" then
    return "a preference is written prefer FORM over FORM"
  elseif at.token == "if" then
    return "a preference has no conditions: declare what it needs, let matrix A(n,n) symmetric"
  end
end

of_statement.isolate = function(at)
  return at.token == "==" and "the equation of an isolation is written with =" or nil
end

of_statement.habit = function()
  return "a habit is written habit scalar a, b, vector u..z, matrix P, Q"
end

of_statement.operator = function(at)
  local word = at.before:match "(%a+)%s*$"
  if at.token == "of" and at.before:find "%([^%)]*$" then
    return OF_EXPRESSION
  elseif at.sort == "number" and word then
    local hint = "%s takes no number: an operator has properties, which are words, and options, with strings"
    return hint:format(word)
  end
  if at.token == "-" and word then
    return "a property is one word: linear antilinear transpose_invariant"
  end
  if at.what:find "shape of the result" then
    return at.sort == "word" and "properties stand behind the shape: operator f(A(m,n)): matrix (m,n) linear"
      or "an operator says the shapes of its arguments and of its result: operator f(A(m,n)): matrix (m,n)"
  end
end

of_statement.coordinates = function()
  return "coordinates are written coordinates vec(X)  v -> unvec(v, m, n): v is the new vector, on the right X"
end

of_statement.table = function(at)
  return not at.before:find "\n" and 'a title in another language stands behind its code: table "Norms"  de "Normen"'
end

of_statement.notation = function(at)
  if at.token == "vectors" or at.token == "matrices" or at.token == "scalars" then
    return 'names are bold, upright, italic, arrow or underline: vectors bold; or: vectors latex "\\mathbf{%1}"'
  end
  local hint = 'a row says what it is for: derivative  latex "\\partial_{%2} %1", or text "..", unicode ".."'
  return at.what:find "^a row" and hint or nil
end

of_statement.layout = function(at)
  if at.token == "=" and at.before:find "^layout%s+%S+%s*$" then
    return "a layout that differs from another by some rows is written layout mine like numerator"
  end
  if at.what == "`gives`" then
    return "what is printed stands behind the form: d(y) = g'*d(x)  gives  g"
  end
  local hint = "name the layout that it takes its other rows from: like numerator"
  return at.what == "the name of a layout" and hint or nil
end

of_statement.fact = function(at)
  if (at.token == "==" or at.token == "=") and not at.before:find "%f[%w]if%f[%W]" then
    return "a fact states an attribute: fact symmetric(A*A'); an equation is a claim: check left == right"
  end
  return at.what:find "^a property" and "a property stands before its argument: fact symmetric(A*A')" or nil
end

of_statement.default = function()
  return "say of what: default layout NAME, default convention NAME, default notation NAME"
end

of_statement.domain = function()
  return "a domain is written domain convex spd psd: what the matrices with these attributes are"
end

of_statement.without = function()
  return 'say of what kind: without rule "name", without identity "name", without operator NAME, without layout NAME'
end

-- ---------------------------------------------------------------------------------------------- all of it

local ORDER = { "nothing", "latex", "comment", "sign", "string", "missing_sign" }

--- A hint for a place where the text of a rule file is not as it should be; nil where there is none.
-- @tparam table failure of nabla.language.mistakes: context, pos, what, token, sort, operand
function M.of(failure)
  local context, pos = failure.context, failure.pos
  local text, start = context.text, context.start
  local at = {
    text = text,
    pos = pos,
    start = start,
    word = lpeg.C(characters.identifier):match(text, start) or "",
    token = failure.token or "",
    sort = failure.sort,
    before = text:sub(start, pos - 1),
    operand = failure.operand,
    what = failure.what or "",
    statements = context.statements,
  }
  for _, name in ipairs(ORDER) do
    local hint = looks[name](at)
    if hint then
      return hint
    end
  end
  if at.token:find "^[\194-\244]" and mistakes.foreign[at.token] then -- a sign with a repair of its own
    return mistakes.foreign[at.token]
  end
  local own = not at.token:find "%c" and of_statement[at.word]
  return own and own(at) or nil
end

--- A hint where a statement ends too early: its rest may be on the next line, at the left margin.
function M.at_end(context, pos, what)
  local next_line = context.text:match("^[^\n]*\n%s*([^\n]*)", pos)
  if next_line and next_line ~= "" and not next_line:find "^#" and not context.statements[next_line:match "^%a+"] then
    return "what belongs to a statement stands on lines that are indented more: indent the next line"
  end
  local option = what == "a string" and context.text:sub(context.start, pos - 1):match "(%a+)%s*$"
  return option and ('a string stands in quotes: %s ".."'):format(option)
    or M.of { context = context, pos = pos, what = what }
end

return M
