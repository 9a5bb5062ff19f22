--- Small matrices of complex numbers for the judge: tables with `rows`, `cols`, and the parts of the entries, columns after columns, in
-- `x` and `y`. Nothing here depends on the engine under test.

local mistakes = require "spec.judge.mistakes"

local M = {}

local fail = mistakes.raise

-- ---------------------------------------------------------------------------------------------- numbers

local function times(a, b, c, d)
  return a * c - b * d, a * d + b * c
end

local function over(a, b, c, d)
  local size = c * c + d * d
  return (a * c + b * d) / size, (b * c - a * d) / size
end

local function exp(a, b)
  return math.exp(a) * math.cos(b), math.exp(a) * math.sin(b)
end

local function log(a, b)
  return 0.5 * math.log(a * a + b * b), math.atan(b, a)
end

-- sin(z) = (e^{iz} - e^{-iz})/2i, and the like
local function sin(a, b)
  local p, q = exp(-b, a)
  local r, s = exp(b, -a)
  return (q - s) / 2, -(p - r) / 2
end

local function cos(a, b)
  local p, q = exp(-b, a)
  local r, s = exp(b, -a)
  return (p + r) / 2, (q + s) / 2
end

local function sinh(a, b)
  local p, q = exp(a, b)
  local r, s = exp(-a, -b)
  return (p - r) / 2, (q - s) / 2
end

local function cosh(a, b)
  local p, q = exp(a, b)
  local r, s = exp(-a, -b)
  return (p + r) / 2, (q + s) / 2
end

-- ---------------------------------------------------------------------------------------------- matrices

--- The matrix with entries f(i, j): two numbers.
function M.new(rows, cols, f)
  local a = { rows = rows, cols = cols, x = {}, y = {} }
  for j = 1, cols do
    for i = 1, rows do
      local k = (j - 1) * rows + i
      local u, v = 0, 0
      if f then
        u, v = f(i, j)
      end
      a.x[k], a.y[k] = u, v or 0
    end
  end
  return a
end

function M.number(u, v)
  return { rows = 1, cols = 1, x = { u }, y = { v or 0 } }
end

function M.at(a, i, j)
  local k = (j - 1) * a.rows + i
  return a.x[k], a.y[k]
end

local at = M.at

local function is_number(a)
  return a.rows == 1 and a.cols == 1
end

function M.identity(n)
  return M.new(n, n, function(i, j)
    return i == j and 1 or 0
  end)
end

local function same_shape(a, b, what)
  if a.rows ~= b.rows or a.cols ~= b.cols then
    fail("%s of %d x %d and %d x %d", what, a.rows, a.cols, b.rows, b.cols)
  end
end

--- a + w*b for a real number w.
function M.add(a, b, w)
  same_shape(a, b, "a sum")
  w = w or 1
  return M.new(a.rows, a.cols, function(i, j)
    local p, q = at(a, i, j)
    local r, s = at(b, i, j)
    return p + w * r, q + w * s
  end)
end

--- a times the number u + iv.
function M.scale(a, u, v)
  return M.new(a.rows, a.cols, function(i, j)
    local p, q = at(a, i, j)
    return times(p, q, u, v or 0)
  end)
end

function M.multiply(a, b)
  if is_number(a) then
    return M.scale(b, a.x[1], a.y[1])
  elseif is_number(b) then
    return M.scale(a, b.x[1], b.y[1])
  elseif a.cols ~= b.rows then
    fail("a product of %d x %d and %d x %d", a.rows, a.cols, b.rows, b.cols)
  end
  return M.new(a.rows, b.cols, function(i, j)
    local u, v = 0, 0
    for k = 1, a.cols do
      local p, q = at(a, i, k)
      local r, s = at(b, k, j)
      r, s = times(p, q, r, s)
      u, v = u + r, v + s
    end
    return u, v
  end)
end

local function entrywise(f)
  return function(a, b)
    local shape = is_number(a) and b or a
    if not is_number(a) and not is_number(b) then
      same_shape(a, b, "an elementwise operation")
    end
    return M.new(shape.rows, shape.cols, function(i, j)
      local p, q = at(a, is_number(a) and 1 or i, is_number(a) and 1 or j)
      return f(p, q, at(b, is_number(b) and 1 or i, is_number(b) and 1 or j))
    end)
  end
end

M.hadamard = entrywise(times)
M.over = entrywise(over)

local function power_of_number(p, q, r, s)
  local k = s == 0 and math.tointeger(r)
  if k then
    local u, v = 1, 0
    for _ = 1, math.abs(k) do
      u, v = times(u, v, p, q)
    end
    if k < 0 then
      return over(1, 0, u, v)
    end
    return u, v
  end
  local a, b = log(p, q)
  return exp(times(a, b, r, s))
end
M.powers = entrywise(power_of_number)

function M.transpose(a)
  return M.new(a.cols, a.rows, function(i, j)
    return at(a, j, i)
  end)
end

