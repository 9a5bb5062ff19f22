--- A statement with the random values that its trees need: what `nabla check` instantiates.
--
-- An instance gives a size to each dimension name (all of them different, and one of them 1 in some instances) and
-- to each declared name a random value, such that the attributes of its declaration and the conditions of the
-- statement hold, tested by numbers (nabla.compare.random_matrix).
--
-- @module nabla.check.problem

local conjugates = require "nabla.check.conjugates"
local errors = require "nabla.text.errors"
local floating = require "nabla.numeric.arithmetic"
local given = require "nabla.check.given"
local loaders = require "nabla.rules.loader"
local lower = require "nabla.numeric.lower"
local properties = require "nabla.rules.properties"
local meaning = require "nabla.compare.meaning"
local overloads = require "nabla.language.overloads"
local random_conjugates = require "nabla.compare.random_conjugates"
local random_matrix = require "nabla.compare.random_matrix"
local random_letters = require "nabla.check.random_letters"
local relation = require "nabla.check.relation"
local size_values = require "nabla.evaluate.size_values"
local tree_value = require "nabla.check.tree_value"
local unknown_functions = require "nabla.check.unknown_functions"
local variables = require "nabla.check.variables"
local trees = require "nabla.language.tree"

local M = {}

local MANY_TRIES = 100 -- after which entries in floating point are all less than 1, or all larger

-- ---------------------------------------------------------------------------------------------- what trees need

local function walk(ast, visit)
  if type(ast) == "table" then
    visit(ast)
    for _, v in pairs(ast) do
      walk(v, visit)
    end
  end
end

