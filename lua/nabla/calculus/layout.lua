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
-- A row may be about more special shapes: `row`, 1 x n, or the name of an attribute of square matrices, `scalar by symmetric`. Such a
-- row goes before that of vectors or matrices. In its form vech(d(X)), or another operator with coordinates
-- (nabla.calculus.coordinates), stands for the change of the coordinates of X.
--
-- @module nabla.calculus.layout

local core = require "nabla.core"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local later = require "nabla.text.later"
local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"

local linear = later.require "nabla.calculus.linear"
local trees = later.require "nabla.language.tree"

local M = {}

local ONE = core.constants.one -- the dimension 1
local REQUIRED =
  { "scalar by vector", "vector by vector", "vector by scalar", "scalar by matrix", "matrix by scalar" }

local KINDS = { scalar = true, vector = true, matrix = true }
local SIZES = { s = true, t = true, p = true, q = true } -- of a function s x t and a variable p x q
local FORMS = "a form is d(y) = tr(G'*d(X)), d(y) = J*d(x), vec(d(Y)) = J*vec(d(X)) or d(Y) = G*d(t)"

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

-- The tree with d(X) as a leaf named "d X"; notes the X, and whether vec(d(X)) occurs. A call of an operator in `known`, such as
-- vech(d(X)), is the leaf: the operator is noted.
local function with_holes(ast, found, known)
  if type(ast) ~= "table" then
    return ast
  end
  local inner = ast.tag == "call" and known[ast.name] and ast.name ~= "vec" and ast.args[1]
  if inner and inner.tag == "call" and inner.name == "d" and inner.args[1] and inner.args[1].tag == "name" then
    found.x, found.coordinates, found.place = inner.args[1].name, ast.name, ast
    return { tag = "name", name = "d " .. found.x, pos = ast.pos }
  elseif ast.tag == "call" and ast.name == "d" and ast.args[1] and ast.args[1].tag == "name" then
    found.x = ast.args[1].name
    return { tag = "name", name = "d " .. found.x, pos = ast.pos }
  end
  local copy = {}
  for k, v in pairs(ast) do
    copy[k] = with_holes(v, found, known)
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

