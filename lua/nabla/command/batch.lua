--- `nabla batch`: requests as JSON, one object a line; one line of answer for each, in order.
--
-- Whatever a line holds, it gets an answer, and no line has an effect on a later one: sessions are shared by requests
-- with the same rule files (reading rules takes longer than most derivatives), and forget their declarations in between.
--
-- @module nabla.command.batch

local core = require "nabla.core"
local errors = require "nabla.text.errors"
local json = require "dkjson"
local lpeg = require "lpeg"
local nabla = require "nabla"
local notes = require "nabla.text.notes"
local requests = require "nabla.command.batch_request"
local program_text = require "nabla.page.program_text"
local shapes = require "nabla.text.shape"
local spelling = require "nabla.text.spelling"
local steps = require "nabla.command.steps"

local M = {}

local SESSIONS = 16 -- kept at most
local LONGEST = 500 -- bytes of a message or a hint: it may quote a name of any length
local LONGEST_LINE = 16 << 20 -- bytes; a longer line is not read, so that none exhausts the memory
local BEGINNING = 4096 -- bytes of a line that is too long in which its id is looked for
-- Operations that answer with members of their own: module and function.
local OTHERS = {
  convexity = { "nabla.command.convexity", "batch_convexity" },
  taylor = { "nabla.command.convexity", "batch_taylor" },
  solve = { "nabla.command.solve", "batch_solve" },
  stationary = { "nabla.command.solve", "batch_stationary" },
  identify = { "nabla.command.batch_answers", "identify" },
  equal = { "nabla.command.equal", "batch_equal" },
  table = { "nabla.command.batch_answers", "table" },
  check = { "nabla.command.batch_answers", "check" },
  code = { "nabla.command.batch_answers", "code" },
  simplify = { "nabla.command.forms", "batch" },
  expand = { "nabla.command.forms", "batch" },
  collect = { "nabla.command.forms", "batch" },
  factor = { "nabla.command.forms", "batch" },
  square = { "nabla.command.forms", "batch" },
}

local one_of, stop = requests.one_of, requests.stop

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

-- The keys and values of most lines, one after the other: texts, lists of texts, true and false, without escapes; of the id its JSON.
local plain_object
do
  local P, R, S, C, Cc, Ct = lpeg.P, lpeg.R, lpeg.S, lpeg.C, lpeg.Cc, lpeg.Ct
  local blank = S " \t\r" ^ 0
  local text = '"' * C((R(" !", "#[", "]~") + R "\128\255") ^ 0) * '"'
  local list = "[" * blank * Ct(text * blank * ("," * blank * text * blank) ^ 0) * "]"
  local value = text + list + P "true" * Cc(true) + P "false" * Cc(false)
  local number = P "-" ^ -1 * (P "0" + R "19" * R "09" ^ 0) * -S ".eE"
  local colon = blank * ":" * blank
  local id = '"' * C "id" * '"' * colon * C(number + '"' * R(" !", "#[", "]~") ^ 0 * '"')
  local member = (id + -P '"id"' * text * colon * value) * blank
  plain_object = Ct(blank * "{" * blank * member * ("," * blank * member) ^ 0 * "}" * blank * -1)
end

