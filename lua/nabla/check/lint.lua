--- The linter of rule files: what is declared and never used, what has no effect.
--
--     local linter = review.new(session)
--     for _, warning in ipairs(linter:file "my.rules") do print(warning.error) end
--
-- The verdict of a warning is `warning`, or `error` where a statement cannot do what it says. Each points at its place and says how to
-- mend it. The checks here only read the statements; how rules act on each other is checked by nabla.check.overlaps. What is wrong
-- beyond doubt is refused when the file is read (nabla.rules.refusals): a free variable, sides of different shapes, a rule that can
-- never apply since an earlier one always applies first.
--
-- A function, a layout or a convention may be for other files, and so may an operator or an attribute that another file mentions;
-- other names are to be used in their file.
--
-- @module nabla.check.lint

local errors = require "nabla.text.errors"
local statements = require "nabla.rules.statements"
local loaders = require "nabla.rules.loader"
local loops = require "nabla.rules.loops"
local numbering = require "nabla.evaluate.numbering"
local own_signs = require "nabla.language.own_signs"
local paths = require "nabla.rules.paths"
local trees = require "nabla.language.tree"

local M = {}

local Linter = {}
Linter.__index = Linter

--- A linter of the files that a session has read.
function M.new(session)
  return setmetatable({ session = session, read = {} }, Linter)
end

-- ---------------------------------------------------------------------------------------------- reading

--- The statements of a text, those in tables whole: a list of { st =, known = (what `let` has declared) }. nil and the error.
-- `forms`: those in which operators print, to be read as well.
function M.entries(text, file, forms)
  local list, err = statements.parse(text, { file = file, forms = forms })
  if not list then
    return nil, err
  end
  local known, entries = {}, {}
  for i, st in ipairs(list) do
    if st.kind == "let" then
      known = loaders.copy(known)
      for _, d in ipairs(st.decls) do
        known[d.name] = d
      end
    elseif st.body and st.kind == "identity" then -- below a table: an outline
      local line = st.line
      st, err = statements.at(text, st.pos, { file = file, forms = forms })
      if not st then
        return nil, err
      end
      st.line = line
    end
    entries[i] = { st = st, known = known, file = file }
  end
  return entries
end

--- The entries and the text of a file, read once.
function Linter:entries(path)
  if not self.read[path] then
    local text = paths.contents(path)
    self.read[path] = { list = text and M.entries(text, path, self.session.forms) or {}, text = text or "" }
  end
  return self.read[path].list, self.read[path].text
end

-- ---------------------------------------------------------------------------------------------- what is mentioned

-- All strings in a tree that may be names: leaves, calls, properties, values of loops.
local function words(tree, set)
  if type(tree) == "table" then
    for key, v in pairs(tree) do
      if type(v) == "string" and key ~= "tag" then
        set[v] = true
      else
        words(v, set)
      end
    end
  end
  return set
end

local function mentioned(...)
  return words({ ... }, {})
end

-- The parts of a statement in which a declared name is used: all but its own declarations, parameters and titles.
local function used_in(st)
  local own, set = {}, {}
  for _, p in ipairs(st.params or {}) do
    own[p.name] = true
  end
  for _, d in ipairs(st.decls or {}) do
    own[d.name] = true
  end
  for key, part in pairs(st) do
    if type(part) == "table" and key ~= "params" and key ~= "decls" and key ~= "flags" then
      words(part, set)
    end
  end
  for name in pairs(own) do
    set[name] = nil
  end
  set[st.by or ""], set[st.property or ""] = true, true
  return set
end

-- ---------------------------------------------------------------------------------------------- warnings

local function list_of_warnings(text, file)
  local list = {}
  local function warn(at, message, hint, verdict)
    local pos = type(at) == "table" and at.pos or at
    verdict = verdict or "warning"
    local whole = verdict .. ": " .. message
    local err = errors.at { text = text, file = file, pos = pos, message = whole, hint = hint }
    list[#list + 1] = {
      verdict = verdict,
      file = file,
      line = err.line,
      column = err.column,
      message = message,
      hint = hint,
      error = err,
    }
  end
  return list, warn
end

-- Does a statement speak of a size that nothing but this declares? `e(k)` says that the k of X^k is a size.
local function gives_a_size(d, used, known)
  for size in pairs(mentioned(d.rows, d.cols)) do
    local alone = used[size]
    for _, other in pairs(known) do
      alone = alone and (other == d or not mentioned(other.rows, other.cols)[size])
    end
    if alone then
      return true
    end
  end
  return false
end

