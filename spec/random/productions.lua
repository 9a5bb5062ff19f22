--- Productions of random expressions, by kind of shape: function(self, rows, cols, depth, live) -> text, or nil where it does not
-- apply. self: a generator; live: the variable occurs in the result.

local Generator = require "spec.random.operands"
local text = require "spec.random.text"

local atom, call, inside, plus, minus = text.atom, text.call, text.inside, text.plus, text.minus
local times, dotted, over, power = text.times, text.dotted, text.over, text.power
local powers, transposed, positive = text.powers, text.transposed, text.positive
local dimensions, kind_of = Generator.dimensions, Generator.kind_of

local productions = { scalar = {}, vector = {}, row = {}, matrix = {} }

local function produce(kinds, f)
  for kind in kinds:gmatch "%a+" do
    table.insert(productions[kind], f)
  end
end

produce("scalar vector row matrix", function(self, rows, cols, depth, live)
  return plus(self:pair(rows, cols, depth, live))
end)

produce("scalar vector row matrix", function(self, rows, cols, depth, live)
  return minus(self:pair(rows, cols, depth, live))
end)

-- listed twice, since many productions have one result only
for _, kinds in ipairs { "scalar vector matrix", "scalar vector matrix" } do
  produce(kinds, function(self, rows, cols, depth, live)
    return self:elementwise(self:expression(rows, cols, depth - 1, live), rows, cols)
  end)
end

produce("vector row matrix", function(self, rows, cols, depth, live)
  local a, b = self:split(live)
  return times(self:expression("1", "1", depth - 1, a), self:expression(rows, cols, depth - 1, b))
end)

-- products through an inner dimension
local function product(self, rows, cols, depth, live)
  local inner = self.random:pick(dimensions)
  local a, b = self:split(live)
  return times(self:expression(rows, inner, depth - 1, a), self:expression(inner, cols, depth - 1, b))
end

produce("scalar vector row matrix", product)
produce("scalar vector row matrix", product)

produce("vector matrix", function(self, rows, cols, depth, live)
  local a, b = self:pair(rows, cols, depth, live)
  return dotted(a, ".*", b)
end)

produce("vector matrix", function(self, rows, cols, depth, live)
  local a, b = self:pair(rows, cols, depth, live)
  return dotted(a, "./", positive(b, rows, cols))
end)

produce("scalar vector matrix", function(self, rows, cols, depth, live)
  local a, b = self:split(live)
  local bottom = positive(self:expression("1", "1", depth - 1, b), "1", "1")
  return over(self:expression(rows, cols, depth - 1, a), bottom)
end)

produce("vector matrix", function(self, rows, cols, depth, live)
  return powers(self:expression(rows, cols, depth - 1, live), self.random:integer(2) + 1)
end)

produce("matrix row", function(self, rows, cols, depth, live)
  return transposed(self:expression(cols, rows, depth - 1, live))
end)

-- unknown functions of every shape at an expression of any shape: f(x), f(A*x + b), F(A*X*B), g(u(x))
for _ = 1, 2 do
  produce("scalar vector matrix", function(self, rows, cols, depth, live)
    if not live then
      return nil
    end
    local random, x = self.random, self.wrt
    if random:chance(0.5) then
      local f = self:unknown(rows, cols, self:place(x.rows, x.cols))
      return call(
        f,
        random:chance(0.3) and self:variable() or self:expression(x.rows, x.cols, depth - 1, true)
      )
    end
    local kind = random:pick { "scalar", "vector", "vector", "matrix" }
    local p = kind == "scalar" and "1" or random:pick(dimensions)
    local q = kind == "matrix" and random:pick(dimensions) or "1"
    return call(self:unknown(rows, cols, self:place(p, q)), self:expression(p, q, depth - 1, true))
  end)
end

produce("scalar vector", function(self, rows, _, _, live)
  if not live or self.wrt.kind == "matrix" or self.wrt.members then
    return nil
  end
  local u = self:unknown(self.random:pick(dimensions), "1", self.wrt.name)
  return call(self:unknown(rows, "1", u), call(u, self:variable()))
end)

-- the derivative of an unknown function by a column, as the layout writes it: a row in these, in the others a column
local writes_rows = { numerator = true, vec = true, block_t = true }

produce("scalar", function(self, _, _, depth, live)
  if not live then
    return nil
  end
  local n = self.random:pick(dimensions)
  local f = self:unknown("1", "1", self:place(n, "1"))
  local d = atom("D(%s,%s)", f, self:expression(n, "1", depth - 1, true).text)
  if not writes_rows[self.layout] then
    d = transposed(d)
  end
  return times(d, self:expression(n, "1", depth - 1, false))
end)

