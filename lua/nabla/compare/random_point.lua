--- Points: random values for all names that expressions hold, as they are declared, in any arithmetic.
--
-- @module nabla.compare.random_point

local errors = require "nabla.text.errors"
local random_matrix = require "nabla.compare.random_matrix"
local size_values = require "nabla.evaluate.size_values"

local M = {}

-- What rule files say of attributes by numbers is seldom needed.
local function meaning()
  return require "nabla.compare.meaning"
end

-- Has any attribute of a set, or one that it implies, a meaning that a rule file gives? Asked before the module is loaded.
local function has_meaning(session, has, seen)
  seen = seen or {}
  for name in pairs(next(session.meanings) and has or {}) do
    if session.meanings[name] then
      return true
    elseif not seen[name] then
      seen[name] = true
      if has_meaning(session, session.implications[name] or {}, seen) then
        return true
      end
    end
  end
  return false
end

local LARGE = 40000 -- the most entries of a value modulo a prime

-- ---------------------------------------------------------------------------------------------- what there is

-- Mark the symbols below a node.
local function mark(S, id, set)
  for _, node in ipairs(S:postorder(id)) do
    if S:op(node) == "symbol" then
      set[S:name(node)] = true
    end
  end
end

--- What there is below some nodes: `symbols` (name -> id), `functions` (name -> { id =, point =, order = of its highest
-- derivative }), `sizes` (names in shapes -> true if a symbol or a function has it), `names` (sizes that occur as symbols),
-- `counts` (those of them that are numbers there), `whole` (names in indices and in the bounds of sums), `exponents` (names in
-- exponents), `families` (name -> the rows and columns of a member), `differential`.
function M.names_in(session, ids)
  local S = session.S
  local found =
    { symbols = {}, functions = {}, sizes = {}, counts = {}, whole = {}, exponents = {}, names = {}, families = {} }
  local seen = {}
  local function sizes_of(id, shape)
    for _, dim in ipairs { S:rows(id), S:cols(id) } do
      for _, name in ipairs(S:dimnames(dim)) do
        found.sizes[name] = found.sizes[name] or shape
      end
    end
  end
  local function visit(id)
    local op, own = S:op(id)
    if own and op == "symbol" then
      local kind = S:kind(id)
      if kind == "dimension" then
        found.names[S:name(id)] = true
      elseif kind ~= "counter" then
        found.symbols[S:name(id)] = id
        sizes_of(id, true)
      end
      return
    elseif own and (op == "call" or op == "D") then
      local f, point = S:args(id)[1], S:args(id)[2]
      local order = op == "D" and 1 or 0
      while S:op(f) == "D" do
        f, order = S:args(f)[1], order + 1
      end
      local known = found.functions[S:name(f)]
      order = math.max(order, known and known.order or 0)
      found.functions[S:name(f)] = { id = f, point = point, order = order }
      sizes_of(f, true)
      sizes_of(point, true)
      return
    elseif own and (op == "diff" or op == "d" or op == "hole") then
      found.differential = true
    elseif own and (op == "power" or op == "elpower") then
      mark(S, S:args(id)[2], found.exponents)
    elseif own and op == "range" then
      mark(S, S:args(id)[1], found.whole)
      mark(S, S:args(id)[2], found.whole)
    elseif not own and session.ops[op] then
      if session.ops[op].member and S:op(S:args(id)[1]) == "symbol" then
        found.families[S:name(S:args(id)[1])] = { S:rows(id), S:cols(id) }
      end
      for i, p in ipairs(session.ops[op].params) do
        if p.index then
          mark(S, S:args(id)[i], found.whole)
        end
      end
    end
    for i, x in ipairs(S:args(id)) do -- a size that says of which shape something is, or which entry is meant, is no number
      local p = not own and session.ops[op] and session.ops[op].params[i]
      if S:op(x) == "symbol" and S:kind(x) == "dimension" and not (p and (p.dimension or p.index)) then
        found.counts[S:name(x)] = true
      end
    end
    sizes_of(id, false)
  end
  for _, root in ipairs(ids) do
    if S:op(root) == "symbol" and S:kind(root) == "dimension" then
      found.counts[S:name(root)] = true
    end
    for _, id in ipairs(S:postorder(root)) do
      if not seen[id] then
        seen[id] = true
        visit(id)
      end
    end
  end
  return found
