--- The steps of a program: for each operation the step of C that computes it, its arguments as places.
--
-- @module nabla.numeric.steps

local core = require "nabla.numeric.core"

local entry = core.entry_functions()
local KIND = core.kinds

local M = {}

-- Flags of a step.
local TRANSPOSE_A, TRANSPOSE_B, CHOLESKY, KRON_ROWS, KRON_COLS, SCALAR = 1, 2, 4, 8, 16, 32
-- How a loop reads an input: its entry, its only entry, the entry of the column, of the row.
local EACH, SAME, ALONG_COLS, ALONG_ROWS = 0, 1, 2, 3
local RESULT = -1 -- where an instruction of a loop writes, in place of a register

local function scalar(p)
  return p.rows == 1 and p.cols == 1
end

local function size(p)
  return p.rows * p.cols
end

-- ---------------------------------------------------------------------------------------------- places and steps

local Steps = {}
Steps.__index = Steps

function Steps:new_place(entries)
  local q = { index = #self.places, entries = entries }
  self.places[#self.places + 1] = q
  return q
end

-- The place of an operation that has been computed, or is another view of one.
function Steps:place(p)
  local q = self.at[p]
  if not q then
    error("operation " .. p.op .. " is not worked out")
  end
  return q
end

-- Add a step that computes p. `fields` are those of core.program; places that it reads; `to`: a place other than that of p.
function Steps:step(p, kind, fields, reads, to)
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

-- A loop over entries while it is written: its instructions and inputs, and which registers are free.
local Loop = {}
Loop.__index = Loop

function Loop:take_register()
  if #self.free > 0 then
    return table.remove(self.free)
  end
  self.registers = self.registers + 1
  return self.registers - 1
end

function Loop:instruction(fn, to, a, b, c)
  table.move({ entry[fn], to, a, b, c }, 1, 5, #self.code + 1, self.code)
end

-- The number of an input: an operation outside of the loop.
function Loop:input(p)
  if not self.number[p] then
    local kind, place
    if p.op == "along" then
      kind, place = p.across and ALONG_ROWS or ALONG_COLS, self.steps:place(p.args[1])
      self.flat = false
    else
      place = self.steps:place(p)
      kind = scalar(p) and size(self.shape) > 1 and SAME or EACH
    end
    self.inputs[#self.inputs + 1] = { place, kind }
    self.number[p] = -#self.inputs
  end
  return self.number[p]
end

-- The instruction of the i-th member, p. Its value goes to a register, that of the last one to the result.
function Loop:member(p, i, is_last)
  local operands, spent = {}, {}
  for k, a in ipairs(p.args) do
    local inside = self.inside[a] and a.op == "entries"
    if inside then
      operands[k] = self.register[a]
    elseif a.op == "fill" then
      local t = self:take_register()
      self:instruction("const", t, 0, 0, a.value)
      operands[k] = t
      spent[#spent + 1] = t
    else
      operands[k] = self:input(a)
    end
    if inside and self.last_use[a] == i and not (k == 2 and p.args[1] == a) then
      spent[#spent + 1] = self.register[a]
    end
  end
  table.move(spent, 1, #spent, #self.free + 1, self.free)
  local to = RESULT
  if not is_last then
    to = self:take_register()
    self.register[p] = to
  end
  self:instruction(p.fn, to, operands[1] or 0, operands[2] or operands[1] or 0, p.c or 0)
end

-- May the result be written over a place? Where that is read entry by entry, and nowhere else.
function Loop:in_place(place)
  for _, q in ipairs(self.inputs) do
    if q[1] == place and q[2] ~= EACH then
      return false
    end
  end
  return self.flat
end

--- The loop that the operation r ends.
function Steps:loop(r, members)
  local total = r.op == "sum"
  local loop = setmetatable({
    steps = self,
    shape = total and r.args[1] or r,
    inside = {},
    last_use = {},
    inputs = {},
    number = {},
    free = {},
    registers = 0,
    register = {},
    code = {},
    flat = true,
  }, Loop)
  for i, p in ipairs(members) do
    loop.inside[p] = true
    for _, a in ipairs(p.args) do
      loop.last_use[a] = i
    end
  end
  for i, p in ipairs(members) do
    if p.op == "entries" then
      loop:member(p, i, p == r)
    elseif p == r then -- a column or row repeated, for its own sake
      loop:instruction("copy", RESULT, loop:input(p), 0, 0)
    end
  end
  self.loops[#self.loops + 1] = {
    rows = loop.shape.rows,
    cols = loop.shape.cols,
    total = total and 1 or 0,
    inputs = #loop.inputs,
    input0 = #self.loop_inputs // 2,
    steps = #loop.code // 5,
    step0 = #self.loop_steps // 5,
    registers = loop.registers,
  }
  local reads = {}
  for i, q in ipairs(loop.inputs) do
    reads[i] = q[1]
    table.move({ q[1].index, q[2] }, 1, 2, #self.loop_inputs + 1, self.loop_inputs)
  end
  table.move(loop.code, 1, #loop.code, #self.loop_steps + 1, self.loop_steps)
  local s = self:step(r, "entries", { x = #self.loops - 1 }, reads)
  s.in_place = not total and function(place)
    return loop:in_place(place)
  end
end

-- ---------------------------------------------------------------------------------------------- one operation, one step

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
    flags = (p.ta and TRANSPOSE_A or 0) + (p.tb and TRANSPOSE_B or 0),
  }, { a, b, x })
end

function emit.gram(self, p)
  local A = p.args[1]
  local a, x = self:place(A), p.factor and self:place(p.factor)
  self:step(p, "gram", {
    a = a.index,
    n = p.rows,
    k = p.ta and A.cols or A.rows,
    alpha = p.alpha,
    x = x and x.index,
    flags = p.ta and TRANSPOSE_A or 0,
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
two "power"

function emit.frechet(self, p)
  local a, b = self:place(p.args[1]), self:place(p.args[2])
  self:step(p, "frechet", { a = a.index, b = b.index, n = p.rows, x = p.x }, { a, b })
end

function emit.khatrirao(self, p)
  local a, b = self:place(p.args[1]), self:place(p.args[2])
  local fields = { a = a.index, b = b.index, m = p.args[1].rows, n = p.cols, k = p.args[2].rows }
  self:step(p, "khatrirao", fields, { a, b })
end

function emit.below(self, p)
  local A, B = p.args[1], p.args[2]
  local a, b = self:place(A), self:place(B)
  self:step(p, "stack", { a = a.index, b = b.index, m = A.rows, n = p.cols, k = B.rows }, { a, b })
end

-- Entries are column by column.
function emit.beside(self, p)
  local A, B = p.args[1], p.args[2]
  local a, b = self:place(A), self:place(B)
  self:step(p, "stack", { a = a.index, b = b.index, m = size(A), n = 1, k = size(B) }, { a, b })
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
    + (p.ta and TRANSPOSE_A or 0)
    + (p.tb and TRANSPOSE_B or 0)
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

--- An empty program: no steps, no places. `at`: operation -> the place of its value.
function M.new()
  return setmetatable({
    steps = {},
    places = {},
    loops = {},
    loop_inputs = {},
    loop_steps = {},
    args = {},
    at = {},
  }, Steps)
end

--- Compute an operation.
function Steps:emit(p)
  emit[p.op](self, p)
end

--- Copy the value of an operation to a place.
function Steps:copy(p, to)
  local from = self:place(p)
  local copy = { op = "copy", node = p.node, rows = p.rows, cols = p.cols }
  self:step(copy, "copy", { a = from.index, m = p.rows, n = p.cols }, { from }, to)
end

M.is_identity = identity

return M
