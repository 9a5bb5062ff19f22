--- Derivatives of nodes: differential, reading, layout, textbook form. Works on ids of a session's store.
--
-- @module nabla.calculus.derivative

local conventions = require "nabla.calculus.convention"
local core = require "nabla.core"
local known_values = require "nabla.language.known_values"
local later = require "nabla.text.later"
local layouts = require "nabla.calculus.layout"

local conjugates = later.require "nabla.calculus.conjugates"
local coordinates = later.require "nabla.calculus.coordinates"
local differentials = later.require "nabla.calculus.differentials"
local expectations = later.require "nabla.language.expectations"
local named_parts = later.require "nabla.calculus.named_parts"
local shapes = later.require "nabla.text.shape"
local shortest = later.require "nabla.calculus.shortest"
local unknown_functions = later.require "nabla.calculus.unknown_functions"

local M = {}

local HAS_DERIVATIVE = core.constants.node_flags.derivative
local ONE = core.constants.one -- the dimension 1

--- An error unless x is a variable.
function M.need_variable(session, x)
  local S = session.S
  if S:op(x) ~= "symbol" or S:kind(x) == "dimension" then
    local known = coordinates.known(session)
    local message = "a derivative is taken by a variable"
    if known ~= "" then
      message = message .. ", or by its coordinates: " .. known
    end
    local hint = "a function that differentiates names it: function f(scalar y, variable x(n)): .."
    error({ status = "rule", message = message, hint = S:op(x) == "variable" and hint or nil }, 0)
  end
end

--- Of all members of a family only one changes: the family, and the function that takes a change of the member to that of the
-- family. Nil where a node is no member.
function M.member(session, x, convention)
  local S = session.S
  local args = S:op(x) == S:operator_with "member" and S:args(x)
  if not args then
    return nil
  end
  local family = args[1]
  M.need_variable(session, family)
  return family, function(dx)
    args[1] = conventions.change(session, convention, family, dx)
    return S:apply(S:operator_with "lone_member", args)
  end
end

--- What is differentiated by: a variable, coordinates of one, or a member of a family.
-- @param session
-- @param x a node
-- @tparam table convention
-- @return the variable, and the function that takes a change of x to the change of the variable
function M.variable(session, x, convention)
  local symbol, change_of = coordinates.of(session, x)
  if not symbol then
    symbol, change_of = M.member(session, x, convention)
  end
  if symbol then
    return symbol, change_of
  end
  M.need_variable(session, x)
  return x, function(dx)
    return conventions.change(session, convention, x, dx)
  end
end

