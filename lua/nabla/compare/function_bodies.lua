--- Functions that keep their names, written out: where a rule file states a body and a derivative, an expression holds the function,
-- and sizes that occur in its body as numbers are hidden there. To compare by numbers it is the body that counts.
--
-- Invariant: the rules of the session are afterwards what they were.
--
-- @module nabla.compare.function_bodies

local core = require "nabla.core"
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

-- A node with bodies in the place of the functions, whose rules act; if `chosen` is given, of those nodes only.
local function written_out(S, id, functions, chosen)
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
    if not own and functions[name] and (changed or not chosen or chosen[x]) then
      new[x] = S:apply(name, args)
    else
      new[x] = changed and S:again(x, args) or x
    end
  end
  return new[id]
end

-- The same while the rules act.
local function while_they_act(S, id, functions, chosen)
  for _, serial in pairs(functions) do
    S:rule_restore(serial, false)
  end
  local ok, result = errors.attempt(written_out, S, id, functions, chosen)
  for _, serial in pairs(functions) do
    S:rule_restore(serial, true)
  end
  if not ok then
    error(result, 0)
  end
  return result
end

--- A node in which the body of a function is written out where its arguments hold a differential: f(d(X)), for an f whose body is linear
-- in X, has then an adjoint and a Jacobian.
-- @tparam table session
-- @tparam table op the function
-- @param id a node
function M.differentials_written_out(session, op, id)
  local S, varying, chosen = session.S, {}, {}
  for _, x in ipairs(S:postorder(id)) do
    local name, own = S:op(x)
    varying[x] = own and name == "d"
    for _, arg in ipairs(own and (name == "symbol" or name == "number" or name == "variable") and {} or S:args(x)) do
      varying[x] = varying[x] or varying[arg]
    end
    chosen[x] = not own and name == op.name and varying[x] or nil
  end
  return next(chosen) and while_they_act(S, id, { [op.name] = op.unfold }, chosen) or id
end

--- A node in which families are the matrices that they are together, and members are their columns, entries and blocks. What the
-- rule files say of these acts: a counted sum over all columns becomes a product.
-- @tparam table session
-- @param id a node
function M.of_families(session, id)
  local functions = {}
  for _, property in ipairs { "member", "lone_member" } do
    local name = session.S:operator_with(property)
    functions[name or ""] = name and session.ops[name].unfold
  end
  -- what is declared of the members does not hold of the matrix
  local S, from, to = session.S, {}, {}
  for _, x in ipairs(S:postorder(id)) do
    if S:op(x) == "symbol" and S:kind(x) == "family" then
      from[#from + 1] = x
      to[#to + 1] = S:symbol(S:name(x), core.constants.kinds.family, 0, S:rows(x), S:cols(x))
    end
  end
  return while_they_act(S, S:replace(id, from, to), functions)
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
    id = while_they_act(S, id, functions)
  end
  return id
end

return M
