--- The derivation of an equality: the chain of rules that leads from one expression to the other.
--
-- Both sides are simplified, expanded and simplified again, with the rules noted; where the two chains meet, the second is read
-- backwards. A chain exists only where the rules bring both sides to one form.
--
-- @module nabla.derive.equality

local canonical = require "nabla.derive.canonical"
local core = require "nabla.core"
local format = require "nabla.print.format"
local builder = require "nabla.derive.builder"

local SIMPLIFY = { "simplify", "expand", "simplify" }

local function simplest(S, id)
  for _, method in ipairs(SIMPLIFY) do
    id = S[method](S, id)
  end
  return id
end

-- A symbol of the shape of another, with attributes (bits).
local function like(S, letter, name, attributes)
  return S:symbol(name, core.constants.kinds.matrix, attributes, S:rows(letter), S:cols(letter))
end

local copies_made = 0

-- What rules ask of the letters of a node on the way to its simplest form: { name, attribute, id } for each. The engine remembers
-- simplest forms, and notes no rule then: copies of the letters are new to it.
local function facts_asked_for(session, node)
  local S, letters, copies, original = session.S, {}, {}, {}
  for _, x in ipairs(S:postorder(node)) do
    if S:op(x) == "symbol" and S:kind(x) ~= "dimension" and S:attributes(x) ~= 0 then
      copies_made = copies_made + 1
      local copy = like(S, x, " copy " .. copies_made, S:attributes(x))
      letters[#letters + 1], copies[#copies + 1], original[copy] = x, copy, x
    end
  end
  local copied, facts = S:replace(node, letters, copies), {}
  S:log(true)
  simplest(S, copied)
  local log = S:log()
  S:log(false)
  for i = 1, #log, 3 do
    local rule = session.rules[log[i]]
    if rule and rule.asks_for then
      canonical.note_facts(S, rule, log[i + 1], facts)
    end
  end
  for _, fact in ipairs(facts) do
    fact.id = original[fact.id] or fact.id
    fact[1] = S:name(fact.id)
  end
  return facts
end

-- What is known of letters that leads from one node to another: without it the two have other simplest forms. The engine keeps one
-- writing of a scalar, so S may be what has become of S' in it, and no rule that it notes has its left side in the node.
local function facts_between(session, a, b)
  local S, needed = session.S, {}
  for _, fact in ipairs(facts_asked_for(session, a)) do
    local bare = { like(S, fact.id, " bare", 0) }
    if simplest(S, S:replace(a, { fact.id }, bare)) ~= simplest(S, S:replace(b, { fact.id }, bare)) then
      needed[#needed + 1] = fact
    end
  end
  return needed
end

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
    local facts = at ~= after and facts_between(session, at, after) or nil
    add(after, { word = method == "expand" and "expanded" or "simplified", facts = facts })
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

-- A line, if its right side says something new. `by`: by what it is reached.
function Lines:add(right, by)
  local text, w = format.text(right), self.w
  if text == self.last then
    return
  end
  self.last = text
  local line = { kind = "rewrite", left = self.left, right = right, serials = by.serials or { by.serial } }
  local facts, known = by.facts or {}, w.session.rules[by.serial]
  if known and known.asks_for then
    canonical.note_facts(w.S, known, by.before, facts)
  end
  local rule, zh, cite, others = w.words:named(line.serials)
  if #facts > 0 then
    w.words:facts_line(facts, line)
  elseif rule then
    line.rule, line.zh, line.cite, line.titles = rule, zh, cite, others
  else
    w.words:line(by.word or "simplified", {}, line)
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
  local lines = setmetatable({ w = w, left = left, last = format.text(left) }, Lines)
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
  else
    lines:add(right, made)
  end
  return #w.derivation > 0 and w.derivation or nil
end
