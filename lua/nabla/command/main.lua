--- The command line: `nabla diff "x'*A*x" x`.
--
-- argparse reads the arguments and prints the help. Two things come before it: an expression may begin with a minus sign, and a
-- mistyped command or option names the nearest one. Whatever costs time is loaded only by the command that needs it.
--
-- Exit status: 0 done; 1 the answer is no (shapes do not fit, no rule, a check fails); 2 the command line is wrong.
--
-- @module nabla.command.main

local errors = require "nabla.text.errors"
local paths = require "nabla.rules.paths"
local spelling = require "nabla.text.spelling"

local M = {}

local DONE, NO, USAGE, BUG, INTERRUPTED = 0, 1, 2, 70, 130
local FORMATS = { "text", "unicode", "latex" }

-- Failures are raised as tables with a status, and printed in one place: `main`.
local function stop(status, message, ...)
  error({ status = status, text = string.format(message, ...) }, 0)
end

-- ---------------------------------------------------------------------------------------------- output

-- Standard output, whole lines; a reader that has gone away is no error worth a message.
local function print_out(...)
  local ok, why, code = io.stdout:write(...)
  if ok then
    ok, why, code = io.stdout:flush()
  end
  if not ok then
    local gone = code == 32 -- EPIPE
    error({ status = NO, text = not gone and "cannot write the output: " .. tostring(why) or nil }, 0)
  end
end

-- An error of the library as text: with its line and a caret when there is a place to show.
local function describe(err)
  if errors.is_error(err) and err.text_line == "" then -- a file that cannot be read, an empty expression
    local where = err.file and err.file .. ": " or ""
    return where .. err.message .. (err.hint and "\nhint: " .. err.hint or "")
  end
  return tostring(err)
end

local function did_you_mean(word, known)
  local nearest = spelling.nearest(word, known)
  return nearest and "; did you mean " .. nearest .. "?" or "; known: " .. table.concat(known, ", ")
end

-- ---------------------------------------------------------------------------------------------- sessions

-- A rule file that is there, or a stop.
local function need_file(path)
  local found = paths.find(path)
  if not found then
    stop(USAGE, "there is no rule file '%s'", path)
  end
  return found
end

-- Stop at a word that is not among those that are known.
local function need_known(what, word, known)
  for _, name in ipairs(known) do
    if word == name then
      return
    end
  end
  stop(USAGE, "unknown %s '%s'%s", what, word, did_you_mean(word, known))
end

-- A session by the options of a command.
local function new_session(opts, formats)
  for _, path in ipairs(opts.rules or {}) do
    need_file(path)
  end
  if opts.format then
    need_known("format", opts.format, formats or FORMATS)
  end
  local nabla = require "nabla"
  local session, err = nabla.new { rules = opts.rules }
  if not session then
    stop(errors.is_error(err) and NO or USAGE, "%s", describe(err))
  end
  for _, what in ipairs { "layout", "convention" } do
    if opts[what] then
      need_known(what, opts[what], spelling.names(session[what .. "s"]))
      session[what] = opts[what]
    end
  end
  if opts.let and #opts.let > 0 then
    local declared, why = session:declare(table.unpack(opts.let))
    if not declared and why then
      stop(NO, "%s", describe(why))
    end
  end
  return session
end

-- The answer of the library, or a stop with its error.
local function need(value, err)
  if value == nil then
    stop(NO, "%s", describe(err))
  end
  return value
end

local function print_answer(node, format)
  local text = node:text(format or "text")
  if text:match "^<.*>$" then -- what a session gives in place of a text that it cannot print
    stop(NO, "the answer is %s", text:sub(2, -2))
  end
  print_out(text, "\n")
end

-- ---------------------------------------------------------------------------------------------- commands

local run = {}

-- With --verify: stop unless finite differences of the input agree with the answer.
local function verify(session, opts, f, g, second)
  if opts.verify then
    local right, why = session:verify(f, opts.wrt, g, { second = second })
    if not right then
      local what = right == nil and "the answer cannot be verified: " or ""
      stop(NO, "%s%s", what, describe(why))
    end
  end
end

