--- What a page defines, put in its place.
--
-- @module nabla.identify.substitution

local copy_tree = require("nabla.language.tree").copy
local errors = require "nabla.text.errors"
local slips = require "nabla.identify.slips"

local M = {}

--- What a name stands for, put in its place: `with` is { name =, value =, parameter = }; f(x) takes the parameter x.
function M.substitute(tree, with)
  if type(tree) ~= "table" then
    return tree
  end
  local function value(argument)
    local copy = copy_tree(with.value)
    if argument and with.parameter then
      copy = M.substitute(copy, { name = with.parameter, value = argument })
    end
    return slips.bracketed(copy)
  end
  if tree.tag == "name" and tree.name == with.name then
    return value()
  elseif tree.tag == "call" and tree.name == with.name and #tree.args == 1 and with.parameter then
    return value(M.substitute(tree.args[1], with))
  end
  for k, v in pairs(tree) do
    if type(v) == "table" then
      tree[k] = M.substitute(v, with)
    end
  end
  return tree
end

--- The error of a text, raised.
function M.stopper(text)
  return function(pos, message, hint)
    error(errors.at { text = text, pos = pos, message = message, hint = hint }, 0)
  end
end

return M
