--- What a derivative by a variable means, by numbers: conventions for structured variables, and coordinates such as vech(S).
--
-- A row of a convention, `symmetric  G -> G + G' - G.*I(n)`, is a linear map C of gradients. The derivative by the
-- independent entries has the Jacobian J*C*, where C* is the adjoint of C: its rows are C of the rows of J.
--
-- @module nabla.check.variables

local loaders = require "nabla.rules.loader"

local M = {}

local Variables = {}
Variables.__index = Variables

--- What the statements that a checker has met say.
-- @tparam table checker session; conventions: name -> statement; layouts
-- @tparam[opt] string convention its name; else all entries are independent
-- @tparam table attributes name of a variable -> list of its attributes
function M.new(checker, convention, attributes)
  local statement = convention and checker.conventions[convention]
  return setmetatable({ session = checker.session, statement = statement, attributes = attributes }, Variables)
end

-- All attributes that a list of them implies: a set.
local function closure(self, list)
  local set = {}
  local loader = loaders.new(self.session, "")
  for _, name in ipairs(list or {}) do
    set[name] = true
    loader:implied(name, set)
  end
  return set
end

local function names_of(row)
  local list = {}
  for i, attribute in ipairs(row.attributes) do
    list[i] = attribute.name
  end
  return list
end

local function contains(set, list)
  for _, name in ipairs(list) do
    if not set[name] then
      return false
    end
  end
  return true
end

-- The row of the convention for a variable: of those whose attributes it has, the one that implies all others.
local function row_for(self, name)
  local has, rows = closure(self, self.attributes[name]), {}
  for _, row in ipairs(self.statement.rows) do
    rows[#rows + 1] = contains(has, names_of(row)) and row or nil
  end
  for _, row in ipairs(rows) do
    local implied, over = closure(self, names_of(row)), true
    for _, other in ipairs(rows) do
      over = over and contains(implied, names_of(other))
    end
    if over then
      return row
    end
  end
  return nil
end

--- The Jacobian by the entries that the convention counts, from that by all entries.
-- @tparam table env an environment of nabla.check.tree_value
-- @tparam string name of the variable, whose value is x
-- @param J
-- @tparam[opt] function by_conjugate gives the Jacobian by the conjugate of the variable, where that is complex
function Variables:by_entries(env, name, x, J, by_conjugate)
  local row = self.statement and row_for(self, name)
  if not row then
    return J
  elseif row.refused then
    error({ trees = true, open = true, message = row.refused }, 0)
  end
  local A = env.arithmetic
  local e = env:with {}
  e.by = nil
  e.dims = setmetatable({ n = x.cols, m = x.rows }, { __index = env.dims })
  local lines, other = {}, by_conjugate and by_conjugate()
  local function gradient(jacobian, i)
    return A:build(x.rows, x.cols, function(a, b)
      return jacobian(i, (b - 1) * x.rows + a)
    end)
  end
  for i = 1, J.rows do
    e.vars[row.gradient] = gradient(J, i)
    e.partners = other and { [row.gradient] = gradient(other, i) } or {}
    e.conjugate_of = e.partners -- conj(G) is the derivative by the conjugate
    lines[i] = e:value(row.rhs)
  end
  return A:build(J.rows, J.cols, function(i, j)
    return lines[i][j]
  end)
end

--- Has a variable an attribute, as declared?
function Variables:has(name, attribute)
  return self.session.attributes[attribute] ~= nil and closure(self, self.attributes[name])[attribute] == true
end

--- The matrices X of which the operator's value, coordinates of a matrix with an attribute, is each of the unit vectors. Nil where
-- nothing says it.
-- @param A the arithmetic
-- @tparam string op
-- @tparam string attribute
-- @tparam integer n the size of X
-- @tparam function value_of gives the value of a tree with some names in it: (vars, dims, tree)
function Variables:directions(A, op, attribute, n, value_of)
  local has = closure(self, { attribute })
  for _, row in ipairs(self.session.coordinates[op] or {}) do
    if contains(has, row.attributes) then
      local dims = { [row.rows or "n"] = n, [row.cols or "n"] = n }
      local zero = A:zeros(n, n)
      local count = #value_of({ [row.variable] = zero }, dims, {
        tag = "call", name = op, args = { { tag = "name", name = row.variable } } })
      local list = {}
      for k = 1, count do
        local unit = A:build(count, 1, function(i)
          return i == k and 1 or 0
        end)
        list[k] = value_of({ [row.new] = unit }, dims, row.rhs)
      end
      return list
    end
  end
end

--- What says which variable has the coordinates `by`, a tree such as vech(S): { new, rhs, dims, name } and `turned`
-- for vec(X'); or nil.
function Variables:coordinates(env, by)
  local arg = by.tag == "call" and #by.args == 1 and by.args[1]
  local turned = arg and arg.tag == "transpose"
  arg = turned and arg[1] or arg
  local rows = arg and arg.tag == "name" and self.session.coordinates[by.name]
  local x = rows and env.vars[arg.name]
  if not x then
    return nil
  end
  local has = closure(self, self.attributes[arg.name])
  for _, row in ipairs(rows) do
    if contains(has, row.attributes) then
      local dims = {}
      for key, size in pairs { rows = turned and x.cols or x.rows, cols = turned and x.rows or x.cols } do
        if row[key] then
          dims[row[key]] = size
        end
      end
      dims = setmetatable(dims, { __index = env.dims })
      return { new = row.new, rhs = row.rhs, dims = dims, name = arg.name, turned = turned }
    end
  end
  local message = string.format("say by an attribute of %s which entries vary by %s", arg.name, by.name)
  error({ trees = true, open = true, message = message }, 0)
end

return M