-- A `let` holds until the end of the file, or until another one declares the name anew.
local function unused_names(entries, warn)
  local waiting = {} -- name -> its declaration, as long as nothing has used it
  local function report(d)
    warn(
      d.namepos or d.pos,
      string.format("%s is declared and never used", d.name),
      string.format("take %s out of the let, or use it", d.name)
    )
  end
  local left = {}
  for _, entry in ipairs(entries) do
    local st = entry.st
    if st.kind == "let" then
      for _, d in ipairs(st.decls) do
        waiting[d.of or ""] = nil
        for _, word in ipairs(d.attributes or {}) do -- a value, as m in `random mean m`
          waiting[word.name] = nil
        end
        left[#left + 1] = waiting[d.name]
        waiting[d.name] = d
      end
    else
      local used = used_in(st)
      for name in pairs(used) do
        waiting[name] = nil
      end
      for name, d in pairs(waiting) do
        if gives_a_size(d, used, entry.known) then
          waiting[name] = nil
        end
      end
      for _, d in ipairs(st.decls or {}) do
        waiting[d.of or ""] = nil
      end
    end
  end
  for _, d in pairs(waiting) do
    left[#left + 1] = d
  end
  for _, d in ipairs(left) do
    report(d)
  end
end

-- Does a statement of any file mention a name, other than the one that defines it?
function Linter:is_mentioned(name, defining)
  for path in pairs(self.session.files) do
    for _, entry in ipairs(self:entries(path)) do
      entry.words = entry.words or mentioned(entry.st)
      local own = entry.st.line == defining.line and path == defining.file
      if entry.words[name] and not own then
        return true
      end
    end
  end
  return false
end

-- Flags that say enough about an operator.
local DEFINING_FLAGS = {
  "involution",
  "elementwise",
  "matrixfunction",
  "cyclic",
  "sum_of_entries",
  "transpose_invariant",
}

local checks = {}

-- A printed form with some arguments and without another: what differs prints alike. A sign of the language that an operator prints
-- as, too, is read as what it means there.
local function odd_forms(entry, warn)
  local st = entry.st
  local pair = st.flags and st.flags.conjugate_pair
  for k, param in ipairs(st.params or {}) do
    for _, kind in ipairs { "latex", "unicode" } do
      local form = st[kind] or ""
      local printed = param.rows and not param.variable and not (pair and k == 2)
      if printed and form:find "%%%d" and not form:find("%" .. k, 1, true) then
        local message = string.format("the %s form leaves the argument %s out", kind, param.name)
        warn(st, message, string.format("write %%%d where it is printed", k))
      end
    end
  end
  local sign = st.infix
  if sign and own_signs.is_of_language(sign) and not paths.is_own(entry.file) then
    local message = string.format("what is printed with %s is read as what %s means without this operator", sign, sign)
    warn(st, message, "choose another sign, such as infix \"⊞\"")
  end
end

-- An operator that no statement mentions cannot be differentiated.
function checks.operator(self, entry, warn)
  local st = entry.st
  odd_forms(entry, warn)
  for _, flag in ipairs(DEFINING_FLAGS) do
    if st.flags and st.flags[flag] then
      return
    end
  end
  local constant = #st.params == 0
  if not constant and not self:is_mentioned(st.name, { line = st.line, file = entry.file }) then
    warn(
      st,
      string.format("the operator %s is declared, and no rule, fact or identity speaks of it", st.name),
      string.format('say at least its differential: rule "%s" d(%s(..)) -> ..', st.name, st.name)
    )
  end
end

function checks.attribute(self, entry, warn)
  local st = entry.st
  if
    not loaders.structural_conditions[st.name] -- the engine asks for it
    and st.name ~= numbering.ZERO
    and not next(st.implies or {})
    and not next(st.excludes or {})
    and not self:is_mentioned(st.name, { line = st.line, file = entry.file })
  then
    warn(
      st,
      string.format("the attribute %s is declared, and nothing asks for it", st.name),
      string.format(
        "a rule or a fact with the condition %s(A), or a row of a convention would use it",
        st.name
      )
    )
  end
end

-- A fact about a letter that its declaration, or a condition on the same letter, says already.
function checks.fact(self, entry, warn)
  local st = entry.st
  local name = st.arg.tag == "name" and st.arg.name
  if not name then
    return
  end
  local said = {}
  for _, a in ipairs((entry.known[name] or {}).attributes or {}) do
    said[#said + 1] = a.name
  end
  for _, c in ipairs(st.conditions) do
    said[#said + 1] = c.tag == "call" and c.args[1] and c.args[1].name == name and c.name or nil
  end
  local loader = loaders.new(self.session, "")
  for _, attribute in ipairs(said) do
    if attribute == st.property or loader:implied(attribute)[st.property] then
      local message = ("it is said already that %s is %s: the fact says nothing new"):format(name, st.property)
      warn(st, message, "leave it out, or state it of an expression")
      return
    end
  end
end

-- The differentials d(X) of names in a tree.
local function differentials(tree, set)
  if type(tree) == "table" then
    if tree.tag == "call" and tree.name == "d" then
      words(tree.args, set)
    end
    for _, v in pairs(tree) do
      differentials(v, set)
    end
  end
  return set
end

-- A differential without d(Y) states that the derivative by Y is zero. `still` are names that do not vary.
local function complete_differential(lhs, rhs, varying, warn, still)
  if trees.is_zero(rhs) then
    return
  end
  local there = differentials(rhs, {})
  local function search(tree) -- in the order of the text
    if type(tree) ~= "table" then
      return
    elseif tree.tag == "name" and varying(tree.name) and not there[tree.name] and not still[tree.name] then
      there[tree.name] = true
      warn(
        tree,
        string.format(
          "the right side has no term in d(%s): the derivative by %s would be zero",
          tree.name,
          tree.name
        ),
        string.format(
          "add the term, or the condition that %s does not vary: if constant(%s)",
          tree.name,
          tree.name
        )
      )
    end
    for _, v in ipairs(tree.args or tree) do
      search(v)
    end
  end
  search(lhs.args[1])
end

checks["function"] = function(self, entry, warn)
  odd_forms(entry, warn)
  local st = entry.st
  local sizes = mentioned(st.result)
  local there = mentioned(st.body, st.derivative, st.derivatives, st.differential and st.differential.rhs)
  local parameters = {}
  for _, p in ipairs(st.params) do
    words({ p.rows, p.cols }, sizes)
    parameters[p.name] = (p.rows or p.kind == "scalar") and p.kind ~= "index"
  end
  for _, p in ipairs(st.params) do
    if not there[p.name] and not sizes[p.name] and (st.body or not st.derivative) then
      warn(
        p,
        string.format("the parameter %s of %s is not used", p.name, st.name),
        string.format("take it out, or use it in what %s stands for", st.name)
      )
      parameters[p.name] = nil
    end
  end
  if st.differential and st.differential.lhs.tag == "call" then
    complete_differential(st.differential.lhs, st.differential.rhs, function(name)
      return parameters[name]
    end, warn, {})
  end
  return self
end

-- What a condition excludes from varying.
local function held_still(st, known)
  local still = {}
  for _, c in ipairs(st.conditions or {}) do
    if c.tag == "call" and c.name == "constant" or c.tag == "call" and c.name == "zero" then
      words(c.args, still)
    end
  end
  for name, d in pairs(known) do
    for _, a in ipairs(d.attributes or {}) do
      still[name] = still[name] or a.name == "constant"
    end
  end
  return still
end

local VARYING = { matrix = true, vector = true, scalar = true }

function checks.rule(self, entry, warn)
  local session, known = self.session, entry.known
  for _, s in ipairs(loops.unrolled(session, entry.st)) do
    local inner = s.lhs.tag == "call" and s.lhs.name == "d" and s.lhs.args[1]
    if inner and inner.tag == "call" then
      local op = session.ops[inner.name]
      local places = {} -- sizes and indices do not vary
      for i, p in ipairs(op and op.params or {}) do
        if p.dimension or p.index then
          words(inner.args[i], places)
        end
      end
      complete_differential(s.lhs, s.rhs, function(name)
        local d = known[name]
        return d and not d.of and VARYING[d.kind] and not places[name]
      end, warn, held_still(s, known))
      return -- the cases of a loop have the same places
    end
  end
end

local function carried(_, entry, warn)
  local st = entry.st
  if st.cotangent and not mentioned(st.rhs)[st.cotangent] then
    warn(
      st.rhs,
      string.format("%s does not stand on the right side: nothing is carried on", st.cotangent),
      string.format("the right side is linear in %s", st.cotangent)
    )
  end
end
checks.adjoint, checks.jacobian, checks.block = carried, carried, carried

-- The variables of loops that nothing depends on, for any kind of statement.
local function idle_loops(entry, warn)
  local st = entry.st
  local there = mentioned(st.lhs, st.rhs, st.pattern, st.arg, st.conditions, st.forms, { st.property })
  for _, loop in ipairs(st.loops or {}) do
    for _, var in ipairs(loop.vars) do
      if not there[var] then
        warn(
          loop,
          string.format("the statement does not depend on %s: it says the same again for each value", var),
          string.format("take %s out of the loop, or use it", var)
        )
      end
    end
  end
end

-- A heading without rows; a default that a later one undoes.
local function idle_statements(entries, warn)
  local defaults = {}
  for i, entry in ipairs(entries) do
    local st = entry.st
    if st.kind == "table" then
      local k = i + 1
      while entries[k] and (entries[k].st.kind == "let" or entries[k].st.kind == "rename") do
        k = k + 1
      end
      if not entries[k] or entries[k].st.kind == "table" then
        warn(
          st,
          string.format('the table "%s" has no rows', st.title),
          "the identities below the heading are its rows"
        )
      end
    elseif st.kind == "default" then
      local later = defaults[st.what]
      if later then
        warn(
          later,
          string.format("this default %s has no effect: line %d chooses another", st.what, st.line),
          "keep one of the two"
        )
      end
      defaults[st.what] = st
    end
  end
end

-- A form's text, without its places.
local function key_of(tree)
  if type(tree) ~= "table" then
    return tostring(tree)
  end
  local parts = {}
  for key, v in pairs(tree) do
    if type(key) == "number" or not key:find "pos$" and key ~= "paren" then
      parts[#parts + 1] = key .. "=" .. key_of(v)
    end
  end
  table.sort(parts)
  return "{" .. table.concat(parts, " ") .. "}"
end

-- Identities of one table that are the same: the second is never used.
local function repeated_identities(entries, warn)
  local seen = {}
  for _, entry in ipairs(entries) do
    local st = entry.st
    if st.kind == "table" then
      seen = {}
    elseif st.kind == "identity" and not st.loops then
      local known = loaders.copy(entry.known)
      for _, d in ipairs(st.decls) do
        known[d.name] = d
      end
      for _, form in ipairs(st.forms) do
        local decls = {}
        for name in pairs(mentioned(form)) do
          decls[#decls + 1] = known[name] and key_of(known[name]) or nil
        end
        table.sort(decls)
        for _, answer in ipairs(form.answers or { { rhs = form.rhs } }) do
          local how = (st.convention or "") .. " " .. (answer.layout or "==")
          local key = table.concat({ key_of(form.lhs), how, table.concat(decls) }, " ")
          if seen[key] and seen[key] ~= st then
            warn(
              form,
              string.format(
                'the identity "%s" (line %d) is about the same%s',
                seen[key].name,
                seen[key].line,
                answer.layout and " in the layout " .. answer.layout or ""
              ),
              "keep one of the two"
            )
          end
          seen[key] = seen[key] or st
        end
      end
    end
  end
end

-- What went with an operator that the file takes away or defines anew, though it is about something else.
local function lost_statements(session, path, warn)
  for _, entry in ipairs(session.lost) do
    local names = {}
    for _, item in ipairs(entry.lost) do
      names[#names + 1] = item.rule and "the rule " .. loaders.rule_text(item.rule)
        or "what " .. item.operator.name .. " stands for"
    end
    table.sort(names)
    if entry.file == path and names[1] then
      warn(
        entry,
        string.format("with the old %s went what was written with it: %s", entry.name, table.concat(names, ", ")),
        string.format("state it anew, or give the %s of this file another name", entry.name)
      )
    end
  end
end

--- A preference that acts on nothing that is printed.
function checks.prefer(self, entry, warn)
  local _, text = self:entries(entry.file)
  local printed = require("nabla.rules.preferences").idle(self.session, entry, text)
  if printed then
    local hint = "write the form behind `over` as nabla prints it"
    warn(entry.st.rhs, "this preference has no effect: nabla prints " .. printed, hint)
  end
end

-- ---------------------------------------------------------------------------------------------- a file

--- The warnings for a file that the session has read, in the order of their places.
-- @tparam string path
-- @treturn table a list of { verdict, file, line, column, message, hint, error }
function Linter:file(path)
  path = paths.find(path) or path
  local entries, text = self:entries(path)
  local list, warn = list_of_warnings(text, path)
  unused_names(entries, warn)
  idle_statements(entries, warn)
  repeated_identities(entries, warn)
  lost_statements(self.session, path, warn)
  for _, entry in ipairs(entries) do
    idle_loops(entry, warn)
    local check = checks[entry.st.kind]
    if check then
      check(self, entry, warn)
    end
  end
  require("nabla.check.overlaps").find(self, path, warn)
  table.sort(list, function(a, b)
    if a.line ~= b.line then
      return a.line < b.line
    end
    return a.column < b.column or a.column == b.column and a.message < b.message
  end)
  return list
end

return M
