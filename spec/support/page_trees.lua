--- Trees of the parser of pages as texts, with what they leave open.

local syntax = require "nabla.language.syntax"

local M = {}

local function shown(tree)
  if type(tree) ~= "table" then
    return tree
  end
  local copy = {}
  for key, part in pairs(tree) do
    copy[key] = shown(part)
  end
  local function call(name, ...)
    return { tag = "call", name = name, args = { ... }, pos = tree.pos }
  end
  if tree.tag == "apply" then
    return call("apply", copy.head, table.unpack(copy.args))
  elseif tree.tag == "sub" then
    return { tag = "name", name = tree.base .. "_" .. tree.index, pos = tree.pos }
  elseif tree.tag == "bars" or tree.tag == "norm" then
    local index = tree.index and { tag = "name", name = tree.index } or nil
    return call(tree.tag, copy[1], index)
  elseif tree.tag == "pair" then
    return call("pair", copy[1], copy[2])
  end
  return copy
end

--- A tree as a text with all its brackets; `apply(f, x)` is a letter before a bracket.
function M.dump(tree)
  return syntax.dump(shown(tree))
end

return M