-- The shape that a word of a row's head stands for: those of a matrix are `rows` x `cols`, the length of a vector is `length`.
local function shape_of(loader, row, word, length, rows, cols)
  local session = loader.session
  local S = session.S
  local shapes = {
    scalar = { ONE, ONE },
    vector = { S:dim(length), ONE },
    row = { ONE, S:dim(length) },
    matrix = { S:dim(rows), S:dim(cols) },
  }
  local square = session.square_attributes[word]
  for other in pairs(session.implications[word] or {}) do
    square = square or session.square_attributes[other]
  end
  if not shapes[word] and not square then
    local words = spelling.names(session.square_attributes)
    table.move({ "scalar", "vector", "row", "matrix" }, 1, 4, #words + 1, words)
    local nearest, known = spelling.nearest(word, words), session.coordinates[word]
    local hint = nearest and "did you mean " .. nearest .. "?"
      or "write scalar by vector, matrix by row or scalar by symmetric"
    if known then
      local attribute = known[1].attributes[1] or "matrix"
      hint = string.format("write scalar by %s, and %s(d(S)) in its form", attribute, word)
    end
    loader:stop(
      row,
      "a row of a layout is like `scalar by vector`: scalar, vector, row, matrix or an attribute of square matrices, "
        .. "by one of these",
      hint
    )
  end
  return shapes[word] or { S:dim(rows), S:dim(rows) }
end

local function compile_row(loader, row)
  local session = loader.session
  local S = session.S
  local of, by = shape_of(loader, row, row.of, "m", "s", "t"), shape_of(loader, row, row.by, "n", "p", "q")
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
    titles = row.titles,
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
  for _, leaf in ipairs(trees.leaves(row.gives)) do
    local known = leaf.name == compiled.name or session.constants.vars[leaf.name] or session.ops[leaf.name]
    if not known and not SIZES[leaf.name] then
      local message = ("unknown name '%s'"):format(leaf.name)
      loader:stop(leaf, message, ("what is printed is an arrangement of the %s in the form"):format(compiled.name))
    end
  end
  local printed = given(session, compiled, G, { s = of[1], t = of[2], p = by[1], q = by[2] })
  local nothing = S:zeros(S:rows(G), S:cols(G))
  local lacks = printed ~= G and S:replace(printed, { G }, { nothing }) == printed
  if lacks or changes_entries(S, printed) and not session.attributes[row.by] then
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

-- The shape of the coordinates in a row's form, such as vech(d(X)), of an X of the shape `by`.
function M.coordinates_shape(loader, row, found, by)
  local S = loader.session.S
  if by[1] ~= by[2] or not loader.session.attributes[row.by] then
    loader:stop(
      found.place,
      string.format("%s(d(X)) stands in a row by an attribute that says which entries vary", found.coordinates),
      "write scalar by symmetric"
    )
  end
  local value = S:apply(found.coordinates, { S:symbol(" variable", core.constants.kinds.matrix, 0, by[1], by[2]) })
  return S:rows(value), S:cols(value)
end

-- The unknown arrangement of a form such as tr(G'*d(X)): its symbol; how it is read goes into `compiled`.
function M.compile_form(loader, row, compiled, of, by)
  local session = loader.session
  local S = session.S
  local found = {}
  local form = with_holes(row.form, found, session.coordinates)
  if not found.x then
    loader:stop(row.form, "the form must contain d(X) of the variable")
  end
  local scope = scopes.scope(session.constants)
  local c = loader:context(scope, true)
  local rows, cols = by[1], by[2]
  if found.coordinates then
    compiled.coordinates = found.coordinates
    rows, cols = M.coordinates_shape(loader, row, found, by)
  end
  local hole = row.by == "scalar" and S:rational(1) or S:hole(found.x, rows, cols)
  scope.vars["d " .. found.x] = { id = hole, rows = rows, cols = cols, kind = "matrix" }
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
  rows, cols = of[1], of[2]
  local outer = row.lhs and row.lhs.tag == "call" and row.lhs.name ~= "d" and row.lhs.name
  if outer then -- vec(d(Y)), vech(d(Y))
    if not session.coordinates[outer] then
      loader:stop(row.lhs, "the left side is d(Y), vec(d(Y)), vech(d(Y)) or block(d(Y), d(X))")
    end
    local value = S:apply(outer, { S:symbol(" value", core.constants.kinds.matrix, 0, rows, cols) })
    rows, cols = S:rows(value), S:cols(value)
    compiled.value_of = outer ~= "vec" and outer or nil
  end
  if not (c:unify(shape.rows, rows) and c:unify(shape.cols, cols)) then
    local message = "the form is %s; a %s is %s"
    local wanted = c:shape_text { rows = rows, cols = cols }
    local hint = row.by == "row" and "of a row x: d(y) = d(x)*g"
      or FORMS
    loader:stop(row.form, message:format(c:shape_text(shape), row.of, wanted), hint)
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
    local linear_in = linear.is_linear(S, value, { hole })
    local ok, why = linear_in, nil
    if ok then
      ok, why = errors.attempt(M.read, S, compiled, value, hole)
    end
    if not ok then
      local reason = not linear_in and "" or type(why) == "table" and ": " .. why.message or ": " .. tostring(why)
      local message = ("the form is not linear in d(%s)"):format(found.x)
      loader:stop(row.form, linear_in and "the derivative cannot be read from the form" .. reason or message, FORMS)
    end
    read = why
  end
  if read ~= G and read ~= S:transpose(G) then
    local shown = session:text(read)
    local hint = FORMS
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
  local session = loader.session
  local layout =
    { name = st.name, title = st.title or st.name, zh = st.zh, rows = {}, file = loader.file, line = st.line }
  layout.cite, layout.titles = st.cite, st.titles
  local like = st.like and session.layouts[st.like]
  if st.like and not like then
    local names = spelling.names(session.layouts)
    local nearest = spelling.nearest(st.like, names)
    local hint = nearest and "did you mean " .. nearest .. "?" or "known: " .. table.concat(names, ", ")
    loader:stop(st, "unknown layout '" .. st.like .. "'", hint)
  end
  for key, row in pairs(like and like.rows or {}) do
    layout.rows[key] = row
  end
  local own = {}
  for _, flag in ipairs(spelling.names(st.flags or {})) do
    if flag ~= "fallback" then
      local hint = "known: fallback; a layout that differs from another by some rows: layout mine like numerator"
      loader:stop(st.flagpos[flag], "unknown property '" .. flag .. "' of a layout", hint)
    end
    layout.fallback = true
  end
  for _, row in ipairs(st.rows) do
    local key = row.of .. " by " .. row.by
    if own[key] then
      loader:stop(row, "the layout " .. st.name .. " has two rows " .. key, "leave one of them out")
    end
    own[key] = true
    layout.rows[key] = compile_row(loader, row)
  end
  for _, row in pairs(layout.rows) do
    layout.special = layout.special or not (KINDS[row.of] and KINDS[row.by])
  end
  for _, key in ipairs(REQUIRED) do
    if not layout.rows[key] then
      loader:stop(
        st,
        string.format("the layout %s has no row `%s`", st.name, key),
        "a layout says " .. table.concat(REQUIRED, ", ") .. "; or write layout " .. st.name .. " like numerator"
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

-- The words of a layout's rows on one side that are attributes which a node has, and `row` for a row.
local function special_kinds(session, layout, side, id, transposed)
  local S, list = session.S, {}
  local rows, cols = S:rows(id), S:cols(id)
  if transposed then
    rows, cols = cols, rows
  end
  for _, key in ipairs(spelling.names(layout.rows)) do
    local word = layout.rows[key][side]
    if session.attributes[word] and rows == cols and rows ~= ONE and S:property(word, id) then
      list[#list + 1] = word
    end
  end
  list[#list + 1] = rows == ONE and cols ~= ONE and "row" or nil
  return list
end

--- The row of a layout for the derivative of f by x, or by x' if `transposed`, that is more special than those for a vector or a
-- matrix: for a row 1 x n, or for a matrix with an attribute. Nil where the layout has none.
-- @tparam table session
-- @tparam table layout
-- @tparam string of the kind of f
-- @tparam string by the kind of the variable
-- @tparam table at `f`, `x`, `transposed`
function M.special_row(session, layout, of, by, at)
  if not layout.special then
    return nil
  end
  local left = special_kinds(session, layout, "of", at.f)
  local right = by ~= "scalar" and special_kinds(session, layout, "by", at.x, at.transposed) or {}
  left[#left + 1], right[#right + 1] = of, by
  for _, b in ipairs(right) do
    for _, a in ipairs(left) do
      local row = layout.rows[a .. " by " .. b]
      if row then
        return row
      end
    end
  end
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
function M.read(S, row, expression, hole, by_jacobian)
  if row.reading == "gradient" then
    return S:pull(expression, hole, S:rational(1))
  elseif row.reading == "jacobian" then
    return S:jacobian(expression, hole)
  elseif row.by_transpose then
    local transposed = S:hole(S:name(hole), S:cols(hole), S:rows(hole))
    expression, hole = S:replace(expression, { hole }, { S:transpose(transposed) }), transposed
  end
  if by_jacobian then
    return S:block_by_jacobian(expression, hole)
  end
  return S:block(expression, hole)
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
