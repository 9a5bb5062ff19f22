--- The habit of the field: what an undeclared name is as long as nothing speaks against it.
--
-- @module nabla.language.habit

local greek = require "nabla.text.greek"

local M = {}

--- What an undeclared name is by the habit of the field: a..g and Greek letters scalars, h..z vectors, A..Z and Greek
-- capitals matrices.
-- @tparam string name
-- @tparam[opt] table own what rule files say of letters: name -> kind
-- @treturn string|nil "scalar", "vector" or "matrix"
function M.kind(name, own)
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
  local letter = name:match "^(%a)%d*$" or name:match "^(%a)%d*_[%w_]+$"
  if not letter then
    return nil
  elseif letter:match "[a-g]" then
    return "scalar"
  elseif letter:match "[h-z]" then
    return "vector"
  end
  return "matrix"
end

return M
