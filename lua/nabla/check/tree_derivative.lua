--- The derivatives in a syntax tree as numbers, for nabla.check.tree_value: finite differences (four points), or exact by
-- infinitesimals, arranged as the rows of a layout say: the row's form is solved for the arrangement.
--
-- @module nabla.check.tree_derivative

local arrangement = require "nabla.check.arrangement"
local conjugates = require "nabla.check.conjugates"
local jacobian = require "nabla.compare.jacobian"
local layouts = require "nabla.calculus.layout"
local random_matrix = require "nabla.compare.random_matrix"
local spelling = require "nabla.text.spelling"
local trees = require "nabla.language.tree"
local wirtinger = require "nabla.check.wirtinger"

-- The methods of an environment.
local methods = {}
for name, method in pairs(wirtinger.methods) do
  methods[name] = method
end

local function stop(...)
  error({ trees = true, message = string.format(...) }, 0)
end

--- The change of f along the directions of some names, in an environment.
function methods:along(directions, f)
  local at = {}
  for name in pairs(directions) do
    at[name] = self.vars[name] or stop("the direction of %s, which has no value", name)
  end
  return self.arithmetic:slope(function(t)
    local vars, partners = {}, {}
    for name, direction in pairs(directions) do
      vars[name] = at[name] + direction * t
    end
    for name, direction in pairs(self.partner_directions) do
      partners[name] = self.partners[name] + direction * t
    end
    local e = self:with(vars)
    return f(next(partners) and conjugates.with_partners(e, partners) or e)
  end, self.step)
end

