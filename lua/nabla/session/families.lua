--- Families as matrices: the method `as_matrices` of a session.
--
-- @submodule nabla.Session

local bodies = require "nabla.compare.function_bodies"
local core = require "nabla.core"
local differentiate = require "nabla.session.differentiate"
local families = require "nabla.language.families"
local scopes = require "nabla.language.scope"
local syntax = require "nabla.language.syntax"

local M = {}

local KIND = core.constants.kinds

-- The families that an expression has members of: name -> variable.
local function families_in(self, id)
  local scope = scopes.scope()
  families.add_known(self.S, id, scope)
  return scope.vars
end

-- Is a name free for the matrix of a family?
local function is_free(self, id, name)
  if scopes.lookup(self.scope, name) or scopes.is_dimension(self.scope, name) or self.ops[name] then
    return false
  end
  for _, x in ipairs(self.S:postorder(id)) do
    if self.S:op(x) == "symbol" and self.S:name(x) == name then
      return false
    end
  end
  return true
end

-- The name of the matrix of a family, where nobody says one: X of x_i, y of scalars y_i, R of r_ik.
local function name_for(self, id, var)
  local S, base = self.S, var.name:sub(1, -2)
  local one = S:rows(var.id) == 1 or S:cols(var.id) == 1
  local name = not one and base:find "^%l$" and base:upper() or base
  return is_free(self, id, name) and name or nil
end

--- An expression in which each family is one matrix: the vectors x_1, .., x_N are the columns of X, scalars y_1, .., y_N the entries
-- of y, r_ik the entries of R, matrices are side by side. Counted sums over all members become products where there is one.
-- @param f a node or a text
-- @tparam[opt] table names the names of the matrices by the letter of the family, such as { x = "X" }. Else a family x_i of vectors
-- or of two indices is X, one of scalars x, or x_ where that means something else already
-- @return the node, or nil and the error
function M:as_matrices(f, names)
  self.S:begin()
  return differentiate.try(self, function()
    local S = self.S
    local id = differentiate.expression(self, f, 5)
    local known = families_in(self, id)
    for letter, name in pairs(names or {}) do
      if not known[letter .. "_"] then
        error({ status = "usage", message = ("the expression has no family %s_i"):format(letter) }, 0)
      elseif not syntax.is_name(name) or not is_free(self, id, name) and name ~= letter then
        error({ status = "usage", message = ("'%s' is no free name for a matrix"):format(tostring(name)) }, 0)
      end
    end
    local from, to = {}, {}
    for name, var in pairs(known) do
      local new = names and names[name:sub(1, -2)] or name_for(self, id, var)
      if new then
        local kind = S:cols(var.id) == 1 and (S:rows(var.id) == 1 and "scalar" or "vector") or "matrix"
        from[#from + 1] = S:symbol(var.name, KIND.family, 0, var.rows, var.cols)
        to[#to + 1] = S:symbol(new, KIND[kind], 0, var.rows, var.cols)
      end
    end
    local whole = S:replace(bodies.of_families(self, id), from, to)
    return self:wrap(S:textbook(whole, whole))
  end)
end

return M