local function read_plain(line, request, unknown)
  local members = plain_object:match(line)
  for i = 1, members and #members or 0, 2 do
    local key, value = members[i], members[i + 1]
    if key ~= "id" and not requests.FIELDS[key] then
      unknown[#unknown + 1] = key
    else
      request[key] = value
    end
  end
  return members ~= nil
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
    local v, next_pos, err = json.decode(line, pos, json.null)
    if err then
      bad(type(next_pos) == "number" and next_pos or pos, "a value")
    end
    return v, next_pos
  end
  if read_plain(line, request, unknown) then
    return
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
    elseif not requests.FIELDS[key] then
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

-- ---------------------------------------------------------------------------------------------- answering

-- A text as JSON: most have nothing that is escaped.
local function quoted(text)
  return text:find "[^ !#-Z%[%]^-~]" and json.quotestring(text) or '"' .. text .. '"'
end

-- The key of a request that an error of its rules is about.
local function rules_field(request, err)
  for _, path in ipairs(request.rules or {}) do
    if err.file == path then
      return "rules"
    end
  end
  return request.rules_text and "rules_text" or "rules"
end

-- What the rules of a request are kept under.
local function key_of_rules(request)
  local rules, texts = request.rules, request.rules_text
  if not rules and not texts and request.op ~= "table" then
    return ""
  end
  local parts = {}
  for i, path in ipairs(rules or {}) do
    parts[i] = #path .. ":" .. path
  end
  for _, entry in ipairs(type(texts) == "table" and texts or { texts }) do
    for _, part in ipairs { entry.name or "", entry.text or entry } do
      parts[#parts + 1] = ";" .. #part .. ":" .. part
    end
  end
  if request.op == "table" then -- it reads the tables of identities as well
    parts[#parts + 1] = "tables"
  end
  return table.concat(parts)
end

--- A session that has read the rule files and texts of a request, without declarations.
-- @tparam table cache as for `answer`
-- @tparam table request as batch_request accepts it
-- @treturn table; an error is raised as one of a request
function M.session(cache, request)
  local rules, texts = request.rules, request.rules_text
  if request.limits then -- a session of its own
    local opts = { rules = rules and { table.unpack(rules) }, rules_text = texts, limits = request.limits }
    local session, err = nabla.new(opts)
    return session or refuse(err, rules_field(request, err))
  end
  local key = key_of_rules(request)
  local session = cache[key]
  if not session then
    local err
    session, err = nabla.new { rules = rules and { table.unpack(rules) }, rules_text = texts }
    if not session then
      refuse(err, rules_field(request, err))
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
  session:forget_texts()
  return session
end

-- How a session reads and writes; `typed` has no default.
local SETTINGS = { "layout", "convention", "notation", "habits", "typed" }

-- f(session, request) while the session reads and writes as the request says.
local function as_asked(session, request, f)
  local asked = false
  for i = 1, #SETTINGS do
    asked = asked or request[SETTINGS[i]] ~= nil
  end
  if not asked then
    return f(session, request)
  end
  local before = {}
  for _, name in ipairs(SETTINGS) do
    before[name] = session[name]
    if request[name] ~= nil then
      session[name] = request[name]
    end
  end
  local results = table.pack(pcall(f, session, request))
  for _, name in ipairs(SETTINGS) do
    session[name] = before[name]
  end
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

-- What is appended to the answer where steps are asked for.
local function steps_text(session, request)
  local opts = { detail = request.detail, names = request.names or request.parts }
  local derivation, why
  if request.op == "hessian" then
    derivation, why = session:derive_hessian(request.expr, request.wrt, request.wrt2, opts)
  else
    derivation, why = session:derive(request.expr, request.wrt, opts)
  end
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

-- The definitions of parts as JSON.
local function parts_text(definitions)
  local list = {}
  for i, each in ipairs(definitions) do
    list[i] = ('{"name":%s,"text":%s}'):format(json.quotestring(each.name), json.quotestring(each.text))
  end
  return "[" .. table.concat(list, ",") .. "]"
end

-- The derivative, its shape, the notes, and more members as JSON.
local function derivative(session, request)
  declare(session, request)
  local f, assumed = session:parse(request.expr, { by = request.wrt })
  if not f then
    refuse(assumed, "expr")
  end
  local g, more
  if request.op == "hessian" then
    g, more = session:hessian(f, request.wrt, request.wrt2)
  else
    g, more = session:diff(f, request.wrt)
  end
  if not g then
    refuse(more, "wrt")
  end
  if request.verify then
    local second = request.op == "hessian" and (request.wrt2 or true) or nil
    local right, why = session:verify(request.expr, request.wrt, g, { second = second })
    if not right then
      stop((right == nil and "the answer cannot be verified: " or "") .. why.message)
    end
  end
  local derived, no_steps = "", nil
  local text, unprintable
  if request.parts then
    text, unprintable = g:parts(request.format or "text")
    derived = text and ',"parts":' .. parts_text(unprintable) or ""
  else
    text, unprintable = g:text(request.format or "text")
  end
  if not text then
    local hint = unprintable.status == "limit" and 'with "parts": true what repeats has names' or nil
    stop("the answer cannot be printed: " .. unprintable.message, { hint = hint })
  end
  if request.steps then
    local steps_of
    steps_of, no_steps = steps_text(session, request)
    derived = derived .. (steps_of or "")
  end
  return text, shapes.of(core.unwrap(g)), notes.joined(assumed, more, no_steps), derived
end

-- Settings that are the name of something in the session.
local NAMED = { "layout", "convention", "notation" }

local function answer(cache, request)
  requests.check(request)
  if request.op == "derive" then -- a derivative, or a Hessian, with its steps
    request.op, request.steps = request.hessian and "hessian" or "derivative", true
  end
  local session = M.session(cache, request)
  for i = 1, #NAMED do
    local what = NAMED[i]
    local known = request[what] and session[what .. "s"]
    if known and not known[request[what]] then
      one_of(what, request[what], spelling.names(known))
    end
  end
  if request.typed then
    program_text.named(session, request.typed)
  end
  if OTHERS[request.op] then
    local members, notes_on = as_asked(session, request, other_answer)
    return nil, members, notes_on
  end
  return as_asked(session, request, derivative)
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
    requests.stop_unknown(unknown[1])
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
      quoted(text),
      quoted(shape),
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
