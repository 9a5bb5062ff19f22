--- Functions that keep their names, written out: where a rule file states a body and a derivative, an expression holds the function,
-- and sizes that occur in its body as numbers are hidden there. To compare by numbers it is the body that counts.
--
-- Invariant: the rules of the session are afterwards what they were.
--
-- @module nabla.compare.bodies

local errors = require "nabla.text.errors"

local M = {}

-- The functions of a rule file's own in a node that have a body: name -> the number of the rule that writes it.
local function functions_in(session, id)
  local S, found = session.S, {}
  for _, x in ipairs(S:postorder(id)) do
    local name, own = S:op(x)
    local op = not own and session.ops[name]
    found[name] = op and not op.standard and op.unfold or nil
  end
  return found
end

-- A node with bodies in the place of the functions, whose rules act.
local function written_out(S, id, functions)
  local new = {}
  for _, x in ipairs(S:postorder(id)) do
    local args, changed = S:args(x), false
    local name, own = S:op(x)
    if own and (name == "symbol" or name == "number" or name == "variable") then
      args = {}
    end
    for i, arg in ipairs(args) do
      args[i] = new[arg] or arg
      changed = changed or args[i] ~= arg
    end
    if not own and functions[name] then
      new[x] = S:apply(name, args)
    else
      new[x] = changed and S:again(x, args) or x
    end
  end
  return new[id]
end

--- A node in which the bodies of functions are written out.
-- @tparam table session
-- @param id a node
function M.written_out(session, id)
  local S = session.S
  for _ = 1, 20 do -- bodies may hold functions
    local functions = functions_in(session, id)
    if not next(functions) then
      return id
    end
    for _, serial in pairs(functions) do
      S:rule_restore(serial, false)
    end
    local ok, result = errors.attempt(written_out, S, id, functions)
    for _, serial in pairs(functions) do
      S:rule_restore(serial, true)
    end
    if not ok then
      error(result, 0)
    end
    id = result
  end
  return id
end

return M
