--- The derivation of an equality: the chain of rules that leads from one expression to the other.
--
-- Both sides are simplified, expanded and simplified again, with the rules noted; where the two chains meet, the second is read
-- backwards. A chain exists only where the rules bring both sides to one form.
--
-- @module nabla.derive.equality

local compose = require "nabla.derive.compose"
local builder = require "nabla.derive.builder"
local facts = require "nabla.derive.facts"
local laws = require "nabla.derive.laws"

local SIMPLIFY = facts.SIMPLIFY

-- The nodes from a node to its simplest form: { node, serial, before } or { node, word, facts } for each step, `before` the
-- part that the rule has rewritten.
local function chain(session, id)
  local S = session.S
  local list = { { node = id } }
  local function add(node, step)
    if node ~= list[#list].node then
      step.node = node
      list[#list + 1] = step
    end
  end
  for _, method in ipairs(SIMPLIFY) do
    local at = list[#list].node
    S:log(true)
    local after = S[method](S, at)
    local log = S:log()
    S:log(false)
    for i = 1, #log, 3 do
      if at == after then
        break
      end
      at = S:replace(at, { log[i + 1] }, { log[i + 2] })
      add(at, { serial = log[i], before = log[i + 1] })
    end
    local known = at ~= after and facts.between(session, at, after) or nil
    add(after, { word = method == "expand" and "expanded" or "simplified", facts = known })
  end
  return list
end

-- Where two chains meet first: the position in each; nil where they do not.
local function meeting(first, second)
  local at = {}
  for i = #first, 1, -1 do
    at[first[i].node] = i
  end
  for j, step in ipairs(second) do
    if at[step.node] then
      return at[step.node], j
    end
  end
end

-- The lines of one derivation.
local Lines = {}
Lines.__index = Lines

-- The reason for a line that no rule and no fact gives.
function Lines:say_laws(line)
  local words, by = self.w.words, self.by_laws
  local between = laws.between(self.w.W, by.before, line.right)
  if between then
    words:joined_line(between, line)
  else
    words:line(by.word, {}, line)
  end
end

-- A line, if its right side says something new. `by`: by what it is reached.
function Lines:add(right, by)
  local text, w = compose.text(right), self.w
  if text == self.last then
    return
  end
  local before = self.tree
  self.last, self.tree = text, right
  local line = { kind = "rewrite", left = self.left, right = right, serials = by.serials or { by.serial } }
  self.by_laws = nil
  local used, known = by.facts or {}, w.session.rules[by.serial]
  if known and known.asks_for then
    facts.note(w.S, known, by.before, used)
  end
  local rule, zh, cite, others = w.words:named(line.serials)
  if #used > 0 then
    w.words:facts_line(used, line)
  elseif rule then
    line.rule, line.zh, line.cite, line.titles = rule, zh, cite, others
  else
    self.by_laws = { before = before, word = by.word or "simplified" }
    self:say_laws(line)
  end
  w.derivation:add(line)
end

--- Derive.
-- @tparam table session
-- @param p an id
-- @param q an id
-- @tparam table contexts those that have read the texts of p and q; an empty table: the nodes are printed
-- @tparam table how see nabla.derive.builder; `built`: the numbers of the rules that applied when the nodes were made
-- @return a derivation (nabla.Derivation), or nil
return function(session, p, q, contexts, how)
  local S = session.S
  how.variables = {}
  local first, second = chain(session, p), chain(session, q)
  local i, j = meeting(first, second)
  if not i then
    return nil
  end
  local function new(id, context)
    local w = builder.new(session, id, context, how)
    -- nothing is differentiated: any symbol will do for the variable
    return w:by(S:symbol(" none", 0, 0, S:dim "1", S:dim "1"))
  end
  local w, other = new(p, contexts[1]), new(q, contexts[2])
  local left, right = w:as_written(), other:as_written()
  w.words:order_by(left)
  local made = { serials = how.built, word = "normal" }
  local lines = setmetatable({ w = w, left = left, last = compose.text(left), tree = left }, Lines)
  lines:add(w.D:print(p), made)
  for k = 2, i do
    lines:add(w.D:print(first[k].node), first[k])
  end
  for k = j, 2, -1 do
    lines:add(w.D:print(second[k - 1].node), second[k])
  end
  local last = w.derivation[#w.derivation]
  if last then -- the second expression, as it was written
    last.right = right
    if lines.by_laws then
      lines:say_laws(last)
    end
  else
    lines:add(right, made)
  end
  return #w.derivation > 0 and w.derivation or nil
end
