--- Attributes that a rule file gives a meaning by numbers: tests of them, and values that have them.
--
--     let matrix T(m,n)
--     attribute onehot means T*ones(n) == ones(m), T.*T == T
--
-- A value is found by solving the equations: modulo a prime those that are linear, with random values for what they leave open; all
-- others in floating point, from random starts (Levenberg and Marquardt). Where the entries found are small fractions, such as 0
-- and 1, they are values modulo a prime, too. Conditions that are no equations, and attributes that a meaning implies, are tested;
-- what nabla knows of these is in nabla.compare.random_matrix.
--
-- @module nabla.compare.meaning

local errors = require "nabla.text.errors"
local exact = require "nabla.exact.evaluate"
local floating = require "nabla.numeric.arithmetic"
local matrix = require "nabla.numeric.matrix"
local random_matrix = require "nabla.compare.random_matrix"
local residue = require "nabla.exact.arithmetic"

local M = {}

local STARTS = 12 -- for a solution in floating point
local STEPS = 60 -- from each start
local SLOW = 8 -- steps without much progress
local SMALL = 1e-11 -- a residual that counts as none
local LARGEST_DENOMINATOR = 12
local LARGEST_MULTIPLE = 1000 -- of a start in a cone, and of its inverse

-- ---------------------------------------------------------------------------------------------- relations

--- Comparisons of two values in an arithmetic.
M.relations = {
  ["=="] = function(A, a, b)
    return A:close(a, b)
  end,
  ["<"] = function(A, a, b)
    return A:less(a, b)
  end,
  ["<="] = function(A, a, b)
    return not A:less(b, a)
  end,
  ["!="] = function(A, a, b)
    return not A:close(a, b)
  end,
  [">"] = function(A, a, b)
    return A:less(b, a)
  end,
  [">="] = function(A, a, b)
    return not A:less(a, b)
  end,
}

-- ---------------------------------------------------------------------------------------------- what a meaning says

-- An attribute and all that it implies.
local function closure(session, name, set)
  set = set or {}
  if not set[name] then
    set[name] = true
    for other in pairs(session.implications[name] or {}) do
      closure(session, other, set)
    end
  end
  return set
end

--- Has any attribute of a set a meaning that a rule file gives?
function M.is_stated(session, has)
  for name in pairs(has) do
    for other in pairs(closure(session, name)) do
      if session.meanings[other] then
        return true
      end
    end
  end
  return false
end

-- The sizes that a value gives to the names in the sizes of a meaning's matrix; nil where its sizes are others.
local function sizes_of(meaning, value)
  local d, dims = meaning.variable, {}
  for i, size in ipairs { d.rows, d.cols or { tag = "number", text = "1" } } do
    local count = i == 1 and value.rows or value.cols
    if size.tag == "number" and tonumber(size.text) ~= count then
      return nil
    elseif size.tag == "name" then
      if dims[size.name] and dims[size.name] ~= count then
        return nil
      end
      dims[size.name] = count
    end
  end
  return dims
end

-- The values of all nodes of a meaning where its matrix has a value; nil where that has other sizes.
local function nodes_at(session, meaning, value, A)
  local dims = sizes_of(meaning, value)
  if not dims then
    return nil
  elseif A.exact then
    local given = { values = { [meaning.variable.name] = value }, dims = dims }
    function given.attributes()
      return {}
    end
    return exact.values(A, session, meaning.nodes, given)
  end
  meaning.program = meaning.program or assert(session:compile(meaning.handles, { nan = true }))
  local values = { [meaning.variable.name] = value }
  for name, v in pairs(dims) do
    values[name] = v
  end
  local list = table.pack(meaning.program(values))
  for i = 1, list.n do
    list[i] = type(list[i]) == "number" and floating:from(list[i]) or matrix(list[i])
  end
  return list
end

local tests = residue.new "meanings"

-- Does a value satisfy the conditions of a meaning?
local function satisfies(session, meaning, value)
  local A = random_matrix.is_exact(value) and tests or floating
  local values = nodes_at(session, meaning, value, A)
  for _, condition in ipairs(values and meaning.conditions or {}) do
    local a = values[condition.a]
    local relation = M.relations[condition.op]
    local truth = relation and relation(A, a, values[condition.b])
    if not relation then
      truth = M.test(session, condition.property, a)
    end
    if truth == nil or truth == condition.negated then
      return false
    end
  end
  return values ~= nil
end

--- Has a value the attribute of that name? nil where nothing says what that means.
function M.test(session, name, value)
  local known = false
  for other in pairs(closure(session, name)) do
    local meaning, test = session.meanings[other], random_matrix.tests[other]
    if meaning and not satisfies(session, meaning, value) or not meaning and test and not test(value) then
      return false
    end
    known = known or meaning ~= nil or other == name and test ~= nil
  end
  return known or nil
end

-- ---------------------------------------------------------------------------------------------- equations

