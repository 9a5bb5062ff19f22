--- Values for a problem: the sizes of its declarations, and what its letters stand for.
--
-- An instance is { sizes = name -> number, values = name -> matrix, functions = name -> unknown function,
-- attributes = name -> set, layout }. An unknown function (`vector u(m) of x`) is a concrete smooth one:
-- { argument, rows, cols, argument_rows, argument_cols, value = f(v), jacobian = d vec f(v) / d (vec v)' in closed form }.
-- Invariant: the same declarations, sizes, seed and options always give the same instance; each value has the attributes
-- that it was declared with, and stays away from the places where the functions of the language are not smooth.

local mistakes = require "spec.judge.mistakes"
local numeric = require "spec.judge.numeric"
local randoms = require "spec.judge.random"

local M = {}

local fail = mistakes.raise

local function identity(n)
  return numeric.I(numeric.number(n))
end

--------------------------------------------------------------------------------------------------------------
-- Sizes
--------------------------------------------------------------------------------------------------------------

-- The value of a dimension such as m*p or n+1.
local function dimension(tree, sizes)
  local kind = tree[1]
  if kind == "number" then
    return tree[2]
  elseif kind == "name" then
    local name = tree[2]
    if not sizes[name] then
      local used = 0
      for _ in pairs(sizes) do
        used = used + 1
      end
      sizes[name] = 2 + used % 5
    end
    return sizes[name]
  elseif kind == "binary" then
    local a, b = dimension(tree[3], sizes), dimension(tree[4], sizes)
    local operator = tree[2]
    if operator == "+" then
      return a + b
    end
    if operator == "-" then
      return a - b
    end
    if operator == "*" then
      return a * b
    end
    if operator == "/" then
      return a // b
    end
    if operator == "^" then
      return math.tointeger(a ^ b)
    end
  end
  return fail "bad dimension"
end

--------------------------------------------------------------------------------------------------------------
-- Variables
--------------------------------------------------------------------------------------------------------------

local function orthonormal(random, n)
  -- The exponential of a skew matrix: no decomposition needed.
  local a = numeric.new(n, n, function()
    return random:signed(0.3, 1.2)
  end)
  return numeric.expm(numeric.subtract(a, numeric.transpose(a)))
end

-- Where the entries of a named domain come from.
local domains = {
  positive = function(random)
    return random:between(0.4, 1.4)
  end,
  unit = function(random)
    return random:between(0.1, 0.9)
  end,
  above_one = function(random)
    return random:between(1.2, 2.5)
  end,
  small = function(random)
    return random:signed(0.05, 0.3)
  end,
  binary = function(random)
    return random:chance(0.5) and 1.0 or 0.0
  end,
}

-- Domains that describe the matrix as a whole.
local whole_domains = {
  simplex = function(random, m, n)
    local a = numeric.new(m, n, function()
      return random:between(0.2, 1)
    end)
    return numeric.scale(a, 1 / numeric.sum(a)[1])
  end,
  onehot = function(random, m, n)
    local one = random:integer(m)
    return numeric.new(m, n, function(i)
      return i == one and 1.0 or 0.0
    end)
  end,
  near_identity = function(random, m, n)
    return numeric.new(m, n, function(i, j)
      return (i == j and 1 or 0) + random:signed(0.02, 0.25)
    end)
  end,
}

-- A random value. Entries stay away from 0, where abs, sign and relu are not smooth.
local function draw(random, m, n, has, domain)
  if whole_domains[domain] then
    return whole_domains[domain](random, m, n)
  end
  if domain and not domains[domain] then
    fail("unknown domain %q", domain)
  end
  if has.orthogonal then
    return orthonormal(random, n)
  end
  local entry = domains[domain or (has.positive or has.nonnegative) and "positive"]
    or function()
      return random:signed(0.3, 1.2)
    end
  local a = numeric.new(m, n, function()
    return entry(random)
  end)
  local t = numeric.transpose(a)
  local function plus_identity(b, weight)
    return numeric.add(b, numeric.scale(identity(n), weight))
  end
  if has.idempotent then
    -- B*diag(1, .., 1, 0, .., 0)*inv(B); of a symmetric one, B is orthogonal
    local b = has.symmetric and orthonormal(random, n) or plus_identity(numeric.scale(a, 0.3), 1)
    local half = numeric.new(n, n, function(i, j)
      return i == j and 2 * i <= n + 1 and 1.0 or 0.0
    end)
    local inverse = numeric.solve(b, identity(n))
    return numeric.multiply(numeric.multiply(b, half), inverse)
  end
  if has.spd then
    return plus_identity(numeric.scale(numeric.multiply(a, t), 1 / n), 0.5)
  end
  if has.psd then
    return numeric.multiply(a, t)
  end
  if has.diagonal then
    return numeric.diag(numeric.diagv(a))
  end
  if has.toeplitz then
    local function entry_at(i, j)
      local far = numeric.at(a, has.symmetric and 1 or i >= j and 1 or n, 1 + math.abs(i - j))
      return far + (i == j and has.invertible and n or 0)
    end
    return numeric.new(n, n, entry_at)
  end
  if has.lower or has.upper then
    return numeric.new(n, n, function(i, j)
      return (has.lower and i < j or has.upper and i > j) and 0.0
        or numeric.at(a, i, j) + (i == j and 1.5 or 0)
    end)
  end
  if has.skew then
    return numeric.scale(numeric.subtract(a, t), 0.5)
  end
  if has.symmetric then
    a = numeric.scale(numeric.add(a, t), 0.5)
  end
  if has.invertible then
    return plus_identity(numeric.scale(a, 0.5), 1.5)
  end
  return a
end

--------------------------------------------------------------------------------------------------------------
-- Unknown functions
--------------------------------------------------------------------------------------------------------------

-- A smooth function standing for an unknown one. In vec form, with rows a_i, c_i and numbers b_i, o_i:
--   F_i(v) = o_i + sin(a_i*v + b_i) + log(1 + (c_i*v)^2)/2,   multiplied by a fixed matrix for a symmetric F.
-- Of a symmetric argument it is a function of the symmetric part, so that its gradient is symmetric.
local function smooth_function(random, d, rows, cols, argument_rows, argument_cols, domain, of_symmetric)
  local m, n = rows * cols, argument_rows * argument_cols
  local calm = d.attributes.invertible or d.attributes.spd
  local range = calm and 0.15 or 1
  local function coefficients(columns, low, high)
    return numeric.new(m, columns, function()
      return random:signed(low, high) * range
    end)
  end
  local wave, bend = coefficients(n, 0.3, 0.9), coefficients(n, 0.3, 0.9)
  if of_symmetric then
    local size = numeric.number(argument_rows)
    local half = numeric.scale(numeric.add(identity(n), numeric.K(size, size)), 0.5)
    wave, bend = numeric.multiply(wave, half), numeric.multiply(bend, half)
  end
  local phase, offset = coefficients(1, 0.1, 1), coefficients(1, 0.1, 0.6)
  if calm then
    offset = numeric.add(offset, numeric.scale(numeric.vec(identity(rows)), 2))
  elseif domain == "positive" then
    offset = numeric.map(offset, function(o)
      return 1.5 + math.abs(o)
    end)
  end
  local mix
  if d.attributes.symmetric or d.attributes.spd or d.attributes.skew then
    local half =
      numeric.scale(numeric.K(numeric.number(rows), numeric.number(rows)), d.attributes.skew and -0.5 or 0.5)
    mix = numeric.add(numeric.scale(identity(m), 0.5), half)
  elseif d.attributes.diagonal then
    mix = numeric.diag(numeric.vec(identity(rows)))
  elseif d.attributes.orthogonal then
    fail("%s: an orthogonal unknown function is not provided for", d.name)
  end

  local f = {
    argument = d.argument,
    rows = rows,
    cols = cols,
    argument_rows = argument_rows,
    argument_cols = argument_cols,
  }

  local function checked(v)
    if v.rows ~= argument_rows or v.cols ~= argument_cols then
      fail("%s of a %d x %d argument, not %d x %d", d.name, argument_rows, argument_cols, v.rows, v.cols)
    end
    return numeric.vec(v)
  end

  -- a*v + b, and 1 + (c*v)^2 with c*v
  local function parts(v)
    local c = numeric.multiply(bend, v)
    return numeric.add(numeric.multiply(wave, v), phase), numeric.shift(numeric.times(c, c), 1), c
  end

  function f.value(v)
    local s, square = parts(checked(v))
    local y = numeric.add(offset, numeric.sin(s))
    y = numeric.add(y, numeric.scale(numeric.log(square), 0.5))
    return numeric.reshape(mix and numeric.multiply(mix, y) or y, rows, cols)
  end

  -- d vec F / d (vec v)'
  function f.jacobian(v)
    local s, square, c = parts(checked(v))
    local of_wave = numeric.multiply(numeric.diag(numeric.cos(s)), wave)
    local j = numeric.add(of_wave, numeric.multiply(numeric.diag(numeric.over(c, square)), bend))
    return mix and numeric.multiply(mix, j) or j
  end

  return f
end

--------------------------------------------------------------------------------------------------------------
-- Instances
--------------------------------------------------------------------------------------------------------------

--- The name of a member of a family: x_2, r_12, r_10_2.
function M.member(base, indices)
  local texts, long = {}, false
  for i, index in ipairs(indices) do
    texts[i] = tostring(index)
    long = long or #texts[i] > 1
  end
  return base .. "_" .. table.concat(texts, long and "_" or "")
end

-- The members of a family: each is a variable of its own, and `families` has how many there are.
local function members(self, random, d, rows, cols, domain)
  local base = d.name:match "^(.-)_"
  local firsts, lasts = {}, {}
  for k, index in ipairs(d.family) do
    firsts[k], lasts[k] = math.tointeger(tonumber(index.first[2])), dimension(index.last, self.sizes)
  end
  self.families[base] = #lasts
  for i = firsts[1], lasts[1] do
    for k = firsts[2] or 1, lasts[2] or 1 do
      local name = M.member(base, { i, lasts[2] and k or nil })
      self.values[name] = draw(random, rows, cols, d.attributes, domain)
      self.attributes[name] = d.attributes
    end
  end
end

--- An instance of declarations, as spec.judge.language reads them.
-- sizes: name -> number; a dimension name that is not listed gets a size of its own. options: layout, domain (name -> where
-- its values come from), whole (set of the scalars that are whole numbers), at (name -> the value of all its entries).
function M.instance(list, sizes, seed, options)
  options = options or {}
  local random = randoms.new(seed)
  local self =
    { sizes = {}, values = {}, functions = {}, attributes = {}, families = {}, layout = options.layout or "numerator" }
  for name, size in pairs(sizes) do
    self.sizes[name] = size
  end
  local shapes, is_symmetric = {}, {}
  for _, d in ipairs(list) do
    local rows = d.dimensions[1] and dimension(d.dimensions[1], self.sizes) or 1
    local cols = d.dimensions[2] and dimension(d.dimensions[2], self.sizes) or 1
    shapes[d.name] = { rows, cols }
    local has = d.attributes
    is_symmetric[d.name] = has.symmetric or has.spd or has.psd or has.diagonal
  end
  for _, d in ipairs(list) do
    local rows, cols = shapes[d.name][1], shapes[d.name][2]
    local domain = options.domain and options.domain[d.name]
    self.attributes[d.name] = d.attributes
    if d.family then
      members(self, random, d, rows, cols, domain)
    elseif d.argument then
      local shape = shapes[d.argument]
      if not shape then
        fail("%s depends on the undeclared %s", d.name, d.argument)
      end
      self.functions[d.name] =
        smooth_function(random, d, rows, cols, shape[1], shape[2], domain, is_symmetric[d.argument])
    else
      self.values[d.name] = draw(random, rows, cols, d.attributes, domain)
      if d.kind == "scalar" and options.whole and options.whole[d.name] then
        self.values[d.name] = numeric.number(random:integer(4))
      end
    end
  end
  for name, value in pairs(options.at or {}) do
    self.values[name] = numeric.map(self.values[name], function()
      return value + 0.0
    end)
  end
  return self
end

return M
