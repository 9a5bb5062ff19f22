--- Rule files: each kind of statement, put into a session.
--
-- A file is read whole, then its statements are carried out in order. Either all of a file (and of the files that it
-- uses) takes effect or nothing does: `load` keeps what was there and puts it back on an error.
--
-- @module nabla.rulefiles

local source = require "nabla.source"
local statements = require "nabla.statements"
local elaborate = require "nabla.elaborate"
local layouts = require "nabla.layouts"

local M = {}

local KIND = elaborate.KIND
local ONE = 1

-- Limits and kinds of rules in the engine (rule.h).
local MOST_VARIABLES = 24
local MOST_CONDITIONS = 6
local ALGEBRA, SIMPLIFY, DIFFERENTIAL, ADJOINT, JACOBIAN, FACT = 0, 1, 2, 3, 4, 5
M.kinds = {
  algebra = ALGEBRA,
  simplify = SIMPLIFY,
  differential = DIFFERENTIAL,
  adjoint = ADJOINT,
  jacobian = JACOBIAN,
  fact = FACT,
}

-- Conditions that the form of an expression answers; all others ask for attributes and facts.
local STRUCTURAL = {}
for name in ("constant zero number integer symbol scalar square commutes"):gmatch "%S+" do
  STRUCTURAL[name] = true
end

local FLAGS = {}
local flag_names =
  "assoc comm linear involution elementwise cyclic matrixfunction total avoid unit zero bilinear"
for name in flag_names:gmatch "%S+" do
  FLAGS[name] = true
end

-- ---------------------------------------------------------------------------------------------- where files are

local here = debug.getinfo(1, "S").source:match "^@(.*)[/\\][^/\\]*$" or "."

local function readable(path)
  local f = io.open(path, "rb")
  if f then
    f:close()
    return path
  end
end

-- The path without `folder/..` and `./`, when it leads to the same file: one file has one name, and a short one.
local function shortened(path)
  local short = path:gsub("^%./", "")
  local count
  repeat
    short, count = short:gsub("([^/]+)/%.%./", function(name)
      return name ~= ".." and "" or nil
    end, 1)
  until count == 0 or short:find "^%.%./"
  return readable(short) or path
end

local function folder(path)
  return path:match "^(.*)[/\\][^/\\]*$" or "."
end

-- What a file holds, or nil and the reason.
local function contents(path)
  local f, why = io.open(path, "rb")
  if not f then
    return nil, (why:gsub("^.*: ", ""))
  end
  local text, trouble = f:read "a"
  f:close()
  if not text then
    return nil, trouble and trouble:find "directory" and "it is a folder" or trouble or "unknown"
  end
  return text
end

--- Where a rule file is: as given, beside the file that uses it, or among the rules that come with nabla.
function M.find(path, from)
  local found
  if path:match "^/" then
    found = readable(path)
  else
    found = (from and readable(folder(from) .. "/" .. path))
      or (not from and readable(path))
      or readable(here .. "/rules/" .. path)
      or readable(here .. "/../../rules/" .. path)
  end
  return found and shortened(found)
end

local function copy(t)
  local c = {}
  for k, v in pairs(t) do
    c[k] = v
  end
  return c
end

-- A hint for a name that is not known: the nearest of those that are, or all of them.
local function meant(name, known)
  local nearest = source.nearest(name, known)
  return nearest and "did you mean " .. nearest .. "?" or "known: " .. table.concat(known, ", ")
end

