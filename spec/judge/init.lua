--- A numerical judge of derivatives, independent of the engine.
--
-- It shares no code with lua/ or src/: an own parser (language.lua), values for a problem (values.lua), an own
-- evaluation (evaluation.lua), numerical differentiation (differences.lua) and layouts (layouts.lua).
-- An answer is right when it has the shape and the value of the derivative for random values of the declared variables, at
-- two sets of sizes in which all dimensions differ (an exchanged index hides on square matrices).
--
--     judge.check { decl = { "matrix A(n,n)", "vector x(n)" }, expr = "x'*A*x", wrt = "x",
--                   layout = "numerator", answer = "x'*(A + A')" }        --> true, nil, error
--     judge.same("A*inv(A)", "I(n)", { "matrix A(n,n) invertible" })      --> true, nil, error
--     judge.size "x'*(A + A')"                                            --> 7
--
-- An unknown function (`vector u(m) of x`) stands for a concrete smooth function whose first derivative is
-- known in closed form. Shapes are strict: only `.*`, `./`, `.^` let a scalar meet a matrix, as in the
-- language itself.

local differences = require "spec.judge.differences"
local evaluation = require "spec.judge.evaluation"
local language = require "spec.judge.language"
local layouts = require "spec.judge.layouts"
local mistakes = require "spec.judge.mistakes"
local numeric = require "spec.judge.numeric"
local values = require "spec.judge.values"

local M = {
  parse = language.parse,
  size = language.size,
  declarations = language.declarations,
  instance = values.instance,
  evaluate = evaluation.evaluate,
}

local fail, guarded = mistakes.raise, mistakes.guarded

--- The sets of sizes. Dimension names that are not listed get a size of their own.
M.sizes = {
  { n = 3, m = 5, p = 2, q = 4, k = 6, r = 7 },
  { n = 4, m = 6, p = 5, q = 3, k = 2, r = 7 },
}

--------------------------------------------------------------------------------------------------------------
-- Derivatives of a problem
--------------------------------------------------------------------------------------------------------------

-- What body() gives, three values, from problem.memo if it was worked out for this draw of the values before.
local function remembered(self, problem, body)
  local known = problem.memo or {}
  known[self.draw] = known[self.draw] or { body() }
  return table.unpack(known[self.draw], 1, 3)
end

