--- A numerical judge of derivatives, independent of the engine.
--
-- It shares no code with lua/ or src/: an own parser (language.lua), an own evaluator, and
-- numerical differentiation. An answer is right when it has the shape and the value of the derivative for
-- random values of the declared variables, at two sets of sizes in which all dimensions differ (an exchanged
-- index hides on square matrices).
--
--     judge.check { decl = { "matrix A(n,n)", "vector x(n)" }, expr = "x'*A*x", wrt = "x",
--                   layout = "numerator", answer = "x'*(A + A')" }        --> true, nil, error
--     judge.same("A*inv(A)", "I(n)", { "matrix A(n,n) invertible" })      --> true, nil, error
--     judge.size "x'*(A + A')"                                            --> 7
--
-- An unknown function (`vector u(m) of x`) stands for a concrete smooth function whose first derivative is
-- known in closed form. Shapes are strict: only `.*`, `./`, `.^` let a scalar meet a matrix, as in the
-- language itself.

local language = require "spec.support.language"
local mistakes = require "spec.support.mistakes"
local numeric = require "spec.support.numeric"

local M = { parse = language.parse, size = language.size, declarations = language.declarations }

local equal_trees = language.equal_trees

-- The values of index letters that are no sizes.
local indices = { i = 2, j = 1, l = 2 }

--- The sets of sizes. Dimension names that are not listed get a size of their own.
M.sizes = {
  { n = 3, m = 5, p = 2, q = 4, k = 6, r = 7 },
  { n = 4, m = 6, p = 5, q = 3, k = 2, r = 7 },
}

local fail, guarded = mistakes.raise, mistakes.guarded

--------------------------------------------------------------------------------------------------------------
-- Values
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
-- Values
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
    return numeric.add(b, numeric.scale(numeric.I(numeric.number(n)), weight))
  end
  if has.idempotent then
    -- B*diag(1, .., 1, 0, .., 0)*inv(B); of a symmetric one, B is orthogonal
    local b = has.symmetric and orthonormal(random, n) or plus_identity(numeric.scale(a, 0.3), 1)
    local half = numeric.new(n, n, function(i, j)
      return i == j and 2 * i <= n + 1 and 1.0 or 0.0
    end)
    local inverse = numeric.solve(b, numeric.I(numeric.number(n)))
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

-- A smooth function standing for an unknown one. In vec form, with rows a_i, c_i and numbers b_i, o_i:
--   F_i(v) = o_i + sin(a_i*v + b_i) + log(1 + (c_i*v)^2)/2,   multiplied by a fixed matrix for a symmetric F.
local function smooth_function(random, d, rows, cols, argument_rows, argument_cols, domain)
  local m, n = rows * cols, argument_rows * argument_cols
  local calm = d.attributes.invertible or d.attributes.spd
  local range = calm and 0.15 or 1
  local function coefficients(columns, low, high)
    return numeric.new(m, columns, function()
      return random:signed(low, high) * range
    end)
  end
  local wave, bend = coefficients(n, 0.3, 0.9), coefficients(n, 0.3, 0.9)
  local phase, offset = coefficients(1, 0.1, 1), coefficients(1, 0.1, 0.6)
  if calm then
    offset = numeric.add(offset, numeric.scale(numeric.vec(numeric.I(numeric.number(rows))), 2))
  elseif domain == "positive" then
    offset = numeric.map(offset, function(o)
      return 1.5 + math.abs(o)
    end)
  end
  local mix
  if d.attributes.symmetric or d.attributes.spd or d.attributes.skew then
    local half =
      numeric.scale(numeric.K(numeric.number(rows), numeric.number(rows)), d.attributes.skew and -0.5 or 0.5)
    mix = numeric.add(numeric.scale(numeric.I(numeric.number(m)), 0.5), half)
  elseif d.attributes.diagonal then
    mix = numeric.diag(numeric.vec(numeric.I(numeric.number(rows))))
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

  -- product of the coefficients with the argument, also when one of them is a single number
  local function apply(a, v)
    local result = numeric.new(m, 1)
    for k = 1, n do
      for i = 1, m do
        result[i] = result[i] + a[(k - 1) * m + i] * v[k]
      end
    end
    return result
  end

  function f.value(v)
    v = checked(v)
    local s, c = apply(wave, v), apply(bend, v)
    local y = numeric.new(m, 1, function(i)
      return offset[i] + math.sin(s[i] + phase[i]) + math.log(1 + c[i] * c[i]) / 2
    end)
    if mix then
      y = numeric.multiply(mix, y)
    end
    y.rows, y.cols = rows, cols
    return y
  end

  -- d vec F / d (vec v)'
  function f.jacobian(v)
    v = checked(v)
    local s, c = apply(wave, v), apply(bend, v)
    local j = numeric.new(m, n, function(i, k)
      local at = (k - 1) * m + i
      return math.cos(s[i] + phase[i]) * wave[at] + c[i] / (1 + c[i] * c[i]) * bend[at]
    end)
    return mix and numeric.multiply(mix, j) or j
  end

  return f