end

-- The degrees of their arguments add up. The value of an unknown function counts as its argument does: x(i) like i. A sum of
-- such values over i = 1..N is no polynomial in N, but where as many values of N are tried as the degree says, all its terms show.
local products =
  { product = true, hadamard = true, transpose = true, range = true, call = true, D = true }

--- The degree of a node as a polynomial in the sizes that occur in it as numbers, at most; infinite where it is not known.
function M.degree(session, root)
  local S, degree = session.S, {}
  for _, id in ipairs(S:postorder(root)) do
    local op, own = S:op(id)
    local sum, most = 0, 0
    local args = own and (op == "symbol" or op == "number") and {} or S:args(id)
    local operator = not own and session.ops[op]
    for i, x in ipairs(args) do
      local p = operator and operator.params[i]
      if not (p and (p.dimension or p.index)) then
        sum, most = sum + (degree[x] or 0), math.max(most, degree[x] or 0)
      end
    end
    if own and op == "symbol" then
      degree[id] = (S:kind(id) == "dimension" or S:kind(id) == "counter") and 1 or 0
    elseif sum == 0 then
      degree[id] = 0
    elseif own and op == "sum" or operator and operator.jointly_linear then
      degree[id] = most
    elseif operator and operator.linear or own and products[op] then
      degree[id] = sum
    elseif own and (op == "power" or op == "elpower") and S:op(args[2]) == "number" then
      local num, den = S:number(args[2])
      degree[id] = den == "1" and math.abs(tonumber(num)) * degree[args[1]] or math.huge
      if S:rows(id) ~= 1 and tonumber(num) < 0 then
        degree[id] = math.huge
      end
    else
      degree[id] = math.huge
    end
  end
  return degree[root]
end

--- The attributes that a node has: name -> true.
function M.attributes(session, id)
  local has = {}
  for name in pairs(session.attributes) do
    has[name] = session.S:property(name, id) or nil
  end
  return has
end

--- The names of a table, sorted.
function M.sorted(set)
  local names = {}
  for name in pairs(set) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- ---------------------------------------------------------------------------------------------- values

-- A value with some attributes; of a family one whose members have them, `size` their rows and columns.
local function drawn(source, has, rows, cols, size)
  if not size or not next(has) or size[1] == rows and size[2] == cols then
    return source:with(has, rows, cols)
  end
  local blocks = {}
  return source.A:build(rows, cols, function(i, j)
    local key = (i - 1) // size[1] * cols + (j - 1) // size[2]
    blocks[key] = blocks[key] or source:with(has, size[1], size[2])
    return blocks[key]((i - 1) % size[1] + 1, (j - 1) % size[2] + 1)
  end)
end

-- The test of an attribute by numbers, or nil.
local function test_of(session, attribute, own)
  return own and own(attribute)
    or random_matrix.tests[attribute]
    or session.meanings[attribute] and function(value)
      return meaning().test(session, attribute, value)
    end
end

-- What is drawn for a symbol, worked out once for all points: its size as functions of the sizes of names, its attributes, whether a
-- rule file gives one of them a meaning, and the tests that a value must pass.
local function recipe(session, found, name, opts)
  local S, id = session.S, found.symbols[name]
  local own = { rows = size_values.of(S, S:rows(id)), cols = size_values.of(S, S:cols(id)) }
  own.has = M.attributes(session, id)
  for attribute in pairs(opts.extra and opts.extra[name] or {}) do
    own.has[attribute] = true
  end
  own.meaning = has_meaning(session, own.has)
  local member = found.families[name]
  own.member = member and { size_values.of(S, member[1]), size_values.of(S, member[2]) }
  own.tests = {}
  for attribute in pairs(member and {} or own.has) do
    local test = test_of(session, attribute, opts.test)
    if test then
      own.tests[attribute] = test
    elseif not random_matrix.written[attribute] then
      own.dropped = attribute
    end
  end
  return own
end

