--- Letters of a statement whose value a condition gives: by `conj(A)' == B` the value of B is that of conj(A)'.
--
-- @module nabla.check.given

local conjugates = require "nabla.check.conjugates"
local trees = require "nabla.language.tree"

local M = {}

-- The name that a condition gives, and the tree of its value; nil where it gives none.
local function given_by(condition, taken)
  if condition.tag ~= "compare" or condition.op ~= "==" then
    return nil
  end
  for side = 1, 2 do
    local name, value = condition[side], condition[3 - side]
    local own = name.tag == "name" and trees.names(value)
    if own and not own[name.name] and not taken[name.name] then
      for other in pairs(own) do
        own = own and not taken[other] and own
      end
      return own and name.name, value
    end
  end
end

--- What conditions give: a list of { name, tree }.
-- @tparam table conditions trees
function M.list(conditions)
  local list, taken = {}, {}
  for _, condition in ipairs(conditions) do
    local name, value = given_by(condition, taken)
    if name then
      list[#list + 1], taken[name] = { name, value }, true
    end
  end
  return list
end

--- Give letters these values in an environment of nabla.check.tree_value.
function M.assign(list, env)
  for _, item in ipairs(list) do
    local name, old = item[1], env.vars[item[1]]
    local v = old and env:value(item[2])
    if v and v.rows == old.rows and v.cols == old.cols then
      if env.partners[name] then
        env.partners[name] = conjugates.value_exchanged(env, item[2])
      end
      env.vars[name] = v
    end
  end
end

return M
