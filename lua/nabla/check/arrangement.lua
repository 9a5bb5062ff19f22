--- Derivatives as the rows of a layout arrange them, by numbers: a row's form is solved for its unknown arrangement.
--
-- @module nabla.check.arrangement

local errors = require "nabla.text.errors"
local floating = require "nabla.numeric.arithmetic"
local matrix = require "nabla.numeric.matrix"
local trees = require "nabla.language.tree"

local M = {}

--- The blocks of F by X: h x w blocks, block (i, j) the derivative by x_ij; with `transposed` those by X'.
function M.blocks(A, at, transposed)
  local J, y, x = at.J, at.y, at.x
  local h, w = x.rows, x.cols
  local s, t = y.rows, y.cols
  if transposed then
    h, w = w, h
  end
  return A:build(h * s, w * t, function(a, b)
    local i, j = (a - 1) // s + 1, (b - 1) // t + 1
    local p, q = (a - 1) % s + 1, (b - 1) % t + 1
    if transposed then
      i, j = j, i
    end
    return J((q - 1) * s + p, (j - 1) * x.rows + i)
  end)
end

local function is_differential(tree)
  return tree.tag == "call" and tree.name == "d" and tree.args[1].tag == "name"
end

--- The variable x of the first d(x) in a tree, or nil.
function M.find_differential(tree)
  local found
  trees.walk(tree, function(t)
    if not found and is_differential(t) then
      found = t.args[1].name
    end
    return found ~= nil
  end)
  return found
end

-- The last name in a tree that is not in a differential.
local function name_beside(tree)
  local found
  trees.walk(tree, function(t)
    found = t.tag == "name" and t.name or found
    return is_differential(t)
  end)
  return found
end

-- Numbers that tell the entries of a matrix apart, between 1 and 2, and which entry each of them is.
local function marks(g, step)
  local values, entry = matrix.zeros(g.rows, g.cols), {}
  for c = 1, #g do
    values[c] = 1 + c * step % 1
    entry[values[c]] = c
  end
  return values, entry
end

-- Where each entry of J is one entry of G: c -> { i, k }, the row and column of J whose entry the c-th entry of G is; else nil. The
-- form is linear in G: what it gives of two matrices of marks shows which entries it holds, and that it holds each once.
local function places(form, g, s, units)
  local first, entry = marks(g, 0.7548776662466927)
  local second = marks(g, 0.5698402909980532)
  local place, count = {}, 0
  for k, e in ipairs(units) do
    local u, v = form(first, e), form(second, e)
    for i = 1, s do
      local c = entry[u[i]]
      if c and v[i] == second[c] and not place[c] then
        place[c] = { i, k }
        count = count + 1
      elseif u[i] ~= 0 or v[i] ~= 0 then
        return nil
      end
    end
  end
  return count == #g and place or nil
end

