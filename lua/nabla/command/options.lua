--- The commands, with their arguments, options and help texts, for argparse.
--
-- Two things come before argparse: an expression may begin with a minus sign, and a mistyped option names the nearest one.
--
-- @module nabla.command.options

local output = require "nabla.command.output"
local spelling = require "nabla.text.spelling"

local USAGE, stop = output.USAGE, output.stop

local M = {}

--- The commands, in the order of the help.
M.commands = {
  "diff",
  "hessian",
  "derive",
  "convexity",
  "taylor",
  "solve",
  "stationary",
  "simplify",
  "expand",
  "collect",
  "factor",
  "square",
  "layouts",
  "conventions",
  "notations",
  "table",
  "identities",
  "identify",
  "code",
  "repl",
  "equal",
  "check",
  "batch",
  "latex",
  "help",
  "version",
}

-- argparse takes an argument that begins with `-` for an option. One that cannot be a known kind of option is
-- an expression or a value: this character goes before it, and `shown` takes it away.
local COVER = "\1"

function M.shown(word)
  return (word:gsub("^" .. COVER, ""))
end

local function looks_like_option(word)
  return word == "-h" or word:match "^%-%-%a[%a-]+$" or word:match "^%-%-%a[%a-]+="
end

local function option(command, name, value, description)
  return command:option("--" .. name, description):argname(value):convert(M.shown)
end

local function rules_option(command)
  option(command, "rules", "FILE", "Read this rule file after nabla's own; may be given several times."):count "*"
  command:flag("--check", "Prove the rule files of --rules by numbers as they are read; refuse one that is wrong.")
end

local function habits_flag(command)
  command
    :flag("--no-habits", "Read no letter otherwise than by its habit, let no scalar go with each entry of a column.")
    :target "no_habits"
end

local function calculus(command)
  option(command, "layout", "NAME", "How the partial derivatives are arranged; `nabla layouts` lists them.")
  option(command, "let", "TEXT", "Declarations; may be given several times."):count "*"
  option(command, "format", "NAME", "text, unicode or latex; of an answer or a derivation also dot or svg.")
  habits_flag(command)
  rules_option(command)
  option(
    command,
    "convention",
    "NAME",
    "How a structured variable is understood: free (its entries are independent), projected, entries."
  )
  option(command, "notation", "NAME", "How the answer is written; `nabla notations` lists them.")
end

local function typed_option(command)
  local typed = "The notation of a program that EXPR is in: numpy, pytorch, julia, matlab; else recognised."
  option(command, "typed", "NAME", typed)
end

local function steps_options(command)
  option(command, "detail", "NAME", "How much a line of the derivation does: fine, normal or brief.")
  option(command, "lang", "NAME", "The language of the reasons: en, zh, or another that rule files have titles in.")
  command:flag("--names", "Give names to parts of the function wherever that shortens the derivation: r = A*x - b.")
end

local function parts_flag(command)
  command:flag("--parts", "Give names to the parts of the answer that repeat: 2*A'*r where r = A*x - b.")
end

local function steps_flag(command)
  command:flag("--steps", "Print how the answer is found, as `nabla derive` does; the last line is the answer.")
  steps_options(command)
end

local function verify_flag(command)
  command:flag("--verify", "Compare the answer with finite differences of EXPR before it is printed.")
end

-- The options of solve and stationary.
local function solving(command)
  option(command, "let", "TEXT", "Declarations; may be given several times."):count "*"
  option(command, "format", "NAME", "text, unicode or latex.")
  option(command, "notation", "NAME", "How the answer is written; `nabla notations` lists them.")
  command:flag("--steps", "Print how the answer is found; the last lines are the answer.")
  parts_flag(command)
  command:flag("--alternating", "Find each unknown while the others are given, as the steps of an alternating method.")
  option(command, "lang", "NAME", "The language of the reasons: en, zh, or another that rule files have titles in.")
  habits_flag(command)
  rules_option(command)
end

