--- What readers of a derivation miss in a rule file: statements without a name, a source or a Chinese title.
--
--     local list, count = names.missing(text, "my.rules")
--     for _, one in ipairs(list) do print(one.line, one.kind, table.concat(one.lacks, ", ")) end
--
-- A name is to be the only one of its kind in the file. A source is asked of what gives a differential.
--
-- @module nabla.check.names

local lint = require "nabla.check.lint"

local M = {}

--- What a statement can lack, in the order of reports.
M.LACKS = { "name", "source", "Chinese title" }

local NAME, SOURCE, CHINESE = table.unpack(M.LACKS)

-- The kinds of statements that a derivation may quote.
local QUOTED = {}
for kind in
  ([[adjoint attribute block convention coordinates curvature fact function identity isolate jacobian layout
    rule table wording]]):gmatch "%S+"
do
  QUOTED[kind] = true
end

-- Is the name of a thing a word of the language, so that a title says what it is?
local TITLED = { attribute = true, convention = true, ["function"] = true, layout = true, row = true, table = true }

local function kind_of(st)
  local of_differential = st.kind == "rule" and st.lhs.tag == "call" and st.lhs.name == "d"
  return of_differential and "differential" or st.set or st.kind
end

local function gives_differential(st)
  return kind_of(st) == "differential" or st.kind == "function" and (st.derivative or st.differential)
end

-- What a statement or a row lacks. `seen`: the names so far, a set for each kind.
local function lacks_of(st, kind, seen)
  local list = {}
  local name
  if TITLED[kind] then
    name = st.title
  else
    name = st.name
  end
  local group = kind == "simplify" and "rule" or kind
  seen[group] = seen[group] or {}
  if not name or name == "" or kind ~= "row" and seen[group][name] then
    list[1] = NAME
  end
  seen[group][name or ""] = true
  if gives_differential(st) and not st.cite then
    list[#list + 1] = SOURCE
  end
  if not st.zh then
    list[#list + 1] = CHINESE
  end
  return list
end

--- The statements of a text, and the rows of its layouts and conventions, that lack something.
-- @tparam string text
-- @tparam string file the name for errors
-- @return a list of { line, kind, name, lacks }, and how many statements were looked at; or nil and the error of the text
function M.missing(text, file)
  local entries, err = lint.entries(text, file)
  if not entries then
    return nil, err
  end
  local list, count, seen = {}, 0, {}
  local function look(st, kind, line, name)
    count = count + 1
    local lacks = lacks_of(st, kind, seen)
    if #lacks > 0 then
      list[#list + 1] = { line = line, kind = kind, name = name, lacks = lacks }
    end
  end
  for _, entry in ipairs(entries) do
    local st = entry.st
    if QUOTED[st.kind] then
      look(st, kind_of(st), st.line, st.name or st.title)
      for _, row in ipairs(st.rows or {}) do
        if not row.refused then
          local _, newlines = text:sub(1, row.pos - 1):gsub("\n", "")
          look(row, "row", newlines + 1, st.name)
        end
      end
    end
  end
  return list, count
end

return M
