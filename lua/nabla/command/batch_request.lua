--- What a request of `nabla batch` may hold: its keys, what they hold, for which operations.
--
-- @module nabla.command.batch_request

local code = require "nabla.code"
local spelling = require "nabla.text.spelling"
local titles = require "nabla.text.titles"

local M = {}

local NONE = {}

local LONGEST_TEXT = 1 << 20 -- bytes of an expression, or of all strings of a list
local LONGEST_LIST = 10000 -- declarations, rule files
local FORMATS = { "text", "unicode", "latex" }
local OPS = {
  "derivative",
  "hessian",
  "convexity",
  "taylor",
  "solve",
  "stationary",
  "derive",
  "identify",
  "equal",
  "table",
  "check",
  "code",
  "simplify",
  "expand",
  "collect",
  "factor",
  "square",
}
local USUAL = { "expr", "wrt" }
-- What an operation cannot do without, where that is not "expr" and "wrt".
local NEEDED = {
  solve = { "equations", "unknowns" },
  stationary = { "expr", "unknowns" },
  identify = {},
  equal = { "left", "right" },
  table = {},
  check = {},
  code = { "expr", "target" },
  simplify = { "expr" },
  expand = { "expr" },
  factor = { "expr", "factor" },
}
-- The keys of an operation; beside these each takes "op", "rules", "rules_text" and "limits".
local READ = "decl layout convention typed habits " -- how texts are read
local WRITTEN = "format notation " -- how answers are written
local STEPS = "steps lang "
local DERIVATIVE = "expr wrt parts verify detail names " .. READ .. WRITTEN .. STEPS
local TAKEN = {
  derivative = DERIVATIVE,
  hessian = DERIVATIVE .. "wrt2",
  derive = DERIVATIVE:gsub("verify ", "") .. "hessian wrt2",
  convexity = "expr wrt lang " .. READ .. WRITTEN,
  taylor = "parts expr wrt direction order at " .. READ .. WRITTEN .. STEPS,
  solve = "equations unknowns alternating parts " .. READ .. WRITTEN .. STEPS,
  stationary = "expr unknowns constraints alternating parts " .. READ .. WRITTEN .. STEPS,
  identify = "parts formula expr wrt claim hessian to at " .. READ .. WRITTEN,
  equal = "left right " .. READ .. WRITTEN .. STEPS,
  table = "name layout format lang ",
  check = "",
  code = "expr wrt target hessian direction check_gradient notation " .. READ,
  simplify = "expr " .. READ .. WRITTEN,
  expand = "expr " .. READ .. WRITTEN,
  collect = "expr wrt side " .. READ .. WRITTEN,
  factor = "expr factor side " .. READ .. WRITTEN,
  square = "expr wrt " .. READ .. WRITTEN,
}
local FEW = 3 -- operations that share a key are named where it is refused, if they are no more

local takes = {} -- key -> the operations that take it, by name and as a list
for _, op in ipairs(OPS) do
  for key in TAKEN[op]:gmatch "%S+" do
    takes[key] = takes[key] or {}
    takes[key][op] = true
    table.insert(takes[key], op)
  end
end
local DETAILS = { "fine", "normal", "brief" }
local SIDES = { "left", "right" }

local TEXT, LIST, FLAG, NUMBER = "a string", "a list of strings", "true or false", "a number"
local RULES = 'a string, or a list of strings and of objects {"name": .., "text": ..}'
local LIMITS = "an object of numbers: steps, nodes, bytes, seconds, elapsed, nesting"
local FIELDS = {
  expr = TEXT,
  wrt = TEXT,
  wrt2 = TEXT,
  layout = TEXT,
  op = TEXT,
  format = TEXT,
  convention = TEXT,
  notation = TEXT,
  typed = TEXT,
  parts = FLAG,
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
  rules_text = RULES,
  limits = LIMITS,
  formula = TEXT,
  claim = TEXT,
  to = TEXT,
  left = TEXT,
  right = TEXT,
  name = TEXT,
  target = TEXT,
  hessian = FLAG,
  check_gradient = FLAG,
  alternating = FLAG,
  factor = TEXT,
  side = TEXT,
}
M.FIELDS = FIELDS
local KINDS_OF = { code = { direction = FLAG } } -- where a key holds something else for an operation
local LIMIT_NAMES = { steps = true, nodes = true, bytes = true, seconds = true, elapsed = true, nesting = true }
local LUA_TYPES = { [TEXT] = "string", [FLAG] = "boolean", [NUMBER] = "number" }

-- A request that cannot be answered: the table that is printed as "error".
local function stop(message, extra)
  local e = { message = message }
  for key, value in pairs(extra or {}) do
    e[key] = value
  end
  error(e, 0)
end
M.stop = stop

local function stop_size(name, size)
  stop(string.format('"%s" has %d bytes; at most %d are read', name, size, LONGEST_TEXT), { field = name })
end

local function check_size(name, size)
  if size > LONGEST_TEXT then
    stop_size(name, size)
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

--- Stop unless a word is one of those that are known.
function M.one_of(what, word, known)
  for i = 1, #known do
    if known[i] == word then
      return
    end
  end
  local nearest = spelling.nearest(word, known)
  stop(
    string.format("unknown %s '%s'; known: %s", what, word, table.concat(known, ", ")),
    { hint = nearest and "did you mean " .. nearest .. "?" or nil }
  )
end