function run.diff(opts)
  local session = new_session(opts)
  local f = need(session:parse(opts.expr))
  local g, note = session:diff(f, opts.wrt)
  verify(session, opts, f, need(g, note))
  print_answer(g, opts.format)
  if note then
    io.stderr:write("nabla: note: ", note, "\n")
  end
  return DONE
end

function run.hessian(opts)
  local session = new_session(opts)
  local f = need(session:parse(opts.expr))
  local g = need(session:hessian(f, opts.wrt, opts.wrt2))
  verify(session, opts, f, g, opts.wrt2 or true)
  print_answer(g, opts.format)
  return DONE
end

-- Values such as "t = 0".
local function values_at(list)
  local at = {}
  for _, text in ipairs(list or {}) do
    local name, number = text:match "^%s*(%S-)%s*=%s*(%S+)%s*$"
    if not tonumber(number) then
      stop(USAGE, "--at takes a name and its value, such as \"t = 0\", found '%s'", text)
    end
    at[name] = tonumber(number)
  end
  return next(at) and at or nil
end

function run.identify(opts)
  local session = new_session(opts)
  if opts.to then
    need_known("layout", opts.to, spelling.names(session.layouts))
  end
  local given = { layout = opts.layout, convention = opts.convention, to = opts.to, at = values_at(opts.at) }
  if opts.wrt then
    if not opts.claim then
      stop(USAGE, "identify takes a formula with a sign =, or an expression, a variable and a claim")
    end
    given.expr, given.wrt, given.claim, given.hessian = opts.formula, opts.wrt, opts.claim, opts.hessian
  else
    given.formula = opts.formula
  end
  local result = need(session:identify(given))
  print_out(require("nabla.identify").describe(result, opts.format))
  local right = result.status == "right" or result.status == "conditional"
  return right and DONE or NO
end

function run.equal(opts)
  local session = new_session(opts)
  local answer, why = session:equal(opts.left, opts.right)
  need(answer, why)
  print_out(("%s (%s)\n"):format(answer, why))
  return answer == "yes" and DONE or NO
end

function run.batch()
  local broken = require("nabla.command.batch").run(io.stdin, print_out)
  if broken then
    stop(NO, "cannot read the requests: %s", broken)
  end
  return DONE
end

