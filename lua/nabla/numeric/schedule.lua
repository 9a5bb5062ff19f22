--- From operations to a program: which are worked out, in which order, in which loops, in which places.
--
-- Operations entry by entry that only one other such operation of the same size uses become part of its loop (and a sum
-- of entries takes the loop before it along). Steps that depend on constants alone run once. Places of the program's room
-- are shared by values whose times do not overlap; a result is worked out in the caller's matrix where it can be.
--
-- @module nabla.numeric.schedule

local core = require "nabla.numeric.core"

local entry = core.entry_functions()
local KIND = core.kinds

local M = {}

local TURN_A, TURN_B, CHOLESKY, KRON_ROWS, KRON_COLS, SCALAR = 1, 2, 4, 8, 16, 32
local MOST_MEMBERS = 24 -- operations of one loop

local function scalar(p)
  return p.rows == 1 and p.cols == 1
end

local function size(p)
  return p.rows * p.cols
end

-- ---------------------------------------------------------------------------------------------- which are needed

-- The operations that the results need, in order; how many times each is used.
local function reach(results)
  local uses, stack, list = {}, {}, {}
  local function use(p)
    if not uses[p] then
      uses[p] = 0
      stack[#stack + 1] = p
    end
    uses[p] = uses[p] + 1
  end
  for _, p in ipairs(results) do
    use(p)
  end
  while #stack > 0 do
    local p = table.remove(stack)
    list[#list + 1] = p
    for _, a in ipairs(p.args) do
      use(a)
    end
  end
  table.sort(list, function(a, b)
    return a.id < b.id
  end)
  return list, uses
end

-- Where an inverse is formed anyway, a solution with many right sides is a product with it.
local function use_inverses(list, results)
  local formed, used = {}, {}
  local function note(p)
    if p.op == "inv" then
      formed[p.args[1]] = p
    end
  end
  for _, p in ipairs(results) do
    note(p)
  end
  for _, p in ipairs(list) do
    for _, a in ipairs(p.args) do
      note(a)
    end
  end
  for _, p in ipairs(list) do
    local i = p.op == "solve" and formed[p.args[1]]
    if i and i.id < p.id and 4 * p.cols >= p.rows then
      used[#used + 1] = p
      p.op, p.k, p.ta, p.tb = "multiply", p.rows, p.transposed, p.turned
      p.args = { i, p.args[2] }
    end
  end
  return #used > 0
end

-- A number or a scalar times a product becomes the factor that BLAS takes along; so does a number times a Kronecker product.
local function take_factors(list, uses, results)
  local is_result = {}
  for _, p in ipairs(results) do
    is_result[p] = true
  end
  local changed = false
  for _, p in ipairs(list) do
    if p.op == "entries" and (p.fn == "scale" or p.fn == "neg" or p.fn == "mul") then
      local x, s = p.args[1], p.args[2]
      if p.fn == "mul" and scalar(x) and not scalar(s) then
        x, s = s, x
      end
      local product = (x.op == "multiply" or x.op == "gram") and uses[x] == 1 and not is_result[x]
      if
        (x.op == "kron" or x.op == "swapped_kron")
        and p.fn ~= "mul"
        and uses[x] == 1
        and not is_result[x]
      then
        product = true
        p.swap_rows, p.swap_cols = x.swap_rows, x.swap_cols
      end
      local right = p.fn ~= "mul" or (s and scalar(s) and not scalar(x))
      if product and right and not x.factor and not x.outer and size(x) == size(p) then
        p.op, p.k, p.ta, p.tb, p.turned = x.op, x.k, x.ta, x.tb, x.turned
        p.alpha = (x.alpha or 1) * (p.fn == "scale" and p.c or p.fn == "neg" and -1 or 1)
        p.args = { x.args[1], x.args[2] }
        if p.fn == "mul" then
          p.factor = s
          p.args[#p.args + 1] = s
        end
        changed = true
      end
    end
  end
  return changed
end

-- ---------------------------------------------------------------------------------------------- loops

-- The loop that each operation entry by entry belongs to: root[p] is the operation that ends it.
local function loops(list, results)
  local users, root = {}, {}
  for _, p in ipairs(list) do
    for _, a in ipairs(p.args) do
      users[a] = users[a] or {}
      table.insert(users[a], p)
    end
  end
  local is_result = {}
  for _, p in ipairs(results) do
    is_result[p] = true
  end
  -- The loop that all users of p have in common, if they can take p along.
  local function common(p)
    local shared
    for _, user in ipairs(users[p] or {}) do
      local r = user.op == "sum" and user or root[user]
      local fits = user.op == "sum" or user.op == "entries" and user.rows == p.rows and user.cols == p.cols
      if not fits or not r or (shared and shared ~= r) then
        return nil
      end
      shared = r
    end
    return shared
  end
  local weight = {} -- operations in the loop of a root: loops do not grow without bound
  for i = #list, 1, -1 do
    local p = list[i]
    if p.op == "entries" then
      local r = not is_result[p] and common(p) or p
      if (weight[r] or 0) >= MOST_MEMBERS then
        r = p
      end
      root[p] = r
      weight[r] = (weight[r] or 0) + 1
    end
  end
  local members = {}
  for _, p in ipairs(list) do
    local r = root[p]
    if r then
      members[r] = members[r] or {}
      table.insert(members[r], p)
    end
  end
  return root, members
end

-- ---------------------------------------------------------------------------------------------- steps

local Schedule = {}
Schedule.__index = Schedule

function Schedule:new_place(entries)
  local q = { index = #self.places, entries = entries }
  self.places[#self.places + 1] = q
  return q
end

-- The place of an operation that is worked out, or stands for another one.
function Schedule:place(p)
  local q = self.at[p]
  if not q then
    error("operation " .. p.op .. " is not worked out")
  end
  return q
end

function Schedule:step(p, kind, fields, reads, to)
  fields.kind = assert(KIND[kind], kind)
  fields.node = p.node
  to = to or self.at[p]
  if not to then
    to = self:new_place(fields.entries or size(p))
    self.at[p] = to
  end
  fields.to = to.index
  fields.writes, fields.reads = to, reads or {}
  fields.constant = p.constant
  self.steps[#self.steps + 1] = fields
  return fields
end

-- Registers and instructions of a loop.
function Schedule:loop(r, members)
  local total = r.op == "sum"
  local shape = total and r.args[1] or r
  local inside, last_use, inputs, input_of, reads = {}, {}, {}, {}, {}
  for i, p in ipairs(members) do
    inside[p] = true
    for _, a in ipairs(p.args) do
      last_use[a] = i
    end
  end
  local flat = true
  local function input(p)
    local key = p
    local kind, place
    if p.op == "along" then
      kind, place = p.across and 3 or 2, self:place(p.args[1])
      flat = false
    else
      place = self:place(p)
      kind = scalar(p) and size(shape) > 1 and 1 or 0
    end
    if not input_of[key] then
      inputs[#inputs + 1] = { place, kind }
      reads[#reads + 1] = place
      input_of[key] = -#inputs
    end
    return input_of[key]
  end
  local free, most, register, code = {}, 0, {}, {}
  local function take()
    if #free > 0 then
      return table.remove(free)
    end
    most = most + 1
    return most - 1
  end
  local function instruction(fn, to, a, b, c)
    table.move({ entry[fn], to, a, b, c }, 1, 5, #code + 1, code)
  end
  for i, p in ipairs(members) do
    if p.op == "entries" then
      local operands, spent = {}, {}
      for k, a in ipairs(p.args) do
        if inside[a] and a.op == "entries" then
          operands[k] = register[a]
        elseif a.op == "fill" then
          local t = take()
          instruction("const", t, 0, 0, a.value)
          operands[k] = t
          spent[#spent + 1] = t
        else
          operands[k] = input(a)
        end
        if inside[a] and a.op == "entries" and last_use[a] == i and not (k == 2 and p.args[1] == a) then
          spent[#spent + 1] = register[a]
        end
      end
      for _, t in ipairs(spent) do
        free[#free + 1] = t
      end
      local to = -1
      if p ~= r then
        to = take()
        register[p] = to
      end
      instruction(p.fn, to, operands[1] or 0, operands[2] or operands[1] or 0, p.c or 0)
    elseif p == r then -- a column or row repeated, for its own sake
      instruction("copy", -1, input(p), 0, 0)
    end
  end
  local l = {
    rows = shape.rows,
    cols = shape.cols,
    total = total and 1 or 0,
    inputs = #inputs,
    input0 = #self.loop_inputs // 2,
    steps = #code // 5,
    step0 = #self.loop_steps // 5,
    registers = most,
  }
  for _, q in ipairs(inputs) do
    self.loop_inputs[#self.loop_inputs + 1] = q[1].index
    self.loop_inputs[#self.loop_inputs + 1] = q[2]
  end
  table.move(code, 1, #code, #self.loop_steps + 1, self.loop_steps)
  self.loops[#self.loops + 1] = l
  local s = self:step(r, "entries", { x = #self.loops - 1 }, reads)
  s.in_place = flat
    and not total
    and function(place)
      for _, q in ipairs(inputs) do
        if q[1] == place and q[2] ~= 0 then
          return false
        end
      end
      return true
    end
end

local emit = {}

function emit.input() end

function emit.fill(self, p)
  self:step(p, "fill", { alpha = p.value, m = p.rows, n = p.cols })
end

function emit.view(self, p)
  self.at[p] = self:place(p.args[1])
end

function emit.t(self, p)
  local a = p.args[1]
  self:step(p, "transpose", { a = self:place(a).index, m = a.rows, n = a.cols }, { self:place(a) })
end

function emit.diag(self, p)
  local v = p.args[1]
  if v.op == "fill" and v.value == 1 then
    self:step(p, "eye", { n = p.rows })
  elseif scalar(v) then
    self:step(p, "fill", { alpha = 0, m = p.rows, n = p.cols })
    local to, from = self:place(p), self:place(v)
    self:step(p, "add_diag", { a = to.index, b = from.index, n = p.rows, flags = SCALAR }, { to, from })
  else
    self:step(p, "diag", { a = self:place(v).index, n = p.rows }, { self:place(v) })
  end
end

function emit.add_diag(self, p)
  local a, v = p.args[1], p.args[2]
  local from, by = self:place(a), self:place(v)
  local s = self:step(
    p,
    "add_diag",
    { a = from.index, b = by.index, n = p.rows, flags = scalar(v) and SCALAR or 0 },
    { from, by }
  )
  s.in_place = function(place)
    return place == from and place ~= by
  end
end

function emit.multiply(self, p)
  local a, b = self:place(p.args[1]), self:place(p.args[2])
  local x = p.factor and self:place(p.factor)
  self:step(p, "multiply", {
    a = a.index,
    b = b.index,
    m = p.rows,
    n = p.cols,
    k = p.k,
    alpha = p.alpha,
    x = x and x.index,
    flags = (p.ta and TURN_A or 0) + (p.tb and TURN_B or 0),
  }, { a, b, x })
end

function emit.gram(self, p)
  local A = p.args[1]
  local a, x = self:place(A), p.factor and self:place(p.factor)
  self:step(p, "gram", {
    a = a.index,
    n = p.rows,
    k = p.turned and A.cols or A.rows,
    alpha = p.alpha,
    x = x and x.index,
    flags = p.turned and TURN_A or 0,
  }, { a, x })
end

-- Steps with two arguments, of the size of the result.
local function two(name)
  emit[name] = function(self, p)
    local a, b = self:place(p.args[1]), self:place(p.args[2])
    self:step(p, name, { a = a.index, b = b.index, m = p.rows, n = p.cols }, { a, b })
  end
end
two "scale_rows"
two "scale_cols"
two "cross"
two "frechet"
two "power"
emit.frechet = function(self, p)
  local a, b = self:place(p.args[1]), self:place(p.args[2])
  self:step(p, "frechet", { a = a.index, b = b.index, n = p.rows, x = p.x }, { a, b })
end

function emit.khatrirao(self, p)
  local a, b = self:place(p.args[1]), self:place(p.args[2])
  local fields = { a = a.index, b = b.index, m = p.args[1].rows, n = p.cols, k = p.args[2].rows }
  self:step(p, "khatrirao", fields, { a, b })
end

function emit.sandwich(self, p)
  local v, B = self:place(p.args[1]), self:place(p.args[2])
  local m = p.args[2].rows
  local room = self:new_place(m * p.cols + m)
  self:step(p, "sandwich", { a = v.index, b = B.index, c = room.index, m = m, n = p.cols }, { v, B, room }).uses =
    { room }
end

-- Steps with one argument; m x n is its size.
for name in
  (
    "diagv norm1 norm2 max logsumexp sum trace argmax softmax vech hat vee entry function frechet_matrix pinv "
    .. "adj tril triu diagonal_sums"
  ):gmatch "%S+"
do
  emit[name] = function(self, p)
    local a = self:place(p.args[1])
    local A = p.args[1]
    self:step(p, name, { a = a.index, m = A.rows, n = A.cols, x = p.x, y = p.y }, { a })
  end
end

function emit.dot(self, p)
  local a, b = self:place(p.args[1]), self:place(p.args[2])
  self:step(p, "dot", { a = a.index, b = b.index, m = p.args[1].rows, n = p.args[1].cols }, { a, b })
end

function emit.trace_of(self, p)
  local a, b = self:place(p.args[1]), self:place(p.args[2])
  self:step(p, "trace_of", { a = a.index, b = b.index, m = p.args[1].rows, n = p.args[1].cols }, { a, b })
end

for _, name in ipairs { "lu", "cholesky" } do
  emit[name] = function(self, p)
    local a, n = self:place(p.args[1]), p.rows
    self:step(p, name, { a = a.index, n = n, entries = n * n + n + 1 }, { a })
  end
end

function emit.eigen(self, p)
  local a, n = self:place(p.args[1]), p.rows
  self:step(p, "eigen", { a = a.index, n = n, entries = n * n + n }, { a })
end

for _, name in ipairs { "eigval", "eigvec" } do
  emit[name] = function(self, p)
    local a = self:place(p.args[1])
    self:step(p, name, { a = a.index, n = p.args[1].rows, x = p.x }, { a })
  end
end

for name, kind in pairs { det = "det", logdet = "logdet", inv = "inverse" } do
  emit[name] = function(self, p)
    local f = p.args[1]
    local a = self:place(f)
    self:step(p, kind, { a = a.index, n = f.rows, flags = f.op == "cholesky" and CHOLESKY or 0 }, { a })
  end
end

function emit.solve(self, p)
  local f, b = p.args[1], self:place(p.args[2])
  local a = self:place(f)
  local flags = (f.op == "cholesky" and CHOLESKY or 0)
    + (p.transposed and TURN_A or 0)
    + (p.turned and TURN_B or 0)
  self:step(p, "solve", { a = a.index, b = b.index, n = p.rows, k = p.cols, flags = flags }, { a, b })
end

local function identity(p)
  return p.op == "diag" and p.args[1].op == "fill" and p.args[1].value == 1
end

function emit.kron(self, p)
  local A, B = p.args[1], p.args[2]
  local a, b = not identity(A) and self:place(A) or nil, not identity(B) and self:place(B) or nil
  self:step(p, "kron", {
    a = a and a.index,
    b = b and b.index,
    m = A.rows,
    n = A.cols,
    k = B.rows,
    x = B.cols,
    alpha = p.alpha,
    flags = (p.swap_rows and KRON_ROWS or 0) + (p.swap_cols and KRON_COLS or 0),
  }, { a or b, b })
end
emit.swapped_kron = emit.kron

function emit.kron_times(self, p)
  local A, B, C = p.args[1], p.args[2], p.args[3]
  local a, b, c = not identity(A) and self:place(A), not identity(B) and self:place(B), self:place(C)
  local room = a and b and self:new_place(B.rows * A.cols)
  local reads = { c }
  for _, q in ipairs { a or c, b or c, room or c } do
    reads[#reads + 1] = q
  end
  local s = self:step(p, "kron_times", {
    a = a and a.index or nil,
    b = b and b.index or nil,
    c = c.index,
    d = room and room.index or nil,
    m = A.rows,
    n = A.cols,
    k = B.rows,
    x = B.cols,
    y = p.cols,
  }, reads)
  s.uses = room and { room } or nil
end

function emit.swap(self, p)
  self:step(p, "K", { m = p.m, n = p.n })
end

function emit.swap_rows(self, p)
  local a = self:place(p.args[1])
  self:step(p, "swap_rows", { a = a.index, m = p.m, n = p.n, k = p.cols }, { a })
end

function emit.swap_cols(self, p)
  local a = self:place(p.args[1])
  self:step(p, "swap_cols", { a = a.index, m = p.m, n = p.n, k = p.rows }, { a })
end

function emit.unit(self, p)
  self:step(p, "unit", { m = p.rows, n = p.cols, x = p.x, y = p.y })
end

function emit.dup(self, p)
  self:step(p, "dup", { n = math.tointeger(math.sqrt(p.rows)) })
end

function emit.elim(self, p)
  self:step(p, "elim", { n = math.tointeger(math.sqrt(p.cols)) })
end

function emit.diagonals(self, p)
  self:step(p, "diagonals", { n = math.tointeger(math.sqrt(p.cols)) })
end

function emit.call(self, p)
  local reads, first = {}, #self.args
  for i, a in ipairs(p.args) do
    reads[i] = self:place(a)
    table.move({ reads[i].index, a.rows, a.cols }, 1, 3, #self.args + 1, self.args)
  end
  self:step(p, "call", { m = p.rows, n = p.cols, k = #p.args, x = p.f, y = first }, reads)
end

-- ---------------------------------------------------------------------------------------------- places

-- Room for the places of steps; what is free is kept as a list of { offset, length }.
local function lay_out(self)
  local last = {}
  for i, s in ipairs(self.steps) do
    for _, q in pairs(s.reads) do
      last[q] = i
    end
    last[s.writes] = math.max(last[s.writes] or 0, i)
  end
  local top, free = 0, {}
  local function round(n)
    return (n + 7) // 8 * 8
  end
  local function take(n)
    n = round(n)
    local best
    for i, f in ipairs(free) do
      if f[2] >= n and (not best or f[2] < free[best][2]) then
        best = i
      end
    end
    if best then
      local f = free[best]
      local at = f[1]
      f[1], f[2] = f[1] + n, f[2] - n
      if f[2] == 0 then
        table.remove(free, best)
      end
      return at
    end
    top = top + n
    return top - n
  end
  local function give(at, n)
    n = round(n)
    local i = 1
    while i <= #free and free[i][1] < at do
      i = i + 1
    end
    table.insert(free, i, { at, n })
    if free[i + 1] and at + n == free[i + 1][1] then
      free[i][2] = n + free[i + 1][2]
      table.remove(free, i + 1)
    end
    if i > 1 and free[i - 1][1] + free[i - 1][2] == at then
      free[i - 1][2] = free[i - 1][2] + free[i][2]
      table.remove(free, i)
    end
  end
  for i, s in ipairs(self.steps) do
    local to = s.writes
    if not to.offset and not to.outside and s.in_place and not s.constant then
      for _, q in pairs(s.reads) do
        if
          q.offset
          and not q.kept
          and not q.given
          and last[q] == i
          and round(q.entries) == round(to.entries)
          and s.in_place(q)
        then
          to.offset, q.given = q.offset, true
          break
        end
      end
    end
    for _, q in ipairs { to, table.unpack(s.uses or {}) } do
      if not q.offset and not q.outside then
        q.offset = take(q.entries)
        q.kept = s.constant
      end
    end
    local done = {}
    for _, q in pairs(s.reads) do
      done[q] = true
    end
    done[to] = true
    for q in pairs(done) do
      if q.offset and last[q] == i and not q.kept and not q.given then
        q.given = true
        give(q.offset, q.entries)
      end
    end
  end
  return top
end

--- The program that works out the results, in the form of core.program.
-- @param results a list of operations
-- @param values the list of inputs, { name, kind, rows, cols, value, needed }
function M.program(results, values)
  local self = setmetatable({
    steps = {},
    places = {},
    loops = {},
    loop_inputs = {},
    loop_steps = {},
    args = {},
    at = {},
  }, Schedule)
  local list, uses = reach(results)
  if use_inverses(list, results) then
    list, uses = reach(results)
  end
  if take_factors(list, uses, results) then
    list = reach(results)
  end
  for _, p in ipairs(list) do
    p.constant = p.op ~= "input" and p.op ~= "call"
    for _, a in ipairs(p.args) do
      p.constant = p.constant and a.constant
    end
  end
  local root, members = loops(list, results)

  -- arguments and results
  for _, v in ipairs(values) do
    if v.kind == 0 then
      local q = self:new_place(v.rows * v.cols)
      q.outside = true
      v.place = q.index
      self.by_name = self.by_name or {}
      self.by_name[v.name] = q
    end
  end
  local given = {}
  local late = {}
  for i, p in ipairs(results) do
    local q = self:new_place(size(p))
    q.outside = true
    given[i] = { place = q.index, rows = p.rows, cols = p.cols }
    if p.op == "input" or p.op == "view" or p.constant or self.at[p] then
      late[#late + 1] = { p, q }
    else
      self.at[p] = q
    end
  end

  -- what is only seen through, or is part of another's loop, is not worked out by itself
  local wanted = {}
  for _, p in ipairs(results) do
    wanted[p] = true
  end
  for i = #list, 1, -1 do
    local p = list[i]
    local inside = root[p] and root[p] ~= p
    if wanted[p] or inside then
      for k, a in ipairs(p.args) do
        local skipped = p.op == "entries" and (a.op == "fill" or a.op == "along")
          or (p.op == "kron_times" or p.op == "kron" or p.op == "swapped_kron") and k < 3 and identity(a)
          or p.op == "diag" and a.op == "fill" and a.value == 1
        local needed = a
        if skipped then
          needed = a.op == "along" and a.args[1] or nil
        end
        if needed then
          wanted[needed] = true
        end
      end
    end
  end
  for _, p in ipairs(list) do
    local r = root[p]
    if p.op == "input" then
      self.at[p] = assert(self.by_name[p.name])
    elseif wanted[p] then
      if members[p] or p.op == "along" then
        self:loop(p, members[p] or { p })
      elseif not r then
        emit[p.op](self, p)
      end
    end
  end
  for _, pair in ipairs(late) do
    local p, q = pair[1], pair[2]
    local from = self:place(p)
    self:step(
      { op = "copy", node = p.node, rows = p.rows, cols = p.cols },
      "copy",
      { a = from.index, m = p.rows, n = p.cols },
      { from },
      q
    )
  end

  -- constants first; their places stay theirs
  local setup, rest = {}, {}
  for _, s in ipairs(self.steps) do
    table.insert(s.constant and setup or rest, s)
    if s.constant then
      s.writes.kept = true
    end
  end
  self.steps = table.move(rest, 1, #rest, #setup + 1, setup)
  local constants = #self.steps - #rest
  local room = lay_out(self)
  local places = {}
  for i, q in ipairs(self.places) do
    places[i] = q.offset or -1
  end
  return {
    steps = self.steps,
    setup = constants,
    loops = self.loops,
    loop_inputs = self.loop_inputs,
    loop_steps = self.loop_steps,
    args = self.args,
    places = places,
    room = room,
    values = values,
    results = given,
  }
end

return M
