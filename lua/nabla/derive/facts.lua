--- What is known of letters, as a reason for a line: "A is symmetric".
--
-- @module nabla.derive.facts

local core = require "nabla.core"

local M = {}

--- The methods of the engine that bring a node to its simplest form, one after the other.
M.SIMPLIFY = { "simplify", "expand", "simplify" }

--- What is known of the letters of a node that a rule for a property has rewritten: { letter, property, id = node } for each, into
-- a list.
function M.note(S, rule, node, facts)
  for _, x in ipairs(S:postorder(node)) do
    local name = S:op(x) == "symbol" and S:kind(x) ~= "dimension" and S:name(x)
    local key = name and name .. " " .. rule.asks_for
    if key and not facts[key] and S:property(rule.asks_for, x) then
      facts[key] = true
      facts[#facts + 1] = { name, rule.asks_for, id = x }
    end
  end
end

local function simplest(S, id)
  for _, method in ipairs(M.SIMPLIFY) do
    id = S[method](S, id)
  end
  return id
end

-- A symbol of the shape of another, with attributes (bits).
local function like(S, letter, name, attributes)
  return S:symbol(name, core.constants.kinds.matrix, attributes, S:rows(letter), S:cols(letter))
end

-- What rules ask of the letters of a node on the way to its simplest form: { name, attribute, id } for each.
local function facts_asked_for(session, node)
  local S, facts = session.S, {}
  S:log "all"
  simplest(S, node)
  local log = S:log()
  S:log(false)
  for i = 1, #log, 3 do
    local rule = session.rules[log[i]]
    if rule and rule.asks_for then
      M.note(S, rule, log[i + 1], facts)
    end
  end
  table.sort(facts, function(a, b)
    return a[1] < b[1] or a[1] == b[1] and a[2] < b[2]
  end)
  return facts
end

--- What is known of letters that leads from one node to another: { letter, attribute, id } for each, without which the two have
-- other simplest forms. The engine keeps one writing of a scalar, so S may be what has become of S' in it, and no rule that it
-- notes has its left side in the node.
function M.between(session, a, b)
  local S, needed = session.S, {}
  for _, fact in ipairs(facts_asked_for(session, a)) do
    local bare = { like(S, fact.id, " bare", 0) }
    if simplest(S, S:replace(a, { fact.id }, bare)) ~= simplest(S, S:replace(b, { fact.id }, bare)) then
      needed[#needed + 1] = fact
    end
  end
  return needed
end

return M
