--- Means by numbers: the values that random letters take together.
--
-- A mean is a sum over cases, each with a weight; the weights add up to 1. Of letters of which nothing is known, or the mean, three cases
-- of random values do: what is stated of all distributions holds of these too. Where a covariance is known, the cases come from its
-- entries: a symmetric matrix is a sum of dyads u*u' with u = e_i or e_i + e_j, whose coefficients are linear in the entries, and each
-- dyad is the covariance of two values on the line of u, of mean 0 and of third moment other than 0. The weights may be negative: what
-- is stated of moments is an identity of polynomials. So a derivative by a mean or a covariance is right as well.
--
-- @module nabla.check.random_letters

local expectations = require "nabla.language.expectations"
local known_letters = require "nabla.rules.known_letters"
local loaders = require "nabla.rules.loader"
local random_matrix = require "nabla.compare.random_matrix"

local M = {}

local CASES = 3 -- where no covariance is known

-- ---------------------------------------------------------------------------------------------- declarations

--- Take what is known of letters out of declarations, and declare the values that nothing declares.
-- @tparam table session
-- @tparam table known name -> declaration, all that are in force; changed
function M.declare(session, known)
  local loader, list = loaders.new(session, ""), {}
  for _, name in ipairs(loaders.keys(known)) do
    known_letters.take(loader, known[name])
    list[#list + 1] = known[name]
  end
  known_letters.declare(loader, known, list)
end

--- Is an operator the mean itself, not a function that its body says by means?
function M.is_mean(op)
  return op.expectation and not op.stands_for_body
end

--- The random letters of a problem: name -> { mean = the letter that is its mean, or "0", or a tree; covariance = the same }.
-- @tparam table problem of nabla.check.problem
function M.of(problem)
  local session, found = problem.checker.session, {}
  local loader = loaders.new(session, "")
  for _, d in ipairs(problem.decls) do
    for _, attribute in ipairs(problem.wanted[d.name]) do
      if attribute == expectations.RANDOM or loader:implied(attribute)[expectations.RANDOM] then
        local known = {}
        for _, value in ipairs(d.known or {}) do
          known[M.is_mean(session.ops[value.operator]) and "mean" or "covariance"] =
            value.expression or value.value
        end
        found[d.name] = known
      end
    end
  end
  return found
end

-- ---------------------------------------------------------------------------------------------- cases

-- What is known: the value of a letter or of a tree.
local function value_of(env, known)
  return type(known) == "table" and env:value(known) or env.vars[known]
end

-- The value about which those of a letter lie.
local function centre(env, name, known)
  local v = env.vars[name]
  if known.mean == "0" then
    return env.arithmetic:zeros(v.rows, v.cols)
  end
  return known.mean and value_of(env, known.mean) or v
end

-- The changes of a letter in three cases, which add up to 0 where its mean is known.
local function changes_of(env, name, known)
  local list = env.changes[name]
  if not list then
    list = {}
    for k = 1, CASES do
      list[k] = env:random_like(env.vars[name])
    end
    if known.mean then
      local sum = list[1]
      for k = 2, CASES - 1 do
        sum = sum + list[k]
      end
      list[CASES] = sum * -1
    end
    env.changes[name] = list
  end
  return list
end

local function few_cases(env, names)
  local A, cases = env.arithmetic, {}
  local weight = A:from(1) / CASES
  local in_order = loaders.keys(names) -- what is drawn is the same in each run
  for k = 1, CASES do
    local vars = {}
    for _, name in ipairs(in_order) do
      local known = env.random and env.random[name] or {}
      vars[name] = centre(env, name, known) + changes_of(env, name, known)[k]
    end
    cases[k] = { vars = vars, weight = weight }
  end
  return cases
end

-- The entries of all random letters in one column: where each letter begins; how many there are. A letter whose covariance is 0 does not
-- change.
local function entries_of(env)
  local places, count = {}, 0
  for _, name in ipairs(loaders.keys(env.random)) do
    local v, known = env.vars[name], env.random[name]
    if v and known.covariance ~= "0" then
      places[#places + 1] = { name = name, first = count, rows = v.rows, size = #v, known = known,
        covariance = known.covariance and value_of(env, known.covariance) }
      count = count + #v
    end
  end
  return places, count
end

-- What is drawn once for an instance: the covariances that nothing states, how far the two values on each line are, and one more line.
local function draw_joint(env, count)
  local r = env.source.r
  local drawn = { sigma = {}, near = {}, extra = {} }
  for i = 1, count do
    drawn.sigma[i] = {}
    for j = 1, i do
      drawn.sigma[i][j] = r:integer(-3, 3)
    end
    drawn.extra[i] = r:integer(1, 3)
  end
  for k = 1, count * (count + 1) // 2 + 1 do
    drawn.near[k] = r:integer(1, 2)
  end
  return drawn
end

-- An entry of a covariance, a 1 x 1 value. In a derivative by its entries as if they were independent a covariance changes to what is
-- none.
local function entry_of_symmetric(A, S, i, j)
  local function entry(k, l)
    return A:build(1, 1, function()
      return S(k, l)
    end)
  end
  if i ~= j and not random_matrix.tests.zero(entry(i, j) - entry(j, i)) then
    error({ trees = true, open = true, message = "a mean has no value where a covariance is not symmetric" }, 0)
  end
  return entry(i, j)
end

-- The joint covariance: a function of i and j that gives 1 x 1 values. The line `extra` has its own part of it.
local function joint_covariance(env, places, drawn)
  local A, block = env.arithmetic, {}
  for _, place in ipairs(places) do
    for k = 1, place.size do
      block[place.first + k] = place
    end
  end
  return function(i, j)
    local place = block[i]
    local value
    if place == block[j] and place.known.covariance then
      value = entry_of_symmetric(A, place.covariance, i - place.first, j - place.first)
    else
      value = A:from(drawn.sigma[math.max(i, j)][math.min(i, j)])
    end
    return value - A:from(drawn.extra[i] * drawn.extra[j])
  end
end

local function joint_cases(env, names)
  local A = env.arithmetic
  local places, count = entries_of(env)
  env.changes.joint = env.changes.joint or draw_joint(env, count)
  local drawn = env.changes.joint
  local sigma, cases, rest = joint_covariance(env, places, drawn), {}, A:from(1)
  local function case(line, factor, weight)
    local vars = {}
    for name in pairs(names) do
      vars[name] = centre(env, name, env.random[name])
    end
    for _, place in ipairs(places) do
      if names[place.name] then
        local v = vars[place.name]
        vars[place.name] = v + A:build(v.rows, v.cols, function(i, j)
          return A:from(factor * (line[place.first + (j - 1) * place.rows + i] or 0))
        end)
      end
    end
    cases[#cases + 1] = { vars = vars, weight = weight }
  end
  local lines = 0
  -- on the line of u, of covariance c*u*u': a*u with weight c/(a*(a + b)), and -b*u with c/(b*(a + b))
  local function two_values(line, c)
    lines = lines + 1
    local a = drawn.near[lines]
    local b = 3 - a
    local one, other = c / (a * (a + b)), c / (b * (a + b))
    case(line, a, one)
    case(line, -b, other)
    rest = rest - one - other
  end
  for i = 1, count do
    local left = sigma(i, i)
    for j = 1, count do
      left = j ~= i and left - sigma(i, j) or left
    end
    two_values({ [i] = 1 }, left)
    for j = 1, i - 1 do
      two_values({ [i] = 1, [j] = 1 }, sigma(i, j))
    end
  end
  two_values(drawn.extra, A:from(1))
  case({}, 0, rest)
  return cases
end

--- The cases over which a mean is taken.
-- @tparam table env an instance (nabla.check.tree_value)
-- @tparam table names the set of the random letters in what the mean is of
-- @treturn {table,...} { vars = name -> value, weight = 1 x 1 }
function M.cases(env, names)
  for _, known in pairs(env.random or {}) do
    if known.covariance then
      return joint_cases(env, names)
    end
  end
  return few_cases(env, names)
end

return M