-- The keys of a table, sorted.
local function keys(t)
  local names = {}
  for k in pairs(t) do
    names[#names + 1] = k
  end
  table.sort(names)
  return names
end

-- ---------------------------------------------------------------------------------------------- names in trees

-- A copy of a tree with names replaced (of calls and of leaves).
local function rename(ast, map)
  if type(ast) ~= "table" then
    return ast
  end
  local renamed = {}
  for k, v in pairs(ast) do
    renamed[k] = type(v) == "table" and rename(v, map) or v
  end
  if ast.tag == "name" or ast.tag == "call" then
    renamed.name = map[ast.name] or ast.name
  end
  return renamed
end

-- The statement once for each value of its loops.
local function unrolled(statement)
  local maps = { {} }
  for _, loop in ipairs(statement.loops or {}) do
    local longer = {}
    for _, map in ipairs(maps) do
      for _, values in ipairs(loop.values) do
        local m = copy(map)
        for i, var in ipairs(loop.vars) do
          m[var] = values[i]
        end
        longer[#longer + 1] = m
      end
    end
    maps = longer
  end
  local i = 0
  return function()
    i = i + 1
    if not maps[i] then
      return nil
    elseif next(maps[i]) == nil then
      return statement
    end
    local one = copy(statement)
    for _, key in ipairs { "lhs", "rhs", "pattern", "arg", "conditions" } do
      one[key] = rename(statement[key], maps[i])
    end
    return one
  end
end

-- ---------------------------------------------------------------------------------------------- one file's loader

local Loader = {}
Loader.__index = Loader

function Loader:stop(at, message, hint)
  error(
    source.error {
      text = self.text,
      file = self.file,
      pos = type(at) == "table" and at.pos or at,
      message = message,
      hint = hint,
    },
    0
  )
end

function Loader:context(scope, pattern)
  return elaborate.context(
    self.session,
    { text = self.text, file = self.file, scope = scope, pattern = pattern }
  )
end

-- A scope that makes a rule variable of each declared name when it is first met.
function Loader:variables()
  local S, decls, n = self.session.S, self.decls, 0
  local c = self:context(elaborate.scope())
  local scope = elaborate.scope(self.session.constants)
  local function dim(ast, alone)
    if ast then
      return c:dimension(ast)
    end
    return alone and ONE or S:dim("?" .. n)
  end
  setmetatable(scope.vars, {
    __index = function(vars, name)
      local d = decls[name]
      if not d then
        return nil
      end
      local scalar = d.kind == "scalar" or d.kind == "number"
      local any = (d.kind == "constant" or d.kind == "variable") and not d.rows
      if n == MOST_VARIABLES then
        self:stop(self.statement, string.format("a rule has at most %d variables", MOST_VARIABLES))
      end
      n = n + 1
      local rows = any and S:dim("rows of " .. name) or dim(d.rows, scalar)
      local cols = any and S:dim("columns of " .. name) or dim(d.cols, scalar or d.kind == "vector")
      local var = { name = name, kind = d.kind, rows = rows, cols = cols, declared = true }
      local kind = d.of and "func" or d.kind
      var.id = S:variable(name, KIND[kind] or KIND.matrix, n - 1, rows, cols)
      var.index = n - 1
      if d.of then
        local arg = vars[d.of]
        if not arg then
          self:stop(
            d.ofpos or d.pos,
            "unknown name '" .. d.of .. "'",
            "declare it first: let vector " .. d.of .. "(n)"
          )
        end
        var.func, var.arg_rows, var.arg_cols = true, arg.rows, arg.cols
      end
      rawset(vars, name, var)
      return var
    end,
    -- all that could be met, for the nearest name in a message
    __pairs = function()
      return next, decls
    end,
  })
  -- a dimension that a declaration mentions may be used as a scalar
  local dims = {}
  local function note(ast)
    if type(ast) ~= "table" then
      return
    end
    if ast.tag == "name" then
      dims[ast.name] = true
    end
    for _, v in pairs(ast) do
      note(v)
    end
  end
  for _, d in pairs(decls) do
    note(d.rows)
    note(d.cols)
  end
  scope.dims = dims
  scope.variable = function(name, kind, rows, cols)
    n = n + 1
    local var = { name = name, kind = kind, rows = rows, cols = cols, index = n - 1 }
    var.id = S:variable(name, KIND[kind], n - 1, rows, cols)
    rawset(scope.vars, name, var)
    return var
  end
  return scope
end

-- A scope in which the declared names are symbols: for what is computed, not matched.
function Loader:symbols(decls)
  local scope = elaborate.scope(self.session.constants)
  self.session:declare_in(scope, decls, self)
  return scope
end

-- The declarations that a tree needs: of its names, of what they are functions of, and of its sizes. Those of `own`
-- hide the file's of the same name.
function Loader:declarations_of(tree, own)
  local known = copy(self.decls)
  for _, d in ipairs(own or {}) do
    known[d.name] = d
  end
  local used, list, chosen = {}, {}, {}
  local function note(ast)
    if type(ast) ~= "table" then
      return
    elseif ast.tag == "name" or ast.tag == "call" then
      used[ast.name] = true
    end
    for _, v in pairs(ast) do
      note(v)
    end
  end
  note(tree)
  local function choose(d)
    if d and not chosen[d] then
      chosen[d] = true
      choose(known[d.of])
      list[#list + 1] = d
    end
  end
  local names = {}
  for name in pairs(known) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local sizes = used
    used = {}
    note(known[name].rows)
    note(known[name].cols)
    local mentioned = false
    for size in pairs(used) do
      mentioned = mentioned or sizes[size]
    end
    used = sizes
    if used[name] or mentioned then
      choose(known[name])
    end
  end
  for _, d in ipairs(own or {}) do
    choose(d)
  end
  return list
end

-- Variables and dimension names below a node.
function Loader:open_names(id)
  local S, vars, dims = self.session.S, {}, {}
  for _, x in ipairs(S:postorder(id)) do
    local op = S:op(x)
    if op == "variable" then
      vars[S:name(x)] = true
      for _, d in ipairs { S:rows(x), S:cols(x) } do
        for _, name in ipairs(S:dimnames(d)) do
          dims[name] = true
        end
      end
    elseif op == "symbol" and S:kind(x) == "dimension" then
      dims[S:name(x)] = true
    elseif op == "I" or op == "ones" or op == "zeros" then
      for _, d in ipairs { S:rows(x), S:cols(x) } do
        for _, name in ipairs(S:dimnames(d)) do
          dims[name] = true
        end
      end
    end
  end
  return vars, dims
end

-- The position of a name in a tree, for the caret.
local function find_name(ast, name)
  if type(ast) ~= "table" then
    return nil
  end
  if (ast.tag == "name" or ast.tag == "call") and ast.name == name then
    return ast
  end
  for _, v in pairs(ast) do
    local found = find_name(v, name)
    if found then
      return found
    end
  end
end

-- The names that are leaves of a tree.
local function names_of(ast, list)
  list = list or {}
  if type(ast) == "table" then
    if ast.tag == "name" then
      list[#list + 1] = ast.name
    end
    for _, v in pairs(ast) do
      names_of(v, list)
    end
  end
  return list
end

-- The right side may use only what the left side binds.
function Loader:check_bound(lhs, rhs, ast, extra)
  local vars, dims = self:open_names(lhs)
  local used, sizes = self:open_names(rhs)
  for name in pairs(used) do
    if not vars[name] and not (extra and extra[name]) then
      self:stop(
        find_name(ast, name) or ast,
        string.format("the variable %s stands on the right side only", name),
        "a rule can use only what its left side matches"
      )
    end
  end
  for name in pairs(sizes) do
    if not dims[name] and not name:find "^%?" and not (extra and extra["dim " .. name]) then
      self:stop(find_name(ast, name) or ast, string.format("the size %s stands on the right side only", name))
    end
  end
end

-- The conditions of a rule: those that it states, and the attributes of the variables in its left side.
function Loader:conditions(list, c, lhs)
  local out = {}
  local bound = self:open_names(lhs)
  for _, ast in ipairs(list or {}) do
    local negated = ast.tag == "not"
    local cond = negated and ast[1] or ast
    local entry = { negated = negated }
    for _, name in ipairs(names_of(cond)) do
      if self.decls[name] and not bound[name] then
        self:stop(
          find_name({ cond[1], cond[2], cond.args }, name),
          string.format("the variable %s does not stand on the left side", name),
          "a condition can ask only about what the left side matches"
        )
      end
    end
    if cond.tag == "compare" then
      c.infer(c, cond[1])
      c.infer(c, cond[2])
      entry.predicate, entry.a, entry.b = cond.op, c:build(cond[1]), c:build(cond[2])
    elseif cond.tag == "call" then
      local name = cond.name
      if not STRUCTURAL[name] and not self.session.predicates[name] and not self.session.attributes[name] then
        local all = copy(STRUCTURAL)
        for _, others in ipairs { self.session.attributes, self.session.predicates } do
          for k in pairs(others) do
            all[k] = true
          end
        end
        local names = keys(all)
        self:stop(cond, "unknown condition '" .. name .. "'", meant(name, names))
      end
      if #cond.args < 1 or #cond.args > 2 then
        self:stop(
          cond,
          string.format("the condition %s takes one or two arguments, found %d", name, #cond.args)
        )
      end
      entry.predicate = name
      for j, arg in ipairs(cond.args) do
        c.infer(c, arg)
        entry[j == 1 and "a" or "b"] = c:build(arg)
      end
      entry.structural = STRUCTURAL[name]
    else
      self:stop(cond, "a condition is a property such as symmetric(A), or a comparison such as k > 0")
    end
    out[#out + 1] = entry
  end
  for name in pairs(bound) do
    for _, attribute in ipairs(self.decls[name] and self.decls[name].attributes or {}) do
      local var = elaborate.lookup(c.scope, name)
      out[#out + 1] = { predicate = attribute.name, a = var.id, structural = STRUCTURAL[attribute.name] }
    end
  end
  if #out > MOST_CONDITIONS then
    self:stop(
      self.statement,
      string.format("a rule has at most %d conditions, found %d", MOST_CONDITIONS, #out)
    )
  end
  return out
end

-- Is every condition one that the form of an expression answers?
local function structural(conditions)
  for _, c in ipairs(conditions) do
    if c.predicate:match "^%a" and not c.structural then
      return false
    end
  end
  return true
end

function Loader:add_rule(statement, fields)
  local session = self.session
  fields.name = statement.name
    or string.format("%s:%d", (self.file or "text"):match "[^/]*$", statement.line or 0)
  fields.priority = statement.priority or 0
  local ok, serial = pcall(session.S.rule, session.S, fields)
  if not ok then
    self:stop(statement, type(serial) == "table" and serial.message or tostring(serial))
  end
  session.rules[serial] = {
    name = fields.name,
    cite = statement.cite,
    zh = statement.zh,
    file = self.file,
    line = statement.line,
    kind = fields.kind,
    priority = fields.priority,
    rhs = fields.rhs,
    weight = session.S:weight(fields.lhs),
    conditions = #(fields.conditions or {}),
  }
  return serial
end

-- ---------------------------------------------------------------------------------------------- statements

local carry_out = {}

function Loader:known_attribute(name, pos)
  if not self.session.attributes[name] then
    local nearest = source.nearest(name, keys(self.session.attributes))
    self:stop(
      pos,
      "unknown attribute '" .. name .. "'",
      nearest and "did you mean " .. nearest .. "?" or "declare it first: attribute " .. name
    )
  end
end

function Loader:check_attributes(decls)
  for _, d in ipairs(decls) do
    for _, a in ipairs(d.attributes or {}) do
      self:known_attribute(a.name, a.pos)
    end
  end
end

function carry_out.let(self, st)
  self:check_attributes(st.decls)
  local seen = {}
  for _, d in ipairs(st.decls) do
    if seen[d.name] then
      self:stop(d, d.name .. " is declared twice")
    end
    seen[d.name] = true
    self.decls[d.name] = d
  end
end

-- A place for a message: "name" (file:line).
local function place_of(rule)
  return string.format('"%s" (%s:%d)', rule.name, rule.file or "text", rule.line or 0)
end

-- The algebra rule that changes what a tree becomes, if one does.
function Loader:responsible(ast, id)
  local S = self.session.S
  for serial = S:rule_count(), 1, -1 do
    local rule = self.session.rules[serial]
    if rule and rule.kind == ALGEBRA and not S:rule_gone(serial) then
      S:rule_restore(serial, true)
      local c = self:context(self:variables(), true)
      local ok, other = pcall(function()
        c.infer(c, ast)
        c:settle(ast)
        return c:build(ast)
      end)
      S:rule_restore(serial, false)
      if ok and other ~= id then
        return rule
      end
    end
  end
end

local function has_diff(S, id)
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "d" then
      return true
    end
  end
  return false
end

-- Is the node zero where the leaves are zero, and doubled where they are doubled? (Counted sums are believed.)
local function is_linear(S, id, leaves)
  local zeros, doubled = {}, {}
  for i, x in ipairs(leaves) do
    zeros[i] = S:zeros(S:rows(x), S:cols(x))
    doubled[i] = S:product { S:rational(2), x }
  end
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "range" then
      return #leaves > 0
    end
  end
  if S:replace(id, leaves, zeros) ~= S:zeros(S:rows(id), S:cols(id)) then
    return false
  end
  return S:expand(S:replace(id, leaves, doubled)) == S:expand(S:product { S:rational(2), id })
end

-- Would the rule be tried before one of these properties?
local function tried_before(rule, priority, weight, conditions)
  if rule.priority ~= priority then
    return rule.priority > priority
  elseif rule.weight ~= weight then
    return rule.weight > weight
  end
  return rule.conditions >= conditions
end

-- A rule that says nothing, that never gets its turn, or whose rewriting would not end, is refused.
function Loader:check_rewrite(st, lhs, rhs, kind, conditions)
  local S = self.session.S
  if lhs == rhs then
    local rule = self:responsible(st.lhs, lhs) or self:responsible(st.rhs, rhs)
    self:stop(
      st.lhs,
      rule and string.format("both sides are the same already, by the rule %s", place_of(rule))
        or "both sides have the same normal form: the rule says nothing new"
    )
  end
  local op = S:op(lhs)
  local inner = kind == DIFFERENTIAL and S:args(lhs)[1]
  if op == "variable" or op == "number" or op == "symbol" or inner and S:op(inner) == "variable" then
    local rule = st.lhs.tag ~= "name" and st.lhs.tag ~= "number" and self:responsible(st.lhs, lhs)
    if rule then
      self:stop(
        st.lhs,
        string.format("the rule %s already rewrites this left side", place_of(rule)),
        string.format('take it away first: without rule "%s"', rule.name)
      )
    end
    self:stop(st.lhs, "the left side of a rule must be an operator applied to something")
  end
  local serial = S:rule_applies(kind, lhs)
  local earlier = serial
    and (self.session.rules[serial] or { name = "?", priority = 0, weight = 0, conditions = 0 })
  if earlier and (kind == ALGEBRA or tried_before(earlier, st.priority or 0, S:weight(lhs), #conditions)) then
    self:stop(
      st.lhs,
      string.format("the rule %s already applies to this left side", place_of(earlier)),
      string.format('take it away first: without rule "%s"', earlier.name)
    )
  end
  if kind == DIFFERENTIAL then
    local leaves = {}
    for _, x in ipairs(S:postorder(rhs)) do
      if S:op(x) == "d" then
        leaves[#leaves + 1] = x
      end
    end
    if not is_linear(S, rhs, leaves) then
      self:stop(
        st.rhs,
        "the right side is not linear in the differentials d(..)",
        "each term has one d(..) as a factor"
      )
    end
    return
  end
  if has_diff(S, lhs) or has_diff(S, rhs) then
    self:stop(st.lhs, "only a rule whose left side is a differential d(..) can use one")
  end
  if not (st.flags and st.flags.terminating) then
    local grows = S:weight(rhs) > S:weight(lhs) + 4
    if grows then
      self:stop(
        st.rhs,
        "the right side is larger than the left side: rewriting may not come to an end",
        "if it does, say so with the word `terminating` at the end of the rule"
      )
    end
  end
end

-- A way round from a rule back to itself: the rules that apply, without a condition, to what the one before has
-- written. The list of their names, or nil.
local function circle(session, first)
  local S, kind = session.S, session.rules[first].kind
  local seen = {}
  local function follow(serial, path)
    path[#path + 1] = session.rules[serial].name
    for _, x in ipairs(S:postorder(session.rules[serial].rhs)) do
      local next_one = (kind ~= DIFFERENTIAL or S:op(x) == "d") and S:rule_applies(kind, x)
      if next_one == first then
        return path
      elseif next_one and session.rules[next_one].conditions == 0 and not seen[next_one] then
        seen[next_one] = true
        if follow(next_one, path) then
          return path
        end
      end
    end
    path[#path] = nil
  end
  return follow(first, {})
end

function carry_out.rule(self, st)
  for s in unrolled(st) do
    local c = self:context(self:variables(), true)
    local lhs, rhs = c:sides(s.lhs, s.rhs)
    local conditions = self:conditions(s.conditions, c, lhs)
    local kind = st.set == "simplify" and SIMPLIFY or ALGEBRA
    if s.lhs.tag == "call" and s.lhs.name == "d" then
      kind = DIFFERENTIAL
    elseif not structural(conditions) then
      kind = SIMPLIFY
    end
    self:check_rewrite(s, lhs, rhs, kind, conditions)
    self:check_bound(lhs, rhs, s.rhs)
    local serial = self:add_rule(st, { kind = kind, lhs = lhs, rhs = rhs, conditions = conditions })
    local path = #conditions == 0 and not (st.flags and st.flags.terminating) and circle(self.session, serial)
    if path and #path == 1 then
      self:stop(st.rhs, "the rule applies to its own right side: rewriting would not come to an end")
    elseif path then
      local names = table.concat(path, '", "')
      self:stop(
        st.rhs,
        'the rules "' .. names .. '" go round in a circle: rewriting would not come to an end'
      )
    end
  end
end

local function transport(self, st, kind)
  for s in unrolled(st) do
    local S = self.session.S
    local scope = self:variables()
    local c = self:context(scope, true)
    c.infer(c, s.pattern)
    c:settle(s.pattern)
    local pattern = c:build(s.pattern)
    local vars, names = self:open_names(pattern), {}
    for name in pairs(vars) do
      names[#names + 1] = name
    end
    local by = st.by or (#names == 1 and names[1])
    if not by or not vars[by] then
      self:stop(
        st,
        "which variable does the linear map act on?",
        "say it: " .. st.kind .. " A*X*B by X  Y -> .."
      )
    end
    local active = scope.vars[by]
    local rows, cols = S:rows(pattern), S:cols(pattern)
    if kind == JACOBIAN then
      rows, cols = S:dimmul(active.rows, active.cols), S:dim("columns of " .. st.cotangent)
    end
    local value = scope.variable(st.cotangent, "matrix", rows, cols)
    local d = self:context(scope, true)
    d.infer(d, s.rhs)
    local want_rows, want_cols = active.rows, active.cols
    if kind == JACOBIAN then
      want_rows, want_cols = S:dimmul(S:rows(pattern), S:cols(pattern)), cols
    end
    if not (d:unify(s.rhs.r, want_rows) and d:unify(s.rhs.c, want_cols)) then
      self:stop(
        s.rhs,
        string.format(
          "the right side is %s; it must be %s",
          d:shape_text(s.rhs.r, s.rhs.c),
          d:shape_text(want_rows, want_cols)
        )
      )
    end
    local rhs = d:build(s.rhs)
    self:check_bound(
      pattern,
      rhs,
      s.rhs,
      { [st.cotangent] = true, ["dim columns of " .. st.cotangent] = true }
    )
    if not is_linear(S, rhs, { value.id }) then
      self:stop(s.rhs, string.format("the right side is not linear in %s", st.cotangent))
    end
    self:add_rule(st, {
      kind = kind,
      lhs = pattern,
      rhs = rhs,
      active = active.index,
      cotangent = value.index,
      conditions = self:conditions(s.conditions, d, pattern),
    })
  end
end

function carry_out.adjoint(self, st)
  return transport(self, st, ADJOINT)
end

function carry_out.jacobian(self, st)
  return transport(self, st, JACOBIAN)
end

-- The attributes that an attribute implies, at any remove.
local function implied(session, name, found)
  found = found or {}
  for other in pairs(session.implications[name] or {}) do
    if not found[other] then
      found[other] = true
      implied(session, other, found)
    end
  end
  return found
end

-- To the engine a fact is a rule named for the property; what the property implies are facts as well.
function carry_out.fact(self, st)
  local session = self.session
  self:known_attribute(st.property, st.property_pos)
  for s in unrolled(st) do
    local c = self:context(self:variables(), true)
    c.infer(c, s.arg)
    c:settle(s.arg)
    local arg = c:build(s.arg)
    local conditions = self:conditions(s.conditions, c, arg)
    local properties = implied(session, st.property)
    properties[st.property] = true
    for _, property in ipairs(keys(properties)) do
      local serial = self:add_rule(
        { name = property, line = st.line, pos = st.pos, cite = st.cite, zh = st.zh },
        { kind = FACT, lhs = arg, conditions = conditions }
      )
      session.rules[serial].name, session.rules[serial].property = st.name or st.property, property
    end
  end
end

-- Attributes have been registered by name before; now each gets the bits of all that it implies, at any remove.
function carry_out.attribute(self, st)
  local session = self.session
  local implies = session.implications[st.name] and copy(session.implications[st.name]) or {}
  for _, name in ipairs(st.implies or {}) do
    self:known_attribute(name, st)
    implies[name] = true
  end
  session.implications[st.name] = implies
  for name in pairs(session.attributes) do
    session:attribute(name, keys(implied(session, name)))
  end
end

-- ---- operators and functions

local function flags_of(self, st)
  for flag in pairs(st.flags or {}) do
    if not FLAGS[flag] then
      local names = {}
      for k in pairs(FLAGS) do
        names[#names + 1] = k
      end
      table.sort(names)
      local nearest = source.nearest(flag, names)
      self:stop(
        st.flagpos and st.flagpos[flag] or st,
        "unknown property '" .. flag .. "' of an operator",
        nearest and "did you mean " .. nearest .. "?" or "known: " .. table.concat(names, " ")
      )
    end
  end
  return st.flags or {}
end

-- The operator that a statement declares, in the form of store:operator.
function Loader:signature(st)
  local S = self.session.S
  local c = self:context(elaborate.scope())
  local flags = flags_of(self, st)
  local sizes = {} -- names that are dimensions
  local function note(ast)
    if type(ast) == "table" then
      if ast.tag == "name" then
        sizes[ast.name] = true
      end
      for _, v in pairs(ast) do
        note(v)
      end
    end
  end
  local result = st.result
  for _, p in ipairs(st.params or {}) do
    note(p.rows)
    note(p.cols)
  end
  if result then
    note(result.rows)
    note(result.cols)
  end
  local op = {
    name = st.name,
    params = {},
    unicode = st.unicode,
    latex = st.latex,
    infix = st.infix,
    pos = st.pos,
    line = st.line,
    file = self.file,
  }
  for flag in pairs(flags) do
    op[flag] = true
  end
  op.linear = op.linear or op.bilinear
  local seen = {}
  for _, p in ipairs(st.params or {}) do
    if seen[p.name] then
      self:stop(p, "the parameter " .. p.name .. " is there twice")
    end
    seen[p.name] = true
  end
  for i, p in ipairs(st.params or {}) do
    if p.rows then
      op.params[i] =
        { name = p.name, rows = c:dimension(p.rows), cols = p.cols and c:dimension(p.cols) or ONE }
    elseif p.kind == "scalar" then
      op.params[i] = { name = p.name, rows = ONE, cols = ONE }
    elseif sizes[p.name] then
      op.params[i] = { name = p.name, dimension = p.name }
    else
      op.params[i] = { name = p.name }
    end
  end
  op.same = flags.elementwise or (result and result.kind == "same") or false
  if op.same then
    if #op.params == 0 then
      self:stop(st, "an elementwise operator needs an argument")
    end
  elseif not result then
    self:stop(
      st,
      "the shape of the result is missing",
      "operator f(x(n)): scalar, or : vector (n), or : matrix (m,n)"
    )
  else
    op.rows = result.rows and c:dimension(result.rows) or ONE
    op.cols = result.cols and c:dimension(result.cols) or ONE
    local bound = {}
    for _, p in ipairs(op.params) do
      if p.dimension then
        bound[p.dimension] = true
      end
      for _, d in ipairs { p.rows, p.cols } do
        for _, name in ipairs(S:dimnames(d)) do
          bound[name] = true
        end
      end
    end
    for _, d in ipairs { op.rows, op.cols } do
      for _, name in ipairs(S:dimnames(d)) do
        if not bound[name] then
          self:stop(
            find_name(result, name) or st,
            string.format("the size %s of the result does not follow from the arguments", name)
          )
        end
      end
    end
  end
  return op
end

local RESERVED = { I = true, ones = true, zeros = true, D = true, d = true }

function Loader:define(st)
  if RESERVED[st.name] then
    self:stop(st, st.name .. " is a name of the language and cannot be defined anew")
  end
  local session = self.session
  local op = self:signature(st)
  local old = session.ops[st.name]
  if old and not old.gone then
    self:stop(
      st,
      string.format("%s is defined already (%s:%d)", st.name, old.file or "text", old.line or 0),
      string.format('take it away first: without operator "%s"', st.name)
    )
  end
  op.number = session.S:operator(op)
  session.ops[st.name] = op
  return op
end

function carry_out.operator() end -- defined before the other statements of its file

-- A function that stands for its body cannot stand in it.
function Loader:check_body(st, op, rewritten)
  local S = self.session.S
  for _, x in ipairs(rewritten and S:postorder(op.body) or {}) do
    local name, builtin = S:op(x)
    if name == st.name and not builtin then
      self:stop(
        find_name(st.body, st.name) or st.body,
        string.format("the body of %s uses %s: it would not come to an end", st.name, st.name)
      )
    end
  end
end

carry_out["function"] = function(self, st)
  local session = self.session
  local S = session.S
  local op = session.ops[st.name]
  if not (st.body or st.derivative or st.differential) then
    self:stop(
      st,
      string.format("the function %s has no body, derivative or differential", st.name),
      "an operator without one is declared: operator " .. st.name .. "(..)"
    )
  end
  if op.elementwise and st.differential then
    self:stop(
      st.differential,
      "an elementwise function has the derivative of one entry, not a differential",
      string.format("derivative .. in place of d(%s(..)) = ..", st.name)
    )
  elseif st.derivative and not op.elementwise then
    self:stop(
      st.derivative,
      "only an elementwise function has the derivative of one entry",
      string.format("d(%s(..)) = .., or the word elementwise before the =", st.name)
    )
  end
  local named = { name = st.name, cite = st.cite, zh = st.zh, line = st.line, pos = st.pos }
  if op.elementwise then
    if #op.params ~= 1 then
      self:stop(st, "an elementwise function takes one argument, one entry of a matrix")
    end
    local c = self:context(elaborate.scope(session.constants), true)
    local X = S:variable("X", KIND.matrix, 0, S:dim "m", S:dim "n")
    local fX = S:apply(st.name, { X })
    local entry = op.params[1].name
    if st.derivative then
      local rhs = S:hadamard { c:lift(st.derivative, entry, X), S:diffnode(X) }
      self:add_rule(named, { kind = DIFFERENTIAL, lhs = S:diffnode(fX), rhs = rhs })
    end
    if st.body then
      op.body = c:lift(st.body, entry, X)
      self:check_body(st, op, not st.derivative)
      if not st.derivative then
        self:add_rule(named, { kind = ALGEBRA, lhs = fX, rhs = op.body })
      end
    end
    return
  end
  -- parameters are variables of the shapes declared
  local decls = {}
  for _, p in ipairs(st.params) do
    if p.rows or p.kind == "scalar" then
      local kind = (p.kind == "vector" or p.kind == "scalar") and p.kind or "matrix"
      decls[p.name] = { name = p.name, kind = kind, rows = p.rows, cols = p.cols, pos = st.pos }
    end
  end
  local outer = self.decls
  self.decls = setmetatable(decls, { __index = outer })
  local args, scope = {}, self:variables()
  local c = self:context(scope, true)
  for i, p in ipairs(st.params) do
    local q = op.params[i]
    if q.dimension then
      args[i] = S:dimnode(S:dim(q.dimension))
    elseif q.rows then
      args[i] = scope.vars[p.name].id
    else
      args[i] =
        scope.variable(p.name, "matrix", S:dim("rows of " .. p.name), S:dim("columns of " .. p.name)).id
    end
  end
  local whole = S:apply(st.name, args)
  local function side(ast)
    c.infer(c, ast)
    if not (c:unify(ast.r, S:rows(whole)) and c:unify(ast.c, S:cols(whole))) then
      local declared = c:shape_text(S:rows(whole), S:cols(whole))
      self:stop(
        ast,
        string.format("this is %s; %s is declared %s", c:shape_text(ast.r, ast.c), st.name, declared)
      )
    end
    c:settle(ast)
    return c:build(ast)
  end
  if st.body then
    op.body = side(st.body)
    self:check_bound(whole, op.body, st.body)
    self:check_body(st, op, not st.differential)
    op.whole = whole
  end
  if st.differential then
    local lhs = st.differential.lhs
    if
      not (
        lhs.tag == "call"
        and lhs.name == "d"
        and lhs.args[1].tag == "call"
        and lhs.args[1].name == st.name
      )
    then
      self:stop(lhs, "the differential of " .. st.name .. " was expected: d(" .. st.name .. "(..)) = ..")
    end
    c.infer(c, lhs)
    local left = c:build(lhs)
    local rhs = side(st.differential.rhs)
    self:check_rewrite({ lhs = lhs, rhs = st.differential.rhs }, left, rhs, DIFFERENTIAL, {})
    self:check_bound(left, rhs, st.differential.rhs)
    self:add_rule(named, { kind = DIFFERENTIAL, lhs = left, rhs = rhs })
  elseif st.body then
    self:add_rule(named, { kind = ALGEBRA, lhs = whole, rhs = op.body })
  end
  self.decls = outer
end

-- ---- layouts, identities, checks

function carry_out.layout(self, st)
  local old = self.session.layouts[st.name]
  if old then
    self:stop(
      st,
      string.format("there is a layout %s already (%s:%d)", st.name, old.file or "text", old.line or 0),
      "take it away first: without layout " .. st.name
    )
  end
  self.session.layouts[st.name] = layouts.compile(self, st)
end

function carry_out.identity(self, st)
  local name = st.name
  if self.session.identities[name] then
    self:stop(
      st,
      'there is an identity "' .. name .. '" already',
      'take it away first: without identity "' .. name .. '"'
    )
  end
  local decls = self:declarations_of(st.forms, st.decls)
  local entry = {
    name = name,
    zh = st.zh,
    cite = st.cite,
    decls = decls,
    forms = st.forms,
    text = self.text,
    file = self.file,
    line = st.line,
  }
  local scope = self:symbols(decls)
  -- What is differentiated is read, so that a mistake in it is found when the file is loaded; the derivative is worked
  -- out by session:check.
  local function read(ast)
    local call = ast.tag == "call" and ast.name == "D" and #ast.args == 2
    local f = call and ast.args[1]
    if not call or f.tag == "name" and scope.vars[f.name] and scope.vars[f.name].func then
      local c = self:context(scope)
      c.infer(c, ast)
    else
      read(f)
    end
  end
  for _, form in ipairs(st.forms) do
    local c = self:context(scope)
    if form.answers then
      read(form.lhs)
      for _, a in ipairs(form.answers) do
        if not self.session.layouts[a.layout] then
          local names = {}
          for k in pairs(self.session.layouts) do
            names[#names + 1] = k
          end
          table.sort(names)
          self:stop(a, "unknown layout '" .. a.layout .. "'", meant(a.layout, names))
        end
        -- read once, so that a mistake is found when the file is loaded
        local r = self:context(scope)
        r.layout = a.layout
        r.infer(r, a.rhs)
      end
    else
      c:sides(form.lhs, form.rhs)
    end
  end
  self.session.identities[name] = entry
  self.session.identity_order[#self.session.identity_order + 1] = name
end

local function both_sides(self, st)
  local c = self:context(self:symbols(self:declarations_of({ st.lhs, st.rhs })))
  return c:sides(st.lhs, st.rhs)
end

function carry_out.check(self, st)
  for s in unrolled(st) do
    local a, b = both_sides(self, s)
    if not self.session:same(a, b) then
      local S = self.session.S
      self:stop(
        st,
        string.format(
          "the check fails: the left side is %s, the right side %s",
          self.session:text(S:textbook(a)),
          self.session:text(S:textbook(b))
        )
      )
    end
  end
end

function carry_out.fail(self, st)
  for s in unrolled(st) do
    local a, b = both_sides(self, s)
    if self.session:same(a, b) then
      self:stop(
        st,
        "the two sides are equal, and the file says that they are not: both are " .. self.session:text(a)
      )
    end
  end
end

function carry_out.use(self, st)
  local path = M.find(st.path, self.file or "")
  if not path then
    self:stop(
      st,
      "there is no rule file " .. st.path,
      "looked beside " .. (self.file or "the text") .. " and among the rules of nabla"
    )
  end
  for _, open in ipairs(self.open) do
    if open == path then
      self:stop(
        st,
        "the files use each other in a circle: " .. table.concat(self.open, " -> ") .. " -> " .. path
      )
    end
  end
  if self.session.files[path] then
    return
  end
  local text, why = contents(path)
  if not text then
    self:stop(st, string.format("cannot read %s: %s", path, why))
  end
  M.read(self.session, path, self.open, text)
end

-- Things of a session by the word that `without` uses.
local function removed_rules(self, st, kinds)
  local session, found = self.session, 0
  for serial, r in pairs(session.rules) do
    if r.name == st.name and kinds[r.kind] and not session.S:rule_gone(serial) then
      session.S:rule_restore(serial, true)
      found = found + 1
    end
  end
  return found > 0
end

local function rule_names(self, kinds)
  local names, seen = {}, {}
  for serial, r in pairs(self.session.rules) do
    if kinds[r.kind] and not seen[r.name] and not self.session.S:rule_gone(serial) then
      seen[r.name] = true
      names[#names + 1] = r.name
    end
  end
  table.sort(names)
  return names
end

local RULES = { [ALGEBRA] = true, [SIMPLIFY] = true, [DIFFERENTIAL] = true }
local without_rules = {
  rule = RULES,
  simplify = { [SIMPLIFY] = true },
  adjoint = { [ADJOINT] = true },
  jacobian = { [JACOBIAN] = true },
  fact = { [FACT] = true },
}

local function missing(self, st, names)
  local nearest = source.nearest(st.name, names)
  local hint = nearest and string.format('did you mean "%s"?', nearest)
  self:stop(st, string.format('there is no %s "%s"', st.what, st.name), hint)
end

function carry_out.without(self, st)
  local session = self.session
  if without_rules[st.what] then
    if not removed_rules(self, st, without_rules[st.what]) then
      missing(self, st, rule_names(self, without_rules[st.what]))
    end
  elseif st.what == "operator" or st.what == "function" then
    local op = session.ops[st.name]
    if not op or op.gone then
      missing(self, st, keys(session.ops))
    end
    local without = copy(op)
    without.gone = true
    session.S:operator(without)
    session.ops[st.name] = without
    removed_rules(self, st, RULES)
  elseif st.what == "layout" or st.what == "identity" then
    local t = st.what == "layout" and session.layouts or session.identities
    if not t[st.name] then
      missing(self, st, keys(t))
    end
    t[st.name] = nil
  else
    self:stop(st, "a " .. st.what .. " cannot be taken away")
  end
end

function carry_out.rename(self, st)
  local session = self.session
  local t = st.what == "layout" and session.layouts or st.what == "identity" and session.identities
  if not t then
    self:stop(st, "a " .. st.what .. " cannot be renamed", "identities and layouts can")
  elseif not t[st.name] then
    missing(self, st, keys(t))
  elseif t[st.to] then
    local kind = st.what == "identity" and "an identity" or "a layout"
    self:stop(st, string.format('the name "%s" of %s is taken', st.to, kind))
  end
  local renamed = copy(t[st.name])
  renamed.name, renamed.zh, renamed.cite = st.to, st.zh or renamed.zh, st.cite or renamed.cite
  t[st.name], t[st.to] = nil, renamed
  for i, name in ipairs(session.identity_order) do
    if st.what == "identity" and name == st.name then
      session.identity_order[i] = st.to
    end
  end
end

local CONVENTIONS = { free = true }

function carry_out.default(self, st)
  if st.what == "layout" then
    if not self.session.layouts[st.value] then
      missing(self, { what = "layout", name = st.value, pos = st.pos }, keys(self.session.layouts))
    end
    self.session.layout = st.value
  elseif st.what == "convention" then
    if not CONVENTIONS[st.value] then
      self:stop(
        st,
        "unknown convention '" .. st.value .. "'",
        "known: " .. table.concat(keys(CONVENTIONS), ", ")
      )
    end
    self.session.convention = st.value
  else
    self:stop(st, "there is no default " .. st.what, "default layout, default convention")
  end
end

-- ---------------------------------------------------------------------------------------------- all or nothing

local TABLES =
  { "ops", "rules", "layouts", "identities", "identity_order", "attributes", "implications", "files" }

local function snapshot(session)
  local S = session.S
  local kept = { count = S:rule_count(), gone = {}, layout = session.layout, convention = session.convention }
  for _, name in ipairs(TABLES) do
    kept[name] = copy(session[name] or {})
  end
  for serial = 1, kept.count do
    kept.gone[serial] = S:rule_gone(serial)
  end
  return kept
end

local function put_back(session, kept)
  local S = session.S
  S:rule_truncate(kept.count)
  for serial = 1, kept.count do
    S:rule_restore(serial, kept.gone[serial])
  end
  for name, op in pairs(session.ops) do
    if kept.ops[name] ~= op then
      local old = kept.ops[name] or copy(op)
      if not kept.ops[name] then
        old.gone = true
      end
      S:operator(old)
    end
  end
  for _, name in ipairs(TABLES) do
    session[name] = kept[name]
  end
  session.layout, session.convention = kept.layout, kept.convention
end

local function removes_operator(st)
  return st.kind == "without" and (st.what == "operator" or st.what == "function")
end

local function run(session, text, file, open)
  local bad = source.check_utf8(text, file)
  if bad then
    error(bad, 0)
  end
  local list, err = statements.parse(text, { file = file })
  if not list then
    error(err, 0)
  end
  if #list == 0 then
    local hint = "see the rule language in the manual"
    error(
      source.error { text = text, file = file, pos = 1, message = "the file holds no statement", hint = hint },
      0
    )
  end
  local loader =
    setmetatable({ session = session, text = text, file = file, decls = {}, open = open }, Loader)
  session.implications = session.implications or {}
  local function each(do_one)
    for _, st in ipairs(list) do
      loader.statement = st
      local ok, failure = pcall(do_one, st)
      if not ok then
        if type(failure) == "table" and failure.status then
          loader:stop(st, failure.message)
        end
        error(failure, 0)
      end
    end
  end
  -- a file's operators, functions and attributes may use each other in any order, so their names come first
  each(function(st)
    if removes_operator(st) then
      carry_out.without(loader, st)
    elseif st.kind == "operator" or st.kind == "function" then
      loader:define(st)
    elseif st.kind == "attribute" then
      session:attribute(st.name)
    end
  end)
  each(function(st)
    if st.kind == "attribute" then
      carry_out.attribute(loader, st)
    end
  end)
  each(function(st)
    local f = carry_out[st.kind]
    if not f then
      loader:stop(st, "statements of the kind '" .. st.kind .. "' are not read here")
    elseif st.kind ~= "attribute" and not removes_operator(st) then
      f(loader, st)
    end
  end)
end

--- Read one file into a session; raises a nabla.Error.
-- @tparam[opt] table open the files that are being read, to find a circle
-- @tparam[opt] string text what the file holds, if that is known
function M.read(session, path, open, text)
  local why
  if not text then
    text, why = contents(path)
  end
  if not text then
    error(source.error { text = "", file = path, pos = 1, message = "cannot read the file: " .. why }, 0)
  end
  local stack = copy(open or {})
  stack[#stack + 1] = path
  run(session, text, path, stack)
  session.files[path] = true
end

--- Carry out a text or a file; all of it or nothing.
-- @tparam table what { path = } or { text =, file = }
-- @return true, or nil and the error
function M.load(session, what)
  local kept = snapshot(session)
  local sizes = copy(session.scope.dims)
  local ok, err = pcall(function()
    if what.path then
      local path = M.find(what.path)
      if not path then
        error(
          source.error { text = "", file = what.path, pos = 1, message = "there is no such rule file" },
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
  put_back(session, kept)
  if type(err) == "table" and (source.is_error(err) or err.message) then
    return nil, err
  end
  error(err, 0)
end

return M