-- A command that writes an expression in another form. `by`: the name of its second argument and what it is, or nil.
local function form(command, description, by, sides)
  command:description(description)
  command:argument("EXPR", "The expression, in quotes."):argname("EXPR"):target("expr"):convert(M.shown)
  if by then
    command:argument(by[1], by[2]):argname(by[1]):target("by"):convert(M.shown)
  end
  option(command, "let", "TEXT", "Declarations; may be given several times."):count "*"
  option(command, "format", "NAME", "text, unicode or latex.")
  option(command, "notation", "NAME", "How the answer is written; `nabla notations` lists them.")
  if sides then
    option(command, "side", "NAME", sides)
  end
  parts_flag(command)
  habits_flag(command)
  rules_option(command)
end

--- By the name of a command: a function that describes it to argparse.
M.describe = {
  diff = function(command)
    command:description "Prints the derivative of an expression by a variable."
    command:argument("EXPR", "The expression, in quotes."):argname("EXPR"):target("expr"):convert(M.shown)
    command
      :argument(
        "VARIABLE",
        'The variable: a name, a name with a prime, such as "x\'", or an entry, such as "X(i,j)".'
      )
      :argname("VARIABLE")
      :target("wrt")
      :convert(M.shown)
    calculus(command)
    typed_option(command)
    verify_flag(command)
    parts_flag(command)
    steps_flag(command)
    command:epilog [[
Examples:
  nabla diff "x'*A*x" x
  nabla diff "x'*A*x" x --layout numerator --let "matrix A(n,n) symmetric"
  nabla diff "A*x" "x'"
  nabla diff "logdet(X)" X --format latex
  nabla diff "logdet(S)" S --let "matrix S(n,n) symmetric" --convention entries
  nabla diff "sum(exp(u(x)))" x --let "vector x(n), vector u(m) of x"]]
  end,
  hessian = function(command)
    command:description [[
Prints the second derivatives of a scalar: d2f/dx dx', or with another variable d2f/dx dy'.
By a scalar variable: the second derivative of any expression.]]
    command:argument("EXPR", "The expression, in quotes."):argname("EXPR"):target("expr"):convert(M.shown)
    command:argument("VARIABLE", "The variable."):argname("VARIABLE"):target("wrt"):convert(M.shown)
    command:argument("OTHER", "Another variable."):argname("OTHER"):target("wrt2"):args("?"):convert(M.shown)
    calculus(command)
    typed_option(command)
    verify_flag(command)
    parts_flag(command)
    steps_flag(command)
    command:epilog [[
Examples:
  nabla hessian "norm2(A*x - b)^2" x
  nabla hessian "x'*A*y" x y]]
  end,
  derive = function(command)
    command:description [[
Prints how a derivative is found: the expression as it was written, its differential rule by rule, the form
that the layout reads, and the answer. Each line has its reason.]]
    command:argument("EXPR", "The expression, in quotes."):argname("EXPR"):target("expr"):convert(M.shown)
    command
      :argument("VARIABLE", "The variable, as for `nabla diff`.")
      :argname("VARIABLE")
      :target("wrt")
      :convert(M.shown)
    command
      :argument("OTHER", "With --hessian: another variable.")
      :argname("OTHER")
      :target("wrt2")
      :args("?")
      :convert(M.shown)
    calculus(command)
    typed_option(command)
    steps_options(command)
    command:flag("--hessian", "Derive the second derivatives.")
    command:epilog [[
Examples:
  nabla derive "norm2(A*x - b)^2" x
  nabla derive "x'*A*x" x --detail fine
  nabla derive "logdet(X)" X --format latex --lang zh
  nabla derive "x'*A*x" x --hessian]]
  end,
  convexity = function(command)
    command:description [[
Says what kind of function a scalar expression is of a variable, or of several together: affine, strictly convex,
convex, strictly concave, concave, neither (with points that show it), or unknown; and what proves it.
Exit status: 1 for unknown.]]
    command:argument("EXPR", "The expression, in quotes."):argname("EXPR"):target("expr"):convert(M.shown)
    command:argument("VARIABLE", "The variables."):argname("VARIABLE"):target("wrt"):args("+"):convert(M.shown)
    option(command, "let", "TEXT", "Declarations; may be given several times."):count "*"
    option(command, "format", "NAME", "text, unicode or latex.")
    option(command, "lang", "NAME", "The language of the reasons: en or zh.")
    habits_flag(command)
    rules_option(command)
    command:epilog [[
Examples:
  nabla convexity "logsumexp(A*x)" x
  nabla convexity "-logdet(X)" X --let "matrix X(n,n) spd"
  nabla convexity "norm2(x)^2/t" x t --let "scalar t positive"]]
  end,
  taylor = function(command)
    command:description [[
Prints the expansion of an expression: f at X + H to the given order in H, and the order of the rest.
Without a direction, in powers of a scalar variable at 0.]]
    command:argument("EXPR", "The expression, in quotes."):argname("EXPR"):target("expr"):convert(M.shown)
    command:argument("VARIABLE", "The variable X."):argname("VARIABLE"):target("wrt"):convert(M.shown)
    command
      :argument("DIRECTION", "The direction H.")
      :argname("DIRECTION")
      :target("direction")
      :args("?")
      :convert(M.shown)
    option(command, "order", "NUMBER", "The highest power; 2 if none is given.")
    option(command, "at", "TEXT", "Expand at this value of the variable.")
    parts_flag(command)
    command:flag("--steps", "Print how the expansion is found; the last line is the answer.")
    option(command, "lang", "NAME", "The language of the reasons: en, zh, or another that rule files have titles in.")
    option(command, "let", "TEXT", "Declarations; may be given several times."):count "*"
    option(command, "format", "NAME", "text, unicode or latex.")
    option(command, "notation", "NAME", "How the answer is written; `nabla notations` lists them.")
    habits_flag(command)
    rules_option(command)
    command:epilog [[
Examples:
  nabla taylor "logdet(X)" X H
  nabla taylor "inv(X)" X H --order 3
  nabla taylor "logdet(I(n) + t*A)" t --order 3]]
  end,
  repl = function(command)
    command:description [[
Reads lines and answers them: expressions, diff EXPRESSION by X, declarations, settings such as :layout numerator.
The line `help` lists what there is.]]
    option(command, "layout", "NAME", "How the partial derivatives are arranged; `nabla layouts` lists them.")
    option(command, "let", "TEXT", "Declarations; may be given several times."):count "*"
    command:flag("--json", "For notebooks: requests and answers as JSON, one object a line.")
    habits_flag(command)
    rules_option(command)
    command:epilog [[
Example:
  nabla repl --let "matrix A(n,n) symmetric, vector x(n)"]]
  end,
  code = function(command)
    command:description [[
Prints a function in a programming language: the value of an expression and its derivative. Its parameters are the
letters of the expression. Shared parts are computed once; the shapes are checked at entry.]]
    command
      :argument("LANGUAGE", "numpy, torch, jax, octave, matlab, r, c, cpp, fortran, julia, lua; mathml, typst.")
      :argname("LANGUAGE")
      :target("target")
    command:argument("EXPR", "The expression, in quotes."):argname("EXPR"):target("expr"):convert(M.shown)
    command
      :argument("VARIABLE", "The variable, as for `nabla diff`; without one: the value alone.")
      :argname("VARIABLE")
      :target("wrt")
      :args("?")
      :convert(M.shown)
    calculus(command)
    typed_option(command)
    command:flag("--hessian", "Write a function for the second derivatives, too.")
    command:flag("--direction", "Write a function for the product of the Hessian with a direction, too.")
    command:flag("--check-gradient", "Write a comparison with finite differences, too."):target "check_gradient"
    command:epilog [[
Examples:
  nabla code numpy "norm2(A*x - b)^2" x
  nabla code numpy "logdet(X) + tr(A*X)" X --let "matrix X(n,n) spd" --check-gradient]]
  end,
  solve = function(command)
    command:description [[
Solves equations for scalars, vectors and matrices. Prints a line x = .. for each unknown; the conditions go to
standard error. Of an equation that cannot be solved the reason is printed.]]
    command
      :argument("EQUATION", "The equations, each in quotes; behind them the unknowns, or see --for.")
      :argname("EQUATION")
      :target("equations")
      :args("*")
      :convert(M.shown)
    option(command, "for", "NAMES", "The unknowns, such as x,y or x y."):target("unknowns"):args "+"
    solving(command)
    command:epilog [[
Examples:
  nabla solve "A'*(A*x - b) = 0" --for x
  nabla solve "A*x + B*y = a" "C*x + D*y = d" --for x,y
  nabla solve "A*X + X*A' = Q" --for X --steps]]
  end,
  stationary = function(command)
    command:description [[
Finds where the derivative of a scalar expression by the variables is zero, perhaps under constraints, with a
Lagrange multiplier for each; and says what kind of point it is, as far as that is proved.]]
    command:argument("EXPR", "The expression, in quotes."):argname("EXPR"):target("expr"):convert(M.shown)
    command:argument("VARIABLE", "The variables."):argname("VARIABLE"):target("unknowns"):args("+"):convert(M.shown)
    option(command, "subject-to", "EQUATION", "A constraint; may be given several times.")
      :count("*")
      :target "constraints"
    solving(command)
    command:epilog [[
Examples:
  nabla stationary "norm2(A*x - b)^2" x
  nabla stationary "norm2(x)^2" x --subject-to "C*x = d"
  nabla stationary "N*logdet(S) + tr(inv(S)*Q)" S --let "matrix S(n,n) spd, matrix Q(n,n) spd, scalar N positive"]]
  end,
  simplify = function(command)
    form(command, "Prints an expression as a textbook would: attributes used, common factors outside.")
    command:epilog [[
Examples:
  nabla simplify "Q'*Q*x" --let "matrix Q(n,n) orthogonal, vector x(n)"
  nabla simplify "A*x - B*x"]]
  end,
  expand = function(command)
    form(command, "Prints an expression with products and linear operators distributed over sums.")
    command:epilog [[
Examples:
  nabla expand "(A + B)'*(A + B)"
  nabla expand "norm2(A*x - b)^2"]]
  end,
  collect = function(command)
    local sides = "right: what follows the variable is alike; left: what goes before it. Else what gives fewer terms."
    local by = { "VARIABLE", "The variable." }
    form(command, "Prints an expression with the products of a variable collected.", by, sides)
    command:epilog [[
Examples:
  nabla collect "A*x + B*x - C*x" x
  nabla collect "x'*A*x + x'*B*x" x]]
  end,
  factor = function(command)
    local by = { "FACTOR", "The factor, in quotes." }
    form(command, "Prints an expression with a factor outside, of the terms that have it.", by, "right, or left.")
    command:epilog [[
Examples:
  nabla factor "P - K*H*P" P
  nabla factor "A*X*B + A*Y" A --side left]]
  end,
  square = function(command)
    local by = { "VARIABLE", "The variable, a scalar or a column." }
    form(command, "Completes the square in a variable: (x - m)'*M*(x - m) + r.", by)
    command:epilog [[
Example:
  nabla square "x'*S*x - 2*b'*x" x --let "matrix S(n,n) spd, vector x(n), vector b(n)"]]
  end,
  layouts = function(command)
    command:description "Lists the layouts: the name for --layout, the title, the Chinese title."
    rules_option(command)
  end,
  notations = function(command)
    command:description "Lists the notations: the name for --notation, the title, the Chinese title."
    rules_option(command)
  end,
  conventions = function(command)
    command:description [[
Lists the conventions, what the derivative by a variable declared symmetric, diagonal and the like may mean:
the name for --convention, the title, the Chinese title.]]
    rules_option(command)
  end,
  table = function(command)
    command:description [[
Prints a table of identities, such as scalar-by-vector. Without a name: which tables there are.
An answer stands as the table states it; in a layout that it does not state, the answer is derived.]]
    command:argument("NAME", "The table."):argname("NAME"):target("name"):args("?"):convert(M.shown)
    option(command, "layout", "NAME", "Only the answers in this layout; `nabla layouts` lists them.")
    option(command, "format", "NAME", "text, unicode, markdown or latex.")
    option(command, "lang", "NAME", "The language of the titles: en, zh, or another that rule files have.")
    rules_option(command)
    command:epilog [[
Examples:
  nabla table
  nabla table scalar-by-vector
  nabla table scalar-by-vector --layout denominator --format markdown
  nabla table scalar-by-vector --lang zh]]
  end,
  identities = function(command)
    command:description "Lists the identities that the rule files state."
    rules_option(command)
  end,
  equal = function(command)
    command:description [[
Are two expressions equal, whatever values their letters have? Prints yes, no or unknown, and why:
the rules bring them to one form, or they agree (or differ) at random values.
Letters that nobody declared have the sizes that make sense of both.
Exit status: 0 for yes, else 1.]]
    command:argument("EXPR", "An expression, in quotes."):argname("EXPR"):target("left"):convert(M.shown)
    command:argument("OTHER", "Another one."):argname("OTHER"):target("right"):convert(M.shown)
    option(command, "let", "TEXT", "Declarations; may be given several times."):count "*"
    command:flag("--steps", "Print the chain of rules that leads from one to the other, where there is one.")
    option(command, "lang", "NAME", "The language of its reasons: en or zh.")
    option(command, "format", "NAME", "How the chain is printed: text, unicode, latex or markdown.")
    habits_flag(command)
    rules_option(command)
    command:epilog [[
Examples:
  nabla equal "tr(A*B)" "tr(B*A)"
  nabla equal "(A + B)'*(A + B)" "A'*A + A'*B + B'*A + B'*B" --steps
  nabla equal "inv(A + B)" "inv(A) + inv(B)"
  nabla equal "Q'*Q" "I(n)" --let "matrix Q(n,n) orthogonal"]]
  end,
  check = function(command)
    command:description [[
Reads each rule file on top of nabla's own rules, and proves its statements: rules, adjoints, facts,
functions, layouts, identities, checks. Each is instantiated with random matrices and evaluated: modulo
the prime 2^61-1, which is exact, if it is rational, else in floating point. A statement is proved,
failed (with a counterexample), or not checkable (with the reason).
It warns of declarations that are never used, and of rules whose order in the file decides. A rule that
can never fire, or that does not terminate, is an error.
The exit status is 1 if a file is refused, a statement failed, or there is an error.]]
    command
      :argument("FILE", "Rule files, or folders of them.")
      :argname("FILE")
      :target("files")
      :args("+")
      :convert(M.shown)
    command:flag("--list", "Say of every statement how it was proved.")
    command:flag("--names", "Say instead which statements lack a name, a source or a Chinese title.")
    command:flag("--watch", "Go on: each time the file is written, prove what has changed. Ctrl-C ends it.")
    command:epilog [[
Examples:
  nabla check course.rules
  nabla check rules/]]
  end,
  identify = function(command)
    command:description [[
Says in which layouts a claimed derivative is right, by which convention and for which matrices;
or what is nearest to it that is right. The formula may be in LaTeX, or as it is copied from a page.
The claim is judged by numbers, at random values.
Exit status: 0 if it is right in some layout, perhaps under a condition that is named; else 1.]]
    command
      :argument(
        "FORMULA",
        "d(f)/dx = CLAIM, d2(f)/dxdx' = CLAIM, D(f, x) = CLAIM, d(f) = CLAIM, LaTeX; or only the expression f."
      )
      :argname("FORMULA")
      :target("formula")
      :convert(M.shown)
    command
      :argument("VARIABLE", "The variable, after an expression.")
      :argname("VARIABLE")
      :target("wrt")
      :args("?")
      :convert(M.shown)
    command
      :argument("CLAIM", "The claimed derivative.")
      :argname("CLAIM")
      :target("claim")
      :args("?")
      :convert(M.shown)
    calculus(command)
    option(command, "to", "NAME", "Print the derivative in this layout as well.")
    option(command, "at", "TEXT", 'Compare at this value: --at "t = 0"; may be given several times.'):count "*"
    command:flag("--hessian", "The claim is of the second derivative.")
    parts_flag(command)
    command:epilog [[
Examples:
  nabla identify "d(x'*A*x)/dx = x'*(A + A')" --to denominator
  nabla identify "x'*A*x" x "2*A*x"
  nabla identify "y = A*x => d(y)/dx = A"
  nabla identify "d(X^-1) = -X^-1*d(X)*X^-1"
  nabla identify "\frac{\partial \log|X|}{\partial X} = X^{-T}"
  nabla identify "d(u'*v)/dx = D(v,x)*v + D(u,x)*u" --let "vector x(n), vector u(m) of x, vector v(m) of x"]]
  end,
  latex = function(command)
    command:description [[
Answers the requests that LaTeX has written with the package nabla, for its next run on the document.
Reads FILE.nabla, writes FILE.nabla-answers. Exit status: 1 where an answer is an error.]]
    command:argument("FILE", "The document, with or without .tex."):argname("FILE"):target("file"):convert(M.shown)
    command:flag("--fresh", "Compute all answers, also those that are there.")
    command:epilog [[
Example:
  pdflatex paper && nabla latex paper && pdflatex paper]]
  end,
  batch = function(command)
    command:description [[
Reads requests from standard input, one JSON object a line, and answers each with one line.
A request: {"id": 1, "expr": "x'*A*x", "wrt": "x"}. Further keys, all optional:
  "decl"         a list of declarations, such as ["matrix A(n,n) symmetric", "vector x(n)"]
  "layout"       as --layout
  "op"           "derivative", "hessian", "solve" (with "equations" and "unknowns", lists), "stationary" (with
                 "expr", "unknowns" and perhaps "constraints"), "equal" (with "left" and "right"), "derive",
                 "identify" (with "formula", or "expr", "wrt" and "claim"), "table" (with "name"), "check" (of the
                 files of "rules" or of "rules_text"), "code" (with "target", a language), "simplify", "expand",
                 "collect" and "square" (with "wrt"), or "factor" (with "factor")
  "wrt2"         another variable, for a hessian
  "format"       "text", "unicode" or "latex"
  "rules"        a list of rule files; each is read once
  "rules_text"   rules in memory: a text, or a list of {"name", "text"}
  "limits"       an object with limits of this request, such as {"seconds": 2}
  "convention"   as --convention; "structured" is another name of "entries"
  "habits"       false: as --no-habits
  "parts"        true: as --parts; the answer comes with "parts", a list of {"name", "text"}
  "notation"     as --notation; "typed" as --typed
  "steps"        true: the derivation comes with the answer, as "of", the name of the function, and "steps", a
                 list of {"kind", "rule", "zh", "cite", "text"}; "detail", "lang" and "names" as --detail, --lang,
                 --names
  "verify"       true: the answer is compared with finite differences of "expr"; if they differ it is an error
An answer: {"id":1,"answer":"(A + A')*x","shape":"n x 1"}, perhaps with "notes",
or {"id":1,"error":{"message":...,"line":...,"column":...,"hint":...}}.
One request has no effect on another.]]
    command:epilog [[
Example:
  nabla batch < requests.jsonl > answers.jsonl]]
  end,
}

