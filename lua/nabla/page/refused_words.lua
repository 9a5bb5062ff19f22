--- What people put beside an expression, and no expression says: constraints, loops, functions and conditions of programs, questions.
--
-- A text with one of these is refused by name, before it is read as something else.
--
-- @module nabla.page.refused_words

local errors = require "nabla.text.errors"

local M = {}

local CONSTRAINT = {
  message = "a constraint is not part of an expression",
  hint = "`stationary` takes it: nabla stationary \"x'*A*x\" x --subject-to \"x'*x = 1\"",
}
local LOOP = {
  message = "a loop is not part of an expression",
  hint = "a sum of all entries is sum(x), a counted sum sum(i = 1..n, x(i)^2)",
}
local FUNCTION = {
  message = "the definition of a function is not an expression",
  hint = "leave it out: what the function gives is read, and the variable is said beside it: nabla diff \"x'*A*x\" x",
}
local CHANGE = {
  message = "an assignment that changes a variable is not an expression",
  hint = "write what is on its right",
}
local IMPORT = { message = "an import is not an expression", hint = "leave it out" }
local CONDITION = {
  message = "a condition of a program is not read",
  hint = "where(step(x), a, b) is a where x > 0 and b elsewhere; relu(x) is x where x > 0",
}
local QUESTION = {
  message = "a question in words is not read",
  hint = "the expression alone, and the variable beside it: nabla diff \"x'*A*x\" x",
}

-- What is soon sought, the pattern, and what is said. `anywhere`: also in LaTeX; `strict`: not in the notation of a program.
local REFUSED = {
  { "t.", "%f[%a]s%.%s*t%.", CONSTRAINT, anywhere = true },
  { "subject", "%f[%a]subject%s+to%f[%A]", CONSTRAINT, anywhere = true },
  { "such", "%f[%a]such%s+that%f[%A]", CONSTRAINT, anywhere = true },
  { "for", "^%s*()for%s+[%w_]", LOOP },
  { "for", "%[[^%]]*%f[%a]()for%s+[%w_]+%s+in%f[%A]", LOOP },
  { "for", "%f[%a]()for%s+[%w_]+%s+in%f[%A]", LOOP, strict = true },
  { "while", "^%s*()while%f[%A]", LOOP },
  { "lambda", "^%s*()lambda%s+[%w_,%s]*:", FUNCTION },
  { "def", "^%s*()def%s+[%w_]+%s*%b()", FUNCTION },
  { "function", "^%s*()function%f[%A]", FUNCTION },
  { "@(", "^%s*()@%b()", FUNCTION },
  { "@(", "=%s*()@%b()", FUNCTION },
  { "->", "^%s*()[%w_,%(%)%s]+%->", FUNCTION },
  { "=", "^%s*[%w_%.%[%]:,]+%s*()[-+*/@]=[^=]", CHANGE },
  { "import", "^%s*()import%f[%A]", IMPORT },
  { "import", "^%s*()from%s+[%w_%.]+%s+import%f[%A]", IMPORT },
  { "if", "^%s*()if%f[%A]", CONDITION },
  {
    "end",
    "[%(,%[]%s*()end%s*[%)%],%-+]",
    {
      message = "an index that counts from the end is not read",
      hint = "of a vector x(n) the last entry is x(n)",
    },
  },
  {
    "%",
    "()%%",
    { message = "`%` is not read", hint = "a comment begins with #; there is no remainder of a division" },
    strict = true,
  },
  {
    "|",
    "%f[%w]%a()%(%s*[%w_]+%s*|[%w_,%s]+%)",
    { message = "a density with a condition is not read", hint = "write it out, or its logarithm; bars close: |X|" },
    strict = true,
  },
  {
    "|",
    "%f[%w]E()%[[%w_%s,]+|[%w_%s,]+%]",
    {
      message = "an expectation with a condition is not read",
      hint = "E[..] is over the letters that are declared random; what is given is declared without that word",
    },
    strict = true,
  },
  { "erivative", "%f[%a]()[Dd]erivative%s+of%f[%A]", QUESTION },
  { "radient", "%f[%a]()[Gg]radient%s+of%f[%A]", QUESTION },
  { "ifferentiate", "%f[%a]()[Dd]ifferentiate%f[%A]", QUESTION },
}

--- Stop at what no expression says.
-- @tparam string text
-- @tparam boolean latex is the text in LaTeX?
-- @tparam boolean program is it in the notation of a program?
-- @tparam function has_own is it an expression with the signs of a rule file?
function M.refuse(text, latex, program, has_own)
  for i = 1, #REFUSED do
    local one = REFUSED[i]
    if (one.anywhere or not latex) and not (one.strict and program) and text:find(one[1], 1, true) then
      local from, _, place = text:find(one[2])
      if from and not (one.strict and has_own()) then
        error(errors.at { text = text, pos = place or from, message = one[3].message, hint = one[3].hint }, 0)
      end
    end
  end
end

return M