-- A table of what has a name, a title and a Chinese title.
local function print_titles(things, default)
  local names = {}
  for _, name in ipairs(spelling.names(things)) do
    names[#names + 1] = things[name].name == name and name or nil -- not a second name
  end
  local widest, title_widest = 0, 0
  for _, name in ipairs(names) do
    widest = math.max(widest, utf8.len(name))
    title_widest = math.max(title_widest, utf8.len(things[name].title))
  end
  for _, name in ipairs(names) do
    local thing = things[name]
    local line = name
      .. (" "):rep(widest - utf8.len(name) + 2)
      .. thing.title
      .. (" "):rep(title_widest - utf8.len(thing.title) + 2)
      .. (thing.zh or "")
      .. (name == default and "  (default)" or "")
    print_out(line:gsub("%s+$", "") .. "\n")
  end
  return DONE
end

function run.layouts(opts)
  local session = new_session(opts)
  return print_titles(session.layouts, session.layout)
end

function run.conventions(opts)
  local session = new_session(opts)
  return print_titles(session.conventions, session.convention)
end

-- A session that has read the tables of identities as well.
local function library_session(opts, formats)
  local session = new_session(opts, formats)
  local read, err = session:load "identities.rules"
  if not read then
    stop(NO, "%s", describe(err))
  end
  return session
end

function run.identities(opts)
  local session = library_session(opts)
  for _, name in ipairs(session.identity_order) do
    local identity = session.identities[name]
    if identity then
      local parts = { name, identity.zh, identity.cite and "[" .. identity.cite .. "]" }
      print_out(parts[1], parts[2] and "  " .. parts[2] or "", parts[3] and "  " .. parts[3] or "", "\n")
    end
  end
  return DONE
end

function run.table(opts)
  local tables = require "nabla.rules.tables"
  local session = library_session(opts, tables.formats)
  if not opts.name then
    print_out(tables.list(session))
    return DONE
  end
  need_known("language", opts.lang or "en", tables.languages)
  if not session.tables[opts.name] then
    stop(USAGE, "there is no table '%s'%s", opts.name, did_you_mean(opts.name, tables.names(session)))
  end
  print_out(need(session:table(opts.name, { layout = opts.layout, format = opts.format, lang = opts.lang })))
  return DONE
end

-- In which order a report names the kinds of statements, and their plurals.
local KINDS = {
  { "rule", "rules" },
  { "simplify", "simplify rules" },
  { "differential", "differential rules" },
  { "adjoint", "adjoints" },
  { "jacobian", "jacobians" },
  { "block", "block rules" },
  { "fact", "facts" },
  { "function", "functions" },
  { "operator", "operators" },
  { "attribute", "attributes" },
  { "layout", "layouts" },
  { "convention", "conventions" },
  { "identity", "identities" },
  { "check", "checks" },
  { "fail", "fails" },
}

-- "2 rules, 1 check" of the results with a verdict.
local function counted(results, verdict)
  local counts, total, parts = {}, 0, {}
  for _, r in ipairs(results) do
    if r.verdict == verdict then
      counts[r.kind], total = (counts[r.kind] or 0) + 1, total + 1
    end
  end
  for _, kind in ipairs(KINDS) do
    local n = counts[kind[1]]
    parts[#parts + 1] = n and string.format("%d %s", n, n == 1 and kind[1] or kind[2]) or nil
  end
  return total, table.concat(parts, ", ")
end

-- "1 error, 2 warnings" of the remarks on a file.
local function counted_remarks(remarks)
  local parts = {}
  for _, verdict in ipairs { "error", "warning" } do
    local n = 0
    for _, remark in ipairs(remarks) do
      n = n + (remark.verdict == verdict and 1 or 0)
    end
    parts[#parts + 1] = n > 0 and string.format("%d %s%s", n, verdict, n == 1 and "" or "s") or nil
  end
  return table.concat(parts, ", ")
end

local function summary(results, remarks)
  local parts, exactly = {}, 0
  for _, r in ipairs(results) do
    exactly = exactly + (r.proof and r.proof.how == "modulo" and 1 or 0)
  end
  for _, verdict in ipairs { "proved", "failed", "not checkable" } do
    local n, what = counted(results, verdict)
    local part = n > 0 and string.format("%d %s (%s)", n, verdict, what) or nil
    if part and verdict == "proved" and exactly > 0 then
      part = part .. (exactly == n and ", all modulo 2^61-1" or string.format(", %d modulo 2^61-1", exactly))
    end
    parts[#parts + 1] = part
  end
  local said = #parts > 0 and table.concat(parts, ", ") or "it states nothing to prove"
  return said .. (#remarks > 0 and "; " .. counted_remarks(remarks) or "")
end

-- The rule files that an argument names: a file, or all of a folder.
local function files_of(argument)
  local listing =
    io.popen(string.format("find -L '%s' -type f -name '*.rules' 2>/dev/null", (argument:gsub("'", "'\\''"))))
  local files = {}
  local single = paths.contents(argument)
  for path in listing:lines() do
    files[#files + 1] = path:gsub("//+", "/")
  end
  listing:close()
  if single or #files == 0 then
    return { need_file(argument) }
  end
  table.sort(files)
  return files
end

-- The session that has read a file, and the name it has there; nil after its error was printed.
local function session_with(path, standard)
  local text = paths.contents(path)
  for known in pairs(standard.files) do -- one of nabla's own files is read already
    if text and paths.contents(known) == text then
      return standard, known
    end
  end
  local session, err = require("nabla").new { rules = path }
  if not session then
    io.stderr:write("nabla: ", describe(err), "\n")
  end
  return session, path
end

-- A statement in a report: file:line: kind "name".
local function place_of(result)
  local title = result.kind .. (result.name and string.format(' "%s"', result.name) or "")
  return string.format("%s:%d: %s", result.file, result.line, title)
end

-- What was found of a statement that is not proved, with what the rules make of an identity.
local function complain(session, result)
  local lines = { result.detail or "" }
  if result.kind == "identity" and session.identities[result.name] then
    local derived, why = session:check(result.name)
    lines[2] = not derived and why and "by the rules: " .. describe(why) or nil
  end
  io.stderr:write(string.format("nabla: %s: %s\n", place_of(result), result.verdict))
  for _, line in ipairs(lines) do
    io.stderr:write("    ", (line:gsub("\n", "\n    ")), "\n")
  end
end

-- A line on the terminal that says how far a long run is; nothing where nobody looks at it.
local function progress_line()
  local terminal = os.execute "test -t 2" == true
  local function show(text)
    if terminal then
      io.stderr:write("\r", text, "\27[K")
    end
  end
  return show
end

function run.check(opts)
  local files = {}
  for _, argument in ipairs(opts.files) do
    local list = files_of(argument)
    table.move(list, 1, #list, #files + 1, files)
  end
  local standard, err = require("nabla").new()
  if not standard then
    stop(NO, "%s", describe(err))
  end
  local there, check = pcall(require, "nabla.check")
  if not there then
    stop(
      NO,
      "statements are proved by numbers, and the numeric module is not there: install OpenBLAS and LAPACKE, "
        .. "then build again with make, or with LuaRocks: luarocks install nabla-numeric"
    )
  end
  local review = require "nabla.check.lint"
  local reviewers = {} -- one for each session: it reads a file once
  local all, all_remarks, good, show = {}, {}, true, progress_line()
  local own = check.new() -- for nabla's own files; another file may define what it likes
  for k, path in ipairs(files) do
    local session, name = session_with(path, standard)
    local results, remarks, why
    if session then
      local checker = session == standard and own or check.new()
      results, why = checker:file(name, {
        progress = function(i, n)
          show(string.format("%s, file %d of %d: statement %d of %d", path, k, #files, i, n))
        end,
      })
      show ""
    end
    if results then
      reviewers[session] = reviewers[session] or review.new(session)
      remarks = reviewers[session]:file(name)
      for _, remark in ipairs(remarks) do
        io.stderr:write("nabla: ", describe(remark.error), "\n")
        good = good and remark.verdict ~= "error"
      end
      table.move(remarks, 1, #remarks, #all_remarks + 1, all_remarks)
      for _, result in ipairs(results) do
        check.settle(session, result)
        if result.verdict ~= "proved" then
          complain(session, result)
        elseif opts.list then
          local how = result.proof and check.proof_text(result.proof) or "by the rules"
          print_out(place_of(result), ": proved ", how, "\n")
        end
        good = good and result.verdict ~= "failed"
      end
      table.move(results, 1, #results, #all + 1, all)
      print_out(path, ": ", summary(results, remarks), "\n")
    else
      good = false
      if why then
        io.stderr:write("nabla: ", describe(why), "\n")
      end
    end
  end
  if #files > 1 then
    print_out("together: ", summary(all, all_remarks), "\n")
  end
  return good and DONE or NO
end

-- ---------------------------------------------------------------------------------------------- arguments and help

local SHORT_HELP = [[
nabla differentiates expressions in vectors and matrices.

  nabla diff "x'*A*x" x                    prints (A + A')*x
  nabla hessian "norm2(A*x - b)^2" x       prints 2*A'*A

  nabla help                               all commands, the language, more examples
  nabla help diff                          one command and its options
]]

local HELP = [[
nabla differentiates expressions in vectors and matrices, and prints the derivative as a textbook would.

Usage: nabla COMMAND [ARGUMENTS] [OPTIONS]

Commands:
  diff EXPR VARIABLE                the derivative of EXPR by VARIABLE, such as x, X or x'
  hessian EXPR VARIABLE [OTHER]     second derivatives
  layouts                           the layouts there are
  conventions                       what a derivative by a symmetric (diagonal, ..) variable may mean
  table [NAME]                      a table of identities; without a name, which tables there are
  identities                        the identities that the rule files state
  identify FORMULA                  in which layout a formula found on a page is right, or what is wrong with it
  equal EXPR OTHER                  are two expressions equal? yes, no or unknown, and why
  check FILE...                     prove the statements of rule files, or of folders of them, by numbers
  batch                             answer requests, one JSON object a line
  help [COMMAND]                    this text, or the help of one command
  version                           the version of nabla

Options of diff and hessian:
  --layout NAME      how the partial derivatives are arranged: denominator (a gradient is a column),
                     numerator (a gradient is a row), mixed, ...
  --let TEXT         declarations: --let "matrix A(n,n) symmetric, vector x(n)"
  --format NAME      text, unicode or latex
  --rules FILE       read a rule file of your own after nabla's
  --convention NAME  how a structured variable is understood: free (its entries are independent), projected,
                     entries (by its independent entries)

Expressions are written as in MATLAB, in quotes so that the shell leaves them alone:
  A*x + b   A'   A^-1   x/2          sum, product, transpose, power, division by a scalar
  A.*B   x./y   x.^2                 entry by entry
  inv(A) det(A) logdet(A) tr(A)      inverse, determinant, log|det|, trace
  norm2(x) norm1(x) sum(x)           norms, sum of all entries
  diag(x) vec(A) kron(A,B) I(n)      and more
  exp(x) log(x) sin(x) tanh(x) ...   entry by entry; expm(A) of a matrix

What is not declared goes by habit: a to g are scalars, h to z vectors, A to Z matrices, and their sizes
follow from the expression.

Examples:
  nabla diff "norm2(A*x - b)^2" x
  nabla diff "x'*A*x" x --layout numerator --let "matrix A(n,n) symmetric"
  nabla diff "logdet(X) + tr(A*X)" X --format latex
  nabla diff "sum(exp(u(x)))" x --let "vector x(n), vector u(m) of x"
  nabla diff "-x'*x" x

Exit status: 0 done; 1 the answer is no (shapes do not fit, no rule, a check fails); 2 the command line is wrong.
]]

local COMMANDS = {
  "diff",
  "hessian",
  "layouts",
  "conventions",
  "table",
  "identities",
  "identify",
  "equal",
  "check",
  "batch",
  "help",
  "version",
}

-- argparse takes an argument that begins with `-` for an option. One that cannot be a known kind of option is
-- an expression or a value: this character goes before it, and `shown` takes it away.
local COVER = "\1"

local function shown(word)
  return (word:gsub("^" .. COVER, ""))
end

local function looks_like_option(word)
  return word == "-h" or word:match "^%-%-%a[%a-]+$" or word:match "^%-%-%a[%a-]+="
end

local function option(command, name, value, description)
  return command:option("--" .. name, description):argname(value):convert(shown)
end

local function rules_option(command)
  option(command, "rules", "FILE", "Read this rule file after nabla's own; may be given several times."):count "*"
end

local function calculus(command)
  option(command, "layout", "NAME", "How the partial derivatives are arranged; `nabla layouts` lists them.")
  option(command, "let", "TEXT", "Declarations; may be given several times."):count "*"
  option(command, "format", "NAME", "text, unicode or latex.")
  rules_option(command)
  option(
    command,
    "convention",
    "NAME",
    "How a structured variable is understood: free (its entries are independent), projected, entries."
  )
end

local function verify_flag(command)
  command:flag("--verify", "Compare the answer with finite differences of EXPR before it is printed.")
end

local describe_command = {
  diff = function(command)
    command:description "Prints the derivative of an expression by a variable."
    command:argument("EXPR", "The expression, in quotes."):argname("EXPR"):target("expr"):convert(shown)
    command
      :argument(
        "VARIABLE",
        'The variable: a name, a name with a prime, such as "x\'", or an entry, such as "X(i,j)".'
      )
      :argname("VARIABLE")
      :target("wrt")
      :convert(shown)
    calculus(command)
    verify_flag(command)
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
    command:argument("EXPR", "The expression, in quotes."):argname("EXPR"):target("expr"):convert(shown)
    command:argument("VARIABLE", "The variable."):argname("VARIABLE"):target("wrt"):convert(shown)
    command:argument("OTHER", "Another variable."):argname("OTHER"):target("wrt2"):args("?"):convert(shown)
    calculus(command)
    verify_flag(command)
    command:epilog [[
Examples:
  nabla hessian "norm2(A*x - b)^2" x
  nabla hessian "x'*A*y" x y]]
  end,
  layouts = function(command)
    command:description "Lists the layouts: the name for --layout, the title, the Chinese title."
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
    command:argument("NAME", "The table."):argname("NAME"):target("name"):args("?"):convert(shown)
    option(command, "layout", "NAME", "Only the answers in this layout; `nabla layouts` lists them.")
    option(command, "format", "NAME", "text, unicode, markdown or latex.")
    option(command, "lang", "NAME", "The language of the titles: en or zh.")
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
    command:argument("EXPR", "An expression, in quotes."):argname("EXPR"):target("left"):convert(shown)
    command:argument("OTHER", "Another one."):argname("OTHER"):target("right"):convert(shown)
    option(command, "let", "TEXT", "Declarations; may be given several times."):count "*"
    rules_option(command)
    command:epilog [[
Examples:
  nabla equal "tr(A*B)" "tr(B*A)"
  nabla equal "inv(A + B)" "inv(A) + inv(B)"
  nabla equal "Q'*Q" "I(n)" --let "matrix Q(n,n) orthogonal"]]
  end,
  check = function(command)
    command:description [[
Reads each rule file on top of nabla's own rules, and proves its statements: rules, adjoints, facts,
functions, layouts, identities, checks. Each is instantiated with random matrices and evaluated: modulo
the prime 2^61-1, which is exact, if it is rational, else in floating point. A statement is proved,
failed (with a counterexample), or not checkable (with the reason).
Warned of is what is declared and never used, and rules of which the order in the file decides; an
error is a rule that is never used, or does not come to an end.
The exit status is 1 if a file is refused, a statement failed, or there is an error.]]
    command
      :argument("FILE", "Rule files, or folders of them.")
      :argname("FILE")
      :target("files")
      :args("+")
      :convert(shown)
    command:flag("--list", "Say of every statement how it was proved.")
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
      :convert(shown)
    command
      :argument("VARIABLE", "The variable, after an expression.")
      :argname("VARIABLE")
      :target("wrt")
      :args("?")
      :convert(shown)
    command
      :argument("CLAIM", "The claimed derivative.")
      :argname("CLAIM")
      :target("claim")
      :args("?")
      :convert(shown)
    calculus(command)
    option(command, "to", "NAME", "Print the derivative in this layout as well.")
    option(command, "at", "TEXT", 'Compare at this value: --at "t = 0"; may be given several times.'):count "*"
    command:flag("--hessian", "The claim is of the second derivative.")
    command:epilog [[
Examples:
  nabla identify "d(x'*A*x)/dx = x'*(A + A')" --to denominator
  nabla identify "x'*A*x" x "2*A*x"
  nabla identify "y = A*x => d(y)/dx = A"
  nabla identify "d(X^-1) = -X^-1*d(X)*X^-1"
  nabla identify "\frac{\partial \log|X|}{\partial X} = X^{-T}"
  nabla identify "d(u'*v)/dx = D(v,x)*v + D(u,x)*u" --let "vector x(n), vector u(m) of x, vector v(m) of x"]]
  end,
  batch = function(command)
    command:description [[
Reads requests from standard input, one JSON object a line, and answers each with one line.
A request: {"id": 1, "expr": "x'*A*x", "wrt": "x"}. Further keys, all optional:
  "decl"         a list of declarations, such as ["matrix A(n,n) symmetric", "vector x(n)"]
  "layout"       as --layout
  "op"           "derivative" or "hessian"
  "wrt2"         another variable, for a hessian
  "format"       "text", "unicode" or "latex"
  "rules"        a list of rule files; each is read once
  "convention"   as --convention; "structured" is another name of "entries"
  "verify"       true: the answer is compared with finite differences of "expr"; if they differ it is an error
An answer: {"id":1,"answer":"(A + A')*x","shape":"n x 1"}, perhaps with a "note",
or {"id":1,"error":{"message":...,"line":...,"column":...,"hint":...}}.
One request has no effect on another.]]
    command:epilog [[
Example:
  nabla batch < requests.jsonl > answers.jsonl]]
  end,
}

-- The argparse command, and the whole parser that reads it.
local function parser_of(name)
  local argparse = require "argparse"
  local parser = argparse "nabla":add_help(false)
  local command = parser:command(name):add_help(false):usage_max_width(100):help_max_width(100)
  command:flag("-h --help", "Print this help.")
  describe_command[name](command)
  return parser, command
end

local function help(words)
  local name = words[1]
  if not name or name == "help" then
    print_out(HELP)
  elseif describe_command[name] then
    local _, command = parser_of(name)
    print_out(command:get_help(), "\n")
  else
    stop(USAGE, "unknown command '%s'%s", name, did_you_mean(name, COMMANDS))
  end
  return DONE
end

-- The words as argparse is to see them. Stops at an unknown option; tells whether help is asked for.
local function cover(words, command)
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

local function dispatch(words)
  local name = words[1]
  if not name then
    print_out(SHORT_HELP)
    return DONE
  elseif name == "-h" or name == "--help" then
    print_out(HELP)
    return DONE
  elseif name == "--version" or name == "version" then
    print_out(require("nabla")._VERSION, "\n")
    return DONE
  elseif name == "help" then
    return help { table.unpack(words, 2) }
  elseif not describe_command[name] then
    if name:match "^%-%-%a[%a-]+" then
      local nearest = spelling.nearest(name, { "--help", "--version" })
      stop(
        USAGE,
        "unknown option '%s'%s",
        name,
        nearest and "; did you mean " .. nearest .. "?"
          or "; options of a command stand after it: nabla diff ... --layout numerator"
      )
    elseif not name:match "^%a[%a-]+$" then -- an expression?
      stop(USAGE, "'%s' is no command; the derivative of an expression: nabla diff EXPR VARIABLE", name)
    end
    stop(USAGE, "unknown command '%s'%s", name, did_you_mean(name, COMMANDS))
  end
  local parser, command = parser_of(name)
  local covered, asked = cover(words, command)
  if asked then
    print_out(command:get_help(), "\n")
    return DONE
  end
  local ok, opts = parser:pparse(covered)
  if not ok then
    local text = shown(opts:gsub(COVER, ""))
    if text == "too many arguments" then
      text = text .. " (an expression with spaces, brackets or primes stands in quotes)"
    end
    stop(USAGE, "%s: %s\n%s\nSee: nabla help %s", name, text, command:get_usage(), name)
  end
  return run[name](opts)
end

-- Is an error that nobody handled one of memory? Lua's own reaches no handler: it is a string. The others come from the engine and
-- from the system's loader of modules.
local function out_of_memory(e)
  local text = type(e) == "string" and e or e.status == BUG and e.text or ""
  return text:find "not enough memory" or text:find "out of memory" or text:find "failed to map segment"
end

--- Run the program.
-- @tparam table words the arguments
-- @treturn integer the exit status
function M.main(words)
  local ok, result = xpcall(dispatch, function(e)
    if type(e) ~= "table" then
      return { status = BUG, text = tostring(e), trace = debug.traceback("", 2) }
    end
    return e
  end, { table.unpack(words) })
  if ok then
    return result
  elseif out_of_memory(result) then
    io.stderr:write "nabla: not enough memory\n"
    return NO
  elseif result.status == BUG and result.text:match "interrupted!$" then
    io.stderr:write "nabla: interrupted\n"
    return INTERRUPTED
  elseif result.status == BUG and result.text:match "module '%w+' not found" then
    local name = result.text:match "module '(%w+)' not found"
    local sentence = "nabla: the Lua module %s is not installed: apt-get install lua-%s, or luarocks install %s\n"
    io.stderr:write(sentence:format(name, name, name))
    return USAGE
  elseif result.status == BUG then
    io.stderr:write("nabla: a mistake of nabla itself, please report it: ", result.text, result.trace, "\n")
  elseif result.text then
    io.stderr:write("nabla: ", result.text, "\n")
  end
  return result.status or NO
end

return M
