--- A store in plain Lua for specs: nodes are made as they are told, with no normal form of its own but equal ids for
-- equal nodes. `Store.new "vector x(n), matrix A(n,n), scalar a"` declares; `s.of.x`, `s.of.A` are the symbols.

local Store = {}
local methods = {}

local function intern(s, op, args, rows, cols, extra)
  local key = op .. "(" .. table.concat(args, ",") .. ")" .. rows .. "x" .. cols .. ":" .. (extra or "")
  local id = s.by_key[key]
  if not id then
    id = #s.nodes + 1
    s.nodes[id] = { op = op, args = args, rows = rows, cols = cols, extra = extra }
    s.by_key[key] = id
  end
  return id
end

function Store.new(declarations)
  local s = setmetatable(
    { nodes = {}, by_key = {}, dims = {}, dim_ids = {}, kinds = {}, declared = {}, of = {} },
    {
      __index = methods,
    }
  )
  s:declare(declarations or "")
  return s
end

function methods.dim(s, text)
  if not s.dim_ids[text] then
    s.dims[#s.dims + 1] = text
    s.dim_ids[text] = #s.dims
  end
  return s.dim_ids[text]
end

function methods.declare(s, declarations)
  for kind, name, shape in declarations:gmatch "(%a+) ([%w_]+)(%b())" do
    local rows, cols = shape:match "^%(([^,]+),?(.*)%)$"
    s:symbol(name, kind, rows, cols == "" and "1" or cols)
  end
  for name in declarations:gmatch "scalar ([%w_]+)" do
    s:symbol(name, "scalar", "1", "1")
  end
end

function methods.symbol(s, name, kind, rows, cols)
  local id = intern(s, "symbol", {}, s:dim(rows), s:dim(cols), name)
  s.kinds[id] = kind
  s.of[name] = id
  return id
end

--- An unknown function of a node: `s:fn("u", "vector", "m", "1", s.of.x)`.
function methods.fn(s, name, rows, cols, argument)
  local id = s:symbol(name, "function", rows, cols)
  s.declared[id] = argument
  return id
end

-- The constructors. -----------------------------------------------------------------------------------------------

function methods.num(s, num, den)
  return intern(s, "number", {}, s:dim "1", s:dim "1", ("%s/%s"):format(num, den or 1))
end

local function shape(s, id)
  return s.nodes[id].rows, s.nodes[id].cols
end

--- A sum: `s:add(1, s.x, -1, s.a)`; the coefficients are Lua integers or number ids in a table.
function methods.add(s, ...)
  local args = { ... }
  for i = 1, #args, 2 do
    args[i] = type(args[i]) == "table" and args[i][1] or s:num(args[i])
  end
  local rows, cols = shape(s, args[2])
  return intern(s, "sum", args, rows, cols)
end

--- A product: coefficient, then scalars and chain in one list.
function methods.mul(s, c, ...)
  local args = { type(c) == "table" and c[1] or s:num(c), ... }
  local rows, cols
  for i = 2, #args do
    local r, k = shape(s, args[i])
    if not (s.dims[r] == "1" and s.dims[k] == "1") then
      rows, cols = rows or r, k
    end
  end
  return intern(s, "product", args, rows or s:dim "1", cols or s:dim "1")
end

function methods.pow(s, base, num, den)
  local rows, cols = shape(s, base)
  local exponent = type(num) == "table" and num[1] or s:num(num, den)
  return intern(s, "power", { base, exponent }, cols, rows)
end

function methods.had(s, ...)
  local rows, cols = shape(s, (...))
  return intern(s, "hadamard", { ... }, rows, cols)
end

function methods.elpow(s, base, num, den)
  local rows, cols = shape(s, base)
  local exponent = type(num) == "table" and num[1] or s:num(num, den)
  return intern(s, "elpower", { base, exponent }, rows, cols)
end

function methods.t(s, id)
  local rows, cols = shape(s, id)
  return intern(s, "transpose", { id }, cols, rows)
end

function methods.constant(s, op, rows, cols)
  return intern(s, op, {}, s:dim(rows), s:dim(cols))
end

--- Any other operator: of the given shape, or of the shape of its first argument.
function methods.f(s, op, args, rows, cols)
  local r, k = shape(s, args[1])
  return intern(s, op, args, rows and s:dim(rows) or r, cols and s:dim(cols) or k)
end

function methods.apply(s, fn, argument)
  local rows, cols = shape(s, fn)
  return intern(s, "call", { fn, argument }, rows, cols)
end

function methods.hole(s, name, rows, cols)
  return intern(s, "hole", {}, s:dim(rows), s:dim(cols), name)
end

-- What the printer asks. ------------------------------------------------------------------------------------------

function methods.op(s, id)
  return s.nodes[id].op
end

function methods.args(s, id)
  local copy = {}
  for i, a in ipairs(s.nodes[id].args) do
    copy[i] = a
  end
  return copy
end

-- As the engine's: the nodes of a text, parts before wholes, their operators, are they scalars?, four empty tables, a count.
function methods.outline(s, root, known)
  local ids, op, scalar, count = {}, {}, {}, 0
  local function go(id)
    if op[id] or known and known[id] ~= nil then
      return
    end
    local name, args = s.nodes[id].op, s.nodes[id].args
    op[id] = name == "sum" and #args == 1 and "sum()" or name
    scalar[id] = s.dims[s.nodes[id].rows] == "1" and s.dims[s.nodes[id].cols] == "1"
    local skips = name == "sum" and #args > 1
    for i = (skips or name == "product") and 2 or 1, name == "function" and 0 or #args, skips and 2 or 1 do
      go(args[i])
    end
    ids[#ids + 1], count = id, count + 1 + #args
  end
  go(root)
  return ids, op, scalar, {}, {}, {}, {}, count
end

-- As the engine's: how many names, numbers and binary operators a text has at least.
function methods.least_cost(s, root, few, largest)
  local ids, op = methods.outline(s, root)
  local cost = {}
  for _, id in ipairs(ids) do
    local name, args = op[id], s.nodes[id].args
    local sum, most, count = 0, 0, 0
    local first, last = (name == "sum" or name == "product") and 2 or 1, name == "function" and 0 or #args
    for i = first, last, name == "sum" and 2 or 1 do
      local part = cost[args[i]]
      sum, most, count = sum + part, math.max(most, part), count + 1
    end
    if name == "power" or name == "elpower" or name == "product" and count <= few then
      sum = most
    elseif name == "sum" or name == "product" or name == "hadamard" then
      sum = sum + count - 1
    end
    cost[id] = math.max(1, math.min(sum, largest))
  end
  return cost[root]
end

function methods.number(s, id)
  return s.nodes[id].extra:match "^(.*)/(.*)$"
end

function methods.name(s, id)
  return s.nodes[id].extra
end

function methods.rows(s, id)
  return s.nodes[id].rows
end

function methods.cols(s, id)
  return s.nodes[id].cols
end

function methods.dimtext(s, dim)
  return s.dims[dim]
end

function methods.kind(s, id)
  return s.kinds[id]
end

function methods.declared_argument(s, id)
  return s.declared[id]
end

return Store
