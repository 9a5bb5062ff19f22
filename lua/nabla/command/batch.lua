--- `nabla batch`: requests as JSON, one object a line; one line of answer for each, in order.
--
-- Whatever a line holds, it gets an answer, and no line has an effect on a later one: sessions are shared by requests
-- with the same rule files (reading rules takes longer than most derivatives), and forget their declarations in between.
--
-- @module nabla.command.batch

local errors = require "nabla.text.errors"
local json = require "dkjson"
local nabla = require "nabla"
local notes = require "nabla.text.notes"
local spelling = require "nabla.text.spelling"
local steps = require "nabla.command.steps"
local titles = require "nabla.text.titles"

local M = {}

local SESSIONS = 16 -- kept at most
local LONGEST = 500 -- bytes of a message or a hint: it may quote a name of any length
local LONGEST_LINE = 16 << 20 -- bytes; a longer line is not read, so that none exhausts the memory
local LONGEST_TEXT = 1 << 20 -- bytes of an expression, or of all strings of a list
local LONGEST_LIST = 10000 -- declarations, rule files
local BEGINNING = 4096 -- bytes of a line that is too long in which its id is looked for
local FORMATS = { "text", "unicode", "latex" }
local OPS = { "derivative", "hessian", "convexity", "taylor", "solve", "stationary", "equal" }
-- Operations that answer with members of their own: module and function.
local OTHERS = {
  convexity = { "nabla.command.convexity", "batch_convexity" },
  taylor = { "nabla.command.convexity", "batch_taylor" },
  solve = { "nabla.command.solve", "batch_solve" },
  stationary = { "nabla.command.solve", "batch_stationary" },
  equal = { "nabla.command.equal", "batch_equal" },
}
-- What an operation cannot do without, where that is not "expr" and "wrt".
local NEEDED = {
  solve = { "equations", "unknowns" },
  stationary = { "expr", "unknowns" },
  equal = { "left", "right" },
}
local DETAILS = { "fine", "normal", "brief" }

local TEXT, LIST, FLAG, NUMBER = "a string", "a list of strings", "true or false", "a number"
local FIELDS = {
  expr = TEXT,
  wrt = TEXT,
  wrt2 = TEXT,
  left = TEXT,
  right = TEXT,
  layout = TEXT,
  op = TEXT,
  format = TEXT,
  convention = TEXT,
  notation = TEXT,
  decl = LIST,
  equations = LIST,
  unknowns = LIST,
  constraints = LIST,
  rules = LIST,
  verify = FLAG,
  habits = FLAG,
  steps = FLAG,
  detail = TEXT,
  names = FLAG,
  lang = TEXT,
  direction = TEXT,
  at = TEXT,
  order = NUMBER,
}
local LUA_TYPES = { [TEXT] = "string", [FLAG] = "boolean", [NUMBER] = "number" }

-- A request that cannot be answered: the table that is printed as "error".
local function stop(message, extra)
  local e = { message = message }
  for key, value in pairs(extra or {}) do
    e[key] = value
  end
  error(e, 0)
end

-- The printed form of the library's error; `field` says which text of the request it is about.
local function refuse(err, field)
  if type(err) ~= "table" then
    stop("a mistake of nabla itself: " .. tostring(err))
  elseif not errors.is_error(err) then
    stop(err.message)
  end
  local place = err.text_line ~= "" and err or {} -- a file that cannot be read has none
  stop(
    err.message,
    { line = place.line, column = place.column, hint = err.hint, field = field, file = err.file }
  )
end

-- ---------------------------------------------------------------------------------------------- reading a line

local function skip(line, pos)
  return line:match("^[ \t\r]*()", pos)
end