-- The attributes of nabla's own that are equations: what is zero for a matrix that has them.
local equations = {
  symmetric = function(a)
    return a - a.T
  end,
  skew = function(a)
    return a + a.T
  end,
  orthogonal = function(a, A)
    return a.T * a - A:eye(a.rows)
  end,
  orthonormal = function(a, A)
    return a.T * a - A:eye(a.cols)
  end,
  idempotent = function(a)
    return a * a - a
  end,
}
local function masked(keep)
  return function(a, A)
    return A:build(a.rows, a.cols, function(i, j)
      return keep(i, j) and a(i, j) or 0
    end)
  end
end
equations.lower = masked(function(i, j)
  return j > i
end)
equations.upper = masked(function(i, j)
  return i > j
end)
equations.diagonal = masked(function(i, j)
  return i ~= j
end)

-- All that is zero for a value with these attributes: a list of entries; nil where the sizes are none of theirs.
local function residual(session, names, value, A)
  local list = {}
  local function add(a)
    for k = 1, #a do
      list[#list + 1] = a[k]
    end
  end
  for _, name in ipairs(names) do
    local meaning, equation = session.meanings[name], equations[name]
    if meaning then
      local values = nodes_at(session, meaning, value, A)
      if not values then
        return nil
      end
      for _, c in ipairs(meaning.conditions) do
        if c.op == "==" and not c.negated then
          add(values[c.a] - values[c.b])
        elseif c.property and equations[c.property] and not c.negated then
          add(equations[c.property](values[c.a], A))
        end
      end
    elseif equation then
      add(equation(value, A))
    end
  end
  return list
end

-- ---------------------------------------------------------------------------------------------- floating point

local function norm(list)
  local sum = 0
  for _, v in ipairs(list) do
    sum = sum + v * v
  end
  return sum
end

-- The columns of the Jacobian of f at x, by differences.
local function slopes(f, x, at)
  local columns, step = {}, 1e-6
  for k = 1, #x do
    local kept = x[k]
    x[k] = kept + step
    local there = f(x)
    x[k] = kept
    columns[k] = {}
    for i, v in ipairs(there) do
      columns[k][i] = (v - at[i]) / step
    end
  end
  return columns
end

-- The step that Levenberg and Marquardt take, damped by lambda.
local function damped_step(columns, at, lambda)
  local n, lines, right = #columns, {}, {}
  for i = 1, n do
    lines[i] = {}
    for j = 1, n do
      local sum = i == j and lambda or 0
      for k = 1, #at do
        sum = sum + columns[i][k] * columns[j][k]
      end
      lines[i][j] = sum
    end
    local sum = 0
    for k = 1, #at do
      sum = sum + columns[i][k] * at[k]
    end
    right[i] = { sum }
  end
  return floating:solve(matrix(lines), matrix(right))
end

-- A zero of f near x, or nil.
local function zero_near(f, x)
  local at, lambda, slow = f(x), 1e-3, 0
  for _ = 1, STEPS do
    local size = norm(at)
    if size < SMALL * SMALL then
      return x
    elseif slow > SLOW then
      return nil
    end
    local step = damped_step(slopes(f, x, at), at, lambda)
    local trial = {}
    for k = 1, #x do
      trial[k] = x[k] - (step and step[k] or 0)
    end
    local there = f(trial)
    slow = norm(there) > 0.9 * size and slow + 1 or 0
    if norm(there) < size then
      x, at, lambda = trial, there, math.max(lambda / 5, 1e-15)
    else
      lambda = lambda * 6
      if lambda > 1e8 then
        return nil
      end
    end
  end
  return nil
end

-- Entries that are small fractions, as pairs { numerator, denominator }; nil where one is none.
local function fractions(x)
  local list = {}
  for k, v in ipairs(x) do
    for d = 1, LARGEST_DENOMINATOR do
      local n = math.floor(v * d + 0.5)
      if math.abs(v * d - n) < 1e-7 then
        list[k] = { n, d }
        break
      end
    end
    if not list[k] then
      return nil
    end
  end
  return list
end

-- Attributes that are no equations and that positive multiples keep.
local CONES = { "nonnegative", "positive", "psd", "spd" }

local function are_cones(own)
  for _, name in ipairs(CONES) do
    if own[name] then
      return true
    end
  end
  return false
end

-- The positive multiple of a start at which its equations are nearest to being satisfied: a solution from there need not leave the
-- cone that the start is in.
local function best_multiple(session, names, start)
  local function size_at(factor)
    return norm(residual(session, names, start * factor, floating))
  end
  local best, least, exponent = 1, size_at(1), 4
  while exponent > 1e-9 do
    local found = false
    for _, factor in ipairs { best * 2 ^ exponent, best / 2 ^ exponent } do
      local size = factor < LARGEST_MULTIPLE and 1 / factor < LARGEST_MULTIPLE and size_at(factor) or math.huge
      if size < least then
        best, least, found = factor, size, true
      end
    end
    exponent = found and exponent or exponent / 2
  end
  return start * best
end

-- A value by equations in floating point, a list of entries.
local function solved(session, names, start)
  local rows, cols, x = start.rows, start.cols, {}
  for k = 1, #start do
    x[k] = start[k]
  end
  local function f(entries)
    local value = floating:build(rows, cols, function(i, j)
      return entries[(j - 1) * rows + i]
    end)
    return residual(session, names, value, floating)
  end
  return zero_near(f, x)
end

-- ---------------------------------------------------------------------------------------------- modulo a prime

-- A column of residues.
local function column(A, list)
  return A:build(#list, 1, function(i)
    return list[i]
  end)
end

-- A solution of equations that are linear: random but for the entries that the equations then say. nil where they are not linear
-- or have none.
local function linear_solution(session, names, start, A)
  local rows, cols, n = start.rows, start.cols, #start
  local function at(entries)
    local list = residual(
      session,
      names,
      A:build(rows, cols, function(i, j)
        return entries((j - 1) * rows + i)
      end),
      A
    )
    return list and list[1] and column(A, list)
  end
  local origin = at(function()
    return 0
  end)
  if not origin then
    return nil
  end
  local columns, sum = {}, origin
  for k = 1, n do
    columns[k] = at(function(i)
      return i == k and 1 or 0
    end) - origin
    sum = sum + columns[k] * start[k]
  end
  local here = at(function(i)
    return start[i]
  end)
  if not A:close(sum, here) then
    return nil
  end
  local chosen, lines = {}, nil
  local function matrix_of(list)
    return A:build(#here, #list, function(i, j)
      return columns[list[j]](i, 1)
    end)
  end
  for k = 1, n do
    chosen[#chosen + 1] = k
    local trial = matrix_of(chosen)
    if A:rank(trial) < #chosen then
      chosen[#chosen] = nil
    else
      lines = trial
    end
  end
  local correction = lines and A:solve(lines, here)
  if not correction or not A:close(lines * correction, here) then
    return nil
  end
  local entries = {}
  for k = 1, n do
    entries[k] = start[k]
  end
  for i, k in ipairs(chosen) do
    entries[k] = entries[k] - correction(i, 1)
  end
  return A:build(rows, cols, function(i, j)
    return entries[(j - 1) * rows + i]
  end)
end

-- ---------------------------------------------------------------------------------------------- values

-- The attributes that are drawn, in the order of their names; those that nabla draws itself, as a set.
local function sorted(session, has)
  local all, names, own = {}, {}, {}
  for name in pairs(has) do
    closure(session, name, all)
  end
  for name in pairs(all) do
    names[#names + 1] = name
    own[name] = not session.meanings[name] and random_matrix.attributes[name] or nil
  end
  table.sort(names)
  return names, own
end

-- Residues have no order: a condition that needs one is left out, and who uses the value asks again.
local function has_all(session, names, value)
  for _, name in ipairs(names) do
    local ok, truth = errors.attempt(M.test, session, name, value)
    if not ok and not (type(truth) == "table" and truth.inexact) then
      error(truth, 0)
    elseif ok and truth == false then
      return false
    end
  end
  return true
end

-- A value whose entries are what they are in floating point. Modulo a prime they must be small fractions, or there is no value: others
-- would be left out, and those that remain be special ones.
local function carried_over(source, x, rows, cols)
  local A, list = source.A, fractions(x)
  if not list then
    if source.few then
      return nil
    elseif A.exact then
      residue.inexact "the values that an attribute allows are no small fractions"
    end
    return floating:build(rows, cols, function(i, j)
      return x[(j - 1) * rows + i]
    end)
  end
  return A:build(rows, cols, function(i, j)
    local f = list[(j - 1) * rows + i]
    if not A.exact then
      return f[1] / f[2]
    end
    return A:over(A:from(f[1]), A:from(f[2]))(1, 1)
  end)
end

--- A random value with all attributes of a set, some of which have a meaning that a rule file gives; nil where none was found.
-- @tparam table session
-- @tparam table source of values (nabla.compare.random_matrix)
-- @tparam table has name -> true
-- @tparam integer rows
-- @tparam integer cols
function M.draw(session, source, has, rows, cols)
  local A = source.A
  local names, own = sorted(session, has)
  if A.exact and not source.few then
    local value = linear_solution(session, names, source:matrix(rows, cols), A)
    if value and has_all(session, names, value) then
      return value
    end
  end
  local starts = random_matrix.source(floating, source.r, "general")
  for k = 1, are_cones(own) and 2 * STARTS or STARTS do
    local start = starts:with(own, rows, cols) or starts:matrix(rows, cols)
    if not residual(session, names, start, floating) then
      return nil
    end
    local x = solved(session, names, k > STARTS and best_multiple(session, names, start) or start)
    local value = x and carried_over(source, x, rows, cols)
    if value and has_all(session, names, value) then
      return value
    end
  end
  return nil
end

return M
