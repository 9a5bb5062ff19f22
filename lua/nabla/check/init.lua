--- `nabla check`: every statement of a rule file is proved by numbers: modulo a prime if it is rational, else in floating point.
--
--     local checker = check.new()
--     for _, result in ipairs(checker:file "my.rules") do print(result.line, result.kind, result.verdict, result.detail) end
--
-- A table with a function for each kind of statement says what is evaluated and compared:
--
-- - a rule: its two sides; a differential rule: the change of what stands in d(..), and the right side;
-- - an adjoint: <Y, L(X)> and <L'(Y), X>; a jacobian: the columns vec(L(X)); a block rule: the definition of blocks;
-- - a fact and the implications of an attribute: the property of the value;
-- - a function: its body and the evaluator of that name, its derivative and finite differences;
-- - a layout: that each row's form determines the arrangement, and for the layouts that have a name in the literature that it is theirs;
-- - a convention: the definition of the projection, or of the derivative by independent entries;
-- - an operator: the flags linear, mirror, transposes, assoc;
-- - an identity, a check: both sides, derivatives by finite differences; a fail: that they differ.
--
-- @module nabla.check

local floating = require "nabla.numeric.arithmetic"
local lint = require "nabla.check.lint"
local loaders = require "nabla.rules.loader"
local loops = require "nabla.rules.loops"
local matrix = require "nabla.numeric.matrix"
local operators = require "nabla.numeric.operators"
local paths = require "nabla.rules.paths"
local prove = require "nabla.check.proof"
local random_matrix = require "nabla.compare.random_matrix"
local residue = require "nabla.exact.arithmetic"
local rule_files = require "nabla.rules.load"
local Session = require "nabla.session"
local tree_value = require "nabla.check.tree_value"

local M = {}

local Checker = {}
Checker.__index = Checker

local PROVED, FAILED, OPEN = prove.PROVED, prove.FAILED, prove.OPEN

-- ---------------------------------------------------------------------------------------------- the session that evaluates

local DEFINING = { operator = true, ["function"] = true, attribute = true, use = true }

-- Rows of a layout by what they are about.
local function rows_of(st)
  local rows = {}
  for _, row in ipairs(st.rows) do
    rows[row.of .. " by " .. row.by] = row
  end
  return rows
end

--- A checker: it knows the operators, definitions and layouts of nabla's own files, and no rule.
-- @tparam[opt] string path the file to begin with in place of default.rules
-- @return the checker, or nil and the error
function M.new(path)
  local self = setmetatable({ layouts = {}, applied = {} }, Checker)
  local session, err = Session.new { default_rules = false }
  if not session then
    return nil, err
  end
  self.session = session
  session.applied = self.applied
  function session.only(st, _, file)
    if st.kind == "layout" then
      self.layouts[st.name] = rows_of(st)
      for _, flag in ipairs(st.flags or {}) do
        if (flag.name or flag[1] or flag) == "fallback" then
          self.fallback = st.name
        end
      end
      if st.flags and st.flags.fallback then
        self.fallback = st.name
      end
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

-- ---------------------------------------------------------------------------------------------- kinds

local kinds = {}

local function name_tree(name)
  return { tag = "name", name = name }
end

local function call_tree(name, ...)
  return { tag = "call", name = name, args = { ... } }
end

-- Only the names of which the differential is asked on the left are moved: those in d(..).
local function both_sides(lhs, rhs)
  return function(env)
    return prove.agree(env:value(lhs), env:value(rhs))
  end
end

-- A statement of several parts: one that fails decides, then one that cannot be checked; proofs are put together.
local Parts = {}
Parts.__index = Parts

local function parts()
  return setmetatable({ verdict = PROVED }, Parts)
end

-- Add a part; true if it fails.
function Parts:add(verdict, detail)
  if verdict == FAILED or verdict == OPEN then
    self.verdict, self.detail = verdict, detail
  elseif self.verdict == PROVED then
    self.detail = prove.together(self.detail, detail)
  end
  return verdict == FAILED
end

function Parts:result()
  return self.verdict, self.detail
end