-- The recipes of all symbols, in the order of their names; kept in `found`, for the options of which they depend on.
local function recipes(session, found, opts)
  local known = found.recipes
  if not known or known.extra ~= opts.extra or known.test ~= opts.test then
    known = { extra = opts.extra, test = opts.test }
    for i, name in ipairs(M.sorted(found.symbols)) do
      known[i] = recipe(session, found, name, opts)
      known[i].name = name
    end
    found.recipes = known
  end
  return known
end

-- A value that a recipe gives at some sizes; nil and why there is none.
local function value_of(session, source, own, id, dims, opts)
  local A, name = source.A, own.name
  local rows, cols = own.rows(dims), own.cols(dims)
  if not (rows and cols) or rows < 1 or cols < 1 then
    return nil, "a size is no whole number from 1 on"
  elseif A.exact and rows * cols > LARGE then
    return nil, "a matrix is too large"
  end
  local v = opts.value and opts.value(name, id, rows, cols)
  if not v and own.meaning then
    v = meaning().draw(session, source, own.has, rows, cols)
  elseif not v then
    local member = own.member and { own.member[1](dims), own.member[2](dims) }
    v = rows * cols == 1 and opts.scalar and A:from(opts.scalar) or drawn(source, own.has, rows, cols, member)
  end
  if not v then
    return nil, string.format("no value was found for %s that is as declared", name)
  end
  return v
end

-- Adds values of unknown functions and their derivatives to those of names; also what was left out.
local function with_functions(session, found, source, dims, values, dropped)
  local S, A = session.S, source.A
  local derivatives, needed = {}, false
  local function number(dim)
    return size_values.of(S, dim)(dims)
  end
  for _, name in ipairs(M.sorted(found.functions)) do
    local f, point = found.functions[name].id, found.functions[name].point
    local has = M.attributes(session, S:call(f, point)) -- its values have them, the name has not
    for attribute in pairs(has) do
      if attribute ~= "symmetric" and attribute ~= "skew" and not random_matrix.written[attribute] then
        dropped = attribute
      end
    end
    if not A.exact then
      local shape = { rows = number(S:rows(f)), cols = number(S:cols(f)) }
      local of = { rows = number(S:rows(point)), cols = number(S:cols(point)) }
      local value, first, higher = A:unknown(source.r, shape, of, has)
      values[name] = value
      local key = name
      local order = found.functions[name].order
      needed = needed or order > 0
      for k = 1, math.max(1, order) do
        derivatives[key] = k == 1 and first or higher(k)
        key = "D(" .. key .. ")"
      end
    end
  end
  if needed or next(derivatives) and not values.D then -- other nodes than these may hold the first derivative
    values.D = derivatives
  end
  return values, dropped
end

--- Values for all names that were found; nil and why there are none.
-- @param session
-- @tparam table found of `names_in`; what is to be drawn is kept there, so that further points cost less
-- @tparam table source of nabla.compare.random_matrix
-- @tparam table dims size -> number
-- @tparam[opt] table opts `extra` (name -> set of attributes beside those declared); `scalar` (the value of all scalars);
-- `value` (a function: name, id, rows, cols -> a value of another kind, or nil); `test` (a function: the name of an attribute -> a test
-- of such values, or nil)
-- @return values as a compiled expression takes them, scalars 1 x 1 matrices: sizes and variables by their names, the derivatives
-- of unknown functions in a table `D`. Where the nodes hold some, it takes the place of a size of that name
-- @return an attribute that was left out, since it needs an order or is not known here; or nil
function M.values(session, found, source, dims, opts)
  opts = opts or {}
  local values, dropped = {}, nil
  for name, v in pairs(dims) do
    values[name] = v
  end
  for _, own in ipairs(recipes(session, found, opts)) do
    local v, why = value_of(session, source, own, found.symbols[own.name], dims, opts)
    if not v then
      return nil, why
    end
    dropped = own.dropped or dropped
    for attribute, test in pairs(own.tests) do
      local ok, truth = errors.attempt(test, v)
      if not ok and not (type(truth) == "table" and truth.inexact) then
        error(truth, 0)
      elseif not ok then
        dropped = attribute
      elseif not truth then
        return nil, string.format("no value was found for %s that is %s", own.name, attribute)
      end
    end
    values[own.name] = v
  end
  return with_functions(session, found, source, dims, values, dropped)
end

return M
