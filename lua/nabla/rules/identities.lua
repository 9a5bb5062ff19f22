--- Statements that make a claim: `identity` (and its `table`), `check`, `fail`.
--
-- An identity is a theorem with a name. One below the heading of a table is reference material: when its file is loaded,
-- only its syntax is checked; it is elaborated on demand (`read`), so that hundreds of rows cost little.
-- Any other is elaborated at once, so that a mistake in it is found when its file is loaded. A check or a fail has no name and is
-- decided at once. Invariant: a claim never changes how anything is rewritten, but for an identity that is all that is
-- known about the derivative of an operator (nabla.rules.derivatives_from_identities).
--
-- @module nabla.rules.identities

local derivatives_from_identities = require "nabla.rules.derivatives_from_identities"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local statements = require "nabla.rules.statements"
local loaders = require "nabla.rules.loader"
local loops = require "nabla.rules.loops"
local paths = require "nabla.rules.paths"
local retire = require "nabla.rules.retire"
local trees = require "nabla.language.tree"

local M = {}

local keys, meant, unrolled = loaders.keys, loaders.meant, loops.unrolled

-- ---------------------------------------------------------------------------------------------- tables

--- `table`: the heading of the identities below it. Its name is its title in lower case, with hyphens: scalar-by-vector.
function M.table(loader, st)
  local session = loader.session
  local name = st.title:lower():gsub("[^%w\128-\255]+", "-"):gsub("^%-+", ""):gsub("%-+$", "")
  local old = session.tables[name]
  if name == "" then
    loader:stop(st, "the title of a table needs a letter", 'table "Norms"')
  elseif old and old.file == loader.file then
    local place = string.format("%s:%d", old.file or "text", old.line or 0)
    loader:stop(
      st,
      string.format('there is a table "%s" already (%s)', old.title, place),
      "give this one another title, or put its identities below the other heading"
    )
  elseif old then -- of another file: listed apart
    local count = 2
    while session.tables[name .. "-" .. count] do
      count = count + 1
    end
    name = name .. "-" .. count
  end
  session.tables[name] = {
    name = name,
    title = st.title,
    zh = st.zh,
    titles = st.titles,
    cite = st.cite,
    note = st.note,
    file = loader.file,
    line = st.line,
  }
  session.table_order[#session.table_order + 1] = name
  loader.table = name
end

-- ---------------------------------------------------------------------------------------------- identities

-- The convention by which the derivatives of a claim are meant: its own, or the default that its file has chosen above it.
local function convention_of(loader, st)
  local known = loader.session.conventions
  if st.convention and not known[st.convention] then
    local hint = meant(st.convention, keys(known))
    if loader.session.attributes[st.convention] then
      hint = "a convention says what a derivative by a matrix that is " .. st.convention .. " means; " .. hint
    end
    loader:stop(st, "unknown convention '" .. st.convention .. "'", hint)
  end
  return st.convention or loader.convention or "free"
end

-- Reads what is differentiated, the f of D(f, x) or of D(D(f, x), x); the derivative itself is not computed.
local function read_derivative(loader, scope, ast, types, convention)
  local call = ast.tag == "call" and ast.name == "D" and #ast.args == 2
  local f = call and ast.args[1]
  if not call or f.tag == "name" and scope.vars[f.name] and scope.vars[f.name].func then
    local c = loader:context(scope)
    c.types, c.convention = types, convention
    c:infer(ast)
  else
    read_derivative(loader, scope, f, types, convention)
  end
end

-- Holds what is known of a letter another one: m, where the mean of x is m?
local function is_in_value(loader, scope, name, by)
  for _, known in ipairs(scope.known or {}) do
    for _, letter in ipairs(known.letter == name and loader.session.S:below(known.to, "symbol") or {}) do
      if letter == scope.vars[by].id then
        return true
      end
    end
  end
  return false
end

-- A derivative by a name that does not occur in the function is zero.
local function check_variable(loader, scope, form)
  local f, by = form.lhs.args[1], form.lhs.args[2]
  if not by or by.tag ~= "name" or trees.is_zero(form.answers[1].rhs) then
    return
  end
  for _, name in ipairs(loaders.names_of(f)) do
    local var = scope.vars[name]
    if name == by.name or var and var.func or is_in_value(loader, scope, name, by.name) then
      return
    end
  end
  loader:stop(
    by,
    by.name .. " does not stand in what is differentiated: the derivative would be zero",
    "if that is meant, state zeros(n)"
  )
end

-- A derivative in several layouts.
local function read_answers(loader, scope, form, types, convention)
  read_derivative(loader, scope, form.lhs, types, convention)
  check_variable(loader, scope, form)
  local known = loader.session.layouts
  for _, a in ipairs(form.answers) do
    if not known[a.layout] then
      local hint = a.layout == "convention"
        and 'a convention stands behind the name: identity "name"  convention entries'
      loader:stop(a, "unknown layout '" .. a.layout .. "'", hint or meant(a.layout, keys(known)))
    end
    local c = loader:context(scope)
    c.layout, c.types, c.convention = a.layout, types, convention
    c:infer(a.rhs)
  end
end

-- The content of an identity: `forms`, `own` (its declarations), and its titles, if they follow the forms.
local function fill(loader, identity, st)
  if #st.conditions > 0 then
    loader:stop(
      st.conditions[1],
      "an identity has no conditions",
      "declare what it needs: let matrix A(n,n) symmetric"
    )
  end
  identity.forms, identity.own = {}, st.decls
  identity.zh, identity.cite = identity.zh or st.zh, identity.cite or st.cite
  identity.titles = identity.titles or st.titles
  for _, s in ipairs(unrolled(loader.session, st)) do
    table.move(s.forms, 1, #s.forms, #identity.forms + 1, identity.forms)
  end
end

-- Read the forms of which the file's reader has kept an outline.
local function complete(loader, identity)
  if not identity.forms then
    local st, err = statements.at(identity.text, identity.pos, { file = identity.file, forms = loader.session.forms })
    if not st then
      error(err, 0)
    end
    fill(loader, identity, st)
  end
end

--- The forms of an identity.
function M.forms(session, identity)
  local loader = loaders.new(session, identity.text, identity.file)
  complete(loader, identity)
  return identity.forms
end

--- Work out what an identity states: its forms, its declarations, and the shapes of its sides. Raises a nabla.Error that
-- points into its file.
-- @return the scope of its names, for `side`; and the types of its trees, for nabla.print.as_written
function M.read(session, identity)
  local loader = loaders.new(session, identity.text, identity.file)
  loader.decls = identity.known
  complete(loader, identity)
  identity.decls = identity.decls or loader:declarations_of(identity.forms, identity.own)
  local scope, types = loader:symbols(identity.decls), {}
  for _, form in ipairs(identity.forms) do
    if form.answers then
      read_answers(loader, scope, form, types, identity.convention)
    else
      local c = loader:context(scope)
      c.types, c.convention = types, identity.convention
      c:sides(form.lhs, form.rhs)
    end
  end
  return scope, types
end

--- The node of one side of an identity, in a layout; and the context that read it, for Session:remember.
-- @tparam table scope what `read` has given
function M.side(session, identity, scope, ast, layout)
  local c = elaborate.context(session, {
    text = identity.text,
    file = identity.file,
    scope = scope,
    layout = layout,
    convention = identity.convention,
  })
  local id = c:node(ast)
  return id, c
end

-- What a file says from an identity to the next statement, or further.
local function statement_text(loader, st)
  return loader.text:sub(st.pos, st.stop and st.stop - 1 or loader.text:find("\n%S", st.pos) or -1)
end

-- The name of an identity that shares its own with one of another table: its table is named, too.
local function full_name(session, identity)
  local name = (identity.table or "text") .. "/" .. identity.name
  while session.identities[name] do
    name = name .. "'"
  end
  return name
end

-- The name under which a session finds an identity that a file states. A name belongs to its table: of two tables that use one, that
-- of a course goes before nabla's own, and the earlier one before the later; the other one is called TABLE/NAME.
local function free_name(loader, st)
  local session, name = loader.session, st.name
  local old = session.identities[name]
  if not old then
    return name
  elseif old.table == loader.table and paths.is_own(old.file) == paths.is_own(loader.file) then
    loader:stop(
      st,
      string.format('there is an identity "%s" already (%s:%d)', name, old.file or "text", old.line or 0),
      old.file == loader.file and "give one of the two another name"
        or string.format('take it away first: without identity "%s"', name)
    )
  elseif paths.is_own(old.file) and not paths.is_own(loader.file) then
    local other = full_name(session, old)
    session.identities[other] = old
    for i, each in ipairs(session.identity_order) do
      session.identity_order[i] = each == name and other or each
    end
    return name
  end
  return full_name(session, { table = loader.table, name = name })
end

--- `identity`: named equations, or derivatives in several layouts.
function M.identity(loader, st)
  local session, name = loader.session, st.name
  if session.lost[1] and paths.is_own(loader.file) and retire.concerns(session, statement_text(loader, st)) then
    return -- it is about an operator that another file has defined anew
  end
  local key = free_name(loader, st)
  local identity = {
    convention = convention_of(loader, st),
    name = name,
    zh = st.zh,
    titles = st.titles,
    cite = st.cite,
    table = loader.table,
    known = loader.decls,
    text = loader.text,
    file = loader.file,
    line = st.line,
    pos = st.pos,
  }
  session.identities[key] = identity
  session.identity_order[#session.identity_order + 1] = key
  local may_define = identity.convention == "free"
  if not st.body then
    fill(loader, identity, st)
    M.read(session, identity)
    if may_define then
      derivatives_from_identities.define(loader, identity)
    end
  elseif may_define and derivatives_from_identities.may_define(session, loader.text:sub(st.body, st.stop - 1)) then
    complete(loader, identity)
    derivatives_from_identities.define(loader, identity)
  end
end

--- Prove an identity by derivation.
-- @return true, or false and what differs
function M.prove(session, identity)
  local scope = M.read(session, identity)
  for _, form in ipairs(identity.forms) do
    for _, answer in ipairs(form.answers or { { rhs = form.rhs } }) do
      local a = M.side(session, identity, scope, form.lhs, answer.layout)
      local b = M.side(session, identity, scope, answer.rhs, answer.layout)
      if not session:same(a, b) then
        return false,
          string.format(
            "%s: %s, stated %s",
            answer.layout or "both sides",
            session:text(session.S:textbook(a)),
            session:text(b)
          )
      end
    end
  end
  return true
end

-- ---------------------------------------------------------------------------------------------- checks

local function both_sides(loader, st)
  local c = loader:context(loader:symbols(loader:declarations_of { st.lhs, st.rhs }))
  c.convention = convention_of(loader, st)
  return c:sides(st.lhs, st.rhs)
end

--- Are two sides equal, by the rules or by numbers? As Session:equal.
function M.compare(session, a, b)
  if session:same(a, b) then
    return "yes", "by the rules"
  end
  local keep = { session:wrap(a), session:wrap(b) }
  local there, equality = errors.attempt(require, "nabla.compare.equality")
  if not (there and keep) then
    return "unknown", "the rules bring them to no common form"
  end
  return equality.compare(session, a, b)
end

--- `check`: the two sides are equal, or the file is refused.
function M.check(loader, st)
  local session = loader.session
  local S = session.S
  for _, s in ipairs(unrolled(loader.session, st)) do
    local a, b = both_sides(loader, s)
    local verdict, why = M.compare(session, a, b)
    if verdict ~= "yes" then
      local known = verdict == "no" and "the check fails" or "the check is not decided"
      loader:stop(
        st,
        string.format(
          "%s: the left side is %s, the right side %s",
          known,
          session:text(S:textbook(a)),
          session:text(S:textbook(b))
        ),
        verdict == "no" and why
          or why .. '; as an identity it is left to nabla check: identity "a name" left == right'
      )
    end
  end
end

--- `fail`: the two sides are not seen to be equal, or the file is refused.
function M.fail(loader, st)
  local session = loader.session
  for _, s in ipairs(unrolled(loader.session, st)) do
    local a, b = both_sides(loader, s)
    if M.compare(session, a, b) == "yes" then
      local right = session:same(a, b) and "both are " .. session:text(a)
        or session:text(a) .. " and " .. session:text(b)
      local message = "the two sides are equal, and the file says that they are not: " .. right
      loader:stop(st, message, "what holds is a check")
    end
  end
end

return M
