--- The tree that a call of a function of a variable stands for (nabla.rules.formulas).
--
-- @module nabla.language.formula

local M = {}

--- The body of a formula with the arguments of a call in their places; errors in it point at the call.
-- @tparam table formula params (names), body
-- @tparam table ast the call
-- @treturn table a tree
function M.written_out(formula, ast)
  local args = {}
  for i, name in ipairs(formula.params) do
    args[name] = ast.args[i]
  end
  local function copy(tree)
    if type(tree) ~= "table" then
      return tree
    elseif tree.tag == "name" and args[tree.name] then
      return args[tree.name]
    end
    local out = {}
    for key, part in pairs(tree) do
      out[key] = copy(part)
    end
    out.pos = tree.pos and ast.pos
    return out
  end
  local function called(tree) -- f(x) in the body, f an argument that is a function
    if type(tree) == "table" then
      if tree.tag == "call" and args[tree.name] and args[tree.name].tag == "name" then
        tree.name = args[tree.name].name
      end
      for _, part in pairs(tree) do
        called(part)
      end
    end
    return tree
  end
  return called(copy(formula.body))
end

return M
