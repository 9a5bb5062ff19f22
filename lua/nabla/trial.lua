--- Trials by numbers: random values for everything that an expression holds, and finite differences of it.
--
-- The differential rules take no part here. The Jacobian of f by x in vec form, J, is found from values of f alone. What a layout and
-- a convention make of it is what they make of the linear map `unvec(J*vec(x))`, whatever layouts the rule files define.
--
-- Sizes that are called differently are different numbers, so that a transposed or exchanged factor shows.
--
-- @module nabla.trial

local core = require "nabla.core"
local derivative = require "nabla.derivative"
local matrix = require "nabla.matrix"

local M = {}

-- Sizes of the first names, at each draw; then from 8 on. The others are taken where those cannot be evaluated: a tall
-- matrix X makes X'*X invertible, a wide one X*X'.
local SIZES = { { 3, 4, 2, 5, 6, 7 }, { 4, 2, 5, 3, 7, 6 } }
local OTHER_SIZES = { { 6, 3, 5, 2, 7, 4 }, { 2, 5, 6, 3, 4, 7 } }
local STEP, SECOND_STEP = 1e-3, 4e-3
local TOLERANCE, SECOND_TOLERANCE = 1e-6, 1e-4 -- of finite differences, relative to the largest entry
local SMALL = 1e-2 -- what is smaller than this counts as this size
local NUDGE, UNSTEADY = 1e-7, 1e-3 -- a value that moves that far when its arguments move that little is no value
local RANGES = { "signed", "positive", "small", "dominant", "whole" }
local STEADY, SECOND_STEADY = 1e-7, 1e-4 -- how far differences with half the step may be from them

local VERIFIED, MOST_VERIFIED = 3, 8 -- draws at which an answer is verified; more where the derivative is zero at all of them

--- How many draws of other sizes there are.
M.draws = #SIZES

local function fail(message, ...)
  error({ status = "rule", message = string.format(message, ...) }, 0)
end

-- ---------------------------------------------------------------------------------------------- random values

local Random = {}
Random.__index = Random

local function generator(seed)
  return setmetatable({ state = seed }, Random)
end

-- A number between two bounds; a generator of its own leaves math.random alone.
function Random:between(lo, hi)
  self.state = (self.state * 1103515245 + 12345) % 2147483648
  return lo + (hi - lo) * (self.state / 2147483648)
end

local entries = {
  signed = function(random)
    local v = random:between(0.3, 1.2)
    return random:between(0, 1) < 0.5 and -v or v
  end,
  positive = function(random)
    return random:between(0.3, 1.2)
  end,
  small = function(random)
    return random:between(0.05, 0.35)
  end,
  dominant = function(random)
    return random:between(0.05, 0.35)
  end,
  whole = function(random)
    return random:between(0.3, 1.2)
  end,
}

local function build(rows, cols, random, range)
  return matrix.build(rows, cols, function()
    return entries[range](random)
  end)
end

-- The average along each diagonal.
local function toeplitz(A)
  local n = A.rows
  return matrix.build(n, n, function(i, j)
    local sum, count = 0, 0
    for k = 1, n do
      local l = k + j - i
      if l >= 1 and l <= n then
        sum, count = sum + A(k, l), count + 1
      end
    end
    return sum / count
  end)
end

-- A random orthogonal matrix: the Cayley transform of a skew one, which has the determinant 1; for some sizes one column is turned
-- round, so that a formula for rotations alone is not taken for one of all orthogonal matrices.
local function orthogonal(A)
  local n = A.rows
  local one, W = matrix.eye(n), (A - A.T) * 0.5
  local Q = (one - W) * (one + W) ^ -1
  return matrix.build(n, n, function(i, j)
    return j == 1 and (n <= 3 or n == 7) and -Q(i, j) or Q(i, j)
  end)
end

