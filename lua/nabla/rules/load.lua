--- Rule files: reading them, and carrying out their statements, all or nothing.
--
-- A file is read whole, together with the files that it uses. Then the names that they define reach the session, so that
-- definitions may use each other in any order. Then the statements are carried out in order, those of a used file where it is
-- used. The table `carry_out` has a function for each kind of statement: it is the index of the language. Invariant: either
-- all of a file (and of the files that it uses) takes effect or nothing does: `load` keeps what was there and puts it back on
-- an error.
--
-- @module nabla.rules.load

local characters = require "nabla.language.characters"
local coordinates = require "nabla.calculus.coordinates"
local core = require "nabla.core"
local definitions = require "nabla.rules.definitions"
local formulas = require "nabla.rules.formulas"
local errors = require "nabla.text.errors"
local statements = require "nabla.rules.statements"
local loaders = require "nabla.rules.loader"
local loops = require "nabla.rules.loops"
local own_forms = require "nabla.latex.own_forms"
local own_signs = require "nabla.language.own_signs"
local paths = require "nabla.rules.paths"
local registry = require "nabla.rules.registry"
local rule_statements = require "nabla.rules.rule_statements"
local spelling = require "nabla.text.spelling"

local M = {}

local copy = loaders.copy

-- ---------------------------------------------------------------------------------------------- statements

-- Identities, tables and checks are not among the default rules: their module is loaded by the first of them.
local function claim(kind)
  return function(loader, st)
    require("nabla.rules.identities")[kind](loader, st)
  end
end

-- Notations, habits and preferences are few; their modules, too, are loaded by the first of them.
local function later(module, kind)
  return function(loader, st)
    require(module)[kind](loader, st)
  end
end

local carry_out = {
  adjoint = rule_statements.adjoint,
  attribute = definitions.meaning,
  block = rule_statements.block,
  check = claim "check",
  convention = registry.convention,
  curvature = later("nabla.rules.curvature", "curvature"),
  coordinates = coordinates.define,
  default = registry.default,
  domain = later("nabla.rules.curvature", "domain"),
  fact = rule_statements.fact,
  fail = claim "fail",
  ["function"] = definitions["function"],
  identity = claim "identity",
  isolate = later("nabla.rules.isolations", "isolate"),
  jacobian = rule_statements.jacobian,
  habit = later("nabla.rules.habits", "habit"),
  declare = later("nabla.rules.habits", "declare"),
  prefer = later("nabla.rules.preferences", "prefer"),
  notation = later("nabla.rules.notations", "notation"),
  layout = registry.layout,
  let = loaders.let,
  operator = definitions.operator,
  rename = registry.rename,
  rule = rule_statements.rule,
  table = claim "table",
  without = registry.without,
  wording = registry.wording,
}

-- The statements that hold for operators that are defined later, where they have a loop over a property.
local repeatable = { adjoint = true, block = true, curvature = true, fact = true, jacobian = true, rule = true }

local function parse(text, file, forms)
  local list, err = statements.parse(text, { file = file, forms = forms })
  if not list then
    error(err, 0)
  elseif #list == 0 then
    local hint = "see the rule language in the manual"
    error(
      errors.at { text = text, file = file, pos = 1, message = "the file holds no statement", hint = hint },
      0
    )
  end
  return list
end

-- Do something with a loader. An error of the engine points at the statement that the loader has reached.
local function guarded(loader, f, list)
  local ok, failure = pcall(f, loader, list)
  if ok then
    return
  elseif type(failure) == "table" and failure.status then
    loader:stop(loader.statement, failure.message)
  end
  error(failure, 0)
end

local prepare_file

-- The file of `use "file"`, prepared; nil where the session has read it, or is about to.
local function used(loader, st)
  local given = loader.session.texts and loader.session.texts[st.path] -- in memory
  local path = given and st.path or paths.find(st.path, loader.file or "")
  if not path then
    local nearest = spelling.nearest(st.path, paths.names())
    loader:stop(
      st,
      "there is no rule file " .. st.path,
      st.path:find("\\", 1, true) and string.format('folders are separated by /: "%s"', (st.path:gsub("\\", "/")))
        or nearest and string.format('did you mean "%s"?', nearest)
        or "looked beside " .. (loader.file or "the text") .. " and among the rules of nabla"
    )
  end
  for _, open in ipairs(loader.open) do
    if open == path then
      loader:stop(
        st,
        "the files use each other in a circle: " .. table.concat(loader.open, " -> ") .. " -> " .. path,
        "take one use out: what several files need goes into a file of its own"
      )
    end
  end
  if loader.session.files[path] then
    return nil
  end
  local text, why = given, nil
  if not given then
    text, why = paths.contents(path)
  end
  if not text then
    loader:stop(st, string.format("cannot read %s: %s", path, why))
  end
  return prepare_file(loader.session, path, loader.open, text)
end