function M.conj(a)
  return M.new(a.rows, a.cols, function(i, j)
    local p, q = at(a, i, j)
    return p, -q
  end)
end

local function map(f)
  return function(a)
    return M.new(a.rows, a.cols, function(i, j)
      return f(at(a, i, j))
    end)
  end
end

-- Elimination on [a, I]: the inverse (nil where there is none) and the determinant.
local function eliminate(a)
  if a.rows ~= a.cols then
    fail("a matrix of %d x %d is not square", a.rows, a.cols)
  end
  local n, dx, dy = a.rows, 1, 0
  local w = {}
  for i = 1, n do
    w[i] = {}
    for j = 1, n do
      w[i][j] = { at(a, i, j) }
      w[i][n + j] = { i == j and 1 or 0, 0 }
    end
  end
  for c = 1, n do
    local p = c
    for i = c + 1, n do
      local one, other = w[i][c], w[p][c]
      p = one[1] ^ 2 + one[2] ^ 2 > other[1] ^ 2 + other[2] ^ 2 and i or p
    end
    local u, v = w[p][c][1], w[p][c][2]
    if u == 0 and v == 0 then
      return nil, M.number(0)
    elseif p ~= c then
      w[c], w[p], dx, dy = w[p], w[c], -dx, -dy
    end
    dx, dy = times(dx, dy, u, v)
    for j = 1, 2 * n do
      w[c][j] = { over(w[c][j][1], w[c][j][2], u, v) }
    end
    for i = 1, n do
      local f, g = w[i][c][1], w[i][c][2]
      for j = 1, i ~= c and 2 * n or 0 do
        local r, s = times(f, g, w[c][j][1], w[c][j][2])
        w[i][j] = { w[i][j][1] - r, w[i][j][2] - s }
      end
    end
  end
  return M.new(n, n, function(i, j)
    return w[i][n + j][1], w[i][n + j][2]
  end), M.number(dx, dy)
end

local function inverse(a)
  return (eliminate(a)) or fail "a singular matrix"
end

local function determinant(a)
  return (select(2, eliminate(a)))
end

--- A square matrix, or a number, to a power.
function M.power(a, k)
  if is_number(a) then
    return M.powers(a, k)
  end
  local n = math.tointeger(k.x[1])
  if not n or k.y[1] ~= 0 then
    fail "a matrix to a power that is no whole number"
  end
  local base, result = n < 0 and inverse(a) or a, M.identity(a.rows)
  for _ = 1, math.abs(n) do
    result = M.multiply(result, base)
  end
  return result
end

local function total(a)
  local u, v = 0, 0
  for k = 1, #a.x do
    u, v = u + a.x[k], v + a.y[k]
  end
  return M.number(u, v)
end

local function trace(a)
  local u, v = 0, 0
  for i = 1, a.rows == a.cols and a.rows or fail "the trace of a matrix that is not square" do
    local p, q = at(a, i, i)
    u, v = u + p, v + q
  end
  return M.number(u, v)
end