--- Stop at a key that means nothing: it may be one that is mistyped.
function M.stop_unknown(key)
  local known = spelling.names(FIELDS)
  table.insert(known, 1, "id")
  local nearest = spelling.nearest(key, known)
  stop(
    string.format('unknown key "%s"', key),
    { hint = nearest and "did you mean " .. nearest .. "?" or "known: " .. table.concat(known, ", ") }
  )
end

-- Rules in memory, as nabla.new takes them.
local function check_rules_text(given)
  local size, list = 0, type(given) == "table" and given or { given }
  local object = type(given) == "table" and getmetatable(given)
  if object and object.__jsontype == "object" or #list == 0 then
    stop(string.format('"rules_text" must be %s', RULES))
  end
  for i, entry in ipairs(list) do
    local text = type(entry) == "table" and entry.text or entry
    local name = type(entry) == "table" and entry.name or ""
    if type(text) ~= "string" or type(name) ~= "string" then
      stop(string.format('"rules_text" must be %s; element %d is not', RULES, i))
    end
    size = size + #text
  end
  check_size("rules_text", size)
end

local function check_limits(given)
  for name, value in pairs(type(given) == "table" and given or { false }) do
    if not LIMIT_NAMES[name] or type(value) ~= "number" or value <= 0 then
      stop(string.format('"limits" must be %s', LIMITS))
    end
  end
end

-- Stop at a key that the operation does not take, the first by name.
local function stop_at_key(request, op)
  for _, name in ipairs(spelling.names(request)) do
    local by = takes[name]
    if name == "wrt2" and not by[op] then -- the op "derive" takes it for a Hessian
      stop '"wrt2" belongs to the op "hessian"'
    elseif by and not by[op] and #by <= FEW then
      stop(('"%s" belongs to the op%s "%s"'):format(name, #by > 1 and "s" or "", table.concat(by, '", "')))
    elseif by and not by[op] then
      stop(('the op "%s" does not take "%s"'):format(op, name))
    end
  end
end

-- Keys that mean nothing without another one, or beside it.
local function check_alone(request, op)
  if op == "derive" and request.steps == false then
    stop 'the op "derive" has its steps; without them it is "derivative"'
  elseif op == "derivative" or op == "hessian" then
    local name = request.detail ~= nil and "detail" or request.names ~= nil and "names"
    if name and not request.steps then
      stop(('"%s" belongs to "steps": true'):format(name))
    end
  elseif op == "table" and not request.name then
    for _, name in ipairs { "layout", "format", "lang" } do
      if request[name] ~= nil then
        stop(('"%s" belongs to "name": without it the answer is the list of the tables'):format(name))
      end
    end
  end
end

-- What is asked of each other's keys.
local function check_pairs(request, op)
  if op == "derivative" then
    return
  elseif op == "identify" and not request.formula and not (request.expr and request.wrt and request.claim) then
    stop '"formula" is missing, or "expr", "wrt" and "claim"'
  elseif op == "identify" and request.formula and (request.expr or request.claim) then
    stop 'identify takes "formula", or "expr", "wrt" and "claim", not both'
  elseif op == "identify" and request.formula and (request.wrt or request.hessian ~= nil) then
    stop(('"%s" belongs to "claim": a formula says it'):format(request.wrt and "wrt" or "hessian"))
  elseif op == "check" and not (request.rules or request.rules_text) then
    stop '"rules" or "rules_text" is missing'
  elseif op == "derive" and request.wrt2 and not request.hessian then
    stop '"wrt2" belongs to "hessian": true'
  elseif op == "code" and not code.targets[request.target] then
    stop(code.unknown(request.target))
  elseif op == "code" and not request.wrt and (request.hessian or request.direction or request.check_gradient) then
    stop '"wrt" is missing'
  end
end

-- Stop at what a key holds, if that is not what is wanted there (nil: anything).
local function check_value(name, value, wanted)
  if wanted == TEXT and type(value) == "string" then
    if #value > LONGEST_TEXT then
      stop_size(name, #value)
    end
  elseif wanted == RULES then
    check_rules_text(value)
  elseif wanted == LIMITS then
    check_limits(value)
  elseif wanted == LIST then
    check_list(name, value)
  elseif wanted and type(value) ~= LUA_TYPES[wanted] then
    stop(string.format('"%s" must be %s', name, wanted))
  end
end

-- What keys hold where they hold one of some words, but for "op".
local function check_words(request, op)
  local format = request.format
  if format then
    M.one_of("format", format, op == "table" and require("nabla.rules.tables").formats or FORMATS)
  end
  if request.side then
    M.one_of("side", request.side, SIDES)
  end
  if request.detail then
    M.one_of("detail", request.detail, DETAILS)
  end
  if request.lang and not titles.is_language(request.lang) then
    stop '"lang" is the code of a language: en, zh, or another that rule files have titles in'
  end
end

--- Stop at the first thing that is wrong with the keys of a request and what they hold.
function M.check(request)
  local op = request.op or "derivative"
  local kinds, taken = KINDS_OF[op] or NONE, true
  for name, value in next, request do -- `id`, which may be anything, is no field
    check_value(name, value, kinds[name] or FIELDS[name])
    local by = takes[name]
    taken = taken and not (by and not by[op])
  end
  M.one_of("op", op, OPS)
  if not taken then
    stop_at_key(request, op)
  end
  local needed = NEEDED[op] or USUAL
  for i = 1, #needed do
    if request[needed[i]] == nil then
      stop(string.format('"%s" is missing', needed[i]))
    end
  end
  check_words(request, op)
  check_alone(request, op)
  check_pairs(request, op)
end

return M