-- A derivative of f by x (by x' if `transposed`), with its layout and convention: x is a variable, or coordinates such as vech(S) of
-- the variable `symbol`. `change_of`: the change of the variable that a change of x means. `input`: the expression whose
-- textbook form the answer is to have; nil for none.
local Derivative = {}
Derivative.__index = Derivative

-- The row of the layout.
function Derivative:row(of, by)
  local S, x = self.session.S, self.x
  local at = { f = self.like or self.f, x = x, transposed = self.transposed }
  local special = layouts.special_row(self.session, self.layout, of, by, at)
  return special or layouts.row(self.session, self.layout, of, by, function()
    local variable = self.transposed and shapes.text(S, S:cols(x), S:rows(x)) or shapes.of(S, x)
    return string.format(
      "the derivative of a %s expression by a %s variable",
      shapes.of(S, self.f),
      variable
    )
  end)
end

-- An arranged derivative of `input` (nil: it is wanted as it is) with unknown functions as the layout has them, in the textbook form.
local function finished(session, answer, layout, input)
  local S = session.S
  if S:flags(answer) & HAS_DERIVATIVE ~= 0 then
    answer = input and S:simplify(answer) or answer -- the facts about D(u, x) are in the engine's form
    answer = unknown_functions.to_layout(session, answer, layout)
  end
  return input and S:textbook(answer, input) or answer
end

-- What the layout prints for what its row has read.
function Derivative:printed(row, read)
  local answer = layouts.apply(self.session, row, read, self.f, self.x, self.transposed)
  return finished(self.session, answer, self.layout, self.input)
end

-- The row by a scalar, or by the entry of x that `unit` marks; the differential.
function Derivative:reading_by_scalar(unit)
  local S = self.session.S
  local of = layouts.value_kind(S, self.f)
  of = of == "vector" and S:rows(self.f) == ONE and "matrix" or of -- "vector by scalar" is about columns
  local row = self:row(of, "scalar")
  return row, S:forward(self.f, self.symbol, self.change_of(unit or S:rational(1)))
end

-- The differential when the coordinates change that the form of a row is about, and their hole.
function Derivative:by_coordinates(row)
  local S = self.session.S
  local v = S:apply(row.coordinates, { self.symbol })
  local symbol, change_of = coordinates.of(self.session, v)
  local hole = S:hole(S:name(self.symbol), S:rows(v), S:cols(v))
  local linear = S:forward(self.f, symbol, change_of(hole))
  return row.value_of and S:apply(row.value_of, { linear }) or linear, hole
end

-- The row by a vector or a matrix; the differential, and the hole in which it is linear.
function Derivative:reading_by_matrix()
  local S, x = self.session.S, self.x
  local of, by = layouts.value_kind(S, self.f), layouts.variable_kind(S, x)
  local rows, cols = S:rows(x), S:cols(x)
  if of == "vector" and (by == "vector" or rows == ONE) then
    by = "vector"
  elseif self.transposed then
    by = rows == ONE and "vector" or "matrix"
  end
  local row = self:row(of, by)
  if row.coordinates then
    return row, self:by_coordinates(row)
  end
  local name = S:name(self.symbol)
  local hole = S:hole(name, rows, cols)
  local linear = S:forward(self.f, self.symbol, self.change_of(hole))
  if row.value_of then
    linear = S:apply(row.value_of, { linear })
  end
  if self.transposed then
    local transposed = S:hole(name, cols, rows)
    linear, hole = S:replace(linear, { hole }, { S:transpose(transposed) }), transposed
  end
  return row, linear, hole
end

-- By a vector or a matrix.
function Derivative:by_matrix()
  local S = self.session.S
  local row, linear, hole = self:reading_by_matrix()
  if row.of == "scalar" and row.reading == "jacobian" then -- the row vec(G)' of the gradient G; layouts name vec
    local gradient = S:pull(linear, hole, S:rational(1))
    gradient = self.input and S:textbook(gradient, self.input) or gradient
    return self:printed(row, S:transpose(S:apply("vec", { gradient })))
  elseif row.reading == "block" then
    local function block(by_jacobian)
      return self:printed(row, layouts.read(S, row, linear, hole, by_jacobian))
    end
    return shortest.shorter(S, block, function()
      return block(true)
    end)
  elseif row.reading ~= "jacobian" then
    return self:printed(row, layouts.read(S, row, linear, hole))
  end
  return shortest.jacobian(S, linear, hole, function(read)
    return self:printed(row, read)
  end)
end

-- What derivative and reading are asked; of an entry also its unit matrix.
local function begin(session, f, x, how)
  local S = session.S
  local unit
  f = named_parts.unfolded(session, f, S:op(x) == "symbol" and x or nil)
  if S:op(x) == S:operator_with "entry" then -- of all entries of X only this one changes: d(X) is a unit matrix
    local X, i, j = table.unpack(S:args(x))
    unit = S:apply(S:operator_with "unit_matrix" or "E", { i, j, S:dimnode(S:rows(X)), S:dimnode(S:cols(X)) })
    x = X
  end
  local symbol, change_of = M.variable(session, x, how.convention)
  local self = setmetatable({
    session = session,
    f = unknown_functions.from_layout(session, f),
    x = x,
    symbol = symbol,
    change_of = change_of,
    layout = how.layout,
    convention = how.convention,
    transposed = how.transposed,
    like = how.like,
    input = not how.plain and f or nil,
  }, Derivative)
  self.scalar = unit or layouts.variable_kind(S, x) == "scalar"
  return self, unit
end

-- Shapes, by the numbers that store:shapes_of_derivative gives: of an expression that is differentiated by a scalar, of another one,
-- and of a variable.
local BY_SCALAR = { [0] = "scalar", "vector", "matrix", "matrix" }
local VALUES = { [0] = "scalar", "vector", "vector", "matrix" }
local VARIABLES = { [0] = "scalar", "vector", "matrix", "matrix" }
local ROW = 2

local plain_rows = setmetatable({}, { __mode = "k" }) -- layout -> number of two shapes -> row, false: there is none

-- The row of a layout for the shapes of an expression and of a variable, where it gives what is read off the differential or the
-- transpose of that, whatever the attributes. False for another one.
local function plain_row(layout, shapes_of_both)
  local rows = plain_rows[layout]
  if not rows then
    rows = {}
    plain_rows[layout] = rows
  end
  local row = rows[shapes_of_both]
  if row == nil then
    local f, x = shapes_of_both // 4, shapes_of_both % 4
    local of, by = (x == 0 and BY_SCALAR or VALUES)[f], VARIABLES[x]
    by = of == "vector" and x == ROW and "vector" or by
    row = not layout.special and layout.rows[of .. " by " .. by]
    local reads = row and not (row.coordinates or row.value_of) and row.gives_transpose ~= nil
      and (row.reading ~= "jacobian" or of ~= "scalar") and row.reading ~= "block"
    row = reads and row or false
    rows[shapes_of_both] = row
  end
  return row
end

-- Most derivatives: by a symbol whose entries are independent, of an expression without derivatives and differentials, as a row gives
-- it that is as above. The engine gives it by a call or two. Nil for another one.
local function plain_derivative(session, f, x, how)
  if session.complex_letters or session.known_values or session.parts or how.transposed then
    return nil
  end
  local S, attributes = session.S, session.attributes
  local both, bits = S:shapes_of_derivative(f, x)
  local row = both and plain_row(how.layout, both)
  if not row then
    return nil
  elseif bits ~= 0 then
    local random = attributes[expectations.RANDOM]
    if how.convention ~= conventions.free or random and bits & random.bits ~= 0 then
      return nil
    end
  elseif how.convention.row then
    return nil
  end
  local turned, reading, input = row.gives_transpose, row.reading, not how.plain and f or nil
  local answer, linear, hole = S:read_derivative(f, x, reading, turned, input)
  if S:flags(answer) & HAS_DERIVATIVE ~= 0 then
    answer = finished(session, answer, how.layout, input)
  end
  if reading ~= "jacobian" then
    return answer
  end
  return shortest.or_reverse(S, answer, linear, hole, function(read)
    return finished(session, turned and S:transpose(read) or read, how.layout, input)
  end)
end

--- The derivative of f by the symbol x or by one of its entries, as a layout prints it, x understood by a convention.
-- @tparam table session
-- @param f an id
-- @param x an id
-- @tparam table how `layout`, `convention`; `transposed`: by x'; `like`: an expression with the attributes that f has;
-- `plain`: not brought to the textbook form, so that no attribute has
-- been used: for what may be differentiated again
function M.derivative(session, f, x, how)
  local plain = plain_derivative(session, f, x, how)
  if plain then
    return plain
  end
  local S = session.S
  expectations.need_constant(session, f, x)
  if session.complex_letters then
    session:check_complex(f)
    local written, symbol, back, convention = conjugates.read(session, f, x, how.convention)
    if written and (written ~= f or symbol ~= x) then
      local given = setmetatable({ convention = convention }, { __index = how })
      local answer = back(M.derivative(session, written, symbol, given))
      return how.plain and answer or S:textbook(answer, f)
    end
  end
  if differentials.occur(S, f) then
    local written, symbol, back = differentials.read(S, f, x)
    local answer = back(M.derivative(session, written, symbol, how))
    return how.plain and answer or S:textbook(answer, f)
  end
  local self, unit = begin(session, f, x, how)
  local answer = self.scalar and self:printed(self:reading_by_scalar(unit)) or self:by_matrix()
  local known = known_values.put_in(session, answer)
  return known ~= answer and not how.plain and S:textbook(known, f) or known
end

--- How the derivative of f by x is read off: the row of the layout, the differential, and the hole in which that is linear (nil
-- by a scalar).
function M.reading(session, f, x, how)
  local self, unit = begin(session, f, x, how)
  if self.scalar then
    return self:reading_by_scalar(unit)
  end
  return self:reading_by_matrix()
end

--- d(E): the differential by every variable in E that is not declared constant, linear in d(X), d(x), ...
function M.total_differential(session, id)
  local S = session.S
  id = named_parts.unfolded(session, id)
  local back
  if session.complex_letters then
    session:check_complex(id)
    id, back = conjugates.for_differential(session, id)
    if back then
      return back(M.total_differential(session, id))
    end
  end
  local held, symbols = differentials.stand_ins(S, id)
  id = S:replace(unknown_functions.from_layout(session, id), held, symbols)
  local terms, is_held = {}, {}
  for _, x in ipairs(symbols) do
    is_held[x] = true
  end
  for _, x in ipairs(S:postorder(id)) do
    local varies = not is_held[x] and S:op(x) == "symbol" and S:kind(x) ~= "dimension" and S:kind(x) ~= "counter"
    if varies and not (session.attributes.constant and S:property("constant", x)) then
      terms[#terms + 1] = S:forward(id, x, S:diffnode(x))
    end
  end
  return #terms > 0 and S:replace(S:sum(terms), symbols, held) or S:zeros(S:rows(id), S:cols(id))
end

return M
