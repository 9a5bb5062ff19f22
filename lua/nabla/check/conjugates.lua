--- Complex letters in trees by numbers: which statements hold some, what conj(E) and a derivative by conj(Z) are.
--
-- An environment of nabla.check.tree_value has values of letters and, in `partners`, of their conjugates
-- (nabla.compare.random_conjugates). conj(E) is E where the two are exchanged. A derivative by Z moves the value of Z alone, one by
-- conj(Z) that of the conjugate alone.
--
-- @module nabla.check.conjugates

local complex_letters = require "nabla.language.complex"
local random_conjugates = require "nabla.compare.random_conjugates"
local trees = require "nabla.language.tree"

local M = {}

--- Is an operator the conjugate?
function M.is_conjugate(session, name)
  local op = session.ops[name]
  return op and op.antilinear and op.holomorphic and #op.params == 1 or false
end

-- Is there something in a tree that only complex letters need?
local function occurs(session, tree)
  local found = false
  trees.walk(tree, function(t)
    local op = (t.tag == "name" or t.tag == "call") and session.ops[t.name]
    if op and (op.imaginary_unit or op.of_hermitian) then
      found = true
    elseif t.tag == "call" and not found then
      found = M.is_conjugate(session, t.name) or M.definition(session, t.name) ~= nil
    end
  end)
  return found
end

--- Does the imaginary unit occur in a tree, or an operator that has values at complex matrices alone?
function M.has_unit(session, tree)
  local found = false
  trees.walk(tree, function(t)
    local op = (t.tag == "name" or t.tag == "call") and session.ops[t.name]
    local body = not found and t.tag == "call" and M.definition(session, t.name)
    found = found or op and (op.imaginary_unit or op.of_hermitian) or body and M.has_unit(session, body.body) or false
  end)
  return found
end

--- Remember how a function is defined.
function M.remember(session, st)
  if (st.kind == "function" or st.kind == "operator") and st.body then
    session.definitions[st.name] = { st = st }
  end
end

--- The statement that defines a function, where a conjugate takes part in it; else nil.
function M.definition(session, name)
  local known = session.definitions[name]
  if known and known.complex == nil then
    known.complex = false -- while it is found out: a function may be defined by itself
    known.complex = occurs(session, known.st.body)
  end
  return known and known.complex and known.st or nil
end

local COMPLEX = random_conjugates.tests

--- Is a letter declared complex?
function M.declared(decls)
  for _, d in ipairs(decls) do
    for _, a in ipairs(d.attributes or {}) do
      if COMPLEX[a.name] and a.name ~= "real" then
        return true
      end
    end
  end
  return false
end

--- Do trees speak of complex letters: do they hold a conjugate, or a letter that is declared complex?
function M.concern(session, list, decls, conditions)
  for _, tree in ipairs(list) do
    if occurs(session, tree) then
      return true
    end
  end
  if M.declared(decls) then
    return true
  end
  for _, c in ipairs(conditions) do
    local call = c.tag == "not" and c[1] or c
    if call.tag == "call" and COMPLEX[call.name] and call.name ~= "analytic" then
      return true
    end
  end
  return false
end

-- Letters that a condition free(E, complex) says are real.
local function said_real(conditions, set)
  for _, c in ipairs(conditions) do
    if c.tag == "call" and c.name == "free" and c.args[2] and COMPLEX[c.args[2].name] then
      for _, leaf in ipairs(trees.leaves(c.args[1])) do
        set[leaf.name] = true
      end
    end
  end
  return set
end

-- Has no complex letter this attribute: does complex, or an attribute that it implies, exclude it?
local function is_excluded(session, name)
  local exclusions = session.exclusions
  for implied in pairs(session.implications.complex or {}) do
    if (exclusions[implied] or {})[name] then
      return true
    end
  end
  return (exclusions.complex or {})[name]
end

