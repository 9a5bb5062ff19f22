--- Conventions: what the derivative by a structured variable means, as rule files say it.
--
-- A row such as `symmetric  G -> G + G' - G.*I(n)` is a linear map C: it takes the gradient by independent entries to that by
-- the variable as it is declared. The derivative of anything by such a variable follows from the same map: a small
-- change dX of independent entries means the change C*(dX), C* the adjoint of C, since <C(G), dX> = <G, C*(dX)>. So a
-- differential is taken with C*(dX) in the place of dX, and is then read as always: in every layout, of scalars, vectors and
-- matrices, and twice for a Hessian. Nothing else knows of conventions.
--
-- In a row for complex variables, `complex  G -> 2*conj(G)`, conj(G) is the derivative of a real function by the conjugate, and the
-- row is a map of that: `conjugate` says so (nabla.calculus.conjugates).
--
-- @module nabla.calculus.convention

local core = require "nabla.core"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local later = require "nabla.text.later"
local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"

local unknown_functions = later.require "nabla.calculus.unknown_functions"

local attributes = later.require "nabla.language.attributes"
local linear = later.require "nabla.calculus.linear"
local shapes = later.require "nabla.text.shape"

local M = {}

local HINT = "a convention takes the gradient to one of the same shape, linearly: symmetric G -> G + G' - G.*I(n)"

local ONE = core.constants.one -- the dimension 1

--- The convention that needs no rule file: the entries of every variable are independent.
M.free = { name = "free", title = "all entries are independent", zh = "各元素独立", rows = {} }

--- The convention of that name; raises an error that lists the names there are.
function M.named(session, name)
  local convention = session.conventions[name]
  if not convention then
    local known = table.concat(spelling.names(session.conventions), ", ")
    error({
      status = "usage",
      message = "unknown convention '" .. tostring(name) .. "'; known: " .. known,
    }, 0)
  end
  return convention
end

-- ---------------------------------------------------------------------------------------------- reading a row

--- C(G) for a node G and a row.
-- @tparam[opt] table ast a part of the right side of the row: its value instead
local function image(session, row, G, ast)
  local S = session.S
  local scope = scopes.scope(session.constants)
  local sizes = { n = S:cols(G), m = not row.square and S:rows(G) or nil }
  for name, size in pairs(sizes) do
    scope.vars[name] = { name = name, kind = "scalar", id = S:dimnode(size), rows = ONE, cols = ONE }
  end
  scope.vars[row.gradient] =
    { name = row.gradient, kind = "matrix", id = G, rows = S:rows(G), cols = S:cols(G) }
  local place = { text = row.text, file = row.file, scope = scope, pattern = true, sizes = sizes }
  return elaborate.context(session, place):node(ast or row.rhs)
end
M.image = image

-- Of each row the last hole, and C of it, as handles: for more images of the same shape.
local images = setmetatable({}, { __mode = "k" })

-- C(G) for a node G and a row that is used again and again: read once, for a hole of the shape of G.
local function image_again(session, row, G)
  local S, known = session.S, images[row]
  local rows, cols = S:rows(G), S:cols(G)
  if not known or known.rows ~= rows or known.cols ~= cols or known.S ~= S then
    local hole = S:hole(" gradient", rows, cols)
    local value = image(session, row, hole)
    known = { S = S, rows = rows, cols = cols, hole = hole, value = value, keep = { S:handle(hole), S:handle(value) } }
    images[row] = known
  end
  return S:replace(known.value, { known.hole }, { G })
end

-- C*(dX): the adjoint of C, applied.
local function adjoint(session, row, dx)
  local S = session.S
  local hole = S:hole(" gradient", S:rows(dx), S:cols(dx))
  return S:pull(image(session, row, hole), hole, dx)
end

