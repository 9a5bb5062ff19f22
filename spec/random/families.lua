--- Productions of random expressions with families of letters: sums over data points, pairs, neighbours, one member as the variable.
-- They are added to those of spec/random/productions.lua.
--
-- A family is { base, first, last }: its members are base_first, .., base_last. That of the variable has the variable among its
-- members: self.wrt.members.

local Generator = require "spec.random.operands"
local productions = require "spec.random.productions"
local text = require "spec.random.text"

local atom, times, dotted = text.atom, text.times, text.dotted
local dimensions, kind_of, shape_text = Generator.dimensions, Generator.kind_of, Generator.shape_text

local NAMES = {
  scalar = { "ya", "yb", "yc", "yd" },
  vector = { "xa", "xb", "xc", "xd" },
  matrix = { "Ma", "Mb", "Mc", "Md" },
  pair = { "ra", "rb" },
}

local function named(self, kind)
  local taken = "families " .. kind
  self.taken[taken] = (self.taken[taken] or 0) + 1
  return NAMES[kind][self.taken[taken]] or error("out of names", 0)
end

--- The range of an index: most count from 1, to a size.
function Generator:range()
  local x = self.wrt
  if x.members and self.random:chance(0.7) then
    return x.members
  end
  return { first = self.random:chance(0.25) and 0 or 1, last = self.random:pick(dimensions) }
end

