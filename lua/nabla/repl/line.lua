--- What one line of the prompt does: a function of a state and the line, without a terminal.
--
-- A state has the session, the format of answers, and the answers so far; a line never leaves it half changed.
--
-- @module nabla.repl.line

local notes = require "nabla.text.notes"
local spelling = require "nabla.text.spelling"
local titles = require "nabla.text.titles"
local topics = require "nabla.repl.topics"

local M = {}

local FORMATS = { text = true, unicode = true, latex = true }
local DECLARES = { scalar = true, vector = true, matrix = true }

--- A state for a session.
function M.state(session)
  return { session = session, format = "text", answers = {}, steps = false }
end

-- ---------------------------------------------------------------------------------------------- words of a line

-- The answers so far by their names: `ans` is the last, `ans3` the third.
local function with_answers(state, text)
  return (text:gsub("%f[%w_]ans(%d*)%f[^%w_]", function(number)
    local answer = state.answers[tonumber(number) or #state.answers]
    return answer and "(" .. answer .. ")" or nil
  end))
end

-- Split at the last word `by` or `for`: expression, names.
local function split_at(text, word)
  local head, tail = text:match("^(.*)%f[%w]" .. word .. "%s+(.-)%s*$")
  return head and head:match "^%s*(.-)%s*$", tail
end

-- Split at commas outside brackets.
local function split_commas(text)
  local list, depth, from = {}, 0, 1
  for i = 1, #text do
    local c = text:sub(i, i)
    if c:find "[%(%[{]" then
      depth = depth + 1
    elseif c:find "[%)%]}]" then
      depth = depth - 1
    elseif c == "," and depth == 0 then
      list[#list + 1] = text:sub(from, i - 1):match "^%s*(.-)%s*$"
      from = i + 1
    end
  end
  list[#list + 1] = text:sub(from):match "^%s*(.-)%s*$"
  return list
end

-- ---------------------------------------------------------------------------------------------- answers

local function failure(err)
  return { text = tostring(err), failed = true }
end

local function with_notes(text, ...)
  local lines = { text }
  for _, note in ipairs(notes.joined(...) or {}) do
    lines[#lines + 1] = "note: " .. note
  end
  return table.concat(lines, "\n")
end

-- A node as an answer: it is remembered under the next number.
local function answer(state, node, ...)
  local text, err = node:text(state.format)
  if not text then
    return failure(err)
  end
  state.answers[#state.answers + 1] = node:text "text"
  return {
    text = with_notes(("[%d] %s"):format(#state.answers, text), ...),
    value = node,
    notes = notes.joined(...),
  }
end

-- A derivation as an answer.
local function derivation_answer(state, D)
  state.answers[#state.answers + 1] = D.answer:text "text"
  return { text = D:format(state.format, { lang = state.lang }), value = D }
end

-- ---------------------------------------------------------------------------------------------- commands

local commands = {}

local function derivative(method)
  return function(state, rest)
    local f, x = split_at(rest, "by")
    if not f or f == "" then
      return failure(('write: %s EXPRESSION by VARIABLE, such as "%s x\'*A*x by x"'):format(method, method))
    end
    local s = state.session
    if state.steps then
      local D = s[method == "diff" and "derive" or "derive_hessian"](s, f, x)
      if D then
        return derivation_answer(state, D)
      end
    end
    local g, more = s[method](s, f, x)
    if not g then
      return failure(more)
    end
    return answer(state, g, more)
  end
end
commands.diff, commands.hessian = derivative "diff", derivative "hessian"

function commands.derive(state, rest)
  local f, x = split_at(rest, "by")
  if not f or f == "" then
    return failure "write: derive EXPRESSION by VARIABLE"
  end
  local D, err = state.session:derive(f, x)
  if not D then
    return failure(err)
  end
  return derivation_answer(state, D)
end

function commands.solve(state, rest)
  local equations, unknowns = split_at(rest, "for")
  if not equations or equations == "" then
    return failure 'write: solve EQUATION, .. for UNKNOWN, .., such as "solve A*x = b for x"'
  end
  local found, err = state.session:solve(split_commas(equations), split_commas(unknowns))
  return found and { text = tostring(found), value = found } or failure(err)
end

function commands.equal(state, rest)
  local sides = split_commas(rest)
  if #sides ~= 2 then
    return failure "write: equal EXPRESSION, OTHER"
  end
  local verdict, why, _, assumed = state.session:equal(sides[1], sides[2])
  return verdict and { text = with_notes(("%s (%s)"):format(verdict, why), assumed) } or failure(why)
end

function commands.convexity(state, rest)
  local f, x = split_at(rest, "by")
  if not f or f == "" then
    return failure "write: convexity EXPRESSION by VARIABLE, .."
  end
  local result, err = state.session:convexity(f, split_commas(x))
  return result and { text = result.verdict } or failure(err)
end

function commands.simplify(state, rest)
  local node, more = state.session:simplify(rest)
  if not node then
    return failure(more)
  end
  return answer(state, node, more)
end

function commands.code(state, rest)
  local language, problem = rest:match "^(%a+)%s+(.*)$"
  local f, x = split_at(problem or "", "by")
  if not language then
    return failure "write: code LANGUAGE EXPRESSION by VARIABLE"
  end
  local done, text, err = pcall(state.session.code, state.session, f or problem, x, language)
  if not done or not text then
    return failure(done and err or text:match "^[^\n]-:%d+: (.*)" or text)
  end
  return { text = text }
end

-- ---------------------------------------------------------------------------------------------- settings

local settings = {}

-- A setting with a name among those of a table of the session.
local function named(what, set)
  return function(state, name)
    local s = state.session
    if name == "" then
      return { text = s[what] .. "\nknown: " .. table.concat(spelling.names(s[set]), ", ") }
    elseif not s[set][name] then
      local nearest = spelling.nearest(name, spelling.names(s[set]))
      return failure(("unknown %s '%s'%s"):format(what, name, nearest and "; did you mean " .. nearest .. "?" or ""))
    end
    s[what] = name
    return { text = what .. ": " .. name }
  end
end
settings.layout = named("layout", "layouts")
settings.convention = named("convention", "conventions")
settings.notation = named("notation", "notations")

function settings.format(state, name)
  if not FORMATS[name] then
    return failure "known formats: text, unicode, latex"
  end
  state.format = name
  return { text = "format: " .. name }
end

function settings.latex(state)
  return settings.format(state, "latex")
end

function settings.steps(state, word)
  state.steps = word ~= "off" and (word == "on" or not state.steps)
  return { text = "steps: " .. (state.steps and "on" or "off") }
end

function settings.lang(state, name)
  if not titles.is_language(name) then
    return failure "the code of a language: en, zh, or another that rule files have titles in"
  end
  state.lang = name
  return { text = "language of reasons: " .. name }
end

function settings.rules(state, path)
  local done, err = state.session:load(path)
  return done and { text = "read: " .. path } or failure(err)
end

settings["let"] = function(state, text)
  local declared, err = state.session:declare(text)
  return declared and { text = "declared: " .. text } or failure(err)
end

function settings.names(state)
  local vars, lines = state.session.scope.vars, {}
  for _, name in ipairs(spelling.names(vars)) do
    local var = vars[name]
    local S = state.session.S
    lines[#lines + 1] = ("%s: %s x %s"):format(name, S:dimtext(var.rows), S:dimtext(var.cols))
  end
  return { text = #lines > 0 and table.concat(lines, "\n") or "no names are declared" }
end

function settings.reset(state)
  state.session:reset()
  return { text = "all declarations are forgotten" }
end

function settings.quit()
  return { text = "", quit = true }
end

M.help = [[
EXPRESSION                    its textbook form
diff EXPRESSION by X          the derivative; also: hessian, derive (with its steps), convexity
solve A*x = b for x           equations        simplify EXPRESSION       equal EXPRESSION, OTHER
code numpy EXPRESSION by X    a function in a programming language
matrix A(n,n) symmetric       a declaration: scalar, vector or matrix
ans, ans2                     the last answer, the second one
?det                          what det is, its differential, its source
:layout NAME  :convention NAME  :notation NAME  :format NAME  :latex  :lang NAME  :steps  :names  :reset
:rules FILE  :quit]]

function settings.help()
  return { text = M.help }
end

--- The words that a line may begin with, for completion.
function M.words()
  local list = {}
  for name in pairs(commands) do
    list[#list + 1] = name
  end
  for name in pairs(settings) do
    list[#list + 1] = ":" .. name
  end
  table.sort(list)
  return list
end

-- ---------------------------------------------------------------------------------------------- the line

local function run_setting(state, line)
  local name, rest = line:match "^:(%a*)%s*(.-)%s*$"
  local f = settings[name]
  if not f then
    local nearest = spelling.nearest(name or "", spelling.names(settings))
    return failure(("there is no :%s%s"):format(name or "", nearest and "; did you mean :" .. nearest .. "?" or ""))
  end
  return f(state, rest)
end

--- Does a line go on? A bracket is open.
function M.goes_on(line)
  local depth = 0
  for c in line:gmatch "[%(%[{%)%]}]" do
    depth = depth + (c:find "[%(%[{]" and 1 or -1)
  end
  return depth > 0
end

--- Carry out a line.
-- @tparam table state
-- @tparam string line
-- @treturn table { text, failed (true after an error), quit (true when the prompt ends), value (what other formats may
-- be asked of: a node, a derivation or solutions), notes (of a node) }
function M.run(state, line)
  line = line:match "^%s*(.-)%s*$"
  if line == "" then
    return { text = "" }
  elseif line:find "^:" then
    return run_setting(state, line)
  elseif line:find "^%?" then
    return topics.about(state.session, line:match "^%?%s*(.-)$")
  elseif line == "quit" or line == "exit" then
    return { text = "", quit = true }
  elseif line == "help" then
    return { text = M.help }
  end
  line = with_answers(state, line)
  local word, rest = line:match "^(%a+)%s+(.*)$"
  if DECLARES[word] and rest:find "^%a" then
    return settings["let"](state, line)
  elseif commands[word] then
    return commands[word](state, rest)
  end
  return commands.simplify(state, line)
end

return M