-- scalars
produce("scalar", function(self, _, _, depth, live)
  return times(self:pair("1", "1", depth, live))
end)

produce("scalar", function(self, _, _, depth, live)
  return power(self:expression("1", "1", depth - 1, live), self.random:integer(2) + 1)
end)

produce("scalar", function(self, _, _, depth, live)
  local n = self.random:pick(dimensions)
  return call("tr", self:expression(n, n, depth - 1, live))
end)

produce("scalar", function(self, _, _, depth, live)
  local n = self.random:pick(dimensions)
  return call(self.random:pick { "det", "logdet" }, self:regular(n, depth, live))
end)

for _, norms in ipairs { { "norm2", "norm2", "norm1" }, { "normF", "norm1", "norm2" }, { "sum", "sum", "sum" } } do
  produce("scalar", function(self, _, _, depth, live)
    local cols = norms[1] == "norm2" and "1" or self.random:pick(dimensions)
    return call(self.random:pick(norms), self:expression(self.random:pick(dimensions), cols, depth - 1, live))
  end)
end

produce("scalar", function(self, _, _, depth, live)
  local n = self.random:pick(dimensions)
  local e = self:expression(n, "1", depth - 1, live)
  local middle = self:constant(n, n)
  return times(times(transposed(e), middle), e)
end)

-- Kronecker products and vec have dimensions that are products: closed off at once by a constant of that size
produce("scalar", function(self, _, _, depth, live)
  local m, n = self.random:pick(dimensions), self.random:pick(dimensions)
  return times(self:constant("1", m .. "*" .. n), call("vec", self:expression(m, n, depth - 1, live)))
end)

produce("scalar", function(self, _, _, depth, live)
  local m, n = self.random:pick(dimensions), self.random:pick(dimensions)
  local a, b = self:split(live)
  local left, right = self:expression(m, "1", depth - 1, a), self:expression(n, "1", depth - 1, b)
  return times(self:constant("1", m .. "*" .. n), atom("kron(%s,%s)", left.text, right.text))
end)

produce("scalar", function(self, _, _, depth, live)
  local m, n = self.random:pick(dimensions), self.random:pick(dimensions)
  local a, b = self:split(live)
  local left, right = self:expression(m, m, depth - 1, a), self:expression(n, n, depth - 1, b)
  return call("tr", atom("kron(%s,%s)", left.text, right.text))
end)

produce("vector", function(self, rows, _, depth, live)
  local n = self.random:pick { "m", "n" }
  local a, b = self:split(live)
  local left, right = self:expression(n, "1", depth - 1, a), self:expression("p", "1", depth - 1, b)
  return times(self:constant(rows, n .. "*p"), atom("kron(%s,%s)", left.text, right.text))
end)

-- vectors
produce("vector", function(self, rows, _, depth, live)
  return call("diagv", self:expression(rows, rows, depth - 1, live))
end)

produce("vector", function(self, rows, _, depth, live)
  local a, b = self:split(live)
  return times(
    call("diag", self:expression(rows, "1", depth - 1, a)),
    self:expression(rows, "1", depth - 1, b)
  )
end)

produce("vector matrix", function(self, rows, cols, depth, live)
  local a, b = self:split(live)
  return times(call("inv", self:regular(rows, depth, a)), self:expression(rows, cols, depth - 1, b))
end)

-- matrices
produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  return call("inv", self:regular(rows, depth, live))
end)

produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  return call("diag", self:expression(rows, "1", depth - 1, live))
end)

produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  return power(self:expression(rows, rows, depth - 1, live), self.random:integer(2) + 1)
end)

produce("matrix", function(self, rows, cols, depth, live)
  local a, b = self:split(live)
  return times(self:expression(rows, "1", depth - 1, a), self:expression("1", cols, depth - 1, b))
end)

-- functions of a square matrix, where the derivative commutes with it
local function matrix_function(self, size)
  local name = self.random:pick { "expm", "expm", "sinm", "cosm" }
  return call(name, times(self:constant(size, size), self:variable()))
end

for _ = 1, 3 do
  produce("matrix", function(self, rows, cols, _, live)
    if rows ~= cols or not live or self.wrt.kind ~= "scalar" then
      return nil
    end
    return matrix_function(self, rows)
  end)
end

produce("vector", function(self, rows, _, depth, live)
  if not live or self.wrt.kind ~= "scalar" then
    return nil
  end
  return times(matrix_function(self, rows), self:expression(rows, "1", depth - 1, false))
end)

