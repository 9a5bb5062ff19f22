--- Why an expression has a property: the facts of rule files that prove it, as lines for a reader.
--
-- A line is a table: `text` (what is so), and of the statement that says why `rule`, `cite`, `zh`, `file`, `line`; `declared` where a
-- declaration says it.
--
-- @module nabla.convexity.reasons

local M = {}

local MOST = 40 -- lines: a proof is read

--- A line on a statement of a rule file.
-- @tparam table session
-- @tparam integer serial the number of the rule
-- @tparam string text what it says here
function M.line(session, serial, text)
  local rule = session.rules[serial]
  return { text = text, rule = rule.name, cite = rule.cite, zh = rule.zh, file = rule.file, line = rule.line }
end

-- Add the lines for a property of a node: what it follows from comes after it.
local function add(session, property, id, list, seen)
  local text = string.format("%s(%s)", property, session:text(id))
  local obvious = #list > 0 and session.S:op(id) == "number"
  if seen[text] or #list >= MOST or obvious then
    return
  end
  seen[text] = true
  local instance = session.S:reason(property, id)[1]
  if not instance then
    list[#list + 1] = { text = text, declared = true }
    return
  end
  list[#list + 1] = M.line(session, instance.serial, text)
  for _, condition in ipairs(instance.conditions) do
    if session.attributes[condition.name] and not condition.negated then
      add(session, condition.name, condition.a, list, seen)
    end
  end
end

--- The lines that prove a property of a node; nil where it is not known to hold.
-- @tparam table session
-- @tparam string property the name of an attribute
-- @tparam integer id
function M.because(session, property, id)
  if not (session.attributes[property] and session.S:property(property, id)) then
    return nil
  end
  local list = {}
  add(session, property, id, list, {})
  return list
end

--- Two lists, one after the other; nil is none.
function M.appended(a, b)
  local list = table.move(a or {}, 1, #(a or {}), 1, {})
  return table.move(b or {}, 1, #(b or {}), #list + 1, list)
end

--- Lists one after another, each line once.
function M.joined(...)
  local list, seen = {}, {}
  for _, other in ipairs { ... } do
    for _, line in ipairs(other) do
      local key = line.text .. " " .. (line.rule or "")
      if not seen[key] then
        seen[key], list[#list + 1] = true, line
      end
    end
  end
  return list
end

return M
