--- What the definitions of functions, operators and attributes state, by numbers.
--
-- @module nabla.check.definitions

local floating = require "nabla.numeric.arithmetic"
local loaders = require "nabla.rules.loader"
local meaning = require "nabla.compare.meaning"
local operators = require "nabla.numeric.operators"
local problem = require "nabla.check.problem"
local proof = require "nabla.check.proof"
local random_conjugates = require "nabla.compare.random_conjugates"
local random_matrix = require "nabla.compare.random_matrix"
local relation = require "nabla.check.relation"
local rule_files = require "nabla.rules.load"
local Session = require "nabla.session"
local tree_value = require "nabla.check.tree_value"
local trees = require "nabla.language.tree"

local PROVED, FAILED, OPEN = proof.PROVED, proof.FAILED, proof.OPEN

local kinds = {}

local function name_tree(name)
  return { tag = "name", name = name }
end

local function call_tree(name, ...)
  return { tag = "call", name = name, args = { ... } }
end

-- The known declarations and those of a definition's parameters.
local function with_parameters(known, st)
  local sizes, copy = {}, loaders.copy(known)
  for _, sized in ipairs { st.result or {}, table.unpack(st.params) } do
    for _, name in ipairs(loaders.names_of(sized.cols, loaders.names_of(sized.rows))) do
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
  return { tag = "call", name = st.operator or st.name, args = args }
end

-- Of an odd function, f(-t) is -f(t); of an even one it is f(t).
local function parity(env, st, whole)
  local flags, name = st.flags or {}, st.params[1].name
  if not (flags.odd or flags.even) then
    return true
  end
  local value = env:value(whole)
  local other = env:with({ [name] = -env.vars[name] }):value(whole)
  local ok, why = proof.agree(flags.odd and -value or value, other)
  return ok, not ok and "of the negative: " .. why or nil
end

-- ---------------------------------------------------------------------------------------------- functions

-- Is there an expectation in a tree? It has a value over random letters only, not of a value.
local function holds_mean(session, tree)
  local found = false
  trees.walk(tree, function(t)
    local op = t.tag == "call" and session.ops[t.name]
    found = found or op and op.expectation or false
  end)
  return found
end

-- A session in which the function of one entry has no body, so that its evaluator is used.
local function without_body(session, name)
  local op = session.ops[name]
  local other = assert(Session.new { default_rules = false })
  other.applied_operators, other.definitions = {}, {}
  other.call_sites = tree_value.call_sites()
  local decl = op.elementwise and string.format("operator %s(t): same elementwise", name)
  if not decl or not rule_files.load(other, { text = decl, file = op.file }) then
    return session
  end
  if other.ops[name] then
    other.ops[name].elementwise = op.elementwise
    other.ops[name].file = op.file
  end
  return other
end