-- A tree with the gradient in the place of its conjugate; and was there one, is there the gradient itself?
local function of_conjugate(session, tree, gradient)
  local conjugate, plain = false, false
  local function copy(t)
    local op = type(t) == "table" and t.tag == "call" and #t.args == 1 and session.ops[t.name]
    if type(t) ~= "table" then
      return t
    elseif op and op.antilinear and t.args[1].tag == "name" and t.args[1].name == gradient then
      conjugate = true
      return t.args[1]
    end
    plain = plain or t.tag == "name" and t.name == gradient
    local new = {}
    for key, part in pairs(t) do
      new[key] = copy(part)
    end
    return new
  end
  return copy(tree), conjugate, plain
end

-- The map of a row, and whether it is one of the derivative by the conjugate.
local function read_map(loader, st, row)
  local tree, conjugate, plain = of_conjugate(loader.session, st.rhs, st.gradient)
  if conjugate and plain then
    local message = "%s, the derivative by the variable, and conj(%s), that by its conjugate, are both here"
    loader:stop(st.rhs, message:format(st.gradient, st.gradient), "write the row with one of the two")
  end
  row.rhs, row.conjugate = tree, conjugate
end

local function compile_row(loader, st, seen)
  local session = loader.session
  local S = session.S
  local row = { attributes = {}, gradient = st.gradient, refused = st.refused, pos = st.pos }
  row.text, row.file, row.line = loader.text, loader.file, st.line
  for i, a in ipairs(st.attributes) do
    loader:known_attribute(a.name, a.pos)
    row.attributes[i] = a.name
  end
  for name in pairs(attributes.closure(session, row.attributes)) do
    row.square = row.square or session.square_attributes[name]
  end
  local sorted = { table.unpack(row.attributes) }
  table.sort(sorted)
  row.key = table.concat(sorted, " ")
  row.title, row.zh, row.titles, row.cite = st.title, st.zh, st.titles, st.cite
  if seen[row.key] then
    loader:stop(st, "there are two rows " .. row.key)
  end
  seen[row.key] = true
  if row.refused then
    return row
  end
  read_map(loader, st, row)
  local rows, cols = S:dim(row.square and "n" or "m"), S:dim "n"
  local hole = S:hole(" gradient", rows, cols)
  local value = image(session, row, hole)
  if S:rows(value) ~= rows or S:cols(value) ~= cols then
    loader:stop(
      st.rhs,
      string.format(
        "this is %s; the gradient %s is %s",
        shapes.of(S, value),
        st.gradient,
        shapes.text(S, rows, cols)
      ),
      HINT
    )
  elseif not linear.is_linear(S, value, { hole }) then
    loader:stop(st.rhs, "this is not linear in " .. st.gradient, HINT)
  end
  local ok, trouble = errors.attempt(adjoint, session, row, S:hole(" change", rows, cols))
  if not ok then
    loader:stop(st.rhs, type(trouble) == "table" and trouble.message or tostring(trouble))
  end
  return row
end

--- A convention statement, ready to be used; stops with an error at the row that is wrong.
function M.compile(loader, st)
  local convention =
    { name = st.name, title = st.title or st.name, zh = st.zh, rows = {}, file = loader.file, line = st.line }
  convention.cite, convention.titles = st.cite, st.titles
  local seen = {}
  convention.only_complex = #st.rows > 0
  for i, row in ipairs(st.rows) do
    convention.rows[i] = compile_row(loader, row, seen)
    local all = attributes.closure(loader.session, convention.rows[i].attributes)
    convention.only_complex = convention.only_complex and all.complex ~= nil
  end
  return convention
end

-- ---------------------------------------------------------------------------------------------- using a row

-- The attributes of a symbol, as a set of names.
local function attributes_of(session, x)
  local S, set = session.S, {}
  local bits = S:attributes(x)
  for name in pairs(session.attributes) do
    if bits & S:attribute(name, false) ~= 0 then
      set[name] = true
    end
  end
  return set
end

local function contains(set, list)
  for _, name in ipairs(list) do
    if not set[name] then
      return false
    end
  end
  return true
end