-- A matrix of the attributes in the set `has`, from a matrix of random entries. "sum 1" and "length 1" are said of a column.
local function structured(A, has)
  local n = A.rows
  if has["sum 1"] or has["length 1"] then
    A = has["sum 1"] and A:map(math.abs) or A
    local size = 0
    for k = 1, n do
      size = size + (has["sum 1"] and A[k] or A[k] * A[k])
    end
    return A * (1 / (has["sum 1"] and size or math.sqrt(size)))
  end
  if has.positive or has.nonnegative then
    A = A:map(math.abs)
  end
  if n ~= A.cols then
    return A
  end
  if has.skew then
    return (A - A.T) * 0.5
  elseif has.orthogonal and has.diagonal then
    return matrix.build(n, n, function(i, j)
      return i ~= j and 0 or A(i, i) < 0.5 and -1 or 1
    end)
  elseif has.orthogonal and has.symmetric then
    local v = matrix.build(n, 1, function(i)
      return A(i, 1)
    end)
    return matrix.eye(n) - v * v.T * (2 / (v.T * v)[1])
  elseif has.orthogonal then
    return orthogonal(A)
  elseif has.idempotent then
    local half = matrix.build(n, n, function(i, j)
      return i == j and i <= (n + 1) // 2 and 1 or 0
    end)
    if has.diagonal then
      return half
    end
    local B = has.symmetric and orthogonal(A) or A + matrix.eye(n) * 2
    return B * half * B ^ -1
  end
  if has.toeplitz then
    A = toeplitz(A)
  end
  if has.symmetric then
    A = (A + A.T) * 0.5
  end
  if has.lower or has.upper then
    A = matrix.build(n, n, function(i, j)
      return (has.lower and j > i or has.upper and i > j) and 0 or A(i, j)
    end)
  end
  if has.psd and (has.diagonal or has.toeplitz) then
    A = A * (0.5 / n) + matrix.eye(n) * 1.5
  elseif has.psd then
    A = A * A.T + matrix.eye(n) * 0.5
  elseif has.invertible then
    A = A + matrix.eye(n) * (n + 1)
  end
  return A
end

-- A smooth function with values rows x cols: c + B*sin(P*vec(x) + q); its derivative in the engine's form; and a function that
-- gives the k-th derivative for a k of 2 or more.
local function smooth(rows, cols, count, random, has)
  local of, waves = rows * cols, 3
  local P = build(waves, count, random, "signed")
  local q, B = build(waves, 1, random, "signed"), build(of, waves, random, "small")
  local c = build(of, 1, random, "positive")
  local square = rows == cols
  if square then -- well conditioned
    for i = 1, rows do
      c:set((i - 1) * rows + i, 1, c[(i - 1) * rows + i] + 2)
    end
  end
  if square and (has.symmetric or has.skew) then
    local sign = has.skew and -1 or 1
    local function mirror(A)
      return matrix.build(of, A.cols, function(k, l)
        local i, j = (k - 1) % rows, (k - 1) // rows
        return (A(k, l) + sign * A(i * rows + j + 1, l)) / 2
      end)
    end
    B, c = mirror(B), mirror(c)
  end
  local function argument(x)
    return type(x) == "number" and matrix { x } or x:reshape(count, 1)
  end
  local function angle(x)
    return P * argument(x) + q
  end
  local function value(x)
    return (c + B * angle(x):map(math.sin)):reshape(rows, cols)
  end
  -- one column for each entry of the argument, in the form that the engine has for functions of this shape
  local function arranged(J, p, r)
    if count == 1 then
      return J:reshape(rows, cols)
    elseif of == 1 then
      return J.T:reshape(p, r).T
    end
    return J
  end
  local function jacobian(x)
    local t, y = angle(x), argument(x)
    local J = matrix.build(of, count, function(i, j)
      local sum = 0
      for k = 1, waves do
        sum = sum + B(i, k) * math.cos(t[k]) * P(k, j)
      end
      return sum
    end)
    return arranged(J, type(x) == "number" and 1 or x.rows, type(x) == "number" and 1 or x.cols), y
  end
  local function higher(order)
    return function(x)
      local t = angle(x)
      local slope = {}
      for k = 1, waves do
        slope[k] = math.sin(t[k] + order * math.pi / 2)
      end
      -- row i of the values, then one entry of the argument after the other, the last in the columns
      local H = matrix.build(math.tointeger(of * count ^ (order - 1)), count, function(row, last)
        local rest = row - 1
        local i = rest % of + 1
        rest = rest // of
        local sum = 0
        for k = 1, waves do
          local term, others = B(i, k) * slope[k] * P(k, last), rest
          for _ = 2, order do
            term, others = term * P(k, others % count + 1), others // count
          end
          sum = sum + term
        end
        return sum
      end)
      return count == 1 and H:reshape(rows, cols) or H
    end
  end
  return value, jacobian, higher
