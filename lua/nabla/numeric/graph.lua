--- The graph of numeric operations of an expression, for given sizes, before scheduling.
--
-- An operation is a table with `op`, its size `rows` x `cols` (numbers), its arguments `args` (operations made earlier) and its
-- number `id` in the order of making. Equal operations are the same table. Some matrices are not formed unless they must be: a
-- transpose (`t`), a diagonal matrix (`diag`; of a 1 x 1 argument a multiple of the identity), an inverse (`inv`), a Kronecker
-- product, a commutation matrix (`swap`), a matrix of equal entries (`fill`), another shape of the same entries (`view`) are
-- operations of their own, and operations that use them look through them. The schedule works out what the results need.
--
-- There is no calculus here: the rule files leave sums, products, powers, transposes, and operators with evaluators.
--
-- @module nabla.numeric.graph

local chain_order = require "nabla.numeric.chain_order"
local core = require "nabla.numeric.core"

local entry = core.entry_functions()

local M = {}
M.__index = M

--- A new set of operations.
function M.new()
  return setmetatable({ list = {}, index = {}, node = 0 }, M)
end

-- Operations with the same key are equal.
local function key_of(op, rows, cols, args, more)
  if not more and args and #args == 2 then
    return op .. " " .. rows .. " " .. cols .. " " .. args[1].id .. " " .. args[2].id
  end
  local key = { op, rows, cols }
  for _, a in ipairs(args or {}) do
    key[#key + 1] = a.id
  end
  if more then
    local names = {}
    for name in pairs(more) do
      names[#names + 1] = name
    end
    table.sort(names)
    for _, name in ipairs(names) do
      key[#key + 1] = name
      local v = more[name]
      key[#key + 1] = type(v) == "number" and string.format("%.17g", v) or tostring(v)
    end
  end
  return table.concat(key, " ")
end

-- The operation with these parts; `more` are further fields: numbers, texts, truth values.
function M:make(op, rows, cols, args, more)
  local key = key_of(op, rows, cols, args, more)
  local known = self.index[key]
  if known then
    return known
  end
  local p = more or {}
  p.op, p.rows, p.cols, p.args, p.id, p.node = op, rows, cols, args or {}, #self.list + 1, self.node
  self.list[p.id] = p
  self.index[key] = p
  return p
end

local function scalar(p)
  return p.rows == 1 and p.cols == 1
end

local function vector(p)
  return p.rows == 1 or p.cols == 1
end

-- ---------------------------------------------------------------------------------------------- leaves

function M:input(name, rows, cols)
  return self:make("input", rows, cols, nil, { name = name })
end

function M:fill(value, rows, cols)
  return self:make("fill", rows, cols, nil, { value = value })
end

--- A number.
function M:const(value)
  return self:fill(value + 0.0, 1, 1)
end

--- The value of an operation that is a number known by now, or nil.
function M.value(p)
  return p.op == "fill" and scalar(p) and p.value or nil
end

function M:diag(v, n)
  n = n or math.max(v.rows, v.cols)
  if n == 1 then
    return self:view(v, 1, 1)
  end
  return self:make("diag", n, n, { v })
end

function M:eye(n)
  return self:diag(self:const(1), n)
end

function M:swap(m, n)
  if m == 1 or n == 1 then
    return self:eye(m * n)
  end
  return self:make("swap", m * n, m * n, nil, { m = m, n = n })
end

--- The same entries in another shape.
function M:view(p, rows, cols)
  if p.rows == rows and p.cols == cols then
    return p
  elseif p.op == "view" then
    return self:view(p.args[1], rows, cols)
  elseif p.op == "fill" then
    return self:fill(p.value, rows, cols)
  end
  return self:make("view", rows, cols, { p })
end

function M:transpose(p)
  local op = p.op
  if vector(p) then
    return self:view(p, p.cols, p.rows)
  elseif op == "t" then
    return p.args[1]
  elseif op == "diag" or op == "gram" or op == "sandwich" then
    return p
  elseif op == "fill" then
    return self:fill(p.value, p.cols, p.rows)
  elseif op == "swap" then
    return self:swap(p.n, p.m)
  elseif op == "kron" then
    return self:kron(self:transpose(p.args[1]), self:transpose(p.args[2]))
  elseif op == "along" then
    return self:make("along", p.cols, p.rows, { p.args[1] }, { across = not p.across })
  elseif op == "inv" and p.args[1].op == "cholesky" then
    return p
  elseif p.outer then
    local column, row = self:transpose(p.args[2]), self:transpose(p.args[1])
    return self:make("multiply", p.cols, p.rows, { column, row }, { k = 1, outer = true })
  end
  return self:make("t", p.cols, p.rows, { p })
end

-- ---------------------------------------------------------------------------------------------- entry by entry

local fold = {
  add = function(x, y)
    return x + y
  end,
  sub = function(x, y)
    return x - y
  end,
  mul = function(x, y)
    return x * y
  end,
  div = function(x, y)
    return x / y
  end,
  neg = function(x)
    return -x
  end,
  recip = function(x)
    return 1 / x
  end,
  square = function(x)
    return x * x
  end,
  cube = function(x)
    return x * x * x
  end,
  copy = function(x)
    return x
  end,
  scale = function(x, _, c)
    return c * x
  end,
  shift = function(x, _, c)
    return c + x
  end,
  axpy = function(x, y, c)
    return c * x + y
  end,
  sqrt = math.sqrt,
  exp = math.exp,
  log = math.log,
  pow = function(x, y)
    return x ^ y
  end,
  powc = function(x, _, c)
    return x ^ c
  end,
}

local function constant(p)
  return p.op == "fill"
end

-- How an operation is stored: -1 transposed, 1 as it is, 0 either way.
local function orientation(p)
  if
    vector(p)
    or constant(p)
    or p.op == "along"
    or p.op == "diag"
    or p.op == "gram"
    or p.op == "sandwich"
  then
    return 0
  elseif p.op == "multiply" and p.k == 1 then
    return 0
  end
  return p.op == "t" and -1 or 1
end

-- The same function of the transposed arguments, if it was made before.
function M:transposed_entries(fn, args, c, rows, cols)
  local others = {}
  for i, a in ipairs(args) do
    others[i] = scalar(a) and a or self:transpose(a)
  end
  local x, y = others[1], others[2]
  if (fn == "add" or fn == "mul") and y.id < x.id then
    others = { y, x }
  end
  return self.index[key_of("entries", cols, rows, others, { fn = fn, c = c })]
end

--- A function of one entry (by its name in entry.c) of one or two arguments: equal sizes, or 1 x 1.
function M:entrywise(fn, args, c, rows, cols)
  assert(entry[fn], fn)
  local known = fold[fn]
  local transposed, plain = 0, 0
  for _, a in ipairs(args) do
    if not scalar(a) then
      rows, cols = a.rows, a.cols
      local s = orientation(a)
      transposed, plain = transposed + (s < 0 and 1 or 0), plain + (s > 0 and 1 or 0)
    end
    known = constant(a) and known
  end
  rows, cols = rows or 1, cols or 1
  if known then
    return self:fill(known(args[1].value, args[2] and args[2].value, c) + 0.0, rows, cols)
  end
  if transposed > plain then
    local others = {}
    for i, a in ipairs(args) do
      others[i] = self:transpose(a)
    end
    return self:transpose(self:entrywise(fn, others, c, cols, rows))
  end
  local list = {}
  for i, a in ipairs(args) do
    if constant(a) then
      a = self:const(a.value)
    elseif a.op == "multiply" and a.k == 1 and not scalar(a) and not vector(a) then
      a = self:outer(a.args[1], a.args[2])
    end
    list[i] = a
  end
  local x, y = list[1], list[2]
  if (fn == "add" or fn == "mul") and y.id < x.id then -- in one order, so that equal operations are one
    x, y = y, x
    list = { x, y }
  end
  local u, v = x and M.value(x), y and M.value(y)
  if fn == "mul" and (u or v) then
    fn, list, c = "scale", { u and y or x }, u or v
  elseif fn == "add" and (u or v) then
    fn, list, c = "shift", { u and y or x }, u or v
  elseif fn == "sub" and v then
    fn, list, c = "shift", { x }, -v
  elseif fn == "div" and v and v ~= 0 then
    fn, list, c = "scale", { x }, 1 / v
  end
  if fn == "scale" then
    x = list[1]
    if x.op == "entries" and x.fn == "scale" then
      c, x = c * x.c, x.args[1]
    end
    if c == 1 and x.rows == rows and x.cols == cols then
      return x
    end
    fn, list = c == -1 and "neg" or c == 1 and "copy" or "scale", { x }
    c = fn == "scale" and c or nil
  end
  if (fn == "copy" or (fn == "shift" and c == 0)) and list[1].rows == rows and list[1].cols == cols then
    return list[1]
  end
  local there = rows > 1 and cols > 1 and self:transposed_entries(fn, list, c, rows, cols)
  return there and self:transpose(there) or self:make("entries", rows, cols, list, { fn = fn, c = c })
end

-- A column (or a row) repeated along the columns (rows) of a matrix.
function M:along(v, rows, cols, across)
  return self:make("along", rows, cols, { v }, { across = across })
end

-- The outer product as a product of entries.
function M:outer(column, row)
  local m, n = column.rows, row.cols
  local function spread(v, across)
    return constant(v) and self:const(v.value) or self:along(v, m, n, across)
  end
  local a, b = spread(column, false), spread(row, true)
  return self:entrywise("mul", { a, b }, nil, m, n)
end

local function zero(p)
  return constant(p) and p.value == 0
end

--- A scalar (an operation) times anything.
function M:scaled(s, p)
  if M.value(s) == 1 then
    return p
  elseif p.op == "diag" then
    return self:diag(self:entrywise("mul", { s, p.args[1] }), p.rows)
  elseif p.op == "t" then
    return self:transpose(self:scaled(s, p.args[1]))
  end
  return self:entrywise("mul", { s, p })
end

--- The sum of numbers times operations: pairs { number, operation }.
function M:sum(terms, rows, cols)
  local dense, diagonal
  local transposed, plain = 0, 0
  for _, t in ipairs(terms) do
    local s = orientation(t[2])
    transposed, plain = transposed + (s < 0 and 1 or 0), plain + (s > 0 and 1 or 0)
  end
  if transposed > plain and rows > 1 and cols > 1 then
    local others = {}
    for i, t in ipairs(terms) do
      others[i] = { t[1], self:transpose(t[2]) }
    end
    return self:transpose(self:sum(others, cols, rows))
  end
  local function plus(sum, c, p)
    if not sum then
      return c == 1 and p or self:entrywise("scale", { p }, c, p.rows, p.cols)
    elseif c == 1 then
      return self:entrywise("add", { sum, p })
    elseif c == -1 then
      return self:entrywise("sub", { sum, p })
    elseif constant(p) then
      return self:entrywise("shift", { sum }, c * p.value)
    elseif constant(sum) then
      return self:entrywise("shift", { self:entrywise("scale", { p }, c) }, sum.value)
    end
    return self:entrywise("axpy", { p, sum }, c)
  end
  terms = table.move(terms, 1, #terms, 1, {})
  table.sort(terms, function(a, b)
    return a[2].id < b[2].id
  end)
  local first = 1
  for i, t in ipairs(terms) do -- begin with a term that needs no scaling
    if t[1] == 1 and t[2].op ~= "diag" and not constant(t[2]) then
      first = i
      break
    end
  end
  for i = 0, #terms - 1 do
    local t = terms[(first + i - 1) % #terms + 1]
    local c, p = t[1], t[2]
    if p.op == "diag" then
      diagonal = plus(diagonal, c, p.args[1])
    elseif not zero(p) then
      dense = plus(dense, c, p)
    end
  end
  if not diagonal then
    return dense or self:fill(0.0, rows, cols)
  elseif not dense then
    return self:diag(diagonal, rows)
  end
  return self:make("add_diag", rows, cols, { dense, diagonal })
end

--- The product entry by entry of a list.
function M:hadamard(factors)
  local diagonal, rest
  for _, p in ipairs(factors) do
    if p.op == "diag" then
      diagonal = diagonal and self:entrywise("mul", { diagonal, p.args[1] }) or p.args[1]
    else
      rest = rest and self:entrywise("mul", { rest, p }) or p
    end
  end
  if not diagonal then
    return rest
  elseif not rest then
    return self:diag(diagonal, factors[1].rows)
  end
  return self:diag(self:entrywise("mul", { diagonal, self:diagv(rest) }), rest.rows)
end

--- base^exponent entry by entry; the exponent is 1 x 1.
function M:powers(base, exponent)
  local k = M.value(exponent)
  if not k then
    return self:entrywise("pow", { base, exponent })
  elseif k == 1 then
    return base
  end
  local simple = { [2] = "square", [3] = "cube", [-1] = "recip", [0.5] = "sqrt" }
  if simple[k] then
    return self:entrywise(simple[k], { base })
  elseif k == -2 or k == -3 or k == -0.5 then
    return self:entrywise("recip", { self:entrywise(simple[-k], { base }) })
  elseif k == 4 then
    return self:entrywise("square", { self:entrywise("square", { base }) })
  end
  return self:entrywise("powc", { base }, k)
end

-- ---------------------------------------------------------------------------------------------- products

-- The matrix itself, and whether it is transposed.
local function open(p)
  if p.op == "t" then
    return p.args[1], true
  end
  return p, false
end

--- The factors of a square matrix: of Cholesky for one that is known to be positive definite.
function M:factors(p, spd)
  return self:make(spd and "cholesky" or "lu", p.rows, p.cols, { p })
end

function M:inverse(p, spd)
  if scalar(p) then
    return self:entrywise("recip", { p })
  elseif p.op == "t" then
    return self:transpose(self:inverse(p.args[1], spd))
  elseif p.op == "inv" then
    return p.args[1].args[1]
  elseif p.op == "diag" then
    return self:diag(self:entrywise("recip", { p.args[1] }), p.rows)
  elseif p.op == "swap" then
    return self:transpose(p)
  elseif p.op == "kron" and p.args[1].rows == p.args[1].cols and p.args[2].rows == p.args[2].cols then
    return self:kron(self:inverse(p.args[1]), self:inverse(p.args[2]))
  end
  return self:make("inv", p.rows, p.cols, { self:factors(p, spd) })
end

-- inv(A)*b or inv(A)'*b; i is the operation inv(A).
function M:solve(i, transposed, b)
  if b.op == "diag" or b.op == "inv" and b.args[1] == i.args[1] then
    return self:multiply_dense(transposed and self:transpose(i) or i, b)
  end
  local base, tb = open(b)
  return self:make("solve", i.rows, b.cols, { i.args[1], base }, { ta = transposed, tb = tb })
end

-- The transpose of a product of two matrices, each of them turned or not, if it was made before.
function M:transposed_product(A, ta, B, tb)
  local m, k, n = ta and A.cols or A.rows, ta and A.rows or A.cols, tb and B.rows or B.cols
  return self.index[key_of("multiply", n, m, { B, A }, { k = k, ta = not tb, tb = not ta })]
end

-- Was the product of two matrices made before, or its transpose?
function M:has_product(a, b)
  local A, ta = open(a)
  local B, tb = open(b)
  local own = key_of("multiply", a.rows, b.cols, { A, B }, { k = a.cols, ta = ta, tb = tb })
  return self.index[own] ~= nil or self:transposed_product(A, ta, B, tb) ~= nil
end

-- A product for which no shorter way is known.
function M:multiply_dense(a, b)
  local m, k, n = a.rows, a.cols, b.cols
  if k == 1 and (m > 1 and n > 1) then
    return self:make("multiply", m, n, { a, b }, { k = 1, outer = true })
  end
  local A, ta = open(a)
  local B, tb = open(b)
  if A == B and ta ~= tb and m > 1 then
    return self:make("gram", m, m, { A }, { ta = tb })
  end
  if b.op == "scale_rows" and a == self:transpose(b.args[2]) then
    return self:make("sandwich", m, m, { b.args[1], b.args[2] })
  elseif A.op == "scale_rows" and ta and A.args[2] == b then
    return self:make("sandwich", m, m, { A.args[1], b })
  end
  local there = m > 1 and n > 1 and self:transposed_product(A, ta, B, tb)
  if there then
    return self:transpose(there)
  end
  return self:make("multiply", m, n, { A, B }, { k = k, ta = ta, tb = tb })
end

--- The product of two matrices.
function M:multiply(a, b)
  if scalar(a) then
    return self:scaled(a, b)
  elseif scalar(b) then
    return self:scaled(b, a)
  elseif zero(a) or zero(b) then
    return self:fill(0.0, a.rows, b.cols)
  elseif a.op == "diag" then
    local v = a.args[1]
    if scalar(v) then
      return self:scaled(v, b)
    elseif b.op == "diag" then
      return self:diag(self:entrywise("mul", { v, b.args[1] }), a.rows)
    elseif b.cols == 1 then
      return self:entrywise("mul", { v, b })
    elseif b.op == "t" then
      return self:transpose(self:make("scale_cols", b.cols, b.rows, { v, b.args[1] }))
    end
    return self:make("scale_rows", b.rows, b.cols, { v, b })
  elseif b.op == "diag" then
    return self:transpose(self:multiply(b, self:transpose(a)))
  end
  local A, ta = open(a)
  local B, tb = open(b)
  if A.op == "inv" then
    return self:solve(A, ta, b)
  elseif B.op == "inv" then
    return self:transpose(self:solve(B, not tb, self:transpose(a)))
  elseif a.op == "swap" then
    if b.op == "kron" and b.args[1].rows == a.n and b.args[2].rows == a.m then
      return self:make("swapped_kron", b.rows, b.cols, b.args, { swap_rows = true })
    end
    return self:make("swap_rows", b.rows, b.cols, { b }, { m = a.m, n = a.n })
  elseif b.op == "swap" then
    if a.op == "kron" and a.args[1].cols == b.m and a.args[2].cols == b.n then
      return self:make("swapped_kron", a.rows, a.cols, a.args, { swap_cols = true })
    end
    return self:make("swap_cols", a.rows, a.cols, { a }, { m = b.m, n = b.n })
  elseif a.op == "kron" then
    return self:make("kron_times", a.rows, b.cols, { a.args[1], a.args[2], b })
  elseif b.op == "kron" then
    return self:transpose(self:multiply(self:transpose(b), self:transpose(a)))
  end
  return self:multiply_dense(a, b)
end

function M:stretch(links, cut, i, j)
  if i == j then
    return links[i]
  end
  local c = cut[i][j]
  return self:multiply(self:stretch(links, cut, i, c), self:stretch(links, cut, c + 1, j))
end

-- The cheapest order of a chain: see nabla.numeric.chain_order.
function M:order(links)
  return chain_order(links, function(a, b)
    return self:has_product(a, b)
  end)
end

-- The chain in two parts, in the cheapest way where their product need not be formed.
function M:halves(links)
  local cost, cut = self:order(links)
  local best, at = math.huge, 1
  for c = 1, #links - 1 do
    local total = cost[1][c] + cost[c + 1][#links] + links[1].rows * links[c].cols
    if total < best then
      best, at = total, c
    end
  end
  return self:stretch(links, cut, 1, at), self:stretch(links, cut, at + 1, #links)
end

local LONGEST = 100 -- beyond it a chain is cut into stretches: the search costs the third power

--- The product of a list of matrices, in the cheapest order.
function M:chain(links)
  if #links > LONGEST then
    local first = self:chain(table.move(links, 1, LONGEST, 1, {}))
    return self:chain(table.move(links, LONGEST + 1, #links, 2, { first }))
  elseif #links == 1 then
    return links[1]
  end
  local _, cut = self:order(links)
  return self:stretch(links, cut, 1, #links)
end

--- tr(A*B) without forming it.
function M:trace_of(a, b)
  local A, ta = open(a)
  local B, tb = open(b)
  if a.rows == 1 then
    return self:multiply(a, b)
  elseif a.cols == 1 then
    return self:multiply(b, a)
  elseif a.op == "diag" or b.op == "diag" then
    return self:trace(self:multiply(a, b))
  elseif ta then
    return self:make("dot", 1, 1, { A, b })
  elseif tb then
    return self:make("dot", 1, 1, { a, B })
  end
  return self:make("trace_of", 1, 1, { a, b })
end

--- The trace of a product of a list of matrices.
function M:trace_chain(links)
  if #links == 1 then
    return self:trace(links[1])
  elseif #links > LONGEST then
    return self:trace(self:chain(links))
  end
  return self:trace_of(self:halves(links))
end

-- The diagonal of A*B, as a column.
function M:diagonal_of(a, b)
  local A, B = open(a), open(b)
  local dense = a.cols > 1 and a.op ~= "diag" and b.op ~= "diag" and A.op ~= "inv" and B.op ~= "inv"
  if not dense or self:has_product(a, b) then
    return self:diagv(self:multiply(a, b))
  end
  return self:multiply(self:entrywise("mul", { a, self:transpose(b) }), self:fill(1.0, a.cols, 1))
end

--- The diagonal of a product of a list of matrices, as a column: the sums of the rows of A.*B' for two of them.
function M:diagonal_chain(links)
  if #links == 1 then
    return self:diagv(links[1])
  elseif #links > LONGEST or links[1].rows == 1 then
    return self:diagv(self:chain(links))
  end
  return self:diagonal_of(self:halves(links))
end

function M:trace(p)
  if scalar(p) then
    return p
  elseif p.op == "t" then
    return self:trace(p.args[1])
  elseif p.op == "diag" then
    local v = p.args[1]
    return scalar(v) and self:entrywise("scale", { v }, p.rows) or self:total(v)
  end
  return self:make("trace", 1, 1, { p })
end

--- The sum of all entries.
function M:total(p)
  if scalar(p) then
    return p
  elseif constant(p) then
    return self:const(p.value * p.rows * p.cols)
  elseif p.op == "t" or p.op == "view" then
    return self:total(p.args[1])
  elseif p.op == "diag" then
    return self:trace(p)
  end
  return self:make("sum", 1, 1, { p })
end

--- A column of the diagonal.
function M:diagv(p)
  if scalar(p) then
    return p
  elseif p.op == "diag" then
    return self:entrywise("copy", { p.args[1] }, nil, p.rows, 1)
  elseif p.op == "t" then
    return self:diagv(p.args[1])
  end
  return self:make("diagv", p.rows, 1, { p })
end

function M:kron(a, b)
  if scalar(a) or scalar(b) then
    return self:multiply(a, b)
  elseif a.op == "diag" and b.op == "diag" and scalar(a.args[1]) and scalar(b.args[1]) then
    return self:diag(self:entrywise("mul", { a.args[1], b.args[1] }), a.rows * b.rows)
  end
  return self:make("kron", a.rows * b.rows, a.cols * b.cols, { a, b })
end

--- A square matrix to a power; the exponent is 1 x 1.
function M:power(p, exponent, spd)
  local k = M.value(exponent)
  if scalar(p) then
    return self:powers(p, exponent)
  elseif not k or k ~= math.floor(k) or math.abs(k) > 64 then
    return self:make("power", p.rows, p.cols, { p, exponent })
  elseif k == 0 then
    return self:eye(p.rows)
  elseif k < 0 then
    p, k = self:inverse(p, spd), -k
  end
  local result
  while k > 0 do
    if k % 2 == 1 then
      result = result and self:multiply(result, p) or p
    end
    k = k // 1 // 2
    if k > 0 then
      p = self:multiply(p, p)
    end
  end
  return result
end

--- A function of Lua: f(values of args) gives rows x cols. `f` is a number in the list of functions.
function M:call(f, args, rows, cols)
  return self:make("call", rows, cols, args, { f = f })
end

return M