-- a function of a square matrix in general; the two that need eigenvalues off the negative axis get a regular one
produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  local name = self.random:pick { "expm", "sinm", "cosm", "logm", "sqrtm" }
  if name == "logm" or name == "sqrtm" then
    return call(name, self:regular(rows, depth, live))
  end
  return call(name, over(self:expression(rows, rows, depth - 1, live), atom "5"))
end)

produce("scalar", function(self, _, _, depth, live)
  local n = self.random:pick(dimensions)
  local name = self.random:pick { "expm", "sinm", "cosm", "logm", "sqrtm" }
  return call("tr", call(name, self:regular(n, depth, live)))
end)

produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  local f = self.random:pick { "expm", "sinm", "cosm" }
  local at = self:constant(rows, rows)
  return atom("frechet(%s,%s,%s)", f, at.text, self:expression(rows, rows, depth - 1, live).text)
end)

-- powers: negative, fractional, with a symbol, with the variable in the exponent
produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  return power(self:regular(rows, depth, live), self.random:pick { "-1", "-2", "3" })
end)

produce("matrix", function(self, rows, cols, _, live)
  local x = self.wrt
  if rows ~= cols then
    return nil
  end
  if not self.exponent then
    self.exponent = true
    table.insert(self.decl, "scalar k")
  end
  local base = live and x.rows == rows and x.cols == cols and x.kind == "matrix" and self:variable()
    or self:constant(rows, rows)
  local result = power(over(base, atom "2"), self.random:pick { "k", "k", "(k+1)" })
  return live and base.text ~= x.name and dotted(result, ".*", self:live_leaf(rows, cols)) or result
end)

produce("scalar vector matrix", function(self, rows, cols, depth, live)
  local e = inside(positive(self:expression(rows, cols, depth - 1, live), rows, cols), 5)
  local operator = kind_of(rows, cols) == "scalar" and "^" or ".^"
  return text.text(4, "%s%s%s", e, operator, self.random:pick { "(1/2)", "(3/2)", "(-1)", "(-1/2)" })
end)

produce("scalar vector matrix", function(self, rows, cols, depth, live)
  local a, b = self:split(live)
  local e = inside(positive(self:expression(rows, cols, depth - 1, a), rows, cols), 5)
  local operator = kind_of(rows, cols) == "scalar" and "^" or ".^"
  return text.text(4, "%s%stanh(%s)", e, operator, self:expression("1", "1", depth - 1, b).text)
end)

produce("scalar", function(self, _, _, depth, live)
  return text.text(4, "2^(%s)", self:expression("1", "1", depth - 1, live).text .. "/4")
end)

-- structure: triangles, sums along diagonals
produce("matrix", function(self, rows, cols, depth, live)
  return call(self.random:pick { "tril", "triu" }, self:expression(rows, cols, depth - 1, live))
end)

produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  return call("diagonalsums", self:expression(rows, cols, depth - 1, live))
end)

-- pseudo-inverse and adjugate
produce("matrix", function(self, rows, cols, depth, live)
  local x = self.wrt
  if live and rows == x.cols and cols == x.rows and self.random:chance(0.4) then
    return call("pinv", self:variable())
  end
  local e = over(self:expression(cols, rows, depth - 2, live), atom "10")
  return call("pinv", plus(self:constant(cols, rows), e))
end)

produce("matrix", function(self, rows, cols, depth, live)
  if rows ~= cols then
    return nil
  end
  return call("adj", self:regular(rows, depth, live))
end)

-- entries
produce("scalar", function(self, _, _, depth, live)
  local rows, cols = self.random:pick(dimensions), self.random:pick { "1", "n", "m", "p" }
  local e = self:expression(rows, cols, depth - 1, live)
  local i, j = self.random:integer(2), self.random:integer(2)
  if not e.text:find "^[%w_]+$" then
    e = atom("(%s)", e.text)
  end
  return cols == "1" and atom("%s(%d)", e.text, i) or atom("%s(%d,%d)", e.text, i, j)
end)

-- machine learning
produce("scalar", function(self, _, _, depth, live)
  local name = self.random:pick { "logsumexp", "logsumexp", "max", "norminf", "var", "mean" }
  return call(name, self:expression(self.random:pick(dimensions), "1", depth - 1, live))
end)

produce("vector", function(self, rows, _, depth, live)
  local name = self.random:pick { "softmax", "softmax", "softmax", "argmax" }
  local e = call(name, self:expression(rows, "1", depth - 1, live))
  return name == "softmax" and self.random:chance(0.3) and call("log", e) or e
end)

