--- Proofs by numbers: each statement of a rule file is instantiated with random matrices and evaluated.
--
-- An instance gives a size to each dimension name (all of them different, and one of them 1 in some instances) and
-- to each declared name a random value, such that the attributes of its declaration and the conditions of the
-- statement hold, tested by numbers (nabla.compare.random_matrix). The statement's trees are evaluated as they stand
-- (nabla.check.tree_value): no rule takes part, neither the one in question nor another. Two sides agree if they
-- differ by at most TOLERANCE of their size.
--
-- Invariant: "proved" means that ROUNDS instances were found and evaluated, and agreed; where none was found, the verdict is "not
-- checkable", with the reason.
--
-- @module nabla.check.proof

local distance = require "nabla.compare.distance"
local floating = require "nabla.numeric.arithmetic"
local loaders = require "nabla.rules.loader"
local random_matrix = require "nabla.compare.random_matrix"
local residue = require "nabla.exact.arithmetic"
local tree_value = require "nabla.check.tree_value"

local M = {}

--- How far two sides may differ, relative to their size.
M.TOLERANCE = 1e-6
--- Instances for each statement.
M.ROUNDS = 4
local MORE_ROUNDS = 10 -- where conditions or numbers choose between cases
local TRIES = 400 -- for an instance that satisfies the conditions

local PROVED, FAILED, OPEN = "proved", "failed", "not checkable"

-- ---------------------------------------------------------------------------------------------- instances

local function walk(ast, visit)
  if type(ast) == "table" then
    visit(ast)
    for _, v in pairs(ast) do
      walk(v, visit)
    end
  end
end

