--- The derivation of a simplified form: the expression as it was written, rewritten rule by rule.
--
-- The engine logs each rule that it applies, with the node before and after; it also tries forms that it does not keep. A line
-- stands for a rule whose left node is in the line before; what collecting and expanding did is the last line.
--
-- @module nabla.derive.simplification

local builder = require "nabla.derive.builder"

-- Is a node in another?
local function stands_in(S, part, whole)
  for _, x in ipairs(S:postorder(whole)) do
    if x == part then
      return true
    end
  end
  return false
end

--- Derive.
-- @tparam table session
-- @param f an id
-- @tparam table|nil context the context that has read the text of f; nil: f is printed
-- @tparam table how see nabla.derive.builder; `log`: the triples of rule, node, node that gave the form; `answer_id`: the
-- form
-- @return a derivation (nabla.Derivation)
return function(session, f, context, how)
  local S = session.S
  how.variables = {}
  local w = builder.new(session, f, context, how)
  -- nothing is differentiated: any symbol will do for the variable
  w:by(S:symbol(" none", 0, 0, S:dim "1", S:dim "1"))
  w:given()
  local at = f
  for i = 1, #how.log, 3 do
    local before, after = how.log[i + 1], how.log[i + 2]
    if at ~= how.answer_id and stands_in(S, before, at) then
      local next_one = S:replace(at, { before }, { after })
      local right = w.D:print(next_one)
      if next_one ~= at and not w:is_said(w.of, right) then
        local line = { kind = "simplify", left = w.of, right = right, serials = { how.log[i] } }
        local rule, zh, cite, others = w.words:named(line.serials)
        line.rule, line.zh, line.cite, line.titles = rule, zh, cite, others
        if rule then
          w.derivation:add(line)
        else
          w:add("simplified", {}, line)
        end
      end
      at = next_one
    end
  end
  local right = w.D:print(how.answer_id)
  if not w:is_said(w.of, right) then
    w:add("factor", {}, { kind = "simplify", left = w.of, right = right })
  end
  return w.derivation
end
