--- Derivatives of unknown functions: D(u, x) in the engine's form and as a layout prints it.
--
-- D(u, x) is kept in the engine's own (numerator) form while rules work, and as a node of the layout in force where it is read or
-- printed; `to_layout` and `from_layout` go between the two.
--
-- @module nabla.calculus.unknown_functions

local core = require "nabla.core"
local errors = require "nabla.text.errors"
local later = require "nabla.text.later"
local layouts = require "nabla.calculus.layout"
local spelling = require "nabla.text.spelling"

local partial_derivatives = later.require "nabla.calculus.partial_derivatives"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds
local HAS_DERIVATIVE = core.constants.node_flags.derivative

-- The unknown function below a derivative node, and the nodes of its derivatives: the first, the second, .., this one.
local function derivatives_in(S, id)
  local nodes = {}
  while S:op(id) == "D" do
    table.insert(nodes, 1, id)
    id = S:args(id)[1]
  end
  return id, nodes
end

-- A symbol in place of a derivative in the engine's form, while its arrangement is computed.
local function marker_for(S, own)
  return S:symbol(" derivative", KIND.matrix, 0, S:rows(own), S:cols(own))
end

-- The row of a layout for a derivative, and the layout; where it has none, those of a fallback layout.
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
  local row = layouts.row(session, layout, of, by, function()
    return string.format("D(%s, ..)", S:name(f) or "..")
  end)
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
  local x = S:symbol(" point", KIND.matrix, 0, S:rows(p), S:cols(p))
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
  local x = S:symbol(" point", KIND.matrix, 0, S:rows(p), S:cols(p))
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
    errors.refuse(
      "D(%s, ..) cannot be written in the %s layout: its rows do more than to move entries",
      S:name(f) or "..",
      last.used.name
    )
  end
  if S:property("symmetric", own) and S:op(read) == "transpose" then
    read = S:transpose(read) -- either is right, and this one meets what has lost its transpose
  end
  return node, read, S:replace(last.printed, { last.marker }, { own })
end

--- The differential of a function f of p whose derivative the layout prints as ` answer`. Returns the symbol ` answer` and the
-- differential, written with it; nil where the layout has no row for it or does more than to move entries.
function M.stated_differential(session, layout, f, p)
  local S = session.S
  local written, marker, used = first_arrangement(session, layout, f, p)
  local answer = S:symbol(" answer", KIND.matrix, 0, S:rows(written), S:cols(written))
  local hole = S:hole(" derivative", S:rows(marker), S:cols(marker))
  local read = S:pull(S:replace(written, { marker }, { hole }), hole, answer)
  if used ~= layout or S:replace(written, { marker }, { read }) ~= answer then
    return nil
  end
  local x = S:symbol(" point", KIND.matrix, 0, S:rows(p), S:cols(p))
  local change = S:forward(S:call(f, x), x, S:diffnode(p))
  return answer, S:replace(change, { S:derivative(f, x) }, { read })
end

--- The node D(f, point) as the layout prints it, f an unknown function or the layout's derivative of one.
function M.in_layout(session, f, point, layout)
  local S = session.S
  local g, before = derivatives_in(S, f)
  for _, node in ipairs(before) do
    if S:args(node)[2] ~= point then
      errors.refuse "a higher derivative of an unknown function is taken by the argument at which its first one stands"
    end
  end
  return (two_forms(session, function()
    return layout
  end, g, point, #before + 1))
end

--- The node D(f, point) of a layout, written with the engine's own.
function M.in_engine(session, f, point, layout)
  local _, _, own = two_forms(session, function()
    return layout
  end, f, point, 1)
  return own
end

-- Every D node of one form written with the other, those inside first: `other` is given the point with those in it rewritten.
local function convert(session, id, wanted, other)
  local S = session.S
  local from, to = {}, {}
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "D" and wanted(S:name(x), x) then
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
  if session.several and S:flags(id) & HAS_DERIVATIVE ~= 0 then
    id = partial_derivatives.outward(session, id)
  end
  if S:flags(id) & HAS_DERIVATIVE == 0 then
    return id
  end
  return convert(session, id, function(name)
    return name == ""
  end, function(x, point)
    local f, nodes = derivatives_in(S, x)
    local node, read = two_forms(session, function()
      return layout
    end, f, point, #nodes)
    local turned = read ~= node and read == S:transpose(node)
    return turned and session.attributes.symmetric and S:property("symmetric", x) and node or read
  end)
end

--- The other way; `only(f)`: of which functions.
function M.from_layout(session, id, only)
  local S = session.S
  if S:flags(id) & HAS_DERIVATIVE == 0 then
    return id
  end
  id = convert(session, id, function(name, x)
    return name ~= "" and (not only or only((derivatives_in(S, x))))
  end, function(x, point)
    local f, nodes = derivatives_in(S, x)
    local _, _, own = two_forms(session, function(i)
      return layouts.named(session, S:name(nodes[i]))
    end, f, point, #nodes)
    return own
  end)
  return session.several and partial_derivatives.inward(session, id) or id
end

--- Derivatives of functions of several arguments as those by the column of them, in the engine's form.
function M.by_column(session, id)
  local all = session.several
  return all and M.from_layout(session, id, function(f)
    return all.functions[f] or all.partial[f]
  end) or id
end

return M