-- The list at a place of a line, if it has nothing but texts without escapes, and the place behind it; else nil.
local function plain_texts(line, pos)
  local list = {}
  local text, comma, behind = line:match('^%[[ \t]*"([^%c"\\]*)"[ \t]*([,%]])()', pos)
  while text do
    list[#list + 1] = text
    if comma == "]" then
      return list, behind
    end
    text, comma, behind = line:match('^[ \t]*"([^%c"\\]*)"[ \t]*([,%]])()', behind)
  end
end

-- The members of the object that a line holds. `request` is filled on the way, so that the id is known even when what follows
-- it is broken; `request.id` is JSON text. `unknown`: a list to which unknown keys are added.
local function read_object(line, request, unknown)
  local function bad(pos, expected)
    local at = math.min(pos, #line + 1)
    local _, column = errors.place(line, at)
    local character = line:match("^[%z\1-\127\194-\244][\128-\191]*", at)
    local found = character and "`" .. character .. "`" or "the end of the line"
    stop(
      "bad JSON: expected " .. expected .. ", found " .. found,
      { line = 1, column = column, field = "request" }
    )
  end
  local function value(pos)
    local plain, behind = line:match('^"([^%c"\\]*)"()', pos)
    if plain then
      return plain, behind -- a text without escapes
    end
    local list, after = plain_texts(line, pos)
    if list then
      return list, after
    end
    local v, next_pos, err = json.decode(line, pos, json.null)
    if err then
      bad(type(next_pos) == "number" and next_pos or pos, "a value")
    end
    return v, next_pos
  end
  local pos = skip(line, 1)
  if line:sub(pos, pos) ~= "{" then
    bad(pos, "an object")
  end
  pos = skip(line, pos + 1)
  while line:sub(pos, pos) ~= "}" do
    if line:sub(pos, pos) ~= '"' then
      bad(pos, "a key in quotes")
    end
    local key
    key, pos = value(pos)
    pos = skip(line, pos)
    if line:sub(pos, pos) ~= ":" then
      bad(pos, "`:`")
    end
    local start = skip(line, pos + 1)
    local v
    v, pos = value(start)
    if key == "id" then
      local raw = line:sub(start, pos - 1)
      local number = math.type(v) and raw:match "^%-?%d+%.?%d*[eE]?[+-]?%d*$" -- as it was written: 1.0 and 10^30 stay
      local text = type(v) == "string" and errors.check_utf8(v) and raw -- half a surrogate pair
      request.id = number or text or json.encode(v)
    elseif not FIELDS[key] then
      unknown[#unknown + 1] = key
    elseif v ~= json.null then
      request[key] = v
    end
    pos = skip(line, pos)
    local comma = line:sub(pos, pos) == ","
    if comma then
      pos = skip(line, pos + 1)
    end
    if comma == (line:sub(pos, pos) == "}") then
      bad(pos, comma and "a key in quotes" or "`,` or `}`")
    end
  end
  pos = skip(line, pos + 1)
  if pos <= #line then
    bad(pos, "the end of the line")
  end
end

local function check_size(name, size)
  if size > LONGEST_TEXT then
    stop(string.format('"%s" has %d bytes; at most %d are read', name, size, LONGEST_TEXT), { field = name })
  end
end

local function check_list(name, list)
  local object = getmetatable(list)
  if type(list) ~= "table" or object and object.__jsontype == "object" then
    stop(string.format('"%s" must be %s', name, LIST))
  end
  if #list > LONGEST_LIST then
    stop(string.format('"%s" has %d elements; at most %d are read', name, #list, LONGEST_LIST))
  end
  local size = 0
  for i = 1, #list do
    if type(list[i]) ~= "string" then
      stop(string.format('"%s" must be %s; element %d is not', name, LIST, i))
    end
    size = size + #list[i]
  end
  check_size(name, size)
end

local function one_of(what, word, known)
  for _, name in ipairs(known) do
    if name == word then
      return
    end
  end
  local nearest = spelling.nearest(word, known)
  stop(
    string.format("unknown %s '%s'; known: %s", what, word, table.concat(known, ", ")),
    { hint = nearest and "did you mean " .. nearest .. "?" or nil }
  )
end

-- Stop at a key that means nothing: it may be one that is mistyped.
local function stop_unknown(key)
  local known = spelling.names(FIELDS)
  table.insert(known, 1, "id")
  local nearest = spelling.nearest(key, known)
  stop(
    string.format('unknown key "%s"', key),
    { hint = nearest and "did you mean " .. nearest .. "?" or "known: " .. table.concat(known, ", ") }
  )
end

local function check(request)
  for name, wanted in pairs(FIELDS) do
    local v = request[name]
    if v ~= nil and wanted == LIST then
      check_list(name, v)
    elseif v ~= nil and type(v) ~= LUA_TYPES[wanted] then
      stop(string.format('"%s" must be %s', name, wanted))
    elseif wanted == TEXT and v then
      check_size(name, #v)
    end
  end
  for _, name in ipairs(NEEDED[request.op] or { "expr", "wrt" }) do
    if request[name] == nil then
      stop(string.format('"%s" is missing', name))
    end
  end
  one_of("op", request.op or "derivative", OPS)
  one_of("format", request.format or "text", FORMATS)
  one_of("detail", request.detail or "normal", DETAILS)
  if not titles.is_language(request.lang or "en") then
    stop '"lang" is the code of a language: en, zh, or another that rule files have titles in'
  end
  if request.wrt2 and request.op ~= "hessian" then
    stop '"wrt2" belongs to the op "hessian"'
  end
end

-- ---------------------------------------------------------------------------------------------- answering

--- A session that has read these rule files, without declarations.
-- @tparam table cache as for `answer`
-- @tparam[opt] {string,...} rules
-- @treturn table; an error is raised as one of a request
function M.session(cache, rules)
  local parts = {}
  for i, path in ipairs(rules or {}) do
    parts[i] = #path .. ":" .. path
  end
  local key = table.concat(parts)
  local session = cache[key]
  if not session then
    local err
    session, err = nabla.new { rules = rules and { table.unpack(rules) } }
    if not session then
      refuse(err, "rules")
    end
    if cache.count >= SESSIONS then
      for old in pairs(cache) do
        cache[old] = nil
      end
      cache.count = 0
    end
    cache[key], cache.count = session, cache.count + 1
  end
  session:reset()
  return session
end

-- What is appended to the answer where steps are asked for.
local function steps_text(session, request)
  local opts = { layout = request.layout, convention = request.convention, habits = request.habits }
  opts.detail, opts.names = request.detail, request.names
  -- derivatives in the text are read in the layout of the request, as for the answer
  local layout, convention = session.layout, session.convention
  session.layout, session.convention = request.layout or layout, request.convention or convention
  local derivation, why
  if request.op == "hessian" then
    derivation, why = session:derive_hessian(request.expr, request.wrt, request.wrt2, opts)
  else
    derivation, why = session:derive(request.expr, request.wrt, opts)
  end
  session.layout, session.convention = layout, convention
  if not derivation then
    return ',"steps":null', notes.of { "no steps: " .. why.message }
  end
  local list = steps.text(derivation, request)
  return string.format(',"of":%s,"steps":%s', json.quotestring(derivation.of), list)
end

-- The declarations of a request are made in its session.
local function declare(session, request)
  if request.decl and #request.decl > 0 then
    local first, err = session:declare(table.unpack(request.decl))
    if not first and err then
      refuse(err, "decl")
    end
  end
end

-- The members and the notes of the answer to an operation of a module of its own.
local function other_answer(session, request)
  local place = OTHERS[request.op]
  declare(session, request)
  local members, more, field = require(place[1])[place[2]](session, request)
  if not members then
    refuse(more, field or "expr")
  end
  return members, more
end

local function answer(cache, request)
  check(request)
  local session = M.session(cache, request.rules)
  local opts = { layout = request.layout, convention = request.convention }
  for _, what in ipairs { "layout", "convention", "notation" } do
    local known = session[what .. "s"]
    if request[what] and not known[request[what]] then
      one_of(what, request[what], spelling.names(known))
    end
  end
  if OTHERS[request.op] then
    local members, notes_on = other_answer(session, request)
    return nil, members, notes_on
  end
  declare(session, request)
  local f, assumed = session:parse(request.expr, {
    layout = request.layout,
    convention = request.convention,
    habits = request.habits,
    by = request.wrt,
  })
  if not f then
    refuse(assumed, "expr")
  end
  local g, more
  if request.op == "hessian" then
    g, more = session:hessian(f, request.wrt, request.wrt2, opts)
  else
    g, more = session:diff(f, request.wrt, opts)
  end
  if not g then
    refuse(more, "wrt")
  end
  if request.verify then
    local second = request.op == "hessian" and (request.wrt2 or true) or nil
    local right, why = session:verify(
      f,
      request.wrt,
      g,
      { layout = request.layout, convention = request.convention, second = second }
    )
    if not right then
      stop((right == nil and "the answer cannot be verified: " or "") .. why.message)
    end
  end
  local text, unprintable = g:text(request.format or "text", { notation = request.notation })
  if not text then
    stop("the answer cannot be printed: " .. unprintable.message)
  end
  local derived, no_steps = "", nil
  if request.steps then
    derived, no_steps = steps_text(session, request)
  end
  return text, tostring(g.shape), notes.joined(assumed, notes.joined(more, no_steps)), derived
end

local ANSWER_ORDER = { "message", "line", "column", "hint", "field", "file" }

-- The text, the shape and the notes of the answer to a line; raises an error. `request` is filled on the way.
local function answer_line(cache, line, request)
  local unknown = {}
  if #line > LONGEST_LINE then
    errors.attempt(read_object, line:sub(1, BEGINNING), request, unknown) -- for its id
    stop(string.format("the request has %d bytes; at most %d are read", #line, LONGEST_LINE), { field = "request" })
  end
  local read, why = pcall(read_object, line, request, unknown)
  local bad = errors.check_utf8(line)
  if bad then
    request.id = request.id and not errors.check_utf8(request.id) and request.id
    refuse(bad, "request")
  elseif not read then
    error(why, 0)
  elseif unknown[1] then
    stop_unknown(unknown[1])
  end
  return answer(cache, request)
end

--- The line of answer to a line of request, without line ends.
-- @tparam table cache a table that is kept between the lines: { count = 0 }
-- @tparam string line
-- @treturn string JSON
function M.answer(cache, line)
  local request = {}
  local ok, text, shape, assumed, derived = pcall(answer_line, cache, line, request)
  local id = request.id or "null"
  if ok and not text then
    local more = assumed and ',"notes":' .. json.encode { table.unpack(assumed) } or ""
    return string.format('{"id":%s,%s%s}', id, shape, more)
  elseif ok then
    return string.format(
      '{"id":%s,"answer":%s,"shape":%s%s%s}',
      id,
      json.quotestring(text),
      json.quotestring(shape),
      derived,
      assumed and ',"notes":' .. json.encode { table.unpack(assumed) } or ""
    )
  end
  local err = text
  if type(err) ~= "table" then
    if tostring(err):match "interrupted!$" then
      error(err, 0)
    end
    local deep = tostring(err):match "stack overflow"
    err = {
      message = deep and "the request is nested too deeply" or "a mistake of nabla itself: " .. tostring(err),
    }
  elseif not err.message then
    err = { message = "a mistake of nabla itself" }
  end
  for _, key in ipairs { "message", "hint" } do
    if err[key] and #err[key] > LONGEST then
      err[key] = err[key]:sub(1, utf8.offset(err[key], 0, LONGEST) - 1) .. "..."
    end
  end
  return string.format('{"id":%s,"error":%s}', id, json.encode(err, { keyorder = ANSWER_ORDER }))
end

--- Answer all lines of a file.
-- @param input a file
-- @tparam function write called with each line of answer, line end included; it flushes
-- @return nil, or why the input could not be read to its end
function M.run(input, write)
  local cache = { count = 0 }
  local first = true
  while true do
    local line, why = input:read "l"
    if not line then
      return why
    end
    if first then
      line, first = line:gsub("^\xEF\xBB\xBF", ""), false -- byte order mark
    end
    if line:sub(-1) == "\r" then
      line = line:sub(1, -2)
    end
    if line:find "%S" then
      write(M.answer(cache, line), "\n")
    end
  end
end

return M
