--- Which notation a session writes in: the one that is chosen, over what files have said of signs for every notation.
--
-- @module nabla.session.notation

local format = require "nabla.print.format"
local own_signs = require "nabla.language.own_signs"
local later = require "nabla.text.later"
local spelling = require "nabla.text.spelling"

local program_rows = later.require "nabla.language.program_rows"
local program = later.require "nabla.print.program_notation"

local M = {}

local NONE = {}
local SUBJECTS = { "signs", "kinds", "names", "ops" }

-- What the rows of a notation write as a program does, by the list of rows.
local writings_of = setmetatable({}, { __mode = "k" })

-- What a notation writes as a program does; nil: nothing.
local function writings(notation)
  local rows = notation.programs
  if rows and writings_of[rows] == nil then
    writings_of[rows] = program_rows.writings(rows) or false
  end
  return rows and writings_of[rows] or nil
end

--- Can answers be written in a notation? One that only reads programs cannot.
function M.is_written(notation)
  local forms = not notation.programs or writings(notation) ~= nil
  for _, subject in ipairs(SUBJECTS) do
    forms = forms or next(notation[subject] or NONE) ~= nil
  end
  return forms
end

--- The notation of a name in which answers can be written, or an error.
function M.named(session, name)
  local notation = session.notations[name]
  if not notation then
    local known = table.concat(spelling.names(session.notations), ", ")
    error({ status = "usage", message = "unknown notation '" .. tostring(name) .. "'; known: " .. known }, 0)
  elseif not M.is_written(notation) then
    local message = ("the notation '%s' is read, not written; a program is written by code"):format(name)
    error({ status = "usage", message = message }, 0)
  end
  return notation
end

-- What was made of two notations, by the first and by the second: a session replaces its notations, it never changes them.
local made = setmetatable({}, { __mode = "k" })

-- The forms of two notations together; those of the second go first.
local function joined(below, above)
  local both = {}
  for _, subject in ipairs(SUBJECTS) do
    local forms = {}
    for _, notation in ipairs { below, above } do
      for name, given in pairs(notation[subject] or NONE) do
        forms[name] = forms[name] or {}
        for key, form in pairs(given) do
          forms[name][key] = form
        end
      end
    end
    both[subject] = forms
  end
  return both
end

--- What a session says of print forms; nil where all is written as it always is.
-- @tparam table session
-- @tparam[opt] string name of a notation, else the session's
-- @treturn table|nil `signs`, `kinds`, `names`, `ops`, and `theme` (@{nabla.print.format})
function M.of(session, name)
  local chosen = name and M.named(session, name) or session.notations[session.notation]
  local own = session.own_notation
  if not own and not chosen.signs then
    return nil
  end
  own = own or NONE
  local known = made[own] or setmetatable({}, { __mode = "k" })
  made[own] = known
  if not known[chosen] then
    local both = joined(own, chosen)
    both.theme = format.theme(both)
    local rows = writings(chosen)
    if rows then
      both.program = true
      both.theme.text = program.style(chosen, rows, both.names)
      both.theme.unicode = both.theme.text
    end
    known[chosen] = both
  end
  return known[chosen]
end

-- Signs by the list of forms of a session's operators, and by notation.
local signs_of = setmetatable({}, { __mode = "k" })

--- The signs of rule files that a session reads; nil if there are none.
function M.signs(session)
  local notation = session.notations[session.notation]
  if not session.forms and not notation.signs then
    return nil
  end
  local forms = session.forms or NONE
  local known = signs_of[forms] or setmetatable({}, { __mode = "k" })
  signs_of[forms] = known
  if known[notation] == nil then
    local all = table.move(forms, 1, #forms, 1, {})
    own_signs.add_notation(all, notation, session.ops)
    known[notation] = own_signs.signs(all) or false
  end
  return known[notation] or nil
end

return M
