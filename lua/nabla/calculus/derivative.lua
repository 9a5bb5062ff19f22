--- Derivatives of nodes: differential, reading, layout, textbook form. Works on ids of a session's store.
--
-- An unknown function's derivative D(u, x) is kept in the engine's own (numerator) form while rules work, and as a node of the
-- layout in force where it is read or printed; `to_layout` and `from_layout` go between the two.
--
-- @module nabla.calculus.derivative

local conventions = require "nabla.calculus.convention"
local layouts = require "nabla.calculus.layout"
local shapes = require "nabla.text.shape"
local spelling = require "nabla.text.spelling"

local M = {}

local ONE = 1
local HAS_DERIVATIVE = 4 -- FLAG_DERIVATIVE of store.h
M.HAS_DERIVATIVE = HAS_DERIVATIVE

local function fail(message, ...)
  error({ status = "rule", message = string.format(message, ...) }, 0)
end

local function layout_named(session, name)
  local layout = session.layouts[name]
  if not layout then
    local known = table.concat(spelling.names(session.layouts), ", ")
    error({
      status = "usage",
      message = "unknown layout '" .. tostring(name) .. "'; known: " .. known,
    }, 0)
  end
  return layout
end
M.layout_named = layout_named

local function suggestion(session, key)
  local names = {}
  for name, layout in pairs(session.layouts) do
    if layout.rows[key] then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return names[1] and "; layouts that have one: " .. table.concat(names, ", ")
    or "; it needs a layout such as vec (d vec F/d(vec X)'), and none is loaded"
end

-- The row of a layout; without one it fails, and what(..) says of what there was to be one.
local function row_of(session, layout, of, by, what, ...)
  local key = of .. " by " .. by
  local row = layout.rows[key]
  if not row then
    fail("%s: the %s layout has no %s%s", what(...), layout.name, key, suggestion(session, key))
  end
  return row
end

-- ---------------------------------------------------------------------------------------------- unknown functions

-- The unknown function below a derivative node, and the nodes of its derivatives: the first, the second, .., this one.
local function derivatives_in(S, id)
  local nodes = {}
  while S:op(id) == "D" do
    table.insert(nodes, 1, id)
    id = S:args(id)[1]
  end
  return id, nodes
end

-- The marker that stands for a derivative in the engine's form while an arrangement of it is worked out.
local function marker_for(S, own)
  return S:symbol(" derivative", 2, 0, S:rows(own), S:cols(own))
end

-- The row of a layout for a derivative, and the layout; where it has none, those of a layout that stands in for others.
local function row_for(session, layout, f, p)
  local S = session.S
  local of, by = layouts.value_kind(S, f), layouts.variable_kind(S, p)
  if of == "vector" and by == "matrix" and S:rows(p) == ONE then
    by = "vector"
  end
  local key = of .. " by " .. by
  for _, name in ipairs(layout.rows[key] and {} or spelling.names(session.layouts)) do
    local other = session.layouts[name]
    if other.fallback and other.rows[key] then
      layout = other
    end
  end
  local row = row_of(session, layout, of, by, string.format, "D(%s, ..)", S:name(f) or "..")
  return row, layout
end

-- What a layout prints for an expression that is linear in a hole of the shape of p (by a scalar: for its value).
local function arranged(session, row, linear, f, p, hole)
  local S = session.S
  local read = hole and layouts.read(S, row, linear, hole) or linear
  return layouts.apply(session, row, read, f, p)
end

-- The derivative of f at p as the layout `wanted` prints it, written with a marker for the derivative in the engine's form.
-- Returns the node, the marker, and the layout that was used.
local function first_arrangement(session, wanted, f, p)
  local S = session.S
  local row, used = row_for(session, wanted, f, p)
  local x = S:symbol(" point", 2, 0, S:rows(p), S:cols(p))
  local own = S:derivative(f, x)
  local marker = marker_for(S, own)
  if layouts.variable_kind(S, p) == "scalar" then
    return arranged(session, row, marker, f, p), marker, used
  end
  local hole = S:hole(" point", S:rows(p), S:cols(p))
  local printed = arranged(session, row, S:forward(S:call(f, x), x, hole), f, p, hole)
  return S:replace(printed, { own }, { marker }), marker, used
end

