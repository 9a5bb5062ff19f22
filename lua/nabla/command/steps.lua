--- The steps of a derivation as JSON, in the answers of `nabla batch`.
--
-- @module nabla.command.steps

local json = require "dkjson"
local titles = require "nabla.text.titles"

local M = {}

local ORDER = {}
for word in ("kind rule zh cite text let layout note schema schema_decl changes before after steps"):gmatch "%S+" do
  ORDER[#ORDER + 1] = word
end

-- The lines as tables.
local function list_of(derivation, lang)
  local steps = {}
  for i = 1, #derivation do
    local line = derivation[i]
    local changes = {}
    for k, change in ipairs(line.changes or {}) do
      changes[k] = { before = derivation:write(change.before), after = derivation:write(change.after) }
    end
    steps[i] = {
      kind = line.kind,
      rule = titles.of(line, lang) or line.rule,
      zh = line.zh,
      cite = line.cite,
      text = derivation:line_text(i),
      let = line.let,
      layout = line.layout,
      note = line.note,
      schema = line.schema and derivation:schema_text(line.schema),
      schema_decl = line.schema and derivation:declarations(line.schema),
      changes = #changes > 0 and changes or nil,
      steps = line.steps and list_of(line.steps, lang),
    }
  end
  return steps
end

--- The text of the list.
-- @param derivation (nabla.Derivation)
-- @tparam[opt] string lang of the reasons
function M.text(derivation, lang)
  return json.encode(list_of(derivation, lang), { keyorder = ORDER })
end

return M
