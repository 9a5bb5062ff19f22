--- Finite differences of expressions at random values of the names in them.
--
-- The differential rules take no part here. The Jacobian of f by x in vec form, J, is found from values of f alone.
-- What a layout and a convention make of it is what they make of the linear map `unvec(J*vec(x))`, whatever layouts
-- the rule files define.
--
-- Sizes of different names are different numbers, so that a transposed or exchanged factor shows.
--
-- @module nabla.compare.derivative_by_numbers

local core = require "nabla.core"
local derivative = require "nabla.calculus.derivative"
local errors = require "nabla.text.errors"
local distance = require "nabla.compare.distance"
local floating = require "nabla.numeric.arithmetic"
local hessian = require "nabla.calculus.hessian"
local jacobian = require "nabla.compare.jacobian"
local random_matrix = require "nabla.compare.random_matrix"
local random_point = require "nabla.compare.random_point"
local unknown_functions = require "nabla.calculus.unknown_functions"
local shapes = require "nabla.text.shape"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds
-- Sizes of the first names, at each draw; then from 8 on. The others are taken where those cannot be evaluated: a tall
-- matrix X makes X'*X invertible, a wide one X*X'.
local SIZES = { { 3, 4, 2, 5, 6, 7 }, { 4, 2, 5, 3, 7, 6 } }
local OTHER_SIZES = { { 6, 3, 5, 2, 7, 4 }, { 2, 5, 6, 3, 4, 7 } }
local STEP, SECOND_STEP = 1e-3, 4e-3
local TOLERANCE, SECOND_TOLERANCE = 1e-6, 1e-4 -- of finite differences, relative to the largest entry
local NUDGE, UNSTEADY = 1e-7, 1e-3 -- a value that moves that far when its arguments move that little is no value
local RANGES = { "signed", "positive", "small", "dominant", "whole", "fraction" }
local STEADY, SECOND_STEADY = 1e-7, 1e-4 -- how far differences with half the step may be from them

local VERIFIED, MOST_VERIFIED = 3, 8 -- draws at which an answer is verified; more where the derivative is zero at all of them

--- How many draws of other sizes there are.
M.draws = #SIZES

-- ---------------------------------------------------------------------------------------------- random values