-- The declarations that trees need, each after those that it depends on; the names of sizes.
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
    for _, value in ipairs(d.known or {}) do
      for _, leaf in ipairs(trees.leaves(value.expression or { tag = "name", name = value.value })) do
        if not choose(leaf.name) and value.expression then
          dimension(leaf)
        end
      end
    end
    dimension(d.rows)
    dimension(d.cols)
    order[#order + 1] = d
    return true
  end
  local names, counters = {}, {}
  walk(list, function(node)
    if node.tag == "name" or node.tag == "call" then
      names[node.name] = node.tag
    elseif node.tag == "sumover" then
      counters[node.var] = true
    end
  end)
  for _, name in ipairs(loaders.keys(names)) do
    if not counters[name] and not choose(name) and names[name] == "name" and not session.ops[name] then
      dimension { tag = "name", name = name }
    end
  end
  table.sort(dim_list)
  return order, dim_list
end

local function leaves_open(d)
  local kind = d.of and "matrix" or d.kind
  return (kind == "matrix" and not (d.rows and d.cols)) or (kind == "vector" and not d.rows)
end

-- The sizes of the declarations that state none, inferred from the trees: name -> { rows, cols } (dimensions); nil where every
-- declaration states its sizes.
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
    local ok, shape = errors.attempt(c.infer, c, ast)
    understood, types[i] = ok and understood, shape
  end
  if sides and understood then
    local _ = c:unify(types[1].rows, types[2].rows) and c:unify(types[1].cols, types[2].cols)
  end
  errors.attempt(c.settle, c, list[1])
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

local SIZED = { I = true, ones = true, zeros = true }

-- Does a size occur as a number, and not only as the size of something, in trees or in the body of a function?
local function counts(session, known, tree)
  if type(tree) ~= "table" then
    return false
  elseif tree.tag == "name" then
    return not known[tree.name] and not session.ops[tree.name]
  elseif tree.tag == "call" and SIZED[tree.name] then
    return false
  end
  local op = tree.tag == "call" and session.ops[tree.name]
  if op and op.unfold and not op.standard then
    return true
  end
  for key, part in pairs(tree) do
    local sizes = op and key == "args"
    for i, arg in ipairs(sizes and part or {}) do
      local p = op.params[i]
      if not (p and (p.dimension or p.index)) and counts(session, known, arg) then
        return true
      end
    end
    if not sizes and counts(session, known, part) then
      return true
    end
  end
  return false
end

-- ---------------------------------------------------------------------------------------------- instances

-- The attributes that a sum of two matrices has if both have it: those that a differential shares with its variable.
local LINEAR = { symmetric = true, skew = true, lower = true, upper = true, diagonal = true, toeplitz = true }

local NUMBERS = { 2, 3, -1, 1, -2, 0, 4, 0.5, -3, 1.5, -0.5, 6, -4 }

-- What a name that is declared an operator may stand for: the functions of a matrix that have values.
local function functions(session)
  local list = {}
  for _, op in ipairs(properties.operators(session, "matrixfunction")) do
    list[#list + 1] = lower.evaluates(session, op.name) and op.name or nil
  end
  return list
end

local LARGEST_COUNT = 6 -- of a size that occurs as a number

-- Of calls of names that several operators share the operators that are meant, by the declared shapes: an instance may have other
-- ones, such as a matrix of one column. Nil where there are none.
local function operators_of(checker, known, list)
  local session, found = checker.session, nil
  for _, tree in ipairs(next(session.shared_names) and list or {}) do
    local calls = {}
    trees.walk(tree, function(t)
      local _, several = overloads.operator(session, t.name or "", #(t.args or {}))
      calls[#calls + 1] = t.tag == "call" and several and t or nil
    end)
    if calls[1] then
      local loader = loaders.new(session, "", nil, {})
      loader.decls = known
      errors.attempt(function()
        local c = loader:context(loader:symbols(loader:declarations_of(tree)))
        errors.attempt(c.infer, c, tree)
        for _, t in ipairs(calls) do
          found = found or {}
          found[t] = c.types[t] and c.types[t].operator
        end
      end)
    end
  end
  return found
end

local Problem = {}
Problem.__index = Problem

--- A statement to instantiate.
-- @tparam table checker session, layouts, random
-- @tparam table known name -> declaration
-- @tparam table list trees
-- @tparam[opt] table conditions trees
-- @tparam[opt] boolean sides are the trees two sides, of one shape?
-- @tparam[opt] boolean symbols are the letters those of expressions, real unless they are declared complex, not variables of a rule?
function M.new(checker, known, list, conditions, sides, symbols)
  local self = setmetatable({ checker = checker, conditions = conditions or {} }, Problem)
  local all = { list, self.conditions }
  self.decls, self.dims = needed(known, all, checker.session)
  self.index, self.integer = whole_names(all, checker.session)
  self.inferred = inferred(checker.session, known, self.decls, list, sides) or {}
  self:add_inferred_names()
  self.counts = #self.dims > 0 and counts(checker.session, known, list)
  self.wanted = {} -- name -> list of attributes
  self.still = {} -- names whose differential is zero
  self.known = known
  self.operators = operators_of(checker, known, list)
  for _, d in ipairs(self.decls) do
    local list_of = {}
    for _, a in ipairs(d.attributes or {}) do
      list_of[#list_of + 1] = a.name
      self.still[d.name] = self.still[d.name] or a.name == "constant"
    end
    self.wanted[d.name] = list_of
  end
  self.constants = {} -- names that are not random
  for _, c in ipairs(self.conditions) do
    if c.tag == "call" and c.name == "free" then
      for _, leaf in ipairs(trees.leaves(c.args[1])) do
        self.constants[leaf.name] = true
      end
    end
    local arg = c.tag == "call" and #c.args == 1 and c.args[1]
    local drawn = random_matrix.attributes[c.name] or checker.session.meanings[c.name]
    drawn = drawn or random_conjugates.tests[c.name]
    if arg and arg.tag == "name" and self.wanted[arg.name] and drawn then
      table.insert(self.wanted[arg.name], c.name)
    elseif c.tag == "call" and c.name == "zero" and arg.tag == "call" and arg.name == "d" then
      self.still[arg.args[1].name or "?"] = true
    elseif c.tag == "call" and c.name == "commutes" then
      self.commuting = true
    elseif c.tag == "not" and c[1].tag == "call" and c[1].name == "scalar" then
      self.not_scalar = true
    end
  end
  self.random = symbols and random_letters.of(self) or nil
  self.stated = {} -- name -> the set of its attributes, where a rule file says what one of them means
  for name, list_of in pairs(self.wanted) do
    local has = {}
    for _, attribute in ipairs(list_of) do
      has[attribute] = true
    end
    self.stated[name] = meaning.is_stated(checker.session, has) and has or nil
  end
  self.complex = {} -- names of complex letters -> the sets of their attributes
  if conjugates.concern(checker.session, list, self.decls, self.conditions) then
    self.complex = conjugates.letters(self, symbols or conjugates.declared(self.decls))
  end
  self.has_unit = false
  for _, tree in ipairs(list) do
    self.has_unit = self.has_unit or conjugates.has_unit(checker.session, tree)
  end
  return self
end

--- Do complex numbers take part?
function Problem:is_complex()
  return self.has_unit or next(self.complex) ~= nil
end

-- The names in inferred sizes get values like all others.
function Problem:add_inferred_names()
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
  return size_values.of(self.checker.session.S, d)(dims)
end

-- The rows and columns of the value of a declared name; sizes that nothing states are drawn.
function Problem:shape(d, env)
  local scalar = d.kind == "scalar" or d.kind == "number"
  local size, r = self.inferred[d.name], env.source.r
  local rows = size and self:extent(size[1], env.dims)
    or d.rows and env:whole(d.rows)
    or (scalar and 1)
    or r:integer(2, 3)
  local cols = size and self:extent(size[2], env.dims)
    or d.cols and env:whole(d.cols)
    or ((scalar or d.kind == "vector") and 1)
    or r:integer(2, 3)
  return rows, cols
end

-- A value of a declared name; nil where there is none of that size. In later tries special structures are mixed in. `common`
-- (size -> matrix): values that must commute are polynomials of one matrix.
function Problem:draw(source, d, rows, cols, try, common)
  local wanted = self.wanted[d.name] or {}
  local r, A = source.r, source.A
  local stated = self.stated[d.name]
  if stated then
    return meaning.draw(self.checker.session, source, stated, rows, cols)
  elseif self.index[d.name] and rows == 1 and cols == 1 then
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
  if self.counts and round > 3 then
    for _, name in ipairs(self.dims) do
      dims[name] = r:integer(1, LARGEST_COUNT)
    end
    general = false
  elseif round % 4 == 3 and try % 3 ~= 0 and many > 0 and not self.not_scalar then
    dims[r:pick(self.dims)] = 1
    general = false
  end
  return dims, general
end

-- The differential of a declared name whose value is v.
function Problem:direction(source, d, v)
  local A, rows, cols = source.A, v.rows, v.cols
  if self.still[d.name] or d.kind == "number" or self.integer[d.name] or self.index[d.name] then
    return A:zeros(rows, cols)
  elseif rows == cols and rows > 1 and self.commuting then
    return v * source:signed(0.3, 1)
      + A:eye(rows) * source:signed(0.3, 1)
      + v * v * source:signed(0.1, 0.4)
  end
  local has = {}
  for _, a in ipairs(self.wanted[d.name]) do
    has[a] = LINEAR[a]
  end
  return source:with(has, rows, cols) or source:matrix(rows, cols)
end

-- The attributes with which a name is declared, and those that they imply.
function Problem:all_attributes(name)
  local loader, all = loaders.new(self.checker.session, ""), {}
  for _, attribute in ipairs(self.wanted[name] or {}) do
    all[attribute] = true
    loader:implied(attribute, all)
  end
  return all
end

-- Is a name declared with an attribute that implies symmetric?
function Problem:is_symmetric(name)
  return self:all_attributes(name).symmetric
end

-- A value of the conjugate of a letter, where nothing ties it to its value v.
function Problem:beside(source, v, common)
  if self.commuting and common[v.rows] and v.rows == v.cols then
    common.conjugate = common.conjugate or {}
    local p = common.conjugate[v.rows] or random_conjugates.beside(source, common[v.rows])
    common.conjugate[v.rows] = p
    return p * p * source:signed(0.1, 0.5) + p * source:signed(0.3, 1)
  end
  return random_conjugates.beside(source, v)
end

-- Give a declared name its value in an environment of complex floating point. nil and the reason where that fails.
function Problem:assign_complex(env, d, rows, cols, try, common)
  local source, A, has = env.source, env.arithmetic, self.complex[d.name]
  local v
  if has and next(has) then
    v = random_conjugates.complex(source, has, rows, cols)
  else
    v = self:draw(source, d, rows, cols, try, common)
    v = v and A:from(v)
    if has and v then
      local im = A:from(self:beside(source, v.re, common) - v.re)
      v = v + im * A:imaginary() * (self.commuting and 0 or 4)
    end
  end
  if not v then
    return nil, string.format("no %s of %d x %d that is as declared", d.name, rows, cols)
  end
  local change = A:from(self:direction(source, d, v.re))
  if has then
    local other = self:direction(source, d, v.re)
    change = change + A:from(other) * A:imaginary()
    if has.hermitian or has.hpsd or has.hpd then
      change = (change + change.H) * 0.5
    elseif has.skewhermitian then
      change = (change - change.H) * 0.5
    end
    env.partners[d.name], env.partner_directions[d.name] = v.conj, change.conj
    env.ties[d.name] = random_conjugates.tie(has)
  end
  env.vars[d.name], env.directions[d.name] = v, change
  return true
end

-- Give a declared name its value in an environment. nil and the reason where that fails.
function Problem:assign(env, d, try, common)
  local source = env.source
  local r, A = source.r, source.A
  local rows, cols = self:shape(d, env)
  if d.kind == "operator" then
    env.names = env.names or {}
    env.names[d.name] = r:pick(functions(self.checker.session))
  elseif d.of then
    local ok, x = errors.attempt(env.point, env, d.of)
    if not ok then
      return nil, "the argument of " .. d.name .. " has no value"
    end
    local f
    local has = { ofsymmetric = self:is_symmetric(d.of) }
    if A.exact then
      f = A:unknown(d.name, rows, cols, has)
    else
      f = A:unknown(r, { rows = rows, cols = cols }, x, has)
    end
    local wanted = self.wanted[d.name]
    local with, lacks = f, nil
    if wanted and wanted[1] then
      with, lacks = unknown_functions.with(A, f, self:all_attributes(d.name), x)
    end
    if not with then
      env.unmet = ("no values were found for a function %s that is %s"):format(d.name, lacks)
    end
    env.functions[d.name] = { f = with or f, of = d.of }
  elseif env.arithmetic.complex then
    return self:assign_complex(env, d, rows, cols, try, common)
  else
    local has = self.complex[d.name]
    local v, conjugate
    if has and next(has) then
      v, conjugate = random_conjugates.with(source, has, rows, cols)
    else
      v = self:draw(source, d, rows, cols, try, common)
      conjugate = has and v and self:beside(source, v, common)
    end
    if not v then
      return nil, string.format("no %s of %d x %d that is as declared", d.name, rows, cols)
    end
    env.vars[d.name] = v
    env.directions[d.name] = self:direction(source, d, v)
    if conjugate then
      local change = env.directions[d.name]
      local still = self.still[d.name]
      env.partners[d.name] = conjugate
      env.ties[d.name] = random_conjugates.tie(has)
      env.partner_directions[d.name] = still and change or random_conjugates.direction(source, has, change)
    end
  end
  return true
end

-- Does a test hold? Modulo a prime, one that needs an order is left out.
local function satisfied(env, test, ...)
  if not env.arithmetic.exact then
    return test(...)
  end
  local ok, truth = errors.attempt(test, ...)
  if ok then
    return truth
  elseif type(truth) == "table" and truth.inexact then
    env.dropped = true
    return true
  end
  error(truth, 0)
end

-- What the values are asked, once for all instances: { condition, the names in it, what is said where it does not hold }.
local function demands_of(self)
  local list = {}
  for _, d in ipairs(self.decls) do
    for _, a in ipairs(d.attributes or {}) do
      local condition = { tag = "call", name = a.name, args = { { tag = "name", name = d.name } } }
      local refusal = string.format("no %s was found that is %s", d.name, a.name)
      list[#list + 1] = { condition, { [d.name] = true }, refusal, of = d.name }
    end
  end
  for _, c in ipairs(self.conditions) do
    list[#list + 1] = { c, trees.names(c), "no instance was found that satisfies the conditions" }
  end
  return list
end

--- What the values are asked that concerns some names: where the other values have been accepted before, it is enough to ask this.
-- @tparam {string,...} names
-- @treturn table for @{accepts}
function Problem:demands_on(names)
  self.demands = self.demands or demands_of(self)
  local list = {}
  for _, demand in ipairs(self.demands) do
    local concerned = false
    for _, name in ipairs(names) do
      concerned = concerned or demand[2][name]
    end
    list[#list + 1] = concerned and demand or nil
  end
  return list
end

--- Have the values the declared attributes, and do the conditions hold? nil and what does not.
-- @tparam table env an instance
-- @tparam[opt] table demands of @{demands_on}; else all
function Problem:accepts(env, demands)
  self.demands = self.demands or demands_of(self)
  for _, demand in ipairs(demands or self.demands) do
    local asked = not demand.of or env.vars[demand.of]
    if asked and not satisfied(env, relation.holds, env, demand[1], self.checker) then
      return nil, demand[3]
    end
  end
  return true
end

--- A random instance, an environment of nabla.check.tree_value; or nil and why it is none. In an environment of residues
-- `dropped` says that a condition that needs an order was left out.
-- @tparam integer round
-- @tparam integer try
-- @tparam[opt] table source of values (nabla.compare.random_matrix); else in floating point, with complex numbers where letters are
-- complex
function Problem:instance(round, try, source)
  local checker = self.checker
  local range = (try or 0) <= MANY_TRIES and "general" or try % 2 == 0 and "large" or "fraction"
  local arithmetic = not source and self:is_complex() and require "nabla.numeric.complex_arithmetic"
  source = source or random_matrix.source(floating, checker.random, range)
  local opts = { layouts = checker.layouts, arithmetic = arithmetic or source.A }
  opts.layout = self.layout or checker.layout or "numerator"
  opts.constants = self.constants
  opts.by = variables.new(checker, self.convention, self.wanted)
  local env = tree_value.env(checker.session, opts)
  env.source = source
  env.fallback, env.operators, env.random = checker.fallback, self.operators, self.random
  env.dims, env.general = self:sizes(source.r, round, try)
  local common = {}
  for _, d in ipairs(self.decls) do
    local ok, why = self:assign(env, d, try, common)
    if not ok then
      return nil, why
    end
  end
  self.given = self.given or given.list(self.conditions)
  given.assign(self.given, env)
  local ok, why = self:accepts(env)
  if not ok then
    return nil, why
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
      local conjugate = not env.arithmetic.complex and env.partners[d.name]
      parts[#parts + 1] = conjugate and ("conj(%s) = %s"):format(d.name, env.arithmetic:text(conjugate)) or nil
    elseif env.names and env.names[d.name] then
      parts[#parts + 1] = d.name .. " = " .. env.names[d.name]
    end
  end
  return table.concat(parts, ", ")
end
return M
