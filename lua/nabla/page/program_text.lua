--- Is a text in the notation of a program, and in which? A notation says by which signs.
--
-- @module nabla.page.program_text

local core = require "nabla.core"
local errors = require "nabla.text.errors"
local families = require "nabla.language.families"
local later = require "nabla.text.later"
local notes = require "nabla.text.notes"
local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"

local complex = later.require "nabla.language.complex"
local program_kinds = later.require "nabla.page.program_kinds"
local program_notation = later.require "nabla.language.program_notation"
local program_patterns = later.require "nabla.language.program_patterns"
local program_rows = later.require "nabla.language.program_rows"

local M = {}

local NONE = {}

-- What a notation reads, by the list of its rows.
local rules_of = setmetatable({}, { __mode = "k" })

-- Is a sign in a text? A word is none within another: eye( is not in np.eye(, nor .T in .Tau. A dot is none of a range: 1..T.
local function has(text, sign)
  local from, to = text:find(sign, 1, true)
  while from do
    local before, behind = text:sub(from - 1, from - 1), text:sub(to + 1, to + 1)
    if from == 1 then
      before = ""
    end
    local within = sign:find "^%a" and before:find "[%w_.]" or sign:find "%w$" and behind:find "[%w_]"
    if not within and not (sign:find "^%." and before == ".") then
      return true
    end
    from, to = text:find(sign, from + 1, true)
  end
  return false
end

-- The signs by which notations are recognised, and those by which they are tried, each with its notation behind it and the first
-- character that is no letter. The session keeps them until rules are read.
local function signs_of(session)
  local known = session.program_signs
  if not known then
    known = { told = {}, tried = {} }
    for _, name in ipairs(spelling.names(session.notations)) do
      local notation = session.notations[name]
      for kind, list in pairs(notation.programs and known or NONE) do
        for _, sign in ipairs(notation[kind] or NONE) do
          local n = #list
          list[n + 1], list[n + 2], list[n + 3] = sign, notation, sign:match "%W" or sign
        end
      end
    end
    session.program_signs = not session.loading and known or nil
  end
  return known
end

-- The name of the imaginary unit: complex letters are expected from then on.
local IMAGINARY = "imagunit"

--- The function that looks in a text for what tells that it needs more than the language itself: the signs of programs, the imaginary
-- unit.
-- @tparam table session
-- @treturn function text -> boolean
function M.signals(session)
  local known = signs_of(session)
  if not known.signals then
    local list = { IMAGINARY }
    for i = 1, #known.told, 3 do
      list[#list + 1] = known.told[i]
    end
    known.signals = core.plain.finder(list)
  end
  return known.signals
end

--- The notation of a program in which a text is: the one by whose signs it is recognised.
-- @tparam table session
-- @tparam string text
-- @tparam[opt] boolean last the one by whose signs it may be, once nothing else takes the text
-- @treturn table|nil
function M.notation(session, text, last)
  local list = signs_of(session)[last and "tried" or "told"]
  local mark, is_marked, found
  local longest = 0 -- torch. says more than @
  for i = 1, #list, 3 do
    if list[i + 2] ~= mark then -- many signs have the same
      mark = list[i + 2]
      is_marked = text:find(mark, 1, true)
    end
    if is_marked and #list[i] > longest and text:find(list[i], 1, true) and has(text, list[i]) then
      found, longest = list[i + 1], #list[i]
    end
  end
  return found
end

--- The notation of a name, in which a text is read, or an error.
function M.named(session, name)
  local notation = session.notations[name]
  if notation and notation.programs then
    return notation
  end
  local known = {}
  for each, other in pairs(session.notations) do
    known[each] = other.programs
  end
  local names = table.concat(spelling.names(known), ", ")
  local message = ("unknown notation of a program '%s'; known: %s"):format(tostring(name), names)
  error({ status = "usage", message = message }, 0)
end

--- What a notation reads: the rules of nabla.language.program_rows, with `patterns`. A form that is none of its expressions is raised,
-- with its `row`.
-- @tparam table session
-- @tparam table notation
-- @treturn table
function M.rules(session, notation)
  local rules = program_rows.rules(notation.programs, notation.names, notation)
  local function read(text, kinds, row)
    local done, tree = pcall(program_notation.read, rules, text, { kind = program_kinds.of(session, kinds) })
    if not done and type(tree) == "table" then
      tree.row = row
    end
    return done and tree or error(tree, 0)
  end
  rules.patterns = program_patterns.compile(rules.expressions, read)
  return rules
end

-- Does a text hold a transpose, or an inner product, as programs write them? A word in quotes is none.
local function has_transpose(text)
  local rest = text:gsub("([,(]%s*)'%a+'", "%1")
  return rest:find("'", 1, true) or rest:find "%f[%w_]dot%s*%("
end

--- Read a text in a notation.
-- @tparam table session
-- @tparam table notation of @{notation}
-- @tparam string text
-- @tparam[opt] table opts `file`
-- @tparam function strict reads a tree
-- @return the id, and the context of its elaboration, with what was assumed in `notes`
function M.read(session, notation, text, opts, strict)
  local rules = rules_of[notation.programs] or M.rules(session, notation)
  rules_of[notation.programs] = rules
  local given = {}
  local how = { file = opts and opts.file, kind = program_kinds.of(session, given), given = given }
  how.patterns = rules.patterns
  function how.family(name)
    local var = families.lookup(session.scope, name .. "_")
    return var and var.family
  end
  function how.declared(name)
    return scopes.lookup(session.scope, name) or scopes.is_dimension(session.scope, name)
  end
  local tree, assumed = program_notation.read(rules, text, how)
  tree.words = true
  local id, c = strict(tree)
  local turned = session.complex_letters and complex.has_conjugating_sign(notation) and has_transpose(text)
  if turned and complex.occurs(session, { session:wrap(id) }) then
    local message = "' is the conjugate transpose of complex letters in the notation %s: write ^H or ' as nabla does"
    errors.refuse(message, notation.name)
  end
  c.notes = notes.joined(notes.list(assumed), c.notes)
  return id, c
end

return M
