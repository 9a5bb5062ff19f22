--- Handles: the nodes of a store as values of Lua, and the failures of the engine as errors of Lua.
--
-- A handle keeps its store, and the store its session; beside a handle may be a hint, how the text was written
-- that it came from. Invariant: an id belongs to the store of the session that it is used with, or `id_of` raises an
-- error.
--
-- @module nabla.session.handles

local core = require "nabla.core"
local errors = require "nabla.text.errors"

local M = {}

-- Which session a store belongs to, for handles: a handle keeps its store, and the store its session.
local sessions = setmetatable({}, { __mode = "k" })
-- What is remembered of the text that a handle came from.
local hints = setmetatable({}, { __mode = "k" })

-- What is remembered of a text without sums, chains, undeclared letters and decimals.
local NOTHING = { sums = {}, turned = {}, letters = {}, keep = {} }
M.NOTHING = NOTHING

local Message = {
  __tostring = function(e)
    return e.message
  end,
}

-- Any failure as an error that prints.
local function as_error(e)
  if errors.is_error(e) then
    return e
  elseif type(e) == "table" and e.message then
    return setmetatable({ message = e.message, status = e.status }, Message)
  end
  return nil
end

--- The words of a failure: with its place and a caret, where it is about a text.
function M.words(e)
  local known = as_error(e)
  return known and tostring(known) or e
end

-- What a pcall has given: the results, or nil and the error.
local function outcome(done, a, ...)
  if done then
    return a, ...
  end
  local e = as_error(a)
  if not e then
    if type(a) == "string" and a:match "stack overflow" then
      return nil, setmetatable({ message = "the expression is nested too deeply", status = "limit" }, Message)
    end
    error(a, 0)
  end
  return nil, e
end

-- Call f; on an engine's or text's failure return nil and the error; a bug is raised.
local function try(f, ...)
  return outcome(pcall(f, ...))
end

local function unpinned(self, ...)
  self.S:pin(false)
  return outcome(...)
end

--- As `try`, of a function that calls others which begin pieces of work of their own, as evaluations are: the ids of nodes stay.
function M.try_pinned(self, f, ...)
  self.S:pin(true)
  return unpinned(self, pcall(f, ...))
end

-- ---------------------------------------------------------------------------------------------- handles

-- A result, and the notes on it if there are any: a call has no more results than it needs.
local function told(node, list)
  if list then
    return node, list
  end
  return node
end

-- The id of a handle of this session, or nil.
local function id_of(self, x)
  local S, id = core.unwrap(x)
  if not S then
    return nil
  elseif S ~= self.S then
    error("this node belongs to another session", 3)
  end
  return id
end

--- A handle of an id of this session. Equal nodes have one handle: of the texts that it came from the last one is remembered, so that
-- no earlier text has a say in how an answer is printed.
function M.wrap(self, id, hint)
  local h = self.S:handle(id)
  if hint == NOTHING then
    if hints[h] then
      hints[h] = nil
    end
  elseif hint then
    hints[h], self.has_hints = hint, true
  end
  return h
end

--- Forget the texts that the handles of a session came from: what is printed depends on later texts alone.
function M.forget(self)
  if not self.has_hints then
    return
  end
  self.has_hints = nil
  for h in pairs(hints) do
    if core.unwrap(h) == self.S then
      hints[h] = nil
    end
  end
end

-- An unknown function by its name alone stands for its value at its declared argument.
local function value_of(S, id)
  return S:op(id) == "function" and S:call(id, S:declared_argument(id)) or id
end

--- The session of a node, and its id.
function M.of(node)
  local S, id = core.unwrap(node)
  return S and sessions[S], id and value_of(S, id)
end

--- The same for a node that may be an unknown function itself, not its value.
function M.function_of(node)
  local S, id = core.unwrap(node)
  return S and sessions[S], id
end

-- What is remembered of an elaborated text: for the printer, how its sums and scalar chains were written in it, and how many digits its
-- decimals had; and its undeclared letters. Handles keep the ids from being reused.
local function remember(self, context)
  local sums, chains, letters = context.sums, context.chains, context.letters
  if #sums == 0 and #chains == 0 and #letters == 0 and not context.decimals then
    return NOTHING
  end
  local S = self.S
  local hint = { sums = {}, turned = {}, letters = letters, keep = {}, decimals = context.decimals }
  hint.powers = context.powers
  for _, chain in ipairs(chains) do
    hint.keep[#hint.keep + 1] = S:handle(chain.id)
    hint.turned[chain.id] = true
  end
  for _, letter in ipairs(letters) do
    hint.keep[#hint.keep + 1] = S:handle(letter.id)
  end
  for _, sum in ipairs(sums) do
    S:note_sum(hint.sums, hint.keep, sum.id, sum.terms)
  end
  return hint
end

--- Iterate over the sessions that are alive: `for _, session in handles.sessions() do`.
function M.sessions()
  return pairs(sessions)
end

--- Which session a store belongs to.
function M.belongs(S, session)
  sessions[S] = session
end

M.Message, M.hints = Message, hints
M.try, M.told, M.id_of, M.value_of, M.remember = try, told, id_of, value_of, remember
return M