end

-- ---------------------------------------------------------------------------------------------- what there is

local function attribute_set(session, id)
  local has = {}
  for name in pairs(session.attributes) do
    has[name] = session.S:property(name, id) or nil
  end
  return has
end

-- All symbols, functions and sizes below some nodes.
local function inventory(session, ids)
  local S = session.S
  local found = { symbols = {}, functions = {}, sizes = {}, counts = {}, indices = {} }
  -- scalars in the places of indices count from 1
  local function indices_of(id, from, to)
    for k = from, to do
      for _, node in ipairs(S:postorder(S:args(id)[k])) do
        if S:op(node) == "symbol" and S:kind(node) == "scalar" then
          found.indices[S:name(node)] = true
        end
      end
    end
  end
  local function sizes_of(id, shape)
    for _, dim in ipairs { S:rows(id), S:cols(id) } do
      for _, name in ipairs(S:dimnames(dim)) do
        found.sizes[name] = found.sizes[name] or shape
      end
    end
  end
  local function visit(id)
    local op, own = S:op(id)
    if own and op == "symbol" then
      local kind = S:kind(id)
      if kind == "dimension" then
        found.counts[S:name(id)] = true
      elseif kind ~= "counter" then
        found.symbols[S:name(id)] = id
        sizes_of(id, true)
      end
    elseif own and (op == "call" or op == "D") then
      local f, point = S:args(id)[1], S:args(id)[2]
      local order = op == "D" and 1 or 0
      while S:op(f) == "D" do
        f, order = S:args(f)[1], order + 1
      end
      local known = found.functions[S:name(f)]
      found.functions[S:name(f)] =
        { id = f, point = point, order = math.max(order, known and known.order or 0) }
      sizes_of(f, true)
      sizes_of(point, true)
    else
      sizes_of(id, false)
      if op == "E" then
        indices_of(id, 1, 2)
      elseif op == "entry" then
        indices_of(id, 2, 3)
      elseif op == "eigval" or op == "eigvec" then
        indices_of(id, 2, 2)
      end
    end
  end
  for _, id in ipairs(ids) do
    for _, node in ipairs(S:postorder(id)) do
      visit(node)
    end
  end
  return found
end

local function sorted(set)
  local names = {}
  for name in pairs(set) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- What the size names stand for. A skew matrix of odd size is singular: its size is even.
local function sizes_of_names(session, found, list, extra)
  local S, even, names = session.S, {}, sorted(found.sizes)
  for name, id in pairs(found.symbols) do
    if session.attributes.skew and S:property("skew", id) or extra and extra[name] and extra[name].skew then
      even[S:dimname(S:rows(id)) or ""] = true
    end
  end
  table.sort(names, function(a, b) -- these choose first
    if even[a] ~= even[b] then
      return even[a] == true
    end
    return a < b
  end)
  local size, left, next_size = {}, { table.unpack(list) }, 8
  for _, name in ipairs(names) do
    local k = 1
    while left[k] and even[name] and left[k] % 2 ~= 0 do
      k = k + 1
    end
    size[name] = table.remove(left, k)
    if not size[name] then
      next_size = next_size + (even[name] and next_size % 2 or 0)
      size[name], next_size = next_size, next_size + 1
    end
  end
  return size
end