--- The argparse command, and the whole parser that reads it.
function M.parser(name)
  local argparse = require "argparse"
  local parser = argparse "nabla":add_help(false)
  local command = parser:command(name):add_help(false):usage_max_width(100):help_max_width(100)
  command:flag("-h --help", "Print this help.")
  M.describe[name](command)
  return parser, command
end

-- Formats, written as options of their own.
local FORMATS = {}
for _, format in ipairs { "text", "unicode", "latex", "markdown", "dot", "svg" } do
  FORMATS["--" .. format] = true
end

--- The words as argparse is to see them. Stops at an unknown option; tells whether help is asked for.
function M.covered(words, command)
  local known, covered, asked, plain = {}, {}, false, false
  for _, o in ipairs(command._options) do
    for _, alias in ipairs(o._aliases) do
      known[#known + 1] = alias
    end
  end
  table.sort(known)
  for i, word in ipairs(words) do
    covered[i] = word
    if plain or word:sub(1, 1) ~= "-" then
      covered[i] = word
    elseif word == "--" then
      plain = true
    elseif not looks_like_option(word) then
      covered[i] = COVER .. word
    else
      local name = word:match "^[^=]*"
      local found = false
      for _, alias in ipairs(known) do
        found = found or alias == name
      end
      if not found then
        local nearest = spelling.nearest(name, known)
        if not nearest and FORMATS[name] and table.concat(known, " "):find("--format", 1, true) then
          nearest = "--format " .. name:sub(3)
        end
        stop(
          USAGE,
          "%s has no option '%s'%s",
          command._name,
          name,
          nearest and "; did you mean " .. nearest .. "?"
            or ("; known: %s\nhint: -- goes before an expression that begins so"):format(
              table.concat(known, ", ")
            )
        )
      end
      asked = asked or name == "-h" or name == "--help"
    end
  end
  return covered, asked
end

--- What argparse says, without the characters that cover signs.
function M.uncovered(text)
  return M.shown(text:gsub(COVER, ""))
end

return M
