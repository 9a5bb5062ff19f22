--- Coordinates of a variable: what a derivative by vec(X) or by vech(S) means, as rule files say it.
--
-- A statement such as `coordinates vech(S)  v -> unvec(Dup(n)*v, n, n)  if symmetric(S)` says which S has the coordinates
-- v = vech(S). The right side is linear in v. So a change dv of the coordinates means the change unvec(Dup(n)*dv, n, n) of S: a
-- derivative by vech(S) is a differential with that change in the place of dS, read as one by a vector. Of several statements about an
-- operator the first counts whose conditions the variable meets.
--
-- @module nabla.calculus.coordinates

local core = require "nabla.core"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local later = require "nabla.text.later"
local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"

local linear = later.require "nabla.calculus.linear"
local shapes = later.require "nabla.text.shape"

local M = {}

local ONE = core.constants.one -- the dimension 1

-- The node of the variable whose coordinates are v: the right side of a statement, for a variable of a shape.
local function image(session, row, v, rows, cols)
  local S = session.S
  local scope, sizes = scopes.scope(session.constants), {}
  for name, size in pairs { [row.rows or false] = rows, [row.cols or false] = cols } do
    if name then
      sizes[name] = size
      scope.vars[name] = { name = name, kind = "scalar", id = S:dimnode(size), rows = ONE, cols = ONE }
    end
  end
  scope.vars[row.new] = { name = row.new, kind = "matrix", id = v, rows = S:rows(v), cols = S:cols(v) }
  local place = { text = row.text, file = row.file, scope = scope, pattern = true, sizes = sizes }
  return elaborate.context(session, place):node(row.rhs)
end

-- The attributes that the conditions of a statement ask of its variable.
local function attributes_of(loader, st, variable)
  local list = {}
  for i, c in ipairs(st.conditions) do
    local arg = c.tag == "call" and #c.args == 1 and c.args[1]
    if not (arg and arg.tag == "name" and arg.name == variable) then
      loader:stop(
        c,
        "a condition of coordinates asks for an attribute of the variable",
        string.format("write if symmetric(%s)", variable)
      )
    end
    loader:known_attribute(c.name, c.pos)
    list[i] = c.name
  end
  return list
end

local function size_name(loader, tree)
  if tree and tree.tag ~= "name" then
    loader:stop(tree, "the sizes of a variable with coordinates are names", "let matrix X(m,n)")
  end
  return tree and tree.name
end