-- The row of a layout for y by x, the value of `name`: one for a row or for a matrix with an attribute before the others.
local function row_for(self, rows, y, x, name)
  local of = { y.rows == 1 and y.cols > 1 and "row" or nil }
  local by = { x.rows == 1 and x.cols > 1 and "row" or nil }
  for _, key in ipairs(spelling.names(rows)) do
    local a, b = rows[key].of, rows[key].by
    if y.rows == y.cols and #y > 1 and random_matrix.tests[a] and random_matrix.tests[a](y) then
      of[#of + 1] = a
    end
    if name and self.by and x.rows == x.cols and #x > 1 and self.by:has(name, b) then
      by[#by + 1] = b
    end
  end
  of[#of + 1], by[#by + 1] = layouts.kind_of_value(y.rows, y.cols), layouts.kind_of_variable(x.rows, x.cols)
  for _, b in ipairs(by) do
    for _, a in ipairs(of) do
      if rows[a .. " by " .. b] then
        return rows[a .. " by " .. b]
      end
    end
  end
  return nil, of[#of] .. " by " .. by[#by]
end

-- The derivative of y by x, whose Jacobian is J, as the layout arranges it; `name`: of the variable x.
function methods:arranged(J, y, x, name)
  local rows = self.layouts[self.layout] or stop("there is no layout %s", self.layout)
  local row, kind = row_for(self, rows, y, x, name)
  if not row and self.fallback then
    row = self.layouts[self.fallback][kind]
  end
  if not row then
    stop("layout %s has no row %s", self.layout, kind)
  end
  local opts = { layouts = self.layouts, layout = self.layout, arithmetic = self.arithmetic }
  local e = self:beside(opts)
  local G, why = arrangement.of_row(e, row, { J = J, y = y, x = x })
  if not G and y.rows == 1 then -- a row is treated as the column of its entries
    G, why = arrangement.of_row(e, row, { J = J, y = y.T, x = x })
  end
  return G or stop("%s", why)
end

-- The argument of an unknown function: the value of the name that it is declared to be a function of.
function methods:point(name)
  if self.functions[name] then
    local u = self.functions[name]
    return u.f(self:point(u.of))
  end
  return self.vars[name] or stop("%s has no value", name)
end

-- Is D(f, X) the gradient of a scalar by the matrix X?
function methods:is_gradient(ast, x)
  local e = self:with {}
  e.layout = "mixed"
  local f = ast.args[1]
  if f.tag == "call" and f.name == "D" then
    return false
  end
  local u = f.tag == "name" and self.functions[f.name]
  local y = u and u.f(x) or self:value(f)
  return y.rows == 1 and y.cols == 1
end

-- The derivative of a tree by coordinates, such as vech(S): a row of them says which S has the coordinates v.
function methods:by_coordinates(f, by, row, transposed)
  local v = self:value(by)
  local function inner(w)
    local e = self:with { [row.new] = transposed and w.T or w }
    e.dims = row.dims
    local x = e:value(row.rhs)
    return self:with({ [row.name] = row.turned and x.T or x }):value(f)
  end
  v = transposed and v.T or v
  local y, J = jacobian(self.arithmetic, inner, v, self.step)
  return self:arranged(J, y, v)
end

local with_differential = setmetatable({}, { __mode = "k" }) -- tree -> the answer of holds_differential

-- Holds a tree a differential, of which a derivative is read off?
local function holds_differential(tree)
  if with_differential[tree] == nil then
    local found = false
    trees.walk(tree, function(t)
      found = found or t.tag == "call" and t.name == "d" and #t.args == 1
      return found
    end)
    with_differential[tree] = found
  end
  return with_differential[tree]
end

-- The degree of a value in the differentials.
local function degree(value, doubled)
  for k = 1, 4 do
    if random_matrix.close(doubled, value * (1 << k)) then
      return k
    end
  end
  stop "the terms have not all the same number of differentials"
end

-- The derivative by x that is read off an expression with differentials.
function methods:read_off(f, name)
  local x = self.directions[name] or stop("the direction of %s, which has no value", name)
  local function with(scale, change)
    local e = self:with {}
    e.directions = {}
    for other, direction in pairs(self.directions) do
      e.directions[other] = direction * scale
    end
    e.directions[name] = change or e.directions[name]
    return e
  end
  local k = degree(with(1):value(f), with(2):value(f))
  local y, J = jacobian(self.arithmetic, function(v)
    return with(1, v):value(f)
  end, x, self.step)
  return self:arranged(self.arithmetic:over(J, self.arithmetic:from(k)), y, x, name)
end

-- The derivative by one block of a matrix, a member of a family: the others stay as they are.
function methods:by_member(f, by)
  local name, A = by.args[1].name, self.arithmetic
  local X = name and self.vars[name] or stop "a derivative by a member of what is no variable"
  local i, j = self:whole(by.args[2]), self:whole(by.args[3])
  local rows, cols = self:whole(by.args[6]), self:whole(by.args[7])
  local down, across = (i - 1) * rows, (j - 1) * cols
  if i < 1 or j < 1 or down + rows > X.rows or across + cols > X.cols then
    stop("%s has no member (%d,%d)", name, i, j)
  end
  local x = A:build(rows, cols, function(k, l)
    return X(down + k, across + l)
  end)
  local y, J = jacobian(A, function(v)
    local changed = A:build(X.rows, X.cols, function(k, l)
      local inside = k > down and k <= down + rows and l > across and l <= across + cols
      return inside and v(k - down, l - across) or X(k, l)
    end)
    return self:with({ [name] = changed }):value(f)
  end, x, self.step)
  return self:arranged(J, y, x)
end

function methods:derivative(ast)
  local f, by = ast.args[1], ast.args[2]
  if by.tag == "name" and holds_differential(f) then
    return self:read_off(f, by.name)
  end
  local transposed = by.tag == "transpose"
  if transposed then
    by = by[1]
  end
  local op = by.tag == "call" and self.session.ops[by.name]
  local by_complex = conjugates.conjugated(self, by) and 1 or wirtinger.is_free(self, by) and -1
  if by_complex then
    return self:by_complex(f, by, transposed, by_complex)
  elseif op and op.member then
    return self:by_member(f, by)
  elseif by.tag ~= "name" then
    local row = self.by and self.by:coordinates(self, by)
    local unknown = f.tag == "name" and self.functions[f.name]
    if unknown and not row and not transposed then -- by its argument, where that has the value of an expression
      local at = self:value(by)
      local y, J = jacobian(self.arithmetic, unknown.f, at, self.step)
      return self:arranged(J, y, at)
    elseif not row then
      stop "a derivative is taken by a variable, or by vec, vech or other coordinates of one"
    end
    return self:by_coordinates(f, by, row, transposed)
  end
  local u = f.tag == "name" and self.functions[f.name]
  local function inner(e)
    return e:value(f)
  end
  local y, J, x
  if transposed then -- the variable is the row x'
    x = self.vars[by.name] or stop("a derivative by %s', which is no variable", by.name)
    y, J = jacobian(self.arithmetic, function(v)
      return inner(self:with { [by.name] = v.T })
    end, x.T, self.step)
    return self:arranged(J, y, x.T)
  elseif u then
    if u.of ~= by.name then
      stop("the derivative of %s by %s", f.name, by.name)
    end
    y, J = jacobian(self.arithmetic, u.f, self:point(by.name), self.step)
    return self:arranged(J, y, self:point(by.name), by.name)
  end
  x = self.vars[by.name]
  if not x then
    stop("a derivative by %s, which is no variable", by.name)
  end
  local hessian = f.tag == "call" and f.name == "D" and x.cols > 1 and self:is_gradient(f, x)
  local e, move = conjugates.moving(self, by.name)
  e.layout = hessian and "mixed" or e.layout
  y, J = jacobian(self.arithmetic, function(v)
    move(v)
    return inner(e)
  end, x, self.step)
  if self.by then
    J = self.by:by_entries(self, by.name, x, J, wirtinger.of_conjugate(self, by.name, inner))
  end
  if hessian then -- by a matrix: the symmetric matrix of second derivatives
    return J
  end
  return self:arranged(J, y, x, by.name)
end

return { methods = methods, stop = stop }