end

--- The declarations with concrete sizes and values.
-- Fields: sizes, values (name -> matrix), functions (name -> concrete function), attributes, layout.
function M.instance(list, sizes, seed, options)
  options = options or {}
  local random = numeric.random(seed)
  local self =
    { sizes = {}, values = {}, functions = {}, attributes = {}, layout = options.layout or "numerator" }
  for name, size in pairs(sizes) do
    self.sizes[name] = size
  end
  local shapes = {}
  for _, d in ipairs(list) do
    local rows = d.dimensions[1] and dimension(d.dimensions[1], self.sizes) or 1
    local cols = d.dimensions[2] and dimension(d.dimensions[2], self.sizes) or 1
    shapes[d.name] = { rows, cols }
  end
  for _, d in ipairs(list) do
    local rows, cols = shapes[d.name][1], shapes[d.name][2]
    local domain = options.domain and options.domain[d.name]
    self.attributes[d.name] = d.attributes
    if d.argument then
      local shape = shapes[d.argument]
      if not shape then
        fail("%s depends on the undeclared %s", d.name, d.argument)
      end
      self.functions[d.name] = smooth_function(random, d, rows, cols, shape[1], shape[2], domain)
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

--------------------------------------------------------------------------------------------------------------
-- Layouts: the vec form d vec(F) / d (vec X)' of an F (s x t) by an X (m x n), rearranged
--------------------------------------------------------------------------------------------------------------

-- For each arrangement in blocks: its sizes, and the place of dF_ab/dx_ij.
local blocks = {
  block = function(s, t, m, n)
    return m * s, n * t, function(a, b, i, j)
      return (i - 1) * s + a, (j - 1) * t + b
    end
  end,
  block_t = function(s, t, m, n)
    return n * s, m * t, function(a, b, i, j)
      return (j - 1) * s + a, (i - 1) * t + b
    end
  end,
  block_f = function(s, t, m, n)
    return s * m, t * n, function(a, b, i, j)
      return (a - 1) * m + i, (b - 1) * n + j
    end
  end,
}

local function arrange(jacobian, s, t, m, n, layout)
  if layout == "vec" then
    return jacobian
  end
  if blocks[layout] then
    local rows, cols, place = blocks[layout](s, t, m, n)
    local result = numeric.new(rows, cols)
    for j = 1, n do
      for i = 1, m do
        for b = 1, t do
          for a = 1, s do
            local row, col = place(a, b, i, j)
            result[(col - 1) * rows + row] = jacobian[((j - 1) * m + i - 1) * s * t + (b - 1) * s + a]
          end
        end
      end
    end
    return result
  end
  if layout ~= "numerator" and layout ~= "denominator" and layout ~= "mixed" then
    fail("unknown layout %q", layout)
  end
  local one = numeric.number
  local by_scalar, of_scalar = m * n == 1, s * t == 1
  local result
  if by_scalar then
    result = numeric.unvec(jacobian, one(s), one(t))
  elseif of_scalar then
    result = numeric.transpose(numeric.unvec(jacobian, one(m), one(n)))
  elseif (s == 1 or t == 1) and (m == 1 or n == 1) then
    result = jacobian
  else
    fail("%d x %d by %d x %d has no %s layout: name vec or block", s, t, m, n, layout)
  end
  if layout == "denominator" or (layout == "mixed" and of_scalar) then
    return numeric.transpose(result)
  end
  return result
end

-- The columns of a vec form by X, reordered to be by X'.
local function by_transpose(jacobian, m, n)
  local rows = jacobian.rows
  return numeric.new(rows, m * n, function(row, col)
    -- column col stands for the entry (j, i) of X', that is x_ij
    local i, j = (col - 1) // n + 1, (col - 1) % n + 1
    return jacobian[((j - 1) * m + i - 1) * rows + row]
  end)
