--- Derivatives of nodes: differential, reading, layout, textbook form. Works on ids of a session's store.
--
-- An unknown function's derivative D(u, x) is kept in the engine's own (numerator) form while rules work, and as a node of the
-- layout in force where it is read or printed; `to_layout` and `from_layout` go between the two.
--
-- @module nabla.derivative

local layouts = require "nabla.layouts"
local source = require "nabla.source"

local M = {}

local ONE = 1
local HAS_DERIVATIVE = 4 -- FLAG_DERIVATIVE of store.h
M.HAS_DERIVATIVE = HAS_DERIVATIVE

local function fail(message, ...)
  error({ status = "rule", message = string.format(message, ...) }, 0)
end

local function shape_text(S, id)
  return S:dimtext(S:rows(id)) .. " x " .. S:dimtext(S:cols(id))
end

local function layout_named(session, name)
  local layout = session.layouts[name]
  if not layout then
    local known = table.concat(source.names(session.layouts), ", ")
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

local function row_of(session, layout, of, by, what)
  local key = of .. " by " .. by
  local row = layout.rows[key]
  if not row then
    fail("%s: the %s layout has no %s%s", what(), layout.name, key, suggestion(session, key))
  end
  return row
end

-- ---------------------------------------------------------------------------------------------- unknown functions

-- The function (or first derivative) below a derivative node, and whether the node is a second derivative.
local function inner_of(S, id)
  local f = S:args(id)[1]
  return f, S:op(f) == "D"
end

--- The node D(f, point) as the layout prints it, f an unknown function or the layout's derivative of one; and the
-- engine's own form written with it.
function M.in_layout(session, f, point, layout)
  local S = session.S
  local second = S:op(f) == "D"
  local of, by = layouts.value_kind(S, f), layouts.variable_kind(S, point)
  if second and by ~= "scalar" then
    local n = S:dimmul(S:rows(point), S:cols(point))
    local node = S:derivative(f, point, layout.name, n, n)
    return node, node -- a Hessian: the same in every layout
  end
  if of == "vector" and by == "matrix" and S:rows(point) == ONE then
    by = "vector"
  end
  local row = row_of(session, layout, of, by, function()
    return string.format("D(%s, ..)", S:name(f) or "..")
  end)
  if row.stacked and by == "scalar" then
    local rows, cols = S:rows(f), S:cols(f)
    local stacked = S:derivative(f, point, layout.name, S:dimmul(rows, cols), ONE)
    local matrix = S:apply("unvec", { stacked, S:dimnode(rows), S:dimnode(cols) })
    return stacked, matrix, function(own)
      return S:apply("vec", { own })
    end
  elseif row.flip == nil then
    fail(
      "D(%s, ..) cannot be written in the %s layout: its row `%s by %s` rearranges entries",
      S:name(f) or "..",
      layout.name,
      of,
      by
    )
  end
  local rows, cols
  if by == "scalar" then
    rows, cols = S:rows(f), S:cols(f)
  elseif of == "scalar" and row.reading == "gradient" then
    rows, cols = S:rows(point), S:cols(point)
  else
    rows, cols = S:dimmul(S:rows(f), S:cols(f)), S:dimmul(S:rows(point), S:cols(point))
  end
  if row.flip then
    rows, cols = cols, rows
  end
  local node = S:derivative(f, point, layout.name, rows, cols)
  if of == "scalar" and by ~= "scalar" and row.reading == "jacobian" then -- the row vec(G)' of the gradient G
    local function turned(x)
      return row.flip and S:transpose(x) or x
    end
    local m, n = S:dimnode(S:rows(point)), S:dimnode(S:cols(point))
    local gradient = S:apply("unvec", { S:transpose(turned(node)), m, n })
    return node,
      S:transpose(gradient),
      function(own)
        return turned(S:transpose(S:apply("vec", { S:transpose(own) })))
      end
  end
  local read = row.flip and S:transpose(node) or node
  if of == "scalar" and by ~= "scalar" and row.reading == "gradient" then
    read = S:transpose(read)
  end
  return node, read
end

