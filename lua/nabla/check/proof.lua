--- Proofs by numbers: each statement of a rule file is instantiated with random matrices and evaluated.
--
-- nabla.check.problem makes the instances. The trees of a statement are evaluated as they are written
-- (nabla.check.tree_value): no rule takes part, neither the one in question nor another. Two sides agree if they
-- differ by at most TOLERANCE of their size.
--
-- Invariant: "proved" means that ROUNDS instances were found and evaluated, and agreed; where none was found, the verdict is "not
-- checkable", with the reason.
--
-- @module nabla.check.proof

local distance = require "nabla.compare.distance"
local errors = require "nabla.text.errors"
local floating = require "nabla.numeric.arithmetic"
local random_matrix = require "nabla.compare.random_matrix"
local residue = require "nabla.exact.arithmetic"

local M = {}

--- How far two sides may differ, relative to their size.
M.TOLERANCE = 1e-6
--- Instances for each statement.
M.ROUNDS = 4
local MORE_ROUNDS = 10 -- where conditions or numbers choose between cases
local TRIES = 400 -- for an instance that satisfies the conditions
local EXACT_TRIES = 120 -- for one modulo a prime
local SMALL_TRIES = 200 -- for a counterexample of small numbers

local PROVED, FAILED, OPEN = "proved", "failed", "not checkable"

-- ---------------------------------------------------------------------------------------------- answers

local FEW_ENTRIES = 6 -- that are shown

-- Two values that differ, in words: all entries while they are few, else the entry that `apart` finds furthest apart.
local function both(A, a, b, apart)
  if #a <= FEW_ENTRIES and #b <= FEW_ENTRIES then
    return string.format("%s and %s", A:text(a), A:text(b))
  end
  local worst, at = -1, 1
  for k = 1, #a do
    local d = apart(a[k], b[k])
    if d > worst then
      worst, at = d, k
    end
  end
  local i, j = (at - 1) % a.rows + 1, (at - 1) // a.rows + 1
  local x, y = A:text(A:from(a[at])), A:text(A:from(b[at]))
  return string.format("entry (%d,%d) of %d x %d is %s and %s", i, j, a.rows, a.cols, x, y)
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
    local function apart(x, y)
      return residue.equal(residue.new(""):from(x), residue.new(""):from(y)) and 0 or 1
    end
    return false, both(setmetatable({ text = residue.text }, { __index = residue.new "" }), a, b, apart)
  end
  local apart = distance.mixed(a, b)
  if not apart then
    return nil, "a value is not a number"
  elseif apart <= M.TOLERANCE then
    return true
  elseif apart == math.huge then
    return false, string.format("one side is %d x %d, the other %d x %d", a.rows, a.cols, b.rows, b.cols)
  end
  local complex = type(a) == "table"
  local function difference(x, y)
    return complex and (x - y):size() or math.abs(x - y)
  end
  local A = complex and require "nabla.numeric.complex_arithmetic" or floating
  return false, string.format("%s, distance %.2g", both(A, a, b, difference), apart), a
end

--- A proof in words; its `how` is "modulo", "floating", or "value" for what only has to have a value.
function M.proof_text(proof)
  local text
  if proof.how == "modulo" then
    text = ("modulo %s (%d instances, accident at most %.0e)"):format(
      proof.modulus or "2^61-1",
      proof.instances,
      proof.chance
    )
  elseif proof.how == "floating" then
    text = string.format("in floating point (%d instances, tolerance %.0e)", proof.instances, proof.tolerance)
  end
  return text or "(" .. proof.note .. ")"
end

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

