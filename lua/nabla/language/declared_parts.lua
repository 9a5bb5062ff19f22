--- What both short ways to a node have in common (nabla.language.build_declared, of texts, and build_pattern, of the sides of rules):
-- constants of given sizes, and names of operators as arguments. Nil where the passes are to do it.
--
-- @module nabla.language.declared_parts

local core = require "nabla.core"
local scopes = require "nabla.language.scope"

local M = {}

local ONE = core.constants.one -- the dimension 1

--- I, ones, zeros of given sizes: by name, a function of the store and the sizes.
M.constants = {
  I = function(S, n, more)
    return not more and S:identity(n) or nil
  end,
  ones = function(S, m, n)
    return S:ones(m, n or ONE)
  end,
  zeros = function(S, m, n)
    return S:zeros(m, n or ONE)
  end,
}

--- The node of a call of a constant.
function M.constant(c, ast)
  local args = ast.args
  if #args == 1 or #args == 2 then
    return M.constants[ast.name](c.S, c:dimension(args[1]), args[2] and c:dimension(args[2]))
  end
end

--- The name of an operator as an argument: a variable, or itself.
-- @param c the context
-- @tparam table scope
-- @tparam table arg a tree
-- @tparam string flag what the operator has to be
function M.operator_name(c, scope, arg, flag)
  local var = arg.tag == "name" and scopes.lookup(scope, arg.name)
  local op = arg.tag == "name" and c.ops[arg.name]
  if var and var.kind == "operator" then
    return var.id
  end
  return op and not op.gone and op[flag] and c.S:opname(arg.name) or nil
end

return M