-- The body of a function, and the evaluator of its name where there is one.
local function body_and_evaluator(checker, known, st, whole)
  local evaluator, op = operators.known[st.name], checker.session.ops[st.name]
  local own = op and (op.standard or evaluator and evaluator.library and op.elementwise)
  if not (st.body and own and evaluator and evaluator[1] == #st.params) then
    return nil, "the definition of a name, and nothing is stated of its derivative"
  end
  local direct = without_body(checker.session, st.name)
  return proof.prove(problem.new(checker, known, { whole, st.body }), function(env)
    local e = env:with {}
    e.session = direct
    return proof.agree(env:value(st.body), e:value(whole))
  end, { floating = true })
end

local SMALL, NEARER = 1e-6, 0.01

-- The same values, nearer to zero.
local function nearer(env, params)
  local vars = {}
  for _, param in ipairs(params) do
    vars[param.name] = env.vars[param.name] * NEARER
  end
  return env:with(vars)
end

-- Is the derivative by each parameter what the definition states? true; false or nil, why, and the value by differences. A steep
-- function is next to nothing, or huge, at most values: then values nearer to zero are taken.
local function derivatives_agree(env, st, tree)
  for i, param in ipairs(st.params) do
    local directions = {}
    for _, other in ipairs(st.params) do
      directions[other.name] = other == param and env.arithmetic:ones(1, 1) or env.arithmetic:zeros(1, 1)
    end
    local function compared(e)
      e.directions = directions
      local stated = e:value(i == 1 and st.derivative or st.derivatives[i - 1])
      local tiny = e.arithmetic == floating and floating:size(stated) < SMALL
      local ok, why, side = proof.agree(e:value(call_tree("d", tree)), stated)
      return ok, why, side, tiny
    end
    local ok, why, side, tiny = compared(env)
    if env.arithmetic == floating and (ok and tiny or ok == nil) then
      ok, why, side = compared(nearer(env, st.params))
    end
    if not ok then
      return ok, #st.params > 1 and "by " .. param.name .. ": " .. why or why, side
    end
  end
  return true
end

kinds["function"] = function(checker, known, st)
  if checker.session.formulas[st.name] then
    return PROVED, { how = "value", instances = 0, note = "it stands for its body" }
  end
  known = with_parameters(known, st)
  local whole = applied_tree(st)
  local verdict, detail = body_and_evaluator(checker, known, st, whole)
  if verdict == FAILED then
    return verdict, detail
  elseif st.derivative then
    local p = problem.new(checker, known, { whole, st.derivative, table.unpack(st.derivatives or {}) })
    return proof.prove(p, function(env)
      local ok, why = parity(env, st, whole)
      if not ok then
        return ok, why
      end
      return derivatives_agree(env, st, st.body or whole)
    end, { floating = not st.body })
  elseif st.differential then
    local lhs, rhs = st.differential.lhs, st.differential.rhs
    local p = problem.new(checker, known, { lhs, rhs, st.body })
    return proof.prove(p, function(env)
      return proof.agree(env:value(st.body and call_tree("d", st.body) or lhs), env:value(rhs))
    end)
  elseif st.body and not verdict then -- a definition: it has a value, of the shape that is declared
    local p = problem.new(checker, known, { whole, st.body })
    return proof.prove(p, function(env)
      local value = env:value(st.body)
      return proof.agree(holds_mean(checker.session, st.body) and value or env:value(whole), value)
    end)
  end
  return verdict or OPEN, detail
end

-- ---------------------------------------------------------------------------------------------- operators

-- What the flags of an operator say of its values. Each test gets an environment and the operator's application: `st` the
-- statement, `whole` the tree, `shaped` the parameters with a shape.
local promises = {
  {
    states = function(flags)
      return flags.linear
    end,
    test = function(env, app)
      local value = env:value(app.whole)
      for _, param in ipairs(app.shaped) do
        local name = param.name
        local a = env.vars[name]
        if a and not param.index then
          local b, t = env:random_like(a), env.source:signed(0.5, 2)
          local left = env:with({ [name] = a + b * t }):value(app.whole)
          local ok, why = proof.agree(left, value + env:with({ [name] = b }):value(app.whole) * t)
          if not ok then
            return ok, "linear in " .. name .. ": " .. why
          end
        end
      end
      return true
    end,
  },
  {
    states = function(flags)
      return flags.additive
    end,
    test = function(env, app)
      local value = env:value(app.whole)
      for _, param in ipairs(app.shaped) do
        local name = param.name
        local a = env.vars[name]
        if a and not param.index then
          local b = env:random_like(a)
          local both = env:with({ [name] = a + b }):value(app.whole)
          local ok, why = proof.agree(both, value + env:with({ [name] = b }):value(app.whole))
          if not ok then
            return ok, "additive in " .. name .. ": " .. why
          end
        end
      end
      return true
    end,
  },
  {
    states = function(flags)
      return flags.jointly_linear
    end,
    test = function(env, app)
      local value, others, sums, t = env:value(app.whole), {}, {}, env.source:signed(0.5, 2)
      for _, param in ipairs(app.shaped) do
        local a = env.vars[param.name]
        others[param.name] = env:random_like(a)
        sums[param.name] = a + others[param.name] * t
      end
      local ok, why = proof.agree(env:with(sums):value(app.whole), value + env:with(others):value(app.whole) * t)
      return ok, not ok and "linear in all arguments together: " .. why or nil
    end,
  },
  {
    states = function(flags)
      return flags.transpose_invariant or flags.transpose_equivariant
    end,
    test = function(env, app)
      local value, transposed = env:value(app.whole), {}
      for _, param in ipairs(app.shaped) do
        transposed[param.name] = env.vars[param.name].T
      end
      local right = env:with(transposed):value(app.whole)
      local ok, why = proof.agree(app.st.flags.transpose_invariant and value or value.T, right)
      return ok, not ok and "of a transpose: " .. why or nil
    end,
  },
  {
    states = function(flags)
      return flags.odd or flags.even
    end,
    test = function(env, app)
      return parity(env, app.st, app.whole)
    end,
  },
  {
    states = function(flags, app)
      return flags.assoc and #app.shaped == 2
    end,
    test = function(env, app)
      local x, y = app.st.params[1].name, app.st.params[2].name
      local function f(a, b)
        return env:with({ [x] = a, [y] = b }):value(app.whole)
      end
      local a, b = env.vars[x], env.vars[y]
      local c = env:random_like(b)
      local ok, why = proof.agree(f(f(a, b), c), f(a, f(b, c)))
      return ok, not ok and "assoc: " .. why or nil
    end,
  },
}

function kinds.operator(checker, known, st)
  if not checker.session.ops[st.name] then
    return OPEN, "the operator is not there"
  end
  local app = { st = st, whole = applied_tree(st), shaped = {} }
  for _, p in ipairs(st.params) do
    if p.rows and p.kind ~= "index" then
      app.shaped[#app.shaped + 1] = p
    end
  end
  local stated = {}
  for _, promise in ipairs(promises) do
    local of_values = not (st.flags or {}).expectation -- what a mean promises is of letters, and rules state it
    if of_values and promise.states(st.flags or {}, app) then
      stated[#stated + 1] = promise
    end
  end
  local p = problem.new(checker, with_parameters(known, st), { app.whole })
  local verdict, detail = proof.prove(p, function(env)
    env:value(app.whole)
    for _, promise in ipairs(stated) do
      local ok, why = promise.test(env, app)
      if not ok then
        return ok, why
      end
    end
    return true
  end)
  if verdict == PROVED and #stated == 0 then
    detail =
      { how = "value", instances = detail.instances, note = "it has a value; no property to test is stated" }
  end
  return verdict, detail
end

-- ---------------------------------------------------------------------------------------------- attributes

-- Has a value the attribute, where the value of its conjugate is there too? Stops the proof where nothing says what that means.
local function has(checker, name, value, conjugate)
  local test = random_matrix.tests[name]
  local truth
  if random_conjugates.tests[name] then
    truth = random_conjugates.shows(name, value, conjugate or value)
  elseif test then
    truth = test(value)
  else
    truth = meaning.test(checker.session, name, value)
  end
  return truth
end

-- A value with an attribute for a round, and of a complex letter that of its conjugate; nil where there is none.
local function example(checker, st, source, round)
  local n = 2 + round % 4
  local m = (st.square or next(st.implies or {}) or round % 2 == 0) and n or n + 1
  if meaning.is_stated(checker.session, { [st.name] = true }) then
    local d = checker.session.meanings[st.name] and checker.session.meanings[st.name].variable or {}
    local rows = d.rows and tonumber(d.rows.text) or m
    local cols = d.cols and tonumber(d.cols.text) or d.kind == "vector" and 1 or n
    if d.cols and d.cols.tag == "name" and d.cols.name == d.rows.name then
      rows = cols
    end
    return meaning.draw(checker.session, source, { [st.name] = true }, rows, cols)
  end
  if random_conjugates.tests[st.name] then
    return random_conjugates.with(source, { [st.name] = true }, m, n)
  end
  return source:make(st.name, m, n)
end

-- What an attribute implies and excludes, of a value that has it: nil; or a verdict and why.
local function contradiction(checker, st, a, conjugate)
  for _, other in ipairs(st.implies or {}) do
    local name = other.name or other
    local truth = has(checker, name, a, conjugate)
    if truth == nil then
      return OPEN, relation.no_test(checker.session, name)
    elseif not truth then
      return FAILED, string.format("it is not %s: %s", name, floating:text(a))
    end
  end
  local real = not conjugate or random_conjugates.tests.real(a, conjugate)
  for _, other in ipairs(st.excludes or {}) do
    local name = other.name or other
    if (real or random_conjugates.tests[name]) and has(checker, name, a, conjugate) then
      return FAILED, string.format("it is %s: %s", name, floating:text(a))
    end
  end
end

function kinds.attribute(checker, _, st)
  local source = random_matrix.source(floating, checker.random, "general")
  local stated = meaning.is_stated(checker.session, { [st.name] = true })
  if not random_matrix.attributes[st.name] and not random_conjugates.tests[st.name] and not stated then
    if not next(st.implies or {}) and not next(st.excludes or {}) then
      return PROVED, { how = "value", instances = 0, note = "nothing is stated of it" }
    end
    return OPEN, relation.no_test(checker.session, st.name)
  end
  local found = 0
  for round = 1, 8 do
    local a, conjugate = example(checker, st, source, round)
    if a and has(checker, st.name, a, conjugate) then
      found = found + 1
      local verdict, why = contradiction(checker, st, a, conjugate)
      if verdict then
        return verdict, why
      end
    end
  end
  if stated and found == 0 then
    return OPEN, "no matrix was found that is as it says"
  end
  return PROVED, { how = "floating", instances = 8, tolerance = proof.TOLERANCE }
end

return kinds