--- `coordinates`: what a derivative by an operator of a variable means.
function M.define(loader, st)
  local session = loader.session
  local S, pattern = session.S, st.pattern
  local arg = pattern.tag == "call" and #pattern.args == 1 and pattern.args[1]
  local d = arg and arg.tag == "name" and loader.decls[arg.name]
  if not d or not session.ops[pattern.name] then
    local hint = "let matrix X(m,n), and below it coordinates vec(X)  v -> unvec(v, m, n)"
    if pattern.tag == "call" and not session.ops[pattern.name] then
      hint = string.format("%s is not defined: operator %s(..): ..", pattern.name, pattern.name)
    elseif arg and arg.tag == "name" then
      hint = string.format("declare it above: let matrix %s(n,n)", arg.name)
    end
    loader:stop(
      pattern,
      "coordinates are an operator of one declared variable",
      hint
    )
  end
  local row = { op = pattern.name, variable = arg.name, new = st.cotangent, rhs = st.rhs, title = st.name }
  row.titles = st.titles
  row.zh, row.cite, row.text, row.file, row.line = st.zh, st.cite, loader.text, loader.file, st.line
  row.rows, row.cols = size_name(loader, d.rows), size_name(loader, d.cols)
  row.attributes = attributes_of(loader, st, arg.name)
  local rows, cols = loader:shape_of(d)
  cols = cols or ONE
  local c = loader:context(loader:variables(), true)
  local shape = S:apply(pattern.name, { S:symbol(" variable", core.constants.kinds.matrix, 0, rows, cols) })
  if S:cols(shape) ~= ONE then
    loader:stop(pattern, "coordinates are a vector; this is " .. shapes.of(S, shape))
  end
  local v = S:hole(" coordinates", S:rows(shape), ONE)
  local value = image(session, row, v, rows, cols)
  if S:rows(value) ~= rows or S:cols(value) ~= cols then
    loader:stop(
      st.rhs,
      string.format("this is %s; %s is %s", shapes.of(S, value), arg.name, c:shape_text { rows = rows, cols = cols })
    )
  elseif not session.statement_filter and not linear.is_linear(S, value, { v }) then
    loader:stop(st.rhs, "this is not linear in " .. row.new)
  end
  local list = session.coordinates[row.op] or {}
  session.coordinates[row.op] = table.move(list, 1, #list, 1, {})
  table.insert(session.coordinates[row.op], row)
end

-- The statement that holds for a variable; an error that says what would have to be declared.
local function row_for(session, op, x)
  local S, wanted = session.S, {}
  for _, row in ipairs(session.coordinates[op]) do
    local holds, texts = true, {}
    for i, name in ipairs(row.attributes) do
      holds = holds and S:property(name, x)
      texts[i] = name
    end
    if holds then
      return row
    end
    wanted[#wanted + 1] = table.concat(texts, " ")
  end
  errors.refuse(
    "a derivative by %s(%s) needs to know which entries vary: declare %s %s",
    op,
    S:name(x),
    S:name(x),
    table.concat(wanted, " or ")
  )
end

--- The coordinates of a variable that has what a statement asks for, as those of a diagonal matrix.
-- @tparam table session
-- @tparam integer x a symbol
-- @treturn string|nil the operator whose value they are; nil where no statement that asks for an attribute holds
-- @treturn function from coordinates to the variable
-- @treturn table the attributes
function M.of_structure(session, x)
  local S, names = session.S, {}
  for op in pairs(session.coordinates) do
    names[#names + 1] = op
  end
  table.sort(names)
  for _, op in ipairs(names) do
    for _, row in ipairs(session.coordinates[op]) do
      local holds = #row.attributes > 0 and S:rows(x) == S:cols(x)
      for _, name in ipairs(row.attributes) do
        holds = holds and S:property(name, x)
      end
      if holds then
        return op, function(v)
          return image(session, row, v, S:rows(x), S:cols(x))
        end, row.attributes
      end
    end
  end
end

--- What a derivative by a node means: the variable whose entries vary, and the function that takes a change of the node to the
-- change of the variable. Nil where the node is no operator with coordinates of a variable.
function M.of(session, id)
  local S = session.S
  local op = S:op(id)
  local x = session.coordinates[op] and S:args(id)[1]
  local turned = x and S:op(x) == "transpose" -- vec(X')
  if turned then
    x = S:args(x)[1]
  end
  if not x or S:op(x) ~= "symbol" then
    return nil
  end
  local row = row_for(session, op, x)
  return x, function(dv)
    if turned then
      return S:transpose(image(session, row, dv, S:cols(x), S:rows(x)))
    end
    return image(session, row, dv, S:rows(x), S:cols(x))
  end
end

--- Expressions as functions of the coordinates: the variable is replaced by what has the coordinates v, a new symbol.
-- @param id what is differentiated by
-- @param list expressions
-- @return v and the list of them; or id and the list as it is, where id is no coordinates
function M.written_out(session, id, list)
  local S = session.S
  local x, change_of = M.of(session, id)
  if not x then
    return id, list
  end
  local v = S:symbol("coordinates of " .. S:name(x), core.constants.kinds.vector, 0, S:rows(id), S:cols(id))
  local written, value = {}, change_of(v)
  for i, each in ipairs(list) do
    written[i] = S:replace(each, { x }, { value })
  end
  return v, written
end

--- The operators whose value may be differentiated by, in a text such as "vec(X), vech(S)".
function M.known(session)
  local list = {}
  for _, op in ipairs(spelling.names(session.coordinates)) do
    list[#list + 1] = string.format("%s(%s)", op, session.coordinates[op][1].variable)
  end
  return table.concat(list, ", ")
end

return M
