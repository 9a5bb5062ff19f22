--- `Z^H`, the conjugate transpose, in trees: conj(Z)'.
--
-- @module nabla.language.adjoints

local M = {}

local function is_adjoint(t)
  return t.tag == "power" and not t.elementwise and t[2].tag == "name" and t[2].name == "H"
end

local function occurs(t)
  if type(t) ~= "table" then
    return false
  elseif is_adjoint(t) then
    return true
  end
  for _, part in pairs(t) do
    if occurs(part) then
      return true
    end
  end
  return false
end

local function copy(t)
  if type(t) ~= "table" then
    return t
  elseif is_adjoint(t) then
    local call = { tag = "call", name = "conj", args = { copy(t[1]) }, pos = t[1].pos }
    return { tag = "transpose", call, pos = t.pos, oppos = t.oppos }
  end
  local new = {}
  for key, part in pairs(t) do
    new[key] = copy(part)
  end
  return new
end

--- A tree, or a table of trees, in which `^H` is the conjugate transpose; it itself where there is none.
function M.written_out(tree)
  return occurs(tree) and copy(tree) or tree
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
