--- Conditions by numbers: comparisons of values, and properties that a value has.
--
-- @module nabla.check.relation

local conjugates = require "nabla.check.conjugates"
local expectations = require "nabla.language.expectations"
local meaning = require "nabla.compare.meaning"
local random_conjugates = require "nabla.compare.random_conjugates"
local random_matrix = require "nabla.compare.random_matrix"

local M = {}

--- Why no test of numbers decides whether a value has a property, and what a rule file can do.
function M.no_test(session, name)
  if session.predicates[name] then
    return string.format(
      "the property %s is answered by a Lua function, which is asked about expressions, not about numbers",
      name
    )
  end
  return string.format(
    "the property %s has no meaning by numbers. State it of a matrix that is declared above: let matrix T(m,n), "
      .. "and below it attribute %s means followed by equations of T, such as T*ones(n) == ones(m)",
    name,
    name
  )
end

--- Does a condition hold in an environment? Raises what nabla.check.tree_value raises. A property without a meaning is
-- taken to hold, and `env.unmet` then says why a failure proves nothing.
-- @tparam table env of nabla.check.tree_value
-- @tparam table condition a tree
-- @tparam table checker
function M.holds(env, condition, checker)
  local negated = condition.tag == "not"
  local c = negated and condition[1] or condition
  local truth
  if c.tag == "compare" then
    truth = meaning.relations[c.op](env.arithmetic, env:value(c[1]), env:value(c[2]))
  elseif random_matrix.written[c.name] or c.name == expectations.RANDOM then -- asked of letters, not of values
    return true
  elseif random_conjugates.tests[c.name] then
    local value = env:value(c.args[1])
    truth = random_conjugates.tests[c.name](value, conjugates.value_exchanged(env, c.args[1]))
  else
    local values = {}
    for i, arg in ipairs(c.args) do
      values[i] = env:value(arg)
    end
    local test = random_conjugates.test(c.name)
    if test then
      truth = test(table.unpack(values))
    else
      truth = meaning.test(checker.session, c.name, values[1])
    end
    if truth == nil then
      env.unmet = env.unmet or M.no_test(checker.session, c.name)
      return true
    end
  end
  return truth ~= negated
end

return M
