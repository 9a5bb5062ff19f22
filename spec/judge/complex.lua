--- A numerical judge of derivatives by complex letters, independent of the engine: an own parser, values of the letters, differences in
-- real and imaginary direction. It shares no code with lua/ or src/.
--
--     complex.check { decl = "complex vector x(n), complex matrix R(n,n) hermitian", expr = "x^H*R*x", wrt = "conj(x)",
--                     layout = "denominator", answer = "R*x" }                       --> true, nil, error
--
-- By a letter Z: half the derivative by the real part less i times half that by the imaginary part; by conj(Z) plus i times that.
-- Conventions: "gradient" is the derivative by the real part plus i times that by the imaginary part, "brandwood" half of it.
-- Of a Hermitian or skew-Hermitian letter only such changes count; conventions say what is read off them.

local layouts = require "spec.judge.layouts"
local mistakes = require "spec.judge.mistakes"
local numbers = require "spec.judge.complex_numbers"
local numeric = require "spec.judge.numeric"
local random = require "spec.judge.random"

local M = {}

local fail, guarded = mistakes.raise, mistakes.guarded

-- ---------------------------------------------------------------------------------------------- the parser

-- Recursive descent; a tree is a function of the environment { values, sizes }.
local Parser = {}
Parser.__index = Parser

function Parser:peek(pattern)
  return self.text:match("^%s*" .. pattern, self.pos)
end

function Parser:take(pattern)
  local first, last, capture = self.text:find("^%s*(" .. pattern .. ")", self.pos)
  if first then
    self.pos = last + 1
    return capture
  end
end

function Parser:need(pattern)
  return self:take(pattern) or fail("%q: expected %s at %d", self.text, pattern, self.pos)
end