-- eigenvalues and eigenvectors
local function symmetric(self, depth, live, size)
  local e = self:expression(size, size, depth - 2, live)
  return plus(e, transposed(e))
end

produce("scalar", function(self, _, _, depth, live)
  local n = self.random:pick(dimensions)
  return atom("eigval(%s,%d)", symmetric(self, depth, live, n).text, self.random:integer(2))
end)

produce("vector", function(self, rows, _, depth, live)
  local v = atom("eigvec(%s,%d)", symmetric(self, depth, live, rows).text, self.random:integer(2))
  return times(times(v, transposed(v)), self:expression(rows, "1", depth - 1, false))
end)

-- vectors of three entries
produce("scalar", function(self, _, _, depth, live)
  local a, b = self:split(live)
  local x, y = self:expression("3", "1", depth - 1, a), self:expression("3", "1", depth - 1, b)
  return times(self:constant("1", "3"), atom("cross(%s,%s)", x.text, y.text))
end)

produce("vector", function(self, rows, _, depth, live)
  local x = self:expression("3", "1", depth - 1, live)
  if self.random:chance(0.5) then
    return times(times(self:constant(rows, "3"), call("hat", x)), self:constant("3", "1"))
  end
  local y = self:expression("3", "1", depth - 1, false)
  return times(self:constant(rows, "3"), atom("cross(%s,%s)", x.text, y.text))
end)

produce("vector", function(self, rows, _, depth, live)
  local e = times(self:constant("3", "3"), self:expression("3", "3", depth - 1, live)) -- not symmetric
  return rows == "3" and call("vee", e) or times(self:constant(rows, "3"), call("vee", e))
end)

-- Halves, commutation matrices, Khatri-Rao products: closed off at once by a constant, as those above
produce("scalar", function(self, _, _, depth, live)
  local n = self.random:pick(dimensions)
  local half = n .. "*(" .. n .. "+1)/2"
  local e = self:expression(n, n, depth - 1, live)
  local h = self.random:chance(0.5) and call("vech", e) or times(atom("Elim(%s)", n), call("vec", e))
  if self.random:chance(0.5) then
    return times(self:constant("1", half), h)
  end
  return times(times(self:constant("1", n .. "*" .. n), atom("Dup(%s)", n)), h)
end)

produce("scalar", function(self, _, _, depth, live)
  local m, n = self.random:pick(dimensions), self.random:pick(dimensions)
  local a, b = self:split(live)
  local x, y = self:expression(n, m, depth - 1, a), self:expression(m, n, depth - 1, b)
  return times(times(transposed(call("vec", x)), atom("K(%s,%s)", m, n)), call("vec", y))
end)

produce("row", function(self, _, cols, depth, live)
  local m, p = self.random:pick(dimensions), self.random:pick(dimensions)
  local a, b = self:split(live)
  local x, y = self:expression(m, cols, depth - 1, a), self:expression(p, cols, depth - 1, b)
  return times(self:constant("1", m .. "*" .. p), atom("khatrirao(%s,%s)", x.text, y.text))
end)

produce("matrix", function(self, rows, cols, depth, live)
  local n = self.random:pick(dimensions)
  local e = times(self:constant(rows .. "*" .. cols, n), self:expression(n, "1", depth - 1, live))
  return atom("unvec(%s,%s,%s)", e.text, rows, cols)
end)

-- Blocks: closed off by a constant of as many columns, or among each other
produce("scalar vector", function(self, rows, _, depth, live)
  local m, n = self.random:pick(dimensions), self.random:pick(dimensions)
  local a, b = self:split(live)
  local x, y = self:expression(m, "1", depth - 1, a), self:expression(n, "1", depth - 1, b)
  return times(self:constant(rows, m .. "+" .. n), atom("[%s; %s]", x.text, y.text))
end)

produce("row", function(self, _, cols, depth, live)
  local m, n = self.random:pick(dimensions), self.random:pick(dimensions)
  local a, b = self:split(live)
  local x, y = self:expression(m, cols, depth - 1, a), self:expression(n, cols, depth - 1, b)
  return times(self:constant("1", m .. "+" .. n), atom("[%s; %s]", x.text, y.text))
end)

produce("matrix", function(self, rows, cols, depth, live)
  local n, p = self.random:pick(dimensions), self.random:pick(dimensions)
  local a, b = self:split(live)
  local x, y = self:expression(rows, n, depth - 1, a), self:expression(rows, p, depth - 1, b)
  return times(atom("[%s, %s]", x.text, y.text), self:constant(n .. "+" .. p, cols))
end)