end

--------------------------------------------------------------------------------------------------------------
-- Numerical differentiation
--------------------------------------------------------------------------------------------------------------

-- Value at step 0 of a symmetric difference quotient, by Romberg's extrapolation over three halved steps.
-- Returns the value and an estimate of its error.
local function extrapolate(quotient, step)
  local d0, d1, d2 = quotient(step), quotient(step / 2), quotient(step / 4)
  local value, doubt = { rows = d0.rows, cols = d0.cols }, 0.0
  for k = 1, #d0 do
    local a1, a2 = (4 * d1[k] - d0[k]) / 3, (4 * d2[k] - d1[k]) / 3
    local v = (16 * a2 - a1) / 15
    value[k] = v
    local difference = math.abs(v - a2)
    if not (difference <= doubt) then
      doubt = difference == difference and difference or math.huge
    end
  end
  return value, doubt
end

-- As extrapolate, with a second, smaller step where the first is in doubt (a kink or a strong curvature
-- nearby).
local function settle(quotient, step)
  local value, doubt = extrapolate(quotient, step)
  if doubt > 1e-8 * math.max(1, numeric.magnitude(value)) then
    local again, less = extrapolate(quotient, step / 20)
    if less < doubt then
      return again, less
    end
  end
  return value, doubt
end

-- The variable's value moved along a direction: `at(h)` sets it. Restores it afterwards.
local function with_steps(self, name, body)
  local base = self.values[name]
  local results = table.pack(pcall(body, base))
  self.values[name] = base
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

