--- The command line: `nabla diff "x'*A*x" x`.
--
-- Whatever costs time is loaded only by the command that needs it.
--
-- Exit status: 0 done; 1 the answer is no (shapes do not fit, no rule, a check fails); 2 the command line is wrong.
--
-- @module nabla.command.main

local later = require "nabla.text.later"
local notes = require "nabla.text.notes"

local help = later.require "nabla.command.help"
local is_terminal = require("nabla.command.system").is_terminal
local options = require "nabla.command.options"
local output = require "nabla.command.output"
local session_from_options = require "nabla.command.session_from_options"
local spelling = require "nabla.text.spelling"

local DONE, NO, USAGE, BUG, INTERRUPTED = output.DONE, output.NO, output.USAGE, output.BUG, output.INTERRUPTED
local describe, did_you_mean, print_out, stop = output.describe, output.did_you_mean, output.print_out, output.stop
local need, need_known = session_from_options.need, session_from_options.need_known
local new_session, print_answer = session_from_options.new_session, session_from_options.print_answer

local M = {}

-- ---------------------------------------------------------------------------------------------- commands

local run = {}

-- With --verify: stop unless finite differences of the input agree with the answer.
local function verify(session, opts, g, second)
  if opts.verify then
    local right, why = session:verify(opts.expr, opts.wrt, g, { second = second })
    if not right then
      local what = right == nil and "the answer cannot be verified: " or ""
      stop(NO, "%s%s", what, describe(why))
    end
  end
end

-- Notes on what was assumed, lists or nil, on standard error.
local function print_notes(...)
  for _, note in ipairs(notes.joined(...) or {}) do
    io.stderr:write("note: ", note, "\n")
  end
end

-- The expression of a command, whose letters are read with a view to the variable, and the notes on it.
local function parse_expression(session, opts)
  local f, assumed = session:parse(opts.expr, { by = opts.wrt })
  return need(f, assumed), assumed
end

local DETAILS = { "fine", "normal", "brief" }
local ANSWER_FORMATS = { "text", "unicode", "latex", "dot", "svg" }
local STEP_FORMATS = { "text", "unicode", "latex", "markdown", "dot", "svg" }

-- Print how the answer is found. False where it cannot be told; then the standard error says why.
local function print_steps(session, opts, hessian)
  need_known("detail", opts.detail or "normal", DETAILS)
  need_known("language", opts.lang or "en", require("nabla.rules.tables").languages(session))
  local how = { detail = opts.detail, lang = opts.lang, names = opts.names or opts.parts or nil }
  local derivation, err
  if hessian then
    derivation, err = session:derive_hessian(opts.expr, opts.wrt, opts.wrt2, how)
  else
    derivation, err = session:derive(opts.expr, opts.wrt, how)
  end
  if derivation then
    print_out(need(derivation:format(opts.format, how)), "\n")
    return true
  end
  print_notes { "no steps: " .. describe(err) }
  return false
end

function run.derive(opts)
  if opts.wrt2 and not opts.hessian then
    stop(USAGE, "another variable belongs to --hessian")
  end
  local session = new_session(opts, STEP_FORMATS)
  local f, assumed = parse_expression(session, opts)
  if not print_steps(session, opts, opts.hessian) then
    local g
    if opts.hessian then
      g = need(session:hessian(f, opts.wrt, opts.wrt2))
    else
      g = need(session:diff(f, opts.wrt))
    end
    print_answer(g, opts.format ~= "markdown" and opts.format or "text", opts.parts)
  end
  print_notes(assumed)
  return DONE
end

function run.diff(opts)
  local session = new_session(opts, opts.steps and STEP_FORMATS or ANSWER_FORMATS)
  local f, assumed = parse_expression(session, opts)
  local g, more = session:diff(f, opts.wrt)
  verify(session, opts, need(g, more))
  if not (opts.steps and print_steps(session, opts, false)) then
    print_answer(g, opts.format, opts.parts)
  end
  print_notes(assumed, more)
  return DONE
end

function run.hessian(opts)
  local session = new_session(opts, opts.steps and STEP_FORMATS or ANSWER_FORMATS)
  local f, assumed = parse_expression(session, opts)
  local g, more = session:hessian(f, opts.wrt, opts.wrt2)
  verify(session, opts, need(g, more), opts.wrt2 or true)
  if not (opts.steps and print_steps(session, opts, true)) then
    print_answer(g, opts.format, opts.parts)
  end
  print_notes(assumed, more)
  return DONE
end