produce("scalar", function(self, _, _, depth, live)
  local m, n, p = self.random:pick(dimensions), self.random:pick(dimensions), self.random:pick(dimensions)
  local a, b = self:split(live)
  local x, y = self:expression(m, "1", depth - 1, a), self:expression(n, p, depth - 1, b)
  local whole = atom("[%s, %s; %s, %s]", self:constant(m, p).text, x.text, y.text, self:constant(n, "1").text)
  local pick = self.random:integer(4)
  if pick == 1 then
    return times(times(self:constant("1", m .. "+" .. n), whole), self:constant(p .. "+1", "1"))
  elseif pick == 2 then
    return power(call("norm2", whole), "2")
  elseif pick == 3 then
    return call("sum", call("tanh", whole))
  end
  return call("tr", times(transposed(whole), whole))
end)

produce("scalar", function(self, _, _, depth, live)
  local n, m = self.random:pick(dimensions), self.random:pick(dimensions)
  local a, b = self:split(live)
  local A, D = self:regular(n, depth - 1, a).text, self:regular(m, depth - 1, b).text
  local off = self:constant(n, m).text
  if self.random:chance(0.5) then
    return call(self.random:pick { "det", "logdet" }, atom("[%s, %s; zeros(%s,%s), %s]", A, off, m, n, D))
  end
  local x = self:constant(n .. "+" .. m, "1")
  return times(times(transposed(x), call("inv", atom("[%s, %s; zeros(%s,%s), %s]", A, off, m, n, D))), x)
end)

-- counted sums
produce("vector matrix scalar", function(self, rows, cols, depth, live)
  local e = self:expression(rows, cols, depth - 1, live)
  if e.text:find "sum%(i" then
    return nil
  end
  if self.random:chance(0.5) or kind_of(rows, cols) == "scalar" then
    return atom("sum(i = 1..3, %s)", over(e, atom "i").text)
  end
  return atom("sum(i = 0..2, %s)", times(power(over(self:constant(rows, rows), atom "2"), "i"), e).text)
end)

-- counted sums over all entries
local function entry(e, ...)
  return atom("(%s)(%s)", e.text, table.concat({ ... }, ","))
end

local function counts(...)
  for _, e in ipairs { ... } do
    if e.text:find "sum%([ij] =" then
      return true
    end
  end
  return false
end

produce("scalar", function(self, _, _, depth, live)
  local n, f = self.random:pick(dimensions), self.random:pick { "sin", "tanh", "sigmoid", "" }
  local a, b = self:split(live)
  local x, y = self:expression(n, "1", depth - 1, a), self:expression(n, "1", depth - 1, b)
  if counts(x, y) then
    return nil
  end
  local body = self.random:pick {
    string.format("%s(%s)*%s", f, entry(x, "i").text, entry(y, "i").text),
    string.format("%s(%s + 2*%s)^2", f, entry(x, "i").text, entry(y, "i").text),
    string.format(
      "%s(%s) - (%s)*%s^2",
      f,
      entry(x, "i").text,
      self:constant("1", "1").text,
      entry(y, "i").text
    ),
  }
  return atom("sum(i = 1..%s, %s)", n, body)
end)

produce("scalar", function(self, _, _, depth, live)
  local m, n = self.random:pick(dimensions), self.random:pick(dimensions)
  local f = self.random:pick { "sin", "tanh", "sigmoid", "" }
  local a, b = self:split(live)
  local down = self.random:chance(0.5)
  local A, x = self:expression(m, n, depth - 1, a), self:expression(down and m or n, "1", depth - 1, b)
  if counts(A, x) then
    return nil
  end
  local aij, xi = entry(A, "i", "j").text, entry(x, down and "i" or "j").text
  local body = self.random:pick {
    string.format("%s(%s)*%s", f, aij, xi),
    string.format("%s(%s - %s)^2", f, aij, xi),
    string.format("%s(%s*%s)", f, aij, xi),
  }
  return atom("sum(i = 1..%s, sum(j = 1..%s, %s))", m, n, body)
end)

produce("vector matrix", function(self, rows, cols, depth, live)
  local n = self.random:pick(dimensions)
  local a, b = self:split(live)
  local x, A = self:expression(n, "1", depth - 1, a), self:expression(rows, n, depth - 1, b)
  if counts(x, A) then
    return nil
  elseif cols == "1" then
    return atom("sum(i = 1..%s, %s*(%s)*E(i,1,%s,1))", n, entry(x, "i").text, A.text, n)
  end
  local B = self:constant(n, cols)
  return atom("sum(i = 1..%s, %s*(%s)*E(i,i,%s,%s)*(%s))", n, entry(x, "i").text, A.text, n, n, B.text)
end)

return productions
