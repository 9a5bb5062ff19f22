--- How the rules of a file interact with each other and with the rules of the session (critical pairs): which never apply, which
-- overlap without a priority, which do not terminate.
--
-- The checks work on examples. Two left sides are unified as trees (all sizes are called n); the remaining symbols get the
-- attributes that the rules ask for. On such an expression each of the two rules is tried without the other: if the results
-- differ, the answer depends on the order. Termination is tried under a small budget: on each left side, and with sums, products,
-- transposes and inverses in place of its matrices. What is reported does happen; that nothing is reported proves nothing.
--
-- Invariant: the session is unchanged afterwards: its rules, limits and declarations.
--
-- @module nabla.check.overlaps

local arrangement = require "nabla.check.arrangement"
local declare = require "nabla.language.declare"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local loaders = require "nabla.rules.loader"
local loops = require "nabla.rules.loops"
local lower = require "nabla.numeric.lower"
local refusals = require "nabla.rules.refusals"
local scopes = require "nabla.language.scope"

local M = {}

local KINDS = loaders.kinds
-- Work is counted, never timed: what is found does not depend on the machine.
local LIMITS = { steps = 20000, seconds = 0, elapsed = 0, nesting = 150 } -- of each example
local MOST_PAIRS = 200000 -- of rules whose left sides are unified, in one file
local NUMBERS = { "2", "3", "-1", "-2", "1/2" } -- what `number k` is tried with
local SIZE = "n" -- what all sizes are called

-- ---------------------------------------------------------------------------------------------- rules as trees

-- A copy of a tree, with other names and without places.
local function renamed(tree, name_of)
  if type(tree) ~= "table" then
    return tree
  end
  local copy = {}
  for key, v in pairs(tree) do
    if key ~= "paren" then
      copy[key] = renamed(v, name_of)
    end
  end
  if tree.tag then
    copy.pos, copy.namepos = 1, 1
  end
  if tree.tag == "name" then
    copy.name = name_of(tree.name)
  end
  return copy
end

