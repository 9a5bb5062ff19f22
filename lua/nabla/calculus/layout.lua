--- Layouts: how the partial derivatives of F by X are arranged, as rule files say it.
--
-- A row such as `scalar by matrix  d(y) = tr(G'*d(X))  gives  G` names the arrangement G by the differential that it
-- belongs to. The engine reads a differential in one of four ways (by a scalar: its value at d(t) = 1; of a
-- scalar: the gradient, by reverse mode; the Jacobian in vec form; the block form). Reading the row's own form in the same
-- way shows whether what is read is G or G'; `gives` then says what the layout prints. The block form is asked for by
-- `block(d(Y), d(X)) = B`: blocks of the shape of Y, arranged as the entries of X, or of X' in `block(d(Y), d(X)')`.
--
-- In `gives` the sizes of the function are s x t, those of the variable p x q.
--
-- @module nabla.calculus.layout

local core = require "nabla.core"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"
local trees = require "nabla.language.tree"

local M = {}

local ONE = core.constants.one -- the dimension 1
local REQUIRED =
  { "scalar by vector", "vector by vector", "vector by scalar", "scalar by matrix", "matrix by scalar" }

--- What kind of shape: as a function's value. Sizes are numbers or dimensions: the dimension 1 is 1.
function M.kind_of_value(rows, cols)
  return rows == ONE and cols == ONE and "scalar" or (rows == ONE or cols == ONE) and "vector" or "matrix"
end

--- What kind of shape: as a variable. A row counts as a matrix: its derivative has two sides to choose from.
function M.kind_of_variable(rows, cols)
  return rows == ONE and cols == ONE and "scalar" or cols == ONE and "vector" or "matrix"
end

--- The kind of a node as a value.
function M.value_kind(S, id)
  return M.kind_of_value(S:rows(id), S:cols(id))
end

--- The kind of a node as a variable.
function M.variable_kind(S, id)
  return M.kind_of_variable(S:rows(id), S:cols(id))
end

-- The tree with d(X) as a leaf named "d X"; notes the X, and whether vec(d(X)) occurs.
local function with_holes(ast, found)
  if type(ast) ~= "table" then
    return ast
  end
  if ast.tag == "call" and ast.name == "d" and ast.args[1] and ast.args[1].tag == "name" then
    found.x = ast.args[1].name
    return { tag = "name", name = "d " .. found.x, pos = ast.pos }
  end
  local copy = {}
  for k, v in pairs(ast) do
    copy[k] = with_holes(v, found)
  end
  if ast.tag == "call" and ast.name == "vec" and trees.find(copy.args, "d " .. (found.x or "")) then
    found.vec = true
  end
  return copy
end

-- The arrangement that a row's form asks for in words: block(d(Y), d(X)) = B, or block(d(Y), d(X)') = B.
local function block_arrangement(loader, row, form)
  local function differential(ast)
    return ast and ast.tag == "call" and ast.name == "d" and ast.args[1] and ast.args[1].tag == "name"
  end
  local of, by = row.lhs.args[1], row.lhs.args[2]
  local transposed = by and by.tag == "transpose"
  if not (differential(of) and differential(transposed and by[1] or by)) or form.tag ~= "name" then
    loader:stop(row.lhs, "a block arrangement is written block(d(Y), d(X)) = B, or with d(X)'")
  end
  return form.name, transposed
end

-- The node of what a row gives for the arrangement G of a function s x t and a variable p x q.
local function given(session, row, G, sizes)
  local S = session.S
  local scope = scopes.scope(session.constants)
  scope.vars[row.name] = { name = row.name, kind = "matrix", id = G, rows = S:rows(G), cols = S:cols(G) }
  local place = { text = row.text, file = row.file, scope = scope, pattern = true, sizes = sizes }
  return elaborate.context(session, place):node(row.gives)
end

-- Does a node have entries that are none of its arrangement's: a sum, a multiple, an elementwise product or power?
local function changes_entries(S, id)
  local op, own = S:op(id)
  if not own then
    return false
  elseif op == "product" then
    return S:args(id)[1] ~= S:rational(1)
  end
  return op == "sum" or op == "hadamard" or op == "elpower" or op == "power"
end

local function compile_row(loader, row)
  local session = loader.session
  local S = session.S
  local shapes = {
    of = { scalar = { ONE, ONE }, vector = { S:dim "m", ONE }, matrix = { S:dim "s", S:dim "t" } },
    by = { scalar = { ONE, ONE }, vector = { S:dim "n", ONE }, matrix = { S:dim "p", S:dim "q" } },
  }
  local of, by = shapes.of[row.of], shapes.by[row.by]
  if not of or not by then
    loader:stop(
      row,
      "a row of a layout is like `scalar by vector`: scalar, vector or matrix, by one of the three"
    )
  end
  local compiled = {
    of = row.of,
    by = row.by,
    gives = row.gives,
    left = row.lhs,
    form = row.form,
    text = loader.text,
    file = loader.file,
    title = row.title,
    zh = row.zh,
    cite = row.cite,
  }
  local G
  if row.lhs and row.lhs.tag == "call" and row.lhs.name == "block" then
    compiled.name, compiled.by_transpose = block_arrangement(loader, row, row.form)
    compiled.reading, compiled.reads_transpose = "block", false
    local down, across = by[1], by[2]
    if compiled.by_transpose then
      down, across = across, down
    end
    G = S:symbol(compiled.name, core.constants.kinds.matrix, 0, S:dimmul(down, of[1]), S:dimmul(across, of[2]))
  else
    G = M.compile_form(loader, row, compiled, of, by)
  end
  local printed = given(session, compiled, G, { s = of[1], t = of[2], p = by[1], q = by[2] })
  if changes_entries(S, printed) then
    loader:stop(
      row.gives,
      string.format("a layout arranges the entries of %s and does not change them", compiled.name),
      string.format("write %s, %s' or a product with K(m,n) that moves its entries", compiled.name, compiled.name)
    )
  elseif printed == G or printed == S:transpose(G) then
    compiled.gives_transpose = (printed ~= G) ~= compiled.reads_transpose
  end
  return compiled
end

-- The unknown arrangement of a form such as tr(G'*d(X)): its symbol; how it is read goes into `compiled`.
function M.compile_form(loader, row, compiled, of, by)
  local session = loader.session
  local S = session.S
  local found = {}
  local form = with_holes(row.form, found)
  if not found.x then
    loader:stop(row.form, "the form must contain d(X) of the variable")
  end
  local scope = scopes.scope(session.constants)
  local c = loader:context(scope, true)
  local hole = row.by == "scalar" and S:rational(1) or S:hole(found.x, by[1], by[2])
  scope.vars["d " .. found.x] = { id = hole, rows = by[1], cols = by[2], kind = row.by }
  local unknown
  for _, leaf in ipairs(trees.leaves(form)) do
    if leaf.name ~= "d " .. found.x and not session.ops[leaf.name] then
      if unknown and unknown.name ~= leaf.name then
        loader:stop(
          leaf,
          string.format("a form has one unknown arrangement; here are %s and %s", unknown.name, leaf.name)
        )
      end
      unknown = unknown or { name = leaf.name, kind = "matrix", rows = c:unknown(), cols = c:unknown() }
    end
  end
  if not unknown then
    loader:stop(row.form, "the form has no unknown arrangement such as G")
  end
  scope.vars[unknown.name] = unknown
  local shape = c:infer(form)
  local vec = row.lhs and row.lhs.tag == "call" and row.lhs.name == "vec"
  local rows, cols = of[1], of[2]
  if vec then
    rows, cols = S:dimmul(rows, cols), ONE
  end
  if not (c:unify(shape.rows, rows) and c:unify(shape.cols, cols)) then
    local message = "the form is %s; a %s is %s"
    local wanted = c:shape_text { rows = rows, cols = cols }
    loader:stop(row.form, message:format(c:shape_text(shape), row.of, wanted))
  end
  unknown.rows, unknown.cols = c:resolve(unknown.rows), c:resolve(unknown.cols)
  if c:has_unknown(unknown.rows) or c:has_unknown(unknown.cols) then
    loader:stop(row.form, "the form leaves the size of " .. unknown.name .. " open")
  end
  local G = S:symbol(unknown.name, core.constants.kinds.matrix, 0, unknown.rows, unknown.cols)
  unknown.id = G
  local value = c:build(form)
  compiled.name = unknown.name
  local read
  if row.by == "scalar" then
    compiled.reading, read = "value", value
  else
    compiled.reading = (row.of ~= "scalar" or found.vec) and "jacobian" or "gradient"
    read = M.read(S, compiled, value, hole)
  end
  if read ~= G and read ~= S:transpose(G) then
    local shown = session:text(read)
    local hint = "a form is d(y) = tr(G'*d(X)), d(y) = J*d(x), vec(d(Y)) = J*vec(d(X)) or d(Y) = G*d(t)"
    if found.vec then
      hint = "write vec(d(X)) in the form, and what moves its entries in gives, such as gives J*K(q,p)"
    end
    loader:stop(
      row.form,
      string.format(
        "the form does not say %s itself or its transpose: the derivative would be %s",
        unknown.name,
        #shown < 200 and shown or "another expression in " .. unknown.name
      ),
      hint
    )
  end
  compiled.reads_transpose = read ~= G
  return G
end

--- A layout statement, ready to be applied; stops with an error at the row that is wrong or missing.
function M.compile(loader, st)
  local layout =
    { name = st.name, title = st.title or st.name, zh = st.zh, rows = {}, file = loader.file, line = st.line }
  layout.cite = st.cite
  for flag in pairs(st.flags or {}) do
    if flag ~= "fallback" then
      loader:stop(st.flagpos[flag], "unknown property '" .. flag .. "' of a layout", "known: fallback")
    end
    layout.fallback = true
  end
  for _, row in ipairs(st.rows) do
    local key = row.of .. " by " .. row.by
    if layout.rows[key] then
      loader:stop(row, "the layout " .. st.name .. " has two rows " .. key)
    end
    layout.rows[key] = compile_row(loader, row)
  end
  for _, key in ipairs(REQUIRED) do
    if not layout.rows[key] then
      loader:stop(
        st,
        string.format("the layout %s has no row `%s`", st.name, key),
        "a layout says " .. table.concat(REQUIRED, ", ")
      )
    end
  end
  return layout
end

-- ---------------------------------------------------------------------------------------------- using a layout

--- The layout of a name; an error lists those that there are.
function M.named(session, name)
  local layout = session.layouts[name]
  if not layout then
    local known = table.concat(spelling.names(session.layouts), ", ")
    error({ status = "usage", message = "unknown layout '" .. tostring(name) .. "'; known: " .. known }, 0)
  end
  return layout
end

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

--- The row of a layout for a kind of value by a kind of variable. Without one it is an error, in which `what()` names the derivative.
function M.row(session, layout, of, by, what)
  local key = of .. " by " .. by
  local row = layout.rows[key]
  if not row then
    errors.refuse("%s: the %s layout has no %s%s", what(), layout.name, key, suggestion(session, key))
  end
  return row
end

--- What a row reads off an expression that is linear in a hole; in block form from the whole Jacobian, if so wanted.
function M.read(S, row, linear, hole, by_jacobian)
  if row.reading == "gradient" then
    return S:pull(linear, hole, S:rational(1))
  elseif row.reading == "jacobian" then
    return S:jacobian(linear, hole)
  elseif row.by_transpose then
    local transposed = S:hole(S:name(hole), S:cols(hole), S:rows(hole))
    linear, hole = S:replace(linear, { hole }, { S:transpose(transposed) }), transposed
  end
  if by_jacobian then
    return S:block_by_jacobian(linear, hole)
  end
  return S:block(linear, hole)
end

--- What the layout prints for what was read of f by the variable x, or by x' if `transposed`.
function M.apply(session, row, read, f, x, transposed)
  local S = session.S
  if row.gives_transpose ~= nil then
    return row.gives_transpose and S:transpose(read) or read
  end
  local p, q = S:rows(x), S:cols(x)
  if transposed then
    p, q = q, p
  end
  local sizes = { s = S:rows(f), t = S:cols(f), p = p, q = q }
  return given(session, row, row.reads_transpose and S:transpose(read) or read, sizes)
end

return M
