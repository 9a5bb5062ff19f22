--- The statement `notation`: how a course or a paper writes names and signs.
--
-- A named notation is kept whole, with the rows of the notation that it is `like`, and is used when it is asked for. One row
-- alone holds for whoever uses the file, under every notation. Invariant: what a session has is replaced, never changed, so
-- that a file which fails leaves nothing behind, and so that styles can be kept by the table they were made of.
--
-- @module nabla.rules.notations

local loaders = require "nabla.rules.loader"
local overloads = require "nabla.language.overloads"
local paths = require "nabla.rules.paths"
local program_rows = require "nabla.language.program_rows"
local program_text = require "nabla.page.program_text"
local spelling = require "nabla.text.spelling"
local themed = require "nabla.print.themed"

local M = {}

local copy, keys = loaders.copy, loaders.keys
local SUBJECTS = { "signs", "kinds", "names", "ops" }

local function empty()
  return { signs = {}, kinds = {}, names = {}, ops = {} }
end

-- An operator that is there, or engine's own.
local OWN = { I = 1, ones = 2, zeros = 2, normF = 1 }

local function check_operator(loader, row)
  local op = loader.session.ops[row.name] or loader.session.formulas[row.name]
  local count = OWN[row.name]
  if not count and (not op or op.gone) then
    local known, signs = keys(loader.session.ops), {}
    for _, list in ipairs { themed.signs, themed.kinds, OWN } do
      for name in pairs(list) do
        known[#known + 1], signs[#signs + 1] = name, name
      end
    end
    table.sort(signs)
    local nearest = spelling.nearest(row.name, known)
    local hint = nearest and "did you mean " .. nearest .. "?"
      or "besides operators there are: " .. table.concat(signs, ", ") .. "; a name of one's own: name " .. row.name
    loader:stop(row, "there is no operator, sign or kind of names '" .. row.name .. "'", hint)
  end
  count = count or #op.params
  for _, form in pairs(row.forms) do
    for number in form:gmatch "%%(%d)" do
      if tonumber(number) > count or number == "0" then
        local arguments = count == 1 and "argument" or "arguments"
        local message = ("the form has %%%s; %s has %d %s"):format(number, row.name, count, arguments)
        loader:stop(row, message, count > 0 and "the last argument is %" .. count or nil)
      end
    end
  end
end

-- A notation with rows put over those of another.
local function with_rows(loader, notation, rows)
  local new = copy(notation)
  for _, subject in ipairs(SUBJECTS) do
    new[subject] = copy(notation[subject] or {}) -- those of nabla itself are none
  end
  for _, row in ipairs(rows) do
    if row.what == "ops" then
      check_operator(loader, row)
    end
    local forms = copy(new[row.what][row.name] or {})
    for format, form in pairs(row.forms) do
      forms[format] = form
    end
    new[row.what][row.name] = forms
  end
  return new
end

-- The rows of functions that have the same name in a notation: `same exp log  if scalar %1  otherwise "%0.(%1)"`.
local function rows_of_names(loader, row, add)
  for _, name in ipairs(row.same) do
    local op = loader.session.ops[name]
    if not op or op.gone then
      local hint = loaders.meant(name, keys(loader.session.ops))
      loader:stop(row, "there is no operator '" .. name .. "'", hint)
    end
    local arguments = {}
    for i = 1, #op.params do
      arguments[i] = "%" .. i
    end
    local list = table.concat(arguments, ", ")
    local meaning = name .. "(" .. list .. ")"
    add { form = meaning, meaning = meaning, reads = true, writes = true, when = row.when, pos = row.pos }
    if row.otherwise then
      local form = row.otherwise:gsub("%%0", name):gsub("%%1", (list:gsub("%%", "%%%%")))
      add { form = form, meaning = meaning, reads = true, writes = true, pos = row.pos }
    end
  end
end

-- The rows that say how a program writes, those of `same` each by itself. What is written of a function that is called by the name of
-- another (max of two) is of the name that it has in the engine.
local function program_list(loader, rows)
  local list, own = {}, paths.is_own(loader.file)
  local function add(row)
    local wrong, hint
    if not own then -- a spec checks nabla's own
      wrong, hint = program_rows.check(row)
    end
    if wrong then
      loader:stop(row, wrong, hint)
    end
    local name, count = program_rows.called(row)
    local op = row.writes and name and overloads.operator(loader.session, name, count)
    row.operator = op and not op.gone and #op.params == count and op.name or nil
    list[#list + 1] = row
  end
  for _, row in ipairs(rows) do
    if row.same then
      rows_of_names(loader, row, add)
    else
      add(row)
    end
  end
  return list
end

--- `notation`.
function M.notation(loader, st)
  local session = loader.session
  if not st.name then
    session.own_notation = with_rows(loader, session.own_notation or empty(), st.rows)
    return
  end
  local op = session.ops[st.name] or session.formulas[st.name]
  if #st.rows == 0 and not st.like and not st.programs then
    local hint = op and string.format('how %s is written: notation %s latex "%s"', st.name, st.name, st.title or "..")
      or "its rows are indented, and say what they are for: derivative  latex \"\\partial_{%2} %1\""
    loader:stop(st, "this notation has no rows", hint)
  end
  local old = session.notations[st.name]
  if old then
    local place = old.line and (" (%s:%d)"):format(old.file or "text", old.line) or ""
    local hint = "take it away first: without notation " .. st.name
    loader:stop(st, ("there is a notation %s already%s"):format(st.name, place), hint)
  end
  local base = st.like and session.notations[st.like]
  if st.like and not base then
    loader:stop(st, "there is no notation " .. st.like, loaders.meant(st.like, keys(session.notations)))
  end
  local new = with_rows(loader, base or empty(), st.rows)
  new.name, new.title, new.zh, new.cite, new.note = st.name, st.title or st.name, st.zh, st.cite, st.note
  new.titles = st.titles
  new.programs, new.told = base and base.programs, st.told or base and base.told
  if st.programs then -- its own rows go first
    local own, more = program_list(loader, st.programs), new.programs or {}
    new.programs = table.move(more, 1, #more, #own + 1, own)
  end
  new.indices, new.sums = st.indices or base and base.indices, st.sums or base and base.sums
  new.prefixes = table.move(st.prefixes or {}, 1, #(st.prefixes or {}), 1, copy(base and base.prefixes or {}))
  new.tried, new.spreads = st.tried or base and base.tried, st.spreads or base and base.spreads
  if st.programs and not paths.is_own(loader.file) then -- nabla's own are read when a program is
    local read, why = pcall(program_text.rules, session, new)
    if not read and not (type(why) == "table" and why.row) then
      error(why, 0)
    elseif not read then
      loader:stop(why.row, ("the form %s cannot be read: %s"):format(why.row.form, why.message), why.hint)
    end
  end
  new.file, new.line, new.pos = loader.file, st.line, st.pos
  session.notations[st.name] = new
end

return M