-- Make the operators, functions and attributes known that a file and those that it uses define.
local function define_names(loader, list)
  local session, attributes = loader.session, {}
  for _, st in ipairs(list) do
    loader.statement = st
    if registry.removes_operator(st) then
      registry.without(loader, st)
    elseif formulas.is_one(st) then
      formulas.define(loader, st)
    elseif st.kind == "operator" or st.kind == "function" then
      definitions.define(loader, st)
      loader.defines = true
    elseif st.kind == "attribute" then
      session:attribute(st.name)
      attributes[#attributes + 1] = st
    elseif st.kind == "use" then
      loader.used[st] = used(loader, st)
    end
  end
  for _, st in ipairs(attributes) do
    loader.statement = st
    definitions.attribute(loader, st)
  end
  if attributes[1] then
    definitions.imply(loader)
  end
end

--- The forms of a session's operators that are read: nil if there are none.
function M.forms(session)
  local forms = own_signs.of_operators(formulas.with_operators(session))
  if session.own_notation then
    own_signs.add_notation(forms, session.own_notation, session.ops)
  end
  return own_signs.signs(forms) and forms or nil
end

-- The most digits that a decimal in one of nabla's own files has, so that the answers have decimals as well.
local most_decimals = core.plain.decimals

-- The same of a user's file, which may also write powers of ten; and does it write large ones?
local function written_numbers(text)
  local most, powers = 0, nil
  if text:find "%d[.eE][%d+-]" then
    for number in text:gsub('"[^"\n]*"', ""):gsub("#[^\n]*", ""):gmatch "%f[%w_.][%d.]+[eE]?[+-]?%d*" do
      most, powers = math.max(most, characters.decimals(number)), powers or characters.has_power(number) or nil
    end
  end
  return most, powers
end

-- What reading makes, most of which is kept: bytes for each byte of a text, at least. The collector waits for as much, since it would
-- find nothing (a step of a negative size is one for memory that was freed).
local MADE = 64

-- Read a text and define its names.
-- @treturn table the loader and the list of statements, for `carry_out_all`
local function prepare(session, text, file, open)
  text = statements.lines(text)
  collectgarbage("step", -math.floor(#text * MADE / 1024))
  local list = parse(text, file, session.forms)
  if session.statement_filter then -- a session that takes a part of what files say
    local wanted = {}
    for _, st in ipairs(list) do
      wanted[#wanted + 1] = session.statement_filter(st, text, file) and st or nil
    end
    list = wanted
  end
  local loader = loaders.new(session, text, file, open)
  loader.used = {}
  local decimals, powers
  if file and paths.is_own(file) then
    decimals = most_decimals(text)
  else
    decimals, powers = written_numbers(text)
  end
  session.decimals, session.powers = math.max(session.decimals or 0, decimals), session.powers or powers
  guarded(loader, define_names, list)
  if loader.defines then
    session.forms = M.forms(session)
  end
  return { loader = loader, list = list }
end

function prepare_file(session, path, open, text)
  local stack = copy(open)
  stack[#stack + 1] = path
  session.files[path] = true
  return prepare(session, text, path, stack)
end

local function carry_out_all(loader, list)
  for i, st in ipairs(list) do
    loader.statement, list[i] = st, false -- a tree that nothing keeps is garbage at once
    local f = carry_out[st.kind]
    if not f then
      loader:stop(st, "statements of the kind '" .. st.kind .. "' are not read here")
    elseif formulas.is_one(st) then
      formulas.keep_name(loader, st)
    elseif not registry.removes_operator(st) then
      f(loader, st)
      if st.loops and repeatable[st.kind] then
        loops.keep(loader, st)
      end
    end
  end
  if loader.defines then
    loops.repeat_for_new(loader, carry_out)
  end
end

local function finish(prepared)
  guarded(prepared.loader, carry_out_all, prepared.list)
end

-- `use "file"`: its statements, where it is used first.
function carry_out.use(loader, st)
  if loader.used[st] then
    finish(loader.used[st])
  end
end

-- ---------------------------------------------------------------------------------------------- reading, loading

-- Read one file into a session; raises a nabla.Error, with the session half filled.
local function read(session, path)
  local text, why = paths.contents(path)
  if not text then
    error(errors.at { text = "", file = path, pos = 1, message = "cannot read the file: " .. why }, 0)
  end
  finish(prepare_file(session, path, {}, text))
end

-- While rules are read much is kept: a collection is begun when ten times as much is in use, not twice.
local PAUSE = 1000

--- Carry out a text or a file; all of it or nothing.
-- @tparam table session
-- @tparam table what { path = } or { text =, file = }; with `named` the text is read once, as a file is
-- @return true, or nil and the error
function M.load(session, what)
  local kept = registry.snapshot(session)
  local sizes = copy(session.scope.dims)
  session.loading, session.calls_of_rules = true, {}
  -- what operators, attributes and notations there are changes
  session.printing, session.rows_by_attributes, session.program_signs, session.known_calls = nil, nil, nil, nil
  session.excluding_invertible, session.attributes_together = nil, nil
  local pause = collectgarbage("setpause", PAUSE)
  local ok, err = pcall(function()
    if what.path then
      local path = paths.find(what.path)
      if not path then
        error(
          errors.at { text = "", file = what.path, pos = 1, message = "there is no such rule file" },
          0
        )
      end
      read(session, path)
    elseif not what.named then
      finish(prepare(session, what.text, what.file, {}))
    elseif not session.files[what.file] then
      finish(prepare_file(session, what.file, {}, what.text))
    end
    if session.prove then
      session.prove(session, what, kept.files)
    end
  end)
  collectgarbage("setpause", pause)
  session.scope.dims = sizes -- those of rules are no sizes of the user's
  if not ok then
    registry.put_back(session, kept)
  end
  session.scope.outer = session.declared
  session.forms, session.loading, session.calls_of_rules = M.forms(session), nil, nil
  session.latex_forms = own_forms.of_operators(formulas.with_operators(session))
  session.S:keep() -- what has been read may hold dimensions
  if ok then
    return true
  end
  if type(err) == "table" and (errors.is_error(err) or err.message) then
    return nil, err
  end
  error(err, 0)
end

return M