-- The entries that move with entry (i,j) of a structured n x n matrix, as a list of { row, column, sign }; nil: it is fixed.
local moves = {
  symmetric = function(i, j)
    return i == j and { { i, i, 1 } } or { { i, j, 1 }, { j, i, 1 } }
  end,
  skew = function(i, j)
    return i ~= j and { { i, j, 1 }, { j, i, -1 } } or nil
  end,
  diagonal = function(i, j)
    return i == j and { { i, i, 1 } } or nil
  end,
  lower = function(i, j)
    return i >= j and { { i, j, 1 } } or nil
  end,
  upper = function(i, j)
    return i <= j and { { i, j, 1 } } or nil
  end,
  toeplitz = function(i, j, n)
    local list = {}
    for row = math.max(1, 1 + i - j), math.min(n, n + i - j) do
      list[#list + 1] = { row, row - i + j, 1 }
    end
    return list
  end,
  symmetric_toeplitz = function(i, j, n)
    local list, distance = {}, math.abs(i - j)
    for row = 1, n do
      for col = 1, n do
        if math.abs(row - col) == distance then
          list[#list + 1] = { row, col, 1 }
        end
      end
    end
    return list
  end,
}

-- The direction in which entry (i,j) of a variable moves, and the weight of its derivative; nil: it is fixed.
local function direction(shape, i, j, structure, convention)
  local list = structure and moves[structure](i, j, shape.rows) or not structure and { { i, j, 1 } }
  if not list then
    return nil
  end
  local d = numeric.new(shape.rows, shape.cols)
  for _, move in ipairs(list) do
    d[(move[2] - 1) * shape.rows + move[1]] = move[3] + 0.0
  end
  return d, convention == "projected" and 1 / #list or 1
end

-- d vec(F) / d (vec X)' for the thunk F, X = self.values[name]. Returns it, F's value, the doubt.
local function first_derivative(self, F, name, structure, convention)
  return with_steps(self, name, function(base)
    local value = F()
    local jacobian, doubt = numeric.new(#value, #base), 0.0
    for j = 1, base.cols do
      for i = 1, base.rows do
        local d, weight = direction(base, i, j, structure, convention)
        if d then
          local function quotient(h)
            self.values[name] = numeric.add(base, numeric.scale(d, h))
            local plus = F()
            self.values[name] = numeric.add(base, numeric.scale(d, -h))
            local minus = F()
            return numeric.zip(plus, minus, function(x, y)
              return (x - y) / (2 * h)
            end)
          end
          local column, less = settle(quotient, 4e-3)
          doubt = math.max(doubt, less)
          local at = ((j - 1) * base.rows + i - 1) * #value
          for k = 1, #value do
            jacobian[at + k] = weight * column[k]
          end
        end
      end
    end
    return jacobian, value, doubt
  end)
end

-- d2F / dx_i dy_j for one entry of x and one of y, which move along the directions d and e, by the four-point quotient.
local function mixed_quotient(self, F, x, d, y, e)
  local values = self.values
  local x0, y0 = values[x], values[y]
  local function at(dx, dy)
    values[x] = numeric.add(x0, numeric.scale(d, dx))
    values[y] = numeric.add(x == y and values[x] or y0, numeric.scale(e, dy))
    local result = F()
    values[x], values[y] = x0, y0
    return result
  end
  return settle(function(h)
    local pp, pm, mp, mm = at(h, h), at(h, -h), at(-h, h), at(-h, -h)
    local q = { rows = pp.rows, cols = pp.cols }
    for k = 1, #pp do
      q[k] = (pp[k] - pm[k] - mp[k] + mm[k]) / (4 * h * h)
    end
    return q
  end, 3e-2)
end

-- Scalar F: the matrix d2F/(d vec x  d (vec y)'). F of any shape by one scalar: the second derivative.
-- structure: of x and of y, by name.
local function second_derivative(self, F, x, y, structure, convention)
  local value = F()
  local rows, cols = #self.values[x], #self.values[y]
  local function entry_direction(name, k)
    local v = self.values[name]
    return direction(v, (k - 1) % v.rows + 1, (k - 1) // v.rows + 1, structure[name], convention)
  end
  if rows == 1 and cols == 1 then
    local d, e = entry_direction(x, 1), entry_direction(y, 1)
    local result, doubt = mixed_quotient(self, F, x, d, y, e)
    return result, value, doubt
  end
  if #value ~= 1 then
    fail "the Hessian of a scalar only"
  end
  local result, doubt = numeric.new(rows, cols), 0.0
  for j = 1, cols do
    for i = 1, rows do
      local mirrored = x == y and i > j
      local d, weight = entry_direction(x, i)
      local e, other = entry_direction(y, j)
      if not mirrored and d and e then
        local entry, less = mixed_quotient(self, F, x, d, y, e)
        doubt = math.max(doubt, less)
        result[(j - 1) * rows + i] = entry[1] * weight * other
        if x == y then
          result[(i - 1) * rows + j] = entry[1] * weight * other
        end
      end
    end
  end
  return result, value, doubt
end

--------------------------------------------------------------------------------------------------------------
-- Evaluation: a tree becomes a function without arguments that reads the values of the instance.
-- Subtrees in which no varying name occurs are worked out once.
--------------------------------------------------------------------------------------------------------------

local compile

local binary = {
  ["+"] = numeric.add,
  ["-"] = numeric.subtract,
  ["*"] = numeric.multiply,
  [".*"] = numeric.times,
  ["./"] = numeric.over,
  [".^"] = numeric.powers,
  ["^"] = function(a, b)
    return numeric.power(a, b)
  end,
  ["/"] = function(a, b)
    return numeric.scale(a, 1 / numeric.value(b))
  end,
}

-- The variable that an unknown function depends on in the end: x for g, where g of u and u of x.
local function root_of(self, name)
  while self.functions[name] do
    name = self.functions[name].argument
  end
  return name
end

-- Tree of an unknown function at its declared argument: g(u(x)).
local function declared_call(self, name)
  local f = self.functions[name]
  if not f then
    return { "name", name }
  end
  return { "call", name, { declared_call(self, f.argument) } }
end

local function varies(self, tree, varying)
  local kind = tree[1]
  if kind == "number" then
    return false
  end
  if kind == "name" then
    return varying[tree[2]] or varying[root_of(self, tree[2])] or false
  end
  if kind == "negate" or kind == "transpose" then
    return varies(self, tree[2], varying)
  end
  if kind == "binary" then
    return varies(self, tree[3], varying) or varies(self, tree[4], varying)
  end
  if kind == "counted" then
    return varies(self, tree[3], varying) or varies(self, tree[4], varying) or varies(self, tree[5], varying)
  end
  for _, argument in ipairs(tree[3]) do
    if varies(self, argument, varying) then
      return true
    end
  end
  return varying[tree[2]] or false
end

-- Replaces each subtree equal to `old`.
local function replace(tree, old, new)
  if type(tree) ~= "table" then
    return tree
  end
  if equal_trees(tree, old) then
    return new
  end
  local copy = {}
  for i = 1, #tree do
    copy[i] = replace(tree[i], old, new)
  end
  return copy
end

-- The arrangement of the derivative of an unknown function, which stands in vec form where the layout has none.
local function arrange_unknown(...)
  local ok, result = pcall(arrange, ...)
  if not ok and tostring(result):find("has no " .. select(6, ...) .. " layout", 1, true) then
    return (...)
  end
  return ok and result or fail("%s", result)
end

-- A tree with a point in it replaced; in D(D(g,g),g) the function keeps its name.
local function at_point(tree, old, new)
  if tree[1] == "call" and tree[2] == "D" then
    local of, by = tree[3][1], tree[3][2]
    return { "call", "D", { of[1] == "name" and of or at_point(of, old, new), replace(by, old, new) } }
  end
  return replace(tree, old, new)
end

-- D(f, e): the derivative of an unknown f by its argument, at e; a function's name as e means its value.
-- D(expression, e): the derivative of the expression by e. For D(D(f,e),e) with an e that is no variable, e
-- is replaced by a variable of its own first.
local function compile_derivative(self, arguments, varying)
  if #arguments ~= 2 then
    fail "D takes two arguments"
  end
  local of, by = arguments[1], arguments[2]
  local f = of[1] == "name" and self.functions[of[2]]
  if f then
    local point = compile(self, by[1] == "name" and declared_call(self, by[2]) or by, varying)
    return function()
      return arrange_unknown(
        f.jacobian(point()),
        f.rows,
        f.cols,
        f.argument_rows,
        f.argument_cols,
        self.layout
      )
    end
  end
  if of[1] == "name" and not self.values[of[2]] then
    fail("unknown function %q", of[2])
  end
  local hessian = of[1] == "call" and of[2] == "D" and of[3][1][1] == "name" and self.functions[of[3][1][2]]
  hessian = hessian and hessian.rows * hessian.cols == 1
  local name, point = by[2], nil
  if by[1] ~= "name" or not self.values[name] then
    name = "(argument)"
    point = compile(self, by[1] == "name" and declared_call(self, by[2]) or by, varying)
    of = at_point(of, by, { "name", name })
  end
  local inner = { [name] = true }
  for other in pairs(varying) do
    inner[other] = true
  end
  if point then
    self.values[name] = point()
  end -- so that the name is known
  local body = compile(self, of, inner)
  return function()
    if point then
      self.values[name] = point()
    end
    local jacobian, value, doubt = first_derivative(self, body, name)
    self.doubt = math.max(self.doubt or 0, doubt)
    local x = self.values[name]
    local result = arrange_unknown(jacobian, value.rows, value.cols, x.rows, x.cols, self.layout)
    if result == jacobian and hessian and self.layout == "numerator" and x.cols > 1 then -- rows in the order of X
      return numeric.transpose(by_transpose(numeric.transpose(jacobian), x.cols, x.rows))
    end
    return result
  end
end

-- A call such as frechet(expm, X, H).
local function compile_functional(self, tree, varying)
  local f = numeric.functions[tree[3][1][2]]
  if not f then
    fail("%s of an unknown function", tree[2])
  end
  local arguments = {}
  for i = 2, #tree[3] do
    arguments[i - 1] = compile(self, tree[3][i], varying)
  end
  return function()
    local values = {}
    for i = 1, #arguments do
      values[i] = arguments[i]()
    end
    return numeric.functionals[tree[2]](f[1], table.unpack(values))
  end
end

local everything = setmetatable({}, {
  __index = function()
    return true
  end,
})

-- A counted sum; its counter hides a variable of the same name while the body is worked out.
local function compile_counted(self, tree, varying)
  local name = tree[2]
  local first, last = compile(self, tree[3], varying), compile(self, tree[4], varying)
  local inner = { [name] = true }
  for other in pairs(varying) do
    inner[other] = true
  end
  local function hidden(body)
    local outer, size = self.values[name], self.sizes[name]
    self.sizes[name] = nil
    local result = body()
    self.values[name], self.sizes[name] = outer, size
    return result
  end
  local body = hidden(function()
    self.values[name] = numeric.number(0)
    return compile(self, tree[5], inner)
  end)
  -- A sum of no terms has the shape of a term; powers are left out, since X^(k-1-i) may have no value.
  local function shape()
    local power = numeric.power
    numeric.power = function(a)
      return a
    end
    self.values[name] = numeric.number(1)
    local ok, term = pcall(compile(self, tree[5], everything))
    numeric.power = power
    if not ok then
      error(term, 0)
    end
    return numeric.new(term.rows, term.cols)
  end
  return function()
    local from, to = numeric.integer(first()), numeric.integer(last())
    return hidden(function()
      local total
      for i = from, to do
        self.values[name] = numeric.number(i)
        local term = body()
        total = total and numeric.add(total, term) or term
      end
      return total or shape()
    end)
  end
end

local function compile_node(self, tree, varying)
  local kind = tree[1]
  if kind == "number" then
    local value = numeric.number(tree[2])
    return function()
      return value
    end
  elseif kind == "name" then
    local name = tree[2]
    if self.values[name] then
      return function()
        return self.values[name]
      end
    end
    local value = self.sizes[name] or indices[name] or name == "pi" and math.pi
    if not value then
      fail("unknown name %q", name)
    end
    value = numeric.number(value)
    return function()
      return value
    end
  elseif kind == "negate" then
    local a = compile(self, tree[2], varying)
    return function()
      return numeric.scale(a(), -1)
    end
  elseif kind == "transpose" then
    local a = compile(self, tree[2], varying)
    return function()
      return numeric.transpose(a())
    end
  elseif kind == "binary" then
    local f, a, b = binary[tree[2]], compile(self, tree[3], varying), compile(self, tree[4], varying)
    return function()
      return f(a(), b())
    end
  end
  if kind == "counted" then
    return compile_counted(self, tree, varying)
  end
  local name, arguments = tree[2], {}
  if name == "D" and not self.functions.D then
    return compile_derivative(self, tree[3], varying)
  end
  if numeric.functionals[name] and not self.functions[name] then
    return compile_functional(self, tree, varying)
  end
  for i, argument in ipairs(tree[3]) do
    arguments[i] = compile(self, argument, varying)
  end
  local unknown, known = self.functions[name], numeric.functions[name]
  if self.values[name] then -- an entry of a variable
    known = numeric.functions.entry
    table.insert(arguments, 1, compile(self, { "name", name }, varying))
  end
  if unknown then
    if #arguments ~= 1 then
      fail("%s takes one argument", name)
    end
    return function()
      return unknown.value(arguments[1]())
    end
  end
  if not known then
    fail("unknown function %q", name)
  end
  local f, least, most = known[1], known[2], known[3]
  if #arguments < least or #arguments > most then
    fail("%s of %d arguments", name, #arguments)
  end
  if most == 1 then
    local a = arguments[1]
    return function()
      return f(a())
    end
  end
  return function()
    local values = {}
    for i = 1, #arguments do
      values[i] = arguments[i]()
    end
    return f(table.unpack(values))
  end
end

function compile(self, tree, varying)
  local run = compile_node(self, tree, varying)
  if tree[1] == "number" or tree[1] == "name" or varies(self, tree, varying) then
    return run
  end
  local value
  return function()
    value = value or run()
    return value
  end
end

--- The value of an expression (text or tree) in an instance.
function M.evaluate(self, expression)
  local tree = type(expression) == "string" and M.parse(expression) or expression
  return compile(self, tree, {})()
end

--------------------------------------------------------------------------------------------------------------
-- Judging
--------------------------------------------------------------------------------------------------------------

-- Largest difference, as a share of the larger of the two (or of `floor`, below which a value counts as 0).
local function distance(a, b, floor)
  local scale = math.max(numeric.magnitude(a), numeric.magnitude(b), floor)
  return numeric.magnitude(numeric.subtract(a, b)) / scale
end

-- The structure of a variable, one of `moves`; nil if it has none.
local function structure_of(self, name)
  local has = self.attributes[name]
  if has.toeplitz and has.symmetric then
    return "symmetric_toeplitz"
  end
  for _, structure in ipairs { "diagonal", "skew", "lower", "upper", "toeplitz" } do
    if has[structure] then
      return structure
    end
  end
  return (has.symmetric or has.spd or has.psd) and "symmetric" or nil
end

-- What names the draw of an instance: its seed, and the names that stand for whole numbers.
local function draw_key(seed, whole)
  local names = {}
  for name in pairs(whole) do
    names[#names + 1] = name
  end
  table.sort(names)
  return seed .. "|" .. table.concat(names, " ")
end

-- What body() gives, three values, from problem.memo if it was worked out for this draw of the values before.
local function remembered(self, problem, body)
  local memo = problem.memo and self.seed and problem.memo[self.seed]
  if not memo then
    memo = { body() }
    if problem.memo and self.seed then
      problem.memo[self.seed] = memo
    end
  end
  return memo[1], memo[2], memo[3]
end

-- The derivative asked for in `problem`, in the instance; with the value of the expression and the doubt.
local function derivative_in(self, problem)
  local name, transposed, at = problem.wrt:match "^%s*([%a_][%w_]*)('?)(%b())%s*$"
  if not name then
    name, transposed = problem.wrt:match "^%s*([%a_][%w_]*)('?)%s*$"
  end
  if not name or not self.values[name] then
    fail("%s is no variable", problem.wrt)
  end
  local second = problem.op == "hessian"
  local other = second and (problem.wrt2 or name)
  if other and not self.values[other] then
    fail("%s is no variable", other)
  end
  local varying = { [name] = true }
  if other then
    varying[other] = true
  end
  local F = compile(self, M.parse(problem.expr), varying)
  local convention = problem.convention or "free"
  local structure = {}
  for variable in pairs(varying) do
    structure[variable] = convention ~= "free" and structure_of(self, variable) or nil
  end
  if second then
    return remembered(self, problem, function()
      return second_derivative(self, F, name, other, structure, convention)
    end)
  end
  local jacobian, value, doubt = remembered(self, problem, function()
    return first_derivative(self, F, name, structure[name], convention)
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
    jacobian, m, n = by_transpose(jacobian, m, n), n, m
  end
  return arrange(jacobian, value.rows, value.cols, m, n, self.layout), value, doubt
end

-- The seed of a problem, from which those of its draws follow.
local function problem_key(problem)
  return problem.expr .. "/" .. problem.wrt
end

local function seed_of(key, set, number, attempt)
  return table.concat({ key, set, number, attempt }, "/")
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
        local self, trouble = guarded(M.instance, list, sizes, seed, options)
        if not self then
          return false, trouble
        end
        self.seed = draw_key(seed, options.whole or {})
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
  local list, trouble = guarded(M.declarations, problem.decl)
  if not list then
    return false, trouble
  end
  local tree
  tree, trouble = guarded(M.parse, problem.answer)
  if not tree then
    return false, "answer: " .. trouble
  end
  local tolerance = problem.tolerance or 1e-6
  local problem_tree
  problem_tree, trouble = guarded(M.parse, problem.expr)
  if not problem_tree then
    return false, "problem: " .. trouble
  end
  local options = draw_options(problem, { problem_tree, tree })
  return over_instances(list, problem_key(problem), options, function(self)
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
    local got, message = guarded(M.evaluate, self, tree)
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
  local list, trouble = guarded(M.declarations, problem.decl)
  if not list then
    return nil, trouble
  end
  local tree
  tree, trouble = guarded(M.parse, problem.expr)
  if not tree then
    return nil, trouble
  end
  set = set or 1
  local options, seed = draw_options(problem, { tree }), seed_of(problem_key(problem), set, 1, 1)
  local self
  self, trouble = guarded(M.instance, list, (problem.sizes or M.sizes)[set], seed, options)
  if not self then
    return nil, trouble
  end
  self.seed = draw_key(seed, options.whole)
  return guarded(derivative_in, self, problem)
end

--- Have two expressions the same shape and value? `options`: layout, domain, at, tolerance, draws.
-- Returns as check does.
function M.same(a, b, decl, options)
  options = options or {}
  local list, trouble = guarded(M.declarations, decl)
  if not list then
    return false, trouble
  end
  local trees = {}
  for i, text in ipairs { a, b } do
    trees[i], trouble = guarded(M.parse, text)
    if not trees[i] then
      return false, trouble
    end
  end
  local given = options
  options = { whole = language.whole_names(trees[1], language.whole_names(trees[2], {})) }
  for key, value in pairs(given) do
    options[key] = value
  end
  local tolerance = options.tolerance or 1e-8
  return over_instances(list, a .. "/" .. b, options, function(self)
    local first, second
    first, trouble = guarded(M.evaluate, self, trees[1])
    if not first then
      return false, trouble
    end
    second, trouble = guarded(M.evaluate, self, trees[2])
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
