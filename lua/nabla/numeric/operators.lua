--- How operators of the rule files are evaluated: for each name a function that turns the operations of its arguments into
-- that of its value. Operators that a rule file defines by an expression need none; a script adds to these with
-- nabla.numeric.define.
--
-- An evaluator is called with the set of operations, the list of arguments, and a context: `rows`, `cols` of the value,
-- `spd` (is argument 1 known to be positive definite), `fail(message)`, `script(name)` (the function that a script defined).
--
-- @module nabla.numeric.operators

local core = require "nabla.numeric.core"
local graph = require "nabla.numeric.graph"

local M = {}

--- name -> { number of arguments, evaluator }
local known = {}
M.known = known

local function define(name, arity, f)
  known[name] = { arity, f }
end

-- Functions of one entry.
local function entrywise(names, library)
  for name in names:gmatch "%S+" do
    define(name, 1, function(G, a)
      return G:entrywise(name, a)
    end)
    known[name].library = library
  end
end
entrywise "exp log sin cos tan sec sinh cosh tanh asin acos atan sqrt abs sign step relu sigmoid softplus"
-- also for functions that a user's file gives these names
entrywise("csc cot sech asinh acosh atanh erf erfc expm1 log1p lgamma sinc digamma trigamma", true)

-- A size or an index, which the program is made for.
local function whole(p, what, c, least, most)
  local v = graph.value(p)
  if not v then
    c.fail(what .. " must follow from the sizes and from scalars alone")
  end
  local number = math.tointeger(v)
  least = least or 1
  if not number or number < least or number > (most or math.huge) then
    local range = least == -math.huge and "it is a whole number"
      or string.format("it counts from %d%s", least, most and " to " .. most or " on")
    c.fail(string.format("%s is %g; %s", what, v, range))
  end
  return number
end
M.whole = whole

-- One step on arguments as they are; arguments that are sizes follow from those of the result.
local function step(name, arity, op, sizes)
  define(name, arity, function(G, a, c)
    return G:make(op or name, c.rows, c.cols, not sizes and a or nil)
  end)
end

-- ---------------------------------------------------------------------------------------------- linear

define("tr", 1, function(G, a)
  return G:trace(a[1])
end)
define("sum", 1, function(G, a)
  return G:total(a[1])
end)
define("diag", 1, function(G, a)
  return G:diag(a[1])
end)
define("diagv", 1, function(G, a)
  return G:diagv(a[1])
end)
define("vec", 1, function(G, a, c)
  return G:view(a[1], c.rows, c.cols)
end)
define("unvec", 3, function(G, a, c)
  return G:view(a[1], c.rows, c.cols)
end)
define("kron", 2, function(G, a)
  return G:kron(a[1], a[2])
end)
step("khatrirao", 2)
step("hcat", 2, "beside")
step("vcat", 2, "below")
step("vech", 1)
step("tril", 1)
step("triu", 1)
step("diagonalsums", 1, "diagonal_sums")
step("hat", 1)
step("vee", 1)
step("cross", 2)
define("entry", 3, function(G, a, c)
  local i = whole(a[2], "the row of an entry", c, 1, a[1].rows)
  local j = whole(a[3], "the column of an entry", c, 1, a[1].cols)
  if a[1].op == "t" then
    return G:make("entry", 1, 1, { a[1].args[1] }, { x = j, y = i })
  end
  return G:make("entry", 1, 1, { a[1] }, { x = i, y = j })
end)

-- ---------------------------------------------------------------------------------------------- constant matrices

define("K", 2, function(G, a, c)
  return G:swap(whole(a[1], "a size of K", c), whole(a[2], "a size of K", c))
end)
define("E", 4, function(G, a, c)
  local i = whole(a[1], "the row of a unit matrix", c, 1, c.rows)
  local j = whole(a[2], "the column of a unit matrix", c, 1, c.cols)
  return G:make("unit", c.rows, c.cols, nil, { x = i, y = j })
end)
step("Dup", 1, "dup", true)
step("Elim", 1, "elim", true)
step("diagonals", 1, "diagonals", true)
define("pi", 0, function(G)
  return G:const(math.pi)
end)