-- The derivative asked for in `problem`, in the instance; with the value of the expression and the doubt.
local function derivative_in(self, problem)
  local name, transposed, at = problem.wrt:match "^%s*([%a_][%w_]*)('?)(%b())%s*$"
  if not name then
    name, transposed = problem.wrt:match "^%s*([%a_][%w_]*)('?)%s*$"
  end
  name = name and evaluation.named(self, name) -- of x_k that of a member
  if not name or not self.values[name] then
    fail("%s is no variable", problem.wrt)
  end
  local second = problem.op == "hessian"
  local other = second and (problem.wrt2 and evaluation.named(self, problem.wrt2) or name)
  if other and not self.values[other] then
    fail("%s is no variable", other)
  end
  local varying = { [name] = true }
  if other then
    varying[other] = true
  end
  local F = evaluation.compile(self, M.parse(problem.expr), varying)
  local convention = problem.convention or "free"
  local structures = {}
  for variable in pairs(varying) do
    structures[variable] = convention ~= "free" and differences.structure(self.attributes[variable]) or nil
  end
  if second then
    return remembered(self, problem, function()
      return differences.second(self.values, F, name, other, structures, convention)
    end)
  end
  local jacobian, value, doubt = remembered(self, problem, function()
    return differences.first(self.values, F, name, structures[name], convention)
  end)
  local x = self.values[name]
  local m, n = x.rows, x.cols
  if at then -- one column, that of an entry
    local place = {}
    for text in at:sub(2, -2):gmatch "[^,]+" do
      place[#place + 1] = numeric.integer(M.evaluate(self, text))
    end
    local column = ((place[2] or 1) - 1) * m + place[1]
    jacobian = numeric.new(jacobian.rows, 1, function(row)
      return numeric.at(jacobian, row, column)
    end)
    m, n = 1, 1
  elseif transposed == "'" then
    jacobian, m, n = layouts.by_transpose(jacobian, m, n), n, m
  end
  return layouts.arrange(jacobian, value.rows, value.cols, m, n, self.layout), value, doubt
end

--------------------------------------------------------------------------------------------------------------
-- Draws of the values
--------------------------------------------------------------------------------------------------------------

-- The seed of a problem, from which those of its draws follow.
local function problem_key(problem)
  return problem.expr .. "/" .. problem.wrt
end

local function seed_of(key, set, number, attempt)
  return table.concat({ key, set, number, attempt }, "/")
end

-- An instance, and what names its draw: the seed, and the names that stand for whole numbers.
local function drawn(list, sizes, seed, options)
  local self, names = M.instance(list, sizes, seed, options), {}
  for name in pairs(options.whole) do
    names[#names + 1] = name
  end
  table.sort(names)
  self.draw = seed .. "|" .. table.concat(names, " ")
  return self
end

-- How the values of a problem are drawn; trees: those of its texts.
local function draw_options(problem, trees)
  local whole = {}
  for _, tree in ipairs(trees) do
    language.whole_names(tree, whole)
  end
  whole[problem.wrt] = nil
  return {
    whole = whole,
    layout = problem.layout,
    domain = problem.domain,
    at = problem.at,
    draws = problem.draws,
    skip = problem.skip,
    sizes = problem.sizes,
  }
end

-- Calls body(instance, sizes' index, draw) for each set of sizes and each draw, again with other values while
-- body returns "again". Stops at the first result that is not true. Returns true or that result, and the
-- worst error.
local function over_instances(list, key, options, body)
  local worst = 0.0
  for set, sizes in ipairs(options.sizes or M.sizes) do
    local skipped = options.skip or 0
    for number = skipped + 1, skipped + (options.draws or 2) do
      local ok, message, size
      for attempt = 1, 6 do
        local seed = seed_of(key, set, number, attempt)
        local self, trouble = guarded(drawn, list, sizes, seed, options)
        if not self then
          return false, trouble
        end
        ok, message, size = body(self)
        if ok ~= "again" then
          break
        end
      end
      if ok == "again" then
        return nil, "undecided: " .. message
      end
      if not ok then
        return ok, message, size
      end
      worst = math.max(worst, size)
    end
  end
  return true, nil, worst
end

--------------------------------------------------------------------------------------------------------------
-- Judging
--------------------------------------------------------------------------------------------------------------

-- Largest difference, as a share of the larger of the two (or of `floor`, below which a value counts as 0).
local function distance(a, b, floor)
  local scale = math.max(numeric.magnitude(a), numeric.magnitude(b), floor)
  return numeric.magnitude(numeric.subtract(a, b)) / scale
end

-- The tree of a text; what is wrong in it is said with the name of the text.
local function parsed(name, text)
  local tree, trouble = guarded(M.parse, text)
  return tree or fail("%s: %s", name, trouble)
end

--- Is `answer` the derivative of `expr` by `wrt` in `layout`?
--
-- Fields of the problem: decl (list of declarations), expr, wrt (may be `x'` or `X(i,j)`), layout (numerator,
-- denominator, mixed, vec, block, block_t, block_f), answer; optional op ("hessian"), wrt2 (its second
-- variable), convention (free, entries, projected), domain (name -> where its values come from), at (name ->
-- the value to judge at), tolerance, draws, skip (draws to leave out), memo (a table that keeps the numerical
-- derivatives of one problem, for its other layouts and answers).
-- Returns true, nil and the relative error; false, a message and perhaps the error; nil and a message when
-- the derivative could not be worked out numerically.
function M.check(problem)
  local texts, trouble = guarded(function()
    return {
      decl = M.declarations(problem.decl),
      answer = parsed("answer", problem.answer),
      expr = parsed("problem", problem.expr),
    }
  end)
  if not texts then
    return false, trouble
  end
  local tolerance = problem.tolerance or 1e-6
  local options = draw_options(problem, { texts.expr, texts.answer })
  return over_instances(texts.decl, problem_key(problem), options, function(self)
    local right, value, doubt = guarded(derivative_in, self, problem)
    if not right then
      if value:find "singular" or value:find "principal" then
        return "again", value
      end
      return false, "problem: " .. value
    end
    local floor = 1e-3 * math.max(1, numeric.magnitude(value))
    if not (numeric.is_finite(right) and numeric.is_finite(value)) then
      return "again", "not finite"
    end
    if doubt > 0.1 * tolerance * math.max(numeric.magnitude(right), floor) then
      return "again", "not smooth"
    end
    local got, message = guarded(M.evaluate, self, texts.answer)
    if not got then
      return false, "answer: " .. message
    end
    if got.rows ~= right.rows or got.cols ~= right.cols then
      return false,
        string.format("the answer is %d x %d, not %d x %d", got.rows, got.cols, right.rows, right.cols)
    end
    if not numeric.is_finite(got) then
      return false, "the answer is not finite"
    end
    local size = distance(got, right, floor)
    if size > tolerance then
      return false, string.format("the value differs, relative error %.2g", size), size
    end
    return true, nil, size
  end)
end

--- The derivative of a problem (as for check, without `answer`) for one draw of the values, worked out
-- numerically: the draw at which `check` looks first for that set of sizes.
-- Returns it, the value of the expression, an estimate of the error; or nil and a message.
function M.derivative(problem, set)
  return guarded(function()
    local list, tree = M.declarations(problem.decl), M.parse(problem.expr)
    set = set or 1
    local seed = seed_of(problem_key(problem), set, 1, 1)
    local self = drawn(list, (problem.sizes or M.sizes)[set], seed, draw_options(problem, { tree }))
    return derivative_in(self, problem)
  end)
end

--- Have two expressions the same shape and value? `options`: layout, domain, at, tolerance, draws.
-- Returns as check does.
function M.same(a, b, decl, options)
  local texts, trouble = guarded(function()
    return { decl = M.declarations(decl), a = M.parse(a), b = M.parse(b) }
  end)
  if not texts then
    return false, trouble
  end
  local given = options or {}
  options = { whole = language.whole_names(texts.a, language.whole_names(texts.b, {})) }
  for key, value in pairs(given) do
    options[key] = value
  end
  local tolerance = options.tolerance or 1e-8
  return over_instances(texts.decl, a .. "/" .. b, options, function(self)
    local first, second
    first, trouble = guarded(M.evaluate, self, texts.a)
    if not first then
      return false, trouble
    end
    second, trouble = guarded(M.evaluate, self, texts.b)
    if not second then
      return false, trouble
    end
    if first.rows ~= second.rows or first.cols ~= second.cols then
      return false, string.format("%d x %d and %d x %d", first.rows, first.cols, second.rows, second.cols)
    end
    local finite, other = numeric.is_finite(first), numeric.is_finite(second)
    if not finite and not other then
      return "again", "not finite"
    end
    if finite ~= other then
      return false, "one of the two is not finite"
    end
    local size = distance(first, second, 1e-6)
    if size > tolerance then
      return false, string.format("the values differ, relative error %.2g", size), size
    end
    return true, nil, size
  end)
end

return M
