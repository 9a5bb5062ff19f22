--- Numbers and texts where an expression is taken.
--
-- @module nabla.session.lift

local core = require "nabla.core"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local handles = require "nabla.session.handles"
local later = require "nabla.text.later"
local scopes = require "nabla.language.scope"
local syntax = require "nabla.language.syntax"

local shapes = later.require "nabla.text.shape"

local M = {}

local ONE = core.constants.one -- the dimension 1

--- Raise a mistake in what was given to a method, as an error of a table.
function M.stop(message, ...)
  error(setmetatable({ message = message:format(...), status = "usage" }, handles.Message), 0)
end
local stop = M.stop

-- The declared names, and those that stand in some nodes: in a text beside a node a letter is what it is in the node.
local function scope_with(session, nodes)
  local S = session.S
  local scope = scopes.scope(session.scope)
  for _, node in ipairs(nodes) do
    for _, id in ipairs(S:postorder(node)) do
      local kind = S:op(id) == "symbol" and S:kind(id)
      local name = kind and S:name(id)
      if kind == "dimension" then
        scope.dims[name] = true
      elseif kind and kind ~= "counter" and not scopes.lookup(scope, name) then
        scope.vars[name] = { id = id, rows = S:rows(id), cols = S:cols(id), kind = kind }
      end
    end
    local _, sizes = S:opennames(node)
    for name in pairs(sizes or {}) do
      scope.dims[name] = not scopes.lookup(scope, name) or nil
    end
  end
  return scope
end

-- The scope in which undeclared letters of a text are such that it has the shape of a node; or the scope itself.
local function fitting(session, scope, text, like)
  local S, tree = session.S, syntax.expression(text)
  if not tree then
    return scope
  end
  local inner = scopes.scope(scope)
  inner.vars[" like"] = { id = like, rows = S:rows(like), cols = S:cols(like), kind = "matrix" }
  local context = elaborate.context(session, { text = text, habit = true, scope = inner })
  local sides = { { tag = "name", name = " like", pos = 1 }, tree }
  local difference =
    { tag = "sum", args = sides, signs = { 1, -1 }, oppos = { false, tree.pos }, pos = tree.pos, sides = true }
  return errors.attempt(context.node, context, difference) and context.scope or scope
end

--- Read a text; its letters are what they are in the nodes near it, or as they were declared.
-- @tparam table session
-- @tparam string text
-- @tparam[opt] {integer,...} near
-- @tparam[opt] integer like a node of the shape that the text has, if its undeclared letters can have it
-- @return the id, what is remembered of the text (or nil), and the notes on what was assumed (or nil)
function M.read(session, text, near, like)
  local before = session.scope
  local scope = near and scope_with(session, near) or before
  session.scope = like and fitting(session, scope, text, like) or scope
  local done, id, context = pcall(session.read, session, text)
  session.scope = before
  if not done then
    error(id, 0)
  end
  return id, handles.remember(session, context), context.notes
end

--- A number as a node of a shape: 0 is zeros of that shape, any other number is 1 x 1.
-- @tparam table session
-- @tparam number x
-- @tparam[opt] integer like a node that has the shape
function M.number(session, x, like)
  local S = session.S
  local scalar = not like or S:rows(like) == ONE and S:cols(like) == ONE
  if x ~= x or x - x ~= 0 then
    stop("a finite number was expected, found %s", tostring(x))
  elseif scalar then
    return S:rational(x)
  elseif x == 0 then
    return S:zeros(S:rows(like), S:cols(like))
  end
  local r, c = S:dimtext(S:rows(like)), S:dimtext(S:cols(like))
  stop(
    "the number %s is 1 x 1, and %s was expected; did you mean %s*ones(%s, %s)%s?",
    tostring(x),
    shapes.of(S, like),
    tostring(x),
    r,
    c,
    r == c and " or " .. tostring(x) .. "*I(" .. r .. ")" or ""
  )
end

--- A node, a text or a number as a node of a session.
-- @tparam table session
-- @param x
-- @tparam[opt] table opts `near` (a list of ids: what letters of a text are), `like` (an id that has the shape wanted),
-- `what` (the word for it in messages)
-- @treturn integer the id
-- @return what is remembered of the text, or nil
function M.lift(session, x, opts)
  opts = opts or {}
  if type(x) == "string" then
    return M.read(session, x, opts.near, opts.like)
  elseif type(x) == "number" then
    return M.number(session, x, opts.like)
  end
  local other, id = handles.of(x)
  if not id then
    stop("%s was expected, found a %s", opts.what or "an expression, its text or a number", type(x))
  elseif other ~= session then
    stop "these nodes belong to two sessions"
  end
  return id, handles.hints[x]
end

return M