-- ---------------------------------------------------------------------------------------------- scalars of matrices

local function plain(p) -- where the order of entries does not matter
  return (p.op == "t" or p.op == "view") and p.args[1] or p
end

for _, name in ipairs { "norm1", "norm2", "max", "logsumexp" } do
  define(name, 1, function(G, a)
    return G:make(name, 1, 1, { plain(a[1]) })
  end)
end

for _, name in ipairs { "det", "logdet" } do
  define(name, 1, function(G, a, c)
    local p = a[1].op == "t" and a[1].args[1] or a[1]
    return G:make(name, 1, 1, { G:factors(p, c.spd) })
  end)
end

define("eigval", 2, function(G, a, c)
  local k = whole(a[2], "the number of an eigenvalue", c, 1, a[1].rows)
  return G:make("eigval", 1, 1, { G:make("eigen", a[1].rows, a[1].cols, { a[1] }) }, { x = k })
end)

-- ---------------------------------------------------------------------------------------------- functions of a matrix

for _, name in ipairs { "expm", "logm", "sqrtm", "sinm", "cosm" } do
  local which = core.matrix_function(name)
  define(name, 1, function(G, a, c)
    if a[1].op == "t" then
      return G:transpose(G:make("function", c.rows, c.cols, { a[1].args[1] }, { x = which }))
    end
    return G:make("function", c.rows, c.cols, a, { x = which })
  end)
end

define("eigvec", 2, function(G, a, c)
  local k = whole(a[2], "the number of an eigenvector", c, 1, a[1].rows)
  return G:make("eigvec", c.rows, 1, { G:make("eigen", a[1].rows, a[1].cols, { a[1] }) }, { x = k })
end)

define("inv", 1, function(G, a, c)
  return G:inverse(a[1], c.spd)
end)
step("pinv", 1)
step("adj", 1)
step("softmax", 1)
step("argmax", 1)

-- The lower triangular L with L*L' the symmetric part of A, where that is positive definite; else no numbers.
local function cholesky(A)
  local matrix = require "nabla.numeric.matrix"
  A = matrix(A)
  local n, L = A.rows, {}
  for i = 1, n do
    L[i] = {}
    for j = 1, i do
      local rest = (A(i, j) + A(j, i)) / 2
      for k = 1, j - 1 do
        rest = rest - L[i][k] * L[j][k]
      end
      L[i][j] = i == j and rest ^ 0.5 or rest / L[j][j]
    end
  end
  return matrix.build(n, n, function(i, j)
    return L[i][j] or 0
  end)
end

define("chol", 1, function(_, a, c)
  return c.call(cholesky, a)
end)

-- The matrix C with C*y = conv(x, y): in each column x, one place lower than in the column before.
define("convmatrix", 2, function(_, a, c)
  return c.call(function(x)
    local matrix = require "nabla.numeric.matrix"
    x = matrix(x)
    return matrix.build(c.rows, c.cols, function(i, j)
      return i >= j and i - j < x.rows and x(i - j + 1, 1) or 0
    end)
  end, { a[1] })
end)

for _, name in ipairs { "care", "dare" } do
  define(name, name == "care" and 3 or 4, function(_, a, c)
    return c.call(function(...)
      return require("nabla.numeric.riccati")[name](...)
    end, a)
  end)
end

-- The Frechet derivative of a function that a script defined: a block of the function of a block matrix.
local function frechet_of(f)
  return function(X, H)
    local matrix = require "nabla.numeric.matrix"
    X, H = matrix(X), matrix(H)
    local n = X.rows
    local big = matrix.build(2 * n, 2 * n, function(i, j)
      if i <= n and j > n then
        return H(i, j - n)
      elseif (i <= n) == (j <= n) then
        return X(i <= n and i or i - n, j <= n and j or j - n)
      end
      return 0
    end)
    local value = matrix(f(big))
    return matrix.build(n, n, function(i, j)
      return value(i, j + n)
    end)
  end
