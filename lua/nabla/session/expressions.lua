--- What a script does with expressions besides differentiating them: substitution, parts, patterns.
--
-- Each operation is a method of nodes, which raises what is wrong at the caller's line, and a method of sessions that takes a
-- node or a text and gives nil and the error. The work on ids is in nabla.algebra.
--
-- @module nabla.session.expressions

local handles = require "nabla.session.handles"
local lift = require "nabla.session.lift"
local shapes = require "nabla.text.shape"
local subst = require "nabla.algebra.subst"

local M = {}

local stop = lift.stop

-- Each operation gets the session, the id of the node, what is remembered of its text, and the arguments of the call.
local operations = {}

-- ---------------------------------------------------------------------------------------------- substitution

-- A pair of what is sought and what is put in its place, as ids.
local function pair(session, id, from, to)
  local S = session.S
  local x = lift.lift(session, from, { near = { id } })
  local y = lift.lift(session, to, { near = { id, x }, like = x })
  if S:rows(x) ~= S:rows(y) or S:cols(x) ~= S:cols(y) then
    local names = { session:text(x), session:text(y) }
    local hint = S:rows(x) == S:cols(y) and S:cols(x) == S:rows(y) and "; did you mean its transpose?" or ""
    stop("%s is %s and %s is %s%s", names[1], shapes.of(S, x), names[2], shapes.of(S, y), hint)
  end
  local op, own = S:op(x)
  if own and (op == "number" or op == "zeros") then
    stop("an expression is replaced, not the number %s", session:text(x))
  elseif own and op == "symbol" and S:kind(x) == "dimension" then
    stop("%s is a size: matrices have it, so it cannot be replaced", S:name(x))
  end
  return { x, y }
end

-- The pairs that the arguments of subst and replace say.
local function pairs_of(session, id, from, to)
  if type(from) ~= "table" then
    if from == nil or to == nil then
      stop "what is sought and what is put in its place were expected"
    end
    return { pair(session, id, from, to) }
  elseif to ~= nil then
    stop "a table of what is sought and what is put in its place is the only argument"
  elseif from.left ~= nil and from.right ~= nil then
    return { pair(session, id, from.left, from.right) }
  end
  local list = {}
  for x, y in pairs(from) do
    list[#list + 1] = pair(session, id, x, y)
  end
  table.sort(list, function(a, b)
    return a[1] < b[1]
  end)
  for i = 2, #list do
    if list[i][1] == list[i - 1][1] and list[i][2] ~= list[i - 1][2] then
      stop("%s is to be replaced in two ways", session:text(list[i][1]))
    end
  end
  return list
end

--- Substitute: what is sought is found inside products, sums, powers and traces, up to sign, and transposed.
--
--     n:subst(A*x - b, r)            2*A'*(A*x - b) gives 2*A'*r
--     n:subst { [a] = b, [b] = a }   all at once
--     n:subst(e)                     for an equation e: its left side becomes its right side
--
-- @function node:subst
-- @param from a node, a text, an equation, or a table of pairs
-- @param[opt] to a node, a text or a number of the same shape; 0 is zeros
-- @return the node, and how often something was replaced
function operations.subst(session, id, hint, from, to)
  local result, count = subst.subst(session.S, id, pairs_of(session, id, from, to))
  return session:wrap(result, hint), count
end

--- The node with every part that is exactly `from` replaced by `to`, and how often that was; the arguments are those of subst.
-- @function node:replace
function operations.replace(session, id, hint, from, to)
  local x, y = {}, {}
  for i, p in ipairs(pairs_of(session, id, from, to)) do
    x[i], y[i] = p[1], p[2]
  end
  local result, count = subst.replace(session.S, id, x, y)
  return session:wrap(result, hint), count
end

-- ---------------------------------------------------------------------------------------------- methods

-- The results of a pcall, or the error, raised at a level.
local function raised(level, done, first, ...)
  if done then
    return first, ...
  end
  local message = type(first) == "table" and first.message and tostring(first) or first
  error(message, level + 1)
end

--- The operations as methods of nodes.
M.of_nodes = {}

--- The same as methods of sessions.
M.of_sessions = {}

for name, operation in pairs(operations) do
  M.of_nodes[name] = function(a, ...)
    local session, id = handles.of(a)
    if not id then
      error(name .. " is a method of nodes: node:" .. name .. "(..)", 2)
    end
    session.S:begin()
    return raised(2, pcall(operation, session, id, handles.hints[a], ...))
  end
  M.of_sessions[name] = function(session, f, ...)
    session.S:begin()
    return handles.try(function(...)
      local id, hint = lift.lift(session, f)
      return operation(session, id, hint, ...)
    end, ...)
  end
end

return M