--- Random values for all names that occur below some nodes.
-- @param session
-- @tparam {integer,...} ids nodes, derivatives of unknown functions in the engine's form
-- @tparam integer draw which sizes, and which values
-- @tparam string range where the entries come from, one of `M.ranges`
-- @tparam[opt] table extra name -> set of attributes that its value is to have, beside those declared
-- @tparam[opt] boolean other the other sizes
-- @treturn table values as a compiled expression takes them
function M.values(session, ids, draw, range, extra, other)
  local S = session.S
  local found = inventory(session, ids)
  local sizes = other and OTHER_SIZES or SIZES
  local values, size = { D = {} }, sizes_of_names(session, found, sizes[(draw - 1) % #sizes + 1], extra)
  -- the k-th index or exponent, 1 or 2: of any two of four the numbers differ at some draw
  local function counted(k)
    return draw % 2 == 1 and 2 - (k - 1) % 2 or 1 + (k - 1) // 2 % 2
  end
  for k, name in ipairs(sorted(found.counts)) do
    size[name] = size[name] or counted(k)
  end
  local place = {}
  for k, name in ipairs(sorted(found.indices)) do
    place[name] = counted(k)
  end
  local dims = {}
  for name, v in pairs(size) do
    dims[name], values[name] = S:dim(v), v
  end
  local function number(dim)
    return S:dimint(S:dimreplace(dim, dims)) or fail "a size is no whole number"
  end
  local random = generator(40 + 1000 * draw)
  for _, name in ipairs(sorted(found.symbols)) do
    local id = found.symbols[name]
    local rows, cols = number(S:rows(id)), number(S:cols(id))
    local has = attribute_set(session, id)
    for attribute in pairs(extra and extra[name] or {}) do
      has[attribute] = true
    end
    local value = build(rows, cols, random, range)
    if (range == "small" or range == "dominant") and rows == cols and rows > 1 then
      value = value + matrix.eye(rows) * (range == "small" and 1 or 3) -- there is a principal logarithm, and an inverse
    end
    if rows * cols == 1 then
      values[name] = place[name] or range == "whole" and 2 or value[1]
    else
      values[name] = structured(value, has)
    end
  end
  for _, name in ipairs(sorted(found.functions)) do
    local f, point = found.functions[name].id, found.functions[name].point
    local value, first, higher = smooth(
      number(S:rows(f)),
      number(S:cols(f)),
      number(S:rows(point)) * number(S:cols(point)),
      random,
      attribute_set(session, S:call(f, point)) -- its values have them, the name has not
    )
    values[name], values.D[name] = value, first
    local key = name
    for k = 2, found.functions[name].order do
      key = "D(" .. key .. ")"
      values.D[key] = higher(k)
    end
  end
  return values
end

M.ranges = RANGES

-- ---------------------------------------------------------------------------------------------- evaluation

--- A node as a function of values.
function M.compile(session, id)
  local F, err = session:compile(session:wrap(id))
  if not F then
    error(err, 0)
  end
  return F
end

-- Values, with those of one name replaced.
local function with(values, name, value)
  return setmetatable({ [name] = value }, { __index = values })
end

local function shifted(X, k, by)
  if type(X) == "number" then
    return X + by
  end
  local Y = X:copy()
  local rows = X.rows
  Y:set((k - 1) % rows + 1, (k - 1) // rows + 1, X[k] + by)
  return Y
end

local STENCIL = { { -2, 1 / 12 }, { -1, -8 / 12 }, { 1, 8 / 12 }, { 2, -1 / 12 } }
local SECOND_STENCIL = { { -2, -1 / 12 }, { -1, 16 / 12 }, { 0, -30 / 12 }, { 1, 16 / 12 }, { 2, -1 / 12 } }

local function count_of(X)
  return type(X) == "number" and 1 or X.rows * X.cols
end

-- The Jacobian in vec form of a function of values, by the variable of that name.
local function jacobian(F, values, name, step)
  local X = values[name]
  local columns = {}
  for k = 1, count_of(X) do
    local sum
    for _, point in ipairs(STENCIL) do
      local term = F(with(values, name, shifted(X, k, point[1] * step))) * (point[2] / step)
      sum = sum and sum + term or term
    end
    columns[k] = sum
  end
  return matrix.build(columns[1].rows * columns[1].cols, #columns, function(i, k)
    return columns[k][i]
  end)
end

-- The second derivatives: of a scalar in a matrix, a row for each entry of one variable, a column for each of the other.
local function second_differences(F, values, name, other, h)
  local X, Y = values[name], values[other]
  if count_of(X) * count_of(Y) == 1 and name == other then
    local sum
    for _, p in ipairs(SECOND_STENCIL) do
      local term = F(with(values, name, shifted(X, 1, p[1] * h))) * (p[2] / h ^ 2)
      sum = sum and sum + term or term
    end
    return sum
  end
  return matrix.build(count_of(X), count_of(Y), function(i, j)
    local sum = 0
    for _, p in ipairs(STENCIL) do
      local moved = with(values, name, shifted(X, i, p[1] * h))
      for _, q in ipairs(STENCIL) do
        local at = with(moved, other, shifted(moved[other], j, q[1] * h))
        sum = sum + F(at)[1] * (p[2] * q[2] / h ^ 2)
      end
    end
    return sum
  end)
end

--- The largest distance of two matrices, relative to the larger of SMALL and the largest entry of the second; nil if their sizes
-- differ.
function M.distance(A, B)
  if A.rows ~= B.rows or A.cols ~= B.cols then
    return nil
  end
  local far, size = 0, SMALL
  for k = 1, A.rows * A.cols do
    local d = math.abs(A[k] - B[k])
    if d ~= d then
      return math.huge
    end
    far, size = math.max(far, d), math.max(size, math.abs(B[k]))
  end
  return far / size
end

-- The largest entry.
local function largest(A)
  local size = 0
  for k = 1, A.rows * A.cols do
    size = math.max(size, math.abs(A[k]))
  end
  return size
end

-- ---------------------------------------------------------------------------------------------- one question

local KINDS = { scalar = 0, vector = 1, matrix = 2 }

-- The symbol with other attributes.
local function symbol_like(S, x, bits, name)
  return S:symbol(name or S:name(x), KINDS[S:kind(x)] or 2, bits, S:rows(x), S:cols(x))
end

local Trial = {}
Trial.__index = Trial

--- What is differentiated: { f =, x =, turned = , second = (true: twice), y = (then by this one), at = (values of some names) },
-- as ids. The result finds values and differences.
function M.new(session, question)
  local S = session.S
  local self = setmetatable({ session = session, keep = {} }, Trial)
  for key, v in pairs(question) do
    self[key] = v
  end
  self.f = self:hold(derivative.from_layout(session, self.f))
  self.entry = S:op(self.x) == "entry" and self.x or nil
  self.variable = self:hold(self.entry and S:args(self.x)[1] or self.x)
  self.other = self:hold(self.y or self.variable)
  if self.entry then
    self:hold(self.entry)
  end
  for _, x in ipairs { self.variable, self.other } do
    if S:op(x) ~= "symbol" or S:kind(x) == "dimension" then
      fail "a derivative is taken by a variable"
    end
  end
  -- the entries of the variable change one by one, so its attributes must not be used when f is evaluated
  local from, to = { self.variable }, { symbol_like(S, self.variable, 0) }
  if self.other ~= self.variable then
    from[2], to[2] = self.other, symbol_like(S, self.other, 0)
  end
  self.bare = self:hold(S:replace(self.f, from, to))
  self.F = M.compile(session, self.bare)
  return self
end

-- Keep a node as long as the trial.
function Trial:hold(id)
  self.keep[#self.keep + 1] = self.session:wrap(id)
  return id
end

--- Values at which f can be evaluated, and the differences of f there: { values =, J = }.
-- @tparam integer draw
-- @tparam {integer,...} others further nodes whose names need values
-- @tparam[opt] table extra attributes of values
-- @tparam[opt] function accept called with the values; an error asks for others
function Trial:differences(draw, others, extra, accept)
  local S, session = self.session.S, self.session
  local ids = { self.f, self.variable, self.other, self.entry or self.variable, table.unpack(others) }
  local why
  for attempt = 0, 2 * #RANGES - 1 do
    local range, other = RANGES[attempt % #RANGES + 1], attempt >= #RANGES
    local ok, values, J = pcall(function()
      local values = M.values(session, ids, draw, range, extra, other)
      for name, value in pairs(self.at or {}) do
        values[name] = value
      end
      self.F(values)
      if accept then
        accept(values)
      end
      local x, y = S:name(self.variable), S:name(self.other)
      local function by(scale)
        if self.second then
          return second_differences(self.F, values, x, y, SECOND_STEP * scale)
        end
        return jacobian(self.F, values, x, STEP * scale)
      end
      local J = by(1)
      if M.distance(J, by(0.5)) > (self.second and SECOND_STEADY or STEADY) then
        fail "finite differences are not steady there"
      end
      return values, J
    end)
    if ok then
      return values, J
    end
    why = why or (type(values) == "table" and values.message or tostring(values):gsub("^[^:]*:%d+: ", ""))
  end
  fail("it cannot be evaluated at random values: %s", why)
end

--- What a layout and a convention print for differences: a node in the symbol ` J` of their values. nil and the reason where the
-- layout has no row for it.
-- @tparam[opt] integer bits attributes of the variable, in place of those declared
function Trial:arrangement(layout, convention, bits)
  local session, S = self.session, self.session.S
  local f, x, y = self.f, self.variable, self.other
  local bit_x = bits and symbol_like(S, x, bits) or x
  local count = S:dimmul(S:rows(x), S:cols(x))
  local ok, id = pcall(function()
    if self.second then
      if S:rows(f) ~= 1 or S:cols(f) ~= 1 or count == 1 and S:dimmul(S:rows(y), S:cols(y)) == 1 then
        return S:symbol(" J", 2, 0, S:rows(f), S:cols(f))
      end
      local twin = symbol_like(S, y, bits and y == x and bits or S:attributes(y), " twin")
      local H = S:symbol(" J", 2, 0, count, S:dimmul(S:rows(y), S:cols(y)))
      local form = S:product { S:transpose(S:apply("vec", { bit_x })), H, S:apply("vec", { twin }) }
      return derivative.hessian(session, form, bit_x, twin, layout, convention)
    end
    local J = S:symbol(" J", 2, 0, S:dimmul(S:rows(f), S:cols(f)), count)
    local column = S:cols(x) == 1 and bit_x or S:apply("vec", { bit_x })
    local form = S:product { J, column }
    if S:cols(f) ~= 1 then
      form = S:apply("unvec", { form, S:dimnode(S:rows(f)), S:dimnode(S:cols(f)) })
    end
    local by = self.entry
    if by and bits then
      by = S:replace(by, { x }, { bit_x })
    end
    return derivative.derivative(session, form, by or bit_x, self.turned or false, layout, convention, true)
  end)
  if not ok then
    if type(id) ~= "table" then
      error(id, 0)
    end
    return nil, id.message
  end
  return self:hold(id)
end

--- The value of an arrangement for the differences J.
function Trial.arranged(_, F, values, J)
  return F(setmetatable({ [" J"] = J }, { __index = values }))
end

--- The tolerance of its differences.
function Trial:tolerance()
  return self.second and SECOND_TOLERANCE or TOLERANCE
end

-- The value of a function; an error where it hangs on the last digits of the variable, as det(X)*inv(X) of a singular X does.
function Trial:steady(F, values)
  local name = self.session.S:name(self.variable)
  local value, near = F(values), F(with(values, name, values[name] * (1 + NUDGE)))
  if not (M.distance(value, near) < UNSTEADY) then
    fail "the answer has no steady value there"
  end
  return value
end

--- Is a node the derivative, in this layout and convention? true; or false and in what it differs. Raises what cannot be checked.
function Trial:agrees(answer, layout, convention)
  local session, S = self.session, self.session.S
  answer = self:hold(derivative.from_layout(session, answer))
  local arrangement, why = self:arrangement(layout, convention)
  if not arrangement then
    fail("%s", why)
  end
  local function shape(id)
    return S:dimtext(S:rows(id)) .. " x " .. S:dimtext(S:cols(id))
  end
  if S:rows(arrangement) ~= S:rows(answer) or S:cols(arrangement) ~= S:cols(answer) then
    return false, string.format("it is %s, the derivative %s", shape(answer), shape(arrangement))
  end
  local read, value = M.compile(session, arrangement), M.compile(session, answer)
  local draw, something = 0, false
  while draw < VERIFIED or not something and draw < MOST_VERIFIED do -- where relu(x'*y) is zero nothing shows
    draw = draw + 1
    local stated
    local values, J = self:differences(draw, { answer }, nil, function(values)
      stated = self:steady(value, values)
    end)
    local found = self:arranged(read, values, J)
    local far = M.distance(stated, found)
    something = something or largest(found) > SMALL * self:tolerance()
    if not far or far > self:tolerance() then
      local worst, at = -1, 1
      for k = 1, far and found.rows * found.cols or 0 do
        local d = math.abs(found[k] - stated[k])
        if d > worst or d ~= d then
          worst, at = d, k
        end
      end
      return false,
        string.format(
          "entry (%d,%d) is %.6g, by finite differences %.6g",
          (at - 1) % found.rows + 1,
          (at - 1) // found.rows + 1,
          stated[at] or 0,
          found[at] or 0
        )
    end
  end
  return true
end

--- The id of a handle.
function M.id(node)
  return select(2, core.unwrap(node))
end

return M
