--- What a session holds by name: rules, operators, layouts, identities; and its defaults.
--
-- `layout`, `without`, `rename` and `default` change it; `snapshot` and `put_back` undo all that a file has done.
-- Invariant: an entry of the session's tables is replaced, never changed, and a rule or an operator that is taken away
-- is only marked as gone in the engine. So a snapshot is a shallow copy of the tables and the list of what was gone.
--
-- @module nabla.rules.registry

local conventions = require "nabla.calculus.convention"
local layouts = require "nabla.calculus.layout"
local loaders = require "nabla.rules.loader"
local overloads = require "nabla.language.overloads"
local paths = require "nabla.rules.paths"
local retire = require "nabla.rules.retire"
local spelling = require "nabla.text.spelling"

local M = {}

local KINDS = loaders.kinds
local copy, keys = loaders.copy, loaders.keys

-- Stop at a name that is not there.
local function missing(loader, at, what, name, names)
  local nearest = spelling.nearest(name, names)
  local hint = nearest and string.format('did you mean "%s"?', nearest)
    or #names > 0 and #names < 12 and what ~= "identity" and "known: " .. table.concat(names, ", ")
    or nil
  loader:stop(at, string.format('there is no %s "%s"', what, name), hint)
end

local function with_article(word)
  return (word:find "^[aeiou]" and "an " or "a ") .. word
end

-- The layouts, conventions, notations or identities of a session, or nil for another word.
local function named(session, what)
  return what == "layout" and session.layouts
    or what == "notation" and session.notations
    or what == "convention" and session.conventions
    or what == "identity" and session.identities
    or nil
end

-- ---------------------------------------------------------------------------------------------- layouts, defaults

local function need_new(loader, st, what, name)
  local old = named(loader.session, what)[name]
  if old and #st.rows == 0 then
    loader:stop(
      st,
      string.format("this %s has no rows", what),
      string.format("to choose the %s %s write default %s %s", what, name, what, name)
    )
  elseif old then
    loader:stop(
      st,
      string.format(
        "there is a %s %s already%s",
        what,
        name,
        old.line and (" (%s:%d)"):format(old.file or "text", old.line) or ""
      ),
      string.format("take it away first: without %s %s", what, name)
    )
  end
end

--- `layout`: a layout with a new name.
function M.layout(loader, st)
  need_new(loader, st, "layout", st.name)
  loader.session.layouts[st.name] = layouts.compile(loader, st)
end

--- `convention`: a convention with a new name, perhaps with another one (`also "structured"`).
function M.convention(loader, st)
  local convention = conventions.compile(loader, st)
  for _, name in ipairs { st.name, st.also } do
    need_new(loader, st, "convention", name)
    loader.session.conventions[name] = convention
  end
end

--- `wording NAME "words"`: how a derivation says something. Nabla's own words do not take the place of others. Where two files say the
-- same in English, the titles of both hold, those of a course before nabla's own.
function M.wording(loader, st)
  local wordings = loader.session.wordings
  local new = { text = st.text, zh = st.zh, cite = st.cite, titles = st.titles, file = loader.file, line = st.line }
  local first, second = new, wordings[st.name]
  if second and paths.is_own(loader.file) then
    first, second = second, first
  end
  if second and second.text == first.text then
    first = copy(first)
    first.zh, first.titles = first.zh or second.zh, copy(first.titles or {})
    for lang, title in pairs(second.titles or {}) do
      first.titles[lang] = first.titles[lang] or title
    end
  end
  wordings[st.name] = first
end

-- Stop at a name that is not there; one of another kind may be meant.
local function missing_default(loader, st)
  for _, what in ipairs { "layout", "convention", "notation" } do
    if what ~= st.what and named(loader.session, what)[st.value] then
      local message = string.format('there is no %s "%s"', st.what, st.value)
      loader:stop(st, message, string.format("it is a %s: default %s %s", what, what, st.value))
    end
  end
  missing(loader, st, st.what, st.value, keys(named(loader.session, st.what)))
end