-- The values of the names of sizes. A skew matrix of odd size is singular, so its size is even.
local function sizes_of_names(session, found, list, extra)
  local S, even, names = session.S, {}, random_point.sorted(found.sizes)
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
-- @treturn string|nil an attribute that nothing says the meaning of, so that a value need not have it
function M.values(session, ids, draw, range, extra, other)
  local S = session.S
  local found = random_point.names_in(session, ids)
  local sizes = other and OTHER_SIZES or SIZES
  local size = sizes_of_names(session, found, sizes[(draw - 1) % #sizes + 1], extra)
  -- the k-th index or exponent, 1 or 2: of any two of four the numbers differ at some draw
  local function counted(k)
    return draw % 2 == 1 and 2 - (k - 1) % 2 or 1 + (k - 1) // 2 % 2
  end
  for k, name in ipairs(random_point.sorted(found.names)) do
    size[name] = size[name] or counted(k)
  end
  local places = {}
  for k, name in ipairs(random_point.sorted(found.whole)) do
    places[name] = counted(k)
  end
  local entries = range == "whole" and "positive" or range
  local source = random_matrix.source(floating, random_matrix.random("trial " .. draw), entries, true)
  local opts = { extra = extra, scalar = range == "whole" and 2.0 or nil }
  local values, why = random_point.values(session, found, source, size, opts)
  if not values then
    errors.refuse("%s", why)
  end
  for name, id in pairs(found.symbols) do
    if S:rows(id) == ONE and S:cols(id) == ONE then
      values[name] = places[name] or values[name][1]
    end
  end
  return values, why
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

-- A node as a function of values, with complex values.
local function complex_function(session, id)
  local program = require("nabla.numeric.complex_program").compile(session, { session:wrap(id) }, function()
    return true
  end)
  return function(values)
    local v, why = program(values)
    return v or errors.refuse("%s", why)
  end
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
local function jacobian_by(A, F, values, name, step)
  local X = values[name]
  local is_number = type(X) == "number"
  local _, J = jacobian(A, function(v)
    return F(with(values, name, is_number and v[1] or v))
  end, A:from(X), step)
  return J
end

-- The second derivatives: of a scalar in a matrix, a row for each entry of one variable, a column for each of the other.
local function second_differences(A, F, values, name, other, h)
  local X, Y = values[name], values[other]
  if count_of(X) * count_of(Y) == 1 and name == other then
    local sum
    for _, p in ipairs(SECOND_STENCIL) do
      local term = F(with(values, name, shifted(X, 1, p[1] * h))) * (p[2] / h ^ 2)
      sum = sum and sum + term or term
    end
    return sum
  end
  return A:build(count_of(X), count_of(Y), function(i, j)
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

-- An entry of a difference, as it is shown.
local function shown(v)
  return type(v) == "number" and ("%.6g"):format(v) or v and tostring(v) or "0"
end

-- ---------------------------------------------------------------------------------------------- one question

local KINDS = { scalar = 0, vector = 1, matrix = 2 }

-- The symbol with other attributes.
local function symbol_like(S, x, bits, name)
  return S:symbol(name or S:name(x), KINDS[S:kind(x)] or 2, bits, S:rows(x), S:cols(x))
end

local Differences = {}
Differences.__index = Differences

--- What is differentiated: { f =, x =, transposed = , second = (true: twice), y = (then by this one), at = (values of some names) },
-- as ids; complex (true: the imaginary unit takes part). The result finds values and differences.
function M.new(session, question)
  local S = session.S
  local self = setmetatable({ session = session, pinned = {} }, Differences)
  for key, v in pairs(question) do
    self[key] = v
  end
  self.f = self:pin(unknown_functions.from_layout(session, self.f))
  -- of a part of a variable, an entry or a member of a family, the derivative by the whole is taken
  self.entry, self.variable = self:part(self.x)
  self.other_part, self.other = self.entry, self.variable
  if self.y then
    self.other_part, self.other = self:part(self.y)
  end
  for _, x in ipairs { self.variable, self.other } do
    if S:op(x) ~= "symbol" or S:kind(x) == "dimension" then
      errors.refuse "a derivative is taken by a variable"
    end
  end
  -- the entries of the variable change one by one, so its attributes must not be used when f is evaluated
  local from, to = { self.variable }, { symbol_like(S, self.variable, 0) }
  if self.other ~= self.variable then
    from[2], to[2] = self.other, symbol_like(S, self.other, 0)
  end
  self.bare = self:pin(S:replace(self.f, from, to))
  self.arithmetic = self.complex and require "nabla.numeric.complex_arithmetic" or floating
  self.F = self:compiled(self.bare)
  return self
end

-- A node as a function of values.
function Differences:compiled(id)
  return (self.complex and complex_function or M.compile)(self.session, id)
end

-- The node if it is a part of a variable, and the variable.
function Differences:part(x)
  local S = self.session.S
  self:pin(x)
  local op = S:op(x)
  if op == S:operator_with "entry" or op == S:operator_with "member" then
    return x, self:pin(S:args(x)[1])
  end
  return nil, x
end

-- Keep a node as long as the differences.
function Differences:pin(id)
  self.pinned[#self.pinned + 1] = self.session:wrap(id)
  return id
end

--- Values at which f can be evaluated, and the differences of f there: { values =, J = }.
-- @tparam integer draw
-- @tparam {integer,...} others further nodes whose names need values
-- @tparam[opt] table extra attributes of values
-- @tparam[opt] function accept called with the values; an error asks for others
function Differences:at_draw(draw, others, extra, accept)
  local S, session = self.session.S, self.session
  local parts = { self.entry or self.variable, self.other_part or self.other }
  local ids = { self.f, self.variable, self.other, parts[1], parts[2], table.unpack(others) }
  local why
  for attempt = 0, 2 * #RANGES - 1 do
    local range, other = RANGES[attempt % #RANGES + 1], attempt >= #RANGES
    local ok, values, J = errors.attempt(function()
      local values, dropped = M.values(session, ids, draw, range, extra, other)
      self.dropped = dropped
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
          return second_differences(self.arithmetic, self.F, values, x, y, SECOND_STEP * scale)
        end
        return jacobian_by(self.arithmetic, self.F, values, x, STEP * scale)
      end
      local J = by(1)
      if distance.relative(J, by(0.5)) > (self.second and SECOND_STEADY or STEADY) then
        errors.refuse "finite differences are not steady there"
      end
      return values, J
    end)
    if ok then
      return values, J
    end
    why = why or (type(values) == "table" and values.message or tostring(values):gsub("^[^:]*:%d+: ", ""))
  end
  errors.refuse("it cannot be evaluated at random values: %s", why)
end

--- What a layout and a convention print for differences: a node in the symbol ` J` of their values. nil and the reason where the
-- layout has no row for it.
-- @tparam[opt] integer bits attributes of the variable, in place of those declared
function Differences:arrangement(layout, convention, bits)
  local session, S = self.session, self.session.S
  local f, x, y = self.f, self.variable, self.other
  local bit_x = bits and symbol_like(S, x, bits) or x
  local count = S:dimmul(S:rows(x), S:cols(x))
  local ok, id = errors.attempt(function()
    if self.second then
      if S:rows(f) ~= 1 or S:cols(f) ~= 1 or count == 1 and S:dimmul(S:rows(y), S:cols(y)) == 1 then
        return S:symbol(" J", KIND.matrix, 0, S:rows(f), S:cols(f))
      end
      local twin = symbol_like(S, y, bits and y == x and bits or S:attributes(y), " twin")
      local H = S:symbol(" J", KIND.matrix, 0, count, S:dimmul(S:rows(y), S:cols(y)))
      local form = S:product { S:transpose(S:apply("vec", { bit_x })), H, S:apply("vec", { twin }) }
      local by_x = self.entry and S:replace(self.entry, { x }, { bit_x }) or bit_x
      local by_y = self.other_part and S:replace(self.other_part, { y }, { twin }) or twin
      return hessian.hessian(session, form, by_x, by_y, layout, convention)
    end
    local J = S:symbol(" J", KIND.matrix, 0, S:dimmul(S:rows(f), S:cols(f)), count)
    local column = S:cols(x) == 1 and bit_x or S:apply("vec", { bit_x })
    local form = S:product { J, column }
    if S:cols(f) ~= 1 then
      form = S:apply("unvec", { form, S:dimnode(S:rows(f)), S:dimnode(S:cols(f)) })
    end
    local by = self.entry
    if by and bits then
      by = S:replace(by, { x }, { bit_x })
    end
    local how = { layout = layout, convention = convention, transposed = self.transposed, plain = true, like = f }
    return derivative.derivative(session, form, by or bit_x, how)
  end)
  if not ok then
    if type(id) ~= "table" then
      error(id, 0)
    end
    return nil, id.message
  end
  return self:pin(id)
end

--- The value of an arrangement for the differences J.
function Differences.arranged(_, F, values, J)
  return F(setmetatable({ [" J"] = J }, { __index = values }))
end

--- The tolerance of its differences.
function Differences:tolerance()
  return self.second and SECOND_TOLERANCE or TOLERANCE
end

-- The value of a function; an error where it is ill conditioned in the variable, as det(X)*inv(X) is at a singular X.
function Differences:well_conditioned_value(F, values)
  local name = self.session.S:name(self.variable)
  local value, near = F(values), F(with(values, name, values[name] * (1 + NUDGE)))
  if not (distance.relative(value, near) < UNSTEADY) then
    errors.refuse "the answer has no steady value there"
  end
  return value
end

--- Is a node the derivative, in this layout and convention? true; or false and in what it differs. Raises what cannot be checked.
function Differences:agrees(answer, layout, convention)
  local session, S = self.session, self.session.S
  answer = self:pin(unknown_functions.from_layout(session, answer))
  local arrangement, why = self:arrangement(layout, convention)
  if not arrangement then
    errors.refuse("%s", why)
  end
  if S:rows(arrangement) ~= S:rows(answer) or S:cols(arrangement) ~= S:cols(answer) then
    return false, string.format("it is %s, the derivative %s", shapes.of(S, answer), shapes.of(S, arrangement))
  end
  local read, value = self:compiled(arrangement), self:compiled(answer)
  local draw, something = 0, false
  while draw < VERIFIED or not something and draw < MOST_VERIFIED do -- where relu(x'*y) is zero nothing shows
    draw = draw + 1
    local stated
    local values, J = self:at_draw(draw, { answer }, nil, function(values)
      stated = self:well_conditioned_value(value, values)
    end)
    local found = self:arranged(read, values, J)
    local far = distance.relative(stated, found)
    something = something or self.arithmetic:size(found) > distance.SMALL * self:tolerance()
    if self.dropped and not (far and far <= self:tolerance()) then
      errors.refuse("they differ, but no value is known to be %s", self.dropped)
    elseif not far or far > self:tolerance() then
      local worst, at = -1, 1
      for k = 1, far and found.rows * found.cols or 0 do
        local d = distance.size(found[k] - stated[k])
        if d > worst or d ~= d then
          worst, at = d, k
        end
      end
      return false,
        string.format(
          "entry (%d,%d) is %s, by finite differences %s",
          (at - 1) % found.rows + 1,
          (at - 1) // found.rows + 1,
          shown(stated[at]),
          shown(found[at])
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
