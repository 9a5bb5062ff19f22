--- Naming: what a text has declared, and what an undeclared letter is by the habit of the field.
--
-- @module nabla.language.naming

local core = require "nabla.core"
local greek = require "nabla.text.greek"

local M = {}

--- The kinds of symbols and of rule variables: name -> number of the engine.
M.KIND = core.constants.kinds

--- What an undeclared name is by the habit of the field: a..g and Greek letters scalars, h..z vectors, A..Z and Greek
-- capitals matrices.
-- @tparam string name
-- @tparam[opt] table own what rule files say of letters: name -> kind
-- @treturn string|nil "scalar", "vector" or "matrix"
function M.habit(name, own)
  name = name:match "^(.-)d?dot$" or name -- xdot is what x is
  local base = name:match "^([%a\128-\255]+)_?%d*$" or name:match "^([%a\128-\255]+)_[%w_]+$" or name
  local said = own and (own[name] or own[base] or own[greek.spelled(base)])
  if said then
    return said
  end
  if greek.small[base] then
    return "scalar"
  elseif greek.capital[base] then
    return "matrix"
  end
  local letter = name:match "^(%a)%d*$" or name:match "^(%a)_[%w_]+$"
  if not letter then
    return nil
  elseif letter:match "[a-g]" then
    return "scalar"
  elseif letter:match "[h-z]" then
    return "vector"
  end
  return "matrix"
end

--- The names that a session or a rule file has declared.
--
-- @table Scope
-- @field vars name -> { id, rows, cols, kind }
-- @field dims set of dimension names
-- @field outer the scope to ask next
-- @field counts true for the scope of a counted sum, which declares its counter and nothing else
-- @field find a method that makes a name which is not among `vars` yet, or gives nil; perhaps none
function M.scope(outer)
  return { vars = {}, dims = {}, outer = outer }
end

--- What a name has been declared as, or nil.
function M.lookup(scope, name)
  while scope do
    local var = scope.vars[name] or scope.find and scope:find(name)
    if var then
      return var
    end
    scope = scope.outer
  end
end

--- Is it the name of a dimension?
function M.is_dimension(scope, name)
  while scope do
    if scope.dims[name] then
      return true
    end
    scope = scope.outer
  end
  return false
end

--- All that is declared, in one list.
function M.declared(scope)
  local list = {}
  while scope do
    for _, set in ipairs { scope.vars, scope.dims, scope.declared } do
      for name in pairs(set) do
        list[#list + 1] = name
      end
    end
    scope = scope.outer
  end
  return list
end

--- How functions of other programs and papers are written here.
M.written = {
  ln = "log(x)",
  Tr = "tr(X)",
  Det = "det(X)",
  norm = "norm2(x), norm1(x) or norminf(x)",
  min = "-max(-x)",
  std = "sqrt(var(x))",
  inner = "tr(X'*Y), or x'*y",
  outer = "x*y'",
  arcsin = "asin(x)",
  arccos = "acos(x)",
  arctan = "atan(x)",
  log1p = "log(1 + x)",
  expm1 = "exp(x) - 1",
  vecdot = "x'*y",
  solve = "inv(A)*b",
  hadamard = "X.*Y",
}

return M