function Parser:list(close)
  local items = {}
  repeat
    items[#items + 1] = self:sum()
  until not self:take ","
  self:need(close)
  return items
end

local function entry(f, indices)
  return function(env)
    local a, at = f(env), {}
    for k, index in ipairs(indices) do
      at[k] = math.tointeger(index(env).x[1])
    end
    return numbers.number(numbers.at(a, at[1], at[2] or 1))
  end
end

-- [a, b; c, d]
function Parser:blocks()
  local rows = {}
  repeat
    local row = {}
    repeat
      row[#row + 1] = self:sum()
    until not self:take ","
    rows[#rows + 1] = row
  until not self:take ";"
  self:need "%]"
  return function(env)
    local values, width = {}, 0
    for i, row in ipairs(rows) do
      values[i] = {}
      for j, f in ipairs(row) do
        values[i][j] = f(env)
      end
    end
    local heights, widths = {}, {}
    for i, row in ipairs(values) do
      for j, v in ipairs(row) do
        if not v.zero then
          heights[i], widths[j] = v.rows, v.cols
        end
      end
    end
    local places, down = {}, 0
    for i, row in ipairs(values) do
      local across = 0
      for j, v in ipairs(row) do
        places[#places + 1] = { v, down, across, v.zero }
        across = across + (widths[j] or v.cols)
      end
      down, width = down + (heights[i] or row[1].rows), math.max(width, across)
    end
    local height = down
    local a = numbers.new(height, width)
    for _, place in ipairs(places) do
      local v = place[1]
      for j = 1, place[4] and 0 or v.cols do
        for i = 1, v.rows do
          local k = (place[3] + j - 1) * height + place[2] + i
          a.x[k], a.y[k] = numbers.at(v, i, j)
        end
      end
    end
    return a
  end
end

function Parser:call(name)
  if name == "D" then
    local f = self:sum()
    self:need ","
    local wrt = self:take "[%a_][%w_]*%b()'?" or self:need "[%a_][%w_]*'?"
    self:need "%)"
    return function(env)
      return M.derivative_of(env, f, wrt, "denominator", "free")
    end
  elseif name == "d" then
    local start = self.pos
    local f = self:list("%)")[1]
    local letter = self.text:sub(start, self.pos - 1):match "^%s*([%a_][%w_]*)%s*%)$"
    return function(env)
      if letter then
        return env.directions[letter] or fail("no direction of %s", letter)
      end
      return M.along(env, f)
    end
  elseif name == "sum" and self:peek "[%a_][%w_]*%s*=" then
    local counter = self:need "[%a_][%w_]*"
    self:need "="
    local lo = self:sum()
    self:need "%.%."
    local hi = self:sum()
    self:need ","
    local body = self:list("%)")[1]
    return function(env)
      local total
      for k = math.tointeger(lo(env).x[1]), math.tointeger(hi(env).x[1]) do
        local e = setmetatable({ values = setmetatable({ [counter] = numbers.number(k) }, { __index = env.values }) }, {
          __index = env,
        })
        local v = body(e)
        total = total and numbers.add(total, v) or v
      end
      return total or fail "an empty sum"
    end
  end
  if name == "frechet" then
    local f = numbers.functions[self:need "[%a_][%w_]*"]
    self:need ","
    local args = self:list "%)"
    return function(env)
      return numbers.frechet(f, args[1](env), args[2](env))
    end
  end
  local args = self:list "%)"
  return function(env)
    local f = not env.values[name] and numbers.functions[name]
    if not f and env.values[name] then
      return entry(function()
        return env.values[name]
      end, args)(env)
    end
    local list = {}
    for k, arg in ipairs(args) do
      list[k] = arg(env)
    end
    return (f or fail("unknown function %s", name))(table.unpack(list))
  end
end

function Parser:primary()
  local digits = self:take "%d+%.?%d*[eE]%-?%d+" or self:take "%d+%.%d+" or self:take "%d+"
  if digits then
    if self.text:match("^i%f[^%w_]", self.pos) then
      self.pos = self.pos + 1
      local v = tonumber(digits)
      return function()
        return numbers.number(0, v)
      end
    end
    local v = numbers.number(tonumber(digits) + 0.0)
    v.zero = v.x[1] == 0 or nil
    return function()
      return v
    end
  elseif self:take "%(" then
    return self:list("%)")[1]
  elseif self:take "%[" then
    return self:blocks()
  end
  local name = self:need "[%a_][%w_]*"
  if self:peek "%(" then
    self:take "%("
    return self:call(name)
  elseif name == "imagunit" then
    return function()
      return numbers.number(0, 1)
    end
  end
  return function(env)
    local v = env.values[name]
    local size = not v and env.sizes[name]
    return v or size and numbers.number(size) or fail("unknown name %s", name)
  end
end

local function composed(f, g, op)
  return function(env)
    return op(f(env), g(env))
  end
end

function Parser:postfix()
  local f = self:primary()
  while true do
    if self:take "'" then
      local inner = f
      f = function(env)
        return numbers.transpose(inner(env))
      end
    elseif self:take "%^H%f[^%w_]" then
      local inner = f
      f = function(env)
        return numbers.conj(numbers.transpose(inner(env)))
      end
    elseif self:take "%.%^" then
      f = composed(f, self:exponent(), numbers.powers)
    elseif self:take "%^" then
      f = composed(f, self:exponent(), numbers.power)
    elseif self:peek "%(" then -- an entry of what is in brackets or of a call
      self:take "%("
      f = entry(f, self:list "%)")
    else
      return f
    end
  end
end

function Parser:exponent()
  if self:take "%-" then
    local f = self:primary()
    return function(env)
      return numbers.scale(f(env), -1)
    end
  end
  return self:primary()
end

function Parser:unary()
  if self:take "%-" then
    local f = self:unary()
    return function(env)
      return numbers.scale(f(env), -1)
    end
  end
  return self:postfix()
end

function Parser:product()
  local f = self:unary()
  while true do
    if self:take "%*" then
      f = composed(f, self:unary(), numbers.multiply)
    elseif self:take "/" then
      f = composed(f, self:unary(), function(a, b)
        return b.rows == 1 and b.cols == 1 and numbers.over(a, b) or fail "a division by a matrix"
      end)
    elseif self:take "%.%*" then
      f = composed(f, self:unary(), numbers.hadamard)
    elseif self:take "%./" then
      f = composed(f, self:unary(), numbers.over)
    else
      return f
    end
  end
end

function Parser:sum()
  local f = self:product()
  while true do
    local sign = self:take "[%+%-]"
    if not sign then
      return f
    end
    f = composed(f, self:product(), function(a, b)
      return numbers.add(a, b, sign == "-" and -1 or 1)
    end)
  end
end

local parsed = {}

--- The expression of a text, a function of an environment.
function M.parse(text)
  local f = parsed[text]
  if not f then
    local self = setmetatable({ text = text, pos = 1 }, Parser)
    f = self:sum()
    if self:peek "%S" then
      fail("%q: nothing was expected at %d", text, self.pos)
    end
    parsed[text] = f
  end
  return f
end

-- ---------------------------------------------------------------------------------------------- values of letters

local KINDS = { scalar = true, vector = true, matrix = true }

-- The declarations of a text: { kind, name, sizes, attributes }.
local function declarations(text)
  local list, last = {}, nil
  for item in (text .. ","):gsub("%b()", function(s)
    return (s:gsub(",", ";"))
  end):gmatch "%s*([^,]*)," do
    local words = {}
    for word in item:gmatch "%S+" do
      words[#words + 1] = word
    end
    local d = { attributes = {} }
    if words[1] == "complex" then
      d.attributes.complex = true
      table.remove(words, 1)
    end
    if words[1] and KINDS[words[1]] then
      d.kind = table.remove(words, 1)
    elseif last then
      d.kind, d.attributes.complex = last.kind, last.said
    end
    d.said = d.attributes.complex
    local name, sizes = (table.remove(words, 1) or ""):match "^([%a_][%w_]*)(.*)$"
    d.name = name or fail("the declaration %q", item)
    d.sizes = {}
    for size in sizes:gmatch "[%w_%*]+" do
      d.sizes[#d.sizes + 1] = size
    end
    for _, word in ipairs(words) do
      d.attributes[word] = true
    end
    list[#list + 1], last = d, d
  end
  return list
end

local ALWAYS_COMPLEX = { "hermitian", "skewhermitian", "unitary", "hpsd", "hpd" }

--- The sets of sizes.
M.sizes = {
  { n = 2, m = 3, p = 2, q = 4, k = 3, l = 2 },
  { n = 3, m = 2, p = 4, q = 2, k = 2, l = 3 },
}

-- A random value of a declaration.
local function draw(d, sizes, r)
  local has = d.attributes
  local function size(i)
    local s = d.sizes[i]
    return not s and 1 or tonumber(s) or sizes[s] or fail("the size %s", s)
  end
  local rows, cols = size(1), d.kind == "matrix" and size(2) or 1
  for _, name in ipairs(ALWAYS_COMPLEX) do
    has.complex = has.complex or has[name]
  end
  local function dense(m, n)
    return numbers.new(m, n, function()
      return r:signed(0.2, 1.1), has.complex and not has.real and r:signed(0.2, 1.1) or 0
    end)
  end
  local a = dense(rows, cols)
  local H = rows == cols and numbers.conj(numbers.transpose(a))
  if has.unitary then -- Cayley
    local one, k = numbers.identity(rows), numbers.add(a, H, -1)
    a = numbers.multiply(numbers.add(one, k, -1), numbers.functions.inv(numbers.add(one, k)))
  elseif has.hpd or has.hpsd or has.psd or has.spd then
    a = numbers.multiply(a, H)
    a = numbers.add(a, numbers.identity(rows), (has.hpd or has.spd) and 0.5 or 0)
  elseif has.hermitian then
    a = numbers.scale(numbers.add(a, H), 0.5)
  elseif has.skewhermitian then
    a = numbers.scale(numbers.add(a, H, -1), 0.5)
  end
  if has.symmetric then
    a = numbers.scale(numbers.add(a, numbers.transpose(a)), 0.5)
  end
  if has.diagonal then
    a = numbers.new(rows, cols, function(i, j)
      if i ~= j then
        return 0, 0
      end
      return numbers.at(a, i, j)
    end)
  end
  if has.invertible and not has.hpd and not has.diagonal then
    a = numbers.add(a, numbers.identity(rows), 2)
  end
  if has.positive or has.nonnegative then
    a = numbers.new(rows, cols, function()
      return r:between(0.3, 1.3), 0
    end)
  end
  return a
end

--- Random values of declared letters.
function M.instance(decl, sizes, seed)
  local r = random.new(seed)
  local env = { values = {}, sizes = sizes, attributes = {}, directions = {} }
  for _, d in ipairs(declarations(decl)) do
    env.values[d.name] = draw(d, sizes, r)
    env.attributes[d.name] = d.attributes
  end
  return env
end

-- ---------------------------------------------------------------------------------------------- derivatives

local STEP = 1e-3

-- The derivative of f along a change of a letter, by six points.
local function along(env, f, name, change)
  local x, old = env.values[name], env.values[name]
  local function at(t)
    env.values[name] = numbers.add(x, change, t)
    local v = f(env)
    env.values[name] = old
    return v
  end
  local function central(k)
    return numbers.add(at(k * STEP), at(-k * STEP), -1)
  end
  local sum = numbers.add(numbers.scale(central(1), 45), central(2), -9)
  return numbers.scale(numbers.add(sum, central(3)), 1 / (60 * STEP))
end

--- The change of f along the directions of all letters.
function M.along(env, f)
  local before, total = env.values, nil
  local function at(t)
    local values = {}
    for name, v in pairs(before) do
      local change = env.directions[name]
      values[name] = change and numbers.add(v, change, t) or v
    end
    local e = setmetatable({ values = values }, { __index = env })
    return f(e)
  end
  for k, weight in ipairs { 45, -9, 1 } do
    local term = numbers.scale(numbers.add(at(k * STEP), at(-k * STEP), -1), weight / (60 * STEP))
    total = total and numbers.add(total, term) or term
  end
  return total
end

-- A change of one entry, or of two.
local function change(x, i, j, u, v, k, l, p, q)
  return numbers.new(x.rows, x.cols, function(a, b)
    local re, im = 0, 0
    if a == i and b == j then
      re, im = re + u, im + v
    end
    if k and a == k and b == l then
      re, im = re + p, im + q
    end
    return re, im
  end)
end

-- The columns of a vec form by the entries of a letter that is free: combine(by the real part, by the imaginary part).
local function free_columns(env, f, name, combine)
  local x, columns = env.values[name], {}
  for j = 1, x.cols do
    for i = 1, x.rows do
      local re = along(env, f, name, change(x, i, j, 1, 0))
      local im = along(env, f, name, change(x, i, j, 0, 1))
      columns[#columns + 1] = combine(re, im)
    end
  end
  return columns
end

-- The same of a Hermitian (sign 1) or skew-Hermitian (sign -1) letter. Along E_ij + sign*E_ji and i*(E_ij - sign*E_ji).
local function tied_columns(env, f, name, sign, read)
  local x, columns = env.values[name], {}
  local n = x.rows
  for j = 1, n do
    for i = 1, n do
      if i == j then
        local u, v = sign > 0 and 1 or 0, sign > 0 and 0 or 1
        columns[(j - 1) * n + i] = read(i, j, along(env, f, name, change(x, i, i, u, v)))
      else
        local first = along(env, f, name, change(x, i, j, 1, 0, j, i, sign, 0))
        local second = along(env, f, name, change(x, i, j, 0, 1, j, i, 0, -sign))
        columns[(j - 1) * n + i] = read(i, j, first, second)
      end
    end
  end
  return columns
end

local half = 0.5

-- What is read off the derivatives by real and imaginary parts, by convention.
local FREE = {
  letter = function(re, im)
    return numbers.scale(numbers.add(re, numbers.scale(im, 0, 1), -1), half)
  end,
  conjugate = function(re, im)
    return numbers.scale(numbers.add(re, numbers.scale(im, 0, 1)), half)
  end,
  gradient = function(re, im)
    return numbers.add(re, numbers.scale(im, 0, 1))
  end,
}
FREE.brandwood = FREE.conjugate

-- Along E_ij + s*E_ji it is G_ij + s*G_ji, along i*(E_ij - s*E_ji) it is i*(G_ij - s*G_ji).
local function tied(sign)
  local function own(i, j, first, second)
    if i == j then
      return sign > 0 and first or numbers.scale(first, 0, -1)
    end
    return numbers.scale(numbers.add(first, numbers.scale(second, 0, 1), -1), half)
  end
  local function other(i, j, first, second) -- the entry (j, i)
    if i == j then
      return own(i, j, first)
    end
    return numbers.scale(numbers.add(first, numbers.scale(second, 0, 1)), half * sign)
  end
  return {
    free = own,
    projected = own,
    conjugate = function(i, j, first, second) -- by conj(S) = s*S'
      return numbers.scale(other(i, j, first, second), sign)
    end,
    gradient = function(i, j, first, second) -- in the space of such matrices: s*G'
      return numbers.scale(other(i, j, first, second), sign)
    end,
    entries = function(i, j, first)
      if i == j and sign < 0 then
        return numbers.scale(first, 0)
      end
      return first
    end,
  }
end

local function columns_of(env, f, name, by_conjugate, convention)
  local has = env.attributes[name]
  local sign = (has.hermitian or has.hpd or has.hpsd) and 1 or has.skewhermitian and -1
  if sign then
    local reads = tied(sign)
    reads.brandwood = reads.gradient
    local read = reads[by_conjugate and "conjugate" or convention] or fail("the convention %s", convention)
    return tied_columns(env, f, name, sign, read)
  elseif not has.complex or has.real then
    return free_columns(env, f, name, function(re)
      return re
    end)
  end
  local combine = FREE[by_conjugate and "conjugate" or FREE[convention] and convention or "letter"]
  return free_columns(env, f, name, combine)
end

--- The derivative of f, a function of the environment, by a letter or its conjugate, perhaps transposed or an entry.
function M.derivative_of(env, f, wrt, layout, convention)
  local inner = wrt:match "^%s*conj(%b())'?%s*$"
  local name, at = (inner and inner:sub(2, -2) or wrt):match "^%s*([%a_][%w_]*)%s*([^']*)"
  local turned = wrt:match "'%s*$" ~= nil
  local x = env.values[name] or fail("%s is no variable", wrt)
  local columns = columns_of(env, f, name, inner ~= nil, convention)
  local m, n = x.rows, x.cols
  local value = f(env)
  if at and at:match "%d" then
    local i, j = at:match "(%d+)%s*,?%s*(%d*)"
    i, j = tonumber(i), tonumber(j) or 1
    columns, m, n = { columns[(j - 1) * m + i] }, 1, 1
  end
  local function part(key)
    local jacobian = numeric.new(#value.x, #columns, function(row, column)
      return columns[column][key][row]
    end)
    local rows, cols = m, n
    if turned then
      jacobian, rows, cols = layouts.by_transpose(jacobian, m, n), n, m
    end
    return layouts.arrange(jacobian, value.rows, value.cols, rows, cols, layout)
  end
  local re, im = part "x", part "y"
  return numbers.new(re.rows, re.cols, function(i, j)
    return numeric.at(re, i, j), numeric.at(im, i, j)
  end)
end

-- ---------------------------------------------------------------------------------------------- verdicts

local NEAR = 2e-6

local function compare(wanted, found, tolerance)
  if wanted.rows ~= found.rows or wanted.cols ~= found.cols then
    local text = "it is %d x %d, expected %d x %d"
    return false, text:format(found.rows, found.cols, wanted.rows, wanted.cols), math.huge
  end
  local gap = numbers.magnitude(numbers.add(wanted, found, -1)) / (1 + numbers.magnitude(wanted))
  if gap == gap and gap <= (tolerance or NEAR) then
    return true, nil, gap
  end
  return false, ("the error is %.2g"):format(gap), gap
end

-- A test at two sets of sizes: true; or false and why.
local function everywhere(decl, seed, test, only)
  local worst = 0
  for k, sizes in ipairs(only and { M.sizes[only] } or M.sizes) do
    local right, why, gap = guarded(function()
      return test(M.instance(decl, sizes, seed .. "/" .. k))
    end)
    if not right then
      return false, why
    end
    worst = math.max(worst, gap)
  end
  return true, nil, worst
end

--- Is an answer the derivative? problem: decl, expr, wrt, answer; layout, convention; wrt2: the variable of a second derivative,
-- `turned`: with its rows by that; `sizes`: at the set of sizes of that number only.
function M.check(problem)
  return everywhere(problem.decl, problem.expr .. problem.wrt, function(env)
    local f = M.parse(problem.expr)
    local wanted
    if problem.wrt2 then
      wanted = M.derivative_of(env, function(e)
        return numbers.functions.vec(M.derivative_of(e, f, problem.wrt, "denominator", "free"))
      end, problem.wrt2, "vec", "free")
      wanted = problem.turned and numbers.transpose(wanted) or wanted -- as the text D(D(f, x), y) is laid out by denominators
    else
      wanted = M.derivative_of(env, f, problem.wrt, problem.layout or "denominator", problem.convention or "free")
    end
    return compare(wanted, M.parse(problem.answer)(env), problem.wrt2 and 1e-5)
  end, problem.sizes)
end

-- The largest value of an expression for which differences say something.
local LARGE = 1e3

--- Can a derivative be told by differences? true; or false and why: the expression has no value, a large one, or one that changes too
-- fast for the steps.
function M.value(problem)
  return everywhere(problem.decl, problem.expr .. problem.wrt, function(env)
    local f = M.parse(problem.expr)
    local size = numbers.magnitude(f(env))
    if size > LARGE then
      return false, ("a value of %.2g"):format(size)
    end
    local by = problem.wrt
    local fine = M.derivative_of(env, f, by, "vec", "free")
    local before = STEP
    STEP = before * 2
    local ok, coarse = pcall(M.derivative_of, env, f, by, "vec", "free")
    STEP = before
    local gap = ok and numbers.magnitude(numbers.add(fine, coarse, -1)) / (1 + numbers.magnitude(fine)) or math.huge
    return gap < 1e-4, ("differences are off by %.2g"):format(gap), gap
  end)
end

--- Have two expressions the same value? They may hold derivatives D(f, x) and differentials d(E).
function M.same(a, b, decl)
  return everywhere(decl, a .. b, function(env)
    local r = random.new(a .. b)
    for name, x in pairs(env.values) do
      local has = env.attributes[name]
      env.directions[name] = not has.constant
          and draw({ kind = "matrix", sizes = { tostring(x.rows), tostring(x.cols) }, attributes = {
            complex = has.complex,
            hermitian = has.hermitian or has.hpd or has.hpsd,
            skewhermitian = has.skewhermitian,
          } }, env.sizes, r)
        or nil
    end
    return compare(M.parse(a)(env), M.parse(b)(env), 1e-5)
  end)
end

return M
