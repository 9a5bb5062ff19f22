--- The prompt for a notebook: a cell as JSON on one line, its answers as JSON on one line.
--
--     {"code": "diff x'*A*x by x"}    {"answers": [{"text": .., "latex": .., "markdown": ..}]}
--     {"complete": "diff logd"}       {"matches": ["logdet("], "start": 5}
--     {"about": "det"}                {"text": ..}
--     {"goes_on": "f = ("}            {"goes_on": true}
--
-- An answer has `text`, and `latex` where it is a formula, `markdown` where it is a derivation; `failed` after an error, which
-- ends the cell. A line `%layout numerator` is `:layout numerator`; a cell whose first line is `%%rules` is a rule file.
--
-- @module nabla.repl.protocol

local core = require "nabla.core"
local errors = require "nabla.text.errors"
local json = require "dkjson"
local lines = require "nabla.repl.line"
local repl = require "nabla.repl"
local topics = require "nabla.repl.topics"

local M = {}

local SECONDS = 120 -- that a line may take

local ORDER = { "text", "latex", "markdown", "failed", "answers", "matches", "start", "goes_on" }

-- The lines of a cell: a line with an open bracket goes on in the next one; `#` begins a comment line.
local function statements(code)
  local list, open = {}, nil
  for line in (code .. "\n"):gmatch "(.-)\r?\n" do
    if open then
      open = open .. " " .. line
    elseif not line:find "^%s*#" and line:find "%S" then
      open = line
    end
    if open and not lines.goes_on(open) then
      list[#list + 1], open = open, nil
    end
  end
  list[#list + 1] = open
  return list
end

-- The formats that a notebook shows, of what a line has answered.
local function formats(state, result)
  local value, answer = result.value, { text = result.text, failed = result.failed }
  if not value then
    return answer
  elseif value.markdown then
    answer.latex = value:latex { lang = state.lang }
    answer.markdown = value:markdown { lang = state.lang }
  elseif #value > 0 and value.steps_text then -- solutions
    answer.latex = value:latex():gsub("\n", " \\\\ ")
  else
    answer.latex = value:latex()
  end
  return answer
end

local function read_rules(state, text)
  local done, err = state.session:rule(text)
  if done then
    return { text = "the rules are read" }
  end
  return { text = errors.is_error(err) and tostring(err) or err.message, failed = true }
end

local function answers(state, code)
  local rules = code:match "^%s*%%%%rules[^\n]*\n(.*)$"
  if rules then
    return { read_rules(state, rules) }
  end
  local list = {}
  for _, line in ipairs(statements(code)) do
    local result = repl.carry_out(state, (line:gsub("^%s*%%", ":")))
    if result.text ~= "" then
      list[#list + 1] = formats(state, result)
    end
    if result.failed then
      break
    end
  end
  return list
end

-- The names that the last word of a text may become.
local function completed(state, text)
  local start, word = text:match "()([:%%]?[%a_][%w_]*)$"
  if not start then
    return { matches = setmetatable({}, { __jsontype = "array" }), start = #text }
  end
  local magic = word:sub(1, 1) == "%"
  local list = repl.completions(state, magic and ":" .. word:sub(2) or word)
  for i, name in ipairs(list) do
    list[i] = magic and "%" .. name:sub(2) or name
  end
  table.sort(list)
  return { matches = setmetatable(list, { __jsontype = "array" }), start = start - 1 }
end

local function respond(state, request)
  if type(request.code) == "string" then
    return { answers = setmetatable(answers(state, request.code), { __jsontype = "array" }) }
  elseif type(request.complete) == "string" then
    return completed(state, request.complete)
  elseif type(request.about) == "string" then
    return topics.about(state.session, request.about)
  elseif type(request.goes_on) == "string" then
    return { goes_on = lines.goes_on(request.goes_on) }
  end
  return { failed = true, text = 'a request has "code", "complete", "about" or "goes_on"' }
end

--- The answer to a request; whatever it holds.
-- @tparam table state as for nabla.repl.line
-- @tparam string line
-- @treturn string JSON
function M.answer(state, line)
  local ok, result = pcall(function()
    local request, _, why = json.decode(line)
    if type(request) ~= "table" then
      return { failed = true, text = "the request is not JSON: " .. tostring(why or line) }
    end
    return respond(state, request)
  end)
  if not ok then
    local message = tostring(type(result) == "table" and result.message or result)
    result = { failed = true, text = message:find "interrupted" and "interrupted" or message }
    result = { failed = true, text = result.text, answers = { result } }
  end
  return json.encode(result, { keyorder = ORDER })
end

--- Answer the lines of standard input until it ends.
function M.run(session, write)
  local state = lines.state(session)
  core.process.interrupts()
  local function round()
    local line = io.read "l"
    if not line then
      return false
    end
    session:limits { seconds = SECONDS }
    write(M.answer(state, line), "\n")
    return true
  end
  local ok, going
  repeat
    ok, going = pcall(round)
    if not ok and not repl.is_interrupt(going) then
      error(going, 0)
    end -- an interrupt that came too late has nothing to stop
  until not going
end

return M