--- `default layout NAME`, `default convention NAME`, `default notation NAME`.
function M.default(loader, st)
  local session = loader.session
  if st.what == "layout" then
    if not session.layouts[st.value] then
      missing_default(loader, st)
    end
    session.layout = st.value
  elseif st.what == "convention" then
    if not session.conventions[st.value] then
      missing_default(loader, st)
    end
    session.convention, loader.convention = st.value, st.value
  elseif st.what == "notation" then
    if not session.notations[st.value] then
      missing_default(loader, st)
    end
    session.notation = st.value
  else
    loader:stop(st, "there is no default " .. st.what, "default layout, default convention, default notation")
  end
end

-- ---------------------------------------------------------------------------------------------- taking away

-- The kinds of rules that a word of `without` means.
local RULES = {}
for _, kind in ipairs { "algebra", "simplify", "expand", "differential", "step" } do
  RULES[KINDS[kind]] = true
end
local RULE_WORDS = {
  rule = RULES,
  simplify = { [KINDS.simplify] = true },
  adjoint = { [KINDS.adjoint] = true },
  jacobian = { [KINDS.jacobian] = true },
  block = { [KINDS.block] = true },
  fact = { [KINDS.fact] = true },
  curvature = { [KINDS.curvature] = true },
}

-- Take away the rules of a name, or the facts of a property; was there one?
local function remove_rules(session, name, kinds)
  local found = false
  for serial, r in pairs(session.rules) do
    if (r.name == name or r.property == name) and kinds[r.kind] and not session.S:rule_gone(serial) then
      session.S:rule_restore(serial, true)
      found = true
    end
  end
  return found
end

local function rule_names(session, kinds)
  local names = {}
  for serial, r in pairs(session.rules) do
    if kinds[r.kind] and not session.S:rule_gone(serial) then
      names[r.property or r.name] = true
    end
  end
  return keys(names)
end

