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
-- Keys of some operations alone; without a mark an operation takes every key that is not here.
local OWN = {
  wrt2 = { "hessian", "derive" },
  equations = { "solve" },
  unknowns = { "solve", "stationary" },
  constraints = { "stationary" },
  order = { "taylor" },
  at = { "taylor", "identify" },
  direction = { "taylor", "code" },
  verify = { "derivative", "hessian" },
  hessian = { "derive", "identify", "code" },
  formula = { "identify" },
  claim = { "identify" },
  to = { "identify" },
  left = { "equal" },
  right = { "equal" },
  name = { "table" },
  target = { "code" },
  check_gradient = { "code" },
  factor = { "factor" },
  side = { "collect", "factor" },
}
-- Keys that an operation does not take, though they are nobody's own.
local NOT_TAKEN = {
  equal = { "expr", "wrt" },
  table = { "expr", "wrt", "decl", "steps" },
  check = { "expr", "wrt", "decl", "steps", "format", "layout", "convention", "notation" },
  code = { "steps", "format" },
  identify = { "steps" },
  simplify = { "wrt", "steps" },
  expand = { "wrt", "steps" },
  collect = { "steps" },
  factor = { "wrt", "steps" },
  square = { "steps" },
}
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

--- Stop unless a word is one of those that are known.
function M.one_of(what, word, known)
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

-- Keys that the operation does not take.
local function check_taken(request, op)
  for name in pairs(request) do
    local taken = not OWN[name]
    for _, other in ipairs(OWN[name] or NONE) do
      taken = taken or other == op
    end
    if not taken then
      local ops = '"' .. table.concat(OWN[name], '", "') .. '"'
      if name == "wrt2" then
        ops = '"hessian"'
      end
      stop(('"%s" belongs to the op%s %s'):format(name, ops:find "," and "s" or "", ops))
    end
  end
  for _, name in ipairs(NOT_TAKEN[op] or NONE) do
    if request[name] ~= nil and not (op == "identify" and request.claim) then
      stop(('the op "%s" does not take "%s"'):format(op, name))
    end
  end
end

-- What the operations that were added by and by ask of each other's keys.
local function check_pairs(request, op)
  if op == "identify" and not request.formula and not (request.expr and request.wrt and request.claim) then
    stop '"formula" is missing, or "expr", "wrt" and "claim"'
  elseif op == "identify" and request.formula and (request.expr or request.claim) then
    stop 'identify takes "formula", or "expr", "wrt" and "claim", not both'
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

--- Stop at the first thing that is wrong with the keys of a request and what they hold.
function M.check(request)
  local kinds = KINDS_OF[request.op] or NONE
  for name, v in pairs(request) do -- `id`, which may be anything, is no field
    local wanted = kinds[name] or FIELDS[name]
    if wanted == RULES then
      check_rules_text(v)
    elseif wanted == LIMITS then
      check_limits(v)
    elseif wanted == LIST then
      check_list(name, v)
    elseif wanted and type(v) ~= LUA_TYPES[wanted] then
      stop(string.format('"%s" must be %s', name, wanted))
    elseif wanted == TEXT then
      check_size(name, #v)
    end
  end
  local op = request.op or "derivative"
  M.one_of("op", op, OPS)
  check_taken(request, op)
  for _, name in ipairs(NEEDED[op] or { "expr", "wrt" }) do
    if request[name] == nil then
      stop(string.format('"%s" is missing', name))
    end
  end
  M.one_of("format", request.format or "text", op == "table" and require("nabla.rules.tables").formats or FORMATS)
  M.one_of("side", request.side or "left", SIDES)
  M.one_of("detail", request.detail or "normal", DETAILS)
  if not titles.is_language(request.lang or "en") then
    stop '"lang" is the code of a language: en, zh, or another that rule files have titles in'
  end
  check_pairs(request, op)
end

return M