-- The row for a variable: of those whose attributes it has, the one that implies all others. nil if it has no structure;
-- an error if no row does, or if the row says that there is no such derivative.
local function row_for(session, convention, x)
  if #convention.rows == 0 or session.S:attributes(x) == 0 then
    return nil
  end
  local has, rows = attributes_of(session, x), {}
  for _, row in ipairs(convention.rows) do
    if contains(has, row.attributes) then
      rows[#rows + 1] = row
      if row.refused then
        errors.refuse("by the convention %s: %s", convention.name, row.refused)
      end
    end
  end
  local rival
  for _, row in ipairs(rows) do
    local implied, over = attributes.closure(session, row.attributes), true
    for _, other in ipairs(rows) do
      if not contains(implied, other.attributes) then
        rival, over = rival or { row.key, other.key }, false
      end
    end
    if over then
      return row
    end
  end
  if rival then
    local a, b = table.unpack(rival)
    errors.refuse(
      "%s is %s and %s; the convention %s has no row `%s %s` (a rule file can state one)",
      session.S:name(x),
      a,
      b,
      convention.name,
      a,
      b
    )
  end
end

--- The change of the variable x that a change dx of its independent entries means.
-- @param session
-- @tparam table convention
-- @param x a symbol, with its attributes
-- @param dx a node of its shape: a hole, or 1
-- (`convention.row`: the row whatever the attributes of x)
-- @return a node, linear in dx
function M.change(session, convention, x, dx)
  local row = convention.row or row_for(session, convention, x)
  return row and adjoint(session, row, dx) or dx
end

--- The row of a convention for a variable; nil for one without structure.
M.row_for, M.image = row_for, image

-- Does a row describe a projection: does C(C(G)) say no more than C(G)?
local function is_projection(session, row, x)
  if row.projection == nil then
    local S = session.S
    local hole = S:hole(" gradient", S:rows(x), S:cols(x))
    local once = image(session, row, hole)
    row.projection = session:same(image(session, row, once), once)
  end
  return row.projection
end

-- The conventions that have a row for symbols with the attributes of x, in order, each with that row. Remembered by attributes
-- until rules are read.
local function rows_of(session, x)
  local bits = session.S:attributes(x)
  local known = session.rows_by_attributes
  local list = known and known[bits]
  if not list then
    list = {}
    for _, name in ipairs(spelling.names(session.conventions)) do
      local convention = session.conventions[name]
      local ok, row = errors.attempt(row_for, session, convention, x)
      if ok and row and name == convention.name then
        list[#list + 1] = { name = name, row = row }
      end
    end
    if not session.loading then
      known = known or {}
      known[bits], session.rows_by_attributes = list, known
    end
  end
  return list
end

--- What a reader of a free gradient should know: that it does not have the structure of the variable.
-- @param session
-- @param f an expression
-- @param x a symbol, or an entry of one (of which there is nothing to know)
-- @return nil, or the note
function M.note(session, f, x)
  local S = session.S
  if S:attributes(x) == 0 or S:rows(f) ~= ONE or S:cols(f) ~= ONE then
    return nil
  end
  local rows = rows_of(session, x)
  if #rows == 0 then
    return nil
  end
  f = unknown_functions.from_layout(session, f)
  local gradient, others, structure = nil, {}, nil
  for _, each in ipairs(rows) do
    local row = each.row
    others[#others + 1] = each.name
    if not structure and is_projection(session, row, x) then
      if not gradient then
        local hole = S:hole(S:name(x), S:rows(x), S:cols(x))
        gradient = S:simplify(S:pull(S:forward(f, x, hole), hole, S:rational(1)))
      end
      if session:same(image_again(session, row, gradient), gradient) then
        return nil
      end
      structure = row
    end
  end
  return structure
    and string.format(
      "%s is %s, but its entries were taken as independent (convention free): this gradient need not be %s; "
        .. "conventions that keep to it: %s",
      S:name(x),
      structure.key,
      structure.key,
      table.concat(others, ", ")
    )
end

return M
