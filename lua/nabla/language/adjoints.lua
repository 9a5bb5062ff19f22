--- `Z^H`, the conjugate transpose, in trees: conj(Z)'.
--
-- @module nabla.language.adjoints

local M = {}

-- `only_raised`: Zᴴ alone is one, for H is a letter.
local function is_adjoint(t, only_raised)
  local power = t.tag == "power" and not t.elementwise and t[2].tag == "name" and t[2].name == "H"
  return power and (t.adjoint or not only_raised) or t.tag == "transpose" and t.adjoint ~= nil
end

local function occurs(t, only_raised)
  if type(t) ~= "table" then
    return false
  elseif is_adjoint(t, only_raised) then
    return true
  end
  for _, part in pairs(t) do
    if occurs(part, only_raised) then
      return true
    end
  end
  return false
end

local function copy(t, only_raised)
  if type(t) ~= "table" then
    return t
  elseif is_adjoint(t, only_raised) then
    local call = { tag = "call", name = "conj", args = { copy(t[1], only_raised) }, pos = t[1].pos }
    return { tag = "transpose", call, pos = t.pos, oppos = t.oppos }
  end
  local new = {}
  for key, part in pairs(t) do
    new[key] = copy(part, only_raised)
  end
  return new
end

--- A tree, or a table of trees, in which `^H` is the conjugate transpose; it itself where there is none.
-- @tparam table tree
-- @tparam[opt] boolean only_raised in Zᴴ it is one, in Z^H the letter H is a power
function M.written_out(tree, only_raised)
  return occurs(tree, only_raised) and copy(tree, only_raised) or tree
end

--- The statements of a rule file, in which `^H` is the conjugate transpose, unless the file declares a scalar H.
-- @tparam table list
-- @tparam string text of the file
function M.in_file(list, text)
  if not text:find("^H", 1, true) or text:find "scalar%s+H%f[^%w_]" or text:find "number%s+H%f[^%w_]" then
    return list
  end
  for i, statement in ipairs(list) do
    list[i] = M.written_out(statement)
  end
  return list
end

return M