end

-- frechet(f, X, H) and its Kronecker form; the context has the name f.
define("frechet", 3, function(G, a, c)
  local which = core.matrix_function(c.operator)
  if which and not c.script(c.operator) then
    return G:make("frechet", c.rows, c.cols, { a[2], a[3] }, { x = which })
  end
  return c.call(frechet_of(c.need_script(c.operator)), { a[2], a[3] })
end)

-- [X H; 0 X], or with more copies of X, each with H beside it.
local function staircase(G, X, H, k)
  local n, rows = X.rows, {}
  local zero = G:fill(0, n, n)
  for i = 0, k do
    local row
    for j = 0, k do
      local block = i == j and X or j == i + 1 and H or zero
      row = row and G:make("beside", n, row.cols + n, { row, block }) or block
    end
    local above = rows[1]
    rows[1] = above and G:make("below", above.rows + n, row.cols, { above, row }) or row
  end
  return rows[1]
end

-- The corner above the diagonal, n x n.
local function corner(G, a, n)
  local rest = a.rows - n
  local left = G:make("beside", n, a.rows, { G:eye(n), G:fill(0, n, rest) })
  local right = G:make("below", a.rows, n, { G:fill(0, rest, n), G:eye(n) })
  return G:multiply(G:multiply(left, a), right)
end

-- The derivative of order k in the direction H: k! times the corner of the function of the block matrix.
local function of_order(G, X, H, k, c)
  local big, factorial = staircase(G, X, H, k), 1
  for i = 2, k do
    factorial = factorial * i
  end
  local which = core.matrix_function(c.operator)
  local value
  if which and not c.script(c.operator) then
    value = G:make("function", big.rows, big.rows, { big }, { x = which })
  else
    value = G:call(c.callee(c.need_script(c.operator)), { big }, big.rows, big.rows)
  end
  return G:scaled(G:const(factorial), corner(G, value, X.rows))
end

local MOST_ORDER = 32

define("frechetn", 4, function(G, a, c)
  return of_order(G, a[2], a[3], whole(a[4], "the order of a derivative", c, 1, MOST_ORDER), c)
end)

define("frechetmixed", 5, function(G, a, c)
  local X, H, E = a[2], a[3], a[4]
  local k = whole(a[5], "the order of a derivative", c, 1, MOST_ORDER)
  local zero = G:fill(0, X.rows, X.rows)
  local function beside(p, q)
    return G:make("beside", p.rows, p.cols + q.cols, { p, q })
  end
  local function square(p, q, r, t)
    return G:make("below", 2 * p.rows, 2 * p.rows, { beside(p, q), beside(r, t) })
  end
  local twice = square(X, E, zero, X)
  if k == 1 then
    return of_order(G, X, E, 1, c)
  end
  return corner(G, of_order(G, twice, square(H, zero, zero, H), k - 1, c), X.rows)
end)

define("frechetmatrix", 2, function(G, a, c)
  local which = core.matrix_function(c.operator)
  if which and not c.script(c.operator) then
    return G:make("frechet_matrix", c.rows, c.cols, { a[2] }, { x = which })
  end
  local f = frechet_of(c.need_script(c.operator))
  return c.call(function(X)
    local matrix = require "nabla.numeric.matrix"
    X = matrix(X)
    local n, columns = X.rows, {}
    for k = 1, n * n do
      local H = matrix.zeros(n, n)
      H[k] = 1
      columns[k] = f(X, H)
    end
    return matrix.build(n * n, n * n, function(i, j)
      return columns[j][i]
    end)
  end, { a[2] })
end)

return M