function kinds.rule(self, known, st)
  local all = parts()
  for _, s in ipairs(loops.unrolled(st)) do
    local p = prove.problem(self, known, { s.lhs, s.rhs }, s.conditions, true)
    if all:add(p:prove(both_sides(s.lhs, s.rhs))) then
      break
    end
  end
  return all:result()
end

-- The variable that a linear map acts on.
local function active(st, known)
  if st.by then
    return st.by
  end
  local found
  for _, name in ipairs(loaders.names_of(st.pattern)) do
    found = known[name] and name or found
  end
  return found
end

local function inner(a, b)
  return (a.T * b)
end

local function trace(a)
  local t = a(1, 1)
  for i = 2, a.rows do
    t = t + a(i, i)
  end
  return t
end

local function random_like(env, a)
  return env.source:matrix(a.rows, a.cols)
end

-- The unit matrix with a one in row i, column j.
local function unit(A, rows, cols, i, j)
  local e = A:zeros(rows, cols)
  e[(j - 1) * rows + i] = 1
  return e
end

-- A fact, an adjoint .. holds in each of its loops' cases.
local function each_case(self, known, st, list, test_of)
  local all = parts()
  for _, s in ipairs(loops.unrolled(st)) do
    local p = prove.problem(self, known, list(s), s.conditions)
    if all:add(p:prove(test_of(s))) then
      break
    end
  end
  return all:result()
end

-- Shared by adjoint, jacobian and block: the map L as a function of its argument, in an environment.
local function linear_map(env, st, by)
  return function(x)
    return env:with({ [by] = x }):value(st.pattern)
  end
end

-- What an active variable with attributes stands for is any matrix of its size; conditions hold for it all the same.
local function without_name(known, name)
  local copy = loaders.copy(known)
  copy[name] = nil
  return copy
end

-- A test of the linear map L that a statement is about: test(env, s, L, x), x of the shape of its argument.
local function of_linear_map(self, known, st, test)
  known = without_name(known, st.cotangent)
  return each_case(self, known, st, function(s)
    return { s.pattern }
  end, function(s)
    local by = active(s, known)
    return function(env)
      return test(env, s, linear_map(env, s, by), env.vars[by])
    end
  end)
end

function kinds.adjoint(self, known, st)
  return of_linear_map(self, known, st, function(env, s, L, like)
    local x = random_like(env, like)
    local y = L(x)
    local Y = random_like(env, y)
    local back = env:with({ [s.cotangent] = Y }):value(s.rhs)
    if back.rows ~= x.rows or back.cols ~= x.cols then
      return prove.agree(x, back) -- it says which shapes they are
    end
    local A = env.arithmetic
    return prove.agree(A:from(trace(inner(Y, y))), A:from(trace(inner(back, x))))
  end)
end