-- The declarations that trees need, in an order in which each stands after what it depends on; the names of sizes.
local function needed(known, list, session)
  local order, chosen, dims, dim_list = {}, {}, {}, {}
  local function dimension(ast)
    walk(ast, function(node)
      if node.tag == "name" and not dims[node.name] then
        dims[node.name] = true
        dim_list[#dim_list + 1] = node.name
      end
    end)
  end
  local function choose(name)
    local d = known[name]
    if not d or chosen[name] then
      return d ~= nil
    end
    chosen[name] = true
    if d.of then
      choose(d.of)
    end
    dimension(d.rows)
    dimension(d.cols)
    order[#order + 1] = d
    return true
  end
  local names = {}
  walk(list, function(node)
    if node.tag == "name" or node.tag == "call" then
      names[node.name] = node.tag
    end
    if node.tag == "sumover" then
      names[node.var] = names[node.var] or "counter"
    end
  end)
  local counters = {}
  walk(list, function(node)
    if node.tag == "sumover" then
      counters[node.var] = true
    end
  end)
  local sorted = loaders.keys(names)
  for _, name in ipairs(sorted) do
    if not counters[name] and not choose(name) and names[name] == "name" then
      local op = session.ops[name]
      if not op then
        dimension { tag = "name", name = name }
      end
    end
  end
  table.sort(dim_list)
  return order, dim_list
end

local function leaves_open(d)
  local kind = d.of and "matrix" or d.kind
  return (kind == "matrix" and not (d.rows and d.cols)) or (kind == "vector" and not d.rows)
end

-- The sizes of the declarations that have none, as the trees ask for them: name -> { rows, cols } (dimensions); nil where none
-- leaves a size open.
local function inferred(session, known, decls, list, sides)
  local any = false
  for _, d in ipairs(decls) do
    any = any or leaves_open(d)
  end
  if not any then
    return nil
  end
  local loader = loaders.new(session, "", nil)
  loader.decls = known
  local scope = loader:variables()
  local c = loader:context(scope, true)
  local understood = true
  local types = {}
  for i, ast in ipairs(list) do -- what carries a cotangent has names that are not declared
    local ok, t = pcall(c.infer, c, ast)
    understood, types[i] = ok and understood, t
  end
  if sides and understood then
    local _ = c:unify(types[1].rows, types[2].rows) and c:unify(types[1].cols, types[2].cols)
  end
  pcall(c.settle, c, list[1])
  local sizes = {}
  for _, d in ipairs(decls) do
    local var = leaves_open(d) and scope.vars[d.name]
    sizes[d.name] = var and { var.rows, var.cols } or nil
  end
  return sizes
end

-- The names that count rows or columns, and those that conditions want whole.
local function whole_names(list, session)
  local index, integer = {}, {}
  local function mark(set, ast)
    walk(ast, function(node)
      if node.tag == "name" then
        set[node.name] = true
      end
    end)
  end
  walk(list, function(node)
    if node.tag == "call" then
      local op = session.ops[node.name]
      for i, p in ipairs(op and op.params or {}) do
        if p.index then
          mark(index, node.args[i])
        end
      end
      if node.name == "integer" or node.name == "natural" then
        mark(integer, node.args)
      end
    elseif node.tag == "entry" then
      mark(index, node.args)
    end
  end)
  return index, integer
end

local linear_structures =
  { symmetric = true, skew = true, lower = true, upper = true, diagonal = true, toeplitz = true }

local NUMBERS = { 2, 3, -1, 1, -2, 0, 4, 0.5, -3, 1.5, -0.5, 6, -4 }

local Problem = {}
Problem.__index = Problem

--- A statement to instantiate.
-- @tparam table checker session, layouts, random
-- @tparam table known name -> declaration
-- @tparam table list trees
-- @tparam[opt] table conditions trees
-- @tparam[opt] boolean sides are the trees two sides, of one shape?
function M.problem(checker, known, list, conditions, sides)
  local self = setmetatable({ checker = checker, conditions = conditions or {} }, Problem)
  local all = { list, self.conditions }
  self.decls, self.dims = needed(known, all, checker.session)
  self.index, self.integer = whole_names(all, checker.session)
  self.inferred = inferred(checker.session, known, self.decls, list, sides) or {}
  self:name_sizes()
  self.wanted = {} -- name -> list of attributes
  self.still = {} -- names whose differential is zero
  self.known = known
  for _, d in ipairs(self.decls) do
    local list_of = {}
    for _, a in ipairs(d.attributes or {}) do
      list_of[#list_of + 1] = a.name
      self.still[d.name] = self.still[d.name] or a.name == "constant"
    end
    self.wanted[d.name] = list_of
  end
  for _, c in ipairs(self.conditions) do
    local arg = c.tag == "call" and #c.args == 1 and c.args[1]
    if arg and arg.tag == "name" and self.wanted[arg.name] and random_matrix.attributes[c.name] then
      table.insert(self.wanted[arg.name], c.name)
    elseif c.tag == "call" and c.name == "zero" and arg.tag == "call" and arg.name == "d" then
      self.still[arg.args[1].name or "?"] = true
    elseif c.tag == "call" and c.name == "commutes" then
      self.commuting = true
    elseif c.tag == "not" and c[1].tag == "call" and c[1].name == "scalar" then
      self.not_scalar = true
    end
  end
  return self
end

-- The names in inferred sizes are drawn like all others.
function Problem:name_sizes()
  local S, known = self.checker.session.S, {}
  for _, name in ipairs(self.dims) do
    known[name] = true
  end
  for _, d in ipairs(self.decls) do
    for _, size in ipairs(self.inferred[d.name] or {}) do
      for _, name in ipairs(S:dimnames(size)) do
        if not known[name] then
          known[name] = true
          self.dims[#self.dims + 1] = name
        end
      end
    end
  end
end

-- The value of a dimension where its names have those of an instance.
function Problem:extent(d, dims)
  local S, values = self.checker.session.S, {}
  for _, name in ipairs(S:dimnames(d)) do
    values[name] = S:dim(dims[name])
  end
  return S:dimint(S:dimreplace(d, values))
end

-- One value; `try` says how freely structures are mixed in.
function Problem:draw(source, d, rows, cols, try, common)
  local wanted = self.wanted[d.name] or {}
  local r, A = source.r, source.A
  if self.index[d.name] and rows == 1 and cols == 1 then
    return A:from(r:integer(1, try % 2 == 0 and 3 or 2))
  elseif d.kind == "number" or self.integer[d.name] then
    return A:from(r:pick(NUMBERS))
  elseif #wanted > 0 and (try <= 6 or r:unit() < 0.7) then
    local has = {}
    for _, name in ipairs(wanted) do
      has[name] = true
    end
    return source:with(has, rows, cols)
  elseif rows == cols and rows > 1 and self.commuting and r:unit() < 0.7 then
    local p = common[rows] or source:matrix(rows, rows)
    common[rows] = p
    return p * p * source:signed(0.1, 0.5) + p * source:signed(0.3, 1) + A:eye(rows) * source:signed(0.5, 2)
  elseif source.deficient then
    return source:with({}, rows, cols)
  elseif try <= 4 then
    return source:matrix(rows, cols)
  elseif try <= 10 then
    local a = rows == cols and source:make("near_identity", rows, cols)
    return a or source:matrix(rows, cols)
  end
  if r:unit() < 0.3 then
    return source:matrix(rows, cols)
  end
  return source:make(r:pick(random_matrix.structures), rows, cols) or source:matrix(rows, cols)
end

local relations = {
  ["=="] = function(A, a, b)
    return A:close(a, b)
  end,
  ["<"] = function(A, a, b)
    return A:less(a, b)
  end,
  ["<="] = function(A, a, b)
    return not A:less(b, a)
  end,
}
relations["!="] = function(A, a, b)
  return not A:close(a, b)
end
relations[">"] = function(A, a, b)
  return A:less(b, a)
end
relations[">="] = function(A, a, b)
  return not A:less(a, b)
end
relations["≠"], relations["~="], relations["≤"], relations["≥"] =
  relations["!="], relations["!="], relations["<="], relations[">="]

--- Why numbers cannot tell whether a value has a property.
function M.no_test(session, name)
  if session.predicates[name] then
    return string.format(
      "the property %s is answered by a Lua function, which is asked about expressions, not about numbers",
      name
    )
  end
  return string.format("the property %s has no definition by numbers: it is what rule files say of it", name)
end

-- Does the condition hold? Raises what trees raise.
function M.holds(env, condition)
  local negated = condition.tag == "not"
  local c = negated and condition[1] or condition
  local truth
  if c.tag == "compare" then
    truth = relations[c.op](env.arithmetic, env:value(c[1]), env:value(c[2]))
  elseif random_matrix.written[c.name] then
    return true
  else
    local test = random_matrix.tests[c.name]
    if not test then
      error({ open = true, message = M.no_test(env.session, c.name) }, 0)
    end
    local values = {}
    for i, arg in ipairs(c.args) do
      values[i] = env:value(arg)
    end
    truth = test(table.unpack(values))
  end
  return truth ~= negated
end

-- Sizes: all different; in some rounds one of them is 1.
function Problem:sizes(r, round, try)
  local values, dims = {}, {}
  local many = #self.dims
  for i = 1, many do
    values[i] = i + 1
  end
  if many <= 2 then
    values[many + 1] = many + 2
  end
  if round > 1 or try > 4 then
    values = r:shuffled(values)
  end
  for i, name in ipairs(self.dims) do
    dims[name] = try > 20 and r:integer(1, 4) or values[i]
  end
  local general = try <= 20
  if round % 4 == 3 and try % 3 ~= 0 and many > 0 and not self.not_scalar then
    dims[r:pick(self.dims)] = 1
    general = false
  end
  return dims, general
end

--- A random instance, an environment of nabla.check.tree_value; or nil and why it is none. In an environment of residues
-- `dropped` says that a condition that needs an order was left out.
-- @tparam integer round
-- @tparam integer try
-- @tparam[opt] table source of values (nabla.compare.random_matrix); else in floating point
function Problem:instance(round, try, source)
  local checker = self.checker
  source = source or random_matrix.source(floating, checker.random, "general")
  local r, A = source.r, source.A
  local opts = { layouts = checker.layouts, layout = "numerator", arithmetic = A }
  local env = tree_value.env(checker.session, opts)
  env.source = source
  env.fallback = checker.fallback
  env.dims, env.general = self:sizes(r, round, try)
  local common = {}
  local function extent(ast)
    return ast and env:whole(ast)
  end
  for _, d in ipairs(self.decls) do
    local scalar = d.kind == "scalar" or d.kind == "number"
    local size = self.inferred[d.name]
    local rows = size and self:extent(size[1], env.dims)
      or extent(d.rows)
      or (scalar and 1)
      or r:integer(2, 3)
    local cols = size and self:extent(size[2], env.dims)
      or extent(d.cols)
      or ((scalar or d.kind == "vector") and 1)
      or r:integer(2, 3)
    if d.kind == "operator" then
      env.names = env.names or {}
      env.names[d.name] = r:pick { "expm", "sinm", "cosm", "logm", "sqrtm" }
    elseif d.of then
      local ok, x = pcall(env.point, env, d.of)
      if not ok then
        return nil, "the argument of " .. d.name .. " has no value"
      end
      local f
      if A.exact then
        f = A:unknown(d.name, rows, cols)
      else
        f = A:unknown(r, rows, cols, #x)
      end
      env.functions[d.name] = { f = f, of = d.of }
    else
      local v = self:draw(source, d, rows, cols, try, common)
      if not v then
        return nil, string.format("no %s of %d x %d that is as declared", d.name, rows, cols)
      end
      env.vars[d.name] = v
      -- its differential
      local direction
      if self.still[d.name] or d.kind == "number" or self.integer[d.name] or self.index[d.name] then
        direction = A:zeros(rows, cols)
      elseif rows == cols and rows > 1 and self.commuting then
        direction = v * source:signed(0.3, 1)
          + A:eye(rows) * source:signed(0.3, 1)
          + v * v * source:signed(0.1, 0.4)
      else
        local has = {}
        for _, a in ipairs(self.wanted[d.name]) do
          has[a] = linear_structures[a]
        end
        direction = source:with(has, rows, cols)
      end
      env.directions[d.name] = direction or source:matrix(rows, cols)
    end
  end
  -- Has it what is asked for? What needs an order is left out modulo a prime.
  local function satisfied(test, ...)
    local ok, truth = pcall(test, ...)
    if ok then
      return truth
    elseif type(truth) == "table" and truth.inexact then
      env.dropped = true
      return true
    end
    error(truth, 0)
  end
  for _, d in ipairs(self.decls) do
    for _, a in ipairs(d.attributes or {}) do
      local test = random_matrix.tests[a.name]
      if test and env.vars[d.name] and not satisfied(test, env.vars[d.name]) then
        return nil, string.format("no %s was found that is %s", d.name, a.name)
      end
    end
  end
  for _, c in ipairs(self.conditions) do
    if not satisfied(M.holds, env, c) then
      return nil, "no instance was found that satisfies the conditions"
    end
  end
  return env
end

-- What an instance is, in words: sizes, and values while they are few.
function Problem:describe(env)
  local parts = {}
  for _, name in ipairs(self.dims) do
    parts[#parts + 1] = name .. " = " .. env.dims[name]
  end
  for _, d in ipairs(self.decls) do
    local v = env.vars[d.name]
    if v and #v <= 9 then
      parts[#parts + 1] = d.name .. " = " .. env.arithmetic:text(v)
    elseif env.names and env.names[d.name] then
      parts[#parts + 1] = d.name .. " = " .. env.names[d.name]
    end
  end
  return table.concat(parts, ", ")
end

local function short(A, a)
  return #a <= 6 and A:text(a) or string.format("a %d x %d matrix", a.rows, a.cols)
end

-- The chance that the comparisons modulo a prime of one instance are an accident, summed up.
local chance = 0

--- Two values that should agree, as a test's answer: agree?, and how they differ.
function M.agree(a, b)
  if residue.is(a) then
    if a.rows ~= b.rows or a.cols ~= b.cols then
      return false, string.format("one side is %d x %d, the other %d x %d", a.rows, a.cols, b.rows, b.cols)
    elseif residue.equal(a, b) then
      chance = chance + residue.chance(a, b)
      return true
    end
    return false, string.format("%s and %s", short(residue, a), short(residue, b))
  end
  local apart = distance.mixed(a, b)
  if not apart then
    return nil, "a value is not a number"
  elseif apart <= M.TOLERANCE then
    return true
  elseif apart == math.huge then
    return false, string.format("one side is %d x %d, the other %d x %d", a.rows, a.cols, b.rows, b.cols)
  end
  return false, string.format("%s and %s, distance %.2g", short(floating, a), short(floating, b), apart), a
end

--- A proof in words; its `how` is "modulo", "floating", or "value" for what only has to have a value.
function M.proof_text(proof)
  local text
  if proof.how == "modulo" then
    text = string.format("modulo 2^61-1 (%d instances, accident at most %.0e)", proof.instances, proof.chance)
  elseif proof.how == "floating" then
    text = string.format("in floating point (%d instances, tolerance %.0e)", proof.instances, proof.tolerance)
  end
  return text or "(" .. proof.note .. ")"
end

local EXACT_TRIES = 120 -- for an instance modulo a prime
local SMALL_TRIES = 200 -- for a counterexample of small numbers

--- What two proofs are together: as sure as the weaker one.
function M.together(a, b)
  if not (a and b) then
    return a or b
  elseif a.how ~= b.how then
    return a.how == "floating" and a or b
  end
  local fewer = a.instances < b.instances and a or b
  return {
    how = a.how,
    instances = fewer.instances,
    chance = a.chance and math.min(1, a.chance + b.chance),
    tolerance = fewer.tolerance,
    why = a.why or b.why,
    note = a.note or b.note,
  }
end

-- How many instances there are to meet.
function Problem:rounds()
  local rounds = (#self.conditions > 0 or next(self.integer)) and MORE_ROUNDS or M.ROUNDS
  for _, d in ipairs(self.decls) do
    rounds = d.kind == "number" and MORE_ROUNDS or rounds
  end
  return rounds
end

-- A test of an instance modulo a prime, with the same random values for every choice of square roots.
local function run(test, env, round)
  local r, A = env.source.r, env.arithmetic
  local state, total = r.state, 0
  local right, detail = A:for_all_roots(function()
    r.state, chance = state, 0
    local answer, why = test(env, round)
    total = math.max(total, chance)
    return answer, why
  end)
  chance = total * (1 << A.roots) -- of the points, those where the radicands are squares
  return right, detail
end

-- An instance of small numbers for which the test fails, in words.
function Problem:small_counterexample(test, A, r)
  local source = random_matrix.source(A, r, "few")
  for try = 1, SMALL_TRIES do
    source.deficient = try % 2 == 0
    A:again("few " .. try)
    local ok, env = pcall(self.instance, self, 1, try, source)
    if ok and env and not env.dropped then
      local ran, right, detail = pcall(test, env, 1)
      if ran and right == false and A:rational_so_far() then
        return detail .. "; " .. self:describe(env)
      end
    end
  end
end

-- One instance modulo a prime: true, false, nil (try another one) or "inexact"; why or how it fails; the instance.
local function attempt(self, test, A, source, key, round, try)
  A:again(key)
  chance = 0
  local ok, env, reason = pcall(self.instance, self, round, try, source)
  local ran, right, detail = ok, nil, nil
  if ok and env then
    ran, right, detail = pcall(run, test, env, round)
  elseif not ok then
    right, env = env, nil
  end
  if ran then
    return right, env and detail or reason, env
  end
  right = residue.reason(right)
  if right.inexact or right.open then
    return "inexact", right.message
  elseif right.shape and env and env.general then
    return false, "the shapes do not fit: " .. right.message, env
  end
  return nil, right.message
end

--- Run a test modulo a prime.
-- @tparam function test see prove
-- @treturn string|nil verdict; nil where it cannot be told modulo a prime
-- @return of a proof how it was found (see prove), of a failure the counterexample; else why
-- @treturn boolean is a proof to be confirmed in floating point? If transcendental functions take part, of which their derivatives alone
-- are used, or if a condition that needs an order was left out
function Problem:prove_exactly(test)
  local seed = self.checker.random:unit() .. ""
  local A = residue.new ""
  A.free_signs = true
  local verdict, detail, confirm = self:attempts(test, A, seed)
  if not verdict and A.opaque.sign then
    A.free_signs = false
    verdict, detail, confirm = self:attempts(test, A, seed)
  end
  return verdict, detail, confirm
end

function Problem:attempts(test, A, seed)
  local r = random_matrix.random(seed)
  local source = random_matrix.source(A, r, "all")
  local rounds, done, tries, worst, confirm = self:rounds(), 0, 0, 0, false
  local why = "no instance was found"
  while done < rounds and tries < EXACT_TRIES + 20 * done do
    tries = tries + 1
    local right, detail, env = attempt(self, test, A, source, "all " .. tries, done + 1, tries - 3 * done)
    if right then
      worst, confirm = math.max(worst, chance), confirm or next(A.opaque) ~= nil or env and env.dropped
      done = right ~= "inexact" and done + 1 or done
      if A.rank_matters then
        source.deficient = true
        local again, how, other = attempt(self, test, A, source, "deficient " .. tries, done, 1)
        if again == false then
          right, detail, env = again, how, other
        end
        source.deficient = false
      end
    end
    if right == "inexact" then
      return nil, detail
    elseif right == false then
      if not A:rational_so_far() then
        return nil, A.roots > 0 and "square roots take part" or "transcendental functions take part"
      end
      local small = self:small_counterexample(test, residue.new "", r)
      if small then
        return FAILED, small
      elseif env.dropped then
        return nil, "a condition needs an order"
      end
      return FAILED, detail .. "; " .. self:describe(env)
    elseif not right then
      why = detail or why
    end
  end
  if done < rounds then
    return nil, why
  end
  return PROVED, { how = "modulo", instances = done, chance = math.min(worst, 1) }, confirm
end

--- Run a test on instances: modulo a prime if the statement is rational, else in floating point.
-- @tparam function test test(env, round) gives true; false and how it fails; nil and why it cannot be told
-- @tparam[opt] table how { floating = true }: in floating point only
-- @return verdict; of a proof { how = "modulo" or "floating", instances =, chance =, tolerance = }, else the detail; of a failure
-- how it was found
function Problem:prove(test, how)
  local exactly, proof
  if not (how and how.floating) then
    local verdict, detail, confirm = self:prove_exactly(test)
    if verdict and not confirm then
      return verdict, detail, { how = "modulo", instances = 1, chance = 0 }
    end
    exactly, proof = verdict, detail
  end
  local verdict, detail = self:prove_floating(test)
  if verdict == PROVED then
    return verdict,
      exactly and proof or { how = "floating", instances = detail, tolerance = M.TOLERANCE, why = proof }
  end
  return verdict, detail, { how = "floating", instances = 1, tolerance = M.TOLERANCE }
end

-- Run a test in floating point. The verdict; of a proof the number of instances, else the detail.
function Problem:prove_floating(test)
  local rounds = self:rounds()
  local why, done, tries = "no instance was found", 0, 0
  while done < rounds and tries < TRIES + 20 * done do
    tries = tries + 1
    local try = tries - 3 * done
    local ok, env, reason = pcall(self.instance, self, done + 1, try)
    if ok and env then
      local random = self.checker.random
      local state = random.state
      local ran, right, detail, side = pcall(test, env, done + 1)
      if ran and right == false then
        -- a kink or a pole beside the point? Then a smaller step sees something else
        env.step, random.state = floating.STEP / 5, state
        local again, still, _, other = pcall(test, env, done + 1)
        local steady = not side or not other or (distance.mixed(side, other) or 1) < 1e-5
        if again and still == false and steady then
          return FAILED, detail .. "; " .. self:describe(env)
        end
      elseif ran and right then
        done = done + 1
        rounds = tries > 2 * done and 2 * MORE_ROUNDS or rounds -- a narrow domain: there are more cases to meet
      elseif ran then
        why = detail or why
      elseif type(right) == "table" and right.open then
        return OPEN, right.message
      elseif type(right) == "table" and right.trees then
        why = right.message
        if right.shape and env.general then
          return FAILED, "the shapes do not fit: " .. why .. "; " .. self:describe(env)
        end
      else
        error(right, 0)
      end
    elseif ok then
      why = reason
    elseif type(env) == "table" and env.open then
      return OPEN, env.message
    elseif type(env) == "table" and env.trees then
      why = env.message
    else
      error(env, 0)
    end
  end
  if done == 0 then
    return OPEN, why
  end
  return PROVED, done
end

M.PROVED, M.FAILED, M.OPEN = PROVED, FAILED, OPEN

return M
