--- The graph of what an exported function computes: terms, for sizes that are not known yet.
--
-- A term is a table with `op`, its size `rows` x `cols` (texts such as "n", "2*m", "1"), its arguments `args`, further fields, and a
-- number `id` in the order of making. Equal terms are the same table, so that a shared part is one term. A *list* is a scalar, a
-- column, a row or a matrix by its size alone (`M.kind`).
--
-- There is no calculus here: a term says what is to be computed, in the words of linear algebra.
--
-- @module nabla.code.terms

local M = {}
M.__index = M

--- A new graph.
function M.new()
  return setmetatable({ list = {}, index = {} }, M)
end

--- What a term is by its size: "scalar", "column", "row" or "matrix".
function M.kind(t)
  if t.rows == "1" then
    return t.cols == "1" and "scalar" or "row"
  end
  return t.cols == "1" and "column" or "matrix"
end
local kind = M.kind

local function key_of(op, rows, cols, args, more)
  local key = { op, rows, cols }
  for _, a in ipairs(args) do
    key[#key + 1] = a.id
  end
  local names = {}
  for name in pairs(more) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local v = more[name]
    key[#key + 1] = name .. "=" .. (type(v) == "table" and table.concat(v, ",") or tostring(v))
  end
  return table.concat(key, " ")
end

--- The term with these parts. `more` are further fields: numbers, texts, lists of texts.
function M:make(op, rows, cols, args, more)
  args, more = args or {}, more or {}
  local key = key_of(op, rows, cols, args, more)
  local known = self.index[key]
  if known then
    return known
  end
  local t = { op = op, rows = rows, cols = cols, args = args, id = #self.list + 1 }
  for name, v in pairs(more) do
    t[name] = v
  end
  self.list[t.id] = t
  self.index[key] = t
  return t
end

-- ---------------------------------------------------------------------------------------------- scalars, sums

--- A rational number.
function M:number(num, den)
  return self:make("number", "1", "1", nil, { num = tostring(num), den = tostring(den or 1) })
end

local function is_number(t, value)
  return t.op == "number" and t.den == "1" and t.num == tostring(value)
end

--- A scalar for each entry of another size.
function M:spread(s, rows, cols)
  if kind(s) ~= "scalar" or rows == "1" and cols == "1" then
    return s
  end
  return self:make("spread", rows, cols, { s })
end

-- The size of the first term of a list that is no scalar.
local function size_of(list)
  for _, t in ipairs(list) do
    if kind(t) ~= "scalar" then
      return t.rows, t.cols
    end
  end
  return "1", "1"
end

-- A rational number as two integers; nil where one is too large for exact work with machine integers.
local function small(num, den)
  local p, q = math.tointeger(tonumber(num)), math.tointeger(tonumber(den))
  if p and q and math.abs(p) < 2 ^ 24 and q < 2 ^ 24 then
    return p, q
  end
end

local function reduced(p, q)
  local a, b = math.abs(p), q
  while b ~= 0 do
    a, b = b, a % b
  end
  return p // a, q // a
end

-- The terms of a sum with its numbers added up.
local function folded(self, list)
  local out, p, q, last = {}, 0, 1, nil
  for _, e in ipairs(list) do
    local num, den = small(e[1], e[2])
    local a, b = small(e[3].num, e[3].den)
    local s, r
    if num and a and e[3].op == "number" then
      s, r = small(p * den * b + num * a * q, q * den * b)
    end
    if s then
      p, q = reduced(s, r)
      last = #out + 1
    else
      out[#out + 1] = e
    end
  end
  if last and (p ~= 0 or #out == 0) then
    table.insert(out, last, { 1, 1, self:number(p, q) })
  end
  return out
end

--- A sum: list of { num, den, term }. A scalar goes with each entry of what is larger.
function M:sum(list)
  list = folded(self, list)
  local args, coefficients = {}, {}
  for i, e in ipairs(list) do
    args[i] = e[3]
  end
  local rows, cols = size_of(args)
  for i, e in ipairs(list) do
    args[i] = self:spread(e[3], rows, cols)
    coefficients[i] = e[1] .. "/" .. e[2]
  end
  if #list == 1 and coefficients[1] == "1/1" then
    return args[1]
  end
  return self:make("sum", rows, cols, args, { coefficients = coefficients })
end

--- A product entry by entry; scalars are factors of the whole.
function M:hadamard(list)
  local scalar, rest = nil, {}
  for _, t in ipairs(list) do
    if kind(t) == "scalar" then
      scalar = scalar and self:scale(scalar, t) or t
    else
      rest[#rest + 1] = t
    end
  end
  if #rest == 0 then
    return scalar
  end
  local t = #rest == 1 and rest[1] or self:make("hadamard", rest[1].rows, rest[1].cols, rest)
  return scalar and self:scale(scalar, t) or t
end

--- A scalar times anything.
function M:scale(s, t)
  if is_number(s, 1) then
    return t
  elseif is_number(t, 1) then
    return s
  elseif kind(t) == "scalar" then
    return self:make("times", "1", "1", { s, t })
  end
  return self:make("scale", t.rows, t.cols, { s, t })
end

--- A power, of each entry where the base or the exponent is larger than a scalar.
function M:power(base, exponent)
  local rows, cols = size_of { base, exponent }
  return self:make("power", rows, cols, { base, exponent })
end

-- ---------------------------------------------------------------------------------------------- matrices

function M:transpose(t)
  if kind(t) == "scalar" then
    return t
  elseif t.op == "transpose" then
    return t.args[1]
  elseif t.op == "eye" or t.symmetric then
    return t
  elseif t.op == "ones" or t.op == "zeros" then
    return self:make(t.op, t.cols, t.rows)
  end
  return self:make("transpose", t.cols, t.rows, { t })
end

function M:inverse(t, spd)
  if t.op == "inverse" then
    return t.args[1]
  elseif t.op == "transpose" then
    return self:transpose(self:inverse(t.args[1], spd))
  end
  return self:make("inverse", t.rows, t.cols, { t }, { spd = spd or nil })
end

-- The matrix of which a term is the inverse, perhaps transposed, and whether it is positive definite; nil where the
-- inverse is in `keep`.
function M:inverted(t, keep)
  if t.op == "inverse" then
    return not keep[t.args[1]] and t.args[1], t.spd
  elseif t.op == "transpose" and t.args[1].op == "inverse" then
    local a = t.args[1].args[1]
    return not keep[a] and self:transpose(a), t.args[1].spd
  end
end

--- The product of two; with an inverse the solution of a linear system, unless the inverse is in `keep` (by its argument).
function M:multiply(a, b, keep)
  if kind(a) == "scalar" then
    return self:scale(a, b)
  elseif kind(b) == "scalar" then
    return self:scale(b, a)
  elseif a.op == "eye" then
    return b
  elseif b.op == "eye" then
    return a
  end
  local left, spd = self:inverted(a, keep)
  if left then
    return self:make("solve", a.rows, b.cols, { left, b }, { spd = spd })
  end
  local right, right_spd = self:inverted(b, keep)
  if right then
    local turned = { self:transpose(right), self:transpose(a) }
    return self:transpose(self:make("solve", b.rows, a.rows, turned, { spd = right_spd }))
  end
  return self:make("product", a.rows, b.cols, { a, b })
end

-- How large sizes are taken to be when the order of a product is chosen.
local function weight(size)
  return tonumber(size) or size:find "[%*%^]" and 10000 or 100
end

--- The product of a list of matrices in the cheapest order, by dynamic programming.
function M:chain(links, keep)
  local n = #links
  local cost, cut = {}, {}
  for i = 1, n do
    cost[i], cut[i] = { [i] = 0 }, {}
  end
  for length = 2, n do
    for i = 1, n - length + 1 do
      local j = i + length - 1
      for k = j - 1, i, -1 do
        local work = cost[i][k]
          + cost[k + 1][j]
          + weight(links[i].rows) * weight(links[k].cols) * weight(links[j].cols)
        if not cost[i][j] or work < cost[i][j] then
          cost[i][j], cut[i][j] = work, k
        end
      end
    end
  end
  local function build(i, j)
    if i == j then
      return links[i]
    end
    local k = cut[i][j]
    return self:multiply(build(i, k), build(k + 1, j), keep)
  end
  return build(1, n)
end

--- The trace of a matrix: of a product the sum of products of entries.
function M:trace(t)
  if kind(t) == "scalar" then
    return t
  elseif t.op == "product" then
    return self:make("dot", "1", "1", { self:transpose(t.args[1]), t.args[2] })
  elseif t.op == "transpose" then
    return self:trace(t.args[1])
  end
  return self:make("operator", "1", "1", { t }, { name = "tr" })
end

return M