function kinds.jacobian(self, known, st)
  return of_linear_map(self, known, st, function(env, s, L, x)
    local A = env.arithmetic
    local J = env.source:matrix(#x, 2)
    local columns = {}
    for k = 1, 2 do
      local column = A:zeros(#x, 1)
      for i = 1, #x do
        column[i] = J(i, k)
      end
      columns[k] = L(tree_value.unvec(column, x.rows, x.cols))
    end
    local wanted = A:build(#columns[1], 2, function(i, k)
      return columns[k][i]
    end)
    return prove.agree(wanted, env:with({ [s.cotangent] = J }):value(s.rhs))
  end)
end

-- The sum of kron(E(i,j,h,w), part(i,j)).
local function assembled(A, h, w, part)
  local blocks = {}
  for i = 1, h do
    blocks[i] = {}
    for j = 1, w do
      blocks[i][j] = part(i, j)
    end
  end
  local s, t = blocks[1][1].rows, blocks[1][1].cols
  return A:build(h * s, w * t, function(a, b)
    return blocks[(a - 1) // s + 1][(b - 1) // t + 1]((a - 1) % s + 1, (b - 1) % t + 1)
  end)
end

function kinds.block(self, known, st)
  if not st.cotangent then
    return each_case(self, known, st, function(s)
      return { s.pattern, s.rhs }
    end, function(s)
      local by = tree_value.find_differential(s.pattern)
      return function(env)
        local x = env.vars[by]
        local A = env.arithmetic
        local wanted = assembled(A, x.rows, x.cols, function(i, j)
          env.directions = { [by] = unit(A, x.rows, x.cols, i, j) }
          return env:value(s.pattern)
        end)
        return prove.agree(wanted, env:value(s.rhs))
      end
    end)
  end
  return of_linear_map(self, known, st, function(env, s, L, x)
    local r, A, given = env.source.r, env.arithmetic, {}
    local h, w = r:integer(2, 3), r:integer(1, 4)
    local wanted = assembled(A, h, w, function(i, j)
      given[(j - 1) * h + i] = random_like(env, x)
      return L(given[(j - 1) * h + i])
    end)
    local Y
    if s.pattern.tag == "name" then -- the Jacobian
      Y = A:build(#x, h * w, function(i, k)
        return given[k][i]
      end)
    else
      Y = assembled(A, h, w, function(i, j)
        return given[(j - 1) * h + i]
      end)
    end
    local e = env:with { [s.cotangent] = Y }
    e.dims = setmetatable({ [s.hole_rows] = h, [s.hole_cols] = w }, { __index = env.dims })
    return prove.agree(wanted, e:value(s.rhs))
  end)
end

function kinds.fact(self, known, st)
  return each_case(self, known, st, function(s)
    return { s.arg }
  end, function(s)
    local test = random_matrix.tests[s.property]
    return function(env)
      if not test then
        error({ open = true, message = prove.no_test(self.session, s.property) }, 0)
      end
      local A, v = env.arithmetic, env:value(s.arg)
      if A.exact then
        if random_matrix.open[s.property] then -- a random value says too little
          residue.inexact("%s is no equation", s.property)
        end
        prove.agree(v, v) -- the degree of the equation is about that of the value
      elseif not (A:size(v) < 1e8) then
        return nil, "a value is not a number"
      end
      if test(v) then
        return true
      end
      return false, string.format("not %s: %s", s.property, #v <= 9 and A:text(v) or "a matrix")
    end
  end)
end

-- ---------------------------------------------------------------------------------------------- definitions

local function parameter_known(known, st)
  local sizes, copy = {}, loaders.copy(known)
  for _, p in ipairs(st.params) do
    for _, name in ipairs(loaders.names_of { p.rows, p.cols }) do
      sizes[name] = true
    end
  end
  for _, p in ipairs(st.params) do
    if p.index or p.kind == "index" then
      copy[p.name] = { name = p.name, kind = "scalar", attributes = {} }
    elseif p.of then
      copy[p.name] = { name = p.name, kind = "operator", attributes = {} }
    elseif p.rows or p.kind == "scalar" then
      copy[p.name] = {
        name = p.name,
        kind = p.kind or (p.cols and "matrix" or "vector"),
        rows = p.rows,
        cols = p.cols,
        attributes = {},
      }
    elseif sizes[p.name] then
      copy[p.name] = nil
    else
      copy[p.name] = { name = p.name, kind = "scalar", attributes = {} }
    end
  end
  return copy
end

local function applied_tree(st)
  local args = {}
  for i, p in ipairs(st.params) do
    args[i] = name_tree(p.name)
  end
  return { tag = "call", name = st.name, args = args }
end

-- Of an odd function, f(-t) is -f(t); of an even one it is f(t).
local function parity(env, st, whole)
  local flags, name = st.flags or {}, st.params[1].name
  if not (flags.odd or flags.even) then
    return true
  end
  local value = env:value(whole)
  local other = env:with({ [name] = -env.vars[name] }):value(whole)
  return prove.agree(flags.odd and -value or value, other)
end

kinds["function"] = function(self, known, st)
  known = parameter_known(known, st)
  local whole = applied_tree(st)
  local verdict, detail = nil, "the definition of a name, and nothing is stated of its derivative"
  -- the body, and the evaluator of this name
  local evaluator = operators.known[st.name]
  if st.body and evaluator and evaluator[1] == #st.params then
    local direct = self:direct(st.name)
    local p = prove.problem(self, known, { whole, st.body })
    verdict, detail = p:prove(function(env)
      local e = env:with {}
      e.session = direct
      return prove.agree(env:value(st.body), e:value(whole))
    end, { floating = true })
  end
  if verdict == FAILED then
    return verdict, detail
  end
  local derivative = st.derivative
  if derivative then
    local p = prove.problem(self, known, { whole, derivative })
    return p:prove(function(env)
      local t = name_tree(st.params[1].name)
      local ok, why = parity(env, st, whole)
      if not ok then
        return ok, "of the negative: " .. why
      end
      env.directions = { [t.name] = env.arithmetic:ones(1, 1) }
      return prove.agree(env:value(call_tree("d", st.body or whole)), env:value(derivative))
    end, { floating = not st.body })
  elseif st.differential then
    local s = { lhs = st.differential.lhs, rhs = st.differential.rhs }
    local p = prove.problem(self, known, { s.lhs, s.rhs, st.body })
    return p:prove(function(env)
      if st.body then
        return prove.agree(env:value(call_tree("d", st.body)), env:value(s.rhs))
      end
      return prove.agree(env:value(s.lhs), env:value(s.rhs))
    end)
  elseif st.body and not verdict then -- a definition: it has a value, of the shape that is declared
    local p = prove.problem(self, known, { whole, st.body })
    return p:prove(function(env)
      return prove.agree(env:value(whole), env:value(st.body))
    end)
  end
  return verdict or OPEN, detail
end

-- A session in which an operator has no body, so that its evaluator is used.
function Checker:direct(name)
  local made = { ops = setmetatable({}, { __index = self.session.ops }) }
  made.applied = {}
  local file = self.session.ops[name] and self.session.ops[name].file
  local s = assert(Session.new { default_rules = false })
  local op = self.session.ops[name]
  local elementwise = op.elementwise
  local decl = elementwise and string.format("operator %s(t): same elementwise", name) or nil
  s.applied = made.applied
  if not decl or not rule_files.load(s, { text = decl, file = file }) then
    return self.session
  end
  if s.ops[name] then
    s.ops[name].elementwise = elementwise
    s.ops[name].file = file
  end
  return s
end

-- The flags of an operator that say something about its values.
function kinds.operator(self, known, st)
  known = parameter_known(known, st)
  local flags = st.flags or {}
  local said = {}
  local op = self.session.ops[st.name]
  if not op then
    return OPEN, "the operator is not there"
  end
  local whole = applied_tree(st)
  local shaped = {}
  for i, p in ipairs(st.params) do
    if p.rows and p.kind ~= "index" then
      shaped[#shaped + 1] = i
    end
  end
  local function test(env)
    local value = env:value(whole)
    if flags.linear then
      said.linear = true
      for _, i in ipairs(shaped) do
        local name = st.params[i].name
        local a = env.vars[name]
        if a and not st.params[i].index then
          local b, t = random_like(env, a), env.source:signed(0.5, 2)
          local left = env:with({ [name] = a + b * t }):value(whole)
          local ok, why = prove.agree(left, value + env:with({ [name] = b }):value(whole) * t)
          if not ok then
            return ok, "linear in " .. name .. ": " .. why
          end
        end
      end
    end
    if flags.mirror or flags.transposes then
      said.mirror = true
      local name = st.params[shaped[1]].name
      local a = env.vars[name]
      local turned = env:with({ [name] = a.T })
      for k = 2, #shaped do
        turned.vars[st.params[shaped[k]].name] = env.vars[st.params[shaped[k]].name].T
      end
      local right = turned:value(whole)
      local ok, why = prove.agree(flags.mirror and value or value.T, right)
      if not ok then
        return ok, "of a transpose: " .. why
      end
    end
    if flags.odd or flags.even then
      said.parity = true
      local ok, why = parity(env, st, whole)
      if not ok then
        return ok, "of the negative: " .. why
      end
    end
    if flags.assoc and #shaped == 2 then
      said.assoc = true
      local x, y = st.params[1].name, st.params[2].name
      local function f(a, b)
        return env:with({ [x] = a, [y] = b }):value(whole)
      end
      local a, b = env.vars[x], env.vars[y]
      local c = random_like(env, b)
      local ok, why = prove.agree(f(f(a, b), c), f(a, f(b, c)))
      if not ok then
        return ok, "assoc: " .. why
      end
    end
    return true
  end
  local p = prove.problem(self, known, { whole })
  local verdict, detail = p:prove(test)
  if verdict == PROVED and next(said) == nil then
    detail =
      { how = "value", instances = detail.instances, note = "it has a value; no property to test is stated" }
  end
  return verdict, detail
end

function kinds.attribute(self, _, st)
  local source = random_matrix.source(floating, self.random, "general")
  local drawn = random_matrix.attributes[st.name]
  local test = random_matrix.tests[st.name]
  if not drawn and not next(st.implies or {}) and not next(st.excludes or {}) then
    return PROVED, { how = "value", instances = 0, note = "nothing is stated of it" }
  elseif not drawn or not test then
    return OPEN, prove.no_test(self.session, st.name)
  end
  for round = 1, 8 do
    local n = 2 + round % 4
    local m = (st.square or next(st.implies or {}) or round % 2 == 0) and n or n + 1
    local a = source:make(st.name, m, n)
    if a and test(a) then
      for _, other in ipairs(st.implies or {}) do
        local name = other.name or other
        if not random_matrix.tests[name] then
          return OPEN, prove.no_test(self.session, name)
        elseif not random_matrix.tests[name](a) then
          return FAILED, string.format("it is not %s: %s", name, floating:text(a))
        end
      end
      for _, other in ipairs(st.excludes or {}) do
        local name = other.name or other
        if random_matrix.tests[name] and random_matrix.tests[name](a) then
          return FAILED, string.format("it is %s: %s", name, floating:text(a))
        end
      end
    end
  end
  return PROVED, { how = "floating", instances = 8, tolerance = prove.TOLERANCE }
end

-- ---------------------------------------------------------------------------------------------- layouts, conventions

-- vec(y)'s Jacobian as the literature's layouts arrange it.
local function same(J)
  return J
end
local function turned(J)
  return J.T
end
local function as_variable(J, _, x)
  return tree_value.unvec(tree_value.vec(J.T), x.rows, x.cols)
end
local function as_value(J, y)
  return tree_value.unvec(J, y.rows, y.cols)
end
local function blocks(J, y, x, A)
  return tree_value.blocks(A, J, y, x)
end
local function block_f(J, y, x, A)
  return assembled(A, y.rows, y.cols, function(a, b)
    return A:build(x.rows, x.cols, function(i, j)
      return J((b - 1) * y.rows + a, (j - 1) * x.rows + i)
    end)
  end)
end
local function block_t(J, y, x, A)
  return tree_value.blocks(A, J, y, x, true)
end
local function then_turned(f)
  return function(...)
    return f(...).T
  end
end

local literature = {
  numerator = {
    ["scalar by vector"] = same,
    ["vector by vector"] = same,
    ["vector by scalar"] = same,
    ["scalar by matrix"] = then_turned(as_variable),
    ["matrix by scalar"] = as_value,
  },
  denominator = {
    ["scalar by vector"] = turned,
    ["vector by vector"] = turned,
    ["vector by scalar"] = turned,
    ["scalar by matrix"] = as_variable,
    ["matrix by scalar"] = then_turned(as_value),
  },
  mixed = {
    ["scalar by vector"] = turned,
    ["vector by vector"] = same,
    ["vector by scalar"] = same,
    ["scalar by matrix"] = as_variable,
    ["matrix by scalar"] = as_value,
  },
  vec = setmetatable({}, {
    __index = function()
      return same
    end,
  }),
  block = setmetatable({}, {
    __index = function()
      return blocks
    end,
  }),
  block_f = setmetatable({}, {
    __index = function()
      return block_f
    end,
  }),
  block_t = setmetatable({}, {
    __index = function()
      return block_t
    end,
  }),
}

function kinds.layout(self, _, st)
  local A = residue.new "layout"
  local source = random_matrix.source(A, self.random, "all")
  local all = parts()
  local sides = { scalar = { 1, 1 }, vector = { 3, 1 }, matrix = { 3, 2 } }
  local by_sides = { scalar = { 1, 1 }, vector = { 4, 1 }, matrix = { 4, 5 } }
  local known_layout = literature[st.name]
  for _, row in ipairs(st.rows) do
    local kind = row.of .. " by " .. row.by
    local s, p = sides[row.of], by_sides[row.by]
    if not s or not p then
      return FAILED, kind .. ": scalar, vector or matrix, by one of the three"
    end
    local x = source:matrix(p[1], p[2])
    local y, J = tree_value.jacobian(A, A:unknown("f", s[1], s[2]), x)
    local env = tree_value.env(self.session, { layouts = self.layouts, layout = st.name, arithmetic = A })
    local ok, G, why = pcall(tree_value.arrange, env, row, J, y, x)
    if not ok then
      return FAILED, kind .. ": " .. (type(G) == "table" and G.message or tostring(G))
    elseif not G then
      return FAILED, kind .. ": " .. why
    elseif known_layout and row.of .. row.by ~= "scalarscalar" and known_layout[kind] then
      local stated = known_layout[kind](J, y, x, A)
      local agree, how = prove.agree(G, stated)
      all:add(PROVED, { how = "modulo", instances = 1, chance = residue.chance(G, stated) })
      if not agree then
        return FAILED,
          string.format("%s is not that of the %s layout of the literature: %s", kind, st.name, how or "")
      end
    end
  end
  all:add(PROVED, { how = "modulo", instances = 1, chance = 1 / residue.PRIME })
  return all:result()
end

-- Which entries move along with entry (i, j), by which factor: the element of the structure, or nil where there is none.
local function partner(names, i, j, n)
  local set = {}
  for _, a in ipairs(names) do
    set[a.name or a] = true
  end
  local e = matrix.zeros(n, n)
  if set.toeplitz then
    for a = 1, n do
      for b = 1, n do
        local same_diagonal = a - b == i - j or set.symmetric and b - a == i - j
        e:set(a, b, same_diagonal and 1 or 0)
      end
    end
    return e
  elseif set.diagonal or set.lower and set.upper then
    e:set(i, j, i == j and 1 or 0)
  elseif set.lower then
    e:set(i, j, i >= j and 1 or 0)
  elseif set.upper then
    e:set(i, j, i <= j and 1 or 0)
  elseif set.symmetric then
    e:set(i, j, 1)
    e:set(j, i, 1)
  elseif set.skew then
    if i ~= j then
      e:set(i, j, 1)
      e:set(j, i, -1)
    end
  else
    return nil
  end
  return e
end

function kinds.convention(self, _, st)
  if st.name ~= "entries" and st.name ~= "projected" then
    return OPEN, "what the convention " .. st.name .. " means is defined by this statement"
  end
  local source = random_matrix.source(floating, self.random, "general")
  for _, row in ipairs(st.rows) do
    if row.rhs then
      for n = 2, 4 do
        local G = source:matrix(n, n)
        local env = tree_value.env(self.session, { vars = { [row.gradient] = G }, dims = { n = n } })
        local ok, v = pcall(env.value, env, row.rhs)
        local names = {}
        for i, a in ipairs(row.attributes) do
          names[i] = a.name
        end
        local title = table.concat(names, " ")
        if not ok then
          return FAILED, title .. ": " .. (type(v) == "table" and v.message or tostring(v))
        end
        for i = 1, n do
          for j = 1, n do
            local e = partner(names, i, j, n)
            if not e then
              return OPEN, "no definition by numbers of the structure " .. title
            end
            local wanted = trace(inner(G, e))
            local found = st.name == "entries" and v(i, j) or trace(inner(v, e))
            if math.abs(wanted - found) > prove.TOLERANCE * (1 + math.abs(wanted)) then
              return FAILED,
                string.format(
                  "%s: entry (%d,%d) is %.4g, it should be %.4g; %s = %s",
                  title,
                  i,
                  j,
                  found,
                  wanted,
                  row.gradient,
                  floating:text(G)
                )
            end
          end
        end
        if st.name == "projected" then
          for _, a in ipairs(names) do
            if not random_matrix.tests[a](v) then
              return FAILED,
                string.format(
                  "%s: the projection is not %s; %s = %s",
                  title,
                  a,
                  row.gradient,
                  floating:text(G)
                )
            end
          end
        end
      end
    end
  end
  return PROVED, { how = "floating", instances = 3, tolerance = prove.TOLERANCE }
end

-- ---------------------------------------------------------------------------------------------- claims

function kinds.identity(self, known, st)
  local all = parts()
  for _, s in ipairs(loops.unrolled(st)) do
    local own = loaders.copy(known)
    for _, d in ipairs(st.decls or {}) do
      own[d.name] = d
    end
    for _, form in ipairs(s.forms) do
      local list = { form.lhs, form.rhs }
      for _, answer in ipairs(form.answers or {}) do
        list[#list + 1] = answer.rhs
      end
      local p = prove.problem(self, own, list)
      for _, d in ipairs(p.decls) do -- kinks and poles lie in negative and small numbers
        p.wanted[d.name] = p.wanted[d.name] or {}
      end
      for _, answer in ipairs(form.answers or { { rhs = form.rhs } }) do
        local verdict, why = p:prove(function(env)
          env.layout = answer.layout or "numerator"
          return prove.agree(env:value(form.lhs), env:value(answer.rhs))
        end)
        if verdict == FAILED then
          return FAILED, (answer.layout and answer.layout .. ": " or "") .. why
        end
        all:add(verdict, why)
      end
    end
  end
  return all:result()
end

function kinds.check(self, known, st)
  return kinds.rule(self, known, st)
end

function kinds.fail(self, known, st)
  local all = parts()
  for _, s in ipairs(loops.unrolled(st)) do
    local p = prove.problem(self, known, { s.lhs, s.rhs }, s.conditions, true)
    local verdict, detail, how = p:prove(both_sides(s.lhs, s.rhs))
    if verdict == PROVED then
      return FAILED, "the two sides are equal wherever they were evaluated"
    elseif verdict == OPEN then
      return OPEN, detail
    end
    all:add(PROVED, how)
  end
  return all:result()
end

-- ---------------------------------------------------------------------------------------------- files

M.kinds = kinds

--- A proof in words: see nabla.check.proof.
M.proof_text = prove.proof_text

-- What a statement is called in a report.
local function title_of(st)
  return st.name and st.name ~= "" and st.name or nil
end

--- Check the statements of a text.
-- @tparam string text
-- @tparam string file the name for the report; random numbers follow from it and from the statement
-- @tparam[opt] table opts lines (a set: only the statements that begin there), progress (called before each statement)
-- @return a list of { file, line, kind, name, verdict, detail, proof, seconds }; or nil and the error of the text. `proof`, of what is
-- proved: { how = "modulo", instances, chance } or { how = "floating", instances, tolerance }, and perhaps a note
function Checker:text(text, file, opts)
  opts = opts or {}
  local list, err = lint.entries(text, file)
  if not list then
    return nil, err
  end
  local results = {}
  for i, entry in ipairs(list) do
    local st = entry.st
    if kinds[st.kind] and (not opts.lines or opts.lines[st.line]) then
      if opts.progress then
        opts.progress(i, #list)
      end
      self.random = random_matrix.random((file:match "[^/]*$") .. (title_of(st) or st.kind))
      local started = os.clock()
      local verdict, detail = kinds[st.kind](self, entry.known, st)
      local kind = st.kind
      if kind == "rule" then
        kind = st.lhs.tag == "call" and st.lhs.name == "d" and "differential" or st.set or "rule"
      end
      results[#results + 1] = {
        file = file,
        line = st.line,
        kind = kind,
        name = title_of(st),
        verdict = verdict,
        detail = verdict ~= PROVED and detail or nil,
        proof = verdict == PROVED and detail or nil,
        seconds = os.clock() - started,
      }
    end
  end
  return results
end

--- Check a file. One that is not nabla's own is first read into the session that evaluates, so that what it defines is known.
function Checker:file(path, opts)
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
  return self:text(text, path, opts)
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