-- The matrix of the equations that a form makes for the entries of G: a line for each entry of J.
local function lines_of(form, g, s, units)
  local A = {}
  for _, e in ipairs(units) do
    local lines = {}
    for i = 1, s do
      lines[i] = {}
      A[#A + 1] = lines[i]
    end
    for c = 1, #g do
      local u = matrix.zeros(g.rows, g.cols)
      u[c] = 1
      local column = form(u, e)
      for i = 1, s do
        lines[i][c] = column[i]
      end
    end
  end
  return matrix(A)
end

-- The size of a row's arrangement and the equations that its form makes for it: the shape for which the form is defined and
-- has the shape of the left side. They are the same for all values, so that the row keeps them. Where each entry of J
-- is one entry of G, `place` says which; else `a` is the matrix of the equations.
local function equations(env, row, unknown, at)
  local y, x = at.y, at.x
  local key = table.concat({ y.rows, y.cols, x.rows, x.cols }, " ")
  row.solved = row.solved or {}
  if row.solved[key] ~= nil then
    return row.solved[key]
  end
  row.solved[key] = false
  local units = at.directions
  if not units then
    units = {}
    for k = 1, #x do
      units[k] = matrix.zeros(x.rows, x.cols)
      units[k][k] = 1
    end
  end
  local s, p = at.J.rows, #units
  local function form(values, direction)
    local e = env:with { [unknown.name] = values }
    e.arithmetic = floating
    e.directions = { [unknown.by] = direction }
    return e:value(row.form)
  end
  local shapes =
    { { y.rows, y.cols }, { s, p }, { p, s }, { y.cols, y.rows }, { x.rows, x.cols }, { x.cols, x.rows } }
  for _, shape in ipairs(shapes) do
    local g = matrix.zeros(shape[1], shape[2])
    local ok, v = errors.attempt(form, g, matrix.zeros(x.rows, x.cols))
    if ok and #g == s * p and v.rows == (at.stacked and s or y.rows) and v.cols == (at.stacked and 1 or y.cols) then
      local place = places(form, g, s, units)
      local a = not place and lines_of(form, g, s, units)
      row.solved[key] = { rows = g.rows, cols = g.cols, place = place, a = a }
      break
    end
  end
  return row.solved[key]
end

-- The G for which a row's form is the differential that belongs to the Jacobian J; nil where there is none, or more than one.
local function solved(env, row, unknown, at)
  local e = equations(env, row, unknown, at)
  if not e then
    return nil
  end
  local A = env.arithmetic
  if e.place then
    return A:build(e.rows, e.cols, function(i, j)
      local place = e.place[(j - 1) * e.rows + i]
      return at.J(place[1], place[2])
    end)
  end
  local a = A:build(e.a.rows, e.a.cols, function(i, j)
    return A:from(e.a(i, j))
  end)
  local solution = A:solve(a, at.J:reshape(#at.J, 1))
  return solution and solution:reshape(e.rows, e.cols)
end

-- The name of the operator in vech(d(X)), if it has coordinates; nil for vec.
local function operator_of(env, tree)
  local found
  trees.walk(tree, function(t)
    local inner = t.tag == "call" and t.name ~= "vec" and env.session.coordinates[t.name] and t.args[1]
    found = found or inner and is_differential(inner) and t.name or nil
    return found ~= nil
  end)
  return found
end

-- The derivative by the coordinates that a row's form is about, of the coordinates that its left side is about.
function M.by_coordinates(env, row, at)
  local A = env.arithmetic
  local op, outer = operator_of(env, row.form), operator_of(env, row.lhs)
  local new = { J = at.J, y = at.y, x = at.x, stacked = row.lhs.tag == "call" and row.lhs.name ~= "d" }
  local function value_of(arithmetic)
    return function(vars, dims, tree)
      local e = env:with(vars)
      e.arithmetic, e.dims = arithmetic, setmetatable(dims, { __index = env.dims })
      return e:value(tree)
    end
  end
  if op then
    local by = env.by
    new.directions = by and by:directions(floating, op, row.by, at.x.rows, value_of(floating))
    if not new.directions then
      return nil
    end
    local J = at.J
    new.J = A:build(J.rows, #new.directions, function(i, j)
      local direction, sum = new.directions[j], J(i, 1) - J(i, 1)
      for k = 1, #at.x do
        if direction[k] ~= 0 then
          sum = sum + J(i, k) * A:from(direction[k])[1]
        end
      end
      return sum
    end)
  end
  if outer then
    local J, columns = new.J, {}
    for j = 1, J.cols do
      local column = A:build(at.y.rows, at.y.cols, function(a, b)
        return J((b - 1) * at.y.rows + a, j)
      end)
      columns[j] = value_of(A)({ Value = column }, {}, {
        tag = "call", name = outer, args = { { tag = "name", name = "Value" } } })
    end
    new.J = A:build(#columns[1], #columns, function(i, j)
      return columns[j][i]
    end)
  end
  return new
end

--- The arrangement that a row of a layout names.
-- @tparam table env an environment of nabla.check.tree_value
-- @tparam table row
-- @tparam table at `y` the value, `x` the variable, `J` the Jacobian of vec(y) by vec(x)
-- @return the matrix, or nil and why there is none
function M.of_row(env, row, at)
  local G, name
  if row.lhs.tag == "call" and row.lhs.name == "block" then
    G = M.blocks(env.arithmetic, at, row.lhs.args[2].tag == "transpose")
    name = row.form.name
  else
    row.by_name = row.by_name or M.find_differential(row.form)
    local by = row.by_name
    if not by then
      return nil, "the row's form has no d(..)"
    end
    row.unknown = row.unknown or name_beside(row.form)
    name = row.unknown
    at = M.by_coordinates(env, row, at)
    if not at then
      return nil, "nothing says which variable has these coordinates"
    end
    G = solved(env, row, { name = name, by = by }, at)
    if not G then
      return nil, "no matrix " .. (name or "?") .. " satisfies the row's form"
    end
  end
  local e = env:with { [name] = G }
  local sizes = { s = at.y.rows, t = at.y.cols, p = at.x.rows, q = at.x.cols }
  e.dims = setmetatable(sizes, { __index = env.dims })
  return e:value(row.gives)
end

return M