-- Take away the ways of isolating of a name. Nabla's own are read first: a session reads them when it solves an equation.
local function remove_isolations(loader, st)
  local session = loader.session
  if not session.isolations_read then
    session.isolations_read = true
    local read, err = session:load "isolation.rules"
    if not read then
      error(err, 0)
    end
  end
  local kept, names = {}, {}
  for _, way in ipairs(session.isolations) do
    names[way.name] = true
    kept[#kept + 1] = way.name ~= st.name and way or nil
  end
  if #kept == #session.isolations then
    missing(loader, st, "isolate", st.name, keys(names))
  end
  session.isolations = kept
end

--- `without KIND NAME`.
function M.without(loader, st)
  local session = loader.session
  local kinds, things = RULE_WORDS[st.what], named(session, st.what)
  if kinds then
    if not remove_rules(session, st.name, kinds) then
      missing(loader, st, st.what, st.name, rule_names(session, kinds))
    end
  elseif M.removes_operator(st) then
    local list = overloads.all(session, st.name)
    if not list[1] then
      missing(loader, st, st.what, st.name, keys(session.ops))
    end
    for _, op in ipairs(list) do
      if (op.shown or op.name) == st.name then -- not what is only also called so
        retire.operator(loader, st, op)
      end
    end
  elseif st.what == "domain" then
    local domains = copy(session.domains)
    if not domains[st.name] then
      missing(loader, st, "domain", st.name, keys(domains))
    end
    domains[st.name] = nil
    session.domains = domains
  elseif st.what == "prefer" then
    local kept, names = {}, {}
    for _, preference in ipairs(session.preferences or {}) do
      names[#names + 1] = preference.name
      kept[#kept + 1] = preference.name ~= st.name and preference or nil
    end
    if #kept == #names then
      missing(loader, st, "preference", st.name, names)
    end
    session.preferences = kept[1] and kept or nil
  elseif st.what == "isolate" then
    remove_isolations(loader, st)
  elseif things then
    if not things[st.name] then
      missing(loader, st, st.what, st.name, keys(things))
    end
    local thing = things[st.name]
    for name, other in pairs(copy(things)) do -- a convention may have a second name
      if other == thing then
        things[name] = nil
      end
    end
    for _, serial in ipairs(thing.serials or {}) do
      session.S:rule_restore(serial, true) -- the rules that an identity has defined
      session.stated_derivatives = {}
    end
  else
    local hint = "it states something and changes nothing: take it out of the file where it stands"
    if st.what == "attribute" then
      hint = "where nothing asks for it, it does nothing: take away what asks for it"
    end
    loader:stop(st, with_article(st.what) .. " cannot be taken away", hint)
  end
end

--- Does a statement take an operator away? Then a definition of the same file may take its place.
function M.removes_operator(st)
  return st.kind == "without" and (st.what == "operator" or st.what == "function")
end

--- `rename KIND OLD as NEW`: perhaps with another title and source.
function M.rename(loader, st)
  local session = loader.session
  local things = named(session, st.what)
  if not things then
    loader:stop(
      st,
      with_article(st.what) .. " cannot be renamed",
      "identities, layouts, conventions and notations can; an operator has another name as a function: "
        .. "function Sp(A(n,n)): scalar = tr(A)"
    )
  elseif not things[st.name] then
    missing(loader, st, st.what, st.name, keys(things))
  elseif things[st.to] then
    local kind = st.what == "identity" and "an identity" or "a " .. st.what
    local hint = string.format('choose another name, or take the other away first: without %s "%s"', st.what, st.to)
    loader:stop(st, string.format('the name "%s" of %s is taken', st.to, kind), hint)
  end
  local renamed = copy(things[st.name])
  renamed.name, renamed.zh, renamed.cite = st.to, st.zh or renamed.zh, st.cite or renamed.cite
  renamed.titles = st.titles or renamed.titles
  things[st.name], things[st.to] = nil, renamed
  for i, name in ipairs(session.identity_order) do
    if st.what == "identity" and name == st.name then
      session.identity_order[i] = st.to
    end
  end
end

-- ---------------------------------------------------------------------------------------------- all or nothing

local TABLES = {
  "ops",
  "rules",
  "differentials",
  "layouts",
  "conventions",
  "coordinates",
  "formulas",
  "notations",
  "identities",
  "identity_order",
  "tables",
  "table_order",
  "attributes",
  "implications",
  "exclusions",
  "assumed",
  "repeated",
  "square_attributes",
  "stated_derivatives",
  "identities_as_steps",
  "lost",
  "meanings",
  "wordings",
  "domains",
  "isolations",
  "files",
}

-- What is replaced as a whole.
local CHOSEN = {
  "layout",
  "convention",
  "notation",
  "own_notation",
  "decimals",
  "powers",
  "letters",
  "declared",
  "declared_values",
  "known_values",
  "preferences",
  "shared_names",
  "isolations_read",
}

--- What a session holds now.
function M.snapshot(session)
  local S = session.S
  local kept = { count = S:rule_count(), gone = {} }
  for _, name in ipairs(CHOSEN) do
    kept[name] = session[name]
  end
  for _, name in ipairs(TABLES) do
    kept[name] = copy(session[name] or {})
  end
  for serial = 1, kept.count do
    kept.gone[serial] = S:rule_gone(serial)
  end
  return kept
end

--- Make a session hold again what a snapshot kept.
function M.put_back(session, kept)
  local S = session.S
  S:rule_truncate(kept.count)
  for serial = 1, kept.count do
    S:rule_restore(serial, kept.gone[serial])
  end
  for name, op in pairs(session.ops) do
    local old = kept.ops[name]
    if old ~= op then
      if not old or old.number ~= op.number then
        local new = copy(op)
        new.gone = true
        S:operator(new)
      end
      if old then
        S:operator(old)
      end
    end
  end
  for _, name in ipairs(TABLES) do
    session[name] = kept[name]
  end
  for name, attribute in pairs(session.attributes) do
    S:attribute(name, true, attribute.bits)
  end
  for _, name in ipairs(CHOSEN) do
    session[name] = kept[name]
  end
end

return M