--- The letters of a statement that are complex, each with the set of its attributes that concern its conjugate: those that are
-- declared, and all others where nothing is declared so.
-- @tparam table problem of nabla.check.problem
-- @tparam boolean declared only letters that are declared complex
function M.letters(problem, declared)
  local session, set = problem.checker.session, {}
  local real = said_real(problem.conditions, {})
  for _, d in ipairs(problem.decls) do
    local has, complex, excluded = {}, false, false
    for _, name in ipairs(problem.wanted[d.name] or {}) do
      has[name] = true
      complex = complex or COMPLEX[name] and name ~= "real"
      excluded = excluded or name == "real" or is_excluded(session, name)
      for implied in pairs(session.implications[name] or {}) do
        excluded = excluded or is_excluded(session, implied)
      end
    end
    local number = d.kind == "number" or problem.index[d.name] or problem.integer[d.name]
    number = number or d.kind == "operator" or d.of
    if not number and not real[d.name] and not excluded and (complex or not declared) then
      set[d.name] = has
    end
  end
  return set
end

--- The environment in which letters and their conjugates are exchanged.
function M.exchanged(env)
  local e = env:with {}
  e.vars = setmetatable({}, {
    __index = function(_, name)
      local partner = env.partners[name]
      if partner ~= nil then
        return partner
      end
      return env.vars[name]
    end,
  })
  e.partners = {}
  for name in pairs(env.partners) do
    e.partners[name] = env.vars[name]
  end
  e.directions = setmetatable({}, { __index = env.directions })
  e.turned = not env.turned -- the imaginary unit is its negative
  e.partner_directions = {}
  for name, direction in pairs(env.directions) do
    e.directions[name] = env.partner_directions[name] or direction
    e.partner_directions[name] = env.partner_directions[name] and direction
  end
  return e
end

--- The value of a tree where letters and their conjugates are exchanged.
function M.value_exchanged(env, tree)
  local name = tree.tag == "name" and tree.name
  local value = name and (env.partners[name] or env.vars[name])
  return value or M.exchanged(env):value(tree)
end

--- An environment in which a letter takes one value after another, and its conjugate too where it is tied to the letter.
-- @treturn table the environment
-- @treturn function gives the letter a value
function M.moving(env, name)
  local e, tie = env:with {}, env.ties[name]
  if tie then
    e = M.with_partners(e, {})
  end
  return e, function(value)
    e.vars[name] = value
    if tie then
      e.partners[name] = tie(value)
    end
  end
end

--- An environment in which the conjugates of some letters have other values.
function M.with_partners(env, values)
  local e = env:with {}
  e.partners = {}
  for name, v in pairs(env.partners) do
    e.partners[name] = values[name] or v
  end
  return e
end

--- May an operator be applied where letters and their conjugates have independent values? It is analytic, or its arguments are real.
function M.analytic(env, ast, op)
  if complex_letters.is_holomorphic(env.session, op.name) or op.body and not op.standard then
    return true
  end
  local other = M.exchanged(env)
  for i, arg in ipairs(ast.args) do
    local p = op.params[i]
    local is_value = not (p and (p.operator or p.dimension or p.index))
    if is_value and not random_conjugates.tests.real(env:value(arg), other:value(arg)) then
      return false
    end
  end
  return true
end

--- The letter of which a tree is the conjugate, in an environment; or nil.
function M.conjugated(env, tree)
  local name = tree.tag == "call" and env.partners and M.is_conjugate(env.session, tree.name) and tree.args[1].name
  return name and env.partners[name] and name or nil
end

--- The value of a function whose definition holds a conjugate.
function M.defined(env, st, args)
  local values, partners = {}, {}
  local other = M.exchanged(env)
  for i, p in ipairs(st.params) do
    values[p.name], partners[p.name] = env:value(args[i]), other:value(args[i])
  end
  local e = env:with(values)
  e.partners = partners
  return e:value(st.body)
end

return M
