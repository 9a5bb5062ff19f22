--- Scopes: what a text has declared, and the scopes around it.
--
-- @module nabla.language.scope

local greek = require "nabla.text.greek"

local M = {}

--- The names that a session or a rule file has declared.
--
-- @table Scope
-- @field vars name -> { id, rows, cols, kind }
-- @field dims set of dimension names
-- @field outer the scope to ask next
-- @field counts true for the scope of a counted sum, which declares its counter and nothing else
-- @field find a method that makes a name which is not among `vars` yet, or gives nil; perhaps none
function M.scope(outer)
  return { vars = { a = nil, b = nil, c = nil, d = nil }, dims = { m = nil, n = nil }, outer = outer } -- room for a few
end

--- What a name has been declared as, or nil.
function M.lookup(scope, name)
  while scope do
    local var = scope.vars[name]
    if not var and scope.find then
      var = scope:find(name)
    end
    if var then
      return var
    end
    scope = scope.outer
  end
end

--- What a scope knows of a name, or of the Greek letter that it is by its spelling: phi for φ.
function M.lookup_spelled(scope, name)
  return M.lookup(scope, name) or name:find "[\128-\255]" and M.lookup(scope, greek.spelled(name)) or nil
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

return M
