--- Rule files: reading them, and carrying out their statements, all or nothing.
--
-- A file is read whole, then its statements are carried out in order; only the names of what it defines come first, so
-- that definitions may use each other in any order. The table `carry_out` has a function for each kind of statement: it is
-- the index of the language. Invariant: either all of a file (and of the files that it uses) takes effect or nothing
-- does: `load` keeps what was there and puts it back on an error.
--
-- @module nabla.rules.load

local definitions = require "nabla.rules.definitions"
local errors = require "nabla.text.errors"
local grammar = require "nabla.rules.grammar"
local loaders = require "nabla.rules.loader"
local paths = require "nabla.rules.paths"
local registry = require "nabla.rules.registry"
local rewrites = require "nabla.rules.rewrites"

local M = {}

local copy = loaders.copy

-- ---------------------------------------------------------------------------------------------- statements

-- Identities, tables and checks are not among the default rules: their module is loaded by the first of them.
local function claim(kind)
  return function(loader, st)
    require("nabla.rules.identities")[kind](loader, st)
  end
end

local carry_out = {
  adjoint = rewrites.adjoint,
  attribute = definitions.attribute,
  block = rewrites.block,
  check = claim "check",
  convention = registry.convention,
  default = registry.default,
  fact = rewrites.fact,
  fail = claim "fail",
  ["function"] = definitions["function"],
  identity = claim "identity",
  jacobian = rewrites.jacobian,
  layout = registry.layout,
  let = loaders.let,
  operator = definitions.operator,
  rename = registry.rename,
  rule = rewrites.rule,
  table = claim "table",
  without = registry.without,
}

-- `use "file"`: read it, once.
function carry_out.use(loader, st)
  local path = paths.find(st.path, loader.file or "")
  if not path then
    loader:stop(
      st,
      "there is no rule file " .. st.path,
      "looked beside " .. (loader.file or "the text") .. " and among the rules of nabla"
    )
  end
  for _, open in ipairs(loader.open) do
    if open == path then
      loader:stop(
        st,
        "the files use each other in a circle: " .. table.concat(loader.open, " -> ") .. " -> " .. path
      )
    end
  end
  if loader.session.files[path] then
    return
  end
  local text, why = paths.contents(path)
  if not text then
    loader:stop(st, string.format("cannot read %s: %s", path, why))
  end
  M.read(loader.session, path, loader.open, text)
end

local function parse(text, file)
  local list, err = grammar.parse(text, { file = file })
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

-- A file's operators, functions and attributes may use each other in any order, so their names come first.
local function carry_out_all(loader, list)
  local session = loader.session
  for _, st in ipairs(list) do
    loader.statement = st
    if registry.removes_operator(st) then
      registry.without(loader, st)
    elseif st.kind == "operator" or st.kind == "function" then
      definitions.define(loader, st)
    elseif st.kind == "attribute" then
      session:attribute(st.name)
    end
  end
  local attributes = false
  for _, st in ipairs(list) do
    loader.statement = st
    if st.kind == "attribute" then
      definitions.attribute(loader, st)
      attributes = true
    end
  end
  if attributes then
    definitions.imply(loader)
  end
  for _, st in ipairs(list) do
    loader.statement = st
    local f = carry_out[st.kind]
    if not f then
      loader:stop(st, "statements of the kind '" .. st.kind .. "' are not read here")
    elseif st.kind ~= "attribute" and not registry.removes_operator(st) then
      f(loader, st)
    end
  end
end

local function run(session, text, file, open)
  local list = parse(text, file)
  if session.only then -- a session that takes a part of what files say
    local wanted = {}
    for _, st in ipairs(list) do
      wanted[#wanted + 1] = session.only(st, text, file) and st or nil
    end
    list = wanted
  end
  local loader = loaders.new(session, text, file, open)
  local ok, failure = pcall(carry_out_all, loader, list)
  if ok then
    return
  elseif type(failure) == "table" and failure.status then -- an error of the engine
    loader:stop(loader.statement, failure.message)
  end
  error(failure, 0)
end

-- ---------------------------------------------------------------------------------------------- reading, loading

--- Read one file into a session; raises a nabla.Error, with the session half filled.
-- @tparam table session
-- @tparam string path
-- @tparam[opt] table open the files that are being read, to find a circle
-- @tparam[opt] string text what the file holds, if that is known
function M.read(session, path, open, text)
  local why
  if not text then
    text, why = paths.contents(path)
  end
  if not text then
    error(errors.at { text = "", file = path, pos = 1, message = "cannot read the file: " .. why }, 0)
  end
  local stack = copy(open or {})
  stack[#stack + 1] = path
  run(session, text, path, stack)
  session.files[path] = true
end

--- Carry out a text or a file; all of it or nothing.
-- @tparam table session
-- @tparam table what { path = } or { text =, file = }
-- @return true, or nil and the error
function M.load(session, what)
  local kept = registry.snapshot(session)
  local sizes = copy(session.scope.dims)
  local ok, err = pcall(function()
    if what.path then
      local path = paths.find(what.path)
      if not path then
        error(
          errors.at { text = "", file = what.path, pos = 1, message = "there is no such rule file" },
          0
        )
      end
      M.read(session, path)
    else
      run(session, what.text, what.file, {})
    end
  end)
  session.scope.dims = sizes -- those of rules are no sizes of the user's
  if ok then
    return true
  end
  registry.put_back(session, kept)
  if type(err) == "table" and (errors.is_error(err) or err.message) then
    return nil, err
  end
  error(err, 0)
end

return M
