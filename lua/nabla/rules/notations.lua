--- The statement `notation`: how a course or a paper writes names and signs.
--
-- A named notation is kept whole, with the rows of the notation that it is `like`, and is used when it is asked for. One row
-- alone holds for whoever uses the file, under every notation. Invariant: what a session has is replaced, never changed, so
-- that a file which fails leaves nothing behind, and so that styles can be kept by the table they were made of.
--
-- @module nabla.rules.notations

local loaders = require "nabla.rules.loader"
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

--- `notation`.
function M.notation(loader, st)
  local session = loader.session
  if not st.name then
    session.own_notation = with_rows(loader, session.own_notation or empty(), st.rows)
    return
  end
  local op = session.ops[st.name] or session.formulas[st.name]
  if #st.rows == 0 and not st.like and not st.readings then
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
  new.readings, new.told = st.readings or base and base.readings, st.told or base and base.told
  new.tried = st.tried or base and base.tried
  new.file, new.line, new.pos = loader.file, st.line, st.pos
  session.notations[st.name] = new
end

return M
