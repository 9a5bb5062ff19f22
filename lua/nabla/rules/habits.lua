--- The statements `habit` and `declare`: what letters are for whoever uses the file.
--
-- A habit says what an undeclared letter is; `declare` declares names, as a user would, below the user's own declarations.
-- Both replace what the session has, so that a file which fails leaves nothing behind.
--
-- @module nabla.rules.habits

local declare = require "nabla.language.declare"
local loaders = require "nabla.rules.loader"
local scopes = require "nabla.language.scope"

local M = {}

local copy = loaders.copy

--- `habit scalar t, s, vector a..c`.
function M.habit(loader, st)
  local session = loader.session
  local letters = copy(session.letters or {})
  for name, kind in pairs(st.letters) do
    letters[name] = kind
  end
  session.letters = letters
end

-- What is known of letters, with what declarations say of theirs.
local function with_values(before, decls, known)
  local anew, list = {}, {}
  for _, d in ipairs(decls) do
    anew[d.name] = true
  end
  for _, value in ipairs(before or {}) do
    list[#list + 1] = not anew[value.letter] and value or nil
  end
  table.move(known, 1, #known, #list + 1, list)
  return list[1] and list or nil
end

--- `declare scalar t, matrix S(n,n) symmetric`.
function M.declare(loader, st)
  local session = loader.session
  local old = session.declared
  local scope = scopes.scope(old.outer)
  scope.vars, scope.dims = copy(old.vars), copy(old.dims)
  local place = { session = session, text = loader.text, file = loader.file, takes_known = true, takes_complex = true }
  for _, var in ipairs(declare.into(scope, st.decls, place)) do
    var.handle = session:wrap(var.id) -- declared names stay alive with the session
    var.arg_handle = var.arg_id and session:wrap(var.arg_id)
  end
  local known = place.known or {}
  for _, value in ipairs(known) do
    value.handles = { session:wrap(value.from), session:wrap(value.to) }
  end
  session.declared_values = with_values(session.declared_values, st.decls, known)
  session.known_values = with_values(session.known_values, st.decls, known)
  session.declared = scope
  if place.complex then
    session:expect_complex()
    for name in pairs(place.complex) do
      session.complex_letters[name] = true
    end
  end
end

return M