local function kronecker(a, b)
  return M.new(a.rows * b.rows, a.cols * b.cols, function(i, j)
    local p, q = at(a, (i - 1) // b.rows + 1, (j - 1) // b.cols + 1)
    return times(p, q, at(b, (i - 1) % b.rows + 1, (j - 1) % b.cols + 1))
  end)
end

local function whole(a)
  return math.tointeger(a.x[1] + 0.0) or fail "a whole number was expected"
end

local function length(a)
  local sum = 0
  for k = 1, #a.x do
    sum = sum + a.x[k] ^ 2 + a.y[k] ^ 2
  end
  return M.number(math.sqrt(sum))
end

--- name -> function of the arguments.
M.functions = {
  conj = M.conj,
  re = map(function(p)
    return p, 0
  end),
  im = map(function(_, q)
    return q, 0
  end),
  abs = map(function(p, q)
    return math.sqrt(p * p + q * q), 0
  end),
  arg = map(function(p, q)
    return math.atan(q, p), 0
  end),
  exp = map(exp),
  log = map(log),
  sqrt = map(function(p, q)
    return power_of_number(p, q, 0.5, 0)
  end),
  sin = map(sin),
  cos = map(cos),
  sinh = map(sinh),
  cosh = map(cosh),
  tan = function(a)
    return M.over(map(sin)(a), map(cos)(a))
  end,
  tanh = function(a)
    return M.over(map(sinh)(a), map(cosh)(a))
  end,
  sec = function(a)
    return M.over(M.number(1), map(cos)(a))
  end,
  tr = trace,
  sum = total,
  det = determinant,
  inv = inverse,
  logdet = function(a)
    local p = log(M.at(determinant(a), 1, 1))
    return M.number(p) -- log|det|
  end,
  norm2 = length,
  normF = length,
  vec = function(a)
    return { rows = #a.x, cols = 1, x = a.x, y = a.y }
  end,
  kron = kronecker,
  diag = function(a)
    return M.new(a.rows, a.rows, function(i, j)
      if i ~= j then
        return 0, 0
      end
      return at(a, i, 1)
    end)
  end,
  diagv = function(a)
    return M.new(a.rows, 1, function(i)
      return at(a, i, i)
    end)
  end,
  I = function(n)
    return M.identity(whole(n))
  end,
  ones = function(m, n)
    return M.new(whole(m), n and whole(n) or 1, function()
      return 1, 0
    end)
  end,
  zeros = function(m, n)
    return M.new(whole(m), n and whole(n) or 1)
  end,
  K = function(m, n)
    local rows, cols = whole(m), whole(n)
    return M.new(rows * cols, rows * cols, function(r, c)
      -- column c stands for the entry (i, j) of A, row r for the entry (j, i) of A'
      local i, j = (c - 1) % rows, (c - 1) // rows
      return r - 1 == i * cols + j and 1 or 0, 0
    end)
  end,
  E = function(i, j, m, n)
    local p, q = whole(i), whole(j)
    return M.new(whole(m), whole(n), function(k, l)
      return k == p and l == q and 1 or 0, 0
    end)
  end,
  adj = function(a)
    return M.multiply(determinant(a), inverse(a))
  end,
}

-- ---------------------------------------------------------------------------------------------- functions of a matrix

local function factor(a, k)
  return M.multiply(M.number(k), a)
end

-- The exponential, by scaling and its series.
local function exponential(a)
  local squarings = math.max(0, math.ceil(math.log(M.magnitude(a) * a.rows + 1, 2))) + 4
  local x, sum = factor(a, 0.5 ^ squarings), M.identity(a.rows)
  local term = sum
  for k = 1, 14 do
    term = factor(M.multiply(term, x), 1 / k)
    sum = M.add(sum, term)
  end
  for _ = 1, squarings do
    sum = M.multiply(sum, sum)
  end
  return sum
end

-- The principal square root (Denman and Beavers 1976).
local function root(a)
  local y, z = a, M.identity(a.rows)
  for _ = 1, 60 do
    local next_y = factor(M.add(y, inverse(z)), 0.5)
    z = factor(M.add(z, inverse(y)), 0.5)
    if M.magnitude(M.add(next_y, y, -1)) < 1e-15 * M.magnitude(y) then
      break
    end
    y = next_y
  end
  return y
end

-- The principal logarithm: of a root that is near 1, by 2*atanh((X - I)/(X + I)).
local function logarithm(a)
  local x, one, roots = a, M.identity(a.rows), 0
  while M.magnitude(M.add(x, one, -1)) > 0.1 and roots < 40 do
    x, roots = root(x), roots + 1
  end
  local u = M.multiply(M.add(x, one, -1), inverse(M.add(x, one)))
  local square, term, sum = M.multiply(u, u), u, u
  for k = 3, 25, 2 do
    term = M.multiply(term, square)
    sum = M.add(sum, factor(term, 1 / k))
  end
  return factor(sum, 2 ^ (roots + 1))
end

--- The Frechet derivative of a function of a matrix: the block of f([X, H; 0, X]).
function M.frechet(f, x, h)
  local n = x.rows
  local both = f(M.new(2 * n, 2 * n, function(i, j)
    if i > n and j <= n then
      return 0, 0
    end
    return at(i <= n and j > n and h or x, (i - 1) % n + 1, (j - 1) % n + 1)
  end))
  return M.new(n, n, function(i, j)
    return at(both, i, j + n)
  end)
end

M.functions.expm, M.functions.logm, M.functions.sqrtm = exponential, logarithm, root

local function entries(f)
  return function(a)
    return M.new(a.rows, a.cols, function(i, j)
      return f(at(a, i, j))
    end)
  end
end

M.functions.norm1 = function(a)
  return total(M.functions.abs(a))
end
M.functions.sigmoid = function(a)
  local one = M.new(a.rows, a.cols, function()
    return 1, 0
  end)
  return M.over(one, M.add(one, M.functions.exp(M.scale(a, -1))))
end
M.functions.relu = entries(function(p)
  return math.max(p, 0), 0
end)
M.functions.step = entries(function(p)
  return p > 0 and 1 or 0, 0
end)
M.functions.sign = entries(function(p)
  return p > 0 and 1 or -1, 0
end)
M.functions.softmax = function(a)
  local e = M.functions.exp(a)
  return M.over(e, total(e))
end
M.functions.logsumexp = function(a)
  return M.functions.log(total(M.functions.exp(a)))
end
M.functions.unvec = function(a, m, n)
  return { rows = whole(m), cols = whole(n), x = a.x, y = a.y }
end

--- The largest magnitude of an entry.
function M.magnitude(a)
  local most = 0
  for k = 1, #a.x do
    local size = math.sqrt(a.x[k] ^ 2 + a.y[k] ^ 2)
    if size ~= size then
      return math.huge
    end
    most = math.max(most, size)
  end
  return most
end

return M