function run.repl(opts)
  local session = new_session(opts)
  if opts.json then
    require("nabla.repl.protocol").run(session, print_out)
    return DONE
  end
  local terminal = os.getenv "TERM" and is_terminal(0) and is_terminal(1)
  if terminal then
    print_out(require("nabla")._VERSION, "; help explains, quit ends\n")
  end
  require("nabla.repl").run(session, { terminal = terminal and true or false, write = print_out })
  return DONE
end

function run.code(opts)
  local session = new_session(opts)
  local code = require "nabla.code"
  if not code.targets[opts.target] then
    stop(USAGE, "%s", code.unknown(opts.target))
  end
  local how = { hessian = opts.hessian, direction = opts.direction, check = opts.check_gradient }
  local text, more = session:code(opts.expr, opts.wrt, opts.target, how)
  print_out(need(text, more))
  print_notes(more)
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
  print_out(require("nabla.identify").describe(result, opts.format, opts.parts or "auto"))
  local right = result.status == "right" or result.status == "conditional"
  return right and DONE or NO
end

function run.equal(opts)
  return require("nabla.command.equal").equal(opts)
end

function run.batch()
  local broken = require("nabla.command.batch").run(io.stdin, print_out)
  if broken then
    stop(NO, "cannot read the requests: %s", broken)
  end
  return DONE
end

function run.latex(opts)
  return require("nabla.command.latex").run(opts)
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

function run.notations(opts)
  local session = new_session(opts)
  return print_titles(session.notations, session.notation)
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
  need_known("language", opts.lang or "en", tables.languages(session))
  if not session.tables[opts.name] then
    stop(USAGE, "there is no table '%s'%s", opts.name, did_you_mean(opts.name, tables.names(session)))
  end
  print_out(need(session:table(opts.name, { layout = opts.layout, format = opts.format, lang = opts.lang })))
  return DONE
end

function run.convexity(opts)
  return require("nabla.command.convexity").convexity(opts)
end

function run.taylor(opts)
  return require("nabla.command.convexity").taylor(opts)
end

function run.solve(opts)
  return require("nabla.command.solve").solve(opts)
end

function run.stationary(opts)
  return require("nabla.command.solve").stationary(opts)
end

for _, name in ipairs { "simplify", "expand", "collect", "factor", "square" } do
  run[name] = function(opts)
    return require("nabla.command.forms").run[name](opts)
  end
end

function run.check(opts)
  return require("nabla.command.check").run(opts)
end

-- ---------------------------------------------------------------------------------------------- words

function run.help(words)
  local name = words[1]
  if not name or name == "help" then
    print_out(help.full)
  elseif help.of[name] then
    print_out(help.of[name])
  elseif options.describe[name] then
    local _, command = options.parser(name)
    print_out(command:get_help(), "\n")
  else
    stop(USAGE, "unknown command '%s'%s", name, did_you_mean(name, options.commands))
  end
  return DONE
end

local function dispatch(words)
  local name = words[1]
  if not name then
    print_out(help.short)
    return DONE
  elseif name == "-h" or name == "--help" then
    print_out(help.full)
    return DONE
  elseif name == "--version" or name == "version" then
    print_out(require("nabla")._VERSION, "\n")
    return DONE
  elseif name == "help" then
    return run.help { table.unpack(words, 2) }
  elseif not options.describe[name] then
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
    stop(USAGE, "unknown command '%s'%s", name, did_you_mean(name, options.commands))
  end
  local parser, command = options.parser(name)
  local covered, asked = options.covered(words, command)
  if asked then
    print_out(command:get_help(), "\n")
    return DONE
  end
  local ok, opts = parser:pparse(covered)
  if not ok then
    local text = options.uncovered(opts)
    if text == "too many arguments" then
      text = text .. " (an expression with spaces, brackets or primes stands in quotes)"
    end
    stop(USAGE, "%s: %s\n%s\nSee: nabla help %s", name, text, command:get_usage(), name)
  end
  return run[name](opts)
end

-- Is an error one of memory? Lua's own reaches no handler: it is a string. The others come from the engine, perhaps through a session
-- that has given it as the reason of no answer, and from the system's loader of modules.
local function out_of_memory(e)
  local is_text = type(e) == "string"
  local text = is_text and e or e.status == BUG and e.text or ""
  return text:find "not enough memory"
    or text:find "out of memory"
    or text:find "failed to map segment"
    or not is_text and (e.status == "memory" or e.text == "out of memory")
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
    if not os.getenv "NABLA_TRACE" then
      io.stderr:write "nabla: with NABLA_TRACE=1 in the environment the same command tells the lines\n"
    end
  elseif result.text or result.message then -- a failure of the engine has a message
    io.stderr:write("nabla: ", result.text or result.message, "\n")
  end
  return math.type(result.status) == "integer" and result.status or NO
end

return M