--- The base of a family of constants of a shape; once declared used again.
function Generator:family(rows, cols, range)
  local key = ("family %s,%s,%s..%s"):format(rows, cols, range.first, range.last)
  if not self.constants[key] or self.random:chance(0.3) then
    local kind = kind_of(rows, cols)
    local base = named(self, kind)
    self.decl[#self.decl + 1] =
      ("%s %s_i%s for i = %s..%s"):format(kind, base, shape_text(rows, cols), range.first, range.last)
    self.constants[key] = base
  end
  return self.constants[key]
end

-- The base of a family with two indices, weights of pairs.
local function weights(self, range)
  local key = ("pairs %s..%s"):format(range.first, range.last)
  if not self.constants[key] then
    local base = named(self, "pair")
    local index = ("%s..%s"):format(range.first, range.last)
    self.decl[#self.decl + 1] = ("scalar %s_ij for i = %s, j = %s"):format(base, index, index)
    self.constants[key] = base
  end
  return self.constants[key]
end

-- The member at an index of what varies, where the variable is one of that range and shape; nil otherwise.
local function live_member(self, rows, cols, range, index)
  local x = self.wrt
  if x.members == range and x.rows == rows and x.cols == cols then
    return ("%s_%s"):format(x.members.base, index)
  end
end

local function sum(index, first, last, body)
  return atom("sum(%s = %s..%s, %s)", index, first, last, body)
end

-- A part that does not count itself: the counters of two sums differ.
local function plain(self, rows, cols, depth, live)
  local e = self:expression(rows, cols, depth, live)
  return not e.text:find "sum%([ij] =" and "(" .. e.text .. ")" or nil
end

local SCALARS = {
  "(%s - %s)^2",
  "log(1 + exp(-%s*%s))",
  "sin(%s)*%s",
  "sqrt(1 + (%s - 2*%s)^2)",
  "tanh(%s + %s)",
  "%s*%s",
}

-- sum of f(w'*x_i, y_i)
table.insert(productions.scalar, function(self, _, _, depth, live)
  local n, range = self.random:pick(dimensions), self:range()
  local w = plain(self, n, "1", depth - 1, live)
  if not w then
    return nil
  end
  local x = live and live_member(self, n, "1", range, "i") or self:family(n, "1", range) .. "_i"
  local y = live and live_member(self, "1", "1", range, "i") or self:family("1", "1", range) .. "_i"
  return sum("i", range.first, range.last, self.random:pick(SCALARS):format(w .. "'*" .. x, y))
end)

-- distances to data points, neighbours
table.insert(productions.scalar, function(self, _, _, depth, live)
  local n, range = self.random:pick(dimensions), self:range()
  local base = live and live_member(self, n, "1", range, "i")
  base = base and self.wrt.members.base or self:family(n, "1", range)
  local e = plain(self, n, "1", depth - 1, live)
  if not e then
    return nil
  end
  local kind = self.random:integer(4)
  if kind == 1 then
    return sum("i", range.first, range.last, ("norm2(%s_i - %s)^2"):format(base, e))
  elseif kind == 2 then
    return sum("i", range.first, range.last .. "-1", ("(%s_(i+1) - %s)'*(%s_i + %s)"):format(base, e, base, e))
  elseif kind == 3 then
    local A = self:constant(n, n).text
    return sum("i", range.first + 1, range.last, ("norm2(%s_i - %s*%s_(i-1))^2 + sum(%s)"):format(base, A, base, e))
  end
  return atom("norm2(sum(i = %s..%s, %s_i/4) - %s)", range.first, range.last, base, e)
end)

-- pairs
table.insert(productions.scalar, function(self, _, _, depth, live)
  local n, range = self.random:pick(dimensions), self:range()
  local base = live and live_member(self, n, "1", range, "i")
  base = base and self.wrt.members.base or self:family(n, "1", range)
  local e = plain(self, n, "1", depth - 1, live)
  if not e then
    return nil
  end
  local r = weights(self, range)
  local body = self.random:pick {
    ("%s_ij*%s'*(%s_i - %s_j)"):format(r, e, base, base),
    ("%s_ij*norm2(%s_i - %s_j + %s)^2"):format(r, base, base, e),
    ("%s_ij*(%s_i'*%s_j)*sum(%s)"):format(r, base, base, e),
  }
  local first, last = range.first, range.last
  local inner = self.random:pick {
    sum("j", first, last, body).text,
    sum("j", "i+1", last, body).text,
    sum("j", first, "i-1", body).text,
    sum("j", first, "i-1", body).text .. " + " .. sum("j", "i+1", last, body).text,
  }
  return sum("i", first, last, inner)
end)

-- vectors: weighted points, families of matrices
table.insert(productions.vector, function(self, rows, _, depth, live)
  local n, range = self.random:pick(dimensions), self:range()
  local w = plain(self, n, "1", depth - 1, live)
  if not w then
    return nil
  end
  local kind = self.random:integer(3)
  if kind == 1 then
    local x = live and live_member(self, n, "1", range, "i") or self:family(n, "1", range) .. "_i"
    return sum("i", range.first, range.last, ("sigmoid(%s'*%s)*%s_i"):format(w, x, self:family(rows, "1", range)))
  elseif kind == 2 then
    local A = live and live_member(self, rows, n, range, "i") or self:family(rows, n, range) .. "_i"
    return sum("i", range.first, range.last, ("%s*%s"):format(A, w))
  end
  local y = live and live_member(self, "1", "1", range, "i") or self:family("1", "1", range) .. "_i"
  return sum("i", range.first, range.last, ("%s^2*%s_i*%s_i'*(%s)"):format(
    y, self:family(rows, "1", range), self:family(n, "1", range), w
  ))
end)

-- matrices
table.insert(productions.matrix, function(self, rows, cols, depth, live)
  local m, n, range = self.random:pick(dimensions), self.random:pick(dimensions), self:range()
  local X = plain(self, m, n, depth - 1, live)
  if not X then
    return nil
  end
  if self.random:chance(0.5) then
    local A = live and live_member(self, rows, m, range, "i") or self:family(rows, m, range) .. "_i"
    local B = live and live_member(self, n, cols, range, "i") or self:family(n, cols, range) .. "_i"
    return sum("i", range.first, range.last, ("%s*%s*%s"):format(A, X, B))
  end
  local x, y = self:family(m, "1", range), self:family(n, "1", range)
  return times(
    self:constant(rows, "1"),
    sum("i", range.first, range.last, ("(%s_i'*%s*%s_i)*%s_i'"):format(x, X, y, self:family(cols, "1", range)))
  )
end)

-- one member
table.insert(productions.vector, function(self, rows, cols, depth, live)
  local range = self:range()
  return dotted(
    atom("%s_%s", self:family(rows, cols, range), self.random:pick { "1", "2", "l" }),
    ".*",
    self:expression(rows, cols, depth - 1, live)
  )
end)

local VARIABLES = {
  { kind = "vector", rows = "n", cols = "1" },
  { kind = "vector", rows = "n", cols = "1" },
  { kind = "scalar", rows = "1", cols = "1" },
  { kind = "matrix", rows = "m", cols = "n" },
}

--- A variable that is a member of a family: its declaration is `declared`.
function Generator:choose_member()
  local x = {}
  for key, value in pairs(self.random:pick(VARIABLES)) do
    x[key] = value
  end
  local first = self.random:chance(0.25) and 0 or 1
  local base = x.kind == "scalar" and "t" or x.kind == "vector" and "x" or "X"
  x.members = { base = base, first = first, last = self.random:pick { "m", "p" } }
  x.name = base .. "_" .. self.random:pick { "1", "2", "l" }
  x.declared = ("%s %s_i%s for i = %s..%s"):format(x.kind, base, shape_text(x.rows, x.cols), first, x.members.last)
  return x
end

return productions
