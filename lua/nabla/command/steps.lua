--- The steps of a derivation as JSON, in the answers of `nabla batch`.
--
-- @module nabla.command.steps

local json = require "dkjson"
local titles = require "nabla.text.titles"

local M = {}

local WORDS = "kind rule zh cite text unicode latex let layout note schema schema_decl changes before after steps"
local ORDER = {}
for word in WORDS:gmatch "%S+" do
  ORDER[#ORDER + 1] = word
end

-- The lines as tables.
local function list_of(derivation, request)
  local lang, format = request.lang, request.format
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
      steps = line.steps and list_of(line.steps, request),
    }
    if format and format ~= "text" then
      steps[i][format] = derivation:line_text(i, format)
    end
  end
  return steps
end

--- The text of the list. Each line has its text; in another format of the request it has that as well.
-- @param derivation (nabla.Derivation)
-- @tparam table request with the keys `lang` and `format`, both optional
function M.text(derivation, request)
  return json.encode(list_of(derivation, request), { keyorder = ORDER })
end

return M
