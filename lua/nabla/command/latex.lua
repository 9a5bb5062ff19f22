--- `nabla latex FILE`: answers the requests that the LaTeX package nabla.sty has written, for its next run.
--
-- The requests are JSON, one object a line, in JOB.nabla. The answers go into JOB.nabla-answers, two lines each: the request
-- as it was written, then `=` and LaTeX, or `!` and an error, whose lines a tab separates. The package finds an answer by
-- the text of its request, so a document may be changed, and an answer that is there already is not computed again.
--
-- @module nabla.command.latex

local batch = require "nabla.command.batch"
local errors = require "nabla.text.errors"
local json = require "dkjson"
local output = require "nabla.command.output"
local progress = require "nabla.command.progress"
local spelling = require "nabla.text.spelling"
local titles = require "nabla.text.titles"

local M = {}

local ANSWER, ERROR = "=", "!"
local PLACE = ',"line":%d+,"file":"[^"]*"}$' -- where a request stands in the document; no part of what is asked

local function stop(message)
  error({ message = message }, 0)
end

-- The value, or the library's error raised.
local function need(value, err)
  if value == nil or value == false then
    error(err, 0)
  end
  return value
end

-- ---------------------------------------------------------------------------------------------- operations

local operations = {}

function operations.derivative(s, request)
  return need(s:diff(request.expr, request.wrt)):latex()
end

function operations.hessian(s, request)
  return need(s:hessian(request.expr, request.wrt, request.wrt2)):latex()
end

function operations.expression(s, request)
  return need(s:simplify(request.expr)):latex()
end

local function derivation(s, request)
  local how = { detail = request.detail, names = request.names and request.names == "true" }
  if request.wrt2 or request.second then
    return s:derive_hessian(request.expr, request.wrt, request.wrt2, how)
  end
  return s:derive(request.expr, request.wrt, how)
end

-- Reasons are set by a command of the package, which breaks long ones into lines.
local function with_reasons(text)
  return (text:gsub("&& \\text{", "&& \\nablareason{"))
end

function operations.derivation(s, request)
  local text = need(derivation(s, request)):latex { lang = request.lang, reasons = request.reasons ~= "false" }
  return with_reasons(text)
end

