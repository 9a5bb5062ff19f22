--- `nabla check`: every statement of a rule file is proved by numbers: modulo a prime if it is rational, else in floating point.
--
--     local checker = check.new()
--     for _, result in ipairs(checker:file "my.rules") do print(result.line, result.kind, result.verdict, result.detail) end
--
-- A function for each kind of statement says what is evaluated and compared:
--
-- - nabla.check.rules: of a rule and a check, the two sides, of a differential rule the change of the argument of d(..) and the right
--   side; of an identity, both sides, derivatives by finite differences; of a fail, that they differ; of a fact, the property;
-- - nabla.check.linear_maps: of an adjoint, <Y, L(X)> and <L'(Y), X>; of a jacobian, the columns vec(L(X)); of a block rule, the blocks;
-- - nabla.check.definitions: of a function, its body and the evaluator of that name, its derivative and finite differences; of an
--   operator, the flags linear, transpose_invariant and _equivariant, odd, even, assoc; of an attribute, what it implies and excludes;
-- - nabla.check.curvature: of a curvature, the inequality between points; of a domain, sums and means of matrices;
-- - nabla.check.layouts: of a layout, that each row's form determines the arrangement, which for a layout of the literature is the
--   literature's; of a convention, the projection, or the derivative by independent entries.
--
-- @module nabla.check

local conjugates = require "nabla.check.conjugates"
local lint = require "nabla.check.lint"
local loaders = require "nabla.rules.loader"
local paths = require "nabla.rules.paths"
local proof = require "nabla.check.proof"
local random_letters = require "nabla.check.random_letters"
local random_matrix = require "nabla.compare.random_matrix"
local rule_files = require "nabla.rules.load"
local Session = require "nabla.session"
local tree_value = require "nabla.check.tree_value"

local M = {}

local Checker = {}
Checker.__index = Checker

local PROVED, FAILED, OPEN = proof.PROVED, proof.FAILED, proof.OPEN

-- The kinds of statements, each a function (checker, known, st) -> verdict, detail. `known`: name -> declaration.
local kinds = {}
for _, name in ipairs { "rules", "linear_maps", "definitions", "layouts", "curvature" } do
  for kind, prove in pairs(require("nabla.check." .. name)) do
    kinds[kind] = prove
  end
end

-- ---------------------------------------------------------------------------------------------- the session that evaluates

local DEFINING = { let = true, operator = true, ["function"] = true, attribute = true, use = true, coordinates = true }

-- Rows of a layout by what they are about; `like`: those of another that it takes over.
local function rows_of(st, like)
  local rows = loaders.copy(like or {})
  for _, row in ipairs(st.rows) do
    rows[row.of .. " by " .. row.by] = row
  end
  return rows
end