-- What two left sides must have in common, at the head: the operator and how many parts it has.
local function head_of(tree)
  if tree.tag == "call" and tree.name == "d" and tree.args[1] then
    return "d " .. head_of(tree.args[1])
  end
  return string.format("%s %s %d", tree.tag, tree.tag == "call" and tree.name or "", #(tree.args or {}))
end

local LEFT = { rule = "lhs", adjoint = "pattern", jacobian = "pattern", block = "pattern", fact = "arg" }

-- The rules of a file, one for each value of loops: { st =, s =, known =, file =, lhs =, serial = }.
local function rules_of(linter, path, serials)
  local cases, list = {}, linter:entries(path)
  for _, entry in ipairs(list) do
    local st = entry.st
    if LEFT[st.kind] then
      local own, i = serials[path .. ":" .. st.line] or {}, 0
      for _, s in ipairs(loops.unrolled(linter.session, st)) do
        local of = s.over
        if not of then
          i = i + 1
          of = i
        end
        cases[#cases + 1] =
          { st = st, s = s, known = entry.known, file = path, lhs = s[LEFT[st.kind]], serial = own[of] }
      end
    end
  end
  return cases
end

-- File and line -> the rules of the engine that were made there, in their order.
local function serials_of(session)
  local found = {}
  for serial = 1, session.S:rule_count() do
    local rule = session.rules[serial]
    if rule and rule.file and not session.S:rule_gone(serial) then
      local key = rule.file .. ":" .. (rule.line or 0)
      found[key] = found[key] or {}
      local of = rule.over or #found[key] + 1
      found[key][of] = serial
    end
  end
  return found
end

-- ---------------------------------------------------------------------------------------------- unification

-- The rule with its variables renamed apart from those of `taken`, and all sizes called alike.
local function rename_apart(case, taken, session)
  local variables, names = {}, {}
  local function name_of(name)
    local d = case.known[name]
    if not d then
      return session.ops[name] and name or SIZE
    end
    if not names[name] then
      local new, k = name, 1
      while taken[new] or variables[new] or new == SIZE do
        k = k + 1
        new = name:gsub("%d*$", "") .. k
      end
      names[name], variables[new] = new, d
    end
    return names[name]
  end
  local lhs = renamed(case.lhs, name_of)
  local conditions = renamed(case.s.conditions or {}, name_of)
  local decls = {}
  for name, d in pairs(loaders.copy(variables)) do
    decls[name] = renamed(d, name_of)
    decls[name].name, decls[name].of = name, d.of and name_of(d.of)
    decls[name].attributes = renamed(d.attributes or {}, name_of)
  end
  for name, d in pairs(variables) do -- what functions are functions of
    decls[name] = decls[name] or renamed(d, name_of)
    decls[name].name = name
  end
  for _, c in ipairs(conditions) do
    local arg = c.tag == "call" and #c.args == 1 and c.args[1]
    local d = arg and arg.tag == "name" and decls[arg.name]
    if d and session.attributes[c.name] then
      table.insert(d.attributes, { name = c.name, pos = 1 })
    end
  end
  return lhs, decls
end

-- The left sides of two rules with all variables renamed apart, and the declarations of them all.
local function both_renamed_apart(x, y, session)
  local a, decls = rename_apart(x, {}, session)
  local b, others = rename_apart(y, decls, session)
  local all = loaders.copy(decls)
  for name, d in pairs(others) do
    all[name] = d
  end
  return a, b, all
end

local function resolved(tree, bound)
  while tree.tag == "name" and bound[tree.name] do
    tree = bound[tree.name]
  end
  return tree
end

local function occurs(name, tree, bound)
  if type(tree) ~= "table" then
    return false
  end
  tree = tree.tag and resolved(tree, bound) or tree
  if tree.tag == "name" then
    return tree.name == name
  end
  for _, v in pairs(tree) do
    if type(v) == "table" and occurs(name, v, bound) then
      return true
    end
  end
  return false
end

local unify

-- The parts of a node that are no trees: its name, its signs, its operators.
local function alike(a, b, decls, bound)
  for key, v in pairs(a) do
    local w = b[key]
    local same = v == w
    if type(key) == "string" and key:find "pos$" then
      same = true
    elseif type(v) == "table" and type(w) == "table" then
      same = v.tag and unify(v, w, decls, bound) or not v.tag and #v == #w and alike(v, w, decls, bound)
    end
    if not same then
      return false
    end
  end
  return true
end

function unify(a, b, decls, bound)
  a, b = resolved(a, bound), resolved(b, bound)
  local x, y = a.tag == "name" and decls[a.name], b.tag == "name" and decls[b.name]
  if x and y and a.name == b.name then
    return true
  elseif y and (not x or x.kind == "number" or x.attributes[1]) then
    a, b, x, y = b, a, y, x
  end
  if not x then
    return a.tag == b.tag and alike(a, b, decls, bound)
  elseif
    x.kind == "number" and not (b.tag == "number" or y and y.kind == "number") or occurs(a.name, b, bound)
  then
    return false
  end
  bound[a.name] = b
  for _, attribute in ipairs(y and x.attributes or {}) do
    table.insert(y.attributes, attribute)
  end
  return true
end

-- What one sees of a left side at a look: a tree without places in which any expression stands where a variable is.
local ANY = { tag = "any" }
local function look_of(tree, known)
  if tree.tag == "name" and known[tree.name] then
    return ANY
  end
  local look = {}
  for key, v in pairs(tree) do
    if type(key) ~= "string" or not key:find "pos$" then
      if type(v) == "table" then
        look[key] = look_of(v, known)
      elseif key == "tag" or tree.tag ~= "name" and key ~= "paren" then
        look[key] = v
      end
    end
  end
  return look
end

-- Is there a place where both have something, and not the same?
local function clash(a, b)
  if a == ANY or b == ANY then
    return false
  elseif a.tag ~= b.tag then
    return true
  end
  for key, v in pairs(a) do
    local w = b[key]
    if type(v) ~= "table" then
      if v ~= w and type(key) == "string" then
        return true
      end
    elseif type(w) == "table" then
      if v.tag then
        if w.tag and clash(v, w) then
          return true
        end
      elseif #v ~= #w or clash(v, w) then
        return true
      end
    end
  end
  return false
end

-- Can the left sides of two rules be told apart at a look? It asks of trees as they are written, so that most pairs need not be renamed
-- apart.
local function apart_at_a_look(x, y)
  x.look = x.look or look_of(x.lhs, x.known)
  y.look = y.look or look_of(y.lhs, y.known)
  return clash(x.look, y.look)
end

-- A tree with what is bound put in.
local function filled(tree, bound)
  if type(tree) ~= "table" then
    return tree
  end
  if tree.tag then
    tree = resolved(tree, bound)
  end
  local copy = {}
  for key, v in pairs(tree) do
    copy[key] = filled(v, bound)
  end
  return copy
end

-- ---------------------------------------------------------------------------------------------- examples

local function literal(text)
  local over, under = text:match "^(.*)/(.*)$"
  if over then
    return { tag = "product", args = { literal(over), literal(under) }, ops = { "/" }, oppos = { 1 }, pos = 1 }
  elseif text:sub(1, 1) == "-" then
    return { tag = "neg", literal(text:sub(2)), pos = 1 }
  end
  return { tag = "number", text = text, pos = 1 }
end

-- The declarations that an example needs, numbers and names of operators put in; `try` chooses the numbers.
local function declared(tree, decls, try)
  local list, seen, put = {}, {}, {}
  local function need(name)
    local d = decls[name]
    if not d or seen[name] then
      return
    end
    seen[name] = true
    if d.kind == "number" then
      try = try + 1
      put[name] = literal(NUMBERS[(try - 1) % #NUMBERS + 1])
    elseif d.kind == "operator" then
      put[name] = { tag = "name", name = "expm", pos = 1 } -- one function of a matrix is as good as another
    else
      need(d.of)
      local copy = loaders.copy(d)
      if d.kind == "constant" or d.kind == "variable" then
        copy.kind, copy.rows, copy.cols = "matrix", { tag = "name", name = SIZE, pos = 1 }, nil
        copy.cols = copy.rows
      end
      list[#list + 1] = copy
    end
  end
  for _, name in ipairs(loaders.names_of(tree)) do
    need(name)
  end
  return list, filled(tree, put)
end

-- The last `try` with which an example is another one: without a number in it all are the same.
local function last_try(decls)
  for _, d in pairs(decls) do
    if d.kind == "number" then
      return #NUMBERS - 1
    end
  end
  return 0
end

-- What the rules make of an example: a node. Raises what goes wrong.
local function value(session, tree, decls, try, simplify)
  local S = session.S
  S:begin()
  local scope = scopes.scope(session.constants)
  local list, whole = declared(tree, decls, try)
  for _, d in ipairs(list) do -- one attribute may come from two rules
    local once, seen = {}, {}
    for _, a in ipairs(d.attributes) do
      once[#once + 1] = not seen[a.name] and { name = a.name, pos = 1 } or nil
      seen[a.name] = true
    end
    d.attributes, d.pos, d.namepos = once, 1, 1
  end
  declare.into(scope, list, { session = session, text = "" })
  scope.dims[SIZE] = true
  local id = elaborate.context(session, { text = "", scope = scope }):node(whole)
  return simplify and S:simplify(id) or id
end

-- ---------------------------------------------------------------------------------------------- one rule

local TRANSPORT = { adjoint = true, jacobian = true, block = true }

-- Do two statements on linear maps act on the same variable of the same pattern?
local function same_active(mine, other, session)
  local function active(case)
    local st = case.st
    if st.by then
      return st.by
    elseif not st.cotangent then
      return arrangement.find_differential(case.lhs)
    end
    local found
    for _, name in ipairs(loaders.names_of(case.lhs)) do
      found = case.known[name] and name or found
    end
    return found
  end
  local a, b, decls = both_renamed_apart(mine, other, session)
  if not unify(b, a, decls, {}) then
    return false
  end
  local x, y = active(mine), active(other)
  local at = renamed(mine.lhs, function(name)
    return name == x and " active" or name
  end)
  local there = renamed(other.lhs, function(name)
    return name == y and " active" or name
  end)
  local function path(tree, way)
    if type(tree) ~= "table" then
      return nil
    elseif tree.tag == "name" and tree.name == " active" then
      return way
    end
    for _, key in ipairs { 1, 2, 3, 4, "args" } do
      local found = path(tree[key], way .. "." .. key)
      if found then
        return found
      end
    end
  end
  return path(at, "") == path(there, "")
end

-- The rules of a kind that apply to a node, the one that goes first before the others.
local function appliers(session, kind, id)
  local S, list = session.S, {}
  local first = S:rule_applies(kind, id)
  while first do
    list[#list + 1] = first
    S:rule_restore(first, true)
    first = S:rule_applies(kind, id)
  end
  for _, serial in ipairs(list) do
    S:rule_restore(serial, false)
  end
  return list
end

-- The first rule that a test accepts, of those that apply to the left side of a rule in every case and, if `before`, go before it.
-- (The rule itself need not apply there: a variable is no symbol.)
local function competing_rule(session, serial, before, accepts)
  local S, rules, rule = session.S, session.rules, session.rules[serial]
  local weight = S:weight(rule.lhs)
  for _, other in ipairs(appliers(session, rule.kind, rule.lhs)) do
    local after = other == serial
      or not refusals.tried_before(S, rules[other], rule.priority, weight, rule.conditions)
    if before and after then
      return nil
    elseif rules[other].conditions == 0 and accepts(other) then
      return other
    end
  end
end

-- Never reached: another rule applies to the left side, and goes first.
local function check_reached(session, case, by_serial, warn)
  local kind = case.st.kind
  local first = competing_rule(session, case.serial, true, function(serial)
    local other = by_serial[serial]
    return other and (not TRANSPORT[kind] or same_active(case, other, session))
  end)
  if first then
    warn(
      case.lhs,
      string.format(
        "never used: the %s %s applies to this left side and goes first",
        kind,
        loaders.rule_text(session.rules[first])
      ),
      string.format(
        '%stake the other one away: without %s "%s"',
        TRANSPORT[kind] and "" or "give this one a higher priority, or ",
        kind,
        session.rules[first].name
      ),
      "error"
    )
  end
end

-- A fact that others say already, for each value of its loops. `cases` are those of one statement.
local function check_facts(session, cases, warn)
  local said
  for _, case in ipairs(cases) do
    said = competing_rule(session, case.serial, false, function(serial)
      return serial < case.serial and session.rules[serial].property == case.s.property
    end)
    if not said then
      return
    end
  end
  warn(
    cases[1].lhs,
    string.format("the fact %s says this already", loaders.rule_text(session.rules[said])),
    "take one of the two away"
  )
end

local function leaf(name)
  return { tag = "name", name = name, pos = 1 }
end

-- Expressions to put in place of a matrix.
local function forms_of(name, other)
  return {
    { tag = "transpose", leaf(name), pos = 1, oppos = 1 },
    { tag = "product", args = { leaf(name), leaf(other) }, ops = { "*" }, oppos = { 1 }, pos = 1 },
    { tag = "sum", args = { leaf(name), leaf(other) }, signs = { 1, 1 }, oppos = { false, 1 }, pos = 1 },
    { tag = "product", args = { literal "2", leaf(name) }, ops = { "*" }, oppos = { 1 }, pos = 1 },
    { tag = "power", leaf(name), literal "-1", pos = 1, oppos = 1 },
  }
end

-- A rule f(A') -> f(A)' and its kind are properties of the operator: which, or nil.
local function property_stated(s)
  local call = s.lhs.tag == "call" and #s.lhs.args == 1 and s.lhs.args[1]
  local inner = call and (call.tag == "transpose" or call.tag == "neg") and call[1]
  local outer = s.rhs.tag == (call and call.tag) and s.rhs[1] or s.rhs
  local same = inner and inner.tag == "name" and outer.tag == "call" and outer.name == s.lhs.name
  if not (same and outer.args[1] and outer.args[1].tag == "name" and outer.args[1].name == inner.name) then
    return nil
  elseif call.tag == "neg" then
    return outer == s.rhs and "even" or "odd"
  end
  return outer == s.rhs and "transpose_invariant" or "transpose_equivariant"
end

-- Rewriting terminates on the left side and on some special cases of it.
local function check_end(session, case, warn)
  local lhs, decls = rename_apart(case, {}, session)
  local examples = { { lhs, decls } }
  for name, d in pairs(decls) do
    if d.kind == "matrix" and not d.of then
      local more = loaders.copy(decls)
      local other = name .. "0"
      more[other] = loaders.copy(d)
      more[other].name = other
      for _, form in ipairs(forms_of(name, other)) do
        local special = filled(lhs, {})
        local function put(tree)
          for key, v in pairs(tree) do
            if type(v) == "table" then
              tree[key] = v.tag == "name" and v.name == name and form or put(v)
            end
          end
          return tree
        end
        examples[#examples + 1] = { put(special), more }
      end
    end
  end
  for _, example in ipairs(examples) do
    for try = 0, last_try(decls) do
      local ok, err = errors.attempt(value, session, example[1], example[2], try, true)
      local why = not ok and type(err) == "table" and err.status == "budget" and err.message
      if why then
        local property = property_stated(case.s)
        local hint = property and "it is a property of the operator: write " .. property .. " behind its shape"
          or "make the right side smaller, or add a condition that what it makes does not satisfy"
        warn(case.s.rhs, "rewriting does not come to an end: " .. why, hint, "error")
        return
      end
    end
  end
end

-- A simplification that is undone: the textbook form of its left side is the same without it, and not its right side.
local function check_effect(session, case, warn)
  local S = session.S
  local lhs, decls = rename_apart(case, {}, session)
  local rhs = rename_apart({ lhs = case.s.rhs, s = case.s, known = case.known }, {}, session)
  local ok, form, other = errors.attempt(function()
    local right = session:wrap(value(session, rhs, decls, 0))
    local id = value(session, lhs, decls, 0)
    if S:rule_applies(KINDS.simplify, id) ~= case.serial then
      return nil
    end
    local with = S:textbook(id)
    S:rule_restore(case.serial, true)
    local done, without = errors.attempt(S.textbook, S, id)
    S:rule_restore(case.serial, false)
    return session:wrap(with) ~= right and with, done and without
  end)
  if ok and form and form == other then
    warn(
      case.s.rhs,
      string.format("has no effect: its left side is printed as %s with it and without it", session:text(form)),
      "the form that is shorter, with common factors collected, is printed; to have the other one printed write "
        .. "prefer FORM over FORM"
    )
  end
end

-- ---------------------------------------------------------------------------------------------- two rules

-- What an example becomes while some rules are taken away: a node, and a handle that keeps it; nil where it means nothing.
local function value_without(session, serials, ...)
  local S = session.S
  for _, serial in ipairs(serials) do
    S:rule_restore(serial, true)
  end
  local ok, id = errors.attempt(value, session, ...)
  local handle = ok and session:wrap(id)
  for _, serial in ipairs(serials) do
    S:rule_restore(serial, false)
  end
  return ok and id or nil, handle
end

-- The text of an example, as it is written: no rule of algebra acts.
local function text_of(session, tree, decls, try)
  local rules = {}
  for serial, rule in pairs(session.rules) do
    if rule.kind == KINDS.algebra and not session.S:rule_gone(serial) then
      rules[#rules + 1] = serial
    end
  end
  local id = value_without(session, rules, tree, decls, try, false)
  return id and session:text(id) or "an expression"
end

-- Can all operators below some nodes be evaluated?
local function evaluates(session, ids)
  local S = session.S
  for _, id in ipairs(ids) do
    for _, x in ipairs(S:postorder(id)) do
      local op, own = S:op(x)
      if not own and not lower.evaluates(session, op) then
        return false
      end
    end
  end
  return true
end

-- Two rules of which neither goes first by what they say, and that lead to different results.
local function check_overlap(session, case, other, warn)
  local a, b, all = both_renamed_apart(case, other, session)
  local bound = {}
  if not unify(a, b, all, bound) then
    return
  end
  local example, x, y = filled(a, bound), case.serial, other.serial
  local simplify = session.rules[x].kind == KINDS.simplify
  for try = 0, last_try(all) do
    local neither, kept = value_without(session, { x, y }, example, all, try, simplify)
    if not neither then
      return
    end
    local first, kept_first = value_without(session, { y }, example, all, try, simplify)
    local second, kept_second = value_without(session, { x }, example, all, try, simplify)
    local apply = first and second and first ~= neither and second ~= neither
    if apply and kept and not session:same(first, second) then
      local answer = session:equal(kept_first, kept_second)
      -- rules that are true lead to the same value; where there are numbers, what is not proved different is no clash
      if answer == "no" or answer == "unknown" and not evaluates(session, { neither, first, second }) then
        warn(
          case.lhs,
          string.format(
            "the rule %s applies to %s as well, and neither has a priority: this one makes it %s, the other one %s",
            loaders.rule_text(session.rules[y]),
            text_of(session, example, all, try),
            session:text(first),
            session:text(second)
          ),
          "say which one goes first: `priority 1` at its end"
        )
        return true
      end
    end
  end
end

-- Is one left side a special case of the other? Then the special one goes first.
local function special_case(session, x, y)
  local function applies(serial, lhs)
    for _, other in ipairs(appliers(session, session.rules[serial].kind, lhs)) do
      if other == serial then
        return true
      end
    end
    return false
  end
  return applies(x, session.rules[y].lhs) or applies(y, session.rules[x].lhs)
end

-- ---------------------------------------------------------------------------------------------- a file

-- The rules of all files of a session: by serial number, by head and by file. They are the same for each file.
local function all_cases(linter)
  local session = linter.session
  local serials = serials_of(session)
  local by_serial, by_head, by_file = {}, {}, {}
  for file in pairs(session.files) do
    by_file[file] = {}
    for _, case in ipairs(rules_of(linter, file, serials)) do
      if case.serial then
        by_serial[case.serial] = case
        local head = session.rules[case.serial].kind .. " " .. head_of(case.lhs)
        by_head[head] = by_head[head] or {}
        table.insert(by_head[head], case)
        table.insert(by_file[file], case)
      end
    end
  end
  return { by_serial = by_serial, by_head = by_head, by_file = by_file, rules = session.S:rule_count() }
end

local REWRITES = { [KINDS.algebra] = true, [KINDS.simplify] = true, [KINDS.differential] = true, [KINDS.step] = true }

--- Remark on the rules of a file.
-- @param linter nabla.review's: the session, and the statements of its files
-- @tparam string path
-- @tparam function warn called with a place, a message, a hint and perhaps a verdict
function M.find(linter, path, warn)
  local session = linter.session
  local S, any = session.S, false
  for _, entry in ipairs(linter:entries(path)) do
    any = any or LEFT[entry.st.kind] ~= nil
  end
  if not any then
    return
  end
  if not linter.cases or linter.cases.rules ~= S:rule_count() then
    linter.cases = all_cases(linter)
  end
  local by_serial, by_head, mine = linter.cases.by_serial, linter.cases.by_head, linter.cases.by_file[path] or {}
  local limits = S:limits(LIMITS)
  S:begin()
  local ok, err = pcall(function()
    local facts, pairs_left = {}, MOST_PAIRS
    for _, case in ipairs(mine) do
      local rule = session.rules[case.serial]
      if rule.kind == KINDS.fact then
        facts[case.st] = facts[case.st] or {}
        table.insert(facts[case.st], case)
      else
        check_reached(session, case, by_serial, warn)
      end
      if rule.kind == KINDS.simplify then
        check_effect(session, case, warn)
      end
      if REWRITES[rule.kind] then
        check_end(session, case, warn)
        for _, other in ipairs(by_head[rule.kind .. " " .. head_of(case.lhs)]) do
          local later = other.file ~= path or other.serial < case.serial
          local meet = later
            and session.rules[other.serial].priority == rule.priority
            and not apart_at_a_look(case, other)
          pairs_left = pairs_left - (meet and 1 or 0)
          if pairs_left < 0 then
            warn(
              case.s.lhs,
              string.format("from here on it is not tried which rules overlap: %d pairs have been", MOST_PAIRS),
              "part the file"
            )
            error({ status = "budget" }, 0)
          end
          if
            meet
            and not special_case(session, case.serial, other.serial)
            and check_overlap(session, case, other, warn)
          then
            break
          end
        end
      end
    end
    for _, cases in pairs(facts) do
      check_facts(session, cases, warn)
    end
  end)
  S:limits(limits)
  if not ok and not (type(err) == "table" and err.status == "budget") then -- what was found until then is right
    error(err, 0)
  end
end

return M