-- How many instances a proof needs.
local function rounds_of(problem)
  local rounds = (#problem.conditions > 0 or problem.counts or next(problem.integer)) and MORE_ROUNDS or M.ROUNDS
  for _, d in ipairs(problem.decls) do
    rounds = d.kind == "number" and MORE_ROUNDS or rounds
  end
  return rounds
end

-- ---------------------------------------------------------------------------------------------- modulo a prime

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
local function small_counterexample(problem, test, r)
  local A = residue.new ""
  local source = random_matrix.source(A, r, "few")
  for try = 1, SMALL_TRIES do
    source.deficient = try % 2 == 0
    A:again("few " .. try)
    local ok, env = errors.attempt(problem.instance, problem, 1, try, source)
    if ok and env and not env.dropped and not env.unmet then
      local ran, right, detail = errors.attempt(test, env, 1)
      if ran and right == false and A:rational_so_far() then
        return detail .. "; " .. problem:describe(env)
      end
    end
  end
end

-- A test of a problem's instances with values of a source.
local Search = {}
Search.__index = Search

-- One instance: true, false, nil (try another one) or "inexact"; why or how it fails; the instance.
function Search:attempt(key, round, try)
  self.A:again(key)
  chance = 0
  local ok, env, reason = errors.attempt(self.problem.instance, self.problem, round, try, self.source)
  local ran, right, detail = ok, nil, nil
  if ok and env then
    ran, right, detail = errors.attempt(run, self.test, env, round)
  elseif not ok then
    right, env = env, nil
  end
  if ran then
    return right, env and detail or reason, env
  end
  right = residue.reason(right)
  if right.inexact or right.open then
    return "inexact", right.message
  elseif right.shape and env and env.general and not env.unmet then
    return false, "the shapes do not fit: " .. right.message, env
  end
  return nil, right.message
end

-- As many instances as a proof needs: the results of `exactly`.
function Search:run()
  local problem, A = self.problem, self.A
  local rounds, done, tries, worst, confirm = rounds_of(problem), 0, 0, 0, false
  local why = "no instance was found"
  while done < rounds and tries < EXACT_TRIES + 20 * done do
    tries = tries + 1
    local right, detail, env = self:attempt("all " .. tries, done + 1, tries - 3 * done)
    if right then
      worst, confirm = math.max(worst, chance), confirm or next(A.opaque) ~= nil or env and env.dropped
      done = right ~= "inexact" and done + 1 or done
      if A.rank_matters then
        self.source.deficient = true
        local again, how, other = self:attempt("deficient " .. tries, done, 1)
        if again == false then
          right, detail, env = again, how, other
        end
        self.source.deficient = false
      end
    end
    if right == "inexact" then
      return nil, detail
    elseif right == false then
      if env.unmet then
        return nil, env.unmet
      elseif not A:rational_so_far() then
        return nil, A.roots > 0 and "square roots take part" or "transcendental functions take part"
      end
      local small = small_counterexample(problem, self.test, self.source.r)
      if small then
        return FAILED, small
      elseif env.dropped then
        return nil, "a condition needs an order"
      end
      return FAILED, detail .. "; " .. problem:describe(env)
    elseif not right then
      why = detail or why
    end
  end
  if done < rounds then
    return nil, why
  end
  local proof = { how = "modulo", instances = done, chance = math.min(worst, 1), modulus = residue.modulus() }
  return PROVED, proof, confirm
end

-- Run a test modulo a prime: the verdict, nil where this arithmetic gives none; a proof, a counterexample, or the reason; is a
-- proof to be confirmed in floating point? It is where transcendental functions take part, of which only their derivatives are used,
-- or where a condition that needs an order was left out.
local function exactly(problem, test)
  local seed = problem.checker.random:unit() .. ""
  local A = residue.new ""
  local function search()
    local source = random_matrix.source(A, random_matrix.random(seed), "all")
    return setmetatable({ problem = problem, test = test, A = A, source = source }, Search):run()
  end
  A.free_signs = true
  local verdict, detail, confirm = search()
  if not verdict and A.opaque.sign then
    A.free_signs = false
    verdict, detail, confirm = search()
  end
  return verdict, detail, confirm
end

-- ---------------------------------------------------------------------------------------------- floating point

-- Smaller steps of finite differences, as parts of the usual one.
local SMALLER = { 5, 25, 125, 625 }

-- Does a test that failed on an instance fail for smaller steps, too? Where `side`, the value of one side, moves with the step, a still
-- smaller one is tried: the function is steep, or a kink or a pole is near. true: it fails; false: it holds; nil: it has no answer.
local function still_fails(test, env, round, side)
  for _, part in ipairs(SMALLER) do
    env.step = floating.STEP / part
    local ran, right, _, other = errors.attempt(test, env, round)
    if not ran or right == nil then
      return nil
    elseif right then
      return false
    elseif not side or not other or (distance.mixed(side, other) or 1) < 1e-5 then
      return true
    end
    side = other
  end
  return nil
end

-- Run a test in floating point: the verdict; of a proof the number of instances, else the detail.
local function by_rounding(problem, test)
  local rounds, random = rounds_of(problem), problem.checker.random
  local why, done, tries = "no instance was found", 0, 0
  local evaluated = false -- says `why` what kept an instance from being evaluated?
  while done < rounds and tries < TRIES + 20 * done do
    tries = tries + 1
    local try = tries - 3 * done
    local ok, env, reason = errors.attempt(problem.instance, problem, done + 1, try)
    local failure = not ok and env
    if ok and env then
      local state = random.state
      local ran, right, detail, side = errors.attempt(test, env, done + 1)
      if not ran then
        failure = right
      elseif right then
        done = done + 1
        rounds = tries > 2 * done and 2 * MORE_ROUNDS or rounds -- a narrow domain: there are more cases to meet
      elseif right == nil then
        why = detail or why
      else
        random.state = state
        local fails = not env.unmet and still_fails(test, env, done + 1, side)
        if env.unmet then
          return OPEN, env.unmet
        elseif fails then
          return FAILED, detail .. "; " .. problem:describe(env)
        elseif fails == false then
          done = done + 1
        end
      end
    elseif ok and not evaluated then
      why = reason
    end
    if failure then
      if type(failure) == "table" and failure.open then
        return OPEN, failure.message
      elseif not (type(failure) == "table" and failure.trees) then
        error(failure, 0)
      end
      why, evaluated = failure.message, ok
      if ok and failure.shape and env.general and not env.unmet then
        return FAILED, "the shapes do not fit: " .. why .. "; " .. problem:describe(env)
      end
    end
  end
  if done == 0 then
    return OPEN, why
  end
  return PROVED, done
end

-- ---------------------------------------------------------------------------------------------- proofs

--- Run a test on instances of a problem: modulo a prime if the statement is rational, else in floating point.
-- @tparam table problem see nabla.check.problem
-- @tparam function test test(env, round) gives true; false and how it fails; nil and why it has no answer
-- @tparam[opt] table how { floating = true }: in floating point only
-- @return verdict; of a proof { how = "modulo" or "floating", instances =, chance =, tolerance = }, else the detail; of a failure
-- how it was found
function M.prove(problem, test, how)
  local exact_verdict, proof
  if not (how and how.floating) then
    local verdict, detail, confirm
    if problem.has_unit then
      verdict, detail, confirm = residue.with_unit(exactly, problem, test)
    else
      verdict, detail, confirm = exactly(problem, test)
    end
    if verdict and not confirm then
      return verdict, detail, { how = "modulo", instances = 1, chance = 0 }
    end
    exact_verdict, proof = verdict, detail
  end
  local verdict, detail = by_rounding(problem, test)
  if verdict == PROVED then
    return verdict,
      exact_verdict and proof or { how = "floating", instances = detail, tolerance = M.TOLERANCE, why = proof }
  end
  return verdict, detail, { how = "floating", instances = 1, tolerance = M.TOLERANCE }
end

M.PROVED, M.FAILED, M.OPEN = PROVED, FAILED, OPEN

return M