--- A checker: it knows the operators, definitions and layouts of nabla's own files, and no rule.
-- @tparam[opt] string path the file to begin with in place of default.rules
-- @return the checker, or nil and the error
function M.new(path)
  local self = setmetatable({ layouts = {}, conventions = {}, applied_operators = {} }, Checker)
  self.in_order = { layout = {}, convention = {} } -- their names as the files define them: the usual ones first
  local session, err = Session.new { default_rules = false }
  if not session then
    return nil, err
  end
  self.session = session
  session.applied_operators, session.definitions = self.applied_operators, {}
  session.call_sites = tree_value.call_sites()
  function session.statement_filter(st, _, file)
    conjugates.remember(session, st)
    local order = self.in_order[st.kind]
    if order then
      order[#order + 1] = st.name
    end
    if st.kind == "layout" then
      self.layouts[st.name] = rows_of(st, self.layouts[st.like])
      if st.flags and st.flags.fallback then
        self.fallback = st.name
      end
    end
    if st.kind == "default" and st.what == "layout" and paths.is_own(file) then
      self.default_layout = st.value
    elseif st.kind == "convention" then
      self.conventions[st.name] = st
    end
    return DEFINING[st.kind] and not (st.kind == "use" and file and file:find "identities%.rules$")
      or (st.kind == "without" and st.what == "operator")
  end
  local ok, why = rule_files.load(session, { path = path or "default.rules" })
  if not ok then
    return nil, why
  end
  return self
end

-- ---------------------------------------------------------------------------------------------- files

--- A proof in words: see nabla.check.proof.
M.proof_text = proof.proof_text

-- What a statement is called in a report.
local function title_of(st)
  return st.name and st.name ~= "" and st.name or nil
end

--- The statements of a text, to be proved one by one with @{prove}.
-- @tparam string text
-- @tparam string file the name for the report; random numbers follow from it and from the statement
-- @return a list of { file, st, index, and what `prove` needs }; or nil and the error of the text
function Checker:statements(text, file)
  local list, err = lint.entries(text, file, self.session.forms)
  if not list then
    return nil, err
  end
  local statements, layout, convention = {}, nil, nil -- those of D(f, x), if the file chooses them
  for i, entry in ipairs(list) do
    local st = entry.st
    if st.kind == "let" then
      random_letters.declare(self.session, entry.known)
    end
    if st.kind == "default" and st.what == "layout" and self.layouts[st.value] then
      layout = st.value
    elseif st.kind == "default" and st.what == "convention" then
      convention = st.value
    end
    if kinds[st.kind] then
      statements[#statements + 1] =
        { file = file, st = st, known = entry.known, index = i, layout = layout, convention = convention }
    end
  end
  return statements
end

--- Prove a statement.
-- @tparam table statement one of @{statements}
-- @return { file, line, kind, name, verdict, detail, proof, seconds, index }. `proof`, of what is proved: { how = "modulo", instances,
-- chance } or { how = "floating", instances, tolerance }, and perhaps a note
function Checker:prove(statement)
  local st, file = statement.st, statement.file
  self.layout, self.convention = statement.layout, statement.convention
  self.random = random_matrix.random((file:match "[^/]*$") .. (title_of(st) or st.kind))
  local started = os.clock()
  local verdict, detail = kinds[st.kind](self, statement.known, st)
  local kind = st.kind
  if kind == "rule" then
    kind = st.lhs.tag == "call" and st.lhs.name == "d" and "differential" or st.set or "rule"
  end
  return {
    file = file,
    line = st.line,
    kind = kind,
    name = title_of(st),
    verdict = verdict,
    detail = verdict ~= PROVED and detail or nil,
    proof = verdict == PROVED and detail or nil,
    seconds = os.clock() - started,
    index = statement.index,
  }
end

-- Prove a list of statements, or those that begin on some lines (a set).
local function proved(self, statements, lines)
  local results = {}
  for _, statement in ipairs(statements) do
    if not lines or lines[statement.st.line] then
      results[#results + 1] = self:prove(statement)
    end
  end
  return results
end

--- Check the statements of a text.
-- @tparam string text
-- @tparam string file as for @{statements}
-- @tparam[opt] table lines a set: only the statements that begin there
-- @return a list of what @{prove} gives; or nil and the error of the text
function Checker:text(text, file, lines)
  local statements, err = self:statements(text, file)
  return statements and proved(self, statements, lines), err
end

--- The statements of a file, as @{statements} gives those of a text. A file that is not nabla's own is first read into the session
-- that evaluates, so that what it defines is known.
function Checker:statements_of_file(path)
  local f, why = io.open(path, "rb")
  if not f then
    return nil, { message = why }
  end
  local text = f:read "a"
  f:close()
  local found = paths.find(path)
  if found and not self.session.files[found] then
    local ok, err = rule_files.load(self.session, { path = path })
    if not ok then
      return nil, err
    end
  end
  return self:statements(text, path)
end

--- Check a file.
-- @tparam string path
-- @tparam[opt] table lines a set: only the statements that begin there
-- @return as @{text}
function Checker:file(path, lines)
  local statements, err = self:statements_of_file(path)
  return statements and proved(self, statements, lines), err
end

--- What the rules say of an identity that numbers cannot decide: one that cannot be read, or of which they give another
-- answer, is failed; one that they derive is proved.
-- @tparam table session a session that has read the file
-- @tparam table result of `text` or `file`; its verdict and detail are changed
function M.settle(session, result)
  local identity = result.kind == "identity" and session.identities[result.name]
  if result.verdict ~= OPEN or not identity then
    return
  end
  result.verdict = session:check(result.name) and PROVED or FAILED
  result.detail = result.verdict ~= PROVED and result.detail or nil
end

return M