-- What a list separated by semicolons holds.
local function parts(text)
  local list = {}
  for part in text:gmatch "[^;]+" do
    list[#list + 1] = part
  end
  return list
end

local function solutions_text(found, request)
  if request.steps == "true" then
    return with_reasons(found:steps_text("latex", request.lang))
  end
  local lines = {}
  for i, equation in ipairs(found) do
    lines[i] = equation:latex()
  end
  return table.concat(lines, ", \\quad ")
end

function operations.solution(s, request)
  return solutions_text(need(s:solve(parts(request.expr), request.wrt)), request)
end

function operations.stationary(s, request)
  local constraints = request.constraints and parts(request.constraints)
  return solutions_text(need(s:stationary(request.expr, request.wrt, constraints)), request)
end

-- A table without its title: a document has captions of its own. Comments do not fit a line.
function operations.table(s, request)
  need(s:load "identities.rules")
  if not s.tables[request.expr] then
    local nearest = spelling.nearest(request.expr, require("nabla.rules.tables").names(s))
    stop(("there is no table '%s'%s"):format(request.expr, nearest and "; did you mean " .. nearest .. "?" or ""))
  end
  local text = need(s:table(request.expr, { layout = request.layout, format = "latex", lang = request.lang }))
  text = text:gsub("^%%[^\n]*\n", ""):gsub("\\caption%*?%b{}%s*\\\\%s*", "")
  return text
end

-- A claimed formula is right in the layout of the request: nothing is printed. Else what is wrong with it is the error.
function operations.claim(s, request)
  local identify = require "nabla.identify"
  local result = need(s:identify { formula = request.expr, layout = s.layout, convention = request.convention })
  local right = result.status == "right"
  if not right then
    local text = identify.describe(result):gsub("\n$", "")
    stop("the claimed formula is not right in the " .. s.layout .. " layout: " .. text)
  end
  return ""
end

-- ---------------------------------------------------------------------------------------------- requests

local NEEDED = { derivative = "wrt", hessian = "wrt", derivation = "wrt", solution = "wrt", stationary = "wrt" }

local function check(request)
  local run = operations[request.op]
  if not run then
    stop(("unknown operation '%s'"):format(tostring(request.op)))
  end
  for key, value in pairs(request) do
    if type(value) ~= "string" then
      stop(('"%s" must be a string'):format(key))
    end
  end
  for _, name in ipairs { "expr", NEEDED[request.op] } do
    if not request[name] then
      stop(('"%s" is missing'):format(name))
    end
  end
  if not titles.is_language(request.lang or "en") then
    stop "the option lang takes the code of a language: en, zh, or another that rule files have titles in"
  end
  return run
end

local function known(s, request, what)
  local name = request[what]
  if name and not s[what .. "s"][name] then
    stop(("unknown %s '%s'%s"):format(what, name, output.did_you_mean(name, spelling.names(s[what .. "s"]))))
  end
  return name or s[what]
end

-- The session of a request, with its declarations and settings; and what puts the settings back.
local function session_for(cache, request)
  local rules
  for path in (request.rules or ""):gmatch "[^,%s]+" do
    rules = rules or {}
    rules[#rules + 1] = path
  end
  local s = batch.session(cache, { op = request.op, rules = rules })
  local before = { layout = s.layout, convention = s.convention, notation = s.notation }
  local now = {}
  for what in pairs(before) do
    now[what] = known(s, request, what)
  end
  if request.decl then
    need(s:declare(request.decl))
  end
  local function set(values)
    s.layout, s.convention, s.notation = values.layout, values.convention, values.notation
  end
  set(now)
  return s, function()
    set(before)
  end
end

-- The lines of an error, separated by tabs.
local function error_text(err)
  local text
  if type(err) ~= "table" then
    if tostring(err):match "interrupted!$" then
      error(err, 0)
    end
    text = "a mistake of nabla itself: " .. tostring(err):match "^[^\n]*"
  else
    text = errors.is_error(err) and output.describe(err) or tostring(err.message or err)
  end
  return (text:gsub("^1:%d+: ", ""):gsub("\t", " "):gsub("\n", "\t")) -- a caret shows the column
end

--- The answer to a request.
-- @tparam table cache a table that is kept between requests: { count = 0 }
-- @tparam string line the request as JSON
-- @treturn string `=` and LaTeX on one line, or `!` and the lines of an error, separated by tabs
function M.answer(cache, line)
  local ok, text = pcall(function()
    local request, _, why = json.decode(line)
    if type(request) ~= "table" then
      stop("the request is not JSON: " .. tostring(why))
    end
    local run = check(request)
    local s, put_back = session_for(cache, request)
    local done, result = pcall(run, s, request)
    put_back()
    if not done then
      error(result, 0)
    end
    return result
  end)
  if not ok then
    return ERROR .. error_text(text)
  end
  return ANSWER .. text:gsub("%s*\n%s*", " ")
end

-- ---------------------------------------------------------------------------------------------- the command

-- The first line of a file of answers: answers of another version of nabla are computed again.
local function heading()
  return require("nabla")._VERSION
end

-- The answers of the last run. Those that depend on a rule file of the document, and errors, are computed again.
local function old_answers(path)
  local old, file = {}, io.open(path, "r")
  if file and file:read "l" == heading() then
    for request in file:lines() do
      local answer = file:read "l"
      if answer and answer:sub(1, 1) == ANSWER and not request:find('"rules":', 1, true) then
        old[request] = answer
      end
    end
  end
  if file then
    file:close()
  end
  return old
end

local function read_requests(path)
  local file, why = io.open(path, "r")
  if not file then
    output.stop(
      output.NO,
      "cannot read %s (%s); LaTeX writes it when it runs on a document that uses the package nabla",
      path,
      tostring(why):gsub("^.*: ", "")
    )
  end
  local list = {}
  for line in file:lines() do
    local number, name = line:match ',"line":(%d+),"file":"([^"]*)"}$'
    list[#list + 1] = { text = line:gsub(PLACE, "}"), line = number, file = name }
  end
  file:close()
  return list
end

-- TeX gives the name of the document without its ending.
local function place(request, job)
  local name = request.file ~= "" and request.file or job
  return ("%s:%s: "):format(name:find "%.%w+$" and name or name .. ".tex", request.line or "?")
end

-- The answers, one for each text, in order of the requests; their number, that of those computed, and that of errors.
local function answers(requests, old, job)
  local show = progress.line()
  local cache, seen, out, computed, wrong = { count = 0 }, {}, { heading() }, 0, 0
  for i, request in ipairs(requests) do
    local answer = seen[request.text]
    if not answer then
      answer = old[request.text]
      if not answer then
        show(("request %d of %d"):format(i, #requests))
        answer, computed = M.answer(cache, request.text), computed + 1
      end
      seen[request.text] = answer
      out[#out + 1] = request.text
      out[#out + 1] = answer
      if answer:sub(1, 1) == ERROR then
        wrong = wrong + 1
        show ""
        io.stderr:write(place(request, job), answer:sub(2):gsub("\t", "\n"), "\n")
      end
    end
  end
  if computed > 0 then
    show ""
  end
  return out, computed, wrong
end

--- `nabla latex FILE`
function M.run(opts)
  local job = opts.file:gsub("%.nabla$", ""):gsub("%.tex$", "")
  local requests = read_requests(job .. ".nabla")
  local path = job .. ".nabla-answers"
  local out, computed, wrong = answers(requests, opts.fresh and {} or old_answers(path), job)
  local file, why = io.open(path, "w")
  if not file then
    output.stop(output.NO, "cannot write %s: %s", path, tostring(why))
  end
  file:write(table.concat(out, "\n"), "\n")
  file:close()
  local total = (#out - 1) // 2
  output.print_out(("%d answers, %d of them new, %d errors: %s\n"):format(total, computed, wrong, path))
  return wrong == 0 and output.DONE or output.NO
end

return M