-- The same for the next derivative: the derivative of what is printed for the one before it (`before`: its arrangement). Where
-- the layout has no row for the second derivative of a scalar function, that is its Hessian.
local function next_arrangement(session, wanted, f, p, before)
  local S = session.S
  local printed = before.printed
  local row, used = row_for(session, wanted, printed, p)
  if layouts.variable_kind(S, p) == "scalar" then
    return arranged(session, row, printed, printed, p), before.marker, used
  end
  local x = S:symbol(" point", 2, 0, S:rows(p), S:cols(p))
  local own = S:derivative(f, x)
  for _ = 2, before.order do
    own = S:derivative(own, x)
  end
  local next_own = S:derivative(own, x)
  local marker = marker_for(S, next_own)
  if before.order == 1 and layouts.value_kind(S, f) == "scalar" and used ~= before.used then
    return marker, marker, used
  end
  local hole = S:hole(" point", S:rows(p), S:cols(p))
  local change = S:replace(printed, { before.marker }, { S:forward(own, x, hole) })
  return S:replace(arranged(session, row, change, printed, p, hole), { next_own }, { marker }), marker, used
end

-- The derivative of f at p of an order, in both forms: the node of the layout; what it is in the engine's form, written with
-- it; and what it is as the layout prints it, written in the engine's form. The second undoes the first: it is its
-- adjoint, since an arrangement only moves entries. `wanted(i)` is the layout of the i-th derivative.
local function two_forms(session, wanted, f, p, order)
  local S = session.S
  local own, node, last = f, f, nil
  for i = 1, order do
    local at = { order = i }
    if i == 1 then
      at.printed, at.marker, at.used = first_arrangement(session, wanted(i), f, p)
    else
      at.printed, at.marker, at.used = next_arrangement(session, wanted(i), f, p, last)
    end
    own = S:derivative(own, p)
    node = S:derivative(node, p, at.used.name, S:rows(at.printed), S:cols(at.printed))
    last = at
  end
  local hole = S:hole(" derivative", S:rows(last.marker), S:cols(last.marker))
  local read = S:pull(S:replace(last.printed, { last.marker }, { hole }), hole, node)
  if S:replace(last.printed, { last.marker }, { read }) ~= node then
    fail(
      "D(%s, ..) cannot be written in the %s layout: its rows do more than to move entries",
      S:name(f) or "..",
      last.used.name
    )
  end
  return node, read, S:replace(last.printed, { last.marker }, { own })
end

--- The differential of a function f of p whose derivative the layout prints as ` answer`. Returns the symbol ` answer` and the
-- differential, written with it; nil where the layout has no row for it or does more than to move entries.
function M.stated_differential(session, layout, f, p)
  local S = session.S
  local written, marker, used = first_arrangement(session, layout, f, p)
  local answer = S:symbol(" answer", 2, 0, S:rows(written), S:cols(written))
  local hole = S:hole(" derivative", S:rows(marker), S:cols(marker))
  local read = S:pull(S:replace(written, { marker }, { hole }), hole, answer)
  if used ~= layout or S:replace(written, { marker }, { read }) ~= answer then
    return nil
  end
  local x = S:symbol(" point", 2, 0, S:rows(p), S:cols(p))
  local change = S:forward(S:call(f, x), x, S:diffnode(p))
  return answer, S:replace(change, { S:derivative(f, x) }, { read })
end

