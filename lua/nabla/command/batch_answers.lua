--- Answers of `nabla batch` to requests about formulas, identities, tables, rule files and code. Each function returns the members of the
-- answer as JSON without braces, and the notes; or nil, the error and the key of the request that it is about.
--
-- @module nabla.command.batch_answers

local ordered_json = require "nabla.text.ordered_json"

local M = {}

local function encoded(members, order)
  return ordered_json.encode(members, order):sub(2, -2)
end

-- A list, also where it is empty.
local function list_of(list)
  return setmetatable(list, { __jsontype = "array" })
end

-- ---------------------------------------------------------------------------------------------- formulas

-- The values of "t = 0, s = 1".
local function values_at(text)
  local at = {}
  for part in ((text or "") .. ","):gmatch "%s*(.-)%s*," do
    local name, number = part:match "^(%S-)%s*=%s*(%S+)$"
    if part ~= "" and not (number and tonumber(number)) then
      return nil, { message = '"at" has names and their values, such as "t = 0, s = 1"' }, "at"
    elseif part ~= "" then
      at[name] = tonumber(number)
    end
  end
  return next(at) and at or false
end

local IDENTIFY_ORDER = { "answer", "layouts", "conditions", "nearest", "converted", "text", "layout", "verdict" }

--- {"op": "identify", "formula": ..} or {"op": "identify", "expr": .., "wrt": .., "claim": ..}
function M.identify(session, request)
  local at, why, key = values_at(request.at)
  if at == nil then
    return nil, why, key
  elseif request.to and not session.layouts[request.to] then
    return nil, { message = ("unknown layout '%s'"):format(request.to) }, "to"
  end
  local given = { layout = request.layout, convention = request.convention, to = request.to, at = at or nil }
  for _, name in ipairs { "formula", "expr", "wrt", "claim", "hessian" } do
    given[name] = request[name]
  end
  local result, err = session:identify(given)
  if not result then
    return nil, err, request.formula and "formula" or nil
  end
  local format = request.format or "text"
  local function text(node)
    return node and node:text(format, { notation = request.notation, parts = request.parts })
  end
  local members = { answer = result.status, layouts = list_of {}, conditions = list_of {}, nearest = list_of {} }
  for i, entry in ipairs(result.layouts) do
    members.layouts[i] = { layout = entry.layout, verdict = entry.verdict, answer = text(entry.answer) }
  end
  for i, c in ipairs(result.conditions or {}) do
    members.conditions[i] =
      { layout = c.layout, names = c.names, attribute = c.attribute, convention = c.convention }
  end
  for i, near in ipairs(result.nearest or {}) do
    members.nearest[i] = { layout = near.layout, change = near.change, answer = text(near.answer) }
  end
  members.converted = text(result.converted)
  members.text = require("nabla.identify").describe(result, format, request.parts)
  return encoded(members, IDENTIFY_ORDER), result.notes and result.notes[1] and result.notes or nil
end

-- ---------------------------------------------------------------------------------------------- tables, rule files

--- {"op": "table", "name": ..}; without a name the list of the tables
function M.table(session, request)
  local tables = require "nabla.rules.tables"
  local read, err = session:load "identities.rules"
  if not read then
    return nil, err, "rules"
  end
  if not request.name then
    local list = list_of {}
    for i, name in ipairs(tables.names(session)) do
      local heading = session.tables[name]
      list[i] = { name = name, title = heading.title, zh = heading.zh, rows = #tables.identities(session, name) }
    end
    return encoded({ tables = list }, { "name", "title", "zh", "rows" })
  end
  local known = tables.names(session)
  if not session.tables[request.name] then
    local spelling = require "nabla.text.spelling"
    local nearest = spelling.nearest(request.name, known)
    local hint = nearest and "did you mean " .. nearest .. "?" or "known: " .. table.concat(known, ", ")
    return nil, { message = ("there is no table '%s'; %s"):format(request.name, hint) }, "name"
  end
  local text, why =
    session:table(request.name, { layout = request.layout, format = request.format, lang = request.lang })
  if not text then
    return nil, why, "name"
  end
  return encoded { answer = text }
end

local VERDICT_ORDER = { "answer", "statements", "file", "line", "kind", "name", "verdict", "detail" }

--- {"op": "check", "rules": [..]} or "rules_text": the verdict on each statement
function M.check(session, request)
  local there, check = pcall(require, "nabla.check")
  if not there then
    return nil, { message = "check needs the numeric module, which is not there" }, "op"
  end
  local proof, rule_files = require "nabla.check.proof", require "nabla.rules.load"
  local checker, err = check.new()
  if not checker then
    return nil, err, "rules"
  end
  local statements, answer = list_of {}, "proved"
  local function add(results)
    for _, result in ipairs(results) do
      check.settle(session, result)
      if result.verdict == proof.FAILED then
        answer = "failed"
      elseif result.verdict == proof.OPEN and answer == "proved" then
        answer = "open"
      end
      local row = {}
      for _, key in ipairs { "file", "line", "kind", "name", "verdict", "detail" } do
        row[key] = result[key]
      end
      statements[#statements + 1] = row
    end
  end
  for _, path in ipairs(request.rules or {}) do
    local results, why = checker:file(path)
    if not results then
      return nil, why, "rules"
    end
    add(results)
  end
  local texts = request.rules_text
  checker.session.texts = {}
  for i, entry in ipairs(type(texts) == "table" and texts or { texts }) do
    local default = type(texts) == "string" and "rules_text" or "rules_text " .. i
    local text, name = entry.text or entry, entry.name or default
    checker.session.texts[name] = text
  end
  for i, entry in ipairs(type(texts) == "table" and texts or { texts }) do
    local default = type(texts) == "string" and "rules_text" or "rules_text " .. i
    local text, name = entry.text or entry, entry.name or default
    local ok, why = rule_files.load(checker.session, { text = text, file = name, named = true })
    local results
    if ok then
      results, why = checker:text(text, name)
    end
    if not results then
      return nil, why, "rules_text"
    end
    add(results)
  end
  return encoded({ answer = answer, statements = statements }, VERDICT_ORDER)
end

-- ---------------------------------------------------------------------------------------------- code

--- {"op": "code", "expr": .., "wrt": .., "target": ..}
function M.code(session, request)
  local text, more = session:code(request.expr, request.wrt, request.target, {
    layout = request.layout,
    convention = request.convention,
    hessian = request.hessian,
    direction = request.direction,
    check = request.check_gradient,
  })
  if not text then
    return nil, more
  end
  return encoded { answer = text }, more
end

return M