-- Every D node of one form written with the other.
local function convert(session, id, wanted, other)
  local S = session.S
  if S:flags(id) & HAS_DERIVATIVE == 0 then
    return id
  end
  local from, to = {}, {}
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "D" and wanted(S:name(x)) then
      from[#from + 1] = x
      to[#to + 1] = other(x)
    end
  end
  return #from > 0 and S:replace(id, from, to) or id
end

--- Derivatives of unknown functions in the engine's form become those of a layout.
function M.to_layout(session, id, layout)
  local S = session.S
  local function layout_node(x)
    local f, second = inner_of(S, x)
    local point = S:args(x)[2]
    if not second then
      return M.in_layout(session, f, point, layout)
    end
    local g, third = inner_of(S, f)
    if third then
      fail "third derivatives of unknown functions have no notation"
    end
    local first, first_read = M.in_layout(session, g, S:args(f)[2], layout)
    local node, read = M.in_layout(session, first, point, layout)
    if layouts.variable_kind(S, point) == "scalar" and S:op(first_read) == "transpose" then
      read = S:transpose(read)
    end
    return node, read
  end
  return convert(session, id, function(name)
    return name == ""
  end, function(x)
    local _, read = layout_node(x)
    return read
  end)
end

--- The other way.
function M.from_layout(session, id)
  local S = session.S
  return convert(session, id, function(name)
    return name ~= ""
  end, function(x)
    local layout = layout_named(session, S:name(x))
    local f, second = inner_of(S, x)
    local point = S:args(x)[2]
    if not second then
      local own = S:derivative(f, point)
      local node, read, written = M.in_layout(session, f, point, layout)
      if written then
        return written(own)
      end
      -- read is own written with node: node itself or its transpose
      return read == node and own or S:transpose(own)
    end
    local g = inner_of(S, f)
    local own = S:derivative(S:derivative(g, S:args(f)[2]), point)
    if layouts.variable_kind(S, point) ~= "scalar" then
      return own
    end
    local _, first_read = M.in_layout(session, g, S:args(f)[2], layout)
    local node, read = M.in_layout(session, f, point, layout)
    local turned = (S:op(first_read) == "transpose") ~= (read ~= node)
    return turned and S:transpose(own) or own
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

-- The shorter of the Jacobians of forward and reverse mode.
local function best_jacobian(S, linear, hole, finish)
  local forward = finish(S:jacobian(linear, hole))
  if S:cost(forward) <= 12 then
    return forward
  end
  local ok, reverse = pcall(function()
    return finish(reverse_jacobian(S, linear, hole))
  end)
  return ok and S:cost(reverse) < S:cost(forward) and reverse or forward
end

--- The derivative of f by the symbol x (by x' if `turned`), as the layout prints it. `plain`: not brought to the
-- textbook form, so that no attribute has been used: for what may be differentiated again.
function M.derivative(session, f, x, turned, layout, plain)
  local S = session.S
  need_symbol(S, x)
  local input = f
  f = M.from_layout(session, f)
  local of, by = layouts.value_kind(S, f), layouts.variable_kind(S, x)
  local rows, cols = S:rows(x), S:cols(x)
  local function what()
    local variable = turned and S:dimtext(cols) .. " x " .. S:dimtext(rows) or shape_text(S, x)
    return string.format("the derivative of a %s expression by a %s variable", shape_text(S, f), variable)
  end
  local function finish(read, row)
    local answer = M.to_layout(session, layouts.apply(session, row, read), layout)
    return plain and answer or S:textbook(answer, input)
  end
  if by == "scalar" then
    local row = row_of(session, layout, of, "scalar", what)
    return finish(S:forward(f, x, S:rational(1)), row)
  end
  if of == "scalar" then
    if turned then
      by = rows == ONE and "vector" or "matrix"
    end
    local row = row_of(session, layout, of, by, what)
    local hole = S:hole(S:name(x), rows, cols)
    local linear = S:forward(f, x, hole)
    if row.reading == "jacobian" then
      return finish(S:jacobian(linear, hole), row)
    end
    local gradient = S:pull(linear, hole, S:rational(1))
    return finish(turned and S:transpose(gradient) or gradient, row)
  end
  if of == "vector" and (by == "vector" or rows == ONE) then
    by = "vector"
  elseif turned then
    fail("%s: by a transposed variable there is no such arrangement", what())
  end
  local row = row_of(session, layout, of, by, what)
  local hole = S:hole(S:name(x), rows, cols)
  local linear = S:forward(f, x, hole)
  return best_jacobian(S, linear, hole, function(read)
    return finish(read, row)
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
function M.hessian(session, f, x, y, layout)
  local S = session.S
  need_symbol(S, x)
  need_symbol(S, y)
  local input, given = f, { x, y }
  x, y = bare(S, x), bare(S, y)
  f = S:replace(M.from_layout(session, f), given, { x, y })
  local one = S:rational(1)
  local function scalar(v)
    return layouts.variable_kind(S, v) == "scalar"
  end
  local function finish(id)
    return S:textbook(M.to_layout(session, S:replace(id, { x, y }, given), layout), input)
  end
  local first
  if scalar(x) then
    first = S:textbook(S:forward(f, x, one), f)
    if scalar(y) then
      return finish(S:forward(first, y, one))
    end
  elseif layouts.value_kind(S, f) ~= "scalar" then
    fail("a Hessian is of a scalar (this is %s) or by a scalar", shape_text(S, f))
  else
    local hole = S:hole(S:name(x), S:rows(x), S:cols(x))
    first = S:textbook(S:pull(S:forward(f, x, hole), hole, one), f)
    if scalar(y) then
      return finish(S:forward(first, y, one))
    end
  end
  if scalar(x) and layouts.value_kind(S, f) ~= "scalar" then
    fail("a Hessian is of a scalar (this is %s) or by a scalar", shape_text(S, f))
  end
  local hole = S:hole(S:name(y), S:rows(y), S:cols(y))
  return best_jacobian(S, S:forward(first, y, hole), hole, finish)
end

--- d(E): the differential by every variable in E, linear in d(X), d(x), ...
function M.total_differential(session, id)
  local S = session.S
  id = M.from_layout(session, id)
  local terms = {}
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "symbol" and S:kind(x) ~= "dimension" and S:kind(x) ~= "counter" then
      terms[#terms + 1] = S:forward(id, x, S:diffnode(x))
    end
  end
  return #terms > 0 and S:sum(terms) or S:zeros(S:rows(id), S:cols(id))
end

return M