--- The node D(f, point) as the layout prints it, f an unknown function or the layout's derivative of one.
function M.in_layout(session, f, point, layout)
  local S = session.S
  local g, before = derivatives_in(S, f)
  for _, node in ipairs(before) do
    if S:args(node)[2] ~= point then
      fail "a higher derivative of an unknown function is taken by the argument at which its first one stands"
    end
  end
  return (two_forms(session, function()
    return layout
  end, g, point, #before + 1))
end

-- Every D node of one form written with the other, those inside first: `other` is given the point with those in it rewritten.
local function convert(session, id, wanted, other)
  local S = session.S
  local from, to = {}, {}
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "D" and wanted(S:name(x)) then
      local point = S:args(x)[2]
      if #from > 0 and S:flags(point) & HAS_DERIVATIVE ~= 0 then
        point = S:replace(point, from, to)
      end
      local y = other(x, point)
      from[#from + 1] = x
      to[#to + 1] = y
    end
  end
  return #from > 0 and S:replace(id, from, to) or id
end

--- Derivatives of unknown functions in the engine's form become those of a layout.
function M.to_layout(session, id, layout)
  local S = session.S
  if S:flags(id) & HAS_DERIVATIVE == 0 then
    return id
  end
  return convert(session, id, function(name)
    return name == ""
  end, function(x, point)
    local f, nodes = derivatives_in(S, x)
    local _, read = two_forms(session, function()
      return layout
    end, f, point, #nodes)
    return read
  end)
end

--- The other way.
function M.from_layout(session, id)
  local S = session.S
  if S:flags(id) & HAS_DERIVATIVE == 0 then
    return id
  end
  return convert(session, id, function(name)
    return name ~= ""
  end, function(x, point)
    local f, nodes = derivatives_in(S, x)
    local _, _, own = two_forms(session, function(i)
      return layout_named(session, S:name(nodes[i]))
    end, f, point, #nodes)
    return own
  end)
end

-- ---------------------------------------------------------------------------------------------- first derivatives

local function need_symbol(S, x)
  if S:op(x) ~= "symbol" or S:kind(x) == "dimension" then
    fail "a derivative is taken by a variable"
  end
end

-- The Jacobian by reverse mode: pull a symbolic cotangent back, then read the result, linear in it.
local function reverse_jacobian(S, linear, hole)
  local y = S:hole(" cotangent", S:rows(linear), S:cols(linear))
  local marked = S:symbol(" cotangent", 2, 0, S:rows(linear), S:cols(linear))
  local pulled = S:pull(linear, hole, marked)
  return S:transpose(S:jacobian(S:replace(pulled, { marked }, { y }), y))
end

-- What `first` gives, or `other` where that is shorter; it is not asked where the first is short.
local function shorter(S, first, other)
  local result = first()
  if S:cost(result) <= 12 then
    return result
  end
  local ok, rival = pcall(other)
  return ok and S:cost(rival) < S:cost(result) and rival or result
end

-- The shorter of the Jacobians of forward and reverse mode.
local function best_jacobian(S, linear, hole, finish)
  return shorter(S, function()
    return finish(S:jacobian(linear, hole))
  end, function()
    return finish(reverse_jacobian(S, linear, hole))
  end)
end

-- What a row is wanted for.
local function wanted_for(S, f, x, turned)
  local variable = turned and shapes.text(S, S:cols(x), S:rows(x)) or shapes.of(S, x)
  return string.format("the derivative of a %s expression by a %s variable", shapes.of(S, f), variable)
end

-- What the layout prints for what its row has read of f by x; in the textbook form for the input that is given, if one is.
local function printed(session, layout, row, read, f, x, turned, input)
  local answer = M.to_layout(session, layouts.apply(session, row, read, f, x, turned), layout)
  return input and session.S:textbook(answer, input) or answer
end

--- The derivative of f by the symbol x (by x' if `turned`) or by one of its entries, as the layout prints it, x understood
-- by the convention. `plain`: not brought to the textbook form, so that no attribute has been used: for what may be
-- differentiated again.
function M.derivative(session, f, x, turned, layout, convention, plain)
  local S = session.S
  local unit
  if S:op(x) == "entry" then -- of all entries of X only this one changes: d(X) is a unit matrix
    local X, i, j = table.unpack(S:args(x))
    unit = S:apply("E", { i, j, S:dimnode(S:rows(X)), S:dimnode(S:cols(X)) })
    x = X
  end
  need_symbol(S, x)
  local input = not plain and f or nil
  f = M.from_layout(session, f)
  local of, by = layouts.value_kind(S, f), unit and "scalar" or layouts.variable_kind(S, x)
  local rows, cols = S:rows(x), S:cols(x)
  if by == "scalar" then
    of = of == "vector" and S:rows(f) == ONE and "matrix" or of -- "vector by scalar" speaks of columns
    local row = row_of(session, layout, of, "scalar", wanted_for, S, f, x, turned)
    local read = S:forward(f, x, conventions.change(session, convention, x, unit or S:rational(1)))
    return printed(session, layout, row, read, f, x, turned, input)
  end
  local hole = S:hole(S:name(x), rows, cols)
  local linear = S:forward(f, x, conventions.change(session, convention, x, hole))
  if of == "vector" and (by == "vector" or rows == ONE) then
    by = "vector"
  elseif turned then
    by = rows == ONE and "vector" or "matrix"
  end
  local row = row_of(session, layout, of, by, wanted_for, S, f, x, turned)
  if turned then -- the variable is x'
    local flipped = S:hole(S:name(x), cols, rows)
    linear, hole = S:replace(linear, { hole }, { S:transpose(flipped) }), flipped
  end
  if of == "scalar" and row.reading == "jacobian" then -- the row vec(G)' of the gradient G
    local gradient = S:pull(linear, hole, S:rational(1))
    gradient = input and S:textbook(gradient, input) or gradient
    local read = S:transpose(S:apply("vec", { gradient }))
    return printed(session, layout, row, read, f, x, turned, input)
  elseif row.reading == "block" then
    local function block(by_jacobian)
      local read = layouts.read(S, row, linear, hole, by_jacobian)
      return printed(session, layout, row, read, f, x, turned, input)
    end
    return shorter(S, block, function()
      return block(true)
    end)
  elseif row.reading ~= "jacobian" then
    return printed(session, layout, row, layouts.read(S, row, linear, hole), f, x, turned, input)
  end
  return best_jacobian(S, linear, hole, function(read)
    return printed(session, layout, row, read, f, x, turned, input)
  end)
end

-- The symbol without its attributes.
local function bare(S, x)
  local kinds = { scalar = 0, vector = 1, matrix = 2 }
  return S:symbol(S:name(x), kinds[S:kind(x)], 0, S:rows(x), S:cols(x))
end

--- Second derivatives: d2f/dx dx', or d2f/dx dy'; of any f by a scalar, d2f/dt2.
-- The first derivative is simplified before the second is taken, so both variables stand there without their
-- attributes: that S is symmetric must not be used before a derivative by S.
function M.hessian(session, f, x, y, layout, convention)
  local S = session.S
  if S:op(x) == "entry" or S:op(y) == "entry" then
    fail "a Hessian is taken by variables; by entries write D(D(f, x(i)), x(j))"
  end
  need_symbol(S, x)
  need_symbol(S, y)
  local input, given = f, { x, y }
  x, y = bare(S, x), bare(S, y)
  f = S:replace(M.from_layout(session, f), given, { x, y })
  local one = S:rational(1)
  local function change(i, dx) -- of a variable, which has its attributes in `given`
    return conventions.change(session, convention, given[i], dx)
  end
  local function scalar(v)
    return layouts.variable_kind(S, v) == "scalar"
  end
  local function finish(id)
    return S:textbook(M.to_layout(session, S:replace(id, { x, y }, given), layout), input)
  end
  local of_scalar = layouts.value_kind(S, f) == "scalar"
  if not of_scalar and not (scalar(x) and scalar(y)) then
    fail("a Hessian is of a scalar (this is %s) or by a scalar", shapes.of(S, f))
  end
  local hole = S:hole(S:name(y), S:rows(y), S:cols(y))
  local function second(first)
    if not scalar(y) then
      return best_jacobian(S, S:forward(first, y, change(2, hole)), hole, finish)
    end
    local column = S:forward(first, y, change(2, one))
    return finish((scalar(x) or S:cols(x) == ONE) and column or S:apply("vec", { column }))
  end
  local first
  if scalar(x) then
    first = S:forward(f, x, change(1, one))
  else
    local dx = S:hole(S:name(x), S:rows(x), S:cols(x))
    first = S:pull(S:forward(f, x, change(1, dx)), dx, one)
  end
  -- the textbook form may hide what a rule asks for: that x*(y + x)' + y*x' is symmetric
  local ok, result = pcall(second, S:textbook(first, f))
  if not ok and type(result) == "table" and result.status == "rule" then
    return second(first)
  elseif not ok then
    error(result, 0)
  end
  return result
end

--- d(E): the differential by every variable in E that is not declared constant, linear in d(X), d(x), ...
function M.total_differential(session, id)
  local S = session.S
  id = M.from_layout(session, id)
  local terms = {}
  for _, x in ipairs(S:postorder(id)) do
    local varies = S:op(x) == "symbol" and S:kind(x) ~= "dimension" and S:kind(x) ~= "counter"
    if varies and not (session.attributes.constant and S:property("constant", x)) then
      terms[#terms + 1] = S:forward(id, x, S:diffnode(x))
    end
  end
  return #terms > 0 and S:sum(terms) or S:zeros(S:rows(id), S:cols(id))
end

return M
